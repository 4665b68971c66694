"""Accuracy against parameters: one point a network, each with its name beside it."""

from collections.abc import Sequence
from math import cos, hypot, pi, sin
from typing import Any, TypeAlias

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from matplotlib.transforms import Bbox

from inkdigits.leaderboard.board import Leaderboard, Row
from inkdigits.leaderboard.sections import MNIST, N_PARAMETERS
from inkdigits.report.drawings import BLUE, FAINT, INK, ORANGE, Drawing, drawing

Point: TypeAlias = tuple[float, float]

WIDTH_IN, HEIGHT_IN = 7.2, 4.6

OF_OTHERS = frozenset({"a-ffnn", "a-cnn", "b-cnn", "c-mlp", "c-cnn", "d-cnn", "d-keras", "e-lenet"})
"""Networks that are those of other systems, layer by layer."""

ERRORS = (0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 0.9)
"""Where the error axis, which is logarithmic, has a line: the good networks would else lie on one spot."""

LEAST_ERROR = 0.0003
"""A network without an error is drawn here: a logarithmic axis has no 0."""

_MARKER_PT = 6.0
_OTHERS: dict[str, Any] = {"color": BLUE, "marker": "o", "markersize": _MARKER_PT}
_OF_SYSTEMS: dict[str, Any] = {"color": ORANGE, "marker": "s", "markersize": _MARKER_PT}

_TURNS = (0, 6, 3, 9, 1, 5, 7, 11, 2, 4, 8, 10)
"""Twelfths of a turn: a name stands best to the right of its point, then to the left, above, below, and aslant."""
_OFFSETS_PT = tuple(
    (distance * cos(turn * pi / 6), distance * sin(turn * pi / 6))
    for distance in (7, 14, 24, 36, 50)
    for turn in _TURNS
)
"""Where a name may stand beside its point, nearest first: the first place that is free is taken."""
_LONG_PT = 15
"""A name further away than this has a line to its point."""


def leaderboard_chart(board: Leaderboard) -> Drawing:
    """Draw the accuracy on MNIST's test digits against the number of parameters.

    Networks of other systems are orange squares, the others blue circles; a bar joins the best and the worst of several
    seeds. Networks without a known number of parameters are left out.
    """
    rows = [row for row in board.rows if row.mean(N_PARAMETERS)]
    places = {row.name: _place(row) for row in rows}
    with drawing(WIDTH_IN, HEIGHT_IN) as (figure, axes):
        _set_axes(axes, list(places.values()) or [(1e4, 0.1)])
        for row in rows:
            _draw_row(axes, row)
        _draw_legend(figure)
        _name_points(figure, axes, places)
    return Drawing("leaderboard", figure, "Accuracy of each network against the number of its parameters")


def _place(row: Row) -> Point:
    """Parameters and error of a row."""
    return row.mean(N_PARAMETERS) or 1.0, max(LEAST_ERROR, 1 - (row.mean(MNIST) or 0.0))


def _draw_row(axes: Axes, row: Row) -> None:
    x, y = _place(row)
    errors = [max(LEAST_ERROR, 1 - value) for value in row.values(MNIST)]
    looks = _OF_SYSTEMS if row.entries[0].network in OF_OTHERS else _OTHERS
    axes.plot([x, x], [min(errors), max(errors)], color=looks["color"], linewidth=1.4)
    axes.plot([x], [y], **looks)


def _draw_legend(figure: Figure) -> None:
    words = {"of other systems": _OF_SYSTEMS, "all others": _OTHERS}
    lines = [Line2D([], [], linestyle="", **looks) for looks in words.values()]
    figure.legend(lines, list(words), loc="outside upper right", ncols=len(words))


def _set_axes(axes: Axes, places: Sequence[Point]) -> None:
    """Let accuracy rise upwards, with room around the points, and words for what the error axis shows."""
    sizes, errors = zip(*places, strict=True)
    axes.set(xscale="log", yscale="log", xlabel="parameters", ylabel="accuracy on MNIST's test digits, %")
    axes.set_xlim(min(sizes) / 1.8, max(sizes) * 2.5)
    axes.set_ylim(min(1.0, max(errors) * 1.5), min(errors) / 1.5)
    axes.yaxis.set_major_locator(FixedLocator(ERRORS))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda error, _: f"{100 * (1 - error):.6g}"))
    axes.yaxis.set_minor_locator(NullLocator())


def _name_points(figure: Figure, axes: Axes, places: dict[str, Point]) -> None:
    """Write each name at the nearest place where it covers neither a point nor another name."""
    figure.draw_without_rendering()  # settles the layout: a point's pixel is known only from now on
    per_pt = figure.dpi / 72
    points = {name: axes.transData.transform(place).tolist() for name, place in places.items()}
    taken = [_box(point, (0, 0), (_MARKER_PT * per_pt,) * 2) for point in points.values()]
    for name, place in places.items():
        text = axes.annotate(name, place)
        extent = text.get_window_extent()
        text.remove()
        size = extent.width, extent.height
        boxes = [_box(points[name], (per_pt * x, per_pt * y), size) for x, y in _OFFSETS_PT]
        costs = [_cost(box, taken, axes.bbox) for box in boxes]
        best = costs.index(min(costs))  # of equal ones the first, which is the nearest
        taken.append(boxes[best])
        _write(axes, name, place, _OFFSETS_PT[best])


def _write(axes: Axes, name: str, place: Point, offset: Point) -> None:
    x, y = map(_side, offset)
    line = {"arrowstyle": "-", "color": FAINT, "linewidth": 0.6} if hypot(*offset) > _LONG_PT else None
    sides: dict[str, Any] = {"ha": ("right", "center", "left")[x + 1], "va": ("top", "center", "bottom")[y + 1]}
    axes.annotate(name, place, offset, textcoords="offset points", color=INK, arrowprops=line, **sides)


def _box(point: Sequence[float], offset: Point, size: Sequence[float]) -> Bbox:
    """Return where something of this size lies, in pixels, that stands beside its point and does not cover it."""
    corner = [at + by + (_side(by) - 1) / 2 * length for at, by, length in zip(point, offset, size, strict=True)]
    return Bbox.from_bounds(*corner, *size)


def _side(offset: float) -> int:
    """Tell whether a name stands before its point (-1), over it (0) or behind it (1)."""
    return (offset > 1) - (offset < -1)


def _cost(box: Bbox, taken: Sequence[Bbox], room: Bbox) -> int:
    """Return how many square pixels of a name lie on other things, and ten times what of it lies outside."""
    covered = sum(_area(Bbox.intersection(box, other)) for other in taken)
    return round(covered + 10 * (_area(box) - _area(Bbox.intersection(box, room))))


def _area(box: Bbox | None) -> float:
    return box.width * box.height if box else 0.0
