"""Reader: a picture goes in, a reading comes out. Start here."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from inkdigits.__about__ import __version__
from inkdigits.classifier import Classifier, load_classifier
from inkdigits.decode import Thresholds, choose_thresholds, to_digit, to_line
from inkdigits.errors import UsageError
from inkdigits.graphs import find_line_model, find_model
from inkdigits.images import Pages, Source, open_pages
from inkdigits.ink import find_line_ink, find_page_ink, shows_one_piece, to_ink
from inkdigits.lines import read_lines, to_picture
from inkdigits.normalize import to_patches
from inkdigits.recogniser import Recogniser, load_recogniser
from inkdigits.records import Box, Image, Ink, Line, Patches, Reading, Stages
from inkdigits.segment import find_glyph
from inkdigits.settings import Settings, load_settings

Layout: TypeAlias = Literal["auto", "digit", "number", "page"]
"""What the picture shows: one digit, one line of them, or numbers anywhere. "auto" finds out."""

LIKELY = 0.75
"""Without being told so, a picture is taken for a number if each of its digits is so likely, on average."""

LAYOUTS: tuple[Layout, ...] = ("auto", "digit", "number", "page")


class Reader:
    """Reads pictures, with a network for digits and one for lines. Open it once, use it often; threads may share it."""

    def __init__(self, classifier: Classifier, thresholds: Thresholds, settings: Settings) -> None:
        self._classifier = classifier
        self._thresholds = thresholds
        self._settings = settings

    @cached_property
    def _recogniser(self) -> Recogniser:
        """The network for lines, opened for the first of them."""
        return load_recogniser(find_line_model(self._settings.line_model), self._settings.threads)

    @cached_property
    def _line_thresholds(self) -> Thresholds:
        """What a digit of a line must reach: its network promises by a table of its own."""
        return choose_thresholds(self._recogniser.card, self._settings.accept_error)

    @property
    def model_digest(self) -> str:
        """First 16 hex digits of the sha256 of the graph of the network for single digits."""
        return self._classifier.digest

    @property
    def line_model_digest(self) -> str:
        """The same of the network for lines."""
        return self._recogniser.digest

    def read(self, source: Source, layout: Layout = "auto") -> Reading:
        """Read what a picture shows, wherever it lies and however large it is: a digit, a number, or a page of them.

        Args:
            source: a path, the bytes of a file, a PIL image, or a uint8 array (H, W), (H, W, 3 RGB) or (H, W, 4 RGBA).
            layout: what the picture shows.

        Returns:
            The reading; without lines when the picture is blank.

        Raises:
            SourceError: the picture is missing, damaged, too large or in no format that we read.
            UsageError: no such layout, or an `accept_error` that the network for lines cannot promise.
            ModelError: the network for lines cannot be used.
        """
        return self.stages(source, layout).reading

    def read_pages(self, source: Source, layout: Layout = "auto") -> Iterator[Reading]:
        """Read every page of a PDF or TIFF, in order; of anything else, its one picture. See `read`."""
        with self.open_pages(source) as pages:
            for number in range(1, pages.n + 1):
                yield self.stages(pages.load(number), layout).reading

    def read_many(self, sources: Iterable[Source], layout: Layout = "auto") -> Iterator[Reading]:
        """Read each source in turn, of many pages the first; see `read`."""
        return (self.read(source, layout) for source in sources)

    def open_pages(self, source: Source, name: str = "<bytes>") -> AbstractContextManager[Pages]:
        """Open a source whose pages are to be read one by one, by `stages`; `name` is what bytes are called."""
        return open_pages(source, max_megapixels=self._settings.max_megapixels, name=name)

    def adapt(self, *, accept_error: float | None = None, expect_digits: int | None = None) -> "Reader":
        """Return a reader with the same networks, which stay open, and with what is given in place of its settings.

        Raises:
            UsageError: an error that the network cannot promise for single digits.
            ModelError: the network for lines cannot be used.
        """
        given: dict[str, Any] = {"accept_error": accept_error, "expect_digits": expect_digits}
        settings = replace(self._settings, **{name: value for name, value in given.items() if value is not None})
        thresholds = choose_thresholds(self._classifier.card, settings.accept_error)
        reader = Reader(self._classifier, thresholds, settings)
        reader._recogniser = self._recogniser
        return reader

    def stages(self, source: Source | Image, layout: Layout = "auto") -> Stages:
        """Read like `read`, and return what each step made along the way."""
        if layout not in LAYOUTS:
            raise UsageError(f"There is no layout {layout!r}. There are: {', '.join(LAYOUTS)}.")
        self.check(layout)
        image = source
        if not isinstance(image, Image):
            with self.open_pages(image) as pages:
                image = pages.load(1)
        match layout:
            case "digit":
                return self._read_digit(image)
            case "number":
                return self._read_number(image)
            case "page":
                return self._read_page(image)
            case "auto":
                return self._read_anything(image)

    def check(self, layout: Layout) -> None:
        """Open the networks that a layout needs, before anything is read.

        Raises:
            ModelError: one of them cannot be used.
            UsageError: an `accept_error` that it cannot promise.
        """
        if layout in ("number", "page"):
            _ = self._line_thresholds

    def _read_anything(self, image: Image) -> Stages:
        """Find out what a picture shows: several numbers, one, or a single digit; in doubt the less."""
        expected = self._settings.expect_digits
        if expected is not None:
            return self._read_number(image) if expected > 1 else self._read_digit(image)
        if shows_one_piece(image) or not self._can_promise_lines():
            return self._read_digit(image)
        page = self._read_page(image)
        n_numbers = sum(map(_is_number, page.reading.lines))
        if n_numbers > 1:
            return page
        number = self._read_number(image)
        if any(map(_is_number, number.reading.lines)):
            return number
        digit = self._read_digit(image)
        is_rejected = any(each.label is None for each in digit.digits)
        return page if is_rejected and n_numbers else digit

    def _can_promise_lines(self) -> bool:
        """Whether the network for lines can promise the `accept_error` that is asked for, if any."""
        try:
            _ = self._line_thresholds
        except UsageError:
            return False
        return True

    def _read_number(self, image: Image) -> Stages:
        return self._read_lines(image, [find_line_ink(image)], is_page=False)

    def _read_page(self, image: Image) -> Stages:
        return self._read_lines(image, find_page_ink(image), is_page=True)

    def _read_digit(self, image: Image) -> Stages:
        """Read the one digit that a picture shows."""
        ink = to_ink(image)
        glyphs = find_glyph(ink)
        patches = to_patches([glyph.ink for glyph in glyphs])
        probabilities, scores = self._classifier.classify(patches)
        boxes = [to_picture(glyph.box, ink, Box(0, 0, image.width, image.height)) for glyph in glyphs]
        digits = tuple(
            to_digit(row, float(score), box, self._thresholds)
            for row, score, box in zip(probabilities, scores, boxes, strict=True)
        )
        lines = (to_line(digits),) if digits else ()
        return Stages(image, ink, glyphs, patches, digits, self._to_reading(image, lines, self._classifier))

    def _read_lines(self, image: Image, found: Sequence[tuple[Ink, Box]], *, is_page: bool) -> Stages:
        """Read lines of digits; of a page, leave out what is no number."""
        n_digits = self._settings.expect_digits
        model = self._recogniser
        read = read_lines(found, model, self._line_thresholds, n_digits=n_digits, only_numbers=is_page)
        digits = tuple(digit for line in read.lines for digit in line.digits)
        ink = np.zeros(image.grey.shape, dtype=np.float32) if is_page else found[0][0]
        patches = to_patches([glyph.ink for glyph in read.glyphs])
        return Stages(image, ink, read.glyphs, patches, digits, self._to_reading(image, read.lines, model))

    def classify(self, patches: npt.NDArray[np.uint8] | Patches) -> npt.NDArray[np.float32]:
        """Classify patches that are already placed MNIST's way.

        Args:
            patches: (N, 28, 28), 0 paper; uint8 with ink 255, or float32 with ink 1.

        Returns:
            (N, 10) float32: calibrated probabilities.

        Raises:
            ValueError: another shape, another dtype, or values outside the range.
        """
        return self._classifier.classify(patches)[0]

    def _to_reading(self, image: Image, lines: tuple[Line, ...], model: Classifier | Recogniser) -> Reading:
        names = {"model": model.card.name, "model_digest": model.digest, "version": __version__}
        return Reading(image.source, image.page, image.width, image.height, lines, **names)


def _is_number(line: Line) -> bool:
    """Whether a line has several digits, rather likely; of many digits, all together are seldom likely."""
    return len(line.digits) > 1 and line.confidence ** (1 / len(line.digits)) >= LIKELY


def load_reader(
    model: str | Path | None = None, *, accept_error: float | None = None, expect_digits: int | None = None
) -> Reader:
    """Open a reader.

    Args:
        model: a bundled name, a path to an .onnx file, or a run folder; None: the one in the settings.
        accept_error: reject what is doubtful, so that at most this share of the accepted digits is wrong.
        expect_digits: how many digits a number has; None: any number of them.

    Raises:
        ModelError: no such model, or one that does not fit this version.
        UsageError: an error that the model cannot promise for single digits.
        SettingsError: a setting in the environment or the file is wrong.
    """
    given = {"model": None if model is None else str(model)}
    return open_reader(load_settings({**given, "accept_error": accept_error, "expect_digits": expect_digits}))


def open_reader(settings: Settings) -> Reader:
    """Open the reader that the settings describe; see `load_reader`."""
    classifier = load_classifier(find_model(settings.model, settings.models), settings.threads)
    return Reader(classifier, choose_thresholds(classifier.card, settings.accept_error), settings)
