"""Mutated library files against everything that reads them.

    python -m benchmarks.fuzz_library LIBRARY [--seconds 60] [--seed N] [--bashbrew]

LIBRARY is a folder of library files to start from. Each round changes one of them (lines moved, doubled,
dropped, joined; bytes changed, inserted; fields, blanks, comments, separators put in) and asks that

- the reader accepts or refuses, with a sentence on one line, and nothing else;
- the rules' reading refuses exactly what the reader refuses, names a reason, and its places lie in the file;
- what is accepted reads back from its canonical form as the same, and an edit that changes nothing is none;
- the safe fixes come to an end and never make a refused file of an accepted one;
- the change from the file before is told, by the rules and by the diff, and no error of ours;
- every rule of the text gives findings, and no error of ours, with lines in the file, and quickly;
- and (``--bashbrew``, where it is on PATH; 30 times slower) bashbrew says the same, to the byte.

A failure is written beside the current directory as ``fuzz-NUMBER`` and ends the run.
"""

from __future__ import annotations

import collections
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import measuring
from contrib.library import Editor, cat, parse
from contrib.library.diff import diff
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.form.reading import read_on
from contrib.rules.library.run import check, fix
from contrib.values.errors import BadInput
from contrib.values.findings import Severity

PIECES = [
    b"Tags: 1, 2, latest", b"Tags:", b"SharedTags: latest", b"Architectures: amd64,", b"GitFetch: main", b"GitCommit: ",
    b"Directory: ../x", b"Constraints: ,", b"s390x-File:", b"# comment", b" # comment", b"  ", b"\t", b".", b" .", b"\r",
    b"Maintainers: A (@a) B (@b)", b"tags: x", b"Tag: x", b"https://example.org/", b":", b"Values: x", b"\xef\xbb\xbf",
    b"-----BEGIN PGP SIGNED MESSAGE-----", b"Tags: 1.2.3-rc1, 1.2-alpine3.20, jdk21", b"\xc2\xa0", b"\x1c# x", b"\xff",
    b"Architectures: windows-amd64\nConstraints: nanoserver-ltsc2025", b"Tags: 9999999999999999999999.1",
]  # fmt: skip


def mutated(data: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """A few changes."""
    lines = data.split(b"\n")
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        place = chance.randrange(len(lines) + 1)
        kind = chance.randrange(12)
        here = min(place, len(lines) - 1)
        if kind == 0 and lines:
            del lines[here]
        elif kind == 1 and lines:
            lines.insert(place, lines[here])
        elif kind == 2 and lines:
            lines.insert(place, lines.pop(here))
        elif kind == 3:
            lines.insert(place, b"")
        elif kind == 4:
            lines.insert(place, chance.choice(PIECES))
        elif kind == 5 and lines:
            lines[here] = chance.choice((b" ", b"\t", b"#", b"", b"\xc2\xa0")) + lines[here]
        elif kind == 6 and lines:
            lines[here] += chance.choice((b",", b" ", b" x", b" # x", b"\r", b"\t", b", 1", b"\0"))
        elif kind == 7 and lines and lines[here]:
            at = chance.randrange(len(lines[here]))
            lines[here] = (
                lines[here][:at] + bytes((chance.randrange(256),)) + lines[here][at + chance.randrange(2) :]
            )
        elif kind == 8 and len(lines) > 1:
            lines[here - 1 : here + 1] = [lines[here - 1] + lines[here]]
        elif kind == 9 and lines:
            lines[here] = lines[here].swapcase()
        elif kind == 10:
            other = chance.choice(others).split(b"\n")
            start = chance.randrange(len(other))
            lines[place:place] = other[start : start + chance.randrange(1, 12)]
        elif lines:
            lines[here] = lines[here].replace(
                b", ", chance.choice((b",", b" ", b",,", b",\n ", b",\n# c\n\t"))
            )
    return b"\n".join(lines)


class Reference:
    """bashbrew, a process for each question."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("bashbrew")
        if program is None:
            sys.exit("no bashbrew on PATH")
        self.program, self.folder = program, folder

    def cat(self, data: bytes) -> bytes | None:
        (self.folder / "probe").write_bytes(data)
        done = subprocess.run(
            [self.program, "--library", str(self.folder), "cat", "probe"], capture_output=True, timeout=60
        )
        return done.stdout if done.returncode == 0 else None


def one(data: bytes, before: bytes, reference: Reference | None) -> str:
    """Ask everything of one file, and of its change from one that is accepted; what became of it."""
    text: str | None = None
    try:
        file = parse(data, "library/probe")
    except BadInput as error:
        assert error.message and "\n" not in str(error), "the sentence"
        file = None
    found = read_on(data, "library/probe")
    lines = max(data.count(b"\n") + 1, 1)
    assert found.rejected == (file is None), "the two readings differ"
    assert all(1 <= (problem.line or 0) <= (problem.end_line or 0) <= lines for problem in found.found), (
        "a place outside"
    )
    if file is None:
        assert any(problem.severity is Severity.ERROR for problem in found.found), "no reason"
    else:
        text = cat(file)
        editor = Editor(file)
        for entry in file.entries:
            editor.replace(entry, entry)
        editor.set_header(file.header)
        assert editor.result() == data, "an edit of nothing"
        assert not any(id(problem) in found.refused for problem in found.found), "refused and accepted"
    if reference is not None:
        said = reference.cat(data)
        assert said == (None if text is None else text.encode("utf-8", "surrogateescape")), "bashbrew differs"
    result = check(LibraryContext(found, previous=read_on(before, "library/probe")))
    if file is not None and file.entries:
        changed = diff(parse(before, "library/probe"), file)
        assert bool(changed) or text == cat(parse(before, "library/probe")), "a change that is none"
    assert all(finding.line is not None and 1 <= finding.line <= lines for finding in result.findings), (
        "a finding outside"
    )
    after = fix(data, lambda now: check(LibraryContext(read_on(now, "library/probe"))).findings).data
    done = fix(after, lambda now: check(LibraryContext(read_on(now, "library/probe"))).findings)
    again, made = done.data, done.made
    assert (again == after and not made) or found.rejected, "fixes without an end"
    assert found.rejected or not read_on(after, "library/probe").rejected, "a fix broke the file"
    return "refused" if file is None else "accepted"


def main() -> None:
    """Run for a while."""
    parser = measuring.parser(__doc__)
    parser.add_argument("library", type=Path)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--bashbrew", action="store_true")
    options = parser.parse_args()
    seed = random.randrange(1 << 30) if options.seed is None else options.seed
    chance = random.Random(seed)
    files = [path.read_bytes() for path in sorted(options.library.iterdir()) if path.is_file()]
    files = [data for data in files if len(data) < 8000] or files
    counts: collections.Counter[str] = collections.Counter()
    slowest = 0.0
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        reference = Reference(Path(folder)) if options.bashbrew else None
        while time.monotonic() - start < options.seconds:
            before = chance.choice(files)
            data = mutated(before, chance, files)
            began = time.perf_counter()
            try:
                counts[one(data, before, reference)] += 1
            except Exception as error:
                path = Path(f"fuzz-{seed}-{sum(counts.values())}")
                path.write_bytes(data)
                print(f"{path}: {type(error).__name__}: {error}")
                raise
            slowest = max(slowest, time.perf_counter() - began)
    print(
        f"seed {seed}: {sum(counts.values())} files in {time.monotonic() - start:.0f} s, "
        f"{time.process_time():.0f} of the processor "
        f"({counts['accepted']} accepted, {counts['refused']} refused), the slowest took {slowest:.2f} s; no failure"
    )


if __name__ == "__main__":
    main()
