"""Pull requests that were corrected before they were merged: what a review of their first state would have said.

    python -m benchmarks.replay_reviews CLONE [--since 2016-01-01] [--most 200] [--list]

CLONE is docker-library/official-images with its merge commits. A pull request counts when it changed a library
file in two or more commits of its own: the state after the first is what a reviewer saw, the merged state is what
came of it. The first state is checked against the base as a change, with the other library files and pins of that
commit. Printed is in how many pull requests a finding of the first state was gone in the merged one (the review and
the correction meant the same), in how many there was a finding that the merged state still has (a false remark, as
the maintainers accepted it), and in how many there was nothing. Pull requests whose later commits only bump
versions again are among them: nothing in the repository tells them apart.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import measuring
from contrib.cli.library_place import AtCommit, Library
from contrib.clients.git import Repository
from contrib.library.model import LibraryFile
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.form.reading import read_on
from contrib.rules.library.run import check
from contrib.values.findings import Finding, Severity


@dataclass(frozen=True)
class Pull:
    """A merged pull request that changed a library file more than once."""

    title: str
    name: str
    base: str
    first: str
    merged: str
    seconds: int


def pulls(repository: Repository, since: str) -> Iterator[Pull]:
    """The newest first."""
    log = repository.run("log", "--merges", "--first-parent", f"--since={since}", "--format=%H %P|%ct|%s")
    for line in log.stdout.decode("utf-8", "replace").splitlines():
        hashes, seconds, title = line.split("|", 2)
        _, base, *heads = hashes.split(" ")
        if len(heads) != 1 or not title.startswith("Merge pull request #"):
            continue
        own = repository.run(
            "log",
            "--reverse",
            "--no-merges",
            "--name-only",
            "--format=%x01%H",
            f"{base}..{heads[0]}",
            "--",
            "library",
        )
        touched: dict[str, list[str]] = {}
        for block in own.stdout.decode("utf-8", "replace").split("\x01")[1:]:
            commit, *paths = block.split()
            for path in paths:
                touched.setdefault(path, []).append(commit)
        for path, commits in touched.items():
            if len(commits) > 1:
                yield Pull(title, path.rpartition("/")[2], base, commits[0], heads[0], int(seconds))


def findings(repository: Repository, pull: Pull, commit: str) -> list[Finding] | None:
    """What a state of the pull request introduced; None where it has no such file."""
    path = f"library/{pull.name}"
    data = repository.tree(commit).read(path)
    if data is None:
        return None
    before = repository.tree(pull.base).read(path)
    now = read_on(data, path)
    library = Library(AtCommit(repository.tree(commit)))
    library.put(pull.name, LibraryFile(pull.name, now.data, now.header, now.entries))
    date = datetime.datetime.fromtimestamp(pull.seconds, datetime.timezone.utc).date().isoformat()
    context = LibraryContext(
        now, previous=None if before is None else read_on(before, path), others=library, today=date
    )
    return [each for each in check(context).findings if not each.older and each.severity is not Severity.NOTE]


def main() -> None:
    """Run over a clone."""
    parser = measuring.parser(__doc__)
    parser.add_argument("clone", type=Path)
    parser.add_argument("--since", default="2016-01-01")
    parser.add_argument("--most", type=int, default=200)
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    count = met = false = silent = remarks = kept = 0
    with Repository.open(options.clone) as repository:
        for pull in pulls(repository, options.since):
            first, merged = (findings(repository, pull, commit) for commit in (pull.first, pull.merged))
            if first is None or merged is None:
                continue
            count += 1
            rules = {each.rule for each in merged}
            gone = sorted({each.rule for each in first if each.rule not in rules})
            remarks += len(first)
            kept += sum(each.rule in rules for each in first)
            met += bool(gone)
            false += bool(first) and not gone
            silent += not first
            if options.list:
                print(
                    f"{pull.title[:60]} {pull.name}: corrected {', '.join(gone) or '-'}; kept {', '.join(sorted(rules)) or '-'}"
                )
            if count >= options.most:
                break
    print(
        f"{count} corrected pull requests: in {met} the correction took a finding away, in {false} there were only "
        f"findings that the merged state has too, in {silent} there was nothing; {kept} of {remarks} remarks stayed"
    )


if __name__ == "__main__":
    main()
