from __future__ import annotations

import doctest

from contrib.build import programs


def test_examples_of_the_docstrings() -> None:
    assert doctest.testmod(programs).failed == 0


def test_options_as_getopt_reads_them() -> None:
    found, operands = programs.options(["-fsSLo", "x.zip", "--retry", "3", "--", "-u"], "o", ("retry",))
    assert found == {"f": [""], "s": [""], "S": [""], "L": [""], "o": ["x.zip"], "retry": ["3"]}
    assert operands == ["-u"]
