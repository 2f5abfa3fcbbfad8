"""What Python's readers of archives raise for a damaged one: more than their documentation says.

An empty name in a zip is an IndexError (``ZipInfo.is_dir``), a cut header a struct.error, a cut gzip header under
tarfile a TypeError, a wrong size an OverflowError. One list for whatever opens an archive of somebody else's, so that
none of them is a fault of ours.
"""

from __future__ import annotations

import lzma
import struct
import tarfile
import zipfile
import zlib

FAULTS: tuple[type[Exception], ...] = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError,
    TypeError, LookupError, ArithmeticError, AttributeError, RuntimeError,
)  # fmt: skip
