"""Release branches, with and without templates: the chain, the patch of the generator, its own tests."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from contrib.clients.git import Repository
from contrib.sandbox import upstreams
from contrib.upstream.edits import apply_scripts, load
from contrib.upstream.layouts import JinjaReleaseBranches, Layout, ReleaseBranches, recognise
from contrib.upstream.layouts.scripts import load_scripts, values_of
from contrib.upstream.prove import prove
from contrib.values.errors import BadInput
from contrib.values.tree import MemoryTree
from tests.upstream.layouts.support import Sandbox, by_path, git, image, pin, speaker, write


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox(upstreams.release_branches())


def layout_of(sandbox: Sandbox) -> Layout:
    return recognise(image(), sandbox.tree("main"), branch="main", branches=sandbox)


def test_series_are_branches_and_tags_say_what_they_are(sandbox: Sandbox) -> None:
    layout = layout_of(sandbox)
    assert isinstance(layout, JinjaReleaseBranches)
    assert [(s.name, s.version, s.branch, s.retired) for s in layout.series()] == [
        ("8.10", "8.10.1", "release/8.10", False),
        ("8.8", "8.8.2", "release/8.8", False),
        ("8.2", "8.2.1", "release/8.2", False),
        ("8.0", "8.0.3", "release/8.0", True),
        ("7.4", "7.4.9", "release/7.4", False),
    ]


def test_a_branch_that_only_has_a_candidate_is_a_prerelease() -> None:
    early = Sandbox(upstreams.release_branches(), upto=-1)
    newest = layout_of(early).series()[0]
    assert (newest.name, newest.version, newest.prerelease) == ("8.10", "8.10.0-rc1", True)


def test_the_chain(sandbox: Sandbox) -> None:
    layout = layout_of(sandbox)
    chain = layout.changes({"8.8": pin("8.8.1"), "8.2": pin("8.2.1")}, speaker(layout))
    assert [(c.key, c.branch, c.series, c.waits_for) for c in chain] == [
        ("A0", "main", (), ()),
        ("A1", "release/8.8", ("8.8",), ("A0",)),
        ("A2", "release/8.2", ("8.2",), ("A0",)),
    ]
    generator = by_path(chain[0].files)
    assert "release-automation/tests/test_windows.py" in generator
    assert not any(path.startswith("windows/") for path in generator)
    templates = by_path(chain[1].files)
    values = json.loads(templates[".redis.version.json"] or b"")
    assert values["release_tag"] == "8.8.2" and values["windows_release_tag"] == "8.8.1"
    assert (templates[".redis.version.json"] or b"").startswith(b'{\n\t"release_tag"')
    dockerfile = templates["windows/nanoserver-ltsc2022/Dockerfile"] or b""
    assert not dockerfile.endswith(b"\n"), "Jinja2 as upstream runs it drops the last newline"
    assert b"{{ windows_release_tag }}" in (templates["windows/nanoserver-ltsc2022/Dockerfile.j2"] or b"")
    static = by_path(chain[2].files)
    assert not any(path.endswith(".j2") or path.endswith(".json") for path in static)
    assert (static["windows/nanoserver-ltsc2022/Dockerfile"] or b"").endswith(b"\n")


def test_twice_is_once(sandbox: Sandbox) -> None:
    layout = layout_of(sandbox)
    wanted = {"8.8": pin("8.8.1"), "8.2": pin("8.2.1")}
    merged = sandbox.with_changes(layout.changes(wanted, speaker(layout)), "main")
    again = layout_of(merged)
    assert {name: again.pin(name) for name in wanted} == wanted
    assert all(change.files == () for change in again.changes(wanted, speaker(again)))
    assert all(change.waits_for == () for change in again.changes(wanted, speaker(again)))


def test_bad_series(sandbox: Sandbox) -> None:
    layout = layout_of(sandbox)
    with pytest.raises(BadInput, match=r"retired the series 8\.0"):
        layout.changes({"8.0": pin("8.0.3")}, speaker(layout))
    with pytest.raises(BadInput, match=r"no series '9\.0'"):
        layout.changes({"9.0": pin("9.0.1")}, speaker(layout))


def test_a_generator_that_moved_on_is_refused_with_what_to_add(sandbox: Sandbox) -> None:
    path = "release-automation/src/stackbrew_generator/stackbrew.py"
    source = (sandbox.tree("main").read(path) or b"").replace(
        b"from .models import Release, StackbrewEntry\n", b""
    )
    moved = sandbox.with_changes([], "main")
    moved._files["main"][path] = (source, "100644")
    layout = layout_of(moved)
    with pytest.raises(BadInput) as raised:
        layout.changes({"8.8": pin("8.8.1")}, speaker(layout))
    assert raised.value.file == path
    assert "share_windows_tags" in (raised.value.hint or "")


@pytest.fixture
def patched(sandbox: Sandbox, tmp_path: Path) -> Path:
    """A work tree of main with A0 in it."""
    layout = layout_of(sandbox)
    chain = layout.changes({"8.8": pin("8.8.1")}, speaker(layout))
    root = write(sandbox.tree("main"), tmp_path / "main")
    return write(by_path(chain[0].files), root)


def test_the_tests_beside_upstreams_own_pass(patched: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "tests"],
        cwd=patched / "release-automation",
        env={**os.environ, "PYTHONPATH": "src", "GIT_CONFIG_GLOBAL": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 passed" in done.stdout


@pytest.mark.parametrize(
    ("path", "what", "instead"),
    [
        ("distribution.py", "        releases = add_windows_releases(self.git_client, releases)\n", ""),
        ("stackbrew.py", "        share_windows_tags(entries)\n", ""),
        ("models.py", "tuple(int(number) for number in re.findall", "tuple(number for number in re.findall"),
        (
            "models.py",
            "            lines.append(f\"Constraints: {', '.join(self.constraints)}\")\n",
            "            pass\n",
        ),
        (
            "stackbrew.py",
            "            elif current_entry:\n",
            "            elif current_entry and line.startswith('GitCommit:'):\n",
        ),
    ],
)
def test_they_fail_where_a_part_of_the_patch_is_missing(
    patched: Path, path: str, what: str, instead: str
) -> None:
    file = patched / "release-automation" / "src" / "stackbrew_generator" / path
    text = file.read_text()
    assert what in text
    file.write_text(text.replace(what, instead))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "tests"],
        cwd=patched / "release-automation",
        env={**os.environ, "PYTHONPATH": "src", "GIT_CONFIG_GLOBAL": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout


def built(tmp_path: Path) -> tuple[Path, list[str]]:
    path = tmp_path / "redis.git"
    return path, upstreams.build(upstreams.release_branches(), path, default_branch="main")


@pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("jq")), reason="upstream's scripts need bash and jq"
)
def test_the_next_release_carries_windows(sandbox: Sandbox, tmp_path: Path) -> None:
    path, ids = built(tmp_path)
    commits = upstreams.release_branches()
    heads = {commit.branch: ident for commit, ident in zip(commits, ids, strict=True)}
    tags = {tag: ident for commit, ident in zip(commits, ids, strict=True) for tag in commit.tags}
    layout = layout_of(sandbox)
    wanted = {"8.8": pin("8.8.1"), "8.2": pin("8.2.1"), "7.4": pin("7.4.8")}
    proof = prove(
        layout,
        layout.changes(wanted, speaker(layout)),
        wanted,
        repository=path,
        commit_of=lambda branch: heads[branch or "main"],
        official_images=Sandbox(upstreams.release_official_images(commits, ids)).tree("master"),
        port=layout.image.port,
        tags=tags,
    )
    assert proof.ok, proof.steps
    assert proof.steps[-1].claim == "upstream's generator prints 12 Windows entries after the next release"


@pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("jq")), reason="upstream's scripts need bash and jq"
)
@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        ("release-automation/src/stackbrew_generator/distribution.py", "no entry has the tag 8.8.1-"),
        (".github/actions/apply-docker-version/apply-docker-version.sh", "Dockerfile is gone"),
    ],
)
def test_the_proof_fails_where_an_edit_is_left_out(
    sandbox: Sandbox, tmp_path: Path, left_out: str, message: str
) -> None:
    path, ids = built(tmp_path)
    commits = upstreams.release_branches()
    heads = {commit.branch: ident for commit, ident in zip(commits, ids, strict=True)}
    found = layout_of(sandbox)
    assert isinstance(found, JinjaReleaseBranches)
    scripts = tuple(script for script in found.scripts if script.path != left_out)
    layout = JinjaReleaseBranches(found.image, found.facts, scripts, sandbox, "main")
    wanted = {"8.8": pin("8.8.1")}
    proof = prove(
        layout,
        layout.changes(wanted, speaker(layout)),
        wanted,
        repository=path,
        commit_of=lambda branch: heads[branch or "main"],
        official_images=Sandbox(upstreams.release_official_images(commits, ids)).tree("master"),
        port=layout.image.port,
        tags={tag: ident for commit, ident in zip(commits, ids, strict=True) for tag in commit.tags},
    )
    assert not proof.ok
    assert message in proof.steps[-1].claim + proof.steps[-1].detail


def test_the_unpatched_generator_loses_everything_that_it_does_not_know(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The sandbox is as upstream is: what the patch is for."""
    root = write(sandbox.tree("main"), tmp_path / "main")
    library = tmp_path / "redis"
    seven = "Tags: 7.4.9-nanoserver-ltsc2025\nSharedTags: 7.4.9-nanoserver\nDirectory: windows\nConstraints: nanoserver-ltsc2025"
    library.write_text(f"Maintainers: x\n\nTags: 8.8.1\nDirectory: debian\n\n{seven}")
    code = (
        "import sys; from pathlib import Path; from stackbrew_generator.stackbrew import StackbrewUpdater as U; "
        "sys.stdout.write(U().update_stackbrew_content(Path(sys.argv[1]), 8, 'Tags: 8.8.2'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(library)],
        env={**os.environ, "PYTHONPATH": str(root / "release-automation" / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Constraints" not in done.stdout and "SharedTags" not in done.stdout


def test_the_patched_generator_prints_what_contrib_manifest_prints(sandbox: Sandbox, tmp_path: Path) -> None:
    """A0 and A1, A2 merged: upstream's own update of the library file, and ours, to the byte."""
    from contrib.upstream.manifest import generate
    from contrib.upstream.profile import load as load_profile

    path, ids = built(tmp_path)
    commits = upstreams.release_branches()
    upstreams.build(upstreams.release_official_images(commits, ids), tmp_path / "official-images.git")
    work = tmp_path / "redis"
    git(tmp_path, "clone", "--quiet", str(path), str(work))
    layout = layout_of(sandbox)
    for change in layout.changes({"8.8": pin("8.8.1"), "8.2": pin("8.2.1")}, speaker(layout)):
        git(work, "checkout", "--quiet", change.branch or "main")
        write(by_path(change.files), work)
        git(work, "add", "--all")
        git(work, "commit", "--quiet", "--message", change.key)
        git(work, "push", "--quiet", "origin", "HEAD")
    git(work, "checkout", "--quiet", "main")
    library = tmp_path / "library"
    library.write_text(git(tmp_path / "official-images.git", "show", "HEAD:library/redis"))
    subprocess.run(
        [
            sys.executable,
            "-m",
            "stackbrew_generator",
            "update-stackbrew-file",
            "8",
            "--input",
            str(library),
            "--output",
            str(library),
        ],
        cwd=work,
        env={**os.environ, "PYTHONPATH": "release-automation/src"},
        check=True,
        capture_output=True,
    )
    with Repository.open(path) as repository, Repository.open(tmp_path / "official-images.git") as official:
        ours = generate(
            load_profile("redis"),
            repository,
            repository.resolve("main"),
            official.tree(official.resolve("HEAD")),
        )
    assert ours == library.read_text()
    # the newest series has no Windows variants: no name without a series, or of the major version alone, is theirs
    assert ours.count("Constraints: ") == 8 and "8.8-windowsservercore" in ours
    assert not re.search(r"^(?:Shared)?Tags:.* (?:8-)?windowsservercore", ours, re.MULTILINE)


# What the anchors need of the real generator, in its two later forms: structure only, none of its code.
_NEWEST = '''
from typing import List, Tuple
from redis_version import RedisVersion
    DEBIAN = "debian"
        else:
            raise ValueError(f"Unsupported base image: {base_img}")
    """Represents a stackbrew library entry with tags."""
    def __str__(self) -> str:
        """String representation in stackbrew format."""
        lines.append(f"Tags: {', '.join(self.tags)}")
        lines.append(f"Directory: {self.distribution.type.value}")
    if distribution.type == DistroType.ALPINE:
        return list(ALPINE_ARCHITECTURES)
    raise ValueError
'''


def test_the_form_without_versions_of_its_own() -> None:
    found = image().layout("release-branches-jinja")
    assert found is not None
    path = "release-automation/src/stackbrew_generator/models.py"
    scripts = [script for script in load_scripts(image(), found) if script.path == path]
    (edited,) = apply_scripts(MemoryTree({path: _NEWEST.encode()}), scripts, values_of(image(), image().port))
    assert edited.change is not None
    assert b"WINDOWS" in (edited.change.content or b"") and b"sort_key" not in (edited.change.content or b"")


def test_every_file_of_edits_loads() -> None:
    for facts in image().layouts:
        if facts.edits:
            path = image().folder / facts.edits
            assert load(path.read_bytes(), str(path))


def test_the_release_branch_that_public_clones_have(clones: Path) -> None:
    source = clones / "redis+docker-library-redis" / "repo"
    if not source.is_dir():
        pytest.skip("no clone of redis/docker-library-redis")
    with Repository.open(source) as repository:
        tree = repository.tree(repository.resolve("release/8.0"))
        layout = recognise(image(), tree, branch="release/8.0", named=True)
        assert type(layout) is ReleaseBranches
        (series,) = layout.series()
        assert (series.name, series.version, series.prerelease) == ("8.0", "8.0-m01", True)
        (change,) = layout.changes({"8.0": pin("8.0.3")}, speaker(layout))
        assert (change.key, change.branch) == ("A1", "release/8.0")
        assert {file.path.split("/")[0] for file in change.files} == {"windows"}


def test_what_is_written_survives_a_windows_checkout(sandbox: Sandbox, tmp_path: Path) -> None:
    """Commits hold LF and modes of ours, whatever core.autocrlf and core.filemode say where they are made."""
    from datetime import datetime, timezone

    from contrib.clients.commits import Identity, ScratchStore

    path, ids = built(tmp_path)
    layout = layout_of(sandbox)
    chain = layout.changes({"8.8": pin("8.8.1")}, speaker(layout))
    made = []
    for settings in ({}, {"core.autocrlf": "true", "core.filemode": "false", "core.eol": "crlf"}):
        for key, value in settings.items():
            git(path, "config", key, value)
        with ScratchStore([path]) as store:
            when = datetime(2026, 1, 1, tzinfo=timezone.utc)
            commit = store.commit(
                ids[0], "windows", chain[0].files, date=when, author=Identity("x", "x@example.org")
            )
            listing = git(store.path, "ls-tree", "-r", commit)
            for line in listing.splitlines():
                mode, _, rest = line.partition(" ")
                assert mode == ("100755" if rest.endswith(".sh") else "100644")
            made.append(commit)
    assert made[0] == made[1]
