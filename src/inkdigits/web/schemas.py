"""The forms of requests and answers. The descriptions stand in /api/openapi.json."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from inkdigits.reader import Layout

MAX_SIDE_PX = 2048
"""Of an ink that is sent as numbers."""

ID = r"^[0-9a-f]{26}$"
"""What the ids of results and corrections look like."""

PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
"""Text that every database takes."""

Probability = Annotated[float, Field(ge=0, le=1)]
Side = Annotated[int, Field(ge=0)]
Id = Annotated[str, Field(pattern=ID)]


class Form(BaseModel):
    """What is sent: a name that we do not know is a mistake."""

    model_config = ConfigDict(extra="forbid")


class ReadOptions(Form):
    """What is asked of a picture."""

    layout: Layout = Field("auto", description="What the picture shows.")
    model: str | None = Field(None, max_length=200, description="A name that /api/v1/models lists.")
    accept_error: Probability | None = Field(None, description="Share of the accepted digits that may be wrong.")
    expect_digits: int | None = Field(None, ge=1, le=100, description="How many digits each number has.")
    page: int = Field(1, ge=1, le=1_000_000, description="Of a PDF or TIFF, counted from 1.")
    keep: bool = Field(False, description="Whether the result is kept.")
    keep_picture: bool = Field(False, description="Whether the picture is kept beside the result.")
    format: Literal["json", "jsonl", "csv", "xlsx", "text", "annotated", "stages"] = Field(
        "json", description="The answer's; annotated and stages are PNG pictures."
    )


class ListOptions(Form):
    """Which part of a long list."""

    after: Id | None = Field(None, description="Begin behind this one.")
    limit: int = Field(20, ge=1, le=100, description="At most so many.")


class FindOptions(ListOptions):
    """Which results."""

    query: str = Field("", max_length=200, pattern=PRINTABLE, description="Part of a name, or of what was read.")


class DeleteOptions(Form):
    """Which results are deleted."""

    before: datetime = Field(description="Those saved before this moment; without a zone it is in UTC.")


class ExportOptions(Form):
    """How results are taken away."""

    format: Literal["csv", "jsonl", "xlsx"] = "csv"


class ClassifyRequest(Form):
    """Either patches or one ink."""

    patches: list[list[list[Annotated[int, Field(ge=0, le=255)]]]] | None = Field(
        None, min_length=1, max_length=256, description="N x 28 x 28, placed MNIST's way: 0 paper, 255 ink."
    )
    ink: list[Annotated[list[Probability], Field(min_length=1, max_length=MAX_SIDE_PX)]] | None = Field(
        None, min_length=1, max_length=MAX_SIDE_PX, description="H x W, one digit: 0 paper, 1 ink. Is normalised here."
    )
    model: str | None = Field(None, max_length=200, description="A name that /api/v1/models lists.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.patches is None) == (self.ink is None):
            raise ValueError("send either patches or ink")
        return self


class ClassifyAnswer(BaseModel):
    """What each patch shows."""

    probabilities: list[list[Probability]] = Field(description="N x 10, calibrated.")
    digit_scores: list[Probability] = Field(description="How much each is a digit at all.")
    model: str
    model_digest: str


class Alternative(BaseModel):
    """Another way to read a line."""

    text: str
    probability: Probability


class Digit(BaseModel):
    """A digit."""

    label: int | None = Field(description="0-9; null when rejected.")
    confidence: Probability
    digit_score: Probability
    box: list[int] = Field(description="x0, y0, x1, y1, half-open, in pixels of the picture as people see it.")
    probabilities: list[Probability]


class Line(BaseModel):
    """Digits in order."""

    text: str
    formatted: str
    confidence: Probability
    box: list[int]
    alternatives: list[Alternative]
    digits: list[Digit]


class Reading(BaseModel):
    """What a picture says: the same object as `inkdigits read --format json` prints."""

    source: str
    page: Side
    text: str
    confidence: Probability | None
    width: Side
    height: Side
    model: str
    model_digest: str
    version: str
    lines: list[Line]


class CorrectionRequest(Form):
    """What a person says instead: of a digit, its label; of a line, its text."""

    result: Id
    line: int | None = Field(None, ge=0, le=1_000_000, description="Counted from 0; null: all of the reading.")
    digit: int | None = Field(None, ge=0, le=1_000_000, description="Counted from 0; null: all of the line.")
    label: int | None = Field(None, ge=0, le=9, description="Of the digit; null: it is no digit.")
    text: str | None = Field(None, max_length=1000, pattern=r"^[0-9?.,\n]*$", description="Of the line.")


class Correction(BaseModel):
    """A correction, as it is kept."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    result: str
    made_at: datetime
    line: int | None
    digit: int | None
    label: int | None
    text: str | None


class Corrections(BaseModel):
    """Some corrections, newest first."""

    corrections: list[Correction]
    next: str | None = Field(description="Ask for `after` this for more; null: there are none.")


class KeptResult(BaseModel):
    """A reading that is kept."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    saved_at: datetime
    has_picture: bool
    reading: Reading
    corrections: list[Correction]


class Results(BaseModel):
    """Some results, newest first."""

    model_config = ConfigDict(from_attributes=True)

    results: list[KeptResult]
    next: str | None = Field(description="Ask for `after` this for more; null: there are none.")


class Deleted(BaseModel):
    """How many results are gone."""

    n_deleted: int


class Health(BaseModel):
    """That the server is there."""

    status: Literal["ok"]
    version: str


class Failure(BaseModel):
    """What went wrong: docs/errors.md lists the codes."""

    code: str
    message: str


class ErrorAnswer(BaseModel):
    """The answer in place of what was asked for."""

    error: Failure
