"""Installers by family, and programs that are started: msiexec, setup programs, Start-Process."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from contrib.build import actions as act
from contrib.build import options, paths
from contrib.build.programs import services
from contrib.build.programs.archives import add_unpack
from contrib.build.programs.base import add, add_run, fetch_operand, program, run_program, texts
from contrib.build.transfers import looks_like_address
from contrib.shells import model as shell
from contrib.values.patterns import lazy

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk

_INSTALL_DIRECTORY = frozenset(
    (
        "installlocation", "installdir", "installfolder", "targetdir", "applicationfolder", "dir", "d",
        "installpath", "install_root",
    )
)  # fmt: skip
#: Switches that installers of all families take for an installation without questions: Windows Installer, Inno
#: Setup, NSIS, WiX Burn, InstallShield, the ``vs_`` bootstrappers.
_SILENT = frozenset(
    (
        "q", "qn", "qb", "qr", "quiet", "s", "silent", "verysilent", "passive", "install", "norestart",
        "unattended",
    )
)  # fmt: skip
_PACKAGES = (".msi", ".msu", ".msp")
_NAMED_SETUP = ("setup", "install", "redist", "vs_", "bootstrap")
_SPACED = lazy(r"\"[^\"]*\"|'[^']*'|[^\s'\"]+=(?:\"[^\"]*\"|\S+)|\S+")


def installer_run(
    walk: Walk, command: shell.Command, place: Place, path: str, words: Sequence[str], *, apart: bool,
    waits: bool = False, starter: str = "",
) -> bool:  # fmt: skip
    """Whether a started program is an installer; adds it when it is.

    :param apart: it is started by ``Start-Process`` or ``start``, which do not wait unless they are told to.
    :param waits: ``start`` is told to.
    """
    bare = paths.program(path)
    lowered = [word.lower().strip("'\"") for word in words]
    package = path.lower().endswith(_PACKAGES)
    if bare == "msiexec":
        if any(re.match(r"[-/](x|uninstall)", word) for word in lowered):
            return False
        file = _package(walk, words, lowered)
    elif bare == "wusa" or package:
        if any(word in ("/uninstall", "-uninstall") for word in lowered):
            return False
        file = walk.absolute(words[0].strip("'\"")) if bare == "wusa" and words else walk.absolute(path)
    else:
        file = walk.absolute(path)
        fetched = any(each in walk.fetched or each in walk.brought for each in (file, file + ".exe"))
        silent = any(map(_silent, lowered))
        directed = any(map(_directory, words))
        setup = any(word in bare.lower() for word in _NAMED_SETUP) and path.lower().endswith(".exe")
        started = silent or directed or waits
        started = started or (apart and path.lower().endswith(".exe") and file not in walk.brought)
        if not (fetched and started) and not (setup and silent):
            return False
    address = next((w.strip("'\"") for w in words if looks_like_address(w.strip("'\""))), "")
    if address and bare == "msiexec":
        # Windows Installer fetches the package itself
        fetch_operand(walk, command, place, address, bare)
        file = ""
    directory = ""
    for word in words:
        named_one = _directory(word)
        if named_one:
            directory = walk.absolute(named_one.strip("'\""))
        name, _, value = word.strip("'\"").lower().partition("=")
        if (name, value) == ("prependpath", "1") or (
            name == "addlocal" and "prependpath" in value.split(",")
        ):
            add(walk, act.PathEdit, command, place, directories=(), scope="installer", literal="")
    services.features(walk, command, place, words)
    msi = bare == "msiexec" or file.lower().endswith(".msi")
    add_unpack(
        walk, command, place, file, directory, bare if bare in ("msiexec", "wusa") else "installer", installer=True,
        arguments=tuple(words), apart=(apart and not waits) or _not_waited(walk, place), msi=msi, starter=starter, started_with=_started_with(command, starter), log=walk.absolute(_log(words)),
    )  # fmt: skip
    return True


def _silent(word: str) -> bool:
    bare = word.removesuffix("!").lstrip("-/")
    dashes = len(word.removesuffix("!")) - len(bare)
    return (0 < dashes <= 2 and bare in _SILENT) or word in ("--mode", "--unattendedmodeui")


def _directory(word: str) -> str:
    """The value of a property or switch that says where to install; "" when the word is none."""
    name, _, value = word.strip("'\"").partition("=")
    return value if name.removeprefix("/").removeprefix("-").lower() in _INSTALL_DIRECTORY else ""


def _started_with(command: shell.Command, starter: str) -> frozenset[str]:
    return frozenset(p.full_name.lower() for p in command.parameters) if starter else frozenset()


def _package(walk: Walk, words: Sequence[str], lowered: list[str]) -> str:
    for flag in ("/i", "-i", "/package", "-package", "/a", "/p", "/update"):
        if flag in lowered and lowered.index(flag) + 1 < len(words):
            return walk.absolute(words[lowered.index(flag) + 1].strip("'\""))
    joined = next((w[2:] for w in words if w.lower()[:2] in ("/i", "-i") and len(w) > 2), None)
    if joined is None:
        joined = next((w for w in words if w.lower().strip("'\"").endswith(".msi")), "")
    return walk.absolute(joined.strip("'\"")) if joined else ""


def _not_waited(walk: Walk, place: Place) -> bool:
    """PowerShell does not wait for a program with a window of its own, unless its output is piped on."""
    return walk.shell == "powershell" and place.to is None


def _log(words: Sequence[str]) -> str:
    """The log that an installer is told to write (``/l*v FILE``, ``/log FILE``, ``/log=FILE``); "" for none."""
    for position, word in enumerate(words):
        match = re.fullmatch(r"(?i)[-/]log[=:](.+)", word)
        if match is not None:
            return match.group(1).strip("'\"")
        if re.fullmatch(r"(?i)[-/]{1,2}(l[a-z*+!]*|log)", word) and position + 1 < len(words):
            following = words[position + 1].strip("'\"")
            if not following.startswith(("/", "-")):
                return following
    return ""


def pieces(text: str) -> list[str]:
    """The arguments in one text of ``-ArgumentList``."""
    return _SPACED.findall(text) if " " in text else [text]


@program("start")
def _start(walk: Walk, command: shell.Command, place: Place) -> None:
    """cmd's ``start``, which goes on at once unless it is told to wait: ``start "title" /w setup.exe /q``."""
    words = list(command.words)
    titled = waits = False  # the window's title, in quotes, before the options or after them
    while words and (
        walk.text(words[0]).startswith("/") or (words[0].quoted and len(words) > 1 and not titled)
    ):
        option = walk.text(words.pop(0)).lower()
        titled = titled or not option.startswith("/")
        waits = waits or option in ("/w", "/wait")
        if option in ("/d", "/node", "/affinity") and words:
            words.pop(0)
    if walk.shell != "cmd" or not words:
        run_program(walk, command, place)
        return
    name = walk.text(words[0])
    given = [walk.text(word) for word in words[1:]]
    if not installer_run(walk, command, place, name, given, apart=True, waits=waits, starter="start"):
        services.verbs(walk, command, place, paths.program(name), name, given)
        add_run(walk, command, place, paths.program(name), name, given)


@program("msiexec", "wusa")
def _msiexec(walk: Walk, command: shell.Command, place: Place) -> None:
    if not installer_run(walk, command, place, command.full_name, texts(walk, command), apart=False):
        run_program(walk, command, place)


def any_program(walk: Walk, command: shell.Command, place: Place) -> None:
    """A program that no module knows: an installer, or just run."""
    path = command.name
    if walk.shell == "powershell" and path.startswith(("$", '"', "'")):
        path = walk.expr(path).text
    words = texts(walk, command)
    if not installer_run(walk, command, place, path, words, apart=False):
        services.verbs(walk, command, place, paths.program(path), path, words)
        run_program(walk, command, place)


#: https://man7.org/linux/man-pages/man1/dpkg.1.html and https://rpm.org/docs/4.20.x/man/rpm.8
DPKG = options.Table(
    valued=frozenset(["admindir", "root", "instdir", "log", "path-include", "path-exclude", "status-fd"]),
    short={"i": "install", "x": "extract", "X": "vextract", "R": "recursive"},
)
RPM = options.Table(
    valued=frozenset(["root", "dbpath", "define", "prefix", "relocate", "excludepath", "pipe"]),
    short={"i": "install", "U": "upgrade", "F": "freshen", "q": "query", "e": "erase", "V": "verify", "r": "root", "D": "define"},
    flags=frozenset(["import", "install", "upgrade", "query", "erase", "verify", "eval"]),
)  # fmt: skip


@program("dpkg")
def _dpkg(walk: Walk, command: shell.Command, place: Place) -> None:
    line = options.read(texts(walk, command), DPKG)
    if line.has("install", "unpack") and line.operands:
        for operand in line.operands[:50]:
            add_unpack(walk, command, place, walk.absolute(operand), "", "dpkg", installer=True)
    elif line.has("extract", "vextract") and line.operands:
        target = walk.absolute(line.operands[1]) if len(line.operands) > 1 else walk.directory
        add_unpack(walk, command, place, walk.absolute(line.operands[0]), target, "dpkg")
    else:
        run_program(walk, command, place)


@program("rpm")
def _rpm(walk: Walk, command: shell.Command, place: Place) -> None:
    """``rpm -i FILE``; the file may be an address, which rpm fetches itself."""
    line = options.read(texts(walk, command), RPM)
    if not line.has("install", "upgrade", "freshen") or line.has("query", "erase", "verify"):
        run_program(walk, command, place)
        return
    for index in line.positions[:50]:
        _install_from(walk, command, place, line.words[index], "rpm")


def _install_from(walk: Walk, command: shell.Command, place: Place, text: str, tool: str) -> None:
    """A package installed, which the installer fetches first where it is an address."""
    file = walk.absolute(text)
    if looks_like_address(text):
        file = ""
        fetch_operand(walk, command, place, text, tool)
    add_unpack(walk, command, place, file, "", tool, installer=True)
