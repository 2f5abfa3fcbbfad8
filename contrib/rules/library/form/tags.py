"""Tags that stand twice."""

from __future__ import annotations

from contrib.library.model import Entry
from contrib.rules.library.form.document import (
    MAX_PER_KIND,
    Bytes,
    Document,
    Section,
    tags_shown,
)


def check_tags(
    doc: Document, section: Section, entry: Entry, own: dict[str, Section], shared: dict[str, Section]
) -> None:
    if section.paragraph.index in doc.overwritten:
        return
    counted: dict[str, int] = {}
    for tag in entry.tags:
        counted[tag] = counted.get(tag, 0) + 1
    repeated = [tag for tag, count in counted.items() if count > 1]
    if repeated:
        twice(doc, section, repeated)
    both = [tag for tag in entry.shared_tags if tag in counted]
    if both:
        doc.add(
            doc.problem(
                "duplicate-tag-in-entry",
                doc.line_of_item(section, "SharedTags", both[0]),
                f"{tags_shown(both)} in both Tags and SharedTags of the entry",
                hint="keep a tag in SharedTags if other entries share it, else in Tags",
                refused=True,
            )
        )
    for name, tags, others, other_name in (
        ("Tags", counted, own, "Tags"),
        ("Tags", counted, shared, "SharedTags"),
        ("SharedTags", entry.shared_tags, own, "Tags"),
    ):
        # All that two entries have in common is one mistake.
        common: dict[int, list[str]] = {}
        for tag in tags:
            if tag in others and tag not in both:
                common.setdefault(others[tag].paragraph.index, []).append(tag)
        for found in common.values():
            conflict(doc, section, name, found, others[found[0]], other_name)
    for tag in counted:
        own.setdefault(tag, section)
    for tag in entry.shared_tags:
        shared.setdefault(tag, section)


def twice(doc: Document, section: Section, tags: list[str]) -> None:
    field = section.fields["Tags"]
    fix = None
    line = field.line
    if id(field) not in doc.values:
        items = doc.items(field)
        seen: set[str] = set()
        edits: list[Bytes] = []
        for place, (text, start, end) in enumerate(items):
            if text not in seen:
                seen.add(text)
                continue
            if not edits:
                line = doc.source.line_at(start)
            before = items[place - 1][2]
            if b"\n" not in doc.data[before:start]:
                edits.append((before, end, b""))
            elif place + 1 < len(items):  # the first of its line: the comma after it goes
                edits.append((start, items[place + 1][1], b""))
            else:
                edits.append((before, end, b""))
        if len(edits) <= MAX_PER_KIND:
            fix = ("name it once", tuple(edits), True)
    doc.add(
        doc.problem(
            "duplicate-tag-in-entry",
            line,
            f"{tags_shown(tags)} more than once in the entry's Tags",
            hint="name each once",
            refused=True,
            fix=fix,
        )
    )


def conflict(
    doc: Document, section: Section, name: str, tags: list[str], other: Section, other_name: str
) -> None:
    line = doc.line_of_item(section, name, tags[0])
    there = doc.line_of_item(other, other_name, tags[0])
    if name == other_name:
        problem = doc.problem(
            "duplicate-tag",
            line,
            f"{tags_shown(tags)} in the Tags of two entries, first on line {there}",
            hint="take it from one of them" if len(tags) == 1 else "take each from one of them",
            refused=True,
            fix=from_the_lower(doc, section, other, tags),
        )
    else:
        problem = doc.problem(
            "sharedtag-conflict",
            line,
            f"{tags_shown(tags)} in {name} here and in {other_name} on line {there}",
            hint="a tag that entries share belongs in SharedTags of each of them",
            refused=True,
        )
    doc.add(problem)


def from_the_lower(
    doc: Document, one: Section, two: Section, tags: list[str]
) -> tuple[str, tuple[Bytes, ...], bool] | None:
    """Offer to take tags from the entry of the lower version."""
    from contrib.library.tags import EntryTags

    fields = [section.fields["Tags"] for section in (one, two)]
    if any(id(field) in doc.values for field in fields):
        return None
    versions = [
        EntryTags(Entry(tags=tuple(text for text, _, _ in doc.items(field)))).full for field in fields
    ]
    if versions[0] == versions[1] or not all(versions):
        return None
    lower = fields[0] if versions[0] < versions[1] else fields[1]
    edits = doc.dropped(lower, tags)
    return None if edits is None else ("take them from the lower version", edits, False)
