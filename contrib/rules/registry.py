"""What a rule is, and the one place where all of them are found.

A rule is a value: its text (what ``contrib rules ID`` prints), its examples (which the suite runs),
and its check. Rules for Dockerfiles stand in :mod:`contrib.rules.dockerfile`, rules for library files
in :mod:`contrib.rules.library`; each package lists its own in ``RULES``, in the order of its catalogue,
and is imported only when a rule of that kind is asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Literal

from contrib.values.findings import Evidence, Finding, Severity
from contrib.values.records import dataclass, field

Kind = Literal["dockerfile", "library"]
FixPolicy = Literal["yes", "ask", "no"]
Need = Literal["text", "path", "twin", "previous", "repository", "others", "network", "inventory"]

_PACKAGES: dict[Kind, str] = {
    "dockerfile": "contrib.rules.dockerfile",
    "library": "contrib.rules.library",
}


@dataclass(frozen=True, slots=True)
class Example:
    """A complete file that a rule is shown and tested with.

    :param text: the Dockerfile or library file (a newline at the very start is dropped, so that it can be
        written as a block).
    :param path: the file's path in its repository, for rules that need it.
    :param twin: the Linux Dockerfile, or the previous library file, for rules that need one.
    :param known: gives what is known of bases and archives (:class:`contrib.facts.starts.Known`), likewise.
    """

    text: str
    path: str | None = None
    twin: str | None = None
    known: Callable[[], Any] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", self.text.removeprefix("\n"))
        if self.twin is not None:
            object.__setattr__(self, "twin", self.twin.removeprefix("\n"))


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    :param id: kebab case, as in the catalogue.
    :param severity: the usual one; a finding may be milder where the catalogue names the exception.
    :param title: a few words for the list of rules.
    :param looks_for: what it does, Markdown, one paragraph.
    :param why: why that is bad, Markdown, one paragraph.
    :param evidence: where the maintainers said so, the best first.
    :param bad: a file that raises the rule.
    :param good: the same, fixed: raises nothing of this rule.
    :param fix: ``yes``: one rewrite is right and may be applied unasked; ``ask``: offered; ``no``.
    :param needs: what it must be given; it runs only where it gets all of it.
    :param check: gives the findings; its argument is the context of its kind
        (:class:`contrib.rules.context.Context` for Dockerfiles).
    :param replaces: more general rules, whose findings at the same place this one stands for.
    """

    id: str
    severity: Severity
    title: str
    looks_for: str
    why: str
    evidence: tuple[Evidence, ...]
    bad: Example
    good: Example
    check: Callable[[Any], Iterable[Finding]] = field(repr=False, compare=False)
    fix: FixPolicy = "no"
    needs: frozenset[Need] = frozenset({"text"})
    kind: Kind = "dockerfile"
    replaces: tuple[str, ...] = ()


def evidence(*labels: str) -> tuple[Evidence, ...]:
    """Evidence values from labels as the catalogue writes them.

    ``owner/repo#12`` is a pull request or issue, ``owner/repo@sha`` a commit, ``faq "Title"`` a section of
    docker-library/faq, ``guidelines "Title"`` one of official-images' README; ``label <url>`` gives the
    address itself.

    >>> evidence("docker-library/redis#78")[0].url
    'https://github.com/docker-library/redis/pull/78'
    """
    return tuple(_one(label) for label in labels)


#: Numbers that are issues; the others are pull requests (GitHub forwards from one to the other).
_ISSUES = frozenset(
    (
        "moby/moby#22017", "moby/moby#30033", "moby/moby#30395", "moby/moby#46727", "PowerShell/PowerShell#2138",
        "docker/for-win#13289", "docker/for-win#2047", "microsoft/Windows-Containers#34", "docker-library/golang#277",
        "docker-library/mongo#426", "docker-library/python#228", "docker-library/redis#135",
    )
)  # fmt: skip
_HEADINGS = {
    "faq": "https://github.com/docker-library/faq",
    "guidelines": "https://github.com/docker-library/official-images",
}


def _one(label: str) -> Evidence:
    if label.endswith(">") and " <" in label:
        text, _, url = label[:-1].partition(" <")
        return Evidence(text, url)
    page, _, title = label.partition(" ")
    if page in _HEADINGS:
        return Evidence(label, f"{_HEADINGS[page]}#{_anchor(title.strip())}" if title else _HEADINGS[page])
    if "#" in label:
        repository, _, number = label.partition("#")
        kind = "issues" if label in _ISSUES else "pull"
        return Evidence(label, f"https://github.com/{repository}/{kind}/{number}")
    if "@" in label:
        repository, _, commit = label.partition("@")
        return Evidence(label, f"https://github.com/{repository}/commit/{commit}")
    raise ValueError(f"no address is known for the evidence {label!r}")


def _anchor(title: str) -> str:
    """GitHub's anchor of a heading: lower case, blanks to dashes, other punctuation dropped."""
    kept = (char for char in title.strip('"').lower() if char.isalnum() or char in " -_")
    return "".join(kept).replace(" ", "-")


class Registry(Mapping[str, Rule]):
    """All rules by id, in catalogue order: those for Dockerfiles, then those for library files.

    The catalogues share a few ids (``eol-base`` is a mistake in either file): the mapping gives the rule
    for Dockerfiles, :meth:`named` both.
    """

    def __init__(self) -> None:
        self._loaded: dict[Kind, tuple[Rule, ...]] = {}

    def of_kind(self, kind: Kind) -> tuple[Rule, ...]:
        """The rules of one kind, their package imported on first use."""
        if kind not in self._loaded:
            package = importlib.import_module(_PACKAGES[kind])
            rules: tuple[Rule, ...] = tuple(getattr(package, "RULES", ()))
            for rule in rules:
                assert rule.kind == kind, f"rule {rule.id} says it is of kind {rule.kind}"
            self._loaded[kind] = rules
        return self._loaded[kind]

    def all(self) -> tuple[Rule, ...]:
        """Every rule of both kinds."""
        return tuple(rule for kind in _PACKAGES for rule in self.of_kind(kind))

    def named(self, rule_id: str) -> tuple[Rule, ...]:
        """The rules of that id: none, one, or one of each kind."""
        return tuple(rule for rule in self.all() if rule.id == rule_id)

    def __getitem__(self, rule_id: str) -> Rule:
        return self._by_id[rule_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    @cached_property
    def _by_id(self) -> dict[str, Rule]:
        found: dict[str, Rule] = {}
        for rule in self.all():
            found.setdefault(rule.id, rule)
        return found


REGISTRY = Registry()
