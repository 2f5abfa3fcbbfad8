"""Every rule on its own examples: what it shows is what it does."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from contrib.dockerfile import parse
from contrib.rules import REGISTRY, Rule
from contrib.rules.registry import Example
from contrib.rules.review import Reviewed, fix_file, review
from contrib.values.findings import Finding, Severity, apply_edits

RULES = REGISTRY.of_kind("dockerfile")
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def reviewed(example: Example, text: str | None = None) -> Reviewed:
    twin = parse(example.twin.encode()) if example.twin is not None else None
    known = example.known() if example.known is not None else None
    return Reviewed(parse((text or example.text).encode()), example.path, twin, known=known)


def said(example: Example, text: str | None = None) -> tuple[Finding, ...]:
    file = reviewed(example, text)
    return review(file.dockerfile, path=file.path, twin=file.twin, known=file.known)


def of(rule: Rule, findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.rule == rule.id]


@every_rule
def test_the_bad_example_raises_the_rule_once(rule: Rule) -> None:
    found = of(rule, said(rule.bad))
    assert len(found) == 1
    assert found[0].severity is rule.severity
    assert found[0].evidence == rule.evidence
    line = found[0].line
    assert line is not None and 1 <= line <= rule.bad.text.count("\n")


@every_rule
def test_the_good_example_does_not(rule: Rule) -> None:
    assert of(rule, said(rule.good)) == []


@every_rule
def test_the_good_example_has_no_error_of_another_rule(rule: Rule) -> None:
    # An example that teaches one thing and breaks another is no example.
    # (TLS 1.2 matters on bases only that are retired by now.)
    allowed = {"tls12-not-set": {"retired-base-repository", "moving-base-tag"}}.get(rule.id, set())
    errors = {f.rule for f in said(rule.good) if f.severity is Severity.ERROR}
    assert errors <= allowed


@every_rule
def test_what_is_said_is_complete(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.id)
    assert len(rule.title) <= 36, "the list of rules fits 80 columns"
    assert rule.looks_for.endswith(".") and rule.why.endswith(".")
    assert rule.evidence, "a rule says where the maintainers said so"
    for proof in rule.evidence:
        assert proof.url.startswith(("https://github.com/", "https://nvd.nist.gov/vuln/detail/CVE-"))
        assert " " not in proof.url
    assert all(other in REGISTRY for other in rule.replaces)


@every_rule
def test_a_safe_fix_is_there_exactly_where_the_catalogue_says_so(rule: Rule) -> None:
    fixes = [finding.fix for finding in of(rule, said(rule.bad))]
    if rule.fix == "yes":
        assert all(fix is not None and fix.safe for fix in fixes)
    elif rule.fix == "ask":
        assert not any(fix is not None and fix.safe for fix in fixes)
    else:
        assert fixes == [None]


@every_rule
def test_fix_mends_what_it_says_and_nothing_twice(rule: Rule) -> None:
    file = reviewed(rule.bad)
    mended = fix_file(file)
    # the base's own fix comes first, and the newer base needs no TLS setting
    if rule.fix == "yes" and rule.id != "tls12-not-set":
        assert rule.id in {finding.rule for finding in mended.made}
    result = parse(mended.data)
    assert len(result.problems) <= len(file.dockerfile.problems)
    after = review(result, path=file.path, twin=file.twin)
    assert not {finding.rule for finding in mended.made} & {f.rule for f in after if f.fixable}
    again = fix_file(Reviewed(result, file.path, file.twin))
    assert again.made == () and again.data == mended.data


def test_rules_are_told_apart() -> None:
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    assert len({rule.title for rule in RULES}) == len(ids)


@every_rule
def test_an_offered_fix_would_mend_it(rule: Rule) -> None:
    offered = [finding.fix for finding in of(rule, said(rule.bad)) if finding.fix is not None]
    for fix in offered:
        text = apply_edits(rule.bad.text.encode(), fix.edits).decode()
        assert text != rule.bad.text
        assert fix.title
        assert of(rule, said(rule.bad, text)) == []
