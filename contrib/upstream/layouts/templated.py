"""The templated layout: ``versions.json``, ``Dockerfile.template`` in the jq-template language, three scripts.

``versions.sh`` writes ``versions.json`` anew from what it looks up; ``apply-templates.sh`` deletes each
series' directory and makes it again from the templates; ``generate-stackbrew-library.sh`` prints the
library file. So the data of the Windows variants goes into ``versions.json`` (key ``windows`` of a series:
``version``, ``url``, ``sha256``, ``variants``), their templates stand beside upstream's, and all three
scripts are edited. CI runs ``apply-templates.sh`` and fails where the tree then differs: what is written
here is what it would write.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from contrib.upstream.edits import text_of
from contrib.upstream.layouts.base import (
    BranchChanges,
    Layout,
    Note,
    Pin,
    Series,
    Speak,
    Voice,
    variants_of,
)
from contrib.upstream.layouts.scripts import edited, one_branch
from contrib.values import jsontext
from contrib.values.errors import BadInput
from contrib.values.tree import FileChange, Tree

if TYPE_CHECKING:
    from contrib.images.model import Image, LayoutFacts, Port, Variant
    from contrib.upstream.edits import Script

VERSIONS = "versions.json"
APPLY = "apply-templates.sh"

_DIRECTORY = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,2}(?:-rc)?")
_VERSION = re.compile(r"[0-9][0-9A-Za-z.+~-]{0,79}")


class Templated(Layout):
    """See the module.

    :param tree: the branch's tree.
    :param port: whose releases the scripts look up; the image's living one when None.
    """

    key: ClassVar[str] = "templated"
    title: ClassVar[str] = "templated: versions.json, Dockerfile.template, apply-templates.sh"
    voice: ClassVar[Voice] = Voice.JQ_TEMPLATE

    def __init__(
        self,
        image: Image,
        facts: LayoutFacts,
        scripts: tuple[Script, ...],
        tree: Tree,
        port: Port | None = None,
    ) -> None:
        super().__init__(image, facts, scripts, port)
        self.tree = tree
        data = tree.read(VERSIONS)
        if data is None:
            raise BadInput("there is no versions.json", file=VERSIONS)
        self.versions = _read_versions(data)

    def series(self) -> tuple[Series, ...]:
        """See :class:`Layout`. A directory that versions.json no longer names, or names null, is retired."""
        found = []
        for name, value in self.versions.items():
            # A key that is no series (a nightly build, say) has no Windows releases, and is upstream's alone.
            if not _DIRECTORY.fullmatch(name):
                continue
            version = value.get("version") if isinstance(value, dict) else None
            if isinstance(version, str) and not _VERSION.fullmatch(version):
                raise BadInput(f"{name}.version: {version[:80]!r} is no version", file=VERSIONS)
            found.append(self._series(name, version if isinstance(version, str) else None, value is None))
        left = {path.split("/", 1)[0] for path in self.tree.paths() if path.endswith("/Dockerfile")}
        for name in left - set(self.versions):
            if _DIRECTORY.fullmatch(name):
                found.append(self._series(name, None, True))
        return tuple(sorted(found, key=lambda each: each.order, reverse=True))

    def _series(self, name: str, version: str | None, retired: bool) -> Series:
        linux = self.facts.linux_of(name)
        return Series(
            name=name,
            version=version,
            prerelease=name.endswith("-rc") or "-" in (version or ""),
            linux=linux if self.tree.read(linux) is not None else None,
            retired=retired,
        )

    def pin(self, series: str) -> Pin | None:
        """See :class:`Layout`.

        :raises BadInput: versions.json says something of Windows that is not what versions.sh writes.
        """
        value = self.versions.get(series)
        windows = value.get("windows") if isinstance(value, dict) else None
        if windows is None:
            return None
        where = f"{series}.windows"
        if not isinstance(windows, dict):
            raise BadInput(
                f"{where}: an object with version, url, sha256 and variants is expected", file=VERSIONS
            )
        texts = {}
        for key in ("version", "url", "sha256"):
            if not isinstance(windows.get(key), str):
                raise BadInput(f"{where}.{key}: a text is expected", file=VERSIONS)
            texts[key] = windows[key]
        variants = windows.get("variants")
        if not isinstance(variants, list) or not all(isinstance(each, str) for each in variants):
            raise BadInput(f"{where}.variants: a list of variants is expected", file=VERSIONS)
        return Pin(texts["version"], texts["url"], texts["sha256"], tuple(variants))

    def changes(self, wanted: Mapping[str, Pin], speak: Speak) -> tuple[BranchChanges, ...]:
        """See :class:`Layout`. Series that have Windows variants already are made anew from the same templates."""
        for name in wanted:
            self.find(name)
        pins = {name: self.pin(name) for name in self.versions} | dict(wanted)
        files, notes = edited(self.tree, self.scripts, self.image, self.port, self.left_out)
        files += self._data(wanted, notes)
        header = self.header()
        templates: dict[str, str] = {}
        for name, pin in pins.items():
            if pin is None:
                continue
            for variant in variants_of(self.image, pin.variants):
                self._template(templates, variant, name, pin, speak)
                text = speak(variant, Voice.VALUES, name, pin)
                files.append(FileChange(self.dockerfile(name, variant.name), header + text.encode()))
            files += self._left(name, pin)
        files += [FileChange(path, text.encode()) for path, text in templates.items()]
        return one_branch(self.tree, wanted, files, notes)

    def _data(self, wanted: Mapping[str, Pin], notes: list[Note]) -> list[FileChange]:
        versions = copy.deepcopy(self.versions)
        for name, pin in wanted.items():
            if pin.algorithm != "sha256":
                raise BadInput(f"the archive of {pin.version} has no sha256 to be written into {VERSIONS}")
            variants = [each.name for each in variants_of(self.image, pin.variants)]
            versions[name]["windows"] = {
                "version": pin.version,
                "url": pin.url,
                "sha256": pin.digest,
                "variants": variants,
            }
        if versions == self.versions:
            return []
        before = self.tree.read(VERSIONS)
        # Some versions.sh print with jq -S: then the keys of ours are sorted, too.
        ordered = before == _write_versions(self.versions, ordered=True)
        if not ordered and before != _write_versions(self.versions):
            notes.append(Note("edit", "was not laid out as versions.sh lays it out, and now is", VERSIONS))
        return [FileChange(VERSIONS, _write_versions(versions, ordered=ordered))]

    def template(self, variant: Variant) -> str:
        """Path of upstream's template for a variant."""
        base = variant.kind.removeprefix("windows")
        return self.facts.template.format(kind=variant.kind, base=base, variant=variant.name)

    def _template(self, made: dict[str, str], variant: Variant, name: str, pin: Pin, speak: Speak) -> None:
        path = self.template(variant)
        text = speak(variant, self.voice, name, pin)
        if made.setdefault(path, text) != text:
            raise BadInput(
                f"{variant.name} of {name} needs another template than the variants before it", file=path
            )

    def _left(self, name: str, pin: Pin) -> list[FileChange]:
        """Deletions of variants that the series had and no longer has: apply-templates.sh would delete them."""
        before = self.pin(name)
        gone = set(before.variants) - set(pin.variants) if before is not None else set()
        return [
            FileChange(path, None)
            for variant in sorted(gone)
            for path in self.tree.paths(self.directory(name, variant))
        ]

    def header(self) -> bytes:
        """The warning that apply-templates.sh writes before what the template gives; nothing where it writes none."""
        from contrib.upstream.render import generated_warning

        script = text_of(self.tree.read(APPLY) or b"", APPLY)
        return generated_warning(script, APPLY) if "generated_warning()" in script else b""


def _read_versions(data: bytes) -> dict[str, Any]:
    value = jsontext.read(data, VERSIONS, dict, exact=True)
    if not all(each is None or isinstance(each, dict) for each in value.values()):
        raise BadInput("an object with an object per series is expected", file=VERSIONS)
    return value


def _write_versions(value: dict[str, Any], *, ordered: bool = False) -> bytes:
    """As ``jq .`` (``jq -S .``) prints it: two blanks, no escapes but the needed ones, a newline at the end."""
    return (json.dumps(value, indent=2, ensure_ascii=False, sort_keys=ordered) + "\n").encode()
