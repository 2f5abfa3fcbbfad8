"""``copied-files``: what comes from the build context, by purpose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.build import actions as act
from contrib.build import paths
from contrib.build.account import Build
from contrib.facts.extractors.configuration import content_of, inline_file, is_configuration
from contrib.facts.extractors.origin import from_system, program_copy
from contrib.facts.kinds import CopiedFile, CopiedImage, Fact
from contrib.facts.subject import Subject

#: A directory of configuration files, by its name.
_DIRECTORY = re.compile(r"(conf|config|cfg|etc)(\.d)?|conf\.\w+\.d", re.IGNORECASE)
_BINARY = re.compile(r"\.(exe|dll|msi|zip|7z|nupkg|so|tar|gz|tgz|xz|jar)$", re.IGNORECASE)


def purpose(file: str, script: str) -> str:
    """``entrypoint``, ``configuration``, ``binary``, ``script`` or ``file``."""
    name = paths.name(file)
    if script and name == script:
        return "entrypoint"
    if "entrypoint" in name.lower():
        return "entrypoint"
    if is_configuration(name) or _DIRECTORY.fullmatch(name):
        return "configuration"
    if _BINARY.search(name):
        return "binary"
    if name.lower().endswith((".sh", ".ps1", ".cmd", ".bat", ".psm1")):
        return "script"
    return "file"


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """One fact a file, and one an image that something is copied from."""
    images: dict[str, list[act.CopyIn]] = {}
    program = program_copy(build, subject)
    for action in build.of(act.CopyIn, own=True):
        if isinstance(action.origin, str):
            images.setdefault(action.origin, []).append(action)
        elif action.origin is None:
            for source in action.sources:
                inline = inline_file(action, source)
                if inline is not None:
                    source = inline[0]
                kind = purpose(source, subject.start.script)
                if kind == "file" and action is program:
                    kind = "binary"
                name = paths.name(source) or source
                text = f"{kind} to {action.target}" if kind != "file" else action.target
                yield CopiedFile(
                    f"copied-files:{name}", text, action.line, action.end_line, file=name, purpose=kind,
                    read=inline is not None or content_of(build, source) is not None,
                )  # fmt: skip
    for image, copies in images.items():
        programs = [copy for copy in copies if not from_system(copy)]
        told = programs or copies
        sources = [source for copy in told for source in copy.sources]
        yield CopiedImage(
            f"copied-image:{image}",
            ", ".join(dict.fromkeys(paths.name(source) or source for source in sources)),
            told[0].line,
            told[-1].end_line,
            image=image,
            sources=tuple(sources),
            system=not programs,
        )
