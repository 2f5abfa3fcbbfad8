"""arch-subset: architecture-specific fields of an image with a base."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.rules.library.sources import sources
from contrib.values.findings import Finding


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per entry."""
    told: set[int] = set()
    for source in sources(context):
        name = next(
            (
                f"{source.architecture}-{field}"
                for field in ("Directory", "File")
                if source.each.entry.arch_fields.get(f"{source.architecture}-{field}")
            ),
            None,
        )
        if len(source.each.entry.architectures) < 2:
            continue  # one architecture has one Dockerfile, wherever it is named
        if name is None or id(source.each) in told or source.bases is None or not source.bases.stages:
            continue
        base = source.bases.stages[-1]
        if base == "scratch" or source.builder == "oci-import":
            continue
        told.add(id(source.each))
        yield context.found(
            RULE,
            context.line(source.each.entry, name, "Tags"),
            f"{named(source.each)} has {name}, and is FROM `{base}`",
        )


RULE = library_rule(
    id="arch-subset",
    severity="error",
    title="Architecture-specific fields of an image with a base",
    looks_for=(
        "`<architecture>-Directory` or `<architecture>-File` on an entry whose Dockerfile does not "
        "start from scratch."
    ),
    why=(
        "One Dockerfile serves all architectures; fields of their own are for base images, which "
        "bring their own root file systems."
    ),
    proof="multiarch",
    bad="""
Tags: 1.2
Architectures: amd64, s390x
Directory: 1.2
s390x-Directory: 1.2
""",
    good="""
Tags: 1.2
Architectures: amd64, s390x
Directory: 1.2
""",
    check=check,
    needs=("text", "repository"),
)
