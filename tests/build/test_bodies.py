"""Bodies and what they do: downloads with their fate, installers, PATH; the cases of the issue among them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrib.build import actions as act
from contrib.build import options, read
from contrib.build.downloads import Fetched, fetched
from contrib.build.start import start_of
from contrib.dockerfile import parse
from contrib.rules.context import Context

CMD = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
SHA = "24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d"
POWERSHELL = (
    CMD
    + 'SHELL ["powershell", "-Command", "$ErrorActionPreference = \'Stop\'; $ProgressPreference = \'SilentlyContinue\';"]\n'
    + f"ENV SHA={SHA}\n"
)
U = "https://example.org/app-1.2.3.zip"


def fates(text: str) -> tuple[Fetched, ...]:
    return fetched(read(parse(text.encode())))


@pytest.mark.parametrize(
    ("text", "urls", "verified"),
    [
        (CMD + "RUN curl -fSLO https://example.org/a-1.zip -O https://example.org/b-1.zip", ["https://example.org/a-1.zip", "https://example.org/b-1.zip"], [False, False]),
        (CMD + f"ENV SHA={SHA}\nRUN curl --output-dir C:\\\\t -fSL -o app.zip {U} && certutil -hashfile C:\\\\t\\\\app.zip SHA256 | findstr %SHA%", [U], [True]),
        (CMD + f"RUN curl --max-redirs 3 -L -o app.zip {U}", [U], [False]),
        (CMD + f"RUN curl -w done -L -o app.zip {U}", [U], [False]),
        (CMD + f"RUN curl --proto =https --tlsv1.2 -L -o app.zip {U}", [U], [False]),
        (CMD + f"RUN curl --cacert ca.pem -L -o app.zip {U}", [U], [False]),
        (POWERSHELL + "RUN foreach ($f in 'a','b') { Invoke-WebRequest -Uri https://example.org/$f-1.zip -OutFile \"$f.zip\" }", ["https://example.org/a-1.zip", "https://example.org/b-1.zip"], [False, False]),
        (POWERSHELL + f"RUN function check($f,$h) {{ if ((Get-FileHash $f).Hash -ne $h) {{ exit 1 }} }}; Invoke-WebRequest {U} -OutFile app.zip; check app.zip $env:SHA", [U], [True]),
        (POWERSHELL + f"RUN function check {{ param($f, $h) if ((Get-FileHash $f).Hash -ne $h) {{ throw 'x' }} }}; Invoke-WebRequest {U} -OutFile app.zip; check -h $env:SHA -f app.zip", [U], [True]),
        (POWERSHELL + f"RUN Invoke-WebRequest {U} -OutFile app.zip; $s=[Security.Cryptography.SHA256]::Create(); $h=[BitConverter]::ToString($s.ComputeHash([IO.File]::ReadAllBytes('app.zip'))).Replace('-',''); if ($h -ne $env:SHA) {{ exit 1 }}; Expand-Archive app.zip", [U], [True]),
        (CMD + "RUN git clone https://github.com/a/b.git", ["https://github.com/a/b.git"], [False]),
        (CMD + f"RUN wget -P C:\\\\t {U}", [U], [False]),
        (POWERSHELL + f"RUN $null = Invoke-WebRequest {U} -Method Head", [], []),
        (CMD + f"RUN curl -I {U}", [], []),
        (POWERSHELL + f"RUN Invoke-WebRequest {U} -OutFile a.zip; if (-not ((Get-FileHash a.zip).Hash -eq $env:SHA)) {{ throw 'x' }}", [U], [True]),
        (POWERSHELL + f"RUN Invoke-WebRequest {U} -OutFile a.zip; if ((Get-FileHash a.zip -Algorithm sha256).Hash -cne $env:SHA) {{ Write-Error 'x' }}", [U], [True]),
        (POWERSHELL + f"RUN Invoke-WebRequest {U} -OutFile a.exe; if ((Get-AuthenticodeSignature a.exe).SignerCertificate.Thumbprint -ne '{SHA[:40]}') {{ throw 'x' }}", [U], [True]),
        (POWERSHELL + f"RUN Invoke-WebRequest {U} -OutFile a.zip; gpg --verify a.zip.asc a.zip", [U], [True]),
        (POWERSHELL + f"RUN bitsadmin /transfer j {U} C:\\a.zip", [U], [False]),
        (CMD + f"RUN certutil -urlcache -split -f {U} a.zip", [U], [False]),
        (POWERSHELL + f"RUN curl.exe -fsSLo a.zip ('{U}' -f 1)", [U], [False]),
        (POWERSHELL + "RUN Start-BitsTransfer -Source " + U + " -Destination C:/a.zip", [U], [False]),
        (CMD + f"ADD {U} C:/a.zip", [U], [False]),
    ],
)  # fmt: skip
def test_downloads_of_a_body(text: str, urls: list[str], verified: list[bool]) -> None:
    found = fates(text + "\n")
    assert [each.url for each in found] == urls
    assert [each.verified for each in found] == verified
    reviewed = Context.of(parse((text + "\n").encode())).downloads
    assert [(each.url, each.file, each.verified) for each in reviewed] == [
        (each.url, each.file, each.verified) for each in found
    ]


def test_a_removal_counts_for_its_own_file() -> None:
    text = POWERSHELL + (
        "RUN foreach ($f in 'a','b') { Invoke-WebRequest https://example.org/$f-1.zip -OutFile \"$f.zip\"; "
        'Expand-Archive "$f.zip" C:\\x }; Remove-Item a.zip\n'
    )
    assert [(each.shown, each.removed) for each in fates(text)] == [("a.zip", True), ("b.zip", False)]


def test_a_removal_that_cannot_be_told_leaves_it_open() -> None:
    text = (
        POWERSHELL
        + f"RUN Invoke-WebRequest {U} -OutFile a.zip; Expand-Archive a.zip C:\\x; Remove-Item $env:UNSET\n"
    )
    assert [each.removed for each in fates(text)] == [None]


@pytest.mark.parametrize(
    ("verb", "revision"),
    [("checkout -q 0123456789012345678901234567890123456789", "0123456789012345678901234567890123456789"), ("checkout -q main", "main")],
)  # fmt: skip
def test_what_is_checked_out_after_a_clone(verb: str, revision: str) -> None:
    text = POWERSHELL + f"RUN git clone -q https://github.com/a/b C:\\src; cd C:\\src; git {verb}\n"
    (found,) = read(parse(text.encode())).of(act.Download)
    assert found.revision == revision


@pytest.mark.parametrize(
    ("lines", "program", "arguments", "fixed", "around"),
    [
        ('CMD ["redis-server.exe", "--a"]', "redis-server", ("--a",), (), ""),
        ('ENTRYPOINT ["C:\\\\r.exe", "--a"]\nCMD ["--b"]', "r", ("--a", "--b"), ("--a",), ""),
        ('ENTRYPOINT ["powershell", "C:/redis/redis-server.exe"]', "redis-server", (), (), "powershell"),
        ("ENTRYPOINT C:\\redis\\redis-server.exe --protected-mode no", "redis-server", ("--protected-mode", "no"), ("--protected-mode", "no"), "cmd"),
        ('CMD ["cmd", "/S", "/C", "C:\\\\redis\\\\redis-server.exe"]', "redis-server", (), (), "cmd"),
        ('ENTRYPOINT ["cmd", "/S", "/C"]\nCMD ["redis-server.exe", "--x"]', "redis-server", ("--x",), (), "cmd"),
        ("CMD [\"pwsh.exe\", \"-NoLogo\", \"-Command\", \"& 'C:\\\\a b\\\\x.exe' --foo\"]", "x", ("--foo",), (), "pwsh"),
        ('ENTRYPOINT []\nCMD ["a.exe"]', "a", (), (), ""),
        ("CMD redis-server.exe --port 1", "redis-server", ("--port", "1"), (), "cmd"),
        ('CMD ["cmd"]', "", (), (), ""),
    ],
)  # fmt: skip
def test_the_main_process(
    lines: str, program: str, arguments: tuple[str, ...], fixed: tuple[str, ...], around: str
) -> None:
    start = start_of(read(parse((CMD + lines + "\n").encode())))
    assert (start.program, start.arguments, start.fixed, start.around) == (program, arguments, fixed, around)


VALUED = sorted(options.CURL.valued - {"config", "output", "output-dir", "url", "next"})
FLAGS = sorted(options.CURL.flags - {"next", "head", "remote-name", "remote-name-all", "version", "manual"})


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(
                st.sampled_from(VALUED), st.sampled_from(["5", "x", "=https", "a:b", "C:\\\\t", "'a b'"])
            ),
            st.tuples(st.sampled_from(FLAGS)),
            st.tuples(st.sampled_from(["not-an-option", "another"])),
        ),
        max_size=8,
    ),
    st.integers(0, 8),
    st.sampled_from(["", 'SHELL ["powershell", "-Command"]\n']),
)
def test_a_download_stays_a_download(given_: list[tuple[str, ...]], at: int, shell: str) -> None:
    words = ["--" + " ".join(option) for option in given_]
    words.insert(min(at, len(words)), f"-o app.zip {U}")
    found = fates(CMD + shell + "RUN curl.exe " + " ".join(words) + "\n")
    assert U in [each.url for each in found]
