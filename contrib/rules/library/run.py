"""Run the rules over a library file, and mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from contrib.library.survey import Survey
from contrib.rules.library import COMPARING, HISTORY, RULES
from contrib.rules.library.context import Context
from contrib.rules.registry import Need, Rule
from contrib.values.findings import Edit, Finding, Lines, Severity, apply_edits

#: What a need is called when it was not met.
NEEDS: dict[Need, str] = {
    "previous": "the version before the change (--against)",
    "repository": "the image's repository (--upstream)",
    "others": "the other library files (--library)",
    "network": "the network (--online)",
}


#: Rules that compare tags and entries with one another run up to this size; the largest file there is has 148
#: entries and 1120 tags, 64 in one entry.
MAX_ENTRIES = 1000
MAX_TAGS = 6000


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check.

    :ivar findings: by line.
    :ivar skipped: rules that did not get what they need: need to rules' ids.
    :ivar unanswered: questions that had no answer, by need.
    """

    findings: tuple[Finding, ...]
    skipped: dict[Need, tuple[str, ...]]
    unanswered: dict[str, tuple[str, ...]]


def check(context: Context, rules: Iterable[Rule] = RULES) -> Checked:
    """Every rule that gets what it needs; one finding a mistake."""
    given = context.given
    findings: list[Finding] = []
    skipped: dict[Need, list[str]] = {}
    replaces: dict[str, tuple[str, ...]] = {}
    oversized = _oversized(context)
    if oversized:
        context.not_known("size", oversized)
    before: Context | None = None
    for rule in rules:
        replaces[rule.id] = rule.replaces
        if oversized and rule.id in COMPARING:
            continue
        lacking = rule.needs - given
        if lacking:
            for need in lacking:
                skipped.setdefault(need, []).append(rule.id)
            continue
        found = list(rule.check(context))
        if found and context.previous is not None and rule.id in HISTORY and "previous" not in rule.needs:
            if before is None:
                before = _before(context, context.previous)
            known = {_key(finding) for finding in rule.check(before)}
            found = [
                replace(finding, severity=Severity.NOTE) if _key(finding) in known else finding
                for finding in found
            ]
        findings += found
    lines = Lines(context.survey.data)
    return Checked(
        tuple(sorted(map(lines.locate, _without_general(findings, replaces)), key=_order)),
        {need: tuple(ids) for need, ids in skipped.items()},
        {need: tuple(sorted(what)) for need, what in context.unanswered.items()},
    )


def _oversized(context: Context) -> str:
    """Why the rules that compare tags with one another do not run; "" when they do."""
    count = sum(len(each.entry.all_tags) for each in context.entries)
    most = max((len(each.entry.all_tags) for each in context.entries), default=0)
    if len(context.entries) <= MAX_ENTRIES and count <= MAX_TAGS and most <= MAX_TAGS // 4:
        return ""
    return f"{context.name} has {count} tags in {len(context.entries)} entries: too many to compare with one another"


def _before(context: Context, previous: Survey) -> Context:
    """The version before the change, with all else as it is."""
    return Context(
        previous,
        repositories=context.repositories,
        others=context.others,
        network=context.network,
        today=context.today,
    )


def _key(finding: Finding) -> tuple[str, str]:
    """A finding without its lines."""
    words = finding.message.replace(")", " ").split()
    return finding.rule, " ".join(word for word in words if not word.isdigit() and word != "(line")


def _without_general(findings: list[Finding], replaces: dict[str, tuple[str, ...]]) -> list[Finding]:
    """A more specific finding at the same place stands for the general one."""
    covered = {(general, finding.line) for finding in findings for general in replaces.get(finding.rule, ())}
    return [finding for finding in findings if (finding.rule, finding.line) not in covered]


def _order(finding: Finding) -> tuple[int, int, str]:
    return finding.line or 0, -finding.severity.rank, finding.rule


def mend(
    data: bytes, look: Callable[[bytes], tuple[Finding, ...]], *, rounds: int = 10
) -> tuple[bytes, list[Finding]]:
    """Apply the safe fixes, again and again until none is left.

    :param look: findings of the file's bytes.
    :returns: the mended bytes, and what was mended. A fix that would make the reference reject a file that
        it accepts is left out.
    """
    mended: list[Finding] = []
    for _ in range(rounds):
        fixable = [finding for finding in look(data) if finding.fixable]
        if not fixable:
            break
        after = apply_edits(data, _edits(fixable))
        if _breaks(data, after):
            fixable = [f for f in fixable if not _breaks(data, apply_edits(data, _edits([f])))]
            after = apply_edits(data, _edits(fixable))
            if not fixable or _breaks(data, after):
                break
        if after == data:
            break
        mended += fixable
        data = after
    return data, mended


def _edits(findings: list[Finding]) -> list[Edit]:
    """Fixes whose edits do not meet one another; the rest waits for the next round."""
    edits: list[Edit] = []
    for finding in findings:
        own = finding.fix.edits if finding.fix is not None else ()
        if all(one == two or not _meet(one, two) for one in own for two in edits):
            edits += own
    return edits


def _meet(one: Edit, two: Edit) -> bool:
    return one.start <= two.end and two.start <= one.end


def _breaks(before: bytes, after: bytes) -> bool:
    return not Survey(before, "before").rejected and Survey(after, "after").rejected
