"""``contrib loads``: answers and inventories as text and JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable

from contrib.binaries.answers import Answer, Report, as_json
from contrib.binaries.inventory import Inventory
from contrib.binaries.model import Binary
from contrib.binaries.resolve import Resolved, Trouble, Verdict

Paint = Callable[[str, str], str]

_COLORS = {Verdict.LOADS: "32", Verdict.UNKNOWN: "33"}
#: Troubles of one program that the text shows; JSON has all.
_SHOWN = 6


def json_text(report: Report) -> str:
    """The stable shape; see docs/loads.md."""
    return json.dumps(as_json(report), ensure_ascii=False, indent=2)


def text(report: Report, *, width: int = 80, color: bool = False, verbose: bool = False) -> str:
    """A table of programs and bases where there are several bases; then what is in the way, base by base.

    :param verbose: with the facts of each file.
    """

    def paint(words: str, code: str) -> str:
        return paint(words, code) if color else words

    parts = [_files(report, width)]
    if verbose:
        parts += [_facts(binary, width) for each in report.files for binary in each.binaries]
    if len(report.answers) > 1:
        parts.append(_table(report, paint))
    parts += [_answer(each, width, paint) for each in report.answers]
    parts.append(textwrap.fill("Read from the files; nothing was run.", width))
    return "\n\n".join(part for part in parts if part)


def inventory_text(inventory: Inventory, source: str, size: int) -> str:
    """A few lines about an inventory."""
    libraries = list(inventory.libraries())
    functions = sum(len(each.exports.names) for each in libraries)
    lines = [
        f"base        {inventory.base}",
        f"digest      {inventory.digest or 'not known (a saved image without one)'}",
        f"Windows     {inventory.os_version or 'not known'}, {inventory.machine}"
        + (", with the 32-bit subsystem" if inventory.wow64 else ", no 32-bit subsystem"),
        f"libraries   {len(libraries):,} with {functions:,} exported names",
        f"API sets    {len(inventory.apisets.hosts):,}"
        if inventory.apisets.hosts
        else "API sets    not known",
        f"assemblies  {len(inventory.assemblies):,} side-by-side",
        f"size        {size:,} bytes; from the {source}",
        *(f"note        {note}" for note in inventory.notes),
    ]
    return "\n".join(lines)


def inventory_json(inventory: Inventory, source: str, size: int) -> str:
    """The same as JSON."""
    shape = {
        "base": inventory.base,
        "digest": inventory.digest or None,
        "os_version": inventory.os_version or None,
        "machine": inventory.machine,
        "wow64": inventory.wow64,
        "libraries": len(inventory.lines),
        "apisets": len(inventory.apisets.hosts),
        "assemblies": len(inventory.assemblies),
        "bytes": size,
        "inventory": source,
        "notes": list(inventory.notes),
    }
    return json.dumps(shape, ensure_ascii=False, indent=2)


def _files(report: Report, width: int) -> str:
    lines = []
    for each in report.files:
        programs = sum(1 for binary in each.binaries if not binary.library)
        placed = report.placed.get(each.name, "")
        where = f" ({placed})" if placed else ""
        lines.append(
            f"{each.name}: {_count(programs, 'program')}, "
            f"{_count(len(each.binaries) - programs, 'library', 'libraries')}{where}"
        )
        for package in each.packages:
            lines.append(
                f"  {package.product or package.path} {package.version}, an MSI package for {package.machine}"
            )
            lines += [
                f"  installs only if {condition}: {message}" for condition, message in package.conditions
            ]
            lines += [f"  sets up the service {name} ({file})" for name, file in package.services]
        lines += [f"  {path} {why}" for path, why in each.unread[:20]]
        if len(each.unread) > 20:
            lines.append(f"  and {len(each.unread) - 20} more files that could not be read")
    lines += report.notes
    return "\n".join(
        textwrap.fill(line, width, subsequent_indent="    ", initial_indent="", break_on_hyphens=False)
        for line in lines
    )


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _facts(binary: Binary, width: int) -> str:
    flags = [
        word
        for word, here in (
            ("library", binary.library), (".NET", binary.managed), ("signed", binary.signed),
        )
        if here
    ]  # fmt: skip
    if binary.manifest is not None and binary.manifest.level:
        flags.append(binary.manifest.level)
    head = (
        f"{binary.path}: {binary.machine}, {binary.subsystem}, Windows {'.'.join(map(str, binary.windows))} or newer"
        f"{', version ' + binary.version if binary.version else ''}"
        f"{', ' + ', '.join(flags) if flags else ''}"
    )
    lines = [textwrap.fill(head, width, subsequent_indent="    ", break_on_hyphens=False)]
    for title, imports in (("imports", binary.imports), ("delay-loads", binary.delayed)):
        if imports:
            names = ", ".join(f"{each.library} ({len(each.functions)})" for each in imports)
            lines.append(
                textwrap.fill(f"  {title}: {names}", width, subsequent_indent="    ", break_on_hyphens=False)
            )
    if binary.exports.names or binary.exports.ordinals:
        forwards = f", {len(binary.exports.forwards):,} of them forwarded" if binary.exports.forwards else ""
        lines.append(f"  exports: {len(binary.exports.names):,} names{forwards}")
    return "\n".join(lines)


def _table(report: Report, paint: Paint) -> str:
    """Programs as rows, bases as columns."""
    columns = list(report.answers)
    rows: dict[str, list[str]] = {}
    for index, answer in enumerate(columns):
        for each in answer.all:
            rows.setdefault(each.binary.path, [""] * len(columns))[index] = each.verdict.value
    for index, answer in enumerate(columns):
        if answer.base.error is not None:
            for cells in rows.values():
                cells[index] = "no inventory"
    shown = {path: cells for path, cells in rows.items() if set(cells) - {Verdict.LOADS.value}}
    heads = ["", *(_short(answer.base.name) for answer in columns)]
    body = [[path, *cells] for path, cells in shown.items()]
    if len(shown) < len(rows):
        body.append([f"{len(rows) - len(shown):,} more", *(Verdict.LOADS.value for _ in columns)])
    widths = [max(len(row[i]) for row in [heads, *body]) for i in range(len(heads))]
    lines = []
    for number, row in enumerate([heads, *body]):
        cells = []
        for index, cell in enumerate(row):
            padded = cell.ljust(widths[index])
            code = _code(cell) if number and index else "1" if not number else ""
            cells.append(paint(padded, code) if code else padded)
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _code(cell: str) -> str:
    if cell in ("", "no inventory"):
        return "33" if cell else ""
    return _COLORS.get(Verdict(cell), "31")


def _short(base: str) -> str:
    return base.rpartition("/")[2]


def _answer(answer: Answer, width: int, paint: Paint) -> str:
    base = answer.base
    if base.error is not None:
        return textwrap.fill(f"{base.name}: {base.error.message}", width, subsequent_indent="    ")
    name = base.inventory.label if base.inventory is not None else f"{base.name} (no inventory)"
    lines = [paint(name, "1")]
    fine = [each for each in answer.all if each.verdict is Verdict.LOADS]
    for each in answer.all:
        if each.verdict is not Verdict.LOADS:
            lines += _result(each, width, paint)
    for each in fine:
        if not each.binary.library:
            lines += _result(each, width, paint)
    libraries = [each for each in fine if each.binary.library]
    if libraries:
        lines.append(f"  {paint('loads', '32')}  {_count(len(libraries), 'more library', 'more libraries')}")
    if not answer.all:
        lines.append("  no program and no library was found")
    return "\n".join(lines)


def _result(each: Resolved, width: int, paint: Paint) -> list[str]:
    code = f" {each.exit.hex}" if each.exit is not None else ""
    verdict = paint(each.verdict.value, _COLORS.get(each.verdict, "1;31"))
    lines = [f"  {verdict}{code}  {each.binary.path}"]
    shown = [trouble for trouble in each.troubles if not trouble.later] + [
        t for t in each.troubles if t.later
    ]
    for trouble in shown[:_SHOWN]:
        lines.append(
            textwrap.fill(
                _sentence(trouble), width, initial_indent="      ", subsequent_indent="        ",
                break_on_hyphens=False, break_long_words=False,
            )
        )  # fmt: skip
    if len(shown) > _SHOWN:
        lines.append(f"      and {len(shown) - _SHOWN:,} more (all are in --format json)")
    return lines


def _sentence(trouble: Trouble) -> str:
    chain = " > ".join((*trouble.chain, trouble.library)) if trouble.library else trouble.chain[-1]
    when = " (on first use)" if trouble.later else ""
    return f"{chain}{when}: {trouble.why}"
