"""The one engine of all rules: which of them run on a file, what becomes of their findings, and the fix rounds.

Rules look at a :class:`contrib.rules.subject.Subject`: a Dockerfile or a library file, understood once. :func:`run`
hands it to each rule whose needs are met, keeps the most specific finding of a place, tells what a change introduced from what was there before,
and marks what a person suppressed. Nothing here reads a file or prints.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from contrib.rules.registry import Need, Rule
from contrib.rules.subject import Subject
from contrib.values.findings import Edit, Evidence, Finding, Fix, Severity, apply_edits
from contrib.values.patterns import lazy
from contrib.values.records import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Policy:
    """Which rules count, and how much: from ``contrib.toml`` and the command line.

    :param select: ids of the rules to run; empty for all.
    :param ignore: ids of the rules to leave out.
    :param per_file: glob of a path (``/`` between its parts) to the ids that are left out there.
    :param severity: id to the severity that its findings have instead of their own.
    """

    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    per_file: tuple[tuple[str, frozenset[str]], ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=dict)

    def runs(self, rule: str, path: str) -> bool:
        """Whether a rule runs on the file."""
        if self.select and rule not in self.select:
            return False
        if rule in self.ignore:
            return False
        if not self.per_file:
            return True
        from contrib.values.globs import matches

        return not any(rule in ids and matches(path, glob) for glob, ids in self.per_file)

    def applied(self, finding: Finding) -> Finding:
        """The finding with the severity that the policy gives it."""
        severity = self.severity.get(finding.rule)
        return finding if severity is None else replace(finding, severity=severity)


#: The policy of a run without configuration.
EVERYTHING = Policy()


@dataclass(frozen=True, slots=True)
class Suppression:
    """A comment that silences rules for the lines below it.

    :param line: the comment's line.
    :param first: first line that it covers; ``last`` the last one, inclusive.
    :param rules: ids that it names.
    :param reason: what the person wrote; "" when nothing.
    """

    line: int
    first: int
    last: int
    rules: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a file.

    :param findings: by line, the worst first.
    :param skipped: rules that did not get what they need: need to the rules' ids.
    """

    findings: tuple[Finding, ...]
    skipped: Mapping[Need, tuple[str, ...]] = field(default_factory=dict)


#: What the engine says beside the rules: id to what it means.
REMARKS: dict[str, str] = {
    "suppression-without-reason": "A comment suppresses a rule and gives no reason. It applies all the same.",
    "unused-suppression": "A comment suppresses a rule that reports nothing there.",
}


def run(
    subject: Subject,
    rules: Iterable[Rule],
    *,
    place: Callable[[Finding], Hashable],
    policy: Policy = EVERYTHING,
    path: str | None = None,
    before: Subject | None = None,
    remarks: Callable[[Sequence[Finding]], Iterable[Finding]] | None = None,
    remark_ids: Iterable[str] = (),
    suppressions: Sequence[Suppression] = (),
) -> Checked:
    """Every rule that gets what it needs.

    :param subject: what the rules look at; it says what they may ask for.
    :param place: what a rule reports once: an instruction, or the finding itself.
    :param path: for the policy's globs; the subject's name by default.
    :param before: the same file before a change. What a rule reports there too is marked as
        older, and is a note; rules that need ``previous`` speak of the change alone.
    :param remarks: what is said beside the rules, given their findings.
    :param remark_ids: the ids that these have.
    """
    path = subject.name if path is None else path
    chosen = [rule for rule in rules if policy.runs(rule.id, path)]
    given = subject.given
    findings: list[Finding] = []
    skipped: dict[Need, list[str]] = {}
    for rule in chosen:
        lacking = rule.needs - given
        if lacking:
            for need in sorted(lacking):
                skipped.setdefault(need, []).append(rule.id)
            continue
        found = _once(place, rule.check(subject))
        if found and before is not None and "previous" not in rule.needs:
            found = _aged(found, rule.check(before))
        findings += found
    findings = _most_specific(findings, {rule.id: rule.replaces for rule in chosen})
    if remarks is not None:
        findings += [each for each in remarks(findings) if policy.runs(each.rule, path)]
    if suppressions:
        every = list(rules)
        ran = {rule.id for rule in chosen} - {id_ for ids in skipped.values() for id_ in ids}
        known = frozenset([*(rule.id for rule in every), *remark_ids])
        silent = frozenset(rule.id for rule in every if rule.id not in ran)
        silent |= {id_ for id_ in remark_ids if not policy.runs(id_, path)}
        findings = _suppressed(subject.name, findings, suppressions, known, silent)
        findings = [each for each in findings if each.rule not in REMARKS or policy.runs(each.rule, path)]
    findings = [policy.applied(each) for each in findings]
    return Checked(
        tuple(sorted(map(subject.lines.locate, findings), key=_order)),
        {need: tuple(ids) for need, ids in skipped.items()},
    )


def _once(place: Callable[[Finding], Hashable], found: Iterable[Finding]) -> list[Finding]:
    """One finding per place: the worst, with the fixes of all and the others as related places."""
    found = list(found)
    if len(found) < 2:
        return found
    groups: dict[Hashable, list[Finding]] = {}
    for finding in found:
        groups.setdefault(place(finding), []).append(finding)
    merged = []
    for group in groups.values():
        head = max(group, key=lambda finding: finding.severity.rank)
        others = [finding for finding in group if finding is not head]
        if others:
            places = tuple((other.file, other.line or 1, other.message) for other in others)
            head = replace(head, fix=_joined(head, others), related=(*head.related, *places))
        merged.append(head)
    return merged


def _joined(head: Finding, others: Sequence[Finding]) -> Fix | None:
    """The fixes of several findings as one; a person has to look at one that covers only some of them."""
    fixes = [finding.fix for finding in (head, *others)]
    present = [fix for fix in fixes if fix is not None]
    if not present:
        return None
    edits = tuple(dict.fromkeys(edit for fix in present for edit in fix.edits))
    safe = len(present) == len(fixes) and all(fix.safe for fix in present)
    return Fix(present[0].title, edits, safe=safe)


# -- a change ----------------------------------------------------------------------------------------------

_LINE = lazy(r" ?\(line [0-9]+\)|\bline [0-9]+")
_NUMBERS = lazy(
    r"[0-9]+(?:[.][0-9]+)*(?:[-.]?(?:alpha|beta|rc|preview|milestone|m|a|b)[-.]?[0-9]*(?![A-Za-z]))?"
)


def _aged(found: Sequence[Finding], earlier: Iterable[Finding]) -> list[Finding]:
    """Findings that the version before has too, marked as older.

    The same sentence is the same finding; so is one that differs in lines and versions alone, as often as
    it was there: a release moves the numbers and leaves the mistake.
    """
    exact: Counter[str] = Counter()
    alike: Counter[str] = Counter()
    for each in earlier:
        exact[_LINE.sub("", each.message)] += 1
        alike[_alike(each)] += 1
    older: set[int] = set()
    for position, finding in enumerate(found):
        key = _LINE.sub("", finding.message)
        if exact[key] > 0:
            exact[key] -= 1
            alike[_alike(finding)] -= 1
            older.add(position)
    for position, finding in enumerate(found):
        key = _alike(finding)
        if position not in older and alike[key] > 0:
            alike[key] -= 1
            older.add(position)
    return [
        replace(finding, older=True, severity=Severity.NOTE) if position in older else finding
        for position, finding in enumerate(found)
    ]


def _alike(finding: Finding) -> str:
    return _NUMBERS.sub("#", _LINE.sub("", finding.message))


def introduced(findings: Iterable[Finding]) -> list[Finding]:
    """Without those that were there before the change."""
    return [finding for finding in findings if not finding.older]


# -- which one is kept -------------------------------------------------------------------------------------


def _most_specific(findings: list[Finding], replaces: Mapping[str, tuple[str, ...]]) -> list[Finding]:
    """Without the findings that a more specific rule's finding at the same line stands for."""
    covered = {(other, finding.line) for finding in findings for other in replaces.get(finding.rule, ())}
    return [finding for finding in findings if (finding.rule, finding.line) not in covered]


def _order(finding: Finding) -> tuple[int, int, str]:
    return finding.line or 0, -finding.severity.rank, finding.rule


def _suppressed(
    name: str,
    findings: list[Finding],
    suppressions: Sequence[Suppression],
    known: frozenset[str],
    silent: frozenset[str],
) -> list[Finding]:
    """The findings, those that a comment suppresses marked as accepted; and what there is to say of the comments.

    :param known: ids of all rules of the kind.
    :param silent: rules that did not run: that they report nothing says nothing.
    """
    used: set[tuple[int, str]] = set()
    kept = []
    for finding in findings:
        line = finding.line or 0
        by = next((s for s in suppressions if finding.rule in s.rules and s.first <= line <= s.last), None)
        if by is not None:
            used.add((by.line, finding.rule))
            finding = finding.accept(by.reason or "no reason is given")
        kept.append(finding)
    for each in suppressions:
        unused = [rule for rule in each.rules if (each.line, rule) not in used and rule not in silent]
        if not each.reason and len(unused) < len(each.rules):
            message = f"`{', '.join(each.rules)}` is suppressed without a reason: write why behind the rule"
            kept.append(remark(name, "suppression-without-reason", Severity.WARNING, each.line, message))
        if unused or not each.rules:
            message = _unused(each, unused, known)
            kept.append(remark(name, "unused-suppression", Severity.NOTE, each.line, message))
    return kept


def _unused(suppression: Suppression, rules: Sequence[str], known: frozenset[str]) -> str:
    if not rules:
        return "this suppresses nothing: write `# contrib: ignore=RULE reason`"
    unknown = [rule for rule in rules if rule not in known]
    if unknown:
        from difflib import get_close_matches

        near = get_close_matches(unknown[0], known, n=1)
        return f"there is no rule `{unknown[0]}`" + (f": did you mean `{near[0]}`?" if near else "")
    if suppression.last < suppression.first:
        return (
            f"`{', '.join(rules)}` is not suppressed from here: the comment belongs on a line of its own, "
            "directly above the instruction, after FROM"
        )
    return f"`{', '.join(rules)}` reports nothing here: remove it from the comment"


def accepted(findings: Iterable[Finding], reason: Callable[[Finding], str | None]) -> tuple[Finding, ...]:
    """The findings, those with a reason marked as accepted."""
    return tuple(
        finding if why is None else finding.accept(why) for finding in findings for why in (reason(finding),)
    )


def remark(
    file: str,
    id_: str,
    severity: Severity,
    line: int,
    message: str,
    evidence: tuple[Evidence, ...] = (),
) -> Finding:
    """A finding that no rule makes."""
    return Finding(id_, severity, file, line, message, end_line=line, evidence=evidence)


# -- fixes -------------------------------------------------------------------------------------------------

#: Each round fixes at least one finding; a file that needs more rounds than this is left as it then is.
ROUNDS = 50

Look = Callable[[bytes], Sequence[Finding]]


@dataclass(frozen=True, slots=True)
class Fixed:
    """A file with its safe fixes made.

    :param data: the new bytes.
    :param made: what was fixed, in the order in which it was done.
    """

    data: bytes
    made: tuple[Finding, ...]


def _never(before: bytes, after: bytes) -> bool:
    return False


def _all(data: bytes, chosen: list[Finding]) -> list[Finding]:
    return chosen


def fix(
    data: bytes,
    look: Look,
    *,
    worse: Callable[[bytes, bytes], bool] = _never,
    first: Callable[[bytes, list[Finding]], list[Finding]] = _all,
    strict: bool = False,
) -> Fixed:
    """Make every safe fix.

    A fix is an edit of the bytes as they were read; two that touch each other are made in different rounds,
    so the second one sees what the first one wrote. The result is looked at again each time: a fix that
    leaves its own finding in place, or the file worse, is not made.

    :param look: the findings of a file's bytes.
    :param worse: whether the bytes after some fixes are worse than those before.
    :param first: which of the fixes of a round go before the others.
    :param strict: a fix that brings a finding of another kind is not made either.
    """
    made: list[Finding] = []
    refused: set[tuple[str, str]] = set()
    findings = look(data)
    for _ in range(ROUNDS):
        # What a person accepted stays as it is.
        chosen = _apart([f for f in findings if f.fixable and f.accepted is None and _key(f) not in refused])
        chosen = first(data, chosen) or chosen
        if not chosen:
            break
        after = apply_edits(data, [edit for finding in chosen for edit in _edits(finding)])
        if after == data:
            refused.update(map(_key, chosen))
            continue
        if worse(data, after):
            bad = [f for f in chosen if worse(data, apply_edits(data, _edits(f)))]
            refused.update(map(_key, bad or chosen))
            continue
        again = look(after)
        was, now = Counter(map(_key, findings)), Counter(map(_key, again))
        failed = [f for f in chosen if now[_key(f)] >= was[_key(f)]]
        if strict and not failed and _more(findings, again):
            failed = [f for f in chosen if _more(findings, look(apply_edits(data, _edits(f))))] or chosen
        if failed and len(chosen) > 1:
            # Another fix of the round may have brought the same finding elsewhere: the first is tried alone.
            chosen = failed[:1]
            after = apply_edits(data, _edits(chosen[0]))
            again = look(after)
            now = Counter(map(_key, again))
            failed = [
                f
                for f in chosen
                if now[_key(f)] >= was[_key(f)] or worse(data, after) or (strict and _more(findings, again))
            ]
        if failed:
            refused.update(map(_key, failed))
            continue
        data, findings = after, again
        made.extend(chosen)
    return Fixed(data, tuple(made))


def _more(before: Iterable[Finding], after: Iterable[Finding]) -> bool:
    """Whether a rule reports more places than it did."""
    was, now = (Counter(finding.rule for finding in findings) for findings in (before, after))
    return any(count > was[rule] for rule, count in now.items())


def offers(findings: Iterable[Finding]) -> list[Finding]:
    """Findings whose fix a person has to look at before it is made."""
    return [f for f in findings if f.fix is not None and not f.fix.safe and f.accepted is None]


def fix_asked(
    data: bytes,
    look: Look,
    confirm: Callable[[Finding, bytes, bytes], bool],
    *,
    fix_safe: Callable[[bytes], Fixed],
) -> Fixed:
    """Offer the fixes that need a look, one by one; what is taken may make more fixes safe.

    :param confirm: asked with the finding, the bytes before and the bytes after.
    :param fix_safe: makes the safe ones.
    """
    declined: set[tuple[str, str]] = set()
    done = fix_safe(data)
    data, made = done.data, list(done.made)
    while True:
        finding = next((f for f in offers(look(data)) if _key(f) not in declined), None)
        if finding is None:
            return Fixed(data, tuple(made))
        declined.add(_key(finding))
        after = apply_edits(data, _edits(finding))
        if confirm(finding, data, after):
            more = fix_safe(after)
            made += [finding, *more.made]
            data = more.data


def _key(finding: Finding) -> tuple[str, str]:
    return finding.rule, finding.message


def _edits(finding: Finding) -> tuple[Edit, ...]:
    return finding.fix.edits if finding.fix is not None else ()


def _apart(findings: list[Finding]) -> list[Finding]:
    """The first findings whose edits neither overlap nor touch those of an earlier one."""
    starts: list[int] = []
    ends: list[int] = []
    chosen = []
    for finding in findings:
        places = []
        for edit in _edits(finding):
            at = bisect_right(starts, edit.end)
            if at and ends[at - 1] >= edit.start:
                break
            places.append((edit.start, edit.end))
        else:
            chosen.append(finding)
            for start, end in places:
                at = bisect_right(starts, start)
                starts.insert(at, start)
                ends.insert(at, end)
    return chosen
