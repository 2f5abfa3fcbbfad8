from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from contrib.sandbox.demo import stage


def test_the_stage_has_its_own_identity_whatever_git_s_age(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".gitconfig").write_bytes(b"[user]\n\tname = Somebody\n\temail = somebody@example.org\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    with stage() as shown:
        # As git 2.31 sees it, which has no GIT_CONFIG_GLOBAL.
        environment = {name: value for name, value in os.environ.items() if name != "GIT_CONFIG_GLOBAL"}
        done = subprocess.run(
            ["git", "var", "GIT_AUTHOR_IDENT"], env=environment, capture_output=True, check=True
        )
        desk = shown.desk
        assert Path.cwd() == desk
    assert done.stdout.startswith(b"A Visitor <visitor@example.org> ")
    assert os.environ["HOME"] == str(tmp_path)
    assert not desk.exists()


def test_the_stage_goes_when_something_fails() -> None:
    with pytest.raises(RuntimeError, match="on purpose"), stage() as shown:
        desk = shown.desk
        raise RuntimeError("on purpose")
    assert not desk.exists()
