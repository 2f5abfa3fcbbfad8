"""eol-base: base that has ended."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.sources import once
from contrib.rules.library.suites import ended_suite
from contrib.rules.library.verdicts import judged
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """The table is of suites: Debian's, Ubuntu's and Alpine's."""
    assert context.others is not None
    told: set[tuple[int, str]] = set()
    partly = {id(verdict.each) for verdict in judged(context) if not verdict.unsupported}
    for source in once(context):
        for base in source.bases.froms if source.bases is not None else ():
            name, _, tag = base.partition(":")
            if "/" in name or name == "scratch" or (id(source.each), base) in told or "$" in base:
                continue
            told.add((id(source.each), base))
            ended = ended_suite(name, tag, context.today)
            file = context.others.file(name)
            gone = file is not None and not file.find(tag or "latest")
            if not ended and not gone:
                continue
            why = f"ended on {ended}" if ended else f"is gone from library/{name}"
            # A base that is gone is refused, too: where the rule that says so stands.
            place = ("Architectures", "Tags") if gone and id(source.each) in partly else ("Tags",)
            yield context.found(
                RULE,
                context.line(source.each.entry, *place),
                f"{named(source.each)} is FROM `{base}`, which {why}",
            )


RULE = library_rule(
    id="eol-base",
    severity="warning",
    title="Base that has ended",
    looks_for=("The base's tag is gone from its library file, or past its date in a table that is shipped."),
    why=("It gets no updates any more."),
    proof="from",
    bad="""
Tags: 1.2
Directory: old
""",
    good="""
Tags: 1.2
Directory: 1.2
""",
    check=check,
    needs=("text", "repository", "others"),
)
