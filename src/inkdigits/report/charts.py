"""Curves and diagrams: each returns a drawing that is told apart by shape as well as by colour."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from inkdigits.metrics import N_ECE_BINS, calibration_bins, wilson_interval
from inkdigits.report.drawings import BLUE, FAINT, INK, ORANGE, PAPER, Drawing, drawing

History: TypeAlias = dict[str, list[float | None]]
"""Name of a line -> one value an epoch; None where there was none."""

Floats: TypeAlias = npt.NDArray[np.floating[Any]]

WIDTH_IN, HEIGHT_IN = 4.4, 3.1
"""Small enough for letters to stay readable on a telephone."""

_FLAT_SHARE = 0.2
"""Errors against coverage are drawn from a little before they last were this share of their end."""

_Z_95 = 1.96
"""The normal distribution's 97.5 % quantile: two-sided bounds that hold 19 times out of 20."""

_LINES: tuple[dict[str, Any], ...] = (
    {"color": BLUE, "marker": "o", "linestyle": "-"},
    {"color": ORANGE, "marker": "s", "linestyle": "--"},
)


def curve(name: str, history: History, what: str, alt: str) -> Drawing:
    """Draw values by epoch, one line a name."""
    with drawing(WIDTH_IN, HEIGHT_IN) as (figure, axes):
        for (line, values), looks in zip(history.items(), _LINES, strict=False):
            known = [(epoch, value) for epoch, value in enumerate(values, start=1) if value is not None]
            if known:
                axes.plot(*zip(*known, strict=True), label=line, linewidth=1.6, markersize=3.2, **looks)
        axes.set(xlabel="epoch", ylabel=what)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        if len(axes.lines) > 1:
            axes.legend()
        else:
            axes.set_ylim(bottom=0)
    return Drawing(name, figure, alt)


def reliability(confidences: Floats, correct: npt.NDArray[np.bool_], n_bins: int = N_ECE_BINS) -> Drawing:
    """Draw accuracy against confidence, bin by bin, and how many answers each bin holds.

    Args:
        confidences: (N,) in [0, 1].
        correct: (N,) bool.
        n_bins: those of the calibration error.
    """
    bins = calibration_bins(confidences, n_bins)
    counts = np.bincount(bins, minlength=n_bins)
    filled = counts > 0
    mean = np.bincount(bins, confidences, n_bins)[filled] / counts[filled]
    share = np.bincount(bins, correct, n_bins)[filled] / counts[filled]
    with drawing(WIDTH_IN, 3.6) as (figure, axes):
        axes.remove()
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        _draw_shares(above, mean, share, counts[filled])
        _draw_counts(below, counts)
    alt = "Share of right answers against confidence, with 95 % intervals; the dotted line is perfect"
    return Drawing("reliability", figure, alt)


def error_against_coverage(confidences: Floats, correct: npt.NDArray[np.bool_]) -> Drawing:
    """Draw the error rate among the surest answers, against the share of the answers that these are."""
    order = np.argsort(-confidences, kind="stable")
    n = np.arange(1, len(order) + 1)
    errors = 100 * np.cumsum(~correct[order]) / n
    coverage = 100 * n / len(order)
    flat = coverage[errors <= errors[-1] * _FLAT_SHARE].max(initial=0.0)
    left = min(90.0, max(0.0, float(np.floor(flat / 10)) * 10 - 10))
    with drawing(WIDTH_IN, 3.6) as (figure, axes):
        axes.plot(coverage, errors, color=BLUE, linewidth=1.6)
        axes.plot(coverage[-1:], errors[-1:], color=ORANGE, marker="s", markersize=5, linestyle="none")
        axes.annotate(
            f"all accepted: {errors[-1]:.2f} % wrong",
            *((100, errors[-1]), (-8, 0)),
            textcoords="offset points",
            ha="right",
            va="center",
            color=INK,
        )
        highest = float(errors[coverage >= left].max(initial=0.0))
        axes.set(xlabel="coverage, % of the digits", ylabel="error rate, % of the accepted")
        axes.set(xlim=(left, 100 + (100 - left) * 0.02), ylim=(0, 1.15 * highest or 1))
    return Drawing("error-against-coverage", figure, "Error rate among accepted digits against the share accepted")


def confusion(counts: Sequence[Sequence[int]]) -> Drawing:
    """Draw a confusion matrix; rows are labels, columns what was read. Colours rank the errors alone."""
    matrix = np.array(counts)
    errors = np.where(np.eye(len(matrix), dtype=np.bool_), 0, matrix)
    with drawing(5.2, 4.8) as (figure, axes):
        axes.imshow(errors, cmap="Oranges", vmin=0, vmax=max(1, 1.6 * errors.max()))
        for (row, column), count in np.ndenumerate(matrix):
            right = bool(row == column)
            looks: dict[str, Any] = {"color": BLUE if right else INK, "fontweight": "bold" if right else "normal"}
            axes.text(column, row, str(count) if count else "·", ha="center", va="center", fontsize=8, **looks)
        axes.set(xlabel="read as", ylabel="label", xticks=range(len(matrix)), yticks=range(len(matrix)))
        axes.grid(visible=False)
    return Drawing("confusion", figure, "Confusion matrix: rows are labels, columns what was read")


def pixel_values(patch: npt.NDArray[np.uint8]) -> Drawing:
    """Draw a patch, (28, 28) uint8, with its values written in."""
    with drawing(9, 9, framed=False) as (figure, axes):
        axes.imshow(patch, cmap="gray_r", vmin=0, vmax=255)
        for (row, column), value in np.ndenumerate(patch):
            colour = PAPER if value > 127 else FAINT
            axes.text(column, row, str(value), ha="center", va="center", fontsize=6, color=colour)
    return Drawing("pixel-values", figure, "A digit with the value of each pixel written in")


def _draw_shares(axes: Axes, confidences: Floats, shares: Floats, n: npt.NDArray[np.int64]) -> None:
    """Draw the share that is right in each bin, with the interval that its count leaves open."""
    axes.plot([0, 1], [0, 1], color=FAINT, linestyle=":", linewidth=1.2, label="perfectly calibrated")
    low, high = wilson_interval(shares, n, _Z_95)
    reach = np.maximum([shares - low, high - shares], 0)  # rounding may pass the ends
    looks: dict[str, Any] = {"color": BLUE, "marker": "o", "markersize": 4.5, "linewidth": 1.2, "capsize": 2}
    axes.errorbar(confidences, shares, reach, linestyle="none", label="this network", **looks)
    axes.set(ylabel="share that is right", xlim=(0, 1.02), ylim=(0, 1.04))
    axes.legend(loc="upper left")


def _draw_counts(axes: Axes, counts: npt.NDArray[np.int64]) -> None:
    edges = np.linspace(0, 1, len(counts) + 1)
    axes.bar(edges[:-1], counts, width=1 / len(counts), align="edge", color=FAINT, edgecolor=PAPER, linewidth=0.8)
    axes.set(xlabel="confidence", ylabel="digits", yscale="log", ylim=(0.8, None))
