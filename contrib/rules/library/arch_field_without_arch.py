"""arch-field-without-arch: field for an architecture that is not listed."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.fields import ARCHITECTURES
from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Edit, Finding, Fix, Severity


def check(context: LibraryContext) -> Iterator[Finding]:
    """A field of the header is reported once, where an entry that inherits it is not built for its architecture."""
    everywhere = {arch for each in context.entries for arch in each.entry.architectures}
    told: set[int] = set()
    for each in context.entries:
        unused: dict[str, list[str]] = {}
        for name, value in each.entry.arch_fields.items():
            arch, _, field = name.rpartition("-")
            if value and arch in ARCHITECTURES and arch not in each.entry.architectures:
                unused.setdefault(arch, []).append(field)
        for arch, fields in unused.items():
            field_of = context.field(each.entry, f"{arch}-{fields[0]}", inherited=True)
            if field_of is None or field_of.line in told:
                continue
            told.add(field_of.line)
            own = context.field(each.entry, f"{arch}-{fields[0]}") is not None
            mild = fields == ["GitFetch"] or arch in everywhere
            fix = None
            if own:
                fix = Fix("remove the field", (Edit(field_of.start, field_of.end, b""),), safe=False)
            yield context.found(
                RULE,
                field_of.line,
                f"{arch}-{fields[0]} has no effect: {named(each)} is not built for {arch}",
                severity=Severity.NOTE if mild else None,
                fix=fix,
            )


RULE = library_rule(
    id="arch-field-without-arch",
    severity="warning",
    title="Field for an architecture that is not listed",
    looks_for=(
        "A field prefixed with an architecture that the entry's `Architectures` do not have. A note "
        "where it is only `GitFetch`, or other entries list the architecture."
    ),
    why=("It has no effect: the architecture was dropped and its field forgotten, or it was never listed."),
    proof="multiarch",
    bad="""
Tags: 1.2
Architectures: amd64
s390x-Directory: s390x
""",
    good="""
Tags: 1.2
Architectures: amd64, s390x
s390x-Directory: s390x
""",
    check=check,
    fix="ask",
)
