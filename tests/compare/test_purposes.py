"""What two files have in common under other names: scripts, programs, configurations, users, home directories."""

from __future__ import annotations

import pytest

from contrib.compare import compare
from contrib.images import load
from tests.compare.test_statements import rows
from tests.facts.support import ALPINE, NANOSERVER, SERVERCORE, sheet

OLD = "FROM microsoft/nanoserver:10.0.14393.1480\n"


@pytest.mark.parametrize(
    ("linux", "windows", "shown"),
    [
        ("agent /app/", "agent.exe /app/", "agent.exe here"),
        ("run.sh /", "run.ps1 /", "run.ps1 here"),
        ("start-agent /", "start_agent.cmd /", "start_agent.cmd here"),
        (
            "docker-entrypoint.sh /",
            "entrypoint.ps1 /",
            "an entrypoint script on both sides: entrypoint.ps1 here",
        ),
        ("server.conf /etc/", "windows.conf C:\\\\app\\\\", "windows.conf here"),
    ],
)
def test_a_file_of_another_name_serves_the_same_purpose(linux: str, windows: str, shown: str) -> None:
    found = rows(SERVERCORE + f"COPY {windows}\n", ALPINE + f"COPY {linux}\n")
    copied = {name: (row.verdict.value, row.why) for name, row in found.items() if name.startswith("copied-")}
    assert copied == {f"copied-files:{linux.split()[0]}": ("same", shown)}


@pytest.mark.parametrize(
    ("linux", "windows", "verdict", "why"),
    [
        ("a.conf /etc/", "app.ini C:\\\\", "different", "Windows copies app.ini instead"),
        ("data.bin /", "", "missing", "Linux copies this file"),
        ("data.bin /", "stage C:\\\\", "unknown", "what is in stage, from the build context, is not known"),
        ("setup.sh /", "stage C:\\\\", "justified", "a script for sh, which Windows does not have"),
    ],
)
def test_a_file_without_a_counterpart(linux: str, windows: str, verdict: str, why: str) -> None:
    text = SERVERCORE + (f"COPY {windows}\n" if windows else "")
    row = rows(text, ALPINE + f"COPY {linux}\n")[f"copied-files:{linux.split()[0]}"]
    assert (row.verdict.value, row.why) == (verdict, why)


def test_a_script_is_not_configuration_and_a_directory_is_not_an_entrypoint() -> None:
    found = rows(
        SERVERCORE + "COPY app.conf.ps1 C:\\\\\nCOPY docker-entrypoint-initdb.d/ C:\\\\init\\\\\n", ALPINE
    )
    texts = {name: row.windows.value for name, row in found.items() if row.windows and "copied" in name}
    assert texts["copied-files:app.conf.ps1"].startswith("script")
    assert not texts["copied-files:docker-entrypoint-initdb.d"].startswith("entrypoint")


def test_a_script_without_an_extension_is_known_by_its_first_line() -> None:
    found = rows(
        SERVERCORE, ALPINE + "COPY app-ext-* /bin/\n", {}, {"app-ext-install": "#!/bin/sh\n", "other": "#!x"}
    )
    assert found["copied-files:app-ext-*"].verdict.value == "justified"


@pytest.mark.parametrize(
    ("lines", "linux", "verdict", "why"),
    [
        ("RUN net user app /add; net localgroup Administrators app /add\nUSER app\n", "USER app\n", "justified",
         "app is an administrator here"),
        ("RUN New-LocalUser -Name app; Add-LocalGroupMember -Group 'Administrators' -Member app\nUSER app\n", "USER app\n",
         "justified", "app is an administrator here"),
        ("RUN net user app /add; net localgroup Users app /add\nUSER app\n", "USER app\n", "same", ""),
        ("RUN net user app /add\nUSER app\n", "USER other\n", "justified", "a user of the file’s own"),
        ("USER ContainerUser\n", "USER app\n", "justified", "ContainerUser, the user without rights"),
        ("", "USER app\n", "justified", "accepted servercore images"),
    ],
)  # fmt: skip
def test_whether_a_user_is_an_administrator(lines: str, linux: str, verdict: str, why: str) -> None:
    row = rows(SERVERCORE + lines, ALPINE + linux)["user"]
    assert row.verdict.value == verdict and row.why.startswith(why)


def test_nano_server_of_2016_has_one_user() -> None:
    row = rows(OLD, ALPINE)["user"]
    assert (row.verdict.value, row.why) == ("justified", "Nano Server 2016 has no user without rights")
    assert "servercore" not in rows(NANOSERVER, ALPINE)["user"].why


def test_a_home_directory_is_the_users() -> None:
    linux = ALPINE + "WORKDIR /home/app\nVOLUME /home/app/.state /srv/data\nENV CONFIG=/root/.m2\nUSER app\n"
    windows = SERVERCORE + "WORKDIR C:\\\\Users\\\\app\nVOLUME C:\\\\Users\\\\app\\\\.state C:\\\\data\n"
    found = rows(windows + "ENV CONFIG=C:/Users/ContainerUser/.m2\nUSER ContainerUser\n", linux)
    assert found["workdir"].verdict.value == "same"
    assert found["environment:CONFIG"].verdict.value == "same"
    assert found["volumes"].why == "only on Linux: /srv/data; only here: C:\\data"


@pytest.mark.parametrize(
    ("entrypoint", "expected"),
    [
        ("app", "same"),
        ("app --guard no", "same"),
        ('["cmd", "/k", "app.exe"]', "same"),
        ('["powershell", "C:/app/app.exe"]', "same"),
        ('["powershell", "-File", "C:/app/start.ps1"]', "justified"),
        ('["C:\\\\\\\\app\\\\\\\\start.cmd"]', "justified"),
    ],
)
def test_arguments_reach_the_program_through_a_shell_of_windows(entrypoint: str, expected: str) -> None:
    entry = {"entry.sh": 'if [ "${1#-}" != "$1" ]; then set -- app "$@"; fi\nexec "$@"\n'}
    linux = ALPINE + 'COPY entry.sh /\nENTRYPOINT ["/entry.sh"]\nCMD ["app"]\n'
    found = rows(SERVERCORE + f"ENTRYPOINT {entrypoint}\n", linux, {}, entry)
    row = found["arguments-as-program"]
    assert row.verdict.value == expected
    if expected == "same":
        assert "every argument goes to app" in found["entrypoint"].why


def test_what_only_a_known_port_loses_is_said_of_that_port_alone() -> None:
    linux = sheet(ALPINE + "ENV REDIS_VERSION=7.2.5\nCMD redis-server\n")

    def stop(url: str) -> str:
        text = SERVERCORE + f"RUN Invoke-WebRequest {url} -OutFile r.zip; Expand-Archive r.zip C:\\redis\n"
        found = compare(sheet(text + 'CMD ["redis-server"]\n'), linux, load("redis"))
        return next(row.why for row in found if row.fact == "stop-signal")

    of_the_port = "https://github.com/redis-windows/redis-windows/releases/download/7.2.5/Redis-7.2.5-Windows-x64-msys2.zip"
    assert "MSYS2" in stop(of_the_port)
    assert "MSYS2" not in stop("https://example.org/redis-7.2.5-win64.zip")


def test_accounts_and_sockets_of_linux_are_not_missing_on_windows() -> None:
    edits = "sed -ri -e 's!^(User) .*!\\1 www-data!' -e 's!^(socket) .*!\\1 /run/app/app.sock!' /etc/app.conf"
    found = rows(SERVERCORE, ALPINE + f"RUN {edits}\n")
    assert found["configuration:User"].verdict.value == "justified"
    assert found["configuration:socket"].verdict.value == "justified"


def test_cleaning_up_is_extra_where_linux_shows_nothing_of_the_kind() -> None:
    get = "Invoke-WebRequest https://example.org/a-1.zip -OutFile a.zip; Expand-Archive a.zip C:\\a; Remove-Item a.zip"
    row = rows(SERVERCORE + f"RUN {get}\n", ALPINE)["cleaned-up"]
    assert (row.verdict.value, row.linux) == ("extra", None)


def test_what_is_compiled_on_windows_alone_is_said_so() -> None:
    linux = "RUN wget -O a.tgz https://example.org/app-1.2.tgz && tar -xf a.tgz -C /usr/local/bin\nCMD app\n"
    windows = "RUN git clone https://example.org/app C:\\src; cd C:\\src; go build -o C:\\app.exe\nCMD C:\\app.exe\n"
    row = rows(SERVERCORE + windows, ALPINE + linux)["source-or-binary"]
    assert (row.verdict.value, row.why) == ("justified", "Windows compiles it; on Linux it is a binary")
