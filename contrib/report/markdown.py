"""Comparisons as Markdown for GitHub: the verdict, what to look at in a table, the rest folded.

GitHub gives a comment about 100 characters of a table: values are shortened, addresses keep their links.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from contrib.compare.model import Behaviour, Comparison, ParityRow
from contrib.facts.kinds import Fact
from contrib.report.verdict import LOUD, counts, facts_sentence, ordered, sentence, title
from contrib.values.findings import Verdict, summary
from contrib.values.markdown import code as in_code
from contrib.values.markdown import link, plain
from contrib.values.markdown import text as escaped

_MARKS = {
    Verdict.MISSING: "❌ missing",
    Verdict.DIFFERENT: "⚠️ different",
    Verdict.UNKNOWN: "❔ unknown",
    Verdict.EXTRA: "➕ extra",
    Verdict.JUSTIFIED: "☑️ justified",
    Verdict.SAME: "✅ same",
}
_RESULTS = {"passed": "✅ passed", "failed": "❌ failed", "not-run": "not run", None: "–"}
#: Hints that are lines of a Dockerfile or commands, not sentences.
_COMMAND = re.compile(r"(ENV|FROM|CMD|USER|VOLUME|WORKDIR|EXPOSE|ENTRYPOINT|SHELL|docker|contrib) [^ ]")
#: Characters of a value in a table's cell, and of one word in it, which GitHub does not break.
_VALUE, _WORD = 60, 28


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
            head = f"<details><summary>{escaped(comparison.windows.source)}</summary>"
            lines += [head, "", *body, "", "</details>", ""]
        else:
            lines += body
    return "\n".join(lines).rstrip() + "\n"


def one(comparison: Comparison, *, level: int = 2) -> list[str]:
    """The lines of one comparison: the verdict, then the tables, with what is alike folded."""
    from contrib.report.findings import markdown as findings_markdown

    rows = ordered(comparison.rows)
    loud = [row for row in rows if row.verdict in LOUD]
    lines = [
        f"**{_plain(sentence(comparison))}**",
        "",
        f"{'#' * level} {_plain(title(comparison))}",
        "",
        f"Windows: {_place(comparison.windows.source)}<br>Linux: {_place(comparison.linux.source)}",
        "",
        f"{facts_sentence(comparison.rows)}.",
        "",
    ]
    lines += [*table(loud), ""] if loud else []
    for verdict, words in ((Verdict.JUSTIFIED, "forced by the platform"), (Verdict.SAME, "the same")):
        own = [row for row in rows if row.verdict is verdict]
        if own:
            lines += [
                f"<details><summary>{len(own)} {words}</summary>",
                "",
                *table(own, marks=False),
                "",
                "</details>",
                "",
            ]
    notes = [
        f"- {code(f'{sheet.source}:{line}')}: {_plain(note)}"
        for sheet in (comparison.windows, comparison.linux)
        for line, note in sheet.notes
    ]
    if notes:
        lines += ["Not read:", "", *notes, ""]
    if comparison.behaviour:
        lines += [f"{'#' * (level + 1)} Run", "", *_behaviour(comparison.behaviour), ""]
    lines += [f"{'#' * (level + 1)} Review", ""]
    lines += findings_markdown(comparison.findings, [comparison.windows.source]).splitlines()
    return lines


def table(rows: Sequence[ParityRow], *, marks: bool = True) -> list[str]:
    """A table of rows.

    :param marks: with the verdict of each row, below its name.
    """
    lines = ["| fact | Linux | Windows | why |", "|---|---|---|---|"]
    for row in rows:
        why = _plain(row.why)
        if row.hint:
            shown = code(row.hint) if _COMMAND.match(row.hint) else _plain(row.hint)
            why += f"<br>{shown}" if why else shown
        if row.evidence:
            why += f" ({link(row.evidence[0].label, row.evidence[0].url)})"
        name = _name(row.fact) + (f"<br>{_MARKS[row.verdict]}" if marks else "")
        lines.append(f"| {name} | {_side(row.linux)} | {_side(row.windows)} | {why} |")
    return lines


def _name(fact: str) -> str:
    """The fact's name; GitHub breaks it behind the colon."""
    kind, colon, rest = fact.partition(":")
    if not colon or len(fact) <= _WORD:
        return code(fact)
    return f"{code(kind + colon)} {code(rest if len(rest) <= _WORD else rest[: _WORD - 1] + '…')}"


def _behaviour(behaviour: Sequence[Behaviour]) -> list[str]:
    lines = ["| check | Linux | Windows | output |", "|---|---|---|---|"]
    for each in behaviour:
        said = each.said if len(each.said) <= 120 else each.said[:119] + "…"
        lines.append(
            f"| {code(each.check)} | {_RESULTS.get(each.linux, '–')} | {_RESULTS.get(each.windows, '–')} "
            f"| {code(' '.join(said.split()))} |"
        )
    return lines


def _overview(comparisons: Sequence[Comparison]) -> list[str]:
    lines = [
        "| Windows | verdict | missing | different | unknown | extra | errors | warnings | notes |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for comparison in comparisons:
        numbers, found = counts(comparison.rows), summary(comparison.findings)
        ready = "not ready" if "Not ready" in sentence(comparison) else "no errors"
        lines.append(
            f"| {_place(comparison.windows.source)} | {ready} | {numbers['missing']} "
            f"| {numbers['different']} | {numbers['unknown']} | {numbers['extra']} "
            f"| {found['error']} | {found['warning']} | {found['note']} |"
        )
    return [*lines, ""]


def _place(source: str) -> str:
    """A file's name: an address as a link with its end, anything else as code."""
    if re.fullmatch(r"https://[^\s()<>\[\]\"'`|\\]+", source):
        return f"[{code(_shortened(source))}]({source})"
    return code(source)


def _side(fact: Fact | None) -> str:
    if fact is None:
        return "–"
    place = f" :{fact.line}" if fact.line is not None else ""
    value = " ".join(fact.value.split())
    if re.fullmatch(r"https://[^\s()<>\[\]\"'`|\\]+", value):
        # Not a link: the address is somebody else's.
        return f"{code(_shortened(value))}{place}"
    if len(value) > _VALUE:
        value = value[: _VALUE - 1] + "…"
    return f"{_words(value)}{place}"


def _words(value: str) -> str:
    """A value as code; a word that is too long for a cell is cut."""
    words = [word if len(word) <= _WORD else word[: _WORD - 1] + "…" for word in value.split(" ")]
    return code(" ".join(words))


def _shortened(address: str) -> str:
    """Host and last part of an address."""
    rest = address.split("://", 1)[1].rstrip("/")
    if len(rest) <= _WORD:
        return rest
    host, _, path = rest.partition("/")
    last = path.rsplit("/", 1)[-1]
    room = max(_WORD - len(host) - 3, 12)
    return f"{host}/…/{last if len(last) <= room else '…' + last[-room:]}"


def code(words: str) -> str:
    """Text as code, in a table's cell too."""
    return in_code(words, cell=True)


def _plain(words: str) -> str:
    """Text as words, in a table's cell too."""
    return plain(words, cell=True)
