"""Images to inventories: a saved image, or the layers of one from a registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contrib.binaries.apisets import ApiSets
from contrib.binaries.inventory import Inventory, build
from contrib.binaries.model import Assembly, Binary, binary_from_json
from contrib.binaries.reading import MEMORY, need_readers
from contrib.clients.isolated import Ended, lines
from contrib.values.errors import BadInput

#: Seconds for one binary, and for all layers of an image; servercore has 2 GB of them.
SILENCE = 300.0
SECONDS = 1800.0
_CRASHES = 20


@dataclass(frozen=True, slots=True)
class ImageContents:
    """What an image has.

    :param inventory: the libraries that the loader can find. :param programs: binaries of all other directories.
    """

    inventory: Inventory
    programs: tuple[Binary, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def from_layers(
    base: str,
    layers: Sequence[tuple[Path, str]],
    about: Mapping[str, Any],
    *,
    digest: str,
    progress: Callable[[int], None] = lambda number: None,
) -> ImageContents:
    """The inventory of an image whose layers are files.

    :param layers: path and name (for messages) of each, lowest first.
    :param about: ``os_version``, ``machine``, ``path``, as :func:`contrib.binaries.layers.image_facts` gives them.
    :raises BadInput: a layer cannot be read.
    """
    arguments = {"layers": [[str(path) for path, _ in layers], [name for _, name in layers]]}
    return _read(base, arguments, about, digest, programs=False, progress=progress)


def from_saved(
    path: Path,
    name: str,
    base: str | None = None,
    *,
    programs: bool = False,
    progress: Callable[[int], None] = lambda number: None,
) -> ImageContents:
    """The same of a saved image.

    :param base: the reference that it is known by; by default the tag that was saved.
    :param programs: read all binaries of the image.
    :raises BadInput: it is not a saved image of Windows, or cannot be read.
    """
    arguments = {"saved": [str(path.absolute()), name]}
    return _read(base or "", arguments, None, "", programs=programs, progress=progress, name=name)


@dataclass
class _Merged:
    libraries: dict[str, Binary] = field(default_factory=dict)
    apisets: dict[str, dict[str, str]] = field(default_factory=dict)
    assemblies: dict[Assembly, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    image: dict[str, Any] = field(default_factory=dict)
    at: str = ""

    def take(self, answer: dict[str, Any]) -> bool:
        """Whether the answer is a library."""
        if "error" in answer:
            _, message, file, hint = answer["error"]
            raise BadInput(message, file=file, hint=hint)
        if "at" in answer:
            self.at = answer["at"]
        elif "library" in answer:
            binary = binary_from_json(answer["library"])
            self.libraries[binary.path.lower()] = binary
            return True
        elif "removed" in answer:
            self._remove(answer["removed"].lower())
        elif "apisets" in answer:
            self.apisets = answer["apisets"]
        elif "assembly" in answer:
            *parts, directory = answer["assembly"]
            self.assemblies[Assembly(*parts)] = directory
        elif "unread" in answer:
            self.unread[answer["unread"][0]] = answer["unread"][1]
        elif "note" in answer:
            self.notes[answer["note"]] = None
        elif "image" in answer:
            self.image = answer["image"]
        return False

    def _remove(self, path: str) -> None:
        below = path if path.endswith("\\") else path + "\\"
        for key in [key for key in self.libraries if key == path or key.startswith(below)]:
            del self.libraries[key]
        for assembly, directory in list(self.assemblies.items()):
            if (directory.lower() + "\\").startswith(below):
                del self.assemblies[assembly]


def _read(
    base: str,
    arguments: dict[str, Any],
    about: Mapping[str, Any] | None,
    digest: str,
    *,
    programs: bool,
    progress: Callable[[int], None],
    name: str = "",
) -> ImageContents:
    need_readers()
    skip: dict[str, str] = {}
    while True:
        merged = _Merged(unread=dict(skip))
        request = {**arguments, "programs": programs, "skip": list(skip)}
        answers = lines(
            "contrib.binaries.worker:read_layers", request, memory=MEMORY, silence=SILENCE, seconds=SECONDS
        )
        try:
            for answer in answers:
                if merged.take(answer):
                    progress(1)
            break
        except Ended as error:
            if error.whole or not merged.at or merged.at in skip or len(skip) >= _CRASHES:
                raise BadInput(error.why, file=name or base) from None
            skip[merged.at] = error.why
    facts = dict(about) if about is not None else merged.image
    system = [each for each in merged.libraries.values() if in_windows(each.path)]
    paths = tuple(facts.get("path") or ()) or Inventory("x").path
    inventory = build(
        base or str(facts.get("reference") or "") or name,
        system,
        digest=digest or str(facts.get("digest") or ""),
        os_version=str(facts.get("os_version") or ""),
        machine=str(facts.get("machine") or "x64"),
        path=paths,
        apisets=ApiSets(merged.apisets),
        assemblies=merged.assemblies,
        notes=tuple(merged.notes),
    )
    if r"c:\windows\system32\ntdll.dll" not in inventory.lines:
        raise BadInput("has no ntdll.dll, so it is not a whole Windows image", file=name or base)
    others = tuple(each for each in merged.libraries.values() if not in_windows(each.path))
    return ImageContents(inventory, others, tuple(merged.unread.items()), tuple(merged.notes))


def in_windows(path: str) -> bool:
    """Whether a path is in the directory of Windows."""
    return path.lower().startswith("c:\\windows\\")
