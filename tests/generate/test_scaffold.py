"""contrib new: what a repository tells, what is asked, and a folder that loads and generates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from contrib.cli.main import cli
from contrib.generate.scaffold import Observed, checked_answers, observe, questions, scaffold
from contrib.images import load
from contrib.sandbox import upstreams
from contrib.upstream.profile import load as load_profile
from contrib.values.errors import BadInput
from contrib.values.tree import FileChange, MemoryTree, OverlayTree
from tests.upstream.layouts.support import PLAIN, Sandbox, git

TREE = Sandbox(upstreams.templated()).tree("master")
TESTS = Sandbox(upstreams.official_images(["0" * 40] * 4)).tree("master").read("test/config.sh")
ANSWERS = {
    "port.repository": "redis-windows/redis-windows",
    "port.tag": "{version}",
    "port.asset": "Redis-{version}-Windows-x64-msys2.zip",
    "port.top": "Redis-{version}-Windows-x64-msys2",
    "port.reason": "builds every release in public",
    "kinds": "windowsservercore, nanoserver",
}


def seen() -> Observed:
    return observe("redis", "templated", TREE, TESTS)


def test_what_a_repository_tells() -> None:
    assert seen() == Observed(
        image="redis",
        layout="templated",
        linux="{series}/alpine/Dockerfile",
        series=(("7.2", "7.2.5"), ("7.0", "7.0.15")),
        variants=("alpine", "debian"),
        version_env="REDIS_VERSION",
        url_env="REDIS_DOWNLOAD_URL",
        digest_env="REDIS_DOWNLOAD_SHA",
        exposed=("6379/tcp",),
        volume="/data",
        program="redis-server",
        generator=True,
        tests=("redis-basics", "redis-basics-tls", "redis-basics-config", "redis-basics-persistent"),
    )


def test_the_version_is_the_variable_of_the_series() -> None:
    files = {
        "29/alpine/Dockerfile": b'FROM alpine:3.24\nENV OTP_VERSION="29.0.4" \\\n    REBAR3_VERSION="3.27.0"\nCMD ["erl"]\n',
        "generate-stackbrew-library.sh": b"",
    }
    found = observe("erlang", "plain", MemoryTree(files))
    assert (found.version_env, found.series, found.program) == ("OTP_VERSION", (("29", "29.0.4"),), "erl")


def test_release_branches_and_plain() -> None:
    assert observe("redis", "plain", MemoryTree(PLAIN)).series == (("3.2", "3.2.6"), ("3.0", "3.0.7"))
    branch = Sandbox(upstreams.release_branches()).tree("release/8.8")
    found = observe("redis", "release-branches-jinja", branch)
    assert (found.linux, found.series, found.generator) == ("alpine/Dockerfile", (), False)


@pytest.mark.parametrize(
    ("image", "tree", "message"),
    [
        ("Redis", TREE, "is no name of an image"),
        ("../redis", TREE, "is no name of an image"),
        (
            "redis",
            MemoryTree({"7.2/debian/Dockerfile": b"FROM debian\n"}),
            "no series of this repository has a Linux Alpine",
        ),
        (
            "redis",
            OverlayTree(TREE, (FileChange("7.2/windows/x/Dockerfile", b""),)),
            "has Windows variants already",
        ),
    ],
)
def test_what_cannot_be_scaffolded(image: str, tree: MemoryTree, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        observe(image, "templated", tree)


def test_answers_are_checked_and_completed() -> None:
    asked = questions(seen())
    answers = checked_answers(asked, ANSWERS, "f")
    assert answers["title"] == "Redis" and answers["program"] == "redis-server.exe"
    with pytest.raises(
        BadInput, match=r"not answered: port\.repository, port\.asset, port\.reason"
    ) as raised:
        checked_answers(asked, {}, "f")
    assert '"port.repository" = ' in (raised.value.hint or "")
    for key, value in (
        ("port.repository", "nowhere"),
        ("port.asset", "x.zip"),
        ("port.asset", "x-{version}.zip; rm"),
        ("port.reason", 'a "quote"'),
        ("releases", "1809"),
        ("nobody", "asked"),
    ):
        with pytest.raises(BadInput, match=key):
            checked_answers(asked, {**ANSWERS, key: value}, "f")
    with pytest.raises(BadInput, match="copies from a windowsservercore"):
        scaffold(seen(), {**answers, "kinds": "nanoserver"})


def new(tmp_path: Path, *more: str) -> list[str]:
    ids = upstreams.build(upstreams.templated(), tmp_path / "redis.git")
    upstreams.build(upstreams.official_images(ids), tmp_path / "official-images.git")
    lines = [f'"{key}" = "{value}"' for key, value in ANSWERS.items()]
    (tmp_path / "answers.toml").write_text("\n".join(lines))
    return [
        "new",
        "redis",
        f"--upstream={tmp_path / 'redis.git'}",
        f"--official-images={tmp_path / 'official-images.git'}",
        f"--templates={tmp_path / 'templates'}",
        *more,
    ]


def test_a_folder_that_loads_and_generates(tmp_path: Path) -> None:
    command = new(tmp_path, f"--answers={tmp_path / 'answers.toml'}")
    result = CliRunner().invoke(cli, command, standalone_mode=False)
    assert result.exception is None, result.output
    templates = tmp_path / "templates"
    image = load("redis", templates)
    assert [variant.name for variant in image.variants] == [
        "windowsservercore-ltsc2025",
        "windowsservercore-ltsc2022",
        "nanoserver-ltsc2025",
        "nanoserver-ltsc2022",
    ]
    assert len(image.test_exclusions) == 8
    assert load_profile("redis", templates).image == "redis"
    git(tmp_path, "clone", "--quiet", str(tmp_path / "redis.git"), str(tmp_path / "redis"))
    (tmp_path / "port.json").write_text(
        json.dumps(
            upstreams.releases_json(
                upstreams.port_releases(),
                lambda tag, name: (
                    f"https://github.com/redis-windows/redis-windows/releases/download/{tag}/{name}"
                ),
            )
        )
    )
    generate = [
        "generate",
        "redis",
        f"--templates={templates}",
        f"--upstream={tmp_path / 'redis'}",
        f"--source=port={tmp_path / 'port.json'}",
        "--offline",
    ]
    done = CliRunner().invoke(cli, generate, standalone_mode=False)
    assert done.exception is None, done.output
    text = (tmp_path / "redis" / "7.2" / "windows" / "windowsservercore-ltsc2022" / "Dockerfile").read_text()
    assert "ENV REDIS_VERSION=7.2.4\n" in text and 'CMD ["redis-server.exe"]' in text


def test_again_writes_over_nothing(tmp_path: Path) -> None:
    command = new(tmp_path, f"--answers={tmp_path / 'answers.toml'}")
    assert CliRunner().invoke(cli, command, standalone_mode=False).exception is None
    again = CliRunner().invoke(cli, command, standalone_mode=False).exception
    assert isinstance(again, BadInput) and "is there already" in again.message


def test_unanswered_writes_nothing(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, new(tmp_path), standalone_mode=False)
    assert isinstance(result.exception, BadInput) and "not answered" in result.exception.message
    assert not (tmp_path / "templates").exists()


# -- the second image -------------------------------------------------------------------------------------


def test_rabbitmq_is_a_folder_and_nothing_else() -> None:
    """No module of ours names the second image."""
    root = Path(__file__).resolve().parents[2]
    assert load("rabbitmq").port.repository == "rabbitmq/rabbitmq-server"
    named = [
        path for path in (root / "contrib").rglob("*.py") if "rabbitmq" in path.read_text("utf-8").lower()
    ]
    # the example in the help of `contrib new`, and the list of all official images, which names every one of them
    assert sorted(path.name for path in named) == ["new.py", "references.py"]
