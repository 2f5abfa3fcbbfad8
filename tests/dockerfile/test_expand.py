"""ENV and ARG in force, and Docker's substitutions."""

from __future__ import annotations

import pytest

from contrib.dockerfile import parse
from contrib.dockerfile.expand import Environment, Resolved, environments
from tests.bounds import ends


def at_end(text: str) -> Environment:
    parsed = parse(text.encode())
    return environments(parsed).after(parsed.stages[-1])


@pytest.mark.parametrize(
    ("text", "value", "known"),
    [
        ("$A", "one", True),
        ("${A}", "one", True),
        ("x$A-y", "xone-y", True),
        ("$", "$", True),
        ("a$ b", "a$ b", True),
        ("'$A'", "$A", True),
        ("\"$A 'b'\"", "one 'b'", True),
        ("\\$A", "$A", True),
        ('"\\$A\\n"', "$A\\n", True),
        ("C:\\\\x", "C:\\x", True),
        ("C:\\x", "C:x", True),
        ("${A:-b}", "one", True),
        ("${E:-b}", "b", True),
        ("${E-b}", "", True),
        ("${E:+b}", "", True),
        ("${E+b}", "b", True),
        ("${A:+b$A}", "bone", True),
        ("${N:-b}", "b", True),
        ("${N:+b}", "", True),
        ("${U:-b}", "b", False),
        ("${U:-$A}", "one", False),
        ("$U/$A", "$U/one", False),
        ("${U}", "${U}", False),
        ("${U:?no}", "${U:?no}", False),
        ("${A:?no}", "one", True),
        ("${F#*.}", "tar.gz", True),
        ("${F##*.}", "gz", True),
        ("${F%.*}", "a.tar", True),
        ("${F%%.*}", "a", True),
        ("${F/a/b}", "b.tar.gz", True),
        ("${F//a/b}", "b.tbr.gz", True),
        ("${F//\\//b}", "a.tar.gz", True),
        ("${F#?}", ".tar.gz", True),
        ("${F%\\?}x", "a.tar.gzx", True),
        ("${A///-}", "-o-n-e-", True),
        ("${A/n*/-}", "o-", True),
        ("${A:-${B:-c}}", "one", True),
        ("${B:-${E:-$A}}", "one", False),
        ("$A1", "$A1", False),
        ("$1x", "$1x", False),
    ],
)
def test_substitutions(text: str, value: str, known: bool) -> None:
    env = at_end("FROM x\nENV A=one E= F=a.tar.gz\nARG N\n")
    assert env.expand(text) == Resolved(value, known, env.expand(text).unknown)
    assert env.resolve(text) == value


@pytest.mark.parametrize(
    "text", ["${", "${}", "${A", "${A:", "${A!b}", "${:-x}", "'a", '"a', "${A#\\x}", "${A:#b}"]
)
def test_what_docker_refuses_stays_as_written(text: str) -> None:
    found = at_end("FROM x\nENV A=one\n").expand(text)
    assert found.text == text and not found.known and found.problem


def test_backtick_escape() -> None:
    env = at_end("# escape=`\nFROM mcr.microsoft.com/windows/servercore:ltsc2022\nENV A=C:\\b\n")
    assert env.value("A") == "C:\\b" and env.resolve("`$A\\$A") == "$A\\C:\\b"


def test_one_line_sees_the_line_before() -> None:
    env = at_end("FROM x\nENV a=hello\nENV a=bye d=$a\nENV g=$a\n")
    assert (env.value("d"), env.value("g")) == ("hello", "bye")


def test_env_wins_over_arg_and_arg_has_its_default() -> None:
    env = at_end("ARG T=1\nARG Z=9\nFROM x\nARG T\nARG U=$T-u\nENV V=env\nARG V=arg\n")
    assert (env.value("T"), env.value("U"), env.value("V"), env.value("Z")) == ("1", "1-u", "env", None)
    variable = env.variable("V")
    assert variable is not None and variable.kind == "env" and variable.instruction.line == 6
    assert [v.name for v in env.variables()] == ["T", "U", "V"]


def test_stages_inherit() -> None:
    parsed = parse(b"FROM x AS a\nENV A=1\nFROM a AS b\nENV B=$A\nFROM y\nRUN c\nFROM b\nRUN d\nENV A=2\n")
    found = environments(parsed)
    by_line = {i.line: env for i, env in found}
    assert by_line[6].value("A") is None
    assert (by_line[8].value("A"), by_line[8].value("B")) == ("1", "1")
    assert found.after(parsed.stages[3]).value("A") == "2"
    assert found.after(parsed.stages[0]).value("A") == "1"
    assert len(found) == 9 and found.before(parsed.instructions[3]) is by_line[4]


def test_windows_compares_names_without_case() -> None:
    windows = at_end("FROM mcr.microsoft.com/windows/servercore:ltsc2022\nENV Path=C:\\\\a\n")
    assert windows.value("PATH") == windows.value("path") == "C:\\a"
    assert at_end("FROM alpine\nENV Path=/a\n").value("PATH") is None


def test_from_lines_know_only_the_arguments_above() -> None:
    parsed = parse(b"ARG A=1\nARG B=$A.2\nFROM x:${B}${C:-c} AS a\nONBUILD RUN $A\n")
    found = environments(parsed)
    assert found.before(parsed.stages[0].from_).expand(parsed.stages[0].base) == Resolved("x:1.2c")
    trigger = parsed.instructions[-1].trigger
    assert trigger is not None and found.before(trigger).value("A") is None


def test_growth_and_depth_are_bounded() -> None:
    with ends():
        env = at_end("FROM x\nENV A=aaaaaaaa\n" + "ENV A=$A$A\n" * 3_000)
        assert len(env.value("A") or "") <= 65_536 + 10
        deep = env.expand("${Q:-" * 5_000 + "}" * 5_000)
        assert not deep.known and deep.problem
        at_end("FROM x AS s0\n" + "".join(f"FROM s{n} AS s{n + 1}\nENV V{n}=$W\n" for n in range(1_500)))
        env.expand("${A#" + "*a" * 30_000 + "}")
