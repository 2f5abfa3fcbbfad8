"""``healthcheck``, ``labels``, ``copied-files``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

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
    unknown,
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


def copied_files(sides: Sides) -> Iterator[ParityRow]:
    """What comes from the build context, by purpose: a script, a program or a configuration may be called otherwise."""
    found = _paired(pairs(sides, CopiedFile, "copied-files"))
    lone = [each.linux for each in found if each.windows is None and each.linux is not None]
    others = [each.windows for each in found if each.linux is None and each.windows is not None]
    for of in found:
        if of.windows is None:
            yield _not_copied(sides, of, others)
        elif of.linux is None:
            told = any(each.purpose == of.windows.purpose == "configuration" for each in lone)
            if not told:  # the rows of Linux's own configuration name it
                yield _only_copied_here(of, of.windows)
        elif of.linux.file.lower() == of.windows.file.lower():
            yield same(of)
        elif of.linux.purpose == "entrypoint":
            yield same(of, f"an entrypoint script on both sides: {of.windows.file} here")
        else:
            yield same(of, f"{of.windows.file} here")


def _paired(found: list[Pair[CopiedFile]]) -> list[Pair[CopiedFile]]:
    """Pairs of one name, and those of another name that serve the same purpose."""
    for alike in (_one_name, _both_entrypoints, _both_configurations):
        linux = [each for each in found if each.windows is None]
        windows = [each for each in found if each.linux is None]
        for one in linux:
            fits = [each for each in windows if alike(one, each, linux, windows)]
            if len(fits) == 1 and fits[0] in found:
                found = [
                    Pair(one.name, one.linux, fits[0].windows) if each is one else each for each in found
                ]
                found.remove(fits[0])
    return found


_Lone = list[Pair[CopiedFile]]


def _one_name(one: Pair[CopiedFile], other: Pair[CopiedFile], linux: _Lone, windows: _Lone) -> bool:
    """``agent`` and ``agent.exe``, ``run.sh`` and ``run.ps1``."""
    return _bare(one.about) == _bare(other.about)


def _both_entrypoints(one: Pair[CopiedFile], other: Pair[CopiedFile], linux: _Lone, windows: _Lone) -> bool:
    def scripts(lone: _Lone) -> list[CopiedFile]:
        files = (each.linux or each.windows for each in lone)
        return [file for file in files if file is not None and file.purpose == "entrypoint"]

    return scripts(linux) == [one.linux] and scripts(windows) == [other.windows]


def _both_configurations(
    one: Pair[CopiedFile], other: Pair[CopiedFile], linux: _Lone, windows: _Lone
) -> bool:
    """The only configuration file of a kind (``.conf``) on either side."""

    def of_kind(lone: _Lone, kind: str) -> list[CopiedFile]:
        files = (each.linux or each.windows for each in lone)
        found = [file for file in files if file is not None and file.purpose == "configuration"]
        return [file for file in found if _kind(file.file) == kind]

    kind = _kind(one.about)
    return bool(kind) and of_kind(linux, kind) == [one.linux] and of_kind(windows, kind) == [other.windows]


def _kind(file: str) -> str:
    return file.lower().rpartition(".")[2] if "." in file else ""


def _bare(file: str) -> str:
    """A file's name without what tells a Windows program or script from one of Linux."""
    return re.sub(r"\.(exe|ps1|psm1|cmd|bat|sh)$", "", file.lower()).replace("_", "-")


def _not_copied(sides: Sides, of: Pair[CopiedFile], others: Sequence[CopiedFile]) -> ParityRow:
    purpose = of.linux.purpose if of.linux is not None else ""
    if purpose == "entrypoint":
        evidence = platform.REASONS["entrypoint"].evidence
        return justified(of, "the entrypoint script has no equal on Windows", evidence=evidence)
    if purpose == "script":
        return justified(of, "a script for sh, which Windows does not have")
    instead = [each.file for each in others if each.purpose == purpose == "configuration"]
    if instead:
        return different(of, f"Windows copies {', '.join(instead)} instead")
    directory = next(
        (each.file for each in others if each.purpose == "file" and not _has_extension(each.file)), None
    )
    if directory is not None:
        what = "the build context" if directory == "." else f"{directory}, from the build context,"
        return unknown(of, f"what is in {what} is not known")
    return missing(of, f"Linux copies this {purpose}")


def _has_extension(file: str) -> bool:
    """Whether a source is a file by its name: ``.`` is the whole build context."""
    return re.search(r"\.\w", file) is not None


def _only_copied_here(of: Pair[CopiedFile], windows: CopiedFile) -> ParityRow:
    if windows.purpose == "binary":
        return extra(of, "a binary from the build context cannot be reviewed")
    whole = "a file" if _has_extension(windows.file) else "a file or directory"
    what = {"entrypoint": "an entrypoint script", "file": whole}.get(windows.purpose, f"a {windows.purpose}")
    return extra(of, f"{what} from the build context that Linux does without")
