"""Ask first: one issue in the image's repository that makes the case, and the link to it from the pull requests."""

from __future__ import annotations

import re
from collections.abc import Sequence

from contrib.clients.github import GitHubReads
from contrib.pulls.sections import Section
from contrib.values.errors import BadInput

#: Parts of a pull request's text that an issue needs, too.
_PARTS = ("opening", "case", "versions", "bases", "questions", "ask")


def title(image_title: str) -> str:
    """The issue's title; it is what the issue is found by."""
    return f"Windows variants of {image_title}?"


def text(image_title: str, sections: Sequence[Section]) -> str:
    """The issue's text.

    :param sections: of the pull request that would follow.
    """
    parts = [section.text.strip("\n") for section in sections if section.name in _PARTS]
    parts = [re.sub(r"\{#[A-Z]\d*\}", "", part) for part in parts]
    lead = (
        f"Would you take Windows variants of {image_title} into this repository? A pull request is ready; this asks "
        "first, so that nobody spends time on something that is not wanted."
    )
    return "\n\n".join([lead, *parts]) + "\n"


def agreed(url: str, github: GitHubReads, repositories: Sequence[str]) -> tuple[Section, str]:
    """The section that links the issue where it was agreed, and what a person should know of it (empty for nothing).

    :param repositories: names of the image's own repository, in use and former ones.
    :raises BadInput: the address is not one of an issue in that repository, or there is no such issue.
    """
    web = re.escape(github.where.web)
    found = re.fullmatch(
        rf"{web}/(?P<name>[\w.-]+/[\w.-]+)/(?P<kind>issues|pull|discussions)/(?P<number>[1-9]\d{{0,9}})(?:#[\w-]+)?",
        url,
    )

    def refuse(why: str) -> BadInput:
        return BadInput(
            f"--agreed {url}: {why}",
            kind="usage",
            hint=f"for example {github.where.web}/{repositories[0]}/issues/1",
        )

    if found is None:
        raise refuse(f"that is not the address of an issue on {github.where.host}")
    known = {name.lower() for name in repositories}
    if found["name"].lower() not in known:
        raise refuse(f"that is in {found['name']}, and the image's repository is {repositories[0]}")
    if found["kind"] != "issues":
        raise refuse(f"that is a {'pull request' if found['kind'] == 'pull' else 'discussion'}, not an issue")
    issue = github.issue(found["name"], int(found["number"]))
    if issue is None:
        raise refuse(f"{found['name']} has no such issue")
    if issue.pull:
        raise refuse("that is a pull request, not an issue")
    now = re.fullmatch(rf"{web}/([\w.-]+/[\w.-]+)/issues/\d+", issue.url)
    if now is None or now[1].lower() not in known:
        raise refuse(f"that issue is elsewhere now: {issue.url}")
    doubt = f"{url} was closed as not planned" if issue.reason == "not_planned" else ""
    return Section("agreed", f"Agreed in {url}."), doubt
