"""`contrib demo`: the whole job on a stage of our own, by the real commands."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from contrib.cli import output
from contrib.cli.common import Terminal, terminal_options
from contrib.cli.faults import where_to_report
from contrib.cli.options import from_option
from contrib.values.errors import BadInput, OutsideError
from contrib.values.visible import paint

if TYPE_CHECKING:
    from contrib.cli.source import Source
    from contrib.sandbox.demo import Stage

#: The image of the demo; its repositories are in :mod:`contrib.sandbox.demo`.
IMAGE = "redis"

#: Lines of a command's output that the demo shows; the whole is one command away.
_SHOWN = 22


@click.command(name="demo")
@from_option(" [default: one as a first port looks].")
@click.option(
    "--serve",
    is_flag=True,
    help="Keep the stand-in up, with its pages, until Ctrl-C.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Of the stand-in [default: a free one].",
)
@terminal_options
def command(from_: str | None, serve: bool, port: int, terminal: Terminal) -> int:
    """Do the whole job here, offline: compare, generate, list, propose, merge, release.

    A GitHub stand-in with an upstream and an official-images runs on loopback for as long as the demo
    takes; the commands are the real ones, and each is shown before it runs. The addresses of the two pull
    requests go to stdout, everything else to stderr. Nothing of yours is touched.

    \b
    contrib demo
    contrib demo --from Dockerfile
    contrib demo --serve
    """
    from contrib.sandbox.demo import stage

    visitor = None
    if from_ is not None:
        from contrib.cli.source import read_source

        visitor = _windows(read_source(from_)).data
    with stage(visitor, port=port) as opened:
        shown = _Show(opened, terminal, from_)
        urls = shown.play()
        output.result("\n".join(urls) + "\n")
        if serve:
            terminal.say(f"\nThe stand-in is up: {opened.stand_in.url} (Ctrl-C ends it)")
            with contextlib.suppress(KeyboardInterrupt):
                opened.stand_in.serve()
    return 0


def _windows(source: Source) -> Source:
    """``source`` when it is a Windows Dockerfile: said before the curtain rises, and with the file's own name.

    :raises BadInput: it is none.
    """
    from contrib.cli.source import checked_dockerfile
    from contrib.dockerfile import parse
    from contrib.facts import extract
    from contrib.images.bases import bases

    if extract(checked_dockerfile(parse(source.data, source.name)), bases=bases()).platform != "windows":
        raise BadInput("builds a Linux image", file=source.name, hint="--from takes your Windows Dockerfile")
    return source


class _Show:
    """The acts of the demo, one after the other."""

    def __init__(self, stage: Stage, terminal: Terminal, visitor: str | None) -> None:
        self.stage = stage
        self.terminal = terminal
        self.visitor = visitor or "one of ours, as a first port looks"
        self.file = visitor
        self.act = 0

    def play(self) -> list[str]:
        """All of them; gives the addresses of the pull requests."""
        twin = f"{IMAGE}@HEAD:7.2/alpine/Dockerfile"
        diff = ["diff", "Dockerfile", twin, "--image", IMAGE, "--fail-on", "never"]
        places = ["--upstream", IMAGE, "--official-images", "official-images"]
        job = [IMAGE, *places, "--source", "port=port.json", "--no-download"]
        yours = [*job, "--from", "Dockerfile"]

        self.heading("Compare", f"the Windows Dockerfile ({self.visitor}) with the Linux Alpine one")
        self.run(diff, limit=25)
        compared = json.loads(_contrib([*diff, "--format", "json"]))

        self.heading(
            "Generate", "the versioned directories, and what upstream's own scripts need to keep them"
        )
        planned = json.loads(_contrib(["generate", *yours, "--diff", "--format", "json"]))
        self.run(["generate", *yours, "--quiet"])
        self.decisions(planned["decisions"])
        for note in planned["notes"][:2]:
            self.terminal.say(f"- {note}")

        self.heading("Plan", "two pull requests; this is all that would be done, and nothing is done yet")
        self.stage.update_clones()
        self.run(["pr", *yours, "--dry-run"], limit=24)

        self.heading("Pull request A", "to the image's own repository")
        first = self.urls(["pr", *yours, "--yes", "--only", "image"])
        self.stage.merge(first[0])
        self.stage.update_clones()
        self.terminal.say("\n  " + self.style(f"Its maintainer has merged {first[0]}", "35"))

        self.heading("Pull request B", "to official-images, whose entries name the merged commit")
        self.run(["manifest", IMAGE, *places, "--diff"], limit=26)
        urls = self.urls(["pr", *yours, "--yes", "--continue"])

        self.heading("Status", "where both stand")
        self.run(["status", *job])

        self.heading("The next release", "a week later the port has released the version that Linux has")
        self.stage.next_release()
        self.run(["bump", *job, "--check"])
        self.run(["bump", *job, "--diff"], limit=24)

        self.heading("In short", self.visitor)
        self.summary(compared, planned, urls)
        return urls

    # -- how an act is shown -------------------------------------------------------------------------------

    def heading(self, title: str, text: str) -> None:
        """A numbered heading."""
        self.act += 1
        self.terminal.say(f"\n{self.style(f'{self.act}. {title}', '1;36')}: {text}")

    def style(self, text: str, code: str) -> str:
        """Colour where stderr is a terminal that wants it."""
        return paint(text, code) if self.terminal.error_color else text

    def run(self, arguments: Sequence[str], *, limit: int = _SHOWN) -> str:
        """Run a command and show the first lines of what it prints on stdout; the whole is returned."""
        self.terminal.say("\n" + self.style(f"$ contrib {' '.join(arguments)}", "32"))
        out = _contrib(arguments, quiet=self.terminal.quiet)
        lines = out.rstrip("\n").split("\n") if out.strip() else []
        for line in lines[:limit]:
            self.terminal.say(line)
        if len(lines) > limit:
            self.terminal.say(self.style(f"… {len(lines) - limit} more lines", "2"))
        return out

    def urls(self, arguments: Sequence[str]) -> list[str]:
        """Run `contrib pr`, which prints addresses alone."""
        found = re.findall(r"^https?://\S+/pull/\d+$", self.run(arguments), re.MULTILINE)
        if not found:
            raise OutsideError(
                "the demo opened no pull request", kind="internal", hint=f"report it {where_to_report()}"
            )
        return found

    def decisions(self, decisions: Sequence[dict[str, Any]]) -> None:
        """What was kept of the visitor's file and what was replaced, a line each."""
        for verdict, colour in (("kept", "32"), ("replaced", "33")):
            those = [d for d in decisions if d["verdict"] == verdict]
            self.terminal.say("\n" + self.style(f"{verdict} of the Dockerfile: {len(those)}", colour))
            for d in those:
                text = d["theirs"] if verdict == "kept" else f"{d['theirs']} -> {d['ours']}"
                where = f":{d['line']}" if d["line"] else ""
                why = "" if verdict == "kept" else f" ({d['rule'] or d['why']})"
                self.terminal.say(f"  {d['fact']}{where}: {_short(text)}{_short(why, 60)}")

    def summary(self, compared: dict[str, Any], planned: dict[str, Any], urls: Sequence[str]) -> None:
        """What was lacking, what was changed, what could not be run, and the next real command."""
        counts = compared["summary"]
        lacking = [row["fact"] for row in compared["parity"] if row["verdict"] == "missing"]
        decided = [d["verdict"] for d in planned["decisions"]]
        versions = ", ".join(f"{each['series']} at {each['version']}" for each in planned["series"])
        say = self.terminal.say
        say(
            f"  It lacked: {', '.join(lacking) or 'nothing'}\n"
            f"    and the review found {counts['error']} errors, {counts['warning']} warnings, {counts['note']} notes."
        )
        say(
            f"  Changed: {decided.count('replaced')} facts replaced, {decided.count('kept')} kept; Windows variants of {versions}."
        )
        say("  Not run here, for there is no Windows: building and running the images.")
        for each in planned["not_run_here"]:
            say(f"    {_short(each, 76)}")
        say("  Pull requests, on the stand-in:")
        for url in urls:
            say(f"    {url}")
        from contrib.cli.records import case_of
        from contrib.images import load

        case = case_of(load(IMAGE))
        if case is not None:
            say(f"  The honest advice for {IMAGE}: {case.advice.sentence}")
            for each in case.advice.until:
                say(f"    it would change when {each}")
        # Ours is gone when the demo ends: what is named must be there.
        from_ = f" --from {shlex.quote(self.file)}" if self.file is not None else ""
        say(f"  Next, with the real repositories: contrib pr {IMAGE}{from_} --dry-run")
        if self.file is None:
            say("  With your own file, here and there: contrib demo --from FILE, contrib pr … --from FILE")
        say("")


def _short(text: str, width: int = 100) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _contrib(arguments: Sequence[str], *, quiet: bool = True) -> str:
    """Run one of our commands in this process; gives its stdout.

    :raises ContribError: the command's own errors.
    """
    from contrib.cli.main import cli

    # Commands that print a file's bytes write to the stream's buffer, as a real stdout has one.
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape", newline="\n")
    # A quiet demo does not repeat the commands' warnings; their errors are raised.
    aside = contextlib.redirect_stderr(io.StringIO()) if quiet else contextlib.nullcontext()
    with contextlib.redirect_stdout(out), aside:
        cli.main(
            args=[*arguments, *(["--quiet"] if quiet else [])], prog_name="contrib", standalone_mode=False
        )
    out.flush()
    return out.buffer.getvalue().decode("utf-8", "replace")
