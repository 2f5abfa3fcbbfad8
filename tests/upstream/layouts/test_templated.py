"""The templated layout, on the demo's upstream: what is written is what upstream's scripts keep."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from contrib.sandbox import upstreams
from contrib.upstream.layouts import Pin, Templated, Voice
from contrib.values.errors import BadInput
from contrib.values.tree import FileChange, MemoryTree, OverlayTree, Tree
from tests.upstream.layouts.support import (
    Sandbox,
    after,
    by_path,
    git,
    pin,
    speaker,
    templated,
    write,
)


@pytest.fixture
def tree() -> Tree:
    return Sandbox(upstreams.templated()).tree("master")


def test_series_newest_first_with_their_twins(tree: Tree) -> None:
    found = [(s.name, s.version, s.prerelease, s.linux) for s in templated(tree).series()]
    assert found == [
        ("7.2", "7.2.5", False, "7.2/alpine/Dockerfile"),
        ("7.0", "7.0.15", False, "7.0/alpine/Dockerfile"),
    ]


def test_numbers_are_numbers_and_candidates_are_marked() -> None:
    data = {
        name: {"version": version}
        for name, version in (("8.2", "8.2.9"), ("8.10-rc", "8.10-rc2"), ("8.8", "8.8.1"))
    }
    layout = templated(MemoryTree({"versions.json": json.dumps(data).encode()}))
    assert [(s.name, s.prerelease) for s in layout.series()] == [
        ("8.10-rc", True),
        ("8.8", False),
        ("8.2", False),
    ]


def test_a_series_that_versions_json_dropped_is_retired(tree: Tree) -> None:
    left = OverlayTree(tree, (FileChange("6.0/alpine/Dockerfile", b"FROM alpine:3.12\n"),))
    assert [s.name for s in templated(left).series() if s.retired] == ["6.0"]
    with pytest.raises(BadInput, match=r"retired the series 6\.0"):
        templated(left).changes({"6.0": pin("6.0.20")}, speaker(templated(left)))


def test_an_unknown_series_names_those_there_are(tree: Tree) -> None:
    with pytest.raises(BadInput, match=r"no series '9\.9'.*there are: 7\.2, 7\.0"):
        templated(tree).find("9.9")


def test_what_is_written(tree: Tree) -> None:
    layout = templated(tree)
    (change,) = layout.changes({"7.2": pin("7.2.4")}, speaker(layout))
    assert (change.key, change.branch, change.series, change.waits_for) == ("A1", None, ("7.2",), ())
    variants = [
        "nanoserver-ltsc2022",
        "nanoserver-ltsc2025",
        "windowsservercore-ltsc2022",
        "windowsservercore-ltsc2025",
    ]
    assert [file.path for file in change.files] == [
        ".test/config.sh",
        *(f"7.2/windows/{variant}/Dockerfile" for variant in variants),
        "Dockerfile-windows-nanoserver.template",
        "Dockerfile-windows-servercore.template",
        "apply-templates.sh",
        "generate-stackbrew-library.sh",
        "versions.json",
        "versions.sh",
    ]
    files = by_path(change.files)
    versions = json.loads(files["versions.json"] or b"")
    assert versions["7.2"]["windows"]["version"] == "7.2.4" and versions["7.2"]["version"] == "7.2.5"
    assert "windows" not in versions["7.0"]
    dockerfile = files["7.2/windows/windowsservercore-ltsc2022/Dockerfile"] or b""
    assert dockerfile.startswith(b'#\n# NOTE: THIS DOCKERFILE IS GENERATED VIA "apply-templates.sh"\n#\n')
    assert all(b"\r" not in (content or b"") for content in files.values())
    modes = {file.path: file.mode for file in change.files}
    assert {path for path, mode in modes.items() if mode == "100755"} == {
        "apply-templates.sh",
        "generate-stackbrew-library.sh",
        "versions.sh",
    }


def test_twice_is_once(tree: Tree) -> None:
    layout = templated(tree)
    first = layout.changes({"7.2": pin("7.2.4")}, speaker(layout))
    again = templated(after(tree, first))
    assert again.pin("7.2") == pin("7.2.4")
    (second,) = again.changes({"7.2": pin("7.2.4")}, speaker(again))
    assert second.files == () and second.notes == ()


def test_a_new_version_changes_the_data_and_nothing_else(tree: Tree) -> None:
    layout = templated(tree)
    there = after(tree, layout.changes({"7.2": pin("7.2.4")}, speaker(layout)))
    later = templated(there)
    (change,) = later.changes({"7.2": pin("7.2.5")}, speaker(later))
    assert {path.rpartition("/")[2] for path in by_path(change.files)} == {"Dockerfile", "versions.json"}


def test_a_second_series_leaves_the_first(tree: Tree) -> None:
    layout = templated(tree)
    there = after(tree, layout.changes({"7.2": pin("7.2.4")}, speaker(layout)))
    later = templated(there)
    (change,) = later.changes({"7.0": pin("7.0.15")}, speaker(later))
    assert not any(path.startswith("7.2/") for path in by_path(change.files))
    assert "7.0/windows/nanoserver-ltsc2022/Dockerfile" in by_path(change.files)


def test_a_variant_that_goes_takes_its_directory_along(tree: Tree) -> None:
    layout = templated(tree)
    there = after(tree, layout.changes({"7.2": pin("7.2.4")}, speaker(layout)))
    later = templated(there)
    (change,) = later.changes({"7.2": pin("7.2.4", ["windowsservercore-ltsc2025"])}, speaker(later))
    files = by_path(change.files)
    assert files["7.2/windows/windowsservercore-ltsc2022/Dockerfile"] is None
    assert "7.2/windows/windowsservercore-ltsc2025/Dockerfile" not in files


def test_nanoserver_needs_the_servercore_that_it_copies_from(tree: Tree) -> None:
    layout = templated(tree)
    with pytest.raises(BadInput, match="copies its programs from windowsservercore-ltsc2022"):
        layout.changes({"7.2": pin("7.2.4", ["nanoserver-ltsc2022"])}, speaker(layout))


@pytest.mark.parametrize(
    "bad",
    [
        {"version": "7.2.4; rm -rf /"},
        {"version": "7.2.4$(id)"},
        {"version": "-rf"},
        {"url": "https://example.org/$(id)"},
        {"url": "https://example.org/'x'"},
        {"digest": "00"},
        {"variants": ("windowsservercore-ltsc2022; id",)},
    ],
)
def test_shell_metacharacters_never_get_as_far_as_a_script(bad: dict[str, object]) -> None:
    good = {"version": "7.2.4", "url": "https://example.org/x.zip", "digest": "ab" * 32, "variants": ()}
    with pytest.raises(BadInput):
        Pin(**{**good, **bad})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "not a JSON object"),
        ('{"7.2": 1}', "an object with an object per series"),
        ('{"7.2": {"windows": 3}}', r"7\.2\.windows: an object"),
        ('{"7.2": {"windows": {"version": "1"}}}', r"7\.2\.windows\.url"),
        (
            '{"7.2": {"windows": {"version": "1", "url": "https://x/y", "sha256": "' + "a" * 64 + '"}}}',
            "variants",
        ),
    ],
)
def test_a_versions_json_that_is_none(text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message) as raised:
        templated(MemoryTree({"versions.json": text.encode()})).pin("7.2")
    assert raised.value.file == "versions.json"


def test_keys_that_are_no_series_are_upstream_s_alone() -> None:
    names = ("7.2", "../../x", "/x", "", ".", "-x", "nightly", "7..2", "a\nb", "9" * 5000, "1.2.3.4")
    data = {name: {"version": "7.2.5"} for name in names}
    layout = templated(MemoryTree({"versions.json": json.dumps(data).encode()}))
    assert [series.name for series in layout.series()] == ["7.2"]


@pytest.mark.parametrize("version", ["7.2.5$(id)", "`id`", "7.2.5\n", "", "9" * 100, "\x1b[2J"])
def test_a_version_that_is_none(version: str) -> None:
    data = json.dumps({"7.2": {"version": version}}).encode()
    with pytest.raises(BadInput, match=r"7\.2\.version: .* is no version"):
        templated(MemoryTree({"versions.json": data})).series()


@pytest.mark.parametrize(
    "text", ['{"7.2": {"version": ' + "9" * 5000 + "}}", "[" * 200_000, "\x00", "\ud800"]
)
def test_a_versions_json_that_python_will_not_read(text: str) -> None:
    with pytest.raises(BadInput) as raised:
        templated(MemoryTree({"versions.json": text.encode("utf-8", "surrogatepass")}))
    assert raised.value.file == "versions.json" and len(str(raised.value)) < 200


def test_a_half_edited_tree_is_refused(tree: Tree) -> None:
    layout = templated(tree)
    changes = layout.changes({"7.2": pin("7.2.4")}, speaker(layout))
    edited = (by_path(changes[0].files)["generate-stackbrew-library.sh"] or b"").decode()
    half = edited.replace("declare -A windowsNewest=()", "declare -A other=()")
    broken = templated(
        OverlayTree(tree, (FileChange("generate-stackbrew-library.sh", half.encode(), "100755"),))
    )
    with pytest.raises(BadInput, match="half edited"):
        broken.changes({"7.2": pin("7.2.4")}, speaker(broken))


def test_a_tree_that_knows_windows_in_one_script_only_is_refused(tree: Tree) -> None:
    mine = (tree.read("versions.sh") or b"") + b"# windows: mine\n"
    other = templated(OverlayTree(tree, (FileChange("versions.sh", mine, "100755"),)))
    with pytest.raises(
        BadInput, match=r"versions\.sh already knows Windows and apply-templates\.sh does not"
    ):
        other.changes({"7.2": pin("7.2.4")}, speaker(other))


def test_an_anchor_that_moved_names_the_script_and_what_to_add(tree: Tree) -> None:
    moved = (tree.read("apply-templates.sh") or b"").replace(b'\t\tcp -a docker-entrypoint.sh "$dir/"\n', b"")
    other = templated(OverlayTree(tree, (FileChange("apply-templates.sh", moved, "100755"),)))
    with pytest.raises(BadInput) as raised:
        other.changes({"7.2": pin("7.2.4")}, speaker(other))
    assert raised.value.file == "apply-templates.sh"
    assert "Dockerfile-windows-$windowsVariant.template" in (raised.value.hint or "")


def test_the_port_is_looked_up_where_it_is(tree: Tree) -> None:
    layout = templated(tree)
    port = layout.image.port_named("microsoftarchive")
    assert port is not None and isinstance(layout, Templated)
    other = Templated(layout.image, layout.facts, layout.scripts, tree, port)
    (change,) = other.changes({"7.2": pin("7.2.100", port=port)}, speaker(other, port))
    script = (by_path(change.files)["versions.sh"] or b"").decode()
    assert "api.github.com/repos/MicrosoftArchive/redis/releases" in script
    assert '"^win-(?<version>[0-9]+([.][0-9]+){2})$"' in script
    assert r'"Redis-x64-\($version).zip"' in script


# -- with upstream's own tools ----------------------------------------------------------------------------

needs_tools = pytest.mark.skipif(
    not all(shutil.which(tool) for tool in ("bash", "jq", "git")),
    reason="upstream's scripts need bash and jq",
)


def complaints(script: Path) -> list[str]:
    shellcheck = shutil.which("shellcheck")
    if shellcheck is None:
        pytest.skip("no shellcheck")
    done = subprocess.run(
        [shellcheck, "-s", "bash", "-f", "json", str(script)], capture_output=True, text=True
    )
    return sorted(f"{each['code']} {each['message']}" for each in json.loads(done.stdout))


def test_shellcheck_has_nothing_new_to_say(tree: Tree, tmp_path: Path) -> None:
    layout = templated(tree)
    changes = layout.changes({"7.2": pin("7.2.4")}, speaker(layout))
    before, then = write(tree, tmp_path / "before"), write(after(tree, changes), tmp_path / "after")
    for name in ("versions.sh", "apply-templates.sh", "generate-stackbrew-library.sh"):
        new = complaints(then / name)
        for old in complaints(before / name):
            new.remove(old)
        assert new == []


def clone(clones: Path, tmp_path: Path, repository: str, commit: str) -> Path:
    source = clones / repository / "repo"
    if not source.is_dir():
        pytest.skip(f"no clone of {repository}")
    root = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--shared", str(source), str(root)], check=True)
    git(root, "checkout", "--quiet", commit)
    return root


@needs_tools
def test_on_the_real_repository(clones: Path, tmp_path: Path) -> None:
    """docker-library/redis as it stood last: edited, committed, and its own scripts run over it."""
    from contrib.clients.git import Repository
    from contrib.upstream.prove import prove

    root = clone(clones, tmp_path, "docker-library+redis", "e92049967d6baa9b4b3d6fd950553e6458e61f13")
    with Repository.open(root) as repository:
        commit = repository.resolve("HEAD")
        tree = repository.tree(commit)
        layout = templated(tree)
        wanted = {"7.2": pin("7.2.4")}
        changes = layout.changes(wanted, speaker(layout))
        assert "generate-stackbrew-library-mac.sh" in by_path(changes[0].files)
        with Repository.open(clones / "docker-library+official-images" / "repo") as official:
            proof = prove(
                layout,
                changes,
                wanted,
                repository=root,
                commit_of=lambda branch: commit,
                official_images=official.tree(official.resolve("HEAD")),
                port=layout.image.port,
            )
    assert proof.ok, [step for step in proof.steps if not step.ok]
    assert len(proof.steps) == 5


@pytest.mark.skipif(
    "BASHBREW_SCRIPTS" not in os.environ, reason="BASHBREW_SCRIPTS names no folder with jq-template.awk"
)
@needs_tools
def test_the_real_awk_gives_the_same(clones: Path, tmp_path: Path) -> None:
    root = clone(clones, tmp_path, "docker-library+redis", "e92049967d6baa9b4b3d6fd950553e6458e61f13")
    layout = templated(MemoryTree({p: (root / p).read_bytes() for p in git(root, "ls-files").split()}))
    assert layout.voice is Voice.JQ_TEMPLATE
    for change in layout.changes({"7.2": pin("7.2.4")}, speaker(layout)):
        write(by_path(change.files), root)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "windows")
    subprocess.run(["./apply-templates.sh"], cwd=root, check=True, capture_output=True)
    assert git(root, "status", "--short") == ""


def test_what_is_left_out_is_a_comment_of_one_line() -> None:
    layout = templated()
    layout.left_out = (("nanoserver-ltsc2025", "it failed\n\trm -rf / $(touch x)`touch y`"),)
    (changes,) = layout.changes({"7.2": pin("7.2.4")}, speaker(layout))
    text = (by_path(changes.files)["versions.sh"] or b"").decode()
    assert (
        "\t# left out:\n\t# - nanoserver-ltsc2025: it failed rm -rf / $(touch x)`touch y`\n\twindows=" in text
    )
    # whatever is left out next time: upstream that has our lines is not edited again
    merged = after(Sandbox(upstreams.templated()).tree("master"), [changes])
    for left_out in ((), (("nanoserver-ltsc2022", "another reason"),), layout.left_out):
        again = templated(merged)
        again.left_out = left_out
        assert again.changes({"7.2": pin("7.2.4")}, speaker(again))[0].files == ()
    layout.left_out = ()
    (plain,) = layout.changes({"7.2": pin("7.2.4")}, speaker(layout))
    assert "left out" not in (by_path(plain.files)["versions.sh"] or b"").decode()
