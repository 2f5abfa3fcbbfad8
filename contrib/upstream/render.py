"""What ``apply-templates.sh`` does, from data: which templates make which files, with which variables.

The loops of the repositories' scripts differ in a few decisions; ``library_templates/<image>/render.toml``
states them (vocabulary: ``library_templates/README.md``). Everything is rendered before anything is given
back, so that a template with an error changes nothing.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contrib.clients.libjq import JqError, Worker, evaluate
from contrib.upstream import eras
from contrib.upstream.eras import Condition, condition_of
from contrib.upstream.jqtemplate import Program, checked_json, compile_template, render
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput
from contrib.values.tables import Table
from contrib.values.tree import FileChange, Tree, checked_path

#: Files of one run; the largest real repository has 400.
MAX_FILES = 20_000
#: Bytes of the script; the largest real one has 3,000.
MAX_SCRIPT = 256 * 1024

#: Names in braces that templates' names and variables may use.
WORDS = ("version", "series", "path", "variant", "kind", "base", "release")

_HEREDOC = re.compile(r"<<(?P<dash>-?)\s*(['\"]?)(?P<end>\w+)\2")

# bashbrew's template-helper-functions.jq has this one function: an SPDX document for one package, which the
# templates of redis printed from 2023-12 to 2024-05. Written anew; the order of the keys is what they print.
_SBOM = rb"""
def sbom:
  . as $it
  | "SPDXRef-Package--\($it.name)" as $reference
  | ([$it.params | to_entries[] | "\(.key)=\(.value)"] | join("&")) as $query
  | {
      spdxVersion: "SPDX-2.3",
      SPDXID: "SPDXRef-DOCUMENT",
      name: "\($it.name)-sbom",
      packages: [
        ({
          name: $it.name,
          versionInfo: $it.version,
          SPDXID: $reference,
          externalRefs: [{
            referenceCategory: "PACKAGE-MANAGER",
            referenceType: "purl",
            referenceLocator: "pkg:generic/\($it.name)@\($it.version)?\($query)"
          }]
        }
        | if $it.licenses then .licenseDeclared = ($it.licenses | join(" AND ")) else . end
        | if $it.supplier then .supplier = $it.supplier else . end)
      ]
    };
"""
#: Modules that upstream's scripts download and we have: path to text.
HELPERS: Mapping[str, bytes] = {
    ".template-helper-functions.jq": _SBOM,
    "template-helper-functions.jq": _SBOM,
}


@dataclass(frozen=True, slots=True)
class Copy:
    """A file copied beside the Dockerfile, with its mode; ``replace`` is done to its text.

    ``*`` in its last component matches any files of that directory.
    """

    file: str
    replace: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RenderRule:
    """What is made in the directories of some variants; the first that fits holds.

    :ivar match: over the variant's path; :ivar key: over the version. Their named groups are words.
    """

    match: re.Pattern[str]
    key: re.Pattern[str]
    template: str
    environment: tuple[tuple[str, str], ...]
    copies: tuple[Copy, ...]
    dockerfile: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class RenderRules:
    """A ``render.toml`` at one state of the script.

    :ivar variants: a list, or jq over the version's object, of directories below the version ("" is itself).
    :ivar directory: of a version, with ``{version}``.
    :ivar clean: which versions' directories are removed first: of ``all``, of those that are ``null`` in
        versions.json alone, or of ``none``.
    """

    file: str
    image: str
    repository: str
    script: str
    versions: str
    variants: tuple[str, ...] | str
    directory: str
    clean: str
    rules: tuple[RenderRule, ...]


#: A ``render.toml``, with its eras.
RenderProfiles = eras.Profiles[RenderRules]


def load(name: str, templates_dir: Path | None = None) -> RenderProfiles:
    """How an image's Dockerfiles are rendered.

    :param templates_dir: the directory of the images' folders; the package's own when None.
    :raises BadInput: there is none, or it is wrong (file, key, what is expected).
    """
    return eras.load_profiles(
        name,
        "render.toml",
        templates_dir,
        _rules,
        unknown="how the templates of {name} are rendered is not known",
    )


@bounded("file")
def read(data: bytes, file: str, name: str | None = None) -> RenderProfiles:
    """``render.toml`` from its bytes, with every era checked."""
    return eras.read_profiles(data, file, _rules, name)


def _rules(data: Mapping[str, Any], file: str, script: str | None) -> RenderRules:
    name = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")
    top = Table(data, "", file)
    variants = top.value("variants")
    if isinstance(variants, list) and all(isinstance(one, str) for one in variants):
        variants = tuple(variants)
    elif not isinstance(variants, str):
        raise top.wrong("variants", "a list of directories, or a jq expression")
    rules = RenderRules(
        file=file,
        image=top.text("image", "the name of the image"),
        repository=top.text(
            "repository", "the https address that it is cloned from", pattern=re.compile(r"https://\S+")
        ),
        script=top.text("script", "the script's path", default="apply-templates.sh", pattern=name),
        versions=top.text("versions", "the path of a JSON file", default="versions.json", pattern=name),
        variants=variants,
        directory=_text_with(top, "directory", ("version",), "{version}"),
        clean=top.choice("clean", ("all", "null", "none"), "all"),
        rules=tuple(_rule(one) for one in top.tables("rule")),
    )
    top.done()
    kept = tuple(one for one in rules.rules if script is None or one.condition.holds(script))
    return dataclasses.replace(rules, rules=kept)


def _rule(table: Table) -> RenderRule:
    match = _regex(table, "match")
    key = _regex(table, "key")
    words = (*WORDS, *match.groupindex, *key.groupindex)
    environment = table.table("environment", required=False)
    names = tuple(environment.items())
    for variable in names:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", variable):
            raise environment.wrong(variable, "the name of a variable")
    copies: list[Copy] = []
    listed = table.value("copy")
    each: list[Any] = [] if listed is None else listed if isinstance(listed, list) else [None]
    for one in each:
        found: Any = {"file": one} if isinstance(one, str) else one
        if (
            not isinstance(found, dict)
            or not isinstance(found.get("file"), str)
            or set(found) - {"file", "replace"}
        ):
            raise table.wrong("copy", 'a list of paths, or of { file = "…", replace = { old = "new" } }')
        replace: Any = found.get("replace", {})
        if not isinstance(replace, dict) or not all(isinstance(text, str) for text in replace.values()):
            raise table.wrong("copy", 'a list of paths, or of { file = "…", replace = { old = "new" } }')
        copies.append(Copy(checked_path(found["file"]), tuple(replace.items())))
    rule = RenderRule(
        match=match,
        key=key,
        template=_text_with(table, "template", words, None),
        environment=tuple((one, _text_with(environment, one, words, None)) for one in names),
        copies=tuple(copies),
        dockerfile=_text_with(table, "dockerfile", (), "Dockerfile"),
        condition=condition_of(table),
    )
    table.done()
    return rule


def _regex(table: Table, name: str) -> re.Pattern[str]:
    try:
        return re.compile(table.text(name, "a regular expression", default=""))
    except re.error as error:
        raise table.wrong(name, f"a regular expression ({error})") from error


def _text_with(table: Table, name: str, words: Sequence[str], default: str | None) -> str:
    text: str = table.text(name, "text", default=default)
    found = re.findall(r"\{([^{}]*)\}", text)
    if set(found) - set(words) or re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", text)):
        raise table.wrong(name, "text with " + ", ".join("{" + word + "}" for word in words))
    return text


# -- rendering --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Job:
    directory: str
    rule: RenderRule
    template: str
    environment: Mapping[str, str]


def render_tree(
    profiles: RenderProfiles, tree: Tree, *, versions: Sequence[str] = (), worker: Worker | None = None
) -> tuple[FileChange, ...]:
    """Everything that ``apply-templates.sh`` writes and removes, sorted by path; compare it with the tree.

    :param profiles: the image's ``render.toml``.
    :param versions: keys of ``versions.json``, as the script's arguments; none is all.
    :param worker: runs the templates; one of its own when None.
    :raises BadInput: for a tree that is not of this layout, and for a template that fails (file, line, column).
    """
    script = tree.read(profiles.script)
    if script is None:
        raise BadInput(
            f"has no {profiles.script}: not a repository whose Dockerfiles are made from templates",
            file=profiles.script,
        )
    if len(script) > MAX_SCRIPT:
        raise BadInput(
            f"has {len(script)} bytes, more than the {MAX_SCRIPT} that a script may have",
            file=profiles.script,
        )
    text = script.decode("utf-8", "surrogateescape")
    rules = profiles.at(text)
    with worker or Worker() as running:
        # It comes up while the files are read.
        running.start()
        root_text, root = _versions(rules, tree)
        keys = list(versions) or sorted(root)
        unknown = [key for key in keys if key not in root]
        if unknown:
            raise BadInput(
                f"there is no version {unknown[0]!r}",
                file=rules.versions,
                hint=f"there are: {', '.join(root)}",
            )
        for key in keys:
            checked_path(key)
        jobs = _jobs(rules, root, keys)
        contents = _render(tree, root_text, jobs, generated_warning(text, rules.script), running)
    changes: dict[str, FileChange] = {}
    for job, dockerfile in zip(jobs, contents, strict=True):
        path = f"{job.directory}/{job.rule.dockerfile}"
        changes[path] = FileChange(path, dockerfile)
        for copy in job.rule.copies:
            changes.update((change.path, change) for change in _copied(tree, copy, job.directory))
    for key in keys:
        if rules.clean == "all" or (rules.clean == "null" and root[key] is None):
            for path in tree.paths(rules.directory.replace("{version}", key)):
                changes.setdefault(path, FileChange(path, None))
    return tuple(sorted(changes.values(), key=lambda change: change.path.encode("utf-8", "surrogateescape")))


def _versions(rules: RenderRules, tree: Tree) -> tuple[str, dict[str, Any]]:
    data = tree.read(rules.versions)
    if data is None:
        raise BadInput("there is no such file: upstream's versions.sh makes it", file=rules.versions)
    text, root = checked_json(data, rules.versions)
    if not isinstance(root, dict) or not all(one is None or isinstance(one, dict) for one in root.values()):
        raise BadInput("expected an object with an object (or null) for each version", file=rules.versions)
    return text, root


def generated_warning(script: str, file: str) -> bytes:
    """The comment that the script puts at the head of every Dockerfile.

    :param script: its text; :param file: its path, for messages.
    :raises BadInput: it has none, or one that only a shell could expand.
    """
    lines = script.split("\n")
    opened = next(
        (number for number, line in enumerate(lines) if _HEREDOC.search(line) and _in_warning(lines, number)),
        None,
    )
    found = None if opened is None else _HEREDOC.search(lines[opened])
    body: list[str] = []
    if opened is not None and found is not None:
        for line in lines[opened + 1 :]:
            line = line.lstrip("\t") if found["dash"] else line
            if line == found["end"]:
                break
            body.append(line + "\n")
        else:
            opened = None
    if opened is None:
        raise BadInput("has no generated_warning with a here-document", file=file)
    text = "".join(body)
    if "$" in text or "`" in text or "\\" in text:
        raise BadInput(
            "its generated_warning holds an expansion that is not known here", file=file, line=opened + 2
        )
    return text.encode("utf-8", "surrogateescape")


def _in_warning(lines: Sequence[str], number: int) -> bool:
    """Whether a line is the first of the function ``generated_warning``."""
    before = lines[number - 1] if number else ""
    return re.match(r"\s*generated_warning *\(\) *\{", before) is not None and lines[
        number
    ].lstrip().startswith("cat ")


def _jobs(rules: RenderRules, root: Mapping[str, Any], keys: Sequence[str]) -> list[_Job]:
    if isinstance(rules.variants, str) and (found := re.fullmatch(r"\.([A-Za-z_]\w*)", rules.variants)):
        # The usual ".variants" needs no jq, whose start takes longer than all else here.
        listed = [root[key].get(found[1]) if root[key] is not None else [] for key in keys]
    elif isinstance(rules.variants, str):
        program = (
            f". as $root | [.keys[] as $key | .root[$key] | if . == null then [] else ({rules.variants}) end]"
        )
        try:
            listed = evaluate(program, {"root": dict(root), "keys": list(keys)})[0]
        except JqError as error:
            message = error.message.split("\n", 1)[0].removeprefix("jq: error: ")
            if error.compiling:
                raise BadInput(f"variants: is not jq: {message}", file=rules.file) from error
            raise BadInput(f"its variants cannot be told: {message}", file=rules.versions) from error
    else:
        listed = [list(rules.variants) if root[key] is not None else [] for key in keys]
    jobs: list[_Job] = []
    for key, variants in zip(keys, listed, strict=True):
        if not isinstance(variants, list) or not all(isinstance(one, str) for one in variants):
            raise BadInput(f"{key!r}: expected a list of variants, not {variants!r:.60}", file=rules.versions)
        top = rules.directory.replace("{version}", key)
        for variant in variants:
            directory = checked_path(f"{top}/{variant}" if variant else top)
            rule = next(
                (one for one in rules.rules if one.match.search(variant) and one.key.search(key)), None
            )
            if rule is None:
                raise BadInput(f"no rule fits the variant {variant!r} of {key!r}", file=rules.file)
            base = variant.rpartition("/")[2]
            kind, _, release = base.partition("-")
            words = {
                "version": key,
                "series": key.removesuffix("-rc"),
                "path": variant,
                "variant": base,
                "kind": kind,
                "base": kind.removeprefix("windows"),
                "release": release,
            }
            for pattern, text in ((rule.key, key), (rule.match, variant)):
                found = pattern.search(text)
                words.update({name: one or "" for name, one in found.groupdict().items()} if found else {})
            environment = {name: _fill(value, words) for name, value in rule.environment}
            jobs.append(
                _Job(
                    directory,
                    rule,
                    checked_path(_fill(rule.template, words)),
                    {"version": key, **environment},
                )
            )
    if len(jobs) > MAX_FILES:
        raise BadInput(
            f"has {len(jobs)} variants, more than the {MAX_FILES} that are rendered", file=rules.versions
        )
    return jobs


def _fill(text: str, words: Mapping[str, str]) -> str:
    return re.sub(r"\{([A-Za-z_]\w*)\}", lambda found: words[found[1]], text)


def _render(tree: Tree, root: str, jobs: Sequence[_Job], warning: bytes, worker: Worker) -> list[bytes]:
    """The Dockerfiles of the jobs, each template compiled once."""

    def module(path: str) -> bytes | None:
        found = tree.read(path)
        return HELPERS.get(path) if found is None else found

    by_template: dict[str, list[int]] = {}
    for number, job in enumerate(jobs):
        by_template.setdefault(job.template, []).append(number)
    contents: list[bytes] = [b""] * len(jobs)
    for template, numbers in by_template.items():
        if tree.mode(template) == "120000":
            raise BadInput("is a symbolic link, which is not followed", file=template)
        data = tree.read(template)
        if data is None:
            raise BadInput(
                f"there is no such template; {jobs[numbers[0]].directory} is made from it", file=template
            )
        program: Program = compile_template(data, template, module)
        outputs = render(program, root, [jobs[number].environment for number in numbers], worker)
        for number, output in zip(numbers, outputs, strict=True):
            contents[number] = warning + output
    return contents


def _copied(tree: Tree, copy: Copy, directory: str) -> list[FileChange]:
    changes: list[FileChange] = []
    for file in _matching(tree, copy.file):
        data, mode = tree.read(file), tree.mode(file)
        if data is None or mode is None:
            raise BadInput(f"there is no such file; it is copied into {directory}", file=copy.file)
        for old, new in copy.replace:
            data = data.replace(old.encode(), new.encode())
        changes.append(FileChange(f"{directory}/{file.rpartition('/')[2]}", data, mode))
    return changes


def _matching(tree: Tree, file: str) -> list[str]:
    """The file, or the files of its directory that its ``*`` matches."""
    folder, _, name = file.rpartition("/")
    if "*" not in name:
        return [file]
    pattern = re.compile(".*".join(re.escape(part) for part in name.split("*")))
    prefix = folder + "/" if folder else ""
    if folder:
        names = [path.removeprefix(prefix) for path in tree.paths(folder)]
    else:
        names = [path for path in tree.paths() if "/" not in path]
    found = [prefix + one for one in names if "/" not in one and pattern.fullmatch(one)]
    if not found:
        raise BadInput("no file matches", file=file)
    return found


def differing(tree: Tree, changes: Iterable[FileChange]) -> tuple[FileChange, ...]:
    """The changes that the tree does not hold yet; a mode alone is a difference where a file is kept executable."""
    return tuple(
        change
        for change in changes
        if tree.read(change.path) != change.content
        or (change.content is not None and tree.mode(change.path) != change.mode)
    )
