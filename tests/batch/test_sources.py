"""Folders, patterns and lists name each file once, in order."""

from pathlib import Path

import pytest

from inkdigits.batch import find_sources
from inkdigits.errors import SourceNotFoundError, UsageError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with pictures in a tree, and with other files."""
    monkeypatch.chdir(tmp_path)
    for name in ("b.png", "a.JPG", "scans/2.pdf", "scans/1.tif", "scans/deep/3.webp", "scans/notes.txt", "x[1].png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_a_folder_is_all_its_pictures_by_name() -> None:
    """Also those in folders inside it; nothing else."""
    assert find_sources(["scans"]) == ["scans/1.tif", "scans/2.pdf", "scans/deep/3.webp"]


@pytest.mark.usefixtures("folder")
def test_each_file_comes_once_where_it_is_first_named() -> None:
    """However often it is named; a file that is named need not look like a picture, nor exist."""
    names = ["scans/2.pdf", "scans", "scans/notes.txt", "missing.png", "scans/2.pdf"]
    expected = ["scans/2.pdf", "scans/1.tif", "scans/deep/3.webp", "scans/notes.txt", "missing.png"]
    assert find_sources(names) == expected


@pytest.mark.usefixtures("folder")
def test_patterns_are_files_and_folders() -> None:
    """A name with brackets that is there is no pattern."""
    assert find_sources(["*.png"]) == ["b.png", "x[1].png"]
    assert find_sources(["sca*"]) == find_sources(["scans"])
    assert find_sources(["**/*.webp"]) == ["scans/deep/3.webp"]
    assert find_sources(["x[1].png"]) == ["x[1].png"]


def test_what_the_run_writes_is_not_read(folder: Path) -> None:
    """Where a folder or a pattern would bring it; a name too long for the system is a name."""
    without = [folder / "b.png", folder / "scans" / "1.tif"]
    assert find_sources(["*.png", "scans"], without) == ["x[1].png", "scans/2.pdf", "scans/deep/3.webp"]
    assert find_sources(["b.png", "x" * 300], without) == ["b.png", "x" * 300]


def test_a_list_names_a_source_a_line(folder: Path) -> None:
    """Blank lines do not count; a list may name folders, patterns and lists, and come from a Windows editor."""
    (folder / "more.txt").write_text("scans/deep")
    (folder / "list.txt").write_text("\ufeffb.png\r\n\n@more.txt\n*.JPG\n", encoding="utf-8")
    assert find_sources(["@list.txt"]) == ["b.png", "scans/deep/3.webp", "a.JPG"]


@pytest.mark.usefixtures("folder")
def test_what_names_nothing_is_said() -> None:
    """Before anything is read."""
    with pytest.raises(SourceNotFoundError, match=r"No file fits the pattern '\*\.bmp'"):
        find_sources(["b.png", "*.bmp"])
    with pytest.raises(UsageError, match=r"The list none\.txt cannot be read"):
        find_sources(["@none.txt"])
    Path("self.txt").write_text("b.png\n@self.txt\n")
    with pytest.raises(UsageError, match=r"The list self\.txt names itself"):
        find_sources(["@self.txt"])
    Path("wide.txt").write_text("b.png", encoding="utf-16")
    with pytest.raises(UsageError, match="save it as UTF-8"):
        find_sources(["@wide.txt"])
    with pytest.raises(UsageError, match="has no name"):
        find_sources([""])
    Path("empty").mkdir()
    with pytest.raises(UsageError, match="nothing to read"):
        find_sources(["empty"])
