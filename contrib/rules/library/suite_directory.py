"""suite-directory: directory of another suite."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.library.tags import EntryTags, suites_in
from contrib.rules.library.context import LibraryContext, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix


def check(context: LibraryContext) -> Iterator[Finding]:
    """Tags as a whole: an entry may have more suites than one among them."""
    for each in context.written:
        if each.windows:
            continue
        system = _other_system(context, each)
        if system is not None:
            yield context.found(
                RULE,
                context.line(each.entry, "Directory"),
                f"Directory `{each.entry.directory}` of {named(each)} names {' and '.join(system)}",
            )
            continue
        # groovy is also an image
        in_directory = suites_in(each.entry.directory) - {context.survey.repository}
        if not in_directory:
            continue
        in_tags = each.suites
        if not in_tags or in_tags & in_directory:
            continue
        fix = None
        field = context.field(each.entry, "Directory")
        if len(in_tags) == 1 and len(in_directory) == 1 and field is not None:
            right = each.entry.directory.replace(next(iter(in_directory)), next(iter(in_tags)))
            fix = Fix(f"write {right}", (context.replace_value(field, right),), safe=False)
        yield context.found(
            RULE,
            context.line(each.entry, "Directory"),
            f"the tags of {named(each)} say {', '.join(sorted(in_tags))}, Directory `{each.entry.directory}` says "
            f"{', '.join(sorted(in_directory))}",
            fix=fix,
        )


#: Distributions by name, as directories and tags have them.
_SYSTEMS = frozenset(
    (
        "debian", "ubuntu", "alpine", "centos", "amazonlinux", "oraclelinux", "fedora", "rockylinux", "almalinux",
        "ubi", "photon", "leap",
    )
)  # fmt: skip
_WORD = re.compile(r"[A-Za-z]+")


def _other_system(context: LibraryContext, each: EntryTags) -> tuple[str, str] | None:
    """Two distributions in Directory of which the tags name one (``5.2/ubuntu/amazonlinux/2``); None for one."""
    names = [word.lower() for word in _WORD.findall(each.entry.directory)]
    found = [word for word in names if word in _SYSTEMS and word != context.survey.repository]
    if len(set(found)) < 2:
        return None
    words = {word.lower() for text in each.entry.all_tags for word in _WORD.findall(text)}
    right = [word for word in found if word in words]
    wrong = [word for word in found if word not in words]
    return (wrong[0], right[0]) if right and wrong else None


RULE = library_rule(
    id="suite-directory",
    severity="warning",
    title="Directory of another suite",
    looks_for=(
        "Suite words (`bookworm`, `noble`, `alpine`) in the tags and in `Directory`, and none of them "
        "in both; or two distributions in `Directory` of which the tags name one."
    ),
    why=("The tag promises another distribution than the directory builds on."),
    proof="library",
    bad="""
Tags: 1.2-bookworm
Directory: 1.2/trixie
""",
    good="""
Tags: 1.2-bookworm
Directory: 1.2/bookworm
""",
    check=check,
    fix="ask",
)
