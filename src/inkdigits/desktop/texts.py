"""What the window says."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from inkdigits.desktop.answers import Answer

Mood: TypeAlias = Literal["live", "locked", "frozen"]
"""Of the camera: it looks; what it reads is steady; the picture stands still."""

MOODS: dict[Mood, str] = {"live": "Hold it still", "locked": "Locked", "frozen": "Frozen"}

HINT = "Draw a number here"
BACK = "K goes back to drawing."
LOOKING = "Waiting for the camera ..."
BARS = "Probability of each digit"
NETWORK = "Network"
PEN = "Pen width"

BUTTONS = {
    "undo": "Undo",
    "redo": "Redo",
    "clear": "Clear",
    "theme": "Black canvas",
    "camera": "Camera",
    "freeze": "Freeze",
    "copy": "Copy",
    "save": "Save",
}
"""What each button says, in order; some say something else where they would do it."""

WHITE, DRAW, GO_ON = "White canvas", "Draw", "Go on"

DRAWING_HELP = (
    "Left button draws  ·  right button clears  ·  Ctrl+Z undoes  ·  Ctrl+Y redoes  ·  Q quits  ·  F1 shows all keys"
)
CAMERA_HELP = "Hold a number into the frame  ·  Space freezes  ·  K ends the camera  ·  Q quits  ·  F1 shows all keys"

KEYS_TITLE = "Keys"
KEYS = (
    ("Left button", "draw"),
    ("Right button, Delete", "clear"),
    ("Ctrl+Z", "undo"),
    ("Ctrl+Y, Ctrl+Shift+Z", "redo"),
    ("+   -", "wider pen, thinner pen"),
    ("T", "black or white canvas"),
    ("N", "next network"),
    ("K", "camera on and off"),
    ("Space", "freeze the camera, go on"),
    ("Ctrl+C", "copy what was read"),
    ("Ctrl+S", "save the picture"),
    ("Q", "quit"),
)
"""All keys, and what they do."""

LEAST = 0.005
"""Another way to read a line is named if it is so likely."""


@dataclass(frozen=True, slots=True)
class Header:
    """What was read, in parts of different size."""

    label: str
    number: str = ""
    share: str = ""

    def __str__(self) -> str:
        """Return all of it, such as "Number: 5 (99.12 %)"."""
        return " ".join(part for part in (self.label, self.number, self.share) if part)


NO_CAMERA, NOT_READ = Header("No camera"), Header("This could not be read")


def to_header(answer: Answer, *, is_camera: bool = False) -> Header:
    """Say what was read."""
    if not answer.digits:
        return Header("Nothing in the frame" if is_camera else "Canvas is empty")
    if not answer.is_digit:
        return Header("Not a digit")
    return Header("Number:", answer.formatted, f"({percent(answer.confidence)})")


def to_note(answer: Answer) -> str:
    """Name other ways to read a number, such as "or 51 (3.20 %)"."""
    others = [other for other in answer.alternatives[1:4] if other.probability >= LEAST]
    if len(answer.digits) < 2 or not others:
        return ""
    return "or " + ", ".join(f"{other.text} ({percent(other.probability)})" for other in others)


def to_caption(answer: Answer) -> str:
    """Say what the picture of the network's input shows."""
    if answer.seen is None:
        return "What the network sees"
    height, width = answer.seen.shape
    if height == width:
        return f"What the network sees: {height} x {width}"
    return "What the network sees: a line of digits"


def to_copied(answer: Answer) -> str:
    """Say what was copied."""
    return f"Copied: {answer.formatted}" if answer.is_digit else "There is nothing to copy"


def to_saved(name: str) -> str:
    """Say where the picture is."""
    return f"Saved: {name}"


def to_title(header: Header, mood: Mood | None = None) -> str:
    """Return the title of the window, which says what was read as well."""
    return " - ".join([str(header), *([MOODS[mood]] if mood else []), "inkdigits"])


def percent(share: float) -> str:
    """Return a share in [0, 1] as people read it, such as "99.12 %"."""
    return f"{100 * share:.2f} %"
