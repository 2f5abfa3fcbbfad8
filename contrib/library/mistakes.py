"""Names and values that are wrong, one at a time: what was meant, and what they lack."""

from __future__ import annotations

import re
from collections.abc import Iterable

from contrib.library.fields import ARCH_FIELD_NAMES, ARCHITECTURES, FIELD_NAMES
from contrib.library.reader import LIST_BLANKS, TAG, Rejected, maintainer
from contrib.library.source import Field

#: Names of fields.
KNOWN = frozenset(FIELD_NAMES)


_BY_LOWER = {name.lower(): name for name in FIELD_NAMES}


_SUFFIXES = {f"-{name}".lower(): name for name in ARCH_FIELD_NAMES}


#: bashbrew's architectures.
ARCHES = frozenset(ARCHITECTURES)


def in_message(text: str) -> str:
    """A value in a message: quoted, on one line, not too long."""
    short = text if len(text) <= 60 else text[:57] + "…"
    quoted = "".join(char if char.isprintable() else "�" for char in short.replace("\n", " "))
    return f"“{quoted}”"


def proper_case(name: str) -> str | None:
    """The known name that equals ``name`` but for case, None for a known one and for any other."""
    if name in KNOWN:
        return None
    lower = name.lower()
    if lower in _BY_LOWER:
        return _BY_LOWER[lower]
    if "-" in name:
        prefix, _, suffix = name.rpartition("-")
        proper = _SUFFIXES.get(f"-{suffix.lower()}")
        if proper is not None and (suffix != proper or prefix != prefix.lower()):
            return f"{prefix.lower()}-{proper}"
    return None


_NEAREST: dict[str, str | None] = {}


def nearest_field(name: str) -> str | None:
    """A known name within two edits (one, for the short ones), else None."""
    if name in KNOWN or not 2 < len(name) < 24:
        return None
    if name not in _NEAREST:
        if len(_NEAREST) > 5000:
            _NEAREST.clear()
        _NEAREST[name] = _nearest(name)
    return _NEAREST[name]


def _nearest(name: str) -> str | None:
    if "-" in name:
        prefix, _, suffix = name.rpartition("-")
        if prefix in ARCHES and suffix not in ARCH_FIELD_NAMES:
            near = _closest(suffix, ARCH_FIELD_NAMES)
            return f"{prefix}-{near}" if near else None
    return _closest(name, FIELD_NAMES)


def _closest(name: str, choices: Iterable[str]) -> str | None:
    best: tuple[int, str] | None = None
    for choice in choices:
        allowed = 2 if len(choice) > 5 else 1
        distance = edit_distance(name.lower(), choice.lower(), allowed)
        if distance is not None and (best is None or distance < best[0]):
            best = (distance, choice)
    return best[1] if best else None


def edit_distance(one: str, two: str, most: int) -> int | None:
    """Edits (insert, delete, replace, swap of neighbours) from one to the other, None for more than ``most``."""
    if abs(len(one) - len(two)) > most:
        return None
    before: list[int] = []
    last = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(two, 1):
            cost = min(row[j - 1] + 1, last[j] + 1, last[j - 1] + (a != b))
            if before and j > 1 and a == two[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return None
        before, last = last, row
    return last[-1] if last[-1] <= most else None


_COMMON_ARCHES = {
    "arm64": "arm64v8",
    "aarch64": "arm64v8",
    "arm64/v8": "arm64v8",
    "x86_64": "amd64",
    "x86-64": "amd64",
    "386": "i386",
    "i686": "i386",
    "arm": "arm32v7",
    "armhf": "arm32v7",
    "armv7": "arm32v7",
    "arm/v7": "arm32v7",
    "ppc64el": "ppc64le",
    "windows": "windows-amd64",
    "windows/amd64": "windows-amd64",
}


def alias_of(text: str) -> str | None:
    """The architecture that was meant: another project's name for it, or one edit away."""
    lower = text.lower()
    if lower in ARCHES:
        return lower
    if lower in _COMMON_ARCHES:
        return _COMMON_ARCHES[lower]
    near = [arch for arch in ARCHITECTURES if edit_distance(lower, arch, 1) is not None]
    return near[0] if len(near) == 1 else None


_LEGACY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?::[ \t]*|[ \t]+)[a-z+]+://[^ \t@]+(?:@|[ \t]+[CTB]:)")


def looks_legacy(field: Field) -> bool:
    """``tag: repository@commit directory``, or the tabbed form before that."""
    return (
        "//" in field.value[:400] and _LEGACY.match(f"{field.name}: {field.value[:400]}") is not None
    ) or (field.value.startswith("//") and _LEGACY.match(f"{field.name}:{field.value[:400]}") is not None)


_HANDLE_END = re.compile(r"\(@[^\t\n\f\r <>()]+\)")


def split_maintainers(text: str) -> list[tuple[str, int]] | None:
    """Maintainers that a comma is missing between, with the offset after each; None when they are not that."""
    found = []
    start = 0
    for match in _HANDLE_END.finditer(text):
        printed = maintainer(text[start : match.end()].strip(LIST_BLANKS))
        if printed is None:
            return None
        found.append((printed, match.end()))
        start = match.end()
    return found if len(found) > 1 and not text[start:].strip(LIST_BLANKS) else None


def maintainer_lacks(text: str) -> str:
    """What is wrong with a maintainer, as the end of a sentence."""
    if "\n" in text:
        return "goes on over a line without a comma before it"
    if "(" not in text:
        handle = re.search(r"@[A-Za-z0-9-]+$", text)
        if handle and "<" not in text.split("@")[-1]:
            return f"has no parentheses around {handle.group()}"
        return "has no (@github-handle)"
    if "(@" not in text:
        return "has no @ in its handle"
    if not text.rstrip().endswith(")"):
        return "has something after its (@github-handle)"
    if "<" in text and ">" not in text:
        return "has an address that is not closed"
    if text.startswith(("<", "(")):
        return "has no name"
    if re.search(r"[^\s]<", text) or re.search(r"[^\s]\(@", text):
        return "has no space before its address or handle"
    if re.search(r"<[^<>\s]*\s[^<>]*>", text):
        return "has a space in its address"
    return "is not well formed"


def commit_lacks(value: str) -> str:
    """What is wrong with a commit, as the end of a sentence."""
    if re.fullmatch(r"[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}", value):
        return "has upper-case letters"
    if re.match(r"(?:[0-9a-f]{64}|[0-9a-f]{40})[^0-9a-zA-Z]", value):
        return "has something after the commit"
    if re.fullmatch(r"[0-9A-Fa-f]{4,}", value):
        return f"has {len(value)} digits; a commit has 40 (or 64)"
    if re.fullmatch(r"[0-9A-Za-z]{36,44}", value):
        return "has a character that is not a hexadecimal digit"
    return "is not a commit; a branch or tag goes into GitFetch"


def tag_lacks(text: str) -> str:
    """What is wrong with a tag that is not empty, as a sentence about it."""
    if any(char.isspace() for char in text):
        return "it has a space in it"
    if text[0] in ".-":
        return f"it starts with {text[0]}"
    bad = next((char for char in text if not re.fullmatch(r"[A-Za-z0-9_.-]", char)), None)
    return f"it has {in_message(bad)} in it" if bad else "it is too long"


#: What bashbrew rejects, by the rule for it: the sentence ({} is the value), and what to do.
_REFUSED = {
    "header-pgp": (
        "the file starts like a message signed with PGP",
        "library files are not signed; remove the armour",
    ),
    "missing-colon": (
        "the line {} has no colon, so it is not a field",
        "start it with # if it is a comment, indent it if it belongs to the list above",
    ),
    "empty-file": (
        "the file has no field at all",
        "a library file starts with Maintainers, GitRepo and GitCommit or an entry's own",
    ),
    "missing-maintainers": (
        "the header has no Maintainers",
        "write Maintainers: Full Name <address> (@github-handle) in the first paragraph",
    ),
    "tags-in-header": ("the header has Tags", "put a blank line between the header and the first entry"),
    "missing-tags": (
        "the entry has no Tags",
        "name the tags, or join the lines to the paragraph that they belong to",
    ),
    "missing-gitrepo": (
        "there is no GitRepo, neither in the entry nor in the header",
        "write GitRepo: https://…",
    ),
    "missing-gitcommit": (
        "there is no GitCommit, neither in the entry nor in the header",
        "write GitCommit: and the full commit",
    ),
    "invalid-gitfetch": ("GitFetch {} is not refs/heads/… or refs/tags/…", "write the full name of the ref"),
    "duplicate-tag": ("{} is in Tags twice", "take it from one of the places"),
    "sharedtag-conflict": (
        "{} is in SharedTags here and in Tags elsewhere",
        "a tag that entries share belongs in SharedTags of each of them",
    ),
    "invalid-architecture": ("{} is not an architecture that bashbrew knows", None),
    "unknown-field": ("the field {} makes bashbrew fail: it has a member of that name", "remove it"),
}


def refusal(rejected: Rejected) -> tuple[str, str | None]:
    """What bashbrew rejects as a sentence, and what to do about it."""
    value = rejected.value
    shown = in_message(value)
    if rejected.rule == "invalid-gitcommit":
        return f"GitCommit {shown} {commit_lacks(value)}", "write the full commit, 40 hexadecimal digits"
    words = value.split()
    if rejected.rule == "invalid-tag" and len(words) > 1 and all(TAG.fullmatch(word) for word in words):
        return (
            f"a comma is missing between the tags {in_message(words[0])} and {in_message(words[1])}",
            "put a comma between them",
        )
    people = split_maintainers(value) if rejected.rule == "maintainers-bad-format" else None
    if people is not None:
        return (
            f"a comma is missing between {in_message(people[0][0])} and {in_message(people[1][0])}",
            "put a comma after each maintainer but the last",
        )
    if rejected.rule == "invalid-tag":
        lacks = tag_lacks(value) if value else "it is empty: a comma has nothing beside it"
        return (
            f"{shown} is not a valid tag: {lacks}",
            "tags have letters, digits, '_', '.' and '-', and start with neither '.' nor '-'",
        )
    if rejected.rule == "maintainers-bad-format":
        form = "write Full Name <contact-address-or-url> (@github-handle) or Full Name (@github-handle)"
        return f"the maintainer {shown} {maintainer_lacks(value)}", form
    message, hint = _REFUSED[rejected.rule]
    if rejected.rule == "invalid-architecture":
        near = alias_of(value)
        hint = f"did you mean {near}?" if near else "the architectures are " + ", ".join(ARCHITECTURES)
    if rejected.rule == "invalid-gitfetch" and not value:
        message = "GitFetch is empty"
    return message.format(shown), hint
