"""``download-verified``: by what, where the expected digest is written, when, and whether it matters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contrib.facts import actions as act
from contrib.facts import paths, products
from contrib.facts.model import Fact
from contrib.facts.reading import Reading
from contrib.facts.subject import Subject

#: Weakest first; a signature by a key that is written in the file stands beside sha256.
STRENGTH = {
    "": 0,
    "crc32": 0,
    "md5": 1,
    "sha1": 2,
    "sha224": 3,
    "sha256": 4,
    "gpg": 4,
    "sha384": 5,
    "sha512": 5,
    "blake2": 5,
}


@dataclass(frozen=True, slots=True)
class Verification:
    """A download and the checks of it.

    :param check: the strongest check that holds; None when there is none that was looked at.
    :param before_use: it comes before the file is unpacked or run.
    :param where: where the expected value is written: ``ENV X``, ``in the RUN``, ``fetched``, ``unknown``.
    """

    download: act.Download
    checks: tuple[act.Verify, ...]
    check: act.Verify | None
    before_use: bool
    where: str
    use: act.Action | None


def verifications(reading: Reading, subject: Subject) -> tuple[Verification, ...]:
    """One for each download."""
    checks = list(reading.of(act.Verify))
    return tuple(_verification(reading, subject, download, checks) for download in subject.downloads)


def _same_file(reading: Reading, one: str, other: str) -> bool:
    if not one or not other or one == "-" or other == "-":
        return False
    if paths.same(one, other, reading.platform):
        return True
    return paths.name(one).lower() == paths.name(other).lower() and "$" in one + other


def _verification(
    reading: Reading, subject: Subject, download: act.Download, checks: Sequence[act.Verify]
) -> Verification:
    later = [
        d for d in subject.downloads
        if d.order > download.order and _same_file(reading, d.file, download.file) and not d.conditional
    ]  # fmt: skip
    limit = later[0].order if later else 10**9
    names = _names_of(reading, download, limit)
    mine: list[act.Verify] = []
    for check in checks:
        if not download.order <= check.order < limit or check.stage != download.stage:
            continue
        same_run = check.instruction is download.instruction
        if any(_same_file(reading, check.file, name) for name in names) or (not check.file and same_run):
            mine.append(check)
    use = _first_use(reading, download, names, limit)
    ranked = sorted(mine, key=lambda c: _rank(c, use), reverse=True)
    best = ranked[0] if ranked else None
    before = best is not None and (use is None or best.order < use.order)
    return Verification(download, tuple(mine), best, before, _where(best) if best else "", use)


def _rank(check: act.Verify, use: act.Action | None) -> tuple[int, int, int, int]:
    written = int(_where(check) not in ("fetched", "unknown"))
    early = int(use is None or check.order < use.order)
    return (int(check.acted_on), written, early, STRENGTH.get(check.algorithm, 3))


def _names_of(reading: Reading, download: act.Download, limit: int) -> list[str]:
    """The file's path and the places it is moved to."""
    names = [download.file]
    for action in reading.of(act.Move):
        if not download.order < action.order < limit or action.kind == "link":
            continue
        if any(_same_file(reading, action.source, name) for name in names):
            names.append(action.target)
            names.append(paths.join(action.target, paths.name(action.source), reading.platform))
    return names


def _first_use(reading: Reading, download: act.Download, names: list[str], limit: int) -> act.Action | None:
    """The first action that unpacks or runs the file."""
    program = paths.program(names[0]) if names[0] not in ("", "-") else ""
    for action in reading.actions:
        if not download.order < action.order < limit or action.stage not in reading.contributing:
            continue
        if isinstance(action, act.Unpack):
            piped = action.file == "-" and download.file == "-" and action.instruction is download.instruction
            if piped or any(_same_file(reading, action.file, name) for name in names):
                return action
        elif isinstance(action, act.Run):
            if action.path and any(_same_file(reading, action.path, name) for name in names):
                return action
            if (
                program
                and action.name == program
                and any(paths.program(name) == program and paths.parent(name) for name in names)
            ):
                return action
            if download.file == "-" and action.name in ("sh", "bash", "iex", "invoke-expression"):
                return action
            interpreters = ("python", "python3", "sh", "bash", "perl", "node", "powershell", "pwsh")
            if action.name in interpreters and any(
                _same_file(reading, paths.join(reading.workdir, argument, reading.platform), name)
                or paths.name(argument) == paths.name(name)
                for argument in action.arguments
                for name in names
                if name not in ("", "-")
            ):
                return action
    return None


def _where(check: act.Verify) -> str:
    if check.algorithm == "gpg":
        return "key in the RUN" if check.expected is not None and not check.expected.fetched else "fetched"
    expected = check.expected
    if expected is None:
        return "unknown"
    if expected.fetched:
        return "fetched"
    for source in reversed(expected.via):
        if source.kind in ("ENV", "ARG"):
            return f"{source.kind} {source.name}"
    if not expected.known and not expected.via:
        return "unknown"
    return "in the RUN"


def extract(reading: Reading, subject: Subject) -> Iterator[Fact]:
    """A fact for each download that is verified at all."""
    done: set[str] = set()
    for found in verifications(reading, subject):
        key = subject.key(found.download)
        if key in done:
            continue
        check = found.check
        if check is None:
            continue
        done.add(key)
        algorithms = sorted(
            {c.algorithm for c in found.checks if c.acted_on}, key=lambda a: (-STRENGTH.get(a, 3), a)
        ) or [check.algorithm]  # fmt: skip
        text = " and ".join(algorithms)
        remarks = []
        if not check.acted_on:
            remarks.append("result ignored")
        if not found.before_use:
            remarks.append("after it is used")
        if found.where == "fetched":
            remarks.append("digest fetched too")
        if remarks:
            text += ", " + ", ".join(remarks)
        yield Fact(
            "download-verified" + (f":{key}" if key else ""),
            text,
            check.line,
            check.end_line,
            {
                "algorithm": check.algorithm,
                "algorithms": algorithms,
                "strength": STRENGTH.get(check.algorithm, 3),
                "where": found.where,
                "before_use": found.before_use,
                "acted_on": check.acted_on,
                "written": found.where not in ("fetched", "unknown"),
                "expected": check.expected.text if check.expected is not None else None,
                "use_line": found.use.line if found.use is not None else None,
                "url": found.download.url.text,
                "product": products.product(found.download.url.text),
            },
        )
