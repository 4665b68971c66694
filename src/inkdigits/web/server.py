"""Binds the port, says where, serves."""

import secrets
import socket
from collections.abc import Callable
from dataclasses import replace

import uvicorn

from inkdigits.errors import UsageError
from inkdigits.settings import Settings
from inkdigits.web.app import make_app
from inkdigits.web.guards import is_loopback
from inkdigits.web.logs import start_logging

TOKEN_BYTES = 24
"""Of a token that is made here: nobody guesses 192 bits."""

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
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"Cannot listen on {host}, port {port}: {reason}. Name others: --host, --port.") from error


def _address(host: str, port: int) -> str:
    name = {"0.0.0.0": "localhost", "::": "localhost"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}/"
