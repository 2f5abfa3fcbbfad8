"""missing-library: a program or a copied library needs what its base does not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contrib.rules.context import Context
from contrib.rules.registry import Example, Need, Rule, evidence
from contrib.values.findings import Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """Copies of what is not there or does not load; programs that would not start."""
    from contrib.facts.starts import starts

    if context.known is None:
        return
    found = starts(context.build, context.known)
    if found is None:
        return
    base = found.answer.base.name
    for copy in found.copies:
        if not copy.there:
            message = f"`{copy.name}` is not in {copy.origin}, so the COPY fails"
            yield context.found(RULE, copy.line, message)
        for trouble in copy.troubles:
            if trouble.verdict.fails:
                chain = " > ".join((*trouble.chain, trouble.library))
                yield context.found(
                    RULE, copy.line, f"`{copy.name}` does not load on {base}: {chain}: {trouble.why}"
                )
    for result in found.answer.programs:
        if result.verdict.fails:
            trouble = result.troubles[0]
            chain = " > ".join((*trouble.chain, trouble.library)) if trouble.library else trouble.chain[-1]
            code = f" ({trouble.exit.hex})" if trouble.exit is not None else ""
            message = f"`{result.binary.name}` does not start on {base}: {result.verdict.value}{code}: {chain}: {trouble.why}"
            yield context.found(RULE, found.line, message)


def _example() -> Any:
    """A nanoserver without network accounts, and the servercore that has them; netapi32 needs netutils."""
    from contrib.binaries.inventory import build
    from contrib.binaries.model import Binary, Exports, Import
    from contrib.facts.starts import Known

    def library(name: str, function: str, *imports: Import) -> Binary:
        path = f"C:\\Windows\\System32\\{name}"
        return Binary(path, library=True, exports=Exports(frozenset({function})), imports=imports)

    ntdll = library("ntdll.dll", "NtClose")
    netapi = library("netapi32.dll", "NetUserGetInfo", Import("netutils.dll", ("NetApiBufferFree",)))
    netutils = library("netutils.dll", "NetApiBufferFree", Import("ntdll.dll", ("NtClose",)))
    bases = {
        each.base: each
        for each in (
            build("mcr.microsoft.com/windows/nanoserver:ltsc2022", (ntdll,)),
            build("mcr.microsoft.com/windows/servercore:ltsc2022", (ntdll, netapi, netutils)),
        )
    }
    return Known(bases.get)


_NEEDS: frozenset[Need] = frozenset({"text", "inventory"})
RULE = Rule(
    id="missing-library",
    severity=Severity.ERROR,
    title="needs a library that is not there",
    looks_for=(
        "A program of the image, or a library that it copies from servercore, needs a library "
        "or a function that neither the base nor the image has. contrib works this out as the "
        "Windows loader would, from the inventory of the base in your cache (`contrib loads "
        "--inventory-of BASE`) and from archives that it has read."
    ),
    why=(
        "Windows ends such a program before it starts, with exit code 3221225781 or 3221225785 and "
        "without a message."
    ),
    evidence=evidence("docker-library/mongo#698"),
    bad=Example(
        r"""
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --from=app:1.2.3-windowsservercore-ltsc2022 \
	C:\\Windows\\System32\\netapi32.dll \
	C:\\Windows\\System32\\
""",
        known=_example,
    ),
    good=Example(
        r"""
FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
COPY --from=app:1.2.3-windowsservercore-ltsc2022 \
	C:\\Windows\\System32\\netapi32.dll \
	C:\\Windows\\System32\\netutils.dll \
	C:\\Windows\\System32\\
""",
        known=_example,
    ),
    check=check,
    needs=_NEEDS,
)
