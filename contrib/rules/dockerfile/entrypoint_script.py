"""entrypoint-script: script as the main process."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity

_SCRIPTS = (".ps1", ".cmd", ".bat", ".psm1", ".vbs", ".sh")
_SHELLS = ("powershell", "pwsh", "cmd")


def check(context: Context) -> Iterator[Finding]:
    """A script, or a shell that is given one, as ENTRYPOINT or as CMD in exec form."""
    for outer in context.file.instructions:
        instruction = outer.trigger or outer
        if instruction.keyword not in ("CMD", "ENTRYPOINT"):
            continue
        if instruction.exec_form:
            script = _script(list(instruction.values))
        elif instruction.keyword == "ENTRYPOINT":
            script = next(
                (c.name for c in context.commands(outer) if c.name.lower().endswith(_SCRIPTS)), None
            )
        else:
            continue
        if script is not None:
            yield context.found(
                RULE,
                outer.line,
                f"`{script}` stays the main process between Docker and the program: Windows has no `exec`",
                instruction=outer,
            )


def _script(words: list[str]) -> str | None:
    if not words:
        return None
    program = words[0].replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe")
    if program.endswith(_SCRIPTS):
        return words[0]
    if program not in _SHELLS:
        return None
    for position, word in enumerate(words[1:], start=1):
        lower = word.lower().strip("'\"& ")
        if program != "cmd" and lower in ("-file", "-f") and position + 1 < len(words):
            return words[position + 1]
        if lower.split(" ")[0].strip("'\"").endswith(_SCRIPTS):
            return word
    return None


RULE = Rule(
    id="entrypoint-script",
    severity=Severity.WARNING,
    title="script as the main process",
    looks_for=(
        "ENTRYPOINT, or CMD in exec form, starts a script: a `.ps1`, `.cmd` or `.bat` of the build "
        "context, or `powershell -File`."
    ),
    why=(
        "Windows has no `exec`. The script stays between Docker and the program, and stopping, exit "
        "codes and console events pass through it."
    ),
    evidence=evidence('faq "Why isn\'t there a Windows equivalent of `docker-entrypoint.sh`?"'),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
ENTRYPOINT ["powershell", "C:\\entrypoint.ps1"]
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
CMD ["app.exe"]
"""
    ),
    check=check,
)
