"""Text can be read on both colours, and on sharp screens."""

import pytest

from inkdigits.desktop.look import PALETTES, Palette, find_scale
from tests.desktop.desk import Desk
from tests.desktop.screen import DPI, run


def lightness(colour: str) -> float:
    """Return the relative luminance of a colour, as WCAG 2 has it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21."""
    low, high = sorted([lightness(one), lightness(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
def test_all_text_stands_out(palette: Palette):
    """4.5 to 1 at least (WCAG 2, AA); canvas and ink far more."""
    for colour in (palette.text, palette.faint, palette.accent, palette.steady):
        assert contrast(colour, palette.window) >= 4.5
    assert contrast(palette.text, palette.raised) >= 4.5
    assert contrast(palette.on_accent, palette.accent) >= 4.5
    grey = [f"#{level:02x}{level:02x}{level:02x}" for level in (palette.paper, palette.ink)]
    assert contrast(*grey) >= 15


def test_a_sharp_screen_makes_all_larger(desk: Desk):
    """As the system says by Xft.dpi, or the screen itself; never smaller than usual."""
    assert find_scale(desk.root) == pytest.approx(1, abs=0.01)
    resources = ("RESOURCE_MANAGER", "8s", "-set", "RESOURCE_MANAGER")
    run(desk.display, "xprop", "-root", "-f", *resources, "Xft.dpi:\t192\n")
    try:
        assert find_scale(desk.root) == 2
    finally:
        run(desk.display, "xprop", "-root", "-remove", resources[0])
        desk.root.tk.call("tk", "scaling", DPI / 72)
        assert find_scale(desk.root) == pytest.approx(1, abs=0.01)
