"""Wiring of ``contrib library check``: what rules get, and what is said of what they did not get."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import TYPE_CHECKING

from contrib.cli.common import Terminal, report_width, visible
from contrib.cli.library_git import Clones
from contrib.cli.library_network import Internet
from contrib.cli.library_place import Library, OnDisk
from contrib.library.model import LibraryFile
from contrib.library.reader import MAX_BYTES
from contrib.library.survey import Survey, survey
from contrib.rules.library import RULES
from contrib.rules.library.context import Context
from contrib.rules.library.run import NEEDS, Checked, check, fix
from contrib.values.errors import BadInput
from contrib.values.findings import Finding

if TYPE_CHECKING:
    from contrib.clients.git import GitTree, Repository
    from contrib.rules.registry import Need, Rule


class Check:
    """The files to check and everything that their rules may ask."""

    def __init__(
        self,
        folder: str,
        against: str | None,
        upstreams: Sequence[str],
        online: bool,
        only: Sequence[str],
        terminal: Terminal,
    ) -> None:
        self._terminal = terminal
        self._files: dict[str, bytes] = {}
        self._clones = Clones(upstreams, online=online, say=terminal.say)
        self._repositories = self._clones if upstreams or online else None
        self._named_folder = Path(folder)
        self._folders: dict[Path, Folder] = {}
        self._network = Internet() if online else None
        self._previous = Previous(against, offline=not online) if against is not None else None
        self._rules = _chosen(only)
        self._results: dict[str, Checked] = {}

    def __enter__(self) -> Check:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._clones.close()
        if self._previous is not None:
            self._previous.close()

    def read(self, path: str, data: bytes) -> None:
        """Take a file in."""
        self._files[path] = data

    def _context(self, path: str, data: bytes) -> Context:
        now = survey(data, path)
        previous = self._previous.of(path) if self._previous is not None else None
        others = self._others(path)
        if others is not None:
            # As the reference sees the change: the new file among the others.
            others.put(now.repository, LibraryFile(now.repository, data, now.header, now.entries))
        return Context(
            now,
            previous=previous,
            repositories=self._repositories,
            others=others,
            network=self._network,
            today=datetime.date.today().isoformat(),
        )

    def _others(self, path: str) -> Folder | None:
        """The named library folder, else the one that the file lies in."""
        parent = Path(path).parent
        folder = self._named_folder if self._named_folder.is_dir() else parent
        if folder == parent and parent.name != "library" and not self._named_folder.is_dir():
            return None
        if folder not in self._folders:
            self._folders[folder] = Folder(folder)
        return self._folders[folder]

    def run(self, *, several: bool) -> list[Finding]:
        """Findings of all files, by file and line."""
        if several and self._clones.for_any and len(self._files) > 1:
            raise BadInput(
                "--upstream without URL= is for one image",
                hint="say --upstream URL=REPO, with the URL that GitRepo has",
                kind="usage",
            )
        findings: list[Finding] = []
        for path, data in self._files.items():
            result = check(self._context(path, data), self._rules)
            self._results[path] = result
            findings += result.findings
        for where, problem in self._clones.problems.items():
            self._terminal.warn(f"{where}: {problem.message}; what needs it is not checked")
        return findings

    def _findings(self, path: str, data: bytes) -> tuple[Finding, ...]:
        return check(self._context(path, data), self._rules).findings

    def fix(self, *, ask: bool, in_place: bool) -> str:
        """Make the safe fixes, with ``ask`` those too that a person takes; the patch that they are."""
        from contrib.clients.worktree import replace
        from contrib.generate.patch import difference
        from contrib.rules.engine import fix_asked

        patch: list[str] = []
        for path, data in self._files.items():
            look = partial(self._findings, path)
            safe = partial(fix, look=look)
            done = fix_asked(data, look, partial(_confirmed, path), fix_safe=safe) if ask else safe(data)
            for finding in done.made:
                title = finding.fix.title if finding.fix is not None else finding.message
                verb = "fixed" if in_place else "would fix"
                self._terminal.say(f"{verb} {path}:{finding.line}: {finding.rule} ({title})")
            if done.data == data:
                continue
            if in_place:
                replace(Path(path), done.data)
                self._files[path] = done.data
                continue
            patch.append(difference(data, done.data, _shown_path(path)))
        return "".join(patch)

    def report(self, format_: str, findings: Sequence[Finding], output: Path | None) -> str:
        """The findings and what was not checked, in one of the formats."""
        if format_ in ("sarif", "concise", "github"):
            from contrib.cli.reporting import report as forms
            from contrib.report.sarif import Artifact

            for line in _missing_lines(self._not_checked()):
                self._terminal.say(f"not checked: {line}")
            files = {path: Artifact(_shown_path(path), data) for path, data in self._files.items()}
            return forms(format_, findings, files, kind="library", terminal=self._terminal, output=output)
        from contrib.report import findings as report

        missing = self._not_checked()
        if format_ == "json":
            import json

            shape = json.loads(report.as_json(findings))
            shape["not_checked"] = missing
            return json.dumps(shape, ensure_ascii=False, indent=2)
        with_findings = {finding.file for finding in findings}
        names = [name for name in self._files if name in with_findings or len(self._files) == 1]
        lines = _missing_lines(missing)
        if format_ == "markdown":
            text = report.markdown(findings, names).rstrip("\n")
            return text + "\n" + "".join(f"\n- {line}" for line in lines) + ("\n" if lines else "")
        text = report.text(
            findings, names, width=report_width(output), color=self._terminal.color and output is None
        )
        if len(self._files) > 1:
            text += f" (in {len(with_findings)} of {len(self._files)} files)"
        return text + "".join(f"\nnot checked: {line}" for line in lines)

    def _not_checked(self) -> dict[str, object]:
        """Need to the rules that did not get it, and questions without an answer."""
        skipped: dict[Need, dict[str, None]] = {}
        questions: dict[str, dict[str, None]] = {}
        for result in self._results.values():
            for need, ids in result.skipped.items():
                skipped.setdefault(need, {}).update(dict.fromkeys(ids))
            for kind, what in result.unanswered.items():
                questions.setdefault(kind, {}).update(dict.fromkeys(what))
        return {
            "rules": {need: list(ids) for need, ids in skipped.items()},
            "questions": {kind: list(what) for kind, what in questions.items()},
        }


def _confirmed(path: str, finding: Finding, before: bytes, after: bytes) -> bool:
    """Show a fix that needs a look, and ask for it."""
    import click

    from contrib.generate.patch import difference

    assert finding.fix is not None
    click.echo(visible(f"{path}:{finding.line}: {finding.rule}: {finding.message}"), err=True)
    click.echo(visible(difference(before, after, _shown_path(path))), err=True, nl=False)
    return click.confirm(f"{finding.fix.title}?", err=True)


class Previous:
    """The versions before the change: a file, a folder, or a path at a commit."""

    def __init__(self, spec: str, *, offline: bool) -> None:
        self._spec = spec
        self._repository: Repository | None = None
        self._tree: GitTree | None = None
        self._path = ""
        self._local = Path(spec) if _exists(spec) else None
        if self._local is not None:
            return
        import re

        match = re.match(r"^(?P<repo>.+)@(?P<ref>[^@:]+):(?P<path>[^@]*)$", spec, re.DOTALL)
        if match is None:
            raise BadInput(
                "there is no such file",
                file=spec,
                hint="--against takes a file, a folder, or REPO@REF:PATH",
            )
        from contrib.clients.git import Repository

        self._repository = Repository.obtain(match["repo"], offline=offline)
        self._tree = self._repository.tree(self._repository.resolve(match["ref"]))
        self._path = match["path"].replace("\\", "/").strip("/").removeprefix("./")
        if self._path and self._tree.entry(self._path) is None:
            raise BadInput(f"there is no {self._path} at {match['ref']}", file=spec)

    def of(self, path: str) -> Survey | None:
        """The version of a file; None where it is new."""
        name = Path(path).name
        if self._tree is not None:
            data = self._tree.read(self._path) if self._path else None
            shown = self._spec
            if data is None:
                inside = str(PurePosixPath(self._path) / name)
                data = self._tree.read(inside)
                shown = f"{self._spec.rstrip('/')}/{name}"
            return None if data is None else self._survey(data, shown)
        assert self._local is not None
        from contrib.cli.library_files import read_bytes

        if self._local.is_dir():
            file = self._local / name
            return self._survey(read_bytes(str(file)), str(file)) if file.is_file() else None
        return self._survey(read_bytes(str(self._local)), str(self._local))

    @staticmethod
    def _survey(data: bytes, name: str) -> Survey:
        if len(data) > MAX_BYTES:
            raise BadInput(f"has {len(data)} bytes; a library file has {MAX_BYTES} at most", file=name)
        return survey(data, name)

    def close(self) -> None:
        """End the git process, if there is one."""
        if self._repository is not None:
            self._repository.close()


def _exists(spec: str) -> bool:
    try:
        return Path(spec).exists()
    except (OSError, ValueError):
        return False


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


def _missing_lines(missing: dict[str, object]) -> list[str]:
    """What was not checked, a line for each need."""
    lines = []
    rules = missing["rules"]
    questions = missing["questions"]
    assert isinstance(rules, dict) and isinstance(questions, dict)
    for need, ids in rules.items():
        lines.append(
            f"{len(ids)} rule{'' if len(ids) == 1 else 's'} that need{'s' if len(ids) == 1 else ''} {NEEDS[need]}"
        )
    for what in questions.values():
        shown = "; ".join(what[:3])
        lines.append(shown + (f"; and {len(what) - 3} more" if len(what) > 3 else ""))
    return lines


def _shown_path(path: str) -> str:
    """The path in its repository, ``/`` between the parts; as it was given where it is in none."""
    from contrib.cli.source import repository_root

    root = repository_root(Path(path))
    if root is not None:
        return Path(path).resolve().relative_to(root).as_posix()
    return Path(path).as_posix().lstrip("/")
