"""Fixtures that more than one room's tests use."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: Flags without which a headless Chromium asks the network for things, or fails as root in a container.
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_configure() -> None:
    """Ctrl+C works in what the tests start, however the suite was started.

    A shell that starts a job in the background has it ignore SIGINT, and all that it starts inherits that.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The recorded corpus beside the repository, where it is there."""
    named = os.environ.get("CONTRIB_TEST_CORPUS")
    found = Path(named) if named else ROOT.parent / "shared" / "corpus"
    if not found.is_dir():
        pytest.skip("no corpus beside the repository (../shared/corpus), nor in CONTRIB_TEST_CORPUS")
    return found


@pytest.fixture(scope="session")
def clones() -> Path:
    """Directory of real clones, ``OWNER+NAME/repo`` each, named by ``CONTRIB_TEST_CLONES``."""
    named = os.environ.get("CONTRIB_TEST_CLONES")
    if not named:
        pytest.skip("CONTRIB_TEST_CLONES does not name a directory of clones")
    return Path(named)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A real headless Chromium, driven by Playwright."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = next(
        (
            path
            for name in ("chromium", "chromium-browser", "google-chrome", "chrome")
            if (path := shutil.which(name))
        ),
        None,
    )
    if chromium is None:
        pytest.skip("no Chromium on PATH")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_FLAGS))
        yield running
        running.close()


def violations(page: Any) -> list[str]:
    """What axe-core finds wrong with the page."""
    from axe_playwright_python.sync_playwright import Axe

    return [
        f"{found['id']}: {found['nodes'][0]['html'][:160]}"
        for found in Axe().run(page).response["violations"]
    ]


@pytest.fixture(autouse=True)
def _one_command_waits() -> None:
    """Each test is a command of its own, with the whole time that one may wait."""
    from contrib.clients.waits import COMMAND

    COMMAND.renew()
