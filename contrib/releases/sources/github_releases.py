"""The releases of a project on GitHub, as the API gives them (``GET /repos/OWNER/NAME/releases``).

A release that cannot be used stays in the catalogue with the reason: to know that is better than to miss it. Only a
document that holds no release at all is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol
from urllib.parse import unquote

from contrib.releases.model import Catalogue, Checksum, File, Release, Unread
from contrib.releases.sources import Source, regex
from contrib.values import jsontext
from contrib.values.assets import split
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput
from contrib.values.tables import Table
from contrib.values.versions import Version

#: What a release is asked for, beside its own page.
ACCEPT = "application/vnd.github+json"
#: Read page by page, from GitHub's API.
PROTOCOL = "pages"

_HEX = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-f]{64}|[0-9A-F]{64})(?![0-9A-Za-z])")
_NAME = r"(?<![0-9A-Za-z._-]){}(?![0-9A-Za-z_-]|\.[0-9A-Za-z])"
#: Names of assets that list the digests of the others.
_LISTS = re.compile(r"(?i)(?:sha-?256(?:sums?)?|checksums?(?:[._-]sha256)?)(?:\.txt)?(?<!\.asc)")
#: Bytes of a release's text that are looked at; hashes are in far shorter ones.
_MAX_BODY = 1 << 20
_EXPECTED = "expected a list of releases, as GitHub's API gives it"


class Shape(Protocol):
    """How a project names its tags and archives; :class:`contrib.images.model.Port` does."""

    @property
    def repository(self) -> str:
        """``owner/name``."""
        ...

    @property
    def former(self) -> tuple[str, ...]:
        """Other names of the repository."""
        ...

    def version_of_tag(self, tag: str) -> str | None:
        """The version that a tag names."""
        ...

    def asset_name(self, version: str) -> str:
        """The archive's name; empty where a release needs none."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """:param tag: and ``asset``: with ``{version}``, where no port of ``image.toml`` says them.

    :param files: names of further assets, a regular expression each, by the key that the tree has for them.
    :param security: over title and text: the release fixes a weakness.
    """

    repository: str
    tag: str = "{version}"
    asset: str = ""
    files: tuple[tuple[str, re.Pattern[str]], ...] = ()
    security: re.Pattern[str] | None = None
    former: tuple[str, ...] = ()

    def version_of_tag(self, tag: str) -> str | None:
        """See :class:`Shape`."""
        pattern = re.escape(self.tag).replace(re.escape("{version}"), "(.+)")
        found = re.fullmatch(pattern, tag)
        return found[1] if found else None

    def asset_name(self, version: str) -> str:
        """See :class:`Shape`."""
        return self.asset.replace("{version}", version)


def options(table: Table) -> Options:
    """The keys ``repository``, ``tag``, ``asset``, ``files``, ``security``."""
    repository = table.text("repository", "owner/name", pattern=re.compile(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+"))
    files = table.table("files", required=False)
    security = regex(table, "security", "") if table.value("security") is not None else None
    return Options(
        repository,
        table.text(
            "tag", "a tag with {version}", default="{version}", pattern=re.compile(r".*\{version\}.*")
        ),
        table.text("asset", "a file name with {version}", default=""),
        tuple((key, regex(files, key)) for key in files.items()),
        security,
    )


def address(api: str, repository: str) -> str:
    """The address of the first page."""
    return f"{api.rstrip('/')}/repos/{repository}/releases?per_page=100"


@bounded("origin")
def parse(
    pages: Iterable[bytes], port: Shape, *, name: str, origin: str, source: Source | None = None
) -> Catalogue:
    """The releases of a project.

    Drafts are left out. A tag of another form, and an item that is not a release, are among ``unread``.

    :raises BadInput: not JSON, or nothing in it is a release as GitHub gives it.
    """
    options = source.options if source is not None else Options(port.repository)
    releases: list[Release] = []
    unread: list[Unread] = []
    items = 0
    for document in pages:
        for item in _items(document, origin):
            items += 1
            found = _release(item, port, options)
            if isinstance(found, Release):
                releases.append(found)
            elif found is not None:
                unread.append(found)
    if items and not releases and unread and all(each.why == _EXPECTED for each in unread):
        raise BadInput(_EXPECTED, file=origin)
    return Catalogue.of(name, origin, releases, unread)


def _items(document: bytes, origin: str) -> Iterator[Any]:
    data = jsontext.read(document, origin, hint="expected GitHub's list of releases")
    if not isinstance(data, list):
        message = data.get("message") if isinstance(data, dict) else None
        raise BadInput(_EXPECTED + (f"; it says: {str(message)[:200]}" if message else ""), file=origin)
    for item in data:
        if isinstance(item, list):  # pages, slurped: `gh api --paginate --slurp`
            yield from item
        else:
            yield item


def _release(item: Any, port: Shape, options: Options) -> Release | Unread | None:
    """The release of an item; what is not one; None for a draft."""
    if not isinstance(item, dict) or not isinstance(item.get("tag_name"), str):
        return Unread(str(item)[:60], _EXPECTED)
    if item.get("draft") is True:
        return None
    tag = item["tag_name"]
    text = port.version_of_tag(tag)
    version = Version.maybe(text) if text is not None else None
    if version is None:
        return Unread(tag[:80])
    wanted = port.asset_name(version.text)
    body = item["body"] if isinstance(item.get("body"), str) else ""
    title = item["name"] if isinstance(item.get("name"), str) else ""
    canonical = f"https://github.com/{port.repository}/releases/download/{tag}/{wanted}" if wanted else ""

    def made(missing: str = "", fault: str = "", **more: Any) -> Release:
        values = {"url": canonical, **more}
        return Release(
            version=version,
            asset=wanted,
            published=_date(item.get("published_at")),
            prerelease=item.get("prerelease") is True or version.prerelease,
            missing=missing,
            fault=fault,
            title=title[:200],
            security=bool(options.security and options.security.search(f"{title}\n{body[:_MAX_BODY]}")),
            **values,
        )

    listed = item.get("assets", [])
    if not isinstance(listed, list) or not all(
        isinstance(a, dict) and isinstance(a.get("name"), str) for a in listed
    ):
        return made("its assets are not a list as GitHub gives it", "unusable")
    assets = {asset["name"]: asset for asset in listed}
    files = []
    for key, pattern in options.files:
        match = next((asset for name, asset in assets.items() if pattern.fullmatch(name)), None)
        if match is None:
            continue  # what needs it says so
        found = _digest(match)
        address = match.get("browser_download_url")
        if isinstance(found, str):
            return made(found, "unusable")
        if not isinstance(address, str) or not _own(address, port, tag, match["name"]):
            return made(
                f"the address of {match['name']} is not the project's own: {str(address)[:200]}", "unusable"
            )
        files.append(File(key, match["name"], address, found, _size(match)))
    if not wanted:
        if options.files and not files:
            fault = "no-archive" if assets else "upload-unfinished"
            return made("its release has none of the archives that are looked for", fault)
        return made(files=tuple(files))
    asset = assets.get(wanted)
    if asset is not None and asset.get("size") == 0 and asset.get("state") in (None, "uploaded"):
        return made(f"{wanted} has 0 bytes", "archive")
    if asset is None:
        there = ", ".join(sorted(assets)[:6]) + (" …" if len(assets) > 6 else "")
        said = f"; it has {there}" if assets else "; it has no assets"
        return made(
            f"its release has no archive {wanted}{said}", "no-archive" if assets else "upload-unfinished"
        )
    if asset.get("state") not in (None, "uploaded"):
        return made(f"the upload of {wanted} is not finished", "upload-unfinished")
    found = _digest(asset)
    if isinstance(found, str):
        return made(found, "unusable")
    told = hashes_in(body, wanted)
    checksums = (*found, *(Checksum("release text", "sha256", each) for each in told))
    absent = ([] if found else ["asset digest"]) + ([] if told else ["release text"])
    download = asset.get("browser_download_url")
    download = download if isinstance(download, str) else canonical
    own = _own(download, port, tag, wanted)
    if not own and _on_github(download):
        return made(
            f"the address of {wanted} is {download[:200]!r}, which is not that of the release {tag} of "
            f"{port.repository}; nothing was downloaded",
            "bad-address",
        )
    lists = tuple(
        each["browser_download_url"]
        for name, each in sorted(assets.items())
        if (_LISTS.fullmatch(name) or name == f"{wanted}.sha256")
        and isinstance(each.get("browser_download_url"), str)
        and _own(each["browser_download_url"], port, tag, name)
    )
    if not checksums and not lists:
        absent.append("file of digests")
    return made(
        url=download if own else canonical,
        checksums=checksums,
        absent=tuple(absent),
        download="" if own else download,
        size=_size(asset),
        files=tuple(files),
        lists=lists,
    )


def _digest(asset: Mapping[str, Any]) -> tuple[Checksum, ...] | str:
    """The digest of an asset; a sentence for what is not one."""
    digest = asset.get("digest")
    if digest is None:
        return ()
    found = re.fullmatch(r"(sha1|sha256|sha512):([0-9a-fA-F]+)", digest) if isinstance(digest, str) else None
    if found is None or len(found[2]) != {"sha1": 40, "sha256": 64, "sha512": 128}[found[1]]:
        return f"the digest of {asset['name']} is {str(digest)[:90]!r}, expected sha256:…"
    return (Checksum("asset digest", found[1], found[2].lower()),)


def _size(asset: Mapping[str, Any]) -> int | None:
    size = asset.get("size")
    return size if isinstance(size, int) and not isinstance(size, bool) else None


def _own(address: str, port: Shape, tag: str, name: str) -> bool:
    """Whether an address is that of this asset of this release, under one of the project's names."""
    parts = split(address)
    if parts.scheme != "https" or parts.netloc != "github.com" or parts.query or parts.fragment:
        return False
    path = unquote(parts.path).lower()
    return any(
        path == f"/{repository}/releases/download/{tag}/{name}".lower()
        for repository in (port.repository, *port.former)
    )


def _on_github(address: str) -> bool:
    """Whether an address would be taken for one of GitHub's; nothing else is ever written or fetched."""
    return (
        re.match(r"https?://(?:[^/@]*@)?(?:www\.)?github\.com(?:[:/]|$)", address, re.IGNORECASE) is not None
    )


def hashes_in(text: str, name: str) -> tuple[str, ...]:
    """The sha256 digests that a text gives for a file, lower case, each once.

    A digest belongs to the file named on its line; else, as PowerShell's ``Get-FileHash | Format-List`` prints
    it (``Hash : …``, then ``Path : …``), to the first file named on the lines up to the next digest.

    >>> hashes_in("Hash : " + "AB" * 32 + "\\nPath : D:\\\\a\\\\app.zip", "app.zip") == ("ab" * 32,)
    True
    """
    mine = re.compile(_NAME.format(re.escape(name)))
    any_file = re.compile(_NAME.format(r"[0-9A-Za-z._-]+\.(?:zip|7z|msi|exe|tar\.gz|tgz|nupkg)"))
    lines = text[:_MAX_BODY].splitlines()
    found: dict[str, None] = {}
    for number, line in enumerate(lines):
        digests = _HEX.findall(line)
        if not digests:
            continue
        named = line
        if any_file.search(line) is None:
            following = []
            for later in lines[number + 1 : number + 8]:
                if _HEX.search(later):
                    break
                following.append(later)
            named = next((later for later in following if any_file.search(later)), "")
        if mine.search(named) and len(digests) == 1:
            found[digests[0].lower()] = None
    return tuple(found)


def _date(value: Any) -> date | None:
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None
