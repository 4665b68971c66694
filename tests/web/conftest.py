"""The application on the toy network, and pictures that it reads."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from inkdigits.settings import Settings
from inkdigits.web.app import make_app
from tests.bars import BASE

Serve = Callable[..., TestClient]
"""Makes a client of an application with other settings."""


@pytest.fixture
def settings(tiny_model: Path, tmp_path: Path) -> Settings:
    """The toy network, and a store of the test's own."""
    return Settings(model=str(tiny_model), store=f"sqlite:///{tmp_path}/results.sqlite", timeout_s=600)


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    """The application."""
    return make_app(settings)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Who asks it, from this machine."""
    with TestClient(app, BASE) as client:
        yield client


@pytest.fixture
def serve(settings: Settings) -> Iterator[Serve]:
    """Clients of applications with other settings, which are closed in the end."""
    from contextlib import ExitStack
    from dataclasses import replace

    with ExitStack() as stack:

        def make(**changes: object) -> TestClient:
            app = make_app(replace(settings, **changes))  # type: ignore[arg-type]
            return stack.enter_context(TestClient(app, BASE))

        yield make
