"""`contrib base` on the stand-in: one plan, a pull request per repository, and the same command to go on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from contrib.cli.main import run
from contrib.library import parse
from contrib.sandbox import upstreams
from contrib.values.tables import templates_directory
from tests.cli.test_generate import git
from tests.cli.test_pr import Done, Place, place  # noqa: F401


def base(place: Place, *arguments: str) -> Done:  # noqa: F811
    code = run(["base", *arguments])
    captured = place.capsys.readouterr()
    return Done(code, captured.out, captured.err)


def library(place: Place, sha: str) -> Any:  # noqa: F811
    return parse(place.file(place.official, sha, "library/redis").encode(), "library/redis")


def windows(file: Any) -> list[str]:
    return [entry.constraints[0] for entry in file.entries if "windows-amd64" in entry.architectures]


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Upstream and official-images with the Windows variants in them."""
    root = tmp_path_factory.mktemp("listed")
    ids = upstreams.build(upstreams.templated(), root / "redis.git")
    upstreams.build(upstreams.official_images(ids), root / "official.git")
    for name in ("redis", "official"):
        git(root, "clone", "--quiet", "--config", "core.autocrlf=false", f"{name}.git", name)
    releases = upstreams.releases_json(upstreams.port_releases(), lambda tag, name: f"https://x/{name}")
    (root / "port.json").write_text(json.dumps(releases))
    sources = ["--source", f"port={root / 'port.json'}", "--no-download", "--upstream", str(root / "redis")]
    chosen = [
        word
        for kind in ("servercore-ltsc2025", "servercore-ltsc2022")
        for word in ("--variant", f"windows{kind}")
    ]
    assert run(["generate", "redis", *sources, *chosen]) == 0
    git(root / "redis", "add", "--all")
    git(root / "redis", "commit", "--quiet", "--message", "Add Windows variants")
    given = [
        "manifest",
        "redis",
        "--upstream",
        str(root / "redis"),
        "--official-images",
        str(root / "official"),
    ]
    assert run([*given, "-o", str(root / "official/library/redis")]) == 0
    git(root / "official", "commit", "--quiet", "--all", "--message", "Update redis")
    return root / "redis", root / "official"


def test_a_release_is_dropped_and_added_again_by_one_command_each(place: Place) -> None:  # noqa: F811
    before = place.writes()
    dry = base(place, "drop", "ltsc2022", "redis", "--dry-run", "--format", "json")
    assert dry.code == 0, dry.err
    assert [(step["repo"], step["operation"]) for step in dry.json["plan"]] == [
        ("docker-library/redis", "create"), ("docker-library/official-images", "none"),
    ]  # fmt: skip
    assert dry.json["images"][0]["maintainers"] == ["@demo-maintainer"]
    assert dry.json["next"].startswith(
        "when docker-library/redis is merged: contrib base drop ltsc2022 redis"
    )
    assert place.writes() == before

    first = base(place, "drop", "ltsc2022", "redis", "--yes")
    assert first.code == 0, first.err
    pull = place.pull(place.image)
    assert pull.title == "Remove Windows Server 2022" and "cc @demo-maintainer" in pull.body
    with place.image.git() as git:
        tree = git.tree(pull.head_sha)
        assert not [path for path in tree.paths() if "ltsc2022/" in path]
        assert [path for path in tree.paths() if "windowsservercore-ltsc2025/" in path]
    writes = place.writes()
    assert "is open and up to date" in base(place, "drop", "ltsc2022", "redis", "--yes").err
    assert place.writes() == writes

    place.merge(place.image)
    second = base(place, "drop", "ltsc2022", "redis", "--yes")
    assert second.code == 0 and second.out.endswith("official-images/pull/1\n"), second.err
    official = place.pull(place.official)
    after = library(place, official.head_sha)
    assert windows(after) == ["windowsservercore-ltsc2025"]
    assert "docker-library/redis" in official.body and "cc @demo-maintainer" in official.body
    place.merge(place.official)

    again = base(place, "add", "ltsc2022", "redis", "--yes", "--early")
    assert again.code == 0 and again.out.count("/pull/2") == 2, again.err
    early = place.pull(place.official, 2)
    assert early.draft and "It waits for docker-library/redis#2" in early.body
    assert sorted(windows(library(place, early.head_sha))) == [
        "windowsservercore-ltsc2022", "windowsservercore-ltsc2025",
    ]  # fmt: skip


def test_a_base_that_official_images_does_not_pin_stops(place: Place) -> None:  # noqa: F811
    dry = base(place, "add", "ltsc2028", "redis", "--yes", "--early")
    assert dry.code == 2 and "pins no base of ltsc2028" in dry.err


def test_an_own_folder_gets_the_variants(place: Place, tmp_path: Path) -> None:  # noqa: F811
    own = tmp_path / "own"
    shutil.copytree(templates_directory() / "redis", own / "redis")
    given = ["redis", "--templates", str(own), "--yes"]
    assert base(place, "drop", "ltsc2022", *given).code == 0
    text = (own / "redis/image.toml").read_text("utf-8")
    assert "servercore:ltsc2022" not in text and "servercore:ltsc2025" in text
    place.merge(place.image)
    assert base(place, "add", "ltsc2022", *given).code == 0
    assert (own / "redis/image.toml").read_bytes() == (
        templates_directory() / "redis/image.toml"
    ).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["add", "ltsc2025"], "which image"),
        (["add", "ltsc2025", "redis", "--write", "--yes"], "no pull request is planned"),
        (["add", "ltsc2025", "redis", "--offline"], "needs the network"),
        (["drop", "ltsc2022", "redis", "--until", "8.0.6"], "say more of --hold"),
        (["drop", "ltsc2022", "redis", "--hold", "x", "--until", "soon"], "not a version, a day or a build"),
        (["drop", "ltsc2022", "redis", "--hold", "x", "--until", "2026-13-01"], "not a day"),
        (["drop", "ltsc2022", "redis", "--hold", "x", "--link", "javascript:1"], "not a web address"),
        (["drop", "ltsc2022", "redis", "--hold", "x\ny"], "one line"),
    ],
)
def test_bad_input(capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    assert run(["base", *arguments]) == 2 and words in capsys.readouterr().err


def test_a_hold_is_written_with_its_link_and_end(place: Place) -> None:  # noqa: F811
    done = base(
        place, "drop", "ltsc2022", "redis", "--dry-run", "--format", "json", "--hold", "it does not start",
        "--link", "https://example.org/1", "--until", "7.2.9",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert json.loads(done.out)["plan"][0]["title"] == "Remove Windows Server 2022 variants"
