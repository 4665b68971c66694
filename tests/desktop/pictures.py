"""Takes pictures of the window in every state:  python -m tests.desktop.pictures DIR [STATE]...

docs/pictures/desktop.png is the state `number`.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from inkdigits.desktop.sheet import Theme
from tests.desktop.desk import Desk
from tests.desktop.films import film
from tests.desktop.screen import virtual_screen


def write_number(desk: Desk, number: str, high: float = 0.42) -> None:
    """Write a number across the pad."""
    desk.window.pen.width = 16
    for at, digit in enumerate(number):
        desk.write(int(digit), at=((at + 0.65) / (len(number) + 0.3), 0.5), high=high, pieces=3)


def hold(desk: Desk, mood: str | None) -> None:
    """Hold something before the camera until it is read so."""
    desk.keys("k")
    desk.wait(lambda: (watch := desk.window.watch) and watch.frame and watch.mood == mood)


def show_no_camera(desk: Desk) -> None:
    """Ask for a camera that is not there."""
    desk.window.source = 93
    desk.keys("k")
    desk.wait(lambda: desk.window.watch and desk.window.watch.is_over)


STATES: dict[str, tuple[Theme, Callable[[Desk], object]]] = {
    "empty": ("white", lambda _: None),
    "number": ("white", lambda desk: write_number(desk, "3074")),
    "black": ("black", lambda desk: write_number(desk, "8250")),
    "digit": ("black", lambda desk: desk.write(5, high=0.7, pieces=3)),
    "not-a-digit": ("white", lambda desk: desk.write("horse", high=0.5, pieces=3)),
    "camera-empty": ("black", lambda desk: hold(desk, None)),
    "camera-live": ("white", lambda desk: hold(desk, "live")),
    "camera-locked": ("black", lambda desk: hold(desk, "locked")),
    "no-camera": ("white", show_no_camera),
}
"""What to do for each state, on a canvas of which colour."""


def main() -> None:
    """Take the pictures that the arguments of this process ask for."""
    folder, names = Path(sys.argv[1]), sys.argv[2:] or list(STATES)
    folder.mkdir(exist_ok=True)
    with TemporaryDirectory() as place, virtual_screen() as display:
        source = film(Path(place, "paper.avi"), [("", 8), ("428", 200)])
        for name in names:
            theme, act = STATES[name]
            desk = Desk(display, theme, source)
            act(desk)
            if not desk.window.watch:
                desk.says()
            desk.photograph(folder / f"{name}.png")
            desk.close()


if __name__ == "__main__":
    main()
