"""The Windows bases that official-images pins: what each is, and whether its pin may move now.

A Windows image runs only on a host whose build is not older than its own, so a pin waits until the machines
that build official images and GitHub's runners have the base's build (docker-library/official-images#18443, #18447).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contrib.values.windows import build_of, release_of


@dataclass(frozen=True, slots=True)
class PinState:
    """One pinned base.

    :param digest: as official-images has it. :param version: its ``os.version``; None when nobody could be asked.
    :param floating: digest and ``os.version`` of the tag as the registry has it now.
    :param exact: digest of the tag that is named by the floating one's ``os.version``.
    :param runner: newest build of GitHub's runner of that release.
    :param since: day on which the pin was last moved.
    """

    reference: str
    digest: str
    version: str | None = None
    floating: tuple[str, str] | None = None
    exact: str | None = None
    runner: str | None = None
    since: str | None = None

    @property
    def verdict(self) -> tuple[str, str]:
        """``current``, ``may-move``, ``waits`` or ``unknown``, and why."""
        if self.floating is None:
            return "unknown", "the registry was not asked"
        digest, version = self.floating
        if digest == self.digest:
            return "current", "the pin is what the tag is"
        if self.exact is not None and self.exact != digest:
            return (
                "waits",
                f"the tag differs from {version}, the tag of its own version: it is being published",
            )
        new, host = build_of(version), build_of(self.runner or "")
        if new is None or host is None:
            return "unknown", f"the tag is {version} now, and the runners' build is not known"
        if host < new:
            return "waits", f"the tag is {version} now, and the runners have {self.runner}, which is older"
        return "may-move", f"the tag is {version} now, and the runners have {self.runner}"

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        state, why = self.verdict
        release = release_of(self.reference)
        return {
            "reference": self.reference,
            "digest": self.digest,
            "os_version": self.version,
            "floating": None
            if self.floating is None
            else {"digest": self.floating[0], "os_version": self.floating[1]},
            "differs_from_full_tag": None
            if self.floating is None or self.exact is None
            else self.exact != self.floating[0],
            "runner": self.runner,
            "since": self.since,
            "ends": release.extended.isoformat() if release else None,
            "state": state,
            "why": why,
        }


def runner_builds(releases: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The newest ``os.version`` of each of GitHub's Windows runners, by release (``ltsc2022``).

    :param releases: of actions/runner-images, as GitHub's API gives them, newest first.
    """
    import re

    found: dict[str, str] = {}
    for item in releases:
        tag, body = item.get("tag_name"), item.get("body")
        if not isinstance(tag, str) or not isinstance(body, str) or item.get("prerelease") is True:
            continue
        name = re.match(r"win(\d\d)(?:-vs\d+)?/", tag)
        build = re.search(r"OS Version:\**\s*(10\.0\.\d+)\s+Build\s+(\d+)", body)
        if name and build:
            found.setdefault(f"ltsc20{name[1]}", f"{build[1]}.{build[2]}")
    return found
