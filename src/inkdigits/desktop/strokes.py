"""What was written, as data, with every earlier state: undo and redo."""

from dataclasses import dataclass
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
"""(x, y) in units of the pad, y down."""

PAD = (500, 400)
"""Width and height of the pad in its own units, which are pixels of its picture: what is read depends on no screen."""

N_STEPS = 200
"""How many steps can be undone."""


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """From pen down to pen up."""

    points: tuple[Point, ...]
    """At least one."""
    width: float
    """Of the pen, in units of the pad."""


class Strokes:
    """The finished strokes, now and before."""

    def __init__(self) -> None:
        self._states: list[tuple[Stroke, ...]] = [()]
        self._at = 0

    @property
    def now(self) -> tuple[Stroke, ...]:
        """What stands on the pad."""
        return self._states[self._at]

    @property
    def can_undo(self) -> bool:
        """Whether there is an earlier state."""
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        """Whether a step that was undone can be taken again."""
        return self._at < len(self._states) - 1

    def add(self, stroke: Stroke) -> None:
        """Put a finished stroke on the pad."""
        self._push((*self.now, stroke))

    def clear(self) -> None:
        """Take everything away, which can be undone."""
        if self.now:
            self._push(())

    def undo(self) -> None:
        """Go back one step, if there is one."""
        self._at -= self.can_undo

    def redo(self) -> None:
        """Take the last step that was undone again, if there is one."""
        self._at += self.can_redo

    def _push(self, state: tuple[Stroke, ...]) -> None:
        self._states = [*self._states[: self._at + 1], state][-N_STEPS - 1 :]
        self._at = len(self._states) - 1
