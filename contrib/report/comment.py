"""The review of a pull request as one comment: short enough to be read, and known again by its first line."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from contrib.values.findings import Finding, Severity, summary
from contrib.values.markdown import link, plain

#: Lines that a comment has at most.
MOST_LINES = 15
#: The first line of every comment of ours.
MARKER = "<!-- contrib review -->"
_LONGEST = 220


def comment(findings: Sequence[Finding], pull: str, head: str, notes: Sequence[str]) -> str:
    """At most :data:`MOST_LINES` lines of Markdown: the worst findings first, those that say the same in one line, then
    what was not checked.

    :param pull: address of the pull request.
    :param head: the commit that was reviewed.
    """
    counts = ", ".join(
        f"{count} {name}{'' if count == 1 else 's'}" for name, count in summary(findings).items() if count
    )
    lines = [MARKER, f"**contrib review** of {head[:12]}: {counts or 'no findings'}", ""]
    groups: dict[tuple[str, str, Severity], list[Finding]] = {}
    for each in sorted(
        (each for each in findings if each.accepted is None),
        key=lambda each: (-each.severity.rank, each.file, each.line or 0),
    ):
        groups.setdefault((each.rule, each.message, each.severity), []).append(each)
    worst = list(groups.values())
    tail = [f"Not checked: {_short('; '.join(notes))}"] if notes else []
    room = MOST_LINES - len(lines) - len(tail) - (1 if tail else 0)
    shown = worst if len(worst) <= room else worst[: room - 1]
    repository = pull.rpartition("/pull/")[0]
    for each, *others in shown:
        place = f"{each.file}:{each.line}"
        url = f"{repository}/blob/{head}/{quote(each.file)}#L{each.line}"
        mark = "" if each.severity is Severity.NOTE else f"**{each.severity.value}** "
        more = f" and {len(others)} more place{'' if len(others) == 1 else 's'}:" if others else ""
        lines.append(f"- {mark}{link(place, url)}{more} {_short(each.message)} (`{each.rule}`)")
    if len(shown) < len(worst):
        lines.append(f"- and {sum(map(len, worst[len(shown) :]))} more")
    if tail:
        lines += ["", *tail]
    return "\n".join(lines)


def _short(text: str) -> str:
    words = " ".join(text.split())
    return plain(words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…")
