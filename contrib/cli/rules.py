"""``contrib rules``: the list of rules, or one rule's page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contrib.cli.common import Terminal, emit, report_options, report_width, terminal_options
from contrib.values.errors import BadInput
from contrib.values.visible import paint

if TYPE_CHECKING:
    from contrib.report.rules import RulePage
    from contrib.report.sarif import RuleText
    from contrib.rules import Rule

_STYLES = {"bold": "1", "dim": "2", "rule": "36", "error": "1;31", "warning": "33", "note": "34"}


@click.command(name="rules")
@click.argument("rule", required=False)
@report_options("text", "markdown", "json")
@terminal_options
def command(rule: str | None, format_: str, output: Path | None, terminal: Terminal) -> None:
    """List the rules, or explain RULE: what it does, why, an example, and where the maintainers said so.

    \b
    contrib rules
    contrib rules unverified-download
    """
    from contrib.report import rules as report
    from contrib.rules import REGISTRY
    from contrib.rules.review import REMARKS

    color = terminal.color and output is None

    def style(text: str, name: str) -> str:
        return paint(text, _STYLES[name]) if color else text

    width = report_width(output)
    remark = REMARKS.get(rule or "")
    if rule is not None and remark is not None:
        shape = {"id": rule, "kind": "remark", "looks_for": remark}
        emit(
            json.dumps(shape, indent=2)
            if format_ == "json"
            else f"{rule} (a remark of the review)\n{remark}",
            output,
        )
        return
    if rule is not None:
        pages = [page_of(each) for each in _known(rule)]
        text = {
            "text": lambda: "\n\n\n".join(report.page_text(page, width=width, style=style) for page in pages),
            "markdown": lambda: "\n\n".join(report.page_markdown(page) for page in pages),
            "json": lambda: report.page_json(pages[0]) if len(pages) == 1 else report.listing_json(pages),
        }[format_]()
    else:
        pages = [page_of(each) for each in REGISTRY.all()]
        text = {
            "text": lambda: report.listing(pages, width=width, style=style),
            "markdown": lambda: report.listing_markdown(pages),
            "json": lambda: report.listing_json(pages),
        }[format_]()
    emit(text, output)


def _known(name: str) -> tuple[Rule, ...]:
    from difflib import get_close_matches

    from contrib.rules import REGISTRY

    wanted = name.strip().lower().replace("_", "-").strip("`")
    if wanted in REGISTRY:
        return REGISTRY.named(wanted)
    near = (
        get_close_matches(wanted, REGISTRY, n=1, cutoff=0.85)
        or get_close_matches(wanted, REGISTRY, n=3, cutoff=0.5)
        or [r for r in REGISTRY if wanted and wanted in r][:3]
    )
    hint = f"did you mean {' or '.join(near)}?" if near else "`contrib rules` lists them"
    raise BadInput(f"there is no rule '{name}'", hint=hint)


def page_of(rule: Rule) -> RulePage:
    """The rule as the report prints it."""
    from contrib.report.rules import RulePage

    return RulePage(
        id=rule.id,
        kind=rule.kind,
        severity=rule.severity,
        title=rule.title,
        looks_for=rule.looks_for,
        why=rule.why,
        fix=rule.fix,
        needs=tuple(sorted(rule.needs)),
        evidence=rule.evidence,
        bad=rule.bad.text,
        good=rule.good.text,
        language="dockerfile" if rule.kind == "dockerfile" else "",
        bad_path=rule.bad.path,
        good_path=rule.good.path,
        twin=rule.bad.twin,
    )


def rule_texts(*, kind: str | None = None) -> tuple[RuleText, ...]:
    """Every rule, and the review's own remarks, as SARIF describes them."""
    from contrib.report.rules import page_markdown, page_text
    from contrib.report.sarif import RuleText
    from contrib.rules import REGISTRY
    from contrib.rules.review import REMARKS
    from contrib.values.findings import Severity

    texts = []
    for rule in REGISTRY.all():
        if kind is not None and rule.kind != kind:
            continue
        page = page_of(rule)
        texts.append(
            RuleText(
                id=rule.id,
                title=rule.title,
                severity=rule.severity,
                text=rule.looks_for,
                help_text=page_text(page),
                help_markdown=page_markdown(page),
                url=rule.evidence[0].url if rule.evidence else None,
            )
        )
    for remark, meaning in REMARKS.items():
        texts.append(RuleText(remark, meaning.rstrip("."), Severity.NOTE, meaning, meaning, meaning, None))
    return tuple(texts)
