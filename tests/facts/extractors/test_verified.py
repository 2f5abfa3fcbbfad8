from __future__ import annotations

import pytest

from contrib.facts.kinds import DownloadVerified
from tests.facts.support import ALPINE, NANOSERVER, SERVERCORE, SHA1, SHA256, the, value

URL = "https://example.org/app-1.2.3.zip"
GET = f"Invoke-WebRequest -Uri {URL} -OutFile app.zip"
HEAD = SERVERCORE + f"ENV APP_SHA256 {SHA256}\n"
USE = "Expand-Archive app.zip -DestinationPath C:\\app"


@pytest.mark.parametrize(
    "check",
    [
        "if ((Get-FileHash app.zip -Algorithm sha256).Hash -ne $env:APP_SHA256) { exit 1 }",
        "if ((Get-FileHash app.zip).Hash -ne $env:APP_SHA256) { throw 'bad' }",
        "if ($env:APP_SHA256 -ne (Get-FileHash app.zip).Hash) { exit 1 }",
        "$h = (Get-FileHash app.zip).Hash; if ($h -ne $env:APP_SHA256) { exit 1 }",
        "$h = Get-FileHash app.zip; if ($h.Hash -ne $env:APP_SHA256) { Write-Error 'bad' }",
        "if ((Get-FileHash app.zip).Hash -eq $env:APP_SHA256) { Write-Host ok } else { exit 1 }",
        "if (-not ((Get-FileHash app.zip).Hash -eq $env:APP_SHA256)) { exit 1 }",
        "if (!(Get-FileHash app.zip).Hash.ToLower().Equals($env:APP_SHA256)) { exit 1 }",
        "if ($env:APP_SHA256) { if ((Get-FileHash app.zip).Hash -ne $env:APP_SHA256) { exit 1 } }",
    ],
)
def test_powershell_before_unpacking(check: str) -> None:
    found = the(HEAD + f"RUN {GET}; {check}; {USE}\n", DownloadVerified)
    assert (found.value, found.line) == ("sha256", 4)
    assert found.where == "ENV APP_SHA256"
    assert found.before_use and found.acted_on


def test_certutil_in_cmd() -> None:
    text = NANOSERVER + (
        f"RUN curl -o app.zip {URL} && certutil -hashfile app.zip SHA256 | findstr {SHA256} && tar -xf app.zip\n"
    )
    found = the(text, DownloadVerified)
    assert (found.value, found.where) == ("sha256", "in the RUN")


@pytest.mark.parametrize(
    ("check", "result"),
    [
        (
            "if ((Get-FileHash app.zip).Hash -ne $env:APP_SHA256) { Write-Host 'bad' }",
            "sha256, result ignored",
        ),
        ("if ((Get-FileHash app.zip).Hash -ne $env:APP_SHA256) { exit 0 }", "sha256, result ignored"),
        ("$h = (Get-FileHash app.zip).Hash", None),
        ("Write-Host (Get-FileHash app.zip).Hash", None),
    ],
)
def test_a_comparison_without_consequence(check: str, result: str | None) -> None:
    assert value(HEAD + f"RUN {GET}; {check}; {USE}\n", "download-verified") == result


def test_after_unpacking_is_too_late() -> None:
    check = "if ((Get-FileHash app.zip).Hash -ne $env:APP_SHA256) { exit 1 }"
    found = the(HEAD + f"RUN {GET}; {USE}; {check}\n", DownloadVerified)
    assert found.value == "sha256, after it is used"
    assert found.before_use is False


def test_a_digest_that_is_fetched_too() -> None:
    check = f"$want = (Invoke-WebRequest {URL}.sha256).Content; if ((Get-FileHash app.zip).Hash -ne $want) {{ exit 1 }}"
    found = the(SERVERCORE + f"RUN {GET}; {check}; {USE}\n", DownloadVerified)
    assert found.where == "fetched"
    assert found.written is False


@pytest.mark.parametrize(
    ("check", "result"),
    [
        (f'echo "{SHA256} *app.zip" | sha256sum -c -', "sha256"),
        ('echo "$APP_SHA1 *app.zip" | sha1sum -c -', "sha1"),
        (f"echo '{SHA256}  app.zip' > sums; sha256sum -c sums", "sha256"),
        (f"printf '%s  app.zip' {SHA256} | sha256sum --check --strict -", "sha256"),
        (f'[ "$(sha256sum app.zip | cut -d" " -f1)" = "{SHA256}" ]', "sha256"),
        ("gpg --recv-keys ABCDEF0123456789; gpg --batch --verify app.zip.asc app.zip", "gpg"),
        (
            f"gpg --recv-keys ABCDEF0123456789; gpg --verify app.zip.asc app.zip; echo '{SHA256} app.zip' | sha256sum -c",
            "gpg and sha256",
        ),
    ],
)
def test_posix(check: str, result: str) -> None:
    text = ALPINE + f"ENV APP_SHA1 {SHA1}\nRUN set -eux; wget -O app.zip {URL}; {check}; unzip app.zip\n"
    assert value(text, "download-verified") == result


def test_posix_without_errexit_ignores_the_result() -> None:
    check = f"echo '{SHA256} app.zip' | sha256sum -c -"
    assert value(ALPINE + f"RUN wget -O app.zip {URL}; {check}; unzip app.zip\n", "download-verified") == (
        "sha256, result ignored"
    )
    chained = ALPINE + f"RUN wget -O app.zip {URL} && {check} && unzip app.zip\n"
    assert value(chained, "download-verified") == "sha256"
    ended = ALPINE + f"RUN wget -O app.zip {URL}; {check} || exit 1; unzip app.zip\n"
    assert value(ended, "download-verified") == "sha256"


def test_add_checksum_counts_on_linux_only() -> None:
    add = f"ADD --checksum=sha256:{SHA256} {URL} app.zip\n"
    assert value(ALPINE + add, "download-verified") == "sha256"
    assert value(SERVERCORE + add, "download-verified") is None


def test_a_check_of_another_file_is_not_of_this_one() -> None:
    check = "if ((Get-FileHash other.zip).Hash -ne $env:APP_SHA256) { exit 1 }"
    assert value(HEAD + f"RUN {GET}; {check}; {USE}\n", "download-verified") is None


def test_the_file_may_be_moved_before_it_is_checked() -> None:
    text = ALPINE + (
        f"RUN set -e; wget -O app.zip {URL}; mv app.zip /tmp/x.zip; echo '{SHA256} /tmp/x.zip' | sha256sum -c; unzip /tmp/x.zip\n"
    )
    assert value(text, "download-verified") == "sha256"


def test_a_piped_download_is_used_at_once() -> None:
    assert value(ALPINE + f"RUN curl -fsSL {URL} | tar -xz\n", "download-verified") is None
