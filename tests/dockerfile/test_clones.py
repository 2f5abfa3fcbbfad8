"""Real Dockerfiles: read as BuildKit reads them, and their bodies as their shells do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contrib.dockerfile import parse
from contrib.shells import script_of, shells
from contrib.shells.model import Script, commands
from tests.shells import grammar

from . import judge
from .clones import dockerfiles

SAMPLE = 150


@pytest.mark.skipif(not judge.PRESENT, reason=judge.MISSING)
def test_real_files_read_as_buildkit_reads_them(clones: Path) -> None:
    count = 0
    for where, data in dockerfiles(clones, SAMPLE):
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            continue
        parsed = parse(data, where)
        count += 1
        if judge.newer(parsed) is None:
            assert judge.difference(data, parsed) is None, where
    assert count > 100


def test_real_bodies_are_understood(clones: Path) -> None:
    bodies: dict[tuple[str, str], tuple[str, Script]] = {}
    for where, data in dockerfiles(clones, SAMPLE):
        if "template" in where or where.startswith("moby+"):
            continue  # other languages in it; BuildKit's own tests of its parser
        parsed = parse(data, where)
        found = shells(parsed)
        for stage in parsed.stages:
            for instruction in stage.instructions:
                script = script_of(instruction, found.before(instruction))
                if script is not None and not any(p.line == instruction.line for p in parsed.problems):
                    bodies[script.shell, script.text] = (f"{where}:{instruction.line}", script)
    broken = [where for where, script in bodies.values() if script.unparsed]
    assert len(broken) <= len(bodies) / 200, broken
    if grammar.PRESENT:
        for where, script in bodies.values():
            # the grammar knows no shells inside, and takes %PATH% for a command
            plain = not re.search(r"%\w+%", script.text) and all(
                c.script is None for c in commands(script.nodes)
            )
            if script.shell == "powershell" and plain and not script.exec_form:
                names = grammar.theirs(script.text)
                assert names is None or names == grammar.ours(script), where
