"""Where an image's repository keeps what a bump changes: a series' objects, and the files made from them.

In the templated layout that is ``versions.json``, and upstream's own templates give the files. In the others
the Dockerfiles themselves hold the values (or a version file on a release branch does); their values are read
as such an object, and written back in place. What somebody changed in between stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from contrib.generate.bump.tracks import Track
from contrib.generate.bump.values import ALGORITHMS, at, read_object
from contrib.generate.rewrite import rewrite
from contrib.upstream.layouts.base import Layout, Pin
from contrib.upstream.layouts.scripts import env_value
from contrib.upstream.render import RenderProfiles, differing
from contrib.values import jsontext
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput
from contrib.values.tree import FileChange, OverlayTree, Tree

if TYPE_CHECKING:
    from contrib.generate.bump.speak import JqRender
    from contrib.images.model import Image
    from contrib.upstream.layouts.base import Series


@dataclass(frozen=True, slots=True)
class Line:
    """One series of a repository.

    :param branch: None is upstream's default branch. :param null: upstream keeps a place for it, and nothing in it.
    """

    name: str
    branch: str | None = None
    null: bool = False


class Route(Protocol):
    """See the module."""

    @property
    def key(self) -> str:
        """Of the layout."""
        ...

    def lines(self) -> tuple[Line, ...]:
        """The series, newest first; retired ones left out."""
        ...

    def tree(self, line: Line) -> Tree:
        """The tree that a series is in."""
        ...

    def value(self, line: Line, track: Track) -> dict[str, Any] | None:
        """A track's object in a series; None where it has none."""
        ...

    def windows(self, line: Line) -> tuple[str, ...]:
        """Names of the Windows variants of a series."""
        ...

    def under(self, line: Line) -> str:
        """Directory of a series; "" for a branch of its own."""
        ...

    def without_windows(self, value: Mapping[str, Any], track: Track) -> dict[str, Any] | None:
        """A series' object less its Windows variants; None where that cannot be said."""
        ...

    def made(
        self, tree: Tree, line: Line, values: Mapping[str, tuple[Track, dict[str, Any]]]
    ) -> tuple[tuple[FileChange, ...], tuple[FileChange, ...]]:
        """The data and the files made from it, with new objects for some tracks; only what differs from ``tree``."""
        ...


class Templated:
    """``versions.json`` and templates.

    :param profiles: the image's ``render.toml``. :param skip: keys that are left alone.
    :param render: what upstream's templates give for a tree, of one series.
    """

    key = "templated"

    def __init__(
        self,
        tree: Tree,
        profiles: RenderProfiles,
        skip: Mapping[str, str],
        render: Callable[[Tree, str], Sequence[FileChange]],
    ) -> None:
        self._tree = tree
        self._render = render
        script = tree.read(profiles.script)
        if script is None:
            raise BadInput(
                f"has no {profiles.script}: not a repository whose Dockerfiles are made from templates",
                file=profiles.script,
            )
        self._rules = profiles.at(script.decode("utf-8", "surrogateescape"))
        data = tree.read(self._rules.versions)
        if data is None:
            raise BadInput("there is no such file", file=self._rules.versions)
        self._data = read_object(data, self._rules.versions)
        self._skip = skip

    def lines(self) -> tuple[Line, ...]:
        """See :class:`Route`."""
        found = [
            Line(name, None, value is None) for name, value in self._data.items() if name not in self._skip
        ]
        return tuple(sorted(found, key=lambda line: _order(line.name), reverse=True))

    def tree(self, line: Line) -> Tree:
        """See :class:`Route`."""
        return self._tree

    def value(self, line: Line, track: Track) -> dict[str, Any] | None:
        """See :class:`Route`."""
        found = at(self._data.get(line.name), track.place)
        if not isinstance(found, dict) or not isinstance(found.get(track.key), str):
            return None
        return found

    def whole(self, line: Line) -> dict[str, Any]:
        """A series' whole object."""
        found = self._data.get(line.name)
        return found if isinstance(found, dict) else {}

    def windows(self, line: Line) -> tuple[str, ...]:
        """See :class:`Route`: the directories below ``windows/`` that have a Dockerfile."""
        return windows_below(self._tree, self.under(line))

    def under(self, line: Line) -> str:
        """See :class:`Route`."""
        return self._rules.directory.replace("{version}", line.name)

    def without_windows(self, value: Mapping[str, Any], track: Track) -> dict[str, Any] | None:
        """See :class:`Route`."""
        if not track.variants:
            return None
        new: dict[str, Any] = json.loads(json.dumps(value))
        listed = at(new, track.variants)
        if not isinstance(listed, list):
            return None
        listed[:] = [one for one in listed if not str(one).startswith("windows/")]
        for path in track.drops:
            inner = at(new, path[:-1])
            if isinstance(inner, dict):
                inner.pop(path[-1], None)
        return new

    def made(
        self, tree: Tree, line: Line, values: Mapping[str, tuple[Track, dict[str, Any]]]
    ) -> tuple[tuple[FileChange, ...], tuple[FileChange, ...]]:
        """See :class:`Route`."""
        file = self._rules.versions
        before = tree.read(file) or b"{}"
        data = read_object(before, file)
        for track, value in sorted(values.values(), key=lambda one: len(one[0].place)):
            if not track.place:
                # What other tracks have below it is put in after it.
                data[line.name] = value
                continue
            inner = at(data[line.name], track.place[:-1])
            inner[track.place[-1]] = value
        change = FileChange(file, written(data, before), tree.mode(file) or "100644")
        over = OverlayTree(tree, (change,))
        rendered = differing(tree, self._render(over, line.name))
        return (differing(tree, (change,)), rendered)


class InPlace:
    """The plain layout and release branches: the files hold the values.

    :param render_jq: renders upstream's jq-templates; not used by these layouts' own templates.
    """

    def __init__(
        self,
        image: Image,
        layout: Layout,
        tree_of: Callable[[Series], Tree],
        render_jq: JqRender,
    ) -> None:
        self._image = image
        self._layout = layout
        self._tree_of = tree_of
        self._render_jq = render_jq
        self._series = {each.name: each for each in layout.series() if not each.retired}

    @property
    def key(self) -> str:
        """See :class:`Route`."""
        return self._layout.key

    def lines(self) -> tuple[Line, ...]:
        """See :class:`Route`."""
        return tuple(Line(name, each.branch) for name, each in self._series.items())

    def tree(self, line: Line) -> Tree:
        """See :class:`Route`."""
        return self._tree_of(self._series[line.name])

    def value(self, line: Line, track: Track) -> dict[str, Any] | None:
        """See :class:`Route`."""
        if track.platform == "windows":
            pin = self._layout.pin(line.name)
            return (
                None if pin is None else {"version": pin.version, "url": pin.url, pin.algorithm: pin.digest}
            )
        if track.component or self.key not in ("plain", "templated"):
            return None
        files = self._linux(line)
        if not files:
            return None
        names = self._image.environment
        first = next(iter(files.values()))
        found = {"version": first[names.version]}
        if names.url and names.url in first:
            found["url"] = first[names.url]
        name = self._digest_name(first)
        if name is not None and len(first[name]) in ALGORITHMS:
            found[ALGORITHMS[len(first[name])]] = first[name]
        return found

    def windows(self, line: Line) -> tuple[str, ...]:
        """See :class:`Route`."""
        return windows_below(self.tree(line), self.under(line))

    def under(self, line: Line) -> str:
        """See :class:`Route`."""
        return "" if line.branch is not None else line.name

    def without_windows(self, value: Mapping[str, Any], track: Track) -> dict[str, Any] | None:
        """See :class:`Route`."""
        return None

    def made(
        self, tree: Tree, line: Line, values: Mapping[str, tuple[Track, dict[str, Any]]]
    ) -> tuple[tuple[FileChange, ...], tuple[FileChange, ...]]:
        """See :class:`Route`."""
        data: list[FileChange] = []
        files: list[FileChange] = []
        for track, value in values.values():
            if track.platform == "windows":
                made = self._windows(line, value)
                files += made
                continue
            for path, variables in self._linux(line).items():
                files.append(self._rewritten(tree, path, variables, value))
        for change in tuple(files):
            if not change.path.rpartition("/")[2].startswith("Dockerfile"):
                files.remove(change)
                data.append(change)
        return differing(tree, data), differing(tree, files)

    def _windows(self, line: Line, value: Mapping[str, Any]) -> list[FileChange]:
        """Version file and Dockerfiles of the Windows variants; no template, no script."""
        from contrib.generate.bump.speak import speaker

        present = self._layout.pin(line.name)
        assert present is not None
        algorithm = next(name for name in ALGORITHMS.values() if name in value)
        pin = replace(
            present, version=value["version"], url=value["url"], digest=value[algorithm], algorithm=algorithm
        )
        speak = speaker(self._image, self._layout, self._tree_of, self._render_jq)
        below = tuple(f"{self._layout.directory(line.name, name)}/" for name in present.variants)
        version_file = getattr(self._layout, "version_file", None)
        return [
            change
            for branch in self._layout.changes({line.name: pin}, speak)
            for change in branch.files
            if (change.path.startswith(below) and not change.path.endswith(".j2"))
            or change.path == version_file
        ]

    def _linux(self, line: Line) -> dict[str, dict[str, str]]:
        """Every Dockerfile of a series that holds the software's own values, and its variables."""
        names = self._image.environment
        windows = {self._layout.dockerfile(line.name, variant.name) for variant in self._image.variants}
        found = {}
        tree = self.tree(line)
        for path in tree.paths(self.under(line)):
            if not path.endswith("/Dockerfile") or path in windows or "/windows/" in path:
                continue
            variables = variables_of(tree.read(path) or b"", path)
            if names.version in variables:
                found[path] = variables
        return found

    def _digest_name(self, variables: Mapping[str, str]) -> str | None:
        """The variable of the checksum: the image's, or that with the algorithm's name in it (``…_SHA1``)."""
        digest = self._image.environment.digest
        return next((name for name in variables if digest and name.startswith(digest)), None)

    def _rewritten(
        self, tree: Tree, path: str, variables: Mapping[str, str], value: Mapping[str, Any]
    ) -> FileChange:
        names = self._image.environment
        wanted = {names.version: value["version"]}
        if names.url and names.url in variables and "url" in value:
            wanted[names.url] = value["url"]
        name = self._digest_name(variables)
        if name is not None:
            algorithm = ALGORITHMS.get(len(variables[name]))
            if algorithm is None or algorithm not in value:
                raise BadInput(
                    f"{name} is a {algorithm or 'checksum of no known kind'}, and there is none for this version",
                    file=path,
                    hint="the algorithm in the Dockerfile has to be changed by hand first",
                )
            wanted[name] = value[algorithm]
        data = tree.read(path) or b""
        return FileChange(path, rewrite(data, path, wanted), tree.mode(path) or "100644")

    def pin(self, line: Line) -> Pin | None:
        """What the Windows variants of a series hold."""
        return self._layout.pin(line.name)

    def older_windows(self, line: Line) -> tuple[tuple[str, str, str], ...]:
        """Windows variants that are not the image's own: directory, version, address."""
        names = self._image.environment
        tree = self.tree(line)
        own = {self._layout.dockerfile(line.name, variant.name) for variant in self._image.variants}
        found = []
        for path in tree.paths(self.under(line)):
            if "windows" not in path or not path.endswith("/Dockerfile") or path in own:
                continue
            data = tree.read(path)
            version = env_value(data, names.version)
            if version is not None:
                url = env_value(data, names.url) if names.url else None
                found.append((path.rpartition("/")[0], version, url or ""))
        return tuple(found)


@bounded("path")
def variables_of(data: bytes, path: str) -> dict[str, str]:
    """The variables that a Dockerfile sets with ENV and ARG, and their values as written."""
    from contrib.dockerfile import parse

    return {
        name.text: value.text.strip("'\"")
        for instruction in parse(data, path).instructions
        if instruction.keyword in ("ENV", "ARG")
        for name, value in instruction.pairs
        if value is not None
    }


def windows_below(tree: Tree, under: str) -> tuple[str, ...]:
    """Names of the Windows variants below a directory: those of ``windows/NAME/Dockerfile``."""
    pattern = re.compile(r"(?:^|/)windows/([^/]+)/Dockerfile$")
    found = (pattern.search(path) for path in tree.paths(under))
    return tuple(dict.fromkeys(match[1] for match in found if match))


def written(value: Mapping[str, Any], before: bytes) -> bytes:
    """A JSON document in the form that it had: indentation, sorted keys, the newline at its end."""
    was = jsontext.read(before, "the document before")
    end = "\n" if before.endswith(b"\n") else ""
    for indent in (2, "\t", 4, None):
        for ordered in (True, False):  # what is sorted was printed with jq -S
            if (
                json.dumps(was, indent=indent, ensure_ascii=False, sort_keys=ordered) + end
            ).encode() == before:
                text = json.dumps(value, indent=indent, ensure_ascii=False, sort_keys=ordered)
                return (text + end).encode()
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def _order(name: str) -> tuple[tuple[int, ...], bool]:
    numbers = tuple(int(number) for number in re.findall(r"\d+", name.removesuffix("-rc"))[:6])
    return numbers, not name.endswith("-rc")


def ordered(lines: Sequence[Line]) -> list[Line]:
    """Series, newest first."""
    return sorted(lines, key=lambda line: _order(line.name), reverse=True)
