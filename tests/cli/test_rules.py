"""``contrib rules``: the list fits a terminal, every page is whole, a wrong name finds the right one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contrib.cli.main import run
from contrib.rules import REGISTRY


def test_the_list_fits_80_columns_and_names_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert not any("\x1b" in line for line in lines)
    first = [line.split(" ")[0] for line in lines]
    for rule in REGISTRY:
        assert first.count(rule) == len(REGISTRY.named(rule))


def test_the_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "--format", "json"]) == 0
    rules = json.loads(capsys.readouterr().out)
    assert [rule["id"] for rule in rules] == [rule.id for rule in REGISTRY.all()]
    assert all(
        rule["evidence"] and rule["bad"] and rule["severity"]
        for rule in rules
        if rule["kind"] == "dockerfile"
    )


def test_the_list_as_markdown(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = tmp_path / "RULES.md"
    assert run(["rules", "--format", "markdown", "-o", str(target)]) == 0
    assert capsys.readouterr().out == ""
    text = target.read_text(encoding="utf-8")
    for rule in REGISTRY.of_kind("dockerfile"):
        assert f"| `{rule.id}` | {rule.severity.value} | {rule.fix} |" in text


@pytest.mark.parametrize("rule", REGISTRY.of_kind("dockerfile"), ids=lambda rule: rule.id)
def test_a_page_has_all_its_parts(rule: object, capsys: pytest.CaptureFixture[str]) -> None:
    each = REGISTRY[rule.id]  # type: ignore[attr-defined]
    assert run(["rules", each.id]) == 0
    text = capsys.readouterr().out
    places = [
        text.index(f"\n{part}")
        for part in ("What it reports", "Why is this bad?", "Example", "Use instead", "Evidence")
    ]
    assert places == sorted(places)
    assert each.evidence[0].url in text
    for line in each.bad.text.splitlines() + each.good.text.splitlines():
        assert line in text
    assert run(["rules", each.id, "--format", "markdown"]) == 0
    page = capsys.readouterr().out
    assert page.count("```") % 2 == 0 and "```dockerfile" in page
    assert run(["rules", each.id, "--format", "json"]) == 0
    loaded = json.loads(capsys.readouterr().out)
    assert (loaded if isinstance(loaded, dict) else loaded[0])["id"] == each.id


def test_an_id_of_both_kinds_shows_both_pages(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(REGISTRY.named("eol-base")) == 2
    assert run(["rules", "eol-base"]) == 0
    assert capsys.readouterr().out.count("What it reports") == 2
    assert run(["rules", "eol-base", "--format", "json"]) == 0
    assert [rule["kind"] for rule in json.loads(capsys.readouterr().out)] == ["dockerfile", "library"]


def test_unknown_rules_get_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "unverified-downlaod"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "did you mean unverified-download?" in shown.err
    assert run(["rules", "zzz", "--format", "json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["hint"] == "`contrib rules` lists them"


def test_case_and_underscores_do_not_matter(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "Eol_Base"]) == 0
    assert capsys.readouterr().out.startswith("eol-base (error, windows dockerfiles)")


def test_a_remark_of_the_review_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "not-windows"]) == 0
    assert "(a remark of the review)\nThe file builds a Linux image" in capsys.readouterr().out
