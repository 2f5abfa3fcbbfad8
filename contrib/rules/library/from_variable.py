"""from-variable: fROM with a variable."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext, listed, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.sources import once
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per Dockerfile."""
    for source in once(context):
        bases = source.bases
        odd = [base for base in bases.froms if "$" in base] if bases is not None else []
        if odd:
            yield context.found(
                RULE,
                source.line(context, "Directory", "GitCommit"),
                f"`{source.path}` of {named(source.each)} names its base with a variable: {listed(odd)}",
            )


RULE = library_rule(
    id="from-variable",
    severity="error",
    title="FROM with a variable",
    looks_for=("A variable in the base of `FROM`, `COPY --from` or a bind mount."),
    why=("bashbrew does not expand it, so the base is unknown to it."),
    proof="from",
    bad="""
Tags: 1.2
Directory: variable
""",
    good="""
Tags: 1.2
Directory: 1.2
""",
    check=check,
    needs=("text", "repository"),
)
