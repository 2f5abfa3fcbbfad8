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


def agreed(url: str, github: GitHubReads, repositories: Sequence[str]) -> Section:
    """The section that links where it was agreed.

    :param repositories: names of the image's own repository, in use and former ones.
    :raises BadInput: the address is not one of an issue, a discussion or a pull request in that repository.
    """
    web = re.escape(github.where.web)
    found = re.fullmatch(
        rf"{web}/(?P<name>[\w.-]+/[\w.-]+)/(?:issues|pull|discussions)/(?P<number>[1-9]\d{{0,9}})(?:#[\w-]+)?",
        url,
    )
    if found is None:
        raise BadInput(
            f"--agreed {url}: that is not the address of an issue on {github.where.host}",
            kind="usage",
            hint=f"for example {github.where.web}/{repositories[0]}/issues/1",
        )
    if found["name"].lower() not in {name.lower() for name in repositories}:
        raise BadInput(
            f"--agreed {url}: that is in {found['name']}, and the image's repository is {repositories[0]}",
            kind="usage",
        )
    return Section("agreed", f"Agreed in {url}.")
