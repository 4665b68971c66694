"""Records the film that the guide of the page shows, with its captions: `python -m benchmarks.tour`.

A browser shows the page, which is photographed step by step: so the film runs evenly however busy the machine is. It
needs chromium and ffmpeg, both of Debian. Writes tour.mp4, tour.vtt and tour.jpg beside the page.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from inkdigits.web.files import PAGE
from tests.browser.conftest import READ, READY, SETTLED, until
from tests.browser.hand import to_strokes
from tests.browser.site import serve
from tests.papers import photograph, plain
from tests.strokes import draw, paint

TOUR = PAGE / "tour"

SIZE_PX = {"width": 1024, "height": 640}

FRAMES_PER_S = 16

POSTER = 3
"""Which caption's last picture is shown before the film runs."""

LOOKED = "async () => (await import('./static/main.js')).inside?.is_settled ?? false"
"""Whether the view that looks inside has seen all."""

POINTER = """
addEventListener("DOMContentLoaded", () => {
    const pointer = document.createElement("div");
    pointer.style.cssText = "position: fixed; z-index: 9; left: -50px; width: 22px; height: 22px;"
        + "margin: -11px; border-radius: 50%; background: rgb(36 70 196 / 35%); border: 2px solid #2446c4;"
        + "pointer-events: none";
    document.documentElement.append(pointer);
    addEventListener("mousemove", (event) => {
        pointer.style.left = `${event.clientX}px`;
        pointer.style.top = `${event.clientY}px`;
    }, true);
});
"""
"""A browser without a window shows no pointer: this one follows the mouse."""


class Film:
    """Pictures of a page, how long each is shown, and what is said meanwhile."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self._folder = folder
        self._lengths_s: list[float] = []
        self.captions: list[tuple[float, str]] = []
        self._at = (SIZE_PX["width"] / 2, SIZE_PX["height"] / 2)

    @property
    def length_s(self) -> float:
        """How long it is so far."""
        return sum(self._lengths_s)

    def shoot(self, seconds: float = 1 / FRAMES_PER_S) -> None:
        """Take a picture, to be shown for so long."""
        self.page.screenshot(path=self._folder / f"{len(self._lengths_s):05}.png")
        self._lengths_s.append(seconds)

    def say(self, text: str) -> None:
        """Begin a caption; it ends where the next begins."""
        self.captions.append((self.length_s, text))

    def move(self, x: float, y: float, n: int = 10) -> None:
        """Move the pointer, slower at both ends."""
        start, end = np.array(self._at), np.array([x, y])
        for share in (1 - np.cos(np.linspace(0, np.pi, n))) / 2:
            self.page.mouse.move(*(start + share * (end - start)))
            self.shoot()
        self._at = (x, y)

    def scroll(self, n: int) -> None:
        """Scroll down evenly, so many pictures long."""
        for _ in range(n):
            self.page.mouse.wheel(0, 16)
            self.shoot()

    def click(self, selector: str, rest_s: float = 0.6) -> None:
        """Move to the middle of something, and click on it."""
        place = self.page.locator(selector).first
        place.scroll_into_view_if_needed()
        box = place.bounding_box()
        assert box
        self.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.page.mouse.click(*self._at)
        self.shoot(rest_s)

    def write(self, what: int | str, at: tuple[float, float] = (0.5, 0.5), high: float = 0.66) -> None:
        """Write on the pad; what is read is seen while the pen moves."""
        box = self.page.locator("#pad").bounding_box()
        assert box
        middle = np.array([box["x"] + at[0] * box["width"], box["y"] + at[1] * box["height"]])
        for stroke in to_strokes(what, "school"):
            points = middle + stroke * high * box["height"]
            self.move(*points[0], n=6)
            self.page.mouse.down()
            for point in points[1:]:
                self.page.mouse.move(*point)
                until(self.page, SETTLED)
                self.shoot()
            self.page.mouse.up()
            self._at = (points[-1][0], points[-1][1])
        until(self.page, SETTLED)

    def encode(self) -> None:
        """Write film, captions and poster."""
        names = [f"file {at:05}.png\nduration {length:.4f}" for at, length in enumerate(self._lengths_s)]
        (self._folder / "list").write_text("\n".join([*names, names[-1].split("\n")[0]]))
        picture = ["-vf", f"fps={FRAMES_PER_S},format=yuv420p", "-c:v", "libx264", "-crf", "26", "-preset", "veryslow"]
        command = ["ffmpeg", "-y", "-loglevel", "error", "-f", "concat", "-i", str(self._folder / "list"), *picture]
        subprocess.run([*command, "-movflags", "+faststart", str(TOUR / "tour.mp4")], check=True)
        (TOUR / "tour.vtt").write_text(to_captions(self.captions, self.length_s), "utf-8")
        end_s = self.captions[POSTER][0]
        frame = next(at for at in range(len(names)) if sum(self._lengths_s[: at + 1]) >= end_s)
        Image.open(self._folder / f"{frame:05}.png").convert("RGB").save(TOUR / "tour.jpg", quality=80, optimize=True)


def to_captions(captions: list[tuple[float, str]], length_s: float) -> str:
    """Return captions as WebVTT."""
    ends = [start for start, _ in captions[1:]] + [length_s]
    cues = (f"{_clock(start)} --> {_clock(end)}\n{text}\n" for (start, text), end in zip(captions, ends, strict=True))
    return "\n".join(["WEBVTT\n", *cues])


def _clock(seconds: float) -> str:
    return f"{int(seconds // 3600):02}:{int(seconds // 60 % 60):02}:{seconds % 60:06.3f}"


def act(film: Film, picture: Path) -> None:
    """Show what the page does."""
    _draw(film)
    _look_inside(film)
    _read_picture(film, picture)
    film.say("The guide says what it can do, and what it cannot.")
    film.click("nav a[href='#guide']", 1.0)
    film.scroll(40)
    film.shoot(1.8)


def _draw(film: Film) -> None:
    film.say("Write a digit: it is read while you write.")
    film.shoot(0.8)
    film.write(7)
    film.shoot(1.4)
    film.say("The bars say how likely each digit is.")
    film.move(820, 420, n=20)
    film.shoot(1.6)
    film.say("Several digits are a number.")
    film.click("#clear", 0.3)
    for digit, place in ((4, 0.2), (2, 0.5), (5, 0.8)):
        film.write(digit, (place, 0.5), 0.45)
    film.shoot(1.6)
    film.say("What is no digit is not guessed at.")
    film.click("#clear", 0.3)
    film.write("horse", high=0.55)
    film.shoot(1.8)


def _look_inside(film: Film) -> None:
    film.say("Look inside: what every layer of the network makes of a digit.")
    film.click("#clear", 0.3)
    film.write(3)
    film.click("nav a[href='#inside']", 0.5)
    until(film.page, LOOKED)
    film.shoot(1.0)
    film.scroll(38)
    film.shoot(1.4)
    film.page.mouse.wheel(0, -10_000)


def _read_picture(film: Film, picture: Path) -> None:
    page = film.page
    film.say("Pictures are read too: drop one, paste it, or choose a file.")
    film.click("nav a[href='#picture']", 1.0)
    page.set_input_files("#file", picture)
    until(page, READ)
    page.locator(".overlay .digit").first.wait_for()
    film.shoot(2.2)
    film.say("What is doubtful is dashed. Choose a digit, and type what it should be.")
    film.click(".overlay .doubtful", 1.6)
    page.keyboard.press("1")
    page.locator(".overlay .corrected").wait_for()
    film.shoot(1.8)


def paint_picture(path: Path) -> None:
    """Photograph a number on paper."""
    sheet = plain()
    for place, digit in enumerate("60718"):
        coverage = draw(int(digit), high_px=110, pen_px=8, at=(90 + 100 * place, 170), shape=sheet.shape[:2])
        sheet = paint(coverage, (32, 44, 110), sheet)
    Image.fromarray(photograph(sheet)).save(path, quality=90)


@contextmanager
def open_page(url: str) -> Iterator[Page]:
    """Open the page in a browser, at rest, in the light scheme."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE_PX, color_scheme="light", reduced_motion="reduce")
        page.add_init_script(POINTER)
        page.goto(url)
        until(page, READY)
        yield page
        browser.close()


def record() -> None:
    """Record all of it."""
    TOUR.mkdir(exist_ok=True)
    with TemporaryDirectory() as name, serve() as site, open_page(site.url) as page:
        picture = Path(name, "number.jpg")
        paint_picture(picture)
        film = Film(page, Path(name))
        act(film, picture)
        film.encode()
        print(f"{film.length_s:.0f} s, {(TOUR / 'tour.mp4').stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    record()
