"""Review every Windows Dockerfile that accepted repositories have had, and count what is said, rule by rule.

    python -m benchmarks.review_history CLONES [REPO ...] [--head] [--rule RULE] [--errors] [--show N]

CLONES is a directory with ``OWNER+NAME/repo`` git directories (or ``OWNER/NAME`` work trees). Without REPO
those of the official images with Windows variants are read. For each rule: how many files of the tip raise
it, how many different files of the whole history, and when it was first and last raised, so that a rule
which is younger than the files it speaks of can be told from one that is wrong.
"""

from __future__ import annotations

import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import measuring
from benchmarks.measuring import clone, git
from contrib.dockerfile import parse
from contrib.rules.review import review
from contrib.values.errors import BadInput
from contrib.values.findings import Finding, Severity

REPOSITORIES = (
    "docker-library/golang",
    "docker-library/mongo",
    "docker-library/python",
    "docker-library/docker",
    "nats-io/nats-docker",
    "caddyserver/caddy-docker",
    "docker-library/redis",
)


@dataclass
class Tally:
    """Where one rule was raised."""

    severities: set[str] = field(default_factory=set)
    head: int = 0
    files: int = 0
    first: str = ""
    last: str = ""
    examples: list[str] = field(default_factory=list)


def is_windows_dockerfile(path: str) -> bool:
    """A Dockerfile (no template) whose path says Windows."""
    lower = path.lower()
    file = lower.rpartition("/")[2]
    return (
        file.startswith("dockerfile")
        and not file.endswith((".template", ".tmpl", ".j2"))
        and "template" not in file
        and any(word in lower for word in ("windows", "nanoserver", "servercore"))
    )


def at_head(repo: Path) -> Iterator[tuple[str, str, bytes]]:
    """(date, place, content) of each Windows Dockerfile of the tip."""
    for line in git(repo, "ls-tree", "-r", "--name-only", "HEAD").decode().splitlines():
        if is_windows_dockerfile(line):
            yield "HEAD", line, git(repo, "show", f"HEAD:{line}")


def in_history(repo: Path) -> Iterator[tuple[str, str, bytes]]:
    """(date, place, content) of each different Windows Dockerfile of all commits, oldest first."""
    # --no-renames: git must not want blobs of other files, which a partial clone may lack
    log = git(repo, "log", "--no-renames", "--reverse", "--raw", "--no-abbrev", "--format=@%h %cs", "HEAD")
    seen: dict[str, tuple[str, str]] = {}
    commit = date = ""
    for line in log.decode("utf-8", "replace").splitlines():
        if line.startswith("@"):
            commit, date = line[1:].split(" ")
        elif line.startswith(":"):
            meta, _, path = line.partition("\t")
            blob = meta.split(" ")[3]
            if is_windows_dockerfile(path) and blob.strip("0"):
                seen.setdefault(f"{blob} {path}", (date, commit))
    process = subprocess.Popen(
        ["git", "-C", str(repo), "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None and process.stdout is not None
    for key, (when, commit) in seen.items():
        blob, _, path = key.partition(" ")
        process.stdin.write(blob.encode() + b"\n")
        process.stdin.flush()
        header = process.stdout.readline().split()
        if header[-1] == b"missing":
            continue
        data = process.stdout.read(int(header[2]))
        process.stdout.read(1)
        yield when, f"{commit}:{path}", data
    process.stdin.close()
    process.wait()


def findings_of(place: str, data: bytes) -> tuple[Finding, ...]:
    """The review of one file, its path taken from the place."""
    path = place.partition(":")[2] or place
    return review(parse(data, place), path=path)


def main() -> None:
    """Print the table."""
    parser = measuring.parser(__doc__)
    parser.add_argument("clones", type=Path)
    parser.add_argument("repositories", nargs="*", default=REPOSITORIES)
    parser.add_argument("--head", action="store_true", help="the tip alone")
    parser.add_argument("--rule", help="only this rule, with every message")
    parser.add_argument("--errors", action="store_true", help="errors alone")
    parser.add_argument("--show", type=int, default=1, help="examples for each rule")
    options = parser.parse_args()
    for name in options.repositories:
        repo = clone(options.clones, name)
        tallies: dict[str, Tally] = defaultdict(Tally)
        count = head_count = 0
        started = time.perf_counter()
        sources = [] if options.head else [in_history(repo)]
        for date, place, data in (item for source in [at_head(repo), *sources] for item in source):
            if date == "HEAD":
                head_count += 1
            else:
                count += 1
            try:
                found = findings_of(place, data)
            except BadInput as error:
                print(f"  {place}: {error}")
                continue
            for rule in sorted({f.rule for f in found if not options.errors or f.severity is Severity.ERROR}):
                own = [f for f in found if f.rule == rule]
                if options.rule and rule != options.rule:
                    continue
                tally = tallies[rule]
                tally.severities.update(f.severity.value for f in own)
                if date == "HEAD":
                    tally.head += 1
                else:
                    tally.files += 1
                    tally.first = min(tally.first or date, date)
                    tally.last = max(tally.last, date)
                if options.rule or len(tally.examples) < options.show:
                    tally.examples.append(f"{place}:{own[0].line}: {own[0].severity.value}: {own[0].message}")
        seconds = time.perf_counter() - started
        print(f"\n{name}: {head_count} files at HEAD, {count} in history ({seconds:.1f} s)")
        for rule, tally in sorted(tallies.items()):
            levels = "/".join(sorted(tally.severities))
            span = f"{tally.first} .. {tally.last}" if tally.files else ""
            print(f"  {rule:<32} {levels:<14} HEAD {tally.head:>3}  history {tally.files:>5}  {span}")
            for example in tally.examples if options.show or options.rule else ():
                print(f"      {example}")


if __name__ == "__main__":
    main()
