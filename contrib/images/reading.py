"""Reads and checks ``image.toml``: bytes in, an :class:`Image` out.

Every mistake is a :class:`BadInput` that names the file, the key and what is expected there; a key that
nobody knows is a mistake too, with the one that was probably meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import TypeVar

from contrib.images.model import (
    KINDS,
    LAYOUTS,
    Accept,
    Environment,
    Image,
    Justified,
    LayoutFacts,
    Loss,
    OfficialImages,
    PathRule,
    PlanNote,
    Port,
    Reason,
    Repository,
    Setting,
    TestExclusion,
    Tool,
    Variant,
)
from contrib.values.catalogue import FACTS, NEVER_JUSTIFIED
from contrib.values.errors import BadInput
from contrib.values.findings import Evidence
from contrib.values.patterns import given, lazy
from contrib.values.tables import Table, decode, read_file

T = TypeVar("T")

_NAME = lazy(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_REPOSITORY = lazy(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
_BRANCH = lazy(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_VARIABLE = lazy(r"[A-Z][A-Z0-9_]*")
_WINDOWS_PATH = lazy(r"[A-Z]:(?:\\[A-Za-z0-9._-]+)+")
_VERSION = lazy(r"[0-9]+(?:\.[0-9]+)*")
_DATE = lazy(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FILE = lazy(r"[A-Za-z0-9._-]+")


def evidence_of(label: str) -> Evidence:
    """Evidence from the way the field writes it.

    ``owner/repo#12`` is a pull request or issue, ``owner/repo@commit`` a commit, ``faq "Title"`` a part of
    docker-library's FAQ, ``text <https://…>`` anything else with its address.

    :raises ValueError: none of these.
    """
    if found := re.fullmatch(r"(.*\S)\s*<(https://[^\s<>]+)>", label):
        return Evidence(found.group(1), found.group(2))
    if found := re.fullmatch(r"([\w.-]+/[\w.-]+)#([0-9]+)", label):
        return Evidence(label, f"https://github.com/{found.group(1)}/issues/{found.group(2)}")
    if found := re.fullmatch(r"([\w.-]+/[\w.-]+)@([0-9a-f]{7,40})", label):
        return Evidence(label, f"https://github.com/{found.group(1)}/commit/{found.group(2)}")
    if found := re.fullmatch(r'faq "(.+)"', label):
        anchor = re.sub(r"[^a-z0-9 _-]", "", found.group(1).lower()).replace(" ", "-")
        return Evidence(label, f"https://github.com/docker-library/faq#{anchor}")
    if label.startswith("https://"):
        return Evidence(label, label)
    raise ValueError(label)


def _evidence(table: Table) -> tuple[Evidence, ...]:
    expected = (
        'a list of addresses, "owner/repo#12", "owner/repo@commit", faq "Title", or "words <https://…>"'
    )
    labels = table.texts("evidence", expected, default=())
    try:
        return tuple(evidence_of(label) for label in labels)
    except ValueError:
        raise table.wrong("evidence", expected) from None


def _reason(table: Table, name: str = "reason") -> Reason:
    return Reason(table.text(name, "a sentence that says why"), _evidence(table))


def _named(table: Table, name: str) -> Reason:
    """An optional table ``{ why, evidence }``."""
    inner = table.table(name, required=False)
    reason = Reason(inner.text("why", "a sentence that says why", default=""), _evidence(inner))
    inner.done()
    return reason


def _each(tables: list[Table], read: Callable[[Table], T]) -> tuple[T, ...]:
    values = []
    for table in tables:
        values.append(read(table))
        table.done()
    return tuple(values)


def _pattern(table: Table, name: str, value: str) -> str:
    try:
        given(value)
    except re.error:
        raise table.wrong(name, "a regular expression") from None
    return value


def _fields(
    table: Table, name: str, value: str, allowed: tuple[str, ...], required: tuple[str, ...] = ()
) -> str:
    """``value`` when the ``{…}`` in it are of those allowed."""
    expected = f"text with {', '.join('{' + word + '}' for word in allowed)}"
    found = set(re.findall(r"\{([^{}]*)\}", value))
    rest = re.sub(r"\{[^{}]*\}", "", value)
    if found - set(allowed) or set(required) - found or "{" in rest or "}" in rest:
        raise table.wrong(name, expected)
    return value


def _repository(table: Table) -> Repository:
    return Repository(
        table.text("repository", "a repository on GitHub, owner/name", pattern=_REPOSITORY),
        table.text("branch", "the name of the default branch", pattern=_BRANCH),
    )


def _layout(table: Table, key: str) -> LayoutFacts:
    directory = table.text("directory", "the directory of a Windows variant")
    linux = table.text("linux", "the path of the Linux Alpine Dockerfile")
    template = table.text("template", "the name of upstream's Windows template", default="")
    expressions = table.table("expressions", required=False)
    layout = LayoutFacts(
        key=key,
        repository=_repository(table),
        directory=_fields(table, "directory", directory, ("series", "variant", "kind", "release")),
        linux=_fields(table, "linux", linux, ("series",)),
        template=_fields(table, "template", template, ("kind", "base", "variant", "release")),
        edits=table.text("edits", "a file of this folder", default="", pattern=_FILE),
        expressions={
            name: expressions.text(name, "an expression of upstream's") for name in expressions.items()
        },
    )
    for name in ("directory", "linux", "template"):
        value = getattr(layout, name)
        if value.startswith("/") or "\\" in value or ".." in value.split("/"):
            raise table.wrong(name, "a relative path with / between its parts")
    table.done()
    return layout


def _port(table: Table) -> Port:
    alive = table.flag("alive", True)
    tag = table.text("tag", "the tag of a release with {version}")
    asset = table.text("asset", "the file name of the archive with {version}")
    top = table.text("archive_top", "the directory at the archive's top", default="")
    command = table.texts("command", "the arguments of CMD after the program", default=())
    for argument in command:
        _fields(table, "command", argument, ("configured",))
    flags = table.table("flags", required=False)
    given = table.value("flags") is not None
    port = Port(
        name=table.text("name", "a short name", pattern=_NAME),
        repository=table.text("repository", "a repository on GitHub, owner/name", pattern=_REPOSITORY),
        former=table.texts("former", "a list of owner/name", default=(), pattern=_REPOSITORY),
        alive=alive,
        source=table.text("source", "a name of sources.toml", default=None if alive else "", pattern=_NAME),
        tag=_fields(table, "tag", tag, ("version",), ("version",)),
        asset=_fields(table, "asset", asset, ("version",), ("version",)),
        archive_top=_fields(table, "archive_top", top, ("version",)),
        configuration=table.text("configuration", "a file of the archive", default="", pattern=_FILE),
        command=command,
        paths=table.choice("paths", ("relative", "root", "windows")),  # type: ignore[arg-type]
        libraries=table.texts("libraries", "a list of file names", default=(), pattern=_FILE),
        flags=flags.texts("arguments", "the arguments of CMD after the program") if given else (),
        flags_since=flags.text("since", "the first version that takes them", pattern=_VERSION)
        if given
        else None,
        ended=table.optional("ended", "a date, year-month-day", _DATE),
        last=table.optional("last", "a version", _VERSION),
        reason=_reason(table),
        command_line=_named(table, "command_line"),
        libraries_reason=_named(table, "libraries_reason"),
        flags_reason=_reason(flags, "why") if given else Reason(""),
    )
    flags.done()
    return port


def _variant(table: Table) -> Variant:
    kind = table.choice("kind", KINDS)
    release = table.text("release", "a Windows release such as ltsc2022", pattern=_NAME)
    name = f"{kind}-{release}"
    copies = table.optional("copies_from", "the name of another variant", _NAME)
    return Variant(
        name=name,
        kind=kind,
        release=release,
        base=table.text("base", "the reference of the base image"),
        copies_from=copies,
        architectures=table.texts("architectures", default=("windows-amd64",), pattern=_NAME),
        constraints=(name, copies) if copies else (name,),
    )


def _setting(table: Table) -> Setting:
    value = table.optional("value", "text")
    return Setting(
        name=table.text("name", "the name of a setting", pattern=re.compile(r"[a-z0-9_.-]+")),
        was=_pattern(table, "was", table.text("was", "a regular expression", default="")),
        value=value,
        default=table.text("default", "the built-in default, in words", default=""),
        comment=table.texts("comment", "a list of lines", default=()),
        reason=_reason(table),
        port=table.optional("port", "the name of a port", _NAME),
    )


def _fact(table: Table, *, losing: bool = False) -> str:
    """The name of a fact that the data may decide about.

    :param losing: of a ``[[loss]]``, which may be about any fact.
    """
    fact = table.text("fact", "the name of a fact")
    kind = fact.partition(":")[0]
    if kind not in FACTS:
        near = get_close_matches(kind, FACTS, n=1)
        raise BadInput(
            f"{table.key('fact')}: there is no fact {fact!r}",
            file=table.file,
            line=table.line("fact"),
            hint=f"perhaps {near[0]!r} was meant" if near else "`contrib diff -v` names all facts",
        )
    if not losing and kind in NEVER_JUSTIFIED:
        raise BadInput(
            f"{table.key('fact')}: {fact!r} may never be justified: {NEVER_JUSTIFIED[kind]}",
            file=table.file,
            line=table.line("fact"),
        )
    return fact


def read_image(data: bytes, folder: Path, file: str | None = None) -> Image:
    """The image that ``image.toml`` describes.

    :param folder: the image's folder; its name must be the image's.
    :raises BadInput: file, key and what is expected.
    """
    name = file or str(folder / "image.toml")
    plain = decode(data, name)
    top = Table(plain, "", name, data.decode("utf-8"))
    identity = top.table("image")
    official = top.table("official_images")
    environment = top.table("environment")
    layouts = top.table("layouts")
    keys = [key for key in layouts.items() if key not in LAYOUTS]
    if keys:
        raise BadInput(
            f"layouts.{keys[0]}: there is no such layout", file=name, hint=f"layouts are {', '.join(LAYOUTS)}"
        )
    there = tuple(_layout(layouts.table(key), key) for key in LAYOUTS if key in set(layouts.items()))
    if not there:
        raise top.wrong("layouts", f"a table [layouts.…] for one of {', '.join(LAYOUTS)}")
    templates = top.table("templates")
    linux = top.table("linux")
    defaults, decided = top.table("defaults", required=False), top.table("decided", required=False)
    image = Image(
        name=identity.text("name", "the image's name", pattern=_NAME),
        title=identity.text("title", "the software's name"),
        folder=folder,
        program=identity.text("program", "the program that CMD starts", pattern=_FILE),
        install=identity.text("install", "a Windows directory without spaces", pattern=_WINDOWS_PATH),
        configured=identity.text("configured", "the name of a file", default="", pattern=_FILE),
        layouts=there,
        official_images=OfficialImages(
            repository=_repository(official),
            manifest=official.text("manifest", "the path of the library file"),
            tests=official.text("tests", "a path", default="test/config.sh"),
            pins=official.text("pins", "a path", default=".external-pins"),
        ),
        environment=Environment(
            version=environment.text("version", "the name of a variable", pattern=_VARIABLE),
            url=environment.optional("url", "the name of a variable", _VARIABLE),
            digest=environment.optional("digest", "the name of a variable", _VARIABLE),
        ),
        linux_sources=tuple(
            _pattern(linux, "downloads", pattern)
            for pattern in linux.texts("downloads", "a list of regular expressions over addresses")
        ),
        linux_source=linux.text("source", "a name of sources.toml", pattern=_NAME),
        pins_source=official.text("pins_source", "a name of sources.toml", default="pins", pattern=_NAME),
        ports=_each(top.tables("port"), _port),
        variants=_each(top.tables("variant"), _variant),
        templates={kind: templates.text(kind, "a file of this folder", pattern=_FILE) for kind in KINDS},
        path_map=_each(
            top.tables("path", required=False),
            lambda t: PathRule(
                t.text("linux", "an absolute path", pattern=re.compile(r"/\S+")),
                t.text("windows", "a Windows path", pattern=_WINDOWS_PATH),
                t.text("why", default=""),
            ),
        ),
        data=identity.text("data", "a Windows directory, or nothing", default="", pattern=_WINDOWS_PATH),
        tools=_each(
            top.tables("tool", required=False),
            lambda t: Tool(
                t.text("name", "the name of a program", pattern=_FILE),
                t.text("file", "a file of the port's archive", pattern=_FILE),
                t.optional("since", "a version", _VERSION),
                t.flag("checked", False),
            ),
        ),
        settings=_each(top.tables("setting", required=False), _setting),
        defaults={name: defaults.text(name, "a value") for name in defaults.items()},
        decided={name: decided.text(name, "a sentence that says why") for name in decided.items()},
        exposed=identity.texts(
            "exposed",
            'a list of ports such as "6379/tcp"',
            default=(),
            pattern=re.compile(r"[0-9]{1,5}/(?:tcp|udp)"),
        ),
        justified=_each(
            top.tables("justified", required=False),
            lambda t: Justified(_fact(t), _reason(t)),
        ),
        accepted=_each(
            top.tables("accept", required=False),
            lambda t: Accept(
                t.text("rule", "the name of a rule", pattern=_NAME), t.text("path", default="*"), _reason(t)
            ),
        ),
        test_exclusions=_each(
            top.tables("test_exclusion", required=False),
            lambda t: TestExclusion(
                t.choice("variant", KINDS), t.text("test", "the name of a test", pattern=_NAME), t.text("why")
            ),
        ),
        losses=_each(
            top.tables("loss", required=False),
            lambda t: Loss(
                _fact(t, losing=True), _reason(t), t.optional("port", "the name of a port", _NAME)
            ),
        ),
        notes=_each(
            top.tables("note", required=False),
            lambda t: PlanNote(
                t.text("topic"),
                _fields(t, "text", t.text("text", "a sentence"), ("command",)),
                t.optional("since", "a version", _VERSION),
                t.flag("unseen", False),
                _evidence(t),
                t.optional("port", "the name of a port", _NAME),
            ),
        ),
    )
    for table in (identity, official, environment, layouts, templates, linux, top):
        table.done()
    _check(image, name)
    return image


def entry_line(image: Image, table: str, key: str, value: str) -> tuple[str, int | None]:
    """Where an entry of ``image.toml`` stands: its key as messages write it (``accept[2].rule``), and the line."""
    name = str(image.folder / "image.toml")
    try:
        data = read_file(image.folder / "image.toml")
        tables = Table(decode(data, name), "", name, data.decode("utf-8")).tables(table, required=False)
    except BadInput:
        return f"{table}.{key}", None
    for each in tables:
        if each.value(key) == value:
            return each.key(key), each.line(key)
    return f"{table}.{key}", None


def _check(image: Image, file: str) -> None:
    """What no single key can tell."""
    if image.name != image.folder.name:
        raise BadInput(
            f"image.name: expected {image.folder.name!r}, the name of the folder, not {image.name!r}",
            file=file,
        )
    if not any(port.alive for port in image.ports):
        raise BadInput("port: expected a [[port]] that is alive, there is none", file=file)
    if image.settings and not image.configured:
        raise BadInput("image.configured: expected the file that the settings are written to", file=file)
    for what, names in (
        ("port", [port.name for port in image.ports]),
        ("variant", [variant.name for variant in image.variants]),
        ("tool", [tool.name for tool in image.tools]),
        ("setting", [setting.name for setting in image.settings]),
        ("justified", [entry.fact for entry in image.justified]),
        ("accept", [f"{entry.rule} at {entry.path}" for entry in image.accepted]),
        ("loss", [f"{entry.fact} of {entry.port or 'every port'}" for entry in image.losses]),
    ):
        twice = next((n for n in names if names.count(n) > 1), None)
        if twice is not None:
            raise BadInput(f"{what}: {twice!r} is there twice", file=file)
    for setting in image.settings:
        if setting.port is not None and image.port_named(setting.port) is None:
            raise BadInput(
                f"setting: {setting.name!r} is for the port {setting.port!r}, which is not there", file=file
            )
        if setting.value is not None and setting.was == setting.value:
            raise BadInput(
                f"setting: {setting.name!r} has no effect: it is changed from {setting.was!r} to the same",
                file=file,
            )
        if setting.name in image.decided:
            raise BadInput(f"decided.{setting.name}: has no effect: a [[setting]] decides it", file=file)
    paths = [
        f"{layout.directory_of('1.0', variant.name)}/Dockerfile"
        for layout in image.layouts
        for variant in image.variants
    ]
    for accept in image.accepted:
        if not any(PurePosixPath(path).match(accept.path) for path in paths):
            raise BadInput(
                f"accept: {accept.rule!r} has no effect: no Windows Dockerfile of the image is at {accept.path!r}",
                file=file,
                hint=f"they are at {', '.join(dict.fromkeys(paths[:: len(image.variants)]))}",
            )
    for loss in image.losses:
        if loss.port is not None and image.port_named(loss.port) is None:
            raise BadInput(
                f"loss: {loss.fact!r} is for the port {loss.port!r}, which is not there", file=file
            )
        if image.reason_for(loss.fact) is not None:
            raise BadInput(f"loss: {loss.fact!r} is justified as well: it can only be one of them", file=file)
    for name in image.defaults:
        if any(setting.name == name for setting in image.settings):
            raise BadInput(f"defaults.{name}: has no effect: a [[setting]] changes it", file=file)
    kinds = {variant.kind for variant in image.variants}
    for exclusion in image.test_exclusions:
        if exclusion.variant not in kinds:
            raise BadInput(
                f"test_exclusion: {exclusion.test!r} has no effect: no variant is {exclusion.variant}",
                file=file,
            )
    pairs = [(each.variant, each.test) for each in image.test_exclusions]
    again = next((pair for pair in pairs if pairs.count(pair) > 1), None)
    if again is not None:
        raise BadInput(f"test_exclusion: {again[1]!r} of {again[0]} is there twice", file=file)
    for note in image.notes:
        if note.port is not None and image.port_named(note.port) is None:
            raise BadInput(
                f"note: {note.topic!r} is for the port {note.port!r}, which is not there", file=file
            )
    for port in image.ports:
        if not port.alive and not (port.ended and port.last):
            raise BadInput(
                f"port: {port.name!r} is not alive; expected 'ended' (a date) and 'last' (a version)",
                file=file,
            )
        if image.settings and not port.configuration:
            raise BadInput(
                f"port: {port.name!r} needs 'configuration', the file that the settings are made in",
                file=file,
            )
    for variant in image.variants:
        if variant.copies_from is None:
            continue
        origin = image.variant(variant.copies_from)
        if origin is None or origin.copies_from is not None:
            raise BadInput(
                f"variant: {variant.name!r} copies from {variant.copies_from!r}, "
                "expected a variant of this file that installs the programs itself",
                file=file,
            )
        if origin.release != variant.release:
            raise BadInput(
                f"variant: {variant.name!r} copies from {origin.name!r}, which is of another Windows release",
                file=file,
            )
