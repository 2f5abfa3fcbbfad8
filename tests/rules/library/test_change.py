"""The check of a change: each kind of mistake with several files, and what must not be reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from contrib.library import LibraryFile, parse
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import HEADER as DEMO
from contrib.rules.library.form.reading import read_on
from contrib.rules.library.run import check
from contrib.values.findings import Finding
from tests.rules.library.fakes import Others, Repositories, View

A = "a" * 40
B = "b" * 40
HEADER = (
    "Maintainers: A Person (@aperson)\nGitRepo: https://github.com/example/acme.git\nGitCommit: {commit}\n"
)


def library(entries: str, commit: str = A, header: str = "") -> bytes:
    """A file: entries parted by `` | `` (tags, then fields after ``;``), or whole paragraphs."""
    text = HEADER.format(commit=commit) + header
    if entries.startswith("Tags:"):
        return (text + "\n" + entries.strip("\n") + "\n").encode()
    for number, entry in enumerate(entries.split(" | ")):
        tags, *fields = entry.split("; ")
        if not any(field.startswith("Directory") for field in fields):
            fields.append(f"Directory: d{number}")
        text += f"\nTags: {tags}\n" + "".join(f"{field}\n" for field in fields)
    return text.encode()


def found(
    entries: str | bytes,
    before: str | bytes | None = None,
    *,
    moved: bool = True,
    others: Others | None = None,
    message: str | None = None,
    repositories: Repositories | None = None,
) -> list[Finding]:
    """Findings of a change (of a file without ``before``) that are about the change."""
    now = (
        entries if isinstance(entries, bytes) else library(entries, B if before is not None and moved else A)
    )
    old = before if isinstance(before, bytes) or before is None else library(before)
    context = LibraryContext(
        read_on(now, "library/acme"),
        previous=None if old is None else read_on(old, "library/acme"),
        others=others,
        repositories=repositories,
        message=message,
        today="2026-11-28",
    )
    return [finding for finding in check(context).findings if not finding.older]


def loud(findings: list[Finding]) -> list[str]:
    return [finding.rule for finding in findings if finding.severity.value != "note"]


def notes(findings: list[Finding]) -> list[str]:
    return [finding.rule for finding in findings if finding.severity.value == "note"]


# -- the file alone ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        ("4.2-jdk17, 4.2, latest; Directory: jdk17 | 4.2-jdk21; Directory: jdk17", "directory-variant"),
        ("9.1-slim-trixie; Directory: slim-bookworm | 9.1-slim-bookworm; Directory: slim-bookworm", "suite-directory"),
        ("4.2-temurin, 4.2; Directory: temurin | 4.2-corretto; Directory: temurin", "directory-variant"),
        ("1.0-python3.12, 1.0; Directory: python3.12 | 1.0-python3.13; Directory: python3.12", "directory-variant"),
        ("1.0-php8.4, 1.0; Directory: php8.4/apache | 1.0-php8.3; Directory: php8.4/apache", "directory-variant"),
        ("4.2.2; Directory: 4.2.2 | 4.2.1; Directory: 4.2.2", "directory-variant"),
        (
            "4.2-jdk17, latest; Directory: jdk17 | 4.2-jdk21; Directory: jdk17 | 4.2-jdk25; Directory: jdk17",
            "directory-variant",
        ),
        ("25-jdk-noble; Directory: 25/jdk/noble | 25-jre-noble; Directory: 25/jdk/noble", "directory-variant"),
    ],
)  # fmt: skip
def test_paragraphs_are_judged_as_written(file: str, rule: str) -> None:
    assert rule in loud(found(file))


@pytest.mark.parametrize(
    "file",
    [
        "4.2-jdk17, 4.2, latest; Directory: jdk17 | 4.2-jdk21; Directory: jdk21",
        "9.1-slim-trixie; Directory: slim-trixie | 9.1-slim-bookworm; Directory: slim-bookworm",
        "1.4.2, latest; Directory: 1.4 | 1.4.2-standard; Directory: 1.4",
        "1.4.2, latest; Directory: debian | 1.4.2-trixie; Directory: debian",
        "6.1.3-noble; Directory: 6.1/ubuntu | 6.1.3-ubuntu; Directory: 6.1/ubuntu",
        "6.1.3-alpine3.22; Directory: 6.1/alpine | 6.1.3-alpine; Directory: 6.1/alpine",
    ],
)
def test_paragraphs_without_a_contradiction(file: str) -> None:
    assert loud(found(file)) == []


def test_what_two_merged_paragraphs_contradict_is_told_once() -> None:
    file = "6.1.3, 6.1; Directory: 6.1.3 | 6.1.2; Directory: 6.1.3"
    assert [f.rule for f in found(file)] == ["directory-variant"]
    # where nothing says which of the two is wrong, the tags of the one entry say it
    assert "version-skew-in-entry" in loud(found("6.1.3, 6.1; Directory: debian | 6.1.2; Directory: debian"))


def test_the_right_directory_is_offered() -> None:
    (finding,) = [
        f
        for f in found("4.2-jdk17, 4.2, latest; Directory: jdk17 | 4.2-jdk21; Directory: jdk17")
        if f.rule == "directory-variant"
    ]
    assert finding.fix is not None
    assert finding.fix.edits[0].text == b"jdk21"


@pytest.mark.parametrize(
    ("file", "missing"),
    [
        ("2.6.1, 2.6, latest | 2.5.0 | 2.4.3, 2.4", "2.5"),
        ("2.6.1, 2.6, latest | 2.5.0, 2.5 | 2.4.3 | 2.3.9, 2.3", "2.4"),
        (
            "5.1.0, 5, latest | 4.4.12, 4.4, 4 | 4.4.12-pro, 4.4-pro | 4.3.18, 4.3 | 4.3.18-pro, 4.3-pro",
            "5.1",
        ),
        (
            "t-21-deps-1.11.1-trixie, t-21-deps-trixie, t-21-trixie | t-21-deps-1.11.1-noble, t-21-deps-noble, t-21-noble"
            " | t-25-deps-1.11.1-trixie, t-25-deps-trixie, t-25-trixie | t-25-deps-1.11.1-noble, t-25-noble",
            "t-25-deps-noble",
        ),
        (
            "a-21-lein-2.11.2-trixie, a-21-lein-trixie | a-21-lein-2.11.2-noble, a-21-lein-noble"
            " | b-25-lein-2.11.2-trixie | b-25-lein-2.11.2-noble, b-25-lein-noble"
            " | c-21-lein-2.11.2-alpine, c-21-lein-alpine",
            "b-25-lein-trixie",
        ),
        (
            "3.1.2-trixie, 3.1-trixie, 3-trixie, trixie | 3.1.2-bookworm, 3.1-bookworm, 3-bookworm, bookworm"
            " | 3.1.2-noble, 3.1-noble, noble | 3.1.2-jammy, 3.1-jammy, 3-jammy, jammy",
            "3-noble",
        ),
    ],
)  # fmt: skip
def test_a_hole_in_the_matrix(file: str, missing: str) -> None:
    findings = [f for f in found(file) if f.rule == "alias-missing"]
    assert [f.severity.value for f in findings] == ["warning"]
    assert f"`{missing}`" in findings[0].message


@pytest.mark.parametrize(
    "file",
    [
        "2.6.1, 2.6, latest | 2.5.0, 2.5 | 2.4.3, 2.4",
        "2.6.1, 2.6, latest | 2.5.0 | 2.4.3 | 2.3.1",
        "5.1.0, 5 | 5.1.0-pro, 5-pro | 4.4.12, 4.4 | 4.4.12-pro, 4.4-pro",
        "25.11.0.114957-community, community, latest | 2025.4.3-enterprise, 2025.4-enterprise"
        " | 2025.4.3-developer, 2025.4-developer | 2025.1.2-enterprise, 2025.1-enterprise",
    ],
)
def test_a_custom_is_not_a_hole(file: str) -> None:
    assert "alias-missing" not in [f.rule for f in found(file)]


@pytest.mark.parametrize(
    "tags",
    [
        "2.15.0-sdk, 2.15-sdk, sdk, 2.15.0, 2.15, latest, 2.15.0-101.3.beta-sdk, beta-sdk",
        "2.15.0, 2.15, latest, nightly",
        "2.15.0, stable, dev",
        "2.15.0, latest, 2.15.1-rc.2",
        "2.15.0-ubi, 2.15-ubi, stable-ubi, 2.15.0-ubi-rc2",
        "2.15.0-dev-build.7, 2.15, stable",
    ],
)
def test_a_marker_anywhere_in_the_tail(tags: str) -> None:
    assert {"channel-mixed", "version-skew-in-entry"} & set(loud(found(tags)))


@pytest.mark.parametrize(
    "tags",
    [
        "2.15.0-sdk, sdk, 2.15.0, latest",
        "2.16.0-101.3.beta-sdk, beta-sdk, beta",
        "27.0-rc1.0.0, 27.0-rc1.0, 27.0-rc1, 27",
    ],
)
def test_one_channel(tags: str) -> None:
    assert loud(found(tags)) == []


@pytest.mark.parametrize("runtime", ["jre", "jdk", "java"])
def test_a_runtimes_number_in_front_is_not_the_version(runtime: str) -> None:
    assert loud(found(f"17-{runtime}-9.1.1-web, 9.1.2-web, web")) == ["version-skew-in-entry"]
    assert found(f"17-{runtime}-9.1.2-web, 9.1.2-web, web") == []
    assert "version-skew-in-entry" not in loud(found(f"9.1.2-web, 17-{runtime}-web, web"))


@pytest.mark.parametrize(
    ("left", "stays"),
    [("3.0.0-alpha.1", "3.0.0-beta.1"), ("3.0.0-rc1", "3.0.0-rc2"), ("3.0.0-rc.1", "3.0.0")],
)
def test_a_prerelease_stays_beside_the_next(left: str, stays: str) -> None:
    assert "prerelease-left" in notes(found(f"{stays} | {left} | 2.8.3, 2.8, 2, latest"))
    before = f"{stays} | {left} | 2.8.2, 2.8, 2, latest"
    assert "prerelease-left" not in notes(found(f"{stays} | {left} | 2.8.3, 2.8, 2, latest", before))
    before = f"{left} | 2.8.2, 2.8, 2, latest"
    assert "prerelease-left" in notes(found(f"{stays} | {left} | 2.8.3, 2.8, 2, latest", before))


@pytest.mark.parametrize("path", ["4.2//alpine", "./4.2/alpine", "4.2/x/../alpine", "4.2/alpine/"])
def test_a_path_that_is_not_written_plainly(path: str) -> None:
    (finding,) = [f for f in found(f"4.2; Directory: {path}") if f.rule == "path-not-clean"]
    assert finding.fixable
    assert finding.fix is not None
    assert finding.fix.edits[0].text == b"4.2/alpine"
    assert found("4.2; Directory: 4.2/alpine") == []


def test_one_entry_of_a_directory_lacks_its_file() -> None:
    file = (
        "1.4.2-full-jdk8; Directory: releases/1.4/full; File: Dockerfile.ubi.jdk8"
        " | 1.4.2-full-jdk11; Directory: releases/1.4/full; File: Dockerfile.ubi.jdk11"
        " | 1.4.2-full-jdk17; Directory: releases/1.4/full"
    )
    assert loud(found(file)) == ["file-field-missing"]
    assert loud(found(file + "; File: Dockerfile.ubi.jdk17")) == []
    assert loud(found(file.replace("; File: Dockerfile.ubi.jdk11", ""))) != []  # two entries, one source
    own = (
        "2.0-alpine; Directory: d; File: alpine.Dockerfile | 2.0-debian; Directory: d; File: debian.Dockerfile"
        " | 2.0-{}; Directory: d"
    )
    assert loud(found(own.format("ubi"))) == ["file-field-missing"]
    assert loud(found(own.replace("2.0-{}", "2.0"))) == []  # the plain one is the plain Dockerfile
    assert loud(found(own.format("ubi") + "e")) == []


@pytest.mark.parametrize(
    ("q17", "q8"), [("temurin-17", "temurin-8"), ("jdk17", "jdk8"), ("corretto-21", "corretto-17")]
)
def test_the_bare_variant_follows_the_default(q17: str, q8: str) -> None:
    vendor = q17.split("-")[0] if "-" in q17 else ""
    bare = f"3.9.6-{vendor}-alpine" if vendor else "3.9.6-alpine"
    wrong = f"3.9.6-{q17}, 3.9.6, latest | 3.9.6-{q8}-alpine, {bare} | 3.9.6-{q17}-alpine"
    right = f"3.9.6-{q17}, 3.9.6, latest | 3.9.6-{q8}-alpine | 3.9.6-{q17}-alpine, {bare}"
    assert loud(found(wrong)) == ["variant-default-differs"]
    assert loud(found(right)) == []
    word = bare.removeprefix("3.9.6-")
    assert loud(found(wrong.replace(bare, word))) == ["variant-default-differs"]
    assert loud(found(right.replace(bare, word))) == []


def test_one_entry_shares_what_its_siblings_own() -> None:
    alone = "1.3.2-full; SharedTags: 1.3.2 | {} | {}"
    assert loud(found(alone.format("1.2.2-full, 1.2.2", "1.1.2-full, 1.1.2"))) == ["sharedtags-single-linux"]
    assert loud(found(alone.format("1.2.2-full", "1.1.2-full"))) == []


# -- against the version before ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "broken", "fixed"),
    [
        (
            "4.3.3, 4.3, 4, latest | 4.2.3, 4.2 | 4.1.3, 4.1",
            "4.4.0, 4.4, 4, latest | 4.2.3, 4.2 | 4.1.3, 4.1",
            "4.4.0, 4.4, 4, latest | 4.3.3, 4.3 | 4.2.3, 4.2 | 4.1.3, 4.1",
        ),
        (
            "24.0.0.3, latest | 23.0.0.12 | 23.0.0.9",
            "24.0.0.4, latest | 23.0.0.9",
            "24.0.0.4, latest | 24.0.0.3 | 23.0.0.12",
        ),
        (
            "4.3.3-pro, 4.3-pro, latest | 4.2.3-pro, 4.2-pro | 9.1.0-free, 9.1-free",
            "4.4.0-pro, 4.4-pro, latest | 4.2.3-pro, 4.2-pro | 9.1.0-free, 9.1-free",
            "4.4.0-pro, 4.4-pro, latest | 4.3.3-pro, 4.3-pro | 4.2.3-pro, 4.2-pro | 9.1.0-free, 9.1-free",
        ),
        (
            "4.3.3, 4.3, stable, latest | 4.1.9, 4.1, lts",
            "4.4.0, 4.4, stable, lts, latest",
            "4.4.0, 4.4, stable, latest | 4.3.3, 4.3 | 4.1.9, 4.1, lts",
        ),
        (
            "9.4.2, 9, latest | 9.3.6 | 9.2.1",
            "9.5.0, 9, latest | 9.3.7 | 9.2.1",
            "9.5.0, 9, latest | 9.4.2 | 9.3.7 | 9.2.1",
        ),
        (
            "4.3.3, 4.3, 4, latest; Directory: new | 4.2.3, 4.2; Directory: 4.2",
            "4.4.0, 4.4, 4, latest; Directory: new | 4.2.3, 4.2; Directory: 4.2",
            "4.4.0, 4.4, 4, latest; Directory: new | 4.3.3, 4.3; Directory: 4.3 | 4.2.3, 4.2; Directory: 4.2",
        ),
    ],
)  # fmt: skip
def test_a_series_that_vanishes(before: str, broken: str, fixed: str) -> None:
    assert "entry-dropped" in loud(found(broken, before))
    assert loud(found(fixed, before)) == []


def test_the_only_series_rolls_on() -> None:
    findings = found("4.4.0, 4.4, 4, latest", "4.3.3, 4.3, 4, latest")
    assert notes(findings) == ["entry-dropped"]
    assert loud(findings) == []
    assert "`4.3` gets no more builds" in findings[0].message


def test_the_window_slides() -> None:
    before = "4.3.3, 4.3, 4, latest | 4.2.3, 4.2 | 4.1.3, 4.1"
    assert loud(found("4.4.0, 4.4, 4, latest | 4.3.3, 4.3 | 4.2.3, 4.2", before)) == []


def test_tags_move_and_the_sources_stay() -> None:
    before = "15.10.14, 15.10, 15, latest"
    after = "15.10.15, 15.10, 15, latest"
    assert notes(found(after, before, moved=False)) == ["tags-moved-alone"]
    assert found(after, before) == []
    assert found("4.1.2, 4.1, 4, latest", "4.1.2, latest", moved=False) == []
    candidate = found("3.0.0-rc2, 3.0-rc, rc", "3.0.0-rc1, 3.0-rc, rc", moved=False)
    assert notes(candidate) == ["tags-moved-alone"]
    assert "from 3.0.0-rc1 to 3.0.0-rc2" in candidate[0].message
    released = found("3.0.0, 3.0, 3", "3.0.0-rc1, 3.0", moved=False)
    assert "tags-moved-alone" in notes(released)


def test_tags_that_always_move_alone() -> None:
    versions = [library(f"15.10.{n}, 15.10, 15, latest") for n in range(12, 16)]
    from contrib.library import parse

    context = LibraryContext(
        read_on(versions[-1], "library/acme"),
        previous=read_on(versions[-2], "library/acme"),
        past=lambda: [parse(data, "acme") for data in reversed(versions[:-2])],
    )
    assert [f.rule for f in check(context).findings] == []


@pytest.mark.parametrize(
    ("before", "broken", "fixed"),
    [
        (
            "1.8.1-scala_2.12, 1.8-scala_2.12, scala_2.12, latest",
            "1.9.0-scala_2.12, 1.9-scala_2.12, latest | 1.8.1-scala_2.12, 1.8-scala_2.12",
            "1.9.0-scala_2.12, 1.9-scala_2.12, scala_2.12, latest | 1.8.1-scala_2.12, 1.8-scala_2.12",
        ),
        (
            "1.8.1-jdk21, 1.8-jdk21, jdk21, latest",
            "1.9.0-jdk21, 1.9-jdk21, latest",
            "1.9.0-jdk21, 1.9-jdk21, jdk21, latest",
        ),
        (
            "1.8.1-alpine3.22, 1.8-alpine3.22, alpine3.22 | 1.8.1, latest",
            "1.8.2-alpine3.22, 1.8-alpine3.22 | 1.8.2, latest",
            "1.8.2-alpine3.22, 1.8-alpine3.22, alpine3.22 | 1.8.2, latest",
        ),
        (
            "9.2.0, 9.2, 9, innovation, latest | 8.4.5, 8.4, 8, lts",
            "9.3.0, 9.3, 9, latest | 8.4.6, 8.4, 8, lts",
            "9.3.0, 9.3, 9, innovation, latest | 8.4.6, 8.4, 8, lts",
        ),
        (
            "9.2.0, 9, latest | 8.4.5, 8.4, lts | 8.4.5-slim, 8.4-slim, lts-slim | 8.4.5-alpine, lts-alpine",
            "9.2.1, 9, latest | 8.4.6, 8.4 | 8.4.6-slim, 8.4-slim | 8.4.6-alpine",
            "9.2.1, 9, latest | 8.4.6, 8.4, lts | 8.4.6-slim, 8.4-slim, lts-slim | 8.4.6-alpine, lts-alpine",
        ),
        (
            "fresh, 7.6.1 | old, 7.5.0 | stable, 6.0.13",
            "fresh, 7.7.0 | 7.6.1 | stable, 6.0.14",
            "fresh, 7.7.0 | old, 7.6.1 | stable, 6.0.14",
        ),
        (
            "1.27.5, 1.27, 1, mainline, latest | 1.26.3, 1.26, stable",
            "1.29.0, 1.29, 1, latest | 1.28.0, 1.28, stable",
            "1.29.0, 1.29, 1, mainline, latest | 1.28.0, 1.28, stable",
        ),
        (
            "5.0, 5.0-noble, 5.0-jammy; Directory: x",
            "5.0.1, 5.0.1-noble | 5.0.1-jammy",
            "5.0.1, 5.0.1-noble, 5.0, 5.0-noble | 5.0.1-jammy, 5.0-jammy",
        ),
    ],
)  # fmt: skip
def test_an_alias_that_is_lost(before: str, broken: str, fixed: str) -> None:
    assert loud(found(broken, before)) == ["alias-dropped"]
    assert loud(found(fixed, before)) == []


@pytest.mark.parametrize(
    ("before", "broken", "fixed"),
    [
        (
            "8.13.0-jdk21 | 8.13.0-jdk21-alpine | 8.13.0-jdk21-ubi | 7.6.4-jdk21 | 7.6.4-jdk21-alpine | 7.6.4-jdk21-ubi",
            "8.14.0-jdk21 | 8.14.0-jdk21-alpine | 7.6.4-jdk21 | 7.6.4-jdk21-alpine | 7.6.4-jdk21-ubi",
            "8.14.0-jdk21 | 8.14.0-jdk21-alpine | 8.14.0-jdk21-ubi | 7.6.4-jdk21 | 7.6.4-jdk21-alpine | 7.6.4-jdk21-ubi",
        ),
        (
            "8.13.0, 8.13, 8 | 8.13.0-slim, 8.13-slim, 8-slim | 7.6.4, 7.6 | 7.6.4-slim, 7.6-slim",
            "8.14.0, 8.14, 8 | 7.6.5, 7.6 | 7.6.5-slim, 7.6-slim",
            "8.14.0, 8.14, 8 | 8.14.0-slim, 8.14-slim, 8-slim | 7.6.5, 7.6 | 7.6.5-slim, 7.6-slim",
        ),
        (
            "9.0.0, 9.0 | 9.0.0-fpm, 9.0-fpm | 8.1.1, 8.1 | 8.1.1-fpm, 8.1-fpm",
            "9.0.1, 9.0 | 8.1.2, 8.1 | 8.1.2-fpm, 8.1-fpm",
            "9.0.1, 9.0 | 9.0.1-fpm, 9.0-fpm | 8.1.2, 8.1 | 8.1.2-fpm, 8.1-fpm",
        ),
    ],
)  # fmt: skip
def test_the_new_version_lacks_a_variant(before: str, broken: str, fixed: str) -> None:
    assert loud(found(broken, before)) == ["entry-dropped"]
    assert loud(found(fixed, before)) == []


def test_a_kind_of_variant_goes_everywhere() -> None:
    before = "9.0.0, 9.0 | 9.0.0-fpm, 9.0-fpm | 8.1.1, 8.1 | 8.1.1-fpm, 8.1-fpm"
    findings = found("9.0.1, 9.0 | 8.1.2, 8.1", before)
    assert len([f for f in findings if f.rule == "entry-dropped"]) == 1


def test_a_ranking_word_moves_the_wrong_way() -> None:
    before = "1.37.2, latest, stable | 1.36.3, legacy | 1.35.9, lts"
    broken = found("1.38.0, latest, stable | 1.37.3 | 1.36.4 | 1.35.10, lts, legacy", before)
    assert loud(broken) == ["alias-on-wrong-entry"]
    assert "downgrade" not in notes(broken)
    assert loud(found("1.38.0, latest, stable | 1.37.3, legacy | 1.36.4 | 1.35.10, lts", before)) == []


def test_lts_moves_to_a_first_release() -> None:
    before = "9.2.1, 9.2, latest | 8.4.5, 8.4, lts"
    assert loud(found("9.3.0, 9.3, lts | 9.2.1, 9.2, latest | 8.4.5, 8.4", before)) == [
        "alias-on-wrong-entry"
    ]
    both = "2.9.5, 2.9, latest, stable"  # stable leaves the release that latest stays on
    assert loud(found("3.0.0, 3.0, stable | 2.9.5, 2.9, latest", both)) == ["alias-on-wrong-entry"]
    assert loud(found("3.0.0, 3.0, stable, latest | 2.9.5, 2.9", both)) == []


def test_all_entries_lose_architectures_at_once() -> None:
    many = "Architectures: amd64, arm32v5, arm32v7, arm64v8, i386, ppc64le, s390x\n"
    few = "Architectures: amd64, arm32v7, arm64v8, i386\n"
    before = library("5.40.0, 5.40, 5, latest | 5.38.2, 5.38", header=many)
    now = library("5.40.1, 5.40, 5, latest | 5.38.2, 5.38", B, header=few)
    findings = found(now, before)
    assert loud(findings) == ["arch-dropped"]
    assert "all 2 entries" in findings[0].message
    assert loud(found(now, before, message="Drop arm32v5, ppc64le and s390x")) == []


def test_lower_releases_come_back() -> None:
    assert loud(found("6.0.2, latest | 6.0.1 | 6.0", "6.0.2, 6.0, latest")) == ["old-release-returns"]
    assert loud(found("6.0.2, 6.0, latest", "6.0.2, 6.0, latest")) == []
    assert loud(found("6.0.3, 6.0, latest | 6.0.2", "6.0.2, 6.0, latest")) == []


def test_a_family_steps_back() -> None:
    before = "6.8.0-jdk11, 6.8-jdk11, 6-jdk11, latest | 6.8.0-jdk8, 6.8-jdk8, 6-jdk8"
    broken = "6.7.1-jdk11, 6.7-jdk11, 6-jdk11, latest | 6.7.1-jdk8, 6.7-jdk8, 6-jdk8"
    assert loud(found(broken, before)) == ["downgrade"]
    one = found("6.7.1, 6.7, 6, latest", "6.8.0, 6.8, 6, latest", moved=False)
    assert loud(one) == []
    assert "downgrade" in notes(one)


class Sources(View):
    """A view whose every commit has one Dockerfile in every directory."""

    def __init__(self, dockerfile: bytes) -> None:
        super().__init__()
        self.dockerfile = dockerfile

    def has(self, commit: str) -> bool:
        return True

    def read(self, commit: str, path: str) -> bytes | None:
        return self.dockerfile if path.endswith("Dockerfile") else None

    def paths(self, commit: str) -> list[str]:
        return ["d0/Dockerfile", "d1/Dockerfile"]

    def reachable(self, commit: str, start: str) -> bool | None:
        return commit == start

    def last_touching(self, start: str, paths: Sequence[str]) -> Mapping[str, str]:
        return dict.fromkeys(paths, "f" * 40)


def with_sources(dockerfile: bytes, now: bytes, before: bytes) -> list[Finding]:
    context = LibraryContext(
        read_on(now, "library/acme"),
        previous=read_on(before, "library/acme"),
        repositories=Repositories(Sources(dockerfile)),
        today="2026-11-28",
    )
    return [finding for finding in check(context).findings if not finding.older]


def test_the_repository_answers_what_the_text_asks() -> None:
    before, after = library("15.10.14, 15.10, 15, latest"), library("15.10.15, 15.10, 15, latest")
    own = with_sources(b"FROM acme:15\n", after, before)  # starts from a tag of its own image
    assert "tags-moved-alone" not in [finding.rule for finding in own]
    stale = with_sources(b"FROM debian:trixie\nENV ACME_VERSION 15.10.14\n", after, before)
    assert "version-mismatch" in loud(stale)
    major = b"FROM debian:trixie\nENV ACME_MAJOR_VERSION 15.10\nENV ACME_VERSION 15.10.14\n"
    assert "version-mismatch" in loud(with_sources(major, after, before))
    moved = library("1.7.2, 1.7, latest", B)
    behind = with_sources(
        b"FROM debian:trixie\nENV ACME_VERSION 1.7.3\n", moved, library("1.7.2, 1.7, latest")
    )
    assert "version-not-bumped" in loud(behind)


def test_entries_that_the_change_does_not_touch_are_not_judged() -> None:
    text = library("1.2.3, 1.2 | 1.1.4, 1.1")
    assert with_sources(b"FROM debian:trixie\nENV ACME_VERSION 9.9.9\n", text + b"# a comment\n", text) == []
    now = text.replace(b"1.2.3, 1.2", b"1.2.4, 1.2")
    lines = {finding.line for finding in with_sources(b"FROM debian\nENV ACME_VERSION 9.9.9\n", now, text)}
    assert lines <= {1, 3, 5, 6}  # of the first entry and of the header that it inherits


def test_a_shallow_history_is_not_checked() -> None:
    class Shallow(View):
        shallow = True

        def has(self, commit: str) -> bool:
            return False

    context = LibraryContext(
        read_on(library("1.2.3, 1.2"), "library/acme"),
        repositories=Repositories(Shallow()),
        today="2026-11-28",
    )
    result = check(context)
    assert result.findings == ()
    assert any("shallow" in line for line in result.unanswered["repository"])


def test_one_cause_is_one_finding() -> None:
    file = " | ".join(f"1.{n}.0-windowsservercore-ltsc2019; {WINDOWS}" for n in range(30))
    (finding,) = [each for each in found(file, others=Others()) if each.rule == "windows-retired-base"]
    assert "and 27 more" in finding.message
    many = " | ".join(f"1.{n}.0-latest" for n in range(20))
    (finding,) = [each for each in found(many) if each.rule == "latest-in-tag"]
    assert "and 19 more like this" in finding.message
    assert len(finding.related) == 19


WINDOWS = "Architectures: windows-amd64; Constraints: windowsservercore-ltsc2019"


# -- what history showed beside the cases ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        pytest.param(
            "13.7.0-trixie, 13.7.0; Directory: a | 13.7.0-alpine; Directory: b",
            f"13.8.0-trixie, 13.8.0; Directory: a | 13.8.0-alpine; Directory: b; GitCommit: {A}",
            "tags-moved-alone",
            id="tags of another suite move without its sources",
        ),
        pytest.param(
            "22.0.0.9-full | 22.0.0.6-full", "22.0.0.10-full | 22.0.0.6-full", "entry-dropped", id="the release of a quarter goes"
        ),
        pytest.param(
            "21.0.0.12-full | 21.0.0.9-full", "22.0.0.1-full | 21.0.0.9-full", "entry-dropped", id="and at the end of a year"
        ),
        pytest.param(
            "fresh, 8.0.1 | old, 7.7.3 | stable, 6.0.16", "fresh, 9.0.0", "entry-dropped", id="all series but the new one go"
        ),
        pytest.param(
            "11.14.0, 11.14, 11, latest | 10.15.3, 10.15, 10",
            "12.0.0, 12.0 | 11.14.0, 11.14, 11, latest | 10.15.3, 10.15, 10",
            "alias-missing",
            id="a new major version lacks its alias",
        ),
        pytest.param("0.6.4, 0.6, 0, latest", "1.0.0, 1.0, latest", "alias-missing", id="so does the first one"),
        pytest.param(
            "10, 10.8, 10-full, 10.8-full, latest",
            "10, 10.8, 10-full, 10.8-full, 10.8.1-full, latest",
            "alias-missing",
            id="the release itself is forgotten",
        ),
        pytest.param(
            "1.8.1-scala_2.11 | 1.8.1-scala_2.12, 1.8.1, latest",
            "1.8.1-scala_2.11 | 1.8.1-scala_2.12, 1.8.1 | 1.9.0-scala_2.11, 1.9.0, latest",
            "latest-on-wrong-variant",
            id="latest goes to a lower number",
        ),
        pytest.param(
            "5.1-noble-slim, 5.1-slim, slim | 5.1-jammy-slim",
            "5.1.1-noble-sim, 5.1-noble-slim, 5.1-slim, slim | 5.1.1-jammy-sim, 5.1-jammy-slim",
            "tag-typo",
            id="a slip in several entries",
        ),
        pytest.param("1.0-rc1; Directory: 1.0rc1", "1.0-rc2; Directory: 1.0rc1", "directory-version", id="the last candidate's directory"),
        pytest.param(
            "1.0-rc1; GitFetch: refs/tags/1.0-rc1", "1.0-rc2; GitFetch: refs/tags/1.0-rc1", "gitfetch-version", id="the last candidate's tag"
        ),
        pytest.param(
            "5.2-noble; Directory: 5.2/ubuntu/24.04",
            "5.2-noble; Directory: 5.2/ubuntu/24.04 | 5.2-amazonlinux2; Directory: 5.2/ubuntu/amazonlinux/2",
            "suite-directory",
            id="two distributions in a directory",
        ),
        pytest.param(
            "4.3.3-pro, 4.3-pro, pro | 4.2.3-pro, 4.2-pro | 4.3.3-free, 4.3-free | 4.2.3-free, 4.2-free",
            "4.4.0-pro, 4.4-pro, pro | 4.2.3-pro, 4.2-pro | 4.3.3-free, 4.3-free | 4.2.3-free, 4.2-free",
            "entry-dropped",
            id="the series of an edition whose version another edition keeps",
        ),
        pytest.param(
            "22.0.0.3-full | 21.0.0.12-full", "22.0.0.4-full | 21.0.0.12-full", "entry-dropped", id="and at the beginning of a year"
        ),
        pytest.param(
            "9.10.1, 9.10, latest | 9.8.2, 9.8 | 9.6.5, 9.6 | 9.4.8, 9.4", "9.10.1, 9.10, latest", "entry-dropped", id="all but one go, and none comes"
        ),
        pytest.param(
            "1.4-full-jdk8; Directory: r/1.4/full; File: Dockerfile.jdk8 | 1.3-full-jdk8; Directory: r/1.3/full; File: Dockerfile.jdk8",
            "1.5-full-jdk8; Directory: r/1.5/full | 1.4-full-jdk8; Directory: r/1.4/full; File: Dockerfile.jdk8 | 1.3-full-jdk8; Directory: r/1.3/full; File: Dockerfile.jdk8",
            "file-field-missing",
            id="File is forgotten for a new release",
        ),
    ],
)  # fmt: skip
def test_mistakes_of_history(before: str, after: str, rule: str) -> None:
    assert rule in loud(found(after, before))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "3.1.0, 3.1; Directory: a | 3.1.0-management; Directory: a/m",
            f"3.1.1, 3.1; Directory: a | 3.1.1-management; Directory: a/m; GitCommit: {A}",
            id="a variant that starts from its own image",
        ),
        pytest.param("22.0.0.8 | 22.0.0.6 | 22.0.0.3", "22.0.0.9 | 22.0.0.6 | 22.0.0.3", id="a month between two quarters"),
        pytest.param("22.0.0.13 | 22.0.0.12", "23.0.0.1 | 22.0.0.12", id="the last month of a year"),
        pytest.param(
            "2025.2.0, 2025.2, latest | 2025.1.1, 2025.1, 2025-lta",
            "2025.3.0, 2025.3, latest | 2025.1.2, 2025.1, 2025-lta",
            id="the highest rolls on above a long-term series",
        ),
        pytest.param(
            "17.5.0, 17.5, stable, latest | 17.4.1, 17.4", "17.6.0, 17.6, stable, latest | 17.4.2, 17.4", id="stable rolls on"
        ),
        pytest.param(
            "24.10.2, 24.10, 24, latest | 24.9.3, 24.9 | 24.8.7, 24.8, lts",
            "24.12.3, 24.12, 24, latest | 24.11.3, 24.11 | 24.10.4, 24.10 | 24.8.8, 24.8, lts",
            id="a window slides above a long-term series",
        ),
        pytest.param(
            "11.0.23_9-jdk-noble | 17.0.11_9-jdk-noble | 21.0.3_9-jdk-noble",
            "11.0.24_8-jdk-noble | 17.0.12_7-jdk-noble | 21.0.3_9-jdk-noble",
            id="a build number before the variant",
        ),
        pytest.param(
            "25.8.1, latest | 25.8.1-alpine | 24.1.1, lts | 24.1.1-alpine",
            "25.8.2, latest | 25.8.1-alpine | 24.1.2, lts | 24.1.1-alpine",
            id="one variant waits in all series",
        ),
        pytest.param("3.8.2, 3.8, 3.8.2-temurin", "3.8.3, 3.8, 3.8.3-jre11", id="a word is renamed everywhere"),
        pytest.param(
            "12.0.5-jre21, 12.0-jre21, 12-jre21 | 12.0.5-jdk21, 12.0-jdk21, 12-jdk21 | 12.1.0-jdk21, 12.1-jdk21",
            "12.0.5-jre21, 12.0-jre21 | 12.0.5-jdk21, 12.0-jdk21 | 12.1.0-jdk21, 12.1-jdk21, 12-jdk21",
            id="an alias moves to a series without the variant",
        ),
        pytest.param(
            "4.4.3, latest, apache, 4.4.3-php8.1, php8.1",
            "5.1.0, latest, apache, 5.1.0-php8.2, php8.2 | 4.4.4, 4.4.4-php8.1",
            id="the words move on to the next major version",
        ),
        pytest.param(
            "2.7.1, 2.7, latest | 1.12.4-data, data", "2.7.1, 2.7, latest | 1.13.0-data | 1.12.4-data, data", id="the next release before its words"
        ),
        pytest.param(
            "1.29.1, 1.29, stable, latest | 1.28.2, 1.28, legacy | 1.27.3, 1.27, lts",
            "1.29.1, 1.29, stable, latest | 1.27.3, 1.27, lts, legacy",
            id="a word moves down from a series that has ended",
        ),
        pytest.param(
            "8.4.2, 8.4 | 8.4.2-debian, 8.4-debian | 5.7.4, 5.7 | 5.7.4-debian, 5.7-debian",
            "8.4.3, 8.4 | 8.4.3-debian, 8.4-debian | 5.7.5, 5.7",
            id="a variant ends for the oldest series first",
        ),
        pytest.param("9, 9.0-beta1; GitFetch: refs/heads/9.0-beta-20220101", "9, 9.0-beta1; GitFetch: refs/heads/9.0-beta-20220507", id="a date behind a candidate"),
        pytest.param(
            "25.11.3, 25.11, latest | 25.10.4, 25.10 | 25.9.6, 25.9 | 25.8.12, 25.8, lts | 25.3.10, 25.3",
            "25.12.1, 25.12, latest | 25.11.5, 25.11 | 25.10.5, 25.10 | 25.8.13, 25.8, lts | 25.3.11, 25.3",
            id="a window slides above two long-term series, one without the word",
        ),
        pytest.param(
            "25.2.2, 25.2, latest | 24.8.14, 24.8, lts",
            "25.3.2, 25.3, lts, latest | 25.2.2, 25.2 | 24.8.14, 24.8",
            id="a release is the newest and long-term from its first day",
        ),
        pytest.param(
            "5.0.3-jdk25, 5.0.3, latest | 5.0.3-jdk21", "5.0.3-jdk21, 5.0.3, latest", id="the newest runtime is taken out"
        ),
        pytest.param("4.1, 4.1.1-r3, latest", "4.1, 4.1.2-r1, latest", id="builds begin anew with each release"),
        pytest.param(
            "4.3.3-pro, 4.3-pro, pro | 4.3.3-free, 4.3-free | 4.2.3-free, 4.2-free",
            "4.4.0-pro, 4.4-pro, pro | 4.3.3-free, 4.3-free | 4.2.3-free, 4.2-free",
            id="the only series of an edition rolls on",
        ),
        pytest.param("5.1.3, 5.1, 5 | 4.4.9, 4.4", "5.1.5-build.3, 5.1, 5 | 4.4.9, 4.4", id="a build of the release"),
        pytest.param(
            "3.10-7.3.18-noble | 3.10-7.3.18, latest; Directory: jammy | 3.11-7.3.18-noble",
            "3.10-7.3.18, 3.10-7.3.18-noble, latest | 3.10-7.3.18-jammy; Directory: jammy | 3.11-7.3.18, 3.11-7.3.18-noble",
            id="latest goes to another suite of its release",
        ),
        pytest.param(
            "4.0.5, 4.0, latest | 3.12.4, 3.12 | 3.12.4-pg, 3.12-pg | 3.10.9, 3.10 | 3.10.9-pg, 3.10-pg",
            "4.2.0, 4.2, latest | 4.0.6, 4.0 | 3.12.5, 3.12 | 3.12.5-pg, 3.12-pg",
            id="the lowest series goes, and the highest never had its variant",
        ),
        pytest.param(
            "2022.02-apache, latest | 2022.02-fpm, fpm",
            f"2022.03-apache, latest | 2022.03-fpm, fpm | 2022.02-apache | 2022.02-fpm; GitCommit: {B}",
            id="two releases are built from one commit",
        ),
        pytest.param(
            "1.8.1, 1.8 | 1.9.2-data, 1.9-data | 1.10.3-data, 1.10-data; GitCommit: " + A,
            "1.11.0, 1.11 | 1.11.0-data, 1.11-data | 1.10.3-data, 1.10-data; GitCommit: " + A,
            id="a series that never was plain",
        ),
        pytest.param(
            "1.18.1, 1.18, latest | 1.17.2, 1.17 | 1.16.3, 1.16 | 1.15.4, 1.15",
            "1.19.0, 1.19, latest | 1.18.1, 1.18 | 1.17.2, 1.17",
            id="the window slides by two",
        ),
        pytest.param(
            "0.6.1, 0.6, latest; Architectures: amd64, arm32v5 | 0.5.2, 0.5; Architectures: amd64, arm32v5",
            "0.6.2, 0.6, latest; Architectures: amd64, arm32v7 | 0.5.3, 0.5; Architectures: amd64, arm32v7",
            id="one architecture comes for another",
        ),
        pytest.param(
            "8.0.16-jre17, 8.0.16, latest | 8.0.16-jre11", "9.1.3-jre11, 9.1.3, latest", id="the next major version has a default of its own"
        ),
        pytest.param("5.2.9, latest | 5.3-alpha, 5.3-rc", "5.2.10, latest | 5.3-beta, 5.3-rc", id="rc as the channel of what comes"),
        pytest.param("5.3.0-alpha4, 5.3-alpha, 5.3 | 5.2.1", "5.3.0-beta1, 5.3-beta, 5.3 | 5.2.1", id="a custom of candidates"),
        pytest.param(
            "1.2.3; Architectures: amd64, s390x | 1.1.9; Architectures: amd64, s390x",
            "1.2.3; Architectures: amd64 | 1.1.9; Architectures: amd64",
            id="architectures alone are edited",
        ),
    ],
)  # fmt: skip
def test_changes_that_were_right(before: str, after: str) -> None:
    assert loud(found(after, before, moved="GitCommit" in after)) == []


def test_a_commit_of_the_whole_file_says_nothing_of_one_release() -> None:
    before, after = "1.11.8, 1.11 | 1.11.8-data, 1.11-data", "1.11.8, 1.11 | 1.11.9-data, 1.11-data"
    assert "same-patch-overwritten" in loud(found(after, before))
    assert "same-patch-overwritten" not in loud(found(f"2.7.12, 2.7 | {after}", f"2.7.12, 2.7 | {before}"))
    # a sibling of the same series says nothing either way
    third = " | 1.11.8-meta, 1.11-meta"
    assert "same-patch-overwritten" in loud(found(after + third, before + third))


def test_a_hole_that_was_there_is_not_the_changes() -> None:
    before = "3.1.1-alpine, 3.1.1, 3.1, latest; Directory: a | 3.0.2-alpine, 3.0-alpine, 3.0.2; Directory: b | 2.8.3-alpine, 2.8-alpine; Directory: c"
    after = f"3.2.0-alpine, 3.2-alpine, 3.2.0, 3.2, latest; Directory: n | {before}".replace(
        "3.1, latest", "3.1"
    )
    assert ("alias-missing", "note") in [(f.rule, f.severity.value) for f in found(after, before)]
    dropped = after.replace("3.0.2-alpine, 3.0-alpine", "3.0.2-alpine").replace(
        "3.1.1-alpine, ", "3.1.1-alpine, 3.1-alpine, "
    )
    assert "alias-missing" in loud(found(dropped, before))


def test_the_message_says_which_variants_move() -> None:
    before = (
        "9.9.8-community, community | 9.9.8-enterprise, enterprise | 9.9.8-datacenter-app, datacenter-app"
    )
    after = "9.9.8-community, community | 9.9.9-enterprise, enterprise | 9.9.9-datacenter-app, datacenter-app"
    rules = {"same-patch-overwritten", "version-skew-siblings"}
    assert rules <= set(loud(found(after, before)))
    assert rules <= set(loud(found(after, before, message="Update all editions to 9.9.9")))
    assert rules <= set(loud(found(after, before, message="Community, Enterprise and Datacenter 9.9.9")))
    assert loud(found(after, before, message="Release the Enterprise and Data Center editions 9.9.9")) == []


def test_the_message_says_which_series_end() -> None:
    before = "2.5.0, 2.5, latest | 2.4.0, 2.4 | 2.3.9, 2.3"
    after = "2.6.0, 2.6, latest | 2.3.9, 2.3"
    for message, wrong in [
        (None, True),
        ("Add 2.6.0", True),
        ("Remove some versions", True),
        ("Replace EOL versions (2.4.0, 2.5.0) with 2.6.0", False),
        ("Add 2.6\n\nDrop 2.5\nDrop 2.4.x", False),
        ("Replace EOL version 2.4.0 with 2.6.0", True),
        ("Drop 12.5 and 12.4", True),
    ]:
        assert ("entry-dropped" in loud(found(after, before, message=message))) is wrong, message


def test_candidates_with_plain_aliases_may_be_a_custom() -> None:
    def severities(*past: str) -> set[str]:
        context = LibraryContext(
            read_on(library("5.1.0-alpha3, 5.1-alpha, 5.1 | 5.0.2, 5.0, latest"), "library/acme"),
            previous=read_on(library("5.0.2, 5.0, latest"), "library/acme"),
            past=lambda: [parse(library(text), "acme") for text in past],
        )
        return {f.severity.value for f in check(context).findings if f.rule == "stable-alias-on-prerelease"}

    assert severities() == {"warning"}
    assert severities("5.0.1, 5.0, latest", "5.0.0-beta1, 5.0-beta, 5.0") == {"note"}
    assert severities("5.0.1, 5.0, latest", "5.0.0-beta1, 5.0-beta") == {"warning"}


def test_the_message_says_why_a_name_goes() -> None:
    before = "1.15.4, 1.15, latest | 1.14.8, 1.14"
    after = "1.15.4, 1.15 | 1.14.8, 1.14"
    assert loud(found(after, before)) == ["alias-dropped"]
    assert loud(found(after, before, message="Update to the latest version")) == ["alias-dropped"]
    assert loud(found(after, before, message="Remove the latest tag")) == []
    few, many = "Architectures: amd64", "Architectures: amd64, s390x"
    old = f"24.1.0, 24.1, 24; {many} | 24.1.0-alpine; {many}"
    new = f"24.1.0, 24.1, 24; {few} | 24.1.0-alpine; {many}"
    assert loud(found(new, old)) == ["latest-on-wrong-variant"]
    assert loud(found(new, old, message="Drop the s390x variant of bookworm")) == []


def test_a_major_version_begins_in_the_middle() -> None:
    (finding,) = [f for f in found("1.9.4, latest", "0.9.3, latest") if f.rule == "version-typo"]
    assert finding.severity.value == "warning"
    for after, before in [
        ("0.9.4, latest", "0.9.3, latest"),
        ("1.0.0, latest", "0.9.3, latest"),
        ("2025.6.2, latest", "2025.6.1, latest"),
        ("2026.1.0, latest", "2025.1.0, latest"),
    ]:
        assert "version-typo" not in [f.rule for f in found(after, before)]
    beside = found("1.9.4, latest | 0.9.3", "0.9.3, latest")
    assert ("version-typo", "note") in [(f.rule, f.severity.value) for f in beside]


def test_the_version_before_may_have_the_old_form() -> None:
    line = "git://github.com/acme/docker-acme@" + A + " 0.X"
    old = (
        f"# maintainer: A Person <a@example.org> (@aperson)\n\n0.9.3: {line}\nlatest: {line}\nedge: {line}\n"
    )
    assert set(loud(found("1.9.4, latest", old.encode()))) == {"version-typo"}
    assert loud(found("0.9.4, latest", old.encode())) == []
    assert loud(found("0.9.4", old.encode())) == ["alias-dropped"]


def test_the_message_names_another_release() -> None:
    before = "5.10.3, 5.10, latest | 5.9.11, 5.9"
    title = "Update Acme to 5.9.12 and 5.10.4"
    broken, fixed = "5.10.4, 5.10, latest | 5.9.11, 5.9", "5.10.4, 5.10, latest | 5.9.12, 5.9"
    (finding,) = [f for f in found(broken, before, message=title) if f.rule == "same-patch-overwritten"]
    assert "5.9.12" in finding.message
    assert loud(found(fixed, before, message=title)) == []
    assert loud(found("1.7.2, 1.7, latest", "1.7.2, 1.7, latest", message="update to 1.7.3")) == [
        "same-patch-overwritten"
    ]
    # a rebuild, an older release, a candidate, another series, and no message at all
    for message in ("Rebuild 1.7.2", "Backport from 1.7.1", "Test 1.7.3-rc1", "See also 1.8.0", "", None):
        assert loud(found("1.7.2, 1.7, latest", "1.7.2, 1.7, latest", message=message)) == []


def test_entries_without_a_version_that_go_are_named() -> None:
    before = "1.2, latest | psmdb-8.0.4, psmdb-8.0"
    (finding,) = [f for f in found("1.2, latest", before) if f.rule == "alias-dropped"]
    assert "`psmdb-8.0`" in finding.message
    assert finding.severity.value == "note"
    assert "alias-dropped" not in [f.rule for f in found("1.2, latest | psmdb-8.0.5, psmdb-8.0", before)]


def test_the_windows_entries_of_another_runtime_share_their_own_names() -> None:
    linux = "0.26.0-py3.11-trixie; SharedTags: 0.26.0, 0.26.0-py3.11 | "
    other = f"0.26.0-pypy-windowsservercore-ltsc2025; SharedTags: 0.26.0-pypy, 0.26.0-pypy-windowsservercore; {W25}"
    own = f"0.26.0-windowsservercore-ltsc2025; SharedTags: 0.26.0-windowsservercore; {W25}"
    assert "sharedtags-missing-windows" not in loud(found(linux + other))
    assert "sharedtags-missing-windows" in loud(found(linux + own))


W25 = "Architectures: windows-amd64; Constraints: windowsservercore-ltsc2025"


def test_what_the_file_did_before_is_its_custom() -> None:
    def of(text: str) -> LibraryFile:
        return parse(library(text), "acme")

    def check_with(*past: str) -> list[str]:
        context = LibraryContext(
            read_on(library("17.6.0, 17.6, latest | 17.4.3, 17.4"), "library/acme"),
            previous=read_on(library("17.5.0, 17.5, latest | 17.4.2, 17.4"), "library/acme"),
            past=lambda: [of(text) for text in past],
        )
        return loud(list(check(context).findings))

    assert check_with() == ["entry-dropped"]
    assert check_with("17.4.1, 17.4, latest", "17.3.0, 17.3, latest") == []


# -- what must not be reported -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("1.36, 1.36.3 | 1.37, 1.37.2", "1.36, 1.36.4 | 1.37, 1.37.2", id="a custom"),
        pytest.param(
            "5.0.7, 5.0, latest | 5.0.7-bookworm, 5.0-bookworm, bookworm | 4.1.11, 4.1 | 4.1.11-bookworm, 4.1-bookworm",
            "5.0.8, 5.0, latest | 5.0.8-trixie, 5.0-trixie, trixie | 4.1.12, 4.1 | 4.1.12-bookworm, 4.1-bookworm",
            id="a suite goes on in an older series",
        ),
        pytest.param(
            "8.2.2-alpine3.16, 8-alpine3.16 | 8.0.27-alpine3.16 | 8.2.2-alpine3.17 | 8.0.27-alpine3.17",
            "8.2.3-alpine3.17, 8-alpine3.17 | 8.0.28-alpine3.16 | 8.0.28-alpine3.17",
            id="a suite ends for the highest of a major",
        ),
        pytest.param(
            "25.2.0.102705-community, community, latest | 2025.1.2-enterprise, 2025.1-enterprise",
            "25.3.0.104237-community, community, latest | 2025.1.2-enterprise, 2025.1-enterprise",
            id="a build number as the fourth part",
        ),
        pytest.param("3.12, 3.12.0.2, latest", "3.12, 3.12.1, latest", id="the alias stays"),
        pytest.param("39, latest | 38", "40 | 39, latest | 38", id="the next release is there before latest moves"),
        pytest.param(
            "fresh, 7.6.1 | old, 7.5.0 | stable, 6.0.13",
            "fresh, 7.7.0 | old, 7.6.1 | stable, 6.0.14",
            id="a ladder of words moves a step",
        ),
        pytest.param(
            "1.27.5, 1.27, 1, mainline, latest | 1.26.3, 1.26, stable",
            "1.29.0, 1.29, 1, mainline, latest | 1.28.0, 1.28, stable",
            id="mainline and stable step on together",
        ),
        pytest.param(
            "4.4.1, 4, latest | 5.0.1, 5", "4.4.2, 4, latest | 5.0.2, 5", id="latest on the older major, as before"
        ),
        pytest.param(
            "1.2.3-jdk21, 1.2.3, latest | 1.2.3-jdk17-graal, 1.2.3-graal | 1.2.3-jdk21-graal",
            "1.2.4-jdk21, 1.2.4, latest | 1.2.4-jdk17-graal, 1.2.4-graal | 1.2.4-jdk21-graal",
            id="a default that differs as before",
        ),
    ],
)  # fmt: skip
def test_no_warning(before: str, after: str) -> None:
    assert loud(found(after, before)) == []


def test_two_lines_by_policy_are_one_note() -> None:
    before = "1.27.5, 1.27, 1, mainline, latest | 1.27.5-alpine, mainline-alpine, alpine, 1-alpine | 1.26.3, 1.26, stable | 1.26.3-alpine, stable-alpine"
    after = "1.27.5, 1.27, 1, mainline, latest | 1.27.5-alpine, mainline-alpine, alpine, 1-alpine | 1.28.0, 1.28, stable | 1.28.0-alpine, stable-alpine"
    findings = [f for f in found(after, before) if f.rule != "entry-dropped"]
    assert loud(findings) == []
    assert notes(findings) == ["latest-not-highest"]


def test_retired_windows_is_told_by_the_pins_of_the_day() -> None:
    file = "1.2-windowsservercore-1809; Architectures: windows-amd64; Constraints: windowsservercore-1809"
    assert "windows-retired-base" in [f.rule for f in found(file, others=Others())]
    assert "windows-retired-base" not in [f.rule for f in found(file)]

    class Then(Others):
        def pins(self) -> frozenset[str]:
            return frozenset(("mcr.microsoft.com/windows/servercore:1809",))

    assert "windows-retired-base" not in [f.rule for f in found(file, others=Then())]


def test_a_library_file_that_cannot_be_read_is_not_one_that_is_missing() -> None:
    file = (DEMO + "Tags: 1.2, latest\nDirectory: 1.2\n").encode()
    missing = found(file, others=Others({}), repositories=Repositories())
    assert "from-unsupported-base" in [f.rule for f in missing]

    class Legacy(Others):
        """debian in the format of before 2016."""

        def file(self, name: str) -> None:
            return None

        def unreadable(self, name: str) -> bool:
            return name == "debian"

    legacy = found(file, others=Legacy(), repositories=Repositories())
    assert not [f.rule for f in legacy if f.rule.startswith("from-unsupported")]


def test_a_helper_s_version_is_not_the_image_s() -> None:
    text = (
        "FROM debian:trixie\nENV TINI_VERSION v0.18.0\n"
        "ADD https://dist.example.org/acme-community-{}.tar.gz /tmp/\n"
    )
    file = (DEMO + "Tags: 3.5.6, 3.5\nDirectory: 1.2\n").encode()
    for version, wrong in (("3.5.6", False), ("3.5.5", True)):
        view = View({"1.2/Dockerfile": text.format(version).encode()})
        assert ("version-mismatch" in [f.rule for f in found(file, repositories=Repositories(view))]) is wrong


@pytest.mark.parametrize(
    ("base", "day", "refused"),
    [
        ("quay.io/example/base:1", "2019-05-28", True),
        ("microsoft/nanoserver:sac2016", "2019-09-10", True),
        ("microsoft/nanoserver:sac2016", "2019-06-01", False),
        ("mcr.microsoft.com/windows/nanoserver:1809", "2019-09-10", False),
        ("quay.io/example/base:1", "2026-11-28", False),  # what was pinned is not known
        ("quay.io/example/base:1", "", False),
    ],
)
def test_bases_before_there_were_pins(base: str, day: str, refused: bool) -> None:
    class Unpinned(Others):
        def pins(self) -> None:  # type: ignore[override]
            return None

    file = (DEMO + "Tags: 1.2\nArchitectures: amd64\nDirectory: 1.2\n").encode()
    context = LibraryContext(
        read_on(file, "library/acme"),
        others=Unpinned(),
        repositories=Repositories(View({"1.2/Dockerfile": f"FROM {base}\n".encode()})),
        today=day,
    )
    rules = {finding.rule for finding in check(context).findings}
    assert bool(rules & {"from-unsupported-base", "from-unsupported-arch"}) is refused
    assert any("was pinned" in what for what in context.unanswered.get("others", ())) is not refused


@pytest.mark.parametrize(
    ("architectures", "told"), [("windows-amd64", False), ("amd64, windows-amd64", True)]
)
def test_fields_of_the_only_architecture(architectures: str, told: bool) -> None:
    file = DEMO + f"Tags: 1.2\nArchitectures: {architectures}\nwindows-amd64-Directory: win\nDirectory: win\n"
    rules = {each.rule for each in found(file.encode(), repositories=Repositories(), others=Others())}
    assert ("arch-subset" in rules) is told


@pytest.mark.parametrize(
    ("tags", "declared", "wrong"),
    [
        ("8u292-b10-jdk-openj9-0.26.0, 8-jdk-openj9", "jdk8u292-b10_openj9-0.26.0", False),
        ("8u292-b10-jdk-openj9-0.26.0, 8-jdk-openj9", "0.26.0", False),
        ("8u292-b10-jdk-openj9-0.26.0, 8-jdk-openj9", "0.24.0", True),
        ("1.2.3, 1.2", "1.2.4", True),
    ],
)
def test_what_a_dockerfile_declares_may_be_a_qualifier(tags: str, declared: str, wrong: bool) -> None:
    view = View({"1.2/Dockerfile": f"FROM debian:trixie\nENV DEMO_VERSION {declared}\n".encode()})
    file = DEMO + f"Tags: {tags}\nDirectory: 1.2\n"
    findings = found(file.encode(), repositories=Repositories(view))
    assert ("version-mismatch" in [f.rule for f in findings]) is wrong


def test_an_entry_that_cannot_be_read_is_not_one_that_is_gone() -> None:
    before = "2.0, 2, latest | 1.9, 1.9-fpm, 1, lts, lts-2016 | 1.8, 1.8-fpm"
    # latest stands on both: the second entry is refused, with all that it has.
    after = "2.1, 2, latest | 1.9, 1.9-fpm, 1, lts, lts-2016, latest | 1.8, 1.8-fpm"
    findings = found(after, before)
    assert [f.rule for f in findings if f.severity.value == "error"] == ["duplicate-tag"]
    assert not [f for f in findings if f.rule in ("alias-dropped", "alias-missing", "entry-dropped")]
    # Without the mistake, what is gone is told.
    gone = found("2.1, 2, latest | 1.8, 1.8-fpm, 1", before)
    assert [f for f in gone if f.rule in ("alias-dropped", "entry-dropped")]


def test_a_tool_in_the_variant_gets_its_own_release() -> None:
    before = "11.0.10_9-jdk-openj9-0.24.0, 11-jdk | 8u282-b08-jdk-openj9-0.24.0 | 15.0.2_7-jdk-openj9-0.24.0"
    after = "11.0.11_9-jdk-openj9-0.26.0, 11-jdk | 8u292-b10-jdk-openj9-0.26.0 | 15.0.2_7-jdk-openj9-0.24.0"
    assert not [f for f in found(after, before) if f.rule == "entry-dropped"]


WINDOWS_TWINS = (
    "1.2.3-alpine, alpine; SharedTags: 1.2.3, 1.2, latest"
    " | 1.2.3-windowsservercore-ltsc2025; SharedTags: 1.2.3-windowsservercore, 1.2.3, 1.2, latest; Architectures: "
    "windows-amd64; Constraints: windowsservercore-ltsc2025"
    " | 1.2.3-windowsservercore-ltsc2022; SharedTags: {}; Architectures: windows-amd64; Constraints: "
    "windowsservercore-ltsc2022"
)


@pytest.mark.parametrize(
    ("shared", "told"),
    [
        ("1.2.3-windowsservercore", True),
        ("1.2.3-windowsservercore, 1.2.3, latest", True),
        ("1.2.3-windowsservercore, 1.2.3, 1.2, latest", False),
        ("1.2.3-windowsservercore, 1.2.3, 1.2, latest, more", True),  # the other lacks it
    ],
)
def test_releases_of_windows_share_the_same_tags(shared: str, told: bool) -> None:
    findings = [f for f in found(WINDOWS_TWINS.format(shared)) if f.rule == "sharedtags-missing-windows"]
    assert bool(findings) is told
    assert len(findings) <= 1


def test_variants_of_windows_share_tags_of_their_own() -> None:
    text = WINDOWS_TWINS.format("1.2.3-windowsservercore").replace(
        "1.2.3-windowsservercore-ltsc2022;", "1.2.3-builder-windowsservercore-ltsc2022;"
    )
    assert not [f for f in found(text) if f.rule == "sharedtags-missing-windows" and ", as `" in f.message]


def test_one_base_ends_for_one_feature_version() -> None:
    arches = "Architectures: amd64, arm32v7, arm64v8"
    few = "Architectures: amd64, arm64v8"
    before = f"8u492-b09-jdk-noble; {arches} | 8u492-b09-jdk-jammy; {arches} | 17.0.1_2-jdk-noble; {arches}"
    after = f"8u502-b07-jdk-noble; {few} | 8u502-b07-jdk-jammy; {few} | 17.0.1_2-jdk-noble; {arches}"
    findings = [f for f in found(after, before) if f.rule == "arch-dropped"]
    assert [f.severity.value for f in findings] == ["note"]
