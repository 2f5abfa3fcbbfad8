"""Services of Windows: made, started or set up, by cmdlets, sc, net, installers and programs' own verbs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from contrib.build import actions as act
from contrib.build.programs.base import add, named, program, texts
from contrib.build.programs.edits import set_content
from contrib.shells import model as shell
from contrib.values.patterns import lazy

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk

_VERBS = frozenset(("--service-install", "--service-start", "--install-service", "--installservice"))
#: Programs that make a service of themselves with ``--install``.
_INSTALLS_ITSELF = frozenset(
    ("mongod", "mongos", "mysqld", "mysqld-nt", "mariadbd", "redis-server", "cloudbase-init")
)
#: Programs whose verb ``install`` makes a service, besides those that are named ``…-service``.
_INSTALLS_SERVICES = frozenset(
    (
        "nssm",
        "winsw",
        "filebeat",
        "consul",
        "telegraf",
        "prunsrv",
        "srvany",
        "tomcat9",
        "tomcat10",
        "gitlab-runner",
        "gitlab-runner-windows-amd64",
        "jenkins",
        "jenkins-slave",
    )
)
#: Options by which a program makes a service of itself, whatever program it is.
_REGISTERS = frozenset(("--register-service", "--reg-winsvc"))
_FEATURES = lazy(r"\bADDLOCAL=([^\s;\"']+)", re.IGNORECASE)
_SERVICE_FEATURE = lazy(r"(?<!No)Service$")


def _service(walk: Walk, command: shell.Command, place: Place, reason: str) -> None:
    add(walk, act.Service, command, place, reason=reason)


@program("new-service", "start-service")
def _make(walk: Walk, command: shell.Command, place: Place) -> None:
    _service(walk, command, place, f"`{command.full_name}`")


@program("set-service")
def _set_up(walk: Walk, command: shell.Command, place: Place) -> None:
    kind = walk.text(named(command, "StartupType")).lower()
    status = walk.text(named(command, "Status")).lower()
    if kind in ("disabled", "manual") or (not kind and status == "stopped"):
        return
    _service(walk, command, place, f"`{command.full_name}`")


@program("sc")
def _sc(walk: Walk, command: shell.Command, place: Place) -> None:
    words = texts(walk, command)
    verb = next((word.lower() for word in words[:2] if not word.startswith("\\\\")), "")
    if verb in ("create", "start"):
        _service(walk, command, place, f"`sc {verb}`")
    elif walk.shell == "powershell" and command.positional and verb not in ("config", "delete", "stop"):
        set_content(walk, command, place)  # sc is Set-Content there


def net(walk: Walk, command: shell.Command, place: Place, words: Sequence[str]) -> None:
    """``net start NAME``; alone it lists what runs."""
    if len(words) > 1 and words[0].lower() == "start":
        _service(walk, command, place, f"`net start {words[1]}`")


def features(walk: Walk, command: shell.Command, place: Place, words: Sequence[str]) -> None:
    """Features of a package of Windows Installer that are services."""
    for word in words:
        match = _FEATURES.search(word)
        if match is None:
            continue
        names = match[1].split(",")
        service = next((name for name in names if _SERVICE_FEATURE.search(name)), None)
        if any(name.lower() == "all" for name in names):
            _service(
                walk,
                command,
                place,
                "`ADDLOCAL=ALL` installs every feature, a service too if the package has one",
            )
        elif service is not None:
            _service(walk, command, place, f"the feature `{service}` installs a service")
        return


def verbs(
    walk: Walk, command: shell.Command, place: Place, name: str, written: str, words: Sequence[str]
) -> None:
    """What a program does of its own accord: ``mongod --install``, ``nssm install NAME …``.

    :param name: without directory and ``.exe``, lower case.
    :param written: as it is written.
    """
    lowered = [word.lower() for word in words]
    name = name.removesuffix(".bat").removesuffix(".cmd")
    verb = next((word for word in words if word.lower() in _VERBS or word.lower() in _REGISTERS), None)
    if verb is not None:
        _service(walk, command, place, f"`{verb}`")
    elif "--install" in lowered and name in _INSTALLS_ITSELF:
        _service(walk, command, place, f"`{written} --install`")
    elif lowered[:1] == ["install"] and (name in _INSTALLS_SERVICES or name.endswith("-service")):
        _service(walk, command, place, f"`{written} install`")
    elif name == "httpd" and lowered[:2] == ["-k", "install"]:
        _service(walk, command, place, f"`{written} -k install`")
