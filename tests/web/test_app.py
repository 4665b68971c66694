"""Reading over HTTP: the same as on the command line, in every format, and what is wrong is said with its status."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import PIL.Image
import pytest
from starlette.testclient import TestClient

from inkdigits import __version__
from inkdigits.settings import Settings
from inkdigits.web import reading
from inkdigits.web.app import COMPRESSED_BYTES
from tests.bars import BLANK, BLOCK, BROKEN, ONE, THREE, bar, read
from tests.web.conftest import Serve


def test_a_picture_is_read(client: TestClient):
    """Label, name and size."""
    answer = read(client, THREE, "three.png")
    reading = answer.json()
    assert (answer.status_code, reading["text"], reading["source"], reading["width"]) == (200, "3", "three.png", 64)
    assert answer.headers["inkdigits-pages"] == "1"
    assert "inkdigits-result" not in answer.headers


def test_the_answer_is_what_the_command_line_prints(client: TestClient, settings: Settings, tmp_path: Path):
    """Byte for byte."""
    (tmp_path / "one.png").write_bytes(ONE)
    command = [sys.executable, "-m", "inkdigits", "read", "one.png", "--format", "json", "--layout", "digit"]
    printed = subprocess.check_output([*command, "--model", settings.model], cwd=tmp_path)
    assert read(client, ONE, "one.png").content == printed


def test_a_blank_and_what_is_no_digit_are_answers(client: TestClient):
    """Neither is an error."""
    assert read(client, BLANK).json()["text"] == ""
    assert read(client, BLOCK).json()["text"] == "?"


@pytest.mark.parametrize("layout", ["auto", "digit", "number", "page"])
def test_every_layout_is_taken(client: TestClient, layout: str):
    """The lines' network is that of the package."""
    assert read(client, layout=layout).status_code == 200


def test_text_csv_and_json_lines_are_those_of_the_writers(client: TestClient):
    """With the media types that programs expect; tables come as downloads."""
    assert read(client, format="text").text == "1\n"
    (row,) = csv.DictReader(io.StringIO(read(client, format="csv").text))
    assert (row["source"], row["text"]) == ("one.png", "1")
    lines = read(client, format="jsonl")
    assert json.loads(lines.text) == read(client).json()
    assert lines.headers["content-type"] == "application/x-ndjson"
    assert lines.headers["content-disposition"] == "attachment; filename=reading.jsonl"


def test_a_spreadsheet_is_a_download(client: TestClient):
    """With one row below its header."""
    answer = read(client, format="xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.values)
    assert (len(rows), rows[1][2]) == (2, "1")
    assert answer.headers["content-disposition"] == "attachment; filename=reading.xlsx"


@pytest.mark.parametrize(
    ("form", "accepted", "encoding"),
    [
        ("json", "gzip, br", "gzip"),
        ("csv", "gzip", "gzip"),
        ("json", "identity", None),
        ("annotated", "gzip", None),
        ("xlsx", "gzip", None),
    ],
)
def test_long_text_is_compressed_where_that_is_accepted(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, form: str, accepted: str, encoding: str | None
):
    """And is the same; pictures and spreadsheets are compressed already."""
    assert "content-encoding" not in read(client, format=form).headers
    body = b"9" * COMPRESSED_BYTES
    monkeypatch.setattr(reading, "_encode", lambda *_: body)
    answer = client.post(f"/api/v1/read?format={form}", files={"file": ONE}, headers={"accept-encoding": accepted})
    assert answer.headers.get("content-encoding") == encoding
    assert answer.content == body
    assert (int(answer.headers["content-length"]) < len(body)) == (encoding is not None)


@pytest.mark.parametrize("drawing", ["annotated", "stages"])
def test_drawings_are_pictures(client: TestClient, drawing: str):
    """PNG, shown and not saved."""
    answer = read(client, format=drawing)
    assert PIL.Image.open(io.BytesIO(answer.content)).format == "PNG"
    assert answer.headers["content-type"] == "image/png"
    assert "content-disposition" not in answer.headers


def test_pages_are_counted_and_chosen(client: TestClient):
    """From 1; the header says how many there are."""
    tiff = bar(4, "TIFF", 8)
    first, second = read(client, tiff), read(client, tiff, page=2)
    assert (first.json()["text"], second.json()["text"], second.json()["page"]) == ("1", "3", 2)
    assert first.headers["inkdigits-pages"] == "2"
    missing = read(client, tiff, page=3)
    assert (missing.status_code, missing.json()["error"]["code"]) == (422, "corrupt-source")


def test_options_are_the_requests_own(client: TestClient):
    """An error that is promised, digits that are expected; the next request has the usual ones again."""
    assert read(client, bar(6), accept_error=0.01).json()["text"] == "?"
    assert read(client, bar(6)).json()["text"] != "?"
    expected = read(client, THREE, expect_digits=2, layout="number").json()
    assert all(len(line["text"]) == 2 for line in expected["lines"])


@pytest.mark.parametrize(
    ("name", "source"),
    [("a/b\\c.png", "c.png"), ("\u202eevil\u200b.png", "evil.png"), ("   ", "   "), ("x" * 500, "x" * 200)],
)
def test_a_name_is_no_path_and_holds_no_secrets(client: TestClient, name: str, source: str):
    """Only its last part, what can be seen of it, and not too much."""
    assert read(client, name=name).json()["source"] == source


@pytest.mark.parametrize(
    ("picture", "query", "status", "code"),
    [
        (b"no picture", {}, 415, "unsupported-format"),
        (BROKEN, {}, 422, "corrupt-source"),
        (b"", {}, 422, "corrupt-source"),
        (ONE, {"model": "none"}, 404, "model-not-found"),
        (ONE, {"layout": "spiral"}, 400, "usage"),
        (ONE, {"accept_error": 2}, 400, "usage"),
        (ONE, {"accept_error": "nan"}, 400, "usage"),
        (ONE, {"accept_error": 1e-9}, 400, "usage"),
        (ONE, {"page": 0}, 400, "usage"),
        (ONE, {"colour": "red"}, 400, "usage"),
    ],
)
def test_what_is_wrong_has_its_status_and_code(
    client: TestClient, picture: bytes, query: dict[str, object], status: int, code: str
):
    """And a message."""
    answer = read(client, picture, **query)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["message"].endswith((".", "[heic]'"))


def test_a_path_is_no_model(client: TestClient, settings: Settings):
    """Who sends requests opens no files of the server."""
    assert read(client, model=settings.model).status_code == 404


def test_a_request_without_a_file_is_told_so(client: TestClient):
    """In our form."""
    answer = client.post("/api/v1/read")
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        {"code": "usage", "message": "file: Field required."},
    )


def test_a_picture_of_too_many_pixels_is_refused(serve: Serve):
    """Before it is decoded."""
    answer = read(serve(max_megapixels=0.001))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "source-too-large")


@pytest.mark.parametrize("is_said", [True, False])
def test_a_request_of_too_many_bytes_is_refused(serve: Serve, is_said: bool):
    """Whether it says how long it is or not."""
    client = serve(max_megabytes=0.001)
    body = [b"-" * 600] * 3
    content = b"".join(body) if is_said else iter(body)
    headers = {"content-type": "multipart/form-data; boundary=x"}
    for path in ("read", "classify"):
        answer = client.post(f"/api/v1/{path}", content=content if is_said else iter(body), headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request-too-large"), path


def test_health_and_description(client: TestClient):
    """Whoever watches and whoever writes a client finds what it needs; no page loads scripts from elsewhere."""
    assert client.get("/healthz").json() == {"status": "ok", "version": __version__}
    paths = client.get("/api/openapi.json").json()["paths"]
    assert {"/api/v1/read", "/api/v1/classify", "/api/v1/results", "/api/v1/corrections"} <= set(paths)
    assert client.get("/docs").status_code == client.get("/redoc").status_code == 404


def test_what_is_nowhere_is_said_in_our_form(client: TestClient):
    """Addresses and methods that there are not."""
    assert client.get("/api/v1/none").json()["error"]["code"] == "path-not-found"
    answer = client.delete("/api/v1/read")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method")
    assert answer.headers["allow"] == "POST"


def test_metrics_count_requests_by_route(client: TestClient):
    """Not by address, or strangers would fill the memory; and the process with its memory."""
    read(client)
    for n in range(3):
        client.get(f"/api/v1/results/{n:026x}")
        client.get(f"/nowhere/{n}")
    text = client.get("/metrics").text
    assert 'inkdigits_requests_total{method="POST",route="/api/v1/read",status="200"} 1.0' in text
    assert 'inkdigits_requests_total{method="GET",route="/api/v1/results/{result}",status="404"} 3.0' in text
    assert 'inkdigits_requests_total{method="GET",route="other",status="404"} 3.0' in text
    assert sys.platform != "linux" or "process_resident_memory_bytes" in text
