"""Bases as bashbrew reads them, and where we know better."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contrib.library.bases import SCRATCH, read_bases
from contrib.library.pins import pin_of
from tests.library.conftest import Bashbrew

#: Dockerfile -> what ``bashbrew from`` prints of it (tried against 0.1.15).
SAME: dict[str, list[str]] = {
    "FROM img:b AS x\nFROM scratch\nCOPY --from=busybox / /\n": ["img:b", "scratch", "busybox:latest"],
    "from debian\n": ["debian:latest"],
    "FROM a:1 AS one\nFROM one\nCOPY --from=one / /\n": ["a:1"],
    "FROM a:1\nFROM b:1\nCOPY --from=0 / /\nCOPY --from=7 / /\n": ["a:1", "b:1", "7:latest"],
    "FROM a:1 AS One\nFROM one\n": ["a:1", "one:latest"],
    "FROM \\\n# comment\n\n  a:1 \\  \n AS x\nCOPY --chown=1 --from=x a b\n": ["a:1"],
    "FROM a:1\nRUN --mount=type=bind,from=tools:2,target=/t --mount=type=cache,from=no x\n": [
        "a:1",
        "tools:2",
    ],
    "FROM a:1\nRUN --mount=from=tools:2,type=bind x\nRUN x --mount=type=bind,from=no\n": ["a:1", "tools:2"],
    "FROM a:1\nCOPY a --from=no b\n": ["a:1"],
    "FROM localhost:5000/a\n": ["localhost:5000/a"],
    "FROM a@sha256:0000\n": ["a@sha256:0000"],
    "FROM $BASE\n": ["$BASE:latest"],
    "# escape=`\nFROM a:1\nRUN echo `\nFROM b:1\n": ["a:1", "b:1"],
    "FROM a:1\nRUN <<X\nFROM b:1\nX\n": ["a:1", "b:1"],
    "\ufeffFROM a:1\nFROM b:1\n": ["b:1"],
    "FROM a:1 as x y\nFROM x\n": ["a:1", "x:latest"],
    "FROM a:1\r\nFROM b:1\r\n": ["a:1", "b:1"],
    "FROM a:1 \\": ["a:1"],
}


@pytest.mark.parametrize("text", SAME)
def test_bases(text: str) -> None:
    assert list(read_bases(text.encode()).distinct) == SAME[text]


class Cache:
    """bashbrew with a git cache that holds one commit for each Dockerfile."""

    def __init__(self, bashbrew: Bashbrew, top: Path) -> None:
        self.bashbrew, self.top = bashbrew, top
        self.git = top / "git"
        subprocess.run(["git", "init", "-q", "--bare", str(self.git)], check=True)

    def run(self, *arguments: str, stdin: bytes = b"") -> str:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=self.git, input=stdin, capture_output=True, check=True
        )
        return done.stdout.decode().strip()

    def says(self, dockerfile: bytes) -> list[str]:
        blob = self.run("hash-object", "-w", "--stdin", stdin=dockerfile)
        tree = self.run("mktree", stdin=f"100644 blob {blob}\tDockerfile\n".encode())
        commit = self.run("commit-tree", "-m", "x", tree)
        text = f"Maintainers: A (@a)\nGitRepo: https://example.invalid/r\nGitCommit: {commit}\n\nTags: 1\n"
        (self.bashbrew.folder / "probe").write_bytes(text.encode())
        done = subprocess.run(
            [
                self.bashbrew.program,
                "--library",
                str(self.bashbrew.folder),
                "--cache",
                str(self.top),
                "from",
                "probe",
            ],
            capture_output=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n").split(" ")[1:]


@pytest.fixture(scope="session")
def cache(bashbrew: Bashbrew, tmp_path_factory: pytest.TempPathFactory) -> Cache:
    return Cache(bashbrew, tmp_path_factory.mktemp("cache"))


def test_bashbrew_says_the_same(cache: Cache) -> None:
    # One test for all: where there is no bashbrew, one skip says so.
    assert {text: cache.says(text.encode()) for text in SAME} == SAME


LINES = st.lists(
    st.one_of(
        st.builds(
            lambda word, a, tail: f"{word} {a}{tail}",
            st.sampled_from(
                [
                    "FROM",
                    "from",
                    " FROM",
                    "COPY --from=x",
                    "COPY --from=0",
                    "RUN --mount=type=bind,from=x",
                    "RUN",
                ]
            ),
            st.sampled_from(["a", "a:1", "x", "scratch", "0", "img@sha256:1"]),
            st.sampled_from(["", " AS x", " as x", " AS y z", " \\", " \\  ", "\r"]),
        ),
        st.sampled_from(["", "# c", "  # c \\", "\\", "ENV A=b", "x", "\xa0"]),
    ),
    max_size=6,
).map(lambda lines: "FROM base:1\n" + "\n".join(lines) + "\nLABEL end=1\n")


@given(text=LINES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_generated_dockerfiles(text: str, cache: Cache) -> None:
    assert list(read_bases(text.encode()).distinct) == cache.says(text.encode())


def test_what_bashbrew_does_not_understand() -> None:
    found = read_bases(b"FROM a:1\nFROM --platform=$BUILDPLATFORM b:2 AS x\nFROM x\n")
    assert found.froms == ["a:1", "b:2", "b:2"]
    assert found.platform_flag == 2
    assert read_bases(b"FROM a:1\nFROM\n").nameless == 2
    assert read_bases(b"FROM a:1\nRUN " + b"x" * 70000 + b"\n").long_line == 2
    assert read_bases(b"RUN true\n").stages == []
    assert read_bases(b"\xff\xfe\0FROM a\n").froms == []
    assert SCRATCH.froms == ["scratch"]


def test_pins(corpus: Path) -> None:
    top = corpus / "external-pins"
    pins = {pin_of(path.relative_to(top).as_posix()) for path in top.rglob("*___*")}
    windows = {f"mcr.microsoft.com/windows/{name}:{release}" for name in ("nanoserver", "servercore") for release in ("ltsc2022", "ltsc2025")}  # fmt: skip
    assert windows <= pins
    assert "redhat/ubi9-minimal:latest" in pins
