"""Comparisons as Markdown that reads well on GitHub: what to look at in a table, the rest folded."""

from __future__ import annotations

import re
from collections.abc import Sequence

from contrib.compare.model import Comparison, ParityRow
from contrib.facts.model import Fact
from contrib.report import text
from contrib.values.findings import Verdict, summary

_MARKS = {
    Verdict.MISSING: "❌ missing",
    Verdict.DIFFERENT: "⚠️ different",
    Verdict.EXTRA: "➕ extra",
    Verdict.JUSTIFIED: "☑️ justified",
    Verdict.SAME: "✅ same",
}
#: Hints that are lines of a Dockerfile or commands, not sentences.
_COMMAND = re.compile(r"(ENV|FROM|CMD|USER|VOLUME|WORKDIR|EXPOSE|ENTRYPOINT|SHELL|docker|contrib) [^ ]")
_LOUD = (Verdict.MISSING, Verdict.DIFFERENT, Verdict.EXTRA)


def render(comparisons: Sequence[Comparison], *, level: int = 2) -> str:
    """The report.

    :param level: of the first heading.
    """
    lines: list[str] = []
    if len(comparisons) > 1:
        lines += _overview(comparisons)
    for comparison in comparisons:
        body = one(comparison, level=level)
        if len(comparisons) > 1:
            head = f"<details><summary>{_html(comparison.windows.source)}</summary>"
            lines += [head, "", *body, "", "</details>", ""]
        else:
            lines += body
    return "\n".join(lines).rstrip() + "\n"


def one(comparison: Comparison, *, level: int = 2) -> list[str]:
    """The lines of one comparison; the body of a pull request takes them too."""
    from contrib.report.findings import markdown as findings_markdown

    rows = text.shown(comparison.rows)
    loud = [row for row in rows if row.verdict in _LOUD]
    numbers = text.counts(comparison.rows)
    lines = [
        f"{'#' * level} {_plain(text.title(comparison))}",
        "",
        f"Windows: {code(comparison.windows.source)}<br>Linux: {code(comparison.linux.source)}",
        "",
        f"**{len(comparison.rows)} facts**: {numbers['same']} same, {numbers['justified']} forced by the platform, "
        f"{numbers['missing']} missing, {numbers['different']} different, {numbers['extra']} extra.",
        "",
    ]
    lines += [*table(loud), ""] if loud else []
    for verdict, words in ((Verdict.JUSTIFIED, "forced by the platform"), (Verdict.SAME, "the same")):
        own = [row for row in rows if row.verdict is verdict]
        if own:
            lines += [
                f"<details><summary>{len(own)} {words}</summary>",
                "",
                *table(own),
                "",
                "</details>",
                "",
            ]
    notes = [
        f"- {code(f'{sheet.source}:{line}')}: {_plain(sentence)}"
        for sheet in (comparison.windows, comparison.linux)
        for line, sentence in sheet.notes
    ]
    if notes:
        lines += ["Not read:", "", *notes, ""]
    lines += [f"{'#' * (level + 1)} Review", ""]
    lines += findings_markdown(comparison.findings, [comparison.windows.source]).splitlines()
    return lines


def table(rows: Sequence[ParityRow]) -> list[str]:
    """A table of rows."""
    lines = ["| fact | Linux | Windows | verdict | why |", "|---|---|---|---|---|"]
    for row in rows:
        why = _plain(row.why)
        if row.hint:
            shown = code(row.hint) if _COMMAND.match(row.hint) else _plain(row.hint)
            why += f"<br>{shown}" if why else shown
        if row.evidence:
            why += f" ([{_plain(row.evidence[0].label)}]({row.evidence[0].url}))"
        lines.append(
            f"| {code(row.fact)} | {_side(row.linux)} | {_side(row.windows)} | {_MARKS[row.verdict]} | {why} |"
        )
    return lines


def _overview(comparisons: Sequence[Comparison]) -> list[str]:
    lines = [
        "| Windows | Linux | missing | different | extra | errors | warnings | notes |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for comparison in comparisons:
        numbers, found = text.counts(comparison.rows), summary(comparison.findings)
        lines.append(
            f"| {code(comparison.windows.source)} | {code(comparison.linux.source)} | {numbers['missing']} "
            f"| {numbers['different']} | {numbers['extra']} | {found['error']} | {found['warning']} | {found['note']} |"
        )
    return [*lines, ""]


def _side(fact: Fact | None) -> str:
    if fact is None:
        return "–"
    place = f" :{fact.line}" if fact.line is not None else ""
    value = " ".join(fact.value.split())
    if len(value) > 120:
        value = value[:117] + "…"
    return f"{code(value)}{place}"


def code(words: str) -> str:
    """Text as code, in a table's cell too, where a bar would end the cell."""
    shown = text.printable(words)
    if not shown:
        return ""
    if "|" in shown:
        # no backslash saves a bar that follows another backslash
        return f"<code>{_entities(shown)}</code>"
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _entities(words: str) -> str:
    """Every character that Markdown or HTML could take for its own as an entity."""
    return re.sub(r"[^\w\s.,:/()-]", lambda match: f"&#{ord(match.group())};", words).replace("_", "&#95;")


def _plain(words: str) -> str:
    """Text that is no markup; what stands in backquotes is code."""
    pieces = re.split(r"(`[^`]*`)", text.printable(words))
    safe = [
        code(piece[1:-1]) if re.fullmatch(r"`[^`]+`", piece) else re.sub(r"([\\*_<>`\[\]#])", r"\\\1", piece)
        for piece in pieces
    ]
    return "".join(safe).replace("|", "&#124;")


def _html(words: str) -> str:
    return text.printable(words).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
