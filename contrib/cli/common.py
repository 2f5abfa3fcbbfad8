"""What commands share: options, the terminal, and writing a report."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from contrib.cli import output
from contrib.cli.options import gathered, output_option
from contrib.cli.streams import wants_color
from contrib.values.records import dataclass
from contrib.values.visible import passed

if TYPE_CHECKING:
    from rich.console import Console

    from contrib.values.findings import Finding, Severity

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Terminal:
    """How to talk to the person: results on stdout, everything else on stderr."""

    quiet: bool = False
    verbose: int = 0
    no_color: bool = False

    @property
    def color(self) -> bool:
        """Whether stdout takes colour."""
        return wants_color(sys.stdout, no_color=self.no_color)

    @property
    def error_color(self) -> bool:
        """Whether stderr takes colour."""
        return wants_color(sys.stderr, no_color=self.no_color)

    @property
    def interactive(self) -> bool:
        """Whether a question may be asked."""
        return bool(sys.stdin.isatty() and sys.stderr.isatty()) and not os.environ.get("CI")

    def say(self, message: str) -> None:
        """A line of progress; not with ``--quiet``."""
        if not self.quiet:
            output.message(message)

    def debug(self, message: str) -> None:
        """A line for ``--verbose``."""
        if self.verbose and not self.quiet:
            output.message(message)

    def warn(self, message: str) -> None:
        """A warning: shown with ``--quiet`` too."""
        color = self.error_color
        prefix = click.style("warning:", fg="yellow") if color else "warning:"
        output.message(message, prefix=prefix, color=color)

    def console(self, *, width: int | None = None) -> Console:
        """A rich console for results; 80 columns wide where stdout is no terminal."""
        from rich.console import Console

        if width is None and not sys.stdout.isatty():
            width = report_width()
        return Console(
            file=sys.stdout,
            width=width,
            no_color=not self.color,
            force_terminal=self.color or None,
            highlight=False,
            soft_wrap=False,
        )

    @contextmanager
    def progress(self, description: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """A bar (or spinner when ``total`` is None) on stderr while a long step runs.

        Gives a function that advances it. Draws nothing where stderr is no terminal.
        """
        if self.quiet or not sys.stderr.isatty():
            yield _nothing
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

        columns: list[Any] = [SpinnerColumn(), TextColumn("{task.description}")]
        if total is not None:
            columns += [BarColumn(), MofNCompleteColumn()]
        console = Console(stderr=True, no_color=not self.error_color)
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(description, total=total)

            def advance(steps: int = 1) -> None:
                bar.advance(task, steps)

            yield advance


def _nothing(steps: int = 1) -> None:
    """Progress that nobody sees."""


def terminal_options(function: F) -> F:
    """``-q``, ``-v``, ``--no-color``; the command gets ``terminal``."""

    @click.option("-q", "--quiet", is_flag=True, help="Say nothing but the result and errors.")
    @click.option("-v", "--verbose", count=True, help="Say more; twice for everything.")
    @click.option("--no-color", is_flag=True, help="No colour (also NO_COLOR).")
    def wrapper(*args: Any, quiet: bool, verbose: int, no_color: bool, **kwargs: Any) -> Any:
        return function(*args, terminal=Terminal(quiet, verbose, no_color), **kwargs)

    return gathered(wrapper, function)


def format_option(*formats: str) -> Callable[[F], F]:
    """``--format`` (first is the default); the command gets ``format_``."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="Form of the report.",
    )


def report_options(*formats: str) -> Callable[[F], F]:
    """``--format`` (first is the default), ``-o/--output``; the command gets ``format_`` and ``output``."""

    def decorate(function: F) -> F:
        function = output_option("Write the report to FILE instead of stdout.")(function)
        return format_option(*formats)(function)

    return decorate


def fail_on_option(function: F) -> F:
    """``--fail-on``; the command gets ``fail_on`` (None for ``never``)."""

    def convert(ctx: click.Context, parameter: click.Parameter, value: str) -> Severity | None:
        from contrib.values.findings import Severity

        return None if value == "never" else Severity(value)

    return click.option(
        "--fail-on",
        type=click.Choice(["error", "warning", "note", "never"]),
        default="error",
        show_default=True,
        callback=convert,
        help="Exit 1 when there are findings of this severity or worse.",
    )(function)


def failing(findings: tuple[Finding, ...] | list[Finding], fail_on: Severity | None) -> bool:
    """Whether an unaccepted finding is at or above ``fail_on``."""
    if fail_on is None:
        return False
    return any(f.accepted is None and f.severity.rank >= fail_on.rank for f in findings)


#: The widest text report.
WIDEST = 160


def report_width(output: Path | None = None) -> int:
    """Columns for a text report: the terminal's, 40 to 160; ``COLUMNS`` or 80 in a pipe; 80 in a file."""
    if output is not None:
        return 80
    if os.isatty(1):
        import shutil

        return max(40, min(shutil.get_terminal_size((80, 24)).columns, WIDEST))
    wanted = os.environ.get("COLUMNS", "")
    return (
        max(40, min(int(wanted), WIDEST)) if wanted.isascii() and wanted.isdigit() and len(wanted) < 9 else 80
    )


def emit(text: str, to: Path | None = None, *, exact: bool = False) -> None:
    """Print a report, or write it to ``output``: UTF-8, LF, one newline at the end; nothing for an empty one.

    :param exact: a patch, or commands for GitHub Actions: no line is changed in its log.
    """
    if text and not text.endswith("\n"):
        text += "\n"
    if to is None:
        # Whoever made the text knows whether it may have colour: click is not to take it out again.
        output.result(text, exact=exact)
        return
    from contrib.clients.worktree import save

    save(to, output.as_bytes(passed(text)))
