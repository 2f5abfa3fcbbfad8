"""Two changes of one text: both stay, or they touch the same lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrib.library import parse
from contrib.pulls.gates import gates, linux_is_left_alone
from contrib.pulls.threeway import merge, merge_text
from contrib.values.tree import FileChange, MemoryTree

BASE = b"FROM x\nENV V 1\nRUN a\n\nEXPOSE 1\n"


@pytest.mark.parametrize(
    ("ours", "theirs", "both"),
    [
        (b"FROM x\nENV V 2\nRUN a\n\nEXPOSE 1\n", BASE, b"FROM x\nENV V 2\nRUN a\n\nEXPOSE 1\n"),
        (BASE, b"FROM x\nENV V 1\n", b"FROM x\nENV V 1\n"),
        # neighbours: a comment above the line that is bumped, and one below it
        (b"FROM x\nENV V 2\nRUN a\n\nEXPOSE 1\n", b"FROM x\n# why\nENV V 1\nRUN a\n\nEXPOSE 1\n", b"FROM x\n# why\nENV V 2\nRUN a\n\nEXPOSE 1\n"),
        (b"FROM x\nENV V 2\nRUN a\n\nEXPOSE 1\n", b"FROM x\nENV V 1\n# so\nRUN a\n\nEXPOSE 1\n", b"FROM x\nENV V 2\n# so\nRUN a\n\nEXPOSE 1\n"),
        (b"FROM x\nENV V 2\nRUN a\n\nEXPOSE 1\n", b"FROM x\nENV V 1\nRUN b\n\nEXPOSE 1\n", b"FROM x\nENV V 2\nRUN b\n\nEXPOSE 1\n"),
        # the same change on both sides, and another one
        (b"FROM y\nENV V 2\nRUN a\n\nEXPOSE 1\n", b"FROM y\nENV V 1\nRUN a\n\nEXPOSE 1\n", b"FROM y\nENV V 2\nRUN a\n\nEXPOSE 1\n"),
        # the same lines
        (b"FROM x\nENV V 2\nRUN a\n\nEXPOSE 1\n", b"FROM x\nENV V 3\nRUN a\n\nEXPOSE 1\n", None),
        (b"FROM x\nENV V 2\nRUN a\n\nEXPOSE 1\n", b"FROM x\n\nEXPOSE 1\n", None),
        (b"FROM x\n# one\nENV V 1\nRUN a\n\nEXPOSE 1\n", b"FROM x\n# two\nENV V 1\nRUN a\n\nEXPOSE 1\n", None),
    ],
)  # fmt: skip
def test_merging(ours: bytes, theirs: bytes, both: bytes | None) -> None:
    assert merge_text(BASE, ours, theirs) == both
    if both is not None:
        assert merge_text(BASE, theirs, ours) == both


lines = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=6).map(lambda each: "\n".join(each).encode())


@given(lines, lines)
def test_one_side_alone_wins(base: bytes, other: bytes) -> None:
    assert (
        merge_text(base, base, other)
        == other
        == merge_text(base, other, base)
        == merge_text(base, other, other)
    )


def test_files() -> None:
    pushed = MemoryTree({"a": b"1\n\n2\n", "gone": b"x", "same": b"s", "moved": b"m\n\nn\n"})
    upstream = MemoryTree({"a": b"one\n\n2\n", "same": b"s", "new": b"m\n\nN\n"})
    wanted = [FileChange("a", b"1\n\ntwo\n"), FileChange("gone", b"y"), FileChange("same", b"t"), FileChange("moved", b"M\n\nn\n"), FileChange("more", b"z")]  # fmt: skip
    done = merge(wanted, pushed, upstream, moved={"moved": "new"}, last_commit=lambda path: f"abc {path}")
    assert {change.path: change.content for change in done.files} == {
        "a": b"one\n\ntwo\n", "same": b"t", "new": b"M\n\nN\n", "more": b"z",
    }  # fmt: skip
    assert [each.path for each in done.kept] == ["a", "gone", "new"] and not done.conflicts
    assert done.kept[0].lines == ("-1", "+one") and "abc a" in done.kept[0].sentence


HEAD = "Maintainers: A <a@example.com> (@a)\nGitRepo: https://github.com/docker-library/redis.git\n\n"
ENTRY = "Tags: {tags}\nArchitectures: {arches}\nGitCommit: {commit}\nDirectory: {directory}\n"


def entry(tags: str, arches: str = "amd64", commit: str = "a" * 40, directory: str = "7.2/debian") -> str:
    return ENTRY.format(tags=tags, arches=arches, commit=commit, directory=directory)


def names(
    listed: str, proposed: str, printed: str | None = None, reachable: bool = True, ours: bool = False
) -> list[str]:
    def of(text: str) -> object:
        return parse((HEAD + text).encode(), "library/redis")

    found = gates(
        of(listed), of(proposed), printed=lambda: None if printed is None else of(printed),  # type: ignore[arg-type,return-value]
        reachable=lambda _: reachable, unmerged=lambda _: ours,
    )  # fmt: skip
    return [gate.guard for gate in found]


OLD = entry("7.2.4, 7.2, 7, latest")
WINDOWS = "\n" + entry(
    "7.2.4-windowsservercore-ltsc2022, 7.2-windowsservercore-ltsc2022",
    "windows-amd64",
    directory="7.2/windows/x",
)


@pytest.mark.parametrize(
    ("listed", "proposed", "more", "guards"),
    [
        (OLD, OLD + WINDOWS, {}, []),
        (OLD, entry("7.2.5, 7.2, 7, latest", commit="b" * 40), {"printed": OLD}, []),
        (OLD + "\n" + entry("7.0.15, 7.0", directory="7.0/debian"), OLD, {}, ["series-dropped"]),
        (OLD + WINDOWS, OLD, {}, ["series-dropped"]),
        (OLD + "\n" + entry("7.2.4-alpine, 7.2-alpine", directory="7.2/alpine"), OLD, {}, ["series-dropped"]),
        (entry("7.2.5, 7.2, latest", commit="b" * 40), OLD.replace("7, ", ""), {"printed": entry("7.2.5, 7.2, latest", commit="b" * 40)}, ["tag-down"]),
        (entry("7.2.4, 7.2, 7, latest", "amd64, riscv64"), OLD, {"printed": OLD}, ["linux-changed"]),
        (entry("7.2.4, 7.2, 7, latest", "amd64, riscv64"), OLD, {}, ["linux-changed"]),
        (entry("7.2.4, 7.2, latest"), OLD, {"printed": OLD}, ["linux-changed"]),
        (OLD, OLD, {"reachable": False}, ["gitfetch"]),
        (OLD, OLD, {"ours": True}, ["unmerged-commit"]),
    ],
)  # fmt: skip
def test_gates(listed: str, proposed: str, more: dict[str, object], guards: list[str]) -> None:
    assert names(listed, proposed, **more) == guards  # type: ignore[arg-type]


def test_linux_is_left_alone_is_computed() -> None:
    def of(text: str) -> object:
        return parse((HEAD + text).encode(), "library/redis")

    assert linux_is_left_alone(of(OLD), of(OLD + WINDOWS))  # type: ignore[arg-type]
    assert not linux_is_left_alone(of(OLD), of(entry("7.2.5, 7.2, 7, latest") + WINDOWS))  # type: ignore[arg-type]
