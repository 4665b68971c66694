"""The page's files go out small, and are kept for as long as they may be."""

import gzip
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from inkdigits.web import app as web_app
from inkdigits.web.files import accepts
from tests.web.conftest import Serve

LASTING = "public, max-age=31536000, immutable"


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, serve: Serve) -> TestClient:
    """A client of a page of our own."""
    folder = tmp_path / "page"
    (folder / "text").mkdir(parents=True)
    for name, content in {
        "index.html": b"<!doctype html>" * 100,
        "app.js": b"let a = 1;\n" * 100,
        "worker.mjs": b"let a = 1;\n" * 100,
        "app-0123abcd.js": b"let b = 1;\n" * 100,
        "run.wasm": b"\0asm" * 100,
        "run.wasm.br": b"brotli",
        "run.wasm.gz": gzip.compress(b"\0asm" * 100),
        "icon.png": b"\x89PNG" * 100,
        "text/en.json": b"{}",
    }.items():
        (folder / name).write_bytes(content)
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    monkeypatch.setattr(web_app, "PAGE", folder)
    return serve()


@pytest.mark.parametrize("path", ["/", "/index.html", "/static/index.html"])
def test_the_page_is_asked_for_each_time(page: TestClient, path: str):
    """So that a new version is seen at once."""
    answer = page.get(path)
    assert answer.text == "<!doctype html>" * 100
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("path", "cache"),
    [
        ("/static/app.js", "no-cache"),
        ("/static/app.js?v=", "no-cache"),
        ("/static/app.js?v=3", LASTING),
        ("/static/app-0123abcd.js", LASTING),
        ("/app.js?v=3", LASTING),
    ],
)
def test_what_changes_its_address_is_kept_for_ever(page: TestClient, path: str, cache: str):
    """A digest in its name, or a version behind it; below /static or beside the page."""
    assert page.get(path).headers["cache-control"] == cache


def test_what_a_browser_has_is_not_sent_again(page: TestClient):
    """Of each form of a file by itself."""
    for accepted in ("gzip", "identity"):
        headers = {"accept-encoding": accepted}
        tag = page.get("/app.js", headers=headers).headers["etag"]
        again = page.get("/app.js", headers={**headers, "if-none-match": tag})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("path", "accepted", "encoding"),
    [
        ("/app.js", "gzip, br", "gzip"),
        ("/app.js", "br", None),
        ("/app.js", "identity", None),
        ("/app.js", "gzip;q=0", None),
        ("/run.wasm", "gzip, deflate, br", "br"),
        ("/run.wasm", "gzip", "gzip"),
        ("/run.wasm", "identity", None),
        ("/icon.png", "gzip, br", None),
    ],
)
def test_files_are_compressed_where_the_browser_takes_it(page: TestClient, path: str, accepted: str, encoding: str):
    """As they lie there compressed, or else here; what is small already is left alone."""
    with page.stream("GET", path, headers={"accept-encoding": accepted}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    if encoding == "br":
        assert raw == b"brotli"
    elif encoding == "gzip":
        assert gzip.decompress(raw) == page.get(path, headers={"accept-encoding": "identity"}).content


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/run.wasm", "application/wasm"),
        ("/app.js", "text/javascript; charset=utf-8"),
        ("/worker.mjs", "text/javascript; charset=utf-8"),
        ("/text/en.json", "application/json"),
        ("/icon.png", "image/png"),
    ],
)
def test_media_types_are_those_that_browsers_insist_on(page: TestClient, path: str, media_type: str):
    """Compressed or not."""
    for accepted in ("identity", "gzip", "br"):
        assert page.get(path, headers={"accept-encoding": accepted}).headers["content-type"] == media_type


@pytest.mark.parametrize(
    "path",
    ["/none", "/text", "/text/", "/static", "/static/", "/..%2fsecret.txt", "/link.txt", "/a\0b", "/" + "x" * 5000],
)
def test_nothing_else_is_served(page: TestClient, path: str):
    """No folder, nothing outside of it, nothing that a link leads out to."""
    answer = page.get(path.replace("\0", "%00"))
    assert "secret" not in answer.text
    assert answer.status_code == 404 or path == "/static/"


def test_a_file_that_changes_is_seen(page: TestClient, tmp_path: Path):
    """Also where its compressed form was remembered."""
    page.get("/app.js")
    (tmp_path / "page" / "app.js").write_text("let c = 1;")
    assert page.get("/app.js").text == "let c = 1;"


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [("gzip", True), ("br, GZIP;q=0.5", True), ("gzip;q=0.0", False), ("*", False), ("", False), ("x-gzip", False)],
)
def test_what_a_browser_accepts_is_understood(accepted: str, expected: bool):
    """In doubt the plain file goes out."""
    assert accepts(accepted, "gzip") is expected
