"""Takes the figures that the guide of the page shows from the model card: `python -m benchmarks.figures`."""

import json
import re
from pathlib import Path

from inkdigits.web.files import PAGE

CARD = Path(__file__).parents[1] / "docs" / "model-card.md"

MEASURED = PAGE / "measured.json"

ROWS = {
    "mnist": "MNIST test, ",
    "pads": "drawn on pads, ",
    "paper": "photographed on paper, ",
    "apart": "2 to 10 digits apart, ",
    "touching": "the same, half of the neighbours touching, ",
    "cheques": "amounts on real bank cheques",
    "pages": "up to 12 numbers among words, ",
}
"""How the rows of the card's tables begin; what is right of that stands in the second column."""


def find_figures(card: str) -> dict[str, float]:
    """Return the share that is read right in each row."""
    found = {name: re.search(rf"^\| {re.escape(row)}[^|]*\| (\d+\.\d+) %", card, re.M) for name, row in ROWS.items()}
    return {name: round(float(row[1]) / 100, 6) for name, row in found.items() if row}


if __name__ == "__main__":
    MEASURED.write_text(json.dumps(find_figures(CARD.read_text("utf-8")), indent=1) + "\n", "utf-8")
