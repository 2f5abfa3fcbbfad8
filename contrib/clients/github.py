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
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlsplit

from contrib.clients import waits
from contrib.clients.commits import ScratchStore, ls_remote
from contrib.clients.git import checked_ref
from contrib.clients.programs import find_program
from contrib.values.errors import BadInput, OutsideError

if TYPE_CHECKING:
    import github as pygithub
    from github.Repository import Repository as PyRepository

#: Longest wait for a rate limit before giving up, seconds.
LONGEST_WAIT = 60
#: How often something that the network may break is tried.
_ATTEMPTS = 3
#: Longest time without a word to the person, seconds.
SILENCE = 8.0

_T = TypeVar("_T")

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

    The first two are meant for the GitHub that the person names; the others belong to a host (``gh help
    environment``): ``GH_TOKEN`` and ``GITHUB_TOKEN`` to github.com and ghe.com, or to the server whose workflow runs;
    ``GH_ENTERPRISE_TOKEN`` and ``GITHUB_ENTERPRISE_TOKEN`` to the one that ``GH_HOST`` names. Elsewhere they are not
    sent (:func:`kept_back`).

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
    for name in ("CONTRIB_GITHUB_TOKEN", *_OF_A_HOST):
        if environment.get(name, "").strip() and _is_for(name, host, environment):
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


#: Variables of gh and of Actions, whose tokens belong to a host.
_OF_A_HOST = ("GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")


def _is_for(name: str, host: str, environment: Mapping[str, str]) -> bool:
    """Whether a variable's token is meant for a host."""
    if name not in _OF_A_HOST:
        return True
    host = host.lower()
    if "ENTERPRISE" in name:
        return environment.get("GH_HOST", "").strip().lower() == host
    server = environment.get("GITHUB_SERVER_URL", "")
    return host in ("github.com", urlsplit(server).netloc.lower()) or host.endswith(".ghe.com")


def kept_back(host: str, environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The variables with a token that is not sent to ``host``, since it belongs to another."""
    environment = os.environ if environment is None else environment
    return tuple(
        name
        for name in _OF_A_HOST
        if environment.get(name, "").strip() and not _is_for(name, host, environment)
    )


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
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or parts.username or parts.query or parts.fragment or any(c <= " " or c > "~" for c in url):
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
    comments: int | None = None
    review_comments: int | None = None


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file of a pull request.

    :param status: ``added``, ``modified``, ``removed``, ``renamed`` …
    :param patch: the unified difference; empty for binary and very long ones.
    """

    path: str
    status: str
    patch: str


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


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue.

    :param url: its page, where it is now. :param state: ``open`` or ``closed``.
    :param reason: why it was closed: ``completed``, ``not_planned``, ``duplicate``; empty where that is not told.
    :param pull: it is a pull request.
    """

    url: str
    state: str
    reason: str = ""
    pull: bool = False


class _Connection:
    """A connection to a GitHub: asking, trying again, what is known of its repositories.

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
        loopback = urlsplit(where.web).hostname in _LOOPBACK
        self._pause = 0.05 if loopback else 1.0
        if between_writes is None:
            between_writes = 0.0 if loopback else 1.0
        self.where = where
        self.authenticated = token is not None
        self.notify = notify
        self._token = token
        self._loopback = loopback
        self._between_writes = between_writes
        self._longest_wait = longest_wait
        self._github: pygithub.Github = self._client()
        self._repositories: dict[str, PyRepository] = {}

    def _client(self) -> pygithub.Github:
        """PyGithub's, for the addresses as they are known now."""
        import logging

        import github as pygithub

        from contrib.clients import ontime

        ontime.install()
        # PyGithub prints each refused request on stderr, beside our own sentence.
        logging.getLogger("github").setLevel(logging.CRITICAL)
        made = pygithub.Github(
            auth=None if self._token is None else pygithub.Auth.Token(self._token.value),
            base_url=self.where.api,
            timeout=20,
            per_page=100,
            user_agent="contrib",
            retry=_retry(self.notify, self._longest_wait, backoff=0.05 if self._loopback else 0.5),
            seconds_between_requests=0 if self._loopback else 0.1,
            seconds_between_writes=self._between_writes,
        )
        # A server may keep its connections open; ours are closed with us, at the latest when the program ends.
        weakref.finalize(self, made.close)
        return made

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        """A request: its exceptions as ours, and a word to the person when it takes its time."""
        with _aloud(self.notify, what), _translated(what):
            yield

    def _again(self, what: str, run: Callable[[], _T], done: Callable[[], _T | None] = lambda: None) -> _T:
        """Run something that the network may break, up to three times.

        :param done: what it gives where its effect is there already although its answer was lost.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with _aloud(self.notify, what):
                    return run()
            except OutsideError as error:
                if error.kind not in ("network", "github") or not error.retry or attempt == _ATTEMPTS:
                    raise
                self.notify(f"could not {what}; trying again")
                time.sleep(self._pause * attempt)
                there = done()
                if there is not None:
                    return there
        raise AssertionError("unreachable")

    def _list(self, path: str, most: int, *, key: str | None = None, **query: Any) -> list[dict[str, Any]]:
        """A list of REST's, page by page, at most ``most`` of it.

        :raises OutsideError: it is not a list of objects: an answer that nobody understands is not "none".
        """
        found: list[dict[str, Any]] = []
        page = 1
        while len(found) < most:
            asked = {**query, "per_page": 100} | ({"page": page} if page > 1 else {})
            _, data = self._github.requester.requestJsonAndCheck("GET", path, parameters=asked)
            items = data.get(key) if key is not None and isinstance(data, dict) else data
            if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
                raise _odd(path)
            found += items
            if len(items) < 100:
                break
            page += 1
        return found[:most]

    def _object(self, path: str) -> dict[str, Any]:
        """An object of REST's."""
        _, data = self._github.requester.requestJsonAndCheck("GET", path)
        if not isinstance(data, dict):
            raise _odd(path)
        return data

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

    def _path_of(self, name: str) -> str:
        """``owner/name`` for an address: the canonical name where it is known, so that nothing is redirected."""
        if not re.fullmatch(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+", name):
            raise BadInput(f"{name!r} is not owner/name of a repository")
        known = self._repositories.get(name.lower())
        return name if known is None else known.full_name

    def _existing(self, name: str) -> PyRepository:
        """The repository by its canonical name; every request about it goes to where it is now."""
        found = self._repository(name)
        if found is None:
            raise OutsideError(
                f"GitHub has no repository {name}, or the token may not see it", kind="not-found"
            )
        return found


class GitHubReads(_Connection):
    """What can be asked of a GitHub. Nothing here changes anything."""

    # -- git --

    def refs(self, url: str, *patterns: str) -> dict[str, str]:
        """What a repository's refs hold, asked of git (:func:`contrib.clients.commits.ls_remote`)."""
        return self._again(
            "ask git for branches", lambda: ls_remote(url, *patterns, token=self._secret_for(url))
        )

    def fetch_into(self, store: ScratchStore, url: str, ref: str) -> str:
        """Get a ref of a repository into a scratch store; gives the commit."""
        return self._again("fetch with git", lambda: store.fetch(url, ref, token=self._secret_for(url)))

    def fetch_all_into(self, store: ScratchStore, url: str) -> None:
        """Get a repository's branches and tags into a scratch store."""
        self._again("fetch with git", lambda: store.fetch_all(url, token=self._secret_for(url)))

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
            with self._asking("ask who the token belongs to"):
                headers, user = self._whole_answer("/user")
                login, name = user.get("login"), user.get("name")
                if not isinstance(login, str) or not login or not isinstance(name, str | None):
                    raise _odd("/user")
        except OutsideError as error:
            if error.kind == "not-found" and self._loopback and self.where.root is None:
                # A server on this machine may have its REST interface at its root, as some test servers do.
                self._move_root()
                return self.viewer()
            if error.kind == "forbidden" and self._token.value.startswith("ghs_"):
                return Viewer("", None, "app", None)  # a workflow's own token is nobody's
            raise
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

    def _whole_answer(self, path: str) -> tuple[dict[str, Any], dict[str, Any]]:
        headers, data = self._github.requester.requestJsonAndCheck("GET", path)
        if not isinstance(data, dict):
            raise _odd(path)
        return dict(headers), data

    def _move_root(self) -> None:
        self.where = Addresses(self.where.web, self.where.web)
        self._github.close()
        self._github = self._client()
        self._ready()

    def _ready(self) -> None:
        """For what is done to a new connection."""

    def repository(self, name: str) -> RepositoryInfo | None:
        """A repository by ``owner/name``; a renamed one is followed, so compare ``full_name``."""
        with self._asking(f"look up {name}"):
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
        with _optional(), self._asking(f"list the forks of {parent.full_name}"):
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
            with self._asking(f"ask about Actions in {name}"):
                _, data = self._github.requester.requestJsonAndCheck(
                    "GET", f"/repos/{name}/actions/permissions"
                )
        except OutsideError as error:
            if error.kind in ("not-found", "forbidden", "authentication"):
                return None
            raise
        return bool(data["enabled"]) if isinstance(data, dict) and "enabled" in data else None

    def member_of(self, organization: str, login: str) -> bool | None:
        """Whether an account belongs to an organisation; None where that is not told."""
        try:
            with self._asking(f"ask whether {login} belongs to {organization}"):
                self._github.requester.requestJsonAndCheck(
                    "GET", f"/orgs/{quote(organization)}/members/{quote(login)}"
                )
            return True
        except OutsideError as error:
            if error.kind not in ("not-found", "forbidden", "github"):
                raise
        try:
            with self._asking(f"look up the organisation {organization}"):
                self._object(f"/orgs/{quote(organization)}")
        except OutsideError as error:
            if error.kind not in ("not-found", "forbidden"):
                raise
            return None
        return False

    def file(self, name: str, path: str, *, ref: str | None = None) -> bytes | None:
        """A file as a repository's default branch (or ``ref``) has it; None where there is none."""
        from github import UnknownObjectException

        with self._asking(f"read {path} in {name}"):
            try:
                found = self._existing(name).get_contents(path, **({} if ref is None else {"ref": ref}))
            except UnknownObjectException:
                return None
            return None if isinstance(found, list) else bytes(found.decoded_content)

    def commits(self, repository: str, number: int) -> tuple[tuple[str, str], ...]:
        """Id and subject of a pull request's commits, oldest first."""
        with self._asking(f"read the commits of {repository}#{number}"):
            found = self._list(f"/repos/{self._path_of(repository)}/pulls/{number}/commits", 250)
            return tuple(
                (_text(each, "sha"), str((each.get("commit") or {}).get("message") or "").split("\n", 1)[0])
                for each in found
            )

    def contains(self, repository: str, branch: str, commit: str) -> bool | None:
        """Whether a branch has a commit; None where that is not told."""
        path = f"/repos/{self._path_of(repository)}/compare/{quote(branch)}...{commit}"
        try:
            with self._asking(f"ask whether {branch} of {repository} has {commit[:10]}"):
                state = self._object(path).get("status")
        except OutsideError as error:
            if error.kind != "not-found":
                raise
            # Nothing to compare with: the commit is not there at all, or this server compares nothing.
            return None if self._has_commit(repository, commit) else False
        return state in ("behind", "identical")

    def _has_commit(self, repository: str, commit: str) -> bool:
        try:
            with self._asking(f"look for {commit[:10]} in {repository}"):
                self._object(f"/repos/{self._path_of(repository)}/commits/{commit}")
        except OutsideError as error:
            if error.kind not in ("not-found", "forbidden", "github"):
                raise
            return False
        return True

    def rate_limit(self) -> tuple[int, int, datetime]:
        """``(remaining, limit, reset)`` of the REST interface; asking is free."""
        with self._asking("ask for the rate limit"):
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
        with self._asking(f"list the pull requests of {repository}"):
            found = self._list(f"/repos/{self._path_of(repository)}/pulls", 200, **filters)
            pulls = [_pull(repository, pull) for pull in found]
        return tuple(
            pull
            for pull in pulls
            if pull.head_branch == branch
            and (pull.head_owner or owner).lower() == owner.lower()
            and (base is None or pull.base_branch == base)
        )

    def pull(self, repository: str, number: int) -> Pull:
        """One pull request."""
        with self._asking(f"read {repository}#{number}"):
            return _pull(
                repository, self._object(f"/repos/{self._path_of(repository)}/pulls/{number}"), whole=True
            )

    def open_pulls(self, repository: str) -> tuple[Pull, ...]:
        """All open pull requests, newest first, with their texts; the newest 500 where there are more."""
        with self._asking(f"list the open pull requests of {repository}"):
            path = f"/repos/{self._path_of(repository)}/pulls"
            found = self._list(path, 500, state="open", sort="created", direction="desc")
            return tuple(_pull(repository, pull) for pull in found)

    def pulls_by(self, repository: str, authors: Sequence[str]) -> tuple[Pull, ...]:
        """Pull requests by these authors with a marker of ours, open and closed: by one search.

        Where there is no search, the newest hundred that are closed are looked through.
        """
        if not authors:
            return ()
        words = " ".join([f"repo:{repository}", "is:pr", *(f"author:{name}" for name in authors)])
        with self._asking(f"search the pull requests of {repository}"):
            try:
                found = self._list("/search/issues", 100, key="items", q=words)
            except Exception as error:
                if getattr(error, "status", None) not in (404, 410, 422, 501):
                    raise
                listed = self._list(f"/repos/{self._path_of(repository)}/pulls", 100, state="closed")
                return tuple(pull for each in listed if (pull := _pull(repository, each)).author in authors)
            numbers = [each["number"] for each in found if "<!-- contrib: {" in str(each.get("body") or "")]
            if not all(isinstance(number, int) for number in numbers):
                raise _odd("/search/issues")
        return tuple(self.pull(repository, number) for number in numbers[:20])

    def issue(self, repository: str, number: int) -> Issue | None:
        """An issue; None where there is none, or it was deleted. One that was transferred is followed."""
        path = f"/repos/{self._path_of(repository)}/issues/{number}"
        try:
            with self._asking(f"read the issue {repository}#{number}"):
                found = self._object(path)
        except OutsideError as error:
            if error.kind != "not-found":
                raise
            return None
        reason = found.get("state_reason")
        return Issue(
            _text(found, "html_url"),
            _text(found, "state"),
            reason if isinstance(reason, str) else "",
            "pull_request" in found,
        )

    def changed_files(self, repository: str, number: int) -> tuple[ChangedFile, ...]:
        """The files of a pull request, the first 300."""
        with self._asking(f"read the files of {repository}#{number}"):
            found = self._list(f"/repos/{self._path_of(repository)}/pulls/{number}/files", 300)
            return tuple(
                ChangedFile(_text(each, "filename"), _text(each, "status"), str(each.get("patch") or ""))
                for each in found
            )

    def checks(self, repository: str, sha: str) -> tuple[Check, ...]:
        """Check runs, commit statuses, and workflow runs that wait for a maintainer's approval.

        What is not there, or not told, is left out: the head of a pull request may be gone with its fork.
        """
        checks: dict[str, Check] = {}
        path = f"/repos/{self._path_of(repository)}"
        with _optional(), self._asking("read the check runs"):
            for run in self._list(f"{path}/commits/{sha}/check-runs", 500, key="check_runs"):
                state = run.get("conclusion") if run.get("status") == "completed" else "pending"
                name = _text(run, "name")
                checks[name] = Check(name, _check_state(state), run.get("html_url") or None)
        with _optional(), self._asking("read the commit statuses"):
            for status in self._object(f"{path}/commits/{sha}/status").get("statuses") or ():
                name = _text(status, "context")
                state = _check_state(status.get("state"))
                checks.setdefault(name, Check(name, state, status.get("target_url") or None))
        if checks:
            return tuple(checks.values())
        with _optional(), self._asking("read the workflow runs"):
            for run in self._list(f"{path}/actions/runs", 100, key="workflow_runs", head_sha=sha):
                if "action_required" in (run.get("conclusion"), run.get("status")):
                    name = str(run.get("name") or "workflow")
                    checks[name] = Check(name, "action_required", run.get("html_url"))
        return tuple(checks.values())

    def remarks(self, repository: str, pull: Pull) -> tuple[Remark, ...]:
        """Reviews, review comments and comments, oldest first.

        :param pull: one that was asked for by number is known to have comments or none.
        """
        found: list[Remark] = []
        path = f"/repos/{self._path_of(repository)}"
        lists = [(f"{path}/pulls/{pull.number}/reviews", "submitted_at")]
        if pull.review_comments != 0:
            lists.append((f"{path}/pulls/{pull.number}/comments", "created_at"))
        if pull.comments != 0:
            lists.append((f"{path}/issues/{pull.number}/comments", "created_at"))
        for address, when in lists:
            with _optional(), self._asking(f"read the review of {repository}#{pull.number}"):
                for each in self._list(address, 300):
                    found.append(
                        Remark(
                            _login(each.get("user")),
                            str(each.get("state") or "commented").lower(),
                            str(each.get("body") or ""),
                            str(each.get("html_url") or ""),
                            _time(each.get(when)),
                        )
                    )
        return tuple(sorted(found, key=lambda remark: (remark.at is not None, str(remark.at))))

    def closed_by(self, repository: str, number: int) -> tuple[str | None, str]:
        """Who closed a pull request (None where it is not told), and the last thing said on it by somebody else."""
        closer: str | None = None
        said = ""
        path = f"/repos/{self._path_of(repository)}/issues/{number}"
        with _optional(), self._asking(f"read {repository}#{number}"):
            issue = self._object(path)
            closer = _login(issue.get("closed_by")) or None
            author = _login(issue.get("user"))
            for comment in self._list(f"{path}/comments", 300):
                if _login(comment.get("user")) != author:
                    said = " ".join(str(comment.get("body") or "").split())
        return closer, said if len(said) <= 200 else said[:197] + "…"


class GitHub(GitHubReads):
    """What can be asked of a GitHub, and what can be done to it."""

    def push(self, store: ScratchStore, url: str, branch: str, commit: str, *, expected: str | None) -> None:
        """Put a commit on a branch that holds ``expected`` (None: does not exist)."""
        reference = f"refs/heads/{branch}"
        token = self._secret_for(url)

        def there() -> bool | None:
            # The push may have had its effect although its answer was lost.
            return True if ls_remote(url, reference, token=token).get(reference) == commit else None

        def push() -> bool:
            store.push(url, branch, commit, expected=expected, token=token)
            return True

        try:
            self._again(f"push to {branch}", push, there)
        except OutsideError as error:
            if error.kind != "deadline" or there() is None:
                raise

    def create_fork(self, parent: str, *, organization: str | None = None, owner: str | None = None) -> str:
        """Ask for a fork; gives its ``owner/name``. It may not be there yet; one that is there is given back.

        :param owner: account that it will belong to; looked at after an answer that was lost.
        """
        from github import GithubException
        from github.GithubObject import NotSet

        def there() -> str | None:
            home = self.repository(parent)
            wanted = organization or owner
            if home is None or wanted is None:
                return None
            self.forget(f"{wanted}/{home.full_name.split('/', 1)[1]}")
            fork = self.fork_of(home, wanted)
            return None if fork is None else fork.full_name

        def ask() -> str:
            with self._asking(f"fork {parent}"):
                try:
                    fork = self._existing(parent).create_fork(organization=organization or NotSet)
                except GithubException as error:
                    if error.status != 422:
                        raise
                    name = there() if "already exist" in str(error.data).lower() else None
                    if name is not None:
                        return name
                    fields = [
                        e.get("field") for e in (error.data or {}).get("errors") or () if isinstance(e, dict)
                    ]
                    if organization is not None and "organization" in fields:
                        raise BadInput(
                            f"the token's account is not a member of {organization}, so it cannot fork there",
                            kind="fork-owner",
                            hint="--fork-owner names your own account or an organisation that you belong to",
                        ) from error
                    raise
                name = fork.full_name
            if not name:
                raise OutsideError(
                    f"GitHub did not say where the fork of {parent} is", retry=True, kind="github"
                )
            # It decides where is pushed to.
            return _full_name(name, f"fork {parent}")

        return self._again(f"fork {parent}", ask, there)

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
        head_repo: str | None = None,
    ) -> Pull:
        """Open a pull request, or give the one that is open already for this head and base.

        :param head_repo: ``owner/name`` of the head's repository, where the owner's name alone does not tell it.
        """
        home = self._existing(repository)
        modify = maintainer_can_modify

        def there() -> Pull | None:
            # Opened by this very request, whose answer was lost.
            found = self.pulls(repository, head=head, base=base, state="open")
            return found[0] if found else None

        def send() -> Pull:
            return self._send_pull(
                home, repository, head, base, title, body, draft=draft, modify=modify, head_repo=head_repo
            )

        return self._again(f"open a pull request on {repository}", send, there)

    def _send_pull(
        self,
        home: PyRepository,
        repository: str,
        head: str,
        base: str,
        title: str,
        body: str,
        *,
        draft: bool,
        modify: bool,
        head_repo: str | None,
    ) -> Pull:
        from github import GithubException
        from github.GithubObject import NotSet

        with self._asking(f"open a pull request on {repository}"):
            while True:
                try:
                    made = home.create_pull(
                        base=base,
                        head=head if head_repo is None else head.partition(":")[2],
                        title=title,
                        body=body,
                        draft=draft,
                        maintainer_can_modify=modify,
                        head_repo=NotSet if head_repo is None else head_repo,
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
            if made.raw_data.get("number") is None:  # PyGithub does not follow a 307 and says nothing
                raise OutsideError(
                    f"GitHub sent the request for {repository} elsewhere and no pull request was opened",
                    hint="run the command again: the repository may just have moved",
                )
            return _pull(repository, made.raw_data)

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
        wanted = {key: value for key, value in changes.items() if value is not None}

        def send() -> Pull:
            with self._asking(f"change {repository}#{number}"):
                path = f"/repos/{self._path_of(repository)}/pulls/{number}"
                _, data = self._github.requester.requestJsonAndCheck("PATCH", path, input=wanted)
                if not isinstance(data, dict):
                    raise _odd(path)
                return _pull(repository, data)

        return self._again(f"change {repository}#{number}", send)

    def set_draft(self, repository: str, number: int, draft: bool) -> None:
        """Make a pull request a draft, or ready for review."""

        def there() -> bool | None:
            return True if self.pull(repository, number).draft == draft else None

        def send() -> bool:
            with self._asking(f"change {repository}#{number}"):
                pull = self._existing(repository).get_pull(number)
                if draft:
                    pull.convert_to_draft()
                else:
                    pull.mark_ready_for_review()
            return True

        self._again(f"change {repository}#{number}", send, there)

    def comment(self, repository: str, number: int, body: str, *, mark: str) -> str:
        """Write a comment, once; gives its address.

        :param mark: hidden in the comment: one of ours that has it already is not written again.
        """
        hidden = f"<!-- contrib: comment {mark} -->"
        path = f"/repos/{self._path_of(repository)}/issues/{number}/comments"

        def there() -> str | None:
            with self._asking(f"read the comments of {repository}#{number}"):
                for each in self._list(path, 1000):
                    if hidden in str(each.get("body") or ""):
                        return str(each.get("html_url") or "")
            return None

        def send() -> str:
            with self._asking(f"comment on {repository}#{number}"):
                text = {"body": f"{body}\n\n{hidden}"}
                _, data = self._github.requester.requestJsonAndCheck("POST", path, input=text)
                return str(data.get("html_url") or "") if isinstance(data, dict) else ""

        already = there()
        if already is not None:
            return already
        return self._again(f"comment on {repository}#{number}", send, there)

    def delete_branch(self, repository: str, branch: str) -> None:
        """Delete a branch; one that is gone is no error."""
        with self._asking(f"delete the branch {branch} of {repository}"):
            path = f"/repos/{self._path_of(repository)}/git/refs/heads/{quote(branch)}"
            try:
                self._github.requester.requestJsonAndCheck("DELETE", path)
            except Exception as error:
                if getattr(error, "status", None) not in (404, 422):
                    raise

    def open_issue(self, repository: str, title: str, body: str) -> str:
        """Open an issue, or give the one that is open already with this title by us; gives its address."""
        path = f"/repos/{self._path_of(repository)}/issues"

        def there() -> str | None:
            with self._asking(f"list the issues of {repository}"):
                for each in self._list(path, 300, state="all", sort="created", direction="desc"):
                    if each.get("title") == title and "pull_request" not in each:
                        return str(each.get("html_url") or "")
            return None

        def send() -> str:
            with self._asking(f"open an issue on {repository}"):
                _, data = self._github.requester.requestJsonAndCheck(
                    "POST", path, input={"title": title, "body": body}
                )
                if not isinstance(data, dict) or not isinstance(data.get("html_url"), str):
                    raise _odd(path)
                return str(data["html_url"])

        already = there()
        if already is not None:
            return already
        return self._again(f"open an issue on {repository}", send, there)


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
        self._ready()

    def _ready(self) -> None:
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
        self.notify = lambda message: None

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

    def open_pulls(self, repository: str) -> tuple[Pull, ...]:
        """None."""
        return ()

    def pulls_by(self, repository: str, authors: Sequence[str]) -> tuple[Pull, ...]:
        """None."""
        return ()

    def issue(self, repository: str, number: int) -> Issue | None:
        """One that is open."""
        return Issue(f"{self.where.web}/{repository}/issues/{number}", "open")


def _with_root(where: Addresses, token: Token | None) -> Addresses:
    """A server on this machine may have its REST interface at its root, as some test servers do.

    With a token the first question (:meth:`GitHubReads.viewer`) tells.
    """
    if urlsplit(where.web).hostname not in _LOOPBACK or token is not None:
        return where
    if _nothing_at(f"{where.api}/user") and not _nothing_at(f"{where.web}/user"):
        return Addresses(where.web, where.web)
    return where  # where nobody answers, the first real request says what is wrong


def _nothing_at(url: str) -> bool:
    """Whether a server of this machine answers that there is nothing at an address."""
    from contrib.clients.addresses import origin
    from contrib.clients.http import Http

    try:
        Http(named={origin(url)}, waits=waits.Waits(0)).get(url, deadline=10)
    except BadInput:
        return True
    except OutsideError:
        pass
    return False


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

    from contrib.clients import ontime

    class TellingRetry(GithubRetry):
        @staticmethod
        def get_content(resp: Any, url: str) -> bytes:
            return ontime.beginning(resp)

        def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
            if method == "POST":
                # Refused for its rate, it had no effect. After anything else it may have: who sends it looks first.
                return status_code in (403, 429)
            return bool(super().is_retry(method, status_code, has_retry_after))

        def increment(
            self, method: Any = None, url: Any = None, response: Any = None, *rest: Any, **kw: Any
        ) -> Any:
            ontime.check()
            slowed = response is not None and response.status in (403, 429)
            if response is not None:
                _check_wait(response.headers, longest_wait)
            following = super().increment(method, url, response, *rest, **kw)
            if response is not None:
                seconds = float(following.get_retry_after(response) or following.get_backoff_time())
                times = sum(each.status in (403, 429) for each in following.history)
                if slowed and (times > 4 or seconds * times > longest_wait):
                    raise OutsideError(
                        f"GitHub keeps asking us to slow down; it was asked {times} times",
                        kind="rate-limit",
                        hint=f"run the same command again in {max(seconds, 60):.0f} seconds; what is done already is "
                        "found and kept",
                    )
                ontime.check(seconds)
                if not waits.COMMAND.take(seconds):
                    raise _too_long(seconds)
                if slowed:
                    notify(f"GitHub asks us to slow down; waiting {seconds:.0f} s")
                else:
                    notify(f"GitHub answered {response.status}; trying again in {seconds:.0f} s")
            return following

    return TellingRetry(
        total=5,
        backoff_factor=backoff,
        backoff_max=8,
        secondary_rate_wait=min(30.0, longest_wait),
        max_rate_limit_wait=longest_wait,
        status_forcelist=[429, *range(500, 600)],
        allowed_methods=frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"}),
    )


def _check_wait(headers: MutableMapping[str, str], longest_wait: float) -> None:
    """Refuse to sleep longer than a person would watch."""
    seconds = waits.asked(headers)
    if seconds is not None and seconds > min(longest_wait, waits.COMMAND.left):
        raise _too_long(seconds)
    # urllib3 and PyGithub read these headers once more, with less care.
    for name in ("Retry-After", "X-RateLimit-Reset"):
        if headers.get(name) is not None and re.fullmatch(r"[0-9]{1,12}", headers[name]) is None:
            headers.pop(name)
            if name == "Retry-After" and seconds is not None:
                headers[name] = str(int(seconds) + 1)


def _too_long(seconds: float) -> OutsideError:
    much = "more than a day"
    if seconds <= 86_400:
        again = datetime.fromtimestamp(time.time() + seconds).astimezone()
        much = f"{seconds:.0f} seconds"
    return OutsideError(
        f"GitHub asks to be left alone for {much}, longer than this command waits"
        + (f"; it starts anew at {again:%H:%M:%S %Z}" if seconds <= 86_400 else ""),
        kind="rate-limit",
        hint=f"run the same command again {waits.when(seconds)}; what is done already is found and kept",
    )


@contextmanager
def _aloud(notify: Notify, what: str) -> Iterator[None]:
    """Say every few seconds that something still takes its time."""
    ended = threading.Event()

    def tell() -> None:
        seconds = 0.0
        while not ended.wait(SILENCE):
            seconds += SILENCE
            notify(f"still waiting to {what} ({seconds:.0f} s) ...")

    thread = threading.Thread(target=tell, name="waiting", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()


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
        if isinstance(error, RequestException | OSError | RuntimeError) and not isinstance(error, ValueError):
            raise _network_error(what, error) from error
        # JSON that ends early, a page in its place, a shape that the documentation does not know.
        raise _odd(what) from error


def _odd(what: str) -> OutsideError:
    """An answer that cannot be understood."""
    return OutsideError(
        f"GitHub's answer cannot be understood ({what}): it is cut, or is not what its documentation says",
        kind="github",
        retry=True,
    )


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
    if isinstance(error.status, int) and error.status < 400:
        return _odd(what)
    message = " ".join(str(data.get("message") or error.data or "").split())[:300]
    listed = data.get("errors")
    items = listed if isinstance(listed, list) else []
    details = "; ".join(
        str(item.get("message") or item.get("code")) if isinstance(item, dict) else str(item)
        for item in items
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
        if re.fullmatch(r"[0-9]{1,10}", reset):
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
    if error.status == 422 and any(isinstance(item, dict) and item.get("field") == "head" for item in items):
        return OutsideError(
            f"could not {what}: GitHub does not see the branch (yet)", kind="invalid-head", retry=True
        )
    if error.status in (404, 410):
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
    from requests.exceptions import ProxyError, SSLError

    text = str(error).lower()
    if isinstance(error, SSLError):
        return OutsideError(
            f"could not {what}: the certificate of the server, or of a proxy in between, is not trusted",
            kind="network",
            hint="set SSL_CERT_FILE or REQUESTS_CA_BUNDLE to your organisation's certificates",
        )
    if isinstance(error, ProxyError):
        return OutsideError(
            f"could not {what}: the proxy does not answer", kind="network", hint="see HTTPS_PROXY"
        )
    if re.search(r"too many (?:403|429) error responses", text):
        return OutsideError(
            f"could not {what}: GitHub keeps asking us to slow down",
            kind="rate-limit",
            hint="run the same command again in a minute; what is done already is found and kept",
        )
    if re.search(r"too many 5\d\d error responses", text):
        return OutsideError(f"could not {what}: GitHub answers with server errors", kind="github", retry=True)
    return OutsideError(f"could not {what}: there is no connection to GitHub", kind="network", retry=True)


def _repository_info(found: PyRepository, where: Addresses) -> RepositoryInfo:
    raw = found.raw_data
    permissions = raw.get("permissions")
    name = _full_name(raw.get("full_name"), "look up a repository")
    branch = raw.get("default_branch") or "master"
    try:
        checked_ref(branch if isinstance(branch, str) else "")
    except BadInput:
        raise _odd(f"the default branch of {name}") from None
    return RepositoryInfo(
        full_name=name,
        # Made here and not taken from the answer: what GitHub says must not send git, and the token, elsewhere.
        clone_url=where.clone_url(name),
        html_url=f"{where.web}/{name}",
        default_branch=branch,
        fork=bool(raw.get("fork")),
        parent=(raw.get("parent") or {}).get("full_name"),
        source=(raw.get("source") or {}).get("full_name"),
        can_push=None if permissions is None else bool(permissions.get("push")),
        archived=bool(raw.get("archived")),
    )


def _pull(repository: str, raw: Mapping[str, Any], *, whole: bool = False) -> Pull:
    """Our value; ``whole`` for one that was asked for by number, which alone tells ``mergeable_state``.

    :raises OutsideError: the shape is not GitHub's.
    """
    head, base = raw.get("head"), raw.get("base")
    number, state = raw.get("number"), raw.get("state")
    if not isinstance(head, dict) or not isinstance(base, dict) or type(number) is not int:
        raise _odd(f"read a pull request of {repository}")
    if state not in ("open", "closed") or not isinstance(raw.get("labels") or [], list):
        raise _odd(f"read a pull request of {repository}")
    head_repository = head.get("repo")
    merged_at = _time(raw.get("merged_at"))
    return Pull(
        repository=repository,
        number=number,
        url=_text(raw, "html_url"),
        title=_text(raw, "title"),
        body=str(raw.get("body") or ""),
        author=_login(raw.get("user")),
        state=state,
        draft=bool(raw.get("draft")),
        merged=merged_at is not None or (whole and bool(raw.get("merged"))),
        merged_at=merged_at,
        closed_at=_time(raw.get("closed_at")),
        updated_at=_time(raw.get("updated_at")),
        merge_commit_sha=raw.get("merge_commit_sha") or None,
        mergeable_state=raw.get("mergeable_state") if whole else None,
        head_owner=_login(head.get("user")) or None,
        head_repository=_full_name(head_repository.get("full_name"), "the head of a pull request")
        if isinstance(head_repository, dict)
        else None,
        head_branch=_text(head, "ref"),
        head_sha=_text(head, "sha"),
        base_branch=_text(base, "ref"),
        labels=tuple(str(label.get("name")) for label in raw.get("labels") or () if isinstance(label, dict)),
        comments=raw.get("comments") if whole and type(raw.get("comments")) is int else None,
        review_comments=raw.get("review_comments")
        if whole and type(raw.get("review_comments")) is int
        else None,
    )


def _full_name(value: object, what: str) -> str:
    """``owner/name`` of an answer, which becomes part of an address."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}", value):
        raise _odd(what)
    if any(set(part) <= {"."} for part in value.split("/")):
        raise _odd(what)
    return value


def _text(raw: Mapping[str, Any], name: str) -> str:
    """A text of an answer."""
    value = raw.get(name)
    if not isinstance(value, str):
        raise _odd(f"its {name}")
    return value


def _time(value: object) -> datetime | None:
    """A time of an answer, with its zone."""
    if value is None:
        return None
    try:
        return datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError as error:
        raise _odd("a time") from error


def _login(user: Any) -> str:
    """Login of a user; empty for an account that is gone."""
    if user is None:
        return ""
    login = user.get("login") if isinstance(user, dict) else getattr(user, "login", None)
    if not isinstance(login, str):
        raise _odd("a login")
    return login


def _check_state(state: str | None) -> str:
    if state in ("success", "neutral", "action_required"):
        return state
    if state == "skipped":
        return "neutral"
    if state in ("failure", "error", "cancelled", "timed_out", "startup_failure", "stale"):
        return "failure"
    return "pending"
