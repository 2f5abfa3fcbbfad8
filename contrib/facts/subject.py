"""What the image is about: the program that it starts, its version, its own download among the helpers'.

A Dockerfile declares several versions (``GOSU_VERSION`` beside ``REDIS_VERSION``) and fetches several
files. The one that the image is for shares its name with the program that CMD starts, or is the one
that the others' names are made from (``DOCKER`` of ``DOCKER_BUILDX``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from contrib.build import actions as act
from contrib.build import paths, products
from contrib.build.account import Build
from contrib.build.entry import lines
from contrib.build.handover import handed_over
from contrib.build.start import Start, start_of
from contrib.dockerfile.platform import Reference
from contrib.facts.handed import image_of
from contrib.values.records import dataclass, replace

#: Programs and libraries that images take along; their versions and downloads are not the image's own.
HELPERS = frozenset(
    [
        "gosu",
        "su-exec",
        "tini",
        "dumb-init",
        "git",
        "git-lfs",
        "mingit",
        "js-yaml",
        "jsyaml",
        "pip",
        "setuptools",
        "wheel",
        "get-pip",
        "python-pip",
        "busybox",
        "jemalloc",
        "npm",
        "yarn",
        "vcredist",
        "vc-redist",
        "nuget",
        "7zip",
        "7-zip",
        "node-gpg",
        "gpg",
        "keys",
        "cosign",
        "catatonit",
        "s6",
        "s6-overlay",
        "openssl",
        "python-setuptools",
        "python-wheel",
        "git-tag",
        "git-download",
        "vcruntime",
        "rubygems",
        "rubygems-update",
        "bundler",
    ]
)
_VERSION_VALUE = re.compile(r"^v?\d+\.\d[A-Za-z0-9]*(?:[-.+][A-Za-z0-9]+)*$")
_TAG_VERSION = re.compile(
    r"^v?(\d+(?:\.\d+)+(?:-?(?:alpha|beta|preview|rc|b|a|m)[.-]?\d*)?)(?:-|$)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class VersionVariable:
    """``ENV X_VERSION``: ``stem`` is ``x``, with dashes."""

    name: str
    value: str
    kind: Literal["ENV", "ARG"]
    line: int
    end_line: int
    stem: str


@dataclass(frozen=True, slots=True)
class Subject:
    """See the module."""

    start: Start
    variables: tuple[VersionVariable, ...]
    variable: VersionVariable | None
    downloads: tuple[act.Download, ...]
    main: act.Download | None
    copied_from: str | None  # the image that the programs are copied from

    @property
    def name(self) -> str:
        """What the image is about, in a word: the program, else the version's variable, else the download."""
        if self.start.program:
            return self.start.program
        if self.variable is not None and self.variable.stem:
            return self.variable.stem
        return products.product(self.main.url.text) if self.main is not None else ""

    def key(self, download: act.Download) -> str:
        """The name under which a download's facts are told; "" for the image's own."""
        if download is self.main:
            return ""
        text = download.url.text
        if not download.url.known and "/" not in text and download.url.via:
            # nothing but a variable: its name says what it is
            return (
                re.sub(r"_(URL|URI|LINK)$", "", download.url.via[-1].name.upper()).lower().replace("_", "-")
            )
        return products.product(text)


def find(build: Build, about: str = "") -> Subject:
    """The subject of a file.

    :param about: what its twin is about: it decides where the file starts nothing that has a name.
    """
    start = _followed(start_of(build), build)
    copied_from = _copied_from(build)
    variables = _variables(build)
    downloads = tuple(
        action for action in build.of(act.Download) if products.kind(action.url.text) != "signature"
    )
    program = start.program or about
    variable = _choose(build, variables, program, downloads)
    return Subject(
        start,
        variables,
        variable,
        downloads,
        _main(build, downloads, variables, variable, program),
        copied_from,
    )


def _followed(start: Start, build: Build) -> Start:
    """The program that a script of the build context hands over to, where CMD names the script alone.

    A script by its name (``entry.sh``) comes before the program; one without an extension looks like the program.
    An entrypoint script may put the program before what CMD gives it.
    """
    through = _through_script(start, build)
    if through is not None:
        return through
    if build.platform == "linux" and start.script and build.entry is None and not _is_program(start, build):
        return replace(
            start, program="", path="", arguments=()
        )  # a word for the script, which nobody has read
    name = paths.name(start.path)
    brought = any(
        name == paths.name(source)
        for copy in build.of(act.CopyIn, own=True)
        if copy.origin is None
        for source in copy.sources
    )
    if not brought or "." in name or build.entry is None or build.platform != "linux":
        return start
    for line in reversed(list(lines(build.entry.nodes))):
        if line.name == "exec" and line.words and line.literal[0] and line.words[0]:
            path, *rest = line.words
            given = tuple(w for w, plain in zip(rest, line.literal[1:], strict=True) if w and plain)
            return replace(start, program=paths.program(path), path=path, arguments=given, script=name)
    return start


#: First words of CMD that are for the program that an entrypoint script puts before them.
_SUBCOMMANDS = frozenset(
    (
        "agent",
        "server",
        "serve",
        "start",
        "start-dev",
        "run",
        "daemon",
        "worker",
        "web",
        "master",
        "console",
        "standalone",
    )
)


def _is_program(start: Start, build: Build) -> bool:
    """Whether CMD's first word is a program: not a subcommand or a configuration file, unless the file has one so."""
    word = start.path.lower()
    if word not in _SUBCOMMANDS and not word.endswith(
        (".yml", ".yaml", ".json", ".conf", ".cfg", ".toml", ".ini")
    ):
        return True
    return any(each.name == start.program for each in build.of(act.Run))


def _through_script(start: Start, build: Build) -> Start | None:
    """The start that an entrypoint script makes of CMD's words; None where it leaves the first one in its place."""
    command = start.command
    if build.entry is None or build.entry.shell != "posix" or build.platform != "linux" or command is None:
        return None
    if start.entrypoint is None or not command.exec_form or not command.values:
        return None
    words = handed_over(build.entry.nodes, command.values)
    while words and (paths.program(words[0]) in STEPPERS):
        words = words[2:] if paths.program(words[0]) in ("gosu", "su-exec") else ()
    if not words or paths.program(words[0]) == paths.program(command.values[0]) or words[0][:1] in '-$"':
        return None
    entry = start.script or paths.name(start.entrypoint.values[-1] if start.entrypoint.values else "")
    return replace(start, program=paths.program(words[0]), path=words[0], arguments=words[1:], script=entry)


#: Programs that run another one as a user.
STEPPERS = frozenset(("gosu", "su-exec", "setpriv", "runuser", "chpst", "s6-setuidgid"))


def _variables(build: Build) -> tuple[VersionVariable, ...]:
    found: dict[str, VersionVariable] = {}
    for index in sorted(build.contributing):
        if index in build.own and index != build.last_stage:
            continue  # the last stage inherits from it
        for variable in build.environments.after(build.dockerfile.stages[index]).variables():
            value = variable.value
            if value is None or variable.inherited:
                continue
            upper = variable.name.upper()
            named = upper.endswith("VERSION") or upper.endswith("_TAG") or upper == "VERSION"
            if not named and not _VERSION_VALUE.match(value):
                continue
            if upper.endswith(("_TAG", "_SHA256", "_COMMIT")) and not _VERSION_VALUE.match(value):
                continue
            if not re.search(r"\d", value):
                continue
            stem = re.sub(r"_?(VERSION|TAG)$", "", upper).lower().replace("_", "-")
            span = variable.instruction.span
            found[upper] = VersionVariable(
                variable.name,
                value,
                "ENV" if variable.kind == "env" else "ARG",
                span.line,
                span.end_line,
                stem,
            )
    return tuple(found.values())


def related(stem: str, program: str) -> bool:
    """Whether a variable's stem and a program's or product's name speak of one thing."""
    one, two = re.sub(r"[^a-z0-9]", "", stem.lower()), re.sub(r"[^a-z0-9]", "", program.lower())
    if not one or not two:
        return False
    short, long_ = sorted((one, two), key=len)
    return long_.startswith(short) and len(short) >= 2


def _choose(
    build: Build, variables: Sequence[VersionVariable], program: str, downloads: Sequence[act.Download]
) -> VersionVariable | None:
    best: tuple[int, int, VersionVariable] | None = None
    stems = {variable.stem for variable in variables}
    packages: dict[str, list[str]] = {}  # names by version
    for action in build.of(act.Packages):
        packages.setdefault(action.version, []).extend(action.names)
    fetched: dict[str, set[str]] = {}  # products by version
    for download in downloads:
        url = download.url.text
        for version in {*products.versions(url), products.version(url) or ""} - {""}:
            fetched.setdefault(version, set()).add(products.product(url))
    for position, variable in enumerate(variables):
        if not _VERSION_VALUE.match(variable.value) and not variable.name.upper().endswith("VERSION"):
            continue
        score = 0
        if variable.name.upper().endswith("VERSION"):
            score += 2
        if related(variable.stem, program):
            score += 5
        if not variable.stem:
            score += 4  # VERSION beside GIT_VERSION
        if variable.stem in HELPERS:
            score -= 6
        if any(related(variable.stem, product) for product in fetched.get(variable.value.lstrip("v"), ())):
            score += 2
        if variable.value in packages and any(
            related(variable.stem, name) for name in packages[variable.value]
        ):
            score += 2
        words = variable.stem.split("-")
        if any("-".join(words[:count]) in stems for count in range(1, min(len(words), 10))):
            score -= 3  # DOCKER_BUILDX beside DOCKER
        if variable.kind == "ENV":
            score += 1
        if best is None or score > best[0]:
            best = (score, -position, variable)
    return best[2] if best is not None and best[0] > 0 else None


def _main(
    build: Build,
    downloads: Sequence[act.Download],
    variables: Sequence[VersionVariable],
    variable: VersionVariable | None,
    program: str,
) -> act.Download | None:
    best: tuple[int, act.Download] | None = None
    unpacked = {action.file for action in build.of(act.Unpack)}
    for download in downloads:
        url = download.url.text
        product = products.product(url)
        kind = products.kind(url)
        score = 0
        if kind in ("archive", "installer", "repository"):
            score += 1
        if kind == "text":
            continue
        if kind == "script":
            score -= 2
        if variable is not None and product != program and _of_another(variable, variables, product, url):
            continue
        own = program == product or (variable is not None and variable.stem == product)
        if product in HELPERS and not own:
            continue
        if variable is not None:
            if variable.value.lstrip("v") in url:
                score += 3
            if related(variable.stem, product):
                score += 3
            names = {source.name for source in download.url.via if source.kind != "local"}
            if any(related(variable.stem, name.split("_")[0]) for name in names):
                score += 2
            if not variable.stem and variable.name in names:
                score += 4
        if related(product, program):
            score += 3
        if download.conditional:
            score -= 1
        if not download.file:
            score -= 3  # a page that is looked at
        elif download.file == "-" and kind not in ("archive", "repository"):
            score -= 5  # text that goes to a program, not a file of the image
        elif download.file in unpacked:
            score += 1
        if best is None or score > best[0]:
            best = (score, download)
    return best[1] if best is not None and best[0] > -2 else None


def _of_another(
    variable: VersionVariable, variables: Sequence[VersionVariable], product: str, url: str
) -> bool:
    """Whether what is fetched is another variable's: ``docker-compose`` is COMPOSE_VERSION's, not DOCKER_VERSION's."""
    if variable.value.lstrip("v") in url:
        return False
    words = set(product.split("-"))
    return any(
        each.stem not in ("", variable.stem)
        and set(each.stem.split("-")) <= words
        and each.value.lstrip("v") in url
        for each in variables
    )


def _copied_from(build: Build) -> str | None:
    """The image (not a stage) that a COPY --from takes programs from, libraries of the system apart."""
    for action in build.of(act.CopyIn):
        system = all("system32" in source.lower() for source in action.sources)
        image = image_of(build, action.origin) if not system else None
        if image is not None:
            return image
    return None


def tag_version(reference: str) -> str | None:
    """The version in an image's tag: ``3.2.1`` of ``app:3.2.1-windowsservercore-ltsc2022``."""
    tag = Reference.parse(reference).tag
    match = _TAG_VERSION.match(tag) if tag else None
    return match.group(1) if match else None
