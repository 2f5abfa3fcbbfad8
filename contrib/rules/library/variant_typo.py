"""variant-typo: qualifier with another number in one tag."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix

_QUALIFIER = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2,})([0-9]+(?:\.[0-9]+)*)(?![A-Za-z0-9])")


def check(context: LibraryContext) -> Iterator[Finding]:
    """Three tags with the qualifier at least."""
    for each in context.entries:
        numbers: dict[str, dict[str, list[str]]] = {}
        for text in each.entry.all_tags:
            for name, number in _QUALIFIER.findall(text):
                numbers.setdefault(name, {}).setdefault(number, []).append(text)
        for name, found in numbers.items():
            if len(found) != 2:
                continue
            (odd_number, odd), (number, rest) = sorted(found.items(), key=lambda item: len(item[1]))
            if len(odd) != 1 or len(rest) < 2 or odd[0] in rest or _shorter(odd_number, number):
                continue
            right = odd[0].replace(f"{name}{odd_number}", f"{name}{number}", 1)
            edit = context.rename_tag(each.entry, odd[0], right) if right not in context.tags else None
            yield context.found(
                RULE,
                context.line_of_tag(each.entry, odd[0]),
                f"`{odd[0]}` has {name}{odd_number}, the other tags of the entry have {name}{number}",
                fix=Fix(f"write {right}", (edit,), safe=False) if edit else None,
            )


def _shorter(one: str, two: str) -> bool:
    """``alpine3`` beside ``alpine3.22`` is an alias."""
    return one.startswith(two + ".") or two.startswith(one + ".")


RULE = library_rule(
    id="variant-typo",
    severity="warning",
    title="Qualifier with another number in one tag",
    looks_for=(
        "All tags of an entry that have a qualifier with a number (`jdk8`) share the number, but one."
    ),
    why=("All tags of an entry are one build."),
    proof="tags",
    bad="""
Tags: 1.2-jdk8, 1-jdk8, jdk11, 1.2-jdk8-slim
""",
    good="""
Tags: 1.2-jdk8, 1-jdk8, jdk8, 1.2-jdk8-slim
""",
    check=check,
    fix="ask",
)
