"""A pile is read whole, once, in order: whatever dies, and however often."""

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from inkdigits.batch import Summary, Task, pile, read_pile, worker
from inkdigits.batch.journal import journal_path, open_journal
from inkdigits.errors import UsageError
from inkdigits.outputs import to_fields
from inkdigits.records import Failure
from inkdigits.settings import Settings


def bar(width_px: int) -> PIL.Image.Image:
    """An upright bar, which the toy network reads by its width: 4 is a 1, 8 is a 3."""
    pixels = np.full((64, 64), 255, dtype=np.uint8)
    pixels[16:48, 20 : 20 + width_px] = 0
    return PIL.Image.fromarray(pixels)


@pytest.fixture
def sources(tmp_path: Path) -> tuple[str, ...]:
    """Six pictures, one file with three pages, one that is damaged and one that is missing."""
    names = [tmp_path / f"{number}.png" for number in range(6)]
    for number, name in enumerate(names):
        bar(4 if number % 2 else 8).save(name)
    pages = tmp_path / "pages.tif"
    bar(4).save(pages, save_all=True, append_images=[bar(8), bar(4)])
    broken = tmp_path / "broken.png"
    broken.write_bytes(names[0].read_bytes()[:-20])
    return tuple(map(str, [*names[:3], pages, broken, tmp_path / "missing.png", *names[3:]]))


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
def test_every_page_is_read_once_and_stands_in_order(n_workers: int, task: Task, settings: Settings) -> None:
    """By one process or by several; what cannot be read has its reason; the journal is gone."""
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
        journal.add(failure.source, failure.page, 2, json.dumps(to_fields(failure)))
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
    worker.begin(settings, "auto")
    assert worker._reader is not None
    worker._layout = "no such layout"  # type: ignore[assignment]
    fields = json.loads(worker.read_page(sources[0], 1)[1])
    assert fields["error"]["code"] == "error"
    assert "UsageError: There is no layout" in fields["error"]["message"]


KILLER = "killer.png"


def deadly(source: str, number: int) -> tuple[int, str]:
    """A worker that dies of one picture."""
    if Path(source).name == KILLER:
        os.kill(os.getpid(), signal.SIGKILL)
    return worker.read_page(source, number)


def deadly_once(source: str, number: int) -> tuple[int, str]:
    """A worker that somebody kills once."""
    mark = Path(source).with_name("killed")
    if Path(source).name == KILLER and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return worker.read_page(source, number)


@pytest.mark.slow
@pytest.mark.parametrize("how", [deadly, deadly_once])
def test_a_process_that_dies_takes_nothing_with_it(
    how: Callable[[str, int], tuple[int, str]], task: Task, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its page is read again, alone; one that always kills is reported, and all others are read."""
    killer = task.out.with_name(KILLER)
    bar(4).save(killer)
    monkeypatch.setattr(pile.worker, "read_page", how)
    sources = (*task.sources[:2], str(killer), *task.sources[2:])
    read_pile(replace(task, sources=sources, n_workers=2), settings)
    expected = "" if how is deadly else "1"
    assert rows_of(task.out) == [*EXPECTED[:2], (KILLER, "1", expected), *EXPECTED[2:]]
    if how is deadly:
        assert "ends the process that reads it" in task.out.read_text()


COMMAND = """
import sys
from inkdigits.cli import main
if __name__ == "__main__":
    sys.argv = ["inkdigits", *sys.argv[1:]]
    main()
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")
def test_kill_9_of_the_parent_at_any_moment(task: Task, settings: Settings, tmp_path: Path) -> None:
    """The command is killed again and again and goes on; the file is that of an undisturbed run."""
    sources = [str(tmp_path / f"many{number:02}.png") for number in range(40)]
    for number, source in enumerate(sources):
        bar(4 if number % 3 else 8).save(source)
    whole = replace(task, sources=(*sources, *task.sources))
    read_pile(whole, settings)
    undisturbed = whole.out.read_bytes()
    whole.out.unlink()
    (tmp_path / "run.py").write_text(COMMAND)
    (tmp_path / "list.txt").write_text("\n".join(whole.sources))
    options = [
        "batch",
        f"@{tmp_path / 'list.txt'}",
        "--out",
        str(whole.out),
        "--model",
        settings.model,
        "--workers",
        "2",
    ]
    rng = random.Random(3)
    for _ in range(4):
        run = subprocess.Popen(
            [sys.executable, str(tmp_path / "run.py"), *options, "--resume"],
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        time.sleep(rng.uniform(1.5, 4))
        run.kill()
        run.communicate()
    ended = subprocess.run(
        [sys.executable, str(tmp_path / "run.py"), *options, "--resume"], capture_output=True, text=True
    )
    assert ended.returncode == 10, ended.stderr
    assert whole.out.read_bytes() == undisturbed


def test_what_the_network_for_lines_cannot_promise_is_said_at_once(task: Task, settings: Settings) -> None:
    """Not for each page; where only single digits are read, it is not asked."""
    strict = replace(settings, accept_error=0.001)
    with pytest.raises(UsageError, match="promise"):
        read_pile(replace(task, layout="number"), strict)
    assert not journal_path(task.out).exists()
    lost = replace(settings, line_model=Path("nowhere"))
    assert read_pile(replace(task, layout="digit"), lost).n_pages > 0
