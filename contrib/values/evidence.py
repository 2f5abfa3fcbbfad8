"""What `contrib try` saw, as values: one record per host, its JSON, its strict reader, and what it proves.

The shape is that of DESIGN, "Evidence record" (schema 1). A record is evidence for a proposed file only if
the digests in it are those of the proposal; :func:`standing` decides that, so that a pull request, a
comparison and a command say the same of the same records.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Literal

from contrib.values import jsontext
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput

SCHEMA = 1

#: A record larger than this was not written by `contrib try`, which bounds what it quotes.
MAX_BYTES = 4 << 20

Result = Literal["passed", "failed", "not-run"]
RESULTS: tuple[Result, ...] = ("passed", "failed", "not-run")

#: The kinds of image that are tried: the two Windows kinds of the library file, and the twin.
KINDS = ("windowsservercore", "nanoserver", "linux")

#: The check that every other one needs: the image was built.
BUILD = "build"

_SHA256 = re.compile(r"[0-9a-f]{64}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_RUN = re.compile(r"https?://[^\s/]+/[\w.-]+/[\w.-]+/actions/runs/[0-9]+(?:/attempts/[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the variants were built and run.

    :param engine: version of Docker Engine. :param api: version of its API.
    :param os: ``windows`` or ``linux``: what the engine runs.
    :param os_version: of the host, as the engine gives it (``10.0.26100.1``); None when it gives none.
    :param isolation: ``process`` or ``hyperv`` on Windows, None on Linux.
    :param builder: ``classic``. :param runner: label of the GitHub runner (``windows-2025``), None elsewhere.
    """

    engine: str
    api: str
    os: str
    os_version: str | None = None
    isolation: str | None = None
    builder: str = "classic"
    runner: str | None = None


@dataclass(frozen=True, slots=True)
class BaseImage:
    """The base as it was used: its name in FROM, and its digest in the registry (None for a local image)."""

    name: str
    digest: str | None


@dataclass(frozen=True, slots=True)
class BuildStep:
    """One instruction of the build and the seconds that it took."""

    instruction: str
    seconds: float


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check of one variant.

    :param check: ``build``, or the name of a check with ``/`` before the name of its step.
    :param seconds: that it took; None when it did not run.
    :param said: the line of output that decided, or the outcome in words.
    :param why: why it did not run, or why it failed; empty for a check that passed.
    """

    check: str
    result: Result
    seconds: float | None = None
    said: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """One variant on one host.

    :param path: of its Dockerfile in upstream's tree.
    :param dockerfile_sha256: of the bytes as git holds them. :param context_sha256: :func:`context_sha256`.
    :param copied_from: image id of the image that it copies its programs from, None when it copies from none.
    :param size: of the image in bytes, 0 when it was not built. :param os_version: that the image declares.
    """

    variant: str
    kind: str
    version: str
    path: str
    dockerfile_sha256: str
    context_sha256: str | None
    copied_from: str | None
    base: BaseImage
    image_id: str | None
    size: int
    layers: int
    steps: tuple[BuildStep, ...]
    checks: tuple[CheckResult, ...]
    result: Result
    os_version: str | None = None

    @property
    def failures(self) -> tuple[CheckResult, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if check.result == "failed")


@dataclass(frozen=True, slots=True)
class Record:
    """One host's record. :param when: the time of its end, UTC. :param run: page of the workflow run."""

    image: str
    when: datetime
    tool: str
    place: Place
    variants: tuple[Tried, ...]
    run: str | None = None

    def as_json(self) -> dict[str, Any]:
        """DESIGN's object."""
        return {
            "schema": SCHEMA,
            "image": self.image,
            "when": self.when.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "tool": self.tool,
            "place": {
                "engine": self.place.engine,
                "api": self.place.api,
                "os": self.place.os,
                "os_version": self.place.os_version,
                "isolation": self.place.isolation,
                "builder": self.place.builder,
                "runner": self.place.runner,
            },
            "run": self.run,
            "variants": [_variant_json(each) for each in self.variants],
        }

    def text(self) -> str:
        """The file's text: UTF-8, LF, two spaces, one newline at the end."""
        return json.dumps(self.as_json(), indent=2, ensure_ascii=False) + "\n"


def _variant_json(tried: Tried) -> dict[str, Any]:
    return {
        "variant": tried.variant,
        "kind": tried.kind,
        "version": tried.version,
        "path": tried.path,
        "dockerfile_sha256": tried.dockerfile_sha256,
        "context_sha256": tried.context_sha256,
        "copied_from": tried.copied_from,
        "base": {"name": tried.base.name, "digest": tried.base.digest},
        "image_id": tried.image_id,
        "os_version": tried.os_version,
        "size": tried.size,
        "layers": tried.layers,
        "steps": [
            {"instruction": step.instruction, "seconds": round(step.seconds, 2)} for step in tried.steps
        ],
        "checks": [
            {
                "check": check.check,
                "result": check.result,
                "seconds": None if check.seconds is None else round(check.seconds, 2),
                "said": check.said,
                "why": check.why,
            }
            for check in tried.checks
        ],
        "result": tried.result,
    }


def dockerfile_sha256(data: bytes) -> str:
    """The digest of a Dockerfile's bytes as git holds them."""
    return hashlib.sha256(data).hexdigest()


def context_sha256(files: Mapping[str, bytes]) -> str | None:
    """The digest of what COPY and ADD read from the build context; None when they read nothing.

    :param files: path relative to the context to the bytes as git holds them.

    >>> context_sha256({}) is None
    True
    """
    if not files:
        return None
    lines = sorted(
        path.encode("utf-8", "surrogateescape") + b"\0" + hashlib.sha256(data).hexdigest().encode() + b"\n"
        for path, data in files.items()
    )
    return hashlib.sha256(b"".join(lines)).hexdigest()


def outcome(checks: Iterable[CheckResult]) -> Result:
    """What the checks of a variant amount to.

    ``failed`` when one failed; ``passed`` when the image was built and nothing failed (a check that does not
    apply there was not run, with its reason); ``not-run`` when it was not built.
    """
    checks = tuple(checks)
    if any(check.result == "failed" for check in checks):
        return "failed"
    built = any(check.check == BUILD and check.result == "passed" for check in checks)
    ran = any(check.check != BUILD and check.result == "passed" for check in checks)
    return "passed" if built and ran else "not-run"


# ------------------------------------------------------------------------------------------------ reading


@bounded("file")
def read_record(data: bytes | str, file: str) -> Record:
    """A record from its JSON.

    Strict: a record is not written by hand. Every key must be there with a value of its kind, the results of
    the variants must follow from those of their checks, and a Linux engine cannot have tried a Windows variant.

    :param file: as the person named it, for messages.
    :raises BadInput: what is missing or wrong, with its place in the record.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > MAX_BYTES:
        raise BadInput(f"is larger than {MAX_BYTES} bytes, which no evidence record is", file=file)
    plain = jsontext.read(raw, file, hint="expected an evidence record, as contrib try --evidence writes it")
    top = _Keys(plain, "", file)
    schema = top.integer("schema")
    if schema != SCHEMA:
        raise BadInput(
            f"has schema {schema}, and this version of contrib reads schema {SCHEMA}",
            file=file,
            hint="read it with the version of contrib that wrote it, or try again",
        )
    when = top.text("when")
    try:
        at = datetime.strptime(when, "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        raise top.wrong("when", "a time such as 2026-11-28T16:05:47Z") from None
    where = top.table("place")
    place = Place(
        engine=where.text("engine"),
        api=where.text("api"),
        os=where.choice("os", ("windows", "linux")),
        os_version=where.optional("os_version"),
        isolation=where.optional("isolation"),
        builder=where.text("builder"),
        runner=where.optional("runner"),
    )
    where.done()
    record = Record(
        image=top.text("image"),
        when=at,
        tool=top.text("tool"),
        place=place,
        run=top.optional("run", _RUN, "the address of a workflow run"),
        variants=tuple(_read_variant(each, place) for each in top.tables("variants")),
    )
    top.done()
    names = [each.path for each in record.variants]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadInput(f"has the variant at {twice} twice", file=file)
    return record


def _read_variant(table: _Keys, place: Place) -> Tried:
    base = table.table("base")
    checks = tuple(_read_check(each) for each in table.tables("checks"))
    tried = Tried(
        variant=table.text("variant"),
        kind=table.choice("kind", KINDS),
        version=table.text("version"),
        path=table.text("path"),
        dockerfile_sha256=table.text("dockerfile_sha256", _SHA256, "a sha256, 64 hexadecimal digits"),
        context_sha256=table.optional("context_sha256", _SHA256, "a sha256, 64 hexadecimal digits"),
        copied_from=table.optional("copied_from", _DIGEST, "the id of an image, sha256:…"),
        base=BaseImage(base.text("name"), base.optional("digest", _DIGEST, "a digest, sha256:…")),
        image_id=table.optional("image_id", _DIGEST, "the id of an image, sha256:…"),
        os_version=table.optional("os_version") if table.has("os_version") else None,
        size=table.integer("size"),
        layers=table.integer("layers"),
        steps=tuple(_read_step(each) for each in table.tables("steps")),
        checks=checks,
        result=table.choice("result", RESULTS),  # type: ignore[arg-type]
    )
    base.done()
    table.done()
    if (tried.kind == "linux") != (place.os == "linux") and tried.result != "not-run":
        raise table.wrong("kind", f"a kind that an engine for {place.os} runs")
    names = [check.check for check in checks]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise table.wrong("checks", f"each check once ({twice!r} is there twice)", value=False)
    follows = outcome(checks)
    if tried.result != follows:
        raise table.wrong("result", f"{follows!r}, which is what its checks say")
    if tried.result == "passed" and tried.image_id is None:
        raise table.wrong("image_id", "the id of the image that passed")
    return tried


def _read_step(table: _Keys) -> BuildStep:
    step = BuildStep(table.text("instruction", empty=True), table.number("seconds"))
    table.done()
    return step


def _read_check(table: _Keys) -> CheckResult:
    check = CheckResult(
        check=table.text("check"),
        result=table.choice("result", RESULTS),  # type: ignore[arg-type]
        seconds=None if table.none("seconds") else table.number("seconds"),
        said=table.text("said", empty=True),
        why=table.text("why", empty=True),
    )
    table.done()
    if check.result == "not-run" and not check.why:
        raise table.wrong("why", "the reason why it did not run")
    return check


class _Keys:
    """An object of the record, read key by key; :meth:`done` refuses keys that nobody asked for."""

    def __init__(self, value: Any, where: str, file: str) -> None:
        if not isinstance(value, dict):
            raise BadInput(
                f"is not an evidence record: {where or 'it'} is not an object",
                file=file,
                hint="a record is what `contrib try --evidence FILE` writes",
            )
        self._value: dict[str, Any] = value
        self._where = where
        self._file = file
        self._asked: set[str] = set()

    def _name(self, key: str) -> str:
        return f"{self._where}.{key}" if self._where else key

    def wrong(self, key: str, expected: str, *, value: bool = True) -> BadInput:
        """The error for a value that is not what is expected."""
        if key not in self._value:
            got = ", and it is missing"
        else:
            got = f", not {_short(self._value[key])}" if value else ""
        return BadInput(
            f"is not a usable evidence record: {self._name(key)}: expected {expected}{got}",
            file=self._file,
            hint="records are written by `contrib try`, not by hand: run it again",
        )

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._value

    def none(self, key: str) -> bool:
        """Whether the key is there with null."""
        self._asked.add(key)
        if key not in self._value:
            raise self.wrong(key, "a value or null")
        return self._value[key] is None

    def text(
        self,
        key: str,
        pattern: re.Pattern[str] | None = None,
        expected: str = "a text",
        *,
        empty: bool = False,
    ) -> str:
        """A text."""
        self._asked.add(key)
        value = self._value.get(key)
        if not isinstance(value, str) or not (value or empty):
            raise self.wrong(key, expected)
        if pattern is not None and not pattern.fullmatch(value):
            raise self.wrong(key, expected)
        return value

    def optional(
        self, key: str, pattern: re.Pattern[str] | None = None, expected: str = "a text"
    ) -> str | None:
        """A text or null; the key must be there."""
        return None if self.none(key) else self.text(key, pattern, f"{expected}, or null")

    def choice(self, key: str, choices: Sequence[str]) -> str:
        """One of a few words."""
        value = self.text(key, expected=f"one of {', '.join(choices)}")
        if value not in choices:
            raise self.wrong(key, f"one of {', '.join(choices)}")
        return value

    def number(self, key: str) -> float:
        """A number that is not negative."""
        self._asked.add(key)
        value = self._value.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e9:
            raise self.wrong(key, "a number of 0 or more")
        return float(value)

    def integer(self, key: str) -> int:
        """A whole number that is not negative."""
        self._asked.add(key)
        value = self._value.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 60:
            raise self.wrong(key, "a whole number of 0 or more")
        return value

    def table(self, key: str) -> _Keys:
        """An object inside this one."""
        self._asked.add(key)
        if key not in self._value:
            raise self.wrong(key, "an object")
        return _Keys(self._value[key], self._name(key), self._file)

    def tables(self, key: str) -> list[_Keys]:
        """A list of objects."""
        self._asked.add(key)
        value = self._value.get(key)
        if not isinstance(value, list):
            raise self.wrong(key, "a list")
        return [_Keys(each, f"{self._name(key)}[{number}]", self._file) for number, each in enumerate(value)]

    def done(self) -> None:
        """:raises BadInput: there is a key that no record has."""
        for key in self._value:
            if key not in self._asked:
                raise BadInput(
                    f"is not a usable evidence record: there is no key {self._name(key)}",
                    file=self._file,
                    hint="records are written by `contrib try`, not by hand: run it again",
                )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


# ------------------------------------------------------------------------------------- what it is evidence for


@dataclass(frozen=True, slots=True)
class Proposed:
    """A file that is proposed.

    :param path: of the Dockerfile in upstream's tree. :param context: what its COPY and ADD read from the
        build context. :param copies_from: path of the Dockerfile whose image it copies from, None when none.
    """

    variant: str
    path: str
    dockerfile: bytes
    context: Mapping[str, bytes]
    copies_from: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the records say of a proposed file.

    :param result: ``passed`` only where a record with the proposal's digests says so; ``failed`` where one with
        its digests failed, whatever others say; ``not-run`` otherwise.
    :param why: one clause for ``failed`` and ``not-run``: what failed, or why no record counts.
    :param seen: the records that count, each with its entry of this variant.
    """

    variant: str
    path: str
    result: Result
    why: str
    seen: tuple[tuple[Record, Tried], ...] = ()


def standing(records: Iterable[Record], proposed: Iterable[Proposed]) -> tuple[Standing, ...]:
    """What the records prove of the proposed files, in the order of the proposal."""
    records, proposed = tuple(records), tuple(proposed)
    found: dict[str, Standing] = {}
    # A variant that copies from another is judged after that one.
    for each in sorted(proposed, key=lambda p: p.copies_from is not None):
        found[each.path] = _stands(records, each, found)
    return tuple(found[each.path] for each in proposed)


def _stands(records: tuple[Record, ...], proposed: Proposed, found: Mapping[str, Standing]) -> Standing:
    counting: list[tuple[Record, Tried]] = []
    why = "no evidence record names it"
    for record in records:
        for tried in record.variants:
            # Of several series each has a variant of this name; a Linux stand-in is never evidence for Windows.
            if tried.path != proposed.path or tried.kind == "linux":
                continue
            reason = _does_not_count(tried, proposed, found)
            if reason is None:
                counting.append((record, tried))
            else:
                why = reason
    failed = next(((r, t) for r, t in counting if t.result == "failed"), None)
    if failed is not None:
        first = failed[1].failures[0]
        why = f"{first.check}: {first.why or first.said or 'failed'}"
        return Standing(proposed.variant, proposed.path, "failed", why, tuple(counting))
    passed = tuple(pair for pair in counting if pair[1].result == "passed")
    if passed:
        return Standing(proposed.variant, proposed.path, "passed", "", passed)
    if counting:
        skipped = next((c for c in counting[0][1].checks if c.result == "not-run"), None)
        why = f"it was not run: {skipped.why}" if skipped is not None else "no check ran"
    return Standing(proposed.variant, proposed.path, "not-run", why)


def _does_not_count(tried: Tried, proposed: Proposed, found: Mapping[str, Standing]) -> str | None:
    """Why an entry is not evidence for the proposed file, None when it is."""
    if tried.variant != proposed.variant:
        return f"the record calls it {tried.variant}"
    if tried.dockerfile_sha256 != dockerfile_sha256(proposed.dockerfile):
        return "its Dockerfile has changed since it was tried"
    if tried.context_sha256 != context_sha256(proposed.context):
        return "a file that it copies has changed since it was tried"
    if proposed.copies_from is not None and tried.result == "passed":
        origin = found.get(proposed.copies_from)
        sources = {entry.image_id for _, entry in origin.seen} if origin is not None else set()
        if tried.copied_from is None or tried.copied_from not in sources:
            return f"no record that counts has the image that it copies from ({proposed.copies_from})"
    return None
