"""What the rules say of the changes that official-images has seen: a yardstick for false alarms.

    python -m benchmarks.check_history CLONE [--changes 1243] [--at REF] [--rule ID]

For each of the last changes of a file under ``library/`` (merges left out, oldest not last) the version after
it is checked against the version before it, with the rules that need no more than that; printed is how many
changes each rule hits, new findings only. With ``--rule`` the findings themselves are printed.
"""

from __future__ import annotations

import collections
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import measuring
from contrib.clients.git import Repository
from contrib.library.survey import survey
from contrib.rules.library.context import Context
from contrib.rules.library.run import check
from contrib.values.findings import Severity


def changes(repository: Repository, ref: str, count: int) -> Iterator[tuple[str, str, bytes | None, bytes]]:
    """(commit, file's name, bytes before, bytes after); None before for a file that is new."""
    log = repository.run(
        "log",
        "--no-merges",
        "--raw",
        "--no-abbrev",
        "--no-renames",
        "--format=%H",
        f"-n{count * 2}",
        ref,
        "--",
        "library",
    )
    found: list[tuple[str, str, str, str]] = []
    commit = ""
    for line in log.stdout.decode("utf-8", "replace").splitlines():
        if line.startswith(":"):
            head, _, path = line.partition("\t")
            _, _, old, new, status = head.split(" ")
            if status != "D":
                found.append((commit, path, old, new))
        elif line:
            commit = line
    found = found[:count]
    empty = "0" * 40
    blobs = repository.blobs({sha for _, _, old, new in found for sha in (old, new) if sha != empty})
    for commit, path, old, new in found:
        yield commit, path.rpartition("/")[2], None if old == empty else blobs[old], blobs[new]


def main() -> None:
    """Run over a clone."""
    parser = measuring.parser(__doc__)
    parser.add_argument("clone", type=Path)
    parser.add_argument("--changes", type=int, default=1243)
    parser.add_argument("--at", default="HEAD")
    parser.add_argument("--rule", action="append", default=[])
    options = parser.parse_args()
    hit: dict[tuple[str, str], set[tuple[str, str]]] = collections.defaultdict(set)
    total = 0
    refused = 0
    start = time.perf_counter()
    with Repository.open(options.clone) as repository:
        for commit, name, before, after in changes(repository, options.at, options.changes):
            total += 1
            previous = survey(before, name) if before is not None else None
            now = survey(after, name)
            refused += now.rejected
            result = check(Context(now, previous=previous))
            for finding in result.findings:
                hit[finding.rule, finding.severity.value].add((commit, name))
                if finding.rule in options.rule:
                    print(f"{commit[:9]} {name}:{finding.line} {finding.severity.value} {finding.message}")
    seconds = time.perf_counter() - start
    print(f"{total} changes, {refused} of them refused by the reference, {seconds:.1f} s", file=sys.stderr)
    for severity in Severity:
        for (rule, level), where in sorted(hit.items(), key=lambda item: -len(item[1])):
            if level == severity.value:
                print(f"{level:8} {rule:32} {len(where):5}")


if __name__ == "__main__":
    main()
