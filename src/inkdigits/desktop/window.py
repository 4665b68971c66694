"""The window: draw and see at once what is read, or hold a number before a camera. Start here."""

import time
import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from tkinter import filedialog

from inkdigits.desktop import texts
from inkdigits.desktop.answers import EMPTY, Answer
from inkdigits.desktop.camera import Pixels
from inkdigits.desktop.keys import bind_keys, bind_right_button, show_keys
from inkdigits.desktop.layout import Layout, On
from inkdigits.desktop.live import Live
from inkdigits.desktop.newest import Outcome
from inkdigits.desktop.pen import WIDTH_STEP, Pen
from inkdigits.desktop.saving import SUFFIX, save_png
from inkdigits.desktop.sheet import Sheet, Theme, to_picture
from inkdigits.desktop.strokes import Strokes
from inkdigits.desktop.watch import Watch
from inkdigits.desktop.work import Drawing, Photo, Work
from inkdigits.errors import InkdigitsError
from inkdigits.networks import Networks

FRAME_MS = 15
"""While a camera is on, a new frame is looked for so often; where showing one takes longer, half as often as that."""


class Window:
    """Strokes and frames go to the reader, its answers to the screen. Where nothing changes, nothing runs."""

    def __init__(self, root: tk.Tk, networks: Networks, theme: Theme, source: int | str) -> None:
        """Fill a window; `source` is a camera, a film or a stream."""
        self.root, self.theme = root, theme
        self.source = source
        """What the camera button opens."""
        self.strokes = Strokes()
        self.watch: Watch | None = None
        self.live: Live[Drawing | Photo, Answer] = Live(Work(networks), root.after, self._take)
        self.answer = EMPTY
        self._is_due = False
        self._timer = "none"
        actions = self._actions()
        on = On(self._schedule, self.refresh, self._set_width, actions)
        self.layout = Layout(root, list(networks.paths()), networks.default, on)
        self.pen = Pen(self.layout.pad, self.refresh, lambda stroke: self._write(lambda: self.strokes.add(stroke)))
        bind_keys(root, actions)
        bind_right_button(self.layout.pad, actions["clear"])
        root.protocol("WM_DELETE_WINDOW", self.close)
        self._dress()
        self._show(EMPTY)

    @property
    def is_settled(self) -> bool:
        """Whether all that there is stands on the screen, with its answer."""
        return not self._is_due and self.live.is_settled

    def refresh(self) -> None:
        """There is something else to show, and to read."""
        self.live.change()
        self._schedule()

    def switch_camera(self) -> None:
        """Open the camera, or go back to drawing."""
        if self.watch:
            self.watch.camera.close()
        self.watch = None if self.watch else Watch(self.source)
        self.pen.is_away = self.watch is not None
        self.pen.lift()
        self.refresh()
        self.live.settle()  # what is being read is of the other kind
        self._show(EMPTY)
        if self.watch:
            self._look()
        else:
            self.refresh()

    def switch_theme(self) -> None:
        """Take the other colour of the canvas."""
        self.theme = "white" if self.theme == "black" else "black"
        self._dress()
        self.refresh()

    def close(self) -> None:
        """Quit."""
        if self.watch:
            self.watch.camera.close()
        self.live.close()
        self.root.destroy()

    def _actions(self) -> dict[str, Callable[[], None]]:
        """Return what buttons and keys do, by name."""
        return {
            "undo": lambda: self._write(self.strokes.undo),
            "redo": lambda: self._write(self.strokes.redo),
            "clear": lambda: self._write(self.strokes.clear),
            "wider": lambda: self._set_width(self.pen.width + WIDTH_STEP),
            "thinner": lambda: self._set_width(self.pen.width - WIDTH_STEP),
            "theme": self.switch_theme,
            "network": lambda: self.layout.picker.step(),
            "camera": self.switch_camera,
            "freeze": self._freeze,
            "copy": self._copy,
            "save": self._save,
            "help": lambda: show_keys(self.root, self.layout.gap),
            "quit": self.close,
        }

    def _write(self, change: Callable[[], None]) -> None:
        """Change the finished strokes; a stroke that is being written is given up."""
        if not self.watch:
            self.pen.lift()
            change()
            self.refresh()

    def _set_width(self, width: int) -> None:
        self.pen.width = width
        self.layout.tools.set_width(self.pen.width)

    def _dress(self) -> None:
        self.layout.dress(self.theme)
        self.layout.tools.rename("theme", texts.WHITE if self.theme == "black" else None)

    def _freeze(self) -> None:
        """Let the picture of the camera stand still, or go on."""
        if self.watch and self.watch.frame and not self.watch.is_over:
            self.watch.camera.freeze(not self.watch.camera.is_frozen)
            self._show(self.answer)
            self._look()

    def _schedule(self) -> None:
        """Show what there is when all that happens at once has happened."""
        if not self._is_due:
            self._is_due = True
            self.root.after_idle(self._render)

    def _render(self) -> None:
        self._is_due = False
        if self.watch:
            self._render_camera(self.watch)
        else:
            self._render_strokes()

    def _render_strokes(self) -> None:
        strokes = (*self.strokes.now, *self.pen.open)
        self.layout.pad.show_strokes(strokes)
        self.layout.pad.say("" if strokes else texts.HINT)
        if not strokes:
            self.live.settle()
            self._show(EMPTY)
        elif not self.live.is_asked:
            self.live.ask(Drawing(self.layout.picker.network, strokes, self.theme))

    def _render_camera(self, watch: Watch) -> None:
        if watch.frame:
            self.layout.pad.say("")
            self.layout.pad.show_frame(watch.frame.pixels, is_locked=watch.is_locked)
            if not self.live.is_asked:
                self.live.ask(Photo(self.layout.picker.network, watch.frame.pixels))
        else:
            self.layout.pad.show_strokes(())
            self.layout.pad.say(f"{watch.camera.error}\n\n{texts.BACK}" if watch.is_over else texts.LOOKING)

    def _look(self) -> None:
        """Take the camera's next frame, and come again, until it is off, frozen or over."""
        self.root.after_cancel(self._timer)  # there is only one
        watch = self.watch
        if not watch or watch.camera.is_frozen:
            return
        start_s, is_first = time.perf_counter(), watch.frame is None
        if watch.next_frame():
            self.live.change()
            self._render()
            if is_first:
                self._allow()  # it can be frozen now
        if watch.is_over:
            self._render()
            self._show(self.answer)
        else:
            self._timer = self.root.after(max(FRAME_MS, round(1000 * (time.perf_counter() - start_s))), self._look)

    def _take(self, outcome: Outcome[Answer]) -> None:
        """Show what was read."""
        if outcome.answer is None:
            assert outcome.error
            if not isinstance(outcome.error, InkdigitsError):
                raise outcome.error
            self._show(EMPTY, outcome.error)
        elif self.watch:
            was_locked = self.watch.is_locked
            self.watch.see(outcome.answer)
            self._show(self.watch.answer)
            if self.watch.is_locked != was_locked:
                self._schedule()  # the guide has another colour
        else:
            self._show(outcome.answer)

    def _show(self, answer: Answer, error: InkdigitsError | None = None) -> None:
        self.answer, watch = answer, self.watch
        header = texts.to_header(answer, is_camera=watch is not None)
        if watch and watch.is_over:
            error = error or watch.camera.error
            header = header if watch.frame else texts.NO_CAMERA
        elif error:
            header = texts.NOT_READ
        mood = watch.mood if watch else None
        note = str(error) if error and (not watch or watch.frame) else texts.to_note(answer)
        self.layout.banner.show(header, note, mood)
        self.layout.side.show(answer)
        self.layout.footer.configure(text=texts.CAMERA_HELP if watch else texts.DRAWING_HELP)
        self.root.title(texts.to_title(header, mood))
        self._allow()

    def _allow(self) -> None:
        """Let the buttons be pressed that can do something, and say what they would do."""
        tools, watch, strokes = self.layout.tools, self.watch, self.strokes
        is_frozen = watch is not None and watch.camera.is_frozen
        tools.allow(undo=not watch and strokes.can_undo, redo=not watch and strokes.can_redo)
        tools.allow(clear=not watch and bool(strokes.now), copy=self.answer.is_digit)
        tools.allow(freeze=watch is not None and watch.frame is not None and not watch.is_over)
        tools.rename("camera", texts.DRAW if watch else None)
        tools.rename("freeze", texts.GO_ON if is_frozen else None)

    def _copy(self) -> None:
        """Put what was read on the clipboard."""
        if self.answer.is_digit:
            self.root.clipboard_clear()
            self.root.clipboard_append(self.answer.formatted)
        self.layout.banner.tell(texts.to_copied(self.answer))

    def _picture(self) -> Pixels:
        """Return what is read: the frame of the camera, or the pad in its colours."""
        if self.watch and self.watch.frame:
            return self.watch.frame.pixels
        return to_picture(Sheet().draw(self.strokes.now), self.theme)

    def _save(self) -> None:
        """Ask for a file, and write the picture that is read into it."""
        chosen = filedialog.asksaveasfilename(
            parent=self.root, defaultextension=SUFFIX, filetypes=[("PNG", f"*{SUFFIX}")], initialfile=f"number{SUFFIX}"
        )
        if not chosen:
            return
        try:
            save_png(Path(chosen), self._picture())
        except InkdigitsError as error:
            self.layout.banner.tell(str(error))
        else:
            self.layout.banner.tell(texts.to_saved(Path(chosen).name))
