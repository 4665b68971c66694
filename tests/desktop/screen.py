"""A virtual screen with a small window manager on it, and hands that use its mouse and keys."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any

import pytest

PROGRAMS = ("Xvfb", "openbox", "xdotool", "wmctrl", "xprop")

SIZE, DPI = "1280x1000x24", 96

TIMEOUT_S = 60
"""Machines are busy; whoever waits longer than that waits in vain."""

N_TRIES = 3
"""So often a screen is opened that does not open."""


class ScreenError(Exception):
    """A program of the screen has ended; its last words say why."""


def until(
    condition: Callable[[], object],
    step: Callable[[], object] = lambda: time.sleep(0.02),
    complain: Callable[[], str] = lambda: "it never came true",
) -> None:
    """Wait until something is true, and take steps in between."""
    end = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < end, complain()
        step()


@contextmanager
def virtual_screen() -> Iterator[str]:
    """Start a screen, and yield its name; skip where a program is missing."""
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        pytest.skip(
            f"these programs are missing: {', '.join(missing)}: apt-get install xvfb openbox xdotool wmctrl x11-utils"
        )
    with ExitStack() as programs:
        for n_left in reversed(range(N_TRIES)):
            try:
                name = _open_screen(programs)
                break
            except ScreenError:
                if not n_left:
                    raise
        yield name


def _open_screen(programs: ExitStack) -> str:
    """Start Xvfb and openbox, and return the name of their screen when both are ready."""
    there, here = os.pipe()
    # Without -noreset, Xvfb throws out who is just about to say hello whenever the last of those who did has left:
    # openbox, where the machine is so busy that wmctrl asks for it in between.
    how = ["-screen", "0", SIZE, "-dpi", str(DPI), "-nolisten", "tcp", "-noreset"]
    xvfb = programs.enter_context(_program(["Xvfb", "-displayfd", str(here), *how], pass_fds=[here]))
    os.close(here)
    with open(there) as said:
        number = said.readline().strip()
    if not number:
        raise ScreenError(f"Xvfb does not start: {xvfb.last_words()}")
    name = f":{number}"
    openbox = programs.enter_context(_program(["openbox"], env={**os.environ, "DISPLAY": name}))

    def complain() -> str:
        return f"openbox does not start on {name}: {openbox.last_words()}; Xvfb says: {xvfb.last_words()}"

    until(lambda: openbox.has_ended or run(name, "wmctrl", "-m").returncode == 0, complain=complain)
    if openbox.has_ended:
        raise ScreenError(complain())
    return name


@dataclass(frozen=True)
class Program:
    """One that runs, and what it says."""

    running: "subprocess.Popen[bytes]"
    said: IO[bytes]

    @property
    def has_ended(self) -> bool:
        """Whether it ended by itself."""
        return self.running.poll() is not None

    def last_words(self) -> str:
        """Return what it has said."""
        self.said.seek(0)
        return self.said.read().decode(errors="replace") or "(nothing)"


@contextmanager
def _program(command: Sequence[str], **how: Any) -> Iterator[Program]:
    """Start a program, and end it."""
    with TemporaryFile() as said, subprocess.Popen(command, stdout=said, stderr=said, **how) as running:
        try:
            yield Program(running, said)
        finally:
            running.terminate()


def run(display: str, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run a program on a screen."""
    environment = {**os.environ, "DISPLAY": display}
    return subprocess.run(command, env=environment, text=True, capture_output=True, timeout=TIMEOUT_S)


def windows(display: str, kind: str) -> dict[int, str]:
    """Return the titles of all windows of a class, by their numbers."""
    lines = [line.split(maxsplit=4) for line in run(display, "wmctrl", "-lx").stdout.splitlines()]
    return {int(number, 16): " ".join(title) for number, _, name, _, *title in lines if name.endswith(f".{kind}")}


def active(display: str) -> int:
    """Return the number of the window that gets the keys; 0: none."""
    return int(run(display, "xdotool", "getactivewindow").stdout or 0)
