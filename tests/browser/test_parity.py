"""Python and the browser run the same graphs and the same steps: they say the same."""

import base64
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from playwright.sync_api import Page

from inkdigits import load_reader
from inkdigits.classifier import load_classifier
from inkdigits.decode import Part, Spelling, spell, weigh_looks
from inkdigits.decode.looks import FIRST
from inkdigits.graphs import find_line_model, find_model
from inkdigits.lines import Networks, complete, weigh_doubtful
from inkdigits.normalize import to_patches
from inkdigits.recogniser import load_recogniser, one_look_is_enough
from inkdigits.records import BLANK, Alternative, Ink
from inkdigits.segment import find_marks, part_at, to_strip
from tests.papers import photograph, plain
from tests.strokes import OTHERS, STYLES, draw, paint

N_INKS, SEED = 2000, 20

N_NUMBERS = 40

READ_INKS = """async ({ levels, sizes }) => {
    const { draw } = await import("./static/main.js");
    const bytes = Uint8Array.from(atob(levels), (sign) => sign.charCodeAt(0));
    let at = 0;
    const inks = sizes.map(([height, width]) => {
        const values = Float32Array.from(bytes.subarray(at, at += height * width), (level) => level / 255);
        return { values, width, height };
    });
    const said = await draw.engine.classify(inks);
    const patches = new Float32Array(said.length * 784);
    said.forEach(({ patch }, n) => patches.set(patch.values, n * 784));
    const packed = new Uint8Array(patches.buffer), texts = [];
    for (let from = 0; from < packed.length; from += 1 << 15) {
        texts.push(String.fromCharCode(...packed.subarray(from, from + (1 << 15))));
    }
    const [probabilities, scores] = [said.map((each) => each.probabilities), said.map(({ score }) => score)];
    return { patches: btoa(texts.join("")), probabilities, scores };
}"""
"""Patches come back as bytes: number by number, Playwright takes longer for them than the network."""

SPELL = """async ({ columns, calibration }) => {
    const { spell } = await import("./static/spelling.js");
    return columns.map((rows) => spell(Float32Array.from(rows.flat()), calibration));
}"""

READ_PHOTO = """async ({ levels, width, height, said }) => {
    const { readPhoto } = await import("./static/reader.js");
    const bytes = Uint8Array.from(atob(levels), (sign) => sign.charCodeAt(0));
    const data = Uint8ClampedArray.from({ length: 4 * bytes.length }, (_, at) => (at % 4 === 3 ? 255 : bytes[at >> 2]));
    const strips = [];
    const networks = {
        look: async (_, strip) => {
            const columns = new Float32Array(strip.width / 2 * 14), share = said[strips.length];
            for (let at = 13; at < columns.length; at += 14) columns[at] = 1;
            const middle = 14 * Math.floor(strip.width / 4);
            [columns[middle + 1], columns[middle + 7], columns[middle + 13]] = [1 - share, share, 0];
            strips.push([...strip.values]);
            return columns;
        },
        normalise: async () => null,
        classify: async (_, patches) => patches.map(() => ({ probabilities: Array(10).fill(0.1), score: 0 })),
    };
    const graphs = { normaliser: "", digits: "", lines: "", calibration: [[0, 0], [1, 1]], threshold: 0.5 };
    const { text, confidence } = await readPhoto(networks, graphs, { data, width, height }, "number");
    return { text, confidence, strips };
}"""
"""With networks that say at each look that a 7 stands there, so likely, or else a 1."""

LOOKS = """async (looks) => {
    const { weighLooks } = await import("./static/looks.js");
    return looks.map((spellings) => weighLooks(spellings));
}"""

LOOK = """async ({ strips }) => {
    const [{ Networks }, { Api }] = await Promise.all([import("./static/networks.js"), import("./static/api.js")]);
    const { line_model } = await new Api().models();
    const networks = new Networks({}), url = new URL(line_model.url, document.baseURI).href;
    const said = [];
    for (const values of strips) {
        const strip = { values: Float32Array.from(values.flat()), width: values[0].length, height: values.length };
        said.push([...await networks.look(url, strip)]);
    }
    return said;
}"""

STRIPS = """async ({ levels, sizes }) => {
    const { findPieces } = await import("./static/pieces.js"), { toStrip } = await import("./static/strip.js");
    const bytes = Uint8Array.from(atob(levels), (sign) => sign.charCodeAt(0));
    let at = 0;
    return sizes.map(([height, width]) => {
        const values = Float32Array.from(bytes.subarray(at, at += height * width), (level) => level / 255);
        const ink = { values, width, height };
        const strip = toStrip(ink, findPieces(ink).pieces);
        return { width: strip.width, values: [...strip.values] };
    });
}"""


MARKS = """async ({ levels, sizes, columns }) => {
    const names = ["pieces", "strip", "spelling", "marks"];
    const modules = await Promise.all(names.map((name) => import(`./static/${name}.js`)));
    const { findPieces, toStrip, spell, findMarks } = Object.assign({}, ...modules);
    const bytes = Uint8Array.from(atob(levels), (sign) => sign.charCodeAt(0));
    let at = 0;
    return sizes.map(([height, width], n) => {
        const values = Float32Array.from(bytes.subarray(at, at += height * width), (level) => level / 255);
        const ink = { values, width, height }, { pieces } = findPieces(ink);
        return findMarks(pieces, toStrip(ink, pieces), spell(Float32Array.from(columns[n].flat())).digits);
    });
}"""


IN_LINES = """
    const bytes = Uint8Array.from(atob(levels), (sign) => sign.charCodeAt(0)), answers = [];
    let at = 0;
    const lines = sizes.map(([height, width], n) => {
        const values = Float32Array.from(bytes.subarray(at, at += height * width), (level) => level / 255);
        const ink = { values, width, height }, found = findPieces(ink), { labels, pieces } = found;
        const look = (glyphs) => draw.engine.classify(
            glyphs.map((own) => cutOut(ink, labels, [false, ...pieces.map((each) => own.includes(each))])),
        );
        const said = Float32Array.from(columns[n].flat());
        return { said, spelling: spell(said), found, strip: toStrip(ink, pieces), look };
    });
"""
"""What is known of each line, and how its digits are shown to the network for single digits."""

COMPLETE = (
    """async ({ levels, sizes, columns, threshold }) => {
    const names = ["main", "missed", "pieces", "strip", "spelling"];
    const modules = await Promise.all(names.map((name) => import(`./static/${name}.js`)));
    const { draw, complete, cutOut, findPieces, toStrip, spell } = Object.assign({}, ...modules);"""
    + IN_LINES
    + """
    for (const { spelling, found, strip, look } of lines) {
        answers.push(await complete(spelling, found, strip, look, threshold));
    }
    return answers;
}"""
)


WEIGH = (
    """async ({ levels, sizes, columns }) => {
    const names = ["main", "opinions", "pieces", "strip", "spelling"];
    const modules = await Promise.all(names.map((name) => import(`./static/${name}.js`)));
    const { draw, weighDoubtful, cutOut, findPieces, toStrip, spell } = Object.assign({}, ...modules);"""
    + IN_LINES
    + """
    for (const { said, spelling, found, strip, look } of lines) {
        const weighed = await weighDoubtful(said, spelling, found, strip, look);
        answers.push(weighed && [...weighed]);
    }
    return answers;
}"""
)


def golden_inks() -> Iterator[npt.NDArray[np.uint8]]:
    """Yield 2,000 inks, always the same: digits and other signs of several hands, sizes and pens, turned, smudged."""
    chance = np.random.default_rng(SEED)
    signs = [(label, style) for style in STYLES for label in range(10)] + [(name, "school") for name in OTHERS]
    for n in range(N_INKS):
        what, style = signs[n % len(signs)]
        high = chance.uniform(14, 70)
        ink = draw(what, style=style, high_px=high, pen_px=int(chance.integers(1, 2 + high // 6)), shape=(96, 120))
        turn = cv2.getRotationMatrix2D((60, 48), chance.uniform(-15, 15), chance.uniform(0.7, 1.1))
        ink = cv2.warpAffine(ink, turn, (120, 96))
        noise = chance.uniform(0.8, 1, ink.shape) if n % 2 else 1.0
        yield np.round(ink * noise).astype(np.uint8)


def golden_numbers() -> Iterator[npt.NDArray[np.uint8]]:
    """Yield numbers of two to six digits, some of them sloping."""
    chance = np.random.default_rng(SEED)
    for n in range(N_NUMBERS):
        length = 2 + n % 5
        canvas = np.zeros((160, 80 * length + 80), np.uint8)
        for at in range(length):
            style = list(STYLES)[int(chance.integers(3))]
            place = (30 + 78 * at + chance.uniform(-6, 6), 30 + at * (n % 3) * 4 + chance.uniform(-4, 4))
            pen, high = int(chance.integers(5, 9)), chance.uniform(60, 80)
            digit = draw(int(chance.integers(10)), style=style, high_px=high, pen_px=pen, at=place, shape=canvas.shape)
            canvas = np.maximum(canvas, digit)
        yield canvas


def golden_amounts() -> Iterator[npt.NDArray[np.uint8]]:
    """Yield the same numbers with specks, points and commas, below and above, near a digit and away from it."""
    chance = np.random.default_rng(SEED)
    for canvas in golden_numbers():
        for at in range(1, canvas.shape[1] // 80 - 1):
            x, y = 12 + 78 * at + chance.uniform(0, 14), 100 + chance.uniform(-40, 30)
            high = chance.choice([0, 3, 14])
            cv2.line(
                canvas, (round(x), round(y)), (round(x - high / 4), round(y + high)), 255, int(chance.integers(2, 9))
            )
        yield canvas


def golden_gaps() -> Iterator[tuple[npt.NDArray[np.uint8], int]]:
    """Yield the same numbers, some with a letter behind them, and the column of what is not to be seen in each."""
    for n, canvas in enumerate(golden_numbers()):
        length = canvas.shape[1] // 80 - 1
        place = length if n % 3 == 0 else n % length
        if place == length:
            letter = draw("K", high_px=60, pen_px=7, at=(30 + 78 * place, 40), shape=canvas.shape)
            canvas = np.maximum(canvas, letter)
        yield canvas, 58 + 78 * place


def pack(inks: list[npt.NDArray[np.uint8]]) -> dict[str, Any]:
    """Make inks ready to be sent into the page."""
    levels = b"".join(ink.tobytes() for ink in inks)
    return {"levels": base64.b64encode(levels).decode(), "sizes": [list(ink.shape) for ink in inks]}


def to_float(levels: npt.NDArray[np.uint8]) -> Ink:
    """Return an ink as the networks take it."""
    return levels.astype(np.float32) / np.float32(255)


@cache
def strips() -> list[Ink]:
    """Return the strips of the numbers."""
    found = [to_strip(to_float(levels)) for levels in golden_numbers()]
    return [strip.ink for strip in found if strip is not None]


def test_golden_inks_are_read_alike(page: Page):
    """The same patches, the same labels, and probabilities and scores within a thousandth, on 2,000 inks."""
    inks = list(golden_inks())
    patches = to_patches([to_float(ink) for ink in inks])
    probabilities, scores = load_classifier(find_model("default")).classify(patches)
    said = page.evaluate(READ_INKS, pack(inks))
    there = np.array(said["probabilities"])
    assert len(there) == N_INKS
    seen = np.frombuffer(base64.b64decode(said["patches"]), np.float32).reshape(patches.shape)
    assert np.abs(seen - patches).max() < 1e-5
    assert (there.argmax(1) == probabilities.argmax(1)).all()
    assert np.abs(there - probabilities).max() < 1e-3
    assert np.abs(said["scores"] - scores).max() < 1e-3


def test_lines_come_into_the_same_strip(page: Page):
    """As wide, and nowhere far from what OpenCV makes."""
    made = page.evaluate(STRIPS, pack(list(golden_numbers())))
    assert len(made) == len(strips()) == N_NUMBERS
    for there, here in zip(made, strips(), strict=True):
        values = np.array(there["values"]).reshape(32, there["width"])
        assert there["width"] == here.shape[1] + -here.shape[1] % 4
        assert np.abs(values[:, : here.shape[1]] - here).max() < 0.02


def test_strips_are_looked_at_alike(page: Page):
    """Once where the network is sure, else three times."""
    recogniser = load_recogniser(find_line_model())
    wide = [np.pad(strip, ((0, 0), (0, -strip.shape[1] % 4))) for strip in strips()]
    said = page.evaluate(LOOK, {"strips": [strip.astype(float).tolist() for strip in wide]})
    here = recogniser.look(wide)
    for there, columns in zip(said, here, strict=True):
        assert np.abs(np.array(there).reshape(columns.shape) - columns).max() < 1e-4
    n_sure = sum(bool(one_look_is_enough(columns[None])[0]) for columns in here)
    assert 0 < n_sure < len(wide)


def test_columns_are_spelled_alike(page: Page):
    """The same texts with the same probabilities, digit by digit, for what the network says of 40 numbers."""
    columns = load_recogniser(find_line_model()).look(strips())
    calibration = ((0.0, 0.0), (0.3, 0.4), (0.9, 0.93), (0.999, 0.99), (1.0, 1.0))
    given = {"columns": [rows.astype(float).tolist() for rows in columns], "calibration": calibration}
    there = page.evaluate(SPELL, given)
    for rows, said in zip(columns, there, strict=True):
        spelling = spell(rows, calibration=calibration)
        assert [each["text"] for each in said["alternatives"]] == [each.text for each in spelling.alternatives]
        assert abs(said["confidence"] - spelling.confidence) < 1e-6
        assert [digit["label"] for digit in said["digits"]] == [part.label for part in spelling.parts]
        for digit, part in zip(said["digits"], spelling.parts, strict=True):
            assert abs(digit["confidence"] - part.confidence) < 1e-6
            assert abs(digit["digit_score"] - part.digit_score) < 1e-6
            assert np.abs(np.array(digit["probabilities"]) - part.probabilities).max() < 1e-6
            assert abs(digit["column"] - part.column) < 1e-6
            assert digit["before"] == part.before


def spelled(text: str, others: tuple[Alternative, ...]) -> Spelling:
    """A line that reads so, by a look that finds others as probable as they say."""
    parts = (Part(None if sign == "?" else int(sign), 0.9, 1.0, (0.1,) * 10, 0.0, "") for sign in text)
    return Spelling(tuple(parts), others[0].probability if text == others[0].text else 0.2, others)


def test_looks_are_weighed_alike(page: Page):
    """What two looks at a line say, or three: the same look counts, with the same probabilities."""
    rng = np.random.default_rng(4)
    looks = []
    for n in rng.integers(2, 4, 5 * N_NUMBERS).tolist():
        chances = (np.sort(rng.dirichlet(np.ones(6)))[::-1][:5].tolist() for _ in range(n))
        texts = (rng.choice(["12", "17", "1", "121", "2", "?2", "72"], 5, replace=False).tolist() for _ in range(n))
        said = [tuple(map(Alternative, *each)) for each in zip(texts, chances, strict=True)]
        looks.append([spelled(str(rng.choice([each[0].text, "1?"], p=[0.9, 0.1])), each) for each in said])
    given = [[asdict(spelling) | {"text": spelling.text} for spelling in line] for line in looks]
    there = page.evaluate(LOOKS, given)
    chosen = set()
    for said, line in zip(there, looks, strict=True):
        at, spelling = weigh_looks(line)
        chosen.add(at)
        assert said["chosen"] == at
        others = [each["text"] for each in said["spelling"]["alternatives"]]
        assert others == [each.text for each in spelling.alternatives]
        assert abs(said["spelling"]["confidence"] - spelling.confidence) < 1e-9
    assert chosen == {0, 1, 2}


def test_the_page_looks_again_where_it_is_in_doubt(page: Page):
    """Once more, at other ink, and what both looks say counts; a line that is sure is looked at once."""
    sheet = plain((300, 400))
    photo = photograph(paint(draw(7, high_px=90, pen_px=9, at=(160, 90), shape=sheet.shape[:2]), (40, 40, 90), sheet))
    levels = base64.b64encode(photo.min(axis=2).tobytes()).decode()
    given = {"levels": levels, "width": 400, "height": 300}
    sure = page.evaluate(READ_PHOTO, given | {"said": [0.9]})
    assert (sure["text"], len(sure["strips"])) == ("7", 1)
    doubtful = page.evaluate(READ_PHOTO, given | {"said": [0.4, 0.95]})
    assert doubtful["text"] == "7"
    assert abs(doubtful["confidence"] - (FIRST * 0.4 + 0.95) / (FIRST + 1)) < 1e-6
    first, second = doubtful["strips"]
    assert first != second


def test_doubtful_digits_are_asked_of_alike(page: Page):
    """Each digit is as likely as its neighbour in the list of labels until the other network has its say."""
    reader = load_reader()
    networks = Networks(reader._recogniser, reader._line_thresholds, reader._classifier, reader._thresholds)
    inks = [to_float(levels) for levels in golden_numbers()]
    found = [strip for strip in map(to_strip, inks) if strip is not None]
    said = networks.recogniser.look([strip.ink for strip in found])
    for columns in said[1:]:
        columns[:, :10] = (columns[:, :10] + np.roll(columns[:, :10], 1, axis=1)) / 2
    given = {**pack(list(golden_numbers())), "columns": [each.astype(float).tolist() for each in said]}
    there = page.evaluate(WEIGH, given)
    changed = 0
    for answer, ink, strip, columns in zip(there, inks, found, said, strict=True):
        parts = spell(columns).parts
        if any(
            glyph.is_parted for glyph in part_at(ink, strip.to_line([part.column for part in parts]), strip.digit_px)
        ):
            continue  # the page cuts no digits apart, and does not ask of them
        here = weigh_doubtful(columns, ink, strip, parts, networks)
        assert (answer is None) == (here is None)
        if here is not None:
            assert np.abs(np.array(answer).reshape(here.shape) - here).max() < 1e-3
            changed += np.abs(here - columns).max() > 0.2
    assert changed > 0.8 * N_NUMBERS


def test_marks_that_stand_alone_are_found_alike(page: Page):
    """Points and commas that the network for lines may not have seen."""
    inks = [to_float(levels) for levels in golden_amounts()]
    found = [strip for strip in map(to_strip, inks) if strip is not None]
    columns = load_recogniser(find_line_model()).look([strip.ink for strip in found])
    rows = [each.astype(float).tolist() for each in columns]
    there = page.evaluate(MARKS, {**pack(list(golden_amounts())), "columns": rows})
    here = []
    for ink, strip, each in zip(inks, found, columns, strict=True):
        glyphs = part_at(ink, strip.to_line([part.column for part in spell(each).parts]), strip.digit_px)
        here.append(list(find_marks(ink, glyphs, strip.digit_px)))
    assert there == here
    assert {mark for marks in here for mark in marks} == {"", ".", ","}


def test_what_the_network_for_lines_left_out_is_put_in_alike(page: Page):
    """A digit where the other network is sure of it, else no digit; with the same doubt, and other ways to read it."""
    reader = load_reader()
    networks = Networks(reader._recogniser, reader._line_thresholds, reader._classifier, reader._thresholds)
    inks = [to_float(levels) for levels, _ in golden_gaps()]
    found = [strip for strip in map(to_strip, inks) if strip is not None]
    said = networks.recogniser.look([strip.ink for strip in found])
    for columns, strip, (_, gap) in zip(said, found, golden_gaps(), strict=True):
        is_gap = np.abs(np.array(strip.to_line(range(len(columns)))) - gap) < 38
        columns[is_gap] = np.eye(BLANK + 1)[BLANK]
    given = {**pack([levels for levels, _ in golden_gaps()]), "columns": [each.astype(float).tolist() for each in said]}
    there = page.evaluate(COMPLETE, {**given, "threshold": networks.single.digit_score})
    labels = []
    for answer, ink, strip, columns in zip(there, inks, found, said, strict=True):
        before = spell(columns)
        after = complete(ink, strip, before, networks)
        assert [digit["label"] for digit in answer["digits"]] == [part.label for part in after.parts]
        assert abs(answer["confidence"] - after.confidence) < 1e-3
        assert np.allclose([each["column"] for each in answer["digits"]], [part.column for part in after.parts])
        (first, *_) = answer["alternatives"]
        assert (first["text"], round(first["probability"], 2)) == (
            after.alternatives[0].text,
            round(after.alternatives[0].probability, 2),
        )
        labels += [part.label for part in after.parts if part not in before.parts]
    assert len(labels) > 0.8 * N_NUMBERS
    assert {None, 1, 7} <= set(labels)
