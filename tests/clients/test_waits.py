from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrib.clients.waits import LONGEST, Waits, asked, when

NOW = 1_795_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7),
        ({"retry-after": " 7 "}, 7),
        ({"Retry-After": "-7"}, None),
        ({"Retry-After": "²"}, None),
        ({"Retry-After": "٣"}, None),
        ({"Retry-After": "1e9"}, None),
        ({"Retry-After": "9" * 5000}, math.inf),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Wed, 01 Jan 1975 00:00:00 GMT"}, 0),
        ({"Retry-After": "Wed, 01 Jan 2099 00:00:00 GMT"}, 4_070_908_800 - NOW),
        ({"Retry-After": "Wed, 01 Jan 0000 00:00:00 GMT"}, 0),
        ({"Retry-After": "Wed, 01 Jan 2099 99:99:99 GMT"}, None),
        ({"X-RateLimit-Reset": str(int(NOW) + 90)}, None),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW) + 90)}, 90),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}, 0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9" * 4301}, math.inf),
        ({"Retry-After": "x", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW) + 9)}, 9),
    ],
)
def test_what_a_server_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert asked(headers, now=NOW) == seconds


@given(st.text(max_size=40), st.text(max_size=20))
def test_any_header(after: str, reset: str) -> None:
    found = asked({"Retry-After": after, "X-RateLimit-Reset": reset, "X-RateLimit-Remaining": "0"}, now=NOW)
    assert found is None or found >= 0
    assert "inf" not in when(found) and "nan" not in when(found)


def test_all_waits_of_a_command_share_one_bound() -> None:
    waits = Waits()
    assert waits.take(LONGEST - 1) and not waits.take(2) and waits.take(1) and not waits.take(0.1)
    assert not waits.take(math.inf) and not waits.take(math.nan) and not waits.take(-1)
    waits.renew()
    assert waits.take(LONGEST)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "later"), (0.2, "in 1 s"), (61, "in 61 s"), (1800, "in 30 min"), (math.inf, "much later")],
)
def test_when_to_try_again(seconds: float | None, words: str) -> None:
    assert when(seconds).startswith(words)
