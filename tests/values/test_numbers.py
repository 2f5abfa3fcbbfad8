"""A digit of another script is a digit to Python, and no number: nothing that is not ASCII reaches ``int``."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from contrib.compare import compare
from contrib.dockerfile import parse
from contrib.facts import extract
from contrib.images import load
from contrib.rules.review import Reviewed, review_all
from contrib.upstream.manifest import _compare
from contrib.values.numbers import whole

PACKAGE = Path(__file__).parents[2] / "contrib"
ODD = ("²", "٣", "१", "９", "①", "9" * 5000)


@pytest.mark.parametrize("text", [*ODD, "", "-1", "+1", "1_0", " 1", "1.0"])
def test_what_is_no_number(text: str) -> None:
    assert whole(text) is None


def test_a_guard_of_int_is_for_ascii() -> None:
    """``isdigit`` and its like are no guard for ``int`` or ``float`` alone."""
    for file in PACKAGE.rglob("*.py"):
        text = file.read_text("utf-8")
        if (
            not any(each in text for each in ("isdigit", "isdecimal", "isnumeric"))
            or file.name == "launcher.py"
        ):
            continue  # the launcher reads /proc
        for function in ast.walk(ast.parse(text)):
            if not isinstance(function, ast.FunctionDef):
                continue
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
            asked: dict[str, set[str]] = {}
            for call in calls:
                if isinstance(call.func, ast.Attribute):
                    asked.setdefault(call.func.attr, set()).add(ast.unparse(call.func.value))
            numbers = any(
                isinstance(call.func, ast.Name) and call.func.id in ("int", "float") for call in calls
            )
            digits = set().union(*(asked.get(each, set()) for each in ("isdigit", "isdecimal", "isnumeric")))
            assert not numbers or digits <= asked.get("isascii", set()), f"{file}:{function.lineno}"


PLACES = (
    "RUN tar -xf a.tar --strip-components={}",
    "RUN f() {{ shift {}; }}; f a b",
    "RUN set -- a b; shift {}; echo $1",
    "RUN if [ {} -lt 1 ]; then echo a; fi",
    "RUN sleep {}; head -c {} a; cut -f {} b; sed -n {}p c; tail -n +{} d; chmod {} e; dd bs={} count={}",
    "SHELL [\"powershell\", \"-Command\"]\nRUN $a = (1,2)[{}..{}]; $b = 'x'.Substring({}); Start-Sleep {}; $c = {} + 1; $d[{}]",
    "COPY --from={} /a /b",
    "EXPOSE {}-{}/tcp {}",
    "HEALTHCHECK --retries={} --interval={}s CMD x",
    "USER {}:{}\nSTOPSIGNAL {}\nCOPY --chmod={} --chown={}:{} a b",
    "ENV A_VERSION 7.2.{}\nRUN curl -o a https://example.com/a-{}.{}.zip --retry {} --max-time {}",
)  # fmt: skip


@pytest.mark.parametrize("base", ["alpine:3.20", "mcr.microsoft.com/windows/servercore:ltsc2022"])
def test_no_place_in_a_dockerfile_takes_one(base: str) -> None:
    for odd in ODD:
        text = f"FROM {base}\n" + "\n".join(
            place.replace("{{", "{").replace("}}", "}").replace("{}", odd) for place in PLACES
        )
        file = parse(text.encode(), "Dockerfile")
        found = extract(file)
        assert review_all([Reviewed(file)]) and compare(found, found, load("redis"))


def test_tags_are_ordered_whatever_is_in_them() -> None:
    assert (
        _compare("1.²", "1.3") != 0 and _compare("a" + "9" * 5000, "a1") > 0 and _compare("1.09", "1.9") == 0
    )
