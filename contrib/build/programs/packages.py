"""Package managers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from contrib.build import actions as act
from contrib.build import options
from contrib.build.programs.base import add, program
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk


#: https://man.archlinux.org/man/extra/apk-tools/apk.8.en (2.14)
APK = options.Table(
    valued=frozenset(
        ["arch", "cache-dir", "cache-max-age", "keys-dir", "progress-fd", "repositories-file", "repository", "root", "timeout", "virtual", "wait"]
    ),
    short={"p": "root", "t": "virtual", "X": "repository"},
    flags=frozenset(["no-cache", "no-network", "no-progress", "no-scripts", "quiet", "update-cache", "upgrade", "verbose"]),
)  # fmt: skip

#: https://manpages.debian.org/bookworm/apt/apt-get.8.en.html
APT = options.Table(
    valued=frozenset(["build-profiles", "config-file", "default-release", "host-architecture", "option", "target-release"]),
    short={"a": "host-architecture", "c": "config-file", "o": "option", "P": "build-profiles", "t": "target-release"},
    flags=frozenset(["allow-downgrades", "allow-unauthenticated", "assume-yes", "auto-remove", "autoremove", "no-install-recommends", "purge", "quiet", "yes"]),
)  # fmt: skip

#: dnf, yum and zypper: https://dnf.readthedocs.io/en/latest/command_ref.html
RPM = options.Table(
    valued=frozenset(
        ["color", "config", "disablerepo", "enablerepo", "exclude", "excludepkgs", "forcearch", "installroot", "releasever", "repo", "repoid", "setopt"]
    ),
    short={"c": "config", "x": "exclude"},
)  # fmt: skip


@program("apk", "apt-get", "apt", "yum", "dnf", "microdnf", "zypper")
def _packages(walk: Walk, command: shell.Command, place: Place) -> None:
    name = command.full_name.lower()
    # what a substitution gives is not known: its text is a script, and no name is in it
    values = [walk.value(word) for word in command.words]
    words = [value.text for value in values if value.known or not re.search(r"\s", value.text)]
    line = options.read(words, {"apk": APK, "apt-get": APT, "apt": APT}.get(name, RPM))
    operands = line.operands
    if not operands:
        return
    verbs: dict[str, Literal["add", "remove", "update", "clean"]] = {
        "add": "add", "install": "add", "del": "remove", "remove": "remove", "purge": "remove", "autoremove": "remove",
        "erase": "remove", "update": "update", "upgrade": "update", "dist-upgrade": "update", "clean": "clean",
        "makecache": "update", "fix": "add",
    }  # fmt: skip
    verb = verbs.get(operands[0])
    if verb is None:
        return
    names: list[str] = []
    for operand in operands[1:]:
        names.extend(
            name
            for name in operand.split()
            if re.fullmatch(r"[\w$@.:{][\w+.:=<>~@$/{}-]*", name) and "://" not in name
        )
    add(
        walk, act.Packages, command, place, manager=name, verb=verb, names=tuple(names),
        virtual=line.last("virtual") or "",
        no_cache=line.has("no-cache", "no-network"),
    )  # fmt: skip


#: https://docs.chocolatey.org/en-us/choco/commands/install, winget and scoop likewise.
_WINDOWS = options.Table(
    valued=frozenset(
        [
            "version",
            "source",
            "params",
            "package-parameters",
            "install-arguments",
            "install-args",
            "user",
            "password",
            "cert",
            "certpassword",
            "execution-timeout",
            "timeout",
            "cache-location",
            "log-file",
            "proxy",
            "proxy-user",
            "proxy-password",
            "id",
            "name",
            "moniker",
            "scope",
            "architecture",
            "location",
            "override",
            "custom",
            "installer-type",
            "manifest",
            "locale",
            "arch",
            "checksum",
            "checksum64",
        ]
    ),
    short={"s": "source", "u": "user", "p": "password", "a": "architecture", "l": "location", "v": "version"},
)


@program("choco", "chocolatey", "cinst", "winget", "scoop")
def _windows_packages(walk: Walk, command: shell.Command, place: Place) -> None:
    """Package managers of Windows; ``choco install X --version 1.2`` installs, and asks nothing."""
    name = command.full_name.lower()
    words = [item.text for word in command.words for item in walk.value(word).each]
    line = options.read([_one_dash(word) for word in words if not word.startswith("/")], _WINDOWS)
    verb, *names = line.operands or ("",)
    if name == "cinst":
        verb, names = "install", list(line.operands)
    named_ = line.last("id", "name")
    if named_ and not names:
        names = [named_]
    verbs: dict[str, Literal["add", "remove", "update", "clean"]] = {
        "install": "add", "add": "add", "upgrade": "add", "uninstall": "remove", "remove": "remove",
        "update": "update", "cache": "clean",
    }  # fmt: skip
    if verb not in verbs:
        return
    kind = {"chocolatey": "choco", "cinst": "choco"}.get(name, name)
    version = line.last("version") or ""
    # a list of packages is a file of the build context, and says its versions itself
    names = [name for name in names if not name.lower().endswith((".config", ".nupkg", ".json"))]
    loose = (
        []
        if version or verbs[verb] != "add"
        else [name for name in names if kind != "scoop" or "@" not in name]
    )
    add(
        walk, act.Packages, command, place, manager=kind, verb=verbs[verb], names=tuple(names),
        version=version, loose=tuple(loose),
    )  # fmt: skip


def _one_dash(text: str) -> str:
    """choco takes ``-version`` for ``--version``."""
    return "-" + text if re.match(r"-[A-Za-z][A-Za-z-]{2,}", text) else text
