"""What was remarked on pull requests, and what ``contrib review PULL_REQUEST`` says of the same states.

    python -m benchmarks.replay_pulls CLONES [--list] [--findings] [--only OWNER/REPO#NUMBER ...]

CLONES is a directory of git directories ``OWNER+NAME/repo`` with ``refs/pull/*/head``. ``pull_requests.toml`` beside
this file lists pull requests to official-images and to images' repositories that somebody remarked on, and what was
remarked, in our own words: told from the thread (``heard = "thread"``), or from the correction that followed
(``"correction"``). Each state of a request (each of its commits that changes a library file or a Dockerfile, and where
the branch was pushed anew the state that ``edits`` tell) is opened as a pull request on the stand-in, with the real
commits, and reviewed by the command, as a maintainer would, with the clones as ``--upstream``.

Printed is the share of the remarks that a finding makes too, beside those that no tool could know from what it is
given (:data:`BEYOND`), and how many errors and warnings are false. Each one that no remark stands for was read, and is
``judged`` in the list as true or false, with the reason; one that nobody has read counts as false.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks import measuring
from contrib.cli.main import run
from contrib.cli.review_pull import is_reviewed
from contrib.clients.git import Repository
from contrib.rules.changed import changed_lines
from contrib.sandbox.github import StandIn
from contrib.sandbox.model import Repo
from contrib.sandbox.objects import write_reference
from contrib.values.tree import FileChange

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

OFFICIAL = "docker-library/official-images"
#: More states than these of one request are not reviewed: the first, and the last ones.
MOST_STATES = 8

#: Label of a remark to the rules that make it.
LABELS: dict[str, tuple[str, ...]] = {
    "architectures": ("arch-dropped", "unsupported-arch", "arch-suite-mismatch", "from-unsupported-arch", "latest-on-wrong-variant"),
    "archive": ("tar-modified",),
    "base": ("from-unsupported-base", "base-not-allowed", "base-without-windows-release", "retired-base-repository", "windows-retired-base", "from-unsupported-arch"),
    "checksum": ("unverified-download", "ineffective-verification"),
    "commit": ("wrong-gitcommit", "missing-gitcommit", "invalid-gitcommit"),
    "constraints": ("constraints-missing", "constraint-missing", "constraint-extra", "constraint-incomplete", "constraint-mismatch", "windows-arch-missing"),
    "copy": ("copy-from-moving-tag", "mixed-base-release"),
    "directory": ("directory-version", "directory-missing", "directory-variant", "suite-directory", "file-missing", "file-field-missing", "directory-mismatch"),
    "duplicate": ("duplicate-tag", "duplicate-tag-in-entry", "sharedtag-conflict"),
    "error-preference": ("missing-error-preference",),
    "form": ("maintainers-missing-comma", "missing-colon", "tag-missing-comma", "blank-line-in-header"),
    "latest": ("latest-not-highest", "latest-on-prerelease", "duplicate-tag", "alias-dropped", "downgrade", "alias-not-highest"),
    "latest-in-tag": ("latest-in-tag",),
    "maintainer-line": ("maintainer-instruction",),
    "multi-stage": ("multi-stage-build",),
    "one-dockerfile": ("arch-subset", "arch-field-partial", "duplicate-tag"),
    "powershell": ("powershell-in-nanoserver",),
    "progress": ("missing-progress-preference",),
    "ref": ("gitfetch-missing", "gitfetch-wrong", "gitfetch-version", "commit-not-in-gitfetch", "wrong-gitcommit"),
    "service": ("windows-service",),
    "shared": ("sharedtags-single-linux", "sharedtags-missing-windows", "sharedtags-wrong-windows", "duplicate-tag", "sharedtag-conflict"),
    "tag-wrong": ("variant-typo", "tag-typo", "version-skew-in-entry", "stable-alias-on-prerelease", "alias-not-highest"),
    "tags-lost": ("alias-dropped", "entry-dropped"),
    "tags-missing": ("alias-missing", "alias-dropped", "alias-not-highest", "entry-dropped"),
    "tls": ("tls12-not-set", "state-lost-between-runs"),
    "unused": ("ineffective-verification", "unverified-download"),
    "variable": ("variable-in-image-reference",),
    "version": (
        "version-not-bumped", "version-mismatch", "tags-moved-alone", "version-skew-in-entry", "version-skew-siblings",
        "same-patch-overwritten", "wrong-gitcommit", "directory-version", "gitfetch-version",
        "version-typo",
    ),
}  # fmt: skip

#: Labels of remarks that cannot be known from the pull request, the images' repositories and the other library files,
#: or that accepted files give no reason to make: why.
BEYOND: dict[str, str] = {
    "bases": "which further releases somebody wants to build",
    "dependents": "what the other images start from (their repositories)",
    "full-version": "how the project counts",
    "layers": "accepted files keep such RUNs apart",
    "listed": "when a project ends a series (its own pages)",
    "older": "findings about what a change leaves alone are counted, not shown",
    "maintainer": "who answers for an image",
    "port": "whether a project is alive",
    "repository": "where a repository belongs",
    "returned": "why tags went, years before",
    "scope": "what the author meant to change",
    "scripts": "what generated a variant that is gone",
    "source": "the build, or the Dockerfile in another repository",
    "style": "taste",
}


@dataclass(frozen=True)
class Request:
    """A pull request of the list."""

    repository: str
    number: int
    base: str
    head: str
    heard: str
    remarks: tuple[str, ...]
    edits: tuple[tuple[str, str], ...]
    moves: tuple[tuple[str, str], ...]
    judged: dict[str, str]

    @classmethod
    def read(cls, table: dict[str, Any]) -> Request:
        """From the list's table."""
        judged = [each.split(": ", 1) for each in table.get("judged", ())]
        return cls(
            table["repository"],
            table["number"],
            table["base"],
            table["head"],
            table["heard"],
            tuple(each.partition(":")[0] for each in table["remarks"]),
            tuple((now, then) for now, then in table.get("edits", ())),
            tuple((now, then) for now, then in table.get("moves", ())),
            {rule: why for rules, why in judged for rule in rules.split(", ")},
        )

    def __str__(self) -> str:
        return f"{self.repository}#{self.number}"


@dataclass
class Said:
    """What a review said of one state."""

    findings: list[dict[str, Any]]
    beside: int
    problem: str = ""


@dataclass
class Hub:
    """The stand-in with the real repositories, and their clones."""

    clones: Path
    stand_in: StandIn
    scratch: Path
    _repos: dict[str, tuple[Repo, Repo]] = field(default_factory=dict)

    def clone(self, repository: str) -> Path | None:
        """Its git directory."""
        owner, name = repository.split("/")
        path = self.clones / f"{owner}+{name}" / "repo"
        return path / ".git" if (path / ".git").is_dir() else path if path.is_dir() else None

    def repo(self, repository: str) -> tuple[Repo, Repo]:
        """The repository, and somebody's fork of it."""
        if repository not in self._repos:
            world = self.stand_in.world
            made = world.repository(repository, self.clone(repository))
            self._repos[repository] = made, world.fork(made, world.account("petra"))
        return self._repos[repository]

    def states(self, request: Request) -> Iterator[tuple[str, list[FileChange]]]:
        """Commits, with what of their files was different, in order."""
        clone = self.clone(request.repository)
        assert clone is not None
        with Repository.open(clone) as git:
            log = git.run(
                "log", "--reverse", "--no-merges", "--format=%x01%H", "--name-only", f"{request.base}..{request.head}"
            ).stdout.decode("utf-8", "replace")  # fmt: skip
            commits = []
            for block in log.split("\1")[1:]:
                commit, *paths = block.split("\n")
                if any(map(is_reviewed, paths)):
                    commits.append(commit)
            commits = commits or [request.head]
            for commit in commits[:1] + commits[1:][-(MOST_STATES - 1) :]:
                changes = []
                tree = git.tree(commit)
                if request.edits:
                    for path in filter(is_reviewed, tree.paths("library")):
                        data = was = tree.read(path) or b""
                        for now, then in request.edits:
                            data = data.replace(now.encode(), then.encode())
                        if data != was:
                            changes.append(FileChange(path, data))
                for now, then in request.moves:
                    for path in tree.paths(now):
                        changes.append(FileChange(path, None))
                        changes.append(FileChange(path.replace(now, then, 1), tree.read(path)))
                if changes:
                    yield commit, changes
                yield commit, []

    def review(self, request: Request) -> list[Said]:
        """Each state, as a pull request of its own."""
        repo, fork = self.repo(request.repository)
        world = self.stand_in.world
        petra = world.account("petra")
        write_reference(repo.path, f"refs/heads/base-{request.number}", request.base)
        found = []
        for position, (commit, changes) in enumerate(self.states(request)):
            branch = f"{request.number}-{position}"
            write_reference(fork.path, f"refs/heads/{branch}", commit)
            with fork.git() as git:
                text = git.run("show", "--no-patch", "--format=%cI%n%s%n%b", commit).stdout.decode(
                    "utf-8", "replace"
                )
            date, title, body = text.split("\n", 2)
            when = datetime.fromisoformat(date)
            world.clock = lambda when=when: when  # type: ignore[misc]
            if changes:
                world.commit(fork, branch, title, changes, petra)
            pull = world.open_pull(
                repo, petra, head=f"petra:{branch}", base=f"base-{request.number}", title=title[:250] or "-", body=body[:60000]
            )  # fmt: skip
            found.append(
                self._said(
                    f"{self.stand_in.url}/{repo.full_name}/pull/{pull.number}", repo, pull.head_sha, request
                )
            )
        return found

    def _said(self, url: str, repo: Repo, head: str, request: Request) -> Said:
        report = self.scratch / "report.json"
        report.unlink(missing_ok=True)
        messages = io.StringIO()
        with contextlib.redirect_stderr(messages), contextlib.redirect_stdout(messages):
            code = run(
                ["review", url, "--format", "json", "-o", str(report), *self._upstreams(repo, head, request)]
            )
        if code not in (0, 1):
            return Said([], 0, messages.getvalue().strip().replace("\n", " ")[:300])
        shape = json.loads(report.read_bytes())
        beside = 0
        with repo.git() as git:
            for each in shape["findings"]:
                now = git.tree(head).read(each["file"]) or b""
                lines = changed_lines(git.tree(request.base).read(each["file"]), now)
                beside += (
                    bool(lines)
                    and not each.get("older")
                    and not any(each["line"] <= line <= each["end_line"] for line in lines)
                )
        return Said(shape["findings"], beside)

    def _upstreams(self, repo: Repo, head: str, request: Request) -> list[str]:
        """The clones of what its library files name; without the rules about branches where these are others now."""
        found: dict[str, str] = {}
        moved = False
        with repo.git() as git:
            names = (
                git.run("diff", "--name-only", request.base, head)
                .stdout.decode("utf-8", "replace")
                .split("\n")
            )
            for path in filter(is_reviewed, names):
                if not path.startswith("library/"):
                    continue
                text = (git.tree(head).read(path) or b"").decode("utf-8", "replace")
                # The default, where an entry says none: a branch that was renamed since is not a mistake of then.
                refs = {
                    line.partition(": ")[2].strip() for line in text.split("\n") if "GitFetch:" in line
                } or {"refs/heads/master"}
                for line in text.split("\n"):
                    url = line.partition("GitRepo:")[2].strip()
                    name = url.removeprefix("https://github.com/").removesuffix(".git").rstrip("/")
                    clone = self.clone(name) if name.count("/") == 1 and "://" not in name else None
                    if clone is None:
                        continue
                    with Repository.open(clone) as theirs, Repository.open(repo.path) as ours:
                        # A copy that is older than the state cannot have its commits.
                        newest, then = (
                            git_.run("log", "-1", "--format=%ct", *commit).stdout
                            for git_, commit in ((theirs, ["--branches", "--tags"]), (ours, [head]))
                        )
                        if int(newest or b"0") >= int(then):
                            found[url] = str(clone)
                            moved = moved or not refs <= set(theirs.refs("refs/"))
        words = [word for url, path in found.items() for word in ("--upstream", f"{url}={path}")]
        return words + (
            [
                "--ignore",
                "gitfetch-missing,gitfetch-wrong,commit-not-in-gitfetch,wrong-gitcommit,from-unreadable",
            ]
            if moved
            else []
        )


@dataclass
class Tally:
    """The figures of one group of requests."""

    requests: int = 0
    remarks: int = 0
    knowable: int = 0
    said: int = 0
    noted: int = 0
    before: int = 0

    def __str__(self) -> str:
        both = self.said + self.noted
        return (
            f"{self.requests} pull requests, {self.remarks} remarks: {self.said} said, {self.noted} more noted "
            f"({both / max(self.remarks, 1):.0%}), {self.before} more with -v (the file had them before); of the "
            f"{self.knowable} that can be known {both / max(self.knowable, 1):.0%}"
        )


def _loudness(finding: dict[str, Any]) -> int:
    return 1 if finding.get("older") else 2 if finding["severity"] == "note" else 3


def requests() -> list[Request]:
    """The list."""
    text = (Path(__file__).parent / "pull_requests.toml").read_text("utf-8")
    return [Request.read(table) for table in tomllib.loads(text)["request"]]


def main() -> None:
    """Run over the clones."""
    parser = measuring.parser(__doc__)
    parser.add_argument("clones", type=Path)
    parser.add_argument("--only", action="append", default=[], metavar="OWNER/REPO#NUMBER")
    parser.add_argument("--list", action="store_true", help="a line for each request")
    parser.add_argument("--findings", action="store_true", help="the findings that no remark stands for")
    options = parser.parse_args()
    tallies = {"thread": Tally(), "correction": Tally()}
    findings = true = false = unread = beside = 0
    with tempfile.TemporaryDirectory() as folder, StandIn() as stand_in:
        for name in [name for name in os.environ if name.startswith("CONTRIB_")]:
            del os.environ[name]
        os.environ["CONTRIB_GITHUB_TOKEN"] = stand_in.world.token("petra")
        os.environ["XDG_CACHE_HOME"] = os.environ["LOCALAPPDATA"] = folder
        hub = Hub(options.clones, stand_in, Path(folder))
        for request in requests():
            if options.only and str(request) not in options.only:
                continue
            if hub.clone(request.repository) is None:
                print(f"{request}: {request.repository} is not among the clones")
                continue
            tally = tallies[request.heard]
            states = hub.review(request)
            tally.requests += 1
            beside += sum(each.beside for each in states)
            for each in states:
                if each.problem:
                    print(f"{request}: not reviewed: {each.problem}")
            everything = [finding for each in states for finding in each.findings]
            answers = []
            for label in request.remarks:
                tally.remarks += 1
                tally.knowable += label not in BEYOND
                hits = [each for each in everything if each["rule"] in LABELS.get(label, ())]
                answer = max((_loudness(each) for each in hits), default=0)
                tally.said += answer == 3
                tally.noted += answer == 2
                tally.before += answer == 1
                beyond = f"not known here ({BEYOND[label]})" if label in BEYOND else "-"
                answers.append(f"{label}: {(beyond, 'with -v', 'noted', 'said')[answer]}")
            if options.list:
                print(f"{request}: {', '.join(answers)}", flush=True)
            wanted = {rule for label in request.remarks for rule in LABELS.get(label, ())}
            # One finding for each rule and request: its states and files say it again and again.
            loudest = {each["rule"]: each for each in everything if _loudness(each) == 3}
            findings += len(loudest)
            for rule, one in sorted(loudest.items()):
                verdict = request.judged.get(rule, "")
                if rule in wanted or verdict.startswith("true"):
                    true += 1
                elif verdict.startswith("false"):
                    false += 1
                else:
                    unread += 1
                if options.findings and rule not in wanted:
                    print(
                        f"    {one['file']}:{one['line']}: {one['severity']} {rule}: {one['message']} [{verdict}]",
                        flush=True,
                    )
    for heard, tally in tallies.items():
        print(f"{heard}: {tally}")
    print(
        f"{findings} errors and warnings (one for each rule and request): {true} true, {false} false, {unread} not read "
        f"({(false + unread) / max(findings, 1):.1%} false); {beside} beside the changed lines"
    )


if __name__ == "__main__":
    main()
