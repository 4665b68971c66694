"""Reading stays light: what only training or serving needs is never loaded, and the public names are complete."""

import inspect
import subprocess
import sys

import pytest

import inkdigits

HEAVY = {"torch", "onnx", "onnxscript", "sklearn", "scipy", "matplotlib"}
"""What training needs."""

SERVING = {"fastapi", "starlette", "uvicorn", "pydantic", "sqlalchemy", "psycopg", "prometheus_client", "asyncio"}
"""What serving needs."""

ONLY_WHEN_USED = {"pypdfium2", "xlsxwriter", "rich", "typer"}
"""What the command line, PDF files and tables need: half a second of imports."""

DRAW = "import inkdigits, numpy, io, PIL.Image\na = numpy.full((64, 64), 255, 'u1'); a[16:48, 30:35] = 0\n"
"""A picture of a one: an upright bar."""

READ_ARRAY = DRAW + "assert inkdigits.load_reader().read(a).text"
READ_BYTES = DRAW + (
    "b = io.BytesIO(); PIL.Image.fromarray(a).save(b, 'png'); assert inkdigits.load_reader().read(b.getvalue()).text"
)


def loaded_by(code: str) -> set[str]:
    """Return the names of the top-level modules that a fresh Python holds after running `code`."""
    report = "\nimport sys; print(*{name.partition('.')[0] for name in sys.modules})"
    return set(subprocess.check_output([sys.executable, "-c", code + report], text=True).split())


@pytest.mark.parametrize("code", ["import inkdigits", READ_ARRAY, READ_BYTES], ids=["import", "array", "bytes"])
def test_reading_loads_nothing_heavy(code: str):
    """Neither the import nor a whole reading touches what training, serving or the command line need."""
    assert not loaded_by(code) & (HEAVY | SERVING | ONLY_WHEN_USED)


def test_reading_loads_the_runtime():
    """The readings above are real ones: they open the network."""
    assert "onnxruntime" in loaded_by(READ_ARRAY)


def test_serving_loads_nothing_of_training():
    """The server, with its routes, and the store; and what it should load it does load."""
    loaded = loaded_by("import inkdigits.web.app")
    assert not loaded & HEAVY
    assert loaded >= {"fastapi", "sqlalchemy", "prometheus_client"}


def test_the_check_for_heavy_modules_can_fail():
    """Were one of them imported, the test above would see it."""
    assert "sklearn" in loaded_by(READ_ARRAY + "; import sklearn")


def test_all_is_complete():
    """Every public name of the package is in `__all__`, once, and can be had."""
    public = {name for name, value in vars(inkdigits).items() if name[0] != "_" and not inspect.ismodule(value)}
    assert public | {"load_reader"} <= set(inkdigits.__all__)
    assert sorted(set(inkdigits.__all__), key=str.lower) == sorted(inkdigits.__all__, key=str.lower)
    assert all(hasattr(inkdigits, name) for name in inkdigits.__all__)
