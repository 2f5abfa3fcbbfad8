"""Versions and names in the addresses and file names of releases.

``MinGit-2.20.1-busybox-64-bit.zip`` is version 2.20.1 of ``mingit``. What stands before the version names the
product; platform, compiler and packaging words belong to neither. Pure text: nothing is looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, unquote, urlsplit

from contrib.values.patterns import lazy
from contrib.values.records import dataclass

#: Words of a file's name that say for what, with what or how it was built, and nothing of product or version.
PLATFORM_WORDS = frozenset(
    """
    windows win win32 win64 winx64 winx86 winarm64 windows64 windows32 microsoft-windows mswin mswin64 mingw mingw32
    mingw64 ucrt ucrt64 msys msys2 cygwin linux darwin macos osx mac apple freebsd unix posix ubuntu debian alpine
    x64 x86 x8664 x86_64 x32 amd64 arm64 arm64ec aarch64 armhf arm armv5 armv6 armv7 armv8 i386 i486 i586 i686 386
    ia64 ppc64le s390x riscv64 mips64le noarch universal 64 32 bit 64bit 32bit 64bits 32bits
    msvc vc vs gnu gcc clang llvm musl glibc libc pc unknown net netcore netstandard netfx framework
    bin binary binaries src source any all full signed unsigned static shared dynamic release rel stable portable
    setup installer install redist redistributable standalone embed embeddable embedded zip archive nupkg package
    nts ts with without service busybox dist final ga lts win7 win8 win10 win11
    ssl seh sjlj dwarf sfx
    """.split()  # noqa: SIM905  a list of 130 literals is not easier to read
)
#: A word that is one of the above with a number glued to it: ``VC14``, ``vs16``, ``msvc2022``, ``net8``, ``glibc2``.
_NUMBERED = frozenset(
    (
        "vc", "vs", "msvc", "gcc", "clang", "llvm", "glibc", "musl", "net", "netcore", "netstandard",
        "netfx", "win", "windows", "macos", "osx", "ubuntu", "debian", "alpine", "armv", "cuda", "cu",
        "ucrt", "mingw", "api",
    )
)  # fmt: skip

#: Those that are products themselves where a name begins with them.
_TOOLS = frozenset(
    ("gcc", "clang", "llvm", "mingw", "msys2", "cygwin", "busybox", "ubuntu", "debian", "alpine")
)

#: Names of branches and of addresses that always give the newest.
_ALWAYS_NEW = frozenset(("latest", "nightly", "snapshot", "snapshots", "daily", "canary"))
_BRANCHES = frozenset(("master", "main", "head", "trunk", "tip", "develop", "development", "edge", "dev"))

_NO_PRODUCT = _ALWAYS_NEW | _BRANCHES | {"download", "downloads", "releases", "files", "p"}

#: Sites that send a reader on to an address that they may change.
REDIRECTORS = (
    "aka.ms", "bit.ly", "buff.ly", "cutt.ly", "git.io", "go.microsoft.com", "goo.gl", "is.gd", "lnkd.in",
    "ow.ly", "rb.gy", "rebrand.ly", "shorturl.at", "t.co", "t.ly", "tiny.cc", "tinyurl.com", "v.gd",
)  # fmt: skip

#: Words after a version's numbers that make it an early one: ``1.2-rc.1``, ``1.2_beta``.
_EARLY = frozenset(
    (
        "alpha", "beta", "preview", "prerelease", "pre", "rc", "cr", "dev", "snapshot", "nightly", "canary",
        "milestone", "ea", "int",
    )
)  # fmt: skip
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NUMBERS = r"\d{1,8}(?:\.\d{1,8}){1,5}(?![0-9])"
#: Java 8 counts its updates: ``8u412``, and a build behind it, ``8u412b08`` or ``8u412-b08``.
_UPDATE = lazy(
    r"(?:(?<![0-9a-z.])|(?<=jdk)|(?<=jre))(\d{1,2}u\d{1,3})(?:-?b\d{2})?(?![0-9a-z])",
    re.IGNORECASE | re.ASCII,
)
#: Releases of Windows that a build is for: ``2012plus``.
_FOR_WINDOWS = lazy(r"20\d\dplus")
_VERSION = lazy(rf"(?:(?<![0-9a-z.])|(?<=[a-z]\.))v?({_NUMBERS})", re.IGNORECASE | re.ASCII)
_GLUED = lazy(rf"(?<![0-9.])([a-z]{{1,60}})({_NUMBERS})", re.IGNORECASE | re.ASCII)
_SUFFIX = lazy(r"([-._]?)([a-z]{1,20})(?:([.-]?)(\d+(?:\.\d+)*))?(?![a-z0-9])", re.IGNORECASE | re.ASCII)
#: ``boost_1_85_0``: a version with underscores.
_UNDERSCORED = lazy(r"(?<![0-9a-z.])v?(\d{1,4}(?:_\d{1,4}){2,3})(?![0-9a-z])", re.IGNORECASE | re.ASCII)
_EXTENSIONS = frozenset(
    (
        "gz", "xz", "bz2", "zst", "lz", "tgz", "txz", "tbz2", "tar", "zip", "7z", "nupkg", "cab", "whl",
        "jar", "war", "msi", "msu", "msix", "exe", "dll", "deb", "rpm", "apk", "pkg", "asc", "sig",
        "sha256", "sha512", "sha1", "md5", "iso", "vsix", "git",
    )
)  # fmt: skip
#: A file that is read as it is, a script or a text: its whole name is what people call it (``get-pip.py``).
_READ = tuple(
    f".{extension}"
    for extension in (
        "sh", "ps1", "psm1", "py", "pl", "rb", "js", "bat", "cmd", "txt", "md", "html", "conf", "json", "yml",
        "yaml", "ini", "xml", "toml", "cfg",
    )
)  # fmt: skip
#: Characters of a file's name that file systems take: what is longer is read to here.
LONGEST_NAME = 255
_DOTTED = lazy(r"(?<![A-Za-z0-9])([A-Za-z0-9]+(?:_64)?)\.(?=[vV]?[0-9])")
_BEFORE_DOT = frozenset(
    ("x64", "x86", "x86_64", "amd64", "arm64", "win64", "win32", "win", "windows", "i386", "i686", "any")
)
#: Hexadecimal digits, as many as a commit or a digest has at least.
_HEXADECIMAL = lazy(r"[0-9A-Fa-f]{40,}")
_DIGEST_LENGTHS = (40, 64, 128)
_GUID = lazy(r"(?i)^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$|^[0-9a-f]{32}$")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file's name taken apart.

    :param product: lower case, words joined with ``-``; "" when only platform words are left.
    :param version: as written, without a leading ``v``; None when the name has none.
    :param certain: the version is a whole token of the name: nothing else is glued to it.
    """

    product: str
    version: str | None
    certain: bool


def asset(name: str) -> Asset:
    """A file's name (or a tag) taken apart.

    >>> asset("app-3.15.0b3-amd64.exe")
    Asset(product='app', version='3.15.0b3', certain=True)
    >>> asset("httpd-2.4.38-win64-VC14.zip")
    Asset(product='httpd', version='2.4.38', certain=True)
    >>> asset("vc_redist.x64.exe")
    Asset(product='', version=None, certain=False)
    """
    stem = _stem(name)
    found = _best(stem)
    if found is None:
        return Asset(_words(stem), None, False)
    before, after = _words(stem[: found.start]), _words(stem[found.end :])
    return Asset(before or after, found.text, found.certain)


@dataclass(frozen=True, slots=True)
class _Found:
    text: str
    start: int
    end: int
    certain: bool


def _stem(name: str) -> str:
    """The name without its extensions."""
    if len(name) > LONGEST_NAME:
        return name
    # a version may follow a platform word and a dot: `Tool.x64.1.2.3`
    stem = name
    low = name.lower()
    if any(f"{word}." in low for word in _BEFORE_DOT):
        stem = _DOTTED.sub(lambda match: match[1] + ("-" if match[1].lower() in _BEFORE_DOT else "."), name)
    while True:
        before, _, extension = stem.rpartition(".")
        if not before or extension.lower() not in _EXTENSIONS:
            return stem
        stem = before


def _candidates(text: str) -> Iterator[_Found]:
    text = text[:LONGEST_NAME]
    for match, end in _numbers(_VERSION, text):
        yield _Found(text[match.start(1) : end], match.start(), end, _ends(text, end))


def _numbers(pattern: re.Pattern[str], text: str) -> Iterator[tuple[re.Match[str], int]]:
    """What a pattern that ends with numbers finds, and where the version ends that they begin."""
    at = 0
    while (match := pattern.search(text, at)) is not None:
        at = _suffix_end(text, match.end())
        yield match, at


def _suffix_end(text: str, end: int) -> int:
    """Where a version ends whose numbers end at ``end``: after ``-rc.1``, ``b3``, ``p`` (OpenSSH), or there."""
    found = _SUFFIX.match(text, end)
    if found is None:
        return end
    dash, word, joint, number = found.groups("")
    word = word.lower()
    if word in _EARLY or (number and word in ("a", "b", "m") and dash in ("", "-")):
        return found.end()
    alone = len(word) == 1 and (not number or joint)
    return found.end(2) if alone and (not dash or (dash == "-" and word in "ab" and not number)) else end


def _best(text: str) -> _Found | None:
    """The version of a name: the one with the most parts, the first of those."""
    text = text[:LONGEST_NAME]
    found = [each for each in _candidates(text) if not _of_platform(text, each)]
    if not found:
        found = [
            _Found(text[match.start(2) : end], match.start(2), end, _ends(text, end))
            for match, end in _numbers(_GLUED, text)
            if match[1].lower() not in PLATFORM_WORDS
            and not _numbered_platform(match[1] + text[match.start(2) : end])
        ]
    update = _UPDATE.search(text) if not found and _may_be_update(text) else None
    if update is not None:
        return _Found(update[1], update.start(1), update.end(1), _ends(text, update.end(1)))
    underscored = _UNDERSCORED.search(text) if not found and "_" in text else None
    if underscored is not None:
        return _Found(underscored[1].replace("_", "."), underscored.start(), underscored.end(), False)
    return max(found, key=lambda each: (each.text.count("."), -each.start), default=None)


def _may_be_update(text: str) -> bool:
    """Whether a number, a ``u`` and a number stand side by side."""
    return any(
        letter in "uU" and text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()
        for at, letter in enumerate(text)
    )


def _ends(text: str, end: int) -> bool:
    """Whether a token ends there, or a platform word is glued to it (``1.2.3x64``)."""
    rest = re.match(r"[A-Za-z0-9_]*", text[end:])
    word = rest[0].lower() if rest is not None else ""
    return not word or word.startswith("_") or word in PLATFORM_WORDS


def _of_platform(text: str, found: _Found) -> bool:
    """A number that belongs to a platform word before it: ``ubuntu-22.04``, ``net-8.0``."""
    before = text[: found.start]
    if before[-1:] not in ("-", "_", ".") or found.text.count(".") != 1:
        return False
    word = before[:-1]
    word = word[len(word.rstrip(_LETTERS)) :].lower()
    return word not in ("windows", "win") and _numbered_platform(word + found.text)


def _numbered_platform(word: str) -> bool:
    """``vc14``, ``net8.0``."""
    name = word.rstrip("0123456789.")
    numbers = word[len(name) :]
    return name.lower() in _NUMBERED and all(numbers.split("."))


def _words(text: str) -> str:
    text = text[:LONGEST_NAME]
    lowered = text.lower().replace("x86_64", "x8664")
    kept_to, pieces = 0, []
    for match, end in _numbers(_VERSION, lowered):
        pieces.append(lowered[kept_to : match.start()])
        kept_to = end
    lowered = " ".join((*pieces, lowered[kept_to:]))
    # what cannot be there is not looked for: a pattern takes longer to compile than a name to read
    if "_" in lowered:
        lowered = _UNDERSCORED.sub(" ", lowered)
    if _may_be_update(lowered):
        lowered = _UPDATE.sub(" ", lowered)
    if "plus" in lowered:
        lowered = _FOR_WINDOWS.sub(" ", lowered)
    if "." in lowered:
        lowered = re.sub(r"([a-z])" + _NUMBERS, r"\1 ", lowered)
    # the name of .NET itself is a word of the product's (`microsoft.net.compilers`)
    if ".net" in lowered:
        lowered = re.sub(r"(?<=[a-z])\.net(?![a-z0-9])", " net! ", lowered)
    words = [word for word in re.split(r"[\s_.+@-]+", lowered) if word]
    kept = [
        word.rstrip("!")
        for position, word in enumerate(words)
        if (word not in PLATFORM_WORDS or _of_name(words, position))
        and not word.isdigit()
        and not _numbered_platform(word)
        and not word.startswith(("$", "%"))
        and word != "v"
    ]
    return "-".join(kept)


def _of_name(words: list[str], position: int) -> bool:
    """A platform word that is part of a product's name: ``gcc-…``, ``windows_exporter``, ``fluent-bit``."""
    word = words[position]
    before, after = words[:position], words[position + 1 : position + 2]
    if word == "bit":
        return bool(before) and not before[-1].isdigit()
    if before:
        return False
    others = bool(after) and after[0] not in PLATFORM_WORDS and not _numbered_platform(after[0])
    return word in _TOOLS or (word == "windows" and others and not after[0].isdigit())


# -- addresses ---------------------------------------------------------------------------------------


def split(url: str) -> SplitResult:
    """The address taken apart; one that is not an address (``https://[``) is all path."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", url, "", "")


def pieces_of(url: str) -> list[str]:
    """The parts of the address's path, decoded, empty ones left out."""
    pieces = [piece for piece in unquote(split(url).path).split("/") if piece]
    if len(pieces) > 1 and pieces[-1].lower() == "download" and _stem(pieces[-2]) != pieces[-2]:
        pieces.pop()  # sourceforge.net puts it behind the file's name
    return pieces


def version(url: str) -> str | None:
    """The version that the address carries: the file's name first, then its path from the end.

    >>> version("https://example.org/releases/download/win-3.2.100/Redis-x64-3.2.100.zip")
    '3.2.100'
    >>> version("https://example.org/vs/17/release/vc_redist.x64.exe")
    """
    for piece in reversed(pieces_of(url)):
        found = _best(_stem(piece))
        if found is not None:
            return found.text
    return None


def versions(text: str) -> tuple[str, ...]:
    """Every version in ``text``, in order."""
    return tuple(dict.fromkeys(each.text for each in _candidates(text) if not _of_platform(text, each)))


def whole(url: str, text: str) -> bool:
    """Whether ``text`` is a whole token somewhere in the address's path: only then may a fix write it.

    >>> whole("https://example.org/app-3.13.1-amd64.exe", "3.13.1-a")
    False
    """
    path = "/".join([*pieces_of(url)[:-1], *(_stem(piece) for piece in pieces_of(url)[-1:])])
    token = re.compile(
        rf"(?:(?<![0-9a-z.])|(?<=[a-z])|(?<=[a-z]\.)){re.escape(text)}(?![0-9])(?!\.[0-9])", re.IGNORECASE
    )
    return any(_ends(path, match.end()) for match in token.finditer(path))


def product(url: str) -> str:
    """The product's name, lower case; the site's where the path has none.

    >>> product("https://github.com/o/r/releases/download/v0.36.1/buildx-v0.36.1.windows-amd64.exe")
    'buildx'
    >>> product("https://github.com/redis/redis/archive/refs/tags/8.6.1.tar.gz")
    'redis'
    """
    site = split(url).netloc.lower()
    pieces = pieces_of(url)
    if not pieces:
        return site or url.lower()
    if pieces[-1].lower().endswith(_READ) or pieces[-1].lower() == "caddyfile":
        return pieces[-1].lower()
    if pieces[-1].lower().startswith(("vc_redist", "vcredist")):
        return "vcredist"  # of nothing but words that say for what a file is
    own = asset(pieces[-1]).product
    if own and own != "download":
        return own
    if site in ("github.com", "codeload.github.com", "gitlab.com") and len(pieces) >= 2:
        return asset(pieces[1]).product or pieces[1].lower()
    for piece in reversed(pieces[:-1]):
        own = asset(piece).product
        if (
            own
            and own not in _NO_PRODUCT
            and not (_HEXADECIMAL.fullmatch(piece) and len(piece) in _DIGEST_LENGTHS)
            and not _GUID.fullmatch(piece)
        ):
            return own
    return site


def pinned(url: str) -> str | None:
    """The commit or digest in the path that fixes the content; None when there is none."""
    for piece in pieces_of(url):
        for found in _HEXADECIMAL.finditer(piece):
            if len(found[0]) in _DIGEST_LENGTHS:
                return found[0]
    return None


def _open(text: str) -> bool:
    """Whether a variable is left in it."""
    return "$" in text or "{" in text or ("%" in text and re.search(r"%[A-Za-z_]", text) is not None)


def moving(url: str) -> str | None:
    """Why the same address may give another file tomorrow, as half a sentence; None when it should not.

    An address whose deciding part is not known (a variable without a value) is not called moving.
    """
    if pinned(url):
        return None
    parts = split(url)
    pieces = pieces_of(url)
    site = (parts.hostname or "").lower()
    # a file whose name has a version is that version's, whatever else it is called
    telling = pieces[:-1] if pieces and _best(_stem(pieces[-1])) is not None else pieces
    for name in _ALWAYS_NEW:
        if any(name in re.split(r"[-_.]", piece.lower()) for piece in telling):
            return f"“{name}” in its path moves"
    branch = _branch(site, pieces)
    if branch is not None:
        return f"“{branch}” in its path is a branch, which moves"
    if _redirector(site, pieces):
        return f"{site} sends on to an address that may change"
    if any(map(_open, (*pieces, parts.query))):
        return None
    if version(url) is not None or _numbered(pieces) or versions(unquote(parts.query)):
        return None
    for piece in pieces:
        if piece.lower() in _BRANCHES:
            return f"“{piece}” in its path moves"
    return "it names no version and no digest"


def _branch(site: str, pieces: list[str]) -> str | None:
    """The branch that the layout of the host makes of a part of the path; None when that is not one."""
    at: str | None = None
    lowered = [piece.lower() for piece in pieces]
    if "refs" in lowered and lowered[lowered.index("refs") + 1 :][:1] == ["heads"]:
        rest = pieces[lowered.index("refs") + 2 :]
        return _stem(rest[0]) if rest else None
    if site == "raw.githubusercontent.com" and len(pieces) > 3:
        at = pieces[2]
    elif site in ("github.com", "codeload.github.com", "gitlab.com", "bitbucket.org") or "-" in lowered:
        for word in ("archive", "raw", "blob", "tree", "zip", "tar.gz", "get", "tarball", "zipball"):
            if word in lowered[2:-1]:
                at = pieces[lowered.index(word, 2) + 1]
                break
    if at is None:
        return None
    name = _stem(at)
    return name if name.lower() in _BRANCHES else None


def _redirector(site: str, pieces: list[str]) -> bool:
    if site == "go.microsoft.com":
        return pieces[:1] == ["fwlink"]
    return site in REDIRECTORS


_DAY = lazy(r"(?<!\d)(?:19|20)\d\d[-_.](?:0\d|1[0-2])[-_.](?:[0-2]\d|3[01])(?!\d)")


def _numbered(pieces: list[str]) -> bool:
    """Whether a part of the path is a number that a release has, without dots: ``7z2407``, ``8u412b08``, ``r1234``.

    One or two digits (``vs/17``) are a line of releases, and a year (``vs2022``) is too.
    """
    for piece in pieces:
        if _GUID.fullmatch(piece) or _DAY.search(piece):
            return True
        for word in re.split(r"[-_.+]", _stem(piece.lower().replace("x86_64", "x8664"))):
            if word in PLATFORM_WORDS or _numbered_platform(word):
                continue
            if re.fullmatch(r"v\d{1,2}", piece, re.IGNORECASE) and piece is not pieces[-1]:
                continue  # `/v1/`: the version of a service
            if re.fullmatch(r"v\d+|\d+u\d\w*", word):
                return True
            if any(
                len(run) >= 3 and not re.fullmatch(r"(?:19|20)\d\d", run) for run in re.findall(r"\d+", word)
            ):
                return True
    return False
