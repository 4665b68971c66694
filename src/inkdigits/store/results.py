"""Store: readings that are kept, with their pictures and corrections."""

import json
import secrets
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, insert, or_, select, update

from inkdigits.errors import ResultNotFoundError, UsageError
from inkdigits.store.corrected import to_corrected
from inkdigits.store.database import begin, open_engine, wipe
from inkdigits.store.records import Correction, KeptResult, Page
from inkdigits.store.schema import corrections, pictures, results

TIME_DIGITS = 14
"""Hex digits of an id that tell the time, in microseconds: enough until the year 4253."""

CHANCE_BYTES = 6
"""The rest of an id, as bytes: two in one microsecond differ all the same, and nobody guesses one."""

CHUNK = 200
"""Results that `each` holds at once."""

_COLUMNS = (results.c.id, results.c.reading, pictures.c.result.is_not(None).label("has_picture"))


class Store:
    """Results and corrections in a database. What a method has answered is on the disk. Threads may share it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def save(self, reading: Mapping[str, Any], picture: bytes | None = None) -> str:
        """Keep a reading.

        Args:
            reading: its JSON object.
            picture: the picture it was read from, as a JPEG file; None: none is kept.

        Returns:
            The id of the result.
        """
        new = _new_id()
        row = {name: reading[name] for name in ("source", "text", "confidence")}
        with begin(self._engine, writes=True) as connection:
            row |= {"id": new, "formatted": _format(reading), "reading": json.dumps(reading)}
            connection.execute(insert(results).values(row))
            if picture is not None:
                connection.execute(insert(pictures).values(result=new, content=picture))
        return new

    def find(self, query: str = "", after: str | None = None, limit: int = 20) -> Page:
        """Find results, newest first.

        Args:
            query: part of the name, or of what was read or said instead, in small or capital letters; "": everything.
            after: begin behind the result with this id.
            limit: at most so many.
        """
        found = select(*_COLUMNS).join(pictures, isouter=True).order_by(results.c.id.desc()).limit(limit + 1)
        if query:
            columns = (results.c.source, results.c.text, results.c.formatted, results.c.said)
            found = found.where(or_(*(column.icontains(query, autoescape=True) for column in columns)))
        if after is not None:
            found = found.where(results.c.id < after)
        with begin(self._engine) as connection:
            rows = connection.execute(found).all()
            ids = [row.id for row in rows[:limit]]
            said_rows = connection.execute(_corrections_of(ids)).all()
        kept = _to_results(rows[:limit], said_rows)
        return Page(kept, kept[-1].id if len(rows) > limit else None)

    def each(self) -> Iterator[KeptResult]:
        """Yield all results, newest first, however many they are."""
        page = self.find(limit=CHUNK)
        yield from page.results
        while page.next is not None:
            page = self.find(after=page.next, limit=CHUNK)
            yield from page.results

    def get(self, result: str) -> KeptResult:
        """Return one result.

        Raises:
            ResultNotFoundError: there is none with that id.
        """
        with begin(self._engine) as connection:
            return _load(connection, result)

    def picture(self, result: str) -> bytes:
        """Return the picture of a result, a JPEG file.

        Raises:
            ResultNotFoundError: there is no such result, or its picture was not kept.
        """
        with begin(self._engine) as connection:
            content = connection.execute(select(pictures.c.content).where(pictures.c.result == result)).scalar()
        if content is None:
            raise ResultNotFoundError(f"There is no picture of a result {result!r}: none was kept, or it was deleted.")
        return bytes(content)

    def delete(self, result: str) -> None:
        """Delete a result with all that belongs to it.

        Raises:
            ResultNotFoundError: there is none with that id.
        """
        with begin(self._engine, writes=True) as connection:
            if not connection.execute(delete(results).where(results.c.id == result)).rowcount:
                raise _not_found(result)
        wipe(self._engine)

    def delete_before(self, moment: datetime) -> int:
        """Delete all results that were saved before a moment; return how many they were."""
        first = f"{max(0, round(moment.timestamp() * 1e6)):0{TIME_DIGITS}x}"
        with begin(self._engine, writes=True) as connection:
            n = connection.execute(delete(results).where(results.c.id < first)).rowcount
        if n:
            wipe(self._engine)
        return n

    def correct(
        self, result: str, line: int | None, digit: int | None = None, label: int | None = None, text: str | None = None
    ) -> Correction:
        """Add what a person says instead; what was said before stays. See `Correction`.

        Raises:
            ResultNotFoundError: there is no such result.
            UsageError: no such line or digit, or both a text and a digit are given, or neither.
        """
        with begin(self._engine, writes=True) as connection:
            kept = _load(connection, result)
            _check_place(kept.reading, line, digit, text)
            new = _new_id()
            row = {"id": new, "result": result, "line": line, "digit": digit, "label": label, "text": text}
            connection.execute(insert(corrections).values(row))
            made = Correction(new, result, _time_of(new), line, digit, label, text)
            said = to_corrected(kept.reading, (*kept.corrections, made))
            texts = f"{_format(said)}\n{said['text']}"
            connection.execute(update(results).where(results.c.id == result).values(said=texts))
        return made

    def corrections(self, after: str | None = None, limit: int = 100) -> tuple[Correction, ...]:
        """Return corrections, newest first; behind the one with the id `after`, and at most `limit`."""
        found = select(corrections).order_by(corrections.c.id.desc()).limit(limit)
        if after is not None:
            found = found.where(corrections.c.id < after)
        with begin(self._engine) as connection:
            return tuple(map(_to_correction, connection.execute(found).all()))


def open_store(store: str | None = None) -> Store:
    """Open the store at a URL; see `open_engine` for what that may be and what may be wrong with it."""
    return Store(open_engine(store))


def _new_id() -> str:
    return f"{time.time_ns() // 1000:0{TIME_DIGITS}x}{secrets.token_hex(CHANCE_BYTES)}"


def _format(reading: Mapping[str, Any]) -> str:
    """Return what a reading says, with points and commas."""
    return "\n".join(line["formatted"] for line in reading["lines"])


def _time_of(identifier: str) -> datetime:
    return datetime.fromtimestamp(int(identifier[:TIME_DIGITS], 16) / 1e6, UTC)


def _not_found(result: str) -> ResultNotFoundError:
    return ResultNotFoundError(f"There is no result {result!r}: it was deleted, or never kept.")


def _load(connection: Connection, result: str) -> KeptResult:
    found = select(*_COLUMNS).join(pictures, isouter=True).where(results.c.id == result)
    kept = _to_results(connection.execute(found).all(), connection.execute(_corrections_of([result])).all())
    if not kept:
        raise _not_found(result)
    return kept[0]


def _corrections_of(ids: Sequence[str]) -> Any:
    return select(corrections).where(corrections.c.result.in_(ids)).order_by(corrections.c.id)


def _to_correction(row: Row[Any]) -> Correction:
    return Correction(made_at=_time_of(row.id), **row._mapping)


def _to_results(rows: Iterable[Row[Any]], said: Iterable[Row[Any]]) -> tuple[KeptResult, ...]:
    by_result: defaultdict[str, list[Correction]] = defaultdict(list)
    for each in said:
        by_result[each.result].append(_to_correction(each))
    return tuple(
        KeptResult(row.id, _time_of(row.id), json.loads(row.reading), bool(row.has_picture), tuple(by_result[row.id]))
        for row in rows
    )


def _check_place(reading: Mapping[str, Any], line: int | None, digit: int | None, text: str | None) -> None:
    """Check that a correction says one thing of one place that is there."""
    if (text is None) == (digit is None):
        raise UsageError("Correct either a digit, by its label, or a whole line, by its text.")
    if digit is not None and line is None:
        raise UsageError("Say in which line the digit is that you correct.")
    if line is not None and "\n" in (text or ""):
        raise UsageError("The text of one line has one line: leave out line to correct all of them.")
    lines = reading["lines"]
    if line is not None and not 0 <= line < len(lines):
        raise UsageError(f"There is no line {line}: the result has {len(lines)}, counted from 0.")
    if line is not None and digit is not None and not 0 <= digit < len(lines[line]["digits"]):
        n_digits = len(lines[line]["digits"])
        raise UsageError(f"There is no digit {digit} in line {line}: it has {n_digits}, counted from 0.")
