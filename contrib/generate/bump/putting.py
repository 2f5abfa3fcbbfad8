"""A release into a track of a series: what goes wrong becomes the series' own reason."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from contrib.generate.bump.asking import Asked
from contrib.generate.bump.model import Move
from contrib.generate.bump.routes import Line, Route
from contrib.generate.bump.tracks import Track, Tracks
from contrib.generate.bump.values import BadAddress, Leaf, Mover, Refused, WindowsGone, at
from contrib.releases.archives import Archives, NoArchive, file_name
from contrib.releases.checksums import Verified
from contrib.releases.model import Release
from contrib.values.errors import ContribError, OutsideError


@dataclass
class Judged:
    """A track of a series: what it gets and the object with it."""

    line: Line
    track: Track
    value: dict[str, Any]
    move: Move
    new: dict[str, Any] | None = None
    leaves: tuple[Leaf, ...] = ()
    notes: list[str] = field(default_factory=list)
    drop_windows: bool = False
    release: Release | None = None
    verified: Verified | None = None


class Putter:
    """Puts releases into tracks of series.

    :param guards: (name, sentence); what has to be lifted is added.
    """

    def __init__(
        self,
        tracks: Tracks,
        route: Route,
        archives: Archives,
        asked: Asked,
        guards: list[tuple[str, str]],
    ) -> None:
        self.tracks = tracks
        self.route = route
        self.archives = archives
        self.asked = asked
        self.guards = guards

    def into(self, one: Judged, release: Release) -> None:
        """Puts a release into a track's object; what goes wrong is the series' own reason.

        :raises NoArchive: an older release may do.
        """
        track = one.track
        apart = tuple(
            other.place[len(track.place) :]
            for other in self.tracks.tracks
            if other is not track
            and len(other.place) > len(track.place)
            and other.place[: len(track.place)] == track.place
        )
        windows = bool(self.route.windows(one.line)) and track.platform != "linux"
        mover = Mover(self.archives, track, one.line.name, windows=windows)
        age = (self.asked.today - release.published).days if release.published else None
        seen = replace(one.move, published=release.published, age=age)
        try:
            moved = mover.move(one.value, release, apart)
        except NoArchive:
            raise
        except WindowsGone as error:
            if "windows-gone" in self.asked.allowed and self._without_windows(one, release, apart):
                self.guards.append(("windows-gone", error.message))
                return
            one.move = replace(
                seen,
                reason="windows-gone",
                sentence=f"{error.message}; --allow windows-gone takes the release and removes them",
            )
            return
        except BadAddress as error:
            one.move = replace(seen, reason="bad-address", sentence=error.message)
            return
        except Refused as error:
            one.move = replace(seen, reason=error.reason, sentence=str(error))
            return
        except OutsideError as error:
            reason = error.kind if error.kind in ("checksum", "archive") else "unreachable"
            one.move = replace(seen, reason=reason, sentence=str(error))
            if error.kind == "checksum":
                # A digest that disagrees may be an attack: nobody goes on past it without a look.
                one.notes.append(f"{one.line.name}: {error.message}.")
            return
        except ContribError as error:
            one.move = replace(seen, reason="unusable", sentence=str(error))
            return
        if moved.value == one.value:
            one.move = replace(seen, reason="newest")
            return
        one.new, one.leaves = moved.value, moved.leaves
        one.release = release
        if moved.checksum is not None:
            one.verified = Verified(moved.checksum, moved.told_by, moved.absent)
        one.notes += moved.notes
        if moved.told_by:
            absent = f"; not there: {', '.join(moved.absent)}" if moved.absent else ""
            agree = " agree" if len(moved.told_by) > 1 else ""
            name = release.asset or (file_name(moved.url) if moved.url else release.version.text)
            algorithm = (
                "sha256"
                if moved.checksum is None
                else {40: "sha1", 128: "sha512"}.get(len(moved.checksum), "sha256")
            )
            said = (
                " and ".join((", ".join(moved.told_by[:-1]), moved.told_by[-1]))
                if len(moved.told_by) > 1
                else moved.told_by[0]
            )
            one.notes.append(f"{name}: {algorithm} of {said}{agree}{absent}.")
        replaced = one.move.replaced
        one.move = replace(
            seen,
            after=release.version.text,
            url=moved.url or release.url or None,
            checksum=moved.checksum,
            told_by=moved.told_by,
            absent=moved.absent,
            replaced=replaced,
        )

    def _without_windows(self, one: Judged, release: Release, apart: tuple[tuple[str, ...], ...]) -> bool:
        """Takes a release that has nothing for Windows any more, less the Windows variants."""
        less = self.route.without_windows(one.value, one.track)
        if less is None:
            return False
        files = one.track.files
        track = one.track
        if files is not None:
            track = replace(
                track, files=replace(files, must=tuple(k for k in files.must if "windows" not in k))
            )
            entries = at(less, files.at)
            for key in (
                [key for key in entries if key.startswith("windows")] if isinstance(entries, dict) else []
            ):
                entries[key][files.used or "used"] = False
        try:
            moved = Mover(self.archives, track, one.line.name, windows=False).move(less, release, apart)
        except ContribError as error:
            one.move = replace(one.move, reason="unproved", sentence=str(error))
            return True
        one.new, one.leaves, one.drop_windows = moved.value, moved.leaves, True
        one.move = replace(one.move, after=release.version.text, url=moved.url, checksum=moved.checksum)
        one.notes.append(f"{one.line.name} loses its Windows variants.")
        return True
