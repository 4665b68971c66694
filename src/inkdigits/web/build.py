"""The build: every file that the page is made of, and the worker that keeps them, all of one version."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote

from inkdigits.graphs import BUNDLED
from inkdigits.web.files import ENCODINGS, INDEX
from inkdigits.web.networks import BUNDLED_FILES, SUFFIXES, describe_bundled, digest_of, digest_of_file

Content: TypeAlias = Path | bytes
"""Of a file: where it lies, or itself."""

WORKER = "sw.js"
"""Its address: beside the page, since a worker serves what lies below it."""

NETWORK_INDEX = BUNDLED_FILES.removeprefix("/") + "index.json"
"""Where a page finds the networks of the package when no server answers."""

SHELL_BYTES = 64 * 1024
"""Smaller files are kept before a version counts as there, since nothing runs without them; larger ones, the runtime
and the networks, after the page has come to rest."""

_VERSIONED = re.compile(r'"\./(vendor/[^"?]+)(\?v=[^"]+)"')
"""How vendor.js names a library."""

_INTERNAL = (WORKER, INDEX, "vendor/built-from")
"""Files of the page's folder that have another address, or none."""


def page_files(page: Path) -> dict[str, Content]:
    """Return all that the page may ask for but answers of the API, by addresses relative to it."""
    versions = dict(_VERSIONED.findall((page / "vendor.js").read_text("utf-8")))
    names = {path.relative_to(page).as_posix(): path for path in sorted(page.rglob("*")) if path.is_file()}
    files: dict[str, Content] = {"": page / INDEX}
    for name, path in names.items():
        if name not in _INTERNAL and not path.name.endswith(tuple(ENCODINGS.values())):
            files[f"static/{quote(name)}{versions.get(name, '')}"] = path
    return {**files, **_network_files()}


def make_worker(page: Path, files: Mapping[str, Content]) -> str:
    """Return the script of the worker that keeps `files`: its source in the folder `page`, after what it keeps.

    Each file comes with what it must hash to, so that a worker never takes one of another version.
    """
    shell: dict[str, str] = {}
    rest: dict[str, str] = {}
    for address, content in files.items():
        integrity, n_bytes = _measure(content)
        (shell if n_bytes <= SHELL_BYTES else rest)[address] = integrity
    digest = digest_of(json.dumps([shell, rest]).encode())
    build = json.dumps({"digest": digest, "shell": shell, "rest": rest}, indent=1)
    return f"self.build = {build};\n{(page / WORKER).read_text('utf-8')}"


def _network_files() -> dict[str, Content]:
    paths = sorted(path for path in BUNDLED.rglob("*") if path.suffix in SUFFIXES)
    home = BUNDLED_FILES.removeprefix("/")
    files: dict[str, Content] = {
        f"{home}{quote(path.relative_to(BUNDLED).as_posix())}?v={digest_of_file(path)}": path for path in paths
    }
    return {**files, NETWORK_INDEX: json.dumps(describe_bundled()).encode()}


def _measure(content: Content) -> tuple[str, int]:
    """Return the digest of a file as browsers check it, and its size."""
    if isinstance(content, bytes):
        return _to_integrity(content), len(content)
    stat = content.stat()
    return _integrity_of(content, stat.st_mtime_ns, stat.st_size), stat.st_size


@lru_cache(maxsize=512)
def _integrity_of(path: Path, changed_ns: int, n_bytes: int) -> str:
    del changed_ns, n_bytes  # a file that was written anew is read anew
    return _to_integrity(path.read_bytes())


def _to_integrity(content: bytes) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode()
