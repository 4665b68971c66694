"""Opens SQLite or PostgreSQL so that what is committed stays, and turns what they raise into our errors."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from inkdigits.errors import MissingExtraError, SettingsError, StoreError
from inkdigits.settings import user_folder
from inkdigits.store.migrations import migrate

NO_STORE = "none"
"""What the setting says where nothing is to be kept."""

FILE = "results.sqlite"

DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
"""What URLs begin with -> the same with the driver that we bring."""

BUSY_S = 10
"""How long to wait for somebody else's lock, and for a free connection, in seconds."""

_WRITES = "inkdigits_writes"


def open_engine(store: str | None = None) -> Engine:
    """Open a database and bring its tables up to date.

    Args:
        store: its URL, `sqlite:///PATH` or `postgresql://USER@HOST/NAME`; None: a file in the user's data folder.

    Raises:
        SettingsError: not such a URL, or there is no data folder.
        StoreError: it cannot be opened.
        StoreVersionError: a newer version made it.
        MissingExtraError: PostgreSQL's driver is not installed.
    """
    url = _to_url(store) if store else _usual_url(os.environ)
    if url.drivername == "sqlite" and url.database:
        _make_folder(Path(url.database).parent)
    try:
        engine = create_engine(url, **_options(url))
    except ModuleNotFoundError as error:
        raise MissingExtraError("postgres", "Keeping results in PostgreSQL") from error
    if url.drivername == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    try:
        with begin(engine, writes=True) as connection:
            migrate(connection)
    except StoreError:
        engine.dispose()
        raise
    return engine


@contextmanager
def begin(engine: Engine, *, writes: bool = False) -> Iterator[Connection]:
    """Open a transaction; it is on the disk when the block is left.

    Raises:
        StoreError: the database does not answer, or refuses.
    """
    try:
        with engine.execution_options(**{_WRITES: writes}).begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise StoreError(f"The store cannot be used: {reason}. The setting store names another.") from error


def wipe(engine: Engine) -> None:
    """Take what was deleted out of SQLite's journal as well; it stays there while somebody else reads."""
    if engine.dialect.name == "sqlite":
        with begin(engine) as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _options(url: URL) -> dict[str, Any]:
    if url.drivername == "sqlite":
        return {"connect_args": {"timeout": BUSY_S}}
    return {"pool_timeout": BUSY_S, "pool_pre_ping": True, "connect_args": {"connect_timeout": BUSY_S}}


def _to_url(store: str) -> URL:
    try:
        url = make_url(store)
        return url.set(drivername=DRIVERS[url.drivername])
    except (ArgumentError, KeyError, ValueError) as error:  # the message must not show a password
        wanted = "sqlite:///PATH, postgresql://USER@HOST/NAME or none"
        raise SettingsError(f"store must be the URL of a database, {wanted}.") from error


def _usual_url(environ: Mapping[str, str]) -> URL:
    folder = user_folder(environ, "LOCALAPPDATA", "XDG_DATA_HOME", ".local/share")
    if folder is None:
        raise SettingsError("There is no home folder to keep results in. Name a store: --store sqlite:///PATH or none.")
    return URL.create("sqlite", database=str(folder / FILE))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder} cannot be made: {error.strerror}. The setting store names another.") from error


def _set_up_sqlite(connection: Any, _: object) -> None:
    """Let what is committed outlive a power cut, and what is deleted be gone."""
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Begin a transaction, before the driver does it by itself, and then not for changes of tables.

    One that writes takes its lock now, or two could wait for each other.
    """
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
