"""sharedtags-single-linux: shared tag of one Linux entry."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import suites_in
from contrib.rules.library.change import shape
from contrib.rules.library.context import LibraryContext, listed, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Severity


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per entry."""
    for each in context.entries:
        if each.windows or each.unstable:
            continue
        alone = [
            tag.text
            for tag in each.shared
            if len(context.tags[tag.text]) == 1
            and "windows" not in tag.text
            and "nanoserver" not in tag.text
            # no image for Windows has a Linux distribution in its name
            and (suites_in(tag.text) or not any(other.full == each.full for other in context.windows))
        ]
        if not alone:
            continue
        forms = {shape(text) for text in alone}
        siblings = [
            other
            for other in context.entries
            if other is not each and not other.windows and forms & {shape(tag.text) for tag in other.own}
        ]
        yield context.found(
            RULE,
            context.line_of_tag(each.entry, alone[0]),
            f"{listed(alone)} {'is' if len(alone) == 1 else 'are'} shared by {named(each)} alone"
            + (f"; {len(siblings)} others have that form in Tags" if len(siblings) > 1 else ""),
            severity=Severity.WARNING if len(siblings) > 1 else None,
            fix=context.move_tags(each.entry, each.entry, alone, "move to Tags"),
        )


RULE = library_rule(
    id="sharedtags-single-linux",
    severity="note",
    title="Shared tag of one Linux entry",
    looks_for=(
        "A shared tag on one entry only, without a Windows word, while no Windows entry has its "
        "version and variant."
    ),
    why=("Nothing shares it: it can stand in `Tags`."),
    proof="library",
    bad="""
Tags: 1.2-trixie
SharedTags: 1.2
""",
    good="""
Tags: 1.2-trixie, 1.2
""",
    check=check,
    fix="ask",
)
