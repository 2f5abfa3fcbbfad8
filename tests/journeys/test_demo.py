"""`contrib demo`, as a visitor runs it: a process of its own, no network, no token, no configuration."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def environment(home: Path) -> dict[str, str]:
    """A visitor's: a home that is empty, a token that must not be used, proxies that lead nowhere."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("CONTRIB_", "GIT_", "GH_", "GITHUB_"))}
    nowhere = "http://127.0.0.1:9"
    return kept | {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "HTTPS_PROXY": nowhere,
        "HTTP_PROXY": nowhere,
        "https_proxy": nowhere,
        "http_proxy": nowhere,
        "GH_TOKEN": "ghp_ofTheVisitorsOwn",
        "PYTHONPATH": str(ROOT),
        # What is left open, or is going away, is an error.
        "PYTHONDEVMODE": "1",
        "PYTHONWARNINGS": "error",
    }


def demo(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    home = directory / "home"
    work = directory / "work"
    home.mkdir(exist_ok=True)
    work.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "contrib", "demo", *arguments],
        cwd=work,
        env=environment(home),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=180,
    )
    # Nothing of the visitor's is touched: no configuration, no cache, no file beside theirs.
    assert [p for p in home.rglob("*") if p.is_file()] == []
    assert "Exception ignored" not in done.stderr
    return done


def test_the_whole_job(tmp_path: Path) -> None:
    done = demo(tmp_path)
    assert done.returncode == 0, done.stderr
    urls = done.stdout.splitlines()
    assert [re.sub(r":\d+/", "/", url) for url in urls] == [
        "http://127.0.0.1/docker-library/redis/pull/1",
        "http://127.0.0.1/docker-library/official-images/pull/1",
    ]
    assert list((tmp_path / "work").iterdir()) == []
    said = done.stderr
    assert [int(n) for n in re.findall(r"^(\d)\. ", said, re.MULTILINE)] == list(range(1, 9))
    # The port lags: its own version is claimed, never Linux's.
    added = [
        line for line in said.splitlines() if line.startswith("+Tags:") or line.startswith("+SharedTags:")
    ]
    assert added
    assert all("7.2.4-" in line and "7.2.5" not in line for line in added)
    assert "7.2 windows: 7.2.4 -> 7.2.5" in said
    assert "ghp_" not in said
    assert "Traceback" not in said
    # The first screen: the comparison in 25 lines of at most 80 columns.
    screen = said.split("--fail-on never\n", 1)[1].split("\n2. Generate", 1)[0].rstrip("\n").split("\n")
    assert len(screen) <= 25
    assert max(map(len, screen)) <= 80


def test_a_visitors_own_file(tmp_path: Path) -> None:
    own = tmp_path / "work" / "mine.Dockerfile"
    own.parent.mkdir()
    own.write_bytes(
        b"FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
        b"ENV REDIS_VERSION=7.2.4\n"
        b'SHELL ["powershell", "-Command", "$ErrorActionPreference = \'Stop\';"]\n'
        b"RUN Invoke-WebRequest https://github.com/redis-windows/redis-windows/releases/download/7.2.4/"
        b"Redis-7.2.4-Windows-x64-cygwin.zip -OutFile r.zip; Expand-Archive r.zip C:\\tools; Remove-Item r.zip\n"
        b"EXPOSE 6379\n"
        b'CMD ["C:/tools/redis-server.exe"]\n'
    )
    done = demo(tmp_path, "--from", "mine.Dockerfile")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 2
    assert "contrib pr redis --from mine.Dockerfile --dry-run" in done.stderr
    assert [p.name for p in own.parent.iterdir()] == ["mine.Dockerfile"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = demo(tmp_path, "--from", "nowhere/Dockerfile")
    assert done.returncode == 2
    assert "nowhere/Dockerfile" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_linux_file(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "Dockerfile").write_bytes(b"FROM alpine:3.20\nRUN true\n")
    done = demo(tmp_path, "--from", "Dockerfile")
    assert done.returncode == 2
    assert done.stderr.startswith("error: Dockerfile: builds a Linux image\n")
    assert demo(tmp_path, "--from", os.devnull).stderr == f"error: {os.devnull}: is empty\n"


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = demo(tmp_path, "--port", port)
    assert done.returncode == 3
    assert done.stderr.startswith(f"error: the port {port} of this machine cannot be had")


def test_quiet(tmp_path: Path) -> None:
    done = demo(tmp_path, "--quiet")
    assert done.returncode == 0
    assert done.stderr == ""
    assert [line.rsplit("/", 3)[1:] for line in done.stdout.split()] == [
        ["redis", "pull", "1"],
        ["official-images", "pull", "1"],
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process on Windows")
def test_serve_keeps_the_pages_up(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "contrib", "demo", "--serve"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        try:
            up, said = threading.Event(), []

            def read() -> None:
                assert process.stderr is not None
                for line in process.stderr:
                    said.append(line)
                    if "stand-in is up" in line:
                        up.set()

            reader = threading.Thread(target=read, daemon=True)
            reader.start()
            assert up.wait(120), "".join(said)
            direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            for url in (process.stdout.readline().strip(), process.stdout.readline().strip()):
                page = direct.open(url, timeout=20).read().decode()
                assert "Windows" in page and "/commit" in page
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
            reader.join(10)
        finally:
            process.kill()  # a failure above must not wait for a process that nobody ends
