"""Draws the icons of the installed page from its one source, static/icon.svg: `python -m benchmarks.icons`.

The maskable one has no round corners: systems cut its shape, and leave a circle of eight tenths.
"""

import re
import shutil

from playwright.sync_api import Page, sync_playwright

from inkdigits.web.files import PAGE

SIZES_PX = {"180": 180, "192": 192, "512": 512, "maskable-512": 512}
"""By the names of the files; iOS takes 180, and rounds it itself."""

SQUARE = ("maskable-512", "180")
"""Those without corners of their own."""


def draw_icons() -> None:
    """Write all of them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        for name, size_px in SIZES_PX.items():
            draw_icon(page, name, size_px)
        browser.close()


def draw_icon(page: Page, name: str, size_px: int) -> None:
    """Write one."""
    source = (PAGE / "icon.svg").read_text("utf-8")
    if name in SQUARE:
        source = re.sub(r' rx="[^"]+"', "", source)
    page.set_viewport_size({"width": size_px, "height": size_px})
    page.set_content(f"<style>body {{ margin: 0 }} svg {{ display: block; width: {size_px}px }}</style>{source}")
    page.screenshot(path=PAGE / "icons" / f"{name}.png", omit_background=True)


if __name__ == "__main__":
    draw_icons()
