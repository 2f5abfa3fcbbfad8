"""file-missing: dockerfile is not there."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.findings import Finding, Fix
from contrib.rules.library.context import Context, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.sources import nearest_file, sources


def check(context: Context) -> Iterator[Finding]:
    """One finding an entry; the nearest path that is there is offered."""
    told: set[int] = set()
    for source in sources(context):
        if source.builder == "oci-import" or not source.view.has(source.commit) or id(source.each) in told:
            continue
        if source.dockerfile is not None or not source.directory_there:
            continue
        told.add(id(source.each))
        near = nearest_file(source)
        field = context.field(source.each.entry, "File")
        fix = None
        if near is not None and field is not None:
            fix = Fix(f"write {near}", (context.replace_value(field, near),), safe=False)
        hint = f"; there is `{near}`" if near else ""
        yield context.found(
            RULE,
            source.line(context, "File", "Directory"),
            f"`{source.path}` of {named(source.each)} is not there at {source.commit[:12]}{hint}",
            fix=fix,
        )


RULE = library_rule(
    id="file-missing",
    severity="error",
    title="Dockerfile is not there",
    looks_for=(
        "The entry's `Directory` is there at its commit, and its `File` (default `Dockerfile`) is not."
    ),
    why=("There is nothing to build."),
    proof="from",
    bad="""
Tags: 1.2
Directory: 1.2
File: Dockerfile.slim
""",
    good="""
Tags: 1.2
Directory: 1.2
""",
    check=check,
    fix="ask",
    needs=("text", "repository"),
    replaces=("from-unreadable",),
)
