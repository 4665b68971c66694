"""A pile is read whole, once, in order: whatever dies, and however often."""

import csv
import itertools
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from inkdigits.batch import Summary, Task, crew, read_pile, worker
from inkdigits.batch.journal import Entry, journal_path, open_journal
from inkdigits.batch.sources import Page, to_stamp
from inkdigits.errors import ModelNotFoundError, UsageError, WorkerError
from inkdigits.outputs import to_fields
from inkdigits.reader import open_reader
from inkdigits.records import Failure, Reading
from inkdigits.settings import Settings

SPAWN = crew._SPAWN

QUICK = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
"""Its processes are forked from one that has loaded what they need, so a start takes a tenth of the time."""
QUICK.set_forkserver_preload([worker.__name__])


@pytest.fixture(autouse=True)
def _quick_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nearly every test starts processes, some of them dozens: real ones, but for what they load."""
    monkeypatch.setattr(crew, "_SPAWN", QUICK)


def bar(width_px: int) -> PIL.Image.Image:
    """An upright bar, which the toy network reads by its width: 4 is a 1, 8 is a 3."""
    pixels = np.full((64, 64), 255, dtype=np.uint8)
    pixels[16:48, 20 : 20 + width_px] = 0
    return PIL.Image.fromarray(pixels)


def write_sources(folder: Path) -> tuple[str, ...]:
    """Write six pictures, one file with three pages, one that is damaged; one is missing."""
    names = [folder / f"{number}.png" for number in range(6)]
    for number, name in enumerate(names):
        bar(4 if number % 2 else 8).save(name)
    pages = folder / "pages.tif"
    bar(4).save(pages, save_all=True, append_images=[bar(8), bar(4)])
    broken = folder / "broken.png"
    broken.write_bytes(names[0].read_bytes()[:-20])
    return tuple(map(str, [*names[:3], pages, broken, folder / "missing.png", *names[3:]]))


@pytest.fixture
def sources(tmp_path: Path) -> tuple[str, ...]:
    """Six pictures, one file with three pages, one that is damaged and one that is missing."""
    return write_sources(tmp_path)


@pytest.fixture
def settings(tiny_model: Path) -> Settings:
    """Those of the toy network."""
    return Settings(model=str(tiny_model))


@pytest.fixture
def task(sources: tuple[str, ...], tmp_path: Path) -> Task:
    """All sources to one CSV file, by one process."""
    return Task(sources, tmp_path / "out.csv", "csv")


def rows_of(out: Path) -> list[tuple[str, str, str]]:
    """Name of the file, page, and text, of each row."""
    with out.open(newline="") as file:
        return [(Path(row["source"]).name, row["page"], row["text"]) for row in csv.DictReader(file)]


EXPECTED = [
    ("0.png", "1", "3"),
    ("1.png", "1", "1"),
    ("2.png", "1", "3"),
    ("pages.tif", "1", "1"),
    ("pages.tif", "2", "3"),
    ("pages.tif", "3", "1"),
    ("broken.png", "1", ""),
    ("missing.png", "1", ""),
    ("3.png", "1", "1"),
    ("4.png", "1", "3"),
    ("5.png", "1", "1"),
]


@pytest.mark.parametrize("n_workers", [1, 3])
def test_every_page_is_read_once_and_stands_in_order(
    n_workers: int, task: Task, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By one process or by several; what cannot be read has its reason; the journal is gone."""
    monkeypatch.setattr(crew, "_SPAWN", SPAWN)
    told: list[tuple[int, int]] = []
    summary = read_pile(replace(task, n_workers=n_workers), settings, watch=lambda *step: told.append(step))
    assert rows_of(task.out) == EXPECTED
    assert (summary.n_pages, summary.n_failed) == (11, 2)
    assert summary.n_doubtful >= 2
    with task.out.open(newline="") as file:
        errors = {Path(row["source"]).name: row["error"] for row in csv.DictReader(file) if row["error"]}
    assert "damaged" in errors["broken.png"]
    assert "no file" in errors["missing.png"]
    assert [done for done, _ in told] == list(range(1, 12))
    assert told[-1] == (11, 11)
    assert not journal_path(task.out).exists()


@pytest.mark.parametrize("output_format", ["csv", "jsonl", "json", "xlsx", "text"])
def test_every_format_can_be_written(output_format: str, task: Task, settings: Settings) -> None:
    """JSON lines have failures among them as objects."""
    read_pile(replace(task, output_format=output_format), settings)  # type: ignore[arg-type]  # a literal
    assert task.out.stat().st_size > 100
    if output_format == "jsonl":
        lines = [json.loads(line) for line in task.out.read_text().splitlines()]
        assert [each["error"]["code"] for each in lines if "error" in each] == ["corrupt-source", "source-not-found"]


def interrupt_after(n: int) -> Callable[[int, int], None]:
    """A watch that presses Ctrl-C after n pages."""

    def watch(done: int, _known: int) -> None:
        if done == n:
            raise KeyboardInterrupt

    return watch


@pytest.mark.parametrize("n", [1, 4, 5, 11])
def test_a_run_that_was_stopped_goes_on(n: int, task: Task, settings: Settings) -> None:
    """The file is the same, and no page that was read is read twice."""
    read_pile(task, settings)
    undisturbed = task.out.read_bytes()
    task.out.unlink()
    with pytest.raises(KeyboardInterrupt):
        read_pile(task, settings, watch=interrupt_after(n))
    assert not task.out.exists()
    for source in task.sources[:3]:  # what is in the journal is not looked at again
        if n >= 4:
            Path(source).unlink()
    read_pile(task, settings, resume=True)
    assert task.out.read_bytes() == undisturbed


@pytest.mark.parametrize("places", [(3,), (0, 3)])
def test_a_journal_cut_anywhere_leads_to_all_pages(places: tuple[int, ...], task: Task, settings: Settings) -> None:
    """Also where the file with many pages is the last one, or the only one."""
    few = replace(task, sources=tuple(task.sources[place] for place in places))
    read_pile(few, settings)
    undisturbed = few.out.read_bytes()
    n_pages = 2 + len(places)
    with pytest.raises(KeyboardInterrupt):
        read_pile(few, settings, watch=interrupt_after(n_pages))
    lines = journal_path(few.out).read_bytes().splitlines(keepends=True)
    assert len(lines) == 1 + n_pages
    for n_kept in range(len(lines)):
        for rest in (b"", lines[n_kept][:20]):
            journal_path(few.out).write_bytes(b"".join(lines[:n_kept]) + rest)
            assert read_pile(few, settings, resume=True).n_pages == n_pages
            assert few.out.read_bytes() == undisturbed


def test_damage_is_cut_off(task: Task, settings: Settings) -> None:
    """What stands behind it is read again."""
    read_pile(task, settings)
    undisturbed = task.out.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        read_pile(task, settings, watch=interrupt_after(6))
    journal = journal_path(task.out)
    whole = journal.read_bytes()
    for damaged in (whole + b"\0\0\0\n", whole + b"{}\n", whole[:-1]):
        journal.write_bytes(damaged)
        read_pile(task, settings, resume=True)
        assert task.out.read_bytes() == undisturbed


def test_a_journal_is_not_overwritten_by_mistake(task: Task, settings: Settings) -> None:
    """Nor gone on with in another way, or without being asked."""
    with pytest.raises(KeyboardInterrupt):
        read_pile(task, settings, watch=interrupt_after(2))
    with pytest.raises(UsageError, match=r"out\.csv\.journal is there from a run that did not end.*--resume"):
        read_pile(task, settings)
    for other in (
        replace(settings, accept_error=0.1),
        replace(settings, expect_digits=2),
        replace(settings, model="default"),
    ):
        with pytest.raises(UsageError, match="begun with other options or another network"):
            read_pile(task, other, resume=True)
    assert isinstance(read_pile(task, settings, resume=True), Summary)


def test_resume_without_a_journal_begins(task: Task, settings: Settings) -> None:
    """Whoever kills a run at its very end may say --resume once more."""
    read_pile(task, settings, resume=True)
    assert rows_of(task.out) == EXPECTED


def test_where_nothing_can_be_written_nothing_is_read(task: Task, settings: Settings, tmp_path: Path) -> None:
    """The message names the file."""
    with pytest.raises(UsageError, match="cannot be written"):
        read_pile(replace(task, out=tmp_path / "none" / "out.csv"), settings)


def test_a_journal_gives_results_back_in_any_order(tmp_path: Path) -> None:
    """It remembers where they stand."""
    journal = open_journal(tmp_path / "o", {}, resume=False)
    failures = [Failure(name, page, "source", f"{name}{page}") for name in "ab" for page in (2, 1)]
    for failure in failures:
        journal.add(Entry(failure.source, failure.page, 2, None, json.dumps(to_fields(failure))))
    assert [*journal.results("ba")] == [failures[3], failures[2], failures[1], failures[0]]
    assert (journal.n_pages("a"), journal.n_pages("c")) == (2, None)
    assert journal.has("a", 2)
    assert not journal.has("a", 3)
    journal.close()


def test_what_failed_is_tried_again(task: Task, settings: Settings) -> None:
    """A drive may be back; so may a picture."""
    with pytest.raises(KeyboardInterrupt):
        read_pile(task, settings, watch=interrupt_after(10))
    bar(4).save(task.sources[5])
    read_pile(task, settings, resume=True)
    assert ("missing.png", "1", "1") in rows_of(task.out)


def test_one_run_at_a_time(task: Task) -> None:
    """A second one is told who is in its way."""
    journal = open_journal(task.out, {}, resume=False)
    with pytest.raises(UsageError, match="Another run is writing"):
        open_journal(task.out, {}, resume=True)
    journal.close()


def test_a_bug_of_ours_is_a_failure_of_its_page(settings: Settings, sources: tuple[str, ...]) -> None:
    """Named, and no reason to stop."""
    desk = worker.Desk(open_reader(settings), "no such layout")  # type: ignore[arg-type]
    fields = json.loads(desk.read(Page(sources[0], 1)).line)
    assert fields["error"]["code"] == "error"
    assert "UsageError: There is no layout" in fields["error"]["message"]


def test_a_source_is_opened_once_for_its_pages(settings: Settings, sources: tuple[str, ...]) -> None:
    """As long as nothing else is read; one that cannot be opened is not kept."""
    reader, opened = open_reader(settings), []
    open_pages = reader.open_pages
    reader.open_pages = lambda source: opened.append(Path(source).name) or open_pages(source)  # type: ignore
    desk = worker.Desk(reader, "digit")
    tiff, broken, missing = sources[3:6]
    entries = [desk.read(Page(*page)) for page in [(tiff, 1), (tiff, 3), (tiff, 4), (tiff, 2), (missing, 1), (tiff, 1)]]
    assert opened == ["pages.tif", "missing.png", "pages.tif"]
    assert [(entry.n_pages, "error" in entry.line) for entry in entries] == [
        *((3, False), (3, False), (3, True), (3, False), (1, True), (3, False))
    ]
    assert [desk.read(Page(broken, number)).n_pages for number in (1, 2)] == [1, 1]


@pytest.mark.parametrize("library", ["this one", "another"])
def test_a_process_keeps_to_one_core(library: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many are started as there are cores. A C library that cannot be told to keep memory is no reason to stop."""
    told: list[int] = []
    monkeypatch.setattr(worker.cv2, "setNumThreads", told.append)
    if library == "another":
        monkeypatch.setattr(worker.ctypes, "CDLL", lambda _: object())
    ours, theirs = multiprocessing.Pipe()
    ours.send("no page")
    ours.send(None)
    monkeypatch.setattr(worker.Desk, "read", lambda _desk, page: ours.close() or page)
    worker.serve(theirs, settings, "digit")
    assert told == [1]
    theirs.close()


@pytest.mark.slow
def test_two_processes_share_a_large_file(task: Task, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits while it is read, and each of them opens it once."""
    large = task.out.with_name("large.tif")
    bar(4).save(large, save_all=True, append_images=[bar(8), bar(4)] * 10)
    monkeypatch.setattr(crew.worker, "serve", serve_noting)
    read_pile(replace(task, sources=(str(large),), n_workers=2), settings)
    assert [row[2] for row in rows_of(task.out)] == ["1", *["3", "1"] * 10]
    by_process = [path.read_text().split() for path in task.out.parent.glob("process-*")]
    assert len(by_process) == 2
    assert sorted(int(page) for pages in by_process for page in pages) == list(range(1, 22))


def serve_noting(pipe: Connection, *arguments: Any) -> None:
    """A process that notes what it reads, and is not too fast for the others."""

    class Desk(worker.Desk):
        def read(self, page: Page) -> Entry:
            folder = Path(page.source).parent
            with (folder / f"process-{os.getpid()}").open("a") as file:
                print(page.number, file=file)
            deadline = time.monotonic() + 30
            while page.number > 2 and len(list(folder.glob("process-*"))) < 2 and time.monotonic() < deadline:
                time.sleep(0.01)
            return super().read(page)

    worker.Desk = Desk  # type: ignore[misc]
    SERVE(pipe, *arguments)


SERVE = worker.serve
KILLER = "killer.png"


class DeadlyDesk(worker.Desk):
    """Dies of one picture."""

    def read(self, page: Page) -> Entry:
        """Read any other."""
        if Path(page.source).name == KILLER:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read(page)


class OnceDeadlyDesk(worker.Desk):
    """Is killed once."""

    def read(self, page: Page) -> Entry:
        """Read the second time."""
        mark = Path(page.source).with_name("killed")
        if Path(page.source).name == KILLER and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read(page)


class EndlessDesk(worker.Desk):
    """Never ends with one picture."""

    def read(self, page: Page) -> Entry:
        """Read any other."""
        while Path(page.source).name == KILLER:
            time.sleep(1)
        return super().read(page)


def serve_deadly(*arguments: Any) -> None:
    """A process that dies of one picture."""
    worker.Desk = DeadlyDesk  # type: ignore[misc]
    SERVE(*arguments)


def serve_deadly_once(*arguments: Any) -> None:
    """A process that somebody kills once."""
    worker.Desk = OnceDeadlyDesk  # type: ignore[misc]
    SERVE(*arguments)


def serve_endlessly(*arguments: Any) -> None:
    """A process that never ends with one picture."""
    worker.Desk = EndlessDesk  # type: ignore[misc]
    SERVE(*arguments)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("serve", "expected", "why"),
    [
        (serve_deadly, "", "ends the process that reads it: save it anew"),
        (serve_deadly_once, "1", None),
        (serve_endlessly, "", "took longer than 0.5 s: raise --page-timeout"),
    ],
)
def test_a_process_that_dies_or_does_not_end_takes_nothing_with_it(
    serve: Callable[..., None],
    expected: str,
    why: str | None,
    task: Task,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A page with which it dies is read again; one that always kills, or takes too long, is reported."""
    killer = task.out.with_name(KILLER)
    bar(4).save(killer)
    monkeypatch.setattr(crew.worker, "serve", serve)
    sources = (*task.sources[:2], str(killer), *task.sources[2:])
    read_pile(replace(task, sources=sources, n_workers=2), replace(settings, page_timeout_s=0.5 if why else 60))
    assert rows_of(task.out) == [*EXPECTED[:2], (KILLER, "1", expected), *EXPECTED[2:]]
    assert why is None or why in task.out.read_text()


@pytest.mark.slow
def test_a_page_that_took_too_long_is_read_with_more_time(
    task: Task, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its code tells it from others, and --resume tries it again: the limit is no part of how a run reads."""
    killer = task.out.with_name(KILLER)
    bar(4).save(killer)
    slow = replace(
        task, sources=(str(killer), task.sources[0]), out=task.out.with_suffix(".jsonl"), output_format="jsonl"
    )
    with monkeypatch.context() as patch:
        patch.setattr(crew.worker, "serve", serve_endlessly)
        with pytest.raises(KeyboardInterrupt):
            read_pile(slow, replace(settings, page_timeout_s=0.3), watch=interrupt_after(1))
        assert '"code": "page-timeout"' in journal_path(slow.out).read_text()
    assert read_pile(slow, settings, resume=True).n_failed == 0


def test_time_stands_still_while_the_computer_sleeps(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that jumps makes no page late."""
    clock = itertools.count(0, 1000)
    monkeypatch.setattr(crew.time, "monotonic", lambda: float(next(clock)))
    ours, theirs = multiprocessing.Pipe()
    hand = crew._Hand(settings, "auto")
    hand.pipe, hand.page, hand._left_s, hand._is_ready = ours, Page("a", 1), 60.0, True
    for _ in range(3):
        assert list(crew._wait_for([hand])) == []
    assert hand._left_s > 58
    ours.close(), theirs.close()


def serve_without_a_word(*_arguments: Any) -> None:
    """A process that dies before it can read."""
    os._exit(1)


def serve_never(*_arguments: Any) -> None:
    """A process that never becomes ready."""
    while True:
        time.sleep(1)


def serve_without_memory(pipe: Connection, *arguments: Any) -> None:
    """A process in which there is no room for a network."""

    def fail(_settings: Settings) -> None:
        raise MemoryError("no room")

    worker.open_reader = fail  # type: ignore[assignment]
    SERVE(pipe, *arguments)


def serve_without_a_model(pipe: Connection, settings: Settings, *arguments: Any) -> None:
    """A process that finds no network, where its parent did."""
    SERVE(pipe, replace(settings, model="nowhere.onnx"), *arguments)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("serve", "error", "says"),
    [
        (serve_without_a_word, WorkerError, "die while they start.*memory"),
        (serve_never, WorkerError, "not ready after 1 s"),
        (serve_without_memory, WorkerError, r"cannot start \(MemoryError: no room\)"),
        (serve_without_a_model, ModelNotFoundError, "nowhere"),
    ],
)
def test_processes_that_cannot_start_end_the_run(
    serve: Callable[..., None],
    error: type[Exception],
    says: str,
    task: Task,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With one error that says why; none is left, none is started again and again."""
    monkeypatch.setattr(crew.worker, "serve", serve)
    monkeypatch.setattr(crew, "START_S", 1.0 if serve is serve_never else 60.0)
    with pytest.raises(error, match=says):
        read_pile(replace(task, n_workers=2), settings)
    assert multiprocessing.active_children() == []


def test_where_no_process_can_be_made_it_is_said(
    task: Task, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system has a limit for them."""

    def fail(_process: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(crew._SPAWN.Process, "start", fail)
    with pytest.raises(WorkerError, match=r"No process can be started \(Resource temporarily unavailable\)"):
        read_pile(task, settings)


def test_files_that_changed_are_read_again(task: Task, settings: Settings) -> None:
    """All their pages: none of the old ones is left among the new; those that did not change are not looked at."""
    with pytest.raises(KeyboardInterrupt):
        read_pile(task, settings, watch=interrupt_after(6))
    untouched, tiff = Path(task.sources[0]), Path(task.sources[3])
    bar(8).save(tiff, save_all=True, append_images=[bar(8)])
    Path(task.sources[1]).unlink()  # gone is not changed
    kept = untouched.stat()
    bar(4).save(untouched)
    untouched.write_bytes(untouched.read_bytes().ljust(kept.st_size, b"\0")[: kept.st_size])
    os.utime(untouched, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    with pytest.raises(KeyboardInterrupt):
        read_pile(task, settings, resume=True, watch=interrupt_after(5))
    read_pile(task, settings, resume=True)
    assert rows_of(task.out) == [
        *EXPECTED[:3],
        *(("pages.tif", "1", "3"), ("pages.tif", "2", "3")),
        *EXPECTED[6:],
    ]


def test_a_run_says_how_many_files_changed(task: Task, settings: Settings) -> None:
    """Whoever did not expect that, looks."""
    with pytest.raises(KeyboardInterrupt):
        read_pile(task, settings, watch=interrupt_after(10))
    for place in (0, 3):
        os.utime(task.sources[place], (1, 1))
    assert read_pile(task, settings, resume=True).n_changed == 2
    assert rows_of(task.out) == EXPECTED


def test_sources_may_be_added_left_out_and_put_in_another_order(task: Task, settings: Settings) -> None:
    """The file is what a run of the new list would write."""
    with pytest.raises(KeyboardInterrupt):
        read_pile(task, settings, watch=interrupt_after(7))
    other = replace(task, sources=(*task.sources[:1:-1], task.sources[0]))
    read_pile(other, settings, resume=True)
    resumed = task.out.read_bytes()
    read_pile(other, settings)
    assert task.out.read_bytes() == resumed


def test_what_changed_twice_is_read_as_it_is_now(tmp_path: Path) -> None:
    """A journal that has pages of two states of a file knows those of the later one."""
    source = tmp_path / "a.tif"
    source.write_bytes(b"now")
    journal = open_journal(tmp_path / "o", {}, resume=False)
    line = json.dumps(to_fields(Reading(str(source), 1, 9, 9, (), "m", "d", "v")))
    other = json.dumps(to_fields(Reading(str(source), 2, 9, 9, (), "m", "d", "v")))
    for number, each, stamp in ((1, line, (1, 1)), (2, other, (1, 1)), (1, line, to_stamp(str(source)))):
        journal.add(Entry(str(source), number, 2, stamp, each))
    journal.close()
    journal = open_journal(tmp_path / "o", {}, resume=True)
    assert not journal.forget_if_changed(str(source))
    assert (journal.has(str(source), 1), journal.has(str(source), 2)) == (True, False)
    source.write_bytes(b"later")
    assert journal.forget_if_changed(str(source))
    assert not journal.has(str(source), 1)
    assert not journal.forget_if_changed("a\0b")
    journal.close()


COMMAND = """
import sys
from inkdigits.cli import main
if __name__ == "__main__":
    sys.argv = ["inkdigits", *sys.argv[1:]]
    main()
"""


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Sources behind forty others; not to be written to."""
    folder = tmp_path_factory.mktemp("crowd")
    sources = [str(folder / f"many{number:02}.png") for number in range(40)]
    for number, source in enumerate(sources):
        bar(4 if number % 3 else 8).save(source)
    return (*sources, *write_sources(folder))


@pytest.fixture(scope="module")
def undisturbed(crowd: tuple[str, ...], tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What a run writes of them that is left in peace."""
    task = Task(crowd, tmp_path_factory.mktemp("undisturbed") / "out.csv", "csv")
    read_pile(task, Settings(model=str(tiny_model)))
    return task.out.read_bytes()


@pytest.fixture
def many(crowd: tuple[str, ...], tmp_path: Path) -> Task:
    """The same for two processes."""
    return Task(crowd, tmp_path / "out.csv", "csv", n_workers=2)


def start(task: Task, settings: Settings) -> "subprocess.Popen[str]":
    """Start the command, in a group of processes of its own."""
    folder = task.out.parent
    (folder / "run.py").write_text(COMMAND)
    (folder / "list.txt").write_text("\n".join(task.sources))
    options = ["batch", f"@{folder / 'list.txt'}", "--out", str(task.out), "--model", settings.model, "--workers", "2"]
    return subprocess.Popen(
        [sys.executable, str(folder / "run.py"), *options, "--resume"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_until(run: "subprocess.Popen[str]", task: Task, n_lines: int) -> None:
    """Wait until so much stands in the journal of a command that runs."""
    journal = journal_path(task.out)
    while not (journal.exists() and journal.read_bytes().count(b"\n") >= n_lines):
        assert run.poll() is None
        time.sleep(0.005)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")
def test_kill_9_of_the_parent_at_any_moment(many: Task, settings: Settings, undisturbed: bytes) -> None:
    """The command is killed again and again and goes on; the file is that of an undisturbed run."""
    rng = random.Random(3)
    for n_lines in (0, *sorted(rng.sample(range(1, 50), 3))):
        run = start(many, settings)
        wait_until(run, many, n_lines)
        time.sleep(rng.uniform(0, 0.02))
        run.kill()
        run.communicate()
    ended = start(many, settings)
    _, err = ended.communicate()
    assert ended.returncode == 10, err
    assert many.out.read_bytes() == undisturbed


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_kill_9_of_the_processes_that_read_at_any_moment(
    seed: int, many: Task, settings: Settings, undisturbed: bytes
) -> None:
    """They are replaced; the file is that of an undisturbed run."""
    rng = random.Random(seed)
    moments = rng.sample(range(1, 45), crew.N_TRIES - 1)  # one more could hit the same process each time it starts
    killed = []

    def kill_one(done: int, _known: int) -> None:
        """Kill one of them, wherever it is by then."""
        if done in moments:
            time.sleep(rng.uniform(0, 0.02))
            killed.append(rng.choice(multiprocessing.active_children()))
            killed[-1].kill()

    read_pile(many, settings, watch=kill_one)
    assert len(killed) == len(moments)
    assert many.out.read_bytes() == undisturbed


def is_alive(group: int) -> bool:
    """Whether a group of processes has any left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has neither groups of processes nor these signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("whole_group", [True, False])
def test_ctrl_c_and_sigterm_end_a_pile_in_good_order(
    number: signal.Signals, code: int, whole_group: bool, many: Task, settings: Settings, undisturbed: bytes
) -> None:
    """As a terminal and a system send them to all processes, or to the parent alone: one line says how to go on."""
    run = start(many, settings)
    wait_until(run, many, 4)
    (os.killpg if whole_group else os.kill)(run.pid, number)
    out, err = run.communicate(timeout=60)
    assert (run.returncode, out, err) == (code, "", "Stopped. Go on with the same command and --resume.\n")
    while is_alive(run.pid):  # else the test would not end
        time.sleep(0.01)
    assert journal_path(many.out).read_bytes().count(b"\n") > 3
    run = start(many, settings)
    run.communicate()
    assert many.out.read_bytes() == undisturbed


def test_what_the_network_for_lines_cannot_promise_is_said_at_once(task: Task, settings: Settings) -> None:
    """Not for each page; where only single digits are read, it is not asked."""
    strict = replace(settings, accept_error=0.0001)
    with pytest.raises(UsageError, match="promise"):
        read_pile(replace(task, layout="number"), strict)
    assert not journal_path(task.out).exists()
    lost = replace(settings, line_model=Path("nowhere"))
    assert read_pile(replace(task, layout="digit"), lost).n_pages > 0
