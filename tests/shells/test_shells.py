"""Which shell reads a body, shells inside shells, JSON forms, and the scripts of SHELL."""

from __future__ import annotations

import subprocess
import sys

import pytest

from contrib.dockerfile import parse
from contrib.dockerfile.platform import stage_bases
from contrib.shells import (
    DEFAULT_LINUX,
    DEFAULT_WINDOWS,
    preamble_of,
    script_of,
    shell_in_force,
    shells,
)
from contrib.shells.model import Assignment, Command, Text, Variable, commands
from contrib.shells.programs import program, script_start, shell_of

from .sketch import POWERSHELL, WINDOWS, check_places, cmd, first, lines, posix, powershell, read


def test_shell_in_force() -> None:
    parsed = parse(
        b"FROM mcr.microsoft.com/windows/servercore:ltsc2022 AS a\nRUN 1\n"
        b'SHELL ["powershell", "-Command", "$x = 1;"]\nRUN 2\nONBUILD RUN 3\n'
        b'FROM a\nRUN 4\nSHELL ["CMD.exe", "/S", "/C"]\nRUN 5\nFROM alpine\nRUN 6\nSHELL ["/bin/bash", "-c"]\n'
        b'RUN 7\nSHELL ["python3", "-c"]\nRUN 8\n'
    )
    found = shells(parsed)
    runs = {i.body: found.before(i) for i in parsed if i.keyword == "RUN"}
    assert runs["1"] is DEFAULT_WINDOWS and runs["6"] is DEFAULT_LINUX
    assert [runs[k].program for k in "1245678"] == [
        "cmd",
        "powershell",
        "powershell",
        "cmd",
        "sh",
        "bash",
        "python3",
    ]
    assert [runs[k].name for k in "1245678"] == [
        "cmd",
        "powershell",
        "powershell",
        "cmd",
        "posix",
        "posix",
        "posix",
    ]
    onbuild = next(i for i in parsed if i.keyword == "ONBUILD")
    assert onbuild.trigger is not None and found.before(onbuild.trigger).name == "powershell"
    assert found.after(parsed.stages[0]).program == "powershell"
    stage = parsed.stages[0]
    platform = stage_bases(parsed)[0].platform
    assert shell_in_force(stage, stage.instructions[0], platform) is DEFAULT_WINDOWS
    assert shell_in_force(stage, None, platform).program == "powershell"


def test_the_script_of_shell() -> None:
    parsed, _ = read(
        WINDOWS
        + 'SHELL ["powershell", "-Command", "$ErrorActionPreference = \'Stop\';", "$x = \\"C:\\\\a\\";"]\nRUN a\n'
    )
    shell = shells(parsed).before(parsed.instructions[-1])
    script = shell.preamble
    assert script is not None and script.shell == "powershell"
    first_, second = script.nodes
    assert isinstance(first_, Assignment) and first_.name == "ErrorActionPreference"
    assert parsed.text_of(first_.span) == "$ErrorActionPreference = 'Stop'"
    assert isinstance(second, Assignment) and parsed.text_of(second.span) == '$x = \\"C:\\\\a\\"'
    assert preamble_of(parsed.instructions[-1]) is None and DEFAULT_WINDOWS.preamble is None
    parsed, _ = read(WINDOWS + 'SHELL ["powershell"]\nRUN a\n')
    assert shells(parsed).before(parsed.instructions[-1]).preamble is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("powershell -NoProfile -ExecutionPolicy Bypass -Command \"a 'b c'; d\"", ["a 'b c'", "d"]),
        ("powershell a -Force; b %X%", ["a -Force", "b %X%"]),
        ('powershell.exe -c "Write-Host \\"a $x\\"; exit 1"', ['Write-Host "a $x"', "exit 1"]),
        ('pwsh -Command "& { a; b }"', ["block { a; b }"]),
        ("@powershell -Com a", ["a"]),
        ('C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe -Command "a"', ["a"]),
    ],
)
def test_powershell_under_cmd(body: str, expected: list[str]) -> None:
    script = cmd(body)
    assert lines(script) == expected
    assert (script.shell, script.inner) == ("powershell", "cmd")
    assert isinstance(script.outer[0], Command) and script.outer[0].script is not None


@pytest.mark.parametrize(
    "body",
    [
        "powershell",
        "powershell -File a.ps1",
        "pwsh a.ps1",
        "powershell -EncodedCommand YQ==",
        "cmd",
        "cmd /C",
    ],
)
def test_a_shell_without_a_script(body: str) -> None:
    script = cmd(body)
    assert script.shell == "cmd" and script.inner is None and first(script).script is None


def test_cmd_expands_before_powershell() -> None:
    script = cmd('powershell -Command "a %PATH% $env:B"')
    words = first(script).words
    assert words[0].parts == (Variable("PATH", "env", "%PATH%"),)
    assert words[1].parts == (Variable("B", "env", "$env:B"),)
    assert first(powershell("a %PATH%")).words[0].parts == (Variable("PATH", "foreign", "%PATH%"),)


def test_shells_in_the_middle_are_kept_with_their_command() -> None:
    script = cmd('mkdir a && powershell -c "b; c" && d')
    assert script.shell == "cmd"
    assert [c.full_name for c in commands(script.nodes)] == ["mkdir", "powershell", "b", "c", "d"]
    script = powershell("a; cmd /C 'b && c'; bash -c 'd | e'")
    assert [c.full_name for c in commands(script.nodes)] == ["a", "cmd", "b", "c", "bash", "d", "e"]
    script = posix("a && sh -ec 'b; c' && pwsh -c \"d; e\"")
    assert [c.full_name for c in commands(script.nodes)] == ["a", "sh", "b", "c", "pwsh", "d", "e"]
    script = posix("bash -c 'sh -c \"a; b\"'")
    assert script.inner == "posix" and [c.full_name for c in commands(script.nodes)] == ["sh", "a", "b"]


def test_places_inside_an_inner_script() -> None:
    parsed, script = read(
        WINDOWS
        + 'RUN powershell -Command \\\n  "Write-Host \'é\'; \\\n# c\n  Get-Item \\"a b\\"; \\\n  exit 1"\n'
    )
    check_places(parsed, script)
    host, item = commands(script.nodes)
    assert parsed.text_of(host.span) == "Write-Host 'é'" and host.span.line == 3
    assert item.span.line == 5 and item.words[0].literal == "a b"
    assert parsed.text_of(item.words[0].span) == '"a b\\"'
    assert script.nodes[-1].span.line == 6


def test_json_forms() -> None:
    parsed, script = read(WINDOWS + 'RUN ["powershell", "-Command", "a \\"C:\\\\b\\";", "c"]\n')
    assert (script.shell, script.exec_form, script.inner) == ("powershell", True, None)
    assert lines(script) == ['a "C:\\b"', "c"]
    assert parsed.text_of(first(script).words[0].span) == '\\"C:\\\\b\\"'
    _, script = read(POWERSHELL + 'ENTRYPOINT ["C:\\\\a\\\\App.exe", "--port", "$x"]\n')
    command = first(script)
    assert (command.name, command.full_name, script.exec_form) == ("C:\\a\\App.exe", "app", True)
    assert command.words[-1].parts == (Text("$x"),)
    _, script = read('FROM alpine\nHEALTHCHECK --interval=5s CMD ["sh", "-c", "a || exit 1"]\n')
    assert lines(script) == ["a || exit 1"] and script.shell == "posix"
    _, script = read("FROM alpine\nHEALTHCHECK CMD  a || exit 1\n")
    assert lines(script) == ["a || exit 1"]
    _, script = read("FROM alpine\nCMD a $b\n")
    assert lines(script) == ["a $b"] and not script.exec_form


def test_no_script() -> None:
    parsed = parse(b"FROM alpine\nRUN\nCMD []\nENV A=b\nHEALTHCHECK NONE\nRUN a\n")
    assert [script_of(i, DEFAULT_LINUX) is None for i in parsed] == [True, True, True, True, True, False]
    run = parsed.instructions[-1]
    assert script_of(run, DEFAULT_LINUX) is script_of(run, DEFAULT_LINUX)


def test_names_of_programs() -> None:
    assert program('"C:\\Program Files\\A.EXE"') == "a"
    assert program("/bin/x.sh") == "x.sh"
    assert shell_of("/bin/bash") == "posix" and shell_of("python") is None
    assert script_start("sh", ["-e", "-c", "a", "b"]) == (2, "one")
    assert script_start("cmd", ["/S", "/C", "a", "b"]) == (2, "rest")
    assert script_start("powershell", ["-NoLogo", "-ExecutionPolicy", "x", "a", "b"]) == (3, "rest")


def test_grammars_are_loaded_when_they_are_wanted() -> None:
    code = (
        "import sys; from contrib.dockerfile import parse; from contrib.shells import shells, script_of; "
        "d = parse(b'FROM mcr.microsoft.com/windows/servercore:ltsc2022\\nRUN powershell a\\n'); "
        "script_of(d.instructions[1], shells(d).before(d.instructions[1])); "
        "assert not any(name.startswith('tree_sitter') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_body_beyond_all_measure_is_kept_as_text() -> None:
    parsed = parse(
        b"FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN "
        + b"echo a & " * 40_000
        + b"echo b\nRUN echo c\n"
    )
    first, second = parsed.instructions[1:]
    shell = shell_in_force(parsed.stages[0], first, "windows")
    long, short = script_of(first, shell), script_of(second, shell)
    assert long is not None and len(long.unparsed) == 1 and long.unparsed[0].span.line == 2
    assert short is not None and not short.unparsed
