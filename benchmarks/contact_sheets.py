"""Many small pictures on one, to look at."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from inkdigits.train.pictures.shapes import Bytes

CELL_PX = 160
CAPTION_PX = 14
N_COLUMNS = 10
SHEET_CELLS = 100
_GROUND = (96, 120, 104)
"""Neither black nor white, so that clear, white and black pads all show their edges."""


def to_thumbnail(image: Bytes) -> Image.Image:
    """Reduce a picture, (H, W), (H, W, 3) or (H, W, 4) uint8, to an RGB one that fits a cell."""
    small = Image.fromarray(image).convert("RGBA")
    small.thumbnail((CELL_PX - 4, CELL_PX - 4))
    ground = Image.new("RGBA", small.size, (*_GROUND, 255))
    return Image.alpha_composite(ground, small).convert("RGB")


class Album:
    """Contact sheets that fill up while pictures go by."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sheets: dict[str, list[tuple[Image.Image, str]]] = defaultdict(list)

    def add(self, sheet: str, image: Bytes, caption: str) -> None:
        """Put a picture on a sheet, unless the sheet is full."""
        if len(self._sheets[sheet]) < SHEET_CELLS:
            self._sheets[sheet].append((to_thumbnail(image), caption))

    def save(self) -> None:
        """Write each sheet as NAME.png."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, cells in self._sheets.items():
            _to_sheet(cells).save(self._folder / f"{name}.png")


def _to_sheet(cells: Sequence[tuple[Image.Image, str]]) -> Image.Image:
    """Lay out thumbnails in rows, each over its caption."""
    n_rows = -(-len(cells) // N_COLUMNS)
    sheet = Image.new("RGB", (N_COLUMNS * CELL_PX, n_rows * (CELL_PX + CAPTION_PX)), _GROUND)
    pen = ImageDraw.Draw(sheet)
    for number, (thumbnail, caption) in enumerate(cells):
        left, top = number % N_COLUMNS * CELL_PX, number // N_COLUMNS * (CELL_PX + CAPTION_PX)
        sheet.paste(thumbnail, (left + 2, top + 2))
        pen.text((left + 4, top + CELL_PX - 1), caption, fill="white")
    return sheet
