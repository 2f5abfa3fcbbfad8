"""What must be so before anything is proposed: one list, for `doctor`, for the plan and for the run.

Whatever makes ``contrib pr`` end before its first write is here, and makes ``contrib doctor`` exit 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from contrib.clients.github import GitHubReads, RepositoryInfo, Viewer
from contrib.values.errors import BadInput

#: git reads configuration from the environment (GIT_CONFIG_COUNT) since this version; the token travels there.
OLDEST_GIT = (2, 31)

#: Scopes of a classic token with which pull requests can be opened.
SCOPES = frozenset({"repo", "public_repo"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that stops ``contrib pr``.

    :param name: what it is about. :param text: one clause. :param fix: what to do, preferably a command.
    :param guard: name of the guard that it is; empty where it is none.
    """

    name: str
    text: str
    fix: str
    guard: str = ""

    def refuse(self) -> BadInput:
        """As an error."""
        return BadInput(f"{self.name} {self.text}", hint=self.fix)


def of_git(version: str) -> Problem | None:
    """A git that is too old. :param version: as git says it."""
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    if numbers >= OLDEST_GIT:
        return None
    oldest = ".".join(map(str, OLDEST_GIT))
    return Problem(
        "git", f"{version} is too old: {oldest} or newer is needed", "https://git-scm.com/downloads"
    )


def of_token(viewer: Viewer, source: str, owners: Iterable[str] = ()) -> Problem | None:
    """A token that is known to be unable.

    :param source: where it came from. :param owners: of the repositories that pull requests go to.
    """
    who = f"{viewer.login}, {source}"
    if not viewer.login:
        return Problem(
            "token",
            f"{source}: it belongs to an app, not to an account, and may not open pull requests elsewhere",
            "a classic token with public_repo in CONTRIB_GITHUB_TOKEN",
        )
    foreign = [name for name in owners if name.lower() != viewer.login.lower()]
    if viewer.kind == "fine-grained" and (foreign or not list(owners)):
        return Problem(
            "token",
            f"{who}: fine-grained; GitHub lets it open pull requests on your own repositories only",
            "a classic token with public_repo: https://github.com/settings/tokens, or gh auth login",
            "token",
        )
    if viewer.scopes is not None and viewer.kind != "fine-grained" and not SCOPES & set(viewer.scopes):
        has = ", ".join(viewer.scopes) or "none"
        return Problem(
            "token",
            f"{who}: the scope public_repo is missing (it has: {has})",
            "https://github.com/settings/tokens/new?scopes=public_repo,workflow&description=contrib, or "
            "gh auth refresh -s public_repo",
            "token",
        )
    return None


def of_home(home: RepositoryInfo) -> Problem | None:
    """An upstream repository that takes no pull requests."""
    if home.archived:
        return Problem(
            home.full_name,
            "is archived and takes no pull requests",
            f"look at {home.html_url} for where it is kept now",
        )
    return None


def of_fork(fork: RepositoryInfo) -> Problem | None:
    """A fork that nothing can be pushed to."""
    if fork.archived:
        return Problem(
            fork.full_name,
            "is archived: no branch can be pushed to it",
            f"unarchive it in {fork.html_url}/settings",
        )
    return None


def of_branch(home: RepositoryInfo, owner: str) -> Problem | None:
    """A head in upstream itself, without a word that this is meant."""
    if owner.lower() != home.owner.lower():
        return None
    return Problem(
        f"fork of {home.full_name}",
        f"{owner} owns {home.full_name}: the branch would be made in upstream itself",
        "--fork-owner names another account; --no-fork says that it is meant",
        "upstream-branch",
    )


def of_owner(
    github: GitHubReads, viewer: Viewer | None, owner: str | None, fork: RepositoryInfo | None
) -> Iterator[Problem]:
    """An organisation (``--fork-owner``) in which this account can make no fork."""
    if viewer is None or owner is None or owner.lower() == viewer.login.lower() or fork is not None:
        return
    if github.member_of(owner, viewer.login) is False:
        yield Problem(
            f"--fork-owner {owner}",
            f"{viewer.login} is not a member of {owner}, so it cannot fork there",
            "--fork-owner names your own account or an organisation that you belong to",
        )
