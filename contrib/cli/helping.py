"""What help says beside the commands' own texts: groups, defaults and variables of options, other tools' names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import click

#: Commands by use, in the order shown; a command that is in no group is shown at the end.
GROUPS: dict[str, tuple[str, ...]] = {
    "Look": ("demo", "diff", "review", "rules", "loads", "try", "why", "board", "pins"),
    "Write": ("generate", "render", "bump", "base", "new", "init-ci"),
    "Propose": ("doctor", "pr", "status"),
    "Official Images": ("manifest", "library"),
    "This program": ("completion",),
}

#: What people who know other programs type, and what it is here.
ELSEWHERE: dict[str, str] = {
    "add-base": "base add",
    "analyze": "review",
    "apply-templates": "render",
    "audit": "review",
    "auth": "doctor",
    "build": "try",
    "cat": "library cat",
    "check": "review",
    "ci": "init-ci",
    "compare": "diff",
    "create": "pr",
    "cve": "loads",
    "drop-base": "base drop",
    "explain": "rules",
    "fix": "review --fix",
    "format": "review --fix",
    "from": "library from",
    "help": "--help",
    "init": "new",
    "lint": "review",
    "list": "library list",
    "login": "doctor",
    "new-pr": "pr",
    "open": "pr",
    "outdated": "bump --check",
    "plan": "pr --dry-run",
    "preview": "pr --dry-run",
    "propose": "pr",
    "publish": "pr",
    "pull-request": "pr",
    "rule": "rules",
    "run": "try",
    "scan": "review",
    "scaffold": "new",
    "show": "status",
    "stackbrew": "manifest",
    "submit": "pr",
    "template": "render",
    "test": "try",
    "update": "bump",
    "upgrade": "bump",
    "validate": "library check",
    "version": "--version",
}


#: The same for ``contrib library``.
LIBRARY_ELSEWHERE: dict[str, str] = {
    "bases": "from",
    "compare": "diff",
    "format": "cat",
    "lint": "check",
    "ls": "list",
    "parents": "from",
    "print": "cat",
    "review": "check",
    "show": "cat",
    "tags": "list",
    "test": "check",
    "validate": "check",
}


def grouped(commands: Mapping[str, str]) -> Iterable[tuple[str, list[tuple[str, str]]]]:
    """The commands with their texts, by group.

    :param commands: name to text, in the order of those that no group names.
    """
    known = {name for names in GROUPS.values() for name in names}
    for title, names in GROUPS.items():
        rows = [(name, commands[name]) for name in names if name in commands]
        if rows:
            yield title, rows
    rest = [(name, text) for name, text in commands.items() if name not in known]
    if rest:
        yield "More", rest


def meant(name: str, commands: Iterable[str], table: Mapping[str, str] = ELSEWHERE) -> str | None:
    """The command line that somebody who typed ``name`` wants; None when that cannot be guessed.

    >>> meant("lint", ["review"]), meant("generat", ["generate"]), meant("zzz", ["review"])
    ('review', 'generate', None)
    """
    from difflib import get_close_matches

    known = list(commands)
    wanted = name.lower().replace("_", "-")
    elsewhere = table.get(wanted)
    if elsewhere is not None and (elsewhere.startswith("-") or elsewhere.split()[0] in known):
        return elsewhere
    if wanted in known:
        return wanted
    near = get_close_matches(wanted, [*known, *table], n=1, cutoff=0.7)
    if not near:
        return None
    found = table.get(near[0], near[0])
    return found if found.startswith("-") or found.split()[0] in known else None


def describe(option: click.Option, variables: list[str]) -> None:
    """Let the option's help show its default, and the variable that sets it for every command that has it.

    The variable for one command alone (``CONTRIB_REVIEW_FORMAT``) follows a rule that ``contrib --help`` states.
    """
    given = isinstance(option.default, (str, int, float, Path)) and option.default != ""
    if given and not option.is_flag and not option.count:
        option.show_default = True
    if not variables:
        return
    common = variables[-1] if len(variables) <= 2 else " or ".join(variables[1:])
    shown = f"[env: {common}]"
    text = option.help or ""
    if shown not in text:
        option.help = f"{text} {shown}".strip()


class Suggesting(click.Group):
    """A group that says which command was meant when the name is unknown."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click, with a guess when the name is unknown."""
        known = self.list_commands(ctx)
        if args and not args[0].startswith("-") and args[0] not in known:
            table = LIBRARY_ELSEWHERE if self.name == "library" else ELSEWHERE
            wanted = meant(args[0], known, table)
            guess = f" Did you mean '{ctx.command_path} {wanted}'?" if wanted is not None else ""
            raise click.UsageError(f"No such command '{args[0]}'.{guess}", ctx=ctx)
        return super().resolve_command(ctx, args)
