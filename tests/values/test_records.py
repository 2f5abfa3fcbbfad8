"""``contrib.values.records.dataclass`` beside the standard library's: the same classes, made by both."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import FrozenInstanceError
from typing import Any, ClassVar

import pytest

from contrib.values import records

BOTH = [dataclasses.dataclass, records.dataclass]
field = dataclasses.field


@pytest.fixture(params=BOTH, ids=["standard", "ours"])
def make(request: pytest.FixtureRequest) -> Any:
    return request.param


@records.dataclass(frozen=True, slots=True)
class Point:
    """A class at the top of a module, for pickle."""

    x: int
    y: int = 2
    tags: tuple[str, ...] = ()


def test_values(make: Any) -> None:
    @make(frozen=True, slots=True)
    class Base:
        kind: ClassVar[str] = "base"
        a: int
        b: str = "b"
        c: list[int] = field(default_factory=list, compare=False)
        d: int = field(default=4, repr=False)

        @property
        def whole(self) -> str:
            return f"{self.a}{self.b}"

    @make(frozen=True, slots=True)
    class Below(Base):
        e: int = 5

    one, two = Below(1), Below(1, "b", [3])
    assert one == two and hash(one) == hash(two)
    assert one.c == [] and two.c == [3] and one.c is not Below(1).c
    assert one != Base(1) and one != 1 and Base(1) != Base(2)
    assert repr(two).endswith("Below(a=1, b='b', c=[3], e=5)")
    assert (one.whole, one.kind) == ("1b", "base")
    assert [each.name for each in dataclasses.fields(one)] == ["a", "b", "c", "d", "e"]
    assert dataclasses.replace(one, a=7, e=8) == Below(7, e=8)
    assert dataclasses.asdict(one) == {"a": 1, "b": "b", "c": [], "d": 4, "e": 5}
    assert dataclasses.is_dataclass(one) and Below.__match_args__ == ("a", "b", "c", "d", "e")
    assert {one: 1}[two] == 1
    with pytest.raises(FrozenInstanceError):
        one.a = 3
    with pytest.raises(FrozenInstanceError):
        del one.a
    with pytest.raises(TypeError):
        Below()
    with pytest.raises(TypeError):
        Below(1, nothing=2)
    assert not hasattr(one, "__dict__")
    match two:
        case Below(a, b):
            assert (a, b) == (1, "b")


def test_keywords_only(make: Any) -> None:
    @make(frozen=True, slots=True, kw_only=True)
    class Base:
        order: int
        last: bool = False

    @make(frozen=True, slots=True, kw_only=True)
    class Below(Base):
        url: str

    assert Below(order=1, url="u") == Below(url="u", last=False, order=1)
    with pytest.raises(TypeError):
        Below(1, "u")
    assert Below.__match_args__ == ()


def test_what_a_class_has_of_its_own_stays(make: Any) -> None:
    @make(frozen=True)
    class Own:
        a: int
        b: int = field(init=False, default=9)

        def __post_init__(self) -> None:
            object.__setattr__(self, "b", self.a + 1)

        def __repr__(self) -> str:
            return "own"

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 3

    assert (repr(Own(1)), Own(1), hash(Own(1)), Own(1).b) == ("own", Own(2), 3, 2)


def test_classes_that_change(make: Any) -> None:
    @make
    class Plain:
        a: int = 1
        b: dict[str, int] = field(default_factory=dict)

    one = Plain()
    one.a = 2
    assert one == Plain(2) and Plain.a == 1
    with pytest.raises(TypeError):
        hash(one)

    @make(slots=True)
    class Slotted:
        a: int = 1

    two = Slotted()
    two.a = 3
    assert two.a == 3
    with pytest.raises(AttributeError):
        two.b = 1


def test_a_mutable_default_is_refused(make: Any) -> None:
    with pytest.raises(ValueError, match="mutable default"):

        @make
        class Wrong:
            a: list[int] = []  # noqa: RUF012

    with pytest.raises(ValueError, match="mutable default"):

        @make
        class Also:
            a: list[int] = field(default=[], repr=False)


def test_a_class_of_one_field_and_one_of_none(make: Any) -> None:
    @make(frozen=True, slots=True)
    class One:
        a: int

    @make(frozen=True, slots=True)
    class Nothing:
        pass

    @make(frozen=True, slots=True)
    class Below(One):
        def twice(self) -> int:
            return 2 * self.a

    assert hash(One(5)) == hash((5,)) and hash(Nothing()) == hash(())
    assert Nothing() == Nothing() and One(1) != One(2)
    assert Below(3).twice() == 6 and Below(3) != One(3) and Below.__match_args__ == ("a",)


def test_subclasses_of_other_kinds(make: Any) -> None:
    @make(frozen=True, slots=True)
    class Base:
        a: int

    class Plain(Base):
        def __init__(self) -> None:
            super().__init__(5)

    assert Plain().a == 5
    assert Base(5) != Plain()


def test_copies() -> None:
    point = Point(1, tags=("a",))
    for again in (pickle.loads(pickle.dumps(point)), copy.copy(point), copy.deepcopy(point)):
        assert again == point and again.tags == ("a",)


@pytest.mark.parametrize("nth", [0, records._UNWRITTEN, 3 * records._UNWRITTEN])
def test_every_instance_is_made_alike(make: Any, nth: int) -> None:
    """The first instances of a class have no ``__init__`` of their own yet."""

    @make
    class Thing:
        a: int
        b: int = field(default=2, kw_only=True)
        c: list[int] = field(default_factory=list)
        d: int = field(init=False, default=4)
        e: list[int] = field(init=False, default_factory=list)

        def __post_init__(self) -> None:
            self.d += self.a

    for _ in range(nth):
        Thing(0)
    one = Thing(1)
    assert (one.a, one.b, one.c, one.d, one.e) == (1, 2, [], 5, [])
    assert one.c is not Thing(1).c and one.e is not Thing(1).e
    assert Thing(1, [3], b=5) == Thing(a=1, c=[3], b=5) != one
    for args, named in (((), {}), ((1, [], 3), {}), ((1,), {"a": 1}), ((1,), {"d": 1}), ((1,), {"z": 1})):
        with pytest.raises(TypeError, match=r"__init__\(\)"):
            Thing(*args, **named)


def test_instances_that_are_equal_to_themselves_alone(make: Any) -> None:
    @make(eq=False)
    class Node:
        name: str

    one = Node("a")
    assert one == one and one != Node("a") and {one: 1}[one] == 1
    assert repr(one).endswith("Node(name='a')")
