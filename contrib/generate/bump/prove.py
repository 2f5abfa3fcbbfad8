"""A bump is proved before it is written: the new values are there, the old ones are gone, nothing else changed.

Every check is over the rendered files of one series: what they were and what they would become.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from contrib.generate.bump.values import Leaf, Refused, holding
from contrib.values.tree import FileChange, OverlayTree, Tree

_SETS = re.compile(
    rb"^[ \t]*(?:ENV|ARG)[ \t]+([A-Za-z_][A-Za-z0-9_]*)(?:[ \t]*=)?[ \t]*(?:(\"\"|'')[ \t]*)?$",
    re.MULTILINE,
)


def prove(
    before: Tree,
    files: Sequence[FileChange],
    leaves: Mapping[str, Sequence[Leaf]],
    constant: Callable[[str], bool],
    *,
    under: str,
    removed: Iterable[str] = (),
) -> None:
    """Checks the files of one series.

    :param files: the rendered ones that change, data such as versions.json left out.
    :param leaves: what changed in the data, by the platform that it is for (``linux``, ``windows``, ``both``): Linux may
        well have the version that Windows leaves. :param constant: whether a text is in upstream's templates themselves.
    :param under: the series' directory. :param removed: directories that are meant to go.
    :raises Refused: with file and line.
    """
    gone = [f"{directory}/" for directory in removed]
    changed = {change.path: change for change in files}
    for path, change in changed.items():
        meant = any(path.startswith(directory) for directory in gone)
        if change.content is None and not meant and before.read(path) is not None:
            raise Refused("would be deleted by an update of a version", file=path)
    for path in _paths(before, under, changed):
        was = before.read(path)
        is_ = changed[path].content if path in changed else was
        if was is None or is_ is None:
            continue
        for platform, each in leaves.items():
            if serves(platform, path):
                _values(path, was, is_, _replacements(each), constant)
        _empty(path, was, is_)


def serves(platform: str, path: str) -> bool:
    """Whether a file is one of a platform's.

    >>> serves("windows", "7.2/windows/nanoserver-ltsc2022/Dockerfile"), serves("linux", "7.2/alpine/Dockerfile")
    (True, True)
    """
    windows = "windows" in path.split("/")
    return platform == "both" or windows == (platform == "windows")


def _paths(before: Tree, under: str, changed: Mapping[str, FileChange]) -> list[str]:
    return sorted(
        {*(p for p in before.paths(under) if p.rpartition("/")[2].startswith("Dockerfile")), *changed}
    )


def _replacements(leaves: Sequence[Leaf]) -> list[Leaf]:
    """What has to be replaced; a text that is both old and new somewhere proves nothing."""
    new = {leaf.new for leaf in leaves}
    return [leaf for leaf in leaves if leaf.old and leaf.old not in new]


def _values(
    path: str, was: bytes, is_: bytes, leaves: Sequence[Leaf], constant: Callable[[str], bool]
) -> None:
    old_text, new_text = was.decode("utf-8", "surrogateescape"), is_.decode("utf-8", "surrogateescape")
    for leaf in leaves:
        if leaf.kind == "value" and len(leaf.old) < 3:
            continue
        old, new = _pattern(leaf, leaf.old), _pattern(leaf, leaf.new)
        held = len(old.findall(old_text))
        if not held:
            continue
        left = old.search(new_text)
        if left is not None and not constant(leaf.old):
            line = new_text.count("\n", 0, left.start()) + 1
            raise Refused(f"line {line} would still have {leaf.old}, which {leaf.new} replaces", file=path)
        if left is None and len(new.findall(new_text)) < held:
            raise Refused(f"would not have {leaf.new} in every place of {leaf.old}", file=path)


def _pattern(leaf: Leaf, text: str) -> re.Pattern[str]:
    return holding(text) if leaf.kind == "version" else re.compile(re.escape(text))


def _empty(path: str, was: bytes, is_: bytes) -> None:
    before = {found[1] for found in _SETS.finditer(was)}
    for found in _SETS.finditer(is_):
        if found[1] not in before:
            line = is_.count(b"\n", 0, found.start()) + 1
            raise Refused(f"line {line}: {found[1].decode()} would become empty", file=path)


def only_values(
    before: Tree, files: Sequence[FileChange], leaves: Mapping[str, Sequence[Leaf]]
) -> tuple[str, ...]:
    """Files in which more than the values of the update changes, with the first such line.

    Upstream's template may say different things for different versions; a person has to see it.
    """
    said = []
    for change in files:
        mine = (leaf for platform, each in leaves.items() if serves(platform, change.path) for leaf in each)
        pairs = sorted(((leaf.old, leaf) for leaf in mine if leaf.old), key=lambda one: -len(one[0]))
        was = before.read(change.path)
        if was is None or change.content is None:
            continue
        text = was.decode("utf-8", "surrogateescape")
        for _, leaf in pairs:
            pattern = _pattern(leaf, leaf.old)
            text = pattern.sub("\0" + leaf.new.replace("\\", r"\\") + "\0", text)
        expected = text.replace("\0", "").split("\n")
        got = change.content.decode("utf-8", "surrogateescape").split("\n")
        if expected == got:
            continue
        first = next(
            (n for n, (one, other) in enumerate(zip(expected, got, strict=False)) if one != other),
            min(len(expected), len(got)),
        )
        said.append(f"{change.path}:{first + 1}")
    return tuple(said)


def same_variants(tree: Tree, files: Sequence[FileChange], under: str, removed: Sequence[str]) -> None:
    """:raises Refused: a variant would go or appear: more than a version has changed."""
    before = {path for path in tree.paths(under) if path.endswith("/Dockerfile")}
    after = set(OverlayTree(tree, tuple(files)).paths(under))
    for path in sorted(before - after):
        if not any(path.startswith(f"{directory}/") for directory in removed):
            raise Refused("a variant that is there would go", file=path)
    for path in sorted(
        change.path for change in files if change.path.endswith("/Dockerfile") and change.path not in before
    ):
        raise Refused("a variant would appear that was not there: more than a version has changed", file=path)


class Constants:
    """What upstream's templates themselves hold, so that it stays in rendered files for another reason."""

    def __init__(self, tree: Tree | None) -> None:
        found = []
        for path in tree.paths() if tree is not None else ():
            if path.endswith((".template", ".j2", ".jq", "docker-entrypoint.sh")):
                found.append(
                    ((tree.read(path) if tree is not None else None) or b"").decode("utf-8", "replace")
                )
        self._text = "\n".join(found)

    def __call__(self, text: str) -> bool:
        """Whether a text is in them."""
        return holding(text).search(self._text) is not None
