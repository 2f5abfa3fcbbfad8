"""Newer releases into what is there: version, address and checksum, and nothing else.

- :mod:`~contrib.generate.bump.tracks`: what has versions in an image's repository, as data (``bump.toml``);
- :mod:`~contrib.generate.bump.routes`: where a repository keeps them, and the files made from them;
- :mod:`~contrib.generate.bump.values`: a release into an object;
- :mod:`~contrib.generate.bump.prove`: what must hold before anything is written;
- :mod:`~contrib.generate.bump.plan`: all of it, with a reason for every series.
"""

from __future__ import annotations

from contrib.generate.bump.asking import Asked
from contrib.generate.bump.model import Bumped, Component, Move, Replaced, SeriesChange
from contrib.generate.bump.plan import Planner, title_of
from contrib.generate.bump.routes import InPlace, Templated
from contrib.generate.bump.tracks import Tracks, default, folder_of, load, names

__all__ = [
    "Asked",
    "Bumped",
    "Component",
    "InPlace",
    "Move",
    "Planner",
    "Replaced",
    "SeriesChange",
    "Templated",
    "Tracks",
    "default",
    "folder_of",
    "load",
    "names",
    "title_of",
]
