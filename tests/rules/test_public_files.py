"""Kinds that a second set of public Windows Dockerfiles showed: what is said of them, and what is not."""

from __future__ import annotations

import pytest

from contrib.dockerfile import parse
from contrib.rules.review import Reviewed, fix_file, review
from contrib.values.findings import Finding

SC = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
NS = "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n"
PS = 'SHELL ["powershell", "-Command", "$ErrorActionPreference = \'Stop\'; $ProgressPreference = \'SilentlyContinue\';"]\n'
SHA = "24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d"
ENV = f"ENV APP_VERSION=1.2.3 APP_SHA256={SHA}\n"
GET = "RUN Invoke-WebRequest https://example.org/app-1.2.3.zip -OutFile a.zip; "

#: (name, rule, text): the rule is silent.
SILENT = [
    ("PowerShell from its own image", "powershell-in-nanoserver", NS + 'ENV PSHOME="C:\\\\ps"\nCOPY --from=mcr.microsoft.com/powershell:x $PSHOME $PSHOME\nSHELL ["pwsh", "-Command"]\n'),
    ("PowerShell in the stage below", "powershell-in-nanoserver", "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022 AS a\nCOPY --from=x /pwsh /pwsh\nFROM a\nENTRYPOINT [\"pwsh\", \"-c\", \"app\"]\n"),
    ("somebody's base", "powershell-in-nanoserver", 'FROM someone/agent:1.0-nanoserver-ltsc2022\nENTRYPOINT ["pwsh.exe", "-f", "C:/a.ps1"]\n'),
    ("a script named start", "stop-not-heard", SC + PS + "CMD .\\start -Verbose\n"),
    ("a directory that goes to the root", "copied-binary", SC + PS + "COPY media /\nRUN .\\media.exe /x:setup; .\\setup\\setup.exe /q\n"),
    ("no address", "moving-download-url", SC + PS + 'ARG URL="Provided by the build"\nRUN Invoke-WebRequest $env:URL -OutFile a.zip\n'),
    ("help is asked for", "no-post-install-check", SC + PS + GET + "Expand-Archive a.zip C:\\app; C:\\app\\app help\n"),
    ("a program named by a variable", "no-post-install-check", SC + 'RUN curl -fSLo a.zip https://example.org/a-1.0.zip && tar -xf a.zip && del a.zip && "%ProgramFiles%\\a\\a" --version\n'),
    ("a shell that the image starts", "no-post-install-check", SC + 'COPY --from=x /ps /ps\nRUN pwsh -Command "exit 0"\nCMD ["pwsh.exe"]\n'),
    ("waits for the program", "keep-alive-loop", SC + PS + "CMD do { sleep 1 } while (Get-Process app)\n"),
    ("nats by its own name", "override-cmd", NS + 'COPY --from=nats:2.10.0-windowsservercore-ltsc2022 C:/x.exe x.exe\nENTRYPOINT ["gnatsd"]\n'),
    ("a pipeline inside another shell", "missing-error-preference", SC + 'RUN curl -fSLo a.exe https://example.org/a-1.0.exe && powershell -Command "Remove-Item C:\\x"\n'),
    ("a file beside a program", "install-path-with-spaces", SC + PS + "RUN Copy-Item a.json 'C:\\Program Files\\App\\'\n"),
    ("ProgramFiles itself", "install-path-with-spaces", NS + 'ENV ProgramFiles="C:\\\\Program Files"\n'),
    ("the hash in a condition", "unverified-download", SC + PS + ENV + GET + "if (-not (certutil -hashfile a.zip sha256 | Select-String $env:APP_SHA256 -Quiet)) { exit 1 }\n"),
    ("the hash in a switch", "unverified-download", SC + PS + ENV + GET + "switch ((Get-FileHash a.zip).Hash) { $env:APP_SHA256 { 'ok' } default { exit 1 } }\n"),
    ("the hash in for /f", "unverified-download", SC + ENV + 'RUN curl -fSLo a.zip https://example.org/a.zip && for /f "skip=1" %h in (\'certutil -hashfile a.zip SHA256\') do (if not "%h"=="%APP_SHA256%" exit 1)\n'),
    ("a variable that holds /M", "setx-without-machine", NS + 'ARG SETX=/M\nUSER ContainerAdministrator\nRUN setx %SETX% PATH "%PATH%;C:\\app"\nUSER ContainerUser\n'),
    ("somebody's user", "nanoserver-needs-administrator", 'FROM someone/base:8-nanoserver\nRUN setx /M A b\n'),
    ("a version in parts", "hard-coded-version", SC + PS + "ENV MAJOR=1 MINOR=2.3\nRUN Invoke-WebRequest ('https://e.org/a-{0}.{1}.zip' -f $env:MAJOR, $env:MINOR) -OutFile a.zip; Remove-Item a.zip\n"),
    ("another version is declared", "hard-coded-version", SC + PS + "ENV APP_VERSION=1.2.4\n" + GET + "Remove-Item a.zip\n"),
    ("a variable without a value", "unverified-download", SC + PS + "ENV APP_URL=\nRUN Invoke-WebRequest $env:APP_URL -OutFile a.zip; Expand-Archive a.zip\n"),
    ("an escaped space", "unread-shell", "# escape=`\n" + SC + "RUN powershell -Command $x = ( `\n  (Get-Content a ^| Where-Object { $_ -match ('b')` + 'c' }) -split ' ' `\n  )[0]\n"),
]  # fmt: skip

#: (name, rule, line, words of the message, text)
SAID = [
    ("gem's -v asks nothing", "no-post-install-check", 2, "", SC + "RUN choco install -y ruby --version 3.1 && gem install app -v 1.0\n"),
    ("installed in the stage below", "no-post-install-check", 3, "", "FROM mcr.microsoft.com/windows/servercore:ltsc2022 AS a\nSHELL [\"powershell\", \"-Command\"]\nRUN Invoke-WebRequest https://e.org/a-1.0.zip -OutFile a.zip; Expand-Archive a.zip\nFROM a\nCMD [\"a\"]\n"),
    ("the tag alone is open", "base-not-allowed", 2, "gcr.io/x/core", "ARG V\nFROM gcr.io/x/core:1.0-${V} AS core\n" + NS),
    ("an address that is not known", "unverified-download", 3, "`$u`", SC + PS + "RUN if ($env:A) { $u = f } else { $u = g }; Invoke-WebRequest $u -OutFile a.zip; Expand-Archive a.zip\n"),
    ("all that are fetched", "unverified-download", 3, "`https://e.org/a-1.zip` and `https://e.org/b-1.zip` are not compared", SC + PS + "RUN Invoke-WebRequest https://e.org/a-1.zip -OutFile a.zip; Invoke-WebRequest https://e.org/b-1.zip -OutFile b.zip\n"),
    ("the digest is fetched", "unverified-download", 3, "fetched in the build", SC + PS + "RUN Invoke-WebRequest https://e.org/a-1.zip -OutFile a.zip; Invoke-WebRequest https://e.org/a-1.zip.sha256 -OutFile a.sha; if ((Get-FileHash a.zip).Hash -ne (Get-Content a.sha)) { exit 1 }\n"),
    ("HttpClient", "unverified-download", 3, "", SC + PS + "RUN [IO.File]::WriteAllBytes('C:\\a.zip', [Net.Http.HttpClient]::new().GetByteArrayAsync('https://e.org/a-1.zip').Result); Expand-Archive C:\\a.zip\n"),
    ("a loop of cmd", "unverified-download", 2, "a-1.zip` and `https://e.org/b-1.zip`", SC + "RUN for %i in (a b) do curl -fSLo %i.zip https://e.org/%i-1.zip\n"),
    ("cmd /K", "keep-alive-loop", 2, "stays open", SC + 'ENTRYPOINT ["cmd", "/k", "app.exe"]\n'),
    ("cmd /K in shell form", "keep-alive-loop", 2, "stays open", SC + "CMD cmd /k app.exe\n"),
    ("-NoExit", "keep-alive-loop", 2, "stays open", SC + 'ENTRYPOINT ["powershell", "-NoExit", "-File", "C:/a.ps1"]\n'),
    ("the label and the package", "version-mismatch", 2, "1.1", SC + 'LABEL Version="1.1"\nRUN gem install app -v 1.2.6\nCMD ["app"]\n'),
    ("an installer that a later RUN uses up", "layer-keeps-archive", 2, "`a.exe`", SC + "COPY a.exe C:/\nRUN C:\\a.exe /x\nRUN del C:\\a.exe\n"),
    ("and one of another stage", "layer-keeps-archive", 3, "`redist.exe`", "FROM mcr.microsoft.com/windows/servercore:ltsc2022 AS a\n" + SC + "COPY --from=a /redist.exe /redist.exe\nRUN C:\\redist.exe /quiet && del C:\\redist.exe\n"),
    ("start does not wait", "installer-not-waited", 2, "`start` without `/w`", SC + "RUN start setup.exe /quiet\n"),
    ("WaitForExit", "installer-result-unchecked", 3, "", SC + PS + "RUN $p = Start-Process setup.exe -ArgumentList '/quiet' -PassThru; $p.WaitForExit()\n"),
    ("HKCU", "setx-without-machine", 2, "HKCU", SC + "RUN reg add HKCU\\Environment /v X /d y /f\n"),
    ("one RUN, three shells", "missing-error-preference", 2, "the RUN at line 2", SC + 'RUN powershell -Command "a; b" && powershell -Command "c; d"\n'),
    ("a script of another shell", "entrypoint-script", 2, "start.sh", SC + 'CMD ["/app/start.sh"]\n'),
    ("& where the shell is not known", "cmd-ignores-failure", 2, "", "FROM someone/base:1.0-nanoserver-ltsc2022\nRUN git clone https://e.org/a.git & cd a\n"),
    ("other languages", "unpinned-package", 2, "`rake`, `x`", SC + "RUN gem install rake && cargo install x\n"),
    ("taken apart by another program", "hard-coded-version", 3, "`APP_VERSION=1.2.3`", SC.replace("\n", " AS a\n") + PS + "ENV APP_VERSION=1.2.3\nRUN Invoke-WebRequest https://e.org/app-1.2.3.exe -OutFile a.exe; C:\\un.exe a.exe\n" + NS + "COPY --from=a /x /x\n"),
    ("a package of another stage", "hard-coded-version", 2, "`RUBY_VERSION=3.1.0`", SC.replace("\n", " AS a\n") + "ENV RUBY_VERSION=3.1.0\nRUN choco install -y ruby --version %RUBY_VERSION%\n" + SC + "COPY --from=a /tools/ruby31 /ruby\n"),
    ("a script that a directory brings to the root", "opaque-install-script", 3, "`Set-Acl.ps1`", SC + "COPY . .\nRUN powershell .\\Set-Acl.ps1\n"),
    ("npm's latest", "unpinned-package", 2, "`a@latest`", SC + "RUN npm install -g a@latest b@1.0.0\n"),
]  # fmt: skip


def found(rule: str, text: str) -> list[Finding]:
    path = f"1.2/windows/{'nanoserver' if text.startswith(NS) else 'windowsservercore'}-ltsc2022/Dockerfile"
    return [finding for finding in review(parse(text.encode(), path), path=path) if finding.rule == rule]


@pytest.mark.parametrize(("rule", "text"), [pytest.param(*case[1:], id=case[0]) for case in SILENT])
def test_silent(rule: str, text: str) -> None:
    assert [finding.message for finding in found(rule, text)] == []


@pytest.mark.parametrize(
    ("rule", "line", "words", "text"), [pytest.param(*case[1:], id=case[0]) for case in SAID]
)
def test_said(rule: str, line: int, words: str, text: str) -> None:
    (finding,) = found(rule, text)
    assert finding.line == line and words in finding.message


def test_a_path_with_a_space_is_reported_once() -> None:
    text = (
        SC
        + PS
        + "RUN New-Item -ItemType Directory 'C:\\Program Files\\App\\data'\n"
        + 'ENV APP_HOME="C:\\\\Program Files\\\\App"\nCMD ["C:\\\\Program Files\\\\App\\\\app.exe"]\n'
    )
    (finding,) = found("install-path-with-spaces", text)
    assert finding.line == 3


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a stage that is only copied from", SC.replace("\n", " AS a\n") + PS + GET + "Remove-Item a.zip\n" + NS + "COPY --from=a /x /x\n"),
        ("two versions of one product", SC + PS + GET + "Remove-Item a.zip\nRUN Invoke-WebRequest https://example.org/app-2.0.0.zip -OutFile a.zip; Remove-Item a.zip\n"),
    ],
)  # fmt: skip
def test_a_version_is_written_only_where_it_helps(name: str, text: str) -> None:
    fixed = fix_file(Reviewed(parse(text.encode())))
    assert b"ENV APP_VERSION" not in fixed.data, name


def test_what_an_installer_is_given_stays_as_it_is() -> None:
    call = ".\\setup\\setup.exe /q /ACCOUNT='NT AUTHORITY\\System'"
    fixed = fix_file(Reviewed(parse((SC + PS + f"RUN {call} ; app --version\n").encode())))
    assert f"RUN {call} | Out-Null ; app --version".encode() in fixed.data


def test_administrators_rights_are_given_back_after_the_last_run_that_needs_them() -> None:
    text = NS + "USER ContainerAdministrator\nRUN setx /M A b\nRUN setx /M C d\nRUN app\n"
    fixed = fix_file(Reviewed(parse(text.encode())))
    assert fixed.data.decode().endswith("RUN setx /M C d\nUSER ContainerUser\nRUN app\n")
