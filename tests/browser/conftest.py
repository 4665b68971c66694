"""A real browser, and the page in it: Debian's chromium, driven by Playwright under the page's own policy."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from inkdigits.web.build import page_files
from inkdigits.web.site import write_site
from tests.browser.site import STATIC, WORKER, Site, host, serve

CHROMIUM = (
    os.environ.get("CHROMIUM")
    or shutil.which("chromium-headless-shell")  # opens a page with half the work: it has no window to show
    or shutil.which("chromium")
    or "/usr/bin/chromium"
)

TIMEOUT_S = 180
"""Machines are busy; whoever waits longer than that waits in vain."""

expect.set_options(timeout=1000 * TIMEOUT_S)

WINDOW: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}
"""Of most tests. Nothing in it glides: that would be drawn frame by frame, and nobody looks."""

PREFIX = "/tools/digits/"
"""What the page lies below where it has no server."""

Open = Callable[..., Page]

READY = "async () => (await import('./static/main.js')).draw.engine.is_ready"
SETTLED = "async () => (await import('./static/main.js')).draw.is_settled"
READ = "async () => (await import('./static/main.js')).picture.is_settled"

CACHED = """async () => {
    const names = await caches.keys();
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map(({ url }) => url);
}"""
"""The addresses that the browser keeps."""

WIPE = """() => {
    const find = (id) => document.getElementById(id);
    find("clear").click();
    find("width").value = 20;
    if (find("pad-frame").dataset.paper === "black") find("paper").click();
    find("draw-networks").open = false;
    const network = document.querySelector("#draw-networks input[value=default]");
    if (!network.checked) network.click();
}"""


def until(page: Page, script: str) -> None:
    """Wait until a script says true: by asking again, since the policy of the page forbids Playwright's own way."""
    end = time.monotonic() + TIMEOUT_S
    while not page.evaluate(script):
        assert time.monotonic() < end, f"never true: {script}"
        time.sleep(0.02)


def until_kept(page: Page) -> None:
    """Wait until the browser keeps every file of the page."""
    until(page, f"async () => (await ({CACHED})()).length === {len(page_files(STATIC))}")


def says(page: Page) -> str:
    """Wait until the newest state of the pad was read, and return what the page says of it."""
    until(page, SETTLED)
    return page.locator("#answer").inner_text().replace("\n", " ").strip()


def crowd() -> float:
    """Return how many programs want each processor: where goals are measured in time, each has a share of it."""
    return max(1, os.getloadavg()[0] / (os.cpu_count() or 1))


@dataclass(frozen=True, slots=True)
class Place:
    """Where pages come from."""

    url: str
    context: BrowserContext
    """The browser that opens them: what one test chooses there is forgotten before the next."""
    is_cut: bool = False
    """Whether there is no network, and the browser has kept the page."""


class Tabs:
    """Opens pages, and remembers what they complain of."""

    def __init__(self, browser: Browser, place: Place) -> None:
        self._browser = browser
        self._place = place
        self._opened: list[Page | BrowserContext] = []
        self.complaints: list[str] = []

    def open(
        self,
        path: str = "",
        *,
        ready: bool = True,
        may_fail: bool = False,
        at: str = "",
        is_first: bool = False,
        context: BrowserContext | None = None,
        prepare: Callable[[Page], object] = lambda _: None,
    ) -> Page:
        """Open a page.

        Args:
            path: behind its address.
            ready: wait until the networks are loaded.
            may_fail: errors in the console are expected.
            at: its address, unless it is that of the place.
            is_first: the browser has loaded nothing before, unless it keeps the page.
            context: another browser.
            prepare: called with the page before it is loaded.
        """
        url = at or self._place.url
        page = (context or self._context(is_first)).new_page()
        self._opened.append(page)
        page.set_default_timeout(1000 * TIMEOUT_S)
        self._watch(page, url, may_fail)
        forget(page, url)
        prepare(page)
        page.goto(url + path)
        if ready:
            until(page, READY)
        return page

    def _context(self, is_first: bool) -> BrowserContext:
        if self._place.is_cut or not is_first:
            return self._place.context
        context = new_context(self._browser)
        self._opened.append(context)
        return context

    def _watch(self, page: Page, url: str, may_fail: bool) -> None:
        def check(asked: str) -> None:
            if not asked.startswith((f"{origin_of(url)}/", "blob:", "data:")):
                self.complaints.append(f"request to {asked}")

        def hear(said: ConsoleMessage) -> None:
            is_the_cut = self._place.is_cut and said.location["url"].startswith(f"{url}api/")
            if not may_fail and not is_the_cut:
                self.complaints.append(said.text)

        page.on("request", lambda request: check(request.url))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("console", hear)

    def close(self) -> None:
        """Close all of them, and take back what they were allowed."""
        for opened in self._opened:
            opened.close()
        self._place.context.clear_permissions()


def new_context(browser: Browser) -> BrowserContext:
    """Return a browser that keeps nothing of the page: most tests have no use for 20 MB of it."""
    context = browser.new_context(**WINDOW)
    context.add_init_script("delete Navigator.prototype.serviceWorker")
    return context


def origin_of(url: str) -> str:
    """Return the scheme, the host and the port of an address."""
    return "/".join(url.split("/")[:3])


def forget(page: Page, url: str) -> None:
    """Have the browser remember nothing that was chosen on earlier pages."""
    session = page.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": origin_of(url), "storageTypes": "local_storage"})
    session.detach()


def without(file: str) -> Callable[[Page], None]:
    """Return what has a file not come to a page."""
    return lambda page: page.route(f"**/{file}", lambda route: route.abort())


@pytest.fixture(scope="package")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the camera looks for its film, once it is turned on."""
    return tmp_path_factory.mktemp("film") / "film.y4m"


@pytest.fixture(scope="package")
def launch(film: Path) -> Iterator[Callable[..., Browser]]:
    """Starts Chromium, without a window, and with a camera that shows a film."""
    if not Path(CHROMIUM).exists():
        pytest.skip("there is no chromium: apt-get install chromium-headless-shell, or name one by CHROMIUM")
    if not (STATIC / "vendor" / "built-from").is_file():
        pytest.skip("the page has no libraries yet: pip install -e . brings them")
    camera = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]
    with sync_playwright() as playwright:
        yield lambda *args: playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", *camera, "--process-per-site", *args]
        )


@pytest.fixture(scope="package")
def browser(launch: Callable[..., Browser]) -> Iterator[Browser]:
    """Chromium, whose user lets pages use the camera."""
    with launch("--use-fake-ui-for-media-stream") as chromium:
        yield chromium


@pytest.fixture(scope="package")
def server() -> Iterator[Site]:
    """The server of the page."""
    with serve() as started:
        yield started


@pytest.fixture
def site(server: Site) -> Site:
    """The same, with nothing kept and nothing remembered."""
    server.reset()
    return server


@pytest.fixture(scope="package")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser for many tests: its pages have one process, and so a runtime that was compiled once."""
    made = new_context(browser)
    yield made
    made.close()


@pytest.fixture(scope="package")
def served(server: Site, context: BrowserContext) -> Place:
    """The page of the server."""
    return Place(server.url, context)


@pytest.fixture(scope="package")
def cut(browser: Browser) -> Iterator[Place]:
    """A page that was visited once, below a prefix. Since then its server is gone, and the network is cut."""
    context = browser.new_context(**WINDOW)
    with serve(PREFIX) as site:
        page = context.new_page()
        page.goto(site.url)
        until_kept(page)
        page.close()
    context.set_offline(True)
    yield Place(site.url, context, is_cut=True)
    context.close()


@pytest.fixture(scope="package")
def plain(tmp_path_factory: pytest.TempPathFactory, context: BrowserContext) -> Iterator[Place]:
    """What `inkdigits web build` makes, on a host of plain files, below a prefix."""
    folder = tmp_path_factory.mktemp("host")
    write_site(folder / PREFIX[1:])
    with host(folder) as origin:
        yield Place(origin + PREFIX, context)


@pytest.fixture(scope="package")
def place(request: pytest.FixtureRequest) -> Place:
    """Where the pages of a test come from: the server, unless it is marked otherwise."""
    return request.getfixturevalue(getattr(request, "param", "served"))


everywhere = pytest.mark.parametrize("place", ["served", "cut", "plain"], indirect=True, scope="module")
"""Marks tests that run with a server; with none and no network, after the first visit; and on a host of plain files."""

on_plain_host = pytest.mark.parametrize("place", ["plain"], indirect=True, scope="module")


@pytest.fixture
def open_page(browser: Browser, site: Site, place: Place) -> Iterator[Open]:
    """Open pages; at the end, none of them has asked another origin for anything, nor reported an error."""
    del site  # has nothing kept and nothing remembered
    tabs = Tabs(browser, place)
    yield tabs.open
    tabs.close()
    assert not tabs.complaints


@pytest.fixture
def open_idle_page(site: Site, open_page: Open) -> Open:
    """The same for what needs no network in the page, which waits for its worker: two seconds of work less."""
    site.hold(WORKER)
    return partial(open_page, ready=False)


@pytest.fixture(scope="package")
def shared(browser: Browser, place: Place) -> Iterator[tuple[Tabs, Page]]:
    """A page for many tests: to open one takes longer than most of them."""
    tabs = Tabs(browser, place)
    yield tabs, tabs.open()
    tabs.close()


@pytest.fixture
def page(site: Site, shared: tuple[Tabs, Page]) -> Iterator[Page]:
    """That page, white and empty, with the default network and the usual pen; watched like those of `open_page`."""
    del site  # has nothing kept and nothing remembered
    tabs, page = shared
    tabs.complaints.clear()
    page.set_viewport_size(WINDOW["viewport"])
    page.evaluate(WIPE)
    yield page
    assert not tabs.complaints
