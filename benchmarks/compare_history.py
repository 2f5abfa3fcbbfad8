"""The comparison over whole histories: every distinct Windows Dockerfile against its twin at that commit.

    python -m benchmarks.compare_history CLONES [--every 25] [--show 40]

CLONES is a directory with bare clones as ``OWNER+NAME/repo``. Says how many files were compared, how long it
took, what could not be read, and the rows that were not ``same`` or ``justified``, most frequent first, each
with one place to look at. An exception is shown with its place and ends the run with 1.
"""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path, PurePosixPath

from benchmarks import measuring
from contrib.compare import compare
from contrib.compare.twins import is_windows, twin_of
from contrib.dockerfile import parse
from contrib.facts import FactSheet, extract
from contrib.values.errors import BadInput
from contrib.values.findings import Verdict


def git(repository: Path, *arguments: str) -> bytes:
    """Output of git, empty when it fails: not every commit has every file."""
    return measuring.git(repository, *arguments, check=False)


def sheet(repository: Path, commit: str, path: str) -> FactSheet:
    """The facts of a file as it stood, with the entrypoint script beside it."""
    entry = git(repository, "show", f"{commit}:{PurePosixPath(path).parent}/docker-entrypoint.sh")
    return extract(
        parse(git(repository, "show", f"{commit}:{path}"), path),
        copied={"docker-entrypoint.sh": entry} if entry else {},
    )


def main() -> int:
    """Walk the clones."""
    parser = measuring.parser(__doc__)
    parser.add_argument("clones", type=Path)
    parser.add_argument("--every", type=int, default=25, help="look at every nth commit")
    parser.add_argument("--show", type=int, default=40)
    given = parser.parse_args()
    started = time.monotonic()
    seen: set[str] = set()
    compared = 0
    rows: Counter[tuple[str, ...]] = Counter()
    places: dict[tuple[str, ...], str] = {}
    for repository in sorted(given.clones.glob("*/repo")):
        name = repository.parent.name
        for commit in git(repository, "log", "--format=%H", "HEAD").decode().split()[:: given.every]:
            listing = git(repository, "ls-tree", "-r", commit).decode("utf-8", "replace").splitlines()
            blobs = {line.split("\t", 1)[1]: line.split()[2] for line in listing if "\t" in line}
            for path, blob in blobs.items():
                twin = twin_of(path, blobs) if is_windows(path) and blob not in seen else None
                if twin is None:
                    continue
                seen.add(blob)
                try:
                    windows, linux = sheet(repository, commit, path), sheet(repository, commit, twin)
                    found = compare(windows, linux)
                except BadInput:
                    continue
                except Exception as error:
                    print(f"{name}@{commit}:{path}: {error!r}")
                    return 1
                compared += 1
                told = [
                    (name, row.fact, row.verdict.value, row.why[:70]) for row in found if row.verdict in _LOUD
                ]
                told += [(name, "not read", sentence) for _, sentence in windows.notes]
                for key in told:
                    rows[key] += 1
                    places.setdefault(key, f"{commit[:10]}:{path}")
    print(f"{compared} Windows Dockerfiles compared in {time.monotonic() - started:.0f} s, none failed")
    for key, count in rows.most_common(given.show):
        print(f"{count:>5}  {'  '.join(key)}  ({places[key]})")
    return 0


_LOUD = (Verdict.MISSING, Verdict.DIFFERENT, Verdict.EXTRA)

if __name__ == "__main__":
    raise SystemExit(main())
