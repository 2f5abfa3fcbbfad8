"""What several rules ask of an entry's source: same artefacts, versions in paths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, pairwise

from contrib.library.tags import DEBIAN, UBUNTU, EntryTags, Version, agree, dotted
from contrib.rules.library.context import LibraryContext

# Names whose numbers say what an image is built on, not which version it is.
_SYSTEMS = (
    r"alpine|debian|ubuntu|al|amazonlinux|oraclelinux|oracle|ubi|rhel|centos|fedora|rocky|rockylinux|almalinux|"
    r"photon|sles|leap|bci|windowsservercore|nanoserver|windows|ltsc|sac|wolfi|mariner|azurelinux|busybox"
)
_SYSTEM_NUMBER = re.compile(rf"(?:^|(?<=[/_.-]))(?:{_SYSTEMS})[-/_]?[0-9][0-9.]*(?=$|[/_-])", re.IGNORECASE)
_SYSTEM_WORD = re.compile(r"(alpine|ubi|fedora|centos|debian|ubuntu)-?[0-9][0-9.]*")
# A word with a number of its own: jdk17, php8.4, openj9.
_QUALIFIER = re.compile(r"(?<![A-Za-z])[A-Za-z]{2,}[0-9][0-9.]*")
_DOTTED = re.compile(r"(?<![0-9A-Za-z.])[vV]?([0-9]+(?:\.[0-9]+)+)(?![0-9A-Za-z])")
_CANDIDATE = re.compile(
    r"(?<![0-9A-Za-z.])v?(?P<version>[0-9]+(?:\.[0-9]+)*)[-_.]?(?P<kind>rc|beta|alpha|preview)[-_.]?(?P<number>[0-9]+)(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?:^|(?<=[/_.-]))([A-Za-z]{2,})([0-9]+(?:\.[0-9]+)*)(?=$|[/_-])")


def same_artifacts(context: LibraryContext) -> Iterator[tuple[EntryTags, EntryTags]]:
    """Pairs of Linux entries, as they are written, with one repository, commit, directory and file, and no architecture-specific fields."""
    seen: dict[tuple[str, ...], EntryTags] = {}
    for each in context.written:
        entry = each.entry
        if each.windows or any(entry.arch_fields.values()):
            continue
        key = (entry.git_repo, entry.git_commit, entry.directory, entry.file, entry.builder)
        if key in seen:
            yield seen[key], each
        else:
            seen[key] = each


def sets_file(context: LibraryContext, each: EntryTags) -> bool:
    """Whether other entries of the directory set ``File``."""
    default = context.survey.header.file
    return any(
        other is not each
        and other.entry.directory == each.entry.directory
        and other.entry.file != default
        and each.entry.file == default
        for other in context.entries
    )


def qualifiers(each: EntryTags) -> frozenset[str]:
    """Words of the variants, numbers that stand alone joined to the word before them."""
    found = set()
    for tag in each.tags:
        words = tag.words if tag.version else tuple(word for word in re.split("[-_]", tag.text) if word)
        for place, word in enumerate(words):
            if not word[0].isdigit():
                after = words[place + 1] if place + 1 < len(words) else ""
                found.add(word.lower())
                if after[:1].isdigit():
                    found.add(f"{word}-{after}".lower())
    return frozenset(found - {"latest"})


def contradicts(first: EntryTags, second: EntryTags) -> EntryTags | None:
    """Which of two entries of one directory does not belong there: the directory names what the other is."""
    one, two = _with_systems(qualifiers(first)), _with_systems(qualifiers(second))
    path = first.entry.directory.lower()
    parts = re.split(r"[/_-]", path)
    words = set(parts) | {f"{a}-{b}" for a, b in pairwise(parts)}
    if (words & one) - two and two - one:
        return second
    if (words & two) - one and one - two:
        return first
    for each, other in ((second, first), (first, second)):
        if (
            each.full != other.full
            and wrong_version(each, first.entry.directory)
            and not wrong_version(other, first.entry.directory)
        ):
            return each
    return None


def apart(context: LibraryContext) -> Iterator[EntryTags]:
    """Entries, and the paragraphs instead of an entry that bashbrew makes of ones that contradict each other: what
    is wrong with those is that they are one, and not that their tags differ."""
    written: dict[int, list[EntryTags]] = {}
    if any(len(each.entry.paragraphs) > 1 for each in context.entries):
        for each in context.written:
            written.setdefault(each.entry.paragraphs[0], []).append(each)
    for each in context.entries:
        parts = [part for index in each.entry.paragraphs for part in written.get(index, ())]
        if len(parts) > 1 and any(contradicts(one, two) for one, two in combinations(parts, 2)):
            yield from parts
        else:
            yield each


def _with_systems(words: frozenset[str]) -> frozenset[str]:
    """Qualifiers, and the distributions that their suites belong to: ``noble`` is ``ubuntu``, too."""
    found = set(words)
    for name, suites in (("debian", DEBIAN), ("ubuntu", UBUNTU)):
        if words & set(suites):
            found.add(name)
    found |= {match[1] for word in words if (match := _SYSTEM_WORD.fullmatch(word)) is not None}
    return frozenset(found)


def variant_directory(context: LibraryContext, each: EntryTags, other: EntryTags | None = None) -> str | None:
    """The directory whose name holds the entry's variant, as siblings' do."""
    if other is not None:
        directory = each.entry.directory
        mine = sorted(qualifiers(each) - qualifiers(other), key=len, reverse=True)
        for theirs in sorted(qualifiers(other) - qualifiers(each), key=len, reverse=True):
            own = next(
                (word for word in mine if _stem(word) == _stem(theirs)), mine[0] if len(mine) == 1 else None
            )
            if theirs in directory and own is not None:
                return directory.replace(theirs, own)
        wrong = wrong_version(each, directory)
        if wrong is not None and each.full:
            return directory.replace(wrong, dotted(each.full[: wrong.count(".") + 1]))
    for suite in sorted(each.suites):
        if suite in each.entry.directory:
            continue
        for other in context.entries:
            directory = other.entry.directory
            if other is not each and directory.endswith(f"/{suite}"):
                base = each.entry.directory
                return f"{base}/{suite}" if base != "." else suite
    return None


def _stem(word: str) -> str:
    return word.rstrip("0123456789.-")


def wrong_version(each: EntryTags, path: str) -> str | None:
    """A dotted version in a path or ref that agrees with none of the entry's; None where there is none."""
    # Aliases say less than the full version does; a version of another kind (a date) says something else.
    versions = [
        tag.version
        for tag in each.tags
        if tag.version and (len(tag.version) == len(each.full) or not agree(tag.version, each.full))
    ]
    if not versions:
        return None
    rest = _QUALIFIER.sub("", _SYSTEM_NUMBER.sub("", path))
    found = [match[1] for match in _DOTTED.finditer(rest)]
    if not found or any(_fits(text, versions, each.full) for text in found):
        return None
    return found[0]


def _fits(text: str, versions: list[Version], full: Version) -> bool:
    version = tuple(map(int, text.split(".")))
    if len(version) > len(full):
        return version[: len(full)] == full
    return any(agree(version, other) for other in versions)


def wrong_marker(each: EntryTags, path: str) -> str | None:
    """A candidate in a path or ref (``1.8rc1``) where the tags have another of that release (``1.8rc2``)."""
    for match in _CANDIDATE.finditer(path):
        version = tuple(map(int, match["version"].split(".")))
        kind = match["kind"].lower()
        numbers = {
            tag.marker.removeprefix(kind)
            for tag in each.tags
            if tag.marker.startswith(kind) and agree(tag.version, version)
        } - {""}
        if len(match["number"]) >= 6:
            continue  # 9.0-beta-20220507: a date
        if numbers and match["number"] not in numbers:
            return match[0]
    return None


def wrong_number(each: EntryTags, path: str) -> str | None:
    """A word with a number at its end that the tags have with another number only."""
    for match in _NUMBERED.finditer(path):
        name, number = match[1].lower(), match[2]
        others = set()
        for tag in each.tags:
            for other in _NUMBERED.finditer(tag.text):
                if other[1].lower() == name:
                    others.add(other[2])
        numbers = [tuple(map(int, other.split("."))) for other in others]
        own = tuple(map(int, number.split(".")))
        if numbers and not any(agree(own, other) for other in numbers):
            return match[0].strip("/_.-")
    return None
