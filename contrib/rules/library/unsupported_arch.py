"""unsupported-arch: architecture that the Dockerfile refuses."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext, listed, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.sources import case_architectures, once
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """Read from the text of the ``case``; a Dockerfile without one is silent."""
    for source in once(context):
        if source.dockerfile is None or source.each.windows:
            continue
        known = case_architectures(source.dockerfile)
        if known is None:
            continue
        wrong = [arch for arch in source.each.entry.architectures if arch not in known]
        if wrong:
            yield context.found(
                RULE,
                context.line(source.each.entry, "Architectures", "Tags"),
                f"the Dockerfile of {named(source.each)} ends in an error on {listed(wrong)}",
            )


RULE = library_rule(
    id="unsupported-arch",
    severity="error",
    title="Architecture that the Dockerfile refuses",
    looks_for=(
        "The Dockerfile's own `case` on the architecture has branches for some architectures of the "
        "entry and ends in an error for another; with the network, a base whose index lacks the "
        "architecture."
    ),
    why=("The build fails for that architecture."),
    proof="@a4d976e multiarch",
    bad="""
Tags: 1.2
Architectures: amd64, s390x
Directory: case
""",
    good="""
Tags: 1.2
Architectures: amd64, arm64v8
Directory: case
""",
    check=check,
    needs=("text", "repository"),
)
