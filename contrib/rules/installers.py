"""Which commands are installers, what they install and what they leave."""

from __future__ import annotations

import re

from contrib.rules.context import Context
from contrib.rules.scripts import Run, Step, same_file
from contrib.shells.model import Command

_SILENT = re.compile(
    r"[-/](q|qn|quiet|s|silent|verysilent|passive|install|norestart)|--(quiet|silent|mode)", re.IGNORECASE
)
_SETUP_FILES = (".msi", ".msu", ".msp")


def started_installer(context: Context, run: Run, step: Step, command: Command) -> str | None:
    """The installer that a ``Start-Process`` starts, as it is called there; None when it is something else."""
    word = run.argument(command, "FilePath", position=0)
    if word is None:
        return None
    target = run.text(word, step.index)
    name = target.replace("\\", "/").rpartition("/")[2].lower()
    arguments = _arguments(run, step, command)
    if name in ("msiexec", "msiexec.exe", "wusa", "wusa.exe") or name.endswith(_SETUP_FILES):
        return name.removesuffix(".exe")
    silent = any(_SILENT.fullmatch(text) for text in arguments)
    if _downloaded(context, run, target) and (silent or name.endswith(".exe")):
        return name
    return name if silent and name.endswith(".exe") and re.search("setup|install|redist", name) else None


def is_silent_setup(context: Context, run: Run, step: Step, command: Command) -> bool:
    """A downloaded setup program that is called directly with the switches of a setup."""
    if not command.name.lower().endswith((".exe", *_SETUP_FILES)) or command.full_name == "Start-Process":
        return False
    return _downloaded(context, run, command.name) and any(
        _SILENT.fullmatch(text) for text in run.texts(step, command)
    )


def installs_msi(run: Run, step: Step, command: Command) -> bool:
    """The command installs an MSI package."""
    texts = (command.name, *run.texts(step, command), *_arguments(run, step, command))
    if command.full_name not in ("msiexec", "Start-Process") and not command.name.lower().endswith(".msi"):
        return False
    lowered = [text.lower() for text in texts]
    if any(re.search(r"(^|\s)[-/](x|uninstall)\b", text) for text in lowered):
        return False
    return any(text.endswith(".msi") or re.search(r"\.msi['\"]?(\s|$)", text) for text in lowered)


def log_of(run: Run, step: Step, command: Command) -> str | None:
    """The log file that an installer is told to write (``/l*v FILE``, ``/log FILE``)."""
    texts = [
        part for text in _listed(run, step, command) or run.texts(step, command) for part in text.split()
    ]
    for position, text in enumerate(texts[:-1]):
        if re.fullmatch(r"[-/](l[a-z*+!]*|log)", text, re.IGNORECASE):
            return texts[position + 1].strip("'\"")
    return None


def _listed(run: Run, step: Step, command: Command) -> tuple[str, ...]:
    word = run.argument(command, "ArgumentList", "Args", position=1)
    return run.values(word, step.index) if word is not None else ()


def _arguments(run: Run, step: Step, command: Command) -> tuple[str, ...]:
    """The arguments of Start-Process, a string of several taken apart too."""
    return tuple(part for text in _listed(run, step, command) for part in (text, *text.split()))


def _downloaded(context: Context, run: Run, file: str) -> bool:
    return any(
        download.output is not None and same_file(download.output, file)
        for download in context.downloads
        if download.run is run or download.instruction is run.instruction
    )
