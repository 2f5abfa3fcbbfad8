"""Every command of the README runs, in order, on the demo's stage; and what it says of the rest is there."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from contrib.cli.main import COMMANDS, run
from contrib.sandbox.demo import Stage, stage

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
EXAMPLES = [
    line[2:]
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
]


@pytest.fixture(scope="module")
def desk() -> Iterator[Stage]:
    with stage() as opened:
        # What a person has from the network, the stage has as files.
        os.environ |= {
            "CONTRIB_UPSTREAM": "redis",
            "CONTRIB_OFFICIAL_IMAGES": "official-images",
            "CONTRIB_SOURCE": "port=port.json",
            "CONTRIB_NO_DOWNLOAD": "1",
        }
        yield opened


def test_examples(desk: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(EXAMPLES) > 15
    for example in EXAMPLES:
        words = shlex.split(example)
        assert words[0] == "contrib"
        if words[1] == "bump":  # it is for what is merged
            desk.update_clones()
        code = run(words[1:])
        out = capsys.readouterr()
        assert code == 0, f"{example}: {out.err}{out.out}"
        if example.endswith("--yes"):
            desk.merge(out.out.split()[0])
    assert (desk.desk / "comparison.html").stat().st_size > 10_000


def test_every_command_is_named() -> None:
    missing = [name for name in COMMANDS if f"contrib {name}" not in README]
    assert missing == []


def test_every_room_is_there() -> None:
    root = Path(__file__).parents[1]
    rooms = re.findall(r"`((?:contrib|library_templates|benchmarks)/[a-z_/]*)`", README)
    assert len(rooms) > 10
    assert [room for room in rooms if not (root / room).is_dir()] == []
