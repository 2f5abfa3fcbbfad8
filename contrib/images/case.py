"""The case for an image: what ``case.toml`` in its folder says, read strictly.

What was decided before, what upstream says, who builds the binaries and how, and what is known of how they run:
each statement with its date, its source and how sure it is. A pull request leads with it.

Shape::

    looked = "2026-11-28"                    # when the threads were last read
    [advice]                                 # what a person should do before a pull request
    verdict = "go" | "ask-first" | "not-yet"
    why = "one sentence"
    until = ["what would change that", …]
    [care]                                   # who maintains the variants, and what CI they need
    who, ci
    [[history]]                              # oldest first
    date, thread, outcome = accepted | removed | declined | requested | answered | fixed, what, since
    [[upstream]], [[provenance]], [[runtime]]
    topic, text, date, sure = measured | source | reports | one-report | unverified, follows, evidence
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from contrib.images.reading import evidence_of
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput
from contrib.values.findings import Evidence
from contrib.values.tables import Table, decode, read_file

FILE = "case.toml"

Verdict = Literal["go", "ask-first", "not-yet"]
VERDICTS: tuple[Verdict, ...] = ("go", "ask-first", "not-yet")
OUTCOMES = ("accepted", "removed", "declined", "requested", "answered", "fixed")
#: How sure a statement is, and how a sentence says so.
SURE = {
    "measured": "measured",
    "source": "read in the source",
    "reports": "several reports",
    "one-report": "one report",
    "unverified": "not verified",
}

_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class History:
    """One thing that the maintainers decided or were asked.

    :param thread: where. :param what: a sentence in the past tense. :param since: what has changed since; "" for nothing.
    """

    date: date
    thread: Evidence
    outcome: str
    what: str
    since: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that is known.

    :param topic: a word or two. :param text: a sentence. :param follows: what it means for who runs or reviews the
        image; "" where the text says it. :param port: name of the port that it is about, None for every one.
    :param kinds: of variants that it is about; all when empty.
    :param first: so important that the body begins with it.
    :param answers: names of checks (``default-command/stop``) that a run answers it by.
    """

    topic: str
    text: str
    date: date
    sure: str
    evidence: tuple[Evidence, ...]
    follows: str = ""
    port: str | None = None
    kinds: tuple[str, ...] = ()
    first: bool = False
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """What a person should do first. :param until: what would change that, one clause each."""

    verdict: Verdict
    why: str
    until: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The advice in one sentence."""
        lead = {
            "go": "Open the pull request",
            "ask-first": "Ask the maintainers first, in an issue",
            "not-yet": "Do not open a pull request yet",
        }[self.verdict]
        return f"{lead}: {self.why[:1].lower()}{self.why[1:].rstrip('.')}."


@dataclass(frozen=True, slots=True)
class Case:
    """All of ``case.toml``. :param looked: when the threads were last read."""

    file: str
    looked: date
    advice: Advice
    maintainer: str
    ci: str
    history: tuple[History, ...]
    upstream: tuple[Statement, ...]
    provenance: tuple[Statement, ...]
    runtime: tuple[Statement, ...]

    def about(
        self, statements: Iterable[Statement], port: str, kinds: Iterable[str]
    ) -> tuple[Statement, ...]:
        """The statements that are about a port and some kinds of variants."""
        wanted = set(kinds)
        return tuple(
            each
            for each in statements
            if each.port in (None, port) and (not each.kinds or wanted & set(each.kinds))
        )

    def stale(self, today: date) -> bool:
        """Whether the threads were last read more than a year ago."""
        return (today - self.looked).days > 365


def load_case(folder: Path, ports: tuple[str, ...], kinds: tuple[str, ...]) -> Case | None:
    """The case of an image's folder; None when it has none.

    :param ports: names of the image's ports. :param kinds: of its variants.
    :raises BadInput: it is wrong: file, line and key.
    """
    path = folder / FILE
    return read_case(read_file(path), str(path), ports, kinds) if path.is_file() else None


@bounded("file")
def read_case(data: bytes, file: str, ports: tuple[str, ...], kinds: tuple[str, ...]) -> Case:
    """The case that a text makes.

    :raises BadInput: a key that is missing, unknown or without effect; a statement without a source or a date.
    """
    top = Table(decode(data, file), "", file, data.decode("utf-8"))
    advice = top.table("advice")
    care = top.table("care")
    case = Case(
        file=file,
        looked=_date(top, "looked"),
        advice=Advice(
            advice.choice("verdict", VERDICTS),  # type: ignore[arg-type]
            advice.text("why", "one sentence"),
            advice.texts("until", "what would change that, a list of clauses", default=()),
        ),
        maintainer=care.text("who", "who will maintain the variants, a sentence"),
        ci=care.text("ci", "what CI they need, a sentence"),
        history=tuple(_history(each) for each in top.tables("history", required=False)),
        upstream=_statements(top, "upstream", ports, kinds, file),
        provenance=_statements(top, "provenance", ports, kinds, file),
        runtime=_statements(top, "runtime", ports, kinds, file),
    )
    for table in (advice, care, top):
        table.done()
    if case.advice.verdict != "go" and not case.advice.until:
        raise BadInput("advice.until: expected what would change the advice", file=file)
    if case.advice.verdict == "go" and case.advice.until:
        raise BadInput("advice.until: has no effect: nothing stands in the way of 'go'", file=file)
    dates = [each.date for each in case.history]
    if dates != sorted(dates):
        raise BadInput("history: expected the oldest first", file=file)
    dated = [*dates, *(each.date for each in (*case.upstream, *case.provenance, *case.runtime))]
    if max(dated, default=case.looked) > case.looked:
        raise BadInput(f"looked: expected a date not before {max(dated)}, which is in this file", file=file)
    return case


def _history(table: Table) -> History:
    found = History(
        date=_date(table, "date"),
        thread=_thread(table),
        outcome=table.choice("outcome", OUTCOMES),
        what=table.text("what", "a sentence in the past tense"),
        since=table.text("since", "what has changed since", default=""),
    )
    table.done()
    return found


def _thread(table: Table) -> Evidence:
    label = table.text("thread", 'where: "owner/repo#12" or "owner/repo@commit"')
    try:
        return evidence_of(label)
    except ValueError:
        raise table.wrong("thread", '"owner/repo#12" or "owner/repo@commit"') from None


def _statements(
    top: Table, name: str, ports: tuple[str, ...], kinds: tuple[str, ...], file: str
) -> tuple[Statement, ...]:
    found = []
    for table in top.tables(name, required=False):
        labels = table.texts("evidence", "a list of sources: no statement without one")
        try:
            evidence = tuple(evidence_of(label) for label in labels)
        except ValueError:
            raise table.wrong(
                "evidence", 'addresses, "owner/repo#12", "owner/repo@commit", "words <https://…>"'
            ) from None
        if not evidence:
            raise table.wrong("evidence", "a source: no statement without one")
        statement = Statement(
            topic=table.text("topic", "a word or two"),
            text=table.text("text", "a sentence"),
            date=_date(table, "date"),
            sure=table.choice("sure", tuple(SURE)),
            evidence=evidence,
            follows=table.text("follows", "what follows from it", default=""),
            port=table.optional("port", "the name of a port", _NAME),
            kinds=table.texts("kinds", "a list of kinds", default=()),
            first=table.flag("first", False),
            answers=table.texts("answers", "names of checks", default=()),
        )
        table.done()
        if statement.port is not None and statement.port not in ports:
            raise BadInput(
                f"{name}: {statement.topic!r} is for the port {statement.port!r}, which is not there",
                file=file,
            )
        for kind in statement.kinds:
            if kind not in kinds:
                raise BadInput(
                    f"{name}: {statement.topic!r} is for {kind!r}, which no variant of this image is",
                    file=file,
                )
        found.append(statement)
    return tuple(found)


def _date(table: Table, name: str) -> date:
    value = table.value(name)
    if isinstance(value, date) and type(value) is date:
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise table.wrong(name, 'a date such as "2026-11-28"') from None
