"""The generated pictures are repeatable, what they say they are, and measured right."""

import json
import re
import sys
import time
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import matplotlib
import numpy as np
import pytest
from PIL import Image

import inkdigits
from benchmarks import damaged, examples, letters, load, piles, read_numbers, read_pages
from benchmarks import read_pictures as bench
from benchmarks.pages import SIDES, Page, draw_pages
from inkdigits.datasets import load_dataset
from inkdigits.records import Box
from inkdigits.train.pictures import KINDS, Picture, generate_pictures
from inkdigits.train.pictures.numbers import APART, TOUCHING, Spacing, photograph_numbers
from inkdigits.train.pictures.pads import PAD_PX, draw_pad
from inkdigits.train.pictures.photos import PHOTO_PX, TURN_DEG, _choose_corner, _project
from inkdigits.train.pictures.shapes import Bytes, _thin, draw_digit

STROKES = {
    1: [(15, 4), (13, 23)],
    2: [(8, 8), (13, 5), (18, 8), (17, 13), (8, 22), (20, 22)],
    7: [(8, 5), (20, 5), (12, 23)],
}
"""Label -> the points (x, y) of one stroke."""


def draw(points: list[tuple[int, int]], width_px: int = 2) -> Bytes:
    """Draw one stroke on a 28x28 field."""
    canvas = np.zeros((28, 28), np.uint8)
    return np.asarray(cv2.polylines(canvas, [np.array(points)], False, 255, width_px, cv2.LINE_AA), dtype=np.uint8)


DIGITS = np.stack([draw(points) for points in STROKES.values()])
LABELS = np.array(list(STROKES), np.uint8)


def make(kind: str, n: int, seed: int = 0) -> list[Picture]:
    """Make pictures of our three digits."""
    return list(generate_pictures(DIGITS, LABELS, kind=kind, n=n, seed=seed))


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_and_a_number_make_one_picture(kind: str) -> None:
    """Picture 2 is the same at every run and however many are made; another seed makes another."""
    three, five = make(kind, 3), list(islice(generate_pictures(DIGITS, LABELS, kind=kind, n=5), 5))
    assert np.array_equal(three[2].image, five[2].image)
    assert three[2].traits == five[2].traits
    assert not np.array_equal(three[2].image, make(kind, 3, seed=1)[2].image)


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_carries_the_label_of_its_digit(kind: str) -> None:
    """Label and index belong together, and several digits are drawn from."""
    pictures = make(kind, 6)
    assert [picture.label for picture in pictures] == [LABELS[picture.index] for picture in pictures]
    assert len({picture.label for picture in pictures}) > 1


def test_pads_keep_their_ranges_and_come_in_every_form() -> None:
    """Sides of 200-512 px, uint8, grey and RGB and RGBA, both polarities and clear paper."""
    pads = make("pad", 80)
    assert all(PAD_PX[0] <= side <= PAD_PX[1] for pad in pads for side in pad.image.shape[:2])
    assert {pad.image.dtype for pad in pads} == {np.dtype(np.uint8)}
    assert {pad.traits["channels"] for pad in pads} == {"grey", "RGB", "RGBA"}
    assert {pad.traits["polarity"] for pad in pads} == {"dark on light", "light on dark", "on clear"}
    assert all(0.1 <= float(pad.traits["size"]) <= 0.92 for pad in pads)


def test_the_whole_digit_lies_on_the_pad() -> None:
    """On clear paper the opaque pixels fill the box, but for the soft rim, so nothing was cut off."""
    pads = [pad for pad in make("pad", 120) if pad.traits["polarity"] == "on clear"]
    assert pads
    for pad in pads:
        rows, columns = (np.flatnonzero(pad.image[..., 3].max(axis=axis) > 25) for axis in (1, 0))
        found = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
        assert np.abs(np.subtract(pad.box.to_list(), found)).max() <= 2


def test_photos_keep_their_ranges() -> None:
    """RGB of 480-1600 px a side, never one flat colour."""
    for photo in make("photo", 6):
        assert photo.image.ndim == 3
        assert photo.image.shape[2] == 3
        assert all(PHOTO_PX[0] <= side <= PHOTO_PX[1] for side in photo.image.shape[:2])
        assert photo.image.std() > 2


@pytest.mark.parametrize("size", [(60, 20), (300, 200), (240, 340)])
def test_the_whole_digit_lies_in_the_photo(size: tuple[int, int]) -> None:
    """A box as large as the digit never reaches the edge, however the sheet is turned; and it lies where it is said."""
    sides, spare = (500, 500), 100
    for seed in range(60):
        rng = np.random.default_rng(seed)
        top, left = (spare + start for start in _choose_corner(rng, size, sides))
        sheet = np.zeros((sides[0] + 2 * spare, sides[1] + 2 * spare, 3), np.uint8)
        sheet[top : top + size[0], left : left + size[1]] = 255
        place = Box(left, top, left + size[1], top + size[0])
        photo, (box,) = _project(rng, sheet, [place], sides, TURN_DEG)
        rows, columns = (np.flatnonzero(photo[..., 0].max(axis=axis)) for axis in (1, 0))
        found = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
        assert np.abs(np.subtract(box.to_list(), found)).max() <= 2, seed
        edges = np.concatenate([photo[0], photo[-1], photo[:, 0], photo[:, -1]])
        assert not edges.any(), seed


@pytest.mark.parametrize("seed", range(8))
def test_a_drawn_digit_has_the_height_asked_for(seed: int) -> None:
    """Within 3 px, and its width within its limit."""
    shape = draw_digit(
        np.random.default_rng(seed), DIGITS[seed % 3], height_px=120, max_width_px=200, pen_px=6, turn_deg=5
    )
    assert abs(shape.mask.shape[0] - 120) <= 3
    assert shape.mask.shape[1] <= 200
    assert 0 <= shape.mask.min() < shape.mask.max() <= 1


def test_strokes_have_the_width_of_the_pen() -> None:
    """The ink of an upright bar, over its length, is the pen."""
    for seed in range(20):
        shape = draw_digit(
            np.random.default_rng(seed), DIGITS[0], height_px=200, max_width_px=200, pen_px=9, turn_deg=0
        )
        if shape.style == "strokes":
            assert np.median(shape.mask.sum(axis=1)) == pytest.approx(9, abs=1.5)
            return
    pytest.fail("no seed drew strokes")


def test_a_filled_loop_is_never_reduced_to_its_centre_line() -> None:
    """A blot on a stem would become a bare stick; it stays an outline."""
    blot = draw([(10, 4), (10, 22)])
    cv2.circle(blot, (13, 20), 5, 255, -1)
    styles = {
        draw_digit(np.random.default_rng(seed), blot, height_px=90, max_width_px=90, pen_px=3, turn_deg=0).style
        for seed in range(10)
    }
    assert styles == {"outline"}


def test_thinning_keeps_the_hole_of_a_ring() -> None:
    """A thick ring becomes a line one pixel wide, in one piece, with its hole."""
    ring = np.zeros((60, 60), np.uint8)
    cv2.circle(ring, (30, 30), 18, 1, 7)
    line = _thin(ring > 0)
    assert line.sum() < ring.sum() / 5
    assert cv2.connectedComponents(line.astype(np.uint8), connectivity=8)[0] == 2
    assert cv2.connectedComponents((~line).astype(np.uint8), connectivity=4)[0] == 3


def outcome(text: str, label: int = 3, **traits: str | float) -> bench.Outcome:
    """Say what a reader made of a pad."""
    return bench.Outcome("pad", traits, label, text, duration_ms=1.0)


def test_verdicts_tell_wrong_rejected_and_empty_apart() -> None:
    """Only the label by itself is right; "33" for a 3 is wrong."""
    texts = ("3", "5", "33", "?", "")
    assert [outcome(text).verdict for text in texts] == ["right", "wrong", "wrong", "rejected", "empty"]


def test_the_table_counts_every_picture_once_in_each_trait() -> None:
    """Numbers fall in the bin that holds them, in the order of the bins; shares add up to 1."""
    rows = bench.tabulate([outcome("3", size=0.1), outcome("", size=0.12), outcome("5", size=0.9)])
    assert rows[0].n == 3
    assert rows[0].shares["right"] == pytest.approx(1 / 3)
    assert [row.value for row in rows if row.trait == "size"] == ["below 0.12", "0.12 to 0.25", "0.5 or more"]
    assert all(sum(row.shares.values()) == pytest.approx(1) for row in rows)


@pytest.mark.parametrize("kind", KINDS)
def test_every_trait_that_is_a_number_has_bins(kind: str) -> None:
    """A new measure without bins would stop the table."""
    measures = {trait for trait, value in make(kind, 1)[0].traits.items() if not isinstance(value, str)}
    assert measures <= set(bench.BINS)


@pytest.fixture
def reader_of_sevens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the command our three digits, and a reader that says 7 whatever it sees."""
    digits = SimpleNamespace(images=DIGITS, known_labels=lambda: LABELS, digests=lambda: {"digits": "d1"})
    reader = SimpleNamespace(read=lambda _source, *, layout: SimpleNamespace(text="7" if layout == "digit" else "77"))
    monkeypatch.setattr(bench, "load_dataset", lambda *_args, **_options: digits)
    monkeypatch.setattr(bench, "load_reader", lambda _model: reader)


@pytest.mark.usefixtures("reader_of_sevens")
def test_the_command_prints_json_that_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    """The share read right is that of the sevens; data, seed and model stand beside it."""
    bench.main(["--data", ".", "--n", "12", "--kind", "pad", "--format", "json", "--seed", "4"])
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    sevens = sum(picture.label == 7 for picture in make("pad", 12, seed=4))
    assert result["kinds"][0]["rows"][0]["shares"]["right"] == pytest.approx(sevens / 12)
    assert (result["seed"], result["model"], result["data"]) == (4, "default", {"digits": "d1"})


@pytest.mark.usefixtures("reader_of_sevens")
def test_the_command_prints_a_table_and_saves_sheets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One table a kind; samples and failures are pictures to look at."""
    bench.main(["--data", ".", "--n", "4", "--save", str(tmp_path / "sheets")])
    printed = capsys.readouterr().out
    assert "pad: 4 pictures" in printed
    assert "photo: 4 pictures" in printed
    for name in ("pad-samples", "pad-failures", "photo-samples", "photo-failures"):
        with Image.open(tmp_path / "sheets" / f"{name}.png") as sheet:
            assert sheet.width == 1600


def test_real_digits_can_be_drawn_too(data_dir: Path) -> None:
    """Pads and photos of MNIST's own digits, straight from the data folder."""
    digits = load_dataset("mnist", split="train", root=data_dir)
    for kind in KINDS:
        assert len(list(generate_pictures(digits.images, digits.known_labels(), kind=kind, n=3))) == 3


def test_a_pad_without_noise_shows_only_its_two_colours_at_hard_edges() -> None:
    """Hard-edged ink has no shade between pen and paper."""
    for seed in range(200):
        image, _, traits = draw_pad(np.random.default_rng(seed), DIGITS[2])
        if traits["edge"] == "hard" and traits["damage"] == "none":
            assert len(np.unique(image.reshape(image.shape[0] * image.shape[1], -1), axis=0)) == 2
            return
    pytest.fail("no seed drew a hard edge")


FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


@pytest.mark.parametrize("letter", "Ag&")
def test_a_rendered_letter_fills_its_field(letter: str) -> None:
    """Bright ink that touches two opposite edges; beside it, paper."""
    glyph = letters.render(FONT, letter)
    assert glyph.shape == (letters.SIDE_PX, letters.SIDE_PX)
    assert glyph.dtype == np.uint8
    assert glyph.max() > 200
    touched = [edge.any() for edge in (glyph[0], glyph[-1], glyph[:, 0], glyph[:, -1])]
    assert all(touched[:2]) or all(touched[2:])


def test_a_letter_that_a_font_lacks_is_blank() -> None:
    """Its empty box would be learned as a sign."""
    assert not letters.render(FONT, "\U00012000").any()
    assert not letters.render(FONT, " ").any()


def test_no_font_is_rendered_for_both_archives() -> None:
    """What is measured with is never learned from, and twins of digits are not learned at all."""
    assert not set(letters.TRAIN_FONTS) & set(letters.UNSEEN_FONTS)
    assert not set(letters.LETTERS) & set(letters.LOOK_ALIKES)


def test_both_archives_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With glyphs, what they show, and their font."""
    place = tmp_path / "letters.npz"
    monkeypatch.setattr(letters, "ARCHIVES", ((place, (FONT.name,), "AB\U00012000"),))
    letters.main(FONT.parent)
    with np.load(place) as archive:
        assert archive["x"].shape == (2, letters.SIDE_PX, letters.SIDE_PX)
        assert archive["kind"].tolist() == ["A", "B"]
        assert archive["source"].tolist() == [FONT.name] * 2


def test_digits_are_chosen_for_every_way_to_write_one(tmp_path: Path) -> None:
    """One that is like none of the others is among them; they lie in rows, in 16 shades."""
    alike = np.repeat(DIGITS[:1], 30, axis=0) - np.arange(30, dtype=np.uint8)[:, None, None] // 4 * (DIGITS[0] > 200)
    chosen = examples.choose(np.concatenate([alike, DIGITS[1:]]).astype(np.uint8), 4)
    assert len(chosen) == 4
    assert all((chosen == other).all(axis=(1, 2)).any() for other in DIGITS[1:])
    sheet = examples.to_sheet(chosen, 2)
    assert (sheet[28:, :28] == chosen[2]).all()
    examples.save(sheet, tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as picture:
        levels = np.asarray(picture.convert("L"))
    assert np.abs(levels.astype(int) - sheet).max() <= 9
    assert set(np.unique(levels)) <= set(range(0, 256, 17))


def test_the_digits_of_the_page_are_small_and_of_every_label() -> None:
    """A hundred of each, read right by the default network: 99 of 100 at least."""
    assert examples.OUT.stat().st_size <= 300_000
    with Image.open(examples.OUT) as picture:
        levels = np.asarray(picture.convert("L"))
    rows = levels.reshape(-1, 28, examples.N_COLUMNS, 28).swapaxes(1, 2)
    probabilities = inkdigits.load_reader().classify(rows.reshape(-1, 28, 28))
    labels = np.repeat(np.arange(10), examples.N_EACH)
    assert (probabilities.argmax(1) == labels).mean() >= 0.99


@pytest.mark.parametrize("spacing", [APART, TOUCHING])
def test_photographed_numbers_are_what_they_say(spacing: Spacing) -> None:
    """Two to ten digits of ours, inside the photo, the same for the same seed."""
    photos = list(photograph_numbers(DIGITS, LABELS, n=5, spacing=spacing))
    again = list(photograph_numbers(DIGITS, LABELS, n=3, spacing=spacing))
    assert np.array_equal(photos[2].image, again[2].image)
    for photo in photos:
        assert 2 <= len(photo.text) <= 10
        assert set(photo.text) <= set("127")
        assert 0 <= photo.box.x0 < photo.box.x1 <= photo.image.shape[1]
        assert 0 <= photo.box.y0 < photo.box.y1 <= photo.image.shape[0]


def test_numbers_are_counted_right_digit_for_digit() -> None:
    """Beside those that are right among the alternatives."""
    reading = SimpleNamespace(
        text="12", confidence=0.75, lines=[SimpleNamespace(alternatives=[SimpleNamespace(text="17")])]
    )
    reader = SimpleNamespace(read=lambda _source, *, layout: reading if layout == "number" else None)
    outcomes = [outcome for _, outcome in read_numbers.read_numbers(reader, [(None, "12"), (None, "17"), (None, "1")])]  # type: ignore[arg-type]
    words = read_numbers.to_text("apart", outcomes)
    assert words.startswith("apart: 3 numbers, 33.33% right, 33.33% among the five best, mean confidence 75.00%")


def test_cheques_are_read_from_the_data_folder(data_dir: Path) -> None:
    """With what stands on them."""
    cheques = list(read_numbers.load_pictures("cheques", data_dir, "train", 3, 0))
    assert len(cheques) == 3
    assert all(text.isdecimal() and picture.ndim == 2 for picture, text in cheques)


@pytest.mark.parametrize("kind", read_pages.KINDS)
def test_pages_are_what_they_say(kind: str) -> None:
    """The same for the same seed, with each number inside; exam pages have one of nine digits."""
    pages = list(draw_pages(kind, DIGITS, LABELS, n=2, seed=4))
    (again,) = draw_pages(kind, DIGITS, LABELS, n=1, seed=4)
    assert np.array_equal(pages[0].image, again.image)
    for page in pages:
        assert page.image.shape == (*SIDES, 3)
        for text, box in page.numbers:
            assert set(text) <= set("127")
            assert -20 <= box.x0 < box.x1 <= SIDES[1] + 20
            assert page.image[box.y0 : box.y1, box.x0 : box.x1].std() > 2
        if kind == "exams":
            assert [len(text) for text, _ in page.numbers] == [9]


def line_at(text: str, x0: int, x1: int) -> Any:
    """A line that was read in the rows 10 to 20."""
    return SimpleNamespace(text=text, box=Box(x0, 10, x1, 20))


def test_pages_are_judged_number_by_number() -> None:
    """One in its place and right; two lines are one number only where they may be; what lies elsewhere is invented."""
    page = Page(np.zeros((30, 200, 3), np.uint8), (("123", Box(10, 8, 60, 22)), ("45", Box(100, 8, 140, 22))))
    lines = [line_at("123", 12, 58), line_at("5", 122, 138), line_at("4", 102, 118), line_at("9", 180, 190)]
    assert read_pages.judge(page, lines, joined=False) == (1, 1)
    assert read_pages.judge(page, lines, joined=True) == (2, 1)


def test_the_pages_command_prints_what_it_found(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line a kind, and sheets of the pages with mistakes if there are any."""
    read_pages.main(["--data", str(data_dir), "--n", "1", "--save", str(tmp_path)])
    out = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in out] == list(read_pages.KINDS)
    assert all("lines invented" in line for line in out)


def test_damaged_files_are_read_or_refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The command counts them, and fails where one took too long."""
    damaged.main(["--n", "60"])
    assert capsys.readouterr().out.startswith("60 damaged files: ")
    monkeypatch.setattr(damaged, "LIMIT_S", 0.0)
    with pytest.raises(SystemExit, match="longer than 0 s"):
        damaged.main(["--n", "3"])


def test_sound_files_are_read() -> None:
    """Before they are damaged: what the command says of the others would mean nothing else."""
    reader = inkdigits.load_reader()
    for data in damaged.make_files().values():
        assert reader.read(data, layout="number").text == "40718"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak memory of a process that runs")
def test_piles_are_measured(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line each, with the peaks of the parent and of the processes that read; a command that fails is no figure."""
    piles.main(["--data", str(data_dir), "--n", "2", "--n-small", "3"])
    lines = capsys.readouterr().out.splitlines()
    form = r"(.*): \d+\.\d s, \d+\.\d\d pages a second, peak (\d+(?: \+ \d+)+) MB"
    found = [re.fullmatch(form, line) for line in lines]
    assert [match and match[1] for match in found] == [
        "2 pages, PNG, --workers 1",
        "2 pages, PNG, --workers 2",
        "2 pages, JPEG, --workers 2",
        "a TIFF of 3 small pages, --workers 1",
        "a page of 12 megapixels, --workers 1",
    ]
    assert [match and len(match[2].split(" + ")) for match in found] == [2, 3, 3, 2, 2]
    with pytest.raises(SystemExit, match=r"nothing: the command ended with 10"):
        piles.measure("nothing", 1, ["nowhere.png"])


def test_load_counts_what_came_of_every_request(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On a server of its own, until there were enough of them: times, statuses, memory."""
    load.main(["--clients", "3", "--seconds", "300", "--requests", "7", "--", "--model", str(tiny_model)])
    figures = json.loads(capsys.readouterr().out)
    assert (figures["n"], figures["statuses"]) == (7, {"200": 7})
    assert 0 < figures["p50_ms"] <= figures["p95_ms"]
    assert len(figures["memory_mb"]) >= 2


def test_load_keeps_to_its_rate_and_notes_refusals(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is turned away counts by its status; 5 at 20 a second take 0.2 s at least."""
    began = time.perf_counter()
    command = [
        "--clients",
        "2",
        "--seconds",
        "300",
        "--requests",
        "5",
        "--rate",
        "20",
        "--",
        "--model",
        str(tiny_model),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INKDIGITS_MAX_MEGABYTES", "0.001")
        load.main(command)
    assert time.perf_counter() - began > 0.2
    assert json.loads(capsys.readouterr().out)["statuses"] == {"413": 5}
