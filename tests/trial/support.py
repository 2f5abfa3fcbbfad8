"""Subjects and checks for the tests: small Dockerfiles on the bases of :mod:`tests.trial.roots`."""

from __future__ import annotations

from dataclasses import replace

from contrib.clients.engine import Engine
from contrib.images.checks import Check, Checks, load_checks, read_checks
from contrib.trial.run import Options, Trial, attempt
from contrib.trial.subject import Subject, subject
from contrib.values.evidence import CheckResult
from contrib.values.tables import templates_directory
from contrib.values.tree import MemoryTree

KINDS = ("windowsservercore", "nanoserver")


def of(
    text: str, *, image: str = "redis", variant: str = "alpine", version: str | None = "1.0", **files: bytes
) -> Subject:
    """A Linux subject with that Dockerfile."""
    tree = MemoryTree(
        {f"v/{variant}/Dockerfile": text.encode(), **{f"v/{variant}/{n}": d for n, d in files.items()}}
    )
    return subject(
        image,
        tree,
        f"v/{variant}/Dockerfile",
        variant=variant,
        kind="linux",
        version_name="X_VERSION",
        version=version,
    )


def checks(text: str) -> Checks:
    """Checks from a text."""
    return read_checks(text.encode(), "checks.toml", KINDS)


def packaged(name: str, *only: str, stop: int = 2, ready: float = 20) -> Checks:
    """The packaged checks of an image, with shorter waits; ``only`` names those that are run."""
    kinds = KINDS if name == "redis" else KINDS[:1]
    found = load_checks(templates_directory() / name, kinds)
    chosen = tuple(_impatient(check) for check in found.checks if not only or check.name in only)
    return replace(found, checks=chosen, stop=stop, ready=ready)


def _impatient(check: Check) -> Check:
    steps = (replace(step, within=3) if step.within else step for step in check.steps)
    return replace(check, steps=tuple(steps))


def run(engine: Engine, *subjects: Subject, what: Checks, seconds: float = 120, keep: bool = False) -> Trial:
    """Try them."""
    label = next(iter(engine.labels.values()))
    return attempt(engine, subjects, what, run=label, options=Options(seconds=seconds, keep=keep))


def results(trial: Trial, number: int = 0) -> dict[str, CheckResult]:
    """The results of a variant, by name."""
    return {check.check: check for check in trial.tried[number].checks}


def failed(trial: Trial, number: int = 0) -> set[str]:
    """The names of the checks that failed."""
    return {check.check for check in trial.tried[number].failures}


def there(engine: Engine) -> tuple[frozenset[str], ...]:
    """All that the engine has: images, containers, volumes, networks."""
    api = engine._api
    return (
        engine.images(),
        frozenset(each["Id"] for each in api.containers(all=True)),
        frozenset(each["Name"] for each in api.volumes().get("Volumes") or ()),
        frozenset(each["Id"] for each in api.networks()),
    )
