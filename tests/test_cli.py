"""The command line keeps pipes clean, says what went wrong in one line, and every command is documented."""

import inspect
import io
import json
import os
import re
import signal
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
import typer.main

import inkdigits
from inkdigits import cli, datasets
from inkdigits.cli import app, main
from inkdigits.errors import (
    InkdigitsError,
    ModelFormatError,
    ModelNotFoundError,
    SettingsError,
    UnsupportedFormatError,
    UsageError,
)
from inkdigits.graphs import BUNDLED, NORMALIZER

ROOT = Path(__file__).parents[1]

Run = Callable[..., tuple[int, str, str]]
"""Calls `inkdigits` with arguments; returns exit code, standard output and standard error."""


def save_bar(path: Path, width_px: int) -> Path:
    """Save a picture of an upright bar, which the toy network reads by its width; a block is no digit, 0 is blank."""
    pixels = np.full((64, 64), 255, dtype=np.uint8)
    pixels[16:48, 20 : 20 + width_px] = 0
    PIL.Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_model: Path) -> Path:
    """A working folder with pictures of 1, 3 and 8, a block and a blank, and with things that are no pictures."""
    for name, width_px in {"1": 4, "3": 8, "8": 20, "block": 32, "blank": 0}.items():
        save_bar(tmp_path / f"{name}.png", width_px)
    (tmp_path / "note.png").write_text("no picture at all")
    (tmp_path / "broken.png").write_bytes((tmp_path / "8.png").read_bytes()[:-20])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INKDIGITS_MODEL", str(tiny_model))
    return tmp_path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command, from its front door, in this process."""

    def call(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["inkdigits", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return call


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder whose mnist has 40 bars for training and 20 for testing, as Kaggle's CSV files."""
    (tmp_path / "data" / "mnist").mkdir(parents=True)
    for part, n in (("train", 40), ("test", 20)):
        images = np.zeros((n, 28, 28), dtype=np.uint8)
        labels = np.arange(n) % 10
        for image, label in zip(images, labels, strict=True):
            image[4:24, 5 : 6 + label] = 255
        header = ",".join(["label", *(f"pixel{i}" for i in range(784))])
        rows = np.column_stack([labels, images.reshape(n, 784)])
        np.savetxt(tmp_path / "data" / "mnist" / f"{part}.csv", rows, "%d", ",", header=header, comments="")
    return tmp_path / "data"


def leaf_commands() -> Iterator[tuple[str, Any]]:
    """Yield every command with its full name."""
    for name, command in typer.main.get_command(app).commands.items():
        for subname, subcommand in getattr(command, "commands", {"": command}).items():
            yield f"{name} {subname}".strip(), subcommand


# Front door ------------------------------------------------------------------------------------------------


def test_no_arguments_welcome_the_user(run: Run):
    """Whoever calls it bare sees the commands and one example, and that is no error."""
    code, out, err = run()
    assert (code, err) == (0, "")
    assert "inkdigits read photo.jpg" in out
    assert all(re.search(rf"^  {name.split()[0]} ", out, re.MULTILINE) for name, _ in leaf_commands())


def test_version(run: Run):
    """One line."""
    assert run("--version") == (0, f"inkdigits {inkdigits.__version__}\n", "")


@pytest.mark.parametrize("name", [name for name, _ in leaf_commands()])
def test_every_command_explains_itself(name: str, run: Run):
    """--help and -h say what it does and give an example; nothing is cut off."""
    code, out, err = run(*name.split(), "--help")
    assert (code, err) == (0, "")
    assert run(*name.split(), "-h")[1] == out
    assert name == "models" or f"inkdigits {name} " in out.partition("Example")[2]
    assert "..." not in run(*name.split()[:-1], "--help")[1].partition("Commands:")[2]


@pytest.mark.parametrize("name", [name for name, _ in leaf_commands()])
def test_every_command_and_option_is_documented(name: str):
    """README.md or docs/ name each command, and docs/cli.md each of its options in its row."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    assert any(f"inkdigits {name}" in page.read_text("utf-8") for page in pages if page.exists())
    (row,) = re.findall(rf"^\| `inkdigits {name}\b.*$", (ROOT / "docs" / "cli.md").read_text("utf-8"), re.MULTILINE)
    command = dict(leaf_commands())[name]
    options = {option for each in command.params for option in each.opts if option.startswith("--")} - {"--help"}
    assert options == set(re.findall(r"`(--[a-z-]+)`", row.rpartition(" | ")[2]))


@pytest.mark.parametrize(
    "arguments",
    [["frobnicate"], ["read"], ["read", "--frob", "x"], ["read", "x", "--format", "xml"], ["data", "frob"], ["train"]],
)
def test_wrong_use_is_exit_code_2(arguments: list[str], run: Run):
    """The message names what is wrong and how to get help, on standard error."""
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert "--help' for help" in err


def test_an_error_is_one_line_and_its_own_exit_code(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch):
    """No traceback; the code is the one in docs/errors.md."""
    del folder
    monkeypatch.setenv("INKDIGITS_THREADS", "many")
    code, out, err = run("read", "1.png")
    assert (code, out) == (SettingsError.exit_code, "")
    assert re.fullmatch(r"inkdigits: threads = 'many'.*\n", err)


def test_what_the_system_refuses_is_one_line_too(run: Run, monkeypatch: pytest.MonkeyPatch):
    """A full disk or a lost network drive is no reason for a traceback."""

    def refuse() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cli.reading, "load_settings", refuse)
    assert run("models") == (1, "", "inkdigits: [Errno 28] No space left on device\n")


# read ------------------------------------------------------------------------------------------------------


def test_read_prints_the_digit_and_nothing_else(folder: Path, run: Run):
    """The output of one picture can be used as it is."""
    del folder
    assert run("read", "1.png") == (0, "1\n", "")


def test_read_rejects_and_sees_blanks(folder: Path, run: Run):
    """Neither a block nor a blank picture is a digit, and neither is an error."""
    del folder
    assert run("read", "block.png") == (0, "?\n", "")
    assert run("read", "blank.png") == (0, "\n", "")


def test_read_names_the_pictures_where_there_are_several(folder: Path, run: Run):
    """In the order they were given."""
    del folder
    assert run("read", "8.png", "1.png") == (0, "8.png: 8\n1.png: 1\n", "")


def test_read_takes_standard_input(folder: Path, run: Run):
    """`-` is a picture in a pipe, also among others."""
    picture = (folder / "3.png").read_bytes()
    assert run("read", "-", stdin=picture) == (0, "3\n", "")
    assert run("read", "1.png", "-", stdin=picture) == (0, "1.png: 1\n-: 3\n", "")


def test_read_goes_on_after_a_bad_picture(folder: Path, run: Run):
    """The good ones are read, each bad one has its line, and the exit code is that of the first error."""
    del folder
    code, out, err = run("read", "1.png", "note.png", "none.png", "broken.png", "8.png")
    assert (code, out) == (UnsupportedFormatError.exit_code, "1.png: 1\n8.png: 8\n")
    lines = err.splitlines()
    assert all(line.startswith("inkdigits: ") for line in lines)
    assert [name for line in lines for name in ("note", "none", "broken") if name in line] == ["note", "none", "broken"]


def test_read_json_has_the_source_as_given(folder: Path, run: Run):
    """One source gives an object, several give an array, also when some of them failed."""
    del folder
    one = json.loads(run("read", "1.png", "--format", "json")[1])
    assert (one["source"], one["text"], one["model"]) == ("1.png", "1", "toy")
    code, out, _ = run("read", "note.png", "./1.png", "--format", "json")
    assert code != 0
    assert [each["source"] for each in json.loads(out)] == ["./1.png"]


def test_read_out_gets_what_the_screen_would(folder: Path, run: Run):
    """With --out, nothing is printed."""
    screen = run("read", "1.png", "blank.png", "--format", "csv")[1]
    assert run("read", "1.png", "blank.png", "--format", "csv", "--out", "out.csv") == (0, "", "")
    assert (folder / "out.csv").read_text("utf-8") == screen


def test_read_out_stays_as_it_was_when_nothing_could_be_read(folder: Path, run: Run):
    """An empty file must not look like an answer."""
    (folder / "out.csv").write_text("old")
    assert run("read", "note.png", "--format", "csv", "--out", "out.csv")[0] == UnsupportedFormatError.exit_code
    assert (folder / "out.csv").read_text() == "old"


def test_read_out_that_cannot_be_written_is_wrong_use(folder: Path, run: Run):
    """The message names the file."""
    del folder
    code, out, err = run("read", "1.png", "--out", "no/such/folder.csv")
    assert (code, out) == (UsageError.exit_code, "")
    assert "folder.csv cannot be written: " in err


def test_read_accept_error_rejects_the_doubtful(folder: Path, run: Run):
    """A digit under the confidence that the card's table asks for becomes a question mark."""
    save_bar(folder / "doubtful.png", 6)
    assert run("read", "doubtful.png")[1] == "3\n"
    assert run("read", "doubtful.png", "--accept-error", "0.01")[1] == "?\n"
    code, _, err = run("read", "doubtful.png", "--accept-error", "0.00001")
    assert code == UsageError.exit_code
    assert "promise" in err


def test_read_writes_a_spreadsheet_to_a_file(folder: Path, run: Run):
    """And to nothing else."""
    assert run("read", "1.png", "--format", "xlsx", "--out", "digits.xlsx") == (0, "", "")
    assert (folder / "digits.xlsx").read_bytes().startswith(b"PK")
    code, out, err = run("read", "1.png", "--format", "xlsx")
    assert (code, out) == (2, "")
    assert "Name a file with --out" in err


def test_read_annotates_a_picture(folder: Path, run: Run):
    """And never the picture itself; one at a time."""
    assert run("read", "1.png", "--annotate", "seen.png") == (0, "1\n", "")
    with PIL.Image.open(folder / "seen.png") as seen:
        assert seen.width == 640
    assert run("read", "1.png", "--annotate", "1.png")[0] == 2
    assert run("read", "1.png", "3.png", "--annotate", "seen.png")[0] == 2


def test_read_reads_every_page(folder: Path, run: Run):
    """Of a TIFF here; pages after the first are named, and in JSON they are an array also where one file was given."""
    pages = [PIL.Image.open(folder / name).convert("L") for name in ("1.png", "3.png", "1.png")]
    pages[0].save("pages.tif", save_all=True, append_images=pages[1:])
    assert run("read", "pages.tif") == (0, "1\n3\n1\n", "")
    assert run("read", "pages.tif", "3.png")[1].splitlines() == [
        "pages.tif: 1",
        "pages.tif, page 2: 3",
        "pages.tif, page 3: 1",
        "3.png: 3",
    ]
    read = json.loads(run("read", "pages.tif", "--format", "json")[1])
    assert [(each["page"], each["text"]) for each in read] == [(1, "1"), (2, "3"), (3, "1")]


def test_read_goes_on_after_a_damaged_page(folder: Path, run: Run):
    """It is complained of; the pages around it are read."""
    pages = [PIL.Image.open(folder / name).convert("L") for name in ("1.png", "3.png", "1.png")]
    pages[1] = pages[1].resize((5, 200))
    pages[0].save("pages.tif", save_all=True, append_images=pages[1:])
    code, out, err = run("read", "pages.tif")
    assert (code, out) == (10, "1\n1\n")
    assert "5 x 200 pixels" in err


def test_read_model_beats_the_environment(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch, tiny_model: Path):
    """A flag wins over INKDIGITS_MODEL; names are looked up in INKDIGITS_MODELS."""
    del folder
    monkeypatch.setenv("INKDIGITS_MODEL", "no-such-model")
    assert run("read", "1.png")[0] == 31
    assert run("read", "1.png", "--model", str(tiny_model)) == (0, "1\n", "")
    monkeypatch.setenv("INKDIGITS_MODELS", str(tiny_model.parent))
    assert run("read", "1.png", "--model", "toy") == (0, "1\n", "")
    assert "toy" in run("models")[1].splitlines()


def test_read_show_stages_draws_a_picture(folder: Path, run: Run):
    """A PNG, whatever its name; the reading is printed all the same."""
    assert run("read", "1.png", "--show-stages", "stages.out") == (0, "1\n", "")
    with PIL.Image.open(folder / "stages.out") as picture:
        assert picture.format == "PNG"
    assert run("read", "blank.png", "--show-stages", "blank-stages.png") == (0, "\n", "")


@pytest.mark.parametrize("option", ["--out", "--show-stages"])
def test_read_never_overwrites_the_picture(folder: Path, run: Run, option: str):
    """Not even by a typing error."""
    before = (folder / "1.png").read_bytes()
    code, _, err = run("read", "1.png", option, "1.png")
    assert code == 2
    assert "would overwrite the picture" in err
    assert (folder / "1.png").read_bytes() == before


def test_read_show_stages_draws_only_one(folder: Path, run: Run):
    """Of two pictures, it could not say which."""
    code, out, err = run("read", "1.png", "8.png", "--show-stages", "stages.png")
    assert (code, out) == (UsageError.exit_code, "")
    assert "2 were given" in err
    assert not (folder / "stages.png").exists()


# Real processes --------------------------------------------------------------------------------------------


def command(*arguments: str) -> list[str]:
    """Return the command as a process of its own would be given it."""
    return [sys.executable, "-m", "inkdigits", *arguments]


def test_a_process_keeps_its_streams_apart(folder: Path):
    """Results on standard output, complaints on standard error, and the exit code of the error."""
    del folder
    done = subprocess.run(command("read", "1.png", "none.png"), capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (11, "1.png: 1\n")
    assert re.fullmatch(r"inkdigits: .*none\.png.*\n", done.stderr)


REPORT = """
import sys
from inkdigits.cli import main
sys.argv = ["inkdigits", *sys.argv[1:]]
try:
    main()
finally:
    print(*sys.modules)
"""


def test_reading_loads_only_what_it_needs(folder: Path):
    """A cold start has neither torch nor rich, neither downloads nor drawing; with --show-stages it does draw."""
    del folder

    def loaded(*arguments: str) -> set[str]:
        return set(subprocess.check_output([sys.executable, "-c", REPORT, *arguments], text=True).split())

    light, drawing = loaded("read", "1.png"), loaded("read", "1.png", "--show-stages", "stages.png")
    assert "inkdigits.cli" in light
    assert not light & {"fastapi", "sqlalchemy", "uvicorn", "inkdigits.web", "inkdigits.store"}
    assert not light & {"torch", "onnx", "rich", "matplotlib", "sklearn", "http", "xlsxwriter", "pypdfium2"}
    assert not light & {"inkdigits.datasets", "inkdigits.train", "inkdigits.stages", "PIL.ImageFont"}
    assert {"inkdigits.stages", "PIL.ImageFont"} <= drawing


@pytest.mark.parametrize(
    ("arguments", "purpose"),
    [
        (["train", "default", "--out", "r"], "Training"),
        (["export", "r", "o.onnx"], "Exporting"),
        (["onnx-check", "default"], "Checking a network"),
    ],
)
def test_without_the_extra_training_says_how_to_install_it(arguments: list[str], purpose: str):
    """The message is the line that installs it."""
    code = "import sys; sys.modules['torch'] = None\n" + REPORT
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert done.returncode == 50
    assert (
        done.stderr
        == f"inkdigits: {purpose} needs an optional part. Install it with:  pip install 'inkdigits[train]'\n"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize("package", ["fastapi", "uvicorn", "python_multipart", "sqlalchemy", "prometheus_client"])
def test_without_the_extra_serving_says_how_to_install_it(package: str):
    """Whichever of its packages is missing."""
    code = f"import sys; sys.modules[{package!r}] = None\n" + REPORT
    done = subprocess.run([sys.executable, "-c", code, "serve"], capture_output=True, text=True)
    assert done.returncode == 50
    said = "inkdigits: Serving needs an optional part. Install it with:  pip install 'inkdigits[web]'\n"
    assert done.stderr == said


def test_web_build_writes_a_folder_of_its_own(run: Run, tmp_path: Path):
    """It says how large it is; over something else it writes nothing."""
    out = tmp_path / "public"
    code, said, _ = run("web", "build", str(out))
    assert (code, (out / "index.html").is_file()) == (0, True)
    assert re.fullmatch(rf"{re.escape(str(out))}: \d+\.\d MB\n", said)
    code, said, complaint = run("web", "build", str(ROOT / "docs"))
    assert (code, said) == (2, "")
    assert "holds something else" in complaint


def test_serve_passes_on_what_it_is_told(run: Run, monkeypatch: pytest.MonkeyPatch):
    """Options become settings; what is not given stays as it is set elsewhere."""
    from inkdigits.web import server

    told: list[Any] = []
    monkeypatch.setattr(server, "serve", lambda settings, announce: told.append(settings) or announce("It is there."))
    monkeypatch.setenv("INKDIGITS_PUBLIC", "true")
    assert run("serve") == (0, "It is there.\n", "")
    run("serve", "--host", "::1", "--port", "0", "--store", "none", "--retention-days", "3", "--model", "tiny")
    assert told[0].public
    assert (told[1].host, told[1].port, told[1].store, told[1].retention_days) == ("::1", 0, "none", 3)
    monkeypatch.delenv("INKDIGITS_PUBLIC")
    run("serve", "--public")
    run("serve")
    assert (told[2].public, told[3].public) == (True, False)


def test_ctrl_c_is_quiet(folder: Path):
    """It stops with the shells' code 130 and without a traceback."""
    del folder
    with subprocess.Popen(
        command("read", "1.png", "-"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # a shell's background job ignores it
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == "1.png: 1\n"  # now it waits for its input
        for _ in range(6):  # a signal just before a system call begins does not end that call
            if process.poll() is not None:
                break
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)
        process.kill()
        assert (process.returncode, process.stderr.read()) == (130, "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows closes pipes in another way")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["read", "1.png", "8.png"]])
def test_a_closed_pipe_is_quiet(arguments: list[str], unbuffered: str, folder: Path):
    """`inkdigits ... | head -1` ends without a word, whether Python notices at once or when it ends."""
    del folder
    reader, writer = os.pipe()
    os.close(reader)
    environ = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(command(*arguments), stdout=writer, stderr=subprocess.PIPE, text=True, env=environ)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_not_unicode_is_read(folder: Path):
    """File systems hold names in any encoding."""
    name = os.fsencode(folder) + b"/caf\xe9.png"
    Path(os.fsdecode(name)).write_bytes((folder / "1.png").read_bytes())
    strict = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"}
    done = subprocess.run([*map(os.fsencode, command("read", "8.png")), name], capture_output=True, env=strict)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.endswith(b"caf\\udce9.png: 1\n")


# Data sets -------------------------------------------------------------------------------------------------


def test_describe_counts(run: Run, data: Path):
    """Class counts of each part, for people and for programs."""
    code, out, err = run("data", "describe", "--data", str(data))
    assert (code, err) == (0, "")
    assert re.search(r"^train( +4){10} +40 ", out, re.MULTILINE)
    one = json.loads(run("data", "describe", "mnist", "--data", str(data), "--format", "json")[1])
    assert [part["n_images"] for part in one["parts"]] == [40, 20]
    two = run("data", "describe", "mnist", str(data / "mnist" / "test.csv"), "--data", str(data), "--format", "json")[1]
    assert [each["name"] for each in json.loads(two)] == ["mnist", "test"]


def test_a_missing_data_set_is_its_own_error(run: Run, tmp_path: Path):
    """The message says how to get one."""
    code, out, err = run("data", "describe", "--data", str(tmp_path))
    assert (code, out) == (21, "")
    assert "inkdigits data fetch mnist" in err


@pytest.fixture
def fake_fetch(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Path]]:
    """Stands for the download itself; returns what it was asked."""
    asked = []

    def fetch(name: str, root: Path, progress: datasets.download.Progress) -> tuple[Path, ...]:
        asked.append((name, root))
        progress(5, 10, "file")
        progress(10, 10, "file")
        return (root / name / "file",)

    monkeypatch.setattr(datasets, "fetch", fetch)
    return asked


def test_fetch_prints_what_it_brought(
    run: Run, fake_fetch: list[tuple[str, Path]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The data folder comes from --data or INKDIGITS_DATA."""
    expected = (0, f"{tmp_path / 'mnist' / 'file'}\n", "")
    assert run("data", "fetch", "--data", str(tmp_path)) == expected
    monkeypatch.setenv("INKDIGITS_DATA", str(tmp_path))
    assert run("data", "fetch", "mnist") == expected
    assert fake_fetch == [("mnist", tmp_path)] * 2


def test_fetch_asks_where_to(run: Run):
    """It does not fill whatever folder it was called in."""
    code, _, err = run("data", "fetch")
    assert code == UsageError.exit_code
    assert "INKDIGITS_DATA" in err


def test_predict_prints_predicted_and_actual(run: Run, data: Path, tiny_model: Path):
    """F19: one image by its index, what it is read as, how surely, and what it is."""
    arguments = ["--data", str(data), "--model", str(tiny_model)]
    code, out, err = run("predict", "--index", "15", *arguments)
    assert (code, err) == (0, "")
    assert re.fullmatch(r"image 15 of mnist \(test\)\npredicted  4  \(\d+\.\d\d %\)\nactual     5\n", out)
    assert "image 39 of mnist (train)" in run("predict", "--index", "39", "--split", "train", *arguments)[1]


def test_predict_rejects_like_read(run: Run, tmp_path: Path, tiny_model: Path):
    """What is no digit is not predicted to be one; an image without a label is unknown."""
    np.savez(tmp_path / "blocks.npz", x=np.full((2, 20, 20), 255, dtype=np.uint8), y=np.array([1, 2], dtype=np.uint8))
    name = str(tmp_path / "blocks.npz")
    out = run("predict", "--name", name, "--index", "1", "--model", str(tiny_model))[1]
    assert out == "image 1 of blocks (all)\npredicted  ?  (rejected)\nactual     2\n"


def test_predict_knows_how_many_images_there_are(run: Run, data: Path, tiny_model: Path):
    """An index past the end is wrong use, and the message says what would be right; so is a negative one."""
    arguments = ["--data", str(data), "--model", str(tiny_model)]
    code, _, err = run("predict", "--index", "20", *arguments)
    assert code == UsageError.exit_code
    assert "only 0 to 19" in err
    assert run("predict", "--index", "-1", *arguments)[0] == 2


def test_predict_writes_a_submission(run: Run, data: Path, tiny_model: Path, tmp_path: Path):
    """F42: Kaggle's test.csv has no labels; the answers have its ids, from 1, and a label each, rejected or not."""
    lines = (data / "mnist" / "test.csv").read_text().splitlines()
    block = ",".join(["255"] * 784)
    (tmp_path / "test.csv").write_text("\n".join([*(line.partition(",")[2] for line in lines), block]) + "\n")
    out = tmp_path / "answers.csv"
    arguments = ["--name", str(tmp_path / "test.csv"), "--submission", str(out), "--model", str(tiny_model)]
    assert run("predict", *arguments) == (0, f"{out}: 21 labels of test (all)\n", "")
    answers = out.read_text().splitlines()
    assert answers[0] == "ImageId,Label"
    assert [int(line.partition(",")[0]) for line in answers[1:]] == list(range(1, 22))
    assert {line.partition(",")[2] for line in answers[1:]} <= set("0123456789")
    index = ["--index", "15", *arguments[:2], *arguments[4:]]
    assert f"predicted  {answers[16].partition(',')[2]}  (" in run("predict", *index)[1]


def test_predict_writes_a_submission_of_any_set(run: Run, data: Path, tiny_model: Path, tmp_path: Path):
    """Also of one with labels, and of the part that is asked for."""
    out = tmp_path / "answers.csv"
    arguments = ["--data", str(data), "--model", str(tiny_model), "--submission", str(out)]
    for split, n in (("test", 20), ("train", 40), ("all", 60)):
        assert run("predict", *arguments, "--split", split)[0] == 0
        assert len(out.read_text().splitlines()) == n + 1


def test_predict_never_overwrites_the_data_set(run: Run, data: Path, tiny_model: Path):
    """Not even by a typing error."""
    path = data / "mnist" / "test.csv"
    before = path.read_bytes()
    code, _, err = run("predict", "--name", str(path), "--submission", str(path), "--model", str(tiny_model))
    assert (code, path.read_bytes()) == (UsageError.exit_code, before)
    assert "would overwrite the data set" in err


@pytest.mark.parametrize("arguments", [[], ["--index", "1", "--submission", "x.csv"]])
def test_predict_reads_either_one_image_or_all(arguments: list[str], run: Run, data: Path):
    """The message names both ways."""
    code, _, err = run("predict", "--data", str(data), *arguments)
    assert code == UsageError.exit_code
    assert "either --index N" in err
    assert "or --submission CSV" in err


def test_evaluate_measures_the_shipped_network(run: Run, data: Path, tiny_model: Path):
    """Text has the tables, JSON the same figures with the network's digest."""
    code, out, err = run("evaluate", str(tiny_model), "--data", str(data))
    assert (code, err) == (0, "")
    assert out.startswith("network toy (")
    assert "mnist (test), 20 images" in out
    figures = json.loads(run("evaluate", str(tiny_model), "mnist", "--data", str(data), "--format", "json")[1])
    assert figures["n_images"] == 20
    assert figures["model"] == "toy"
    assert f"{figures['accuracy']:.2%}" in out
    assert len(figures["model_digest"]) == 16
    assert figures["digit_score_threshold"] == 0.5


@pytest.fixture
def _few_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out most pictures of what is no digit, for speed."""
    monkeypatch.setattr("inkdigits.strangers.sets.N_DRAWN", 1)
    monkeypatch.setattr("inkdigits.strangers.sets.N_NOISE", 50)


@pytest.mark.usefixtures("_few_strangers")
def test_leaderboard_prints_its_tables(run: Run, data: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch):
    """Of the networks named, or of all that have a name; what is not there is said."""
    code, out, err = run("leaderboard", str(tiny_model), "--data", str(data))
    assert (code, err) == (0, "")
    assert re.findall("^## (.*)$", out, re.MULTILINE) == ["Accuracy", "Robustness", "Refusal", "Cost"]
    assert len(re.findall(r"^\| toy ", out, re.MULTILINE)) == 4
    assert "left out: usps16" in out
    asked: list[Any] = []
    monkeypatch.setattr("inkdigits.leaderboard.rank", lambda paths, *_: asked.extend(paths))
    with pytest.raises(AttributeError):
        run("leaderboard", "--data", str(data))
    assert "default" in [path.stem for path in asked]


@pytest.mark.usefixtures("_few_strangers")
def test_leaderboard_writes_page_figures_and_chart(run: Run, data: Path, tiny_model: Path, tmp_path: Path):
    """The page holds the tables as they were printed."""
    out = run("leaderboard", str(tiny_model), "--data", str(data), "--out", str(tmp_path / "new"))[1]
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == {f"leaderboard.{ending}" for ending in ("md", "json", "svg", "png")}
    page = (tmp_path / "new" / "leaderboard.md").read_text("utf-8")
    assert page.startswith("# Leaderboard")
    assert page.endswith(out)
    assert set(json.loads((tmp_path / "new" / "leaderboard.json").read_text("utf-8"))) == {"repeatable", "timings"}


@pytest.mark.usefixtures("_few_strangers")
def test_leaderboard_keeps_what_was_measured_before(run: Run, data: Path, tiny_model: Path, tmp_path: Path):
    """It needs a folder to look in; a network that is measured again stands in the table once."""
    options = ("leaderboard", str(tiny_model), "--data", str(data))
    code, _, err = run(*options, "--keep")
    assert (code, "--keep needs --out" in err) == (2, True)
    run(*options, "--out", str(tmp_path))
    first = json.loads((tmp_path / "leaderboard.json").read_text("utf-8"))
    assert run(*options, "--out", str(tmp_path), "--keep")[0] == 0
    assert json.loads((tmp_path / "leaderboard.json").read_text("utf-8"))["repeatable"] == first["repeatable"]


def test_leaderboard_looks_for_its_folder_first(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Before it measures for minutes; here a file is in the way. The message says what to do."""
    monkeypatch.setattr("inkdigits.leaderboard.load_sections", lambda *_: pytest.fail("measured already"))
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        code, _, err = run("leaderboard", "--out", str(out))
        assert code == 2
        assert f"Nothing can be written into {out}" in err
        assert "--out" in err


@pytest.mark.usefixtures("_few_strangers")
def test_leaderboard_keeps_its_tables_where_the_chart_fails(
    run: Run, data: Path, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """They took longer."""
    monkeypatch.setattr("inkdigits.report.leaderboard_chart.leaderboard_chart", lambda _: None)
    with pytest.raises(AttributeError):
        run("leaderboard", str(tiny_model), "--data", str(data), "--out", str(tmp_path / "new"))
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"leaderboard.json", "leaderboard.md"}


# Piles -----------------------------------------------------------------------------------------------------


def test_batch_reads_a_folder_into_a_file(folder: Path, run: Run):
    """What cannot be read is in it too, counted, and told by the exit code."""
    code, out, err = run("batch", ".", "--out", "digits.csv", "--workers", "1")
    assert (code, err) == (10, "")
    assert re.fullmatch(r"digits\.csv: 7 pages, \d to check, 2 of them not readable\n", out)
    rows = (folder / "digits.csv").read_text("utf-8").splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == [
        f'"{name}.png"' for name in ("1", "3", "8", "blank", "block", "broken", "note")
    ]
    assert run("batch", "1.png", "3.png", "--out", "two.xlsx", "--workers", "1")[0] == 0


def test_batch_refuses_what_it_could_not_write(folder: Path, run: Run):
    """Before anything is read: a name without a format, and a name of a picture that is read."""
    code, _, err = run("batch", "1.png", "--out", "digits")
    assert (code, "let it end in .csv, .xlsx" in err) == (2, True)
    code, _, err = run("batch", "1.png", "--out", "none/digits.csv")
    assert (code, "There is no folder none" in err) == (2, True)
    (folder / "some.csv").mkdir()
    code, _, err = run("batch", "1.png", "--out", "some.csv")
    assert (code, "is a folder" in err) == (2, True)
    (folder / "1.csv").write_bytes((folder / "1.png").read_bytes())
    code, _, err = run("batch", "1.csv", "--out", "1.csv")
    assert (code, "would overwrite a picture" in err) == (2, True)


def test_batch_says_how_to_go_on_after_ctrl_c(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch):
    """With the same command."""

    def stop(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("inkdigits.batch.read_pile", stop)
    code, out, err = run("batch", str(folder / "1.png"), "--out", "digits.csv")
    assert (code, out) == (130, "")
    assert "Go on with the same command and --resume" in err


# Training --------------------------------------------------------------------------------------------------


@pytest.fixture
def fake_train(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stands for the training itself; returns what it was asked, and takes "finished" for the next time."""
    from inkdigits.train.fit import Epoch, Step

    asked: dict[str, Any] = {"finished": True}

    def train(name: str, root: Path | None, run: Path, **options: Any) -> dict[str, Any]:
        watch, tell = options.pop("watch"), options.pop("tell")
        options.pop("watch_preparing")("photos", 1, 2)
        tell("set: train 9, validation 1")
        asked.update(name=name, root=root, run=run, **options)
        watch(Step(1, 1, 2, 2.0, 0.5))
        watch(Epoch(1, 0.01, 1.5, 0.625, 0.25, 0.9375, 1.25))
        watch(Epoch(2, 0.01, 1.0, 0.75, None, None, 1.25))
        kept = {"recipe": {"keep": "best"}, "best": {"epoch": 1}, "last": {"epoch": 2}}
        return {"finished": asked["finished"], "n_epochs": 2, "train_seconds": 2.6, **kept}

    def export_to(run: Path, out: Path, root: Path | None) -> None:
        asked.update(run=run, out=out, root=root)

    fake = types.SimpleNamespace(train=train, export_to=export_to)
    monkeypatch.setitem(sys.modules, "inkdigits.train.run", fake)
    monkeypatch.setattr("inkdigits.train.run", fake, raising=False)
    return asked


def test_train_passes_on_what_it_is_told(run: Run, fake_train: dict[str, Any], tmp_path: Path):
    """Recipe, folders, changes and threads arrive as they were given."""
    run(
        "train", "tiny", "--data", str(tmp_path), "--out", "r", "--set", "epochs=2", "--set", "seed=1", "--threads", "1"
    )
    assert fake_train == {
        "finished": True,
        "name": "tiny",
        "root": tmp_path,
        "run": Path("r"),
        "changes": ["epochs=2", "seed=1"],
        "resume": False,
        "threads": 1,
    }


def test_train_prints_a_line_an_epoch_and_what_to_do_next(run: Run, fake_train: dict[str, Any]):
    """A log needs no terminal; it ends with how to read with the network."""
    del fake_train
    code, out, err = run("train", "tiny", "--out", "r")
    assert (code, err) == (0, "")
    assert [re.split(" {2,}", line) for line in out.splitlines()] == [
        ["set: train 9, validation 1"],
        [
            "epoch",
            "1",
            "loss 1.5000",
            "accuracy 62.50 %",
            "validation loss 0.2500",
            "validation accuracy 93.75 %",
            "1.2 s",
        ],
        ["epoch", "2", "loss 1.0000", "accuracy 75.00 %", "1.2 s"],
        ["r: kept epoch 1 of 2, 3 s of training"],
        ["Read with it:", "inkdigits read --model r FILE"],
    ]


def test_train_says_how_lines_are_read_with_the_network(run: Run, fake_train: dict[str, Any]):
    """No option names it, but a setting."""
    del fake_train
    _, out, _ = run("train", "lines", "--out", "r")
    assert out.splitlines()[-1] == "Read with it:  INKDIGITS_LINE_MODEL=r inkdigits read FILE"


def test_bars_are_drawn_on_standard_error(
    run: Run, fake_train: dict[str, Any], fake_fetch: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """And only for a terminal: standard output is the same with one and without."""
    del fake_train, fake_fetch
    for arguments, words in (
        (["train", "tiny", "--out", "r"], ["epoch 1", "loss 2.000", "accuracy 50.00 %"]),
        (["data", "fetch", "--data", str(tmp_path)], ["file", "10/10 bytes"]),
    ):
        _, plain, quiet = run(*arguments)
        with monkeypatch.context() as terminal:
            terminal.setenv("FORCE_COLOR", "1")  # which makes rich see a terminal
            terminal.setenv("COLUMNS", "120")
            _, out, bars = run(*arguments)
        assert (out, quiet) == (plain, "")
        bars = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", bars)
        assert [word for word in words if word in bars] == words


def test_train_that_was_stopped_says_how_to_go_on(
    run: Run, fake_train: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """After Ctrl-C the run is usable, and the exit code keeps a script from going on as if it were finished."""
    fake_train["finished"] = False
    monkeypatch.chdir(tmp_path)
    Path("r").mkdir()
    Path("r", "checkpoint.pt").touch()
    code, out, err = run("train", "tiny", "--data", "d", "--out", "r", "--resume")
    assert code == 130
    assert "inkdigits read --model r FILE" in out
    assert err == "Stopped before its end. Go on with:  inkdigits train tiny --data d --out r --resume\n"
    assert fake_train["resume"] is True


@pytest.mark.parametrize("recipe", ["tiny", "svm"])
def test_train_that_kept_nothing_is_started_again(
    recipe: str, run: Run, fake_train: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """A network before its first epoch, and a method at any time: --resume would find nothing."""
    del fake_train

    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["inkdigits.train.run"], "train", stop)
    out = tmp_path / recipe
    assert run("train", recipe, "--out", str(out), "--set", "seed=1") == (
        130,
        "",
        f"Stopped before its end. Start it again with:  inkdigits train {recipe} --out {out} --set seed=1\n",
    )


def test_bench_prints_its_table_or_json(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Folder, threads and --quick arrive as they were given."""
    asked: dict[str, Any] = {}

    def bench(root: Path, **options: Any) -> types.SimpleNamespace:
        options.pop("watch")("fast", 1, 1)
        asked.update(root=root, **options)
        return types.SimpleNamespace(to_text=lambda: "a table", to_dict=lambda: {"threads": 1})

    monkeypatch.setitem(sys.modules, "inkdigits.train.bench", types.SimpleNamespace(bench=bench))
    arguments = ["bench", "--data", str(tmp_path), "--quick", "--threads", "1"]
    assert run(*arguments) == (0, "a table\n", "")
    assert asked == {"root": tmp_path, "quick": True, "threads": 1}
    assert json.loads(run(*arguments, "--format", "json")[1]) == {"threads": 1}


def test_export_prints_what_it_wrote(run: Run, fake_train: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    """The network and its card; the data folder comes from the environment too."""
    monkeypatch.setenv("INKDIGITS_DATA", "d")
    assert run("export", "r", "o/digits.onnx") == (0, f"{Path('o/digits.onnx')}\n{Path('o/digits.json')}\n", "")
    assert fake_train == {"finished": True, "run": Path("r"), "out": Path("o/digits.onnx"), "root": Path("d")}


def test_train_of_a_classical_method_names_no_epoch(
    run: Run, fake_train: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    """It has none."""
    del fake_train
    record = {"finished": True, "train_seconds": 2.6, "recipe": {"network": "svm"}}
    monkeypatch.setattr(sys.modules["inkdigits.train.run"], "train", lambda *_, **__: record)
    assert run("train", "svm", "--out", "r") == (
        0,
        "r: 3 s of training\nRead with it:  inkdigits read --model r FILE\n",
        "",
    )


def test_onnx_check_lists_what_it_looked_at(run: Run, tiny_model: Path, tmp_path: Path):
    """A fault is marked and explained, the other checks are made, and the exit code is that of the first error."""
    code, out, err = run("onnx-check", str(tiny_model))
    assert (code, err) == (0, "")
    assert [line.split("  ")[0] for line in out.splitlines()] == ["OK"] * 8
    (tmp_path / "lost.onnx").write_bytes(tiny_model.read_bytes())
    code, out, err = run("onnx-check", str(tmp_path / "lost.onnx"))
    assert code == ModelFormatError.exit_code
    assert [line for line in out.splitlines() if line.startswith("failed")] == ["failed  a model card that fits"]
    assert out.count("OK") == 7
    assert re.fullmatch(r"inkdigits: .*lost\.onnx has no model card.*\n", err)
    assert run("onnx-check", "none.onnx")[0] == ModelNotFoundError.exit_code


def test_layers_are_written_beside_the_graph(run: Run, tmp_path: Path):
    """Of several networks at once; what has none is refused."""
    graphs = [tmp_path / f"{name}.onnx" for name in ("tiny", "e-lenet")]
    for graph in graphs:
        graph.write_bytes((BUNDLED / graph.name).read_bytes())
    code, out, err = run("layers", *map(str, graphs))
    assert (code, err) == (0, "")
    assert out.splitlines() == [str(graph.with_suffix(".layers.json")) for graph in graphs]
    assert json.loads(graphs[0].with_suffix(".layers.json").read_text("utf-8"))["layers"][1]["kind"] == "convolution"
    assert run("layers", str(NORMALIZER))[0] == 2


def test_a_fault_of_our_own_is_not_taken_for_a_missing_extra(run: Run, monkeypatch: pytest.MonkeyPatch):
    """A module of inkdigits that is not there is a bug, and shows its traceback."""
    monkeypatch.setitem(sys.modules, "inkdigits.train.run", None)
    monkeypatch.delattr("inkdigits.train.run", raising=False)
    with pytest.raises(ModuleNotFoundError):
        run("train", "tiny", "--out", "r")


@pytest.mark.slow
def test_a_network_goes_from_data_to_an_answer(data: Path, tmp_path: Path, folder: Path, run: Run):
    """Train, read with the run, evaluate it, export it anew under another name, and resume it."""

    def ask(*arguments: str) -> str:
        code, out, err = run(*arguments)
        assert (code, err) == (0, ""), err
        return out

    del folder
    place, out = str(tmp_path / "run"), str(tmp_path / "bars.onnx")
    settings = ["--set", "epochs=2", "--set", "batch=8", "--threads", "1"]
    train = command("train", "c-mlp", "--data", str(data), "--out", place, *settings)  # a process that loads it all
    trained = subprocess.run(train, capture_output=True, text=True)
    assert (trained.returncode, trained.stderr, trained.stdout.count("validation loss")) == (0, "", 2)
    assert re.fullmatch(r"[0-9?]\n", ask("read", "--model", place, "1.png"))
    assert "20 images" in ask("evaluate", place, "--data", str(data))
    assert ask("export", place, out, "--data", str(data)).splitlines() == [out, out.removesuffix("onnx") + "json"]
    assert json.loads(ask("read", "--model", out, "1.png", "--format", "json"))["model"] == "bars"
    assert ask("onnx-check", place).count("OK") == ask("onnx-check", out).count("OK") == 8
    assert "of 2, " in ask("train", "c-mlp", "--data", str(data), "--out", place, "--resume")
    code, _, err = run("train", "c-cnn", "--data", str(data), "--out", place, "--resume")
    assert code == UsageError.exit_code
    assert "c-mlp" in err


# What holds for all of them --------------------------------------------------------------------------------


def test_choices_are_those_of_the_library():
    """The options offer every layout, format and split that there is."""
    from typing import get_args

    from inkdigits.datasets import Split
    from inkdigits.outputs import WRITERS, Format
    from inkdigits.reader import LAYOUTS, Layout

    assert get_args(Layout) == LAYOUTS
    assert get_args(Format) == tuple(WRITERS)
    assert get_args(get_args(cli.options.Split)[0]) == get_args(Split)


def test_every_error_has_a_message_for_the_command_line():
    """All of them are caught at the front door: there is one tree."""
    assert all(issubclass(value, InkdigitsError) for value in vars(inkdigits.errors).values() if inspect.isclass(value))
