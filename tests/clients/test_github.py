"""Tokens, addresses, and the client that cannot write."""

from __future__ import annotations

import contextlib
import stat
import sys
from pathlib import Path

import pytest

from contrib.clients import github
from contrib.clients.github import (
    Addresses,
    DryRunGitHub,
    DryRunWrite,
    GitHub,
    GitHubReads,
    addresses,
    find_token,
    kept_back,
)
from contrib.values.errors import BadInput, OutsideError


def test_tokens_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_bytes(b"\xef\xbb\xbf ghp_file \r\n")
    environment = {"CONTRIB_GITHUB_TOKEN": "one", "GH_TOKEN": "two", "GITHUB_TOKEN": "three"}
    found = []
    found.append(find_token(path, environment=environment))
    for name in list(environment):
        found.append(find_token(environment=environment))
        del environment[name]
    assert [token.value for token in found if token] == ["ghp_file", "one", "two", "three"]
    assert find_token(environment={"GH_TOKEN": " "}, ask_gh=False) is None


@pytest.mark.skipif(sys.platform == "win32", reason="gh is a POSIX script here")
@pytest.mark.parametrize(("script", "value"), [("echo gho_x", "gho_x"), ("exit 1", None), ("echo", None)])
def test_gh_is_asked_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, value: str | None
) -> None:
    program = tmp_path / "gh"
    program.write_text(
        f'#!/bin/sh\n[ "$1 $2 $3 $4" = "auth token --hostname example.com" ] || exit 9\n{script}\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    token = find_token(host="example.com", environment={})
    assert (None if token is None else token.value) == value


@pytest.mark.parametrize("content", [b"", b"\n", b"two words", b"a\nb", b"\xff\xfe", b"x" * 2000])
def test_a_file_without_a_token(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)
    with pytest.raises(BadInput) as raised:
        find_token(path)
    assert raised.value.file == str(path)
    with pytest.raises(BadInput):
        find_token(tmp_path)


@pytest.mark.parametrize(
    ("given", "web", "api"),
    [
        ("https://github.com", "https://github.com", "https://api.github.com"),
        ("https://github.com/", "https://github.com", "https://api.github.com"),
        ("https://api.github.com", "https://github.com", "https://api.github.com"),
        ("https://ghe.example.com/", "https://ghe.example.com", "https://ghe.example.com/api/v3"),
        ("https://ghe.example.com/api/v3", "https://ghe.example.com", "https://ghe.example.com/api/v3"),
        ("http://127.0.0.1:80", "http://127.0.0.1:80", "http://127.0.0.1:80/api/v3"),
    ],
)
def test_addresses(given: str, web: str, api: str) -> None:
    found = addresses(given)
    assert (found.web, found.api) == (web, api)


@pytest.mark.parametrize(
    "given", ["", "github.com", "ftp://x", "http://example.com", "https://me:x@github.com", "https://"]
)
def test_addresses_that_are_none(given: str) -> None:
    with pytest.raises(BadInput):
        addresses(given)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/a/b", "a/b"),
        ("https://github.com/a/b.git", "a/b"),
        ("https://x@github.com/a/b.c.git/", "a/b.c"),
        ("git@github.com:a/b.git", "a/b"),
        ("ssh://git@github.com/a/b", "a/b"),
        ("git://github.com/a/b.git", "a/b"),
        ("https://example.com/a/b", None),
        ("https://github.com.evil.com/a/b", None),
        ("https://github.com/a", None),
        ("/a/b", None),
    ],
)
def test_whose_repository(url: str, name: str | None) -> None:
    assert Addresses("https://github.com").owns(url) == name


def test_every_write_of_a_dry_run_raises() -> None:
    client = DryRunGitHub(Addresses("http://127.0.0.1:9"), None)
    writes = [name for name in vars(GitHub) if not name.startswith("_") and name != "forget"]
    assert {"push", "create_fork", "create_pull", "edit_pull", "set_draft", "comment"} <= set(writes)
    for name in writes:
        with pytest.raises(DryRunWrite):
            getattr(client, name)()
    for verb in ("POST", "PATCH", "PUT", "DELETE"):
        with pytest.raises(DryRunWrite):
            client._github.requester.requestJsonAndCheck(verb, "/repos/a/b")
    assert not any(name in vars(GitHubReads) for name in writes), "what reads has no method that writes"


def test_the_token_goes_to_its_own_host_alone() -> None:
    client = GitHub(Addresses("http://127.0.0.1:9"), github.Token("ghp_x", "test"))
    assert client._secret_for("http://127.0.0.1:9/a/b.git") == "ghp_x"
    assert client._secret_for("http://127.0.0.1:99/a/b.git") is None
    assert client._secret_for("https://github.com/a/b.git") is None
    assert client._secret_for("/local/path") is None


def test_names_that_are_none() -> None:
    client = GitHub(Addresses("http://127.0.0.1:9"), None)
    for name in ("", "a", "a/b/c", "a/../b", "a/b?x=y"):
        with pytest.raises(BadInput):
            client.repository(name)
    with pytest.raises(ValueError, match="owner:branch"):
        client.pulls("a/b", head="branch")
    with pytest.raises(OutsideError):
        client.repository("a/b")


@pytest.mark.parametrize(
    ("name", "more", "host", "sent"),
    [
        ("GH_TOKEN", {}, "github.com", True),
        ("GITHUB_TOKEN", {}, "github.com", True),
        ("GH_TOKEN", {}, "x.ghe.com", True),
        ("GH_TOKEN", {}, "github.com.evil.example", False),
        ("GH_TOKEN", {}, "evilghe.com", False),
        ("GH_TOKEN", {}, "127.0.0.1:8080", False),
        ("GITHUB_TOKEN", {}, "github.example.com", False),
        ("GITHUB_TOKEN", {"GITHUB_SERVER_URL": "https://github.example.com"}, "github.example.com", True),
        ("GH_ENTERPRISE_TOKEN", {}, "github.example.com", False),
        ("GH_ENTERPRISE_TOKEN", {"GH_HOST": "github.example.com"}, "github.example.com", True),
        ("GH_ENTERPRISE_TOKEN", {"GH_HOST": "github.example.com"}, "github.com", False),
        ("CONTRIB_GITHUB_TOKEN", {}, "github.example.com", True),
    ],
)
def test_a_token_is_for_its_host(name: str, more: dict[str, str], host: str, sent: bool) -> None:
    environment = {name: "s3cret", **more}
    token = find_token(host=host, environment=environment, ask_gh=False)
    assert (token is not None) == sent
    assert kept_back(host, environment) == (() if sent else (name,))


@pytest.mark.parametrize("status", [403, 429, 500, 503])
@pytest.mark.parametrize(
    "after", ["3600", "9" * 5000, "Wed, 01 Jan 2099 00:00:00 GMT", "soon", "\u00b2", "-1", "1e9"]
)
def test_github_does_not_decide_how_long_we_sleep(
    monkeypatch: pytest.MonkeyPatch, status: int, after: str
) -> None:
    from urllib3 import HTTPHeaderDict, HTTPResponse

    from contrib.clients.github import _retry

    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    retry = _retry(lambda message: None, 60, backoff=0.01)
    headers = HTTPHeaderDict({"Retry-After": after})
    response = HTTPResponse(body=b"{}", headers=headers, status=status, preload_content=False)
    with contextlib.suppress(OutsideError, Exception):
        for _ in range(3):
            retry = retry.increment("GET", "/x", response=response)
            retry.sleep(response)
    assert sum(slept) <= 60
