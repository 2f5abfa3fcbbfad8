"""tag-typo: misspelt word in a tag."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from contrib.library.mistakes import edit_distance
from contrib.library.tags import words_of
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix


def check(context: LibraryContext) -> Iterator[Finding]:
    """Words are runs of letters."""
    counts = words_of(text for each in context.entries for text in each.entry.all_tags)
    common = [word for word, count in counts.items() if count >= 3]
    once = {word for word, count in counts.items() if count == 1}
    before = set(_short([text for each in context.before for text in each.entry.all_tags]))
    for each in context.entries:
        for text in each.entry.all_tags:
            for word in _short([text]):
                # A word that the change brings may stand in several entries, and be short: the entry itself has
                # the right one.
                fresh = bool(before) and word not in before
                if word not in once and not fresh:
                    continue
                others = words_of(other for other in each.entry.all_tags if other != text)
                known = (*common, *others) if word in once else tuple(w for w in others if w in before)
                near = next(
                    (w for w in known if w != word and edit_distance(word, w, 1) is not None),
                    None,
                )
                if near is None:
                    continue
                right = text.replace(word, near, 1)
                edit = context.rename_tag(each.entry, text, right) if right not in context.tags else None
                yield context.found(
                    RULE,
                    context.line_of_tag(each.entry, text),
                    f"`{word}` in `{text}` looks like a slip of `{near}`",
                    fix=Fix(f"write {right}", (edit,), safe=False) if edit else None,
                )


def _short(texts: Sequence[str]) -> list[str]:
    """Words of three letters or more, in order."""
    return list(dict.fromkeys(word for text in texts for word in _WORD.findall(text)))


_WORD = re.compile(r"[A-Za-z]{3,}")


RULE = library_rule(
    id="tag-typo",
    severity="warning",
    title="Misspelt word in a tag",
    looks_for=(
        "A word of four letters or more that stands once in the file and is one edit (or swap of "
        "neighbours) away from a word used three times or more, or from a word of the same entry's "
        "other tags. Against the version before: a new word of three letters or more next to the right one in an "
        "entry, however often."
    ),
    why=("A tag with a slip in it is published, and the right one is missing."),
    proof="tags",
    bad="""
Tags: 1.3-alpine, alpine
Directory: 1.3

Tags: 1.2-alpine
Directory: 1.2

Tags: 1.1-apline
Directory: 1.1
""",
    good="""
Tags: 1.3-alpine, alpine
Directory: 1.3

Tags: 1.2-alpine
Directory: 1.2

Tags: 1.1-alpine
Directory: 1.1
""",
    check=check,
    fix="ask",
)
