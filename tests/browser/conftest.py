"""A real browser, and the page in it: Debian's chromium, driven by Playwright under the page's own policy."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.site import STATIC, Site, serve

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"

TIMEOUT_S = 60
"""Machines are busy; whoever waits longer than that waits in vain."""

VIEWPORT = {"viewport": {"width": 1280, "height": 900}}

KEEP_NOTHING = "delete Navigator.prototype.serviceWorker"
"""Most tests have no use for a browser that keeps the page, 20 MB of it."""

Open = Callable[..., Page]

READY = "async () => (await import('./static/main.js')).draw.engine.is_ready"
SETTLED = "async () => (await import('./static/main.js')).draw.is_settled"
READ = "async () => (await import('./static/main.js')).picture.is_settled"


def until(page: Page, script: str) -> None:
    """Wait until a script says true: by asking again, since the policy of the page forbids Playwright's own way."""
    end = time.monotonic() + TIMEOUT_S
    while not page.evaluate(script):
        assert time.monotonic() < end, f"never true: {script}"
        time.sleep(0.02)


def says(page: Page) -> str:
    """Wait until the newest state of the pad was read, and return what the page says of it."""
    until(page, SETTLED)
    return page.locator("#answer").inner_text().replace("\n", " ").strip()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    if not Path(CHROMIUM).exists():
        pytest.skip("there is no chromium: apt-get install chromium, or name one by CHROMIUM")
    if not (STATIC / "vendor" / "built-from").is_file():
        pytest.skip("the page has no libraries yet: pip install -e . brings them")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def served() -> Iterator[Site]:
    """The server of the page."""
    with serve() as started:
        yield started


@pytest.fixture
def site(served: Site) -> Site:
    """The same, with nothing kept and nothing remembered."""
    served.reset()
    return served


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[Open]:
    """Open pages; at the end, none of them has asked another origin for anything, nor reported an error."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    expected: list[str] = []

    def start(
        path: str = "",
        *,
        ready: bool = True,
        may_fail: bool = False,
        at: str = site.url,
        context: BrowserContext | None = None,
        **options: Any,
    ) -> Page:
        if context is None:
            context = browser.new_context(**{**VIEWPORT, **options})
            context.add_init_script(KEEP_NOTHING)
            contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(1000 * TIMEOUT_S)
        origin = "/".join(at.split("/")[:3])

        def check(url: str) -> None:
            if not url.startswith((f"{origin}/", "blob:", "data:")):
                complaints.append(f"request to {url}")

        page.on("request", lambda request: check(request.url))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("console", lambda said: (expected if may_fail else complaints).append(said.text))
        page.goto(at + path)
        if ready:
            until(page, READY)
        return page

    yield start
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def page(open_page: Open) -> Page:
    """The page, ready to be written on."""
    return open_page()
