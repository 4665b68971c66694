"""Keys, and the right button of the mouse -> what they do; and a list of them."""

import tkinter as tk
from collections.abc import Callable, Mapping
from functools import partial
from tkinter import ttk

from inkdigits.desktop.look import BOLD_FONT
from inkdigits.desktop.texts import KEYS, KEYS_TITLE

SEQUENCES = {
    "undo": ("<Control-z>", "<Control-Z>"),
    "redo": ("<Control-y>", "<Control-Y>", "<Control-Shift-z>", "<Control-Shift-Z>"),
    "clear": ("<Delete>", "<BackSpace>"),
    "wider": ("<plus>", "<KP_Add>"),
    "thinner": ("<minus>", "<KP_Subtract>"),
    "theme": ("t", "T"),
    "network": ("n", "N"),
    "camera": ("k", "K"),
    "freeze": ("<space>",),
    "copy": ("<Control-c>", "<Control-C>"),
    "save": ("<Control-s>", "<Control-S>"),
    "help": ("<F1>", "<question>"),
    "quit": ("q", "Q"),
}
"""What Tk calls the keys of each action; in capitals where Caps Lock is on, which turns Shift around."""

RIGHT_BUTTONS = {"aqua": ("<Button-2>", "<Control-Button-1>")}
"""What Tk calls the right button of a mouse, by the system of windows, where it is not the third."""


def bind_keys(root: tk.Tk, on: Mapping[str, Callable[[], None]]) -> None:
    """Let keys do things, by the names of the actions. With Command in place of Control on a Mac as well."""
    is_mac = root.tk.call("tk", "windowingsystem") == "aqua"
    for name, sequences in SEQUENCES.items():
        more = [each.replace("Control", "Command") for each in sequences if is_mac and "Control" in each]
        for sequence in (*sequences, *more):
            root.bind(sequence, partial(_ignore_event, on[name]))


def bind_right_button(surface: tk.Misc, act: Callable[[], None]) -> None:
    """Let the right button do something."""
    for sequence in RIGHT_BUTTONS.get(surface.tk.call("tk", "windowingsystem"), ("<Button-3>",)):
        surface.bind(sequence, partial(_ignore_event, act))


def show_keys(root: tk.Tk, padding: int) -> None:
    """Show a list of all keys, until Escape, Q or F1 is pressed, in a window of its own."""
    top = tk.Toplevel(root, name="keys", background=str(root["background"]))  # it takes the place of an older one
    top.title(KEYS_TITLE)
    top.transient(root)
    table = ttk.Frame(top, padding=padding)
    table.pack()
    for row, (key, what) in enumerate(KEYS):
        ttk.Label(table, text=key, font=BOLD_FONT).grid(row=row, column=0, sticky="w", padx=(0, padding))
        ttk.Label(table, text=what).grid(row=row, column=1, sticky="w", pady=padding // 8)
    for sequence in ("<Escape>", "q", "Q", "<F1>"):
        top.bind(sequence, lambda _: top.destroy())
    top.focus_set()


def _ignore_event(act: Callable[[], None], event: "tk.Event[tk.Misc]") -> None:
    del event
    act()
