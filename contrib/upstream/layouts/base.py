"""What a layout is: where things are in an image's repository, and what a contribution must touch.

The repositories of official images come in four layouts (DESIGN, "Facts of the field"). Each has one
module beside this one and is a :class:`Layout`: made from trees, never from disks, and asked for

- the series there are (:meth:`Layout.series`) and the Linux Alpine Dockerfile of each,
- a variant's directory (:meth:`Layout.directory`),
- what is written there of the Windows port (:meth:`Layout.pin`) and the files that would say
  something else (:meth:`Layout.changes`), with the edits of upstream's own scripts without which
  upstream's next release would drop or spoil them, by base branch.

Nothing here knows an image: directory names, names of variables and the edits of scripts are data of
the image's folder (:class:`~contrib.images.model.Image`).
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, Protocol

from contrib.values.errors import BadInput

if TYPE_CHECKING:
    from contrib.images.model import Image, LayoutFacts, Port, Variant
    from contrib.upstream.edits import Script
    from contrib.values.tree import FileChange, Tree

#: The characters of versions, series, variants and branches that we write into shell scripts, tags and paths.
_PLAIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*")


class Voice(str, Enum):
    """How an image's template speaks (HOUSE: one template, three voices)."""

    VALUES = "values"
    JQ_TEMPLATE = "jq-template"
    JINJA = "jinja"


@dataclass(frozen=True, slots=True)
class Series:
    """One line of versions that upstream maintains.

    :param name: as a person names it: the directory's name (``7.2``, ``6.2-rc``), or what follows
        ``release/`` in the branch's name.
    :param version: full version of the Linux variants (``7.2.5``, ``7.4-rc2``), None where the tree does not say.
    :param prerelease: a release candidate or milestone.
    :param linux: path of the Linux Alpine Dockerfile, None when the series has none.
    :param branch: branch that its contribution goes to; None is upstream's default branch.
    :param retired: upstream no longer releases it (its directory is left over, or its tag says ``-eol``).
    """

    name: str
    version: str | None = None
    prerelease: bool = False
    linux: str | None = None
    branch: str | None = None
    retired: bool = False

    @property
    def order(self) -> tuple[tuple[int, ...], int, tuple[int, ...]]:
        """Sort key: numbers as numbers (8.10 after 8.2), a pre-release before its release."""
        return version_order(self.name)


@dataclass(frozen=True, slots=True)
class Pin:
    """What a tree says, or shall say, of the Windows port in one series.

    :param version: the port's own full version; it may lag Linux.
    :param url: the archive.
    :param digest: hexadecimal.
    :param algorithm: of the digest.
    :param variants: Windows variants, in the order in which they are built: a nanoserver image copies
        from its servercore one, so that comes first.
    """

    version: str
    url: str
    digest: str
    variants: tuple[str, ...]
    algorithm: str = "sha256"

    def __post_init__(self) -> None:
        for what, value in (("version", self.version), *(("variant", v) for v in self.variants)):
            plain(value, what)
        if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128}", self.digest):
            raise BadInput(f"the digest {self.digest!r} of version {self.version} is not one")
        if not re.fullmatch(r"https?://[!#%&()+,./0-9:;=?@A-Z\[\]_a-z~-]+", self.url) or "$" in self.url:
            raise BadInput(
                f"the address {self.url!r} of version {self.version} cannot be written into a script"
            )


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the plan says of what was not changed, or was changed with care.

    :param kind: ``lag``, ``later``, ``known`` (a script already knows Windows), ``edit``.
    """

    kind: str
    text: str
    path: str | None = None


@dataclass(frozen=True, slots=True)
class BranchChanges:
    """What goes to one base branch: one pull request of the chain.

    :param key: ``A0``: scripts or generator; ``A1`` … one per base branch. In the plain and templated
        layouts there is one branch, and scripts and directories are one pull request, ``A1``.
    :param branch: base branch; None is upstream's default branch.
    :param series: names of the series whose directories it holds; none for ``A0``.
    :param files: sorted by path; empty when the branch already holds everything.
    :param waits_for: keys that must be merged first.
    :param notes: what the edits are for, which scripts already know Windows.
    :param commits: subject and files of each commit, where there is more than one or it has its own subject.
    """

    key: str
    branch: str | None
    series: tuple[str, ...]
    files: tuple[FileChange, ...]
    waits_for: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    commits: tuple[tuple[str, tuple[FileChange, ...]], ...] = ()


class Speak(Protocol):
    """Renders the image's template of a variant in a voice."""

    def __call__(self, variant: Variant, voice: Voice, series: str, pin: Pin) -> str:
        """The text, LF, one newline at its end.

        :param series: and ``pin``: whose values :attr:`Voice.VALUES` has; what the other voices write
            is the same for all series on a branch.
        """
        ...


class Branches(Protocol):
    """The branches of a repository, as trees; what release branches are read from."""

    def names(self) -> tuple[str, ...]:
        """All branches, without ``refs/heads/`` (or the remote's name)."""
        ...

    def tree(self, branch: str) -> Tree:
        """Its tree; BadInput when there is no such branch."""
        ...

    def tags(self) -> tuple[str, ...]:
        """All tags, without ``refs/tags/``."""
        ...


class Layout(ABC):
    """One layout of one repository, as it stands; see the module."""

    #: Stable name: ``plain``, ``templated``, ``release-branches``, ``release-branches-jinja``.
    key: ClassVar[str]
    #: How messages call it.
    title: ClassVar[str]
    #: How the template speaks that upstream keeps; VALUES where upstream keeps none.
    voice: ClassVar[Voice] = Voice.VALUES
    #: Whose releases the contribution, and upstream's edited scripts, look up.
    port: Port
    #: Variants that a proposal leaves out, with the reason; upstream's script keeps them as a comment.
    left_out: tuple[tuple[str, str], ...] = ()

    def __init__(
        self, image: Image, facts: LayoutFacts, scripts: tuple[Script, ...], port: Port | None
    ) -> None:
        """
        :param facts: what the image's folder says of this layout.
        :param scripts: the edits of upstream's scripts (:func:`contrib.upstream.edits.load`).
        :param port: the image's living one when None.
        """
        self.image = image
        self.facts = facts
        self.scripts = scripts
        self.port = port or image.port

    @abstractmethod
    def series(self) -> tuple[Series, ...]:
        """All series there are, newest first, pre-releases and retired ones marked."""

    @abstractmethod
    def pin(self, series: str) -> Pin | None:
        """What is written of the port in a series; None when it has no Windows variants."""

    @abstractmethod
    def changes(self, wanted: Mapping[str, Pin], speak: Speak) -> tuple[BranchChanges, ...]:
        """The files that make upstream carry ``wanted`` (series name to pin), in the order of the chain.

        Series that are not named stay as they are. Only what differs from the tree is in it.

        :raises BadInput: a series that is not there or is retired, an anchor that does not fit, a script
            that is half edited; nothing is half done, for nothing is written here.
        """

    def find(self, name: str) -> Series:
        """The series of that name.

        :raises BadInput: there is none, or upstream has retired it.
        """
        there = self.series()
        for series in there:
            if series.name == name:
                if series.retired:
                    raise BadInput(f"upstream has retired the series {name}; nothing new is released there")
                return series
        names = ", ".join(series.name for series in there if not series.retired) or "none"
        raise BadInput(f"there is no series {name!r} in this repository ({self.title}); there are: {names}")

    def directory(self, series: str, variant: str) -> str:
        """Directory of a Windows variant, relative to the root of the branch that it is on."""
        return self.facts.directory_of(series, plain(variant, "variant"))

    def dockerfile(self, series: str, variant: str) -> str:
        """Path of a Windows variant's Dockerfile."""
        return f"{self.directory(series, variant)}/Dockerfile"


def plain(value: str, what: str) -> str:
    """``value`` when it can stand in scripts, tags and paths as it is.

    :raises BadInput: it has shell metacharacters, blanks, slashes or nothing in it.
    """
    if not _PLAIN.fullmatch(value):
        raise BadInput(f"the {what} {value!r} holds characters that no {what} has (letters, digits, . _ -)")
    return value


def variants_of(image: Image, names: tuple[str, ...]) -> tuple[Variant, ...]:
    """The image's variants of these names, servercore before the nanoserver that copies from it.

    :raises BadInput: a name that the image does not have.
    """
    found = []
    for name in names:
        variant = image.variant(name)
        if variant is None:
            there = ", ".join(each.name for each in image.variants)
            raise BadInput(f"there is no variant {name!r} of {image.name}; there are: {there}")
        found.append(variant)
    for variant in found:
        if variant.copies_from is not None and variant.copies_from not in names:
            raise BadInput(
                f"{variant.name} copies its programs from {variant.copies_from}, which is not among the variants asked for"
            )
    return tuple(sorted(found, key=lambda each: each.copies_from is not None))


def version_order(version: str) -> tuple[tuple[int, ...], int, tuple[int, ...]]:
    """Sort key of a version or series: numbers as numbers, what has a suffix before what has none.

    >>> sorted(["8.2", "8.10", "8.10-rc2", "8.10-rc10", "8"], key=version_order)
    ['8', '8.2', '8.10-rc2', '8.10-rc10', '8.10']
    """
    head, dash, suffix = version.partition("-")
    numbers = tuple(int(number) for number in re.findall(r"\d+", head))
    return numbers, 0 if dash else 1, tuple(int(number) for number in re.findall(r"\d+", suffix))
