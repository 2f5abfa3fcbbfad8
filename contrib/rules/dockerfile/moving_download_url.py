"""moving-download-url: address that moves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.build import products
from contrib.build.downloads import Fetched
from contrib.rules.context import Context
from contrib.rules.registry import Example, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """URLs that name no version and no digest, or a branch; those of one instruction together."""
    groups: dict[int, list[tuple[Fetched, str]]] = {}
    for download in context.downloads:
        if download.verified or download.kind == "signature" or not download.url_known or not download.url:
            continue
        if download.looked_at:
            continue
        reason = _moving_clone(download) if download.download.tool == "git" else products.moving(download.url)
        if reason is not None:
            groups.setdefault(id(download.instruction), []).append((download, reason))
    for moving in groups.values():
        first = moving[0][0]
        names = list(dict.fromkeys(f"`{each.url}`" for each, _ in moving))
        reasons = list(dict.fromkeys(reason for _, reason in moving))
        yield context.found(
            RULE,
            first.line,
            f"{' and '.join(names)} may give another file tomorrow ({'; '.join(reasons)})",
            instruction=first.instruction,
        )


def _moving_clone(download: Fetched) -> str | None:
    """A clone whose content nothing fixes: a branch, or nothing, is checked out."""
    revision = download.download.revision
    if re.fullmatch(r"[0-9a-fA-F]{40}", revision):
        return None
    if re.search(r"\d", revision):
        return None  # a tag, or a variable
    if re.search(r"[$%]", revision):
        return None
    return f"the branch `{revision}` moves" if revision else "the branch that is checked out moves"


RULE = Rule(
    id="moving-download-url",
    severity=Severity.WARNING,
    title="address that moves",
    looks_for=(
        "An address names no version and no digest, or has `latest`, `master`, `main`, `HEAD` or "
        "`nightly` in its path. It is not reported when the file is compared with a digest in this "
        "Dockerfile."
    ),
    why=("The same Dockerfile may give a different image tomorrow."),
    evidence=evidence("docker-library/python#408"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
RUN Invoke-WebRequest -Uri https://example.org/get-app.py -OutFile get-app.py; \
	python get-app.py
"""
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]
ENV GET_APP_URL=https://example.org/raw/5f4a2f36d7a0c2a2dd8ea8f5d9a3f9d9dfc0b2e1/get-app.py
RUN Invoke-WebRequest -Uri $env:GET_APP_URL -OutFile get-app.py; \
	python get-app.py
"""
    ),
    check=check,
)
