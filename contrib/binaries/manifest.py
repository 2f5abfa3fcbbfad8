"""Application and assembly manifests: the level a program asks for, and the assemblies that it needs."""

from __future__ import annotations

import xml.parsers.expat as expat

from contrib.binaries.model import Assembly, Manifest


class _Refused(Exception):
    pass


def read_manifest(data: bytes) -> Manifest:
    """The parts of a manifest that decide whether a program starts.

    A document type with entities is refused: no manifest has one, and entities can be made to grow without end.
    """
    reader = expat.ParserCreate(namespace_separator=" ")
    level = ""
    assemblies: list[Assembly] = []
    files: list[str] = []
    inside: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal level
        name = tag.rpartition(" ")[2]
        inside.append(name)
        if len(inside) > 64:
            raise _Refused
        if name == "requestedExecutionLevel":
            level = attributes.get("level", "")
        elif name == "assemblyIdentity" and "dependentAssembly" in inside:
            assemblies.append(
                Assembly(
                    attributes.get("name", ""),
                    attributes.get("version", ""),
                    attributes.get("processorArchitecture", "*"),
                    attributes.get("publicKeyToken", ""),
                )
            )
        elif name == "file" and attributes.get("name"):
            files.append(attributes["name"])

    def end(tag: str) -> None:
        inside.pop()

    def refuse(*_: object) -> None:
        raise _Refused

    reader.StartElementHandler = start
    reader.EndElementHandler = end
    reader.StartDoctypeDeclHandler = refuse
    try:
        reader.Parse(data.rstrip(b"\0 \r\n\t"), True)
    except expat.ExpatError as error:
        return Manifest(error=f"is not XML (line {error.lineno})")
    except (_Refused, ValueError, UnicodeError):
        return Manifest(error="is not a manifest")
    return Manifest(level, tuple(assemblies[:100]), tuple(files[:1000]))
