"""Rules as text, Markdown and JSON: the list, and one rule's page."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from contrib.values.findings import Evidence, Severity

Style = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class RulePage:
    """What is printed of a rule.

    :param language: for the examples' Markdown fences: ``dockerfile``, or ``""`` for a library file.
    :param bad_path: where the bad example stands, for rules that look at the path; likewise the rest.
    """

    id: str
    kind: str
    severity: Severity
    title: str
    looks_for: str
    why: str
    fix: str
    needs: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    bad: str
    good: str
    language: str = "dockerfile"
    bad_path: str | None = None
    good_path: str | None = None
    twin: str | None = None

    def as_json(self) -> dict[str, object]:
        """The rule as plain data."""
        return {
            "id": self.id,
            "kind": self.kind,
            "severity": self.severity.value,
            "title": self.title,
            "looks_for": self.looks_for,
            "why": self.why,
            "fix": self.fix,
            "needs": list(self.needs),
            "evidence": [{"label": e.label, "url": e.url} for e in self.evidence],
            "bad": self.bad,
            "good": self.good,
        }


_FIX = {
    "yes": "`contrib review --fix` fixes it.",
    "ask": "`contrib review --fix --ask` offers a fix where one can be worked out.",
    "no": "You have to decide: there is no automatic fix.",
}
_HEADINGS = {"dockerfile": "Windows Dockerfiles", "library": "Library files"}


def plain(text: str, style: str) -> str:
    """No style at all."""
    return text


def listing(pages: Sequence[RulePage], *, width: int = 80, style: Style = plain) -> str:
    """Id, severity, fix and title, a table for each kind.

    The id's column is as wide as the longest id; titles wrap in what is left of ``width``.
    """
    lines: list[str] = []
    id_width = max((len(page.id) for page in pages), default=2)
    indent = id_width + 2 + 7 + 2 + 3 + 2
    for kind in dict.fromkeys(page.kind for page in pages):
        rows = [page for page in pages if page.kind == kind]
        if lines:
            lines.append("")
        lines.append(style(f"{_HEADINGS.get(kind, kind)} ({len(rows)})", "bold"))
        lines.append(style(f"{'rule':<{id_width}}  {'level':<7}  fix  what it says", "dim"))
        for page in rows:
            title = textwrap.wrap(unmarked(page.title), max(width - indent, 12)) or [""]
            level = style(f"{page.severity.value:<7}", page.severity.value)
            lines.append(f"{style(f'{page.id:<{id_width}}', 'rule')}  {level}  {page.fix:<3}  {title[0]}")
            lines.extend(" " * indent + more for more in title[1:])
    lines.append("")
    lines.append(style("`contrib rules RULE` explains one.", "dim"))
    return "\n".join(lines)


def listing_markdown(pages: Sequence[RulePage]) -> str:
    """A Markdown table for each kind, each rule with its first evidence."""
    lines: list[str] = []
    for kind in dict.fromkeys(page.kind for page in pages):
        lines += [
            f"## {_HEADINGS.get(kind, kind)}",
            "",
            "| rule | severity | fix | what it says | evidence |",
            "|---|---|---|---|---|",
        ]
        for page in pages:
            if page.kind == kind:
                proof = ", ".join(f"[{e.label}]({e.url})" for e in page.evidence[:1])
                lines.append(
                    f"| `{page.id}` | {page.severity.value} | {page.fix} | {_cell(page.title)} | {_cell(proof)} |"
                )
        lines.append("")
    return "\n".join(lines)


def listing_json(pages: Sequence[RulePage]) -> str:
    """All rules as a JSON list."""
    return json.dumps([page.as_json() for page in pages], ensure_ascii=False, indent=2)


def page_text(page: RulePage, *, width: int = 80, style: Style = plain) -> str:
    """One rule's page for a terminal."""
    lines = [
        f"{style(page.id, 'rule')} ({style(page.severity.value, page.severity.value)}, "
        f"{_HEADINGS.get(page.kind, page.kind).lower()})",
        unmarked(page.title),
    ]

    def section(heading: str) -> None:
        lines.extend(["", style(heading, "bold")])

    section("What it reports")
    lines += textwrap.wrap(unmarked(page.looks_for), width, break_on_hyphens=False)
    section("Why is this bad?")
    lines += textwrap.wrap(unmarked(page.why), width, break_on_hyphens=False)
    section("Example" if page.bad_path is None else f"Example: {page.bad_path}")
    lines += _code(page.bad)
    if page.twin is not None:
        section("with the Linux Dockerfile" if page.kind == "dockerfile" else "against the previous file")
        lines += _code(page.twin)
    section("Use instead" if page.good_path in (None, page.bad_path) else f"Use instead: {page.good_path}")
    lines += _code(page.good)
    section("Fix")
    lines += textwrap.wrap(unmarked(_fix(page)), width, break_on_hyphens=False)
    section("Evidence")
    for proof in page.evidence:
        lines.append(f"{proof.label}")
        lines.append(f"    {proof.url}")
    return "\n".join(lines)


def page_markdown(page: RulePage) -> str:
    """One rule's page as Markdown."""
    fence = f"```{page.language}".rstrip()
    bad_path = [f"`{page.bad_path}`:", ""] if page.bad_path else []
    good_path = [f"`{page.good_path}`:", ""] if page.good_path and page.good_path != page.bad_path else []
    twin = []
    if page.twin is not None:
        beside = "with the Linux Dockerfile" if page.kind == "dockerfile" else "against the previous file"
        twin = [f"{beside}:", "", fence, page.twin.rstrip("\n"), "```", ""]
    return "\n".join(
        [
            f"# {page.id} ({page.severity.value})",
            "",
            page.title,
            "",
            "## What it reports",
            "",
            page.looks_for,
            "",
            "## Why is this bad?",
            "",
            page.why,
            "",
            "## Example",
            "",
            *bad_path,
            fence,
            page.bad.rstrip("\n"),
            "```",
            "",
            *twin,
            "Use instead:",
            "",
            *good_path,
            fence,
            page.good.rstrip("\n"),
            "```",
            "",
            "## Fix",
            "",
            _fix(page),
            "",
            "## Evidence",
            "",
            *(f"- [{proof.label}]({proof.url})" for proof in page.evidence),
        ]
    )


def _fix(page: RulePage) -> str:
    text = _FIX[page.fix]
    return text if page.kind == "dockerfile" else text.replace("contrib review", "contrib library check")


def unmarked(text: str) -> str:
    """Prose for a terminal: what is code keeps its quotes only where it would run into the words around it.

    >>> unmarked("Use `--fix`, **not** `a b`; see [here](https://x).")
    "Use --fix, not 'a b'; see here."
    """
    text = re.sub(r"\[([^\[\]]*)\]\([^()]*\)", r"\1", text)
    text = re.sub(r"\*\*([^*]+)\*\*|(?<![\w*])\*([^*\s][^*]*)\*(?![\w*])", lambda m: m[1] or m[2], text)
    return re.sub(r"`([^`]*)`", lambda m: f"'{m[1]}'" if " " in m[1].strip() else m[1], text)


def page_json(page: RulePage) -> str:
    """One rule as a JSON object."""
    return json.dumps(page.as_json(), ensure_ascii=False, indent=2)


def _code(text: str) -> list[str]:
    return ["    " + line if line else "" for line in text.rstrip("\n").split("\n")]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
