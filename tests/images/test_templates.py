from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2.exceptions import SecurityError

from contrib.images import load
from contrib.images.model import Image, Reason, Setting, Variant
from contrib.images.templates import Literals, Options, expressions_of, joined, render, sandbox
from contrib.values.errors import BadInput

GOLDEN = Path(__file__).parent / "golden"
IMAGE = load("redis")
VALUES = Literals("7.2.4", IMAGE.port.url("7.2.4"), "0123456789abcdef" * 4)
DEAD = next(port for port in IMAGE.ports if not port.alive)


def text_of(variant: Variant, options: Options | None = None) -> str:
    return render(IMAGE, variant, VALUES.values(variant), options)


@pytest.mark.parametrize("variant", IMAGE.variants, ids=lambda v: v.name)
def test_golden(variant: Variant) -> None:
    """Refresh with CONTRIB_GOLDEN=1 and read what changed before it is committed."""
    path = GOLDEN / f"redis-7.2.4-{variant.name}.Dockerfile"
    text = text_of(variant)
    if os.environ.get("CONTRIB_GOLDEN"):
        path.write_bytes(text.encode())
    assert text.encode() == path.read_bytes()


def test_golden_of_the_ended_port() -> None:
    """No directory at the archive's top, Windows paths on the command line, another configuration file."""
    path = GOLDEN / "redis-3.2.100-windowsservercore-ltsc2022.Dockerfile"
    variant = IMAGE.variants[1]
    values = Literals("3.2.100", DEAD.url("3.2.100"), "0123456789abcdef" * 4)
    text = render(IMAGE, variant, values.values(variant), Options(port=DEAD))
    if os.environ.get("CONTRIB_GOLDEN"):
        path.write_bytes(text.encode())
    assert text.encode() == path.read_bytes()


@pytest.mark.parametrize("variant", IMAGE.variants, ids=lambda v: v.name)
def test_voice_of_the_jq_template_gives_the_same_bytes(variant: Variant) -> None:
    from contrib.clients.libjq import Worker
    from contrib.upstream.jqtemplate import compile_template
    from contrib.upstream.jqtemplate import render as render_jq

    layout = IMAGE.layout("templated")
    assert layout is not None
    template = render(IMAGE, variant, expressions_of(layout, variant)).encode()
    versions = {"7.2": {"windows": {"version": VALUES.version, "url": VALUES.url, "sha256": VALUES.sha256}}}
    program = compile_template(template, "Dockerfile-windows.template")
    environment = {"version": "7.2", "windowsRelease": variant.release}
    with Worker() as worker:
        (rendered,) = render_jq(program, json.dumps({"7.2": versions["7.2"]}), [environment], worker)
    assert rendered == text_of(variant).encode()


@pytest.mark.parametrize("variant", IMAGE.variants, ids=lambda v: v.name)
def test_voice_of_jinja_gives_the_same_bytes(variant: Variant) -> None:
    layout = IMAGE.layout("release-branches-jinja")
    assert layout is not None
    template = render(IMAGE, variant, expressions_of(layout, variant))
    # as upstream's own tool renders: trim_blocks, lstrip_blocks, StrictUndefined
    environment = jinja2.Environment(
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, undefined=jinja2.StrictUndefined
    )
    rendered = environment.from_string(template).render(
        windows_release_tag=VALUES.version,
        windows_download_url=VALUES.url,
        windows_download_sha=VALUES.sha256,
    )
    assert rendered == text_of(variant)


def test_the_two_kinds_differ_only_where_the_base_forces_it() -> None:
    core, nano = text_of(IMAGE.variants[0]), text_of(IMAGE.variants[2])
    # from the volume on, and the environment, both are the same
    assert core[core.index("# made by") :] == nano[nano.index("# made by") :]
    for line in core.splitlines():
        if line.startswith(("ENV", "EXPOSE", "VOLUME", "WORKDIR", "CMD", "# Windows keeps")):
            assert line in nano.splitlines()


def test_one_template_for_all_series_names_no_version() -> None:
    layout = IMAGE.layout("templated")
    assert layout is not None
    for variant in IMAGE.variants:
        text = render(IMAGE, variant, expressions_of(layout, variant))
        assert "7.2" not in text and "ltsc" not in text


def test_volume_only_where_the_twin_declares_it() -> None:
    with_volume = text_of(IMAGE.variants[0], Options(volume=True))
    without = text_of(IMAGE.variants[0], Options(volume=False))
    assert "VOLUME C:\\\\data\n" in with_volume
    assert with_volume.replace("VOLUME C:\\\\data\n", "") == without


def test_options_are_laid_over_the_image() -> None:
    options = Options(
        install="C:\\app",
        exposed=("6379/tcp", "16379/udp"),
        environment={"LANG": "C"},
        settings=IMAGE.settings[:1],
    )
    text = text_of(IMAGE.variants[0], options)
    assert "EXPOSE 6379 16379/udp\n" in text
    assert "\nENV LANG=C\n" in text
    assert "C:\\redis" not in text and "C:\\app;{0}" in text
    assert "'^bind" not in text
    assert 'CMD ["redis-server", "/app/redis.docker.conf"]' in text  # whatever WORKDIR is


def test_a_setting_that_is_added() -> None:
    more = Setting("maxmemory", "", "100mb", "", ("as it was asked for",), Reason(""))
    text = text_of(IMAGE.variants[0], Options(settings=(*IMAGE.settings, more)))
    assert "# as it was asked for\n" in text
    assert "\tAdd-Content C:\\redis\\redis.docker.conf 'maxmemory 100mb'; \\\n" in text
    assert text.index("| Set-Content") < text.index("Add-Content")


@pytest.mark.parametrize(
    ("version", "url", "sha256"),
    [
        ("7.2.4; rm -rf /", IMAGE.port.url("7.2.4"), "a" * 64),
        ("$(id)", IMAGE.port.url("7.2.4"), "a" * 64),
        ("7.2.4\nRUN evil", IMAGE.port.url("7.2.4"), "a" * 64),
        ("", IMAGE.port.url("7.2.4"), "a" * 64),
        ("7" * 65, IMAGE.port.url("7.2.4"), "a" * 64),
        ("7.2.4", "http://github.com/x.zip", "a" * 64),
        ("7.2.4", "https://github.com/x y.zip", "a" * 64),
        ("7.2.4", "https://github.com/$HOME.zip", "a" * 64),
        ("7.2.4", "https://user:secret@github.com/x.zip", "a" * 64),
        ("7.2.4", "https://github.com/`id`.zip", "a" * 64),
        ("7.2.4", IMAGE.port.url("7.2.4"), "A" * 64),
        ("7.2.4", IMAGE.port.url("7.2.4"), "a" * 63),
        ("7.2.4", IMAGE.port.url("7.2.4"), "a" * 64 + "\n"),
    ],
)
def test_values_with_other_characters_are_refused(version: str, url: str, sha256: str) -> None:
    with pytest.raises(BadInput):
        Literals(version, url, sha256)


@given(st.text(max_size=30))
def test_a_version_that_is_taken_is_harmless(version: str) -> None:
    try:
        Literals(version, IMAGE.port.url("7.2.4"), "a" * 64)
    except BadInput:
        return
    assert not set(version) & set(" \t\r\n\"'`$&|;<>(){}[]*?!~#%^\\/")


def image_with(tmp_path: Path, template: str) -> Image:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "Dockerfile.j2").write_text(template, encoding="utf-8")
    return replace(IMAGE, folder=folder)


def render_own(tmp_path: Path, template: str) -> str:
    variant = IMAGE.variants[0]
    return render(image_with(tmp_path, template), variant, VALUES.values(variant))


def test_text_ends_with_one_newline(tmp_path: Path) -> None:
    assert (
        render_own(tmp_path, "FROM {{ base }}\n\n\n")
        == "FROM mcr.microsoft.com/windows/servercore:ltsc2025\n"
    )


@pytest.mark.parametrize(
    ("template", "says", "line"),
    [
        ("{{ nothing }}", "asks for what templates are not given", None),
        ("FROM x\n{% if %}", "is not a template", 2),
        ("FROM x\n{% for %}", "is not a template", 2),
        ("{% include '../secret' %}", "is not a template", None),
        ("{{ ''.__class__.__mro__ }}", "templates", None),
        ("{{ name.__class__ }}", "templates", None),
        ("{{ 'a' * 1000000000 }}", "what templates may not do", None),
        ("{{ '%1000000000d' % 1 }}", "what templates may not do", None),
        ("{{ '{:>1000000000}'.format(1) }}", "what templates may not do", None),
        ("{{ 'a'.ljust(1000000000) }}", "what templates may not do", None),
        ("{{ 9 ** 9999999 }}", "what templates may not do", None),
        ("{% for i in range(99999) %}x{% endfor %}", "asks for what", None),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "calls itself without end", None),
    ],
)
def test_templates_cannot_leave_the_sandbox(
    tmp_path: Path, template: str, says: str, line: int | None
) -> None:
    with pytest.raises(BadInput) as caught:
        render_own(tmp_path, template)
    assert says in caught.value.message
    assert caught.value.line == line
    assert caught.value.file is not None and "Dockerfile.j2" in caught.value.file + caught.value.message


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    image = image_with(tmp_path, "{% include 'app/other.j2' %}")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.j2").write_text("secret", encoding="utf-8")
    with pytest.raises(BadInput):
        render(image, IMAGE.variants[0], VALUES.values(IMAGE.variants[0]))


def test_output_is_bounded() -> None:
    with pytest.raises(BadInput, match="more than"):
        joined(("x" * 1000 for _ in range(10**6)), "Dockerfile.j2")


@pytest.mark.parametrize(
    "template",
    [
        "{% set ns = namespace(x='a') %}{% for i in n %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x='a') %}{% for i in n %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x='a') %}{% for i in n %}{% set ns.x = [ns.x, ns.x] | join %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x='a') %}{% for i in n %}{% set ns.x = ns.x | replace('a', 'aaaa') %}{% endfor %}{{ ns.x }}",
        "{{ 'a' | indent(2000000000) }}",
        "{{ 'a\\nb' | indent(width=2000000000) }}",
        "{{ [[[1]]] | tojson(indent=2000000000) }}",
    ],
)
def test_no_text_grows_beyond_the_limit(template: str) -> None:
    with pytest.raises(SecurityError):
        joined(sandbox().from_string(template).generate({"n": list(range(40))}), "Dockerfile.j2")


def test_texts_are_joined_all_the_same() -> None:
    made = sandbox().from_string("{{ 'a' ~ 1 ~ ('b' + 'c') ~ (x | join('-')) }}{{ 'a\\nb' | indent(2) }}")
    assert made.render(x=["d", 2]) == "a1bcd-2a\n  b"


def test_values_of_templates_cannot_be_changed() -> None:
    with pytest.raises(jinja2.TemplateError):
        sandbox().from_string("{{ things.append(1) }}").render(things=[])


def test_an_older_server_gets_a_file_and_no_flags() -> None:
    """Servers before 6.2 drop their save points with any argument; the file also takes the pid file away."""
    values = Literals("5.0.14", IMAGE.port.url("5.0.14"), "0" * 64)
    text = render(IMAGE, IMAGE.variants[0], values.values(IMAGE.variants[0]))
    assert 'CMD ["redis-server", "/redis/redis.docker.conf"]' in text
    assert "-replace '^pidfile .+$', '# $0'" in text


def test_flags_need_no_file() -> None:
    text = text_of(IMAGE.variants[0])
    assert 'CMD ["redis-server", "--protected-mode", "no"]' in text
    assert "redis.conf" not in text and "pidfile" not in text


def test_the_form_and_the_words_of_the_twin() -> None:
    options = Options(legacy_env=True, comments={"protected-mode": ("as the twin says it", "(really)")})
    text = text_of(IMAGE.variants[0], options)
    assert "\nENV REDIS_VERSION 7.2.4\n" in text and "ENV REDIS_VERSION=" not in text
    assert "\n# as the twin says it\n# (really)\nCMD [" in text
