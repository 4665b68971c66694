"""Graphs and cards: found by name, opened or refused with the remedy, and never one that does not fit."""

import dataclasses
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.errors import ModelError, ModelFormatError, ModelNotFoundError
from inkdigits.graphs import (
    BUNDLED,
    NORMALIZER,
    RUN_MODEL,
    card_fields,
    find_model,
    load_card,
    model_names,
    open_graph,
    parse_card,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)

FIELDS = st.sampled_from(["name", "labels", "input_shape", "reject_table", "normalisation", "facts", "temperature"])


@pytest.fixture
def fields(tiny_model: Path) -> dict[str, Any]:
    """The JSON object of a good card."""
    found: dict[str, Any] = json.loads(tiny_model.with_suffix(".json").read_text())
    return found


def write_card(folder: Path, fields: Any) -> Path:
    """Write a card; return the path of the graph that it would lie beside."""
    (folder / "model.json").write_text(json.dumps(fields), encoding="utf-8")
    return folder / "model.onnx"


class TestOpening:
    """Graphs."""

    def test_a_graph_runs(self, tiny_model: Path) -> None:
        """It knows its inputs and outputs, and gives the outputs in their order."""
        graph = open_graph(tiny_model)
        assert (graph.inputs, graph.outputs) == (("patches",), ("probabilities", "digit_score"))
        probabilities, scores = graph.run("patches", np.zeros((2, 1, 28, 28), np.float32))
        assert (probabilities.shape, scores.shape) == ((2, 10), (2,))

    def test_bytes_open_like_their_file(self, tiny_model: Path) -> None:
        """With the same digest: that of the content."""
        assert open_graph(tiny_model.read_bytes()).digest == open_graph(tiny_model).digest
        assert len(open_graph(tiny_model).digest) == 16
        assert open_graph(NORMALIZER).digest != open_graph(tiny_model).digest

    @pytest.mark.parametrize("threads", [1, 2])
    def test_threads_are_as_many_as_asked_for_and_do_not_spin(self, threads: int, tiny_model: Path) -> None:
        """One by default, so that small networks answer in the same time whatever else runs."""
        options = open_graph(tiny_model, threads).session.get_session_options()
        assert options.intra_op_num_threads == threads
        assert options.inter_op_num_threads == 1
        assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
        assert open_graph(tiny_model).session.get_session_options().intra_op_num_threads == 1

    def test_a_missing_graph_is_named(self, tmp_path: Path) -> None:
        """As is a folder in its place."""
        for path in (tmp_path / "nowhere.onnx", tmp_path):
            with pytest.raises(ModelNotFoundError, match=path.name):
                open_graph(path)

    @pytest.mark.parametrize("content", [b"", b"\x00", b"not a graph", b"\x89PNG\r\n\x1a\n" * 20])
    def test_what_is_no_graph_is_refused(self, content: bytes, tmp_path: Path) -> None:
        """In one line, by the name of the file."""
        (tmp_path / "broken.onnx").write_bytes(content)
        with pytest.raises(ModelFormatError, match=r"broken\.onnx is not an ONNX graph") as caught:
            open_graph(tmp_path / "broken.onnx")
        assert "\n" not in str(caught.value)
        with pytest.raises(ModelFormatError, match="What was given is not an ONNX graph"):
            open_graph(content)

    def test_a_truncated_graph_is_refused(self, tmp_path: Path) -> None:
        """As a download that broke off would leave it."""
        (tmp_path / "half.onnx").write_bytes(NORMALIZER.read_bytes()[:1500])
        with pytest.raises(ModelFormatError, match=r"half\.onnx"):
            open_graph(tmp_path / "half.onnx")


class TestFinding:
    """Names."""

    def test_a_name_in_the_users_folder(self, tiny_model: Path) -> None:
        """Is found there, and listed."""
        assert find_model("toy", tiny_model.parent) == tiny_model
        assert "toy" in model_names(tiny_model.parent)
        assert "toy" not in model_names()

    def test_a_path_to_a_graph_or_to_a_run(self, tiny_model: Path, tmp_path: Path) -> None:
        """As text or as a path."""
        assert find_model(tiny_model) == tiny_model
        assert find_model(str(tiny_model)) == tiny_model
        (tmp_path / RUN_MODEL).write_bytes(b"")
        assert find_model(tmp_path) == tmp_path / RUN_MODEL

    def test_a_bundled_name_wins(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Neither a user's file nor one in the working folder takes its place unasked; ./name still means that."""
        bundled, own, here = tmp_path / "bundled", tmp_path / "own", tmp_path / "here"
        for folder in (bundled, own, here / "default"):
            folder.mkdir(parents=True)
            (folder / "default.onnx").touch()
        (here / "default" / RUN_MODEL).touch()
        monkeypatch.setattr("inkdigits.graphs.BUNDLED", bundled)
        monkeypatch.chdir(here)
        assert find_model("default", own) == bundled / "default.onnx"
        assert find_model(f".{os.sep}default{os.sep}{RUN_MODEL}", own) == Path("default", RUN_MODEL)
        (bundled / "default.onnx").unlink()
        assert find_model("default", own) == own / "default.onnx"
        (own / "default.onnx").unlink()
        assert find_model("default", own) == Path("default", RUN_MODEL)

    def test_a_path_is_not_taken_for_a_name(self, tiny_model: Path) -> None:
        """Nothing climbs out of the models' folder."""
        with pytest.raises(ModelNotFoundError):
            find_model(f"..{os.sep}{tiny_model.parent.name}{os.sep}toy", tiny_model.parent)

    def test_an_unknown_name_is_refused_with_the_names_there_are(self, tiny_model: Path) -> None:
        """And with what else would do."""
        with pytest.raises(ModelNotFoundError, match=r"no model 'tony'.*toy.*path of an \.onnx.*run folder"):
            find_model("tony", tiny_model.parent)

    def test_names_need_both_files_and_start_with_the_default(self, tmp_path: Path) -> None:
        """A graph without a card, as the normaliser is, is no model; a folder that is not there has none."""
        for name in ("b", "default", "a"):
            (tmp_path / f"{name}.onnx").touch()
            (tmp_path / f"{name}.json").touch()
        (tmp_path / "bare.onnx").touch()
        names = [name for name in model_names(tmp_path) if not (BUNDLED / f"{name}.json").exists() or name == "default"]
        assert names == ["default", "a", "b"]
        assert "normalize" not in model_names()
        assert model_names(tmp_path / "nowhere") == model_names()


class TestCards:
    """The file beside the graph."""

    def test_a_card_comes_back_from_its_json(self, tiny_model: Path, fields: dict[str, Any]) -> None:
        """And goes into it."""
        card = load_card(tiny_model)
        assert parse_card(json.loads(json.dumps(card_fields(card)))) == card
        assert card_fields(card) == fields
        assert {field.name for field in dataclasses.fields(card)} == set(fields)

    def test_a_graph_without_a_card_is_refused(self, tmp_path: Path) -> None:
        """With the name of the file that is missing."""
        with pytest.raises(ModelFormatError, match=r"model\.onnx has no model card\. Put model\.json"):
            load_card(tmp_path / "model.onnx")

    @pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", "\xff\xfe"])
    def test_a_card_that_is_no_card_is_refused(self, text: str, tmp_path: Path) -> None:
        """As damaged, with the remedy."""
        (tmp_path / "model.json").write_bytes(text.encode("latin-1"))
        with pytest.raises(ModelFormatError, match=r"model\.json is damaged.*Export the network again"):
            load_card(tmp_path / "model.onnx")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("labels", None),
            ("labels", ["zero"]),
            ("input_shape", [28, 28]),
            ("temperature", "warm"),
            ("temperature", 0),
            ("temperature", -1.5),
            ("temperature", float("inf")),
            ("temperature", float("nan")),
            ("normalisation", float("inf")),
            ("reject_table", [{"confidence": 0.5}]),
            ("reject_table", [{"confidence": "high", "error": 0.1, "coverage": 1}]),
            ("calibration", [[0.0, 0.1], [1.0, 0.05]]),
            ("calibration", [[0.0, 0.0], [1.0, 1.5]]),
            ("calibration", [[0.0, 0.0], [0.9, 0.5]]),
            ("calibration", [[0.0, 0.0], [0.5, 0.4], [0.5, 0.6], [1.0, 1.0]]),
            ("calibration", [[0.5]]),
            ("facts", 3),
            ("facts", []),
        ],
    )
    def test_a_malformed_field_is_refused(self, field: str, value: Any, fields: dict[str, Any], tmp_path: Path) -> None:
        """As damaged."""
        with pytest.raises(ModelFormatError, match="is damaged"):
            load_card(write_card(tmp_path, fields | {field: value}))

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("labels", list(range(1, 11))),
            ("labels", list(range(9))),
            ("input_shape", [3, 28, 28]),
            ("polarity", "ink-dark"),
        ],
    )
    def test_a_card_of_another_kind_of_network_is_refused(
        self, field: str, value: Any, fields: dict[str, Any], tmp_path: Path
    ) -> None:
        """It would run, and be wrong."""
        with pytest.raises(ModelFormatError, match="of no digit network"):
            load_card(write_card(tmp_path, fields | {field: value}))

    def test_a_network_of_another_normaliser_is_refused(self, fields: dict[str, Any], tmp_path: Path) -> None:
        """Its patches looked otherwise; the message names both versions."""
        with pytest.raises(ModelFormatError, match=r"normalisation 99; this version makes \d"):
            load_card(write_card(tmp_path, fields | {"normalisation": 99}))

    def test_unknown_fields_are_left_to_later_versions(self, fields: dict[str, Any], tmp_path: Path) -> None:
        """A card may say more than this version reads."""
        assert load_card(write_card(tmp_path, fields | {"colour": "blue"})).name == "toy"

    @given(field=FIELDS, value=JSON)
    def test_no_card_ends_in_another_error(
        self, field: str, value: Any, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """Whatever stands in it, it loads or is refused as a model."""
        good = json.loads(tiny_model.with_suffix(".json").read_text())
        path = write_card(tmp_path_factory.mktemp("cards"), good | {field: value})
        with suppress(ModelError):
            load_card(path)
