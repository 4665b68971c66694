"""What the camera shows and says: the newest frame, and a reading once it is steady."""

from inkdigits.desktop.answers import EMPTY, Answer
from inkdigits.desktop.camera import Camera, Frame
from inkdigits.desktop.lock import SteadyLock
from inkdigits.desktop.texts import Mood


class Watch:
    """A camera that is on."""

    def __init__(self, source: int | str) -> None:
        """Begin to open a camera, a film or a stream."""
        self.camera = Camera(source)
        self.frame: Frame | None = None
        """The one that was given out last."""
        self.answer = EMPTY
        """What was read last; while the reading is locked, the last that agrees with it."""
        self._lock = SteadyLock()

    @property
    def mood(self) -> Mood | None:
        """How it goes; None: there is nothing to be read."""
        if self.frame is not None and self.camera.is_frozen:
            return "frozen"
        return "locked" if self._lock.is_locked else "live" if self.answer.digits else None

    @property
    def is_locked(self) -> bool:
        """Whether what is read may be trusted."""
        return self._lock.is_locked

    @property
    def is_over(self) -> bool:
        """Whether no more frames will come; the camera's error says why."""
        return self.camera.error is not None and self.camera.frame is self.frame

    def next_frame(self) -> Frame | None:
        """Return the newest frame, if it was not given out yet."""
        newest = self.camera.frame
        if newest is self.frame or self.camera.is_frozen:
            return None
        self.frame = newest
        return newest

    def see(self, answer: Answer) -> None:
        """Take what was read in a frame."""
        self._lock = self._lock.see(answer.text, is_sure=answer.is_sure)
        if not self._lock.is_locked or answer.text == self._lock.text:
            self.answer = answer
