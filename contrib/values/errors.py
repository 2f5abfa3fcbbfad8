"""What can go wrong, as values: one sentence, a place, a hint, an exit code.

Every error that a person may see is one of these; anything else is a bug. The
command line prints them (or, with ``--format json``, the object that
:meth:`ContribError.as_json` gives) and exits with :attr:`ContribError.exit_code`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing is not imported for a type alone: errors are imported by everything
if TYPE_CHECKING:
    from typing import Any


class ContribError(Exception):
    """Base of all errors that are shown to a person.

    :param message: one clear sentence, without the place and without a full stop at the end.
    :param file: the file, ``REPO@REF:PATH`` or URL that it is about, as the person wrote it.
    :param line: line in that file, from 1.
    :param hint: what to do about it, preferably a command to run.
    """

    kind = "error"
    exit_code = 2

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        hint: str | None = None,
        kind: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.hint = hint
        if kind is not None:
            self.kind = kind

    def __str__(self) -> str:
        place = ""
        if self.file is not None:
            place = f"{self.file}:{self.line}: " if self.line is not None else f"{self.file}: "
        return f"{place}{self.message}"

    def as_json(self) -> dict[str, Any]:
        """The object of DESIGN's error shape: kind, message, file, line, hint."""
        return {
            "error": {
                "kind": self.kind,
                "message": self.message,
                "file": self.file,
                "line": self.line,
                "hint": self.hint,
            }
        }


class BadInput(ContribError):
    """The file, the data or the arguments are not usable; nothing was changed. Exit code 2."""

    kind = "bad-input"
    exit_code = 2


class OutsideError(ContribError):
    """Something outside failed: git, the network, GitHub. Exit code 3.

    :param retry: whether trying again may help; said in the message's hint when no hint is given.
    """

    kind = "outside"
    exit_code = 3

    def __init__(
        self,
        message: str,
        *,
        retry: bool = False,
        file: str | None = None,
        line: int | None = None,
        hint: str | None = None,
        kind: str | None = None,
    ) -> None:
        if hint is None and retry:
            hint = "try again in a moment"
        super().__init__(message, file=file, line=line, hint=hint, kind=kind)
        self.retry = retry
