"""test/config.sh: the lines that Windows variants need, once, and what test/run.sh then selects."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from contrib.sandbox import upstreams
from contrib.upstream.official_tests import tests_change as change_of
from contrib.upstream.official_tests import with_exclusions
from contrib.values.errors import BadInput
from contrib.values.tree import FileChange, MemoryTree, OverlayTree
from tests.upstream.layouts.support import Sandbox, image, write

TREE = Sandbox(upstreams.official_images(["0" * 40] * 4)).tree("master")


def text() -> str:
    return (TREE.read("test/config.sh") or b"").decode()


def test_lines_are_added_at_the_end_of_the_list() -> None:
    change = change_of(image(), TREE)
    assert change is not None and change.content is not None
    before, after = text().splitlines(), change.content.decode().splitlines()
    added = [line for line in after if line not in before]
    assert sum(line.endswith("]=1") for line in added) == 8
    assert after[-1] == ")"
    assert [line for line in after if line not in added][: len(before) - 1] == before[:-1]
    assert any("container links" in line for line in added), "the reason stands beside it"


def test_only_the_kinds_that_are_listed_are_excluded() -> None:
    got = with_exclusions(text(), image(), "f", {"windowsservercore"})
    assert got.count("[redis:windowsservercore_") == 4 and "nanoserver_redis" not in got
    # nanoserver's join them when it is listed
    more = with_exclusions(got, image(), "f", {"windowsservercore", "nanoserver"})
    assert more.count("[redis:nanoserver_") == 4 and more.count("# redis on Windows") == 1
    assert with_exclusions(text(), image(), "f", set()) == text()


def test_twice_is_once() -> None:
    change = change_of(image(), TREE)
    assert change is not None
    assert change_of(image(), OverlayTree(TREE, (change,))) is None


def test_what_is_there_stays_and_what_is_missing_joins_it() -> None:
    end = text().rindex("\n)")
    mine = text()[:end] + "\n\n\t# mine\n\t[redis:nanoserver_redis-basics]=1 # why\n)\n"
    got = with_exclusions(mine, image(), "f")
    assert got.count("[redis:nanoserver_redis-basics]=1") == 1
    assert got.count("[redis:") == 8 and "# redis on Windows" not in got


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("x=1\n", "is not there"),
        ("globalExcludeTests+=(\n)\nglobalExcludeTests+=(\n)\n", "is there 2 times"),
        ("globalExcludeTests+=(\n\t[a]=1\n", "never closed"),
    ],
)
def test_a_file_of_another_shape(bad: str, message: str) -> None:
    with pytest.raises(BadInput, match=message) as raised:
        change_of(image(), MemoryTree({"test/config.sh": bad.encode()}))
    assert raised.value.file == "test/config.sh"


def test_no_file() -> None:
    with pytest.raises(BadInput, match="no such file"):
        change_of(image(), MemoryTree({}))


@pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("getopt")), reason="test/run.sh needs bash and getopt"
)
def test_the_real_selection_leaves_nothing_that_needs_linux(clones: Path, tmp_path: Path) -> None:
    """official-images' own test/run.sh, with a docker that has every image: which tests does it run?"""
    from contrib.clients.git import Repository

    with Repository.open(clones / "docker-library+official-images" / "repo") as repository:
        tree = repository.tree(repository.resolve("HEAD"))
        change = change_of(image(), tree)
        assert change is not None
        edited = OverlayTree(tree, (change,))
        files: dict[str, bytes | None] = {path: edited.read(path) for path in edited.paths("test")}
    root = write(files, tmp_path / "official-images")
    for script in (root / "test" / "tests").glob("*/run.sh"):
        script.write_text("#!/bin/sh\n")
        script.chmod(0o755)
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text("#!/bin/sh\n")
    docker.chmod(0o755)

    def selected(*tags: str) -> set[str]:
        done = subprocess.run(
            ["bash", str(root / "test" / "run.sh"), *(f"redis:{tag}" for tag in tags)],
            env={**os.environ, "PATH": f"{docker.parent}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        return {line.split("'")[1] for line in done.stdout.splitlines() if line.startswith("\t'")}

    windows = [
        f"{version}{kind}{release}"
        for version in ("7.2.4-", "7-", "")
        for kind in ("windowsservercore", "nanoserver")
        for release in ("-ltsc2022", "-ltsc2025", "")
    ]
    assert selected(*windows) == {"override-cmd"}
    assert {"redis-basics", "redis-basics-tls", "utc"} <= selected("7.2.5", "7.2.5-alpine3.20")
    # without the edit
    write(
        {
            "test/config.sh": (FileChange("test/config.sh", files["test/config.sh"]).content or b"").split(
                b"\n\n\t# redis on Windows"
            )[0]
            + b"\n)\n"
        },
        root,
    )
    assert "redis-basics-config" in selected("7.2.4-nanoserver-ltsc2022")
