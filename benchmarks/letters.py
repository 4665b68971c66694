"""Render letters of free handwriting fonts into two small archives: one to train on, one only to measure with.

    python -m benchmarks.letters FONTS

FONTS is a folder that holds the unpacked Debian packages named below (`apt-get download`, `dpkg-deb -x`). The two
archives hold `x` (N, 40, 40) uint8, ink bright, each glyph fitted into its field, `kind` (N,) the letter or sign, and
`source` (N,) the font it came from. No font is in both.
"""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

SIDE_PX = 40
"""Side of a glyph's field."""

LETTERS = "ABCDEFGHJKLMNPQRTUVWXYabcdefghkmnpqrtuvwxy?&%#@$+=*<>{}^~"
"""What is rendered to train on, where a font has it."""

LOOK_ALIKES = "OoIijl|!ZzSs"
"""What a hand makes like a digit: only to measure with."""

TRAIN_FONTS = (
    "BecauseWeBuild-Regular.otf",
    "BecauseWeLearn-Regular.otf",
    "BecauseWeOrganize-Regular.otf",
    "BecauseWeMentor-Regular.otf",
    "BecauseWeConnect-Regular.otf",
    "BecauseWeCreate-Regular.otf",
    "Humor-Sans.ttf",
    "Kristi.ttf",
    "DancingScript-Regular.otf",
    "KleeOne-Regular.ttf",
    "ComicNeue-LightItalic.otf",
    "LeckerliOne-Regular.ttf",
)
"""Of fonts-bwht, -humor-sans, -kristi, -dancingscript, -klee, -comic-neue, -leckerli-one; all under the OFL 1.1."""

UNSEEN_FONTS = ("Breip.ttf", "YuseiMagic-Regular.ttf", "KaushanScript-Regular.otf")
"""Of fonts-breip (OFL 1.0), -yusei-magic and -kaushanscript (OFL 1.1)."""

ARCHIVES = (
    (Path("src/inkdigits/train/letters.npz"), TRAIN_FONTS, LETTERS),
    (Path("src/inkdigits/strangers/letters.npz"), UNSEEN_FONTS, LETTERS + LOOK_ALIKES),
)
"""Where each goes, and what it holds."""


def main(folder: Path) -> None:
    """Write both archives."""
    for place, fonts, letters in ARCHIVES:
        rows = [(render(find_font(folder, font), letter), letter, font) for font in fonts for letter in letters]
        images, kinds, sources = zip(*(row for row in rows if row[0].any()), strict=True)
        np.savez_compressed(place, x=np.stack(images), kind=np.array(kinds), source=np.array(sources))
        print(f"{place}: {len(images)} glyphs, {place.stat().st_size} bytes")


def find_font(folder: Path, name: str) -> Path:
    """Return the path of a font file anywhere below `folder`."""
    return next(folder.rglob(name))


def render(font: Path, letter: str) -> npt.NDArray[np.uint8]:
    """Draw a letter as large as its field allows: (40, 40) uint8, ink bright; blank where the font lacks it."""
    face = ImageFont.truetype(str(font), 160)
    canvas = Image.new("L", (640, 480))
    ImageDraw.Draw(canvas).text((200, 120), letter, fill=255, font=face)
    box = canvas.getbbox()
    field = np.zeros((SIDE_PX, SIDE_PX), dtype=np.uint8)
    if box is None or _is_missing(face, letter):
        return field
    glyph = canvas.crop(box)
    scale = SIDE_PX / max(glyph.size)
    width, height = (max(1, round(side * scale)) for side in glyph.size)
    top, left = (SIDE_PX - height) // 2, (SIDE_PX - width) // 2
    field[top : top + height, left : left + width] = np.asarray(glyph.resize((width, height), Image.Resampling.BOX))
    return field


def _is_missing(face: ImageFont.FreeTypeFont, letter: str) -> bool:
    """Whether the font draws its empty box in place of the letter."""
    return bytes(face.getmask(letter)) == bytes(face.getmask("\U0010ffff"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
