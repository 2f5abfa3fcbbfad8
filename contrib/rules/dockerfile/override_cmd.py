"""override-cmd: an ENTRYPOINT that is the program."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build.start import is_script
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity

#: Images that official-images' test/config.sh excuses, by their programs.
_EXCUSED = ("nats", "gnatsd", "traefik")


def check(context: Context) -> Iterator[Finding]:
    """An ENTRYPOINT of this file that holds the program."""
    start = context.start
    entrypoint = start.entrypoint
    if entrypoint is None or not start.by_entrypoint or not start.program:
        return
    if any(is_script(word) for word in start.words[:1]) or _excused(context, start.program):
        return
    fix = None
    if entrypoint.exec_form and start.command is None and not start.around:
        span = entrypoint.span
        end = span.start + len(entrypoint.keyword)
        keyword = type(span)(span.start, end, span.line, span.line)
        fix = context.fix("make it CMD", context.replace(keyword, "CMD"), safe=False)
    yield context.found(
        RULE,
        entrypoint.line,
        f"`docker run IMAGE cmd` starts `{start.program}` with `cmd` as its argument: make the program CMD",
        fix=fix,
        instruction=entrypoint,
    )


def _excused(context: Context, program: str) -> bool:
    names = [program, context.image.name if context.image is not None else ""]
    own = [use for use in context.images if use.stage.index in context.build.own and use.official]
    names += [use.reference.repository for use in own]
    return any(name.startswith(_EXCUSED) for name in names)


RULE = Rule(
    id="override-cmd",
    severity=Severity.WARNING,
    title="ENTRYPOINT is the program",
    looks_for=(
        "ENTRYPOINT is the program itself. Images that official-images excludes from its test "
        "`override-cmd` are not reported."
    ),
    why=(
        "`docker run IMAGE PROGRAM` has to start PROGRAM. The test `override-cmd` checks this "
        "for every official image, on Windows with `cmd /Q /S /C echo …`, and fails here."
    ),
    evidence=evidence(
        'guidelines "Consistency"',
        "test/config.sh <https://github.com/docker-library/official-images/blob/master/test/config.sh>",
    ),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
ENTRYPOINT ["C:\\\\app\\\\app.exe"]
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
CMD ["C:\\\\app\\\\app.exe"]
"""
    ),
    check=check,
    fix="ask",
)
