"""``healthcheck``, ``labels``, ``copied-files``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from contrib.compare import platform
from contrib.compare.model import ParityRow
from contrib.compare.rows.pair import (
    Pair,
    Sides,
    by_text,
    different,
    extra,
    justified,
    key,
    missing,
    pairs,
    same,
)
from contrib.facts.kinds import CopiedFile, Fact, Healthcheck, Label

_MAINTAINER = "labels:maintainer"


def healthcheck(sides: Sides, of: Pair[Healthcheck]) -> ParityRow | None:
    """Different when only one side has it."""
    if of.linux is not None and of.windows is not None:
        return same(of)
    only = "only Windows has one; official images have none" if of.linux is None else "only Linux has one"
    return different(of, only, evidence=(platform.healthcheck(),))


def labels(sides: Sides) -> Iterator[ParityRow]:
    """MAINTAINER by itself, the labels in one row."""
    for pair in pairs(sides, Label, "labels"):
        if pair.name.lower() == _MAINTAINER:
            yield _maintainer(pair)
    linux = {key(fact): fact for fact in sides.linux.each(Label) if key(fact) != _MAINTAINER}
    windows = {key(fact): fact for fact in sides.windows.each(Label) if key(fact) != _MAINTAINER}
    if not linux and not windows:
        return
    both: Pair[Fact] = Pair("labels", _together(linux), _together(windows))
    lacking = [fact.label for name, fact in linux.items() if name not in windows]
    more = [fact.label for name, fact in windows.items() if name not in linux]
    other = [f.label for name, f in windows.items() if name in linux and linux[name].value != f.value]
    if lacking and not more:
        yield missing(both, "only on Linux: " + ", ".join(lacking))
    elif more and not lacking:
        yield extra(both, "only on Windows: " + ", ".join(more))
    elif lacking or other:
        yield different(both, "not alike: " + ", ".join([*lacking, *more, *other]))
    else:
        yield same(both)


def _maintainer(pair: Pair[Label]) -> ParityRow:
    if pair.linux is not None:
        return by_text(pair)
    if pair.name.endswith("MAINTAINER"):
        return extra(pair, "maintainers are named in the library file", "remove it")
    return extra(pair, "only Windows has it")


def _together(facts: Mapping[str, Label]) -> Fact | None:
    """All labels of a side as one fact."""
    if not facts:
        return None
    names = [fact.label for fact in facts.values()]
    lines = [fact.line for fact in facts.values() if fact.line is not None]
    value = f"{len(names)} labels" if len(names) > 1 else names[0]
    return Fact("labels", value, min(lines, default=None), max(lines, default=None))


def copied_files(sides: Sides, of: Pair[CopiedFile]) -> ParityRow | None:
    """By purpose: entrypoint scripts have no equal, the rest is missing or extra."""
    linux, windows = of.linux, of.windows
    if windows is None:
        purpose = linux.purpose if linux is not None else ""
        if purpose == "entrypoint":
            evidence = platform.REASONS["entrypoint"].evidence
            return justified(of, "the entrypoint script has no equal on Windows", evidence=evidence)
        if of.name.lower().endswith((".sh", ".envsh")):
            return justified(of, "a script for sh, which Windows does not have")
        return missing(of, f"Linux copies this {purpose}")
    if linux is not None:
        return same(of)
    if windows.purpose == "binary":
        return extra(of, "a binary from the build context cannot be reviewed")
    what = {"entrypoint": "an entrypoint script"}.get(windows.purpose, f"a {windows.purpose}")
    return extra(of, f"{what} from the build context that Linux does without")
