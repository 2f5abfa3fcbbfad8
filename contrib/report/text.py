"""Comparisons for people: the first screen, or everything.

The first screen says in at most 25 lines what to look at, in the width that there is; the full form gives each
fact with both values, their lines, the reason and what to write instead. Without colour every word still says it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from contrib.compare.model import Comparison, ParityRow
from contrib.facts.kinds import Fact
from contrib.report.verdict import LOUD, ORDER, counts, facts_sentence, ordered, sentence, title
from contrib.values.findings import Finding, Severity, Verdict, summary
from contrib.values.visible import line as one_line
from contrib.values.visible import paint

#: Lines of the first screen.
SCREEN = 25
#: Below this width a row takes two lines; from the second on, the reason has a column of its own.
NARROW, WIDE = 64, 130

_VERDICT_COLOR = {
    Verdict.MISSING: "31",
    Verdict.DIFFERENT: "33",
    Verdict.UNKNOWN: "35",
    Verdict.EXTRA: "36",
    Verdict.JUSTIFIED: "34",
    Verdict.SAME: "32",
}
_SEVERITY_COLOR = {Severity.ERROR: "1;31", Severity.WARNING: "33", Severity.NOTE: "34"}


class _Paint:
    def __init__(self, color: bool) -> None:
        self.color = color

    def __call__(self, words: str, code: str) -> str:
        return paint(words, code) if self.color and words else words


def _cut(words: str, width: int) -> str:
    """At most ``width`` columns, the end of a long address kept rather than its beginning."""
    text = one_line(" ".join(words.split()))
    if _columns(text) <= width:
        return text
    if "://" in text:
        text = text.split("://", 1)[1]
        if _columns(text) <= width:
            return text
        return "…" + _last(text, width - 1)
    return _first(text, width - 1) + "…"


def _columns(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)


def _first(text: str, width: int) -> str:
    from rich.cells import set_cell_size

    return set_cell_size(text, width)


def _last(text: str, width: int) -> str:
    return _first(text[::-1], width)[::-1]


def _pad(text: str, width: int) -> str:
    return text + " " * max(0, width - _columns(text))


def _cell(fact: Fact | None, width: int) -> str:
    return _pad("–" if fact is None else _cut(fact.value, width), width)


def render(
    comparisons: Sequence[Comparison],
    *,
    width: int = 80,
    color: bool = False,
    full: bool = False,
    more: str = "contrib diff -v",
) -> str:
    """The report.

    :param full: every fact with its reason; else the first screen.
    :param more: the command that shows everything.
    """
    paint = _Paint(color)
    lines: list[str] = []
    if len(comparisons) > 1:
        lines += _overview(comparisons, width, paint)
        if not full:
            lines += ["", paint(f"Each of them in full: {more}", "2")]
            return "\n".join(lines)
        lines.append("")
    for index, comparison in enumerate(comparisons):
        if index:
            lines += ["", paint("─" * width, "2"), ""]
        lines += _full(comparison, width, paint) if full else _first_screen(comparison, width, paint, more)
    return "\n".join(line.rstrip() for line in lines)


# -- first screen ------------------------------------------------------------------------------------


def _first_screen(comparison: Comparison, width: int, paint: _Paint, more: str) -> list[str]:
    loud = [row for row in ordered(comparison.rows) if row.verdict in LOUD]
    review = _findings_brief(comparison.findings, width, paint)
    top = [
        *(paint(line, "1") for line in _wrap(title(comparison), width, "")),
        *(paint(line, "1") for line in _wrap(sentence(comparison), width, "")),
    ]
    bottom = [
        *_wrap(facts_sentence(comparison.rows), width, ""),
        "",
        *review,
        *(
            paint(line, "2")
            for line in _wrap(f"Every fact with its reason, every finding in full: {more}", width, "")
        ),
    ]
    each = 2 if width < NARROW else 1
    # beside the rows: the head, an empty line above it, and the line that counts what is left out
    room = max((SCREEN - len(top) - len(bottom) - 2) // each, 4)
    if len(loud) > room:
        room -= 1
    lines = [*top, ""]
    lines += _table(loud[:room], width, paint)
    if len(loud) > room:
        lines.append(paint(f"{'':10}… and {len(loud) - room} more", "2"))
    if not loud:
        lines.append("Nothing is missing, and nothing differs that the platform does not force.")
    return [*lines, *bottom]


def _table(rows: Sequence[ParityRow], width: int, paint: _Paint) -> list[str]:
    if not rows:
        return []
    if width < NARROW:
        return [line for row in rows for line in _narrow(row, width, paint)]
    name = min(26 if width < WIDE else 34, max(len(row.fact) for row in rows))
    room = width - 10 - name - 1 - 5
    why = 0
    if width >= WIDE:
        why = min(max(len(row.why) for row in rows), room * 2 // 5)
        room -= why + 1 if why else 0
    left = min(max(10, room * 4 // 9), max(5, *(_columns(_text(row.linux)) for row in rows)))
    right = room - left - 1
    head = f"{'':10}{_pad('fact', name)} {_pad('Linux', left)} {_pad('Windows', right)} line"
    lines = [paint(head + (" why" if why else ""), "2")]
    for row in rows:
        line = row.windows.line if row.windows is not None else None
        lines.append(
            paint(_pad(row.verdict.value, 10), _VERDICT_COLOR[row.verdict])
            + f"{_pad(_cut(row.fact, name), name)} {_cell(row.linux, left)} {_cell(row.windows, right)} "
            + paint(f"{line or '':>4}", "2")
            + (f" {_cut(row.why, why)}" if why else "")
        )
    return lines


def _narrow(row: ParityRow, width: int, paint: _Paint) -> list[str]:
    """Two lines: the fact, then both values."""
    line = row.windows.line if row.windows is not None else None
    place = f" :{line}" if line else ""
    name = _cut(row.fact, width - 10 - len(place))
    each = (width - 5) // 2
    left = _cut(_text(row.linux), each)
    right = _cut(_text(row.windows), width - 5 - _columns(left))
    return [
        paint(_pad(row.verdict.value, 10), _VERDICT_COLOR[row.verdict]) + name + paint(place, "2"),
        f"  {left} → {right}",
    ]


def _text(fact: Fact | None) -> str:
    return "–" if fact is None else one_line(" ".join(fact.value.split()))


def _findings_brief(findings: Sequence[Finding], width: int, paint: _Paint) -> list[str]:
    """The rules that speak, with their lines: four lines of errors, two of warnings, one of notes at most."""
    lines = _wrap(f"Review: {_counted_findings(findings)}", width, "")
    for severity, most in ((Severity.ERROR, 4), (Severity.WARNING, 2), (Severity.NOTE, 1)):
        places: dict[str, list[str]] = {}
        for finding in findings:
            if finding.severity is severity and finding.accepted is None:
                places.setdefault(finding.rule, []).append(str(finding.line or "-"))
        if not places:
            continue
        words = [f"{rule}:{','.join(at)}" for rule, at in places.items()]
        for index, line in enumerate(_filled(words, width - 11, most)):
            label = severity.value if index == 0 else ""
            lines.append(paint(_pad(label, 10), _SEVERITY_COLOR[severity]) + line)
    return lines


def _counted_findings(findings: Sequence[Finding]) -> str:
    from contrib.report.findings import counts as counted

    return counted(findings, "contrib review --fix")


def _filled(words: Sequence[str], width: int, most: int) -> list[str]:
    """Words in at most ``most`` lines, the last one saying how many more there are."""
    lines: list[str] = []
    here = ""
    for index, word in enumerate(words):
        following = f"{here}, {word}" if here else word
        more = f", {len(words) - index} more"
        room = width - (len(more) if len(lines) == most - 1 and index < len(words) - 1 else 0)
        if here and len(following) > room:
            if len(lines) == most - 1:
                return [*lines, here + more]
            lines.append(here + ",")
            following = word
        here = following
    return [*lines, here] if here else lines


# -- several -----------------------------------------------------------------------------------------


def _overview(comparisons: Sequence[Comparison], width: int, paint: _Paint) -> list[str]:
    """One line a variant."""
    name = max(20, width - 41)
    head = (
        f"{_pad('Windows Dockerfile', name)}{'miss':>6}{'differ':>7}{'unkn':>6}{'extra':>6} "
        f"{'err':>5}{'warn':>5}{'note':>5}"
    )
    lines = [paint(head, "2")]
    total = {"error": 0, "warning": 0, "note": 0}
    group = None
    for comparison in comparisons:
        linux = comparison.linux.source
        if linux != group:
            group = linux
            lines.append(paint(_cut_left(f"against {_short(linux)}", width), "1"))
        numbers, found = counts(comparison.rows), summary(comparison.findings)
        for key in total:
            total[key] += found[key]
        source = _cut_left("  " + _short(comparison.windows.source), name)
        lines.append(
            _pad(source, name)
            + _number(numbers["missing"], 6, paint, "31")
            + _number(numbers["different"], 7, paint, "33")
            + _number(numbers["unknown"], 6, paint, "35")
            + _number(numbers["extra"], 6, paint, "36")
            + " "
            + _number(found["error"], 5, paint, "1;31")
            + _number(found["warning"], 5, paint, "33")
            + _number(found["note"], 5, paint, "34")
        )
    lines.append("")
    lines.append(
        f"{len(comparisons)} Windows Dockerfiles: {_counted(total['error'], 'error')}, "
        f"{_counted(total['warning'], 'warning')}, {_counted(total['note'], 'note')}"
    )
    return lines


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _number(number: int, width: int, paint: _Paint, code: str) -> str:
    text = f"{number or '·':>{width}}"
    return paint(text, code) if number else paint(text, "2")


def _short(source: str) -> str:
    """A source without the repository that all of them share, and without the file's name that all have."""
    path = source.rsplit(":", 1)[-1] if "@" in source and ":" in source else source
    return path.removesuffix("/Dockerfile")


def _cut_left(text: str, width: int) -> str:
    text = one_line(text)
    return text if _columns(text) <= width else "…" + _last(text, width - 1)


# -- in full -----------------------------------------------------------------------------------------


def _wrap(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(
        one_line(text),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,  # an address stays whole, so that it can be followed
    ) or [indent]


def _full(comparison: Comparison, width: int, paint: _Paint) -> list[str]:
    lines = [
        *(paint(line, "1") for line in _wrap(title(comparison), width, "")),
        *(paint(line, "1") for line in _wrap(sentence(comparison), width, "")),
        "",
        *_wrap(f"Windows  {comparison.windows.source}", width, "  "),
        *_wrap(f"Linux    {comparison.linux.source}", width, "  "),
    ]
    rows = ordered(comparison.rows)
    for verdict in ORDER:
        own = [row for row in rows if row.verdict is verdict]
        if not own:
            continue
        lines += ["", paint(f"{verdict.value} ({len(own)})", f"1;{_VERDICT_COLOR[verdict]}")]
        for row in own:
            lines += _row_full(row, width, paint)
    for sheet in (comparison.windows, comparison.linux):
        for line, note in sheet.notes:
            lines += _wrap(f"{sheet.source}:{line}: {note}", width, "  ")
    lines += _behaviour(comparison, width, paint)
    lines += [
        "",
        *(paint(line, "1") for line in _wrap(f"review: {_counted_findings(comparison.findings)}", width, "")),
    ]
    for finding in comparison.findings:
        place = str(finding.line) if finding.line is not None else "-"
        level = "accepted" if finding.accepted is not None else finding.severity.value
        code = "2" if finding.accepted is not None else _SEVERITY_COLOR[finding.severity]
        fix = paint("  [--fix]", "32") if finding.fixable else ""
        lines.append(f"{place:>5}  {paint(level, code)}  {paint(finding.rule, '36')}{fix}")
        lines += _wrap(finding.message, width, "       ")
        if finding.accepted is not None:
            lines += _wrap(f"accepted: {finding.accepted}", width, "       ")
        elif finding.evidence:
            lines.append(paint(f"       {finding.evidence[0].url}", "2"))
    return lines


def _behaviour(comparison: Comparison, width: int, paint: _Paint) -> list[str]:
    """What was run, one line per check, failed ones first."""
    if not comparison.behaviour:
        return []
    order = {"failed": 0, "not-run": 1, None: 2, "passed": 3}
    colors = {"failed": "31", "passed": "32"}
    lines = ["", paint(f"run ({len(comparison.behaviour)})", "1")]
    for each in sorted(comparison.behaviour, key=lambda item: order.get(item.windows, 2)):
        results = f"Linux {each.linux or 'not run'} → Windows {each.windows or 'not run'}"
        lines.append(f"  {paint(one_line(each.check), colors.get(each.windows or '', '36'))}  {results}")
        if each.said and each.windows != "passed":
            lines += _wrap(each.said, width, "      ")
    return lines


def _row_full(row: ParityRow, width: int, paint: _Paint) -> list[str]:
    quiet = row.verdict is Verdict.SAME
    values = f"{_value(row.linux)} → {_value(row.windows)}"
    if quiet and row.linux is not None and row.windows is not None and row.linux.value == row.windows.value:
        places = [
            f"{side} :{fact.line}"
            for side, fact in (("Linux", row.linux), ("Windows", row.windows))
            if fact.line
        ]
        values = one_line(" ".join(row.linux.value.split())) + (f"  ({', '.join(places)})" if places else "")
    lines = [f"  {paint(row.fact, '36')}"]
    whole = f"  {row.fact}  {values}"
    if _columns(whole) <= width:
        lines = [f"  {paint(row.fact, '36')}  {values}"]
    else:
        lines += _wrap(values, width, "      ")
    if row.why:
        lines += _wrap(row.why, width, "      ")
    if row.hint:
        lines += [paint(line, "32") for line in _wrap(f"hint: {row.hint}", width, "      ")]
    if row.evidence and not quiet:
        lines.append(paint(f"      {row.evidence[0].url}", "2"))
    return lines


def _value(fact: Fact | None) -> str:
    if fact is None:
        return "–"
    place = f" :{fact.line}" if fact.line is not None else ""
    return one_line(" ".join(fact.value.split())) + place
