"""How many of a repository's automated updates `contrib bump` reproduces, byte for byte.

    python -m benchmarks.replay_bumps IMAGE REPO [RANGE] [--since DATE] [--author NAME] [--all] [--misses N]

For every commit of the range by the author it starts from the commit's parent and from the sources as they stood:
these are made from what the commit itself says (``benchmarks/replays/IMAGE.toml``: an address, and a jq
expression over the commit's data that gives what was there). The result has to be the commit's tree; what is not is
counted by its class. Commits that move something that is left alone (``[skip]`` of ``bump.toml``) are counted apart.
Nothing is downloaded, and nothing is written.
"""

from __future__ import annotations

import datetime
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import measuring
from contrib.clients.git import Repository
from contrib.clients.libjq import JqError, Worker, evaluate
from contrib.generate.bump import Asked, InPlace, Planner, Templated, Tracks, load
from contrib.generate.bump.tracks import folder_of
from contrib.generate.bump.values import ALGORITHMS
from contrib.images.model import Image
from contrib.releases.archives import Archives, Wanted
from contrib.releases.model import Checksum
from contrib.releases.reading import Releases, read_sources
from contrib.upstream import render
from contrib.upstream.layouts import recognise
from contrib.values.errors import BadInput, ContribError
from contrib.values.tables import decode, read_file
from contrib.values.tree import OverlayTree, Tree

HERE = Path(__file__).parent / "replays"


@dataclass(frozen=True, slots=True)
class Served:
    """What an address answered: a regular expression over it, and jq over the commit's data."""

    url: re.Pattern[str]
    jq: str


class Past:
    """The network as it was: stands where :class:`contrib.clients.documents.Documents` does."""

    def __init__(self, served: tuple[Served, ...], data: Mapping[str, Any]) -> None:
        self._served = served
        self._data = data
        self._answers: dict[str, bytes | None] = {}

    def get(self, url: str, *, accept: str = "*/*") -> bytes:
        """What the address answered."""
        if url not in self._answers:
            self._answers[url] = self._answer(url)
        found = self._answers[url]
        if found is None:
            raise BadInput("there is nothing at this address", file=url)
        return found

    def _answer(self, url: str) -> bytes | None:
        for one in self._served:
            match = one.url.fullmatch(url)
            if match is None:
                continue
            try:
                outputs = evaluate(one.jq, dict(self._data) | {"words": match.groupdict(), "url": url})
            except JqError as error:
                raise SystemExit(f"{one.url.pattern}: {error.message}") from error
            outputs = [each for each in outputs if each is not None]
            if not outputs:
                return None
            text = "\n".join(each if isinstance(each, str) else json.dumps(each) for each in outputs)
            return text.encode()
        return None

    def pages(self, url: str, *, accept: str = "*/*", most: int = 100) -> list[bytes]:
        """One page."""
        return [self.get(url)]

    def tags(self, url: str) -> bytes:
        """The tags of a repository."""
        return self.get(url)

    def first(self, url: str) -> None:
        """Whether there was something."""
        self.get(url)


class PastArchives(Archives):
    """Archives as they were: the digest that the commit names for an address is that of its download."""

    digests: dict[str, tuple[Checksum, ...]]

    def _own(self, one: Wanted) -> tuple[Checksum, ...] | None:
        return self.digests.get(one.url)


def digests_of(value: Any) -> dict[str, tuple[Checksum, ...]]:
    """Every address of a commit's data that has one digest beside it."""
    found: dict[str, tuple[Checksum, ...]] = {}
    if isinstance(value, dict):
        texts = [text for text in value.values() if isinstance(text, str)]
        urls = [text for text in texts if re.match("https?://", text)]
        for text in texts:
            if len(text) in ALGORITHMS and re.fullmatch("[0-9a-f]+", text):
                for url in urls:
                    found[url] = (Checksum("own download", ALGORITHMS[len(text)], text),)
        for inner in value.values():
            found |= digests_of(inner)
    return found


def served_of(image: str) -> tuple[Served, ...]:
    """What ``replays/IMAGE.toml`` says."""
    path = HERE / f"{image}.toml"
    data = decode(read_file(path), str(path))
    return tuple(Served(re.compile(one["url"]), one["jq"]) for one in data["serve"])


class Replay:
    """Replays commits of one image."""

    def __init__(self, image: str, repository: Repository, worker: Worker, templates: Path | None) -> None:
        self.image = image
        self.repository = repository
        self.worker = worker
        self.tracks: Tracks = load(image, templates)
        folder = folder_of(image, templates)
        self.folder = folder
        self.sources = read_sources(read_file(folder / "sources.toml"), str(folder / "sources.toml"))
        self.profiles = render.load(image, templates)
        self.served = served_of(image)
        self.own: Image | None = None
        if (folder / "image.toml").is_file():
            from contrib.images import load as load_image

            self.own = load_image(image, templates)

    def route(self, tree: Tree) -> Templated | InPlace:
        """The repository's layout at a tree."""
        if tree.read("versions.json") is not None:
            return Templated(
                tree,
                self.profiles,
                self.tracks.skip,
                lambda over, series: render.render_tree(
                    self.profiles, over, versions=[series], worker=self.worker
                ),
            )
        if self.own is None:
            raise BadInput("there is no versions.json yet")
        layout = recognise(self.own, tree)
        return InPlace(self.own, layout, lambda _: tree, lambda *_: b"")

    def data(self, tree: Tree) -> dict[str, Any]:
        """A commit's data: ``versions.json``, or the same read from its Dockerfiles."""
        raw = tree.read("versions.json")
        if raw is not None:
            found: dict[str, Any] = json.loads(raw)
            return found
        route = self.route(tree)
        main = next(track for track in self.tracks.tracks if track.platform != "windows")
        return {line.name: route.value(line, main) for line in route.lines()}

    def commit(self, commit: str) -> tuple[str, str]:
        """A class and a sentence for a commit: ``exact`` when its tree comes out."""
        info = self.repository.commit(commit)
        parent, child = self.repository.tree(info.parents[0]), self.repository.tree(commit)
        changed = {
            path for path in {*parent.paths(), *child.paths()} if parent.read(path) != child.read(path)
        }
        try:
            before, after = self.data(parent), self.data(child)
            moved = [key for key in {*before, *after} if before.get(key) != after.get(key)]
        except ContribError as error:
            return "no data", str(error)
        if moved and all(key in self.tracks.skip for key in moved):
            return "left alone", ", ".join(moved)
        when = datetime.datetime.fromtimestamp(info.committer.time, datetime.timezone.utc).date()
        # Upstream's bot makes one commit per series, as a bump does: what the others had is in other commits.
        series = tuple(key for key in moved if before.get(key) is not None and after.get(key) is not None)
        known = {key: after[key] for key in series} or after
        past: Any = Past(self.served, {"before": before, "after": known, "date": when.isoformat()})
        releases = Releases(self.folder, self.sources, {}, past, image=self.own)
        archives = PastArchives(releases, None, "own download (replay)")
        archives.digests = digests_of(after)
        verdict, why = self._bumped(
            parent, child, changed, moved, when, series, releases, archives, frozenset()
        )
        if verdict == "refused (windows-gone)":
            confirmed, _ = self._bumped(
                parent, child, changed, moved, when, series, releases, archives, frozenset({"windows-gone"})
            )
            if confirmed == "exact":
                return "exact with --allow windows-gone", why
        return verdict, why

    def _bumped(
        self,
        parent: Tree,
        child: Tree,
        changed: set[str],
        moved: list[str],
        when: datetime.date,
        series: tuple[str, ...],
        releases: Releases,
        archives: Archives,
        allowed: frozenset[str],
    ) -> tuple[str, str]:
        asked = Asked(when, series, linux=True, windows=self.own is None, allowed=allowed)
        planner = Planner(
            self.tracks.at(parent), self.route(parent), releases, archives, asked, image=self.own
        )
        try:
            bumped = planner.plan()
        except ContribError as error:
            return "refused", str(error)
        files = tuple(file for change in bumped.changes for file in change.files)
        made = OverlayTree(parent, files)
        wrong = sorted(
            path for path in {*changed, *(file.path for file in files)} if made.read(path) != child.read(path)
        )
        if not wrong:
            return "exact", ""
        reasons = [
            f"{move.series} {move.component}: {move.reason}: {move.sentence}"
            for move in bumped.moves
            if move.reason not in ("", "newest", "skipped") and move.series in moved
        ]
        if reasons:
            return f"refused ({reasons[0].split(': ')[1]})", "; ".join(reasons)[:300]
        return "differs", f"{len(wrong)} of {len(changed)} files, {wrong[0]} first"


def main() -> int:
    parser = measuring.parser(__doc__)
    parser.add_argument("image")
    parser.add_argument("repository", help="the image's repository, a clone or URL")
    parser.add_argument("range", nargs="?", default="HEAD", help="commits, as git log takes them")
    parser.add_argument("--since", default=None, metavar="DATE", help="only commits since then")
    parser.add_argument("--author", default="Docker Library Bot", help="whose commits")
    parser.add_argument("--grep", default="^Update ", help="commits with such a title")
    parser.add_argument("--templates", type=Path, default=None, help="the images' folders")
    parser.add_argument("--misses", type=int, default=40, help="how many misses are shown")
    options = parser.parse_args()
    started = time.monotonic()
    classes: Counter[str] = Counter()
    misses: list[str] = []
    with Repository.obtain(options.repository) as repository, Worker() as worker:
        replay = Replay(options.image, repository, worker, options.templates)
        words = ["log", "--format=%H %s", f"--author={options.author}", f"--grep={options.grep}"]
        if options.since:
            words.append(f"--since={options.since}")
        listed = repository.run(*words, *options.range.split(), "--").stdout.decode().splitlines()
        for line in listed:
            commit, _, title = line.partition(" ")
            verdict, why = replay.commit(commit)
            classes[verdict] += 1
            if verdict not in ("exact", "exact with --allow windows-gone", "left alone"):
                misses.append(f"{commit[:12]} {title}: {verdict}: {why}")
    for miss in misses[: options.misses]:
        print(miss)
    apart = classes.pop("left alone", 0) + classes.pop("no data", 0)
    total = sum(classes.values())
    exact = classes["exact"] + classes["exact with --allow windows-gone"]
    share = 100 * exact / total if total else 0.0
    print(
        f"{options.image}: {exact} of {total} updates exact ({share:.1f} %), {apart} left alone or without data"
    )
    for name, count in classes.most_common():
        print(f"  {count:5} {name}")
    print(f"{time.monotonic() - started:.0f} s; {datetime.date.today()}; Python {sys.version.split()[0]}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
