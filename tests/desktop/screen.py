"""A virtual screen with a small window manager on it, and hands that use its mouse and keys."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

PROGRAMS = ("Xvfb", "openbox", "xdotool", "wmctrl", "xprop")

SIZE, DPI = "1280x1000x24", 96

TIMEOUT_S = 30
"""Machines are busy; whoever waits longer than that waits in vain."""


def until(condition: Callable[[], object], step: Callable[[], object] = lambda: time.sleep(0.02)) -> None:
    """Wait until something is true, and take steps in between."""
    end = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < end, "it never came true"
        step()


@contextmanager
def virtual_screen() -> Iterator[str]:
    """Start a screen, and yield its name; skip where a program is missing."""
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        pytest.skip(
            f"these programs are missing: {', '.join(missing)}: apt-get install xvfb openbox xdotool wmctrl x11-utils"
        )
    there, here = os.pipe()
    command = ["Xvfb", "-displayfd", str(here), "-screen", "0", SIZE, "-dpi", str(DPI), "-nolisten", "tcp"]
    with _program(command, pass_fds=[here]):
        os.close(here)
        with open(there) as said:
            name = f":{said.readline().strip()}"
        with _program(["openbox"], env={**os.environ, "DISPLAY": name}):
            until(lambda: run(name, "wmctrl", "-m").returncode == 0)
            yield name


@contextmanager
def _program(command: Sequence[str], **how: Any) -> Iterator[None]:
    """Start a program, and end it."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **quiet, **how) as running:
        try:
            yield
        finally:
            running.terminate()


def run(display: str, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run a program on a screen."""
    environment = {**os.environ, "DISPLAY": display}
    return subprocess.run(command, env=environment, text=True, capture_output=True, timeout=TIMEOUT_S)


def titles(display: str) -> list[str]:
    """Return the titles of all windows."""
    return [line.split(maxsplit=3)[3] for line in run(display, "wmctrl", "-l").stdout.splitlines()]
