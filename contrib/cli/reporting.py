"""Findings in the form that was asked for: the one place that every command with findings prints them from."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from contrib.cli.common import Terminal, report_width

if TYPE_CHECKING:
    from contrib.report.files import Artifact
    from contrib.values.findings import Finding

#: Forms of a list of findings; the first is the default.
FORMATS = ("text", "concise", "markdown", "json", "sarif", "github")
#: GitHub refuses a step's summary above this many bytes.
_SUMMARY = 1024 * 1024


def report(
    format_: str,
    findings: Sequence[Finding],
    files: Mapping[str, Artifact],
    *,
    kind: Literal["dockerfile", "library"] | None,
    terminal: Terminal,
    output: Path | None = None,
) -> str:
    """The findings of some files.

    :param files: by name, in order, those without findings too; :attr:`Finding.file` is one of the names.
    :param kind: which rules there are; None for both kinds.
    """
    if format_ == "sarif":
        from contrib.cli.rules import rule_texts
        from contrib.report.sarif import render

        return render(findings, rule_texts(kind=kind), files)
    if format_ == "concise":
        from contrib.report.lines import concise

        return concise(findings)
    from contrib.report import findings as forms

    if format_ == "github":
        from contrib.report.lines import github

        step_summary(forms.markdown(findings, list(files)))
        return github(findings, {name: file.uri for name, file in files.items()})
    if format_ == "json":
        return forms.as_json(findings)
    if format_ == "markdown":
        return forms.markdown(findings, list(files))
    return forms.text(
        findings,
        list(files),
        width=report_width(output),
        color=terminal.color and output is None,
        code={name: file.data for name, file in files.items()} if terminal.verbose else None,
    )


def step_summary(markdown: str) -> None:
    """Add the report to the summary of the step of GitHub Actions that this runs in, if it does."""
    named = os.environ.get("GITHUB_STEP_SUMMARY")
    if not named:
        return
    data = markdown.rstrip("\n").encode("utf-8", "replace") + b"\n"
    if len(data) > _SUMMARY // 2:
        data = (
            data[: _SUMMARY // 2].rpartition(b"\n")[0] + b"\n\n(cut: the report is too long for a summary)\n"
        )
    from contrib.clients.worktree import append

    append(Path(named), data)
