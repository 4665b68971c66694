"""A real PostgreSQL of the tests' own, and a store on each kind of database."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inkdigits.store import Store, open_store

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
"""Where Debian puts them, the newest last; elsewhere they are on the path."""


def _find_programs() -> Path | None:
    found = shutil.which("pg_ctl")
    return PROGRAMS[-1] if PROGRAMS else Path(found).parent if found else None


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a cluster that lives as long as the tests. PostgreSQL does not run as root, so its own user does."""
    programs = _find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    # Paths of sockets are short, and those of pytest may not be entered by others.
    folder = Path(tempfile.mkdtemp(prefix="inkdigits-"))
    user = None
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        user = "postgres"
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)

    try:
        run("initdb", "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8")
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"-k {folder} -c listen_addresses='' -F", "start")
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'results.sqlite'}"
    place: str = request.getfixturevalue("postgres_url")
    import psycopg

    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return place


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An empty store on each kind of database."""
    opened = open_store(url)
    yield opened
    opened.close()


def to_reading(text: str = "12.50", source: str = "amount.png") -> dict[str, Any]:
    """Return the JSON object of a reading; each line of `text` may have a point in it."""
    digit = {"label": 1, "confidence": 0.9, "digit_score": 1.0, "box": [0, 0, 1, 1], "probabilities": [0.1] * 10}
    lines = [
        {
            "text": line.replace(".", ""),
            "formatted": line,
            "confidence": 0.9,
            "box": [0, 0, 9, 9],
            "alternatives": [],
            "digits": [digit | {"label": int(sign)} for sign in line if sign.isdigit()],
        }
        for line in text.splitlines()
    ]
    facts = {"width": 9, "height": 9, "model": "toy", "model_digest": "0", "version": "0"}
    confidence = 0.9 if lines else None
    return {
        "source": source,
        "page": 1,
        "text": text.replace(".", ""),
        "confidence": confidence,
        **facts,
        "lines": lines,
    }


@pytest.fixture
def make_reading() -> Any:
    """Makes readings; see `to_reading`."""
    return to_reading
