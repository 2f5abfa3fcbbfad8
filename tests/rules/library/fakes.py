"""A repository, library folder and network made of values, as rules see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contrib.library import LibraryFile, parse
from contrib.rules.library.define import C1, C2

ARCHIVES = "2c26b46b68ffc68ff99b453c1d30413413422d70"

FILES: dict[str, bytes] = {
    "Dockerfile": b"FROM debian:trixie\n",
    "1.2/Dockerfile": b"FROM debian:trixie\nENV DEMO_VERSION 1.2.3\n",
    "1.2/start.sh": b"#!/bin/sh\n",
    "platform/Dockerfile": b"FROM --platform=$BUILDPLATFORM debian:trixie\n",
    "variable/Dockerfile": b"ARG BASE=debian\nFROM $BASE:trixie\n",
    "empty/Dockerfile": b"# nothing\nRUN true\n",
    "external/Dockerfile": b"FROM quay.io/example/base:1\n",
    "old/Dockerfile": b"FROM debian:gone\n",
    "win/Dockerfile": b"FROM mcr.microsoft.com/windows/servercore:ltsc2025\n",
    "nano/Dockerfile": b"FROM mcr.microsoft.com/windows/servercore:ltsc2025 AS s\n"
    b"FROM mcr.microsoft.com/windows/nanoserver:ltsc2025\nCOPY --from=s /x /x\n",
    "case/Dockerfile": b'FROM debian:trixie\nRUN case "$(dpkg --print-architecture)" in \\\n'
    b"\tamd64) a=x ;; \\\n\tarm64 | aarch64) a=y ;; \\\n\t*) echo no; exit 1 ;; \\\n\tesac\n",
}


class View:
    """Commit C1 on main, C2 after it (its ``1.2`` is at 1.2.4), an archive's history on another branch."""

    def __init__(self, files: Mapping[str, bytes] = FILES) -> None:
        bumped = {**files, "1.2/Dockerfile": b"FROM debian:trixie\nENV DEMO_VERSION 1.2.4\n", "Dockerfile": b"FROM debian:trixie\nENV DEMO_VERSION 1.2.4\n"}  # fmt: skip
        self.commits = {C1: dict(files), C2: bumped, ARCHIVES: dict(files)}
        self.heads = {
            "refs/heads/main": C1,
            "refs/heads/other": ARCHIVES,
            "refs/heads/archives": ARCHIVES,
            "refs/tags/v1.2.3": C1,
            "refs/tags/v1.2.4": C2,
        }

    def has(self, commit: str) -> bool:
        return (commit in self.commits and commit != C2) or (commit == C2 and self.bumped)

    bumped = False
    shallow = False

    def read(self, commit: str, path: str) -> bytes | None:
        return self.commits[commit].get(path) if self.has(commit) else None

    def paths(self, commit: str) -> Sequence[str]:
        return sorted(self.commits[commit])

    def ref(self, name: str) -> str | None:
        return self.refs().get(name)

    def refs(self) -> Mapping[str, str]:
        return {**self.heads, "refs/heads/main": C2} if self.bumped else self.heads

    def reachable(self, commit: str, start: str) -> bool | None:
        return commit == start or (start == C2 and commit == C1)

    def holding(self, commit: str) -> Sequence[str]:
        return [name for name, head in self.refs().items() if self.reachable(commit, head)]

    def last_touching(self, start: str, paths: Sequence[str]) -> Mapping[str, str]:
        return dict.fromkeys(paths, start)

    def modified_archives(self, commits: Sequence[str]) -> Sequence[tuple[str, str, int]]:
        if ARCHIVES not in commits:
            return []
        return [(ARCHIVES, "rootfs.tar.xz", 5 << 20), (ARCHIVES, "small.tar", (3 << 20) - 1)]


class Repositories:
    """One view for every address but the one that is not at hand."""

    def __init__(self, view: View | None = None) -> None:
        self.view = view or View()

    def of(self, url: str) -> View | None:
        return None if "nowhere" in url else self.view

    def reason(self, url: str) -> str:
        return f"{url} is not at hand"


DEBIAN = f"""\
Maintainers: D (@d)
GitRepo: https://github.com/example/debian.git
GitCommit: {C1}

Tags: trixie, latest
Architectures: amd64, arm32v5, arm64v8, s390x

Tags: bookworm
Architectures: amd64, arm64v8
Directory: bookworm
"""
OTHER = f"""\
Maintainers: O (@o)
GitRepo: https://github.com/example/other.git
GitCommit: {C1}

Tags: 1
"""


class Others:
    """Two other images, and the two pinned bases of Windows."""

    def __init__(self, files: Mapping[str, str] | None = None) -> None:
        self.files = {"debian": DEBIAN, "other": OTHER} if files is None else dict(files)

    def file(self, name: str) -> LibraryFile | None:
        return parse(self.files[name].encode(), name) if name in self.files else None

    def unreadable(self, name: str) -> bool:
        return False

    def users(self, url: str) -> Sequence[str]:
        return sorted(name for name, text in self.files.items() if f"GitRepo: {url}\n" in text)

    def pins(self) -> frozenset[str]:
        return frozenset(
            f"mcr.microsoft.com/windows/{name}:{release}"
            for name in ("servercore", "nanoserver")
            for release in ("ltsc2022", "ltsc2025")
        )


class Network:
    """Demo 1.0 has ended, 1.2.3 and 2.0.5 are the newest; nothing answers at ``no-such``."""

    def architectures(self, image: str) -> frozenset[str] | None:
        return frozenset(("windows-amd64",)) if "windows/" in image else None

    def answers(self, url: str) -> bool | None:
        return "no-such" not in url

    def tag_commit(self, url: str, tag: str) -> str | None:
        return C1 if tag == "v1.2.3" else ""

    def ended(self, image: str, series: str) -> str | None:
        return "2020-01-01" if series == "1.0" else ""

    def newest(self, image: str, series: str) -> str | None:
        return {"1.2": "1.2.3", "2.0": "2.0.5"}.get(series, "")
