"""Files of every kind that the review once got wrong, with all that it should say of them."""

from __future__ import annotations

import pytest

from contrib.dockerfile import parse
from contrib.rules.review import Reviewed, fix_file, review

SC = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
NS = "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n"
PS = SC + (
    'SHELL ["powershell", "-Command", "$ErrorActionPreference = \'Stop\'; $ProgressPreference = \'SilentlyContinue\';"]\n'
)
REDIS = "COPY --from=redis:7.2.5-windowsservercore-ltsc2022 C:\\\\redis C:\\\\redis\n"
CHECKED = REDIS + "RUN C:\\redis\\redis-server.exe --version\n"
CMD = 'CMD ["cmd"]\n'
GET = "RUN Invoke-WebRequest https://example.org/app-1.2.3.zip -OutFile app.zip"

CASES = [
    # an ENTRYPOINT that is the program; shells around it
    ("entrypoint", SC + CHECKED + 'ENTRYPOINT ["C:\\\\redis\\\\redis-server.exe"]\n', {("override-cmd", 4)}),
    ("entrypoint-empty", SC + CHECKED + 'ENTRYPOINT []\nCMD ["C:\\\\redis\\\\redis-server.exe"]\n', set()),
    ("nats", SC + "COPY --from=nats:2.10.1-windowsservercore-ltsc2022 C:\\\\nats-server.exe C:\\\\nats-server.exe\nRUN C:\\nats-server.exe --version\nENTRYPOINT [\"C:\\\\nats-server.exe\"]\n", set()),
    ("powershell-around", SC + CHECKED + 'ENTRYPOINT ["powershell", "C:/redis/redis-server.exe"]\n', {("override-cmd", 4), ("shell-form-cmd", 4)}),
    ("cmd-around", SC + CHECKED + 'CMD ["cmd", "/S", "/C", "C:\\\\redis\\\\redis-server.exe"]\n', {("shell-form-cmd", 4)}),
    ("shell-entrypoint", SC + CHECKED + "ENTRYPOINT C:\\redis\\redis-server.exe --protected-mode no\n", {("override-cmd", 4), ("shell-form-cmd", 4)}),
    ("no-command", SC + CHECKED, {("no-command", 1)}),
    ("relative", SC + REDIS + "WORKDIR C:\\\\redis\nRUN C:\\redis\\redis-server.exe --version\nCMD [\".\\\\redis-server.exe\"]\n", {("relative-command", 5)}),
    # the base hands on its shell
    ("hylang", "FROM python:3.13.1-windowsservercore-ltsc2022\nENV HY_VERSION=1.3.0\nRUN pip install --no-cache-dir ('hy == {0}' -f $env:HY_VERSION)\nCMD [\"hy\"]\n", set()),
    ("temurin", "FROM eclipse-temurin:21-jdk-windowsservercore-ltsc2022\n" + GET + "; Expand-Archive app.zip -DestinationPath C:\\app\nCMD [\"java\"]\n", {("unverified-download", 2), ("hard-coded-version", 2), ("layer-keeps-archive", 2), ("no-post-install-check", 2)}),
    ("unknown-base", "FROM someone/windows-base:ltsc2022\nRUN Write-Host 1; Get-Item x\nCMD [\"app\"]\n", {("base-not-allowed", 1), ("unread-shell", 2)}),
    ("cmdlet-in-cmd", SC + "RUN New-Item C:\\x\n" + CMD, {("cmdlet-in-cmd", 2)}),
    ("pwsh-in-nanoserver", NS + 'SHELL ["pwsh", "-Command"]\n' + CMD, {("powershell-in-nanoserver", 2)}),
    # the build context
    ("opaque-script", SC + "COPY install.ps1 C:\\\\\nRUN powershell -File C:\\install.ps1\n", {("no-command", 1), ("opaque-install-script", 3)}),
    ("script-in-directory", SC + "COPY build C:\\\\build\nRUN C:\\build\\setup.cmd\n" + CMD, {("opaque-install-script", 3)}),
    ("directory", NS + "COPY app-7.2.4 /App\nCMD [\"C:\\\\App\\\\app-server.exe\"]\n", {("copied-binary", 2), ("hard-coded-version", 2), ("no-post-install-check", 2)}),
    ("not-by-name", "FROM someone/mysqlnanoserver\nCOPY my.ini C:/app/MySQL/\nVOLUME C:\\\\app\\\\data\nENTRYPOINT [\"C:\\\\app\\\\init.cmd\"]\n", {("base-not-allowed", 1), ("entrypoint-script", 4)}),
    # cmd goes on
    ("and-throughout", SC + "RUN mkdir C:\\a && mkdir C:\\b && del C:\\c.txt\n" + CMD, set()),
    ("ampersand", SC + "RUN mkdir C:\\a & mkdir C:\\b\n" + CMD, {("cmd-ignores-failure", 2)}),
    ("or-echo", SC + "RUN mkdir C:\\a || echo failed\n" + CMD, {("cmd-ignores-failure", 2)}),
    ("or-exit", SC + "RUN mkdir C:\\a || exit /b 1\n" + CMD, set()),
    ("set-first", SC + "RUN set X=1& mkdir C:\\a\n" + CMD, set()),
    ("errorlevel", SC + "RUN mkdir C:\\a & if errorlevel 1 exit /b 1\n" + CMD, set()),
    # stages
    ("unknown-stage", SC.replace("\n", " AS installer\n") + SC + "COPY --from=downloader C:\\\\x.txt C:\\\\\n" + CMD, {("unknown-stage", 3)}),
    ("parent-stage", SC.replace("\n", " AS base\n") + "RUN mkdir C:\\x\nFROM base\n" + CMD, set()),
    ("version-in-another-stage", PS.replace("\n", " AS d\n", 1) + "ENV REDIS_VERSION=7.2.5\nRUN Invoke-WebRequest ('https://example.org/redis-{0}.zip' -f $env:REDIS_VERSION) -OutFile C:\\r.zip; if ((Get-FileHash C:\\r.zip).Hash -ne '24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d') { exit 1 }; Expand-Archive C:\\r.zip C:\\r\n" + SC + "COPY --from=d C:\\\\r C:\\\\r\nRUN C:\\r\\r.exe --version\n" + CMD, {("multi-stage-build", 1), ("hard-coded-version", 3)}),
    # smaller ones
    ("clone-of-a-branch", PS + "RUN git clone -q https://github.com/example/app C:\\src; cd C:\\src; git checkout -q main\n" + CMD, {("moving-download-url", 3)}),
    ("head-request", PS + "RUN $null = Invoke-WebRequest https://example.org/app-1.2.3.zip -Method Head\n" + CMD, set()),
    ("verb-of-a-tool", PS + "RUN & C:\\git\\git-lfs.exe install\n" + CMD, set()),
    ("volume-with-spaces", SC + 'VOLUME ["C:\\\\Program Files\\\\App\\\\data"]\n' + CMD, {("install-path-with-spaces", 2)}),
    ("progress-once", PS.replace(" $ProgressPreference = 'SilentlyContinue';", "") + "RUN $null = (Invoke-WebRequest https://example.org/a -UseBasicParsing).Content\nRUN $null = (Invoke-WebRequest https://example.org/b -UseBasicParsing).Content\n" + CMD, {("missing-progress-preference", 2)}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_all_that_is_said(text: str, expected: set[tuple[str, int]]) -> None:
    kind = "nanoserver" if "nanoserver" in text.partition("\n")[0] else "windowsservercore"
    path = f"1.2/windows/{kind}-ltsc2022/Dockerfile" if "someone" not in text else None
    before = review(parse(text.encode()), path=path)
    assert {(finding.rule, finding.line) for finding in before} == expected
    fixed = fix_file(Reviewed(parse(text.encode()), path))
    after = review(parse(fixed.data), path=path)
    assert {finding.rule for finding in after} <= {finding.rule for finding in before}


def test_curl_under_powershell_is_called_by_its_name() -> None:
    text = PS + "RUN curl -fsSL -o r.zip https://example.org/redis-2.8.2400.zip; Remove-Item r.zip\n" + CMD
    fixed = fix_file(Reviewed(parse(text.encode()))).data.decode()
    assert "curl.exe -fsSL -o r.zip" in fixed
    assert "unverified-download" in {f.rule for f in review(parse(fixed.encode()))}


def test_a_label_that_names_the_series_is_no_mismatch() -> None:
    text = PS + 'LABEL Version="2.8"\nENV REDIS_VERSION=2.8.2400\n' + CMD
    assert review(parse(text.encode())) == ()


def test_a_text_in_single_quotes_is_formatted() -> None:
    text = PS + "RUN setx /M PATH '%PATH%;C:\\app'\n" + CMD
    (finding,) = review(parse(text.encode()))
    assert "('C:\\app;{0}' -f $env:PATH)" in finding.message
