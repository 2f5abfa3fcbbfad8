"""What the generator speaks of: versions, distributions, releases, entries."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import List, Tuple


class DistroType(str, Enum):
    """The distributions that there are; also the names of their directories."""

    ALPINE = "alpine"
    DEBIAN = "debian"


#: Fixed lists, in our own order.
TRIXIE = ("amd64", "arm32v5", "arm32v7", "arm64v8", "i386", "riscv64", "ppc64le", "s390x")
BOOKWORM = ("amd64", "arm32v5", "arm32v7", "arm64v8", "i386", "mips64le", "ppc64le", "s390x")
ALPINE_ARCHITECTURES = ("amd64", "arm32v6", "arm32v7", "arm64v8", "i386", "ppc64le", "riscv64", "s390x")


@dataclass(frozen=True)
class RedisVersion:
    """A version as a tag names it; ``patch`` is -1 where there is none."""

    major: int
    minor: int
    patch: int
    suffix: str

    @classmethod
    def parse(cls, text: str) -> "RedisVersion":
        """``v8.2.1-m01`` and the like."""
        found = re.match(r"v?([1-9]\d*)\.(\d+)(?:\.(\d+))?(.*)$", text)
        if found is None:
            raise ValueError(f"{text} is no version")
        major, minor, patch, suffix = found.groups()
        return cls(int(major), int(minor), -1 if patch is None else int(patch), suffix)

    @property
    def is_milestone(self) -> bool:
        """Whether it has a suffix: then it is no release."""
        return bool(self.suffix)

    @property
    def is_eol(self) -> bool:
        """Whether its tag retires the series."""
        return self.suffix.lower().endswith("-eol")

    @property
    def mainline_version(self) -> str:
        """The series."""
        return f"{self.major}.{self.minor}"

    @property
    def suffix_weight(self) -> str:
        """Releases above candidates above milestones above the rest, as text."""
        if not self.suffix:
            return "Z"
        if self.suffix.startswith("-rc"):
            return "R"
        return "M" if self.suffix.startswith("-m") else ""

    @property
    def sort_key(self) -> str:
        """What versions are sorted by."""
        return f"{self.major}.{self.minor}.{self.patch or 0}.{self.suffix_weight}{self.suffix}"

    def __str__(self) -> str:
        patch = "" if self.patch < 0 else f".{self.patch}"
        return f"{self.mainline_version}{patch}{self.suffix}"


@dataclass(frozen=True)
class Distribution:
    """A distribution, and which release of it."""

    type: DistroType
    name: str

    @classmethod
    def from_dockerfile_line(cls, from_line: str) -> "Distribution":
        """What a FROM line says."""
        words = from_line.split()
        if len(words) < 2 or words[0].upper() != "FROM":
            raise ValueError(f"no FROM line: {from_line}")
        base_img = words[1]
        if "alpine:" in base_img:
            return cls(type=DistroType.ALPINE, name="alpine" + base_img.partition(":")[2])
        elif "debian:" in base_img:
            return cls(type=DistroType.DEBIAN, name=base_img.partition(":")[2].replace("-slim", ""))
        else:
            raise ValueError(f"Unsupported base image: {base_img}")

    @property
    def is_default(self) -> bool:
        """Whether its tags are the plain ones."""
        return self.type == DistroType.DEBIAN

    @property
    def tag_names(self) -> List[str]:
        """What its tags end in."""
        if self.type == DistroType.ALPINE:
            return [self.type.value, self.name]
        return [self.name]


@dataclass
class Release:
    """A version in one distribution."""

    commit: str
    version: RedisVersion
    distribution: Distribution
    git_fetch_ref: str


@dataclass(kw_only=True)
class StackbrewEntry:
    """Represents a stackbrew library entry with tags."""

    tags: List[str]
    commit: str
    version: RedisVersion
    distribution: Distribution
    git_fetch_ref: str

    @property
    def architectures(self) -> List[str]:
        """Its architectures."""
        return get_architectures_for_distribution(self.distribution)

    def __str__(self) -> str:
        """String representation in stackbrew format."""
        lines = []
        lines.append(f"Tags: {', '.join(self.tags)}")
        lines.append(f"Architectures: {', '.join(self.architectures)}")
        lines.append(f"GitCommit: {self.commit}")
        lines.append(f"GitFetch: {self.git_fetch_ref}")
        lines.append(f"Directory: {self.distribution.type.value}")
        return "\n".join(lines)


def get_architectures_for_distribution(distribution: Distribution) -> List[str]:
    """The architectures that a distribution is built for."""
    if distribution.type == DistroType.DEBIAN:
        return list(BOOKWORM if distribution.name == "bookworm" else TRIXIE)
    if distribution.type == DistroType.ALPINE:
        return list(ALPINE_ARCHITECTURES)
    raise ValueError(f"Unsupported distribution type: {distribution.type}")


#: (version, commit, ref) of a tag.
Tagged = Tuple[RedisVersion, str, str]
