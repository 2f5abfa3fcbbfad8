"""Image, layout and releases to the files of a contribution: values in, values out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from contrib.dockerfile import Dockerfile, parse
from contrib.generate.model import Decision, Generated, Overlay, SeriesPlan
from contrib.generate.overlay import decide, single, with_theirs
from contrib.images.model import Image, Port, Variant
from contrib.images.templates import Literals, Options, expressions_of, render, takes_flags
from contrib.releases import Catalogue, Release, Releases, Verified, health_of, sentences
from contrib.upstream.layouts.base import Layout, Pin, Series, Speak, Voice
from contrib.values.errors import BadInput
from contrib.values.tree import Tree
from contrib.values.versions import Version, belongs, checked_series

if TYPE_CHECKING:
    from contrib.facts.starts import Known

#: Finds out the checksum of a release's archive (:func:`contrib.releases.verify`, with or without a download).
Verify = Callable[[Release], Verified]


def choose_series(
    layout: Layout, releases: Catalogue, asked: Sequence[str], *, present_only: bool = False
) -> tuple[Series, ...]:
    """The series that a command is about, newest first.

    Unasked it is the newest one that upstream maintains and the port has a release of; with
    ``present_only`` (bump) all that have Windows variants. ``all`` is every one of them.

    :raises BadInput: one asked for is not there, is retired, has no Alpine twin or no release of the port; or
        there is nothing to choose.
    """
    there = [series for series in layout.series() if not series.retired]
    if present_only and (not asked or "all" in asked):
        found = [series for series in there if layout.pin(series.name) is not None]
        if not found:
            raise BadInput(
                "no series here has Windows variants yet",
                hint=f"`contrib generate {layout.image.name}` makes them",
            )
        return tuple(found)
    candidates = [s for s in there if s.linux is not None and releases.newest(s.name) is not None]
    if "all" in asked:
        candidates = [series for series in candidates if not series.prerelease or layout.pin(series.name)]
        if not candidates:
            raise _nothing_common(releases, there)
        return tuple(candidates)
    if not asked:
        newest = next((series for series in candidates if not series.prerelease), None)
        if newest is None:
            raise _nothing_common(releases, there)
        return (newest,)
    chosen = []
    for name in dict.fromkeys(asked):
        series = layout.find(checked_series(name))
        if series.linux is None:
            raise BadInput(f"the series {name} has no Linux Alpine Dockerfile to be the twin of")
        if releases.newest(name) is None:
            raise BadInput(
                f"the port has no release for the series {name}",
                hint=_rc_hint(name, releases)
                or f"it has releases of {', '.join(releases.series()[:10]) or 'none'}",
            )
        chosen.append(series)
    return tuple(sorted(chosen, key=lambda series: series.order, reverse=True))


def _rc_hint(name: str, releases: Catalogue) -> str | None:
    released = name.removesuffix("-rc")
    if name != released and (newest := releases.newest(released)) is not None:
        return f"{newest.version} is released: it belongs into the series {released}, not into {name}"
    return None


def _nothing_common(releases: Catalogue, there: Iterable[Series]) -> BadInput:
    early = [s for s in there if s.prerelease and s.linux is not None and releases.newest(s.name) is not None]
    if early:
        told = ", ".join(f"{series.name} ({series.version})" for series in early)
        return BadInput(
            f"the port builds only series that are pre-releases upstream: {told}",
            hint=f"--series {early[0].name} takes it all the same",
        )
    for series in there:
        for release in releases.releases:
            if not release.usable and belongs(release.version, series.name):
                return BadInput(f"{release.version} cannot be used: {release.missing}", file=releases.origin)
    ours = ", ".join(series.name for series in there) or "none"
    theirs = ", ".join(releases.series()[:10]) or "none"
    return BadInput(
        f"no series is maintained upstream ({ours}) and built by the port ({theirs})", file=releases.origin
    )


def choose_variants(image: Image, asked: Sequence[str]) -> tuple[Variant, ...]:
    """The variants asked for; all of the image's when none is. What one copies from comes along.

    :raises BadInput: the image has no such variant.
    """
    if not asked:
        return image.variants
    wanted: set[str] = set()
    for name in asked:
        variant = image.variant(name)
        if variant is None:
            there = ", ".join(each.name for each in image.variants)
            raise BadInput(f"there is no variant {name!r} of {image.name}", hint=f"there are {there}")
        wanted.add(variant.name)
        if variant.copies_from is not None:
            wanted.add(variant.copies_from)
    return tuple(variant for variant in image.variants if variant.name in wanted)


def choose_release(
    series: Series, releases: Catalogue, port: Port, *, to: str | None = None, before: str | None = None
) -> Release:
    """The release that a series gets: the newest one, or the one asked for.

    :param to: the full version asked for. :param before: what the tree has, never gone below.
    :raises BadInput: it is of another series, a pre-release in a series that takes none (or the other way
        round), older than what is there, or has no archive.
    """
    if to is None:
        release = releases.newest(series.name)
        if release is None:
            raise BadInput(f"{port.repository} has no release for the series {series.name}")
    else:
        release = releases.find(to)
        version = release.version
        if not belongs(version, series.name):
            if version.prerelease and not series.name.endswith("-rc"):
                raise BadInput(
                    f"{version} is a pre-release, and the series {series.name} takes releases only"
                )
            if series.name.endswith("-rc") and belongs(version, series.name.removesuffix("-rc")):
                raise BadInput(
                    f"{version} is released, and the series {series.name} takes pre-releases only",
                    hint=f"it belongs into {series.name.removesuffix('-rc')}",
                )
            raise BadInput(f"{version} is not of the series {series.name}")
        if release.prerelease and not series.name.endswith("-rc"):
            raise BadInput(f"{version} is marked as a pre-release by the port, and is not taken")
        if not release.usable:
            raise BadInput(f"{version} cannot be used: {release.missing}")
    if before is not None and (there := Version.maybe(before)) is not None and release.version < there:
        raise BadInput(
            f"the series {series.name} has {before}, which is newer than {release.version}: "
            "a Windows image never goes back to an older version"
        )
    return release


def volume_of(tree: Tree, series: Series) -> bool:
    """Whether the twin of a series declares a data directory (VOLUME)."""
    data = tree.read(series.linux) if series.linux is not None else None
    if data is None:
        return False
    dockerfile = parse(data, series.linux or "Dockerfile")
    return any(
        instruction.keyword == "VOLUME"
        for stage in dockerfile.stages[-1:]
        for instruction in stage.instructions
    )


def speaker(image: Image, layout: Layout, options: Options, volumes: dict[str, bool]) -> Speak:
    """Renders the image's template in the voice that a layout asks for.

    :param volumes: series to whether its twin declares the data directory.
    """

    def speak(variant: Variant, voice: Voice, series: str, pin: Pin) -> str:
        chosen = replace(options, volume=volumes.get(series, options.volume))
        if voice is Voice.VALUES:
            return render(image, variant, Literals(pin.version, pin.url, pin.digest).values(variant), chosen)
        return render(image, variant, expressions_of(layout.facts, variant), chosen)

    return speak


def in_the_voice_of(image: Image, twin: Dockerfile, options: Options) -> Options:
    """The options, so that a reviewer finds the twin's words and forms again.

    ENV is written as the twin writes it throughout, and a comment that cites the same page as one of ours is the
    twin's own.
    """
    forms = {each.legacy for each in twin.instructions if each.keyword == "ENV"}
    comments = {}
    for setting in image.settings:
        cited = [word for line in setting.comment for word in line.split() if word.startswith("https://")]
        block = next(
            (b for url in cited for b in _comment_blocks(twin) if any(url in line for line in b)), None
        )
        if block is not None:
            comments[setting.name] = block
    return replace(options, legacy_env=forms == {True}, comments=comments)


def _comment_blocks(twin: Dockerfile) -> Iterator[tuple[str, ...]]:
    """Comments on lines that follow each other, without the ``#``; those inside instructions too."""
    comments = [*twin.comments, *(c for each in twin.instructions for c in each.comments)]
    block: list[str] = []
    last = -1
    for comment in sorted(comments, key=lambda each: each.span.line):
        if comment.span.line != last + 1 and block:
            yield tuple(block)
            block = []
        last = comment.span.line
        text = comment.text.lstrip("#").strip()
        if text.isprintable() and "{{" not in text and not text.endswith("\\"):
            block.append(text)
    if block:
        yield tuple(block)


def plan_changes(
    image: Image,
    layout: Layout,
    tree_of: Callable[[Series], Tree],
    releases: Releases,
    verify: Verify,
    today: date,
    *,
    series: Sequence[str] = (),
    variants: Sequence[str] = (),
    overlay: Overlay | None = None,
    to: str | None = None,
    present_only: bool = False,
    known: Known | None = None,
) -> Generated:
    """All that a contribution changes in the image's own repository.

    :param tree_of: the tree of the branch that a series is on.
    :param verify: finds a release's checksum.
    :param today: for the port's health.
    :param to: a full version, for exactly one series.
    :param present_only: of series that have Windows variants already, and with those variants (bump).
    :param known: what is known of bases and archives: the libraries that nanoserver copies are derived from it.
    :raises BadInput: nothing fits; every reason is one sentence.
    """
    port = overlay.port if overlay is not None else layout.port
    catalogue = single(overlay) if overlay is not None and not port.source else releases.of(port)
    overlay, series, to = _preferred(layout, catalogue, overlay, series, to)
    chosen = choose_series(layout, catalogue, series, present_only=present_only)
    if to is not None and len(chosen) != 1:
        raise BadInput(
            f"{to} is one version, and {len(chosen)} series are asked for", hint="name it with --series"
        )
    plans = []
    volumes: dict[str, bool] = {}
    pins: dict[str, Pin] = {}
    there_series = layout.series()
    for each in there_series:
        if (
            each.linux is not None
            and not each.retired
            and (each in chosen or layout.pin(each.name) is not None)
        ):
            volumes[each.name] = volume_of(tree_of(each), each)
    if releases.pins_given:
        _check_bases(choose_variants(image, variants), releases)
    for each in chosen:
        present = layout.pin(each.name)
        release = choose_release(each, catalogue, port, to=to, before=present.version if present else None)
        if overlay is not None:
            release = with_theirs(release, overlay)
        names = [v.name for v in choose_variants(image, variants)]
        if present is not None and not variants:
            names = list(present.variants) if present_only else _both(image, names, present.variants)
        elif present is not None:
            names = _both(image, names, present.variants)
        verified = verify(release)
        pins[each.name] = Pin(release.version.text, release.url, verified.sha256, tuple(names))
        plans.append(
            SeriesPlan(
                each,
                release,
                verified,
                tuple(names),
                present.version if present is not None else None,
                volumes.get(each.name, True),
            )
        )
    chosen_variants = {name: image.variant(name) for plan in plans for name in plan.variants}
    resolved: tuple[str, ...] = ()
    if known is not None:
        from contrib.generate.libraries import derive

        derived = derive(image, port, pins, [each for each in chosen_variants.values() if each], known)
        port, resolved = derived.port, derived.sentences
    options = overlay.options if overlay is not None else Options(port=port)
    options = replace(options, port=port)
    if layout.facts.template:  # one template is for all series
        versions = {name: pin.version for name, pin in pins.items()}
        for each in there_series:
            if each.name not in versions and (kept := layout.pin(each.name)) is not None:
                versions[each.name] = kept.version
        together = all(takes_flags(image, port, version, options) for version in versions.values())
        options = replace(options, flags=together)
    newest = chosen[0]
    twin = tree_of(newest).read(newest.linux) if newest.linux is not None else None
    if twin is not None:
        options = in_the_voice_of(image, parse(twin, newest.linux or ""), options)
    speak = speaker(image, layout, options, volumes)
    branches = layout.changes(pins, speak)
    maintained = [
        (s.name, s.version) for s in there_series if s.version and not s.retired and not s.prerelease
    ]
    found = health_of(releases, maintained, today) if port.alive else None
    return Generated(
        image=image.name,
        port=port,
        layout=layout.key,
        layout_title=layout.title,
        branches=branches,
        series=tuple(plans),
        decisions=_decided(image, overlay, plans, pins, speak) if overlay is not None else (),
        notes=tuple(_notes(image, port, catalogue, plans, overlay, found)),
        later=tuple(_later(layout, catalogue, chosen)),
        unseen=tuple(f"{note.topic}: {note.text}" for note in image.notes if note.unseen),
        health=found,
        speak=speak,
        resolved=resolved,
    )


def continued(layout: Layout, overlay: Overlay, series: Sequence[str]) -> Overlay:
    """The way on for a person whose own source has no release of a series that is wanted: the image's source.

    :param layout: with the image's own port.
    """
    if overlay.version is None or overlay.port.source or not overlay.port.alive:
        return overlay  # an ended source is used only where a guard was lifted for it
    version = Version.parse(overlay.version)
    maintained = [s.name for s in layout.series() if not s.retired and s.linux is not None]
    wanted = [name for name in maintained if not series or name in series]
    if any(belongs(version, name) for name in wanted):
        return overlay
    names = ", ".join(maintained) or "none"
    asked = f"--series asks for {', '.join(series)}" if series else f"upstream maintains {names}"
    theirs, port = overlay.port.repository, layout.port
    why = f"{asked}, and {theirs} has {version} here"
    decided = {
        "download": Decision(
            "download",
            theirs,
            port.repository,
            "replaced",
            "",
            f"{why}; {port.repository} is the image’s source",
        ),
        "version": Decision("version", overlay.version, "the newest", "replaced", "", why),
    }
    before = [each for each in overlay.decisions if each.fact not in decided]
    note = (
        f"{theirs} is not among the image’s sources, and {version} is of no series that is wanted ({asked}): "
        f"{port.repository} is used instead, and its newest release is taken."
    )
    return replace(
        overlay,
        port=port,
        version=None,
        sha256=None,
        options=replace(overlay.options, port=port),
        decisions=(*before, *decided.values()),
        notes=(*(each for each in overlay.notes if theirs not in each), note),
    )


def _preferred(
    layout: Layout,
    catalogue: Catalogue,
    overlay: Overlay | None,
    series: Sequence[str],
    to: str | None,
) -> tuple[Overlay | None, Sequence[str], str | None]:
    """The version that a person's own file has, where nothing else was asked for and upstream has its series."""
    if overlay is None or overlay.version is None or to is not None:
        return overlay, series, to
    version = Version.parse(overlay.version)
    maintained = [s for s in layout.series() if not s.retired and s.linux is not None]
    mine = [s.name for s in maintained if belongs(version, s.name) and (not series or s.name in series)]
    there = any(release.version == version and release.usable for release in catalogue.releases)
    if mine and there and not (version.prerelease and not mine[0].endswith("-rc")):
        newest = catalogue.newest(mine[0])
        notes = overlay.notes
        if newest is not None and newest.version > version:
            notes += (
                f"{overlay.source} has {version}; the port has {newest.version} (--to {newest.version}).",
            )
        return replace(overlay, notes=notes), (mine[0],), overlay.version
    if not overlay.port.source:
        names = ", ".join(s.name for s in maintained) or "none"
        raise BadInput(
            f"has {version}, and upstream maintains {names}: no series for it",
            file=overlay.source,
            hint="leave out --allow ended-port: the living source is used then",
        )
    why = "upstream maintains no series of it" if not mine else "the port has no such release"
    note = f"{overlay.source} has {version}: {why}, so the port's newest is taken."
    decision = Decision("version", overlay.version, "the newest", "replaced", "", why)
    return (
        replace(
            overlay,
            version=None,
            sha256=None,
            notes=(*overlay.notes, note),
            decisions=(*overlay.decisions, decision),
        ),
        series,
        None,
    )


def _decided(
    image: Image, overlay: Overlay, plans: Sequence[SeriesPlan], pins: Mapping[str, Pin], speak: Speak
) -> tuple[Decision, ...]:
    """Fact by fact, what became of a person's own file: theirs beside the first Dockerfile of its kind."""
    from contrib.facts import extract
    from contrib.facts.kinds import Base
    from contrib.images.bases import bases

    if overlay.theirs is None or not plans:
        return overlay.decisions
    plan = plans[0]
    base = overlay.theirs.first(Base)
    kind = "nanoserver" if base is not None and base.kind == "nanoserver" else ""
    names = sorted(plan.variants, key=lambda name: not name.startswith(kind or "windowsservercore"))
    variant = image.variant(names[0])
    if variant is None:
        return overlay.decisions
    text = speak(variant, Voice.VALUES, plan.series.name, pins[plan.series.name])
    return decide(image, overlay, overlay.theirs, extract(parse(text.encode(), variant.name), bases=bases()))


def _check_bases(variants: Sequence[Variant], releases: Releases) -> None:
    """Official-images' CI refuses a base that is none of its pins.

    :raises BadInput: a variant has such a base.
    """
    allowed = {pin.reference for pin in releases.pins or ()}
    for variant in variants:
        if variant.base not in allowed:
            near = ", ".join(
                sorted(ref for ref in allowed if ref.partition(":")[0] == variant.base.partition(":")[0])
            )
            raise BadInput(
                f"{variant.name} is built on {variant.base}, which is none of the external bases that official-images allows",
                hint=f"allowed are {near or 'no bases of that name'}; --variant leaves it out",
            )


def _both(image: Image, names: Iterable[str], present: Iterable[str]) -> list[str]:
    """Both sets of variants, in the image's order; what upstream has and the image's data has not stays last."""
    wanted = {*names, *present}
    ordered = [variant.name for variant in image.variants if variant.name in wanted]
    return ordered + [name for name in present if name not in ordered]


def _notes(
    image: Image,
    port: Port,
    catalogue: Catalogue,
    plans: Sequence[SeriesPlan],
    overlay: Overlay | None,
    found: object,
) -> Iterable[str]:
    if overlay is not None:
        yield from overlay.notes
    for plan in plans:
        version = plan.release.version
        if plan.lags:
            yield (
                f"In {plan.series.name} Linux has {plan.series.version} and the port {version}: the Windows entries "
                f"say {version} and share no tag with Linux."
            )
        for rebuild in catalogue.rebuilds(plan.release)[:1]:
            if rebuild.version > version:
                yield (
                    f"The port has rebuilt {version} as {rebuild.version}; tags have three numbers, so "
                    f"{version} is taken (--to {rebuild.version} takes the rebuild)."
                )
        yield f"{plan.release.asset}: {plan.verified.sentence}."
    if found is not None:
        from contrib.releases.model import Health

        assert isinstance(found, Health)
        chosen = {plan.series.name for plan in plans}
        rest = replace(found, lags={s: lag for s, lag in found.lags.items() if s not in chosen})
        yield from sentences(port, rest)
    highest = max((plan.release.version for plan in plans), default=None)
    install = overlay.options.install if overlay is not None else None
    for note in image.notes:
        if note.unseen or note.port not in (None, port.name):
            continue
        since = Version.parse(note.since) if note.since else None
        if since is None or (highest is not None and highest >= since):
            flagged = highest is not None and takes_flags(
                image, port, highest.text, overlay.options if overlay is not None else Options()
            )
            command = " ".join(image.command(port, install or image.install, flags=flagged))
            yield f"{note.topic}: {note.text.replace('{command}', command)}"


def _later(layout: Layout, catalogue: Catalogue, chosen: Sequence[Series]) -> Iterable[str]:
    names = {series.name for series in chosen}
    for series in layout.series():
        if series.retired or series.prerelease or series.name in names:
            continue
        newest = catalogue.newest(series.name)
        if newest is not None and layout.pin(series.name) is None:
            yield f"{series.name}: the port has {newest.version} (--series {series.name})"
        elif newest is None:
            yield f"{series.name}: the port has no release of it"
