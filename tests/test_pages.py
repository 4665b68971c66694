"""Sources of many pages: PDF and TIFF give each of them, anything else its one picture; what is wrong is said."""

import io
from pathlib import Path

import numpy as np
import PIL.Image
import pillow_heif
import pypdfium2
import pytest

from inkdigits.errors import CorruptSourceError, SourceError, SourceTooLargeError, UnsupportedFormatError
from inkdigits.images import load_image, open_pages, pdf, pillow
from inkdigits.images.pdf import DPI
from inkdigits.images.pillow import find_frames, read_file
from inkdigits.rasters import WHOLE_MEGAPIXELS
from tests.strokes import draw, paint

PICTURES = [PIL.Image.fromarray(paint(draw(label, shape=(160, 120 + 20 * label)))) for label in range(3)]


def save(form: str, pictures: list[PIL.Image.Image] = PICTURES, **options: object) -> bytes:
    """All pictures as the pages, or frames, of one file."""
    file = io.BytesIO()
    first, *others = (picture.copy() for picture in pictures)  # Pillow leaves its last format's options on them
    first.save(file, form, save_all=True, append_images=others, **options)
    return file.getvalue()


def locked_pdf() -> bytes:
    """A PDF that says it is encrypted with a password that nobody knows."""
    secret = "00" * 32
    return (
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\n"
        f"4 0 obj<</Filter/Standard/V 1/R 2/O<{secret}>/U<{secret}>/P -4>>endobj\n"
        "trailer<</Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]/Size 5>>\n%%EOF"
    ).encode()


def blank_pdf(*sizes: tuple[float, float]) -> bytes:
    """A PDF with an empty page of each size, in points."""
    document = pypdfium2.PdfDocument.new()
    for size in sizes:
        document.new_page(*size)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


@pytest.mark.parametrize("form", ["TIFF", "PDF"])
@pytest.mark.parametrize("as_path", [False, True])
def test_every_page_is_read(form: str, as_path: bool, tmp_path: Path) -> None:
    """In order, each with its number and its own size; `load_image` gives the first."""
    path = tmp_path / "pages"
    path.write_bytes(save(form, resolution=DPI) if form == "PDF" else save(form))
    source = path if as_path else path.read_bytes()
    with open_pages(source) as pages:
        images = [pages.load(number) for number in range(1, pages.n + 1)]
    assert [image.page for image in images] == [1, 2, 3]
    for image, picture in zip(images, PICTURES, strict=True):
        assert np.abs(np.subtract((image.width, image.height), picture.size)).max() <= 1  # PDFium rounds up
        drawn = image.grey[: picture.height, : picture.width].astype(int)
        assert np.abs(drawn - np.asarray(picture.convert("L"))).mean() < 12
    assert np.array_equal(load_image(source).grey, images[0].grey)


def test_pages_may_be_read_in_any_order() -> None:
    """And again."""
    with open_pages(save("TIFF")) as pages:
        last, first, again = (pages.load(number) for number in (3, 1, 3))
    assert np.array_equal(last.grey, again.grey)
    assert first.width == PICTURES[0].width


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_an_animation_is_its_first_frame(form: str) -> None:
    """The later ones are steps of a film, not pages."""
    frames = [picture.resize((120, 160)) for picture in PICTURES]
    with open_pages(save(form, frames)) as pages:
        assert pages.n == 1
        assert np.abs(pages.load(1).grey.astype(int) - np.asarray(frames[0].convert("L"))).mean() < 8


def test_the_thumbnail_in_a_tiff_is_no_page() -> None:
    """Scanners keep a small copy beside the page."""
    file = io.BytesIO()
    small = PICTURES[0].resize((30, 40))
    small.encoderinfo = {"tiffinfo": {254: 1}}
    PICTURES[0].copy().save(file, "TIFF", save_all=True, append_images=[small, PICTURES[1].copy()])
    with open_pages(file.getvalue()) as pages:
        assert pages.n == 2
        assert [pages.load(number).width for number in (1, 2)] == [PICTURES[0].width, PICTURES[1].width]


@pytest.mark.parametrize(("mode", "options"), [("L", {"big_tiff": True}), ("I;16B", {})])
def test_tiffs_of_either_byte_order_and_size_are_read(mode: str, options: dict[str, object]) -> None:
    """Also those whose header has room for more than 4 GB."""
    pictures = [PIL.Image.new(mode, (20 + number, 30), 200) for number in range(3)]
    pictures[1].encoderinfo = {"tiffinfo": {254: 1}}
    data = save_as_they_are(pictures, **options)
    assert data[:4] in (b"II+\0", b"MM\0*")
    with open_pages(data) as pages:
        assert [pages.load(number).width for number in range(1, pages.n + 1)] == [20, 22]


def save_as_they_are(pictures: list[PIL.Image.Image], **options: object) -> bytes:
    """A TIFF of pictures that may bring options of their own."""
    file = io.BytesIO()
    pictures[0].save(file, "TIFF", save_all=True, append_images=pictures[1:], **options)
    return file.getvalue()


class Counted(io.BytesIO):
    """A file that counts how often it is read."""

    n_reads = 0

    def read(self, *arguments: int) -> bytes:  # type: ignore[override]
        """Count, and read."""
        self.n_reads += 1
        return super().read(*arguments)


def test_the_last_page_of_a_tiff_costs_what_the_first_does() -> None:
    """It is not reached by way of the others: a thousand pages take a thousand times as long as one, not a million."""
    file = Counted(save("TIFF", PICTURES * 20))
    places = find_frames(file, "pages")
    assert len(places) == 60
    costs = []
    for place in (places[0], places[-3]):
        file.n_reads = 0
        read_file(file, "pages", 1e6, place)
        costs.append(file.n_reads)
    assert costs[1] <= costs[0] + 1  # the header


def test_every_frame_of_a_tiff_has_its_own_turn() -> None:
    """Scanners turn pages one by one."""
    turned = PICTURES[0].convert("L")
    turned.encoderinfo = {"tiffinfo": {274: 6}}
    with open_pages(save_as_they_are([PICTURES[0].convert("L"), turned, PICTURES[0].convert("L")])) as pages:
        sizes = [(image.width, image.height) for image in map(pages.load, (1, 2, 3, 2))]
    assert sizes == [(120, 160), (160, 120), (120, 160), (160, 120)]


def test_a_damaged_frame_spoils_no_other() -> None:
    """One whose directory says nonsense is refused; those behind it are read."""
    file = io.BytesIO(save("TIFF"))
    _, second, _ = find_frames(file, "pages")
    data = bytearray(file.getvalue())
    data[second + 2 : second + 14] = bytes(12)  # its width is gone
    with open_pages(bytes(data)) as pages:
        assert pages.n == 3
        with pytest.raises(CorruptSourceError, match="damaged"):
            pages.load(2)
        assert pages.load(3).width == PICTURES[2].width


def test_a_tiff_that_is_cut_off_or_runs_in_circles_ends() -> None:
    """What is whole is read."""
    data = save("TIFF")
    places = find_frames(io.BytesIO(data), "pages")
    with open_pages(data[: places[2] + 9]) as pages:
        assert pages.n == 3
        assert pages.load(2).width == PICTURES[1].width
        with pytest.raises(CorruptSourceError, match="damaged"):
            pages.load(3)
    circle = data.replace(places[2].to_bytes(4, "little"), places[0].to_bytes(4, "little"))
    with open_pages(circle) as pages:
        assert pages.n == 2
    with pytest.raises(CorruptSourceError, match="no frame"):
        load_image(b"II*\0" + bytes(12))
    with pytest.raises(CorruptSourceError, match="damaged"):
        load_image(b"II*\0")


def test_a_file_that_claims_endless_pages_is_refused() -> None:
    """Each of them would become a row of a table; a file of half a megabyte can claim so many."""
    places = ((14 + 6 * number).to_bytes(4, "little") for number in range(70_000))
    claims = blank_pdf((72, 72)).replace(b"/Count 1", b"/Count 70000")
    for data in (b"II*\0" + (8).to_bytes(4, "little") + b"".join(b"\0\0" + place for place in places), claims):
        with pytest.raises(SourceTooLargeError, match="more than 65,536 pages: split it"):
            load_image(data)


def test_a_large_pdf_is_opened_anew_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """PDFium would keep all of it in memory; the pages are the same."""
    monkeypatch.setattr(pdf, "N_HELD", 2)
    document, opened = save("PDF", PICTURES * 2, resolution=DPI), []
    monkeypatch.setattr(pdf, "_open", lambda *which, how=pdf._open: opened.append(which) or how(*which))
    with open_pages(document) as pages:
        widths = [pages.load(number).width for number in range(1, 7)]
    assert len(opened) == 3
    assert widths == 2 * widths[:3]


def test_a_page_larger_than_any_paper_is_refused() -> None:
    """The others are read; whoever has such pages may raise the limit, and a low one forbids no page."""
    sizes = ((14400, 14400), (72, 72), (8000, 8000))
    with open_pages(blank_pdf(*sizes)) as pages:
        with pytest.raises(
            SourceTooLargeError, match=r"Page 1 of <bytes> is 14400 x 14400 points.*raise max_megapixels"
        ):
            pages.load(1)
        assert pages.load(2).width == 200
        assert pages.load(3).width > 3000
    with open_pages(blank_pdf(*sizes), max_megapixels=300) as pages:
        assert pages.load(1).width > 3000
    with open_pages(blank_pdf((612, 792)), max_megapixels=0.1) as pages:
        assert pages.load(1).width < 300


@pytest.mark.parametrize("box", ["0 0 0 0", "0 0 0 100", "5 5 5 5", "0 0 1e38 1e38", f"0 0 {'9' * 60} 9"])
def test_a_page_with_a_senseless_size_is_read_as_viewers_show_it(box: str) -> None:
    """On a sheet of US letter paper; nothing is drawn in a size that nobody has memory for."""
    with open_pages(blank_pdf((72, 72)).replace(b"[ 0 0 72 72]", f"[{box}]".encode())) as pages:
        assert (pages.load(1).width, pages.load(1).height) == (1700, 2200)


def test_a_page_of_a_pdf_is_drawn_with_200_dots_an_inch() -> None:
    """On white paper; larger pages have fewer, so that none has more than 12 megapixels."""
    with open_pages(blank_pdf((144, 72), (7000, 7000))) as pages:
        small, large = pages.load(1), pages.load(2)
    assert (small.width, small.height) == (400, 200)
    assert small.grey.min() == 255
    assert 0.95 * WHOLE_MEGAPIXELS * 1e6 < large.width * large.height < 1.01 * WHOLE_MEGAPIXELS * 1e6


def test_a_page_without_room_is_refused() -> None:
    """The others are read."""
    with open_pages(blank_pdf((200, 1), (72, 72))) as pages:
        with pytest.raises(SourceError, match="Page 1 of <bytes> is 200 x 1 points"):
            pages.load(1)
        assert pages.load(2).width == 200


def test_a_password_is_asked_for_by_name() -> None:
    """Nobody's digits are in a file that cannot be opened."""
    with pytest.raises(UnsupportedFormatError, match="<bytes> is a PDF with a password: save it without one"):
        load_image(locked_pdf())


@pytest.mark.parametrize("length", [9, 60, 400])
def test_half_a_pdf_is_damaged(length: int) -> None:
    """PDFium mends much, but not this."""
    with pytest.raises(CorruptSourceError, match="<bytes> is a damaged PDF"):
        load_image(save("PDF")[:length])


def test_a_pdf_without_pages_is_damaged() -> None:
    """There is nothing to read."""
    with pytest.raises(CorruptSourceError, match="PDF"):
        load_image(blank_pdf())


def test_a_limit_holds_for_every_page() -> None:
    """The page that is over it is refused; the others are not."""
    with open_pages(save("TIFF"), max_megapixels=0.02) as pages:
        assert pages.load(1).width == 120
        with pytest.raises(SourceTooLargeError, match="160 x 160"):
            pages.load(3)


def heic() -> bytes:
    """A phone's picture."""
    file = io.BytesIO()
    pillow_heif.from_pillow(PICTURES[0]).save(file, quality=90)
    return file.getvalue()


def test_heic_is_read_with_its_reader() -> None:
    """Phones write it."""
    image = load_image(heic())
    assert (image.width, image.height) == PICTURES[0].size
    assert np.abs(image.grey.astype(int) - np.asarray(PICTURES[0].convert("L"))).mean() < 4


def test_without_its_reader_heic_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The very line to type."""
    monkeypatch.setattr(pillow, "find_spec", lambda _: None)
    with pytest.raises(UnsupportedFormatError, match=r"is a HEIC picture.*pip install 'inkdigits\[heic\]'"):
        load_image(heic())
