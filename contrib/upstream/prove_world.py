"""What upstream's scripts find while a proof runs: commands that stand before the real ones and answer from a table.

A convenience, not a wall: an address that is not in the table fails. What holds the scripts is the containment.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contrib.clients.worktree import write
from contrib.upstream.edits import fill
from contrib.upstream.layouts.base import Pin, version_order
from contrib.upstream.layouts.scripts import values_of
from contrib.upstream.prove_recipe import Recipe
from contrib.values.tree import FileChange

if TYPE_CHECKING:
    from contrib.images.model import Image, Port
    from contrib.values.tree import Tree

#: What of a program is answered here, as a pattern of the shell over its arguments.
_ASKED = {"git": '*" ls-remote "*', "gawk": '*"jq-template.awk "*'}


@dataclass
class World:
    """The directory of a proof, but for the copy: commands, a home, the table, and how releases stand.

    :param root: holds ``bin``, ``home``, ``library``, ``parents`` and ``table.json``.
    :param pins: the port's release of each series. :param linux: Linux's.
    :param replaced: what was not upstream's own, one sentence each.
    """

    image: Image
    recipe: Recipe
    port: Port
    official_images: Tree
    root: Path
    pins: dict[str, Pin] = field(default_factory=dict)
    linux: dict[str, str] = field(default_factory=dict)
    replaced: list[str] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        """All that upstream's scripts see: no token, no home, no configuration of the person's."""
        home = self.root / "home"
        kept = {name: os.environ[name] for name in ("SYSTEMROOT", "COMSPEC", "PATHEXT") if name in os.environ}
        return {
            **kept,
            "PATH": f"{self.root / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "HOME": str(home),
            "TMPDIR": str(home),
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "PYTHON": sys.executable,
            "PYTHONDONTWRITEBYTECODE": "1",
            "BASHBREW_SCRIPTS": os.environ.get("BASHBREW_SCRIPTS") or str(self.root / "bashbrew"),
            "CONTRIB_PROVE_TABLE": str(self.root / "table.json"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ALLOW_PROTOCOL": "file",
        }

    def tools(self) -> None:
        """The commands that stand before the real ones, and the library that parents are looked up in."""
        folder = self.root / "bin"
        for each in ("bin", "home", "library"):
            (self.root / each).mkdir()
        names = ["wget", "curl", "git", "bashbrew"]
        self.replaced.append("what the scripts look up (wget, curl, git ls-remote) comes from a table")
        self.replaced.append("bashbrew is contrib's own reader of library files")
        if not os.environ.get("BASHBREW_SCRIPTS"):
            names.append("gawk")
            scripts = self.root / "bashbrew"
            scripts.mkdir()
            (scripts / "jq-template.awk").write_text("# contrib renders the templates itself\n", "utf-8")
            self.replaced.append("jq-template.awk is contrib's own (BASHBREW_SCRIPTS names bashbrew's)")
        stub = Path(__file__).with_name("prove_tools.py")
        for name in names:
            script = folder / name
            python = shlex.quote(sys.executable)
            answer = f'exec {python} -S -E {shlex.quote(str(stub))} {name} "$@"\n'
            if name in ("bashbrew", "gawk"):  # these need our own packages
                ours = shlex.quote(str(stub.parents[2]))
                answer = f"PYTHONPATH={ours} {answer.replace(' -S -E', '')}"
            real = shutil.which(name)
            if name in _ASKED and real is not None:
                # All else is the real program's, without a detour through Python.
                answer = f'case " $* " in\n{_ASKED[name]}) {answer.strip()} ;;\nesac\nexec {shlex.quote(real)} "$@"\n'
            script.write_text(f"#!/bin/sh\n{answer}", "utf-8")
            script.chmod(0o755)
        library = self.root / "parents"
        library.mkdir()
        for path in self.official_images.paths("library"):
            if "/" not in path.removeprefix("library/"):
                (library / path.removeprefix("library/")).write_bytes(self.official_images.read(path) or b"")

    def as_played(self, pin: Pin) -> Pin:
        """What a series is to carry: where upstream's scripts hash the archive themselves, they hash the one played here."""
        if not any(source.get("port") == "archive" for source in self.recipe.sources):
            return pin
        return replace(pin, digest=hashlib.sha256(self.archive(pin.version)).hexdigest())

    def source_archive(self, version: str) -> tuple[str, str]:
        url = f"https://example.org/{self.image.name}-{version}.tar.gz"
        return url, hashlib.sha256(url.encode()).hexdigest()

    def archive(self, version: str) -> bytes:
        return f"the archive of {version}".encode()

    def write_table(self) -> None:
        """What the tools answer: addresses to texts, repositories to tags."""
        values = values_of(self.image, self.port)
        texts = []
        for source in self.recipe.sources:
            pattern = fill(source["url"], values, "prove.toml")
            if "line" in source:
                lines = []
                for version in sorted(self.linux.values(), key=version_order):
                    url, digest = self.source_archive(version)
                    sha1 = hashlib.sha1(url.encode(), usedforsecurity=False).hexdigest()
                    lines.append(source["line"].format(version=version, url=url, digest=digest, sha1=sha1))
                texts.append([pattern, "\n".join(lines) + "\n"])
            elif source.get("port") == "github-releases":
                texts.append([pattern, json.dumps([self._port_release(pin) for pin in self.pins.values()])])
            elif source.get("port") == "github-release":
                for pin in self.pins.values():
                    exact = pattern.replace("{version}", re.escape(pin.version))
                    texts.append([exact, json.dumps(self._port_release(pin))])
            elif source.get("port") == "archive":
                for pin in self.pins.values():
                    texts.append([re.escape(pin.url), self.archive(pin.version).decode()])
            else:
                texts.append([pattern, str(source.get("text", ""))])
        tags = []
        for each in self.recipe.tags:
            listed = each.get("tags", [])
            if "line" in each:
                listed = [each["line"].format(version=version) for version in self.linux.values()]
            if each.get("port"):
                listed = [self.port.tag.format(version=pin.version) for pin in self.pins.values()]
            tags.append([fill(each["url"], values, "prove.toml"), listed])
        table = {"texts": texts, "tags": tags, "library": str(self.root / "parents")}
        write(self.root, [FileChange("table.json", json.dumps(table).encode())])

    def _port_release(self, pin: Pin) -> dict[str, Any]:
        return {
            "tag_name": self.port.tag.format(version=pin.version),
            "draft": False,
            "prerelease": False,
            "assets": [
                {
                    "name": self.port.asset_name(pin.version),
                    "digest": f"{pin.algorithm}:{pin.digest}",
                    "browser_download_url": pin.url,
                }
            ],
        }
