"""Settings come from flags, environment and file, in that order, and a mistake never passes in silence."""

import dataclasses
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.errors import SettingsError
from inkdigits.settings import NAMES, Settings, load_settings, variable


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A settings file that sets two things."""
    path = tmp_path / "mine.toml"
    path.write_text('model = "from-file"\nthreads = 3\n', encoding="utf-8")
    return path


def test_nothing_set_gives_the_defaults():
    """Where nothing is set, the settings are those of the class."""
    assert load_settings(environ={}) == Settings()


def test_flag_beats_environment_beats_file_beats_default(file: Path):
    """Each source wins over the ones behind it, setting by setting."""
    environ = {"INKDIGITS_MODEL": "from-environment", "INKDIGITS_ACCEPT_ERROR": "0.5"}
    settings = load_settings({"accept_error": 0.25}, environ, file)
    assert settings == Settings(model="from-environment", accept_error=0.25, threads=3)


def test_a_flag_not_given_leaves_the_rest_alone(file: Path):
    """None as an override stands for a flag that was not given."""
    assert load_settings({"model": None}, {}, file).model == "from-file"


def test_an_empty_variable_counts_as_not_set():
    """`INKDIGITS_DATA= inkdigits ...` is the shell's way of saying nothing; it must not mean the current folder."""
    assert load_settings(environ={"INKDIGITS_DATA": "", "INKDIGITS_THREADS": ""}) == Settings()


def test_variables_of_others_are_none_of_our_business():
    """Only names that begin with INKDIGITS_ are looked at."""
    assert load_settings(environ={"PATH": "/bin", "INKDIGIT_THREADS": "x"}) == Settings()


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_can_come_from_every_source(name: str, tmp_path: Path):
    """No setting is forgotten by a source: flag, environment and file all arrive with the field's type."""
    value, text = {
        "model": ("tiny", "tiny"),
        "accept_error": (0.01, "0.01"),
        "expect_digits": (9, "9"),
        "line_model": (Path("/lines"), "/lines"),
        "data": (Path("/data"), "/data"),
        "models": (Path("/models"), "/models"),
        "threads": (2, "2"),
        "max_megapixels": (12.5, "12.5"),
        "page_timeout_s": (2.5, "2.5"),
        "host": ("::1", "::1"),
        "port": (80, "80"),
        "token": ("secret", "secret"),
        "public": (True, "true"),
        "store": ("sqlite:///a", "sqlite:///a"),
        "retention_days": (30, "30"),
        "max_megabytes": (8.0, "8"),
        "max_waiting": (0, "0"),
        "read_threads": (4, "4"),
        "timeout_s": (2.5, "2.5"),
    }[name]
    file = tmp_path / "config.toml"
    file.write_text(f'{name} = "{text}"' if isinstance(value, str | Path) else f"{name} = {text}", encoding="utf-8")
    expected = dataclasses.replace(Settings(), **{name: value})
    assert load_settings({name: value}, {}) == expected
    assert load_settings(environ={variable(name): text}) == expected
    assert load_settings(environ={}, file=file) == expected


def test_a_relative_path_in_the_file_starts_at_the_file(tmp_path: Path):
    """The file means the same wherever the command is called."""
    file = tmp_path / "config.toml"
    file.write_text('data = "digits"', encoding="utf-8")
    assert load_settings(environ={}, file=file).data == tmp_path / "digits"
    assert load_settings(environ={"INKDIGITS_DATA": "digits"}).data == Path("digits")


def test_a_tilde_means_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Paths from a file have no shell to expand them; an unknown user is left as written."""
    monkeypatch.setenv("HOME" if sys.platform != "win32" else "USERPROFILE", str(tmp_path))
    assert load_settings({"data": "~/digits"}, {}).data == tmp_path / "digits"
    assert load_settings({"data": "~no-such-user/digits"}, {}).data == Path("~no-such-user/digits")


@pytest.mark.parametrize(
    ("platform", "home", "place"),
    [
        ("linux", "XDG_CONFIG_HOME", "inkdigits/config.toml"),
        ("linux", "HOME", ".config/inkdigits/config.toml"),
        ("darwin", "HOME", "Library/Application Support/inkdigits/config.toml"),
        ("win32", "APPDATA", "inkdigits/config.toml"),
    ],
)
def test_the_file_is_found_where_the_system_keeps_such_files(
    platform: str, home: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Linux, macOS and Windows each have their usual place."""
    monkeypatch.setattr(sys, "platform", platform)
    assert load_settings(environ={home: str(tmp_path)}) == Settings()
    (tmp_path / place).parent.mkdir(parents=True)
    (tmp_path / place).write_text("threads = 7", encoding="utf-8")
    assert load_settings(environ={home: str(tmp_path)}).threads == 7


def test_the_file_that_the_environment_names_is_read(file: Path):
    """INKDIGITS_CONFIG points at another file."""
    assert load_settings(environ={"INKDIGITS_CONFIG": str(file)}).threads == 3


@pytest.mark.parametrize(
    ("environ", "nearest"),
    [
        ({"INKDIGITS_THRED": "2"}, "INKDIGITS_THREADS"),
        ({"INKDIGITS_CONFG": "x.toml"}, "INKDIGITS_CONFIG"),
        ({"INKDIGITS_MODLES": ""}, "INKDIGITS_MODELS"),
    ],
)
def test_an_unknown_variable_is_an_error_that_names_the_nearest(environ: dict[str, str], nearest: str):
    """A misspelt variable is reported, even an empty one."""
    with pytest.raises(SettingsError, match=f"{next(iter(environ))}.*Did you mean {nearest}"):
        load_settings(environ=environ)


def test_an_unknown_key_is_an_error_that_names_file_and_nearest(tmp_path: Path):
    """A misspelt key in a file is reported with the file."""
    file = tmp_path / "config.toml"
    file.write_text("max_megapixel = 2", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"'max_megapixel'.*config\.toml.*'max_megapixels'"):
        load_settings(environ={}, file=file)


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("threads", "many", "a whole number from 1 to 256"),
        ("threads", "2.5", "a whole number from 1 to 256"),
        ("threads", "0", "a whole number from 1 to 256"),
        ("accept_error", "1.01", "a number from 0 to 1"),
        ("accept_error", "nan", "a number from 0 to 1"),
        ("max_megapixels", "inf", r"a number from 0\.001 to 1000"),
        ("port", "65536", "a whole number from 0 to 65535"),
        ("public", "1", "true or false"),
        ("public", "yes", "true or false"),
    ],
)
def test_a_wrong_variable_is_an_error_that_says_what_is_wanted(name: str, text: str, wanted: str):
    """The message names the setting, the variable and what would be right."""
    with pytest.raises(SettingsError, match=f"{name} = .*{variable(name)}, must be {wanted}"):
        load_settings(environ={variable(name): text})


@pytest.mark.parametrize(
    "line",
    [
        'threads = "2"',
        "threads = true",
        "threads = 1.0",
        "[threads]\nn = 1",
        "accept_error = false",
        "accept_error = nan",
        "model = 3",
        'model = ""',
        "data = 1",
        "public = 1",
        'public = "true"',
    ],
)
def test_a_wrong_type_in_the_file_is_an_error_that_names_the_file(line: str, tmp_path: Path):
    """TOML has types, so nothing is guessed from text, and true is not 1."""
    file = tmp_path / "config.toml"
    file.write_text(line, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"config\.toml, must be"):
        load_settings(environ={}, file=file)


@pytest.mark.parametrize("content", [b"threads = ", b"\xff\xfe"])
def test_a_damaged_file_is_an_error_that_names_the_file(content: bytes, tmp_path: Path):
    """What is not TOML, or not even text, is reported."""
    file = tmp_path / "config.toml"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match=r"config\.toml is not TOML"):
        load_settings(environ={}, file=file)


def test_a_named_file_must_exist(tmp_path: Path):
    """A file asked for by name is never passed over in silence."""
    missing = tmp_path / "none.toml"
    for arguments in ({"environ": {}, "file": missing}, {"environ": {"INKDIGITS_CONFIG": str(missing)}}):
        with pytest.raises(SettingsError, match=r"none\.toml cannot be read: No such file"):
            load_settings(**arguments)


@given(st.text())
def test_no_text_in_the_environment_breaks_the_parser(text: str):
    """Any text is either a number of threads or our error."""
    try:
        threads = load_settings(environ={"INKDIGITS_THREADS": text}).threads
    except SettingsError:
        return
    assert 1 <= threads <= 256


def test_settings_are_frozen():
    """Settings do not change after they are loaded."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().threads = 2  # type: ignore[misc]
