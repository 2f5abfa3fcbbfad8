"""A Windows release added to an image's repository, or dropped from it: data, scripts, and the rendered directories.

People at docker-library do this by hand, and always the same way: in every list of Windows variants, in
``versions.json`` and in ``versions.sh``, the release goes in before the older ones, or out; then the templates are
rendered. Nothing is known here of any image: the lists are found by what is in them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from contrib.generate import holds
from contrib.generate.bump.routes import written
from contrib.generate.bump.values import read_object
from contrib.generate.holds import Hold
from contrib.values.errors import BadInput
from contrib.values.tree import FileChange, OverlayTree, Tree

#: Windows Server releases in their order; what official images have been built on.
#: Source: learn.microsoft.com/windows-server/get-started/windows-server-release-info.
RELEASES = (
    "ltsc2016",
    "1709",
    "1803",
    "1809",
    "ltsc2019",
    "1903",
    "1909",
    "2004",
    "20H2",
    "ltsc2022",
    "ltsc2025",
)
_RELEASE = re.compile(r"ltsc20[0-9]{2}|[0-9]{4}|20H[12]")
_VARIANT = re.compile(
    r"(?P<head>(?:windows/)?(?:windowsservercore|nanoserver)-)(?P<release>ltsc20[0-9]{2}|[0-9]{4}|20H[12])"
)
#: A line of a script that is one item of a list: a release, or a variant, quoted or not.
_ITEM = re.compile(
    r"(?P<indent>[ \t]*)(?P<quote>[\"']?)(?P<head>(?:windows/)?(?:windowsservercore-|nanoserver-)?)"
    r"(?P<release>ltsc20[0-9]{2}|[0-9]{4}|20H[12])(?P=quote)(?P<end>,?(?: \\)?)[ \t]*"
)


@dataclass(frozen=True, slots=True)
class Campaign:
    """What a repository's change is.

    :param variants: of each series, that come or go. :param notes: what is left to a person.
    :param hold: why they are only held back; empty where they are not.
    """

    title: str
    files: tuple[FileChange, ...]
    variants: dict[str, tuple[str, ...]]
    notes: tuple[str, ...] = ()
    hold: str = ""


def name_of(release: str) -> str:
    """What people call a release: ``ltsc2025`` is Windows Server 2025."""
    names = {"1809": "Windows Server 2019 / 1809", "20H2": "Windows Server, version 20H2"}
    found = re.fullmatch(r"ltsc(20[0-9]{2})", release)
    return names.get(release) or (
        f"Windows Server {found[1]}" if found else f"Windows Server, version {release}"
    )


def checked_release(release: str) -> str:
    """The release, when it can be one.

    :raises BadInput: it cannot.
    """
    if not _RELEASE.fullmatch(release):
        raise BadInput(
            f"{release[:40]!r} is not a Windows release", hint="such as ltsc2025, ltsc2022 or 1809"
        )
    return release


def add(
    tree: Tree,
    release: str,
    render: Callable[[Tree], Sequence[FileChange]],
    *,
    kinds: Sequence[str] = ("windowsservercore", "nanoserver"),
    versions: str = "versions.json",
    scripts: Sequence[str] = ("versions.sh",),
) -> Campaign:
    """The repository with one release more: before the older ones, in every list that has its kind.

    :param kinds: of variants that get it. :param render: what upstream's templates give for a tree.
    :raises BadInput: it is there already, or nothing is there beside which it could go.
    """
    data, before = _data(tree, versions)
    there = present(tree, release, kinds=kinds, versions=versions)
    variants = dict(_changed(data, lambda listed: _with(listed, release, kinds)))
    if not variants:
        raise BadInput(
            f"{release} is there already"
            if there
            else f"there is no Windows variant that {release} could go beside",
            file=versions,
        )
    files = [FileChange(versions, written(data, before))]
    for path in scripts:
        text = _text(tree, path)
        if text is not None:
            files.append(
                FileChange(
                    path,
                    _script_with(text, release, kinds).encode("utf-8", "surrogateescape"),
                    tree.mode(path) or "100755",
                )
            )
    return _rendered(tree, files, render, f"Add {name_of(release)} variants", variants, release)


def present(
    tree: Tree,
    release: str,
    *,
    kinds: Sequence[str] = ("windowsservercore", "nanoserver"),
    versions: str = "versions.json",
) -> dict[str, tuple[str, ...]]:
    """Series to the variants on a release that it has now.

    :raises BadInput: there is no ``versions.json``.
    """
    data, _ = _data(tree, versions)
    found = {}
    for series, value in data.items():
        names = [
            one
            for listed in _lists(value)
            for one in listed
            if (m := _match(one)) and m["release"] == release and _kind(m["head"]) in kinds
        ]
        if names:
            found[series] = tuple(dict.fromkeys(names))
    return found


def windows(tree: Tree, versions: str = "versions.json") -> bool:
    """Whether any series has Windows variants.

    :raises BadInput: there is no ``versions.json``.
    """
    data, _ = _data(tree, versions)
    return any(True for value in data.values() for _ in _lists(value))


def drop(
    tree: Tree,
    release: str,
    render: Callable[[Tree], Sequence[FileChange]],
    *,
    kinds: Sequence[str] = ("windowsservercore", "nanoserver"),
    versions: str = "versions.json",
    scripts: Sequence[str] = ("versions.sh",),
    hold: str | Hold = "",
) -> Campaign:
    """The repository without a release.

    :param hold: why it is held back for now: the scripts keep the item as a comment with this reason.
    :raises BadInput: it is not there, or it is the only one.
    """
    data, before = _data(tree, versions)
    variants = dict(_changed(data, lambda listed: _without(listed, release, kinds)))
    if not variants:
        raise BadInput(f"no series has a variant on {release}", file=versions)
    for series in variants:
        left = [one for listed in _lists(data[series]) for one in listed if _match(one)]
        if not left:
            raise BadInput(
                f"{release} is the only Windows release of {series}, which would lose its Windows variants",
                file=versions,
                hint="take the series out of Windows by hand, if that is meant",
            )
    files = [FileChange(versions, written(data, before))]
    for path in scripts:
        text = _text(tree, path)
        if text is not None:
            files.append(
                FileChange(
                    path,
                    _script_without(
                        text, release, kinds, hold.comment if isinstance(hold, Hold) else hold
                    ).encode("utf-8", "surrogateescape"),
                    tree.mode(path) or "100755",
                )
            )
    if hold:
        made = _rendered(tree, files, render, f"Remove {name_of(release)} variants", variants, release)
        return replace(made, hold=hold.comment if isinstance(hold, Hold) else hold)
    return _rendered(tree, files, render, f"Remove {name_of(release)}", variants, release)


def _rendered(
    tree: Tree,
    files: list[FileChange],
    render: Callable[[Tree], Sequence[FileChange]],
    title: str,
    variants: dict[str, tuple[str, ...]],
    release: str,
) -> Campaign:
    changed = [file for file in files if tree.read(file.path) != file.content]
    notes = [
        f"{file.path} names no variant in a list, and is left as it is."
        for file in files
        if file not in changed
    ]
    over = OverlayTree(tree, tuple(changed))
    every = {file.path: file for file in changed}
    for file in render(over):
        if tree.read(file.path) != file.content and file.path not in every:
            every[file.path] = file
    for series, names in variants.items() if title.startswith("Remove") else ():
        # Some scripts delete nothing of a series that stays.
        for name in names:
            for path in tree.paths(f"{series}/windows/{name.removeprefix('windows/')}"):
                every.setdefault(path, FileChange(path, None))
    after = OverlayTree(tree, tuple(every.values()))
    notes += _left_to_a_person(after, release, adding=not title.startswith("Remove"))
    ordered = tuple(every[path] for path in sorted(every, key=lambda path: path.encode()))
    return Campaign(title, ordered, variants, tuple(notes))


def _left_to_a_person(after: Tree, release: str, *, adding: bool) -> list[str]:
    """Lines of upstream's own files that name releases by themselves, and that no list of variants explains."""
    notes = []
    mine = re.compile(rf"(?<![0-9A-Za-z]){re.escape(release)}(?![0-9A-Za-z])")
    other = re.compile(
        r"(?<![0-9A-Za-z])(?:windowsservercore-|nanoserver-|servercore:|nanoserver:)(?:ltsc20[0-9]{2}|1809)"
    )
    for path in after.paths():
        workflow = path.startswith(".github/workflows/") and path.endswith((".yml", ".yaml"))
        if not workflow and ("/" in path or not path.endswith((".sh", ".template", ".yml"))):
            continue
        lines = (after.read(path) or b"").decode("utf-8", "replace").splitlines()
        if adding:
            if any(mine.search(line) for line in lines):
                continue
            for number, line in enumerate(lines, 1):
                said = line.partition(" # ")[0]
                if other.search(said) and not said.lstrip().startswith("#"):
                    notes.append(
                        f"{path}:{number} names other releases, and not {release}: {line.strip()[:100]}"
                    )
                    break
            continue
        for number, line in enumerate(lines, 1):
            said = line.partition(" # ")[0]
            if mine.search(said) and not said.lstrip().startswith("#"):
                notes.append(f"{path}:{number} still names {release}: {line.strip()[:100]}")
    return notes


# -- data --------------------------------------------------------------------------------------------------


def _data(tree: Tree, versions: str) -> tuple[dict[str, Any], bytes]:
    before = tree.read(versions)
    if before is None:
        raise BadInput(
            "there is no such file: only repositories with templates have campaigns", file=versions
        )
    return json.loads(json.dumps(read_object(before, versions))), before


def _changed(
    data: dict[str, Any], change: Callable[[list[Any]], list[Any]]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every list of Windows variants changed in place; which series, and what came or went."""
    for series, value in data.items():
        moved: list[str] = []
        for listed in _lists(value):
            new = change(listed)
            moved += [one for one in {*new} ^ {*listed} if isinstance(one, str)]
            listed[:] = new
        if moved:
            yield series, tuple(sorted(moved))


def _lists(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, list):
        if any(isinstance(one, str) and _VARIANT.fullmatch(one) for one in value):
            yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _lists(inner)


def _kind(head: str) -> str:
    return head.removeprefix("windows/").rstrip("-")


def _with(listed: list[Any], release: str, kinds: Sequence[str]) -> list[Any]:
    new: list[Any] = []
    done = {_kind(m["head"]) for one in listed if (m := _match(one)) and m["release"] == release}
    kinds_there = [
        (_kind(m["head"]), m["release"], m["head"]) if (m := _match(one)) else None for one in listed
    ]
    for number, one in enumerate(listed):
        here = kinds_there[number]
        fits = here is not None and here[0] in kinds and here[0] not in done
        if fits and here is not None and older(here[1], release):
            new.append(here[2] + release)
            done.add(here[0])
        new.append(one)
        later = {each[0] for each in kinds_there[number + 1 :] if each is not None}
        if fits and here is not None and here[0] not in done and here[0] not in later:
            # There is none that is older: it comes last of its kind.
            new.append(here[2] + release)
            done.add(here[0])
    return new


def _without(listed: list[Any], release: str, kinds: Sequence[str]) -> list[Any]:
    return [
        one
        for one in listed
        if not ((m := _match(one)) and m["release"] == release and _kind(m["head"]) in kinds)
    ]


def _match(one: Any) -> re.Match[str] | None:
    return _VARIANT.fullmatch(one) if isinstance(one, str) else None


def older(one: str, other: str) -> bool:
    """Whether one Windows release is older than another; one that is not known counts as older."""
    order = list(RELEASES)
    if other not in order:
        return True
    return one not in order or order.index(one) < order.index(other)


# -- scripts -----------------------------------------------------------------------------------------------


def _text(tree: Tree, path: str) -> str | None:
    data = tree.read(path)
    return None if data is None else data.decode("utf-8", "surrogateescape")


def _groups(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Runs of items: first and last line, comments between them included."""
    start = None
    last = 0
    for number, line in enumerate(lines):
        if _item(line):
            if start is None:
                start = number
            last = number
        elif start is not None and not line.strip().startswith("#"):
            yield start, last
            start = None
    if start is not None:
        yield start, last


def _item(line: str) -> re.Match[str] | None:
    match = _ITEM.fullmatch(line)
    if match is None or (not match["head"] and not match["quote"]):
        return None
    return match


def _group_kind(lines: Sequence[str], last: int) -> str:
    """Which variants a group of bare releases makes: what follows says it (``| "windows/nanoserver-" + .``)."""
    for line in lines[last + 1 : last + 5]:
        found = re.search(r"windowsservercore|nanoserver", line)
        if found:
            return found[0]
    return ""


def _is_word(match: re.Match[str]) -> bool:
    """Whether an item is a word of a shell's list, which goes on in the next line: no comment can stand there."""
    return bool(match["end"].endswith("\\")) and not match["quote"]


def _script_with(text: str, release: str, kinds: Sequence[str]) -> str:
    lines = text.split("\n")
    lifted: set[int] = set()
    for number, line in enumerate(lines):
        match = holds.held(line)
        if match is None or match["release"] != release:
            continue
        kind = _kind(match["head"]) or holds.kind_after(lines, number)
        if kind not in kinds:
            continue
        following = next(
            (n for n in range(number + 1, len(lines)) if not lines[n].strip().startswith("#")), None
        )
        if match["quote"] and following is not None:
            # The item is itself again. What follows in its list, or what came before it, sets its comma.
            last = not lines[following].strip().startswith(('"', "'", "empty"))
            lines[number] = (
                f"{match['indent']}{match['quote']}{match['head']}{release}{match['quote']}{'' if last else ','}"
            )
            if last:
                before = next((n for n in range(number - 1, -1, -1) if not holds.held(lines[n])), None)
                if before is not None and _item(lines[before]) and not lines[before].rstrip().endswith(","):
                    lines[before] = lines[before].rstrip() + ","
        else:
            lifted.add(number)  # a comment above a shell's words: the word is put in below, as any is
    inserted: dict[int, str] = {}
    appended: dict[int, str] = {}
    for start, last_line in _groups(lines):
        items = [(number, match) for number in range(start, last_line + 1) if (match := _item(lines[number]))]
        named = [
            (number, match, _kind(match["head"]) or _group_kind(lines, last_line)) for number, match in items
        ]
        done = {kind for _, match, kind in named if match["release"] == release}
        for number, match, kind in named:
            if kind not in kinds or kind in done:
                continue
            item = f"{match['indent']}{match['quote']}{match['head']}{release}{match['quote']}"
            if older(match["release"], release):
                inserted[number] = item + (match["end"] or ("," if match["quote"] else ""))
                done.add(kind)
            elif kind not in [each for n, _, each in named if n > number]:
                # There is none that is older: it comes last of its kind.
                appended[number] = item + match["end"]
                if not match["end"] and match["quote"]:
                    lines[number] = lines[number].rstrip() + ","
                done.add(kind)
    new: list[str] = []
    for number, line in enumerate(lines):
        if number in inserted:
            new.append(inserted[number])
        if number not in lifted:
            new.append(line)
        if number in appended:
            new.append(appended[number])
    return "\n".join(new)


def _script_without(text: str, release: str, kinds: Sequence[str], hold: str) -> str:
    lines = text.split("\n")
    gone: set[int] = set()
    above: dict[int, str] = {}
    for start, last in _groups(lines):
        for number in range(start, last + 1):
            match = _item(lines[number])
            if match is None or match["release"] != release:
                continue
            if (_kind(match["head"]) or _group_kind(lines, last)) not in kinds:
                continue
            if hold and _is_word(match):
                first = start
                while first and lines[first - 1].rstrip().endswith("\\"):
                    first -= 1
                indent = re.match(r"[ \t]*", lines[first])
                above[first] = f"{indent[0] if indent else ''}#{match['head']}{release} # {hold}"
                gone.add(number)
            elif hold:
                item = lines[number].strip()
                lines[number] = f"{match['indent']}#{item if item.endswith(',') else item + ','} # {hold}"
            else:
                gone.add(number)
            if not match["end"] and match["quote"]:
                # The last item has no comma after it; the one before it becomes the last.
                before = next(
                    (n for n in range(number - 1, start - 1, -1) if n not in gone and _item(lines[n])), None
                )
                if before is not None:
                    lines[before] = lines[before].rstrip().removesuffix(",")
    new: list[str] = []
    for number, line in enumerate(lines):
        if number in above:
            new.append(above[number])
        if number not in gone:
            new.append(line)
    return "\n".join(new)
