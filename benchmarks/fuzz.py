"""Breaks the readers of other people's text by mutation and by structure, for a time that is given.

    python -m benchmarks.fuzz [--minutes 30] [--seed 1] [--only review,facts] [--keep DIR]

An input has two outcomes: a result, or an error of ours that names it. Anything else is a finding, as is one that
takes more than two seconds of processor time: each is printed once, by the place in our code that it came from,
and ``--keep`` writes its input. Readers take turns, so that each gets the same time; the count of inputs per reader
is printed at the end, or when it is told to end.

*Mutation* takes inputs of ours (``tests/budgets``) and flips, cuts, repeats, joins and replaces pieces of them.
*Structure* strings units of the grammars together where they may stand, at any depth.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks import measuring
from contrib.clients.budget import reading
from contrib.values.errors import ContribError
from tests.budgets.cases import OTHERS, PLACES, SHELL
from tests.budgets.entries import ENTRIES, seeds

#: Bytes and texts that readers stumble over.
ODD = [
    b"\xff", b"\x00", b"\xc2\xb2", b"\xe2\x80\xae", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80",
    b"\r", b"\r\n", b"\n", b"\x85", b"\x0b", b"\x1b[8m", b"9" * 400, b"9" * 5000, "²".encode(), "٣".encode(), b"-1", b"1e999", b"NaN", b"null", b"true", b"[]", b"{}", b'""',
    b'"', b"'", b"`", b"\\", b"^", b"$", b"%", b"@", b"(", b")", b"{{", b"}}", b"{%", b"<!--", b"-->", b"<<EOF", b"--", b"#", b":", b",", b" ",
    b"\t", b"https://[::1", b"https://a:99999/", b"//", b"..", b"/", b"C:\\", b"\\u0000", b"\\ud800", b"\xd9\xa3", b"sha256:", b"a" * 300,
]  # fmt: skip
SLOW = 2.0


def mutated(random_: random.Random, base: bytes, others: list[bytes]) -> bytes:
    """A copy with one to eight changes."""
    data = bytearray(base[:20_000])
    for _ in range(random_.choice((1, 1, 2, 3, 5, 8))):
        start = random_.randrange(len(data) + 1)
        end = min(len(data), start + random_.choice((0, 1, 1, 2, 5, 20, 100)))
        kind = random_.randrange(8)
        if kind == 0 and data:
            data[min(start, len(data) - 1)] ^= 1 << random_.randrange(8)
        elif kind == 1:
            data[start:end] = b""
        elif kind == 2:
            data[start:start] = random_.choice(ODD)
        elif kind == 3:
            data[start:end] = random_.choice(ODD)
        elif kind == 4:
            data[start:start] = bytes(data[start:end]) * random_.choice((1, 2, 10, 50))
        elif kind == 5:
            other = random_.choice(others)
            at = random_.randrange(len(other) + 1)
            data[start:end] = other[at : at + random_.choice((1, 5, 20, 200))]
        elif kind == 6:
            lines = bytes(data).split(b"\n")
            random_.shuffle(lines)
            data = bytearray(b"\n".join(lines))
        else:
            data = data[:start]
    return bytes(data[:60_000])


def made(random_: random.Random, entry: str) -> bytes | None:
    """Units of the grammar in a place where they may stand; None where there is no grammar for the reader."""
    places = [(b, a, SHELL) for b, a, e in PLACES.values() if e == entry or entry in _DOCKERFILES]
    places += [(b, a, [u]) for _, b, u, a, e in OTHERS if e == entry]
    if not places:
        return None
    before, after, units = random_.choice(places)
    known = [*units, *(u for _, _, u, _, e in OTHERS if e == entry)]
    text = "".join(random_.choice(known) for _ in range(random_.choice((1, 3, 8, 30, 100))))
    return (before + text.replace("{}", str(random_.randrange(99))) + after).encode()


_DOCKERFILES = ("review", "facts", "comparison", "fix", "rewritten")


def where(error: BaseException) -> str:
    """The place in our code that an error came from."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "/contrib/" in f.filename]
    last = frames[-1] if frames else traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} {last.filename.rpartition('/contrib/')[2]}:{last.lineno}"


def main() -> int:
    """Run; 1 where something was found."""
    return fuzz(options(__doc__), ENTRIES, seeds(), made)


def options(text: str | None) -> argparse.Namespace:
    """What the command line says; ``text`` is the module's."""
    parser = measuring.parser(text or "")
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", type=Path)
    return parser.parse_args()


def fuzz(
    options: argparse.Namespace,
    entries: Mapping[str, Callable[[bytes], object]],
    corpus: Mapping[str, list[bytes]],
    made: Callable[[random.Random, str], bytes | None],
) -> int:
    """Give the readers inputs in turn, and print what they did not stand.

    :param corpus: inputs of ours, by reader. :param made: input by structure; None where a reader has no grammar.
    :returns: 1 where something was found.
    """
    random_ = random.Random(options.seed)
    names = [name for name in entries if not options.only or name in options.only.split(",")]
    spent: dict[str, float] = dict.fromkeys(names, 0.0)
    count: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    found: dict[str, int] = {}
    interrupted = False
    began = _used()
    end = began + options.minutes * 60
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    while not interrupted and _used() < end:
        name = min(names, key=lambda each: spent[each])
        others = corpus[name] or [b"a"]
        data = made(random_, name) if random_.random() < 0.4 else None
        if data is None:
            data = mutated(random_, random_.choice(others), others)
        start, alone = _used(), time.process_time()
        try:
            with reading("input", seconds=30):
                entries[name](data)
            outcome, finding = "result", ""
        except ContribError as error:
            outcome, finding = "error", "budget" if error.kind == "budget" else ""
        except KeyboardInterrupt:
            interrupted = True
            continue
        except Exception as error:
            outcome, finding = "crash", where(error)
        # Not with those of workers, which are counted when one ends, whoever used it.
        took = time.process_time() - alone
        spent[name] += _used() - start
        count[name] += 1
        outcomes[outcome] += 1
        if took > SLOW and not finding:
            finding = f"slow in {name}"
        if finding:
            key = f"{name}: {finding}"
            found[key] = found.get(key, 0) + 1
            if found[key] == 1:
                print(f"{key} ({took:.1f} s, {len(data)} bytes): {data[:300]!r}", flush=True)
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    (options.keep / f"{len(found):03}-{name}").write_bytes(data)
    minutes = (_used() - began) / 60
    print(f"{sum(count.values())} inputs in {minutes:.1f} CPU-minutes, seed {options.seed}: {dict(outcomes)}")
    print(", ".join(f"{name} {number}" for name, number in sorted(count.items())))
    print(f"{len(found)} findings: {found}")
    return 1 if found else 0


def _used() -> float:
    """Seconds of the processor, ours and those of processes that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    raise SystemExit(main())
