"""What `pr`, `status` and `doctor` share: which GitHub, whose token, whose fork."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from contrib.cli.common import Terminal
from contrib.cli.options import gathered, together
from contrib.values.errors import BadInput
from contrib.values.records import dataclass

if TYPE_CHECKING:
    from contrib.clients.commits import Identity
    from contrib.clients.github import GitHub, Token, Viewer
    from contrib.values.guards import Guards

F = TypeVar("F", bound=Callable[..., Any])

#: How a commit's author is shown in a dry run where git does not know the person.
UNKNOWN = ("Your Name", "you@example.com")


@dataclass(frozen=True, slots=True)
class Account:
    """Which GitHub, and as whom.

    :param fork_owner: account or organisation whose forks hold the branches; None is the token's own.
    """

    github_url: str
    token_file: Path | None
    fork_owner: str | None


def github_url_options(function: F) -> F:
    """``--github-url`` and ``--token-file``."""
    return together(
        click.option(
            "--github-url",
            default="https://github.com",
            show_default=True,
            metavar="URL",
            help="Address of the GitHub.",
        ),
        click.option(
            "--token-file",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            help="File with the token [default: CONTRIB_GITHUB_TOKEN, GH_TOKEN, GITHUB_TOKEN, gh].",
        ),
    )(function)


def github_options(function: F) -> F:
    """``--github-url``, ``--token-file``, ``--fork-owner``; the command gets ``account``."""

    @github_url_options
    @click.option(
        "--fork-owner",
        metavar="LOGIN",
        help="Organisation whose fork holds the branches [default: your own account].",
    )
    def wrapper(
        *args: Any, github_url: str, token_file: Path | None, fork_owner: str | None, **kwargs: Any
    ) -> Any:
        return function(*args, account=Account(github_url, token_file, fork_owner), **kwargs)

    return gathered(wrapper, function)


def token_of(account: Account) -> Token | None:
    """The person's token for the account's GitHub."""
    from contrib.clients.github import addresses, find_token

    return find_token(account.token_file, host=addresses(account.github_url).host)


def connect(
    account: Account,
    terminal: Terminal,
    *,
    dry_run: bool,
    guards: Guards | None = None,
    owners: Sequence[str] = (),
) -> tuple[GitHub, Viewer | None]:
    """The client, and who the token belongs to.

    :param guards: told of a token that is known to be insufficient. :param owners: of the repositories to write to.
    :raises BadInput: where something is to be written and there is no token, or one that cannot do it.
    """
    from contrib.clients.github import addresses, connect, kept_back

    where = addresses(account.github_url)
    token = token_of(account)
    kept = kept_back(where.host)
    if kept and (token is None or not token.source.startswith("CONTRIB_")):
        terminal.warn(
            f"{' and '.join(kept)} {'are' if len(kept) > 1 else 'is'} not sent to {where.host}: it is not theirs"
        )
    if token is None and not dry_run:
        raise BadInput(
            f"there is no token for {where.host}",
            kind="authentication",
            hint="gh auth login, or put a classic token with public_repo into CONTRIB_GITHUB_TOKEN or --token-file",
        )
    github = connect(account.github_url, token, dry_run=dry_run, notify=terminal.say)
    viewer = github.viewer()
    if viewer is not None:
        terminal.debug(f"{where.host}: {viewer.login}, {viewer.kind} {token}")
        check_token(viewer, str(token), dry_run=dry_run, terminal=terminal, guards=guards, owners=owners)
    return github, viewer


def check_token(
    viewer: Viewer,
    source: str,
    *,
    dry_run: bool,
    terminal: Terminal,
    guards: Guards | None = None,
    owners: Sequence[str] = (),
) -> None:
    """Say that a token is known to be unable; with ``guards`` it stops the run.

    Scopes that are not told are no refusal.
    """
    from contrib.pulls import readiness

    problem = readiness.of_token(viewer, source, owners)
    if problem is None:
        return
    if problem.guard and guards is not None and not dry_run:
        guards.stop(problem.guard, f"{problem.text}: {problem.fix}", (problem.fix,))
    elif viewer.login:
        terminal.warn(f"{problem.text}: {problem.fix}")


def author_of(directory: Path | None, terminal: Terminal, *, dry_run: bool) -> Identity:
    """The commits' author; a placeholder in a dry run where git does not know the person."""
    from contrib.clients.commits import Identity, identity

    try:
        return identity(directory)
    except BadInput as error:
        if not dry_run:
            raise
        terminal.warn(f"{error.message}; the real run needs it ({error.hint})")
        return Identity(*UNKNOWN)
