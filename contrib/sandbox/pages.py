"""The stand-in's web pages: a repository, a pull request, files and commits, to look at in a browser.

One page holds all of a pull request: body, conversation, commits, files changed. No page asks anything
of another host, none runs a script, and the text of pull requests comes out of
:func:`contrib.sandbox.markdown.render`, which lets no markup through but Markdown's own.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from contrib.sandbox.diffs import ChangedFile, changed_files, merge_base
from contrib.sandbox.markdown import render
from contrib.sandbox.model import Account, PullRequest, Refused, Repo
from contrib.sandbox.rest import Answer
from contrib.sandbox.world import World

_HERE = Path(__file__).parent / "templates"

#: No script, no frame, nothing from elsewhere.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a diff as shown."""

    kind: str
    old: str
    new: str
    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownFile:
    """One file of a diff as shown."""

    path: str
    additions: int
    deletions: int
    binary: bool
    note: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ShownCommit:
    """One commit as shown."""

    sha: str
    author: str
    at: datetime
    subject: str
    rest: str


@dataclass(frozen=True, slots=True)
class Said:
    """A comment or a review in a pull request's conversation."""

    kind: str
    anchor: str
    author: Account
    verb: str
    body: Markup
    at: datetime


def page(world: World, path: str, query: dict[str, str], *, web: str) -> Answer:
    """The page at a path; a page that says so, with 404, where there is none."""
    try:
        with world.lock:
            return _page(world, path.rstrip("/") or "/", web)
    except Refused as refused:
        return _html("missing.html", status=refused.status, title="Not found")


def _page(world: World, path: str, web: str) -> Answer:
    if path == "/":
        pulls = [pull for numbered in world.pulls.values() for pull in numbered.values()]
        pulls.sort(key=lambda pull: (pull.created_at, pull.id), reverse=True)
        repos = sorted(world.repos.values(), key=lambda repo: (repo.parent is not None, repo.full_name))
        return _html("home.html", title="Pull requests", pulls=pulls, repos=repos)
    avatar = re.fullmatch(r"/avatar/([\w.-]+)\.svg", path)
    if avatar is not None:
        return _avatar(avatar[1])
    parts = path.strip("/").split("/", 3)
    if len(parts) == 1:
        account = world.accounts.get(parts[0].lower())
        if account is None:
            raise Refused(404, "Not Found")
        mine = [repo for repo in world.repos.values() if repo.owner is account]
        theirs = [
            pull for numbered in world.pulls.values() for pull in numbered.values() if pull.author is account
        ]
        return _html("home.html", title=account.login, pulls=theirs, repos=mine)
    moved = world.moved.get(f"{parts[0]}/{parts[1]}".lower())
    if moved is not None:
        return _redirect("/" + "/".join([moved, *parts[2:]]))
    repo = world.find(parts[0], parts[1].removesuffix(".git"))
    if repo is None:
        raise Refused(404, "Not Found")
    kind = parts[2] if len(parts) > 2 else ""
    rest = parts[3] if len(parts) > 3 else ""
    if kind == "pull" and rest:
        return _pull_page(world, repo, rest)
    if kind in ("", "pulls"):
        return _repo_page(world, repo, web)
    if kind == "commit":
        return _commit_page(repo, rest)
    if kind in ("tree", "blob", "raw"):
        return _tree_page(repo, kind, rest)
    download = re.fullmatch(r"download/([^/]+)/([^/]+)", rest) if kind == "releases" else None
    if download is not None:
        for release in repo.releases:
            for asset in release.assets:
                if (release.tag, asset.name) == (download[1], download[2]):
                    return Answer(200, body=asset.content, kind="application/octet-stream")
    if kind == "releases":
        return _repo_page(world, repo, web)
    raise Refused(404, "Not Found")


def _pull_page(world: World, repo: Repo, rest: str) -> Answer:
    found = re.fullmatch(r"(\d{1,9})(?:\.(diff|patch)|/(commits|files))?", rest)
    if found is None:
        raise Refused(404, "Not Found")
    pull = world.pull(repo, int(found[1]))
    if found[3]:
        return _redirect(f"/{repo.full_name}/pull/{pull.number}#{found[3]}")
    before = merge_base(pull)
    if found[2]:
        with repo.git() as git:
            command = (
                ("diff-tree", "-r", "-p", "--no-color", "--no-ext-diff", before, pull.head_sha)
                if found[2] == "diff"
                else ("format-patch", "--no-ext-diff", "--stdout", f"{before}..{pull.head_sha}")
            )
            return Answer(200, body=git.run(*command).stdout, kind="text/plain; charset=utf-8")
    state = "merged" if pull.merged_at else "draft" if pull.draft and pull.state == "open" else pull.state
    return _html(
        "pull.html",
        title=f"{pull.title} · Pull request #{pull.number} · {repo.full_name}",
        pull=pull,
        state=state,
        body=render(pull.body) if pull.body.strip() else Markup("<p><i>No description.</i></p>"),
        timeline=_timeline(pull),
        checks=_checks(pull),
        commits=_commits(repo, before, pull.head_sha),
        files=_shown(changed_files(repo, before, pull.head_sha)),
    )


def _timeline(pull: PullRequest) -> list[Said]:
    verbs = {"APPROVED": ("approved", "approved"), "CHANGES_REQUESTED": ("changes", "requested changes")}
    said = [
        Said("comment", f"issuecomment-{c.id}", c.author, "commented", render(c.body), c.at)
        for c in pull.comments
    ]
    for review in pull.reviews:
        kind, verb = verbs.get(review.state, ("comment", "reviewed"))
        body = render(review.body) if review.body else Markup()
        said.append(Said(kind, f"pullrequestreview-{review.id}", review.author, verb, body, review.at))
    return sorted(said, key=lambda item: item.at)


def _checks(pull: PullRequest) -> list[dict[str, str]]:
    repo, sha = pull.repo, pull.head_sha
    found = {run.name: run.conclusion or "pending" for run in repo.checks.get(sha, [])}
    for status in reversed(repo.statuses.get(sha, [])):
        found[status.context] = status.state
    found |= dict.fromkeys(repo.waiting_workflows.get(sha, []), "action_required")
    return [{"name": name, "state": state} for name, state in found.items()]


def _repo_page(world: World, repo: Repo, web: str) -> Answer:
    pulls = sorted(world.pulls[repo.id].values(), key=lambda pull: -pull.number)
    readme = None
    with repo.git() as git:
        branches = [(name.removeprefix("refs/heads/"), sha) for name, sha in git.refs("refs/heads/").items()]
        head = repo.head(repo.default_branch)
        if head is not None:
            data = git.tree(head).read("README.md")
            readme = None if data is None else render(data.decode("utf-8", "replace"))
    return _html(
        "repo.html", title=repo.full_name, repo=repo, pulls=pulls, branches=branches, readme=readme,
        clone_url=f"{web}/{repo.full_name}.git",
    )  # fmt: skip


def _commit_page(repo: Repo, sha: str) -> Answer:
    if not re.fullmatch(r"[0-9a-f]{7,40}", sha):
        raise Refused(404, "Not Found")
    with repo.git() as git:
        found = git.run(
            "rev-parse", "--verify", "--quiet", f"{sha}^{{commit}}", accept=(0, 1, 128)
        ).stdout.decode().strip()  # fmt: skip
        if not found:
            raise Refused(404, "Not Found")
        parents = git.run("rev-parse", f"{found}^@").stdout.decode().split()
        before = (
            parents[0]
            if parents
            else git.run("hash-object", "-w", "-t", "tree", "--stdin").stdout.decode().strip()
        )
    (commit,) = _commits(repo, f"{found}^!", None)[-1:] or (None,)
    if commit is None:
        raise Refused(404, "Not Found")
    files = _shown(changed_files(repo, before, found))
    return _html("commit.html", title=commit.subject, repo=repo, commit=commit, files=files)


def _tree_page(repo: Repo, kind: str, rest: str) -> Answer:
    with repo.git() as git:
        branches = [name.removeprefix("refs/heads/") for name in git.refs("refs/heads/")]
        ref = next(
            (name for name in branches if rest == name or rest.startswith(f"{name}/")), rest.split("/")[0]
        )
        path = rest[len(ref) :].strip("/")
        sha = git.find(ref) if re.fullmatch(r"[\w./+-]+", ref) else None
        if sha is None:
            raise Refused(404, "Not Found")
        tree = git.tree(sha)
        data = tree.read(path) if path else None
        if data is not None:
            if kind == "raw":
                return Answer(
                    200,
                    body=data,
                    kind="text/plain; charset=utf-8",
                    headers={"X-Content-Type-Options": "nosniff"},
                )
            text = data.decode("utf-8", "replace").split("\n")
            return _html(
                "tree.html",
                title=path,
                repo=repo,
                ref=ref,
                path=path,
                text=text[:-1] if text[-1] == "" else text,
            )
        below = [name[len(path) :].lstrip("/") for name in tree.paths(path)]
    if not below:
        raise Refused(404, "Not Found")
    names = sorted(
        {(name.split("/")[0], "/" in name) for name in below}, key=lambda entry: (not entry[1], entry[0])
    )
    return _html(
        "tree.html", title=path or repo.full_name, repo=repo, ref=ref, path=path, text=None, entries=names,
        prefix=f"{path}/" if path else "",
    )  # fmt: skip


def _commits(repo: Repo, before: str, after: str | None) -> list[ShownCommit]:
    span = before if after is None else f"{before}..{after}"
    with repo.git() as git:
        out = git.run("log", "--reverse", "-z", "--format=%H%x00%an%x00%at%x00%s%x00%b", span).stdout
    fields = out.decode("utf-8", "replace").split("\0")
    return [
        ShownCommit(sha, author, datetime.fromtimestamp(int(at), timezone.utc), subject, rest.strip())
        for sha, author, at, subject, rest in zip(*[iter(fields)] * 5, strict=False)
    ]


def _shown(files: list[ChangedFile]) -> list[ShownFile]:
    shown = []
    for file in files:
        notes = []
        if file.status == "added":
            notes.append("new" + (", executable" if file.new_mode == "100755" else ""))
        elif file.status == "removed":
            notes.append("deleted")
        elif file.previous is not None:
            notes.append(f"was {file.previous}")
        elif file.old_mode != file.new_mode:
            notes.append(f"{file.old_mode} → {file.new_mode}")
        shown.append(
            ShownFile(
                file.path,
                file.additions,
                file.deletions,
                file.binary,
                ", ".join(notes),
                tuple(_rows(file.patch)),
            )
        )
    return shown


def _rows(patch: str) -> list[Row]:
    rows = []
    old = new = 0
    for line in patch.split("\n") if patch else ():
        hunk = re.match(r"@@ -(\d+)(?:,\d+)? \+(\d+)", line)
        if hunk is not None:
            old, new = int(hunk[1]), int(hunk[2])
            rows.append(Row("hunk", "…", "…", "", line))
        elif line.startswith("+"):
            rows.append(Row("add", "", str(new), "+", line[1:]))
            new += 1
        elif line.startswith("-"):
            rows.append(Row("del", str(old), "", "−", line[1:]))
            old += 1
        elif line.startswith("\\"):
            rows.append(Row("hunk", "", "", "", line[2:]))
        else:
            rows.append(Row("same", str(old), str(new), "", line[1:]))
            old, new = old + 1, new + 1
    return rows


def _avatar(login: str) -> Answer:
    hue = int(hashlib.sha256(login.encode()).hexdigest()[:4], 16) % 360
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" '
        f'fill="hsl({hue} 45% 42%)"/><text x="20" y="27" font-family="sans-serif" font-size="19" fill="#fff" '
        f'text-anchor="middle">{escape(login[:1].upper())}</text></svg>'
    )
    return Answer(200, body=svg.encode(), kind="image/svg+xml", headers={"Cache-Control": "max-age=3600"})


def _redirect(address: str) -> Answer:
    return Answer(302, body=b"", kind="text/plain", headers={"Location": address})


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )


@cache
def _style() -> Markup:
    return Markup((_HERE / "style.css").read_text("utf-8"))  # noqa: S704 (our own file)


def _html(template: str, *, status: int = 200, **values: Any) -> Answer:
    text = _environment().get_template(template).render(style=_style(), **values)
    return Answer(
        status,
        body=text.encode(),
        kind="text/html; charset=utf-8",
        headers={
            "Content-Security-Policy": _POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        },
    )
