"""What a bump is asked for: which series it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from contrib.generate.bump.routes import InPlace, Line, Route
from contrib.generate.bump.tracks import Tracks
from contrib.values.errors import BadInput
from contrib.values.versions import Version, belongs


@dataclass(frozen=True, slots=True)
class Asked:
    """What a bump is asked for.

    :param series: names; none or ``all`` is every one. :param variants: series that have these alone.
    :param to: a full version, of one series. :param linux: the Linux side of images whose Windows variants
        come from a port, too. :param windows: and the Windows side (the default).
    :param runners: Windows release to the newest build of the machines that build; None where nobody was asked.
    :param passed: held variant to the sentence that says how it passed.
    :param allowed: guards that are lifted. :param security: look for releases that fix a weakness.
    """

    today: date
    series: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    to: str | None = None
    linux: bool = False
    windows: bool = True
    allowed: frozenset[str] = frozenset()
    security: bool = False
    runners: Mapping[str, str] | None = None
    passed: Mapping[str, str] = field(default_factory=dict)


class Asking:
    """Finds the series that are asked for."""

    def __init__(self, tracks: Tracks, route: Route, asked: Asked) -> None:
        self.tracks = tracks
        self.route = route
        self.asked = asked

    def lines(self) -> list[Line]:
        """The series, newest first.

        :raises BadInput: one is not there, has no Windows variants, or ``--to`` fits none or several.
        """
        there = {line.name: line for line in self.route.lines()}
        names = [name for name in dict.fromkeys(self.asked.series) if name != "all"]
        for name in names:
            if name not in there:
                known = ", ".join(there) or "none"
                skipped = self.tracks.skip.get(name)
                raise BadInput(
                    f"there is no series {name!r} in this repository" if skipped is None
                    else f"the series {name} is left alone: {skipped}",
                    hint=f"there are: {known}",
                )  # fmt: skip
        lines = [there[name] for name in names] if names else list(there.values())
        lines = [line for line in lines if not line.null or line.name in names]
        for line in lines:
            if line.null:
                raise BadInput(f"upstream keeps a place for the series {line.name}, and nothing in it")
        lines = self._with_variants(lines)
        if not self._linux:
            lines = self._with_windows(lines, names)
        if self.asked.to is not None:
            lines = self._of_version(lines, self.asked.to)
        return lines

    @property
    def _linux(self) -> bool:
        return self.asked.linux or self.tracks.whole

    def _with_variants(self, lines: list[Line]) -> list[Line]:
        if not self.asked.variants:
            return lines
        there = {line.name: self.route.windows(line) for line in lines}
        known = sorted({name for names in there.values() for name in names})
        for variant in self.asked.variants:
            if variant not in known:
                raise BadInput(
                    f"there is no Windows variant {variant!r} here",
                    hint=f"there are: {', '.join(known) or 'none'}",
                )
        return [line for line in lines if all(name in there[line.name] for name in self.asked.variants)]

    def _with_windows(self, lines: list[Line], names: Sequence[str]) -> list[Line]:
        """Without ``--linux``: the series with Windows variants."""
        tracks = [track for track in self.tracks.tracks if track.platform != "linux"]
        found = []
        for line in lines:
            if any(self.route.value(line, track) is not None for track in tracks) or self._older(line):
                found.append(line)
            elif line.name in names:
                raise BadInput(
                    f"the series {line.name} has no Windows variants",
                    hint=f"`contrib generate {self.tracks.image} --series {line.name}` makes them; --linux moves Linux",
                )
        if not found:
            raise BadInput(
                "no series here has Windows variants yet",
                hint=f"`contrib generate {self.tracks.image}` makes them; --linux moves the Linux ones",
            )
        return found

    def _of_version(self, lines: list[Line], to: str) -> list[Line]:
        version = Version.parse(to)
        if len(lines) > 1 and len([name for name in self.asked.series if name != "all"]) > 1:
            raise BadInput(f"--to {to} is for one series, and {len(lines)} are named")
        if len(lines) == 1:
            return lines
        fitting = [line for line in lines if belongs(version, line.name)]
        if len(fitting) != 1:
            raise BadInput(f"--to {to} is for one series", hint="name it with --series")
        return fitting

    def _older(self, line: Line) -> bool:
        return isinstance(self.route, InPlace) and bool(self.route.older_windows(line))
