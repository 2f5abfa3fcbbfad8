"""What only Linux has: listed, so that a reviewer sees that it was thought of.

``timezone-data``, ``build-tools``, ``runtime-dependencies``, ``runtime-packages``, ``allocator-flags``,
``program-links``, ``init``, ``locales``, ``package-caches``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from contrib.build import actions as act
from contrib.build import paths
from contrib.build.account import Build
from contrib.facts.extractors.cleaned import stays
from contrib.facts.kinds import Fact, OfPlatform
from contrib.facts.subject import Subject

_TOOLCHAIN = re.compile(
    r"^(gcc|g\+\+|clang.*|make|cmake|musl-dev|libc-dev|libc6-dev|linux-headers|build-base|build-essential|autoconf|automake|"
    r"libtool|dpkg-dev|pkgconf|pkg-config|.*-dev|patch|bison|flex|rust|cargo|go|ninja.*|meson|llvm.*)$"
)
_BUILD_ONLY = frozenset(
    [
        "wget",
        "curl",
        "gnupg",
        "tar",
        "xz",
        "unzip",
        "coreutils",
        "dpkg",
        "findutils",
        "bash",
        "git",
        "patch",
        "dirmngr",
        "file",
        "pax-utils",
        "su-exec",
        "gosu",
        "tini",
        "dumb-init",
        "tzdata",
        "ca-certificates",
        "locales",
        "util-linux",
        "bluez-dev",
    ]
)
_LOCALES = frozenset(("locales", "musl-locales", "glibc-locale-source", "locales-all"))
_INITS = frozenset(("tini", "dumb-init", "s6", "catatonit", "runit", "supervisor"))


def _bare(name: str) -> str:
    return re.split(r"[=<>~@]", name.strip("'\""))[0]


def _added(build: Build) -> list[tuple[act.Packages, list[str]]]:
    return [
        (action, [_bare(name) for name in action.names])
        for action in build.of(act.Packages)
        if action.verb == "add" and not action.of_language
    ]


def _fact(name: str, action: act.Action, value: str) -> OfPlatform:
    return OfPlatform(name, value, action.line, action.end_line)


def _short(names: Sequence[str], limit: int = 4) -> str:
    unique = list(dict.fromkeys(names))
    more = f" and {len(unique) - limit} more" if len(unique) > limit else ""
    return ", ".join(unique[:limit]) + more


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """See the module."""
    if build.platform == "windows":
        yield from _links(build)
        return
    added = _added(build)
    for action, names in added:
        if "tzdata" in names:
            yield _fact("timezone-data", action, "tzdata")
            break
    virtual = {action.virtual for action, _ in added if action.virtual}
    removed = {
        _bare(name) for action in build.of(act.Packages) if action.verb == "remove" for name in action.names
    }
    tools = [
        (action, names)
        for action, names in added
        if (action.virtual in virtual and action.virtual in removed and action.virtual)
        or any(_TOOLCHAIN.match(name) for name in names)
    ]
    if tools:
        names = [name for _, group in tools for name in group if not name.startswith("$")]
        yield _fact("build-tools", tools[0][0], _short(names))
    runs = list(build.of(act.Run))
    scans = [a for a in runs if a.name in ("scanelf", "ldd")]
    rundeps = [action for action, _ in added if action.virtual and stays(action.virtual)]
    if scans or rundeps:
        first: act.Action = scans[0] if scans else rundeps[0]
        yield _fact("runtime-dependencies", first, "found by scanelf" if scans else rundeps[0].virtual)
    yield from _runtime_packages(build, subject, added)
    yield from _allocator(build)
    yield from _links(build)
    for action, names in added:
        inits = [name for name in names if name in _INITS]
        if inits:
            yield _fact("init", action, inits[0])
            break
    for action, names in added:
        locales = [name for name in names if name in _LOCALES]
        if locales:
            yield _fact("locales", action, locales[0])
            break
    else:
        for run in runs:
            if run.name in ("localedef", "locale-gen"):
                yield _fact("locales", run, run.name)
                break
    yield from _caches(build, added)


def _runtime_packages(
    build: Build, subject: Subject, added: list[tuple[act.Packages, list[str]]]
) -> Iterator[Fact]:
    from contrib.facts.extractors.origin import program_package

    own = program_package(build, subject)
    purges = any(a.verb == "remove" and not a.names for a in build.of(act.Packages))
    kept: list[str] = []
    line: act.Action | None = None
    for action, names in added:
        gone = action.virtual and not stays(action.virtual)
        if gone or action.stage not in build.own or (own is not None and action is own[0]):
            continue
        purged_here = any(
            a.verb == "remove" and a.instruction is action.instruction for a in build.of(act.Packages)
        )
        if purges and purged_here:
            continue
        for name in names:
            if own is not None and name == own[1]:
                continue
            if (
                name in ("tzdata", "su-exec", "gosu")
                or name in _INITS
                or name in _LOCALES
                or name.startswith(("$", "-", "so:"))
            ):
                continue
            if _TOOLCHAIN.match(name):
                continue
            kept.append(name)
            line = line or action
    if kept and line is not None:
        yield _fact("runtime-packages", line, _short(kept, 6))


def _allocator(build: Build) -> Iterator[Fact]:
    for edit in build.of(act.Edit):
        if "jemalloc" in edit.pattern + edit.text:
            yield _fact("allocator-flags", edit, "jemalloc's configure flags")
            return
    for variable in build.final.variables() if build.final is not None else ():
        if variable.name in ("MALLOC_ARENA_MAX", "GLIBC_TUNABLES", "LD_PRELOAD"):
            span = variable.instruction.span
            yield OfPlatform("allocator-flags", f"{variable.name}={variable.value}", span.line, span.end_line)
            return


def _links(build: Build) -> Iterator[Fact]:
    links = [a for a in build.of(act.Move) if a.kind == "link" and _in_image(build, a) and _of_program(a)]
    if links:
        yield _fact("program-links", links[0], _short([_link_name(link) for link in links]))


def _of_program(link: act.Move) -> bool:
    """Whether a link is to a program or stands where programs are: not one of a log, a certificate, a directory."""
    ends = (link.source, link.target)
    return any(
        end.lower().endswith(".exe") or re.search(r"(^|/)s?bin(/|$)", end) is not None for end in ends
    ) or bool(re.search(r"(?i)\\(bin|scripts)\\", link.target))


def _in_image(build: Build, link: act.Move) -> bool:
    """Whether the image has a link: it is made in one of its own stages, or is in what is copied from another."""
    if link.stage in build.own:
        return True
    return any(
        copy.origin == link.stage
        and any(paths.under(link.target, source, build.platform) for source in copy.sources)
        for copy in build.of(act.CopyIn, own=True)
    )


def _link_name(link: act.Move) -> str:
    """What the link is called: its own name, or that of what it points to where it goes into a directory."""
    name = paths.name(link.target)
    if link.target.endswith(("/", "\\")) or "$" in name or name in ("bin", "sbin", "lib"):
        return paths.name(link.source) or name
    return name or "links"


def _caches(build: Build, added: list[tuple[act.Packages, list[str]]]) -> Iterator[Fact]:
    for action, _ in added:
        if action.manager == "apk":
            yield _fact("package-caches", action, "apk --no-cache" if action.no_cache else "apk, kept")
            return
        if action.manager in ("apt-get", "apt"):
            gone = any(any("/var/lib/apt/lists" in p for p in a.paths) for a in build.of(act.Remove))
            yield _fact("package-caches", action, "apt lists removed" if gone else "apt lists kept")
            return
