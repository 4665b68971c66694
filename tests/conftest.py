"""What every test starts from: no settings of this machine, no skips in CI, and the data where there is any."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

IN_CI = os.environ.get("CI") == "true"

DATA = os.environ.get("INKDIGITS_DATA")
"""Read before `_no_settings_from_outside` hides it."""

# Machines differ in speed, so no deadline; in CI the same examples each time, so that only a change can break it.
hypothesis.settings.register_profile("inkdigits", deadline=None, derandomize=IN_CI)
hypothesis.settings.load_profile("inkdigits")


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    """Hide the INKDIGITS_ variables and the settings file of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("INKDIGITS_")]:
            patch.delenv(name)
        for name in ("XDG_CONFIG_HOME", "APPDATA"):
            patch.setenv(name, os.devnull)
        yield


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder with mnist/, train/ and dev/, as INKDIGITS_DATA names it."""
    if not DATA:
        pytest.skip("INKDIGITS_DATA does not name a folder with the data sets")
    return Path(DATA)


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
