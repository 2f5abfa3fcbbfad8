"""What only an administrator of the container may do."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import actions as act
from contrib.build import paths
from contrib.build.account import Build
from contrib.dockerfile.model import Instruction

#: Directories of the system, which ContainerUser may not write to.
SYSTEM_DIRECTORIES = (r"C:\Windows", r"C:\Program Files", r"C:\Program Files (x86)")
_ICACLS_READS = ("/verify", "/findsid", "/save")


def administrator(build: Build, instruction: Instruction) -> str | None:
    """What a RUN does that takes an administrator, for people; None when it does no such thing."""
    for action in build.actions:
        if action.instruction is not instruction:
            continue
        if isinstance(action, (act.Variable, act.PathEdit)) and action.scope == "machine":
            return _setting(build, action)
        if isinstance(action, act.Run) and action.name == "reg" and _changes_registry(action.arguments):
            return "`reg` below HKLM"
        if isinstance(action, act.Account) and action.kind == "chown" and _changes_rights(action.text):
            return f"`{action.text.split()[0]}`"
        for file in (*_written(action), *_redirected(build, action)):
            if any(paths.under(file, system, "windows") for system in SYSTEM_DIRECTORIES):
                return f"writing to `{file}`"
    return None


def _setting(build: Build, action: act.Variable | act.PathEdit) -> str:
    command = action.command
    if command is None:
        return "a setting of the machine"
    if command.full_name == "setx" and command.words:
        names = [text for text in (build.value(w).text for w in command.words) if text[:1] not in "/-"]
        return f"`{command.name} {names[0]}`" if names else f"`{command.name}`"
    return "`reg` below HKLM" if command.full_name == "reg" else f"`{command.name or command.method}`"


def _changes_registry(arguments: tuple[str, ...]) -> bool:
    lowered = [argument.lower() for argument in arguments]
    return lowered[:1] in (["add"], ["delete"], ["import"]) and any(
        text.startswith(("hklm", "hkey_local_machine")) for text in lowered
    )


def _changes_rights(text: str) -> bool:
    name, _, rest = text.lower().partition(" ")
    if name == "takeown":
        return True
    return name == "icacls" and " /" in f" {rest}" and not any(word in rest for word in _ICACLS_READS)


def _written(action: act.Action) -> Iterator[str]:
    """Files that an action writes."""
    if isinstance(action, (act.Directory, act.Remove)):
        yield from action.paths
    elif isinstance(action, act.Move):
        yield action.target
    elif isinstance(action, (act.Edit, act.Download)):
        yield action.file
    elif isinstance(action, act.Unpack) and not action.installer:
        yield action.directory


def _redirected(build: Build, action: act.Action) -> Iterator[str]:
    command = action.command
    if command is None:
        return
    for redirection in command.redirections:
        if redirection.operator.endswith(">"):
            yield build.value(redirection.target).text
