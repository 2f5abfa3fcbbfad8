"""arch-suite-mismatch: architecture that the suite does not have."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import UBUNTU, EntryTags
from contrib.rules.library.context import LibraryContext, listed, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix, Severity


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per entry."""
    told: set[tuple[object, ...]] = set()
    alpine_v6 = any(_alpine(each) and "arm32v6" in each.entry.architectures for each in context.entries)
    for each in context.entries:
        entry = each.entry
        if each.windows:
            continue
        suites = each.suites
        wrong: list[str] = []
        if "alpine" in suites or suites & frozenset(UBUNTU):
            wrong = [arch for arch in ("arm32v5", "mips64le") if arch in entry.architectures]
        what = ", ".join(sorted(suites))
        mild = False
        if not wrong and "arm32v6" in entry.architectures and not _alpine(each) and alpine_v6:
            wrong, what, mild = ["arm32v6"], "anything but Alpine", True
        if not wrong and context.others is not None and len(suites) == 1:
            wrong = _unknown(context, next(iter(suites)), entry.architectures)
        if not wrong:
            continue
        line = context.line(entry, "Architectures")
        if (line, *wrong) in told:
            continue  # inherited from the header: one mistake
        told.add((line, *wrong))
        fix = None
        field = context.field(entry, "Architectures")
        rest = [arch for arch in entry.architectures if arch not in wrong]
        if field is not None and rest:
            fix = Fix(
                f"take {', '.join(wrong)} out", (context.replace_value(field, ", ".join(rest)),), safe=False
            )
        yield context.found(
            RULE,
            line,
            f"{named(each)} is built for {listed(wrong)}, which {what} does not have"
            + (" (unless it starts from scratch)" if mild else ""),
            severity=Severity.NOTE if mild else None,
            fix=fix,
        )


def _alpine(each: EntryTags) -> bool:
    return any("alpine" in tag.text for tag in each.tags)


def _unknown(context: LibraryContext, suite: str, architectures: tuple[str, ...]) -> list[str]:
    assert context.others is not None
    name = "alpine" if suite == "alpine" else "ubuntu" if suite in UBUNTU else "debian"
    if name == context.survey.repository:
        return []
    file = context.others.file(name)
    if file is None:
        return []
    entries = file.entries if suite == "alpine" else file.find(suite)
    have = {arch for entry in entries for arch in entry.architectures}
    return [arch for arch in architectures if arch not in have] if have else []


RULE = library_rule(
    id="arch-suite-mismatch",
    severity="warning",
    title="Architecture that the suite does not have",
    looks_for=(
        "`arm32v5` or `mips64le` with `alpine` or a name of Ubuntu's in the tags; `arm32v6` on an "
        "entry without `alpine` in a file where others have it (a note); with the other library files "
        "at hand, an architecture that the suite's own entry does not have."
    ),
    why=(
        "There is no base to build on: Debian has arm32v5 and no arm32v6, Alpine has arm32v6 and no arm32v5."
    ),
    proof="@d8fd17c multiarch",
    bad="""
Tags: 1.2-alpine
Architectures: amd64, arm32v5
""",
    good="""
Tags: 1.2-alpine
Architectures: amd64, arm32v6
""",
    check=check,
    fix="ask",
)
