"""Everything that inkdigits raises on purpose, in one tree.

    InkdigitsError
    |-- UsageError                  a wrong option or argument
    |-- SettingsError               an unknown or malformed setting
    |-- SourceError                 the picture that was sent
    |   |-- SourceNotFoundError     no such file
    |   |-- UnsupportedFormatError  not a picture format we read
    |   |-- CorruptSourceError      a picture, but damaged
    |   |-- SourceTooLargeError     more pixels or bytes than the limit
    |   `-- PageTimeoutError        reading it takes too long
    |-- DataError                   a data set
    |   |-- DataNotFoundError       no such data set
    |   |-- DataFormatError         damaged, truncated or not what it says
    |   `-- FetchError              the download failed
    |-- ModelError                  a network
    |   |-- ModelNotFoundError      no such model
    |   `-- ModelFormatError        a graph or card that does not fit this version
    |-- TrainingError               a training run cannot go on
    |-- ExportError                 the exported graph is not the network
    |-- WorkerError                 the processes that read cannot start
    |-- StoreError                  the place where results are kept
    |   |-- ResultNotFoundError     no such result
    |   |-- NoStoreError            this server keeps none
    |   `-- StoreVersionError       made by a newer version
    |-- WindowError                 the desktop window cannot open
    |   `-- CameraError             its camera gives no pictures
    |-- RequestError                a request that the server turns away
    |   |-- UnauthorizedError       no token, or a wrong one
    |   |-- ForbiddenError          from another site, or under another name
    |   |-- PathNotFoundError       there is nothing at that address
    |   |-- MethodError             nothing that can be done there
    |   |-- RequestTooLargeError    more bytes than the limit
    |   |-- BusyError               too many requests at once
    |   `-- RequestTimeoutError     it took too long
    `-- MissingExtraError           an optional part is not installed

Each class has a stable `code` (for programs), an `exit_code` (for the command
line) and a `http_status` (for the web application). docs/errors.md lists them.
The message says what happened and what to do about it.
"""

from typing import ClassVar, Self


class InkdigitsError(Exception):
    """The root: catch this to catch everything that inkdigits raises on purpose."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500


class UsageError(InkdigitsError):
    """An option or argument that makes no sense."""

    code = "usage"
    exit_code = 2
    http_status = 400


class SettingsError(InkdigitsError):
    """A setting that does not exist or has the wrong type."""

    code = "settings"
    exit_code = 3


class SourceError(InkdigitsError):
    """The picture that was sent cannot be read."""

    code = "source"
    exit_code = 10
    http_status = 422


class SourceNotFoundError(SourceError):
    """There is no picture at that path."""

    code = "source-not-found"
    exit_code = 11
    http_status = 404


class UnsupportedFormatError(SourceError):
    """The source is not in a picture format that we read."""

    code = "unsupported-format"
    exit_code = 12
    http_status = 415


class CorruptSourceError(SourceError):
    """The source says it is a picture, and is damaged."""

    code = "corrupt-source"
    exit_code = 13
    http_status = 422


class SourceTooLargeError(SourceError):
    """The source has more pixels or bytes than the limit."""

    code = "source-too-large"
    exit_code = 14
    http_status = 413


class PageTimeoutError(SourceError):
    """Reading the page takes longer than the limit."""

    code = "page-timeout"
    exit_code = 15
    http_status = 422


class DataError(InkdigitsError):
    """A data set cannot be used."""

    code = "data"
    exit_code = 20


class DataNotFoundError(DataError):
    """There is no such data set at that place."""

    code = "data-not-found"
    exit_code = 21


class DataFormatError(DataError):
    """A data file is damaged, truncated or not what it says it is."""

    code = "data-format"
    exit_code = 22


class FetchError(DataError):
    """A download failed or brought the wrong bytes."""

    code = "fetch"
    exit_code = 23


class ModelError(InkdigitsError):
    """A network cannot be used."""

    code = "model"
    exit_code = 30


class ModelNotFoundError(ModelError):
    """There is no such model."""

    code = "model-not-found"
    exit_code = 31
    http_status = 404


class ModelFormatError(ModelError):
    """A graph or model card is damaged or made for another version."""

    code = "model-format"
    exit_code = 32


class TrainingError(InkdigitsError):
    """A training run cannot start or go on."""

    code = "training"
    exit_code = 40


class ExportError(InkdigitsError):
    """The exported graph does not answer like the network it came from."""

    code = "export"
    exit_code = 41


class WorkerError(InkdigitsError):
    """A process that reads cannot be started."""

    code = "worker"
    exit_code = 42


class StoreError(InkdigitsError):
    """The place where results are kept cannot be used."""

    code = "store"
    exit_code = 60
    http_status = 503


class ResultNotFoundError(StoreError):
    """There is no such result, or none any more."""

    code = "result-not-found"
    exit_code = 61
    http_status = 404


class NoStoreError(StoreError):
    """This server keeps no results."""

    code = "no-store"
    exit_code = 62
    http_status = 404


class StoreVersionError(StoreError):
    """The store was made by a newer version."""

    code = "store-version"
    exit_code = 63


class WindowError(InkdigitsError):
    """The desktop window cannot open: Python has no Tk, or there is no screen."""

    code = "window"
    exit_code = 80


class CameraError(WindowError):
    """The camera, or the film in its place, gives no pictures."""

    code = "camera"
    exit_code = 81


class RequestError(InkdigitsError):
    """A request that the server turns away."""

    code = "request"
    exit_code = 70
    http_status = 400


class UnauthorizedError(RequestError):
    """A request without the token, or with a wrong one."""

    code = "unauthorized"
    exit_code = 71
    http_status = 401


class ForbiddenError(RequestError):
    """A request from another site, or under a name that is not the server's."""

    code = "forbidden"
    exit_code = 72
    http_status = 403


class PathNotFoundError(RequestError):
    """There is nothing at that address."""

    code = "path-not-found"
    exit_code = 73
    http_status = 404


class MethodError(RequestError):
    """Something is there, and knows no such method."""

    code = "method"
    exit_code = 74
    http_status = 405


class RequestTooLargeError(RequestError):
    """A request with more bytes than the limit."""

    code = "request-too-large"
    exit_code = 75
    http_status = 413


class BusyError(RequestError):
    """More requests at once than the server works on."""

    code = "busy"
    exit_code = 76
    http_status = 503


class RequestTimeoutError(RequestError):
    """A request that took longer than the limit."""

    code = "request-timeout"
    exit_code = 77
    http_status = 503


class MissingExtraError(InkdigitsError):
    """An optional part of inkdigits is not installed."""

    code = "missing-extra"
    exit_code = 50
    http_status = 501

    def __init__(self, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs an optional part. Install it with:  pip install 'inkdigits[{extra}]'")
        self.extra = extra
        self._arguments = extra, purpose

    def __reduce__(self) -> tuple[type[Self], tuple[str, str]]:
        """Let the error travel between processes: by default it would be made again from its message alone."""
        return type(self), self._arguments
