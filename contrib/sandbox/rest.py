"""The REST calls of the stand-in: a table of routes, each a function from a request to an answer."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from contrib.sandbox.model import Account, MergeMethod, PullRequest, Refused, Repo, TokenGrant
from contrib.sandbox.objects import transfer
from contrib.sandbox.repository_shapes import Json, time_of
from contrib.sandbox.shapes import Shapes
from contrib.sandbox.world import World, looks_like_sha
from contrib.values.numbers import whole


@dataclass(slots=True)
class Request:
    """A request, as far as the routes and the tests' faults need it.

    :param path: below the interface's root: ``/repos/o/r``.
    """

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    viewer: Account | None = None
    grant: TokenGrant | None = None

    def json(self) -> dict[str, Any]:
        """The body as an object."""
        try:
            value = json.loads(self.body or b"{}")
        except (ValueError, RecursionError) as error:
            raise Refused(400, "Problems parsing JSON") from error
        if not isinstance(value, dict):
            raise Refused(400, "Body should be a JSON object")
        return value


@dataclass(slots=True)
class Answer:
    """An answer: JSON, or bytes of some type."""

    status: int
    json: Any = None
    body: bytes | None = None
    kind: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        """What goes over the wire."""
        if self.body is not None:
            return self.body
        return b"" if self.status == 204 else json.dumps(self.json).encode()


#: Bytes of the largest file whose content GitHub gives in JSON.
_LARGEST_CONTENT = 1024 * 1024

Handler = Callable[["Rest", Request, "re.Match[str]"], Answer]
_ROUTES: list[tuple[str, re.Pattern[str], Handler]] = []


def route(method: str, pattern: str) -> Callable[[Handler], Handler]:
    """Register a handler; ``{name}`` is one segment of the path, ``{name*}`` the rest."""
    expression = re.sub(r"\{(\w+)\*\}", r"(?P<\1>.+)", pattern)
    expression = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", expression)

    def add(handler: Handler) -> Handler:
        _ROUTES.append((method, re.compile(expression), handler))
        return handler

    return add


class Rest:
    """Answers REST requests out of a world."""

    def __init__(self, world: World, shapes: Shapes) -> None:
        self.world = world
        self.shapes = shapes

    def answer(self, request: Request) -> Answer:
        """The answer to one request; what GitHub would refuse is refused as it would."""
        try:
            for method, pattern, handler in _ROUTES:
                found = pattern.fullmatch(request.path)
                if found is not None and method == request.method:
                    moved = self._moved(request, found)
                    if moved is not None:
                        return moved
                    if method != "GET" and request.viewer is None:
                        raise Refused(401, "Requires authentication")
                    with self.world.lock:
                        return handler(self, request, found)
            raise Refused(404, "Not Found")
        except Refused as refused:
            shape: Json = {
                "message": refused.message,
                "documentation_url": "https://docs.github.com/rest",
                "status": str(refused.status),
            }
            if refused.errors:
                shape["errors"] = list(refused.errors)
            return Answer(refused.status, shape)

    def _moved(self, request: Request, found: re.Match[str]) -> Answer | None:
        """301 for reading and 307 for writing where a repository has another name now."""
        parts = found.groupdict()
        if "owner" not in parts:
            return None
        old = f"{parts['owner']}/{parts['repo']}"
        new = self.world.moved.get(old.lower())
        if new is None:
            return None
        rest = request.path.removeprefix(f"/repos/{old}")
        address = f"{self.shapes.api}/repos/{new}{rest}"
        if request.query:
            address += "?" + urlencode(request.query)
        status = 301 if request.method == "GET" else 307
        message = "Moved Permanently" if status == 301 else "Temporary Redirect"
        return Answer(status, {"message": message, "url": address}, headers={"Location": address})

    def repo(self, found: re.Match[str]) -> Repo:
        """The repository that the route names."""
        repo = self.world.find(found["owner"], found["repo"])
        if repo is None:
            raise Refused(404, "Not Found")
        return repo

    def pull(self, found: re.Match[str]) -> PullRequest:
        """The pull request that the route names."""
        return self.world.pull(self.repo(found), int(found["number"]))

    def commit(self, repo: Repo, ref: str) -> str:
        """A commit by branch, tag or id."""
        with repo.git() as git:
            name = ref if looks_like_sha(ref) else ref.removeprefix("refs/").removeprefix("heads/")
            done = git.run(
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                f"{name}^{{commit}}",
                accept=(0, 1, 128),
            )
        sha = done.stdout.decode().strip().splitlines()
        if done.returncode != 0 or not sha:
            raise Refused(422, f"No commit found for SHA: {ref}")
        return sha[-1]

    def page(
        self, request: Request, items: Sequence[Any], shape: Callable[[Any], Json], *, key: str | None = None
    ) -> Answer:
        """A page of a list, with the ``Link`` header; only what is shown is shaped."""
        size = _number(request.query.get("per_page"), 30, 100)
        page = _number(request.query.get("page"), 1, 10**6)
        shown = [shape(item) for item in items[(page - 1) * size : page * size]]
        last = max(1, -(-len(items) // size))
        links = []
        for name, number in (("next", page + 1), ("last", last)):
            if page < last:
                query = urlencode(request.query | {"page": str(number)})
                links.append(f'<{self.shapes.api}{request.path}?{query}>; rel="{name}"')
        if page > 1:
            query = urlencode(request.query | {"page": str(page - 1)})
            links.append(f'<{self.shapes.api}{request.path}?{query}>; rel="prev"')
        body: Any = shown if key is None else {"total_count": len(items), key: shown}
        return Answer(200, body, headers={"Link": ", ".join(links)} if links else {})


def _number(text: str | None, default: int, most: int) -> int:
    found = whole(text or "")
    return default if found is None else min(most, max(1, found))


def _need(account: Account | None) -> Account:
    if account is None:
        raise Refused(401, "Requires authentication")
    return account


def _need_scope(request: Request) -> None:
    """Writing to other people's repositories needs a classic token with ``public_repo``."""
    grant = request.grant
    if grant is None or grant.scopes is None:
        raise Refused(403, "Resource not accessible by personal access token")
    if not {"repo", "public_repo"} & set(grant.scopes):
        raise Refused(404, "Not Found")


@route("GET", "/rate_limit")
def _rate_limit(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    limit = {"limit": 5000, "remaining": 4999, "reset": int(rest.world.now().timestamp()) + 3600, "used": 1}
    names = ("core", "search", "graphql", "code_search")
    return Answer(200, {"resources": dict.fromkeys(names, limit), "rate": limit})


@route("GET", "/user")
def _user(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    viewer = _need(request.viewer)
    if viewer.kind == "Bot":  # a workflow's own token
        raise Refused(403, "Resource not accessible by integration")
    return Answer(200, rest.shapes.whole_user(viewer))


@route("GET", "/users/{login}")
def _a_user(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    account = rest.world.accounts.get(found["login"].lower())
    if account is None:
        raise Refused(404, "Not Found")
    return Answer(200, rest.shapes.whole_user(account))


@route("GET", "/orgs/{login}")
def _organization(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    account = rest.world.accounts.get(found["login"].lower())
    if account is None or account.kind != "Organization":
        raise Refused(404, "Not Found")
    return Answer(200, rest.shapes.user(account))


@route("GET", "/orgs/{login}/members/{member}")
def _member(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    account = rest.world.accounts.get(found["login"].lower())
    if account is None or found["member"] not in account.members:
        raise Refused(404, "Not Found")
    return Answer(204)


@route("POST", "/repos/{owner}/{repo}/issues")
def _open_issue(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    _need_scope(request)
    asked = request.json()
    if not isinstance(asked.get("title"), str) or not asked["title"].strip():
        raise Refused(
            422, "Validation Failed", ({"resource": "Issue", "field": "title", "code": "missing_field"},)
        )
    made = rest.world.open_issue(repo, _need(request.viewer), asked["title"], str(asked.get("body") or ""))
    return Answer(201, rest.shapes.plain_issue(repo, made))


@route("GET", "/repos/{owner}/{repo}")
def _repo(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    return Answer(200, rest.shapes.repository(rest.repo(found), request.viewer, whole=True))


@route("GET", "/repos/{owner}/{repo}/forks")
def _forks(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    forks = rest.world.forks(rest.repo(found))
    return rest.page(request, forks, lambda fork: rest.shapes.repository(fork, request.viewer))


@route("POST", "/repos/{owner}/{repo}/forks")
def _fork(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    _need_scope(request)
    asked = request.json()
    viewer = _need(request.viewer)
    owner = viewer
    if asked.get("organization"):
        account = rest.world.accounts.get(str(asked["organization"]).lower())
        if account is None or viewer.login not in account.members:
            raise Refused(
                422,
                "Validation Failed",
                ({"resource": "Repository", "field": "organization", "code": "invalid"},),
            )
        owner = account
    made = rest.world.fork(rest.repo(found), owner, asked.get("name"))
    return Answer(202, rest.shapes.repository(made, viewer, whole=True))


@route("POST", "/repos/{owner}/{repo}/merge-upstream")
def _merge_upstream(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    viewer = _need(request.viewer)
    if not repo.may_push(viewer.login):
        raise Refused(403, "Must have push access to repository")
    branch = str(request.json().get("branch", ""))
    theirs = None if repo.parent is None else repo.parent.head(branch)
    ours = repo.head(branch)
    if theirs is None or repo.parent is None:
        raise Refused(422, "There is no upstream branch")
    label = f"{repo.parent.owner.login}:{branch}"
    if ours == theirs:
        return Answer(
            200,
            {
                "message": f"This branch is not behind the upstream {label}.",
                "merge_type": "none",
                "base_branch": label,
            },
        )
    with repo.git() as git:
        transfer(repo.parent.path, repo.path)
        if ours is not None and not git.is_ancestor(ours, theirs):
            raise Refused(409, "There are merge conflicts")
        git.run("update-ref", f"refs/heads/{branch}", theirs)
    rest.world.pushed(repo, branch)
    return Answer(
        200,
        {
            "message": f"Successfully fetched and fast-forwarded from upstream {label}.",
            "merge_type": "fast-forward",
            "base_branch": label,
        },
    )


@route("GET", "/repos/{owner}/{repo}/branches")
def _branches(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    with repo.git() as git:
        heads = [(name.removeprefix("refs/heads/"), sha) for name, sha in git.refs("refs/heads/").items()]
    return rest.page(request, heads, lambda head: rest.shapes.branch(repo, *head, whole=False))


@route("GET", "/repos/{owner}/{repo}/branches/{branch*}")
def _branch(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    sha = repo.head(found["branch"])
    if sha is None:
        raise Refused(404, "Branch not found")
    return Answer(200, rest.shapes.branch(repo, found["branch"], sha, whole=True))


@route("GET", "/repos/{owner}/{repo}/git/ref/{ref*}")
def _ref(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    name = f"refs/{found['ref']}"
    with repo.git() as git:
        sha = git.refs("refs/").get(name)
    if sha is None:
        raise Refused(404, "Not Found")
    return Answer(200, rest.shapes.ref(repo, name, sha))


@route("GET", "/repos/{owner}/{repo}/git/matching-refs/{ref*}")
def _matching_refs(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    with repo.git() as git:
        refs = list(git.refs(f"refs/{found['ref']}").items())
    return rest.page(request, refs, lambda ref: rest.shapes.ref(repo, *ref))


@route("DELETE", "/repos/{owner}/{repo}/git/refs/{ref*}")
def _delete_ref(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    if not repo.may_push(_need(request.viewer).login):
        raise Refused(403, "Resource not accessible")
    name = f"refs/{found['ref']}"
    with repo.git() as git:
        if name not in git.refs("refs/heads/"):
            raise Refused(422, "Reference does not exist")
        git.run("update-ref", "-d", name)
    rest.world.pushed(repo, name.removeprefix("refs/heads/"))
    return Answer(204)


@route("GET", "/repos/{owner}/{repo}/compare/{spec*}")
def _compare(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    base, dots, head = found["spec"].partition("...")
    if not dots:
        raise Refused(404, "Not Found")
    try:
        first, second = rest.commit(repo, base), rest.commit(repo, head)
    except Refused as error:
        raise Refused(404, "Not Found") from error
    with repo.git() as git:
        ahead, behind = (
            int(git.run("rev-list", "--count", f"{one}..{other}").stdout)
            for one, other in ((first, second), (second, first))
        )
        base_commit = git.run("merge-base", first, second, accept=(0, 1)).stdout.decode("ascii").strip()
    state = "diverged" if ahead and behind else "ahead" if ahead else "behind" if behind else "identical"
    return Answer(
        200,
        {
            "status": state,
            "ahead_by": ahead,
            "behind_by": behind,
            "total_commits": ahead,
            **({"merge_base_commit": rest.shapes.commit(repo, base_commit)} if base_commit else {}),
            "commits": [],
            "files": [],
        },
    )


@route("GET", "/repos/{owner}/{repo}/git/commits/{sha}")
def _git_commit(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    return Answer(200, rest.shapes.git_commit(repo, rest.commit(repo, found["sha"])))


@route("GET", "/repos/{owner}/{repo}/commits/{sha}/check-runs")
def _check_runs(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    sha = rest.commit(repo, found["sha"])
    runs = repo.checks.get(sha, [])
    return rest.page(request, runs, lambda run: rest.shapes.check_run(repo, sha, run), key="check_runs")


@route("GET", "/repos/{owner}/{repo}/commits/{sha}/status")
def _combined_status(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    return Answer(200, rest.shapes.combined_status(repo, rest.commit(repo, found["sha"]), request.viewer))


@route("GET", "/repos/{owner}/{repo}/commits/{sha}")
def _commit(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    return Answer(200, rest.shapes.commit(repo, rest.commit(repo, found["sha"])))


@route("POST", "/repos/{owner}/{repo}/statuses/{sha}")
def _set_status(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    viewer = _need(request.viewer)
    if not repo.may_push(viewer.login):
        raise Refused(403, "Resource not accessible")
    sha = rest.commit(repo, found["sha"])
    asked = request.json()
    made = rest.world.status(
        repo, sha, str(asked.get("context", "default")), str(asked.get("state", "")), viewer,
        str(asked.get("description") or ""), asked.get("target_url"),
    )  # fmt: skip
    return Answer(201, rest.shapes.status(repo, sha, made, whole=True))


@route("GET", "/repos/{owner}/{repo}/actions/runs")
def _runs(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    sha = request.query.get("head_sha", "")
    names = repo.waiting_workflows.get(sha, [])
    return rest.page(
        request, names, lambda name: _workflow_run(rest, repo, sha, name, request.viewer), key="workflow_runs"
    )


def _workflow_run(rest: Rest, repo: Repo, sha: str, name: str, viewer: Account | None) -> Json:
    number = 1 + repo.waiting_workflows[sha].index(name)
    own = f"{rest.shapes.api}/repos/{repo.full_name}/actions/runs/{number}"
    when = time_of(rest.world.now())
    small = rest.shapes.repository(repo, viewer)
    return {
        "id": number, "node_id": f"WFR_{number}", "name": name, "head_branch": None, "head_sha": sha, "run_number": number,
        "display_title": name, "path": ".github/workflows/ci.yml", "event": "pull_request", "status": "completed",
        "conclusion": "action_required", "workflow_id": number, "url": own,
        "html_url": f"{rest.shapes.web}/{repo.full_name}/actions/runs/{number}", "pull_requests": [], "created_at": when,
        "updated_at": when, "jobs_url": f"{own}/jobs", "logs_url": f"{own}/logs", "check_suite_url": f"{own}/suite",
        "artifacts_url": f"{own}/artifacts", "cancel_url": f"{own}/cancel", "rerun_url": f"{own}/rerun",
        "workflow_url": f"{rest.shapes.api}/repos/{repo.full_name}/actions/workflows/{number}", "head_commit": None,
        "repository": small, "head_repository": small,
    }  # fmt: skip


@route("GET", "/repos/{owner}/{repo}/actions/permissions")
def _actions(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    if request.viewer is None or not repo.may_push(request.viewer.login):
        raise Refused(403, "Must have admin rights to Repository.")
    return Answer(
        200,
        {"enabled": repo.actions_enabled, "allowed_actions": "all"}
        if repo.actions_enabled
        else {"enabled": False},
    )


@route("GET", "/repos/{owner}/{repo}/contents/{path*}")
def _contents(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    sha = rest.commit(repo, request.query.get("ref") or repo.default_branch)
    path = found["path"].strip("/")
    if any(part in ("", ".", "..") for part in path.split("/")):
        raise Refused(404, "Not Found")
    api = f"{rest.shapes.api}/repos/{repo.full_name}"
    html = f"{rest.shapes.web}/{repo.full_name}"

    def entry(name: str, blob: str, size: int, kind: str) -> Json:
        own = f"{api}/contents/{name}?ref={sha}"
        git_url = f"{api}/git/{'blobs' if kind == 'file' else 'trees'}/{blob}"
        page = f"{html}/{'blob' if kind == 'file' else 'tree'}/{sha}/{name}"
        return {
            "name": name.rsplit("/", 1)[-1], "path": name, "sha": blob, "size": size, "url": own, "html_url": page,
            "git_url": git_url, "download_url": f"{html}/raw/{sha}/{name}" if kind == "file" else None, "type": kind,
            "_links": {"self": own, "git": git_url, "html": page},
        }  # fmt: skip

    with repo.git() as git:
        listed = git.run("ls-tree", "-l", "-z", sha, "--", path).stdout.decode("utf-8", "replace").split("\0")
        if not listed[0]:
            raise Refused(404, "Not Found")
        mode, kind, blob, size = listed[0].split("\t", 1)[0].split()
        if mode == "120000":
            return Answer(
                200, entry(path, blob, int(size), "symlink")
            )  # what it leads to is not looked up here
        if kind == "commit":
            return Answer(200, entry(path, blob, 0, "submodule"))
        if kind == "blob":
            content = git.run("cat-file", "blob", blob).stdout
            shape = entry(path, blob, int(size), "file")
            if len(content) > _LARGEST_CONTENT:
                return Answer(200, shape | {"encoding": "none", "content": ""})
            return Answer(
                200, shape | {"encoding": "base64", "content": base64.encodebytes(content).decode("ascii")}
            )
        below = (
            git.run("ls-tree", "-l", "-z", sha, "--", f"{path}/")
            .stdout.decode("utf-8", "replace")
            .split("\0")
        )
    entries = []
    for line in filter(None, below):
        facts, name = line.split("\t", 1)
        _, kind, blob, size = facts.split()
        entries.append(entry(name, blob, whole(size) or 0, "file" if kind == "blob" else "dir"))
    return Answer(200, entries)


@route("GET", "/repos/{owner}/{repo}/releases")
def _releases(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    return rest.page(request, repo.releases, lambda release: rest.shapes.release(repo, release))


@route("GET", "/repos/{owner}/{repo}/releases/latest")
def _latest(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    for release in repo.releases:
        if not release.prerelease:
            return Answer(200, rest.shapes.release(repo, release))
    raise Refused(404, "Not Found")


@route("GET", "/repos/{owner}/{repo}/releases/tags/{tag*}")
def _release(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    for release in repo.releases:
        if release.tag == found["tag"]:
            return Answer(200, rest.shapes.release(repo, release))
    raise Refused(404, "Not Found")


@route("GET", "/repos/{owner}/{repo}/releases/{release}/assets")
def _assets(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    release = next((one for one in repo.releases if str(one.id) == found["release"]), None)
    if release is None:
        raise Refused(404, "Not Found")
    of = release
    return rest.page(request, of.assets, lambda asset: rest.shapes.asset(repo, of, asset))


@route("GET", "/repos/{owner}/{repo}/pulls")
def _pulls(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    query = request.query
    state = query.get("state", "open")
    pulls = [pull for pull in rest.world.pulls[repo.id].values() if state in ("all", pull.state)]
    if query.get("base"):
        pulls = [pull for pull in pulls if pull.base_branch == query["base"]]
    # Without "owner:" GitHub leaves the filter out and gives everything; so do we.
    owner, colon, branch = query.get("head", "").partition(":")
    if colon:
        pulls = [
            pull for pull in pulls
            if pull.head_repo.owner.login.lower() == owner.lower() and pull.head_branch == branch
        ]  # fmt: skip
    by_update = query.get("sort") == "updated"
    newest_first = (
        query.get("direction", "desc" if query.get("sort", "created") == "created" else "asc") == "desc"
    )
    pulls.sort(
        key=lambda pull: (pull.updated_at if by_update else pull.created_at, pull.number),
        reverse=newest_first,
    )
    return rest.page(request, pulls, lambda pull: rest.shapes.pull(pull, request.viewer))


@route("POST", "/repos/{owner}/{repo}/pulls")
def _open_pull(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    if not repo.may_push(_need(request.viewer).login):
        _need_scope(request)
    asked = request.json()
    for name in ("head", "base", "title"):
        if not isinstance(asked.get(name), str):
            raise Refused(
                422,
                "Validation Failed",
                ({"resource": "PullRequest", "field": name, "code": "missing_field"},),
            )
    made = rest.world.open_pull(
        repo,
        _need(request.viewer),
        head=asked["head"],
        base=asked["base"],
        title=asked["title"],
        body=str(asked.get("body") or ""),
        draft=bool(asked.get("draft", False)),
        maintainer_can_modify=bool(asked.get("maintainer_can_modify", True)),
        head_repo=asked.get("head_repo"),
    )
    return Answer(201, rest.shapes.pull(made, request.viewer, whole=True))


@route("GET", "/repos/{owner}/{repo}/pulls/{number}")
def _pull(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    return Answer(200, rest.shapes.pull(rest.pull(found), request.viewer, whole=True))


@route("PATCH", "/repos/{owner}/{repo}/pulls/{number}")
def _edit_pull(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    pull = rest.pull(found)
    viewer = _need(request.viewer)
    if viewer is not pull.author and not pull.repo.may_push(viewer.login):
        raise Refused(403, "Resource not accessible")
    asked = request.json()
    rest.world.edit_pull(
        pull,
        viewer,
        title=asked.get("title"),
        body=asked.get("body"),
        base=asked.get("base"),
        state=asked.get("state"),
    )
    return Answer(200, rest.shapes.pull(pull, viewer, whole=True))


@route("GET", "/repos/{owner}/{repo}/pulls/{number}/files")
def _pull_files(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    from contrib.sandbox.diffs import merge_base

    pull = rest.pull(found)
    files = rest.shapes.files(pull.repo, merge_base(pull), pull.head_sha)
    return rest.page(request, files, lambda file: file)


@route("GET", "/repos/{owner}/{repo}/pulls/{number}/commits")
def _pull_commits(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    from contrib.sandbox.diffs import merge_base

    pull = rest.pull(found)
    with pull.repo.git() as git:
        done = git.run("rev-list", "--reverse", f"{merge_base(pull)}..{pull.head_sha}")
    return rest.page(request, done.stdout.decode().split(), lambda sha: rest.shapes.commit(pull.repo, sha))


@route("GET", "/repos/{owner}/{repo}/pulls/{number}/merge")
def _is_merged(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    if rest.pull(found).merged_at is None:
        raise Refused(404, "Not Found")
    return Answer(204)


@route("PUT", "/repos/{owner}/{repo}/pulls/{number}/merge")
def _merge(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    pull = rest.pull(found)
    viewer = _need(request.viewer)
    if not pull.repo.may_push(viewer.login):
        raise Refused(403, "Must have push access to merge")
    asked = request.json()
    if asked.get("sha") not in (None, pull.head_sha):
        raise Refused(409, "Head branch was modified. Review and try the merge again.")
    methods: dict[str, MergeMethod] = {"merge": "merge", "squash": "squash", "rebase": "rebase"}
    made = rest.world.merge(pull, viewer, methods.get(str(asked.get("merge_method", "merge")), "merge"))
    return Answer(200, {"sha": made, "merged": True, "message": "Pull Request successfully merged"})


@route("GET", "/repos/{owner}/{repo}/pulls/{number}/reviews")
def _reviews(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    pull = rest.pull(found)
    return rest.page(request, pull.reviews, lambda review: rest.shapes.review(pull, review))


@route("POST", "/repos/{owner}/{repo}/pulls/{number}/reviews")
def _review(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    pull = rest.pull(found)
    asked = request.json()
    state = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED"}.get(
        str(asked.get("event")), "COMMENTED"
    )
    made = rest.world.review(pull, _need(request.viewer), state, str(asked.get("body") or ""))
    return Answer(200, rest.shapes.review(pull, made))


@route("GET", "/repos/{owner}/{repo}/pulls/{number}/comments")
def _review_comments(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    rest.pull(found)
    return rest.page(request, (), lambda nothing: nothing)


@route("GET", "/repos/{owner}/{repo}/issues")
def _issues(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    state = request.query.get("state", "open")
    labels = {label for label in request.query.get("labels", "").split(",") if label}
    pulls = [
        pull for pull in rest.world.pulls[repo.id].values()
        if state in ("all", pull.state) and labels <= set(pull.labels)
    ]  # fmt: skip
    issues = (
        [] if labels else [one for one in rest.world.issues.get(repo.id, []) if state in ("all", one.state)]
    )
    numbered = [(pull.number, rest.shapes.issue(pull)) for pull in pulls]
    numbered += [(issue.number, rest.shapes.plain_issue(repo, issue)) for issue in issues]
    numbered.sort(key=lambda each: -each[0])
    return rest.page(request, [shape for _, shape in numbered], lambda shape: shape)


@route("GET", "/search/issues")
def _search(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    words = request.query.get("q", "").split()
    terms = [word.partition(":")[::2] for word in words if ":" in word]
    repositories = {value.lower() for name, value in terms if name == "repo"}
    authors = {value.lower() for name, value in terms if name == "author"}
    states = {value for name, value in terms if name in ("is", "state")} & {"open", "closed", "merged"}
    pulls = []
    for repo in rest.world.repos.values():
        if repositories and repo.full_name.lower() not in repositories:
            continue
        for pull in rest.world.pulls[repo.id].values():
            state = "merged" if pull.merged_at is not None else pull.state
            if authors and pull.author.login.lower() not in authors:
                continue
            if states and not states & {state, pull.state}:
                continue
            pulls.append(pull)
    pulls.sort(key=lambda pull: -pull.id)
    answer = rest.page(
        request, pulls, lambda pull: rest.shapes.issue(pull) | {"score": 1.0, "body": pull.body}, key="items"
    )
    answer.json |= {"incomplete_results": False, "search_type": "lexical"}
    return answer


@route("GET", "/repos/{owner}/{repo}/issues/{number}")
def _issue(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    plain = next(
        (one for one in rest.world.issues.get(repo.id, []) if str(one.number) == found["number"]), None
    )
    if plain is not None:
        return Answer(200, rest.shapes.plain_issue(repo, plain))
    return Answer(200, rest.shapes.issue(rest.pull(found)))


@route("GET", "/repos/{owner}/{repo}/issues/{number}/comments")
def _comments(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    pull = rest.pull(found)
    return rest.page(request, pull.comments, lambda comment: rest.shapes.comment(pull, comment))


@route("PATCH", "/repos/{owner}/{repo}/issues/comments/{comment}")
def _edit_comment(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    repo = rest.repo(found)
    for pull in rest.world.pulls[repo.id].values():
        for each in pull.comments:
            if str(each.id) == found["comment"]:
                if each.author is not _need(request.viewer):
                    raise Refused(403, "Must have admin rights to Repository.")
                each.body = str(request.json().get("body") or "")
                return Answer(200, rest.shapes.comment(pull, each))
    raise Refused(404, "Not Found")


@route("POST", "/repos/{owner}/{repo}/issues/{number}/comments")
def _comment(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    pull = rest.pull(found)
    body = str(request.json().get("body") or "")
    if not body:
        raise Refused(
            422,
            "Validation Failed",
            ({"resource": "IssueComment", "field": "body", "code": "missing_field"},),
        )
    return Answer(201, rest.shapes.comment(pull, rest.world.comment(pull, _need(request.viewer), body)))


@route("GET", "/repos/{owner}/{repo}/issues/{number}/labels")
def _labels(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    pull = rest.pull(found)
    return rest.page(request, pull.labels, lambda name: rest.shapes.label(pull.repo, name))


@route("POST", "/repos/{owner}/{repo}/issues/{number}/labels")
def _add_labels(rest: Rest, request: Request, found: re.Match[str]) -> Answer:
    pull = rest.pull(found)
    if not pull.repo.may_push(_need(request.viewer).login):
        raise Refused(403, "Must have triage rights")
    for name in request.json().get("labels") or ():
        rest.world.label(pull, str(name))
    return Answer(200, [rest.shapes.label(pull.repo, name) for name in pull.labels])


_MUTATION = re.compile(r"(markPullRequestReadyForReview|convertPullRequestToDraft)\s*\(")


def graphql(rest: Rest, request: Request) -> Answer:
    """The two mutations that REST does not have: a draft made ready, and back."""
    if request.viewer is None:
        return Answer(401, {"message": "Requires authentication"})
    asked = request.json()
    found = _MUTATION.search(str(asked.get("query", "")))
    wanted = (asked.get("variables") or {}).get("input") or {}
    with rest.world.lock:
        for pulls in rest.world.pulls.values():
            for pull in pulls.values():
                if found is not None and pull.node_id == wanted.get("pullRequestId"):
                    if request.viewer is not pull.author and not pull.repo.may_push(request.viewer.login):
                        return Answer(200, {"errors": [{"type": "FORBIDDEN", "message": "not accessible"}]})
                    pull.draft = found[1] == "convertPullRequestToDraft"
                    pull.updated_at = rest.world.now()
                    result = {"clientMutationId": None, "pullRequest": {"isDraft": pull.draft}}
                    return Answer(200, {"data": {found[1]: result}})
    return Answer(200, {"errors": [{"type": "NOT_FOUND", "message": "Could not resolve to a node"}]})
