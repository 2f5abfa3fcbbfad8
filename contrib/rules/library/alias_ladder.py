"""alias-ladder: order of the tags."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags
from contrib.rules.library.artifacts import apart
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """Of the own tags; one finding an entry. What three quarters of a file do is its custom."""
    found = [(each, message) for each in apart(context) if (message := _wrong(each)) is not None]
    several = sum(1 for each in context.entries if len(each.own) > 1)
    if len(found) > 1 and len(found) * 4 >= several * 3:
        return
    for each, message in found:
        yield context.found(RULE, context.line(each.entry), message)


def _wrong(each: EntryTags) -> str | None:
    own = each.own
    longest = max((len(tag.version) for tag in own), default=0)
    message = None
    if longest and len(own[0].version) < longest:
        exact = next(tag for tag in own if len(tag.version) == longest)
        message = (
            f"`{own[0].text}` stands before `{exact.text}`, which is more exact and should name the build"
        )
    else:
        seen: dict[str, int] = {}
        for tag in own:
            if tag.version and len(tag.version) > seen.get(tag.variant, 99):
                message = f"`{tag.text}` stands after a shorter version of the same variant"
                break
            if tag.version:
                seen[tag.variant] = len(tag.version)
    if message is None and "latest" in each.entry.tags and each.entry.tags[-1] != "latest":
        after = own[each.entry.tags.index("latest") + 1]
        if after.version and not after.variant:
            message = f"`latest` stands before `{after.text}`"
    return message


RULE = library_rule(
    id="alias-ladder",
    severity="note",
    title="Order of the tags",
    looks_for=(
        "An entry whose first tag is not its most exact one, or whose tags of one variant do not go "
        "from the full version to shorter ones, word tags and `latest` last."
    ),
    why=("The first of `Tags` is what `list --uniq` prints and what names the build."),
    proof="tags",
    bad="""
Tags: 1, 1.2, 1.2.3
""",
    good="""
Tags: 1.2.3, 1.2, 1
""",
    check=check,
)
