"""Applying fixes: the safe ones, one round after the other, until nothing is left to mend."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from contrib.dockerfile import parse
from contrib.rules.review import Reviewed, review_all
from contrib.values.findings import Edit, Finding, apply_edits

#: Each round mends at least one finding; a file that needs more rounds than this is left as it then is.
_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Mended:
    """A file with its safe fixes made.

    :param data: the new bytes.
    :param made: what was mended, in the order in which it was done.
    """

    data: bytes
    made: tuple[Finding, ...]


def mend(file: Reviewed) -> Mended:
    """Make every safe fix.

    A fix is an edit of the bytes as they were read; two that touch each other are made in different
    rounds, so the second one sees what the first one wrote. The result is read again each time: a fix
    that would leave the file unreadable, or its own finding in place, is not made.
    """
    dockerfile = file.dockerfile
    made: list[Finding] = []
    refused: set[tuple[str, str]] = set()
    findings = review_all([Reviewed(dockerfile, file.path, file.twin)])[0]
    for _ in range(_ROUNDS):
        chosen = _apart([f for f in findings if f.fixable and (f.rule, f.message) not in refused])
        # What a stage starts from decides what is right in it: that first, then look again.
        bases = {stage.from_.line for stage in dockerfile.stages}
        chosen = [f for f in chosen if f.line in bases] or chosen
        if not chosen:
            break
        edits = [edit for finding in chosen for edit in _edits(finding)]
        candidate = parse(apply_edits(dockerfile.data, edits), dockerfile.name)
        after = review_all([Reviewed(candidate, file.path, file.twin)])[0]
        still = {(finding.rule, finding.message) for finding in after}
        failed = [f for f in chosen if (f.rule, f.message) in still]
        if failed or len(candidate.problems) > len(dockerfile.problems) or candidate.data == dockerfile.data:
            refused.update((f.rule, f.message) for f in (failed or chosen))
            continue
        dockerfile, findings = candidate, after
        made.extend(chosen)
    return Mended(dockerfile.data, tuple(made))


def offers(file: Reviewed) -> tuple[Finding, ...]:
    """Findings whose fix a person has to look at before it is made."""
    findings = review_all([file])[0]
    return tuple(f for f in findings if f.fix is not None and not f.fix.safe and f.accepted is None)


def accept_offer(file: Reviewed, finding: Finding) -> Reviewed:
    """The file with one offered fix made."""
    data = apply_edits(file.dockerfile.data, _edits(finding))
    return Reviewed(parse(data, file.dockerfile.name), file.path, file.twin)


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
