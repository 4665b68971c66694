"""Who may come in, from where, and what every answer carries."""

import asyncio
import logging
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from inkdigits.web import app as web_app
from inkdigits.web.guards import HEADERS, is_loopback
from tests.bars import BROKEN, ONE, read
from tests.web.conftest import Serve

WRITES = [("POST", "/api/v1/read"), ("POST", "/api/v1/corrections"), ("DELETE", "/api/v1/results?before=2020-01-01")]


def ask(client: TestClient, method: str, path: str, **headers: str) -> Any:
    """Send a request with these headers, `_` for `-`."""
    return client.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})


class TestHeaders:
    """No answer goes out without them."""

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/", 200),
            ("GET", "/static/index.html", 200),
            ("GET", "/healthz", 200),
            ("GET", "/metrics", 200),
            ("GET", "/api/v1/models", 200),
            ("GET", "/models/default.onnx", 200),
            ("GET", "/none", 404),
            ("GET", "/api/v1/results/none", 400),
            ("POST", "/healthz", 405),
            ("POST", "/api/v1/read", 400),
            ("OPTIONS", "/api/v1/read", 405),
        ],
    )
    def test_they_are_on_every_answer(self, client: TestClient, method: str, path: str, status: int) -> None:
        """Pages, files, data and errors."""
        answer = client.request(method, path)
        assert answer.status_code == status
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS

    def test_they_are_on_refusals(self, serve: Serve) -> None:
        """By a guard, by a limit, by a decoder."""
        client = serve(token="secret", max_megabytes=0.01)
        right = {"authorization": "Bearer secret"}
        answers = [
            ask(client, "GET", "/api/v1/models"),
            ask(client, "GET", "/", host="evil.example"),
            client.post("/api/v1/classify", content=b" " * 20_000, headers=right),
            client.post("/api/v1/read", files={"file": BROKEN}, headers=right),
        ]
        assert [answer.status_code for answer in answers] == [401, 403, 413, 422]
        assert all(answer.headers[name] == HEADERS[name] for answer in answers for name in HEADERS)

    def test_the_policy_is_the_strict_one(self) -> None:
        """Nothing from elsewhere, no script in the page, no frame around it; WebAssembly may run."""
        policy = HEADERS["Content-Security-Policy"].split("; ")
        assert policy[:2] == ["default-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"]
        assert "'unsafe-inline'" not in HEADERS["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy

    def test_only_the_page_itself_may_use_the_camera(self) -> None:
        """No frame of another site, and nothing else of the machine."""
        assert HEADERS["Permissions-Policy"] == "camera=(self), microphone=(), geolocation=()"

    def test_answers_are_kept_by_no_cache(self, client: TestClient) -> None:
        """They may be private."""
        assert read(client).headers["cache-control"] == "no-store"
        assert client.get("/api/v1/none").headers["cache-control"] == "no-store"

    def test_a_fault_of_ours_tells_nothing(
        self, client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The log says what happened, the answer only that something did."""

        def fail(*_: object) -> None:
            raise RuntimeError("a secret")

        monkeypatch.setattr(web_app, "read_file", fail)
        answer = read(client)
        assert (answer.status_code, answer.json()["error"]["code"]) == (500, "error")
        assert "secret" not in answer.text
        assert all(answer.headers[name] == HEADERS[name] for name in HEADERS)
        assert any("a secret" in str(record.exc_info) for record in caplog.records)


class TestToken:
    """Where there is one, the interface asks for it, and the page does not."""

    @pytest.mark.parametrize(
        "authorization",
        ["", "Bearer", "Bearer wrong", "Basic secret", "secret", "Bearer secre", "Bearer secrets", "Bearer s\xe9cret"],
    )
    def test_none_and_a_wrong_one_are_401(self, serve: Serve, authorization: str) -> None:
        """On every address of the interface, whether there is something or not."""
        client = serve(token="secret")
        for path in ("/api/v1/models", "/api/v1/results", "/api/openapi.json", "/api/none", "/metrics"):
            answer = client.get(path, headers={"authorization": authorization.encode("latin-1")})
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")
            assert answer.headers["www-authenticate"] == "Bearer"

    def test_the_right_one_opens(self, serve: Serve) -> None:
        """However `Bearer` is written."""
        client = serve(token="secret")
        for scheme in ("Bearer", "bearer"):
            assert ask(client, "GET", "/api/v1/models", authorization=f"{scheme} secret").status_code == 200

    def test_the_page_needs_none(self, serve: Serve) -> None:
        """Or nobody could type it in."""
        client = serve(token="secret")
        assert [client.get(path).status_code for path in ("/", "/healthz", "/models/default.json")] == [200] * 3

    def test_a_path_that_only_looks_otherwise_is_guarded_too(self, serve: Serve) -> None:
        """Escapes are read before the guard looks."""
        client = serve(token="secret")
        for path in ("/%61pi/v1/models", "//api/v1/models", "/static/../api/v1/models"):
            assert client.get(path).status_code in (401, 404)


class TestNames:
    """On the loopback only the loopback's names are answered to: others are another site's, by DNS rebinding."""

    @pytest.mark.parametrize(
        ("host", "status"),
        [
            ("localhost:8377", 200),
            ("127.0.0.1", 200),
            ("127.0.0.1:80", 200),
            ("[::1]:8377", 200),
            ("LOCALHOST.", 200),
            ("page.localhost", 200),
            ("evil.example", 403),
            ("localhost.evil.example", 403),
            ("127.0.0.1.evil.example", 403),
            ("192.168.0.1", 403),
            ("[", 403),
            ("localhost@evil.example", 403),
        ],
    )
    def test_other_names_are_refused(self, client: TestClient, host: str, status: int) -> None:
        """On the page too."""
        for path in ("/", "/api/v1/models"):
            assert ask(client, "GET", path, host=host).status_code == status

    @pytest.mark.parametrize("changes", [{"host": "0.0.0.0", "token": "t"}, {"public": True}])
    def test_elsewhere_any_name_will_do(self, serve: Serve, changes: dict[str, Any]) -> None:
        """Nobody knows what the machine is called there; behind a proxy, `public` says that it is meant so."""
        answer = ask(serve(**changes), "GET", "/api/v1/models", host="a.example", authorization="Bearer t")
        assert answer.status_code == 200

    @pytest.mark.parametrize(
        ("host", "expected"),
        [("127.1.2.3", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("", False), ("::", False)],
    )
    def test_the_loopback_is_known(self, host: str, expected: bool) -> None:
        """All addresses of all machines are not it."""
        assert is_loopback(host) is expected


class TestOrigins:
    """The pages of other sites change nothing here, even where a browser would let them ask."""

    @pytest.mark.parametrize(("method", "path"), WRITES)
    @pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:99", "http://localhost.evil"])
    def test_another_site_is_refused(self, client: TestClient, method: str, path: str, origin: str) -> None:
        """Before anything is looked at."""
        answer = ask(client, method, path, origin=origin)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")

    @pytest.mark.parametrize(("method", "path"), WRITES)
    def test_a_browser_that_only_says_cross_site_is_refused(self, client: TestClient, method: str, path: str) -> None:
        """As some do without an origin."""
        assert ask(client, method, path, sec_fetch_site="cross-site").status_code == 403

    def test_our_own_page_and_programs_are_served(self, client: TestClient) -> None:
        """The page is of the same origin; a program names none."""
        for headers in ({"origin": "http://localhost"}, {"sec-fetch-site": "same-origin"}, {}):
            assert client.post("/api/v1/read", files={"file": ONE}, headers=headers).status_code == 200

    def test_behind_a_proxy_with_tls_the_page_is_still_ours(self, serve: Serve) -> None:
        """The host is the same, the scheme need not be."""
        client = serve(public=True)
        headers = {"origin": "https://digits.example", "host": "digits.example"}
        assert client.post("/api/v1/read", files={"file": ONE}, headers=headers).status_code == 200

    def test_behind_a_proxy_that_changes_the_host_too(self, serve: Serve) -> None:
        """As many do: the browser itself says that the page is of the same origin, and no page can make it say so."""
        client = serve(public=True)
        headers = {"origin": "https://digits.example", "host": "127.0.0.1:8377", "sec-fetch-site": "same-origin"}
        assert client.post("/api/v1/read", files={"file": ONE}, headers=headers).status_code == 200


def test_a_request_that_says_it_is_too_long_is_not_even_received(app: FastAPI):
    """By its own account; what it says may be nonsense."""
    sent: list[Any] = []

    async def receive() -> Any:
        raise AssertionError("it was received")

    async def send(message: Any) -> None:
        sent.append(message)

    def ask_with(length: bytes) -> int:
        headers = [(b"host", b"localhost"), (b"content-length", length)]
        scope = {"type": "http", "method": "POST", "path": "/none", "headers": headers, "query_string": b""}
        asyncio.run(app(scope, receive, send))
        return int(sent.pop(0)["status"])

    assert ask_with(b"65000000") == 413
    sent.clear()
    assert ask_with(b"\xb2x") == 405


def test_who_hangs_up_is_no_fault(app: FastAPI, caplog: pytest.LogCaptureFixture):
    """Nobody is left to be answered, and there is nothing to repair."""

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(_: Any) -> None:
        raise AssertionError("it was answered")

    headers = [(b"host", b"localhost")]
    scope = {"type": "http", "method": "POST", "path": "/api/v1/classify", "headers": headers, "query_string": b""}
    asyncio.run(app(scope, receive, send))
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_the_log_holds_no_names_and_no_pictures(serve: Serve, caplog: pytest.LogCaptureFixture):
    """Method, route, status, size and time; neither the file's name, nor what was searched, nor the token."""
    client = serve(token="token-secret")
    headers = {"authorization": "Bearer token-secret"}
    with caplog.at_level(logging.INFO, "inkdigits.web"):
        client.post("/api/v1/read?layout=digit", files={"file": ("name-secret.png", ONE)}, headers=headers)
        client.get("/api/v1/results?query=query-secret", headers=headers)
        client.get("/path-secret", headers=headers)
    facts = [record.facts for record in caplog.records if hasattr(record, "facts")]
    assert [(each["method"], each["route"], each["status"]) for each in facts] == [
        ("POST", "/api/v1/read", 200),
        ("GET", "/api/v1/results", 200),
        ("GET", "other", 404),
    ]
    assert "secret" not in str(facts)
    assert "secret" not in caplog.text
