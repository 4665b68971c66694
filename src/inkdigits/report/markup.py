"""HTML elements: whatever is text is escaped, so that no name or label can become markup."""

from collections.abc import Sequence
from html import escape
from typing import TypeAlias

Attribute: TypeAlias = str | bool | None

_VOID = frozenset({"img", "meta"})
"""Elements that hold nothing and have no end tag."""


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def element(name: str, /, *parts: str, **attributes: Attribute) -> Html:
    """Return an element.

    Args:
        name: such as "p".
        parts: what it holds; escaped, unless it is `Html`.
        attributes: a trailing underscore falls away and others become dashes: `class_`, `aria_label`. True stands
            alone; False and None are left out.
    """
    head = "".join(_attribute(key, value) for key, value in attributes.items())
    return Html(f"<{name}{head}>" if name in _VOID else f"<{name}{head}>{join(*parts)}</{name}>")


def join(*parts: str) -> Html:
    """Put parts behind each other, escaped unless they are `Html`."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts))


def paragraph(*parts: str) -> Html:
    """Return a paragraph."""
    return element("p", *parts)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], caption: str, class_: str | None = None) -> Html:
    """Return a table that scrolls on a narrow screen; the first word of each row is its heading."""
    top = element("tr", *(element("th", word, scope="col") for word in header))
    body = (
        element("tr", element("th", first, scope="row"), *(element("td", word) for word in rest))
        for first, *rest in rows
    )
    whole = element("table", element("caption", caption), element("thead", top), element("tbody", *body), class_=class_)
    return scroller(whole, caption)


def scroller(part: Html, name: str) -> Html:
    """Let a wide part scroll by itself, by keyboard too."""
    return element("div", part, class_="scroll", role="region", aria_label=name, tabindex="0")


def facts(pairs: Sequence[tuple[str, str]], class_: str = "facts") -> Html:
    """Return a list of names with what they stand for."""
    rows = (element("div", element("dt", name), element("dd", value)) for name, value in pairs)
    return element("dl", *rows, class_=class_)


def _attribute(key: str, value: Attribute) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escape(value)}"'
