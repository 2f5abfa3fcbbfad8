"""The plan of a bump: which series moves to what, why the others stay, and the files of each that moves.

Every track of every series is judged by itself, so a bad item costs its own series alone. What moves is rendered
from upstream's current files and proved before it is part of the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from contrib.generate.bump.asking import Asked, Asking
from contrib.generate.bump.bases import bases
from contrib.generate.bump.lags import Lags
from contrib.generate.bump.model import Bumped, Move, Replaced, SeriesChange
from contrib.generate.bump.present import replaced_archive
from contrib.generate.bump.prove import Constants, only_values, prove, same_variants
from contrib.generate.bump.putting import Judged, Putter
from contrib.generate.bump.routes import InPlace, Line, Route
from contrib.generate.bump.tracks import Track, Tracks
from contrib.generate.bump.values import (
    Leaf,
    Refused,
    at,
    words_of,
)
from contrib.generate.holds import Judged as HoldJudged
from contrib.generate.holds import in_scripts, judge, together
from contrib.releases.archives import Archives, NoArchive
from contrib.releases.choosing import Choice, asked, choose
from contrib.releases.model import Catalogue, Release
from contrib.releases.reading import Releases
from contrib.releases.sources import Policy, filled
from contrib.values.errors import BadInput, ContribError, OutsideError
from contrib.values.tree import FileChange, OverlayTree, Tree
from contrib.values.versions import Version

if TYPE_CHECKING:
    from contrib.images.model import Image, Port

#: How long a port may go without a release.
STALE = timedelta(days=365)
#: How many releases of a series are tried, newest first, when archives are missing.
_TRIES = 5


class Planner:
    """Makes the plan; see the module.

    :param image: and ``port``: None for an image without ``image.toml``.
    :param review: says how the review of the Windows files gets worse, a sentence each.
    """

    def __init__(
        self,
        tracks: Tracks,
        route: Route,
        releases: Releases,
        archives: Archives,
        wanted: Asked,
        *,
        image: Image | None = None,
        port: Port | None = None,
        review: Callable[[Tree, Sequence[FileChange]], Sequence[str]] | None = None,
    ) -> None:
        if port is not None:
            # What the port's archives hold is said once, in image.toml.
            made = (replace(track, top=port.archive_top) if track.port else track for track in tracks.tracks)
            tracks = replace(tracks, tracks=tuple(made))
        self.tracks = tracks
        self.route = route
        self.releases = releases
        self.archives = archives
        self.asked = wanted
        self.image = image
        self.port = port
        self.review = review
        self.notes: list[str] = []
        self.guards: list[tuple[str, str]] = []
        self._putter = Putter(tracks, route, archives, wanted, self.guards)
        self._templates: Constants | None = None

    def plan(self) -> Bumped:
        """See the module.

        :raises BadInput: a series or variant that is not there, ``--to`` that does not fit, a wrong source file.
        :raises OutsideError: nothing at all can be looked at (``--offline``).
        """
        lines = Asking(self.tracks, self.route, self.asked).lines()
        judged: dict[str, list[Judged]] = {}
        for line in lines:
            judged[line.name] = self._series(line)
        self._windows_that_stay(lines, judged)
        self._nothing_read([one for each in judged.values() for one in each])
        self._health([one for each in judged.values() for one in each])
        changes: list[SeriesChange] = []
        laid: dict[str | None, tuple[FileChange, ...]] = {}
        for line in lines:
            change = self._change(line, judged[line.name], laid)
            if change is not None:
                changes.append(change)
        moves = [one.move for line in lines for one in judged[line.name]]
        lags = Lags(self.tracks, self.route, self.releases, self.asked, linux=self._linux)
        moves = lags.after(moves)
        notes = [
            *self.notes,
            *lags.notes,
            *(note for each in judged.values() for one in each for note in one.notes),
        ]
        return Bumped(
            self.tracks.image,
            self.route.key,
            tuple(changes),
            tuple(moves),
            tuple(dict.fromkeys(notes)),
            tuple(dict.fromkeys(self.guards)),
            self._bases(lines),
            dict(self.tracks.skip),
            _holds(self.tracks, self.route, self.asked, lines, moves),
        )

    @property
    def _linux(self) -> bool:
        return self.asked.linux or self.tracks.whole

    # -- one series ------------------------------------------------------------------------------------------

    def _series(self, line: Line) -> list[Judged]:
        found: list[Judged] = []
        versions: dict[str, str] = {}
        for track in self.tracks.tracks:
            if track.platform == "linux" and not self._linux:
                continue
            if track.platform == "windows" and not self.asked.windows:
                continue
            value = self.route.value(line, track)
            if value is None:
                continue
            if track.words and track.words not in versions:
                continue
            # Two tracks may share an object: the second goes on from what the first made of it.
            before = next((each for each in reversed(found) if each.track.place == track.place), None)
            if before is not None and before.new is not None:
                value = before.new
            one = self._track(line, track, value, versions)
            if one is None:
                continue
            found.append(one)
            versions[track.name] = one.move.after
        return found

    def _track(
        self, line: Line, track: Track, value: dict[str, Any], versions: Mapping[str, str]
    ) -> Judged | None:
        present = str(value[track.key])
        move = Move(line.name, track.platform, present, present, line.branch, track.title or "")
        one = Judged(line, track, value, move)
        ended = self._ended(track, value)
        if ended:
            one.move = replace(move, reason="ended", sentence=f"stays at {present}: {ended}")
            return one
        words = self._words(track, line, versions)
        try:
            catalogue, policy = self._catalogue(track, words)
        except OutsideError as error:
            if error.kind == "offline" or (track.component and self.releases.any_given):
                # Where a person names the sources, one that was not named and cannot be reached is only reported.
                self.notes.append(f"{line.name} {_what(track)} was left alone: {error.message}.")
                one.move = replace(move, reason="skipped", sentence=error.message)
            else:
                one.move = replace(move, reason="unreachable", sentence=str(error))
            return one
        move = replace(move, source=catalogue.name)
        if self.asked.to is not None:
            if track.component:
                return None
            if not self._has(catalogue, track):
                return None
        for _ in range(_TRIES):
            choice = self._choose(line, track, present, catalogue, policy)
            one.move = replace(move, newest_seen=choice.newest_seen)
            self.guards += list(choice.guards)
            replaced = self._replaced(one, catalogue)
            again = choice.release is None and replaced is not None and self.asked.to is not None
            if again:
                assert replaced is not None
                self.guards.append(
                    (
                        "digest-changed",
                        f"{line.name}: the archive of {present} has the {replaced.algorithm} {replaced.after}, and the "
                        f"files name {replaced.before}",
                    )
                )
                choice = replace(choice, release=catalogue.release(present))
            if choice.reason == "final-release-out" and not self._there(track, catalogue, choice, line):
                found = catalogue.release(choice.newest_seen or "")
                catalogue = replace(
                    catalogue, releases=tuple(each for each in catalogue.releases if each is not found)
                )
                continue
            if choice.release is None:
                one.move = replace(one.move, reason=choice.reason, sentence=choice.sentence)
                if choice.reason == "newest" and replaced is None and self._other_files(one, catalogue):
                    return one
                if replaced is not None and choice.reason == "newest":
                    one.move = replace(one.move, reason="replaced", sentence=_alarm(replaced))
                return one
            one.notes += [f"{line.name}: {note}" for note in choice.notes]
            try:
                self._putter.into(one, choice.release)
            except NoArchive as error:
                if self.asked.to is not None:
                    raise BadInput(
                        f"{choice.release.version} cannot be used: {error.message}", file=error.file
                    ) from None
                catalogue = _without(catalogue, choice.release, error.message)
                one.notes = []
                continue
            return one
        one.move = replace(move, reason="no-archive", sentence="none of its newest releases has an archive")
        return one

    def _there(self, track: Track, catalogue: Catalogue, choice: Choice, line: Line) -> bool:
        """Whether a final release is really out: a server's index may have its directory long before."""
        release = catalogue.release(choice.newest_seen or "")
        if release is None:
            return True
        words = words_of(release.version, line.name)
        try:
            return all(self.releases.answers(filled(pattern, words)) for pattern in track.exists)
        except ContribError:
            return True

    def _other_files(self, one: Judged, catalogue: Catalogue) -> bool:
        """Takes the files that the source has now for the version that is there, where there are others."""
        release = catalogue.release(one.move.before)
        if one.track.files is None or release is None or not release.files or not release.usable:
            return False
        before = at(one.value, one.track.files.at)
        if not isinstance(before, dict):
            return False
        there = {
            key for key, entry in before.items() if isinstance(entry, dict) and one.track.files.url in entry
        }
        if there == {file.key for file in release.files}:
            return False
        self._putter.into(one, release)
        return True

    def _has(self, catalogue: Catalogue, track: Track) -> bool:
        """Whether ``--to`` can be for this track: of two platforms the one whose source has the version."""
        assert self.asked.to is not None
        others = [t for t in self.tracks.tracks if not t.component and t is not track]
        if not others or not self._linux:
            return True
        return catalogue.release(self.asked.to) is not None

    def _choose(self, line: Line, track: Track, present: str, catalogue: Catalogue, policy: Policy) -> Choice:
        series = line.name
        if track.line is not None:
            series = ".".join(present.split(".")[: track.line])
        if track.words and catalogue.releases:
            # What comes with another track's version is taken as it is, up or down.
            catalogue = replace(catalogue, releases=catalogue.releases[:1], floating=True)
        if self.asked.to is not None:
            return asked(series, present, catalogue, policy, self.asked.today, self.asked.to)
        return choose(
            series,
            present,
            catalogue,
            policy,
            self.asked.today,
            self.asked.allowed,
            final=track.final == "take",
        )

    def _words(self, track: Track, line: Line, versions: Mapping[str, str]) -> dict[str, str]:
        if not track.words:
            return {}
        return words_of(Version.parse(versions[track.words]), line.name)

    def _catalogue(self, track: Track, words: Mapping[str, str]) -> tuple[Catalogue, Policy]:
        """The releases of a track's sources, taken together."""
        if track.port:
            assert self.port is not None
            source = self.releases.source(self.port.source)
            return self.releases.of(self.port), source.policy
        found: list[Catalogue] = []
        failed: list[OutsideError] = []
        for name in track.sources:
            try:
                found.append(self.releases.catalogue(name, words))
            except OutsideError as error:
                failed.append(error)
        if not found:
            raise next((failure for failure in failed if failure.kind != "offline"), failed[0])
        for failure in failed:
            self.notes.append(f"{failure}; {', '.join(each.name for each in found)} was read.")
        policy = self.releases.source(track.sources[0]).policy
        if len(found) == 1:
            return found[0], policy
        merged = Catalogue.of(
            found[0].name,
            found[0].origin,
            [release for each in found for release in each.releases],
            [unread for each in found for unread in each.unread],
        )
        return merged, policy

    def _replaced(self, one: Judged, catalogue: Catalogue) -> Replaced | None:
        found = replaced_archive(self.releases, one.track, one.value, catalogue, one.line.name)
        if found is not None:
            one.move = replace(one.move, replaced=found)
        return found

    def _ended(self, track: Track, value: Mapping[str, Any]) -> str:
        """Why the binaries that a tree has get no releases any more; empty when their project lives."""
        if not track.port or self.image is None:
            return ""
        url = value.get("url")
        port = self.image.port_of(url) if isinstance(url, str) else None
        if port is None or port.alive or "ended-port" in self.asked.allowed:
            return ""
        return f"{port.repository} has ended ({port.last}, {port.ended}), and another project's builds are a person's choice"

    def _older(self, line: Line) -> tuple[tuple[str, str, str], ...]:
        return self.route.older_windows(line) if isinstance(self.route, InPlace) else ()

    def _windows_that_stay(self, lines: Iterable[Line], judged: dict[str, list[Judged]]) -> None:
        """Windows variants that are there and are not the image's own: named, with what they stay at and why."""
        if self.image is None or not self.asked.windows:
            return
        for line in lines:
            for directory, version, url in self._older(line):
                port = self.image.port_of(url)
                why = "it is not one of the variants that the image's folder names"
                if port is not None and not port.alive:
                    why = f"{port.repository} has ended ({port.last}, {port.ended})"
                track = Track("older", "", "windows", (), "version", (), False, None, "", (), (), (), "")
                move = Move(
                    line.name, "windows", version, version, line.branch,
                    reason="ended", sentence=f"{directory} stays at {version}: {why}",
                )  # fmt: skip
                judged[line.name].append(Judged(line, track, {}, move))

    # -- all of it -----------------------------------------------------------------------------------------

    def _bases(self, lines: Sequence[Line]) -> dict[str, tuple[str, ...]]:
        """What official-images says of the bases, where its pins are at hand."""
        if not self.releases.has("pins") or not self.releases.pins_given:
            return {}
        pinned = self.releases.pins
        return (
            {}
            if pinned is None
            else bases(self.route, lines, (pin.reference for pin in pinned), self.asked.today)
        )

    def _nothing_read(self, found: Sequence[Judged]) -> None:
        """:raises OutsideError: every source is on the network, and ``--offline`` was asked for."""
        if found and all(one.move.reason == "skipped" for one in found):
            first = found[0].move.sentence
            raise OutsideError(
                f"nothing could be looked at: {first}",
                kind="offline",
                hint="give sources as files: --source NAME=FILE",
            )
        if self.asked.to is not None and not found:
            names = ", ".join(
                name for track in self.tracks.tracks if not track.component for name in track.sources
            )
            raise BadInput(f"there is no release {self.asked.to} in any source", hint=f"they are: {names}")

    def _health(self, found: Sequence[Judged]) -> None:
        """The port without a release for a year stops what it would move."""
        if self.port is None or not any(
            one.track.port and one.move.reason not in ("ended", "skipped", "unreachable") for one in found
        ):
            return
        try:
            catalogue = self.releases.of(self.port)
        except ContribError:
            return
        days = [each.published for each in catalogue.releases if each.published is not None]
        if days and self.asked.today - max(days) > STALE:
            self.guards.append(
                (
                    "stale-port",
                    f"{self.port.repository} has made no release since {max(days)}, more than a year ago",
                )
            )

    def _change(
        self, line: Line, judged: list[Judged], laid: dict[str | None, tuple[FileChange, ...]]
    ) -> SeriesChange | None:
        """The files of a series that moves, proved; what cannot be proved is not written."""
        moving = [one for one in judged if one.new is not None]
        if not moving:
            return None
        tree: Tree = OverlayTree(self.route.tree(line), laid.get(line.branch, ()))
        values = {one.track.name: (one.track, one.new or {}) for one in moving}
        leaves: dict[str, list[Leaf]] = {}
        for one in moving:
            leaves.setdefault(one.track.platform, []).extend(one.leaves)
        try:
            data, files = self.route.made(tree, line, values)
            under = self.route.under(line)
            removed = (f"{under}/windows",) if any(one.drop_windows for one in moving) else ()
            prove(tree, files, leaves, self._constants(), under=under, removed=removed)
            same_variants(tree, files, under, removed)
            worse = self.review(tree, files) if self.review is not None else ()
            if worse:
                raise Refused(f"the review gets worse: {'; '.join(list(worse)[:3])}")
        except ContribError as error:
            for one in moving:
                one.new = None
                one.move = replace(
                    one.move, after=one.move.before, reason="unproved",
                    sentence=f"the result does not hold: {error}",
                )  # fmt: skip
            return None
        for place in only_values(tree, files, leaves)[:3]:
            moving[0].notes.append(
                f"{place}: upstream's template says something else for the new version here."
            )
        changed = (*data, *files)
        if not changed:
            return None
        merged = {change.path: change for change in (*laid.get(line.branch, ()), *changed)}
        laid[line.branch] = tuple(merged.values())
        ordered = tuple(sorted(changed, key=lambda change: change.path.encode("utf-8", "surrogateescape")))
        windows = next((one for one in moving if one.track.platform != "linux"), None)
        return SeriesChange(
            line.name,
            line.branch,
            title_of([one.move for one in moving]),
            ordered,
            tuple(one.move for one in moving),
            windows.release if windows is not None else None,
            windows.verified if windows is not None else None,
        )

    def _constants(self) -> Constants:
        if self._templates is None:
            self._templates = Constants(next((self.route.tree(line) for line in self.route.lines()), None))
        return self._templates


def title_of(moves: Sequence[Move]) -> str:
    """The commit's title, as upstream's bot writes it: ``Update 3.13-rc to 3.13.0rc2, pip 24.2``.

    >>> title_of([Move("7.2", "linux", "3.19", "3.20", component="alpine")])
    'Update 7.2 to alpine 3.20'
    """
    series = moves[0].series
    own = [move for move in moves if not move.component]
    changed = [move for move in own if move.before != move.after]
    again = [move for move in own if move.before == move.after]
    words = [f"{move.after}" for move in changed if move.platform != "windows"]
    words += [f"{move.component} {move.after}" for move in moves if move.component]
    windows = next((move.after for move in changed if move.platform == "windows"), None)
    if again and again[0].replaced is None:
        return f"Update {series}"
    if again:
        return f"Update {series} to the replaced archive of {again[0].after}"
    if windows is not None and not words:
        return f"Update {series} for Windows to {windows}"
    title = f"Update {series} to {', '.join(words)}"
    return f"{title}, for Windows to {windows}" if windows is not None else title


def _holds(
    tracks: Tracks, route: Route, wanted: Asked, lines: Sequence[Line], moves: Sequence[Move]
) -> tuple[HoldJudged, ...]:
    """What upstream's scripts hold back, as it stands after the moves."""
    there = in_scripts(route.tree(lines[0]), tracks.scripts) if lines else ()
    versions = {move.series: move.after for move in moves if not move.component}
    return tuple(
        judge(hold, versions, wanted.today, runners=wanted.runners, passed=wanted.passed)
        for hold in together(there, tracks.holds)
    )


def _what(track: Track) -> str:
    return track.title or (
        "Linux" if track.platform == "linux" else "Windows" if track.platform == "windows" else track.name
    )


def _alarm(replaced: Replaced) -> str:
    since = f" since {replaced.since}" if replaced.since else ""
    return (
        f"the archive of {replaced.version} was replaced{since}: the files name the {replaced.algorithm} {replaced.before}, "
        f"and the source gives {replaced.after}; --to {replaced.version} --allow digest-changed takes it"
    )


def _without(catalogue: Catalogue, release: Release, why: str) -> Catalogue:
    """The catalogue with one release marked as unusable."""
    # A tag often comes hours before its archive; a release with a date has had its time.
    fault = "no-archive" if release.published is not None else "upload-unfinished"
    marked = replace(release, missing=why, fault=fault)
    return replace(
        catalogue, releases=tuple(marked if each is release else each for each in catalogue.releases)
    )
