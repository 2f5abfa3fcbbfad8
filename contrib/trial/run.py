"""Builds one variant after the other, runs its checks, and cleans up: the only thing that drives an engine.

Order: build, what the image declares, ``run`` checks, ``serve`` checks with their steps, as written. A build or
a default command that fails ends its variant; a step that fails does not. A failure of the host (no space, a
base that cannot be pulled, a host older than the base) fails no check: what was not reached says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from contrib.clients.engine import Engine, ImageFacts, Refused
from contrib.images.checks import Checks
from contrib.trial.causes import Cause, classify
from contrib.trial.checks import Container, Runner
from contrib.trial.expect import declared
from contrib.trial.ledger import Ledger, left_behind
from contrib.trial.msi import with_log
from contrib.trial.subject import Subject, not_here, older
from contrib.trial.workshop import Workshop, sweep
from contrib.values.errors import OutsideError
from contrib.values.evidence import BUILD, BaseImage, BuildStep, CheckResult, Place, Tried, outcome

#: Seconds for a build, and for each pull before it.
BUILD_SECONDS = 45 * 60.0


@dataclass(frozen=True, slots=True)
class Options:
    """How to try.

    :param pull: fetch the bases again even where they are here. :param keep: leave the images.
    :param seconds: for one build, and for one pull.
    """

    pull: bool = False
    keep: bool = False
    seconds: float = BUILD_SECONDS


@dataclass(slots=True)
class Trial:
    """What was seen.

    :param problems: failures of the host, one per variant that met one.
    :param causes: of builds that failed, by path.
    """

    place: Place
    tried: list[Tried] = field(default_factory=list)
    problems: list[OutsideError] = field(default_factory=list)
    causes: dict[str, Cause] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether a check failed."""
        return any(each.result == "failed" for each in self.tried)


def attempt(
    engine: Engine,
    subjects: Iterable[Subject],
    checks: Checks,
    *,
    run: str,
    options: Options | None = None,
    say: Callable[[str], None] = lambda text: None,
    ledgers: Path | None = None,
) -> Trial:
    """Try the subjects in an order in which each finds what it copies from; leave nothing behind.

    :param run: id of this run; the engine's label and the names begin with it.
    :param ledgers: where runs write down what they make, so that what a killed one left is removed first.
    :raises OutsideError: the engine cannot be used at all.
    """
    options = options or Options()
    trial = Trial(engine.place)
    ordered = sorted(subjects, key=lambda each: bool(each.own))
    ledger = None
    if ledgers is not None:
        for left in left_behind(ledgers, engine.id):
            sweep(engine, left, say)
        try:
            ledger = Ledger(ledgers, run, engine.id)
        except OutsideError as error:
            say(f"if this run is killed, the next one will not know what it leaves: {error.message}")
    workshop = Workshop(engine, run, options.pull, options.keep, options.seconds, say, ledger)
    try:
        workshop.open()
        for number, each in enumerate(ordered):
            say(f"{each.path} ({each.version}):")
            reason = not_here(each.kind, each.base, trial.place)
            if reason is not None:
                trial.tried.append(_skipped(each, checks, reason))
                say(f"  not here: {reason}")
                continue
            try:
                _one(workshop, trial, each, checks)
            except OutsideError as error:
                trial.problems.append(error)
                if not any(tried.path == each.path for tried in trial.tried):
                    trial.tried.append(_skipped(each, checks, error.message))
                say(f"  {error.message}")
                if error.kind == "engine":
                    trial.tried += [_skipped(rest, checks, error.message) for rest in ordered[number + 1 :]]
                    break
    finally:
        workshop.clean()
    return trial


def _one(workshop: Workshop, trial: Trial, subject: Subject, checks: Checks) -> None:
    """Build and run one variant; its entry is added to the trial."""
    engine, say = workshop.engine, workshop.say
    draft = _Draft(subject, checks)
    try:
        missing = next((name for name in subject.own if name not in workshop.built), None)
        if missing is not None:
            there = ", ".join(sorted(workshop.built)) or "none"
            draft.add(
                CheckResult(
                    BUILD,
                    "failed",
                    0.0,
                    missing,
                    f"it copies from {missing}, and what was built here is {there}",
                )
            )
            return
        base = workshop.bases(subject)
        draft.base = base
        built = engine.build(
            subject.tar(), f"{workshop.prefix}:{len(trial.tried)}", seconds=workshop.seconds, say=say
        )
        draft.steps = built.steps
        if built.image_id is None:
            _build_failed(workshop, trial, draft, built.error, built.lines, built.instruction)
            return
        image = engine.image(built.image_id)
        if image is None:
            raise OutsideError("the engine lost the image that it had built", kind="engine")
        workshop.name(subject.tag, image.id)
        workshop.built[subject.tag] = image.id
        draft.image = image
        draft.copied_from = workshop.built[subject.own[0]] if subject.own else None
        seconds = sum(step.seconds for step in built.steps)
        draft.add(CheckResult(BUILD, "passed", seconds, f"{len(built.steps)} steps"))
        draft.extend(declared(checks.expect, image, base, subject.kind, subject.version))
        runner = Runner(
            engine, Container(image, workshop.network, workshop.prefix), subject.kind, subject.version, checks
        )
        try:
            for result in runner.results():
                say(f"  {result.check}: {_word(result)}")
                draft.add(result)
        except Refused as error:
            _refused(error, trial.place, base)
            raise
        finally:
            runner.clean()
    except Refused as error:
        raise OutsideError(f"the engine refused: {error.message}", kind="engine") from error
    except OutsideError as error:
        draft.rest(error.message)
        raise
    finally:
        draft.rest("not reached")
        trial.tried.append(draft.as_tried())


def _build_failed(
    workshop: Workshop, trial: Trial, draft: _Draft, error: str, lines: Sequence[str], instruction: str
) -> None:
    """What a build that failed means: the host's fault is raised, the variant's is a failed check."""
    log = "\n".join(lines)
    cause = classify(log)
    if cause is not None and cause.installer:
        again = with_log(draft.subject.dockerfile)
        if again is not None:
            workshop.say("  msiexec failed: once more, with its own log")
            second = workshop.engine.build(
                draft.subject.tar(again),
                f"{workshop.prefix}:msi",
                seconds=workshop.seconds,
                say=workshop.say,
            )
            cause = classify("\n".join(second.lines)) or cause
    if cause is None and draft.base is not None and older(trial.place.os_version, draft.base.os_version):
        cause = classify(f"(0xc0370106)\n{error}")
    if cause is not None:
        trial.causes[draft.subject.path] = cause
        if cause.host:
            why = cause.title
            if draft.base is not None and older(trial.place.os_version, draft.base.os_version):
                why = f"this host ({trial.place.os_version}) is older than the base ({draft.base.os_version})"
            raise OutsideError(f"{why}: {cause.quote}", kind="host", hint=cause.advice)
    said = error or (lines[-1] if lines else "")
    why = f"{cause.title}: {cause.quote}" if cause is not None else f"failed at {instruction}"
    draft.add(CheckResult(BUILD, "failed", sum(s.seconds for s in draft.steps), _cut(said), _cut(why)))


def _refused(error: Refused, place: Place, base: ImageFacts | None) -> None:
    """:raises OutsideError: what the engine refused is the host's fault."""
    cause = classify(error.message)
    if cause is None or not cause.host:
        return
    why = cause.title
    if base is not None and older(place.os_version, base.os_version):
        why = f"this host ({place.os_version}) is older than the base ({base.os_version})"
    raise OutsideError(f"{why}: {_cut(error.message)}", kind="host", hint=cause.advice) from error


class _Draft:
    """The entry of a variant while it is being made."""

    def __init__(self, subject: Subject, checks: Checks) -> None:
        self.subject = subject
        self.checks = checks
        self.results: dict[str, CheckResult] = {}
        self.steps: tuple[BuildStep, ...] = ()
        self.base: ImageFacts | None = None
        self.image: ImageFacts | None = None
        self.copied_from: str | None = None

    def add(self, result: CheckResult) -> None:
        self.results[result.check] = result

    def extend(self, results: Iterable[CheckResult]) -> None:
        for result in results:
            self.add(result)

    def rest(self, why: str) -> None:
        """All that has no result yet was not run."""
        for name in (BUILD, *self.checks.names()):
            if name not in self.results:
                self.add(CheckResult(name, "not-run", why=why))

    def as_tried(self) -> Tried:
        order = {name: at for at, name in enumerate((BUILD, *self.checks.names()))}
        checks = tuple(sorted(self.results.values(), key=lambda result: order[result.check]))
        subject = self.subject
        digest = None
        if self.base is not None and self.base.digests:
            digest = self.base.digests[0].partition("@")[2] or None
        return Tried(
            variant=subject.variant,
            kind=subject.kind,
            version=subject.version,
            path=subject.path,
            dockerfile_sha256=subject.dockerfile_sha256,
            context_sha256=subject.context_sha256,
            copied_from=self.copied_from,
            base=BaseImage(subject.base, digest),
            image_id=self.image.id if self.image else None,
            os_version=self.image.os_version if self.image else None,
            size=self.image.size if self.image else 0,
            layers=self.image.layers if self.image else 0,
            steps=self.steps,
            checks=checks,
            result=outcome(checks),
        )


def _skipped(subject: Subject, checks: Checks, why: str) -> Tried:
    draft = _Draft(subject, checks)
    draft.rest(why)
    return draft.as_tried()


def _word(result: CheckResult) -> str:
    if result.result == "passed":
        return "yes" + (f" ({result.seconds:.1f} s)" if (result.seconds or 0) >= 0.05 else "")
    if result.result == "failed":
        return f"NO: {result.why or result.said}"
    return f"not run: {result.why}"


def _cut(text: str, most: int = 300) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
