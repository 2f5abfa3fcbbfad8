"""version-skew-in-entry: tags of one entry with different versions."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags, Tag, agree, comparable, dotted
from contrib.rules.library.artifacts import apart
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per entry."""
    for each in apart(context):
        tags = [tag for tag in each.tags if tag.version]
        pair = next(((a, b) for i, a in enumerate(tags) for b in tags[i + 1 :] if not _agree(a, b)), None)
        if pair is None:
            continue
        odd = [
            tag
            for tag in tags
            if all(_agree(a, b) for a in tags if a is not tag for b in tags if b is not tag)
        ]
        fix = _fix(context, each, odd[0], tags) if len(odd) == 1 else None
        one, two = pair if len(odd) != 1 else (next(t for t in tags if not _agree(t, odd[0])), odd[0])
        yield context.found(
            RULE,
            context.line_of_tag(each.entry, two.text),
            f"`{one.text}` and `{two.text}` are tags of one build, and name different versions",
            fix=fix,
        )


def _agree(one: Tag, two: Tag) -> bool:
    if not comparable(one.version, two.version):
        return True  # a date beside a version
    if not agree(one.version, two.version):
        return False
    if one.version != two.version or not one.marker or not two.marker:
        return True
    shorter, longer = sorted((one.marker, two.marker), key=len)
    if shorter == longer or (shorter[-1].isdigit() and longer.startswith(f"{shorter}.")):
        return True  # rc1 of rc1.0.0
    kinds = {one.marker.rstrip("0123456789."), two.marker.rstrip("0123456789.")}
    numbered = [marker[-1].isdigit() for marker in (one.marker, two.marker)]
    # 5.3-rc is the channel of what comes, whether that is an alpha or a candidate
    return not all(numbered) and (len(kinds) == 1 or "rc" in (one.marker, two.marker))


def _fix(context: LibraryContext, each: EntryTags, odd: Tag, tags: list[Tag]) -> Fix | None:
    right = max((tag for tag in tags if tag is not odd), key=lambda tag: len(tag.version))
    version = dotted(right.version[: len(odd.version)])
    new = odd.text.replace(odd.written, version, 1)
    if new in context.tags or new == odd.text:
        return None
    edit = context.rename_tag(each.entry, odd.text, new)
    return Fix(f"write {new}", (edit,), safe=False) if edit else None


RULE = library_rule(
    id="version-skew-in-entry",
    severity="warning",
    title="Tags of one entry with different versions",
    looks_for=(
        "Two tags of one entry, shared ones too, whose versions do not agree (one is the dotted "
        "prefix of the other), or agree with different markers (`rc1`, `rc2`). Also called `alias- "
        "incompatible` and `wrong-tag-in-entry`."
    ),
    why=(
        "All tags of an entry are one build; a tag that was left at the last release, or put to the "
        "wrong entry, hands out another version than it says."
    ),
    proof="@2b0a104 tags",
    bad="""
Tags: 1.2.4, 1.2.3-alpine, 1.2, 1
""",
    good="""
Tags: 1.2.4, 1.2.4-alpine, 1.2, 1
""",
    check=check,
    fix="ask",
)
