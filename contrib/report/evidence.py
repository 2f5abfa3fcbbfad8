"""An evidence record for a terminal: each variant, its checks, and what was seen."""

from __future__ import annotations

import textwrap

from contrib.values.evidence import CheckResult, Record, Tried

_WORDS = {"passed": "yes", "failed": "NO", "not-run": "not run"}


def render(record: Record, *, width: int = 80, full: bool = False) -> str:
    """The text; without ``full`` checks that passed are counted and the others shown.

    :param width: columns.
    """
    place = record.place
    details = [part for part in (place.os_version, place.runner, place.isolation) if part]
    blocks = [
        f"{record.image}: Docker {place.engine} ({place.os}{', ' if details else ''}{', '.join(details)})"
    ]
    blocks += ["\n".join(_variant(each, width, full)) for each in record.variants]
    return "\n\n".join(blocks) + "\n"


def _variant(tried: Tried, width: int, full: bool) -> list[str]:
    lines = [f"{tried.variant} {tried.version}: {tried.result}", f"  {tried.path}"]
    if tried.result == "not-run" and not full:
        why = next((check.why for check in tried.checks if check.result == "not-run"), "no check ran")
        return [*lines, *_wrapped(f"not run: {why}", width)]
    shown = [check for check in tried.checks if full or check.result == "failed"]
    names = max((len(check.check) for check in shown), default=0)
    for check in shown:
        lines += _check(check, min(names, 48), width)
    hidden = [check for check in tried.checks if check not in shown]
    passed = sum(check.result == "passed" for check in hidden)
    if passed:
        lines.append(f"  {passed} checks passed" + ("" if full else " (-v shows them)"))
    reasons: dict[str, int] = {}
    for check in hidden:
        if check.result == "not-run":
            reasons[check.why] = reasons.get(check.why, 0) + 1
    for why, number in reasons.items():
        lines += _wrapped(f"{number} not run: {why}", width)
    return lines


def _check(check: CheckResult, names: int, width: int) -> list[str]:
    time = f"({check.seconds:.1f} s)" if (check.seconds or 0) >= 0.05 else ""
    line = f"  {check.check:<{names}}  {_WORDS[check.result]:<7} {time}".rstrip()
    said = [part for part in dict.fromkeys((check.why, check.said)) if part]
    lines = [line]
    for part in said if check.result == "failed" else said[:1]:
        lines += _wrapped(part, width, "      ")
    return lines


def _wrapped(text: str, width: int, indent: str = "  ") -> list[str]:
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
