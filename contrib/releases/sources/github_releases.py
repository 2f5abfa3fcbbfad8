"""The releases of a project on GitHub, as the API gives them (``GET /repos/OWNER/NAME/releases``)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from contrib.images.model import Port
from contrib.releases.model import Catalogue, Checksum, Release
from contrib.values.errors import BadInput
from contrib.values.versions import Version

#: What a release is asked for, beside its own page.
ACCEPT = "application/vnd.github+json"

_HEX = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-f]{64}|[0-9A-F]{64})(?![0-9A-Za-z])")
_NAME = r"(?<![0-9A-Za-z._-]){}(?![0-9A-Za-z_-]|\.[0-9A-Za-z])"
#: Bytes of a release's text that are looked at; hashes stand in far shorter ones.
_MAX_BODY = 1 << 20


def address(api: str, repository: str) -> str:
    """The address of the first page."""
    return f"{api.rstrip('/')}/repos/{repository}/releases?per_page=100"


def parse(pages: Iterable[bytes], port: Port, *, name: str, origin: str) -> Catalogue:
    """The releases of a port.

    Drafts are left out, and tags of another form than the port's (a tag that names no version). A release
    without the port's archive stays, marked as unusable: to know that is better than to miss it.

    :raises BadInput: not JSON, or not what GitHub gives.
    """
    releases = []
    for document in pages:
        for item in _items(document, origin):
            release = _release(item, port, origin)
            if release is not None:
                releases.append(release)
    return Catalogue.of(name, origin, releases)


def _items(document: bytes, origin: str) -> Iterator[Mapping[str, Any]]:
    try:
        data = json.loads(document.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadInput("is not UTF-8 text", file=origin) from error
    except ValueError as error:
        line = getattr(error, "lineno", None)
        raise BadInput(
            "is not JSON", file=origin, line=line, hint="expected GitHub's list of releases"
        ) from error
    except RecursionError as error:
        raise BadInput("is nested too deeply", file=origin) from error
    expected = "expected a list of releases, as GitHub's API gives it"
    if not isinstance(data, list):
        message = data.get("message") if isinstance(data, dict) else None
        raise BadInput(f"{expected}" + (f"; it says: {str(message)[:200]}" if message else ""), file=origin)
    for item in data:
        if isinstance(item, list):  # pages, slurped: `gh api --paginate --slurp`
            for inner in item:
                yield _checked(inner, expected, origin)
        else:
            yield _checked(item, expected, origin)


def _checked(item: Any, expected: str, origin: str) -> Mapping[str, Any]:
    if not isinstance(item, dict) or not isinstance(item.get("tag_name"), str):
        raise BadInput(expected, file=origin)
    assets = item.get("assets", [])
    if not isinstance(assets, list) or not all(
        isinstance(a, dict) and isinstance(a.get("name"), str) for a in assets
    ):
        raise BadInput(f"{expected}: the assets of {item['tag_name'][:80]!r} are not", file=origin)
    return item


def _release(item: Mapping[str, Any], port: Port, origin: str) -> Release | None:
    if item.get("draft") is True:
        return None
    text = port.version_of_tag(item["tag_name"])
    version = Version.maybe(text) if text is not None else None
    if version is None:
        return None
    wanted = port.asset_name(version.text)
    assets = {asset["name"]: asset for asset in item.get("assets", [])}
    published = _date(item.get("published_at"))
    prerelease = item.get("prerelease") is True or version.prerelease
    asset = assets.get(wanted)
    canonical = port.url(version.text)
    if asset is None:
        return Release(
            version, canonical, wanted, published, prerelease, missing=f"its release has no archive {wanted}"
        )
    if asset.get("state") not in (None, "uploaded"):
        return Release(
            version,
            canonical,
            wanted,
            published,
            prerelease,
            missing=f"the upload of {wanted} is not finished",
        )
    checksums: list[Checksum] = []
    absent: list[str] = []
    digest = asset.get("digest")
    if digest is None:
        absent.append("asset digest")
    elif isinstance(digest, str) and re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
        checksums.append(Checksum("asset digest", "sha256", digest.removeprefix("sha256:")))
    else:
        raise BadInput(f"the digest of {wanted} is {str(digest)[:90]!r}, expected sha256:…", file=origin)
    told = hashes_in(item.get("body") or "", wanted)
    if not told:
        absent.append("release text")
    checksums += [Checksum("release text", "sha256", each) for each in told]
    download = asset.get("browser_download_url")
    download = download if isinstance(download, str) else canonical
    # What is written is an address of GitHub's; a stand-in on loopback serves the same archive elsewhere.
    url = download if download.startswith("https://github.com/") else canonical
    return Release(
        version,
        url,
        wanted,
        published,
        prerelease,
        tuple(checksums),
        tuple(absent),
        download=download if download != url else "",
    )


def hashes_in(text: str, name: str) -> tuple[str, ...]:
    """The sha256 digests that a text tells of a file, lower case, none twice.

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
