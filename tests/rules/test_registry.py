"""The registry: both kinds of rules in one place, evidence as addresses."""

from __future__ import annotations

import pytest

from contrib.rules import REGISTRY, Example, evidence


def test_ids_are_unique_in_each_kind() -> None:
    for kind in ("dockerfile", "library"):
        ids = [rule.id for rule in REGISTRY.of_kind(kind)]  # type: ignore[arg-type]
        assert ids and len(ids) == len(set(ids))
    assert set(REGISTRY) == {rule.id for rule in REGISTRY.all()}


def test_an_id_may_be_of_both_kinds() -> None:
    both = REGISTRY.named("eol-base")
    assert [rule.kind for rule in both] == ["dockerfile", "library"]
    assert REGISTRY["eol-base"] is both[0]
    assert REGISTRY.named("nothing") == ()


def test_an_unknown_rule_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        REGISTRY["nothing"]
    assert "nothing" not in REGISTRY


@pytest.mark.parametrize(
    ("label", "url"),
    [
        ("docker-library/redis#78", "https://github.com/docker-library/redis/pull/78"),
        ("moby/moby#22017", "https://github.com/moby/moby/issues/22017"),
        ("docker-library/redis@709e6a8", "https://github.com/docker-library/redis/commit/709e6a8"),
        ('faq "HEALTHCHECK"', "https://github.com/docker-library/faq#healthcheck"),
        (
            'faq "Why isn\'t there a Windows equivalent of `docker-entrypoint.sh`?"',
            "https://github.com/docker-library/faq#why-isnt-there-a-windows-equivalent-of-docker-entrypointsh",
        ),
        ('guidelines "Security"', "https://github.com/docker-library/official-images#security"),
        ("some page <https://example.org/x>", "https://example.org/x"),
    ],
)
def test_evidence(label: str, url: str) -> None:
    (found,) = evidence(label)
    assert found.url == url


def test_evidence_without_an_address_is_refused() -> None:
    with pytest.raises(ValueError, match="no address"):
        evidence("hearsay")


def test_an_example_may_be_written_as_a_block() -> None:
    assert Example("\nFROM x\n").text == "FROM x\n"
    assert Example("FROM x\n").text == "FROM x\n"
