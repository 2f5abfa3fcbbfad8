"""What generating gives, as values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from contrib.facts.model import FactSheet
from contrib.images.model import Port
from contrib.images.templates import Options
from contrib.releases.checksums import Verified
from contrib.releases.model import Health, Release
from contrib.upstream.layouts.base import BranchChanges, Series, Speak
from contrib.values.findings import Evidence
from contrib.values.tree import FileChange


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one fact of a person's own Dockerfile (``--from``).

    :param fact: of PARITY's catalogue. :param theirs: their value, for people. :param ours: what stands now.
    :param verdict: kept as it was, or replaced.
    :param rule: the rule or page that decides; empty when the image's data does.
    :param why: one sentence. :param line: theirs.
    """

    fact: str
    theirs: str
    ours: str
    verdict: Literal["kept", "replaced"]
    rule: str
    why: str
    line: int | None = None
    evidence: tuple[Evidence, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "fact": self.fact,
            "theirs": self.theirs,
            "ours": self.ours,
            "verdict": self.verdict,
            "rule": self.rule or None,
            "why": self.why,
            "line": self.line,
        }


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is taken from a person's own Dockerfile, laid over the image's data.

    :param source: the file, as the person named it. :param port: whose binaries, their asset and layout in it.
    :param version: the full version that they have; None takes the port's newest.
    :param sha256: the digest that their file holds of that archive, None when it holds none.
    :param theirs: the facts of their file.
    """

    source: str
    port: Port
    version: str | None = None
    sha256: str | None = None
    options: Options = field(default_factory=Options)
    decisions: tuple[Decision, ...] = ()
    notes: tuple[str, ...] = ()
    theirs: FactSheet | None = None


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """One series' Windows variants.

    :param before: the port's version that the tree has now, None when it has no Windows variants.
    :param volume: whether the twin declares its data directory.
    """

    series: Series
    release: Release
    verified: Verified
    variants: tuple[str, ...]
    before: str | None
    volume: bool

    @property
    def lags(self) -> bool:
        """Whether the port is behind Linux here."""
        return self.series.version is not None and self.series.version != self.release.version.software


@dataclass(frozen=True, slots=True)
class Generated:
    """All that a contribution to the image's own repository changes.

    :param port: whose binaries they are.
    :param branches: by base branch, in the order of the chain.
    :param notes: what the plan says: lag, checksums, the port's health, what a maintainer will ask.
    :param speak: renders the image's template as it was rendered here.
    :param later: series that are not in it. :param unseen: what was not run here.
    :param resolved: whether the programs start on their bases, as far as the files tell: evidence of its own kind.
    """

    image: str
    port: Port
    layout: str
    layout_title: str
    branches: tuple[BranchChanges, ...]
    series: tuple[SeriesPlan, ...]
    decisions: tuple[Decision, ...] = ()
    notes: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    health: Health | None = None
    speak: Speak | None = field(default=None, compare=False, repr=False)
    resolved: tuple[str, ...] = ()

    @property
    def branched(self) -> bool:
        """Whether its changes go to branches of their own."""
        return any(branch.branch is not None for branch in self.branches)

    @property
    def edits(self) -> tuple[str, ...]:
        """What the edits of upstream's scripts are for, and which are left alone; each once."""
        said = (
            f"{note.path}: {note.text}" if note.path else note.text
            for branch in self.branches
            for note in branch.notes
        )
        return tuple(dict.fromkeys(said))

    @property
    def files(self) -> tuple[FileChange, ...]:
        """Every change, whatever branch it is on."""
        return tuple(change for branch in self.branches for change in branch.files)

    def on(self, branch: str | None, *, default: bool) -> tuple[FileChange, ...]:
        """The changes for a branch; ``default`` tells whether it is upstream's default one."""
        return tuple(self._on(branch, default))

    def _on(self, branch: str | None, default: bool) -> Iterator[FileChange]:
        for each in self.branches:
            if each.branch == branch or (each.branch is None and default):
                yield from each.files
