"""Changes to a recipe as people type them, "key=value", each checked against the type of its key."""

import dataclasses
import typing
from typing import Any, Literal

from inkdigits.errors import UsageError


def parse_changes(kind: type[Any], changes: list[str], fixed: tuple[str, ...] = ()) -> dict[str, Any]:
    """Turn "key=value" texts into the values of a dataclass's fields; the last of a key wins.

    Args:
        kind: the dataclass.
        changes: the texts.
        fixed: fields that no text can hold.

    Raises:
        UsageError: an unknown key, or a value that is not of its type.
    """
    types = typing.get_type_hints(kind)
    keys = [each.name for each in dataclasses.fields(kind) if each.init and each.name not in fixed]
    values: dict[str, Any] = {}
    for change in changes:
        key, equals, text = change.partition("=")
        if not equals or key not in keys:
            raise UsageError(
                f"--set takes key=value, with one of these keys: {', '.join(keys)}. It was given {change!r}."
            )
        values[key] = _parse(key, text, types[key])
    return values


def _parse(key: str, text: str, hint: Any) -> Any:
    """Turn `text` into the type of a field."""
    if typing.get_origin(hint) is Literal:
        choices = typing.get_args(hint)
        if text not in choices:
            raise UsageError(f"{key} is one of {', '.join(choices)}, not {text!r}.")
        return text
    if typing.get_origin(hint) is tuple:
        return tuple(part for part in text.split(",") if part)
    if hint is bool:
        if text not in ("true", "false"):
            raise UsageError(f"{key} is true or false, not {text!r}.")
        return text == "true"
    try:
        return hint(text)
    except ValueError as error:
        raise UsageError(f"{key} is of type {hint.__name__}; {text!r} is not.") from error
