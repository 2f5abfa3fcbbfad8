"""``download``, ``download-scheme``, ``download-pinned``: what is fetched, and how sure its content is."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import actions as act
from contrib.build import products
from contrib.build.account import Build
from contrib.build.downloads import fetched
from contrib.facts.kinds import Download, DownloadPinned, DownloadScheme, Fact
from contrib.facts.subject import Subject


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """Every URL, resolved; helpers' downloads are told under their product's name (``download:gosu``)."""
    seen: set[str] = set()
    astray = {
        id(each.download) for each in fetched(build) if each.check is None and each.unfollowed is not None
    }
    for download in subject.downloads:
        url = download.url.text
        key = subject.key(download)
        suffix = f":{key}" if key else ""
        if url + suffix in seen:
            continue
        seen.add(url + suffix)
        scheme = products.scheme(url)
        lines = (download.line, download.end_line)
        yield Download(
            f"download{suffix}", url or "not known from this file", *lines, known=download.url.known, version=products.version(url),
            tool=download.tool, host=products.host(url), revision=download.revision,
            unfollowed=id(download) in astray,
        )  # fmt: skip
        if scheme:
            yield DownloadScheme(f"download-scheme{suffix}", scheme, *lines)
        pin = products.pinned(url) or _commit(download)
        moving = products.moving(url) if download.url.known and download.tool != "git" else None
        if pin is not None:
            yield DownloadPinned(
                f"download-pinned{suffix}", f"by content ({pin[:12]})", *lines, pin=pin, moving=None
            )
        elif moving is not None:
            yield DownloadPinned(f"download-pinned{suffix}", "no: " + moving, *lines, pin=None, moving=moving)


def _commit(download: act.Download) -> str | None:
    revision = download.revision.strip()
    return (
        revision if len(revision) == 40 and all(c in "0123456789abcdef" for c in revision.lower()) else None
    )
