"""The review of Dockerfiles: the engine over their rules, what is said beside them, and the safe fixes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from contrib.build import Build, read, says_windows
from contrib.dockerfile import parse
from contrib.dockerfile.model import Dockerfile
from contrib.rules import engine
from contrib.rules.context import Context, is_windows
from contrib.rules.engine import EVERYTHING, Fixed, Policy
from contrib.rules.registry import REGISTRY
from contrib.rules.since import early
from contrib.rules.suppressions import suppressions
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput
from contrib.values.findings import Finding, Lines, Severity
from contrib.values.records import dataclass, replace

if TYPE_CHECKING:
    from contrib.facts.model import FactSheet
    from contrib.facts.starts import Known
    from contrib.images.model import Image

_SHELLS = {"cmd": "cmd", "powershell": "PowerShell", "posix": "sh"}

#: What the review itself says, beside the rules: id -> what it means.
REMARKS: dict[str, str] = {
    "not-windows": "The file builds a Linux image: rules for Windows do not apply to it.",
    "unread-shell": "A part of a shell body was not understood; rules judged the rest.",
    "refused-by-builder": "Docker's builder would not take the instruction.",
    "stale-accept": "An `[[accept]]` entry of the image matches no finding any more.",
    **engine.REMARKS,
}


def review(
    dockerfile: Dockerfile,
    *,
    path: str | None = None,
    twin: FactSheet | Dockerfile | None = None,
    image: Image | None = None,
    policy: Policy = EVERYTHING,
    build: Build | None = None,
    known: Known | None = None,
) -> tuple[Finding, ...]:
    """What the maintainers would say of ``dockerfile``, by line.

    :param path: the file's path in its repository, ``/`` between the parts; without it rules that read
        the directory's name are silent.
    :param twin: the Linux Dockerfile of the same image, or its facts; likewise.
    :param image: marks the findings that its ``[[accept]]`` tables accept, and says which of these
        tables match nothing.
    :param build: the file, where it was read before.
    :param known: what is known of bases and archives; without it rules about libraries are silent.
    """
    file = Reviewed(dockerfile, path, twin, build=build, known=known)
    return review_all([file], image=image, policy=policy)[0]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One file of several, with what is known of it; ``policy`` is its own, if it has one.

    :param before: the file before the change that is reviewed: findings that it had too are marked as older.
    :param date: the day that it is judged as of, ``YYYY-MM-DD``: what came later is no finding. None is today.
    """

    dockerfile: Dockerfile
    path: str | None = None
    twin: FactSheet | Dockerfile | None = None
    policy: Policy | None = None
    build: Build | None = None
    before: Dockerfile | None = None
    known: Known | None = None
    date: str | None = None

    def with_data(self, data: bytes) -> Reviewed:
        """The same file with other bytes."""
        return replace(self, dockerfile=parse(data, self.dockerfile.name), build=None)


def review_all(
    files: Sequence[Reviewed], *, image: Image | None = None, policy: Policy = EVERYTHING
) -> list[tuple[Finding, ...]]:
    """:func:`review` of several files; an ``[[accept]]`` entry is stale when it matches in none of them."""
    reports = [_findings(file, image, file.policy or policy) for file in files]
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


@bounded("file.dockerfile.name")
def _findings(file: Reviewed, image: Image | None, policy: Policy) -> list[Finding]:
    dockerfile = file.dockerfile
    if not is_windows(dockerfile, file.path):
        base = dockerfile.last_stage.base if dockerfile.last_stage else ""
        started = f"it starts from `{base}`" if base else "it names no Windows base"
        message = f"not a Windows Dockerfile ({started}): rules for Windows do not apply"
        remarks = [_remark(dockerfile, "not-windows", Severity.NOTE, 1, message), *_refused(dockerfile, ())]
        # People read these, too.
        from contrib.rules.dockerfile import hidden_characters

        remarks += hidden_characters.findings(dockerfile)
        return list(map(Lines(dockerfile.data).locate, remarks))
    build = file.build
    if build is None:
        from contrib.images.bases import bases

        build = read(dockerfile, bases=bases(), windows=says_windows(file.path))
    context = Context(build, file.path, file.twin, image, file.known, file.date)
    if not_yet := early(file.date):
        policy = replace(policy, ignore=policy.ignore | not_yet)
    result = engine.run(
        context,
        REGISTRY.of_kind("dockerfile"),
        place=lambda finding: context.instruction_line(finding.line),
        policy=policy,
        path=_named(file),
        before=None
        if file.before is None
        else Context.of(file.before, path=file.path, twin=file.twin, image=image, date=file.date),
        remarks=lambda findings: [*_unread(context), *_refused(dockerfile, findings)],
        remark_ids=REMARKS,
        suppressions=suppressions(dockerfile),
    )
    return list(result.findings)


def _named(file: Reviewed) -> str:
    return file.path if file.path is not None else file.dockerfile.name


def _unread(context: Context) -> Iterable[Finding]:
    for run in context.runs:
        if not run.sure and not run.inner:
            root = context.stages[run.stage_index].base.root.text
            yield _remark(
                context.file,
                "unread-shell",
                Severity.NOTE,
                run.instruction.line,
                f"contrib does not know which shell `{root}` sets, so it read this RUN as {_SHELLS[run.shell]}'s",
            )
    for download in context.downloads:
        if download.check is None and download.unfollowed is not None:
            yield _remark(
                context.file,
                "unread-shell",
                Severity.NOTE,
                download.unfollowed.line,
                f"the hash of `{download.shown}` goes where it could not be followed: whether it is compared is unknown",
            )
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


def _refused(dockerfile: Dockerfile, findings: Sequence[Finding]) -> Iterable[Finding]:
    said = {
        finding.line for finding in findings if finding.rule in ("empty-variable", "buildkit-only-syntax")
    }
    for problem in dockerfile.problems:
        if problem.line not in said:
            yield _remark(
                dockerfile,
                "refused-by-builder",
                Severity.ERROR,
                problem.line,
                f"the builder refuses this: {problem.message}",
            )


def _stale(
    files: Sequence[Reviewed], reports: Sequence[Sequence[Finding]], image: Image
) -> Iterator[tuple[int, Finding]]:
    """Entries that are meant for a file here and accept no finding in any of them.

    :raises BadInput: an entry names a rule that there is not.
    """
    from pathlib import PurePosixPath

    from contrib.images.reading import entry_line

    known = set(REGISTRY)
    for entry in image.accepted:
        if entry.rule not in known:
            key, line = entry_line(image, "accept", "rule", entry.rule)
            raise BadInput(
                f"{key}: there is no rule {entry.rule!r}",
                file=str(image.folder / "image.toml"),
                line=line,
                hint="`contrib rules` lists them",
            )
        meant = [n for n, file in enumerate(files) if PurePosixPath(_named(file)).match(entry.path)]
        if not meant or any(f.rule == entry.rule for n in meant for f in reports[n]):
            continue
        message = f"the image accepts `{entry.rule}` for `{entry.path}`, but nothing raises it any more"
        yield meant[0], _remark(files[meant[0]].dockerfile, "stale-accept", Severity.NOTE, 1, message)


def _remark(dockerfile: Dockerfile, remark: str, severity: Severity, line: int, message: str) -> Finding:
    assert remark in REMARKS
    return engine.remark(dockerfile.name, remark, severity, line, message)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57] + "..."


# -- fixes -------------------------------------------------------------------------------------------------


@bounded("file.dockerfile.name")
def fix_file(file: Reviewed) -> Fixed:
    """Make every safe fix of a Dockerfile (:func:`contrib.rules.engine.fix`).

    A fix that would make the builder refuse more than it does, or a rule report more, is not made. What a stage starts from decides
    what is right in it, so fixes of its FROM come first.
    """

    def worse(before: bytes, after: bytes) -> bool:
        return len(parse(after).problems) > len(parse(before).problems)

    def bases_first(data: bytes, chosen: list[Finding]) -> list[Finding]:
        lines = {stage.from_.line for stage in parse(data).stages}
        return [finding for finding in chosen if finding.line in lines]

    return engine.fix(file.dockerfile.data, look(file), worse=worse, first=bases_first, strict=True)


def look(file: Reviewed) -> engine.Look:
    """Findings of other bytes of the file, for fix rounds."""
    return lambda data: review_all([file.with_data(data)])[0]
