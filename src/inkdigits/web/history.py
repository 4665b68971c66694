"""The routes of kept results and corrections."""

import io
import tempfile
from collections.abc import Iterator
from datetime import UTC
from typing import IO, Annotated, Literal

from fastapi import APIRouter, Path, Query
from starlette.responses import Response, StreamingResponse

from inkdigits.errors import UsageError
from inkdigits.outputs import BINARY, from_fields, get_writer
from inkdigits.store import Store, to_corrected
from inkdigits.web import schemas
from inkdigits.web.failures import RESPONSES
from inkdigits.web.reading import IN_MEMORY_BYTES, MEDIA_TYPES
from inkdigits.web.schemas import ID
from inkdigits.web.services import Needed

PIECE_BYTES = 1 << 16

Id = Annotated[str, Path(pattern=ID)]

routes = APIRouter(prefix="/api/v1", responses=RESPONSES)


@routes.get("/results")
def find_results(services: Needed, asked: Annotated[schemas.FindOptions, Query()]) -> schemas.Results:
    """Find kept results, newest first."""
    return schemas.Results.model_validate(services.store.find(asked.query, asked.after, asked.limit))


@routes.delete("/results")
def delete_results(services: Needed, asked: Annotated[schemas.DeleteOptions, Query()]) -> schemas.Deleted:
    """Delete all results that were saved before a moment."""
    moment = asked.before if asked.before.tzinfo else asked.before.replace(tzinfo=UTC)
    return schemas.Deleted(n_deleted=services.store.delete_before(moment))


@routes.get("/results/export", response_class=Response)
def export_results(services: Needed, asked: Annotated[schemas.ExportOptions, Query()]) -> Response:
    """Take all results away: tables with what people corrected put right, or JSON lines with both."""
    file = _write(services.store, asked.format)
    headers = {"Content-Disposition": f"attachment; filename=results.{asked.format}"}
    return StreamingResponse(_pieces(file), media_type=MEDIA_TYPES[asked.format], headers=headers)


@routes.get("/results/{result}")
def get_result(services: Needed, result: Id) -> schemas.KeptResult:
    """Return one result with its corrections."""
    return schemas.KeptResult.model_validate(services.store.get(result))


@routes.delete("/results/{result}")
def delete_result(services: Needed, result: Id) -> schemas.Deleted:
    """Delete a result, its picture and its corrections."""
    services.store.delete(result)
    return schemas.Deleted(n_deleted=1)


@routes.get("/results/{result}/picture", response_class=Response)
def get_picture(services: Needed, result: Id) -> Response:
    """Return the picture of a result, if it was kept: a JPEG, as people see it."""
    return Response(services.store.picture(result), media_type="image/jpeg")


@routes.post("/corrections", status_code=201)
def add_correction(services: Needed, said: schemas.CorrectionRequest) -> schemas.Correction:
    """Say what stands there instead. What was said before stays."""
    if said.label is not None and said.digit is None:
        raise UsageError("A label needs a digit: say which one of the line.")
    made = services.store.correct(said.result, said.line, said.digit, said.label, said.text)
    return schemas.Correction.model_validate(made)


@routes.get("/corrections")
def find_corrections(services: Needed, asked: Annotated[schemas.ListOptions, Query()]) -> schemas.Corrections:
    """Return corrections, newest first."""
    found = services.store.corrections(asked.after, asked.limit + 1)
    kept = [schemas.Correction.model_validate(each) for each in found[: asked.limit]]
    return schemas.Corrections(corrections=kept, next=kept[-1].id if len(found) > asked.limit else None)


def _write(store: Store, answer_format: Literal["csv", "jsonl", "xlsx"]) -> IO[bytes]:
    """Write all results into a file, which stands at its beginning."""
    file = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115  whoever sends it closes it
    text = io.TextIOWrapper(file, encoding="utf-8", newline="\n", write_through=True)
    if answer_format == "jsonl":
        for result in store.each():
            text.write(schemas.KeptResult.model_validate(result).model_dump_json() + "\n")
    else:
        readings = (from_fields(to_corrected(kept.reading, kept.corrections)) for kept in store.each())
        get_writer(answer_format)(readings, file if answer_format in BINARY else text, many=True)
    text.flush()
    text.detach()  # or it closes the file with itself
    file.seek(0)
    return file


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE_BYTES):
            yield piece
