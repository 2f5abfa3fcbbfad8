"""What maintainers remarked on pull requests to official-images, and what the review of the same states says.

    python -m benchmarks.replay_pulls CLONE [--clones CLONES] [--list] [--only NUMBER]

CLONE is docker-library/official-images with ``refs/pull/*/head``, CLONES a directory with bare clones of images'
repositories as ``OWNER+NAME/repo``. :data:`REQUESTS` lists pull requests that somebody remarked on, with our own
labels of what was remarked: told from the thread, or from the correction that followed in the same pull request.
Each state of a request (each of its commits that changes a library file, and where the branch was pushed anew the
state that :data:`EDITS` tells) is reviewed as a change of the base, with the other library files and pins of its
day. Printed is the share of the remarks that a finding makes too, with and without notes, and how many errors and
warnings of the last state, which the maintainers took, are about nothing that was remarked: false remarks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks import measuring
from contrib.cli.library_git import Clones
from contrib.cli.library_place import AtCommit, Library
from contrib.clients.git import Repository
from contrib.library.model import LibraryFile
from contrib.library.parsing import parse
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.form.reading import read_on
from contrib.rules.library.run import check
from contrib.values.errors import BadInput
from contrib.values.findings import Finding, Severity

#: Label of a remark to the rules that make it; none where no rule could.
LABELS: dict[str, tuple[str, ...]] = {
    "architectures": ("arch-dropped", "unsupported-arch", "arch-suite-mismatch", "from-unsupported-arch", "latest-on-wrong-variant"),
    "archive": ("tar-modified",),
    "commit": ("wrong-gitcommit", "missing-gitcommit", "invalid-gitcommit"),
    "constraints": ("constraints-missing", "constraint-missing", "constraint-incomplete", "constraint-mismatch", "windows-arch-missing"),
    "directory": ("directory-version", "directory-missing", "directory-variant", "suite-directory", "file-missing", "file-field-missing"),
    "duplicate": ("duplicate-tag", "duplicate-tag-in-entry", "sharedtag-conflict"),
    "form": ("maintainers-missing-comma", "missing-colon", "tag-missing-comma", "blank-line-in-header"),
    "latest": ("latest-not-highest", "latest-on-prerelease", "duplicate-tag", "alias-dropped", "downgrade", "alias-not-highest"),
    "latest-in-tag": ("latest-in-tag",),
    "listed": (),  # releases that are not maintained any more
    "maintainer": (),
    "ref": ("gitfetch-missing", "gitfetch-wrong", "gitfetch-version", "commit-not-in-gitfetch"),
    "repository": (),
    "shared": ("sharedtags-single-linux", "sharedtags-missing-windows", "sharedtags-wrong-windows", "duplicate-tag"),
    "source": (),  # the Dockerfile itself
    "tags-lost": ("alias-dropped", "entry-dropped"),
    "tags-missing": ("alias-missing", "alias-dropped", "alias-not-highest", "entry-dropped"),
    "tag-wrong": ("variant-typo", "tag-typo", "version-skew-in-entry", "stable-alias-on-prerelease", "alias-not-highest"),
    "version": (
        "version-not-bumped", "version-mismatch", "tags-moved-alone", "version-skew-in-entry", "version-skew-siblings",
        "same-patch-overwritten", "wrong-gitcommit", "directory-version", "gitfetch-version",
    ),
}  # fmt: skip

#: Pull requests by number: what was remarked on their library files. The first group is told from the threads, the
#: second from corrections in the request.
REQUESTS: dict[int, tuple[str, ...]] = {
    2327: ("duplicate",), 2376: ("constraints",), 2905: ("duplicate",), 3085: ("version",), 3619: ("listed",),
    3674: ("source",), 3992: ("latest-in-tag",), 4266: ("archive",), 4813: ("ref",), 5055: ("tags-lost",),
    6281: ("shared",), 6766: ("shared",), 6846: ("latest",), 7037: ("commit",), 7267: ("tag-wrong",),
    7724: ("tag-wrong",), 7791: ("ref", "listed"), 7976: ("commit",), 8733: ("repository",), 9954: ("version",),
    11072: ("ref",), 11378: ("listed",), 11752: ("architectures",), 13139: ("architectures",),
    17851: ("maintainer",), 18261: ("latest-in-tag", "shared"),
    2308: ("directory",), 2585: ("directory",), 2738: ("directory",), 2792: ("duplicate",), 2894: ("duplicate",),
    2932: ("ref",), 3247: ("duplicate",), 3354: ("version",), 3387: ("constraints",), 3455: ("tags-missing",),
    3509: ("version",), 3682: ("latest-in-tag",), 3787: ("tag-wrong",), 3921: ("tags-missing",), 4031: ("version",),
    4142: ("latest-in-tag",), 9961: ("tag-wrong",), 10268: ("architectures",), 11354: ("ref",), 11581: ("ref",),
    13449: ("duplicate",), 13750: ("ref",), 16125: ("latest",), 16950: ("architectures",), 17272: ("latest",),
    17799: ("tags-missing",), 17824: ("latest",), 18452: ("latest",), 18524: ("tags-missing",), 18589: ("version",),
    19403: ("latest-in-tag",), 19593: ("form",),
}  # fmt: skip

#: Branches that were pushed anew: (now, as it was remarked on).
EDITS: dict[int, tuple[str, str]] = {
    2905: ("2.5-jdk8, 2.5.0-alpha-1-jdk,", "2.5-jdk8, jdk8, 2.5.0-alpha-1-jdk,"),
    7724: ("6.3-jdk14,", "6.3-jdk13,"),
}


@dataclass(frozen=True)
class State:
    """A library file of a pull request at one of its commits."""

    name: str
    commit: str
    data: bytes
    before: bytes | None


class Pulls:
    """The clone, asked for the states of pull requests."""

    def __init__(self, repository: Repository, clones: Clones | None) -> None:
        self._repository = repository
        self._clones = clones

    def _lines(self, *arguments: str) -> list[str]:
        return self._repository.run(*arguments).stdout.decode("utf-8", "replace").split("\n")[:-1]

    def states(self, number: int) -> list[State]:
        """In order; the last is what was merged, or the last that was proposed."""
        head = self._repository.resolve(f"refs/pull/{number}/head")
        merged = self._lines(
            "log",
            "HEAD",
            "--merges",
            "--first-parent",
            "-1",
            "--format=%P",
            f"--grep=^Merge pull request #{number} ",
        )
        base = self._lines("merge-base", merged[0].split()[0] if merged else "HEAD", head)[0]
        if base == head:
            base = self._repository.commit(head).parents[0]
        found = []
        for commit in self._lines(
            "log", "--reverse", "--no-merges", "--format=%H", f"{base}..{head}", "--", "library"
        ):
            for path in self._lines("diff", "--name-only", "--no-renames", base, commit, "--", "library"):
                data = self._repository.tree(commit).read(path)
                if data is not None:
                    found.append(
                        State(path.rpartition("/")[2], commit, data, self._repository.tree(base).read(path))
                    )
        if number in EDITS:
            now, then = (text.encode() for text in EDITS[number])
            edited = [
                State(each.name, each.commit, each.data.replace(now, then), each.before) for each in found
            ]
            found = [each for each, was in zip(edited, found, strict=True) if each.data != was.data] + found
        return found

    def findings(self, state: State) -> list[Finding]:
        """What the state introduced."""
        now = read_on(state.data, f"library/{state.name}")
        before = None if state.before is None else read_on(state.before, f"library/{state.name}")
        library = Library(AtCommit(self._repository.tree(state.commit)))
        library.put(state.name, LibraryFile(state.name, now.data, now.header, now.entries))
        date = self._lines("show", "--no-patch", "--format=%cs", state.commit)[0]
        context = LibraryContext(
            now, previous=before, others=library, today=date, repositories=self._known(state)
        )
        return [each for each in check(context).findings if not each.older]

    def _known(self, state: State) -> Clones | None:
        """The repositories, where all that the file names are at hand."""
        try:
            entries = parse(state.data, state.name).entries
        except BadInput:
            return None
        clones = self._clones
        if clones is None or not all(clones.of(entry.git_repo) is not None for entry in entries):
            return None
        return clones


def main() -> None:
    """Run over a clone."""
    parser = measuring.parser(__doc__)
    parser.add_argument("clone", type=Path)
    parser.add_argument("--only", type=int, action="append", default=[], metavar="NUMBER")
    parser.add_argument("--clones", type=Path)
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    made = noted = remarks = false = said = seen = 0
    known = None
    if options.clones is not None:
        known = Clones(_addresses(options.clones), online=False, say=lambda _: None)
    with Repository.open(options.clone) as repository:
        pulls = Pulls(repository, known)
        for number, labels in REQUESTS.items():
            if options.only and number not in options.only:
                continue
            states = pulls.states(number)
            if not states:
                print(f"#{number}: no state of it is in the clone")
                continue
            seen += 1
            found = [(state, pulls.findings(state)) for state in states]
            everything = [each for _, findings in found for each in findings]
            wanted = {rule for label in labels for rule in LABELS[label]}
            answers = []
            for label in labels:
                hits = [each for each in everything if each.rule in LABELS[label]]
                loud = any(each.severity is not Severity.NOTE for each in hits)
                made, noted, remarks = made + loud, noted + (bool(hits) and not loud), remarks + 1
                answers.append(f"{label}: {'said' if loud else 'noted' if hits else '-'}")
            last = states[-1].commit
            extra = [
                each
                for state, findings in found
                if state.commit == last and state.data == _final(states, state).data
                for each in findings
                if each.severity is not Severity.NOTE
            ]
            said += len(extra)
            false += sum(each.rule not in wanted for each in extra)
            if options.list:
                other = sorted({each.rule for each in extra if each.rule not in wanted})
                print(
                    f"#{number} {states[0].name}: {', '.join(answers)}"
                    + (f"; also {', '.join(other)}" if other else "")
                )
    if known is not None:
        known.close()
    print(
        f"{seen} pull requests, {remarks} remarks: {made} said ({made / max(remarks, 1):.0%}), {noted} more noted "
        f"({(made + noted) / max(remarks, 1):.0%}); {said} findings on what was taken, {false} about nothing that was remarked"
    )


def _final(states: list[State], like: State) -> State:
    return [each for each in states if each.name == like.name and each.commit == like.commit][-1]


def _addresses(folder: Path) -> list[str]:
    """``URL=PATH`` for each clone, as GitRepo may have it."""
    found = []
    for path in sorted(folder.iterdir()):
        owner, plus, name = path.name.partition("+")
        if plus and (path / "repo").is_dir():
            url = f"https://github.com/{owner}/{name}"
            found += [f"{url}={path / 'repo'}", f"{url}.git={path / 'repo'}"]
    return found


if __name__ == "__main__":
    main()
