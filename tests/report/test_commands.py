"""`report` and `explain` from the front door."""

import base64
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from inkdigits.cli import main
from inkdigits.report import report
from tests.report.conftest import N_TEST
from tests.report.test_page import check_page

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    """Calls `inkdigits` in a folder of its own; returns exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    pixels = np.full((64, 64), 255, dtype=np.uint8)
    PIL.Image.fromarray(pixels).save("blank.png")
    pixels[16:48, 30:35] = 0
    PIL.Image.fromarray(pixels).save("1.png")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["inkdigits", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return run


def test_report_prints_the_page_it_wrote(
    call: Call, classical_folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch
):
    """And nothing else, to a pipe."""
    monkeypatch.setattr(report, "save_figures", lambda *_: None)
    assert call("report", str(classical_folder), "--data", str(root), "--out", "r.html") == (0, "r.html\n", "")
    check_page(Path("r.html").read_text("utf-8"))


def test_report_draws_bars_on_standard_error(
    call: Call, classical_folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch
):
    """And only for a terminal: standard output is the page's name alone."""

    def write_report(*arguments: Any) -> Path:
        arguments[-1]("reading", 1, 2)
        arguments[-1]("reading", 2, 2)
        arguments[-1]("drawing", 1, 3)
        return Path("page.html")

    monkeypatch.setattr(report, "write_report", write_report)
    monkeypatch.setenv("FORCE_COLOR", "1")  # which makes rich see a terminal
    code, out, bars = call("report", str(classical_folder), "--data", str(root))
    assert (code, out) == (0, "page.html\n")
    assert "reading" in bars
    assert "drawing" in bars


def test_explain_takes_a_picture_without_naming_the_command(call: Call):
    """With a bundled network: stages, and what it sees."""
    assert call("explain", "1.png", "--model", "e-lenet") == (0, "explain.html\n", "")
    outline = check_page(Path("explain.html").read_text("utf-8"))
    shown = [each["id"] for each in outline.every("section")]
    assert shown == [
        "stages",
        "what-the-network-says",
        "one-digit-in-numbers",
        "feature-maps",
        "what-the-answer-rests-on",
    ]
    sheets = [each for each in outline.every("img") if each.get("class") == "sheet"]
    assert len(sheets) == 2
    for each in sheets:  # at 1280 pixels the column has 904: the reading, at the right end, is in sight and legible
        with PIL.Image.open(io.BytesIO(base64.b64decode(each["src"].partition(",")[2]))) as part:
            assert part.width < 1200
    assert ">Read as 1.<" in Path("explain.html").read_text("utf-8")
    assert call("explain", "picture", "1.png", "--model", "e-lenet", "--out", "o.html")[:2] == (0, "o.html\n")
    assert Path("o.html").read_bytes() == Path("explain.html").read_bytes()


def test_explain_says_that_a_picture_is_blank(call: Call):
    """That is no error."""
    assert call("explain", "blank.png", "--model", "e-lenet")[0] == 0
    assert "It is blank" in Path("explain.html").read_text("utf-8")


def test_explain_takes_an_image_of_mnist(call: Call, root: Path, run_folder: Path):
    """With a run's weights there is more to see."""
    arguments = ("--index", "3", "--data", str(root), "--model", str(run_folder))
    assert call("explain", *arguments) == (0, "explain.html\n", "")
    page = Path("explain.html").read_text("utf-8")
    assert "image 3 of mnist (test)" in page
    assert "Grad-CAM" in page


def test_explain_shapes_prints_a_table(call: Call):
    """No page."""
    code, out, err = call("explain", "shapes", "e-lenet")
    assert (code, err) == (0, "")
    assert "4x16x5x5" in out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["1.png", "--index", "3"], "Give a picture, or --index"),
        (["--out", "x.html"], "Give a picture, or --index"),
        (["1.png", "--out", "1.png"], "would overwrite"),
        (["--index", str(N_TEST)], "no image 60"),
    ],
)
def test_explain_says_what_it_wants(arguments: list[str], complaint: str, call: Call, root: Path):
    """Wrong use is exit code 2, and no file is touched."""
    before = Path("1.png").read_bytes()
    code, out, err = call("explain", *arguments, "--data", str(root))
    assert (code, out) == (2, "")
    assert complaint in err
    assert Path("1.png").read_bytes() == before


@pytest.mark.parametrize(
    ("missing", "arguments", "purpose"),
    [("matplotlib", ["report", "r"], "A report"), ("torch", ["explain", "1.png"], "An explanation")],
)
def test_a_missing_extra_says_how_to_install_it(missing: str, arguments: list[str], purpose: str):
    """The message is the line that installs it."""
    code = f"import sys; sys.modules[{missing!r}] = None; from inkdigits.cli import main; sys.argv[0] = ''; main()"
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert done.returncode == 50
    assert done.stderr.startswith(f"inkdigits: {purpose} needs an optional part.")
    assert done.stderr.endswith("pip install 'inkdigits[train]'\n")
