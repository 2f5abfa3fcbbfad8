"""What ``contrib library check`` prints: the change, its findings, what was there before, what was not checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from contrib.cli.common import Terminal, report_width
from contrib.cli.library_sources import Given, is_commit
from contrib.library.model import LibraryFile
from contrib.rules.changed import changed_lines, on_changed
from contrib.rules.engine import introduced
from contrib.rules.library.run import NEEDS, Checked

if TYPE_CHECKING:
    from contrib.library.diff import LibraryDiff
    from contrib.rules.library.context import LibraryContext
    from contrib.rules.registry import Need
    from contrib.values.findings import Finding

#: What no reading of files can tell.
UNBUILT = "whether the images build and pass their tests (official-images' CI does that)"


class Outcome:
    """What came of the check of some files."""

    def __init__(self, files: Mapping[str, Given], terminal: Terminal, *, with_repository: bool) -> None:
        self._files = files
        self._terminal = terminal
        self._with_repository = with_repository
        self._checked: dict[str, Checked] = {}
        self._changes: dict[str, LibraryDiff] = {}
        self._lines: dict[str, list[int]] = {}
        self._moved = 0

    def add(self, file: Given, context: LibraryContext, checked: Checked) -> None:
        """Take the result of one file in."""
        self._checked[file.name] = checked
        if context.previous is None:
            return
        from contrib.library.diff import diff

        one, two = (
            LibraryFile(each.name, each.data, each.header, each.entries)
            for each in (context.previous, context.survey)
        )
        self._changes[file.name] = diff(one, two)
        self._lines[file.name] = changed_lines(context.previous.data, file.data)
        if not self._with_repository:
            old = {entry.git_commit for entry in one.entries}
            self._moved += len({entry.git_commit for entry in two.entries} - old)

    @property
    def findings(self) -> list[Finding]:
        """Those that count: of a change what it introduced, else all."""
        return introduced(each for checked in self._checked.values() for each in checked.findings)

    @property
    def older(self) -> list[Finding]:
        """What was there before the change."""
        return [each for checked in self._checked.values() for each in checked.findings if each.older]

    def report(self, format_: str, output: Path | None) -> str:
        """In one of the formats of findings."""
        verbose = bool(self._terminal.verbose)
        findings = self.findings + (self.older if verbose else [])
        missing = self.not_checked()
        if format_ == "json":
            return self._json(missing)
        lines = [f"not checked: {line}" for line in missing_lines(missing)]
        if self.older and not verbose:
            count = len(self.older)
            lines.insert(
                0,
                f"{count} finding{'' if count == 1 else 's'} {'was' if count == 1 else 'were'} there before; -v",
            )
        if format_ in ("sarif", "concise", "github"):
            from contrib.cli.reporting import report as forms
            from contrib.report.files import Artifact

            for line in lines:
                self._terminal.say(line)
            if format_ == "github":
                findings = [on_changed(each, self._lines.get(each.file, ())) for each in findings]
            artifacts = {file.name: Artifact(shown_path(file), file.data) for file in self._files.values()}
            return forms(format_, findings, artifacts, kind="library", terminal=self._terminal, output=output)
        from contrib.report import findings as report

        with_findings = {finding.file for finding in findings}
        names = [name for name in self._files if name in with_findings or len(self._files) == 1]
        if format_ == "markdown":
            from contrib.library.diff import markdown

            text = "\n".join(markdown(change) for change in self._changes.values() if change)
            text += report.markdown(findings, names).rstrip("\n")
            return text + "\n" + "".join(f"\n- {line}" for line in lines) + ("\n" if lines else "")
        from contrib.library.diff import text as what_changes

        before = "".join(what_changes(change) + "\n" for change in self._changes.values() if change)
        text = report.text(
            findings,
            names,
            width=report_width(output),
            color=self._terminal.color and output is None,
            code={name: file.data for name, file in self._files.items()} if verbose else None,
        )
        if len(self._files) > 1:
            text += f" (in {len(with_findings)} of {len(self._files)} files)"
        return before + text + "".join(f"\n{line}" for line in lines)

    def _json(self, missing: dict[str, Any]) -> str:
        import json

        from contrib.library.diff import as_json
        from contrib.values.findings import summary

        shape: dict[str, Any] = {
            "findings": [each.as_json() for each in (*self.findings, *self.older)],
            "summary": summary(self.findings),
            "not_checked": missing,
        }
        if self._changes:
            shape["older"] = len(self.older)
            shape["changes"] = {name: as_json(change) for name, change in self._changes.items()}
        return json.dumps(shape, ensure_ascii=False, indent=2)

    def not_checked(self) -> dict[str, Any]:
        """Need to the rules that did not get it, and questions without an answer."""
        skipped: dict[Need, dict[str, None]] = {}
        questions: dict[str, dict[str, None]] = {}
        for result in self._checked.values():
            for need, ids in result.skipped.items():
                skipped.setdefault(need, {}).update(dict.fromkeys(ids))
            for kind, what in result.unanswered.items():
                questions.setdefault(kind, {}).update(dict.fromkeys(what))
        if self._moved:
            moved = (
                "1 commit moved: the version in its Dockerfile was not compared (--upstream)"
                if self._moved == 1
                else f"{self._moved} commits moved: the versions in their Dockerfiles were not compared (--upstream)"
            )
            questions.setdefault("repository", {})[moved] = None
        questions["build"] = {UNBUILT: None}
        return {
            "rules": {need: list(ids) for need, ids in skipped.items()},
            "questions": {kind: list(what) for kind, what in questions.items()},
        }


def missing_lines(missing: dict[str, Any]) -> list[str]:
    """What was not checked, a line for each need."""
    lines = []
    for need, ids in missing["rules"].items():
        lines.append(
            f"{len(ids)} rule{'' if len(ids) == 1 else 's'} that need{'s' if len(ids) == 1 else ''} {NEEDS[need]}"
        )
    for what in missing["questions"].values():
        shown = "; ".join(what[:3])
        lines.append(shown + (f"; and {len(what) - 3} more" if len(what) > 3 else ""))
    return lines


def shown_path(file: Given) -> str:
    """The path in its repository, ``/`` between the parts; as it was given where it is in none."""
    if file.file is None:
        match = is_commit(file.name)
        inside = match["path"] if match is not None else None
        return (inside or file.name).replace("\\", "/").lstrip("/")
    from contrib.cli.source import repository_root

    root = repository_root(file.file)
    if root is not None:
        return file.file.resolve().relative_to(root).as_posix()
    return PurePosixPath(file.file.as_posix()).as_posix().lstrip("/")
