"""Whatever shows digits -> images, or an error that says what to do about it.

sources.py  a path, bytes, a PIL image or an array; one page or many. Start here
pillow.py   picture files
tiff.py     where the frames of a TIFF lie
pdf.py      pages of PDF files
"""

from inkdigits.images.sources import Pages, Source, load_image, open_pages
from inkdigits.rasters import MAX_MEGAPIXELS

__all__ = ["MAX_MEGAPIXELS", "Pages", "Source", "load_image", "open_pages"]
