"""What a command costs before it does anything, beside importing click, which no click program can avoid.

    python -m benchmarks.startup [--runs N]

Whole processes, one after the other in turn, the median of N each; the ratio is what counts.
"""

from __future__ import annotations

import statistics
import sys

from benchmarks import measuring

YARDSTICK = [sys.executable, "-c", "import click"]
COMMANDS = {
    "contrib --version": ["--version"],
    "contrib --help": ["--help"],
    "contrib diff --help": ["diff", "--help"],
    "contrib generate --help": ["generate", "--help"],
    "contrib library --help": ["library", "--help"],
    "contrib pr --help": ["pr", "--help"],
}


def main() -> None:
    """Print a row for each command."""
    parser = measuring.parser(__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    for name, arguments in COMMANDS.items():
        commands = {"ours": [sys.executable, "-m", "contrib", *arguments], "yardstick": YARDSTICK}
        done = measuring.in_turn(commands, runs)
        if failed := [each.why for side in done.values() for each in side if each.code != 0]:
            sys.exit(f"{name}: {failed[0]}")
        pairs = [(a.seconds, b.seconds) for a, b in zip(*done.values(), strict=True)]
        ratio = statistics.median(a / b for a, b in pairs)
        took, yardstick = (statistics.median(side) for side in zip(*pairs, strict=True))
        print(
            f"{name:<26} {took * 1000:6.1f} ms   import click {yardstick * 1000:6.1f} ms   ratio {ratio:.2f}"
        )


if __name__ == "__main__":
    main()
