from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from contrib.clients import git as clients_git
from contrib.clients.git import Person, Repository, checked_ref, git_environment, is_url, split_spec
from contrib.values.errors import BadInput, OutsideError
from tests.bounds import ends
from tests.upstream.repos import Commit, git, make


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, list[str]]:
    directory = tmp_path / "made"
    shas = make(
        directory,
        [
            Commit(
                [],
                {"a": "1\n", "d/b": ("run\n", "100755"), "d/é ü": "x", "link": ("a", "120000")},
                "first\n\nbody",
            ),
            Commit(
                [0], {"a": "2\n", "d/b": ("run\n", "100755"), "d/é ü": "x", "link": ("a", "120000")}, "second"
            ),
        ],
    )
    return directory, shas


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("../x", ("../x", None)),
        ("../x@HEAD~1", ("../x", "HEAD~1")),
        ("C:\\x@v1", ("C:\\x", "v1")),
        ("git@github.com:o/r", ("git@github.com:o/r", None)),
        ("git@github.com:o/r.git@release/8.0", ("git@github.com:o/r.git", "release/8.0")),
        ("https://u@h/x", ("https://u@h/x", None)),
        ("https://h/x.git@v1", ("https://h/x.git", "v1")),
        ("https://u@h", ("https://u@h", None)),
    ],
)
def test_specs_are_split_at_the_ref(spec: str, expected: tuple[str, str | None]) -> None:
    assert split_spec(spec) == expected


def test_a_directory_with_an_at_in_its_name_is_taken_whole(tmp_path: Path) -> None:
    (tmp_path / "x@y").mkdir()
    assert split_spec(str(tmp_path / "x@y")) == (str(tmp_path / "x@y"), None)


@pytest.mark.parametrize("spec", ["https://h/x", "ssh://h/x", "git@h.example:x/y", "host:x"])
def test_urls(spec: str) -> None:
    assert is_url(spec)


@pytest.mark.parametrize("spec", ["C:\\x", "C:/x", "./x:y", "/a/b:c", "x", "ext::sh -c x"])
def test_no_urls(spec: str) -> None:
    assert not is_url(spec)


@pytest.mark.parametrize(
    "ref",
    ["", "-x", "--upload-pack=x", "a..b", "HEAD:a", "a b", "a\n", "^a", "@{u}", "a^{/x}", "x*", "/x", "a\\b"],
)
def test_what_is_no_name_is_refused(ref: str) -> None:
    with pytest.raises(BadInput):
        checked_ref(ref)


def test_commits_and_trees(made: tuple[Path, list[str]]) -> None:
    directory, shas = made
    with Repository.open(directory) as repository:
        assert (
            repository.resolve("HEAD")
            == repository.resolve("main")
            == repository.resolve(shas[1][:9])
            == shas[1]
        )
        assert repository.resolve("HEAD~1") == shas[0]
        commit = repository.commit(shas[0])
        assert (commit.subject, commit.message, commit.parents) == ("first", "first\n\nbody", ())
        assert (commit.committer.name, commit.committer.email, commit.committer.offset) == (
            "T",
            "t@example.org",
            "+0000",
        )
        tree = repository.tree(shas[0])
        assert list(tree.paths()) == ["a", "d/b", "d/é ü", "link"]
        assert list(tree.paths("d")) == ["d/b", "d/é ü"]
        assert tree.read("a") == b"1\n" and tree.mode("a") == "100644"
        assert tree.mode("d/b") == "100755"
        assert tree.read("link") == b"a" and tree.mode("link") == "120000"
        for nothing in ("d", "no", "a/b", ""):
            assert tree.read(nothing) is None
        assert tree.read_all(["a", "no", "d/b", "d"]) == {"a": b"1\n", "d/b": b"run\n"}
        assert repository.tree(shas[1]).read("a") == b"2\n"


def test_what_is_not_there(made: tuple[Path, list[str]]) -> None:
    directory, _ = made
    with Repository.open(directory) as repository:
        for ref in ("no", "0" * 40, "refs/heads/no"):
            assert repository.find(ref) is None
            with pytest.raises(BadInput, match="no commit"):
                repository.resolve(ref)
        assert not repository.has("0" * 40)


def test_a_directory_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    inner = tmp_path / "made" / "d"
    make(tmp_path / "made", [Commit([], {"d/a": "1"})])
    for place, words in (
        (tmp_path / "no", "no such"),
        (tmp_path / "file", "file"),
        (inner, "not a git repository"),
    ):
        with pytest.raises(BadInput, match=words):
            Repository.open(place)
    with pytest.raises(BadInput) as caught:
        Repository.open(inner)
    assert "made" in (caught.value.hint or "")


def test_a_git_directory_without_config_is_bare(made: tuple[Path, list[str]], tmp_path: Path) -> None:
    directory, shas = made
    bare = tmp_path / "bare"
    shutil.copytree(directory / ".git", bare)
    (bare / "config").unlink()
    with Repository.open(bare) as repository:
        assert repository.work_dir is None and repository.work_tree() is None
        assert repository.resolve("HEAD") == shas[1]
        assert repository.refs() == {"refs/heads/main": shas[1]}
        assert repository.head_ref == "refs/heads/main"
        assert repository.changed_files() == {}


def test_linked_work_trees(made: tuple[Path, list[str]], tmp_path: Path) -> None:
    directory, shas = made
    git(directory, "worktree", "add", "-q", str(tmp_path / "linked"), "HEAD~1")
    with Repository.open(tmp_path / "linked") as repository:
        assert repository.resolve("HEAD") == shas[0]
        work_tree = repository.work_tree()
        assert work_tree is not None and work_tree.read("a") == b"1\n"


def test_refs_are_peeled(made: tuple[Path, list[str]]) -> None:
    directory, shas = made
    git(directory, "-c", "user.name=T", "-c", "user.email=t@e", "tag", "-a", "v1.0", "-m", "x", shas[0])
    git(directory, "tag", "v1.10")
    git(directory, "tag", "w1")
    git(directory, "update-ref", "refs/remotes/origin/release/8.0", shas[0])
    with Repository.open(directory) as repository:
        assert repository.refs("refs/tags/v1") == {"refs/tags/v1.0": shas[0], "refs/tags/v1.10": shas[1]}
        assert repository.resolve("v1.0") == shas[0]
        assert repository.resolve("release/8.0") == shas[0]  # the remote's branch
        with pytest.raises(BadInput):
            repository.refs("-x")


def test_ancestors(made: tuple[Path, list[str]], tmp_path: Path) -> None:
    directory, shas = made
    with Repository.open(directory) as repository:
        assert repository.is_ancestor(shas[0], shas[1]) and repository.is_ancestor(shas[1], shas[1])
        assert not repository.is_ancestor(shas[1], shas[0])
    git(directory, "checkout", "-q", "--orphan", "other")
    git(directory, "-c", "user.name=T", "-c", "user.email=t@e", "commit", "-qm", "other")
    git(tmp_path, "clone", "-q", "--depth=1", "--no-single-branch", f"file://{directory}", "shallow")
    with Repository.open(tmp_path / "shallow") as repository:
        assert repository.shallow
        with pytest.raises(BadInput, match="shallow"):
            repository.is_ancestor(repository.resolve("other"), repository.resolve("main"))


def test_changed_files(made: tuple[Path, list[str]]) -> None:
    directory, _ = made
    (directory / "a").write_text("3\n")
    (directory / "new dir").mkdir()
    (directory / "new dir" / "ü").write_text("x")
    with Repository.open(directory) as repository:
        assert repository.changed_files() == {"a": " M", "new dir/ü": "??"}


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
def test_a_work_tree_follows_no_link(made: tuple[Path, list[str]], tmp_path: Path) -> None:
    directory, _ = made
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("secret")
    (directory / "out").symlink_to(secret)
    (directory / "key").symlink_to(secret / "key")
    with Repository.open(directory) as repository:
        work_tree = repository.work_tree()
        assert work_tree is not None
        assert list(work_tree.paths()) == ["a", "d/b", "d/é ü", "key", "link", "out"]
        assert work_tree.read("key") == str(secret / "key").encode() and work_tree.mode("key") == "120000"
        for path in ("out/key", "../secret/key", str(secret / "key"), ".git/config", "d/../.git/config", "d"):
            assert work_tree.read(path) is None, path
            assert work_tree.mode(path) is None, path
        assert work_tree.mode("d/b") == "100755"


def test_line_endings_are_gits(made: tuple[Path, list[str]]) -> None:
    directory, _ = made
    (directory / "a").write_bytes(b"2\r\n")
    (directory / "binary").write_bytes(b"\0\r\n")
    with Repository.open(directory) as repository:
        work_tree = repository.work_tree()
        assert work_tree is not None and work_tree.read("a") == b"2\r\n"
    git(directory, "config", "core.autocrlf", "true")
    with Repository.open(directory) as repository:
        work_tree = repository.work_tree()
        assert work_tree is not None and work_tree.read("a") == b"2\n"
        assert work_tree.read("binary") == b"\0\r\n"


def test_the_users_environment_and_configuration_change_nothing(
    made: tuple[Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory, shas = made
    config = tmp_path / "config"
    config.write_text(
        "[core]\n\tquotepath = true\n\tfsmonitor = touch ran\n[color]\n\tui = always\n"
        "[log]\n\tshowSignature = true\n[status]\n\tshort = false\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_WORK_TREE", "/")
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", "/nonexistent")
    monkeypatch.chdir(tmp_path)
    (directory / "ü").write_text("x")
    with Repository.open(directory) as repository:
        assert repository.resolve("HEAD") == shas[1]
        assert repository.changed_files() == {"ü": "??"}
    assert not (directory / "ran").exists() and not (tmp_path / "ran").exists()
    env = git_environment({"X": "1"}, {"http.extraheader": "secret"})
    assert env["GIT_TERMINAL_PROMPT"] == "0" and env["X"] == "1"
    assert not {"GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY"} & set(env)
    assert "secret" in env.values()


def test_a_clone_in_the_cache_is_made_once_and_fetched_after_that(
    made: tuple[Path, list[str]], tmp_path: Path
) -> None:
    directory, shas = made
    url = f"file://{directory}"
    cache = tmp_path / "cache"
    with pytest.raises(OutsideError, match="offline"):
        Repository.obtain(url, cache_dir=cache, offline=True)
    with Repository.obtain(url, cache_dir=cache) as repository:
        assert repository.resolve("HEAD") == shas[1] and repository.work_dir is None
        place = repository.path
    git(directory, "checkout", "-q", "-b", "later")
    git(
        directory, "-c", "user.name=T", "-c", "user.email=t@e", "commit", "-q", "--allow-empty", "-m", "third"
    )
    git(directory, "branch", "-D", "main")
    with Repository.obtain(url, cache_dir=cache, offline=True) as repository:
        assert repository.resolve("HEAD") == shas[1]
    with Repository.obtain(url, cache_dir=cache) as repository:
        assert repository.path == place
        assert repository.resolve("HEAD") == git(directory, "rev-parse", "HEAD")
        assert list(repository.refs("refs/heads/")) == ["refs/heads/later"]
    assert [one.name for one in (cache / "git").iterdir()] == [place.name]


def test_a_repository_that_has_moved_is_followed_and_said(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from contrib.cli.main import run
    from contrib.sandbox import upstreams
    from contrib.sandbox.github import StandIn

    with StandIn(root=tmp_path / "hub") as hub:
        path = tmp_path / "up.git"
        upstreams.build(upstreams.templated(), path)
        hub.world.repository("docker-library/redis", path)
        hub.world.move("docker-library/redis", "redis/docker-library-redis")
        url = f"{hub.url}/docker-library/redis.git"
        for _ in range(2):
            with Repository.obtain(url, cache_dir=tmp_path / "cache") as repository:
                assert repository.moved == f"{hub.url}/redis/docker-library-redis.git"
                assert repository.resolve("HEAD")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
        monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "xdg"))
        assert run(["render", "redis", "--upstream", url, "--check"]) == 0
    assert f"has moved to {hub.url}/redis/docker-library-redis.git" in capfd.readouterr().err


def test_a_repository_puts_nothing_in_the_place_of_a_commit(made: tuple[Path, list[str]]) -> None:
    """Replace refs and grafts: another content or history under the id that a library file names."""
    directory, commits = made
    first, last = commits[0], commits[-1]
    with Repository.open(directory) as repository:
        before = repository.tree(first).read_all(repository.tree(first).paths())
    git(directory, "replace", first, last)
    (directory / ".git" / "info").mkdir(exist_ok=True)
    (directory / ".git" / "info" / "grafts").write_text(f"{last}\n")
    with Repository.open(directory) as repository:
        assert repository.tree(first).read_all(repository.tree(first).paths()) == before
        assert repository.is_ancestor(first, last)


def test_addresses_that_are_refused(tmp_path: Path) -> None:
    for spec in ("-x", "", "ext::sh -c touch% ran", str(tmp_path / "no"), "a\nb"):
        with pytest.raises(BadInput):
            Repository.obtain(spec, cache_dir=tmp_path)
    with pytest.raises(BadInput, match="password") as caught:
        Repository.obtain("https://me:secret@example.org/x", cache_dir=tmp_path)
    assert "secret" not in str(caught.value)
    with pytest.raises(OutsideError):
        Repository.obtain(f"file://{tmp_path}/no", cache_dir=tmp_path)
    assert not (tmp_path / "ran").exists()
    assert list((tmp_path / "git").iterdir()) == []


def test_a_tree_with_a_hostile_name_is_refused(tmp_path: Path) -> None:
    make(tmp_path, [Commit([], {"f": "1"})])
    blob = git(tmp_path, "rev-parse", "HEAD:f")
    raw = b"100644 ..\0" + bytes.fromhex(blob)
    tree = git(tmp_path, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=raw)
    odd = git(tmp_path, "-c", "user.name=T", "-c", "user.email=t@e", "commit-tree", tree, "-m", "odd")
    with Repository.open(tmp_path) as repository, pytest.raises(BadInput, match="leave"):
        list(repository.tree(odd).paths())


def test_an_object_that_is_too_large_is_refused(
    made: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory, shas = made
    monkeypatch.setattr(clients_git, "MAX_OBJECT", 300)
    (directory / "a").write_text("x" * 301)
    with Repository.open(directory) as repository:
        work_tree = repository.work_tree()
        assert work_tree is not None
        with pytest.raises(BadInput, match=r"30[01]"):
            work_tree.read("a")
    git(directory, "-c", "user.name=T", "-c", "user.email=t@e", "commit", "-qam", "large")
    with Repository.open(directory) as repository:
        tree = repository.tree(repository.resolve("HEAD"))
        with pytest.raises(BadInput, match="301"):
            tree.read("a")
        assert repository.tree(shas[0]).read("a") == b"1\n"  # and it goes on


@pytest.mark.skipif(os.name == "nt", reason="needs a shell script as git")
def test_git_that_hangs_is_ended(
    made: tuple[Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory, _ = made
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\nexec sleep 60\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    repository = Repository.open(directory)
    repository.timeout = 0.5
    # the git that hangs would go on for longer than the guard
    with ends(45):
        with pytest.raises(OutsideError, match="did not"):
            repository.resolve("HEAD")
        with pytest.raises(OutsideError, match="did not end"):
            repository.run("status")


def test_no_git_is_said(
    made: tuple[Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    repository = Repository.open(made[0])
    with pytest.raises(OutsideError, match="not installed"):
        repository.resolve("HEAD")
    with pytest.raises(OutsideError, match="not installed"):
        repository.run("status")


@pytest.mark.skipif(os.name == "nt", reason="the program is a shell script")
def test_a_repository_s_configuration_starts_no_program(
    made: tuple[Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What git would run for a filter, a submodule, or an object that a partial clone lacks."""
    directory, _ = made
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\nenv >>"{tmp_path}/ran"\ncat\n')
    program.chmod(0o755)
    git(directory, "clone", "-q", str(directory), str(directory / "inner"))
    (directory / ".gitmodules").write_text(
        '[submodule "inner"]\n\tpath = inner\n\turl = ./inner\n\tignore = none\n'
    )
    git(directory, "add", "-A")
    git(directory, "-c", "user.name=T", "-c", "user.email=t@e", "commit", "-q", "-m", "third")
    (directory / ".git" / "info").mkdir(exist_ok=True)
    (directory / ".git" / "info" / "attributes").write_text("* filter=one diff=one\n[attr]x\n")
    for key in (
        "filter.one.clean",
        "filter.one.process",
        "filter.Two.x.clean",
        "core.fsmonitor",
        "core.sshCommand",
        "core.hooksPath",
        "diff.external",
        "diff.one.textconv",
    ):
        git(directory, "config", key, str(program))
        git(directory / "inner", "config", key, str(program))
    git(directory, "config", "filter.one.required", "true")
    git(directory, "config", "submodule.inner.ignore", "none")
    git(directory, "config", "remote.origin.url", "ssh://example.org/x")
    git(directory, "config", "remote.origin.promisor", "true")
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    for path in directory.rglob("*"):
        if path.is_file() and ".git" not in path.parts:
            path.touch()  # so that git compares contents
    (directory / "inner" / "new").write_text("x")
    with Repository.open(directory) as repository:
        assert set(repository.changed_files()) == set()
        assert not repository.has("0" * 39 + "1")
        assert repository.resolve("HEAD")
    assert not (tmp_path / "ran").exists()
    assert not {"GITHUB_TOKEN", "GH_TOKEN"} & set(clients_git.local_environment())


@pytest.mark.parametrize(
    "spec", ["a" * 300, "~nobody-of-this-name/x", "a" * 300 + "@main", "x::" + "y" * 300]
)
def test_a_place_that_cannot_be_is_bad_input(spec: str) -> None:
    with pytest.raises(BadInput):
        Repository.obtain(split_spec(spec)[0])


def test_names_are_utf8_whatever_the_locale(made: tuple[Path, list[str]]) -> None:
    directory, _ = made
    git(directory, "tag", "gr\u00fcn")
    program = (
        "import sys; from pathlib import Path; from contrib.clients.git import Repository\n"
        "with Repository.open(Path(sys.argv[1])) as repository:\n"
        "    tree = repository.tree(repository.resolve('gr\\u00fcn'))\n"
        "    print(ascii(list(tree.paths())))"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-c", program, str(directory)],
        env={**os.environ, "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        capture_output=True,
    )
    assert done.stdout.decode() == ascii(["a", "d/b", "d/\u00e9 \u00fc", "link"]) + os.linesep, done.stderr


@ends(60)
def test_warnings_that_nobody_reads_do_not_stop_git(made: tuple[Path, list[str]]) -> None:
    directory, shas = made
    git(directory, "branch", "twice", shas[0])
    git(directory, "tag", "twice", shas[1])
    with Repository.open(directory) as repository:
        repository.timeout = 10.0
        for _ in range(3000):  # each makes git warn of the name that means two things
            assert repository.find("twice") == shas[1]


def test_git_has_ended_when_a_repository_is_closed(made: tuple[Path, list[str]]) -> None:
    directory, shas = made
    repository = Repository.open(directory)
    repository.commit(shas[0])
    objects = repository._objects
    assert objects is not None
    here = Path(f"/proc/{objects._process.pid}/cwd")
    if here.exists():  # Windows cannot delete a directory that a process stands in
        assert here.readlink() == Path("/")
    repository.close()
    # By itself, since its input ended, and not killed: behind a launcher of Windows it would live on.
    assert objects._process.returncode == 0


@pytest.mark.parametrize(
    ("time", "offset", "date"),
    [
        (1718000000, "+0200", "2024-06-10T08:13:20+02:00"),
        (1718000000, "-0330", "2024-06-10T02:43:20-03:30"),
        (1718000000, "+2", "2024-06-10T06:15:20+00:02"),
        (1718000000, "+999999", "2024-06-10T06:13:20+00:00"),
        (10**14, "+0000", "1970-01-01T00:00:00+00:00"),
        (-(10**14), "+0100", "1970-01-01T01:00:00+01:00"),
    ],
)
def test_the_date_of_a_commit_that_anybody_wrote(time: int, offset: str, date: str) -> None:
    assert Person("a", "a@example.org", time, offset).date.isoformat() == date
