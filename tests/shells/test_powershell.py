"""PowerShell bodies."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrib.shells.model import (
    Command,
    Opaque,
    Substitution,
    Text,
    Variable,
    Word,
    commands,
    walk,
)
from tests.bounds import ends

from . import grammar
from .sketch import POWERSHELL, check_places, first, lines, powershell, read


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # commands, parameters, aliases
        (
            "Invoke-WebRequest -Uri $env:URL -OutFile:'a.zip' -UseBasicParsing",
            ["Invoke-WebRequest -Uri=$env:URL -OutFile='a.zip' -UseBasicParsing"],
        ),
        ("iwr $url -outf a.zip", ["Invoke-WebRequest -OutFile=a.zip $url"]),
        ("wget x; curl.exe -fsSL -o a x", ["Invoke-WebRequest x", "curl -fsSL -o a x"]),
        ("rm a,b -rec -fo", ["Remove-Item -Recurse -Force a,b"]),
        ("Remove-Item $env:TEMP\\x\\*.log -Force", ["Remove-Item -Force $env:TEMP\\x\\*.log"]),
        ("gci -s C:\\a | % { $_.Name } | ? { $_ -match 'q' }", [
            "Get-ChildItem -Recurse C:\\a | ForEach-Object { $_.Name } | Where-Object { $_ -match 'q' }"]),
        ("Unknown-Thing -A b; Get-Thing -A b -C", ["unknown-thing -A b", "Get-Thing -A=b -C"]),
        ("redis-server --version; .\\a.EXE /S /D=C:\\x", ["redis-server -version", "a /S /D=C:\\x"]),
        ("choco install x --version=1.2 -y", ["choco -version=1.2 -y install x"]),
        ("cmake -DA=$env:B \"-DC=d e\"", ["cmake -DA=$env:B \"-DC=d e\""]),
        ("& 'C:\\Program Files\\a.exe' b; & $exe c; . .\\d.ps1", ["a b", "? c", "d.ps1"]),
        ("a --% x %Y% \"z w\" | b", ["a x %Y% \"z w\" | b".replace("\"z w\"", "\"z w\"")]),
        ("setx /M PATH ('C:\\a;{0}' -f $env:PATH) > $null 2>&1", ["setx /M PATH ('C:\\a;{0}' -f $env:PATH) > $null 2>&1"]),
        ("Start-Process msiexec -Wait -Args @('/i', 'a.msi'), '/qn' -NoNewWindow", [
            "Start-Process -Wait -ArgumentList=@('/i', 'a.msi'), '/qn' -NoNewWindow msiexec"]),
        ("a && b || exit 1", ["a && b || exit 1"]),
        ("a & b", ["a", "b"]),
        # assignments
        ("$a = 'b'; $env:C += ';d'; $e = f g; $x = $y = 1", [
            "local:a = 'b'", "env:C += ';d'", "local:e = f g", "local:x = local:y = 1"]),
        ("[int]$a = 1; $a.b.c = 2; $null = mkdir d", ["local:a = 1", "local:a.b.c = 2", "local:null = mkdir d"]),
        ("$a = if ($b) { 1 } else { 2 }", ["local:a = if [$b] { <1> } else { <2> }"]),
        (
            "[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12",
            ["local:System.Net.ServicePointManager::SecurityProtocol = [Net.SecurityProtocolType]::Tls12"],
        ),
        # control flow
        (
            "if ((Get-FileHash a -Algorithm sha256).Hash -ne $env:S) { Write-Host 'no'; exit 1 } elseif (!$x) { y } else { z }",
            [
                "if [(Get-FileHash a -Algorithm sha256).Hash -ne $env:S]"
                "<(Get-FileHash a -Algorithm sha256).Hash -ne $env:S> { Write-Host 'no'; exit 1 } "
                "if not [!$x] { y } else { z }"
            ],
        ),
        ("foreach ($f in 'a', 'b') { rm $f } c", ["foreach f 'a' 'b' { Remove-Item $f }", "c"]),
        ("foreach ($f in Get-ChildItem) { x }", ["foreach f { x }"]),
        ("for ($i = 0; $i -lt 3; $i++) { x }; for (;;) { y }", [
            "for { local:i = 0; for $i -lt 3 { x; <$i++> } }", "for endless { y }"]),
        ("while ($true) { Start-Sleep 60 }; do { a } until ($b); do { c } while (1)", [
            "while $true endless { Start-Sleep 60 }", "do-until $b { a }", "do-while 1 endless { c }"]),
        ("try { a } catch [IO.Exception] { throw 'b' } finally { c }", ["try { a } handler { throw 'b' } handler { c }"]),
        ("function f($a) { b } f 1; filter g { c }", ["function f { b }", "f 1", "function g { c }"]),
        ("switch -Regex ($x) { 'a' { b } default { c } }", ["case $x a { b } default { c }"]),
        ("exit; return $x; throw ('a' + $b)", ["exit -", "return $x", "throw ('a' + $b)"]),
        ("param($x) a; trap { b }; & { c; d }", ["<param($x)>", "a", "trap { b }", "block { c; d }"]),
        ("exit-it; if-x; foreach-x 1", ["exit-it", "if-x", "foreach-x 1"]),
        # expressions
        ("$x -ne 0; 'a' + \"b\"; 1..3 | % { $_ }; !(Test-Path a); 7z x a", [
            "<$x -ne 0>", "<'a' + \"b\">", "<1..3> | ForEach-Object { $_ }", "<!(Test-Path a)>", "7z x a"]),
        ("'x' | Out-File -Encoding ascii a", ["<'x'> | Out-File -Encoding=ascii a"]),
        ("[void](mkdir a); $(b; c)", ["<[void](mkdir a)>", "<$(b; c)>"]),
        (":outer foreach ($i in 1, 2) { break outer }; $i++; --$i; $x = ,1; $y = -$i", [
            "foreach i 1 2 { break outer }", "<$i++>", "<--$i>", "local:x = ,1", "local:y = -$i"]),
        ("$x?.y; $a[0].b; 'c'.Length; $d::E; [int]; $h['k']++", [
            "<$x?.y>", "<$a[0].b>", "<'c'.Length>", "<$d::E>", "<[int]>", "<$h['k']++>"]),
        ("Write-Host \"`u{41}$(1 + 1)$\" -NoNewline:$false; $x = $y ?? 'z'; a -b:", [
            'Write-Host -NoNewline=$false "`u{41}$(1 + 1)$"', "local:x = $y ?? 'z'", "a -b:"]),
        ("$f = { param($x) $x }; & $f 1; begin { a } process { b } end { c }", [
            "local:f = block { <param($x)>; <$x> }", "? 1", "begin { a }", "process { b }", "end { c }"]),
        ("for ($i = 0; $true; ) { a }", ["for { local:i = 0; for $true endless { a } }"]),
        ("$x.'a b'.$c(1, 2).d()", ["d"]),
        ("a *> b 3>&1 < c", ["a *> b 3>&1 < c"]),
        ("cmd /c a; cmd; powershell -File x.ps1", ["cmd /c a", "cmd", "powershell -File x.ps1"]),
        ("$o = & { a } 2>$null", ["local:o = block { a } 2> $null"]),
        ("Get-Date -Format o -Verbose -Bogus 1 -EA Stop; New-Thing -Verbose -EA 0", [
            "Get-Date -Format=o -Verbose -Bogus=1 -ErrorAction=Stop", "New-Thing -Verbose -ErrorAction=0"]),
        # comments
        ("a <# b; c #> d # e; f", ["a d"]),
    ],
)  # fmt: skip
def test_statements(body: str, expected: list[str]) -> None:
    script = powershell(body)
    assert lines(script) == expected
    assert script.shell == "powershell" and script.unparsed == ()


def test_calls_of_methods_are_commands() -> None:
    script = powershell(
        "(New-Object System.Net.WebClient).DownloadFile($url, 'a'); "
        "[Environment]::SetEnvironmentVariable('PATH', $x, [EnvironmentVariableTarget]::Machine); "
        "$h = [BitConverter]::ToString($sha.ComputeHash([IO.File]::ReadAllBytes('a')))"
    )
    found = list(commands(script.nodes))
    assert [(c.full_name, c.method) for c in found] == [
        ("DownloadFile", "DownloadFile"),
        ("New-Object", None),
        ("System.Environment::SetEnvironmentVariable", "System.Environment::SetEnvironmentVariable"),
        ("System.BitConverter::ToString", "System.BitConverter::ToString"),
        ("ComputeHash", "ComputeHash"),
        ("System.IO.File::ReadAllBytes", "System.IO.File::ReadAllBytes"),
    ]
    assert [w.text for w in found[0].positional] == ["$url", "'a'"]
    assert found[0].words[0].text == "(New-Object System.Net.WebClient)"
    assert [w.text for w in found[2].words][2] == "[EnvironmentVariableTarget]::Machine"


def test_splatting() -> None:
    script = powershell(
        "$p = @{ Uri = $env:URL; OutFile = 'a b'; UseBasicParsing = $true; Debug = $false }; Invoke-WebRequest @p -Method Get"
    )
    command = first(script)
    assert [(p.full_name, p.value and p.value.text) for p in command.parameters] == [
        ("Uri", "$env:URL"), ("OutFile", "'a b'"), ("UseBasicParsing", None), ("Method", "Get"),
    ]  # fmt: skip
    assert command.parameter("outfile") is not None


def parts(body: str) -> tuple[object, ...]:
    return first(powershell(body)).words[-1].parts


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("'a''b'", [Text("a'b")]),
        ('"a`"b`n""c"', [Text('a"b\n"c')]),
        ("a`$b` c", [Text("a$b c")]),
        ('"$x/${y z}/$env:P-q"', [
            Variable("x", "local", "$x"), Text("/"), Variable("y z", "local", "${y z}"), Text("/"),
            Variable("P", "env", "$env:P"), Text("-q")]),
        ("$env:TEMP\\a", [Variable("TEMP", "env", "$env:TEMP"), Text("\\a")]),
        ("${env:ProgramFiles(x86)}", [Variable("ProgramFiles(x86)", "env", "${env:ProgramFiles(x86)}")]),
        ("$global:x", [Variable("x", "local", "$global:x")]),
        ("'%PATH%;%20'", [Variable("PATH", "foreign", "%PATH%"), Text(";%20")]),
        ("C:\\a\"b c\"d", [Text("C:\\a"), Text("b c"), Text("d")]),
        ("\u201cx\u201d", [Text("x")]),
        ("'\u00e9'", [Text("\u00e9")]),
        ("$", [Text("$")]),
        ("'never closed", [Text("never closed")]),
    ],
)  # fmt: skip
def test_words(word: str, expected: list[object]) -> None:
    assert list(parts(f"a {word}")) == expected


def test_operators_are_kept_with_their_operands() -> None:
    (part,) = parts("a ('https://x/{0}/{1}' -f $v, ($w -replace 'a', 'b'))")
    assert isinstance(part, Opaque) and part.operator == "-f"
    left, right = part.operands
    assert left.literal == "https://x/{0}/{1}"
    (items,) = right.parts
    assert isinstance(items, Opaque) and items.operator == ","
    (replaced,) = items.operands[1].parts
    assert isinstance(replaced, Opaque) and replaced.operator == "-replace"
    assert [v.name for v in part.variables] == ["v", "w"]
    (sub,) = parts("a $(b)")
    assert isinstance(sub, Substitution)
    (joined,) = parts("a (@('x', \"y\") -join ',')")
    assert isinstance(joined, Opaque) and joined.operator == "-join"
    (listing,) = joined.operands[0].parts
    assert isinstance(listing, Opaque) and [w.literal for w in listing.operands] == ["x", "y"]
    precedence = first(powershell("a ('x' + 'y' -f 1 -eq 2)")).words[0].parts[0]
    assert isinstance(precedence, Opaque) and precedence.operator == "-eq"


def test_here_strings_in_a_here_document() -> None:
    _, script = read(f'{POWERSHELL}RUN <<EOF\n$x = @"\na $y "b"\n"@\n$z = @\'\n$no\n\'@\nb `\n  c\nEOF\n')
    assert lines(script) == ['local:x = @"\na $y "b"\n"@', "local:z = @'\n$no\n'@", "b c"]
    assert script.unparsed == ()


def test_lines_and_places() -> None:
    text = (
        f"{POWERSHELL}RUN Write-Host 'é'; \\\n# a comment\n    Invoke-WebRequest \\\n        -Uri $env:URL \\\n"
        "        -OutFile 'x.zip'; \\\n    exit 1\n"
    )
    parsed, script = read(text)
    check_places(parsed, script)
    download = next(c for c in commands(script.nodes) if c.full_name == "Invoke-WebRequest")
    assert (download.span.line, download.span.end_line) == (5, 7)
    assert parsed.text_of(download.name_span) == "Invoke-WebRequest"
    parameter = download.parameter("OutFile")
    assert (
        parameter is not None
        and parsed.text_of(parameter.span) == "-OutFile 'x.zip'"
        and parameter.span.line == 7
    )
    assert script.nodes[-1].span.line == 8


def test_escaped_quotes_are_quotes_to_powershell() -> None:
    parsed, script = read(f'{POWERSHELL}RUN Write-Host \\"a $b\\"; c\n')
    command = first(script)
    assert list(command.words[0].parts) == [Text("a "), Variable("b", "local", "$b")]
    assert parsed.text_of(command.words[0].span) == '"a $b\\"'
    # bare quotes are gone when they get there: this is $u = "https://x/a.zip"
    script = powershell('$u = "\\"https://x/a.zip\\""; b -Path "/a"')
    assert lines(script) == ['local:u = "https://x/a.zip"', "b -Path /a"] and not script.unparsed
    # but a directory that ends in a backslash is taken at its word
    assert lines(powershell('a "C:\\x\\" -b')) == ['a -b "C:\\x\\"']


def test_pwsh_has_no_curl_alias() -> None:
    _, script = read(
        'FROM mcr.microsoft.com/windows/servercore:ltsc2022\nSHELL ["pwsh", "-c"]\nRUN curl -o a x; rm b\n'
    )
    assert lines(script) == ["curl -o a x", "Remove-Item b"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a; if (x { b; c", ["a", "if [x { b; c]"]),
        ("a; ) b", ["a", "UNPARSED )", "b"]),
        ("a; $x = ; b", ["a", "UNPARSED $x = ", "b"]),
        ("a; 'b c; d", ["a", "<'b c; d>"]),
        ("a; foreach ($x of y) { z }; b", ["a"]),
        ("if ($a -ne) { b }; c", ["if"]),
    ],
)
def test_what_is_not_understood_is_noted_and_the_rest_read(body: str, expected: list[str]) -> None:
    script = powershell(body)
    assert script.unparsed
    assert lines(script)[0].startswith(expected[0])
    if expected[-1] in ("b",):
        assert lines(script)[-1] == expected[-1]


_PIECES = st.sampled_from(
    ["$x", "$env:A", "${b c}", "(", ")", "{", "}", "[", "]", "@(", "@{", "@'", '@"', "'", '"', "`", ";", "|", "||", "&", "&&",
     ",", "=", "+=", "-f", "-ne", "-x", "--y", ".", "::", "..", "a", "Get-Item", "if", "else", "foreach", "in", "while", "do",
     "try", "catch", "switch", "function", "exit", "return", "$(", "<#", "#>", "#", ">", "2>&1", "<", "%A%", "1", "!", "-not",
     "[int]", "[X]::y", "$_", "\n", "$", "\u00e9", "\u201c"]
)  # fmt: skip
BODIES = st.lists(st.tuples(_PIECES, st.sampled_from(["", " "])), max_size=25).map(
    lambda ps: "".join(a + b for a, b in ps)
)


@settings(max_examples=600, deadline=None)
@given(BODIES)
def test_anything_is_read(body: str) -> None:
    text = f"{POWERSHELL}RUN <<EOF\n{body}\nEOF\n"
    parsed, script = (
        read(text) if body.strip() and body.strip() != "EOF" and "\nEOF" not in body else (None, None)
    )
    if parsed is not None and script is not None:
        check_places(parsed, script)


@pytest.mark.parametrize(
    "body",
    ["(" * 30_000, "$(" * 20_000, "{" * 30_000, "@{a=" * 10_000, "a'" * 20_001, '"$(' * 10_000, "if (a) {" * 5_000,
     "a;" * 20_000, "!" * 30_000, "- " * 20_000, "[a]" * 15_000, ",a" * 20_000, "a|" * 20_000, "$a=" * 15_000,
     "$a+" * 15_000, ")" * 30_000, "a -b " * 10_000, "-join " * 8_000, "foreach (" * 5_000, "x.y[" * 10_000]
)  # fmt: skip
def test_time_and_depth_are_bounded(body: str) -> None:
    with ends():
        list(walk(powershell("x" + body).nodes))


def test_a_command_knows_its_words() -> None:
    command = first(powershell("& ('{0}\\a.exe' -f $d) -x"))
    assert isinstance(command, Command) and command.name == ""
    assert isinstance(command.words[0], Word) and [v.name for v in command.words[0].variables] == ["d"]


@pytest.mark.skipif(not grammar.PRESENT, reason=grammar.MISSING)
@pytest.mark.parametrize(
    "body",
    [
        "$ErrorActionPreference = 'Stop'; Invoke-WebRequest -Uri $env:URL -OutFile a.zip | Out-Null",
        "if ((Get-FileHash a.zip -Algorithm sha256).Hash -ne $env:S) { Write-Host 'no'; exit 1; }",
        "$x = (Start-Process a -Wait -PassThru).ExitCode; if ($x -ne 0) { Get-Content $log; exit $x }",
        "foreach ($f in 'a', 'b') { rm $f }; while ($true) { Start-Sleep 1 }; do { a } until (b)",
        "try { a } catch { b } finally { c }; function f { d }; & e 'f g'",
        "Get-ChildItem a | Sort-Object -Property b | Select-Object -First 1 | % { Write-Host $_ }",
        "$a = @{ b = (c d) }; e $(f; g) @('h', (i))",
    ],
)
def test_the_same_commands_as_tree_sitter(body: str) -> None:
    names = grammar.theirs(body)
    assert names is not None and names == grammar.ours(powershell(body))
