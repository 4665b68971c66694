"""Pictures: they come in, are read, corrected and taken away."""

import csv
import io
import json
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import READ, Open, until
from tests.browser.site import Site
from tests.strokes import STYLES, draw, paint

REFUSALS = {
    413: "It is too large. At most 20 MB.",
    415: "This kind of file cannot be read. Send a PNG.",
    422: "It could not be read. The file is damaged.",
    503: "Not now. Try again in a moment.",
}


def paper(number: str, path: Path) -> Path:
    """Save a picture of a number."""
    coverage = draw(int(number[0]), at=(30, 50), pen_px=9, shape=(240, 110 * len(number) + 60))
    for at, digit in enumerate(number[1:], start=1):
        style = list(STYLES)[at % 3]
        place = (30 + 110 * at, 50)
        coverage |= draw(int(digit), style=style, at=place, pen_px=9, shape=coverage.shape)
    Image.fromarray(paint(coverage, (30, 40, 110), (250, 248, 240))).save(path)
    return path


@pytest.fixture
def numbers(tmp_path: Path) -> list[Path]:
    """Pictures of two numbers."""
    return [paper("42", tmp_path / "first.png"), paper("586", tmp_path / "second.png")]


@pytest.fixture
def pictures(open_idle_page: Open) -> Page:
    """The view for pictures, which the server reads."""
    return open_idle_page("#picture")


def give(page: Page, *paths: Path) -> None:
    """Choose files, and wait until they are read."""
    page.set_input_files("#file", list(paths))
    until(page, READ)


def shown(page: Page) -> str:
    """Return what stands beside the picture, without marks of doubt."""
    return "".join(sign.strip("?✓") or "?" for sign in page.locator("#side .sign").all_inner_texts())


def download(page: Page, name: str) -> bytes:
    """Press a button that saves a file; return what it saved."""
    with page.expect_download() as saved:
        page.locator("#side").get_by_role("button", name=name, exact=True).click()
    return Path(saved.value.path()).read_bytes()


def test_chosen_files_are_read_and_shown(pictures: Page, numbers: list[Path]):
    """Several at once; each with its boxes over the picture, where the digits are."""
    give(pictures, *numbers)
    sheets = pictures.locator("#sheets button")
    assert [sheet.split("\n")[-1] for sheet in sheets.all_inner_texts()] == ["42", "586"]
    assert shown(pictures) == "42"
    sheets.nth(1).press("Enter")
    assert shown(pictures) == "586"
    expect(sheets.nth(1)).to_be_focused()
    digits = pictures.locator("#stage .digit .box")
    expect(digits).to_have_count(3)
    picture = pictures.locator("#stage img").bounding_box()
    boxes = [digits.nth(at).bounding_box() for at in range(3)]
    assert picture
    scale = picture["width"] / (110 * 3 + 60)
    for at, box in enumerate(boxes):
        assert box
        assert abs(box["x"] - picture["x"] - (30 + 110 * at) * scale) < 20 * scale
        assert abs(box["y"] - picture["y"] - 50 * scale) < 20 * scale


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_files_are_dropped_and_pasted(way: str, open_idle_page: Open, numbers: list[Path]):
    """On whatever view: the page goes to the pictures."""
    page = open_idle_page()
    page.evaluate(
        """([way, bytes]) => {
            const files = new DataTransfer();
            files.items.add(new File([new Uint8Array(bytes)], "given.png", { type: "image/png" }));
            const event = way === "drop"
                ? new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true })
                : new ClipboardEvent("paste", { clipboardData: files, bubbles: true });
            document.body.dispatchEvent(event);
        }""",
        [way, list(numbers[0].read_bytes())],
    )
    until(page, READ)
    expect(page.locator("#view-picture")).to_be_visible()
    assert shown(page) == "42"


def test_every_page_of_a_pdf_is_read(pictures: Page, tmp_path: Path, numbers: list[Path]):
    """The browser cannot show them: the server's picture stands in, and its digits can be chosen all the same."""
    first, second = (Image.open(path).convert("RGB") for path in numbers)
    first.save(tmp_path / "scan.pdf", save_all=True, append_images=[second])
    give(pictures, tmp_path / "scan.pdf")
    sheets = pictures.locator("#sheets button")
    assert [sheet.split("\n")[0] for sheet in sheets.all_inner_texts()] == [
        "scan.pdf, page 1 of 2",
        "scan.pdf, page 2 of 2",
    ]
    sheets.nth(1).click()
    assert shown(pictures) == "586"
    expect(pictures.locator("#stage .annotated .digit")).to_have_count(3)
    pictures.locator("#stage .digit").nth(1).click()
    assert "Digit 2 of 586" in pictures.locator("#side .detail").inner_text()


def test_a_digit_says_how_sure_it_is(pictures: Page, numbers: list[Path]):
    """By a click in the picture or beside it, or by the keyboard: ten bars, and other ways to read the number."""
    give(pictures, numbers[1])
    for place in ("#stage .digit", "#side .sign"):
        for at, label in enumerate("586"):
            pictures.locator(place).nth(at).click()
            assert pictures.locator("#side .best th").inner_text() == label
            assert pictures.locator("#stage .chosen").get_attribute("data-place") == f"0.{at}"
    pictures.locator("#stage .digit").nth(0).focus()
    assert pictures.locator("#side .best th").inner_text() == "5"
    assert pictures.locator("#side .others li").first.inner_text().startswith("586")


def test_doubt_shows_by_more_than_colour(pictures: Page, tmp_path: Path):
    """Dashed, with a question mark, and in words; the doubtful digit is the one that is shown first."""
    coverage = draw("horse", at=(40, 40), shape=(240, 260))
    Image.fromarray(paint(coverage)).save(tmp_path / "horse.png")
    pictures.locator("[name=layout]").select_option("digit")
    give(pictures, tmp_path / "horse.png")
    digit = pictures.locator("#stage .digit")
    assert "doubtful" in (digit.get_attribute("class") or "")
    assert "doubtful" in (digit.get_attribute("aria-label") or "")
    assert digit.locator("text").text_content() == "?"
    dashes = "() => getComputedStyle(document.querySelector('#stage .box')).strokeDasharray"
    assert pictures.evaluate(dashes) != "none"
    expect(pictures.locator("#side .detail")).to_be_visible()


def test_a_digit_is_corrected_by_typing(pictures: Page, numbers: list[Path]):
    """On the picture, or into the field; it stands so in the files that the page makes."""
    give(pictures, *numbers)
    pictures.locator("#stage .digit").nth(1).focus()
    pictures.keyboard.press("7")
    expect(pictures.locator("#side .sign").nth(1)).to_have_text("7✓")
    expect(pictures.locator("#stage .digit").nth(1)).to_be_focused()
    pictures.get_by_label("This digit is").fill("9")
    pictures.keyboard.press("Enter")
    expect(pictures.locator("#side .sign").nth(1)).to_have_text("9✓")
    expect(pictures.get_by_label("This digit is")).to_be_focused()
    assert "corrected" in (pictures.locator("#stage .digit").nth(1).get_attribute("aria-label") or "")
    first, second = json.loads(download(pictures, "JSON"))
    assert (first["text"], first["lines"][0]["digits"][1]["label"]) == ("49", 9)
    assert second["text"] == "586"
    rows = list(csv.DictReader(io.StringIO(download(pictures, "CSV").decode())))
    assert [(row["source"], row["text"]) for row in rows] == [("first.png", "49"), ("second.png", "586")]


def test_what_is_kept_is_corrected_on_the_server(site: Site, pictures: Page, numbers: list[Path]):
    """With the id of the result; nothing is kept until somebody says so."""
    give(pictures, numbers[0])
    assert not site.kept
    pictures.locator("#options .switch").click()
    give(pictures, numbers[0])
    expect(pictures.locator("#sheets button").nth(1)).to_have_attribute("aria-current", "true")  # the one just given
    pictures.locator("#stage .digit").nth(0).focus()
    pictures.keyboard.press("1")
    expect(pictures.locator("#picture-live")).to_have_text("Corrected, and kept with the result.")
    (kept,) = site.kept
    assert [(each.line, each.digit, each.label, each.text) for each in kept.corrections] == [(0, 0, 1, None)]


def test_files_from_the_server_are_downloaded(pictures: Page, numbers: list[Path]):
    """A spreadsheet, the annotated picture; and the steps are shown."""
    give(pictures, numbers[0])
    assert download(pictures, "XLSX")[:2] == b"PK"
    assert download(pictures, "Annotated picture")[1:4] == b"PNG"
    pictures.get_by_role("button", name="Show the steps").click()
    expect(pictures.locator("#stages-dialog")).to_be_visible()
    until(pictures, "() => document.querySelector('#stages-picture').naturalWidth > 0")


def test_refusals_say_what_to_do(site: Site, open_idle_page: Open, numbers: list[Path]):
    """Too large, of another kind, damaged, or too much at once; what was read before stays."""
    page = open_idle_page("#picture", may_fail=True)
    give(page, numbers[0])
    again = page.get_by_role("button", name="Try again")
    for status, words in REFUSALS.items():
        site.failing = (status, words.split(". ", 1)[1])
        give(page, numbers[1])
        expect(page.locator("#messages .message span")).to_have_text([f"second.png: {words}"])
        assert shown(page) == "42"
        assert again.count() == (status == 503)
    site.failing = None
    again.click()
    until(page, READ)
    assert page.locator("#sheets button").count() == 2


def test_what_is_asked_for_is_read_again(pictures: Page, numbers: list[Path]):
    """Another layout, so many digits, another network: at once, for every file; and nothing that makes no sense."""
    give(pictures, numbers[0])
    pictures.fill("[name=expect_digits]", "1")
    pictures.keyboard.press("Tab")
    until(pictures, READ)
    assert len(shown(pictures)) == 1
    pictures.fill("[name=expect_digits]", "0")
    pictures.keyboard.press("Tab")
    expect(pictures.locator("[name=expect_digits]")).to_be_focused()
    give(pictures, numbers[1])
    expect(pictures.locator("#messages")).to_be_empty()
    assert shown(pictures) == "586"
    pictures.locator("#sheets button").first.click()
    pictures.fill("[name=expect_digits]", "")
    pictures.locator("[name=layout]").select_option("number")
    until(pictures, READ)
    assert shown(pictures) == "42"


def test_what_is_taken_away_does_not_come_back(pictures: Page, numbers: list[Path]):
    """Even if it is being read again just then."""
    give(pictures, *numbers)
    pictures.evaluate("""() => {
        document.querySelector("[name=layout]").value = "number";
        document.querySelector("[name=layout]").dispatchEvent(new Event("change", { bubbles: true }));
        [...document.querySelectorAll("#side button")].at(-1).click();
    }""")
    until(pictures, READ)
    expect(pictures.locator("#side .file-name")).to_have_text("second.png")
    expect(pictures.locator("#sheets li")).to_have_count(1)
    expect(pictures.locator("#choose")).to_be_focused()


def test_labels_that_would_lie_on_other_digits_wait_until_they_are_looked_at(open_idle_page: Open):
    """On tightly written pages; elsewhere all are shown."""
    digit = {"label": 7, "confidence": 1, "digit_score": 1, "probabilities": [0.1] * 10}
    boxes = [[[10, top, 40, top + 50], [50, top, 80, top + 50]] for top in (60, 115, 240)]
    lines = [{"text": "77", "digits": [digit | {"box": box} for box in row]} for row in boxes]
    shown = open_idle_page().evaluate(
        """async (reading) => {
            const { frame } = await import("./static/overlay.js"), ignore = () => {};
            const options = { above: 0, is_annotated: false, isCorrected: () => false, onChoose: ignore };
            const framed = frame("static/icon.svg", reading, options);
            document.body.append(framed); // nothing is taken away: the page may still look for it
            const labels = [...framed.querySelectorAll(".overlay text")];
            const look = () => labels.map((each) => getComputedStyle(each).visibility === "visible");
            const first = look();
            labels[2].parentNode.classList.add("chosen");
            return [first, look()];
        }""",
        {"width": 200, "height": 300, "lines": lines},
    )
    assert shown == [[True, True, False, False, True, True], [True, True, True, False, True, True]]


def test_a_file_that_is_gone_is_no_fault_of_the_server(open_idle_page: Open, numbers: list[Path]):
    """As one that was saved anew, or a folder, which browsers hand over as a file that cannot be read."""
    page = open_idle_page("#picture", may_fail=True)
    give(page, numbers[0])
    numbers[0].unlink()
    page.select_option("[name=layout]", "number")
    until(page, READ)
    expect(page.locator("#messages")).to_contain_text("first.png: It is no longer what it was, or is a folder.")


def test_a_blank_picture_has_no_digits(pictures: Page, tmp_path: Path):
    """And the page says so, and takes what somebody sees there."""
    Image.new("RGB", (200, 200), "white").save(tmp_path / "blank.png")
    give(pictures, tmp_path / "blank.png")
    assert "No digits found" in pictures.locator("#side").inner_text()
    pictures.get_by_label("It is", exact=True).fill("12.50")
    pictures.keyboard.press("Enter")
    expect(pictures.locator("#side .signs")).to_have_text("12.50")
    assert json.loads(download(pictures, "JSON"))["text"] == "1250"
    pictures.get_by_role("button", name="Remove").click()
    expect(pictures.locator("#work")).to_be_hidden()
