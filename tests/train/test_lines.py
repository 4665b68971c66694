"""Lines are composed and photographed as they say, and a network learns to read them."""

import itertools
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
import torch
from safetensors.torch import save as to_safetensors

from inkdigits.datasets import Dataset
from inkdigits.decode import calibrate, spell
from inkdigits.errors import ExportError, TrainingError, UsageError
from inkdigits.graphs import card_fields, open_graph, parse_card
from inkdigits.metrics import expected_calibration_error
from inkdigits.recogniser import load_recogniser
from inkdigits.records import BLANK, COMMA, POINT, SIGN, Box
from inkdigits.segment import to_strip
from inkdigits.train import run as module
from inkdigits.train.fit import CHECKPOINT, Epoch, Step
from inkdigits.train.lines.calibration import fit_calibration
from inkdigits.train.lines.compose import Written, compose_line, write_line
from inkdigits.train.lines.export import Judged, ServedLines, _make_card, decide, export_lines, judge, look_at
from inkdigits.train.lines.fit import Strips, _pad, _spell, loss_of, n_right, prepare_lines
from inkdigits.train.lines.library import HEIGHT_PX, Library, _draw_straight, draw_library
from inkdigits.train.lines.network import (
    LAYERS,
    LineNetwork,
    anchor_weights,
    load_line_network,
    n_line_parameters,
)
from inkdigits.train.lines.paged import N_LINES, holds
from inkdigits.train.lines.photographed import photograph_ahead, photograph_lines
from inkdigits.train.lines.recipe import LineRecipe
from inkdigits.train.lines.spoil import ROOM_PX, spoil_line, vary_line
from inkdigits.train.lines.styles import cross_seven, draw_style
from inkdigits.train.negatives import NOT_A_DIGIT, Digits
from inkdigits.train.prepare import TrainingData
from inkdigits.train.recipes import change_recipe, find_recipe
from inkdigits.train.run import export_to, train

CHANGES = ["data=small", "lines=64", "epochs=2", "batch=16", "photographed=4", "validation_lines=8"]
CHANGES += ["validation_share=0.2", "photographed_later=2"]


@pytest.fixture(scope="module")
def run(data_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder; not to be written to."""
    folder = tmp_path_factory.mktemp("lines") / "run"
    train("lines", data_root, folder, changes=CHANGES)
    return folder


@pytest.fixture
def _without_export(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the export, which takes longer than all else."""
    monkeypatch.setattr(module, "export_lines", lambda *_: None)


def composed(library: Library, n: int) -> list[Written]:
    """Several composed lines."""
    return [compose_line(np.random.default_rng((1, at)), library) for at in range(n)]


class TestLibrary:
    """Shapes drawn once."""

    def test_it_holds_every_digit_and_some_signs(self, library: Library) -> None:
        """In order of their pens, cut to their ink, about as high as they should be."""
        assert len(library.digits) == 200
        assert len(library.signs) == 16
        assert (library.labels[library.signs] == NOT_A_DIGIT).all()
        assert (np.diff(library.pens) >= 0).all()
        for at in library.digits:
            shape = library.shapes[at]
            assert max(shape[0].max(), shape[-1].max()) > 0
            assert shape.shape[0] <= HEIGHT_PX + 2

    def test_it_repeats(self, digits: Dataset) -> None:
        """The same seed draws the same, another seed something else."""
        few = Digits(digits.images[:15], digits.known_labels()[:15].astype(np.int64))
        first, again, other = (draw_library(few, seed) for seed in (1, 1, 2))
        assert all(np.array_equal(*pair) for pair in zip(first.shapes, again.shapes, strict=True))
        assert not np.array_equal(first.pens, other.pens)

    def test_some_1s_are_straight(self) -> None:
        """Bars as upright as rules among them, and nothing is cut off."""
        drawn = [_draw_straight(np.random.default_rng(at), pen_px) for at in range(50) for pen_px in (1.6, 3.0, 6.4)]
        assert all(abs(shape.shape[0] - HEIGHT_PX) <= 3 for shape in drawn)
        bars = [shape for shape in drawn if shape.shape[1] <= 4]
        assert len(bars) > 10
        assert any((shape[5:-5] > 200).all(axis=0).any() for shape in bars)

    @pytest.mark.parametrize("label", [1, 5, 9])
    def test_some_digits_are_drawn_in_rarer_ways(self, label: int) -> None:
        """About as high as others, whole, and never twice alike."""
        drawn = [
            draw_style(np.random.default_rng(at), label, HEIGHT_PX, pen_px) for at in range(30) for pen_px in (1.6, 6.4)
        ]
        assert all(abs(shape.shape[0] - HEIGHT_PX) <= 4 for shape in drawn)
        assert all(3 <= shape.shape[1] <= 1.6 * HEIGHT_PX for shape in drawn)
        assert all(min(shape[0].max(), shape[-1].max(), shape[:, 0].max(), shape[:, -1].max()) > 25 for shape in drawn)
        assert len({shape.tobytes() for shape in drawn}) == len(drawn)

    def test_a_bar_crosses_the_stem_of_a_seven(self) -> None:
        """It adds ink to some rows in the middle, on both sides of the stem; head and foot stay."""
        seven = np.zeros((40, 24), np.uint8)
        seven[:4], seven[:, 20:] = 255, 255
        for at in range(20):
            crossed = cross_seven(np.random.default_rng(at), seven, 3.0)
            added = (crossed > 127).sum(1) - (seven > 127).sum(1)
            assert crossed.shape[0] == 40
            assert not added[:10].any()
            assert not added[34:].any()
            assert added.max() >= 6


class TestLines:
    """Lines made of it."""

    def test_they_repeat_and_stay_in_range(self, library: Library) -> None:
        """The same stream, the same line."""
        for one, other in zip(composed(library, 40), composed(library, 40), strict=True):
            assert np.array_equal(one.ink, other.ink)
            assert one.tokens == other.tokens
            assert one.ink.dtype == np.float32
            assert 0 <= one.ink.min() <= one.ink.max() <= 1

    def test_they_show_all_that_may_stand_in_one(self, library: Library) -> None:
        """Digits, points, commas, signs; no line begins or ends with a mark, and no two marks follow each other."""
        lines = [write_line(np.random.default_rng((2, at)), library).tokens for at in range(400)]
        assert {token for line in lines for token in line} == {*range(10), POINT, COMMA, SIGN}
        for line in lines:
            marks = [token in (POINT, COMMA) for token in line]
            assert not marks[0]
            assert not marks[-1]
            assert not any(one and other for one, other in itertools.pairwise(marks))
        words = [line for line in lines if set(line) == {SIGN}]
        assert 0.01 < len(words) / len(lines) < 0.15

    def test_as_many_parts_as_digits_where_they_are_apart(self, library: Library) -> None:
        """What was written is there: some lines have a component a digit, others fewer, as they touch."""
        parts = []
        for at in range(80):
            line = write_line(np.random.default_rng((5, at)), library)
            n, _ = cv2.connectedComponents((line.ink > 0.4).astype(np.uint8))
            parts.append((n - 1) / len(line.tokens))
            assert not line.ink[: ROOM_PX // 2].any()
        assert np.mean(np.array(parts) >= 1) > 0.3
        assert np.mean(np.array(parts) < 1) > 0.2

    def test_some_are_only_blurred(self, library: Library) -> None:
        """Nothing is laid beside them: ink is where ink was, or close to it."""
        for at in range(30):
            line = write_line(np.random.default_rng((7, at)), library).ink
            clean = spoil_line(np.random.default_rng((8, at)), line.copy(), library, is_clean=True)
            near = cv2.dilate(line, np.ones((15, 15), np.uint8)) > 0
            assert clean.max() > 0.5
            assert not clean[~near].any()

    def test_a_photographed_line_is_shown_a_little_otherwise_each_time(self, library: Library) -> None:
        """Never twice alike, as high as it was, with about as much ink; and paper stays paper."""
        line = write_line(np.random.default_rng(5), library).ink
        shown = [vary_line(np.random.default_rng(at), line) for at in range(20)]
        again = vary_line(np.random.default_rng(3), line)
        assert np.array_equal(again, shown[3])
        assert len({each.tobytes() for each in shown}) == 20
        assert {each.shape[0] for each in shown} == {line.shape[0]}
        assert len({each.shape[1] for each in shown}) > 5
        assert all(0 <= each.min() <= each.max() <= 1 for each in shown)
        assert all(0.5 < each.mean() / line.mean() < 1.6 for each in shown)
        assert not vary_line(np.random.default_rng(3), np.zeros_like(line)).any()

    def test_photographed_lines_are_found_whole(self, library: Library) -> None:
        """As reading finds them: a strip can be made of each; most photos show one, each third a page of them."""
        told: list[int] = []
        lines = photograph_lines(range(1, 6), library, 0, told.append)
        again = photograph_lines(range(1, 6), library, 0)
        assert told == list(range(1, 6))
        assert 6 <= len(lines) <= 4 + N_LINES + 1
        assert all(np.array_equal(one.ink, other.ink) for one, other in zip(lines, again, strict=True))
        assert all(to_strip(line.ink) is not None for line in lines)

    def test_more_are_photographed_meanwhile(self, library: Library) -> None:
        """Nothing at first, then the photos of the numbers that follow: the same as made at once."""
        ahead = photograph_ahead(3, 2, library, 0)
        nothing, *more = (next(ahead) for _ in range(3))
        ahead.close()
        assert nothing == []
        at_once = photograph_lines(range(3, 7), library, 0)
        assert len(at_once) >= 3
        for one, other in zip(itertools.chain(*more), at_once, strict=True):
            assert np.array_equal(one.ink, other.ink)
            assert one.tokens == other.tokens

    def test_none_are_where_none_are_wanted(self, library: Library) -> None:
        """Without a process."""
        assert next(photograph_ahead(3, 0, library, 0)) == []

    def test_a_line_that_was_cut_off_is_not_shown(self) -> None:
        """Its tokens would be wrong."""
        assert holds(Box(10, 10, 90, 40), Box(8, 12, 92, 38), 3)
        assert not holds(Box(10, 10, 90, 40), Box(0, 12, 80, 38), 3)
        assert not holds(Box(10, 10, 90, 40), Box(12, 0, 80, 38), 3)


class TestNetwork:
    """What learns from them."""

    @pytest.mark.parametrize("name", [*LAYERS])
    def test_it_answers_each_second_column(self, name: str) -> None:
        """Whatever the width, if it is a multiple of four."""
        network = LineNetwork(name).eval()
        for width in (8, 64, 132):
            assert network(torch.zeros(2, 1, 32, width)).shape == (2, width // 2, BLANK + 1)
        assert n_line_parameters(name) == {"lines": 366_942, "lines-wide": 1_134_604}[name]

    def test_the_loss_is_small_where_the_tokens_are_said(self) -> None:
        """And large where others are."""
        logits = torch.full((1, 6, BLANK + 1), -9.0)
        for column, token in enumerate((BLANK, 4, BLANK, 4, 4, BLANK)):
            logits[0, column, token] = 9.0
        assert float(loss_of(logits, [(4, 4)])) < 0.01
        assert float(loss_of(logits, [(4, 7)])) > 5
        assert n_right(logits, [(4, 4)]) == 1
        assert _spell([BLANK, 4, 4, BLANK, 4, 7]) == (4, 4, 7)

    def test_narrow_strips_are_padded_with_paper(self) -> None:
        """To a width that the network takes."""
        strips = _pad([(np.ones((32, width), dtype=np.float32), (1,)) for width in (9, 21)])
        assert strips.ink.shape == (2, 1, 32, 24)
        assert strips.ink[0, 0, :, 9:].sum() == 0


class TestTraining:
    """The recipe called lines."""

    def test_a_run_reads(self, run: Path) -> None:
        """Its network answers like the weights, and its card tells where it comes from."""
        recogniser = load_recogniser(run / "model.onnx")
        (columns,) = recogniser.look([np.zeros((32, 40), dtype=np.float32)])
        assert 0 <= spell(columns).confidence <= 1
        record = json.loads((run / "run.json").read_text(encoding="utf-8"))
        assert record["finished"]
        assert record["n_epochs"] == 2
        assert recogniser.card.facts["data"]["small"]["n_train"] == record["data"]["small"]["n_train"]
        n_lines = recogniser.card.facts["validation"]["n_lines"]  # four are composed, and one of two photos is a page
        assert 4 + 4 <= n_lines <= 4 + 1 + N_LINES + 1
        assert recogniser.card.facts["command"].startswith(
            "inkdigits train lines --data DIR --out RUN --set data=small"
        )

    def test_what_is_kept_is_mixed_with_where_it_began(self, run: Path, tmp_path: Path) -> None:
        """A quarter of the first weights and three of the last; without them, the recipe is refused."""
        shutil.copytree(run, tmp_path / "run")
        first = {name: torch.zeros_like(value) for name, value in load_line_network(run, "lines").state_dict().items()}
        (tmp_path / "first").mkdir()
        (tmp_path / "first" / "weights.safetensors").write_bytes(to_safetensors(first))
        recipe = LineRecipe(start="first", anchor=0.25)
        for _ in range(2):  # a run that goes on does it again
            anchor_weights(tmp_path / "run", tmp_path / "first", recipe)
        mixed, last = (load_line_network(folder, "lines").state_dict() for folder in (tmp_path / "run", run))
        assert all(torch.allclose(value.float(), 0.75 * last[name].float(), atol=1) for name, value in mixed.items())
        assert torch.allclose(mixed["layers.0.weight"], 0.75 * last["layers.0.weight"])
        with pytest.raises(UsageError, match="anchor needs start"):
            change_recipe(LineRecipe(), ["anchor=0.25"])

    @pytest.mark.usefixtures("_without_export")
    def test_it_goes_on_where_it_was_stopped(self, data_root: Path, run: Path, tmp_path: Path) -> None:
        """After an epoch, with the same weights in the end."""

        def stop(event: Step | Epoch) -> None:
            if isinstance(event, Step) and event.epoch == 2:
                raise KeyboardInterrupt

        record = train("lines", data_root, tmp_path / "run", changes=CHANGES, watch=stop)
        assert not record["finished"]
        assert train("lines", data_root, tmp_path / "run", resume=True)["finished"]
        weights = [(folder / "weights.safetensors").read_bytes() for folder in (run, tmp_path / "run")]
        assert weights[0] == weights[1]

    def test_a_finished_run_is_only_exported_again(self, data_root: Path, run: Path, tmp_path: Path) -> None:
        """No line is made for training, and no weight changes."""
        folder = Path(shutil.copytree(run, tmp_path / "run"))
        (folder / "model.onnx").unlink()
        prepared: list[str] = []
        train("lines", data_root, folder, resume=True, watch_preparing=lambda name, *_: prepared.append(name))
        assert (folder / "model.onnx").read_bytes() == (run / "model.onnx").read_bytes()
        assert prepared.count("photos of lines") == 2  # those of validation

    @pytest.mark.usefixtures("_without_export")
    def test_weights_to_begin_with_are_looked_at_first(self, data_root: Path, run: Path, tmp_path: Path) -> None:
        """Before anything is prepared; when a run goes on, they are needed no more."""
        prepared: list[str] = []
        with pytest.raises(TrainingError, match="does not hold the weights"):
            train(
                "lines",
                data_root,
                tmp_path / "new",
                changes=[*CHANGES, f"start={tmp_path / 'none'}"],
                watch_preparing=lambda name, *_: prepared.append(name),
            )
        assert not prepared
        first = Path(shutil.copytree(run, tmp_path / "first"))

        def stop(event: Step | Epoch) -> None:
            if isinstance(event, Step) and event.epoch == 2:
                raise KeyboardInterrupt

        begun = train("lines", data_root, tmp_path / "new", changes=[*CHANGES, f"start={first}"], watch=stop)
        shutil.rmtree(first)
        assert not begun["finished"]
        assert train("lines", data_root, tmp_path / "new", resume=True)["finished"]

    def test_stopped_before_an_epoch_nothing_is_kept(self, data_root: Path, tmp_path: Path) -> None:
        """And that is said."""

        def stop(_: object) -> None:
            raise KeyboardInterrupt

        with pytest.raises(TrainingError, match="nothing to keep"):
            train("lines", data_root, tmp_path, changes=CHANGES, watch=stop)
        assert not (tmp_path / CHECKPOINT).exists()

    def test_it_is_exported_once_more(self, data_root: Path, run: Path, tmp_path: Path) -> None:
        """To any place; the name of the file names it."""
        card = export_to(run, tmp_path / "mine.onnx", data_root)
        assert card.name == "mine"
        assert load_recogniser(tmp_path / "mine.onnx").card == card

    def test_it_computes_in_eight_bits(self, run: Path) -> None:
        """Nearly as the network that was trained does: all layers but the last one, in half the room of float16."""
        graph = onnx.load(run / "model.onnx").graph
        network = load_line_network(run, "lines")
        n_weights = sum(weights.numel() for weights in network.parameters())
        assert (run / "model.onnx").stat().st_size < 1.1 * n_weights + 60_000
        large = [weights for weights in graph.initializer if np.prod(weights.dims) >= 1000]
        kinds = [weights.data_type for weights in large]
        assert kinds.count(onnx.TensorProto.INT8) == sum(node.op_type == "Conv" for node in graph.node) - 2
        assert kinds.count(onnx.TensorProto.FLOAT) == len(large) - kinds.count(onnx.TensorProto.INT8) == 1
        strips = torch.rand(2, 1, 32, 40, generator=torch.Generator().manual_seed(0))
        temperature = load_recogniser(run / "model.onnx").card.temperature
        with torch.no_grad():
            exact = ServedLines(network, temperature)(strips)
        (whole,) = open_graph(run / "model.onnx").run("strips", strips.numpy())
        assert np.abs(whole - exact.numpy()).mean() < 5e-3

    def test_eight_bits_that_are_too_few_are_not_written(
        self, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The graph must say nearly what the network says."""
        monkeypatch.setattr("inkdigits.train.lines.export.NEAR", 0.0)
        record = json.loads((run / "run.json").read_text(encoding="utf-8"))
        batch = Strips(torch.rand(2, 1, 32, 40), ((1, 2), (3,)))
        with pytest.raises(ExportError, match="In eight bits"):
            export_lines(run, [batch], record, tmp_path / "lines.onnx")
        assert not any(tmp_path.iterdir())

    def test_a_network_that_sees_nothing_has_a_card(self, run: Path) -> None:
        """After a first epoch it may say blanks alone: there is nothing to promise, and nothing breaks."""
        network = LineNetwork("lines").eval()
        with torch.no_grad():
            network.layers[-1].bias[BLANK] = 1e3
        batch = Strips(torch.zeros(2, 1, 32, 40), ((1, 2), (3,)))
        record = json.loads((run / "run.json").read_text(encoding="utf-8"))
        card = _make_card(1.0, judge(ServedLines(network, 1.0), [batch]), record)
        assert card.reject_table == ()
        assert card.facts["validation"] == {"n_lines": 2, "accuracy": 0.0}

    def test_the_card_says_how_well_calibrated_its_digits_are(self, run: Path) -> None:
        """Of the digits that it reads in the validation lines, wrong ones too; signs are none, and do not count."""
        said = torch.full((2, 6, BLANK + 1), 1e-3)
        for line, tokens in enumerate([(BLANK, 4, BLANK, SIGN, BLANK, 7), (BLANK, BLANK, 5, BLANK, BLANK, BLANK)]):
            said[line, range(6), list(tokens)] = 0.9
        batch = Strips(torch.zeros(2, 1, 32, 12), ((4, SIGN, 7), (6,)))
        judged = judge(lambda _: said / said.sum(2, keepdim=True), [batch])
        assert judged.correct.tolist() == [True, True, False]
        assert (judged.confidences > 0.9).all()
        record = json.loads((run / "run.json").read_text(encoding="utf-8"))
        told = _make_card(1.0, judged, record).facts["validation"]
        assert (told["n_lines"], told["accuracy"], told["n_digits"]) == (2, 0.5, 3)

    def test_a_card_calibrates_digits_and_is_judged_by_others(self, run: Path) -> None:
        """Digits that are right more often than they seem: the error is gone, but for what chance leaves."""
        rng = np.random.default_rng(0)
        confidences = rng.random(20_000)
        correct = rng.random(20_000) < np.sqrt(confidences)
        record = json.loads((run / "run.json").read_text(encoding="utf-8"))
        card = _make_card(1.0, Judged(1, 1, confidences, correct), record)
        assert expected_calibration_error(confidences, correct) > 0.1
        assert 0.002 < card.facts["validation"]["ece"] < 0.02
        calibrated = calibrate(confidences, card.calibration)
        assert expected_calibration_error(calibrated, correct) < 0.01
        for row in card.reject_table:
            assert (calibrated >= row.confidence).mean() == pytest.approx(row.coverage, abs=1e-3)
        assert parse_card(json.loads(json.dumps(card_fields(card)))) == card

    def test_calibrated_digits_are_as_sure_as_they_are_right(self) -> None:
        """Never less sure than digits that seemed less so; as sure as the surest ones at the most, also with few."""
        rng = np.random.default_rng(0)
        confidences = rng.random(10_000)
        correct = rng.random(10_000) < 0.9 * confidences**2
        fitted = fit_calibration(confidences, correct)
        assert fitted[0] == (0, 0)
        assert fitted[-1] == (1, fitted[-2][1])
        sure = calibrate(np.array([0.0, 0.3, 0.6, 0.9]), fitted)
        assert np.abs(sure - [0, 0.9 * 0.09, 0.9 * 0.36, 0.9 * 0.81]).max() < 0.05
        assert (np.diff(calibrate(np.linspace(0, 1, 99), fitted)) >= 0).all()
        assert abs(calibrate(confidences, fitted).mean() - correct.mean()) < 0.005
        assert fit_calibration(np.array([0.5]), np.array([True])) == ((0, 0), (0.5, 1), (1, 1))
        few = fit_calibration(np.array([0.6, 0.7, 0.8, 0.9]), np.array([True, False, False, True]))
        assert few == ((0, 0), (0.6, 0.333333), (0.7, 0.333333), (0.8, 0.333333), (0.9, 1), (1, 1))
        assert fit_calibration(np.array([1.0, 1.0]), np.array([True, False]), 2) == ((0, 0), (1, 0.5))
        assert calibrate(confidences, ()).tolist() == confidences.tolist()

    def test_what_is_served_is_divided_by_the_temperature(self) -> None:
        """And rows sum to 1."""
        strips = torch.rand(2, 1, 32, 40, generator=torch.Generator().manual_seed(0))
        network = LineNetwork("lines").eval()
        with torch.no_grad():
            said = ServedLines(network, 2.0).eval()(strips)
            torch.testing.assert_close(said, (network(strips) / 2.0).softmax(2))
        torch.testing.assert_close(said.sum(2), torch.ones(2, 20))

    def test_lines_are_judged_by_as_many_looks_as_reading_takes(self, run: Path) -> None:
        """One where it is sure, else three: as it is, a pixel higher and lower."""
        recogniser = load_recogniser(run / "model.onnx")
        strips = torch.rand(3, 1, 32, 40, generator=torch.Generator().manual_seed(0))
        looks = look_at(lambda each: torch.from_numpy(recogniser._graph.run("strips", each.numpy())[0]), strips)
        for columns, strip in zip(decide(looks), strips, strict=True):
            np.testing.assert_allclose(recogniser.look([strip[0].numpy()])[0], columns, atol=1e-6)
        sure = looks.clone()
        sure[0, 0] = torch.eye(BLANK + 1)[BLANK]
        decided = decide(sure)
        assert torch.equal(decided[0], sure[0, 0])
        mean = looks[:, 1].mean(0)
        mean[:, SIGN] *= 0.3
        torch.testing.assert_close(decided[1], mean / mean.sum(1, keepdim=True))

    def test_validation_has_photos_of_its_own(self, data: TrainingData) -> None:
        """Other lines, sheets and light than training has, and another seed draws other digits."""
        recipes = [change_recipe(LineRecipe(), [*CHANGES[1:6], f"seed={seed}"]) for seed in (0, 1)]
        first, other = (prepare_lines(recipe, data) for recipe in recipes)
        assert not np.array_equal(first.library.pens, other.library.pens)
        photos = [photograph_lines(range(3), first.library, seed) for seed in (0, 1)]
        assert [line.tokens for line in photos[0]] == [line.tokens for line in first.photos[: len(photos[0])]]
        assert [line.tokens for line in photos[0]] != [line.tokens for line in photos[1]]

    @pytest.mark.parametrize("change", ["lines=0", "lines=31", "photographed_share=2", "batch=1", "network=default"])
    def test_what_cannot_be_trained_is_refused(self, change: str) -> None:
        """Before anything is loaded."""
        with pytest.raises(UsageError):
            change_recipe(find_recipe("lines"), [change])
