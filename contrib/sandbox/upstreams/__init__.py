"""The repositories of the demo and of the tests, as values: small files of our own in docker-library's layouts.

- :func:`templated`: an image's repository with ``versions.json`` and ``Dockerfile.template``, two series,
  four commits. Its port lags in the newer series: :func:`port_releases`.
- :func:`official_images`: ``library/{alpine,debian,redis}``, ``.external-pins``, ``test/config.sh``.
- :func:`release_branches`: an image's repository with one branch per series, tags as releases and a
  generator in Python that knows two distributions; ``release/8.8`` and ``release/8.10`` have Jinja2
  templates, ``release/8.2`` and ``release/7.4`` have none, 8.0 is retired. Its port lags.
- :func:`release_official_images`: the same official-images with that repository's ``library/redis``.

Each commit is a folder beside this file that holds what it changes, whole. :func:`build` writes the
commits of a repository into a new bare one, always with the same ids.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from contrib.values.errors import OutsideError

if TYPE_CHECKING:
    from importlib.abc import Traversable

#: Author and committer of everything here.
MAINTAINER = "A Maintainer of the Demo <maintainer@example.org>"


@dataclass(frozen=True, slots=True)
class File:
    """A file as a commit holds it; ``content`` None deletes it."""

    path: str
    content: bytes | None
    mode: Literal["100644", "100755"] = "100644"


@dataclass(frozen=True, slots=True)
class Commit:
    """What one commit changes.

    :param branch: that it is on; a branch that is met first starts without a parent.
    :param tags: that are to point at it.
    """

    message: str
    date: datetime
    files: tuple[File, ...]
    branch: str = "master"
    tags: tuple[str, ...] = ()


def templated() -> list[Commit]:
    """The upstream of the demo, oldest first: a first series, a second one, its release, a change to both."""
    return [
        _commit("templated/1-templates", "Add 7.0", _day(2024, 1, 9, 18)),
        _commit("templated/2-series", "Add 7.2", _day(2024, 1, 9, 19)),
        _commit("templated/3-release", "Update 7.2 to 7.2.5", _day(2024, 5, 19, 16)),
        _commit("templated/4-entrypoint", "Let nobody else read what the server writes", _day(2024, 6, 4, 9)),
    ]


def official_images(upstream: Sequence[str]) -> list[Commit]:
    """The official-images of the demo, oldest first.

    :param upstream: ids of the commits of :func:`templated`, in order: ``library/redis`` names them.
    """
    base = _commit("official-images", "Start", _day(2024, 1, 8, 12))
    before = _library(upstream[1], {"7.2": ("7.2.5", upstream[2]), "7.0": ("7.0.15", upstream[0])})
    after = _library(upstream[1], {"7.2": ("7.2.5", upstream[3]), "7.0": ("7.0.15", upstream[3])})
    return [
        base,
        Commit("Update redis", _day(2024, 5, 20, 8), (File("library/redis", before),)),
        Commit("Update redis", _day(2024, 6, 4, 11), (File("library/redis", after),)),
    ]


def _library(script: str, series: dict[str, tuple[str, str]]) -> bytes:
    """``library/redis`` as the demo's generate-stackbrew-library.sh prints it."""
    lines = [
        "# this file is generated via https://github.com/docker-library/redis/blob/"
        f"{script}/generate-stackbrew-library.sh",
        "",
        f"Maintainers: {MAINTAINER} (@demo-maintainer)",
        "GitRepo: https://github.com/docker-library/redis.git",
    ]
    arches = "amd64, arm32v7, arm64v8, i386"
    for number, (name, (full, commit)) in enumerate(series.items()):
        aliases = [full, name, *(["7", "latest"] if number == 0 else [])]
        for variant, suite in (("debian", "bookworm"), ("alpine", "alpine3.20")):
            suffix = "" if variant == "debian" else f"-{variant}"
            tags = [f"{a}{suffix}" for a in aliases] + [f"{a}-{suite}" for a in aliases]
            lines += [
                "",
                "Tags: " + ", ".join(tag.replace("latest-", "") for tag in tags),
                f"Architectures: {arches}",
                f"GitCommit: {commit}",
                f"Directory: {name}/{variant}",
            ]
    return ("\n".join(lines) + "\n").encode()


def release_branches() -> list[Commit]:
    """The upstream with release branches, oldest first; the default branch is ``main``."""
    commits = [
        _commit("release/main", "Add the release automation", _day(2026, 1, 12, 9), branch="main"),
        _static("7.4", "7.4.9", _day(2026, 1, 13, 9)),
        _static("8.0", "8.0.3", _day(2026, 1, 13, 10), "v8.0.3", "v8.0.3-eol"),
        _static("8.2", "8.2.1", _day(2026, 1, 13, 11)),
    ]
    for series, versions in (("8.8", ("8.8.0", "8.8.2")), ("8.10", ("8.10.0-rc1", "8.10.1"))):
        month = 5 if series == "8.8" else 7
        for number, version in enumerate(versions):
            commits.append(_rendered(series, version, _day(2026, month, 4 + 14 * number, 9), number == 0))
    return commits


def _download(version: str) -> tuple[str, str]:
    """Address and digest of a release of the demo's Redis."""
    url = f"https://github.com/redis/redis/archive/refs/tags/{version}.tar.gz"
    return url, hashlib.sha256(url.encode()).hexdigest()


def _static(series: str, version: str, date: datetime, *tags: str) -> Commit:
    """A branch without templates: versions stand in its Dockerfiles."""
    url, digest = _download(version)
    changed = tuple(
        File(
            file.path,
            (file.content or b"")
            .replace(b"@VERSION@", version.encode())
            .replace(b"@URL@", url.encode())
            .replace(b"@SHA@", digest.encode()),
            file.mode,
        )
        for file in _commit("release/static", "", date).files
    )
    return Commit(f"Release {version}", date, changed, f"release/{series}", tags or (f"v{version}",))


def _rendered(series: str, version: str, date: datetime, first: bool) -> Commit:
    """A release on a branch with templates; the first one brings them, and the tools of ``main``."""
    from jinja2 import Environment

    url, digest = _download(version)
    values = {"release_tag": version, "redis_download_url": url, "redis_download_sha": digest}
    environment = Environment(trim_blocks=True, lstrip_blocks=True, autoescape=False)  # noqa: S701 - Dockerfiles
    environment.filters["required"] = lambda value, message: value
    files = [File(".redis.version.json", (json.dumps(values, indent="\t") + "\n").encode())]
    for file in _commit("release/series", "", date).files:
        if file.path.endswith(".j2"):
            template = environment.from_string((file.content or b"").decode())
            text = template.render(custom_build=False, **values)
            files.append(File(file.path.removesuffix(".j2"), text.encode()))
        if first:
            files.append(file)
    if first:
        files += _commit("release/main", "", date).files
    ordered = tuple(sorted(files, key=lambda file: file.path.encode()))
    return Commit(f"Release {version}", date, ordered, f"release/{series}", (f"v{version}",))


def release_official_images(commits: Sequence[Commit], ids: Sequence[str]) -> list[Commit]:
    """The official-images of :func:`release_branches`.

    :param commits: of :func:`release_branches`, and ``ids``: what :func:`build` gave for them.
    """
    by_tag = {tag: ident for commit, ident in zip(commits, ids, strict=True) for tag in commit.tags}
    trixie = "amd64, arm32v5, arm32v7, arm64v8, i386, riscv64, ppc64le, s390x"
    bookworm = "amd64, arm32v5, arm32v7, arm64v8, i386, mips64le, ppc64le, s390x"
    alpine = "amd64, arm32v6, arm32v7, arm64v8, i386, ppc64le, riscv64, s390x"
    lines = [
        f"Maintainers: {MAINTAINER} (@demo-maintainer)",
        "GitRepo: https://github.com/redis/docker-library-redis.git",
    ]
    for version, tags, suite, alpine_tags, arches in (
        ("8.10.1", "8.10.1, 8.10, 8", "trixie", "alpine3.23", trixie),
        ("8.8.2", "8.8.2, 8.8", "trixie", "alpine3.23", trixie),
        ("8.2.1", "8.2.1, 8.2", "bookworm", "alpine3.22", bookworm),
        ("7.4.9", "7.4.9, 7.4, 7", "bookworm", "alpine3.22", bookworm),
    ):
        words = tags.split(", ")
        major = version.partition(".")[0]
        first = version == "8.10.1"
        suites = words + ([major] if version == "8.2.1" else [])
        debian = [*words, *(f"{word}-{suite}" for word in suites)]
        small = [f"{word}-alpine" for word in words]
        small += [f"{word}-{alpine_tags}" for word in suites]
        if first:
            debian.append("latest")
            small.append("alpine")
        if version != "8.8.2" and major == "8":
            debian.append(suite)
            small.append(alpine_tags)
        for directory, names, archs in (("debian", debian, arches), ("alpine", small, alpine)):
            lines += [
                "",
                f"Tags: {', '.join(names)}",
                f"Architectures: {archs}",
                f"GitCommit: {by_tag['v' + version]}",
                f"GitFetch: refs/tags/v{version}",
                f"Directory: {directory}",
            ]
    text = "\n".join(lines).encode()
    return [
        _commit("official-images", "Start", _day(2026, 1, 8, 12)),
        Commit("Update redis", _day(2026, 7, 19, 8), (File("library/redis", text),)),
    ]


def release_port_releases(*, later: bool = False) -> list[Release]:
    """The releases of the port of :func:`release_branches`, newest first: none of 8.10, behind in 8.8.

    :param later: when the port has caught up in 8.8.
    """
    releases = [
        Release("8.8.1.1", _day(2026, 6, 2, 3), _archives("8.8.1.1")),
        Release("8.8.1", _day(2026, 5, 12, 3), _archives("8.8.1")),
        Release("8.2.1", _day(2026, 1, 20, 3), _archives("8.2.1")),
        Release("7.4.8", _day(2026, 1, 10, 3), _archives("7.4.8")),
    ]
    if later:
        releases.insert(0, Release("8.8.2", _day(2026, 7, 1, 3), _archives("8.8.2")))
    return releases


@dataclass(frozen=True, slots=True)
class Asset:
    """An archive of a release of the demo's port."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Release:
    """A release of the demo's port."""

    tag: str
    date: datetime
    assets: tuple[Asset, ...]
    prerelease: bool = False


def port_releases(*, later: bool = False) -> list[Release]:
    """The releases of the demo's port, newest first.

    It lags in 7.2 (7.2.4 where Linux has 7.2.5), has a rebuild with a number of four parts, and a
    milestone of a series that upstream does not have.

    :param later: as it stands when the port has caught up: the "next release" of the demo.
    """
    releases = [
        Release("8.0-m01", _day(2024, 5, 30, 3), _archives("8.0-m01"), prerelease=True),
        Release("7.2.4.1", _day(2024, 2, 20, 3), _archives("7.2.4.1")),
        Release("7.2.4", _day(2024, 1, 26, 3), _archives("7.2.4")),
        Release("7.0.15", _day(2024, 1, 25, 3), _archives("7.0.15")),
        Release("7.0.14", _day(2023, 11, 6, 3), _archives("7.0.14")),
    ]
    if later:
        releases.insert(0, Release("7.2.5", _day(2024, 6, 11, 3), _archives("7.2.5")))
    return releases


def releases_json(releases: Sequence[Release], download: Callable[[str, str], str]) -> list[dict[str, Any]]:
    """Releases in the shape of GitHub's API.

    :param download: address of an asset, from tag and name.
    """
    shaped = []
    for number, release in enumerate(releases):
        when = release.date.strftime("%Y-%m-%dT%H:%M:%SZ")
        assets = [
            {
                "id": 1000 * (number + 1) + place,
                "name": asset.name,
                "size": len(asset.content),
                "digest": f"sha256:{asset.sha256}",
                "browser_download_url": download(release.tag, asset.name),
                "content_type": "application/zip",
                "state": "uploaded",
                "created_at": when,
                "updated_at": when,
            }
            for place, asset in enumerate(release.assets)
        ]
        shaped.append(
            {
                "id": number + 1,
                "tag_name": release.tag,
                "name": release.tag,
                "draft": False,
                "prerelease": release.prerelease,
                "created_at": when,
                "published_at": when,
                "body": "\n".join(f"{asset.sha256}  {asset.name}" for asset in release.assets),
                "assets": assets,
            }
        )
    return shaped


def redis_hashes(*, later: bool = False) -> bytes:
    """The README of the demo's redis-hashes.

    :param later: with the next Linux release, 7.2.6.
    """
    sums = {
        "7.2.3": "3e2b196d6eb4ddb9e743088bfc2915ccbb42d40f5a8a3edd8cb69c716ec34be7",
        "7.0.15": "98066f5363504b26c34dd20fbcc3c957990d764cdf42576c836fc021073f4341",
        "7.2.4": "8d104c26a154b29fd67d6568b4f375212212ad41e0c2caa3d66480e78dbd3b59",
        "7.2.5": "5981179706f8391f03be91d951acafaeda91af7fac56beffb2701963103e423d",
    }
    if later:
        sums["7.2.6"] = hashlib.sha256(b"the next release of the demo").hexdigest()
    lines = ["# name type digest address"]
    lines += [
        f"hash redis-{version}.tar.gz sha256 {digest} https://download.redis.io/releases/redis-{version}.tar.gz"
        for version, digest in sums.items()
    ]
    return ("\n".join(lines) + "\n").encode()


def _archives(version: str) -> tuple[Asset, ...]:
    """The four archives of a release: one directory at the top, programs that are none."""
    names = [
        f"Redis-{version}-Windows-x64-{kind}{service}"
        for kind in ("msys2", "cygwin")
        for service in ("", "-with-Service")
    ]
    return tuple(Asset(f"{name}.zip", _zip(name, version)) for name in names)


def _zip(top: str, version: str) -> bytes:
    programs = (
        "redis-server",
        "redis-cli",
        "redis-benchmark",
        "redis-sentinel",
        "redis-check-aof",
        "redis-check-rdb",
    )
    content = {f"{top}/{name}.exe": f"{name} {version}, as the demo has it\r\n" for name in programs}
    content[f"{top}/redis.conf"] = "bind 127.0.0.1 -::1\nprotected-mode yes\nport 6379\n"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, text in content.items():
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            info.create_system = (
                3  # not the machine's, so that the digests, and the demo, are the same everywhere
            )
            archive.writestr(info, text)
    return out.getvalue()


def build(commits: Sequence[Commit], path: Path, *, default_branch: str = "master") -> list[str]:
    """Write the commits into a new bare repository; the same commits give the same ids.

    :param path: made here; must not be there or be empty.
    :returns: the ids, in order.
    :raises OutsideError: when there is no git.
    """
    path.mkdir(parents=True, exist_ok=True)
    _git(["git", "init", "--bare", "--quiet", "--template=", "--object-format=sha1", str(path)], b"")
    (path / "HEAD").write_bytes(f"ref: refs/heads/{default_branch}\n".encode())
    stream = bytearray()
    last: dict[str, int] = {}
    for mark, commit in enumerate(commits, 1):
        when = f"{int(commit.date.timestamp())} +0000"
        stream += f"commit refs/heads/{commit.branch}\nmark :{mark}\n".encode()
        stream += f"author {MAINTAINER} {when}\ncommitter {MAINTAINER} {when}\n".encode()
        message = commit.message.encode() + b"\n"
        stream += b"data %d\n%s\n" % (len(message), message)
        if commit.branch in last:
            stream += b"from :%d\n" % last[commit.branch]
        for file in commit.files:
            if file.content is None:
                stream += f"D {file.path}\n".encode()
            else:
                stream += f"M {file.mode} inline {file.path}\ndata {len(file.content)}\n".encode()
                stream += file.content + b"\n"
        stream += b"\n"
        last[commit.branch] = mark
        for tag in commit.tags:
            stream += f"reset refs/tags/{tag}\nfrom :{mark}\n\n".encode()
    marks = path / "marks"
    stream += b"done\n"
    _git(
        ["git", f"--git-dir={path}", "fast-import", "--quiet", "--done", f"--export-marks={marks}"],
        bytes(stream),
    )
    by_mark = {}
    for line in marks.read_text("ascii").splitlines():
        mark_name, ident = line.split(" ")
        by_mark[int(mark_name[1:])] = ident
    marks.unlink()
    return [by_mark[mark] for mark in range(1, len(commits) + 1)]


def _git(command: list[str], stdin: bytes) -> None:
    # subprocess and not GitPython: this is a pipe into one process, before there is a repository to open.
    import subprocess

    from contrib.clients.git import git_environment
    from contrib.clients.programs import no_git

    try:
        done = subprocess.run(command, input=stdin, capture_output=True, env=git_environment(), check=False)
    except FileNotFoundError as error:
        raise no_git() from error
    if done.returncode != 0:
        raise OutsideError(
            f"git {command[-1]} failed: {done.stderr.decode(errors='replace').strip()}", kind="git"
        )


def _day(year: int, month: int, day: int, hour: int) -> datetime:
    return datetime(year, month, day, hour, tzinfo=timezone.utc)


def _commit(folder: str, message: str, date: datetime, **more: Any) -> Commit:
    """A commit with all files of a folder beside this module."""
    root = files(__name__)
    for part in folder.split("/"):
        root = root / part
    found = tuple(sorted(_walk(root, ""), key=lambda file: file.path.encode()))
    return Commit(message, date, found, **more)


def _walk(folder: Traversable, prefix: str) -> list[File]:
    found = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _walk(entry, f"{prefix}{entry.name}/")
        else:
            # Modes are ours to say: an installed package, or Windows, has no executable bit.
            mode: Literal["100644", "100755"] = "100755" if entry.name.endswith(".sh") else "100644"
            if entry.name == "config.sh":
                mode = "100644"
            found.append(File(prefix + entry.name, entry.read_bytes(), mode))
    return found
