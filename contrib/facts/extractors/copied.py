"""``copied-files``: what comes from the build context, by purpose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.facts import actions as act
from contrib.facts import paths
from contrib.facts.model import Fact
from contrib.facts.reading import Reading
from contrib.facts.subject import Subject

_CONFIGURATION = re.compile(r"\.(conf|cfg|ini|toml|ya?ml|json|properties|cnf|xml|config)$", re.IGNORECASE)
_BINARY = re.compile(r"\.(exe|dll|msi|zip|7z|nupkg|so|tar|gz|tgz|xz|jar)$", re.IGNORECASE)


def purpose(file: str, script: str) -> str:
    """``entrypoint``, ``configuration``, ``binary``, ``script`` or ``file``."""
    name = paths.name(file)
    if script and name == script:
        return "entrypoint"
    if "entrypoint" in name.lower():
        return "entrypoint"
    if _CONFIGURATION.search(name):
        return "configuration"
    if _BINARY.search(name):
        return "binary"
    if name.lower().endswith((".sh", ".ps1", ".cmd", ".bat", ".psm1")):
        return "script"
    return "file"


def extract(reading: Reading, subject: Subject) -> Iterator[Fact]:
    """One fact a file."""
    for action in reading.of(act.CopyIn, own=True):
        if action.origin is not None:
            if isinstance(action.origin, str):
                yield Fact(
                    f"copied-image:{action.origin}", ", ".join(paths.name(s) or s for s in action.sources),
                    action.line, action.end_line,
                    {"image": action.origin, "sources": list(action.sources), "target": action.target,
                     "system": all("system32" in s.lower() for s in action.sources)},
                )  # fmt: skip
            continue
        for source in action.sources:
            kind = purpose(source, subject.start.script)
            name = paths.name(source) or source
            yield Fact(
                f"copied-files:{name}", f"{kind} to {action.target}" if kind != "file" else action.target,
                action.line, action.end_line, {"name": name, "purpose": kind, "target": action.target},
            )  # fmt: skip
