"""`contrib doctor`: what a pull request needs, looked at before anything is tried; each lack with its mend."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contrib.cli.common import Terminal, emit, report_options, terminal_options
from contrib.cli.github import Account, github_options, token_of
from contrib.cli.job import today_given
from contrib.cli.options import offline_option, templates_option
from contrib.values.errors import BadInput, ContribError, OutsideError
from contrib.values.visible import paint

if TYPE_CHECKING:
    from contrib.clients.github import GitHub, Viewer
    from contrib.images.model import Image
    from contrib.pulls.readiness import Problem

#: Seconds that GitHub has for its first answer.
_PATIENCE = 3.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    :param state: ``ok``, ``note`` (worth knowing), ``warning`` (may be in the way), ``error`` (is).
    :param mend: what to do about it, preferably a command.
    """

    name: str
    state: str
    text: str
    mend: str | None = None


@click.command(name="doctor")
@click.argument("image", required=False)
@templates_option
@offline_option
@github_options
@report_options("text", "json")
@terminal_options
def command(
    image: str | None,
    templates: Path | None,
    offline: bool,
    account: Account,
    format_: str,
    output: Path | None,
    terminal: Terminal,
) -> int:
    """Look at git, the token, the forks of IMAGE's repositories, caches and proxies; say what to fix.

    Nothing is changed. Exits 1 when something would stop `contrib pr`.

    \b
    contrib doctor redis
    contrib doctor redis --offline
    """
    checks: list[Check] = []
    for check in _look(image, templates, offline, account, terminal):
        checks.append(check)
        terminal.debug(f"{check.name}: {check.state}")
    bad = any(check.state == "error" for check in checks)
    if format_ == "json":
        shape = {
            "ok": not bad,
            "checks": [{"name": c.name, "state": c.state, "text": c.text, "mend": c.mend} for c in checks],
        }
        emit(json.dumps(shape, indent=2, ensure_ascii=False), output)
    else:
        emit(_text(checks, terminal, output), output)
    return 1 if bad else 0


def _text(checks: list[Check], terminal: Terminal, output: Path | None) -> str:
    colors = {"ok": "32", "note": "36", "warning": "33", "error": "31"}
    lines = []
    for check in checks:
        word = f"{check.state:<8}"
        if terminal.color and output is None:
            word = paint(word, colors[check.state])
        lines.append(f"{word} {check.name}: {check.text}")
        if check.mend is not None:
            lines.append(f"         {check.mend}")
    return "\n".join(lines)


def _look(
    image: str | None, templates: Path | None, offline: bool, account: Account, terminal: Terminal
) -> Iterator[Check]:
    from contrib.images import load, names

    images = [load(name, templates) for name in ([image] if image else names(templates))]
    if image:
        yield from _case(images[0])
    yield from _git()
    yield _cache()
    yield from _network_settings()
    try:
        token = token_of(account)
    except BadInput as error:
        yield Check("token", "error", str(error))
        return
    if offline:
        yield Check("GitHub", "note", "not asked (--offline)")
        return
    unreachable = _reach(account.github_url)
    if unreachable is not None:
        if token is None:
            yield _no_token(account.github_url)
        yield unreachable
        return
    yield from _github(account, images if image else [], terminal, token is not None)


def _reach(address: str) -> Check | None:
    """Whether GitHub answers at all, in seconds that a person waits; what is asked later is tried for longer."""
    from contrib.clients.addresses import origin
    from contrib.clients.http import Http

    try:
        Http(named={origin(address)}).get(address, deadline=_PATIENCE)
    except BadInput:
        return None  # it answered
    except OutsideError as error:
        if error.kind in ("rate-limit", "outside"):
            return None
        return Check(
            "GitHub",
            "error",
            f"{address}: {error.message}",
            "see the network, and HTTPS_PROXY",
        )
    return None


def _no_token(address: str) -> Check:
    from urllib.parse import urlsplit

    return Check(
        "token",
        "error",
        f"there is none for {urlsplit(address).netloc}; reading works, proposing does not",
        "gh auth login, or a classic token with public_repo in CONTRIB_GITHUB_TOKEN or --token-file",
    )


def _case(image: Image) -> Iterator[Check]:
    """What the image's history says of proposing it now."""
    from contrib.cli.records import case_of

    case = case_of(image)
    if case is None:
        yield Check(
            "the case",
            "note",
            f"{image.name} has no case.toml: what its maintainers decided before is not known",
        )
        return
    state = {"go": "ok", "ask-first": "note", "not-yet": "warning"}[case.advice.verdict]
    mend = "this would change it: " + "; ".join(case.advice.until) if case.advice.until else None
    yield Check("the case", state, case.advice.sentence, mend)
    if case.stale(today_given()):
        yield Check("the case", "warning", f"its threads were last read on {case.looked}", "read them again")


def _git() -> Iterator[Check]:
    from contrib.clients.commits import git_version, identity
    from contrib.pulls import readiness

    try:
        version = git_version()
    except OutsideError as error:
        yield Check("git", "error", error.message, error.hint)
        return
    old = readiness.of_git(version)
    yield Check("git", "ok", version) if old is None else _check(old)
    try:
        yield Check("git identity", "ok", str(identity(None)))
    except BadInput as error:
        yield Check("git identity", "error", error.message, error.hint)


def _check(problem: Problem) -> Check:
    """What stops `contrib pr`, as a check."""
    return Check(problem.name, "error", problem.text, problem.fix)


def _cache() -> Check:
    from contrib.clients.git import default_cache_dir

    directory = default_cache_dir()
    nearest = next((path for path in (directory, *directory.parents) if path.exists()), directory)
    if not os.access(nearest, os.W_OK):
        return Check("cache", "error", f"{directory} cannot be written", f"make {nearest} writable")
    if not directory.exists():
        return Check("cache", "ok", f"{directory} (empty)")
    clones = sum(1 for path in (directory / "git").glob("*") if path.is_dir())
    return Check("cache", "ok", f"{directory} ({clones} repositories)")


def _network_settings() -> Iterator[Check]:
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        value = os.environ.get(name)
        if value:
            # A proxy's address may hold a password.
            yield Check(name, "note", re.sub(r"//[^/@]*@", "//…@", value))
            if name.endswith(("FILE", "BUNDLE")) and not Path(value).exists():
                yield Check(name, "error", f"{value} does not exist", f"unset {name}")


def _github(account: Account, images: list[Image], terminal: Terminal, has_token: bool) -> Iterator[Check]:
    from contrib.clients.github import connect

    token = token_of(account)
    github = connect(account.github_url, token, dry_run=True, notify=terminal.say)
    viewer: Viewer | None = None
    if not has_token:
        yield _no_token(account.github_url)
    try:
        viewer = github.viewer()
    except OutsideError as error:
        yield Check("GitHub", "error", error.message, error.hint)
        return
    if viewer is not None:
        goes_to = (
            [*(each.name for each in image.repositories[:1])] if (image := next(iter(images), None)) else []
        )
        yield from _token(viewer, str(token), [name.split("/", 1)[0] for name in goes_to])
    try:
        remaining, limit, reset = github.rate_limit()
        state = "ok" if remaining > 100 else "warning"
        yield Check(
            "rate limit", state, f"{remaining} of {limit} requests left, anew at {reset.astimezone():%H:%M}"
        )
    except OutsideError as error:
        yield Check("GitHub", "error", error.message, error.hint)
        return
    owner = account.fork_owner or (viewer.login or None if viewer is not None else None)
    for image in images:
        looked = [[*_repository(github, repository.name, owner, viewer)] for repository in image.repositories]
        # Each layout may have a repository of its own; a GitHub that has one of them will do.
        for found in sorted(looked, key=lambda checks: any(check.state == "error" for check in checks)):
            there = any(other and other[0].state != "error" for other in looked)
            if there and found and found[0].state == "error":
                found = [replace(check, state="note") if check.state == "error" else check for check in found]
            yield from found
        yield from _repository(github, image.official_images.repository.name, owner, viewer)


def _token(viewer: Viewer, source: str, owners: list[str]) -> Iterator[Check]:
    from contrib.pulls import readiness

    who = f"{viewer.login}, {source}"
    problem = readiness.of_token(viewer, source, owners)
    if problem is not None:
        yield _check(problem)
        return
    if viewer.scopes is None:
        yield Check("token", "ok", f"{who}: its scopes are not told")
        return
    scopes = ", ".join(viewer.scopes) or "none"
    yield Check("token", "ok", f"{who}: {scopes}")
    if "workflow" not in viewer.scopes:
        yield Check(
            "scope workflow",
            "note",
            "missing; GitHub refuses a push that brings changed workflow files with it, which a contribution may",
            "gh auth refresh -s workflow, or the scope in https://github.com/settings/tokens",
        )


def _repository(github: GitHub, name: str, owner: str | None, viewer: Viewer | None) -> Iterator[Check]:
    from contrib.pulls import readiness

    try:
        home = github.repository(name)
        if home is None:
            yield Check(name, "error", "GitHub has no such repository, or the token may not see it")
            return
        archived = readiness.of_home(home)
        if archived is not None:
            yield _check(archived)
        if home.full_name.lower() != name.lower():
            yield Check(name, "note", f"is {home.full_name} now; pull requests go there")
        else:
            yield Check(name, "ok", f"its default branch is {home.default_branch}")
        if owner is None:
            return
        inside = readiness.of_branch(home, owner)
        if inside is not None:
            yield _check(inside)
            return
        fork = github.fork_of(home, owner)
        stops = [*readiness.of_owner(github, viewer, owner, fork)]
        stops += [problem] if fork is not None and (problem := readiness.of_fork(fork)) is not None else []
        yield from map(_check, stops)
        if stops:
            return
        if fork is None:
            there = github.repository(f"{owner}/{home.full_name.split('/', 1)[1]}")
            taken = (
                " (a repository of that name is something else; GitHub will name the fork otherwise)"
                if there
                else ""
            )
            yield Check(f"fork of {home.full_name}", "ok", f"none yet, `contrib pr` makes it{taken}")
            return
        same = fork.full_name.split("/", 1)[1] == home.full_name.split("/", 1)[1]
        named = (
            ""
            if same
            else "; classic CI scripts take the image's name from the fork's, and this one is another"
        )
        yield Check(f"fork of {home.full_name}", "ok" if same else "note", f"{fork.full_name}{named}")
        if github.actions_enabled(fork.full_name) is False:
            yield Check(
                f"Actions in {fork.full_name}",
                "note",
                "off, as in every new fork; only `contrib pr --rehearse` needs them",
                f"{github.where.web}/{fork.full_name}/actions",
            )
    except ContribError as error:
        yield Check(name, "error", error.message, error.hint)
