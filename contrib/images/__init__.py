"""An image's folder: model, reading, validation, and the rendering of its templates.

>>> load("redis").port.repository
'redis-windows/redis-windows'
"""

from __future__ import annotations

from pathlib import Path

from contrib.images.model import Image
from contrib.images.reading import read_image
from contrib.values.errors import BadInput
from contrib.values.tables import read_file, templates_directory

__all__ = ["Image", "load", "names", "read_file", "templates_directory"]


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
