"""How much of official-images' history of a library file `contrib manifest` reproduces.

    python -m benchmarks.replay_manifests IMAGE --upstream REPO --official-images REPO [--last N] [--since DATE]

Every state of ``library/IMAGE`` names the commits that it was made from. The newest among the commit in its
head and all its ``GitCommit``s is nearly always the commit that the generator was run at; so each state is
generated again from that commit, with official-images as it stood before the change, and compared byte for
byte. States that differ are printed as a diff, and counted by class:

``parents``     the architectures differ and nothing else: official-images' parents had changed between the
                generator's run and the merge; an earlier state of official-images gives the same bytes
``later``       a later commit of the image's repository gives the same bytes: what lies between touches no
                directory that an entry names (versions.json, the aliases of the script)
``differs``     anything else: read the diff
``cannot``      the profile does not reach this state; the reason is printed
``no-commit``   no commit of the file is in the repository that was given
"""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contrib.clients.git import Repository
from contrib.errors import BadInput
from contrib.upstream import manifest, profile

SAME, PARENTS, LATER, DIFFERS, CANNOT, NO_COMMIT = "same", "parents", "later", "differs", "cannot", "no-commit"

#: How far back official-images is searched for the parents' state, in commits.
PARENT_STATES = 400


@dataclass(frozen=True)
class State:
    """One merged state of the library file."""

    commit: str
    date: str
    subject: str
    data: bytes
    before: str | None


@dataclass(frozen=True)
class Result:
    """What came of one state."""

    state: State
    verdict: str
    commit: str | None
    detail: str


def states(official: Repository, image: str, ref: str) -> Iterator[State]:
    """States of ``library/IMAGE`` along official-images' history, newest first."""
    path = f"library/{image}"
    listed = official.run("log", "--first-parent", "-m", "--format=%H %cs", official.resolve(ref), "--", path)
    for line in listed.stdout.decode().splitlines():
        sha, date = line.split()
        data = official.tree(sha).read(path)
        if data is not None:
            info = official.commit(sha)
            yield State(sha, date, info.subject, data, info.parents[0] if info.parents else None)


class Replay:
    """The repositories of one image, and the order of its commits."""

    def __init__(self, image: str, upstream: Repository, official: Repository, templates: Path | None) -> None:
        self.upstream = upstream
        self.official = official
        self.profiles = profile.load(image, templates)
        listed = upstream.run("rev-list", "--all", "--date-order").stdout.decode().split()
        self.rank = {sha: number for number, sha in enumerate(listed)}

    def generate(self, commit: str, official: str | None, present: bytes | None) -> bytes:
        tree = None if official is None else self.official.tree(official)
        text = manifest.generate(self.profiles, self.upstream, commit, tree, present=present)
        return text.encode("utf-8", "surrogateescape")

    def run(self, state: State) -> Result:
        named = {sha.decode() for sha in re.findall(rb"\b[0-9a-f]{40}\b", state.data)}
        known = [sha for sha in named if sha in self.rank]
        if not known:
            return Result(state, NO_COMMIT, None, "")
        commit = min(known, key=self.rank.__getitem__)
        present = None
        if state.before is not None:
            present = self.official.tree(state.before).read(f"library/{self.profiles.image}")
        try:
            printed = self.generate(commit, state.before, present)
        except BadInput as error:
            printed, detail = b"", str(error)
            found = self.other_parents(state, commit, present)
            if found is not None:
                return Result(state, PARENTS, commit, found)
            return Result(state, CANNOT, commit, detail)
        if printed == state.data:
            return Result(state, SAME, commit, "")
        if without_architectures(printed) == without_architectures(state.data):
            found = self.other_parents(state, commit, present)
            if found is not None:
                return Result(state, PARENTS, commit, found)
        later = self.later(state, commit, present)
        if later is not None:
            return Result(state, LATER, commit, later)
        return Result(state, DIFFERS, commit, diff(state.data, printed))

    def other_parents(self, state: State, commit: str, present: bytes | None) -> str | None:
        """An earlier commit of official-images whose parents give the state's bytes."""
        if state.before is None:
            return None
        listed = self.official.run(
            "rev-list", "--first-parent", f"--max-count={PARENT_STATES}", state.before, "--", "library"
        )
        parents = set(re.findall(rb"^FROM[ \t]+([a-z0-9._-]+)", b"", re.MULTILINE))
        del parents
        seen: set[tuple[str | None, ...]] = set()
        for sha in listed.stdout.decode().split():
            tree = self.official.tree(sha)
            key = tuple(
                None if (entry := tree.entry(f"library/{name}")) is None else entry.sha
                for name in ("alpine", "debian", "ubuntu", "buildpack-deps", "oraclelinux")
            )
            if key in seen:
                continue
            seen.add(key)
            try:
                if self.generate(commit, sha, present) == state.data:
                    return sha
            except BadInput:
                continue
        return None

    def later(self, state: State, commit: str, present: bytes | None) -> str | None:
        """One of the next commits of the image's repository that gives the state's bytes."""
        ordered = sorted(self.rank, key=self.rank.__getitem__)
        at = self.rank[commit]
        for sha in reversed(ordered[max(0, at - 25) : at]):
            try:
                if self.upstream.is_ancestor(commit, sha) and (
                    self.generate(sha, state.before, present) == state.data
                ):
                    return sha
            except BadInput:
                continue
        return None


def without_architectures(data: bytes) -> bytes:
    return re.sub(rb"^Architectures:.*\n", b"", data, flags=re.MULTILINE)


def diff(merged: bytes, printed: bytes) -> str:
    """From what official-images merged to what `contrib manifest` prints."""
    lines = difflib.unified_diff(
        merged.decode("utf-8", "replace").splitlines(),
        printed.decode("utf-8", "replace").splitlines(),
        "merged",
        "contrib manifest",
        n=0,
        lineterm="",
    )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("image")
    parser.add_argument("--upstream", required=True, help="the image's repository, a clone or URL")
    parser.add_argument("--official-images", required=True, help="official-images, a clone or URL")
    parser.add_argument("--ref", default="HEAD", help="of official-images")
    parser.add_argument("--last", type=int, default=100, help="changes to replay (default 100; 0: all)")
    parser.add_argument("--since", default="", metavar="YYYY-MM-DD", help="oldest change")
    parser.add_argument("--until", default="9999", metavar="YYYY-MM-DD", help="newest change")
    parser.add_argument("--templates", type=Path, default=None, help="the images' folders")
    parser.add_argument("-q", "--quiet", action="store_true", help="figures alone")
    options = parser.parse_args()
    with Repository.obtain(options.upstream) as upstream, Repository.obtain(options.official_images) as official:
        replay = Replay(options.image, upstream, official, options.templates)
        counts: Counter[str] = Counter()
        years: dict[str, Counter[str]] = {}
        for number, state in enumerate(states(official, options.image, options.ref)):
            if state.date > options.until:
                continue
            if state.date < options.since or (options.last and sum(counts.values()) >= options.last):
                break
            del number
            result = replay.run(state)
            counts[result.verdict] += 1
            years.setdefault(state.date[:4], Counter())[result.verdict] += 1
            if result.verdict != SAME and not options.quiet:
                print(f"{state.date} {state.commit[:12]} {result.verdict} at {(result.commit or '-')[:12]}")
                print("    " + result.detail.replace("\n", "\n    "))
                sys.stdout.flush()
        total = sum(counts.values())
        for year, one in sorted(years.items()):
            print(f"{year}: " + ", ".join(f"{verdict} {count}" for verdict, count in one.most_common()))
        exact = counts[SAME] + counts[PARENTS] + counts[LATER]
        print(
            f"{options.image}: {exact} of {total} reproduced byte for byte ("
            + ", ".join(f"{verdict} {count}" for verdict, count in counts.most_common())
            + ")"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
