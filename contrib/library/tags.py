"""What tags say: version, marker, variant; and what an entry's tags say together.

A tag reads as ``v?`` + version (``1.2.3``) + marker (``rc1``, ``-beta`` …) + variant (the rest). Without a
version at its start it is a word tag (``alpine``, ``latest``). Numbers in qualifiers (``jdk21``,
``alpine3.22``) are not versions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from contrib.library.model import Entry

MARKERS = ("snapshot", "preview", "alpha", "beta", "dev", "pre", "rc", "ea", "m", "a", "b")
UNSTABLE_WORDS = frozenset(
    ("edge", "devel", "rawhide", "testing", "unstable", "nightly", "next", "tip", "canary", "experimental")
)

_TAG = re.compile(
    r"v?(?P<version>[0-9]+(?:\.[0-9]+)*)"
    r"(?:[-_.]?(?P<marker>" + "|".join(MARKERS) + r")(?![a-z])[-_.]?(?P<number>[0-9]+(?:\.[0-9]+)*)?)?"
    r"(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_UNSTABLE = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    + "|".join(sorted(UNSTABLE_WORDS))
    + r"|(?:rc|beta|alpha|preview|snapshot)[0-9]*)(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z]+")
_SPLIT = re.compile(r"[-_]")

#: Runtimes whose number may stand before their name: ``17-jre-9.1.2`` is release 9.1.2 on a JRE 17.
_RUNTIMES = "jdk|jre|java|openjdk|temurin|corretto|semeru|graalvm|python|pypy|php|node|ruby|perl|erlang|otp|scala|dotnet|golang"
_RUNTIME_FIRST = re.compile(
    rf"(?P<runtime>[0-9]+(?:\.[0-9]+)*[-_](?:{_RUNTIMES}))(?:[-_](?P<rest>.*))?", re.IGNORECASE | re.DOTALL
)
# Java's stands before a release without ambiguity; 1.8.1-scala_2.12 is release 1.8.1.
_JAVA = re.compile(r"[0-9]+-(?:jdk|jre|java|openjdk)-[0-9]")
# A marker inside of a variant: 101.3.beta, ubi-rc2. Single letters are not markers there.
_TAIL_MARKER = re.compile(
    r"(?<![A-Za-z0-9])(?P<marker>snapshot|preview|alpha|beta|dev|pre|rc|ea)[.-]?(?P<number>[0-9]+)?(?![A-Za-z0-9])",
    re.IGNORECASE,
)
#: Words that rank the releases of a file: who has one says which line it is, not what is in it.
RANKS = frozenset(
    (
        "lts", "lta", "stable", "mainline", "current", "legacy", "innovation", "fresh", "old", "oldstable", "oldlts",
        "maintenance", "rapid", "previous", "extended", "rolling",
    )
)  # fmt: skip

Version = tuple[int, ...]


class Tag:
    """One tag, understood.

    :ivar version: numbers; empty for a word tag.
    :ivar marker: lower case with its number (``rc1``), "" when there is none.
    :ivar tail: a marker inside of the variant (``1.2-ubi-rc``), "" when there is none.
    :ivar variant: what follows, without the separator before it; the whole tag for a word tag.
    """

    __slots__ = ("marker", "tail", "text", "variant", "version", "written")

    def __init__(self, text: str, *, word: bool = False) -> None:
        self.text = text
        self.version: Version = ()
        self.marker = ""
        self.tail = ""
        self.variant = text
        self.written = ""
        runtime = _RUNTIME_FIRST.fullmatch(text)
        if runtime is not None and runtime["rest"] and not word:
            behind = Tag(runtime["rest"])
            if len(behind.version) > 1 and _JAVA.match(text):
                self.version, self.marker, self.tail = behind.version, behind.marker, behind.tail
                self.written = behind.written
                self.variant = "-".join(filter(None, (runtime["runtime"], behind.variant)))
                return
        found = None if word else _TAG.match(text)
        if found is None:
            self.tail = _marker_in(text)
            return
        rest = found["rest"]
        if rest and rest[0] not in "-_+." and not found["marker"]:
            # 8u402-b06, 2ubuntu: the version goes on in a way of its own
            separator = re.match(r"[A-Za-z]+[0-9]", rest)
            if separator is None:
                return
        self.version = tuple(int(part) for part in found["version"].split("."))
        self.written = found["version"]
        if found["marker"]:
            self.marker = found["marker"].lower() + (found["number"] or "")
        self.variant = rest.lstrip("-_+.")
        self.tail = _marker_in(self.variant)

    @property
    def runtime_first(self) -> bool:
        """Whether it starts with a number and a runtime's name (``17-jre-web``)."""
        return _RUNTIME_FIRST.fullmatch(self.text) is not None

    @property
    def words(self) -> tuple[str, ...]:
        """Parts of the variant."""
        return tuple(word for word in _SPLIT.split(self.variant) if word)

    def __repr__(self) -> str:
        return f"<Tag {self.text}>"


def _marker_in(text: str) -> str:
    found = _TAIL_MARKER.search(text)
    return "" if found is None else found["marker"].lower() + (found["number"] or "")


def agree(one: Version, two: Version) -> bool:
    """Whether one version is the dotted prefix of the other.

    >>> agree((1, 2), (1, 2, 3)), agree((1, 2), (1, 20))
    (True, False)
    """
    length = min(len(one), len(two))
    return one[:length] == two[:length]


def comparable(one: Version, two: Version) -> bool:
    """Whether the two are of one kind: a date is never compared with a version."""
    return bool(one and two) and (one[0] >= 1900) == (two[0] >= 1900)


def dotted(version: Version) -> str:
    """``1.2.3``."""
    return ".".join(map(str, version))


class EntryTags:
    """An entry with its tags understood.

    :ivar tags: own, then shared.
    :ivar full: the longest version (the first of the longest ones); empty when there is none.
    :ivar full_variants: variants that the full version has.
    :ivar marker: that tag's marker.
    :ivar unstable: a marker in any tag (at its end too: ``13.0-ubi-rc``), or a word that says so.
    :ivar windows: a Windows entry: by its architecture or by its tags.
    """

    __slots__ = ("_suites", "entry", "full", "full_variants", "marker", "tags", "unstable", "windows")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        tags = tuple([Tag(text) for text in entry.all_tags])
        if any(tag.version and tag.runtime_first for tag in tags):
            tags = _runtimes_as_words(tags)
        self.tags = tags
        full: Version = ()
        self.marker = ""
        for tag in tags:
            if len(tag.version) > len(full):
                full = tag.version
                self.marker = tag.marker
        self.full = full
        self.full_variants = frozenset([tag.variant for tag in tags if tag.version == full])
        self.unstable = any(tag.marker or tag.tail or _UNSTABLE.search(tag.text) for tag in tags)
        self.windows = "windows-amd64" in entry.architectures or any(
            "windowsservercore" in tag.text or "nanoserver" in tag.text for tag in tags
        )
        self._suites: frozenset[str] | None = None

    @property
    def suites(self) -> frozenset[str]:
        """Suite words in the tags."""
        if self._suites is None:
            self._suites = suites_in(" ".join(self.entry.all_tags))
        return self._suites

    @property
    def own(self) -> tuple[Tag, ...]:
        """Those of ``Tags``."""
        return self.tags[: len(self.entry.tags)]

    @property
    def shared(self) -> tuple[Tag, ...]:
        """Those of ``SharedTags``."""
        return self.tags[len(self.entry.tags) :]

    @property
    def series(self) -> Version:
        """The full version without its last part."""
        return self.full[:-1]

    @property
    def release(self) -> Version:
        """The full version without a build number (a fourth part of four digits or more)."""
        full = self.full
        while len(full) > 3 and full[-1] >= 1000:
            full = full[:-1]
        return full

    @property
    def line(self) -> Version:
        """The series: an alias of two parts, else the release without its last part (``4.3`` of ``4.3.3, 4``), of
        four parts or more its longest alias."""
        release = self.release
        aliases = [
            tag.version
            for tag in self.tags
            if tag.version and len(tag.version) < len(release) and agree(tag.version, release)
        ]
        if len(release) > 2 and (2 in map(len, aliases)):
            return release[:2]
        return max(aliases, key=len, default=release[:-1]) if len(release) > 3 else release[:-1]

    @property
    def variants(self) -> frozenset[str]:
        """Variants of the tags that have a version."""
        return frozenset(tag.variant for tag in self.tags if tag.version)

    def __repr__(self) -> str:
        return f"<EntryTags {self.entry.tags[0] if self.entry.tags else '-'}>"


def _runtimes_as_words(tags: tuple[Tag, ...]) -> tuple[Tag, ...]:
    """A leading number of a runtime is not a version where other tags of the entry have another version."""
    others = [tag.version for tag in tags if tag.version and not tag.runtime_first]
    return tuple(
        Tag(tag.text, word=True)
        if tag.version
        and tag.runtime_first
        and Tag(tag.text).version == tag.version
        and others
        and tag.text.startswith(tag.written)
        and not any(agree(tag.version, other) for other in others)
        else tag
        for tag in tags
    )


def words_of(texts: Iterable[str]) -> dict[str, int]:
    """How often each word of at least four letters occurs in the tags."""
    counts: dict[str, int] = {}
    for text in texts:
        for word in _WORD.findall(text):
            if len(word) >= 4:
                counts[word] = counts.get(word, 0) + 1
    return counts


# -- Windows ---------------------------------------------------------------------------------------

_RELEASE = r"(?:ltsc[0-9]{4}|sac[0-9]{4}|1[0-9]{3}|20h2|2004)"
_WINDOWS = re.compile(
    r"(?P<base>windowsservercore|nanoserver)(?:(?P<dash>-?)(?P<release>" + _RELEASE + r"))?(?![A-Za-z0-9])"
)


class WindowsName:
    """Base and release of Windows in a tag, directory or constraint.

    :ivar base: ``windowsservercore`` or ``nanoserver``.
    :ivar release: ``ltsc2022`` …, "" when it is not named.
    :ivar dashed: base and release are parted by a dash.
    """

    __slots__ = ("base", "dashed", "release")

    def __init__(self, base: str, release: str, dashed: bool) -> None:
        self.base = base
        self.release = release
        self.dashed = dashed

    @property
    def constraint(self) -> str:
        """``nanoserver-ltsc2022``."""
        return f"{self.base}-{self.release}" if self.release else self.base


def windows_name(text: str) -> WindowsName | None:
    """The first base of Windows that a text names.

    >>> windows_name("1.2-windowsservercore-ltsc2022").constraint
    'windowsservercore-ltsc2022'
    """
    found = _WINDOWS.search(text)
    if found is None:
        return None
    return WindowsName(found["base"], found["release"] or "", found["dash"] == "-")


def windows_release(text: str) -> str:
    """The release of Windows that a text names, "" for none."""
    found = re.search(r"(?<![A-Za-z0-9])" + _RELEASE + r"(?![A-Za-z0-9])", text)
    return found.group() if found else ""


# -- suites ----------------------------------------------------------------------------------------

#: Releases of Debian and Ubuntu by name, and Alpine: the words that say what an image is built on.
DEBIAN = [
    "potato",
    "woody",
    "sarge",
    "etch",
    "lenny",
    "squeeze",
    "wheezy",
    "jessie",
    "stretch",
    "buster",
    "bullseye",
    "bookworm",
    "trixie",
    "forky",
    "duke",
    "sid",
]
UBUNTU = [
    "lucid",
    "precise",
    "trusty",
    "utopic",
    "vivid",
    "wily",
    "xenial",
    "yakkety",
    "zesty",
    "artful",
    "bionic",
    "cosmic",
    "disco",
    "eoan",
    "focal",
    "groovy",
    "hirsute",
    "impish",
    "jammy",
    "kinetic",
    "lunar",
    "mantic",
    "noble",
    "oracular",
    "plucky",
    "questing",
    "resolute",
]
SUITES = frozenset((*DEBIAN, *UBUNTU, "alpine"))


_SUITE = re.compile(r"(?<![a-z])(?:" + "|".join(sorted(SUITES)) + r")(?![a-z])")


def suites_in(text: str) -> frozenset[str]:
    """Suite words in a tag or directory (``alpine3.22`` is ``alpine``)."""
    return frozenset(_SUITE.findall(text.lower()))


#: Releases of Windows, oldest first; names in one tuple are one build.
RELEASES = (
    ("sac2016", "ltsc2016"),
    ("1709",),
    ("1803",),
    ("1809", "ltsc2019"),
    ("1903",),
    ("1909",),
    ("2004",),
    ("20h2",),
    ("ltsc2022",),
    ("ltsc2025",),
)


def age(release: str) -> int | None:
    """Place of a Windows release in :data:`RELEASES`, None for one that is not known."""
    return next((place for place, names in enumerate(RELEASES) if release in names), None)
