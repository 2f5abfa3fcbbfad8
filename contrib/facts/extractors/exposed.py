"""``ports``, ``volumes``, ``workdir``: what a person who runs the image meets first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contrib.build import paths
from contrib.build.account import Build
from contrib.dockerfile.model import Instruction
from contrib.facts.handed import configuration_of, from_of
from contrib.facts.kinds import Fact, Ports, Volumes, Workdir
from contrib.facts.subject import Subject


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """One fact each."""
    configuration, origin = configuration_of(build), from_of(build)
    if origin is None:
        return
    exposed = build.instructions("EXPOSE")
    handed = configuration.exposed if configuration is not None else ()
    ports = [_port(each) for each in handed]
    for instruction in exposed:
        for word in instruction.words:
            for text in build.resolve(instruction, word.text).split():
                port = _port(text)
                if port not in ports:
                    ports.append(port)
    if ports:
        yield Ports(
            "ports",
            _text(ports, exposed),
            *_lines(exposed, origin),
            ports=tuple(ports),
            inherited=not exposed,
        )
    volumes = list(configuration.volumes) if configuration is not None else []
    declared = build.instructions("VOLUME")
    for instruction in declared:
        for word in instruction.words:
            here = build.environments.before(instruction)
            text = here.resolve_item(word.text) if instruction.exec_form else here.resolve(word.text)
            start = "" if paths.absolute(text, build.platform) else build.workdir
            tidy = paths.join(start, text, build.platform)
            if tidy and tidy not in volumes:
                volumes.append(tidy)
    if volumes:
        yield Volumes(
            "volumes", _text(volumes, declared), *_lines(declared, origin), volumes=tuple(volumes),
            inherited=not declared,
        )  # fmt: skip
    workdirs = build.instructions("WORKDIR")
    if workdirs:
        last = workdirs[-1]
        yield Workdir("workdir", build.workdir, last.line, last.end_line)
    elif configuration is not None and configuration.workdir is not None:
        yield Workdir("workdir", build.workdir, *_lines((), origin), inherited=True)


def _port(text: str) -> str:
    number, _, protocol = text.partition("/")
    return f"{number}/{(protocol or 'tcp').lower()}"


def _lines(own: Sequence[Instruction], origin: Instruction) -> tuple[int, int]:
    """The file's own instructions, else FROM."""
    return (own[0].line, own[-1].end_line) if own else (origin.line, origin.end_line)


def _text(items: Sequence[str], own: Sequence[Instruction]) -> str:
    return ", ".join(items) + ("" if own else " (the base's)")
