"""How the window looks: its colours, after those of the canvas, its fonts, and its sizes on sharp screens."""

import gc
import tkinter as tk
from dataclasses import dataclass
from tkinter import font, ttk
from typing import Any

from inkdigits.desktop.sheet import Theme

USUAL_DPI = 96
"""At so many pixels an inch, sizes are as they stand in the code."""

POINTS_PER_INCH = 72

NUMBER_FONT, LABEL_FONT, BOLD_FONT, SMALL_FONT = "InkNumber", "InkLabel", "InkBold", "InkSmall"
"""Fonts beside Tk's own."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours that go together."""

    paper: int
    """Level of grey of the canvas, 0-255."""
    ink: int
    """Level of grey of what is drawn."""
    window: str
    raised: str
    line: str
    text: str
    faint: str
    accent: str
    on_accent: str
    track: str
    """Of bars: what they could fill."""
    steady: str
    """What the camera reads is locked."""
    doubt: str


PALETTES: dict[Theme, Palette] = {
    "white": Palette(
        paper=255,
        ink=22,
        window="#f7f6f3",
        raised="#eae8e2",
        line="#cfccc3",
        text="#1b1b1f",
        faint="#5f5d58",
        accent="#2446c4",
        on_accent="#ffffff",
        track="#e6e3da",
        steady="#1c7c3c",
        doubt="#a63d00",
    ),
    "black": Palette(
        paper=0,
        ink=246,
        window="#16171a",
        raised="#26282e",
        line="#3a3d45",
        text="#ececea",
        faint="#a5a6ab",
        accent="#93aeff",
        on_accent="#10142a",
        track="#2a2c32",
        steady="#6fdc93",
        doubt="#ffb27a",
    ),
}


def find_scale(root: tk.Tk) -> float:
    """Return by how much sizes in pixels must grow on this screen, and let fonts grow alike."""
    dpi = max(root.winfo_fpixels("1i"), _ask_dpi(root), USUAL_DPI)
    root.tk.call("tk", "scaling", dpi / POINTS_PER_INCH)
    return dpi / USUAL_DPI


def make_fonts(root: tk.Tk) -> None:
    """Make our fonts, after the one that the system uses."""
    usual = font.nametofont("TkDefaultFont", root)
    size = max(10, abs(int(usual["size"])))
    usual.configure(size=size)
    for name, points, is_bold in (
        (NUMBER_FONT, 3 * size, True),
        (LABEL_FONT, size + 4, False),
        (BOLD_FONT, size, True),
        (SMALL_FONT, size - 1, False),
    ):
        made = font.Font(root, usual.copy(), name=name, exists=False)
        made.configure(size=points, weight="bold" if is_bold else "normal")
        made.delete_font = False  # it belongs to the window, not to this function


def dress(root: tk.Tk, palette: Palette, scale: float) -> None:
    """Give all widgets of the window the colours of a palette."""
    style = ttk.Style(root)
    style.theme_use("clam")
    root.configure(background=palette.window)
    style.configure(".", background=palette.window, foreground=palette.text, troughcolor=palette.track)
    for name, colour, of_font in (
        ("Label", palette.faint, LABEL_FONT),
        ("State", palette.text, LABEL_FONT),
        ("Number", palette.accent, NUMBER_FONT),
        ("Share", palette.text, LABEL_FONT),
        ("Faint", palette.faint, SMALL_FONT),
        ("Steady", palette.steady, BOLD_FONT),
        ("Live", palette.faint, BOLD_FONT),
    ):
        style.configure(f"{name}.TLabel", foreground=colour, font=of_font)
    room = [round(10 * scale), round(6 * scale)]
    for name in ("TButton", "TMenubutton", "Toolbutton"):
        style.configure(name, background=palette.raised, borderwidth=0, relief="flat", padding=room, anchor="center")
        style.configure(name, arrowcolor=palette.faint, arrowsize=round(5 * scale))
        style.map(
            name,
            background=[("disabled", palette.window), ("selected", palette.accent), ("active", palette.line)],
            foreground=[("disabled", palette.line), ("selected", palette.on_accent)],
        )
    _dress_slider(style, palette, scale)


def _dress_slider(style: ttk.Style, palette: Palette, scale: float) -> None:
    """Draw a slider plainly, as another theme does: that of this one has grips."""
    if "Plain.Horizontal.Scale.slider" not in style.element_names():
        for part in ("slider", "trough"):
            style.element_create(f"Plain.Horizontal.Scale.{part}", "from", "default")
        knob: Any = ("Plain.Horizontal.Scale.slider", {"side": "left", "sticky": ""})
        style.layout("Horizontal.TScale", [("Plain.Horizontal.Scale.trough", {"sticky": "we", "children": [knob]})])
    style.configure("Horizontal.TScale", background=palette.accent, borderwidth=0, sliderrelief="flat")
    style.configure("Horizontal.TScale", sliderlength=round(14 * scale), sliderthickness=round(20 * scale))


def dress_menu(menu: tk.Menu, palette: Palette) -> None:
    """Give a menu the colours of a palette: it is none of the widgets that have a style."""
    menu.configure(background=palette.raised, foreground=palette.text, selectcolor=palette.accent, borderwidth=0)
    menu.configure(activebackground=palette.accent, activeforeground=palette.on_accent, activeborderwidth=0)


def _ask_dpi(root: tk.Tk) -> float:
    """Return how sharp the user's settings say that an X11 screen is, which Tk does not ask for; 0: they do not say."""
    if root.tk.call("tk", "windowingsystem") != "x11":
        return 0.0
    asker = tk.Tk(
        screenName=root.winfo_screen(), className="Xft"
    )  # the resource is Xft.dpi, and Tk looks below its name
    asker.withdraw()
    said = str(asker.tk.call("option", "get", ".", "dpi", "Dpi"))
    asker.destroy()
    del asker
    gc.collect()  # in this thread: Tk's objects must not be collected in another
    return float(said) if said.replace(".", "", 1).isdecimal() else 0.0
