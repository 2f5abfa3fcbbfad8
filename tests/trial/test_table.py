"""Evidence in Markdown: what a container printed is shown, and does nothing on GitHub."""

from __future__ import annotations

import json

import pytest

from contrib.trial.table import summary
from contrib.values.evidence import read_record
from tests.values.test_evidence import record, variant
from tests.values.test_markdown import CALLED, HOSTILE, nodes


def made(text: str) -> str:
    failed = [
        {"check": "default-command/stop", "result": "failed", "seconds": 0.1, "said": text, "why": text}
    ]
    shape = record(variant(checks=failed, result="failed"))
    return summary(read_record(json.dumps(shape), "r.json"))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_that_was_printed_does_anything(hostile: str) -> None:
    kinds, words = nodes(made(hostile))
    assert kinds - {"html_inline"} <= nodes(made("word"))[0] | {"code_inline"}, made(hostile)
    assert CALLED.search(words) is None, words
