"""Upstream's own Windows template, rendered for a new release: what it may hold."""

from __future__ import annotations

import time
from typing import Any

import pytest

from contrib.generate.bump import tracks
from contrib.generate.bump.speak import _by_jinja
from contrib.generate.bump.values import BadAddress, Mover
from contrib.images import load as load_image
from contrib.releases import Release, Version, load
from contrib.releases.archives import Archives
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


#: mongo's form: an address with a query that names the version in its encoded form.
TRACKS = b"""
image = "demo"
repository = "https://github.com/docker-library/demo.git"
[[track]]
name = "demo"
sources = ["current"]
keys = { githash = "githash" }
[[hold]]
variant = "nanoserver-ltsc2025"
reason = "it does not start"
until = "8.0.7"
"""


def moved(changes: str, version: str = "8.0.6") -> dict[str, Any]:
    (track,) = tracks.read(TRACKS, "bump.toml").tracks
    release = Release(Version.parse(version), "", "", None, False, values={"githash": "b" * 40})
    archives = Archives(load(load_image("redis")), None)
    mover = Mover(archives, track, "8.0", windows=True)
    return mover.move({"version": "8.0.5", "changes": changes, "githash": "a" * 40}, release).value


def test_a_version_in_the_query_of_an_address() -> None:
    query = "https://jira.example.org/?jql=project%20%3D%20X%20AND%20fix%20%3D%20%22{}%22&order=1"
    found = moved(query.format("8.0.5"))
    assert found == {"version": "8.0.6", "changes": query.format("8.0.6"), "githash": "b" * 40}


@pytest.mark.parametrize(
    "changes", ["https://x.example.org/?q=8.0.5$(id)", "https://x.example.org/8.0.5?q='a'"]
)
def test_a_query_with_characters_of_a_shell_is_never_written(changes: str) -> None:
    with pytest.raises(BadAddress):
        moved(changes)


@pytest.mark.parametrize("until", ["soon", "2026-13-01", "8.0;id"])
def test_the_end_of_a_hold_is_checked(until: str) -> None:
    assert tracks.read(TRACKS, "bump.toml").holds[0].until == "8.0.7"
    with pytest.raises(BadInput, match="until"):
        tracks.read(TRACKS.replace(b"8.0.7", until.encode()), "bump.toml")
