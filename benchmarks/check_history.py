"""What the rules say of the changes that official-images has seen: false alarms, and mistakes found.

    python -m benchmarks.check_history CLONE [--since 2023-01-01] [--sample 300] [--seed 1] [--rule ID] [--mistakes]

Each change of a file under ``library/`` (merges left out) is checked against the version before it, with the
other library files and the pinned bases as they stood at its commit, and with its date: what ``contrib library
check FILE --against BEFORE --library DIR`` sees. ``--with-history`` adds the message and the file's past, which
``--changed`` has.

Without ``--mistakes`` it takes a random sample of accepted changes and prints how many have an error, a warning or
a note that the change introduced, by rule; with ``--rule`` the findings themselves. With it, it takes the changes
that the next change of the file took back within 21 days (a tag, or an architecture of a tag, was lost and came
back) and prints the share in which an error or warning, or at least a note, is found.
"""

from __future__ import annotations

import collections
import datetime
import random
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks import measuring
from contrib.cli.library_place import AtCommit, Library
from contrib.clients.git import Repository
from contrib.library.model import LibraryFile
from contrib.library.parsing import parse
from contrib.library.tags import Tag
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.form.reading import read_on
from contrib.rules.library.run import check
from contrib.values.errors import BadInput
from contrib.values.findings import Finding, Severity

EMPTY = "0" * 40
_TEST = re.compile(r"rc|beta|alpha|preview|unstable")
#: A correction comes within this many seconds.
SOON = 21 * 86400


@dataclass(frozen=True)
class Change:
    """One change of one file.

    :param seconds: when it was committed, since 1970.
    """

    commit: str
    seconds: int
    message: str
    name: str
    old: str
    new: str

    @property
    def date(self) -> str:
        """ISO."""
        return datetime.datetime.fromtimestamp(self.seconds, datetime.timezone.utc).date().isoformat()


def changes(repository: Repository, ref: str, since: str) -> list[Change]:
    """Changes of files under ``library/``, the newest first; those that delete a file left out."""
    log = repository.run(
        "log",
        "--no-merges",
        "--raw",
        "--no-abbrev",
        "--no-renames",
        f"--since={since}",
        "--format=%x01%H%x02%ct%x02%B%x02",
        ref,
        "--",
        "library",
    )
    found = []
    for block in log.stdout.decode("utf-8", "replace").split("\x01")[1:]:
        commit, seconds, message, raw = block.split("\x02", 3)
        for line in raw.splitlines():
            if not line.startswith(":"):
                continue
            head, _, path = line.partition("\t")
            _, _, old, new, status = head.split(" ")
            if status != "D":
                found.append(Change(commit, int(seconds), message, path.rpartition("/")[2], old, new))
    return found


class History:
    """A clone, and the checks of its changes."""

    def __init__(self, repository: Repository, ref: str, since: str, *, with_history: bool) -> None:
        self.repository = repository
        self.changes = changes(repository, ref, since)
        self._with_history = with_history
        self._by_name: dict[str, list[Change]] = collections.defaultdict(list)
        for each in self.changes:
            self._by_name[each.name].append(each)

    def blob(self, sha: str) -> bytes:
        """A version of a file."""
        return self.repository.blobs([sha])[sha]

    def findings(self, change: Change) -> list[Finding]:
        """What the change introduced."""
        now = read_on(self.blob(change.new), f"library/{change.name}")
        before = read_on(self.blob(change.old), f"library/{change.name}") if change.old != EMPTY else None
        library = Library(AtCommit(self.repository.tree(change.commit)))
        library.put(change.name, LibraryFile(change.name, now.data, now.header, now.entries))
        context = LibraryContext(
            now,
            previous=before,
            others=library,
            today=change.date,
            message=change.message if self._with_history else None,
            past=(lambda: self._past(change)) if self._with_history else None,
        )
        return [finding for finding in check(context).findings if not finding.older]

    def _past(self, change: Change) -> Sequence[LibraryFile]:
        rows = self._by_name[change.name]
        older = rows[rows.index(change) + 1 :][:12]
        found = []
        for each in older:
            try:
                if each.old != EMPTY:
                    found.append(parse(self.blob(each.old), each.name))
            except BadInput:
                continue
        return found

    def corrected(self) -> Iterator[tuple[Change, Change, str]]:
        """(change, correction, what was corrected)."""
        for rows in self._by_name.values():
            for correction, change in pairwise(rows):
                if change.old == EMPTY or correction.seconds - change.seconds > SOON:
                    continue
                if correction.old != change.new:
                    continue
                try:
                    versions = [
                        parse(self.blob(sha), change.name) for sha in (change.old, change.new, correction.new)
                    ]
                except BadInput:
                    continue
                what = _restored(*versions)
                if what:
                    yield change, correction, what


def _restored(before: LibraryFile, broken: LibraryFile, fixed: LibraryFile) -> str:
    """What the correction gave back, "" for nothing."""
    one, two, three = (_tags(file) for file in (before, broken, fixed))
    lost = [
        tag
        for tag in one
        if tag not in two and tag in three and not Tag(tag).marker and not _TEST.search(tag)
    ]
    if lost:
        return f"tags lost: {', '.join(lost[:5])}"
    arches = [
        f"{tag} {' '.join(sorted(gone))}"
        for tag in one
        if tag in two and tag in three and (gone := (one[tag][0] - two[tag][0]) & three[tag][0])
    ]
    if arches:
        return f"architectures lost: {arches[0]}"
    return ""


def _tags(file: LibraryFile) -> dict[str, tuple[set[str], str]]:
    found: dict[str, tuple[set[str], str]] = {}
    for entry in file.entries:
        for tag in entry.all_tags:
            arches, commit = found.get(tag, (set(), entry.git_commit))
            found[tag] = (arches | set(entry.architectures), commit)
    return found


def sample(history: History, size: int, seed: int, only: Sequence[str]) -> None:
    """The first form."""
    chosen = random.Random(seed).sample(history.changes, min(size, len(history.changes)))
    hit: dict[tuple[str, str], set[Change]] = collections.defaultdict(set)
    start = time.perf_counter()
    for change in chosen:
        for finding in history.findings(change):
            hit[finding.rule, finding.severity.value].add(change)
            if finding.rule in only or finding.severity.value in only:
                print(f"{change.commit[:9]} {change.date} {change.name}:{finding.line} {finding.severity.value} "
                      f"{finding.rule}: {finding.message}")  # fmt: skip
    loud = {change for (_, level), found in hit.items() for change in found if level != "note"}
    quiet = {change for (_, level), found in hit.items() for change in found if level == "note"}
    print(f"{len(chosen)} changes, {time.perf_counter() - start:.1f} s: {len(loud)} with an error or warning "
          f"({len(loud) / len(chosen):.1%}), {len(quiet)} with a note", file=sys.stderr)  # fmt: skip
    for severity in Severity:
        for (rule, level), where in sorted(hit.items(), key=lambda item: -len(item[1])):
            if level == severity.value:
                print(f"{level:8} {rule:32} {len(where):5}")


def mistakes(history: History, *, listed: bool) -> None:
    """The second form."""
    count = loud = quiet = 0
    for change, correction, what in history.corrected():
        found = history.findings(change)
        count += 1
        rules = sorted({finding.rule for finding in found if finding.severity is not Severity.NOTE})
        notes = sorted({finding.rule for finding in found if finding.severity is Severity.NOTE})
        loud += bool(rules)
        quiet += bool(notes) and not rules
        if listed:
            print(f"{change.commit[:9]} {correction.commit[:9]} {change.name}: {what} -> "
                  f"{', '.join(rules) or '-'} (notes: {', '.join(notes) or '-'})")  # fmt: skip
    print(f"{count} corrected changes: {loud} with an error or warning, {quiet} more with a note")


def main() -> None:
    """Run over a clone."""
    parser = measuring.parser(__doc__)
    parser.add_argument("clone", type=Path)
    parser.add_argument("--since", default="2023-01-01")
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at", default="HEAD")
    parser.add_argument(
        "--rule", action="append", default=[], help="a rule or a severity whose findings are printed"
    )
    parser.add_argument("--mistakes", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--with-history", action="store_true")
    options = parser.parse_args()
    with Repository.open(options.clone) as repository:
        history = History(repository, options.at, options.since, with_history=options.with_history)
        if options.mistakes:
            mistakes(history, listed=options.list)
        else:
            sample(history, options.sample, options.seed, options.rule)


if __name__ == "__main__":
    main()
