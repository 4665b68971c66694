"""The chart shows every network that has a size, better ones higher, with names that can be read."""

from itertools import combinations
from pathlib import Path

from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from inkdigits.leaderboard import Entry, Leaderboard, Row
from inkdigits.leaderboard.sections import MNIST, N_PARAMETERS
from inkdigits.report.leaderboard_chart import OF_OTHERS, leaderboard_chart
from inkdigits.train.networks import NETWORKS


def make_row(name: str, n_parameters: float | None, *accuracies: float) -> Row:
    """A row with one seed an accuracy."""
    figures = [{MNIST: accuracy, N_PARAMETERS: n_parameters} for accuracy in accuracies]
    return Row(name, tuple(Entry(name, name, name, seed, name, each) for seed, each in enumerate(figures)))


def draw(*rows: Row) -> tuple[dict[str, Annotation], Bbox]:
    """Draw rows; return their names as they were written, and the room for them."""
    figure = leaderboard_chart(Leaderboard((), rows)).figure
    figure.draw_without_rendering()  # puts names where they belong
    (axes,) = figure.axes
    return {text.get_text(): text for text in axes.texts if isinstance(text, Annotation)}, axes.bbox


def test_names_cover_neither_each_other_nor_a_point_nor_leave_the_chart():
    """Also where networks lie close together, and on each other."""
    rows = [make_row(f"network-{i}", 4e5 + 2e3 * i, 0.996 + 1e-5 * i) for i in range(8)]
    names, room = draw(*rows, make_row("small", 1e4, 0.9), make_row("large", 3e6, 0.999))
    boxes = [super(Annotation, text).get_window_extent().padded(-1) for text in names.values()]  # they may touch
    points = [text.axes.transData.transform(text.xy) for text in names.values() if text.axes]
    assert len(boxes) == 10
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    assert not any(box.contains(*point) for box in boxes for point in points)
    assert all(room.containsx(x) and room.containsy(y) for box in boxes for x, y in box.corners())


def test_better_is_higher_and_larger_is_further_right():
    """In pixels of the figure, where y goes upwards; 100 % has a place too."""
    names, _ = draw(make_row("a", 1e4, 0.95), make_row("b", 1e5, 0.995), make_row("c", 1e6, 1.0))
    places = [text.axes.transData.transform(text.xy) for text in names.values() if text.axes]
    assert [list(names)[i] for i in sorted(range(3), key=lambda i: places[i][1])] == ["a", "b", "c"]
    assert places[0][0] < places[1][0] < places[2][0]


def test_the_axis_names_accuracy():
    """Although it is drawn by error."""
    (axes,) = leaderboard_chart(Leaderboard((), (make_row("a", 1e4, 0.99, 0.999),))).figure.axes
    axes.figure.draw_without_rendering()
    assert {"99", "99.5", "99.9"} <= {label.get_text() for label in axes.get_yticklabels()}


def test_networks_of_other_systems_look_different():
    """By colour and by shape; a dash in a name says nothing."""
    rows = (make_row("a-cnn", 1e4, 0.9), make_row("x-mine", 1e4, 0.9))
    (axes,) = leaderboard_chart(Leaderboard((), rows)).figure.axes
    looks = {(line.get_color(), line.get_marker()) for line in axes.lines if line.get_marker() != "None"}
    assert set(NETWORKS) > OF_OTHERS
    assert len({colour for colour, _ in looks}) == len({marker for _, marker in looks}) == 2


def test_a_network_without_a_size_is_left_out():
    """Such as one that keeps its training digits; an empty chart is still one."""
    assert list(draw(make_row("knn", None, 0.97), make_row("a", 5, 0.9))[0]) == ["a"]
    assert draw()[0] == {}


def test_the_same_figures_are_the_same_file(tmp_path: Path):
    """Nothing in the SVG tells the day or the machine."""
    texts = []
    for _ in range(2):
        leaderboard_chart(Leaderboard((), (make_row("a", 1e4, 0.99),))).save(tmp_path)
        texts.append((tmp_path / "leaderboard.svg").read_text("utf-8"))
    assert texts[0] == texts[1]
    assert (tmp_path / "leaderboard.png").read_bytes().startswith(b"\x89PNG")
