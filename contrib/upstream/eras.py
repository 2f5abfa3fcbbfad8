"""Parts of a profile that hold only while upstream's script says something.

Scripts change; ``when`` and ``unless`` are regular expressions over the script's text, ``[[era]]`` tables hold
other values for the file's keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contrib.errors import BadInput
from contrib.tables import Table, decode


@dataclass(frozen=True, slots=True)
class Condition:
    """Whether something holds for a script's text: it matches ``when`` and does not match ``unless``."""

    when: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None

    def holds(self, script: str) -> bool:
        """Whether it does."""
        if self.when is not None and not self.when.search(script):
            return False
        return self.unless is None or not self.unless.search(script)


def decoded_eras(
    data: bytes, file: str
) -> tuple[dict[str, Any], tuple[tuple[Condition, Mapping[str, Any]], ...]]:
    """The tables of a file, and its ``[[era]]`` tables with their conditions, taken out."""
    raw = decode(data, file)
    listed = raw.pop("era", [])
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise BadInput("era: expected [[era]] tables", file=file)
    eras: list[tuple[Condition, Mapping[str, Any]]] = []
    for number, one in enumerate(listed, 1):
        condition = condition_of(Table(one, f"era[{number}]", file))
        if condition == Condition():
            raise BadInput(f"era[{number}]: expected 'when' or 'unless', a regular expression", file=file)
        eras.append((condition, {key: value for key, value in one.items() if key not in ("when", "unless")}))
    return raw, tuple(eras)


def merged(data: Mapping[str, Any], changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """``data`` with ``changes``: tables are merged, everything else is replaced."""
    result = dict(data)
    for key, value in changes.items():
        before = result.get(key)
        result[key] = merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return result


def condition_of(table: Table) -> Condition:
    """``when`` and ``unless`` of a table."""
    found: list[re.Pattern[str] | None] = []
    for name in ("when", "unless"):
        text = table.optional(name, "a regular expression over the script's text")
        try:
            found.append(None if text is None else re.compile(text, re.MULTILINE))
        except re.error as error:
            raise table.wrong(name, f"a regular expression ({error})") from error
    return Condition(*found)


#: Holds always.
ALWAYS = Condition()
