"""GitHub behind a small typed interface; PyGithub does the talking.

Two classes keep what reads and what writes apart: :class:`GitHubReads` has no method that changes
anything; :class:`GitHub` adds those. A dry run is given :class:`DryRunGitHub`, every write of which
raises: it cannot do anything by construction, whatever the code above it gets wrong.

PyGithub's traps (PEERS, section D) are dealt with here and nowhere else: a 307 on POST that comes
back as a pull request without a number, a list of pull requests that loses its filter, retries that
sleep without a word, a 429 that is taken for a failure, a repeated POST that finds its own result.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from contrib.clients.commits import ScratchStore, ls_remote
from contrib.clients.programs import find_program
from contrib.values.errors import BadInput, OutsideError

if TYPE_CHECKING:
    import github as pygithub
    from github.PullRequest import PullRequest as PyPull
    from github.Repository import Repository as PyRepository

#: Longest wait for a rate limit before giving up, seconds.
LONGEST_WAIT = 60
#: How many of other people's open pull requests are looked into for the same files.
PULLS_LOOKED_INTO = 30

_LOOPBACK = ("127.0.0.1", "::1", "localhost")

Notify = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Token:
    """A GitHub token and where it came from; never shown."""

    value: str = field(repr=False)
    source: str

    def __str__(self) -> str:
        return f"token from {self.source}"


def find_token(
    token_file: Path | None = None,
    *,
    host: str = "github.com",
    environment: Mapping[str, str] | None = None,
    ask_gh: bool = True,
) -> Token | None:
    """The token: ``--token-file``, ``CONTRIB_GITHUB_TOKEN``, ``GH_TOKEN``, ``GITHUB_TOKEN``, ``gh auth token``.

    :raises BadInput: when the file cannot be read or holds no token.
    """
    environment = os.environ if environment is None else environment
    if token_file is not None:
        try:
            text = token_file.read_text("utf-8-sig").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise BadInput(f"the token file cannot be read: {reason}", file=str(token_file)) from error
        return _checked_token(text, str(token_file))
    for name in ("CONTRIB_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"):
        if environment.get(name, "").strip():
            return _checked_token(environment[name].strip(), name)
    program = find_program("gh") if ask_gh else None
    if program is not None:
        try:
            answer = subprocess.run(
                [program, "auth", "token", "--hostname", host],
                capture_output=True,
                timeout=15,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        text = answer.stdout.decode("utf-8", "replace").strip()
        if answer.returncode == 0 and text:
            return _checked_token(text, "gh auth token")
    return None


def _checked_token(text: str, source: str) -> Token:
    if not re.fullmatch(r"[\x21-\x7e]{1,1024}", text):
        raise BadInput("holds no token: one line of printable characters is expected", file=source)
    return Token(text, source)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a GitHub is: its pages, its REST interface, its git.

    :param web: ``https://github.com``, or another server's address, without a slash at the end.
    :param root: base of the REST interface where it is not ``web``'s usual one.
    """

    web: str
    root: str | None = None

    @property
    def api(self) -> str:
        """Base of the REST interface."""
        if self.root is not None:
            return self.root
        return "https://api.github.com" if self.web == "https://github.com" else f"{self.web}/api/v3"

    @property
    def host(self) -> str:
        """Host name, with the port where it is not the scheme's own."""
        return urlsplit(self.web).netloc

    def clone_url(self, repository: str) -> str:
        """Where git reads and writes ``owner/name``."""
        return f"{self.web}/{repository}.git"

    def owns(self, url: str) -> str | None:
        """``owner/name`` when ``url`` is a repository's address here (https, ssh or git), else None."""
        found = re.fullmatch(
            r"(?:(?:https?|git|ssh)://(?:[^@/]*@)?|[^@/:]+@)(?P<host>[^/]+?)[/:](?P<name>[^/:]+/[^/]+?)(?:\.git)?/?",
            url,
        )
        return found["name"] if found and found["host"] == self.host else None


def addresses(url: str = "https://github.com") -> Addresses:
    """Checked addresses for ``--github-url``.

    :raises BadInput: for what is no web address, and for plain http to another machine.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise BadInput(
            "is not the address of a GitHub", file=url, hint="for example https://github.example.com"
        )
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise BadInput("a token is not sent over plain http", file=url)
    path = parts.path.rstrip("/").removesuffix("/api/v3")
    web = f"{parts.scheme}://{parts.netloc}{path}"
    return Addresses(
        "https://github.com" if web in ("https://www.github.com", "https://api.github.com") else web
    )


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who the token belongs to.

    :param login: empty for a token that belongs to an installation and no account.
    :param scopes: of a classic or OAuth token; None where they are not told (fine-grained tokens,
        apps): that is no refusal, it is not known.
    """

    login: str
    name: str | None
    kind: str  # "classic", "fine-grained", "app", "unknown"
    scopes: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class RepositoryInfo:
    """A repository, by its canonical name."""

    full_name: str
    clone_url: str
    html_url: str
    default_branch: str
    fork: bool
    parent: str | None
    source: str | None
    can_push: bool | None
    archived: bool

    @property
    def owner(self) -> str:
        """The account that it belongs to."""
        return self.full_name.split("/", 1)[0]


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request as GitHub tells it."""

    repository: str
    number: int
    url: str
    title: str
    body: str
    author: str
    state: str  # "open", "closed"
    draft: bool
    merged: bool
    merged_at: datetime | None
    closed_at: datetime | None
    updated_at: datetime | None
    merge_commit_sha: str | None
    mergeable_state: str | None
    head_owner: str | None
    head_repository: str | None
    head_branch: str
    head_sha: str
    base_branch: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """A check run, a commit status or a workflow run that waits for approval.

    :param state: ``success``, ``failure``, ``pending``, ``neutral`` or ``action_required``.
    """

    name: str
    state: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """A review or a comment.

    :param state: ``approved``, ``changes_requested``, ``commented``, ``dismissed``.
    """

    author: str
    state: str
    body: str
    url: str
    at: datetime | None


class GitHubReads:
    """What can be asked of a GitHub. Nothing here changes anything.

    :param where: its addresses.
    :param token: None reads anonymously.
    :param notify: told, in one line, when it waits.
    :param between_writes: seconds between two writes; GitHub asks for one.
    """

    def __init__(
        self,
        where: Addresses,
        token: Token | None,
        *,
        notify: Notify = lambda message: None,
        between_writes: float | None = None,
        longest_wait: float = LONGEST_WAIT,
    ) -> None:
        import github as pygithub

        loopback = urlsplit(where.web).hostname in _LOOPBACK
        if between_writes is None:
            between_writes = 0.0 if loopback else 1.0
        self.where = where
        self.authenticated = token is not None
        self._token = token
        self._github: pygithub.Github = pygithub.Github(
            auth=None if token is None else pygithub.Auth.Token(token.value),
            base_url=where.api,
            timeout=20,
            per_page=100,
            user_agent="contrib",
            retry=_retry(notify, longest_wait, backoff=0.05 if loopback else 0.5),
            seconds_between_requests=0 if loopback else 0.1,
            seconds_between_writes=between_writes,
        )
        self._repositories: dict[str, PyRepository] = {}

    # -- git --

    def refs(self, url: str, *patterns: str) -> dict[str, str]:
        """What a repository's refs hold, asked of git (:func:`contrib.clients.commits.ls_remote`)."""
        return ls_remote(url, *patterns, token=self._secret_for(url))

    def fetch_into(self, store: ScratchStore, url: str, ref: str) -> str:
        """Get a ref of a repository into a scratch store; gives the commit."""
        return store.fetch(url, ref, token=self._secret_for(url))

    def fetch_all_into(self, store: ScratchStore, url: str) -> None:
        """Get a repository's branches and tags into a scratch store."""
        store.fetch_all(url, token=self._secret_for(url))

    def _secret_for(self, url: str) -> str | None:
        """The token, for this GitHub's own addresses only."""
        if self._token is None or not url.startswith(f"{self.where.web}/"):
            return None
        return self._token.value

    # -- people and repositories --

    def viewer(self) -> Viewer | None:
        """Who we are; None without a token.

        :raises OutsideError: of kind ``authentication`` when the token is not accepted.
        """
        if self._token is None:
            return None
        try:
            with _translated("ask who the token belongs to"):
                user = self._github.get_user()
                login, name = user.login, user.name
        except OutsideError as error:
            if error.kind == "forbidden" and self._token.value.startswith("ghs_"):
                return Viewer("", None, "app", None)  # a workflow's own token is nobody's
            raise
        headers = user.raw_headers
        told = None if headers.get("x-oauth-scopes") is None else str(headers["x-oauth-scopes"])
        value = self._token.value
        if value.startswith("github_pat_"):
            kind = "fine-grained"
        elif value.startswith(("ghs_", "ghu_")):
            kind = "app"
        elif told is not None:
            kind = "classic"
        else:
            kind = "unknown"
        scopes = None if told is None else tuple(s.strip() for s in told.split(",") if s.strip())
        if kind == "fine-grained" and not scopes:
            scopes = None
        return Viewer(login, name or None, kind, scopes)

    def repository(self, name: str) -> RepositoryInfo | None:
        """A repository by ``owner/name``; a renamed one is followed, so compare ``full_name``."""
        with _translated(f"look up {name}"):
            found = self._repository(name)
        return None if found is None else _repository_info(found, self.where)

    def fork_of(self, parent: RepositoryInfo, owner: str) -> RepositoryInfo | None:
        """The fork of ``parent`` that ``owner`` has, whatever its name; None when there is none.

        ``owner/name`` may be something else of the same name; a fork whose ``parent`` is not told
        counts when upstream's list of forks has it.
        """
        same_name = self.repository(f"{owner}/{parent.full_name.split('/', 1)[1]}")
        if same_name is not None and same_name.owner.lower() != owner.lower():
            same_name = None  # renamed and given away; GitHub redirects to where it is now
        if same_name is not None and same_name.fork:
            known = {name.lower() for name in (same_name.parent, same_name.source) if name}
            if parent.full_name.lower() in known:
                return same_name
        with _optional(), _translated(f"list the forks of {parent.full_name}"):
            repository = self._repository(parent.full_name)
            if repository is None:
                return None
            # Newest first. Where nothing has upstream's name, ours is new, or was renamed, which is rare: a
            # short look then; GitHub gives an old one back when a new one is asked for.
            for fork in islice(repository.get_forks(), 1000 if same_name is not None else 300):
                if fork.owner.login.lower() == owner.lower():
                    return _repository_info(fork, self.where)
        return None

    def actions_enabled(self, name: str) -> bool | None:
        """Whether workflows run in a repository; None when it is not told (needs its owner's token)."""
        try:
            with _translated(f"ask about Actions in {name}"):
                _, data = self._github.requester.requestJsonAndCheck(
                    "GET", f"/repos/{name}/actions/permissions"
                )
        except OutsideError as error:
            if error.kind in ("not-found", "forbidden", "authentication"):
                return None
            raise
        return bool(data["enabled"]) if isinstance(data, dict) and "enabled" in data else None

    def file(self, name: str, path: str) -> bytes | None:
        """A file as a repository's default branch has it; None where there is none."""
        from github import UnknownObjectException

        with _translated(f"read {path} in {name}"):
            try:
                found = self._existing(name).get_contents(path)
            except UnknownObjectException:
                return None
        return None if isinstance(found, list) else bytes(found.decoded_content)

    def rate_limit(self) -> tuple[int, int, datetime]:
        """``(remaining, limit, reset)`` of the REST interface; asking is free."""
        with _translated("ask for the rate limit"):
            core = self._github.get_rate_limit().resources.core
        return core.remaining, core.limit, core.reset

    # -- pull requests --

    def pulls(
        self, repository: str, *, head: str, base: str | None = None, state: str = "all"
    ) -> tuple[Pull, ...]:
        """Pull requests from ``head`` (``owner:branch``), newest first.

        What GitHub answers is checked against what was asked: a head that it does not understand
        makes it leave the filter out and give everything.
        """
        owner, _, branch = head.partition(":")
        if not owner or not branch:
            raise ValueError(f"a head is owner:branch, not {head!r}")
        filters = {"state": state, "head": head, "sort": "created", "direction": "desc"}
        if base is not None:
            filters["base"] = base
        with _translated(f"list the pull requests of {repository}"):
            found = self._existing(repository).get_pulls(**filters)
            pulls = [_pull(repository, pull) for pull in islice(found, 200)]
        return tuple(
            pull
            for pull in pulls
            if pull.head_branch == branch
            and (pull.head_owner or owner).lower() == owner.lower()
            and (base is None or pull.base_branch == base)
        )

    def pull(self, repository: str, number: int) -> Pull:
        """One pull request."""
        with _translated(f"read {repository}#{number}"):
            return _pull(repository, self._existing(repository).get_pull(number), whole=True)

    def others(self, repository: str, paths: tuple[str, ...], *, label: str | None) -> tuple[Pull, ...]:
        """Open pull requests that touch one of ``paths`` (a file, or a directory ending in ``/``).

        :param label: one that upstream's automation gives to such pull requests; asked first,
            for it is one request.
        """
        found: dict[int, Pull] = {}
        with _optional(), _translated(f"look for other pull requests of {repository}"):
            home = self._existing(repository)
            if label is not None:
                for issue in islice(home.get_issues(state="open", labels=[label]), PULLS_LOOKED_INTO):
                    if issue.pull_request is not None:
                        found[issue.number] = _pull(repository, home.get_pull(issue.number))
            newest = home.get_pulls(state="open", sort="updated", direction="desc")
            # Each is a request, and without a token there are sixty an hour.
            for pull in islice(newest, PULLS_LOOKED_INTO if self.authenticated else 5):
                if pull.number in found:
                    continue
                names = (file.filename for file in islice(pull.get_files(), 300))
                if any(_touches(name, paths) for name in names):
                    found[pull.number] = _pull(repository, pull)
        return tuple(found[number] for number in sorted(found))

    def checks(self, repository: str, sha: str) -> tuple[Check, ...]:
        """Check runs, commit statuses, and workflow runs that wait for a maintainer's approval."""
        checks: dict[str, Check] = {}
        with _translated(f"read the checks of {repository}@{sha[:10]}"):
            home = self._existing(repository)
            commit = home.get_commit(sha)
        with _optional(), _translated("read the check runs"):
            for run in islice(commit.get_check_runs(), 500):
                state = run.conclusion if run.status == "completed" else "pending"
                checks[run.name] = Check(run.name, _check_state(state), run.html_url or None)
        with _optional(), _translated("read the commit statuses"):
            for status in commit.get_combined_status().statuses:
                checks.setdefault(
                    status.context,
                    Check(status.context, _check_state(status.state), status.target_url or None),
                )
        data: dict[str, Any] = {}
        with _optional(), _translated("read the workflow runs"):
            _, data = self._github.requester.requestJsonAndCheck(
                "GET",
                f"/repos/{home.full_name}/actions/runs",
                parameters={"head_sha": sha, "per_page": 100},
            )
        for run_data in data.get("workflow_runs") or ():
            if "action_required" in (run_data.get("conclusion"), run_data.get("status")):
                name = str(run_data.get("name") or "workflow")
                checks[name] = Check(name, "action_required", run_data.get("html_url"))
        return tuple(checks.values())

    def remarks(self, repository: str, number: int) -> tuple[Remark, ...]:
        """Reviews, review comments and comments, oldest first."""
        found: list[Remark] = []
        with _translated(f"read the review of {repository}#{number}"):
            pull = self._existing(repository).get_pull(number)
        with _optional(), _translated(f"read the reviews of {repository}#{number}"):
            for review in islice(pull.get_reviews(), 300):
                found.append(
                    Remark(
                        _login(review.user),
                        (review.state or "commented").lower(),
                        review.body or "",
                        review.html_url,
                        review.submitted_at,
                    )
                )
        with _optional(), _translated(f"read the review's comments of {repository}#{number}"):
            for line in islice(pull.get_review_comments(), 300):
                found.append(
                    Remark(_login(line.user), "commented", line.body or "", line.html_url, line.created_at)
                )
        with _optional(), _translated(f"read the comments of {repository}#{number}"):
            for comment in islice(pull.get_issue_comments(), 300):
                found.append(
                    Remark(
                        _login(comment.user),
                        "commented",
                        comment.body or "",
                        comment.html_url,
                        comment.created_at,
                    )
                )
        return tuple(sorted(found, key=lambda remark: (remark.at is not None, str(remark.at))))

    def closed_by(self, repository: str, number: int) -> tuple[str | None, str]:
        """Who closed a pull request (None where it is not told), and the last thing said on it by somebody else."""
        closer: str | None = None
        said = ""
        with _optional(), _translated(f"read {repository}#{number}"):
            issue = self._existing(repository).get_issue(number)
            closer = _login(issue.closed_by) or None
            author = _login(issue.user)
            for comment in islice(issue.get_comments(), 300):
                if _login(comment.user) != author:
                    said = " ".join((comment.body or "").split())
        return closer, said if len(said) <= 200 else said[:197] + "…"

    # -- inside --

    def _repository(self, name: str) -> PyRepository | None:
        from github import UnknownObjectException

        if not re.fullmatch(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+", name):
            raise BadInput(f"{name!r} is not owner/name of a repository")
        if name.lower() not in self._repositories:
            try:
                found = self._github.get_repo(name)
            except UnknownObjectException:
                return None
            self._repositories[name.lower()] = found
            self._repositories[found.full_name.lower()] = found
        return self._repositories[name.lower()]

    def _existing(self, name: str) -> PyRepository:
        """The repository by its canonical name; every request about it goes to where it is now."""
        found = self._repository(name)
        if found is None:
            raise OutsideError(
                f"GitHub has no repository {name}, or the token may not see it", kind="not-found"
            )
        return found


class GitHub(GitHubReads):
    """What can be asked of a GitHub, and what can be done to it."""

    def push(self, store: ScratchStore, url: str, branch: str, commit: str, *, expected: str | None) -> None:
        """Put a commit on a branch that holds ``expected`` (None: does not exist)."""
        store.push(url, branch, commit, expected=expected, token=self._secret_for(url))

    def create_fork(self, parent: str, *, organization: str | None = None) -> str:
        """Ask for a fork; gives its ``owner/name``. It may not be there yet; one that is there is given back."""
        from github.GithubObject import NotSet

        with _translated(f"fork {parent}"):
            fork = self._existing(parent).create_fork(organization=organization or NotSet)
            name = fork.full_name
        if not name:
            raise OutsideError(f"GitHub did not say where the fork of {parent} is", retry=True)
        return str(name)

    def forget(self, name: str) -> None:
        """Look a repository up anew the next time (a fork that is being made)."""
        self._repositories.pop(name.lower(), None)

    def create_pull(
        self,
        repository: str,
        *,
        head: str,
        base: str,
        title: str,
        body: str,
        draft: bool,
        maintainer_can_modify: bool,
    ) -> Pull:
        """Open a pull request, or give the one that is open already for this head and base."""
        from github import GithubException

        home = self._existing(repository)
        with _translated(f"open a pull request on {repository}"):
            modify = maintainer_can_modify
            while True:
                try:
                    made = home.create_pull(
                        base=base,
                        head=head,
                        title=title,
                        body=body,
                        draft=draft,
                        maintainer_can_modify=modify,
                    )
                    break
                except GithubException as error:
                    if error.status != 422:
                        raise
                    text = str(error.data).lower()
                    if modify and "fork collab" in text:
                        modify = False  # an organisation's fork cannot grant it
                        continue
                    # "already exists": opened before, or by this very request, whose first answer was lost.
                    there = self.pulls(repository, head=head, base=base, state="open")
                    if there:
                        return there[0]
                    raise
        if made.number is None:  # PyGithub does not follow a 307 and says nothing
            raise OutsideError(
                f"GitHub sent the request for {repository} elsewhere and no pull request was opened",
                hint="run the command again: the repository may just have moved",
            )
        return _pull(repository, made)

    def edit_pull(
        self,
        repository: str,
        number: int,
        *,
        title: str | None = None,
        body: str | None = None,
        base: str | None = None,
        state: str | None = None,
    ) -> Pull:
        """Change a pull request's title, body or base, or close it (``state="closed"``)."""
        changes: dict[str, Any] = {"title": title, "body": body, "base": base, "state": state}
        with _translated(f"change {repository}#{number}"):
            pull = self._existing(repository).get_pull(number)
            pull.edit(**{key: value for key, value in changes.items() if value is not None})
            return _pull(repository, pull)

    def set_draft(self, repository: str, number: int, draft: bool) -> None:
        """Make a pull request a draft, or ready for review."""
        with _translated(f"change {repository}#{number}"):
            pull = self._existing(repository).get_pull(number)
            if draft:
                pull.convert_to_draft()
            else:
                pull.mark_ready_for_review()

    def comment(self, repository: str, number: int, body: str) -> str:
        """Write a comment; gives its address."""
        with _translated(f"comment on {repository}#{number}"):
            made = self._existing(repository).get_pull(number).create_issue_comment(body)
            return str(made.html_url)


class DryRunWrite(AssertionError):
    """A dry run tried to change something. A bug, and never shown to a person as anything else."""


def _refuse(name: str) -> Callable[..., Any]:
    def refused(self: GitHub, *args: Any, **kwargs: Any) -> Any:
        raise DryRunWrite(f"a dry run called {name}")

    refused.__name__ = name
    return refused


class DryRunGitHub(GitHub):
    """Reads as :class:`GitHub` does; whatever that adds to :class:`GitHubReads` raises here.

    The methods are replaced as a whole, below, so that one that is added later is refused too; and
    PyGithub's own requests are stopped below it when they are not GET.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        requester = self._github.requester
        reads = requester.requestJsonAndCheck

        def only_get(verb: str, *rest: Any, **named: Any) -> Any:
            if verb not in ("GET", "HEAD"):
                raise DryRunWrite(f"a dry run sent a {verb}")
            return reads(verb, *rest, **named)

        setattr(requester, "requestJsonAndCheck", only_get)  # noqa: B010 (mypy refuses a method's assignment)


for _name in vars(GitHub):
    if not _name.startswith("_") and _name != "forget":
        setattr(DryRunGitHub, _name, _refuse(_name))


class UnaskedGitHub(GitHubReads):
    """Stands for a GitHub that is not asked (``--offline``): every repository is there, and nothing of ours in it."""

    def __init__(self, where: Addresses) -> None:
        self.where = where
        self.authenticated = False

    def refs(self, url: str, *patterns: str) -> dict[str, str]:
        """None."""
        return {}

    def viewer(self) -> Viewer | None:
        """Nobody."""
        return None

    def repository(self, name: str) -> RepositoryInfo | None:
        """As its name says."""
        page = f"{self.where.web}/{name}"
        return RepositoryInfo(name, f"{page}.git", page, "master", False, None, None, None, False)

    def fork_of(self, parent: RepositoryInfo, owner: str) -> RepositoryInfo | None:
        """None."""
        return None

    def pulls(
        self, repository: str, *, head: str, base: str | None = None, state: str = "all"
    ) -> tuple[Pull, ...]:
        """None."""
        return ()

    def others(self, repository: str, paths: tuple[str, ...], *, label: str | None) -> tuple[Pull, ...]:
        """None."""
        return ()


def _with_root(where: Addresses, token: Token | None) -> Addresses:
    """A server on this machine may have its REST interface at its root, as some test servers do."""
    if urlsplit(where.web).hostname not in _LOOPBACK:
        return where
    import requests

    headers = {} if token is None else {"Authorization": f"Bearer {token.value}"}
    try:
        if requests.get(f"{where.api}/user", headers=headers, timeout=10).status_code != 404:
            return where
        if requests.get(f"{where.web}/user", headers=headers, timeout=10).status_code in (200, 401, 403):
            return Addresses(where.web, where.web)
    except requests.RequestException:
        pass  # the first real request says what is wrong
    return where


def connect(
    url: str,
    token: Token | None,
    *,
    dry_run: bool,
    notify: Notify = lambda message: None,
) -> GitHub:
    """A client for ``--github-url``; the one that cannot write for a dry run."""
    kind = DryRunGitHub if dry_run else GitHub
    return kind(_with_root(addresses(url), token), token, notify=notify)


def _retry(notify: Notify, longest_wait: float, backoff: float) -> Any:
    """PyGithub's retries, made to speak, bounded, and to know a bare 429."""
    from github import GithubRetry

    class TellingRetry(GithubRetry):
        def increment(
            self, method: Any = None, url: Any = None, response: Any = None, *rest: Any, **kw: Any
        ) -> Any:
            if response is not None and response.status in (403, 429):
                _check_wait(response.headers, longest_wait)
            following = super().increment(method, url, response, *rest, **kw)
            if response is not None:
                seconds = float(following.get_retry_after(response) or following.get_backoff_time())
                if response.status in (403, 429):
                    notify(f"GitHub asks us to slow down; waiting {seconds:.0f} s")
                else:
                    notify(f"GitHub answered {response.status}; trying again in {seconds:.0f} s")
            return following

    return TellingRetry(
        total=5,
        backoff_factor=backoff,
        secondary_rate_wait=min(30.0, longest_wait),
        max_rate_limit_wait=longest_wait,
        status_forcelist=[429, *range(500, 600)],
    )


def _check_wait(headers: Mapping[str, str], longest_wait: float) -> None:
    """Refuse to sleep longer than a person would watch."""
    told = headers.get("Retry-After") or ""
    if told.isdigit() and int(told) > longest_wait:
        raise OutsideError(
            f"GitHub's rate limit is used up; it asks to come back in {int(told)} seconds",
            kind="rate-limit",
            hint="run the same command again then; what is done already is found and kept",
        )


@contextmanager
def _translated(what: str) -> Iterator[None]:
    """PyGithub's and the network's exceptions as ours: one sentence, and what to do."""
    try:
        yield
    except (BadInput, OutsideError, DryRunWrite):
        raise
    except Exception as error:
        from github import GithubException
        from requests import RequestException

        if isinstance(error, GithubException):
            raise _github_error(what, error) from error
        if isinstance(error, RequestException | OSError | RuntimeError):
            raise _network_error(what, error) from error
        raise


@contextmanager
def _optional() -> Iterator[None]:
    """What is good to know and no reason to stop: not every GitHub tells it, nor to everybody."""
    try:
        yield
    except OutsideError as error:
        if error.kind not in ("not-found", "forbidden"):
            raise


def _github_error(what: str, error: pygithub.GithubException) -> OutsideError:
    from github import RateLimitExceededException

    headers = {str(key).lower(): str(value) for key, value in dict(error.headers or {}).items()}
    data = error.data if isinstance(error.data, dict) else {}
    message = str(data.get("message") or error.data or "").strip()
    details = "; ".join(
        str(item.get("message") or item.get("code")) if isinstance(item, dict) else str(item)
        for item in data.get("errors") or ()
    )
    said = f"{message}: {details}" if details else message
    sso = headers.get("x-github-sso", "")
    if error.status == 401:
        return OutsideError(
            f"could not {what}: GitHub does not accept the token",
            kind="authentication",
            hint="make one at https://github.com/settings/tokens (classic, public_repo), or run gh auth login",
        )
    if error.status == 403 and "required" in sso:
        found = re.search(r"url=(\S+)", sso)
        return OutsideError(
            f"could not {what}: the organisation wants the token authorised for single sign-on",
            kind="single-sign-on",
            hint=f"open {found[1]}" if found else "authorise the token in https://github.com/settings/tokens",
        )
    if isinstance(error, RateLimitExceededException) or error.status == 429 or "rate limit" in said.lower():
        reset = headers.get("x-ratelimit-reset", "")
        when = ""
        if reset.isdigit():
            when = f"; it starts anew at {datetime.fromtimestamp(int(reset)).astimezone():%H:%M:%S %Z}"
        return OutsideError(
            f"could not {what}: GitHub's rate limit is used up{when}",
            kind="rate-limit",
            hint="run the same command again later; what is done already is found and kept",
        )
    if error.status == 403 and "personal access token" in said.lower():
        return OutsideError(
            f"could not {what}: this kind of token may not ({said})",
            kind="forbidden",
            hint="fine-grained tokens cannot open pull requests on repositories one does not own; "
            "take a classic one with public_repo, or run gh auth login",
        )
    if error.status == 403:
        return OutsideError(f"could not {what}: GitHub refuses it ({said})", kind="forbidden")
    if error.status == 422 and any(
        isinstance(item, dict) and item.get("field") == "head" for item in data.get("errors") or ()
    ):
        return OutsideError(
            f"could not {what}: GitHub does not see the branch (yet)", kind="invalid-head", retry=True
        )
    if error.status == 404:
        scopes = headers.get("x-oauth-scopes")
        return OutsideError(
            f"could not {what}: GitHub finds nothing there, or the token may not see it",
            kind="not-found",
            hint=None
            if scopes is None
            else f"a token needs the scope public_repo; this one has {scopes or 'none'}",
        )
    return OutsideError(
        f"could not {what}: GitHub answered {error.status} ({said})",
        kind="github",
        retry=error.status >= 500,
    )


def _network_error(what: str, error: Exception) -> OutsideError:
    text = str(error).lower()
    if "certificate" in text or "ssl" in text:
        return OutsideError(
            f"could not {what}: the certificate of the server, or of a proxy in between, is not trusted",
            kind="network",
            hint="set SSL_CERT_FILE or REQUESTS_CA_BUNDLE to your organisation's certificates",
        )
    if "proxy" in text:
        return OutsideError(
            f"could not {what}: the proxy does not answer", kind="network", hint="see HTTPS_PROXY"
        )
    if "too many 429" in text:
        return OutsideError(
            f"could not {what}: GitHub keeps asking us to slow down", kind="rate-limit", retry=True
        )
    if "too many 5" in text:
        return OutsideError(f"could not {what}: GitHub answers with server errors", kind="github", retry=True)
    return OutsideError(f"could not {what}: there is no connection to GitHub", kind="network", retry=True)


def _repository_info(found: PyRepository, where: Addresses) -> RepositoryInfo:
    raw = found.raw_data
    permissions = raw.get("permissions")
    return RepositoryInfo(
        full_name=found.full_name,
        clone_url=raw.get("clone_url") or where.clone_url(found.full_name),
        html_url=raw.get("html_url") or f"{where.web}/{found.full_name}",
        default_branch=raw.get("default_branch") or "master",
        fork=bool(raw.get("fork")),
        parent=(raw.get("parent") or {}).get("full_name"),
        source=(raw.get("source") or {}).get("full_name"),
        can_push=None if permissions is None else bool(permissions.get("push")),
        archived=bool(raw.get("archived")),
    )


def _pull(repository: str, pull: PyPull, *, whole: bool = False) -> Pull:
    """Our value; ``whole`` for one that was asked for by number, which alone tells ``mergeable_state``.

    (Asking it of a list's element would be one more request each.)
    """
    head_repository = pull.head.repo
    return Pull(
        repository=repository,
        number=pull.number,
        url=pull.html_url,
        title=pull.title,
        body=pull.body or "",
        author=_login(pull.user),
        state=pull.state,
        draft=bool(pull.draft),
        merged=pull.merged_at is not None or (whole and bool(pull.merged)),
        merged_at=pull.merged_at,
        closed_at=pull.closed_at,
        updated_at=pull.updated_at,
        merge_commit_sha=pull.merge_commit_sha,
        mergeable_state=pull.mergeable_state if whole else None,
        head_owner=_login(pull.head.user) or None,
        head_repository=None if head_repository is None else head_repository.full_name,
        head_branch=pull.head.ref,
        head_sha=pull.head.sha,
        base_branch=pull.base.ref,
        labels=tuple(label.name for label in pull.labels or ()),
    )


def _login(user: Any) -> str:
    """Login of a user; empty for an account that is gone."""
    return "" if user is None else str(user.login)


def _check_state(state: str | None) -> str:
    if state in ("success", "neutral", "action_required"):
        return state
    if state == "skipped":
        return "neutral"
    if state in ("failure", "error", "cancelled", "timed_out", "startup_failure", "stale"):
        return "failure"
    return "pending"


def _touches(name: str, paths: tuple[str, ...]) -> bool:
    return any(name == path or (path.endswith("/") and name.startswith(path)) for path in paths)
