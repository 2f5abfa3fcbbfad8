"""Where the token does not go: another address, a trace, a message. And what git's failures mean."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from contrib.clients.commits import ScratchStore, _remote_error, ls_remote, sweep
from contrib.sandbox.github import StandIn
from contrib.sandbox.rest import Answer
from contrib.values.errors import OutsideError

TOKEN = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"
SECRET = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()


@pytest.mark.parametrize("same_host", [False, True])
@pytest.mark.parametrize("service", ["git-upload-pack", "git-receive-pack"])
def test_a_redirect_does_not_take_the_token_along(same_host: bool, service: str, tmp_path: Path) -> None:
    with StandIn() as here, StandIn() as other:
        seen: list[str] = []
        target = (here if same_host else other).url

        def away(path: str, asked: str) -> Answer | None:
            if "redis" not in path:
                seen.append(path)
                return None
            return Answer(
                301,
                body=b"",
                kind="text/plain",
                headers={"Location": f"{target}/elsewhere/x.git/info/refs?service={asked}"},
            )

        here.git_hooks.append(away)
        other.git_hooks.append(lambda path, asked: seen.append(path))  # type: ignore[func-returns-value,arg-type]
        url = f"{here.url}/docker-library/redis.git"
        with pytest.raises(OutsideError) as raised:
            if service == "git-upload-pack":
                ls_remote(url, token=TOKEN)
            else:
                import subprocess

                source = tmp_path / "s"
                subprocess.run(["git", "init", "-q", "--bare", str(source)], check=True)
                with ScratchStore([source]) as store:
                    store.push(url, "x", "0" * 40, expected=None, token=TOKEN)
        assert seen == []
        if service == "git-upload-pack":
            assert raised.value.kind == "redirect" and "one host alone" in raised.value.message


def test_no_trace_holds_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trace, settings = tmp_path / "trace", tmp_path / "gitconfig"
    settings.write_text(
        f"[trace2]\n\tconfigParams = *\n\tenvVars = GIT_CONFIG_VALUE_8,GIT_CONFIG_VALUE_9\n\teventTarget = {trace.as_posix()}\n"
        f"\tperfTarget = {trace.as_posix()}.perf\n\tnormalTarget = {trace.as_posix()}.normal\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    with StandIn() as stand_in:
        for name in ("GIT_TRACE2_EVENT", "GIT_TRACE2"):
            monkeypatch.setenv(name, f"{trace}.{name}")
        with pytest.raises(OutsideError):
            ls_remote(f"{stand_in.url}/docker-library/redis.git", token=TOKEN)
    for file in tmp_path.iterdir():
        if file != settings:
            text = file.read_text("utf-8", "replace")
            assert SECRET not in text and TOKEN not in text, file


@pytest.mark.parametrize(
    ("url", "said", "kind"),
    [
        ("https://github.com/docker-library/redis-403.git", "The requested URL returned error: 502", "network"),
        ("https://github.com/not-found/redis.git", "The requested URL returned error: 500", "network"),
        ("https://github.com/a/401.git", "The requested URL returned error: 503", "network"),
        ("https://github.com/a/b.git", "The requested URL returned error: 403", "authentication"),
        ("https://github.com/a/b.git", "remote: You have exceeded a secondary rate limit.\nfatal: The requested URL returned error: 403", "rate-limit"),
        ("https://github.com/a/b.git", "The requested URL returned error: 429", "rate-limit"),
        ("https://github.com/a/b.git", "remote: Repository not found.\nfatal: repository 'https://github.com/a/b.git/' not found", "not-found"),
        ("https://github.com/a/b.git", "Could not resolve host: github.com", "network"),
        ("https://github.com/a/b.git", "Authentication failed for 'https://github.com/a/b.git/'", "authentication"),
        ("https://github.com/a/b.git", "could not read Username for 'https://github.com'", "authentication"),
        ("https://github.com/a/b.git", "fatal: couldn't find remote ref refs/pull/1/head", "not-found"),
    ],
)  # fmt: skip
def test_what_git_says_is_told_by_kind(url: str, said: str, kind: str) -> None:
    error = _remote_error("read", url, f"fatal: unable to access '{url}/': {said}\n".encode())
    assert error.kind == kind and error.retry == (kind == "network"), error


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys
    import time

    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True
    )
    left, alive = tmp_path / "contrib-commits-left", tmp_path / "contrib-commits-alive"
    for directory, pid in ((left, dead.stdout.strip()), (alive, str(os.getpid()))):
        directory.mkdir()
        (directory / "pid").write_text(pid)
        os.utime(directory, (time.time() - 60, time.time() - 60))
    sweep(tmp_path)
    assert alive.is_dir() and (not left.exists() or os.name == "nt")
