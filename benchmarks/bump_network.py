"""What the network costs `contrib bump`: requests, bytes and seconds, cold and warm, and memory while hashing.

    python -m benchmarks.bump_network [--latency 0.05] [--series 1 20] [--mebibytes 500]

A server on this machine answers each request after the latency: a catalogue (with an ETag) and one archive per
series. Cold is the first run, warm the second with the same cache. The peer fetches the same one after another and
keeps nothing. Memory is the peak of a process that hashes one large archive, beside one that reads it whole.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks import measuring
from contrib.clients.documents import Documents
from contrib.clients.http import Http
from contrib.images import load as load_image
from contrib.releases import load
from contrib.releases.archives import Archives, Wanted

SIZE = 1 << 20
_PIECE = b"\x1f\x8b" + b"x" * ((1 << 16) - 2)


class _Handler(BaseHTTPRequestHandler):
    latency = 0.0
    asked = 0
    sent = 0
    lock = threading.Lock()

    def do_GET(self) -> None:
        time.sleep(self.latency)
        name, _, size = self.path.rpartition("/")[2].partition("-")
        status, body = 200, b""
        if name == "releases":
            body = json.dumps([{"tag_name": "1.2.3", "assets": []}] * 200).encode()
            if self.headers.get("If-None-Match") == '"one"':
                status, body = 304, b""
        length = len(body) if name == "releases" else int(size)
        with self.lock:
            type(self).asked += 1
            type(self).sent += length
        self.send_response(status)
        self.send_header("ETag", '"one"')
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if name == "releases":
            self.wfile.write(body)
            return
        while length > 0:
            self.wfile.write(_PIECE[:length])
            length -= len(_PIECE)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


def _ours(origin: str, count: int, cache: Path) -> float:
    begun = time.perf_counter()
    documents = Documents(Http(named=frozenset({origin.partition("://")[2]})), cache)
    documents.get(f"{origin}/releases")
    archives = Archives(load(load_image("redis")), documents)
    archives.verify_all(
        [Wanted(f"{origin}/{number}-{SIZE}", f"{number}.bin", size=SIZE) for number in range(count)]
    )
    return time.perf_counter() - begun


def _peer(origin: str, count: int) -> float:
    begun = time.perf_counter()
    for path in ("releases", *(f"{number}-{SIZE}" for number in range(count))):
        with urllib.request.urlopen(f"{origin}/{path}") as answer:
            hashlib.sha256(answer.read()).hexdigest()
    return time.perf_counter() - begun


_MEMORY = {
    "contrib": "from contrib.clients.http import Http; Http(named=frozenset({{{host!r}}})).digest({url!r})",
    "peer": "import hashlib, urllib.request; hashlib.sha256(urllib.request.urlopen({url!r}).read())",
}
_PEAK = "\nimport resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


def main() -> int:
    parser = measuring.parser(__doc__)
    parser.add_argument("--latency", type=float, default=0.05)
    parser.add_argument("--series", type=int, nargs="+", default=[1, 20])
    parser.add_argument("--mebibytes", type=int, default=500)
    options = parser.parse_args()
    _Handler.latency = options.latency
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    origin = f"http://127.0.0.1:{server.server_address[1]}"
    print(f"latency {options.latency * 1000:.0f} ms, archives of {SIZE >> 20} MiB")

    def counted(name: str, seconds: float) -> None:
        print(
            f"  {name:<8} {_Handler.asked:3} requests  {_Handler.sent / (1 << 20):6.1f} MiB  {seconds:6.2f} s"
        )
        _Handler.asked = _Handler.sent = 0

    for count in options.series:
        print(f"{count} series")
        with tempfile.TemporaryDirectory() as directory:
            counted("cold", _ours(origin, count, Path(directory)))
            counted("warm", _ours(origin, count, Path(directory)))
        counted("peer", _peer(origin, count))
    if options.mebibytes and sys.platform != "win32":
        print(f"hashing {options.mebibytes} MiB, peak of the process")
        url = f"{origin}/0-{options.mebibytes << 20}"
        for name, program in _MEMORY.items():
            code = program.format(url=url, host=origin.partition("://")[2]) + _PEAK
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            scale = 1 << 20 if sys.platform == "darwin" else 1 << 10
            print(f"  {name:<8} {int(done.stdout) / scale:6.1f} MiB")
    server.shutdown()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
