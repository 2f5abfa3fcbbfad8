"""``download-verified``: by what, where the expected digest is written, when, and whether it matters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contrib.build import actions as act
from contrib.build import paths, products
from contrib.build.account import Build
from contrib.build.files import Files
from contrib.facts.model import Fact
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


def verifications(build: Build, subject: Subject) -> tuple[Verification, ...]:
    """One for each download."""
    files = Files(build)
    nameless: dict[int, list[act.Verify]] = {}
    for check in build.of(act.Verify):
        if not check.file:
            nameless.setdefault(id(check.instruction), []).append(check)
    return tuple(_verification(files, nameless, download, build) for download in subject.downloads)


def _verification(
    files: Files, nameless: dict[int, list[act.Verify]], download: act.Download, build: Build
) -> Verification:
    limit = files.next_download(download)
    names, touching = _followed(files, download, limit, build)
    mine = [
        action for action in touching if isinstance(action, act.Verify) and action.stage == download.stage
    ]
    mine += [c for c in nameless.get(id(download.instruction), ()) if download.order <= c.order < limit]
    use = _first_use(files, download, names, touching, limit)
    ranked = sorted(mine, key=lambda c: _rank(c, use), reverse=True)
    best = ranked[0] if ranked else None
    before = best is not None and (use is None or best.order < use.order)
    return Verification(download, tuple(mine), best, before, _where(best) if best else "", use)


def _rank(check: act.Verify, use: act.Action | None) -> tuple[int, int, int, int]:
    written = int(_where(check) not in ("fetched", "unknown"))
    early = int(use is None or check.order < use.order)
    return (int(check.acted_on), written, early, STRENGTH.get(check.algorithm, 3))


def _followed(
    files: Files, download: act.Download, limit: int, build: Build
) -> tuple[list[str], list[act.Action]]:
    """The file's path and the places it is moved to, and what is done with it there, up to ``limit``."""
    names = [download.file]
    for _ in range(8):
        touching = files.touching(names, download.order - 1, limit)
        more = []
        for action in touching:
            if isinstance(action, act.Move) and action.kind != "link":
                inside = paths.join(action.target, paths.name(action.source), build.platform)
                more += [place for place in (action.target, inside) if place not in names]
        if not more:
            return names, touching
        names += more
    return names, touching


def _first_use(
    files: Files, download: act.Download, names: list[str], touching: list[act.Action], limit: int
) -> act.Action | None:
    """The first action that unpacks or runs the file."""
    program = paths.program(names[0]) if names[0] not in ("", "-") else ""
    candidates = [a for a in touching if isinstance(a, (act.Unpack, act.Run)) and a.order > download.order]
    if download.file == "-":
        for action in files.piped(download):
            if isinstance(action, act.Unpack) and download.order < action.order < limit:
                candidates.append(action)
        for action in files.started(("sh", "bash", "iex", "invoke-expression")):
            if action.instruction is download.instruction and download.order < action.order < limit:
                candidates.append(action)
    if program and any(paths.program(name) == program and paths.parent(name) for name in names):
        # put in its final place and run by its name
        candidates += [a for a in files.started((program,)) if download.order < a.order < limit]
    return min(candidates, key=lambda action: action.order, default=None)


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


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """A fact for each download that is verified at all."""
    done: set[str] = set()
    for found in verifications(build, subject):
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
