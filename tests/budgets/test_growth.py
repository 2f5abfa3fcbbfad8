"""Each reader's cost follows its input: four times the text takes at most 2.5 * 2.5 times the time.

Judged by CPU time of this process and by ratio, so that it holds on a slow machine; what takes next to nothing is
not measured. ``python -m tests.budgets.cases`` goes up to the largest input that is accepted.
"""

from __future__ import annotations

import pytest

from tests.budgets.cases import OTHERS, Case, cases

SMALL, LARGE = 1024, 4096
#: Seconds: a quarter of this is lost in noise.
WORTH_MEASURING = 0.2


#: Units that were slower than their length once, in some place; the sweep has all of them.
SLOW = (
    ".b()",
    "%A%",
    "a | ",
    "a || ",
    ")",
    "[a]::b(",
    "<< A ",
    "$a = $b; ",
    "if x ",
    "for a in b",
    "C:",
    "Invoke-WebRequest",
    "1.",
)
CHOSEN = [
    case
    for case in cases()
    if case.name in {other[0] for other in OTHERS} or case.name.partition(': "')[2].startswith(SLOW)
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
