"""Pictures of upright bars, which the toy network reads by their width, and how a server is asked to read them."""

import io
from typing import Any

import numpy as np
import PIL.Image

BASE = "http://localhost"
"""Where the tests find their server."""


def bar(width_px: int, form: str = "PNG", *more: int) -> bytes:
    """Return a picture of an upright bar, which the toy network reads by its width: 4 is 1, 8 is 3, 32 no digit.

    `more` are the bars of further pages.
    """
    pages = []
    for each in (width_px, *more):
        pixels = np.full((64, 64), 255, dtype=np.uint8)
        pixels[16:48, 20 : 20 + each] = 0
        pages.append(PIL.Image.fromarray(pixels))
    file = io.BytesIO()
    pages[0].save(file, form, **({"save_all": True, "append_images": pages[1:]} if more else {}))
    return file.getvalue()


ONE, THREE, BLOCK, BLANK = bar(4), bar(8), bar(32), bar(0)
BROKEN = ONE[:-20]


def read(client: Any, picture: bytes = ONE, name: str = "one.png", **query: object) -> Any:
    """Ask what a picture shows."""
    return client.post("/api/v1/read", params={"layout": "digit", **query}, files={"file": (name, picture)})
