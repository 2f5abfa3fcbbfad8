"""``ports``, ``volumes``, ``workdir``: what a person who runs the image meets first."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import paths
from contrib.build.account import Build
from contrib.facts.kinds import Fact, Ports, Volumes, Workdir
from contrib.facts.subject import Subject


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """One fact each."""
    exposed = build.instructions("EXPOSE")
    ports: list[str] = []
    for instruction in exposed:
        for word in instruction.words:
            for text in build.resolve(instruction, word.text).split():
                number, _, protocol = text.partition("/")
                port = f"{number}/{(protocol or 'tcp').lower()}"
                if port not in ports:
                    ports.append(port)
    if ports:
        yield Ports("ports", ", ".join(ports), exposed[0].line, exposed[-1].end_line, ports=tuple(ports))
    volumes: list[str] = []
    declared = build.instructions("VOLUME")
    for instruction in declared:
        for word in instruction.words:
            text = word.text if instruction.exec_form else build.resolve(instruction, word.text)
            start = "" if paths.absolute(text, build.platform) else build.workdir
            tidy = paths.join(start, text, build.platform)
            if tidy and tidy not in volumes:
                volumes.append(tidy)
    if volumes:
        lines = (declared[0].line, declared[-1].end_line)
        yield Volumes("volumes", ", ".join(volumes), *lines, volumes=tuple(volumes))
    workdirs = build.instructions("WORKDIR")
    if workdirs:
        last = workdirs[-1]
        yield Workdir("workdir", build.workdir, last.line, last.end_line)
