"""suite-directory: directory of another suite."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import suites_in
from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix


def check(context: LibraryContext) -> Iterator[Finding]:
    """Tags as a whole: an entry may have more suites than one among them."""
    for each in context.written:
        if each.windows:
            continue
        # groovy is also an image
        in_directory = suites_in(each.entry.directory) - {context.survey.repository}
        if not in_directory:
            continue
        in_tags = each.suites
        if not in_tags or in_tags & in_directory:
            continue
        fix = None
        field = context.field(each.entry, "Directory")
        if len(in_tags) == 1 and len(in_directory) == 1 and field is not None:
            right = each.entry.directory.replace(next(iter(in_directory)), next(iter(in_tags)))
            fix = Fix(f"write {right}", (context.replace_value(field, right),), safe=False)
        yield context.found(
            RULE,
            context.line(each.entry, "Directory"),
            f"the tags of {named(each)} say {', '.join(sorted(in_tags))}, Directory `{each.entry.directory}` says "
            f"{', '.join(sorted(in_directory))}",
            fix=fix,
        )


RULE = library_rule(
    id="suite-directory",
    severity="warning",
    title="Directory of another suite",
    looks_for=(
        "Suite words (`bookworm`, `noble`, `alpine`) in the tags and in `Directory`, and none of them "
        "in both."
    ),
    why=("The tag promises another distribution than the directory builds on."),
    proof="library",
    bad="""
Tags: 1.2-bookworm
Directory: 1.2/trixie
""",
    good="""
Tags: 1.2-bookworm
Directory: 1.2/bookworm
""",
    check=check,
    fix="ask",
)
