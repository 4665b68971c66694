"""What a server does for the pad: it reads as the page does, and where the page cannot; and the page goes on alone."""

import numpy as np
from playwright.sync_api import Page, expect

from inkdigits.web.networks import BUNDLED_FILES
from tests.browser.conftest import READY, Open, says, until, without
from tests.browser.hand import write
from tests.browser.site import Site
from tests.browser.test_draw import shares


def test_the_server_reads_what_the_page_reads(page: Page):
    """In both colours, from a picture of the pad."""
    write(page, 3, style="hasty")
    says(page)
    for _ in range(2):
        there = page.evaluate(
            """async () => {
                const { draw } = await import("./static/main.js"), { Api } = await import("./static/api.js");
                const { reading } = await new Api().read(await draw.pad.picture(), { layout: "auto" });
                return reading.lines[0].digits[0].probabilities;
            }"""
        )
        assert np.abs(np.array(there) - shares(page)).max() < 1e-3
        page.click("#paper")


def test_the_server_answers_until_the_networks_are_there(site: Site, open_page: Open):
    """And the page says so, and what it waits for."""
    site.hold(BUNDLED_FILES)
    page = open_page(ready=False, is_first=True)
    expect(page.locator("#hint")).to_have_text("Loading...")
    expect(page.locator("#live")).to_have_text("Loading...")
    write(page, 5)
    assert says(page).startswith("Number: 5 ")
    assert "by the server" in page.locator("#note").inner_text()
    site.release()
    until(page, READY)
    assert says(page).startswith("Number: 5 ")
    until(page, "() => document.querySelector('#note').textContent === ''")
    page.click("#clear")
    assert page.locator("#hint").inner_text() == "Draw a number here"


def test_the_server_answers_where_the_worker_does_not_start(open_page: Open):
    """As in a browser that is too old for it; often that is known before anything is asked of the worker."""
    page = open_page(ready=False, may_fail=True, prepare=without("worker.js"))
    expect(page.locator("#hint")).to_have_text("Draw a number here")
    write(page, 7)
    assert says(page).startswith("Number: 7 ")
    expect(page.locator("#note")).to_have_text("read by the server: this browser cannot run the networks")


def test_it_reads_without_a_server(open_page: Open):
    """Once everything is loaded, the network may be cut: digits and numbers are read all the same."""
    page = open_page(is_first=True)
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    write(page, 9)
    assert says(page).startswith("Number: 9 ")
    page.click("#clear")
    page.fill("#width", "14")
    write(page, 4, at=(0.3, 0.5), high=0.4)
    write(page, 2, at=(0.7, 0.5), high=0.4)
    assert says(page).startswith("Number: 42 ")
