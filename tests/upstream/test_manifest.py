from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrib.clients.git import Repository
from contrib.upstream import profile
from contrib.upstream.manifest import compare_versions, generate, suffixed, version_aliases
from contrib.values.errors import BadInput
from contrib.values.tree import MemoryTree
from tests.bounds import ends

from .repos import Commit, make

SCRIPT = """\
#!/usr/bin/env bash
declare -A aliases=(
	[2.0]='2 latest'
	#[1.0]='no'
	[1.0]='1'
)
self="$(basename "$BASH_SOURCE")"
cat <<-EOH
# this file is generated via https://github.com/o/demo/blob/$(fileCommit "$self")/$self

Maintainers: A B <a@example.org> (@a),
             C D (@c)
GitRepo: https://github.com/o/demo.git
EOH
"""

PROFILE = """
image = "demo"
repository = "https://github.com/o/demo.git"
commit = "copy"
extra = "script"
arches = '$parent - ["s390x"]'
[versions]
from = "json"
order = "version-desc"
full = ".version"
[[aliases]]
order = ["cut.", "key", "extra"]
[variants]
list = '["debian", "alpine"] + (.windows.variants // [] | map("windows/" + .))'
[[rule]]
match = '^windows/nanoserver-'
full = ".windows.version"
tags = ["-{variant}"]
shared = ["-{kind}"]
arches = ["windows-amd64"]
constraints = ["{variant}", "windowsservercore-{release}"]
[[rule]]
match = '^windows/'
full = ".windows.version"
tags = ["-{variant}"]
shared = ["-{kind}"]
arches = ["windows-amd64"]
constraints = ["{variant}"]
[[rule]]
match = '^debian$'
tags = ["", "-{suite}"]
[[rule]]
match = '^alpine$'
tags = ["-alpine", "-alpine{suite}"]
"""

LIBRARY = MemoryTree(
    {
        "library/debian": b"Maintainers: A (@a)\nGitRepo: https://example.org/r.git\nGitCommit: "
        + b"1" * 40
        + b"\n\n"
        b"Tags: bookworm-slim\nArchitectures: s390x, arm64v8, amd64, amd64\n",
        "library/alpine": b"Maintainers: A (@a)\nGitRepo: https://example.org/r.git\nGitCommit: "
        + b"1" * 40
        + b"\n\n"
        b"Tags: 3.20.1\nSharedTags: 3.20\nArchitectures: amd64\n",
    }
)

VERSIONS = {
    "1.0": {"version": "1.0.9"},
    "2.0": {
        "version": "2.0.3",
        "windows": {"version": "2.0.1", "variants": ["windowsservercore-ltsc2025", "nanoserver-ltsc2025"]},
    },
    "2.1-rc": {"version": "2.1-rc2"},
}


def files(
    versions: Mapping[str, object] = VERSIONS, script: str = SCRIPT, **more: str
) -> dict[str, str | tuple[str, str]]:
    found: dict[str, str | tuple[str, str]] = {
        "generate-stackbrew-library.sh": (script, "100755"),
        "versions.json": json.dumps(versions),
        "docker-entrypoint.sh": "#!/bin/sh\n",
    }
    for key, value in versions.items():
        found[f"{key}/debian/Dockerfile"] = "FROM debian:bookworm-slim\nCOPY docker-entrypoint.sh /x/\n"
        found[f"{key}/debian/docker-entrypoint.sh"] = "1"
        found[f"{key}/alpine/Dockerfile"] = "FROM alpine:3.20\nCOPY docker-entrypoint.sh /x/\n"
        found[f"{key}/alpine/docker-entrypoint.sh"] = "1"
        windows = value.get("windows", {}) if isinstance(value, dict) else {}
        for variant in windows.get("variants", []):
            found[f"{key}/windows/{variant}/Dockerfile"] = (
                "FROM mcr.microsoft.com/windows/servercore:ltsc2025\n"
            )
    found.update(more)
    return found


def generated(directory: Path, library: object = LIBRARY, text: str = PROFILE, **more: object) -> str:
    with Repository.open(directory) as repository:
        commit = repository.resolve("HEAD")
        profiles = profile.read(text.encode(), "manifest.toml")
        return generate(profiles, repository, commit, library, **more)  # type: ignore[arg-type]


def test_the_whole_file(tmp_path: Path) -> None:
    before = files()
    changed = {**before, "2.0/alpine/docker-entrypoint.sh": "2"}
    unrelated = {**changed, "README.md": "x"}
    shas = make(tmp_path, [Commit([], before), Commit([0], changed), Commit([1], unrelated)])
    first, second = shas[0], shas[1]
    assert (
        generated(tmp_path)
        == f"""\
# this file is generated via https://github.com/o/demo/blob/{first}/generate-stackbrew-library.sh

Maintainers: A B <a@example.org> (@a),
             C D (@c)
GitRepo: https://github.com/o/demo.git

Tags: 2.1-rc2, 2.1-rc, 2.1-rc2-bookworm, 2.1-rc-bookworm
Architectures: amd64, arm64v8
GitCommit: {first}
Directory: 2.1-rc/debian

Tags: 2.1-rc2-alpine, 2.1-rc-alpine, 2.1-rc2-alpine3.20, 2.1-rc-alpine3.20
Architectures: amd64
GitCommit: {first}
Directory: 2.1-rc/alpine

Tags: 2.0.3, 2.0, 2, latest, 2.0.3-bookworm, 2.0-bookworm, 2-bookworm, bookworm
Architectures: amd64, arm64v8
GitCommit: {first}
Directory: 2.0/debian

Tags: 2.0.3-alpine, 2.0-alpine, 2-alpine, alpine, 2.0.3-alpine3.20, 2.0-alpine3.20, 2-alpine3.20, alpine3.20
Architectures: amd64
GitCommit: {second}
Directory: 2.0/alpine

Tags: 2.0.1-windowsservercore-ltsc2025, 2.0-windowsservercore-ltsc2025, 2-windowsservercore-ltsc2025, windowsservercore-ltsc2025
SharedTags: 2.0.1-windowsservercore, 2.0-windowsservercore, 2-windowsservercore, windowsservercore
Architectures: windows-amd64
GitCommit: {first}
Directory: 2.0/windows/windowsservercore-ltsc2025
Constraints: windowsservercore-ltsc2025

Tags: 2.0.1-nanoserver-ltsc2025, 2.0-nanoserver-ltsc2025, 2-nanoserver-ltsc2025, nanoserver-ltsc2025
SharedTags: 2.0.1-nanoserver, 2.0-nanoserver, 2-nanoserver, nanoserver
Architectures: windows-amd64
GitCommit: {first}
Directory: 2.0/windows/nanoserver-ltsc2025
Constraints: nanoserver-ltsc2025, windowsservercore-ltsc2025

Tags: 1.0.9, 1.0, 1, 1.0.9-bookworm, 1.0-bookworm, 1-bookworm
Architectures: amd64, arm64v8
GitCommit: {first}
Directory: 1.0/debian

Tags: 1.0.9-alpine, 1.0-alpine, 1-alpine, 1.0.9-alpine3.20, 1.0-alpine3.20, 1-alpine3.20
Architectures: amd64
GitCommit: {first}
Directory: 1.0/alpine
"""
    )


def test_a_parent_that_is_not_there_is_named(tmp_path: Path) -> None:
    make(tmp_path, [Commit([], files())])
    with pytest.raises(BadInput, match=r"debian:bookworm-slim.*not in official-images") as caught:
        generated(tmp_path, MemoryTree({}))
    assert caught.value.file == "2.1-rc/debian/Dockerfile"
    with pytest.raises(BadInput, match="official-images tells"):
        generated(tmp_path, None)


@pytest.mark.parametrize(
    ("change", "file", "message"),
    [
        ({"versions.json": "[]"}, "versions.json", "expected an object"),
        ({"versions.json": '{"1.0": 3}'}, "versions.json", "expected an object"),
        ({"versions.json": '{\n"1.0": {'}, "versions.json", "column"),
        ({"versions.json": '{"../x": {"version": "1"}}'}, None, "leave the tree"),
        ({"versions.json": '{"1.0": {"version": "1; rm"}}'}, "versions.json", "expected a full version"),
        ({"versions.json": '{"1.0": {"windows": {"variants": [".."]}}}'}, None, "leave the tree"),
        ({"versions.json": '{"1.0": {"windows": 5}}'}, "manifest.toml", "does not fit"),
        (
            {"2.0/debian/Dockerfile": "FROM debian:bookworm-slim\nCOPY /etc/x /y\n"},
            "2.0/debian/Dockerfile",
            "outside",
        ),
        (
            {"2.0/debian/Dockerfile": "FROM debian:bookworm-slim\nCOPY ../../../x /y\n"},
            "2.0/debian/Dockerfile",
            "outside",
        ),
        ({"2.0/debian/Dockerfile": "RUN x\n"}, "2.0/debian/Dockerfile", "FROM"),
        (
            {"2.0/debian/Dockerfile": "FROM debian:bookworm-slim\nFROM alpine:3.20\n"},
            "2.0/debian/Dockerfile",
            "one parent",
        ),
        (
            {"2.0/debian/Dockerfile": "FROM --platform=x debian:y\n"},
            "2.0/debian/Dockerfile",
            "not in official-images",
        ),
        ({"generate-stackbrew-library.sh": "x"}, "generate-stackbrew-library.sh", "Maintainers|aliases"),
        (
            {"generate-stackbrew-library.sh": SCRIPT.replace("C D", "$(whoami)")},
            "generate-stackbrew-library.sh",
            "expansion",
        ),
        (
            {"generate-stackbrew-library.sh": SCRIPT.replace("declare -A", "declare")},
            "generate-stackbrew-library.sh",
            "aliases",
        ),
    ],
)
def test_what_does_not_fit_is_one_sentence(
    tmp_path: Path, change: dict[str, str], file: str | None, message: str
) -> None:
    make(tmp_path, [Commit([], {**files(), **change})])
    with pytest.raises(BadInput, match=message) as caught:
        generated(tmp_path)
    assert caught.value.file == file


def test_a_repository_in_another_layout(tmp_path: Path) -> None:
    make(tmp_path, [Commit([], {"README.md": "x"})])
    with pytest.raises(BadInput, match=r"has no generate-stackbrew-library\.sh"):
        generated(tmp_path)
    make(tmp_path / "two", [Commit([], {"generate-stackbrew-library.sh": SCRIPT})])
    with pytest.raises(BadInput, match=r"has no versions\.json"):
        generated(tmp_path / "two")


def test_a_directory_that_does_not_exist_at_the_commit(tmp_path: Path) -> None:
    without = {path: text for path, text in files().items() if not path.startswith("2.0/alpine")}
    make(tmp_path, [Commit([], without)])
    assert "2.0/alpine" not in generated(tmp_path)
    with pytest.raises(BadInput, match="no such file at this commit") as caught:
        generated(tmp_path, text=PROFILE.replace('commit = "copy"', 'commit = "copy"\nabsent = "stop"'))
    assert caught.value.file == "2.0/alpine/Dockerfile"


def test_eras_hold_while_the_script_says_so(tmp_path: Path) -> None:
    text = PROFILE + "\n[[era]]\nwhen = 'sort -rV'\nversions = { order = 'key' }\n"
    make(tmp_path, [Commit([], files(script=SCRIPT + "sort -rV\n"))])
    tags = [line for line in generated(tmp_path, text=text).splitlines() if line.startswith("Directory: ")]
    assert tags[0] == "Directory: 1.0/debian"


def test_architectures_that_do_not_build_are_left_out(tmp_path: Path) -> None:
    text = PROFILE + "\n[[without]]\narches = ['arm64v8']\nkey = '^2'\nmatch = 'debian'\n"
    make(tmp_path, [Commit([], files())])
    printed = generated(tmp_path, text=text)
    assert printed.count("Architectures: amd64, arm64v8\n") == 1
    text = PROFILE + "\n[[without]]\narches = ['amd64']\n"
    with pytest.raises(BadInput, match="no supported architecture"):
        generated(tmp_path, text=text)


def test_parents_in_the_form_of_2016(tmp_path: Path) -> None:
    old = b"# maintainer: x\n\nbookworm-slim: git://github.com/x/y@0123456789 z\n"
    library = MemoryTree({"library/debian": old, "library/alpine": LIBRARY.read("library/alpine") or b""})
    make(tmp_path, [Commit([], files())])
    assert "arm64v8" not in generated(tmp_path, library)


def test_of_a_parent_that_several_entries_share_the_last_counts(tmp_path: Path) -> None:
    """bashbrew prints a line for each, and bash keeps the last."""
    head = b"Maintainers: A (@a)\nGitRepo: https://example.org/r.git\nGitCommit: " + b"1" * 40 + b"\n"
    entries = b"\nTags: a\nSharedTags: bookworm-slim\nArchitectures: amd64\n\nTags: b\nSharedTags: bookworm-slim\nDirectory: b\nArchitectures: i386\n"
    library = MemoryTree(
        {"library/debian": head + entries, "library/alpine": LIBRARY.read("library/alpine") or b""}
    )
    make(tmp_path, [Commit([], files())])
    assert "Architectures: i386\n" in generated(tmp_path, library)


def test_versions_that_are_dropped_get_no_aliases(tmp_path: Path) -> None:
    """The newest candidate may be null: the next one is `rc` then, and not none."""
    text = PROFILE.replace('extra = "script"', "extra = '{($keys[0]): [\"newest\"]}'")
    text = text.replace('full = ".version"', 'full = ".version"\ndrop = ". == null"', 1)
    versions: dict[str, object] = {**VERSIONS, "9.0-rc": None}
    make(tmp_path, [Commit([], {**files(), "versions.json": json.dumps(versions)})])
    assert "Tags: 2.1-rc2, 2.1-rc, newest, " in generated(tmp_path, text=text)


def test_versions_can_be_named(tmp_path: Path) -> None:
    make(tmp_path, [Commit([], files())])
    printed = generated(tmp_path, only=("1.0", "2.1-rc"))
    assert [line for line in printed.splitlines() if line.startswith("Directory")] == [
        *(
            "Directory: 2.1-rc/debian",
            "Directory: 2.1-rc/alpine",
            "Directory: 1.0/debian",
            "Directory: 1.0/alpine",
        )
    ]
    with pytest.raises(BadInput, match="no version '9'"):
        generated(tmp_path, only=("9",))


def test_what_is_larger_than_anything_real_is_refused(tmp_path: Path) -> None:
    many = {f"1.{number}": {"version": f"1.{number}.1"} for number in range(2001)}
    before = files()
    make(
        tmp_path,
        [
            Commit([], {**before, "versions.json": json.dumps(many)}),
            Commit([0], {**before, "generate-stackbrew-library.sh": "#" * 300_000}),
            Commit(
                [1],
                {**before, "versions.json": '{"1.0": {"version": "1", "x": ' + "[" * 90 + "]" * 90 + "}}"},
            ),
            Commit([2], {**before, "generate-stackbrew-library.sh": SCRIPT + "cat <<EOH\n" * 20_000}),
        ],
    )
    with Repository.open(tmp_path) as repository, ends():
        profiles = profile.read(PROFILE.encode(), "manifest.toml")
        for ref, message in (
            ("HEAD~3", "2001 versions"),
            ("HEAD~2", "300000 bytes"),
            ("HEAD~1", None),
            ("HEAD", None),
        ):
            commit = repository.resolve(ref)
            if message is None:
                generate(profiles, repository, commit, LIBRARY)
                continue
            with pytest.raises(BadInput, match=message):
                generate(profiles, repository, commit, LIBRARY)


PLAIN = """
image = "demo"
repository = "https://github.com/o/demo.git"
commit = "copy"
extra = '{}'
arches = ["amd64"]
[versions]
from = "directories"
order = "key"
full = { env = "DEMO_VERSION" }
[[aliases]]
order = ["full", "key"]
[variants]
list = ["", "alpine"]
[[rule]]
match = "^$"
tags = [""]
[[rule]]
tags = ["-{variant}"]
"""


def test_versions_are_directories(tmp_path: Path) -> None:
    make(
        tmp_path,
        [
            Commit(
                [],
                {
                    "generate-stackbrew-library.sh": SCRIPT,
                    "1.0/Dockerfile": "FROM debian:x\nENV DEMO_VERSION 1.0.1\n",
                    "1.0/alpine/Dockerfile": "FROM alpine:x\nENV DEMO_VERSION=1.0.2\n",
                    "2.0/alpine/Dockerfile": "FROM alpine:x\nRUN x\nENV DEMO_VERSION 2.0.2 \n",
                    ".github/x": "x",
                    "docs/x": "x",
                },
            )
        ],
    )
    printed = generated(tmp_path, None, PLAIN)
    assert [line for line in printed.splitlines() if line.startswith("Tags")] == [
        "Tags: 1.0.1, 1.0",
        "Tags: 1.0.2-alpine, 1.0-alpine",
        "Tags: 2.0.2-alpine, 2.0-alpine",
    ]
    of = PLAIN.replace('"DEMO_VERSION" }', '"DEMO_VERSION", of = "^$" }')
    with pytest.raises(BadInput, match="ENV DEMO_VERSION") as caught:
        generated(tmp_path, None, of)
    assert caught.value.file == "2.0/Dockerfile"


BY_HAND = """
image = "demo"
repository = "https://github.com/o/demo.git"
head = "library"
commit = "head"
fields = ["Tags", "SharedTags", "Architectures", "Directory", "Constraints"]
arches = ".arches[$variant]"
extra = '{($keys[0]): ["2", "latest"]}'
[versions]
from = "library"
order = "file"
full = { env = "DEMO", of = "^alpine" }
[[aliases]]
order = ["full", "minor", "extra"]
[variants]
list = ".variants"
[[rule]]
tags = ["-{variant}"]
"""


def test_a_file_that_is_kept_by_hand_is_brought_to_a_commit(tmp_path: Path) -> None:
    present = (
        "Maintainers: A (@a)\nGitRepo: https://example.org/r.git\nGitCommit: "
        + "1" * 40
        + "\nGitFetch: refs/heads/main\n\n"
        "Tags: 2.9.1-alpine3.18\nArchitectures: s390x, amd64\nDirectory: 2.9.x/alpine3.18\n"
    )
    shas = make(
        tmp_path,
        [
            Commit(
                [],
                {"2.9.x/alpine3.19/Dockerfile": "FROM alpine\nENV DEMO 2.9.2\n", "2.9.x/y/Dockerfile": "x"},
            )
        ],
    )
    assert generated(tmp_path, None, BY_HAND, present=present.encode()) == (
        present.replace("1" * 40, shas[0])
        .replace("2.9.1-alpine3.18", "2.9.2-alpine3.19, 2.9-alpine3.19, 2-alpine3.19, alpine3.19")
        .replace("alpine3.18", "alpine3.19")
    )
    with pytest.raises(BadInput, match="no library/demo"):
        generated(tmp_path, None, BY_HAND)


KEPT = (
    BY_HAND.replace(
        'extra = \'{($keys[0]): ["2", "latest"]}\'', 'extra = { library = \'{($keys[0]): ["2", "latest"]}\' }'
    )
    .replace(
        '[[rule]]\ntags = ["-{variant}"]',
        '[[rule]]\ntags = ["-{variant}", "-ax"]\nshared = ["", "-linux"]',
    )
    .replace('"^alpine"', '"^a"')
)
TWO_SERIES = {
    "2.10.x/a3.19/Dockerfile": "FROM alpine\nENV DEMO 2.10.5\n",
    "2.9.x/a3.19/Dockerfile": "FROM alpine\nENV DEMO 2.9.24\n",
}


def _by_hand(*entries: tuple[str, str, str]) -> bytes:
    text = "Maintainers: A (@a)\nGitRepo: https://example.org/r.git\nGitCommit: " + "1" * 40 + "\n"
    for tags, shared, directory in entries:
        text += f"\nTags: {tags}\n" if tags else "\n"
        text += f"SharedTags: {shared}\n" if shared else ""
        text += f"Architectures: amd64\nDirectory: {directory}\n"
    return text.encode()


def _tags_of(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.startswith(("Tags", "SharedTags"))]


@pytest.mark.parametrize(
    ("newer", "older", "expected"),
    [
        (  # as the rule gives them
            ("2.10.4-a3.18, 2-a3.18, a3.18, 2-ax, ax", "2, latest, 2-linux, linux"),
            ("2.9.23-a3.18, 2.9-a3.18", "2.9.23, 2.9"),
            [
                "Tags: 2.10.5-a3.19, 2.10-a3.19, 2-a3.19, a3.19, 2.10.5-ax, 2.10-ax, 2-ax, ax",
                "SharedTags: 2.10.5, 2.10, 2, latest, 2.10.5-linux, 2.10-linux, 2-linux, linux",
                "Tags: 2.9.24-a3.19, 2.9-a3.19, 2.9.24-ax, 2.9-ax",
                "SharedTags: 2.9.24, 2.9, 2.9.24-linux, 2.9-linux",
            ],
        ),
        (  # each form of each field for itself, and 2 without latest
            ("2.10.4-a3.18, 2-a3.18, 2-ax, ax", "2, linux"),
            ("2.9.23-a3.18, 2.9-a3.18", "2.9.23, 2.9, 2, latest"),
            [
                "Tags: 2.10.5-a3.19, 2.10-a3.19, 2-a3.19, 2.10.5-ax, 2.10-ax, 2-ax, ax",
                "SharedTags: 2.10.5, 2.10, 2, 2.10.5-linux, 2.10-linux, linux",
                "Tags: 2.9.24-a3.19, 2.9-a3.19, 2.9.24-ax, 2.9-ax",
                "SharedTags: 2.9.24, 2.9, 2, latest, 2.9.24-linux, 2.9-linux",
            ],
        ),
    ],
)
def test_an_entry_keeps_the_further_aliases_that_the_present_file_gives_it(
    tmp_path: Path, newer: tuple[str, str], older: tuple[str, str], expected: list[str]
) -> None:
    make(tmp_path, [Commit([], TWO_SERIES)])
    present = _by_hand((*newer, "2.10.x/a3.18"), (*older, "2.9.x/a3.18"))
    assert _tags_of(generated(tmp_path, None, KEPT, present=present)) == expected


@pytest.mark.parametrize(
    "newer", ["", "2.9.23-a3.18, 2-a3.18, a3.18"], ids=["no tags yet", "a copy of the old"]
)
def test_a_series_that_is_being_added_to_the_present_file_gets_what_the_rule_says(
    tmp_path: Path, newer: str
) -> None:
    make(tmp_path, [Commit([], TWO_SERIES)])
    old = ("2.9.23-a3.18, 2-a3.18, a3.18", "2, latest")
    present = _by_hand((newer, "", "2.10.x/a3.19"), (*old, "2.9.x/a3.18"))
    assert _tags_of(generated(tmp_path, None, KEPT, present=present)) == [
        "Tags: 2.10.5-a3.19, 2.10-a3.19, 2-a3.19, a3.19, 2.10.5-ax, 2.10-ax, 2-ax, ax",
        "SharedTags: 2.10.5, 2.10, 2, latest, 2.10.5-linux, 2.10-linux, 2-linux, linux",
        "Tags: 2.9.24-a3.19, 2.9-a3.19, 2.9.24-ax, 2.9-ax",
        "SharedTags: 2.9.24, 2.9, 2.9.24-linux, 2.9-linux",
    ]


def test_an_alias_that_is_the_version_s_own_needs_no_present_one(tmp_path: Path) -> None:
    make(tmp_path, [Commit([], TWO_SERIES)])
    text = KEPT.replace('"minor", "extra"', '"major", "extra"').replace(
        '["2", "latest"]', '["2", "latest", "x"]'
    )
    present = _by_hand(("2.9.23-a3.18, x-a3.18", "", "2.9.x/a3.18"))
    assert _tags_of(generated(tmp_path, None, text, present=present))[0] == (
        "Tags: 2.9.24-a3.19, 2-a3.19, x-a3.19, 2.9.24-ax, 2-ax"
    )


def test_further_aliases_are_kept_with_a_suite_that_moves(tmp_path: Path) -> None:
    make(tmp_path, [Commit([], {"2.9.x/a/Dockerfile": "FROM debian:trixie-slim\nENV DEMO 2.9.2\n"})])
    text = KEPT.replace('"-ax"', '"-{suite}"')
    present = _by_hand(("2.9.1-a, 2.9-a, 2.9.1-bookworm, 2.9-bookworm, bookworm", "", "2.9.x/a"))
    assert _tags_of(generated(tmp_path, None, text, present=present))[0] == (
        "Tags: 2.9.2-a, 2.9-a, 2.9.2-trixie, 2.9-trixie, trixie"
    )


@pytest.mark.parametrize(
    ("there", "directory"),
    [
        (["2.9.22", "2.10.0", "12.9.0"], "2.9.22/a3.19"),
        (["v2.9.22", "2.9.x", "2.90.1"], "2.9.x/a3.19"),
        (["2.9.22", "2.9.x"], None),  # which of them is the editor's decision
        (["2.10.0"], None),
    ],
)
def test_a_version_whose_directory_is_gone_is_the_one_of_its_series(
    tmp_path: Path, there: list[str], directory: str | None
) -> None:
    dockerfile = "FROM alpine\nENV DEMO 2.9.22\n"
    make(tmp_path, [Commit([], {f"{one}/a3.19/Dockerfile": dockerfile for one in there})])
    present = _by_hand(("2.9.21-a3.18, 2-a3.18", "", "2.9.21/a3.18"))
    printed = generated(tmp_path, None, KEPT, present=present)
    lines = [line for line in printed.split("\n") if line.startswith("Directory:")]
    assert lines == ([] if directory is None else [f"Directory: {directory}"])
    if directory is not None:
        assert "Tags: 2.9.22-a3.19, 2.9-a3.19, 2-a3.19, 2.9.22-ax, 2.9-ax\n" in printed


BRANCHES = (
    PROFILE
    + """
[branches]
match = '^release/(?P<series>[0-9.]+)$'
variants = '^windows/'
full = { env = "DEMO_VERSION" }
[[branches.aliases]]
full = '-|[.][0-9]+[.][0-9]+[.]'
order = ["full"]
[[branches.aliases]]
order = ["full", "key", "extra"]
extra = 'keys | sort_by(split(".") | map(tonumber)) | {(last): ["8", "latest"]}'
"""
)

PRESENT = """\
# kept by hand
Maintainers: A (@a)
GitRepo: https://example.org/r.git

# newest
Tags: 8.10.1, 8.10, 8,
  latest
Architectures:  riscv64, amd64
GitCommit: 1111111111111111111111111111111111111111
GitFetch: refs/tags/v8.10.1
Directory: debian

Tags: 8.10.1-alpine, 8.10-alpine
GitCommit: 1111111111111111111111111111111111111111
GitFetch: refs/tags/v8.10.1
Directory: alpine

Tags: 8.8.5, 8.8
GitCommit: 2222222222222222222222222222222222222222
GitFetch: refs/tags/v8.8.5
Directory: debian"""


def _branch(version: str, *variants: str) -> dict[str, str]:
    return {
        f"windows/{one}/Dockerfile": f"FROM mcr.microsoft.com/windows/servercore:ltsc2025\nENV DEMO_VERSION {version}\n"
        for one in variants
    }


def test_release_branches_keep_the_linux_entries_as_they_stand(tmp_path: Path) -> None:
    series = _branch("8.8.4", "windowsservercore-ltsc2025", "nanoserver-ltsc2025")
    shas = make(
        tmp_path,
        [
            Commit([], {"alpine/Dockerfile": "x", **series}),
            Commit([0], {"alpine/Dockerfile": "y", **series}),
            Commit([], {"alpine/Dockerfile": "x", **_branch("8.10.0.1", "windowsservercore-ltsc2025")}),
            Commit([], {"README.md": "x"}),
        ],
    )
    from .repos import git

    git(tmp_path, "update-ref", "refs/heads/release/8.8", shas[1])
    git(tmp_path, "update-ref", "refs/remotes/origin/release/8.10", shas[2])
    git(tmp_path, "update-ref", "refs/heads/other", shas[2])
    printed = generated(tmp_path, None, BRANCHES, present=PRESENT.encode())
    rebuilt = f"""
Tags: 8.10.0.1-windowsservercore-ltsc2025
SharedTags: 8.10.0.1-windowsservercore
Architectures: windows-amd64
GitCommit: {shas[2]}
GitFetch: refs/heads/release/8.10
Directory: windows/windowsservercore-ltsc2025
Constraints: windowsservercore-ltsc2025
"""
    lagging = f"""
Tags: 8.8.4-windowsservercore-ltsc2025, 8.8-windowsservercore-ltsc2025
SharedTags: 8.8.4-windowsservercore, 8.8-windowsservercore
Architectures: windows-amd64
GitCommit: {shas[0]}
GitFetch: refs/heads/release/8.8
Directory: windows/windowsservercore-ltsc2025
Constraints: windowsservercore-ltsc2025

Tags: 8.8.4-nanoserver-ltsc2025, 8.8-nanoserver-ltsc2025
SharedTags: 8.8.4-nanoserver, 8.8-nanoserver
Architectures: windows-amd64
GitCommit: {shas[0]}
GitFetch: refs/heads/release/8.8
Directory: windows/nanoserver-ltsc2025
Constraints: nanoserver-ltsc2025, windowsservercore-ltsc2025
"""
    head, eight_eight = PRESENT.split("\n\nTags: 8.8.5")
    assert printed == f"{head}\n{rebuilt}\nTags: 8.8.5{eight_eight}\n{lagging.rstrip()}"
    # Once more changes nothing; a directory that is gone takes its entry with it.
    assert generated(tmp_path, None, BRANCHES, present=printed.encode()) == printed
    git(tmp_path, "update-ref", "-d", "refs/remotes/origin/release/8.10")
    git(tmp_path, "update-ref", "-d", "refs/heads/other")
    less = generated(tmp_path, None, BRANCHES, present=printed.encode())
    assert less.replace("latest", "") != less and "8.10.0.1" not in less
    # A commit that is no branch's yet is read in its place.
    more = generated(tmp_path, None, BRANCHES, present=PRESENT.encode(), branches={"release/8.10": shas[2]})
    assert "8.10.0.1" in more


def test_names_without_a_series_wait_for_the_series_that_has_them_on_linux(tmp_path: Path) -> None:
    """As redis' profile has it: 8.8 gets neither ``8`` nor the bare names while 8.10 has them, with or without Windows."""
    profile = BRANCHES.replace(
        """extra = 'keys | sort_by(split(".") | map(tonumber)) | {(last): ["8", "latest"]}'""",
        "extra = 'map_values(.linux)'",
    )
    assert profile != BRANCHES
    shas = make(tmp_path, [Commit([], _branch(v, "windowsservercore-ltsc2025")) for v in ("8.8.4", "8.10.0")])
    from .repos import git

    git(tmp_path, "update-ref", "refs/heads/release/8.8", shas[0])
    alone = generated(tmp_path, None, profile, present=PRESENT.encode())
    older = "Tags: 8.8.4-windowsservercore-ltsc2025, 8.8-windowsservercore-ltsc2025\nSharedTags: 8.8.4-windowsservercore, 8.8-windowsservercore\n"
    assert older in alone
    git(tmp_path, "update-ref", "refs/heads/release/8.10", shas[1])
    both = generated(tmp_path, None, profile, present=PRESENT.encode())
    assert older in both
    assert (
        "Tags: 8.10.0-windowsservercore-ltsc2025, 8.10-windowsservercore-ltsc2025, 8-windowsservercore-ltsc2025, "
        "windowsservercore-ltsc2025\n"
        "SharedTags: 8.10.0-windowsservercore, 8.10-windowsservercore, 8-windowsservercore, windowsservercore\n"
    ) in both


@pytest.mark.parametrize(
    ("order", "key", "full", "expected"),
    [
        (["full", "key", "extra"], "3.14", "3.14.0", ["3.14.0", "3.14", "e"]),
        (["full", "key"], "1.21", "1.21", ["1.21"]),
        (["full", "minor", "extra"], "2.10.x", "2.10.5", ["2.10.5", "2.10", "e"]),
        (["full", "minor"], "2.9.10", "2.9.10", ["2.9.10", "2.9"]),
        (["full", "major"], "x", "4", ["4"]),
        (["cut.", "key"], "7.4-rc", "7.4-rc2", ["7.4-rc2", "7.4-rc"]),
        (["cut.-", "key"], "6.0-rc", "6.0-rc1", ["6.0-rc1", "6.0", "6.0-rc"]),
        (["cut.", "key"], "8.6", "8.6.1.1", ["8.6.1.1", "8.6.1", "8.6"]),
        (["cut.-", "key?", "extra"], "28", "28.1.0", ["28.1.0", "28.1", "e"]),
        (["cut.-", "key?"], "28", "27.1", ["27.1", "28"]),
    ],
)
def test_version_aliases(order: list[str], key: str, full: str, expected: list[str]) -> None:
    assert list(version_aliases(order, key, full, ["e"])) == expected


def test_suffixes() -> None:
    aliases = ["1.2", "latest"]
    assert suffixed(aliases, ["", "-x", "1:-{suite}"], {"suite": "s"}) == [
        "1.2",
        "latest",
        "1.2-x",
        "x",
        "1.2-s",
    ]


# What `sort -V` of GNU coreutils 9.1 prints.
@pytest.mark.parametrize(
    "ordered",
    [
        ["1.9", "1.10", "1.10-rc", "2"],
        ["3.7", "3.10", "3.10-rc", "3.11"],
        ["6", "6.0", "6.0-rc", "6.2"],
        ["7.0", "7.0a", "7.0-rc", "7.0.1", "tip"],
        ["8.0~rc1", "8.0"],
        ["01", "1", "02"],
    ],
)
def test_versions_sort_as_with_gnu(ordered: list[str]) -> None:
    from functools import cmp_to_key

    shuffled = ordered[1:] + ordered[:1]
    assert sorted(shuffled, key=cmp_to_key(compare_versions)) == ordered


@given(st.lists(st.text(alphabet="019.-ar~", min_size=1, max_size=6), min_size=3, max_size=3))
def test_the_order_of_versions_is_one(names: list[str]) -> None:
    a, b, c = names
    assert (compare_versions(a, b) > 0) == (compare_versions(b, a) < 0)
    if compare_versions(a, b) <= 0 and compare_versions(b, c) <= 0:
        assert compare_versions(a, c) <= 0


# Merged states of official-images and the commits that they were made from (GENERATORS; the replay tool).
@pytest.mark.parametrize("image", ["golang", "docker", "nats"])
def test_the_newest_merged_file(clones: Path, image: str) -> None:
    name = "nats-io+nats-docker" if image == "nats" else f"docker-library+{image}"
    with (
        Repository.open(clones / name / "repo") as repository,
        Repository.open(clones / "docker-library+official-images" / "repo") as official,
    ):
        tree = official.tree("37079fb336f572a88700cf32e5e1f6be54a04e8f")
        printed = generate(profile.load(image), repository, repository.resolve("HEAD"), tree)
        assert printed.encode() == tree.read(f"library/{image}")
