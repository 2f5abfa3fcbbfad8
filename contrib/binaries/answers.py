"""The answers for programs and bases, as values: what reports print and other commands ask."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contrib.binaries.inventory import Inventory
from contrib.binaries.model import Binary, Contents
from contrib.binaries.resolve import Place, Resolved, Verdict, resolve
from contrib.values.errors import ContribError


@dataclass(frozen=True, slots=True)
class Base:
    """One base that was asked for.

    :param inventory: None when none could be had; ``error`` says why.
    :param source: where the inventory comes from: ``registry``, ``cache``, ``file`` or "".
    """

    name: str
    inventory: Inventory | None
    source: str = ""
    error: ContribError | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answers for one base.

    :param programs: one per program, in the order found.
    :param libraries: of those that no program takes, one each.
    """

    base: Base
    programs: tuple[Resolved, ...] = ()
    libraries: tuple[Resolved, ...] = ()

    @property
    def all(self) -> tuple[Resolved, ...]:
        """Programs and libraries."""
        return (*self.programs, *self.libraries)


@dataclass(frozen=True, slots=True)
class Report:
    """What ``contrib loads`` found.

    :param files: what was read. :param placed: how it was found out where they are, by name; "" for a guess.
    """

    files: tuple[Contents, ...]
    answers: tuple[Answer, ...]
    placed: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 when something would not start, 3 when an inventory could not be had, else 0."""
        if any(each.verdict.fails for answer in self.answers for each in answer.all):
            return 1
        return 3 if any(answer.base.error is not None for answer in self.answers) else 0


def needed(answer: Answer, donor: Inventory, also: Collection[str] = ()) -> dict[str, tuple[str, ...]]:
    """The libraries that a base lacks and another one has, with what they need in turn: name to the chain.

    For a nanoserver image, with the inventory of servercore: what it has to copy from there. What is imported counts.
    Of the libraries that are only named in a file's text, and may be looked up while it runs, those in ``also`` (in
    lower case) count: a run-time library such as MSYS2's names dozens, most of which a server never calls.
    """
    missing: dict[str, tuple[str, ...]] = {}
    waiting = [
        (trouble.library, trouble.chain)
        for each in answer.all
        for trouble in each.troubles
        if trouble.library
        and not trouble.later
        and (
            trouble.verdict is Verdict.LIBRARY_MISSING
            or (trouble.verdict is Verdict.UNKNOWN and trouble.library.lower() in also)
        )
    ]
    base = answer.base.inventory
    while waiting:
        name, chain = waiting.pop(0)
        key = name.lower()
        found = donor.at(f"C:\\Windows\\System32\\{key}")
        if key in missing or found is None:
            continue
        missing[key] = chain
        if base is None:
            continue
        copied = {
            f"c:\\windows\\system32\\{each}": donor.at(f"C:\\Windows\\System32\\{each}") for each in missing
        }
        files = {path: library for path, library in copied.items() if library is not None}
        inner = resolve(found, Place(base, files))
        waiting += [
            (trouble.library, (*chain, *trouble.chain))
            for trouble in inner.troubles
            if trouble.verdict is Verdict.LIBRARY_MISSING and not trouble.later
        ]
    return missing


def newly_imported(before: Sequence[Binary], after: Sequence[Binary]) -> dict[str, tuple[str, ...]]:
    """Libraries that a release imports and the one before did not, to the files that import them.

    Libraries that come with the release are left out.
    """
    had = {each.library.lower() for binary in before for each in (*binary.imports, *binary.delayed)}
    own = {binary.key for binary in after}
    found: dict[str, list[str]] = {}
    for binary in after:
        for each in (*binary.imports, *binary.delayed):
            key = each.library.lower()
            if key not in had and key not in own:
                found.setdefault(key, []).append(binary.name)
    return {key: tuple(dict.fromkeys(names)) for key, names in sorted(found.items())}


def as_json(found: Report) -> dict[str, Any]:
    """The report's stable shape (documented in docs/loads.md)."""
    return {
        "files": [
            {
                "name": each.name,
                "binaries": [_facts(binary) for binary in each.binaries],
                "packages": [
                    {
                        "path": package.path,
                        "product": package.product,
                        "version": package.version,
                        "machine": package.machine,
                        "conditions": [list(pair) for pair in package.conditions],
                        "services": [list(pair) for pair in package.services],
                    }
                    for package in each.packages
                ],
                "unread": [list(pair) for pair in each.unread],
            }
            for each in found.files
        ],
        "bases": [_answer_json(each) for each in found.answers],
        "notes": list(found.notes),
    }


def _facts(binary: Binary) -> dict[str, Any]:
    exports = binary.exports
    facts = binary.as_json()
    for key in ("exports", "ordinals", "forwards"):
        facts.pop(key, None)
    return {
        **facts,
        "exports": len(exports.names),
        "forwards": sorted(f"{name} -> {target}" for name, target in exports.forwards.items()),
        "apisets": sorted(
            {
                each.library.lower()
                for each in binary.imports
                if each.library.lower().startswith(("api-", "ext-"))
            }
        ),
    }


def _answer_json(answer: Answer) -> dict[str, Any]:
    base = answer.base
    counts = {verdict.value: 0 for verdict in Verdict}
    for each in answer.all:
        counts[each.verdict.value] += 1
    return {
        "base": base.name,
        "digest": base.inventory.digest if base.inventory else None,
        "os_version": base.inventory.os_version if base.inventory else None,
        "inventory": base.source or None,
        "error": base.error.as_json()["error"] if base.error else None,
        "summary": counts,
        "results": [
            {
                "path": each.binary.path,
                "library": each.binary.library,
                "machine": each.binary.machine,
                "verdict": each.verdict.value,
                "exit_code": each.exit.code if each.exit else None,
                "modules": len(each.modules),
                "troubles": [
                    {
                        "verdict": trouble.verdict.value,
                        "library": trouble.library,
                        "functions": list(trouble.functions),
                        "chain": list(trouble.chain),
                        "why": trouble.why,
                        "later": trouble.later,
                        "exit_code": trouble.exit.code if trouble.exit else None,
                    }
                    for trouble in each.troubles
                ],
            }
            for each in answer.all
        ],
    }
