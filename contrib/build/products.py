"""What a URL fetches: the product's name, the version in it, whether the address fixes the content."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

Kind = Literal["archive", "installer", "signature", "script", "program", "text", "repository", "other"]

#: A dotted version, with what may follow it (``3.15.0b3``, ``1.24rc2``, ``2.48.1.windows.1`` gives ``2.48.1``).
VERSION = re.compile(
    r"(?<![0-9A-Za-z.])v?(\d{1,4}(?:\.\d{1,5}){1,3}(?:-?(?:alpha|beta|rc|b|a|m|dev|int|pre)\.?\d*)?)(?![0-9])"
)
_LOOSE = re.compile(r"v?(\d{1,4}(?:\.\d{1,5}){1,3}(?:-?(?:alpha|beta|rc|b|a|m|dev|int|pre)\.?\d*)?)(?![0-9])")
_ARCHIVES = (
    ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst", ".tar.lz", ".tgz", ".txz", ".tbz2", ".tar", ".zip", ".7z",
    ".nupkg", ".gz", ".xz", ".bz2", ".zst", ".cab", ".whl",
)  # fmt: skip
_INSTALLERS = (".msi", ".msu", ".deb", ".rpm", ".apk", ".pkg", ".msix")
_SIGNATURES = (
    ".asc", ".sig", ".sign", ".sha256", ".sha512", ".sha1", ".md5", ".sha256sum", ".sha512sum", ".minisig",
    ".pem", ".gpg", ".key", "checksums.txt", "shasums256.txt", "shasums", ".digests", ".sigstore",
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
_NOISE = frozenset(
    [
        "windows",
        "win",
        "win32",
        "win64",
        "linux",
        "darwin",
        "x64",
        "x86",
        "x86_64",
        "amd64",
        "arm64",
        "aarch64",
        "armhf",
        "arm",
        "i386",
        "386",
        "64",
        "32",
        "bit",
        "64bit",
        "32bit",
        "signed",
        "static",
        "bin",
        "src",
        "source",
        "msys2",
        "cygwin",
        "with",
        "service",
        "musl",
        "gnu",
        "unknown",
        "pc",
        "msvc",
        "release",
        "stable",
        "noarch",
        "all",
        "any",
        "x8664",
        "armv7",
        "armv6",
        "s390x",
        "ppc64le",
        "riscv64",
        "nupkg",
        "portable",
        "setup",
    ]
)
_MOVING = frozenset(
    ("latest", "master", "main", "head", "trunk", "nightly", "tip", "snapshot", "develop", "edge")
)
_PIN = re.compile(r"^[0-9a-f]{40}$|^[0-9a-f]{64}$")


def _split(url: str) -> SplitResult:
    """The address taken apart; one that is none (``https://[``) is all path."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", url, "", "")


def kind(url: str) -> Kind:
    """What sort of file the address names, by its name."""
    path = unquote(_split(url).path).lower().rstrip("/")
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


def version(url: str) -> str | None:
    """The version that the address carries: the file's name first, then its path.

    >>> version("https://example.org/releases/download/win-3.2.100/Redis-x64-3.2.100.zip")
    '3.2.100'
    >>> version("https://dl.example.org/go/go1.27.0.windows-amd64.zip")
    '1.27.0'
    """
    path = unquote(_split(url).path)
    for part in reversed([piece for piece in path.split("/") if piece]):
        match = VERSION.search(part) or _LOOSE.search(part)
        if match is not None:
            return match.group(1)
    return None


def versions(text: str) -> tuple[str, ...]:
    """Every version in ``text``, in order."""
    return tuple(dict.fromkeys(match.group(1) for match in VERSION.finditer(text)))


def product(url: str) -> str:
    """The product's name, lower case: the file's name without version, platform and extension.

    >>> product("https://github.com/o/r/releases/download/v0.36.1/buildx-v0.36.1.windows-amd64.exe")
    'buildx'
    >>> product("https://github.com/redis/redis/archive/refs/tags/8.6.1.tar.gz")
    'redis'
    """
    split = _split(url)
    pieces = [piece for piece in unquote(split.path).split("/") if piece]
    if not pieces:
        return split.netloc.lower() or url.lower()
    bare = _bare(pieces[-1])
    if bare:
        return bare
    if split.netloc.lower() in ("github.com", "codeload.github.com", "gitlab.com") and len(pieces) >= 2:
        return _bare(pieces[1]) or pieces[1].lower()
    for piece in reversed(pieces[:-1]):
        bare = _bare(piece)
        if bare and bare not in _MOVING and not _PIN.match(piece):
            return bare
    return split.netloc.lower()


def _bare(file: str) -> str:
    text = file.lower()
    if kind("https://x/" + file) in ("text", "script"):
        return text
    for extension in (*_SIGNATURES, *_ARCHIVES, *_INSTALLERS, ".exe", ".git"):
        if text.endswith(extension) and extension.startswith("."):
            text = text[: -len(extension)]
            break
    for extension in (*_ARCHIVES, *_INSTALLERS, ".exe"):
        if text.endswith(extension):
            text = text[: -len(extension)]
    text = text.replace("x86_64", "x8664")
    text = _LOOSE.sub(" ", text)
    words = [word for word in re.split(r"[\s_.+]+|-", text) if word]
    kept = [word for word in words if word not in _NOISE and not word.isdigit() and not word.startswith("$")]
    return "-".join(word for word in kept if word not in ("v",))


def pinned(url: str) -> str | None:
    """The commit or digest in the path that fixes the content, None when there is none."""
    for piece in unquote(_split(url).path).split("/"):
        if _PIN.match(piece.lower()):
            return piece
    return None


def moving(url: str) -> str | None:
    """Why the same address may give another file tomorrow; None when it names a version or a digest."""
    if pinned(url):
        return None
    pieces = [piece for piece in unquote(_split(url).path).split("/") if piece]
    for piece in pieces:
        if piece.lower() in _MOVING:
            return f"“{piece}” in its path moves"
    if version(url) is None and not any(re.search(r"\d", piece) for piece in pieces[-2:]):
        return "it names no version and no digest"
    return None


def scheme(url: str) -> str:
    """``https``, ``http``, ``ftp``, ``git`` …; "" when the address is not known well enough."""
    match = re.match(r"^([a-z][a-z0-9+.-]*)://", url, re.IGNORECASE)
    return match.group(1).lower() if match else ""


def host(url: str) -> str:
    """The site, with owner and repository on GitHub (``github.com/tianon/gosu``)."""
    split = _split(url)
    pieces = [piece for piece in split.path.split("/") if piece]
    if split.netloc.lower() == "github.com" and len(pieces) >= 2:
        return f"github.com/{pieces[0]}/{pieces[1].removesuffix('.git')}"
    return split.netloc.lower()
