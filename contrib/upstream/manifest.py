"""The library file as upstream's own generator prints it, from a profile: to the byte, without its tools.

A profile (:mod:`contrib.upstream.profile`) says what ``generate-stackbrew-library.sh`` decides; everything
else is read from the image's repository at a commit, and from official-images as it stood, for the parents'
architectures. Nothing is written and nothing but git is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cmp_to_key
from typing import Any

from contrib.clients.git import GitTree, Repository
from contrib.clients.libjq import JqError, evaluate
from contrib.upstream.history import PathSpec, copied_words, last_commits, pathspec
from contrib.upstream.jqtemplate import checked_json
from contrib.upstream.profile import FromEnv, Profile, Profiles, Rule
from contrib.values.errors import BadInput
from contrib.values.tree import Tree, checked_path

#: Entries of one file; the largest real one has 160.
MAX_ENTRIES = 10_000
#: Versions of one file; the largest real one has 20.
MAX_VERSIONS = 2_000
#: Bytes of the generator; the largest real one has 8,000.
MAX_SCRIPT = 256 * 1024

_HEREDOC = re.compile(r"<<(?P<dash>-?)\s*(['\"]?)(?P<end>\w+)\2")
_ALIASES = re.compile(r"^declare -A aliases(?:=\(|\s*\naliases=\()\n", re.MULTILINE)
_ALIAS = re.compile(r"\[(?P<key>[^\[\]]+)\]=['\"]?(?P<words>[^'\"\n]*)")
_STAGE = re.compile(rb"^[ \t]*FROM[ \t]+\S+[ \t]+AS[ \t]+(\S+)", re.IGNORECASE | re.MULTILINE)
_FROM = re.compile(rb"^[ \t]*FROM[ \t]+(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Version:
    """A version's directory: its key, and what the profile's expressions give for it.

    :ivar fulls: jq expression to its value, for each expression of a full version in the profile.
    """

    key: str
    fulls: Mapping[str, object]
    variants: tuple[str, ...]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before its fields are text."""

    version: Version
    variant: str
    directory: str
    rule: Rule
    full: str
    dockerfile: bytes
    words: Mapping[str, str]
    parents: tuple[str, ...]

    @property
    def base(self) -> str:
        """The last component of the variant's path, as upstream's ``basename``."""
        return self.variant.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry of the present library file, by the directory that it has now.

    :ivar was: the variant that its directory there ends with: ``alpine3.21``, where ``variant`` is ``alpine3.22``.
    """

    key: str
    variant: str
    was: str
    fields: Mapping[str, str]

    def listed(self, field: str) -> tuple[str, ...]:
        """The words of a field with a list."""
        return tuple(filter(None, (one.strip() for one in self.fields.get(field, "").split(","))))

    def has(self, field: str, alias: str, form: str) -> bool:
        """Whether ``alias`` has the suffix ``form`` there, with the variant that there was."""
        tag = suffixed([alias], [form], _words(self.was))[0]
        # What else a form may name comes from the Dockerfile that there was: anything fits.
        pattern = re.sub(r"\\\{[a-z0-9_]+\\\}", "[A-Za-z0-9_.-]+", re.escape(tag))
        return any(re.fullmatch(pattern, one) for one in self.listed(field))


@dataclass(frozen=True, slots=True)
class Names:
    """The version aliases of an entry.

    :ivar kept: those of them that it only gets where the present library file's entry has them.
    :ivar standing: that entry; there is one wherever ``kept`` has any.
    """

    aliases: tuple[str, ...]
    kept: frozenset[str] = frozenset()
    standing: Standing | None = None

    def tags(self, field: str, forms: Iterable[str], words: Mapping[str, str]) -> list[str]:
        """:func:`suffixed`, for ``field`` (``Tags`` or ``SharedTags``)."""
        tags: list[str] = []
        for form in forms:
            given = [
                one
                for one in self.aliases
                if one not in self.kept or (self.standing is not None and self.standing.has(field, one, form))
            ]
            tags += suffixed(given, [form], words)
        return tags


class Parents:
    """Architectures of parent images, as official-images' library files tell at one commit."""

    def __init__(self, official_images: Tree) -> None:
        self._tree = official_images
        self._files: dict[str, Any] = {}

    def architectures(self, image: str, file: str) -> tuple[str, ...]:
        """Sorted architectures of ``name:tag``.

        :param file: the Dockerfile that names it, for messages.
        :raises BadInput: where official-images has no such tag.
        """
        from contrib.library import parse

        name, _, tag = image.partition(":")
        tag = tag or "latest"
        if name not in self._files:
            data = None
            if re.fullmatch(r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*", name):
                data = self._tree.read(f"library/{name}")
            if data is not None and (old := _old_tags(data)):
                self._files[name] = old
            else:
                self._files[name] = None if data is None else parse(data, f"library/{name}")
        library = self._files[name]
        if isinstance(library, frozenset):
            if tag in library:
                return ("amd64",)
            library = None
        found = () if library is None else library.find(tag)
        if not found:
            raise BadInput(
                f"its parent {image!r} is not in official-images, so its architectures are not known",
                file=file,
                hint="name another state of official-images: --official-images REPO@REF",
                kind="other-state",
            )
        # bashbrew prints one line an entry of a shared tag, and bash keeps the last.
        architectures: tuple[str, ...] = found[-1].architectures
        return architectures


def _old_tags(data: bytes) -> frozenset[str]:
    """Tags of a file in the form that official-images gave up in 2017 (``tag: url@commit directory``); all amd64."""
    return frozenset(
        one.decode("ascii")
        for one in re.findall(rb"^([\w.-]+): [a-z]+://\S+@[0-9a-f]+(?: \S+)?$", data, re.MULTILINE)
    )


def generate(
    profiles: Profiles,
    repository: Repository,
    commit: str,
    official_images: Tree | None,
    *,
    present: bytes | None = None,
    script: str | None = None,
    only: Sequence[str] = (),
    branches: Mapping[str, str] | None = None,
) -> str:
    """The library file that upstream's generator prints at ``commit``.

    :param profiles: the image's ``manifest.toml``.
    :param repository: the image's repository; :param commit: full id in it.
    :param official_images: the tree that parents' architectures are read from (``library/``).
    :param present: the library file as it stands; what a profile with ``head = "library"`` or
        ``versions.from = "library"`` continues. Read from ``official_images`` when None.
    :param script: path of the generator, where the repository has a second one (redis had one for macOS).
    :param only: versions (keys), as the script's arguments; none is all.
    :param branches: commits that release branches shall be read at (``{"release/8.6": id}``), instead of where
        they are; for a repository with release branches, whose present Linux entries are kept.
    :raises BadInput: for a repository, ``versions.json`` or Dockerfile that the profile does not fit.
    """
    tree = repository.tree(commit)
    path = profiles.script if script is None else checked_path(script)
    if tree.read(path) is None and "branches" in profiles.data:
        if present is None and official_images is not None:
            present = official_images.read(f"library/{profiles.image}")
        heads = {**release_branches(repository), **(branches or {})}
        return _with_branches(profiles.today, repository, heads, present)
    text = _script(profiles, tree, path)
    profile = replace(profiles.at(text), script=path)
    if present is None and official_images is not None:
        present = official_images.read(f"library/{profile.image}")
    standing = _standing(profile, tree, present) if profile.versions == "library" else ()
    root, keys = _keys(profile, tree, standing)
    unknown = [key for key in only if key not in keys]
    if unknown:
        raise BadInput(f"there is no version {unknown[0]!r}", hint=f"there are: {', '.join(keys)}")
    versions = _evaluated(profile, root, keys)
    keys = [version.key for version in versions]
    versions = [version for version in versions if not only or version.key in only]
    drafts = _drafts(profile, versions, tree)
    commits = _commits(profile, repository, commit, drafts)
    architectures = _architectures(profile, root, drafts, official_images)
    aliases = _aliases(profile, drafts, root, text, keys, standing)
    parts = [_head(profile, text, commit, commits, present)]
    for number, draft in enumerate(drafts):
        parts.append(_entry(profile, draft, aliases[number], architectures[number], commits))
    return "\n".join(parts)


def check_fits(profiles: Profiles, repository: Repository, commit: str, script: str | None = None) -> None:
    """Before anything else is read: whether the repository is one that the profile is for.

    :raises BadInput: it has neither the generator's script nor branches of releases.
    """
    tree = repository.tree(commit)
    path = profiles.script if script is None else checked_path(script)
    series = (_series_of(profiles.today, f"refs/heads/{name}") for name in release_branches(repository))
    if tree.read(path) is None and "branches" in profiles.data and any(series):
        return
    _script(profiles, tree, path)


# -- what there is ----------------------------------------------------------------------------------------


def _script(profiles: Profiles, tree: Tree, path: str) -> str:
    data = tree.read(path)
    if data is None:
        if profiles.data.get("head") == "library":
            return ""
        raise BadInput(
            f"has no {path}: not the repository of an image in the layout that the profile of "
            f"{profiles.image!r} is for",
            file=path,
        )
    if len(data) > MAX_SCRIPT:
        raise BadInput(f"has {len(data)} bytes, more than the {MAX_SCRIPT} that a script may have", file=path)
    return data.decode("utf-8", "surrogateescape")


def _keys(profile: Profile, tree: GitTree, standing: Sequence[Standing]) -> tuple[Any, list[str]]:
    """What the profile's expressions read as ``$root``, and the versions in upstream's order."""
    root: Any = None
    if profile.versions == "json":
        root = _versions_json(tree)
        keys = list(root)
    elif profile.versions == "directories":
        entries = tree.repository.entries(tree.sha).items()
        found = [name for name, entry in entries if entry.is_directory and not name.startswith(".")]
        # bash's glob "*/" sorts with the slash.
        keys = sorted(found, key=lambda name: name + "/")
        root = {key: {"variants": _variants_below(tree, key)} for key in keys}
    else:
        root = _directories_of(standing)
        keys = list(root)
    for key in keys:
        checked_path(key)
    return root, _ordered(keys, profile.order)


def _variants_below(tree: GitTree, key: str) -> list[str]:
    """Directories of a version that hold a Dockerfile, relative to it; "" is itself. Sorted."""
    found = [path.removeprefix(key + "/") for path in tree.paths(key)]
    return sorted(
        path[: -len("Dockerfile")].rstrip("/") for path in found if path.rpartition("/")[2] == "Dockerfile"
    )


def _versions_json(tree: Tree) -> dict[str, Any]:
    data = tree.read("versions.json")
    if data is None:
        raise BadInput("has no versions.json: not a repository in the templated layout", file="versions.json")
    _, root = checked_json(data, "versions.json")
    if not isinstance(root, dict) or not all(
        value is None or isinstance(value, dict) for value in root.values()
    ):
        raise BadInput("expected an object with an object (or null) for each version", file="versions.json")
    if len(root) > MAX_VERSIONS:
        raise BadInput(
            f"has {len(root)} versions, more than the {MAX_VERSIONS} that are read", file="versions.json"
        )
    return root


def _standing(profile: Profile, tree: GitTree, present: bytes | None) -> tuple[Standing, ...]:
    """The entries of the present library file.

    A variant whose directory is gone is the one directory of its kind that is there (``alpine3.21`` is
    ``alpine3.22`` now), a version the one of its series (``2.9.21`` is ``2.9.22``); which series and Windows
    releases there are is the file's.
    """
    from contrib.library.source import Source

    if present is None:
        raise BadInput(
            f"there is no library/{profile.image} to go by",
            hint="name official-images: --official-images REPO[@REF]",
        )
    found: list[Standing] = []
    roots = [name for name, entry in tree.repository.entries(tree.sha).items() if entry.is_directory]
    for fields in (block.values for block in Source(present).blocks):
        if "Directory" not in fields:
            continue
        key, _, was = fields["Directory"].partition("/")
        key = _heir(key, roots, _series)
        variant = _heir(was, _variants_below(tree, key), _kind)
        found.append(Standing(key, variant, was, fields))
    return tuple(found)


def _directories_of(standing: Sequence[Standing]) -> dict[str, Any]:
    """Versions as the present file has them: ``{version: {"variants": […], "arches": {variant: […]}}}``."""
    root: dict[str, Any] = {}
    for one in standing:
        version = root.setdefault(one.key, {"variants": [], "arches": {}})
        if one.variant not in version["variants"]:
            version["variants"].append(one.variant)
            version["arches"][one.variant] = list(one.listed("Architectures"))
    return root


def _heir(name: str, there: Sequence[str], kind: Callable[[str], str]) -> str:
    """``name``, or where it is gone the one of its kind, if there is one."""
    heirs = [one for one in there if kind(one) == kind(name)]
    return heirs[0] if name not in there and len(heirs) == 1 else name


def _series(version: str) -> str:
    """Major and minor of a version's directory, with what is before (``v``)."""
    found = re.match(r"[a-z]*[0-9]+\.[0-9]+", version)
    return version if found is None else found[0]


def _kind(variant: str) -> str:
    """The letters that a variant begins with."""
    return variant[: len(variant) - len(variant.lstrip("abcdefghijklmnopqrstuvwxyz"))]


def _evaluated(profile: Profile, root: Any, keys: list[str]) -> list[Version]:
    """The profile's expressions for every version, in one run of jq."""
    wanted = (profile.full, *(rule.full for rule in profile.rules))
    fulls = list(dict.fromkeys(one for one in wanted if isinstance(one, str)))
    listed = profile.variants if isinstance(profile.variants, str) else "null"
    answers: list[dict[str, Any]]
    if profile.names or profile.drop or fulls or listed != "null":
        names = "".join(f"({expression}) as ${name} | " for name, expression in profile.names)
        program = (
            f".root as $root | .keys as $keys | [$keys[] as $key | ($root | .[$key]?) | {names}"
            f"{{fulls: [{', '.join(f'({one})' for one in fulls)}], variants: ({listed}), "
            f"drop: ({profile.drop or 'false'}), "
            f"names: {{{', '.join(f'{name}: ${name}' for name, _ in profile.names)}}}}}]"
        )
        answers = _jq(profile, program, {"root": root, "keys": keys})[0]
    else:
        answers = [{"fulls": [], "variants": None, "drop": False, "names": {}}] * len(keys)
    versions: list[Version] = []
    for key, answer in zip(keys, answers, strict=True):
        if answer["drop"] is True:
            continue
        variants = answer["variants"] if isinstance(profile.variants, str) else list(profile.variants)
        if not isinstance(variants, list) or not all(isinstance(one, str) for one in variants):
            raise BadInput(
                f"{key!r}: expected a list of variants, not {variants!r:.60}", file="versions.json"
            )
        for variant in filter(None, variants):
            checked_path(variant)
        names_of = {n: v if isinstance(v, str) else "null" for n, v in answer["names"].items()}
        versions.append(
            Version(key, dict(zip(fulls, answer["fulls"], strict=True)), tuple(variants), names_of)
        )
    return versions


def _checked_version(text: object, where: str, file: str) -> str:
    if not isinstance(text, str) or not re.fullmatch(r"[0-9A-Za-z_][0-9A-Za-z_.-]*", text):
        raise BadInput(f"{where}: expected a full version, not {text!r:.60}", file=file)
    return text


def _jq(profile: Profile, program: str, value: object) -> list[Any]:
    try:
        return evaluate(program, value)
    except JqError as error:
        what = "is not jq" if error.compiling else "does not fit what the repository has"
        message = re.sub(r"\s+", " ", error.message.split("\n", 1)[0]).removeprefix("jq: error: ")
        raise BadInput(f"an expression of the profile {what}: {message}", file=profile.file) from error


def _drafts(profile: Profile, versions: Sequence[Version], tree: GitTree) -> list[Draft]:
    wanted = {
        (version.key, variant): f"{version.key}/{variant}".rstrip("/")
        for version in versions
        for variant in version.variants
    }
    if len(wanted) > MAX_ENTRIES:
        raise BadInput(f"has {len(wanted)} variants, more than the {MAX_ENTRIES} that are read")
    contents = tree.read_all(f"{directory}/Dockerfile" for directory in wanted.values())
    drafts: list[Draft] = []
    for version in versions:
        for variant in version.variants:
            directory = wanted[version.key, variant]
            dockerfile = contents.get(f"{directory}/Dockerfile")
            if dockerfile is None:
                if profile.absent == "skip":
                    continue
                raise BadInput("there is no such file at this commit", file=f"{directory}/Dockerfile")
            rule = _rule(profile, version, variant)
            drafts.append(_draft(profile, version, variant, directory, rule, dockerfile, contents, wanted))
    return drafts


def _rule(profile: Profile, version: Version, variant: str) -> Rule:
    for rule in profile.rules:
        pattern = re.sub(
            r"\{([a-z][a-z0-9_]*)\}", lambda found: re.escape(version.names.get(found[1], "")), rule.match
        )
        if re.search(pattern, variant) and rule.key.search(version.key):
            return rule
    raise BadInput(
        f"no rule of the profile fits the variant {variant!r} of {version.key!r}", file=profile.file
    )


def _draft(
    profile: Profile,
    version: Version,
    variant: str,
    directory: str,
    rule: Rule,
    dockerfile: bytes,
    contents: Mapping[str, bytes],
    wanted: Mapping[tuple[str, str], str],
) -> Draft:
    source = dockerfile
    where = f"{directory}/Dockerfile"
    if rule.parent is not None:
        where = f"{version.key}/{rule.parent}/Dockerfile"
        found = contents.get(where)
        if found is None:
            raise BadInput("there is no such file at this commit", file=where)
        source = found
    # A stage that an earlier FROM has named is no image.
    stages = {name.lower() for name in _STAGE.findall(source)}
    froms = (one for one in _FROM.findall(source) if one.lower() not in stages)
    parents = tuple(dict.fromkeys(one.decode("utf-8", "replace") for one in froms))
    words = {**version.names, **_words(variant)}
    if any("{suite}" in form for form in (*rule.tags, *rule.shared)):
        if not parents:
            raise BadInput("has no FROM", file=where)
        words["suite"] = parents[0].partition(":")[2].removesuffix("-slim")
    expression = profile.full if rule.full is None else rule.full
    if isinstance(expression, FromEnv):
        full = _full_of_env(version, variant, expression, contents, wanted)
    else:
        full = _checked_version(version.fulls[expression], version.key, "versions.json")
    return Draft(version, variant, directory, rule, full, dockerfile, words, parents)


def _words(variant: str) -> dict[str, str]:
    """What forms can name of a variant alone."""
    base = variant.rpartition("/")[2]
    kind, _, release = base.partition("-")
    return {"variant": base, "kind": kind, "release": release}


def _full_of_env(
    version: Version,
    variant: str,
    expression: FromEnv,
    contents: Mapping[str, bytes],
    wanted: Mapping[tuple[str, str], str],
) -> str:
    """The third word of the first ``ENV NAME value`` line (``ENV NAME=value`` too)."""
    if expression.of is not None:
        pattern = re.compile(expression.of)
        variant = next((one for one in version.variants if pattern.search(one)), variant)
    where = f"{wanted[version.key, variant]}/Dockerfile"
    name = re.escape(expression.variable.encode())
    found = re.search(
        rb"^[ \t]*ENV[ \t]+" + name + rb"(?:[ \t]+|=)([^\s\"']+)", contents.get(where, b""), re.MULTILINE
    )
    return _checked_version(
        None if found is None else found[1].decode("utf-8", "replace"), f"ENV {expression.variable}", where
    )


# -- commits and architectures ----------------------------------------------------------------------------


def _commits(
    profile: Profile, repository: Repository, commit: str, drafts: Sequence[Draft]
) -> dict[str, str]:
    """Directory to the commit that its entry names, and the script's path to its own."""
    sets: dict[str, Sequence[PathSpec]] = {}
    if profile.head == "script":
        sets[profile.script] = [pathspec(profile.script)]
    if profile.commit != "head":
        for draft in drafts:
            try:
                words = copied_words(draft.dockerfile, skip_from=profile.commit == "copy-nofrom")
                specs = [pathspec(word, draft.directory) for word in ("Dockerfile", *words)]
            except BadInput as error:
                error.file = f"{draft.directory}/Dockerfile"
                raise
            sets[draft.directory] = specs
    found = last_commits(repository, commit, sets)
    commits: dict[str, str] = {}
    for path, sha in found.items():
        if sha is None:
            raise BadInput("was never committed", file=path)
        commits[path] = sha
    if profile.commit == "head":
        commits.update((draft.directory, commit) for draft in drafts)
    return commits


def _architectures(
    profile: Profile, root: Any, drafts: Sequence[Draft], official_images: Tree | None
) -> list[tuple[str, ...]]:
    """The architectures of each draft, in upstream's order."""
    parents = None if official_images is None else Parents(official_images)
    answers: dict[int, tuple[str, ...]] = {}
    requests: list[dict[str, Any]] = []
    expressions: list[str] = []
    for number, draft in enumerate(drafts):
        arches = profile.arches if draft.rule.arches is None else draft.rule.arches
        if not arches or "Architectures" not in profile.fields:
            continue  # the entry has no such field
        if not isinstance(arches, str):
            answers[number] = arches
            continue
        parent: tuple[str, ...] = ()
        if "$parent" in arches:
            parent = _parent_architectures(draft, parents)
        if arches.strip() == "$parent":
            answers[number] = parent
            continue
        if arches not in expressions:
            expressions.append(arches)
        requests.append(
            {
                "number": number,
                "expression": expressions.index(arches),
                "key": draft.version.key,
                "variant": draft.base,
                "full": draft.full,
                "parent": list(parent),
                "names": dict(draft.version.names),
            }
        )
    if requests:
        names = "".join(f".names.{name} as ${name} | " for name, _ in profile.names)
        cases = " ".join(
            f"{'if' if n == 0 else 'elif'} $expression == {n} then ({one})"
            for n, one in enumerate(expressions)
        )
        program = (
            ".root as $root | .keys as $keys | [.requests[] | .key as $key | .variant as $variant | "
            ".full as $full | .parent as $parent | .expression as $expression | "
            f"{names}$root[$key]? | {cases} else null end]"
        )
        keys = list(dict.fromkeys(draft.version.key for draft in drafts))
        results = _jq(profile, program, {"root": root, "keys": keys, "requests": requests})[0]
        for request, result in zip(requests, results, strict=True):
            if not isinstance(result, list) or not all(
                isinstance(one, str) and re.fullmatch(r"[a-z0-9-]+", one) for one in result
            ):
                raise BadInput(
                    f"{request['key']!r}: expected a list of architectures, not {result!r:.60}",
                    file="versions.json",
                )
            answers[request["number"]] = tuple(result)
    return [
        _less(profile, draft, answers[number]) if number in answers else ()
        for number, draft in enumerate(drafts)
    ]


def _parent_architectures(draft: Draft, parents: Parents | None) -> tuple[str, ...]:
    where = f"{draft.directory}/Dockerfile"
    if parents is None:
        raise BadInput(
            "its architectures are those of its parent, which official-images tells",
            file=where,
            hint="name it: --official-images REPO[@REF]",
        )
    if len(draft.parents) != 1:
        raise BadInput(
            f"expected FROM lines with one parent, not {', '.join(draft.parents) or 'none'}", file=where
        )
    return parents.architectures(draft.parents[0], where)


def _less(profile: Profile, draft: Draft, arches: tuple[str, ...]) -> tuple[str, ...]:
    for without in profile.without:
        if (
            without.match.search(draft.variant)
            and without.key.search(draft.version.key)
            and without.full.search(draft.full)
        ):
            arches = tuple(one for one in arches if one not in without.arches)
    if not arches:
        raise BadInput("has no supported architecture", file=f"{draft.directory}/Dockerfile")
    return arches


# -- text -------------------------------------------------------------------------------------------------


def _head(
    profile: Profile, script: str, commit: str, commits: Mapping[str, str], present: bytes | None
) -> str:
    if profile.head == "library":
        if present is None:
            raise BadInput(f"there is no library/{profile.image} whose head could be kept")
        text = present.decode("utf-8", "surrogateescape").partition("\n\n")[0] + "\n"
        return re.sub(r"^GitCommit:.*$", f"GitCommit: {commit}", text, flags=re.MULTILINE)
    text, line = _here_document(script)
    if not line:
        raise BadInput(
            "has no here-document with Maintainers, the head of the library file", file=profile.script
        )
    text = text.replace('$(fileCommit "$self")', commits[profile.script])
    text = text.replace("$self", profile.script.rpartition("/")[2])
    if "$" in text or "`" in text:
        raise BadInput(
            "its head holds an expansion that is not known here",
            file=profile.script,
            line=line,
        )
    return text


def _here_document(script: str) -> tuple[str, int]:
    """The first here-document with a line ``Maintainers:``, and the line it begins at; 0 when there is none."""
    lines = script.split("\n")
    number = 0
    while number < len(lines):
        found = _HEREDOC.search(lines[number])
        number += 1
        if found is None:
            continue
        begin = number + 1
        body: list[str] = []
        while number < len(lines):
            line = lines[number].lstrip("\t") if found["dash"] else lines[number]
            number += 1
            if line == found["end"]:
                break
            body.append(line)
        if any(line.startswith("Maintainers:") for line in body):
            return "".join(line + "\n" for line in body), begin
    return "", 0


def _extra(
    profile: Profile, source: str, root: Any, script: str, keys: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Further aliases of each key (``latest``)."""
    if source == "script":
        found = _ALIASES.search(script)
        end = -1 if found is None else script.find("\n)", found.end() - 1)
        if found is None or end < 0:
            raise BadInput("has no 'declare -A aliases=(' table", file=profile.script)
        body = script[found.end() : end]
        lines = [line for line in body.split("\n") if not line.lstrip().startswith("#")]
        return {
            one["key"].strip("'\""): tuple(one["words"].split()) for one in _ALIAS.finditer("\n".join(lines))
        }
    if source == "{}":
        return {}
    program = f".root as $root | .keys as $keys | $root | ({source})"
    value = _jq(profile, program, {"root": root, "keys": list(keys)})
    if len(value) != 1 or not isinstance(value[0], dict):
        raise BadInput("extra: expected an object of lists", file=profile.file)
    return {key: tuple(str(one) for one in words) for key, words in value[0].items()}


def _settled(standing: Sequence[Standing]) -> bool:
    """Whether each entry of the present file has tags, and no other entry has them: nobody is at work there."""
    tags = [one.listed("Tags") for one in standing]
    every = [tag for one in tags for tag in one]
    return all(tags) and len(set(every)) == len(every)


def _aliases(
    profile: Profile,
    drafts: Sequence[Draft],
    root: Any,
    script: str,
    keys: Sequence[str],
    standing: Sequence[Standing] = (),
) -> list[Names]:
    """The version aliases of each draft."""
    extras: dict[str, dict[str, tuple[str, ...]]] = {}
    found: list[Names] = []
    # The first of several with one directory counts, as for the architectures.
    entries = {(one.key, one.variant): one for one in reversed(standing)}
    keeps = profile.extra_kept and _settled(standing)
    for draft in drafts:
        key = draft.version.key
        rule = next(
            (
                one
                for one in profile.aliases
                if one.match.search(key) and one.full.search(draft.full) and one.variant.search(draft.variant)
            ),
            None,
        )
        if rule is None:
            raise BadInput(
                f"no [[aliases]] of the profile fits {draft.directory!r} at {draft.full}", file=profile.file
            )
        source = profile.extra if rule.extra is None else rule.extra
        if "extra" in rule.order and source not in extras:
            extras[source] = _extra(profile, source, root, script, keys)
        entry = entries.get((key, draft.variant)) if keeps and rule.extra is None else None
        if entry is not None:
            own = version_aliases(rule.order, key, draft.full, ())
            every = dict.fromkeys(word for some in extras.get(source, {}).values() for word in some)
            words = tuple(word for word in every if word not in own)
            names = version_aliases(rule.order, key, draft.full, words)
            found.append(Names(names, frozenset(words), entry))
            continue
        extra = extras.get(source, {}).get(key, ())
        found.append(Names(version_aliases(rule.order, key, draft.full, extra)))
    return found


def version_aliases(order: Sequence[str], key: str, full: str, extra: Sequence[str]) -> tuple[str, ...]:
    """The tags that a version has without any variant, in upstream's order.

    >>> version_aliases(["cut.", "key", "extra"], "7.2", "7.2.5", ["7", "latest"])
    ('7.2.5', '7.2', '7', 'latest')
    """
    aliases: list[str] = []
    cut = full
    for kind in order:
        if kind == "full":
            aliases += [full] if full != key or "key" not in order else []
        elif kind == "key":
            aliases.append(key)
        elif kind == "key?":
            aliases += [key] if cut != key else []
        elif kind in ("cut.", "cut.-"):
            marks = "." if kind == "cut." else ".-"
            while cut != key and any(mark in cut for mark in marks):
                aliases.append(cut)
                cut = cut[: max(cut.rfind(mark) for mark in marks)]
        elif kind in ("minor", "major"):
            parts = full.split(".")
            size = 2 if kind == "minor" else 1
            if len(parts) > size and all(part.isdigit() for part in parts[:size]):
                aliases.append(".".join(parts[:size]))
        else:
            aliases += extra
    return tuple(aliases)


def suffixed(aliases: Sequence[str], forms: Iterable[str], words: Mapping[str, str]) -> list[str]:
    """Every alias with every suffix, form by form; ``latest-`` is cut, a bare alias stays as it is."""
    tags: list[str] = []
    for form in forms:
        first, suffix = form.startswith("1:"), form.removeprefix("1:")
        for name, value in words.items():
            suffix = suffix.replace("{" + name + "}", value)
        for alias in aliases[:1] if first else aliases:
            tags.append((alias + suffix).replace("latest-", "") if suffix else alias)
    return tags


def _entry(
    profile: Profile,
    draft: Draft,
    names: Names,
    architectures: Sequence[str],
    commits: Mapping[str, str],
) -> str:
    constraints = [suffixed([""], [form], draft.words)[0] for form in draft.rule.constraints]
    values = {
        "Tags": ", ".join(names.tags("Tags", draft.rule.tags, draft.words)),
        "SharedTags": ", ".join(names.tags("SharedTags", draft.rule.shared, draft.words)),
        "Architectures": ", ".join(architectures),
        "GitCommit": commits[draft.directory],
        "GitFetch": "",
        "Directory": draft.directory,
        "Builder": draft.rule.builder,
        "Constraints": ", ".join(constraints),
    }
    return "".join(f"{name}: {values[name]}\n" for name in profile.fields if values[name])


# -- release branches -------------------------------------------------------------------------------------


def release_branches(repository: Repository) -> dict[str, str]:
    """Branches and their commits; those of the remote come before local copies that only they hide."""
    found: dict[str, str] = {}
    for prefix in ("refs/heads/", "refs/remotes/origin/", "refs/remotes/upstream/"):
        for name, sha in repository.refs(prefix).items():
            found.setdefault(name.removeprefix(prefix), sha)
    return found


def _with_branches(
    profile: Profile, repository: Repository, heads: Mapping[str, str], present: bytes | None
) -> str:
    """The present library file with the entries of the release branches' own directories, format preserved."""
    from contrib.library import Editor, parse

    assert profile.branches is not None
    where = f"library/{profile.image}"
    if present is None:
        raise BadInput(
            f"there is no {where}, whose Linux entries are kept",
            hint="name official-images: --official-images REPO[@REF]",
        )
    file = parse(present, where)
    ours = profile.branches.variants
    linux = [one.tags for one in file.entries if not ours.search(one.directory)]
    wanted = _branch_entries(profile, repository, heads, linux)
    editor = Editor(file)
    there = {
        (one.git_fetch, one.directory): one
        for one in file.entries
        if ours.search(one.directory) and _series_of(profile, one.git_fetch) is not None
    }
    for key, one in there.items():
        if key not in {(new.git_fetch, new.directory) for _, new in wanted}:
            editor.remove(one)
    for series, new in wanted:
        old = there.get((new.git_fetch, new.directory))
        if old is not None:
            editor.replace(old, old.replaced(**{name: getattr(new, name) for name in _OURS}))
            continue
        # Behind the last of the series' entries that stay, the new ones in their order.
        tag = re.compile(re.escape(series) + r"(?:[.-]|\Z)")
        family = [
            one
            for one in file.entries
            if any(tag.match(name) for name in one.tags)
            and (one not in there.values() or (one.git_fetch, one.directory) in {_key(n) for _, n in wanted})
        ]
        fresh = new.replaced(
            maintainers=file.header.maintainers,
            git_repo=file.header.git_repo,
        )
        editor.insert(fresh, after=family[-1] if family else None)
    text = editor.result().decode("utf-8", "surrogateescape")
    # Release automation's files end without a newline, and stay so.
    return text if present.endswith(b"\n") else text.removesuffix("\n")


_OURS = ("tags", "shared_tags", "architectures", "git_commit", "git_fetch", "directory", "constraints")


def _key(entry: Any) -> tuple[str, str]:
    return entry.git_fetch, entry.directory


def _series_of(profile: Profile, fetch: str) -> str | None:
    assert profile.branches is not None
    found = profile.branches.match.search(fetch.removeprefix("refs/heads/"))
    return found["series"] if found is not None and fetch.startswith("refs/heads/") else None


def _names_of(series: str, linux: Sequence[Sequence[str]]) -> list[str]:
    """The names without a series that a series has on Linux: ``8`` and ``latest``.

    >>> _names_of("8.8", [("8.8.2", "8.8", "8", "8-trixie", "trixie", "latest"), ("8.6.6", "8.6")])
    ['8', 'latest']
    """
    return [
        tag
        for tags in linux
        if series in tags
        for tag in tags
        if tag == "latest" or series.startswith(f"{tag}.")
    ]


def _branch_entries(
    profile: Profile, repository: Repository, heads: Mapping[str, str], linux: Sequence[Sequence[str]]
) -> list[tuple[str, Any]]:
    """(series, entry) for each directory, newest series first, servercore before nanoserver.

    :param linux: the tags of each Linux entry; what is made of them is at ``linux`` of a series in the aliases' data.
    """
    from contrib.library import Entry

    assert profile.branches is not None
    found: list[tuple[str, str, str, Draft]] = []
    for branch, sha in heads.items():
        named = profile.branches.match.search(branch)
        if named is None:
            continue
        tree = repository.tree(sha)
        paths = [path for path in tree.paths() if path.endswith("/Dockerfile")]
        directories = [path[: -len("/Dockerfile")] for path in paths]
        ours = sorted((one for one in directories if profile.branches.variants.search(one)), reverse=True)
        contents = tree.read_all(f"{one}/Dockerfile" for one in ours)
        version = Version(named["series"], {}, tuple(ours), {name: "" for name, _ in profile.names})
        places = {(version.key, one): one for one in ours}
        for variant in ours:
            rule = _rule(profile, version, variant)
            full = _full_of_env(version, variant, profile.branches.full, contents, places)
            words = _words(variant)
            dockerfile = contents[f"{variant}/Dockerfile"]
            draft = Draft(version, variant, variant, rule, full, dockerfile, words, ())
            found.append((branch, sha, version.key, draft))
    keys = _ordered(list(dict.fromkeys(key for _, _, key, _ in found)), "version-desc")
    found.sort(key=lambda one: keys.index(one[2]))
    drafts = [draft for _, _, _, draft in found]
    root = {
        key: {
            "variants": [one.variant for one in drafts if one.version.key == key],
            "linux": _names_of(key, linux),
        }
        for key in keys
    }
    inner = replace(profile, aliases=profile.branches.aliases)
    aliases = _aliases(inner, drafts, root, "", keys)
    entries: list[tuple[str, Any]] = []
    taken: set[str] = set()
    for (branch, sha, series, draft), names in zip(found, aliases, strict=True):
        commit = last_commits(repository, sha, {"": [draft.directory]})[""]
        if not isinstance(draft.rule.arches, tuple) or commit is None:
            raise BadInput("arches: expected a list for directories of release branches", file=profile.file)
        shared = names.tags("SharedTags", draft.rule.shared, draft.words)
        tags = [tag for tag in names.tags("Tags", draft.rule.tags, draft.words) if tag not in taken]
        taken.update(tags)
        entries.append(
            (
                series,
                Entry(
                    tags=tuple(tags),
                    shared_tags=tuple(shared),
                    architectures=draft.rule.arches,
                    git_commit=commit,
                    git_fetch=f"refs/heads/{branch}",
                    directory=draft.directory,
                    constraints=tuple(
                        suffixed([""], [form], draft.words)[0] for form in draft.rule.constraints
                    ),
                ),
            )
        )
    return entries


# -- order ------------------------------------------------------------------------------------------------


def _ordered(keys: list[str], order: str) -> list[str]:
    if order == "file":
        return keys
    if order == "key":
        return sorted(keys)
    if order == "version-desc":
        return sorted(keys, key=cmp_to_key(compare_versions), reverse=True)
    return sorted(keys, key=_parts)[::-1]


def _parts(key: str) -> list[tuple[int, float, str]]:
    """Split at ``.`` and ``-``; numbers as numbers, which come before words, as jq sorts."""
    parts: list[tuple[int, float, str]] = []
    for part in re.split(r"[.-]", key):
        number = re.fullmatch(r"\d+", part) is not None
        parts.append((0, float(part), "") if number else (1, 0.0, part))
    return parts


def _without_suffixes(text: str) -> str:
    """A name without what looks like ends of file names (``.tar.gz``), which are compared last."""
    pieces = text.split(".")
    while len(pieces) > 1 and re.fullmatch(r"[A-Za-z~][A-Za-z0-9~]*", pieces[-1]):
        pieces.pop()
    return ".".join(pieces)


def compare_versions(one: str, two: str) -> int:
    """As ``sort -V`` of GNU orders two names: below zero, zero or above.

    Runs of digits count as numbers, letters come before other characters, ``~`` before the end, and a file's
    suffix (``.tar.gz``) only decides where all else is equal.
    """
    if one == two:
        return 0
    hidden = one.startswith("."), two.startswith(".")
    if hidden[0] != hidden[1]:
        return -1 if hidden[0] else 1
    stems = [_without_suffixes(text) for text in (one, two)]
    result = _compare(*stems) if stems[0] != stems[1] else 0
    if result == 0:
        result = _compare(one, two)
    return result or (-1 if one < two else 1)


_DIGITS = "0123456789"


def _compare(one: str, two: str) -> int:
    def rank(char: str) -> int:
        if char == "" or char in _DIGITS:
            return 0
        if char == "~":
            return -1
        return ord(char) if char.isascii() and char.isalpha() else ord(char) + 256

    i = j = 0
    while i < len(one) or j < len(two):
        while (i < len(one) and one[i] not in _DIGITS) or (j < len(two) and two[j] not in _DIGITS):
            left, right = one[i : i + 1], two[j : j + 1]
            if rank(left) != rank(right):
                return rank(left) - rank(right)
            i, j = i + 1, j + 1
        runs = []
        for text, at in ((one, i), (two, j)):
            end = at
            while end < len(text) and text[end] in _DIGITS:
                end += 1
            runs.append(text[at:end])
        i, j = i + len(runs[0]), j + len(runs[1])
        # As texts: a number of any length, which int refuses.
        numbers = [(len(run.lstrip("0")), run.lstrip("0")) for run in runs]
        if numbers[0] != numbers[1]:
            return -1 if numbers[0] < numbers[1] else 1
    return 0
