"""A real Docker engine for the tests: one for all workers, of our own, beside any that the machine has.

Debian's ``docker.io`` is enough. It needs root; without root, without the program, or where the kernel refuses,
the tests that need it skip and say why. The engine has its own socket, data and process id, no bridge and no
iptables: a network that is made for a run gives containers addresses all the same.

    python -m tests.trial.engine start DIRECTORY     # prints the address
    python -m tests.trial.engine stop DIRECTORY
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

#: Seconds until an engine answers.
PATIENCE = 60


class NoEngine(Exception):
    """Why there is none here."""


def possible() -> str | None:
    """Why no engine can be started here, None when it may be possible."""
    if sys.platform != "linux":
        return "the engine of the tests is Linux's"
    if shutil.which("dockerd") is None:
        return "there is no dockerd (Debian's package docker.io has it)"
    if os.geteuid() != 0:
        return "starting an engine needs root"
    return None


def start(directory: Path, size: str = "2g") -> str:
    """Start an engine whose files are all below ``directory``; its address.

    :param size: of the file system in memory that its files are on, where one can be mounted: engines wait for
        disks a lot.
    :raises NoEngine: why it does not start.
    """
    reason = possible()
    if reason is not None:
        raise NoEngine(reason)
    directory.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(directory)]
    subprocess.run(mount, check=False, capture_output=True)
    socket = directory / "sock"
    log = (directory / "log").open("wb")
    process = subprocess.Popen(
        [
            "dockerd",
            *("--data-root", str(directory / "data"), "--exec-root", str(directory / "exec")),
            *("--pidfile", str(directory / "pid"), "--host", f"unix://{socket}"),
            *("--storage-driver", "vfs", "--bridge", "none", "--iptables=false", "--ip6tables=false"),
            *("--ip-forward=false", "--ip-masq=false", "--userland-proxy=false"),
        ],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        env={**os.environ, "DOCKER_RAMDISK": "true"},
    )
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if _answers(socket):
            return f"unix://{socket}"
        time.sleep(0.1)
    else:
        process.terminate()
    end = (directory / "log").read_text("utf-8", "replace").splitlines()[-1:]
    raise NoEngine(f"dockerd does not start here: {''.join(end)[:300]}")


def stop(directory: Path) -> None:
    """Stop the engine of a directory, by the process id that it wrote down, and remove its files."""
    with contextlib.suppress(OSError, ValueError):
        number = int((directory / "pid").read_text())
        os.kill(number, signal.SIGTERM)
        for _ in range(200):
            if not _runs(number):
                break
            time.sleep(0.05)
        else:
            os.kill(number, signal.SIGKILL)
    with contextlib.suppress(OSError):
        _unmount(directory)
    shutil.rmtree(directory, ignore_errors=True)


def kill(directory: Path) -> None:
    """End the engine of a directory at once, and what it had started."""
    os.kill(int((directory / "pid").read_text()), signal.SIGKILL)


def _runs(number: int) -> bool:
    """Whether a process runs; one that has ended and is only not yet asked for does not."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _unmount(directory: Path) -> None:
    """The memory that its files are on, and what an engine that was killed left mounted and running."""
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if str(directory).encode() + b"/" in (process / "cmdline").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for mount in sorted((m for m in mounts if f"{m}/".startswith(f"{directory}/")), reverse=True):
        subprocess.run(["umount", "--lazy", mount], check=False, capture_output=True)


def _answers(socket: Path) -> bool:
    import http.client
    import socket as sockets

    connection = http.client.HTTPConnection("engine", timeout=2)
    try:
        connection.sock = sockets.socket(sockets.AF_UNIX)
        connection.sock.connect(str(socket))
        connection.request("GET", "/_ping")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@contextlib.contextmanager
def shared(run: str) -> Iterator[str]:
    """The engine that all workers of one test run share: the first starts it, the last stops it.

    :raises NoEngine: why there is none here.
    """
    if address := os.environ.get("CONTRIB_TEST_ENGINE"):
        yield address
        return
    reason = possible()
    if reason is not None:
        raise NoEngine(reason)
    root = Path(tempfile.gettempdir()) / f"contrib-engine-{run}"
    root.mkdir(exist_ok=True)
    users, engine = root / "users", root / "engine"
    with _locked(root / "lock"):
        count = int(users.read_text()) if users.exists() else 0
        failed = root / "failed"
        if failed.exists():
            raise NoEngine(failed.read_text())
        if count == 0:
            try:
                start(engine)
            except NoEngine as error:
                failed.write_text(str(error))
                raise
        users.write_text(str(count + 1))
    try:
        yield f"unix://{engine / 'sock'}"
    finally:
        with _locked(root / "lock"):
            count = int(users.read_text()) - 1
            users.write_text(str(count))
            if count == 0:
                stop(engine)
                users.unlink()


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    command, where = sys.argv[1], Path(sys.argv[2]).resolve()
    if command == "start":
        print(start(where))
    else:
        stop(where)
