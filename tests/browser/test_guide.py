"""The guide says what the model card says, and its film runs."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from benchmarks.figures import CARD, MEASURED, ROWS, find_figures
from inkdigits.graphs import BUNDLED
from tests.browser.conftest import Open, until
from tests.browser.site import STATIC

MAX_FILM_BYTES = 1_000_000


@pytest.fixture
def guide(open_idle_page: Open) -> Page:
    """The guide, filled."""
    page = open_idle_page("#guide")
    page.locator("#guide-card a").wait_for()
    return page


def test_its_figures_are_those_of_the_model_card():
    """What the page shows was taken from there, and is as it is there now."""
    figures = find_figures(CARD.read_text("utf-8"))
    assert figures.keys() == ROWS.keys()
    assert json.loads(MEASURED.read_text("utf-8")) == figures


def test_it_says_how_well_and_of_what_the_network_is(guide: Page):
    """Each figure beside its words; the network's from its card."""
    shares = guide.locator("#measured .share").all_inner_texts()
    assert shares == [f"{100 * share:.2f} %" for share in json.loads(MEASURED.read_text("utf-8")).values()]
    facts = json.loads((BUNDLED / "default.json").read_text("utf-8"))["facts"]
    words = guide.locator("#guide-card").inner_text()
    for figure in (
        f"{facts['n_parameters']:,}",
        f"{facts['n_macs']:,}",
        f"{100 * facts['validation']['accuracy']:.2f} %",
    ):
        assert figure in words
    assert guide.locator("#guide-keys-table kbd").count() == guide.locator("#keys-dialog kbd").count()


def test_its_film_runs_with_captions(guide: Page):
    """It is small, waits until it is asked for, shows captions from the start, and stops when the view is left."""
    assert (STATIC / "tour" / "tour.mp4").stat().st_size < MAX_FILM_BYTES
    tour = guide.locator("#tour")
    expect(tour).to_have_js_property("paused", True)
    assert tour.evaluate("(film) => film.buffered.length") == 0
    tour.evaluate("(film) => film.play()")
    until(guide, "() => document.querySelector('#tour').currentTime > 0.1")
    until(guide, "() => document.querySelector('#tour').textTracks[0].activeCues?.length === 1")
    length_s, mode, ends = tour.evaluate(
        "(film) => [film.duration, film.textTracks[0].mode, [...film.textTracks[0].cues].map((cue) => cue.endTime)]"
    )
    assert mode == "showing"
    assert 10 < length_s < 60
    assert abs(ends[-1] - length_s) < 1
    assert ends == sorted(ends)
    guide.click("nav a[href='#draw']")
    expect(tour).to_have_js_property("paused", True)


def test_captions_are_short_and_stay_long_enough():
    """To be read: 42 signs a line, two lines at most, no more than 20 signs a second."""
    cues = re.findall(r"^00:00:(\S+) --> 00:00:(\S+)\n(.+)$", (STATIC / "tour" / "tour.vtt").read_text(), re.MULTILINE)
    assert len(cues) >= 6
    for start, end, words in cues:
        assert len(words) <= 84
        assert len(words) / (float(end) - float(start)) <= 20, words
