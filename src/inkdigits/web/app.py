"""The application: routes that decode, call and encode."""

import json
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any

import python_multipart  # noqa: F401  FastAPI asks for it only when the first file comes
from fastapi import APIRouter, FastAPI, Query, Request, UploadFile
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.responses import Response

from inkdigits import __version__
from inkdigits.settings import Settings
from inkdigits.web import history, schemas
from inkdigits.web.build import NETWORK_INDEX, WORKER, make_worker, page_files
from inkdigits.web.failures import RESPONSES, handle_errors
from inkdigits.web.files import CHECKED, FOR_EVER, MEDIA_TYPES, PAGE, Files
from inkdigits.web.guards import Guard
from inkdigits.web.networks import BUNDLED_FILES, OWN_FILES, describe_bundled, digest_of
from inkdigits.web.reading import DOWNLOADS, IN_MEMORY_BYTES, parse_patches, read_file, to_name
from inkdigits.web.reading import MEDIA_TYPES as ANSWER_TYPES
from inkdigits.web.services import Needed, open_services, serving

COMPRESSED_BYTES = 4096
"""Answers from so many bytes on are compressed: those of single digits are smaller, and gain nothing."""

COMPRESSION = 5
"""Of gzip's nine levels: higher ones take twice as long for two parts in a hundred less."""

COMPRESSED_ALREADY = (*DEFAULT_EXCLUDED_CONTENT_TYPES, ANSWER_TYPES["xlsx"], MEDIA_TYPES[".onnx"])

routes = APIRouter()


def make_app(settings: Settings) -> FastAPI:
    """Make the application that serves what the settings describe.

    Raises:
        ModelError, StoreError, SettingsError: something that it needs cannot be opened.
    """
    services = open_services(settings)
    app = FastAPI(
        title="inkdigits",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,  # both load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        lifespan=serving,
    )
    app.state.services = services
    app.include_router(routes)
    app.include_router(history.routes)
    files = Files(directory=PAGE)
    app.mount("/static", files)
    app.router.default = files  # whatever is no route; mounted, it would answer to their wrong methods too
    app.add_middleware(
        GZipMiddleware,
        minimum_size=COMPRESSED_BYTES,
        compresslevel=COMPRESSION,
        exclude_content_types=COMPRESSED_ALREADY,
    )
    app.add_middleware(Guard, settings=settings, metrics=services.metrics)
    handle_errors(app)
    return app


@routes.get("/healthz")
async def get_health() -> schemas.Health:
    """Say that the server is there."""
    return schemas.Health(status="ok", version=__version__)


@routes.get("/metrics", response_class=Response)
async def get_metrics(services: Needed) -> Response:
    """Return the counters for Prometheus."""
    batcher = services.batcher
    text = services.metrics.to_text(services.queue.n, batcher.n_calls, batcher.n_patches)
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


@routes.get("/api/v1/models", responses=RESPONSES)
def get_models(services: Needed) -> dict[str, Any]:
    """Say which networks there are, and where their files are."""
    return {**services.networks.describe(), "keeps_results": services.kept is not None}


@routes.get(f"/{WORKER}", include_in_schema=False)
def get_worker() -> Response:
    """Return the script that keeps the page for when there is no network; browsers ask for it anew each time."""
    script = make_worker(PAGE, page_files(PAGE))
    return Response(script, media_type=MEDIA_TYPES[".js"], headers={"Cache-Control": CHECKED})


@routes.get(f"/{NETWORK_INDEX}", include_in_schema=False)
def get_network_index() -> Response:
    """Say which networks the package has, as the worker keeps it."""
    content = json.dumps(describe_bundled())
    return Response(content, media_type=MEDIA_TYPES[".json"], headers={"Cache-Control": CHECKED})


@routes.get(BUNDLED_FILES + "{file:path}", response_class=Response, responses=RESPONSES)
def get_bundled_file(file: str, services: Needed, v: str = "") -> Response:
    """Return the graph of a network of the package, or its card; with its digest in `v`, to be kept for ever."""
    return _to_file(services.networks.read_file(file, is_open=True), file, v)


@routes.get(OWN_FILES + "{file:path}", response_class=Response, responses=RESPONSES)
def get_own_file(file: str, services: Needed, v: str = "") -> Response:
    """Return the same of a network of the user's own."""
    return _to_file(services.networks.read_file(file, is_open=False), file, v)


@routes.post(
    "/api/v1/read",
    response_class=Response,
    responses={**RESPONSES, 200: {"model": schemas.Reading, "description": "What the page says."}},
)
async def read(file: UploadFile, options: Annotated[schemas.ReadOptions, Query()], services: Needed) -> Response:
    """Read a picture, or a page of a PDF or TIFF."""
    name = to_name(file.filename)
    answer = await services.queue.run(read_file, file.file, name, options, services.networks, services.kept)
    headers = {"Inkdigits-Pages": str(answer.n_pages)}
    if answer.result is not None:
        headers["Inkdigits-Result"] = answer.result
    if options.format in DOWNLOADS:
        headers["Content-Disposition"] = f"attachment; filename=reading.{DOWNLOADS[options.format]}"
    return Response(answer.body, media_type=ANSWER_TYPES[options.format], headers=headers)


@routes.post(
    "/api/v1/classify",
    responses=RESPONSES,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schemas.ClassifyRequest.model_json_schema()}},
        }
    },
)
async def classify(request: Request, services: Needed) -> schemas.ClassifyAnswer:
    """Say what each patch, or one ink, shows."""
    with SpooledTemporaryFile(IN_MEMORY_BYTES) as file:  # as with pictures, those that wait lie on the disk
        async for piece in request.stream():
            file.write(piece)
        patches, model = await services.queue.run(parse_patches, file)
    classifier = (await run_in_threadpool(services.networks.open, model)).classifier
    probabilities, scores = await services.batcher.classify(classifier, patches)
    return schemas.ClassifyAnswer(
        probabilities=probabilities.tolist(),
        digit_scores=scores.tolist(),
        model=classifier.card.name,
        model_digest=classifier.digest,
    )


def _to_file(content: bytes, name: str, digest: str) -> Response:
    headers = {"Cache-Control": FOR_EVER if digest == digest_of(content) else CHECKED}
    return Response(content, media_type=MEDIA_TYPES["." + name.rpartition(".")[2]], headers=headers)
