"""Findings as text, Markdown and JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contrib.values.findings import Finding, Severity, summary
from contrib.values.markdown import code as markdown_code
from contrib.values.markdown import plain
from contrib.values.visible import line as one_line
from contrib.values.visible import paint as colour

_COLORS = {Severity.ERROR: "1;31", Severity.WARNING: "33", Severity.NOTE: "34"}
_MARKS = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.NOTE: "💬"}


def as_json(findings: Sequence[Finding]) -> str:
    """``{"findings": […], "summary": {…}}``."""

    import json

    shape = {"findings": [finding.as_json() for finding in findings], "summary": summary(findings)}
    return json.dumps(shape, ensure_ascii=False, indent=2)


def counts(findings: Sequence[Finding], fix: str = "--fix") -> str:
    """``1 error, 2 warnings`` and how many of them ``--fix`` fixes; ``no findings`` when there are none.

    :param fix: the command that fixes.

    >>> counts([])
    'no findings'
    """
    numbers = summary(findings)
    parts = [f"{n} {name}{'' if n == 1 else 's'}" for name, n in numbers.items() if n]
    accepted = sum(1 for finding in findings if finding.accepted is not None)
    if accepted:
        parts.append(f"{accepted} accepted")
    if not parts:
        return "no findings"
    fixable = sum(1 for finding in findings if finding.fixable and finding.accepted is None)
    tail = f"; `{fix}` fixes {fixable}" if fixable else ""
    return ", ".join(parts) + tail


def _wrapped(words: str, width: int, indent: str = "       ") -> list[str]:
    """As ``textwrap.wrap`` with that indent, for words that fit into a line.

    The module compiles four patterns when it is imported, which takes as long as a fortieth of a review.
    """
    room = max(width - len(indent), 1)
    lines = []
    rest = words.strip()
    while len(rest) > room:
        cut = rest.rfind(" ", 0, room + 1)
        if cut <= 0:
            cut = room
        lines.append(indent + rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*lines, indent + rest] if rest else lines


def text(
    findings: Sequence[Finding],
    names: Sequence[str],
    *,
    width: int = 80,
    color: bool = False,
    code: Mapping[str, bytes] | None = None,
) -> str:
    """A paragraph for each finding, by file; the last line counts them.

    :param names: the files reviewed, in order, those without findings too.
    :param code: the bytes of the files by name: each finding then shows its lines, with carets.
    """

    def paint(words: str, code: str) -> str:
        return colour(words, code) if color else words

    lines: list[str] = []
    for name in names:
        own = [finding for finding in findings if finding.file == name]
        source = _lines(code[name]) if code is not None and name in code else ()
        lines.append(paint(one_line(name), "1"))
        if not own:
            lines.append("  no findings")
        for finding in own:
            place = f"{finding.line}" if finding.line is not None else "-"
            level = "accepted" if finding.accepted is not None else finding.severity.value
            shown = paint(level, "2" if finding.accepted is not None else _COLORS[finding.severity])
            fix = paint(" [--fix]", "32") if finding.fixable else ""
            lines.append(f"{place:>5}  {shown}  {paint(finding.rule, '36')}{fix}")
            message = one_line(finding.message)
            lines += _wrapped(message, width)
            if finding.accepted is not None:
                lines += _wrapped(f"accepted: {one_line(finding.accepted)}", width)
            elif finding.evidence:
                lines.append(paint(f"       {finding.evidence[0].url}", "2"))
            if source:
                from contrib.report.code import excerpt

                for line in excerpt(source, finding, width=width):
                    lines.append(paint(line, "31" if set(line) <= set(" |^") else "2"))
        lines.append("")
    lines.append(counts(findings))
    return "\n".join(lines)


def _lines(data: bytes) -> list[str]:
    return [line.rstrip("\r") for line in data.decode("utf-8", "replace").split("\n")]


def markdown(findings: Sequence[Finding], names: Sequence[str]) -> str:
    """A table for each file; what is only a note, or accepted, is folded away."""
    lines: list[str] = [f"**{counts(findings)}**", ""]
    for name in names:
        own = [finding for finding in findings if finding.file == name]
        lines += [f"### {markdown_code(name)}", ""]
        if not own:
            lines += ["No findings.", ""]
            continue
        loud = [f for f in own if f.accepted is None and f.severity is not Severity.NOTE]
        quiet = [f for f in own if f not in loud]
        if loud:
            lines += [*_table(loud), ""]
        if quiet:
            word = "note" if len(quiet) == 1 else "notes"
            lines += [
                f"<details><summary>{len(quiet)} {word}</summary>",
                "",
                *_table(quiet),
                "",
                "</details>",
                "",
            ]
    return "\n".join(lines)


def _table(findings: Sequence[Finding]) -> list[str]:
    rows = ["| line | | rule | what |", "|---:|---|---|---|"]
    for finding in findings:
        rule = f"`{finding.rule}`"
        if finding.evidence:
            rule = f"[{rule}]({finding.evidence[0].url})"
        message = finding.message + (
            f" (accepted: {finding.accepted})" if finding.accepted is not None else ""
        )
        mark = f"{_MARKS[finding.severity]} {finding.severity.value}"
        rows.append(f"| {finding.line or ''} | {mark} | {rule} | {plain(message, cell=True)} |")
    return rows
