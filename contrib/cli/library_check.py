"""Wiring of ``contrib library check``: what rules get, and the fixes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING

from contrib.cli import output
from contrib.cli.common import Terminal
from contrib.cli.library_git import Clones
from contrib.cli.library_network import Internet
from contrib.cli.library_place import Library, Place
from contrib.cli.library_report import Outcome, shown_path
from contrib.cli.library_sources import Given
from contrib.cli.settings import Settings
from contrib.library.model import LibraryFile
from contrib.rules.engine import Policy, introduced
from contrib.rules.library import RULES
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.form.reading import read_on
from contrib.rules.library.run import check, fix
from contrib.values.errors import BadInput
from contrib.values.findings import Finding

if TYPE_CHECKING:
    from contrib.cli.library_before import Before
    from contrib.rules.registry import Rule


class Check:
    """The files to check, what they were before, and everything else that their rules may ask."""

    def __init__(
        self,
        files: Sequence[Given],
        *,
        before: Before | None = None,
        upstreams: Sequence[str] = (),
        online: bool = False,
        only: Sequence[str] = (),
        settings: Settings,
        terminal: Terminal,
    ) -> None:
        self._terminal = terminal
        self._files = {file.name: file for file in files}
        self._before = before
        self._clones = Clones(upstreams, online=online, say=terminal.say)
        self._repositories = self._clones if upstreams or online else None
        self._libraries: dict[int, Library] = {}
        self._network = Internet() if online else None
        self._settings = settings
        self._rules = _chosen(only)

    def __enter__(self) -> Check:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._clones.close()

    def _context(self, file: Given, data: bytes) -> LibraryContext:
        now = read_on(data, file.name)
        before = self._before
        place = file.place or (before.place if before is not None else None)
        others = self._library(place)
        if others is not None:
            # As the reference sees the change: the new file among the others.
            others.put(now.repository, LibraryFile(now.repository, data, now.header, now.entries))
        return LibraryContext(
            now,
            previous=before.of(file) if before is not None else None,
            repositories=self._repositories,
            others=others,
            network=self._network,
            today=file.date,
            message=before.message if before is not None else None,
            past=before.past(file) if before is not None else None,
        )

    def _library(self, place: Place | None) -> Library | None:
        if place is None:
            return None
        if id(place) not in self._libraries:
            self._libraries[id(place)] = Library(place)
        return self._libraries[id(place)]

    def _policy(self, file: Given) -> Policy:
        return self._settings.policy(file.file, self._terminal)

    def run(self) -> Outcome:
        """Findings of all files, by file and line, what the change introduced first."""
        if self._clones.for_any and len(self._files) > 1:
            raise BadInput(
                "--upstream without URL= is for one image",
                hint="say --upstream URL=REPO, with the URL that GitRepo has",
                kind="usage",
            )
        outcome = Outcome(self._files, self._terminal, with_repository=self._repositories is not None)
        for file in self._files.values():
            context = self._context(file, file.data)
            outcome.add(file, context, check(context, self._rules, self._policy(file)))
        for where, problem in self._clones.problems.items():
            self._terminal.warn(f"{where}: {problem.message}; what needs it is not checked")
        return outcome

    def _findings(self, file: Given, data: bytes) -> tuple[Finding, ...]:
        return tuple(introduced(check(self._context(file, data), self._rules, self._policy(file)).findings))

    def fix(self, *, ask: bool, in_place: bool) -> str:
        """Make the safe fixes, with ``ask`` those too that a person takes; the patch that they are."""
        from contrib.clients.worktree import replace
        from contrib.generate.patch import difference
        from contrib.rules.engine import fix_asked

        patch: list[str] = []
        for file in self._files.values():
            if in_place and file.file is None:
                raise BadInput(
                    "this is not a file on this disk, so --fix cannot change it",
                    file=file.name,
                    hint="--fix --diff shows the change",
                )
            look = partial(self._findings, file)
            safe = partial(fix, look=look)
            confirm = partial(_confirmed, file)
            done = fix_asked(file.data, look, confirm, fix_safe=safe) if ask else safe(file.data)
            for finding in done.made:
                title = finding.fix.title if finding.fix is not None else finding.message
                verb = "fixed" if in_place else "would fix"
                self._terminal.say(f"{verb} {file.name}:{finding.line}: {finding.rule} ({title})")
            if done.data == file.data:
                continue
            if in_place:
                assert file.file is not None
                replace(file.file, done.data)
                self._files[file.name] = Given(file.name, done.data, file.file, file.place, file.date)
                continue
            patch.append(difference(file.data, done.data, shown_path(file)))
        return "".join(patch)


def _confirmed(file: Given, finding: Finding, before: bytes, after: bytes) -> bool:
    """Show a fix that needs a look, and ask for it."""

    from contrib.generate.patch import difference

    assert finding.fix is not None
    output.message(f"{file.name}:{finding.line}: {finding.rule}: {finding.message}")
    output.aside(difference(before, after, shown_path(file)), newline=False)
    return output.confirmed(f"{finding.fix.title}?")


def _chosen(only: Sequence[str]) -> tuple[Rule, ...]:
    if not only:
        return RULES
    known = {rule.id: rule for rule in RULES}
    for name in only:
        if name not in known:
            from difflib import get_close_matches

            near = get_close_matches(name, known, n=1)
            raise BadInput(
                f"there is no rule {name!r} for library files",
                hint=f"did you mean {near[0]}?" if near else "`contrib rules` lists them",
                kind="usage",
            )
    return tuple(known[name] for name in dict.fromkeys(only))
