from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrib.images import load, names, read_file, templates_directory
from contrib.images.model import LAYOUTS
from contrib.images.reading import evidence_of, read_image
from contrib.values.errors import BadInput
from contrib.values.tables import MAX_BYTES

REDIS = templates_directory() / "redis" / "image.toml"


def redis_with(change: Callable[[str], str]) -> bytes:
    text = REDIS.read_text(encoding="utf-8")
    changed = change(text)
    assert changed != text, "the change must change something"
    return changed.encode()


def refusal(data: bytes) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read_image(data, Path("redis"), "image.toml")
    assert caught.value.file == "image.toml"
    return caught.value


def test_redis_is_complete() -> None:
    image = load("redis")
    assert image.name == "redis"
    assert [layout.key for layout in image.layouts] == list(LAYOUTS)
    assert [r.name for r in image.repositories] == ["redis/docker-library-redis", "docker-library/redis"]
    assert [variant.name for variant in image.variants] == [
        "windowsservercore-ltsc2025",
        "windowsservercore-ltsc2022",
        "nanoserver-ltsc2025",
        "nanoserver-ltsc2022",
    ]
    assert image.variants[2].constraints == ("nanoserver-ltsc2025", "windowsservercore-ltsc2025")
    assert {tool.name for tool in image.tools if tool.checked} == {"redis-cli", "redis-server"}
    assert {(e.variant, e.test) for e in image.test_exclusions} == {
        (kind, test)
        for kind in ("windowsservercore", "nanoserver")
        for test in ("redis-basics", "redis-basics-tls", "redis-basics-config", "redis-basics-persistent")
    }
    assert all(exclusion.why for exclusion in image.test_exclusions)
    assert all(entry.reason.why for entry in image.justified)


def test_port_knows_its_addresses() -> None:
    image = load("redis")
    port = image.port
    address = "https://github.com/redis-windows/redis-windows/releases/download/7.2.9/Redis-7.2.9-Windows-x64-msys2.zip"
    assert port.url("7.2.9") == address
    assert port.version_of_tag("7.2.9") == "7.2.9"
    assert port.archive_top.format(version="7.2.9") == "Redis-7.2.9-Windows-x64-msys2"
    assert image.is_source(address, "windows") and not image.is_source(address, "linux")
    assert image.is_source("http://download.redis.io/releases/redis-7.2.5.tar.gz", "linux")
    assert not image.is_source("https://example.org/redis-7.2.5.tar.gz", "linux")


@pytest.mark.parametrize("owner", ["MSOpenTech", "MicrosoftArchive", "microsoftarchive"])
def test_the_dead_port_is_known_under_all_its_names(owner: str) -> None:
    url = f"https://github.com/{owner}/redis/releases/download/win-3.2.100/Redis-x64-3.2.100.zip"
    port = load("redis").port_of(url)
    assert port is not None and not port.alive
    assert port.last == "3.2.100" and port.version_of_tag("win-3.2.100") == "3.2.100"
    assert port.version_of_tag("3.2.100") is None


def test_paths_are_mapped_with_what_is_below_them() -> None:
    image = load("redis")
    assert image.windows_path("/data") == r"C:\data"
    assert image.windows_path("/data/a/b") == r"C:\data\a\b"
    assert image.windows_path("/database") is None
    assert image.windows_path("/usr/local/bin/redis-cli") == r"C:\redis\redis-cli"


def test_directories_by_layout() -> None:
    image = load("redis")
    templated, branches = image.layout("templated"), image.layout("release-branches")
    assert templated is not None and branches is not None
    assert templated.directory_of("7.2", "nanoserver-ltsc2022") == "7.2/windows/nanoserver-ltsc2022"
    assert branches.directory_of("8.0", "nanoserver-ltsc2022") == "windows/nanoserver-ltsc2022"
    assert templated.linux_of("7.2") == "7.2/alpine/Dockerfile"
    assert image.layout("nothing") is None


@pytest.mark.parametrize(
    ("change", "key", "expected"),
    [
        (lambda s: s.replace('name = "redis"\ntitle', 'name = "Redis Server"\ntitle'), "image.name", "the image's name"),
        (lambda s: s.replace('name = "redis"\ntitle', 'name = "valkey"\ntitle'), "image.name", "'redis'"),
        (lambda s: s.replace("install = 'C:\\redis'", "install = 'C:\\Program Files\\redis'"), "image.install", "without spaces"),
        (lambda s: s.replace('exposed = ["6379/tcp"]', 'exposed = [6379]'), "image.exposed", "6379/tcp"),
        (lambda s: s.replace('title = "Redis"', 'titel = "Redis"'), "image.title", "the software's name"),
        (lambda s: s.replace('alive = true', 'alive = "yes"'), "port[1].alive", "true or false"),
        (lambda s: s.replace('alive = true', 'alive = false\nended = "2026-01-01"\nlast = "1.0"'), "port", "that is alive"),
        (lambda s: s.replace('configured = "redis.docker.conf"\n', ""), "image.configured", "settings are written to"),
        (lambda s: s.replace("{configured}", "{config}"), "port[1].command", "{configured}"),
        (lambda s: s.replace('ended = "2016-07-01"\n', ""), "port", "'ended'"),
        (lambda s: s.replace('ended = "2016-07-01"', 'ended = "July"'), "port[3].ended", "a date"),
        (lambda s: s.replace('asset = "Redis-{version}-Windows', 'asset = "Redis-{verion}-Windows'), "port[1].asset", "{version}"),
        (lambda s: s.replace("[layouts.plain]", "[layouts.plane]"), "layouts.plane", "no such layout"),
        (lambda s: s.replace('directory = "windows/{variant}"', 'directory = "../{variant}"', 1), "layouts.release-branches.directory", "relative path"),
        (lambda s: s.replace('copies_from = "windowsservercore-ltsc2025"', 'copies_from = "windowsservercore-ltsc2022"'), "variant", "another Windows release"),
        (lambda s: s.replace('copies_from = "windowsservercore-ltsc2025"', 'copies_from = "windowsservercore-ltsc2019"'), "variant", "installs the programs itself"),
        (lambda s: s.replace('kind = "nanoserver"', 'kind = "nano"', 1), "variant[3].kind", "one of windowsservercore, nanoserver"),
        (lambda s: s.replace('evidence = ["docker-library/redis#78"]', 'evidence = ["PR 78"]', 1), "evidence", "owner/repo#12"),
        (lambda s: s.replace("was = '127\\.0\\.0\\.1.*'", "was = '127('"), "setting[3].was", "regular expression"),
        (lambda s: s.replace('fact = "download"', 'fact = "entrypoint"'), "justified", "twice"),
        (lambda s: s.replace('fact = "download"', 'fact = "command"', 1), "justified[1].fact", "may never be justified"),
        (lambda s: s.replace('fact = "download"', 'fact = "configuration:bind"', 1), "justified[1].fact", "belongs to its [[setting]]"),
        (lambda s: s.replace('fact = "download"', 'fact = "no-such-fact"', 1), "justified[1].fact", "there is no fact 'no-such-fact'"),
        (lambda s: s.replace('fact = "stop-signal"', 'fact = "stop-signals"', 1), "loss[1].fact", "there is no fact"),
        (lambda s: s.replace('fact = "download"', 'fact = "stop-signal"', 1), "loss", "justified as well"),
        (lambda s: s.replace('[defaults]', '[defaults]\nbind = "x"'), "defaults.bind", "has no effect"),
        (lambda s: s + '\n[[test_exclusion]]\nvariant = "nanoserver"\ntest = "redis-basics"\nwhy = "x"\n', "test_exclusion", "twice"),
        (lambda s: s.replace('port = "redis-windows"\nwas', 'port = "nobody"\nwas'), "setting", "is for the port 'nobody'"),
        (lambda s: s.replace('version = "REDIS_VERSION"', 'version = "redis version"'), "environment.version", "name of a variable"),
    ],
)  # fmt: skip
def test_mistakes_name_file_key_and_what_is_expected(
    change: Callable[[str], str], key: str, expected: str
) -> None:
    error = refusal(redis_with(change))
    assert key in error.message
    assert expected in error.message + (error.hint or "")


def test_an_unknown_key_is_told_with_its_line_and_what_was_meant() -> None:
    error = refusal(
        redis_with(
            lambda s: s.replace('program = "redis-server"', 'program = "redis-server"\nprogramm = "x"')
        )
    )
    assert error.message == "image.programm: there is no such key"
    assert error.line is not None and error.hint == "perhaps 'program' was meant"


def test_not_toml_has_its_line() -> None:
    error = refusal(b"[image]\nname = \n")
    assert error.line == 2 and "not TOML" in error.message


def test_not_text_has_its_line() -> None:
    assert refusal(b"[image]\nname = '\xff'\n").line == 2


def test_too_large() -> None:
    assert "larger" in refusal(b"#" * (MAX_BYTES + 1)).message


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read_image(data, Path("redis"), "image.toml")
    except BadInput as error:
        assert error.file == "image.toml"


@given(st.data())
@settings(deadline=None)
def test_a_file_with_a_line_taken_out_is_read_or_refused(data: st.DataObject) -> None:
    lines = REDIS.read_bytes().splitlines(keepends=True)
    gone = data.draw(st.integers(0, len(lines) - 1))
    try:
        read_image(b"".join(lines[:gone] + lines[gone + 1 :]), Path("redis"), "image.toml")
    except BadInput as error:
        assert error.file == "image.toml" and error.message


@pytest.mark.parametrize(
    ("label", "url"),
    [
        ("docker-library/redis#78", "https://github.com/docker-library/redis/issues/78"),
        ("docker-library/redis@709e6a8", "https://github.com/docker-library/redis/commit/709e6a8"),
        ('faq "HEALTHCHECK"', "https://github.com/docker-library/faq#healthcheck"),
        ("its page <https://example.org/x>", "https://example.org/x"),
        ("https://example.org/", "https://example.org/"),
    ],
)
def test_evidence(label: str, url: str) -> None:
    assert evidence_of(label).url == url


def test_evidence_refused() -> None:
    with pytest.raises(ValueError, match="somebody"):
        evidence_of("somebody said so")


def test_no_such_image_says_which_there_are() -> None:
    with pytest.raises(BadInput) as caught:
        load("radish")
    assert "redis" in (caught.value.hint or "")


def test_images_of_another_directory(tmp_path: Path) -> None:
    assert names(tmp_path) == names()  # they come before the package's
    with pytest.raises(BadInput, match="no image"):
        load("../redis", tmp_path)


def test_read_file_refuses_what_is_none(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        read_file(tmp_path)
    big = tmp_path / "big"
    big.write_bytes(b"x" * (MAX_BYTES + 1))
    with pytest.raises(BadInput, match="larger"):
        read_file(big)


def test_code_knows_no_redis() -> None:
    """What is Redis's stands in its folder; rooms that generate name no image."""
    root = Path(__file__).parents[2] / "contrib"
    for room in ("images", "releases", "generate"):
        for path in (root / room).rglob("*.py"):
            code = re.sub(r'("""|\'\'\').*?\1', "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
            code = re.sub(r"#.*", "", code)
            assert "redis" not in code.lower(), path
