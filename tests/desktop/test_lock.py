"""A reading is locked after five frames alike, and let go after three others: as in the page."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from inkdigits.desktop.lock import LOCK_AFTER, UNLOCK_AFTER, SteadyLock


def watch(frames: str) -> list[str]:
    """Return what is locked after each frame: a digit, "?" for a doubtful one, "." for nothing, "-" for no lock."""
    lock, locked = SteadyLock(), []
    for frame in frames:
        lock = lock.see("" if frame == "." else frame, is_sure=frame.isdigit())
        locked.append(lock.text or "-")
    return locked


@pytest.mark.parametrize(
    ("frames", "locked"),
    [
        ("44444", "----4"),
        ("4444.44444", "---------4"),
        ("44447444", "--------"),
        ("????????", "--------"),
        ("........", "--------"),
        ("44444..4..4", "----4444444"),
        ("44444...", "----444-"),
        ("4444477?", "----444-"),
        ("44444777", "----444-"),
        ("4444477777", "----444--7"),
        ("44444774777", "----444444-"),
        ("44444...44444", "----444-----4"),
    ],
)
def test_it_locks_and_unlocks_as_agreed(frames: str, locked: str):
    """Nothing, doubt and another number all count against it; each agreeing frame starts the count anew."""
    assert "".join(watch(frames)) == locked


@given(st.text(alphabet="47?.", max_size=60))
def test_a_lock_always_has_its_frames(frames: str):
    """What is locked was read so often in a row before, and never contradicted so often in a row since."""
    for n, text in enumerate(watch(frames), start=1):
        seen = frames[:n]
        if text == "-":
            assert not seen.endswith(("4" * LOCK_AFTER, "7" * LOCK_AFTER))
        else:
            since = seen[seen.rindex(text * LOCK_AFTER) :]
            others = since.split(text)
            assert max(map(len, others)) < UNLOCK_AFTER
