"""What commands share: what reaches a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from contrib.cli.common import Terminal
from contrib.cli.main import run
from contrib.values.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é → “x”\n\ty", "plain é → “x”\n\ty"),
        ("\x1b[1m\x1b[36mnobody's\x1b[0m", "\\x1b[1m\\x1b[36mnobody's\\x1b[0m"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("a\x1b[3", "a\\x1b[3"),
        ("\x9b31m\r\x08", "\\x9b31m\\r\\x08"),
        ("right\u202eleft\u200b", "right\\u202eleft\\u200b"),
        ("\ud800", "\\ud800"),
    ],
)
def test_nothing_steers_the_terminal(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_messages_are_made_visible(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Terminal().say("a\x1b]0;b\x07")
    Terminal(verbose=1).debug("a\x1b]0;b\x07")
    Terminal().warn("a\x1b]0;b\x07")
    assert run(["review", str(tmp_path / "no\x1b]0;b\x07")]) == 2
    err = capsys.readouterr().err
    assert err.count("\\x1b]0;b\\x07") == 4 and "\x07" not in err
