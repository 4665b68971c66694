"""What the server tells of the networks that there are, and their files."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from inkdigits.errors import ModelError, ModelNotFoundError
from inkdigits.graphs import BUNDLED, LAYERS_SUFFIX, LINES, NORMALIZER, find_line_model, load_card
from inkdigits.networks import Networks
from inkdigits.recogniser import STRIP_SHAPE, STRIP_VERSION
from inkdigits.settings import Settings

BUNDLED_FILES = "/models/"
"""Where networks are that everybody may have."""

OWN_FILES = "/api/v1/models/"
"""Where the user's own are, behind the token, if there is one."""

LINE_NAME = "lines/default"
"""Under these, files that are no digit networks are served."""
NORMALIZER_NAME = "normalize"

SUFFIXES = (LAYERS_SUFFIX, ".onnx", ".json")
"""Of what is said of its layers, of the graph, and of the card beside it; the longer of two that fit first."""


class ServedNetworks(Networks):
    """All networks that the server may use, with what it tells of them."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._line_path = find_line_model(settings.line_model)

    def read_file(self, name: str, *, is_open: bool) -> bytes:
        """Return the bytes of a network or of its card.

        Args:
            name: of the file, such as "default.onnx".
            is_open: only what everybody may have; else only the user's own.

        Raises:
            ModelNotFoundError: no such file is served.
        """
        lines = LINES if is_open else self._line_path  # the bundled one is there for pages that no server answers
        graphs = {**self.paths(), LINE_NAME: lines, NORMALIZER_NAME: NORMALIZER}
        suffix = next((each for each in SUFFIXES if name.endswith(each)), "")
        path = graphs.get(name.removesuffix(suffix)) if suffix else None
        path = path.with_suffix(suffix) if path else None
        if path is None or not path.is_file() or _is_bundled(path) != is_open:
            raise ModelNotFoundError(f"There is no network file {name!r}. /api/v1/models lists those there are.")
        return path.read_bytes()

    def describe(self) -> dict[str, Any]:
        """Say which networks there are. Addresses are relative to the page, which may lie below any prefix."""
        line_card = load_card(self._line_path, STRIP_VERSION, STRIP_SHAPE)
        facts, broken = [], []
        for name, path in self.paths().items():
            try:
                facts.append(_describe(name, path))
            except (ModelError, OSError) as error:
                broken.append({"name": name, "error": str(error)})
        return {
            "default": self.default,
            "line_model": {
                "name": line_card.name,
                "input": list(line_card.input_shape),
                "calibration": line_card.calibration,
                **_addresses(LINE_NAME, self._line_path),
            },
            "normaliser": {name: _addresses(NORMALIZER_NAME, NORMALIZER)[name] for name in ("url", "digest")},
            "models": facts,
            "unusable": broken,
        }


@lru_cache(maxsize=1)  # the package does not change while it runs
def describe_bundled() -> dict[str, Any]:
    """Say which networks the package has: what a page works with when no server answers."""
    return {**ServedNetworks(Settings()).describe(), "keeps_results": False}


def _describe(name: str, path: Path) -> dict[str, Any]:
    card = load_card(path)
    return {
        "name": name,
        "n_parameters": card.facts.get("n_parameters"),
        "size_bytes": path.stat().st_size,
        **_addresses(name, path),
        "digit_score_threshold": card.digit_score_threshold,
        "has_digit_score": _knows_no_digits(card.facts),
        "is_bundled": _is_bundled(path),
    }


def _knows_no_digits(facts: Mapping[str, Any]) -> bool:
    """Whether a network learned what is no digit; the digit score of others is their highest probability."""
    recipe = facts.get("recipe")
    return isinstance(recipe, dict) and bool(recipe.get("negatives"))


def _addresses(name: str, path: Path) -> dict[str, str]:
    """Return a graph's digest, and the addresses of it and of what lies beside it; they change with the content."""
    folder = BUNDLED_FILES if _is_bundled(path) else OWN_FILES
    place = folder.removeprefix("/") + quote(name)
    files = {"url": ".onnx", "card_url": ".json", "layers_url": LAYERS_SUFFIX}
    there = {key: (suffix, path.with_suffix(suffix)) for key, suffix in files.items()}
    urls = {key: f"{place}{suffix}?v={digest_of_file(file)}" for key, (suffix, file) in there.items() if file.is_file()}
    return {"digest": digest_of_file(path), **urls}


def _is_bundled(path: Path) -> bool:
    return path.is_relative_to(BUNDLED)


def digest_of_file(path: Path) -> str:
    """Return the digest of a file, which is not read again while it stays as it is."""
    return _digest_of(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _digest_of(path: Path, changed_ns: int) -> str:
    del changed_ns
    return digest_of(path.read_bytes())


def digest_of(content: bytes) -> str:
    """Return the first 16 hex digits of the sha256, as graphs have it."""
    return hashlib.sha256(content).hexdigest()[:16]
