"""A failing msiexec is run once more with its own log."""

from __future__ import annotations

import pytest

from contrib.dockerfile import parse
from contrib.trial.msi import LOG, with_log

HEAD = "FROM mcr.microsoft.com/windows/servercore:ltsc2025\n"
POWERSHELL = HEAD + 'SHELL ["powershell", "-Command", "$ErrorActionPreference = \'Stop\';"]\n'


@pytest.mark.parametrize(
    ("run", "wanted"),
    [
        (
            "RUN Start-Process msiexec -Wait \\\n\t-ArgumentList @( \\\n\t\t'/i', \\\n\t\t'x.msi', \\\n\t\t'/quiet' \\\n\t); \\\n\tx --version\n",
            "'/L*v', 'C:\\contrib-msi.log', '/i'",
        ),
        (
            "RUN Start-Process -FilePath msiexec.exe -ArgumentList '/i','x.msi','/qn' -Wait\n",
            "'/L*v', 'C:\\contrib-msi.log', '/i'",
        ),
        (
            "RUN msiexec /i x.msi /qn; exit $LASTEXITCODE\n",
            "msiexec /L*v C:\\contrib-msi.log /i x.msi /qn; Get-Content",
        ),
    ],
)
def test_powershell(run: str, wanted: str) -> None:
    changed = with_log((POWERSHELL + run).encode())
    assert changed is not None
    text = changed.decode()
    assert wanted in text
    body = parse(changed, "Dockerfile").instructions[-1].body
    # the log is printed by the same RUN, right behind the installer and before anything else can end it
    assert body.index("/L*v") < body.index(f"Get-Content {LOG}")
    if "--version" in run:
        assert body.index("Get-Content") < body.index("x --version")
    assert parse(changed, "Dockerfile").problems == ()


def test_cmd() -> None:
    changed = with_log((HEAD + "RUN msiexec /i x.msi /qn && x --version\n").encode())
    assert changed is not None
    assert b"msiexec /L*v C:\\contrib-msi.log /i x.msi /qn" in changed
    assert b"type C:\\contrib-msi.log" in changed


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "RUN x\n",
        POWERSHELL + "RUN msiexec /i x.msi /L*v C:\\\\own.log\n",
        POWERSHELL + "RUN Write-Host 'msiexec'\n",
        "",
    ],
)
def test_what_is_left_alone(text: str) -> None:
    assert with_log(text.encode()) is None
