"""``contrib review PULL_REQUEST``: its Dockerfiles and library files, reviewed as a change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from contrib.cli import output as output_
from contrib.cli.common import Terminal, emit, failing
from contrib.cli.library_check import Check
from contrib.cli.library_report import missing_lines
from contrib.cli.library_sources import Given
from contrib.cli.settings import Settings
from contrib.report.comment import MARKER, comment
from contrib.rules.changed import changed_lines, on_changed
from contrib.rules.engine import introduced
from contrib.rules.library.form.document import Document
from contrib.rules.library.form.reading import read_on
from contrib.values.errors import BadInput
from contrib.values.findings import Finding

if TYPE_CHECKING:
    from contrib.cli.github import Account
    from contrib.clients.github import GitHub
    from contrib.clients.pull_files import ChangedFile, PullAddress, PullFiles
    from contrib.images.model import Image
    from contrib.values.findings import Severity

#: Bytes of the largest file that is read.
MAX_BYTES = 1024 * 1024
_DOCKERFILE = re.compile(r"(?:.*/)?(?:Dockerfile(?:\.[\w.-]+)?|[\w.-]+\.Dockerfile)$")
#: What generates Dockerfiles: Dockerfile.windows.tmpl, tmplv2.Dockerfile.
_TEMPLATE = re.compile(
    r"(?:.*\.(?:template|tmpl|tpl|j2|jinja2?|in|erb|mustache|tera)|(?:tmpl|template)[\w-]*\.Dockerfile)$"
)
_LIBRARY = re.compile(r"library/[^/.][^/]*$")


def is_reviewed(path: str) -> bool:
    """Whether a changed file of this path is one that the review reads."""
    return bool(_LIBRARY.match(path) or _is_dockerfile(path))


def _is_dockerfile(path: str) -> bool:
    return bool(_DOCKERFILE.match(path)) and not _TEMPLATE.match(path.rpartition("/")[2])


class PullPlace:
    """official-images at the head of a pull request, read file by file (:class:`contrib.cli.library_place.Place`)."""

    def __init__(self, pull: PullFiles) -> None:
        self._pull = pull
        self._pins: frozenset[str] | None = None
        self._asked = False

    def read(self, name: str) -> bytes | None:
        """See :class:`contrib.cli.library_place.Place`."""
        return self._pull.read(f"library/{name}", self._pull.head)

    def names(self) -> list[str]:
        """None: one request per library file is too many for what they would tell."""
        return []

    def pins(self) -> frozenset[str] | None:
        """See :class:`contrib.cli.library_place.Place`."""
        from contrib.library.pins import pin_of

        if not self._asked:
            self._asked = True
            found: set[str] = set()
            folders = [".external-pins"]
            while folders:
                for path, directory in self._pull.names(folders.pop(), self._pull.head):
                    if directory:
                        folders.append(path)
                    elif "___" in path:
                        found.add(pin_of(path.partition("/")[2]))
            self._pins = frozenset(found) or None
        return self._pins


class PullBefore:
    """The library files before the pull request (:class:`contrib.cli.library_before.Before`)."""

    def __init__(self, pull: PullFiles, before: dict[str, str]) -> None:
        self._pull = pull
        self._before = before
        self.message: str | None = pull.message
        self.place = None

    def of(self, file: Given) -> Document | None:
        """See :class:`contrib.cli.library_before.Before`."""
        path = self._before.get(file.name)
        data = self._pull.read(path, self._pull.base) if path is not None else None
        return None if data is None else read_on(data, file.name)

    def past(self, file: Given) -> None:
        """Nothing is known of it."""


@dataclass(frozen=True)
class Review:
    """What came of a pull request.

    :ivar findings: those that it introduced, by file and line.
    :ivar data: the files that were reviewed, by path.
    :ivar notes: what was not checked, a line each.
    :ivar older: findings that the files had before, too.
    """

    findings: list[Finding]
    data: dict[str, bytes]
    notes: list[str]
    older: list[Finding]

    @property
    def folded(self) -> str:
        """What stands for the older findings; empty where there are none."""
        if not self.older:
            return ""
        one = len(self.older) == 1
        return f"{len(self.older)} finding{' was' if one else 's were'} there before the change; -v shows {'it' if one else 'them'}"


def review_pull(
    where: PullAddress,
    account: Account,
    *,
    image: Image | None,
    settings: Settings,
    upstreams: Sequence[str],
    online: bool,
    with_comment: bool,
    yes: bool,
    fail_on: Severity | None,
    format_: str,
    output: Path | None,
    terminal: Terminal,
) -> int:
    """Review it, print the report, and with ``with_comment`` write or change our comment."""
    from contrib.cli.github import token_of
    from contrib.clients.github import connect
    from contrib.clients.pull_files import PullFiles

    account = replace(account, github_url=where.web)
    token = token_of(account)
    if with_comment and token is None:
        raise BadInput(
            f"there is no token for {where.web}, so nothing can be written there",
            kind="authentication",
            hint="gh auth login, or put a token into CONTRIB_GITHUB_TOKEN or --token-file",
        )
    if with_comment and not yes and not terminal.interactive:
        raise BadInput("--comment needs a terminal to ask on", hint="--yes writes it without asking")
    github = connect(where.web, token, dry_run=not with_comment, notify=terminal.say)
    pull = PullFiles(github, where)
    found = reviewed(
        pull, image=image, settings=settings, upstreams=upstreams, online=online, terminal=terminal
    )
    emit(_report(found, format_, terminal, output), output, exact=format_ == "github")
    if with_comment:
        _comment(github, pull, found, yes=yes, terminal=terminal)
    return 1 if failing(found.findings, fail_on) else 0


def reviewed(
    pull: PullFiles,
    *,
    image: Image | None,
    settings: Settings,
    upstreams: Sequence[str] = (),
    online: bool,
    terminal: Terminal,
) -> Review:
    """The files of the pull request, judged as a change.

    :param upstreams: repositories that its library files name, ``REPO`` or ``URL=REPO``.
    """
    found: list[Finding] = []
    data: dict[str, bytes] = {}
    notes: list[str] = []
    dockerfiles: list[ChangedFile] = []
    libraries: list[ChangedFile] = []
    changed = pull.files()
    if pull.unlisted:
        notes.append(f"{pull.unlisted} of the changed files: GitHub lists no more than {len(changed)}")
    for file in changed:
        gone = file.path if file.removed else file.before if file.before != file.path else None
        if gone is not None and _LIBRARY.match(gone):
            # A library file's name is the image's: under another name it is another image.
            notes.append(f"{gone} is deleted, and all its tags with it")
            file = replace(file, before=None)
        if file.removed:
            continue
        if _LIBRARY.match(file.path):
            libraries.append(file)
        elif _is_dockerfile(file.path):
            dockerfiles.append(file)
    for group in (dockerfiles, libraries):
        for file in list(group):
            now = pull.read(file.path, pull.head)
            if now is None or len(now) > MAX_BYTES:
                notes.append(
                    f"{file.path} cannot be read: it is gone, a link, or larger than {MAX_BYTES} bytes"
                )
                group.remove(file)
            else:
                data[file.path] = now
    found += _dockerfiles(pull, dockerfiles, data, image, settings, notes)
    found += _libraries(pull, libraries, data, settings, upstreams, online, notes, terminal)
    if not data:
        notes.append("the pull request changes no Dockerfile and no library file")
    found.sort(key=lambda each: (each.file, each.line or 0))
    return Review(introduced(found), data, notes, [each for each in found if each.older])


def _dockerfiles(
    pull: PullFiles,
    files: Sequence[ChangedFile],
    data: dict[str, bytes],
    image: Image | None,
    settings: Settings,
    notes: list[str],
) -> list[Finding]:
    from contrib.cli.source import checked_dockerfile
    from contrib.dockerfile import parse
    from contrib.rules.review import REMARKS, Reviewed, review_all
    from contrib.work.known import known

    policy = settings.policy(None)
    found: list[Finding] = []
    linux = 0
    for file in files:
        before = pull.read(file.before, pull.base) if file.before is not None else None
        try:
            (report,) = review_all(
                [
                    Reviewed(
                        checked_dockerfile(parse(data[file.path], file.path)),
                        file.path,
                        policy=policy,
                        before=None if before is None else parse(before, file.path),
                        known=known(),
                        date=pull.date or None,
                    )
                ],
                image=image,
            )
        except BadInput as error:
            notes.append(f"{file.path} cannot be read: {error.message}")
            continue
        lines = changed_lines(before, data[file.path])
        for finding in report:
            if finding.rule == "not-windows":
                linux += 1
            elif finding.older and finding.rule not in REMARKS:
                found.append(finding)
            elif finding.rule in REMARKS and (finding.older or finding.line not in lines):
                continue
            elif finding.rule != "stale-accept":
                found.append(on_changed(finding, lines))
    if linux:
        notes.append(
            f"{linux} Dockerfile{'' if linux == 1 else 's'} of Linux images: the rules are for Windows"
        )
    return found


def _libraries(
    pull: PullFiles,
    files: Sequence[ChangedFile],
    data: dict[str, bytes],
    settings: Settings,
    upstreams: Sequence[str],
    online: bool,
    notes: list[str],
    terminal: Terminal,
) -> list[Finding]:
    if not files:
        return []
    place = PullPlace(pull)
    given = [Given(file.path, data[file.path], None, place, pull.date) for file in files]
    before = PullBefore(pull, {file.path: file.before for file in files if file.before is not None})
    with Check(
        given, before=before, upstreams=upstreams, online=online, settings=settings, terminal=terminal
    ) as check:
        outcome = check.run()
    notes += missing_lines(outcome.not_checked())
    lines = {
        file.path: changed_lines(
            pull.read(file.before, pull.base) if file.before is not None else None, data[file.path]
        )
        for file in files
    }
    return [*(on_changed(finding, lines[finding.file]) for finding in outcome.findings), *outcome.older]


def _report(found: Review, format_: str, terminal: Terminal, output: Path | None) -> str:
    from contrib.cli.reporting import report
    from contrib.report.files import Artifact

    artifacts = {path: Artifact(path, data) for path, data in found.data.items()}
    verbose = bool(terminal.verbose)
    findings = [*found.findings, *(found.older if verbose else ())]
    lines = [f"not checked: {line}" for line in found.notes]
    if found.older and not verbose:
        lines.insert(0, found.folded)
    with_findings = {finding.file for finding in findings}
    if format_ in ("text", "markdown"):
        artifacts = {
            path: each for path, each in artifacts.items() if path in with_findings or len(artifacts) == 1
        }
    if format_ == "json":
        import json

        from contrib.values.findings import summary

        return json.dumps(
            {
                "findings": [each.as_json() for each in (*found.findings, *found.older)],
                "summary": summary(found.findings),
                "older": len(found.older),
                "not_checked": found.notes,
                "files": list(found.data),
            },
            ensure_ascii=False,
            indent=2,
        )
    if format_ != "sarif":
        findings = [replace(each, fix=None) for each in findings]  # --fix is for files
    text = report(format_, findings, artifacts, kind=None, terminal=terminal, output=output)
    if format_ == "markdown":
        from contrib.values.markdown import plain

        return f"{text.rstrip()}\n" + "".join(f"\n- {plain(line)}" for line in lines) + "\n"
    if format_ == "text":
        return text + "".join(f"\n{line}" for line in lines)
    for line in lines:
        terminal.say(line)
    return text


def _comment(github: GitHub, pull: PullFiles, found: Review, *, yes: bool, terminal: Terminal) -> None:
    """Show the comment, ask, and write it, or change ours in place."""
    body = comment(found.findings, str(pull.where), pull.head, found.notes)
    output_.aside(body)
    if not yes and not output_.confirmed(f"write this on {pull.where}?"):
        terminal.say("nothing was written")
        return
    viewer = github.viewer()
    url, there = pull.comment(MARKER, body, viewer.login if viewer is not None else "")
    terminal.say(f"{'changed' if there else 'wrote'} {url}")
