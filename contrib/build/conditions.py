"""Conditions that the file itself decides."""

from __future__ import annotations

import operator as operators
from typing import TYPE_CHECKING

from contrib.build import expression
from contrib.shells import model as shell
from contrib.values.numbers import whole

if TYPE_CHECKING:
    from contrib.build.walk import Walk


_NUMBERS = {"-gt": operators.gt, "-ge": operators.ge, "-lt": operators.lt, "-le": operators.le}


def truth(walk: Walk, condition: shell.Condition | None) -> bool | None:
    """Whether a condition holds, where the file says: a variable that has a value, two texts compared."""
    if condition is None or walk.scope is None:
        return None
    if condition.left is not None and condition.right is not None and condition.operator:
        left, right = walk.value(condition.left), walk.value(condition.right)
        if left.known and right.known and not left.digest and not right.digest:
            operator = condition.operator.lower()
            one, two = (
                (left.text, right.text) if walk.shell == "posix" else (left.text.lower(), right.text.lower())
            )
            if operator in ("=", "==", "-eq", "-ieq", "equ"):
                return (one == two) != condition.negated
            if operator in ("!=", "-ne", "-ine", "neq"):
                return (one != two) != condition.negated
            compare = _NUMBERS.get(operator)
            first, second = whole(one), whole(two)
            if compare is not None and first is not None and second is not None:
                return bool(compare(first, second)) != condition.negated
        return None
    if walk.shell == "powershell" and not condition.nodes and condition.left is not None:
        parsed = expression.of_word(condition.left)
        negated = condition.negated
        while isinstance(parsed, expression.Not):
            parsed, negated = parsed.operand, not negated
        if isinstance(parsed, expression.Name):
            found = walk.scope.get(parsed.name)
            if found is not None and found.known:
                return bool(found.text) != negated
    return None
