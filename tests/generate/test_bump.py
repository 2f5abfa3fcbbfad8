"""Upstream's own Windows template, rendered for a new release: what it may hold."""

from __future__ import annotations

import time

import pytest

from contrib.generate.bump.speak import _by_jinja
from contrib.upstream.layouts.base import Pin
from contrib.upstream.layouts.release_branches import KEYS
from contrib.values.errors import BadInput

PIN = Pin("8.6.1", "https://example.org/x.zip", "ab" * 32, ())


def test_conditions_and_values_are_rendered() -> None:
    template = (
        "{# of upstream #}\n{% set v = " + KEYS[0] + " %}\n"
        "{% if not custom_build %}\nENV A={{ v | required('v') }}\n{% endif %}\nENV B={{ nothing | default('x') }}\n"
    )
    assert _by_jinja("D.j2", template.encode(), PIN) == "ENV A=8.6.1\nENV B=x\n"


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in 'aaaaaaaaaa' %}{% for b in 'aaaaaaaaaa' %}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
        "{% set a = 'a' %}" + "{% set a = a ~ a %}" * 60,
        "{% set a = 'a' %}" + "{% set a = a + a %}" * 60,
        "{% set a = 'aaaaaaaaaa' %}" + "{% set a = a | replace('a', a) %}" * 9,
        "{{ ('a', 'b') | join('x' * 9) }}",
        "{{ ''.join(x) }}",
        "{{ x.__class__ }}",
        "{{ 9 ** 9 ** 9 }}",
        "{% include 'x' %}",
        "{{ [1] }}",
        "{% if",
    ],
)
def test_what_could_run_for_ever_is_refused_at_once(template: str) -> None:
    begun = time.monotonic()
    with pytest.raises(BadInput) as raised:
        _by_jinja("windows/D.j2", f"FROM x\n{template}\n".encode(), PIN)
    assert (raised.value.file, raised.value.line) == ("windows/D.j2", 2)
    assert time.monotonic() - begun < 5
