"""Commands to packaging facts; one extractor a kind of fact (:data:`EXTRACTORS`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from contrib.build import Build as Build
from contrib.build import read as read
from contrib.dockerfile.inherited import Bases
from contrib.dockerfile.model import Dockerfile
from contrib.facts.extractors import (
    base,
    cleaned,
    configuration,
    copied,
    download,
    ends,
    environment,
    exposed,
    install,
    linux,
    loud,
    origin,
    start,
    user,
    verified,
    version,
)
from contrib.facts.kinds import Fact as Fact
from contrib.facts.model import FactSheet as FactSheet
from contrib.facts.model import Open as Open
from contrib.facts.openness import openness, places
from contrib.facts.subject import Subject
from contrib.facts.subject import find as find_subject
from contrib.values.budgets import bounded

Extractor = Callable[[Build, Subject], Iterator[Fact]]

#: In the order of PARITY's catalogue.
EXTRACTORS: tuple[Extractor, ...] = (
    base.extract,
    version.extract,
    download.extract,
    verified.extract,
    origin.extract,
    install.extract,
    cleaned.extract,
    loud.extract,
    user.extract,
    environment.extract,
    configuration.extract,
    exposed.extract,
    start.extract,
    ends.extract,
    copied.extract,
    linux.extract,
)


@bounded("dockerfile.name")
def extract(
    dockerfile: Dockerfile, *, copied: Mapping[str, bytes] | None = None, bases: Bases | None = None
) -> FactSheet:
    """All packaging facts of a Dockerfile.

    :param copied: files of the build context by their path there (an entrypoint script, a configuration).
    :param bases: knows what images hand on.
    """
    return sheet(read(dockerfile, copied, bases))


@bounded("build.dockerfile.name")
def sheet(build: Build, about: str = "") -> FactSheet:
    """The facts of a file that was read.

    :param about: what its twin is about (:attr:`FactSheet.about`).
    """
    subject = find_subject(build, about)
    facts = [fact for extractor in EXTRACTORS for fact in extractor(build, subject)]
    version = next((fact.value for fact in facts if fact.name == "version"), None)
    return FactSheet(
        source=build.dockerfile.name,
        platform=build.platform,
        base=build.base.root.text if build.base is not None else "",
        version=version,
        facts=tuple(facts),
        notes=build.notes,
        open=openness(build, subject),
        places=places(build),
        about=subject.name,
        named=bool(subject.start.program),
    )
