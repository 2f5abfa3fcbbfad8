"""Our output beside that of upstream's own scripts, where the tools that they need are there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from contrib.cli.main import run
from contrib.sandbox import upstreams
from contrib.values.guards import Guards

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


def test_release_automation_prints_the_same(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """The generator of release branches (Python), as it is after our edits, and `contrib manifest`."""
    from contrib.cli import generate
    from contrib.cli.common import Terminal
    from contrib.cli.job import Job, Options
    from contrib.clients.worktree import write

    commits = upstreams.release_branches()
    ids = upstreams.build(commits, tmp_path / "up.git", default_branch="main")
    upstreams.build(upstreams.release_official_images(commits, ids), tmp_path / "oi.git")
    releases = upstreams.releases_json(
        upstreams.release_port_releases(), lambda version, name: f"https://example.org/{version}/{name}"
    )
    (tmp_path / "port.json").write_text(json.dumps(releases))
    (tmp_path / "hashes").write_bytes(upstreams.redis_hashes())
    options = Options(
        image="redis",
        upstream=str(tmp_path / "up.git"),
        ref=None,
        official_images=str(tmp_path / "oi.git"),
        sources=(f"port={tmp_path / 'port.json'}", f"hashes={tmp_path / 'hashes'}"),
        no_download=True,
        offline=False,
        series=("all",),
        variants=(),
        guards=Guards(),
        templates=None,
    )
    with Job(options, Terminal(quiet=True)) as job:
        branches = generate.plan(job).branches
    work = tmp_path / "work"
    git(tmp_path, "clone", "-q", "up.git", "work")
    for branch in branches:
        name = branch.branch or "main"
        git(work, "checkout", "-q", name)
        write(work, branch.files)
        git(work, "add", "--all")
        git(work, *IDENTITY, "commit", "-qm", f"Add Windows to {name}")
        git(work, "push", "-q", "origin", name)
    git(work, "checkout", "-q", "main")
    library = tmp_path / "library"
    library.write_text(git(tmp_path / "oi.git", "show", "HEAD:library/redis"))
    env = {**os.environ, "PYTHONPATH": str(work / "release-automation" / "src")}
    for major in ("8", "7"):
        command = [sys.executable, "-m", "stackbrew_generator.cli", "update-stackbrew-file", major]
        command += ["--input", str(library), "--output", str(library)]
        done = subprocess.run(command, cwd=work, env=env, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
    capfdbinary.readouterr()
    arguments = ["manifest", "redis", "--upstream", str(work), "--official-images", str(tmp_path / "oi.git")]
    assert run(arguments) == 0
    printed = capfdbinary.readouterr().out
    assert printed == library.read_bytes()
    assert printed.count(b"windows-amd64") == 12


def test_the_plain_generator_prints_the_same(
    clones: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """redis as it was in 2017-01, with Windows directories of its own that its script did not know yet."""
    tools("bash", "gawk")
    work = tmp_path / "work"
    git(tmp_path, "clone", "-q", str(clones / "docker-library+redis" / "repo"), "work")
    git(work, "checkout", "-qB", "master", "6fd47f9c~1")
    upstreams.build(upstreams.official_images(["0" * 40] * 9), tmp_path / "oi.git")
    one = next(release for release in upstreams.port_releases() if release.tag == "7.2.4")
    text = json.dumps(
        upstreams.releases_json([one], lambda version, name: f"https://example.org/{version}/{name}")[0]
    )
    (tmp_path / "port.json").write_text(
        json.dumps([json.loads(text.replace("7.2.4", version)) for version in ("3.2.5", "3.0.7")])
    )
    (tmp_path / "hashes").write_bytes(upstreams.redis_hashes())
    repositories = ["--upstream", str(work), "--official-images", str(tmp_path / "oi.git")]

    def both() -> tuple[bytes, bytes]:
        done = subprocess.run(
            ["bash", "./generate-stackbrew-library.sh"], cwd=work, capture_output=True, check=True
        )
        capfdbinary.readouterr()
        assert run(["manifest", "redis", *repositories]) == 0
        return capfdbinary.readouterr().out, done.stdout

    ours, theirs = both()
    assert ours == theirs and b"windows" not in ours
    sources = [f"--source=port={tmp_path / 'port.json'}", f"--source=hashes={tmp_path / 'hashes'}"]
    series = ["--series", "3.2", "--series", "3.0"]
    assert run(["generate", "redis", *repositories, *sources, *series, "--no-download", "-q"]) == 0
    git(work, "add", "--all")
    git(work, *IDENTITY, "commit", "-qm", "Add Windows variants")
    ours, theirs = both()
    assert ours == theirs and ours.count(b"windows-amd64") == 12
