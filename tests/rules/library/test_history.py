"""Rules against the commits that they are derived from, in a clone of official-images (CONTRIB_TEST_CLONES)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from contrib.clients.git import Repository
from contrib.rules.library import RULES
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.form.reading import read_on
from contrib.rules.library.run import check
from contrib.rules.registry import Rule

#: (rule, commit) for the evidence that the text and the version before it show.
COMMITS = [
    (rule, match[1])
    for rule in RULES
    for evidence in rule.evidence
    if rule.needs <= {"text", "previous"}
    and (match := re.search(r"official-images@(\w+)", evidence.label)) is not None
]


@pytest.fixture(scope="module")
def official_images(clones: Path) -> Iterator[Repository]:
    path = clones / "docker-library+official-images" / "repo"
    if not path.is_dir():
        pytest.skip("no clone of official-images in CONTRIB_TEST_CLONES")
    with Repository.open(path) as repository:
        yield repository


@pytest.mark.parametrize(("rule", "commit"), COMMITS, ids=lambda value: getattr(value, "id", value))
def test_rule_finds_the_mistake_that_taught_it(rule: Rule, commit: str, official_images: Repository) -> None:
    sha = official_images.resolve(commit)
    parent = official_images.commit(sha).parents[0]
    changed = official_images.run("diff", "--name-only", "--no-renames", parent, sha, "--", "library")
    old, new = official_images.tree(parent), official_images.tree(sha)
    found = []
    for path in changed.stdout.decode().split():
        before, after = old.read(path), new.read(path)
        if after is None:
            continue
        previous = read_on(before, path) if before is not None else None
        found += [
            f
            for f in check(LibraryContext(read_on(after, path), previous=previous)).findings
            if f.rule == rule.id
        ]
    assert found
