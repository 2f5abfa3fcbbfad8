"""Fact by fact: what the two sides say, the verdict, the reason; one module per group of facts.

A function gets a fact as both sides have it (:class:`~contrib.compare.rows.pair.Pair`) and gives a row by one of
the constructors there; :mod:`contrib.compare.platform` holds what Windows forces on every image, the image what
it forces on this one.
"""

from __future__ import annotations

from contrib.compare.model import ParityRow
from contrib.compare.rows import base, command, configuration, downloads, environment, files, install, tools
from contrib.compare.rows.pair import Compare as Compare
from contrib.compare.rows.pair import Pair, by_platform, each
from contrib.compare.rows.pair import Sides as Sides
from contrib.facts import kinds


def _of_platform(name: str) -> tuple[str, Compare]:
    def one(sides: Sides, of: Pair[kinds.OfPlatform]) -> ParityRow:
        return by_platform(sides, of)

    return each(kinds.OfPlatform, name, one)


#: Facts and what compares them, in the order of the report.
COMPARERS: dict[str, Compare] = dict(
    (
        each(kinds.Base, "base", base.base),
        each(kinds.BasePinned, "base-pinned", base.base_pinned),
        each(kinds.Version, "version", base.version),
        each(kinds.VersionDeclared, "version-declared", base.version_declared),
        each(kinds.Download, "download", downloads.download),
        each(kinds.DownloadScheme, "download-scheme", downloads.download_scheme),
        each(kinds.DownloadPinned, "download-pinned", downloads.download_pinned),
        each(kinds.DownloadVerified, "download-verified", downloads.download_verified),
        each(kinds.CopiedImage, "copied-image", downloads.copied_image),
        each(kinds.SourceOrBinary, "source-or-binary", install.source_or_binary),
        each(kinds.InstallLocation, "install-location", install.install_location),
        each(kinds.OnPath, "on-path", install.on_path),
        ("installed-tools", tools.installed_tools),
        each(kinds.InstallChecked, "install-checked", install.install_checked),
        each(kinds.CleanedUp, "cleaned-up", install.cleaned_up),
        each(kinds.FailsLoudly, "build-fails-loudly", install.build_fails_loudly),
        each(kinds.User, "user", environment.user),
        each(kinds.Environment, "environment", environment.environment),
        each(kinds.Configuration, "configuration", configuration.configuration),
        each(kinds.Survives, "default-survives-arguments", configuration.default_survives),
        each(kinds.Ports, "ports", environment.ports),
        each(kinds.Volumes, "volumes", environment.volumes),
        each(kinds.Workdir, "workdir", environment.workdir),
        each(kinds.Entrypoint, "entrypoint", command.entrypoint),
        each(kinds.Command, "command", command.command),
        each(kinds.Foreground, "foreground", command.foreground),
        _of_platform("stop-signal"),
        each(kinds.Healthcheck, "healthcheck", files.healthcheck),
        ("labels", files.labels),
        ("copied-files", files.copied_files),
        each(kinds.ArgumentsAsProgram, "arguments-as-program", command.arguments_as_program),
        _of_platform("timezone-data"),
        _of_platform("users-and-groups"),
        _of_platform("step-down"),
        _of_platform("ownership"),
        _of_platform("build-tools"),
        _of_platform("runtime-dependencies"),
        _of_platform("runtime-packages"),
        _of_platform("allocator-flags"),
        _of_platform("program-links"),
        _of_platform("init"),
        _of_platform("locales"),
        _of_platform("package-caches"),
    )
)
