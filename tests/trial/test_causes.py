"""`contrib why`: logs in the shape of real ones, and what they show."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contrib.cli.main import run
from contrib.trial.causes import classify

STEP = "Step 8/12 : COPY --from=mongo:8.0.0-rc8-windowsservercore-ltsc2022 C:\\\\mongodb C:\\\\mongodb\n"


def github(text: str) -> str:
    """As a run's log has it: a time before each line."""
    return "".join(f"2025-02-12T01:02:03.4567890Z {line}\n" for line in text.splitlines())


MISSING = f"""{STEP} ---> eb170d31ebdd
Step 9/12 : RUN mongod --version
 ---> Running in e6f3a0d9381c
The command 'cmd /S /C mongod --version' returned a non-zero code: 3221225781
"""
ENTRY = "The command 'cmd /S /C redis-server --version' returned a non-zero code: 3221225785\n"
OLDER = """Step 3/12 : RUN Write-Host 'Hello';
 ---> Running in 1234567890ab
container 1234567890abcdef encountered an error during hcs::System::Start: failure in a Windows system call: The virtual machine or container exited unexpectedly. (0xc0370106)
"""
OTHER_WINDOWS = """docker: Error response from daemon: container b81ed encountered an error during CreateContainer: failure in a Windows system call: The operating system of the container does not match the operating system of the host. (0xc0370101) extra info: {}
"""
NOT_READABLE = """Installing ...
Running command: msiexec.exe /i mongo.msi /qn
MSI (c) (9C:B0) [18:21:33:111]: MainEngineThread is returning 1620
=== Verbose logging stopped: 2/5/2025  18:21:33 ===
The command 'powershell -Command $ErrorActionPreference = 'Stop'; Write-Host 'x'; exit 1620' returned a non-zero code: 1
"""
CONDITION = """MSI (s) (18:CC) [14:59:05:097]: Product: MongoDB 4.4.0 2008R2Plus SSL (64 bit) -- MongoDB application is only supported on Windows 10/Windows 2016 or later

Action ended 14:59:05: LaunchConditions. Return value 3.
MSI (s) (18:CC) [14:59:05:100]: Product: MongoDB 4.4.0 2008R2Plus SSL (64 bit) -- Installation failed.
MSI (s) (18:CC) [14:59:05:100]: Windows Installer installed the product. Installation success or error status: 1603.
"""
ONLY_1603 = """Installing ...
MSI (s) (A0:1C) [17:32:29:801]: Windows Installer installed the product. Manufacturer: X Inc.. Installation success or error status: 1603.
"""
LAYER = """re-exec error: exit status 1: output: time="2018-01-25T14:12:23-08:00" level=error msg="hcsshim::ImportLayer failed in Win32: The system cannot find the path specified. (0x3) layerId=\\\\\\\\?\\\\C:\\\\ProgramData\\\\Docker\\\\windowsfilter\\\\861b"
"""
DIGEST = """Step 7/9 : RUN Write-Host ('Downloading {0} ...' -f $env:X); if ((Get-FileHash x.zip).Hash -ne $env:Y) { Write-Host 'FAILED!'; exit 1; };
Downloading https://example.org/x.zip ...
Verifying sha256 (0123) ...
FAILED!
The command 'powershell -Command Write-Host 'FAILED!'' returned a non-zero code: 1
"""
GONE = """Invoke-WebRequest : The remote server returned an error: (404) Not Found.
At line:1 char:320
The command 'powershell -Command x' returned a non-zero code: 1
"""
NETWORK = """Invoke-WebRequest : The remote name could not be resolved: 'github.com'
The command 'powershell -Command x' returned a non-zero code: 1
"""
SPACE = """Step 5/9 : RUN Expand-Archive x.zip
failed to register layer: re-exec error: exit status 1: output: write \\\\?\\C:\\x: There is not enough space on the disk.
"""
LIMIT = "Error response from daemon: toomanyrequests: You have reached your pull rate limit.\n"
COPY = "COPY failed: CreateFile \\\\?\\Volume{1}\\mongodb: The system cannot find the file specified.\n"
SPELLING = """Get-FilHash : The term 'Get-FilHash' is not recognized as the name of a cmdlet, function, script file, or operable program.
The command 'powershell -Command Get-FilHash x' returned a non-zero code: 1
"""
UNCHANGED = """Configuring ...
nothing to change: protected-mode
At line:1 char:900
The command 'powershell -Command x' returned a non-zero code: 1
"""
CANCELLED = "##[error]The runner has received a shutdown signal. This can happen when the runner service is stopped.\n"
BUILDKIT = """#7 [3/5] RUN redis-server --version
#7 0.412 something happens
ERROR: process "cmd /S /C redis-server --version" did not complete successfully: exit code: 3221225781
"""


@pytest.mark.parametrize(
    ("log", "kind", "host", "quote"),
    [
        (MISSING, "missing-library", False, "returned a non-zero code: 3221225781"),
        (MISSING.replace("3221225781", "-1073741515"), "missing-library", False, "-1073741515"),
        (BUILDKIT, "missing-library", False, "exit code: 3221225781"),
        (ENTRY, "missing-entry-point", False, "3221225785"),
        (OLDER, "host-older", True, "0xc0370106"),
        (OTHER_WINDOWS, "host-older", True, "0xc0370101"),
        (NOT_READABLE, "artefact", False, "MainEngineThread is returning 1620"),
        (CONDITION, "artefact", False, "only supported on Windows 10/Windows 2016 or later"),
        (ONLY_1603, "artefact", False, "error status: 1603"),
        (LAYER, "platform", True, "hcsshim::ImportLayer"),
        (DIGEST, "digest", False, "FAILED!"),
        (GONE, "gone", False, "(404) Not Found"),
        (NETWORK, "network", True, "could not be resolved"),
        (SPACE, "no-space", True, "not enough space on the disk"),
        (LIMIT, "pull", True, "toomanyrequests"),
        (COPY, "mistake", False, "COPY failed"),
        (SPELLING, "mistake", False, "is not recognized as the name of a cmdlet"),
        (UNCHANGED, "mistake", False, "nothing to change: protected-mode"),
        (CANCELLED, "platform", True, "shutdown signal"),
        ("The command 'x' returned a non-zero code: 7\n", "mistake", False, "non-zero code: 7"),
    ],
)
@pytest.mark.parametrize("form", [str, github], ids=["docker", "github"])
def test_what_a_log_shows(log: str, kind: str, host: bool, quote: str, form: type) -> None:
    cause = classify(form(log))
    assert cause is not None
    assert (cause.kind, cause.host) == (kind, host)
    assert quote in cause.quote
    assert cause.advice


def test_lines_are_those_of_the_log() -> None:
    cause = classify("first\n\n" + MISSING)
    assert cause is not None
    lines = ("first\n\n" + MISSING).splitlines()
    assert all(lines[line.number - 1].strip() == line.text for line in cause.lines)


@pytest.mark.parametrize(
    "log",
    [
        "",
        "Successfully built 0123456789ab\nSuccessfully tagged x:1\n",
        "Step 4/9 : RUN if ($LASTEXITCODE -eq 1603) { Write-Host 'FAILED!'; exit 1603 }\n ---> Running in 0123456789ab\n",
        "the price is 3221225781 and 1603 apples\n".replace("3221225781", "322122"),
        "\0" * 1000,
    ],
)
def test_a_log_that_shows_nothing(log: str) -> None:
    assert classify(log) is None


def test_a_log_of_any_size_and_kind_is_read() -> None:
    assert classify("x" * 5_000_000 + "\n" + MISSING) is not None
    assert classify("\x1b[31m" + OLDER + "\x1b[0m") is not None
    assert classify("\n".join(["noise"] * 200_000) + "\n" + MISSING) is not None


def test_of_a_long_log_the_beginning_and_the_end_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("contrib.cli.why.MAX_LOG", 8000)
    path = tmp_path / "build.log"
    for encoding in ("utf-8", "utf-16", "utf-16-be"):
        noise = "noise\n" * 20_000
        for where, found in ((noise + MISSING, 0), (MISSING + noise, 0), (noise + MISSING + noise, 1)):
            path.write_bytes(b"\xfe\xff" * (encoding == "utf-16-be") + where.encode(encoding))
            assert run(["why", str(path)]) == found, encoding
    capsys.readouterr()


def test_the_cause_behind_the_symptom_is_believed() -> None:
    assert (cause := classify(NETWORK + DIGEST)) is not None and cause.kind == "digest"
    assert (cause := classify(SPACE + MISSING)) is not None and cause.kind == "no-space"
    assert (cause := classify(MISSING + CANCELLED)) is not None and cause.kind in (
        "missing-library",
        "platform",
    )


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "build.log"
    path.write_bytes(MISSING.encode("utf-16"))  # as PowerShell's > writes it
    assert run(["why", str(path)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("missing-library: a library that the program needs is missing")
    assert "What to do: " in said and "3221225781" in said
    assert run(["why", str(path), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["cause"]["kind"] == "missing-library" and found["cause"]["lines"][0]["line"] == 5
    path.write_text("all is well\n")
    assert run(["why", str(path)]) == 1
    assert "No cause that is known" in capsys.readouterr().out
    assert run(["why", str(tmp_path / "none")]) == 2
    assert run(["why", "https://example.org/x"]) == 2
    assert "not the address of a run" in capsys.readouterr().err
