"""The cases that the catalogue names: what a rule says nothing of, and what it says milder."""

from __future__ import annotations

import pytest

from contrib.dockerfile import parse
from contrib.rules.review import review
from contrib.values.findings import Finding

SC = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
OLD = "FROM microsoft/windowsservercore\n"
NS = "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n"
PS = (
    'SHELL ["powershell", "-Command", '
    "\"$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';\"]\n"
)
HEX = "24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d"
COMMIT = "33ae08ff08d168572df2956ed14fbc4949880d94"
GET = "RUN Invoke-WebRequest -Uri https://example.org/app-1.2.3.zip -OutFile app.zip; "


def found(rule: str, text: str, path: str | None = None) -> list[Finding]:
    file = parse(text.encode())
    return [finding for finding in review(file, path=path) if finding.rule == rule]


def levels(rule: str, text: str, path: str | None = None) -> list[tuple[int | None, str]]:
    return [(finding.line, finding.severity.value) for finding in found(rule, text, path)]


#: (rule, file) that raise nothing of the rule.
SILENT: list[tuple[str, str]] = [
    # -- base image
    ("retired-base-repository", "FROM golang:1.26-windowsservercore-ltsc2022\n"),
    ("base-not-allowed", "FROM golang:1.26-nanoserver-ltsc2022\n"),
    ("base-not-allowed", "FROM library/golang:1.26-nanoserver-ltsc2022\n"),
    ("base-not-allowed", SC.replace("\n", " AS base\n") + "FROM base\n"),
    ("base-not-allowed", SC + "COPY --from=0 a b\n"),
    ("base-not-allowed", "FROM mcr.microsoft.com/windows/servercore:1809\n"),
    ("base-not-allowed", "FROM mcr.microsoft.com/windows/servercore\n"),
    ("base-not-allowed", "FROM microsoft/dotnet:2-nanoserver\n"),
    ("moving-base-tag", "FROM golang:1.26-windowsservercore-ltsc2022\n"),
    ("moving-base-tag", "FROM mcr.microsoft.com/windows/servercore@sha256:" + HEX + "\n"),
    ("eol-base", SC),
    ("mixed-base-release", NS + "COPY --from=app:1.2.3-windowsservercore-ltsc2022 a b\n"),
    ("mixed-base-release", NS + "COPY --from=app:1.2.3 a b\n"),
    (
        "mixed-base-release",
        "FROM mcr.microsoft.com/windows/nanoserver:1809\nCOPY --from=app:1.2.3-windowsservercore-ltsc2019 a b\n",
    ),
    ("copy-from-moving-tag", NS + "COPY --from=app:1.2.3-windowsservercore-ltsc2022 a b\n"),
    ("copy-from-moving-tag", NS + "ENV GOLANG_VERSION 1.20\nCOPY --from=golang:1.20-windowsservercore-ltsc2022 a b\n"),
    ("copy-from-moving-tag", "FROM golang:1.26-windowsservercore-ltsc2022\nRUN go version\n"),
    ("copy-from-moving-tag", NS + "COPY --from=app@sha256:" + HEX + " a b\n"),
    ("multi-stage-build", "FROM app:1.2.3-windowsservercore-ltsc2022 AS base\n" + NS + "COPY --from=base a b\n"),
    ("cmd-variable-in-powershell", SC + PS + "RUN [Environment]::ExpandEnvironmentVariables('%ProgramData%\\x')\n"),
    ("moving-download-url", SC + PS + "RUN Invoke-WebRequest https://example.org/2024-01-15/app.zip -OutFile a.zip\n"),
    ("hard-coded-version", SC + PS + "RUN '1.0', '2.0' | % { Invoke-WebRequest https://example.org/app-$_.zip -OutFile a.zip; Remove-Item a.zip }\n"),
    ("wget-alias", SC + PS + 'RUN cmd /S /C "curl -fsSL -o a.zip https://example.org/a-1.2.3.zip"\n'),
    ("unescaped-backslash", SC + "COPY app C:\\\\\nWORKDIR C:\\\\app\n"),
    ("unescaped-backslash", SC + "RUN dir \\\n\tC:\\Windows\n"),
    ("unescaped-backslash", "# escape=`\n" + SC + "COPY app C:\\\nWORKDIR C:\\app\n"),
    ("install-path-with-spaces", SC + 'ENTRYPOINT ["powershell", ".\\\\start.ps1", "C:\\\\app.exe --port 80"]\n'),
    ("install-path-with-spaces", SC + "WORKDIR /app\n"),
    # downloaded into the directory that COPY fills: it does not come from the build context
    ("copied-binary", SC + PS + "WORKDIR C:/w\nCOPY files/* C:/w/\n" + GET + "Expand-Archive app.zip\n"),
    ("malformed-checksum", SC + f"RUN curl -fo a.zip https://example.org/a-1.2.3.zip && certutil -hashfile a.zip SHA256 | findstr {HEX[:16]}\n"),
    ("malformed-checksum", SC + PS + GET + f"if ((Get-FileHash app.zip).Hash -notlike '*{HEX}*') {{ exit 1 }}\n"),
    # -- nanoserver
    ("powershell-in-nanoserver", "FROM microsoft/nanoserver\n" + PS + "RUN Get-Item x\n"),
    ("powershell-in-nanoserver", "FROM microsoft/nanoserver:sac2016\n" + PS + "RUN Get-Item x\n"),
    ("powershell-in-nanoserver", NS + 'CMD ["app"]\n'),
    ("powershell-in-nanoserver", NS + "RUN echo powershell\n"),
    ("nanoserver-needs-administrator", NS + "RUN mkdir C:\\config && mkdir C:\\data\n"),
    ("nanoserver-needs-administrator", NS + "COPY --from=app:1.2.3-nanoserver-ltsc2022 a C:\\\\Windows\\\\System32\\\\\n"),
    ("nanoserver-needs-administrator", SC + 'RUN setx /M PATH "C:\\app;%PATH%"\n'),
    ("nanoserver-needs-administrator", NS + 'USER ContainerAdministrator\nRUN setx /m PATH "C:\\app;%PATH%"\n'),
    ("nanoserver-needs-administrator", NS + "RUN curl -fsSL -o C:\\etc\\app\\conf https://example.org/conf\n"),
    ("user-not-restored", SC + "USER ContainerAdministrator\n"),
    ("user-not-restored", NS + "USER ContainerAdministrator\nUSER ContainerUser\n"),
    ("partial-runtime-libraries", SC + "COPY --from=app:1.2.3-windowsservercore-ltsc2022 C:\\\\Windows\\\\System32\\\\msvcp140.dll C:\\\\\n"),
    # -- shell and errors
    ("missing-error-preference", SC + 'SHELL ["powershell"]\nRUN New-Item C:\\app\n'),
    ("missing-error-preference", SC + 'SHELL ["powershell"]\nRUN $ErrorActionPreference = \'Stop\'; New-Item a; New-Item b\n'),
    ("missing-error-preference", SC + "RUN powershell -Command \"$ErrorActionPreference = 'Stop'; New-Item a; New-Item b\"\n"),
    ("missing-error-preference", SC + "RUN mkdir a && mkdir b\n"),
    ("missing-error-preference", SC + 'SHELL ["powershell"]\nRUN Set-StrictMode -Version 2; $ErrorActionPreference = \'Stop\'; New-Item a; New-Item b\n'),
    ("missing-error-preference", SC + "SHELL [\"powershell\", \"-NoProfile\", \"-Command\", \"$ErrorActionPreference='Stop'\"]\nRUN New-Item a; New-Item b\n"),
    ("missing-error-preference", SC + 'SHELL ["powershell"]\nRUN Write-Host 1; Write-Host 2; New-Item a\n'),
    ("missing-progress-preference", SC + PS.replace("powershell", "pwsh").replace("SilentlyContinue", "Continue") + GET + "\n"),
    ("missing-progress-preference", SC + PS.replace("; $ProgressPreference = 'SilentlyContinue'", "") + "RUN (New-Object System.Net.WebClient).DownloadFile('https://example.org/a-1.2.3.zip', 'a.zip')\n"),
    ("missing-progress-preference", SC + PS.replace("; $ProgressPreference = 'SilentlyContinue'", "") + "RUN curl.exe -o a https://example.org/a-1.2.3.zip\n"),
    ("missing-progress-preference", SC + "RUN powershell -Command $ProgressPreference = 'SilentlyContinue'; Invoke-WebRequest -Uri https://e.org/a -OutFile a\n"),
    ("wget-alias", SC + PS + "RUN curl.exe -o a.zip https://example.org/a-1.2.3.zip\n"),
    ("wget-alias", NS + "RUN curl -fsSL -o a https://example.org/a\n"),
    ("wget-alias", SC + PS.replace("powershell", "pwsh") + "RUN curl -o a https://example.org/a\n"),
    ("powershell-per-run", SC + PS + "RUN powershell -Command New-Item a\n"),
    ("cmd-variable-in-powershell", SC + PS + "RUN Get-ChildItem | % { $_.Name }\n"),
    ("cmd-variable-in-powershell", SC + PS + "RUN Write-Host 'https://example.org/a%20b%20c'\n"),
    ("cmd-variable-in-powershell", SC + 'RUN powershell -Command "Write-Host %PATH%"\n'),
    ("cmd-variable-in-powershell", SC + 'RUN setx /M PATH "C:\\app;%PATH%"\n'),
    ("cmd-variable-in-powershell", "FROM golang:1.26.1-windowsservercore-ltsc2022\nRUN git clone $env:URL\n"),
    ("setx-without-machine", SC + "RUN setx APP 1 /M\n"),
    ("setx-without-machine", SC + "RUN setx /m APP 1\n"),
    ("setx-without-machine", SC + PS + "RUN [Environment]::SetEnvironmentVariable('A', 'b', [EnvironmentVariableTarget]::Machine)\n"),
    ("setx-without-machine", SC + PS + "RUN [Environment]::SetEnvironmentVariable('A', 'b'); app\n"),
    ("env-path", SC + "ENV APP_PATH C:\\\\app;$PATH\n"),
    ("state-lost-between-runs", SC + PS + "RUN Set-Location C:\\app; New-Item a\n"),
    ("state-lost-between-runs", SC + "RUN cd C:\\app && app --version\n"),
    ("state-lost-between-runs", SC + PS + "RUN Write-Host 'hello'\n"),
    ("state-lost-between-runs", SC + PS + "RUN Set-ExecutionPolicy Bypass\n"),
    # -- Docker's own syntax
    ("unescaped-backslash", SC + "WORKDIR C:/data\n"),
    ("unescaped-backslash", SC + "WORKDIR C:\\\\data\n"),
    ("unescaped-backslash", SC + 'WORKDIR "C:\\data"\n'),
    ("unescaped-backslash", SC + "RUN mkdir C:\\data\n"),
    ("unescaped-backslash", "# escape=`\n" + SC + "WORKDIR C:\\data\n"),
    ("unescaped-backslash", NS + "COPY --from=app:1.2.3-nanoserver-ltsc2022 \\\n\tC:\\\\a.dll \\\n\tC:\\\\Windows\\\\\n"),
    ("unescaped-backslash", SC + 'COPY ["C:\\\\a", "C:\\\\b"]\n'),
    ("unescaped-backslash", SC + "ENV A=a\\ b\n"),
    ("unescaped-backslash", SC + PS + "RUN [Net.ServicePointManager]::SecurityProtocol = 'C:\\x'\n"),
    ("escape-directive", "# escape=\\\n" + SC),
    ("buildkit-only-syntax", SC + "COPY --from=app:1.2.3-nanoserver-ltsc2022 --chown=a a b\n"),
    ("buildkit-only-syntax", SC + "ADD https://example.org/a.zip a.zip\n"),
    # -- downloads
    ("unverified-download", SC + PS + f"RUN Invoke-WebRequest -Uri https://example.org/raw/{COMMIT}/Caddyfile -OutFile C:\\Caddyfile\n"),
    ("unverified-download", NS + f"RUN curl -fsSL -o C:\\Caddyfile https://example.org/raw/{COMMIT}/Caddyfile\n"),
    ("unverified-download", SC + PS + GET + f"if (!(Get-FileHash -Path app.zip -Algorithm SHA256).Hash.ToLower().Equals('{HEX}')) {{ exit 1 }}; Expand-Archive app.zip\n"),
    ("unverified-download", SC + PS + GET + f"$h = (Get-FileHash app.zip).Hash; if ($h -ne '{HEX}') {{ throw 'bad' }}; Expand-Archive app.zip\n"),
    ("unverified-download", SC + PS + GET + f"if ((Get-FileHash app.zip).Hash -eq '{HEX}') {{ Write-Host ok }} else {{ exit 1 }}\n"),
    ("unverified-download", SC + PS + GET + f"if (-not ((Get-FileHash .\\app.zip).Hash -eq '{HEX}')) {{ Write-Error 'bad' }}\n"),
    ("unverified-download", SC + f"ENV A_SHA={HEX}\n" + PS + GET + "if ($env:A_SHA) { if ((Get-FileHash app.zip).Hash -ne $env:A_SHA) { exit 1 } }\n"),
    ("unverified-download", SC + PS + GET + "gpg --batch --verify app.zip.asc app.zip\n"),
    ("unverified-download", SC + f"RUN curl -o a.zip https://example.org/a-1.2.3.zip && certutil -hashfile a.zip SHA256 | findstr /i {HEX} || exit 1\n"),
    ("unverified-download", SC + f"ADD --checksum=sha256:{HEX} https://example.org/a-1.2.3.zip a.zip\n"),
    ("ineffective-verification", SC + PS + GET + f"if ((Get-FileHash app.zip).Hash -ne '{HEX}') {{ exit 1 }}; Expand-Archive app.zip\n"),
    ("malformed-checksum", SC + PS + GET + f"if ((Get-FileHash app.zip).Hash -ne '{HEX.upper()}') {{ exit 1 }}\n"),
    ("empty-variable", SC + "ARG APP_VERSION\nRUN echo %APP_VERSION%\n"),
    ("empty-variable", SC + 'ENV APP_SHA256=\n' + PS + "RUN if ($env:APP_SHA256) { Write-Host $env:APP_SHA256 }\n"),
    ("empty-variable", SC + 'ENV APP_URL=""\nRUN echo hello\n'),
    ("plain-http-download", SC + "# http://example.org\nLABEL url=http://example.org\nRUN echo http://example.org\n"),
    ("moving-download-url", SC + PS + GET + "\n"),
    ("moving-download-url", SC + PS + f"RUN Invoke-WebRequest https://example.org/latest/app.zip -OutFile app.zip; if ((Get-FileHash app.zip).Hash -ne '{HEX}') {{ exit 1 }}\n"),
    ("tls12-not-set", SC + PS + GET + "\n"),
    ("tls12-not-set", "FROM mcr.microsoft.com/windows/servercore:1809\n" + PS + GET + "\n"),
    ("tls12-not-set", OLD + PS + "RUN [Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12; " + GET[4:] + "\n"),
    ("tls12-not-set", OLD + "RUN curl.exe -o a.zip https://example.org/a-1.2.3.zip\n"),
    ("hard-coded-version", SC + "ENV APP_VERSION v1.2.3\n" + PS + GET + "\n"),
    ("hard-coded-version", SC + "ENV V=3.15.0b3\n" + PS + "RUN Invoke-WebRequest https://e.org/3.15.0/python-3.15.0b3.exe -OutFile a.exe\n"),
    ("hard-coded-version", SC + PS + f"RUN Invoke-WebRequest https://e.org/{COMMIT}/1.2.3/conf -OutFile conf\n"),
    ("version-mismatch", SC + "ENV DOCKER_VERSION 29.7.2\nENV DOCKER_BUILDX_VERSION 0.36.1\nENV DOCKER_BUILDX_URL https://e.org/v0.36.1/buildx-v0.36.1.exe\n" + PS + "RUN Invoke-WebRequest $env:DOCKER_BUILDX_URL -OutFile b.exe\n"),
    ("version-mismatch", SC + "ENV XCADDY_VERSION=v0.4.5\nENV CADDY_VERSION=v2.11.2\n" + PS + "RUN Invoke-WebRequest https://e.org/v0.4.5/xcaddy_0.4.5_windows_amd64.zip -OutFile x.zip\n"),
    ("version-mismatch", SC + "ENV PYTHON_VERSION 3.15.0b3\n" + PS + "RUN Invoke-WebRequest https://e.org/3.15.0/python-3.15.0b3-amd64.exe -OutFile p.exe\n"),
    ("version-mismatch", NS + "COPY --from=caddy:2.11.2-windowsservercore-ltsc2022 a b\nLABEL org.opencontainers.image.version=v2.11.2\n"),
    ("unpinned-package", SC + "ENV W 1.2\n" + PS + "RUN pip install ('wheel=={0}' -f $env:W)\n"),
    ("unpinned-package", SC + "RUN choco install -y git --version=2.48.1\n"),
    ("unpinned-package", SC + "RUN npm install -g yarn@1.22.22 @scope/x@2.0.0\n"),
    ("unpinned-package", SC + "RUN npm install\n"),
    ("unpinned-package", SC + PS + "RUN Install-Module -Name Pester -RequiredVersion 5.5.0\n"),
    ("unpinned-package", SC + "RUN pip --version\n"),
    ("unpinned-package", SC + "RUN pip install -r requirements.txt\n"),
    ("pip-replaces-itself", SC + "RUN python -m pip install pip==9.0.1\n"),
    ("pip-replaces-itself", SC + "RUN pip install pipenv==1.0\n"),
    ("copied-binary", SC + "COPY app.conf C:\\\\app\\\\\n"),
    ("copied-binary", NS + "COPY --from=app:1.2.3-nanoserver-ltsc2022 app.exe C:\\\\\n"),
    # -- installing
    ("windows-service", SC + PS + "RUN Start-Process msiexec -Wait -ArgumentList @('/i', 'm.msi', 'ADDLOCAL=Router,ServerNoService')\n"),
    ("windows-service", SC + "RUN choco install git --version=1.2.3\n"),
    ("windows-service", SC + PS + "RUN Set-Service wuauserv -StartupType Disabled\n"),
    ("windows-service", SC + PS + "RUN sc C:\\a.txt hello\n"),
    ("windows-service", SC + "RUN npm install --install x@1.0.0\n"),
    ("installer-not-waited", SC + PS + "RUN msiexec /i a.msi /qn | Out-Null\n"),
    ("installer-not-waited", SC + PS + "RUN $p = Start-Process msiexec -PassThru -ArgumentList '/i', 'a.msi'; $p.WaitForExit()\n"),
    ("installer-not-waited", SC + "RUN msiexec /i a.msi /qn\n"),
    ("installer-not-waited", SC + PS + "RUN Start-Process notepad\n"),
    ("installer-result-unchecked", SC + PS + "RUN Start-Process msiexec -Wait -ArgumentList '/i', 'a.msi'; if (-not (Test-Path C:\\app\\app.exe)) { exit 1 }\n"),
    ("installer-leftovers", SC + PS + "RUN Start-Process msiexec -Wait -ArgumentList '/i', 'a.msi', '/l*v', 'install.log'; Remove-Item install.log; Remove-Item C:\\windows\\installer\\*.msi -Force\n"),
    ("layer-keeps-archive", SC + PS + GET + "Expand-Archive app.zip; Remove-Item *.zip\n"),
    ("layer-keeps-archive", SC + PS + GET + "Expand-Archive app.zip; Remove-Item @('app.zip', 'other') -Force\n"),
    ("layer-keeps-archive", SC + PS + GET + "Expand-Archive app.zip; Get-ChildItem *.zip | Remove-Item\n"),
    ("layer-keeps-archive", SC + PS + "RUN Invoke-WebRequest https://e.org/app-1.2.3.exe -OutFile C:\\app\\app.exe\n"),
    ("layer-keeps-archive", SC + "RUN curl -o C:\\a.zip https://e.org/a-1.2.3.zip && tar -xf C:\\a.zip && del C:\\a.zip\n"),
    ("no-post-install-check", SC + PS + GET + "Expand-Archive app.zip; app --version\n"),
    ("no-post-install-check", NS + 'COPY --from=app:1.2.3-nanoserver-ltsc2022 a b\nRUN ["app", "version"]\n'),
    ("no-post-install-check", SC + "COPY app.conf C:\\\\app\\\\\n"),
    ("install-path-with-spaces", SC + "LABEL description=\"C:\\\\Program Files\\\\App is here\"\n"),
    ("install-path-with-spaces", SC + "ENV OPTS=\"-Dx=C:\\\\tmp -Dy\"\n"),
    ("moving-download-url", SC + PS + "RUN Write-Host (Invoke-WebRequest https://example.org/latest/a).StatusCode\n"),
    ("unverified-download", SC + PS + "RUN Write-Host (Invoke-WebRequest https://example.org/a-1.2.3).StatusCode\n"),
    ("multi-stage-build", "FROM app:1.2.3-windowsservercore-ltsc2022 AS a\nADD a.conf b\nENV A=1\n" + NS + "COPY --from=a a b\n"),
    ("no-post-install-check", SC.replace("\n", " AS a\n") + PS + GET + "Expand-Archive app.zip\n" + SC + "COPY a.conf b\n"),
    ("no-post-install-check", NS + "COPY --from=app:1.2.3-nanoserver-ltsc2022 a.dll b\n"),
    # -- running
    ("shell-form-cmd", SC + 'CMD ["app.exe"]\nENTRYPOINT []\n'),
    ("keep-alive-loop", SC + PS + "RUN Start-Sleep 1; while ($true) { break }\n"),
    ("keep-alive-loop", SC + 'CMD ["app.exe", "timeout"]\n'),
    ("entrypoint-script", SC + 'CMD ["powershell"]\n'),
    ("entrypoint-script", SC + 'CMD ["app.exe", "config.ps1"]\n'),
    ("healthcheck", SC + "HEALTHCHECK NONE\n"),
    ("legacy-env-format", SC + "ENV A=1 B=2\n"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "text"), SILENT, ids=[f"{n}-{rule}" for n, (rule, _) in enumerate(SILENT)])
def test_silent(rule: str, text: str) -> None:
    assert found(rule, text) == []


#: (rule, file, [(line, severity) …]).
SAID: list[tuple[str, str, list[tuple[int, str]]]] = [
    ("shell-form-cmd", SC + 'CMD ["cmd", "/k", "app.exe"]\n', [(2, "warning")]),
    ("keep-alive-loop", SC + 'CMD ["cmd", "/k", "app.exe"]\n', [(2, "error")]),
    ("unverified-download", SC + "RUN curl -fsSL https://example.org/app-1.2.3.tar.gz | tar -xzf - -C C:\\app\n", [(2, "error")]),
    ("moving-download-url", SC + "RUN curl -fsSL https://example.org/app.tar.gz | tar -xzf - -C C:\\app\n", [(2, "warning")]),
    ("moving-download-url", SC + PS + "RUN Invoke-WebRequest https://example.org/v1/install.ps1 -OutFile a.ps1\n", [(3, "warning")]),
    ("unescaped-backslash", SC + "ADD https://example.org/a-1.2.3.zip C:\\\n\n" + PS, [(2, "error")]),
    ("unescaped-backslash", SC + "COPY a b C:\\app\\  \n# why\nRUN dir\n", [(2, "error")]),
    ("install-path-with-spaces", SC + 'WORKDIR "/Program Files/App"\n', [(2, "warning")]),
    ("install-path-with-spaces", SC + "VOLUME [\"\\\\\\\\Program Files\\\\\\\\App\"]\n".replace("\\\\\\\\", "\\\\"), [(2, "warning")]),
    ("unpinned-package", SC + "RUN C:\\nodejs\\npm.cmd install -g yarn\n", [(2, "warning")]),
    ("windows-service", SC + "RUN C:\\gitlab-runner\\gitlab-runner.exe install\n", [(2, "error")]),
    ("windows-service", SC + "RUN dockerd.exe --register-service\n", [(2, "error")]),
    ("installer-result-unchecked", SC + PS + "ARG TOOL=rtools44.exe\nCOPY $TOOL $TOOL\nRUN Start-Process $env:TOOL -ArgumentList '/verysilent' -Wait\n", [(5, "warning")]),
    ("copied-binary", SC + PS + "ADD zips C:/tmp/\nRUN Get-ChildItem C:\\tmp\\*.zip | % { Expand-Archive $_ -DestinationPath C:\\app }\n", [(3, "warning")]),
    ("copied-binary", SC + PS + "ADD zips C:/tmp/\nRUN Get-ChildItem C:\\tmp -Filter *.zip | ForEach-Object { Expand-Archive $_.FullName C:\\app }\n", [(3, "warning")]),
    ("malformed-checksum", SC + PS + GET + f"if ((Get-FileHash app.zip).Hash -ne '{HEX[:16]}') {{ exit 1 }}\n", [(3, "error")]),
    # -- base image
    ("retired-base-repository", "FROM windowsservercore\n", [(1, "error")]),
    ("retired-base-repository", SC + "COPY --from=microsoft/nanoserver:1709 a b\n", [(2, "error")]),
    ("base-not-allowed", "FROM mcr.microsoft.com/windows/servercore:10.0.20348.1\n", [(1, "error")]),
    ("base-not-allowed", SC + "COPY --from=someone/app:1-nanoserver a b\n", [(2, "error")]),
    ("moving-base-tag", "FROM mcr.microsoft.com/windows/nanoserver:latest\n", [(1, "error")]),
    ("eol-base", "FROM golang:1.20-nanoserver-1809\n", [(1, "error")]),
    ("eol-base", "ARG BASE=mcr.microsoft.com/windows/servercore:1809\nFROM $BASE AS a\nFROM a\n", [(2, "error")]),
    ("eol-base", NS + "COPY --from=golang:1.20.3-windowsservercore-1809 a b\n", [(2, "error")]),
    ("mixed-base-release", SC.replace("\n", " AS a\n") + NS.replace("2022", "2025") + "COPY --from=a a b\n", [(3, "error")]),
    ("mixed-base-release", SC.replace("\n", " AS a\n") + NS.replace("2022", "2025") + "COPY --from=0 a b\n", [(3, "error")]),
    ("copy-from-moving-tag", NS + "COPY --from=app:windowsservercore-ltsc2022 a b\n", [(2, "warning")]),
    ("copy-from-moving-tag", "FROM app:2.1-windowsservercore-ltsc2022 AS a\n" + NS + "COPY --from=a a b\n", [(1, "warning")]),
    ("variable-in-image-reference", "ARG B=app:1.2.3-nanoserver-ltsc2022\nFROM $B\n", [(2, "warning")]),
    ("multi-stage-build", SC + "ADD https://example.org/a.zip a.zip\n" + NS + "COPY --from=0 a b\n", [(1, "warning")]),
    # -- nanoserver
    ("powershell-in-nanoserver", NS + "RUN powershell -Command Get-Item x\n", [(2, "error")]),
    ("powershell-in-nanoserver", NS + 'CMD ["pwsh", "-File", "a.ps1"]\n', [(2, "error")]),
    ("powershell-in-nanoserver", NS + "RUN Invoke-WebRequest https://e.org/a -OutFile a\n", [(2, "error")]),
    ("powershell-in-nanoserver", NS + PS + "RUN a\nRUN b\n", [(2, "error")]),
    ("nanoserver-needs-administrator", NS + "RUN reg add HKLM\\Software\\X /v a\n", [(2, "error")]),
    ("nanoserver-needs-administrator", NS + "RUN echo x > C:\\Windows\\a.txt\n", [(2, "error")]),
    ("nanoserver-needs-administrator", NS + "RUN mkdir \"C:\\Program Files\\App\"\n", [(2, "error")]),
    ("user-not-restored", NS + "USER ContainerAdministrator\n", [(2, "warning")]),
    # -- shell and errors
    ("missing-error-preference", SC + 'SHELL ["powershell"]\nRUN $ErrorActionPreference = \'Stop\'; New-Item a; New-Item b\nRUN New-Item a; New-Item b\n', [(2, "error")]),
    ("missing-error-preference", SC + "RUN powershell New-Item a; New-Item b\nRUN powershell New-Item c; New-Item d\n", [(2, "error")]),
    ("missing-error-preference", SC + 'SHELL ["powershell", "-Command"]\nRUN Invoke-WebRequest https://e.org/a -OutFile a\n', [(2, "error")]),
    ("missing-error-preference", SC + 'SHELL ["powershell"]\nRUN New-Item a; $ErrorActionPreference = \'Stop\'; New-Item b\n', [(2, "error")]),
    ("missing-progress-preference", SC + "RUN powershell iwr https://e.org/a -OutFile a\n", [(2, "warning")]),
    ("wget-alias", SC + PS + "RUN iwr https://e.org/a -OutFile a; \\\n\tirm https://e.org/b -OutFile b\n", [(3, "warning")]),
    ("wget-alias", SC + PS.replace("powershell", "pwsh") + "RUN iwr https://example.org/a\n", [(3, "warning")]),
    ("cmd-variable-in-powershell", SC + "RUN echo $env:PATH\n", [(2, "error")]),
    ("cmd-variable-in-powershell", SC + 'RUN ["powershell", "-Command", "setx /M PATH \'%PATH%;C:/app\'"]\n', [(2, "error")]),
    ("setx-without-machine", SC + PS + "RUN [Environment]::SetEnvironmentVariable('A', 'b', 'User')\n", [(3, "error")]),
    ("setx-without-machine", SC + PS + "RUN [Environment]::SetEnvironmentVariable('A', 'b'); app\nRUN Write-Host $env:A\n", [(3, "error")]),
    ("env-path", SC + "ENV Path=%PATH%;C:\\\\app\n", [(2, "error")]),
    ("env-path", SC + "ENV PATH C:\\\\app;${PATH}\n", [(2, "error")]),
    ("env-path", SC + "ENV PATH C:\\\\Windows\\\\System32;C:\\\\app\nENV PATH $PATH;C:\\\\b\n", [(2, "warning")]),
    ("state-lost-between-runs", SC + "RUN cd C:\\app\n", [(2, "warning")]),
    ("state-lost-between-runs", SC + "RUN set A=b\n", [(2, "warning")]),
    ("state-lost-between-runs", SC + PS + "RUN $env:PATH = 'C:\\app'\n", [(3, "warning")]),
    ("state-lost-between-runs", SC + PS + "RUN [Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12\n", [(3, "warning")]),
    ("state-lost-between-runs", SC + PS + "RUN function f { app.exe }\n", [(3, "warning")]),
    ("state-lost-between-runs", SC + PS + "RUN Set-ExecutionPolicy Bypass -Scope Process\n", [(3, "warning")]),
    ("powershell-in-nanoserver", NS + 'HEALTHCHECK CMD ["powershell", "-Command", "exit 0"]\n', [(2, "error")]),
    ("env-path", SC.replace("\n", " AS a\n") + "ENV PATH=C:\\\\a\nFROM a\nENV PATH=$PATH;C:\\\\b\n", [(2, "warning")]),
    ("tls12-not-set", OLD + PS + "RUN [Net.ServicePointManager]::SecurityProtocol = 'Ssl3'; " + GET[4:] + "\n", [(3, "warning")]),
    ("tls12-not-set", OLD + PS + GET + "[Net.ServicePointManager]::SecurityProtocol = 'Tls12'\n", [(3, "warning")]),
    # -- Docker's own syntax
    ("unescaped-backslash", SC + "COPY a.conf C:\\app\\a.conf\n", [(2, "error")]),
    ("unescaped-backslash", SC + 'CMD ["C:\\app\\server.exe"]\n', [(2, "error")]),
    ("unescaped-backslash", SC + 'CMD ["C:\\nats.exe"]\n', [(2, "error")]),
    ("unescaped-backslash", SC + "ENV A=C:\\app \\\n    B=C:\\b\n", [(2, "error")]),
    ("buildkit-only-syntax", SC + "RUN <<EOF\necho hello\nEOF\n", [(2, "error")]),
    ("buildkit-only-syntax", SC + "RUN --mount=type=cache,target=/a echo\n", [(2, "error")]),
    ("buildkit-only-syntax", "# syntax=docker/dockerfile:1\n" + SC, [(1, "error")]),
    ("buildkit-only-syntax", SC + "COPY --link a b\nADD https://github.com/o/r.git C:/r\n", [(2, "error"), (3, "error")]),
    # -- downloads
    ("unverified-download", SC + "ADD https://example.org/a-1.2.3.zip a.zip\n", [(2, "error")]),
    ("unverified-download", SC + PS + GET + "$want = (Invoke-WebRequest https://example.org/app.sha256).Content; if ((Get-FileHash app.zip).Hash -ne $want) { exit 1 }\n", [(3, "error")]),
    ("unverified-download", SC + PS + "RUN iex ((New-Object System.Net.WebClient).DownloadString('https://example.org/install.ps1'))\n", [(3, "error")]),
    ("unverified-download", SC + "ENV U https://e.org/a-1.2.3.zip\n# TODO ENV A_SHA256\n# (no SHA files there yet)\n" + PS + "RUN Invoke-WebRequest $env:U -OutFile a.zip\n", [(6, "warning")]),
    ("unverified-download", SC + PS + GET + f"if ((Get-FileHash app.zip).Hash -ne '{HEX}') {{ exit 1 }}\nRUN Invoke-WebRequest https://e.org/1.2.3/app.conf -OutFile C:\\app.conf\n", [(4, "warning")]),
    ("unverified-download", SC + PS + "RUN Start-BitsTransfer https://e.org/a-1.2.3.zip a.zip\n", [(3, "error")]),
    ("unverified-download", SC + "RUN curl -fsSLO https://e.org/a-1.2.3.zip\n", [(2, "error")]),
    ("unverified-download", SC + "RUN curl https://e.org/a-1.2.3.zip > a.zip\n", [(2, "error")]),
    ("ineffective-verification", SC + PS + GET + "Get-FileHash app.zip; Expand-Archive app.zip\n", [(3, "error")]),
    ("ineffective-verification", SC + PS + GET + f"if ((Get-FileHash app.zip).Hash -ne '{HEX}') {{ exit 0 }}\n", [(3, "error")]),
    ("ineffective-verification", SC + PS + GET + f"if ((Get-FileHash app.zip).Hash -eq '{HEX}') {{ exit 1 }} else {{ Write-Host bad }}\n", [(3, "error")]),
    ("ineffective-verification", SC + PS.replace("$ErrorActionPreference = 'Stop'; ", "") + GET + f"if ((Get-FileHash app.zip).Hash -ne '{HEX}') {{ Write-Error 'bad' }}\n", [(3, "error")]),
    ("unverified-download", SC + "ARG A_SHA256\n" + PS + GET + "if ((Get-FileHash app.zip).Hash -ne $env:A_SHA256) { exit 1 }\n", [(4, "error")]),
    ("retired-base-repository", "FROM microsoft/dotnet-framework\n", [(1, "error")]),
    ("base-not-allowed", "FROM mcr.microsoft.com/dotnet/framework/aspnet:4.8\n", [(1, "error")]),
    ("malformed-checksum", SC + f"ENV A_SHA256={HEX[:63]}\n" + PS + GET + "if ((Get-FileHash app.zip).Hash -ne $env:A_SHA256) { exit 1 }\n", [(2, "error")]),
    ("malformed-checksum", SC + PS + GET + f"if ((Get-FileHash app.zip -Algorithm sha512).Hash -ne '{HEX}') {{ exit 1 }}\n", [(3, "error")]),
    ("empty-variable", SC + "ENV APP_URL\nRUN echo hello\n", [(2, "error")]),
    ("empty-variable", SC + 'ENV APP_VERSION=""\nRUN echo %APP_VERSION%\n', [(2, "error")]),
    ("plain-http-download", SC + "ADD http://example.org/a-1.2.3.zip a.zip\n", [(2, "error")]),
    ("moving-download-url", SC + PS + "RUN Invoke-WebRequest https://example.org/latest/app-1.2.3.zip -OutFile a.zip\n", [(3, "warning")]),
    ("moving-download-url", SC + PS + "RUN Invoke-WebRequest https://github.com/o/r/raw/master/get.ps1 -OutFile get.ps1\n", [(3, "warning")]),
    ("tls12-not-set", OLD + PS + "RUN [Net.ServicePointManager]::SecurityProtocol = 'Tls12'\n" + GET + "\n", [(4, "warning")]),
    ("tls12-not-set", "FROM microsoft/windowsservercore\n" + PS + GET + "\n", [(3, "warning")]),
    ("version-mismatch", SC + "ENV A_VERSION 1.2.4\nENV A_DOWNLOAD_URL https://e.org/a-1.2.3.zip\n" + PS + "RUN Invoke-WebRequest $env:A_DOWNLOAD_URL -OutFile a.zip\n", [(3, "error")]),
    ("version-mismatch", SC + "ENV CADDY_VERSION=v2.11.2\n" + PS + "RUN Invoke-WebRequest https://e.org/v2.11.1/caddy_2.11.1_windows_amd64.zip -OutFile c.zip\n", [(4, "error")]),
    ("version-mismatch", NS + "COPY --from=app:1.2.3-nanoserver-ltsc2022 a b\nCOPY --from=app:1.2.4-nanoserver-ltsc2022 c d\n", [(3, "error")]),
    ("version-mismatch", NS + "ENV APP_VERSION 1.2.4\nCOPY --from=app:1.2.3-nanoserver-ltsc2022 a b\n", [(3, "error")]),
    ("version-mismatch", SC + "ENV APP_VERSION 1.2.4\nLABEL org.opencontainers.image.version=1.2.3\n", [(3, "error")]),
    ("unpinned-package", SC + "RUN choco install -y git\n", [(2, "warning")]),
    ("unpinned-package", SC + "RUN npm install -g yarn\n", [(2, "warning")]),
    ("unpinned-package", SC + PS + "RUN Install-Module Pester -Force\n", [(3, "warning")]),
    ("unpinned-package", SC + "RUN python -m pip install --upgrade pip\n", [(2, "warning")]),
    ("pip-replaces-itself", SC + "RUN pip install --upgrade pip setuptools\n", [(2, "warning")]),
    ("copied-binary", SC + "ADD app.ZIP C:/\n", [(2, "warning")]),
    # -- what the shells' grammars are for
    ("plain-http-download", SC + PS + "RUN $p = @{ Uri = 'http://e.org/a-1.2.3.zip'; OutFile = 'a.zip' }; Invoke-WebRequest @p\n", [(3, "error")]),
    ("unverified-download", SC + PS + "RUN Invoke-WebRequest -Ur https://e.org/a-1.2.3.zip -OutF a.zip\n", [(3, "error")]),
    ("unverified-download", SC + PS + "RUN Write-Host 1; \\\n# a comment\n\n\tInvoke-WebRequest `\n", []),
    ("plain-http-download", SC + "ENV H=e.org V=1.2.3\nENV U=http://$H/a-${V}.zip\n" + PS + "RUN $u = ('{0}?x={1}' -f $env:U, 1); \\\n\tInvoke-WebRequest $u -OutFile a.zip\n", [(6, "error")]),
    ("plain-http-download", SC + "ENV U=http://e.org/a\nRUN curl -o a %U%-1.2.3.zip\n", [(3, "error")]),
    ("plain-http-download", SC + PS + "ONBUILD RUN Invoke-WebRequest http://e.org/a-1.2.3.zip -OutFile a.zip\n", [(3, "error")]),
    ("plain-http-download", SC + 'RUN ["curl", "-o", "a.zip", "http://e.org/a-1.2.3.zip"]\n', [(2, "error")]),
    ("wget-alias", SC + PS + "RUN if (1) { wget https://e.org/a -OutFile a }\n", [(3, "warning")]),
    ("setx-without-machine", SC + "RUN mkdir a && ( setx A 1 || exit 1 )\n", [(2, "error")]),
    ("unescaped-backslash", SC + "onbuild workdir C:\\data\n", [(2, "error")]),
    # -- installing
    ("windows-service", SC + PS + "RUN Start-Process msiexec -Wait -ArgumentList '/i a.msi ADDLOCAL=Server,ServerService'\n", [(3, "error")]),
    ("windows-service", SC + PS + "RUN New-Service -Name app -BinaryPathName C:\\app.exe; Start-Service app\n", [(3, "error")]),
    ("windows-service", SC + "RUN sc create app binPath= C:\\app.exe\n", [(2, "error")]),
    ("windows-service", SC + PS + "RUN C:\\redis\\redis-server.exe --service-install\n", [(3, "error")]),
    ("windows-service", SC + "RUN mongod --install\n", [(2, "error")]),
    ("windows-service", SC + PS + "RUN Invoke-WebRequest https://e.org/Redis-7.2.5-Windows-x64-msys2-with-Service.zip -OutFile r.zip\n", [(3, "error")]),
    ("windows-service", SC + 'CMD ["powershell", "-Command", "Start-Service app; Wait-Event"]\n', [(2, "error")]),
    ("installer-not-waited", SC + PS + "RUN Start-Process msiexec -ArgumentList '/i', 'a.msi'\n", [(3, "error")]),
    ("installer-not-waited", SC + PS + "RUN Invoke-WebRequest https://e.org/setup-1.2.3.exe -OutFile setup.exe; .\\setup.exe /quiet\n", [(3, "error")]),
    ("layer-keeps-archive", SC + PS + GET + "Expand-Archive app.zip\n", [(3, "warning")]),
    ("layer-keeps-archive", SC + "ADD https://example.org/a-1.2.3.zip a.zip\n", [(2, "warning")]),
    ("no-post-install-check", SC + PS + GET + "Expand-Archive app.zip; Write-Host --version\n", [(3, "warning")]),
    ("install-path-with-spaces", SC + PS + "RUN Expand-Archive a.zip -DestinationPath $env:ProgramFiles\n", [(3, "note")]),
    ("install-path-with-spaces", SC + PS + "RUN Expand-Archive a.zip -DestinationPath 'C:\\Program Files\\App'\n", [(3, "warning")]),
    ("install-path-with-spaces", SC + PS + "# the default install location\nRUN Expand-Archive a.zip -DestinationPath 'C:\\Program Files\\App'\n", [(4, "note")]),
    ("install-path-with-spaces", SC + 'CMD ["C:\\\\Program Files\\\\App\\\\app.exe"]\n', [(2, "warning")]),
    # -- running
    ("shell-form-cmd", SC + "ENTRYPOINT app.exe\nCMD [\"a\", b]\n", [(2, "warning"), (3, "warning")]),
    ("keep-alive-loop", SC + "CMD app.exe & ping -t localhost\n", [(2, "error")]),
    ("keep-alive-loop", SC + 'ENTRYPOINT ["powershell", "-Command", "app.exe; Get-Content log.txt -Wait"]\n', [(2, "error")]),
    ("keep-alive-loop", SC + PS + "CMD app.exe; for (;;) { app }\n", [(3, "error")]),
    ("keep-alive-loop", SC + 'ENTRYPOINT ["C:\\\\ServiceMonitor.exe", "w3svc"]\n', [(2, "error")]),
    ("entrypoint-script", SC + 'ENTRYPOINT ["C:\\\\start.cmd"]\n', [(2, "warning")]),
    ("entrypoint-script", SC + 'CMD ["powershell", "-File", "C:\\\\x"]\n', [(2, "warning")]),
    ("entrypoint-script", SC + 'ENTRYPOINT ["cmd", "/C", "start.bat"]\n', [(2, "warning")]),
    ("entrypoint-script", SC + "ENTRYPOINT C:\\start.cmd\n", [(2, "warning")]),
    ("legacy-env-format", SC + "ENV A 1\nENV B 2\n", [(2, "note")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "text", "expected"), SAID, ids=[f"{n}-{rule}" for n, (rule, _, _) in enumerate(SAID)]
)
def test_said(rule: str, text: str, expected: list[tuple[int, str]]) -> None:
    assert levels(rule, text) == expected


PATHS: list[tuple[str, str, str, bool]] = [
    ("directory-name", SC, "Dockerfile", False),
    ("directory-name", SC, "1.2/windows/windowsservercore-ltsc2022/Dockerfile", False),
    ("directory-name", SC, "windows/windowsservercore-ltsc2022/Dockerfile", False),
    ("directory-name", NS, "2.14.x/nanoserver-ltsc2022/Dockerfile", False),
    ("directory-name", SC, "2.11/windows/ltsc2022/Dockerfile", False),
    ("directory-name", SC, "2.11/windows-builder/ltsc2022/Dockerfile", False),
    ("directory-name", SC, "1.2/Windows/Dockerfile", True),
    ("directory-name", SC, "1.2/windows/Windowsservercore-ltsc2022/Dockerfile", True),
    ("directory-name", NS, "1.2/NanoServer-ltsc2022/Dockerfile", True),
    ("directory-name", SC, "1.2/windows/Dockerfile", True),
    ("directory-name", SC, "1.2/windows/windowsservercore/Dockerfile", True),
    ("directory-name", NS, "2.1/nanoserver1803/Dockerfile", True),
    ("directory-name", SC, "1.2/windows/servercore-ltsc2022/Dockerfile", True),
    ("directory-name", SC, "1.2/Dockerfile.windows", True),
    ("directory-name", SC, "1.2/Dockerfile", True),
    ("directory-mismatch", SC, "1.2/windows/windowsservercore-ltsc2025/Dockerfile", True),
    ("directory-mismatch", NS, "1.2/windows/windowsservercore-ltsc2022/Dockerfile", True),
    ("directory-mismatch", SC, "2.11/windows/1809/Dockerfile", True),
    ("directory-mismatch", SC, "1.2/windows/windowsservercore/Dockerfile", False),
    ("directory-mismatch", SC, "1.2/windows/windowsservercore-ltsc2022/Dockerfile", False),
    ("base-without-windows-release", "FROM golang:1.26\n", "1.2/windows/Dockerfile", True),
    ("base-without-windows-release", "FROM golang:1.26-windowsservercore\n", "1.2/windows/Dockerfile", True),
    ("base-without-windows-release", "FROM nanoserver-tool\n", "1.2/windows/Dockerfile", False),
    (
        "base-without-windows-release",
        "FROM golang:1.26-nanoserver-ltsc2022\n",
        "1.2/windows/Dockerfile",
        False,
    ),
]


@pytest.mark.parametrize(("rule", "text", "path", "raised"), PATHS)
def test_paths(rule: str, text: str, path: str, raised: bool) -> None:
    assert bool(found(rule, text, path)) == raised


def test_without_a_path_the_directory_is_not_judged() -> None:
    assert found("directory-name", SC) == []
    assert found("directory-mismatch", SC) == []


def volumes(text: str, twin: str) -> list[Finding]:
    file = parse(text.encode())
    return [f for f in review(file, twin=parse(twin.encode())) if f.rule == "data-volume"]


def test_volumes_are_counted() -> None:
    twin = 'FROM alpine\nVOLUME /data /logs\nVOLUME ["/more"]\n'
    (fewer,) = volumes(SC + "VOLUME C:\\\\data\n", twin)
    assert "declares /data, /logs, /more, this one only C:\\\\data" in fewer.message
    assert fewer.fix is None
    assert volumes(SC + 'VOLUME ["C:/data", "C:/logs", "C:/more"]\n', twin) == []
    assert volumes(SC + "CMD a\n", "FROM alpine\n") == []
    # what an earlier stage declares is not the image's
    assert len(volumes(SC.replace("\n", " AS a\n") + "VOLUME C:/a C:/b C:/c\n" + NS, twin)) == 1


def test_a_twin_may_be_given_as_facts() -> None:
    from contrib.facts import extract

    sheet = extract(parse(b"FROM alpine:3.20\nVOLUME /data\n"))
    found = [f for f in review(parse(SC.encode()), twin=sheet) if f.rule == "data-volume"]
    assert len(found) == 1 and "/data" in found[0].message


@pytest.mark.parametrize(
    "text",
    [
        SC + PS + "CMD app.exe > log.txt\n",
        SC + PS + "CMD app.exe $env:ARGS\n",
        SC + PS + "CMD app.exe; other.exe\n",
        SC + PS + "CMD app.exe \\\n# why\n  --flag\n",
        SC + 'CMD ["a", b]\n',
    ],
)
def test_a_command_that_a_shell_is_needed_for_is_not_rewritten(text: str) -> None:
    (finding,) = found("shell-form-cmd", text)
    assert finding.fix is None


def test_a_checksum_that_is_never_compared_is_said_as_such() -> None:
    (finding,) = found(
        "buildkit-only-syntax", SC + f"ADD --checksum=sha256:{HEX} https://example.org/a.zip a\n"
    )
    assert "compare nothing" in finding.message
    (finding,) = found("buildkit-only-syntax", SC + "ADD --link a b\n")
    assert "classic builder" in finding.message


def test_an_unread_digest_is_named() -> None:
    text = SC + f"ENV APP_SHA256={HEX}\n" + PS + GET + "Expand-Archive app.zip\n"
    (finding,) = found("unverified-download", text)
    assert finding.message.endswith("(`APP_SHA256` is set and never read)")
    (finding,) = found("unverified-download", text + "RUN Write-Host $env:APP_SHA256\n")
    assert "never read" not in finding.message


def test_several_places_in_one_instruction_are_one_finding() -> None:
    (finding,) = found("wget-alias", SC + PS + "RUN wget a -OutFile b; \\\n\tcurl c -OutFile d\n")
    assert finding.line == 3
    assert [(line, "`curl`" in what) for _, line, what in finding.related] == [(4, True)]
    assert finding.fix is not None and len(finding.fix.edits) == 2
