"""Running a program that nobody here wrote: what it can see, change and leave behind.

Where the system can, the program gets namespaces of its own: no network, no process but its own, of the file
system only the system's programs (read-only) and the directories that it is given, no capability, and nothing of
it is left when it ends. Two ways lead there, tried in this order: ``bwrap`` (bubblewrap, which a system may allow
where it forbids namespaces to others) and :mod:`contrib.clients.launcher` (Linux 5.12 or newer with user
namespaces). Elsewhere there is no containment, and :func:`find` says so; what is started all the same is only
ended with its descendants (Linux) or its process group (macOS).

Not covered: faults of the kernel, and how much memory, disk and time up to the limit a program uses.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

from contrib.clients.git import TOKENS
from contrib.clients.processes import TooLong, TooMuch, finish
from contrib.clients.programs import find_program

#: Where a system keeps its programs and libraries; those that are there can be read by a contained program.
_SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store", "/run/current-system",
    "/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ld-musl-x86_64.path",
    "/etc/localtime", "/etc/nsswitch.conf",
)  # fmt: skip
#: Seconds for the trial that shows whether a containment works here.
_TRIAL = 10.0


@dataclass(frozen=True, slots=True)
class Containment:
    """What holds a foreign program.

    :param name: ``bubblewrap``, ``namespaces`` or ``none``.
    :param sentence: for people: what a program can reach.
    """

    name: str
    sentence: str

    @property
    def real(self) -> bool:
        """Whether the kernel enforces it."""
        return self.name != "none"


_CONTAINED = "without the network, without your files, environment and processes"
BUBBLEWRAP = Containment("bubblewrap", f"in a bubblewrap sandbox: {_CONTAINED}")
NAMESPACES = Containment("namespaces", f"in namespaces of their own: {_CONTAINED}")
NONE = Containment("none", "as you, with your network and your files")


@dataclass(frozen=True, slots=True)
class Done:
    """How a program ended.

    :param code: its exit code; 128 plus the number of the signal that ended it; 124 when it took too long or
        printed too much.
    """

    code: int
    out: bytes
    err: bytes


@lru_cache(maxsize=1)
def find() -> Containment:
    """The containment that works here, tried once per process by running a program in it."""
    if sys.platform != "linux":
        return NONE
    for each in (BUBBLEWRAP, NAMESPACES):
        if works(each):
            return each
    return NONE


def works(containment: Containment) -> bool:
    """Whether a program runs in it here."""
    if containment is BUBBLEWRAP and find_program("bwrap") is None:
        return False
    with tempfile.TemporaryDirectory(prefix="contrib-try-") as directory:
        place = Path(directory).resolve()
        done = run(
            [sys.executable, "-I", "-S", "-c", "print('here')"],
            containment=containment,
            cwd=place,
            environment={},
            readable=(*python_paths(), place),
            writable=(),
            seconds=_TRIAL,
        )
    return done.code == 0 and done.out == b"here\n"


def run(
    command: Sequence[str],
    *,
    containment: Containment,
    cwd: Path,
    environment: Mapping[str, str],
    readable: Sequence[Path],
    writable: Sequence[Path],
    seconds: float,
    limit: int = 64 * 1024 * 1024,
) -> Done:
    """Run a program and end everything that it started.

    :param environment: all that it gets.
    :param readable: what it can read, beside the system's programs. :param writable: what it can change.
    :param seconds: after which it is ended. :param limit: bytes of its output.
    """
    # Empty; the new root of the program is put there, where only the program sees it.
    with tempfile.TemporaryDirectory(prefix="contrib-root-") as root:
        told, tells = os.pipe()
        if containment is BUBBLEWRAP:
            words = _bubblewrap(command, cwd, environment, readable, writable, tells)
        else:
            spec = {
                "command": list(command),
                "cwd": str(cwd),
                "environment": dict(environment),
                "root": os.path.realpath(root) if containment is NAMESPACES else None,
                "readable": [str(path) for path in _shown(readable)],
                "writable": [str(path) for path in writable],
                "files": _accounts(),
            }
            launcher = str(Path(__file__).with_name("launcher.py"))
            words = [sys.executable, "-I", "-S", launcher, json.dumps(spec)]
        try:
            process = subprocess.Popen(
                words,
                cwd=root,
                env={},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                pass_fds=(tells,),
            )
        finally:
            os.close(tells)
        try:
            out, err = finish(process, seconds, limit=limit, gently=containment is not BUBBLEWRAP)
        except TooLong:
            return Done(124, b"", f"it did not end within {seconds:g} s".encode())
        except TooMuch:
            return Done(124, b"", f"it printed more than {limit} bytes".encode())
        finally:
            with os.fdopen(told, "rb") as stream:
                if containment is BUBBLEWRAP:
                    _wait_for_the_last(stream)
        return Done(process.returncode, out, err)


def _wait_for_the_last(told: IO[bytes]) -> None:
    """Wait until the kernel has ended all of a sandbox: bwrap, when killed, does not.

    :param told: what bwrap says of it, with the id of the sandbox's first process. That one ends last.
    """
    with suppress(OSError, ValueError, KeyError, TypeError):
        os.set_blocking(told.fileno(), False)
        first = int(json.loads(told.read() or b"")["child-pid"])
        handle = os.pidfd_open(first)  # type: ignore[attr-defined, unused-ignore]  # Linux alone has it
        try:
            select.select([handle], [], [], _TRIAL)
        finally:
            os.close(handle)


def python_paths() -> tuple[Path, ...]:
    """What this Python needs to run."""
    found = {Path(each) for each in (sys.prefix, sys.base_prefix, sys.exec_prefix)}
    found |= {Path(each) for each in sys.path if Path(each).name in ("site-packages", "dist-packages")}
    program = Path(sys.executable)
    return (*sorted(found), program, program.resolve())


def program_paths(names: Sequence[str]) -> tuple[Path, ...]:
    """The files of these programs, as PATH has them and what they link to."""
    found: dict[Path, None] = {}
    for name in names:
        program = find_program(name)
        if program is not None:
            found[Path(program)] = None
            found[Path(program).resolve()] = None
    return tuple(found)


def _shown(readable: Sequence[Path]) -> list[Path]:
    """What can be read, outermost paths only: nothing can be made inside of what is read-only already."""
    found: list[Path] = []
    for path in sorted({*map(Path, _SYSTEM), *readable}, key=lambda path: len(path.parts)):
        if os.path.lexists(path) and not any(parent in found for parent in path.parents):
            found.append(path)
    return found


def _accounts() -> dict[str, str]:
    """What stands for the system's list of people: nobody but the user without a name."""
    user, group = (os.getuid(), os.getgid()) if hasattr(os, "getuid") else (0, 0)
    return {
        "/etc/passwd": f"contrib:x:{user}:{group}::/tmp:/bin/sh\n",
        "/etc/group": f"contrib:x:{group}:\n",
    }


def _bubblewrap(
    command: Sequence[str],
    cwd: Path,
    environment: Mapping[str, str],
    readable: Sequence[Path],
    writable: Sequence[Path],
    tells: int,
) -> list[str]:
    words = [
        find_program("bwrap") or "bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv",
        "--info-fd", str(tells),
        "--cap-drop", "ALL", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",  # noqa: S108
    ]  # fmt: skip
    for path in _shown(readable):
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), str(path)]
        elif path.exists():
            words += ["--ro-bind", str(path), str(path)]
    for path in writable:
        words += ["--bind", str(path), str(path)]
    for name, value in environment.items():
        words += ["--setenv", name, value]
    # Its own list of people is not given: git and bash do without.
    return [*words, "--remount-ro", "/proc", "--remount-ro", "/", "--chdir", str(cwd), "--", *command]


def forget_tokens() -> None:
    """Take GitHub's tokens out of this process: its environment, and on Linux what ``/proc`` shows of it.

    ``/proc/PID/environ`` is the memory in which the kernel put the environment at the start: deleting a variable
    does not change it, so the values are overwritten there. On Linux other processes of the same user may no
    longer look into this one either (except root's). What the caller's own shell has exported stays in the shell.
    """
    for token in TOKENS:
        os.environ.pop(token, None)
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None, use_errno=True)
    with suppress(OSError, ValueError, IndexError):
        shown = Path("/proc/self/environ").read_bytes()
        facts = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
        start, end = int(facts[47]), int(facts[48])  # env_start and env_end: fields 50 and 51 of proc(5)
        place = 0
        for item in shown.split(b"\0"):
            key, _, value = item.partition(b"=")
            if key.decode("ascii", "replace") in TOKENS and start and start + place + len(item) <= end:
                ctypes.memset(start + place + len(key) + 1, ord("-"), len(value))
            place += len(item) + 1
    library.prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE
