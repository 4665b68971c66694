"""Every error has a stable code of its own, its place in the tree, and a row in docs/errors.md."""

import inspect
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from inkdigits import errors
from inkdigits.errors import InkdigitsError, MissingExtraError

DOCS = Path(__file__).parents[1] / "docs" / "errors.md"

CLASSES: list[type[InkdigitsError]] = [
    value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, InkdigitsError)
]


def tree(cls: type, depth: int = 0) -> Iterator[tuple[int, str]]:
    """Yield every class at and below `cls` with its depth, in the order they were written."""
    yield depth, cls.__name__
    for child in cls.__subclasses__():
        yield from tree(child, depth + 1)


def test_the_tree_drawn_in_the_docstring_is_the_tree_of_the_classes():
    """Whoever reads the top of errors.py sees the truth."""
    drawn = re.findall(r"^ {4}([|` -]*)([A-Z]\w+)", errors.__doc__ or "", re.MULTILINE)
    assert [(len(branch) // 4, name) for branch, name in drawn] == list(tree(InkdigitsError))


@pytest.mark.parametrize("attribute", ["code", "exit_code"])
def test_codes_tell_the_classes_apart(attribute: str):
    """No two classes share a code or an exit code: none forgot to set its own."""
    values = [getattr(cls, attribute) for cls in CLASSES]
    assert len(set(values)) == len(values) > 1


@pytest.mark.parametrize("cls", CLASSES)
def test_codes_fit_those_who_read_them(cls: type[InkdigitsError]):
    """Codes are kebab-case, exit codes leave those of the shell alone (126 and up), statuses say that it failed."""
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", cls.code)
    assert 1 <= cls.exit_code <= 125
    assert 400 <= cls.http_status <= 599


def test_the_document_lists_every_error_as_it_is():
    """docs/errors.md has each class, code, exit code and status, in the order of the tree."""
    rows = re.findall(r"^\| `(\w+)` \| `([a-z-]+)` \| (\d+) \| (\d+) \| .+\.", DOCS.read_text("utf-8"), re.MULTILINE)
    assert rows == [(cls.__name__, cls.code, str(cls.exit_code), str(cls.http_status)) for cls in CLASSES]


def test_a_missing_extra_says_how_to_install_it():
    """The message is the remedy."""
    error = MissingExtraError("train", "Training")
    assert str(error) == "Training needs an optional part. Install it with:  pip install 'inkdigits[train]'"


@pytest.mark.parametrize("error", [*(cls("why") for cls in CLASSES if cls is not MissingExtraError)])
def test_errors_keep_their_message_between_processes(error: InkdigitsError):
    """A worker process hands its error to the one that started it."""
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))


def test_a_missing_extra_keeps_its_facts_between_processes():
    """The one error with two arguments arrives whole as well."""
    error = MissingExtraError("train", "Training")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.extra) == (str(error), "train")
