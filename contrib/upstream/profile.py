"""The profile of an image's manifest generator: ``library_templates/<image>/manifest.toml``, read and checked.

What ``generate-stackbrew-library.sh`` does differs from image to image in a few decisions; a profile states
them as data. Scripts change, so parts of a profile hold only while the script says something: ``when`` and
``unless`` are regular expressions over the script's text at the commit that is generated from, which works in
forks, bare repositories and shallow clones alike. ``library_templates/README.md`` documents the vocabulary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from contrib.upstream import eras
from contrib.upstream.eras import ALWAYS, Condition, condition_of
from contrib.values.patterns import given
from contrib.values.tables import Table

ORDERS = ("file", "version-desc", "key", "parts-desc")
ALIASES = ("full", "key", "key?", "minor", "major", "cut.", "cut.-", "extra")
FIELDS = (
    "Tags",
    "SharedTags",
    "Architectures",
    "GitCommit",
    "GitFetch",
    "Directory",
    "Builder",
    "Constraints",
)
#: Names that suffixes and constraints may use in braces, beside those of ``[names]``.
WORDS = ("variant", "kind", "release", "suite")

_ANY = re.compile("")
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_FILE = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")
_URL = re.compile(r"https://[\w.-]+/\S+")


@dataclass(frozen=True, slots=True)
class FromEnv:
    """The full version stands in a Dockerfile: the value of ``ENV variable`` there.

    :ivar of: the variant whose Dockerfile is read; None is each variant's own.
    """

    variable: str
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Aliases:
    """Which version aliases an entry gets, in order, where its key, full version and variant match.

    :ivar extra: where ``extra`` comes from, when it is not the profile's.
    """

    order: tuple[str, ...]
    match: re.Pattern[str] = _ANY
    full: re.Pattern[str] = _ANY
    variant: re.Pattern[str] = _ANY
    extra: str | None = None
    condition: Condition = ALWAYS


@dataclass(frozen=True, slots=True)
class Rule:
    """What the entries of some variants look like; the first whose ``match`` and ``key`` fit holds.

    :ivar match: over the variant's path below the version (``windows/nanoserver-ltsc2022``); may name names
        in braces, which are put in escaped.
    :ivar tags: suffixes put on every alias; ``1:`` in front: on the first alone.
    :ivar shared: the same for SharedTags.
    :ivar arches: a list, a jq expression over the version's object, or None for the profile's.
    :ivar parent: the variant whose Dockerfile gives ``$parent`` and ``{suite}``; None is its own.
    :ivar full: where the full version is, when it is not where the profile says.
    """

    match: str
    key: re.Pattern[str]
    condition: Condition
    tags: tuple[str, ...]
    shared: tuple[str, ...]
    arches: tuple[str, ...] | str | None
    constraints: tuple[str, ...]
    builder: str
    parent: str | None
    full: str | FromEnv | None


@dataclass(frozen=True, slots=True)
class Without:
    """Architectures that some entries do not get."""

    arches: tuple[str, ...]
    match: re.Pattern[str]
    key: re.Pattern[str]
    full: re.Pattern[str]
    condition: Condition


@dataclass(frozen=True, slots=True)
class Branches:
    """A repository with a release branch a series, and no generator of this kind.

    The entries of a present library file stay as they are; those of the directories that ``variants`` matches
    are made from the branches and put behind the series' other entries.

    :ivar match: over the branch's name; its group ``series`` is the series.
    :ivar variants: over the directories of a branch that hold a Dockerfile.
    """

    match: re.Pattern[str]
    variants: re.Pattern[str]
    full: FromEnv
    aliases: tuple[Aliases, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """A generator's decisions at one state of its script; see the module.

    :ivar file: where it was read from, for messages.
    :ivar image: name of the image and its library file.
    :ivar repository: clone URL of the image's repository.
    :ivar script: the generator's path in the repository; its text gives the head and the extra aliases.
    :ivar head: ``script`` (the text between ``<<-EOH`` and ``EOH``) or ``library`` (the present file's).
    :ivar commit: ``copy``, ``copy-nofrom`` (dirCommit, see GENERATORS), ``head``.
    :ivar absent: what to do where a variant has no Dockerfile: ``skip`` or ``stop``.
    :ivar versions: ``json``, ``directories`` or ``library``.
    :ivar drop: jq over the version's object: true leaves the version out.
    :ivar extra: ``script`` (its ``aliases`` table), or jq giving ``{key: [alias, …]}``. Its input is
        the versions' data; for release branches ``{series: {"variants": […], "linux": [names]}}``, the names without a
        series that the series has on Linux in the present file.
    :ivar extra_kept: an entry keeps those of these words that the present file gives it, whatever its key.
    :ivar variants: a list, or jq over the version's object.
    :ivar names: (name, jq) in order; each may use those before it as ``$name``.
    """

    file: str
    image: str
    repository: str
    script: str
    head: Literal["script", "library"]
    commit: Literal["copy", "copy-nofrom", "head"]
    absent: Literal["skip", "stop"]
    fields: tuple[str, ...]
    versions: Literal["json", "directories", "library"]
    order: str
    full: str | FromEnv
    drop: str | None
    aliases: tuple[Aliases, ...]
    extra: str
    extra_kept: bool
    variants: tuple[str, ...] | str
    names: tuple[tuple[str, str], ...]
    arches: tuple[str, ...] | str | None
    rules: tuple[Rule, ...]
    without: tuple[Without, ...]
    branches: Branches | None


#: A ``manifest.toml``, with its eras. ``today`` is for a repository that has no script which could tell one.
Profiles = eras.Profiles[Profile]


def load(name: str, templates_dir: Path | None = None) -> Profiles:
    """The profile of an image.

    :param templates_dir: the directory of the images' folders; the package's own when None.
    :raises BadInput: there is none, or it is wrong (file, key, what is expected).
    """
    return eras.load_profiles(
        name,
        "manifest.toml",
        templates_dir,
        _profile,
        unknown="there is no profile of a manifest generator for {name}",
    )


def read(data: bytes, file: str, name: str | None = None) -> Profiles:
    """``manifest.toml`` from its bytes, with every era checked."""
    return eras.read_profiles(data, file, _profile, name)


# -- reading ----------------------------------------------------------------------------------------------


def _profile(data: Mapping[str, Any], file: str, script: str | None) -> Profile:
    """:param script: parts with a condition that fails for it are left out; None keeps all, to check them."""
    top = Table(data, "", file)
    versions = top.table("versions")
    variants = top.table("variants")
    names = top.table("names", required=False)
    names_read = tuple((name, _jq(names, name)) for name in names.items())
    words = (*WORDS, *(name for name, _ in names_read))
    for name, _ in names_read:
        if not _WORD.fullmatch(name) or name in WORDS or name in ("root", "key", "keys", "parent", "full"):
            raise names.wrong(name, "a name of small letters that means nothing else")
    full = _full(versions, "full")
    listed = _list_or_jq(variants, "list")
    extra, extra_kept = _extra(top)
    if full is None:
        raise versions.wrong("full", 'a jq expression, or { env = "NAME" }')
    if listed is None:
        raise variants.wrong("list", "a list of variants, or a jq expression")
    profile = Profile(
        file=file,
        image=top.text("image", "the name of the image"),
        repository=top.text("repository", "the https address that it is cloned from", pattern=_URL),
        script=top.text(
            "script", "the generator's path", default="generate-stackbrew-library.sh", pattern=_FILE
        ),
        head=top.choice("head", ("script", "library"), "script"),  # type: ignore[arg-type]
        commit=top.choice("commit", ("copy", "copy-nofrom", "head")),  # type: ignore[arg-type]
        absent=top.choice("absent", ("skip", "stop"), "skip"),  # type: ignore[arg-type]
        fields=_among(top, "fields", FIELDS, FIELDS),
        versions=versions.choice("from", ("json", "directories", "library")),  # type: ignore[arg-type]
        order=versions.choice("order", ORDERS),
        full=full,
        drop=_optional_jq(versions, "drop"),
        aliases=_conditional([_aliases(one) for one in top.tables("aliases")], script),
        extra=extra,
        extra_kept=extra_kept,
        variants=listed,
        names=names_read,
        arches=_list_or_jq(top, "arches"),
        rules=_conditional([_rule(one, words) for one in top.tables("rule")], script),
        without=_conditional([_without(one) for one in top.tables("without", required=False)], script),
        branches=None if top.value("branches") is None else _branches(top.table("branches")),
    )
    for table in (versions, variants, names, top):
        table.done()
    if extra_kept and profile.versions != "library":
        raise top.wrong("extra", "'script' or jq, unless versions.from is 'library'")
    lacking = profile.arches is None and any(rule.arches is None for rule in profile.rules)
    if lacking and "Architectures" in profile.fields:
        raise top.wrong("arches", "a list or jq, since a rule has none")
    return profile


def _conditional(items: Sequence[Any], script: str | None) -> tuple[Any, ...]:
    return tuple(item for item in items if script is None or item.condition.holds(script))


def _regex(table: Table, name: str, default: str = "") -> re.Pattern[str]:
    text = table.text(name, "a regular expression", default=default)
    try:
        return given(text)
    except re.error as error:
        raise table.wrong(name, f"a regular expression ({error})") from error


def _jq(table: Table, name: str) -> str:
    return table.text(name, "a jq expression")


def _optional_jq(table: Table, name: str) -> str | None:
    return table.optional(name, "a jq expression")


def _list_or_jq(table: Table, name: str) -> tuple[str, ...] | str | None:
    value = table.value(name)
    if value is None:
        return None
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    return table.text(name, "a list of texts, or a jq expression")


def _full(table: Table, name: str) -> str | FromEnv | None:
    value = table.value(name)
    if not isinstance(value, dict):
        return table.optional(name, 'a jq expression, or { env = "NAME" }')
    inner = table.table(name)
    variable = inner.text("env", "the name of a variable", pattern=re.compile(r"[A-Z][A-Z0-9_]*"))
    of = inner.value("of")
    if of is not None and not isinstance(of, str):
        raise inner.wrong("of", "a variant")
    inner.done()
    return FromEnv(variable, of)


def _extra(top: Table) -> tuple[str, bool]:
    """``extra``, and whether the present file comes first."""
    if not isinstance(top.value("extra"), dict):
        expected = "'script', jq that gives {key: [alias, …]}, or { library = jq }"
        return top.text("extra", expected, default="{}"), False
    inner = top.table("extra")
    expression = _jq(inner, "library")
    inner.done()
    return expression, True


def _among(table: Table, name: str, known: Iterable[str], default: tuple[str, ...]) -> tuple[str, ...]:
    value = table.texts(name, f"a list of {', '.join(known)}", default=default)
    if not set(value) <= set(known) or len(set(value)) != len(value):
        raise table.wrong(name, f"a list of {', '.join(known)}, each once")
    return value


def _aliases(table: Table) -> Aliases:
    aliases = Aliases(
        order=_among(table, "order", ALIASES, ()),
        match=_regex(table, "match"),
        full=_regex(table, "full"),
        variant=_regex(table, "variant"),
        extra=table.optional("extra", "'script', or jq that gives {key: [alias, …]}"),
        condition=condition_of(table),
    )
    if not aliases.order:
        raise table.wrong("order", f"a list of {', '.join(ALIASES)}")
    table.done()
    return aliases


def _forms(table: Table, name: str, words: tuple[str, ...]) -> tuple[str, ...]:
    value = table.value(name)
    data = [] if value is None else value
    expected = "a list of suffixes, with " + ", ".join("{" + word + "}" for word in words)
    if not isinstance(data, list) or not all(isinstance(one, str) for one in data):
        raise table.wrong(name, expected)
    for one in data:
        found = re.findall(r"\{([^{}]*)\}", one)
        if set(found) - set(words) or re.search(r"[{}\s,]", re.sub(r"\{[^{}]*\}", "", one)):
            raise table.wrong(name, expected)
    return tuple(data)


def _rule(table: Table, words: tuple[str, ...]) -> Rule:
    match = table.text("match", "a regular expression over the variant", default="")
    try:
        re.compile(re.sub(r"\{[a-z][a-z0-9_]*\}", "x", match))
    except re.error as error:
        raise table.wrong("match", f"a regular expression ({error})") from error
    if set(re.findall(r"\{([a-z][a-z0-9_]*)\}", match)) - set(words):
        raise table.wrong("match", f"names among {', '.join(words)} in braces")
    rule = Rule(
        match=match,
        key=_regex(table, "key"),
        condition=condition_of(table),
        tags=_forms(table, "tags", words),
        shared=_forms(table, "shared", words),
        arches=_list_or_jq(table, "arches"),
        constraints=_forms(table, "constraints", words),
        builder=table.text("builder", "a builder of the library file", default=""),
        parent=table.optional("parent", "a variant"),
        full=_full(table, "full"),
    )
    if not rule.tags:
        raise table.wrong("tags", 'one suffix or more ("" is the bare alias)')
    table.done()
    return rule


def _branches(table: Table) -> Branches:
    match = _regex(table, "match")
    if "series" not in match.groupindex:
        raise table.wrong("match", "a regular expression over the branch with a group (?P<series>…)")
    full = _full(table, "full")
    if not isinstance(full, FromEnv):
        raise table.wrong("full", '{ env = "NAME" }')
    branches = Branches(
        match,
        _regex(table, "variants"),
        full,
        tuple(_aliases(one) for one in table.tables("aliases")),
    )
    table.done()
    return branches


def _without(table: Table) -> Without:
    without = Without(
        table.texts("arches", "a list of architectures"),
        _regex(table, "match"),
        _regex(table, "key"),
        _regex(table, "full"),
        condition_of(table),
    )
    table.done()
    return without
