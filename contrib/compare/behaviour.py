"""What ran, beside what is written: the checks of evidence records as rows of a comparison. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from contrib.compare.model import Behaviour
from contrib.values.evidence import CheckResult, Record, dockerfile_sha256


def behaviour(records: Sequence[Record], windows: bytes, linux: bytes) -> tuple[Behaviour, ...]:
    """One row per check that a record has of either file, in the order of the records.

    An entry is about a file when its digest is that of the file's bytes; the twin is an entry of kind ``linux``.
    Of several hosts a failure counts before a success, and that before a check that was not run.

    :returns: nothing when no record is about the Windows file.
    """
    mine = _checks(records, windows, twin=False)
    theirs = _checks(records, linux, twin=True)
    if not mine:
        return ()
    rows = []
    for name in dict.fromkeys([*mine, *theirs]):
        here, there = mine.get(name), theirs.get(name)
        rows.append(
            Behaviour(
                name,
                there.result if there is not None else None,
                here.result if here is not None else None,
                _said(here, there),
            )
        )
    return tuple(rows)


def _checks(records: Sequence[Record], data: bytes, *, twin: bool) -> dict[str, CheckResult]:
    digest = dockerfile_sha256(data)
    order = {"failed": 0, "passed": 1, "not-run": 2}
    found: dict[str, CheckResult] = {}
    for record in records:
        for tried in record.variants:
            if tried.dockerfile_sha256 != digest or (tried.kind == "linux") != twin:
                continue
            for check in tried.checks:
                known = found.get(check.check)
                if known is None or order[check.result] < order[known.result]:
                    found[check.check] = check
    return found


def _said(here: CheckResult | None, there: CheckResult | None) -> str:
    """What tells the two apart: why one failed or did not run, else what Windows printed."""
    for each in (here, there):
        if each is not None and each.result == "failed":
            return ": ".join(dict.fromkeys(part for part in (each.why, each.said) if part))
    if here is None:
        return "no record has it of Windows"
    return here.why if here.result == "not-run" else here.said
