"""What a body costs: nothing that a script repeats, calls or makes of values costs a power of its length."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from contrib.build import read
from contrib.build.account import Build
from contrib.build.reading import Reader
from contrib.build.transfers import curl
from contrib.build.turns import MAX_AGAIN
from contrib.dockerfile import parse
from tests.bounds import calls
from tests.build.test_actions import HEADS


def build(shell: str, body: str) -> Build:
    return read(parse(f"{HEADS[shell]}RUN {body}\n".encode()))


def _loops(head: str, tail: str) -> Callable[[int], str]:
    return lambda depth: "".join(head.format(i) for i in range(depth)) + "x" + tail * depth


NESTED = {
    "foreach": ("powershell", _loops("foreach ($a{} in 1..20) {{ ", " }")),
    "ForEach-Object": ("powershell", _loops("1..50 | % {{ ", " }")),
    "for": ("posix", _loops("for a{} in 1 2 3 4 5 6 7 8 9; do ", "; done")),
    "calls": ("posix", lambda depth: "; ".join(f"f{i}() {{ {f'f{i + 1}; ' * 60}}}" for i in range(depth)) + "; f0"),
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(NESTED))
def test_loops_in_loops_and_calls_in_calls_are_followed_to_a_bound(kind: str) -> None:
    shell, body = NESTED[kind]
    text = f"{HEADS[shell]}RUN {body(5)}\n"
    reader = Reader(parse(text.encode()), {}, None, False)
    reader.build()
    assert MAX_AGAIN <= reader.walk.again < 2 * MAX_AGAIN


def test_what_is_not_followed_to_its_end_is_noted() -> None:
    notes = build("powershell", NESTED["foreach"][1](5)).notes
    assert any("could not be read to its end" in text for _, text in notes)


REPEATED = {
    "computed": ("powershell", "iex 'iwr https://example.org/a.zip -OutFile a.zip'"),
    "started": ("powershell", "Start-Process curl.exe -ArgumentList '-O','https://example.org/a.zip'"),
    "tables": ("powershell", "$p = @{ Uri = 'https://example.org/a.zip' }; $p.OutFile = 'a.zip'; iwr @p"),
    "streams": (
        "powershell",
        "$r = iwr https://example.org/a; [IO.File]::WriteAllBytes('C:\\a', $r.Content)",
    ),
    "lines": ("powershell", "gc C:\\x.conf | % { $_ -replace 'a','b' } | sc C:\\x.conf"),
    "sed": ("posix", "sed -i -e 's/a/b/' -e '$a port 1' /etc/x.conf"),
    "globs": ("posix", "curl -fsSLO 'https://example.org/{a,b}-[1-9].zip'"),
}


@pytest.mark.parametrize("kind", sorted(REPEATED))
def test_cost_grows_with_the_body(kind: str) -> None:
    shell, statement = REPEATED[kind]
    build(shell, statement)
    small, large = (calls(lambda n=n: build(shell, "; ".join([statement] * n))) for n in (5, 40))  # type: ignore[misc]
    assert large < small * 12


def test_alternatives_of_an_address_are_bounded() -> None:
    for glob in ("{a,b,c}", "[1-9]"):
        found = curl(["-O", "https://example.org/" + glob * 4])[1]
        assert len(found) == 20
        assert len(curl(["-O", "https://example.org/" + glob * 2000])[1]) == 1
