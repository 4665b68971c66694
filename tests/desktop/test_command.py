"""`inkdigits draw`, started as people start it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.desktop.films import film
from tests.desktop.screen import TIMEOUT_S, run, until, windows

KIND = "Inkdigits"
"""Class of the command's window."""


@contextmanager
def draw(display: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """Start the command on a screen, where nothing is left of it in the end."""
    command = [sys.executable, "-m", "inkdigits", "draw", *arguments]
    environment = {**os.environ, "DISPLAY": display}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=environment, text=True, **pipes) as started:
        try:
            yield started
        finally:
            started.kill()
    until(lambda: not windows(display, KIND))


def wait_for(started: "subprocess.Popen[str]", display: str, words: str) -> str:
    """Wait for the command's window, whose title begins so, and return its number."""

    def find() -> list[int]:
        assert started.poll() is None, "it ended by itself"
        found.extend(number for number, title in windows(display, KIND).items() if title.startswith(words))
        return found

    found: list[int] = []
    until(find)
    return str(found[0])


def test_q_ends_it(display: str):
    """In its colour, with its network; nothing is printed, and the exit code is 0."""
    with draw(display, "--theme", "black", "--model", "tiny") as started:
        number = wait_for(started, display, "Canvas is empty")
        run(display, "xdotool", "windowactivate", "--sync", number)
        run(display, "xdotool", "key", "q")  # told of the window, which q ends, it fails and leaves the key down
        assert started.communicate(timeout=TIMEOUT_S) == ("", "")
        assert started.returncode == 0


def test_its_x_ends_it_while_the_camera_runs(display: str, tmp_path: Path):
    """A film stands for the camera."""
    with draw(display, "--camera", film(tmp_path / "paper.avi", [("7", 150)])) as started:
        number = wait_for(started, display, "Number: 7 (")
        run(display, "wmctrl", "-i", "-c", number)
        assert started.communicate(timeout=TIMEOUT_S) == ("", "")
        assert started.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_ctrl_c_ends_it(display: str):
    """At once, also while nothing happens in the window."""
    with draw(display) as started:
        wait_for(started, display, "Canvas is empty")
        started.send_signal(signal.SIGINT)
        assert started.wait(timeout=TIMEOUT_S) == -signal.SIGINT
