"""``dataclass`` that takes a tenth of the time to make a class, for the modules that a short command imports.

The standard library writes, compiles and runs up to seven functions for each class when its module is imported,
which was half of the time of ``contrib review``. Here the functions that all classes can share are shared, and
``__init__`` is written when a class has had a few instances: most classes of a short command never have more. To a
reader and to mypy it is the standard one; whatever it does not know (order, ``InitVar``) is left to the standard one.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, Field, FrozenInstanceError, field, replace
from inspect import get_annotations  # dataclasses has imported it
from operator import attrgetter
from types import SimpleNamespace
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
            fields = _fields(cls, params.get("kw_only", False))
        if fields is None:
            return dataclasses.dataclass(cls, **params)
        return _made(cls, fields, **{**_DEFAULTS, **params})


_DEFAULTS = {"frozen": False, "slots": False, "eq": True, "repr": True}
#: An ``__init__`` that is written costs as much as so many instances that are made without one.
_UNWRITTEN = 6
#: What marks an ordinary field for the standard library.
_NORMAL: Any = vars(dataclasses)["_FIELD"]
_set = object.__setattr__


def _fields(cls: Any, kw_only: bool) -> dict[str, Any] | None:
    """The class's fields with those that it inherits; None for what the standard library has to do."""
    found: dict[str, Any] = {}
    for base in cls.__mro__[-1:0:-1]:
        inherited = getattr(base, "__dataclass_fields__", None)
        if inherited is not None:
            found.update(inherited)
    for name, kind in get_annotations(cls).items():
        if not isinstance(kind, str) or kind.startswith(("InitVar", "dataclasses.", "KW_ONLY")):
            return None
        if kind.startswith(("ClassVar", "typing.ClassVar")):
            continue
        default = getattr(cls, name, MISSING)
        if type(default).__name__ == "member_descriptor":
            default = MISSING
        made: Any = default if isinstance(default, Field) else field(default=default)
        if isinstance(made.default, (list, dict, set)):
            return None
        if made.kw_only is MISSING:
            made.kw_only = kw_only
        made.name, made.type, made._field_type = name, kind, _NORMAL
        found[name] = made
    return found


def _made(
    cls: Any, fields: dict[str, Any], frozen: bool, slots: bool, eq: bool, repr: bool, kw_only: bool = False
) -> Any:
    own = cls.__dict__
    names = [name for name in get_annotations(cls) if name in fields]
    new: dict[str, Any] = {
        "__dataclass_fields__": fields,
        # What the standard library notes of the decorator's arguments.
        "__dataclass_params__": SimpleNamespace(
            init=True,
            repr=repr,
            eq=eq,
            order=False,
            unsafe_hash=False,
            frozen=frozen,
            match_args=True,
            kw_only=kw_only,
            slots=slots,
            weakref_slot=False,
        ),
        "__match_args__": tuple(name for name, each in fields.items() if each.init and not each.kw_only),
    }
    compared = [name for name, each in fields.items() if each.compare]
    hashed = [name for name, each in fields.items() if (each.compare if each.hash is None else each.hash)]
    if "__init__" not in own:
        new["__init__"] = _first_init
    if repr and "__repr__" not in own:
        new["__repr__"] = _repr
    if eq and "__eq__" not in own:
        new["__eq__"] = _eq
        new["_compared_"] = staticmethod(attrgetter(*compared)) if compared else staticmethod(_nothing)
    if frozen:
        if "__hash__" not in own or (own["__hash__"] is None and "__eq__" in own):
            new["__hash__"] = _hash
            new["_hashed_"] = staticmethod(attrgetter(*hashed)) if hashed else staticmethod(_nothing)
            new["_alone_"] = len(hashed) == 1
        new["__setattr__"] = _no_set
        new["__delattr__"] = _no_del
    elif eq and "__hash__" not in own:
        new["__hash__"] = None
    for name in names:
        if fields[name].default is MISSING or slots:
            if isinstance(own.get(name), Field) or slots:
                new[name] = _GONE
        else:
            new[name] = fields[name].default
    if not slots:
        for name, value in new.items():
            if value is _GONE:
                delattr(cls, name)
            else:
                setattr(cls, name, value)
        return cls
    inherited = {name for base in cls.__mro__[1:-1] for name in getattr(base, "__slots__", ())}
    body = {name: value for name, value in own.items() if name not in ("__dict__", "__weakref__")}
    body.update(new)
    for name in [name for name, value in body.items() if value is _GONE]:
        del body[name]
    body["__slots__"] = tuple(name for name in names if name not in inherited)
    if frozen:
        body.setdefault("__getstate__", _get_state)
        body.setdefault("__setstate__", _set_state)
    made: Any = type(cls)(cls.__name__, cls.__bases__, body)
    made.__qualname__ = cls.__qualname__
    return made


_GONE = object()


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
    value = self._hashed_(self)
    return hash((value,) if self._alone_ else value)


def _no_set(self: Any, name: str, value: Any) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _no_del(self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _get_state(self: Any) -> list[Any]:
    return [getattr(self, name) for name in self.__dataclass_fields__]


def _set_state(self: Any, state: list[Any]) -> None:
    for name, value in zip(self.__dataclass_fields__, state, strict=True):
        _set(self, name, value)
