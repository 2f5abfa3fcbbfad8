"""What words come to: parameter expansion, substitutions, lists."""

from __future__ import annotations

import pytest

from contrib.build import actions as act
from tests.facts.support import ALPINE, NANOSERVER, SERVERCORE, build


def urls(text: str) -> list[str]:
    return [action.url.text for action in build(text).actions if isinstance(action, act.Download)]


@pytest.mark.parametrize(
    ("word", "result"),
    [
        ("$v", "1.2.3"),
        ("${v}", "1.2.3"),
        ("${v%.*}", "1.2"),
        ("${v%%.*}", "1"),
        ("${v#*.}", "2.3"),
        ("${v##*.}", "3"),
        ("${v/./_}", "1_2.3"),
        ("${v//./_}", "1_2_3"),
        ("${v:-9}", "1.2.3"),
        ("${none:-9}", "9"),
        ("${empty:-9}", "9"),
        ("${empty-9}", ""),
        ("${v:+set}", "set"),
        ("${none:+set}", ""),
        ("${none}", "${none}"),
        ("$(dirname /a/b)", "/a"),
        ("$(basename /a/b.tgz .tgz)", "b"),
        ("$(uname -m)", "x86_64"),
        ("$(dpkg --print-architecture)", "amd64"),
        ("$(echo x)", "x"),
        ("$(some-program)", "$(some-program)"),
    ],
)
def test_posix_expansion(word: str, result: str) -> None:
    assert urls(ALPINE + f'RUN v=1.2.3; empty=; wget "https://x/{word}/a.zip"\n') == [
        f"https://x/{result}/a.zip"
    ]


def test_the_branch_for_amd64_is_taken() -> None:
    case = "case $(apk --print-arch) in aarch64) u=arm ;; x86_64) u=amd ;; *) exit 1 ;; esac"
    assert urls(ALPINE + f"RUN {case}; wget https://x/$u.zip\n") == ["https://x/amd.zip"]
    unknown = "case $(some-program) in a) u=one ;; b) u=two ;; esac"
    found = list(build(ALPINE + f"RUN {unknown}; wget https://x/a.zip\n").actions)
    assert len(found) == 1 and not found[0].conditional


def test_loops_over_written_words_are_unrolled() -> None:
    assert urls(ALPINE + "RUN for f in a b; do wget https://x/$f.zip; done\n") == [
        "https://x/a.zip",
        "https://x/b.zip",
    ]
    foreach = "foreach ($f in 'a', 'b') { Invoke-WebRequest \"https://x/$f.zip\" -OutFile $f }"
    assert urls(SERVERCORE + f"RUN {foreach}\n") == ["https://x/a.zip", "https://x/b.zip"]


def test_what_a_condition_settles_and_what_it_leaves_open() -> None:
    run = "if ($env:A) { Invoke-WebRequest https://x/a.zip -OutFile a } else { Invoke-WebRequest https://x/b.zip -OutFile b }"
    assert urls(SERVERCORE + f"ENV A 1\nRUN {run}\n") == ["https://x/a.zip"]
    both = build(SERVERCORE + f"RUN {run}\n").actions
    assert [action.conditional for action in both] == [True, True]
    compared = 'if [ "$A" = 1 ]; then wget https://x/a.zip; else wget https://x/b.zip; fi'
    assert urls(ALPINE + f"ENV A 2\nRUN {compared}\n") == ["https://x/b.zip"]


def test_windows_variables_without_case_and_the_systems_own() -> None:
    assert urls(SERVERCORE + "ENV App_Url https://x/a.zip\nRUN iwr $ENV:APP_URL -OutFile a\n") == [
        "https://x/a.zip"
    ]
    files = [
        action.file
        for action in build(SERVERCORE + "RUN iwr https://x/a.zip -OutFile $env:TEMP\\a.zip\n").actions
        if isinstance(action, act.Download)
    ]
    assert files[0].endswith("\\Temp\\a.zip") and files[0].startswith("C:\\")
    assert urls(NANOSERVER + "RUN set U=https://x/a.zip&& curl -o a %U%\n")


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("($env:V.Split('.')[0..1] -join '.')", "1.2"),
        ("($env:V -split '\\.')[0]", "1"),
        ("$env:V.Split('.')[-1]", "3"),
        ("(('a', 'b') -join '_')", "a_b"),
        ("($env:V -replace '\\.', '_')", "1_2_3"),
        ("$env:V.Replace('.', '').ToUpper()", "123"),
        ("[string]::Format('{0}x', $env:V)", "1.2.3x"),
    ],
)
def test_powershell_expressions(expression: str, result: str) -> None:
    run = f"Invoke-WebRequest ('https://x/{{0}}.zip' -f {expression}) -OutFile a"
    assert urls(SERVERCORE + f"ENV V 1.2.3\nRUN {run}\n") == [f"https://x/{result}.zip"]


def test_functions_are_walked_where_they_are_called() -> None:
    assert urls(ALPINE + "RUN get() { wget https://x/a.zip; }; get; get\n") == ["https://x/a.zip"] * 2
    assert urls(ALPINE + "RUN get() { wget https://x/a.zip; }\n") == []


def test_a_shell_inside_a_shell_is_walked_in_its_place() -> None:
    text = (
        NANOSERVER
        + 'RUN mkdir C:\\a && powershell -Command "iwr https://x/a.zip -OutFile a.zip" && del a.zip\n'
    )
    kinds = [type(action).__name__ for action in build(text).actions]
    assert kinds == ["Directory", "Download", "Remove"]


def test_directories_are_followed() -> None:
    found = [
        action.file
        for action in build(
            ALPINE
            + "WORKDIR /a\nRUN cd b; (cd c; wget https://x/1.zip); wget https://x/2.zip\nRUN wget https://x/3.zip\n"
        ).actions
        if isinstance(action, act.Download)
    ]
    assert found == ["/a/b/c/1.zip", "/a/b/2.zip", "/a/3.zip"]


def test_sources_of_a_value_are_remembered() -> None:
    text = ALPINE + "ENV A_URL https://x/a.zip\nRUN u=$A_URL; wget $u\n"
    found = next(a for a in build(text).actions if isinstance(a, act.Download))
    assert [(s.name, s.kind, s.line) for s in found.url.via] == [("A_URL", "ENV", 2)]
