"""legacy-env-format: `ENV NAME value` without `=`."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.dockerfile.model import Instruction
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Edit, Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """One note per file, with all places in its fix."""
    old = [i for i in context.file.instructions if i.keyword == "ENV" and i.legacy and i.problem is None]
    if not old:
        return
    edits = [edit for instruction in old for edit in _modern(context, instruction)]
    count = f"{len(old)} times" if len(old) > 1 else "once"
    yield context.found(
        RULE,
        old[0].line,
        f"`ENV NAME value` ({count} in this file): the builder warns of it, write `ENV NAME=value`",
        fix=context.fix("write NAME=value", edits, safe=True) if edits else None,
        instruction=old[0],
    )


def _modern(context: Context, instruction: Instruction) -> Iterator[Edit]:
    """``=`` for the blanks after the name; blanks in the value are quoted, so that it stays one word."""
    name, value = instruction.words[:2]
    between = context.file.data[name.span.end : value.span.start]
    if b"\n" in between or not value.text:
        return  # a continuation, or a comment, stands there: rare enough to leave to a person
    text = value.text
    yield Edit(name.span.end, value.span.start, b"=")
    blanks = [index for index, char in enumerate(text) if char in " \t"]
    if not blanks:
        return
    if not any(char in text for char in "\"'") and not text.endswith(context.file.escape):
        yield Edit(value.span.start, value.span.start, b'"')
        yield Edit(value.span.end, value.span.end, b'"')
        return
    written = context.file.text_of(value.span)
    if written != text:
        return
    escape = context.file.escape.encode()
    quote = ""
    for index, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in " \t":
            offset = value.span.start + len(text[:index].encode("utf-8", "surrogateescape"))
            yield Edit(offset, offset, escape)


RULE = Rule(
    id="legacy-env-format",
    severity=Severity.NOTE,
    title="`ENV NAME value` without `=`",
    looks_for=("`ENV NAME value` is written without `=`. There is one note per file."),
    why=("The builder warns about it."),
    evidence=evidence("caddyserver/caddy-docker@cb53459"),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
ENV APP_VERSION 1.2.3
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022
ENV APP_VERSION=1.2.3
"""
    ),
    check=check,
    fix="yes",
)
