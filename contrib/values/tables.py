"""The files of the images' folders: where they are, TOML to plain data, and tables that are read key by key.

Knows no image and no key. Apart from :mod:`contrib.images` so that what needs a profile alone (``render``,
``manifest``) starts without the whole model of an image.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import contrib
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput
from contrib.values.patterns import lazy

#: An image's folder is small data; anything larger is not what it says it is.
MAX_BYTES = 1 << 20


def templates_directory() -> Path:
    """Where the images' folders are: inside the installed package, or beside it in a checkout.

    Never the directory one happens to stand in.
    """
    package = Path(contrib.__file__).resolve().parent
    inside = package / "library_templates"
    return inside if inside.is_dir() else package.parent / "library_templates"


def image_folders(file: str, templates_dir: Path | None = None) -> dict[str, Path]:
    """The images that have ``file``, by name, with their folders, sorted.

    :param templates_dir: a directory of images' folders that come before the package's own.
    """
    found: dict[str, Path] = {}
    for directory in _directories(templates_dir):
        for path in directory.glob(f"*/{file}"):
            found.setdefault(path.parent.name, path.parent)
    # a folder of the person's own hides the package's, whatever is in it
    own = _directories(templates_dir)[0]
    return {
        name: folder
        for name, folder in sorted(found.items())
        if folder.parent == own or not (own / name / "image.toml").is_file()
    }


def _directories(templates_dir: Path | None) -> list[Path]:
    builtin = templates_directory()
    if templates_dir is None or templates_dir.resolve() == builtin:
        return [builtin if templates_dir is None else templates_dir]
    return [templates_dir, builtin]


def where_images_are(templates_dir: Path | None = None) -> str:
    """The directories that images are looked for in, for messages."""
    return " or ".join(str(directory) for directory in _directories(templates_dir))


def read_file(path: Path) -> bytes:
    """A small file of an image's folder.

    :raises BadInput: it is not there, is no plain file, or is larger than such a file can be.
    """
    try:
        if not path.is_file():
            raise BadInput("there is no such file", file=str(path))
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", file=str(path)) from error
    if len(data) > MAX_BYTES:
        raise BadInput(
            f"is larger than {MAX_BYTES} bytes, which no file of an image's folder is", file=str(path)
        )
    return data


#: tomllib takes a time that grows with the cube of the number of a key's parts.
_LONG_KEY = lazy(rb"""(?<![\w'"-])(?:[\w'"-]+[ \t]*\.[ \t]*){60}""")


@bounded("file")
def decode(data: bytes, file: str) -> dict[str, Any]:
    """TOML to plain data.

    :raises BadInput: too large, not UTF-8, not TOML (with the line).
    """
    if sys.version_info >= (3, 11):  # here, because a review of a Dockerfile reads no TOML
        import tomllib
    else:
        import tomli as tomllib
    if len(data) > MAX_BYTES:
        raise BadInput(f"is larger than {MAX_BYTES} bytes, which no image's data is", file=file)
    if _LONG_KEY.search(data):
        raise BadInput("has a key of more than 60 parts", file=file)
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadInput("is not UTF-8 text", file=file, line=data.count(b"\n", 0, error.start) + 1) from error
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+)", str(error))
        message = re.sub(r" \(at [^()]*\)", "", str(error))
        line = int(found.group(1)) if found else None
        raise BadInput(f"is not TOML: {message[:1].lower()}{message[1:]}", file=file, line=line) from error
    except RecursionError as error:
        raise BadInput("is nested too deeply", file=file) from error
    except ValueError as error:  # Python converts no number with thousands of digits
        raise BadInput("is not TOML: a number is too long", file=file) from error


class Table:
    """One table of the file, read key by key; :meth:`done` tells the keys that nobody asked for."""

    def __init__(self, data: Mapping[str, Any], where: str, file: str, text: str = "") -> None:
        self._data = data
        self._where = where
        self._file = file
        self._text = text
        self._asked: set[str] = set()

    def key(self, name: str) -> str:
        """The key with its table, as messages write it."""
        return f"{self._where}.{name}" if self._where else name

    def wrong(self, name: str, expected: str) -> BadInput:
        """The error for a value that is not what is expected."""
        value = self._data.get(name)
        got = "it is missing" if name not in self._data else f"not {_short(value)}"
        return BadInput(
            f"{self.key(name)}: expected {expected}, {got}", file=self._file, line=self._line(name)
        )

    @property
    def file(self) -> str:
        """The file, as messages name it."""
        return self._file

    def line(self, name: str) -> int | None:
        """The line where a key stands, None when that cannot be told."""
        return self._line(name)

    def _line(self, name: str) -> int | None:
        """The line where the key stands, when that can be told without doubt."""
        lines = self._text.splitlines()
        first, last = _region(self._where, lines)
        for pattern in (
            rf"\s*{re.escape(name)}\s*=",
            rf".*[{{,]\s*{re.escape(name)}\s*=",
        ):  # or in an inline table
            found = [number for number in range(first, last) if re.match(pattern, lines[number])]
            if found:
                return found[0] + 1 if len(found) == 1 else None
        return None

    def text(
        self,
        name: str,
        expected: str = "text",
        *,
        default: str | None = None,
        pattern: re.Pattern[str] | None = None,
    ) -> str:
        """A text, one line, of the form ``pattern``; ``default`` when it is not there."""
        self._asked.add(name)
        if name not in self._data and default is not None:
            return default
        value = self._data.get(name)
        if not isinstance(value, str) or (not value.strip() and default != ""):
            raise self.wrong(name, expected)
        if pattern is not None and value and not pattern.fullmatch(value):
            raise self.wrong(name, expected)
        if any((ord(char) < 32 and char not in "\n\t") or ord(char) == 127 for char in value):
            raise self.wrong(name, f"{expected} without control characters")
        return value

    def value(self, name: str) -> Any:
        """The value as TOML gives it, None when it is not there; for keys of several kinds, to be checked."""
        self._asked.add(name)
        return self._data.get(name)

    def optional(self, name: str, expected: str, pattern: re.Pattern[str] | None = None) -> str | None:
        """A text, or None when the key is not there."""
        if name not in self._data:
            self._asked.add(name)
            return None
        return self.text(name, expected, pattern=pattern)

    def flag(self, name: str, default: bool) -> bool:
        """True or false."""
        self._asked.add(name)
        value = self._data.get(name, default)
        if not isinstance(value, bool):
            raise self.wrong(name, "true or false")
        return value

    def texts(
        self,
        name: str,
        expected: str = "a list of texts",
        *,
        default: tuple[str, ...] | None = None,
        pattern: re.Pattern[str] | None = None,
    ) -> tuple[str, ...]:
        """A list of texts."""
        self._asked.add(name)
        if name not in self._data and default is not None:
            return default
        value = self._data.get(name)
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.wrong(name, expected)
        if pattern is not None and not all(pattern.fullmatch(item) for item in value):
            raise self.wrong(name, expected)
        return tuple(value)

    def table(self, name: str, *, required: bool = True) -> Table:
        """A table inside this one."""
        self._asked.add(name)
        value = self._data.get(name)
        if value is None and not required:
            value = {}
        if not isinstance(value, dict):
            raise self.wrong(name, "a table")
        return Table(value, self.key(name), self._file, self._text)

    def tables(self, name: str, *, required: bool = True) -> list[Table]:
        """An array of tables."""
        self._asked.add(name)
        value = self._data.get(name)
        if value is None and not required:
            return []
        if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
            raise self.wrong(name, f"one [[{self.key(name)}]] table or more")
        return [
            Table(item, f"{self.key(name)}[{number}]", self._file, self._text)
            for number, item in enumerate(value, 1)
        ]

    def items(self) -> Iterator[str]:
        """The names of its keys, which are data here."""
        for name in self._data:
            self._asked.add(name)
            yield name

    def choice(self, name: str, choices: tuple[str, ...], default: str | None = None) -> str:
        """One of a few words."""
        value = self.text(name, f"one of {', '.join(choices)}", default=default)
        if value not in choices:
            raise self.wrong(name, f"one of {', '.join(choices)}")
        return value

    def done(self) -> None:
        """:raises BadInput: there is a key that nobody asked for."""
        for name in self._data:
            if name not in self._asked:
                from difflib import get_close_matches

                near = get_close_matches(name, self._asked, n=1)
                hint = (
                    f"perhaps {near[0]!r} was meant"
                    if near
                    else f"known keys: {', '.join(sorted(self._asked))}"
                )
                raise BadInput(
                    f"{self.key(name)}: there is no such key",
                    file=self._file,
                    line=self._line(name),
                    hint=hint,
                )


def _region(where: str, lines: list[str]) -> tuple[int, int]:
    """The lines (from 0, the last one excluded) of the table ``check[2].steps[1]``, as far as headers tell them."""
    first, last = 0, len(lines)
    name = ""
    for part, number in re.findall(r"([^.\[\]]+)(?:\[(\d+)\])?", where):
        name = f"{name}.{part}" if name else part
        header = re.compile(rf"\s*\[{{1,2}}\s*{re.escape(name)}\s*\]{{1,2}}")
        found = [at for at in range(first, last) if header.match(lines[at])]
        if len(found) < int(number or 1):
            break
        first = found[int(number or 1) - 1]
        below = re.compile(rf"\s*\[{{1,2}}\s*{re.escape(name)}\.")
        last = next(
            (
                at
                for at in range(first + 1, last)
                if re.match(r"\s*\[", lines[at])
                and not below.match(lines[at])
                and re.match(r"\s*\[{1,2}[^\[\]=,]*\]{1,2}\s*(?:#.*)?$", lines[at])
            ),
            last,
        )
    return first, last


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
