"""What a user may set once instead of at every call: one frozen `Settings`, from flags, environment and a file.

The first of these that names a setting wins: a flag; a variable INKDIGITS_<NAME>; the settings file; the default.
The file is TOML with the names of the fields below as keys. It is the one that INKDIGITS_CONFIG names, or else
`inkdigits/config.toml` in the place where the system keeps such files. An unknown name is an error, never ignored.
"""

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

from inkdigits.errors import SettingsError

PREFIX = "INKDIGITS_"
"""What the variables of the environment begin with."""

CONFIG = "INKDIGITS_CONFIG"
"""The variable that names the settings file."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. A range holds both its ends."""

    model: str = "default"
    """The network: a bundled name, a name in `models`, a path to an .onnx file, or a run folder."""
    line_model: Path | None = None
    """The network that reads lines of digits: an .onnx file or a run folder; None: the bundled one."""
    accept_error: float | None = field(default=None, metadata={"range": (0.0, 1.0)})
    """Share of the accepted digits that may be wrong; None: every digit is accepted."""
    expect_digits: int | None = field(default=None, metadata={"range": (1, 100)})
    """How many digits a number has; None: any number of them."""
    data: Path | None = None
    """Folder with the data sets."""
    models: Path | None = None
    """Folder with the user's own networks."""
    threads: int = field(default=1, metadata={"range": (1, 256)})
    """Threads of one network call."""
    max_megapixels: float = field(default=64.0, metadata={"range": (0.001, 1000.0)})
    """Larger pictures are refused, in millions of pixels."""
    page_timeout_s: float = field(default=60.0, metadata={"range": (0.1, 86400.0)})
    """A page of a pile that takes longer is given up, in seconds; most take less than one."""
    host: str = "127.0.0.1"
    """The address that the server listens on. Any but those of this machine alone asks for a token."""
    port: int = field(default=8377, metadata={"range": (0, 65535)})
    """The port that it listens on; 0: one that is free."""
    token: str | None = None
    """What requests must carry; None: made at start where the address asks for one."""
    public: bool = False
    """Whether everybody may use the server, from whatever address, without a token."""
    store: str | None = None
    """Where results are kept: the URL of a database, or "none"; None: a file among the user's, or, if public, none."""
    retention_days: int = field(default=0, metadata={"range": (0, 36500)})
    """Results are deleted after so many days; 0: never."""
    max_megabytes: float = field(default=64.0, metadata={"range": (0.001, 4096.0)})
    """Larger requests are refused, in millions of bytes."""
    max_waiting: int = field(default=64, metadata={"range": (0, 100_000)})
    """So many requests may wait while others are worked on; what comes then is told to come again."""
    read_threads: int = field(default=2, metadata={"range": (1, 256)})
    """So many pictures are read at once."""
    timeout_s: float = field(default=30.0, metadata={"range": (0.001, 3600.0)})
    """A request that has no answer after so many seconds is given up."""


NAMES = tuple(each.name for each in fields(Settings))
"""Every setting, in the order of the class."""

_TYPES: dict[str, Any] = {
    name: next(kind for kind in get_args(hint) or (hint,) if kind is not NoneType)
    for name, hint in get_type_hints(Settings).items()
}
_RANGES: dict[str, tuple[float, float]] = {
    each.name: each.metadata["range"] for each in fields(Settings) if each.metadata
}
_ACCEPTED = {str: (str,), int: (int,), float: (int, float), Path: (str, Path), bool: (bool,)}
_WORDS = {str: "text", int: "a whole number", float: "a number", Path: "a path", bool: "true or false"}
_BOOLS = {"true": True, "false": False}
"""How the environment says yes and no: as the file does."""


def load_settings(
    overrides: Mapping[str, object] | None = None,
    environ: Mapping[str, str] = os.environ,
    file: Path | None = None,
) -> Settings:
    """Load the settings from everywhere they can be.

    Args:
        overrides: the flags that were given, by the names of the settings; None stands for a flag not given.
        environ: the environment. An empty variable counts as not set.
        file: the settings file; None: where `environ` says, and then it need not exist.

    Raises:
        SettingsError: an unknown name, a value of the wrong type or out of range, or a file that cannot be read.
    """
    flags = {name: value for name, value in (overrides or {}).items() if value is not None}
    values = _from_file(file, environ) | _from_environment(environ) | _from_table(flags, "the command")
    return Settings(**values)


def variable(name: str) -> str:
    """Return the variable of the environment that holds the setting `name`."""
    return PREFIX + name.upper()


def user_folder(environ: Mapping[str, str], windows: str, linux: str, usual: str) -> Path | None:
    """Return our folder where this system keeps files of a kind; None where the environment does not say.

    Args:
        environ: the environment.
        windows: the variable that names the place on Windows.
        linux: the same on Linux, if it is set.
        usual: where it is in the user's home there, if not.
    """
    if sys.platform == "win32":
        home_variable, inside = windows, "."
    elif sys.platform == "darwin":
        home_variable, inside = "HOME", "Library/Application Support"
    elif environ.get(linux):
        home_variable, inside = linux, "."
    else:
        home_variable, inside = "HOME", usual
    home = environ.get(home_variable)
    return Path(home, inside, "inkdigits") if home else None


def _from_file(file: Path | None, environ: Mapping[str, str]) -> dict[str, Any]:
    named = file or (Path(environ[CONFIG]) if environ.get(CONFIG) else None)
    folder = user_folder(environ, "APPDATA", "XDG_CONFIG_HOME", ".config")
    path = named or (folder and folder / "config.toml")
    if path is None or (named is None and not os.path.isfile(path)):  # False too where we may not look
        return {}
    import tomllib  # 18 ms, and most people have no file

    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:  # both of TOML and of UTF-8
        raise SettingsError(f"The settings file {path} is not TOML: {error}.") from error
    return _from_table(table, str(path), path.parent)


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    given = {key: text for key, text in environ.items() if key.startswith(PREFIX) and key != CONFIG}
    names = {variable(name): name for name in NAMES}
    for key in given:
        if key not in names:
            raise SettingsError(f"There is no setting {key}. Did you mean {_nearest(key, [*names, CONFIG])}?")
    return {names[key]: _parse_text(names[key], text, key) for key, text in given.items() if text}


def _from_table(table: Mapping[str, object], origin: str, folder: Path = Path()) -> dict[str, Any]:
    for key in table:
        if key not in NAMES:
            raise SettingsError(f"There is no setting {key!r}, in {origin}. Did you mean {_nearest(key, NAMES)!r}?")
    return {key: _check(key, value, origin, folder) for key, value in table.items()}


def _parse_text(name: str, text: str, origin: str) -> Any:
    """Like `_check`, for a value that is text by nature."""
    try:
        kind = _TYPES[name]
        return _check(name, _BOOLS[text.lower()] if kind is bool else kind(text), origin)
    except (ValueError, KeyError):
        raise SettingsError(f"{name} = {text!r}, from {origin}, must be {_wanted(name)}.") from None


def _check(name: str, value: object, origin: str, folder: Path = Path()) -> Any:
    """Return `value` as the type of the setting `name`; a relative path starts at `folder`."""
    kind = _TYPES[name]
    fits = isinstance(value, _ACCEPTED[kind]) and isinstance(value, bool) is (kind is bool) and value != ""
    if not fits or not _in_range(name, value):
        raise SettingsError(f"{name} = {value!r}, from {origin}, must be {_wanted(name)}.")
    return folder / os.path.expanduser(str(value)) if kind is Path else kind(value)


def _in_range(name: str, value: Any) -> bool:
    low, high = _RANGES.get(name, (value, value))  # without a range everything fits but NaN
    return bool(low <= value <= high)


def _wanted(name: str) -> str:
    low, high = _RANGES.get(name, (None, None))
    return _WORDS[_TYPES[name]] + ("" if low is None else f" from {low:g} to {high:g}")


def _nearest(name: str, names: Iterable[str]) -> str:
    from difflib import get_close_matches  # 9 ms, and only a mistake needs it

    return get_close_matches(name, list(names), n=1, cutoff=0)[0]
