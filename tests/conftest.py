"""What every test starts from: no settings of this machine, no skips in CI, a toy network, and the data if any."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import hypothesis
import pytest

IN_CI = os.environ.get("CI") == "true"

DATA = os.environ.get("INKDIGITS_DATA")
"""Read before `_no_settings_from_outside` hides it."""

# Machines differ in speed, so no deadline; in CI the same examples each time, so that only a change can break it.
hypothesis.settings.register_profile("inkdigits", deadline=None, derandomize=IN_CI)
hypothesis.settings.load_profile("inkdigits")


# Who starts the tests in the background hands on that Ctrl-C is ignored, and those who are to hear it would not.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    """Hide the INKDIGITS_ variables, the settings file and the kept results of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("INKDIGITS_")]:
            patch.delenv(name)
        for name in ("XDG_CONFIG_HOME", "APPDATA", "XDG_DATA_HOME", "LOCALAPPDATA"):
            patch.setenv(name, os.devnull)
        yield


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder with mnist/, train/ and dev/, as INKDIGITS_DATA names it."""
    if not DATA:
        pytest.skip("INKDIGITS_DATA does not name a folder with the data sets")
    return Path(DATA)


TOY_GRAPH = """
<ir_version: 10, opset_import: ["": 20]>
toy (float[n, 1, 28, 28] patches) => (float[n, 10] probabilities, float[n] digit_score) {
    sides = Constant <value = int64[3] {1, 2, 3}> ()
    ink = ReduceMean <keepdims = 0> (patches, sides)
    levels = Constant <value = float[10] {0, 0.04, 0.08, 0.12, 0.16, 0.2, 0.24, 0.28, 0.32, 0.36}> ()
    last = Constant <value = int64[1] {1}> ()
    column = Unsqueeze (ink, last)
    gap = Sub (column, levels)
    square = Mul (gap, gap)
    sharpness = Constant <value = float {-5000}> ()
    logits = Mul (square, sharpness)
    probabilities = Softmax <axis = 1> (logits)
    most = Constant <value = float {0.45}> ()
    room = Sub (most, ink)
    steep = Constant <value = float {20}> ()
    score = Mul (room, steep)
    zero = Constant <value = float {0}> ()
    one = Constant <value = float {1}> ()
    digit_score = Clip (score, zero, one)
}
"""
"""Weighs the ink: a patch with a mean of 0.04 k shows the label k, and one that is nearly full shows no digit."""


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder's toy.onnx with its card: answers like a network, at once, and was made without torch."""
    from onnx import checker, parser

    from inkdigits.graphs import NORMALISATION_VERSION, card_fields
    from inkdigits.records import ModelCard, RejectPoint

    card = ModelCard(
        name="toy",
        normalisation=NORMALISATION_VERSION,
        labels=tuple(range(10)),
        input_shape=(1, 28, 28),
        polarity="ink-bright",
        temperature=1.0,
        digit_score_threshold=0.5,
        reject_table=(RejectPoint(0.0, 0.1, 1.0), RejectPoint(0.9, 0.01, 0.8), RejectPoint(0.999, 0.001, 0.5)),
        facts={},
    )
    model = parser.parse_model(TOY_GRAPH)
    checker.check_model(model, full_check=True)
    path = tmp_path_factory.mktemp("models") / "toy.onnx"
    path.write_bytes(model.SerializeToString())
    path.with_suffix(".json").write_text(json.dumps(card_fields(card)), encoding="utf-8")
    return path


@pytest.hookimpl(optionalhook=True)  # there may be no xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep tests that share something in one process: those of a file, and all that need a browser, screen or database.

    The marks with which xdist groups tests itself go unheard with pytest 9.2.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = PurePosixPath(nodeid.partition("::")[0])
            return file.parent.name if file.parent.name in ("browser", "desktop", "store") else str(file)

    return Groups(config, log)


if IN_CI:

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport() -> Any:
        """A test that skips in CI fails there."""
        return (yield from _skip_fails())

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report() -> Any:
        """A file that skips as a whole fails as well."""
        return (yield from _skip_fails())


def _skip_fails() -> Any:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Skipped, and in CI nothing may skip: {report.longrepr[2]}"
    return report
