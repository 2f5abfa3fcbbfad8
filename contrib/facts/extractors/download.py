"""``download``, ``download-scheme``, ``download-pinned``: what is fetched, and how sure its content is."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import actions as act
from contrib.build import products
from contrib.build.account import Build
from contrib.facts.model import Fact
from contrib.facts.subject import Subject


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """Every URL, resolved; helpers' downloads are told under their product's name (``download:gosu``)."""
    seen: set[str] = set()
    for download in subject.downloads:
        url = download.url.text
        key = subject.key(download)
        suffix = f":{key}" if key else ""
        if url + suffix in seen:
            continue
        seen.add(url + suffix)
        scheme = products.scheme(url)
        detail = {
            "url": url,
            "known": download.url.known,
            "product": products.product(url),
            "version": products.version(url),
            "tool": download.tool,
            "via": [source.name for source in download.url.via],
            "kind": products.kind(url),
            "host": products.host(url),
            "conditional": download.conditional,
            "revision": download.revision,
        }
        yield Fact(f"download{suffix}", url, download.line, download.end_line, detail)
        if scheme:
            yield Fact(f"download-scheme{suffix}", scheme, download.line, download.end_line, {"url": url})
        pin = products.pinned(url) or _commit(download)
        moving = products.moving(url) if download.url.known and download.tool != "git" else None
        if pin is not None:
            yield Fact(
                f"download-pinned{suffix}", f"by content ({pin[:12]})", download.line, download.end_line,
                {"pin": pin, "moving": None, "url": url},
            )  # fmt: skip
        elif moving is not None:
            yield Fact(
                f"download-pinned{suffix}", "no: " + moving, download.line, download.end_line,
                {"pin": None, "moving": moving, "url": url},
            )  # fmt: skip


def _commit(download: act.Download) -> str | None:
    revision = download.revision.strip()
    return (
        revision if len(revision) == 40 and all(c in "0123456789abcdef" for c in revision.lower()) else None
    )
