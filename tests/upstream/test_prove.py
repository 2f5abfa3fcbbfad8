"""The next release as proof: it must fail where something is left out, and touch nothing but its copy."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from contrib.cli.main import cli
from contrib.clients import contained
from contrib.clients.contained import NONE, find
from contrib.sandbox import upstreams
from contrib.upstream import prove as module
from contrib.upstream.layouts import BranchChanges, Templated
from contrib.upstream.prove import Proof, prove
from contrib.upstream.prove_recipe import load_recipe
from contrib.values.errors import BadInput, OutsideError
from contrib.values.tree import FileChange
from tests.upstream.layouts.support import PLAIN, Sandbox, committed, git, image, pin, speaker, templated

pytestmark = pytest.mark.skipif(
    not all(shutil.which(tool) for tool in ("bash", "jq", "git")),
    reason="upstream's scripts need bash and jq",
)

TREE = Sandbox(upstreams.templated()).tree("master")
#: One of each kind: upstream's scripts are run for every one.
VARIANTS = ("windowsservercore-ltsc2022", "nanoserver-ltsc2022")


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
    wanted = {"7.2": pin("7.2.4", VARIANTS)}
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


def test_it_holds_and_the_repository_is_only_read(tmp_path: Path) -> None:
    root = tmp_path / "redis"
    proof = run(root)
    assert git(root, "status", "--short") == ""
    assert git(root, "for-each-ref").count("\n") == 1
    assert git(root, "fsck", "--unreachable") == ""
    assert proof.ok, proof.steps
    assert [step.claim for step in proof.steps] == [
        "./apply-templates.sh leaves the result as it is",
        "after 7.2's next release its 2 Windows variants are there, at 7.2.4; Linux is at 7.2.6",
        "upstream's generator prints 2 Windows entries after the next release",
        "after the port's next release its 2 Windows variants are there, at 7.2.5; Linux is at 7.2.6",
        "upstream's generator prints 2 Windows entries after the port's next release",
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


def planted(text: str) -> Callable[[Sequence[FileChange]], Sequence[FileChange]]:
    """The contribution with lines at the start of upstream's ``apply-templates.sh``."""

    def change(files: Sequence[FileChange]) -> list[FileChange]:
        head = b"set -Eeuo pipefail\n"
        return [
            replace(file, content=file.content.replace(head, head + text.encode() + b"\n", 1))
            if file.path == "apply-templates.sh" and file.content is not None
            else file
            for file in files
        ]

    return change


def test_scripts_see_no_token_and_nothing_of_the_persons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "secret-1")
    monkeypatch.setenv("CONTRIB_GITHUB_TOKEN", "secret-2")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/secret-3")
    proof = run(tmp_path / "redis", planted("env; exit 9"))
    text = proof.steps[-1].detail
    assert "PATH=" in text and "secret" not in text and "SSH_AUTH" not in text
    home = next(line for line in text.splitlines() if line.startswith("HOME="))
    assert "contrib-prove-" in home and not Path(home[5:]).exists(), "the copy is gone afterwards"


#: What a script does to get at the token, at files outside and at the network, all in one: each leaves a file
#: outside, or ends the script with 9.
ATTACKS = r"""
! cat /proc/[0-9]*/environ | tr '\0' '\n' | grep -q mark || exit 9
! cat @OUTSIDE@/secret || exit 9
! (exec 3<>/dev/tcp/127.0.0.1/@PORT@) || exit 9
(setsid sh -c 'sleep 3; echo x > @OUTSIDE@/late' >/dev/null 2>&1 &)
(echo x > @OUTSIDE@/written) || true
"""
#: What a script leaves behind for the git that works on the copy afterwards.
TRAPS = r"""
git config filter.x.clean "sh -c 'env > @OUTSIDE@/filter; cat'"
git config --file .git/more filter.y.clean "sh -c 'env > @OUTSIDE@/include; cat'"
git config include.path more
mkdir -p .git/info .git/hooks
echo 'versions.sh filter=x' > .git/info/attributes
echo 'generate-stackbrew-library.sh filter=y' >> .git/info/attributes
touch versions.sh generate-stackbrew-library.sh
for hook in post-checkout pre-commit post-commit post-index-change; do
	printf '#!/bin/sh\nenv > @OUTSIDE@/hook\n' > .git/hooks/$hook
	chmod +x .git/hooks/$hook
done
git config core.fsmonitor 'env > @OUTSIDE@/fsmonitor; true'
git config commit.gpgsign true
git config gpg.program @OUTSIDE@/program
git config remote.origin.receivepack 'env > @OUTSIDE@/receive; git-receive-pack'
"""


@pytest.mark.skipif(not find().real, reason="no containment works here (bubblewrap, user namespaces)")
def test_what_a_planted_script_gets(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("mark0")
    program = (
        "import sys; from pathlib import Path; from tests.upstream.test_prove import planted, run\n"
        "proof = run(Path(sys.argv[1]), planted(sys.argv[2]))\n"
        "print(proof.containment, [step.detail for step in proof.steps if not step.ok])"
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        text = (ATTACKS + TRAPS).replace("@OUTSIDE@", str(outside))
        text = text.replace("@PORT@", str(listener.getsockname()[1]))
        root = Path(module.__file__).parents[2]
        environment = {
            **os.environ,
            "GH_TOKEN": "mark1",
            "CONTRIB_GITHUB_TOKEN": "mark2",
            "PYTHONPATH": str(root),
        }
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "redis"), text],
            env=environment, cwd=root, capture_output=True, text=True, check=True,
        )  # fmt: skip
    assert done.stdout == f"{find().name} []\n", done.stdout + done.stderr
    assert [path.name for path in outside.iterdir()] == ["secret"]


def test_git_starts_no_program_of_the_copy_where_there_is_no_containment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scripts run as the person there; the git that works on the copy afterwards is ours."""
    monkeypatch.setenv("GH_TOKEN", "mark1")
    monkeypatch.setattr(module, "find", lambda: NONE)
    monkeypatch.setattr(module, "forget_tokens", lambda: None)  # the environment of git alone is looked at
    outside = tmp_path / "outside"
    outside.mkdir()
    proof = run(tmp_path / "redis", planted(TRAPS.replace("@OUTSIDE@", str(outside))))
    assert proof.containment == "none" and proof.ok, proof.steps
    assert list(outside.iterdir()) == []


def test_a_link_that_a_script_leaves_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find", lambda: NONE)
    (tmp_path / "secret").write_text("ENV REDIS_VERSION 9.9.9-mark\n")
    attack = f"trap 'ln -sf {tmp_path / 'secret'} 7.2/alpine3.20/Dockerfile; ln -sf {tmp_path / 'secret'} 7.2/alpine/Dockerfile' EXIT"
    proof = run(tmp_path / "redis", planted(attack))
    assert not proof.ok and not any("mark" in step.detail for step in proof.steps)
    assert (tmp_path / "secret").read_text() == "ENV REDIS_VERSION 9.9.9-mark\n"


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


def test_where_there_is_no_bash_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.shutil, "which", lambda name: None if name == "bash" else f"/bin/{name}")
    with pytest.raises(OutsideError, match="there is no bash") as raised:
        run(tmp_path / "redis")
    assert raised.value.exit_code == 3 and "WSL" in (raised.value.hint or "")


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
        *(f"--variant={name}" for name in VARIANTS),
        *more,
    ]


#: For systems without a sandbox, where the command asks for it.
ALLOWED = () if find().real else ("--allow=uncontained-scripts",)


def test_generate_prove(tmp_path: Path) -> None:
    given = arguments(tmp_path, "--prove", "--format=json", *ALLOWED)
    result = CliRunner().invoke(cli, given, standalone_mode=False)
    assert result.exception is None, result.output
    shown = json.loads(result.stdout)
    assert shown["proof"]["ok"] is True and shown["written"] is True
    assert shown["proof"]["containment"] == find().name
    assert ("without the network" in result.stderr) == find().real
    assert (tmp_path / "redis" / "7.2" / "windows").is_dir()


def test_where_nothing_contains_them_a_guard_stops_before_any_script_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contained, "find", lambda: NONE)
    given = arguments(tmp_path, "--prove", "--format=json")
    monkeypatch.setattr(module, "run", lambda *words, **more: pytest.fail("a script ran"))
    result = CliRunner().invoke(cli, given, standalone_mode=False)
    assert isinstance(result.exception, BadInput), result.output
    assert result.exception.exit_code == 2
    assert "would run as you, with your network and your files" in result.exception.message
    assert "--allow uncontained-scripts" in (result.exception.hint or "")
    assert git(tmp_path / "redis", "status", "--short") == ""
    monkeypatch.undo()
    monkeypatch.setattr(contained, "find", lambda: NONE)
    result = CliRunner().invoke(cli, [*given, "--allow=uncontained-scripts"], standalone_mode=False)
    assert result.exception is None, result.output
    assert json.loads(result.stdout)["proof"]["containment"] == "none"
    assert "upstream's own scripts run as you, with your network and your files" in result.stderr


def test_generate_writes_nothing_where_the_proof_fails(tmp_path: Path) -> None:
    given = arguments(tmp_path, "--prove", *ALLOWED)
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


def test_the_bump_of_2017_is_caught(tmp_path: Path) -> None:
    """In the plain layout, where nothing updates what nanoserver copies from: the version is right, the file is not."""
    committed(PLAIN, tmp_path / "redis")
    upstreams.build(upstreams.official_images(["0" * 40] * 4), tmp_path / "official-images.git")
    port = image().port
    name = port.asset_name("3.2.6")
    asset = {
        "name": name,
        "state": "uploaded",
        "digest": f"sha256:{'ab' * 32}",
        "browser_download_url": port.url("3.2.6"),
    }
    release = {
        "tag_name": "3.2.6",
        "draft": False,
        "prerelease": False,
        "published_at": "2024-01-01T00:00:00Z",
    }
    (tmp_path / "port.json").write_text(json.dumps([{**release, "body": "", "assets": [asset]}]))
    templates = tmp_path / "templates"
    shutil.copytree(image().folder.parent, templates)
    edits = templates / "redis" / "edits-plain.toml"
    whole = edits.read_text()
    given = [
        "generate", "redis", f"--upstream={tmp_path / 'redis'}", f"--templates={templates}", "--prove", "--no-download",
        f"--official-images={tmp_path / 'official-images.git'}", f"--source=port={tmp_path / 'port.json'}", *ALLOWED,
    ]  # fmt: skip
    edits.write_text("".join(line for line in whole.splitlines(True) if "COPY --from=@IMAGE@" not in line))
    result = CliRunner().invoke(cli, given, standalone_mode=False)
    assert (result.exception, result.return_value) == (None, 1), result.output
    # upstream's Linux release alone changes nothing on Windows; the port's release does
    assert "NOT TRUE: after the port's next release each of these files is as it would be" in result.stderr
    assert "3.2/windows/nanoserver-ltsc2022/Dockerfile" in result.stderr
    assert "COPY --from=redis:3.2.6-windowsservercore-ltsc2022" in result.stderr
    assert "(version-mismatch)" in result.stderr
    assert git(tmp_path / "redis", "status", "--short") == ""
    edits.write_text(whole)
    result = CliRunner().invoke(cli, given, standalone_mode=False)
    assert (result.exception, result.return_value) == (None, 0), result.output
