"""Changes bytes of Windows binaries, archives, packages, layers and inventories, and reads them.

    python -m benchmarks.fuzz_binaries FILE… [--seconds 300] [--seed 1]

Each reading must end with facts or with an error of ours, within five seconds. Prints what did not, with the seed
and the number that bring it back, and how many readings there were.
"""

from __future__ import annotations

import contextlib
import random
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

from benchmarks import measuring
from contrib.binaries import inventory, layers, pe
from contrib.binaries.apisets import NotSchema, read_schema
from contrib.binaries.archives import Limits, Walk
from contrib.values.errors import ContribError

SLOW = 5.0


def changed(data: bytes, chance: random.Random) -> bytes:
    """``data`` with a few bytes set, a part cut out, doubled or cut off."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        if not out:
            break
        near = min(len(out), chance.choice((64, 512, 4096, len(out))))
        at = chance.randrange(near) if chance.random() < 0.8 else len(out) - 1 - chance.randrange(near)
        kind = chance.random()
        if kind < 0.6:
            out[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        elif kind < 0.8:
            value = chance.choice((0, 1, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000, len(out), len(out) - 1))
            out[at : at + 4] = (value & 0xFFFFFFFF).to_bytes(4, "little")
        elif kind < 0.9:
            del out[at : at + chance.randrange(1, 64)]
        elif kind < 0.95:
            out[at:at] = out[at : at + chance.randrange(1, 256)]
        else:
            del out[at:]
    return bytes(out)


def read(data: bytes, kind: str, scratch: Path) -> None:
    """One reading by whatever reads such files."""
    if kind == ".inventory":
        inventory.read(data, "x")
        return
    if kind == ".apiset":
        read_schema(data)
        return
    path = scratch / "input"
    path.write_bytes(data)
    if kind == ".layer":
        layers.read([path], lambda answer: None, Limits(unpacked=1 << 30), names=["layer"])
    elif kind == ".saved":
        layers.read_saved(path, "saved", lambda answer: None, Limits(unpacked=1 << 30))
    elif kind in (".dll", ".exe"):
        pe.read(data, "x.dll")
    else:

        def take(member: object) -> None:
            if getattr(member, "kind", "") == "binary":
                with contextlib.suppress(pe.NotBinary):
                    pe.read(member.data, "x.dll")  # type: ignore[attr-defined]

        Walk(take, scratch, Limits(unpacked=1 << 28)).path(path, "x")


def main(seconds: float, seed: int, files: list[Path]) -> int:
    """Prints the faults; their number."""
    warnings.simplefilter("ignore")
    chance = random.Random(seed)
    samples = [(file.suffix, file.read_bytes()) for file in files]
    faults: Counter[str] = Counter()
    number = 0
    slowest = 0.0
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as scratch:
        while time.monotonic() < end:
            kind, data = samples[number % len(samples)]
            mutated = changed(data, chance)
            number += 1
            start = time.process_time()
            try:
                read(mutated, kind, Path(scratch))
            except (ContribError, pe.NotBinary, NotSchema):
                pass
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    break
                where = traceback.extract_tb(error.__traceback__)[-1]
                key = f"{kind} {type(error).__name__} at {Path(where.filename).name}:{where.lineno}"
                if not faults[key]:
                    print(f"{key}: {error} (seed {seed}, number {number})", flush=True)
                    (Path(tempfile.gettempdir()) / f"fault-{seed}-{number}{kind}").write_bytes(mutated)
                faults[key] += 1
            took = time.process_time() - start
            slowest = max(slowest, took)
            if took > SLOW:
                print(f"{kind} took {took:.1f} s (seed {seed}, number {number})", flush=True)
                (Path(tempfile.gettempdir()) / f"slow-{seed}-{number}{kind}").write_bytes(mutated)
                faults["slow"] += 1
    print(
        f"{number:,} readings, {sum(faults.values())} faults of {len(faults)} kinds, slowest {slowest:.2f} s"
    )
    return len(faults)


if __name__ == "__main__":
    parser = measuring.parser(__doc__)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sys.exit(1 if main(options.seconds, options.seed, options.files) else 0)
