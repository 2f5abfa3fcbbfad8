"""unknown-stage: COPY --from something that is neither a stage nor an image."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules import references
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.rules.stages import ImageUse
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """A bare name after ``--from=`` that no stage has, and no official image."""
    for use in context.images:
        if not is_unknown_stage(use):
            continue
        near = close(context, use)
        fix = None
        hint = ""
        if near is not None:
            hint = f"; did you mean `{near}`?"
            if use.span is not None:
                fix = context.fix(f"copy from `{near}`", context.replace(use.span, near), safe=False)
        what = "a stage above" if use.via == "COPY" else "a stage above or an image"
        yield context.found(
            RULE,
            use.line,
            f"`{use.text}` is not {what}, and no official image has that name{hint}",
            fix=fix,
            instruction=use.instruction,
        )


def is_unknown_stage(use: ImageUse) -> bool:
    """A name without tag that no official image has."""
    name = use.reference.repository.lower()
    plain = "/" not in use.text and ":" not in use.text and "@" not in use.text and "." not in use.text
    return use.via == "COPY" and use.known and plain and name != "scratch" and name not in references.OFFICIAL


def close(context: Context, use: ImageUse) -> str | None:
    """The stage above whose name is the closest."""
    names = [view.stage.name for view in context.stages if view.stage.name and view.index < use.stage.index]
    from difflib import get_close_matches

    found = get_close_matches(use.text.lower(), [name.lower() for name in names], 1, 0.5)
    if found:
        return next(name for name in names if name.lower() == found[0])
    return names[0] if len(names) == 1 else None


RULE = Rule(
    id="unknown-stage",
    severity=Severity.ERROR,
    title="no such stage",
    looks_for=(
        "`COPY --from=NAME` names no stage above it, and NAME is neither an official image "
        "nor an image with a tag."
    ),
    why=(
        "The builder then looks for an image of that name in Docker's registry, and finds "
        "none, or somebody else's."
    ),
    evidence=evidence('guidelines "Clarity"'),
    bad=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022 AS installer
FROM mcr.microsoft.com/windows/servercore:ltsc2022
COPY --from=downloader C:\\\\app C:\\\\app
CMD ["cmd"]
"""
    ),
    good=Example(
        """
FROM mcr.microsoft.com/windows/servercore:ltsc2022 AS installer
FROM mcr.microsoft.com/windows/servercore:ltsc2022
COPY --from=installer C:\\\\app C:\\\\app
CMD ["cmd"]
"""
    ),
    check=check,
    fix="ask",
)
