"""Where a Dockerfile puts files, and where its programs look for libraries: PATH, the working directory, copies.

For the question whether the programs start (:mod:`contrib.binaries.resolve`); nothing is read but the account of
the build.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contrib.build import Build, paths
from contrib.build import actions as act

#: Where programs are put when the Dockerfile does not say.
ELSEWHERE = "C:\\app"
#: Directories that every base has: a file that is copied to one of them goes into it.
_DIRECTORIES = frozenset(("c:\\windows", "c:\\windows\\system32", "c:\\windows\\syswow64"))


@dataclass(frozen=True, slots=True)
class Copied:
    """One source of a COPY or ADD of the final image.

    :param source: in the build context, or a path of the image ``origin``.
    :param target: the file or directory that it becomes; ``into`` says that it is a directory.
    :param origin: the image; None for the build context.
    """

    source: str
    target: str
    into: bool
    origin: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Placement:
    """What the final image gets, and where its programs look.

    :param base: FROM of the image at the bottom, variables resolved; "" where it is not known.
    :param kind: ``servercore``, ``nanoserver``, ``windows`` or "". :param release: ``ltsc2022`` or "".
    :param path: directories of PATH, those of the file first. :param directory: WORKDIR.
    :param actions: what is done with files, in order: those that move what was unpacked.
    :param commands: the first words of ENTRYPOINT and CMD.
    """

    base: str
    kind: str
    release: str
    path: tuple[str, ...]
    directory: str
    copies: tuple[Copied, ...]
    actions: tuple[act.Action, ...]
    commands: tuple[str, ...]

    @property
    def libraries(self) -> tuple[Copied, ...]:
        """Files that are copied from Windows' own directory of another image."""
        return tuple(
            each
            for each in self.copies
            if each.origin is not None and _in_system(each.source) and not each.into
        )


def placement(build: Build) -> Placement:
    """See :class:`Placement`."""
    base = build.base
    directories: list[str] = []
    for edit in build.of(act.PathEdit, own=True):
        if edit.scope in ("machine", "image", "user"):
            directories = [*(each for each in edit.directories if each), *directories]
    moving = [
        each
        for each in build.actions
        if isinstance(each, (act.Download, act.Unpack, act.Move, act.Remove, act.Directory))
        and each.stage in build.own
    ]
    commands = []
    for keyword in ("ENTRYPOINT", "CMD"):
        instruction = build.last(keyword)
        if instruction is not None:
            commands += [line.name for line in build.lines(instruction)[:1]]
    return Placement(
        base.root.text if base is not None and base.known else "",
        str(base.kind or "") if base is not None else "",
        base.release or "" if base is not None else "",
        tuple(dict.fromkeys(directories)),
        build.workdir,
        tuple(_copies(build)),
        tuple(moving),
        tuple(commands),
    )


def _copies(build: Build) -> Iterable[Copied]:
    for copy in build.of(act.CopyIn, own=True):
        if isinstance(copy.origin, int):
            continue  # a stage of the same file: what it holds is what it downloads or copies
        target = paths.clean(copy.target, "windows")
        written = copy.instruction.values[-1] if copy.instruction.values else ""
        for source in copy.sources:
            several = len(copy.sources) > 1 or written.endswith(("/", "\\")) or target.lower() in _DIRECTORIES
            is_file = re.search(r"\.\w{1,4}$", paths.name(source)) is not None
            place = paths.join(target, paths.name(source), "windows") if several and is_file else target
            yield Copied(source, place, not is_file, copy.origin, copy.line)


def _in_system(path: str) -> bool:
    return re.match(r"(?:[a-z]:)?[\\/]*windows[\\/]", path, re.IGNORECASE) is not None


def place(members: Sequence[str], archive: str, setup: Placement) -> tuple[dict[str, str], str]:
    """Where the members of an archive are in the final image.

    :param members: their paths in the archive. :param archive: its file name.
    :returns: absolute path by member (those that the build removes are left out), and how that was found out: a
        clause, "" where it was a guess.
    """
    unpacks = [each for each in setup.actions if isinstance(each, act.Unpack)]
    downloads = [each for each in setup.actions if isinstance(each, act.Download)]
    if archive.lower().endswith(".msi"):
        return {member: "C:\\" + member.replace("/", "\\") for member in members}, "as the package says"
    unpack = _unpack_of(archive, unpacks, downloads)
    if unpack is not None and unpack.directory:
        root = paths.clean(unpack.directory, "windows")
        placed = {member: _below(root, member, unpack.strip) for member in members}
        placed = _moved(placed, setup.actions, unpack.order)
        return placed, f"unpacked to {unpack.directory} in line {unpack.line}"
    folders = [each for each in setup.copies if each.origin is not None and not _in_system(each.source)]
    if len(folders) == 1:
        strip = (
            1
            if len({member.partition("/")[0] for member in members}) == 1 and all("/" in m for m in members)
            else 0
        )
        root = folders[0].target
        return {m: _below(root, m, strip) for m in members}, f"copied to {root} in line {folders[0].line}"
    return {member: _below(ELSEWHERE, member, 0) for member in members}, ""


def _unpack_of(
    archive: str, unpacks: Sequence[act.Unpack], downloads: Sequence[act.Download]
) -> act.Unpack | None:
    """The action that unpacks an archive of that name: by its own name, by its address, or the only one."""
    name = archive.lower()
    saved = [
        paths.name(each.file).lower()
        for each in downloads
        if each.url.text.rpartition("/")[2].lower() == name
    ]
    for each in unpacks:
        if paths.name(each.file).lower() in (name, *saved):
            return each
    return unpacks[0] if len(unpacks) == 1 else None


def _below(root: str, member: str, strip: int) -> str:
    parts = member.replace("\\", "/").split("/")
    return root.rstrip("\\") + "\\" + "\\".join(parts[strip:] or parts[-1:])


def _moved(placed: dict[str, str], actions: Sequence[act.Action], order: int) -> dict[str, str]:
    """After what is moved, copied and removed later in the build; a copy counts as moved where it leads."""
    made = {
        paths.clean(p, "windows").lower()
        for each in actions
        if isinstance(each, act.Directory)
        for p in each.paths
    }
    for action in actions:
        if action.order < order:
            continue
        if isinstance(action, act.Move):
            placed = _move(placed, action, made)
        elif isinstance(action, act.Remove) and not action.conditional:
            for pattern in action.paths:
                placed = {member: path for member, path in placed.items() if _split(pattern, path) is None}
    return placed


def _move(placed: dict[str, str], action: act.Move, made: set[str]) -> dict[str, str]:
    source, target = paths.clean(action.source, "windows"), paths.clean(action.target, "windows")
    hits = {member: _split(source, path) for member, path in placed.items()}
    roots = {hit[0].lower() for hit in hits.values() if hit is not None}
    below = target.lower().rstrip("\\") + "\\"
    exists = target.lower() in made or any(path.lower().startswith(below) for path in placed.values())
    into = len(roots) > 1 or exists
    result = dict(placed)
    for member, hit in hits.items():
        if hit is not None:
            root, rest = hit
            result[member] = target.rstrip("\\") + ("\\" + paths.name(root) if into else "") + rest
    return result


def _split(pattern: str, path: str) -> tuple[str, str] | None:
    """``(what the pattern matches, the rest below it)``."""
    wanted = paths.clean(pattern, "windows").rstrip("\\").lower().split("\\")
    parts = path.split("\\")
    if len(parts) < len(wanted):
        return None
    head = parts[: len(wanted)]
    for want, part in zip(wanted, head, strict=True):
        if not fnmatch.fnmatchcase(part.lower(), want):
            return None
    rest = parts[len(wanted) :]
    return "\\".join(head), "".join("\\" + part for part in rest)
