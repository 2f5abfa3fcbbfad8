"""What is in files, directories and archives, one member at a time, within limits.

Formats are told by their first bytes, never by the name. Nothing is written under a name that an archive chose:
members stay in memory, or in an unnamed file of the scratch directory when they are large. Archives within
archives are opened too, three deep.
"""

from __future__ import annotations

import io
import mmap
import os
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from contrib.values.damaged import FAULTS
from contrib.values.errors import BadInput

_CHUNK = 1 << 18
#: Bytes of a member that are kept in memory; a larger one goes to the scratch directory.
_IN_MEMORY = 8 * 1024 * 1024
#: How deep archives within archives are opened.
MAX_DEPTH = 3
#: Files that say which libraries a program loads, besides the binaries themselves.
_SMALL = (".manifest", ".local")
_MAX_SMALL = 256 * 1024

#: First bytes of what is looked into.
_MAGIC = {
    b"MZ": "binary",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "msi",
    b"MSCF": "cab",
    b"\x1f\x8b": "tar",
    b"BZh": "tar",
    b"\xfd7zXZ\x00": "tar",
    b"\x28\xb5\x2f\xfd": "zstd",
}


@dataclass
class Limits:
    """What all files of one run may take together.

    :param members: files in archives. :param unpacked: bytes of all members. :param member: bytes of one.
    """

    members: int = 300_000
    unpacked: int = 8 * 1024**3
    member: int = 1024**3
    seen: int = 0
    bytes: int = 0

    def entry(self, name: str) -> None:
        """One more member.

        :raises BadInput: that is too many.
        """
        self.seen += 1
        if self.seen > self.members:
            raise BadInput(f"has more than {self.members:,} files", file=name)

    def take(self, size: int, name: str) -> None:
        """That many bytes more.

        :raises BadInput: that is too much.
        """
        self.bytes += size
        if self.bytes > self.unpacked:
            raise BadInput(f"unpacks to more than {self.unpacked // 1024**3} GiB", file=name)


@dataclass(frozen=True)
class Member:
    """A file that was found.

    :param path: below what was given, ``/`` between the parts; for a file given by itself its name.
    :param kind: ``binary``, ``manifest``, ``local``, or ``msi`` (its facts are in ``about``).
    :param data: valid during the call only.
    """

    path: str
    kind: str
    data: bytes | mmap.mmap = b""
    about: dict[str, Any] = field(default_factory=dict)


@dataclass
class Walk:
    """One walk over what was given.

    :param emit: takes each member. :param scratch: an empty directory for large members.
    :param note: takes a sentence about something that was not read.
    """

    emit: Callable[[Member], None]
    scratch: Path
    limits: Limits = field(default_factory=Limits)
    note: Callable[[str], None] = lambda text: None

    def path(self, path: Path, name: str) -> None:
        """A file, or all files of a directory. Symbolic links are not followed.

        :param name: how messages call it.
        :raises BadInput: nothing can be read there, or what is there goes beyond the limits.
        """
        if path.is_dir():
            for file, below in _files(path, name):
                self.limits.entry(name)
                with _opened(file, f"{name}/{below}") as stream:
                    self.stream(stream, below, f"{name}/{below}", depth=0, given=False)
            return
        with _opened(path, name) as stream:
            self.stream(stream, path.name, name, depth=0, given=True)

    def stream(self, stream: IO[bytes], path: str, name: str, *, depth: int, given: bool) -> None:
        """One file by its first bytes.

        :param given: a person named it: what is not a binary or an archive is bad input.
        """
        head = stream.read(512)
        stream.seek(0)
        kind = _kind(head)
        if kind == "binary":
            with _mapped(stream) as data:
                self.emit(Member(path, "binary", data))
        elif path.lower().endswith(_SMALL):
            self._small(stream.read(_MAX_SMALL), path)
        elif kind is not None and depth < MAX_DEPTH:
            below = "" if given else f"{path}/"
            try:
                _OPEN[kind](self, stream, below, name, depth)
            except BadInput:
                if given:
                    raise
                self.note(f"{name} cannot be read")
        elif kind is not None:
            self.note(f"{name} is an archive in {MAX_DEPTH} others and is not looked into")
        elif given:
            what = "is empty" if not head else "is neither a Windows binary nor an archive that is known here"
            raise BadInput(what, file=name, hint="known are zip, tar, 7z, cab, MSI and saved images")

    def _small(self, data: bytes, path: str) -> None:
        self.emit(Member(path, path.lower().rpartition(".")[2], data))

    def member(self, path: str, name: str, depth: int) -> _Sink:
        """Where the bytes of one member of the archive ``name`` go.

        :raises BadInput: the path leads out of the archive.
        """
        self.limits.entry(name)
        return _Sink(self, path, name, depth)


class _Sink:
    """Takes a member's bytes; keeps them if they are of a kind that is looked into."""

    def __init__(self, walk: Walk, path: str, name: str, depth: int) -> None:
        self.walk = walk
        self.path = path
        self.name = name
        self.depth = depth
        self.head = b""
        self.size = 0
        self.kept: IO[bytes] | None = None
        self.decided = False

    def write(self, data: bytes) -> int:
        self.walk.limits.take(len(data), self.name)
        self.size += len(data)
        if not self.decided:
            self.head += data
            if len(self.head) >= 512:
                self._decide()
        elif self.kept is not None:
            if self.size > self.walk.limits.member:
                self.kept.close()
                self.kept = None
                self.walk.note(f"{self.path} in {self.name} is too large to be read")
            else:
                if isinstance(self.kept, io.BytesIO) and self.size > _IN_MEMORY:
                    file = tempfile.TemporaryFile(dir=self.walk.scratch)  # noqa: SIM115
                    file.write(self.kept.getvalue())
                    self.kept = file
                self.kept.write(data)
        return len(data)

    def _decide(self) -> None:
        self.decided = True
        wanted = _kind(self.head) is not None or self.path.lower().endswith(_SMALL)
        if wanted:
            self.kept = io.BytesIO()
            self.kept.write(self.head)
        self.head = b""

    def close(self) -> None:
        if not self.decided:
            self._decide()
        kept, self.kept = self.kept, None
        if kept is not None:
            with kept:
                kept.seek(0)
                self.walk.stream(
                    kept, self.path, f"{self.name}: {self.path}", depth=self.depth + 1, given=False
                )


def safe(path: str, archive: str) -> str:
    """A member's path with ``/`` between the parts.

    :raises BadInput: it is absolute or leads out of the archive.
    """
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]
    if ".." in parts or path[:1] in ("/", "\\") or path[1:2] == ":" or "\0" in path or not parts:
        raise BadInput(f"has a file named {path[:200]!r}, which leads out of the archive", file=archive)
    return "/".join(parts)


def _kind(head: bytes) -> str | None:
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    return "tar" if head[257:262] == b"ustar" else None


def _files(root: Path, name: str) -> Iterator[tuple[Path, str]]:
    def refuse(error: OSError) -> None:
        raise BadInput(f"cannot be read: {error.strerror}", file=str(error.filename or name)) from error

    for folder, folders, files in os.walk(root, onerror=refuse):
        folders.sort()
        for file in sorted(files):
            path = Path(folder, file)
            if stat.S_ISREG(path.lstat().st_mode):
                yield path, path.relative_to(root).as_posix()


@contextmanager
def _opened(path: Path, name: str) -> Iterator[IO[bytes]]:
    try:
        with path.open("rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise BadInput("is not a regular file", file=name)
            yield stream
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror or error}", file=name) from error


@contextmanager
def _mapped(stream: IO[bytes]) -> Iterator[bytes | mmap.mmap]:
    """The whole file, in place where it is on disk."""
    if isinstance(stream, io.BytesIO):
        yield stream.getvalue()
        return
    try:
        stream.flush()
        data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError, io.UnsupportedOperation):
        stream.seek(0)
        yield stream.read()
        return
    try:
        yield data
    finally:
        with suppress(BufferError):  # a reader that failed may have left a view on it
            data.close()


def _copy(source: IO[bytes], sink: _Sink) -> None:
    while chunk := source.read(_CHUNK):
        sink.write(chunk)
    sink.close()


def _password(name: str) -> BadInput:
    return BadInput("is locked with a password", file=name, hint="unpack it and name the directory")


@contextmanager
def _broken(what: str, name: str, *errors: type[BaseException]) -> Iterator[None]:
    """What a library says of a broken archive, as one sentence."""
    try:
        yield
    except errors as error:
        reason = " ".join(str(error).split())[:120]
        said = f": {reason}" if reason else ""
        raise BadInput(f"is not a readable {what}{said}", file=name) from error


def _zip(walk: Walk, stream: IO[bytes], below: str, name: str, depth: int) -> None:
    with _broken("zip archive", name, *FAULTS), zipfile.ZipFile(stream) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            if info.flag_bits & 1:
                raise _password(name)
            sink = walk.member(below + safe(info.filename, name), name, depth)
            with archive.open(info) as source:
                _copy(source, sink)


def _tar(walk: Walk, stream: IO[bytes], below: str, name: str, depth: int) -> None:
    with _broken("tar archive", name, *FAULTS), tarfile.open(fileobj=stream, mode="r|*") as archive:
        for info in archive:
            archive.members = []  # type: ignore[attr-defined]  # or a list of a million headers is kept
            if not info.isreg():
                walk.limits.entry(name)
                continue
            sink = walk.member(below + safe(info.name, name), name, depth)
            source = archive.extractfile(info)
            assert source is not None
            _copy(source, sink)


def zstd_reader(stream: IO[bytes]) -> IO[bytes]:
    """The bytes of a zstd stream, unpacked as they are read."""
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        from backports import zstd
    opened: IO[bytes] = zstd.ZstdFile(stream)
    return opened


def _zstd(walk: Walk, stream: IO[bytes], below: str, name: str, depth: int) -> None:
    with _broken("zstd archive", name, *FAULTS), zstd_reader(stream) as source:
        _tar(walk, source, below, name, depth)


def _seven(walk: Walk, stream: IO[bytes], below: str, name: str, depth: int) -> None:
    import py7zr
    from py7zr.exceptions import ArchiveError, PasswordRequired
    from py7zr.io import Py7zIO, WriterFactory

    class Out(Py7zIO):
        def __init__(self, sink: _Sink) -> None:
            self.sink = sink

        def write(self, s: bytes | bytearray) -> int:
            return self.sink.write(bytes(s))

        def read(self, size: int | None = None) -> bytes:
            return b""

        def seek(self, offset: int, whence: int = 0) -> int:
            return 0

        def flush(self) -> None: ...

        def size(self) -> int:
            return self.sink.size

        def close(self) -> None:
            self.sink.close()

    class Factory(WriterFactory):
        def create(self, filename: str) -> Out:
            return Out(walk.member(below + safe(filename, name), name, depth))

    with _broken("7z archive", name, ArchiveError, *FAULTS):
        try:
            with py7zr.SevenZipFile(stream, "r", max_extract_size=walk.limits.unpacked) as archive:
                if archive.needs_password():
                    raise _password(name)
                for each in archive.files:
                    safe(each.filename, name)
                archive.extract(factory=Factory())
        except PasswordRequired:
            raise _password(name) from None


def _cab(walk: Walk, stream: IO[bytes], below: str, name: str, depth: int) -> None:
    from contrib.binaries.msi import cabinet_files

    with _broken("cabinet", name, *FAULTS, AssertionError), _mapped(stream) as data:
        _pieces(walk, cabinet_files(data), below, name, depth)


def _msi(walk: Walk, stream: IO[bytes], below: str, name: str, depth: int) -> None:
    from contrib.binaries.msi import Package

    with _broken("MSI package", name, *FAULTS, AssertionError):
        package = Package(stream)
        walk.emit(Member(below.rstrip("/") or name, "msi", about=package.about()))
        _pieces(walk, package.files(walk.note, walk.scratch), below, name, depth)


def _pieces(
    walk: Walk, files: Iterator[tuple[str, Iterator[bytes]]], below: str, name: str, depth: int
) -> None:
    for path, pieces in files:
        sink = walk.member(below + safe(path, name), name, depth)
        for piece in pieces:
            sink.write(piece)
        sink.close()


#: What pymsi and olefile raise for packages that are broken: they check little themselves.
_OPEN: dict[str, Callable[[Walk, IO[bytes], str, str, int], None]] = {
    "zip": _zip,
    "tar": _tar,
    "zstd": _zstd,
    "7z": _seven,
    "cab": _cab,
    "msi": _msi,
}
