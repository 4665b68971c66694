"""Whatever is sent to whatever there is, the answer is ours: every endpoint of the description, with any values.

Requests are made from the server's own OpenAPI: half of the values fit their schema, half are anything.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from inkdigits.settings import Settings
from inkdigits.web.app import make_app
from inkdigits.web.guards import HEADERS
from tests.bars import BASE, BROKEN, ONE, bar

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)

PICTURES = st.sampled_from([ONE, bar(8, "TIFF", 4), BROKEN, b""]) | st.binary(max_size=200)

N_ENDPOINTS = 15

EXAMPLES = 40
"""Requests to each endpoint at each run."""


@pytest.fixture(scope="module")
def client(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server with something in its store."""
    store = f"sqlite:///{tmp_path_factory.mktemp('fuzz')}/results.sqlite"
    app = make_app(Settings(model=str(tiny_model), store=store, max_megapixels=0.1, timeout_s=600))
    with TestClient(app, BASE, raise_server_exceptions=False) as client:
        answer = client.post("/api/v1/read?keep=true&layout=digit", files={"file": ONE})
        client.headers["x-kept"] = answer.headers["inkdigits-result"]
        yield client


def fitting(schema: dict[str, Any], whole: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return values that fit a schema, roughly: what it says of types, choices, limits and parts."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return fitting((whole.get("components", {}).get("schemas") or whole["$defs"])[name], whole)
    if "anyOf" in schema:
        return st.one_of(*(fitting(each, whole) for each in schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "object":
            parts = {name: fitting(each, whole) for name, each in schema.get("properties", {}).items()}
            return st.fixed_dictionaries({}, optional=parts)
        case "array":
            n = schema.get("minItems", 0)
            return st.lists(fitting(schema["items"], whole), min_size=n, max_size=min(schema.get("maxItems", 3), 3) + n)
        case "integer":
            return st.integers(schema.get("minimum"), schema.get("maximum"))
        case "number":
            return st.floats(schema.get("minimum"), schema.get("maximum"), allow_nan=False, allow_infinity=False)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "string" if schema.get("format") == "date-time":
            return st.datetimes().map(str) | st.sampled_from(["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59Z"])
        case "string" if "pattern" in schema:
            return st.from_regex(schema["pattern"], fullmatch=True)
        case _:
            return st.text()


def operations(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return method, path and description of every endpoint."""
    return [
        (method, path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]


def to_text(value: Any) -> str:
    """Write a value as it stands in an address."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "replace").decode()


@pytest.mark.parametrize("number", range(N_ENDPOINTS))
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_request_is_a_fault(client: TestClient, number: int, data: st.DataObject):
    """No status of 500 and above but 503, every error in our form, every answer with our headers."""
    description = client.get("/api/openapi.json").json()
    method, path, operation = operations(description)[number]

    def draw(schema: dict[str, Any], name: str = "") -> Any:
        kept = st.just(client.headers["x-kept"]) if name in ("result", "after") else st.nothing()
        return data.draw(kept | fitting(schema, description) | ANYTHING)

    query: dict[str, str] = {}
    for each in operation.get("parameters", []):
        if each["in"] == "path":
            value = to_text(draw(each["schema"], each["name"]))
            path = path.replace(f"{{{each['name']}}}", quote(value, safe=""))
        elif each.get("required") or data.draw(st.booleans()):
            query[each["name"]] = to_text(draw(each["schema"], each["name"]))
    answer = client.request(method, path, params=query, **_body(operation, draw, data))
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    assert answer.status_code < 400 or set(answer.json()["error"]) == {"code", "message"}
    assert all(answer.headers[name] == HEADERS[name] for name in HEADERS)


def _body(operation: dict[str, Any], draw: Any, data: st.DataObject) -> dict[str, Any]:
    """Make the body that an endpoint asks for."""
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        return {
            "files": {
                "file": (data.draw(st.text(max_size=20)).encode("utf-8", "replace").decode(), data.draw(PICTURES))
            }
        }
    if "application/json" in content:
        body = draw(content["application/json"]["schema"])
        if isinstance(body, dict) and "result" in body and data.draw(st.booleans()):
            body["result"] = draw({"type": "string"}, "result")
        text = json.dumps(body).encode("utf-8", "surrogatepass")
        return {"content": text, "headers": {"content-type": "application/json"}}
    return {}


def test_every_endpoint_is_fuzzed(client: TestClient):
    """The number above is that of the endpoints."""
    assert len(operations(client.get("/api/openapi.json").json())) == N_ENDPOINTS
    assert {"/api/v1/read", "/api/v1/corrections"} <= set(client.get("/api/openapi.json").json()["paths"])


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW"]),
    path=st.text(max_size=30),
    body=st.binary(max_size=100),
    kind=st.sampled_from(
        ["application/json", "multipart/form-data", "multipart/form-data; boundary=x", "text/plain", ""]
    ),
)
def test_no_address_is_a_fault(client: TestClient, method: str, path: str, body: bytes, kind: str):
    """Anything to anywhere."""
    place = quote(to_text(path), safe="")
    for prefix in ("/", "/api/v1/", "/models/", "/static/"):
        answer = client.request(method, prefix + place, content=body, headers={"content-type": kind})
        assert answer.status_code < 500, (prefix, answer.text)
