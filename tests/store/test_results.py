"""What is saved stays, is found, is corrected and goes, on SQLite and on PostgreSQL alike."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkdigits.errors import ResultNotFoundError, StoreError, UsageError
from inkdigits.store import Store, open_store, results

Make = Callable[..., dict[str, Any]]

NOBODY = "0" * 26
"""An id that no result has."""


def test_a_reading_comes_back_as_it_was_saved(store: Store, make_reading: Make):
    """Every value, when it was saved, and nothing that was not said."""
    before = datetime.now(UTC)
    reading = make_reading("12.50\n007")
    kept = store.get(store.save(reading))
    assert kept.reading == reading
    assert before - timedelta(seconds=1) <= kept.saved_at <= datetime.now(UTC)
    assert (kept.has_picture, kept.corrections) == (False, ())


def test_what_is_saved_is_there_for_the_next_who_opens(url: str, make_reading: Make):
    """Nothing is held back until the store is closed."""
    first = open_store(url)
    saved = first.save(make_reading())
    second = open_store(url)
    assert second.get(saved).reading == make_reading()
    first.close()
    second.close()


def test_a_blank_picture_is_kept_like_any_other(store: Store, make_reading: Make):
    """It has no lines and no confidence."""
    reading = make_reading("")
    assert store.get(store.save(reading)).reading == reading


def test_a_picture_is_kept_where_one_is_given(store: Store, make_reading: Make):
    """Byte for byte; where none is, asking for it says so."""
    with_picture, without = store.save(make_reading(), b"\x00\xff picture"), store.save(make_reading())
    assert store.picture(with_picture) == b"\x00\xff picture"
    assert store.get(with_picture).has_picture
    with pytest.raises(ResultNotFoundError, match="no picture"):
        store.picture(without)


def test_results_come_newest_first_in_pages(store: Store, make_reading: Make):
    """Each page says where the next one begins, the last one that it is the last; none is lost or doubled."""
    saved = [store.save(make_reading(str(n))) for n in range(5)]
    pages = [store.find(limit=2)]
    while pages[-1].next:
        pages.append(store.find(after=pages[-1].next, limit=2))
    assert [len(page.results) for page in pages] == [2, 2, 1]
    assert [kept.id for page in pages for kept in page.results] == saved[::-1]


def test_a_full_last_page_has_no_next(store: Store, make_reading: Make):
    """So that nobody asks for an empty one."""
    for n in range(2):
        store.save(make_reading(str(n)))
    assert store.find(limit=2).next is None


def test_each_yields_all_however_many(store: Store, make_reading: Make, monkeypatch: pytest.MonkeyPatch):
    """Also where they are more than it holds at once."""
    monkeypatch.setattr(results, "CHUNK", 2)
    saved = [store.save(make_reading(str(n))) for n in range(5)]
    assert [kept.id for kept in store.each()] == saved[::-1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 4),
        ("1250", 1),
        ("12.5", 1),
        ("SCAN", 2),
        ("100%", 1),
        ("_", 0),
        ("42", 1),
        ("none", 0),
        ("8.31", 1),
        ("831", 1),
    ],
)
def test_search_looks_at_names_texts_and_corrections(store: Store, make_reading: Make, query: str, found: int):
    """In small or capital letters; % and _ mean themselves."""
    store.save(make_reading("12.50", "scan 1.png"))
    store.save(make_reading("7", "100%.png"))
    corrected = store.save(make_reading("47", "Scan 2.png"))
    store.correct(corrected, 0, text="42")
    store.correct(store.save(make_reading("3.31")), 0, digit=0, label=8)
    assert len(store.find(query).results) == found


def test_corrections_only_ever_come_on_top(store: Store, make_reading: Make):
    """A later one does not replace an earlier one, and the reading stays as it was."""
    saved = store.save(make_reading("47"))
    first = store.correct(saved, 0, digit=1, label=1)
    second = store.correct(saved, 0, digit=1, label=None)
    third = store.correct(saved, 0, text="49")
    kept = store.get(saved)
    assert kept.corrections == (first, second, third)
    assert kept.reading == make_reading("47")
    assert store.corrections() == (third, second, first)
    assert store.corrections(after=third.id, limit=1) == (second,)
    assert store.find().results[0].corrections == (first, second, third)


@pytest.mark.parametrize(
    ("said", "match"),
    [
        ({"line": 1, "text": "4"}, "no line 1: the result has 1"),
        ({"line": 0, "digit": 2, "label": 4}, "no digit 2 in line 0: it has 2"),
        ({"line": None, "digit": 0, "label": 4}, "in which line"),
        ({"line": 0, "digit": 0, "label": 4, "text": "4"}, "either a digit"),
        ({"line": 0}, "either a digit"),
        ({"line": 0, "text": "4\n7"}, "one line"),
    ],
)
def test_a_correction_must_say_one_thing_of_a_place_that_is_there(
    store: Store, make_reading: Make, said: dict[str, Any], match: str
):
    """What cannot be right is refused, with the reason, and nothing is kept of it."""
    saved = store.save(make_reading("47"))
    with pytest.raises(UsageError, match=match):
        store.correct(saved, **said)
    assert not store.corrections()


def test_all_of_a_reading_can_be_corrected(store: Store, make_reading: Make):
    """Such as a picture that was taken for a blank."""
    saved = store.save(make_reading(""))
    assert store.correct(saved, None, text="7").text == "7"


def test_deleting_takes_all_that_belongs_to_a_result(store: Store, make_reading: Make):
    """Its picture and its corrections too; others stay."""
    gone, stays = store.save(make_reading(), b"picture"), store.save(make_reading(), b"picture")
    store.correct(gone, 0, text="1")
    store.delete(gone)
    assert [kept.id for kept in store.find().results] == [stays]
    assert not store.corrections()
    with pytest.raises(ResultNotFoundError):
        store.picture(gone)
    assert store.picture(stays)


def test_what_is_older_than_a_moment_is_deleted(store: Store, make_reading: Make, monkeypatch: pytest.MonkeyPatch):
    """To the microsecond: what was saved at that moment stays."""
    now = datetime(2026, 1, 31, tzinfo=UTC)
    ids = []
    for moment in (now - timedelta(days=2), now - timedelta(microseconds=1), now, now + timedelta(days=1)):
        monkeypatch.setattr(results.time, "time_ns", lambda at=moment: round(at.timestamp() * 1e6) * 1000)
        ids.append(store.save(make_reading()))
    assert store.delete_before(now) == 2
    assert [kept.id for kept in store.find().results] == ids[:1:-1]
    assert store.delete_before(datetime(1, 1, 2, tzinfo=UTC)) == 0


@pytest.mark.parametrize("call", ["get", "picture", "delete"])
def test_a_result_that_is_not_there_is_an_error_that_says_so(store: Store, call: str):
    """Whatever is asked of it."""
    with pytest.raises(ResultNotFoundError, match=NOBODY):
        getattr(store, call)(NOBODY)


def test_a_correction_of_nothing_is_an_error(store: Store):
    """It is not kept for later."""
    with pytest.raises(ResultNotFoundError):
        store.correct(NOBODY, 0, text="1")


def test_a_database_that_is_gone_is_our_error(store: Store, make_reading: Make):
    """In one line, with the remedy."""
    from sqlalchemy import text

    from inkdigits.store.database import begin

    with begin(store._engine, writes=True) as connection:
        connection.execute(text("DROP TABLE corrections"))
        connection.execute(text("DROP TABLE pictures"))
        connection.execute(text("DROP TABLE results"))
    with pytest.raises(StoreError, match=r"The store cannot be used: .*results"):
        store.save(make_reading())


@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_name_is_kept_and_found(store: Store, make_reading: Make, text: str):
    """Quotes, signs of SQL, any script."""
    saved = store.save(make_reading("1", text))
    assert store.get(saved).reading["source"] == text
    assert saved in {kept.id for kept in store.find(text, limit=1000).results}
