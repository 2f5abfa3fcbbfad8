"""No two rows of a comparison contradict each other, over files of many kinds."""

from __future__ import annotations

import pytest

from contrib.compare import COMPARERS, ParityRow, compare
from contrib.compare.consistency import contradictions, settle
from contrib.compare.rows import Sides
from contrib.facts.kinds import Command, Fact
from contrib.images import load
from contrib.rules.dockerfile import RULES
from contrib.values.findings import Verdict
from tests.facts.support import sheet
from tests.rules.test_reading import CASES

LINUX = """FROM alpine:3.20
ENV REDIS_VERSION=7.2.5
ENV REDIS_DOWNLOAD_SHA=5981179706f8391f03be91d951acafaeda91af7fac56beffb2701963103e423d
RUN set -eux; wget -O redis.tar.gz "https://download.redis.io/releases/redis-$REDIS_VERSION.tar.gz"; \\
  echo "$REDIS_DOWNLOAD_SHA *redis.tar.gz" | sha256sum -c -; tar -xzf redis.tar.gz -C /usr/src; rm redis.tar.gz; \\
  make -C /usr/src install; redis-cli --version; redis-server --version
VOLUME /data
WORKDIR /data
EXPOSE 6379
CMD ["redis-server"]
"""
TEXTS = [text for _, text, _ in CASES] + [example.text for rule in RULES for example in (rule.bad, rule.good)]


@pytest.mark.parametrize("image", [None, "redis"])
@pytest.mark.parametrize("text", TEXTS)
def test_no_two_rows_contradict(text: str, image: str | None) -> None:
    sides = Sides(sheet(text), sheet(LINUX), load(image) if image else None)
    rows = [row for compared in COMPARERS.values() for row in compared(sides)]
    assert contradictions(rows) == ()


def rows_of(windows: str) -> dict[str, ParityRow]:
    return {row.fact: row for row in compare(sheet(windows), sheet(LINUX), load("redis"))}


def test_an_archive_without_a_listing_leaves_its_tools_open() -> None:
    rows = rows_of(
        'FROM mcr.microsoft.com/windows/servercore:ltsc2022\nSHELL ["powershell", "-Command", "$ErrorActionPreference = \'Stop\';"]\n'
        "RUN Invoke-WebRequest https://example.org/unrelated-tool-1.0.zip -OutFile r.zip; Expand-Archive r.zip -DestinationPath C:\\redis; "
        'Remove-Item r.zip\nCMD ["C:\\\\redis\\\\redis-server.exe"]\n'
    )
    assert rows["installed-tools:redis-server"].verdict is Verdict.SAME
    assert rows["installed-tools:redis-cli"].verdict is Verdict.UNKNOWN
    assert "on PATH" not in rows["install-location"].why
    assert rows["on-path"].verdict is Verdict.MISSING


def test_what_the_build_context_brings_is_open() -> None:
    rows = rows_of(
        "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nCOPY redis C:\\\\redis\nCOPY redis.conf C:\\\\redis\\\\redis.conf\n"
        'CMD ["C:\\\\redis\\\\redis-server.exe", "C:/redis/redis.conf"]\n'
    )
    assert rows["installed-tools:redis-cli"].verdict is Verdict.UNKNOWN
    location = rows["install-location"].windows
    assert location is not None and location.value == "C:\\redis"
    assert rows["download-verified"].verdict is Verdict.MISSING


@pytest.mark.parametrize(
    ("copy", "place"),
    [("/redis /redis", "C:\\redis"), ("C:\\\\redis C:\\\\redis", "C:\\redis"), ("c:/redis C:/redis", "C:\\redis"), ("redis redis", "C:\\redis")],
)  # fmt: skip
def test_one_normal_form_of_paths(copy: str, place: str) -> None:
    rows = rows_of(
        'FROM mcr.microsoft.com/windows/servercore:ltsc2022 AS d\nSHELL ["powershell", "-Command", "$ErrorActionPreference = \'Stop\';"]\n'
        "RUN Invoke-WebRequest https://example.org/redis-7.2.5.zip -OutFile r.zip; Expand-Archive r.zip -DestinationPath C:\\redis\n"
        f'FROM mcr.microsoft.com/windows/servercore:ltsc2022\nCOPY --from=d {copy}\nCMD ["redis-server.exe"]\n'
    )
    location = rows["install-location"].windows
    assert location is not None and location.value == place


def test_an_argument_without_a_default_leaves_the_version_open_alone() -> None:
    rows = rows_of(
        'FROM mcr.microsoft.com/windows/servercore:ltsc2022\nSHELL ["powershell", "-Command", "$ErrorActionPreference = \'Stop\';"]\nARG REDIS_VERSION\n'
        "RUN curl.exe -sSL -o C:\\downloads\\redis.zip ('https://github.com/redis-windows/redis-windows/releases/download/{0}/Redis-{0}-Windows-x64-msys2.zip' -f $env:REDIS_VERSION); "
        'Expand-Archive -Path C:\\downloads\\redis.zip -DestinationPath C:\\redis\nCMD ["C:\\\\redis\\\\redis-server.exe"]\n'
    )
    assert rows["version"].verdict is Verdict.UNKNOWN
    assert rows["download-verified"].verdict is Verdict.MISSING
    assert rows["cleaned-up"].verdict is Verdict.MISSING
    location = rows["install-location"].windows
    assert location is not None and location.value == "C:\\redis"


def test_a_row_that_contradicts_another_is_called_unknown() -> None:
    command = Command(
        "command", "[app]", 3, 3, form="exec", program="app", arguments=(), words=("app",), around=""
    )
    rows = (
        ParityRow("command", None, command, Verdict.EXTRA, "Linux names no command"),
        ParityRow(
            "installed-tools:app",
            Fact("installed-tools:app", "app", 1),
            None,
            Verdict.MISSING,
            "nothing brings it",
        ),
        ParityRow("ports", Fact("ports", "80/tcp", 2), None, Verdict.MISSING, "Linux has 80/tcp"),
    )
    assert [found.fact for found in contradictions(rows)] == ["installed-tools:app"]
    settled = settle(rows)
    assert [row.verdict for row in settled] == [Verdict.EXTRA, Verdict.UNKNOWN, Verdict.MISSING]
    assert "CMD starts it" in settled[1].why
    assert contradictions(settled) == ()
