"""The page's files: compressed where the browser takes that, and cached for as long as they may be."""

import gzip
import os
import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

PAGE = Path(__file__).parent / "static"
"""Where the page is."""

INDEX = "index.html"

FOR_EVER = "public, max-age=31536000, immutable"
"""For files whose address changes with their content; a year is the longest that caches promise (RFC 9111)."""

CHECKED = "no-cache"
"""For all others: caches keep them, and ask each time whether they are still the same."""

ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""How files may lie compressed beside the ones they stand for; the smaller first."""

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".onnx": "application/octet-stream",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
}
"""By the end of a name: what systems say of these differs, and browsers insist."""

PLAIN = (".css", ".html", ".js", ".json", ".map", ".mjs", ".onnx", ".svg", ".txt", ".wasm", ".webmanifest")
"""Files that become smaller when they are compressed."""

_DIGEST = re.compile(r"[.-][0-9a-f]{8,}\.")
"""How a digest stands in a name."""


class Files(StaticFiles):
    """Serves a folder."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with the file at `path`, or with 304 where the browser has it."""
        response = await super().get_response(INDEX if path == "." else path, scope)
        headers = Headers(scope=scope)
        if isinstance(response, FileResponse):
            response = await run_in_threadpool(self._compress, response, headers.get("accept-encoding", ""))
        response.headers["Cache-Control"] = FOR_EVER if _is_lasting(path, scope) else CHECKED
        response.headers["Vary"] = "Accept-Encoding"
        if self.is_not_modified(response.headers, headers):
            return NotModifiedResponse(response.headers)
        return response

    def _compress(self, response: FileResponse, accepted: str) -> Response:
        """Answer with the compressed form of a file that the browser takes, if there is one."""
        path, suffix = Path(response.path), Path(response.path).suffix
        media_type = MEDIA_TYPES.get(suffix, response.media_type)
        for encoding, ending in ENCODINGS.items():
            beside = path.with_name(path.name + ending)
            if accepts(accepted, encoding) and beside.is_file():
                found = FileResponse(beside, media_type=media_type, stat_result=beside.stat())
                found.headers["Content-Encoding"] = encoding
                return found
        if suffix in PLAIN and accepts(accepted, "gzip"):
            return gzip_response(path, media_type)
        return FileResponse(path, media_type=media_type, stat_result=path.stat())


def gzip_response(path: Path, media_type: str | None) -> Response:
    """Answer with a file, compressed here and now, the first time."""
    stat = path.stat()
    content = _gzip(path, stat.st_mtime_ns)
    tag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}-gzip"'
    return Response(content, media_type=media_type, headers={"Content-Encoding": "gzip", "ETag": tag})


def accepts(accepted: str, encoding: str) -> bool:
    """Whether an Accept-Encoding header names an encoding, and not to refuse it."""
    for offer in accepted.split(","):
        name, _, weight = offer.replace(" ", "").lower().partition(";q=")
        if name == encoding:
            return not weight or weight.strip("0.") != ""
    return False


def _is_lasting(path: str, scope: Scope) -> bool:
    """Whether the address of a file changes with its content."""
    query = parse_qs(scope["query_string"].decode("latin-1"))
    return bool(query.get("v")) or bool(_DIGEST.search(os.path.basename(path)))


@lru_cache(maxsize=128)
def _gzip(path: Path, changed_ns: int) -> bytes:
    del changed_ns
    return gzip.compress(path.read_bytes(), mtime=0)
