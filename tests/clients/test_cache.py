"""The cache's place is the one that platformdirs knows."""

from __future__ import annotations

import pytest
from platformdirs import user_cache_path

from contrib.clients.cache import default_cache_dir


@pytest.mark.parametrize("named", [None, "", "  ", "/somewhere/else"])
def test_default_cache_dir(named: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if named is None:
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", named)
    assert default_cache_dir() == user_cache_path("contrib", appauthor=False)
