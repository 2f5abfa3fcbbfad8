"""A bump as what a pull request is made of: exactly the files that the bump computed, one commit per series."""

from __future__ import annotations

from collections.abc import Sequence

from contrib.generate.bump.model import Bumped, Move, SeriesChange
from contrib.generate.model import Generated, SeriesPlan
from contrib.images.model import Image
from contrib.releases.checksums import Verified
from contrib.releases.model import Release
from contrib.upstream.layouts.base import BranchChanges, Layout
from contrib.values.versions import Version


def proposed(image: Image, layout: Layout, bumped: Bumped, asked: Sequence[str]) -> Generated:
    """The bump as a contribution. No template of ours is in it, and no script is edited.

    :param asked: the series that it is about; where none of them moves, they stand for a contribution that is in.
    """
    there = {series.name: series for series in layout.series()}
    plans = []
    branches = bumped.branches
    changes: Sequence[SeriesChange] = bumped.changes
    if not changes:
        changes = [SeriesChange(name, there[name].branch, "", (), ()) for name in asked]
        places: dict[str | None, list[str]] = {}
        for name in asked:
            places.setdefault(there[name].branch, []).append(name)
        branches = tuple(
            BranchChanges(f"A{number}", branch, tuple(names), ())
            for number, (branch, names) in enumerate(places.items(), 1)
        )
    for change in changes:
        pin = layout.pin(change.series)
        move = next((each for each in change.moves if each.platform == "windows"), None)
        release = change.release
        if release is None:
            assert pin is not None
            version = Version.parse(pin.version)
            release = Release(version, pin.url, "", None, version.prerelease)
        plans.append(
            SeriesPlan(
                there[change.series],
                release,
                change.verified
                or Verified(pin.digest if pin is not None else "", ("the files as they are",), ()),
                pin.variants if pin is not None else (),
                move.before if move is not None else (pin.version if pin is not None else None),
                True,
            )
        )
    return Generated(
        image=image.name,
        port=layout.port,
        layout=layout.key,
        layout_title=layout.title,
        branches=branches,
        series=tuple(plans),
        notes=(*(_stays(move) for move in bumped.moves if move.due or move.unknown), *bumped.notes),
    )


def _stays(move: Move) -> str:
    what = f"{move.series} {move.component}".strip()
    if move.moves:
        return f"{what} goes from {move.before} to {move.after}."
    return f"{what} stays at {move.before} ({move.reason}): {move.sentence}."
