"""builder-values: unknown builder."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """The architecture-specific ones too."""
    for each in context.entries:
        for arch in each.entry.architectures:
            builder = each.entry.value("Builder", arch)
            allowed = (
                ("", "classic") if arch.startswith("windows-") else ("", "classic", "buildkit", "oci-import")
            )
            if builder in allowed:
                continue
            yield context.found(
                RULE,
                context.line(each.entry, f"{arch}-Builder", "Builder"),
                f"Builder `{builder}` of {named(each)} is not one of {', '.join(allowed[1:])}"
                + (" for Windows" if arch.startswith("windows-") else ""),
            )
            break


RULE = library_rule(
    id="builder-values",
    severity="error",
    title="Unknown builder",
    looks_for=(
        "`Builder` that is not `classic`, `buildkit` or `oci-import`, or on a Windows entry not `classic`."
    ),
    why=("Nothing else is built; BuildKit does not build images of Windows."),
    proof="library",
    bad="""
Tags: 1.2
Builder: kaniko
""",
    good="""
Tags: 1.2
Builder: buildkit
""",
    check=check,
)
