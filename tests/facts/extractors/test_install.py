from __future__ import annotations

import pytest

from contrib.facts.kinds import InstallLocation
from tests.facts.support import ALPINE, NANOSERVER, SERVERCORE, sheet, the, value

URL = "https://example.org/app-1.2.3.zip"
GET = f"Invoke-WebRequest {URL} -OutFile app.zip"


@pytest.mark.parametrize(
    ("run", "directory"),
    [
        ("Expand-Archive app.zip -DestinationPath C:\\app", "C:\\app"),
        ("Expand-Archive -Path app.zip -Dest 'C:\\Program Files\\App\\'", "C:\\Program Files\\App"),
        ("Expand-Archive app.zip -DestinationPath C:\\; Move-Item C:\\app-1.2.3 C:\\app", "C:\\app"),
        ("[System.IO.Compression.ZipFile]::ExtractToDirectory('app.zip', 'C:\\app')", "C:\\app"),
        (
            "Expand-Archive app.zip -DestinationPath .; Copy-Item app-*\\app.exe -Destination C:\\app.exe",
            "C:\\",
        ),
        ("tar -xf app.zip -C C:\\app", "C:\\app"),
    ],
)
def test_where_a_windows_archive_lands(run: str, directory: str) -> None:
    assert value(SERVERCORE + f'RUN {GET}; {run}\nCMD ["app"]\n', "install-location") == directory


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("msiexec", "'/i', 'app.msi', '/qn', 'INSTALLLOCATION=C:\\app'"),
        ("app.exe", "'/quiet', 'TargetDir=C:\\app'"),
    ],
)
def test_where_an_installer_puts_it(program: str, arguments: str) -> None:
    file = "app.msi" if program == "msiexec" else "app.exe"
    text = SERVERCORE + (
        f"RUN Invoke-WebRequest https://example.org/1.2.3/{file} -OutFile {file}; "
        f"Start-Process {program} -Wait -ArgumentList @({arguments})\n"
    )
    assert value(text, "install-location") == "C:\\app"
    assert value(text, "source-or-binary") == "binary (installer)"


@pytest.mark.parametrize(
    ("run", "directory"),
    [
        ("wget -O a.tgz https://x.org/app-1.2.3.tgz; tar -xzf a.tgz -C /opt/app", "/opt/app"),
        (
            "wget -O a.tgz https://x.org/app-1.2.3.tgz; tar -xzf a.tgz -C /usr/src/app; make -C /usr/src/app install",
            "/usr/local/bin",
        ),
        (
            "wget -O a.tgz https://x.org/app-1.2.3.tgz; tar xf a.tgz; make PREFIX=/opt/app install",
            "/opt/app/bin",
        ),
        (
            "wget -O a.tgz https://x.org/app-1.2.3.tgz; tar xf a.tgz; mv app-1.2.3/app /usr/local/bin",
            "/usr/local/bin",
        ),
        ("wget -O /usr/local/bin/app https://x.org/app-1.2.3", "/usr/local/bin"),
    ],
)
def test_where_linux_puts_it(run: str, directory: str) -> None:
    assert value(ALPINE + f'RUN set -e; {run}\nCMD ["app"]\n', "install-location") == directory


def test_what_another_stage_made_is_where_copy_puts_it() -> None:
    text = (
        "FROM alpine:3.20 AS build\nRUN wget -O a.tgz https://x.org/app-1.2.3.tgz && tar -C /target/opt -xzf a.tgz\n"
        "FROM alpine:3.20\nCOPY --from=build /target/ /\n"
    )
    assert value(text, "install-location") == "/opt"


@pytest.mark.parametrize(
    ("run", "shown"),
    [
        ("setx /M PATH ('C:\\app;{0}' -f $env:PATH)", "yes: C:\\app"),
        ("$p = 'C:\\app;{0}' -f $env:PATH; setx /m PATH $p", "yes: C:\\app"),
        ("[Environment]::SetEnvironmentVariable('PATH', 'C:\\app;' + $env:PATH, 'Machine')", "yes: C:\\app"),
        (
            "$env:PATH = 'C:\\app;' + $env:PATH; [Environment]::SetEnvironmentVariable('PATH', $env:PATH, [EnvironmentVariableTarget]::Machine)",
            "yes: C:\\app",
        ),
        ("setx PATH ('C:\\app;{0}' -f $env:PATH)", "no: one user’s only"),
        (
            "[Environment]::SetEnvironmentVariable('PATH', 'C:\\app;' + $env:PATH, 'User')",
            "no: one user’s only",
        ),
        ("setx /M PATH '%PATH%;C:\\app'", "no: becomes “%PATH%”"),
        ("$env:PATH = 'C:\\app;' + $env:PATH", None),
    ],
)
def test_path_under_powershell(run: str, shown: str | None) -> None:
    text = SERVERCORE + f'RUN {GET}; Expand-Archive app.zip -DestinationPath C:\\app; {run}\nCMD ["app"]\n'
    assert value(text, "on-path") == shown


def test_path_under_cmd() -> None:
    copy = "COPY --from=app:1.2.3-windowsservercore-ltsc2022 C:\\\\app C:\\\\app\n"
    assert value(NANOSERVER + 'RUN setx /M PATH "C:\\app;%PATH%"\n' + copy, "on-path") == "yes: C:\\app"
    assert value(NANOSERVER + "ENV PATH C:\\\\app;C:\\\\Windows\n" + copy, "on-path") == "yes: C:\\app (ENV)"
    literal = NANOSERVER + 'RUN setx /M PATH "C:\\app;$env:PATH"\n' + copy
    assert value(literal, "on-path") == "no: becomes “$env:PATH”"


def test_path_on_linux() -> None:
    text = ALPINE + 'RUN wget -O a.tgz https://x.org/app-1.2.3.tgz && tar -xzf a.tgz -C {}\n{}CMD ["app"]\n'
    assert value(text.format("/usr/local/bin", ""), "on-path") == "yes"
    assert value(text.format("/opt/app", "ENV PATH /opt/app/bin:$PATH\n"), "on-path") == "yes"
    assert value(text.format("/opt/app", ""), "on-path") is None


def test_found_only_from_the_working_directory() -> None:
    text = SERVERCORE + f'RUN {GET}; Expand-Archive app.zip -DestinationPath /\nCMD ["app"]\n'
    assert value(text, "on-path") == "no: only from C:\\"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (SERVERCORE + "RUN Write-Host 'x'; app --version; cli -v\n", "app --version, cli -v"),
        (NANOSERVER + "RUN app version\n", "app version"),
        (NANOSERVER + 'RUN ["app.exe", "/?"]\n', "app /?"),
        (ALPINE + "RUN set -e; app --help; gosu --version\n", "app --help"),
        (SERVERCORE + "RUN Write-Host 'Verifying (app --version)'\n", None),
        (ALPINE + 'RUN v="$(app --version)"; echo "$v"\n', None),
    ],
)
def test_checked(text: str, shown: str | None) -> None:
    assert value(text, "install-checked") == shown


def test_tools_that_the_file_names() -> None:
    text = ALPINE + 'RUN app-cli --version\nCMD ["app-server", "--x"]\n'
    assert [f.name for f in sheet(text).all("installed-tools")] == [
        "installed-tools:app-server",
        "installed-tools:app-cli",
    ]


def test_programs_that_are_removed_again() -> None:
    text = (
        SERVERCORE
        + f"RUN {GET}; Expand-Archive app.zip -Dest C:\\app; Remove-Item @('app.zip', 'C:\\app\\appd.exe')\n"
    )
    assert the(text, InstallLocation).removed == ("appd",)


def test_an_installer_that_sets_path_shows_in_a_later_run() -> None:
    text = SERVERCORE + (
        "RUN Invoke-WebRequest https://example.org/1.2.3/app.msi -OutFile app.msi; "
        "Start-Process msiexec -Wait -ArgumentList '/i', 'app.msi', '/quiet', 'INSTALLDIR=C:\\app'\n{}"
    )
    assert value(text.format("RUN app --version\n"), "on-path") == "yes: by the installer"
    assert value(text.format(""), "on-path") is None
