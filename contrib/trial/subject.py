"""What is tried: one Dockerfile with its build context, and what it needs to be there before it is built."""

from __future__ import annotations

import io
import posixpath
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass

from contrib.dockerfile import Dockerfile, parse
from contrib.dockerfile.context import context_files
from contrib.dockerfile.expand import environments
from contrib.dockerfile.platform import Reference, build_of, stage_bases
from contrib.values.errors import BadInput
from contrib.values.evidence import Place, context_sha256, dockerfile_sha256
from contrib.values.numbers import whole
from contrib.values.tree import Tree

#: Bytes of a build context that is sent to an engine; official images' are a few kilobytes.
MAX_CONTEXT = 256 << 20


@dataclass(frozen=True, slots=True)
class Subject:
    """One variant, as it would be built.

    :param path: of the Dockerfile in the tree. :param context: all files of its directory, relative to it.
    :param read: those of them that COPY and ADD read.
    :param base: reference of the image that the last stage stands on. :param bases: all images that must be
        there first, ``base`` among them.
    :param own: references with the image's own name that it copies from (``redis:7.2.4-windowsservercore-…``).
    :param tag: the official name of what is built: ``redis:7.2.4-windowsservercore-ltsc2025``.
    """

    image: str
    variant: str
    kind: str
    version: str
    path: str
    dockerfile: bytes
    context: Mapping[str, bytes]
    read: Mapping[str, bytes]
    base: str
    bases: tuple[str, ...]
    own: tuple[str, ...]
    tag: str

    @property
    def dockerfile_sha256(self) -> str:
        """As the record has it."""
        return dockerfile_sha256(self.dockerfile)

    @property
    def context_sha256(self) -> str | None:
        """As the record has it."""
        return context_sha256(self.read)

    def tar(self, dockerfile: bytes | None = None) -> bytes:
        """The build context as a tar; ``dockerfile`` takes the place of the subject's own.

        :raises BadInput: it is larger than :data:`MAX_CONTEXT`.
        """
        files = dict(self.context) | {"Dockerfile": self.dockerfile if dockerfile is None else dockerfile}
        if sum(map(len, files.values())) > MAX_CONTEXT:
            raise BadInput(
                f"its directory has more than {MAX_CONTEXT >> 20} MB, which no build context of an official "
                "image has",
                file=self.path,
            )
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for name, content in sorted(files.items()):
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                entry.mode = 0o755 if content.startswith(b"#!") else 0o644
                archive.addfile(entry, io.BytesIO(content))
        return stream.getvalue()


def subject(
    image: str,
    tree: Tree,
    path: str,
    *,
    variant: str,
    kind: str,
    version_name: str,
    version: str | None = None,
) -> Subject:
    """The subject that a Dockerfile of a tree is.

    :param version_name: the variable that holds the version. :param version: where no variable does.
    :raises BadInput: there is no such file, or it has no base that is known before it is built.
    """
    data = tree.read(path)
    if data is None:
        raise BadInput("there is no such file", file=path)
    folder = posixpath.dirname(path)
    prefix = f"{folder}/" if folder else ""
    context: dict[str, bytes] = {}
    for name in tree.paths(folder):
        content = tree.read(name)
        if content is not None and name.startswith(prefix):
            context[name.removeprefix(prefix)] = content
    dockerfile = parse(data, path)
    if not dockerfile.stages:
        raise BadInput("has no FROM, so there is nothing to build", file=path)
    bases = _images(dockerfile, path)
    found = _version(dockerfile, version_name) or version
    if found is None:
        raise BadInput(
            f"does not set {version_name}, so its version is not known", file=path, hint="ENV sets it"
        )
    own = tuple(ref for ref in bases if Reference.parse(ref).repository == image)
    names = [name for name in context if name != posixpath.basename(path)]
    return Subject(
        image=image,
        variant=variant,
        kind=kind,
        version=found,
        path=path,
        dockerfile=data,
        context=context,
        read={name: context[name] for name in context_files(dockerfile, names)},
        base=stage_bases(dockerfile)[-1].root.text,
        bases=tuple(ref for ref in bases if ref not in own and ref.lower() != "scratch"),
        own=own,
        tag=f"{image}:{found}-{variant}" if kind != "linux" else f"{image}:{found}-{variant}-twin",
    )


def _images(dockerfile: Dockerfile, path: str) -> tuple[str, ...]:
    """The images that the build reads, of FROM and of ``COPY --from``, none twice."""
    stages = {stage.name.lower() for stage in dockerfile.stages if stage.name}
    found: list[str] = []
    for stage, base in zip(dockerfile.stages, stage_bases(dockerfile), strict=True):
        if base.origin is None:
            if not base.known or not base.text:
                raise BadInput(
                    f"FROM {stage.base!r} is only known when it is built", file=path, line=stage.from_.line
                )
            found.append(base.text)
        for instruction in stage.instructions:
            source = instruction.flag("from") if instruction.keyword == "COPY" else None
            if source and not source.isdigit() and source.lower() not in stages and "$" not in source:
                found.append(source)
    return tuple(dict.fromkeys(found))


def _version(dockerfile: Dockerfile, name: str) -> str | None:
    stage = dockerfile.last_stage
    return environments(dockerfile).after(stage).value(name) if stage is not None else None


def not_here(kind: str, base: str, place: Place) -> str | None:
    """Why a host cannot run a variant, None when it can.

    Under process isolation the host's Windows must be of the container's build; under Hyper-V isolation it
    may be newer (MicrosoftDocs/Virtualization-Documentation, "version compatibility").
    """
    if (kind == "linux") != (place.os == "linux"):
        return f"the engine here runs {place.os.capitalize()} containers"
    wanted = build_of(Reference.parse(base).release) if kind != "linux" else None
    host = _build(place.os_version)
    if wanted is None or host is None:
        return None
    if place.isolation == "hyperv":
        return None if host >= wanted else f"the host is build {host}, older than the base's {wanted}"
    if host != wanted:
        return (
            f"the host is build {host} and the base {wanted}, and under process isolation they must be equal"
        )
    return None


def _build(os_version: str | None) -> int | None:
    parts = (os_version or "").split(".")
    return whole(parts[2]) if len(parts) >= 3 else None


def older(host: str | None, base: str | None) -> bool:
    """Whether a host's Windows is older than that of a base: ``10.0.26100.2894`` and ``10.0.26100.3194``."""
    if host is None or base is None:
        return False
    try:
        return [int(part) for part in host.split(".")] < [int(part) for part in base.split(".")]
    except ValueError:
        return False
