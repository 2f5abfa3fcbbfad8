"""Files removed, moved, linked; directories made."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from contrib.build import actions as act
from contrib.build import paths
from contrib.build.programs.base import add, getopt, named, path_values, program, texts
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk


@program("rm", "rmdir", "unlink", "shred")
def _rm(walk: Walk, command: shell.Command, place: Place) -> None:
    if walk.shell == "cmd":
        _del(walk, command, place)  # rmdir, whose options begin with `/`
        return
    _, operands = getopt(texts(walk, command))
    if operands:
        known = all(walk.value(word).known for word in command.words)
        add(walk, act.Remove, command, place, paths=tuple(walk.absolute(o) for o in operands), known=known)


@program("del", "erase", "rd")
def _del(walk: Walk, command: shell.Command, place: Place) -> None:
    operands = [w for w in texts(walk, command) if not re.fullmatch(r"/[A-Za-z](:.*)?", w)]
    if operands:
        known = all(walk.value(word).known for word in command.words)
        add(walk, act.Remove, command, place, paths=tuple(walk.absolute(o) for o in operands), known=known)


@program("remove-item")
def _remove_item(walk: Walk, command: shell.Command, place: Place) -> None:
    if walk.shell == "posix":
        _rm(walk, command, place)
        return
    found: list[str] = []
    known = True
    words = [w for w in (named(command, "Path", "LiteralPath"), *command.positional) if w is not None]
    if not words:
        # what the pipe brings: Get-ChildItem *.zip | Remove-Item
        for node in place.piped:
            if isinstance(node, shell.Command):
                words += [w for w in (named(node, "Path", "LiteralPath"), *node.positional) if w is not None]
                pattern = named(node, "Include", "Filter")
                if pattern is not None:
                    words = [pattern]
                known = known and node.full_name.lower() != "where-object"
            elif isinstance(node, shell.Expression):
                words.append(node.word)
    for word in words:
        known = known and walk.value(word).known
        found.extend(path_values(walk, word))
    if found or not known:
        add(walk, act.Remove, command, place, paths=tuple(found), known=known)


@program(
    "mv",
    "cp",
    "move",
    "copy",
    "xcopy",
    "robocopy",
    "move-item",
    "copy-item",
    "rename-item",
    "ren",
    "rename",
)
def _move(walk: Walk, command: shell.Command, place: Place) -> None:
    name = command.full_name.lower()
    kind: Literal["move", "copy", "link"] = (
        "move" if name in ("mv", "move-item", "move", "rename-item", "ren", "rename") else "copy"
    )
    if name in ("move-item", "copy-item", "rename-item"):
        words = list(command.positional)
        source = named(command, "Path", "LiteralPath") or (words.pop(0) if words else None)
        target = named(command, "Destination", "NewName") or (words.pop(0) if words else None)
        sources = path_values(walk, source)
        written = walk.text(target) if target is not None else ""
        goal = walk.absolute(written) if target is not None else walk.directory
    else:
        if walk.shell == "cmd":
            names = [w for w in texts(walk, command) if not re.fullmatch(r"/[A-Za-z](:.*)?", w)]
            target_option = ""
        else:
            found, names = getopt(texts(walk, command), "tS", ("target-directory", "suffix"))
            target_option = (found.get("t") or found.get("target-directory") or [""])[-1]
        if target_option:
            sources, goal = [walk.absolute(t) for t in names], walk.absolute(target_option)
            written = target_option
        elif len(names) < 2:
            return
        else:
            sources, goal = [walk.absolute(t) for t in names[:-1]], walk.absolute(names[-1])
            written = names[-1]
            if names[-1].endswith(("/", "\\")) and len(sources) >= 1:
                goal = (
                    goal + ("\\" if walk.style == "windows" else "/")
                    if not goal.endswith(("/", "\\"))
                    else goal
                )
    if name in ("rename-item", "ren", "rename") and sources and "\\" not in written and "/" not in written:
        goal = paths.join(
            paths.parent(sources[0]) or walk.directory, written, walk.style
        )  # beside what it was
    for path in sources[:200]:
        add(walk, act.Move, command, place, source=path, target=goal, kind=kind)


@program("install")
def _install(walk: Walk, command: shell.Command, place: Place) -> None:
    """coreutils ``install``."""
    found, operands = getopt(texts(walk, command), "mogtS", ("mode", "owner", "group", "target-directory"))
    if "d" in found or "directory" in found:
        add(walk, act.Directory, command, place, paths=tuple(walk.absolute(o) for o in operands))
    elif len(operands) >= 2:
        add(
            walk, act.Move, command, place, source=walk.absolute(operands[0]),
            target=walk.absolute(operands[-1]), kind="copy",
        )  # fmt: skip


@program("ln")
def _ln(walk: Walk, command: shell.Command, place: Place) -> None:
    _, operands = getopt(texts(walk, command), "St")
    if len(operands) >= 2:
        add(
            walk,
            act.Move,
            command,
            place,
            source=operands[0],
            target=walk.absolute(operands[-1]),
            kind="link",
        )


@program("mklink")
def _mklink(walk: Walk, command: shell.Command, place: Place) -> None:
    operands = [w for w in texts(walk, command) if not re.fullmatch(r"/[A-Za-z]", w)]
    if len(operands) >= 2:
        add(
            walk,
            act.Move,
            command,
            place,
            source=operands[1],
            target=walk.absolute(operands[0]),
            kind="link",
        )


@program("mkdir", "md")
def _mkdir(walk: Walk, command: shell.Command, place: Place) -> None:
    found: list[str] = []
    if walk.shell == "powershell":
        for word in (named(command, "Path", "Name"), *command.positional):
            found.extend(path_values(walk, word))
    else:
        _, operands = getopt(texts(walk, command), "m", ("mode",))
        found = [walk.absolute(o) for o in operands]
    if found:
        add(walk, act.Directory, command, place, paths=tuple(found))


@program("new-item")
def _new_item(walk: Walk, command: shell.Command, place: Place) -> None:
    kind = walk.text(named(command, "ItemType")).lower()
    path = named(command, "Path") or (command.positional[0] if command.positional else None)
    if kind in ("symboliclink", "junction", "hardlink") and path is not None:
        target = named(command, "Target", "Value")
        add(
            walk, act.Move, command, place, source=walk.absolute(walk.text(target)),
            target=walk.absolute(walk.text(path)), kind="link",
        )  # fmt: skip
    elif kind in ("directory", "d", "dir", "container"):
        found = path_values(walk, path)
        if found:
            add(walk, act.Directory, command, place, paths=tuple(found))


@program("find")
def _find(walk: Walk, command: shell.Command, place: Place) -> None:
    """``find … -delete`` and ``-exec rm … {} +``."""
    words = texts(walk, command)
    if walk.shell == "cmd" or not words:
        return
    removes = "-delete" in words or any(
        w in ("-exec", "-execdir") and i + 1 < len(words) and paths.name(words[i + 1]) == "rm"
        for i, w in enumerate(words)
    )
    roots = []
    for word in words:
        if word.startswith(("-", "(", "!", "\\")):
            break
        roots.append(walk.absolute(word))
    if removes:
        named = [words[i + 1] for i, w in enumerate(words[:-1]) if w in ("-name", "-iname")]
        patterns = tuple(
            f"{root.rstrip('/')}/{below}{name}"
            for root in roots or [walk.directory]
            for name in named or ["*"]
            for below in ("", "*/")
        )
        add(walk, act.Remove, command, place, paths=patterns[:200])
    for index, word in enumerate(words):
        if word in ("-exec", "-execdir") and index + 1 < len(words):
            program = paths.name(words[index + 1])
            if program == "ln":
                add(
                    walk, act.Move, command, place, source=words[index + 3] if index + 3 < len(words) else "",
                    target=roots[0] if roots else "", kind="link",
                )  # fmt: skip
            elif program == "chown":
                add(
                    walk,
                    act.Account,
                    command,
                    place,
                    kind="chown",
                    text=" ".join(words[index + 1 : index + 5]),
                )
            elif program == "scanelf":
                add(walk, act.Run, command, place, name="scanelf", path="scanelf", arguments=(), quiet=True)
