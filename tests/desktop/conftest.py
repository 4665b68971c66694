"""A virtual screen, and a window on it that all tests share."""

from collections.abc import Iterator

import pytest

from tests.desktop.desk import Desk
from tests.desktop.screen import virtual_screen


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """The name of a screen."""
    with virtual_screen() as name:
        yield name


@pytest.fixture(scope="session")
def shared_desk(display: str) -> Iterator[Desk]:
    """A window; `desk` is the same, as it was when it was opened."""
    desk = Desk(display)
    yield desk
    desk.close()


@pytest.fixture
def desk(shared_desk: Desk) -> Desk:
    """The window, white and empty, with the default network and the usual pen."""
    shared_desk.reset()
    return shared_desk
