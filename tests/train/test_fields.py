"""Plain values become dataclasses only where each of them is of the type of its field."""

from dataclasses import dataclass
from typing import Any, Literal

import pytest

from inkdigits.train.fields import from_fields


@dataclass(frozen=True)
class Inner:
    """One level down."""

    pair: tuple[float, bool] = (0.0, False)


@dataclass(frozen=True)
class Outer:
    """A field of each kind."""

    n: int
    x: float = 0.0
    maybe: float | None = None
    names: tuple[str, ...] = ()
    way: Literal["up", "down"] = "up"
    inner: Inner = Inner()


def test_an_object_becomes_its_dataclass() -> None:
    """Lists become tuples, objects the dataclasses of their fields; whole numbers do as floats."""
    fields = {"n": 1, "x": 2, "maybe": None, "names": ["a"], "way": "down", "inner": {"pair": [0.5, True]}}
    assert from_fields(Outer, fields) == Outer(1, 2, None, ("a",), "down", Inner((0.5, True)))


@pytest.mark.parametrize(
    "change",
    [
        {"n": "1"},
        {"n": 1.5},
        {"n": True},
        {"x": "1"},
        {"maybe": "1"},
        {"names": "ab"},
        {"names": [1]},
        {"way": "left"},
        {"way": []},
        {"inner": 5},
        {"inner": {"pair": [1.0]}},
        {"inner": {"pair": [1.0, "yes"]}},
        {"inner": {"colour": 1}},
    ],
)
def test_a_value_of_another_type_is_named(change: dict[str, Any]) -> None:
    """By its key, or by what it should have been."""
    with pytest.raises(TypeError, match=f"{next(iter(change))} is of type|pair is of type|Inner"):
        from_fields(Outer, {"n": 1} | change)


@pytest.mark.parametrize("fields", [None, 5, [], {}, {"n": 1, "m": 2}])
def test_what_is_no_such_object_is_refused(fields: Any) -> None:
    """As is one that lacks a field, or has one too many."""
    with pytest.raises(TypeError):
        from_fields(Outer, fields)
