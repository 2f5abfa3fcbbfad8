"""The reader: what it gives, and that BuildKit reads the same."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contrib.dockerfile import Dockerfile, Instruction, parse
from contrib.values.errors import BadInput
from tests.bounds import ends

from . import judge

needs_buildkit = pytest.mark.skipif(not judge.PRESENT, reason=judge.MISSING)


def one(text: str | bytes) -> Instruction:
    data = text.encode() if isinstance(text, str) else text
    return parse(data).instructions[-1]


def spelled(parsed: Dockerfile, instruction: Instruction) -> list[str]:
    return [parsed.text_of(word.span) for word in instruction.words]


# -- what it gives -----------------------------------------------------------------------------------


def test_stages_preamble_and_flags() -> None:
    parsed = parse(
        b"# syntax=docker/dockerfile:1\n# a comment\nARG V=1\nfrom --platform=linux/amd64 golang:$V as build\n"
        b"RUN make\n\nFROM scratch\nCOPY --from=build --link /a /b\n"
    )
    assert [d.name for d in parsed.directives] == ["syntax"]
    assert [c.text for c in parsed.comments] == ["# a comment"]
    assert [i.keyword for i in parsed.preamble] == ["ARG"]
    build, last = parsed.stages
    assert (build.base, build.name, build.platform) == ("golang:$V", "build", "linux/amd64")
    assert (last.base, last.name, last.index) == ("scratch", None, 1)
    copy = last.instructions[0]
    assert copy.flag("from") == "build" and copy.flag("link") == "" and copy.flag("chmod") is None
    assert copy.values == ("/a", "/b")
    assert parsed.text_of(copy.flags[0].span) == "--from=build"
    assert parsed.problems == ()


def test_continuations_comments_and_blank_lines_inside() -> None:
    parsed = parse(b"FROM a\nRUN one \\  \n  # why\n\n  && two \\\n\\\n && three\n")
    run = parsed.instructions[1]
    assert run.body == "one   && two  && three"
    assert (run.line, run.end_line) == (2, 7)
    assert [(c.text, c.span.line) for c in run.comments] == [("# why", 3)]
    at = run.body.index("three")
    span = run.span_of(at, at + 5)
    assert parsed.text_of(span) == "three" and span.line == 7
    assert run.offsets[at] == parsed.data.index(b"three")
    assert len(run.offsets) == len(run.body) + 1


def test_every_character_of_a_body_is_where_the_offsets_say() -> None:
    data = "\ufeffFROM a\r\nRUN echo é \\ \r\n\t# ¿\r\n  'ünï' 𝄞 && b\r\n".encode()
    parsed = parse(data)
    run = parsed.instructions[1]
    for index, char in enumerate(run.body):
        assert data[run.offsets[index] : run.offsets.end(index + 1)].decode() == char
    assert parsed.newline == "\r\n"
    assert parsed.text_of(run.span).startswith("RUN") and parsed.text_of(run.span).endswith("&& b")


def test_escape_directive() -> None:
    parsed = parse(b"# escape=`\nFROM a\nRUN dir `\n  C:\\\nENV A=C:\\b`\n")
    assert parsed.escape == "`"
    assert [i.body for i in parsed.instructions] == ["a", "dir   C:\\", "A=C:\\b"]


def test_doubled_backslash_at_a_line_end_is_no_continuation() -> None:
    assert [i.body for i in parse(b"FROM a\nCOPY a C:\\\\\nRUN b\n").instructions] == ["a", "a C:\\\\", "b"]


@pytest.mark.parametrize(
    ("line", "names", "legacy"),
    [
        ("ENV A b  c ", {"A": "b  c"}, True),
        ("ENV A=b C='d e' F=g\\ h", {"A": "b", "C": "'d e'", "F": "g\\ h"}, False),
        ('LABEL "a.b"="c" d=', {'"a.b"': '"c"', "d": ""}, False),
        ("ARG A B=1", {"A": None, "B": "1"}, False),
    ],
)
def test_pairs(line: str, names: dict[str, str | None], legacy: bool) -> None:
    parsed = parse(f"FROM a\n{line}\n".encode())
    instruction = parsed.instructions[1]
    assert {name.text: (value and value.text) or (value and "") for name, value in instruction.pairs} == names
    assert instruction.legacy is legacy
    for name, value in instruction.pairs:
        assert parsed.text_of(name.span) == name.text
        assert value is None or parsed.text_of(value.span) == value.text


def test_here_documents() -> None:
    parsed = parse(
        b"FROM a\nRUN <<EOF cat <<-'X'\n# no comment\nEOF\n\ta $b\n\tX\nCOPY <<f /g\nh\nf\nUSER u\n"
    )
    run, copy, user = parsed.instructions[1:]
    first, second = run.heredocs
    assert (first.delimiter, first.content, first.expand, first.strip_tabs) == (
        "EOF",
        "# no comment\n",
        True,
        False,
    )
    assert (second.delimiter, second.content, second.text, second.expand) == (
        "X",
        "\ta $b\n",
        "a $b\n",
        False,
    )
    assert parsed.data[second.span.start : second.span.end] == b"\ta $b\n" and second.span.line == 5
    assert (run.line, run.end_line) == (2, 6)
    assert copy.values == ("<<f", "/g") and copy.heredocs[0].content == "h\n"
    assert user.values == ("u",)


def test_json_form_and_its_fall_back() -> None:
    assert one('CMD ["a", "b\\u0041\\n"]').values == ("a", "bA\n")
    parsed = parse(b'FROM a\nCMD [ "a" , "b" ]\n')
    assert spelled(parsed, parsed.instructions[1]) == ['"a"', '"b"']
    for text in ("CMD ['a']", 'CMD ["C:\\a"]', 'CMD ["a"] b', "CMD [NaN]", "CMD [1e999]"):
        assert not one(text).exec_form and one(text).words == () and one(text).body == text[4:]
    assert one('COPY ["C:\\a", "b"]').values == ('["C:\\a",', '"b"]')


def test_healthcheck_onbuild_and_unknown() -> None:
    check = one("HEALTHCHECK --interval=5s cmd curl  x")
    assert check.values == ("cmd",) and check.body == "cmd curl  x" and not check.exec_form
    assert one('HEALTHCHECK CMD ["a"]').values == ("CMD", "a")
    onbuild = one("ONBUILD copy --from=b \\\n x y")
    assert onbuild.trigger is not None and onbuild.trigger.keyword == "COPY"
    assert onbuild.trigger.values == ("x", "y") and onbuild.trigger.words[0].span.line == 2
    assert onbuild.trigger.line_at(onbuild.trigger.words[0].span.start) == 2
    unknown = one("FORM a b")
    assert unknown.keyword == "FORM" and unknown.body == "a b" and unknown.problem == "FORM is no instruction"


def test_reads_on_after_a_bad_instruction() -> None:
    parsed = parse(b"FROM a\nENV PLUGIN_URL \nRUN b\nENV x=1 y\nCMD [1]\nUSER c\n")
    assert [i.keyword for i in parsed.instructions] == ["FROM", "ENV", "RUN", "ENV", "CMD", "USER"]
    assert [(p.line, p.level) for p in parsed.problems] == [(2, "parser"), (4, "parser"), (5, "parser")]
    name, value = parsed.instructions[1].pairs[0]
    assert (name.text, value and value.text) == ("PLUGIN_URL", "")
    assert parsed.instructions[3].values == ("x", "1")


@pytest.mark.parametrize(
    ("text", "line", "level"),
    [
        ("", 1, "parser"),
        ("# only\n# comments\n", 2, "parser"),
        ("# escape=x\nFROM a\n", 1, "parser"),
        ("# escape=`\n# escape=`\nFROM a\n", 2, "parser"),
        ("FROM a\nRUN <<EOF\n", 2, "parser"),
        ("FROM a\nRUN " + "x" * 65_600 + "\n", 2, "parser"),
        ("FROM a b\n", 1, "builder"),
        ("FROM a AS 1x\n", 1, "builder"),
        ("FROM\n", 1, "builder"),
        ("RUN a\n", 1, "builder"),
        ("FROM a\nCOPY x\n", 2, "builder"),
        ("FROM a\nCOPY --form=x y z\n", 2, "builder"),
        ("FROM a\nCOPY --from x y\n", 2, "builder"),
        ("FROM a\nCOPY --link=maybe x y\n", 2, "builder"),
        ("FROM a\nCOPY --from=b --from=c x y\n", 2, "builder"),
        ("FROM a\nCOPY a <<EOF\nEOF\n", 2, "builder"),
        ('FROM a\nCOPY ["a", "<<EOF"]\n', 2, "builder"),
        ("FROM a\nENV =b\n", 2, "builder"),
        ("FROM a\nARG\n", 2, "builder"),
        ("FROM a\nSHELL powershell\n", 2, "builder"),
        ("FROM a\nSHELL []\n", 2, "builder"),
        ("FROM a\nWORKDIR\n", 2, "builder"),
        ('FROM a\nVOLUME [""]\n', 2, "builder"),
        ("FROM a\nHEALTHCHECK\n", 2, "builder"),
        ("FROM a\nHEALTHCHECK CMD\n", 2, "builder"),
        ("FROM a\nHEALTHCHECK NONE x\n", 2, "builder"),
        ("FROM a\nONBUILD FROM b\n", 2, "builder"),
        ("FROM a\nONBUILD ONBUILD RUN b\n", 2, "builder"),
    ],
)
def test_problems(text: str, line: int, level: str) -> None:
    problems = parse(text.encode()).problems
    assert (problems[0].line, problems[0].level) == (line, level)
    assert problems[0].message


def test_what_is_no_text_is_refused() -> None:
    for data, word in (
        (b"FROM a\nRUN \0", "NUL"),
        ("FROM a".encode("utf-16"), "UTF-16"),
        (b"x" * (50 * 1024 * 1024), "MiB"),
    ):
        with pytest.raises(BadInput, match=word) as caught:
            parse(data, "here/Dockerfile")
        assert caught.value.file == "here/Dockerfile"
    with pytest.raises(BadInput) as caught:
        parse(b"FROM a\nRUN \0")
    assert caught.value.line == 2


def test_bytes_that_are_no_utf8_keep_their_place() -> None:
    data = b"FROM a\nRUN \xff\xfe b \\\n c\nENV A=\xe9\n"
    parsed = parse(data)
    run = parsed.instructions[1]
    assert data[run.offsets[run.body.index("c")] :].startswith(b"c\n")
    assert parsed.text_of(parsed.instructions[2].pairs[0][1].span) == "\udce9"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\n" + "RUN <<E{n}\n" * 20_000,
        "FROM a\n" + 'ENV A="' + '\\"' * 30_000 + "\n" + "LABEL b='\n" * 10_000,
        "FROM a\nRUN x " + "\\\n y" * 200_000,
        "FROM a\nCMD " + "[" * 60_000 + "\n" + "CMD " + "[" * 5_000 + "]" * 5_000 + "\n",
        "ONBUILD " * 8_000 + "RUN a\n",
        "FROM a\n" + "\\\n" * 300_000,
        "FROM a\nENV " + "a=b " * 16_000 + "\n",
        "FROM a\nCOPY " + "--a" * 20_000 + "\n",
    ],
    ids=[
        "heredocs",
        "quotes",
        "continuations",
        "brackets",
        "onbuild",
        "only-continuations",
        "words",
        "flags",
    ],
)
def test_time_is_bounded(text: str) -> None:
    lines = text.split("\n")
    data = "\n".join(line.replace("{n}", str(number)) for number, line in enumerate(lines)).encode()
    with ends(), contextlib.suppress(BadInput):  # more than 10,000 instructions are refused
        parse(data)


def test_more_instructions_than_a_dockerfile_has() -> None:
    assert len(parse(b"FROM a\n" + b"RUN a\n" * 9_999).instructions) == 10_000
    with pytest.raises(BadInput, match="10000 instructions are no Dockerfile") as raised:
        parse(b"FROM a\n" + b"RUN a\n" * 10_000)
    assert raised.value.line == 10_001


# -- BuildKit's judgement ----------------------------------------------------------------------------

_PIECES = st.one_of(
    st.sampled_from(
        [" ", "  ", "\t", "\\", "\\\\", "`", "'", '"', "=", "$", "${A}", "<<EOF", "<<-EOF", '<<"E"', "EOF", "#", "--",
         "--from=x", "--link", "[", "]", '["a"]', '["a", "b"]', '["a",1]', "{}", ",", "a", "b", "A=b", "C='d e'",
         "\n", "\\\n", "\\ \n", "`\n", "\r\n", "\\\r\n", "\n# c\n", "\\\n# c\n", "\\\n\n", "\u00e9", "\u2003", "\v",
         "as", "AS", "&&", "CMD", "NONE", ":", ";", "<", "\n\tEOF\n", "\nEOF\n", "\x1c", "null", "1e999", "\\u0041"]
    ),
    st.text(alphabet="ab \t\\\"'=$#-<[]{},\n", max_size=6),
)  # fmt: skip
_KEYWORDS = st.sampled_from(
    [
        *sorted(judge.KNOWN),
        "RUN",
        "CMD",
        "ENTRYPOINT",
        "SHELL",
        "HEALTHCHECK",
        "ONBUILD",
        "run",
        "Env",
        "FOO",
        "",
        "\\",
    ]
)
_LINE = st.builds(
    lambda keyword, blank, pieces: keyword + blank + "".join(pieces),
    _KEYWORDS,
    st.sampled_from([" ", "  ", "\t", "", " \\\n", " --from=x ", ' --a="b c" ']),
    st.lists(_PIECES, max_size=8),
)
_HEAD = st.sampled_from(
    ["", "# escape=`\n", "# escape=\\\n", "#syntax=a\n", "# syntax = a b \n# escape = ` \n", "\ufeff", "\ufeff# escape=`\n",
     "  # escape=`\n", "\n# escape=`\n", "# a\n# escape=`\n", "# escape=a\n", "#escape=`\r\n", "# ESCAPE=`\n# Escape=`\n"]
)  # fmt: skip
FILES = st.builds(
    lambda head, lines, end: head + "\n".join(lines) + end,
    _HEAD,
    st.lists(st.one_of(_LINE, _LINE, st.just("FROM a"), st.just("# c"), st.just("")), max_size=6),
    st.sampled_from(["", "\n", "\r\n", "\nEOF\n"]),
)


@needs_buildkit
@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FILES)
def test_generated_files_read_as_buildkit_reads_them(text: str) -> None:
    data = text.encode()
    parsed = parse(data)
    if judge.newer(parsed) is None:
        assert judge.difference(data, parsed) is None


@settings(max_examples=300, deadline=None)
@given(st.one_of(FILES.map(str.encode), st.binary(max_size=200)))
def test_nothing_is_lost_and_places_are_true(data: bytes) -> None:
    try:
        parsed = parse(data)
    except BadInput:
        return
    assert parsed.data == data
    for instruction in parsed.instructions:
        assert 0 <= instruction.span.start <= instruction.span.end <= len(data)
        places = list(instruction.offsets)
        assert places == sorted(places)
        for index, char in enumerate(instruction.body):
            spelled_char = data[places[index] : instruction.offsets.end(index + 1)]
            assert spelled_char.decode("utf-8", "surrogateescape") == char
        for comment in instruction.comments:
            assert parsed.text_of(comment.span) == comment.text
        for word in instruction.words:
            assert instruction.line <= word.span.line <= word.span.end_line <= instruction.end_line
            assert parsed.line_of(word.span.start) == word.span.line or word.span.start == len(data)


_FIXTURES = [
    "FROM a\nENV A=b\\\\\\\nENV C='d\\\nLABEL e=\"f\\\\\\\n",
    "FROM a\nENV A='b c' D=\"e 'f'\" G=h\\ i J=\nENV K l  m\nLABEL \"n o\"=p\nENV\n",
    "FROM a\nENV A=b c\n",
    "FROM a\nLABEL a\n",
    "FROM a\nARG A B=1 C='d e' 'f'=g\nARG\n",
    "FROM a\nCOPY --from=b --chown=1:2 \"--chmod=7\" c d\nRUN --mount=type=cache,target='/a b' -- --x\nADD --a\\ b=c d e\n",
    'FROM a\nRUN --\nRUN -- a\nRUN --a\nCOPY --a="b c" d --e f\n',
    'FROM a\nRUN <<A cat <<-B 3<<C\n1\nA\n\t2\n\tB\n3\nC\nRUN <<\'D\' "<<E" \\<<F\nD\nCOPY <<G <<"H" /i\nG\nH\n',
    'FROM a\nRUN [\'<<A\']\nRUN "<<B\nRUN ["<<C"]\nCMD <<D\n',
    'FROM a\nONBUILD COPY <<A /b\nc\nA\nONBUILD RUN ["a"]\nONBUILD\n',
    "FROM a\nRUN a \\\n\n# c\n \\\n  b \\ \t\n c\n\\\n\nRUN d\n",
    "\ufeff# escape=`\r\n#syntax=x\r\nFROM a\r\nRUN b `\r\n  c\\\r\nENV A=b` c\r\n",
    "# escape = ` \n\n# escape=\\\nFROM a\nRUN b `\n c\n",
    "from a as b\nFrom c AS D\nrun e\nfoo bar\n",
    'FROM a\nHEALTHCHECK --interval=1s CMD ["a", "b"]\nHEALTHCHECK NONE\nHEALTHCHECK cmd a b\nHEALTHCHECK\n',
    'FROM a\nCMD ["a", "\\u00e9\\ud83d\\ude00\\n\\\\"]\nCMD [ ]\nCMD ["a",]\nCMD ["C:\\a"]\nVOLUME ["b", "c"]\nVOLUME d e\n',
    "FROM a\nCMD [1]\n",
    'FROM a\nEXPOSE 1 \t 2\nUSER a b\nWORKDIR  /c d \nSTOPSIGNAL x y\nMAINTAINER a <b@c>\nSHELL ["a"]\nSHELL b\n',
    "   FROM a\n\tRUN b\n  # c\n  RUN d\n",
    "FROM a\n\\\nRUN b\n",
    "\\\n",
    "# only\n",
    "FROM a\nRUN b \\",
]


@needs_buildkit
@pytest.mark.parametrize("text", _FIXTURES)
def test_fixtures_read_as_buildkit_reads_them(text: str) -> None:
    parsed = parse(text.encode())
    assert judge.newer(parsed) is None
    assert judge.difference(text.encode(), parsed) is None
