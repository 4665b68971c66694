"""The command itself: it says where it is, and the page is there and reads."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Open, says
from tests.browser.hand import write


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """What `inkdigits serve` prints, while it runs."""
    store = f"sqlite:///{tmp_path}/results.sqlite"
    command = [sys.executable, "-m", "inkdigits", "serve", "--port", "0", "--store", store]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stdout
        yield process.stdout.readline().split()[-1]
        process.terminate()


def test_a_digit_is_drawn_and_read_in_the_page_of_the_command(address: str, open_page: Open):
    """Without an error in the console, and without a request to elsewhere: `open_page` sees to that."""
    page = open_page(at=address)
    write(page, 5)
    assert says(page).startswith("Number: 5 ")
