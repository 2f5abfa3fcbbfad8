"""``contrib diff``: a Windows Dockerfile against its Linux twin, fact by fact, and its review."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contrib.cli.common import (
    Terminal,
    emit,
    fail_on_option,
    failing,
    report_options,
    report_width,
    terminal_options,
)
from contrib.cli.options import (
    image_option,
    offline_option,
    ref_option,
    templates_option,
    upstream_option,
)
from contrib.cli.settings import Settings, policy_options
from contrib.values.findings import Severity

if TYPE_CHECKING:
    from contrib.cli import comparing


@click.command(name="diff")
@click.argument("windows", required=False)
@click.argument("linux", required=False)
@click.option(
    "--all", "all_", is_flag=True, help="Compare every Windows variant of the repository (also: a directory)."
)
@image_option("The image [default: recognised from the file].")
@upstream_option("Where LINUX is looked for: a directory or URL [default: as the image's folder says].")
@ref_option
@offline_option
@templates_option
@policy_options
@click.option(
    "--evidence",
    multiple=True,
    metavar="FILE|RUN_URL",
    help="A record of `contrib try`: what ran is shown beside what is written; repeatable.",
)
@fail_on_option
@report_options("text", "concise", "markdown", "html", "json", "sarif", "github")
@terminal_options
def command(
    windows: str | None,
    linux: str | None,
    all_: bool,
    image_name: str | None,
    upstream: str | None,
    ref: str | None,
    offline: bool,
    templates: Path | None,
    evidence: tuple[str, ...],
    settings: Settings,
    fail_on: Severity | None,
    format_: str,
    output: Path | None,
    terminal: Terminal,
) -> int:
    """Compare a Windows Dockerfile with the Linux Alpine one of the same image, and review it.

    WINDOWS and LINUX are paths, `-`, `REPO@REF:PATH`, or GitHub blob or raw URLs. Without LINUX it is
    the Alpine Dockerfile of the matching version: in the same repository, else in --upstream, else in
    the repository that the image's folder names. With --all (or a directory) every Windows variant of
    a repository is compared with its Linux twin.

    The text report is one screen; -v gives every fact with its reason and every finding in full.

    \b
    contrib diff Dockerfile redis@HEAD:7.2/alpine/Dockerfile
    contrib diff Dockerfile redis@HEAD:7.2/alpine/Dockerfile --format html -o comparison.html
    contrib diff --all --upstream redis
    """
    from contrib.cli import comparing

    if windows == "-" and linux == "-":
        raise click.UsageError("only one of the two can come from stdin")
    where = comparing.repository_of(windows, upstream, ref, all_)
    if where is not None:
        if linux is not None:
            raise click.UsageError("with --all (or a directory) the twins are found: name no LINUX")
        compared = comparing.compare_all(
            where,
            image_name=image_name,
            templates=templates,
            offline=offline,
            terminal=terminal,
            settings=settings,
        )
    else:
        if windows is None:
            raise click.UsageError("which Windows Dockerfile?")
        compared = [
            comparing.compare_one(
                windows,
                linux,
                image_name=image_name,
                templates=templates,
                upstream=upstream,
                ref=ref,
                offline=offline,
                terminal=terminal,
                settings=settings,
            )
        ]
    if evidence:
        compared = _with_behaviour(compared, evidence)
    emit(_report(format_, compared, where is not None, terminal, output), output, exact=format_ == "github")
    findings = [finding for each in compared for finding in each.comparison.findings]
    return 1 if failing(findings, fail_on) else 0


def _with_behaviour(
    compared: Sequence[comparing.Compared], evidence: tuple[str, ...]
) -> list[comparing.Compared]:
    """The comparisons with what the records say of the same bytes.

    :raises BadInput: no record is about any of the Windows files.
    """
    from dataclasses import replace

    from contrib.cli.records import read_records
    from contrib.compare.behaviour import behaviour
    from contrib.values.errors import BadInput

    records = [record for _, record in read_records(evidence)]
    found = []
    for each in compared:
        rows = behaviour(records, each.windows.dockerfile.data, each.linux.dockerfile.data)
        found.append(replace(each, comparison=replace(each.comparison, behaviour=rows)))
    if not any(each.comparison.behaviour for each in found):
        raise BadInput(
            f"no evidence record is about {compared[0].windows.name} as it stands",
            file=evidence[0],
            kind="evidence",
            hint="it has changed since it was tried, or the record is of another file: run `contrib try` again",
        )
    return found


def _report(
    format_: str,
    compared: Sequence[comparing.Compared],
    several: bool,
    terminal: Terminal,
    output: Path | None,
) -> str:
    comparisons = [each.comparison for each in compared]
    if format_ == "json":
        from contrib.report import jsonform

        return jsonform.render(comparisons, several=several)
    if format_ == "markdown":
        from contrib.report import markdown

        return markdown.render(comparisons)
    if format_ == "html":
        from contrib.report import html

        return html.render(
            [html.Compared(each.comparison, each.windows.text, each.linux.text) for each in compared]
        )
    if format_ in ("sarif", "concise", "github"):
        return _findings(format_, compared, terminal, output)
    from contrib.report import text

    return text.render(
        comparisons,
        width=report_width(output),
        color=terminal.color and output is None,
        full=bool(terminal.verbose),
        more="contrib diff -v …",
    )


def _findings(
    format_: str, compared: Sequence[comparing.Compared], terminal: Terminal, output: Path | None
) -> str:
    """The forms that other tools read; in those with a line for each finding, facts have lines too."""
    from contrib.cli.reporting import report, step_summary
    from contrib.report import lines, markdown
    from contrib.report.files import Artifact

    files = {each.windows.name: Artifact(each.windows.uri, each.windows.dockerfile.data) for each in compared}
    comparisons = [each.comparison for each in compared]
    if format_ == "sarif":
        findings = [finding for comparison in comparisons for finding in comparison.findings]
        return report(format_, findings, files, kind="dockerfile", terminal=terminal, output=output)
    if format_ == "concise":
        return "".join(lines.concise(each.findings) + lines.facts_concise(each) for each in comparisons)
    step_summary(markdown.render(comparisons))
    uris = {name: file.uri for name, file in files.items()}
    return "".join(lines.github(each.findings, uris) + lines.facts_github(each, uris) for each in comparisons)
