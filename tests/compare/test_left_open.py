"""What a file leaves open is unknown: neither missing, nor the same, nor justified; what it decides stays decided."""

from __future__ import annotations

import pytest

from contrib.build import read
from contrib.compare import compare
from contrib.dockerfile import parse
from contrib.facts import sheet as sheet_of
from contrib.images.bases import bases
from tests.compare.test_statements import rows
from tests.facts.support import ALPINE, NANOSERVER, SERVERCORE, SHA256, sheet

LINUX = (
    ALPINE
    + "ENV APP_VERSION=1.2.3 APP_HOME=/opt/app\n"
    + 'RUN set -eux; wget -O a.tgz "https://example.org/app-$APP_VERSION.tgz"; '
    + f'echo "{SHA256} *a.tgz" | sha256sum -c -; tar -xzf a.tgz -C /usr/local; rm a.tgz; '
    + "sed -i 's/^guard yes/guard no/' /etc/app.conf; app --version; app-cli --version\n"
    + 'CMD ["app"]\n'
)
ZIP = "https://example.org/app-1.2.3.zip"
START = 'CMD ["C:\\\\app\\\\app.exe"]\n'


@pytest.mark.parametrize(
    ("windows", "because"),
    [
        (SERVERCORE + f"ADD {ZIP} C:\\\\a.zip\nRUN Expand-Archive C:\\a.zip C:\\app\n" + START, "the content of a.zip"),
        (NANOSERVER + "ADD app-1.2.3.tar.gz C:\\\\app\\\\\n" + START, "the content of app-1.2.3.tar.gz"),
        (NANOSERVER + "ADD app-1.2.3.tgz C:\\\\app\\\\\n" + START, "the content of app-1.2.3.tgz"),
        (SERVERCORE + "ADD app-1.2.3.zip C:\\\\t\\\\\nRUN Expand-Archive C:\\t\\app-1.2.3.zip C:\\app\n" + START,
         "the content of app-1.2.3.zip"),
        (SERVERCORE + "COPY setup.ps1 C:\\\\\nRUN C:\\setup.ps1\n" + START, "the script setup.ps1 is run"),
        (SERVERCORE + "RUN choco install app --version 1.2.3 -y\n" + START, "choco installs app"),
        (SERVERCORE + "RUN winget install --id Vendor.App -v 1.2.3\n" + START, "winget installs Vendor.App"),
        (SERVERCORE + "RUN irm https://get.example.org | iex\n" + START, "the script at https://get.example.org"),
        (SERVERCORE + "RUN iex ((New-Object Net.WebClient).DownloadString('https://example.org/i.ps1'))\n" + START,
         "the script at https://example.org/i.ps1"),
        (SERVERCORE + "RUN iwr https://example.org/i.ps1 -OutFile i.ps1; .\\i.ps1\n" + START,
         "the script at https://example.org/i.ps1"),
        ("FROM someone/winapp:ltsc2022\n" + START, "what someone/winapp:ltsc2022 hands on"),
    ],
)  # fmt: skip
def test_programs_and_settings_that_nobody_has_seen(windows: str, because: str) -> None:
    found = rows(windows, LINUX)
    for fact in ("installed-tools:app-cli", "configuration:guard"):
        assert (found[fact].verdict.value, because in found[fact].why) == ("unknown", True), found[fact]
    assert found["installed-tools:app"].verdict.value == "same"  # CMD starts it
    if "script" in because:
        for fact in ("version", "download", "on-path", "environment:APP_HOME", "cleaned-up"):
            assert found[fact].verdict.value == "unknown", found[fact]


@pytest.mark.parametrize(
    ("windows", "version"),
    [
        (NANOSERVER + "ADD app-1.2.3.tar.xz C:\\\\app\\\\\n" + START, "1.2.3"),
        (NANOSERVER + "COPY app-1.2.3.tar.xz C:\\\\app\\\\\n" + START, None),  # COPY unpacks nothing
        (NANOSERVER + "ADD other-9.9.tar C:\\\\app\\\\\n" + START, None),
        (SERVERCORE + "RUN choco install app --version 1.2.4 -y\n" + START, "1.2.4"),
        (SERVERCORE + "RUN winget install --id Vendor.App -v 1.2.5\n" + START, "1.2.5"),
        (SERVERCORE + "RUN choco install app-tools --version 1.2.4 -y\n" + START, None),
        ('FROM ruby:3.4\nRUN gem install app -v 7.1.0\nCMD ["app"]\n', "7.1.0"),
        ('FROM python:3.13\nRUN pip install app==2.0 other==3.0\nCMD ["app"]\n', "2.0"),
    ],
)
def test_the_version_of_what_is_installed_by_its_name(windows: str, version: str | None) -> None:
    assert sheet(windows).version == version


def test_an_archive_of_the_build_context_is_not_nothing() -> None:
    found = rows(NANOSERVER + "ADD app-1.2.3.tar.gz C:\\\\app\\\\\n" + START, LINUX)
    assert "build context" in found["download"].why
    assert (found["download-verified"].verdict.value, found["source-or-binary"].verdict.value) == (
        "missing",
        "same",
    )
    assert "the file’s name" in found["version-declared"].why


def test_a_script_that_bootstraps_a_package_manager_is_not_the_installation() -> None:
    get = "iex ((New-Object Net.WebClient).DownloadString('https://community.chocolatey.org/install.ps1'))"
    found = rows(SERVERCORE + f"RUN {get}; choco install app --version 1.2.3 -y\n" + START, LINUX)
    assert found["version"].verdict.value == "same"


def test_linux_may_be_the_side_that_leaves_it_open() -> None:
    linux = ALPINE + 'RUN curl -fsSL https://example.org/install.sh | sh\nCMD ["app"]\n'
    get = f"RUN Invoke-WebRequest {ZIP} -OutFile a.zip; Expand-Archive a.zip C:\\app\n"
    assert rows(SERVERCORE + get + START, linux)["version"].verdict.value == "unknown"


def test_a_manager_of_a_language_fetches_something() -> None:
    windows = (
        "FROM golang:1.25-nanoserver-ltsc2022 AS b\nRUN go get example.org/app && go build -o C:\\app.exe\n"
    )
    found = rows(windows + NANOSERVER + "COPY --from=b C:\\\\app.exe C:\\\\\n" + START, LINUX)
    assert found["download"].verdict.value == found["download-verified"].verdict.value == "unknown"
    assert not any("fetches nothing" in row.why for row in found.values())


def test_a_package_of_another_stage_sets_no_variable() -> None:
    stage = SERVERCORE.replace("ltsc2022\n", "ltsc2022 AS b\n", 1) + "RUN choco install app -y\n"
    windows = (
        stage
        + "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nCOPY --from=b C:\\\\tools\\\\app C:\\\\app\n"
    )
    found = rows(windows + START, LINUX)
    assert found["environment:APP_HOME"].verdict.value == "missing"
    assert (
        found["install-location"].windows is not None and found["install-location"].windows.value == "C:\\app"
    )


def test_programs_that_are_copied_one_by_one_are_all_there_are() -> None:
    stage = SERVERCORE.replace("ltsc2022\n", "ltsc2022 AS b\n", 1)
    stage += f"RUN Invoke-WebRequest {ZIP} -OutFile a.zip; Expand-Archive a.zip C:\\app\n"
    one = rows(stage + NANOSERVER + "COPY --from=b C:\\\\app\\\\app.exe C:\\\\app\\\\\n" + START, LINUX)
    assert one["installed-tools:app-cli"].verdict.value == "missing"
    for source in ("C:\\\\app", "C:\\\\app\\\\*.exe"):
        all_ = rows(stage + NANOSERVER + f"COPY --from=b {source} C:\\\\app\\\\\n" + START, LINUX)
        assert all_["installed-tools:app-cli"].verdict.value == "unknown"


def test_what_a_script_of_the_context_starts_may_set_anything() -> None:
    windows = SERVERCORE + f"RUN Invoke-WebRequest {ZIP} -OutFile a.zip; Expand-Archive a.zip C:\\app\n"
    windows += 'COPY run.cmd C:\\\\\nCMD ["C:\\\\run.cmd"]\n'
    row = rows(windows, LINUX)["configuration:guard"]
    assert (row.verdict.value, row.why.startswith("run.cmd starts the program")) == ("unknown", True)
    assert not rows(windows, LINUX, {"run.cmd": "app.exe"}, {})["configuration:guard"].why.startswith(
        "run.cmd"
    )


def test_a_configuration_that_is_fetched_decides() -> None:
    get = f"Invoke-WebRequest {ZIP} -OutFile a.zip; Expand-Archive a.zip C:\\app"
    get += "; Invoke-WebRequest https://example.org/conf.txt -OutFile C:\\app\\app.conf"
    row = rows(SERVERCORE + f'RUN {get}\nCMD ["C:\\\\app\\\\app.exe", "C:\\\\app\\\\app.conf"]\n', LINUX)
    assert (
        row["configuration:guard"].why
        == "app.conf is fetched from https://example.org/conf.txt and decides it"
    )


def test_what_a_package_manager_leaves_is_not_nothing() -> None:
    assert (
        rows(SERVERCORE + "RUN choco install app -y\n" + START, LINUX)["cleaned-up"].verdict.value
        == "unknown"
    )
    base = "FROM python:3.13-windowsservercore-ltsc2022\n"
    for options, verdict in (("--no-cache-dir ", "justified"), ("", "unknown")):
        build = read(
            parse(f"{base}RUN pip install {options}app==1.0\n".encode()), bases=bases(), windows=True
        )
        found = {row.fact: row.verdict.value for row in compare(sheet_of(build), sheet(LINUX))}
        assert found["cleaned-up"] == verdict


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ('COPY app.exe app-cli.exe C:/app/\nCMD ["app.exe"]\n', "C:\\app"),
        ('COPY app.exe app-cli.exe C:/app/\nCMD ["app"]\n', "C:\\app"),
        ('COPY build C:/app\nRUN setx /M PATH "C:\\app;$env:PATH"\nCMD ["app"]\n', "C:\\app"),
        ('WORKDIR C:/app\nCOPY build .\nCMD ["app"]\n', "C:\\app"),
    ],
)
def test_a_program_of_the_build_context_is_found_by_its_name(lines: str, place: str) -> None:
    found = rows(SERVERCORE + lines, LINUX)
    assert found["installed-tools:app-cli"].verdict.value == ("same" if "app-cli.exe" in lines else "unknown")
    assert found["download-verified"].verdict.value == "missing"
    assert found["install-location"].windows is not None and found["install-location"].windows.value == place
    assert not any("fetches nothing" in row.why for row in found.values())


def test_a_program_of_the_build_context_under_another_name() -> None:
    found = rows(SERVERCORE + 'COPY out/app.exe C:/bin/app.exe\nCMD ["app"]\n', LINUX)
    assert (
        found["install-location"].windows is not None and found["install-location"].windows.value == "C:\\bin"
    )
    other = rows(SERVERCORE + 'COPY other.exe C:/bin/\nCMD ["app"]\n', LINUX)
    assert other["download-verified"].why == "Windows fetches nothing"


def test_a_version_that_is_given_at_build_time_is_declared() -> None:
    get = "Invoke-WebRequest ('https://example.org/app-{0}.zip' -f $env:APP_VERSION) -OutFile a.zip"
    row = rows(SERVERCORE + f"ARG APP_VERSION\nENV APP_VERSION=$APP_VERSION\nRUN {get}\n" + START, LINUX)[
        "version-declared"
    ]
    assert (row.verdict.value, row.why) == ("unknown", "APP_VERSION is set, to what is given at build time")


def test_the_configuration_that_windows_copies_instead_is_told_once() -> None:
    linux = LINUX + "COPY 10-a.conf 20-b.conf /etc/app/conf.d/\n"
    found = rows(SERVERCORE + "COPY app.config C:\\\\app\\\\\n" + START, linux)
    copied = {name: row.verdict.value for name, row in found.items() if name.startswith("copied-files")}
    assert copied == {"copied-files:10-a.conf": "different", "copied-files:20-b.conf": "different"}


def test_a_command_in_broken_json_is_no_program() -> None:
    found = rows(SERVERCORE + 'CMD ["C:\\app\\app.exe --version"]\n', LINUX)
    assert not any("]" in (row.why + (row.windows.value if row.windows and name != "command" else "")) for name, row in
                   found.items() if name in ("command", "foreground"))  # fmt: skip
    assert "what it starts is not known" in found["command"].why


def test_sources_that_are_cloned_are_not_where_the_program_is() -> None:
    linux = (
        ALPINE
        + "RUN git clone -b v1 https://github.com/o/app /src && cd /src && go build -o /usr/local/bin/app\n"
    )
    assert sheet(linux + "CMD app\n").get("install-location") is None


def test_a_difference_of_hundreds_is_not_a_count_of_releases() -> None:
    from contrib.compare.rows.base import behind

    assert (behind("2.121.1", "2.577"), behind("7.2.3", "7.2.5")) == (
        "far behind Linux",
        "2 patch releases behind Linux",
    )


@pytest.mark.parametrize(
    "check",
    [
        "$s = (Get-Content list.txt) -Split ' '; if ((Get-FileHash a.zip).Hash -ne $s[0]) { exit 1 }",
        "Get-Content list.txt | %{ $s = $_ }; if ((Get-FileHash a.zip).Hash -ne $s) { exit 1 }",
    ],
)
def test_a_digest_that_is_compared_with_something_is_not_unverified(check: str) -> None:
    get = f"Invoke-WebRequest {ZIP} -OutFile a.zip; {check}; Expand-Archive a.zip C:\\app"
    row = rows(SERVERCORE + f"RUN {get}\n" + START, LINUX)["download-verified"]
    assert row.verdict.value in ("unknown", "different"), row
    assert "Windows uses what it gets" not in row.why
