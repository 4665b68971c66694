"""Every error that inkdigits raises becomes an answer with its own code and status."""

import inspect

import pytest

from inkdigits import errors
from inkdigits.errors import InkdigitsError, MissingExtraError
from inkdigits.web import app as web_app
from inkdigits.web.failures import to_response
from tests.bars import read
from tests.web.conftest import Serve

CLASSES = [each for each in vars(errors).values() if inspect.isclass(each) and issubclass(each, InkdigitsError)]

STATUSES = {
    400: {"usage", "request"},
    401: {"unauthorized"},
    403: {"forbidden"},
    404: {"source-not-found", "model-not-found", "result-not-found", "no-store", "path-not-found"},
    405: {"method"},
    413: {"source-too-large", "request-too-large"},
    415: {"unsupported-format"},
    422: {"source", "corrupt-source", "page-timeout"},
    501: {"missing-extra"},
    503: {"store", "store-version", "busy", "request-timeout"},
}
"""What clients can count on; all others are faults of the server: 500."""


def make(cls: type[InkdigitsError]) -> InkdigitsError:
    """Make an error of a class."""
    return MissingExtraError("web", "Serving") if cls is MissingExtraError else cls("why")


@pytest.mark.parametrize("cls", CLASSES)
def test_each_class_has_the_status_that_it_always_had(cls: type[InkdigitsError]):
    """The table above is a contract."""
    expected = next((status for status, codes in STATUSES.items() if cls.code in codes), 500)
    assert to_response(make(cls)).status_code == expected


@pytest.mark.parametrize("cls", CLASSES)
def test_each_class_becomes_an_answer(cls: type[InkdigitsError], serve: Serve, monkeypatch: pytest.MonkeyPatch):
    """From wherever in the work it comes."""

    def fail(*_: object) -> None:
        raise make(cls)

    monkeypatch.setattr(web_app, "read_file", fail)
    answer = read(serve())
    assert answer.status_code == cls.http_status
    assert answer.json() == {"error": {"code": cls.code, "message": str(make(cls))}}
    assert ("retry-after" in answer.headers) == (answer.status_code == 503)
