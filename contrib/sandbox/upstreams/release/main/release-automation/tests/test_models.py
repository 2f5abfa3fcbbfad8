"""Versions and distributions."""

import pytest
from stackbrew_generator.models import Distribution, DistroType, RedisVersion


def test_versions_have_an_order():
    texts = ["8.2.1-m01", "8.2.1-rc1", "8.2.1", "8.2.2"]
    assert sorted(texts, key=lambda text: RedisVersion.parse(text).sort_key) == texts


def test_from_lines():
    assert Distribution.from_dockerfile_line("FROM alpine:3.23").name == "alpine3.23"
    assert Distribution.from_dockerfile_line("FROM debian:trixie-slim").type == DistroType.DEBIAN
    with pytest.raises(ValueError):
        Distribution.from_dockerfile_line("FROM fedora:43")
