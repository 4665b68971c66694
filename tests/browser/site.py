"""Where the page comes from: the application behind a small proxy, which can make it slow or busy; or plain files."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import Receive, Scope, Send

from inkdigits.settings import Settings
from inkdigits.store import KeptResult, Store
from inkdigits.web import server
from inkdigits.web.app import make_app
from inkdigits.web.files import PAGE as STATIC

__all__ = ["STATIC", "WORKER", "Site", "host", "serve"]

WORKER = "/static/worker.js"
"""The script that runs the networks."""


class Site:
    """Stands before the application, and remembers what tests ask about."""

    def __init__(self, app: FastAPI, origin: str, prefix: str) -> None:
        self._app = app
        self._prefix = prefix
        self._store: Store | None = app.state.services.kept
        self.url = origin + prefix
        """Where the page is."""
        self._held = ""
        self._release = threading.Event()
        self.reset()

    def reset(self) -> None:
        """Forget what one test did before the next."""
        self.requests: list[str] = []
        """Method and target of each."""
        self.failing: tuple[int, str] | None = None
        """Status and message with which the next readings are refused."""
        self.release()
        if self._store:
            self._store.delete_before(datetime.now(UTC))

    def hold(self, held: str) -> None:
        """Keep back files whose address begins so, until `release`."""
        self._held = held
        self._release.clear()

    def release(self) -> None:
        """Hand out what was held back."""
        self._release.set()

    @property
    def kept(self) -> list[KeptResult]:
        """What the application keeps, the newest first."""
        return list(self._store.each()) if self._store else []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless a test wants it otherwise."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        target = request.url.path + f"?{request.url.query}" * bool(request.url.query)
        self.requests.append(f"{request.method} {target}")
        if not request.url.path.startswith(self._prefix):
            await PlainTextResponse("not below the prefix", 404)(scope, receive, send)
            return
        path = "/" + request.url.path.removeprefix(self._prefix)
        if path.startswith(self._held) and not self._release.is_set():
            await asyncio.to_thread(self._release.wait)
        if path == "/api/v1/read" and self.failing:
            await request.body()  # or the browser cannot send it to its end
            status, message = self.failing
            answer = JSONResponse({"error": {"code": "refused", "message": message}}, status)
            await answer(scope, receive, send)
            return
        await self._app({**scope, "path": path, "raw_path": path.encode()}, receive, send)


@contextmanager
def serve(prefix: str = "/", token: str | None = None, models: Path | None = None, store: str = "") -> Iterator[Site]:
    """Serve until the block ends: in a thread, whose event loop is not Playwright's."""
    with TemporaryDirectory() as folder, server._bind("127.0.0.1", 0) as listener:
        store = store or f"sqlite:///{folder}/results.sqlite"
        app = make_app(Settings(token=token, models=models, store=store, timeout_s=600))
        site = Site(app, f"http://127.0.0.1:{listener.getsockname()[1]}", prefix)
        running = uvicorn.Server(uvicorn.Config(site, log_config=None, access_log=False, ws="none", lifespan="on"))
        thread = threading.Thread(target=running.run, args=([listener],))
        thread.start()
        try:
            while not running.started:
                assert thread.is_alive(), "the server did not start"
                time.sleep(0.005)
            yield site
        finally:
            site.release()
            running.should_exit = True
            thread.join()


class _PlainFiles(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Keep the output of tests clean."""


@contextmanager
def host(folder: Path) -> Iterator[str]:
    """Serve a folder as it is, until the block ends."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_PlainFiles, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
