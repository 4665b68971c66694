"""Without a network and without a server: a page that was visited once, and one that a host of plain files serves."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from inkdigits.web.build import page_files
from inkdigits.web.site import write_site
from tests.browser import test_draw
from tests.browser.conftest import TIMEOUT_S, VIEWPORT, Open, says, until
from tests.browser.hand import write
from tests.browser.site import STATIC, serve

PREFIX = "/tools/digits/"

CACHED = """async () => {
    const names = await caches.keys();
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map(({ url }) => url);
}"""
"""The addresses that are kept."""

WAITING = "async () => !!(await navigator.serviceWorker.getRegistration()).waiting"

UPDATED = """async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    const ended = new Promise((resolve) => registration.addEventListener("updatefound", () => {
        const worker = registration.installing;
        worker.addEventListener("statechange", () => resolve(worker.state));
    }));
    await registration.update().catch(() => {});
    return ended;
}"""
"""Looks for a new version, and returns what becomes of it."""


class Quiet(SimpleHTTPRequestHandler):
    """Serves plain files, and says nothing of it."""

    def log_message(self, format: str, *args: object) -> None:
        """Keep the output of tests clean."""


@contextmanager
def host(folder: Path) -> Iterator[str]:
    """Serve a folder as it is, until the block ends."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def until_kept(page: Page) -> None:
    """Wait until the browser keeps every file of the page."""
    n_files = len(page_files(STATIC))
    until(page, f"async () => (await ({CACHED})()).length === {n_files}")


@pytest.fixture(scope="module")
def visited(browser: Browser) -> Iterator[tuple[BrowserContext, str]]:
    """A browser that has seen the page, below a prefix. Since then the server is gone, and the network is cut."""
    context = browser.new_context(**VIEWPORT)
    with serve(PREFIX) as site:
        page = context.new_page()
        for _ in range(2):  # the second time out of the cache, but for the answers of the API
            page.goto(site.url)
            until_kept(page)
        page.close()
    context.set_offline(True)
    yield context, site.url
    context.close()


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What `inkdigits web build` makes, on a host of plain files, below a prefix."""
    folder = tmp_path_factory.mktemp("host")
    write_site(folder / PREFIX[1:])
    with host(folder) as origin:
        yield origin + PREFIX


@pytest.fixture(params=["cut", "plain"])
def page(request: pytest.FixtureRequest, open_page: Open) -> Page:
    """The page where there is no network any more, and where there never was a server."""
    if request.param == "plain":
        return open_page(at=request.getfixturevalue("hosted"))
    context, url = request.getfixturevalue("visited")
    return open_page(at=url, context=context, may_fail=True)  # the browser itself says that the API cannot be reached


def test_all_that_the_page_draws_and_reads_it_does_alone(page: Page):
    """Tests of the pad, once more: the ten digits, numbers of several, and digits in corners, tiny and large."""
    assert test_draw.read_all(page, "mouse") == "0123456789"
    test_draw.test_several_digits_are_a_number(page)
    test_draw.test_digits_are_read_wherever_and_however_large(page)


def test_just_the_page_is_kept(visited: tuple[BrowserContext, str], open_page: Open):
    """Each of its files under its own address, and no answer of the API."""
    context, url = visited
    page = open_page(at=url, context=context, may_fail=True)
    assert sorted(page.evaluate(CACHED)) == sorted(url + address for address in page_files(STATIC))


def test_a_page_without_a_server_offers_nothing_that_wants_one(hosted: str, open_page: Open):
    """No results are kept, and none are looked for."""
    page = open_page("#history", at=hosted)
    expect(page.locator("#view-draw")).to_be_visible()
    expect(page.get_by_role("link", name="History")).to_be_hidden()
    expect(page.locator(".keep-results").first).to_be_hidden()


def test_a_page_without_a_server_asks_none(hosted: str, open_page: Open):
    """Where it cannot run the networks either, it says so."""
    page = open_page("#guide", at=hosted, ready=False, may_fail=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/worker.js", lambda route: route.abort())
    page.goto(hosted)
    write(page, 7)
    assert says(page) == "This could not be read: This browser cannot run the networks."
    assert not [url for url in asked if "/api/" in url]


def shows(page: Page, says: str) -> None:
    """Wait until a version is there that says so."""
    expect(page.locator("#hint")).to_have_text(says, timeout=1000 * TIMEOUT_S)


class Published:
    """A page on a host of plain files, and new versions of it."""

    def __init__(self, folder: Path) -> None:
        self._source = folder / "source"
        self._out = folder / "host"
        shutil.copytree(STATIC, self._source, ignore=shutil.ignore_patterns("*.br"))
        self.publish("Version 1 of drawHere")

    def publish(self, says: str) -> None:
        """Replace the page by one whose module for texts says something else."""
        texts = (STATIC / "texts.js").read_text("utf-8").replace("Draw a number here", says)
        (self._source / "texts.js").write_text(texts, "utf-8")
        write_site(self._out, self._source)

    def spoil(self) -> None:
        """Change a byte of a module alone, as where half of an upload has arrived."""
        with (self._out / "static" / "texts.js").open("a") as file:
            file.write("\n")


@pytest.fixture
def published(tmp_path: Path) -> Published:
    """Its first version."""
    return Published(tmp_path)


def test_versions_are_never_mixed(published: Published, tmp_path: Path, browser: Browser, open_page: Open):
    """The old one stays whole, with a note, until the new one is taken: by the button, and not by loading it anew."""
    context = browser.new_context(**VIEWPORT)
    with host(tmp_path / "host") as origin:
        page = open_page(at=f"{origin}/", context=context, may_fail=True)
        until_kept(page)
        note = page.locator("#new-version")
        expect(note).to_be_hidden()
        published.publish("Version 2")
        page.goto(f"{origin}/")
        until(page, WAITING)
        expect(note).to_be_visible()
        shows(page, "Version 1 of drawHere")
        page.get_by_role("button", name="Use it now").click()
        shows(page, "Version 2")
        until_kept(page)  # and nothing of the first
        published.publish("Version 3")
        page.goto(f"{origin}/")
        until(page, WAITING)
        page.reload()
        shows(page, "Version 2")
        expect(note).to_be_visible()
        page.get_by_role("button", name="Use it now").click()
        shows(page, "Version 3")
        published.publish("Version 4")
        published.spoil()
        assert page.evaluate(UPDATED) == "redundant"
        page.goto(f"{origin}/")
        shows(page, "Version 3")
    context.close()
