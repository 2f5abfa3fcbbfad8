"""variant-default-differs: variant with another default than latest."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.library.tags import SUITES, EntryTags
from contrib.rules.library.context import LibraryContext, listed, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding

_QUALIFIER = re.compile(r"([A-Za-z]+)([0-9][0-9.]*)")
_NUMBER = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,2})?")
# A build of a release: 1.2.3-r4.
_BUILDS = frozenset(("r", "b", "p", "rev", "rel", "build", "patch"))
# These number what the image is built on, not what is in it.
_BASES = frozenset(
    (
        "alpine",
        "debian",
        "ubuntu",
        "al",
        "ubi",
        "oraclelinux",
        "ltsc",
        "sac",
        "fedora",
        "centos",
        "rocky",
        "leap",
        "bci",
    )
)


def check(context: LibraryContext) -> Iterator[Finding]:
    """Compare each entry of the version of ``latest`` with it."""
    holders = context.tags.get("latest", [])
    if not holders:
        return
    default = numbered(holders[0])
    for name, value in default.items():
        for each in context.entries:
            own = numbered(each).get(name)
            if each in holders or each.full != holders[0].full or own in (None, value):
                continue
            bare = [tag for tag in each.tags if tag.variant and name not in _named(tag.words)]
            texts = []
            right: EntryTags | None = None
            for tag in bare:
                other = _with(context, name, value, tag.words, each)
                if other is not None:
                    right = right or other
                    texts.append(tag.text)
            if right is not None:
                yield context.found(
                    RULE,
                    context.line_of_tag(each.entry, texts[0]),
                    f"{listed(texts)} {'is' if len(texts) == 1 else 'are'} on {name}{own}, `latest` is on "
                    f"{name}{value}; {named(right)} (line {context.line(right.entry)}) has both",
                    fix=context.move_tags(
                        each.entry, right.entry, texts, f"move {', '.join(texts)} to {right.entry.tags[0]}"
                    ),
                )


def _named(words: tuple[str, ...]) -> dict[str, str]:
    """Qualifiers with their numbers, which may be words of their own: ``jdk21``, ``temurin-17``."""
    found = {}
    for word, after in zip(words, (*words, "")[1:], strict=True):
        match = _QUALIFIER.fullmatch(word)
        if match is not None and match[1].lower() not in _BASES | _BUILDS:
            found[match[1]] = match[2]
        elif (
            word.isalpha()
            and word.lower() not in _BASES
            and word.lower() not in SUITES
            and _NUMBER.fullmatch(after)
        ):
            found[word] = after
    return found


def numbered(each: EntryTags) -> dict[str, str]:
    """Qualifiers of an entry with their numbers: ``jdk`` to ``21``."""
    found: dict[str, str] = {}
    for tag in each.tags:
        if tag.version:
            found.update(_named(tag.words))
    return found


def _with(
    context: LibraryContext, name: str, value: str, words: tuple[str, ...], each: EntryTags
) -> EntryTags | None:
    """The entry of the same version with the default's qualifier and these other words."""
    wanted = sorted(words)
    for other in context.entries:
        if other is each or other.full != each.full:
            continue
        for tag in other.tags:
            rest = [word for word in tag.words if word != f"{name}{value}"]
            if len(rest) == len(tag.words) and _named(tag.words).get(name) == value:
                rest.remove(value)  # temurin-17: without its number, or without both
                if sorted(rest) != wanted:
                    rest.remove(name)
            if tag.version and len(rest) < len(tag.words) and sorted(rest) == wanted:
                return other
    return None


RULE = library_rule(
    id="variant-default-differs",
    severity="warning",
    title="Variant with another default than latest",
    looks_for=(
        "The entry of `latest` has a qualifier (`java21`); an entry of the same version with another "
        "value of it (`java17`) carries a tag with a variant and without the qualifier "
        "(`4.1-alpine`), although there is one with `latest`'s value and that variant. Also called "
        "`bare-variant-differs`."
    ),
    why=("`4.1` and `4.1-alpine` should differ in Alpine alone."),
    proof="tags",
    bad="""
Tags: 4.1-java21, 4.1, latest
Directory: 21

Tags: 4.1-java21-alpine
Directory: 21/alpine

Tags: 4.1-java17-alpine, 4.1-alpine
Directory: 17/alpine
""",
    good="""
Tags: 4.1-java21, 4.1, latest
Directory: 21

Tags: 4.1-java21-alpine, 4.1-alpine
Directory: 21/alpine

Tags: 4.1-java17-alpine
Directory: 17/alpine
""",
    check=check,
    fix="ask",
)
