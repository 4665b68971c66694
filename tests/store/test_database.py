"""The store opens where it should, safely, or says why not."""

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from inkdigits.errors import MissingExtraError, SettingsError, StoreError
from inkdigits.store import open_engine, open_store
from inkdigits.store.database import begin


@pytest.mark.parametrize(
    ("platform", "variable", "inside"),
    [
        ("linux", "XDG_DATA_HOME", "inkdigits"),
        ("linux", "HOME", ".local/share/inkdigits"),
        ("darwin", "HOME", "Library/Application Support/inkdigits"),
        ("win32", "LOCALAPPDATA", "inkdigits"),
    ],
)
def test_by_default_it_is_among_the_users_files(
    platform: str, variable: str, inside: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Where the system keeps data; nobody else may look into the folder."""
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setattr("inkdigits.settings.sys.platform", platform)
    open_store().close()
    file = tmp_path / inside / "results.sqlite"
    assert file.is_file()
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700 or sys.platform == "win32"


def test_without_a_home_the_error_says_what_to_name(monkeypatch: pytest.MonkeyPatch):
    """Such as in a container."""
    for name in ("HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SettingsError, match="--store"):
        open_store()


@pytest.mark.parametrize("store", ["mysql://a:secret@b/c", "nothing", "sqlite:/", "postgresql://a:b@c:port/d"])
def test_what_is_no_url_of_a_database_is_an_error_that_keeps_secrets(store: str):
    """The message shows the form, and never the password."""
    with pytest.raises(SettingsError, match="sqlite:///PATH") as error:
        open_engine(store)
    assert "secret" not in str(error.value)


def test_a_place_that_cannot_be_made_is_an_error(tmp_path: Path):
    """A file is no folder."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be made"):
        open_store(f"sqlite:///{tmp_path}/file/inside/results.sqlite")


def test_a_file_that_is_no_database_is_an_error(tmp_path: Path):
    """And it is left as it was."""
    (tmp_path / "note").write_text("no database at all" * 100)
    with pytest.raises(StoreError, match="not a database"):
        open_store(f"sqlite:///{tmp_path}/note")
    assert (tmp_path / "note").read_text() == "no database at all" * 100


def test_a_server_that_does_not_answer_is_an_error(tmp_path: Path):
    """One line, not a traceback."""
    with pytest.raises(StoreError, match="The store cannot be used") as error:
        open_store(f"postgresql://postgres@/postgres?host={tmp_path}")
    assert "\n" not in str(error.value)


def test_sqlite_writes_through_to_the_disk(tmp_path: Path):
    """Journal ahead of the writing, each commit on the disk, references held, deleted bytes overwritten."""
    engine = open_engine(f"sqlite:///{tmp_path}/r.sqlite")
    pragmas = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    with begin(engine) as connection:
        assert {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in pragmas} == pragmas
    engine.dispose()


def test_what_is_deleted_is_in_no_file(tmp_path: Path, make_reading: Callable[..., dict[str, Any]]):
    """Neither in the database nor in its journal, while the store is open."""
    store = open_store(f"sqlite:///{tmp_path}/r.sqlite")
    kept = [store.save(make_reading("7"), f"secret {n}".encode() * 1000) for n in range(2)]
    store.delete(kept[0])
    store.delete_before(datetime.now(UTC))
    assert not [path for path in tmp_path.iterdir() if b"secret" in path.read_bytes()]
    store.close()


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path):
    """Tables too are as they were."""
    engine = open_engine(f"sqlite:///{tmp_path}/r.sqlite")

    def fail() -> None:
        with begin(engine, writes=True) as connection:
            connection.execute(text("CREATE TABLE left_over (id INTEGER)"))
            connection.execute(text("SELECT * FROM nowhere"))

    with pytest.raises(StoreError, match="no such table"):
        fail()
    with pytest.raises(StoreError, match="left_over"), begin(engine) as connection:
        connection.execute(text("SELECT * FROM left_over"))
    engine.dispose()


def test_a_reader_is_not_kept_waiting_by_a_writer(tmp_path: Path):
    """And sees nothing that is not committed."""
    store = open_store(f"sqlite:///{tmp_path}/r.sqlite")
    other = sqlite3.connect(tmp_path / "r.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO results VALUES ('x', '', '', '', NULL, '{}', NULL)")
    assert store.find().results == ()
    other.execute("ROLLBACK")
    other.close()
    store.close()


def test_without_its_driver_postgresql_names_the_extra(tmp_path: Path):
    """The message is the line that installs it."""
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from inkdigits.store import open_store\n"
        "try: open_store('postgresql://localhost/none')\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    said = subprocess.check_output([sys.executable, "-c", code], text=True, cwd=tmp_path)
    assert said.split(" ", 1) == [MissingExtraError.__name__, f"{MissingExtraError('postgres', PURPOSE)}\n"]


PURPOSE = "Keeping results in PostgreSQL"
