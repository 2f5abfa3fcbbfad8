"""The sentence that every form of a comparison starts with, and the order in which rows are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from contrib.compare.model import Behaviour, Comparison, ParityRow
from contrib.values.findings import Verdict, summary

#: What a reader should see first.
ORDER = (
    Verdict.MISSING,
    Verdict.DIFFERENT,
    Verdict.UNKNOWN,
    Verdict.EXTRA,
    Verdict.JUSTIFIED,
    Verdict.SAME,
)
#: Rows that a reader has to look at; the others are folded.
LOUD = ORDER[:4]


def sentence(comparison: Comparison) -> str:
    """``Not ready: 7 errors, 5 facts missing; nothing was run.``

    Ready means that the review has no error and that nothing is missing; what is not known from the files is
    named beside it, and so is what was run.
    """
    found = summary(comparison.findings)
    numbers = counts(comparison.rows)
    stops = [
        _counted(found["error"], "error"),
        _counted(numbers["missing"], "fact") + " missing" if numbers["missing"] else "",
        _failed(comparison.behaviour),
    ]
    rest = [
        _counted(found["warning"], "warning"),
        _counted(numbers["different"], "fact") + " different" if numbers["different"] else "",
        f"{numbers['unknown']} not known from these files" if numbers["unknown"] else "",
    ]
    said = [part for part in stops if part]
    head = "Not ready: " + ", ".join(said) if said else "No errors, and nothing is missing"
    others = [part for part in rest if part]
    if others and not said:
        head += ": " + ", ".join(others)
    elif numbers["unknown"]:
        head += f", {numbers['unknown']} not known from these files"
    said_all = f"{head}; {ran(comparison.behaviour)}."
    two = comparison.different_programs
    if two is not None:
        return f"These are two different programs ({two[0]} on Windows, {two[1]} on Linux). {said_all}"
    return said_all


def ran(behaviour: Sequence[Behaviour]) -> str:
    """``nothing was run``, or how many of the checks passed on Windows."""
    results = [each.windows for each in behaviour if each.windows in ("passed", "failed")]
    if not results:
        return "nothing was run"
    return f"{results.count('passed')} of {_counted(len(results), 'check')} passed on Windows"


def _failed(behaviour: Sequence[Behaviour]) -> str:
    failed = sum(1 for each in behaviour if each.windows == "failed")
    return f"{_counted(failed, 'check')} failed" if failed else ""


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}" if number else ""


def counts(rows: Iterable[ParityRow]) -> dict[str, int]:
    """How many rows of each verdict, by its word, the most serious first."""
    found = {verdict.value: 0 for verdict in ORDER}
    for row in rows:
        found[row.verdict.value] += 1
    return found


def facts_sentence(rows: Sequence[ParityRow]) -> str:
    """``34 facts: 7 missing, 8 different, 2 extra, 14 forced by the platform, 3 the same``."""
    words = {
        Verdict.JUSTIFIED.value: "forced by the platform",
        Verdict.SAME.value: "the same",
        Verdict.UNKNOWN.value: "not known from these files",
    }
    parts = [f"{number} {words.get(name, name)}" for name, number in counts(rows).items() if number]
    return f"{len(rows)} facts: {', '.join(parts) or 'none'}"


def ordered(rows: Iterable[ParityRow]) -> list[ParityRow]:
    """Rows in the order in which a reader wants them."""
    return sorted(rows, key=lambda row: ORDER.index(row.verdict))


def title(comparison: Comparison) -> str:
    """``redis: Windows 3.2.100 against Linux 3.2.6``; the bases where no version is to be seen."""
    name = f"{comparison.image}: " if comparison.image else ""
    windows, linux = comparison.windows, comparison.linux
    return f"{name}Windows {windows.version or windows.base} against Linux {linux.version or linux.base}"
