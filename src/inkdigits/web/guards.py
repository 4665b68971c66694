"""What every request must pass, and every answer must carry."""

import asyncio
import hmac
import logging
import time
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inkdigits.errors import (
    ForbiddenError,
    InkdigitsError,
    RequestTimeoutError,
    RequestTooLargeError,
    UnauthorizedError,
)
from inkdigits.settings import Settings
from inkdigits.web.failures import to_response
from inkdigits.web.metrics import Metrics

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data:; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""On every answer."""

PRIVATE = ("/api/", "/metrics")
"""What begins so asks for the token, if there is one, and is kept in no cache unless the answer says so."""

READING_METHODS = ("GET", "HEAD", "OPTIONS")
"""They change nothing."""

_log = logging.getLogger("inkdigits.web")


class Guard:
    """Stands before the application: who may come in, with how much, for how long; and what goes out with it."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self._app = app
        self._settings = settings
        self._metrics = metrics
        self._max_bytes = round(settings.max_megabytes * 1e6)
        self._checks_host = is_loopback(settings.host) and not settings.public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; what is no HTTP is passed on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, send)
        began = time.perf_counter()
        try:
            await self._serve(scope, receive, answer)
        finally:
            self._metrics.note(scope, answer.status, answer.n_bytes, time.perf_counter() - began)

    async def _serve(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        """Serve a request, or say why not."""
        try:
            self._check(scope)
            async with asyncio.timeout(self._settings.timeout_s) as limit:
                answer.limit = limit
                await self._app(scope, _counted(receive, self._max_bytes), answer)
        except ClientDisconnect:
            return  # who asked has hung up: nobody is left to be answered
        except InkdigitsError as error:
            await answer.give_up(to_response(error), scope, receive)
        except TimeoutError:
            words = f"No answer within {self._settings.timeout_s:g} s: send a smaller picture, or say its layout."
            await answer.give_up(to_response(RequestTimeoutError(words)), scope, receive)
        except Exception:  # a fault of ours; nothing of it may reach who asked
            _log.exception("unexpected")
            fault = InkdigitsError("Something went wrong in the server; its log says what.")
            await answer.give_up(to_response(fault), scope, receive)

    def _check(self, scope: Scope) -> None:
        """Turn away who may not come in.

        Raises:
            ForbiddenError: under another name than the server's, as DNS rebinding does it, or from another site.
            UnauthorizedError: without the token.
            RequestTooLargeError: with more than is taken, by its own account.
        """
        headers = Headers(scope=scope)
        if self._checks_host and not is_loopback(_host_of(headers.get("host", ""))):
            raise ForbiddenError("This server answers on this machine alone: open the address that it printed.")
        if scope["method"] not in READING_METHODS and _is_foreign(headers):
            raise ForbiddenError("Requests from the pages of other sites change nothing here.")
        if self._settings.token and scope["path"].startswith(PRIVATE):
            _check_token(headers.get("authorization", ""), self._settings.token)
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._max_bytes:
            raise RequestTooLargeError(_too_large(self._max_bytes))


class _Answer:
    """Sends an answer with our headers, once, and remembers how it went."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._is_private = scope["path"].startswith(PRIVATE)
        self._send = send
        self.limit: asyncio.Timeout | None = None
        """Holds until the answer begins: a slow line is no reason to cut it off."""
        self.status = 0
        self.n_bytes = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers.update(HEADERS)
            if self._is_private:
                headers.setdefault("Cache-Control", "no-store")
            if self.limit is not None:
                self.limit.reschedule(None)
        self.n_bytes += len(message.get("body", b""))
        await self._send(message)

    async def give_up(self, response: ASGIApp, scope: Scope, receive: Receive) -> None:
        """Answer in another way, unless an answer has begun: that is cut off."""
        self.limit = None
        if self.status:
            raise ConnectionAbortedError("The answer had begun when it failed.")
        await response(scope, receive, self)


def is_loopback(host: str) -> bool:
    """Whether an address, or the name of one, means this machine alone."""
    name = host.rstrip(".").lower()
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _host_of(host: str) -> str:
    """Return the name in a Host header, without its port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:  # no address at all
        return ""


def _is_foreign(headers: Headers) -> bool:
    """Whether a request comes from the page of another site; programs that are no browsers do not say.

    What the browser says of itself counts first: a proxy may have put another host into the request.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site not in ("same-origin", "none")
    return origin is not None and origin.partition("://")[2] != headers.get("host")


def _check_token(authorization: str, token: str) -> None:
    scheme, _, given = authorization.partition(" ")
    is_right = hmac.compare_digest(given.strip().encode(), token.encode())  # takes as long wherever they differ
    if scheme.lower() != "bearer" or not is_right:
        raise UnauthorizedError("Send the header Authorization: Bearer TOKEN; the server printed it when it started.")


def _counted(receive: Receive, max_bytes: int) -> Receive:
    """Receive a body, and stop where it is longer than it may be, whatever was said of its length."""
    n = 0

    async def receive_counted() -> Message:
        """Hand on the next part, if it is not too much."""
        nonlocal n
        message = await receive()
        n += len(message.get("body", b""))
        if n > max_bytes:
            raise HTTPException(413, _too_large(max_bytes))  # of this class, or the framework takes it for a fault
        return message

    return receive_counted


def _too_large(max_bytes: int) -> str:
    return f"The request has more than {max_bytes / 1e6:g} MB: send a smaller file, or raise the setting max_megabytes."
