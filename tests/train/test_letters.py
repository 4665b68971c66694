"""Drawn letters are inks of the right letter, never two alike, and each skeleton is one that can be drawn."""

import numpy as np
import pytest

from inkdigits.train import letters as module
from inkdigits.train.letters import LATIN_SHARE, choose_hand, choose_names, draw_letters, skeletons


def test_every_letter_is_there_but_the_twins_of_digits() -> None:
    """A to Z and a to z, without those that a hand makes like a digit in every way it has; z and Z have a bar."""
    alphabet = {chr(code) for code in (*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1))}
    latin = {name for name in skeletons() if name.isascii() and name.isalpha()}
    assert alphabet - latin == set("OoISs")
    assert not set("0123456789|!/()") & set(skeletons())


@pytest.mark.parametrize("name", skeletons())
def test_every_way_to_write_a_letter_can_be_drawn(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Points come in pairs, two at least a stroke, within the grid, and no way is there twice."""
    ways = skeletons()[name]
    assert len(set(ways)) == len(ways)
    for way in ways:
        for stroke in way:
            points, corners = module._parse(stroke)
            assert len(points) >= 2
            assert points.min() >= 0
            assert points[:, 1].max() <= 12
            assert all(0 < corner < len(points) - 1 for corner in corners)
        monkeypatch.setattr(module, "skeletons", lambda way=way: {name: (way,)})
        field = draw_letters(np.random.default_rng(0), name)
        assert field.max() > 200


def test_points_and_corners_are_read_as_the_table_says() -> None:
    """Two characters a point, column and row; a full stop makes the point before it a corner."""
    points, corners = module._parse("0830.6c.1a")
    assert points.tolist() == [[0, 8], [3, 0], [6, 12], [1, 10]]
    assert corners == (1, 2)


def test_the_pen_goes_through_all_points_and_turns_sharply_only_at_corners() -> None:
    """Catmull-Rom curves meet their points."""
    points = np.array([[0, 0], [4, 0], [4, 4]], dtype=float)
    path = module._smooth(points)
    for point in points:
        assert np.isclose(path, point).all(1).any()
    steps = np.diff(path[np.append(True, np.diff(path, axis=0).any(1))], axis=0)
    directions = np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))
    assert np.abs(np.diff(directions)).max() < 0.6


def test_the_whole_drawing_is_on_the_field() -> None:
    """No ink touches the edge, whatever the hand."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        field = draw_letters(rng, choose_names(rng, 1))
        assert field.dtype == np.uint8
        edges = (field[0], field[-1], field[:, 0], field[:, -1])
        assert not any(edge.any() for edge in edges)


def test_the_seed_decides_everything_and_no_two_drawings_are_alike() -> None:
    """One seed, one drawing."""
    first, again, other = (draw_letters(np.random.default_rng(seed), "R") for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_words_are_wider_than_their_letters() -> None:
    """Letters stand side by side, in the hand's one pen."""
    for seed in range(5):
        one, four = (draw_letters(np.random.default_rng(seed), names) for names in ("H", "HHHH"))
        assert four.shape[1] > 2 * one.shape[1]


def test_latin_letters_come_most_often() -> None:
    """As often as the constant says."""
    names = choose_names(np.random.default_rng(0), 4000)
    share = np.mean([name.isascii() and name.isalpha() for name in names])
    assert share == pytest.approx(LATIN_SHARE, abs=0.03)


def test_letters_near_digits_come_oftener() -> None:
    """Three times as often as an A."""
    names = choose_names(np.random.default_rng(0), 20_000)
    assert names.count("y") / names.count("A") == pytest.approx(3, abs=0.5)


def test_hands_differ_in_all_they_do() -> None:
    """Pen, slant, reach, bend and tremor."""
    rng = np.random.default_rng(0)
    hands = [choose_hand(rng) for _ in range(50)]
    for values in (
        [hand.pen for hand in hands],
        [hand.jitter for hand in hands],
        [hand.drift for hand in hands],
        [hand.shape[0, 1] for hand in hands],
        [hand.reach[0] for hand in hands],
        [hand.bend[0, 0] for hand in hands],
    ):
        assert np.std(values) > 0.05
