"""``version`` and ``version-declared``: which version the image claims, and where it says so."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from contrib.build import paths, products
from contrib.build.account import Build
from contrib.facts import subject as subjects
from contrib.facts.extractors.origin import line_of_copy, own_installer
from contrib.facts.kinds import Fact, Version, VersionDeclared
from contrib.facts.subject import Subject


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """ENV first, then the image's own download, then the tag of the image that it copies from."""
    main, variable = subject.main, subject.variable
    in_url = None
    tagged = subjects.tag_version(subject.copied_from) if subject.copied_from is not None else None
    if variable is not None and variable.kind == "ARG" and main is None and tagged is not None:
        variable = None  # nothing uses it; the image that is copied says what this is
    if main is not None:
        in_url = products.version(main.url.text) or products.version("https://x/" + main.revision)
    if variable is not None:
        text = variable.value
        url = unquote(main.url.text) if main is not None else ""
        carried = in_url is None or in_url == text.lstrip("v") or text.lstrip("v") in url
        yield Version(
            "version", text.lstrip("v"), variable.line, variable.end_line,
            origin=variable.kind, variable=variable.name, download=in_url,
            agrees=carried or not _same_thing(subject),
        )  # fmt: skip
        if variable.kind == "ENV" and _in_image(build, variable.name):
            via = {source.name.upper() for source in main.url.via} if main is not None else set()
            used = variable.name.upper() in via or (text.lstrip("v") in url)
            yield VersionDeclared(
                "version-declared", variable.name, variable.line, variable.end_line, used=used
            )
    elif (unpacked := _unpacked(build, subject)) is not None:
        yield Version("version", *unpacked, origin="file")
    elif main is not None and in_url is not None:
        yield Version("version", in_url, main.line, main.end_line, origin="download", download=in_url)
    elif subject.copied_from is not None and (tagged := subjects.tag_version(subject.copied_from)):
        line = line_of_copy(build, subject)
        yield Version("version", tagged, line, line, origin="copy")


def _unpacked(build: Build, subject: Subject) -> tuple[str, int, int] | None:
    """The version in the name of an archive or installer of the program itself that no download brought."""
    action = own_installer(build, subject)
    found = products.version("https://x/" + paths.name(action.file)) if action is not None else None
    return (found, action.line, action.end_line) if action is not None and found is not None else None


def _in_image(build: Build, name: str) -> bool:
    """Whether a container has the variable: it is set in the last stage, or in one that the image starts from."""
    found = build.final.variable(name) if build.final is not None else None
    return found is not None and found.kind == "env" and not found.inherited


def _same_thing(subject: Subject) -> bool:
    """Whether the variable and the download's name are of one product, so that two versions contradict."""
    if subject.variable is None or subject.main is None:
        return False
    return subjects.related(subject.variable.stem, products.product(subject.main.url.text))
