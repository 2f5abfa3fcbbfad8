"""What a change means, told once and by version."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from contrib.library import LibraryFile, parse
from contrib.library.diff import as_json, diff, markdown, summary, text

A, B, N = "a" * 40, "b" * 40, "c" * 40
HEADER = "Maintainers: Ann (@ann)\nGitRepo: https://example.org/r.git\n"

OLD = f"""{HEADER}
Tags: 2.0.1, 2.0, 2, latest
Architectures: amd64, s390x
GitCommit: {A}
Directory: 2.0

Tags: 1.9.4, 1.9, 1
GitCommit: {A}
Directory: 1.9

Tags: 1.8.0
GitCommit: {A}
Directory: 1.8
"""
NEW = f"""# reordered, and with a comment
{HEADER}
Tags: 1.9.4, 1.9, 1
GitCommit: {A}
Directory: ./1.9/

Tags: 2.1.0, 2.1, 2, latest
Architectures: amd64, arm64v8, s390x
GitCommit: {B}
Directory: 2.1

Tags: 2.0.2, 2.0
Architectures: amd64
GitCommit: {B}
Directory: 2.0

Tags: 2.1.0-windowsservercore-ltsc2025
SharedTags: 2.1.0-windowsservercore
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2025
GitCommit: {B}
Directory: 2.1/windows
"""


def library(data: str, name: str = "library/demo") -> LibraryFile:
    return parse(data.encode(), name)


def test_a_release() -> None:
    found = diff(library(OLD), library(NEW))
    assert [entry.tags[0] for entry in found.added] == ["2.1.0", "2.1.0-windowsservercore-ltsc2025"]
    assert [entry.tags[0] for entry in found.removed] == ["1.8.0"]
    (change,) = found.changed
    assert (change.old.tags[0], change.new.tags[0]) == ("2.0.1", "2.0.2")
    assert (change.tags_added, change.tags_removed) == (("2.0.2",), ("2.0.1", "2", "latest"))
    assert [(field.name, field.added, field.removed) for field in change.fields] == [
        ("Architectures", (), ("s390x",)),
        ("GitCommit", (), ()),
    ]
    moves = {move.tags: (move.old, move.new, move.entries) for move in found.moves}
    assert moves == {("2", "latest"): ((A,), (B,), ("2.0.1", "2.1.0")), ("2.0",): ((A,), (B,), None)}
    assert found.disappeared == ("2.0.1", "1.8.0")
    assert summary(found) == "1 entry changed, 2 added, 1 removed; 5 tags new, 2 gone, 3 on other commits"


def test_layout_makes_no_difference() -> None:
    found = diff(library(OLD), library("# c\n" + OLD.replace("Directory: 2.0", "Directory:   ./2.0//")))
    assert not found
    assert summary(found) == "no difference"


def test_header_is_told_once() -> None:
    old = f"{HEADER}GitCommit: {A}\n\nTags: 1\n\nTags: 2\nDirectory: x\n"
    found = diff(library(old), library(old.replace(A, B).replace("r.git", "s.git")))
    assert [(field.name, field.old, field.new) for field in found.header] == [
        ("GitRepo", "https://example.org/r.git", "https://example.org/s.git"),
        ("GitCommit", A, B),
    ]
    assert found.changed == ()
    assert [move.tags for move in found.moves] == [("1", "2")]


def test_a_tag_that_becomes_shared() -> None:
    old = f"{HEADER}GitCommit: {A}\n\nTags: 1.0, 1, latest\n"
    new = (
        f"{HEADER}GitCommit: {A}\n\nTags: 1.0\nSharedTags: 1, latest\n\nTags: 1.0-nanoserver-ltsc2025\n"
        "SharedTags: 1, latest\nArchitectures: windows-amd64\nConstraints: nanoserver-ltsc2025\n"
        f"GitCommit: {B}\nDirectory: nano\n"
    )
    found = diff(library(old), library(new))
    (change,) = found.changed
    assert change.shared == ("1", "latest")
    assert [(move.tags, move.old, move.new) for move in found.moves] == [(("1", "latest"), (A,), (A, B))]
    assert "shared now: 1, latest" in text(found)


def test_new_and_gone_files() -> None:
    found = diff(None, library(OLD))
    assert len(found.added) == 3
    assert found.name == "demo"
    gone = diff(library(OLD), None)
    assert len(gone.removed) == 3
    assert gone.disappeared == ("2.0.1", "2.0", "2", "latest", "1.9.4", "1.9", "1", "1.8.0")


def test_text() -> None:
    assert text(diff(library(OLD), library(NEW))) == (
        "library/demo: 1 entry changed, 2 added, 1 removed; 5 tags new, 2 gone, 3 on other commits\n"
        "  + 2.1.0, 2.1, 2, latest\n"
        "      Architectures: amd64, arm64v8, s390x\n"
        f"      GitCommit: {B}\n"
        "      Directory: 2.1\n"
        "  + 2.1.0-windowsservercore-ltsc2025\n"
        "      SharedTags: 2.1.0-windowsservercore\n"
        "      Architectures: windows-amd64\n"
        f"      GitCommit: {B}\n"
        "      Directory: 2.1/windows\n"
        "      Constraints: windowsservercore-ltsc2025\n"
        "  - 1.8.0\n"
        "  ~ 2.0.2 (was 2.0.1)\n"
        "      tags + 2.0.2\n"
        "      tags - 2.0.1, 2, latest\n"
        "      tags = 2.0\n"
        "      Architectures: - s390x\n"
        "      GitCommit: aaaaaaaaaaaa → bbbbbbbbbbbb\n"
        "  tags that change entries\n"
        "      2, latest: from 2.0.1 to 2.1.0\n"
        "  tags gone\n"
        "      2.0.1, 1.8.0\n"
    )


def test_markdown_and_json() -> None:
    found = diff(library(OLD), library(NEW))
    shown = markdown(found)
    assert "| `2`, `latest` | `2.0.1` `aaaaaaaaaaaa` | `2.1.0` `bbbbbbbbbbbb` |" in shown
    assert "`windowsservercore-ltsc2025`" in shown
    shape = json.loads(json.dumps(as_json(found)))
    assert shape["tags"]["moved"][0] == {
        "tags": ["2", "latest"],
        "from": [A],
        "to": [B],
        "from_entry": "2.0.1",
        "to_entry": "2.1.0",
    }
    assert shape["changed"][0]["fields"][0] == {
        "field": "Architectures",
        "old": "amd64, s390x",
        "new": "amd64",
        "added": [],
        "removed": ["s390x"],
    }


def test_hostile_names_stay_in_their_cells() -> None:
    new = f"{HEADER}GitCommit: {A}\n\nTags: 1\nDirectory: a|b`c\x1b[31m\n"
    shown = markdown(diff(None, library(new)))
    row = next(line for line in shown.splitlines() if line.startswith("| `1`"))
    assert row.count(" | ") == 5
    assert "\x1b" not in shown
    assert "\x1b" not in text(diff(None, library(new)))


ENTRIES = st.lists(
    st.tuples(
        st.lists(
            st.sampled_from(["1.0", "1", "2.0", "2", "latest", "alpine", "2.0-alpine"]),
            min_size=1,
            unique=True,
        ),
        st.sampled_from([A, B, N]),
        st.sampled_from([".", "x", "y"]),
    ),
    max_size=4,
)


def built(entries: list[tuple[list[str], str, str]]) -> LibraryFile:
    seen: set[str] = set()
    parts = [HEADER]
    for tags, commit, directory in entries:
        own = [tag for tag in tags if tag not in seen]
        seen.update(own)
        if own:
            parts.append(f"Tags: {', '.join(own)}\nGitCommit: {commit}\nDirectory: {directory}\n")
    return library("\n".join(parts))


@given(ENTRIES, ENTRIES)
@settings(max_examples=200, deadline=None)
def test_every_tag_is_accounted_for(
    one: list[tuple[list[str], str, str]], two: list[tuple[list[str], str, str]]
) -> None:
    old, new = built(one), built(two)
    found = diff(old, new)
    before = {tag: entry for entry in old.entries for tag in entry.tags}
    after = {tag: entry for entry in new.entries for tag in entry.tags}
    assert set(found.appeared) == after.keys() - before.keys()
    assert set(found.disappeared) == before.keys() - after.keys()
    told = {tag for move in found.moves for tag in move.tags}
    for tag in before.keys() & after.keys():
        if before[tag].git_commit != after[tag].git_commit:
            assert tag in told
    back = diff(new, old)
    assert set(back.appeared) == set(found.disappeared)
    assert len(found.added) + len(old.entries) == len(found.removed) + len(new.entries)
    assert (text(found), markdown(found)) == (text(diff(old, new)), markdown(diff(old, new)))
