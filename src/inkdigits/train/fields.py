"""Plain values that come from a JSON file -> dataclasses, each value checked against the type of its field."""

import dataclasses
import types
import typing
from typing import Any, Literal, TypeVar

_Kind = TypeVar("_Kind")


def from_fields(kind: type[_Kind], fields: Any) -> _Kind:
    """Make a dataclass of its JSON object: the reverse of `dataclasses.asdict`, by way of JSON.

    Raises:
        TypeError: it is no object, a key is unknown or missing, or a value is not of its type.
    """
    if not isinstance(fields, dict):
        raise TypeError(f"{fields!r} is no {kind.__name__}")
    hints = typing.get_type_hints(kind)
    return kind(**{key: to_type(key, value, hints.get(key)) for key, value in fields.items()})


def to_type(key: str, value: Any, hint: Any) -> Any:
    """Return a plain value as the type of its field, where lists are tuples; None as a type takes anything.

    Raises:
        TypeError: it is not of that type; the message names the key.
    """
    if dataclasses.is_dataclass(hint):
        return from_fields(typing.cast(type[Any], hint), value)
    if typing.get_origin(hint) is tuple and isinstance(value, list):
        each = typing.get_args(hint)
        each = each[:1] * len(value) if each[-1] is ... else each
        if len(each) == len(value):
            return tuple(to_type(key, part, one) for part, one in zip(value, each, strict=True))
    elif _is_of(value, hint):
        return value
    raise TypeError(f"{key} is of type {getattr(hint, '__name__', hint)}, which {value!r} is not")


def _is_of(value: Any, hint: Any) -> bool:
    """Whether a plain value is of a type; true and false are no numbers here, and whole numbers do as floats."""
    origin, members = typing.get_origin(hint), typing.get_args(hint)
    if hint is None:
        return True
    if origin is types.UnionType:
        return any(value is None if each is types.NoneType else _is_of(value, each) for each in members)
    if origin is Literal:
        return value in members
    if hint in (int, float):
        return isinstance(value, (int, hint)) and not isinstance(value, bool)
    return isinstance(hint, type) and isinstance(value, hint)
