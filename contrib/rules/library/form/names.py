"""Names of fields that are not quite right, and values that run into others."""

from __future__ import annotations

from contrib.library.fields import ARCH_FIELD_NAMES, ARCH_SUFFIXES, FIELD_NAMES, SINGLE
from contrib.library.mistakes import (
    KNOWN,
    in_message,
    looks_legacy,
    nearest_field,
    proper_case,
)
from contrib.library.reader import (
    LIST_BLANKS,
    RESERVED_NAMES,
)
from contrib.library.source import BLANKS, Field, Paragraph
from contrib.rules.library.form.document import (
    BOM,
    MAX_PER_KIND,
    Document,
    Section,
    bytes_long,
)


def section_of(doc: Document, paragraph: Paragraph, named: list[tuple[str, Field]]) -> Section:
    fields: dict[str, Field] = {}
    seen: dict[str, Field] = {}
    repeated: list[tuple[Field, Field]] = []
    for name, field in named:
        if name in seen:
            repeated.append((seen[name], field))
        seen[name] = field
        fields[name] = field
        check_value(doc, field, name)
    if repeated:
        check_repeated(doc, repeated)
    return Section(paragraph, fields, named[0][1].line if named else paragraph.line)


def meant(doc: Document, field: Field, paragraph: Paragraph) -> str | None:
    name = field.name
    if field.start == 0 and name[:1] == "\ufeff":
        name = name[1:]
    if name in KNOWN or any(name.endswith(f"-{suffix}") for suffix in ARCH_FIELD_NAMES):
        return name
    if name in RESERVED_NAMES:
        doc.add(
            doc.problem(
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
        problem = doc.problem(
            "misspelled-field",
            field.line,
            f"there is no colon after {word}, so the line is a field named {in_message(name)}, which is ignored",
            hint=f"write {word}: and the value",
            fix=(
                f"put the colon after {word}",
                ((field.start + len(word), field.start + len(word), b":"),),
                False,
            ),
        )
        doc.add(problem)
        doc.lost.setdefault(paragraph.index, {})[word] = problem
        return None
    known = proper_case(name)
    if known is not None:
        if known not in paragraph._last:
            name_problem(doc, field, "field-wrong-case", known, safe=True)
            return known
        name_problem(doc, field, "field-wrong-case", known, safe=False)
        return None
    # A file with thousands of unknown names is not one with a slip of the pen in each.
    near = nearest_field(name) if doc.counts.get("unknown-field", 0) < 2 * MAX_PER_KIND else None
    if near is not None and not looks_legacy(field):
        name_problem(doc, field, "misspelled-field", near, safe=False)
        return None if near in paragraph._last else near
    if not looks_legacy(field):
        doc.add(
            doc.problem(
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


def name_problem(doc: Document, field: Field, id_: str, known: str, *, safe: bool) -> None:
    what = "is written with other capitals" if id_ == "field-wrong-case" else "looks like a misspelling"
    paragraph = doc.paragraph_at(field.line)
    start = field.start + (3 if field.start == 0 and doc.data.startswith(BOM) else 0)
    lead = doc.data[start : field.name_end]
    start += len(lead) - len(lead.lstrip())
    problem = doc.problem(
        id_,
        field.line,
        f"the field {in_message(field.name)} {what} of {known}, and is ignored",
        end_line=field.end_line,
        hint=f"write {known}",
        fix=(
            f"write {known}",
            ((start, field.name_end, known.encode("utf-8", "surrogateescape")),),
            safe,
        ),
    )
    doc.add(problem)
    doc.quiet.add(field.line)
    if paragraph is not None:
        doc.lost.setdefault(paragraph.index, {})[known] = problem


def check_value(doc: Document, field: Field, name: str) -> None:
    value = field.value
    head, colon, rest = value.partition(":")
    if colon and head.strip(BLANKS) in KNOWN and not rest.startswith("//"):
        kept = rest.strip(BLANKS)
        start = field.value_start + bytes_long(value[: len(value) - len(rest.lstrip(BLANKS))])
        doc.add(
            doc.problem(
                "gitrepo-doubled-field",
                field.line,
                f"the value of {name} starts with a field's name ({head.strip(BLANKS)}:)",
                hint=f"write {name}: {kept}" if "\n" not in kept else "take the name out",
                fix=("take the second name out", ((field.value_start, start, b""),), True),
            )
        )
        doc.values[id(field)] = kept
        doc.quiet.add(field.line)
    elif "\n" in value:
        check_continued(doc, field, name)


def check_continued(doc: Document, field: Field, name: str) -> None:
    """Continuation lines: fine for a list, unless one of them was meant as a field of its own."""
    lines = doc.source.lines
    for number in range(field.line + 1, field.end_line + 1):
        text = lines[number - 1].strip(BLANKS)
        word, colon, _ = text.partition(":")
        if not colon or not (word in KNOWN or (word.endswith(ARCH_SUFFIXES) and " " not in word)):
            continue
        start = doc.source.starts[number - 1]
        lead = len(lines[number - 1]) - len(lines[number - 1].lstrip(BLANKS))
        ids = {
            "Maintainers": "maintainers-bad-format",
            "Tags": "invalid-tag",
            "SharedTags": "invalid-tag",
            "Architectures": "invalid-architecture",
        }
        problem = doc.problem(
            ids.get(name, "multiline-value"),
            number,
            f"the line is indented, so {in_message(word + ':')} continues {name} instead of being a field",
            hint="start the line with the field's name",
            refused=name in ids or (name in ("GitCommit", "GitFetch") and doc.rejected),
            fix=("remove the whitespace before it", ((start, start + lead, b""),), False),
        )
        doc.add(problem)
        paragraph = doc.paragraph_at(number)
        if paragraph is not None:
            doc.lost.setdefault(paragraph.index, {})[word] = problem
        kept = [field.value.split("\n")[0]]
        kept += [lines[n - 1].strip(BLANKS) for n in range(field.line + 1, number)]
        doc.values[id(field)] = "\n".join(kept).strip(LIST_BLANKS)
        return
    if name not in SINGLE and "-" not in name:
        return
    value = field.value.strip(LIST_BLANKS)
    doc.values[id(field)] = " ".join(value.split())
    blank = next(
        (n for n in range(field.line + 1, field.end_line + 1) if not lines[n - 1].strip(BLANKS)), None
    )
    if "\n" not in value and blank is not None:
        return  # a line of blanks is another mistake
    doc.add(
        doc.problem(
            "multiline-value",
            field.line,
            f"{name} continues over several lines, and keeps their newlines",
            end_line=field.end_line,
            hint="write the value on one line",
            refused=name in ("GitCommit", "GitFetch") and doc.rejected,
        )
    )
    doc.quiet.add(field.line)


def check_repeated(doc: Document, repeated: list[tuple[Field, Field]]) -> None:
    lost = any(second.name == "Tags" for _, second in repeated) or len(repeated) > 1
    if lost:
        paragraph = doc.paragraph_at(repeated[0][1].line)
        if paragraph is not None:
            doc.overwritten.add(paragraph.index)
        tags = next((second for _, second in repeated if second.name == "Tags"), repeated[0][1])
        first = next((first for first, second in repeated if second is tags), repeated[0][0])
        others = sorted({second.name for _, second in repeated} - {tags.name})
        also = f" (and {', '.join(others)})" if others else ""
        doc.add(
            doc.problem(
                "duplicate-field",
                tags.line,
                f"{tags.name}{also} is there twice in one entry, first on line {first.line}: "
                "the last one counts, what the first said is lost",
                hint="put a blank line between the two entries",
                fix=("put a blank line between the entries", ((tags.start, tags.start, b"\n"),), False),
            )
        )
        return
    for first, second in repeated:
        same = first.value == second.value
        what = "with the same value" if same else "and only the last one counts"
        doc.add(
            doc.problem(
                "duplicate-field",
                second.line,
                f"{second.name} is there twice in one paragraph, first on line {first.line}, {what}",
                hint="remove one of them",
                fix=(
                    f"remove the {'second' if same else 'first'} {second.name}",
                    ((second.start, second.end, b"") if same else (first.start, first.end, b""),),
                    same,
                ),
            )
        )
