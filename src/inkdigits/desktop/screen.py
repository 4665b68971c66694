"""What a window needs: Tk, a screen, and how sharp that is. Says how to get what is missing."""

import platform
import sys
from collections.abc import Collection
from importlib import import_module

from inkdigits.errors import WindowError

INSTALL = {
    "debian": "sudo apt-get install python3-tk",
    "fedora": "sudo dnf install python3-tkinter",
    "suse": "sudo zypper install python3-tk",
    "arch": "sudo pacman -S tk",
    "alpine": "sudo apk add python3-tkinter",
}
"""How Linux systems install Tk, by the name in /etc/os-release that they or their parents have."""

FAMILY = {"ubuntu": "debian", "rhel": "fedora", "opensuse": "suse", "manjaro": "arch"}
"""Names that come without that of the parent."""

INSTEAD = "Or draw in your browser:  inkdigits serve"


def check_tk() -> None:
    """See whether this Python has Tk.

    Raises:
        WindowError: it has not; the message says how to install it.
    """
    try:
        import_module("tkinter")
    except ImportError as error:
        advice = advise(sys.platform, _linux_names())
        raise WindowError(f"The window needs Tk, which this Python lacks ({error}). {advice} {INSTEAD}") from error


def advise(system: str, linux_names: Collection[str]) -> str:
    """Say how to install Tk.

    Args:
        system: as `sys.platform` names it.
        linux_names: of a Linux, its own and those of its parents.
    """
    if system == "win32":
        return "Run the installer of Python again, choose Modify, and tick 'tcl/tk and IDLE'."
    if system == "darwin":
        return "With Homebrew:  brew install python-tk   The Python of python.org brings it along."
    known = [INSTALL[name] for name in (FAMILY.get(name, name) for name in linux_names) if name in INSTALL]
    lines = known[:1] or INSTALL.values()
    own = "A Python that you built yourself finds it when it is built again."
    return f"Install it:  {'   or   '.join(lines)}   {own}"


def explain_no_screen(reason: str) -> str:
    """Say what to do where Tk finds no screen."""
    return f"There is no screen to open a window on ({reason}). Call it in a desktop session. {INSTEAD}"


def _linux_names() -> list[str]:
    try:
        release = platform.freedesktop_os_release()
    except OSError:  # no Linux, or one that does not say
        return []
    return [release.get("ID", ""), *release.get("ID_LIKE", "").split()]
