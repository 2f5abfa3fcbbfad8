"""What ``contrib diff`` does with its arguments: which files, which twin, which image; then the comparison.

Commands that show a comparison of their own (the demo, a pull request's body) call :func:`compare_files`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from contrib.build import Build, read, says_windows
from contrib.cli.common import Terminal
from contrib.cli.repositories import at_one_commit
from contrib.cli.source import (
    MAX_BYTES,
    Source,
    checked_dockerfile,
    copied_files,
    read_source,
    repository_root,
)
from contrib.compare import compare
from contrib.compare.model import Comparison
from contrib.compare.twins import copied_sibling, is_windows, twin_of, variants
from contrib.dockerfile import parse
from contrib.dockerfile.model import Dockerfile
from contrib.facts import sheet
from contrib.facts.kinds import Command, Configuration, CopiedImage, Download, Fact, Survives, Version
from contrib.facts.model import FactSheet
from contrib.images.bases import bases
from contrib.values.errors import BadInput, ContribError

if TYPE_CHECKING:
    from contrib.cli.settings import Settings
    from contrib.clients.git import Repository
    from contrib.images.model import Image
    from contrib.rules.engine import Policy
    from contrib.values.tree import Tree


@dataclass(frozen=True, slots=True)
class File:
    """A Dockerfile that was read, with its facts.

    :param path: path in its repository; None when that is not known.
    """

    name: str
    path: str | None
    dockerfile: Dockerfile
    sheet: FactSheet
    build: Build | None = None

    @property
    def text(self) -> str:
        """The file's text, for people."""
        return self.dockerfile.data.decode("utf-8", "replace")

    @property
    def uri(self) -> str:
        """The file's place for SARIF: relative to its repository."""
        if self.path is not None:
            return self.path
        return "stdin" if self.name == "-" else self.name.replace("\\", "/").lstrip("/")


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison and its two files."""

    comparison: Comparison
    windows: File
    linux: File


@dataclass(frozen=True, slots=True)
class Place:
    """A repository (or directory) whose Windows variants are all compared.

    :param spec: as it was named.
    :param under: only what lies below this path.
    """

    spec: str
    ref: str | None
    under: str = ""


# -- reading -----------------------------------------------------------------------------------------


def understand(source: Source) -> File:
    """Read a source's Dockerfile and its facts; scripts that it copies are read from beside it."""
    dockerfile = parse(source.data, source.name)
    names = [
        value
        for instruction in dockerfile.instructions
        if instruction.keyword in ("COPY", "ADD") and instruction.flag("from") is None
        for value in instruction.values[:-1]
    ]
    started = {
        value.rpartition("/")[2]
        for instruction in dockerfile.instructions
        if instruction.keyword in ("CMD", "ENTRYPOINT")
        for value in instruction.values[:1]
    }
    copied = copied_files(source, names, started)
    build = read(dockerfile, copied, bases(), windows=says_windows(source.path))
    return File(source.name, source.path, dockerfile, sheet(build), build)


def checked_windows(file: File) -> File:
    """``file`` when it builds a Windows image.

    :raises BadInput: it builds a Linux image, or is no Dockerfile.
    """
    checked_dockerfile(file.dockerfile)
    if file.sheet.platform != "windows":
        raise BadInput(
            f"builds a Linux image (FROM {file.sheet.base}); the Windows Dockerfile comes first",
            file=file.name,
            hint="contrib diff WINDOWS [LINUX]",
        )
    return file


def checked_linux(file: File) -> File:
    """``file`` when it builds a Linux image.

    :raises BadInput: it builds a Windows image, or is no Dockerfile.
    """
    checked_dockerfile(file.dockerfile)
    if file.sheet.platform != "linux":
        raise BadInput(
            f"builds a Windows image (FROM {file.sheet.base}); LINUX is the Linux Dockerfile",
            file=file.name,
            hint="contrib diff WINDOWS [LINUX]",
        )
    return file


# -- the comparison ----------------------------------------------------------------------------------


def compare_files(windows: File, linux: File, image: Image | None, policy: Policy | None = None) -> Compared:
    """Facts of both sides, and the review of the Windows file with the Linux one as its twin."""
    from contrib.rules.engine import EVERYTHING
    from contrib.rules.review import review
    from contrib.work.known import known

    what = known()
    if not windows.sheet.named and linux.sheet.about and windows.build is not None:
        windows = replace(windows, sheet=sheet(windows.build, linux.sheet.about))
    rows = compare(windows.sheet, linux.sheet, image)
    if what is not None and windows.build is not None:
        from contrib.compare.starts import starts_row
        from contrib.facts.starts import starts

        row = starts_row(starts(windows.build, what))
        rows = (*rows, row) if row is not None else rows
    findings = review(
        windows.dockerfile,
        path=windows.path,
        twin=linux.dockerfile,
        image=image,
        policy=policy or EVERYTHING,
        build=windows.build,
        known=what,
    )
    name = image.name if image is not None else None
    return Compared(Comparison(name, windows.sheet, linux.sheet, rows, findings), windows, linux)


def compare_one(
    windows: str,
    linux: str | None,
    *,
    image_name: str | None,
    templates: Path | None,
    upstream: str | None,
    ref: str | None,
    offline: bool,
    terminal: Terminal,
    settings: Settings | None = None,
) -> Compared:
    """Two files as they are named; without LINUX its twin is looked for."""
    source = read_source(windows, offline=offline)
    ours = checked_windows(understand(source))
    image = image_of(ours, image_name, templates)
    if linux is not None:
        theirs = checked_linux(understand(read_source(linux, offline=offline)))
    else:
        found = find_linux(
            source, ours, image, upstream=upstream, ref=ref, offline=offline, terminal=terminal
        )
        theirs = checked_linux(understand(found))
        near = found.repository == source.repository and found.ref == source.ref and found.path is not None
        terminal.say(f"compared with {found.path if near else found.name}")
    ours = with_origin(ours, source, offline)
    policy = settings.policy(source.file, terminal) if settings is not None else None
    return compare_files(ours, theirs, image, policy)


def image_of(file: File, name: str | None, templates: Path | None) -> Image | None:
    """The image that is named, else the one whose data the file's facts match; None when there is none."""
    from contrib.images import load, names

    if name is not None:
        return load(name, templates)
    for each in names(templates):
        try:
            image = load(each, templates)
        except ContribError:
            continue
        if matches(file.sheet, image):
            return image
    return None


def matches(facts: FactSheet, image: Image) -> bool:
    """Whether a file's facts are of an image: its source of binaries, its variable, its program, its own image."""
    download = facts.of(Download, "")
    if download is not None and image.port_of(download.value) is not None:
        return True
    version = facts.first(Version)
    if version is not None and version.variable and version.variable == image.environment.version:
        return True
    own = re.compile(rf"(?:docker\.io/)?(?:library/)?{re.escape(image.name)}[:@]")
    if any(own.match(fact.image) for fact in facts.each(CopiedImage)):
        return True
    command = facts.first(Command)
    return command is not None and command.program == image.program


def with_origin(
    file: File, source: Source, offline: bool, within: tuple[Tree, Sequence[str]] | None = None
) -> File:
    """A nanoserver file with what was decided in the servercore image that it copies from.

    Its Dockerfile lies beside this one; where it cannot be read the facts stay as they are.

    :param within: the tree that both lie in, where that is at hand.
    """
    references = [fact.image for fact in file.sheet.each(CopiedImage) if not fact.system]
    if not references or file.path is None:
        return file
    listed = within if within is not None else _neighbours(source, offline)
    if listed is None:
        return file
    tree, paths = listed
    sibling = copied_sibling(file.path, references[0], paths)
    data = tree.read(sibling) if sibling is not None else None
    if sibling is None or data is None or len(data) > MAX_BYTES:
        return file
    origin = sheet(read(parse(data, sibling), bases=bases(), windows=True))
    return replace(file, sheet=inherit(file.sheet, origin, references[0]))


def inherit(facts: FactSheet, origin: FactSheet, reference: str) -> FactSheet:
    """``facts`` with the configuration that the copied image made, at the line of the copy."""
    if facts.first(Configuration) is not None:
        return facts
    line = next((fact.line for fact in facts.each(CopiedImage) if fact.image == reference), None)
    brought: tuple[Fact, ...] = tuple(
        replace(fact, line=line, end_line=line) for fact in origin.each(Configuration) if fact.means == "file"
    )
    survives, command = origin.first(Survives), facts.first(Command)
    if brought and survives is not None and command is not None:
        brought += (replace(survives, line=command.line, end_line=command.end_line),)
    return replace(facts, facts=(*facts.facts, *brought))


def _neighbours(source: Source, offline: bool) -> tuple[Tree, Sequence[str]] | None:
    """The tree that a source comes from, and its paths."""
    from contrib.clients.git import Repository

    if source.repository is None:
        return None
    try:
        if source.ref is not None:
            if source.file is None and re.match(r"(?i)https?://", source.name) and "@" not in source.name:
                return None  # a web address: the whole repository is not fetched for one file
            repository = Repository.obtain(source.repository, offline=offline)
            tree: Tree | None = repository.tree(repository.resolve(source.ref))
        else:
            tree = Repository.open(Path(source.repository)).work_tree()
    except ContribError:
        return None
    if tree is None:
        return None
    return tree, list(tree.paths())


# -- the twin ----------------------------------------------------------------------------------------


def find_linux(
    source: Source,
    file: File,
    image: Image | None,
    *,
    upstream: str | None,
    ref: str | None,
    offline: bool,
    terminal: Terminal,
) -> Source:
    """The Linux Dockerfile of the matching version.

    In ``upstream`` where that is given; else beside the file in its own repository; else in the
    repositories that the image's folder names.

    :raises BadInput: there is none.
    """
    if upstream is None and ref is None:
        own = _twin_beside(source, file, offline)
        if own is not None:
            return own
    if image is None and upstream is None:
        raise BadInput(
            "which Linux Dockerfile is its twin? No image's folder is about this file",
            file=file.name,
            hint="name it: contrib diff WINDOWS LINUX (or --image, --upstream)",
        )
    series = series_of(file)
    tried: list[str] = []
    specs = [upstream] if upstream is not None else []
    if upstream is None and image is not None:
        specs = [repository.url for repository in image.repositories]
    for spec in specs:
        found = _twin_upstream(spec, ref, file, image, series, offline, terminal)
        if found is not None:
            return found
        tried.append(spec)
    wanted = f"of series {series}" if series else "of its version"
    there = _newest_linux(specs[0], ref, image)
    raise BadInput(
        f"no Linux Alpine Dockerfile {wanted} in {' or '.join(tried)}",
        file=file.name,
        hint=f"name it: contrib diff {source.name} {there or 'LINUX'}",
    )


def _newest_linux(spec: str, ref: str | None, image: Image | None) -> str | None:
    """``REPO@REF:PATH`` of the newest series' Alpine Dockerfile, None when there is none.

    :param spec: a repository that was read just now: the copy at hand is as good as one more fetch.
    """
    from contrib.clients.git import Repository
    from contrib.upstream.layouts.base import version_order

    name, named = at_one_commit(spec, ref)
    wanted = named or "HEAD"
    found: dict[str, str] = {}
    with Repository.obtain(name, offline=True) as repository:
        paths = list(repository.tree(repository.resolve(wanted)).paths())
    for path in paths:
        for layout in image.layouts if image is not None else ():
            before, series, after = layout.linux.partition("{series}")
            middle = path[len(before) : len(path) - len(after)]
            if series and path == f"{before}{middle}{after}" and re.fullmatch(r"\d[\w.]*", middle):
                found[middle] = path
    return f"{name}@{wanted}:{found[max(found, key=version_order)]}" if found else None


def series_of(file: File) -> str | None:
    """The series that a file is of: by its version, else by its directory."""
    version = file.sheet.version
    if version:
        numbers = re.findall(r"\d+", version)
        if len(numbers) >= 2:
            return f"{numbers[0]}.{numbers[1]}"
    if file.path:
        first = file.path.split("/")[0]
        if re.fullmatch(r"\d+(\.\d+)*(-rc)?", first):
            return first
    return None


def _twin_beside(source: Source, file: File, offline: bool) -> Source | None:
    if file.path is None:
        return None
    listed = _neighbours(source, offline)
    if listed is None:
        return _twin_on_disk(source) or _twin_on_the_web(source, file, offline)
    tree, paths = listed
    path = twin_of(file.path, paths)
    data = tree.read(path) if path is not None else None
    if path is None or data is None:
        return None
    return tree_source(tree, path, source.repository or "", source.ref)


def _twin_on_disk(source: Source) -> Source | None:
    """The twin beside a file that lies in no repository: where Alpine usually is, without a search of the disk."""
    if source.file is None or source.repository is not None:
        return None
    parts = source.file.absolute().parts
    spots = [i for i, part in enumerate(parts[:-1]) if is_windows(f"{part}/Dockerfile")]
    if not spots:
        return None
    above = Path(*parts[: spots[0]])
    try:
        alpine = sorted(child for child in above.glob("alpine*/Dockerfile") if child.is_file())[:50]
    except OSError:
        return None
    paths = [f"{child.parent.name}/Dockerfile" for child in alpine]
    if (above / "Dockerfile").is_file():
        paths.append("Dockerfile")
    twin = twin_of("windows/Dockerfile", paths)
    return read_source(str(above / twin)) if twin is not None else None


def _twin_on_the_web(source: Source, file: File, offline: bool) -> Source | None:
    """The twin of a file that is read from its page: where Alpine usually is, at the same commit."""
    if (
        source.file is not None
        or file.path is None
        or not source.name.split("?")[0].split("#")[0].endswith(file.path)
    ):
        return None
    start = source.name.split("?")[0].split("#")[0].removesuffix(file.path)
    directories = file.path.split("/")[:-1]
    prefix = next((i for i, part in enumerate(directories) if is_windows(f"{part}/Dockerfile")), None)
    if prefix is None:
        return None
    above = "".join(f"{part}/" for part in directories[:prefix])
    for candidate in ("alpine/Dockerfile", "Dockerfile"):
        try:
            return read_source(f"{start}{above}{candidate}", offline=offline)
        except BadInput:
            continue
    return None


def tree_source(tree: Tree, path: str, repository: str, ref: str | None) -> Source:
    """A file of a tree as a source; what it copies is read from the same tree."""
    from pathlib import PurePosixPath

    data = tree.read(path)
    assert data is not None
    directory = str(PurePosixPath(path).parent)

    def beside(name: str) -> bytes | None:
        found = tree.read(name if directory == "." else f"{directory}/{name}")
        return found if found is not None and len(found) <= 256 * 1024 else None

    name = f"{repository}@{ref}:{path}" if ref is not None else str(Path(repository) / path)
    return Source(name, data, path, None, repository, ref, beside)


def _twin_upstream(
    spec: str,
    ref: str | None,
    file: File,
    image: Image | None,
    series: str | None,
    offline: bool,
    terminal: Terminal,
) -> Source | None:
    from contrib.clients.git import Repository, is_url

    name, wanted = at_one_commit(spec, ref)
    if is_url(name) and not offline:
        terminal.say(f"reading {name} ...")
    repository = Repository.obtain(name, offline=offline)
    work = repository.work_tree() if wanted is None else None
    if work is not None:
        found = _twin_in(work, file, image, series)
        if found is not None:
            return tree_source(work, found, name, None)
    ref_name = wanted or "HEAD"
    commit = repository.resolve(ref_name)
    tree = repository.tree(commit)
    found = _twin_in(tree, file, image, series)
    if found is not None:
        return tree_source(tree, found, name, ref_name)
    if series is None:
        return None
    branch = repository.find(f"release/{series}") if wanted is None else None
    if branch is not None:
        released = repository.tree(branch)
        found = twin_of("windows/Dockerfile", released.paths())
        if found is not None:
            return tree_source(released, found, name, f"release/{series}")
    if wanted is None:
        return _twin_in_history(repository, commit, name, image, series)
    return None


def _twin_in(tree: Tree, file: File, image: Image | None, series: str | None) -> str | None:
    paths = list(tree.paths())
    there = set(paths)
    if image is not None and series is not None:
        for layout in image.layouts:
            candidate = layout.linux_of(series)
            if "{series}" in layout.linux and candidate in there:
                return candidate
    if file.path is not None and file.path in there:
        found = twin_of(file.path, paths)
        if found is not None:
            return found
    if series is not None:
        for start in (series, f"{series}-rc", series.split(".")[0]):
            found = twin_of(f"{start}/windows/Dockerfile", paths)
            if found is not None:
                return found
    return None


def _twin_in_history(
    repository: Repository, commit: str, name: str, image: Image | None, series: str
) -> Source | None:
    """The twin as it stood before upstream took the series out."""
    candidates = [f"{series}/alpine/Dockerfile"]
    if image is not None:
        candidates = [
            layout.linux_of(series) for layout in image.layouts if "{series}" in layout.linux
        ] or candidates
    for path in dict.fromkeys(candidates):
        done = repository.run("log", "-1", "--format=%H", commit, "--", path)
        last = done.stdout.decode("ascii", "replace").strip()
        if not last:
            continue
        before = repository.find(f"{last}^")
        if before is None:
            continue
        tree = repository.tree(before)
        if tree.read(path) is not None:
            return tree_source(tree, path, name, before[:12])
    return None


# -- all variants of a repository --------------------------------------------------------------------


def repository_of(windows: str | None, upstream: str | None, ref: str | None, all_: bool) -> Place | None:
    """The repository to compare all of: a directory, or what --all names; None for a single file.

    :raises BadInput: --all with a file, or with nothing that names a repository.
    """
    from contrib.clients.git import is_url

    if windows is None:
        if not all_:
            return None
        if upstream is None:
            raise BadInput("--all of which repository?", hint="contrib diff --all REPO[@REF]", kind="usage")
        return Place(*at_one_commit(upstream, ref))
    if windows == "-":
        if all_:
            raise BadInput("--all takes a repository or a directory, not stdin", kind="usage")
        return None
    path = Path(windows)
    try:
        directory = path.is_dir()
    except OSError:
        directory = False
    if directory:
        root = repository_root(path / "x")
        if (path / ".git").exists() or _is_git(path) or root is None:
            return Place(windows, ref)
        return Place(str(root), ref, path.resolve().relative_to(root).as_posix())
    if not all_:
        return None
    if path.is_file():
        raise BadInput("--all takes a repository or a directory, this is a file", file=windows, kind="usage")
    name, commit = at_one_commit(windows, ref)
    if is_url(name) or Path(name).is_dir():
        return Place(name, commit)
    raise BadInput("there is no such directory", file=windows)


def _is_git(path: Path) -> bool:
    return (path / "HEAD").is_file() and (path / "objects").is_dir()


def compare_all(
    place: Place,
    *,
    image_name: str | None,
    templates: Path | None,
    offline: bool,
    terminal: Terminal,
    settings: Settings | None = None,
) -> list[Compared]:
    """Every Windows Dockerfile against its twin.

    :raises BadInput: there is none.
    """
    tree, name, ref = _open(place, offline, terminal)
    paths = list(tree.paths())
    prefix = f"{place.under}/" if place.under else ""
    wanted = [path for path in variants(paths) if path.startswith(prefix)]
    if not wanted:
        raise BadInput(
            "there is no Windows Dockerfile in it",
            file=place.spec + (f"@{place.ref}" if place.ref else ""),
            hint="Windows variants lie in directories named windows…, windowsservercore… or nanoserver…",
        )
    found: list[Compared] = []
    known: dict[str, File] = {}
    without: list[str] = []
    with terminal.progress("comparing", len(wanted)) as advance:
        for path in wanted:
            twin = twin_of(path, paths)
            if twin is None:
                without.append(path)
                advance(1)
                continue
            source = tree_source(tree, path, name, ref)
            ours = checked_windows(understand(source))
            if twin not in known:
                known[twin] = understand(tree_source(tree, twin, name, ref))
            found.append(
                compare_files(
                    with_origin(ours, source, offline, (tree, paths)),
                    checked_linux(known[twin]),
                    image_of(ours, image_name, templates),
                    settings.policy(_beside(place, path), terminal) if settings is not None else None,
                )
            )
            advance(1)
    for path in without:
        terminal.warn(f"{path} has no Linux twin in this repository: left out")
    if not found:
        raise BadInput("none of its Windows Dockerfiles has a Linux twin", file=place.spec)
    return found


def _beside(place: Place, path: str) -> Path | None:
    """Where settings for a file of the repository are looked for; None for one that is not on this disk."""
    root = Path(place.spec)
    return root / path if root.is_dir() else None


def _open(place: Place, offline: bool, terminal: Terminal) -> tuple[Tree, str, str | None]:
    from contrib.clients.git import Repository, is_url

    if not is_url(place.spec) and not (Path(place.spec) / ".git").exists() and not _is_git(Path(place.spec)):
        from contrib.clients.git import WorkTree

        return WorkTree(Path(place.spec)), place.spec, None
    if is_url(place.spec) and not offline:
        terminal.say(f"reading {place.spec} ...")
    repository = Repository.obtain(place.spec, offline=offline)
    work = repository.work_tree() if place.ref is None else None
    if work is not None:
        return work, place.spec, None
    ref = place.ref or "HEAD"
    return repository.tree(repository.resolve(ref)), place.spec, ref
