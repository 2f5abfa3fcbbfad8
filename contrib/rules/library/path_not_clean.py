"""path-not-clean: path that is not written plainly."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.model import clean_path
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding, Fix


def check(context: LibraryContext) -> Iterator[Finding]:
    """The architecture-specific ones too; of the header's as well. A slash at the end may be the file's custom."""
    survey = context.survey
    paths = [
        (name, field, value)
        for section in (*((survey.head,) if survey.head is not None else ()), *survey.sections)
        for name, field in section.fields.items()
        if name.rpartition("-")[2] in ("Directory", "File") and (value := survey.value(field))
    ]
    slashes = sum(value.endswith("/") for _, _, value in paths)
    custom = slashes > 1 and slashes * 2 > len(paths)
    for name, field, value in paths:
        clean = clean_path(value)
        if clean == value or clean.startswith(("../", "/")) or clean == "..":
            continue
        if (name.endswith("File") and (value.endswith("/") or clean == ".")) or (
            custom and value == clean + "/"
        ):
            continue
        yield context.found(
            RULE,
            field.line,
            f"{name} `{value}` is `{clean}`",
            fix=Fix(f"write {clean}", (context.replace_value(field, clean),), safe=True),
        )


RULE = library_rule(
    id="path-not-clean",
    severity="note",
    title="Path that is not written plainly",
    looks_for=("`Directory` or `File` with `./`, `//`, `x/..` or a slash at its end."),
    why=(
        "bashbrew tidies it up before it compares entries; who reads the file, or another program, does not."
    ),
    proof="bashbrew",
    bad="""
Tags: 4.2
Directory: 4.2//alpine
""",
    good="""
Tags: 4.2
Directory: 4.2/alpine
""",
    check=check,
    fix="yes",
)
