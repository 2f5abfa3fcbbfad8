"""How much of official-images' history of a library file `contrib manifest` reproduces.

    python -m benchmarks.replay_manifests IMAGE --upstream REPO --official-images REPO [--last N] [--since DATE]

Every state of ``library/IMAGE`` names the commits that it was made from. The newest among the commit in its
head and all its ``GitCommit``s is nearly always the commit that the generator was run at; so each state is
generated again from that commit, with official-images as it stood before the change, and compared byte for
byte. What differs is printed as a diff, and counted by class:

``parents``    only with official-images as it stood some changes before or after: parents' architectures had
               changed between the generator's run and the merge
``later``      only from a later commit of the image's repository: what lies between touches no directory that
               an entry names (versions.json, the aliases in the script)
``choice``     only with what the state itself decides: of a file kept by hand the head, which series and Windows
               releases there are, their architectures and further aliases, the first time that its editor changes
               them (the diff says what); or the generator was given arguments
``differs``    anything else: read the diff
``cannot``     the profile does not reach this state; the reason is printed
``no-commit``  it names commits that the given repository does not have
"""

from __future__ import annotations

import difflib
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import measuring
from contrib.clients.git import Repository
from contrib.upstream import manifest, profile
from contrib.values.errors import BadInput

SAME, PARENTS, LATER, CHOICE = "same", "parents", "later", "choice"
DIFFERS, CANNOT, NO_COMMIT = "differs", "cannot", "no-commit"

#: How far back official-images is searched for the parents' state, in commits.
PARENT_STATES = 400
#: Commits of the image's repository after the newest named one that are tried.
LATER_COMMITS = 25


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

    def __init__(
        self, image: str, upstream: Repository, official: Repository, templates: Path | None
    ) -> None:
        self.upstream = upstream
        self.official = official
        self.profiles = profile.load(image, templates)
        listed = upstream.run("rev-list", "--all", "--date-order").stdout.decode().split()
        self.rank = {sha: number for number, sha in enumerate(listed)}
        self.line: list[str] = []

    def generate(
        self, state: State, commit: str, official: str, present: bytes | None, only: tuple[str, ...] = ()
    ) -> bytes:
        """What `contrib manifest` prints; the script is the one that the state names."""
        named = re.search(rb"^#.* via \S+/blob/[0-9a-f]{40}/(\S+)$", state.data, re.MULTILINE)
        text = manifest.generate(
            self.profiles,
            self.upstream,
            commit,
            self.official.tree(official),
            present=present,
            script=None if named is None else named[1].decode(),
            only=only,
        )
        return text.encode("utf-8", "surrogateescape")

    def run(self, state: State) -> Result:
        """Try the newest commit that the state names, then what else may have been, until the bytes are the same."""
        named = {sha.decode() for sha in re.findall(rb"\b[0-9a-f]{40}\b", state.data)}
        unknown = sorted(sha for sha in named if sha not in self.rank)
        if unknown or not named or state.before is None:
            return Result(state, NO_COMMIT, None, ", ".join(unknown))
        commit = min(named, key=self.rank.__getitem__)
        if (
            self.profiles.data.get("head") != "library"
            and self.upstream.tree(commit).read(self.profiles.script) is None
        ):
            return Result(state, CANNOT, commit, f"made without {self.profiles.script} (release branches)")
        present = self.official.tree(state.before).read(f"library/{self.profiles.image}")

        def same(at: str, official: str, present: bytes | None, *only: str) -> bool:
            try:
                return self.generate(state, at, official, present, only) == state.data
            except BadInput:
                return False

        try:
            printed = self.generate(state, commit, state.before, present)
            failure = None
        except BadInput as error:
            printed, failure = b"", str(error)
        if printed == state.data:
            return Result(state, SAME, commit, "")
        by_hand = self.profiles.data["versions"]["from"] == "library"
        if by_hand and same(commit, state.before, state.data):
            difference = diff(state.data, printed) if failure is None else failure
            return Result(state, CHOICE, commit, f"with what it decides itself:\n{difference}")
        if failure is not None or without_architectures(printed) == without_architectures(state.data):
            for official in self.other_parents(state):
                if same(commit, official, present):
                    return Result(state, PARENTS, commit, f"with official-images at {official}")
        for later in self.later(commit):
            if same(later, state.before, present):
                return Result(state, LATER, commit, f"from {later}")
        own = dict.fromkeys(
            one.decode().partition("/")[0]
            for one in re.findall(rb"^Directory: (\S+)", state.data, re.MULTILINE)
        )
        if same(commit, state.before, present, *own):
            return Result(state, CHOICE, commit, f"with the arguments {' '.join(own)}")
        if failure is not None:
            return Result(state, CANNOT, commit, failure)
        return Result(state, DIFFERS, commit, diff(state.data, printed))

    def other_parents(self, state: State) -> Iterator[str]:
        """Commits of official-images around the change at which the usual parents were otherwise."""
        if not self.line:
            listed = self.official.run(
                "rev-list", "--first-parent", self.official.resolve("HEAD"), "--", "library"
            )
            self.line = listed.stdout.decode().split()
        if state.commit not in self.line:
            return
        at = self.line.index(state.commit)
        around = sorted(
            range(max(0, at - PARENT_STATES // 4), min(len(self.line), at + PARENT_STATES)),
            key=lambda number: abs(number - at),
        )
        seen: set[tuple[str | None, ...]] = set()
        for number in around:
            tree = self.official.tree(self.line[number])
            key = tuple(
                None if (entry := tree.entry(f"library/{name}")) is None else entry.sha
                for name in ("alpine", "debian", "ubuntu", "buildpack-deps", "oraclelinux")
            )
            if key not in seen:
                seen.add(key)
                yield self.line[number]

    def later(self, commit: str) -> Iterator[str]:
        """The commits of the image's repository that follow, nearest first."""
        ordered = sorted(self.rank, key=self.rank.__getitem__)
        at = self.rank[commit]
        for sha in reversed(ordered[max(0, at - LATER_COMMITS) : at]):
            if self.upstream.is_ancestor(commit, sha):
                yield sha


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
    parser = measuring.parser(__doc__)
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
    with (
        Repository.obtain(options.upstream) as upstream,
        Repository.obtain(options.official_images) as official,
    ):
        replay = Replay(options.image, upstream, official, options.templates)
        counts: Counter[str] = Counter()
        years: dict[str, Counter[str]] = {}
        for state in states(official, options.image, options.ref):
            if state.date > options.until:
                continue
            if state.date < options.since or (options.last and sum(counts.values()) >= options.last):
                break
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
        exact = counts[SAME] + counts[PARENTS] + counts[LATER] + counts[CHOICE]
        print(
            f"{options.image}: {exact} of {total} reproduced byte for byte ("
            + ", ".join(f"{verdict} {count}" for verdict, count in counts.most_common())
            + ")"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
