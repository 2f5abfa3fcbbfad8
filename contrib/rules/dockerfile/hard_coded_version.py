"""hard-coded-version: version that no ENV holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.build import actions as act
from contrib.build import paths, products
from contrib.build.downloads import Fetched
from contrib.rules.context import Context
from contrib.rules.dockerfile.copied_binary import brings_program
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """A version in a download's address that no ENV or ARG of the file has as its value."""
    offered: set[str] = set()
    several = _several(context)
    for download in context.downloads:
        version = _unheld(context, download)
        if id(download.download.node) in several:
            continue
        if version is None:
            stage, carried = download.download.stage, products.version(download.url)
            if carried is not None and stage not in context.build.own and _copied_over(context, download):
                yield from _held_elsewhere(context, stage, carried)
            continue
        name = products.product(download.url).upper().replace("-", "_")
        variable = f"{name}_VERSION" if name.isidentifier() else "APP_VERSION"
        fix = None
        if variable not in offered and context.variable_names.isdisjoint({variable}):
            offered.add(variable)
            anchor = context.addresses.instruction(download) or download.instruction
            line = f"ENV {variable}={version}"
            fix = context.fix(
                f"add `{line}`",
                context.insert_line_before(anchor, line, above_comments=True),
                # a stage that is only copied from hands on no ENV; one variable does not say two versions
                safe=products.whole(download.url, version)
                and download.download.stage in context.build.own
                and _alone(context, download, version),
            )
        yield context.found(
            RULE,
            download.line,
            f"no ENV or ARG says `{version}`: users and scripts read the version from the environment (`ENV {variable}`)",
            fix=fix,
            instruction=download.instruction,
        )
    yield from _packages(context)
    yield from _packages_elsewhere(context)
    yield from _copied(context)


def _several(context: Context) -> set[int]:
    """Commands that fetch several versions of one thing, in a loop: no variable could say them all."""
    found: dict[int, set[tuple[str, str | None]]] = {}
    for download in context.downloads:
        if download.download.node is not None:
            told = (products.product(download.url), products.version(download.url))
            found.setdefault(id(download.download.node), set()).add(told)
    return {
        node
        for node, told in found.items()
        if len({name for name, _ in told}) == 1 and len({version for _, version in told}) > 1
    }


def _alone(context: Context, download: Fetched, version: str) -> bool:
    """No other download of that name has another version."""
    name = products.product(download.url)
    return all(
        products.product(other.url) != name or products.version(other.url) in (version, None)
        for other in context.downloads
    )


def _copied(context: Context) -> Iterator[Finding]:
    """A program of the build context whose version only the name of its file or directory says."""
    for action in context.build.of(act.CopyIn, own=True):
        if action.origin is not None or not brings_program(context, action):
            continue
        for source in action.sources:
            version = products.version("https://x/" + paths.name(source))
            if version is not None and version not in context.env_text:
                yield context.found(
                    RULE,
                    action.line,
                    f"no ENV or ARG says `{version}`, which stands in the name `{paths.name(source)}`: users and scripts read it from the environment",
                    instruction=action.instruction,
                )
                break


def _packages(context: Context) -> Iterator[Finding]:
    """``choco install erlang --version 19.3``: no ENV says 19.3."""
    for action in context.build.of(act.Packages, own=True):
        of_program = context.start.program in action.versions
        if (
            not (action.manager in ("choco", "winget") or of_program)
            or action.verb != "add"
            or not action.version
        ):
            continue
        if re.fullmatch(r"\d[\w.+-]*", action.version) and action.version not in context.env_text:
            names = ", ".join(f"`{name}`" for name in action.names)
            yield context.found(
                RULE,
                action.line,
                f"no ENV or ARG says `{action.version}`, the version of {names}: users and scripts read it from the environment",
                instruction=action.instruction,
            )


def _packages_elsewhere(context: Context) -> Iterator[Finding]:
    """A package whose version a stage declares that is only copied from, and whose files are copied by its name."""
    for action in context.build.of(act.Packages):
        if action.stage in context.build.own:
            continue
        taken = [
            source.lower()
            for copy in context.build.of(act.CopyIn, own=True)
            if copy.origin == action.stage
            for source in copy.sources
        ]
        for name, version in action.versions.items():
            if any(name in source for source in taken):
                yield from _held_elsewhere(context, action.stage, version.lstrip("v"))


def _held_elsewhere(context: Context, stage: int, version: str) -> Iterator[Finding]:
    """The variable that holds the version in another stage, where the image has none with that value."""
    build = context.build
    if build.final is None or any(
        version in (variable.value or "") for variable in build.final.variables() if variable.kind == "env"
    ):
        return
    for variable in build.environments.after(build.dockerfile.stages[stage]).variables():
        value = variable.value or ""
        if variable.kind == "env" and not variable.inherited and value.lstrip("v") == version:
            yield context.found(
                RULE,
                variable.instruction.line,
                f"`{variable.name}={value}` is set in a stage that is only copied from: the image itself does not have it",
            )
            return


def _copied_over(context: Context, download: Fetched) -> bool:
    """Whether the image copies what the download brings into its stage."""
    use = download.use
    place = use.directory if isinstance(use, act.Unpack) else download.download.file
    if isinstance(use, act.Run) and not paths.same(use.path, download.download.file, "windows"):
        # another program takes it apart: what comes of it may go anywhere
        return any(copy.origin == download.download.stage for copy in context.build.of(act.CopyIn, own=True))
    if isinstance(use, act.Unpack) and use.installer and not use.directory:
        # where an installer puts things is told by the name alone
        product = products.product(download.url)
        return any(
            copy.origin == download.download.stage
            and any(product in source.lower() for source in copy.sources)
            for copy in context.build.of(act.CopyIn, own=True)
        )
    return any(
        copy.origin == download.download.stage
        and any(
            paths.under(place, source, "windows") or paths.under(source, place, "windows")
            for source in copy.sources
        )
        for copy in context.build.of(act.CopyIn, own=True)
    )


def _unheld(context: Context, download: Fetched) -> str | None:
    if products.pinned(download.url) is not None or download.kind == "signature":
        return None
    path = download.url.partition("://")[2].partition("/")[2]
    found = products.versions(path) or products.versions(download.file or "")
    first = products.version(download.url) if path else None
    candidates = tuple(dict.fromkeys(([first] if first else []) + list(found)))
    if not candidates:
        return None
    for version in candidates:
        # A directory drops a pre-release suffix, a tag adds one: any of the address's versions will do.
        if version in context.env_text:
            return None
    if any(_part_of(context, download, source, candidates) for source in download.download.url.via):
        return None
    if _declared_otherwise(context, download):
        return None
    return candidates[0]


def _part_of(context: Context, download: Fetched, source: act.Source, candidates: tuple[str, ...]) -> bool:
    """A variable of the file holds a part of the version (``ENV MAJOR=1 MINOR=2.3``)."""
    if source.kind not in ("ENV", "ARG"):
        return False
    value = context.environment(download.instruction).value(source.name) or ""
    return bool(re.fullmatch(r"v?\d+(\.\d+)*", value)) and any(
        value.lstrip("v") in each for each in candidates
    )


def _declared_otherwise(context: Context, download: Fetched) -> bool:
    """The variable that should hold the version holds another one: `version-mismatch` says so."""
    name = f"{products.product(download.url).upper().replace('-', '_')}_VERSION"
    value = context.environment(download.instruction).value(name)
    return value is not None and bool(re.fullmatch(r"v?\d+\.\d[\w.+-]*", value))


RULE = Rule(
    id="hard-coded-version",
    severity=Severity.WARNING,
    title="version that no ENV holds",
    looks_for=(
        "A version is part of an address or a file name, and no ENV or ARG of this file has it as its "
        "value. An address that is written out beside `ENV APP_VERSION` of the same value is fine."
    ),
    why=("Users and update scripts read the version from the environment."),
    evidence=evidence("docker-library/redis@709e6a8", "docker-library/redis#78"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV APP_SHA256=24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
RUN Invoke-WebRequest -Uri https://example.org/app-1.2.3.exe -OutFile C:\app.exe; \
	if ((Get-FileHash C:\app.exe -Algorithm sha256).Hash -ne $env:APP_SHA256) { exit 1 }
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV APP_VERSION=1.2.3
ENV APP_SHA256=24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
RUN Invoke-WebRequest -Uri https://example.org/app-1.2.3.exe -OutFile C:\app.exe; \
	if ((Get-FileHash C:\app.exe -Algorithm sha256).Hash -ne $env:APP_SHA256) { exit 1 }
"""
    ),
    check=check,
    fix="yes",
)
