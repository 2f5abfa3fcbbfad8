"""stable-alias-on-prerelease: alias without marker on a candidate."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags
from contrib.rules.library.context import LibraryContext, listed, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix, Severity


def check(context: LibraryContext) -> Iterator[Finding]:
    """Aliases are shorter versions, or the same one without its marker."""
    for each in context.entries:
        if not each.marker:
            continue
        plain = [
            tag for tag in each.tags if tag.version and not tag.marker and len(tag.version) < len(each.full)
        ]
        if not plain:
            continue
        marked = any(
            tag.marker and (len(tag.version) < len(each.full) or not tag.marker[-1].isdigit())
            for tag in each.tags
            if tag.marker != each.marker or tag.version != each.full
        )
        released = any(other.series == each.series and len(each.series) > 0 for other in context.stable)
        texts = [tag.text for tag in plain]
        dropped = context.drop_tags(each.entry, texts)
        yield context.found(
            RULE,
            context.line_of_tag(each.entry, texts[0]),
            f"{listed(texts, 3)} {'has' if len(texts) == 1 else 'have'} no marker, and {named(each)} is not released yet",
            severity=None if (marked or released) and not _customary(context) else Severity.NOTE,
            fix=Fix("take the aliases out", dropped, safe=False) if dropped else None,
        )


def _customary(context: LibraryContext) -> bool:
    """Whether the file's past gave plain aliases to candidates of other releases."""
    now = {each.full for each in context.entries if each.marker}
    return any(
        each.marker
        and each.full not in now
        and any(tag.version and not tag.marker and len(tag.version) < len(each.full) for tag in each.tags)
        for file in context.past or ()
        for each in map(EntryTags, file.entries)
    )


RULE = library_rule(
    id="stable-alias-on-prerelease",
    severity="warning",
    title="Alias without marker on a candidate",
    looks_for=(
        "An entry with a marker also carries an alias without one, and a stable entry of that series "
        "exists, or the entry has marked aliases (`2.0-rc`) too. Else a note."
    ),
    why=("`2.0` should be a release; candidates have `2.0-rc` and `rc`."),
    proof="tags",
    bad="""
Tags: 2.0.0-rc1, 2.0-rc, 2.0
Directory: 2.0
""",
    good="""
Tags: 2.0.0-rc1, 2.0-rc
Directory: 2.0
""",
    check=check,
    fix="ask",
)
