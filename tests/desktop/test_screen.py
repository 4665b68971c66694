"""What stands in the way of a window is said, with the line that helps."""

import sys

import pytest

from inkdigits.desktop.run import run
from inkdigits.desktop.screen import INSTALL, advise, check_tk
from inkdigits.errors import WindowError
from inkdigits.settings import Settings


@pytest.mark.parametrize(
    ("system", "linux", "line"),
    [
        ("linux", ["debian"], "sudo apt-get install python3-tk"),
        ("linux", ["ubuntu", "debian"], "sudo apt-get install python3-tk"),
        ("linux", ["linuxmint", "ubuntu", "debian"], "sudo apt-get install python3-tk"),
        ("linux", ["fedora"], "sudo dnf install python3-tkinter"),
        ("linux", ["rocky", "rhel", "centos", "fedora"], "sudo dnf install python3-tkinter"),
        ("linux", ["opensuse-leap", "suse", "opensuse"], "sudo zypper install python3-tk"),
        ("linux", ["arch"], "sudo pacman -S tk"),
        ("linux", ["alpine"], "sudo apk add python3-tkinter"),
        ("darwin", [], "brew install python-tk"),
        ("win32", [], "tick 'tcl/tk and IDLE'"),
    ],
)
def test_each_system_has_its_line(system: str, linux: list[str], line: str):
    """And no other system's."""
    advice = advise(system, linux)
    assert line in advice
    assert not [other for other in INSTALL.values() if other in advice and other not in line]


def test_an_unknown_linux_gets_all_of_them():
    """One will do."""
    assert all(line in advise("linux", ["own"]) for line in INSTALL.values())


def test_a_python_without_tk_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch):
    """Whatever is missing of it; and that the page can be used instead."""
    monkeypatch.setitem(sys.modules, "tkinter", None)
    with pytest.raises(WindowError, match=r"needs Tk, which this Python lacks .* inkdigits serve"):
        check_tk()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these systems always have a screen")
def test_without_a_screen_there_is_the_page(monkeypatch: pytest.MonkeyPatch):
    """Tk's own words are kept."""
    monkeypatch.setenv("DISPLAY", ":nowhere")
    with pytest.raises(WindowError, match=r"^There is no screen .*nowhere.* inkdigits serve$"):
        run(Settings(), "white", None)
