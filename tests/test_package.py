"""The repository keeps its promises: scripts run, documents are complete, and the wheel holds what it needs."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import httpx2 as httpx
import pytest

from inkdigits.__about__ import __version__
from inkdigits.settings import CONFIG, NAMES, variable
from tests.bars import ONE

ROOT = Path(__file__).parents[1]

VENDOR = ROOT / "src/inkdigits/web/static/vendor"
"""What the build hook brought when the package was installed; with it, a wheel is built without the network."""

# Written in pieces, so that this file does not accuse itself.
PLACES = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/Us" + "ers/"]
REGISTRIES = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "pytorch" + ".org/whl",
    "npmjs" + ".org",
    "proxy.golang" + ".org",
]


def own_files() -> list[Path]:
    """Return the files that git tracks or would add; without git, those of the folders that are ours."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if shutil.which("git") and (listed := subprocess.run(command, cwd=ROOT, text=True, capture_output=True)).stdout:
        paths = [ROOT / name for name in listed.stdout.split("\0")]
    else:
        folders = [ROOT / name for name in ("src", "tests", "docs", "scripts", ".ci", "benchmarks")]
        paths = [*ROOT.glob("[!.]*"), *(path for folder in folders for path in folder.rglob("*[!c]"))]
    return [path for path in paths if path.is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the repository as it would be committed."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for path in [*own_files(), *(path for path in VENDOR.rglob("*") if path.is_file())]:
        copy = source / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)], cwd=source, check=True)
    return next(out.glob("*.whl"))


@pytest.mark.parametrize("name", ["scripts/run", "scripts/test", "scripts/check", ".ci/run"])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no executable bit")
def test_scripts_can_be_called(name: str):
    """A fresh clone runs them as they are, and bash finds no mistake in them."""
    assert os.access(ROOT / name, os.X_OK)
    subprocess.run(["bash", "-n", str(ROOT / name)], check=True)


def test_no_file_names_a_machine_or_a_registry():
    """Paths and package hosts of one machine mean nothing on another."""
    guilty = []
    for path in own_files():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        guilty += [f"{path.relative_to(ROOT)}: {word}" for word in PLACES + REGISTRIES if word in text]
    assert not guilty


def test_every_setting_is_documented():
    """README or docs/ name each setting by its variable."""
    text = "".join(path.read_text("utf-8") for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
    assert not [name for name in [CONFIG, *map(variable, NAMES)] if name not in text]


def test_the_lock_holds_every_dependency():
    """constraints.txt pins each package that pyproject.toml names, to a version inside its range."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    pins = dict(re.findall(r"^([a-z0-9-]+)==(\S+)$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE))
    for requirement in (Requirement(line) for group in groups for line in group):
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), requirement


@pytest.mark.slow
def test_the_wheel_holds_what_the_package_needs(wheel: Path):
    """Types, networks, the normaliser and the licences are in it, under the version that the package says."""
    names = set(zipfile.ZipFile(wheel).namelist())
    paths = [path for path in (ROOT / "src/inkdigits/models").rglob("*") if path.is_file()]
    models = {path.relative_to(ROOT / "src").as_posix() for path in paths}
    bundled = {f"inkdigits/models/{name}.onnx" for name in ("default", "lines/default", "normalize")}
    assert bundled <= models <= names
    assert "inkdigits/py.typed" in names
    page = {path.relative_to(ROOT / "src").as_posix() for path in VENDOR.parent.rglob("*") if path.is_file()}
    wasm = "inkdigits/web/static/vendor/onnxruntime-web/ort-wasm-simd-threaded.wasm"
    assert {wasm, f"{wasm}.gz", f"{wasm}.br"} <= page <= names
    licences = f"inkdigits-{__version__}.dist-info/licenses/"
    assert {licences + "LICENSE", licences + "NOTICE"} <= names


@pytest.mark.slow
def test_the_wheel_works_without_the_source(wheel: Path, tmp_path: Path):
    """Unpacked somewhere else, it still reads."""
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        "import inkdigits, numpy; print(inkdigits.__file__, inkdigits.load_reader().read(numpy.zeros((28, 28), 'u1')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        text=True,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    assert str(tmp_path) in done.stdout


@pytest.mark.slow
def test_the_wheel_serves_from_an_environment_of_its_own(wheel: Path, tmp_path: Path):
    """Installed with nothing but what it asks for, the command serves the page with its runtime, and reads."""
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "install", "-qq"]
    what = ["--no-compile", "-c", str(ROOT / "constraints.txt"), f"inkdigits[web] @ {wheel.as_uri()}"]
    subprocess.run([*pip, *what], check=True)
    serve = [str(python.with_name("inkdigits")), "serve", "--port", "0", "--store", "none"]
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    with subprocess.Popen(serve, cwd=tmp_path, stdout=subprocess.PIPE, text=True, env=environment) as server:
        try:
            assert server.stdout
            address = server.stdout.readline().split()[-1].rstrip("/")
            assert "<canvas" in httpx.get(f"{address}/").text
            runtime = httpx.get(f"{address}/vendor/onnxruntime-web/ort-wasm-simd-threaded.wasm")
            assert runtime.content.startswith(b"\0asm")
            read = httpx.post(f"{address}/api/v1/read?layout=digit", files={"file": ONE})
            assert read.json()["text"] == "1"
        finally:
            server.terminate()


def test_python_m_inkdigits_is_the_command():
    """`python -m inkdigits` and `inkdigits` are one."""
    answer = subprocess.check_output([sys.executable, "-m", "inkdigits", "--version"], text=True)
    assert __version__ in answer


@pytest.mark.parametrize("ci", ["true", ""])
def test_a_skip_fails_in_ci_and_only_there(ci: str, tmp_path: Path):
    """Nothing that CI should have tested passes by not running: no mark, no call, no file."""
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_mark.py").write_text("import pytest\n@pytest.mark.skip(reason='lazy')\ndef test_a(): pass")
    (tmp_path / "test_call.py").write_text("import pytest\ndef test_b(): pytest.skip('lazy')")
    (tmp_path / "test_file.py").write_text("import pytest\npytest.skip('lazy', allow_module_level=True)")
    command = [sys.executable, "-m", "pytest", "--continue-on-collection-errors", "-p", "no:cacheprovider", "."]
    done = subprocess.run(command, cwd=tmp_path, env={**os.environ, "CI": ci}, text=True, capture_output=True)
    outcome = "1 failed, 2 errors" if ci else "3 skipped"
    assert outcome in done.stdout
    assert (done.returncode == 1) == bool(ci)
    assert ("nothing may skip: Skipped: lazy" in done.stdout) == bool(ci)


def test_tests_that_share_something_run_in_one_process(tmp_path: Path):
    """Those of a file, and of some folders: else each process would start browsers and the like of its own."""
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    code = """
import os, pathlib, pytest
@pytest.mark.parametrize("n", range(5))
def test(n): pathlib.Path(__file__ + os.environ["PYTEST_XDIST_WORKER"]).touch()
"""
    for name in ("test_a.py", "test_b.py", "browser/test_c.py", "browser/test_d.py", "desktop/test_e.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(code)
    command = [sys.executable, "-m", "pytest", "--numprocesses", "2", "-p", "no:cacheprovider", "."]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    found = sorted((path.name[:6], path.name[-1]) for path in tmp_path.rglob("*.pygw?"))
    assert [name for name, _ in found] == ["test_a", "test_b", "test_c", "test_d", "test_e"]
    assert found[2][1] == found[3][1]
    assert {process for _, process in found} == {"0", "1"}
