"""The stand-in's pages: what is on them, and what must not get through."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from contrib.sandbox.github import StandIn
from contrib.sandbox.markdown import render
from contrib.values.tree import FileChange
from tests.conftest import violations
from tests.pulls.conftest import make_repository


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    source = make_repository(
        tmp_path_factory.mktemp("pages") / "redis", {"README.md": "# Redis\n", "a/b.txt": "one\ntwo\nthree\n"}
    )
    with StandIn() as served:
        world = served.world
        repo = world.repository("docker-library/redis", source, description="The image")
        petra = world.account("petra", name="Petra")
        fork = world.fork(repo, petra)
        world.commit(
            fork, "master", "Change it\n\nWhy.",
            [
                FileChange("a/b.txt", b"one\n<b>2</b>\nthree\n"),
                FileChange("run.sh", b"#!/bin/sh\n", "100755"),
                FileChange("README.md", None),
            ],
            petra,
        )  # fmt: skip
        pull = world.open_pull(
            repo,
            petra,
            head="petra:master",
            base="master",
            title="A <title>",
            body="Hello **there** <script>x</script>",
        )
        world.comment(pull, petra, "A [remark](https://example.com)")
        world.release(repo, "v1", {"a.zip": b"PK"})
        yield served


def get(stand_in: StandIn, path: str) -> str:
    with urllib.request.urlopen(stand_in.url + path) as answer:
        assert "default-src 'none'" in answer.headers.get("Content-Security-Policy", "default-src 'none'")
        return str(answer.read().decode())


def test_a_pull_request(stand_in: StandIn) -> None:
    text = get(stand_in, "/docker-library/redis/pull/1")
    for wanted in (
        "A &lt;title&gt;", "<strong>there</strong>", "Change it", "Why.", "a/b.txt", "&lt;b&gt;2&lt;/b&gt;",
        "new, executable", "deleted", "petra:master", "docker-library:master", ">remark</a>",
    ):  # fmt: skip
        assert wanted in text, wanted
    assert "<script" not in text
    assert 'src="http' not in text


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/", "A &lt;title&gt;"),
        ("/petra", "petra/redis"),
        ("/docker-library/redis", "<h1>Redis</h1>"),
        ("/docker-library/redis/pulls", "A &lt;title&gt;"),
        ("/docker-library/redis/pull/1.diff", "+<b>2</b>"),
        ("/docker-library/redis/pull/1.patch", "Subject: [PATCH] Change it"),
        ("/docker-library/redis/pull/1/files", "a/b.txt"),
        ("/docker-library/redis/tree/master/a", "b.txt"),
        ("/docker-library/redis/blob/master/a/b.txt", "three"),
        ("/docker-library/redis/raw/master/a/b.txt", "one\ntwo"),
        ("/docker-library/redis/releases/download/v1/a.zip", "PK"),
        ("/avatar/petra.svg", "<svg"),
    ],
)
def test_the_other_pages(stand_in: StandIn, path: str, wanted: str) -> None:
    assert wanted in get(stand_in, path)


def test_commit_pages_of_a_first_and_a_later_commit(stand_in: StandIn) -> None:
    repo = stand_in.world.find("petra", "redis")
    assert repo is not None
    head = repo.head("master")
    with repo.git() as git:
        first = git.run("rev-parse", f"{head}^").stdout.decode().strip()
    assert "Change it" in get(stand_in, f"/petra/redis/commit/{head}")
    assert "README.md" in get(stand_in, f"/petra/redis/commit/{first}")


@pytest.mark.parametrize(
    "path",
    ["/nobody", "/docker-library/nothing", "/docker-library/redis/pull/9", "/docker-library/redis/pull/x",
     "/docker-library/redis/tree/none", "/docker-library/redis/blob/master/../../etc/passwd",
     "/docker-library/redis/commit/--help", "/docker-library/redis/blob/--output=x/y"],
)  # fmt: skip
def test_what_is_not_there(stand_in: StandIn, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as raised:
        get(stand_in, path)
    assert raised.value.code == 404


def test_it_answers_to_loopback_names_only(stand_in: StandIn) -> None:
    request = urllib.request.Request(stand_in.url + "/", headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(request)
    assert raised.value.code == 421


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("<details>\n<summary>x</summary>\n\ny\n\n</details>", "<summary>x</summary>"),
        ("| a |\n| --- |\n| b |", "<td>b</td>"),
    ],
)
def test_markdown_that_comes_through(text: str, wanted: str) -> None:
    assert wanted in render(text)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>", "a <img src=x onerror=alert(1)> b", "[x](javascript:alert(1))",
        "<details ontoggle=alert(1)>", "<p onclick=x>", "![x](https://example.com/a.png)", "<iframe>",
        "<style>*{}</style>", "<a href='javascript:x'>y</a>", "<details\n><script>x</script>", "<!-- --><script>x",
    ],
)  # fmt: skip
def test_markdown_that_does_not(text: str) -> None:
    html = str(render(text))
    for bad in (
        "<script",
        "<img",
        "<iframe",
        "<style",
        "ontoggle=alert(1)>",
        "onclick=x>",
        'href="javascript',
        "<a href='",
    ):
        assert bad not in html, html


SCREENS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "more contrast": {"contrast": "more"},
    "forced colours": {"forced_colors": "active"},
    "narrow": {"viewport": {"width": 320, "height": 700}},
}


@pytest.mark.parametrize("screen", SCREENS)
def test_the_pages_in_a_browser(stand_in: StandIn, browser: Any, screen: str) -> None:
    """No request to elsewhere, nothing that axe-core objects to, no sideways scrolling of the page."""
    context = browser.new_context(**SCREENS[screen])
    asked: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    try:
        for path in (
            "/",
            "/docker-library/redis",
            "/docker-library/redis/pull/1",
            "/docker-library/redis/tree/master",
        ):
            page.goto(stand_in.url + path)
            assert violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    finally:
        context.close()
    assert [url for url in asked if not url.startswith((stand_in.url, "data:"))] == []
    assert errors == []
