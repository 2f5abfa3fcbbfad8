"""Entries: their fields over the header's, what they lack, and those that bashbrew makes one."""

from __future__ import annotations

import re

from contrib.library.fields import ARCHITECTURES
from contrib.library.mistakes import (
    ARCHES,
    alias_of,
    commit_lacks,
    in_message,
)
from contrib.library.model import Entry, artifacts, clean_path, without_repeats
from contrib.library.reader import (
    COMMIT,
    FETCH,
    merge,
)
from contrib.library.source import BLANKS, Field
from contrib.rules.library.form.document import (
    BOM,
    MAX_PER_KIND,
    Bytes,
    Document,
    Section,
    lines_of,
)
from contrib.rules.library.form.lists import read_architectures, read_constraints, read_maintainers, read_tags
from contrib.rules.library.form.tags import check_tags
from contrib.values.findings import Finding


def check_header(doc: Document) -> None:
    head = doc.head
    assert head is not None
    doc.header = over(doc, head, Entry(), 0)
    if doc.data.startswith(BOM):
        return
    if head.fields.get("Maintainers") is None or head.fields["Maintainers"].name != "Maintainers":
        if doc.nearly(head, "Maintainers"):
            return
        comment = next(
            (
                number
                for number, line in enumerate(doc.source.lines, 1)
                if line.lstrip(BLANKS)[:1] == "#"
                and line.lstrip(BLANKS + "#").lower().startswith("maintainer")
            ),
            None,
        )
        if comment is not None:
            doc.add(
                doc.problem(
                    "legacy-format",
                    comment,
                    "the maintainers are in a comment, as they did until 2016",
                    hint="write Maintainers: Full Name <address> (@github-handle)",
                    refused=True,
                )
            )
        else:
            doc.add(
                doc.problem(
                    "missing-maintainers",
                    head.line,
                    "the header has no Maintainers",
                    hint="write Maintainers: Full Name <address> (@github-handle) in the first paragraph",
                    refused=True,
                )
            )


def check_entries(doc: Document) -> None:
    own: dict[str, Section] = {}
    shared: dict[str, Section] = {}
    merged: list[Entry] = []
    known: dict[tuple[object, ...], Entry] = {}
    said: set[tuple[str, int | None]] = set()
    parts: dict[int, list[Entry]] = {}
    for section in doc.sections:
        broken_before = len(doc.broken)
        lines = range(section.line, section.paragraph.end_line + 1)
        was_broken = any(line in doc.broken for line in lines_of(section))
        entry = over(doc, section, doc.header, section.paragraph.index)
        entry.directory = clean_path(entry.directory)
        one_entry(doc, section, entry, said)
        check_tags(doc, section, entry, own, shared)
        broken = was_broken or len(doc.broken) > broken_before
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
        first_section = doc.sections_by_index[first.paragraphs[0]]
        parts.setdefault(id(first), [first]).append(entry)
        doc.add(
            doc.problem(
                "entries-merged",
                section.line_of("Tags"),
                f"the entry {in_message(entry.tags[0])} builds the same as {in_message(first.tags[0])} on line "
                f"{first_section.line_of('Tags')}, so bashbrew makes one entry of the two",
                end_line=lines.stop - 1,
                severity="note",
                hint="write their tags into one entry, or correct what should differ",
                fix=joined(doc, first_section, section, entry),
            )
        )
    for each in parts.values():
        merge(each)
    doc.entries = tuple(merged)


def joined(
    doc: Document, first: Section, second: Section, entry: Entry
) -> tuple[str, tuple[Bytes, ...], bool] | None:
    """Offer to write two entries that build the same as one."""
    field = first.fields.get("Tags")
    shared = [tag for tag in entry.shared_tags if tag not in doc.header.shared_tags]
    if field is None or id(field) in doc.values or first.paragraph is second.paragraph:
        return None
    edits = [(field.value_end, field.value_end, ("".join(f", {tag}" for tag in entry.tags)).encode())]
    other = first.fields.get("SharedTags")
    if shared and other is not None:
        new = [tag for tag in shared if tag not in {text for text, _, _ in doc.items(other)}]
        edits.append((other.value_end, other.value_end, "".join(f", {tag}" for tag in new).encode()))
    elif shared:
        edits.append((field.end, field.end, f"SharedTags: {', '.join(shared)}\n".encode()))
    paragraph = second.paragraph
    end = paragraph.end
    line = paragraph.end_line + 1
    if line <= len(doc.source.lines) and not doc.source.lines[line - 1].strip("\r"):
        end = doc.source.starts[line]
    edits.append((paragraph.start, end, b""))
    return "write them as one entry", tuple(edits), False


def over(doc: Document, section: Section, base: Entry, index: int) -> Entry:
    """As the reader's, from the values as they are meant, reporting instead of stopping."""
    fields = section.fields
    maintainers = base.maintainers
    if "Maintainers" in fields:
        maintainers += read_maintainers(doc, fields["Maintainers"])
        if index or section is not doc.head:
            doc.add(
                doc.problem(
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
        tags = read_tags(doc, fields["Tags"])
    shared = base.shared_tags
    if "SharedTags" in fields:
        shared = without_repeats(read_tags(doc, fields["SharedTags"]))
    architectures = base.architectures
    if "Architectures" in fields:
        architectures = read_architectures(doc, fields["Architectures"]) or base.architectures
    constraints = base.constraints
    if "Constraints" in fields:
        constraints += read_constraints(doc, fields["Constraints"])
    specific = dict(base.arch_fields)
    for name, field in fields.items():
        if "-" in name:
            value = doc.value(field)
            if name.endswith("-Directory") and value and section is not doc.head:
                value = clean_path(value)
            specific[name] = value
            arch_field(doc, name, field, base)
    return Entry(
        maintainers=maintainers,
        tags=tags,
        shared_tags=shared,
        architectures=architectures,
        git_repo=single(doc, fields, "GitRepo", base.git_repo),
        git_fetch=single(doc, fields, "GitFetch", base.git_fetch),
        git_commit=single(doc, fields, "GitCommit", base.git_commit),
        directory=single(doc, fields, "Directory", base.directory),
        file=single(doc, fields, "File", base.file),
        builder=single(doc, fields, "Builder", base.builder),
        arch_fields=specific,
        constraints=constraints,
        paragraphs=(index,),
    )


def single(doc: Document, fields: dict[str, Field], name: str, inherited: str) -> str:
    return doc.value(fields[name]) if name in fields else inherited


def arch_field(doc: Document, name: str, field: Field, base: Entry) -> None:
    prefix, _, suffix = name.rpartition("-")
    value = doc.value(field)
    if prefix not in ARCHES:
        near = alias_of(prefix) if doc.counts.get("arch-field-unknown-arch", 0) < MAX_PER_KIND else None
        hint = (
            f"did you mean {near}-{suffix}?" if near else "the architectures are " + ", ".join(ARCHITECTURES)
        )
        doc.add(
            doc.problem(
                "arch-field-unknown-arch",
                field.line,
                f"{in_message(prefix)} of the field {in_message(name)} is not an architecture, so the field has no effect",
                hint=hint,
                fix=(
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
            doc.add(
                doc.problem(
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
        doc.add(
            doc.problem(
                "arch-field-invalid",
                field.line,
                f"{name} {in_message(value)} {lacks} (bashbrew looks at it only when it builds)",
                hint="write the full commit" if suffix == "GitCommit" else "write the full name of the ref",
            )
        )


def one_entry(doc: Document, section: Section, entry: Entry, said: set[tuple[str, int | None]]) -> None:
    head = doc.head
    assert head is not None

    def place(name: str) -> Field | None:
        return section.fields.get(name) or head.fields.get(name)

    def once(problem: Finding) -> None:
        # What is inherited is wrong once, at the header.
        if (problem.rule, problem.line) not in said:
            said.add((problem.rule, problem.line))
            doc.add(problem)

    field = place("GitFetch")
    if not FETCH.fullmatch(entry.git_fetch) and field is not None:
        bare = re.fullmatch(r"[^\s*?:]+", entry.git_fetch) is not None
        full = (
            entry.git_fetch
            if entry.git_fetch.startswith("refs/")
            else f"refs/heads/{entry.git_fetch.removeprefix('heads/').removeprefix('origin/')}"
        )
        fix: tuple[str, tuple[Bytes, ...], bool] | None = None
        if bare and not entry.git_fetch.startswith("refs/"):
            fix = (
                f"write {full}",
                ((field.value_start, field.value_end, full.encode("utf-8", "surrogateescape")),),
                False,
            )
        once(
            doc.problem(
                "invalid-gitfetch",
                field.line,
                f"GitFetch {in_message(entry.git_fetch)} is not refs/heads/… or refs/tags/…"
                if entry.git_fetch
                else "GitFetch is empty",
                hint=f"write {full}" if fix else "write refs/heads/BRANCH or refs/tags/TAG",
                refused=True,
                fix=fix,
            )
        )
    field = place("GitCommit")
    if not entry.git_commit:
        no_commit(doc, section, entry)
    elif not COMMIT.fullmatch(entry.git_commit) and field is not None:
        once(bad_commit(doc, field, entry.git_commit))
    for name in ("GitCommit", "GitRepo"):
        field = place(name)
        if field is not None and field.name != name:  # only its fix makes it count
            doc.nearly(section if name in section.fields else head, name)
    if not entry.git_repo and not any(doc.nearly(s, "GitRepo") for s in (section, head)):
        if ("missing-gitrepo", 0) in said:
            return
        said.add(("missing-gitrepo", 0))  # in the header, most likely: once
        once(
            doc.problem(
                "missing-gitrepo",
                place("GitRepo").line if place("GitRepo") else section.line,  # type: ignore[union-attr]
                "there is no GitRepo, neither in the entry nor in the header",
                hint="write GitRepo: https://…",
                refused=True,
            )
        )
    if "Tags" in section.fields and section.fields["Tags"].name != "Tags":
        doc.nearly(section, "Tags")
    if "Tags" not in section.fields and not doc.nearly(section, "Tags"):
        doc.add(
            doc.problem(
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
                doc.problem(
                    "directory-outside",
                    field.line if field else section.line,
                    f"{name} {in_message(value)} lies outside of the repository",
                    hint="name a directory relative to the root of GitRepo",
                )
            )
    if doc.nul and any("\0" in str(value) for value in entry.as_json().values()):
        once(
            doc.problem(
                "control-character",
                section.line,
                "the entry has a NUL in it",
                hint="remove it",
            )
        )


def no_commit(doc: Document, section: Section, entry: Entry) -> None:
    head = doc.head
    assert head is not None
    if doc.nearly(section, "GitCommit") or doc.nearly(head, "GitCommit"):
        return
    commits = [entry.arch_fields.get(f"{arch}-GitCommit", "") for arch in entry.architectures]
    fix: tuple[str, tuple[Bytes, ...], bool] | None = None
    hint = "write GitCommit: and the full commit"
    if commits and all(COMMIT.fullmatch(commit) for commit in commits):
        first = entry.arch_fields.get("amd64-GitCommit", "") if "amd64" in entry.architectures else ""
        commit = first or commits[0]
        after = section.fields.get("GitFetch") or section.fields.get("GitRepo") or section.fields.get("Tags")
        place = after.end if after is not None else section.paragraph.fields[0].start
        lead = b"" if doc.data[:place].endswith(b"\n") else b"\n"
        fix = (
            "write the plain GitCommit too",
            ((place, place, lead + f"GitCommit: {commit}\n".encode()),),
            True,
        )
        hint = f"write GitCommit: {commit} too: the plain field must be there even if every architecture has its own"
    field = section.fields.get("GitCommit")
    doc.add(
        doc.problem(
            "missing-gitcommit",
            field.line if field else section.line,
            "there is no GitCommit, neither in the entry nor in the header",
            hint=hint,
            refused=True,
            fix=fix if field is None else None,
        )
    )


def bad_commit(doc: Document, field: Field, value: str) -> Finding:
    fix: tuple[str, tuple[Bytes, ...], bool] | None = None
    hint = "write the full commit, 40 hexadecimal digits"
    start = field.value_start
    commit, _, rest = value.partition(" ")
    rest = rest.strip(BLANKS)
    if id(field) not in doc.values:
        if re.fullmatch(r"[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}", value):
            fix = (
                "write it in lower case",
                ((start, field.value_end, value.lower().encode("utf-8", "surrogateescape")),),
                True,
            )
            hint = "write it in lower case"
        elif COMMIT.fullmatch(commit) and rest.startswith("#") and "\n" not in value:
            text = rest.encode("utf-8", "surrogateescape") + b"\n"
            fix = (
                "move the comment to a line of its own",
                ((field.start, field.start, text), (start + len(commit), field.value_end, b"")),
                True,
            )
            hint = "a comment needs a line of its own"
    return doc.problem(
        "invalid-gitcommit",
        field.line,
        f"GitCommit {in_message(value)} {commit_lacks(value)}",
        end_line=field.end_line,
        hint=hint,
        refused=True,
        fix=fix,
    )
