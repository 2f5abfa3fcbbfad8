"""The reader that goes on: every mistake of a library file with its place and its mend.

Where :func:`contrib.library.parse` stops, this reports and continues as though the mend had been made (a
line that is plainly broken counts as absent), so that one mistake is one problem. What it calls a problem
stands in the catalogue of rules under the same id; the rules room only puts evidence and prose to it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable

from contrib.library.fields import ARCH_FIELD_NAMES, ARCH_SUFFIXES, ARCHITECTURES, FIELD_NAMES, SINGLE
from contrib.library.mistakes import (
    ARCHES,
    KNOWN,
    alias_of,
    commit_lacks,
    in_message,
    looks_legacy,
    maintainer_lacks,
    nearest_field,
    proper_case,
    split_maintainers,
    tag_lacks,
)
from contrib.library.model import (
    Entry,
    artifacts,
    clean_path,
    without_repeats,
)
from contrib.library.reader import (
    COMMIT,
    FETCH,
    LIST_BLANKS,
    RESERVED_NAMES,
    TAG,
    Rejected,
    is_signed,
    maintainer,
    merge,
    read,
    split_list,
)
from contrib.library.source import BLANKS, Field, Paragraph, Source

#: So many problems of one kind are told one by one; the rest is counted.
MAX_PER_KIND = 200

_HEADER_ONLY = frozenset(("Maintainers", "GitRepo", "GitFetch", "Architectures", "Builder", "Constraints"))
_BOM = b"\xef\xbb\xbf"

Bytes = tuple[int, int, bytes]


class Problem:
    """One mistake.

    :ivar id: the rule's name in the catalogue.
    :ivar severity: ``error``, ``warning`` or ``note``.
    :ivar refused: the reference rejects the file because of this.
    :ivar message: one sentence, without a full stop.
    :ivar hint: the mend in words.
    :ivar mend: ``(title, edits, safe)``: edits are ``(start, end, bytes)`` of the file as read; safe ones may
        be made unasked.
    """

    __slots__ = ("end_line", "hint", "id", "line", "mend", "message", "refused", "severity")

    def __init__(
        self,
        id_: str,
        line: int,
        message: str,
        *,
        end_line: int | None = None,
        hint: str | None = None,
        severity: str = "error",
        refused: bool = False,
        mend: tuple[str, tuple[Bytes, ...], bool] | None = None,
    ) -> None:
        self.id = id_
        self.line = line
        self.end_line = line if end_line is None else end_line
        self.message = message
        self.hint = hint
        self.severity = severity
        self.refused = refused
        self.mend = mend

    def __repr__(self) -> str:
        return f"<Problem {self.id} line {self.line}: {self.message}>"


class Section:
    """A paragraph as it is meant: names mended, a header and an entry that ran into one another parted.

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


class Survey:
    """A library file read to its end.

    :ivar problems: in file order.
    :ivar rejected: whether the reference rejects the file.
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
        self.problems: list[Problem] = []
        self.head: Section | None = None
        self.sections: list[Section] = []
        self.header = Entry()
        self.entries: tuple[Entry, ...] = ()
        self._counts: dict[str, int] = {}
        self._broken: set[int] = set()  # lines that a problem of severity error stands on
        self._values: dict[int, str] = {}  # id of a field -> its mended value
        self._quiet: set[int] = set()  # lines that are explained already
        self._lost: dict[int, dict[str, Problem]] = {}  # paragraph -> fields meant by a line that is none
        self._quiet_blank: set[int] = set()
        self._nul = b"\0" in data
        self._starts: list[int] | None = None
        self._overwritten: set[int] = set()  # paragraphs in which the Tags of another entry were lost
        try:
            read(data)
            self.rejected = False
        except Rejected:
            self.rejected = True
        self._survey()

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
            raw = _blanked(raw)
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

    # -- reporting ---------------------------------------------------------------------------------

    def _add(self, problem: Problem) -> None:
        if problem.line in self._quiet and problem.severity != "note":
            return  # one mistake, one problem
        count = self._counts.get(problem.id, 0)
        self._counts[problem.id] = count + 1
        if problem.severity == "error":
            self._broken.add(problem.line)
        if count < MAX_PER_KIND:
            self.problems.append(problem)

    def _finish(self) -> None:
        for id_, count in self._counts.items():
            if count > MAX_PER_KIND:
                last = next(problem for problem in reversed(self.problems) if problem.id == id_)
                last.message += f" (and {count - MAX_PER_KIND} more like this)"
        if not self.rejected:
            # What would be refused if a slip were mended is not what the file says.
            self.problems = [problem for problem in self.problems if not problem.refused]
        self.problems.sort(key=lambda problem: problem.line)

    # -- the pass ----------------------------------------------------------------------------------

    def _survey(self) -> None:
        self.sections_by_index: dict[int, Section] = {}
        source = self.source
        data = self.data
        if is_signed(data.decode("utf-8", "surrogateescape")):
            self._add(
                Problem(
                    "header-pgp",
                    1,
                    "the file starts like a message signed with PGP",
                    hint="library files are not signed; remove the armour",
                    refused=True,
                )
            )
            self._finish()
            return
        if data.startswith(_BOM):
            self._add(
                Problem(
                    "bom",
                    1,
                    "the file starts with a byte order mark, which becomes part of the first field's name",
                    hint="save it as UTF-8 without a byte order mark",
                    refused=self.rejected,
                    mend=("remove the byte order mark", ((0, 3, b""),), True),
                )
            )
        if not source.paragraphs:
            if source.bad:
                self._missing_colons()
            else:
                self._add(
                    Problem(
                        "empty-file",
                        1,
                        "the file has no field at all",
                        hint="a library file starts with Maintainers, GitRepo and GitCommit or an entry's own",
                        refused=True,
                    )
                )
            self._finish()
            return
        self._line_endings()
        if self._legacy():
            self._finish()
            return
        self._missing_colons()
        sections = []
        for paragraph in source.paragraphs:
            named = [
                (name, field)
                for field in paragraph.fields
                if (name := self._meant(field, paragraph)) is not None
            ]
            if paragraph.index == 0:
                sections += self._part_header(paragraph, named)
            else:
                sections.append(self._section(paragraph, named))
        sections = self._join_header(sections)
        sections = self._join_entries(sections)
        self._blank_lines()
        self._spacing()
        self.head, self.sections = sections[0], sections[1:]
        for section in sections:
            self.sections_by_index.setdefault(section.paragraph.index, section)
        self._header()
        self._entries()
        self._finish()

    def _line_endings(self) -> None:
        data = self.data
        if b"\r" in data:
            lone = data.replace(b"\r\n", b"\n").find(b"\r")
            if lone >= 0:
                offset = re.search(rb"\r(?!\n)", data)
                assert offset is not None
                line = self.source.line_at(offset.start())
                self._add(
                    Problem(
                        "crlf",
                        line,
                        "a carriage return stands alone, and ends no line for the reference",
                        hint="end lines with LF",
                        mend=("end lines with LF", _each(data, rb"\r\n?", b"\n"), True),
                    )
                )
            else:
                line = self.source.line_at(data.find(b"\r\n"))
                self._add(
                    Problem(
                        "crlf",
                        line,
                        f"{data.count(bytes((13, 10)))} lines end in CR LF",
                        hint="end lines with LF",
                        severity="warning",
                        mend=("end lines with LF", _each(data, rb"\r\n", b"\n"), True),
                    )
                )
        if data and not data.endswith(b"\n"):
            end = len(data)
            self._add(
                Problem(
                    "missing-final-newline",
                    len(self.source.lines),
                    "the last line has no newline",
                    severity="note",
                    mend=("end the last line", ((end, end, b"\n"),), True),
                )
            )

    def _missing_colons(self) -> None:
        source = self.source
        for line in source.bad:
            text = source.lines[line - 1].strip(BLANKS)
            before = source.lines[line - 2].strip(BLANKS) if line > 1 else ""
            start = source.starts[line - 1]
            word, _, rest = text.partition(" ")
            meant = word if word in KNOWN else proper_case(word) or nearest_field(word)
            if meant is not None and rest:
                hint = title = f"write {meant}: and the value"
                end = start + _bytes_long(word)
                edit = (start, end, f"{meant}:".encode("utf-8", "surrogateescape"))
            elif before.endswith(",") or text.endswith(","):
                hint, title = "indent the line if it belongs to the list above", "indent the line"
                edit = (start, start, b" ")
            else:
                hint, title = "start the line with # if it is a comment", "make it a comment"
                edit = (start, start, b"# ")
            problem = Problem(
                "missing-colon",
                line,
                f"the line {in_message(text)} has no colon, so it is no field",
                hint=hint,
                refused=True,
                mend=(title, (edit,), False),
            )
            self._add(problem)
            if meant is not None:
                paragraph = self._paragraph_at(line)
                if paragraph is not None:
                    self._lost.setdefault(paragraph.index, {})[meant] = problem

    def _paragraph_at(self, line: int) -> Paragraph | None:
        """The paragraph that a line which is no field stands in or touches."""
        paragraphs = self.source.paragraphs
        if self._starts is None:
            self._starts = [paragraph.start for paragraph in paragraphs]
        place = bisect_right(self._starts, self.source.starts[line - 1]) - 1
        if place < 0 or self.source.starts[line - 1] >= paragraphs[place].end:
            return None
        return paragraphs[place]

    # -- names -------------------------------------------------------------------------------------

    def _section(self, paragraph: Paragraph, named: list[tuple[str, Field]]) -> Section:
        fields: dict[str, Field] = {}
        seen: dict[str, Field] = {}
        repeated: list[tuple[Field, Field]] = []
        for name, field in named:
            if name in seen:
                repeated.append((seen[name], field))
            seen[name] = field
            fields[name] = field
            self._value(field, name)
        if repeated:
            self._repeated(repeated)
        return Section(paragraph, fields, named[0][1].line if named else paragraph.line)

    def _meant(self, field: Field, paragraph: Paragraph) -> str | None:
        name = field.name
        if field.start == 0 and name[:1] == "\ufeff":
            name = name[1:]
        if name in KNOWN or any(name.endswith(f"-{suffix}") for suffix in ARCH_FIELD_NAMES):
            return name
        if name in RESERVED_NAMES:
            self._add(
                Problem(
                    "unknown-field",
                    field.line,
                    f"the field {name} makes bashbrew fail: it has a member of that name",
                    hint=f"remove {name}",
                    refused=True,
                )
            )
            return None
        word, blank, _ = name.partition(" ")
        if blank and word in KNOWN:
            problem = Problem(
                "misspelled-field",
                field.line,
                f"there is no colon after {word}, so the line is a field named {in_message(name)}, which is ignored",
                hint=f"write {word}: and the value",
                mend=(
                    f"put the colon after {word}",
                    ((field.start + len(word), field.start + len(word), b":"),),
                    False,
                ),
            )
            self._add(problem)
            self._lost.setdefault(paragraph.index, {})[word] = problem
            return None
        known = proper_case(name)
        if known is not None:
            if known not in paragraph._last:
                self._name_problem(field, "field-wrong-case", known, safe=True)
                return known
            self._name_problem(field, "field-wrong-case", known, safe=False)
            return None
        # A file with thousands of unknown names is none with a slip of the pen in each.
        near = nearest_field(name) if self._counts.get("unknown-field", 0) < 2 * MAX_PER_KIND else None
        if near is not None and not looks_legacy(field):
            self._name_problem(field, "misspelled-field", near, safe=False)
            return None if near in paragraph._last else near
        if not looks_legacy(field):
            self._add(
                Problem(
                    "unknown-field",
                    field.line,
                    f"the field {in_message(name)} is not known, and is ignored",
                    end_line=field.end_line,
                    severity="warning",
                    hint=(
                        "start the line with # if it is a comment"
                        if name in ("http", "https") or not name.isascii() or " " in name
                        else "the fields are " + ", ".join(FIELD_NAMES)
                    ),
                )
            )
        return None

    def _name_problem(self, field: Field, id_: str, known: str, *, safe: bool) -> None:
        what = "is written with other capitals" if id_ == "field-wrong-case" else "looks like a misspelling"
        paragraph = self._paragraph_at(field.line)
        start = field.start + (3 if field.start == 0 and self.data.startswith(_BOM) else 0)
        lead = self.data[start : field.name_end]
        start += len(lead) - len(lead.lstrip())
        problem = Problem(
            id_,
            field.line,
            f"the field {in_message(field.name)} {what} of {known}, and is ignored",
            end_line=field.end_line,
            hint=f"write {known}",
            mend=(
                f"write {known}",
                ((start, field.name_end, known.encode("utf-8", "surrogateescape")),),
                safe,
            ),
        )
        self._add(problem)
        self._quiet.add(field.line)
        if paragraph is not None:
            self._lost.setdefault(paragraph.index, {})[known] = problem

    def _value(self, field: Field, name: str) -> None:
        value = field.value
        head, colon, rest = value.partition(":")
        if colon and head.strip(BLANKS) in KNOWN and not rest.startswith("//"):
            kept = rest.strip(BLANKS)
            start = field.value_start + _bytes_long(value[: len(value) - len(rest.lstrip(BLANKS))])
            self._add(
                Problem(
                    "gitrepo-doubled-field",
                    field.line,
                    f"the value of {name} starts with a field's name ({head.strip(BLANKS)}:)",
                    hint=f"write {name}: {kept}" if "\n" not in kept else "take the name out",
                    mend=("take the second name out", ((field.value_start, start, b""),), True),
                )
            )
            self._values[id(field)] = kept
            self._quiet.add(field.line)
        elif "\n" in value:
            self._continued(field, name)

    def _continued(self, field: Field, name: str) -> None:
        """Continuation lines: fine for a list, unless one of them was meant as a field of its own."""
        lines = self.source.lines
        for number in range(field.line + 1, field.end_line + 1):
            text = lines[number - 1].strip(BLANKS)
            word, colon, _ = text.partition(":")
            if not colon or not (word in KNOWN or (word.endswith(ARCH_SUFFIXES) and " " not in word)):
                continue
            start = self.source.starts[number - 1]
            lead = len(lines[number - 1]) - len(lines[number - 1].lstrip(BLANKS))
            ids = {
                "Maintainers": "maintainers-bad-format",
                "Tags": "invalid-tag",
                "SharedTags": "invalid-tag",
                "Architectures": "invalid-architecture",
            }
            problem = Problem(
                ids.get(name, "multiline-value"),
                number,
                f"the line is indented, so {in_message(word + ':')} continues {name} instead of being a field",
                hint="start the line with the field's name",
                refused=name in ids or (name in ("GitCommit", "GitFetch") and self.rejected),
                mend=("remove the blanks before it", ((start, start + lead, b""),), False),
            )
            self._add(problem)
            paragraph = self._paragraph_at(number)
            if paragraph is not None:
                self._lost.setdefault(paragraph.index, {})[word] = problem
            kept = [field.value.split("\n")[0]]
            kept += [lines[n - 1].strip(BLANKS) for n in range(field.line + 1, number)]
            self._values[id(field)] = "\n".join(kept).strip(LIST_BLANKS)
            return
        if name not in SINGLE and "-" not in name:
            return
        value = field.value.strip(LIST_BLANKS)
        self._values[id(field)] = " ".join(value.split())
        blank = next(
            (n for n in range(field.line + 1, field.end_line + 1) if not lines[n - 1].strip(BLANKS)), None
        )
        if "\n" not in value and blank is not None:
            return  # a line of blanks is another mistake
        self._add(
            Problem(
                "multiline-value",
                field.line,
                f"{name} goes on over several lines, and keeps their newlines",
                end_line=field.end_line,
                hint="write the value on one line",
                refused=name in ("GitCommit", "GitFetch") and self.rejected,
            )
        )
        self._quiet.add(field.line)

    def value(self, field: Field | None) -> str:
        """The field's value as it is meant."""
        if field is None:
            return ""
        return self._values.get(id(field), field.value)

    def _repeated(self, repeated: list[tuple[Field, Field]]) -> None:
        lost = any(second.name == "Tags" for _, second in repeated) or len(repeated) > 1
        if lost:
            paragraph = self._paragraph_at(repeated[0][1].line)
            if paragraph is not None:
                self._overwritten.add(paragraph.index)
            tags = next((second for _, second in repeated if second.name == "Tags"), repeated[0][1])
            first = next((first for first, second in repeated if second is tags), repeated[0][0])
            others = sorted({second.name for _, second in repeated} - {tags.name})
            also = f" (and {', '.join(others)})" if others else ""
            self._add(
                Problem(
                    "duplicate-field",
                    tags.line,
                    f"{tags.name}{also} stands twice in one entry, first on line {first.line}: "
                    "the last one counts, what the first said is lost",
                    hint="put a blank line between the two entries",
                    mend=("put a blank line between the entries", ((tags.start, tags.start, b"\n"),), False),
                )
            )
            return
        for first, second in repeated:
            same = first.value == second.value
            what = "with the same value" if same else "and only the last one counts"
            self._add(
                Problem(
                    "duplicate-field",
                    second.line,
                    f"{second.name} stands twice in one paragraph, first on line {first.line}, {what}",
                    hint="remove one of them",
                    mend=(
                        f"remove the {'second' if same else 'first'} {second.name}",
                        ((second.start, second.end, b"") if same else (first.start, first.end, b""),),
                        same,
                    ),
                )
            )

    # -- paragraphs --------------------------------------------------------------------------------

    def _legacy(self) -> bool:
        """Lines of the form before 2016; whether the file has no other."""
        fields = [field for paragraph in self.source.paragraphs for field in paragraph.fields]
        lines = [field.line for field in fields if looks_legacy(field)]
        if not lines:
            return False
        alone = not any(field.name in KNOWN for field in fields)
        problem = Problem(
            "legacy-format",
            lines[0],
            "the line has the form that official-images gave up in 2016 (tag: repository@commit directory)",
            end_line=lines[-1] if alone else lines[0],
            hint="write a header with Maintainers and GitRepo, and an entry with Tags, GitCommit and Directory "
            "for each line",
            refused=self.rejected,
            mend=self._modern() if alone else None,
        )
        self._add(problem)
        return alone

    def _modern(self) -> tuple[str, tuple[Bytes, ...], bool] | None:
        """Offer a file of the old form in the present one."""
        people = []
        for line in self.source.lines:
            word, colon, rest = line.lstrip(BLANKS + "#").partition(":")
            if line.lstrip(BLANKS)[:1] == "#" and colon and word.strip().lower().startswith("maintainer"):
                people.append(rest.strip(BLANKS))
        if not people or any(maintainer(person) is None for person in people):
            return None
        entries: dict[tuple[str, str, str], list[str]] = {}
        for paragraph in self.source.paragraphs:
            for field in paragraph.fields:
                match = _LEGACY_ENTRY.fullmatch(field.value)
                if match is None or not COMMIT.fullmatch(match["commit"]):
                    return None
                key = (match["repository"], match["commit"], match["directory"] or "")
                entries.setdefault(key, []).append(field.name)
        lines = ["Maintainers: " + ",\n             ".join(people)]
        repositories = {repository for repository, _, _ in entries}
        if len(repositories) == 1:
            lines.append(f"GitRepo: {next(iter(repositories)).replace('git://', 'https://')}.git")
        for (repository, commit, directory), tags in entries.items():
            lines += ["", f"Tags: {', '.join(tags)}"]
            if len(repositories) > 1:
                lines.append(f"GitRepo: {repository.replace('git://', 'https://')}.git")
            lines.append(f"GitCommit: {commit}")
            if directory:
                lines.append(f"Directory: {directory}")
        text = ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")
        return "write it in the present form", ((0, len(self.data), text),), False

    def _part_header(self, paragraph: Paragraph, named: list[tuple[str, Field]]) -> list[Section]:
        """The header; and, where an entry ran into it, that entry."""
        # Tags in other capitals are ignored here; meant as Tags, they would part a header that is whole.
        named = [(name, field) for name, field in named if name != "Tags" or field.name == "Tags"]
        place = next((place for place, (name, _) in enumerate(named) if name == "Tags"), None)
        if place is None:
            return [self._section(paragraph, named)]
        tags = named[place][1]
        if all(name != "Maintainers" for name, _ in named[:place]):
            self._add(
                Problem(
                    "tags-in-header",
                    tags.line,
                    "the header has Tags; the first paragraph is the header, with Maintainers and what all "
                    "entries share",
                    hint="put a header with Maintainers before it",
                    refused=True,
                )
            )
            return [self._section(paragraph, [each for each in named if each[0] != "Tags"])]
        # Is there a line of blanks that was meant to be empty?
        line = tags.line - 1
        while line > 1 and self.source.lines[line - 1].lstrip(BLANKS)[:1] == "#":
            line -= 1
        text = self.source.lines[line - 1]
        blank = bool(text) and not text.strip(BLANKS)
        if blank:
            start = self.source.starts[line - 1]
            end = start + _bytes_long(text.rstrip("\r"))
            mend = ("empty the line", ((start, end, b""),), True)
            self._quiet_blank.add(line)
        else:
            # Comments that touch the entry stay with it.
            start = self.source.starts[line]
            mend = ("put a blank line before the entry", ((start, start, b"\n"),), True)
        self._add(
            Problem(
                "missing-blank-line",
                tags.line,
                "there is no blank line between the header and the first entry"
                + (f" (line {line} has blanks in it)" if blank else ""),
                hint=f"put a blank line before line {tags.line}" if not blank else f"empty line {line}",
                refused=True,
                mend=mend,
            )
        )
        return [self._section(paragraph, named[:place]), self._section(paragraph, named[place:])]

    def _join_header(self, sections: list[Section]) -> list[Section]:
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
        while blank > 1 and self.source.lines[blank - 1].strip("\r"):
            blank -= 1
        start = self.source.starts[blank - 1]
        end = self.source.starts[blank]
        to_entry = bool(prefixed) and not plain
        if to_entry:
            after = second.paragraph.end_line
            start, end = self.source.starts[after], self.source.starts[min(after + 1, len(self.source.lines))]
            where = "of the entry that follows"
        else:
            while blank > 1 and not self.source.lines[blank - 2].strip("\r"):
                blank -= 1
                start = self.source.starts[blank - 1]
            where = "of the header"
        self._add(
            Problem(
                "blank-line-in-header",
                first_line,
                f"a paragraph without Tags: a blank line cuts it off from the fields {where}",
                end_line=second.paragraph.end_line,
                hint="remove the blank line",
                refused=True,
                mend=("remove the blank line", ((start, end, b""),), False),
            )
        )
        if to_entry:
            third = sections[2]
            joined = Section(third.paragraph, {**second.fields, **third.fields}, second.line)
            return [sections[0], joined, *sections[3:]]
        head = Section(sections[0].paragraph, {**sections[0].fields, **second.fields}, sections[0].line)
        return [head, *sections[2:]]

    def _join_entries(self, sections: list[Section]) -> list[Section]:
        """An entry with a blank line inside is joined, where what follows says nothing twice."""
        joined = sections[:1]
        for section in sections[1:]:
            before = joined[-1]
            lost = self._lost.get(section.paragraph.index, {})
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
            end = self.source.starts[section.paragraph.line - 1]
            start = self.source.starts[before.paragraph.end_line]
            self._add(
                Problem(
                    "missing-tags",
                    section.line,
                    "a blank line cuts these fields off from the entry above, so they are an entry without Tags",
                    end_line=section.paragraph.end_line,
                    hint="remove the blank line",
                    refused=True,
                    mend=("remove the blank line", ((start, end, b""),), False)
                    if not self.data[start:end].strip()
                    else None,
                )
            )
            joined[-1] = Section(before.paragraph, {**before.fields, **section.fields}, before.line)
            self._lost.setdefault(before.paragraph.index, {}).update(lost)
        return joined

    def _blank_lines(self) -> None:
        """Lines of blanks: they continue a field, where an empty line would end the paragraph."""
        source = self.source
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
            if number in self._quiet_blank:
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
                self._add(
                    Problem(
                        "whitespace-only-line",
                        number,
                        "the line has blanks in it, so it does not end the entry, and what the entry before it "
                        f"says is overwritten by the {following.name} that follows",
                        hint="empty the line",
                        mend=("empty the line", ((start, start + _bytes_long(text), b""),), True),
                    )
                )
                # What stands twice because of it is explained.
                self.problems = [
                    p
                    for p in self.problems
                    if not (p.id == "duplicate-field" and current is not None and p.line >= number
                            and p.line <= current.end_line)
                ]  # fmt: skip
                self._broken.add(following.line)
            elif (
                above is not None
                and above.end_line >= number
                and (above.name in SINGLE or above.name.endswith(ARCH_SUFFIXES))
            ):
                self._add(
                    Problem(
                        "whitespace-only-line",
                        number,
                        f"the line has blanks in it, so it continues {above.name}, which gets a newline that way and is wrong",
                        hint="remove the line",
                        refused=above.name == "GitCommit" and self.rejected,
                        mend=("remove the line", ((start, end, b""),), True),
                    )
                )
                self._quiet.add(above.line)
            else:
                self._add(
                    Problem(
                        "whitespace-only-line",
                        number,
                        "the line has blanks in it, so it continues the field above instead of ending a paragraph",
                        hint="remove the line",
                        severity="warning",
                        mend=("remove the line", ((start, end, b""),), True),
                    )
                )

    def _spacing(self) -> None:
        source = self.source
        data = self.data
        for paragraph in source.paragraphs:
            for field in paragraph.fields:
                if field.name not in KNOWN and "-" not in field.name:
                    continue
                if field.colon > field.name_end:
                    self._add(
                        Problem(
                            "space-before-colon",
                            field.line,
                            f"there is a blank between {field.name} and its colon",
                            severity="note",
                            mend=("remove the blank", ((field.name_end, field.colon, b""),), True),
                        )
                    )
                after = field.colon + 1
                if field.value_start == after and field.value_end > after:
                    self._add(
                        Problem(
                            "no-space-after-colon",
                            field.line,
                            f"there is no blank after {field.name}:",
                            severity="note",
                            mend=("put a blank after the colon", ((after, after, b" "),), True),
                        )
                    )
        for number, line in enumerate(source.lines, 1):
            text = line.rstrip("\r")
            kept = text.rstrip(" \t")
            if kept and len(kept) < len(text):
                start = source.starts[number - 1] + _bytes_long(kept)
                end = source.starts[number - 1] + _bytes_long(text)
                assert data[start:end].strip(b" \t") == b""
                self._add(
                    Problem(
                        "trailing-space",
                        number,
                        "the line ends in blanks",
                        severity="note",
                        mend=("remove the blanks", ((start, end, b""),), True),
                    )
                )

    # -- values ------------------------------------------------------------------------------------

    def _header(self) -> None:
        head = self.head
        assert head is not None
        self.header = self._over(head, Entry(), 0)
        if self.data.startswith(_BOM):
            return
        if head.fields.get("Maintainers") is None or head.fields["Maintainers"].name != "Maintainers":
            if self._nearly(head, "Maintainers"):
                return
            comment = next(
                (
                    number
                    for number, line in enumerate(self.source.lines, 1)
                    if line.lstrip(BLANKS)[:1] == "#"
                    and line.lstrip(BLANKS + "#").lower().startswith("maintainer")
                ),
                None,
            )
            if comment is not None:
                self._add(
                    Problem(
                        "legacy-format",
                        comment,
                        "the maintainers stand in a comment, as they did until 2016",
                        hint="write Maintainers: Full Name <address> (@github-handle)",
                        refused=True,
                    )
                )
            else:
                self._add(
                    Problem(
                        "missing-maintainers",
                        head.line,
                        "the header has no Maintainers",
                        hint="write Maintainers: Full Name <address> (@github-handle) in the first paragraph",
                        refused=True,
                    )
                )

    def _entries(self) -> None:
        own: dict[str, Section] = {}
        shared: dict[str, Section] = {}
        merged: list[Entry] = []
        known: dict[tuple[object, ...], Entry] = {}
        said: set[tuple[str, int]] = set()
        parts: dict[int, list[Entry]] = {}
        for section in self.sections:
            broken_before = len(self._broken)
            lines = range(section.line, section.paragraph.end_line + 1)
            was_broken = any(line in self._broken for line in _lines_of(section))
            entry = self._over(section, self.header, section.paragraph.index)
            entry.directory = clean_path(entry.directory)
            self._one_entry(section, entry, said)
            self._tags(section, entry, own, shared)
            broken = was_broken or len(self._broken) > broken_before
            if broken or not entry.tags:
                continue
            section.entry = entry
            key = artifacts(entry)
            first = known.get(key)
            if first is None:
                copy = entry.replaced()
                known[key] = copy
                merged.append(copy)
                continue
            first_section = self.sections_by_index[first.paragraphs[0]]
            parts.setdefault(id(first), [first]).append(entry)
            self._add(
                Problem(
                    "entries-merged",
                    section.line_of("Tags"),
                    f"the entry {in_message(entry.tags[0])} builds the same as {in_message(first.tags[0])} on line "
                    f"{first_section.line_of('Tags')}, so bashbrew makes one entry of the two",
                    end_line=lines.stop - 1,
                    severity="note",
                    hint="write their tags into one entry, or correct what should differ",
                    mend=self._joined(first_section, section, entry),
                )
            )
        for each in parts.values():
            merge(each)
        self.entries = tuple(merged)

    def _joined(
        self, first: Section, second: Section, entry: Entry
    ) -> tuple[str, tuple[Bytes, ...], bool] | None:
        """Offer to write two entries that build the same as one."""
        field = first.fields.get("Tags")
        shared = [tag for tag in entry.shared_tags if tag not in self.header.shared_tags]
        if field is None or id(field) in self._values or first.paragraph is second.paragraph:
            return None
        edits = [(field.value_end, field.value_end, ("".join(f", {tag}" for tag in entry.tags)).encode())]
        other = first.fields.get("SharedTags")
        if shared and other is not None:
            new = [tag for tag in shared if tag not in {text for text, _, _ in self.items(other)}]
            edits.append((other.value_end, other.value_end, "".join(f", {tag}" for tag in new).encode()))
        elif shared:
            edits.append((field.end, field.end, f"SharedTags: {', '.join(shared)}\n".encode()))
        paragraph = second.paragraph
        end = paragraph.end
        line = paragraph.end_line + 1
        if line <= len(self.source.lines) and not self.source.lines[line - 1].strip("\r"):
            end = self.source.starts[line]
        edits.append((paragraph.start, end, b""))
        return "write them as one entry", tuple(edits), False

    def _over(self, section: Section, base: Entry, index: int) -> Entry:
        """As the reader's, from mended values, reporting instead of stopping."""
        fields = section.fields
        maintainers = base.maintainers
        if "Maintainers" in fields:
            maintainers += self._maintainers(fields["Maintainers"])
            if index or section is not self.head:
                self._add(
                    Problem(
                        "entry-maintainers",
                        fields["Maintainers"].line,
                        "an entry has Maintainers of its own; they are added to the header's, and lost where "
                        "entries are merged",
                        severity="warning",
                        hint="name all maintainers in the header",
                    )
                )
        tags = base.tags
        if "Tags" in fields:
            tags = self._tag_list(fields["Tags"])
        shared = base.shared_tags
        if "SharedTags" in fields:
            shared = without_repeats(self._tag_list(fields["SharedTags"]))
        architectures = base.architectures
        if "Architectures" in fields:
            architectures = self._architectures(fields["Architectures"]) or base.architectures
        constraints = base.constraints
        if "Constraints" in fields:
            constraints += self._constraints(fields["Constraints"])
        specific = dict(base.arch_fields)
        for name, field in fields.items():
            if "-" in name:
                value = self.value(field)
                if name.endswith("-Directory") and value and section is not self.head:
                    value = clean_path(value)
                specific[name] = value
                self._arch_field(name, field, base)
        return Entry(
            maintainers=maintainers,
            tags=tags,
            shared_tags=shared,
            architectures=architectures,
            git_repo=self._single(fields, "GitRepo", base.git_repo),
            git_fetch=self._single(fields, "GitFetch", base.git_fetch),
            git_commit=self._single(fields, "GitCommit", base.git_commit),
            directory=self._single(fields, "Directory", base.directory),
            file=self._single(fields, "File", base.file),
            builder=self._single(fields, "Builder", base.builder),
            arch_fields=specific,
            constraints=constraints,
            paragraphs=(index,),
        )

    def _single(self, fields: dict[str, Field], name: str, inherited: str) -> str:
        return self.value(fields[name]) if name in fields else inherited

    def _list(self, field: Field) -> list[tuple[str, int, int]]:
        if id(field) in self._values:  # mended: places are no longer true item by item
            return [(item, field.value_start, field.value_end) for item in split_list(self.value(field))]
        return self.items(field)

    def _maintainers(self, field: Field) -> tuple[str, ...]:
        items = self._list(field)
        found = []
        for place, (text, start, end) in enumerate(items):
            printed = maintainer(text)
            if printed is not None:
                found.append(printed)
                continue
            line = self.source.line_at(start)
            if not text:
                last = place == len(items) - 1 and place > 0
                self._empty_item(field, items, place, "maintainers-trailing-comma" if last else None)
                continue
            split = split_maintainers(text)
            if split is not None:
                found += [each for each, _ in split]
                edits = tuple((start + _bytes_long(text[:offset]),) * 2 + (b",",) for _, offset in split[:-1])
                mendable = id(field) not in self._values and "\n" not in text
                raw = self.data[start:end]
                if "\n" in text:
                    edits = tuple(
                        (start + match.end(), start + match.end(), b",")
                        for match in re.finditer(rb"\(@[^\s<>()]+\)(?=\s+[^\s])", raw)
                    )
                    mendable = len(edits) == len(split) - 1
                self._add(
                    Problem(
                        "maintainers-missing-comma",
                        line,
                        f"a comma is missing between {in_message(split[0][0])} and {in_message(split[1][0])}",
                        end_line=self.source.line_at(max(end - 1, start)),
                        hint="put a comma after each maintainer but the last",
                        refused=True,
                        mend=("put commas between the maintainers", edits, True) if mendable else None,
                    )
                )
                continue
            self._add(
                Problem(
                    "maintainers-bad-format",
                    line,
                    f"the maintainer {in_message(text)} {maintainer_lacks(text)}",
                    end_line=self.source.line_at(max(end - 1, start)),
                    hint="write Full Name <contact-address-or-url> (@github-handle) or Full Name (@github-handle)",
                    refused=True,
                )
            )
        return tuple(found)

    def _weaker(self, field: Field) -> bool:
        """Whether the reference looks at the field only through entries that inherit it."""
        return self.head is not None and self.head.fields.get("SharedTags") is field

    def _empty_item(
        self, field: Field, items: list[tuple[str, int, int]], place: int, id_: str | None
    ) -> None:
        """An empty item of a list: which comma to remove."""
        names = {
            "Maintainers": "maintainers-bad-format",
            "Architectures": "invalid-architecture",
            "Constraints": "constraint-empty-item",
        }
        known = proper_case(field.name) or nearest_field(field.name) or field.name
        id_ = id_ or names.get(known, "tag-empty-item")
        line = self.source.line_at(max(items[place][1] - 1, field.start))
        mend: tuple[str, tuple[Bytes, ...], bool] | None = None
        if len(items) > 1 and id(field) not in self._values:
            if place:
                # from the end of the item before it to the end of this one
                edit = (items[place - 1][2], items[place][1], b"")
                if place < len(items) - 1:
                    edit = (items[place - 1][2], self.data.index(b",", items[place][1]), b"")
            else:
                edit = (field.value_start, items[1][1], b"")
            mend = ("remove the comma", (edit,), True)
        what = "has nothing in it" if len(items) == 1 else "has a comma with nothing after it"
        if 0 < place < len(items) - 1 or (place == 0 and len(items) > 1):
            what = "has an empty item"
        self._add(
            Problem(
                id_,
                line,
                f"{known} {what}",
                hint="remove the comma" if len(items) > 1 else f"remove the empty {known}",
                refused=id_ != "constraint-empty-item" and (self.rejected or not self._weaker(field)),
                mend=mend,
            )
        )

    def _tag_list(self, field: Field) -> tuple[str, ...]:
        items = self._list(field)
        found = []
        for place, (text, start, end) in enumerate(items):
            if TAG.fullmatch(text):
                found.append(text)
                continue
            line = self.source.line_at(start)
            if not text:
                self._empty_item(field, items, place, None)
                continue
            words = text.split()
            if len(words) > 1 and all(TAG.fullmatch(word) for word in words):
                found += words
                raw = self.data[start:end]
                edits = tuple(
                    (start + match.start(), start + match.end(), b", ")
                    for match in re.finditer(rb"[ \t]+", raw)
                )
                if b"\n" in raw:
                    edits = tuple(
                        (start + match.start(), start + match.start(), b",")
                        for match in re.finditer(rb"(?<=[^\s])[ \t\r\n]+(?=[^\s])", raw)
                    )
                self._add(
                    Problem(
                        "tag-missing-comma",
                        line,
                        f"a comma is missing between the tags {in_message(words[0])} and {in_message(words[1])}",
                        end_line=self.source.line_at(max(end - 1, start)),
                        hint="put a comma between them",
                        refused=self.rejected or not self._weaker(field),
                        mend=("put commas between the tags", edits, True)
                        if id(field) not in self._values
                        else None,
                    )
                )
            elif len(text) > 128 and re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", text):
                self._add(
                    Problem(
                        "tag-too-long",
                        line,
                        f"the tag {in_message(text)} has {len(text)} characters; 128 is the most",
                        refused=self.rejected or not self._weaker(field),
                        hint="shorten it",
                    )
                )
            else:
                self._add(
                    Problem(
                        "invalid-tag",
                        line,
                        f"{in_message(text)} is no valid tag: {tag_lacks(text)}",
                        refused=self.rejected or not self._weaker(field),
                        hint="tags have letters, digits, '_', '.' and '-', and start with none of the last two",
                    )
                )
        return tuple(found)

    def _architectures(self, field: Field) -> tuple[str, ...]:
        items = self._list(field)
        found = []
        for place, (text, start, end) in enumerate(items):
            if text in ARCHES:
                found.append(text)
                continue
            line = self.source.line_at(start)
            if not text:
                self._empty_item(field, items, place, None)
                continue
            words = text.split()
            near = alias_of(text)
            mend: tuple[str, tuple[Bytes, ...], bool] | None = None
            hint = "the architectures are " + ", ".join(ARCHITECTURES)
            if len(words) > 1 and all(word in ARCHES for word in words):
                hint = "put a comma between them"
                if b"\n" not in self.data[start:end]:
                    mend = ("put commas between them", ((start, end, ", ".join(words).encode()),), False)
                found += words
            elif near is not None:
                hint = f"did you mean {near}?"
                mend = (f"write {near}", ((start, end, near.encode()),), False)
                found.append(near)
            self._add(
                Problem(
                    "invalid-architecture",
                    line,
                    f"{in_message(text)} is no architecture that bashbrew knows",
                    hint=hint,
                    refused=True,
                    mend=None if id(field) in self._values else mend,
                )
            )
        return tuple(sorted(set(found)))

    def _constraints(self, field: Field) -> tuple[str, ...]:
        items = self._list(field)
        if not any(text in ("", "!") for text, _, _ in items):
            return tuple(text for text, _, _ in items)
        for place, (text, _, _) in enumerate(items):
            if not text:
                if len(items) == 1:
                    self._add(
                        Problem(
                            "constraint-empty-item",
                            field.line,
                            "Constraints has nothing in it, which crashes bashbrew when it applies constraints",
                            hint="remove the empty Constraints",
                            mend=("remove the line", ((field.start, field.end, b""),), True),
                        )
                    )
                else:
                    self._empty_item(field, items, place, None)
        return tuple(text for text, _, _ in items if text)

    def _arch_field(self, name: str, field: Field, base: Entry) -> None:
        prefix, _, suffix = name.rpartition("-")
        value = self.value(field)
        if prefix not in ARCHES:
            near = alias_of(prefix) if self._counts.get("arch-field-unknown-arch", 0) < MAX_PER_KIND else None
            hint = (
                f"did you mean {near}-{suffix}?"
                if near
                else "the architectures are " + ", ".join(ARCHITECTURES)
            )
            self._add(
                Problem(
                    "arch-field-unknown-arch",
                    field.line,
                    f"{in_message(prefix)} of the field {in_message(name)} is no architecture, so the field has no effect",
                    hint=hint,
                    mend=(
                        f"write {near}-{suffix}",
                        (
                            (
                                field.start,
                                field.name_end,
                                f"{near}-{suffix}".encode("utf-8", "surrogateescape"),
                            ),
                        ),
                        False,
                    )
                    if near
                    else None,
                )
            )
        if not value:
            if base.arch_fields.get(name):
                self._add(
                    Problem(
                        "arch-field-cleared",
                        field.line,
                        f"the empty {name} cancels the header's; bashbrew cat does not print it, and what it prints "
                        "means something else",
                        severity="note",
                        hint="set the field in each entry that has it instead of in the header",
                    )
                )
            return
        lacks = None
        if suffix == "GitCommit" and not COMMIT.fullmatch(value):
            lacks = commit_lacks(value)
        elif suffix == "GitFetch" and not FETCH.fullmatch(value):
            lacks = "must be refs/heads/… or refs/tags/…"
        if lacks:
            self._add(
                Problem(
                    "arch-field-invalid",
                    field.line,
                    f"{name} {in_message(value)} {lacks} (bashbrew looks at it only when it builds)",
                    hint="write the full commit"
                    if suffix == "GitCommit"
                    else "write the full name of the ref",
                )
            )

    def _one_entry(self, section: Section, entry: Entry, said: set[tuple[str, int]]) -> None:
        head = self.head
        assert head is not None

        def place(name: str) -> Field | None:
            return section.fields.get(name) or head.fields.get(name)

        def once(problem: Problem) -> None:
            # What is inherited is wrong once, at the header.
            if (problem.id, problem.line) not in said:
                said.add((problem.id, problem.line))
                self._add(problem)

        field = place("GitFetch")
        if not FETCH.fullmatch(entry.git_fetch) and field is not None:
            bare = re.fullmatch(r"[^\s*?:]+", entry.git_fetch) is not None
            full = (
                entry.git_fetch
                if entry.git_fetch.startswith("refs/")
                else f"refs/heads/{entry.git_fetch.removeprefix('heads/').removeprefix('origin/')}"
            )
            mend: tuple[str, tuple[Bytes, ...], bool] | None = None
            if bare and not entry.git_fetch.startswith("refs/"):
                mend = (
                    f"write {full}",
                    ((field.value_start, field.value_end, full.encode("utf-8", "surrogateescape")),),
                    False,
                )
            once(
                Problem(
                    "invalid-gitfetch",
                    field.line,
                    f"GitFetch {in_message(entry.git_fetch)} is not refs/heads/… or refs/tags/…"
                    if entry.git_fetch
                    else "GitFetch is empty",
                    hint=f"write {full}" if mend else "write refs/heads/BRANCH or refs/tags/TAG",
                    refused=True,
                    mend=mend,
                )
            )
        field = place("GitCommit")
        if not entry.git_commit:
            self._no_commit(section, entry)
        elif not COMMIT.fullmatch(entry.git_commit) and field is not None:
            once(self._bad_commit(field, entry.git_commit))
        for name in ("GitCommit", "GitRepo"):
            field = place(name)
            if field is not None and field.name != name:  # only its mend makes it count
                self._nearly(section if name in section.fields else head, name)
        if not entry.git_repo and not any(self._nearly(s, "GitRepo") for s in (section, head)):
            if ("missing-gitrepo", 0) in said:
                return
            said.add(("missing-gitrepo", 0))  # in the header, most likely: once
            once(
                Problem(
                    "missing-gitrepo",
                    place("GitRepo").line if place("GitRepo") else section.line,  # type: ignore[union-attr]
                    "there is no GitRepo, neither in the entry nor in the header",
                    hint="write GitRepo: https://…",
                    refused=True,
                )
            )
        if "Tags" in section.fields and section.fields["Tags"].name != "Tags":
            self._nearly(section, "Tags")
        if "Tags" not in section.fields and not self._nearly(section, "Tags"):
            self._add(
                Problem(
                    "missing-tags",
                    section.line,
                    "the entry has no Tags",
                    end_line=section.paragraph.end_line,
                    hint="name the tags, or join the lines to the paragraph that they belong to",
                    refused=True,
                )
            )
        for name, value in (("Directory", entry.directory), *entry.arch_fields.items()):
            if (name == "Directory" or name.endswith("-Directory")) and (
                value.startswith("/") or value == ".." or value.startswith("../")
            ):
                field = place(name)
                once(
                    Problem(
                        "directory-outside",
                        field.line if field else section.line,
                        f"{name} {in_message(value)} lies outside of the repository",
                        hint="name a directory relative to the root of GitRepo",
                    )
                )
        if self._nul and any("\0" in str(value) for value in entry.as_json().values()):
            once(
                Problem(
                    "control-character",
                    section.line,
                    "the entry has a NUL in it",
                    hint="remove it",
                )
            )

    def _nearly(self, section: Section, name: str) -> bool:
        """Whether a line of the paragraph was meant to be this field and is reported as no such."""
        problem = self._lost.get(section.paragraph.index, {}).get(name)
        if problem is None:
            return False
        problem.refused = problem.refused or self.rejected
        return True

    def _no_commit(self, section: Section, entry: Entry) -> None:
        head = self.head
        assert head is not None
        if self._nearly(section, "GitCommit") or self._nearly(head, "GitCommit"):
            return
        commits = [entry.arch_fields.get(f"{arch}-GitCommit", "") for arch in entry.architectures]
        mend: tuple[str, tuple[Bytes, ...], bool] | None = None
        hint = "write GitCommit: and the full commit"
        if commits and all(COMMIT.fullmatch(commit) for commit in commits):
            first = entry.arch_fields.get("amd64-GitCommit", "") if "amd64" in entry.architectures else ""
            commit = first or commits[0]
            after = (
                section.fields.get("GitFetch") or section.fields.get("GitRepo") or section.fields.get("Tags")
            )
            place = after.end if after is not None else section.paragraph.fields[0].start
            lead = b"" if self.data[:place].endswith(b"\n") else b"\n"
            mend = (
                "write the plain GitCommit too",
                ((place, place, lead + f"GitCommit: {commit}\n".encode()),),
                True,
            )
            hint = f"write GitCommit: {commit} too: the plain field must be there even if every architecture has its own"
        field = section.fields.get("GitCommit")
        self._add(
            Problem(
                "missing-gitcommit",
                field.line if field else section.line,
                "there is no GitCommit, neither in the entry nor in the header",
                hint=hint,
                refused=True,
                mend=mend if field is None else None,
            )
        )

    def _bad_commit(self, field: Field, value: str) -> Problem:
        mend: tuple[str, tuple[Bytes, ...], bool] | None = None
        hint = "write the full commit, 40 hexadecimal digits"
        start = field.value_start
        commit, _, rest = value.partition(" ")
        rest = rest.strip(BLANKS)
        if id(field) not in self._values:
            if re.fullmatch(r"[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}", value):
                mend = (
                    "write it in lower case",
                    ((start, field.value_end, value.lower().encode("utf-8", "surrogateescape")),),
                    True,
                )
                hint = "write it in lower case"
            elif COMMIT.fullmatch(commit) and rest.startswith("#") and "\n" not in value:
                text = rest.encode("utf-8", "surrogateescape") + b"\n"
                mend = (
                    "move the comment to a line of its own",
                    ((field.start, field.start, text), (start + len(commit), field.value_end, b"")),
                    True,
                )
                hint = "a comment needs a line of its own"
        return Problem(
            "invalid-gitcommit",
            field.line,
            f"GitCommit {in_message(value)} {commit_lacks(value)}",
            end_line=field.end_line,
            hint=hint,
            refused=True,
            mend=mend,
        )

    def _tags(
        self, section: Section, entry: Entry, own: dict[str, Section], shared: dict[str, Section]
    ) -> None:
        if section.paragraph.index in self._overwritten:
            return
        counted: dict[str, int] = {}
        for tag in entry.tags:
            counted[tag] = counted.get(tag, 0) + 1
        twice = [tag for tag, count in counted.items() if count > 1]
        if twice:
            self._twice(section, twice)
        both = [tag for tag in entry.shared_tags if tag in counted]
        if both:
            self._add(
                Problem(
                    "duplicate-tag-in-entry",
                    self._line_of_item(section, "SharedTags", both[0]),
                    f"{_tags_shown(both)} in both Tags and SharedTags of the entry",
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
                self._conflict(section, name, found, others[found[0]], other_name)
        for tag in counted:
            own.setdefault(tag, section)
        for tag in entry.shared_tags:
            shared.setdefault(tag, section)

    def _twice(self, section: Section, tags: list[str]) -> None:
        field = section.fields["Tags"]
        mend = None
        line = field.line
        if id(field) not in self._values:
            items = self.items(field)
            seen: set[str] = set()
            edits: list[Bytes] = []
            for place, (text, start, end) in enumerate(items):
                if text not in seen:
                    seen.add(text)
                    continue
                if not edits:
                    line = self.source.line_at(start)
                before = items[place - 1][2]
                if b"\n" not in self.data[before:start]:
                    edits.append((before, end, b""))
                elif place + 1 < len(items):  # the first of its line: the comma after it goes
                    edits.append((start, items[place + 1][1], b""))
                else:
                    edits.append((before, end, b""))
            if len(edits) <= MAX_PER_KIND:
                mend = ("name it once", tuple(edits), True)
        self._add(
            Problem(
                "duplicate-tag-in-entry",
                line,
                f"{_tags_shown(tags)} more than once in the entry's Tags",
                hint="name each once",
                refused=True,
                mend=mend,
            )
        )

    def _conflict(
        self, section: Section, name: str, tags: list[str], other: Section, other_name: str
    ) -> None:
        line = self._line_of_item(section, name, tags[0])
        there = self._line_of_item(other, other_name, tags[0])
        if name == other_name:
            problem = Problem(
                "duplicate-tag",
                line,
                f"{_tags_shown(tags)} in the Tags of two entries, first on line {there}",
                hint="take it from one of them" if len(tags) == 1 else "take each from one of them",
                refused=True,
                mend=self._from_the_lower(section, other, tags),
            )
        else:
            problem = Problem(
                "sharedtag-conflict",
                line,
                f"{_tags_shown(tags)} in {name} here and in {other_name} on line {there}",
                hint="a tag that entries share stands in SharedTags of each of them",
                refused=True,
            )
        self._add(problem)

    def _from_the_lower(
        self, one: Section, two: Section, tags: list[str]
    ) -> tuple[str, tuple[Bytes, ...], bool] | None:
        """Offer to take tags from the entry of the lower version."""
        from contrib.library.tags import EntryTags

        fields = [section.fields["Tags"] for section in (one, two)]
        if any(id(field) in self._values for field in fields):
            return None
        versions = [
            EntryTags(Entry(tags=tuple(text for text, _, _ in self.items(field)))).full for field in fields
        ]
        if versions[0] == versions[1] or not all(versions):
            return None
        lower = fields[0] if versions[0] < versions[1] else fields[1]
        edits = self.dropped(lower, tags)
        return None if edits is None else ("take them from the lower version", edits, False)

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

    def _line_of_item(self, section: Section, name: str, tag: str) -> int:
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


def survey(data: bytes, name: str = "library file") -> Survey:
    """Read a library file to its end, whatever is wrong with it."""
    return Survey(data, name)


def first_rejection(data: bytes, name: str) -> Problem | None:
    """The first problem that makes the reference reject the file."""
    found = survey(data, name).problems
    refused = [problem for problem in found if problem.refused]
    errors = [problem for problem in found if problem.severity == "error"]
    return next(iter(refused + errors), None)


# -- small things ----------------------------------------------------------------------------------


def _lines_of(section: Section) -> Iterable[int]:
    return (line for field in section.fields.values() for line in (field.line, field.end_line))


def _tags_shown(tags: list[str]) -> str:
    """``the tag “1” stands``, ``the tags “1” and “2” stand``."""
    if len(tags) == 1:
        return f"the tag {in_message(tags[0])} stands"
    shown = ", ".join(in_message(tag) for tag in tags[:4])
    return f"the tags {shown}{f' and {len(tags) - 4} more' if len(tags) > 4 else ''} stand"


def _bytes_long(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def _each(data: bytes, pattern: bytes, text: bytes) -> tuple[Bytes, ...]:
    return tuple((match.start(), match.end(), text) for match in re.finditer(pattern, data))


def _blanked(raw: bytes) -> bytes:
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


_LEGACY_ENTRY = re.compile(
    r"(?P<repository>[a-z+]+://[^ \t@]+?)(?:\.git)?@(?P<commit>[^ \t]+)(?:[ \t]+(?P<directory>[^ \t]+))?"
)
