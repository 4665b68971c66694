"""Results are kept where that was asked for, shown, corrected, taken away and deleted."""

import csv
import io
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import PIL.Image
import pytest
from starlette.testclient import TestClient

from inkdigits.errors import StoreError
from inkdigits.store import Store, open_store, results
from inkdigits.web import services
from inkdigits.web.reading import MEDIA_TYPES
from tests.bars import BROKEN, ONE, THREE, read
from tests.web.conftest import Serve

NOBODY = "0" * 26


def keep(client: TestClient, picture: bytes = ONE, **query: object) -> str:
    """Read a picture, keep the result, and return its id."""
    answer = read(client, picture, keep=True, **query)
    assert answer.status_code == 200
    return str(answer.headers["inkdigits-result"])


def correct(client: TestClient, **said: Any) -> dict[str, Any]:
    """Correct something."""
    answer = client.post("/api/v1/corrections", json=said)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def wait_for_one(client: TestClient) -> str:
    """Wait until a single result is left, a minute at most, and return its id."""
    end = time.monotonic() + 60
    while len(found := client.get("/api/v1/results").json()["results"]) != 1:
        assert time.monotonic() < end
    return str(found[0]["id"])


def test_nothing_is_kept_unasked(client: TestClient):
    """Neither a reading nor an error, and of what is kept no picture."""
    read(client)
    read(client, BROKEN, keep=True)
    assert client.get("/api/v1/results").json() == {"results": [], "next": None}
    assert client.get(f"/api/v1/results/{keep(client)}").json()["has_picture"] is False


def test_what_is_kept_is_what_was_answered(client: TestClient):
    """With its time."""
    answer = read(client, THREE, keep=True)
    kept = client.get(f"/api/v1/results/{answer.headers['inkdigits-result']}").json()
    assert kept["reading"] == answer.json()
    assert datetime.now(UTC) - datetime.fromisoformat(kept["saved_at"]) < timedelta(minutes=5)


@pytest.mark.parametrize("form", MEDIA_TYPES)
def test_every_format_can_be_kept(client: TestClient, form: str):
    """The id stands in a header, so that the body is the same."""
    assert client.get(f"/api/v1/results/{keep(client, format=form)}").json()["reading"]["text"] == "1"


def test_a_picture_is_kept_where_that_is_asked_for(client: TestClient):
    """As people see it, and without what cameras write into files."""
    turned = io.BytesIO()
    exif = PIL.Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a secret camera"
    PIL.Image.new("RGB", (40, 20), "white").save(turned, "jpeg", exif=exif)
    kept = keep(client, turned.getvalue(), keep_picture=True)
    answer = client.get(f"/api/v1/results/{kept}/picture")
    picture = PIL.Image.open(io.BytesIO(answer.content))
    assert (picture.format, picture.size) == ("JPEG", (20, 40))
    assert b"secret" not in answer.content
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"
    missing = client.get(f"/api/v1/results/{keep(client)}/picture")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "result-not-found")


def test_results_are_found_in_pages(client: TestClient):
    """Newest first; each page says how to ask for the next."""
    ids = [keep(client, name=f"{n}.png") for n in range(3)]
    first = client.get("/api/v1/results", params={"limit": 2}).json()
    second = client.get("/api/v1/results", params={"limit": 2, "after": first["next"]}).json()
    assert [each["id"] for each in first["results"] + second["results"]] == ids[::-1]
    assert second["next"] is None
    assert [each["id"] for each in client.get("/api/v1/results", params={"query": "1.PNG"}).json()["results"]] == [
        ids[1]
    ]


@pytest.mark.parametrize(
    "query",
    [{"query": "a\0"}, {"query": "x" * 201}, {"after": "x"}, {"limit": 0}, {"limit": 101}, {"colour": "red"}],
)
def test_a_search_that_makes_no_sense_is_refused(client: TestClient, query: dict[str, Any]):
    """A zero byte, which PostgreSQL does not take, among them."""
    answer = client.get("/api/v1/results", params=query)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "usage")


def test_corrections_stand_beside_what_was_read(client: TestClient):
    """All of them, in order; the reading stays as it was."""
    kept = keep(client)
    first = correct(client, result=kept, line=0, digit=0, label=7)
    second = correct(client, result=kept, line=0, text="1.7")
    shown = client.get(f"/api/v1/results/{kept}").json()
    assert shown["corrections"] == [first, second]
    assert shown["reading"]["text"] == "1"
    assert client.get("/api/v1/corrections").json() == {"corrections": [second, first], "next": None}
    page = client.get("/api/v1/corrections", params={"limit": 1}).json()
    assert (page["corrections"], page["next"]) == ([second], second["id"])


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"line": 0, "digit": 0, "label": 10}, 400),
        ({"line": 5, "text": "1"}, 400),
        ({"line": 0, "label": 1}, 400),
        ({"line": 0, "digit": 0, "label": 1, "text": "1"}, 400),
        ({"line": 0, "text": "<b>"}, 400),
        ({"line": 0, "text": "1\x00"}, 400),
        ({"line": -1, "text": "1"}, 400),
        ({"line": 0, "text": "1", "colour": "red"}, 400),
        ({"result": NOBODY, "line": 0, "text": "1"}, 404),
        ({"result": "x", "line": 0, "text": "1"}, 400),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(client: TestClient, said: dict[str, Any], status: int):
    """And not kept."""
    answer = client.post("/api/v1/corrections", json={"result": keep(client), **said})
    assert answer.status_code == status
    assert client.get("/api/v1/corrections").json()["corrections"] == []


def test_an_export_holds_what_people_corrected(client: TestClient):
    """Tables have the corrected text, JSON lines the reading and its corrections."""
    kept, other = keep(client), keep(client, THREE, name="=1+1.png")
    correct(client, result=kept, line=0, digit=0, label=7)
    rows = list(csv.DictReader(io.StringIO(client.get("/api/v1/results/export").text)))
    assert [(row["source"], row["text"], row["formatted"]) for row in rows] == [
        ("'=1+1.png", "3", "3"),
        ("one.png", "7", "7"),
    ]
    book = client.get("/api/v1/results/export", params={"format": "xlsx"})
    assert [row[2] for row in openpyxl.load_workbook(io.BytesIO(book.content)).active.values] == ["text", "3", "7"]
    assert book.headers["content-disposition"] == "attachment; filename=results.xlsx"
    lines = client.get("/api/v1/results/export", params={"format": "jsonl"}).text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [other, kept]
    assert json.loads(lines[1]) == client.get(f"/api/v1/results/{kept}").json()


def test_an_export_of_nothing_is_a_table_without_rows(client: TestClient):
    """And no error."""
    assert len(client.get("/api/v1/results/export").text.splitlines()) == 1
    assert client.get("/api/v1/results/export?format=jsonl").text == ""


def test_results_are_deleted_one_by_one_or_by_age(client: TestClient):
    """A moment without a zone is in UTC."""
    kept, other = keep(client), keep(client)
    assert client.delete(f"/api/v1/results/{kept}").json() == {"n_deleted": 1}
    assert client.delete(f"/api/v1/results/{kept}").json()["error"]["code"] == "result-not-found"
    assert client.get(f"/api/v1/results/{other}").status_code == 200
    assert client.delete("/api/v1/results").status_code == 400
    assert client.delete("/api/v1/results?before=2100-01-01&query=one").status_code == 400  # it would not narrow it
    assert client.delete("/api/v1/results", params={"before": "2020-01-01"}).json() == {"n_deleted": 0}
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).replace(tzinfo=None).isoformat()
    assert client.delete("/api/v1/results", params={"before": tomorrow}).json() == {"n_deleted": 1}


def test_old_results_are_deleted_at_start_and_every_day(serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Any):
    """Where a retention is set; else they stay for ever."""
    place = f"sqlite:///{tmp_path}/old.sqlite"
    store = open_store(place)
    reading = read(serve()).json()
    with monkeypatch.context() as patch:
        old = (datetime.now(UTC) - timedelta(days=8)).timestamp()
        patch.setattr(results.time, "time_ns", lambda: round(old * 1e9))
        store.save(reading)
    new = store.save(reading)
    assert len(serve(store=place).get("/api/v1/results").json()["results"]) == 2
    monkeypatch.setattr(services, "DAY_S", 0.01)
    client = serve(store=place, retention_days=7)
    assert wait_for_one(client) == new
    with monkeypatch.context() as patch:
        patch.setattr(results.time, "time_ns", lambda: round(old * 1e9))
        store.save(reading)
    assert wait_for_one(client) == new
    store.close()


def test_a_retention_that_fails_is_tried_again(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """The server lives on, and its log says so."""
    tries = threading.Semaphore(0)

    def fail(*_: object) -> int:
        tries.release()
        raise StoreError("the disk is full")

    monkeypatch.setattr(services, "DAY_S", 0.01)
    monkeypatch.setattr(Store, "delete_before", fail)
    client = serve(retention_days=1)
    assert all(tries.acquire(timeout=60) for _ in range(2))
    assert read(client).status_code == 200
    assert "retention failed" in caplog.text


@pytest.mark.parametrize("changes", [{"store": "none"}, {"store": None, "public": True}])
def test_a_server_without_a_store_says_so(serve: Serve, changes: dict[str, Any]):
    """It reads, and whoever asks to keep learns why not; a public one keeps nothing unless it is told where."""
    client = serve(**changes)
    assert read(client).status_code == 200
    assert client.get("/api/v1/models").json()["keeps_results"] is False
    for answer in (read(client, keep=True), client.get("/api/v1/results"), client.get("/api/v1/corrections")):
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no-store")
