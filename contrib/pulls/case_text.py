"""What a pull request's text says of the case for an image, and of what was built and run: Markdown from values.

Every sentence rests on the image's case (dated and linked) or on an evidence record whose digests are those of
the proposal. Short enough to be read: the case is ten lines at most, and tables are folded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from contrib.images.case import SURE, Case, History, Statement
from contrib.trial.table import place_line, safe, table
from contrib.values.evidence import Record, Standing
from contrib.values.findings import Evidence

_DID = {
    "accepted": "accepted",
    "removed": "removed",
    "declined": "declined",
    "requested": "requested",
    "answered": "discussed",
    "fixed": "corrected",
}
#: Characters of one line that is quoted from the case.
_LONG = 420


def case_text(case: Case | None, repository: str, port: str, kinds: Iterable[str]) -> str:
    """The history, upstream's position, who builds the binaries, and what is most important of how they run.

    :param repository: ``owner/name`` that the text goes to. :param kinds: of the variants that are proposed.
    """
    if case is None:
        return ""
    kinds = tuple(kinds)
    lines = []
    decided = [
        each for each in case.history if each.outcome in ("accepted", "removed", "declined", "requested")
    ]
    other = [each for each in case.history if each not in decided]
    if decided:
        said = ", ".join(
            f"{_DID[each.outcome]} in {link(each.thread)} ({each.date:%Y-%m})" for each in decided
        )
        lines.append(f"- **Before:** Windows variants were {said}. {_removed(decided)}".rstrip())
    changed = [each.since for each in case.history if each.since]
    if changed:
        lines.append(f"- **What has changed since:** {'; '.join(_clause(each) for each in changed)}.")
    elif other:
        lines.append(f"- **Also:** {_sentence(other[-1].what)} ({link(other[-1].thread)})")
    upstream = case.about(case.upstream, port, kinds)
    if upstream:
        lines.append("- **Upstream:** " + " ".join(_stated(each) for each in upstream[:2]))
    built = sorted(case.about(case.provenance, port, kinds), key=lambda each: not each.first)
    if built:
        lines.append("- **Who builds the binaries:** " + " ".join(_stated(each) for each in built[:3]))
    for each in case.about(case.runtime, port, kinds):
        if each.first:
            follows = f" So {each.follows}." if each.follows else ""
            lines.append(
                f"- **{safe(each.topic)[:1].upper()}{safe(each.topic)[1:]}:** {_stated(each)}{follows}"
            )
    return "### What to know first\n\n" + "\n".join(lines[:9])


def known_text(case: Case | None, port: str, kinds: Iterable[str]) -> str:
    """What else is known of the binaries and of how they run, folded."""
    if case is None:
        return ""
    kinds = tuple(kinds)
    built = sorted(case.about(case.provenance, port, kinds), key=lambda each: not each.first)[3:]
    run = [each for each in case.about(case.runtime, port, kinds) if not each.first]
    lines = [f"- {safe(each.topic)}: {_stated(each)}" for each in (*built, *run)]
    return folded("What else is known, and how sure it is", "\n".join(lines)) if lines else ""


def proof_text(standings: Sequence[Standing], left_out: Sequence[tuple[str, str]]) -> str:
    """What was built and run, of each variant that is proposed; and which are left out, with the reason.

    :param standings: of the proposed files. :param left_out: variant and reason.
    """
    lines = []
    passed = [each for each in standings if each.result == "passed"]
    failed = [each for each in standings if each.result == "failed"]
    untried = [each for each in standings if each.result == "not-run"]
    for each in failed:
        lines.append(f"**`{each.variant}` fails:** {safe(each.why)}.")
    if passed:
        places = dict.fromkeys(
            place_line(record) + (f", [run]({record.run})" if record.run else "")
            for each in passed
            for record, _ in each.seen
        )
        names = ", ".join(f"`{each.variant}`" for each in passed)
        lines.append(f"Built and run: {names}, with {'; '.join(places)}. The files have not changed since.")
    if untried:
        names = ", ".join(f"`{each.variant}`" for each in untried)
        whys = dict.fromkeys(
            each.why for each in untried if each.why and "no evidence record" not in each.why
        )
        reason = f" ({safe('; '.join(whys))})" if whys else ""
        lines.append(f"**Not built and not run on Windows:** {names}{reason}.")
    for name, cause in left_out:
        lines.append(f"`{name}` is left out: {safe(cause)}.")
    pairs = [pair for each in (*failed, *passed) for pair in each.seen]
    if pairs:
        lines.append(folded(_counted(pairs), table(pairs)))
    return "### What was built and run\n\n" + "\n\n".join(lines) if lines else ""


def care_text(case: Case | None) -> str:
    """Who maintains the variants, and what CI they need."""
    return f"{_sentence(case.maintainer)} {_sentence(case.ci)}" if case is not None else ""


def link(evidence: Evidence) -> str:
    """Evidence as a link; GitHub writes the short form of its own threads by itself."""
    return f"[{safe(evidence.label)}]({evidence.url})"


def folded(summary: str, content: str) -> str:
    """Something that is opened by who wants it."""
    return f"<details>\n<summary>{summary}</summary>\n\n{content}\n\n</details>"


def unfolded(text: str) -> str:
    """The text without what is folded: what a reader sees first."""
    shown, depth = [], 0
    for line in text.splitlines():
        if line.startswith("<details"):
            depth += 1
        if not depth or line.startswith("<summary"):
            shown.append(line)
        if line.startswith("</details"):
            depth -= 1
    return "\n".join(shown)


def _counted(pairs: Sequence[tuple[Record, object]]) -> str:
    from contrib.values.evidence import Tried

    results = [check.result for _, tried in pairs if isinstance(tried, Tried) for check in tried.checks]
    parts = [f"{results.count('passed')} checks passed"]
    if results.count("failed"):
        parts.append(f"{results.count('failed')} failed")
    if results.count("not-run"):
        parts.append(f"{results.count('not-run')} do not apply there or were not reached")
    return ", ".join(parts)


def _removed(history: Sequence[History]) -> str:
    """Why they are not there today: what the last decision was."""
    against = [each for each in history if each.outcome in ("removed", "declined")]
    return _sentence(against[0].what) if against else _sentence(history[-1].what)


def _stated(statement: Statement) -> str:
    sources = ", ".join(link(each) for each in statement.evidence[:2])
    sure = "" if statement.sure in ("source", "measured") else f"{SURE[statement.sure]}: "
    return f"{_sentence(statement.text)} ({sure}{sources})"


def _sentence(text: str) -> str:
    text = _plain(text).rstrip(".")
    return f"{text}."


def _clause(text: str) -> str:
    return _plain(text).rstrip(".")


def _plain(text: str) -> str:
    """The data's own words on one line; code spans stay as they are."""
    text = " ".join(text.split())
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"
