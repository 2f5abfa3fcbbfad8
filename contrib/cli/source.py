"""The source argument: a path, ``-``, ``REPO@REF:PATH``, or a GitHub ``blob``/``raw`` URL, to bytes.

A local path that does not exist is bad input and is never tried as a URL. What stands beside the file
(an entrypoint script that it copies) is read from the same place, when asked for.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from contrib.values.errors import BadInput
from contrib.values.patterns import lazy
from contrib.values.records import dataclass, field

if TYPE_CHECKING:
    from contrib.dockerfile.model import Dockerfile
    from contrib.values.tree import Tree

#: Bytes of the largest Dockerfile, and of the largest file beside one, that is read.
MAX_BYTES = 4 * 1024 * 1024
MAX_BESIDE = 256 * 1024

_SPEC = lazy(r"^(?P<repo>.+)@(?P<ref>[^@:]+):(?P<path>[^@]+)$", re.DOTALL)
#: Files that a Dockerfile copies and that facts are read from: scripts and configuration.
_TELLING = lazy(
    r"\.(sh|ps1|cmd|bat|conf|cfg|ini|toml|ya?ml|cnf|properties|json|config)(\.\w+)?$|rc$|entrypoint|caddyfile$",
    re.IGNORECASE,
)
_WEB = lazy(r"(?i)^https?://")


def _nothing(name: str) -> bytes | None:
    return None


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was named, and its bytes.

    :param name: what the person wrote; messages and reports use it.
    :param path: path in its repository, with ``/``; None when that is not known.
    :param file: the file on this disk; None for what comes from elsewhere.
    :param repository: where it comes from, as ``REPO`` of ``REPO@REF:PATH`` (or the URL of the repository).
    :param ref: the ``REF``.
    """

    name: str
    data: bytes
    path: str | None = None
    file: Path | None = None
    repository: str | None = None
    ref: str | None = None
    _beside: Callable[[str], bytes | None] = field(default=_nothing, repr=False, compare=False)

    def beside(self, name: str) -> bytes | None:
        """A small file of the build context by its path there; None when there is none, or it leaves the directory."""
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts or "\\" in name or ":" in name:
            return None
        return self._beside(name)


def read_source(spec: str, *, offline: bool = False, cache_dir: Path | None = None) -> Source:
    """The file that ``spec`` names.

    :param offline: nothing on the network is used; a repository's URL is read from the cache.
    :raises BadInput: there is no such file, ref or path; it is a directory; it is too large.
    :raises OutsideError: git or the network failed.
    """
    if spec == "-":
        return Source("-", _limited(sys.stdin.buffer.read(MAX_BYTES + 1), "-"))
    if not spec or "\0" in spec:
        raise BadInput("a file's name is empty or holds a NUL")
    if _exists(spec):
        return _local(spec)
    match = _SPEC.match(spec)
    if match is not None and not _only_scp(spec):
        return _from_repository(spec, match["repo"], match["ref"], match["path"], offline, cache_dir)
    if _WEB.match(spec):
        return _from_web(spec, offline)
    raise _missing(spec)


def _exists(spec: str) -> bool:
    try:
        return Path(spec).exists()
    except PermissionError:
        return True  # for reading it says why it cannot be read
    except (OSError, ValueError):
        return False


def _only_scp(spec: str) -> bool:
    """``git@host:owner/name`` without ``@REF:PATH``."""
    host = re.match(r"[\w.-]+@([\w.-]+):", spec)
    return spec.count("@") == 1 and host is not None and "." in host[1][1:-1]


def _missing(spec: str) -> BadInput:
    path = Path(spec)
    hint = None
    if _only_scp(spec) or spec.startswith(("git://", "ssh://")):
        hint = "say which file: REPO@REF:PATH"
    elif re.match(r"^[A-Za-z][\w-]*/[A-Za-z][\w.-]*$", spec) and not path.parent.is_dir():
        hint = f"for a file of a repository on GitHub: https://github.com/{spec}@HEAD:PATH"
    elif "@" in spec and ":" not in spec.split("@")[-1]:
        hint = "REPO@REF needs a path: REPO@REF:PATH"
    else:
        near = _near(path)
        if near:
            hint = f"did you mean {near}?"
    return BadInput("there is no such file", file=spec, hint=hint)


def _near(path: Path) -> str | None:
    """A file close by with a name like it."""
    from difflib import get_close_matches

    try:
        directory = path.parent
        if not directory.is_dir():
            return None
        names = sorted(child.name for child in directory.iterdir())[:5000]
    except OSError:
        return None
    found = get_close_matches(path.name, names, n=1)
    return str(directory / found[0]) if found else None


def _limited(data: bytes, name: str) -> bytes:
    if len(data) > MAX_BYTES:
        raise BadInput(f"is larger than {MAX_BYTES // 1024 // 1024} MiB, which no Dockerfile is", file=name)
    return data


def _local(spec: str) -> Source:
    path = Path(spec)
    try:
        if path.is_dir():
            inside = path / "Dockerfile"
            hint = f"name the file: {inside}" if inside.is_file() else "name the Dockerfile in it"
            raise BadInput("is a directory, not a Dockerfile", file=spec, hint=hint)
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", file=spec) from error

    def beside(name: str) -> bytes | None:
        candidate = path.parent / name
        try:
            root = path.parent.resolve()
            if not candidate.is_file() or root not in candidate.resolve().parents:
                return None
            with candidate.open("rb") as stream:
                found = stream.read(MAX_BESIDE + 1)
        except OSError:
            return None
        return found if len(found) <= MAX_BESIDE else None

    placed, root = path, None
    try:
        placed = path.resolve()
        root = _work_tree(placed)
    except OSError:
        pass  # a directory above that nobody may look into
    return Source(
        spec,
        _limited(data, spec),
        _path_inside(path, placed, root),
        path,
        str(root) if root is not None else None,
        None,
        beside,
    )


def repository_root(path: Path) -> Path | None:
    """The work tree that a file lies in."""
    try:
        return _work_tree(path.resolve())
    except OSError:
        return None


def _work_tree(placed: Path) -> Path | None:
    return next((parent for parent in placed.parents if (parent / ".git").exists()), None)


def _path_inside(path: Path, placed: Path, root: Path | None) -> str | None:
    """The file's path in its repository, or (in none) as it was given."""
    if root is not None:
        return placed.relative_to(root).as_posix()
    if path.is_absolute():
        return "/".join(path.parts[-4:][1:] if len(path.parts) > 4 else path.parts[1:]) or None
    return path.as_posix().removeprefix("./")


def _from_repository(
    spec: str, repo: str, ref: str, path: str, offline: bool, cache_dir: Path | None
) -> Source:
    from contrib.clients.git import Repository

    path = path.replace("\\", "/").lstrip("/").removeprefix("./")
    try:
        repository = Repository.obtain(repo, cache_dir=cache_dir, offline=offline)
    except BadInput as error:
        if error.hint is None and error.file != spec:
            error.hint = "a source is a path, `-`, REPO@REF:PATH, or a GitHub blob or raw URL"
        raise
    commit = repository.resolve(ref)
    tree = repository.tree(commit)
    data = tree.read(path) if path else None
    if data is None:
        raise _no_path(spec, ref, path, tree)
    directory = str(PurePosixPath(path).parent)

    def beside(name: str) -> bytes | None:
        found = tree.read(name if directory == "." else f"{directory}/{name}")
        return found if found is not None and len(found) <= MAX_BESIDE else None

    return Source(spec, _limited(data, spec), path, None, repo, ref, beside)


def _no_path(spec: str, ref: str, path: str, tree: Tree) -> BadInput:
    from difflib import get_close_matches

    paths = list(tree.paths())
    below = [p for p in paths if p.startswith(path.rstrip("/") + "/")] if path else paths
    if below:
        inside = next((p for p in below if p.endswith("/Dockerfile")), below[0])
        return BadInput(f"{path or '/'} is a directory at {ref}", file=spec, hint=f"there is {inside}")
    folded = {p.lower(): p for p in paths}
    near = folded.get(path.lower())
    if near is None:
        found = get_close_matches(path, paths, n=1, cutoff=0.5)
        near = found[0] if found else None
    hint = f"there is {near}" if near else None
    return BadInput(f"there is no {path} at {ref}", file=spec, hint=hint)


def raw_url(url: str) -> str | None:
    """Where the bytes of a GitHub ``blob`` or ``raw`` URL are; None for another address.

    >>> raw_url("https://github.com/docker-library/redis/blob/master/3.2/alpine/Dockerfile#L3")
    'https://raw.githubusercontent.com/docker-library/redis/master/3.2/alpine/Dockerfile'
    """
    try:
        split = urlsplit(url)
    except ValueError:
        return None
    pieces = [piece for piece in split.path.split("/") if piece]
    host = (split.hostname or "").lower()
    if host in ("raw.githubusercontent.com", "gist.githubusercontent.com"):
        return f"{split.scheme}://{split.netloc}{split.path}" if len(pieces) >= 4 else None
    if len(pieces) < 5 or pieces[2] not in ("blob", "raw", "blame", "edit"):
        return None
    owner, name, _, *rest = pieces
    if host in ("github.com", "www.github.com"):
        return f"https://raw.githubusercontent.com/{owner}/{name}/{'/'.join(rest)}"
    return f"{split.scheme}://{split.netloc}/{owner}/{name}/raw/{'/'.join(rest)}"


def _from_web(spec: str, offline: bool) -> Source:
    from contrib.clients.addresses import checked, origin
    from contrib.clients.http import Http

    address = raw_url(spec)
    if address is None:
        raise BadInput(
            "is not the address of a file on GitHub",
            file=spec,
            hint="take the file's own page (…/blob/REF/PATH), or REPO@REF:PATH",
        )
    checked(address)
    client = Http(offline=offline, named={origin(address)})
    try:
        data = client.get(address, limit=MAX_BYTES + 1).content
    except BadInput as error:
        raise BadInput(
            "there is no such file at that address",
            file=spec,
            hint="a branch moves on: name a commit in the address that still has the file",
        ) from error
    pieces = [unquote(piece) for piece in urlsplit(address).path.split("/") if piece]
    if "githubusercontent" in address:
        owner, name, rest = pieces[0], pieces[1], pieces[2:]
    else:
        owner, name, rest = pieces[0], pieces[1], pieces[3:]
    ref, path = _split_ref(rest)
    split = urlsplit(spec)
    host = "github.com" if "githubusercontent" in (split.hostname or "") else split.netloc
    base = address.rsplit("/", 1)[0]

    def beside(wanted: str) -> bytes | None:
        from contrib.values.errors import ContribError

        try:
            found = client.get(f"{base}/{quote(wanted)}", limit=MAX_BESIDE + 1).content
        except ContribError:
            return None
        return found if len(found) <= MAX_BESIDE else None

    return Source(
        spec, _limited(data, spec), path, None, f"{split.scheme}://{host}/{owner}/{name}.git", ref, beside
    )


def checked_dockerfile(dockerfile: Dockerfile) -> Dockerfile:
    """``dockerfile``, when it is one.

    :raises BadInput: it is empty, or builds no image.
    """
    if not dockerfile.stages:
        if not dockerfile.data.strip():
            raise BadInput("is empty", file=dockerfile.name)
        first = dockerfile.problems[0] if dockerfile.problems else None
        raise BadInput(
            "has no FROM, so it is no Dockerfile",
            file=dockerfile.name,
            line=first.line if first is not None else None,
        )
    return dockerfile


def _split_ref(rest: Sequence[str]) -> tuple[str, str]:
    """Ref and path: ``refs/heads/x/…`` and ``release/8.0/…`` have slashes in the ref."""
    if list(rest[:1]) == ["refs"] and len(rest) > 3:
        return "/".join(rest[:3]), "/".join(rest[3:])
    if list(rest[:1]) == ["release"] and len(rest) > 2:
        return "/".join(rest[:2]), "/".join(rest[2:])
    return rest[0], "/".join(rest[1:])


def copied_files(source: Source, names: Sequence[str], started: Collection[str] = ()) -> dict[str, bytes]:
    """Files of the build context that the Dockerfile copies and that tell how the image starts.

    :param names: sources of its COPY and ADD, as written.
    :param started: names of what CMD and ENTRYPOINT start, which may be scripts whatever they are called.
    """
    found: dict[str, bytes] = {}
    for name in names[:40]:
        tidy = name.removeprefix("./").rstrip("/")
        telling = _TELLING.search(tidy) is not None or tidy.rpartition("/")[2] in started
        if re.search(r"[*?$\[]", tidy) or not telling:
            continue
        data = source.beside(tidy)
        if data is not None:
            found[tidy] = data
    return found
