"""What an image declares, beside what ``[expect]`` says it must: pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contrib.clients.engine import LABEL, ImageFacts
from contrib.images.checks import Expect
from contrib.values.evidence import CheckResult


def declared(
    expect: Expect, image: ImageFacts, base: ImageFacts | None, kind: str, version: str
) -> tuple[CheckResult, ...]:
    """One result per expectation, named ``image/…``."""
    results = []
    for name, by_kind in expect.declared:
        wanted = by_kind.of(kind)
        check = f"image/{name}"
        if wanted is None:
            results.append(CheckResult(check, "not-run", why=f"nothing is expected of {kind}"))
            continue
        said, wrong = _JUDGES[name](wanted, image, base, kind, version)
        if wrong is None:
            results.append(CheckResult(check, "not-run", why=said))
        else:
            results.append(CheckResult(check, "failed" if wrong else "passed", 0.0, said, wrong))
    return tuple(results)


#: What is there in words, and what is wrong with it: "" when nothing is, None when it cannot be told.
Judged = tuple[str, str | None]
Judge = Callable[[Any, ImageFacts, "ImageFacts | None", str, str], Judged]


def _same(there: str, wanted: str) -> Judged:
    return there, "" if there == wanted else f"expected {wanted or 'nothing'}"


def _exposed(wanted: Any, image: ImageFacts, base: ImageFacts | None, kind: str, version: str) -> Judged:
    return _same(", ".join(sorted(image.exposed)), ", ".join(sorted(wanted)))


def _environment(wanted: Any, image: ImageFacts, base: ImageFacts | None, kind: str, version: str) -> Judged:
    wrong = []
    for name, value in wanted.items():
        value = value.replace("{version}", version)
        there = image.environment.get(name)
        if there != value:
            wrong.append(f"{name} is {'not set' if there is None else repr(there)}, expected {value!r}")
    said = ", ".join(f"{name}={image.environment.get(name, '')}" for name in wanted)
    return said, "; ".join(wrong)


def _volumes(wanted: Any, image: ImageFacts, base: ImageFacts | None, kind: str, version: str) -> Judged:
    there = sorted(_path(each, kind) for each in image.volumes)
    return _same(", ".join(there), ", ".join(sorted(_path(each, kind) for each in wanted)))


def _workdir(wanted: Any, image: ImageFacts, base: ImageFacts | None, kind: str, version: str) -> Judged:
    return _same(_path(image.workdir, kind), _path(wanted, kind))


def _entrypoint(wanted: Any, image: ImageFacts, base: ImageFacts | None, kind: str, version: str) -> Judged:
    there = " ".join(image.entrypoint)
    if wanted == "none":
        return there, "there is an entrypoint" if there else ""
    if wanted == "present":
        return there, "" if there else "there is no entrypoint"
    return _same(there, " ".join(wanted))


def _command(wanted: Any, image: ImageFacts, base: ImageFacts | None, kind: str, version: str) -> Judged:
    wrong = "" if image.command == tuple(wanted) else f"expected {' '.join(wanted)}"
    return " ".join(image.command), wrong


def _user(wanted: Any, image: ImageFacts, base: ImageFacts | None, kind: str, version: str) -> Judged:
    same = image.user.lower() == wanted.lower() if kind != "linux" else image.user == wanted
    return image.user, "" if same else f"expected {wanted or 'none'}"


def _labels(wanted: Any, image: ImageFacts, base: ImageFacts | None, kind: str, version: str) -> Judged:
    inherited = base.labels if base is not None else {}
    there = [
        f"{key}={value}"
        for key, value in image.labels.items()
        if key != LABEL and inherited.get(key) != value
    ]
    return ", ".join(there), "there are labels" if there else ""


def _healthcheck(wanted: Any, image: ImageFacts, base: ImageFacts | None, kind: str, version: str) -> Judged:
    return _same("present" if image.healthcheck else "none", wanted)


def _size(wanted: Any, image: ImageFacts, base: ImageFacts | None, kind: str, version: str) -> Judged:
    if base is None:
        return "the base is not here to be measured", None
    above = image.size - base.size
    said = f"{above / 1e6:.1f} MB above the base"
    return said, "" if above <= wanted else f"expected at most {wanted / 1e6:.0f} MB"


def _layers(wanted: Any, image: ImageFacts, base: ImageFacts | None, kind: str, version: str) -> Judged:
    above = image.layers - (base.layers if base is not None else 0)
    return f"{above} above the base", "" if above <= wanted else f"expected at most {wanted}"


_JUDGES: dict[str, Judge] = {
    "exposed": _exposed,
    "environment": _environment,
    "volumes": _volumes,
    "workdir": _workdir,
    "entrypoint": _entrypoint,
    "command": _command,
    "user": _user,
    "labels": _labels,
    "healthcheck": _healthcheck,
    "size": _size,
    "layers": _layers,
}


def _path(path: str, kind: str) -> str:
    """A directory as it is compared: on Windows neither case nor the kind of slash matters."""
    return path if kind == "linux" else path.replace("/", "\\").rstrip("\\").lower()
