"""A file and what is asked of it -> an answer. Runs in a thread of the queue."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import IO, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from inkdigits.errors import NoStoreError, UsageError
from inkdigits.networks import Networks
from inkdigits.normalize import to_patch
from inkdigits.outputs import get_writer, to_fields
from inkdigits.records import PATCH_PX, Patches, Stages
from inkdigits.store import Store
from inkdigits.web.failures import to_usage_error
from inkdigits.web.schemas import ClassifyRequest, ReadOptions

Number = TypeVar("Number", np.uint8, np.float32)

IN_MEMORY_BYTES = 1 << 20
"""What comes in or goes out is in a file on its way where it is larger."""

NAME_LENGTH = 200
"""Characters of a file's name that are kept."""

MEDIA_TYPES = {
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "text": "text/plain; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "annotated": "image/png",
    "stages": "image/png",
}
"""Of each format of an answer."""

DOWNLOADS = {"csv": "csv", "xlsx": "xlsx", "jsonl": "jsonl"}
"""Formats that browsers save -> how the file's name ends."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What `/api/v1/read` gives back."""

    body: bytes
    n_pages: int
    """Of the source."""
    result: str | None
    """The id under which the reading is kept."""


def read_file(file: IO[bytes], name: str, options: ReadOptions, networks: Networks, store: Store | None) -> Answer:
    """Read a page of a file, keep the reading where that was asked for, and write the answer.

    Only now does the file come into memory: those that wait lie on the disk.

    Raises:
        NoStoreError: it is to be kept, and nothing is kept here.
        SourceError, ModelError, UsageError: see `Reader.read`.
    """
    if options.keep and store is None:
        raise NoStoreError("This server keeps no results: leave out keep, or start it with --store.")
    usual = networks.open(options.model).reader
    reader = usual.adapt(accept_error=options.accept_error, expect_digits=options.expect_digits)
    with reader.open_pages(file.read(), name) as pages:
        stages = reader.stages(pages.load(options.page), options.layout)
        n_pages = pages.n
    body = _encode(stages, options.format)
    return Answer(body, n_pages, _keep(stages, options, store) if store and options.keep else None)


def to_name(filename: str | None) -> str:
    """Return what a file is called, without folders and without signs that nobody can see."""
    name = (filename or "").replace("\\", "/").rpartition("/")[2].encode("utf-8", "replace").decode()
    return "".join(sign for sign in name if sign.isprintable())[:NAME_LENGTH] or "picture"


def parse_patches(file: IO[bytes]) -> tuple[Patches, str | None]:
    """Return the patches that the body of a request to classify holds, and the network that it names.

    Raises:
        UsageError: it is not of that form.
    """
    file.seek(0)
    try:
        asked = ClassifyRequest.model_validate_json(file.read())
    except ValidationError as error:
        raise to_usage_error(error.errors()) from error
    if asked.ink is not None:
        return to_patch(_to_array(asked.ink, 2, np.float32))[None], asked.model
    patches = _to_array(asked.patches, 3, np.uint8)
    if patches.shape[1:] != (PATCH_PX, PATCH_PX):
        raise UsageError(f"patches must be N x {PATCH_PX} x {PATCH_PX}, not {' x '.join(map(str, patches.shape))}.")
    return patches.astype(np.float32) / np.float32(255), asked.model


def _to_array(rows: object, n_axes: int, kind: type[Number]) -> npt.NDArray[Number]:
    try:
        array = np.array(rows, dtype=kind)
    except ValueError as error:  # rows of several lengths
        raise UsageError("The rows of patches and of an ink must be equally long.") from error
    if array.ndim != n_axes:
        raise UsageError("patches must be N x 28 x 28.")
    return array


def _encode(stages: Stages, answer_format: str) -> bytes:
    drawing = _DRAWINGS.get(answer_format)
    if drawing is not None:
        return drawing(stages)
    writer = get_writer(answer_format)
    if answer_format == "xlsx":
        book = BytesIO()
        writer([stages.reading], book, many=False)
        return book.getvalue()
    text = StringIO()
    writer([stages.reading], text, many=False)
    return text.getvalue().encode("utf-8")


def _annotate(stages: Stages) -> bytes:
    from inkdigits.outputs.picture import to_annotated_picture

    file = BytesIO()
    to_annotated_picture(stages.image, stages.reading).save(file, "png")
    return file.getvalue()


def _draw_stages(stages: Stages) -> bytes:
    from inkdigits.stages import to_stages_picture

    file = BytesIO()
    to_stages_picture(stages).save(file, "png")
    return file.getvalue()


_DRAWINGS: dict[str, Callable[[Stages], bytes]] = {"annotated": _annotate, "stages": _draw_stages}


def _keep(stages: Stages, options: ReadOptions, store: Store) -> str:
    from inkdigits.outputs.picture import to_jpeg

    picture = to_jpeg(stages.image) if options.keep_picture else None
    return store.save(to_fields(stages.reading), picture)
