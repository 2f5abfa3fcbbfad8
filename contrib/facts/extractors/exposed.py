"""``ports``, ``volumes``, ``workdir``: what a person who runs the image meets first."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.facts import paths
from contrib.facts.model import Fact
from contrib.facts.reading import Reading
from contrib.facts.subject import Subject


def extract(reading: Reading, subject: Subject) -> Iterator[Fact]:
    """One fact each."""
    exposed = reading.instructions("EXPOSE")
    ports: list[str] = []
    for instruction in exposed:
        for word in instruction.words:
            for text in reading.resolve(instruction, word.text).split():
                number, _, protocol = text.partition("/")
                port = f"{number}/{(protocol or 'tcp').lower()}"
                if port not in ports:
                    ports.append(port)
    if ports:
        yield Fact("ports", ", ".join(ports), exposed[0].line, exposed[-1].end_line, {"ports": ports})
    volumes: list[str] = []
    declared = reading.instructions("VOLUME")
    for instruction in declared:
        for word in instruction.words:
            text = word.text if instruction.exec_form else reading.resolve(instruction, word.text)
            start = "" if paths.absolute(text, reading.platform) else reading.workdir
            tidy = paths.join(start, text, reading.platform)
            if tidy and tidy not in volumes:
                volumes.append(tidy)
    if volumes:
        yield Fact(
            "volumes", ", ".join(volumes), declared[0].line, declared[-1].end_line, {"volumes": volumes}
        )
    workdirs = reading.instructions("WORKDIR")
    if workdirs:
        last = workdirs[-1]
        yield Fact("workdir", reading.workdir, last.line, last.end_line, {"directory": reading.workdir})
