"""What the tests of layouts share: the image, its voice, trees of the demo's repositories, a small plain upstream."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from contrib.images import load
from contrib.images.model import Image, Port, Variant
from contrib.images.templates import Literals, Options, expressions_of, render
from contrib.sandbox import upstreams
from contrib.upstream.layouts import BranchChanges, Layout, Pin, Speak, Voice, recognise
from contrib.values.tree import FileChange, MemoryTree, OverlayTree, Tree

DIGEST = "ab" * 32


def image() -> Image:
    return load("redis", None)


def speaker(layout: Layout, port: Port | None = None) -> Speak:
    def speak(variant: Variant, voice: Voice, series: str, pin: Pin) -> str:
        options = Options(port=port or layout.image.port)
        if voice is Voice.VALUES:
            values = Literals(pin.version, pin.url, pin.digest).values(variant)
        else:
            values = expressions_of(layout.facts, variant)
        return render(layout.image, variant, values, options)

    return speak


def pin(version: str, variants: Sequence[str] | None = None, port: Port | None = None) -> Pin:
    names = tuple(variants) if variants is not None else tuple(v.name for v in image().variants)
    return Pin(version, (port or image().port).url(version), DIGEST, names)


class Sandbox:
    """The branches of one of the demo's repositories as they stand after all its commits."""

    def __init__(self, commits: Sequence[upstreams.Commit], *, upto: int | None = None) -> None:
        self._files: dict[str, dict[str, tuple[bytes, str]]] = {}
        self._tags: list[str] = []
        for commit in commits[:upto]:
            files = self._files.setdefault(commit.branch, {})
            self._tags += commit.tags
            for file in commit.files:
                if file.content is None:
                    files.pop(file.path, None)
                else:
                    files[file.path] = (file.content, file.mode)

    def names(self) -> tuple[str, ...]:
        return tuple(self._files)

    def tree(self, branch: str) -> Tree:
        return MemoryTree(self._files[branch])  # type: ignore[arg-type]

    def tags(self) -> tuple[str, ...]:
        return tuple(self._tags)

    def with_changes(self, changes: Sequence[BranchChanges], default: str) -> Sandbox:
        """The same after the changes are merged."""
        made = Sandbox([])
        made._tags = list(self._tags)
        made._files = {name: dict(files) for name, files in self._files.items()}
        for change in changes:
            files = made._files[change.branch or default]
            for each in change.files:
                if each.content is None:
                    del files[each.path]
                else:
                    files[each.path] = (each.content, each.mode)
        return made


def templated(tree: Tree | None = None) -> Layout:
    return recognise(image(), tree or Sandbox(upstreams.templated()).tree("master"), branch="master")


def after(tree: Tree, changes: Sequence[BranchChanges]) -> Tree:
    """A tree with the changes of one branch laid over it."""
    return OverlayTree(tree, tuple(file for change in changes for file in change.files))


def by_path(changes: Sequence[FileChange]) -> dict[str, bytes | None]:
    return {change.path: change.content for change in changes}


def write(files: Mapping[str, bytes | None] | Tree, root: Path) -> Path:
    """The files on disk; scripts executable."""
    if not isinstance(files, Mapping):
        files = {path: files.read(path) for path in files.paths()}
    for path, content in files.items():
        target = root / path
        if content is None:
            target.unlink()
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod(0o755 if path.endswith(".sh") else 0o644)
    return root


def git(root: Path, *arguments: str) -> str:
    identity = {
        name: "test" if "NAME" in name else "test@example.org"
        for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL")
    }
    done = subprocess.run(
        ["git", "-C", str(root), *arguments],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **identity, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
    )
    return done.stdout


def committed(files: Mapping[str, bytes | None] | Tree, root: Path) -> Path:
    """A new repository with the files in one commit."""
    write(files, root)
    git(root, "init", "--quiet", "--initial-branch=master")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "start")
    return root


#: A plain upstream in miniature: sed over Dockerfiles, and a generator without architectures, as in 2016.
PLAIN: dict[str, bytes] = {
    "update.sh": rb"""#!/bin/bash
set -e

cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

versions=( */ )
versions=( "${versions[@]%/}" )

curl -fsSL 'https://raw.githubusercontent.com/antirez/redis-hashes/master/README' > hashes

for version in "${versions[@]}"; do
	read -r _ file _ sha url <<<"$(grep "^hash redis-$version[.]" hashes | tail -n 1)"
	file="${file#redis-}"
	(
		set -x
		sed -ri '
			s!^(ENV REDIS_VERSION) .*!\1 '"${file%.tar.gz}"'!;
			s!^(ENV REDIS_DOWNLOAD_URL) .*!\1 '"$url"'!;
			s!^(ENV REDIS_DOWNLOAD_SHA1) .*!\1 '"$sha"'!
		' "$version"/{,*/}Dockerfile
	)
done

rm hashes
""",
    "generate-stackbrew-library.sh": rb"""#!/bin/bash
set -eu

declare -A aliases=(
	[3.2]='3 latest'
)

self="$(basename "${BASH_SOURCE[0]}")"
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

versions=( */ )
versions=( "${versions[@]%/}" )

fileCommit() {
	git log -1 --format='format:%H' HEAD -- "$@"
}

dirCommit() {
	( cd "$1" && fileCommit Dockerfile )
}

cat <<-EOH
# this file is generated via https://github.com/docker-library/redis/blob/$(fileCommit "$self")/$self

Maintainers: Somebody <somebody@example.org> (@somebody)
GitRepo: https://github.com/docker-library/redis.git
EOH

join() {
	local sep="$1"; shift
	local out; printf -v out "${sep//%/%%}%s" "$@"
	echo "${out#"$sep"}"
}

for version in "${versions[@]}"; do
	commit="$(dirCommit "$version")"
	fullVersion="$(awk '$1 == "ENV" && $2 == "REDIS_VERSION" { print $3; exit }' "$version/Dockerfile")"
	# shellcheck disable=SC2206
	versionAliases=( "$fullVersion" "$version" ${aliases[$version]:-} )

	echo
	cat <<-EOE
		Tags: $(join ', ' "${versionAliases[@]}")
		GitCommit: $commit
		Directory: $version
	EOE

	for variant in alpine; do
		[ -f "$version/$variant/Dockerfile" ] || continue

		commit="$(dirCommit "$version/$variant")"
		variantAliases=( "${versionAliases[@]/%/-$variant}" )
		variantAliases=( "${variantAliases[@]//latest-/}" )

		echo
		cat <<-EOE
			Tags: $(join ', ' "${variantAliases[@]}")
			GitCommit: $commit
			Directory: $version/$variant
		EOE
	done
done
""",
    **{
        f"{series}/{variant}Dockerfile": (
            f"FROM {base}\n"
            f"ENV REDIS_VERSION {version}\n"
            f"ENV REDIS_DOWNLOAD_URL http://download.redis.io/releases/redis-{version}.tar.gz\n"
            "ENV REDIS_DOWNLOAD_SHA1 0c7bc5c751bdbc6fabed178db9cdbdd948915d1b\n"
            "VOLUME /data\n"
        ).encode()
        for series, version in (("3.0", "3.0.7"), ("3.2", "3.2.6"))
        for variant, base in (("", "debian:jessie"), ("alpine/", "alpine:3.5"))
    },
}
