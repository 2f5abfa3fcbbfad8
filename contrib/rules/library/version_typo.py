"""version-typo: version that was never released."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags, Version, dotted
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Severity


def check(context: LibraryContext) -> Iterator[Finding]:
    """Without a repository whose tags are versions only the skipped number is seen."""
    before = {each.full for each in context.before if each.full}
    majors = {version[0] for version in before if version[0] < 1900}
    for each in context.entries:
        if not each.full or each.full in before or each.unstable:
            continue
        if not _released(context, each, before):
            yield context.found(
                RULE,
                context.line(each.entry),
                f"{each.entry.git_repo} has no tag for {dotted(each.full)}, and has tags for other versions of the file",
            )
        elif majors and each.full[0] < 1900 and each.full[0] > max(majors) + 1:
            yield context.found(
                RULE,
                context.line(each.entry),
                f"{dotted(each.full)} skips from {max(majors)} to {each.full[0]}",
                severity=Severity.NOTE,
            )
        elif majors and each.full[0] > max(majors) and (near := _one_digit(each.full, before)):
            yield context.found(
                RULE,
                context.line(each.entry),
                f"{dotted(each.full)} begins a major version in the middle: {dotted(near)} was there before",
                severity=Severity.NOTE if any(other.full == near for other in context.entries) else None,
            )


def _one_digit(full: Version, before: set[Version]) -> Version:
    """The release that ``full`` would follow with another first number (1.9.4 after 0.9.3); () for none."""
    if len(full) < 3 or full[1] == 0 or full[0] >= 1900:
        return ()
    return max(
        (
            old
            for old in before
            if len(old) == len(full)
            and old[0] != full[0]
            and old[1:-1] == full[1:-1]
            and 0 <= full[-1] - old[-1] <= 1
        ),
        default=(),
    )


def _released(context: LibraryContext, each: EntryTags, before: set[Version]) -> bool:
    if context.repositories is None:
        return True
    view = context.repositories.of(each.entry.git_repo)
    if view is None:
        return True
    names = {name.rsplit("/", 1)[-1].lstrip("v") for name in view.refs() if name.startswith("refs/tags/")}
    known = sum(1 for version in before if dotted(version) in names)
    if not before or known * 4 < len(before) * 3:
        return True
    return any(
        name == dotted(each.full) or name.startswith((dotted(each.full) + "-", dotted(each.full) + "."))
        for name in names
    )


RULE = library_rule(
    id="version-typo",
    severity="warning",
    title="Version that was never released",
    looks_for=(
        "A new full version that the image's repository has no tag for, while it has tags for the "
        "file's other versions; or one that begins a new major version in the middle (1.9.4 in the place of 0.9.3). One that skips a "
        "major number is a note."
    ),
    why=("A digit was mistyped: the tags of no release are published."),
    proof="tags",
    bad="""
Tags: 21.2.4, 21.2
""",
    good="""
Tags: 1.2.4, 1.2
""",
    check=check,
    needs=("text", "previous"),
    before="""
Tags: 1.2.3, 1.2
""",
)
