"""Progress bars, on standard error and only where that is a terminal. The only home of rich."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from inkdigits import records
from inkdigits.outputs import to_percent

if TYPE_CHECKING:  # torch takes two seconds, and a download does not need it
    from inkdigits.datasets.download import Progress as Report
    from inkdigits.train.fit import Epoch, Step, Watch


@contextmanager
def fetch_bar() -> Iterator["Report"]:
    """Show one bar a file; yields what `datasets.fetch` reports to."""
    with _open_bar(DownloadColumn(), TransferSpeedColumn()) as bar:
        tasks: dict[str, TaskID] = {}

        def report(done_bytes: int, total_bytes: int, file: str) -> None:
            if file not in tasks:
                tasks[file] = bar.add_task(file, total=total_bytes)
            bar.update(tasks[file], completed=done_bytes)

        yield report


@contextmanager
def training_bar() -> Iterator[tuple["Watch", records.Watch]]:
    """Show how far a training is, and print one line an epoch on standard output.

    Yields what `train` reports to: its steps and epochs, and before them how far the data are.
    """
    from inkdigits.train.fit import Epoch

    with _open_bar(TextColumn("{task.fields[figures]}")) as bar:
        task = bar.add_task("preparing", total=None, figures="")

        def watch_preparing(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, total=total, completed=done)

        def watch(event: "Step | Epoch") -> None:
            """Move the bar by a step, or print what became of an epoch."""
            if isinstance(event, Epoch):
                print(_to_line(event), flush=True)
                return
            figures = f"loss {event.loss:.3f}  accuracy {to_percent(event.accuracy)}"
            bar.update(
                task, description=f"epoch {event.epoch}", total=event.n_steps, completed=event.step, figures=figures
            )

        yield watch, watch_preparing


@contextmanager
def report_bar() -> Iterator[records.Watch]:
    """Show one bar for each thing a report has to do; yields what `write_report` tells."""
    with _open_bar() as bar:
        tasks: dict[str, TaskID] = {}

        def watch(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done)

        yield watch


@contextmanager
def pile_bar() -> Iterator[Callable[[int, int], None]]:
    """Show how many pages of a pile are read, how fast, and how long the rest takes; yields what `read_pile` tells."""
    with _open_bar(MofNCompleteColumn(), TextColumn("{task.fields[rate]}")) as bar:
        task = bar.add_task("pages", total=None, rate="")

        def watch(done: int, known: int) -> None:
            speed = bar.tasks[task].speed
            bar.update(task, completed=done, total=known, rate=f"{speed:.1f} a second" if speed else "")

        yield watch


def _open_bar(*columns: ProgressColumn) -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        *columns,
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        redirect_stdout=sys.stdout.isatty(),  # or what is printed meanwhile would miss the pipe it is meant for
    )


def _to_line(epoch: "Epoch") -> str:
    words = [f"epoch {epoch.epoch:>3}", f"loss {epoch.train_loss:.4f}", f"accuracy {to_percent(epoch.train_accuracy)}"]
    if epoch.validation_loss is not None and epoch.validation_accuracy is not None:
        words.append(f"validation loss {epoch.validation_loss:.4f}")
        words.append(f"validation accuracy {to_percent(epoch.validation_accuracy)}")
    return "   ".join([*words, f"{epoch.seconds:.1f} s"])
