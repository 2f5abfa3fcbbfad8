from __future__ import annotations

import pytest

from contrib.facts.kinds import Download
from tests.facts.support import ALPINE, NANOSERVER, SERVERCORE, sheet, the, value

URL = "https://example.org/app-1.2.3.zip"


@pytest.mark.parametrize(
    ("run", "tool"),
    [
        (f"Invoke-WebRequest -Uri {URL} -OutFile app.zip", "Invoke-WebRequest"),
        (f"iwr {URL} -OutF app.zip", "Invoke-WebRequest"),
        (f"wget {URL} -OutFile app.zip", "Invoke-WebRequest"),
        (f"Invoke-WebRequest -OutFile app.zip '{URL}'", "Invoke-WebRequest"),
        (f"Start-BitsTransfer -Source {URL} -Destination app.zip", "BITS"),
        (f"(New-Object System.Net.WebClient).DownloadFile('{URL}', 'app.zip')", "WebClient"),
        (f"curl.exe -fsSL -o app.zip {URL}", "curl"),
        (f"$u = '{URL}'; Invoke-WebRequest $u -OutFile app.zip", "Invoke-WebRequest"),
        (
            "$v = '1.2.3'; Invoke-WebRequest ('https://example.org/app-{0}.zip' -f $v) -OutFile app.zip",
            "Invoke-WebRequest",
        ),
        (
            "$v = '1.2.3'; Invoke-WebRequest \"https://example.org/app-$v.zip\" -OutFile app.zip",
            "Invoke-WebRequest",
        ),
        (f"$p = @{{ Uri = '{URL}'; OutFile = 'app.zip' }}; Invoke-WebRequest @p", "Invoke-WebRequest"),
    ],
)
def test_powershell(run: str, tool: str) -> None:
    found = the(SERVERCORE + f"RUN {run}\n", Download)
    assert (found.value, found.line, found.tool) == (URL, 3, tool)


@pytest.mark.parametrize(
    ("run", "tool"),
    [
        (f"curl -fSLo app.zip {URL}", "curl"),
        (f"curl.exe {URL} > app.zip", "curl"),
        (f"certutil -urlcache -f {URL} app.zip", "certutil"),
        (f"bitsadmin /transfer job {URL} C:\\app.zip", "BITS"),
        (f'powershell -Command "Invoke-WebRequest {URL} -OutFile app.zip"', "Invoke-WebRequest"),
    ],
)
def test_cmd(run: str, tool: str) -> None:
    found = the(NANOSERVER + f"RUN {run}\n", Download)
    assert (found.value, found.tool) == (URL, tool)


def test_cmd_expands_the_files_variables() -> None:
    assert value(NANOSERVER + f"ENV APP_URL={URL}\nRUN curl -o app.zip %APP_URL%\n", "download") == URL


@pytest.mark.parametrize(
    "run",
    [
        f"wget -O app.zip {URL}",
        f"wget -qO app.zip '{URL}'",
        f'curl -fsSL "{URL}" -o app.zip',
        f"curl -O {URL}",
        f"wget {URL}",
        f"url={URL}; wget -O app.zip $url",
        f"export url='{URL}'; wget \"$url\"",
        "v=1.2.3; wget https://example.org/app-${v}.zip",
        "v=1.2.3b1; wget https://example.org/app-${v%%[a-z]*}.zip",
        'arch=$(apk --print-arch); case "$arch" in aarch64) v=0.0.1 ;; x86_64) v=1.2.3 ;; esac; wget https://example.org/app-$v.zip',
    ],
)
def test_posix(run: str) -> None:
    assert value(ALPINE + f"RUN set -e; {run}\n", "download") == URL


def test_add_and_clone() -> None:
    assert value(ALPINE + f"ADD {URL} /app.zip\n", "download") == URL
    text = ALPINE + "RUN git clone --depth 1 --branch v1.2.3 https://example.org/o/app.git\n"
    assert the(text, Download).revision == "v1.2.3"
    assert value(text, "version") == "1.2.3"


def test_what_is_not_known_stays_as_it_is_written() -> None:
    found = the(ALPINE + "RUN wget https://example.org/$THING.zip\n", Download)
    assert found.value == "https://example.org/$THING.zip"
    assert found.known is False


def test_helpers_are_told_by_name_and_signatures_not_at_all() -> None:
    text = ALPINE + (
        "ENV APP_VERSION 1.2.3\nRUN set -e; wget -O gosu https://x.org/1.17/gosu-amd64; wget https://x.org/gosu.asc; "
        f'wget {URL}\nCMD ["app"]\n'
    )
    names = [f.name for f in sheet(text).facts if f.name.startswith("download") and "scheme" not in f.name]
    assert sorted(names) == ["download", "download:gosu"]


def test_scheme_and_pins() -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    text = ALPINE + f"RUN wget http://x.org/raw/{commit}/app.zip\n"
    assert value(text, "download-scheme") == "http"
    assert value(text, "download-pinned") == "by content (0123456789ab)"
    assert str(value(ALPINE + "RUN wget https://x.org/latest/app.zip\n", "download-pinned")).startswith(
        "no: "
    )


def test_a_url_in_a_comment_or_a_message_is_no_download() -> None:
    text = SERVERCORE + f"# {URL}\nRUN Write-Host 'Downloading {URL} ...'\n"
    assert value(text, "download") is None
