"""The network for lines opens, answers strips of any width, and refuses what is none."""

from pathlib import Path

import numpy as np
import pytest

import inkdigits
from inkdigits.errors import ModelFormatError, ModelNotFoundError
from inkdigits.graphs import LINES, find_line_model
from inkdigits.recogniser import load_recogniser, weigh_signs
from inkdigits.records import SIGN


def test_strips_of_any_width_are_answered() -> None:
    """Rows are probabilities, one for two columns of the strip, and the same in whatever company."""
    recogniser = load_recogniser(find_line_model())
    rng = np.random.default_rng(0)
    strips = [rng.random((32, width), dtype=np.float32) for width in (17, 18, 300)]
    answers = recogniser.look(strips)
    assert [answer.shape for answer in answers] == [(10, 14), (10, 14), (150, 14)]
    for answer in answers:
        assert np.allclose(answer.sum(1), 1, atol=1e-4)
    assert np.array_equal(answers[1], recogniser.look(strips[1:2])[0])
    assert recogniser.look([]) == []


def test_signs_count_less() -> None:
    """By three tenths; rows still sum to 1, and whoever gave them keeps them."""
    columns = np.full((2, 14), 1 / 14, dtype=np.float32)
    weighed = weigh_signs(columns)
    assert np.allclose(weighed[:, SIGN], 0.3 * weighed[:, 0])
    assert np.allclose(weighed.sum(1), 1)
    assert (columns == columns[0, 0]).all()


def test_a_digit_network_reads_no_lines(tiny_model: Path) -> None:
    """And says which command makes one that does; the other way round as well."""
    with pytest.raises(ModelFormatError, match="no network for lines"):
        load_recogniser(tiny_model)
    with pytest.raises(ModelFormatError, match="not a digit network"):
        inkdigits.load_reader(LINES)


def test_a_card_of_other_strips_is_refused(tmp_path: Path) -> None:
    """Its network was trained on something else."""
    for end in (".onnx", ".json"):
        (tmp_path / f"old{end}").write_bytes(LINES.with_suffix(end).read_bytes())
    card = (tmp_path / "old.json").read_text(encoding="utf-8")
    (tmp_path / "old.json").write_text(card.replace('"normalisation": 1', '"normalisation": 0'), encoding="utf-8")
    with pytest.raises(ModelFormatError, match="normalisation 0"):
        load_recogniser(tmp_path / "old.onnx")


def test_the_network_for_lines_can_be_ones_own(tmp_path: Path) -> None:
    """A file or a run folder; a place where there is none is an error."""
    (tmp_path / "model.onnx").write_bytes(LINES.read_bytes())
    assert find_line_model(tmp_path) == find_line_model(tmp_path / "model.onnx") == tmp_path / "model.onnx"
    with pytest.raises(ModelNotFoundError, match=r"no network for lines at .*nowhere"):
        find_line_model(tmp_path / "nowhere")
