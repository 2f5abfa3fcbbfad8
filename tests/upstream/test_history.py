from __future__ import annotations

import subprocess
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contrib.clients.git import Repository
from contrib.upstream.history import Wildcard, copied_words, last_commits, pathspec
from contrib.values.errors import BadInput
from tests.bounds import ends

from .repos import ENVIRONMENT, Commit, git, make


def of_git(directory: Path, paths: list[str], commit: str = "HEAD") -> str | None:
    """git's own answer."""
    return git(directory, "log", "-1", "--format=%H", commit, "--", *paths) or None


PATHS = ["a", "b", "d/a", "d/b", "d/e/a"]
SETS = [
    ["a"],
    ["b"],
    ["d"],
    ["d/a"],
    ["d/e"],
    ["a", "d/b"],
    ["d/*"],
    ["*a"],
    ["d/?"],
    ["."],
    ["no"],
    ["d/", "a/"],
]


@st.composite
def histories(draw: st.DrawFn) -> list[Commit]:
    """Histories in which merges take one side's files, the other's, or something new."""
    commits: list[Commit] = []
    for number in range(draw(st.integers(1, 14))):
        if number == 0:
            parents: list[int] = []
        else:
            count = draw(st.sampled_from([1, 1, 1, 2, 2, 3]))
            parents = draw(
                st.lists(st.integers(max(0, number - 4), number - 1), min_size=1, max_size=count, unique=True)
            )
        files = dict(commits[draw(st.sampled_from(parents))].files) if parents else {}
        for path in draw(st.lists(st.sampled_from(PATHS), max_size=2)):
            content = draw(st.sampled_from(["1", "2", None]))
            if content is None:
                files.pop(path, None)
            else:
                files[path] = (content, draw(st.sampled_from(["100644", "100644", "100755"])))
        # Equal and backward times put commits in another order than that of their making.
        commits.append(Commit(parents, files, time=1_700_000_000 + draw(st.integers(0, 3)) * 60))
    return commits


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories())
def test_answers_are_those_of_git_log(
    tmp_path_factory: pytest.TempPathFactory, commits: list[Commit]
) -> None:
    directory = tmp_path_factory.mktemp("history")
    shas = make(directory, commits, bare=True)
    with Repository.open(directory) as repository:
        found = last_commits(repository, shas[-1], {str(paths): paths for paths in SETS})
    assert found == {str(paths): of_git(directory, paths) for paths in SETS}


def test_a_merge_is_followed_to_the_side_whose_files_are_the_same(tmp_path: Path) -> None:
    """A full walk says 2 (dates); git follows the first parent, where the files are the same, and says 1."""
    shas = make(
        tmp_path,
        [
            Commit([], {"f": "0"}),
            Commit([0], {"f": "1"}),
            Commit([0], {"f": "1"}),
            Commit([1, 2], {"f": "1"}),
        ],
    )
    with Repository.open(tmp_path) as repository:
        found = last_commits(repository, shas[3], {"": ["f"]})[""]
    assert found == shas[1] == of_git(tmp_path, ["f"])


def test_a_merge_that_is_like_none_of_its_parents_is_the_answer(tmp_path: Path) -> None:
    shas = make(
        tmp_path,
        [
            Commit([], {"f": "0", "g": "0"}),
            Commit([0], {"f": "1", "g": "0"}),
            Commit([0], {"f": "0", "g": "1"}),
            Commit([1, 2], {"f": "1", "g": "1"}),
        ],
    )
    with Repository.open(tmp_path) as repository:
        found = last_commits(repository, shas[3], {"both": ["f", "g"], "f": ["f"]})
    assert found == {"both": shas[3], "f": shas[1]}


def test_shallow_clones_answer_what_they_can_and_say_what_they_cannot(tmp_path: Path) -> None:
    origin = tmp_path / "origin"
    shas = make(
        origin,
        [
            Commit([], {"old": "1"}),
            Commit([0], {"old": "1", "new": "1"}),
            Commit([1], {"old": "1", "new": "2"}),
        ],
    )
    git(tmp_path, "clone", "-q", "--depth=2", f"file://{origin}", "clone")
    with Repository.open(tmp_path / "clone") as repository:
        assert last_commits(repository, shas[2], {"": ["new"]}) == {"": shas[2]}
        with pytest.raises(BadInput, match="shallow") as caught:
            last_commits(repository, shas[2], {"": ["old"]})
        assert "unshallow" in (caught.value.hint or "")


def test_old_file_modes_are_no_change(tmp_path: Path) -> None:
    """Trees from git's first years hold 100664, which git reads as 100644."""
    shas = make(tmp_path, [Commit([], {"f": "1"})])
    blob = git(tmp_path, "rev-parse", "HEAD:f")
    raw = b"100664 f\0" + bytes.fromhex(blob)
    tree = git(tmp_path, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=raw)
    odd = git(
        tmp_path, "-c", "user.name=T", "-c", "user.email=t@e", "commit-tree", tree, "-p", shas[0], "-m", "odd"
    )
    with Repository.open(tmp_path) as repository:
        assert last_commits(repository, odd, {"": ["f"]}) == {"": of_git(tmp_path, ["f"], odd)}


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", ":(top)x", ":/x"])
def test_paths_out_of_the_repository_are_refused(path: str) -> None:
    with pytest.raises(BadInput):
        pathspec(path)


def test_paths_are_read_inside_their_directory() -> None:
    assert pathspec("../x", "a/b").parts == ("a", "x")
    assert pathspec(".", "a/b").parts == ("a", "b")
    assert pathspec("x/", "a").directory
    # The directory is git's prefix, never a pattern.
    assert pathspec("f", "a[1]").pattern is None
    assert pathspec("*.sh", "a").pattern is not None


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("*", ["", "a", "a/b"], []),
        ("*.sh", ["a.sh", "d/e.sh", ".sh"], ["a.sh/x", "ash"]),
        ("a?c", ["abc", "a/c"], ["ac", "abbc"]),
        ("[a-c]x", ["ax", "cx"], ["dx", "x"]),
        ("[!a]x", ["bx", "/x"], ["ax"]),
        ("[]]x", ["]x"], ["x"]),
        ("[a", [], ["[a", "a"]),
        ("[z-a]", [], ["z", "a", "[z-a]"]),
        ("a\\*b", ["a*b"], ["axb"]),
        ("**/x", ["a/x", "a/b/x", "/x"], ["x/y"]),
        ("a*b*c", ["abc", "aXbYc", "abcbc"], ["acb", "ab"]),
    ],
)
def test_wildcards(pattern: str, matching: list[str], others: list[str]) -> None:
    assert [one for one in matching if not Wildcard(pattern).matches(one)] == []
    assert [one for one in others if Wildcard(pattern).matches(one)] == []


@given(st.text("ab*?/", max_size=8), st.text("ab/", max_size=10))
def test_wildcards_are_those_of_fnmatch(pattern: str, text: str) -> None:
    assert Wildcard(pattern).matches(text) == fnmatchcase(text, pattern)


def test_a_hostile_pattern_takes_no_time() -> None:
    with ends(20):
        assert not Wildcard("*a" * 500 + "b").matches("a" * 4000)


def test_a_dockerfile_that_copies_everything_by_name() -> None:
    with pytest.raises(BadInput, match="1001 files"):
        copied_words(b"COPY " + b"x " * 1001 + b"/\n", skip_from=False)


def test_copied_words_are_those_of_upstreams_awk() -> None:
    dockerfile = (
        b"FROM x\nCOPY a b /c/\ncopy --chown=u:g d /e\nCOPY --from=s /x /y\n COPY f \\\n  g /h\n# COPY i j\nADD k l\n"
        b'COPY ["m", "n"]\nCOPY o --from=z p /q\nCOPYX r s\n'
    )
    assert copied_words(dockerfile, skip_from=False) == [
        *("a", "b", "--chown=u:g", "d", "--from=s", "/x", "f", '["m",', "o", "--from=z", "p")
    ]
    assert copied_words(dockerfile, skip_from=True) == ["a", "b", "--chown=u:g", "d", "f", '["m",', "o"]


@pytest.mark.parametrize(
    ("name", "commit"),
    [
        ("docker-library+golang", "7aa947b"),
        ("docker-library+golang", "7c8c182"),
        ("docker-library+redis", "5f08363e"),
        ("docker-library+redis", "7487c784"),
        ("docker-library+python", "HEAD"),
        ("docker-library+mongo", "HEAD"),
    ],
)
def test_real_merges(clones: Path, name: str, commit: str) -> None:
    """Merges at which a full walk answers otherwise."""
    directory = clones / name / "repo"
    with Repository.open(directory) as repository:
        sha = repository.resolve(commit)
        tree = repository.tree(sha)
        directories = sorted(
            {path.rpartition("/")[0] for path in tree.paths() if path.endswith("/Dockerfile")}
        )
        sets: dict[str, list[str]] = {"generate-stackbrew-library.sh": ["generate-stackbrew-library.sh"]}
        sets.update({one: [f"{one}/Dockerfile", f"{one}/docker-entrypoint.sh"] for one in directories})
        found = last_commits(repository, sha, sets)
    expected = {
        key: subprocess.run(
            ["git", f"--git-dir={directory}", "log", "-1", "--format=%H", sha, "--", *paths],
            capture_output=True,
            text=True,
            check=True,
            env=ENVIRONMENT,
        ).stdout.strip()
        for key, paths in sets.items()
    }
    assert found == expected
