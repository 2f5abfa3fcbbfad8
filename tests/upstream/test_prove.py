"""The next release as proof: it must fail where something is left out, and touch nothing but its copy."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from contrib.cli.main import cli
from contrib.sandbox import upstreams
from contrib.upstream import prove as module
from contrib.upstream.layouts import BranchChanges, Templated
from contrib.upstream.prove import Proof, load_recipe, prove
from contrib.values.errors import BadInput, OutsideError
from contrib.values.tree import FileChange
from tests.upstream.layouts.support import Sandbox, committed, git, image, pin, speaker, templated

pytestmark = pytest.mark.skipif(
    not all(shutil.which(tool) for tool in ("bash", "jq", "git")),
    reason="upstream's scripts need bash and jq",
)

TREE = Sandbox(upstreams.templated()).tree("master")


def run(
    root: Path,
    change: Callable[[Sequence[FileChange]], Sequence[FileChange]] = lambda files: files,
    leave_out: str = "",
) -> Proof:
    found = templated(TREE)
    assert isinstance(found, Templated)
    scripts = tuple(script for script in found.scripts if script.path != leave_out)
    layout = Templated(found.image, found.facts, scripts, TREE)
    committed(TREE, root)
    wanted = {"7.2": pin("7.2.4")}
    (changes,) = layout.changes(wanted, speaker(layout))
    return prove(
        layout,
        [BranchChanges(changes.key, changes.branch, changes.series, tuple(change(changes.files)))],
        wanted,
        repository=root,
        commit_of=lambda branch: git(root, "rev-parse", "HEAD").strip(),
        official_images=Sandbox(upstreams.official_images(["0" * 40] * 4)).tree("master"),
        port=layout.image.port,
    )


def test_it_holds(tmp_path: Path) -> None:
    proof = run(tmp_path / "redis")
    assert proof.ok, proof.steps
    assert [step.claim for step in proof.steps] == [
        "./apply-templates.sh leaves the result as it is",
        "after 7.2's next release its 4 Windows variants are there, at 7.2.4; Linux is at 7.2.6",
        "upstream's generator prints 4 Windows entries after the next release",
        "after the port's next release its 4 Windows variants are there, at 7.2.5; Linux is at 7.2.6",
        "upstream's generator prints 4 Windows entries after the port's next release",
    ]
    assert proof.as_json()["ok"] is True


@pytest.mark.parametrize(
    ("left_out", "claim", "detail"),
    [
        ("apply-templates.sh", "leaves the result as it is", " D 7.2/windows/nanoserver-ltsc2022/Dockerfile"),
        ("versions.sh", "Windows variants are there, at 7.2.4", "Dockerfile is gone"),
        ("generate-stackbrew-library.sh", "generator prints", "no entry has the tag 7.2.4-"),
    ],
)
def test_it_fails_where_an_edit_is_left_out(tmp_path: Path, left_out: str, claim: str, detail: str) -> None:
    proof = run(tmp_path / "redis", leave_out=left_out)
    assert not proof.ok
    assert claim in proof.steps[-1].claim and detail in proof.steps[-1].detail
    assert all(step.ok for step in proof.steps[:-1])


def test_it_fails_where_windows_would_get_linuxs_version(tmp_path: Path) -> None:
    """The accident of January 2017: a script that puts upstream's own number on everything."""

    def stamped(files: Sequence[FileChange]) -> list[FileChange]:
        return [
            replace(
                file,
                content=file.content.replace(
                    b"\"$windows\" -r '.version'", b"\"$doc\" -r '.version'"
                ).replace(
                    b"windows: (env.windows | fromjson)",
                    b"windows: ((env.windows | fromjson) + { version: $doc.version })",
                ),
            )
            if file.path == "versions.sh" and file.content is not None
            else file
            for file in files
        ]

    proof = run(tmp_path / "redis", stamped)
    assert not proof.ok
    assert "says 7.2.6, and the port has 7.2.4" in proof.steps[-1].detail


def test_an_entry_without_constraints_fails(tmp_path: Path) -> None:
    def without(files: Sequence[FileChange]) -> list[FileChange]:
        return [
            replace(file, content=file.content.replace(b"\t\t\tConstraints: $constraints\n", b""))
            if file.path == "generate-stackbrew-library.sh" and file.content is not None
            else file
            for file in files
        ]

    proof = run(tmp_path / "redis", without)
    assert not proof.ok and "has the constraints none" in proof.steps[-1].detail


def test_scripts_see_no_token_and_nothing_of_the_persons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "secret-1")
    monkeypatch.setenv("CONTRIB_GITHUB_TOKEN", "secret-2")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/secret-3")
    seen = tmp_path / "seen"

    def spying(files: Sequence[FileChange]) -> list[FileChange]:
        return [
            replace(
                file,
                content=file.content.replace(
                    b"set -Eeuo pipefail\n", f"set -Eeuo pipefail\nenv > {seen}\n".encode(), 1
                ),
            )
            if file.path == "apply-templates.sh" and file.content is not None
            else file
            for file in files
        ]

    run(tmp_path / "redis", spying)
    text = seen.read_text()
    assert "secret" not in text and "SSH_AUTH" not in text
    home = next(line for line in text.splitlines() if line.startswith("HOME="))
    assert "contrib-prove-" in home and not Path(home[5:]).exists(), "the copy is gone afterwards"


def test_an_address_that_nothing_stands_for_is_said(tmp_path: Path) -> None:
    def other(files: Sequence[FileChange]) -> list[FileChange]:
        return [
            replace(
                file, content=file.content.replace(b"https://api.github.com/", b"https://api.example.org/")
            )
            if file.path == "versions.sh" and file.content is not None
            else file
            for file in files
        ]

    proof = run(tmp_path / "redis", other)
    assert not proof.ok
    assert "nothing in prove.toml stands for https://api.example.org/" in proof.steps[-1].detail


def test_the_repository_is_only_read(tmp_path: Path) -> None:
    root = tmp_path / "redis"
    run(root)
    assert git(root, "status", "--short") == ""
    assert git(root, "for-each-ref").count("\n") == 1
    assert git(root, "fsck", "--unreachable") == ""


def test_where_there_is_no_bash_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.shutil, "which", lambda name: None if name == "bash" else f"/bin/{name}")
    with pytest.raises(OutsideError, match="there is no bash") as raised:
        run(tmp_path / "redis")
    assert raised.value.exit_code == 3 and "WSL" in (raised.value.hint or "")


def test_a_script_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 1)
    done = module._run(["bash", "-c", "sleep 60 & sleep 60"], tmp_path, dict(os.environ))
    assert done.code != 0 and "did not end within 1 s" in done.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"\[templated\] is missing"),
        ("[templated]\nwhat = 1\n", r"templated\.what: unknown key"),
        ("[templated]\nrelease = ['x']\n", r"templated\.release: a list of words"),
        ("[templated]\n[[templated.source]]\ntext = 'x'\n", r"templated\.source: tables with url"),
        ("[templated\n", "is not TOML"),
    ],
)
def test_a_bad_recipe(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "prove.toml").write_text(text)
    with pytest.raises(BadInput, match=message):
        load_recipe(replace(image(), folder=tmp_path), "templated")


def test_an_image_without_a_recipe(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"has no prove\.toml"):
        load_recipe(replace(image(), folder=tmp_path), "templated")


# -- the command ------------------------------------------------------------------------------------------


def arguments(tmp_path: Path, *more: str) -> list[str]:
    ids = upstreams.build(upstreams.templated(), tmp_path / "redis.git")
    upstreams.build(upstreams.official_images(ids), tmp_path / "official-images.git")
    git(tmp_path, "clone", "--quiet", str(tmp_path / "redis.git"), str(tmp_path / "redis"))
    releases = upstreams.releases_json(
        upstreams.port_releases(),
        lambda tag, name: f"https://github.com/redis-windows/redis-windows/releases/download/{tag}/{name}",
    )
    (tmp_path / "port.json").write_text(json.dumps(releases))
    (tmp_path / "hashes").write_bytes(upstreams.redis_hashes())
    return [
        "generate",
        "redis",
        f"--upstream={tmp_path / 'redis'}",
        f"--official-images={tmp_path / 'official-images.git'}",
        f"--source=port={tmp_path / 'port.json'}",
        f"--source=hashes={tmp_path / 'hashes'}",
        "--offline",
        *more,
    ]


def test_generate_prove(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, arguments(tmp_path, "--prove", "--format=json"), standalone_mode=False)
    assert result.exception is None, result.output
    shown = json.loads(result.stdout)
    assert shown["proof"]["ok"] is True and shown["written"] is True
    assert (tmp_path / "redis" / "7.2" / "windows").is_dir()


def test_generate_writes_nothing_where_the_proof_fails(tmp_path: Path) -> None:
    given = arguments(tmp_path, "--prove")
    templates = tmp_path / "templates"
    shutil.copytree(image().folder.parent, templates)
    edits = templates / "redis" / "edits-templated.toml"
    parts = edits.read_text().split("[[script]]\n")
    edits.write_text(
        "[[script]]\n".join(part for part in parts if not part.startswith('path = "apply-templates.sh"'))
    )
    result = CliRunner().invoke(cli, [*given, f"--templates={templates}"], standalone_mode=False)
    assert result.exception is None and result.return_value == 1, result.output
    assert "NOT TRUE: ./apply-templates.sh leaves the result as it is" in result.stderr
    assert git(tmp_path / "redis", "status", "--short") == ""


def test_prove_cannot_be_switched_on_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTRIB_GENERATE_PROVE", "1")
    monkeypatch.setenv("CONTRIB_PROVE", "1")
    result = CliRunner().invoke(cli, arguments(tmp_path), standalone_mode=False, auto_envvar_prefix="CONTRIB")
    assert result.exception is None
    assert "prov" not in result.stderr


def test_the_tools_answer_from_the_table_alone(tmp_path: Path) -> None:
    import subprocess

    table = {
        "texts": [["https://a/b[.]txt", "hello\n"]],
        "tags": [["https://a/r", ["v1"]]],
        "library": str(tmp_path),
    }
    (tmp_path / "table.json").write_text(json.dumps(table))
    tools = Path(module.__file__).with_name("prove_tools.py")

    def call(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, str(tools), *words],
            env={**os.environ, "CONTRIB_PROVE_TABLE": str(tmp_path / "table.json")},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    assert call("wget", "-qO-", "https://a/b.txt") == (0, "hello\n")
    assert call("curl", "-fsSL", "https://a/b.txt") == (0, "hello\n")
    assert call("wget", "-qO", "out", "https://a/b.txt") == (0, "")
    assert (tmp_path / "out").read_text() == "hello\n"
    assert call("curl", "-fsSL", "https://a/c.txt") == (4, "")
    assert call("git", "ls-remote", "--tags", "https://a/r") == (0, f"{'0' * 40}\trefs/tags/v1\n")
    assert call("git", "ls-remote", "https://b/r")[0] == 128
    assert call("bashbrew", "list", "redis")[0] == 1
