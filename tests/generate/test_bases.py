"""A Windows release added to a repository, dropped or held, in the forms that upstream's scripts have."""

from __future__ import annotations

import json
from datetime import date

import pytest

from contrib.generate import holds
from contrib.generate.bases import add, checked_release, drop
from contrib.values.errors import BadInput
from contrib.values.tree import FileChange, MemoryTree, OverlayTree, Tree

#: golang's and python's form: releases, and what they are releases of after the list.
GROUPS = """\
	variants: [
		(
			"ltsc2022",
			"1809",
			empty
		| "windows/windowsservercore-" + .),
		(
			"ltsc2022",
			"1809"
		| "windows/nanoserver-" + .)
	],
"""
#: mongo's form: whole names, the last without a comma. docker's: words of a shell.
NAMES = '\t"windowsservercore-ltsc2022",\n\t"windowsservercore-1809",\n\t"nanoserver-ltsc2022",\n\t"nanoserver-1809"\n'
WORDS = "\tdind \\\n\twindows/windowsservercore-ltsc2022 \\\n\twindows/windowsservercore-1809 \\\n; do\n"
VARIANTS = ["alpine", "windows/windowsservercore-ltsc2022", "windows/windowsservercore-1809",
            "windows/nanoserver-ltsc2022", "windows/nanoserver-1809"]  # fmt: skip


def tree(script: str) -> MemoryTree:
    versions = {
        "1.2": {"version": "1.2.3", "variants": VARIANTS},
        "1.1": None,
        "1.0": {"variants": ["alpine"]},
    }
    files = {f"1.2/{name}/Dockerfile": b"FROM x\n" for name in VARIANTS}
    files["1.0/alpine/Dockerfile"] = b"FROM x\n"
    return MemoryTree(
        {
            "versions.json": (json.dumps(versions, indent=2) + "\n").encode(),
            "versions.sh": script.encode(),
            **files,
        }
    )


def render(over: Tree) -> list[FileChange]:
    """Upstream's script: the directories that the data names, and no other."""
    wanted = {
        f"{series}/{name}/Dockerfile"
        for series, value in json.loads(over.read("versions.json") or b"").items()
        for name in (value or {}).get("variants", [])
    }
    made = [FileChange(path, b"FROM x\n") for path in sorted(wanted)]
    return made + [
        FileChange(path, None) for path in over.paths() if path.endswith("file") and path not in wanted
    ]


def after(before: MemoryTree, files: tuple[FileChange, ...]) -> tuple[str, list[str]]:
    there = OverlayTree(before, files)
    listed = json.loads(there.read("versions.json") or b"")["1.2"]["variants"]
    return (there.read("versions.sh") or b"").decode(), listed


def test_a_release_goes_before_the_older_ones() -> None:
    before = tree(GROUPS)
    made = add(before, "ltsc2025", render)
    script, listed = after(before, made.files)
    assert script.count('"ltsc2025",\n\t\t\t"ltsc2022",') == 2 and script.count("ltsc2025") == 2
    assert listed[1:3] == ["windows/windowsservercore-ltsc2025", "windows/windowsservercore-ltsc2022"]
    assert "1.2/windows/nanoserver-ltsc2025/Dockerfile" in [file.path for file in made.files]
    assert made.title == "Add Windows Server 2025 variants" and list(made.variants) == ["1.2"]


def test_one_kind_alone() -> None:
    before = tree(GROUPS)
    script, listed = after(before, add(before, "ltsc2025", render, kinds=["windowsservercore"]).files)
    assert script.count("ltsc2025") == 1 and not any("nanoserver-ltsc2025" in one for one in listed)


@pytest.mark.parametrize("script", [GROUPS, NAMES, WORDS])
def test_dropping_what_was_added_gives_what_was_there(script: str) -> None:
    before = tree(script)
    added = OverlayTree(before, add(before, "ltsc2025", render).files)
    assert b"ltsc2025" in (added.read("versions.sh") or b"")
    again = OverlayTree(added, drop(added, "ltsc2025", render).files)
    assert {path: again.read(path) for path in again.paths()} == {
        path: before.read(path) for path in before.paths()
    }


def test_the_last_item_leaves_no_comma_behind() -> None:
    before = tree(NAMES)
    script, _ = after(before, drop(before, "1809", render).files)
    assert script == '\t"windowsservercore-ltsc2022",\n\t"nanoserver-ltsc2022"\n'


def test_a_variant_that_is_held_stays_as_a_comment() -> None:
    before = tree(NAMES)
    made = drop(before, "ltsc2022", render, kinds=["nanoserver"], hold="it does not start: #12")
    script, listed = after(before, made.files)
    assert '\t#"nanoserver-ltsc2022", # it does not start: #12\n\t"nanoserver-1809"' in script
    assert "windows/nanoserver-ltsc2022" not in listed and '"windowsservercore-ltsc2022",' in script


@pytest.mark.parametrize("script", [GROUPS, NAMES, WORDS])
@pytest.mark.parametrize("release", ["ltsc2022", "1809"])
@pytest.mark.parametrize(
    "kinds", [["windowsservercore"], ["nanoserver"], ["windowsservercore", "nanoserver"]]
)
def test_a_hold_is_read_back_and_lifted(script: str, release: str, kinds: list[str]) -> None:
    before = tree(script)
    hold = holds.made("any", "it does not start", "https://example.org/1", "8.0.6")
    kept = OverlayTree(before, drop(before, release, render, kinds=kinds, hold=hold).files)
    there = [kind for kind in kinds if script is not WORDS or kind == "windowsservercore"]
    assert {(one.variant, one.comment) for one in holds.in_scripts(kept)} == {
        (f"{kind}-{release}", "it does not start (https://example.org/1; until 8.0.6)") for kind in there
    }
    again = OverlayTree(kept, add(kept, release, render, kinds=kinds).files)
    assert {path: again.read(path) for path in again.paths()} == {
        path: before.read(path) for path in before.paths()
    }


def test_a_comment_does_not_break_a_shell_list() -> None:
    before = tree(
        "\tfor variant in \\\n\t\twindows/windowsservercore-ltsc2022 \\\n\t\twindows/windowsservercore-1809 \\\n\t; do\n"
    )
    script, _ = after(before, drop(before, "1809", render, hold="not yet").files)
    assert script.startswith("\t#windows/windowsservercore-1809 # not yet\n\tfor variant in \\\n")
    assert script.count("1809") == 1


@pytest.mark.parametrize(
    ("until", "lift"),
    [
        ("", False),
        ("8.0.6", True),
        ("8.0.7", False),
        ("7.0.1", True),
        ("9.0.0", False),
        ("2026-11-28", True),
        ("2026-11-29", False),
        ("10.0.26100.4652", True),
        ("10.0.26100.9999", False),
        ("10.0.20348.1", False),
    ],
)
def test_when_a_hold_may_be_lifted(until: str, lift: bool) -> None:
    hold = holds.Hold("nanoserver-ltsc2025", "why", "", until)
    versions = {"8.0": "8.0.6", "7.0": "7.0.26"}
    runners = {"ltsc2025": "10.0.26100.5000" if "26100" in until else "10.0.26100.1"}
    found = holds.judge(hold, versions, date(2026, 11, 28), runners=runners if "20348" not in until else {})
    assert found.lift is lift, found.why
    assert holds.judge(hold, versions, date(2026, 1, 1), passed={hold.variant: "it passed"}).lift


def test_refused() -> None:
    with pytest.raises(BadInput, match="there already"):
        add(tree(GROUPS), "ltsc2022", render)
    with pytest.raises(BadInput, match="no series has a variant"):
        drop(tree(GROUPS), "ltsc2025", render)
    once = drop(tree(GROUPS), "1809", render)
    with pytest.raises(BadInput, match=r"only Windows release of 1\.2"):
        drop(OverlayTree(tree(GROUPS), once.files), "ltsc2022", render)
    for wrong in ("", "latest", "ltsc2025;id", "../1809"):
        with pytest.raises(BadInput):
            checked_release(wrong)
