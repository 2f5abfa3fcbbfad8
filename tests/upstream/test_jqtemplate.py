from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from contrib.clients.libjq import Worker
from contrib.upstream.jqtemplate import checked_json, compile_template, render, scan
from contrib.values.errors import BadInput
from tests.bounds import ends


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as running:
        yield running


ROOT = {"1": {"v": "1.0", "n": 5, "l": ["x", "y"], "t": True, "a": {"b": "deep"}}}


def rendered(
    worker: Worker,
    template: str,
    root: object = ROOT,
    env: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
) -> str:
    def module(path: str) -> bytes | None:
        found = (files or {}).get(path)
        return None if found is None else found.encode()

    program = compile_template(template.encode(), "T", module)
    given = {"version": "1", **(env or {})}
    return render(program, json.dumps(root), [given], worker)[0].decode()


# GENERATORS, section 1: every row of its table, and the paragraphs below it.
@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("plain", "plain\n"),
        ("plain\n", "plain\n"),
        ("", None),  # an empty program is none
        ("A {{ .v -}}\nB", "A 1.0B\n"),
        ("A {{ .v }}\nB\n", "A 1.0\nB\n"),
        ("{{ .v }} {{ .v }}\n", "1.0 1.0\n"),
        ("{{ .v -}} B\n", None),
        ("{{ .v -}}\r\n", None),
        ("{{ .v }} x {{ .v -}}\n", None),
        ("{{ {a:{b:1}} }}\n", None),
        ("{{ {a:{b:1} } | .a.b | tostring }}\n", "1\n"),
        ('{{ "}}" }}\n', None),
        ("x{{ }}y\n", "xy\n"),
        ("x{{ # one-line comment -}}\ny\n", "xy\n"),
        ("x{{ # c\n .v }}y\n", "x1.0y\n"),
        ("{{ .v", None),
        ("{{ .missing }}{{ env.nosuch }}x\n", "x\n"),
        ("{{ .n }}\n", None),
        ("{{ .l }}\n", None),
        ("{{ .n | tostring }}\n", "5\n"),
        ("{{ .l[] }}\n", "x\ny\n"),
        ("{{ empty }}\n", ""),
        ("{{ env.version }}\n", "1\n"),
        ("{{ if .t then ( -}}\nyes\n{{ ) else ( -}}\nno\n{{ ) end -}}\n", "yes\n"),
        ('{{ if .v == "2" then ( -}}\nyes\n{{ ) else "" end -}}\nend\n', "end\n"),
        ("{{ [ .l[] | ( -}}\n<{{ . }}>\n{{ ) ] | add -}}\n", "<x>\n<y>\n"),
        ("{{ .l | map( -}}\n-{{ . }}\n{{ ) | add }}", "-x\n-y\n\n"),
        ("{{ .v as $x | ( -}}\n{{ $x }}!\n{{ ) -}}\n", "1.0!\n"),
        ("{{ f }}\n{{ def f: .v -}}\n", "1.0\n"),
        ("{{ def f: .v; -}}\n{{ f }}\n", None),
        ('tab\t"quoted" back\\slash \\n ü\n', 'tab\t"quoted" back\\slash \\n ü\n'),
        ("{{ .a.b }}}}\n", "deep}}\n"),
        ("}} {{ .v }}\n", "}} 1.0\n"),
    ],
)
def test_the_language(worker: Worker, template: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(BadInput):
            rendered(worker, template)
    else:
        assert rendered(worker, template) == expected


def test_scanner_counts_braces_over_all_gathered_lines() -> None:
    terms = scan("a {{ [ {a: 1}, {b: {{ 2\n}} c }} d\n")
    assert [(term.text, term.code) for term in terms] == [
        ("a ", False),
        ("[ {a: 1}, {b: {{ 2", True),
        (" c }} d\n", False),
    ]


def test_a_closing_without_its_opening_loses_one_character() -> None:
    """awk asks for substr(s, 0 + 2) there."""
    assert [(term.text, term.code) for term in scan("{{ a }} }} {{ b\n")] == [
        ("a", True),
        (" }} ", False),
        ("b\n", False),
    ]


@given(st.text(alphabet='{}-\n a"\\#().', max_size=60))
@example("{{\n\\{{")
@example("{{ a\n{{ b }}\n}}")
def test_the_scanner_ends_and_loses_no_literal_text(text: str) -> None:
    terms = scan(text)
    ended = text if text.endswith("\n") or not text else text + "\n"
    if "{{" not in text:
        assert "".join(term.text for term in terms) == ended
    for term in terms:
        if not term.code:
            continue
        if "\n" not in term.text:
            assert ended[term.offset :].startswith(term.text)
        # An expression over several lines: awk takes what stands before a later "{{" out of it.
        rest = iter(ended[term.offset :])
        assert all(char in rest for char in term.text)


def test_without_a_version_the_whole_object_is_the_input(worker: Worker) -> None:
    program = compile_template(b'{{ .["1"].v }}\n', "T")
    assert render(program, json.dumps(ROOT), [{}], worker) == [b"1.0\n"]


def test_the_process_environment_stays_out(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTRIB_SECRET", "secret")
    for expression in (
        "env.CONTRIB_SECRET",
        "$ENV.CONTRIB_SECRET",
        "env | keys | tostring",
        "$ENV | keys | tostring",
    ):
        assert "SECRET" not in rendered(worker, "{{ " + expression + " }}\n").upper().replace(
            "CONTRIB_SECRET", "!"
        )
    assert rendered(worker, "{{ [env, $ENV] | tojson }}\n") == '[{"version":"1"},{"version":"1"}]\n'


def test_include(worker: Worker) -> None:
    files = {"shared.jq": '# about\ninclude "inner";\ndef hi: "hi " + inner;', "inner.jq": "def inner: .v;"}
    assert rendered(worker, '{{ include "shared" -}}\n{{ hi }}\n', files=files) == "hi 1.0\n"
    assert rendered(worker, '{{ include "shared" {search: "./"} -}}\n{{ hi }}\n', files=files) == "hi 1.0\n"
    assert (
        rendered(worker, '{{ include "d/e" -}}\n{{ x }}\n', files={"d/e.jq": "def x: env.version;"}) == "1\n"
    )


@pytest.mark.parametrize(
    ("directive", "message"),
    [
        ('include "../x"', "leave the tree"),
        ('include "/etc/x"', "leave the tree"),
        ('include "a\\\\b"', "leave the tree"),
        ('include "~/x"', "leave the tree"),
        ('include "x" {search: "/etc"}', "top directory"),
        ('include "no"', "no no.jq"),
        ('import "x" as f', "import"),
        ("include x", "is written"),
        ('include "loop"', "includes itself"),
    ],
)
def test_includes_that_are_refused(worker: Worker, directive: str, message: str) -> None:
    template = "line 1\n  {{ " + directive + " -}}\n"
    with pytest.raises(BadInput, match=message) as caught:
        rendered(worker, template, files={"x.jq": "def x: 1;", "loop.jq": 'include "loop"; def y: 1;'})
    assert caught.value.file in ("T", "loop.jq")
    if caught.value.file == "T":
        assert caught.value.line == 2 and "column 6" in str(caught.value)


def test_an_include_behind_a_definition_is_refused_as_jq_does(worker: Worker) -> None:
    with pytest.raises(BadInput, match="before the first def"):
        rendered(worker, '{{ def a: 1 -}}\n{{ include "x" -}}\n', files={"x.jq": "def x: 1;"})


def test_modules_on_disk_and_other_files_are_out_of_reach(worker: Worker) -> None:
    for expression in (
        '"/etc/passwd" | modulemeta',
        "input",
        "[inputs] | tostring",
        "input_filename",
        "get_search_list | tostring",
    ):
        try:
            shown = rendered(worker, "{{ " + expression + " }}x\n")
        except BadInput:
            continue
        assert shown in ("x\n", "[]x\n")


@pytest.mark.parametrize(
    ("template", "line", "column", "message"),
    [
        ("one\n  two {{ .v | | }}\n", 2, 15, "syntax error"),
        ("one\n{{ .v }}\n{{ nosuch }}\n", 3, 4, "nosuch/0 is not defined"),
        ("ü {{ # c\n .v +\n .v | bad }} x\n", 3, 7, "bad/0 is not defined"),
        ("{{ def f: .v | oops -}}\n{{ f }}\n", 1, 16, "oops/0"),
        ("a\nb {{ .n }} c\n", 2, 6, "tostring"),
        ('a\n{{ if .t then ( -}}\nx\n{{ .a + 1 }}\n{{ ) else "" end -}}\n', 4, 4, "cannot be added"),
        ('a\n{{ if .v + 1 then ( -}}\nx\n{{ ) else "" end -}}\n', 2, 4, "cannot be added"),
        ('a\n{{ error("stop") }}\n', 2, 4, "stop"),
    ],
)
def test_errors_have_a_place(worker: Worker, template: str, line: int, column: int, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        rendered(worker, template)
    assert (caught.value.file, caught.value.line) == ("T", line)
    assert f"column {column}:" in str(caught.value)


def test_an_error_in_a_module_has_its_place(worker: Worker) -> None:
    with pytest.raises(BadInput) as caught:
        rendered(worker, '{{ include "m" -}}\n{{ f }}\n', files={"m.jq": "def f:\n  nosuch;"})
    assert (caught.value.file, caught.value.line) == ("m.jq", 2)


def test_a_running_error_says_for_which_version(worker: Worker) -> None:
    program = compile_template(b"{{ .v }}\n", "T")
    root = {"1": {"v": "1"}, "2": {"v": 2}}
    environments = [{"version": "1", "variant": "a"}, {"version": "2", "variant": "b"}]
    with pytest.raises(BadInput, match=r"version=2 variant=b"):
        render(program, json.dumps(root), environments, worker)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ def f: f -}}\n{{ f }}", "did not end within"),
        ("{{ [range(1e12)] | tostring }}", "did not end within|MiB"),
        ('{{ [limit(1e9; repeat("xxxxxxxxxxxxxxxx"))] | add }}', "did not end within|MiB"),
        ("{{ def f: f, f -}}\n{{ [f] | add }}", "did not end within|MiB"),
    ],
)
def test_templates_without_end_are_ended(template: str, message: str) -> None:
    with ends(), Worker(timeout=1.5, memory=512 * 1024 * 1024) as hurried:
        with pytest.raises(BadInput, match=message) as caught:
            rendered(hurried, template)
        assert caught.value.file == "T"
        assert rendered(hurried, "{{ .v }}\n") == "1.0\n"  # the next one gets a new worker


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a\0b"])
def test_templates_that_are_no_text(data: bytes) -> None:
    with pytest.raises(BadInput, match=r"UTF-8|NUL"):
        compile_template(b"one\n" + data, "T")


def test_a_number_in_versions_json_stays_as_it_is_written(worker: Worker) -> None:
    text, _ = checked_json(b'{"1": {"x": 100000000000000000000001, "y": 1.10}}', "v")
    program = compile_template(b"{{ [.x, .y] | tojson }}\n", "T")
    assert render(program, text, [{"version": "1"}], worker) == [b"[100000000000000000000001,1.10]\n"]


def test_json_that_is_none() -> None:
    with pytest.raises(BadInput) as caught:
        checked_json(b'{\n "a": }', "versions.json")
    assert (caught.value.file, caught.value.line) == ("versions.json", 2)
    with pytest.raises(BadInput, match="nested"):
        checked_json(b"[" * 200_000, "versions.json")
    with pytest.raises(BadInput, match="number that is too long"):
        checked_json(b"9" * 5000, "versions.json")


_TOKENS = [
    *(
        "{{ ",
        "{{",
        " }}",
        "}}",
        " -}}\n",
        "-}}\n",
        "\n",
        "a",
        'b "q" \\',
        "\t",
        "é",
        " ",
        "\r\n",
        "}",
        "}}}",
        "{{{",
    ),
    *(
        ".v",
        ".l[]",
        ".missing",
        '"s"',
        '"}}"',
        '"{{"',
        ".n",
        "env.version",
        "null",
        "empty",
        "# c",
        "#",
        "[",
        "(",
    ),
    *(
        "def f: .v",
        "f",
        ". as $x | (",
        ")",
        "]",
        "|",
        "{a:1}",
        '"a" +',
        "{{ .v }}",
        "{{ .l[] -}}\n",
        "text\n",
    ),
    *(
        "{{ if .t then ( -}}\n",
        "{{ ) else ( -}}\n",
        '{{ ) else "" end -}}\n',
        "{{ ) end -}}\n",
        "{{ # c -}}\n",
    ),
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(_TOKENS), min_size=1, max_size=9))
def test_the_language_is_that_of_the_awk_script(
    worker: Worker, tmp_path_factory: pytest.TempPathFactory, tokens: list[str]
) -> None:
    """Random templates, through bashbrew's jq-template.awk and through ours: the same bytes, or both refuse."""
    scripts = os.environ.get("BASHBREW_SCRIPTS")
    if not scripts or not (Path(scripts) / "jq-template.awk").is_file():
        pytest.skip("BASHBREW_SCRIPTS names no folder with jq-template.awk")
    if shutil.which("gawk") is None or shutil.which("jq") is None:
        pytest.skip("needs gawk and jq")
    template = "".join(tokens)
    # jq before 1.7 refuses an "if" without "else".
    assume("{{ ) end" not in template or "{{ ) else (" in template)
    directory = tmp_path_factory.mktemp("awk")
    (directory / "versions.json").write_text(json.dumps(ROOT))
    (directory / "T").write_bytes(template.encode())
    done = subprocess.run(
        ["gawk", "-f", str(Path(scripts) / "jq-template.awk"), "T"],
        cwd=directory,
        env={"version": "1", "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=False,
        timeout=30,
    )
    try:
        ours: str | None = rendered(worker, template)
    except BadInput:
        ours = None
    theirs = done.stdout.decode() if done.returncode == 0 else None
    if theirs is None and ours is not None and b"unexpected end" in done.stderr:
        return  # the "if" without "else" again, of another form
    assert ours == theirs
