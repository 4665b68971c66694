"""When a reading of moving pictures may be trusted: once several frames in a row say the same."""

from dataclasses import dataclass, replace

LOCK_AFTER = 5
"""So many frames in a row must be read alike, with every digit over its threshold."""

UNLOCK_AFTER = 3
"""So many in a row must be read otherwise, or show nothing, before what was locked is let go."""


@dataclass(frozen=True, slots=True)
class SteadyLock:
    """What the frames so far say together."""

    text: str = ""
    """What is locked; empty: nothing is."""
    seen: str = ""
    """What the last frame said; empty where it was doubtful."""
    n_alike: int = 0
    """How many frames in a row said that."""
    n_other: int = 0
    """How many in a row said something else than what is locked."""

    @property
    def is_locked(self) -> bool:
        """Whether the reading may be trusted."""
        return self.text != ""

    def see(self, text: str, *, is_sure: bool) -> "SteadyLock":
        """Return the lock after one more frame.

        Args:
            text: what was read in it; empty for nothing.
            is_sure: whether every digit is over its threshold.
        """
        seen = text if is_sure else ""
        n_alike = 0 if seen == "" else self.n_alike + 1 if seen == self.seen else 1
        n_other = self.n_other + 1 if self.is_locked and seen != self.text else 0
        kept = "" if n_other >= UNLOCK_AFTER else self.text
        locked = kept or (seen if n_alike >= LOCK_AFTER else "")
        return replace(self, text=locked, seen=seen, n_alike=n_alike, n_other=n_other if kept else 0)
