"""Upstream's own words with new values: its templates as they stand, and what they give.

For layouts whose files hold the values, the files are rewritten in place; where upstream keeps a Jinja2 template
beside its version file, that is rendered.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from contrib.generate.bump.values import read_object
from contrib.generate.rewrite import Renamed, rewrite
from contrib.images.model import Image, Variant
from contrib.images.templates import joined, sandbox
from contrib.upstream.layouts.base import Layout, Pin, Series, Speak, Voice
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput
from contrib.values.tree import Tree

#: Renders a jq-template: the template, its path, ``versions.json``, the environment.
JqRender = Callable[[bytes, str, bytes, Mapping[str, str]], bytes]


def speaker(
    image: Image,
    layout: Layout,
    tree_of: Callable[[Series], Tree],
    render_jq: JqRender,
) -> Speak:
    """Speaks upstream's own words: its templates as they stand, and what they give with new values."""
    series_of = {each.name: each for each in layout.series()}

    def template_of(variant: Variant, tree: Tree) -> tuple[str, bytes]:
        base = variant.kind.removeprefix("windows")
        path = layout.facts.template.format(
            kind=variant.kind, base=base, variant=variant.name, release=variant.release
        )
        data = tree.read(path)
        if data is None:
            raise BadInput(
                "upstream's template is not there",
                file=path,
                hint=f"`contrib generate {image.name}` makes it",
            )
        return path, data

    def speak(variant: Variant, voice: Voice, series: str, pin: Pin) -> str:
        tree = tree_of(series_of[series])
        if voice is not Voice.VALUES:
            return template_of(variant, tree)[1].decode("utf-8", "surrogateescape")
        if layout.voice is Voice.JQ_TEMPLATE:
            path, data = template_of(variant, tree)
            return _by_jq(path, data, tree, variant, series, pin, render_jq)
        if layout.voice is Voice.JINJA:
            path, data = template_of(variant, tree)
            return _by_jinja(path, data, pin)
        before = layout.pin(series)
        path = layout.dockerfile(series, variant.name)
        data = tree.read(path) or b""
        assert before is not None
        names = image.environment
        values = {names.version: pin.version}
        if names.url:
            values[names.url] = pin.url
        if names.digest:
            values[names.digest] = pin.digest
        renamed = Renamed(image.name, before.version, pin.version)
        return rewrite(data, path, values, renamed).decode("utf-8", "surrogateescape")

    return speak


def _by_jq(
    path: str, template: bytes, tree: Tree, variant: Variant, series: str, pin: Pin, render_jq: JqRender
) -> str:
    versions = read_object(tree.read("versions.json") or b"{}", "versions.json")
    ours: dict[str, Any] = dict(versions.get(series) or {})
    windows = ours.get("windows")
    ours["windows"] = (windows if isinstance(windows, dict) else {}) | {
        "version": pin.version,
        "url": pin.url,
        "sha256": pin.digest,
    }
    versions[series] = ours
    environment = {
        "version": series,
        "variant": variant.name,
        "windowsVariant": variant.kind.removeprefix("windows"),
        "windowsRelease": variant.release,
    }
    data = json.dumps(versions, ensure_ascii=False).encode()
    return render_jq(template, path, data, environment).decode("utf-8", "surrogateescape")


@bounded("path")
def _by_jinja(path: str, template: bytes, pin: Pin) -> str:
    from contrib.upstream.layouts.release_branches import KEYS

    environment = sandbox(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    environment.filters["required"] = _required
    values = dict(zip(KEYS, (pin.version, pin.url, pin.digest), strict=True))
    from jinja2 import TemplateError, nodes

    # The template is upstream's by now, and nothing can stop one that is being rendered: the part of the
    # language that is allowed has neither loops nor calls, nor a way to make a text longer than its parts.
    plain = (
        nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const, nodes.Name, nodes.Assign, nodes.If,
        nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Test, nodes.Filter,
    )  # fmt: skip
    try:
        text = template.decode("utf-8")
        for node in environment.parse(text).find_all(nodes.Node):
            if not isinstance(node, plain) or (isinstance(node, nodes.Filter) and node.name not in _FILTERS):
                what = getattr(node, "name", None) or type(node).__name__
                raise BadInput(
                    f"has {what!r} in it, which is not rendered here",
                    file=path,
                    line=node.lineno,
                    hint="conditions, `set` and plain values are; the release automation of upstream renders the rest",
                )
        parsed = environment.from_string(text)
        return joined(parsed.generate({**values, "custom_build": False}), path)
    except UnicodeDecodeError as error:
        raise BadInput("is not UTF-8 text", file=path) from error
    except RecursionError as error:
        raise BadInput("calls itself without end", file=path) from error
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise BadInput(f"cannot be rendered: {error}", file=path) from error
    except TemplateError as error:
        raise BadInput(
            f"cannot be rendered: {error.message}", file=path, line=getattr(error, "lineno", None)
        ) from error


#: Filters that give no more than they get.
_FILTERS = frozenset(
    {"required", "default", "d", "lower", "upper", "trim", "first", "last", "length", "string", "int"}
)


def _required(value: object, message: str) -> object:
    if not value:
        raise BadInput(message)
    return value
