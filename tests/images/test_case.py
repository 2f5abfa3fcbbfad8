"""case.toml: what is read, and that no claim is accepted without a date and a source."""

from __future__ import annotations

from datetime import date

import pytest

from contrib.images import load
from contrib.images.case import load_case, read_case
from contrib.images.checks import load_checks
from contrib.values.errors import BadInput

GOOD = """
looked = "2026-11-28"
[advice]
verdict = "ask-first"
why = "Nobody has agreed."
until = ["somebody agrees"]
[care]
who = "The one who proposes."
ci = "Runners."
[[history]]
date = 2017-01-17
thread = "docker-library/redis#78"
outcome = "accepted"
what = "It was merged."
[[runtime]]
topic = "stop"
text = "It is killed."
date = "2022-04-30"
sure = "one-report"
port = "port"
kinds = ["nanoserver"]
evidence = ["moby/moby#25982"]
"""


def read(text: str) -> object:
    return read_case(text.encode(), "case.toml", ("port",), ("windowsservercore", "nanoserver"))


def test_what_is_read() -> None:
    case = read_case(GOOD.encode(), "case.toml", ("port",), ("windowsservercore", "nanoserver"))
    assert case.advice.sentence == "Ask the maintainers first, in an issue: nobody has agreed."
    assert case.history[0].thread.url == "https://github.com/docker-library/redis/issues/78"
    assert case.about(case.runtime, "port", ["nanoserver"]) == case.runtime
    assert case.about(case.runtime, "port", ["windowsservercore"]) == ()
    assert case.about(case.runtime, "another", ["nanoserver"]) == ()
    assert (case.stale(date(2027, 11, 1)), case.stale(date(2027, 12, 1))) == (False, True)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('evidence = ["moby/moby#25982"]', "", "runtime[1].evidence: expected a list of sources"),
        ('evidence = ["moby/moby#25982"]', "evidence = []", "no statement without one"),
        ('evidence = ["moby/moby#25982"]', 'evidence = ["hearsay"]', "owner/repo#12"),
        ('date = "2022-04-30"', "", "runtime[1].date: expected a date"),
        ('date = "2022-04-30"', 'date = "last year"', "expected a date"),
        ('date = "2022-04-30"', 'date = "2027-01-01"', "looked: expected a date not before 2027-01-01"),
        ('sure = "one-report"', 'sure = "certain"', "measured, source"),
        ('port = "port"', 'port = "other"', "'stop' is for the port 'other', which is not there"),
        ('kinds = ["nanoserver"]', 'kinds = ["freebsd"]', "'stop' is for 'freebsd'"),
        ('until = ["somebody agrees"]', "", "expected what would change the advice"),
        ('verdict = "ask-first"', 'verdict = "go"', "advice.until: has no effect"),
        ('verdict = "ask-first"', 'verdict = "maybe"', "go, ask-first, not-yet"),
        ('outcome = "accepted"', 'outcome = "liked"', "accepted, removed"),
        ('thread = "docker-library/redis#78"', 'thread = "somewhere"', "history[1].thread"),
        ('ci = "Runners."', "", "care.ci"),
        ('looked = "2026-11-28"', "", "looked"),
        (
            'what = "It was merged."',
            'what = "It was merged."\nwhy = "x"',
            "history[1].why: there is no such key",
        ),
        (
            "[[runtime]]",
            '[[history]]\ndate = 2016-01-01\nthread = "a/b#1"\noutcome = "accepted"\nwhat = "x"\n[[runtime]]',
            "the oldest first",
        ),
    ],
)
def test_what_is_refused(old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(BadInput) as caught:
        read(GOOD.replace(old, new, 1))
    assert says in caught.value.message


@pytest.mark.parametrize("name", ["redis", "rabbitmq"])
def test_the_packaged_cases(name: str) -> None:
    image = load(name)
    kinds = tuple(dict.fromkeys(variant.kind for variant in image.variants))
    case = load_case(image.folder, tuple(port.name for port in image.ports), kinds)
    assert case is not None and case.history and case.upstream and case.provenance and case.runtime
    checks = set(load_checks(image.folder, kinds).names())
    assert {answer for each in case.runtime for answer in each.answers} <= checks
    for each in (*case.upstream, *case.provenance, *case.runtime):
        assert each.text.endswith(".") and not each.follows.endswith(".")
        assert each.text[0].isupper() or each.text[0] == "`"


def test_redis_says_what_was_decided() -> None:
    image = load("redis")
    case = load_case(
        image.folder, tuple(port.name for port in image.ports), ("windowsservercore", "nanoserver")
    )
    assert case is not None and case.advice.verdict == "not-yet"
    outcomes = {each.thread.label: each.outcome for each in case.history}
    assert (
        outcomes["docker-library/redis#99"] == "removed"
        and outcomes["docker-library/redis#135"] == "declined"
    )
    stop = next(each for each in case.runtime if each.topic == "stopping")
    assert stop.first and "lost" in stop.follows and "shutdown save" in stop.follows
