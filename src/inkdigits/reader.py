"""Reader: a picture goes in, a reading comes out. Start here."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from inkdigits.__about__ import __version__
from inkdigits.classifier import Classifier, load_classifier
from inkdigits.decode import Thresholds, choose_thresholds, to_line
from inkdigits.errors import InkdigitsError, UsageError
from inkdigits.graphs import find_line_model, find_model
from inkdigits.images import Pages, Source, open_pages
from inkdigits.ink import find_line_ink, find_ways_up, is_flat, shows_one_piece
from inkdigits.lines import Lines, Networks, choose_turned, is_number, is_sure, leaves_out, read_lines, stand_evenly
from inkdigits.normalize import to_patches
from inkdigits.recogniser import Recogniser, load_recogniser
from inkdigits.records import Digit, Image, Ink, Line, LineInk, Patches, Reading, Stages
from inkdigits.settings import Settings, load_settings
from inkdigits.singles import Single, find_single, name_singles

Layout: TypeAlias = Literal["auto", "digit", "number", "page"]
"""What the picture shows: one digit, one line of them, or numbers anywhere. "auto" finds out."""

LAYOUTS: tuple[Layout, ...] = ("auto", "digit", "number", "page")


MANY = 6
"""What shows so many groups of ink may be a page that lies otherwise, also where nobody said that it is a page."""

ALIKE = 1 / 3
"""Without being told so, a picture is taken for a number if both networks read this share of its digits alike."""

TOGETHER, TOGETHER_PX = 64, 2**22
"""Of many pictures, so many are looked at before their single digits are classified together; fewer large ones."""


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
        """Read each source in turn, of many pages the first; see `read`.

        Single digits of many small pictures share a call of the network; so a few sources are looked at ahead.
        """
        waiting: list[Stages | Single] = []
        n_pixels = 0
        for source in sources:
            try:
                image = self._open(source, layout)
                waiting.append(self._look(image, layout))
            except InkdigitsError:
                yield from (stages.reading for stages in self._settle(waiting))  # what came before it is not lost
                raise
            n_pixels += image.width * image.height
            if len(waiting) == TOGETHER or n_pixels >= TOGETHER_PX:
                yield from (stages.reading for stages in self._settle(waiting))
                waiting, n_pixels = [], 0
        yield from (stages.reading for stages in self._settle(waiting))

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
        return self._settle([self._look(self._open(source, layout), layout)])[0]

    def _open(self, source: Source | Image, layout: Layout) -> Image:
        """Open the first page of a source, and what reading it in a layout needs."""
        if layout not in LAYOUTS:
            raise UsageError(f"There is no layout {layout!r}. There are: {', '.join(LAYOUTS)}.")
        self.check(layout)
        if isinstance(source, Image):
            return source
        with self.open_pages(source) as pages:
            return pages.load(1)

    def _look(self, image: Image, layout: Layout) -> Stages | Single:
        """Read lines; of a single digit, take the steps up to the network."""
        match layout:
            case "digit":
                return find_single(image)
            case "number":
                return self._read_number(image)
            case "page":
                return self._read_page(image)
            case "auto":
                return self._look_for_anything(image)

    def _settle(self, waiting: Sequence[Stages | Single]) -> list[Stages]:
        """Name the single digits among several pictures, all at once."""
        singles = [each for each in waiting if isinstance(each, Single)]
        named = iter(name_singles(singles, self._classifier, self._thresholds))
        return [self._decide(each, next(named)) if isinstance(each, Single) else each for each in waiting]

    def _decide(self, single: Single, digits: tuple[Digit, ...]) -> Stages:
        """Make the reading of a picture whose digit was named; of one that shows none, or more, what else it may be."""
        if single.otherwise is not None and any(digit.label is None for digit in digits):
            return single.otherwise
        if single.number is not None and leaves_out(digits, single.number.digits):
            return single.number
        reading = self._to_reading(single.image, (to_line(digits),) if digits else (), self._classifier)
        return Stages(single.image, single.ink, single.glyphs, lambda: single.patches, digits, reading)

    def check(self, layout: Layout) -> None:
        """Open the networks that a layout needs, before anything is read.

        Raises:
            ModelError: one of them cannot be used.
            UsageError: an `accept_error` that it cannot promise.
        """
        if layout in ("number", "page"):
            _ = self._line_thresholds

    def _look_for_anything(self, image: Image) -> Stages | Single:
        """Find out what a picture shows: several numbers, one, or a single digit; in doubt the less."""
        expected = self._settings.expect_digits
        if expected is not None:
            return self._read_number(image) if expected > 1 else find_single(image)
        if shows_one_piece(image) or not self._can_promise_lines():
            return find_single(image)
        page = self._read_page(image, at_least=MANY)
        n_numbers = sum(map(is_number, page.reading.lines))
        if n_numbers > 1 and not stand_evenly(page.reading.lines):
            return page
        is_drawn = is_flat(image)
        number = self._read_number(image, complete_from=0 if is_drawn else 2)
        if any(map(is_number, number.reading.lines)) and self._agrees(number):
            return number
        return find_single(image, page if n_numbers else None, number if is_drawn else None)

    def _agrees(self, number: Stages) -> bool:
        """Whether the network for single digits reads enough of a number alike; of a drawing it does not."""
        labels = self.classify(number.patches).argmax(1).tolist()
        n_alike = sum(digit.label == label for digit, label in zip(number.digits, labels, strict=True))
        return bool(n_alike >= ALIKE * len(labels))

    def _can_promise_lines(self) -> bool:
        """Whether the network for lines can promise the `accept_error` that is asked for, if any."""
        try:
            _ = self._line_thresholds
        except UsageError:
            return False
        return True

    def _read_number(self, image: Image, complete_from: int = 0) -> Stages:
        found = find_line_ink(image)
        read = self._read_lines([found], complete_from=complete_from)
        return self._to_stages(image, read.inks[0] if read.inks else found.ink, read)

    def _read_page(self, image: Image, at_least: int = 1) -> Stages:
        """Read a page as it lies; where too little is sure of so many groups of ink, on its head and its sides too."""
        tried = []
        for found, to_page, is_likely in find_ways_up(image):
            tried.append(self._read_lines(found, to_page=to_page, only_numbers=True))
            if len(found) < at_least or (is_likely and is_sure(tried[-1].lines)):
                break
        best = choose_turned(tried)
        return self._to_stages(image, np.zeros(image.grey.shape, dtype=np.float32), best)

    def _read_lines(self, found: Sequence[LineInk], **how: Any) -> Lines:
        networks = Networks(self._recogniser, self._line_thresholds, self._classifier, self._thresholds)
        return read_lines(found, networks, n_digits=self._settings.expect_digits, **how)

    def _to_stages(self, image: Image, ink: Ink, read: Lines) -> Stages:
        """Return how a picture was read as lines, with a patch of each digit for people who want to look."""
        make_patches = partial(to_patches, [glyph.ink for glyph in read.glyphs])
        digits = tuple(digit for line in read.lines for digit in line.digits)
        reading = self._to_reading(image, read.lines, self._recogniser)
        return Stages(image, ink, read.glyphs, make_patches, digits, reading)

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
