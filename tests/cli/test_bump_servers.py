"""`contrib bump` against servers that are wrong in every way: nothing half done, an exit code, the other series move."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import pytest

from contrib.clients import http
from contrib.clients.documents import Documents
from contrib.clients.http import Http
from contrib.images import load as load_image
from contrib.releases import archives, load
from contrib.releases.archives import Archives, NoArchive, Wanted
from contrib.releases.choosing import REASONS, choose
from contrib.releases.model import Checksum
from contrib.values.errors import OutsideError
from tests.cli.test_bump import GOOD, OLD, PORT, Place, archive, internet, line, place, prepared, release, sha  # noqa: F401
from tests.web import Web

URL = PORT.url("7.2.4")
HOST = "https://archives.example.org/"
GOOD_BODY = archive("7.2.4")
DIGEST = (Checksum("asset digest", "sha256", sha(GOOD_BODY)),)
CATALOGUE = "https://catalogue.example.org/releases.json"
LIST = "https://catalogue.example.org/hashes"


def answer(status: int = 200, body: bytes | Iterable[bytes] = b"", **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: (status, named, body)


def pieces(piece: bytes, count: int, pause: float = 0) -> Iterator[bytes]:
    for _ in range(count):
        yield piece
        time.sleep(pause)


def gone(_: Mapping[str, str]) -> Any:
    raise ConnectionResetError


#: What the archive's address answers, the kind of the error, and what it says.
ARCHIVES: dict[str, tuple[Any, str, str]] = {
    "nothing": (gone, "network", ""),
    "400": (answer(400), "outside", "HTTP 400"),
    "401": (answer(401), "outside", "refused"),
    "403": (answer(403), "outside", "refused"),
    "404": (answer(404), "no-archive", ""),
    "410": (answer(410), "no-archive", ""),
    "429": (answer(429, Retry_After="7200"), "rate-limit", "limit of requests"),
    "GitHub's limit": (answer(403, X_RateLimit_Remaining="0", X_RateLimit_Reset="99999999999"), "rate-limit", ""),
    "500": (answer(500), "outside", "HTTP 500"),
    "503": (answer(503), "outside", "HTTP 503"),
    "204": (answer(204), "archive", "it is empty"),
    "206, which nobody asked for": (answer(206, GOOD_BODY[:80], Content_Range=f"bytes 0-79/{len(GOOD_BODY)}"), "outside", "a part"),
    "an empty page": (answer(200), "archive", "it is empty"),
    "a web page": (answer(200, b"<!DOCTYPE html><title>log in</title>", Content_Type="text/html"), "archive", "web page"),
    "a web page with a space before it": (answer(200, b"\n\n  <HTML><body>x"), "archive", "web page"),
    "truncated": (answer(200, [GOOD_BODY[:60]], Content_Length=str(len(GOOD_BODY))), "broken-off", "60 of 195 bytes"),
    "a length that is too short": (answer(200, GOOD_BODY, Content_Length="60"), "archive", "does not open"),
    "a length that is too long": (answer(200, [GOOD_BODY], Content_Length="9999"), "broken-off", ""),
    "no length, cut off": (answer(200, [GOOD_BODY[:60]]), "archive", ""),
    "two lengths": (answer(200, GOOD_BODY, Content_Length="60, 61"), "outside", "a length that is not one"),
    "a negative length": (answer(200, GOOD_BODY, Content_Length="-5"), "outside", ""),
    "5 GiB by its header": (answer(200, [b"x"], Content_Length=str(5 << 30)), "outside", "5368709120 bytes"),
    "endless": (answer(200, pieces(b"PK\x03\x04" * 4096, 999)), "outside", "is longer than"),
    "a byte now and then": (answer(200, pieces(b"P", 999, 0.05)), "deadline", "takes too long"),
    "a circle": (answer(302, Location=URL), "outside", "redirected more than"),
    "to a file": (answer(302, Location="file:///etc/passwd"), "outside", "not a web address"),
    "to plain http": (answer(302, Location="http://archives.example.org/x.zip"), "outside", "not https"),
    "to this machine": (answer(302, Location="https://127.0.0.1:1/x.zip"), "address", "on this machine"),
    "to a private network": (answer(302, Location="https://10.0.0.1/x.zip"), "address", ""),
    "to nowhere": (answer(302), "outside", ""),
    "to a name that is none": (answer(302, Location="https://\x7f/"), "outside", "not a web address"),
    "packed a second time": (answer(200, b"\x1f\x8b" + GOOD_BODY, Content_Encoding="gzip"), "archive", "does not begin as"),
}  # fmt: skip


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short waits and limits: what takes minutes takes a second."""
    monkeypatch.setattr(http, "_backoff", lambda number: 0.01)
    monkeypatch.setattr(archives, "LONGEST", 1.5)
    monkeypatch.setattr(archives, "START", 1.5)
    plain = Http.download

    def limited(self: Http, url: str, into: Any, **more: Any) -> Any:
        return plain(self, url, into, **{**more, "limit": 1 << 20})

    monkeypatch.setattr(Http, "download", limited)


def looked_at(internet: Web, page: Any) -> str:  # noqa: F811
    """What is said of the archive; empty where it is taken."""
    internet.pages[URL] = page
    looking = Archives(load(load_image("redis")), Documents(Http(), None))
    try:
        looking.verify(Wanted(URL, PORT.asset_name("7.2.4"), DIGEST, top="Redis-7.2.4-Windows-x64-msys2"))
    except NoArchive as error:
        return f"no-archive: {error}"
    except OutsideError as error:
        return f"{error.kind}: {error}"
    return ""


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("case", ARCHIVES)
def test_an_archive(internet: Web, case: str) -> None:  # noqa: F811
    page, kind, says = ARCHIVES[case]
    begun = time.monotonic()
    said = looked_at(internet, page)
    assert said.startswith(f"{kind}: ") and says in said
    assert time.monotonic() - begun < 10


def test_a_good_archive(internet: Web) -> None:  # noqa: F811
    assert looked_at(internet, GOOD_BODY) == ""


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("case", ["404", "503", "a web page", "truncated", "a byte now and then"])
def test_an_archive_costs_its_own_series_alone(place: Place, case: str) -> None:  # noqa: F811
    place.web.pages[URL] = ARCHIVES[case][0]
    place.web.pages[PORT.url("7.0.15")] = archive("7.0.15")
    catalogue = [release("7.2.4", asset={"size": None}), release("7.2.3"), GOOD]
    done = place.bump(port=catalogue, download=True)
    assert done.code == 3 and "Traceback" not in done.err, done.out + done.err
    there = json.loads((place.clone / "versions.json").read_text())
    assert (there["7.2"]["windows"]["version"], there["7.0"]["windows"]["version"]) == ("7.2.3", "7.0.15")
    assert not [line for line in place.status() if "7.2/" in line or "contrib" in line]


@pytest.mark.usefixtures("quick")
def test_another_host_that_gives_the_same_archive(place: Place) -> None:  # noqa: F811
    place.web.redirect(URL, f"{HOST}x.zip")
    place.web.pages[f"{HOST}x.zip"] = GOOD_BODY
    place.web.pages[PORT.url("7.0.15")] = archive("7.0.15")
    assert place.bump(port=[release("7.2.4"), GOOD], download=True).code == 0


@pytest.mark.usefixtures("quick")
def test_a_transfer_that_breaks_off_is_resumed(place: Place) -> None:  # noqa: F811
    tag = '"one"'

    def half(headers: Mapping[str, str]) -> Any:
        if headers.get("range") == "bytes=60-" and headers.get("if-range") == tag:
            size = len(GOOD_BODY)
            return 206, {"Content-Range": f"bytes 60-{size - 1}/{size}", "ETag": tag}, GOOD_BODY[60:]
        return 200, {"Content-Length": str(len(GOOD_BODY)), "ETag": tag}, [GOOD_BODY[:60]]

    place.web.pages[URL] = half
    done = place.bump("--series", "7.2", port=[release("7.2.4"), GOOD], download=True)
    assert done.code == 0 and [h.get("range") for u, h in place.web.asked] == [None, "bytes=60-"]


def test_the_run_has_a_deadline_too(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(archives, "RUN", -1.0)
    done = place.bump(port=[release("7.2.4"), GOOD], download=True)
    assert done.code == 3 and "the archives of this run" in done.out and place.web.asked == []


FULL = json.dumps([release("7.2.4"), GOOD]).encode()
#: What the catalogue's address answers.
DOCUMENTS: dict[str, Any] = {
    "nothing": gone,
    "404": answer(404),
    "401": answer(401),
    "429": answer(429, Retry_After="Fri, 31 Dec 9999 23:59:59 GMT"),
    "500": answer(500, b"<html>"),
    "an empty page": answer(200),
    "a web page": answer(200, b"<!DOCTYPE html><html>moved</html>", Content_Type="text/html"),
    "half of it": answer(200, FULL[: len(FULL) // 2]),
    "truncated": answer(200, [FULL[:200]], Content_Length=str(len(FULL))),
    "another shape": answer(200, b'{"message": "API rate limit exceeded"}'),
    "another kind of items": answer(200, b"[[], 7, null]"),
    "a number": answer(200, b"7"),
    "an empty list": answer(200, b"[]"),
    "deep": answer(200, b"[" * 100_000),
    "no UTF-8": answer(200, b'[{"tag_name": "\xff\xfe"}]'),
    "not modified, which nobody asked": answer(304),
    "a circle": answer(302, Location=CATALOGUE),
    "endless pages": answer(200, FULL, Link=f'<{CATALOGUE}>; rel="next"'),
    "a page elsewhere": answer(200, FULL, Link='<https://example.net/2>; rel="next"'),
}  # fmt: skip


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("case", DOCUMENTS)
def test_a_catalogue(internet: Web, case: str) -> None:  # noqa: F811
    internet.pages[CATALOGUE] = DOCUMENTS[case]
    found = load(load_image("redis"), {"port": CATALOGUE}, documents=Documents(Http(), None))
    with pytest.raises(OutsideError):
        said = choose(
            "7.2", "7.2.3", found.of(PORT), found.source("port").policy, date(2024, 6, 5), frozenset()
        )
        assert REASONS[said.reason] == "unknown"
        raise OutsideError(said.sentence)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("case", ["nothing", "a web page", "another shape", "an empty list"])
def test_a_catalogue_that_is_no_catalogue(place: Place, case: str) -> None:  # noqa: F811
    place.web.pages[CATALOGUE] = DOCUMENTS[case]
    done = place.bump("--source", f"port={CATALOGUE}")
    assert done.code == 3, done.out + done.err
    assert "Traceback" not in done.err and place.status() == []
    assert "newest" not in done.out and "nothing to do" not in done.err


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("case", ["500", "an empty page", "a circle"])
def test_a_list(place: Place, case: str) -> None:  # noqa: F811
    place.web.pages[LIST] = DOCUMENTS[case]
    done = place.bump("--linux", "--source", f"hashes={LIST}", port=[release("7.2.4"), GOOD])
    assert done.code == 3, done.out + done.err
    # The port's side stands on its own.
    assert "7.2 windows: 7.2.3 -> 7.2.4" in done.lines and "7.2 linux: 7.2.5 -> " not in done.out


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("page", "says"),
    [
        (answer(404), "no-archive"),
        (answer(200, b"\x1f\x8b but of something else"), "do not agree"),
        (answer(200, b"<html>"), "web page"),
    ],
)
def test_a_linux_archive(place: Place, page: Any, says: str) -> None:  # noqa: F811
    listed = place.root / "hashes"
    listed.write_text("\n".join([*(line(v, d) for v, d in OLD.items()), line("7.2.6")]) + "\n")
    archive_url = line("7.2.6").split()[-1].replace("http://", "https://")
    place.web.pages[archive_url] = page
    done = place.bump(
        "--linux", "--series", "7.2", "--source", f"hashes={listed}", port=[release("7.2.3"), release("7.0.14")],
        download=True,
    )  # fmt: skip
    assert done.code == 3 and place.status() == [], done.out
