"""latest-in-tag: tag that contains `latest`."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix


def check(context: LibraryContext) -> Iterator[Finding]:
    """Case-sensitive, as the CI's check is."""
    for tag, holders in context.tags.items():
        if "latest" not in tag or tag == "latest":
            continue
        entry = holders[0].entry
        plain = tag.replace("-latest", "").replace("latest-", "")
        fix = None
        if len(holders) == 1 and "latest" not in plain and plain and plain not in context.tags:
            edit = context.rename_tag(entry, tag, plain)
            fix = Fix(f"write {plain}", (edit,), safe=False) if edit else None
        hint = f"; `{plain}` says the same" if fix else ""
        yield context.found(
            RULE,
            context.line_of_tag(entry, tag),
            f"`{tag}` contains `latest`, which stands alone or not at all{hint}",
            fix=fix,
        )


RULE = library_rule(
    id="latest-in-tag",
    severity="error",
    title="Tag that contains `latest`",
    looks_for=("A tag, shared or not, that contains `latest` and is not exactly `latest`."),
    why=(
        "`latest` means what a user should get who names nothing; the suffix says nothing more, and "
        "official-images' CI refuses it."
    ),
    proof="@67678ac ci tags",
    bad="""
Tags: 1.2, latest-alpine
""",
    good="""
Tags: 1.2, alpine
""",
    check=check,
    fix="ask",
)
