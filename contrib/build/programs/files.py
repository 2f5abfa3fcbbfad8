"""Files removed, moved, linked; directories made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from contrib.build import actions as act
from contrib.build import comparing, options, paths
from contrib.build.programs.base import add, named, path_values, program, texts
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk


#: https://www.gnu.org/software/coreutils/manual/ (9.5), for each table of this module that is not cmd's
RM = options.Table(
    valued=frozenset(["iterations", "random-source", "size"]),
    short={"n": "iterations", "s": "size"},
    joined=frozenset(["interactive", "preserve-root", "remove"]),
    flags=frozenset(["force", "recursive", "dir", "verbose", "parents", "ignore-fail-on-non-empty", "zero"]),
)
COPY = options.Table(
    valued=frozenset(["target-directory", "suffix", "no-preserve", "sparse"]),
    short={"t": "target-directory", "S": "suffix", "T": "no-target-directory"},
    joined=frozenset(["backup", "preserve", "reflink", "update", "context"]),
    flags=frozenset(["archive", "recursive", "force", "no-clobber", "no-target-directory", "parents", "verbose", "dereference", "strip-trailing-slashes"]),
)  # fmt: skip
INSTALL = options.Table(
    valued=frozenset(["mode", "owner", "group", "target-directory", "suffix", "strip-program"]),
    short={"m": "mode", "o": "owner", "g": "group", "t": "target-directory", "S": "suffix", "d": "directory", "T": "no-target-directory"},
    joined=frozenset(["backup", "context"]),
    flags=frozenset(["directory", "compare", "preserve-timestamps", "strip", "no-target-directory", "verbose"]),
)  # fmt: skip
LN = options.Table(
    valued=frozenset(["target-directory", "suffix"]),
    short={"t": "target-directory", "S": "suffix", "T": "no-target-directory"},
    joined=frozenset(["backup"]),
    flags=frozenset(["symbolic", "force", "no-dereference", "relative", "no-target-directory", "verbose"]),
)
MKDIR = options.Table(
    valued=frozenset(["mode"]), short={"m": "mode", "p": "parents"}, joined=frozenset(["context"]),
    flags=frozenset(["parents", "verbose"]),
)  # fmt: skip
#: https://learn.microsoft.com/windows-server/administration/windows-commands/robocopy: no option takes the next word
ROBOCOPY_FILES = frozenset(["xf", "xd", "if"])


@program("rm", "rmdir", "unlink", "shred")
def _rm(walk: Walk, command: shell.Command, place: Place) -> None:
    if walk.shell == "cmd" and command.full_name.lower() == "rmdir":
        _del(walk, command, place)  # cmd's own, whose options begin with `/`
        return
    operands = options.read(texts(walk, command), RM).operands
    if operands:
        known = all(walk.value(word).known for word in command.words)
        add(walk, act.Remove, command, place, paths=tuple(walk.absolute(o) for o in operands), known=known)


@program("del", "erase", "rd")
def _del(walk: Walk, command: shell.Command, place: Place) -> None:
    operands = options.slashed(texts(walk, command)).operands
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
        target_option = ""
        if name in ("xcopy", "robocopy") or (walk.shell == "cmd" and name not in ("cp", "mv")):
            names, kind = _of_cmd(name, texts(walk, command), kind)
        else:
            line = options.read(texts(walk, command), COPY)
            names = list(line.operands)
            target_option = line.last("target-directory") or ""
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


def _of_cmd(
    name: str, words: list[str], kind: Literal["move", "copy", "link"]
) -> tuple[list[str], Literal["move", "copy", "link"]]:
    """Sources, target and kind of ``copy``, ``move``, ``xcopy`` and ``robocopy``."""
    if name == "robocopy":
        # files to be left out or taken stand behind /XF, /XD and /IF
        end = next((i for i, w in enumerate(words) if w[1:].lower() in ROBOCOPY_FILES), len(words))
        line = options.slashed(words)
        names = [line.words[index] for index in line.positions if index < end]
        return names[:2], "move" if line.has("move", "mov") else kind
    names = list(options.slashed(words).operands)
    if name == "copy" and names:
        # copy a+b c: both into one
        names = [*(part for source in names[:-1] for part in source.split("+") if part), names[-1]]
    return names, kind


@program("install")
def _install(walk: Walk, command: shell.Command, place: Place) -> None:
    """coreutils ``install``: directories (``-d``), or copies with an owner and a mode."""
    line = options.read(texts(walk, command), INSTALL)
    operands, owner, group = line.operands, line.last("owner"), line.last("group")
    target = line.last("target-directory")
    made = [walk.absolute(operand) for operand in operands]
    if line.has("directory"):
        add(walk, act.Directory, command, place, paths=tuple(made))
    elif target is not None:
        for operand in operands[:200]:
            add(
                walk,
                act.Move,
                command,
                place,
                source=walk.absolute(operand),
                target=walk.absolute(target),
                kind="copy",
            )
    elif len(operands) >= 2:
        for operand in operands[:-1][:200]:
            add(walk, act.Move, command, place, source=walk.absolute(operand), target=made[-1], kind="copy")
    if (owner or "root") not in ("root", "0") or (group or "root") not in ("root", "0"):
        name = f"{owner or ''}:{group}" if group else owner
        places = made if line.has("directory") or target is None else [walk.absolute(target)]
        places = places if line.has("directory") else places[-1:]
        add(walk, act.Account, command, place, kind="chown", text=" ".join(["chown", str(name), *places]))


@program("ln")
def _ln(walk: Walk, command: shell.Command, place: Place) -> None:
    line = options.read(texts(walk, command), LN)
    target = line.last("target-directory")
    *sources, last = line.operands or ("",)
    if target is not None:
        sources, last = list(line.operands), target
    elif not sources and last:
        sources, last = [last], paths.name(last)  # beside where it stands
    for source in sources[:200]:
        add(walk, act.Move, command, place, source=source, target=walk.absolute(last), kind="link")


@program("mklink")
def _mklink(walk: Walk, command: shell.Command, place: Place) -> None:
    operands = options.slashed(texts(walk, command)).operands
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
        found = [walk.absolute(o) for o in options.read(texts(walk, command), MKDIR).operands]
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
    elif kind == "file" and path is not None:
        value = named(command, "Value")
        if value is not None:
            file = walk.absolute(walk.text(path))
            add(
                walk, act.Edit, command, place, kind="write", file=file, origin=file, pattern="",
                text=walk.text(value), tool=command.full_name,
            )  # fmt: skip


@program("find")
def _find(walk: Walk, command: shell.Command, place: Place) -> None:
    """``find … -delete`` and ``-exec rm … {} +``."""
    words = texts(walk, command)
    if walk.shell == "cmd":
        comparing.digest_in_file(walk, command, place)  # find "TEXT" FILE
        return
    if not words:
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
