"""A library file as it is meant: every mistake a finding, and read on as though it had been fixed."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace

from contrib.library.mistakes import (
    in_message,
)
from contrib.library.model import Entry
from contrib.library.reader import (
    LIST_BLANKS,
    Rejected,
    read,
    split_list,
)
from contrib.library.source import BLANKS, Field, Paragraph, Source
from contrib.values.findings import Edit, Finding, Fix, Severity

#: So many findings of one kind are reported one by one; the rest is counted.
MAX_PER_KIND = 200

HEADER_ONLY = frozenset(("Maintainers", "GitRepo", "GitFetch", "Architectures", "Builder", "Constraints"))
BOM = b"\xef\xbb\xbf"

Bytes = tuple[int, int, bytes]


class Section:
    """A paragraph as it is meant: names fixed, a header and an entry that ran into one another separated.

    :ivar fields: by their meant names.
    :ivar entry: with all that it inherits; None for the header, or where the entry is broken.
    """

    __slots__ = ("entry", "fields", "line", "paragraph")

    def __init__(self, paragraph: Paragraph, fields: dict[str, Field], line: int) -> None:
        self.paragraph = paragraph
        self.fields = fields
        self.line = line
        self.entry: Entry | None = None

    def line_of(self, *names: str) -> int:
        """Line of the first of these fields that is there, else of the paragraph."""
        for name in names:
            if name in self.fields:
                return self.fields[name].line
        return self.line


class Document:
    """A library file read to its end.

    :ivar found: what is wrong with its form, in file order; without the evidence, which the rules have.
    :ivar rejected: whether the reference rejects the file.
    :ivar refused: ids (in this process) of the findings that make it do so.
    :ivar header: effective; what it lacks has the built-in default.
    :ivar head: the header's section, None for an empty file.
    :ivar sections: the entries', in file order.
    :ivar entries: those without an error, merged as the reference merges.
    :ivar sections_by_index: the same sections by their paragraphs' indices.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self.data = data
        self.source = Source(data)
        self.found: list[Finding] = []
        self.refused: set[int] = set()
        self.head: Section | None = None
        self.sections: list[Section] = []
        self.sections_by_index: dict[int, Section] = {}
        self.header = Entry()
        self.entries: tuple[Entry, ...] = ()
        self.counts: dict[str, int] = {}
        self.broken: set[int] = set()  # lines that an error is on
        self.values: dict[int, str] = {}  # id of a field -> its value as it is meant
        self.quiet: set[int] = set()  # lines that are explained already
        self.lost: dict[int, dict[str, Finding]] = {}  # paragraph -> fields meant by a line that is not one
        self.quiet_blank: set[int] = set()
        self.nul = b"\0" in data
        self.overwritten: set[int] = set()  # paragraphs in which the Tags of another entry were lost
        self._kept: list[Finding] = []
        self._tops: list[int] | None = None
        try:
            read(data)
            self.rejected = False
        except Rejected:
            self.rejected = True

    def problem(
        self,
        rule: str,
        line: int,
        message: str,
        *,
        end_line: int | None = None,
        hint: str | None = None,
        severity: str = "error",
        refused: bool = False,
        fix: tuple[str, tuple[Bytes, ...], bool] | None = None,
    ) -> Finding:
        """A finding about the form.

        :param hint: the fix in words.
        :param refused: the reference rejects the file because of it.
        :param fix: title, edits as ``(start, end, bytes)`` of the file as read, and whether it is safe.
        """
        found = Finding(
            rule,
            Severity(severity),
            self.name,
            line,
            f"{message}; {hint}" if hint else message,
            end_line=line if end_line is None else end_line,
            fix=None if fix is None else Fix(fix[0], tuple(Edit(*edit) for edit in fix[1]), fix[2]),
        )
        self._kept.append(found)  # ids are told apart by identity, so it must live
        if refused:
            self.refused.add(id(found))
        return found

    @property
    def repository(self) -> str:
        """The image's name: the last component of the path."""
        return self.name.replace("\\", "/").rstrip("/").rpartition("/")[2]

    def line_of(self, entry: Entry, *names: str) -> int:
        """Line of the first of these fields in the entry's paragraph, else in the header, else of the entry."""
        section = self.sections_by_index.get(entry.paragraphs[0]) if entry.paragraphs else None
        if section is None:
            return 1
        for name in names:
            if name in section.fields:
                return section.fields[name].line
            if self.head is not None and name in self.head.fields and name != "Tags":
                return self.head.fields[name].line
        return section.line

    def line_of_tag(self, entry: Entry, tag: str) -> int:
        """Line on which a tag of the entry stands."""
        for index in entry.paragraphs:
            section = self.sections_by_index.get(index)
            if section is None:
                continue
            for name in ("Tags", "SharedTags"):
                field = section.fields.get(name)
                if field is None or tag not in field.value:
                    continue
                for text, start, _ in self.items(field):
                    if text == tag:
                        return self.source.line_at(start)
        if self.head is not None and tag in self.header.shared_tags:
            return self.head.line_of("SharedTags")
        return self.line_of(entry, "Tags")

    def items(self, field: Field) -> list[tuple[str, int, int]]:
        """Items of a list field with their byte ranges."""
        raw = self.data[field.value_start : field.value_end]
        if b"\n" in raw and (b"#" in raw or b"." in raw):
            raw = blanked(raw)
        found = []
        offset = field.value_start
        for piece in raw.split(b","):
            left = len(piece) - len(piece.lstrip(b"\n\r\t "))
            text = piece.strip(b"\n\r\t ")
            start = offset + (left if text else 0)
            shown = text.decode("utf-8", "surrogateescape")
            if "\n" in shown:
                # As the reference joins continuation lines: the blank that starts the line goes.
                first, *rest = shown.split("\n")
                kept = [first, *(line[1:] for line in rest)]
                shown = "\n".join(line.rstrip(BLANKS) for line in kept).strip(LIST_BLANKS)
            found.append((shown, start, start + len(text)))
            offset += len(piece) + 1
        return found

    def add(self, problem: Finding) -> None:
        """Report a finding; not on a line that is explained already."""
        if problem.line in self.quiet and problem.severity is not Severity.NOTE:
            return  # one mistake, one finding
        count = self.counts.get(problem.rule, 0)
        self.counts[problem.rule] = count + 1
        if problem.severity is Severity.ERROR and problem.line is not None:
            self.broken.add(problem.line)
        if count < MAX_PER_KIND:
            self.found.append(problem)

    def finish(self) -> None:
        """Count what is too much, and leave out what is not so."""
        for rule, count in self.counts.items():
            if count > MAX_PER_KIND:
                last = max(place for place, each in enumerate(self.found) if each.rule == rule)
                each = self.found[last]
                more = replace(each, message=f"{each.message} (and {count - MAX_PER_KIND} more like this)")
                self._kept.append(more)
                if id(each) in self.refused:
                    self.refused.add(id(more))
                self.found[last] = more
        if not self.rejected:
            # What would be refused if a slip were fixed is not what the file says.
            self.found = [each for each in self.found if id(each) not in self.refused]
        self.found.sort(key=lambda each: each.line or 0)

    def paragraph_at(self, line: int) -> Paragraph | None:
        """The paragraph that a line that is not a field is in or touches."""
        paragraphs = self.source.paragraphs
        if self._tops is None:
            self._tops = [paragraph.start for paragraph in paragraphs]
        place = bisect_right(self._tops, self.source.starts[line - 1]) - 1
        if place < 0 or self.source.starts[line - 1] >= paragraphs[place].end:
            return None
        return paragraphs[place]

    def value(self, field: Field | None) -> str:
        """The field's value as it is meant."""
        if field is None:
            return ""
        return self.values.get(id(field), field.value)

    def nearly(self, section: Section, name: str) -> bool:
        """Whether a line of the paragraph was meant to be this field and is reported as no such."""
        problem = self.lost.get(section.paragraph.index, {}).get(name)
        if problem is None:
            return False
        if self.rejected:
            self.refused.add(id(problem))
        return True

    def list_items(self, field: Field) -> list[tuple[str, int, int]]:
        if id(field) in self.values:  # fixed: places are no longer true item by item
            return [(item, field.value_start, field.value_end) for item in split_list(self.value(field))]
        return self.items(field)

    def dropped(self, field: Field, tags: Iterable[str]) -> tuple[Bytes, ...] | None:
        """Edits that take items out of a list; None where nothing would be left."""
        wanted = set(tags)
        items = self.items(field)
        here = {place for place, (text, _, _) in enumerate(items) if text in wanted}
        if not here or len(here) == len(items):
            return None
        edits: list[Bytes] = []
        for place in sorted(here):
            _, start, end = items[place]
            if any(earlier not in here for earlier in range(place)):
                edits.append((items[place - 1][2], end, b""))
            else:
                edits.append((start, items[place + 1][1], b""))
        return tuple(edits)

    def line_of_item(self, section: Section, name: str, tag: str) -> int:
        field = section.fields.get(name)
        if field is None:
            field = self.head.fields.get(name) if self.head is not None else None
        if field is None:
            return section.line
        if field.line == field.end_line:
            return field.line
        for text, start, _ in self.items(field):
            if text == tag:
                return self.source.line_at(start)
        return field.line


def lines_of(section: Section) -> Iterable[int]:
    return (line for field in section.fields.values() for line in (field.line, field.end_line))


def tags_shown(tags: list[str]) -> str:
    """``the tag “1” stands``, ``the tags “1” and “2” stand``."""
    if len(tags) == 1:
        return f"the tag {in_message(tags[0])} stands"
    shown = ", ".join(in_message(tag) for tag in tags[:4])
    return f"the tags {shown}{f' and {len(tags) - 4} more' if len(tags) > 4 else ''} stand"


def bytes_long(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def each_match(data: bytes, pattern: bytes, text: bytes) -> tuple[Bytes, ...]:
    return tuple((match.start(), match.end(), text) for match in re.finditer(pattern, data))


def blanked(raw: bytes) -> bytes:
    """Comment lines, and lines of a lone dot, turned to blanks of the same length."""
    lines = raw.split(b"\n")
    out = [lines[0]]
    for line in lines[1:]:
        text = line.decode("utf-8", "surrogateescape")
        if text.lstrip(BLANKS)[:1] == "#" or text[1:].rstrip(BLANKS) == ".":
            out.append(b" " * len(line))
        else:
            out.append(line)
    return b"\n".join(out)
