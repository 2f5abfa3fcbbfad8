"""The source argument: what it may be, and what is said when it is not."""

from __future__ import annotations

import doctest
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from contrib.cli import source
from contrib.cli.source import MAX_BYTES, copied_files, raw_url, read_source
from contrib.values.errors import BadInput, OutsideError
from tests.site import site

GIT = [
    "-c",
    "user.name=a",
    "-c",
    "user.email=a@example.org",
    "-c",
    "commit.gpgsign=false",
    "-c",
    "core.autocrlf=false",
]


def git(where: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *GIT, *arguments], cwd=where, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits: ``one`` has the first Dockerfile, HEAD the second, and an uncommitted one lies in the work tree."""
    root = tmp_path / "up"
    directory = root / "1.2" / "alpine"
    directory.mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    (directory / "Dockerfile").write_bytes(b"FROM alpine:1\n")
    (directory / "entry.sh").write_bytes(b"exec one\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "one")
    git(root, "tag", "one")
    (directory / "Dockerfile").write_bytes(b"FROM alpine:2\n")
    git(root, "commit", "-q", "-a", "-m", "two")
    (directory / "Dockerfile").write_bytes(b"FROM alpine:3\n")
    return root


def refused(spec: str, **options: object) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read_source(spec, **options)  # type: ignore[arg-type]
    assert caught.value.exit_code == 2
    return caught.value


def test_examples_of_the_docstrings() -> None:
    assert doctest.testmod(source).failed == 0


def test_a_path_with_its_place_in_the_repository(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / "1.2")
    found = read_source("alpine/Dockerfile")
    assert (found.name, found.data, found.path) == (
        "alpine/Dockerfile",
        b"FROM alpine:3\n",
        "1.2/alpine/Dockerfile",
    )
    assert found.file == Path("alpine/Dockerfile")
    assert found.beside("entry.sh") == b"exec one\n"
    assert found.beside("../../.git/HEAD") is None
    assert found.beside("/etc/passwd") is None
    assert found.beside("none.sh") is None


def test_a_file_outside_of_any_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "windows").mkdir()
    (tmp_path / "windows" / "Dockerfile").write_bytes(b"FROM x\n")
    found = read_source("./windows/Dockerfile")
    assert (found.path, found.repository) == ("windows/Dockerfile", None)


def test_a_link_out_of_the_directory_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.sh").write_bytes(b"x")
    directory = tmp_path / "context"
    directory.mkdir()
    (directory / "Dockerfile").write_bytes(b"FROM x\n")
    try:
        (directory / "entry.sh").symlink_to(tmp_path / "secret.sh")
    except OSError:
        pytest.skip("no symbolic links here")
    assert read_source(str(directory / "Dockerfile")).beside("entry.sh") is None


def test_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"FROM x\n")))
    found = read_source("-")
    assert (found.name, found.data, found.path, found.file) == ("-", b"FROM x\n", None, None)


def test_a_repository_at_a_ref(repository: Path) -> None:
    for spec, content in (
        (f"{repository}@one:1.2/alpine/Dockerfile", b"1"),
        (f"{repository}@HEAD:1.2/alpine/Dockerfile", b"2"),
    ):
        found = read_source(spec)
        assert found.data == b"FROM alpine:" + content + b"\n"
        assert found.path == "1.2/alpine/Dockerfile"
        assert found.file is None
        assert found.beside("entry.sh") == b"exec one\n"
    assert read_source(f"{repository}@main~1:./1.2/alpine/Dockerfile").data == b"FROM alpine:1\n"
    bare = repository.parent / "bare"
    git(repository, "clone", "-q", "--bare", ".", str(bare))
    assert read_source(f"{bare}@one:1.2/alpine/Dockerfile").data == b"FROM alpine:1\n"


def test_a_clone_url(repository: Path, tmp_path: Path) -> None:
    url = repository.as_uri()
    found = read_source(f"{url}@one:1.2/alpine/Dockerfile", cache_dir=tmp_path / "cache")
    assert found.data == b"FROM alpine:1\n"
    again = read_source(f"{url}@one:1.2/alpine/Dockerfile", cache_dir=tmp_path / "cache", offline=True)
    assert again.data == found.data
    with pytest.raises(OutsideError):
        read_source(f"{url}@one:1.2/alpine/Dockerfile", cache_dir=tmp_path / "empty", offline=True)


def test_what_is_not_there(repository: Path, tmp_path: Path) -> None:
    assert "no such file" in refused(str(tmp_path / "none")).message
    near = refused(str(repository / "1.2" / "alpine" / "Dockerfil"))
    assert near.hint is not None and near.hint.endswith("Dockerfile?")
    assert "no commit 'nope'" in refused(f"{repository}@nope:x").message
    path = refused(f"{repository}@HEAD:1.2/alpin/Dockerfile")
    assert (path.message, path.hint) == (
        "there is no 1.2/alpin/Dockerfile at HEAD",
        "there is 1.2/alpine/Dockerfile",
    )
    case = refused(f"{repository}@HEAD:1.2/Alpine/Dockerfile")
    assert case.hint == "there is 1.2/alpine/Dockerfile"
    directory = refused(f"{repository}@HEAD:1.2")
    assert (directory.message, directory.hint) == (
        "1.2 is a directory at HEAD",
        "there is 1.2/alpine/Dockerfile",
    )
    assert "no such directory" in refused(f"{tmp_path / 'none'}@HEAD:x").message


def test_a_directory_is_no_dockerfile(repository: Path) -> None:
    found = refused(str(repository / "1.2" / "alpine"))
    assert found.message == "is a directory, not a Dockerfile"
    assert found.hint is not None and "Dockerfile" in found.hint


def test_too_large(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    with file.open("wb") as stream:
        stream.truncate(50 * 1024 * 1024)
    assert "larger than" in refused(str(file)).message
    with file.open("wb") as stream:
        stream.truncate(MAX_BYTES)
    assert len(read_source(str(file)).data) == MAX_BYTES


@pytest.mark.parametrize(
    "spec", ["", "a\0b", "owner/name", "git@github.com:o/n.git", "https://example.org/x", "x@y", "-x"]
)
def test_a_missing_path_is_never_tried_as_an_address(
    spec: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    def opened(*arguments: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr("socket.create_connection", opened)
    refused(spec)


def test_a_password_in_an_address_is_refused_and_not_shown() -> None:
    error = refused("https://me:secret@example.org/o/n.git@HEAD:Dockerfile")
    assert "secret" not in str(error.file or "") + error.message


@pytest.mark.parametrize(
    ("url", "raw"),
    [
        (
            "https://github.com/o/n/blob/main/a/Dockerfile",
            "https://raw.githubusercontent.com/o/n/main/a/Dockerfile",
        ),
        ("https://github.com/o/n/raw/v1/Dockerfile", "https://raw.githubusercontent.com/o/n/v1/Dockerfile"),
        (
            "https://github.com/o/n/blob/release/8.0/alpine/Dockerfile?plain=1#L3",
            "https://raw.githubusercontent.com/o/n/release/8.0/alpine/Dockerfile",
        ),
        (
            "https://raw.githubusercontent.com/o/n/main/Dockerfile",
            "https://raw.githubusercontent.com/o/n/main/Dockerfile",
        ),
        ("http://127.0.0.1:9/o/n/blob/main/Dockerfile", "http://127.0.0.1:9/o/n/raw/main/Dockerfile"),
        ("https://github.com/o/n", None),
        ("https://[", None),
        ("https://github.com/o/n/tree/main/a", None),
    ],
)
def test_raw_url(url: str, raw: str | None) -> None:
    assert raw_url(url) == raw


@pytest.fixture
def web() -> Iterator[str]:
    """A site with one repository's files."""
    files = {"/o/n/raw/main/1.2/Dockerfile": b"FROM alpine:9\n", "/o/n/raw/main/1.2/entry.sh": b"exec x\n"}

    with site(files) as address:
        yield address


def test_a_page_of_a_file(web: str) -> None:
    found = read_source(f"{web}/o/n/blob/main/1.2/Dockerfile")
    assert (found.data, found.path, found.ref) == (b"FROM alpine:9\n", "1.2/Dockerfile", "main")
    assert found.beside("entry.sh") == b"exec x\n"
    assert found.beside("none.sh") is None
    gone = refused(f"{web}/o/n/blob/main/9.9/Dockerfile")
    assert gone.hint is not None and "commit" in gone.hint


def test_which_files_of_the_context_are_read(repository: Path) -> None:
    found = read_source(f"{repository}@one:1.2/alpine/Dockerfile")
    names = ["./entry.sh", "none.sh", "*.sh", "$X.sh", "Dockerfile", "../x.sh"]
    assert copied_files(found, names) == {"entry.sh": b"exec one\n"}


@pytest.mark.skipif(os.name == "nt", reason="needs modes")
@pytest.mark.skipif(os.name != "nt" and os.geteuid() == 0, reason="root may look into every directory")
def test_a_directory_that_may_not_be_looked_into(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed" / "Dockerfile").write_text("FROM x\n")
    (tmp_path / "closed").chmod(0)
    try:
        with pytest.raises(BadInput, match=r"cannot be read: Permission denied"):
            read_source(str(tmp_path / "closed" / "Dockerfile"))
    finally:
        (tmp_path / "closed").chmod(0o700)
