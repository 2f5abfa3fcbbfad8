"""Fixes under variation: line endings, indentation, comments, case, what stands around."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrib.dockerfile import parse
from contrib.rules import REGISTRY
from contrib.rules.review import Reviewed, fix_file, review
from contrib.values.findings import Finding, Fix, apply_edits

RULES = REGISTRY.of_kind("dockerfile")

BEFORE = ["", "# syntax of the field\n", "# a comment\n\n", "ARG UNUSED=1\n"]
AFTER = ["", "\n", "\n# the end\n", "\n\n\nEXPOSE 80\n", "\nLABEL a=b"]


@st.composite
def variations(draw: st.DrawFn) -> tuple[int, bytes]:
    number = draw(st.integers(0, len(RULES) - 1))
    text = RULES[number].bad.text
    if not text.startswith("# escape"):
        text = draw(st.sampled_from(BEFORE)) + text
    if draw(st.booleans()):
        text = text.replace("\t", "    ")
    if draw(st.booleans()):
        # a comment inside each continued instruction
        text = text.replace("\\\n", "\\\n# between the lines\n", 1)
    if draw(st.booleans()):
        text = re.sub(r"^([A-Z]+)(?= )", lambda m: m[1].lower(), text, flags=re.MULTILINE)
    if draw(st.booleans()):
        text = re.sub(r"^(WORKDIR|ENV|MAINTAINER|STOPSIGNAL) ", r"\1   ", text, flags=re.MULTILINE)
    text = text.rstrip("\n") + draw(st.sampled_from(AFTER))
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return number, text.encode()


@given(variations())
@settings(max_examples=150, deadline=None)
def test_a_fix_is_idempotent_and_leaves_the_rest_alone(case: tuple[int, bytes]) -> None:
    number, data = case
    rule = RULES[number]
    before = parse(data)
    file = Reviewed(before, rule.bad.path, parse(rule.bad.twin.encode()) if rule.bad.twin else None)
    mended = fix_file(file)
    after = parse(mended.data)
    assert len(after.problems) <= len(before.problems)
    found = review(after, path=file.path, twin=file.twin)
    assert not [f for f in found if f.fixable], "what can be mended is mended"
    again = fix_file(Reviewed(after, file.path, file.twin))
    assert again.data == mended.data
    # line endings stay what they were
    if b"\r\n" in data:
        assert b"\n" not in mended.data.replace(b"\r\n", b"")
    else:
        assert b"\r" not in mended.data
    # comments stay, word for word
    assert re.findall(rb"#[^\r\n]*", data) == re.findall(rb"#[^\r\n]*", mended.data)
    if not mended.made:
        assert mended.data == data


FORMS = {
    "shell": 'SHELL ["powershell", "-Command"]\nRUN {}\n',
    "one string": 'RUN powershell -Command "{}"\n',
    "rest of the line": "RUN powershell -NoProfile -Command {}\n",
    "exec form": 'RUN ["powershell", "-Command", "{}"]\n',
    "onbuild": 'SHELL ["powershell", "-Command"]\nONBUILD RUN {}\n',
    "continued": 'SHELL ["powershell", "-Command"]\nRUN `{}\n'.replace("`", "\\\n\t# a comment\n\t"),
    "escape": '# escape=`\nSHELL ["powershell", "-Command"]\nRUN {}\n',
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("body", "rules"),
    [
        (
            "wget https://example.org/a-1.2.3.zip -OutFile a.zip; Expand-Archive a.zip",
            {"wget-alias", "missing-error-preference", "missing-progress-preference", "hard-coded-version"},
        ),
        ("pip install pip==9.0.1; Write-Host ok", {"pip-replaces-itself"}),
        ("Start-Process msiexec -ArgumentList '/i', 'a.msi'", {"installer-not-waited"}),
        ("msiexec /i a.msi /qn; New-Item C:/a", {"installer-not-waited", "missing-error-preference"}),
    ],
)
def test_fixes_in_every_form_of_a_powershell_body(form: str, body: str, rules: set[str]) -> None:
    base = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
    text = FORMS[form].format(body)
    data = text.replace("SHELL", base + "SHELL", 1) if "SHELL" in text else base + text
    file = Reviewed(parse(data.encode()))
    mended = fix_file(file)
    assert {finding.rule for finding in mended.made} == rules
    found = {finding.rule for finding in review(parse(mended.data))}
    assert not found & rules
    assert fix_file(Reviewed(parse(mended.data))).data == mended.data


SC = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
NS = "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n"
PS = (
    'SHELL ["powershell", "-Command", '
    "\"$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';\"]\n"
)
TLS = "[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12;"

#: (rule, before, after): every byte of what the one rule's fix does.
EXACT: list[tuple[str, str, str]] = [
    ("legacy-env-format", SC + "ENV A 1\n", SC + "ENV A=1\n"),
    ("legacy-env-format", SC + "ENV   A \t 1 2\n", SC + 'ENV   A="1 2"\n'),
    ("legacy-env-format", SC + "ENV A C:\\\\a b\n", SC + 'ENV A="C:\\\\a b"\n'),
    ("legacy-env-format", SC + "ENV A 'x y' z\n", SC + "ENV A='x y'\\ z\n"),
    ("legacy-env-format", SC + "ENV A $B $C\nENV D 2", SC + 'ENV A="$B $C"\nENV D=2'),
    ("legacy-env-format", "# escape=`\n" + SC + "ENV A \"x\" z\n", "# escape=`\n" + SC + "ENV A=\"x\"` z\n"),
    ("maintainer-instruction", SC + "\nMAINTAINER me\n\nRUN a\n", SC + "\n\nRUN a\n"),
    ("maintainer-instruction", SC + "MAINTAINER me", SC),
    ("no-signals-on-windows", SC + "STOPSIGNAL \\\n  SIGQUIT\nCMD [\"a\"]\n", SC + 'CMD ["a"]\n'),
    ("retired-base-repository", "FROM microsoft/windowsservercore:1709 AS x\n", "FROM mcr.microsoft.com/windows/servercore:1709 AS x\n"),
    ("retired-base-repository", SC + "COPY --from=microsoft/nanoserver a b\n", SC + "COPY --from=mcr.microsoft.com/windows/nanoserver a b\n"),
    ("retired-base-repository", "FROM --platform=windows/amd64 nanoserver@sha256:1\n", "FROM --platform=windows/amd64 mcr.microsoft.com/windows/nanoserver@sha256:1\n"),
    ("unescaped-backslash", SC + "WORKDIR C:\\data\\redis\n", SC + "WORKDIR C:\\\\data\\\\redis\n"),
    ("unescaped-backslash", SC + "COPY a C:\\a\nCOPY [\"a\", \"C:\\a\\b\"]\n", SC + "COPY a C:\\\\a\nCOPY [\"a\", \"C:\\\\a\\\\b\"]\n"),
    ("unescaped-backslash", SC + 'CMD ["C:\\nats.exe", "a\\"b"]\n', SC + 'CMD ["C:\\\\nats.exe", "a\\"b"]\n'),
    ("unescaped-backslash", SC + "ENV A=C:\\x B='C:\\y' C=\"C:\\z\"\n", SC + "ENV A=C:\\\\x B='C:\\y' C=\"C:\\z\"\n"),
    ("nanoserver-needs-administrator", NS + "RUN setx /M A b\n", NS + "USER ContainerAdministrator\nRUN setx /M A b\nUSER ContainerUser\n"),
    ("nanoserver-needs-administrator", NS + "USER app\nRUN setx /M A b", NS + "USER app\nUSER ContainerAdministrator\nRUN setx /M A b\nUSER app"),
    ("user-not-restored", NS + "USER ContainerAdministrator\nRUN a\nRUN setx /m A b\nRUN c\n", NS + "USER ContainerAdministrator\nRUN a\nRUN setx /m A b\nUSER ContainerUser\nRUN c\n"),
    ("user-not-restored", NS + "USER ContainerAdministrator\nCMD [\"a\"]\n", NS + "CMD [\"a\"]\n"),
    ("missing-error-preference", SC + 'SHELL ["powershell"]\nRUN a; b\n', SC + "SHELL [\"powershell\", \"-Command\", \"$ErrorActionPreference = 'Stop';\"]\nRUN a; b\n"),
    ("missing-error-preference", SC + 'SHELL [ "powershell.exe", "-NoProfile" , "-Command" ]\nRUN a; b\n', SC + "SHELL [ \"powershell.exe\", \"-NoProfile\" , \"-Command\", \"$ErrorActionPreference = 'Stop';\" ]\nRUN a; b\n"),
    ("missing-error-preference", SC + "SHELL [\"powershell\", \"-Command\", \"$ProgressPreference = 'SilentlyContinue';\"]\nRUN a; b\n", SC + "SHELL [\"powershell\", \"-Command\", \"$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';\"]\nRUN a; b\n"),
    ("missing-progress-preference", SC + "SHELL [\"powershell\", \"-Command\", \"$ErrorActionPreference = 'Stop'\"]\nRUN iwr https://e.org/a -OutFile a\n", SC + "SHELL [\"powershell\", \"-Command\", \"$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';\"]\nRUN iwr https://e.org/a -OutFile a\n"),
    ("wget-alias", SC + PS + "RUN wget a -OutFile b; \\\n# wget\n  (iwr c).Content; curl d\n", SC + PS + "RUN Invoke-WebRequest a -OutFile b; \\\n# wget\n  (Invoke-WebRequest c).Content; Invoke-WebRequest d\n"),
    ("pip-replaces-itself", SC + "RUN foo && pip3.exe install -U pip==9.0\n", SC + "RUN foo && python -m pip install -U pip==9.0\n"),
    ("installer-not-waited", SC + PS + "RUN Start-Process a.msi\n", SC + PS + "RUN $exitCode = (Start-Process -Wait -PassThru a.msi).ExitCode; if ($exitCode -notin 0, 3010) { exit $exitCode }\n"),
    ("installer-not-waited", SC + PS + "RUN msiexec.exe /i $env:MSI \"/l*v\" log.txt\n", SC + PS + "RUN msiexec.exe /i $env:MSI \"/l*v\" log.txt | Out-Null\n"),
    ("hard-coded-version", SC + PS + "# the zip\n# of the port\nRUN Invoke-WebRequest https://e.org/My-App-1.2.3.zip -OutFile a.zip\n", SC + PS + "ENV MY_APP_VERSION=1.2.3\n# the zip\n# of the port\nRUN Invoke-WebRequest https://e.org/My-App-1.2.3.zip -OutFile a.zip\n"),
    ("hard-coded-version", SC + PS + "ENV U=https://e.org/app-1.2.3.zip\nRUN Invoke-WebRequest $env:U -OutFile a.zip\n", SC + PS + "ENV APP_VERSION=1.2.3\nENV U=https://e.org/app-1.2.3.zip\nRUN Invoke-WebRequest $env:U -OutFile a.zip\n"),
    ("tls12-not-set", "FROM microsoft/nanoserver\n" + PS + "RUN a; \\\n\tInvoke-WebRequest https://e.org/a -OutFile a; \\\n\tb\n", "FROM microsoft/nanoserver\n" + PS + f"RUN a; \\\n\t{TLS} \\\n\tInvoke-WebRequest https://e.org/a -OutFile a; \\\n\tb\n"),
    ("tls12-not-set", "FROM microsoft/nanoserver\n" + PS + "RUN Invoke-WebRequest https://e.org/a -OutFile a\n", "FROM microsoft/nanoserver\n" + PS + f"RUN {TLS} Invoke-WebRequest https://e.org/a -OutFile a\n"),
    ("tls12-not-set", "FROM microsoft/nanoserver\n" + PS + "RUN a; if (1) { Invoke-WebRequest https://e.org/a -OutFile a }\n", "FROM microsoft/nanoserver\n" + PS + f"RUN a; {TLS} if (1) {{ Invoke-WebRequest https://e.org/a -OutFile a }}\n"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "before", "after"), EXACT, ids=[f"{n}-{r}" for n, (r, _, _) in enumerate(EXACT)]
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_every_byte_of_a_fix(rule: str, before: str, after: str, newline: str) -> None:
    data = before.replace("\n", newline).encode()
    (finding,) = (
        (f for f in review(parse(data)) if f.rule == rule) if rule not in _SEVERAL else _merged(rule, data)
    )
    assert finding.fix is not None and finding.fix.safe
    assert apply_edits(data, finding.fix.edits) == after.replace("\n", newline).encode()


#: Rules whose example has two instructions to mend.
_SEVERAL = {"unescaped-backslash"}


def _merged(rule: str, data: bytes) -> list[Finding]:
    found = [f for f in review(parse(data)) if f.rule == rule]
    edits = tuple(edit for f in found if f.fix is not None for edit in f.fix.edits)
    return [replace(found[0], fix=Fix("", edits))]


#: The same for what is offered: (rule, before, after).
OFFERED: list[tuple[str, str, str]] = [
    ("ineffective-verification", SC + PS + "RUN iwr https://e.org/a-1.zip -OutFile a.zip; if ((Get-FileHash a.zip).Hash -ne 'AA') { \\\n\tWrite-Host 'bad'; \\\n}\n", SC + PS + "RUN iwr https://e.org/a-1.zip -OutFile a.zip; if ((Get-FileHash a.zip).Hash -ne 'AA') { \\\n\tWrite-Host 'bad'; exit 1; \\\n}\n"),
    ("ineffective-verification", SC + PS + "RUN iwr https://e.org/a -OutFile a; if ((Get-FileHash a).Hash -eq 'AA') { b } else { c }\n", SC + PS + "RUN iwr https://e.org/a -OutFile a; if ((Get-FileHash a).Hash -eq 'AA') { b } else { c; exit 1 }\n"),
    ("installer-result-unchecked", SC + PS + "RUN Start-Process msiexec -Wait -ArgumentList '/i', 'a.msi'; a --version\n", SC + PS + "RUN $exitCode = (Start-Process -PassThru msiexec -Wait -ArgumentList '/i', 'a.msi').ExitCode; if ($exitCode -ne 0) { exit $exitCode }; a --version\n"),
    ("version-mismatch", SC + "ENV A_VERSION=1.2.4\nENV A_URL=https://e.org/v1.2.3/a-1.2.3.zip\n" + PS + "RUN iwr $env:A_URL -OutFile a.zip\n", SC + "ENV A_VERSION=1.2.4\nENV A_URL=https://e.org/v1.2.4/a-1.2.4.zip\n" + PS + "RUN iwr $env:A_URL -OutFile a.zip\n"),
    ("version-mismatch", NS + "COPY --from=a:1.2.3-nanoserver-ltsc2022 a b\nCOPY --from=a:1.2.4-nanoserver-ltsc2022 c d\n", NS + "COPY --from=a:1.2.3-nanoserver-ltsc2022 a b\nCOPY --from=a:1.2.3-nanoserver-ltsc2022 c d\n"),
    ("layer-keeps-archive", SC + PS + "RUN iwr https://e.org/a-1.zip -OutFile a.zip; Expand-Archive a.zip;\n", SC + PS + "RUN iwr https://e.org/a-1.zip -OutFile a.zip; Expand-Archive a.zip; Remove-Item a.zip -Force\n"),
    ("eol-base", "FROM mcr.microsoft.com/windows/nanoserver:1809 AS x\n", "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022 AS x\n"),
    ("moving-base-tag", "FROM mcr.microsoft.com/windows/nanoserver:latest\n", "FROM mcr.microsoft.com/windows/nanoserver:ltsc2025\n"),
    ("setx-without-machine", SC + PS + "RUN [Environment]::SetEnvironmentVariable('A', 'b', [EnvironmentVariableTarget]::User)\n", SC + PS + "RUN [Environment]::SetEnvironmentVariable('A', 'b', [EnvironmentVariableTarget]::Machine)\n"),
    ("env-path", SC + PS + "ENV PATH C:\\\\app;$PATH\n", SC + PS + "RUN [Environment]::SetEnvironmentVariable('PATH', ('C:\\app;{0}' -f $env:PATH), [EnvironmentVariableTarget]::Machine)\n"),
    ("cmd-variable-in-powershell", SC + PS + "RUN setx /M PATH '%PATH%;C:\\a'\n", SC + PS + "RUN setx /M PATH ('C:\\a;{0}' -f $env:PATH)\n"),
    ("cmd-variable-in-powershell", SC + "RUN echo $env:PATH\n", SC + "RUN echo %PATH%\n"),
    ("shell-form-cmd", SC + "CMD app.exe --x \"a b\"\n", SC + 'CMD ["app.exe", "--x", "a b"]\n'),
    ("chown-on-windows", SC + "COPY --chown=a  b c\n", SC + "COPY b c\n"),
    ("partial-runtime-libraries", NS + "COPY --from=a:1.2.3-nanoserver-ltsc2022 C:/w/msvcp140.dll C:/w/msvcp140_1.dll C:/w/vcruntime140.dll C:/w/\n", NS + "COPY --from=a:1.2.3-nanoserver-ltsc2022 C:/w/msvcp140.dll C:/w/vcruntime140_1.dll C:/w/msvcp140_1.dll C:/w/vcruntime140.dll C:/w/\n"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "before", "after"), OFFERED, ids=[f"{n}-{r}" for n, (r, _, _) in enumerate(OFFERED)]
)
def test_every_byte_of_an_offer(rule: str, before: str, after: str) -> None:
    finding = next(f for f in review(parse(before.encode())) if f.rule == rule)
    assert finding.fix is not None and not finding.fix.safe
    result = apply_edits(before.encode(), finding.fix.edits)
    assert result.decode() == after
    assert rule not in {f.rule for f in review(parse(result))}


SC = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
PS = (
    SC
    + 'SHELL ["powershell", "-Command", "$ErrorActionPreference = \'Stop\'; $ProgressPreference = \'SilentlyContinue\';"]\n'
)
NS = "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n"


def fixed(text: str) -> str:
    return fix_file(Reviewed(parse(text.encode()))).data.decode()


@pytest.mark.parametrize(
    "text",
    [
        # PowerShell would expand the setting before the inner one sees it
        PS + "ENV V=1.2.3\nRUN powershell -Command Invoke-WebRequest https://example.org/a-1.2.3.zip -OutFile a.zip\n",
        PS + "ENV V=1.2.3\nRUN powershell -Command Invoke-WebRequest https://example.org/a-1.2.3.zip -OutFile a.zip; Remove-Item b\n",
        # a comment says why the user stays
        NS + "# the pipe of the host is open to administrators alone\nUSER ContainerAdministrator\nCMD [\"a\"]\n",
    ],
)  # fmt: skip
def test_what_a_person_has_to_judge_is_left_alone(text: str) -> None:
    assert fixed(text) == text


def test_a_version_of_two_downloads_is_declared_once() -> None:
    get = "RUN Invoke-WebRequest https://example.org/app-1.2.3.zip -OutFile {0}; Remove-Item {0}\n"
    text = fixed(PS + get.format("a.zip") + get.format("b.zip"))
    assert text.count("ENV APP_VERSION=1.2.3\n") == 1


def offers(text: str, rule: str, path: str | None = None) -> list[str]:
    data = text.encode()
    return [
        apply_edits(data, f.fix.edits).decode()
        for f in review(parse(data), path=path)
        if f.rule == rule and f.fix is not None
    ]


GET = "RUN Invoke-WebRequest https://example.org/app-1.2.3.zip -OutFile a.zip; "
CHECK = "if ((Get-FileHash a.zip).Hash -ne '" + "0" * 64 + "') { # }"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Write-Host 'bad'", "Write-Host 'bad'; exit 1"),
        ("return 1", "exit 1"),
        ("exit 0", "exit 1"),
        ("Write-Host 'bad'; exit", "Write-Host 'bad'; exit 1"),
    ],
)
def test_the_build_ends_where_the_offer_says(before: str, after: str) -> None:
    text = PS + GET + CHECK + "\n"
    assert offers(text.replace("#", before), "ineffective-verification") == [text.replace("#", after)]


def test_an_offer_does_not_stand_behind_what_a_catch_takes() -> None:
    text = PS + GET + "try { " + CHECK.replace("#", "throw 'bad'") + " } catch { Write-Host $_ }\n"
    assert offers(text, "ineffective-verification") == [text.replace("throw 'bad'", "exit 1")]


@pytest.mark.parametrize(
    ("base", "path", "offered"),
    [
        ("mcr.microsoft.com/windows/servercore", None, "mcr.microsoft.com/windows/servercore:ltsc2025"),
        ("mcr.microsoft.com/windows/servercore:latest", "1/windows/windowsservercore-ltsc2022/Dockerfile", "mcr.microsoft.com/windows/servercore:ltsc2022"),
        ("mcr.microsoft.com/windows/nanoserver:1809", None, "mcr.microsoft.com/windows/nanoserver:ltsc2022"),
        ("mcr.microsoft.com/dotnet/framework/runtime", None, None),
        ("mcr.microsoft.com/dotnet/framework/runtime:4.8-windowsservercore-ltsc2019", None, "mcr.microsoft.com/dotnet/framework/runtime:4.8-windowsservercore-ltsc2022"),
        ("microsoft/windowsservercore:1709", None, None),
    ],
)  # fmt: skip
def test_only_tags_that_may_be_there_are_offered(base: str, path: str | None, offered: str | None) -> None:
    text = f'FROM {base}\nCMD ["cmd"]\n'
    found = [*offers(text, "moving-base-tag", path), *offers(text, "eol-base", path)]
    assert found == ([text.replace(base, offered)] if offered is not None else [])
