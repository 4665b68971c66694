"""matplotlib figures -> SVG inside the page, in the page's own colours, and SVG and PNG files.

A figure is drawn in the colours of the light page. Inside the page each of them becomes a variable of the style
sheet, which dark mode sets anew.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from inkdigits.outputs import open_whole
from inkdigits.report.markup import Html, element, scroller

INK, FAINT, GRID, PAPER = "#1d1d21", "#65656b", "#dddbd5", "#fdfcfa"
BLUE, ORANGE, GREEN = "#0072b2", "#d55e00", "#009e73"
"""Three of the eight colours that Okabe and Ito (2008) chose for every kind of colour vision."""

VARIABLES = {
    INK: "var(--ink)",
    FAINT: "var(--faint)",
    GRID: "var(--grid)",
    PAPER: "var(--paper)",
    BLUE: "var(--blue)",
    ORANGE: "var(--orange)",
    GREEN: "var(--green)",
}
"""What each colour is called in style.css."""

PNG_DPI = 160

STYLE = matplotlib.RcParams(
    {
        "svg.fonttype": "none",  # letters stay letters: small, searchable, in the page's font
        "svg.hashsalt": "inkdigits",  # the same figure is the same file
        "font.family": "sans-serif",
        "font.size": 9,
        "text.color": INK,
        "axes.edgecolor": FAINT,
        "axes.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": GRID,
        "grid.linewidth": 0.6,
        "xtick.color": FAINT,
        "ytick.color": FAINT,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "legend.frameon": False,
        "figure.facecolor": PAPER,
        "axes.facecolor": "none",
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A figure with its name and its words."""

    name: str
    """Of its files, without their endings."""
    figure: Figure
    alt: str
    """What it shows, for people who do not see it."""

    def to_html(self, caption: str = "", *, wide: bool = False) -> Html:
        """Return the figure for the page; a wide one keeps its size on a narrow screen, and scrolls."""
        picture = element("div", self._to_svg(), class_="chart", role="img", aria_label=self.alt)
        held = scroller(picture, self.alt) if wide else picture
        words = (element("figcaption", caption),) if caption else ()
        return element("figure", held, *words, class_="wide" if wide else None)

    def save(self, folder: Path) -> None:
        """Write the figure to NAME.svg and NAME.png.

        Raises:
            UsageError: the files cannot be written.
        """
        for ending, options in (("svg", {"metadata": {"Date": None}}), ("png", {"dpi": PNG_DPI})):
            with open_whole(folder / f"{self.name}.{ending}") as file, matplotlib.rc_context(STYLE):
                self.figure.savefig(file, format=ending, **options)

    def _to_svg(self) -> Html:
        text = io.StringIO()
        with matplotlib.rc_context(STYLE):
            self.figure.savefig(text, format="svg", metadata={"Date": None}, facecolor="none")
        svg = text.getvalue()
        svg = svg[svg.index("<svg") :]
        svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
        svg = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{self.name}-", svg)  # no two figures share an id
        for colour, variable in VARIABLES.items():
            svg = svg.replace(colour, variable)
        return Html(svg)


@contextmanager
def drawing(width_in: float, height_in: float, *, framed: bool = True) -> Iterator[tuple[Figure, Axes]]:
    """Open a figure with one pair of axes, in our style.

    Args:
        width_in: in inches.
        height_in: in inches.
        framed: with room for ticks and labels around the axes; False: a picture that fills the figure.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width_in, height_in), layout="constrained" if framed else None)
        axes = figure.add_subplot() if framed else figure.add_axes((0, 0, 1, 1))
        axes.axis(framed)
        yield figure, axes
