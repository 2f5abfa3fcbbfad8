"""Which repositories a library file may name."""

from __future__ import annotations

import pytest

from contrib.values.addresses import foreign, unfit


@pytest.mark.parametrize(
    "url",
    [
        "/local/path",
        "file:///local/path",
        "ssh://github.com/x",
        "git@github.com:o/r.git",
        "git://github.com/o/r.git",
        "http://github.com/o/r.git",
        "HTTPS://github.com/o/r.git",
        "https://github.com:8443/o/r.git",
        "https://me@github.com/o/r.git",
        "https://me:pw@github.com/o/r.git",
        "https://github.com@evil.example/o/r.git",
        "https://github.com.evil.example/o/r.git",
        "https://127.0.0.1/o/r.git",
        "https://localhost/o/r.git",
        "https://github.com/o/r.git?x=y",
        "https://github.com/o/r.git#x",
        "https://github.com/o r.git",
        "https://github.com\\@evil.example/o/r.git",
        "https://[::1/",
        "https://github.com/../../x",
        "https://github.com/o/r%0a--upload-pack=id",
        "ext::sh -c id",
        "https:/github.com/o/r.git",
        "-uhttps://github.com/o/r",
        "",
    ],
)
def test_a_repository_that_data_names_is_not_opened(url: str) -> None:
    assert foreign(url) and foreign(url, named="http://127.0.0.1:8080")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f.0x1", "0177.0.0.1", "10.0.0.1", "[::1]", "[fe80::1]", "8.8.8.8",
        "localhost", "printer", "nas.local", "db.internal", "a.localhost", "github.com.", ".com", "a..com", "github.com%2eevil.example",
        "github.com;evil.example", "a_b.example", "-a.example", "[v1.example]", "$(id).example",
    ],
)  # fmt: skip
def test_a_host_that_is_not_a_public_name(host: str) -> None:
    assert unfit(f"https://{host}/o/r.git")


def test_one_that_may_be_opened() -> None:
    assert foreign("https://github.com/docker-library/redis.git") == ""


def test_one_that_is_fit_and_not_opened() -> None:
    assert unfit("https://git.example.com/o/r.git") == ""
    assert "its host is not one of" in foreign("https://git.example.com/o/r.git")


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("http://127.0.0.1:8080/o/r.git", True),
        ("http://127.0.0.1:8080/o/r", True),
        ("http://127.0.0.1:80801/o/r.git", False),
        ("http://127.0.0.1:8081/o/r.git", False),
        ("https://127.0.0.1:8080/o/r.git", False),
        ("http://127.0.0.1:8080@evil.example/o/r.git", False),
        ("http://me@127.0.0.1:8080/o/r.git", False),
        ("http://127.0.0.1:8080/o/../../r.git", False),
        ("http://127.0.0.1:8080/o/r.git?x", False),
        ("http://127.0.0.1:8080/o/r.git\n", False),
        ("http://127.0.0.1:8080/latest/meta/data", False),
    ],
)
def test_a_person_may_name_a_github_of_their_own(url: str, may: bool) -> None:
    assert (foreign(url, named="http://127.0.0.1:8080") == "") is may
