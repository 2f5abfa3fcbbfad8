"""What is wrong with lines and the file as a whole; and the pass that puts all the readings together."""

from __future__ import annotations

import re

from contrib.library.mistakes import (
    KNOWN,
    in_message,
    looks_legacy,
    nearest_field,
    proper_case,
)
from contrib.library.reader import (
    COMMIT,
    is_signed,
    maintainer,
)
from contrib.library.source import BLANKS
from contrib.rules.library.form.document import (
    BOM,
    Bytes,
    Document,
    bytes_long,
    each_match,
)
from contrib.rules.library.form.entries import check_entries, check_header
from contrib.rules.library.form.names import meant, section_of
from contrib.rules.library.form.paragraphs import blank_lines, join_entries, join_header, part_header
from contrib.values.budgets import bounded


def survey_all(doc: Document) -> None:
    source = doc.source
    data = doc.data
    if is_signed(data.decode("utf-8", "surrogateescape")):
        doc.add(
            doc.problem(
                "header-pgp",
                1,
                "the file starts like a message signed with PGP",
                hint="library files are not signed; remove the armour",
                refused=True,
            )
        )
        doc.finish()
        return
    if data.startswith(BOM):
        doc.add(
            doc.problem(
                "bom",
                1,
                "the file starts with a byte order mark, which becomes part of the first field's name",
                hint="save it as UTF-8 without a byte order mark",
                refused=doc.rejected,
                fix=("remove the byte order mark", ((0, 3, b""),), True),
            )
        )
    if not source.paragraphs:
        if source.bad:
            missing_colons(doc)
        else:
            doc.add(
                doc.problem(
                    "empty-file",
                    1,
                    "the file has no field at all",
                    hint="a library file starts with Maintainers, GitRepo and GitCommit or an entry's own",
                    refused=True,
                )
            )
        doc.finish()
        return
    line_endings(doc)
    if legacy(doc):
        doc.finish()
        return
    missing_colons(doc)
    sections = []
    for paragraph in source.paragraphs:
        named = [
            (name, field) for field in paragraph.fields if (name := meant(doc, field, paragraph)) is not None
        ]
        if paragraph.index == 0:
            sections += part_header(doc, paragraph, named)
        else:
            sections.append(section_of(doc, paragraph, named))
    sections = join_header(doc, sections)
    sections = join_entries(doc, sections)
    blank_lines(doc)
    spacing(doc)
    doc.head, doc.sections = sections[0], sections[1:]
    for section in sections:
        doc.sections_by_index.setdefault(section.paragraph.index, section)
    check_header(doc)
    check_entries(doc)
    doc.finish()


def line_endings(doc: Document) -> None:
    data = doc.data
    if b"\r" in data:
        lone = data.replace(b"\r\n", b"\n").find(b"\r")
        if lone >= 0:
            offset = re.search(rb"\r(?!\n)", data)
            assert offset is not None
            line = doc.source.line_at(offset.start())
            doc.add(
                doc.problem(
                    "crlf",
                    line,
                    "a carriage return stands alone, and does not end a line for bashbrew",
                    hint="end lines with LF",
                    fix=("end lines with LF", each_match(data, rb"\r\n?", b"\n"), True),
                )
            )
        else:
            line = doc.source.line_at(data.find(b"\r\n"))
            doc.add(
                doc.problem(
                    "crlf",
                    line,
                    f"{data.count(bytes((13, 10)))} lines end in CR LF",
                    hint="end lines with LF",
                    severity="warning",
                    fix=("end lines with LF", each_match(data, rb"\r\n", b"\n"), True),
                )
            )
    if data and not data.endswith(b"\n"):
        end = len(data)
        doc.add(
            doc.problem(
                "missing-final-newline",
                len(doc.source.lines),
                "the last line has no newline",
                severity="note",
                fix=("end the last line", ((end, end, b"\n"),), True),
            )
        )


def missing_colons(doc: Document) -> None:
    source = doc.source
    for line in source.bad:
        text = source.lines[line - 1].strip(BLANKS)
        before = source.lines[line - 2].strip(BLANKS) if line > 1 else ""
        start = source.starts[line - 1]
        word, _, rest = text.partition(" ")
        meant = word if word in KNOWN else proper_case(word) or nearest_field(word)
        if meant is not None and rest:
            hint = title = f"write {meant}: and the value"
            end = start + bytes_long(word)
            edit = (start, end, f"{meant}:".encode("utf-8", "surrogateescape"))
        elif before.endswith(",") or text.endswith(","):
            hint, title = "indent the line if it belongs to the list above", "indent the line"
            edit = (start, start, b" ")
        else:
            hint, title = "start the line with # if it is a comment", "make it a comment"
            edit = (start, start, b"# ")
        problem = doc.problem(
            "missing-colon",
            line,
            f"the line {in_message(text)} has no colon, so it is not a field",
            hint=hint,
            refused=True,
            fix=(title, (edit,), False),
        )
        doc.add(problem)
        if meant is not None:
            paragraph = doc.paragraph_at(line)
            if paragraph is not None:
                doc.lost.setdefault(paragraph.index, {})[meant] = problem


def legacy(doc: Document) -> bool:
    """Lines of the form before 2016; whether the file has no other."""
    fields = [field for paragraph in doc.source.paragraphs for field in paragraph.fields]
    lines = [field.line for field in fields if looks_legacy(field)]
    if not lines:
        return False
    alone = not any(field.name in KNOWN for field in fields)
    problem = doc.problem(
        "legacy-format",
        lines[0],
        "the line has the form that official-images gave up in 2016 (tag: repository@commit directory)",
        end_line=lines[-1] if alone else lines[0],
        hint="write a header with Maintainers and GitRepo, and an entry with Tags, GitCommit and Directory "
        "for each line",
        refused=doc.rejected,
        fix=modern(doc) if alone else None,
    )
    doc.add(problem)
    return alone


def modern(doc: Document) -> tuple[str, tuple[Bytes, ...], bool] | None:
    """Offer a file of the old form in the present one."""
    people = []
    for line in doc.source.lines:
        word, colon, rest = line.lstrip(BLANKS + "#").partition(":")
        if line.lstrip(BLANKS)[:1] == "#" and colon and word.strip().lower().startswith("maintainer"):
            people.append(rest.strip(BLANKS))
    if not people or any(maintainer(person) is None for person in people):
        return None
    entries: dict[tuple[str, str, str], list[str]] = {}
    for paragraph in doc.source.paragraphs:
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
    return "write it in the present form", ((0, len(doc.data), text),), False


def spacing(doc: Document) -> None:
    source = doc.source
    data = doc.data
    for paragraph in source.paragraphs:
        for field in paragraph.fields:
            if field.name not in KNOWN and "-" not in field.name:
                continue
            if field.colon > field.name_end:
                doc.add(
                    doc.problem(
                        "space-before-colon",
                        field.line,
                        f"there is whitespace between {field.name} and its colon",
                        severity="note",
                        fix=("remove the blank", ((field.name_end, field.colon, b""),), True),
                    )
                )
            after = field.colon + 1
            if field.value_start == after and field.value_end > after:
                doc.add(
                    doc.problem(
                        "no-space-after-colon",
                        field.line,
                        f"there is no space after {field.name}:",
                        severity="note",
                        fix=("put a space after the colon", ((after, after, b" "),), True),
                    )
                )
    for number, line in enumerate(source.lines, 1):
        text = line.rstrip("\r")
        kept = text.rstrip(" \t")
        if kept and len(kept) < len(text):
            start = source.starts[number - 1] + bytes_long(kept)
            end = source.starts[number - 1] + bytes_long(text)
            assert data[start:end].strip(b" \t") == b""
            doc.add(
                doc.problem(
                    "trailing-space",
                    number,
                    "the line ends in whitespace",
                    severity="note",
                    fix=("remove the whitespace", ((start, end, b""),), True),
                )
            )


_LEGACY_ENTRY = re.compile(
    r"(?P<repository>[a-z+]+://[^ \t@]+?)(?:\.git)?@(?P<commit>[^ \t]+)(?:[ \t]+(?P<directory>[^ \t]+))?"
)


@bounded("name")
def read_on(data: bytes, name: str = "library file") -> Document:
    """Read a library file to its end, whatever is wrong with it.

    Where :func:`contrib.library.parse` stops, this reports and continues as though the fix had been made (a line
    that is plainly broken counts as absent), so that one mistake is one finding.
    """
    doc = Document(data, name)
    survey_all(doc)
    return doc
