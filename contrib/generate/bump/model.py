"""What a bump gives, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from contrib.generate.holds import Judged
from contrib.releases.checksums import Verified
from contrib.releases.choosing import REASONS
from contrib.releases.model import Release
from contrib.upstream.layouts.base import BranchChanges
from contrib.values.tree import FileChange


@dataclass(frozen=True, slots=True)
class Component:
    """Something beside the software that moves with a series."""

    name: str
    before: str
    after: str
    source: str

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"name": self.name, "before": self.before, "after": self.after, "source": self.source}


@dataclass(frozen=True, slots=True)
class Replaced:
    """An archive whose content differs from what the tree pins, under the same version.

    :param algorithm: of the digests. :param since: day of the release as the source has it now.
    """

    version: str
    algorithm: str
    before: str
    after: str
    since: date | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "version": self.version,
            "algorithm": self.algorithm,
            "before": self.before,
            "after": self.after,
            "since": self.since.isoformat() if self.since else None,
        }


@dataclass(frozen=True, slots=True)
class Move:
    """One track of one series that moves, or stays.

    :param platform: ``windows``, ``linux``, or ``both``. :param component: empty for the software itself.
    :param before: and ``after``: full versions, equal when it stays.
    :param reason: why it stays (:data:`contrib.releases.choosing.REASONS`), empty when it moves.
    :param sentence: the same for people. :param newest_seen: of the series in the source, taken or not.
    :param told_by: who gave the digest. :param absent: who could have and did not.
    :param lag: days and releases behind Linux.
    """

    series: str
    platform: str
    before: str
    after: str
    branch: str | None = None
    component: str = ""
    reason: str = ""
    sentence: str = ""
    newest_seen: str | None = None
    url: str | None = None
    checksum: str | None = None
    told_by: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    published: date | None = None
    age: int | None = None
    lag: Mapping[str, int] | None = None
    replaced: Replaced | None = None
    security: tuple[str, ...] = ()
    source: str = ""

    @property
    def moves(self) -> bool:
        """Whether anything changes."""
        return not self.reason

    @property
    def due(self) -> bool:
        """Whether somebody has to act."""
        return self.moves or self.replaced is not None or REASONS.get(self.reason) == "due"

    @property
    def unknown(self) -> bool:
        """Whether the series could not be determined."""
        return REASONS.get(self.reason) == "unknown"

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "series": self.series,
            "platform": self.platform,
            "component": self.component or None,
            "before": self.before,
            "after": self.after,
            "newest_seen": self.newest_seen,
            "reason": self.reason or None,
            "why": self.sentence or None,
            "branch": self.branch,
            "source": self.source or None,
            "url": self.url,
            "checksum": self.checksum,
            "checksum_from": list(self.told_by),
            "checksum_absent": list(self.absent),
            "published": self.published.isoformat() if self.published else None,
            "age": self.age,
            "lag": dict(self.lag) if self.lag is not None else None,
            "replaced": self.replaced.as_json() if self.replaced is not None else None,
            "security": list(self.security),
        }


@dataclass(frozen=True, slots=True)
class SeriesChange:
    """What one series changes: one commit.

    :param branch: of upstream; None is its default branch. :param title: of the commit.
    :param files: on the tree with the changes of the series before it laid over.
    :param release: of the Windows side, and what its checksum was verified by.
    """

    series: str
    branch: str | None
    title: str
    files: tuple[FileChange, ...]
    moves: tuple[Move, ...]
    release: Release | None = None
    verified: Verified | None = None


@dataclass(frozen=True, slots=True)
class Bumped:
    """What a bump changes, and what it found.

    :param changes: one per series that moves, in the order in which they are committed.
    :param moves: all series, moving or not. :param notes: sentences.
    :param guards: (name, sentence) of what has to be lifted before anything is written.
    :param holds: variants that upstream holds back, and whether they may be taken up again.
    """

    image: str
    layout: str
    changes: tuple[SeriesChange, ...]
    moves: tuple[Move, ...]
    notes: tuple[str, ...] = ()
    guards: tuple[tuple[str, str], ...] = ()
    bases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    left_alone: Mapping[str, str] = field(default_factory=dict)
    holds: tuple[Judged, ...] = ()

    @property
    def branches(self) -> tuple[BranchChanges, ...]:
        """The same by base branch."""
        found: dict[str | None, dict[str, FileChange]] = {}
        series: dict[str | None, list[str]] = {}
        for change in self.changes:
            found.setdefault(change.branch, {}).update({file.path: file for file in change.files})
            series.setdefault(change.branch, []).append(change.series)
        return tuple(
            BranchChanges(
                f"A{number}",
                branch,
                tuple(series[branch]),
                tuple(files[path] for path in sorted(files, key=lambda path: path.encode())),
                commits=tuple(
                    (change.title, change.files) for change in self.changes if change.branch == branch
                ),
            )
            for number, (branch, files) in enumerate(found.items(), 1)
        )

    def on(self, branch: str | None, *, default: bool) -> tuple[FileChange, ...]:
        """The changes for a branch; ``default`` says whether it is upstream's default one."""
        return tuple(
            change
            for each in self.branches
            if each.branch == branch or (each.branch is None and default)
            for change in each.files
        )

    def due(self, todo: Iterable[str] | None = None) -> bool:
        """Whether anybody has to act.

        :param todo: paths that the tree at hand does not have yet; what an earlier run wrote there is not due.
        """
        left = None if todo is None else set(todo)
        for change in self.changes:
            if left is None or change.branch is not None or any(file.path in left for file in change.files):
                return True
        moving = {id(move) for change in self.changes for move in change.moves}
        return (
            any(move.due and not (id(move) in moving or move.moves) for move in self.moves)
            or any(self.bases.get(key) for key in ("gone", "ending", "new"))
            or any(hold.lift for hold in self.holds)
        )

    @property
    def unknown(self) -> bool:
        """Whether a series could not be determined."""
        return any(move.unknown for move in self.moves)
