"""Evidence records as a Markdown table: checks as rows, variants as columns, and one line about the place.

Everything that a container printed is made safe: it can neither end a cell nor mention anybody.
"""

from __future__ import annotations

from collections.abc import Sequence

from contrib.values.evidence import CheckResult, Place, Record, Tried
from contrib.values.markdown import code, plain
from contrib.values.visible import line

#: Characters of a cell.
CELL = 200


def table(pairs: Sequence[tuple[Record, Tried]]) -> str:
    """The table of some variants; rows that no variant ran say why.

    :param pairs: record and entry, one per column.
    """
    names = list(dict.fromkeys(check.check for _, tried in pairs for check in tried.checks))
    several = len({tried.variant for _, tried in pairs}) < len(pairs)
    heads = [tried.variant + (f" ({_host(record.place)})" if several else "") for record, tried in pairs]
    lines = [
        "| check | " + " | ".join(safe(head) for head in heads) + " |",
        "| --- |" + " --- |" * len(heads),
    ]
    for name in names:
        cells = []
        for _, tried in pairs:
            found = next((check for check in tried.checks if check.check == name), None)
            cells.append("" if found is None else cell(found))
        lines.append(f"| {safe(name)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def cell(check: CheckResult) -> str:
    """One result."""
    if check.result == "passed":
        seconds = check.seconds or 0.0
        return (
            f"yes ({seconds:.2g} s)"
            if 0.05 <= seconds < 10
            else f"yes ({seconds:.0f} s)"
            if seconds >= 10
            else "yes"
        )
    if check.result == "failed":
        both = ": ".join(dict.fromkeys(part for part in (check.why, check.said) if part)) or "failed"
        return f"**no**: {safe(both)}"
    return f"not here: {safe(check.why)}" if not check.why.startswith("not reached") else "not reached"


def place_line(record: Record) -> str:
    """``Docker 27.5 on Windows 10.0.26100.1 (windows-2025, process isolation)``."""
    place = record.place
    details = [
        part for part in (place.runner, f"{place.isolation} isolation" if place.isolation else None) if part
    ]
    return f"Docker {safe(place.engine)} on {_host(place)}" + (
        f" ({', '.join(map(safe, details))})" if details else ""
    )


def _host(place: Place) -> str:
    version = place.os_version or ""
    if place.os == "windows":
        return safe(f"Windows {version}".strip())
    return safe(version or "Linux")


def summary(record: Record) -> str:
    """A record for a step summary: the place, the table, the outcome of each variant."""
    lines = [
        f"## Windows variants of {safe(record.image)}"
        if record.place.os == "windows"
        else f"## {safe(record.image)}"
    ]
    lines += ["", f"Built and run with {place_line(record)}, {record.when:%Y-%m-%d %H:%M} UTC.", ""]
    lines += [
        f"- {code(_cut(each.path))} ({safe(each.version)}): **{each.result}**" for each in record.variants
    ]
    ran = [(record, each) for each in record.variants if each.result != "not-run"]
    if ran:
        lines += ["", table(ran)]
    for each in record.variants:
        if each.result == "not-run":
            why = next((check.why for check in each.checks if check.result == "not-run"), "")
            lines += ["", f"{code(_cut(each.variant))} was not run here: {safe(why)}"]
    return "\n".join(lines) + "\n"


def safe(text: str) -> str:
    """Text in a cell: one line, no markup, no mention, at most :data:`CELL` characters."""
    return plain(_cut(text), cell=True)


def _cut(text: str) -> str:
    text = line(" ".join(text.split()))
    return text if len(text) <= CELL else f"{text[: CELL - 1]}…"
