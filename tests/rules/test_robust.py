"""Whatever the file: a review, never a crash, in bounded time."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrib.dockerfile import parse
from contrib.rules import REGISTRY
from contrib.rules.review import Reviewed, fix_file, review
from contrib.values.findings import Finding
from tests.bounds import calls, ends

PATH = "1.2/windows/windowsservercore-ltsc2022/Dockerfile"
HEAD = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
SHELL = 'SHELL ["powershell", "-Command"]\n'

PIECES = st.sampled_from(
    [
        "FROM mcr.microsoft.com/windows/nanoserver:1809 AS a\n", "FROM a\n", "FROM $X\n", "FROM\n", "FROM microsoft/nanoserver\n",
        "RUN ", "ENV ", "ARG ", "CMD ", "ENTRYPOINT ", "COPY --from=", "ADD ", "SHELL ", "USER ", "ONBUILD ", "HEALTHCHECK ",
        "WORKDIR ", "VOLUME ", "LABEL ", "STOPSIGNAL 9\n", "MAINTAINER x\n", "# escape=`\n", "# a comment\n",
        '["powershell", "-Command", ', '"C:\\app"]', "[", "]", '"', "'", "(", ")", "{", "}", "$(", "@(", "@{", ";", "|", "&&", "||",
        "wget ", "Invoke-WebRequest -Uri ", "https://example.org/a-1.2.3.zip ", "http://x/$env:A ", "-OutFile ", "a.zip ",
        "if ((Get-FileHash a.zip).Hash -ne ", "$env:A_SHA256 ", "exit 1 ", "Expand-Archive ", "Remove-Item ", "Start-Process ",
        "msiexec /i a.msi ", "-Wait ", "setx PATH ", "%PATH% ", "$h = ", "-f ", "{0} ", "powershell ", "cmd /c ", "while ($true) ",
        "A_VERSION=1.2.3 ", "A_URL ", "PATH=$PATH;C:\\\\b ", "C:\\data ", "C:\\\\Program Files\\\\x ", "\\\n", "\\\r\n", "\n", "\r\n", "\t", " ",
        "<<EOF\n", "EOF\n", "ü", "\x80", "`", "--mount=type=cache,target=x ", "$", "\\", "pip install pip ", "choco install git ",
    ]
)  # fmt: skip


@given(
    st.lists(PIECES, max_size=40).map("".join),
    st.sampled_from(["", HEAD, HEAD + SHELL, HEAD + SHELL + "RUN "]),
)
@settings(max_examples=250, deadline=None)
def test_any_text_is_reviewed_and_mended(text: str, head: str) -> None:
    file = parse((head + text).encode("utf-8", "surrogateescape"))
    found = review(file, path=PATH, twin=parse(b"FROM alpine\nVOLUME /data\n"))
    well_formed(found, file.data)
    # one mistake, one finding
    assert len({(f.rule, f.line) for f in found if f.rule in REGISTRY}) == len(
        [f for f in found if f.rule in REGISTRY]
    )
    mended = fix_file(Reviewed(file, PATH))
    again = fix_file(Reviewed(parse(mended.data), PATH))
    assert again.data == mended.data


def well_formed(found: Sequence[Finding], data: bytes) -> None:
    """Each finding is a sentence about lines that the file has."""
    lines = data.count(b"\n") + 1
    for finding in found:
        assert finding.line is None or 1 <= finding.line <= lines
        assert finding.end_line is None or finding.line is None or finding.end_line >= finding.line
        assert finding.message and not finding.message.endswith(".")
        if finding.fix is not None:
            for edit in finding.fix.edits:
                assert 0 <= edit.start <= edit.end <= len(data)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "# only a comment\n",
        "RUN echo hello\n",
        HEAD + "FLY to the moon\n",
        HEAD + SHELL + "RUN Write-Host 'never closed\n",
        HEAD + SHELL + "RUN " + "(" * 3000 + "\n",
        HEAD + SHELL + "RUN " + "$(" * 3000 + "\n",
        HEAD + SHELL + "RUN " + "if (1) { " * 2000 + "\n",
        HEAD + "RUN " + "powershell -Command " * 500 + "\n",
        HEAD + "CMD " + "[" * 5000 + "\n",
        HEAD + "ENV A=" + "\\" * 5001 + "\n",
        "\ufeff" + HEAD,
    ],
    ids=range(13),
)
def test_strange_files(text: str) -> None:
    with ends():
        file = parse(text.encode())
        found = review(file, path=PATH)
    well_formed(found, file.data)


def test_unread_shell_text_is_a_note_with_its_line() -> None:
    found = review(parse((HEAD + SHELL + "RUN Write-Host 1; \\\n\tif (\n").encode()))
    notes = [f for f in found if f.rule == "unread-shell"]
    assert notes and notes[0].severity.value == "note"


def test_the_rest_of_a_file_with_a_refused_instruction_is_judged() -> None:
    found = review(parse((HEAD + "FLY away\nMAINTAINER me\n").encode()))
    assert [(f.rule, f.line) for f in found] == [("refused-by-builder", 2), ("maintainer-instruction", 3)]


@pytest.mark.parametrize("kind", ["RUN", "statements", "verified", "stages"])
def test_cost_grows_with_the_file(kind: str) -> None:
    def text(n: int) -> bytes:
        zero = "0" * 64
        bodies = {
            "RUN": HEAD + SHELL + "".join(f"ENV U{i}=http://e.org/a-{i}.0.zip\nRUN wget $env:U{i} -OutFile a.zip\n" for i in range(n)),
            "statements": HEAD + SHELL + "RUN " + "".join(f"$a{i} = 'x{i}'; Copy-Item $a{i} b; \\\n" for i in range(n)) + "x\n",
            "verified": HEAD + SHELL + "RUN " + "".join(
                f"wget https://e.org/{i}.zip -OutFile {i}.zip; if ((Get-FileHash {i}.zip).Hash -ne '{zero}') {{ exit 1 }}; Remove-Item {i}.zip; \\\n"
                for i in range(n // 2)
            ) + "x\n",
            "stages": "".join(f"FROM mcr.microsoft.com/windows/servercore:ltsc2022 AS s{i}\nRUN echo {i}\n" for i in range(n)),
        }  # fmt: skip
        return bodies[kind].encode()

    def cost(n: int) -> int:
        file = parse(text(n))
        return calls(lambda: review(file, path=PATH))

    cost(20)
    # eight times the file; sixty-four times the calls would be its square
    assert cost(800) < cost(100) * 12
