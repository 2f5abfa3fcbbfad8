"""The row "starts on its base": whether Windows' loader finds what the programs import."""

from __future__ import annotations

from contrib.compare.model import ParityRow
from contrib.facts.kinds import Fact
from contrib.facts.starts import Starts
from contrib.values.findings import Evidence, Verdict

NAME = "starts-on-base"
_ORDER = Evidence(
    "how Windows looks for libraries",
    "https://learn.microsoft.com/windows/win32/dlls/dynamic-link-library-search-order",
)


def starts_row(found: Starts | None) -> ParityRow | None:
    """The row; None where neither the base nor a program is known.

    The Linux side has no such fact: there, the build links the programs against the base itself.
    """
    if found is None or not found.known:
        return None
    base = found.answer.base.inventory
    where = base.label if base is not None else found.answer.base.name
    programs = found.answer.programs
    fails = [each for each in programs if each.verdict.fails]
    unknown = [each for each in programs if each.verdict.value == "unknown"]
    if fails:
        trouble = fails[0].troubles[0]
        chain = " > ".join((*trouble.chain, trouble.library)) if trouble.library else trouble.chain[-1]
        fact = Fact(NAME, f"no: {fails[0].binary.name}, {fails[0].verdict.value}", found.line, found.line)
        code = f", exit code {trouble.exit.hex}" if trouble.exit is not None else ""
        why = f"resolved against {where}, not run: {chain}: {trouble.why}{code}"
        return ParityRow(NAME, None, fact, Verdict.DIFFERENT, why, evidence=(_ORDER,))
    if unknown:
        names = sorted({trouble.library for each in unknown for trouble in each.troubles if trouble.library})
        fact = Fact(NAME, "all that is imported is there", found.line, found.line)
        why = (
            f"resolved against {where}, not run: whether {', '.join(names[:6])} are looked up while it runs cannot be "
            "told from the files"
        )
        return ParityRow(NAME, None, fact, Verdict.UNKNOWN, why, evidence=(_ORDER,))
    fact = Fact(NAME, f"yes: {len(programs)} programs", found.line, found.line)
    why = f"resolved against {where}, not run; on Linux the build links against the base itself"
    return ParityRow(NAME, None, fact, Verdict.JUSTIFIED, why, evidence=(_ORDER,))
