"""What a URL fetches: the product's name, the version in it, whether the address fixes the content."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import unquote

from contrib.values.assets import moving, pinned, product, split, version, versions, whole

__all__ = ["Kind", "host", "kind", "moving", "pinned", "product", "scheme", "version", "versions", "whole"]

Kind = Literal["archive", "installer", "signature", "script", "program", "text", "repository", "other"]

_ARCHIVES = (
    ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst", ".tar.lz", ".tgz", ".txz", ".tbz2", ".tar", ".zip", ".7z",
    ".nupkg", ".gz", ".xz", ".bz2", ".zst", ".cab", ".whl",
)  # fmt: skip
_INSTALLERS = (".msi", ".msu", ".deb", ".rpm", ".apk", ".pkg", ".msix")
_SIGNATURES = (
    ".asc", ".sig", ".sign", ".sha256", ".sha512", ".sha1", ".md5", ".sha256sum", ".sha512sum", ".minisig",
    ".pem", ".gpg", ".key", ".pub", "checksums.txt", "sha.txt", "sha1sum.txt", "sha256sum.txt", "sha512sum.txt", "sha256.txt", "sha512.txt",
    "shasums256.txt", "shasums", ".digests", ".sigstore",
)  # fmt: skip
_SCRIPTS = (".sh", ".ps1", ".py", ".pl", ".bat", ".cmd", ".psm1", ".rb", ".js")
_TEXTS = (
    ".txt",
    ".md",
    ".html",
    ".conf",
    ".json",
    ".yml",
    ".yaml",
    ".ini",
    ".xml",
    ".toml",
    ".cfg",
    "caddyfile",
)


def kind(url: str) -> Kind:
    """What sort of file the address names, by its name."""
    parts = split(url)
    path = unquote(parts.path).lower().rstrip("/")
    if parts.query and re.search(r"\.(cgi|php|aspx?|pl)$", path):
        path = unquote(
            parts.query.rpartition("=")[2]
        ).lower()  # a script that sends what its last argument names
    file = path.rsplit("/", 1)[-1]
    if path.endswith(".git") or url.startswith(("git://", "git@", "ssh://")):
        return "repository"
    if file.endswith(_SIGNATURES) or "sha256sums" in file or "shasums" in file or file == "keys":
        return "signature"
    if file.endswith(_ARCHIVES) or re.search(r"/(tarball|zipball|archive)/", path):
        return "archive"
    if file.endswith(_INSTALLERS):
        return "installer"
    if file.endswith(_SCRIPTS):
        return "script"
    if file.endswith(_TEXTS):
        return "text"
    if file.endswith(".exe") or (file and "." not in file.split("-")[-1]):
        return "program"
    return "other"


_IN_SCHEME = str.maketrans("+.-", "000")


def scheme(url: str) -> str:
    """``https``, ``http``, ``ftp``, ``git`` …; "" when the address is not known well enough."""
    name, found, _ = url.partition("://")
    fine = name[:1].isalpha() and name.isascii() and name.translate(_IN_SCHEME).isalnum()
    return name.lower() if found and fine else ""


def host(url: str) -> str:
    """The site, with owner and repository on GitHub (``github.com/tianon/gosu``)."""
    parts = split(url)
    pieces = [piece for piece in parts.path.split("/") if piece]
    if parts.netloc.lower() == "github.com" and len(pieces) >= 2:
        return f"github.com/{pieces[0]}/{pieces[1].removesuffix('.git')}"
    return parts.netloc.lower()
