"""An image's folder: model, reading, validation, and the rendering of its templates.

>>> load("redis").port.repository
'redis-windows/redis-windows'
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from contrib.values.errors import BadInput
from contrib.values.tables import image_folders, read_file, templates_directory, where_images_are

if TYPE_CHECKING:
    from contrib.images.model import Image

__all__ = ["Image", "load", "names", "read_file", "templates_directory"]


def names(templates_dir: Path | None = None) -> tuple[str, ...]:
    """The images there are, sorted."""
    return tuple(image_folders("image.toml", templates_dir))


def load(name: str, templates_dir: Path | None = None) -> Image:
    """The image of that name, read from its folder and checked.

    :param templates_dir: a directory of images' folders that come before the package's own (``--templates``).
    :raises BadInput: there is no such image, or its data is wrong (file, key, what is expected).
    """
    from contrib.images.reading import read_image

    there = image_folders("image.toml", templates_dir)
    if name not in there:
        hint = f"there are: {', '.join(there)}" if there else "`contrib new IMAGE` makes an image's folder"
        raise BadInput(f"no image {name!r} in {where_images_are(templates_dir)}", hint=hint)
    return read_image(read_file(there[name] / "image.toml"), there[name])


def __getattr__(name: str) -> Any:
    """:class:`Image`, which a review without an image does not need."""
    if name == "Image":
        from contrib.images.model import Image

        return Image
    raise AttributeError(name)
