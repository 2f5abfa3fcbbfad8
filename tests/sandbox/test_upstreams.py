"""The demo's repositories: the same commits every time, and what upstream's own tools say of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from contrib.sandbox import upstreams


def git(path: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(path), *arguments], check=True, capture_output=True, text=True
    ).stdout


def test_the_same_commits_every_time(tmp_path: Path) -> None:
    first = upstreams.build(upstreams.templated(), tmp_path / "one")
    assert first == upstreams.build(upstreams.templated(), tmp_path / "two")
    assert git(tmp_path / "one", "rev-parse", "master").strip() == first[-1]
    git(tmp_path / "one", "fsck", "--strict")


def test_scripts_are_executable_whatever_the_disk_says(tmp_path: Path) -> None:
    upstreams.build(upstreams.templated(), tmp_path / "redis")
    modes = {
        line.split("\t")[1]: line[:6]
        for line in git(tmp_path / "redis", "ls-tree", "-r", "master").splitlines()
    }
    assert {path for path, mode in modes.items() if mode == "100755"} == {
        path for path in modes if path.endswith(".sh")
    }


def test_the_library_file_names_the_last_commit_of_each_directory(tmp_path: Path) -> None:
    ids = upstreams.build(upstreams.templated(), tmp_path / "redis")
    upstreams.build(upstreams.official_images(ids), tmp_path / "official-images")
    text = git(tmp_path / "official-images", "show", "master:library/redis")
    for paragraph in text.split("\n\n")[2:]:
        fields = dict(line.split(": ", 1) for line in paragraph.splitlines())
        directory = fields["Directory"]
        paths = [f"{directory}/Dockerfile", f"{directory}/docker-entrypoint.sh"]
        assert (
            fields["GitCommit"]
            == git(tmp_path / "redis", "log", "-1", "--format=%H", "master", "--", *paths).strip()
        )


@pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("jq")), reason="upstream's scripts need bash and jq"
)
def test_upstreams_generator_prints_the_library_file(tmp_path: Path) -> None:
    bashbrew = shutil.which("bashbrew")
    if bashbrew is None:
        pytest.skip("no bashbrew on PATH")
    ids = upstreams.build(upstreams.templated(), tmp_path / "redis.git")
    upstreams.build(upstreams.official_images(ids), tmp_path / "official-images.git")
    for name in ("redis", "official-images"):
        git(tmp_path, "clone", "--quiet", str(tmp_path / f"{name}.git"), str(tmp_path / name))
    library = tmp_path / "official-images" / "library"
    wrapper = tmp_path / "bin" / "bashbrew"
    wrapper.parent.mkdir()
    wrapper.write_text(f"""#!/bin/sh
# the parents are looked up by address: read them from the demo's library instead
for word; do shift; set -- "$@" "${{word#https://*/library/}}"; done
exec '{bashbrew}' --library '{library}' "$@"
""")
    wrapper.chmod(0o755)
    done = subprocess.run(
        ["./generate-stackbrew-library.sh"],
        cwd=tmp_path / "redis",
        env={**os.environ, "PATH": f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == (library / "redis").read_text()


def test_the_port_lags(tmp_path: Path) -> None:
    json_ = upstreams.releases_json(
        upstreams.port_releases(), lambda tag, name: f"https://example.org/{tag}/{name}"
    )
    tags = [release["tag_name"] for release in json_]
    assert "7.2.5" not in tags and "7.2.4" in tags
    assert "7.2.5" in [r.tag for r in upstreams.port_releases(later=True)]
    for release in json_:
        for asset in release["assets"]:
            assert asset["digest"].removeprefix("sha256:") in release["body"]
    json.dumps(json_)


def test_the_archives_are_the_same_on_every_system(monkeypatch: pytest.MonkeyPatch) -> None:
    here = [asset.sha256 for release in upstreams.port_releases() for asset in release.assets]
    monkeypatch.setattr("zipfile.sys.platform", "win32" if sys.platform != "win32" else "linux")
    assert here == [asset.sha256 for release in upstreams.port_releases() for asset in release.assets]
