"""The engine over the rules for library files, and their safe fixes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from contrib.rules import engine
from contrib.rules.engine import EVERYTHING, Fixed, Look, Policy
from contrib.rules.library import COMPARING, RULES
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.form.document import Document
from contrib.rules.library.form.reading import read_on
from contrib.rules.registry import Need, Rule
from contrib.values.budgets import bounded
from contrib.values.findings import Finding, Fix

#: What a need is called when it was not met.
NEEDS: dict[Need, str] = {
    "previous": "the version before the change (--against)",
    "repository": "the image's repository (--upstream)",
    "others": "the other library files (--library)",
    "network": "the network (--online)",
}


#: Rules that say why two entries that bashbrew makes one should differ.
_CONTRADICTIONS = ("directory-variant", "suite-directory", "file-field-missing")
#: More findings than this that are alike are reported as one.
SEVERAL = 3
_QUOTED = re.compile(r"`[^`]*`")
_DIGITS = re.compile(r"[0-9]+")

#: Rules that compare tags and entries with one another run up to this size; the largest file there is has 148
#: entries and 1120 tags, 64 in one entry.
MAX_ENTRIES = 1000
MAX_TAGS = 6000

#: Rules that conclude something from what is not there: they wait until every entry can be read.
_ABSENCE = frozenset(
    ("alias-missing", "alias-dropped", "entry-dropped", "alias-ladder", "sharedtags-missing-windows")
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check.

    :ivar findings: by line.
    :ivar skipped: rules that did not get what they need: need to rules' ids.
    :ivar unanswered: questions that had no answer, by need.
    """

    findings: tuple[Finding, ...]
    skipped: Mapping[Need, tuple[str, ...]]
    unanswered: dict[str, tuple[str, ...]]


@bounded("context.name")
def check(context: LibraryContext, rules: Iterable[Rule] = RULES, policy: Policy = EVERYTHING) -> Checked:
    """Every rule that gets what it needs, over one library file."""
    oversized = _oversized(context)
    if oversized:
        context.not_known("size", oversized)
        rules = [rule for rule in rules if rule.id not in COMPARING]
    left_out = sum(section.entry is None and "Tags" in section.fields for section in context.survey.sections)
    if left_out:
        context.not_known("text", f"what is missing, before {left_out} of the entries can be read")
        rules = [rule for rule in rules if rule.id not in _ABSENCE]
    result = engine.run(
        context,
        rules,
        place=id,  # a rule for library files says itself what is one mistake
        policy=policy,
        before=None if context.previous is None else _before(context, context.previous),
    )
    return Checked(
        tuple(_one_per_cause(result.findings)),
        result.skipped,
        {need: tuple(sorted(what)) for need, what in context.unanswered.items()},
    )


def _one_per_cause(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Many findings that differ in names alone are one, with the other places after it."""
    groups: dict[object, list[Finding]] = {}
    contradicted = {each.line for each in findings if each.rule in _CONTRADICTIONS}
    for finding in findings:
        if finding.rule == "entries-merged" and contradicted & set(
            range(finding.line or 0, (finding.end_line or 0) + 1)
        ):
            continue  # why the two should differ is said already
        alike = _QUOTED.sub("`#`", finding.message)
        groups.setdefault(
            (finding.rule, finding.severity, finding.older, _DIGITS.sub("#", alike)), []
        ).append(finding)
    for group in groups.values():
        if len(group) <= SEVERAL:
            yield from group
            continue
        head, others = group[0], group[1:]
        lines = [str(each.line) for each in others[:3]]
        fixes = [each.fix for each in group if each.fix is not None]
        edits = tuple(dict.fromkeys(edit for each in fixes for edit in each.edits))
        joined = (
            Fix(fixes[0].title, edits, all(each.safe for each in fixes))
            if len(fixes) == len(group)
            else head.fix
        )
        yield replace(
            head,
            message=f"{head.message} (and {len(others)} more like this: lines {', '.join(lines)}"
            + (", …)" if len(others) > len(lines) else ")"),
            fix=joined,
            related=(*head.related, *((each.file, each.line or 1, each.message) for each in others)),
        )


def _oversized(context: LibraryContext) -> str:
    """Why the rules that compare tags with one another do not run; "" when they do."""
    count = sum(len(each.entry.all_tags) for each in context.entries)
    most = max((len(each.entry.all_tags) for each in context.entries), default=0)
    if len(context.entries) <= MAX_ENTRIES and count <= MAX_TAGS and most <= MAX_TAGS // 4:
        return ""
    return f"{context.name} has {count} tags in {len(context.entries)} entries: too many to compare with one another"


def _before(context: LibraryContext, previous: Document) -> LibraryContext:
    """The version before the change, with all else as it is."""
    return LibraryContext(
        previous,
        repositories=context.repositories,
        others=context.others,
        network=context.network,
        today=context.today,
        github=context.github,
    )


def fix(data: bytes, look: Look) -> Fixed:
    """Make every safe fix (:func:`contrib.rules.engine.fix`), none that makes bashbrew refuse the file."""
    return engine.fix(data, look, worse=_breaks)


def _breaks(before: bytes, after: bytes) -> bool:
    return not read_on(before, "before").rejected and read_on(after, "after").rejected
