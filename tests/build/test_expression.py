from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrib.build import expression

VARIABLES = {
    "GOPATH": "C:\\go",
    "PATH": "C:\\Windows",
    "VERSION": "3.15.0b3",
    "ProgramFiles": "C:\\Program Files",
    "url": "https://x",
}


def value(text: str) -> str | None:
    return expression.evaluate(expression.parse(text), lambda name, scope: VARIABLES.get(name))


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("'it''s'", "it's"),
        ('"$env:ProgramFiles\\x"', "C:\\Program Files\\x"),
        ('"a`"b"', 'a"b'),
        ("('{0}\\bin;{1}' -f $env:GOPATH, $env:PATH)", "C:\\go\\bin;C:\\Windows"),
        ("'{0}/{1}' -f ($env:VERSION -replace '[a-z]+[0-9]*$', ''), $env:VERSION", "3.15.0/3.15.0b3"),
        ("'a;' + $env:PATH", "a;C:\\Windows"),
        ("$url.ToUpper()", "HTTPS://X"),
        ("'abc'.Replace('b', 'x')", "axc"),
        ("[string]'x'", "x"),
        ("[Environment]::GetEnvironmentVariable('PATH', 'Machine')", "C:\\Windows"),
        ("[IO.Path]::Combine('C:\\a', 'b')", "C:\\a\\b"),
        ("@('a', 'b')", "a b"),
        ("('a','b') -join ';'", "a;b"),
        ("'{{{0}}}' -f 'x'", "{x}"),
        ("$env:VERSION.Split('.')[0..1] -join '.'", None),  # brackets are read in the tree, see test_values
        ("(Get-Content x)", None),
        ("$unknown", None),
        ("'{1}' -f 'a'", None),
    ],
)
def test_evaluate(text: str, result: str | None) -> None:
    assert value(text) == result


def test_comma_binds_tighter_than_format_and_comparison() -> None:
    parsed = expression.parse("$h -ne '{0}' -f 'a'")
    assert isinstance(parsed, expression.Binary)
    assert parsed.op == "-ne"
    assert isinstance(parsed.right, expression.Binary)


def test_replacements_are_given_first_to_last() -> None:
    text = "(Get-Content a.conf) -replace '^(bind) .*$', '$1 x' -creplace 'b', 'c'"
    subject, pairs = expression.replacements(expression.parse(text))
    assert subject == expression.Unknown("Get-Content a.conf")
    assert [(p.value, r.value) for p, r in pairs] == [("^(bind) .*$", "$1 x"), ("b", "c")]  # type: ignore[union-attr]


def test_replace_follows_dotnet_groups_and_refuses_traps() -> None:
    assert expression.replace("bind 127.0.0.1", r"^(bind)\s+.*$", "$1 0.0.0.0") == "bind 0.0.0.0"
    assert expression.replace("x", "(", "y") is None
    assert expression.replace("a" * 100, "(a+)+$", "y") is None


@pytest.mark.parametrize(
    "text", ["(" * 3000, "'{0}' -f " * 2000, '"$(' * 2000, "a," * 3000, "!" * 3000, "$x[[[" * 1000]
)
def test_deep_nesting_ends(text: str) -> None:
    value(text)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="'\"$(){}[]@,;:.-+!`\\ abfnrx01\n", max_size=60))
def test_never_raises(text: str) -> None:
    value(text)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40))
def test_a_single_quoted_string_is_itself(text: str) -> None:
    clean = re.sub(r"[\x00]", "", text)
    quoted = "'" + clean.replace("'", "''") + "'"
    assert value(quoted) == clean
