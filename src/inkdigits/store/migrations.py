"""How the tables came to be as they are: numbered steps, each recorded, all that are missing in one transaction.

A step that was ever released never changes; what is to be different is a new step at the end.
"""

import time
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, insert, inspect, select, text

from inkdigits.errors import StoreVersionError
from inkdigits.store.schema import migrations

LOCK = 0x696E6B
"""Of PostgreSQL, "ink": two servers that start at once migrate one after the other. SQLite locks the whole file."""

BYTES = {"sqlite": "BLOB", "postgresql": "BYTEA"}
"""What a column of bytes is called; everything else has one name on both."""


class Migration(NamedTuple):
    """A step: its statements, with {bytes} for the type of a column of bytes."""

    name: str
    statements: Sequence[str]


MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        "results, pictures and corrections",
        (
            "CREATE TABLE results (id TEXT NOT NULL PRIMARY KEY, source TEXT NOT NULL, text TEXT NOT NULL, "
            "formatted TEXT NOT NULL, confidence DOUBLE PRECISION, reading TEXT NOT NULL)",
            "CREATE TABLE pictures (result TEXT NOT NULL PRIMARY KEY REFERENCES results (id) ON DELETE CASCADE, "
            "content {bytes} NOT NULL)",
            "CREATE TABLE corrections (id TEXT NOT NULL PRIMARY KEY, "
            "result TEXT NOT NULL REFERENCES results (id) ON DELETE CASCADE, "
            "line INTEGER, digit INTEGER, label INTEGER, text TEXT)",
            "CREATE INDEX ix_corrections_result ON corrections (result)",
        ),
    ),
    Migration("what a corrected result says, to search in", ("ALTER TABLE results ADD COLUMN said TEXT",)),
)
"""From the first; a step's number is its place, counted from 1."""


def migrate(connection: Connection, steps: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the tables up to date, in the transaction of `connection`.

    Raises:
        StoreVersionError: a newer version has been here.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    if not inspect(connection).has_table(migrations.name):
        migrations.create(connection)
    done = connection.execute(select(migrations.c.number)).scalars().all()
    if max(done, default=0) > len(steps):
        raise StoreVersionError(
            f"The store is of version {max(done)}, and this inkdigits knows no later one than {len(steps)}. "
            "Install a newer inkdigits, or name another store."
        )
    for number, step in enumerate(steps, 1):
        if number not in done:
            for statement in step.statements:
                connection.execute(text(statement.format(bytes=BYTES[connection.dialect.name])))
            now = time.time_ns() // 1000
            connection.execute(insert(migrations).values(number=number, name=step.name, applied_us=now))
