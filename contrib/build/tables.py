"""Tables and lists of PowerShell: ``$files[0].Url``, ``$sums.Keys``."""

from __future__ import annotations

import re
from collections.abc import Callable

from contrib.build import expression
from contrib.build.actions import Value

#: Gives the variable of a name (scope), None when it is not known.
Get = Callable[[str], Value | None]
#: Gives what an expression comes to.
Of = Callable[[expression.Expr], Value]

_MOST = 50


def reach(parsed: expression.Expr, get: Get, of: Of) -> Value | None:
    """The value that members and indexes lead to in a table or list; None where there is none."""
    if isinstance(parsed, expression.Name):
        return get(parsed.name) if parsed.scope == "local" else None
    if not isinstance(parsed, expression.Access):
        return None
    base = reach(parsed.target, get, of)
    if base is None or not (base.fields or base.items):
        return None
    member = parsed.member
    if member == "[]":
        if not parsed.args:
            return None
        member = of(parsed.args[0]).text
        if base.items and re.fullmatch(r"-?\d{1,3}", member):
            index = int(member)
            return base.items[index] if -len(base.items) <= index < len(base.items) else None
    return _member(base, member)


def _member(base: Value, name: str) -> Value | None:
    wanted = name.lower()
    for key, value in base.fields:
        if key.lower() == wanted:
            return value
    if not base.fields:
        return None
    if wanted in ("keys", "values"):
        found = [Value(key) if wanted == "keys" else value for key, value in base.fields[:_MOST]]
        return Value(
            " ".join(each.text for each in found), all(each.known for each in found), items=tuple(found)
        )
    if wanted == "getenumerator":
        return Value("", False, items=entries(base))
    return None


def entries(table: Value) -> tuple[Value, ...]:
    """The entries of a table, each with ``Key``, ``Name`` and ``Value``."""
    return tuple(
        Value(key, False, fields=(("Key", Value(key)), ("Name", Value(key)), ("Value", value)))
        for key, value in table.fields[:_MOST]
    )


def settled(parsed: expression.Expr, get: Get, of: Of, held: dict[str, Value]) -> expression.Expr:
    """The expression with what tables and lists say put in; ``held`` gets the values by their new names."""
    if isinstance(parsed, expression.Access):
        found = reach(parsed, get, of)
        if found is not None:
            name = f"\0{len(held)}"
            held[name] = found
            return expression.Name(name, "local")
        arguments = parsed.args
        if arguments is not None:
            arguments = tuple(settled(each, get, of, held) for each in arguments)
        return expression.Access(settled(parsed.target, get, of, held), parsed.member, arguments)
    if isinstance(parsed, expression.Binary):
        left, right = settled(parsed.left, get, of, held), settled(parsed.right, get, of, held)
        return expression.Binary(parsed.op, left, right)
    if isinstance(parsed, expression.Joined):
        return expression.Joined(tuple(settled(part, get, of, held) for part in parsed.parts))
    if isinstance(parsed, expression.Listing):
        return expression.Listing(tuple(settled(item, get, of, held) for item in parsed.items))
    return parsed
