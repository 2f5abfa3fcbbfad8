"""``dataclass`` that takes a tenth of the time to make a class, for the modules that a short command imports.

The standard library writes, compiles and runs up to seven functions for each class when its module is imported,
which was half of the time of ``contrib review``. Here the functions that all classes can share are shared, and
``__init__`` is written when a class has had a few instances: most classes of a short command never have more. To a
reader and to mypy it is the standard one; whatever it does not know (order, ``InitVar``) is left to the standard one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, field, replace
from inspect import get_annotations  # dataclasses has imported it
from operator import attrgetter
from types import MemberDescriptorType, SimpleNamespace
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass", "field", "replace"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls=None, /, **params):
        """As :func:`dataclasses.dataclass`."""
        if cls is None:
            return lambda decorated: dataclass(decorated, **params)
        fields = None
        if params.keys() <= {"frozen", "slots", "eq", "repr", "kw_only"} and (
            params.get("eq", True) or not params.get("frozen")
        ):
            fields = _own(cls)
        if fields is None:
            return dataclasses.dataclass(cls, **params)
        return _made(cls, fields, _parameters(params))


#: An ``__init__`` that is written costs as much as so many instances that are made without one.
_UNWRITTEN = 6
#: What marks an ordinary field for the standard library.
_NORMAL: Any = vars(dataclasses)["_FIELD"]
_set = object.__setattr__


def _annotations(cls: Any) -> dict[str, Any]:
    # Where they stand as texts, get_annotations looks at six other things before it takes them from there.
    found: dict[str, Any] | None = cls.__dict__.get("__annotations__")  # noqa: RUF063
    return get_annotations(cls) if found is None else found


def _own(cls: Any) -> dict[str, Any] | None:
    """The fields that a class adds, each with its default (``MISSING``, a value, or what ``field`` gave).

    None for what the standard library has to do.
    """
    found: dict[str, Any] = {}
    for name, kind in _annotations(cls).items():
        if not isinstance(kind, str) or kind.startswith(("InitVar", "dataclasses.", "KW_ONLY")):
            return None
        if kind.startswith(("ClassVar", "typing.ClassVar")):
            continue
        default = getattr(cls, name, MISSING)
        if isinstance(default.default if isinstance(default, Field) else default, (list, dict, set)):
            return None
        found[name] = MISSING if type(default) is MemberDescriptorType else default
    return found


class _Later:
    """An attribute of a class that is worked out when it is first asked for."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        self.make = make

    def __set_name__(self, owner: Any, name: str) -> None:
        self.owner, self.name = owner, name

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        value = self.make(self.owner)
        setattr(self.owner, self.name, value)
        return value


def _fields(cls: Any) -> dict[str, Any]:
    """The class's fields with those that it inherits, as the standard library notes them."""
    found: dict[str, Any] = {}
    for base in cls.__mro__[-1:0:-1]:
        inherited = getattr(base, "__dataclass_fields__", None)
        if inherited is not None:
            found.update(inherited)
    kinds = _annotations(cls)
    for name, default in cls._own_.items():
        made: Any = default if isinstance(default, Field) else field(default=default)
        if made.kw_only is MISSING:
            made.kw_only = cls.__dataclass_params__.kw_only
        made.name, made.type, made._field_type = name, kinds[name], _NORMAL
        found[name] = made
    return found


def _positional(cls: Any) -> tuple[str, ...]:
    return tuple(name for name, each in cls.__dataclass_fields__.items() if each.init and not each.kw_only)


def _compared(cls: Any) -> Any:
    names = [name for name, each in cls.__dataclass_fields__.items() if each.compare]
    return attrgetter(*names) if names else staticmethod(_nothing)


def _hashed(cls: Any) -> Any:
    names = [
        name
        for name, each in cls.__dataclass_fields__.items()
        if (each.compare if each.hash is None else each.hash)
    ]
    if len(names) == 1:
        return staticmethod(_Alone(names[0]))
    return attrgetter(*names) if names else staticmethod(_nothing)


class _Alone:
    """The tuple of one value: what is hashed of a class with one field."""

    def __init__(self, name: str) -> None:
        self.get = attrgetter(name)

    def __call__(self, instance: Any) -> tuple[Any]:
        return (self.get(instance),)


def _parameters(given: dict[str, bool]) -> Any:
    """What the standard library notes of the decorator's arguments."""
    key = tuple(given.items())
    if key not in _PARAMETERS:
        _PARAMETERS[key] = SimpleNamespace(
            **{
                **dict.fromkeys(("init", "repr", "eq", "match_args"), True),
                **dict.fromkeys(
                    ("order", "unsafe_hash", "frozen", "kw_only", "slots", "weakref_slot"), False
                ),
                **given,
            }
        )
    return _PARAMETERS[key]


_PARAMETERS: dict[tuple[tuple[str, bool], ...], Any] = {}


def _made(cls: Any, added: dict[str, Any], given: Any) -> Any:
    own = cls.__dict__
    frozen = given.frozen
    new: dict[str, Any] = {
        "_own_": added,
        "__dataclass_fields__": _Later(_fields),
        "__dataclass_params__": given,
        "__match_args__": _Later(_positional),
    }
    if "__init__" not in own:
        new["__init__"] = _first_init
    if given.repr and "__repr__" not in own:
        new["__repr__"] = _repr
    if given.eq and "__eq__" not in own:
        new["__eq__"] = _eq
        new["_compared_"] = _Later(_compared)
    if frozen:
        if "__hash__" not in own or (own["__hash__"] is None and "__eq__" in own):
            new["__hash__"] = _hash
            new["_hashed_"] = _Later(_hashed)
        new["__setattr__"] = _no_set
        new["__delattr__"] = _no_del
    elif given.eq and "__hash__" not in own:
        new["__hash__"] = None
    if not given.slots:
        for name, default in added.items():
            if isinstance(default, Field):
                if default.default is MISSING:
                    delattr(cls, name)
                else:
                    new[name] = default.default
        for name, value in new.items():
            setattr(cls, name, value)
            if isinstance(value, _Later):
                value.__set_name__(cls, name)
        return cls
    inherited = {name for base in cls.__mro__[1:-1] for name in getattr(base, "__slots__", ())}
    body = {name: value for name, value in own.items() if name not in added}
    body.pop("__dict__", None)
    body.pop("__weakref__", None)
    body.update(new)
    body["__slots__"] = tuple(name for name in added if name not in inherited)
    if frozen:
        body.setdefault("__getstate__", _get_state)
        body.setdefault("__setstate__", _set_state)
    made: Any = type(cls)(cls.__name__, cls.__bases__, body)
    made.__qualname__ = cls.__qualname__
    return made


def _nothing(instance: Any) -> tuple[()]:
    return ()


def _first_init(self: Any, *args: Any, **kwargs: Any) -> None:
    """``__init__`` of a class that has few instances; for the next ones it is written."""
    cls: Any
    for cls in type(self).__mro__:
        if cls.__dict__.get("__init__") is _first_init:
            break
    else:
        raise TypeError(f"{type(self).__name__} has no __init__")
    made = _INSTANCES.get(cls, 0)
    values = _bound(cls.__dataclass_fields__, args, kwargs) if made < _UNWRITTEN else None
    if values is None:
        # Also where the arguments are wrong: the interpreter says best what is.
        _write_init(cls)
        vars(cls)["__init__"](self, *args, **kwargs)
        return
    _INSTANCES[cls] = made + 1
    put = _set if cls.__dataclass_params__.frozen else setattr
    for name, value in values.items():
        put(self, name, value)
    if hasattr(cls, "__post_init__"):
        self.__post_init__()


_INSTANCES: dict[Any, int] = {}


def _bound(fields: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | None:
    """Each field with its value; None where the arguments do not fit the fields."""
    values: dict[str, Any] = {}
    taken = used = 0
    for name, each in fields.items():
        if each.init and not each.kw_only and taken < len(args):
            if name in kwargs:
                return None
            values[name] = args[taken]
            taken += 1
        elif each.init and name in kwargs:
            values[name] = kwargs[name]
            used += 1
        elif each.default_factory is not MISSING:
            values[name] = each.default_factory()
        elif each.default is not MISSING:
            values[name] = each.default
        elif each.init:
            return None
    return values if taken == len(args) and used == len(kwargs) else None


def _write_init(cls: Any) -> None:
    fields = [
        each for each in cls.__dataclass_fields__.values() if each.init or each.default_factory is not MISSING
    ]
    frozen = cls.__dataclass_params__.frozen
    known: dict[str, Any] = {"_set": _set, "_MISSING": MISSING}
    positional: list[str] = ["self"]
    named: list[str] = []
    lines: list[str] = []
    for each in fields:
        parameters = named if each.kw_only else positional
        name = each.name
        value = name
        if each.default_factory is not MISSING:
            known[f"_make_{name}"] = each.default_factory
            value = f"_make_{name}() if {name} is _MISSING else {name}" if each.init else f"_make_{name}()"
            if each.init:
                parameters.append(f"{name}=_MISSING")
        elif each.default is not MISSING:
            known[f"_default_{name}"] = each.default
            parameters.append(f"{name}=_default_{name}")
        else:
            parameters.append(name)
        lines.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    for each in cls.__dataclass_fields__.values():
        if each not in fields and each.default is not MISSING:
            known[f"_default_{each.name}"] = each.default
            value = f"_default_{each.name}"
            lines.append(f"_set(self, {each.name!r}, {value})" if frozen else f"self.{each.name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    parameters = [*positional, *(["*", *named] if named else [])]
    source = f"def __init__({', '.join(parameters)}):\n " + "\n ".join(lines or ["pass"])
    exec(source, known)  # noqa: S102 (names of fields, as in the standard library)
    function = known["__init__"]
    function.__qualname__ = f"{cls.__qualname__}.__init__"
    cls.__init__ = function


def _repr(self: Any) -> str:
    shown = [name for name, each in self.__dataclass_fields__.items() if each.repr]
    return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"


def _eq(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    return self._compared_(self) == self._compared_(other)


def _hash(self: Any) -> int:
    return hash(self._hashed_(self))


def _no_set(self: Any, name: str, value: Any) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _no_del(self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _get_state(self: Any) -> list[Any]:
    return [getattr(self, name) for name in self.__dataclass_fields__]


def _set_state(self: Any, state: list[Any]) -> None:
    for name, value in zip(self.__dataclass_fields__, state, strict=True):
        _set(self, name, value)
