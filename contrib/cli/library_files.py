"""Which files the arguments of ``contrib library`` mean, and their bytes. Imports next to nothing.

``os.path`` in place of ``pathlib``, whose import alone costs a tenth of what ``cat --all`` may take.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from contrib.library.parsing import parse
from contrib.library.reader import MAX_BYTES
from contrib.library.select import Selection
from contrib.values.errors import BadInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contrib.library.model import LibraryFile

#: A file's name as it is to be shown and read, and a tag.
Named = tuple[str, "str | None"]


def named(names: tuple[str, ...], all_: bool, folder: str) -> list[Named]:
    """Files and tags that the arguments mean; ``--all`` before them."""
    found: list[Named] = []
    if all_:
        found += of_folder(folder, "the library folder (--library)")
    for name in names:
        found += _of_argument(name, folder)
    if not found:
        raise BadInput(
            "nothing is named" if not all_ else "there is no file in the library folder",
            file=folder if all_ else None,
            hint="name an image (`golang`, `golang:1.26`) or a file (`./golang`), or say --all",
        )
    return found


def of_folder(folder: str, what: str) -> list[Named]:
    try:
        with os.scandir(folder) as entries:
            files = [entry.name for entry in entries if entry.name[0] != "." and entry.is_file()]
    except OSError as error:
        raise BadInput(
            f"cannot be read as {what}: {error.strerror}",
            file=folder,
            hint="give --library DIR, or set BASHBREW_LIBRARY to official-images' library",
        ) from error
    files.sort(key=os.fsencode)
    return [(os.path.join(folder, name), None) for name in files]  # noqa: PTH118 - see above


def _of_argument(argument: str, folder: str) -> list[Named]:
    if argument.startswith(("http://", "https://")):
        raise BadInput(
            "is a URL, and library files are read from disk", file=argument, hint="download it first"
        )
    slashes = "/\\" if os.name == "nt" else "/"
    cut = max(argument.rfind(slash) for slash in slashes) + 1
    name, colon, tag = argument[cut:].partition(":")
    path = argument[:cut] + name
    if colon and not name:
        name, tag, path = argument[cut:], "", argument
    places = []
    if cut:
        places.append(path)
    if not os.path.isabs(path):  # noqa: PTH117
        places.append(os.path.join(folder, path))  # noqa: PTH118
    for place in places:
        if os.path.isdir(place) and not tag:  # noqa: PTH112
            return of_folder(place, "a folder of library files")
        if os.path.exists(place):  # noqa: PTH110
            return [(place, tag or None)]
    if not cut and os.path.isfile(path):  # noqa: PTH113
        hint = f"there is a file of that name here: write ./{argument}"
    elif not os.path.isdir(folder):  # noqa: PTH112
        hint = "give --library DIR, or set BASHBREW_LIBRARY to official-images' library"
    else:
        hint = _similar(name, folder)
    raise BadInput("there is no such library file", file=places[-1] if not cut else argument, hint=hint)


def _similar(name: str, folder: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, os.listdir(folder), n=1)  # noqa: PTH208
    return (
        f"did you mean {near[0]}?"
        if near
        else f"`contrib library list --all --repos` shows those of {folder}"
    )


def read_bytes(path: str) -> bytes:
    """The file's bytes; one that is too large is not read."""
    try:
        with open(path, "rb") as stream:  # noqa: PTH123
            data = stream.read(MAX_BYTES + 1)
            if len(data) > MAX_BYTES:
                size = os.fstat(stream.fileno()).st_size
                raise BadInput(
                    f"has {size if size > MAX_BYTES else 'too many'} bytes; a library file has {MAX_BYTES} at most",
                    file=path,
                )
            return data
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", file=path) from error


def selections(named: list[Named]) -> Iterator[Selection]:
    read: dict[str, LibraryFile] = {}
    for path, tag in named:
        file = read.get(path)
        if file is None:
            file = read[path] = parse(read_bytes(path), path)
        yield Selection(file, tag)


def write(text: str) -> None:
    """To stdout as bytes: what is no UTF-8 in the file comes out as it went in, and LF stays LF."""
    if sys.stdout.isatty():
        from contrib.values.visible import visible

        text = visible(text)
    data = text.encode("utf-8", "surrogateescape")
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
