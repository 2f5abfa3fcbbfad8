"""Every rule: its bad example raises it, its good one does not; its text is there; it runs only with what it needs."""

from __future__ import annotations

import pytest

from contrib.rules.library import COMPARING, FORM, RULES
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.form.reading import read_on
from contrib.rules.library.run import check, fix
from contrib.rules.registry import Example, Rule
from contrib.values.findings import Severity, apply_edits
from tests.rules.library.fakes import Network, Others, Repositories, View


def context(rule: Rule, example: Example) -> LibraryContext:
    view = View()
    view.bumped = "previous" in rule.needs
    return LibraryContext(
        read_on(example.text.encode(), example.path or "library/demo"),
        previous=None if example.twin is None else read_on(example.twin.encode(), "library/demo"),
        repositories=Repositories(view) if "repository" in rule.needs else None,
        others=Others() if "others" in rule.needs else None,
        network=Network() if "network" in rule.needs else None,
        today="2026-11-24",
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_bad_example_raises_the_rule(rule: Rule) -> None:
    # asked directly: a more specific rule may stand for it in a report
    found = list(rule.check(context(rule, rule.bad)))
    assert found
    assert all(f.line is not None and f.line >= 1 and f.message and f.evidence for f in found)
    assert max(f.severity.rank for f in found) <= Severity.ERROR.rank
    if rule.fix == "yes":
        assert any(f.fix is not None and f.fix.safe for f in found)
    elif rule.fix == "no":
        assert not any(f.fix is not None and f.fix.safe for f in found)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_good_example_does_not(rule: Rule) -> None:
    assert [f for f in check(context(rule, rule.good)).findings if f.rule == rule.id] == []


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.fix != "no"], ids=lambda rule: rule.id)
def test_fix_takes_the_finding_away(rule: Rule) -> None:
    data = rule.bad.text.encode()
    (found, *_) = [f for f in check(context(rule, rule.bad)).findings if f.rule == rule.id]
    if found.fix is None:
        pytest.skip("nothing is offered for the example")
    after = apply_edits(data, found.fix.edits)
    again = check(context(rule, Example(after.decode(), rule.bad.path, rule.bad.twin))).findings
    before = [f for f in check(context(rule, rule.bad)).findings if f.rule == rule.id]
    assert len([f for f in again if f.rule == rule.id]) < len(before)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_is_skipped_without_what_it_needs(rule: Rule) -> None:
    result = check(LibraryContext(read_on(rule.bad.text.encode(), "library/demo")))
    for need in rule.needs - {"text"}:
        assert rule.id in result.skipped[need]
        assert not [f for f in result.findings if f.rule == rule.id]


def test_ids_are_unique_and_known() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
    assert set(ids) >= FORM | COMPARING
    assert all(rule.kind == "library" for rule in RULES)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.fix == "yes"], ids=lambda rule: rule.id)
def test_fix_ends_in_a_file_without_the_finding(rule: Rule) -> None:
    def look(data: bytes) -> tuple[object, ...]:
        return check(context(rule, Example(data.decode(), rule.bad.path, rule.bad.twin))).findings

    done = fix(rule.bad.text.encode(), look)  # type: ignore[arg-type]
    assert [finding for finding in done.made if finding.rule == rule.id]
    assert not [f for f in look(done.data) if f.rule == rule.id]  # type: ignore[attr-defined]
