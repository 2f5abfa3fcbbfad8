"""How upstream makes a release, as an image's folder says it in ``prove.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contrib.values.errors import BadInput
from contrib.values.tables import decode

if TYPE_CHECKING:
    from contrib.images.model import Image


@dataclass(frozen=True, slots=True)
class Recipe:
    """How upstream's next release is made in one layout: a table of ``prove.toml``.

    Shape: ``needs`` (programs), ``reproduce`` (a command that must leave no difference, or none),
    ``release`` (commands of a Linux release), ``port`` (commands after a release of the port; those of
    ``release`` when absent), ``library`` (a command that prints the library file, or changes ``{file}``),
    ``[[…source]]`` with ``url`` (regular expression, ``@NAME@`` filled in) and one of ``line`` (a line per
    Linux release), ``text``, ``port`` = ``github-releases`` (all of the port's), ``github-release`` (one;
    ``{version}`` in ``url``) or ``archive``; ``[[…tags]]`` with ``url`` and one of ``tags``, ``line`` (a tag per
    Linux release), ``port = true``. In commands ``{series}``, ``{major}``, ``{version}``, ``{url}``,
    ``{digest}``, ``{file}``, ``{python}`` are filled in; ``{name}=value`` words before a command are its
    environment.
    """

    layout: str
    needs: tuple[str, ...]
    reproduce: tuple[str, ...]
    release: tuple[tuple[str, ...], ...]
    port: tuple[tuple[str, ...], ...]
    library: tuple[str, ...]
    sources: tuple[Mapping[str, Any], ...] = ()
    tags: tuple[Mapping[str, Any], ...] = ()


def load_recipe(image: Image, layout: str) -> Recipe:
    """The recipe of the image's folder for a layout.

    :raises BadInput: there is none, or it is not of the shape of :class:`Recipe`.
    """
    path = image.folder / "prove.toml"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"{image.name} has no prove.toml: nothing says how upstream makes a release", file=str(path)
        ) from error
    table = decode(data, str(path))
    found = table.get(layout)
    if not isinstance(found, dict):
        raise BadInput(
            f"[{layout}] is missing: nothing says how upstream makes a release there", file=str(path)
        )
    known = {"needs", "reproduce", "release", "port", "library", "source", "tags"}
    for key in found:
        if key not in known:
            raise BadInput(f"{layout}.{key}: unknown key (known: {', '.join(sorted(known))})", file=str(path))

    def words(key: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise BadInput(f"{layout}.{key}: a list of words is expected", file=str(path))
        return tuple(value)

    def commands(key: str) -> tuple[tuple[str, ...], ...]:
        value = found.get(key, [])
        if not isinstance(value, list):
            raise BadInput(f"{layout}.{key}: a list of commands is expected", file=str(path))
        return tuple(words(key, each) for each in value)

    def tables(key: str) -> tuple[Mapping[str, Any], ...]:
        value = found.get(key, [])
        if not isinstance(value, list) or not all(
            isinstance(e, dict) and isinstance(e.get("url"), str) for e in value
        ):
            raise BadInput(f"{layout}.{key}: tables with url are expected", file=str(path))
        return tuple(value)

    release = commands("release")
    return Recipe(
        layout,
        words("needs", found.get("needs", [])),
        words("reproduce", found.get("reproduce", [])),
        release,
        commands("port") or release,
        words("library", found.get("library", [])),
        tables("source"),
        tables("tags"),
    )
