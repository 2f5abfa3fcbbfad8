"""An image's folder: model, reading, validation, and the rendering of its templates.

>>> load("redis").port.repository
'redis-windows/redis-windows'
"""

from __future__ import annotations

from pathlib import Path

import contrib
from contrib.errors import BadInput
from contrib.images.model import Image
from contrib.images.reading import MAX_BYTES, read_image

__all__ = ["Image", "load", "names", "templates_directory"]


def templates_directory() -> Path:
    """Where the images' folders are: inside the installed package, or beside it in a checkout.

    Never the directory one happens to stand in.
    """
    package = Path(contrib.__file__).resolve().parent
    inside = package / "library_templates"
    return inside if inside.is_dir() else package.parent / "library_templates"


def names(templates_dir: Path | None = None) -> tuple[str, ...]:
    """The images there are, sorted."""
    directory = templates_dir or templates_directory()
    return tuple(sorted(path.parent.name for path in directory.glob("*/image.toml")))


def load(name: str, templates_dir: Path | None = None) -> Image:
    """The image of that name, read from its folder and checked.

    :param templates_dir: the directory of the images' folders (``--templates``); the package's own when None.
    :raises BadInput: there is no such image, or its data is wrong (file, key, what is expected).
    """
    directory = templates_dir or templates_directory()
    there = names(directory)
    if name not in there:
        hint = f"there are: {', '.join(there)}" if there else "`contrib new IMAGE` makes an image's folder"
        raise BadInput(f"no image {name!r} in {directory}", hint=hint)
    path = directory / name / "image.toml"
    return read_image(read_file(path), directory / name)


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
