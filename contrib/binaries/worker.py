"""What runs in the process that reads untrusted files: answers in JSON, one line per file found.

Called by :mod:`contrib.binaries.reading` through :mod:`contrib.clients.isolated`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from contrib.binaries import pe
from contrib.binaries.archives import Limits, Member, Walk
from contrib.binaries.manifest import read_manifest
from contrib.binaries.model import Binary

Answer = Callable[[dict[str, Any]], None]


def read_files(arguments: dict[str, Any], answer: Answer) -> None:
    """What is in one file or directory.

    :param arguments: ``path``, ``name`` (for messages), ``scratch``, ``skip`` (paths of members to leave alone).

    Answers: ``{"at": path}`` before a member is read, then ``{"binary": …}``, ``{"manifest": …, "path": …}``,
    ``{"local": path}``, ``{"msi": …, "path": …}`` or ``{"unread": [path, why]}``; ``{"note": text}`` anywhere.
    """
    warnings.simplefilter("ignore")
    skip = frozenset(arguments["skip"])

    def take(member: Member) -> None:
        if member.path in skip:
            return
        if member.kind == "binary":
            answer({"at": member.path})
            try:
                answer({"binary": pe.read(member.data, member.path).as_json()})
            except pe.NotBinary as error:
                answer({"unread": [member.path, str(error)]})
        elif member.kind == "manifest":
            shape = Binary("", manifest=read_manifest(bytes(member.data))).as_json()["manifest"]
            answer({"manifest": shape, "path": member.path})
        elif member.kind == "local":
            answer({"local": member.path})
        elif member.kind == "msi":
            answer({"msi": member.about, "path": member.path})

    limits = Limits(**arguments.get("limits", {}))
    walk = Walk(take, Path(arguments["scratch"]), limits, note=lambda text: answer({"note": text}))
    walk.path(Path(arguments["path"]), arguments["name"])


def read_layers(arguments: dict[str, Any], answer: Answer) -> None:
    """The libraries in the layers of an image; see :mod:`contrib.binaries.layers` for the answers.

    :param arguments: ``layers`` (paths and names) or ``saved`` (path and name), ``skip``, ``programs``.
    """
    from contrib.binaries import layers

    warnings.simplefilter("ignore")
    limits = Limits(members=2_000_000, unpacked=64 * 1024**3)
    skip = frozenset(arguments["skip"])
    programs = bool(arguments["programs"])
    if "saved" in arguments:
        path, name = arguments["saved"]
        layers.read_saved(Path(path), name, answer, limits, skip=skip, programs=programs)
        return
    paths, names = arguments["layers"]
    layers.read([Path(each) for each in paths], answer, limits, names=names, skip=skip, programs=programs)
