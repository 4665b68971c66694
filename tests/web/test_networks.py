"""What is told of networks is true, and their files are there to be fetched and kept."""

import json
import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from inkdigits.errors import ModelFormatError
from inkdigits.graphs import BUNDLED, model_names, open_graph
from tests.bars import THREE, read
from tests.web.conftest import Serve


@pytest.fixture
def own(tiny_model: Path, tmp_path: Path) -> Path:
    """A folder of the user's own networks, with one in it, "mine"."""
    folder = tmp_path / "own"
    folder.mkdir()
    for suffix in (".onnx", ".json"):
        shutil.copy(tiny_model.with_suffix(suffix), (folder / "mine").with_suffix(suffix))
    return folder


def test_all_networks_are_listed_with_their_facts(serve: Serve, own: Path):
    """Those of the package and the user's own."""
    answer = serve(model="default", models=own).get("/api/v1/models").json()
    models = {model["name"]: model for model in answer["models"]}
    assert answer["default"] == "default"
    assert set(models) == {*model_names(), "mine"}
    assert {name: model["is_bundled"] for name, model in models.items()} == {name: name != "mine" for name in models}
    card = json.loads((BUNDLED / "default.json").read_text("utf-8"))
    default = models["default"]
    assert default["n_parameters"] == card["facts"]["n_parameters"]
    assert default["digit_score_threshold"] == card["digit_score_threshold"]
    assert default["size_bytes"] == (BUNDLED / "default.onnx").stat().st_size
    assert default["digest"] == open_graph(BUNDLED / "default.onnx").digest
    assert (default["has_digit_score"], models["a-ffnn"]["has_digit_score"]) == (True, False)
    assert (answer["unusable"], answer["keeps_results"]) == ([], True)


def test_every_address_leads_to_its_file_and_may_be_kept_for_ever(serve: Serve, own: Path):
    """Graphs, cards, the normaliser and the network for lines."""
    client = serve(models=own)
    answer = client.get("/api/v1/models").json()
    assert answer["line_model"]["input"] == [1, 32, 0]
    entries = [*answer["models"], answer["line_model"], answer["normaliser"]]
    for entry in entries:
        graph = client.get(entry["url"])
        assert open_graph(graph.content).digest == entry["digest"]
        assert graph.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert graph.headers["content-type"] == "application/octet-stream"
        if "card_url" in entry:
            card = client.get(entry["card_url"])
            assert "input_shape" in card.json()
            assert "immutable" in card.headers["cache-control"]
        if "layers_url" in entry:
            layers = client.get(entry["layers_url"])
            assert layers.json()["digest"] == entry["digest"]
            assert "immutable" in layers.headers["cache-control"]
    assert {entry["name"] for entry in entries if "layers_url" in entry} == set(model_names())


def test_another_version_is_not_kept(client: TestClient):
    """Or an old address would hold a new network for ever."""
    for address in ("/models/default.onnx?v=0000000000000000", "/models/default.onnx"):
        assert client.get(address).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "file",
    [
        "../errors.py",
        "none.onnx",
        "default",
        "default.",
        "default.a/b",
        "%2e%2e/errors.py",
        "lines/default",
        "mine.onnx",
    ],
)
def test_nothing_else_is_served(client: TestClient, file: str):
    """No other file of the machine."""
    assert client.get(f"/models/{file}").status_code == 404


def test_the_users_own_are_not_for_strangers(serve: Serve, own: Path):
    """Those of the package are open, as the page is; the user's ask for the token."""
    client = serve(models=own, token="secret")
    models = client.get("/api/v1/models", headers={"authorization": "Bearer secret"}).json()["models"]
    statuses = {model["name"]: client.get(model["url"]).status_code for model in models}
    assert statuses["default"] == 200
    assert statuses["mine"] == statuses["toy"] == 401
    assert client.get("/models/mine.onnx").status_code == 404


def test_a_network_that_is_trained_meanwhile_can_be_used(serve: Serve, own: Path, tiny_model: Path):
    """Without a new start; one that is written anew is opened anew."""
    client = serve(models=own)
    assert read(client, model="new").status_code == 404
    for suffix in (".onnx", ".json"):
        shutil.copy(tiny_model.with_suffix(suffix), (own / "new").with_suffix(suffix))
    assert read(client, THREE, model="new").json()["text"] == "3"
    shutil.copy(BUNDLED / "tiny.onnx", own / "new.onnx")
    assert read(client, model="new").json()["model_digest"] == open_graph(BUNDLED / "tiny.onnx").digest


def test_a_damaged_network_hides_no_other(serve: Serve, own: Path):
    """It is listed with what is wrong with it."""
    (own / "bad.onnx").write_bytes(b"")
    (own / "bad.json").write_text("{}")
    answer = serve(models=own).get("/api/v1/models").json()
    assert [each["name"] for each in answer["unusable"]] == ["bad"]
    assert "damaged" in answer["unusable"][0]["error"]
    assert "mine" in {model["name"] for model in answer["models"]}


def test_the_settings_network_has_a_name(serve: Serve, tiny_model: Path, tmp_path: Path):
    """That of its file, or of its run folder."""
    run = tmp_path / "third"
    run.mkdir()
    for suffix in (".onnx", ".json"):
        shutil.copy(tiny_model.with_suffix(suffix), (run / "model").with_suffix(suffix))
    assert serve(model=str(tiny_model)).get("/api/v1/models").json()["default"] == "toy"
    client = serve(model=str(run))
    assert client.get("/api/v1/models").json()["default"] == "third"
    assert read(client, THREE).json()["text"] == read(client, THREE, model="third").json()["text"] == "3"


def test_a_server_without_its_network_does_not_start(serve: Serve, tmp_path: Path):
    """The error comes at once, not with the first picture."""
    (tmp_path / "bad.onnx").write_bytes(b"no graph")
    with pytest.raises(ModelFormatError):
        serve(model=str(tmp_path / "bad.onnx"))
