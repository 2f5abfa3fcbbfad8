"""What Windows forces on every image: reasons, in one place, as data.

An image adds its own in ``image.toml`` (``[[justified]]``). Sources: docker-library/faq, the README of
docker-library/official-images, Microsoft's documentation of Windows containers, moby's issues.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contrib.values.findings import Evidence


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a difference is forced, and where that is written down."""

    why: str
    evidence: tuple[Evidence, ...] = ()


_FAQ = "https://github.com/docker-library/faq"
_FAQ_ENTRYPOINT = Evidence(
    'faq "Why isn\'t there a Windows equivalent of docker-entrypoint.sh?"',
    _FAQ + "#why-isnt-there-a-windows-equivalent-of-docker-entrypointsh",
)
_FAQ_HEALTH = Evidence('faq "HEALTHCHECK"', _FAQ + "#healthcheck")
_SIGNALS = Evidence("moby/moby#16240", "https://github.com/moby/moby/issues/16240")
_CHOWN = Evidence("moby/moby#35507", "https://github.com/moby/moby/issues/35507")
_SERVICING = Evidence(
    "Windows container base images",
    "https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/container-base-images",
)
_LIFECYCLE = Evidence(
    "base image lifecycles",
    "https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/base-image-lifecycle",
)

#: Windows bases that official images may build on today (official-images ``.external-pins``).
ALLOWED_BASES = frozenset(("mcr.microsoft.com/windows/servercore", "mcr.microsoft.com/windows/nanoserver"))
ALLOWED_RELEASES = frozenset(("ltsc2022", "ltsc2025"))
BASES_EVIDENCE = Evidence(
    "official-images .external-pins",
    "https://github.com/docker-library/official-images/tree/master/.external-pins/mcr.microsoft.com",
)

OVERRIDE = (
    Evidence('guidelines "Consistency"', "https://github.com/docker-library/official-images#consistency"),
)

#: Facts whose difference the platform forces, whatever the image.
REASONS: Mapping[str, Reason] = {
    "base": Reason("Windows containers need a Windows base", (_SERVICING,)),
    "source-or-binary": Reason("binaries are unpacked; Windows bases have no compiler"),
    "entrypoint": Reason(
        "Windows has no exec: an entrypoint script would stay between Docker and the program", (_FAQ_ENTRYPOINT,)
    ),
    "arguments-as-program": Reason(
        "Windows has no exec, so no script passes flags on: the program’s name is typed", (_FAQ_ENTRYPOINT,)
    ),
    "stop-signal": Reason("containers on Windows get CTRL_SHUTDOWN; no signal can be chosen", (_SIGNALS,)),
    "timezone-data": Reason("Windows has time zones of its own"),
    "user": Reason("accepted servercore images run as the container’s administrator"),
    "users-and-groups": Reason("no ids of a file system shared with the host are at stake on Windows"),
    "step-down": Reason("Windows has no setuid: a process cannot step down and go on as the same one"),
    "ownership": Reason("Windows has access lists; COPY --chown does nothing there", (_CHOWN,)),
    "build-tools": Reason("taken for the build alone and removed again; Windows brings tar and unpacks with its own"),
    "runtime-dependencies": Reason("libraries come with the Windows binaries; there is no ELF to scan"),
    "runtime-packages": Reason("packages of the distribution; Windows bases have no package manager"),
    "allocator-flags": Reason("flags of the C library or allocator on Linux"),
    "program-links": Reason("symbolic links of the Linux image; on Windows each program is a file of its own"),
    "init": Reason("Windows has no zombies to reap and no signals to pass on"),
    "locales": Reason("Windows has its own locales"),
    "package-caches": Reason("Windows bases have no package manager whose caches could stay"),
    "copied-image": Reason("nanoserver has no PowerShell: programs are copied from another image"),
}  # fmt: skip

#: Downloads that only Linux needs, by product.
LINUX_HELPERS: Mapping[str, str] = {
    "gosu": "steps down from root; Windows has no setuid",
    "su-exec": "steps down from root; Windows has no setuid",
    "tini": "Windows has no zombies to reap and no signals to pass on",
    "dumb-init": "Windows has no zombies to reap and no signals to pass on",
    "rustup-init": "a compiler for the build; Windows bases compile nothing",
    "js-yaml": "serves the Linux entrypoint script",
    "js-yaml.js": "serves the Linux entrypoint script",
}
#: Downloads that only Windows needs, by product.
WINDOWS_HELPERS: Mapping[str, str] = {
    "git": "Windows bases have no git",
    "mingit": "Windows bases have no git, and no package manager to get one",
    "vc-redist": "run-time libraries that the program needs",
    "vcredist": "run-time libraries that the program needs",
    "busybox": "Windows bases have no such tools",
}
#: Variables that mean nothing on Windows, by the beginning of their name.
LINUX_VARIABLES: Mapping[str, str] = {
    "LANG": "locales of the C library; Windows has its own",
    "LC_": "locales of the C library; Windows has its own",
    "LANGUAGE": "locales of the C library; Windows has its own",
    "HOME": "Windows has USERPROFILE",
    "GLIBC_": "speaks to the C library of Linux",
    "MALLOC_": "speaks to the C library of Linux",
    "LD_": "speaks to the dynamic linker of Linux",
    "DEBIAN_FRONTEND": "speaks to apt",
    "TERM": "Windows consoles do without",
    "GPG_": "names keys for the build",
    "GNUPGHOME": "for the build",
}
#: Names that installers for Windows give to programs.
PROGRAM_NAMES: Mapping[str, str] = {
    "python3": "python",
    "python2": "python",
    "pip3": "pip",
    "pip2": "pip",
    "pypy3": "pypy",
}
#: Shells that a base starts when an image names no command.
SHELLS = frozenset(("sh", "bash", "ash", "cmd", "powershell", "pwsh"))


def lifecycle() -> Evidence:
    """Where Microsoft says which bases are served."""
    return _LIFECYCLE


def healthcheck() -> Evidence:
    """Why official images have no HEALTHCHECK."""
    return _FAQ_HEALTH
