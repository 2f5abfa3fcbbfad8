"""Items of lists: maintainers, tags, architectures, constraints."""

from __future__ import annotations

import re

from contrib.library.fields import ARCHITECTURES
from contrib.library.mistakes import (
    ARCHES,
    alias_of,
    in_message,
    maintainer_lacks,
    nearest_field,
    proper_case,
    split_maintainers,
    tag_lacks,
)
from contrib.library.reader import (
    TAG,
    maintainer,
)
from contrib.library.source import Field
from contrib.rules.library.form.document import (
    Bytes,
    Document,
    bytes_long,
)


def read_maintainers(doc: Document, field: Field) -> tuple[str, ...]:
    items = doc.list_items(field)
    found = []
    for place, (text, start, end) in enumerate(items):
        printed = maintainer(text)
        if printed is not None:
            found.append(printed)
            continue
        line = doc.source.line_at(start)
        if not text:
            last = place == len(items) - 1 and place > 0
            empty_item(doc, field, items, place, "maintainers-trailing-comma" if last else None)
            continue
        split = split_maintainers(text)
        if split is not None:
            found += [each for each, _ in split]
            edits = tuple((start + bytes_long(text[:offset]),) * 2 + (b",",) for _, offset in split[:-1])
            mendable = id(field) not in doc.values and "\n" not in text
            raw = doc.data[start:end]
            if "\n" in text:
                edits = _commas(start, raw, rb"\(@[^\s<>()]+\)(?=\s+[^\s])")
                mendable = len(edits) == len(split) - 1
            doc.add(
                doc.problem(
                    "maintainers-missing-comma",
                    line,
                    f"a comma is missing between {in_message(split[0][0])} and {in_message(split[1][0])}",
                    end_line=doc.source.line_at(max(end - 1, start)),
                    hint="put a comma after each maintainer but the last",
                    refused=True,
                    fix=("put commas between the maintainers", edits, True) if mendable else None,
                )
            )
            continue
        doc.add(
            doc.problem(
                "maintainers-bad-format",
                line,
                f"the maintainer {in_message(text)} {maintainer_lacks(text)}",
                end_line=doc.source.line_at(max(end - 1, start)),
                hint="write Full Name <contact-address-or-url> (@github-handle) or Full Name (@github-handle)",
                refused=True,
            )
        )
    return tuple(found)


def _commas(start: int, raw: bytes, where: bytes) -> tuple[Bytes, ...]:
    """A comma after each match of a pattern in bytes that begin at ``start``."""
    return tuple((start + match.end(), start + match.end(), b",") for match in re.finditer(where, raw))


def weaker(doc: Document, field: Field) -> bool:
    """Whether the reference looks at the field only through entries that inherit it."""
    return doc.head is not None and doc.head.fields.get("SharedTags") is field


def empty_item(
    doc: Document, field: Field, items: list[tuple[str, int, int]], place: int, id_: str | None
) -> None:
    """An empty item of a list: which comma to remove."""
    names = {
        "Maintainers": "maintainers-bad-format",
        "Architectures": "invalid-architecture",
        "Constraints": "constraint-empty-item",
    }
    known = proper_case(field.name) or nearest_field(field.name) or field.name
    id_ = id_ or names.get(known, "tag-empty-item")
    line = doc.source.line_at(max(items[place][1] - 1, field.start))
    fix: tuple[str, tuple[Bytes, ...], bool] | None = None
    if len(items) > 1 and id(field) not in doc.values:
        if place:
            # from the end of the item before it to the end of this one
            edit = (items[place - 1][2], items[place][1], b"")
            if place < len(items) - 1:
                edit = (items[place - 1][2], doc.data.index(b",", items[place][1]), b"")
        else:
            edit = (field.value_start, items[1][1], b"")
        fix = ("remove the comma", (edit,), True)
    what = "has nothing in it" if len(items) == 1 else "has a comma with nothing after it"
    if 0 < place < len(items) - 1 or (place == 0 and len(items) > 1):
        what = "has an empty item"
    doc.add(
        doc.problem(
            id_,
            line,
            f"{known} {what}",
            hint="remove the comma" if len(items) > 1 else f"remove the empty {known}",
            refused=id_ != "constraint-empty-item" and (doc.rejected or not weaker(doc, field)),
            fix=fix,
        )
    )


def read_tags(doc: Document, field: Field) -> tuple[str, ...]:
    items = doc.list_items(field)
    found = []
    for place, (text, start, end) in enumerate(items):
        if TAG.fullmatch(text):
            found.append(text)
            continue
        line = doc.source.line_at(start)
        if not text:
            empty_item(doc, field, items, place, None)
            continue

        def add(
            id_: str,
            message: str,
            hint: str,
            fix: tuple[str, tuple[Bytes, ...], bool] | None = None,
            end_line: int | None = None,
            line: int = line,
        ) -> None:
            refused = doc.rejected or not weaker(doc, field)
            doc.add(doc.problem(id_, line, message, end_line=end_line, hint=hint, refused=refused, fix=fix))

        words = text.split()
        if len(words) > 1 and all(TAG.fullmatch(word) for word in words):
            found += words
            raw = doc.data[start:end]
            edits: tuple[Bytes, ...] = tuple(
                (start + match.start(), start + match.end(), b", ") for match in re.finditer(rb"[ \t]+", raw)
            )
            if b"\n" in raw:
                edits = _commas(start, raw, rb"(?<=[^\s])(?=[ \t\r\n]+[^\s])")
            what = f"a comma is missing between the tags {in_message(words[0])} and {in_message(words[1])}"
            fix = ("put commas between the tags", edits, True) if id(field) not in doc.values else None
            add(
                "tag-missing-comma",
                what,
                "put a comma between them",
                fix,
                doc.source.line_at(max(end - 1, start)),
            )
        elif len(text) > 128 and re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", text):
            add(
                "tag-too-long",
                f"the tag {in_message(text)} has {len(text)} characters; 128 is the most",
                "shorten it",
            )
        else:
            hint = "tags have letters, digits, '_', '.' and '-', and start with none of the last two"
            add("invalid-tag", f"{in_message(text)} is not a valid tag: {tag_lacks(text)}", hint)
    return tuple(found)


def read_architectures(doc: Document, field: Field) -> tuple[str, ...]:
    items = doc.list_items(field)
    found = []
    for place, (text, start, end) in enumerate(items):
        if text in ARCHES:
            found.append(text)
            continue
        line = doc.source.line_at(start)
        if not text:
            empty_item(doc, field, items, place, None)
            continue
        words = text.split()
        near = alias_of(text)
        fix: tuple[str, tuple[Bytes, ...], bool] | None = None
        hint = "the architectures are " + ", ".join(ARCHITECTURES)
        if len(words) > 1 and all(word in ARCHES for word in words):
            hint = "put a comma between them"
            if b"\n" not in doc.data[start:end]:
                fix = ("put commas between them", ((start, end, ", ".join(words).encode()),), False)
            found += words
        elif near is not None:
            hint = f"did you mean {near}?"
            fix = (f"write {near}", ((start, end, near.encode()),), False)
            found.append(near)
        doc.add(
            doc.problem(
                "invalid-architecture",
                line,
                f"{in_message(text)} is not an architecture that bashbrew knows",
                hint=hint,
                refused=True,
                fix=None if id(field) in doc.values else fix,
            )
        )
    return tuple(sorted(set(found)))


def read_constraints(doc: Document, field: Field) -> tuple[str, ...]:
    items = doc.list_items(field)
    if not any(text in ("", "!") for text, _, _ in items):
        return tuple(text for text, _, _ in items)
    for place, (text, _, _) in enumerate(items):
        if not text:
            if len(items) == 1:
                doc.add(
                    doc.problem(
                        "constraint-empty-item",
                        field.line,
                        "Constraints has nothing in it, which crashes bashbrew when it applies constraints",
                        hint="remove the empty Constraints",
                        fix=("remove the line", ((field.start, field.end, b""),), True),
                    )
                )
            else:
                empty_item(doc, field, items, place, None)
    return tuple(text for text, _, _ in items if text)
