"""Our verdicts beside those of official-images' own scripts, on real and on harmed library files.

    python -m benchmarks.naughty OFFICIAL_IMAGES CLONES [--cases 40] [--image IMAGE] [--log FILE]

OFFICIAL_IMAGES is a checkout, CLONES a directory of bare clones (``docker-library+golang/repo`` …). Needs
bash, jq and a bashbrew on PATH. For each case the four scripts are run on one image's file, and what they
print is compared with the findings of the rules that stand for them: the same tags for the same reasons.

The scripts start thousands of bashbrews, so a run takes half an hour or more. With ``--log`` one that was stopped goes
on where it was: cases that the file has are not run again.

Nothing is fetched: bashbrew's git cache is filled from the clones, and the architectures of Windows' pinned
bases, which the script asks of a registry, are answered with windows-amd64 on both sides.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import measuring
from contrib.cli.library_git import Clones
from contrib.cli.library_place import Library, OnDisk
from contrib.clients.git import Repository
from contrib.library import parse
from contrib.rules.library import RULES
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.form.reading import read_on

IMAGES = {
    "golang": ("docker-library+golang", "https://github.com/docker-library/golang.git"),
    "docker": ("docker-library+docker", "https://github.com/docker-library/docker.git"),
    "nats": ("nats-io+nats-docker", "https://github.com/nats-io/nats-docker.git"),
    "mongo": ("docker-library+mongo", "https://github.com/docker-library/mongo.git"),
    "python": ("docker-library+python", "https://github.com/docker-library/python.git"),
    "caddy": ("caddyserver+caddy-docker", "https://github.com/caddyserver/caddy-docker.git"),
}
SCRIPTS = ("naughty-from.sh", "naughty-constraints.sh", "naughty-sharedtags.sh", "naughty-commits.sh")
ANSWER = """#!/usr/bin/env bash
if [ "$1" = remote ]; then
	echo '{"arches":{"windows-amd64":[]}}'
	exit 0
fi
exec "$REAL_BASHBREW" "$@"
"""
#: Seconds for one script over one image; python's take minutes on a busy machine.
LONGEST = 3600


class Windows:
    """A network that knows one thing."""

    def architectures(self, image: str) -> frozenset[str] | None:
        return frozenset(("windows-amd64",))

    def answers(self, url: str) -> bool | None:
        return None

    def tag_commit(self, url: str, tag: str) -> str | None:
        return None

    def ended(self, image: str, series: str) -> str | None:
        return None

    def newest(self, image: str, series: str) -> str | None:
        return None


class Scripts:
    """A scratch checkout in which the scripts are run."""

    def __init__(self, official_images: Path, clones: Path, scratch: Path) -> None:
        real = shutil.which("bashbrew")
        if real is None:
            sys.exit("no bashbrew on PATH")
        self.top = scratch / "official-images"
        shutil.copytree(official_images, self.top, ignore=shutil.ignore_patterns(".git", "test"))
        programs = scratch / "bin"
        programs.mkdir()
        (programs / "bashbrew").write_text(ANSWER)
        (programs / "bashbrew").chmod(stat.S_IRWXU)
        cache = scratch / "cache" / "git"
        subprocess.run(["git", "init", "-q", "--bare", str(cache)], check=True)
        self.env = {
            **os.environ,
            "REAL_BASHBREW": real,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "BASHBREW_CACHE": str(scratch / "cache"),
            "BASHBREW_LIBRARY": str(self.top / "library"),
        }
        pairs = []
        for folder, url in IMAGES.values():
            clone = clones / folder / "repo"
            if clone.is_dir():
                for pack in (clone / "objects" / "pack").iterdir():
                    shutil.copy2(pack, cache / "objects" / "pack" / pack.name)
                pairs.append((f"url.{clone.resolve()}.insteadOf", url))
        self.env["GIT_CONFIG_COUNT"] = str(len(pairs))
        # A clone that lacks objects (large files, say) serves no fetch: its image is not asked about GitFetch.
        self.unfetchable = {
            image
            for image, (folder, url) in IMAGES.items()
            if (clones / folder / "repo").is_dir() and not self._fetchable(clones / folder / "repo")
        }
        for number, (key, value) in enumerate(pairs):
            self.env[f"GIT_CONFIG_KEY_{number}"] = key
            self.env[f"GIT_CONFIG_VALUE_{number}"] = value

    @staticmethod
    def _fetchable(clone: Path) -> bool:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["git", "init", "-q", "--bare", folder], check=True)
            done = subprocess.run(
                ["git", "-C", folder, "fetch", "-q", str(clone.resolve()), "HEAD"], capture_output=True
            )
        return done.returncode == 0

    def run(self, script: str, image: str) -> tuple[str, str, float]:
        start = time.perf_counter()
        try:
            done = subprocess.run(
                ["bash", str(self.top / script), image],
                cwd=self.top,
                env=self.env,
                capture_output=True,
                text=True,
                timeout=LONGEST,
            )
        except subprocess.TimeoutExpired:
            return "", f"not done in {LONGEST} s", time.perf_counter() - start
        seconds = time.perf_counter() - start
        return done.stdout, done.stderr if done.returncode else "", seconds


def theirs(scripts: Scripts, image: str, spent: dict[str, float]) -> set[tuple[str, ...]] | str:
    """What the scripts say, as (script, tag or commit, …); the text of a failure where one fails."""
    found: set[tuple[str, ...]] = set()
    for script in SCRIPTS:
        out, failure, seconds = scripts.run(script, image)
        spent[script] = spent.get(script, 0.0) + seconds
        if failure:
            return f"{script}: {failure.strip().splitlines()[-1][:200]}"
        for line in out.splitlines():
            match = re.match(r" - (?:\S+:)(\S+) \(FROM (\S+)\) (?:\[(.*)\]|-- completely)", line)
            if script == "naughty-from.sh" and match:
                found.add(("from", match[1], match[2], match[3] or "all"))
            match = re.match(r" - (?:\S+:)(\S+) -- (missing|extra) constraints", line)
            if match:
                tag, kind = match[1], match[2]
            elif script == "naughty-constraints.sh" and line.startswith("   - "):
                found.add((kind, tag, line[5:]))
            if script == "naughty-sharedtags.sh" and line.startswith(" - "):
                for tag in re.findall(r"\S+?:(\S+?)(?=[,:])", line.partition("(duplicate")[0]):
                    found.add(("shared", tag.rstrip(":,")))
            match = re.search(
                r"is not in the specified ref GitFetch: (\S+)|unable to to fetch specified GitFetch: (\S+)",
                line,
            )
            if match:
                found.add(("fetch", match[1] or match[2]))
    return found


def ours(folder: Path, image: str, data: bytes, clones: Clones) -> set[tuple[str, ...]]:
    """What the rules say, in the same form."""
    others = Library(OnDisk(folder))
    others.put(image, parse(data, image))
    context = LibraryContext(read_on(data, image), repositories=clones, others=others, network=Windows())
    wanted = {
        "from-unsupported-arch",
        "from-unsupported-base",
        "constraint-missing",
        "constraint-extra",
        "sharedtag-duplicate-arch",
        "commit-not-in-gitfetch",
    }
    found: set[tuple[str, ...]] = set()
    for rule in RULES:
        if rule.id not in wanted:
            continue
        for finding in rule.check(context):
            names = re.findall(r"`([^`]+)`", finding.message)
            if rule.id == "from-unsupported-arch":
                found.add(("from", names[0], names[1], ", ".join(sorted(names[2:]))))
            elif rule.id == "from-unsupported-base":
                found.add(("from", names[0], names[1], "all"))
            elif rule.id.startswith("constraint-"):
                listed = finding.message.partition(", which")[0]
                for constraint in re.findall(r"`([^`]+)`", listed)[1:]:
                    found.add((rule.id.removeprefix("constraint-"), names[0], constraint))
            elif rule.id == "sharedtag-duplicate-arch":
                if "windows-amd64" not in finding.message:
                    head = finding.message.partition(" have ")[0]
                    found.update(("shared", tag) for tag in re.findall(r"`([^`]+)`", head))
            else:
                match = re.search(r"(refs/\S+)", finding.message)
                found.add(("fetch", match[1] if match else ""))
    return found


def harms(data: bytes, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """The file, harmed in ways that the scripts see."""
    text = data.decode()

    def each(pattern: str, replace: Callable[[re.Match[str]], str]) -> str | None:
        places = list(re.finditer(pattern, text, re.MULTILINE))
        if not places:
            return None
        match = chance.choice(places)
        return text[: match.start()] + replace(match) + text[match.end() :]

    candidates = {
        "constraint dropped": each(r"^Constraints: .*\n", lambda m: ""),
        "constraint of another release": each(
            r"^Constraints: .*$", lambda m: m[0].replace("ltsc2025", "ltsc2022")
        ),
        "constraint on Linux": each(
            r"^Directory: .*$", lambda m: m[0] + "\nConstraints: windowsservercore-ltsc2022"
        ),
        "architecture added": each(r"^Architectures: (?!windows).*$", lambda m: m[0] + ", mips64le"),
        "only an architecture that nothing has": each(
            r"^Architectures: (?!windows).*$", lambda m: "Architectures: mips64le"
        ),
        "Windows on Linux": each(r"^Architectures: (?!windows).*$", lambda m: "Architectures: windows-amd64"),
        "GitFetch of nothing": each(r"^GitCommit: .*$", lambda m: "GitFetch: refs/heads/no-such\n" + m[0]),
        "shared by two": each(r"^SharedTags: .*$", lambda m: m[0] + ", harmed"),
    }
    for name, harmed in candidates.items():
        if harmed is None or harmed == text:
            continue
        if name == "shared by two":
            again = [
                m for m in re.finditer(r"^SharedTags: .*$", harmed, re.MULTILINE) if "harmed" not in m[0]
            ]
            if not again:
                continue
            match = chance.choice(again)
            harmed = harmed[: match.end()] + ", harmed" + harmed[match.end() :]
        yield name, harmed.encode()


def cases(official_images: Path, clones: Path, count: int) -> Iterator[tuple[str, str, bytes]]:
    """(image, what it is, its file): as they are, as they were, and harmed."""
    chance = random.Random(7)
    bare = clones / "docker-library+official-images" / "repo"
    made: list[tuple[str, str, bytes]] = []
    for image, (folder, _) in IMAGES.items():
        clone = clones / folder / "repo"
        if not clone.is_dir():
            continue
        with Repository.open(clone) as repository:
            versions: list[tuple[str, bytes]] = [("now", (official_images / "library" / image).read_bytes())]
            if bare.is_dir():
                with Repository.open(bare) as history:
                    log = history.run("log", "-40", "--format=%H", "HEAD", "--", f"library/{image}")
                    for commit in log.stdout.decode().split():
                        old = history.tree(commit).read(f"library/{image}")
                        if old is not None:
                            versions.append((commit[:9], old))
            there = [
                (name, data)
                for name, data in versions
                if all(
                    repository.has(entry.value("GitCommit", arch))
                    for entry in parse(data, image).entries
                    for arch in entry.architectures
                )
            ]
        for name, data in there[:2] + chance.sample(there[2:], min(2, len(there[2:]))):
            made.append((image, name, data))
        if there:
            made += [(image, f"{there[0][0]}, {what}", data) for what, data in harms(there[0][1], chance)]
    chance.shuffle(made)
    yield from made[:count]


def main() -> None:
    """Run the cases."""
    parser = measuring.parser(__doc__)
    parser.add_argument("official_images", type=Path)
    parser.add_argument("clones", type=Path)
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument(
        "--image", action="append", default=[], choices=sorted(IMAGES), help="of these images only"
    )
    parser.add_argument("--log", type=Path, help="append each verdict, and leave out the cases that it has")
    options = parser.parse_args()
    logged = options.log.read_text("utf-8").splitlines() if options.log and options.log.is_file() else []

    def say(line: str) -> None:
        print(line, flush=True)
        if options.log:
            with options.log.open("a", encoding="utf-8", newline="\n") as log:
                log.write(line + "\n")

    wrong = failed = total = 0
    spent: dict[str, float] = {}
    mine = 0.0
    with tempfile.TemporaryDirectory() as folder:
        scripts = Scripts(options.official_images, options.clones, Path(folder))
        library = scripts.top / "library"
        for image, what, data in cases(options.official_images, options.clones, options.cases):
            if options.image and image not in options.image:
                continue
            total += 1
            there = [line for line in logged if line.startswith(f"{image} ({what}): ")]
            if there:
                failed += "a script failed" in there[0]
                wrong += "only theirs" in there[0]
                continue
            original = (options.official_images / "library" / image).read_bytes()
            (library / image).write_bytes(data)
            said = theirs(scripts, image, spent)
            start = time.perf_counter()
            clones = Clones(
                [f"{IMAGES[image][1]}={options.clones / IMAGES[image][0] / 'repo'}"], online=False, say=print
            )
            found = ours(library, image, data, clones)
            clones.close()
            mine += time.perf_counter() - start
            (library / image).write_bytes(original)
            if image in scripts.unfetchable and not isinstance(said, str):
                said = {each for each in said if each[0] != "fetch"}
                found = {each for each in found if each[0] != "fetch"}
            if isinstance(said, str):
                failed += 1
                say(f"{image} ({what}): a script failed: {said}; ours: {sorted(found)[:3]}")
            elif said != found:
                wrong += 1
                say(
                    f"{image} ({what}): only theirs {sorted(said - found)[:4]}, only ours {sorted(found - said)[:4]}"
                )
            else:
                say(f"{image} ({what}): the same {len(found)} verdicts")
    print(
        f"{total} cases: {total - wrong - failed} the same, {wrong} different, {failed} where a script failed"
    )
    print(f"scripts {sum(spent.values()):.1f} s, ours {mine:.1f} s")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
