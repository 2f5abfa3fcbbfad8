"""latest-on-prerelease: latest on a candidate."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext, highest, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """A word such as ``unstable`` beside a version without marker (busybox) is no candidate."""
    for each in context.tags.get("latest", []):
        if not (any(tag.marker for tag in each.tags) or (each.unstable and not each.full)):
            continue
        line = context.line_of_tag(each.entry, "latest")
        best = highest(context.stable)
        if best is not None:
            fix = None
            if "latest" in each.entry.tags and len(context.tags["latest"]) == 1:
                fix = context.move_tags(
                    each.entry, best.entry, ["latest"], f"move latest to {best.entry.tags[0]}"
                )
            yield context.found(
                RULE,
                line,
                f"`latest` is on {named(each)}, which is not released yet; {named(best)} "
                f"(line {context.line(best.entry)}) is",
                fix=fix,
            )
            return
        was = next(
            (old for old in context.tags_before.get("latest", []) if not old.unstable and old.full), None
        )
        if was is not None:
            yield context.found(
                RULE, line, f"`latest` goes from {named(was)} to {named(each)}, which is not released yet"
            )
            return


RULE = library_rule(
    id="latest-on-prerelease",
    severity="warning",
    title="latest on a candidate",
    looks_for=(
        "`latest` on an entry with a marker (`rc1`, `beta`) while a stable one exists, or (against the version before) one had it."
    ),
    why=("Who names nothing should get what is released."),
    proof="@8467462 tags",
    bad="""
Tags: 2.0-rc1, latest
Directory: 2.0

Tags: 1.9.4, 1.9
Directory: 1.9
""",
    good="""
Tags: 2.0-rc1
Directory: 2.0

Tags: 1.9.4, 1.9, latest
Directory: 1.9
""",
    check=check,
    fix="ask",
)
