"""What the benchmarks share: their options' parser, whole processes timed in turn, peak memory, clones."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


def parser(description: str) -> argparse.ArgumentParser:
    """A parser whose ``--help`` is the module's text, under the name that the module is run by."""
    return argparse.ArgumentParser(
        prog=f"python -m benchmarks.{Path(sys.argv[0]).stem}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


# -- processes ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """One run of a process.

    :ivar seconds: on the clock.
    :ivar cpu: seconds of the processor, its children's too; nan where the system does not tell (Windows).
    """

    seconds: float
    cpu: float
    code: int
    stdout: bytes
    stderr: bytes

    @property
    def why(self) -> str:
        """The last line of what it said on stderr."""
        return self.stderr.decode("utf-8", "replace").strip().split("\n")[-1][:100] or "failed"


def run(command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end. What it prints goes into files: a pipe would have us work while it does."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=out, stderr=errors, cwd=cwd, env=None if env is None else dict(env)
        )
        cpu = float("nan")
        if hasattr(os, "wait4"):
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            cpu = used.ru_utime + used.ru_stime
        else:
            process.wait()
        seconds = time.perf_counter() - started
        out.seek(0)
        errors.seek(0)
        return Run(seconds, cpu, process.returncode, out.read(), errors.read())


def in_turn(
    commands: Mapping[str, Sequence[str]],
    rounds: int,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> dict[str, list[Run]]:
    """Rounds of some commands, one of each a round: what else the machine does falls on all alike."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(run(command, cwd=cwd, env=env))
    return runs


# A process starts with its parent's high-water mark, so memory is asked of a parent that is small.
_PEAK = (
    "import os, resource, sys; null = os.open(os.devnull, os.O_WRONLY); os.dup2(null, 2); out = os.dup(1); "
    "os.dup2(null, 1); os.spawnvp(os.P_WAIT, sys.argv[1], sys.argv[1:]); "
    "os.write(out, str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss).encode())"
)


def peak(command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> float:
    """The most memory that the largest process of a command has, in MiB: the command is run once more.

    nan on Windows, which does not tell.
    """
    if sys.platform == "win32":
        return float("nan")
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", _PEAK, *command],
        cwd=cwd,
        env=None if env is None else dict(env),
        capture_output=True,
        check=True,
    )
    return int(done.stdout) / (1024 * 1024 if sys.platform == "darwin" else 1024)


def best(function: Callable[[], object], rounds: int = 5) -> float:
    """The least seconds that a call takes, in this process."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        function()
        times.append(time.perf_counter() - started)
    return min(times)


def program(name: str) -> str | None:
    """A program beside this interpreter, else on PATH."""
    beside = str(Path(sys.executable).parent)
    return shutil.which(name, path=os.pathsep.join((beside, os.environ.get("PATH", ""))))


def missing(*tools: str) -> str | None:
    """Which of the tools are not there, as a sentence; None when all are."""
    lacking = [tool for tool in tools if program(tool) is None]
    return f"no {', '.join(lacking)} on PATH" if lacking else None


# -- clones ------------------------------------------------------------------------------------------------


def git(repository: Path, *arguments: str, check: bool = True) -> bytes:
    """Output of a git command; without ``check`` empty when it fails."""
    return subprocess.run(["git", "-C", str(repository), *arguments], check=check, capture_output=True).stdout


def clone(root: Path, name: str) -> Path:
    """Where the clone of ``owner/name`` is: ``OWNER+NAME/repo`` or ``OWNER/NAME`` below ``root``."""
    for path in (root / name.replace("/", "+") / "repo", root / name):
        if path.exists():
            return path
    raise SystemExit(f"no clone of {name} below {root}")
