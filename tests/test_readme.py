"""The README's lines: those that use the program run on the demo's stage, those that install it in a fresh clone."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from contrib.cli.main import run
from contrib.clients.scratch import remove_tree
from contrib.sandbox.demo import Stage, stage

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return [
        line
        for block in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
        for line in block.splitlines()
    ]


EXAMPLES = [line.removeprefix("$ ") for line in blocks("console")]
DEMO, UVX, PIPX, TEST, UVX_TEST, PIPX_TEST = blocks("sh")
POWERSHELL = blocks("powershell")


# -- use it ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def desk() -> Iterator[Stage]:
    with stage() as opened:
        # The addresses of GitHub lead to the stand-in; the desk starts with the Dockerfile alone.
        config = Path(os.environ["GIT_CONFIG_GLOBAL"])
        config.write_text(
            config.read_text()
            + f'[url "{opened.stand_in.url}/"]\n\tinsteadOf = https://github.com/\n[init]\n\tdefaultBranch = main\n'
        )
        for clone in ("redis", "official-images"):
            remove_tree(opened.desk / clone)
        # What a person has from the network, the stage has as files.
        os.environ |= {
            "CONTRIB_UPSTREAM": "redis",
            "CONTRIB_OFFICIAL_IMAGES": "official-images",
            "CONTRIB_SOURCE": "port=port.json",
            "CONTRIB_NO_DOWNLOAD": "1",
        }
        yield opened


def test_examples(desk: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(EXAMPLES) > 12
    for example in EXAMPLES:
        words = shlex.split(example)
        if words[0] == "git":
            done = subprocess.run(words, cwd=desk.desk, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            continue
        assert words[0] == "contrib"
        if words[1] == "bump":  # it is for what is merged
            desk.update_clones()
        proposes = words[1] == "pr" and "--dry-run" not in words
        code = run([*words[1:], *(["--yes"] if proposes else [])])
        out = capsys.readouterr()
        # The demo's port has rebuilt what is there, which a watch says with 1.
        expected = (0, 1) if words[1] == "bump" and "--check" in words else (0,)
        assert code in expected, f"{example}: {out.err}{out.out}"
        if proposes:
            desk.merge(out.out.split()[0])
    assert (desk.desk / "comparison.html").stat().st_size > 10_000


# -- install it --------------------------------------------------------------------------------------------


def test_the_lines_are_what_ci_runs() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert TEST in script
    assert DEMO.endswith(" && .venv/bin/contrib demo")
    assert DEMO.replace("-q . && .venv/bin/contrib demo", "") == TEST.replace(
        '-q ".[test]" && .venv/bin/python -m pytest', ""
    )
    assert (UVX, PIPX) == ("uvx --from . contrib demo", "pipx run --spec . contrib demo")
    assert (UVX_TEST, PIPX_TEST) == ('uvx --from ".[test]" pytest', 'pipx run --spec ".[test]" pytest')


def test_powershell_says_the_same_in_words_that_5_1_has() -> None:
    tree_sitter = pytest.importorskip("tree_sitter")
    grammar = pytest.importorskip("tree_sitter_powershell")
    parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))

    def kinds(line: str) -> set[str]:
        found = set()
        nodes = [parser.parse(line.encode()).root_node]
        while nodes:
            node = nodes.pop()
            found.add("ERROR" if node.is_missing else node.type)
            nodes += node.children
        return found

    # `&&`, `||`, `?:` and `??` came with PowerShell 7
    newer = {"&&", "||", "?", "??", "ternary_expression", "ERROR"}
    assert newer & kinds("a && b")
    assert len(POWERSHELL) == 2
    for line, same in zip(POWERSHELL, (DEMO, TEST), strict=True):
        assert not newer & kinds(line), line
        steps = [step.removeprefix("if ($?) { ").removesuffix(" }") for step in line.split("; ")]
        as_sh = " && ".join(steps).replace("py -m", "python3 -m").replace(".venv\\Scripts\\", ".venv/bin/")
        assert as_sh == same


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh clone; of a tree without history, a copy of it."""
    target = tmp_path_factory.mktemp("fresh") / "contrib"
    if (ROOT / ".git").exists() and shutil.which("git"):
        done = subprocess.run(
            ["git", "clone", "-q", "--depth=1", ROOT.as_uri(), str(target)], capture_output=True
        )
        if done.returncode == 0:
            return target
    shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache"))
    return target


def _lines() -> list[str]:
    """Downloading takes minutes: `.ci/run` runs this system's line (CONTRIB_TEST_INSTALL=1), CI all of them (all)."""
    own = POWERSHELL[0] if os.name == "nt" else DEMO
    return {"": [], "all": [own, UVX, PIPX]}.get(os.environ.get("CONTRIB_TEST_INSTALL", ""), [own])


@pytest.mark.parametrize("line", _lines(), ids=lambda line: line.split()[0])
def test_it_installs_and_runs(line: str, fresh: Path) -> None:
    if shutil.which(line.split()[0]) is None:
        pytest.skip(f"no {line.split()[0]} on PATH")
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CONTRIB_", "PYTEST_", "VIRTUAL_ENV", "COV_")) and name != "PYTHONPATH"
    }
    shell = ["powershell", "-NoProfile", "-Command", line] if os.name == "nt" else ["sh", "-c", line]
    if os.name != "nt":
        # `python3` is the Python that runs the suite, whatever else is on PATH
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(shell, cwd=fresh, env=environment, capture_output=True, text=True, timeout=600)
    if done.returncode and re.search(r"Could not (find|resolve)|Connection|Temporary failure", done.stderr):
        pytest.skip("packages cannot be downloaded here")
    assert done.returncode == 0, done.stderr[-3000:]
    assert len(re.findall(r"^http://127\.0\.0\.1:\d+/.*/pull/\d+$", done.stdout, re.MULTILINE)) == 2


def test_its_links_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert len(links) > 5
    assert [link for link in links if not (ROOT / link.split("#")[0]).exists()] == []


def test_it_is_under_two_screens() -> None:
    assert len(README.splitlines()) <= 110
    assert max(map(len, README.splitlines())) <= 125
