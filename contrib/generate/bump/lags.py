"""How far a port is behind the software that it builds: releases, days, and releases that fix a weakness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from contrib.generate.bump.model import Move
from contrib.generate.bump.routes import Route
from contrib.generate.bump.tracks import Tracks
from contrib.releases.reading import Releases
from contrib.values.errors import ContribError
from contrib.values.versions import Version, of_numbers

if TYPE_CHECKING:
    from contrib.generate.bump.asking import Asked


class Lags:
    """See the module.

    :param linux: whether Linux's sources are read anyway. :ivar notes: sentences.
    """

    def __init__(
        self, tracks: Tracks, route: Route, releases: Releases, asked: Asked, *, linux: bool
    ) -> None:
        self.tracks = tracks
        self.route = route
        self.releases = releases
        self.asked = asked
        self.linux = linux
        self.notes: list[str] = []

    def after(self, moves: Sequence[Move]) -> list[Move]:
        """The moves, with how far the port is behind Linux after this run."""
        found = []
        for move in moves:
            if move.platform != "windows" or move.component:
                found.append(move)
                continue
            linux = next(
                (
                    m.after
                    for m in moves
                    if m.series == move.series and m.platform == "linux" and not m.component
                ),
                self._version(move.series),
            )
            there, theirs = Version.maybe(move.after), Version.maybe(linux) if linux else None
            lag = None
            if there is not None and theirs is not None:
                lag = self._behind(move.series, there, theirs)
                numbers = Version.parse(there.software)
                if numbers < theirs:
                    self.notes.append(f"In {move.series} Linux has {linux} and the port {move.after}.")
            missing = self._security(move.series, there, theirs)
            if missing:
                self.notes.append(
                    f"In {move.series} the port lacks releases that fix a weakness: {', '.join(missing)}."
                )
            found.append(replace(move, lag=lag, security=missing))
        return found

    def _version(self, series: str) -> str | None:
        line = next((line for line in self.route.lines() if line.name == series), None)
        for track in self.tracks.tracks:
            if line is not None and track.platform == "linux" and not track.component:
                value = self.route.value(line, track)
                if value is not None:
                    return str(value[track.key])
        return None

    def _behind(self, series: str, there: Version, theirs: Version) -> dict[str, int] | None:
        """Releases, and days since the first of them, that the port does not have; None when nobody lists them."""
        software = Version.parse(there.software)
        if software >= theirs:
            return {"releases": 0, "days": 0}
        track = next((t for t in self.tracks.tracks if t.platform == "linux" and not t.component), None)
        read = track.sources if track is not None and self.linux else ()
        more = (t.security for t in self.tracks.tracks if t.security)
        online = self.asked.security and not self.releases.any_given
        for name in (*read, *(name for name in more if online or self.releases.given(name))):
            try:
                catalogue = self.releases.catalogue(name)
            except ContribError:
                continue
            missed = [
                r
                for r in catalogue.releases
                if of_numbers(r.version, series.removesuffix("-rc"))
                and software < r.version <= theirs
                and not r.prerelease
            ]
            if missed:
                days = [r.published for r in missed if r.published is not None]
                lag = {"releases": len(missed)}
                if days:
                    lag["days"] = (self.asked.today - min(days)).days
                return lag
        return None

    def _security(self, series: str, there: Version | None, theirs: Version | None) -> tuple[str, ...]:
        name = next((track.security for track in self.tracks.tracks if track.security), "")
        wanted = self.releases.given(name) or (self.asked.security and not self.releases.any_given)
        if not name or there is None or theirs is None or not wanted:
            return ()
        try:
            catalogue = self.releases.catalogue(name)
        except ContribError as error:
            self.notes.append(f"which releases fix a weakness is not known: {error}.")
            return ()
        software = Version.parse(there.software)
        return tuple(
            r.version.text
            for r in catalogue.releases
            if r.security
            and software < r.version <= theirs
            and of_numbers(r.version, series.removesuffix("-rc"))
        )
