"""No input crashes the extractors, and every fact of a whole file is told as it always was."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrib.dockerfile import parse
from contrib.facts import EXTRACTORS, extract
from contrib.values.errors import BadInput
from tests.bounds import calls, ends
from tests.facts.support import ALPINE, NANOSERVER, SERVERCORE, sheet

#: Pieces that facts are made of, put together at random.
PIECES = [
    "FROM alpine:3.20\n", "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n", "FROM x AS y\n", "FROM $X\n",
    'SHELL ["powershell", "-Command", "$ErrorActionPreference = \'Stop\';"]\n', 'SHELL ["cmd", "/S", "/C"]\n',
    'SHELL ["/bin/sh", "-eux", "-c"]\n', "ENV A_VERSION 1.2.3\n", "ENV A_URL=https://x.org/a-$A_VERSION.zip\n",
    "ARG X\n", "ENV PATH C:\\\\a;%PATH%\n", "RUN ", "CMD ", 'CMD ["a", "b.conf"]\n', 'ENTRYPOINT ["e.sh"]\n',
    "COPY --from=y a b\n", "COPY e.sh /\n", "ADD https://x.org/a.zip /a.zip\n", "WORKDIR ..\\\\x\n", "VOLUME [\"/x\"]\n",
    "EXPOSE 80 $P\n", "USER x\n", "HEALTHCHECK CMD x\n", "LABEL a=b\n", "MAINTAINER x\n", "STOPSIGNAL 9\n", "ONBUILD RUN x\n",
    "Invoke-WebRequest $env:A_URL -OutFile a.zip", "wget -O a.zip $A_URL", "curl -o a.zip %A_URL%", "| tar -xz -C /x",
    "if ((Get-FileHash a.zip).Hash -ne $x) { exit 1 }", "echo \"$S *a.zip\" | sha256sum -c -", "Expand-Archive a.zip -Dest C:\\a",
    "(Get-Content a.conf) -replace '^(a) .*', '$1 b' | Set-Content b.conf", "sed -ri 's!(a)b!\\1c!' a.conf", "setx /M PATH '%PATH%;x'",
    "[Environment]::SetEnvironmentVariable('PATH', $p, 'Machine')", "case \"$(uname -m)\" in x86_64) u=1 ;; esac", "set -ex; ",
    "for x in a b; do ", "done; ", "while ($true) { ", "} ", "{ ", "( ", ") ", "$(", "\"", "'", "`", " \\\n", "\n", "; ", " && ",
    " || exit 1", " | ", "> a.conf", ">> /etc/a.conf", "Start-Process msiexec -Wait -ArgumentList @('/i', 'a.msi')", "msiexec /i a.msi",
    "make -C /x install", "apk add --virtual .b gcc", "apk del .b", "rm -rf /x", "Remove-Item a.zip", "a --version", "<<EOF\n", "EOF\n",
    "\ud83d", "é", "\x00", "${A%%[a-z]*}", "${A:-b}", "%A:~0,3%", "@{a='b'}", "$x[0].y()", "-f $a, $b", "powershell -Command \"a; b\"",
]  # fmt: skip


def facts_of(data: bytes, entrypoint: bytes = b'exec "$@"\n') -> None:
    """Every extractor runs; what is told is plain data."""
    try:
        dockerfile = parse(data)
    except BadInput:  # UTF-16, NUL: no text
        return
    for each in extract(dockerfile, copied={"e.sh": entrypoint}).facts:
        assert each.value is not None and isinstance(each.value, str)
        assert each.line is None or each.line >= 1
        assert each.end_line is None or each.line is None or each.end_line >= 1


@settings(max_examples=250, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25))
def test_pieces_put_together_at_random(pieces: list[str]) -> None:
    data = "".join(pieces).replace("\x00", "").encode("utf-8", "surrogatepass")
    facts_of(data)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([ALPINE, SERVERCORE, NANOSERVER]), st.text(max_size=120))
def test_any_text_in_a_run(head: str, body: str) -> None:
    text = head + "RUN " + body.replace("\x00", "") + '\nCMD ["a"]\n'
    facts_of(text.encode("utf-8", "surrogatepass"))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200).map(lambda b: b.replace(b"\x00", b"")))
def test_any_bytes(data: bytes) -> None:
    facts_of(data)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=200))
def test_any_entrypoint_script(script: str) -> None:
    text = ALPINE + 'COPY e.sh /\nENTRYPOINT ["/e.sh"]\n'
    facts_of(text.encode(), script.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    "body",
    [
        "(" * 400,
        '"' + "a" * 20_000,
        "$(" * 200,
        "a | " * 400 + "b",
        "a && " * 1000 + "b",
        "if ($x) { " * 150,
        "x='" + "y" * 5000 + "'; " + "echo $x$x$x$x; " * 200,
        "; ".join(f"$v{n} = $v{n - 1} + $v{n - 1}" for n in range(1, 300)),
        "; ".join(f"v{n}=$v{n - 1}$v{n - 1}" for n in range(1, 300)),
        "sed -i 's/(((((a+)+)+)+)+$/b/' /etc/a.conf",
        "$x = 'a' * 100; $x -replace '(a+)+$', 'b'",
        "f() { f; f; f; }; f",
    ],
)
def test_time_and_memory_are_bounded(body: str) -> None:
    with ends():
        for head in (ALPINE, SERVERCORE, NANOSERVER):
            sheet(head + "RUN " + body + "\n")


@pytest.mark.parametrize(
    "lines_of",
    [
        lambda n: (
            f"ENV V{n}_VERSION 1.{n}\nRUN set -e; wget -O a{n}.tgz https://x.org/a-1.{n}.tgz; tar -xf a{n}.tgz; rm a{n}.tgz\n"
        ),
        lambda n: f"RUN wget -O a.tgz https://x.org/a-1.{n}.tgz; tar xf a.tgz; rm a.tgz\n",
        lambda n: f"RUN mv a{n} a{n + 1}; cp a{n} a{n + 2}\n",
        lambda n: (
            f"FROM alpine:3 AS s{n}\nCOPY --from=s{max(0, n - 1)} /a /b\nRUN wget https://x.org/{n}.tgz\n"
        ),
        lambda n: f"RUN sed -i 's/^k{n} .*/k{n} v/' /etc/a.conf\n",
    ],
)
def test_cost_grows_with_the_file_and_not_faster(lines_of: Callable[[int], str]) -> None:
    def cost(count: int) -> int:
        dockerfile = parse((ALPINE + "".join(lines_of(n) for n in range(count))).encode())
        return calls(lambda: extract(dockerfile))

    cost(20)
    assert cost(400) < 6 * cost(100)  # four times the file; sixteen times would be quadratic


def test_extractors_are_independent_of_each_other() -> None:
    modules = {extractor.__module__ for extractor in EXTRACTORS}
    assert len(modules) == len(EXTRACTORS)
