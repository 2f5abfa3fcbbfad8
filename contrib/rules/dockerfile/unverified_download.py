"""unverified-download: download without a checksum."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.build import products
from contrib.build.downloads import Fetched
from contrib.dockerfile.model import Dockerfile
from contrib.rules.addresses import address
from contrib.rules.context import Context
from contrib.rules.dockerfile.ineffective_verification import problem
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity
from contrib.values.patterns import lazy

_DIGEST_NAMES = ("SHA", "CHECKSUM", "DIGEST", "HASH", "MD5")
_DIGEST = lazy(r"[0-9a-fA-F]{32,128}")
_SUBJECT = lazy(r"\b\w*(?:sha-?\d*|sha\d+sums?|checksums?|hash(?:es)?|digests?|signatures?)\b", re.IGNORECASE)
_LACKS = lazy(r"\b(?:no|not|without|lacks?|missing|todo|does ?n[o']t|none)\b", re.IGNORECASE)
_LACKING = lazy(r"\b(?:not|no|none|missing|todo)\b", re.IGNORECASE)


def check(context: Context) -> Iterator[Finding]:
    """Downloads that nothing in the file vouches for, those of one instruction and one reason together."""
    any_verified = any(download.verified for download in context.downloads)
    groups: dict[tuple[int, str], list[Fetched]] = {}
    for download in context.downloads:
        if download.verified or problem(download) is not None or _needs_none(download):
            continue
        if download.added and download.instruction.flag("checksum") is not None:
            continue  # `buildkit-only-syntax`
        reason = ""
        if said_absent(context.file, context.addresses.lines(download), download):
            reason = "absent"
        elif download.kind == "text" and any_verified:
            reason = "text"
        groups.setdefault((id(download.instruction), reason + _compared(download)), []).append(download)
    unread = _unread_digest(context) if groups else None
    for (_, reason), downloads in groups.items():
        several = len(downloads) > 1
        what = f"{_named(downloads)} {'are' if several else 'is'} {_compared(downloads[0])}"
        severity = Severity.WARNING
        if reason.startswith("absent"):
            what += "; a comment says that upstream publishes none"
        elif reason.startswith("text"):
            what += (
                "; a text beside a verified program"
                if several
                else "; it is a text beside a verified program"
            )
        else:
            severity = Severity.ERROR
            if unread is not None:
                what += f" (`{unread}` is set and never read)"
        first = downloads[0]
        yield context.found(RULE, first.line, what, severity=severity, instruction=first.instruction)


def _compared(download: Fetched) -> str:
    check = download.check
    if check is None:
        return "not compared with a checksum that stands in this file"
    if check.where == "fetched":
        return "compared with a checksum that is fetched in the build, and does not stand in this file"
    held = f" (`{check.variable}`)" if check.variable else ""
    return f"compared with a checksum that does not stand in this file{held}"


def _named(downloads: list[Fetched]) -> str:
    names = list(dict.fromkeys(f"`{address(download)}`" for download in downloads))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _needs_none(download: Fetched) -> bool:
    """The address fixes the content, or what is fetched is itself a signature, or is only looked at."""
    if download.download.tool == "git":
        return True  # a commit fixes the content, a branch is `moving-download-url`
    if download.unfollowed is not None and download.check is None:
        return True  # `unread-shell` says so
    if download.url_known and not download.url:
        return True  # `empty-variable`
    if products.pinned(download.url) is not None or download.kind == "signature":
        return True
    return download.looked_at


def said_absent(file: Dockerfile, lines: tuple[int, int], download: Fetched) -> bool:
    """A comment between the URL's ENV and the RUN, just above it, or in the RUN, says that there is no checksum."""
    first, last = lines
    near = [c for c in file.comments if first <= c.span.line <= last]
    return any(_lacks(comment.text) for comment in (*near, *download.instruction.comments))


def _lacks(text: str) -> bool:
    """ "no checksum", "without a digest", "sha256: none"."""
    subjects = [found.span() for found in _SUBJECT.finditer(text)]
    before = _LACKS.search(text) if subjects else None
    if before is not None and before.end() <= subjects[-1][0]:
        return True
    return bool(subjects) and _LACKING.search(text, subjects[0][1]) is not None


def _unread_digest(context: Context) -> str | None:
    for instruction in context.file.instructions:
        if instruction.keyword not in ("ENV", "ARG"):
            continue
        for name, value in instruction.pairs:
            if value is None or not any(word in name.text.upper() for word in _DIGEST_NAMES):
                continue
            if _DIGEST.fullmatch(context.resolve(instruction, value.text)) and not context.readers.uses(
                name.text
            ):
                return name.text
    return None


RULE = Rule(
    id="unverified-download",
    severity=Severity.ERROR,
    title="download without a checksum",
    looks_for=(
        "You download a file, and the same RUN does not compare it with a digest that is written in "
        "this Dockerfile (`Get-FileHash`, `certutil -hashfile`, the .NET hash classes), nor check it "
        "with `gpg --verify`. A digest that is fetched from the same site while building does not "
        "count. An address that fixes its content, with a commit or digest in it, is fine. It is a "
        "warning when a comment says that upstream publishes no checksum, or for a text file beside a "
        "program that is verified."
    ),
    why=(
        "Official images ask for https and for a checksum in the file. Then a changed artifact cannot "
        "slip in, and a new one is a visible change of the Dockerfile."
    ),
    evidence=evidence(
        "nodejs/docker-node#2136", "moby/moby#30395", "moby/moby#46727", 'guidelines "Security"'
    ),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV APP_VERSION=1.2.3
RUN Invoke-WebRequest -Uri https://example.org/app-1.2.3.zip -OutFile app.zip; \
	Expand-Archive app.zip -DestinationPath C:\app; \
	Remove-Item app.zip
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
)
