"""Every state comes back: undo and redo are exact, however they are mixed."""

import hypothesis.strategies as st
from hypothesis import given

from inkdigits.desktop.strokes import N_STEPS, Stroke, Strokes


def stroke(x: float = 0) -> Stroke:
    """A dot."""
    return Stroke(((x, 0.0),), 20)


def test_undo_and_redo_go_back_and_forth():
    """Clear is a step like any other."""
    strokes, first = Strokes(), stroke()
    assert (strokes.can_undo, strokes.can_redo) == (False, False)
    strokes.add(first)
    strokes.clear()
    assert strokes.now == ()
    strokes.undo()
    assert strokes.now == (first,)
    strokes.undo()
    assert (strokes.now, strokes.can_undo, strokes.can_redo) == ((), False, True)
    strokes.redo()
    strokes.redo()
    assert (strokes.now, strokes.can_redo) == ((), False)


def test_a_new_stroke_takes_the_place_of_what_was_undone():
    """Then there is nothing to redo."""
    strokes, second = Strokes(), stroke(1)
    strokes.add(stroke())
    strokes.undo()
    strokes.add(second)
    assert (strokes.now, strokes.can_redo) == ((second,), False)


def test_clearing_an_empty_pad_is_no_step():
    """Nor is undoing where nothing was done."""
    strokes = Strokes()
    strokes.clear()
    strokes.undo()
    strokes.redo()
    assert (strokes.now, strokes.can_undo, strokes.can_redo) == ((), False, False)


def test_only_so_many_steps_are_kept():
    """Memory does not grow for ever."""
    strokes = Strokes()
    for n in range(N_STEPS + 50):
        strokes.add(stroke(n))
    while strokes.can_undo:
        strokes.undo()
    assert len(strokes.now) == 50


@given(st.lists(st.sampled_from(["add", "undo", "redo", "clear"]), max_size=60))
def test_any_mixture_of_steps_is_that_of_a_plain_list_of_states(steps: list[str]):
    """Against a model that keeps all states."""
    strokes, states, at = Strokes(), [()], 0
    for step in steps:
        if step == "add" or (step == "clear" and states[at]):
            added = stroke()
            states[at + 1 :] = [(*states[at], added) if step == "add" else ()]
            at += 1
            strokes.add(added) if step == "add" else strokes.clear()
        elif step != "clear":
            at = max(0, at - 1) if step == "undo" else min(len(states) - 1, at + 1)
            getattr(strokes, step)()
        assert strokes.now == states[at]
