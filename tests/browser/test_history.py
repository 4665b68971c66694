"""Kept results: nothing is kept until somebody says so; then they are found, opened, taken away and deleted."""

from operator import methodcaller
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import READ, READY, Open, says, until
from tests.browser.hand import write
from tests.browser.site import WORKER, Site, serve
from tests.browser.test_picture import paper


@pytest.fixture
def kept(open_idle_page: Open, tmp_path: Path) -> Page:
    """The view with results, of which there are two."""
    page = open_idle_page("#picture")
    page.locator("#options .switch").click()
    page.set_input_files("#file", [paper("42", tmp_path / "first.png"), paper("586", tmp_path / "second.png")])
    until(page, READ)
    page.click("nav a[href='#history']")
    expect(page.locator("#results .result")).to_have_count(2)
    return page


def test_nothing_is_kept_at_first(site: Site, open_idle_page: Open):
    """The switch is off, and the page says what it does."""
    page = open_idle_page("#history")
    expect(page.locator("#history-live")).to_have_text("Nothing is kept yet.")
    assert not page.locator("#view-history .keep-results").is_checked()
    page.click("nav a[href='#draw']")
    expect(page.locator("#keep-drawing")).to_be_hidden()
    assert not site.kept


def test_a_server_that_keeps_nothing_offers_nothing(open_page: Open, tmp_path: Path):
    """No switch, whatever was chosen before; pictures are read, and the list says why it is empty."""
    with serve(store="none") as site:
        site.hold(WORKER)
        prepare = methodcaller("add_init_script", "localStorage.setItem('inkdigits.keep', 'on')")
        page = open_page("#picture", ready=False, at=site.url, may_fail=True, prepare=prepare)
        page.set_input_files("#file", paper("42", tmp_path / "first.png"))
        until(page, READ)
        expect(page.locator("#sheets b")).to_have_text("42")
        page.click("nav a[href='#history']")
        expect(page.locator("#history-live")).to_contain_text("This server keeps no results")
        expect(page.locator(".switch:visible")).to_have_count(0)


def test_a_picture_waits_until_it_is_known_whether_it_is_kept(open_page: Open, tmp_path: Path):
    """Given before the server said that it keeps nothing, it is not asked to: it would refuse the picture."""
    with serve(store="none") as site:
        site.hold("/api/v1/models")
        prepare = methodcaller("add_init_script", "localStorage.setItem('inkdigits.keep', 'on')")
        page = open_page("#picture", ready=False, at=site.url, may_fail=True, prepare=prepare)
        page.set_input_files("#file", paper("42", tmp_path / "first.png"))
        expect(page.locator("#picture-live")).to_have_text("Reading ...")
        site.release()
        until(page, READ)
        expect(page.locator("#sheets b")).to_have_text("42")


def test_results_are_listed_and_found(kept: Page):
    """The newest first; by the name of the file, or by the number."""
    assert kept.locator("#results .shown").all_inner_texts() == ["586", "42"]
    for query, found in (("first", ["42"]), ("586", ["586"]), ("nothing like it", [])):
        kept.fill("#search", query)
        expect(kept.locator("#results .shown")).to_have_text(found)
    expect(kept.locator("#history-live")).to_have_text("Nothing matches.")
    expect(kept.locator("#exports")).to_be_visible()


def test_a_result_is_opened_with_its_picture(kept: Page):
    """And its boxes over it; a second press closes it."""
    first = kept.locator("#results .result").first
    first.get_by_role("button", name="Open").click()
    expect(first.locator(".overlay .digit")).to_have_count(3)
    first.locator("[aria-expanded]").click()
    expect(first.locator(".opened")).to_be_hidden()


def test_a_kept_digit_is_corrected(site: Site, kept: Page):
    """Chosen and typed over; the server is told, and the list shows it."""
    first = kept.locator("#results .result").first
    first.get_by_role("button", name="Open").click()
    first.locator(".sign").nth(2).click()
    kept.keyboard.press("1")
    expect(first.locator(".shown")).to_have_text("581")
    expect(first.locator(".sign").nth(2)).to_have_text("1✓")
    expect(first.locator(".sign").nth(2)).to_be_focused()
    first.get_by_label("This digit is").fill("4")  # as on a phone, which has no keys
    kept.keyboard.press("Enter")
    expect(first.locator(".shown")).to_have_text("584")
    first.get_by_label("The line is").fill("7.8?")
    kept.keyboard.press("Enter")
    expect(first.locator(".overlay text")).to_have_text(["7✓", "8✓", "?✓"])
    first.get_by_label("The line is").fill("5.841")
    kept.keyboard.press("Enter")
    expect(first.locator(".shown")).to_have_text("5.841")
    (said,) = [each.corrections for each in site.kept if each.corrections]
    places = [(each.line, each.digit, each.label, each.text) for each in said]
    assert places == [(0, 2, 1, None), (0, 2, 4, None), *((0, None, None, text) for text in ("7.8?", "5.841"))]
    kept.fill("#search", "5841")
    expect(kept.locator("#results .shown")).to_have_text(["5.841"])


def test_what_programs_correct_is_shown_too(site: Site, kept: Page):
    """Other words for a line, and for all of a reading, which has a line more then, and one less again."""
    second, first = (each.id for each in site.kept)
    for said in ({"result": first, "line": 0, "text": "4.20"}, {"result": second, "text": "5806\n19"}):
        assert kept.request.post(f"{site.url}api/v1/corrections", data=said).status == 201
    kept.fill("#search", "png")
    expect(kept.locator("#results .shown")).to_have_text(["5806, 19", "4.20"])
    kept.get_by_role("button", name="Open").first.click()
    expect(kept.locator("#results .signs")).to_have_text(["5806", "19"])
    kept.request.post(f"{site.url}api/v1/corrections", data={"result": second, "text": "58"})
    kept.fill("#search", "second")
    expect(kept.locator("#results .shown")).to_have_text(["58"])


def test_a_result_is_deleted_once_somebody_is_sure(site: Site, kept: Page):
    """No is no."""
    answers = iter(["dismiss", "accept"])
    kept.on("dialog", lambda dialog: getattr(dialog, next(answers))())
    delete = kept.locator("#results .result").first.get_by_role("button", name="Delete")
    delete.click()
    assert len(site.kept) == 2
    delete.click()
    expect(kept.locator("#results .shown")).to_have_text(["42"])
    expect(kept.locator("#results button").first).to_be_focused()
    assert len(site.kept) == 1


def test_results_are_exported(kept: Page):
    """All of them, as a file."""
    with kept.expect_download() as saved:
        kept.get_by_role("button", name="JSONL").click()
    assert saved.value.suggested_filename == "results.jsonl"
    assert len(Path(saved.value.path()).read_text("utf-8").splitlines()) == 2


def test_a_drawing_is_kept_when_asked_for(site: Site, kept: Page):
    """By a button, which is there while results are kept."""
    site.release()
    until(kept, READY)
    kept.click("nav a[href='#draw']")
    write(kept, 7)
    says(kept)
    kept.click("#keep-drawing")
    for place in ("#live", "#note"):
        expect(kept.locator(place)).to_have_text("Kept")
    assert [each.reading["text"] for each in site.kept] == ["7", "586", "42"]
