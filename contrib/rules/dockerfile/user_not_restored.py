"""user-not-restored: image runs as ContainerAdministrator."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build.rights import administrator
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """A last stage on nanoserver that ends as ContainerAdministrator."""
    last = context.last
    if last is None or not last.is_modern_nanoserver:
        return
    users = [i for i in last.stage.instructions if i.keyword == "USER"]
    if not users or context.user_named(users[-1]) != "containeradministrator":
        return
    # the last RUN that is known to need the rights; where none is, the last one, for the others may
    after = last.stage.instructions[last.stage.instructions.index(users[-1]) + 1 :]
    runs = [instruction for instruction in after if instruction.keyword == "RUN"]
    needing = next(
        (run for run in reversed(runs) if administrator(context.build, run)), (users[-1:] + runs)[-1]
    )
    if needing is users[-1]:
        # a comment above says why it is there, which a person has to judge
        why = any(comment.span.end_line == users[-1].line - 1 for comment in context.comments)
        fix = context.fix("remove the line", context.remove_lines(users[-1]), safe=not why)
        yield context.found(
            RULE,
            users[-1].line,
            "the image ends as ContainerAdministrator, and no RUN after this line needs it: remove the line",
            fix=fix,
            instruction=users[-1],
        )
        return
    fix = context.fix(
        "go back to ContainerUser", context.insert_line_after(needing, "USER ContainerUser"), safe=True
    )
    yield context.found(
        RULE,
        users[-1].line,
        "the image ends as ContainerAdministrator: go back to `USER ContainerUser` after the RUN that needs it",
        fix=fix,
        instruction=users[-1],
    )


RULE = Rule(
    id="user-not-restored",
    severity=Severity.WARNING,
    title="image runs as ContainerAdministrator",
    looks_for=("The last stage is on nanoserver and ends as `ContainerAdministrator`."),
    why=("The image then runs with more rights than its base, often only because of one `setx`."),
    evidence=evidence("docker-library/golang@88b5e2b"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
USER ContainerAdministrator
RUN setx /m PATH "C:\app;%PATH%"
CMD ["app"]
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
USER ContainerAdministrator
RUN setx /m PATH "C:\app;%PATH%"
USER ContainerUser
CMD ["app"]
"""
    ),
    check=check,
    fix="yes",
)
