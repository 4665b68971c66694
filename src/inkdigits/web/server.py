"""Binds the port, says where, serves."""

import os
import secrets
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

import uvicorn

from inkdigits.errors import UsageError
from inkdigits.settings import Settings
from inkdigits.web.app import make_app
from inkdigits.web.guards import is_loopback
from inkdigits.web.logs import start_logging

TOKEN_BYTES = 24
"""Of a token that is made here: nobody guesses 192 bits."""

BACKLOG = 2048
"""So many connections may wait to be taken."""

SHUTDOWN_S = 10
"""So long requests may go on after Ctrl-C, in seconds."""


def serve(settings: Settings, announce: Callable[[str], object]) -> None:
    """Serve until the process is told to stop.

    Args:
        settings: how.
        announce: called with what people have to know: the address, and the token if one was made.

    Raises:
        UsageError: the port is taken, or the address is not this machine's.
        ModelError, StoreError, SettingsError: see `make_app`.
    """
    settings, made = _with_token(settings)
    with _bind(settings.host, settings.port) as listener:
        app = make_app(settings)
        announce(f"inkdigits is at {_address(settings.host, listener.getsockname()[1])}")
        if made:
            announce(f"Its token is {settings.token}")
        start_logging()
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_S,
        )
        uvicorn.Server(config).run(sockets=[listener])


def _with_token(settings: Settings) -> tuple[Settings, bool]:
    """Make a token where one is needed and none is set; say whether that was so."""
    if settings.public:
        return replace(settings, token=None), False
    if settings.token or is_loopback(settings.host):
        return settings, False
    return replace(settings, token=secrets.token_urlsafe(TOKEN_BYTES)), True


def _bind(host: str, port: int) -> socket.socket:
    """Open a socket whose connections send at once: the event loop sees to that only where TCP is named as protocol."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        family, kind, protocol, _, address = found[0]
        with ExitStack() as stack:
            listener = stack.enter_context(socket.socket(family, kind, protocol))
            if os.name == "posix":  # elsewhere it would let two servers share a port
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
            stack.pop_all()  # it stays open
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"Cannot listen on {host}, port {port}: {reason}. Name others: --host, --port.") from error
    return listener


def _address(host: str, port: int) -> str:
    name = {"0.0.0.0": "localhost", "::": "localhost"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}/"
