"""The top of the window: what was read, and which network reads."""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk

from inkdigits.desktop.look import Palette, dress_menu
from inkdigits.desktop.texts import MOODS, NETWORK, Header, Mood


class Banner(ttk.Frame):
    """Says what was read, in large type."""

    def __init__(self, home: tk.Misc, scale: float) -> None:
        """Make one that says nothing."""
        super().__init__(home)
        room = round(10 * scale)
        self._label = ttk.Label(self, style="Label.TLabel")
        self._number = ttk.Label(self, style="Number.TLabel")
        self._share = ttk.Label(self, style="Label.TLabel")
        self._mood = ttk.Label(self)
        self._note = ttk.Label(self, style="Faint.TLabel", anchor="e")
        ttk.Label(self, style="Number.TLabel").pack(side="left")  # keeps its height where there is no number
        for part in (self._label, self._number, self._share, self._mood):
            part.pack(side="left", padx=(0, room))
        self._note.pack(side="right", fill="x")

    def show(self, header: Header, note: str, mood: Mood | None) -> None:
        """Show what was read, other ways to read it, and how the camera goes."""
        self._label.configure(text=header.label, style="Label.TLabel" if header.number else "State.TLabel")
        self._number.configure(text=header.number)
        self._share.configure(text=header.share)
        self._mood.configure(
            text=MOODS[mood] if mood else "", style="Live.TLabel" if mood == "live" else "Steady.TLabel"
        )
        self._note.configure(text=note)

    @property
    def note(self) -> str:
        """What is said beside the answer."""
        return str(self._note["text"])

    def tell(self, note: str) -> None:
        """Say something beside the answer, until the next one."""
        self._note.configure(text=note)


class Picker(ttk.Menubutton):
    """Chooses the network; in its menu a dot marks the one that reads."""

    def __init__(self, home: tk.Misc, names: Sequence[str], chosen: str, on_choose: Callable[[], None]) -> None:
        """Offer networks by name."""
        super().__init__(home, takefocus=False)
        self.names = names
        """What can be chosen."""
        self._chosen = tk.StringVar(self, chosen)
        self._on_choose = on_choose
        self.menu = tk.Menu(self, tearoff=False)
        for name in names:
            self.menu.add_radiobutton(label=name, variable=self._chosen, value=name, command=self._choose)
        self.configure(menu=self.menu, text=f"{NETWORK}: {chosen}")

    @property
    def network(self) -> str:
        """The one that was chosen."""
        return self._chosen.get()

    def dye(self, palette: Palette) -> None:
        """Take the colours of a palette."""
        dress_menu(self.menu, palette)

    def step(self) -> None:
        """Choose the next one."""
        self.choose(self.names[(self.names.index(self.network) + 1) % len(self.names)])

    def choose(self, name: str) -> None:
        """Choose one by its name."""
        self._chosen.set(name)
        self._choose()

    def _choose(self) -> None:
        self.configure(text=f"{NETWORK}: {self.network}")
        self._on_choose()
