"""``copied-files``: what comes from the build context, by purpose."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator

from contrib.build import actions as act
from contrib.build import paths
from contrib.build.account import Build
from contrib.facts.extractors.configuration import content_of, inline_file, is_configuration
from contrib.facts.extractors.origin import from_system, program_copy
from contrib.facts.handed import image_of
from contrib.facts.kinds import CopiedFile, CopiedImage, Fact
from contrib.facts.subject import Subject

#: A directory of configuration files, by its name.
_DIRECTORY = re.compile(r"(conf|config|cfg|etc)(\.d)?|conf\.\w+\.d", re.IGNORECASE)
_BINARY = re.compile(r"\.(exe|dll|msi|zip|7z|nupkg|so|tar|gz|tgz|xz|jar)$", re.IGNORECASE)


def purpose(file: str, script: str, content: bytes | None = None) -> str:
    """``entrypoint``, ``configuration``, ``binary``, ``script`` or ``file``.

    :param script: what starts. :param content: the file's, where it was read.
    """
    name = paths.name(file)
    if script and name == script:
        return "entrypoint"
    if "entrypoint" in name.lower() and not name.lower().endswith(".d"):
        return "entrypoint"
    if is_configuration(name) or _DIRECTORY.fullmatch(name):
        return "configuration"
    if _BINARY.search(name):
        return "binary"
    if name.lower().endswith((".sh", ".envsh", ".ps1", ".cmd", ".bat", ".psm1")):
        return "script"
    return "script" if content is not None and content.startswith(b"#!") else "file"


def _content(build: Build, source: str) -> bytes | None:
    """A file of the build context, or the first one of those that a pattern names; None where none was read."""
    if not set("*?[") & set(source):
        return content_of(build, source)
    names = sorted(name for name in build.copied if fnmatch.fnmatchcase(name, source.removeprefix("./")))
    return build.copied[names[0]] if names else None


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """One fact a file, and one an image that something is copied from."""
    images: dict[str, list[act.CopyIn]] = {}
    program = program_copy(build, subject)
    for action in build.of(act.CopyIn, own=True):
        image = image_of(build, action.origin)
        if image is not None:
            images.setdefault(image, []).append(action)
        elif action.origin is None:
            for source in action.sources:
                inline = inline_file(action, source)
                if inline is not None:
                    source = inline[0]
                content = inline[1] if inline is not None else _content(build, source)
                kind = purpose(source, subject.start.script, content)
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
