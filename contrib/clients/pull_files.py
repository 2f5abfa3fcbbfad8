"""What a pull request changes, read over GitHub's REST interface: no clone, one request per file and side."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contrib.clients.github import _translated
from contrib.values.errors import OutsideError

if TYPE_CHECKING:
    from contrib.clients.github import GitHub

#: More changed files than this are not listed by GitHub.
MOST_FILES = 3000
_PULL = re.compile(
    r"(?:(?P<web>https?://[\w.-]+(?::[0-9]{1,5})?)|(?:www\.)?github\.com)"
    r"/(?P<repository>[\w.-]+/[\w.-]+)/pull/(?P<number>[0-9]{1,10})(?:\.diff|\.patch)?/?(?:[/?#].*)?"
)
_SHORT = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)#(?P<number>[0-9]{1,10})")


@dataclass(frozen=True, slots=True)
class PullAddress:
    """The address of a pull request.

    :ivar web: of the GitHub, without a path.
    """

    web: str
    repository: str
    number: int

    def __str__(self) -> str:
        return f"{self.web}/{self.repository}/pull/{self.number}"


def pull_address(text: str, web: str = "https://github.com") -> PullAddress | None:
    """The address that a text is, as a browser shows it or short, None for any other text.

    :param web: the GitHub of the short form ``OWNER/REPO#NUMBER``.

    >>> pull_address("https://github.com/docker-library/redis/pull/78/files").number
    78
    >>> str(pull_address("docker-library/redis#78"))
    'https://github.com/docker-library/redis/pull/78'
    """
    found = _PULL.fullmatch(text)
    if found is not None:
        return PullAddress(found["web"] or "https://github.com", found["repository"], int(found["number"]))
    found = _SHORT.fullmatch(text)
    return None if found is None else PullAddress(web, found["repository"], int(found["number"]))


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file of a pull request.

    :ivar before: its path before, which a rename changes; None for a new file.
    :ivar removed: it is gone.
    """

    path: str
    before: str | None
    removed: bool


class PullFiles:
    """The files of one pull request, as they are and as they were.

    :raises OutsideError: when GitHub does not answer, or has no such pull request.
    """

    def __init__(self, github: GitHub, where: PullAddress) -> None:
        self._github = github
        self.where = where
        with _translated(f"read {where.repository}#{where.number}"):
            self._repository = github._existing(where.repository)
            self._pull: Any = self._repository.get_pull(where.number)
            self.title = str(self._pull.title)
            self.message = f"{self._pull.title}\n{self._pull.body or ''}"
            self.head: str = self._pull.head.sha
            self._changed = int(self._pull.changed_files or 0)
            self.date: str = self._pull.updated_at.date().isoformat() if self._pull.updated_at else ""
        self.base = self._merge_base()
        self.unlisted = 0

    def _merge_base(self) -> str:
        """Where the branch left the base: told by a comparison, else the parent of its first commit."""
        try:
            with _translated(f"compare {self.where.repository}#{self.where.number} with its base"):
                return str(self._repository.compare(self._pull.base.sha, self.head).merge_base_commit.sha)
        except OutsideError as error:  # an older GitHub, or one that does not compare
            if error.kind not in ("not-found", "github"):
                raise
        with _translated(f"read the commits of {self.where.repository}#{self.where.number}"):
            first = next(iter(self._pull.get_commits()), None)
            parents = first.commit.parents or first.parents if first is not None else []
            return str(parents[0].sha) if parents else str(self._pull.base.sha)

    def files(self) -> list[ChangedFile]:
        """Changed files, in GitHub's order. :attr:`unlisted` then says how many GitHub did not tell."""
        from itertools import islice

        with _translated(f"list the files of {self.where.repository}#{self.where.number}"):
            listed = [
                ChangedFile(
                    file.filename,
                    None if file.status == "added" else file.previous_filename or file.filename,
                    file.status == "removed",
                )
                for file in islice(self._pull.get_files(), MOST_FILES)
            ]
        self.unlisted = max(self._changed - len(listed), 0)
        return listed

    def read(self, path: str, commit: str) -> bytes | None:
        """A file at a commit; None where there is none, or where it is no file of at most 1 MiB.

        GitHub gives the bytes of larger files, of links to nowhere and of submodules by no request of this kind
        (https://docs.github.com/en/rest/repos/contents).
        """
        from github import GithubException, UnknownObjectException

        with _translated(f"read {path} of {self.where.repository}"):
            try:
                found = self._repository.get_contents(path, ref=commit)
            except UnknownObjectException:
                return None
            except GithubException as error:
                if "too_large" in str(error.data):
                    return None
                raise
            if isinstance(found, list) or found.encoding != "base64":
                return None
            return bytes(found.decoded_content)

    def names(self, folder: str, commit: str) -> list[tuple[str, bool]]:
        """(path, whether it is a directory) of what a directory holds; nothing where there is none."""
        from github import UnknownObjectException

        with _translated(f"list {folder} of {self.where.repository}"):
            try:
                found = self._repository.get_contents(folder, ref=commit)
            except UnknownObjectException:
                return []
        return [(each.path, each.type == "dir") for each in (found if isinstance(found, list) else [found])]

    # -- our comment --

    def comment(self, marker: str, body: str, login: str) -> tuple[str, bool]:
        """Write a comment, or change ours: the one that starts with ``marker`` and is by ``login``.

        :param login: empty for a token that is no account's (a workflow's own): its comments are a bot's, and
            GitHub says whether that bot is us.
        :returns: its address, and whether it was there before.
        """
        from github import GithubException

        with _translated(f"comment on {self.where.repository}#{self.where.number}"):
            for each in self._pull.get_issue_comments():
                author = each.user  # None for an account that is gone
                if author is None or not (each.body or "").startswith(marker):
                    continue
                if (author.login.lower() != login.lower()) if login else (author.type != "Bot"):
                    continue
                if each.body != body:
                    try:
                        each.edit(body)
                    except GithubException as error:
                        if login or error.status not in (403, 404):
                            raise
                        continue  # another bot's
                return str(each.html_url), True
            return str(self._pull.create_issue_comment(body).html_url), False
