"""version-mismatch: two versions of one thing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from contrib.build import actions as act
from contrib.build import paths, products
from contrib.dockerfile.model import Instruction
from contrib.rules.context import Context, ImageUse
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Edit, Finding, Fix, Severity
from contrib.values.patterns import lazy
from contrib.values.records import dataclass

_TAG = lazy(r"v?(\d+\.\d[a-z0-9.+-]*?)(?:-(?:windows|nanoserver|alpine|ltsc).*)?")
#: Characters of a tag (the registry's own limit).
_LONGEST = 128
_LITERAL = lazy(r"v?\d+\.\d\S*")


@dataclass(frozen=True)
class _Declared:
    prefix: str
    value: str
    instruction: Instruction
    line: int


def check(context: Context) -> Iterator[Finding]:
    """ENV X_VERSION against X's URL, X's tags in COPY --from, the version label."""
    declared = _declared(context)
    yield from _urls(context, declared)
    yield from _copies(context, declared)
    yield from _labels(context, declared)


def _declared(context: Context) -> dict[str, _Declared]:
    """The versions that ENV and ARG declare, by the name before ``_VERSION``; the first of each name."""
    found: dict[str, _Declared] = {}
    for instruction in context.file.instructions:
        if instruction.keyword not in ("ENV", "ARG"):
            continue
        for name, value in instruction.pairs:
            if value is None or not name.text.upper().endswith("_VERSION"):
                continue
            text = context.resolve(instruction, value.text)
            if _LITERAL.fullmatch(text):
                prefix = name.text.upper().removesuffix("_VERSION")
                found.setdefault(prefix, _Declared(prefix, _bare(text), instruction, name.span.line))
    return found


def _bare(version: str) -> str:
    return version[1:] if version[:1] in "vV" and version[1:2].isdigit() else version


def _urls(context: Context, declared: dict[str, _Declared]) -> Iterator[Finding]:
    for download in context.downloads:
        name = context.addresses.variable(download)
        own = _own(name, declared) if name is not None else None
        if own is None:
            product = products.product(download.url).upper().replace("-", "_")
            own = declared.get(product)
        carried = products.version(download.url)
        if own is None or carried is None or _agree(own.value, unquote(download.url), carried):
            continue
        line = context.addresses.line(download)
        yield context.found(
            RULE,
            line,
            f"`{own.prefix}_VERSION` says {own.value} (line {own.line}), the address says {carried}",
            fix=_rewritten(
                context, context.addresses.instruction(download) or download.instruction, carried, own.value
            ),
            instruction=context.addresses.instruction(download) or download.instruction,
            related=((context.name, own.line, "the version declared"),),
        )


def _rewritten(context: Context, holder: Instruction, old: str, new: str) -> Fix | None:
    """The declared version in the place of the other one, where the address is written out."""
    text = context.file.text_of(holder.span)
    places = [match.start() for match in re.finditer(rf"(?<![\d.]){re.escape(old)}(?![\d])", text)]
    # Only where every one of them belongs to an address: a checksum or another program's version does not.
    if not places or not all("://" in text[:at].rpartition(" ")[2].rpartition("=")[2] for at in places):
        return None
    edits = []
    for at in places:
        start = holder.span.start + len(text[:at].encode("utf-8", "surrogateescape"))
        edits.append(Edit(start, start + len(old.encode()), new.encode()))
    return context.fix(f"write {new} into the address", edits, safe=False)


def _retagged(context: Context, use: ImageUse, old: str, new: str) -> Fix | None:
    if use.span is None or use.text.count(old) != 1:
        return None
    text = use.text.replace(old, new)
    return context.fix(f"copy from `{text}`", context.replace(use.span, text), safe=False)


def _agree(declared: str, url: str, carried: str) -> bool:
    """The declared version stands in the URL; build metadata (``+9``) may be written another way there."""
    return declared in url or carried == re.split(r"[+_]", declared)[0]


def _own(name: str, declared: dict[str, _Declared]) -> _Declared | None:
    """The version whose name is the longest common beginning of the URL's: DOCKER_BUILDX for DOCKER_BUILDX_URL."""
    words = name.upper().split("_")
    for end in range(len(words), 0, -1):
        found = declared.get("_".join(words[:end]))
        if found is not None:
            return found
    return None


def _copies(context: Context, declared: dict[str, _Declared]) -> Iterator[Finding]:
    first: dict[str, tuple[str, int]] = {}
    for use in context.images:
        if use.via != "COPY" or not use.known or not use.official:
            continue
        match = _TAG.fullmatch((use.reference.tag or "")[:_LONGEST])
        if match is None:
            continue
        version, name = match[1], use.reference.repository
        own = declared.get(name.upper().replace("-", "_").replace("/", "_"))
        other, line = first.setdefault(name, (version, use.line))
        if own is not None and own.value != version and not own.value.startswith(version + "."):
            message = (
                f"copies from `{use.text}`, but `{own.prefix}_VERSION` says {own.value} (line {own.line})"
            )
            place = own.line
        elif other != version:
            message, place = f"copies from `{use.text}`, and from {other} at line {line}", line
        else:
            continue
        yield context.found(
            RULE,
            use.line,
            message,
            fix=_retagged(context, use, version, own.value if own is not None else other),
            instruction=use.instruction,
            related=((context.name, place, "the other version"),),
        )


def _labels(context: Context, declared: dict[str, _Declared]) -> Iterator[Finding]:
    known = {each.value for each in declared.values()}
    for use in context.images:
        match = _TAG.fullmatch((use.reference.tag or "")[:_LONGEST]) if use.via == "COPY" else None
        if match is not None:
            known.add(match[1])
    known |= _of_packages(context)
    if not known:
        # what is installed says it in its name
        for action in context.installers:
            carried = products.version("https://x/" + paths.name(action.file))
            if carried is not None and action.stage in context.build.own:
                known.add(carried)
        fetched_ = {
            products.version(d.url) for d in context.downloads if d.kind in ("archive", "installer")
        } - {None}
        if not known and len(fetched_) == 1:
            known.update(version for version in fetched_ if version is not None)
    for instruction in context.file.instructions:
        if instruction.keyword != "LABEL":
            continue
        for name, value in instruction.pairs:
            key = name.text.strip("\"'").lower()
            if value is None or (key != "version" and not key.endswith(".image.version")):
                continue
            text = _bare(context.resolve(instruction, value.text))
            # a label may name the series, or put a revision behind the version
            series = any(
                each.startswith(text + ".") or re.match(re.escape(each) + r"(?![.\d])", text)
                for each in known
            )
            if known and _LITERAL.fullmatch(text) and text not in known and not series:
                yield context.found(
                    RULE,
                    name.span.line,
                    f"the label says {text}, the file has {', '.join(sorted(known))}",
                    instruction=instruction,
                )


def _of_packages(context: Context) -> set[str]:
    """The version of the package that is named as the program that the image starts."""
    found = set()
    for action in context.build.of(act.Packages, own=True):
        version = action.versions.get(context.start.program)
        if action.verb == "add" and version is not None and _LITERAL.fullmatch(version):
            found.add(_bare(version))
    return found


RULE = Rule(
    id="version-mismatch",
    severity=Severity.ERROR,
    title="two versions of one thing",
    looks_for=(
        "The file names two different versions of one thing: in its ENV, its LABEL, its address, or "
        "the tag of a COPY --from."
    ),
    why=(
        "The image then claims a version that it does not contain. A release bump once gave "
        "redis's Windows images the version of Linux."
    ),
    evidence=evidence("docker-library/official-images@4a7b45c"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV APP_VERSION=1.2.4
ENV APP_URL=https://example.org/app-1.2.3.exe
ENV APP_SHA256=24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
RUN Invoke-WebRequest -Uri $env:APP_URL -OutFile C:\app.exe; \
	if ((Get-FileHash C:\app.exe -Algorithm sha256).Hash -ne $env:APP_SHA256) { exit 1 }
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV APP_VERSION=1.2.3
ENV APP_URL=https://example.org/app-1.2.3.exe
ENV APP_SHA256=24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
RUN Invoke-WebRequest -Uri $env:APP_URL -OutFile C:\app.exe; \
	if ((Get-FileHash C:\app.exe -Algorithm sha256).Hash -ne $env:APP_SHA256) { exit 1 }
"""
    ),
    check=check,
    fix="ask",
)
