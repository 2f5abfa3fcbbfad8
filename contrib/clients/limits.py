"""The limits that a process of ours puts on itself before it reads what other people wrote.

:data:`SOURCE` is text, since the processes that need it start without the package: the worker of
:mod:`contrib.clients.libjq` has no search path at all, and that of :mod:`contrib.clients.isolated` sets its
limits before it has one.
"""

from __future__ import annotations

import subprocess

#: Python that defines ``limit(memory, *kinds)``: bytes of memory, and the resource limits (by name) that bound it
#: where the system is neither Windows nor macOS. A kind that the system does not have is passed over.
SOURCE = r"""
import sys
def limit(memory, *kinds):
    if sys.platform == "win32":
        # A job with a limit, in which the process puts itself; without a job it is bounded by time alone.
        import ctypes
        class Limits(ctypes.Structure):  # JOBOBJECT_EXTENDED_LIMIT_INFORMATION
            _fields_ = [
                ("times", ctypes.c_int64 * 2), ("flags", ctypes.c_uint32), ("working", ctypes.c_size_t * 2),
                ("processes", ctypes.c_uint32), ("affinity", ctypes.c_size_t), ("priority", ctypes.c_uint32 * 2),
                ("io", ctypes.c_uint64 * 6), ("memory", ctypes.c_size_t), ("others", ctypes.c_size_t * 3),
            ]
        kernel = ctypes.WinDLL("kernel32")
        kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = ctypes.c_void_p
        # PROCESS_MEMORY, and DIE_ON_UNHANDLED_EXCEPTION: no window that reports it
        limits = Limits(flags=0x100 | 0x400, memory=memory)
        job = ctypes.c_void_p(kernel.CreateJobObjectW(None, None))
        kernel.SetInformationJobObject(job, 9, ctypes.byref(limits), ctypes.sizeof(limits))
        kernel.AssignProcessToJobObject(job, ctypes.c_void_p(kernel.GetCurrentProcess()))
        return
    import resource
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "darwin":  # takes the other limits and does not keep them: the parent looks
        return
    for kind in kinds:
        if hasattr(resource, kind):
            try:
                resource.setrlimit(getattr(resource, kind), (memory, memory))
            except (ValueError, OSError):
                pass
"""


def resident(pid: int) -> int | None:
    """Bytes of memory that a process has, as ``ps`` says; None where it does not."""
    try:
        done = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, timeout=5, check=False
        )
        return int(done.stdout) * 1024
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
