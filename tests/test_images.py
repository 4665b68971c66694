"""Any source becomes an image, or an error of ours that names it."""

import io
import random
import struct
import subprocess
import sys
import threading
import time
import warnings
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import PIL.Image
import PIL.ImageOps
import pytest

from inkdigits import rasters
from inkdigits.errors import (
    CorruptSourceError,
    InkdigitsError,
    SourceError,
    SourceNotFoundError,
    SourceTooLargeError,
    UnsupportedFormatError,
    UsageError,
)
from inkdigits.images import load_image
from inkdigits.images import pillow as images
from inkdigits.records import Image

Array = npt.NDArray[Any]

ORIENTATION = 0x0112


def paper_with_pen(pen: tuple[int, int, int] = (30, 40, 160)) -> Array:
    """A "7" that no turn or mirror leaves alone: (48, 64, 3) uint8, a blue pen on white."""
    pixels = np.full((48, 64, 3), 255, np.uint8)
    pixels[8:14, 12:44] = pen
    pixels[14:42, 36:42] = pen
    return pixels


def encode(picture: Array | PIL.Image.Image, form: str, **options: Any) -> bytes:
    """Write a picture file in memory."""
    file = io.BytesIO()
    (picture if isinstance(picture, PIL.Image.Image) else PIL.Image.fromarray(picture)).save(file, form, **options)
    return file.getvalue()


def exif(turn: int) -> PIL.Image.Exif:
    """Make EXIF data that holds an orientation."""
    data = PIL.Image.Exif()
    data[ORIENTATION] = turn
    return data


def load_or_error(data: bytes) -> Image | InkdigitsError:
    """Read damaged bytes: an image and an error of ours are both right, another exception is not."""
    try:
        return load_image(data)
    except InkdigitsError as error:
        return error


PEN = paper_with_pen()
RGB = PIL.Image.fromarray(PEN)
GREY = RGB.convert("L")
PALETTE = RGB.quantize(8)
CLEAR = PIL.Image.fromarray(np.dstack([PEN, np.where(PEN[..., 0] == 255, 0, 255).astype(np.uint8)]))
HIDDEN = RGB.point(lambda level: 1 if level == 255 else level)  # paper of a colour that transparency hides
HIDDEN_PALETTE = HIDDEN.quantize(2)
HIDDEN_INDEX = HIDDEN_PALETTE.getpixel((0, 0))
SECOND = PIL.Image.fromarray(PEN[::-1])

LOSSLESS = {
    "png": encode(RGB, "PNG"),
    "png, palette": encode(PALETTE, "PNG"),
    "png, transparent": encode(CLEAR, "PNG"),
    "png, transparent colour": encode(HIDDEN, "PNG", transparency=(1, 1, 1)),
    "png, transparent index": encode(HIDDEN_PALETTE, "PNG", transparency=HIDDEN_INDEX),
    "gif, transparent index": encode(HIDDEN_PALETTE, "GIF", transparency=HIDDEN_INDEX),
    "png, turned": encode(RGB.transpose(PIL.Image.Transpose.ROTATE_90), "PNG", exif=exif(6)),
    "apng": encode(RGB, "PNG", save_all=True, append_images=[SECOND]),
    "webp, lossless": encode(RGB, "WEBP", lossless=True),
    "webp, animated": encode(RGB, "WEBP", lossless=True, save_all=True, append_images=[SECOND]),
    "bmp": encode(RGB, "BMP"),
    "bmp, palette": encode(PALETTE, "BMP"),
    "bmp, 32 bit": encode(RGB.convert("RGBA"), "BMP"),
    "gif": encode(PALETTE, "GIF"),
    "gif, animated": encode(PALETTE, "GIF", save_all=True, append_images=[SECOND]),
    "tiff": encode(RGB, "TIFF"),
    "tiff, pages": encode(RGB, "TIFF", save_all=True, append_images=[SECOND]),
    "tiff, turned": encode(RGB.transpose(PIL.Image.Transpose.ROTATE_90), "TIFF", exif=exif(6)),
    **{
        f"tiff, {way}": encode(RGB, "TIFF", compression=way)
        for way in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "zstd")
    },
}
LOSSY = {
    "jpeg": encode(RGB, "JPEG", quality=95),
    "jpeg, progressive": encode(RGB, "JPEG", quality=95, progressive=True),
    "jpeg, cmyk": encode(RGB.convert("CMYK"), "JPEG", quality=95),
    "jpeg, turned": encode(RGB.transpose(PIL.Image.Transpose.ROTATE_90), "JPEG", quality=95, exif=exif(6)),
    "webp": encode(RGB, "WEBP", quality=95),
    "webp, transparent": encode(CLEAR, "WEBP", quality=95),
    "tiff, jpeg": encode(RGB, "TIFF", compression="jpeg"),
}
GREYS = {
    "png, grey": encode(GREY, "PNG"),
    "png, grey with alpha": encode(GREY.convert("LA"), "PNG"),
    "png, one bit": encode(GREY.convert("1", dither=PIL.Image.Dither.NONE), "PNG"),
    "png, 16 bit": encode(np.asarray(GREY).astype(np.uint16) * 257, "PNG"),
    "png, 12 of 16 bit": encode(np.asarray(GREY).astype(np.uint16) * 16 + 15, "PNG"),
    "jpeg, grey": encode(GREY, "JPEG", quality=95),
    "gif, grey": encode(GREY, "GIF"),
    "bmp, one bit": encode(GREY.convert("1", dither=PIL.Image.Dither.NONE), "BMP"),
    "tiff, group4": encode(GREY.convert("1", dither=PIL.Image.Dither.NONE), "TIFF", compression="group4"),
    "tiff, 16 bit": encode(np.asarray(GREY).astype(np.uint16) * 257, "TIFF"),
    "tiff, 32 bit": encode(np.asarray(GREY).astype(np.int32), "TIFF"),
    "tiff, float": encode(np.asarray(GREY).astype(np.float32) / 255, "TIFF"),
    "tiff, float to 255": encode(np.asarray(GREY).astype(np.float32), "TIFF"),
    "tiff, float beyond": encode(np.asarray(GREY).astype(np.float32) * 10, "TIFF"),
}
ALL = LOSSLESS | LOSSY | GREYS


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> int:
    """Reduce above 1,000 pixels, so that the fixtures are reduced by 2: they have 3,072."""
    monkeypatch.setattr(rasters, "WHOLE_MEGAPIXELS", 0.001)
    return 2


# Formats and modes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", LOSSLESS)
def test_lossless_formats_give_the_very_pixels(form: str) -> None:
    """Every lossless format shows the same colours, turned upright and on white paper; of several frames, the first."""
    image = load_image(LOSSLESS[form])
    assert np.array_equal(image.colour, PEN)
    assert (image.width, image.height, image.source, image.page) == (64, 48, "<bytes>", 1)


@pytest.mark.parametrize("form", LOSSY)
def test_lossy_formats_show_the_same_picture(form: str) -> None:
    """A JPEG or WebP differs a little at edges, and not at all in where the pen is."""
    image = load_image(LOSSY[form])
    assert np.abs(image.colour.astype(int) - PEN).mean() < 6
    assert np.array_equal(image.grey < 150, PEN[..., 0] < 150)


@pytest.mark.parametrize("form", GREYS)
def test_grey_formats_fill_the_range_and_take_no_colour_memory(form: str) -> None:
    """1, 8, 12, 16 and 32 bits, integer or floating, come as 0-255 with colour as a view."""
    image = load_image(GREYS[form])
    paper, ink = image.grey[PEN[..., 0] == 255], image.grey[PEN[..., 0] != 255]
    assert paper.mean() > 250
    assert ink.mean() < 80
    assert np.shares_memory(image.grey, image.colour)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "TIFF"])
@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("whole", [12.0, 0.001], ids=["whole", "reduced"])
def test_every_exif_turn_is_undone(form: str, turn: int, whole: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """All eight orientations come out as Pillow's own exif_transpose shows them, reduced or not."""
    monkeypatch.setattr(rasters, "WHOLE_MEGAPIXELS", whole)
    image = load_image(encode(RGB, form, exif=exif(turn), **({"quality": 95} if form in ("JPEG", "WEBP") else {})))
    upright = PIL.ImageOps.exif_transpose(load_turned(turn))
    assert (image.width, image.height) == upright.size
    factor = upright.width // image.grey.shape[1]
    assert factor == (1 if whole == 12 else 2)
    assert np.abs(image.grey - np.asarray(upright.convert("L").reduce(factor)).astype(int)).mean() < 6


def load_turned(turn: int) -> PIL.Image.Image:
    """The fixture as Pillow opens it from a PNG with that orientation."""
    return PIL.Image.open(io.BytesIO(encode(RGB, "PNG", exif=exif(turn))))


def test_exif_behind_the_pixels_of_a_png_counts() -> None:
    """A PNG may say at its end how it is turned."""
    data = encode(RGB, "PNG", exif=exif(3))
    start = data.index(b"eXIf") - 4
    end = start + 12 + struct.unpack(">I", data[start : start + 4])[0]
    moved = data[:start] + data[end:-12] + data[start:end] + data[-12:]
    assert np.array_equal(load_image(moved).colour, PEN[::-1, ::-1])


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_damaged_exif_leaves_the_picture_readable(form: str) -> None:
    """Metadata of garbage neither warns nor fails."""
    rng = random.Random(1)
    clean = exif(1).tobytes()
    for _ in range(60):
        dirty = bytearray(clean)
        for _ in range(rng.choice((1, 4))):
            dirty[rng.randrange(6, len(dirty))] = rng.choice((0, 255, rng.randrange(256)))
        assert load_image(encode(RGB, form, exif=bytes(dirty))).width in (64, 48)


def test_white_ink_of_a_cmyk_jpeg_is_white() -> None:
    """Adobe writes CMYK inverted; paper comes out white and the pen dark."""
    image = load_image(LOSSY["jpeg, cmyk"])
    assert image.grey[0, 0] > 250
    assert image.grey[10, 20] < 80


def test_sixteen_bit_colour_keeps_its_colours() -> None:
    """A 16-bit RGB PNG, which Pillow cannot write, reads like its 8-bit twin."""
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in PEN.astype(np.uint16) * 257)
    assert np.array_equal(load_image(png(64, 48, rows, depth=16)).colour, PEN)


def png(width: int, height: int, rows: bytes, depth: int = 8, extra: bytes = b"") -> bytes:
    """Write an RGB PNG by hand; `rows` are filtered, not yet compressed."""
    header = struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def chunk(kind: bytes, data: bytes) -> bytes:
    """Write one PNG chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


# Sources ----------------------------------------------------------------------------------------------------


def test_every_kind_of_source_gives_the_same_image(tmp_path: Path) -> None:
    """Path, string, bytes, PIL image and array differ in their name only."""
    path = tmp_path / "seven.png"
    path.write_bytes(LOSSLESS["png"])
    sources: dict[str, Any] = {str(path): path, "<bytes>": LOSSLESS["png"], "<image>": RGB, "<array>": PEN}
    for name, source in sources.items():
        image = load_image(source)
        assert image.source == name
        assert np.array_equal(image.colour, PEN)
    assert load_image(str(path)).source == str(path)
    assert load_image(bytearray(LOSSLESS["png"])).source == "<bytes>"  # type: ignore[arg-type]


def test_what_a_name_says_of_the_format_does_not_matter(tmp_path: Path) -> None:
    """A PNG called .jpg is a PNG."""
    path = tmp_path / "lies.jpg"
    path.write_bytes(LOSSLESS["png"])
    assert np.array_equal(load_image(path).colour, PEN)


MODES = ("1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F", "LA", "PA", "La", "RGBX", "RGBa", "I;16")


@pytest.mark.parametrize("mode", [*MODES, "I;16B", "LAB"])
def test_pil_images_of_every_mode_are_read_and_left_alone(mode: str) -> None:
    """Every mode that Pillow has shows dark ink on white paper."""
    picture = to_mode(mode)
    before = picture.tobytes()
    image = load_image(picture)
    assert image.grey[0, 0] > 250
    assert image.grey[10, 20] < 90
    assert (picture.mode, picture.tobytes()) == (mode, before)


def to_mode(mode: str) -> PIL.Image.Image:
    """Convert the fixture, by the detours that Pillow asks for."""
    if mode == "LAB":
        lab = np.zeros((48, 64, 3), np.uint8)
        lab[..., 0] = np.asarray(GREY)
        return PIL.Image.frombytes("LAB", (64, 48), lab.tobytes())
    detours = {"PA": ["P"], "La": ["LA"], "RGBa": ["RGBA"], "I;16": ["I"], "I;16B": ["L", "I"]}
    picture = RGB
    for step in [*detours.get(mode, []), mode]:
        picture = picture.convert(step)
    return picture


def test_a_turned_pil_image_is_turned_and_keeps_its_tag() -> None:
    """A PIL image straight from a phone reads upright, and stays as it was."""
    picture = PIL.Image.open(io.BytesIO(encode(RGB.transpose(PIL.Image.Transpose.ROTATE_90), "PNG", exif=exif(6))))
    image = load_image(picture)
    assert (image.width, image.height) == (64, 48)
    assert np.array_equal(image.colour, PEN)
    assert picture.getexif()[ORIENTATION] == 6


@pytest.mark.parametrize("source", [None, 7, [[1, 2], [3, 4]], io.BytesIO(b"x")])
def test_other_types_are_wrong_use(source: Any) -> None:
    """What is no source at all is a UsageError that lists the sources."""
    with pytest.raises(UsageError, match="give a path, bytes, a PIL image or an array"):
        load_image(source)


@pytest.mark.parametrize("limit", [0, -1, float("nan")])
def test_a_limit_has_to_be_above_zero(limit: float) -> None:
    """A limit that lets nothing through is wrong use."""
    with pytest.raises(UsageError, match="above 0"):
        load_image(PEN, max_megapixels=limit)


# Reduction --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ALL)
def test_every_format_above_the_limit_comes_reduced(form: str, small_limit: int) -> None:
    """Both axes shrink by one factor, sizes stay as sent, and the picture stays the same."""
    image = load_image(ALL[form])
    assert (image.width, image.height) == (64, 48)
    assert image.grey.shape == (48 // small_limit, 64 // small_limit)
    expected = RGB.reduce(small_limit) if form not in GREYS else GREY.reduce(small_limit).convert("RGB")
    tolerance = 35 if "bit" in form or "group4" in form else 6  # one bit makes dark blue black
    assert np.abs(image.colour - np.asarray(expected).astype(int)).mean() < tolerance


@pytest.mark.parametrize(("form", "left"), [("jpeg", 1), ("jpeg, cmyk", 1), ("webp", 1), ("png", 2), ("tiff", 2)])
def test_decoders_that_can_reduce_do(form: str, left: int, small_limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large JPEG or WebP never stands in memory at full size; for the others the tiles are reduced."""
    factors: list[int] = []
    shrink = rasters._shrink

    def spy(tile: Array, factor: int) -> Array:
        factors.append(factor)
        return shrink(tile, factor)

    monkeypatch.setattr(rasters, "_shrink", spy)
    assert load_image(ALL[form]).grey.shape == (48 // small_limit, 64 // small_limit)
    assert factors == [left]


def test_pil_images_and_arrays_above_the_limit_come_reduced(small_limit: int) -> None:
    """What is in memory already is reduced as well."""
    for source in (PEN, RGB):
        image = load_image(source)
        assert np.array_equal(image.colour, np.asarray(RGB.reduce(small_limit)))


MEASURE = """
import re, sys
import cv2, onnxruntime
from inkdigits.images import load_image
for path in sys.argv[1:]:
    image = load_image(path)
    assert (image.width, image.height, image.grey.shape) == (8000, 8000, (2000, 2000)), image
    print(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1])
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self/status")
def test_sixty_four_megapixels_fit_in_400_mb(tmp_path: Path) -> None:
    """JPEG, PNG, BMP and TIFF at the limit, decoded beside the libraries in a fresh process."""
    paths = [path for write in (write_large_jpeg, write_large_png, write_large_raw) for path in write(tmp_path)]
    for path in paths:  # a process each: the peak never falls
        run = subprocess.run([sys.executable, "-c", MEASURE, path], capture_output=True, text=True, check=True)
        assert int(run.stdout) * 1024 < 400e6, path


def write_large_jpeg(folder: Path) -> Iterator[Path]:
    """Write 8000 x 8000 grey pixels."""
    path = folder / "large.jpg"
    PIL.Image.new("L", (8000, 8000), 255).save(path, "JPEG")
    yield path


def write_large_png(folder: Path) -> Iterator[Path]:
    """Write 8000 x 8000 RGB pixels, a row at a time."""
    squeeze, row = zlib.compressobj(1), bytes(1 + 3 * 8000)
    data = b"".join([*(squeeze.compress(row) for _ in range(8000)), squeeze.flush()])
    header = struct.pack(">IIBBBBB", 8000, 8000, 8, 2, 0, 0, 0)
    path = folder / "large.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b""))
    yield path


def write_large_raw(folder: Path) -> Iterator[Path]:
    """Write BMP and TIFF headers of 8000 x 8000 RGB pixels, and leave the pixels to the file system."""
    bmp = b"BM" + struct.pack("<IHHIIiiHHIIiiII", 0, 0, 0, 54, 40, 8000, 8000, 1, 24, 0, 0, 0, 0, 0, 0)
    entries = {256: 8000, 257: 8000, 258: 8, 259: 1, 262: 2, 273: 512, 277: 3, 278: 8000, 279: 192_000_000}
    tiff = b"II*\0" + struct.pack("<IH", 8, len(entries))
    tiff += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries.items())
    for name, head in {"large.bmp": bmp, "large.tif": tiff}.items():
        with open(folder / name, "wb") as file:
            file.write(head)
            file.truncate(512 + 192_000_000)
        yield folder / name


# Limits -----------------------------------------------------------------------------------------------------


def bomb_headers() -> dict[str, bytes]:
    """Write files of a few bytes that promise thousands of megapixels."""
    jpeg = bytearray(encode(GREY, "JPEG"))
    start = jpeg.index(b"\xff\xc0") + 5
    jpeg[start : start + 4] = struct.pack(">HH", 65500, 65500)
    bmp = bytearray(encode(RGB, "BMP"))
    bmp[18:26] = struct.pack("<ii", 100_000, 100_000)
    tiff = bytearray(encode(RGB, "TIFF"))
    for tag in (256, 257):
        place = tiff.index(struct.pack("<HHI", tag, 4, 1)) + 8
        tiff[place : place + 4] = struct.pack("<I", 100_000)
    webp = bytearray(encode(RGB, "WEBP", lossless=True))
    webp[21:25] = struct.pack("<I", 0x0FFFFFFF)
    gif = bytearray(encode(PALETTE, "GIF"))
    gif[6:10] = b"\xff" * 4
    return {
        "jpeg": bytes(jpeg),
        "bmp": bytes(bmp),
        "tiff": bytes(tiff),
        "webp": bytes(webp),
        "gif": bytes(gif),
        "png": png(100_000, 100_000, b""),
        "png, beyond all": png(2**31 - 1, 2**31 - 1, b""),
    }


@pytest.mark.parametrize("form", bomb_headers())
def test_bombs_are_refused_by_their_header(form: str) -> None:
    """Thousands of megapixels are refused within two seconds, before anything is decoded."""
    start = time.monotonic()
    with pytest.raises(SourceTooLargeError, match=r"<bytes>.* make it smaller"):
        load_image(bomb_headers()[form])
    assert time.monotonic() - start < 2


@pytest.mark.parametrize("kind", [b"zTXt", b"iCCP", b"iTXt"])
def test_bombs_in_the_metadata_do_no_harm(kind: bytes) -> None:
    """A PNG whose text or profile unpacks to 200 MB is read or refused within two seconds."""
    packed = zlib.compress(bytes(200_000_000), 1)
    head = b"k\0\1\0\0\0" if kind == b"iTXt" else b"k\0\0"
    data = png(64, 48, b"".join(b"\0" + row.tobytes() for row in PEN), extra=chunk(kind, head + packed))
    start = time.monotonic()
    result = load_or_error(data)
    if isinstance(result, Image):
        assert np.array_equal(result.colour, PEN)
    else:
        assert "<bytes> is a damaged picture" in str(result)
    assert time.monotonic() - start < 2


def test_the_limit_is_the_callers() -> None:
    """One pixel above it is refused, with both figures; up to it is read."""
    sources: tuple[Any, ...] = (PEN, RGB, *LOSSLESS.values())
    for source in sources:
        assert load_image(source, max_megapixels=64 * 48 / 1e6).width == 64
        with pytest.raises(SourceTooLargeError, match=r"64 x 48|48 x 64"):
            load_image(source, max_megapixels=64 * 47 / 1e6)


@pytest.mark.parametrize("size", [(7, 100), (100, 7), (1, 1)])
def test_pictures_too_small_for_a_digit_are_refused(size: tuple[int, int]) -> None:
    """Under 8 x 8 pixels there is nothing to read; 8 x 8 are read."""
    tiny = PIL.Image.new("L", size, 255)
    for source in (np.asarray(tiny), tiny, encode(tiny, "PNG")):
        with pytest.raises(SourceError, match="8 x 8"):
            load_image(source)
    assert load_image(np.full((8, 8), 255, np.uint8)).width == 8


def test_an_empty_array_is_too_small() -> None:
    """No pixels at all are fewer than 8 x 8, whatever their type."""
    for dtype in (np.uint8, np.uint16, np.float32, np.bool_):
        with pytest.raises(SourceError, match="8 x 8"):
            load_image(np.zeros((0, 0), dtype))


@pytest.mark.parametrize(
    ("form", "needed"),
    [
        ("webp", 15.5),  # not reduced
        ("webp, transparent", 15.5),
        ("webp, animated", 15.5),
        ("jpeg, progressive", 7.0),  # 4 of pixels, 3 of coefficients
        ("tiff, tiff_lzw", 7.2),  # 4 of pixels, 3 of the one strip, and the file
    ],
)
def test_decoders_that_need_more_memory_have_a_lower_limit(
    form: str, needed: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A costly kind of file is refused where its decoder would pass the memory limit, with a way out."""
    monkeypatch.setattr(images, "MAX_MEGAPIXELS", 64 * 48 / 1e6)
    limit = 64 * 48 / 1e6
    monkeypatch.setattr(images, "_DECODER_BYTES_PER_PX", needed * 1.05)
    load_image(ALL[form], max_megapixels=limit)
    monkeypatch.setattr(images, "_DECODER_BYTES_PER_PX", needed * 0.95)
    with pytest.raises(SourceTooLargeError, match=r"<bytes> would take .* save this (WEBP|JPEG|TIFF) as a plain PNG"):
        load_image(ALL[form], max_megapixels=limit)
    assert load_image(ALL[form], max_megapixels=100 * limit).width == 64


def test_a_lower_limit_does_not_forbid_kinds_of_file() -> None:
    """A WebP within a low limit is read, although its decoder needs 15 bytes a pixel."""
    assert load_image(LOSSY["webp"], max_megapixels=64 * 48 / 1e6).width == 64


@pytest.mark.parametrize(("form", "needed"), [("webp", 3.2), ("webp, lossless", 7.5)])
def test_large_webp_takes_the_cheap_way(
    form: str, needed: float, small_limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above the limit for whole pictures a plain WebP is opened in a fraction of Pillow's memory."""
    monkeypatch.setattr(images, "MAX_MEGAPIXELS", 64 * 48 / 1e6)
    monkeypatch.setattr(images, "_DECODER_BYTES_PER_PX", needed * 1.01)
    image = load_image(ALL[form], max_megapixels=64 * 48 / 1e6)
    assert image.grey.shape == (48 // small_limit, 64 // small_limit)


def test_a_progressive_jpeg_of_endless_scans_is_refused() -> None:
    """Scans of 100 bytes that each take the time of the whole picture are counted beforehand."""
    data = encode(PIL.Image.new("L", (4000, 4000), 200), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    endless = data[:-2] + data[last:-2] * 300 + b"\xff\xd9"
    start = time.monotonic()
    with pytest.raises(SourceTooLargeError, match="scans"):
        load_image(endless)
    assert time.monotonic() - start < 2
    assert load_image(data).width == 4000


def test_a_file_too_long_for_any_picture_is_refused(tmp_path: Path) -> None:
    """More than 1 GB is not even looked at."""
    path = tmp_path / "long.png"
    with open(path, "wb") as file:
        file.write(LOSSLESS["png"])
        file.truncate(1_100_000_000)
    with pytest.raises(SourceTooLargeError, match="MB"):
        load_image(path)


# Files that are no pictures ---------------------------------------------------------------------------------


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    """A missing file, a file used as a folder and an impossible name are not found."""
    (tmp_path / "file").write_bytes(b"x")
    for path in (tmp_path / "missing.png", tmp_path / "file" / "within.png", "zero\0byte.png", ""):
        with pytest.raises(SourceNotFoundError, match="There is no file"):
            load_image(path)


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    """A folder is refused by name."""
    with pytest.raises(SourceError, match="is a folder") as caught:
        load_image(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_a_file_that_may_not_be_read_is_said_so(tmp_path: Path) -> None:
    """What the system refuses to open carries the system's reason; here, a name that is too long."""
    with pytest.raises(SourceError, match="cannot be opened"):
        load_image(tmp_path / ("x" * 5000))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"hello, I am text", "not a picture in a format we know"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "an AVIF picture or a film"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture"),
        (b"P6 9 9 255 " + bytes(243), "not a picture"),
        (b"\0", "not a picture"),
    ],
)
def test_other_formats_are_refused_with_the_list_of_ours(data: bytes, says: str) -> None:
    """What we do not read is named where it is known, and the formats that we read are listed."""
    with pytest.raises(UnsupportedFormatError, match=f"<bytes> is {says}.*Formats read: PNG, JPEG, WebP"):
        load_image(data)


def test_an_empty_file_is_corrupt() -> None:
    """No bytes are no format, and a damaged file."""
    with pytest.raises(CorruptSourceError, match="<bytes> is empty"):
        load_image(b"")


def test_no_exotic_decoder_is_reachable() -> None:
    """Neither a PNG nor an EPS loads a plug-in outside the list, in a fresh process."""
    code = """
import sys
from inkdigits.errors import UnsupportedFormatError
from inkdigits.images import load_image
load_image(bytes.fromhex(sys.argv[1]))
try:
    load_image(b"%!PS-Adobe-3.0 EPSF-3.0")
except UnsupportedFormatError:
    print(sorted(name for name in sys.modules if name.startswith("PIL.") and name.endswith("Plugin")))
"""
    run = subprocess.run(
        [sys.executable, "-c", code, LOSSLESS["png"].hex()], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "['PIL.PngImagePlugin']"


# Damage -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ALL)
@pytest.mark.parametrize("whole", [12.0, 0.001], ids=["whole", "reduced"])
def test_half_a_picture_is_never_read(form: str, whole: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut anywhere, a file is refused by name, or what is missing was not the picture."""
    monkeypatch.setattr(rasters, "WHOLE_MEGAPIXELS", whole)
    data = ALL[form]
    complete = load_image(data).colour
    for length in {*range(0, len(data), max(1, len(data) // 60)), *range(len(data) - 8, len(data))}:
        result = load_or_error(data[:length])
        if isinstance(result, Image):
            assert np.array_equal(result.colour, complete), length
        else:
            assert "<bytes>" in str(result)


def test_a_flipped_bit_in_a_png_is_found() -> None:
    """PNG has checksums, so no bit of it changes unnoticed."""
    data = LOSSLESS["png"]
    for place in range(8 * 8, 8 * len(data), 7):
        flipped = bytearray(data)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(SourceError):
            load_image(bytes(flipped))


def test_a_png_whose_pixels_do_not_unpack_is_corrupt() -> None:
    """Right checksums around wrong pixels do not help: half a picture is not read."""
    rows = b"".join(b"\0" + row.tobytes() for row in PEN)
    for bad in (rows[:5000], rows[:5000] + b"\x09" * (len(rows) - 5000)):
        with pytest.raises(CorruptSourceError, match="<bytes> is a damaged picture"):
            load_image(png(64, 48, bad))


@pytest.mark.usefixtures("small_limit")
def test_a_webp_whose_pixels_do_not_unpack_is_corrupt() -> None:
    """What Pillow opens and OpenCV then cannot decode is a damaged picture too."""
    data = bytearray(LOSSY["webp"])
    start = data.index(b"\x9d\x01\x2a") + 7
    data[start : start + 40] = b"\xff" * 40
    with pytest.raises(CorruptSourceError, match="<bytes> is a damaged picture"):
        load_image(bytes(data))


def test_a_tiff_that_lacks_strips_is_corrupt() -> None:
    """A TIFF that promises more rows than it holds is not filled up with black."""
    tiff = bytearray(LOSSLESS["tiff"])
    place = tiff.index(struct.pack("<HHI", 257, 4, 1)) + 8
    tiff[place : place + 4] = struct.pack("<I", 480)
    with pytest.raises(CorruptSourceError, match="<bytes> is a damaged picture"):
        load_image(bytes(tiff))


def test_pixels_that_are_not_numbers_are_corrupt() -> None:
    """A TIFF with NaN in it is refused."""
    pixels = np.full((48, 64), 0.5, np.float32)
    pixels[3, 3] = np.nan
    with pytest.raises(CorruptSourceError, match="<bytes> holds pixels that are not finite"):
        load_image(encode(pixels, "TIFF"))


def flip_bit(data: bytearray, rng: random.Random) -> None:
    """Change one bit, in the header as often as in the pixels."""
    data[place(data, rng)] ^= 1 << rng.randrange(8)


def overwrite(data: bytearray, rng: random.Random) -> None:
    """Write a number that programs trip over."""
    start = place(data, rng)
    data[start : start + 4] = rng.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\0\0\0\1"))


def cut_out(data: bytearray, rng: random.Random) -> None:
    """Lose a few bytes."""
    start = place(data, rng)
    del data[start : start + rng.randrange(1, 20)]


def put_in(data: bytearray, rng: random.Random) -> None:
    """Gain a few bytes."""
    start = place(data, rng)
    data[start:start] = rng.randbytes(rng.randrange(1, 9))


def place(data: bytearray, rng: random.Random) -> int:
    """Choose where to do damage: in the first 64 bytes as often as anywhere."""
    return rng.randrange(min(64, len(data)) if rng.random() < 0.5 else len(data))


DAMAGES: tuple[Callable[[bytearray, random.Random], None], ...] = (flip_bit, overwrite, cut_out, put_in)


@pytest.mark.parametrize("form", ALL)
@pytest.mark.parametrize("whole", [12.0, 0.001], ids=["whole", "reduced"])
def test_damaged_files_are_read_or_refused_by_name(form: str, whole: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred seeded mutations of every format: an image or an error of ours, fast, and not one warning."""
    monkeypatch.setattr(rasters, "WHOLE_MEGAPIXELS", whole)
    rng = random.Random(form)
    for _ in range(100):
        data = bytearray(ALL[form])
        for _ in range(rng.choice((1, 1, 2, 4, 16))):
            rng.choice(DAMAGES)(data, rng)
        start = time.monotonic()
        result = load_or_error(bytes(data))
        assert isinstance(result, Image) or "<bytes>" in str(result)
        assert time.monotonic() - start < 2


def test_a_decoder_that_runs_out_of_memory_means_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A MemoryError becomes our error."""

    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(PIL.Image.Image, "crop", fail)
    monkeypatch.setattr(images, "_check_png", fail)
    with pytest.raises(SourceTooLargeError, match="<bytes> is too large to decode"):
        load_image(LOSSLESS["png"])


def test_threads_leave_the_warning_filters_alone() -> None:
    """Pictures opened side by side are right, and nobody's warnings stay silenced."""
    before = list(warnings.filters)
    results: list[bool] = []

    def work() -> None:
        for _ in range(20):
            results.append(np.array_equal(load_image(LOSSLESS["tiff"]).colour, PEN))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 80
    assert list(warnings.filters) == before
