"""Opens the window, and stays until it is closed."""

import gc
import signal
import sys

from inkdigits.desktop.screen import check_tk, explain_no_screen
from inkdigits.desktop.sheet import Theme
from inkdigits.errors import WindowError
from inkdigits.networks import Networks
from inkdigits.settings import Settings

NAME = "inkdigits"


def run(settings: Settings, theme: Theme, camera: int | str | None) -> None:
    """Show the window until it is closed.

    Args:
        settings: which network reads, and how.
        theme: the colour of the canvas.
        camera: the number of a camera, or a film or stream, with which it begins; None: with drawing.

    Raises:
        WindowError: there is no Tk, or no screen.
        ModelError: the network cannot be used.
    """
    check_tk()
    _show(settings, theme, camera)
    gc.collect()  # in this thread: what is left of Tk must not be collected in that of the camera


def _show(settings: Settings, theme: Theme, camera: int | str | None) -> None:
    import tkinter as tk

    from inkdigits.desktop.window import Window  # it needs Tk

    networks = Networks(settings)
    _ask_for_sharpness()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it at once, also while Tk waits for something to happen
    try:
        root = tk.Tk(baseName=NAME, className=NAME.title())
    except tk.TclError as error:
        raise WindowError(explain_no_screen(str(error))) from error
    window = Window(root, networks, theme, 0 if camera is None else camera)
    if camera is not None:
        window.switch_camera()
    root.mainloop()


def _ask_for_sharpness() -> None:
    """Ask Windows not to enlarge the window as a blurred picture."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.shcore.SetProcessDpiAwareness(1)
