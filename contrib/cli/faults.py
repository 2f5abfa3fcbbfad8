"""What is printed when nothing else caught an exception: one sentence, a hint, and with ``-vv`` the traceback.

Imports the standard library, :mod:`contrib.values.errors` and :mod:`contrib.values.visible` alone: click, or any other library, may be what
does not load.
"""

from __future__ import annotations

import os
import sys

import contrib
from contrib.values.errors import BadInput, ContribError, OutsideError
from contrib.values.patterns import lazy
from contrib.values.visible import harmless, line, visible

TYPE_CHECKING = False  # this module is imported before anything slow may be
if TYPE_CHECKING:
    from collections.abc import Sequence

#: The name of the distribution on PyPI; ``contrib`` there is a different project.
DISTRIBUTION = "official-images-contrib"

_WORD = lazy(r"[a-z][a-z-]*")
_SHORT = lazy(r"-[A-Za-uw-z]*v[A-Za-z]*")


def where_to_report() -> str:
    """Where faults are reported: the address that the installed distribution names, or in words where it names none.

    Read from the distribution's own metadata (``[project.urls]`` in ``pyproject.toml``), so that nothing here names an
    address that somebody else could register.
    """
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        named = metadata(DISTRIBUTION).get_all("Project-URL") or []
    except PackageNotFoundError:
        named = []
    for each in named:
        label, _, address = each.partition(", ")
        if label.lower() == "issues" and address.startswith("https://"):
            return f"at {address}"
    return "to the people from whom you have contrib"


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether errors are to be printed as JSON: ``--format json``, or the variable that sets it."""
    wanted = None
    words = list(arguments)
    for number, word in enumerate(words):
        if word == "--":
            break
        if word == "--format" and number + 1 < len(words):
            wanted = words[number + 1]
        elif word.startswith("--format="):
            wanted = word.partition("=")[2]
    if wanted is not None:
        return wanted.lower() == "json"
    names = ["CONTRIB_FORMAT"]
    command = ""
    for word in words[:2]:
        if not _WORD.fullmatch(word):
            break
        command += "_" + word.replace("-", "_").upper()
        names.insert(0, f"CONTRIB{command}_FORMAT")
    return next((os.environ[name].lower() == "json" for name in names if os.environ.get(name)), False)


def wants_traceback(arguments: Sequence[str]) -> bool:
    """Whether ``-vv`` (or ``-v -v``) is among the arguments."""
    count = 0
    for word in arguments:
        if word == "--":
            break
        if word == "--verbose":
            count += 1
        elif _SHORT.fullmatch(word):
            count += word.count("v")
    return count >= 2


def fault(error: BaseException) -> ContribError:
    """The error to print for an exception that is not one of ours; all of them exit 3.

    Kind ``broken-installation`` for a library that does not load, ``out-of-memory``, else ``internal``.
    """
    if isinstance(error, ContribError):
        return error
    if isinstance(error, ImportError):
        return _not_loaded(error)
    if isinstance(error, MemoryError):
        return OutsideError("there is not enough memory", kind="out-of-memory")
    said = " ".join(str(error).split())
    if isinstance(error, ValueError) and said.startswith("embedded null"):
        return BadInput("a name has a NUL character in it, which no file's name has")
    name = type(error).__name__
    message = f"internal error: {name}: {said}" if said else f"internal error: {name}"
    return OutsideError(
        message if len(message) <= 300 else message[:299] + "…",
        kind="internal",
        hint=f"this is a fault in contrib: run it again with -vv and report what it prints {where_to_report()}",
    )


def _not_loaded(error: ImportError) -> ContribError:
    said = " ".join(str(error).split())
    again = f"python -m pip install --force-reinstall {DISTRIBUTION}"
    if not hasattr(contrib, "__version__"):
        return OutsideError(
            "another package named contrib is installed over this one",
            kind="broken-installation",
            hint=f"python -m pip uninstall contrib, then {again}",
        )
    name = (error.name or "").split(".")[0]
    if name == "contrib":
        message = f"this installation is not complete: {said}"
    else:
        message = f"the library {name or '(unnamed)'} cannot be loaded: {said}"
    return OutsideError(
        message if len(message) <= 300 else message[:299] + "…",
        kind="broken-installation",
        hint=f"{again}; if that does not help, report it {where_to_report()}, with the output of -vv",
    )


def show(error: ContribError, arguments: Sequence[str], cause: BaseException | None = None) -> None:
    """Print the error: JSON on stdout, or text on stderr, with the traceback of ``cause`` before it."""
    if cause is not None and wants_traceback(arguments):
        import traceback

        lines = traceback.format_exception(type(cause), cause, cause.__traceback__)
        sys.stderr.write(harmless(visible("".join(lines))))
    if wants_json(arguments):
        import json

        sys.stdout.write(json.dumps(error.as_json(), ensure_ascii=False, indent=2) + "\n")
        return
    sys.stderr.write(f"error: {harmless(line(str(error)))}\n")
    if error.hint:
        sys.stderr.write(f"hint: {harmless(line(error.hint))}\n")
