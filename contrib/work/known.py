"""What the cache knows of bases and archives: for reviews, comparisons and proposals, which read and download nothing.

Kept apart from :mod:`contrib.work.loads`, which imports what reads archives and asks registries.
"""

from __future__ import annotations

from contrib.binaries.store import Store
from contrib.clients.cache import default_cache_dir
from contrib.facts.starts import Known


def store() -> Store:
    """The inventories, and what is known of archives, in the user's cache."""
    return Store(default_cache_dir() / "inventories")


def known(kept: Store | None = None) -> Known | None:
    """What is known; None where the cache has no inventory at all."""
    kept = kept or store()
    return Known(kept.known, kept.contents) if kept.directory.is_dir() else None
