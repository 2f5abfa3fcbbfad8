from __future__ import annotations

import pytest

from tests.facts.support import ALPINE, NANOSERVER, SERVERCORE, value

URL = "https://example.org/app-1.2.3.zip"
WINDOWS = f"Invoke-WebRequest {URL} -OutFile app.zip; Expand-Archive app.zip -Dest C:\\app"
LINUX = "wget -O app.tgz https://example.org/app-1.2.3.tgz; tar -xf app.tgz"


@pytest.mark.parametrize(
    ("run", "shown"),
    [
        ("; Remove-Item app.zip -Force", "yes"),
        ("; Remove-Item @('app.zip', 'x') -Force", "yes"),
        ("; Remove-Item *.zip", "yes"),
        ("; del app.zip", "yes"),
        ("; rm -r -Force C:\\app.zip", "yes"),
        ("", "leaves app.zip"),
        ("\nRUN Remove-Item app.zip", "leaves app.zip (removed in a later layer)"),
    ],
)
def test_windows(run: str, shown: str) -> None:
    assert value(SERVERCORE + f"RUN {WINDOWS}{run}\n", "cleaned-up") == shown


def test_cmd() -> None:
    text = NANOSERVER + f"RUN curl -o app.zip {URL} && tar -xf app.zip && del app.zip\n"
    assert value(text, "cleaned-up") == "yes"


@pytest.mark.parametrize(
    ("run", "shown"),
    [
        ("; rm app.tgz", "yes"),
        ("; rm -rf /app.tgz /x", "yes"),
        ("; find / -name '*.tgz' -delete", "yes"),
        ("", "leaves app.tgz"),
    ],
)
def test_linux(run: str, shown: str) -> None:
    assert value(ALPINE + f"RUN set -e; {LINUX}{run}\n", "cleaned-up") == shown


def test_virtual_packages_of_apk() -> None:
    add = "RUN apk add --no-cache --virtual .build-deps gcc make"
    assert value(ALPINE + f"{add} && apk del .build-deps\n", "cleaned-up") == "yes"
    assert value(ALPINE + f"{add}\n", "cleaned-up") == "leaves .build-deps"
    assert value(ALPINE + "RUN apk add --virtual .app-rundeps so:x\n", "cleaned-up") is None


def test_programs_in_their_final_place_and_other_stages_are_no_leftovers() -> None:
    assert value(ALPINE + "RUN wget -O /usr/local/bin/app https://x.org/app-1.2.3\n", "cleaned-up") is None
    text = f"FROM alpine:3.20 AS build\nRUN set -e; {LINUX}\nFROM alpine:3.20\nCOPY --from=build /app /app\n"
    assert value(text, "cleaned-up") is None
