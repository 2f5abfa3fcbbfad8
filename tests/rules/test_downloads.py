"""What a body does: downloads, values, checks, use and removal, in three shells."""

from __future__ import annotations

import pytest

from contrib.build import paths
from contrib.build.downloads import Fetched
from contrib.dockerfile import parse
from contrib.rules.context import Context

SC = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
PS = 'SHELL ["powershell", "-Command"]\n'
HEX = "24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d"


def downloads(text: str) -> tuple[Fetched, ...]:
    return Context.of(parse((SC + text).encode())).downloads


@pytest.mark.parametrize(
    ("text", "url", "output", "tool"),
    [
        (PS + "RUN Invoke-WebRequest -Uri https://e.org/a.zip -OutFile a.zip", "https://e.org/a.zip", "a.zip", "Invoke-WebRequest"),
        (PS + "RUN iwr https://e.org/a.zip -o a.zip", "https://e.org/a.zip", "a.zip", "iwr"),
        (PS + "RUN Invoke-RestMethod https://e.org/a.json -OutFile a.json", "https://e.org/a.json", "a.json", "Invoke-RestMethod"),
        (PS + "RUN Start-BitsTransfer -Source https://e.org/a.zip -Destination C:\\a.zip", "https://e.org/a.zip", "C:\\a.zip", "Start-BitsTransfer"),
        (PS + "RUN $c = New-Object Net.WebClient; $c.DownloadFile('https://e.org/a.zip', \"$env:TEMP\\a.zip\")", "https://e.org/a.zip", "$env:TEMP\\a.zip", None),
        (PS + "RUN curl.exe -fsSL -o C:/a.zip https://e.org/a.zip", "https://e.org/a.zip", "C:/a.zip", "curl.exe"),
        ("RUN curl -LO https://e.org/x/a.zip?y=1", "https://e.org/x/a.zip?y=1", "a.zip", "curl"),
        ("RUN curl -L https://e.org/a.zip --output a.zip", "https://e.org/a.zip", "a.zip", "curl"),
        ("RUN curl -H \"A: b\" --url https://e.org/a.zip > b.zip", "https://e.org/a.zip", "b.zip", "curl"),
        ("RUN certutil -urlcache -f https://e.org/a.zip a.zip", "https://e.org/a.zip", "a.zip", "certutil"),
        ("RUN bitsadmin /transfer job https://e.org/a.zip C:\\a.zip", "https://e.org/a.zip", "C:\\a.zip", "bitsadmin"),
        ("RUN powershell -Command \"wget https://e.org/a.zip -OutFile a.zip\"", "https://e.org/a.zip", "a.zip", "wget"),
        ("RUN echo hi && powershell -Command \"wget https://e.org/a.zip -OutFile a.zip\"", "https://e.org/a.zip", "a.zip", "wget"),
        ("ENV V=1\nADD https://e.org/a-$V.zip C:/x/", "https://e.org/a-1.zip", "C:/x/a-1.zip", "ADD"),
        (PS + "ENV V=1.2\nRUN $v = $env:V; $u = ('https://e.org/{0}/a-{1}.zip' -f $v, ($v -replace '\\.', '-')); iwr $u -OutFile ('{0}.zip' -f $v)", "https://e.org/1.2/a-1-2.zip", "1.2.zip", "iwr"),
        ("ENV V=1.2\nRUN curl -o a https://e.org/%V:.=_%", "https://e.org/1_2", "a", "curl"),
        ("ENV V=1.2\nRUN set W=%V%x&& curl -o a https://e.org/%V%", "https://e.org/1.2", "a", "curl"),
    ],
)  # fmt: skip
def test_a_download_by_any_tool(text: str, url: str, output: str, tool: str | None) -> None:
    (found,) = downloads(text + "\n")
    assert (found.url, paths.name(found.file or "-")) == (url, paths.name(output))
    assert found.url_known
    if tool is not None:
        assert found.line >= 2


@pytest.mark.parametrize(
    "text",
    [
        "RUN curl --version",
        "RUN certutil -hashfile a.zip SHA256",
        PS + "RUN Write-Host 'Invoke-WebRequest https://e.org/a -OutFile a'",
        PS + "RUN (New-Object Net.WebClient).Dispose()",
        "COPY https a",
        "CMD curl -o a https://e.org/a",
    ],
)
def test_no_download(text: str) -> None:
    assert downloads(text + "\n") == ()


def test_what_cannot_be_known_stays_visible() -> None:
    (found,) = downloads(PS + "RUN iwr https://e.org/$env:UNSET/a.zip -OutFile $env:TEMP\\a.zip\n")
    assert found.url == "https://e.org/$env:UNSET/a.zip" and not found.url_known
    assert found.file is not None and found.file.endswith("\\Temp\\a.zip")


@pytest.mark.parametrize(
    ("after", "verified", "unpacked", "started", "removed"),
    [
        ("Expand-Archive a.zip", False, True, False, False),
        ("tar -xf .\\a.zip; Remove-Item .\\a.zip", False, True, False, True),
        ("[IO.Compression.ZipFile]::ExtractToDirectory('a.zip', 'C:\\x')", False, True, False, False),
        ("& ./a.zip /quiet", False, False, True, False),
        ("Start-Process -Wait -FilePath a.zip", False, False, True, False),
        ("Copy-Item a.zip b.zip; Write-Host a.zip", False, False, False, False),
        ("[IO.File]::Delete('a.zip')", False, False, False, True),
        ("Remove-Item -Path *.zip", False, False, False, True),
        ("Remove-Item b.zip; Remove-Item *.exe", False, False, False, False),
        ("cmd /c del a.zip", False, False, False, True),
        (f"if ((Get-FileHash -Path a.zip).Hash -ne '{HEX}') {{ throw 'x' }}", True, False, False, False),
        (f"if ((Get-FileHash b.zip).Hash -ne '{HEX}') {{ throw 'x' }}", False, False, False, False),
        (f"$h = (Get-FileHash a.zip).Hash.ToLower(); $x = $h; if ($x -ne '{HEX}') {{ exit 2 }}", True, False, False, False),
        (f"$w = '{HEX}'; if ((Get-FileHash a.zip).Hash -ne $w) {{ exit 1 }}", True, False, False, False),
        (f"'a.zip' | Get-FileHash | % {{ if ($_.Hash -ne '{HEX}') {{ exit 1 }} }}", False, False, False, False),
        ("gpgv --keyring k a.zip.asc a.zip", True, False, False, False),
        ("gpg --import a.zip", False, False, False, False),
        (f"if ((Get-FileHash a.zip).Hash -ne '{HEX}') {{ [Environment]::Exit(1) }}", True, False, False, False),
        (f"if ((Get-FileHash a.zip).Hash -ne '{HEX}') {{ exit }}", False, False, False, False),
        (f"if ((Get-FileHash a.zip).Hash -notlike '{HEX}') {{ exit 1 }}", True, False, False, False),
        (f"if (!((Get-FileHash a.zip).Hash -eq '{HEX}')) {{ exit 1 }}", True, False, False, False),
        (f"if (-not ((Get-FileHash a.zip).Hash -ne '{HEX}')) {{ exit 1 }}", False, False, False, False),
        (f"if ((Get-FileHash a.zip).Hash -eq '{HEX}') {{ Write-Host ok }} else {{ exit 1 }}", True, False, False, False),
        (f"$want, $got = '{HEX}', (Get-FileHash a.zip).Hash; if ($want -ne $got) {{ throw }}", True, False, False, False),
        (f"$want, $got = '{HEX}', (Get-FileHash a.zip).Hash; if ($want -ne $got) {{ 'no' }}", False, False, False, False),
        (f"$same = (Get-FileHash a.zip).Hash -eq '{HEX}'; if (-not $same) {{ throw 'x' }}", True, False, False, False),
        (f"$same = (Get-FileHash a.zip).Hash -eq '{HEX}'; if ($same) {{ throw 'x' }}", False, False, False, False),
        (f"$same = (Get-FileHash a.zip).Hash -eq '{HEX}'; if ($same -eq $false) {{ throw 'x' }}", True, False, False, False),
        (f"$other = (Get-FileHash a.zip).Hash -ne '{HEX}'; if ($other) {{ exit 1 }}", True, False, False, False),
        (f"if ([string]::Compare((Get-FileHash a.zip).Hash, '{HEX}', $true) -ne 0) {{ exit 1 }}", True, False, False, False),
        (f"if ([string]::Compare((Get-FileHash a.zip).Hash, '{HEX}', $true) -eq 0) {{ exit 1 }}", False, False, False, False),
        (f"$h = (Get-FileHash a.zip).Hash; if ($h.CompareTo('{HEX}') -ne 0) {{ exit 1 }}", True, False, False, False),
        (f"$w = @{{ A = '{HEX}' }}; if ((Get-FileHash a.zip).Hash -ne $w['A']) {{ exit 1 }}", True, False, False, False),
        (f"try {{ if ((Get-FileHash a.zip).Hash -ne '{HEX}') {{ throw 'x' }} }} catch {{ Write-Host $_; exit 1 }}", True, False, False, False),
        (f"if (!(Get-FileHash a.zip | Where-Object {{ $_.Hash -eq '{HEX}' }})) {{ exit 1 }}", True, False, False, False),
        (f"if (Get-FileHash a.zip | Where-Object {{ $_.Hash -eq '{HEX}' }}) {{ exit 1 }}", False, False, False, False),
        (f"if (Get-FileHash a.zip | ? {{ $_.Hash -ne '{HEX}' }}) {{ exit 1 }}", True, False, False, False),
        (f"function same($f, $w) {{ return (Get-FileHash $f).Hash -eq $w }}; if (-not (same a.zip '{HEX}')) {{ throw }}", True, False, False, False),
        (f"function same($f, $w) {{ return (Get-FileHash $f).Hash -eq $w }}; if (same a.zip '{HEX}') {{ throw }}", False, False, False, False),
        (f"function sum($f) {{ (Get-FileHash $f).Hash.ToLower() }}; if ((sum a.zip) -ne '{HEX}') {{ throw }}", True, False, False, False),
        (f"function sum($f) {{ $h = Get-FileHash $f; $h.Hash }}; $got = sum a.zip; if ($got -ne '{HEX}') {{ exit 1 }}", False, False, False, False),
        (f"'{HEX} *a.zip' | Set-Content sums; sha256sum.exe -c sums", True, False, False, False),
        (f"$check = {{ param($f, $h) if ((Get-FileHash $f).Hash -ne $h) {{ throw }} }}; & $check a.zip '{HEX}'", True, False, False, False),
        (f"$check = {{ param($f, $h) if ((Get-FileHash $f).Hash -ne $h) {{ 'no' }} }}; & $check a.zip '{HEX}'", False, False, False, False),
        (f"Set-Content sums '{HEX}  a.zip'; sha256sum -c sums", True, False, False, False),
        (f"try {{ if ((Get-FileHash a.zip).Hash -ne '{HEX}') {{ throw 'x' }} }} catch {{ throw }}", True, False, False, False),
        (f"try {{ if ((Get-FileHash a.zip).Hash -ne '{HEX}') {{ throw 'x' }} }} finally {{ Write-Host done }}", True, False, False, False),
        (f"try {{ if ((Get-FileHash a.zip).Hash -ne '{HEX}') {{ throw 'x' }} }} catch {{ Write-Host $_ }}", False, False, False, False),
        (f"try {{ if ((Get-FileHash a.zip).Hash -ne '{HEX}') {{ exit 1 }} }} catch {{ Write-Host $_ }}", True, False, False, False),
    ],
)  # fmt: skip
def test_what_becomes_of_a_download(
    after: str, verified: bool, unpacked: bool, started: bool, removed: bool
) -> None:
    (found,) = downloads(PS + f"RUN iwr https://e.org/a.zip -OutFile a.zip; {after}\n")
    assert (found.verified, found.unpacked, found.started, found.removed) == (
        verified,
        unpacked,
        started,
        removed,
    )


@pytest.mark.parametrize(
    "body",
    [
        "$r = Invoke-WebRequest https://e.org/a.zip; [IO.File]::WriteAllBytes('C:\\a.zip', $r.Content)",
        "$r = Invoke-WebRequest https://e.org/a.zip; Set-Content -Path C:\\a.zip -Value $r.Content",
        "(Invoke-WebRequest https://e.org/a.zip).Content | Set-Content C:\\a.zip",
        "Invoke-RestMethod https://e.org/a.zip | Out-File -FilePath C:\\a.zip",
        "$r = Invoke-WebRequest https://e.org/a.zip; $r.Content | Out-File C:\\a.zip",
    ],
)
def test_what_is_fetched_and_then_written_is_that_file(body: str) -> None:
    (found,) = downloads(PS + f"RUN {body}\n")
    assert found.file == "C:\\a.zip"


def test_what_is_compared_with_something_that_cannot_be_followed_is_not_said_to_be_unverified() -> None:
    body = "iwr https://e.org/a.zip -OutFile a.zip; $w = Get-Item env:X | Foo; if ((Get-FileHash a.zip).Hash -ne $w) { exit 1 }"
    held = f"ENV A_SHA256={HEX}\n"
    (found,) = downloads(PS + held + f"RUN {body}\n")
    assert found.check is None and found.unfollowed is not None
    (found,) = downloads(PS + held + "ARG X\nRUN " + body.replace("$w)", "$env:X)") + "\n")
    assert found.check is not None and not found.verified
    # no digest stands in the file, or a list of them was fetched: it cannot be one of the file
    (found,) = downloads(PS + f"RUN {body}\n")
    assert found.check is not None and not found.verified
    listed = "iwr https://e.org/SHASUMS256.txt -OutFile sums; "
    *_, found = downloads(PS + held + f"RUN {listed}{body}\n")
    assert found.check is not None and not found.verified


@pytest.mark.parametrize(
    "body",
    [
        "foreach ($f in @(@{ U = 'https://e.org/a.zip'; H = '#' }, @{ U = 'https://e.org/b.zip'; H = '#' })) "
        "{ iwr $f.U -OutFile x.zip; if ((Get-FileHash x.zip).Hash -ne $f.H) { exit 1 }; Remove-Item x.zip }",
        "$s = @{ 'a.zip' = '#'; 'b.zip' = '#' }; foreach ($n in $s.Keys) "
        "{ iwr https://e.org/$n -OutFile $n; if ((Get-FileHash $n).Hash -ne $s[$n]) { exit 1 } }",
        "$s = @{ 'a.zip' = '#'; 'b.zip' = '#' }; $s.GetEnumerator() | ForEach-Object "
        "{ iwr ('https://e.org/{0}' -f $_.Key) -OutFile $_.Key; if ((Get-FileHash $_.Key).Hash -ne $_.Value) { throw } }",
        "'a', 'b' | % { iwr https://e.org/$_.zip -OutFile \\\"$_.zip\\\"; if ((Get-FileHash \\\"$_.zip\\\").Hash -ne '#') { throw } }",
        "$u = 'https://e.org/a.zip', 'https://e.org/b.zip'; foreach ($i in 0, 1) "
        "{ iwr $u[$i] -OutFile x.zip; if ((Get-FileHash x.zip).Hash -ne '#') { exit 1 }; Remove-Item x.zip }",
    ],
)
def test_lists_and_tables_of_downloads(body: str) -> None:
    found = downloads(PS + "RUN " + body.replace("#", HEX) + "\n")
    assert [each.url for each in found] == ["https://e.org/a.zip", "https://e.org/b.zip"]
    assert all(each.verified for each in found)
    # the digest is what counts
    assert not any(
        each.verified
        for each in downloads(PS + "RUN " + body.replace("exit 1", "'no'").replace("throw", "'no'") + "\n")
    )


def test_cmd_compares_with_findstr() -> None:
    text = f"ENV A_SHA256={HEX}\nRUN curl -o a.zip https://e.org/a.zip && certutil -hashfile a.zip SHA256 | findstr /i %A_SHA256% && tar -xf a.zip && del a.zip\n"
    (found,) = downloads(text)
    assert found.verified and found.unpacked and found.removed
    assert found.check is not None
    assert (found.check.algorithm, found.check.variable) == ("sha256", "A_SHA256")
    (found,) = downloads(text.replace(" | findstr /i %A_SHA256%", ""))
    assert not found.verified


@pytest.mark.parametrize(
    ("after", "verified"),
    [
        (f'&& certutil -hashfile a.zip SHA256 | findstr /i /c:"{HEX}"', True),
        ('&& certutil -hashfile a.zip SHA256 | findstr /i /c:"%A_SHA256%"', True),
        (f'& certutil -hashfile a.zip SHA256 | find /i "{HEX}" & if errorlevel 1 exit /b 1', True),
        (f'& certutil -hashfile a.zip SHA256 | find /i "{HEX}" & if errorlevel 1 echo no', False),
        (f'& certutil -hashfile a.zip SHA256 | find /i "{HEX}" & del b', False),
        (f"&& (certutil -hashfile a.zip SHA256 | findstr {HEX} || exit /b 1)", True),
    ],
)
def test_cmd_compares_and_ends_the_build(after: str, verified: bool) -> None:
    (found,) = downloads(f"ENV A_SHA256={HEX}\nRUN curl -fo a.zip https://e.org/a.zip {after}\n")
    assert found.verified is verified
    assert found.check is not None and found.check.digest == HEX


def test_what_happened_before_counts_for_nothing() -> None:
    before = f"if ((Get-FileHash a.zip).Hash -ne '{HEX}') {{ exit 1 }}; Remove-Item a.zip; "
    (found,) = downloads(PS + f"RUN {before}iwr https://e.org/a.zip -OutFile a.zip\n")
    assert not found.removed
