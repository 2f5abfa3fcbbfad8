"""What an image reference says of platform, Windows variant and release; and the same of a stage.

General knowledge of references, no image's own: Microsoft's bases in their old and new registries, the
tags of official images that name a Windows variant (``golang:1.26-windowsservercore-ltsc2022``), build
numbers. Sources: https://mcr.microsoft.com catalogue, docker-library/official-images ``.external-pins``,
https://learn.microsoft.com/windows/release-health/release-information (build numbers).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from contrib.dockerfile.model import Dockerfile, Instruction, Stage
from contrib.dockerfile.words import MAX_TEXT, Lexer, Lookup, Resolved
from contrib.values.patterns import lazy
from contrib.values.records import dataclass

if TYPE_CHECKING:
    from contrib.dockerfile.inherited import ImageConfiguration

Platform = Literal["windows", "linux"]
Kind = Literal["servercore", "nanoserver", "windows"]

#: Build number of each name of a Windows release that images were tagged with.
BUILDS: dict[str, int] = {
    "sac2016": 14393,
    "ltsc2016": 14393,
    "1607": 14393,
    "1709": 16299,
    "1803": 17134,
    "1809": 17763,
    "ltsc2019": 17763,
    "1903": 18362,
    "1909": 18363,
    "2004": 19041,
    "20H2": 19042,
    "ltsc2022": 20348,
    "ltsc2025": 26100,
}
#: The name that a tag with nothing but a build number stands for.
RELEASE_OF_BUILD: dict[int, str] = {
    14393: "ltsc2016",
    16299: "1709",
    17134: "1803",
    17763: "1809",
    18362: "1903",
    18363: "1909",
    19041: "2004",
    19042: "20H2",
    20348: "ltsc2022",
    26100: "ltsc2025",
}
#: Names that were given up, with what Microsoft calls the image now.
SUCCESSORS: dict[str, str] = {
    "microsoft/windowsservercore": "mcr.microsoft.com/windows/servercore",
    "microsoft/nanoserver": "mcr.microsoft.com/windows/nanoserver",
    "windowsservercore": "mcr.microsoft.com/windows/servercore",
    "nanoserver": "mcr.microsoft.com/windows/nanoserver",
}

_RELEASES = {name.lower(): name for name in BUILDS}
_BUILD = lazy(r"\b10\.0\.(\d{5})\b")
_PART = lazy(r"[-_.]")
_VARIANTS = ("windowsservercore", "servercore", "nanoserver")
_MICROSOFT_WINDOWS = (
    "mcr.microsoft.com/windows",
    "mcr.microsoft.com/windows/server",
    "microsoft/windows",
    "mcr.microsoft.com/windows-insider",
    "mcr.microsoft.com/windows/insider",
)


def release_in(text: str) -> str | None:
    """The Windows release that a tag, a directory's or a variant's name names; None when it names none.

    >>> release_in("1.26-windowsservercore-ltsc2022"), release_in("10.0.17763.1339"), release_in("3.2")
    ('ltsc2022', '1809', None)
    """
    build = _BUILD.search(text) if "10.0." in text else None
    if build is not None:
        return RELEASE_OF_BUILD.get(int(build[1]))
    for part in reversed(_PART.split(text.lower())):
        if part in _RELEASES:
            return _RELEASES[part]
        for prefix in _VARIANTS:
            if part.startswith(prefix) and part[len(prefix) :] in _RELEASES:
                return _RELEASES[part[len(prefix) :]]
    return None


def build_of(release: str | None) -> int | None:
    """Build number of a release (17763 of ``1809`` and ``ltsc2019``); None when it is not known."""
    return None if release is None else BUILDS.get(release)


@dataclass(frozen=True, slots=True)
class Reference:
    """An image reference taken apart.

    :param text: as written, variables resolved.
    :param repository: without ``docker.io/`` and ``library/``.
    """

    text: str
    repository: str
    tag: str | None
    digest: str | None

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Split ``repository:tag@digest``.

        >>> Reference.parse("docker.io/library/golang:1.26")
        Reference(text='docker.io/library/golang:1.26', repository='golang', tag='1.26', digest=None)
        """
        name, _, digest = text.partition("@")
        head, slash, last = name.rpartition("/")
        last, colon, tag = last.partition(":")
        repository = head + slash + last
        for prefix in ("docker.io/", "index.docker.io/", "library/"):
            if repository.lower().startswith(prefix):
                repository = repository[len(prefix) :]
        return cls(text, repository, tag if colon else None, digest or None)

    @property
    def microsoft(self) -> bool:
        """A base of Microsoft's, from its registry or under one of its old names."""
        name = self.repository.lower()
        return name.startswith(("mcr.microsoft.com/", "microsoft/")) or name in SUCCESSORS

    @property
    def plain_windows(self) -> bool:
        """One of Microsoft's bare bases, on which nothing is installed."""
        name = self.repository.lower()
        return name in SUCCESSORS or name in _MICROSOFT_WINDOWS or name in SUCCESSORS.values()

    @property
    def kind(self) -> Kind | None:
        """The Windows variant that it names; None when it names none."""
        name, tag = self.repository.lower(), (self.tag or "").lower()
        if name in _MICROSOFT_WINDOWS:
            return "windows"
        texts = [tag]
        if "/" not in name or self.microsoft:
            texts.append(name.rpartition("/")[2])
        for text in texts:
            if "nanoserver" in text:
                return "nanoserver"
            if "servercore" in text:
                return "servercore"
        return None

    @property
    def release(self) -> str | None:
        """The Windows release that the tag names; None when it names none."""
        if self.tag is None or (self.kind is None and not self.microsoft):
            return None
        return release_in(self.tag)

    @property
    def windows(self) -> bool:
        """It names a Windows image (``golang:1.26-windowsservercore`` too)."""
        if self.kind is not None:
            return True
        tag = (self.tag or "").lower()
        parts = _PART.split(tag)
        return (
            "windows" in parts
            or (self.microsoft and self.release is not None)
            or any(re.fullmatch(r"ltsc20\d\d", part) for part in parts)
        )


@dataclass(frozen=True, slots=True)
class StageBase:
    """What a stage stands on.

    :param text: its own FROM, variables resolved (a stage's name where it starts from a stage).
    :param known: nothing in ``text`` is left to be given at build time.
    :param origin: index of the stage that it starts from; None when that is an image.
    :param root: the image at the bottom, through stages.
    :param platform: of ``root`` and ``--platform``, else what the stage's own instructions say; ``linux`` where
        nothing says Windows.
    :param configuration: of ``root``: what the image hands on; None when nobody knows it.
    """

    text: str
    known: bool
    origin: int | None
    root: Reference
    platform: Platform
    configuration: ImageConfiguration | None = None

    @property
    def kind(self) -> Kind | None:
        """Servercore, nanoserver or windows; None when the base does not say."""
        return self.root.kind

    @property
    def release(self) -> str | None:
        """Windows release; None when the base does not say."""
        return self.root.release

    @property
    def build(self) -> int | None:
        """Build number of the release; untagged ``microsoft/…`` was the first one, 14393."""
        if self.release is None and self.root.tag in (None, "latest"):
            name = self.root.repository.lower()
            if name.startswith("microsoft/") or name in SUCCESSORS:
                return 14393
        return build_of(self.release)


#: ARGs that the builder sets from the platform it builds for and on.
PLATFORM_ARGUMENTS = frozenset(
    {
        "BUILDPLATFORM", "BUILDOS", "BUILDOSVERSION", "BUILDARCH", "BUILDVARIANT", "TARGETPLATFORM",
        "TARGETOS", "TARGETOSVERSION", "TARGETARCH", "TARGETVARIANT", "TARGETSTAGE",
    }
)  # fmt: skip


def global_arguments(dockerfile: Dockerfile) -> dict[str, tuple[Resolved | None, Instruction]]:
    """ARGs before the first FROM, resolved, with where they stand; None for one without default."""
    found: dict[str, tuple[Resolved | None, Instruction]] = {}
    lexer = Lexer(dockerfile.escape, lambda name: _global_lookup(found, name))
    for instruction in dockerfile.preamble:
        if instruction.keyword != "ARG":
            continue
        for name, value in instruction.pairs:
            resolved = lexer.resolve(value.text) if value is not None else None
            found[name.text] = (resolved, instruction)
    return found


def _global_lookup(found: dict[str, tuple[Resolved | None, Instruction]], name: str) -> Lookup:
    value, _ = found.get(name, (None, None))
    if value is not None and len(value.text) <= MAX_TEXT:
        return Lookup(value.text, value.known)
    return Lookup(None, settled=name not in PLATFORM_ARGUMENTS)


def resolve_from(dockerfile: Dockerfile, texts: list[str]) -> list[Resolved]:
    """Texts of FROM lines, with the ARGs before the first FROM in force."""
    found = global_arguments(dockerfile)
    lexer = Lexer(dockerfile.escape, lambda name: _global_lookup(found, name))
    return [lexer.resolve(text) for text in texts]


_DRIVE = lazy(r"""^["']?[A-Za-z]:[\\/]""")
_WINDOWS_PROGRAM = lazy(r"""\.(exe|cmd|bat|ps1)["']?$""", re.IGNORECASE)
#: Programs that nobody calls on Linux, at the start of a RUN.
_WINDOWS_COMMAND = lazy(r"(?i)\s*(choco|cinst|winget|setx|msiexec|powershell(\.exe)?\s+-|reg\s+add)\b")
_WINDOWS_USERS = ("containeradministrator", "containeruser")


def speaks_windows(stage: Stage) -> bool:
    """Whether a stage's own instructions are written for Windows, whatever its base is called.

    A drive in a path, a program that ends in ``.exe``, ``.cmd``, ``.bat`` or ``.ps1``, a SHELL of Windows or one
    of its users says so, and a RUN that begins with a program of Windows alone.
    """
    for instruction in stage.instructions:
        keyword, values = instruction.keyword, instruction.values
        if keyword == "SHELL" and values:
            name = values[0].replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe")
            if name in ("powershell", "cmd"):
                return True
        elif keyword in ("WORKDIR", "VOLUME", "COPY", "ADD"):
            words = instruction.words if keyword == "VOLUME" else instruction.words[-1:]
            if any(_DRIVE.match(word.text) for word in words):
                return True
        elif keyword in ("CMD", "ENTRYPOINT"):
            first = values[0] if values else next(iter(instruction.body.split()), "")
            if _DRIVE.match(first) or _WINDOWS_PROGRAM.search(first):
                return True
        elif (keyword == "RUN" and _WINDOWS_COMMAND.match(instruction.body)) or (
            keyword == "USER" and values and values[0].lower().rpartition("\\")[2] in _WINDOWS_USERS
        ):
            return True
    return False


def stage_bases(
    dockerfile: Dockerfile,
    bases: Callable[[Reference], ImageConfiguration | None] | None = None,
    *,
    windows: bool = False,
) -> tuple[StageBase, ...]:
    """What each stage stands on, in order.

    :param bases: knows what images hand on.
    :param windows: the file is said to build a Windows image: so the last stage does, unless it says Linux.
    """
    found: list[StageBase] = []
    by_name: dict[str, int] = {}
    texts = resolve_from(dockerfile, [stage.base for stage in dockerfile.stages])
    for stage, text in zip(dockerfile.stages, texts, strict=True):
        origin = by_name.get(text.text.lower())
        if origin is not None:
            below = found[origin]
            platform = below.platform
            if platform == "linux" and not _says_linux(stage) and speaks_windows(stage):
                platform = "windows"
            base = StageBase(text.text, text.known, origin, below.root, platform, below.configuration)
        else:
            root = Reference.parse(text.text)
            named = (stage.platform or "").lower()
            on_windows = named.startswith("windows") or (
                not _says_linux(stage)
                and (root.windows or speaks_windows(stage) or (windows and stage is dockerfile.stages[-1]))
            )
            configuration = bases(root) if bases is not None and text.known else None
            base = StageBase(
                text.text, text.known, None, root, "windows" if on_windows else "linux", configuration
            )
        found.append(base)
        if stage.name:
            by_name[stage.name.lower()] = stage.index
    return tuple(found)


def _says_linux(stage: Stage) -> bool:
    return (stage.platform or "").lower().startswith("linux")
