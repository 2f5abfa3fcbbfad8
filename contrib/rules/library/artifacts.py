"""What several rules ask of an entry's source: same artefacts, versions in paths."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.library.tags import EntryTags, Version, agree
from contrib.rules.library.context import Context

# Names whose numbers say what an image is built on, not which version it is.
_SYSTEMS = (
    r"alpine|debian|ubuntu|al|amazonlinux|oraclelinux|oracle|ubi|rhel|centos|fedora|rocky|rockylinux|almalinux|"
    r"photon|sles|leap|bci|windowsservercore|nanoserver|windows|ltsc|sac|wolfi|mariner|azurelinux|busybox"
)
_SYSTEM_NUMBER = re.compile(rf"(?:^|(?<=[/_.-]))(?:{_SYSTEMS})[-/_]?[0-9][0-9.]*(?=$|[/_-])", re.IGNORECASE)
# A word with a number of its own: jdk17, php8.4, openj9.
_QUALIFIER = re.compile(r"[A-Za-z]{2,}[0-9][0-9.]*")
_DOTTED = re.compile(r"(?<![0-9A-Za-z.])[vV]?([0-9]+(?:\.[0-9]+)+)(?![0-9A-Za-z])")
_NUMBERED = re.compile(r"(?:^|(?<=[/_.-]))([A-Za-z]{2,})([0-9]+(?:\.[0-9]+)*)(?=$|[/_-])")


def same_artifacts(context: Context) -> Iterator[tuple[EntryTags, EntryTags]]:
    """Pairs of Linux entries with one repository, commit, directory and file, and no architecture-specific fields."""
    seen: dict[tuple[str, ...], EntryTags] = {}
    for each in context.entries:
        entry = each.entry
        if each.windows or any(entry.arch_fields.values()):
            continue
        key = (entry.git_repo, entry.git_commit, entry.directory, entry.file, entry.builder)
        if key in seen:
            yield seen[key], each
        else:
            seen[key] = each


def sets_file(context: Context, each: EntryTags) -> bool:
    """Whether other entries of the directory set ``File``."""
    default = context.survey.header.file
    return any(
        other is not each
        and other.entry.directory == each.entry.directory
        and other.entry.file != default
        and each.entry.file == default
        for other in context.entries
    )


def variant_directory(context: Context, each: EntryTags) -> str | None:
    """The directory whose name holds the entry's variant, as siblings' do."""
    for suite in sorted(each.suites):
        if suite in each.entry.directory:
            continue
        for other in context.entries:
            directory = other.entry.directory
            if other is not each and directory.endswith(f"/{suite}"):
                base = each.entry.directory
                return f"{base}/{suite}" if base != "." else suite
    return None


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
