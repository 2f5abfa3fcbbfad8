"""gitfetch-version: gitFetch of another version."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import dotted
from contrib.rules.library.artifacts import wrong_marker, wrong_version
from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix


def check(context: LibraryContext) -> Iterator[Finding]:
    """A build number is not looked at."""
    for each in context.entries:
        name = each.entry.git_fetch.split("/", 2)[-1]
        wrong = wrong_version(each, name)
        candidate = wrong_marker(each, name) if wrong is None else None
        if candidate is not None:
            yield context.found(
                RULE,
                context.line(each.entry, "GitFetch"),
                f"GitFetch `{each.entry.git_fetch}` has {candidate}, the tags of {named(each)} have another candidate",
            )
        if wrong is None:
            continue
        fix = None
        field = context.field(each.entry, "GitFetch")
        parts = wrong.count(".") + 1
        if field is not None and len(each.full) >= parts and not each.marker:
            right = each.entry.git_fetch.replace(wrong, dotted(each.full[:parts]))
            fix = Fix(f"write {right}", (context.replace_value(field, right),), safe=False)
        yield context.found(
            RULE,
            context.line(each.entry, "GitFetch"),
            f"GitFetch `{each.entry.git_fetch}` has version {wrong}, the tags of {named(each)} have {dotted(each.full)}",
            fix=fix,
        )


RULE = library_rule(
    id="gitfetch-version",
    severity="warning",
    title="GitFetch of another version",
    looks_for=(
        "A dotted version in `GitFetch` (after `refs/heads/` or `refs/tags/`), the header's too, that "
        "agrees with no version in the tags."
    ),
    why=("The entry was copied for a new version and its ref was not changed."),
    proof="@3d596ce library",
    bad="""
Tags: 1.3.1, 1.3
GitFetch: refs/tags/v1.2.9
""",
    good="""
Tags: 1.3.1, 1.3
GitFetch: refs/tags/v1.3.1
""",
    check=check,
    fix="ask",
)
