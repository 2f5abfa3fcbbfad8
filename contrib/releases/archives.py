"""Archives: downloaded, hashed, and looked at: is this what its name says?

The content has to begin as the name says (a zip, a gzip, an MSI …), have the size that the source gives, open,
and hold the directory that the template expects. A login page, an empty file and half an archive are refused
here, before anything is written.
"""

from __future__ import annotations

import hashlib
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote

from contrib.releases.checksums import Verified, agree
from contrib.releases.model import Checksum
from contrib.releases.reading import Releases
from contrib.values.assets import split
from contrib.values.budgets import bounded
from contrib.values.damaged import FAULTS
from contrib.values.errors import BadInput, ContribError, OutsideError

if TYPE_CHECKING:
    from contrib.clients.documents import Documents

#: How the content of a file begins, by the end of its name. Sources: APPNOTE.TXT 4.3.7, RFC 1952, the xz, bzip2 and
#: zstd formats, [MS-CFB] 2.2, the PE format, 7zFormat.txt.
MAGIC = {
    ".zip": (b"PK\x03\x04", b"PK\x05\x06"),
    ".nupkg": (b"PK\x03\x04",),
    ".gz": (b"\x1f\x8b",),
    ".tgz": (b"\x1f\x8b",),
    ".xz": (b"\xfd7zXZ\x00",),
    ".bz2": (b"BZh",),
    ".zst": (b"\x28\xb5\x2f\xfd",),
    ".msi": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
    ".exe": (b"MZ",),
    ".7z": (b"7z\xbc\xaf\x27\x1c",),
}
#: How many archives are downloaded at once.
AT_ONCE = 4
#: Seconds for all archives of a run, and for one: a start, and what it takes at the slowest rate (bytes per second).
RUN = 3600.0
LONGEST = 1800.0
START = 120.0
SLOWEST = 32 << 10
#: Entries of an archive that are looked at for its top directory.
_ENTRIES = 20_000
ALGORITHMS = ("sha256", "sha1", "sha512")


class NoArchive(BadInput):
    """There is nothing at an archive's address."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An archive whose digest is asked for.

    :param url: as it is written, and fetched from. :param name: its file name.
    :param checksums: that are known already. :param sums: sources of digests to ask.
    :param lists: addresses of files that list digests. :param words: for the sources' addresses.
    :param algorithm: without which it cannot be written. :param top: directory that it must hold.
    """

    url: str
    name: str
    checksums: tuple[Checksum, ...] = ()
    absent: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    algorithm: str = "sha256"
    size: int | None = None
    top: str = ""
    skip_download: bool = False


@dataclass
class Archives:
    """Gets digests.

    :param releases: the sources. :param documents: None downloads nothing; ``why_not`` says why.
    :param progress: called with (name, bytes) for each piece.
    :param inspect: called with the content, name and sha256 of what was downloaded and found good.
    """

    releases: Releases
    documents: Documents | None
    why_not: str = "own download"
    progress: Callable[[str, int], None] | None = None
    inspect: Callable[[IO[bytes], str, str], None] | None = None
    _begun: float = field(default_factory=time.monotonic)
    _known: dict[Wanted, Verified | ContribError] = field(default_factory=dict)
    _hashed: dict[str, tuple[Checksum, ...] | ContribError] = field(default_factory=dict)

    def verify_all(self, wanted: Sequence[Wanted]) -> list[Verified]:
        """The digests of several archives, a few at once.

        :raises NoArchive: one is not there. :raises OutsideError: one cannot be had, or its digests differ.
        """
        todo = [one for one in dict.fromkeys(wanted) if one not in self._known]
        if len(todo) > 1:
            from contrib.clients import together

            list(together.each(self._quietly, todo, AT_ONCE))
        return [self.verify(one) for one in wanted]

    def _quietly(self, one: Wanted) -> None:
        try:
            self.verify(one)
        except ContribError:
            return  # it is met again where it is needed

    def verify(self, one: Wanted) -> Verified:
        """The digests of one archive; see :meth:`verify_all`."""
        if one not in self._known:
            try:
                self._known[one] = self._verify(one)
            except ContribError as error:
                self._known[one] = error
        found = self._known[one]
        if isinstance(found, ContribError):
            raise found
        return found

    def _verify(self, one: Wanted) -> Verified:
        words = dict(one.words)
        known = list(one.checksums)
        absent = list(one.absent)
        for name in one.sums:
            told = self.releases.digest(name, words | {"url": one.url}, one.name)
            if told is None:
                absent.append(name)
                continue
            known.append(told)
            break
        for address in one.lists:
            listed = self.releases.listed(address, one.name)
            if listed is None:
                absent.append(address.rpartition("/")[2])
            else:
                known.append(listed)
        own = None if one.skip_download else self._own(one)
        why_not = self.why_not if not one.skip_download else "own download"
        return agree(one.name, known, absent, own, why_not=why_not, needed=one.algorithm)

    def _own(self, one: Wanted) -> tuple[Checksum, ...] | None:
        if self.documents is None:
            return None
        kept = self.documents.kept(one.url)
        if kept is not None and self._confirmed(one, kept.digests, kept.size):
            return tuple(Checksum("own download", a, d) for a, d in kept.digests.items())
        if one.url not in self._hashed:
            try:
                self._hashed[one.url] = self._download(one)
            except ContribError as error:
                self._hashed[one.url] = error
        found = self._hashed[one.url]
        if isinstance(found, ContribError):
            raise found
        return found

    def _seconds(self, one: Wanted) -> float:
        """How long an archive may take: no more than what is left of the run.

        :raises OutsideError: nothing is left.
        """
        left = RUN - (time.monotonic() - self._begun)
        if left <= 0:
            raise OutsideError(
                f"{one.name} was not downloaded: the archives of this run have taken {RUN:.0f} seconds",
                file=one.url,
                kind="deadline",
                hint="--series looks at fewer at once",
            )
        return min(LONGEST if one.size is None else START + one.size / SLOWEST, LONGEST, left)

    @staticmethod
    def _confirmed(one: Wanted, digests: object, size: int) -> bool:
        """Whether what was kept is still what the source speaks of: its digest, or at least its size."""
        assert isinstance(digests, dict)
        if any(digests.get(each.algorithm) == each.digest for each in one.checksums):
            return True
        return not one.checksums and one.size is not None and one.size == size

    def _download(self, one: Wanted) -> tuple[Checksum, ...]:
        from contrib.clients.documents import Kept

        assert self.documents is not None
        hashes = {name: hashlib.new(name) for name in ALGORITHMS}

        def advance(count: int) -> None:
            if self.progress is not None:
                self.progress(one.name, count)

        with tempfile.TemporaryFile(prefix="contrib-") as into:
            try:
                got = self.documents.client.download(
                    one.url, into, deadline=self._seconds(one), progress=advance
                )
            except NoArchive:
                raise
            except BadInput as error:
                raise NoArchive(f"there is no archive {one.name}", file=error.file) from error
            into.seek(0)
            while piece := into.read(1 << 20):
                for each in hashes.values():
                    each.update(piece)
            look_at(into, one.name, got.size, one.size, one.top, one.url)
            digests = {name: each.hexdigest() for name, each in hashes.items()}
            if self.inspect is not None:
                self.inspect(into, one.name, digests["sha256"])
        self.documents.keep(one.url, Kept(digests, got.size))
        return tuple(Checksum("own download", name, digest) for name, digest in digests.items())


@bounded("where")
def look_at(content: IO[bytes], name: str, size: int, expected: int | None, top: str, where: str) -> None:
    """Refuses content that is not what its name says.

    :param size: bytes that came. :param expected: bytes that the source gives. :param top: a directory.
    :raises OutsideError: with the reason.
    """

    def wrong(why: str) -> OutsideError:
        return OutsideError(f"{name} is not an archive that can be used: {why}", file=where, kind="archive")

    if size == 0:
        raise wrong("it is empty")
    if expected is not None and size != expected:
        raise wrong(f"{size} bytes came, and the source gives {expected}")
    content.seek(0)
    head = content.read(512)
    if head.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html", b"<?xml", b"<head")):
        raise wrong("it is a web page")
    kind = next((end for end in MAGIC if name.lower().endswith(end)), None)
    if kind is None:
        return
    if not head.startswith(MAGIC[kind]):
        raise wrong(f"its content does not begin as that of a {kind} file does")
    content.seek(0)
    try:
        entries = _entries(content, name.lower())
    except NotImplementedError:
        return
    except FAULTS as error:
        raise wrong(f"it does not open ({error})") from error
    if entries is None or not top:
        return
    if not any(entry.replace("\\", "/").lstrip("./").startswith(f"{top}/") for entry in entries):
        some = ", ".join(sorted({entry.split("/")[0] for entry in entries})[:4]) or "nothing"
        raise wrong(f"it has no directory {top} (it has {some})")


def _entries(content: IO[bytes], name: str) -> list[str] | None:
    """Names in an archive; None for a kind that is not opened here. A tar is read at its beginning only."""
    if name.endswith((".zip", ".nupkg")):
        with zipfile.ZipFile(content) as archive:
            return archive.namelist()[:_ENTRIES]
    if name.endswith((".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")):
        with tarfile.open(fileobj=content, mode="r:*") as tar:
            found = []
            for member in tar:
                found.append(member.name + ("/" if member.isdir() else ""))
                if len(found) >= 16:
                    break
            return found
    return None


def file_name(url: str) -> str:
    """The file's name at the end of an address."""
    return unquote(split(url).path).rpartition("/")[2]


def strongest(checksums: Iterable[Checksum]) -> Checksum | None:
    """The strongest of several digests."""
    order = {"sha512": 2, "sha256": 3, "sha1": 1}
    return max(checksums, key=lambda each: order.get(each.algorithm, 0), default=None)
