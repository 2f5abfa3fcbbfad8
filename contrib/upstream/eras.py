"""Parts of a profile that hold only while upstream's script says something.

Scripts change; ``when`` and ``unless`` are regular expressions over the script's text, ``[[era]]`` tables hold
other values for the file's keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from contrib.values.budgets import bounded
from contrib.values.errors import BadInput
from contrib.values.patterns import given
from contrib.values.tables import Table, decode, image_folders, read_file, where_images_are


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


@bounded("file")
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


class AtAScript(Protocol):
    """What a file says at one state of the script."""

    @property
    def image(self) -> str:
        """Name of the image: that of the file's folder."""
        ...

    @property
    def repository(self) -> str:
        """Clone URL of the image's repository."""
        ...

    @property
    def script(self) -> str:
        """The script's path in that repository."""
        ...


P = TypeVar("P", bound=AtAScript)

#: Reads a file's table for a script's text; without one (None) every part of it is kept, to be checked.
Read = Callable[[Mapping[str, Any], str, "str | None"], P]


@dataclass(frozen=True, slots=True)
class Profiles(Generic[P]):
    """A file with eras: what it says today, and what was otherwise in other eras of the script."""

    file: str
    today: P
    data: Mapping[str, Any]
    eras: tuple[tuple[Condition, Mapping[str, Any]], ...]
    read: Read[P]

    @property
    def image(self) -> str:
        """Name of the image."""
        return self.today.image

    @property
    def repository(self) -> str:
        """Clone URL of the image's repository."""
        return self.today.repository

    @property
    def script(self) -> str:
        """The script's path in the repository."""
        return self.today.script

    def at(self, script: str) -> P:
        """What holds for a script's text."""
        data: Mapping[str, Any] = self.data
        for condition, changes in self.eras:
            if condition.holds(script):
                data = merged(data, changes)
        return self.read(data, self.file, script)


def load_profiles(
    name: str, file: str, templates_dir: Path | None, read: Read[P], *, unknown: str
) -> Profiles[P]:
    """The profiles that an image's folder has in ``file``.

    :param templates_dir: a directory of images' folders that come before the package's own.
    :param unknown: says that there is no such file for ``{name}``.
    :raises BadInput: there is none, or it is wrong (file, key, what is expected).
    """
    there = image_folders(file, templates_dir)
    if name not in there:
        raise BadInput(
            f"{unknown.format(name=repr(name))} in {where_images_are(templates_dir)}",
            hint=f"there are: {', '.join(there)}"
            if there
            else "library_templates/README.md says how one is written",
        )
    path = there[name] / file
    return read_profiles(read_file(path), str(path), read, name)


def read_profiles(data: bytes, file: str, read: Read[P], name: str | None = None) -> Profiles[P]:
    """A file from its bytes. Whatever may be asked for later is checked now: it alone, and with each era."""
    raw, eras = decoded_eras(data, file)
    today = read(raw, file, None)
    for _, changes in eras:
        read(merged(raw, changes), file, None)
    if name is not None and today.image != name:
        raise BadInput(f"image: expected {name!r}, the name of the folder, not {today.image!r}", file=file)
    return Profiles(file, today, raw, eras, read)


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
            found.append(None if text is None else given(text, re.MULTILINE))
        except re.error as error:
            raise table.wrong(name, f"a regular expression ({error})") from error
    return Condition(*found)


#: Holds always.
ALWAYS = Condition()
