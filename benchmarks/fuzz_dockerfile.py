"""A long run of generated Dockerfiles against the reader and the shells; says how many inputs were tried.

    python -m benchmarks.fuzz_dockerfile --seconds 300

Each input is read, its variables are resolved, its bodies are read and walked. What may come out is a value
or ``BadInput``; every place must lie in the file and hold the text that it says. Where BuildKit's own parser
(PyPI ``dockerfile``) is installed, both readers must agree. The first input that breaks a promise ends the run
and is printed.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from pathlib import Path

from benchmarks import measuring
from contrib.dockerfile import parse
from contrib.dockerfile.expand import environments
from contrib.shells import preamble_of, script_of, shells
from contrib.shells.model import walk
from contrib.values.errors import BadInput
from tests.dockerfile import judge

KEYWORDS = [
    "FROM",
    "RUN",
    "CMD",
    "ENTRYPOINT",
    "SHELL",
    "ENV",
    "ARG",
    "LABEL",
    "COPY",
    "ADD",
    "WORKDIR",
    "USER",
    "VOLUME",
    "EXPOSE",
    "HEALTHCHECK",
    "ONBUILD",
    "STOPSIGNAL",
    "MAINTAINER",
    "from",
    "Run",
    "FOO",
]
PIECES = [
    " ", "  ", "\t", "\n", "\\\n", "\\ \n", "`\n", "\r\n", "\n# c\n", "\\\n# c\n", "\\\n\n", "\\", "\\\\", "`", "'", '"', "=",
    "$", "${A}", "${A:-b}", "${A#*", "$env:A", "%A%", "%%i", "$(", "@(", "@{", "(", ")", "{", "}", "[", "]", ";", "|", "||",
    "&", "&&", ">", ">>", "2>&1", "<", "<<EOF", "<<-EOF", '<<"E"', "\nEOF\n", "EOF", "--", "--from=x", "-x", "-f", "-ne",
    ",", ".", "::", "a", "b", "A=b", "C='d e'", '["a"]', '["sh", "-c", "a b"]', "if", "then", "fi", "else", "for", "in",
    "do", "done", "while", "foreach", "try", "catch", "exit", "1", "set", "powershell -Command", "cmd /C", "sh -c",
    "Get-Item", "Invoke-WebRequest -Uri", "-OutFile", "\u00e9", "\u2003", "\u201c", "\x1c", "\udcff", "^", "!", "#", "*",
    "as", "AS", "CMD", "NONE", "mcr.microsoft.com/windows/servercore:ltsc2022", "alpine:3", "${", "\v", "@'", '@"', "'@",
]  # fmt: skip
HEADS = [
    "",
    "",
    "",
    "# escape=`\n",
    "\ufeff",
    "# syntax=a\n# escape=`\n",
    "#escape=x\n",
    "# check=skip=all\n",
]
SHELLS = [
    "FROM alpine\n",
    "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n",
    'FROM mcr.microsoft.com/windows/servercore:ltsc2022\nSHELL ["powershell", "-Command", "$a = 1;"]\n',
    "",
]


def generate(random_: random.Random, corpus: list[str]) -> bytes:
    """A file: made of pieces, or a real one with pieces put in, taken out and moved."""
    if corpus and random_.random() < 0.3:
        text = random_.choice(corpus)
        for _ in range(random_.randint(1, 8)):
            at = random_.randrange(len(text) + 1)
            stop = min(len(text), at + random_.choice((0, 0, 1, 2, 20)))
            text = text[:at] + random_.choice([*PIECES, ""]) + text[stop:]
    else:
        lines = [random_.choice(HEADS) + random_.choice(SHELLS)]
        for _ in range(random_.randint(0, 5)):
            body = "".join(
                random_.choice(PIECES) + random_.choice(("", " ")) for _ in range(random_.randint(0, 14))
            )
            lines.append(f"{random_.choice(KEYWORDS)} {body}\n")
        text = "".join(lines)
    return text.encode("utf-8", "surrogateescape")


def check(data: bytes, counts: Counter[str]) -> None:
    """Read everything that can be read; raises AssertionError where a promise is broken."""
    try:
        parsed = parse(data)
    except BadInput:
        counts["refused"] += 1
        return
    assert parsed.data == data
    counts["instructions"] += len(parsed.instructions)
    for instruction in parsed.instructions:
        places = list(instruction.offsets)
        assert places == sorted(places)
        for index, char in enumerate(instruction.body):
            piece = data[places[index] : instruction.offsets.end(index + 1)]
            assert piece.decode("utf-8", "surrogateescape") == char
    for instruction, environment in environments(parsed):
        for word in instruction.words:
            environment.expand(word.text)
    found = shells(parsed)
    for instruction in parsed.instructions:
        preamble_of(instruction)
        script = script_of(instruction, found.before(instruction))
        if script is None:
            continue
        counts[f"bodies {script.shell}"] += 1
        counts["bodies not understood whole"] += bool(script.unparsed)
        for node, _ in walk(script.nodes):
            assert 0 <= node.span.start <= node.span.end <= len(data)
    if judge.PRESENT:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            return
        if judge.newer(parsed) is None:
            counts["judged by BuildKit"] += 1
            assert judge.difference(data, parsed) is None, judge.difference(data, parsed)


def main() -> int:
    """Run for so many seconds and print the counts."""
    options = measuring.parser(__doc__)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--corpus", type=Path, help="directory with Dockerfiles to change")
    chosen = options.parse_args()
    random_ = random.Random(chosen.seed)
    corpus: list[str] = []
    if chosen.corpus is not None:
        for path in sorted(chosen.corpus.rglob("Dockerfile*")):
            corpus.append(path.read_bytes().decode("utf-8", "surrogateescape"))
    counts: Counter[str] = Counter()
    start = time.perf_counter()
    slowest = (0.0, b"")
    while time.perf_counter() - start < chosen.seconds:
        data = generate(random_, corpus)
        begin = time.perf_counter()
        try:
            check(data, counts)
        except Exception:
            print(f"after {counts['inputs']} inputs: {data!r}", file=sys.stderr)
            raise
        slowest = max(slowest, (time.perf_counter() - begin, data))
        counts["inputs"] += 1
    for name, count in sorted(counts.items()):
        print(f"{count:>10,}  {name}")
    print(f"{slowest[0] * 1000:>10.1f}  ms for the slowest, of {len(slowest[1]):,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
