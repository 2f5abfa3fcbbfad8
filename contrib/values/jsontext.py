"""JSON that others wrote: the one reader of it. Whatever the bytes are, the result is plain data or an error of ours.

RFC 8259 leaves open what readers differ in; here it is refused, with the file and the line where one is known:
``NaN`` and ``Infinity``, numbers that no float or integer of Python holds, a key that is there twice, brackets that
are nested deeply, and text that is not UTF-8. ``tests/values/test_jsontext.py`` lists every other place in the
package that decodes JSON, with the reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

from contrib.values.budgets import bounded
from contrib.values.errors import BadInput, ContribError, OutsideError
from contrib.values.patterns import lazy

if TYPE_CHECKING:
    from typing import NoReturn

T = TypeVar("T", dict[str, Any], list[Any])

#: Bytes, unless the caller takes less. GitHub's largest answers have a few million.
MAX_BYTES = 64 * 1024 * 1024
#: Brackets within brackets. What contrib reads has fewer than ten; Python itself gives up at about a thousand.
MAX_DEPTH = 100

#: Bytes up to which a budget would cost more than the reading.
_SHORT = 1 << 16
_NAMES: dict[type, str] = {dict: "a JSON object", list: "a JSON list"}
_SURROGATE = lazy("[\ud800-\udfff]")
_ESCAPED_SURROGATE = lazy(r"\\u[dD][89a-fA-F]")


@overload
def read(
    data: bytes | str,
    file: str,
    shape: type[T],
    *,
    most: int = ...,
    outside: bool = ...,
    exact: bool = ...,
    hint: str | None = ...,
) -> T: ...
@overload
def read(
    data: bytes | str,
    file: str,
    *,
    most: int = ...,
    outside: bool = ...,
    exact: bool = ...,
    hint: str | None = ...,
) -> Any: ...


def read(
    data: bytes | str,
    file: str,
    shape: type | None = None,
    *,
    most: int = MAX_BYTES,
    outside: bool = False,
    exact: bool = False,
    hint: str | None = None,
) -> Any:
    """Plain data: a dict, list, str, int, float, bool or None. A byte order mark of UTF-8 is passed over.

    :param file: a file or an address, for errors. :param shape: ``dict`` or ``list``; None takes anything.
    :param most: bytes. :param outside: it is a server's answer: what is wrong with it is an ``OutsideError``.
    :param exact: the text is written again: half a surrogate pair, which no file can hold, is refused and not
        replaced by U+FFFD. :param hint: what was expected, for every error.
    :raises BadInput: one sentence. :raises OutsideError: the same, of kind ``answer``.
    """

    def wrong(why: str, line: int | None = None) -> ContribError:
        if outside:
            return OutsideError(why, file=file, line=line, hint=hint, kind="answer")
        return BadInput(why, file=file, line=line, hint=hint)

    if len(data) > most:
        raise wrong(f"is larger than {most} bytes, so it is not read")
    value = (_value if len(data) < _SHORT else _large)(data, file, exact, wrong)
    if shape is not None and not isinstance(value, shape):
        raise wrong(f"is not {_NAMES[shape]}")
    return value


def _value(data: bytes | str, file: str, exact: bool, wrong: Any) -> Any:
    text = _text(data, wrong)
    value = _decoded(text, wrong)
    if _depth(value, text) > MAX_DEPTH:
        raise wrong(f"is nested more than {MAX_DEPTH} deep")
    return _whole(value, exact, wrong) if _ESCAPED_SURROGATE.search(text) else value


@bounded("file")
def _large(data: bytes | str, file: str, exact: bool, wrong: Any) -> Any:
    return _value(data, file, exact, wrong)


def _text(data: bytes | str, wrong: Any) -> str:
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise wrong("is UTF-16 text, and JSON is UTF-8 (in PowerShell: Out-File -Encoding utf8)")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise wrong("is not UTF-8 text", data.count(b"\n", 0, error.start) + 1) from None


def _decoded(text: str, wrong: Any) -> Any:
    import json

    try:
        return json.loads(text, parse_constant=no_constant, parse_float=finite, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        said = error.msg[:1].lower() + error.msg[1:]
        raise wrong(f"is not JSON: {said} (column {error.colno})", error.lineno) from None
    except RecursionError:
        raise wrong(f"is nested more than {MAX_DEPTH} deep") from None
    except _Refused as error:
        raise wrong(str(error)) from None
    except ValueError:  # Python converts no number with thousands of digits
        raise wrong("has a number that is too long") from None


class _Refused(ValueError):
    """JSON for some readers."""


def no_constant(name: str) -> NoReturn:
    """What ``json.loads`` does with ``NaN`` and ``Infinity``.

    :raises ValueError: always.
    """
    raise _Refused(f"is not JSON: {name} is not a number there")


def finite(text: str) -> float:
    """A number of JSON.

    :raises ValueError: it is larger than a float can be.
    """
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _Refused(f"has a number that is too large: {text[:40]}")
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _Refused(f"has the key {name[:60]!a} twice in one object")
            seen.add(name)
    return found


def _depth(value: object, text: str) -> int:
    """How deep brackets are nested; 0 where there are too few for it to matter."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return 0
    depth = 0
    level: list[Any] = [value]
    while level:
        depth += 1
        level = [
            inner
            for each in level
            if isinstance(each, (dict, list))
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, (dict, list))
        ]
    return depth


def _whole(value: Any, exact: bool, wrong: Any) -> Any:
    import json

    plain = json.dumps(value, ensure_ascii=False)
    if _SURROGATE.search(plain) is None:
        return value
    if exact:
        raise wrong("has half a surrogate pair (\\ud800 to \\udfff), which is not a character")
    return json.loads(_SURROGATE.sub("\ufffd", plain))
