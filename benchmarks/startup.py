"""What a command costs before it does anything, beside importing click, which no click program can avoid.

    python -m benchmarks.startup [--runs N]

Whole processes, one after the other in turn, the median of N each; the ratio is what counts.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

YARDSTICK = [sys.executable, "-c", "import click"]
COMMANDS = {
    "contrib --version": ["--version"],
    "contrib --help": ["--help"],
    "contrib diff --help": ["diff", "--help"],
    "contrib generate --help": ["generate", "--help"],
    "contrib library --help": ["library", "--help"],
    "contrib pr --help": ["pr", "--help"],
}


def seconds(command: list[str]) -> float:
    """One run."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    """Print a row for each command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    for name, arguments in COMMANDS.items():
        ours = [sys.executable, "-m", "contrib", *arguments]
        pairs = [(seconds(ours), seconds(YARDSTICK)) for _ in range(runs)]
        ratio = statistics.median(a / b for a, b in pairs)
        took, yardstick = (statistics.median(side) for side in zip(*pairs, strict=True))
        print(
            f"{name:<26} {took * 1000:6.1f} ms   import click {yardstick * 1000:6.1f} ms   ratio {ratio:.2f}"
        )


if __name__ == "__main__":
    main()
