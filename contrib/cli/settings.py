"""Which rules count, and how much: ``contrib.toml``, ``[tool.contrib]`` of ``pyproject.toml``, and the options.

A file is judged by the settings nearest to it: those of its own directory or of the first one above that has
some, up to the root of its repository; what is not on this disk, by those of the current directory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TypeVar

import click

from contrib.cli.options import gathered, together
from contrib.values.errors import BadInput
from contrib.values.records import dataclass, field

if TYPE_CHECKING:
    from contrib.cli.common import Terminal
    from contrib.rules.engine import Policy
    from contrib.values.tables import Table

F = TypeVar("F", bound=Callable[..., Any])

_LEVELS = ("error", "warning", "note")
#: The file of settings, and the table of them in pyproject.toml.
FILE = "contrib.toml"
TABLE = "tool.contrib"


@dataclass(slots=True)
class Settings:
    """What a run's options say of rules, and the files of settings that were read.

    :param select: the rules to run; empty for all.
    :param ignore: the rules to leave out.
    :param severity: rule to level.
    """

    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    severity: dict[str, str] = field(default_factory=dict)
    _read: dict[Path, _File | None] = field(default_factory=dict)

    def policy(self, file: Path | None, terminal: Terminal | None = None) -> Policy:
        """The policy for a file on this disk, or (None) for anything else.

        :raises BadInput: a file of settings that is broken, or names a rule or level that does not exist.
        """
        from contrib.rules.engine import Policy
        from contrib.values.findings import Severity

        found = self._nearest(_start(file))
        if found is None:
            if not (self.select or self.ignore or self.severity):
                return Policy()
            found = _File(Path())
        elif terminal is not None and not found.told:
            found.told = True
            terminal.say(f"settings: {found.path}")
        below = _below(found.path.parent, _root(found.path.parent))
        return Policy(
            select=self.select or found.select,
            ignore=self.ignore | (found.ignore - self.select),
            per_file=tuple(
                (f"{below}{glob}" if "/" in glob.rstrip("/") else glob, ids) for glob, ids in found.per_file
            ),
            severity={rule: Severity(level) for rule, level in {**found.severity, **self.severity}.items()},
        )

    def _nearest(self, start: Path) -> _File | None:
        found: _File | None = None
        passed = []
        for directory in (start, *start.parents):
            if directory in self._read:
                found = self._read[directory]
                break
            passed.append(directory)
            found = _settings_in(directory)
            if found is not None or (directory / ".git").exists():
                break
        self._read.update(dict.fromkeys(passed, found))
        return found


@dataclass(slots=True)
class _File:
    """One file of settings."""

    path: Path
    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    per_file: tuple[tuple[str, frozenset[str]], ...] = ()
    severity: dict[str, str] = field(default_factory=dict)
    told: bool = False


def _start(file: Path | None) -> Path:
    try:
        return (Path.cwd() if file is None else file.parent).resolve()
    except OSError:
        return Path.cwd()


def _root(directory: Path) -> Path | None:
    return next((each for each in (directory, *directory.parents) if (each / ".git").exists()), None)


def _below(directory: Path, root: Path | None) -> str:
    """The directory's path in its repository, as the beginning of a pattern."""
    if root is None or root == directory:
        return ""
    return PurePosixPath(directory.relative_to(root)).as_posix() + "/"


def _settings_in(directory: Path) -> _File | None:
    own = directory / FILE
    project = directory / "pyproject.toml"
    try:
        if own.is_file():
            from contrib.values import tables

            return _checked(own, tables.read_file(own), inside=False)
        if project.is_file():
            data = project.read_bytes()
            return _checked(project, data, inside=True) if b"tool.contrib" in data else None
    except PermissionError as error:
        raise BadInput(f"cannot be read: {error.strerror}", file=str(error.filename or directory)) from error
    return None


def _checked(path: Path, data: bytes, *, inside: bool) -> _File | None:
    from contrib.values.tables import Table, decode

    content: Any = decode(data, str(path))
    text = data.decode("utf-8", "replace")
    if inside:
        tool = content.get("tool")
        content = tool.get("contrib") if isinstance(tool, dict) else None
        if content is None:
            return None
        if not isinstance(content, dict):
            raise BadInput(f"{TABLE}: expected a table", file=str(path))
    table = Table(content, TABLE if inside else "", str(path), text)
    select = _rules(table, table.texts("select", "a list of rules", default=()), "select", path, text)
    ignore = _rules(table, table.texts("ignore", "a list of rules", default=()), "ignore", path, text)
    per_file = []
    globs = table.table("per-file-ignores", required=False)
    for glob in globs.items():
        if not glob.strip("/ "):
            raise BadInput(f"{globs.key(glob)}: expected a pattern of paths", file=str(path))
        names = globs.texts(glob, "a list of rules")
        per_file.append((glob, _rules(globs, names, glob, path, text)))
    levels = table.table("severity", required=False)
    severity = {}
    for rule in levels.items():
        _rules(levels, (rule,), rule, path, text)
        severity[rule] = levels.choice(rule, _LEVELS)
    table.done()
    return _File(path, select, ignore, tuple(per_file), severity)


def _rules(table: Table, names: Iterable[str], key: str, path: Path, text: str) -> frozenset[str]:
    for name in names:
        hint = unknown_rule(name)
        if hint is not None:
            line = next((n for n, each in enumerate(text.splitlines(), 1) if name in each), None)
            raise BadInput(
                f"{table.key(key)}: there is no rule {name!r}", file=str(path), line=line, hint=hint
            )
    return frozenset(names)


def unknown_rule(name: str) -> str | None:
    """What was perhaps meant by the name of a rule that does not exist; None for one that does."""
    from contrib.rules import REGISTRY
    from contrib.rules.review import REMARKS

    if name in REMARKS or any(rule.id == name for rule in REGISTRY.of_kind("dockerfile")):
        return None
    if name in REGISTRY:
        return None
    from difflib import get_close_matches

    near = get_close_matches(name, [*REGISTRY, *REMARKS], n=1)
    return f"did you mean {near[0]}?" if near else "`contrib rules` lists them"


# -- options -----------------------------------------------------------------------------------------------


def policy_options(function: F) -> F:
    """``--select``, ``--ignore``, ``--severity``; the command gets ``settings``."""

    @together(
        click.option(
            "--select", multiple=True, metavar="RULE[,RULE]", help="Run these rules only; repeatable."
        ),
        click.option(
            "--ignore", multiple=True, metavar="RULE[,RULE]", help="Leave these rules out; repeatable."
        ),
        click.option(
            "--severity",
            multiple=True,
            metavar="RULE=LEVEL",
            help="Report a rule as error, warning or note; repeatable.",
        ),
    )
    def wrapper(
        *args: Any, select: tuple[str, ...], ignore: tuple[str, ...], severity: tuple[str, ...], **kwargs: Any
    ) -> Any:
        settings = Settings(_named(select, "--select"), _named(ignore, "--ignore"), _levels(severity))
        return function(*args, settings=settings, **kwargs)

    return gathered(wrapper, function)


def _named(values: Iterable[str], option: str) -> frozenset[str]:
    names = [name.strip() for value in values for name in value.split(",") if name.strip()]
    for name in names:
        hint = unknown_rule(name)
        if hint is not None:
            raise BadInput(f"{option}: there is no rule {name!r}", kind="usage", hint=hint)
    return frozenset(names)


def _levels(values: Iterable[str]) -> dict[str, str]:
    found = {}
    for value in (each for whole in values for each in whole.split(",") if each.strip()):
        rule, equals, level = (part.strip() for part in value.partition("="))
        if not equals:
            raise BadInput(f"--severity: expected RULE=LEVEL, not {value!r}", kind="usage")
        _named([rule], "--severity")
        if level not in _LEVELS:
            raise BadInput(
                f"--severity: {level!r} is not a level",
                kind="usage",
                hint=f"one of {', '.join(_LEVELS)}; --ignore leaves a rule out",
            )
        found[rule] = level
    return found
