"""Base images for the tests, made from what the machine has: static busybox, and Debian's own programs."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path

_APPLETS = [
    "sh",
    "cat",
    "ls",
    "sleep",
    "nc",
    "echo",
    "mkdir",
    "id",
    "true",
    "false",
    "yes",
    "touch",
    "printf",
    "chown",
    "chmod",
    "rm",
    "wget",
    "httpd",
    "dd",
    "test",
    "grep",
    "kill",
    "hostname",
    "head",
    "tr",
    "whoami",
    "env",
    "ps",
]

BUSYBOX = Path("/bin/busybox")


def root(
    programs: Mapping[str, Path] = {}, files: Mapping[str, str] = {}, directories: Mapping[str, int] = {}
) -> bytes:
    """A tar of a root file system: busybox with its links, a user ``redis`` (999), programs with their libraries.

    :param programs: path in the image to the program here. :param files: path in the image to a text; executable. :param directories: to their owner.
    """
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        made: set[str] = set()

        def directory(name: str, mode: int = 0o755, owner: int = 0) -> None:
            parts = name.split("/")
            for end in range(1, len(parts) + 1):
                path = "/".join(parts[:end])
                if path not in made:
                    made.add(path)
                    entry = tarfile.TarInfo(path)
                    entry.type, entry.mode = tarfile.DIRTYPE, mode if end == len(parts) else 0o755
                    entry.uid = entry.gid = owner if end == len(parts) else 0
                    archive.addfile(entry)

        for name in ("bin", "etc", "proc", "sys", "dev", "usr/bin", "var"):
            directory(name)
        directory("tmp", 0o1777)
        for name, owner in directories.items():
            directory(name, owner=owner)
        archive.add(BUSYBOX.resolve(), "bin/busybox")
        for applet in _APPLETS:
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(link)
        texts = {
            "etc/passwd": "root:x:0:0::/:/bin/sh\nredis:x:999:999::/:/bin/sh\n",
            "etc/group": "redis:x:999:\n",
        }
        for name, text in {**texts, **files}.items():
            directory(name.rpartition("/")[0])
            entry = tarfile.TarInfo(name)
            data = text.encode()
            entry.size, entry.mode = len(data), 0o755
            archive.addfile(entry, io.BytesIO(data))
        placed = dict(programs)
        for path in programs.values():
            placed |= {str(each).lstrip("/"): each for each in libraries(path)}
        for target, path in placed.items():
            directory(target.rpartition("/")[0])
            archive.add(path.resolve(), target)
    return stream.getvalue()


def libraries(program: Path) -> list[Path]:
    """The shared libraries that a program loads, with the loader itself."""
    listed = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=True).stdout
    return [Path(path) for path in re.findall(r"(/\S+) \(0x", listed)]
