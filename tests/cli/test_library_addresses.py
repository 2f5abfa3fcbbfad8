"""`contrib library check --online`: an address from the file is judged before anything is opened."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from contrib.cli.main import run
from contrib.clients import commits, git
from tests.clients.test_credentials import Server

FILE = """\
Maintainers: A B <a@b.example> (@a)
GitRepo: {}
GitCommit: {}

Tags: 1.0
Directory: 1.0
"""


@pytest.mark.parametrize(
    "address",
    [
        "{directory}",
        "file://{directory}",
        "ssh://host.example/x",
        "git@host.example:x",
        "git://host.example/x",
        "http://{server}/o/r.git",
        "https://{server}/o/r.git",
        "https://me:pw@github.com/o/r.git",
        "ext::sh -c id",
        "-uhttps://github.com/o/r",
    ],
)
def test_nothing_is_opened_and_the_check_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    directory = tmp_path / "private"
    subprocess.run(["git", "init", "--quiet", str(directory)], check=True)
    for where, name in ((git, "_network"), (commits, "_run")):
        monkeypatch.setattr(where, name, lambda *words, **more: pytest.fail(f"git was started: {words}"))
    server = Server()
    try:
        (tmp_path / "demo").write_text(
            FILE.format(address.format(directory=directory, server=server.host), "a" * 40)
        )
        monkeypatch.setattr("contrib.cli.library_network.Internet._once", lambda self, key, ask: None)
        code = run(["library", "check", str(tmp_path / "demo"), "--online", "--format", "json"])
        found = json.loads(capsys.readouterr().out)["findings"]
        assert code == 1 and "gitrepo-address" in {each["rule"] for each in found}, found
        assert server.asked == []
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("online", [[], ["--online"]])
def test_an_unknown_host_is_a_finding_and_is_not_opened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, online: list[str]
) -> None:
    """SEC-10: on a host that official images use; anything else is a finding, online or not."""
    monkeypatch.setattr(git, "_network", lambda *words, **more: pytest.fail(f"git was started: {words}"))
    monkeypatch.setattr("contrib.cli.library_network.Internet._once", lambda self, key, ask: None)
    (tmp_path / "demo").write_text(FILE.format("https://codeberg.org/o/r.git", "a" * 40))
    run(["library", "check", str(tmp_path / "demo"), *online, "--format", "json"])
    found = json.loads(capsys.readouterr().out)["findings"]
    [one] = [each for each in found if each["rule"] == "gitrepo-address"]
    assert one["severity"] == "warning" and one["line"] == 2 and "codeberg.org" in one["message"]
