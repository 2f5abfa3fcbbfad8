"""Each reader's cost follows its input: four times the text takes at most 2.5 * 2.5 times the time, up to 32 KiB.

Judged by CPU time of this process and by ratio, so that it holds on a slow machine; what takes next to nothing is
not measured twice. All readers are here, with the units that were slow once; with ``CONTRIB_GROWTH=all`` (as in CI)
every unit in every place. ``python -m tests.budgets.cases`` goes up to the largest input that is accepted.
"""

from __future__ import annotations

import os

import pytest

from tests.budgets.cases import OTHERS, Case, cases
from tests.budgets.entries import ENTRIES

SMALL, LARGE = 8 * 1024, 32 * 1024
#: Seconds: a quarter of this is lost in noise.
WORTH_MEASURING = 0.4


#: Units that were slower than their length once, in some place; the sweep has all of them.
SLOW = (
    ".b()",
    "%A%",
    "a | ",
    "a || ",
    ")",
    "[a]::b(",
    "<< A ",
    "if x ",
    "for a in b",
    "C:",
    "Invoke-WebRequest",
    "echo a >> b",
)
CHOSEN = [
    case
    for case in cases()
    if case.name in {other[0] for other in OTHERS}
    or case.name.partition(': "')[2].startswith(SLOW)
    or os.environ.get("CONTRIB_GROWTH") == "all"
]


@pytest.mark.parametrize("case", CHOSEN, ids=lambda case: case.name)
def test_four_times_the_text(case: Case) -> None:
    case.seconds(200)  # what is imported once
    large = case.seconds(LARGE)
    if large < WORTH_MEASURING:
        return
    small = min(case.seconds(SMALL) for _ in range(2))
    if large > 6.25 * small:
        large = min(large, case.seconds(LARGE))  # once more, before it is called slow
    assert large <= 6.25 * small + WORTH_MEASURING, f"{small:.2f} s, then {large:.2f} s"


def test_every_reader_grows() -> None:
    assert {case.entry for case in CHOSEN} == set(ENTRIES)
