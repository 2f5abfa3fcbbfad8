"""layer-keeps-archive: archive left in the layer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.build import actions as act
from contrib.build import paths, products
from contrib.build.downloads import Fetched
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Fix, Severity
from contrib.values.patterns import lazy

_TAR = lazy(r"\.(tar(\.\w+)?|tgz|txz|tbz2)$", re.IGNORECASE)
_FILE = lazy(r"\.\w{1,6}$")


def check(context: Context) -> Iterator[Finding]:
    """Downloaded archives and installers of the image's own stages that their own RUN does not remove."""
    groups: dict[int, list[Fetched]] = {}
    for download in context.downloads:
        kept = (download.is_archive or download.is_installer) and download.removed is False
        if kept and download.file is not None and download.download.stage in context.build.own:
            groups.setdefault(id(download.instruction), []).append(download)
    for downloads in groups.values():
        names = list(dict.fromkeys(f"`{each.shown}`" for each in downloads))
        which, verb = ("it", "stays") if len(names) == 1 else ("them", "stay")
        what = f"{verb} in this layer: remove {which} in the same instruction"
        if downloads[0].added:
            what = f"{verb} in the layer of ADD, also when a later RUN removes {which}: fetch {which} in the RUN that uses {which}"
        yield context.found(
            RULE,
            downloads[0].line,
            f"{' and '.join(names)} {what}",
            fix=_removal(context, downloads),
            instruction=downloads[0].instruction,
        )
    yield from _added(context)


def _removal(context: Context, downloads: list[Fetched]) -> Fix | None:
    run = context.run_of(downloads[0].instruction)
    if run is None or run.shell != "powershell":
        return None
    names = []
    for download in downloads:
        name = _written(context, download)
        if download.use is None or "$" in name:
            return None
        names.append(f"'{name}'" if " " in name else name)
    return context.append_statement(run, f"Remove-Item {', '.join(dict.fromkeys(names))} -Force")


def _added(context: Context) -> Iterator[Finding]:
    """Archives and installers that COPY or ADD brings in: their layer keeps them, whatever a later RUN removes."""
    build = context.build
    for copy in build.of(act.CopyIn, own=True):
        here = copy.origin is None
        named = [s for s in copy.sources if _kept(context, copy, s)]
        inside = [
            paths.name(action.file)
            for action in build.of(act.Unpack, own=True)
            if here and action.order > copy.order and not named and context.from_context(copy, action.file)
        ]
        kept = [paths.name(s) for s in named] or inside[:1]
        if kept:
            where = "fetch it in the RUN that uses it" if here else "use it in the stage that it comes from"
            yield context.found(
                RULE,
                copy.line,
                f"`{kept[0]}` stays in the layer of {copy.instruction.keyword}, even if a later RUN removes it: {where}",
                instruction=copy.instruction,
            )


def _kept(context: Context, copy: act.CopyIn, source: str) -> bool:
    """An archive or installer of the build context; or whatever a later RUN uses up and removes."""
    kind = products.kind("https://x/" + paths.name(source))
    unpacked = copy.instruction.keyword == "ADD" and _TAR.search(source) is not None
    if copy.origin is None and kind in ("archive", "installer"):
        return not unpacked
    if kind not in ("archive", "installer", "program") or unpacked or not _FILE.search(source):
        return False
    places = (copy.target, paths.join(copy.target, paths.name(source), "windows"))
    return any(
        context.removals.after(place, copy.order) is not None for place in places if _FILE.search(place)
    )


def _written(context: Context, download: Fetched) -> str:
    """The file as the download writes it, where that is a plain word."""
    target = download.download.target
    text = context.file.text_of(target.span) if target is not None else ""
    return text if re.fullmatch(r"[\w.:\\/-]+", text) else download.shown


RULE = Rule(
    id="layer-keeps-archive",
    severity=Severity.WARNING,
    title="archive left in the layer",
    looks_for=(
        "An archive or installer is downloaded or copied in, and the same instruction does not remove it."
    ),
    why=("It stays in the layer. Removing it in a later RUN saves no space."),
    evidence=evidence("docker-library/redis#78"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV APP_VERSION=1.2.3
ENV APP_SHA256=24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
RUN Invoke-WebRequest -Uri https://example.org/app-1.2.3.zip -OutFile app.zip; \
	if ((Get-FileHash app.zip -Algorithm sha256).Hash -ne $env:APP_SHA256) { exit 1 }
RUN Expand-Archive app.zip -DestinationPath C:\app; Remove-Item app.zip
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV APP_VERSION=1.2.3
ENV APP_SHA256=24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
RUN Invoke-WebRequest -Uri https://example.org/app-1.2.3.zip -OutFile app.zip; \
	if ((Get-FileHash app.zip -Algorithm sha256).Hash -ne $env:APP_SHA256) { exit 1 }; \
	Expand-Archive app.zip -DestinationPath C:\app; \
	Remove-Item app.zip
"""
    ),
    check=check,
    fix="ask",
)
