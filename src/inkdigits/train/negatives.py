"""Glyphs that are not digits, made here, so that a network learns to say so.

Most are letters and signs: from skeletons of our own (`letters`), from handwriting fonts (`letters.npz`, which
`benchmarks/letters.py` rendered) and from the stroke fonts that come with OpenCV. The rest are words, scribbles, things
(`things`), bars and dots, textures, the noise of tiny pictures, and what becomes of real digits: two in one box, parts,
crossed out, turned or mirrored. What a person could take for a digit is left out: an O is a 0.

Pens are as wide as those of the digits: where only letters were thin, a thin pen would be a reason to refuse.
"""

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from inkdigits.records import PATCH_PX, Ink
from inkdigits.segment import find_glyph
from inkdigits.train.letters import choose_names, draw_letters
from inkdigits.train.things import draw_thing

_FIELD_PX = 64
"""Side of the field on which a sign is drawn before the normaliser fits it into a patch."""

SIGNS = "ABCEFHKLMNPRTUVWXYacdefhkmnprtuvwxy?&%#@$+=*<>{}~^"
"""Letters and signs that no hand makes like a digit when drawn as the stroke fonts have them: not b D G g I i J j l
O o Q q S s Z z ! | / ( ) [ ]."""

FONT_TWINS = "gq"
"""Letters of handwriting fonts that are a 9 as often as not."""

_FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)

_MIRRORED = (3, 4, 6, 7, 9)
"""Digits that are none any more when mirrored: a mirrored 2 is an S, which is a 5, and a mirrored 5 is a 2."""


NOT_A_DIGIT = -1
"""The label of a patch that shows no digit."""


class Digits(NamedTuple):
    """Patches with their labels."""

    patches: npt.NDArray[np.uint8]
    """(N, 28, 28) uint8, ink bright."""
    labels: npt.NDArray[np.int64]
    """(N,) 0-9, or `NOT_A_DIGIT`."""


Kind: TypeAlias = Callable[[np.random.Generator, Digits], Ink]
"""Makes one ink; some need digits to make it of."""


def make_negatives(n: int, digits: Digits, seed: int) -> list[Ink]:
    """Return `n` inks that are not digits, the same for the same arguments.

    Args:
        n: how many.
        digits: at least one, all of them digits; those of the composed kinds.
        seed: of all random choices.
    """
    rng = np.random.default_rng(seed)
    inks: list[Ink] = []
    while len(inks) < n:
        kind = _KINDS[len(inks) % len(_KINDS)]
        ink = kind(rng, digits)
        if ink.max() > 0.3 or kind is _texture:
            inks.append(ink)
    return inks


def _blank() -> npt.NDArray[np.uint8]:
    return np.zeros((_FIELD_PX, _FIELD_PX), dtype=np.uint8)


def _to_ink(field: npt.NDArray[np.uint8]) -> Ink:
    return field.astype(np.float32) / np.float32(255)


def _letter(rng: np.random.Generator, _digits: Digits) -> Ink:
    return _to_ink(draw_letters(rng, choose_names(rng, 1)))


def _font_letter(rng: np.random.Generator, _digits: Digits) -> Ink:
    """A letter of a handwriting font, with its own pen or a wider one."""
    letters = font_letters()
    field = np.pad(letters[rng.integers(len(letters))], 6)
    width = int(rng.integers(0, 3))
    field = cv2.dilate(field, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width + 1, 2 * width + 1)))
    return _to_ink(_shake(rng, np.asarray(field, dtype=np.uint8)))


@cache
def font_letters(left_out: str = "") -> npt.NDArray[np.uint8]:
    """Return letters and signs of handwriting fonts: (N, 40, 40) uint8, ink bright; without `FONT_TWINS` and these."""
    with (files("inkdigits.train") / "letters.npz").open("rb") as file, np.load(file) as letters:
        return np.asarray(letters["x"][~np.isin(letters["kind"], list(FONT_TWINS + left_out))])


def _text(rng: np.random.Generator, text: str) -> Ink:
    font = _FONTS[rng.integers(len(_FONTS))]
    pen = int(rng.integers(2, 6))
    (width, height), baseline = cv2.getTextSize(text, font, 1.4, pen)
    field = np.zeros((height + baseline + 8, width + 8), dtype=np.uint8)
    cv2.putText(field, text, (4, height + 4), font, 1.4, 255, pen, cv2.LINE_AA)
    return _to_ink(_shake(rng, field))


def _shake(rng: np.random.Generator, field: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Slant, stretch and bend a drawing, so that it looks less like a font."""
    height, width = field.shape
    slant, stretch = rng.uniform(-0.4, 0.4), rng.uniform(0.7, 1.3)
    y, x = np.mgrid[0:height, 0 : round(width * stretch) + height].astype(np.float32)
    wave = [rng.uniform(-2, 2) * np.sin(axis / rng.uniform(6, 14) + rng.uniform(0, 6)) for axis in (y, x)]
    source_x = (x - height / 2) / stretch + slant * (y - height / 2) + wave[0]
    source_y = y + wave[1]
    shaken = cv2.remap(field, source_x.astype(np.float32), source_y.astype(np.float32), cv2.INTER_LINEAR)
    return np.asarray(shaken, dtype=np.uint8)


def _sign(rng: np.random.Generator, _digits: Digits) -> Ink:
    return _text(rng, SIGNS[rng.integers(len(SIGNS))])


def _word(rng: np.random.Generator, _digits: Digits) -> Ink:
    return _to_ink(draw_letters(rng, choose_names(rng, int(rng.integers(2, 5)))))


def _scribble(rng: np.random.Generator, _digits: Digits) -> Ink:
    """A pen that wanders: a smooth closed or open walk through many random points."""
    points = rng.uniform(8, _FIELD_PX - 8, (rng.integers(6, 16), 2))
    at = np.linspace(0, len(points) - 1, 160)
    path = np.stack([np.interp(at, np.arange(len(points)), points[:, axis]) for axis in (0, 1)], 1)
    window = np.ones(9) / 9
    path = np.stack([np.convolve(path[:, axis], window, "valid") for axis in (0, 1)], 1)
    field = _blank()
    cv2.polylines(field, [np.round(path).astype(np.int32)], False, 255, int(rng.integers(2, 7)), cv2.LINE_AA)
    return _to_ink(field)


def _thing(rng: np.random.Generator, _digits: Digits) -> Ink:
    return _to_ink(draw_thing(rng))


def _coarse(rng: np.random.Generator, _digits: Digits) -> Ink:
    """What is found in the noise of a tiny picture: a few large pixels that hang together."""
    field = rng.normal(size=rng.integers(5, 15, 2)).astype(np.float32)
    if rng.random() < 0.3:
        field = np.asarray(cv2.GaussianBlur(field, (0, 0), rng.uniform(0.4, 0.8)), dtype=np.float32)
    ink = np.clip((field / field.std() - rng.uniform(0, 1)) * rng.uniform(0.4, 3), 0, 1).astype(np.float32)
    ink = max((glyph.ink for glyph in find_glyph(ink)), key=np.size, default=ink)
    return ink if min(ink.shape) > 3 else np.zeros_like(ink)  # a thin one is a 1


def _bars(rng: np.random.Generator, _digits: Digits) -> Ink:
    """What forms leave behind: crosses, corners, grids of bars, dots; never one upright bar, which is a 1."""
    field, pen = _blank(), int(rng.integers(1, 7))
    match rng.integers(4):
        case 0:
            y = int(rng.integers(20, 44))
            cv2.line(field, (4, y), (60, y + int(rng.integers(-6, 7))), 255, pen, cv2.LINE_AA)
        case 1:
            for _ in range(rng.integers(2, 9)):
                cv2.circle(field, tuple(rng.integers(4, 60, 2).tolist()), pen, 255, -1, cv2.LINE_AA)
        case 2:
            x, y = rng.integers(10, 54, 2).tolist()
            cv2.line(field, (x, 2), (x, 62), 255, pen, cv2.LINE_AA)
            cv2.line(field, (2, y), (62, y), 255, pen, cv2.LINE_AA)
        case _:
            size = rng.integers(12, 26, 2)
            cv2.rectangle(field, tuple((32 - size).tolist()), tuple((32 + size).tolist()), 255, pen, cv2.LINE_AA)
            x = int(rng.integers(24, 40))
            cv2.line(field, (x, 4), (x, 60), 255, pen, cv2.LINE_AA)
    return _to_ink(field)


def _texture(rng: np.random.Generator, _digits: Digits) -> Ink:
    """Grain, a blot, hatching, squared paper or salt, on a field of any shape; now and then, nothing at all."""
    if rng.random() < 0.1:
        return np.zeros((PATCH_PX, PATCH_PX), dtype=np.float32)
    height, width = rng.integers(24, _FIELD_PX, 2).tolist()
    y, x = np.mgrid[0:height, 0:width]
    level: npt.NDArray[np.floating]
    match rng.integers(5):
        case 0:
            level = 0.5 + _grain(rng, (height, width), float(rng.uniform(0.3, 3))) / 2
        case 1:
            far = np.hypot(y - height / 2, x - width / 2) / min(height, width)
            level = 8 * (0.35 - far) + 0.8 * _grain(rng, (height, width), min(height, width) / 10)
        case 2:
            level = 4 * (np.sin((x + rng.uniform(-1, 1) * y) / rng.uniform(1, 2.5)) - rng.uniform(-0.2, 0.8))
        case 3:
            level = (rng.random((PATCH_PX, PATCH_PX)) < rng.uniform(0.02, 0.5)).astype(np.float64)
        case _:
            lines = np.maximum(*(np.sin(axis / rng.uniform(1.2, 2.5)) for axis in (x, y)))
            level = 4 * (lines - rng.uniform(-0.2, 0.8))
    return np.asarray(np.clip(level, 0, 1), dtype=np.float32)


def _grain(rng: np.random.Generator, shape: tuple[int, int], size_px: float) -> npt.NDArray[np.floating]:
    """Noise of mean 0 and standard deviation 1, smooth over `size_px`."""
    grain = cv2.GaussianBlur(rng.normal(size=shape), (0, 0), size_px)
    return np.asarray(grain / grain.std())


def _pick(rng: np.random.Generator, digits: Digits) -> npt.NDArray[np.uint8]:
    """One digit, cut to its ink."""
    return _cut(digits.patches[rng.integers(len(digits.patches))])


def _cut(digit: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    rows, cols = np.flatnonzero(digit.any(1)), np.flatnonzero(digit.any(0))
    if rows.size == 0:
        return digit
    return digit[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]


def _pair(rng: np.random.Generator, digits: Digits) -> Ink:
    """Two digits side by side, apart or touching."""
    left, right = _pick(rng, digits), _pick(rng, digits)
    gap, drop = int(rng.integers(-3, 5)), int(rng.integers(0, 5))
    height = max(left.shape[0], right.shape[0] + drop)
    width = max(left.shape[1] + right.shape[1] + gap, left.shape[1], right.shape[1])
    field = np.zeros((height, width), dtype=np.uint8)
    field[: left.shape[0], : left.shape[1]] = left
    window = field[drop : drop + right.shape[0], width - right.shape[1] :]
    np.maximum(window, right, out=window)
    return _to_ink(field)


def _part(rng: np.random.Generator, digits: Digits) -> Ink:
    """A digit cut in two by an upright line, with a piece of its neighbour: how a wrong cut looks."""
    left, right = _pick(rng, digits), _pick(rng, digits)
    left = left[:, left.shape[1] // 2 :]
    right = right[:, : max(1, right.shape[1] // 2)]
    height = max(left.shape[0], right.shape[0])
    field = np.zeros((height, left.shape[1] + right.shape[1] + 1), dtype=np.uint8)
    field[: left.shape[0], : left.shape[1]] = left
    field[height - right.shape[0] :, left.shape[1] + 1 :] = right
    return _to_ink(field)


def _crossed_out(rng: np.random.Generator, digits: Digits) -> Ink:
    """A digit struck through at least twice, or scrubbed over."""
    digit = _pick(rng, digits)
    field = np.pad(digit, 3)
    height, width = field.shape
    for _ in range(rng.integers(2, 6)):
        start = (int(rng.integers(0, 4)), int(rng.integers(0, height)))
        end = (width - 1 - int(rng.integers(0, 4)), int(rng.integers(0, height)))
        cv2.line(field, start, end, 255, int(rng.integers(1, 3)), cv2.LINE_AA)
    return _to_ink(field)


def _turned(rng: np.random.Generator, digits: Digits) -> Ink:
    """A digit lying on its side, or its mirror image where that is no digit: real strokes, of no digit's shape."""
    at = rng.integers(len(digits.patches))
    if digits.labels[at] in (0, 1):  # a 0 stays one, and a 1 becomes the dash that `_bars` draws
        return _pair(rng, digits)
    digit = _cut(digits.patches[at])
    if digits.labels[at] in _MIRRORED and rng.random() < 0.5:
        return _to_ink(np.ascontiguousarray(digit[:, ::-1]))
    return _to_ink(np.ascontiguousarray(np.rot90(digit, 1 + 2 * int(rng.integers(2)))))


_KINDS: tuple[Kind, ...] = (
    *(_letter,) * 11,
    *(_font_letter,) * 4,
    _sign,
    *(_word,) * 2,
    *(_turned,) * 2,
    *(_scribble,) * 2,
    *(_thing,) * 2,
    _bars,
    _texture,
    _coarse,
    *(_pair,) * 2,
    _part,
    _crossed_out,
)
"""The kinds in turn, as often as they come."""
