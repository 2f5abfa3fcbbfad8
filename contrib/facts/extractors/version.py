"""``version`` and ``version-declared``: which version the image claims, and where it says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from contrib.build import actions as act
from contrib.build import paths, products
from contrib.build.account import Build
from contrib.facts import subject as subjects
from contrib.facts.extractors.origin import added_archive, line_of_copy, own_installer
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
        carried = in_url is None or in_url == text.lstrip("v") or _in(text, url)
        yield Version(
            "version", text.lstrip("v"), variable.line, variable.end_line,
            origin=variable.kind, variable=variable.name, download=in_url,
            agrees=carried or not _same_thing(subject),
        )  # fmt: skip
        if variable.kind == "ENV" and _in_image(build, variable.name):
            via = {source.name.upper() for source in main.url.via} if main is not None else set()
            used = variable.name.upper() in via or _in(text, url)
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
    elif (installed := _package(build, subject)) is not None:
        yield Version("version", *installed, origin="package")


def _package(build: Build, subject: Subject) -> tuple[str, int, int] | None:
    """The exact version that a package manager is asked for, of the package that is called as the program."""
    name = subject.start.program.lower()
    for action in build.of(act.Packages):
        for package, found in action.versions.items() if action.verb == "add" and name else ():
            if re.split(r"[./]", package)[-1] == name:  # Vendor.App of winget, example.org/app of go
                return found.removeprefix("v"), action.line, action.end_line
    return None


def _in(version: str, url: str) -> bool:
    """Whether an address has a version in it; Java writes 8u181 and 1.8.0.181 for one."""
    java = re.fullmatch(r"(\d+)u(\d+)", version)
    if java is not None and re.search(rf"1\.{java[1]}\.0[._]{java[2]}(?!\d)", url):
        return True
    return version.lstrip("v") in url


def _unpacked(build: Build, subject: Subject) -> tuple[str, int, int] | None:
    """The version in the name of an archive or installer of the program itself that no download brought."""
    added = added_archive(build)
    if added is not None and subjects.related(
        products.product("https://x/" + added[1]), subject.start.program
    ):
        named = products.version("https://x/" + paths.name(added[1]))
        if named is not None:
            return named, added[0].line, added[0].end_line
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
    url = subject.main.url.text
    if any(each is not subject.variable and _in(each.value, url) for each in subject.variables):
        return False  # another variable is the version of what is fetched
    return subjects.related(subject.variable.stem, products.product(subject.main.url.text))
