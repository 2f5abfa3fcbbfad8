"""Renders an image's template: one source, three voices (HOUSE).

With literal values the text is the Dockerfile. With upstream's expressions in their place it is the
template that upstream keeps, in its own language: rendering that with the values gives the same bytes.

Templates come from the package or from ``--templates DIR``. They run sandboxed all the same, see nothing
but plain values, and each text in them and what comes out is limited to :data:`MAX_CHARACTERS`. What they cost is
bounded from outside: by the budget of a reader, which the command line sets (:mod:`contrib.clients.budget`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, UndefinedError, nodes
from jinja2.exceptions import SecurityError
from jinja2.loaders import BaseLoader
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from contrib.images.model import Image, LayoutFacts, Port, Setting, Variant
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput

#: More text than any Dockerfile has.
MAX_CHARACTERS = 1 << 20

#: The names of the values that differ between the voices.
VALUES = ("version", "url", "sha256", "release")

_PLAIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*")
_URL = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]+)?/[A-Za-z0-9._~/%@:+-]+")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2 in its sandbox, without what makes a long text of a short one.

    Multiplying texts and formatting with a width are refused, texts that are joined (``~``, ``+``, ``join``,
    ``indent``, ``replace``) have a limit, and there is no ``range``. Loops in loops can still take long.
    """

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self, **options: Any) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=False, **options)
        for name in ("range", "lipsum", "cycler", "joiner"):
            self.globals.pop(name, None)
        for name in ("center", "format", "wordwrap", "xmlattr"):
            self.filters.pop(name, None)
        for name in ("indent", "replace", "join", "urlize", "string", "list", "pprint", "tojson"):
            self.filters[name] = _limited(self.filters[name])
        self.filters["_joined"] = lambda parts: _short("".join(map(str, parts)))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """``a ~ b`` as a filter of ours, since Jinja2 joins such texts where nothing can look."""
        parsed = super()._parse(source, name, filename)
        made = _Joining().visit(parsed)
        assert isinstance(made, nodes.Template)
        return made

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Numbers only; ``+`` joins texts up to the limit."""
        if operator == "+":
            if isinstance(left, str) and isinstance(right, str):
                return _short(left + right)
            if isinstance(left, (list, tuple)) or isinstance(right, (list, tuple)):
                raise SecurityError("+ is for numbers and texts in a template")
            return super().call_binop(context, operator, left, right)
        if not all(isinstance(side, (int, float)) and abs(side) < 1 << 31 for side in (left, right)):
            raise SecurityError(f"{operator} is for numbers in a template")
        if operator == "**" and abs(right) > 64:
            raise SecurityError("the exponent is too large")
        return super().call_binop(context, operator, left, right)

    def wrap_str_format(self, value: Any) -> Any:
        """Formatting takes widths: text of any length could be made with it."""
        if super().wrap_str_format(value) is None:
            return None
        raise SecurityError("format() is not for templates")

    def call(self, context: Any, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """What pads a text takes widths too."""
        if getattr(obj, "__name__", "") in _WIDE and isinstance(getattr(obj, "__self__", None), str):
            raise SecurityError(f"{obj.__name__}() is not for templates")
        return super().call(context, obj, *args, **kwargs)


class _Joining(NodeTransformer):
    """Replaces ``a ~ b``."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return nodes.Filter(
            nodes.List(node.nodes, lineno=node.lineno), "_joined", [], [], None, None, lineno=node.lineno
        )


def _short(text: str) -> str:
    if len(text) > MAX_CHARACTERS:
        raise SecurityError(f"a text of more than {MAX_CHARACTERS} characters is not for templates")
    return text


def _limited(filter_: Any) -> Any:
    """A filter whose numbers and results have a limit."""

    @wraps(filter_)
    def limited(*given: Any, **more: Any) -> Any:
        if any(isinstance(each, int) and abs(each) > 1000 for each in (*given, *more.values())):
            raise SecurityError("a width of more than 1000 is not for templates")
        texts = [each for each in given if isinstance(each, str)]
        if len(texts) == 3 and len(texts[0]) * max(1, len(texts[2])) > MAX_CHARACTERS:
            raise SecurityError(f"a text of more than {MAX_CHARACTERS} characters is not for templates")
        made = filter_(*given, **more)
        return _short(made) if isinstance(made, str) else made

    return limited


_WIDE = frozenset({"ljust", "rjust", "center", "zfill", "expandtabs", "translate"})


def sandbox(loader: BaseLoader | None = None, **options: Any) -> Sandbox:
    """An environment for templates of ours and of upstream's: sandboxed, undefined names are errors.

    :param options: of Jinja2 (``trim_blocks``, ``lstrip_blocks``, ``keep_trailing_newline``).
    """
    return Sandbox(loader=loader, **options)


def joined(parts: Iterable[str], file: str) -> str:
    """The parts joined.

    :raises BadInput: they are longer than :data:`MAX_CHARACTERS`.
    """
    text: list[str] = []
    size = 0
    for part in parts:
        size += len(part)
        if size > MAX_CHARACTERS:
            raise BadInput(f"gives more than {MAX_CHARACTERS} characters, which no Dockerfile has", file=file)
        text.append(part)
    return "".join(text)


@dataclass(frozen=True, slots=True)
class Literals:
    """The values of the first voice, checked: they end up in Dockerfiles, scripts and tags.

    :param version: the port's full version. :param url: of the archive, https.
    :param sha256: of the archive, lower-case hexadecimal.
    :raises BadInput: a value has characters that none of its kind has.
    """

    version: str
    url: str
    sha256: str

    def __post_init__(self) -> None:
        if not _PLAIN.fullmatch(self.version) or len(self.version) > 64:
            raise BadInput(
                f"the version {self.version!r} has characters that no version has (letters, digits, . _ -)"
            )
        if not _URL.fullmatch(self.url) or len(self.url) > 2000:
            raise BadInput(
                f"the address {self.url!r} of version {self.version} is not a plain https address",
                hint="letters, digits and . _ ~ / % @ : + - may be in it",
            )
        if not _DIGEST.fullmatch(self.sha256):
            raise BadInput(
                f"the checksum {self.sha256!r} of version {self.version} is not a sha256 (64 hexadecimal digits)"
            )

    def values(self, variant: Variant) -> dict[str, str]:
        """The values for one variant."""
        return {"version": self.version, "url": self.url, "sha256": self.sha256, "release": variant.release}


@dataclass(frozen=True, slots=True)
class Options:
    """What the template is told beside the values; the same in all voices.

    :param port: whose binaries; the image's living port when None.
    :param settings: the image's own when None.
    :param volume: whether the twin of this series declares its data directory.
    :param install: directory of the programs, the image's when None.
    :param exposed: ports, the image's when None.
    :param environment: further ENV lines, name to value.
    :param flags: whether the image's settings are flags of CMD; None decides by the version.
    :param legacy_env: ENV is written ``NAME value``, as everywhere in the twin.
    :param comments: the twin's own words for a setting, by its name, in place of the image's.
    """

    port: Port | None = None
    settings: tuple[Setting, ...] | None = None
    volume: bool = True
    install: str | None = None
    exposed: tuple[str, ...] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    flags: bool | None = None
    legacy_env: bool = False
    comments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def expressions_of(layout: LayoutFacts, variant: Variant) -> dict[str, str]:
    """Upstream's expressions for the values; a release that a layout has no expression for is literal.

    :raises BadInput: the layout keeps no templates, or an expression is missing.
    """
    found = {"release": variant.release, **layout.expressions}
    missing = [name for name in VALUES if name not in found]
    if missing:
        raise BadInput(
            f"layouts.{layout.key}.expressions.{missing[0]}: expected the expression that upstream's templates use"
        )
    return found


@lru_cache(maxsize=8)
def _environment(folders: str) -> Sandbox:
    """The environment for the templates in a directory of images' folders.

    Kept, since compiling a template takes much longer than rendering it; Jinja2 looks whether the file has changed.
    """
    environment = sandbox(
        FileSystemLoader(folders, encoding="utf-8", followlinks=False),
        trim_blocks=True,
        lstrip_blocks=False,
        keep_trailing_newline=True,
    )
    environment.filters["doubled"] = _doubled
    environment.filters["lines"] = _lines
    return environment


@bounded("image.name")
def render(image: Image, variant: Variant, values: Mapping[str, str], options: Options | None = None) -> str:
    """The text of a variant's template with these values: LF, one newline at its end.

    :param values: of :meth:`Literals.values`, or upstream's expressions (:func:`expressions_of`).
    :raises BadInput: the template is wrong (file, line), or asks for what it is not given.
    """
    options = options or Options()
    folder = image.folder
    name = image.templates[variant.kind]
    path = f"{folder.name}/{name}"
    where = str(folder / name)
    environment = _environment(str(folder.parent))
    port = options.port or image.port
    origin = image.variant(variant.copies_from) if variant.copies_from else None
    settings = tuple(
        replace(each, comment=options.comments.get(each.name, each.comment))
        for each in (image.settings if options.settings is None else options.settings)
        if each.port in (None, port.name)
    )
    flags = takes_flags(image, port, values["version"], options)
    context = {
        **{value: values[value] for value in VALUES},
        "name": image.name,
        "title": image.title,
        "kind": variant.kind,
        "base": variant.base.replace(variant.release, values["release"]),
        "copies_kind": origin.kind if origin else "",
        "install": options.install or image.install,
        "data": image.data,
        "port": port,
        "env": image.environment,
        "environment": tuple(options.environment.items()),
        "settings": settings,
        "flags": flags,
        "flagged": tuple(each for each in settings if f"--{each.name}" in port.flags),
        "env_is": " " if options.legacy_env else "=",
        "exposed": " ".join(
            port.removesuffix("/tcp")
            for port in (image.exposed if options.exposed is None else options.exposed)
        ),
        "configured": image.configured,
        "command": image.command(port, options.install or image.install, flags=flags),
        "checked": tuple(tool.name for tool in image.tools if tool.checked),
        "volume": options.volume,
    }
    try:
        text = joined(environment.get_template(path).generate(context), where)
    except UndefinedError as error:
        raise BadInput(f"asks for what templates are not given: {error.message}", file=where) from error
    except SecurityError as error:
        raise BadInput(f"does what templates may not do: {error}", file=where) from error
    except RecursionError as error:
        raise BadInput("calls itself without end", file=where) from error
    except TemplateError as error:
        file = getattr(error, "filename", None) or where
        line = getattr(error, "lineno", None)
        raise BadInput(f"is not a template: {error.message}", file=str(Path(file)), line=line) from error
    return text.rstrip("\n") + "\n"


def takes_flags(image: Image, port: Port, version: str, options: Options) -> bool:
    """Whether CMD has the image's settings as flags.

    :param version: a full version, or upstream's expression for it: then the flags are for all that it stands for.
    """
    if not port.flags or (options.settings is not None and options.settings != image.settings):
        return False  # a person's own settings need the file
    if options.flags is not None:
        return options.flags
    return port.takes_flags(version) if _PLAIN.fullmatch(version) else True


def _doubled(path: str) -> str:
    """A Windows path as Docker's own parser needs it: backslashes doubled."""
    return path.replace("\\", "\\\\")


def _lines(text: str) -> str:
    """What a macro gives, without the last newline: the line that calls it brings that."""
    return text[:-1] if text.endswith("\n") else text
