"""``contrib review``: what the maintainers would say of Dockerfiles, and the fixes that are safe."""

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
from contrib.cli.options import fix_options, image_option, offline_option, templates_option
from contrib.values.errors import BadInput
from contrib.values.findings import Finding, Severity

if TYPE_CHECKING:
    from contrib.cli.source import Source
    from contrib.images.model import Image
    from contrib.rules.mend import Mended
    from contrib.rules.review import Reviewed


@click.command(name="review")
@click.argument("sources", nargs=-1, required=True, metavar="DOCKERFILE...")
@fix_options
@click.option("--ask", is_flag=True, help="With --fix: show the fixes that need a look, one by one, and ask.")
@image_option("Take the accepted findings of this image.")
@templates_option
@offline_option
@fail_on_option
@report_options("text", "markdown", "json", "sarif")
@terminal_options
def command(
    sources: tuple[str, ...],
    fix: bool,
    diff: bool,
    ask: bool,
    image_name: str | None,
    templates: Path | None,
    offline: bool,
    fail_on: Severity | None,
    format_: str,
    output: Path | None,
    terminal: Terminal,
) -> int:
    """Review Dockerfiles as the Official Images maintainers would.

    DOCKERFILE is a path, `-`, `REPO@REF:PATH`, or a GitHub blob or raw URL. A Linux Dockerfile is read,
    and told that rules for Windows do not apply. With --fix what can be mended without asking is mended
    in place; --fix --diff shows it.
    """
    from contrib.rules.review import review_all

    if diff and not fix:
        raise click.UsageError("--diff shows what --fix would change: give both")
    if fix and diff and format_ != "text":
        raise click.UsageError("--fix --diff prints a patch: it has no other --format")
    if ask and not fix:
        raise click.UsageError("--ask goes with --fix")
    if ask and not terminal.interactive:
        raise BadInput("--ask needs a terminal to ask on", hint="--fix alone makes the safe fixes")
    image = _image(image_name, templates)
    read = [_read(spec, offline) for spec in sources]
    files = [_reviewed(source) for source in read]
    if fix:
        mended = _mend(files, read, ask=ask, in_place=not diff)
        if diff:
            if output is not None or any(m.made for m in mended):
                emit(_patch(files, mended), output)
            _say_mended(terminal, mended, "would mend")
            return 0
        _say_mended(terminal, mended, "mended")
        files = [_again(file, m.data) for file, m in zip(files, mended, strict=True)]
    findings = [finding for found in review_all(files, image=image) for finding in found]
    emit(_report(format_, files, findings, terminal, output), output)
    return 1 if failing(findings, fail_on) else 0


def _image(name: str | None, templates: Path | None) -> Image | None:
    if name is None:
        return None
    from contrib.images import load

    return load(name, templates)


def _read(spec: str, offline: bool) -> Source:
    from contrib.cli.source import read_source

    return read_source(spec, offline=offline)


def _reviewed(source: Source) -> Reviewed:
    from contrib.cli.source import checked_dockerfile
    from contrib.dockerfile import parse
    from contrib.rules.review import Reviewed

    return Reviewed(checked_dockerfile(parse(source.data, source.name)), source.path)


def _again(file: Reviewed, data: bytes) -> Reviewed:
    from contrib.dockerfile import parse
    from contrib.rules.review import Reviewed

    return Reviewed(parse(data, file.dockerfile.name), file.path, file.twin)


def _mend(files: Sequence[Reviewed], sources: Sequence[Source], *, ask: bool, in_place: bool) -> list[Mended]:
    from contrib.rules.mend import mend

    if in_place:
        for source in sources:
            if source.file is None:
                raise BadInput(
                    "this is no file on this disk, so --fix cannot change it",
                    file=source.name,
                    hint="--fix --diff shows the change",
                )
    mended = [mend(file) for file in files]
    if ask:
        mended = [_asked(file, result) for file, result in zip(files, mended, strict=True)]
    if in_place:
        from contrib.clients.worktree import replace

        for source, result in zip(sources, mended, strict=True):
            if result.made and source.file is not None:
                replace(source.file, result.data)
    return mended


def _asked(file: Reviewed, mended: Mended) -> Mended:
    """Offer what is left, one by one; what is taken may make more mends safe."""
    from contrib.generate.patch import difference
    from contrib.rules.mend import Mended, accept_offer, mend, offers

    declined: set[tuple[str, str]] = set()
    made = list(mended.made)
    now = _again(file, mended.data)
    while True:
        finding = next((f for f in offers(now) if (f.rule, f.message) not in declined), None)
        if finding is None or finding.fix is None:
            return Mended(now.dockerfile.data, tuple(made))
        declined.add((finding.rule, finding.message))
        after = accept_offer(now, finding)
        click.echo(f"{finding.file}:{finding.line}: {finding.rule}: {finding.message}", err=True)
        click.echo(difference(now.dockerfile.data, after.dockerfile.data, finding.file), err=True, nl=False)
        if click.confirm(f"{finding.fix.title}?", err=True):
            more = mend(after)
            made += [finding, *more.made]
            now = _again(file, more.data)


def _patch(files: Sequence[Reviewed], mended: Sequence[Mended]) -> str:
    """A unified diff that ``git apply`` takes."""
    from contrib.generate.patch import difference

    return "".join(
        difference(file.dockerfile.data, result.data, (file.path or file.dockerfile.name).lstrip("/"))
        for file, result in zip(files, mended, strict=True)
        if result.made
    )


def _say_mended(terminal: Terminal, mended: Sequence[Mended], verb: str) -> None:
    for result in mended:
        for finding in result.made:
            title = finding.fix.title if finding.fix is not None else finding.message
            terminal.say(f"{verb} {finding.file}:{finding.line}: {finding.rule} ({title})")


def _report(
    format_: str,
    files: Sequence[Reviewed],
    findings: Sequence[Finding],
    terminal: Terminal,
    output: Path | None,
) -> str:
    if format_ == "sarif":
        from contrib.cli.rules import rule_texts
        from contrib.report.sarif import Artifact, render

        artifacts = {
            file.dockerfile.name: Artifact(file.path or _uri(file.dockerfile.name), file.dockerfile.data)
            for file in files
        }
        return render(findings, rule_texts(kind="dockerfile"), artifacts)
    from contrib.report import findings as report

    names = [file.dockerfile.name for file in files]
    if format_ == "json":
        return report.as_json(findings)
    if format_ == "markdown":
        return report.markdown(findings, names)

    return report.text(findings, names, width=report_width(output), color=terminal.color and output is None)


def _uri(name: str) -> str:
    return "stdin" if name == "-" else name.replace("\\", "/").lstrip("/")
