"""A small server for the tests of the page: its files, the networks, and just enough of the HTTP interface."""

import gzip
import io
import json
import mimetypes
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import PIL.Image

from inkdigits.errors import InkdigitsError
from inkdigits.graphs import BUNDLED, NORMALIZER, find_line_model, find_model, load_card, model_names, open_graph
from inkdigits.outputs import get_writer, to_fields
from inkdigits.outputs.picture import to_annotated_picture
from inkdigits.reader import Reader, open_reader
from inkdigits.settings import load_settings
from inkdigits.stages import to_stages_picture

STATIC = BUNDLED.parent / "web" / "static"

POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data:"

STATUSES = {"unsupported-format": 415, "source-too-large": 413}
"""Of errors that are no 422."""

LARGEST_BYTES = 20_000_000


class Site(ThreadingHTTPServer):
    """Serves the page below a prefix, and remembers what tests ask about."""

    daemon_threads = True

    def __init__(self, prefix: str = "/", token: str | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.prefix, self.token = prefix, token
        self.requests: list[str] = []
        self.kept: dict[str, dict[str, Any]] = {}
        self.failing: tuple[int, str] | None = None
        """Status and message with which the next readings are refused."""
        self.hold = threading.Event()
        """Cleared: the networks for the page are held back."""
        self.hold.set()

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.server_address[1]}{self.prefix}"


@contextmanager
def serve(prefix: str = "/", token: str | None = None) -> Iterator[Site]:
    """Serve until the block ends."""
    site = Site(prefix, token)
    thread = threading.Thread(target=site.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield site
    finally:
        site.hold.set()
        site.shutdown()
        thread.join()
        site.server_close()


class RefusedError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Site
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Files, networks, results."""
        self._answer("GET")

    def do_POST(self) -> None:
        """Readings and corrections."""
        self._answer("POST")

    def do_DELETE(self) -> None:
        """Results."""
        self._answer("DELETE")

    def _answer(self, method: str) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = urlsplit(self.path)
        self.server.requests.append(f"{method} {self.path}")
        self.query = {name: values[0] for name, values in parse_qs(url.query).items()}
        path = url.path.removeprefix(self.server.prefix)
        try:
            for pattern, answer in ROUTES[method].items():
                if found := re.fullmatch(pattern, path):
                    self._check_token(path)
                    answer(self, *found.groups())
                    return
            raise RefusedError(404, "not-found", "There is no such page.")
        except RefusedError as refusal:
            self.send_json({"error": {"code": refusal.code, "message": str(refusal)}}, refusal.status)
        except InkdigitsError as error:
            status = STATUSES.get(error.code, 422)
            self.send_json({"error": {"code": error.code, "message": str(error)}}, status)

    def _check_token(self, path: str) -> None:
        expected = self.server.token
        if expected and path.startswith("api/") and self.headers.get("Authorization") != f"Bearer {expected}":
            raise RefusedError(401, "token", "A token is needed.")

    def send(self, content: bytes, kind: str, status: int = 200, headers: dict[str, str] | None = None) -> None:
        """Send an answer, small enough to fit into memory."""
        self.send_response(status)
        packed = {}
        if kind.startswith(("text/", "application/json")) and len(content) > 1000:
            content, packed = gzip.compress(content), {"Content-Encoding": "gzip"}
        named = {"Content-Type": kind, "Content-Length": str(len(content)), "Content-Security-Policy": POLICY}
        for name, value in {**named, "Cache-Control": "no-cache", **packed, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the page went on to something newer

    def send_json(self, fields: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        """Send an object."""
        self.send(json.dumps(fields).encode(), "application/json", status, headers)

    def file(self) -> tuple[str, bytes]:
        """Return the name and the content of the file in the form."""
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        for part in message_from_bytes(head + self.body).get_payload():
            if part.get_param("name", header="content-disposition") == "file":
                return part.get_filename() or "", part.get_payload(decode=True)
        raise RefusedError(400, "usage", "There is no file in the form.")


def send_page(request: Handler) -> None:
    """Send index.html."""
    request.send((STATIC / "index.html").read_bytes(), "text/html; charset=utf-8")


def send_static(request: Handler, name: str) -> None:
    """Send a file of the page; what the build hook compressed as it is."""
    path = STATIC / name
    if not path.is_file() or STATIC not in path.resolve().parents:
        raise RefusedError(404, "not-found", "There is no such file.")
    headers = {}
    if "vendor/" in name:
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    kind = {".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm"}.get(
        path.suffix, mimetypes.guess_type(name)[0] or "application/octet-stream"
    )
    packed = path.with_name(path.name + ".gz")
    if packed.is_file():
        path, headers["Content-Encoding"] = packed, "gzip"
    request.send(path.read_bytes(), kind, headers=headers)


def send_graph(request: Handler, name: str) -> None:
    """Send a network, its card, or the normaliser."""
    request.server.hold.wait()
    kind = "application/json" if name.endswith(".json") else "application/octet-stream"
    request.send((BUNDLED / name).read_bytes(), kind)


def send_models(request: Handler) -> None:
    """Say which networks there are."""
    request.send_json(describe_models())


@cache
def describe_models() -> dict[str, Any]:
    """Return what /api/v1/models says."""

    def graph(path: Path) -> dict[str, Any]:
        return {"url": f"models/{path.relative_to(BUNDLED).as_posix()}", "digest": open_graph(path).digest}

    models = []
    for name in model_names():
        path = find_model(name)
        card = load_card(path)
        models.append(
            {
                "name": name,
                **graph(path),
                "card_url": f"models/{name}.json",
                "n_parameters": card.facts["n_parameters"],
                "size_bytes": path.stat().st_size,
                "digit_score_threshold": card.digit_score_threshold,
                "has_digit_score": bool(card.facts.get("recipe", {}).get("negatives")),
                "is_bundled": True,
            }
        )
    return {
        "default": "default",
        "line_model": graph(find_line_model()),
        "normaliser": graph(NORMALIZER),
        "models": models,
    }


@cache
def open_cached_reader(model: str, expect_digits: int | None) -> Reader:
    """Open each reader once."""
    return open_reader(load_settings({"model": model, "expect_digits": expect_digits}))


def send_reading(request: Handler) -> None:
    """Read a picture, and keep the result when asked to."""
    if request.server.failing:
        status, message = request.server.failing
        raise RefusedError(status, "refused", message)
    name, content = request.file()
    if len(content) > LARGEST_BYTES:
        raise RefusedError(413, "too-large", f"A file has at most {LARGEST_BYTES // 10**6} MB.")
    query = request.query
    expect = int(query["expect_digits"]) if "expect_digits" in query else None
    reader = open_cached_reader(query.get("model", "default"), expect)
    with reader.open_pages(content) as pages:
        stages = reader.stages(pages.load(int(query.get("page", 1))), query.get("layout", "auto"))
        n_pages = pages.n
    reading = replace(stages.reading, source=name)
    headers = {"Inkdigits-Pages": str(n_pages)}
    match query.get("format", "json"):
        case "stages":
            request.send(to_png(to_stages_picture(stages)), "image/png", headers=headers)
        case "annotated":
            request.send(to_png(to_annotated_picture(stages.image, reading)), "image/png", headers=headers)
        case "json":
            fields = to_fields(reading)
            if query.get("keep") == "true":
                headers["Inkdigits-Result"] = keep(request.server, fields, to_jpeg(stages.image))
            request.send_json(fields, headers=headers)
        case other:
            out = io.BytesIO()
            get_writer(other)([reading], out, many=False)
            request.send(out.getvalue(), "application/octet-stream", headers=headers)


def keep(site: Site, reading: dict[str, Any], picture: bytes) -> str:
    """Keep a result; return its id."""
    number = f"{len(site.kept):026x}"
    moment = datetime.now(UTC).isoformat()
    about = {"id": number, "saved_at": moment, "has_picture": True, "reading": reading, "corrections": []}
    site.kept[number] = {**about, "picture": picture}
    return number


def to_jpeg(image: Any) -> bytes:
    """Return a picture as people see it."""
    out = io.BytesIO()
    PIL.Image.fromarray(image.colour).save(out, "JPEG")
    return out.getvalue()


def find_results(request: Handler) -> None:
    """Send some kept results, newest first."""
    query, limit = request.query.get("query", ""), int(request.query.get("limit", 20))
    found = [each for each in request.server.kept.values() if query in json.dumps(each["reading"])][::-1]
    ids = [each["id"] for each in found]
    rest = found[ids.index(request.query["after"]) + 1 :] if "after" in request.query else found
    shown = [{name: value for name, value in each.items() if name != "picture"} for each in rest[:limit]]
    request.send_json({"results": shown, "next": shown[-1]["id"] if len(rest) > limit else None})


def send_picture(request: Handler, number: str) -> None:
    """Send the picture of a result."""
    request.send(request.server.kept[number]["picture"], "image/jpeg")


def export_results(request: Handler) -> None:
    """Send all results, one object a line, whatever the format."""
    lines = [json.dumps(each["reading"]) for each in request.server.kept.values()]
    request.send("\n".join(lines).encode(), "application/x-ndjson")


def delete_result(request: Handler, number: str) -> None:
    """Delete a result."""
    del request.server.kept[number]
    request.send_json({"n_deleted": 1})


def add_correction(request: Handler) -> None:
    """Take a correction."""
    said = json.loads(request.body)
    request.server.kept[said["result"]]["corrections"].append({"text": None, **said})
    request.send_json(said, 201)


def to_png(picture: Any) -> bytes:
    """Return the bytes of a PNG file."""
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


Answer = Callable[..., None]

ROUTES: dict[str, dict[str, Answer]] = {
    "GET": {
        "": send_page,
        "static/(.+)": send_static,
        "models/([a-z/-]+[.](?:onnx|json))": send_graph,
        "api/v1/models": send_models,
        "api/v1/results": find_results,
        "api/v1/results/export": export_results,
        "api/v1/results/([0-9a-f]{26})/picture": send_picture,
    },
    "POST": {"api/v1/read": send_reading, "api/v1/corrections": add_correction},
    "DELETE": {"api/v1/results/([0-9a-f]{26})": delete_result},
}
