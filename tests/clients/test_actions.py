"""Runs of GitHub Actions over real HTTP: records, logs, and archives that are not what they say."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from contrib.clients.actions import RunAddress, Runs, unpacked
from contrib.clients.http import Http
from contrib.values.errors import BadInput, ContribError, OutsideError
from tests.site import site as served


class Site:
    """A web site whose files may change."""

    def __init__(self, url: str, files: dict[str, bytes]) -> None:
        self.url, self.files = url, files


@pytest.fixture
def site() -> Iterator[Site]:
    files: dict[str, bytes] = {}
    with served(files) as url:
        yield Site(url, files)


def zipped(files: dict[str, bytes], **more: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def run_of(site: Site) -> str:
    return f"{site.url}/me/redis/actions/runs/12"


def serve(site: Site, artifacts: dict[str, bytes], status: str = "completed") -> Runs:
    base = "/api/v3/repos/me/redis/actions"
    site.files[f"{base}/runs/12"] = json.dumps({"status": status}).encode()
    listed = [{"id": number, "name": name, "expired": False} for number, name in enumerate(artifacts, 1)]
    site.files[f"{base}/runs/12/artifacts?per_page=100"] = json.dumps({"artifacts": listed}).encode()
    for number, data in enumerate(artifacts.values(), 1):
        site.files[f"{base}/artifacts/{number}/zip"] = data
    host = site.url.removeprefix("http://")
    return Runs(Http(named={host}), site.url, f"{site.url}/api/v3")


@pytest.mark.parametrize(
    ("url", "repository"),
    [
        ("https://github.com/o/r/actions/runs/1", "o/r"),
        ("https://github.com/o/r/actions/runs/1/attempts/2", "o/r"),
        ("https://github.com/o/r/actions/runs/1/job/3?pr=4", "o/r"),
        ("https://github.com/o/r/pull/1", None),
        ("https://github.com/o/r/actions/runs/x", None),
        ("github.com/o/r/actions/runs/1", None),
    ],
)
def test_addresses(url: str, repository: str | None) -> None:
    found = RunAddress.parse(url)
    assert (found.repository if found else None) == repository


def test_records_of_all_hosts(site: Site) -> None:
    runs = serve(
        site,
        {
            "evidence-windows-2022": zipped({"evidence-windows-2022.json": b"one"}),
            "evidence-windows-2025": zipped({"evidence-windows-2025.json": b"two", "x.txt": b""}),
            "other": b"not looked at",
        },
    )
    assert [data for _, data in runs.records(run_of(site), {"ME"})] == [b"one", b"two"]


@pytest.mark.parametrize(
    ("artifacts", "status", "error", "says"),
    [
        ({}, "completed", BadInput, "holds no evidence record"),
        ({"evidence": zipped({"x.txt": b""})}, "completed", BadInput, "holds no evidence record"),
        (
            {"evidence": zipped({"e.json": b"x"})},
            "in_progress",
            BadInput,
            "has not ended (it is in_progress)",
        ),
        ({"evidence": b"nonsense"}, "completed", OutsideError, "is not a zip archive"),
        ({"evidence": zipped({"../../e.json": b"x"})}, "completed", OutsideError, "would lead out"),
        ({"evidence": zipped({"/etc/e.json": b"x"})}, "completed", OutsideError, "would lead out"),
        ({"evidence": zipped({"C:\\e.json": b"x"})}, "completed", OutsideError, "would lead out"),
        (
            {"evidence": zipped({"e.json": b"\0" * (40 << 20)})},
            "completed",
            OutsideError,
            "unpacks to more than",
        ),
        (
            {"evidence": zipped({f"{n}.json": b"" for n in range(600)})},
            "completed",
            OutsideError,
            "holds 600 files",
        ),
    ],
    ids=["none", "no-json", "running", "no-zip", "up", "absolute", "drive", "bomb", "many"],
)
def test_what_is_not_a_record(
    site: Site, artifacts: dict[str, bytes], status: str, error: type[ContribError], says: str
) -> None:
    runs = serve(site, artifacts, status)
    with pytest.raises(error) as caught:
        runs.records(run_of(site))
    assert says in caught.value.message


def test_an_archive_that_lies_about_its_size() -> None:
    data = bytearray(zipped({"e.json": b"\0" * 100_000}))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")  # the size that it says it has
    with pytest.raises(OutsideError):
        list(unpacked(bytes(data), "x", 50_000))


def test_a_list_of_artifacts_that_is_something_else() -> None:
    answers = [b'{"status": "completed"}', b'{"artifacts": [1, null]}']
    http: Any = SimpleNamespace(get=lambda url, **more: SimpleNamespace(content=answers.pop(0)))
    with pytest.raises(OutsideError, match="has other things in it"):
        Runs(http, "https://github.com", "https://api.github.com").records(
            "https://github.com/me/redis/actions/runs/5"
        )


def test_somebody_elses_run(site: Site) -> None:
    runs = serve(site, {})
    with pytest.raises(BadInput, match="is a run of me/redis, which does not belong to you"):
        runs.records(run_of(site), {"you"})
    with pytest.raises(BadInput, match="not a run of 127"):
        runs.records("https://github.com/me/redis/actions/runs/12")
    with pytest.raises(BadInput, match="not the address of a run"):
        runs.records("https://github.com/me/redis")


def test_logs(site: Site) -> None:
    runs = serve(site, {})
    files = {"0_try.txt": b"the log\n", "try/1_step.txt": b"again\n", "try/system.txt": b""}
    site.files["/api/v3/repos/me/redis/actions/runs/12/logs"] = zipped(files)
    assert runs.logs(run_of(site)) == "the log\n"
