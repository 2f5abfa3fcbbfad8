"""One real engine for the tests of this room, and the base images that they build on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from contrib.clients.engine import Engine
from tests.trial import roots
from tests.trial.engine import NoEngine, shared


@pytest.fixture(scope="session")
def engine_address(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of the engine that all workers share; skips, saying why, where none can be started."""
    pytest.importorskip("docker", reason="the Docker SDK (extra `try`) is not installed")
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    try:
        with shared(run) as address:
            yield address
    except NoEngine as error:
        pytest.skip(f"no Docker engine for the tests: {error}")


@pytest.fixture
def engine(engine_address: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A connection with a run of its own."""
    run = f"{os.getpid()}-{abs(hash(request.node.nodeid)) % 10**8}"
    with Engine.connect(run, engine_address) as connected:
        yield connected


def imported(address: str, name: str, data: bytes, changes: tuple[str, ...] = ()) -> str:
    """An image of a root file system with what it declares; nothing is done when it is there."""
    with Engine.connect("base", address) as engine:
        if engine.image(name) is None:
            api, repository = engine._api, name.partition(":")[0]
            engine._call(
                "import",
                lambda: api.import_image_from_data(data, repository, tag="1", changes=list(changes)),
                120,
            )
    return name


@pytest.fixture(scope="session")
def busybox(engine_address: str) -> str:
    """A base with busybox alone."""
    if not roots.BUSYBOX.exists():
        pytest.skip("there is no static busybox (Debian's package busybox-static)")
    return imported(engine_address, f"busybox-{os.getpid()}:1", roots.root())


@pytest.fixture(scope="session")
def redis_twin(engine_address: str, redis_version: str) -> str:
    """An image with Debian's own Redis that declares what the Linux image of Redis does."""
    found = [shutil.which(name) for name in ("redis-server", "redis-cli", "redis-benchmark")]
    if not all(found) or not roots.BUSYBOX.exists():
        pytest.skip("there is no redis-server and busybox (Debian's packages redis-server, busybox-static)")
    programs = {f"usr/bin/{Path(str(each)).name}": Path(str(each)) for each in found}
    # The server is also the sentinel and the checker of the log: it looks at the name that it is started by.
    aliases = ("redis-sentinel", "redis-check-aof", "redis-check-rdb")
    programs |= {f"usr/bin/{name}": Path(str(found[0])) for name in aliases}
    data = roots.root(programs, directories={"data": 999, "one/two": 0})
    changes = (
        f"ENV X_VERSION={redis_version}",
        f"ENV REDIS_VERSION={redis_version}",
        "WORKDIR /data",
        "EXPOSE 6379",
        'ENTRYPOINT ["env"]',
        'CMD ["redis-server", "--protected-mode", "no"]',
    )
    return imported(engine_address, f"redis-{os.getpid()}:1", data, changes)


@pytest.fixture(scope="session")
def redis_version() -> str:
    """The version of Debian's Redis."""
    if shutil.which("redis-server") is None:
        pytest.skip("there is no redis-server (Debian's package redis-server)")
    said = subprocess.run(["redis-server", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"v=(\S+)", said)
    assert found is not None
    return found[1]
