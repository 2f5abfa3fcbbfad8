from __future__ import annotations

import doctest

import pytest

from contrib.build import products

GITHUB = "https://github.com/"


def test_examples_of_the_docstrings() -> None:
    assert doctest.testmod(products).failed == 0


@pytest.mark.parametrize(
    ("url", "product", "version"),
    [
        (GITHUB + "o/app/releases/download/win-3.2.100/App-x64-3.2.100.zip", "app", "3.2.100"),
        (GITHUB + "o/gosu/releases/download/1.17/gosu-amd64", "gosu", "1.17"),
        (GITHUB + "o/git/releases/download/v2.48.1.windows.1/MinGit-2.48.1-64-bit.zip", "mingit", "2.48.1"),
        ("https://x.example/windows/appdb-windows-x86_64-8.0.26-signed.msi", "appdb", "8.0.26"),
        ("https://x.example/ftp/3.15.0/app-3.15.0b3-amd64.exe", "app", "3.15.0b3"),
        (
            GITHUB + "o/app/releases/download/v2.1/nats-server-v2.10.29-linux-arm64.tar.gz",
            "nats-server",
            "2.10.29",
        ),
        (GITHUB + "o/app/releases/download/8.0/App-8.0-Windows-x64-msys2-with-Service.zip", "app", "8.0"),
        (GITHUB + "owner/thing/archive/refs/tags/8.6.1.tar.gz", "thing", "8.6.1"),
        ("https://x.example/get-pip.py", "get-pip.py", None),
    ],
)
def test_product_and_version(url: str, product: str, version: str | None) -> None:
    assert products.product(url) == product
    assert products.version(url) == version


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://x/a.tar.gz", "archive"),
        ("https://x/a.tgz.asc", "signature"),
        ("https://x/SHASUMS256.txt", "signature"),
        ("https://x/a.msi", "installer"),
        ("https://x/get.ps1", "script"),
        ("https://x/owner/repo.git", "repository"),
        ("https://x/1.17/gosu-amd64", "program"),
        ("https://x/Caddyfile", "text"),
    ],
)
def test_kind(url: str, kind: str) -> None:
    assert products.kind(url) == kind


def test_a_commit_in_the_path_fixes_the_content() -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    assert products.pinned(f"https://x/raw/{commit}/file") == commit
    assert products.moving(f"https://x/raw/{commit}/master/file") is None
    assert products.pinned("https://x/raw/v1/file") is None


def test_moving_addresses_are_told_from_versioned_ones() -> None:
    assert products.moving("https://x/releases/latest/app.zip")
    assert products.moving("https://x/raw/main/app.zip")
    assert products.moving("https://x/install/get-app.py")
    assert products.moving("https://x/app-1.2.3.zip") is None


def test_host_names_the_repository_on_github() -> None:
    assert products.host(GITHUB + "tianon/gosu/releases/x") == "github.com/tianon/gosu"
    assert products.host("https://Dl.example.org/x") == "dl.example.org"


@pytest.mark.parametrize(
    ("url", "kind", "product", "version", "host", "scheme"),
    [
        ("https://[", "program", "[", None, "", "https"),
        ("https://[x]y/a-1.2.3.zip", "archive", "a", "1.2.3", "", "https"),
        ("", "other", "", None, "", ""),
        ("://", "program", ":", None, "", ""),
        ("https://x:y/a", "program", "a", None, "x:y", "https"),
    ],
)
def test_what_is_no_address_is_read_all_the_same(
    url: str, kind: str, product: str, version: str | None, host: str, scheme: str
) -> None:
    assert (products.kind(url), products.product(url), products.version(url)) == (kind, product, version)
    assert (products.host(url), products.scheme(url), products.pinned(url)) == (host, scheme, None)
    assert (products.moving(url) is None) == (version is not None)
