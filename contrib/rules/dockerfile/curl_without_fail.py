"""curl-without-fail: curl saves the page of an error as the file."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import transfers
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """A download by curl without ``--fail``."""
    for download in context.downloads:
        command = download.download.command
        found = context.step_of(command)
        if command is None or found is None or download.download.tool != "curl" or download.file is None:
            continue
        line, _ = transfers.curl([found[0].text(word) for word in command.words])
        if line.has("fail", "fail-with-body", "config"):
            continue
        verified = download.verified
        yield context.found(
            RULE,
            download.line,
            "curl without `--fail` saves the page of an error as the file"
            + (", which the comparison then refuses" if verified else ", and nothing here would notice")
            + ": add `-f`",
            severity=Severity.NOTE if verified else Severity.WARNING,
            fix=context.fix(
                "fail on an error of the server", context.insert(command.name_span.end, " -f"), safe=False
            ),
            instruction=download.instruction,
        )


RULE = Rule(
    id="curl-without-fail",
    severity=Severity.WARNING,
    title="curl without --fail",
    looks_for=("curl fetches a file without `-f` or `--fail`. This is a note when the file is verified."),
    why=("curl exits with 0 when the server answers 404 or 500, and saves the error page as the file."),
    evidence=evidence("curl --fail <https://github.com/curl/curl/blob/master/docs/cmdline-opts/fail.md>"),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
RUN curl -SL -o t.zip https://example.org/t-1.2.3.zip && tar -xf t.zip && del t.zip
CMD ["cmd"]
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
ENV T_SHA256=24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
RUN curl -fSL -o t.zip https://example.org/t-1.2.3.zip && certutil -hashfile t.zip SHA256 | findstr %T_SHA256% && del t.zip
CMD ["cmd"]
"""
    ),
    check=check,
    fix="ask",
)
