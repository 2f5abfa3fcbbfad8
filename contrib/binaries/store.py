"""What is known of bases and archives, in the user's cache.

Inventories: one file per digest, and which digest a reference stood for when it was asked. Archives: one file per
sha256, with the facts of the binaries in it.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

from contrib.binaries.inventory import MAX_FILE, MAX_TEXT, Inventory, read, write
from contrib.binaries.model import Contents, contents_from_json, contents_json
from contrib.values import jsontext
from contrib.values.errors import BadInput, OutsideError

_MAX_NAMES = 1_000_000
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Store:
    """The inventories below one directory.

    :param directory: usually ``inventories`` in the user's cache; made when something is kept. What is known of
        archives is in ``binaries`` beside it.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @property
    def blobs(self) -> Path:
        """Where layers are kept until their inventory is made."""
        return self.directory / "layers"

    def known(self, reference: str) -> Inventory | None:
        """The inventory of what the reference stood for when it was last asked; None when there is none."""
        digest = self._names().get(reference)
        return self.of_digest(digest, reference) if digest else None

    def of_digest(self, digest: str, reference: str) -> Inventory | None:
        """The inventory made from that manifest, named ``reference``; a damaged file counts as none."""
        path = self._file(digest)
        try:
            if path.stat().st_size > MAX_FILE:
                return None
            found = read(path.read_bytes(), str(path), check=False)
        except (OSError, BadInput):
            return None
        return Inventory(
            reference, found.digest, found.os_version, found.machine, found.path, found.apisets,
            found.assemblies, found.lines, found.notes,
        )  # fmt: skip

    def keep(self, inventory: Inventory) -> None:
        """Keep an inventory, under its digest and its reference.

        :raises OutsideError: the cache cannot be written.
        """
        data = write(inventory)
        digest = inventory.digest or "sha256:" + hashlib.sha256(data).hexdigest()
        names = self._names()
        names[inventory.base] = digest
        self._write(self._file(digest), data)
        self._write(
            self.directory / "names.json",
            (json.dumps(names, indent=1, sort_keys=True) + "\n").encode("utf-8"),
        )

    def name(self, reference: str, digest: str) -> None:
        """Note that a reference stands for a digest now."""
        names = self._names()
        if names.get(reference) != digest:
            names[reference] = digest
            data = (json.dumps(names, indent=1, sort_keys=True) + "\n").encode("utf-8")
            self._write(self.directory / "names.json", data)

    def keep_contents(self, sha256: str, contents: Contents) -> None:
        """Keep what is in an archive, under the archive's digest.

        :raises OutsideError: the cache cannot be written.
        """
        data = json.dumps(contents_json(contents), ensure_ascii=False, separators=(",", ":"))
        self._write(
            self._contents_file(sha256), lzma.compress(data.encode("utf-8", "surrogatepass"), preset=1)
        )

    def contents(self, sha256: str) -> Contents | None:
        """What is in the archive with that digest; None when it was never read, or the file is damaged."""
        if not _SHA256.fullmatch(sha256):
            return None
        try:
            data = self._contents_file(sha256).read_bytes()
            if len(data) > MAX_FILE:
                return None
            text = lzma.LZMADecompressor(memlimit=128 * 1024**2).decompress(data, MAX_TEXT)
            return contents_from_json(jsontext.read(text, sha256, most=MAX_TEXT))
        except (OSError, ValueError, EOFError, lzma.LZMAError, RecursionError, BadInput):
            return None

    def _contents_file(self, sha256: str) -> Path:
        return self.directory.parent / "binaries" / f"{sha256}.json.xz"

    def _file(self, digest: str) -> Path:
        return self.directory / (digest.replace(":", "-") + ".inventory")

    def _names(self) -> dict[str, str]:
        try:
            path = self.directory / "names.json"
            if path.stat().st_size > _MAX_NAMES:
                return {}
            found = jsontext.read(path.read_bytes(), str(path), dict)
        except (OSError, BadInput):
            return {}
        return {
            key: value
            for key, value in found.items()
            if isinstance(value, str)
            and value.startswith("sha256:")
            and len(value) == 71
            and value[7:].isalnum()
        }

    def _write(self, path: Path, data: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(data)
                Path(name).replace(path)
            except BaseException:
                with suppress(OSError):
                    Path(name).unlink()
                raise
        except OSError as error:
            raise OutsideError(f"the cache cannot be written: {error.strerror}", file=str(path)) from error
