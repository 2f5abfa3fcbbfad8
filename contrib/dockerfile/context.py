"""What COPY and ADD read from the build context: which files of a list of names, by the builder's own rules.

Pure: the caller brings the names and reads the bytes. Sources are matched as Go's ``filepath.Match`` does
(``*`` and ``?`` do not cross ``/``), directories are taken whole, and what lies outside the context is none of
its files. Reference: docker/docker ``builder/dockerfile/copy.go``.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from contrib.dockerfile.expand import environments
from contrib.dockerfile.model import Dockerfile, Instruction


@dataclass(frozen=True, slots=True)
class FromContext:
    """One source of a COPY or ADD.

    :param source: as written, variables resolved. :param destination: the same; a directory when it ends in ``/``.
    :param known: nothing in ``source`` is left to be given at build time.
    :param paths: the files of the context that it names, sorted; empty when there are none.
    """

    instruction: Instruction
    source: str
    destination: str
    known: bool
    paths: tuple[str, ...]


def from_context(dockerfile: Dockerfile, names: Sequence[str]) -> tuple[FromContext, ...]:
    """The sources of all COPY and ADD that read the build context, in the file's order.

    :param names: of all files in the context, relative, with ``/``.
    """
    environment = environments(dockerfile)
    found = []
    for stage in dockerfile.stages:
        for instruction in stage.instructions:
            if instruction.keyword not in ("COPY", "ADD") or instruction.flag("from") is not None:
                continue
            here = environment.before(instruction)
            words = [here.expand(word.text) for word in instruction.words]
            inline = {heredoc.delimiter for heredoc in instruction.heredocs}
            if len(words) < 2:
                continue
            for word, written in zip(words[:-1], instruction.words[:-1], strict=True):
                if written.text.startswith("<<") and inline:
                    continue
                if instruction.keyword == "ADD" and re.match(r"(?:https?|ftp|git)://|git@", word.text):
                    continue
                found.append(
                    FromContext(
                        instruction,
                        word.text,
                        words[-1].text,
                        word.known,
                        matching(word.text, names) if word.known else (),
                    )
                )
    return tuple(found)


def context_files(dockerfile: Dockerfile, names: Sequence[str]) -> tuple[str, ...]:
    """All files of the context that the build reads, sorted, each once."""
    return tuple(sorted({path for each in from_context(dockerfile, names) for path in each.paths}))


def matching(source: str, names: Sequence[str]) -> tuple[str, ...]:
    """The names that a source of COPY stands for: files, and all below directories.

    >>> matching("conf.d/*.conf", ["conf.d/a.conf", "conf.d/b/c.conf", "x"])
    ('conf.d/a.conf',)
    >>> matching(".", ["a", "b/c"])
    ('a', 'b/c')
    """
    # A leading slash, and "..", stay inside the context.
    cleaned = posixpath.normpath("/" + source.replace("\\", "/")).strip("/")
    if cleaned in ("", "."):
        return tuple(sorted(names))
    pattern = re.compile(_pattern(cleaned))
    return tuple(sorted(name for name in names if pattern.match(name)))


def _pattern(glob: str) -> str:
    """Go's pattern as one of ours, for the path itself and for all below it."""
    parts = []
    at = 0
    while at < len(glob):
        char = glob[at]
        if char == "*":
            parts.append("[^/]*")
        elif char == "?":
            parts.append("[^/]")
        elif char == "[" and (end := glob.find("]", at + 2)) > 0:
            inner = glob[at + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            parts.append(f"(?!/)[{inner}]")
            at = end
        else:
            parts.append(re.escape(char))
        at += 1
    return "".join(parts) + r"(?:/.*)?\Z"
