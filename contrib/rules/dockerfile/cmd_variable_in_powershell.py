"""cmd-variable-in-powershell: variable of the other shell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from contrib.build import effects
from contrib.rules.bodies import Run, all_words
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.shells.model import Variable, Word
from contrib.values.findings import Finding, Fix, Severity
from contrib.values.patterns import lazy

_NAME = lazy(r"[A-Za-z_][A-Za-z0-9_()]*")


def check(context: Context) -> Iterator[Finding]:
    """``%X%`` that PowerShell gets, ``$env:X`` that cmd gets."""
    for run in context.bodies:
        if run.shell not in ("powershell", "cmd") or not run.sure:
            continue
        expanded = {id(word) for _, command in run.commands for word in effects.expanded_there(command)}
        for word in all_words(run):
            foreign = _foreign(word)
            if not foreign or id(word) in expanded:
                continue
            variable = foreign[0]
            right = f"$env:{variable.name}" if run.shell == "powershell" else f"%{variable.name}%"
            formatted = _formatted(context, run, word)
            right = formatted if formatted is not None else right
            shell = "PowerShell" if run.shell == "powershell" else "cmd"
            yield context.found(
                RULE,
                word.span.line,
                f"{shell} leaves `{variable.text}` as it stands: write `{right}`",
                fix=_fix(context, run, word),
                instruction=run.instruction,
            )


def _foreign(word: Word) -> list[Variable]:
    """Variables of the other shell (those that an outer cmd expands before PowerShell sees them are none)."""
    return [v for v in word.variables if v.scope == "foreign" and _NAME.fullmatch(v.name)]


def _fix(context: Context, run: Run, word: Word) -> Fix | None:
    written = context.file.text_of(word.span)
    foreign = _foreign(word)
    if run.instruction.exec_form:
        return None
    formatted = _formatted(context, run, word)
    if formatted is not None:
        return context.fix("use this shell's own variable", context.replace(word.span, formatted), safe=False)
    if run.shell == "powershell" and (written.startswith("'") or "\n" in written):
        return None
    text = _put(written, foreign, [_right(run, variable) for variable in foreign])
    if text is None:
        return None
    return context.fix("use this shell's own variable", context.replace(word.span, text), safe=False)


def _put(text: str, variables: Sequence[Variable], instead: Sequence[str]) -> str | None:
    """The text with other words for its variables; None where they do not stand in it in this order."""
    parts: list[str] = []
    at = 0
    for variable, new in zip(variables, instead, strict=True):
        start = text.find(variable.text, at)
        if start < 0:
            return None
        parts += [text[at:start], new]
        at = start + len(variable.text)
    return "".join([*parts, text[at:]])


def _formatted(context: Context, run: Run, word: Word) -> str | None:
    """A text in single quotes, in which PowerShell expands nothing: ``('C:\\app;{0}' -f $env:PATH)``."""
    written = context.file.text_of(word.span)
    foreign = _foreign(word)
    if run.shell != "powershell" or not re.fullmatch(r"'[^'\"{}\n]*'", written):
        return None
    numbers: dict[str, int] = {}
    for variable in foreign:
        numbers.setdefault(variable.name, len(numbers))
    text = _put(written, foreign, [f"{{{numbers[variable.name]}}}" for variable in foreign])
    if text is None:
        return None
    names = list(numbers)
    if [name.upper() for name in names] == ["PATH"] and text.startswith("'{0};") and text.count("{0}") == 1:
        text = (
            "'" + text[5:-1].rstrip(";") + ";{0}'"
        )  # what the image adds comes first, as accepted images have it
    return f"({text} -f {', '.join(f'$env:{name}' for name in names)})"


def _right(run: Run, variable: Variable) -> str:
    return f"${{env:{variable.name}}}" if run.shell == "powershell" else f"%{variable.name}%"


RULE = Rule(
    id="cmd-variable-in-powershell",
    severity=Severity.ERROR,
    title="variable of the other shell",
    looks_for=("`%NAME%` is in a command that PowerShell runs, or `$env:NAME` in one that cmd runs."),
    why=(
        "The other shell does not know the variable and leaves the text as it is: PATH, for "
        "example, is set to the word `%PATH%` and a directory."
    ),
    evidence=evidence("docker-library/redis#78", "docker-library/redis@709e6a8", "docker/for-win#13289"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN setx /M PATH "%PATH%;C:\app"
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
RUN setx /M PATH ('C:\app;{0}' -f $env:PATH)
"""
    ),
    check=check,
    fix="ask",
)
