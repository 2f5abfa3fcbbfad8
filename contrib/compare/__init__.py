"""Two fact sheets to parity rows, with a verdict and a reason for each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from contrib.compare.model import Comparison as Comparison
from contrib.compare.model import ParityRow as ParityRow
from contrib.compare.rows import COMPARERS, Sides, row, unknown
from contrib.dockerfile.platform import Reference
from contrib.facts.model import Fact, FactSheet
from contrib.values.findings import Verdict

if TYPE_CHECKING:
    from contrib.images.model import Image


def compare(windows: FactSheet, linux: FactSheet, image: Image | None = None) -> tuple[ParityRow, ...]:
    """One row a fact, in the order of PARITY's catalogue; facts that neither side has are not told.

    :param image: what the image's folder says (path map, tools, settings, justified differences).
    """
    sides = Sides(windows, linux, image)
    rows: list[ParityRow] = []
    for name, comparer in COMPARERS.items():
        if name == "installed-tools":
            rows.extend(_tools(sides))
            continue
        if name == "labels":
            rows.extend(_by_image(sides, found) for found in _labels(sides))
            continue
        for full, left, right in _pairs(linux, windows, name):
            found = comparer(sides, left, right, full)
            if found is not None:
                rows.append(_by_image(sides, found))
    return tuple(rows)


def unused(image: Image, rows: Iterable[ParityRow]) -> tuple[str, ...]:
    """The facts that the image's data justifies, or calls a loss, and that no row of a comparison needed."""
    said = {(row.fact, row.why) for row in rows}
    entries = [
        *((e.fact, e.reason.why) for e in image.justified),
        *((e.fact, e.reason.why) for e in image.losses),
    ]
    used = {fact for fact, why in entries if (fact, why) in said}
    return tuple(dict.fromkeys(fact for fact, _ in entries if fact not in used))


def _pairs(linux: FactSheet, windows: FactSheet, name: str) -> list[tuple[str, Fact | None, Fact | None]]:
    """Facts of one kind, side by side; the names' case counts for nothing."""
    left = {_key(fact): fact for fact in reversed(linux.all(name))}
    right = {_key(fact): fact for fact in reversed(windows.all(name))}
    found: dict[str, tuple[str, Fact | None, Fact | None]] = {}
    for fact in (*linux.all(name), *windows.all(name)):
        key = _key(fact)
        if key not in found:
            found[key] = (fact.name, left.get(key), right.get(key))
    # the image's own comes before its helpers'
    return sorted(found.values(), key=lambda pair: ":" in pair[0])


def _key(fact: Fact) -> str:
    """What two names of one fact have in common: case and ``_`` for ``-`` count for nothing."""
    return fact.name.lower().replace("_", "-")


#: What an image may not justify: these differences are real wherever they occur (PARITY).
_NEVER = frozenset(
    ("default-survives-arguments", "download-verified", "base", "base-pinned", "foreground", "build-fails-loudly", "command",
     "install-location", "entrypoint", "download")
)  # fmt: skip


def _by_image(sides: Sides, found: ParityRow) -> ParityRow:
    """A difference that the image's own table justifies, or one that it knows to cost something."""
    if found.verdict is Verdict.JUSTIFIED and sides.image is not None and sides.image.losses:
        url = sides.windows.get("download")
        port = sides.image.port_of(str(url.value)) if url is not None else None
        loss = sides.image.loss_of(found.fact, port)
        if loss is not None:
            return ParityRow(
                found.fact, found.linux, found.windows, Verdict.DIFFERENT, loss.why, found.hint, loss.evidence
            )
    if (
        found.verdict in (Verdict.SAME, Verdict.JUSTIFIED, Verdict.UNKNOWN)
        or found.fact.split(":")[0] in _NEVER
    ):
        return found
    if found.fact.startswith("configuration:"):
        return found
    reason = sides.own_reason(found.fact)
    if reason is None:
        return found
    return ParityRow(
        found.fact, found.linux, found.windows, Verdict.JUSTIFIED, reason.why, found.hint, reason.evidence
    )


def _copied_programs(sides: Sides) -> set[str] | None:
    """Programs that are copied one by one; None where a whole directory is copied, or nothing."""
    from contrib.compare.rows import _program

    if sides.copied_from is None:
        return None
    sources = [
        str(source)
        for fact in sides.windows.all("copied-image")
        if not fact.detail.get("system")
        for source in fact.detail.get("sources", ())
    ]
    if not sources or not all(source.lower().endswith((".exe", ".dll", ".conf")) for source in sources):
        return None
    return {_program(source) for source in sources}


def _labels(sides: Sides) -> list[ParityRow]:
    """MAINTAINER by itself, the labels in one row."""
    rows: list[ParityRow] = []
    linux = {_key(fact): fact for fact in sides.linux.all("labels")}
    windows = {_key(fact): fact for fact in sides.windows.all("labels")}
    maintainer = "labels:maintainer"
    for full, left, right in _pairs(sides.linux, sides.windows, "labels"):
        if full.lower() == maintainer:
            found = COMPARERS["labels"](sides, left, right, full)
            if found is not None:
                rows.append(found)
    theirs = {key: fact for key, fact in linux.items() if key != maintainer}
    mine = {key: fact for key, fact in windows.items() if key != maintainer}
    if not theirs and not mine:
        return rows

    def together(facts: dict[str, Fact]) -> Fact | None:
        if not facts:
            return None
        names = [str(fact.detail.get("name")) for fact in facts.values()]
        lines = [fact.line for fact in facts.values() if fact.line is not None]
        value = f"{len(names)} labels" if len(names) > 1 else names[0]
        return Fact("labels", value, min(lines, default=None), max(lines, default=None), {"names": names})

    lacking = [str(theirs[key].detail.get("name")) for key in theirs if key not in mine]
    more = [str(mine[key].detail.get("name")) for key in mine if key not in theirs]
    other = [
        str(mine[key].detail.get("name"))
        for key in mine
        if key in theirs and mine[key].value != theirs[key].value
    ]
    verdict, why = Verdict.SAME, ""
    if lacking and not more:
        verdict, why = Verdict.MISSING, "only on Linux: " + ", ".join(lacking)
    elif more and not lacking:
        verdict, why = Verdict.EXTRA, "only on Windows: " + ", ".join(more)
    elif lacking or other:
        verdict, why = Verdict.DIFFERENT, "not alike: " + ", ".join([*lacking, *more, *other])
    rows.append(row("labels", together(theirs), together(mine), verdict, why))
    return rows


def _listed(sides: Sides) -> bool:
    """Whether what is installed is known by name: the image's own archive, or a copy of the image itself."""
    if sides.image is None:
        return False
    if sides.copied_from is not None:
        return Reference.parse(sides.copied_from).repository == sides.image.name
    fetched = sides.windows.get("download")
    return fetched is not None and sides.image.port_of(str(fetched.detail.get("url"))) is not None


def _tools(sides: Sides) -> list[ParityRow]:
    """What the image promises by name, all in one row where nothing is missing."""
    from contrib.compare.rows import _numbers, _program

    linux = {_program(str(f.detail.get("name"))): f for f in sides.linux.all("installed-tools")}
    windows = {_program(str(f.detail.get("name"))): f for f in sides.windows.all("installed-tools")}
    whole = sides.windows.get("install-location")
    there = sides.linux.get("install-location")
    removed = {_program(str(n)) for n in whole.detail.get("removed", ())} if whole is not None else set()
    copied = _copied_programs(sides)
    rows: list[ParityRow] = []
    promised: dict[str, str] = {}
    if sides.image is not None:
        version = sides.linux.version or ""
        for tool in sides.image.tools:
            if tool.since is None or not version or _numbers(version) >= _numbers(tool.since):
                promised[_program(tool.name)] = tool.name
    for name, fact in linux.items():
        promised.setdefault(name, str(fact.detail.get("name")))
    for name, shown in promised.items():
        left, right = linux.get(name), windows.get(name)
        full = f"installed-tools:{shown}"
        if left is None:
            # the image's data promises it, and the twin installs all of them together
            left = Fact(full, shown, there.line if there else None, there.end_line if there else None)
        if right is not None:
            rows.append(row(full, left, right, Verdict.SAME))
        elif name in ("sh", "bash"):
            continue
        elif copied is not None and name not in copied:
            rows.append(
                row(full, left, right, Verdict.MISSING, f"{shown} is not copied from the servercore image")
            )
        elif name in removed:
            rows.append(row(full, left, right, Verdict.MISSING, f"{shown} is removed in the build"))
        elif whole is None or not _listed(sides):
            rows.append(
                unknown(
                    full,
                    left,
                    right,
                    sides.windows.open.programs or f"nothing here says whether {shown} is there",
                )
            )
        else:
            right = Fact(full, shown, whole.line, whole.end_line)
            rows.append(row(full, left, right, Verdict.SAME, f"with all that is put in {whole.value}"))
    return rows
