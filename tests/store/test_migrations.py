"""The tables come to be step by step, all or nothing, and never by an older version."""

from typing import Any

import pytest
from sqlalchemy import inspect, select, text

from inkdigits.errors import StoreError, StoreVersionError
from inkdigits.store import open_engine, schema
from inkdigits.store.database import begin
from inkdigits.store.migrations import MIGRATIONS, Migration, migrate


def test_the_steps_lead_to_the_tables_as_they_are_described(url: str):
    """Every column with its type and whether it may be empty, every key and every index."""
    engine = open_engine(url)
    with begin(engine) as connection:
        found = inspect(connection)
        assert set(found.get_table_names()) == set(schema.metadata.tables)
        for name, table in schema.metadata.tables.items():
            columns: Any = found.get_columns(name)
            got = {each["name"]: (type(each["type"])._type_affinity, each["nullable"]) for each in columns}
            assert got == {each.name: (type(each.type)._type_affinity, each.nullable) for each in table.columns}
            keys = [(key["constrained_columns"], key["referred_table"]) for key in found.get_foreign_keys(name)]
            assert keys == [([key.parent.name], key.column.table.name) for key in table.foreign_keys]
            assert {each["name"] for each in found.get_indexes(name)} == {each.name for each in table.indexes}
            assert found.get_pk_constraint(name)["constrained_columns"] == [each.name for each in table.primary_key]
    engine.dispose()


def test_each_step_is_recorded_and_taken_once(url: str):
    """To open a store again changes nothing."""
    for _ in range(2):
        engine = open_engine(url)
        with begin(engine) as connection:
            rows = connection.execute(select(schema.migrations.c.number, schema.migrations.c.name)).all()
        assert [tuple(row) for row in rows] == [(n, step.name) for n, step in enumerate(MIGRATIONS, 1)]
        engine.dispose()


def test_a_store_from_before_a_step_is_brought_up_to_date(url: str):
    """What is in it stays."""
    engine = open_engine(url)
    more = (*MIGRATIONS, Migration("notes", ("ALTER TABLE results ADD COLUMN note TEXT",)))
    with begin(engine, writes=True) as connection:
        connection.execute(text("INSERT INTO results (id, source, text, formatted, reading) VALUES ('x','','','','')"))
        migrate(connection, more)
    with begin(engine) as connection:
        assert connection.execute(text("SELECT id, note FROM results")).all() == [("x", None)]
        assert connection.execute(select(schema.migrations.c.number)).scalars().all()[-1] == len(more)
    engine.dispose()


def test_steps_that_fail_half_way_leave_the_store_as_it_was(url: str):
    """All that are missing are one transaction, tables too."""
    engine = open_engine(url)
    broken = (*MIGRATIONS, Migration("good", ("CREATE TABLE good (id TEXT)",)), Migration("bad", ("NO SQL AT ALL",)))
    with pytest.raises(StoreError), begin(engine, writes=True) as connection:
        migrate(connection, broken)
    with begin(engine) as connection:
        assert not inspect(connection).has_table("good")
        assert len(connection.execute(select(schema.migrations)).all()) == len(MIGRATIONS)
    engine.dispose()


def test_a_store_of_a_newer_version_is_left_alone(url: str):
    """The error says what to do."""
    engine = open_engine(url)
    newer = (*MIGRATIONS, Migration("of the future", ()))
    with begin(engine, writes=True) as connection:
        migrate(connection, newer)
    engine.dispose()
    with pytest.raises(StoreVersionError, match=rf"version {len(newer)}.*Install a newer inkdigits"):
        open_engine(url)
