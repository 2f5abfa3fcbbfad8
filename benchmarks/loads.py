"""Time and memory of `contrib loads`, for archives of real shapes and sizes made of real libraries.

    python -m benchmarks.loads [DIRECTORY_OF_DLLS]

DIRECTORY_OF_DLLS has Windows libraries (by default Wine's). Shapes: Redis's archive for Windows (30 files, 10 MB
packed), RabbitMQ's (3,500 small files and a few binaries), 1,000 libraries, an archive of 500 MB as zip and as 7z, and
a base of 3,000 libraries as a layer. Prints wall-clock and processor seconds and the largest memory of the process that
reads; the processor's are the ones to compare where the machine has other work.
"""

from __future__ import annotations

import gzip
import io
import itertools
import os
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from benchmarks import measuring
from contrib.binaries import images, reading
from contrib.binaries.inventory import read, write
from contrib.binaries.resolve import Place, resolve

WINE = Path("/usr/lib/x86_64-linux-gnu/wine/x86_64-windows")


def stripped(path: Path) -> bytes:
    """Wine's libraries carry debugging sections at their ends; real ones do not: at most 1 MB is kept of each."""
    return path.read_bytes()[: 1 << 20]


def _children() -> tuple[float, float]:
    import resource  # Windows has none

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def measured(name: str, work: Callable[[], object]) -> object:
    """The result; prints the line."""
    before, _ = _children()
    own = time.process_time()
    start = time.perf_counter()
    result = work()
    wall = time.perf_counter() - start
    after, memory = _children()
    cpu = time.process_time() - own + after - before
    print(f"{name:44} {wall:7.1f} s wall {cpu:7.1f} s CPU {memory:7.0f} MB at most so far", flush=True)
    return result


def main(folder: Path) -> None:
    """All rows."""
    libraries = sorted(path for path in folder.iterdir() if path.suffix == ".dll")
    small = [path for path in libraries if path.stat().st_size < 2_000_000]
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)

        # Files are made one at a time: what this process holds would count as the other's when that is started.
        def archive(name: str, files: Iterable[tuple[str, bytes]]) -> Path:
            path = root / name
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
                for member, data in files:
                    made.writestr(member, data)
            return path

        def contents(path: Path) -> reading.Contents:
            return reading.read(path, path.name, root / "scratch")

        redis = archive("redis.zip", [(f"Redis/{p.name}", p.read_bytes()) for p in small[:30]])
        measured(f"Redis's shape ({redis.stat().st_size >> 20} MB, 30 files)", lambda: contents(redis))
        rabbit = archive(
            "rabbitmq.zip",
            [(f"r/ebin/m{n}.beam", os.urandom(6000)) for n in range(3500)]
            + [(f"r/bin/{p.name}", p.read_bytes()) for p in small[:5]],
        )
        measured(
            f"RabbitMQ's shape ({rabbit.stat().st_size >> 20} MB, 3,505 files)", lambda: contents(rabbit)
        )
        thousand = root / "thousand"
        thousand.mkdir()
        for number in range(1000):
            (thousand / f"l{number}.dll").write_bytes(stripped(libraries[number % len(libraries)]))
        measured("1,000 libraries in a directory", lambda: contents(thousand))

        def big() -> Iterator[tuple[str, bytes]]:
            for n in range(470):
                yield f"big/l{n}.dll", stripped(libraries[n % len(libraries)]) + os.urandom(1 << 20)

        path = archive("big.zip", big())
        measured(f"zip of {path.stat().st_size >> 20} MB, 470 libraries", lambda: contents(path))
        import py7zr

        with py7zr.SevenZipFile(
            root / "big.7z", "w", filters=[{"id": py7zr.FILTER_LZMA2, "preset": 0}]
        ) as made:
            for member, data in big():
                made.writestr(data, member)
        seven = root / "big.7z"
        measured(f"7z of {seven.stat().st_size >> 20} MB, 470 libraries", lambda: contents(seven))
        with tarfile.open(root / "big.tar.xz", "w:xz", preset=0) as xz:
            for member, data in itertools.islice(big(), 120):
                info = tarfile.TarInfo(member)
                info.size = len(data)
                xz.addfile(info, io.BytesIO(data))
        measured("tar.xz of 120 libraries", lambda: contents(root / "big.tar.xz"))
        layer = root / "layer.tar.gz"
        with (
            gzip.open(layer, "wb", compresslevel=1) as packed,
            tarfile.open(fileobj=packed, mode="w|") as tar,
        ):
            for number in range(3000):
                source = libraries[number % len(libraries)]
                name = source.name if number < len(libraries) else f"{source.stem}{number}.dll"
                data = stripped(source)
                info = tarfile.TarInfo(f"Files/Windows/System32/{name}")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        about = {"os_version": "10.0.20348.1", "machine": "x64", "path": []}
        base = measured(
            f"inventory of a base of 3,000 ({layer.stat().st_size >> 20} MB)",
            lambda: images.from_layers("base", [(layer, "layer")], about, digest=""),
        )
        assert isinstance(base, images.ImageContents)
        data = measured("  writing it", lambda: write(base.inventory))
        assert isinstance(data, bytes)
        names = sum(len(each.exports.names) for each in base.inventory.libraries())
        print(f"  {len(data):,} bytes, {names:,} exported names")
        found = measured("  reading it (as from the cache)", lambda: read(data, "x", check=False))
        measured("  reading it (as from somebody else)", lambda: read(data, "x"))
        programs = [each for each in contents(thousand).binaries if not each.problems]
        measured(
            "1,000 libraries resolved against it",
            lambda: [resolve(each, Place(found)) for each in programs],  # type: ignore[arg-type]
        )


if __name__ == "__main__":
    parser = measuring.parser(__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=WINE, metavar="DIRECTORY_OF_DLLS")
    main(parser.parse_args().folder)
