from __future__ import annotations

import doctest

from contrib.build.programs import base


def test_examples_of_the_docstrings() -> None:
    assert doctest.testmod(base).failed == 0


def test_options_as_getopt_reads_them() -> None:
    found, operands = base.getopt(["-fsSLo", "x.zip", "--retry", "3", "--", "-u"], "o", ("retry",))
    assert found == {"f": [""], "s": [""], "S": [""], "L": [""], "o": ["x.zip"], "retry": ["3"]}
    assert operands == ["-u"]
