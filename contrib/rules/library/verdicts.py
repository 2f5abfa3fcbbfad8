"""The verdicts of official-images' naughty-from.sh and naughty-constraints.sh, from the same questions."""

from __future__ import annotations

from dataclasses import dataclass, field

from contrib.library.tags import EntryTags
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.sources import sources

#: Ubuntu releases whose riscv64 images run on the hardware that there is.
_RISCV_UBUNTU = ("22.04", "24.04", "25.04")
_RISCV_NAMES = ("jammy", "noble", "plucky")
RVA23 = "Ubuntu 25.10 and newer need RVA23 on riscv64, and there is no hardware that has it"


@dataclass(eq=False)
class Verdict:
    """What naughty-from.sh finds of an entry.

    :ivar failing: base to the architectures that it fails for.
    :ivar unsupported: no base of any architecture passes.
    :ivar reasons: a word more on a base.
    """

    each: EntryTags
    failing: dict[str, list[str]] = field(default_factory=dict)
    unsupported: bool = False
    reasons: dict[str, str] = field(default_factory=dict)


def judged(context: LibraryContext) -> list[Verdict]:
    """Entries with a base that fails."""
    found: list[Verdict] | None = context.memory.get("verdicts")
    if found is not None:
        return found
    passes: dict[int, bool] = {}
    verdicts: dict[int, Verdict] = {}
    for source in sources(context):
        if source.bases is None:
            continue
        verdict = verdicts.setdefault(id(source.each), Verdict(source.each))
        for base in sorted(source.bases.distinct):
            if "$" in base:
                continue  # from-variable
            reason = _fails(context, base, source.architecture)
            if reason is None:
                passes[id(source.each)] = True
                continue
            verdict.failing.setdefault(base, []).append(source.architecture)
            if reason:
                verdict.reasons[base] = reason
    found = [verdict for verdict in verdicts.values() if verdict.failing]
    for verdict in found:
        verdict.unsupported = not passes.get(id(verdict.each), False)
    context.memory["verdicts"] = found
    return found


def _fails(context: LibraryContext, base: str, architecture: str) -> str | None:
    """None when the base passes for the architecture, else why it fails ("" when that says itself)."""
    assert context.others is not None
    name, _, tag = base.partition(":")
    if architecture == "riscv64" and name == "ubuntu" and not _old_ubuntu(context, tag):
        return RVA23
    if base == "scratch":
        return "nothing on Windows starts from scratch" if architecture.startswith("windows-") else None
    if "/" in base:
        pins = context.others.pins()
        if pins is None:
            why = _before_pins(name, context.today)
            if why is None:
                context.not_known("others", f"whether {base} was pinned")
            return why
        if base not in pins:
            return "not among the pinned external images"
        known = context.network.architectures(base) if context.network is not None else None
        if known is None:
            context.not_known("network", f"which architectures {base} has")
            return None
        return None if architecture in known else f"it has {', '.join(sorted(known)) or 'none'}"
    file = context.others.file(name)
    if file is None and context.others.unreadable(name):
        context.not_known("others", f"library/{name}, which cannot be read")
        return None
    if file is None:
        return f"there is no library/{name}"
    entries = file.find(tag)
    if not entries:
        return f"library/{name} has no tag {tag}"
    return None if architecture in entries[0].architectures else ""


def _before_pins(name: str, today: str) -> str | None:
    """Why a base was refused when there was no list of pins yet (until official-images@98575e0, 2022-11-18): then
    Microsoft's two alone were exempt, under their old names until official-images@abf9082 (2019-09-04)."""
    if not today or today >= "2022-11-18":
        return None
    if name not in _MICROSOFT:
        return "there were no pins yet, and Microsoft's bases alone were exempt"
    if name.startswith("microsoft/") and today >= "2019-09-04":
        return "Microsoft's images moved to mcr.microsoft.com"
    return None


def _old_ubuntu(context: LibraryContext, tag: str) -> bool:
    assert context.others is not None
    file = context.others.file("ubuntu")
    entries = file.find(tag) if file is not None else ()
    if not entries:
        return False
    return any(entry.tags[0] in _RISCV_UBUNTU or entry.tags[0].startswith(_RISCV_NAMES) for entry in entries)


@dataclass(eq=False)
class Constrained:
    """Constraints that an entry's bases imply, beside those that it has."""

    each: EntryTags
    expected: tuple[str, ...]
    missing: list[str]
    extra: list[str]
    bases: list[str]


_MICROSOFT = {
    "mcr.microsoft.com/windows/nanoserver": "nanoserver",
    "microsoft/nanoserver": "nanoserver",
    "mcr.microsoft.com/windows/servercore": "windowsservercore",
    "microsoft/windowsservercore": "windowsservercore",
}


def constrained(context: LibraryContext) -> list[Constrained]:
    """Every entry whose Dockerfiles can be read."""
    found: list[Constrained] | None = context.memory.get("constrained")
    if found is not None:
        return found
    by_entry: dict[int, tuple[EntryTags, dict[str, None]]] = {}
    for source in sources(context):
        if source.bases is not None:
            entry = by_entry.setdefault(id(source.each), (source.each, {}))
            entry[1].update(dict.fromkeys(source.bases.distinct))
    found = []
    for each, bases in by_entry.values():
        expected = sorted({constraint for base in bases for constraint in implied(context, base)})
        given = [constraint for constraint in each.entry.constraints if constraint]
        found.append(
            Constrained(
                each,
                tuple(expected),
                [constraint for constraint in expected if constraint not in given],
                [constraint for constraint in given if constraint not in expected],
                list(bases),
            )
        )
    context.memory["constrained"] = found
    return found


def implied(context: LibraryContext, base: str) -> tuple[str, ...]:
    """Constraints that a base implies."""
    assert context.others is not None
    name, _, tag = base.partition(":")
    if "/" not in base:
        file = context.others.file(name)
        entries = file.find(tag) if file is not None else ()
        if entries and any(entries[0].constraints):
            return tuple(constraint for constraint in entries[0].constraints if constraint)
    if "microsoft" in base:
        windows = _MICROSOFT.get(name)
        if windows is not None:
            return (windows if tag == "latest" else f"{windows}-{tag}",)
    return ()
