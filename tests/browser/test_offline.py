"""Without a network and without a server: what is kept, what is not offered, and what becomes of older versions.

That such pages read what is drawn is shown in test_draw.py, and what pictures show in test_local.py.
"""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from inkdigits.web.build import page_files
from inkdigits.web.site import write_site
from tests.browser.conftest import CACHED, WINDOW, Open, Place, on_plain_host, says, until, until_kept, without
from tests.browser.hand import write
from tests.browser.site import STATIC, host

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


@pytest.mark.parametrize("place", ["cut"], indirect=True, scope="module")
def test_just_the_page_is_kept(place: Place, open_page: Open):
    """Each of its files under its own address, and no answer of the API."""
    page = open_page(ready=False)
    assert sorted(page.evaluate(CACHED)) == sorted(place.url + address for address in page_files(STATIC))


@on_plain_host
def test_a_page_without_a_server_offers_nothing_that_wants_one(open_page: Open):
    """No results are kept, and none are looked for."""
    page = open_page("#history")
    expect(page.locator("#view-draw")).to_be_visible()
    expect(page.get_by_role("link", name="History")).to_be_hidden()
    expect(page.locator(".keep-results").first).to_be_hidden()


@on_plain_host
def test_a_page_without_a_server_asks_none(open_page: Open):
    """Where it cannot run the networks either, it says so."""
    page = open_page(ready=False, may_fail=True, prepare=without("worker.js"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    write(page, 7)
    assert says(page) == "This could not be read: This browser cannot run the networks."
    assert not [url for url in asked if "/api/" in url]


def shows(page: Page, says: str) -> None:
    """Wait until a version is there that says so."""
    expect(page.locator("#hint")).to_have_text(says)


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
    context = browser.new_context(**WINDOW)
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
