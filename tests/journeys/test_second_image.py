"""The second image, on its real repository: generated, proved, manifested, compared, with no code of its own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from contrib.cli.main import cli
from tests.upstream.layouts.support import git

pytestmark = pytest.mark.skipif(
    not all(shutil.which(tool) for tool in ("bash", "jq", "git")),
    reason="upstream's scripts need bash and jq",
)


def release(version: str) -> dict[str, Any]:
    name = f"rabbitmq-server-windows-{version}.zip"
    return {
        "tag_name": f"v{version}",
        "name": version,
        "draft": False,
        "prerelease": False,
        "published_at": "2026-06-10T00:00:00Z",
        "body": "",
        "assets": [
            {
                "name": name,
                "size": 1,
                "digest": f"sha256:{hashlib.sha256(name.encode()).hexdigest()}",
                "browser_download_url": f"https://github.com/rabbitmq/rabbitmq-server/releases/download/v{version}/{name}",
            }
        ],
    }


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments), standalone_mode=False)


def test_rabbitmq(clones: Path, tmp_path: Path) -> None:
    source = clones / "docker-library+rabbitmq" / "repo"
    if not source.is_dir():
        pytest.skip("no clone of docker-library/rabbitmq")
    official = clones / "docker-library+official-images" / "repo"
    root = tmp_path / "rabbitmq"
    subprocess.run(["git", "clone", "--quiet", "--shared", str(source), str(root)], check=True)
    git(root, "checkout", "--quiet", "9193c1de6d32046e0c1132841a7a4995b0dc32e0")
    (tmp_path / "port.json").write_text(json.dumps([release(v) for v in ("4.3.2", "4.2.8", "4.1.8")]))
    shared = ["--upstream", str(root), "--official-images", str(official)]
    ports = ["--source", f"port={tmp_path / 'port.json'}", "--offline"]

    made = run("generate", "rabbitmq", *shared, *ports, "--prove", "--format", "json")
    assert made.exception is None, made.output
    shown = json.loads(made.stdout)
    assert [step["ok"] for step in shown["proof"]["steps"]] == [True] * 9
    directories = [f"4.3/windows/windowsservercore-{release}" for release in ("ltsc2025", "ltsc2022")]
    assert {str(Path(f["path"]).parent) for f in shown["files"] if f["path"].endswith("/Dockerfile")} == set(
        directories
    )
    again = run("generate", "rabbitmq", *shared, *ports, "--check")
    assert again.return_value == 0, again.stderr

    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Add Windows variants")
    rendered = run("render", "rabbitmq", "--upstream", str(root), "--check")
    assert rendered.return_value == 0, rendered.output
    printed = run("manifest", "rabbitmq", *shared)
    assert printed.exception is None, printed.output
    for directory in directories:
        assert f"Directory: {directory}\n" in printed.stdout
    assert (
        "SharedTags: 4.3.2-windowsservercore, 4.3-windowsservercore, 4-windowsservercore, windowsservercore\n"
        in printed.stdout
    )

    compared = run(
        "diff",
        str(root / directories[0] / "Dockerfile"),
        str(root / "4.3/alpine/Dockerfile"),
        "--image",
        "rabbitmq",
        "--format",
        "json",
    )
    assert compared.exception is None, compared.output
    report = json.loads(compared.stdout)
    assert report["windows"]["version"] == report["linux"]["version"] == "4.3.2"
    assert report["summary"]["error"] == 0

    bashbrew = shutil.which("bashbrew")
    if bashbrew is not None:
        with_library = subprocess.run(
            ["./generate-stackbrew-library.sh"],
            cwd=root,
            env={**os.environ, "BASHBREW_LIBRARY": str(_library(official, tmp_path))},
            capture_output=True,
            text=True,
            check=True,
        )
        assert with_library.stdout == printed.stdout


def _library(official: Path, tmp_path: Path) -> Path:
    library = tmp_path / "library"
    library.mkdir()
    for name in ("alpine", "ubuntu"):
        (library / name).write_text(git(official, "show", f"HEAD:library/{name}"))
    return library
