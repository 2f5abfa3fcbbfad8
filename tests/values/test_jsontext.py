"""JSON of others: every oddity is one sentence, and nothing in the package decodes JSON or TOML by itself."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import contrib
from contrib.values import jsontext
from contrib.values.errors import BadInput, OutsideError

ROOT = Path(contrib.__file__).parent

REFUSED = {
    b"": "x:1: is not JSON: expecting value (column 1)",
    b"{": "x:1: is not JSON: expecting property name enclosed in double quotes (column 2)",
    b'{\n"a": }': "x:2: is not JSON: expecting value (column 6)",
    b"[]\n[]": "x:2: is not JSON: extra data (column 1)",
    b"\n\xff": "x:2: is not UTF-8 text",
    b"\x00": "x:1: is not JSON: expecting value (column 1)",
    "[]".encode("utf-16"): "x: is UTF-16 text",
    b"[NaN]": "x: is not JSON: NaN is not a number there",
    b"[-Infinity]": "x: is not JSON: -Infinity is not a number there",
    b"[1e999]": "x: has a number that is too large: 1e999",
    b"[" + b"9" * 5000 + b"]": "x: has a number that is too long",
    b'{"a": 1, "b": 2, "a": 3}': "x: has the key 'a' twice in one object",
    b'{"\\u001b": 1, "\\u001b": 3}': "x: has the key '\\x1b' twice in one object",
    b"[" * 101 + b"]" * 101: "x: is nested more than 100 deep",
    b"[" * 100_000: "x: is nested more than 100 deep",
    b'{"a":' * 3000: "x: is nested more than 100 deep",
    b"[]": "x: is not a JSON object",
    b"null": "x: is not a JSON object",
}


@pytest.mark.parametrize("data", REFUSED, ids=lambda data: ascii(data[:12]))
def test_what_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput) as raised:
        jsontext.read(data, "x", dict)
    assert str(raised.value).startswith(REFUSED[data])
    with pytest.raises(OutsideError) as outside:
        jsontext.read(data, "x", dict, outside=True, hint="expected this")
    assert outside.value.kind == "answer" and outside.value.hint == "expected this"


def test_what_is_taken() -> None:
    assert jsontext.read(b'\xef\xbb\xbf{"a": [1, 2.5, null, "\\ud83d\\ude00"]}', "x", dict) == {
        "a": [1, 2.5, None, "\U0001f600"]
    }
    assert jsontext.read("[" * 100 + "]" * 100, "x", list) and jsontext.read("5", "x") == 5
    with pytest.raises(BadInput, match="larger than 3 bytes"):
        jsontext.read(b"[  ]", "x", most=3)


def test_half_a_surrogate_pair() -> None:
    data = b'{"\\ud800a": ["\\uDFFF", "\\ud83d\\ude00"]}'
    assert jsontext.read(data, "x") == {"\ufffda": ["\ufffd", "\U0001f600"]}
    with pytest.raises(BadInput, match="half a surrogate pair"):
        jsontext.read(data, "x", exact=True)


#: What decodes by itself, and why that is no reader of other people's text, or reads it another way on purpose.
BY_ITSELF = {
    "values/jsontext.py": "the reader",
    "values/tables.py": "the reader of TOML",
    "dockerfile/reader.py": "JSON forms, as BuildKit reads them: what is not JSON is the shell form",
    "shells/__init__.py": "one escape of such a form",
    "rules/dockerfile/unescaped_backslash.py": "whether such a form would be JSON",
    "upstream/jqtemplate.py": "the name in an include, which a pattern has matched",
    "upstream/prove_tools.py": "a table that contrib wrote for its own child",
    "clients/launcher.py": "an argument of contrib's own child",
    "clients/isolated.py": "lines of contrib's own child",
    "clients/libjq.py": "lines of contrib's own child",
    "clients/contained.py": "what bwrap says of itself",
    "cli/demo.py": "contrib's own output",
    "generate/bump/routes.py": "a copy of plain data",
    "generate/bases.py": "a copy of plain data",
    "sandbox/rest.py": "the stand-in's own reader of requests",
}
DECODERS = {"loads", "load", "JSONDecoder", "decoder", "scanner", "safe_load", "parse"}
LIBRARIES = {"json", "tomllib", "tomli", "tomlkit", "yaml", "orjson", "simplejson"}


def test_nothing_else_decodes() -> None:
    found = set()
    for path in ROOT.rglob("*.py"):
        if "upstreams" in path.parts:
            continue
        text = path.read_text("utf-8")
        if not re.search("json|toml|yaml", text):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Attribute) and node.attr in DECODERS:
                by_name = isinstance(node.value, ast.Name) and node.value.id in LIBRARIES
            else:
                by_name = isinstance(node, ast.ImportFrom) and node.module in LIBRARIES
            if by_name:
                found.add(path.relative_to(ROOT).as_posix())
    assert found == set(BY_ITSELF), sorted(found ^ set(BY_ITSELF))
