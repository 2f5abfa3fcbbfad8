"""cmd bodies."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrib.shells.model import Text, Variable, commands, walk
from tests.bounds import ends

from .sketch import WINDOWS, check_places, cmd, first, lines, read


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("mkdir C:\\x && setx /M PATH \"C:\\x;%PATH%\" & echo hi>a.txt 2>nul", [
            'mkdir C:\\x && setx -M PATH "C:\\x;%PATH%"', "echo hi > a.txt 2> nul"]),
        ("a | findstr x || exit /b 1", ["a | findstr x || exit 1"]),
        ("a & exit", ["a", "exit -"]),
        ("if not exist C:\\x (mkdir C:\\x & a) else (rd /s /q C:\\x)", [
            "if not [not exist C:\\x]<C:\\x exist -> { mkdir C:\\x; a } else { rmdir -s -q C:\\x }"]),
        ("if \"%A%\"==\"b\" c & d", ['if ["%A%"=="b"]<"%A%" == "b"> { c; d }']),
        ("if /I %A% NEQ b c", ["if [/I %A% NEQ b]<%A% neq b> { c }"]),
        ("if errorlevel 1 exit 1", ["if [errorlevel 1]<1 errorlevel -> { exit 1 }"]),
        ("if defined X y", ["if [defined X]<X defined -> { y }"]),
        ("for %%i in (a b) do del %%i", ["for i a b { del %%i }"]),
        ("for /f \"tokens=1\" %i in ('dir') do (a & b)", ["for/f i 'dir' { a; b }"]),
        ("set X=a b&& set \"Y=%X%;c\" && set /a Z=1+2", ["env:X = a b && env:Y = %X%;c && env:Z /a 1+2"]),
        ("set", ["set"]),
        ("echo ^& \"a & b\" (c)", ['echo ^& "a & b" (c)']),
        ("(a & b) > c 2>&1", ["paren { a; b } > c 2>&1"]),
        ("@echo off & cd\\ & echo.", ["echo off", "cd \\", "echo"]),
        ("curl.exe -fL -o a.zip %URL% && tar -xf a.zip -C \"C:\\Program Files\"", [
            'curl -fL -o a.zip %URL% && tar -xf -C a.zip "C:\\Program Files"']),
        ("C:\\vc_redist(x64).exe /install /quiet", ["vc_redist(x64) -install -quiet"]),
        ("del a.zip /q & rem b & c", ["del -q a.zip", "rem"]),
        ("start /wait msiexec /i a.msi /qn", ["start -wait -i -qn msiexec a.msi"]),
    ],
)  # fmt: skip
def test_statements(body: str, expected: list[str]) -> None:
    script = cmd(body)
    assert lines(script) == expected
    assert script.shell == "cmd" and script.unparsed == ()


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ('"a b"', [Text("a b")]),
        ('a"b c"d', [Text("ab cd")]),
        ('"a \\"b\\" c"', [Text('a "b" c')]),
        ('"C:\\a\\\\"', [Text("C:\\a\\")]),
        ("%A%x", [Variable("A", "env", "%A%"), Text("x")]),
        ("%A:~0,3%", [Variable("A", "env", "%A:~0,3%")]),
        ("%ProgramFiles(x86)%", [Variable("ProgramFiles(x86)", "env", "%ProgramFiles(x86)%")]),
        ("%%i", [Variable("i", "local", "%%i")]),
        ("%1", [Variable("1", "local", "%1")]),
        ("100%", [Text("100%")]),
        ("$env:A", [Variable("A", "foreign", "$env:A")]),
        ("^%a^|b", [Text("%a|b")]),
        ('"never', [Text("never")]),
    ],
)  # fmt: skip
def test_words(word: str, expected: list[object]) -> None:
    assert list(first(cmd(f"a {word}")).words[-1].parts) == expected


def test_a_loop_with_goto_in_a_here_document() -> None:
    parsed, script = read(f"{WINDOWS}RUN <<EOF\n:loop\na ^\n  b\ngoto loop\nEOF\n")
    assert lines(script) == [":loop", "a b", "goto loop"]
    check_places(parsed, script)


def test_lines_and_places() -> None:
    parsed, script = read(
        f'{WINDOWS}RUN mkdir é && \\\n  # c\n  curl -o "a b" ^\n%U% && \\\n del x\n'.replace(" ^\n", " ")
    )
    check_places(parsed, script)
    curl = next(c for c in commands(script.nodes) if c.full_name == "curl")
    assert curl.span.line == 4 and parsed.text_of(curl.words[1].span) == '"a b"'


@pytest.mark.parametrize("body", ["a & ) & b", "a & (b & c", 'a & echo "b', "a & if x & b", "a & for x & b"])
def test_what_is_not_understood_is_noted_and_the_rest_read(body: str) -> None:
    script = cmd(body)
    assert script.unparsed
    names = [c.full_name for c in commands(script.nodes)]
    assert names[0] == "a" and (names[-1] in ("b", "c", "echo"))


_PIECES = st.sampled_from(
    ["%A%", "%%i", "%", "^", '"', "(", ")", "&", "&&", "|", "||", ">", "2>&1", "<", "if", "not", "exist", "else", "for", "in",
     "do", "set", "a", "b=c", "==", "EQU", "/x", "@", ":l", "\\", "rem", "\n", "$env:A", "echo.", "é", "cmd /c", ","]
)  # fmt: skip
BODIES = st.lists(st.tuples(_PIECES, st.sampled_from(["", " "])), max_size=20).map(
    lambda ps: "".join(a + b for a, b in ps)
)


@settings(max_examples=600, deadline=None)
@given(BODIES)
def test_anything_is_read(body: str) -> None:
    if body.strip():
        parsed, script = read(f"{WINDOWS}RUN <<STOP\n{body}\nSTOP\n")
        check_places(parsed, script)


@pytest.mark.parametrize(
    "body",
    ["(" * 30_000, "if a==b " * 8_000, "for %%i in (a) do " * 4_000, '"' * 30_001, "a & " * 15_000, "a && " * 15_000,
     "a | " * 15_000, "^" * 50_001, "%" * 50_000, ")" * 20_000, "\\" * 50_000, 'set "a=' * 6_000, "cmd /c " * 8_000,
     ">a " * 10_000, "%A" * 20_000]
)  # fmt: skip
def test_time_and_depth_are_bounded(body: str) -> None:
    with ends():
        list(walk(cmd("x " + body).nodes))
