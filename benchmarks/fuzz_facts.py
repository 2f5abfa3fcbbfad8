"""A long fuzz of the fact extractors and the comparison: how many inputs, how long the slowest took.

    python -m benchmarks.fuzz_facts [--seconds 60] [--seed 1] [FILE…]

Inputs are Dockerfiles put together at random from pieces that facts are made of, and real ones (FILE…) with
lines dropped, doubled, swapped, cut and bytes changed. Each is read, extracted and compared with the one
before; an exception, or an input that takes longer than ``--limit`` seconds, is shown and ends the run with 1.
"""

from __future__ import annotations

import random
import time
from pathlib import Path

from benchmarks import measuring
from contrib.compare import compare
from contrib.dockerfile import parse
from contrib.facts import extract
from contrib.values.errors import BadInput
from tests.facts.support import ALPINE, NANOSERVER, SERVERCORE
from tests.facts.test_facts import PIECES

SCRIPT = {
    "docker-entrypoint.sh": b'#!/bin/sh\nif [ "${1#-}" != "$1" ]; then set -- app "$@"; fi\nexec gosu app "$@"\n'
}


def generated(chance: random.Random) -> bytes:
    """Pieces at random, below one of the usual heads."""
    head = chance.choice((ALPINE, SERVERCORE, NANOSERVER, ""))
    text = head + "".join(chance.choice(PIECES) for _ in range(chance.randint(1, 60)))
    return text.replace("\x00", "").encode("utf-8", "surrogatepass")


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A real file with a few things done to it."""
    lines = data.split(b"\n")
    for _ in range(chance.randint(1, 6)):
        if not lines:
            break
        at = chance.randrange(len(lines))
        kind = chance.randrange(6)
        if kind == 0:
            del lines[at]
        elif kind == 1:
            lines.insert(at, lines[chance.randrange(len(lines))])
        elif kind == 2:
            other = chance.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == 3:
            lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
        elif kind == 4:
            piece = chance.choice(PIECES).replace("\x00", "").encode("utf-8", "surrogatepass")
            spot = chance.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:spot] + piece + lines[at][spot:]
        elif lines[at]:
            spot = chance.randrange(len(lines[at]))
            lines[at] = lines[at][:spot] + bytes([chance.randrange(1, 256)]) + lines[at][spot + 1 :]
    return b"\n".join(lines)


def main() -> int:
    """Run for the time given."""
    parser = measuring.parser(__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--limit", type=float, default=5, help="seconds that one input may take")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("files", nargs="*", type=Path)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    real = [path.read_bytes() for path in given.files]
    tried = read = 0
    slowest = 0.0
    before = extract(parse(SERVERCORE.encode()))
    end = time.monotonic() + given.seconds
    while time.monotonic() < end:
        data = mutated(chance.choice(real), chance) if real and chance.random() < 0.6 else generated(chance)
        tried += 1
        started = time.perf_counter()
        try:
            sheet = extract(parse(data), copied=SCRIPT)
            windows, linux = (sheet, before) if sheet.platform == "windows" else (before, sheet)
            compare(windows, linux)
        except BadInput:
            continue
        except Exception as error:
            print(f"input {tried}: {error!r}\n{data!r}")
            return 1
        took = time.perf_counter() - started
        slowest = max(slowest, took)
        if took > given.limit:
            print(f"input {tried} took {took:.1f} s\n{data!r}")
            return 1
        read += 1
        before = sheet
    print(f"{tried} inputs ({read} read), none failed; the slowest took {slowest * 1000:.0f} ms")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
