"""Writes on the pad as people do: with a mouse, a finger or a pen, point by point."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from playwright.sync_api import CDPSession, Page

from tests.strokes import to_strokes

N_PIECES = 2
"""Points for each that a digit is written down as: a quick hand on a slow screen, some 17 a digit."""

Device = Literal["mouse", "touch", "pen"]


def write(
    page: Page,
    what: int | str,
    *,
    device: Device = "mouse",
    style: str = "school",
    at: tuple[float, float] = (0.5, 0.5),
    high: float = 0.6,
) -> None:
    """Write on the pad.

    Args:
        page: shows the pad.
        what: a digit, or the name of something else.
        device: what it is written with.
        style: of the digit.
        at: its middle, as shares of the pad's width and height.
        high: its height, as a share of the pad's.
    """
    box = page.locator("#pad").bounding_box()
    assert box
    middle = np.array([box["x"] + at[0] * box["width"], box["y"] + at[1] * box["height"]])
    draw = _start(page, device)
    for stroke in to_strokes(what, style, N_PIECES):
        points = middle + stroke * high * box["height"]
        draw([(float(x), float(y)) for x, y in points])


def _start(page: Page, device: Device) -> Callable[[list[tuple[float, float]]], None]:
    """Return what draws one stroke through points of the window."""
    if device == "mouse":
        return lambda points: _draw_by_mouse(page, points)
    session = page.context.new_cdp_session(page)
    if device == "touch":
        return lambda points: _draw_by_touch(session, points)
    return lambda points: _draw_by_pen(session, points)


def _draw_by_mouse(page: Page, points: list[tuple[float, float]]) -> None:
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point)
    page.mouse.up()


def _draw_by_touch(session: CDPSession, points: list[tuple[float, float]]) -> None:
    def send(kind: str, *at: tuple[float, float]) -> None:
        places = [{"x": x, "y": y, "force": 0.5} for x, y in at]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    send("touchStart", points[0])
    for point in points[1:]:
        send("touchMove", point)
    send("touchEnd")


def _draw_by_pen(session: CDPSession, points: list[tuple[float, float]]) -> None:
    """Press harder in the middle of a stroke than at its ends."""

    def send(kind: str, at: tuple[float, float], **more: Any) -> None:
        pen = {"x": at[0], "y": at[1], "pointerType": "pen", "button": "left", "clickCount": 1}
        session.send("Input.dispatchMouseEvent", {"type": kind, **pen, **more})

    send("mousePressed", points[0], buttons=1, force=0.4)
    for n, point in enumerate(points[1:], start=1):
        send("mouseMoved", point, buttons=1, force=0.4 + 0.4 * np.sin(np.pi * n / len(points)))
    send("mouseReleased", points[-1], buttons=0)
