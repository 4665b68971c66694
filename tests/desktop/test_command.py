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
from tests.desktop.screen import run, titles, until


@contextmanager
def draw(display: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """Start the command on a screen."""
    command = [sys.executable, "-m", "inkdigits", "draw", *arguments]
    environment = {**os.environ, "DISPLAY": display}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=environment, text=True, **pipes) as started:
        try:
            yield started
        finally:
            started.kill()


def wait_for(started: "subprocess.Popen[str]", display: str, words: str) -> str:
    """Wait for the command's window, whose title begins so, and return the title."""

    def find() -> list[str]:
        assert started.poll() is None, "it ended by itself"
        found.extend(title for title in titles(display) if title.startswith(words))
        return found

    found: list[str] = []
    until(find)
    return found[0]


def test_q_ends_it(display: str):
    """In its colour, with its network; nothing is printed, and the exit code is 0."""
    with draw(display, "--theme", "black", "--model", "tiny") as started:
        title = wait_for(started, display, "Canvas is empty")
        run(display, "xdotool", "search", "--name", f"^{title}$", "windowactivate", "--sync")
        run(display, "xdotool", "key", "q")  # told of the window, which q ends, it fails and leaves the key down
        assert started.communicate(timeout=30) == ("", "")
        assert started.returncode == 0


def test_its_x_ends_it_while_the_camera_runs(display: str, tmp_path: Path):
    """A film stands for the camera."""
    with draw(display, "--camera", film(tmp_path / "paper.avi", [("7", 150)])) as started:
        title = wait_for(started, display, "Number: 7 (")
        run(display, "wmctrl", "-c", title.split(" (")[0])
        assert started.communicate(timeout=30) == ("", "")
        assert started.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_ctrl_c_ends_it(display: str):
    """At once, also while nothing happens in the window."""
    with draw(display) as started:
        wait_for(started, display, "Canvas is empty")
        started.send_signal(signal.SIGINT)
        assert started.wait(timeout=30) == -signal.SIGINT
