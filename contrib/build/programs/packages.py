"""Package managers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from contrib.build import actions as act
from contrib.build.programs.base import add, getopt, program, texts
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk


@program("apk", "apt-get", "apt", "yum", "dnf", "microdnf", "zypper", "choco", "scoop", "winget")
def _packages(walk: Walk, command: shell.Command, place: Place) -> None:
    name = command.full_name.lower()
    words = texts(walk, command)
    found, operands = getopt(
        words,
        "tX",
        ("virtual", "repository", "option", "version", "root", "keys-dir", "arch", "target-release"),
    )
    if name in ("apt-get", "apt", "aptitude"):
        found, operands = getopt(words, "ot", ("option", "target-release"))
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
        names.extend(operand.split())
    add(
        walk, act.Packages, command, place, manager=name, verb=verb, names=tuple(names),
        virtual=(found.get("t") or found.get("virtual") or [""])[-1],
        no_cache="no-cache" in found or "no-network" in found,
    )  # fmt: skip
