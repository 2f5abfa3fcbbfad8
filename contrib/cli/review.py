"""``contrib review``: what the maintainers would say of Dockerfiles, and the fixes that are safe."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contrib.cli import output
from contrib.cli.common import (
    Terminal,
    emit,
    fail_on_option,
    failing,
    report_options,
    terminal_options,
)
from contrib.cli.github import Account, github_url_options
from contrib.cli.options import (
    fix_options,
    image_option,
    library_upstream_option,
    offline_option,
    templates_option,
)
from contrib.cli.reporting import FORMATS
from contrib.cli.settings import Settings, policy_options
from contrib.values.errors import BadInput
from contrib.values.findings import Finding, Severity

if TYPE_CHECKING:
    from contrib.cli.source import Source
    from contrib.clients.pull_files import PullAddress
    from contrib.facts.starts import Known
    from contrib.images.model import Image
    from contrib.rules.engine import Fixed, Policy
    from contrib.rules.review import Reviewed


#: Forms of ``--statistics``.
STATISTICS = ("text", "markdown", "json")


@click.command(name="review")
@click.argument("sources", nargs=-1, required=True, metavar="DOCKERFILE...|PULL_REQUEST")
@fix_options
@click.option("--ask", is_flag=True, help="With --fix: show the fixes that need a look, one by one, and ask.")
@image_option("Take the accepted findings of this image.")
@templates_option
@offline_option
@policy_options
@click.option("--statistics", is_flag=True, help="Count the findings of each rule instead of listing them.")
@library_upstream_option(
    "Of a pull request: the repository that its library files name (see `library check`)."
)
@click.option("--online", is_flag=True, help="Of a pull request: fetch what its library files name.")
@click.option(
    "--comment",
    is_flag=True,
    help="Of a pull request: show one comment of 15 lines at most, ask, and write it.",
)
@click.option("-y", "--yes", is_flag=True, help="With --comment: do not ask.")
@github_url_options
@fail_on_option
@report_options(*FORMATS)
@terminal_options
def command(
    sources: tuple[str, ...],
    fix: bool,
    diff: bool,
    ask: bool,
    image_name: str | None,
    templates: Path | None,
    offline: bool,
    settings: Settings,
    statistics: bool,
    upstreams: tuple[str, ...],
    online: bool,
    comment: bool,
    yes: bool,
    github_url: str,
    token_file: Path | None,
    fail_on: Severity | None,
    format_: str,
    output: Path | None,
    terminal: Terminal,
) -> int:
    """Review Dockerfiles, or a pull request, as the Official Images maintainers would.

    DOCKERFILE is a path, `-`, `REPO@REF:PATH`, or a GitHub blob or raw URL. A Linux Dockerfile is read,
    and the report says that rules for Windows do not apply. --fix makes the safe fixes in place; --fix --diff
    shows them. -v shows the code of each finding.

    PULL_REQUEST is the address of a pull request, or OWNER/REPO#NUMBER, to an image's repository or to
    official-images: its Dockerfiles and library files are reviewed as a change, so what was there before is left
    out. --comment writes the review as one comment, or changes the one that it wrote before.

    \b
    contrib review Dockerfile
    contrib review Dockerfile --fix --diff
    contrib review Dockerfile --format github
    contrib review https://github.com/docker-library/redis/pull/78
    contrib review Dockerfile --ignore missing-progress-preference --severity wget-alias=error
    """
    from contrib.rules.review import review_all

    pulls = _pulls(sources, github_url)
    if (comment or online) and not pulls:
        raise click.UsageError("--comment and --online are for a pull request")
    named = click.get_current_context().get_parameter_source("upstreams")
    if upstreams and not pulls and named is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError("--upstream is for a pull request")
    if yes and not comment:
        raise click.UsageError("--yes goes with --comment")
    if pulls:
        if len(sources) > 1:
            raise click.UsageError("one pull request is reviewed at a time, and no file with it")
        if fix or statistics or offline:
            raise click.UsageError("--fix, --statistics and --offline are for files, not for a pull request")
        from contrib.cli.review_pull import review_pull

        return review_pull(
            pulls[0],
            Account(github_url, token_file, None),
            image=_image(image_name, templates),
            settings=settings,
            upstreams=upstreams,
            online=online,
            with_comment=comment,
            yes=yes,
            fail_on=fail_on,
            format_=format_,
            output=output,
            terminal=terminal,
        )
    if diff and not fix:
        raise click.UsageError("--diff shows what --fix would change: give both")
    if fix and diff and format_ != "text":
        raise click.UsageError("--fix --diff prints a patch: it has no other --format")
    if statistics and (fix and diff):
        raise click.UsageError("--fix --diff prints a patch: --statistics counts findings")
    if statistics and format_ not in STATISTICS:
        raise click.UsageError(f"--statistics has the formats {', '.join(STATISTICS)}")
    if ask and not fix:
        raise click.UsageError("--ask goes with --fix")
    if ask and not terminal.interactive:
        raise BadInput("--ask needs a terminal to ask on", hint="--fix alone makes the safe fixes")
    image = _image(image_name, templates)
    read = [_read(spec, offline) for spec in sources]
    files = [_reviewed(source, settings.policy(source.file, terminal)) for source in read]
    if fix:
        fixed = _fix(files, read, ask=ask, in_place=not diff)
        if diff:
            if output is not None or any(each.made for each in fixed):
                emit(_patch(files, fixed), output, exact=True)
            _say_fixed(terminal, fixed, "would fix")
            return 0
        _say_fixed(terminal, fixed, "fixed")
        files = [file.with_data(each.data) for file, each in zip(files, fixed, strict=True)]
    findings = [finding for found in review_all(files, image=image) for finding in found]
    if statistics:
        from contrib.report.statistics import render

        emit(render(findings, format_, color=terminal.color and output is None), output)
    else:
        emit(_report(format_, files, findings, terminal, output), output, exact=format_ == "github")
    return 1 if failing(findings, fail_on) else 0


def _image(name: str | None, templates: Path | None) -> Image | None:
    if name is None:
        return None
    from contrib.images import load

    return load(name, templates)


def _read(spec: str, offline: bool) -> Source:
    from contrib.cli.source import read_source

    return read_source(spec, offline=offline)


def _pulls(sources: Sequence[str], web: str) -> list[PullAddress]:
    """The addresses of pull requests among the sources; a file of that name is a file."""
    likely = [source for source in sources if "/pull/" in source or "#" in source]
    if not likely:
        return []  # what knows pull requests is slow to import
    from contrib.clients.pull_files import pull_address

    return [
        where
        for source in likely
        if (where := pull_address(source, web.rstrip("/"))) is not None and not Path(source).exists()
    ]


def _known() -> Known | None:
    """What the cache knows of bases and archives; nothing is downloaded for a review."""
    from contrib.clients.cache import default_cache_dir

    if not (default_cache_dir() / "inventories").is_dir():
        return None  # what reads inventories is slow to import
    from contrib.work.known import known

    return known()


def _reviewed(source: Source, policy: Policy) -> Reviewed:
    from contrib.cli.source import checked_dockerfile
    from contrib.dockerfile import parse
    from contrib.rules.review import Reviewed

    return Reviewed(
        checked_dockerfile(parse(source.data, source.name)), source.path, policy=policy, known=_known()
    )


def _fix(files: Sequence[Reviewed], sources: Sequence[Source], *, ask: bool, in_place: bool) -> list[Fixed]:
    from contrib.rules.review import fix_file

    if in_place:
        for source in sources:
            if source.file is None:
                raise BadInput(
                    "this is not a file on this disk, so --fix cannot change it",
                    file=source.name,
                    hint="--fix --diff shows the change",
                )
    fixed = []
    for file in files:
        if ask:
            fixed.append(_asked(file))
            continue
        fixed.append(fix_file(file))
    if in_place:
        from contrib.clients.worktree import replace

        for source, result in zip(sources, fixed, strict=True):
            if result.made and source.file is not None:
                replace(source.file, result.data)
    return fixed


def _asked(file: Reviewed) -> Fixed:
    from contrib.generate.patch import difference
    from contrib.rules.engine import fix_asked
    from contrib.rules.review import fix_file, look

    def confirm(finding: Finding, before: bytes, after: bytes) -> bool:
        output.message(f"{finding.file}:{finding.line}: {finding.rule}: {finding.message}")
        output.aside(difference(before, after, finding.file), newline=False)
        assert finding.fix is not None
        return output.confirmed(f"{finding.fix.title}?")

    return fix_asked(
        file.dockerfile.data, look(file), confirm, fix_safe=lambda data: fix_file(file.with_data(data))
    )


def _patch(files: Sequence[Reviewed], fixed: Sequence[Fixed]) -> str:
    """A unified diff that ``git apply`` takes."""
    from contrib.generate.patch import difference

    return "".join(
        difference(file.dockerfile.data, result.data, (file.path or file.dockerfile.name).lstrip("/"))
        for file, result in zip(files, fixed, strict=True)
        if result.made
    )


def _say_fixed(terminal: Terminal, fixed: Sequence[Fixed], verb: str) -> None:
    for result in fixed:
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
    from contrib.cli.reporting import report
    from contrib.report.files import Artifact

    artifacts = {
        file.dockerfile.name: Artifact(file.path or _uri(file.dockerfile.name), file.dockerfile.data)
        for file in files
    }
    return report(format_, findings, artifacts, kind="dockerfile", terminal=terminal, output=output)


def _uri(name: str) -> str:
    return "stdin" if name == "-" else name.replace("\\", "/").lstrip("/")
