"""POSIX bodies."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrib.shells.model import Opaque, Redirection, Substitution, Text, Variable, commands, walk
from tests.bounds import ends

from .sketch import check_places, first, lines, posix, read


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("set -eux; A=1 B=\"c d\" wget -O x \"$U\" 2>/dev/null >&2", [
            "set -eux", 'A=1 B="c d" wget -O x "$U" 2> /dev/null >& 2']),
        ("echo \"$SHA *a\" | sha256sum -c -", ['echo "$SHA *a" | sha256sum -c -']),
        ("/usr/bin/make -j \"$(nproc)\" PREFIX=/x", ['make -j "$(nproc)" PREFIX=/x']),
        ("curl --output=a --retry 3 x", ["curl -output=a -retry 3 x"]),
        ("a && b || c > d", ["a && b || c > d"]),
        ("a | b > c", ["a | b > c"]),
        ("! a; ! b | c", ["! a", "! b | c"]),
        ("export X=\"a b\" Y; Z=1; W+=2; export V; local q=1; readonly r=2", [
            'env:X = "a b"', "local:Z = 1", "local:W += 2", "export V", "local:q = 1", "local:r = 2"]),
        ("a=(b \"c d\")", ['local:a = (b "c d")']),
        ("if [ \"$a\" = b ]; then c; elif ! d; then e; else f; fi", [
            'if [[ "$a" = b ]]<"$a" = b> { c } if not [! d] { e } else { f }']),
        ("if [[ -n $x ]]; then y; fi; if [ ! -f z ]; then w; fi", [
            "if [[[ -n $x ]]]<$x -n -> { y }", "if not [[ ! -f z ]]<z -f -> { w }"]),
        ("for f in a \"$b\"; do rm $f; done; for x; do y; done", ['for f a "$b" { rm $f }', "for x { y }"]),
        ("while true; do sleep 1; done; until a; do b; done; while :; do c; done", [
            "while true endless { true; sleep 1 }".replace("true; ", ""), "until a { b }", "while : endless { c }"]),
        ("case \"$a\" in x|y) b=1 ;; *) echo >&2 no; exit 1 ;; esac", ['case "$a" x|y { local:b = 1 } * { echo no >& 2; exit 1 }']),
        ("( cd a && b ); { c; d; } > e", ["subshell { cd a && b }", "brace { c; d } > e"]),
        ("f() { a; }; f", ["function f { a }", "f"]),
        ("exit; return 1; break", ["exit -", "return 1", "break -"]),
        ("a & b", ["a", "b"]),
        ("a # b", ["a"]),
        ("> x; : > y", ["?  > x".replace("  ", " "), ": > y"]),
        ("sed -ri 's!^( *createBoolConfig[(]\"protected-mode\",.*, *)1( *,.*[)],)$!\\10\\2!' a.c", [
            "sed -ri 's!^( *createBoolConfig[(]\"protected-mode\",.*, *)1( *,.*[)],)$!\\10\\2!' a.c"]),
        ("for a in b; do ( c ) done", ["for a b { subshell { c } }"]),
        ("apk add --no-cache --virtual .d gcc make", ["apk -no-cache -virtual add .d gcc make"]),
        ("test -f a", ["test -f a"]),
        ("unset A B", ["unset A B"]),
    ],
)  # fmt: skip
def test_statements(body: str, expected: list[str]) -> None:
    script = posix(body)
    assert lines(script) == expected
    assert script.unparsed == () and script.shell == "posix"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("'a b'", [Text("a b")]),
        ('"a $x\\"\\n"', [Text("a "), Variable("x", "env", "$x"), Text('"\\n')]),
        ("a\\ b'c'\"d\"", [Text("a bcd")]),
        ("${V%.*}-$1$?", [Variable("V", "env", "${V%.*}"), Text("-"), Variable("1", "local", "$1"), Variable("?", "local", "$?")]),
        ("${#V}", [Variable("V", "env", "${#V}")]),
        ("$'a\\n\\x41'", [Text("a\nA")]),
        ('""', [Text("")]),
        ('"$a b $c"', [Variable("a", "env", "$a"), Text(" b "), Variable("c", "env", "$c")]),
        ("https://x/?a=b", [Text("https://x/?a=b")]),
        ("/a/*.{b,c}", [Text("/a/*.{b,c}")]),
        ("--d=\"$x\"", [Text("--d="), Variable("x", "env", "$x")]),
        ("'é'", [Text("é")]),
        ("$", [Text("$")]),
    ],
)  # fmt: skip
def test_words(word: str, expected: list[object]) -> None:
    assert list(first(posix(f"a {word}")).words[-1].parts) == expected


def test_substitutions_hold_their_commands() -> None:
    script = posix('x="$(uname -m | tr a b)" y; echo "a$(b "$(c)")" `d` $((E + 1)); f="$x"')
    assert [c.full_name for c in commands(script.nodes)] == [
        "y",
        "uname",
        "tr",
        "echo",
        "b",
        "c",
        "d",
    ]
    echo = next(c for c in commands(script.nodes) if c.full_name == "echo")
    assert isinstance(echo.words[0].parts[1], Substitution)
    arithmetic = echo.words[2].parts[0]
    assert isinstance(arithmetic, Opaque) and [v.name for v in arithmetic.variables] == ["E"]


def test_a_variable_that_the_script_sets_is_local() -> None:
    script = posix("v=1; echo $v $w; for i in a; do echo $i; done")
    scopes = {v.name: v.scope for c in commands(script.nodes) for w in c.words for v in w.variables}
    assert scopes == {"v": "local", "w": "env", "i": "local"}


def test_here_documents_of_the_builder() -> None:
    parsed, script = read("FROM alpine\nRUN <<EOF\nset -e\na \\\n  b\nif c; then\n\td\nfi\nEOF\n")
    assert lines(script) == ["set -e", "a b", "if [c] { d }"]
    check_places(parsed, script)
    assert [node.span.line for node in script.nodes] == [3, 4, 6]
    _, script = read("FROM alpine\nRUN <<-EOF\n\ta\n\tb\n\tEOF\n")
    assert lines(script) == ["a", "b"]
    _, script = read("FROM alpine\nRUN cat <<EOF > /x && b\nhi $y\nEOF\n")
    assert [c.full_name for c in commands(script.nodes)] == ["cat", "b"]
    here = first(script).redirections[0]
    assert isinstance(here, Redirection) and here.operator == "<<" and here.target.parts[0] == Text("hi ")
    _, script = read("FROM alpine\nRUN <<EOF\n#!/usr/bin/env python3\nprint(1)\nEOF\n")
    assert lines(script) == ["python3"] and script.unparsed == ()
    _, script = read("FROM alpine\nRUN <<EOF\n#!/bin/bash\na\nEOF\n")
    assert lines(script) == ["a"]


def test_lines_and_places() -> None:
    parsed, script = read(
        "FROM alpine\nRUN set -e; \\\n\t# comment é\n\twget -O x 'ü' \\\n\t\t\"$U\"; \\\n\n\ttar x\n"
    )
    check_places(parsed, script)
    found = list(commands(script.nodes))
    assert [(c.full_name, c.span.line, c.span.end_line) for c in found] == [
        ("set", 2, 2),
        ("wget", 4, 5),
        ("tar", 7, 7),
    ]
    assert parsed.text_of(found[1].words[-1].span) == '"$U"'
    assert parsed.text_of(found[1].words[2].span) == "'ü'"


@pytest.mark.parametrize("body", ["a; if b; then c; d", "a; (b; c", "a 'b; c", "a; {{ b }}; c"])
def test_what_is_not_understood_is_noted_and_the_rest_read(body: str) -> None:
    script = posix(body)
    assert script.unparsed
    assert "a" in [c.full_name for c in commands(script.nodes)]


_PIECES = st.sampled_from(
    ["$x", "${y", "}", "{", "(", ")", "$(", "`", "'", '"', "\\", ";", ";;", "|", "&&", "||", "&", ">", "<<E", "2>&1", "if",
     "then", "fi", "else", "for", "in", "do", "done", "case", "esac", "while", "a", "b=c", "[", "]", "[[", "]]", "!", "#", "-x",
     "\n", "$((", "))", "é", "*", "f()"]
)  # fmt: skip
BODIES = st.lists(st.tuples(_PIECES, st.sampled_from(["", " "])), max_size=20).map(
    lambda ps: "".join(a + b for a, b in ps)
)


@settings(max_examples=400, deadline=None)
@given(BODIES)
def test_anything_is_read(body: str) -> None:
    if body.strip() and not body.strip().startswith("#!"):
        parsed, script = read(f"FROM alpine\nRUN <<STOP\n{body}\nSTOP\n")
        check_places(parsed, script)


@pytest.mark.parametrize(
    "body",
    ["(" * 8_000, "$(" * 8_000, "{ " * 8_000, "if a; then " * 3_000, '"$(' * 5_000, "a && " * 6_000, "a | " * 6_000,
     "a; " * 10_000, "'" * 8_001, "${a:-" * 6_000, "case a in b) " * 2_000, "((" * 5_000, "a$b" * 8_000, "x" * 70_000]
)  # fmt: skip
def test_time_and_depth_are_bounded(body: str) -> None:
    with ends():
        list(walk(posix("x" + body).nodes))
