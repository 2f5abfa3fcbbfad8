"""Newer releases into what is there: version, address and checksum, and nothing else.

The Windows variants follow the port, the Linux ones (when that is asked for) the software itself. Where upstream
keeps templates, its own are rendered, as its tools would; where the files themselves hold the values,
they are rewritten in place. What somebody changed in between stays.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from contrib.generate.plan import Verify, choose_release, choose_series
from contrib.generate.rewrite import Renamed, rewrite
from contrib.images.model import Image, Port, Variant
from contrib.images.templates import Literals, bounded, sandbox
from contrib.releases import Catalogue, Release, Releases
from contrib.upstream.layouts.base import BranchChanges, Layout, Pin, Series, Speak, Voice
from contrib.values.errors import BadInput
from contrib.values.tree import FileChange, OverlayTree, Tree
from contrib.values.versions import Version, belongs

#: Renders a jq-template: the template, its path, ``versions.json``, the environment.
JqRender = Callable[[bytes, str, bytes, Mapping[str, str]], bytes]


@dataclass(frozen=True, slots=True)
class Move:
    """One series that moves, or stays.

    :param platform: ``windows`` or ``linux``. :param before: and ``after``: full versions, equal when it stays.
    """

    series: str
    platform: str
    before: str
    after: str
    branch: str | None = None

    @property
    def moves(self) -> bool:
        """Whether anything changes."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Bumped:
    """What a bump changes."""

    image: str
    layout: str
    branches: tuple[BranchChanges, ...]
    moves: tuple[Move, ...]
    notes: tuple[str, ...]

    def on(self, branch: str | None, *, default: bool) -> tuple[FileChange, ...]:
        """The changes for a branch; ``default`` tells whether it is upstream's default one."""
        return tuple(
            change
            for each in self.branches
            if each.branch == branch or (each.branch is None and default)
            for change in each.files
        )


def plan_bump(
    image: Image,
    layout: Layout,
    tree_of: Callable[[Series], Tree],
    releases: Releases,
    verify: Verify,
    render_jq: JqRender,
    *,
    series: Sequence[str] = (),
    to: str | None = None,
) -> Bumped:
    """The Windows variants at the port's newest releases.

    :param series: unasked, all that have Windows variants. :param to: a full version, for one series.
    :raises BadInput: a series has no Windows variants, or ``to`` is older, a pre-release, of another series.
    """
    port = releases.of(layout.port)
    chosen = _with_variants(layout, port, series)
    if to is not None and len(chosen) != 1:
        fitting = [s for s in chosen if belongs(Version.parse(to), s.name)]
        if len(fitting) != 1:
            raise BadInput(f"--to {to} is for one series", hint="name it with --series")
        chosen = tuple(fitting)
    moves: list[Move] = []
    notes: list[str] = []
    pins: dict[str, Pin] = {}
    for each in chosen:
        present = layout.pin(each.name)
        assert present is not None
        release = _release(each, port, layout.port, to, present)
        if release is None:
            notes.append(f"{each.name}: the port has nothing as new any more; {present.version} stays.")
            moves.append(Move(each.name, "windows", present.version, present.version, each.branch))
            continue
        notes += _behind(each, release)
        if release.version == Version.parse(present.version):
            moves.append(Move(each.name, "windows", present.version, present.version, each.branch))
            continue
        verified = verify(release)
        Literals(release.version.text, release.url, verified.sha256)
        pins[each.name] = replace(
            present, version=release.version.text, url=release.url, digest=verified.sha256
        )
        moves.append(Move(each.name, "windows", present.version, release.version.text, each.branch))
        notes.append(f"{release.asset}: {verified.sentence}.")
    speak = speaker(image, layout, tree_of, render_jq)
    branches = layout.changes(pins, speak) if pins else ()
    return Bumped(image.name, layout.key, branches, tuple(moves), tuple(notes))


def _with_variants(layout: Layout, port: Catalogue, asked: Sequence[str]) -> tuple[Series, ...]:
    chosen = choose_series(layout, port, () if not asked else ("all",), present_only=True)
    if not asked or "all" in asked:
        return chosen
    there = {each.name: each for each in chosen}
    for name in asked:
        if name not in there:
            layout.find(name)
            raise BadInput(
                f"the series {name} has no Windows variants",
                hint=f"`contrib generate --series {name}` makes them",
            )
    return tuple(there[name] for name in dict.fromkeys(asked))


def _release(each: Series, catalogue: Catalogue, port: Port, to: str | None, present: Pin) -> Release | None:
    """The release that a series gets; the present one when the port's newest is older (a withdrawn release)."""
    if to is not None:
        return choose_release(each, catalogue, port, to=to, before=present.version)
    newest = catalogue.newest(each.name)
    if newest is None or newest.version < Version.parse(present.version):
        return None
    return newest


def _behind(each: Series, release: Release) -> list[str]:
    linux = Version.maybe(each.version) if each.version else None
    if linux is None or Version.parse(release.version.software) >= linux:
        return []
    return [f"In {each.name} Linux has {each.version} and the port {release.version}."]


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
    versions = json.loads((tree.read("versions.json") or b"{}").decode("utf-8"))
    windows = dict(versions[series].get("windows") or {})
    windows |= {"version": pin.version, "url": pin.url, "sha256": pin.digest}
    versions[series]["windows"] = windows
    environment = {
        "version": series,
        "variant": variant.name,
        "windowsVariant": variant.kind.removeprefix("windows"),
        "windowsRelease": variant.release,
    }
    data = json.dumps(versions, ensure_ascii=False).encode()
    return render_jq(template, path, data, environment).decode("utf-8", "surrogateescape")


def _by_jinja(path: str, template: bytes, pin: Pin) -> str:
    from contrib.upstream.layouts.release_branches import KEYS

    environment = sandbox(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    environment.filters["required"] = _required
    values = dict(zip(KEYS, (pin.version, pin.url, pin.digest), strict=True))
    from jinja2 import TemplateError, nodes

    # The template is in upstream's hands by now, and nothing can stop one that is being rendered: what is taken
    # of the language has neither loops nor calls, nor a way to make a text longer than its parts.
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
        return bounded(parsed.generate({**values, "custom_build": False}), path)
    except RecursionError as error:
        raise BadInput("calls itself without end", file=path) from error
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


# -- Linux -------------------------------------------------------------------------------------------------


def check_linux(layout: Layout) -> None:
    """:raises BadInput: the layout's Linux releases are made by upstream's own automation."""
    if layout.key not in ("plain", "templated"):
        raise BadInput(
            f"in this layout ({layout.title}) upstream's own automation makes the Linux releases",
            hint="leave --linux out",
        )


def plan_linux(
    image: Image,
    layout: Layout,
    tree: Tree,
    releases: Catalogue,
    render_all: Callable[[Tree], Sequence[FileChange]],
    *,
    series: Sequence[str] = (),
    to: str | None = None,
) -> tuple[tuple[FileChange, ...], tuple[Move, ...], tuple[str, ...]]:
    """The Linux variants at the newest releases of the software, as the list of hashes has them.

    :param tree: with what the Windows variants changed laid over it.
    :param render_all: what upstream's own templates give for a tree (:mod:`contrib.upstream.render`).
    :returns: changes, moves, notes.
    :raises BadInput: the layout's Linux releases are made by upstream's own automation, or ``to`` does not fit.
    """
    check_linux(layout)
    wanted = {name for name in series if name != "all"}
    moves, notes = [], []
    new: dict[str, Release] = {}
    candidates = [s for s in layout.series() if not s.retired and (not wanted or s.name in wanted)]
    for name in wanted - {s.name for s in candidates}:
        layout.find(name)
    if to is not None and not wanted:
        candidates = [s for s in candidates if belongs(Version.parse(to), s.name)]
    if to is not None and len(candidates) != 1:
        raise BadInput(f"--to {to} is for one series", hint="name it with --series")
    for each in candidates:
        if each.version is None:
            continue
        before = Version.parse(each.version)
        release = _linux_release(each, releases, to)
        if release is None or (to is None and release.version <= before):
            moves.append(Move(each.name, "linux", each.version, each.version))
            continue
        if release.version < before:
            raise BadInput(f"{each.name} has {each.version} on Linux, which is newer than {to}")
        if release.version != before:
            new[each.name] = release
        moves.append(Move(each.name, "linux", each.version, release.version.text))
        algorithm = release.checksums[0].algorithm
        if algorithm != "sha256":
            notes.append(f"{each.name}: the source has {algorithm} for {release.version}, and no sha256.")
        if not release.url.startswith("https://"):
            notes.append(f"{each.name}: the source gives {release.url}, which is not https.")
    if not new:
        return (), tuple(moves), tuple(notes)
    if layout.key == "templated":
        return _linux_templated(tree, new, render_all), tuple(moves), tuple(notes)
    return tuple(_linux_plain(image, layout, tree, new)), tuple(moves), tuple(notes)


def _linux_release(each: Series, releases: Catalogue, to: str | None) -> Release | None:
    if to is not None:
        release = releases.find(to)
        numbers = Version.parse(each.name.removesuffix("-rc")).numbers
        if release.version.numbers[: len(numbers)] != numbers:
            raise BadInput(f"{to} is not of the series {each.name}")
        if release.prerelease and not each.name.endswith("-rc"):
            raise BadInput(f"{to} is a pre-release, and the series {each.name} takes releases only")
        return release
    return releases.newest(each.name)


def _linux_templated(
    tree: Tree, new: Mapping[str, Release], render_all: Callable[[Tree], Sequence[FileChange]]
) -> tuple[FileChange, ...]:
    versions = json.loads((tree.read("versions.json") or b"{}").decode("utf-8"))
    for name, release in new.items():
        old = versions[name]
        checksum = release.checksums[0]
        # The place of the keys stays: version, url, checksum first, as versions.sh writes them.
        head = {"version": release.version.text, "url": release.url, checksum.algorithm: checksum.digest}
        rest = {k: v for k, v in old.items() if k not in ("version", "url", "sha1", "sha256", "sha512")}
        versions[name] = head | rest
    data = (json.dumps(versions, indent=2, ensure_ascii=False) + "\n").encode()
    change = FileChange("versions.json", data)
    return (change, *render_all(OverlayTree(tree, (change,))))


def _linux_plain(
    image: Image, layout: Layout, tree: Tree, new: Mapping[str, Release]
) -> Sequence[FileChange]:
    """Every Dockerfile of a series that holds the software's own values; the Windows ones hold the port's."""
    names = image.environment
    changes = []
    for name, release in new.items():
        windows = {layout.dockerfile(name, variant.name) for variant in image.variants}
        checksum = release.checksums[0]
        for path in tree.paths(name):
            if not path.endswith("/Dockerfile") or path in windows or "/windows/" in path:
                continue
            data = tree.read(path) or b""
            variables = _variables(data, path)
            if names.version not in variables:
                continue
            values = {names.version: release.version.text}
            if names.url in variables:
                values[names.url or ""] = release.url
            digest = _digest_name(variables, names.digest or "", checksum.algorithm, path)
            if digest is not None:
                values[digest] = checksum.digest
            changes.append(FileChange(path, rewrite(data, path, values), tree.mode(path) or "100644"))
    return changes


def _variables(data: bytes, path: str) -> dict[str, str]:
    from contrib.dockerfile import parse

    return {
        name.text: value.text
        for instruction in parse(data, path).instructions
        if instruction.keyword in ("ENV", "ARG")
        for name, value in instruction.pairs
        if value is not None
    }


def _digest_name(variables: Mapping[str, str], digest: str, algorithm: str, path: str) -> str | None:
    """The variable of the checksum: the image's, or that with the algorithm's name in it (``…_SHA1``).

    :raises BadInput: the file has another algorithm than the source publishes.
    """
    lengths = {40: "sha1", 64: "sha256", 128: "sha512"}
    for name, value in variables.items():
        if digest and name.startswith(digest):
            has = lengths.get(len(value))
            if has != algorithm:
                raise BadInput(
                    f"{name} is a {has or 'checksum of no known kind'}, and the source has {algorithm} for this version",
                    file=path,
                    hint="the algorithm in the Dockerfile has to be changed by hand first",
                )
            return name
    return None
