from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from contrib.generate.patch import difference, needed, unified
from contrib.values.tree import FileChange, MemoryTree, OverlayTree

TEXT = st.lists(st.sampled_from(["a", "b", "", "c\r", "\x0c", "d\u2028e"]), max_size=6).map("\n".join)
FILES = st.dictionaries(st.sampled_from(["a", "dir/b", "dir/c"]), TEXT.map(str.encode), max_size=3)


def test_needed_is_what_differs() -> None:
    tree = MemoryTree({"same": b"x", "mode": b"x", "other": b"x"})
    changes = [
        FileChange("same", b"x"),
        FileChange("mode", b"x", "100755"),
        FileChange("other", b"y"),
        FileChange("new", b""),
        FileChange("gone", None),
    ]
    assert [change.path for change in needed(tree, changes)] == ["mode", "other", "new"]


def test_heads_of_a_patch() -> None:
    tree = MemoryTree({"old": b"x\n", "run": b"x\n"})
    text = unified(
        tree, [FileChange("new", b"y"), FileChange("old", None), FileChange("run", b"x\n", "100755")]
    )
    assert "new file mode 100644\n--- /dev/null\n+++ b/new\n" in text
    assert text.count("\\ No newline at end of file") == 1
    assert "deleted file mode 100644\n--- a/old\n+++ /dev/null\n" in text
    assert "old mode 100644\nnew mode 100755\n" in text


def test_only_lf_ends_a_line_of_a_difference() -> None:
    patch = difference(b"a\x0cb\rc\nd", b"a\x0cb\rc\ne", "x")
    assert patch == (
        "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\x0cb\rc\n"
        "-d\n\\ No newline at end of file\n+e\n\\ No newline at end of file\n"
    )
    assert difference(b"a", b"a", "x") == ""


@settings(max_examples=25, deadline=None)
@given(FILES, FILES)
def test_git_applies_it(before: dict[str, bytes], after: dict[str, bytes]) -> None:
    changes = [FileChange(path, after.get(path)) for path in sorted({*before, *after})]
    tree = MemoryTree(before)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for path, content in before.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
        patch = unified(tree, changes)
        if patch:
            environment = {
                **os.environ,
                "GIT_CONFIG_GLOBAL": os.devnull,
                "GIT_CEILING_DIRECTORIES": str(root.parent),
            }
            subprocess.run(
                ["git", "apply", "--whitespace=nowarn", "-"],
                cwd=root,
                input=patch.encode(),
                check=True,
                env=environment,
            )
        found = {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}
        overlay = OverlayTree(tree, tuple(changes))
        assert found == {path: overlay.read(path) for path in overlay.paths()}
