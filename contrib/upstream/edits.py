"""Anchored edits: how upstream's own scripts are taught about Windows without a copy of them.

An image's folder says, per layout, which lines of which file get which lines (``edits/LAYOUT.toml``,
read by :func:`load`). An edit has an **anchor**: whole lines that must be in the file exactly once. It is

- *idempotent*: where the new lines are there already, nothing is changed;
- *refusing*: an anchor that is not found, or found twice, is a :class:`~contrib.values.errors.BadInput` that
  names the file and the nearest line, and shows what a person would have to add;
- *modest*: a file that already knows Windows in its own words is left alone, and that is said.

A file in which some of the edits are there and others are not was half edited by somebody: refused.
Texts in, texts out; the caller writes.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from contrib.values.budgets import bounded
from contrib.values.errors import BadInput
from contrib.values.patterns import given
from contrib.values.tables import decode
from contrib.values.tree import FileChange, FileMode, Tree, checked_path

#: ``@PORT_REPOSITORY@`` in an anchor or text is a value of the image or the layout.
_HOLE = re.compile(r"@([A-Z][A-Z0-9_]*)@")


class Where(str, Enum):
    """Where the new lines go."""

    BEFORE = "before"
    AFTER = "after"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class AnchoredEdit:
    """New lines at a place that is known by its lines.

    :param anchor: one or more whole lines, blanks included, without the last newline.
    :param text: the new lines, the same way.
    :param why: what upstream's tool would do without it; one clause, for the plan and for messages.
    """

    anchor: str
    text: str
    where: Where
    why: str


@dataclass(frozen=True, slots=True)
class Script:
    """The edits of one file, for one form that it has had.

    Several scripts of the same path are its forms over time; the first that fits is taken.

    :param path: relative to the root of the branch.
    :param known: regular expression; where it matches a line, the file already knows Windows.
    :param optional: the file may be absent (a script for macOS, a CI file).
    :param whole: text of a file that is new altogether; then there are no edits.
    :param place: for release branches: on ``main``, on each ``series``' branch, or ``both``.
    :param needs: path of a file without which this one is of no use, and is left out.
    """

    path: str
    edits: tuple[AnchoredEdit, ...] = ()
    form: str = ""
    known: str | None = None
    optional: bool = False
    whole: str | None = None
    executable: bool = False
    place: str = "main"
    needs: str | None = None


class Outcome(str, Enum):
    """What became of a script."""

    EDITED = "edited"
    PRESENT = "present"
    KNOWN = "known"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Edited:
    """What became of one file.

    :param change: the new content; None unless ``outcome`` is EDITED.
    :param why: what the edits are for, in order.
    """

    path: str
    outcome: Outcome
    change: FileChange | None = None
    why: tuple[str, ...] = ()


#: The comment that :func:`comment_of` makes, as it stands in a script.
_LEFT_OUT = re.compile(r"^\t# left out:\n(?:\t# - .*\n)+", re.MULTILINE)


def comment_of(left_out: Sequence[tuple[str, str]]) -> str:
    """Reasons as docker-library/mongo's versions.sh keeps them; one line each, whatever is in a reason.

    >>> comment_of([("nanoserver-ltsc2025", "it failed")])
    '\\t# left out:\\n\\t# - nanoserver-ltsc2025: it failed\\n'
    """
    lines = [f"\t# - {name}: {' '.join(why.split())[:200]}" for name, why in left_out]
    return "\n".join(["\t# left out:", *lines, ""]) if lines else ""


def apply_scripts(tree: Tree, scripts: Iterable[Script], values: Mapping[str, Any]) -> tuple[Edited, ...]:
    """The edits of all scripts on a tree, by path.

    :param values: what stands in for ``@NAME@`` in anchors and texts; lists are joined by a blank.
    :raises BadInput: a required file is missing, an anchor does not fit, a file is half edited, or one
        file knows Windows in its own words while another knows nothing of it.
    """
    forms: dict[str, list[Script]] = {}
    for script in scripts:
        forms.setdefault(script.path, []).append(script)
    done = tuple(_apply(tree, path, choices, values) for path, choices in forms.items())
    known = [each.path for each in done if each.outcome is Outcome.KNOWN]
    edited = [each.path for each in done if each.outcome is Outcome.EDITED]
    if known and edited:
        raise BadInput(
            f"{known[0]} already knows Windows and {edited[0]} does not: this tree is half edited",
            file=edited[0],
            hint=f"finish that by hand, or take it back (git checkout -- {' '.join(known)}), and run again",
        )
    return done


def _apply(tree: Tree, path: str, choices: Sequence[Script], values: Mapping[str, Any]) -> Edited:
    data = tree.read(path)
    mode = tree.mode(path) or "100644"
    first = choices[0]
    if first.needs is not None and tree.read(first.needs) is None:
        return Edited(path, Outcome.ABSENT)
    if first.whole is not None:
        return _whole(first, data, mode, values)
    if data is None:
        if all(choice.optional for choice in choices):
            return Edited(path, Outcome.ABSENT)
        raise BadInput(f"there is no {path} in this tree, which a contribution has to edit", file=path)
    text = text_of(data, path)
    filled = [
        [
            AnchoredEdit(fill(e.anchor, values, path), fill(e.text, values, path), e.where, e.why)
            for e in s.edits
        ]
        for s in choices
    ]
    # What was left out when our lines came into the file, and what is now, makes no difference to whether they are there.
    lines = _LEFT_OUT.sub("", text).split("\n")
    plain = {**values, "left_out": ""}
    presence = [
        [bool(_places(lines, fill(edit.text, plain, path))) for edit in script.edits] for script in choices
    ]
    for there in presence:
        if all(there):
            return Edited(path, Outcome.PRESENT)
    for edits, there in zip(filled, presence, strict=True):
        if any(there):
            missing = edits[there.index(False)]
            raise BadInput(
                f"half edited: it has our lines for one place and not those without which {missing.why}",
                file=path,
                hint=f"take it back (git checkout -- {path}) and run again, or add:\n{missing.text}",
            )
    # Before anything is edited: anchors stay where lines are put beside them, and a second form of the same
    # edit (another image's variants, a person's own words) must not be put beside the first.
    for choice in choices:
        if choice.known is not None and re.search(choice.known, text, re.MULTILINE):
            return Edited(path, Outcome.KNOWN)
    for edits in filled:
        if all(len(_places(lines, edit.anchor)) == 1 for edit in edits):
            new = text
            for edit in edits:
                new = apply_edit(new, edit, path)
            change = FileChange(path, new.encode("utf-8", "surrogateescape"), mode)
            return Edited(path, Outcome.EDITED, change, tuple(edit.why for edit in edits))
    # No form fits: speak of the one that comes nearest.
    nearest = max(filled, key=lambda edits: sum(len(_places(lines, e.anchor)) == 1 for e in edits))
    for edit in nearest:
        apply_edit(text, edit, path)
    raise AssertionError("one of the anchors does not fit")  # pragma: no cover - apply_edit has raised


def _whole(script: Script, data: bytes | None, mode: FileMode, values: Mapping[str, Any]) -> Edited:
    assert script.whole is not None
    content = (fill(script.whole, values, script.path).rstrip("\n") + "\n").encode()
    if data is not None and text_of(data, script.path).encode() == content:
        return Edited(script.path, Outcome.PRESENT)
    if data is not None:
        raise BadInput("is there already, with another content than ours", file=script.path)
    wanted: FileMode = "100755" if script.executable else "100644"
    return Edited(script.path, Outcome.EDITED, FileChange(script.path, content, wanted))


@bounded("path")
def apply_edit(text: str, edit: AnchoredEdit, path: str) -> str:
    """``text`` with one edit made.

    :raises BadInput: the anchor is not there, or more than once.
    """
    lines = text.split("\n")
    places = _places(lines, edit.anchor)
    wanted = edit.anchor.split("\n")
    if len(places) != 1:
        raise _misfit(lines, edit, path, places)
    at, end = places[0], places[0] + len(wanted)
    new = edit.text.split("\n")
    if edit.where is Where.BEFORE:
        end = at
    elif edit.where is Where.AFTER:
        at = end
    return "\n".join([*lines[:at], *new, *lines[end:]])


def _misfit(lines: list[str], edit: AnchoredEdit, path: str, places: list[int]) -> BadInput:
    first = edit.anchor.split("\n")[0].strip()
    if places:
        line: int | None = places[1] + 1
        others = " and ".join(str(place + 1) for place in places)
        message = f"the place for our edit is there {len(places)} times (lines {others}): {first!r}"
    else:
        near = difflib.get_close_matches(
            first, [each.strip() for each in lines if each.strip()], n=1, cutoff=0.5
        )
        line = next((n for n, each in enumerate(lines, 1) if near and each.strip() == near[0]), None)
        message = f"the place for our edit is not there: {first!r}"
        if near:
            message += f"; nearest is {near[0]!r}"
    where = {"before": "before", "after": "after", "replace": "in place of"}[edit.where.value]
    hint = f"without it {edit.why}; a person would add, {where} {first!r}:\n{edit.text}"
    return BadInput(message, file=path, line=line, hint=hint, kind="anchor")


def _places(lines: Sequence[str], block: str) -> list[int]:
    """Indices of the lines at which ``block`` stands, as whole lines."""
    wanted = block.split("\n")
    size = len(wanted)
    return [at for at in range(len(lines) - size + 1) if list(lines[at : at + size]) == wanted]


def text_of(data: bytes, path: str) -> str:
    """A script's text with LF endings, whatever a checkout on Windows made of them.

    :raises BadInput: NUL bytes in it.
    """
    if b"\0" in data:
        raise BadInput("is not a text file", file=path)
    return data.decode("utf-8", "surrogateescape").replace("\r\n", "\n")


def fill(text: str, values: Mapping[str, Any], path: str) -> str:
    """``text`` with every ``@NAME@`` replaced by its value.

    :raises BadInput: a name that has no value.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1].lower()
        if name not in values:
            raise BadInput(f"the edit of {path} uses @{match[1]}@, which has no value", file=path)
        found = values[name]
        return " ".join(map(str, found)) if isinstance(found, (list, tuple)) else str(found)

    return _HOLE.sub(value, text)


_SCRIPT_KEYS = {"path", "form", "known", "optional", "edit", "whole", "executable", "place", "needs"}
_EDIT_KEYS = {"anchor", "text", "where", "why"}


@bounded("name")
def load(data: bytes, name: str) -> tuple[Script, ...]:
    """The scripts of an ``edits/LAYOUT.toml``.

    Shape: ``[[script]]`` tables with ``path`` and either ``whole`` or ``[[script.edit]]`` tables with
    ``anchor``, ``text``, ``where`` (``before``, ``after``, ``replace``) and ``why``. One newline at the
    head and one at the end of a multi-line text are not part of it.

    :raises BadInput: not TOML, an unknown or missing key, an empty anchor, a pattern that is none.
    """
    table = decode(data, name)
    _only(table, {"script"}, "the file", name)
    scripts = []
    for number, raw in enumerate(_tables(table.get("script", []), "script", name), 1):
        place = f"script {number}"
        _only(raw, _SCRIPT_KEYS, place, name)
        path = _text(raw, "path", place, name)
        try:
            checked_path(path)
        except BadInput as error:
            raise BadInput(f"{place}: {error.message}", file=name) from error
        known = raw.get("known")
        if known is not None:
            try:
                given(known)
            except (re.error, TypeError) as error:
                raise BadInput(f"{place}: known is no regular expression: {error}", file=name) from error
        edits = []
        for each in _tables(raw.get("edit", []), "edit", name):
            inside = f"the edit of {path}"
            _only(each, _EDIT_KEYS, inside, name)
            try:
                where = Where(_text(each, "where", inside, name))
            except ValueError as error:
                raise BadInput(f"{inside}: where is before, after or replace", file=name) from error
            edits.append(
                AnchoredEdit(
                    _text(each, "anchor", inside, name).removesuffix("\n"),
                    _text(each, "text", inside, name).removesuffix("\n"),
                    where,
                    _text(each, "why", inside, name),
                )
            )
        whole = raw.get("whole")
        if (whole is None) == (not edits):
            raise BadInput(f"{place}: either whole or at least one edit is expected", file=name)
        scripts.append(
            Script(
                path,
                tuple(edits),
                form=str(raw.get("form", "")),
                known=known,
                optional=bool(raw.get("optional", False)),
                whole=whole,
                executable=bool(raw.get("executable", False)),
                place=_place(raw, place, name),
                needs=raw.get("needs"),
            )
        )
    return tuple(scripts)


def _place(raw: Mapping[str, Any], where: str, name: str) -> str:
    place = str(raw.get("place", "main"))
    if place not in ("main", "series", "both"):
        raise BadInput(f"{where}: place is main, series or both, not {place!r}", file=name)
    return place


def _tables(value: Any, key: str, name: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise BadInput(f"{key} must be tables, [[{key}]]", file=name)
    return value


def _only(table: Mapping[str, Any], keys: set[str], place: str, name: str) -> None:
    for key in table:
        if key not in keys:
            raise BadInput(f"{place}: unknown key {key!r} (known: {', '.join(sorted(keys))})", file=name)


def _text(table: Mapping[str, Any], key: str, place: str, name: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise BadInput(f"{place}: {key} must be a text that is not empty", file=name)
    return value
