"""Runs one command cut off from the machine: the program that :mod:`contrib.clients.contained` starts.

Called as ``python -I -S launcher.py SPEC`` with the standard library alone. SPEC is JSON: ``command``, ``cwd``,
``environment`` and, where the kernel is to contain the command, ``root`` (an empty directory that becomes the
new root), ``readable`` and ``writable`` (paths that stay, with what is below them), ``files`` (path to text).

With ``root`` the command gets user, mount, PID, network, IPC and host name namespaces of its own (Linux 5.12,
``mount_setattr``): it sees the named paths and nothing else of the file system, no process but its own, no
network, and has no capability. Its first process is this program; when that ends the kernel ends all others.

Without ``root`` the command is only a child of this program, which ends what is left of it: on Linux all
descendants, on other systems its process group.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

_CLONE = {
    "mount": 0x00020000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
}
_PR_SET_PDEATHSIG = 1
_PR_CAPBSET_DROP = 24
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000
_ATTR_RDONLY, _ATTR_NOSUID, _ATTR_NODEV = 1, 2, 4
#: The same number on every architecture that Linux 5.12 runs on.
_SYS_MOUNT_SETATTR = 442
_AT_RECURSIVE = 0x8000
_DEVICES = ("null", "zero", "full", "random", "urandom")
#: Exit code when the command cannot be cut off; 126 and 127 mean what they mean to a shell.
CANNOT = 125


class _Attributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "namespace")]


class _Kernel:
    """The calls that Python does not have (``os.unshare`` is 3.12's)."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None, use_errno=True)

    def _checked(self, result: int, what: str) -> None:
        if result != 0:
            number = ctypes.get_errno()
            raise OSError(number, f"{what}: {os.strerror(number)}")

    def prctl(self, option: int, value: int) -> bool:
        return bool(self._library.prctl(option, ctypes.c_ulong(value), 0, 0, 0) == 0)

    def unshare(self) -> None:
        self._checked(self._library.unshare(sum(_CLONE.values())), "unshare")

    def mount(self, source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
        words = [None if word is None else os.fsencode(word) for word in (source, target, kind, data)]
        self._checked(
            self._library.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3]),
            f"mount {target}",
        )

    def attributes(self, target: str, wanted: int, *, recursive: bool = True) -> None:
        found = _Attributes(set=wanted)
        self._checked(
            self._library.syscall(
                ctypes.c_long(_SYS_MOUNT_SETATTR),
                ctypes.c_int(-100),  # AT_FDCWD
                os.fsencode(target),
                ctypes.c_uint(_AT_RECURSIVE if recursive else 0),
                ctypes.byref(found),
                ctypes.c_size_t(ctypes.sizeof(found)),
            ),
            f"mount_setattr {target}",
        )

    def drop_capabilities(self) -> None:
        capability = 0
        while self.prctl(_PR_CAPBSET_DROP, capability):
            capability += 1
        header = (ctypes.c_uint32 * 2)(0x20080522, 0)
        nothing = (ctypes.c_uint32 * 6)()
        self._checked(self._library.capset(ctypes.byref(header), ctypes.byref(nothing)), "capset")


def _bind(kernel: _Kernel, root: Path, path: str, attributes: int) -> None:
    """Make a path of the old file system visible below the new root, at the same place."""
    source, target = Path(path), root / path.lstrip("/")
    if target.is_symlink() or not os.path.lexists(source):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_symlink():
        if not os.path.lexists(target):
            target.symlink_to(source.readlink())
        return
    if source.is_dir():
        target.mkdir(exist_ok=True)
    elif not target.exists():
        target.touch()
    kernel.mount(str(source), str(target), None, _MS_BIND | _MS_REC)
    kernel.attributes(str(target), attributes)


def _new_root(kernel: _Kernel, spec: dict[str, Any]) -> None:
    root = Path(spec["root"])
    kernel.mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    kernel.mount("tmpfs", str(root), "tmpfs", _MS_NOSUID | _MS_NODEV, "size=64m,mode=755")
    (root / "tmp").mkdir()
    kernel.mount("tmpfs", str(root / "tmp"), "tmpfs", _MS_NOSUID | _MS_NODEV, "size=256m")
    for path in spec["readable"]:
        _bind(kernel, root, path, _ATTR_RDONLY | _ATTR_NOSUID | _ATTR_NODEV)
    for path in spec["writable"]:
        _bind(kernel, root, path, _ATTR_NOSUID | _ATTR_NODEV)
    for path, text in spec["files"].items():
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    (root / "proc").mkdir()
    # Read-only: /proc/sys belongs to root, and the command may run as root.
    kernel.mount("proc", str(root / "proc"), "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC | _MS_RDONLY)
    (root / "dev" / "shm").mkdir(parents=True)
    for name in _DEVICES:
        (root / "dev" / name).touch()
        kernel.mount(f"/dev/{name}", str(root / "dev" / name), None, _MS_BIND)
    for name, target in (("fd", "fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        (root / "dev" / name).symlink_to(f"/proc/self/{target}")
    kernel.mount("tmpfs", str(root / "dev" / "shm"), "tmpfs", _MS_NOSUID | _MS_NODEV, "size=64m")
    kernel.attributes(str(root), _ATTR_RDONLY, recursive=False)
    os.chroot(root)
    os.chdir("/")


def _execute(spec: dict[str, Any]) -> NoReturn:
    """Become the command."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        os.chdir(spec["cwd"])
        os.execvpe(spec["command"][0], spec["command"], spec["environment"])  # noqa: S606
    except OSError as error:
        sys.stderr.write(f"{spec['command'][0]} cannot be run: {error.strerror}\n")
        sys.stderr.flush()
        os._exit(127 if isinstance(error, FileNotFoundError) else 126)


def _code(status: int) -> int:
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _wait_for(child: int) -> int:
    """The child's exit code; other children that end meanwhile are only collected."""
    while True:
        pid, status = os.wait()
        if pid == child:
            return _code(status)


def _contained(kernel: _Kernel, spec: dict[str, Any]) -> int:
    user, group = os.getuid(), os.getgid()
    kernel.unshare()
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        Path(f"/proc/self/{name}").write_text(text, "ascii")
    first = os.fork()
    if first:
        signal.signal(signal.SIGTERM, lambda number, frame: os.kill(first, signal.SIGKILL))
        return _wait_for(first)
    try:
        kernel.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        _new_root(kernel, spec)
        kernel.drop_capabilities()
    except OSError as error:
        sys.stderr.write(f"the command cannot be contained: {error.strerror}\n")
        sys.stderr.flush()
        os._exit(CANNOT)
    command = os.fork()
    if not command:
        _execute(spec)
    code = _wait_for(command)
    os._exit(code)  # the first process of the namespace: the kernel ends all others


class _Told(BaseException):
    """We are told to end."""


def _tell(number: int, frame: FrameType | None) -> NoReturn:
    raise _Told


def _uncontained(kernel: _Kernel | None, spec: dict[str, Any]) -> int:
    if kernel is not None:
        kernel.prctl(_PR_SET_CHILD_SUBREAPER, 1)  # what is orphaned below us becomes our child
    command = os.fork()
    if not command:
        os.setsid()
        _execute(spec)
    try:
        signal.signal(signal.SIGTERM, _tell)
        code = _wait_for(command)
    except _Told:
        code = 128 + signal.SIGTERM
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.killpg(command, signal.SIGKILL)
    if kernel is not None:
        _end_all()
    return code


def _end_all() -> None:
    """End every descendant; a killed one hands its children to us, so that the next look finds them."""
    us = str(os.getpid())
    while True:
        for entry in os.scandir("/proc"):
            if entry.name.isdecimal():
                try:
                    stat = Path(entry.path, "stat").read_bytes()
                    if stat.rpartition(b")")[2].split()[1].decode() == us:
                        os.kill(int(entry.name), signal.SIGKILL)
                except (OSError, IndexError):
                    continue
        try:
            os.wait()
        except ChildProcessError:
            return


def main(argument: str) -> int:
    """Run the command; its exit code, 125 when it cannot be contained."""
    spec = json.loads(argument)
    kernel = _Kernel() if sys.platform == "linux" else None
    if kernel is not None:
        kernel.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL if spec.get("root") else signal.SIGTERM)
        kernel.prctl(_PR_SET_NO_NEW_PRIVS, 1)
    if not spec.get("root"):
        return _uncontained(kernel, spec)
    try:
        if kernel is None:
            raise OSError(0, "only Linux has namespaces")
        return _contained(kernel, spec)
    except OSError as error:
        sys.stderr.write(f"the command cannot be contained: {error.strerror}\n")
        return CANNOT


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
