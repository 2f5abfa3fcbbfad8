"""relative-command: the program is found from the working directory alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.build import paths
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """CMD or ENTRYPOINT names the program by a relative path."""
    start = context.start
    instruction = start.entrypoint if start.by_entrypoint else start.command
    path = start.path
    if instruction is None or not path or not re.search(r"[\\/]", path) or paths.absolute(path, "windows"):
        return
    if re.search(r"[%$]", path) or (not instruction.exec_form and instruction.body.lstrip().startswith("[")):
        return  # JSON that is broken is `unescaped-backslash`
    place = paths.join(context.build.workdir, path, "windows")
    yield context.found(
        RULE,
        instruction.line,
        f"`{path}` is found from WORKDIR alone, and `docker run --workdir` changes that: write `{place}`",
        instruction=instruction,
    )


RULE = Rule(
    id="relative-command",
    severity=Severity.NOTE,
    title="relative path of the program",
    looks_for="CMD or ENTRYPOINT names the program by a path relative to WORKDIR.",
    why=(
        "`docker run --workdir`, and a WORKDIR in an image that is built on this one, change "
        "what the path means."
    ),
    evidence=evidence('guidelines "Consistency"'),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
WORKDIR C:\\\\app
CMD [".\\\\app.exe"]
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
WORKDIR C:\\\\app
CMD ["C:\\\\app\\\\app.exe"]
"""
    ),
    check=check,
)
