"""Commands that leave no action behind: those that only change the shell, or wait for what another one started."""

from __future__ import annotations

from contrib.build import actions as act
from contrib.build.account import Build
from contrib.shells import model as shell
from contrib.shells.programs import program
from contrib.values.patterns import lazy

#: Commands that show a text and do nothing else.
PRINTING = frozenset({"Write-Host", "Write-Output", "Write-Verbose", "Write-Warning", "echo", "echo."})
#: Commands that set how the shell behaves.
SETTINGS = frozenset({"Set-StrictMode", "Set-PSDebug"})

_STATE = frozenset(
    (
        "Set-PSDebug", "Set-Alias", "New-Alias", "Set-Location", "Push-Location", "Pop-Location", "Import-Module",
        "Set-StrictMode", "Set-Variable", "New-Variable", "cd", "chdir", "pushd", "popd", "set", "Set-PSReadLineOption",
    )
)  # fmt: skip
#: Words that a program is asked with whether it is there.
_ASKS = frozenset(
    (
        "version", "--version", "-version", "-v", "-V", "/?", "-?", "--help", "-help", "-h", "help", "/version",
        "--info",
    )
)  # fmt: skip


def shows(command: shell.Command) -> bool:
    """It shows a text and does nothing else."""
    return command.full_name in PRINTING


def sets_up(command: shell.Command) -> bool:
    """It only sets how the shell behaves."""
    return command.full_name in SETTINGS


def changes_only_the_shell(command: shell.Command) -> bool:
    """Nothing of it is left when its shell ends: ``cd``, ``Set-Alias``, ``Import-Module``."""
    if command.full_name in ("cd", "chdir", "set"):
        return bool(command.words)  # alone they print
    scope = command.parameter("Scope")
    if command.full_name == "Set-ExecutionPolicy":
        value = scope.value if scope is not None else None
        return value is not None and value.text.strip("'\"").lower() == "process"
    return command.full_name in _STATE


def waits_for_another(command: shell.Command) -> bool:
    """``Wait-Process``, ``$process.WaitForExit()``."""
    return command.full_name == "Wait-Process" or (command.method or "").lower().endswith("waitforexit")


def asks_for_version(build: Build, command: shell.Command) -> bool:
    """A program is run with ``--version`` or its like, whichever it is; cmdlets are none."""
    if not (command.name or command.words) or ("-" in command.full_name and command.full_name[:1].isupper()):
        return False
    words = [item.text for word in command.words for item in build.value(word).each]
    return any(word in _ASKS for word in words[:6])


def runs_shell(command: shell.Command, names: tuple[str, ...]) -> bool:
    """It runs one of the shells of these names with a script."""
    return bool(command.words) and program(command.name) in names


def installs(action: act.Action) -> bool:
    """What the command of this action does is known, and it is not a question to a program."""
    return isinstance(action, (act.Packages, act.Download, act.Unpack, act.Remove, act.Move))


#: Commands that put something at a place, or set a variable to one.
_PLACING = frozenset(
    (
        "Expand-Archive", "Move-Item", "Copy-Item", "New-Item", "tar", "7z", "setx", "mkdir", "robocopy", "xcopy",
    )
)  # fmt: skip


def places(command: shell.Command) -> tuple[shell.Word, ...]:
    """Words of a command that puts something in a place, or sets PATH to one; none of any other command.

    A file that ``Copy-Item`` puts beside a program is no place of its own.
    """
    if command.full_name == "Copy-Item" and _EXTENSION.search(_source(command)):
        return ()
    setting = (command.method or "").lower().endswith("::setenvironmentvariable")
    if command.full_name not in _PLACING and not setting:
        return ()
    return (*command.words, *command.positional)


_EXTENSION = lazy(r"\.(?!exe\b)\w{2,5}['\"]?$")


def _source(command: shell.Command) -> str:
    given = command.parameter("Path") or command.parameter("LiteralPath")
    word = given.value if given is not None else next(iter(command.positional), None)
    return word.text if word is not None else ""


def starts_another(command: shell.Command) -> bool:
    """``Start-Process``."""
    return command.full_name == "Start-Process"


def expanded_there(command: shell.Command) -> tuple[shell.Word, ...]:
    """Words whose ``%NAME%`` is expanded by what they are given to: ``[Environment]::ExpandEnvironmentVariables``, cmd."""
    if (command.method or "").lower().endswith("expandenvironmentvariables"):
        return command.positional
    return command.words if program(command.name) == "cmd" else ()
