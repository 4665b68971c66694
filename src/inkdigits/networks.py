"""The networks that people may choose from: those in the package, their own, and that of the settings."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from inkdigits.classifier import Classifier, load_classifier
from inkdigits.decode import choose_thresholds
from inkdigits.errors import ModelNotFoundError
from inkdigits.graphs import RUN_MODEL, find_model, model_names
from inkdigits.reader import Reader
from inkdigits.settings import Settings

OPEN = 16
"""Networks that stay open, the longest unused of them first to go; one takes some megabytes."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A network that is open, and the reader that uses it."""

    classifier: Classifier
    reader: Reader


class Networks:
    """All networks that there are, by name, and readers that use them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        path = find_model(settings.model, settings.models)
        is_name = settings.model in model_names(settings.models)
        self.default = settings.model if is_name else (path.parent if path.name == RUN_MODEL else path).stem
        """Name of the network that reads unless another is asked for."""
        self._own = {} if is_name else {self.default: path}
        self._open = lru_cache(maxsize=OPEN)(self._open_file)
        self.open()

    def open(self, name: str | None = None) -> Opened:
        """Open a network by its name, or the default one.

        Raises:
            ModelNotFoundError: no such name. A path is none: who sends requests shall not open files.
            ModelError: it cannot be used.
        """
        paths, name = self.paths(), name or self.default
        if name not in paths:
            raise ModelNotFoundError(f"There is no model {name!r}. There are: {', '.join(paths)}.")
        return self._open(paths[name], paths[name].stat().st_mtime_ns)

    def paths(self) -> Mapping[str, Path]:
        """Find the digit networks anew, by name, since training may have added one."""
        names = model_names(self._settings.models)
        return {**self._own, **{name: find_model(name, self._settings.models) for name in names}}

    def _open_file(self, path: Path, changed_ns: int) -> Opened:
        del changed_ns  # a file that was written anew is opened anew
        classifier = load_classifier(path, self._settings.threads)
        settings = replace(self._settings, model=str(path))
        reader = Reader(classifier, choose_thresholds(classifier.card, settings.accept_error), settings)
        return Opened(classifier, reader.adapt())  # which opens the network for lines
