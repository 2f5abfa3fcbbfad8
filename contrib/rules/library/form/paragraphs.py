"""Blank lines that are missing, or where there should be none."""

from __future__ import annotations

from contrib.library.fields import ARCH_SUFFIXES, SINGLE
from contrib.library.source import BLANKS, Field, Paragraph
from contrib.rules.library.form.document import (
    MAX_PER_KIND,
    Document,
    Section,
    bytes_long,
)
from contrib.rules.library.form.names import section_of


def part_header(doc: Document, paragraph: Paragraph, named: list[tuple[str, Field]]) -> list[Section]:
    """The header; and, where an entry ran into it, that entry."""
    # Tags in other capitals are ignored here; meant as Tags, they would part a header that is whole.
    named = [(name, field) for name, field in named if name != "Tags" or field.name == "Tags"]
    place = next((place for place, (name, _) in enumerate(named) if name == "Tags"), None)
    if place is None:
        return [section_of(doc, paragraph, named)]
    tags = named[place][1]
    if all(name != "Maintainers" for name, _ in named[:place]):
        doc.add(
            doc.problem(
                "tags-in-header",
                tags.line,
                "the header has Tags; the first paragraph is the header, with Maintainers and what all "
                "entries share",
                hint="put a header with Maintainers before it",
                refused=True,
            )
        )
        return [section_of(doc, paragraph, [each for each in named if each[0] != "Tags"])]
    # Is there a line of blanks that was meant to be empty?
    line = tags.line - 1
    while line > 1 and doc.source.lines[line - 1].lstrip(BLANKS)[:1] == "#":
        line -= 1
    text = doc.source.lines[line - 1]
    blank = bool(text) and not text.strip(BLANKS)
    if blank:
        start = doc.source.starts[line - 1]
        end = start + bytes_long(text.rstrip("\r"))
        fix = ("empty the line", ((start, end, b""),), True)
        doc.quiet_blank.add(line)
    else:
        # Comments that touch the entry stay with it.
        start = doc.source.starts[line]
        fix = ("put a blank line before the entry", ((start, start, b"\n"),), True)
    doc.add(
        doc.problem(
            "missing-blank-line",
            tags.line,
            "there is no blank line between the header and the first entry"
            + (f" (line {line} has blanks in it)" if blank else ""),
            hint=f"put a blank line before line {tags.line}" if not blank else f"empty line {line}",
            refused=True,
            fix=fix,
        )
    )
    return [section_of(doc, paragraph, named[:place]), section_of(doc, paragraph, named[place:])]


def join_header(doc: Document, sections: list[Section]) -> list[Section]:
    """A header with a blank line inside is joined."""
    if len(sections) < 3 or "Tags" in sections[1].fields or "Tags" in sections[0].fields:
        return sections
    second = sections[1]
    names = [field.name for field in second.paragraph.fields]
    # The fields as they are written: a misspelt Tags is another mistake.
    prefixed = [name for name in second.fields if "-" in name]
    plain = [name for name in second.fields if "-" not in name]
    entry_like = "SharedTags" in plain or ("GitCommit" in plain and "Directory" in plain)
    if not second.fields or entry_like or len(second.fields) != len(set(names)):
        return sections
    if not any("Tags" in section.fields for section in sections[2:]):
        return sections
    first_line = second.paragraph.line
    blank = first_line - 1
    while blank > 1 and doc.source.lines[blank - 1].strip("\r"):
        blank -= 1
    start = doc.source.starts[blank - 1]
    end = doc.source.starts[blank]
    to_entry = bool(prefixed) and not plain
    if to_entry:
        after = second.paragraph.end_line
        start, end = doc.source.starts[after], doc.source.starts[min(after + 1, len(doc.source.lines))]
        where = "of the entry that follows"
    else:
        while blank > 1 and not doc.source.lines[blank - 2].strip("\r"):
            blank -= 1
            start = doc.source.starts[blank - 1]
        where = "of the header"
    doc.add(
        doc.problem(
            "blank-line-in-header",
            first_line,
            f"a paragraph without Tags: a blank line cuts it off from the fields {where}",
            end_line=second.paragraph.end_line,
            hint="remove the blank line",
            refused=True,
            fix=("remove the blank line", ((start, end, b""),), False),
        )
    )
    if to_entry:
        third = sections[2]
        joined = Section(third.paragraph, {**second.fields, **third.fields}, second.line)
        return [sections[0], joined, *sections[3:]]
    head = Section(sections[0].paragraph, {**sections[0].fields, **second.fields}, sections[0].line)
    return [head, *sections[2:]]


def join_entries(doc: Document, sections: list[Section]) -> list[Section]:
    """An entry with a blank line inside is joined, where what follows says nothing twice."""
    joined = sections[:1]
    for section in sections[1:]:
        before = joined[-1]
        lost = doc.lost.get(section.paragraph.index, {})
        if (
            len(joined) == 1
            or "Tags" in section.fields
            or "Tags" in lost
            or "Tags" not in before.fields
            or not section.fields
            or before.fields.keys() & section.fields.keys()
        ):
            joined.append(section)
            continue
        end = doc.source.starts[section.paragraph.line - 1]
        start = doc.source.starts[before.paragraph.end_line]
        doc.add(
            doc.problem(
                "missing-tags",
                section.line,
                "a blank line cuts these fields off from the entry above, so they are an entry without Tags",
                end_line=section.paragraph.end_line,
                hint="remove the blank line",
                refused=True,
                fix=("remove the blank line", ((start, end, b""),), False)
                if not doc.data[start:end].strip()
                else None,
            )
        )
        joined[-1] = Section(before.paragraph, {**before.fields, **section.fields}, before.line)
        doc.lost.setdefault(before.paragraph.index, {}).update(lost)
    return joined


def blank_lines(doc: Document) -> None:
    """Lines of blanks: they continue a field, where an empty line would end the paragraph."""
    source = doc.source
    candidates = [
        number
        for number, line in enumerate(source.lines, 1)
        if line and line != "\r" and line[0] in " \t" and not line.strip(BLANKS)
    ]
    if not candidates:
        return
    del candidates[MAX_PER_KIND:]
    paragraphs = iter(source.paragraphs)
    current = next(paragraphs, None)
    for number in candidates:
        if number in doc.quiet_blank:
            continue
        while current is not None and current.end_line < number:
            current = next(paragraphs, None)
        start = source.starts[number - 1]
        end = source.starts[number]
        before: set[str] = set()
        following: Field | None = None
        above: Field | None = None
        if current is not None and current.line <= number:
            for field in current.fields:
                if field.line < number:
                    before.add(field.name)
                    above = field
                elif following is None:
                    following = field
        if before and following is not None and (following.name == "Tags" or following.name in before):
            text = source.lines[number - 1].rstrip("\r")
            doc.add(
                doc.problem(
                    "whitespace-only-line",
                    number,
                    "the line has only whitespace, so it does not end the entry, and what the entry before it "
                    f"says is overwritten by the {following.name} that follows",
                    hint="empty the line",
                    fix=("empty the line", ((start, start + bytes_long(text), b""),), True),
                )
            )
            # What stands twice because of it is explained.
            doc.found = [
                p
                for p in doc.found
                if not (
                    p.rule == "duplicate-field"
                    and current is not None
                    and number <= (p.line or 0) <= current.end_line
                )
            ]
            doc.broken.add(following.line)
        elif (
            above is not None
            and above.end_line >= number
            and (above.name in SINGLE or above.name.endswith(ARCH_SUFFIXES))
        ):
            doc.add(
                doc.problem(
                    "whitespace-only-line",
                    number,
                    f"the line has only whitespace, so it continues {above.name}, which gets a newline that way and is wrong",
                    hint="remove the line",
                    refused=above.name == "GitCommit" and doc.rejected,
                    fix=("remove the line", ((start, end, b""),), True),
                )
            )
            doc.quiet.add(above.line)
        else:
            doc.add(
                doc.problem(
                    "whitespace-only-line",
                    number,
                    "the line has only whitespace, so it continues the field above instead of ending a paragraph",
                    hint="remove the line",
                    severity="warning",
                    fix=("remove the line", ((start, end, b""),), True),
                )
            )
