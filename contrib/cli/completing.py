"""What the shell completes: commands, options, images, series, variants, rules and files.

Click brings bash, zsh and fish; PowerShell is added here. :func:`attach` gives each parameter of a command its
candidates, by what it takes; nothing on the network is asked.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem, ShellComplete, add_completion_class, get_completion_class

Candidates = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

#: The shells that completion is made for.
SHELLS = ("bash", "zsh", "fish", "powershell")


def attach(command: click.Command) -> None:
    """Give the parameters of the command, and of those below it, what they complete to."""
    if isinstance(command, click.Group):
        for below in command.commands.values():
            attach(below)
    for parameter in command.params:
        found = _candidates(parameter)
        if found is not None and not isinstance(parameter.type, click.Choice):
            parameter._custom_shell_complete = found


def _candidates(parameter: click.Parameter) -> Candidates | None:
    name = parameter.name or ""
    metavar = (parameter.metavar or "").upper()
    if name in ("image", "image_name", "images"):
        return _images
    if name in ("series",):
        return _series
    if name in ("variant", "variants"):
        return _variants
    if name in ("rule", "only", "select", "ignore"):
        return _rules
    if name == "severity":
        return _severities
    if name == "allow":
        return _guards
    if ("REPO" in metavar and "FILE" not in metavar) or metavar == "DIR":
        return _directories
    takes_file = ("FILE", "DOCKERFILE", "SOURCE", "LOG", "PATH")
    if any(word in metavar for word in takes_file) or name in (
        "windows",
        "linux",
        "sources",
        "old",
        "new",
        "files",
    ):
        return _files
    return None


def _items(values: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(value) for value in values if value.startswith(incomplete)]


def _files(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(incomplete, type="file")]


def _directories(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(incomplete, type="dir")]


def _templates(ctx: click.Context) -> Path | None:
    named = ctx.params.get("templates")
    return Path(named) if named else None


def _image_names(ctx: click.Context) -> list[str]:
    from contrib.values.tables import image_folders

    try:
        return list(image_folders("image.toml", _templates(ctx)))
    except OSError:
        return []


def _images(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return _items(_image_names(ctx), incomplete)


def _series(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The directories of the work tree that ``--upstream`` names, or of the current one, that look like series."""
    import re

    named = ctx.params.get("upstream") or "."
    place = Path(str(named).partition("@")[0])
    try:
        found = sorted(
            each.name
            for each in place.iterdir()
            if re.fullmatch(r"\d+(\.\d+)*(-[a-z0-9]+)?", each.name) and each.is_dir()
        )
    except OSError:
        found = []
    return _items([*found, "all"], incomplete)


def _variants(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from contrib.images import load
    from contrib.values.errors import ContribError

    wanted = ctx.params.get("image") or ctx.params.get("image_name")
    found: dict[str, None] = {}
    for name in [wanted] if wanted else _image_names(ctx):
        try:
            found.update(dict.fromkeys(variant.name for variant in load(name, _templates(ctx)).variants))
        except ContribError:
            continue
    return _items(found, incomplete)


def _rule_ids(ctx: click.Context) -> list[str]:
    from contrib.rules import REGISTRY

    path = ctx.command_path.split()
    if "library" in path:
        return [rule.id for rule in REGISTRY.of_kind("library")]
    if path[-1:] == ["rules"]:
        return list(REGISTRY)
    return [rule.id for rule in REGISTRY.of_kind("dockerfile")]


def _rules(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Ids of rules; behind a comma the next one."""
    before, comma, last = incomplete.rpartition(",")
    return [CompletionItem(f"{before}{comma}{item.value}") for item in _items(_rule_ids(ctx), last)]


def _severities(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    rule, equals, level = incomplete.partition("=")
    if equals:
        return [
            CompletionItem(f"{rule}={each}")
            for each in ("error", "warning", "note")
            if each.startswith(level)
        ]
    return _items([f"{each}=" for each in _rule_ids(ctx)], incomplete)


def _guards(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from contrib.values.guards import GUARDS

    command = ctx.command_path.split()[-1]
    return _items([name for name, guard in GUARDS.items() if command in guard.commands], incomplete)


# -- shells ------------------------------------------------------------------------------------------------

_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
    if ($wordToComplete -eq '') { $words += '' }
    $before = @{}
    foreach ($name in '%(complete_var)s', 'COMP_WORDS') { $before[$name] = [Environment]::GetEnvironmentVariable($name) }
    try {
        $env:%(complete_var)s = 'powershell_complete'
        $env:COMP_WORDS = $words -join "`n"
        %(prog_name)s | ForEach-Object {
            $kind, $value, $help = $_ -split "`t", 3
            if ($kind -eq 'plain') {
                if (-not $help) { $help = $value }
                [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $help)
            } else {
                [System.Management.Automation.CompletionCompleters]::CompleteFilename($wordToComplete)
            }
        }
    } finally {
        foreach ($name in $before.Keys) { [Environment]::SetEnvironmentVariable($name, $before[$name]) }
    }
}
"""


class PowerShellComplete(ShellComplete):
    """Completion for Windows PowerShell 5.1 and PowerShell 7."""

    name = "powershell"
    source_template = _POWERSHELL

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one that is completed, and that one."""
        words = [_unquoted(word) for word in os.environ.get("COMP_WORDS", "").split("\n")]
        return words[1:-1], words[-1] if len(words) > 1 else ""

    def format_completion(self, item: CompletionItem) -> str:
        """Kind, value and help, with tabs between them."""
        help_ = " ".join((item.help or "").split())
        return f"{item.type}\t{item.value}\t{help_}"


def _unquoted(word: str) -> str:
    if len(word) > 1 and word[0] == word[-1] and word[0] in "'\"":
        return word[1:-1]
    return word


add_completion_class(PowerShellComplete)


def script(shell: str, command: click.Command) -> str:
    """The script that a shell's profile reads."""
    found: Any = get_completion_class(shell)
    text: str = found(command, {}, "contrib", "_CONTRIB_COMPLETE").source()
    return text
