"""gitfetch-wrong: gitFetch that does not exist or does not hold the commit."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.mistakes import edit_distance
from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.sources import Source, holding_ref, sources
from contrib.values.findings import Finding, Fix


def check(context: LibraryContext) -> Iterator[Finding]:
    """Another case, and main for master, are tried for the hint."""
    told: set[tuple[str, str, str]] = set()
    for source in sources(context):
        key = (source.url, source.fetch, source.commit)
        if key in told or not source.view.has(source.commit):
            continue
        told.add(key)
        start = source.view.ref(source.fetch)
        if start is None:
            if source.fetch == "refs/heads/master" and holding_ref(source.view, source.commit):
                continue
            near = _near(source.fetch, list(source.view.refs())) or holding_ref(source.view, source.commit)
            hint = f"; there is {near}" if near else ""
            yield context.found(
                RULE,
                source.line(context, "GitFetch"),
                f"{source.url} has no {source.fetch}{hint}",
                fix=_fix(context, source, near),
            )
        elif source.fetch != "refs/heads/master" and source.view.reachable(source.commit, start) is False:
            holder = holding_ref(source.view, source.commit)
            hint = f"; {holder} does" if holder else ""
            yield context.found(
                RULE,
                source.line(context, "GitFetch"),
                f"{source.fetch} does not hold {source.commit[:12]} of {named(source.each)}{hint}",
                fix=_fix(context, source, holder),
            )


def _fix(context: LibraryContext, source: Source, ref: str | None) -> Fix | None:
    field = context.field(source.each.entry, "GitFetch", inherited=True)
    if ref is None or field is None:
        return None
    return Fix(f"write {ref}", (context.replace_value(field, ref),), safe=False)


def _near(fetch: str, refs: list[str]) -> str | None:
    swapped = {"refs/heads/main": "refs/heads/master", "refs/heads/master": "refs/heads/main"}.get(fetch)
    for ref in refs:
        if ref.lower() == fetch.lower() or ref == swapped:
            return ref
    return next((ref for ref in refs if edit_distance(ref, fetch, 2) is not None), None)


RULE = library_rule(
    id="gitfetch-wrong",
    severity="error",
    title="GitFetch that does not exist or does not hold the commit",
    looks_for=(
        "A ref that the repository does not have, or one other than the default that does not hold "
        "the commit."
    ),
    why=("bashbrew cannot fetch the commit."),
    proof="@1dffa59 commits",
    bad="""
Tags: 1.2
GitFetch: refs/heads/mian
""",
    good="""
Tags: 1.2
""",
    check=check,
    fix="ask",
    needs=("text", "repository"),
    replaces=("commit-not-in-gitfetch", "from-unreadable"),
)
