"""What an image's folder still lacks before anything may be proposed with it.

A scaffolded folder (``contrib new``) loads, generates and can be tried; but without edits upstream's next release
deletes what was generated, and what nobody has answered is not known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from contrib.values.tables import decode, read_file

_TODO = re.compile(r"\bTODO\b")
_KEY = re.compile(r"\s*(?:\[+\s*(?P<table>[\w.\"-]+)\s*\]+|(?P<key>[\w.\"-]+)\s*=)")


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is missing.

    :param file: of the folder. :param key: of the table it is about. :param line: 1-based; None for a whole file.
    """

    file: str
    key: str
    what: str
    line: int | None = None

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.key}: {self.what}"


def unfinished(directory: Path) -> tuple[Missing, ...]:
    """What an image's folder lacks, in the order of its files' names."""
    name = directory.name
    found: list[Missing] = []
    if not (directory / "prove.toml").is_file():
        found.append(
            Missing(
                f"{name}/prove.toml", "prove", "is not there: nothing says how upstream's next release is run"
            )
        )
    edits = sorted(directory.glob("edits-*.toml"))
    if not edits:
        found.append(
            Missing(f"{name}/edits-*.toml", "script", "is not there: upstream's scripts learn nothing")
        )
    for path in sorted(directory.iterdir()):
        if path.suffix not in (".toml", ".j2") or not path.is_file():
            continue
        shown = f"{name}/{path.name}"
        data = read_file(path)
        if path in edits and not _has_edits(decode(data, str(path))):
            found.append(
                Missing(
                    shown, "script.edit", "is empty: upstream's scripts would delete the Windows directories"
                )
            )
        key = ""
        for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
            named = _KEY.match(line)
            if named is not None and not line.lstrip().startswith("#"):
                key = (named["table"] or named["key"]).strip('"')
            if _TODO.search(line):
                words = line.strip().lstrip("#").strip()
                found.append(Missing(shown, key or "TODO", f"is not answered: {words[:100]}", number))
    return tuple(found)


def _has_edits(table: dict[str, object]) -> bool:
    scripts = table.get("script")
    return isinstance(scripts, list) and any(isinstance(each, dict) and each.get("edit") for each in scripts)
