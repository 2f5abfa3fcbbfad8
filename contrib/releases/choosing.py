"""Which release a series gets, and where it gets none: why not.

Nothing is called the newest unless the source holds the version that is there and nothing newer in any form. All
is decided from values; nothing is read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from contrib.releases.model import Catalogue, Release
from contrib.releases.sources import Policy
from contrib.values.errors import BadInput
from contrib.values.versions import Version, belongs, of_numbers

#: Reasons why a series stays, most pressing first, and what each means for ``--check``: ``unknown`` (the
#: series could not be determined, exit 3), ``due`` (somebody has to act, exit 1), ``quiet`` (exit 0).
REASONS = {
    "unreachable": "unknown",
    "source-empty": "unknown",
    "not-understood": "unknown",
    "gone": "unknown",
    "unusable": "unknown",
    "bad-address": "unknown",
    "no-digest": "unknown",
    "archive": "unknown",
    "contradiction": "unknown",
    "no-archive": "unknown",
    "checksum": "unknown",
    "unproved": "unknown",
    "final-release-out": "due",
    "rebuild-only": "due",
    "windows-gone": "due",
    "replaced": "due",
    "upload-unfinished": "quiet",
    "too-young": "quiet",
    "withdrawn": "quiet",
    "ignored": "quiet",
    "pre-release-only": "quiet",
    "ended": "quiet",
    "skipped": "quiet",
    "held": "quiet",
    "newest": "quiet",
}

#: How long an upload may take before its absence is a fault.
_UPLOAD = timedelta(days=1)
#: How far a date may be ahead: clocks differ, and a report may be made as of an earlier day.
_CLOCKS = timedelta(days=30)


#: Numbers of a version in a name of any form, and what marks a name as something before a release.
_NUMBERS = re.compile(r"(?<![0-9.])[0-9]{1,9}(?:\.[0-9]{1,9})+(?![0-9])")
_EARLY = re.compile(r"(?i)(?:^|[^a-z])(?:dev|nightly|snapshot|preview|pre|alpha|beta|rc|canary|daily|test)")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a series gets.

    :param release: to move to; None when it stays.
    :param reason: one of :data:`REASONS` when it stays, else empty.
    :param sentence: the reason for people. :param newest_seen: the highest version of the series in the source.
    :param notes: what is newer than ``release`` and was not taken, a sentence each.
    :param guards: names of guards that have to be lifted first, with a sentence each.
    """

    release: Release | None
    reason: str = ""
    sentence: str = ""
    newest_seen: str | None = None
    notes: tuple[str, ...] = ()
    guards: tuple[tuple[str, str], ...] = ()


def choose(
    series: str,
    present: str,
    catalogue: Catalogue,
    policy: Policy,
    today: date,
    allowed: frozenset[str] = frozenset(),
    *,
    final: bool = False,
) -> Choice:
    """The newest release that a series may take, or why it stays.

    :param series: ``7.2``, ``6.2-rc``; "" for something whose every version may follow.
    :param present: the full version that the tree has. :param allowed: guards that are lifted.
    :param final: a series ``X-rc`` takes X itself when it is released.
    """
    if not catalogue.releases:
        return _empty(catalogue)
    if catalogue.floating:
        newest = catalogue.releases[0]
        if newest.version.text == present:
            return Choice(None, "newest", newest_seen=present)
        return Choice(newest, newest_seen=newest.version.text)
    there = Version.maybe(present)
    if there is None:
        return Choice(None, "not-understood", f"{present!r}, which the tree has, is not a version")
    candidates = _series_only(series)
    mine = [r for r in catalogue.releases if not candidates or of_numbers(r.version, candidates)]
    seen = mine[0].version.text if mine else None
    newer = [r for r in mine if r.version > there]
    passed: list[tuple[str, str]] = []
    for release in newer:
        reason, sentence = _why_not(series, release, policy, today, final)
        if reason == "too-young":
            if "too-young" in allowed:
                lifted = (("too-young", sentence),)
                return Choice(release, newest_seen=seen, notes=_said(passed), guards=lifted)
        elif not reason:
            return Choice(release, newest_seen=seen, notes=_said(passed))
        passed.append((reason, sentence))
    if passed:
        order = list(REASONS)
        reason = min((found for found, _ in passed), key=order.index)
        return Choice(None, reason, "; ".join(dict.fromkeys(said for _, said in passed)), seen)
    if any(r.version == there for r in mine):
        return _unread(candidates, there, catalogue, policy, seen) or Choice(None, "newest", newest_seen=seen)
    return _gone(series, present, catalogue, mine, seen)


def _unread(
    series: str, there: Version, catalogue: Catalogue, policy: Policy, seen: str | None
) -> Choice | None:
    """Why the present version cannot be called the newest: a name that is not understood has a newer number."""
    known = {each.version for each in policy.ignore}
    for each in catalogue.unread:
        if each.left_out or each.what in known:
            continue
        for found in _NUMBERS.finditer(each.what):
            version = Version.maybe(found[0])
            if version is None or not version > there or (series and not of_numbers(version, series)):
                continue
            said = f"the source {catalogue.name!r} has {each.what!r}, which is not understood" + (
                f" ({each.why})" if each.why else ""
            )
            if _EARLY.search(each.what[found.end() :]):
                return Choice(None, "pre-release-only", said, seen)
            return Choice(None, "not-understood", f"{said}, and {there} may not be the newest", seen)
    return None


def _said(passed: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(f"{sentence}." for _, sentence in passed)


def _series_only(series: str) -> str:
    return series.removesuffix("-rc")


def _why_not(series: str, release: Release, policy: Policy, today: date, final: bool) -> tuple[str, str]:
    """Why a newer release is not taken: a reason and a sentence; two empty texts when it is."""
    version = release.version
    ignored = next((each for each in policy.ignore if each.version == version.text), None)
    if ignored is not None:
        link = f" ({ignored.link})" if ignored.link else ""
        return "ignored", f"{version} is never taken: {ignored.why}{link}"
    if policy.withdrawn.search(release.title):
        return "withdrawn", f"{version} is marked as withdrawn: {release.title}"
    if series.endswith("-rc"):
        if not release.prerelease and not final:
            return (
                "final-release-out",
                f"{version} is released: it belongs in the series {_series_only(series)}",
            )
        if release.prerelease and not belongs(version, series, policy.before):
            return "pre-release-only", f"{version} is out as a pre-release that {series} does not take"
    elif release.prerelease:
        return "pre-release-only", f"{version} is out as a pre-release"
    if policy.numbers is not None and len(version.numbers) > policy.numbers:
        return "rebuild-only", (
            f"{version} is a rebuild of {version.software}; tags have {policy.numbers} numbers, so it is not taken "
            f"unasked (--to {version})"
        )
    if not release.usable:
        young = release.published is None or today - release.published <= _UPLOAD
        if release.fault == "upload-unfinished" and young:
            return "upload-unfinished", f"{version} is not uploaded yet: {release.missing}"
        fault = "no-archive" if release.fault in ("upload-unfinished", "") else release.fault
        return fault, f"{version} cannot be used: {release.missing}"
    waiting = too_young(release, policy, today)
    return ("too-young", waiting) if waiting else ("", "")


def too_young(release: Release, policy: Policy, today: date) -> str:
    """A sentence when a release has not been out for long enough, or not at all; else empty."""
    if release.published is None:
        return ""
    age = (today - release.published).days
    if age < -_CLOCKS.days:
        return f"{release.version} says that it was published on {release.published}, which is in the future"
    if policy.minimum_age and age < policy.minimum_age:
        return (
            f"{release.version} came out on {release.published}, and {policy.minimum_age} days are waited for"
        )
    return ""


def _empty(catalogue: Catalogue) -> Choice:
    if not catalogue.unread:
        return Choice(None, "source-empty", f"the source {catalogue.name!r} has no releases at all")
    first = catalogue.unread[0]
    why = f" ({first.why})" if first.why else ""
    return Choice(
        None,
        "not-understood",
        f"none of the {len(catalogue.unread)} names in the source {catalogue.name!r} is understood, "
        f"for example {first.what!r}{why}",
    )


def _gone(
    series: str, present: str, catalogue: Catalogue, mine: Iterable[Release], seen: str | None
) -> Choice:
    """The source has neither the present version nor a newer one."""
    if catalogue.unread and not list(mine):
        first = catalogue.unread[0]
        return Choice(
            None,
            "not-understood",
            f"the source {catalogue.name!r} has no release of {series} that is understood; {len(catalogue.unread)} "
            f"names are not, for example {first.what!r}",
            seen,
        )
    has = (
        f"its newest of the series is {seen}" if seen else f"it has nothing of {_series_only(series) or 'it'}"
    )
    return Choice(
        None,
        "gone",
        f"the source {catalogue.name!r} no longer has {present}, and {has}; {present} stays",
        seen,
    )


def asked(series: str, present: str, catalogue: Catalogue, policy: Policy, today: date, to: str) -> Choice:
    """The release that ``--to`` names.

    :raises BadInput: there is none, it is of another series, a pre-release where none is taken, or not usable.
    """
    if catalogue.floating:
        raise BadInput(f"--to {to}: the versions of the source {catalogue.name!r} cannot be named")
    release = catalogue.find(to)
    version = release.version
    if _series_only(series) and not of_numbers(version, _series_only(series)):
        raise BadInput(f"{version} is not of the series {series}")
    if series.endswith("-rc"):
        if not version.prerelease:
            raise BadInput(
                f"{version} is released, and the series {series} takes pre-releases only",
                hint=f"it belongs in {_series_only(series)}",
            )
        if not belongs(version, series, policy.before):
            raise BadInput(f"the series {series} does not take {version}")
    elif version.prerelease:
        raise BadInput(f"{version} is a pre-release, and the series {series} takes releases only")
    elif release.prerelease:
        raise BadInput(f"{version} is marked as a pre-release by the port, and is not taken")
    if not release.usable:
        raise BadInput(f"{version} cannot be used: {release.missing}")
    there = Version.maybe(present)
    guards = []
    young = too_young(release, policy, today)
    if young:
        guards.append(("too-young", young))
    if there is not None and version < there:
        guards.append(
            (
                "version-down",
                f"the series {series} has {present}, which is newer than {version}: an image does not go back to "
                "an older version",
            )
        )
    if there is not None and version == there:
        newest = choose(series, present, catalogue, policy, today)
        more = f"; {newest.release.version} is out" if newest.release is not None else ""
        return Choice(None, "newest", f"{version} is there already{more}", newest.newest_seen)
    return Choice(release, newest_seen=version.text, guards=tuple(guards))
