"""Exit codes by which Windows says why a program ended: one table, for `loads`, `try` and `why`.

A program that Windows could not start has an NTSTATUS value as its exit code, and prints nothing. Docker shows
it as an unsigned number (3221225781), some shells as a signed one (-1073741515); both are 0xC0000135. Names and
values are those of ``ntstatus.h`` and ``winerror.h`` (MS-ERREF).
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exit:
    """What one exit code means.

    :param code: unsigned, 32 bits.
    :param name: as Windows' headers write it.
    :param meaning: a clause with its subject: what happened to the program.
    :param advice: what to do, a sentence without the full stop; "" where the code alone does not tell.
    :param loading: whether the loader ended the program before its first instruction, so that
        ``contrib loads`` can find the reason in the files.
    """

    code: int
    name: str
    meaning: str
    advice: str = ""
    loading: bool = False

    @property
    def hex(self) -> str:
        """As people look it up: ``0xC0000135``."""
        return f"0x{self.code:08X}"

    def __str__(self) -> str:
        return f"{self.hex} ({self.name}): {self.meaning}"


_LOADS = "run `contrib loads` on the program to see which one"

#: Every code that is explained, by its value.
EXITS: dict[int, Exit] = {
    each.code: each
    for each in (
        Exit(
            0xC0000135,
            "STATUS_DLL_NOT_FOUND",
            "a library that the program needs is missing",
            f"{_LOADS}; a library that windowsservercore has can be copied from it",
            True,
        ),
        Exit(
            0xC0000139,
            "STATUS_ENTRYPOINT_NOT_FOUND",
            "a library is there, but it lacks a function that the program imports",
            f"{_LOADS}; copying the library of another release seldom helps, a newer base or another build of "
            "the program does",
            True,
        ),
        Exit(
            0xC0000138,
            "STATUS_ORDINAL_NOT_FOUND",
            "a library is there, but it lacks a function that the program imports by number",
            _LOADS,
            True,
        ),
        Exit(
            0xC000007B,
            "STATUS_INVALID_IMAGE_FORMAT",
            "the program or one of its libraries is damaged, or built for another kind of processor",
            f"{_LOADS}; a 32-bit program needs a base with the 32-bit subsystem, which nanoserver lacks by default",
            True,
        ),
        Exit(
            0xC0000142,
            "STATUS_DLL_INIT_FAILED",
            "a library of the program was found and refused to start",
            "this is seen when the program runs, not in its files: MSYS2 and Cygwin programs end so when their "
            "run-time library cannot start",
        ),
        Exit(
            0xC0150002,
            "STATUS_SXS_CANT_GEN_ACTCTX",
            "the manifest of the program asks for a side-by-side assembly that is not installed",
            _LOADS,
            True,
        ),
        Exit(0xC0150004, "STATUS_SXS_INVALID_ACTCTXDATA_FORMAT", "the manifest of the program is not valid"),
        Exit(
            0xC0000005, "STATUS_ACCESS_VIOLATION", "the program crashed: it used memory that is not its own"
        ),
        Exit(
            0xC000001D,
            "STATUS_ILLEGAL_INSTRUCTION",
            "the program uses an instruction that this processor does not have",
        ),
        Exit(0xC0000017, "STATUS_NO_MEMORY", "there was not enough memory"),
        Exit(
            0xC0000022,
            "STATUS_ACCESS_DENIED",
            "access was denied: to the program, one of its libraries or a directory",
            "check the rights of the user that the image sets",
        ),
        Exit(0xC00000FD, "STATUS_STACK_OVERFLOW", "the program crashed: its stack is full"),
        Exit(0xC000013A, "STATUS_CONTROL_C_EXIT", "the program was ended by Ctrl-C or by `docker stop`"),
        Exit(0xC0000374, "STATUS_HEAP_CORRUPTION", "the program crashed: its heap is damaged"),
        Exit(
            0xC0000409,
            "STATUS_STACK_BUFFER_OVERRUN",
            "the program ended itself (`abort`, a failed check at run time)",
        ),
        Exit(
            0xC0000417,
            "STATUS_INVALID_CRUNTIME_PARAMETER",
            "the program crashed: a wrong argument in the C run-time",
        ),
        Exit(
            0xC0000428, "STATUS_INVALID_IMAGE_HASH", "the signature of the program or a library is not valid"
        ),
        Exit(
            0xC06D007E,
            "VcppException ERROR_MOD_NOT_FOUND",
            "a library that the program loads on first use (delay-loaded) is missing",
            _LOADS,
            True,
        ),
        Exit(
            0xC06D007F,
            "VcppException ERROR_PROC_NOT_FOUND",
            "a library that the program loads on first use (delay-loaded) lacks a function",
            _LOADS,
            True,
        ),
        Exit(
            0xC0370106,
            "ERROR_VMCOMPUTE_UNEXPECTED_EXIT",
            "the container ended before it was ready",
            "the host is older than the base, or cannot run containers of this kind: this is not the image's fault",
        ),
        Exit(
            0xC0370101,
            "ERROR_VMCOMPUTE_IMAGE_MISMATCH",
            "the container's Windows does not match the host's",
            "run it on a host of the same Windows build, or with Hyper-V isolation",
        ),
        Exit(0xE0434352, "EXCEPTION_COMPLUS", "a .NET program ended with an exception that it did not catch"),
        Exit(0xE06D7363, "EXCEPTION_MSC_CPP", "a C++ program ended with an exception that it did not catch"),
        Exit(0x40010004, "DBG_TERMINATE_PROCESS", "the program was ended because its session ended"),
        Exit(0x8007007E, "ERROR_MOD_NOT_FOUND", "a library that was asked for is missing", _LOADS, True),
        Exit(0x800700C1, "ERROR_BAD_EXE_FORMAT", "a file is not a program for this Windows", _LOADS, True),
        Exit(126, "ERROR_MOD_NOT_FOUND", "a library that was asked for is missing", _LOADS, True),
        Exit(127, "ERROR_PROC_NOT_FOUND", "a library lacks a function that was asked for", _LOADS, True),
        Exit(193, "ERROR_BAD_EXE_FORMAT", "a file is not a program for this Windows", _LOADS, True),
        Exit(
            216,
            "ERROR_EXE_MACHINE_TYPE_MISMATCH",
            "the program is for another kind of processor",
            _LOADS,
            True,
        ),
        Exit(
            14001,
            "ERROR_SXS_CANT_GEN_ACTCTX",
            "the manifest of the program asks for a side-by-side assembly that is not installed",
            _LOADS,
            True,
        ),
        Exit(1150, "ERROR_OLD_WIN_VERSION", "the program needs a newer version of Windows"),
    )
}

#: Codes that every program may choose for reasons of its own: explained only to who knows the loader said them.
_AMBIGUOUS = frozenset({126, 127, 193, 216, 1150, 14001})

#: A number that may be one of these codes, in a log: hex, unsigned or signed, at least 8 digits.
_WRITTEN = re.compile(r"(?<![\w.-])(?:0[xX]([0-9A-Fa-f]{8})|(-?[0-9]{8,10}))(?![\w.]*\w)")


def explain(code: int, *, system: bool = False) -> Exit | None:
    """What a program's exit code means; None when it says nothing by itself.

    :param code: as an unsigned or a signed number of 32 bits.
    :param system: the number is Windows' own error (of ``CreateProcess``), not a program's exit code: small
        numbers are explained too.

    >>> explain(-1073741515).name
    'STATUS_DLL_NOT_FOUND'
    >>> explain(127) is None
    True
    """
    if not -(2**31) <= code < 2**32:
        return None
    code &= 0xFFFFFFFF
    if code in _AMBIGUOUS and not system:
        return None
    return EXITS.get(code)


def exits_in(text: str) -> list[tuple[int, Exit]]:
    """The codes that a line or a log shows, each with its offset, in order; every writing of them.

    >>> [str(each.hex) for _, each in exits_in("exited with code 3221225785")]
    ['0xC0000139']
    """
    found = []
    for match in _WRITTEN.finditer(text):
        meaning = explain(int(match[1], 16) if match[1] else int(match[2]))
        if meaning is not None:
            found.append((match.start(), meaning))
    return found
