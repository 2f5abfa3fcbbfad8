"""The program: a lazy group of commands, and the one place where errors become exit codes.

A command's module is imported only when that command is asked for, so ``contrib --version``
costs little more than importing click.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from contrib import __version__
from contrib.cli.faults import fault, show, wants_json
from contrib.cli.helping import Suggesting, grouped
from contrib.cli.options import take_environment
from contrib.cli.streams import prepare, reader_gone, silence, wants_color
from contrib.values import budgets
from contrib.values.errors import BadInput, ContribError, OutsideError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

#: Command name -> (module with a ``command``, one line for the list of commands). Order is the order shown.
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("contrib.cli.demo", "The whole job, offline, against an embedded GitHub stand-in."),
    "diff": ("contrib.cli.diff", "Compare a Windows Dockerfile with its Linux Alpine twin, and review it."),
    "review": ("contrib.cli.review", "Review Dockerfiles as the Official Images maintainers would."),
    "rules": ("contrib.cli.rules", "List the rules, or explain one."),
    "generate": ("contrib.cli.generate", "Write the Windows directories and what upstream's scripts need."),
    "render": ("contrib.cli.render", "What upstream's apply-templates.sh does, without its tools."),
    "manifest": ("contrib.cli.manifest", "Print the library file with the Windows entries."),
    "library": ("contrib.cli.library", "Check, print, list and compare library files."),
    "bump": ("contrib.cli.bump", "Bring the Windows variants to the port's newest releases."),
    "loads": ("contrib.cli.loads", "Say whether Windows binaries would start on a base image."),
    "try": ("contrib.cli.trying", "Build the variants with a local engine and run the image's checks."),
    "why": ("contrib.cli.why", "Say why a Windows build failed, from its log."),
    "pr": ("contrib.cli.pr", "Plan, confirm and open the pull requests."),
    "status": ("contrib.cli.status", "Where the contribution stands and what to do next."),
    "doctor": ("contrib.cli.doctor", "Check git, token, fork and caches before anything is tried."),
    "new": ("contrib.cli.new", "Scaffold an image's folder from its upstream repository."),
    "base": ("contrib.cli.base", "Add a Windows release to images, or drop or hold one."),
    "pins": (
        "contrib.cli.pins",
        "Show the pinned Windows bases: builds, runners, what may move and what waits.",
    ),
    "board": ("contrib.cli.board", "Every official image with Windows entries: versions, lag, bases."),
    "init-ci": ("contrib.cli.init_ci", "Write the workflow that bumps and proposes."),
    "completion": ("contrib.cli.completion", "Print the completion script of a shell."),
}


#: The variable by which a shell asks for completions.
COMPLETE = "_CONTRIB_COMPLETE"


class _NobodyReads(Exception):
    """A broken pipe, under a name that click does not know: it would make it exit code 1, unasked."""


@contextmanager
def _under_our_name() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise _NobodyReads from error


class LazyGroup(Suggesting):
    """Knows its commands by name and imports one when it is run."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """As click; where ``--help`` is printed."""
        with _under_our_name():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """As click; where commands run."""
        with _under_our_name():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command = module.command
        assert isinstance(command, click.Command)
        take_environment(command, (cmd_name,))
        if os.environ.get(COMPLETE):
            from contrib.cli.completing import attach

            attach(command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """As click, without importing any command."""
        from click.shell_completion import CompletionItem

        names = [
            CompletionItem(n, help=text) for n, (_, text) in COMMANDS.items() if n.startswith(incomplete)
        ]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands by use, without importing any."""
        for title, rows in grouped({name: text for name, (_, text) in COMMANDS.items()}):
            with formatter.section(title):
                formatter.write_dl(rows)


@click.group(
    cls=LazyGroup,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    },
    epilog="`contrib COMMAND --help` has examples. Each option can be set by the variable that its help shows, "
    "or for one command alone: CONTRIB_FORMAT, CONTRIB_REVIEW_FORMAT.",
)
@click.version_option(__version__, "-V", "--version", prog_name="contrib")
def cli() -> None:
    """Carry a Windows Dockerfile into the Docker Official Images.

    Start with `contrib demo`: the whole job on this machine, offline, without a token.
    """


def _show(error: ContribError, arguments: list[str], cause: BaseException | None = None) -> None:
    if cause is not None or wants_json(arguments):
        show(error, arguments, cause)
    else:
        _say(error, arguments)


def _say(error: ContribError, arguments: list[str]) -> None:
    from contrib.cli import output
    from contrib.values.visible import line

    color = wants_color(sys.stderr, no_color="--no-color" in arguments)
    for name, paint, words in (("error:", "red", str(error)), ("hint:", "cyan", error.hint)):
        if words:
            # What is wrong in a file is quoted: no part of that may steer the terminal.
            label = click.style(name, fg=paint, bold=name == "error:")
            output.message(line(words), prefix=label, color=color)


def _bounded(file: str, call: Callable[[], Any]) -> Any:
    """Every input that a command reads has a budget; its module is imported with the first of them."""
    from contrib.clients.budget import bound

    return bound(file, call)


def run(argv: list[str] | None = None) -> int:
    """Run the program and return its exit code (DESIGN: 0, 1, 2, 3, 130).

    :param argv: None takes the program's own arguments, which click expands on Windows (``redis\\Dock*``), where
        no shell does.
    """
    arguments = sys.argv[1:] if argv is None else argv
    budgets.install(_bounded)
    if os.environ.get(COMPLETE, "").startswith("powershell"):
        import contrib.cli.completing  # noqa: F401 (adds the shell)
    try:
        result: Any = cli.main(args=argv, prog_name="contrib", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except ContribError as error:
        _show(error, arguments)
        return error.exit_code
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except _NobodyReads:
        silence()
        return 0
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return 130
    except click.ClickException as error:
        return _usage(error, arguments)
    except OSError as error:
        name = error.filename
        if name is None:  # it was no file: our own output, most likely, which can take no more
            silence()
        if reader_gone(error):
            return 0
        refused = OutsideError(
            f"the system refused: {error.strerror or error}", file=name and os.fsdecode(name)
        )
        if name is None:
            _say(refused, arguments)  # JSON would go where nothing goes any more
        else:
            _show(refused, arguments)
        return refused.exit_code
    except Exception as error:
        found = fault(error)
        _show(found, arguments, error)
        return found.exit_code


def _usage(error: click.ClickException, arguments: list[str]) -> int:
    """What is wrong with the arguments; the help, where there are none."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError" and context is not None:  # click 8.2 and later
        click.echo(context.get_help())
        return 0
    if wants_json(arguments):
        _show(BadInput(error.format_message(), kind="usage"), arguments)
    else:
        error.show()
    return 2


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Entry point."""
    prepare()
    # A program that is told to end takes its temporary directories with it, as with Ctrl-C.
    signal.signal(signal.SIGTERM, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        # Windows consoles and pipes default to a legacy code page and CR LF; reports are UTF-8 with LF.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace", newline="\n")
    raise SystemExit(run())
