"""How rules for library files are written down: short, with the standard header before each example."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from contrib.rules.registry import Example, FixPolicy, Need, Rule, evidence
from contrib.values.findings import Finding, Severity

if TYPE_CHECKING:
    from contrib.rules.library.context import LibraryContext

#: What stands before the entries of an example, unless it begins with a header of its own.
HEADER = """\
Maintainers: Ann Example <ann@example.org> (@ann)
GitRepo: https://github.com/example/docker-demo.git
GitFetch: refs/heads/main
GitCommit: 3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a

"""

#: The commit of :data:`HEADER`, and two others for examples.
C1 = "3b1c8b7c2a5fcb6c0f4b1de6f2fb5a1b0e3d4c5a"
C2 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"

_SOURCES = {
    "bashbrew": "bashbrew manifest/rfc2822.go "
    "<https://github.com/docker-library/bashbrew/blob/master/manifest/rfc2822.go>",
    "sharedtags": "naughty-sharedtags.sh "
    "<https://github.com/docker-library/official-images/blob/master/naughty-sharedtags.sh>",
    "from": "naughty-from.sh <https://github.com/docker-library/official-images/blob/master/naughty-from.sh>",
    "constraints": "naughty-constraints.sh "
    "<https://github.com/docker-library/official-images/blob/master/naughty-constraints.sh>",
    "commits": "naughty-commits.sh "
    "<https://github.com/docker-library/official-images/blob/master/naughty-commits.sh>",
    "ci": "official-images' CI <https://github.com/docker-library/official-images/tree/master/.github/workflows>",
    "format": 'README "Instruction format" '
    "<https://github.com/docker-library/official-images#instruction-format>",
    "tags": 'README "Tags and aliases" <https://github.com/docker-library/official-images#tags-and-aliases>',
    "multiarch": 'README "Multiple architectures" '
    "<https://github.com/docker-library/official-images#multiple-architectures>",
    "library": 'README "Library definition files" '
    "<https://github.com/docker-library/official-images#library-definition-files>",
    "faq": "docker-library/faq <https://github.com/docker-library/faq>",
}


def library_rule(
    id: str,
    severity: str,
    title: str,
    looks_for: str,
    why: str,
    proof: str,
    bad: str,
    good: str,
    check: Callable[[LibraryContext], Iterable[Finding]],
    *,
    fix: FixPolicy = "no",
    needs: tuple[Need, ...] = ("text",),
    replaces: tuple[str, ...] = (),
    before: str | None = None,
    bad_path: str = "library/demo",
) -> Rule:
    """A rule for library files.

    :param proof: evidence, parted by blanks: ``@sha`` of official-images, or a name of a known source.
    :param bad_path: the bad example's path, where that is what is wrong.
    :param before: the previous version of the file, for rules that need it.
    """
    return Rule(
        id=id,
        severity=Severity(severity),
        title=title,
        looks_for=looks_for,
        why=why,
        evidence=evidence(*(_label(word) for word in proof.split())),
        bad=Example(whole(bad), path=bad_path, twin=None if before is None else whole(before)),
        good=Example(whole(good), path="library/demo", twin=None if before is None else whole(before)),
        check=check,
        fix=fix,
        needs=frozenset(needs),
        kind="library",
        replaces=replaces,
    )


def whole(text: str) -> str:
    """An example with the standard header, where it has none."""
    text = text.removeprefix("\n")
    return HEADER + text if text.startswith(("Tags", "#!", "SharedTags")) else text


def _label(word: str) -> str:
    return f"docker-library/official-images{word}" if word.startswith("@") else _SOURCES[word]
