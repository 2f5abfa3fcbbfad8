"""Every rule with several files that raise it and several that do not.

A file is entries parted by `` | ``: tags, then fields after ``; `` (see ``library`` of ``test_change``). Rules of
form have whole files; rules that ask a repository, the other files or the network ask those of ``fakes``.
"""

from __future__ import annotations

import pytest

from contrib.rules.library import RULES
from contrib.rules.library.context import LibraryContext
from contrib.rules.library.define import C1, C2, HEADER, whole
from contrib.rules.library.form.reading import read_on
from contrib.rules.library.run import check, fix
from contrib.rules.registry import Rule
from contrib.values.findings import Finding
from tests.rules.library.fakes import Network, Others, Repositories, View
from tests.rules.library.test_change import library
from tests.rules.library.whole import WHOLE

BY_ID = {rule.id: rule for rule in RULES}
WIN = "Architectures: windows-amd64; Constraints: windowsservercore-ltsc2025"
NANO = "Architectures: windows-amd64; Constraints: nanoserver-ltsc2025"

#: rule -> (files that raise it, files that do not); of a change "before => after".
TEXT: dict[str, tuple[list[str], list[str]]] = {
    "latest-in-tag": (
        ["1.2, latest-alpine", "1.2-latest", "1.2; SharedTags: latest-1.2"],
        ["1.2, latest", "1.2; SharedTags: latest", "1.2, latestest"[:9]],
    ),
    "sharedtag-duplicate-arch": (
        [
            "1.2-x; SharedTags: 1.2 | 1.2-y; SharedTags: 1.2",
            "1.2-x; SharedTags: 1.2; Architectures: amd64, s390x | 1.2-y; SharedTags: 1.2; Architectures: s390x",
            f"1.2-windowsservercore-ltsc2025; SharedTags: 1.2; {WIN} | 1.3-windowsservercore-ltsc2025; SharedTags: 1.2; {WIN}",
        ],
        [
            "1.2-x; SharedTags: 1.2 | 1.2-y; SharedTags: 1.2; Architectures: s390x",
            f"1.2-x; SharedTags: 1.2 | 1.2-windowsservercore-ltsc2025; SharedTags: 1.2; {WIN}",
            "1.2-x; SharedTags: 1.2",
        ],
    ),
    "version-skew-in-entry": (
        ["1.2.3, 1.2.4", "1.2.3, 1.3, latest", "1.2.3-alpine, 1.2-alpine, 1.1-alpine", "1.2-rc1, 1.2-rc2"],
        ["1.2.3, 1.2, 1", "2026.1, 10.2.0", "1.2.3, 1.2.3.4", "17-jdk-1.2.3, 1.2.3", "1.2-rc1, 1.2-rc"],
    ),
    "version-skew-siblings": (
        ["1.2.3, 1.2 | 1.2.4-alpine, 1.2-alpine", "1.2.3-x | 1.2.3-y | 1.2.4-z"],
        ["1.2.4, 1.2 | 1.2.4-alpine, 1.2-alpine", "1.2.3, 1.2 | 1.3.4-alpine", "1.2.3 | 1.2.4, 1.2"],
    ),
    "sharedtag-version-skew": (
        [
            "1.2.3-x; SharedTags: 1.2 | 1.2.4-y; SharedTags: 1.2; Architectures: s390x",
            "1.2.3-x; SharedTags: latest | 1.3.0-y; SharedTags: latest; Architectures: s390x",
        ],
        [
            "1.2.3-x; SharedTags: 1.2 | 1.2.3-y; SharedTags: 1.2; Architectures: s390x",
            "1.2.3-x; SharedTags: 1.2 | 1.3.0-y; SharedTags: 1.3",
        ],
    ),
    "latest-not-highest": (
        ["2.0.1, 2.0, 2 | 1.9.3, 1.9, 1, latest", "1.10.0, 1.10 | 1.9.3, 1.9, latest", "1.2.4 | 1.2.3, latest"],
        ["2.0.1, 2, latest | 1.9.3", "2.0.1-rc1 | 1.9.3, latest", "2026.1 | 1.9.3, latest", "2.0.1 | 1.9.3-lts, latest"],
    ),
    "alias-not-highest": (
        ["1.2.4 | 1.2.3, 1.2", "1.3.0, latest | 1.2.3, 1", "1.2.4-alpine | 1.2.3-alpine, 1.2-alpine"],
        ["1.2.4, 1.2 | 1.2.3", "1.3.0, 1, latest | 1.2.3, 1.2", "1.2.4-alpine | 1.2.3, 1.2"],
    ),
    "bare-variant-not-highest": (
        ["2.0.1-alpine, 2-alpine | 1.9.3-alpine, alpine", "2.0.1-fpm | 1.9.3-fpm, fpm"],
        ["2.0.1-alpine, alpine | 1.9.3-alpine", "2.0.1-rc1-fpm | 1.9.3-fpm, fpm", "2.0.1-fpm | 1.9.3-fpm-lts, fpm, lts"],
    ),
    "variant-default-differs": (
        [
            "1.2-jdk21, 1.2, latest | 1.2-jdk17-alpine, 1.2-alpine | 1.2-jdk21-alpine",
            "1.2-temurin-21, latest | 1.2-temurin-17-slim, 1.2-temurin-slim | 1.2-temurin-21-slim",
        ],
        [
            "1.2-jdk21, 1.2, latest | 1.2-jdk21-alpine, 1.2-alpine | 1.2-jdk17-alpine",
            "1.2-jdk21, 1.2, latest | 1.2-jdk17-alpine, 1.2-alpine",
        ],
    ),
    "latest-on-prerelease": (
        ["2.0-rc1, latest | 1.9.3, 1.9", "2.0.0-beta, latest | 1.9.3", "nightly, latest | 1.9.3"],
        ["2.0-rc1, rc | 1.9.3, latest", "2.0.0-beta, latest", "1.9.3, latest | nightly"],
    ),
    "stable-alias-on-prerelease": (
        ["2.0-rc1, 2 | 1.9.3", "2.0.0-rc1, 2.0 | 2.0.1-rc2, 2.0-rc", "2.0.0-beta1, 2.0-rc, 2.0"],
        ["2.0-rc1, 2.0-rc | 1.9.3", "2.0.0, 2.0 | 2.1.0-rc1, 2.1-rc"],
    ),
    "alias-missing": (
        ["2.6.1, 2.6 | 2.5.0 | 2.4.3, 2.4", "3.1.2-x, 3.1-x | 3.0.1-x, 3.0-x | 2.9.9-x", "1.2.3, 1.2, 1.2.3-x"],
        ["2.6.1, 2.6 | 2.5.0, 2.5 | 2.4.3, 2.4", "2.6.1 | 2.5.0 | 2.4.3", "1.2.3, 1.2, 1.2.3-x, 1.2-x"],
    ),
    "channel-mixed": (
        ["1.2.3, latest, beta", "1.2.3, stable, nightly", "1.2.3, latest, 1.2.3-77.beta-sdk"],
        ["1.2.3, latest | 1.3.0-beta, beta", "1.2.3-beta, beta", "1.2.3, latest, betamax"],
    ),
    "prerelease-left": (
        ["1.0-beta1 | 1.0-alpha1", "1.0.0-rc2 | 1.0.0-rc1", "1.0.0 | 1.0.0-rc1"],
        ["1.0-beta1 | 0.9-alpha1", "1.0.0-rc2", "1.0.0 | 1.1.0-rc1"],
    ),
    "tag-typo": (
        ["1.2-alpine, alpine | 1.1-alpine, 1-alpine | 1.0-apline", "1.2-slim, 1-slim, slim | 1.1-slmi"],
        ["1.2-alpine, alpine | 1.1-alpine | 1.0-alpine", "1.2-slim | 1.1-full"],
    ),
    "variant-typo": (
        ["1.2.3-jdk21, 1.2-jdk21, 1-jdk12", "1.2.3-php8.4, 1.2-php8.4, 1-php8.3"],
        ["1.2.3-jdk21, 1.2-jdk21, 1-jdk21", "1.2.3-jdk21 | 1.2.3-jdk17"],
    ),
    "version-order": (
        ["1.2.3, 1.2 | 1.1.9, 1.1 | 1.2.3-alpine, 1.2-alpine", "2.0.1-x | 1.0.1-x | 2.0.1-y"],
        ["1.2.3, 1.2 | 1.2.3-alpine, 1.2-alpine | 1.1.9, 1.1", "1.1.9 | 1.2.3 | 1.2.3-x"],
    ),
    "directory-variant": (
        ["1.2; Directory: x | 1.2-slim; Directory: x; Architectures: s390x", "1.2-x; Directory: x | 1.2-y; Directory: x"],
        ["1.2; Directory: x | 1.2-slim; Directory: x/slim", "1.2; Directory: x | 1.2-slim; Directory: x"],
    ),
    "suite-directory": (
        ["1.2-trixie; Directory: 1.2/bookworm", "1.2-noble; Directory: jammy", "1.2-alpine; Directory: 1.2/trixie"],
        ["1.2-trixie; Directory: 1.2/trixie", "1.2; Directory: 1.2/trixie", "1.2-trixie, 1.2-bookworm; Directory: bookworm"],
    ),
    "directory-version": (
        ["1.2.3, 1.2; Directory: 1.3", "1.2.3; Directory: 1.2.4", "1.2-jdk17; Directory: jdk21", "1.2.3; Directory: v1.1/x"],
        ["1.2.3, 1.2; Directory: 1.2", "1.2.3; Directory: x/1", "1.2-jdk17; Directory: jdk17", "1.2; Directory: ubuntu/24.04"],
    ),
    "gitfetch-version": (
        ["1.2.3; GitFetch: refs/tags/v1.2.4", "1.2.3; GitFetch: refs/heads/1.1", "2.0.1; GitFetch: refs/tags/1.9.1"],
        ["1.2.3; GitFetch: refs/tags/v1.2.3", "1.2.3; GitFetch: refs/heads/1.2", "1.2.3; GitFetch: refs/heads/main"],
    ),
    "arch-field-partial": (
        ["1.2; Architectures: amd64, s390x; amd64-File: F", "1.2; Architectures: amd64, s390x; s390x-File: F"],
        ["1.2; Architectures: amd64, s390x; amd64-Directory: x; s390x-Directory: y", "1.2; Architectures: amd64"],
    ),
    "arch-field-without-arch": (
        [f"1.2; s390x-GitCommit: {C2}", "1.2; Architectures: amd64; arm64v8-Directory: x"],
        [f"1.2; Architectures: amd64, s390x; s390x-GitCommit: {C2}", "1.2; amd64-Directory: x"],
    ),
    "arch-suite-mismatch": (
        ["1.2-alpine; Architectures: amd64, arm32v5", "1.2-noble; Architectures: amd64, mips64le"],
        ["1.2-alpine; Architectures: amd64, arm32v6", "1.2-trixie; Architectures: amd64, arm32v5"],
    ),
    "windows-arch-missing": (
        ["1.2-windowsservercore-ltsc2025", f"1.2-nanoserver; {NANO.replace('windows-amd64', 'amd64, windows-amd64')}"],
        [f"1.2-windowsservercore-ltsc2025; {WIN}", "1.2-trixie"],
    ),
    "constraints-missing": (
        ["1.2-windowsservercore-ltsc2025; Architectures: windows-amd64", "1.2-nanoserver; Architectures: windows-amd64"],
        [f"1.2-windowsservercore-ltsc2025; {WIN}", "1.2"],
    ),
    "constraint-incomplete": (
        ["1.2-windowsservercore-ltsc2025; Architectures: windows-amd64; Constraints: nanoserver-ltsc2025", f"1.2-nanoserver-ltsc2025; {WIN}"],
        [f"1.2-windowsservercore-ltsc2025; {WIN}", f"1.2-nanoserver-ltsc2025; {NANO}"],
    ),
    "constraint-mismatch": (
        [
            "1.2-windowsservercore-ltsc2025; Architectures: windows-amd64; Constraints: windowsservercore-ltsc2025, windowsservercore-ltsc2022",
            f"1.2; {WIN}; Directory: windows/windowsservercore-ltsc2022",
        ],
        [f"1.2-windowsservercore-ltsc2025; {WIN}; Directory: windows/windowsservercore-ltsc2025"],
    ),
    "windows-tag-format": (
        [f"1.2-windowsservercoreltsc2025; {WIN}", f"1.2-nanoserverltsc2025; {NANO}"],
        [f"1.2-windowsservercore-ltsc2025; {WIN}", f"1.2-windowsservercore; {WIN}"],
    ),
    "windows-tag-doubled-suffix": (
        [f"1.2-windowsservercore-ltsc2025-ltsc2025; {WIN}", f"1.2-nanoserver-ltsc2025-nanoserver-ltsc2025; {NANO}"],
        [f"1.2-windowsservercore-ltsc2025; {WIN}", "1.2-a-a"],
    ),
    "sharedtags-missing-windows": (
        [
            f"1.2, 1.2-windowsservercore-ltsc2025; {WIN}",
            f"1.2-windowsservercore-ltsc2025; SharedTags: 1.2-windowsservercore; {WIN} | 1.1-windowsservercore-ltsc2025; {WIN}",
        ],
        [f"1.2-windowsservercore-ltsc2025; SharedTags: 1.2-windowsservercore, 1.2; {WIN}", "1.2"],
    ),
    "sharedtags-wrong-windows": (
        [
            f"1.2-windowsservercore-ltsc2025; SharedTags: windowsservercore; {WIN} | 1.1-windowsservercore-ltsc2025; SharedTags: windowsservercore; {WIN}",
        ],
        [f"1.2-windowsservercore-ltsc2025; SharedTags: windowsservercore; {WIN} | 1.1-windowsservercore-ltsc2025; {WIN}"],
    ),
    "sharedtags-single-linux": (
        ["1.2-trixie; SharedTags: 1.2", "1.2-x; SharedTags: 1.2, latest | 1.1-x, 1.1"],
        ["1.2-trixie, 1.2", f"1.2-trixie; SharedTags: 1.2 | 1.2-windowsservercore-ltsc2025; SharedTags: 1.2; {WIN}"],
    ),
    "alias-ladder": (
        ["1.2, 1.2.3, 1 | 1.1.9, 1.1 | 1.0.5, 1.0", "1.2.3, 1, 1.2 | 1.1.9, 1.1", "1.2.3, latest, 1.2 | 1.1.9, 1.1"],
        ["1.2.3, 1.2, 1, latest", "1.2, 1.2.3 | 1.1, 1.1.9", "1.2.3, 1.2, alpine"],
    ),
    "constraint-values": (
        [f"1.2-windowsservercore-ltsc2025; {WIN}, sunshine", "1.2; Constraints: windows"],
        [f"1.2-windowsservercore-ltsc2025; {WIN}", f"1.2-nanoserver-ltsc2025; {NANO}"],
    ),
    "builder-values": (
        ["1.2; Builder: kaniko", "1.2; Builder: Classic", f"1.2-windowsservercore-ltsc2025; Builder: buildkit; {WIN}"],
        ["1.2; Builder: classic", "1.2; Builder: oci-import", f"1.2-windowsservercore-ltsc2025; Builder: classic; {WIN}"],
    ),
    "windows-shared": (
        [f"1.2-windowsservercore-ltsc2022; {WIN.replace('2025', '2022')} | 1.2-windowsservercore-ltsc2025; {WIN}"],
        [f"1.2-windowsservercore-ltsc2025; {WIN} | 1.2-windowsservercore-ltsc2022; {WIN.replace('2025', '2022')}"],
    ),
    "path-not-clean": (
        ["1.2; Directory: a//b", "1.2; Directory: ./a", "1.2; File: x/../Dockerfile", "1.2; amd64-Directory: a/"],
        ["1.2; Directory: a/b", "1.2; Directory: .", "1.2; File: x/Dockerfile"],
    ),
    # of a change
    "alias-dropped": (
        ["1.2.3, 1.2, latest => 1.2.4, 1.2", "1.2.3-fpm, fpm => 1.2.4-fpm", "1.2.3, 1 => 1.3.0, latest"],
        ["1.2.3, 1.2 => 1.2.4, 1.2", "1.2.3, latest => 1.3.0, latest", "1.2.3-fpm, fpm => 1.3.0-fpm, fpm"],
    ),
    "entry-dropped": (
        ["1.2.3, 1.2 | 1.1.3, 1.1 => 1.2.3, 1.2", "1.2.3, 1.2 => 1.3.0, 1.3", "2.1.1-x | 2.1.1-y | 2.0.1-y => 2.1.2-x | 2.0.1-y"],
        ["1.2.3, 1.2 => 1.2.4, 1.2", "1.2.3 => 1.2.3 | 1.3.0", "1.2-rc1 => 1.2.0"],
    ),
    "arch-dropped": (
        [
            "1.2; Architectures: amd64, s390x => 1.2",
            "1.2.3, 1.2; Architectures: amd64, s390x | 1.1; Architectures: amd64, s390x => 1.2.4, 1.2 | 1.1; Architectures: amd64, s390x",
        ],
        ["1.2; Architectures: amd64 => 1.2; Architectures: amd64, s390x", "1.2; Architectures: s390x => 1.3; Directory: z"],
    ),
    "tags-moved-alone": (
        ["1.2.3, 1.2 => 1.2.4, 1.2", "1.2.3-x => 1.2.4-x"],
        [f"1.2.3, 1.2 => 1.2.4, 1.2; GitCommit: {C2}", "1.2.3 => 1.2.3, 1.2, 1", "1.2.3 => 1.2.4; Directory: new"],
    ),
    "old-release-returns": (
        ["6.0.2, 6.0 => 6.0.2, 6.0 | 6.0.1 | 6.0.0", "6.0.2, 6.0, latest => 6.0.2, latest | 6.0"],
        ["6.0.2, 6.0 => 6.0.3, 6.0 | 6.0.2", "6.0.2 | 6.0.1 => 6.0.2 | 6.0.1 | 6.0.0"],
    ),
    "alias-moved-too-early": (
        ["1.2.3, latest | 1.3.1, 1.3 => 1.2.3 | 1.3.1, 1.3 | 1.4.0, latest"],
        ["1.2.3, latest => 1.2.3 | 1.3.0, latest", "1.2.3, latest | 1.3.1 => 1.2.3 | 1.3.2, latest"],
    ),
    "alias-on-wrong-entry": (
        ["2.0.1, lts | 1.0.1 => 2.0.2 | 1.0.2, lts", "3.1.1, stable | 3.0.1 => 3.1.2 | 3.0.2, stable"],
        ["2.0.1, lts | 1.0.1 => 2.0.2, lts | 1.0.2", "2.0.1 | 1.0.1, lts => 2.0.1, lts | 1.0.1"],
    ),
    "latest-on-wrong-variant": (
        [
            "1.2.3, latest; Architectures: amd64, s390x | 1.2.3-x; Architectures: amd64, s390x => 1.2.3 | 1.2.3-x; Architectures: amd64, s390x | 1.2.3-y, latest",
        ],
        ["1.2.3, latest; Architectures: amd64, s390x => 1.2.4, latest; Architectures: amd64, s390x", "1.2, latest => 1.3, latest"],
    ),
    "downgrade": (
        ["1.3.0, 1, latest => 1.2.9, 1, latest", "2.0.1, 2 | 1.9.9 => 1.9.9, 2"],
        ["1.3.0, 1, latest => 1.3.1, 1, latest", "1.3.0, 1 => 1.4.0, 1"],
    ),
    "same-patch-overwritten": (
        [
            f"1.2.3-x, 1.2-x | 1.2.3-y, 1.2-y => 1.2.4-x, 1.2-x; GitCommit: {C2} | 1.2.3-y, 1.2-y; GitCommit: {C2}",
            f"1.2.3 => 1.2.3; GitCommit: {C2}; GitFetch: refs/tags/v1.2.4",
        ],
        [f"1.2.3-x, 1.2-x | 1.2.3-y => 1.2.4-x, 1.2-x; GitCommit: {C2} | 1.2.4-y; GitCommit: {C2}", f"1.2.3 => 1.2.3; GitCommit: {C2}"],
    ),
    "version-typo": (
        ["1.2.3 => 11.2.4", "7.0.1, 7 => 77.0.2, 7", "0.9.3, latest => 1.9.4, latest"],
        ["1.2.3 => 1.2.4", "1.2.3 => 2.0.0", "1.2.3 | 2.2.2 => 1.2.4 | 2.2.3", "1.1.0 => 2.1.5"],
    ),
}  # fmt: skip


def _bytes(text: str) -> bytes:
    """A whole file, or the entries of one."""
    return text.encode("utf-8", "surrogateescape") if "\n" in text or not text else library(text)


def context(rule: Rule, text: str) -> LibraryContext:
    before, arrow, after = text.partition(" => ")
    now = _bytes(after if arrow else before)
    view = View()
    view.bumped = "previous" in rule.needs
    return LibraryContext(
        read_on(now, "library/acme"),
        previous=read_on(_bytes(before), "library/acme") if arrow else None,
        repositories=Repositories(view) if "repository" in rule.needs else None,
        others=Others() if "others" in rule.needs else None,
        network=Network() if "network" in rule.needs else None,
        today="2026-11-28",
    )


def raised(rule: Rule, text: str) -> list[str]:
    return [finding.message for finding in rule.check(context(rule, text))]


ALL = {**TEXT, **WHOLE}


def test_every_rule_has_several_files_of_both_kinds() -> None:
    """Beside its own examples; a file's name is wrong in one way, and right in one."""
    assert not TEXT.keys() & WHOLE.keys()
    few = {rule.id for rule in RULES if min(map(len, ALL.get(rule.id, ([], [])))) < 1}
    assert few <= {"file-name"}


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, (bad, _) in ALL.items() for text in bad])
def test_raises(rule: str, text: str) -> None:
    assert raised(BY_ID[rule], text)


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, (_, good) in ALL.items() for text in good])
def test_does_not_raise(rule: str, text: str) -> None:
    assert raised(BY_ID[rule], text) == []


# -- all rules: their examples in other surroundings --------------------------------------------------------

ASIDE = "\n# something else\nTags: aside-zzz\nGitCommit: " + "e" * 40 + "\nDirectory: aside\n"


def _with_comments(text: str) -> str:
    return text.replace("\n\nTags", "\n\n# a comment\nTags")


def _with_another_entry(text: str) -> str:
    return text.rstrip("\n") + "\n" + ASIDE


def _with_comment_at_the_end(text: str) -> str:
    return text.rstrip("\n") + "\n# the end\n"


SURROUNDINGS = (_with_comments, _with_another_entry, _with_comment_at_the_end)
#: Rules that are about the file's end or its only lines, which another surrounding takes away.
ALONE = frozenset(("empty-file", "missing-final-newline", "header-pgp", "bom", "file-name", "legacy-format"))


def shown(rule: Rule, text: str, before: str | None) -> LibraryContext:
    view = View()
    view.bumped = "previous" in rule.needs
    return LibraryContext(
        read_on(whole(text).encode(), "library/demo"),
        previous=None if before is None else read_on(before.encode(), "library/demo"),
        repositories=Repositories(view) if "repository" in rule.needs else None,
        others=Others() if "others" in rule.needs else None,
        network=Network() if "network" in rule.needs else None,
        today="2026-11-28",
    )


@pytest.mark.parametrize("change", SURROUNDINGS, ids=lambda function: function.__name__.strip("_"))
@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.id not in ALONE], ids=lambda rule: rule.id)
def test_the_surroundings_make_no_difference(rule: Rule, change: object) -> None:
    assert callable(change)
    if not list(rule.check(shown(rule, rule.bad.text, rule.bad.twin))):
        pytest.skip("its example needs a path")
    bad = change(rule.bad.text)
    if (rule.id in NEEDS_ALL or rule.needs & {"repository", "network"}) and change is _with_another_entry:
        pytest.skip("it is about all entries of the file")
    assert list(rule.check(shown(rule, bad, rule.bad.twin)))
    good = change(rule.good.text)
    assert [f for f in check(shown(rule, good, rule.good.twin)).findings if f.rule == rule.id] == []


#: Rules about a file that has no other entry.
NEEDS_ALL = frozenset(("gitrepo-copied", "missing-gitrepo", "missing-maintainers", "tags-in-header"))


def test_every_rule_is_named_by_a_test() -> None:
    named = set(TEXT)
    asked = {rule.id for rule in RULES if rule.needs & {"repository", "others", "network"}}
    from contrib.rules.library import FORM

    assert {rule.id for rule in RULES} - named - asked - FORM <= {
        # in tests/rules/test_hidden_characters.py, with Dockerfiles, and in tests/cli/test_library_addresses.py, with
        # the addresses that are opened: a case here would say less
        "hidden-characters",
        "gitrepo-address",
        # in test_change, with the change that they are about
        "file-field-missing", "latest-means-default", "file-name", "supported-only", "version-not-bumped",
    }  # fmt: skip
    assert C1 != C2


def test_a_fix_that_brings_another_s_finding_stops_neither() -> None:
    """Both commas go, and with them a space stays at the end of the first line, as one stood on the second."""
    data = (
        "Constraints: ,\n"
        + HEADER.replace("Maintainers: ", "Maintainers: B Person (@b), \n  ", 1)
        + "Tags: 1.2\n"
    ).encode()

    def look(now: bytes) -> tuple[Finding, ...]:
        return check(LibraryContext(read_on(now, "library/acme"))).findings

    done = fix(data, look)
    assert {each.rule for each in done.made} >= {"constraint-empty-item", "trailing-space"}
    assert not fix(done.data, look).made
    assert b" \n" not in done.data
