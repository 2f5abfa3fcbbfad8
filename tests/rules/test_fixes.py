"""Fixes under variation: line endings, indentation, comments, case, what stands around."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrib.dockerfile import parse
from contrib.rules import REGISTRY
from contrib.rules.mend import mend
from contrib.rules.review import Reviewed, review

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
    mended = mend(file)
    after = parse(mended.data)
    assert len(after.problems) <= len(before.problems)
    found = review(after, path=file.path, twin=file.twin)
    assert not [f for f in found if f.fixable], "what can be mended is mended"
    again = mend(Reviewed(after, file.path, file.twin))
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
    mended = mend(file)
    assert {finding.rule for finding in mended.made} == rules
    found = {finding.rule for finding in review(parse(mended.data))}
    assert not found & rules
    assert mend(Reviewed(parse(mended.data))).data == mended.data
