"""The page without a server, as a folder that any host of plain files can serve."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from inkdigits.errors import UsageError
from inkdigits.web.build import WORKER, Content, make_worker, page_files
from inkdigits.web.files import INDEX, PAGE
from inkdigits.web.guards import HEADERS

PLAIN = {".mjs?v=": ".js?v=", ".wasm?v=": ".wasm.gz?v="}
"""How addresses in vendor.js change. Some hosts do not know .mjs as a script, and many send the runtime as it lies
there: 14 MB; packed, and unpacked by the page itself, it is 4 MB."""

VENDOR_NAMES = "static/vendor.js"
"""The module that holds these addresses."""

HEAD = "<title>"
"""What is put into the page comes before this."""


def write_site(out: Path, page: Path = PAGE) -> int:
    """Write the page, its runtime and its networks into a folder, and return how many bytes they have.

    Args:
        out: the folder. It may be missing, empty, or hold what an earlier call wrote: that is replaced as a whole.
        page: the folder of the page.

    Raises:
        UsageError: something else lies there, or the page has no libraries.
    """
    out = out.resolve()
    _check(out, page)
    files = to_site(page_files(page))
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as folder:
        new = Path(folder, "new")
        for address, content in {**files, WORKER: make_worker(page, files).encode()}.items():
            _write(new / (address.partition("?")[0] or INDEX), content)
        if out.exists():
            out.rename(Path(folder, "old"))
        new.rename(out)
    return sum(path.stat().st_size for path in out.rglob("*") if path.is_file())


def to_site(files: Mapping[str, Content]) -> dict[str, Content]:
    """Return the files of the page, by their addresses, as a host of plain files takes them."""
    site = dict(_to_plain(address, content) for address, content in files.items())
    site[""] = _read(site[""]).replace(HEAD, f"{_marks()}{HEAD}", 1).encode()
    names = _read(site[VENDOR_NAMES])
    for usual, plain in PLAIN.items():
        names = names.replace(usual, plain)
    return {**site, VENDOR_NAMES: names.encode()}


def _to_plain(address: str, content: Content) -> tuple[str, Content]:
    for usual, plain in PLAIN.items():
        if usual in address and isinstance(content, Path):
            packed = content.with_name(content.name + ".gz")
            return address.replace(usual, plain), packed if plain.startswith(".wasm.gz") else content
    return address, content


def _marks() -> str:
    """Return what the page must know that a server would tell it: that there is none, and what it may load."""
    policy = HEADERS["Content-Security-Policy"]
    rules = [rule for rule in policy.split("; ") if not rule.startswith("frame-ancestors")]  # not known in a page
    return (
        '<meta name="inkdigits-server" content="none" />\n'
        f'    <meta http-equiv="Content-Security-Policy" content="{"; ".join(rules)}" />\n    '
    )


def _check(out: Path, page: Path) -> None:
    is_ours = (out / WORKER).is_file() and (out / VENDOR_NAMES).is_file()
    if out.exists() and not is_ours and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} holds something else, which stays as it is. Name a folder that is new or empty.")
    if not (page / "vendor" / "built-from").is_file():
        raise UsageError("The page has no libraries: they come with the wheel, or with  pip install -e .  in a clone.")


def _read(content: Content) -> str:
    return (content if isinstance(content, bytes) else content.read_bytes()).decode()


def _write(path: Path, content: Content) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        shutil.copyfile(content, path)
