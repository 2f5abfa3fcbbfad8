"""Variants that are held back: why, and until when, as upstream's own script carries it.

People at docker-library turn the item of a list into a comment with the reason after it
(docker-library/mongo@12f1d18d1); that comment is the record of the hold. A link and an end stand in parentheses
after the reason, so that a program can tell when to look again::

    #"nanoserver-ltsc2025", # mongod does not start (https://jira.mongodb.org/browse/SERVER-1; until 8.0.6)

What a folder's ``bump.toml`` says of a hold (``[[hold]]``) adds a link or an end that the comment does not have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from contrib.values.errors import BadInput
from contrib.values.versions import Version
from contrib.values.windows import build_of

if TYPE_CHECKING:
    from contrib.values.tables import Table
    from contrib.values.tree import Tree

#: A variant, or a release alone, as lists in scripts have it.
NAMED = (
    r"(?P<head>(?:windows/)?(?:windowsservercore-|nanoserver-)?)(?P<release>ltsc20[0-9]{2}|[0-9]{4}|20H[12])"
)
_COMMENT = re.compile(
    rf"(?P<indent>[ \t]*)#[ \t]*(?P<quote>[\"']?){NAMED}(?P=quote),?[ \t]*#[ \t]*(?P<said>\S(?:.*\S)?)[ \t]*"
)
_END = re.compile(
    r"(?P<reason>.*?)\((?:(?P<link>https?://[^\s;()]+))?(?:; )?(?:until (?P<until>[^\s;()]+))?\)"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAME = re.compile(r"(?:windowsservercore|nanoserver)-(?:ltsc20[0-9]{2}|[0-9]{4}|20H[12])")
_LINK = re.compile(r"https?://[^\s;()\"'`\\$]+")


@dataclass(frozen=True, slots=True)
class Hold:
    """A variant that is held back.

    :param variant: ``nanoserver-ltsc2025``. :param reason: one line. :param link: where it is discussed; may be empty.
    :param until: a version of the software, a day (2026-12-01) or a build of the runners (10.0.26100.4652); may be empty.
    :param file: and ``line`` of the comment; empty and 0 where only the image's folder knows of it.
    """

    variant: str
    reason: str
    link: str = ""
    until: str = ""
    file: str = ""
    line: int = 0

    @property
    def comment(self) -> str:
        """What stands after the item in upstream's script."""
        more = "; ".join(part for part in (self.link, self.until and f"until {self.until}") if part)
        return f"{self.reason} ({more})" if more else self.reason


@dataclass(frozen=True, slots=True)
class Judged:
    """A hold, whether it may be lifted now, and why (or what it waits for)."""

    hold: Hold
    lift: bool
    why: str

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        hold = self.hold
        return {
            "variant": hold.variant,
            "reason": hold.reason,
            "link": hold.link or None,
            "until": hold.until or None,
            "file": hold.file or None,
            "line": hold.line or None,
            "lift": self.lift,
            "why": self.why,
        }


def made(variant: str, reason: str, link: str = "", until: str = "") -> Hold:
    """A hold from what a person typed.

    :raises BadInput: more than one line, an address that is none, an end that is neither version, day nor build.
    """
    if not reason.strip() or any(ord(char) < 32 or ord(char) == 127 for char in reason):
        raise BadInput("--hold is one line that says why", kind="usage")
    if link and _LINK.fullmatch(link) is None:
        raise BadInput(f"--link {link[:80]!r} is not a web address", kind="usage")
    if until:
        if _DATE.fullmatch(until):
            try:
                date.fromisoformat(until)
            except ValueError:
                raise BadInput(f"--until {until} is not a day", kind="usage") from None
        elif build_of(until) is None and (
            re.fullmatch(r"[0-9A-Za-z.+-]+", until) is None or Version.maybe(until) is None
        ):
            raise BadInput(
                f"--until {until[:40]!r} is not a version, a day or a build",
                kind="usage",
                hint="such as 8.0.6, 2026-12-01 or 10.0.26100.4652",
            )
    return Hold(variant, reason.strip(), link, until)


def held(line: str) -> re.Match[str] | None:
    """A line of a script that holds a variant back: groups ``indent``, ``quote``, ``head``, ``release``, ``said``."""
    return _COMMENT.fullmatch(line)


def read(variant: str, said: str, file: str, line: int) -> Hold:
    """The hold that a comment's words tell of.

    >>> read("nanoserver-ltsc2025", "does not start (https://example.org/1; until 8.0.6)", "versions.sh", 3).until
    '8.0.6'
    """
    found = _END.fullmatch(said)
    if found is None or not (found["link"] or found["until"]):
        return Hold(variant, said, file=file, line=line)
    return Hold(variant, found["reason"].rstrip(" \t"), found["link"] or "", found["until"] or "", file, line)


def kind_after(lines: Sequence[str], number: int) -> str:
    """The kind of variants that a list of releases makes: what follows it says it (``| "windows/nanoserver-" + .``)."""
    for line in lines[number + 1 : number + 12]:
        found = re.search(r"windowsservercore|nanoserver", line)
        if found and not line.strip().startswith("#"):
            return found[0]
    return ""


def in_scripts(tree: Tree, scripts: Sequence[str] = ("versions.sh",)) -> tuple[Hold, ...]:
    """Every hold that upstream's scripts carry, in their order."""
    found = []
    for path in scripts:
        data = tree.read(path)
        if data is None:
            continue
        lines = data.decode("utf-8", "replace").split("\n")
        for number, line in enumerate(lines, 1):
            match = held(line)
            if match is None:
                continue
            head = match["head"].removeprefix("windows/") or kind_after(lines, number - 1)
            head = head if not head or head.endswith("-") else f"{head}-"
            found.append(read(head + match["release"], match["said"], path, number))
    return tuple(found)


def of_folder(tables: Iterable[Table]) -> tuple[Hold, ...]:
    """The ``[[hold]]`` tables of an image's ``bump.toml``."""
    found = []
    for table in tables:
        variant = table.text("variant", "a variant such as nanoserver-ltsc2025", pattern=_NAME)
        reason = table.text("reason", "why it is held back")
        link = table.text("link", "a web address", default="", pattern=re.compile(rf"(?:{_LINK.pattern})?"))
        until = table.text("until", "a version, a day or a build", default="")
        table.done()
        try:
            found.append(made(variant, reason, link, until))
        except BadInput:
            raise table.wrong("until", "a version, a day (2026-12-01) or a build (10.0.26100.4652)") from None
    return tuple(found)


def together(scripts: Iterable[Hold], folder: Iterable[Hold]) -> tuple[Hold, ...]:
    """What is held back now: the scripts' comments, with what the folder adds to them."""
    known = {each.variant: each for each in folder}
    found = []
    for each in scripts:
        more = known.get(each.variant)
        if more is not None:
            each = replace(each, link=each.link or more.link, until=each.until or more.until)
        found.append(each)
    return tuple(found)


def judge(
    hold: Hold,
    versions: Mapping[str, str],
    today: date,
    *,
    runners: Mapping[str, str] | None = None,
    passed: Mapping[str, str] | None = None,
) -> Judged:
    """Whether a hold may be lifted.

    :param versions: series to the software's version as it will be. :param runners: release to the newest build of
        the machines that build (``{"ltsc2025": "10.0.26100.4652"}``); None where nobody was asked.
    :param passed: variant to the sentence that says how it passed (`contrib try`, `contrib loads`).
    """
    said = (passed or {}).get(hold.variant)
    if said:
        return Judged(hold, True, said)
    until = hold.until
    if not until:
        return Judged(hold, False, "nothing says until when")
    if _DATE.fullmatch(until):
        if today.isoformat() >= until:
            return Judged(hold, True, f"it was held until {until}")
        return Judged(hold, False, f"until {until}")
    wanted = build_of(until)
    if wanted is not None:
        release = hold.variant.rpartition("-")[2]
        now = (runners or {}).get(release)
        there = build_of(now or "")
        if there is None:
            return Judged(hold, False, f"until the runners have {until}; what they have is not known")
        if there >= wanted:
            return Judged(hold, True, f"the runners have {now}")
        return Judged(hold, False, f"until the runners have {until}; they have {now}")
    least = Version.maybe(until)
    there_are = [version for text in versions.values() if (version := Version.maybe(text)) is not None]
    if least is None or not there_are:
        return Judged(hold, False, f"until {until} is out")
    line = least.numbers[:-1]
    own = [version for version in there_are if version.numbers[: len(line)] == line]
    newest = max(own or there_are)
    if newest >= least:
        return Judged(hold, True, f"{newest} is out, and it was held until {until}")
    return Judged(hold, False, f"until {until} is out")
