"""The worker keeps all of the page, of one version, and what the server serves is what it keeps."""

import base64
import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from inkdigits.web.build import NETWORK_INDEX, make_worker, page_files
from inkdigits.web.files import PAGE
from tests.web.conftest import Serve


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page of our own, small, with a library."""
    (tmp_path / "vendor" / "pen").mkdir(parents=True)
    for name, content in {
        "index.html": "<title>",
        "sw.js": "work();",
        "vendor.js": 'const PEN = "./vendor/pen/index.mjs?v=1.2";',
        "vendor/pen/index.mjs": "export {};",
        "vendor/pen/index.mjs.br": "packed",
        "vendor/built-from": "lock",
        "large.svg": "<svg/>" * 20_000,
    }.items():
        (tmp_path / name).write_text(content)
    return tmp_path


def to_build(script: str) -> dict[str, dict[str, str]]:
    """Return what a worker keeps."""
    found = re.match(r"self\.build = (\{.*?^\});$", script, re.MULTILINE | re.DOTALL)
    assert found
    build: dict[str, dict[str, str]] = json.loads(found[1])
    return build


def test_files_have_the_addresses_that_the_page_asks_for(page: Path):
    """Libraries with their version; packed twins, the worker and the stamp have none."""
    own = {address for address in page_files(page) if not address.startswith("models/")}
    assert own == {"", "static/large.svg", "static/vendor.js", "static/vendor/pen/index.mjs?v=1.2"}


def test_large_files_come_later(page: Path):
    """What is small is the shell, without which no version counts as there."""
    build = to_build(make_worker(page, page_files(page)))
    assert {"", "static/vendor.js", "static/vendor/pen/index.mjs?v=1.2", NETWORK_INDEX} <= build["shell"].keys()
    assert "static/large.svg" in build["rest"]
    assert sum(address.startswith("models/") for address in build["rest"]) >= 6


@pytest.mark.parametrize("name", ["index.html", "vendor/pen/index.mjs", "sw.js"])
def test_any_byte_makes_another_worker(name: str, page: Path):
    """So that browsers find the new version."""
    before = make_worker(page, page_files(page))
    with (page / name).open("a") as file:
        file.write(" ")
    after = make_worker(page, page_files(page))
    assert after != before
    assert (to_build(after)["digest"] != to_build(before)["digest"]) == (name != "sw.js")


def test_the_server_serves_what_its_worker_keeps(serve: Serve, tmp_path: Path):
    """Byte for byte, at these addresses; also where the user has another network for lines, or other networks."""
    shutil.copytree(PAGE.parents[1] / "models" / "lines", tmp_path / "own")
    client = serve(models=tmp_path / "own", line_model=tmp_path / "own" / "default.onnx")
    answer = client.get("/sw.js")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"].startswith("text/javascript")
    build = to_build(answer.text)
    for address, integrity in {**build["shell"], **build["rest"]}.items():
        content = client.get(f"/{address}").raise_for_status().content
        assert integrity == "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode(), address


def test_addresses_of_networks_are_those_that_the_page_is_told(client: TestClient):
    """Else it would keep them, and not find them."""
    kept = to_build(client.get("/sw.js").text)["rest"]
    told = client.get(f"/{NETWORK_INDEX}").json()
    assert told["default"] == "default"
    assert not told["keeps_results"]
    assert all(model["url"] in kept for model in [*told["models"], told["line_model"]])


def test_icons_are_what_the_manifest_says(client: TestClient):
    """Each is there, of its size; one is for systems that cut its shape, and has ink in the middle alone."""
    answer = client.get("/static/app.webmanifest")
    assert answer.headers["content-type"] == "application/manifest+json"
    manifest = answer.json()
    assert manifest["start_url"] == manifest["scope"] == "../"
    icons = {icon["src"]: icon for icon in manifest["icons"]}
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in icons.values()}
    for name in (name for name in icons if name.endswith(".png")):
        with Image.open(PAGE / name) as image:
            assert "x".join(map(str, image.size)) == icons[name]["sizes"]
    maskable = next(name for name, icon in icons.items() if icon.get("purpose") == "maskable")
    with Image.open(PAGE / maskable) as image:
        colours = image.convert("RGB")
        edge = [colours.getpixel((at, place)) for at in range(0, 512, 8) for place in (40, 471)]
    assert set(edge) == {(0x24, 0x46, 0xC4)}
