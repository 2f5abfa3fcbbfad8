"""Commits without a work tree: the same everywhere, LF and modes ours, and a token that nobody sees."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contrib.clients.commits import Identity, ScratchStore, git_directory, git_version, identity, ls_remote
from contrib.sandbox.github import StandIn
from contrib.values.errors import BadInput, OutsideError
from contrib.values.tree import FileChange

from ..pulls.conftest import git, make_repository

WHEN = datetime(2024, 2, 29, 23, 30, tzinfo=timezone(timedelta(hours=-5, minutes=-30)))
AUTHOR = Identity("Ann Öther", "ann@example.com")
FILES = (
    FileChange("docker-entrypoint.sh", b"#!/bin/sh\necho hi\n", "100755"),
    FileChange("7.2/windows/x y/Dockerfile", b"# escape=`\nFROM x\n"),
    FileChange("crlf.txt", b"kept\r\nas it is\r\n"),
    FileChange("link", b"crlf.txt", "120000"),
    FileChange("old.txt", None),
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "source", {"old.txt": "old\n", "keep/me.txt": "kept\n"})


@pytest.fixture
def store(source: Path) -> Iterator[ScratchStore]:
    with ScratchStore([source]) as made:
        yield made


def make(store: ScratchStore, parent: str, **changes: object) -> str:
    arguments: dict[str, object] = {"files": FILES, "date": WHEN, "author": AUTHOR, **changes}
    return store.commit(parent, "Add it\n\nBody.\n", **arguments)  # type: ignore[arg-type]


#: The ids that this input has on every machine; they change only when what is committed does.
EXPECTED_COMMIT = "69fdfb8ac011eda1cf9330a667d10e3e1ee5b34a"
EXPECTED_TREE = "ca387543c71964da6d31ee13dce3397078a53493"


@pytest.mark.parametrize("machine", ["plain", "windows"])
def test_the_same_input_is_the_same_commit(
    source: Path, machine: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if machine == "windows":
        settings_ = {
            "core.autocrlf": "true", "core.filemode": "false", "core.ignorecase": "true", "core.symlinks": "false",
            "core.eol": "crlf", "commit.gpgSign": "true", "i18n.commitEncoding": "cp1252", "init.templateDir": "/nowhere",
            "core.hooksPath": "/nowhere", "gpg.program": "/nowhere",
        }  # fmt: skip
        config = tmp_path / "config"
        for key, value in settings_.items():
            git(source, "config", "--file", str(config), key, value)
            git(source, "config", key, value)
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
        monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere")
        monkeypatch.setenv("GIT_DIR", "/nowhere")
        monkeypatch.setenv("TZ", "Asia/Tokyo")
    parent = git(Path.cwd(), f"--git-dir={source / '.git'}", "rev-parse", "HEAD")
    with ScratchStore([source]) as store:
        made = make(store, parent)
        tree = store.tree(made)
    assert (made, tree) == (EXPECTED_COMMIT, EXPECTED_TREE)


def test_what_is_in_it(source: Path, store: ScratchStore) -> None:
    parent = git(source, "rev-parse", "HEAD")
    made = make(store, parent)
    inside = store.entries(made)
    assert {path: mode for path, (mode, _) in inside.items()} == {
        "7.2/windows/x y/Dockerfile": "100644",
        "crlf.txt": "100644",
        "docker-entrypoint.sh": "100755",
        "keep/me.txt": "100644",
        "link": "120000",
    }
    shown = git(store.path, "cat-file", "commit", made)
    assert "author Ann Öther <ann@example.com> 1709269200 -0530" in shown
    assert shown.endswith("\n\nAdd it\n\nBody.")
    assert (
        git(store.path, "cat-file", "blob", inside["crlf.txt"][1]).encode() == b"kept\nas it is"
    )  # text mode
    assert store.is_ancestor(parent, made) and not store.is_ancestor(made, parent)
    assert store.changed(parent, made)[0] == ("7.2/windows/x y/Dockerfile", 2, 0)
    assert store.authors(parent, made) == ((made, "ann@example.com", "Add it"),)
    assert store.messages(parent, made) == ("Add it\n\nBody.",)
    assert store.after(parent, made)["old.txt"][0] == "000000"
    assert git(source, "status", "--porcelain") == "", "the source is not touched"


def test_a_file_takes_the_place_of_a_directory(source: Path, store: ScratchStore) -> None:
    parent = git(source, "rev-parse", "HEAD")
    made = make(store, parent, files=(FileChange("keep", b"x"), FileChange("keep/me.txt", None)))
    assert set(store.entries(made)) == {"keep", "old.txt"}
    back = make(store, made, files=(FileChange("keep/me.txt", b"y"), FileChange("keep", None)))
    assert set(store.entries(back)) == {"keep/me.txt", "old.txt"}


def test_names_that_differ_in_case_alone(source: Path, store: ScratchStore) -> None:
    parent = git(source, "rev-parse", "HEAD")
    made = make(store, parent, files=(FileChange("OLD.txt", b"x"),))
    assert {"OLD.txt", "old.txt"} <= set(store.entries(made))


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "a//b",
        "../x",
        "a/../b",
        ".git/config",
        "a/.GIT/x",
        "a\\b",
        "a\nb",
        "./a",
        "a/.git. /b",
    ],
)
def test_paths_that_are_none(source: Path, store: ScratchStore, path: str) -> None:
    with pytest.raises(BadInput):
        make(store, git(source, "rev-parse", "HEAD"), files=(FileChange(path, b"x"),))


def test_other_bad_input(source: Path, store: ScratchStore) -> None:
    parent = git(source, "rev-parse", "HEAD")
    twice = (FileChange("a", b"1"), FileChange("a", b"2"))
    for arguments in (
        {"files": twice},
        {"files": (FileChange("a", b"1", "040000"),)},  # type: ignore[arg-type]
        {"author": Identity("<>", "a@b")},
    ):
        with pytest.raises(BadInput):
            make(store, parent, **arguments)
    with pytest.raises(BadInput):
        make(store, "1" * 40)
    with pytest.raises(BadInput):
        make(store, "HEAD")
    with pytest.raises(ValueError, match="offset"):
        make(store, parent, date=datetime(2024, 1, 1))
    with pytest.raises(BadInput):
        store.commit(parent, "\n", (), date=WHEN, author=AUTHOR)


NAMES = st.text(
    st.characters(blacklist_characters="/\\\n\r\0", blacklist_categories=("Cs", "Cc")),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.tuples(NAMES, NAMES), st.binary(max_size=200), min_size=1, max_size=5))
def test_any_name_and_content_come_back(
    source: Path, store: ScratchStore, wanted: dict[tuple[str, str], bytes]
) -> None:
    from contrib.clients.git import Repository

    files = {f"{a}/{b}": content for (a, b), content in wanted.items()}
    bad = {".", "..", ".git"}
    if any(part.rstrip(" .").lower() in bad or part in bad for path in files for part in path.split("/")):
        return
    made = make(store, git(source, "rev-parse", "HEAD"), files=[FileChange(p, c) for p, c in files.items()])
    with Repository.open(store.path) as repository:
        tree = repository.tree(made)
        assert {path: tree.read(path) for path in files} == files


def test_a_shallow_source_and_a_linked_work_tree(source: Path, tmp_path: Path) -> None:
    (source / "old.txt").write_bytes(b"newer\n")
    git(source, "commit", "-q", "-a", "-m", "Second")
    git(tmp_path, "clone", "-q", "--depth=1", source.as_uri(), "shallow")
    git(source, "worktree", "add", "-q", str(tmp_path / "linked"), "HEAD")
    head = git(source, "rev-parse", "HEAD")
    for directory in (tmp_path / "shallow", tmp_path / "linked", source / ".git" / "worktrees" / "linked"):
        with ScratchStore([directory]) as store:
            made = make(store, head)
            assert "keep/me.txt" in store.entries(made)
    with pytest.raises(BadInput, match="not a git repository"):
        git_directory(tmp_path)


@pytest.mark.parametrize(("signed", "share"), [(3, 1.0), (1, 1 / 3)])
def test_signed_share(source: Path, signed: int, share: float, store: ScratchStore) -> None:
    parent = git(source, "rev-parse", "HEAD")
    for number in range(2):
        trailer = "\n\nSigned-off-by: A <a@b>" if number + 1 < signed else ""
        parent = store.commit(
            parent, f"N{number}{trailer}", (FileChange("a", b"%d" % number),), date=WHEN, author=AUTHOR
        )
    if signed == 1:
        parent = store.commit(parent, "X\n\nSigned-off-by: A <a@b>", (), date=WHEN, author=AUTHOR)
        assert store.signed_share(parent, 3) == share
    else:
        assert store.signed_share(parent, 2) == share


# -- pushing --------------------------------------------------------------------------------------------------


@pytest.fixture
def hosted(source: Path) -> Iterator[tuple[StandIn, str, str]]:
    with StandIn() as stand_in:
        repo = stand_in.world.repository("petra/redis", source, owner_kind="User")
        token = stand_in.world.token("petra")
        head = repo.head("master")
        assert head is not None
        yield stand_in, token, head


def test_push_with_a_lease(hosted: tuple[StandIn, str, str], store: ScratchStore) -> None:
    stand_in, token, parent = hosted
    url = f"{stand_in.url}/petra/redis.git"
    first = make(store, parent)
    second = make(store, parent, files=(FileChange("b", b"2"),))
    store.push(url, "x", first, expected=None, token=token)
    assert ls_remote(url, "refs/heads/x") == {"refs/heads/x": first}
    with pytest.raises(OutsideError) as raised:
        store.push(url, "x", second, expected=None, token=token)
    assert raised.value.kind == "lease"
    with pytest.raises(OutsideError) as raised:
        store.push(url, "x", second, expected=parent, token=token)
    assert raised.value.kind == "lease"
    store.push(url, "x", second, expected=first, token=token)
    assert ls_remote(url, "refs/heads/x") == {"refs/heads/x": second}
    assert not any(ref.startswith("refs/tags") for ref in ls_remote(url))


def test_a_big_push_comes_in_chunks(hosted: tuple[StandIn, str, str], store: ScratchStore) -> None:
    stand_in, token, parent = hosted
    content = os.urandom(3_000_000)  # beyond git's http.postBuffer
    made = make(store, parent, files=(FileChange("big", content),))
    store.push(f"{stand_in.url}/petra/redis.git", "big", made, expected=None, token=token)
    repo = stand_in.world.find("petra", "redis")
    assert repo is not None and repo.head("big") == made


@pytest.mark.parametrize(
    ("change", "kind"),
    [("token", "authentication"), ("nobody", "authentication"), ("address", "not-found"), ("down", "network"),
     ("others", "authentication")],
)  # fmt: skip
def test_pushes_that_fail(
    hosted: tuple[StandIn, str, str], store: ScratchStore, change: str, kind: str
) -> None:
    stand_in, token, parent = hosted
    url = f"{stand_in.url}/petra/redis.git"
    token_: str | None = token
    if change == "token":
        token_ = "ghp_wrong"
    elif change == "nobody":
        token_ = None
    elif change == "others":
        token_ = stand_in.world.token("otto")
    elif change == "address":
        url = f"{stand_in.url}/petra/nothing.git"
    else:
        url = "http://127.0.0.1:9/petra/redis.git"
    with pytest.raises(OutsideError) as raised:
        store.push(url, "x", make(store, parent), expected=None, token=token_)
    assert raised.value.kind == kind
    assert "ghp_" not in str(raised.value)


def test_secrets_do_not_go_where_they_could_be_seen(source: Path, store: ScratchStore) -> None:
    parent = git(source, "rev-parse", "HEAD")
    with pytest.raises(BadInput, match="plain http"):
        store.push("http://example.com/a/b.git", "x", parent, expected=None, token="ghp_secret")
    with pytest.raises(BadInput) as raised:
        store.push("https://me:ghp_secret@example.com/a/b.git", "x", parent, expected=None, token=None)
    assert "ghp_secret" not in str(raised.value)


@pytest.mark.skipif(sys.platform == "win32", reason="the wrapper is a POSIX script")
def test_the_token_is_in_no_argument_configuration_or_trace(
    hosted: tuple[StandIn, str, str], source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import base64
    import shutil

    stand_in, token, parent = hosted
    real = shutil.which("git")
    log = tmp_path / "argv"
    wrapper = tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> "{log}"\nexec {real} "$@"\n')
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
    for name in ("GIT_TRACE", "GIT_TRACE_CURL", "GIT_TRACE_PACKET", "GIT_TRACE_SETUP"):
        monkeypatch.setenv(name, str(tmp_path / f"trace-{name}"))
    monkeypatch.setenv("GIT_TRACE_REDACT", "0")
    monkeypatch.setenv("HOME", str(tmp_path))
    with ScratchStore([source]) as store:
        store.push(f"{stand_in.url}/petra/redis.git", "x", make(store, parent), expected=None, token=token)
        store.fetch(f"{stand_in.url}/petra/redis.git", "refs/heads/x", token=token)
        seen = b"".join(path.read_bytes() for path in store.path.rglob("*") if path.is_file())
        seen += b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
        assert b"push" in log.read_bytes()
    encoded = base64.b64encode(f"x-access-token:{token}".encode())
    assert token.encode() not in seen and encoded not in seen


def test_a_credential_helper_is_not_asked(
    hosted: tuple[StandIn, str, str], source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in, _, parent = hosted
    config = tmp_path / "config"
    asked = tmp_path / "asked"
    git(source, "config", "--file", str(config), "credential.helper", f"!touch {asked.as_posix()};")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    with ScratchStore([source]) as store, pytest.raises(OutsideError):
        store.push(f"{stand_in.url}/petra/redis.git", "x", make(store, parent), expected=None, token=None)
    assert not asked.exists()


# -- who --------------------------------------------------------------------------------------------------------


def test_identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    monkeypatch.setenv("HOME", str(tmp_path))  # git 2.31 does not know GIT_CONFIG_GLOBAL
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput) as raised:
        identity()
    assert raised.value.kind == "git-identity" and "git config --global" in str(raised.value.hint)
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Ann Öther")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "ann@example.com")
    assert identity() == AUTHOR


def test_git_version() -> None:
    assert git_version()[0].isdigit()
