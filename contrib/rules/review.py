"""The review: every rule that gets what it needs, one finding a mistake, accepted ones marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from contrib.dockerfile.model import Dockerfile
from contrib.rules.context import Context
from contrib.rules.registry import REGISTRY, Need
from contrib.values.findings import Evidence, Finding, Fix, Lines, Severity

if TYPE_CHECKING:
    from contrib.facts.model import FactSheet
    from contrib.images.model import Image

#: What the review itself says, beside the rules: id -> what it means.
REMARKS: dict[str, str] = {
    "not-windows": "The file builds a Linux image: rules for Windows do not apply to it.",
    "unread-shell": "A part of a shell body was not understood; rules judged the rest.",
    "refused-by-builder": "Docker's builder would not take the instruction.",
    "stale-accept": "An `[[accept]]` entry of the image matches no finding any more.",
}


def review(
    dockerfile: Dockerfile,
    *,
    path: str | None = None,
    twin: FactSheet | Dockerfile | None = None,
    image: Image | None = None,
) -> tuple[Finding, ...]:
    """What the maintainers would say of ``dockerfile``, by line.

    :param path: the file's path in its repository, ``/`` between the parts; without it rules that read
        the directory's name are silent.
    :param twin: the Linux Dockerfile of the same image, or its facts; likewise.
    :param image: marks the findings that its ``[[accept]]`` tables accept, and says which of these
        tables match nothing.
    """
    return review_all([Reviewed(dockerfile, path, twin)], image=image)[0]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One file of several, with what is known of it."""

    dockerfile: Dockerfile
    path: str | None = None
    twin: FactSheet | Dockerfile | None = None


def review_all(files: Sequence[Reviewed], *, image: Image | None = None) -> list[tuple[Finding, ...]]:
    """:func:`review` of several files; an ``[[accept]]`` entry is stale when it matches in none of them."""
    reports = [_findings(file, image) for file in files]
    if image is None:
        return [tuple(findings) for findings in reports]
    accepted = []
    for file, findings in zip(files, reports, strict=True):
        path = _named(file)
        reasons = [image.accepts(finding.rule, path) for finding in findings]
        accepted.append([f if r is None else f.accept(r.why) for f, r in zip(findings, reasons, strict=True)])
    for position, stale in _stale(files, accepted, image):
        accepted[position].append(stale)
    return [tuple(findings) for findings in accepted]


def _findings(file: Reviewed, image: Image | None) -> list[Finding]:
    dockerfile = file.dockerfile
    context = Context.of(dockerfile, path=file.path, twin=file.twin, image=image)
    if not context.windows:
        base = dockerfile.last_stage.base if dockerfile.last_stage else ""
        started = f"it starts from `{base}`" if base else "it names no Windows base"
        message = f"not a Windows Dockerfile ({started}): rules for Windows do not apply"
        remarks = [_remark(dockerfile, "not-windows", Severity.NOTE, 1, message), *_refused(context, ())]
        return list(map(Lines(dockerfile.data).locate, remarks))
    given: set[Need] = {"text"}
    if file.path is not None:
        given.add("path")
    if file.twin is not None:
        given.add("twin")
    findings: list[Finding] = []
    for rule in REGISTRY.of_kind("dockerfile"):
        if rule.needs <= given:
            findings.extend(_once(context, rule.check(context)))
    findings = _most_specific(findings)
    findings.extend(_unread(context))
    findings.extend(_refused(context, findings))
    lines = Lines(dockerfile.data)
    return sorted(
        map(lines.locate, findings),
        key=lambda finding: (finding.line or 0, -finding.severity.rank, finding.rule),
    )


def _named(file: Reviewed) -> str:
    return file.path if file.path is not None else file.dockerfile.name


def _once(context: Context, found: Iterable[Finding]) -> list[Finding]:
    """One finding per instruction: the worst first place, with the fixes of all of them."""
    groups: dict[int, list[Finding]] = {}
    for finding in found:
        groups.setdefault(context.instruction_line(finding.line), []).append(finding)
    merged = []
    for group in groups.values():
        head = max(group, key=lambda finding: finding.severity.rank)
        others = [finding for finding in group if finding is not head]
        if others:
            fix = _joined(head, others)
            places = tuple((other.file, other.line or 1, other.message) for other in others)
            head = replace(head, fix=fix, related=(*head.related, *places))
        merged.append(head)
    return merged


def _joined(head: Finding, others: Sequence[Finding]) -> Fix | None:
    fixes = [finding.fix for finding in (head, *others)]
    if any(fix is None for fix in fixes):
        # What is mended in part would still be found: a person has to look at it.
        present = [fix for fix in fixes if fix is not None]
        if not present:
            return None
        edits = tuple(edit for fix in present for edit in fix.edits)
        return Fix(present[0].title, edits, safe=False)
    whole = [fix for fix in fixes if fix is not None]
    return Fix(
        whole[0].title,
        tuple(dict.fromkeys(edit for fix in whole for edit in fix.edits)),
        safe=all(fix.safe for fix in whole),
    )


def _most_specific(findings: list[Finding]) -> list[Finding]:
    """Without the findings that a more specific rule's finding at the same line stands for."""
    general = {rule.id: rule.replaces for rule in REGISTRY.of_kind("dockerfile")}
    replaced = {(other, finding.line) for finding in findings for other in general[finding.rule]}
    return [finding for finding in findings if (finding.rule, finding.line) not in replaced]


def _unread(context: Context) -> Iterable[Finding]:
    seen = set()
    for line, text in context.unread:
        if line not in seen:
            seen.add(line)
            yield _remark(
                context.file,
                "unread-shell",
                Severity.NOTE,
                line,
                f"not understood, and so not judged: `{_short(text)}`",
            )


def _refused(context: Context, findings: Sequence[Finding]) -> Iterable[Finding]:
    said = {
        finding.line for finding in findings if finding.rule in ("empty-variable", "buildkit-only-syntax")
    }
    for problem in context.file.problems:
        if problem.line not in said:
            yield _remark(
                context.file,
                "refused-by-builder",
                Severity.ERROR,
                problem.line,
                f"the builder refuses this: {problem.message}",
            )


def _stale(
    files: Sequence[Reviewed], reports: Sequence[Sequence[Finding]], image: Image
) -> Iterator[tuple[int, Finding]]:
    """Entries that are meant for a file here and accept no finding in any of them."""
    from pathlib import PurePosixPath

    known = set(REGISTRY)
    for entry in image.accepted:
        meant = [n for n, file in enumerate(files) if PurePosixPath(_named(file)).match(entry.path)]
        if not meant or any(f.rule == entry.rule for n in meant for f in reports[n]):
            continue
        if entry.rule not in known:
            message = f"the image accepts `{entry.rule}`, which is no rule"
        else:
            message = f"the image accepts `{entry.rule}` for `{entry.path}`, but nothing raises it any more"
        yield meant[0], _remark(files[meant[0]].dockerfile, "stale-accept", Severity.NOTE, 1, message)


def _remark(
    dockerfile: Dockerfile,
    remark: str,
    severity: Severity,
    line: int,
    message: str,
    evidence: tuple[Evidence, ...] = (),
) -> Finding:
    assert remark in REMARKS
    return Finding(remark, severity, dockerfile.name, line, message, end_line=line, evidence=evidence)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57] + "..."
