"""A new image's folder, from what its repository tells and what a person answers.

:func:`observe` reads everything that the repository knows (series, the Alpine twin, its variables, ports,
volume, command, generator; which tests official-images has). :func:`questions` is what is left: where Windows
binaries come from, above all. :func:`scaffold` makes the folder's files of both; they load, and what they
cannot know stands in them as a comment that says who does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contrib.dockerfile import parse
from contrib.dockerfile.expand import Environments
from contrib.upstream.layouts.base import version_order
from contrib.values.errors import BadInput
from contrib.values.tree import Tree

_ALPINE = re.compile(
    r"(?P<series>\d+(?:\.\d+)*(?:-rc)?)/(?P<rest>(?:[\w.-]+/)*alpine[\w.-]*/(?:[\w.-]+/)?Dockerfile)"
)
_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_TEST = re.compile(r"^\t\[(?P<image>[^\]:\n]+)\]='\n(?P<tests>(?:\t\t\S+\n)*)\t'", re.MULTILINE)
_EXPOSED = re.compile(r"\d+(?:-\d+)?(?:/(?:tcp|udp))?")


@dataclass(frozen=True, slots=True)
class Observed:
    """What an image's repository, and official-images, tell.

    :param layout: key of its layout. :param linux: path of the twin, with ``{series}``.
    :param series: newest first, with the twin's version. :param variants: directories beside the twin's.
    :param version_env: and the others: names of variables in the twin; None where it has none.
    :param volume: the declared (or working) directory for data. :param program: first word of the twin's command.
    :param tests: of official-images, for this image.
    """

    image: str
    layout: str
    linux: str
    series: tuple[tuple[str, str | None], ...]
    variants: tuple[str, ...]
    version_env: str
    url_env: str | None
    digest_env: str | None
    exposed: tuple[str, ...]
    volume: str | None
    program: str
    generator: bool
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """Something that only a person knows.

    :param key: in ``--answers``. :param default: None when there is none that could be right.
    :param pattern: what an answer looks like; ``expected`` says it in words.
    """

    key: str
    text: str
    default: str | None
    pattern: re.Pattern[str] = field(default=re.compile(r".+"))
    expected: str = "a text"


def observe(image: str, layout: str, tree: Tree, tests: bytes | None = None) -> Observed:
    """What a repository tells of its image.

    :param tests: official-images' ``test/config.sh``, where it is at hand.
    :raises BadInput: the name is none, or the repository has no Linux Alpine Dockerfile to be the twin of.
    """
    if not _NAME.fullmatch(image):
        raise BadInput(f"{image!r} is no name of an image", hint="lower case, as in docker pull NAME")
    windows = next(
        (path for path in tree.paths() if f"/{path}".partition("/windows/")[2].endswith("Dockerfile")), None
    )
    if windows is not None:
        raise BadInput(
            f"{image} has Windows variants already", file=windows, hint="contrib brings in the first ones"
        )
    found: dict[str, list[str]] = {}
    for path in tree.paths():
        match = _ALPINE.fullmatch(path)
        if match is not None:
            found.setdefault(match["series"], []).append(match["rest"])
    if not found and tree.read("alpine/Dockerfile") is not None:
        found = {"": ["alpine/Dockerfile"]}
    if not found:
        raise BadInput("no series of this repository has a Linux Alpine Dockerfile that could be the twin")
    newest = max((name for name in found if not name.endswith("-rc")), default=max(found), key=version_order)
    rest = min(found[newest], key=lambda path: (path.count("/"), len(path), path))
    twin = f"{newest}/{rest}" if newest else rest
    facts = _twin(tree.read(twin) or b"", twin, newest)
    series = []
    for name in sorted(found, key=version_order, reverse=True):
        data = tree.read(f"{name}/{rest}" if name else rest)
        if data is not None and name:
            series.append((name, _variables(data, twin).get(facts["version_env"] or "")))
    variants = sorted(
        path.removeprefix(f"{newest}/").removesuffix("/Dockerfile")
        for path in tree.paths(newest)
        if path.endswith("/Dockerfile") and path.count("/") > 1 and "/windows/" not in path
    )
    return Observed(
        image=image,
        layout=layout,
        linux=f"{{series}}/{rest}" if newest else rest,
        series=tuple(series),
        variants=tuple(variants),
        version_env=facts["version_env"] or f"{re.sub(r'[^A-Z0-9]', '_', image.upper())}_VERSION",
        url_env=facts["url_env"],
        digest_env=facts["digest_env"],
        exposed=tuple(facts["exposed"]),
        volume=facts["volume"],
        program=facts["program"] or image,
        generator=tree.read("generate-stackbrew-library.sh") is not None,
        tests=_tests(image, tests),
    )


def _variables(data: bytes, name: str) -> dict[str, str]:
    dockerfile = parse(data, name)
    found: dict[str, str] = {}
    for instruction in dockerfile.instructions:
        if instruction.keyword in ("ENV", "ARG"):
            for key, value in instruction.pairs:
                if value is not None:
                    found.setdefault(key.text, value.text.strip("\"'"))
    return found


def _twin(data: bytes, name: str, series: str) -> dict[str, Any]:
    """What the twin says: names of variables (the version's is the one whose value is of the series), ports …"""
    dockerfile = parse(data, name)
    stage = dockerfile.last_stage
    if stage is None:
        raise BadInput("is not a Dockerfile", file=name)
    environments = Environments(dockerfile)
    last = _variables(data[stage.from_.span.start :], name)
    versions = [key for key in last if key.endswith("_VERSION")]
    versions = [key for key in versions if series and f"{last[key]}.".startswith(f"{series}.")] or versions
    version_env = versions[-1] if versions else None
    stem = version_env.removesuffix("VERSION") if version_env else ""
    url_env = next((key for key in last if key.startswith(stem) and key.endswith("URL")), None)
    digest_env = next((key for key in last if key.startswith(stem) and re.search(r"SHA|DIGEST", key)), None)
    exposed: list[str] = []
    volume, workdir, program = None, None, None
    for instruction in stage.instructions:
        resolved = [environments.before(instruction).resolve(value) for value in instruction.values]
        if instruction.keyword == "EXPOSE":
            exposed += [
                value if "/" in value else f"{value}/tcp" for value in resolved if _EXPOSED.fullmatch(value)
            ]
        elif instruction.keyword == "VOLUME" and resolved:
            volume = volume or resolved[0]
        elif instruction.keyword == "WORKDIR" and resolved:
            workdir = resolved[0]
        elif instruction.keyword == "CMD" and instruction.exec_form and resolved:
            program = resolved[0]
    return {
        "version_env": version_env,
        "url_env": url_env,
        "digest_env": digest_env,
        "exposed": exposed,
        "volume": volume or workdir,
        "program": program,
    }


def _tests(image: str, config: bytes | None) -> tuple[str, ...]:
    if config is None:
        return ()
    for found in _TEST.finditer(config.decode("utf-8", "replace")):
        if found["image"] == image:
            return tuple(found["tests"].split())
    return ()


_FILE = re.compile(r"[A-Za-z0-9._{}+-]+")


def questions(seen: Observed) -> tuple[Question, ...]:
    """What the repository cannot tell, with what is likely."""
    owner = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
    words = re.compile(r"[a-z]+(?:\s*,\s*[a-z]+)*")
    return (
        Question("title", "The image's name for people", seen.image.capitalize()),
        Question(
            "repository",
            "The image's repository on GitHub",
            f"docker-library/{seen.image}",
            owner,
            "OWNER/NAME",
        ),
        Question(
            "version",
            "The variable that holds the version",
            seen.version_env,
            re.compile(r"[A-Z][A-Z0-9_]*"),
            "NAME_VERSION",
        ),
        Question("branch", "Its default branch", "master", re.compile(r"[\w./-]+"), "a branch"),
        Question(
            "port.repository",
            "Who publishes Windows binaries, with digests (a repository on GitHub)",
            None,
            owner,
            "OWNER/NAME",
        ),
        Question(
            "port.tag",
            "The tag of a release there, {version} in it",
            "v{version}",
            _FILE,
            "a tag with {version}",
        ),
        Question(
            "port.asset",
            "The archive of a release, {version} in it",
            None,
            _FILE,
            "a file name with {version}",
        ),
        Question(
            "port.top", "The one directory at the archive's top, - for none", "-", _FILE, "a directory, or -"
        ),
        Question("port.reason", "Why these binaries (a sentence, for the pull request)", None),
        Question(
            "program", "The program that the container runs", f"{seen.program}.exe", _FILE, "a file name"
        ),
        Question(
            "kinds",
            "Windows bases, comma-separated",
            "windowsservercore",
            words,
            "windowsservercore, nanoserver",
        ),
        Question(
            "releases",
            "Windows releases, comma-separated",
            "ltsc2025, ltsc2022",
            re.compile(r"ltsc\d{4}(?:\s*,\s*ltsc\d{4})*"),
            "ltsc2025, ltsc2022",
        ),
    )


def checked_answers(asked: Sequence[Question], given: Mapping[str, object], file: str) -> dict[str, str]:
    """The answers, complete: given ones checked, the rest by their defaults.

    :raises BadInput: an answer to nothing that is asked, one of another shape, or one that is missing.
    """
    known = {question.key for question in asked}
    for key in given:
        if key not in known:
            raise BadInput(
                f"{key}: nothing of that name is asked",
                file=file,
                hint=f"asked are: {', '.join(sorted(known))}",
            )
    answers = {}
    missing = []
    for question in asked:
        value = given.get(question.key, question.default)
        if value is None:
            missing.append(question)
            continue
        answers[question.key] = checked(question, str(value), file)
    if missing:
        lines = "\n".join(f'"{question.key}" = "…"  # {question.text}' for question in missing)
        raise BadInput(
            f"not answered: {', '.join(question.key for question in missing)}",
            file=file,
            hint=f"answer in a terminal, or in a file (--answers):\n{lines}",
        )
    return answers


def checked(question: Question, value: str, file: str | None = None) -> str:
    """An answer, trimmed.

    :raises BadInput: it is not what is asked for.
    """
    value = value.strip()
    wants_version = "{version}" in question.text
    if not question.pattern.fullmatch(value) or '"' in value or (wants_version and "{version}" not in value):
        raise BadInput(f"{question.key}: expected {question.expected}, not {value!r}", file=file)
    return value


def scaffold(seen: Observed, answers: Mapping[str, str]) -> dict[str, str]:
    """The folder's files, by name."""
    files = {
        "image.toml": _image(seen, answers),
        "sources.toml": _SOURCES.format(port=answers["port.repository"]),
        "Dockerfile.j2": _DOCKERFILE.replace("ARCHIVE", f"{seen.image}.zip"),
    }
    if seen.generator:
        files["manifest.toml"] = _manifest(seen, answers)
    if seen.layout in ("templated", "plain"):
        files[f"edits-{seen.layout}.toml"] = _EDITS[seen.layout].format(repository=answers["repository"])
    return files


def _image(seen: Observed, answers: Mapping[str, str]) -> str:
    kinds = [kind.strip() for kind in answers["kinds"].split(",")]
    releases = [release.strip() for release in answers["releases"].split(",")]
    for kind in kinds:
        if kind not in ("windowsservercore", "nanoserver"):
            raise BadInput(f"kinds: {kind!r} is no kind of Windows base that official images build on")
    if "windowsservercore" not in kinds:
        raise BadInput(
            "kinds: a nanoserver image copies from a windowsservercore one, which is not among them"
        )
    top = "" if answers["port.top"] == "-" else answers["port.top"]
    install = f"C:\\{seen.image}"
    out = [
        f"# {answers['title']}, as contrib needs to know it; begun by `contrib new {seen.image}`. ../README.md has the vocabulary.",
        "",
        "[image]",
        f'name = "{seen.image}"',
        f'title = "{answers["title"]}"',
        f'program = "{answers["program"]}"',
        f"install = '{install}'",
        "data = 'C:\\data'",
        f"exposed = {_list(seen.exposed)}",
        "",
        "[official_images]",
        'repository = "docker-library/official-images"',
        'branch = "master"',
        f'manifest = "library/{seen.image}"',
        'pins_source = "pins"',
        "",
        f"[layouts.{seen.layout}]",
        f'repository = "{answers["repository"]}"',
        f'branch = "{answers["branch"]}"',
        f'directory = "{"{series}/" if "{series}" in seen.linux else ""}windows/{{variant}}"',
        f'linux = "{seen.linux}"',
    ]
    if seen.layout == "templated":
        out += ['template = "Dockerfile-windows-{base}.template"']
    if seen.layout in ("templated", "plain"):
        out += [f'edits = "edits-{seen.layout}.toml"']
    if seen.layout == "templated":
        out += [
            "",
            "[layouts.templated.expressions]",
            'version = "{{ .windows.version }}"',
            'url = "{{ .windows.url }}"',
            'sha256 = "{{ .windows.sha256 }}"',
            'release = "{{ env.windowsRelease }}"',
        ]
    stem = answers["version"].removesuffix("_VERSION")
    out += [
        "",
        "[linux]",
        'source = "port"',
        "# regular expressions over the addresses that the Linux image downloads from",
        "downloads = []",
        "",
        "[environment]",
        f'version = "{answers["version"]}"',
        f'url = "{seen.url_env or stem + "_DOWNLOAD_URL"}"',
        f'digest = "{seen.digest_env or stem + "_DOWNLOAD_SHA256"}"',
        "",
        "[[port]]",
        f'name = "{answers["port.repository"].partition("/")[2]}"',
        f'repository = "{answers["port.repository"]}"',
        "former = []",
        "alive = true",
        'source = "port"',
        f'tag = "{answers["port.tag"]}"',
        f'asset = "{answers["port.asset"]}"',
        f'archive_top = "{top}"',
        'configuration = ""',
        "command = []",
        'paths = "windows"',
        f'reason = "{answers["port.reason"]}"',
        "",
        "[templates]",
        'windowsservercore = "Dockerfile.j2"',
        'nanoserver = "Dockerfile.j2"',
    ]
    for kind in sorted(kinds, reverse=True):
        base = kind.removeprefix("windows")
        for release in releases:
            out += [
                "",
                "[[variant]]",
                f'kind = "{kind}"',
                f'release = "{release}"',
                f'base = "mcr.microsoft.com/windows/{base}:{release}"',
            ]
            if kind == "nanoserver":
                out.append(f'copies_from = "windowsservercore-{release}"')
    if seen.volume and seen.volume.startswith("/"):
        out += [
            "",
            "[[path]]",
            f'linux = "{seen.volume}"',
            "windows = 'C:\\data'",
            'why = "the directory that the Linux image keeps its data in"',
        ]
    out += [
        "",
        "[[path]]",
        'linux = "/usr/local/bin"',
        f"windows = '{install}'",
        'why = "Windows has no common directory for programs; this one has no spaces and is on PATH"',
        "",
        "# every program that the image promises by name",
        "[[tool]]",
        f'name = "{answers["program"].rsplit(".", 1)[0]}"',
        f'file = "{answers["program"]}"',
        "checked = true",
    ]
    for kind in sorted(kinds, reverse=True):
        for test in seen.tests:
            out += [
                "",
                "# leave this out where the test runs on Windows",
                "[[test_exclusion]]",
                f'variant = "{kind}"',
                f'test = "{test}"',
                'why = "has been written for Linux containers"',
            ]
    return "\n".join(out) + "\n"


def _list(words: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


def _manifest(seen: Observed, answers: Mapping[str, str]) -> str:
    listed = [variant for variant in seen.variants if variant]
    names = ", ".join(f'"{name}"' for name in listed)
    source = "json" if seen.layout == "templated" else "directories"
    full = '".version"' if seen.layout == "templated" else f'{{ env = "{answers["version"]}" }}'
    has = (
        ".windows.variants // []"
        if seen.layout == "templated"
        else '.variants | map(select(startswith("windows/")))'
    )
    windows = f'({has} | map("windows/" + .))' if seen.layout == "templated" else f"({has})"
    own = [] if seen.layout == "templated" else ['""']
    start = ", ".join([*own, *([names] if names else [])])
    out = [
        f"# How {seen.image}'s generate-stackbrew-library.sh makes library/{seen.image}. Vocabulary: ../README.md",
        f"# Begun by `contrib new`; `contrib manifest {seen.image} --diff` shows what it does not say yet.",
        "",
        f'image = "{seen.image}"',
        f'repository = "https://github.com/{answers["repository"]}.git"',
        'commit = "copy"',
        'extra = "script"',
        'arches = "$parent"',
        'fields = ["Tags", "SharedTags", "Architectures", "GitCommit", "Directory", "Constraints"]',
        "",
        "[versions]",
        f'from = "{source}"',
        'order = "version-desc"',
        f"full = {full}",
        "",
        "[[aliases]]",
        'order = ["cut.", "key", "extra"]',
        "",
        "[variants]",
        f"list = '[{start}] + {windows}'",
        "",
    ]
    windows_full = ['full = ".windows.version"'] if seen.layout == "templated" else []
    for kind in ("windowsservercore", "nanoserver"):
        copied = ', "windowsservercore-{release}"' if kind == "nanoserver" else ""
        out += [
            "[[rule]]",
            f"match = '^windows/{kind}-'",
            *windows_full,
            'tags = ["-{variant}"]',
            'shared = ["-{kind}"]',
            'arches = ["windows-amd64"]',
            f'constraints = ["{{variant}}"{copied}]',
            "",
        ]
    plain = next((name for name in listed if "alpine" not in name and "slim" not in name), None)
    for name in listed:
        suffix = '""' if name == plain and not own else f'"-{name.replace("/", "-")}"'
        out += ["[[rule]]", f"match = '^{re.escape(name)}$'", f"tags = [{suffix}]", ""]
    if own:
        out += ["[[rule]]", "match = '^$'", 'tags = [""]', ""]
    return "\n".join(out)


_SOURCES = """\
# Where versions and checksums come from. `--source NAME=PATH_OR_URL` replaces one of these.

[port]
kind = "github-releases"
repository = "{port}"

[pins]
kind = "external-pins"
repository = "docker-library/official-images"
branch = "master"
directory = ".external-pins"
"""

_DOCKERFILE = """\
{% from "macros/windows.j2" import check, download, on_path, shell, unpack %}
FROM {{ base }}

{{ shell(kind) | lines }}

{{ on_path(kind, install) | lines }}

# https://github.com/{{ port.repository }}/releases
ENV {{ env.version }}={{ version }}
ENV {{ env.url }}={{ url }}
ENV {{ env.digest }}={{ sha256 }}
{% for key, value in environment %}
ENV {{ key }}={{ value }}
{% endfor %}

{% if kind == "nanoserver" %}
COPY --from={{ name }}:{{ version }}-{{ copies_kind }}-{{ release }} {{ install | doubled }} {{ install | doubled }}
{{ check(kind, checked) | lines }}
{% else %}
{{ download(env.url, env.digest, "ARCHIVE") | lines }}
	\\
{{ unpack("ARCHIVE", install, port.archive_top, env.version) | lines }}
	\\
{{ check(kind, checked) | lines }}
	\\
	Write-Host 'Removing ...'; \\
	Remove-Item ARCHIVE -Force
{% endif %}

# made by the user that runs the program, so that it may write there
RUN mkdir {{ data }}
{% if volume %}
VOLUME {{ data | doubled }}
{% endif %}
WORKDIR {{ data | doubled }}

{% if exposed %}
EXPOSE {{ exposed }}
{% endif %}
CMD {{ command | tojson }}
"""

_EDITS = {
    "templated": """\
# What the scripts of {repository} need in order to keep the Windows variants. Until it is said here,
# apply-templates.sh deletes their directories (`contrib generate --prove` shows it). What each must learn:
#
# - versions.sh: a series whose .windows stands in versions.json keeps it, at the port's newest release;
# - apply-templates.sh: for every variant of .windows.variants, $version/windows/$variant/Dockerfile from
#   Dockerfile-windows-$windowsVariant.template, with windowsVariant and windowsRelease exported;
# - generate-stackbrew-library.sh: an entry for each, with SharedTags and Constraints.
#
# Other images' edits-templated.toml are examples. A script looks so:
#
# [[script]]
# path = "apply-templates.sh"
# known = '(?i)windows'
#
# [[script.edit]]
# where = "after"          # or before, replace
# why = "apply-templates.sh would delete the Windows directories"
# anchor = '''
# whole lines that are there exactly once
# '''
# text = '''
# the new lines
# '''
""",
    "plain": """\
# What the scripts of {repository} need in order to keep the Windows variants. What each must learn:
#
# - update.sh: the port's newest release of a series goes into $version/windows/*/Dockerfile;
# - generate-stackbrew-library.sh: an entry for each, with SharedTags and Constraints.
#
# Another image's edits-plain.toml is an example.
""",
}
