"""Documents of the network, kept with their ETag: a second run asks whether they changed and transfers no body.

Digests of archives are kept beside them, so that an archive is downloaded once. What is kept is never
trusted beyond what the server or the source confirms: a document needs its ETag's 304, a digest the same
address and size. A directory that cannot be written, or a file that is damaged, costs the saving alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from contrib.values import jsontext
from contrib.values.errors import BadInput, OutsideError

if TYPE_CHECKING:
    from contrib.clients.http import Http

#: Files that are kept at most; the oldest go first.
MOST = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """Digests of an archive as it was downloaded once."""

    digests: Mapping[str, str]
    size: int


class Documents:
    """See the module.

    :param directory: where they are kept; None keeps nothing.
    """

    def __init__(self, client: Http, directory: Path | None) -> None:
        self.client = client
        self._directory = directory
        self._lock = threading.Lock()

    def get(self, url: str, *, accept: str = "*/*") -> bytes:
        """A document; see :meth:`contrib.clients.http.Http.get`."""
        return self._get(url, accept)[0]

    def tags(self, url: str) -> bytes:
        """The tags of a git repository, as ``git ls-remote`` prints them."""
        from contrib.clients.git import remote_tags

        return remote_tags(url)

    def first(self, url: str) -> None:
        """Whether there is something at an address: its first byte is asked for, and no more is read.

        :raises BadInput: there is nothing.
        """
        with self.client.stream(url, headers={"Range": "bytes=0-0"}) as body:
            body.read1(1)

    def pages(self, url: str, *, accept: str = "*/*", most: int = 100) -> list[bytes]:
        """A document and the pages that follow it.

        :raises OutsideError: there are more than ``most``, or a page leads elsewhere or back.
        """
        found: list[bytes] = []
        seen: set[str] = set()
        start = url.split("/")[:3]
        following: str | None = url
        while following is not None:
            if len(seen) >= most or following in seen or following.split("/")[:3] != start:
                raise OutsideError(f"the pages of this address do not end after {len(seen)}", file=url)
            seen.add(following)
            content, following = self._get(following, accept)
            found.append(content)
        return found

    def _get(self, url: str, accept: str) -> tuple[bytes, str | None]:
        kept = self._read(url)
        if kept is None:
            response = self.client.get(url, accept=accept)
        else:
            response = self.client.get(url, accept=accept, etag=kept["etag"])
            if getattr(response, "current", False):
                return kept["content"].encode("latin-1"), kept["next"]
        following = response.next_page
        if following is not None:
            following = urljoin(url, following)
        etag = response.headers.get("etag")
        if etag:
            self._write(
                url,
                {"url": url, "etag": etag, "next": following, "content": response.content.decode("latin-1")},
            )
        return response.content, following

    # -- digests of archives -----------------------------------------------------------------------------

    def kept(self, url: str) -> Kept | None:
        """The digests of an archive that was downloaded before."""
        found = self._load(self._path(f"digest {url}"))
        if found is None or found.get("url") != url:
            return None
        digests, size = found.get("digests"), found.get("size")
        if not isinstance(digests, dict) or not isinstance(size, int):
            return None
        return Kept({str(name): str(digest) for name, digest in digests.items()}, size)

    def keep(self, url: str, kept: Kept) -> None:
        """Keep the digests of an archive."""
        path = self._path(f"digest {url}")
        self._save(path, {"url": url, "digests": dict(kept.digests), "size": kept.size})

    # -- files ---------------------------------------------------------------------------------------------

    def _path(self, name: str) -> Path | None:
        if self._directory is None:
            return None
        return self._directory / f"{hashlib.sha256(name.encode()).hexdigest()}.json"

    def _read(self, url: str) -> dict[str, Any] | None:
        found = self._load(self._path(url))
        if found is None or found.get("url") != url:
            return None
        if not isinstance(found.get("etag"), str) or not isinstance(found.get("content"), str):
            return None
        found.setdefault("next", None)
        try:
            found["content"].encode("latin-1")
        except UnicodeEncodeError:
            return None
        return found

    def _write(self, url: str, value: Mapping[str, Any]) -> None:
        self._save(self._path(url), value)

    def _load(self, path: Path | None) -> dict[str, Any] | None:
        if path is None:
            return None
        try:
            return jsontext.read(path.read_bytes(), str(path), dict, most=4 * jsontext.MAX_BYTES)
        except (OSError, BadInput):
            return None

    def _save(self, path: Path | None, value: Mapping[str, Any]) -> None:
        if path is None:
            return
        with self._lock:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                handle, name = tempfile.mkstemp(prefix=".", dir=path.parent)
                with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                    json.dump(value, stream)
                Path(name).replace(path)
                self._prune(path.parent)
            except OSError:
                return

    def _prune(self, directory: Path) -> None:
        files = [entry for entry in os.scandir(directory) if entry.name.endswith(".json")]
        for entry in sorted(files, key=lambda each: each.stat().st_mtime)[: max(0, len(files) - MOST)]:
            Path(entry.path).unlink()
