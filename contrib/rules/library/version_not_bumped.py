"""version-not-bumped: new commit, old version."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import comparable, dotted
from contrib.rules.library.change import old_of
from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.sources import declared_versions
from contrib.values.findings import Finding, Fix


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per entry; the offer is to write the Dockerfile's version."""
    for each in context.entries:
        old = old_of(context, each)
        if (
            old is None
            or not each.full
            or old.full != each.full
            or old.entry.git_commit == each.entry.git_commit
        ):
            continue
        declared = declared_versions(context, each)
        higher = [
            version
            for version in declared
            if version[: len(each.full)] > each.full and comparable(version, each.full)
        ]
        if not declared or len(higher) < len(declared):
            continue
        new = dotted(max(higher)[: len(each.full)])
        edits = []
        for tag in each.tags:
            if tag.version == each.full:
                text = tag.text.replace(tag.written, new, 1)
                edit = context.rename_tag(each.entry, tag.text, text) if text not in context.tags else None
                if edit is not None:
                    edits.append(edit)
        yield context.found(
            RULE,
            context.line(each.entry),
            f"{named(each)} has a new commit, where the Dockerfile is at {new}, and still says {dotted(each.full)}",
            fix=Fix(f"write {new}", tuple(edits), safe=False) if edits else None,
        )


RULE = library_rule(
    id="version-not-bumped",
    severity="error",
    title="New commit, old version",
    looks_for=(
        "`GitCommit` changes, the full version's tags do not, and the version in the Dockerfile at "
        "the new commit is higher than theirs."
    ),
    why=("The new version is published under the old one's name, and nobody gets it under its own."),
    proof="@7342da4",
    bad="""
Tags: 1.2.3, 1.2
GitCommit: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b
""",
    good="""
Tags: 1.2.4, 1.2
GitCommit: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b
""",
    check=check,
    fix="ask",
    needs=("text", "previous", "repository"),
    replaces=("version-mismatch", "same-patch-overwritten"),
    before="""
Tags: 1.2.3, 1.2
""",
)
