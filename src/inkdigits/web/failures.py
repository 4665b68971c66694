"""Errors -> answers: JSON with our stable code and a message that says what to do, under the status of the class."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from inkdigits.errors import (
    InkdigitsError,
    MethodError,
    PathNotFoundError,
    RequestError,
    RequestTooLargeError,
    UnauthorizedError,
    UsageError,
)
from inkdigits.web.schemas import ErrorAnswer

RETRY_S = 1
"""After so many seconds a request that was turned away may come again: a reading seldom takes longer."""

UNAVAILABLE = 503

RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer, "description": what}
    for status, what in {
        400: "A parameter makes no sense.",
        401: "The token is missing or wrong.",
        403: "From another site, or under another name.",
        404: "There is no such thing.",
        413: "Too large.",
        415: "Not a format that is read.",
        422: "The picture is damaged.",
        503: "Come again later.",
    }.items()
}
"""What every route may answer, for its description."""


def to_response(error: InkdigitsError) -> JSONResponse:
    """Return the answer that says what went wrong."""
    return JSONResponse(
        {"error": {"code": error.code, "message": str(error)}}, status_code=error.http_status, headers=_headers(error)
    )


def to_usage_error(mistakes: Sequence[Mapping[str, Any]]) -> UsageError:
    """Return what is wrong with the form of a request, of which pydantic found these mistakes: the first of them."""
    first = mistakes[0]
    place = ".".join(str(part) for part in first["loc"] if part not in ("query", "body", "path"))
    return UsageError(f"{place or 'The request'}: {first['msg']}.")


def handle_errors(app: FastAPI) -> None:
    """Let `app` answer to every error in our way."""
    app.add_exception_handler(InkdigitsError, _handle_own)
    app.add_exception_handler(RequestValidationError, _handle_invalid)
    app.add_exception_handler(HTTPException, _handle_http)


def _headers(error: InkdigitsError) -> dict[str, str]:
    if error.http_status == UNAVAILABLE:
        return {"Retry-After": str(RETRY_S)}
    return {"WWW-Authenticate": "Bearer"} if isinstance(error, UnauthorizedError) else {}


async def _handle_own(_: Request, error: Exception) -> Response:
    assert isinstance(error, InkdigitsError)
    return to_response(error)


async def _handle_invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return to_response(to_usage_error(error.errors()))


async def _handle_http(request: Request, error: Exception) -> Response:
    """Translate what the framework says by itself."""
    assert isinstance(error, HTTPException)
    method = request.method
    own = {
        404: PathNotFoundError("There is nothing at this address: docs/web.md lists what there is."),
        405: MethodError(f"{method} means nothing at this address: docs/web.md lists what there is."),
        413: RequestTooLargeError(error.detail),
    }.get(error.status_code, RequestError(f"The request cannot be understood: {error.detail}."))
    response = to_response(own)
    response.headers.update(error.headers or {})
    return response
