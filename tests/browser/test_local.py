"""Where no server answers, the page reads pictures by itself: one digit or one number each."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from inkdigits import load_reader
from tests.browser.conftest import READ, Open, on_plain_host, until
from tests.browser.test_picture import download, give, paper, shown
from tests.papers import SHEETS, Array, lean_over, photograph, plain
from tests.strokes import STYLES, draw

pytestmark = on_plain_host

NUMBER = "4072"


@pytest.fixture
def alone(open_page: Open) -> Page:
    """The view for pictures of a page that has no server."""
    return open_page("#picture")


PEN, PENCIL = (30, 34, 90), (217, 214, 205)


def photo(sheet: str, path: Path, pen: tuple[int, int, int] = PEN) -> Path:
    """Save a photo of a number on a sheet of paper, in uneven light and somebody's shadow."""
    return save(SHEETS[sheet](), path, pen)


def save(picture: Array, path: Path, pen: tuple[int, int, int] = PEN) -> Path:
    """Write a number on a picture, and save a photo of it."""
    for at, (digit, style) in enumerate(zip(NUMBER, list(STYLES) * 2, strict=False)):
        coverage = draw(
            int(digit), style=style, at=(140 + 95 * at, 130), high_px=120, pen_px=8, shape=picture.shape[:2]
        )
        picture = np.where(coverage[..., None], pen, picture)
    Image.fromarray(lean_over(photograph(picture))).save(path)
    return path


def test_numbers_are_read_in_the_page(alone: Page, tmp_path: Path):
    """Their digits stand where they are; they are corrected and taken away, and nothing is sent."""
    asked: list[str] = []
    alone.on("request", lambda request: asked.append(request.method))
    give(alone, paper("42", tmp_path / "first.png"), paper("586", tmp_path / "second.png"))
    sheets = alone.locator("#sheets button")
    assert [sheet.split("\n")[-1] for sheet in sheets.all_inner_texts()] == ["42", "586"]
    sheets.nth(1).click()
    alone.locator("#stage .digit").nth(1).focus()
    alone.keyboard.press("7")
    _, reading = json.loads(download(alone, "JSON"))
    assert (reading["text"], reading["width"], reading["height"]) == ("576", 390, 240)
    for at, digit in enumerate(reading["lines"][0]["digits"]):
        assert np.abs(np.array(digit["box"][:2]) - (30 + 110 * at, 50)).max() < 20
    assert set(asked) <= {"GET"}


def test_it_says_what_it_cannot_do(alone: Page, tmp_path: Path):
    """Pages of numbers, other files, tables: none of it is offered, and a PDF is refused with a reason.

    What comes after it is read all the same: here black ink on nothing.
    """
    expect(alone.locator("#here")).to_contain_text("No server stands behind this page")
    assert alone.locator("[name=layout] option").evaluate_all("(all) => all.map(({ value }) => value)") == [
        "auto",
        "digit",
        "number",
    ]
    expect(alone.locator("[name=expect_digits]")).to_be_hidden()
    expect(alone.locator("#drop-lead")).to_have_text("Drop pictures here")
    Image.new("RGB", (200, 200), "white").save(tmp_path / "scan.pdf")
    give(alone, tmp_path / "scan.pdf")
    expect(alone.locator("#messages")).to_contain_text("scan.pdf: The browser cannot open it as a picture")
    coverage = draw(7, at=(60, 50), pen_px=9, shape=(240, 220))
    black = np.zeros((*coverage.shape, 3), np.uint8)
    Image.fromarray(np.dstack([black, 255 * (coverage > 0)]).astype(np.uint8)).save(tmp_path / "seven.png")
    give(alone, tmp_path / "seven.png")
    assert shown(alone) == "7"
    expect(alone.locator("#drop-lead")).to_have_text("Drop pictures here")
    assert alone.locator("#side .offer button").all_inner_texts() == ["JSON", "CSV", "Remove"]


def test_photos_are_read_as_python_reads_them(alone: Page, tmp_path: Path):
    """On plain, ruled and squared paper, beside a table and above one, in pencil; each in uneven light."""
    photos = [photo(sheet, tmp_path / f"{sheet}.png") for sheet in SHEETS]
    photos.append(photo("plain", tmp_path / "pencil.png", PENCIL))
    above = cv2.fillPoly(plain(), [np.array([(0, 275), (640, 262), (640, 480), (0, 480)])], (50, 38, 30))
    photos.append(save(above, tmp_path / "above a table.png"))
    alone.select_option("[name=layout]", "number")
    give(alone, *photos)
    sheets = alone.locator("#sheets button").all_inner_texts()
    reader = load_reader()
    assert [sheet.split("\n") for sheet in sheets] == [[path.name, NUMBER] for path in photos]
    assert [reader.read(path, layout="number").text for path in photos] == [NUMBER] * len(photos)


def test_a_blank_sheet_shows_nothing(alone: Page, tmp_path: Path):
    """A photo of paper, and one white all over."""
    Image.fromarray(photograph(SHEETS["on_table"]())).save(tmp_path / "table.png")
    Image.new("RGB", (200, 200), "white").save(tmp_path / "white.png")
    give(alone, tmp_path / "table.png", tmp_path / "white.png")
    until(alone, READ)
    assert [sheet.split("\n")[-1] for sheet in alone.locator("#sheets button").all_inner_texts()] == [
        "\u2013",
        "\u2013",
    ]
