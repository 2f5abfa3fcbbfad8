"""Our output beside that of upstream's own scripts, where the tools that they need are there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from contrib.cli.main import run
from contrib.sandbox import upstreams

from .repos import git

IDENTITY = ("-c", "user.name=T", "-c", "user.email=t@example.org")


def tools(*names: str) -> None:
    lacking = [name for name in names if shutil.which(name) is None]
    if os.name == "nt" or lacking:
        pytest.skip(f"upstream's scripts need {', '.join(lacking) or 'a Unix'}")


@pytest.fixture
def windows(tmp_path: Path) -> Path:
    """A work tree of the demo's upstream with Windows variants in both series, committed."""
    ids = upstreams.build(upstreams.templated(), tmp_path / "up.git")
    upstreams.build(upstreams.official_images(ids), tmp_path / "oi.git")
    for name in ("up", "oi"):
        git(tmp_path, "clone", "-q", f"{name}.git", name)
    releases = upstreams.releases_json(
        upstreams.port_releases(), lambda version, name: f"https://example.org/{version}/{name}"
    )
    (tmp_path / "port.json").write_text(json.dumps(releases))
    (tmp_path / "hashes").write_bytes(upstreams.redis_hashes())
    given = [f"--source=port={tmp_path / 'port.json'}", f"--source=hashes={tmp_path / 'hashes'}"]
    repositories = ["--upstream", str(tmp_path / "up"), "--official-images", str(tmp_path / "oi")]
    assert run(["generate", "redis", *repositories, *given, "--series", "all", "--no-download", "-q"]) == 0
    git(tmp_path / "up", "add", "--all")
    git(tmp_path / "up", *IDENTITY, "commit", "-qm", "Add Windows variants")
    return tmp_path / "up"


def test_what_is_generated_is_what_the_templates_make(
    windows: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["render", "redis", "--upstream", str(windows), "--check"]) == 0
    # Upstream's next release bump: new data, and nothing of ours is lost.
    data = json.loads((windows / "versions.json").read_text())
    for value in data.values():
        value["version"] += "9"
    (windows / "versions.json").write_text(json.dumps(data, indent="\t") + "\n")
    assert run(["render", "redis", "--upstream", str(windows)]) == 0
    changed = git(windows, "status", "--porcelain").splitlines()
    assert changed and all(line.startswith(" M") and "windows" not in line for line in changed)
    capfd.readouterr()


def test_apply_templates_makes_the_same(windows: Path) -> None:
    tools("bash", "jq", "gawk")
    scripts = os.environ.get("BASHBREW_SCRIPTS")
    if not scripts or not (Path(scripts) / "jq-template.awk").is_file():
        pytest.skip("BASHBREW_SCRIPTS names no folder with jq-template.awk")
    env = {"PATH": os.environ["PATH"], "BASHBREW_SCRIPTS": scripts, "LC_ALL": "C.UTF-8"}
    subprocess.run(["bash", "./apply-templates.sh"], cwd=windows, env=env, check=True, capture_output=True)
    assert git(windows, "status", "--porcelain") == ""


def test_the_generator_prints_the_same(
    windows: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    tools("bash", "jq", "gawk", "bashbrew")
    # The script asks GitHub for parents; this bashbrew reads them from the directory.
    fake = tmp_path / "bin" / "bashbrew"
    fake.parent.mkdir()
    fake.write_text(
        "#!/usr/bin/env bash\nargs=()\nfor arg; do\n"
        f'\targs+=( "$(sed -r \'s!^https://github.com/docker-library/official-images/raw/[^/]+/library/!{tmp_path}/oi/library/!\' <<<"$arg")" )\n'
        f'done\nexec {shutil.which("bashbrew")} "${{args[@]}}"\n'
    )
    fake.chmod(0o755)
    env = {
        "PATH": f"{fake.parent}{os.pathsep}{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
        "HOME": str(tmp_path),
    }
    done = subprocess.run(
        ["bash", "./generate-stackbrew-library.sh"], cwd=windows, env=env, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert b"windows-amd64" in done.stdout
    arguments = ["manifest", "redis", "--upstream", str(windows), "--official-images", str(tmp_path / "oi")]
    assert run(arguments) == 0
    assert capfdbinary.readouterr().out == done.stdout
