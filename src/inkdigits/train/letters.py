"""Letters and signs as a pen draws them: skeletons authored here, and a hand that never draws one twice alike.

A skeleton is a line of `_TABLE`: strokes apart by blanks, each a run of points of two characters, column and row, on
a grid with the top of capitals in row 0, the middle line in row 4, the baseline in row 8 and the lowest descender in
row c (12). The pen moves in a smooth curve (Catmull and Rom 1974) through the points, but turns sharply at a point
followed by a full stop. Ways to write the same letter are apart by bars.

Left out is what is a digit's twin in most hands: O o (0), I l | ! / ( ) (1), Z z (2), S s (5). Of others, only the
ways that show which they are: b with a straight stem (else a 6), g with its loop or hook drawn up again and q with a
tail to the right (else a 9), Q with a tail, D with corners, G with its bar, B with a stem, z with a bar, l with a
loop, i and j with a dot.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
"""(N, 2): column, row."""

Field = npt.NDArray[np.uint8]
"""(H, W), ink bright."""

HARD = "BDGJLYabdgquy>}^%&"
"""Letters and signs nearest to digits, which a network took longest to refuse: drawn three times as often as others."""

_FINE = 3
"""A letter is drawn so much larger and then reduced, for pens of any width."""

_STEPS = 4
"""Points of the path that are drawn with one pressure; a curve has eight from one point of its skeleton to the next."""

LATIN_SHARE = 0.7
"""How often a random name is a Latin letter: what a form shows most often besides digits."""

_TABLE = """
A 0830.68 1555 | 0830.68.1555 | 080420406468 0565 | 0840.58 0535 | 08063040.68 1666
B 0008 0030523404.44664808 | 0108 0040523404.54664808 | 0800.40523414.44664808 | 1018 0030523414.44664808
C 61401104174867 | 51301104173857 | 7150210517386877 | 625030120516386867
D 1119 0040634608 | 0008 003063463808 | 0019 005063464808
E 6000.08.68 0454 | 61300234.063867 | 0008 0060 0454 0868 | 51301204.1406284857
F 6000.08 0454 | 0008 0060 0444 | 7010.18 0454 | 2028 0151.60 0454
G 6140110417486765.45 | 6130110417486664.34 6469 | 51301104173856.54.34 5459
G 50200104174866.64.34 | 51200306284756.54.34
H 0008 6068 0464 | 0109 6068 1454 | 0008.0464.60.68 | 1008 7069 0565
J 5056381705 2080 | 4046280706 2060 | 606638170605 3090 | 5056381706
K 0008 6004.68 | 0008 6005 2468 | 0008 5024.26.68 | 0109 7014.78
L 0008.68 | 1008.57 | 0008.5857 | 31202216081838.68 | 0008.38
M 0800.36.60.68 | 0810.35.60.78 | 0804.20.2438.60.68 | 0800.34.60.68
N 0800.68.60 | 0810.57.60 | 0802.20.4668 | 0901.20.48.6050
P 0008 0040624404 | 0800.40624404 | 1019 0151635414 | 0208 1050635514
Q 401104173867746140 4579 | 3010051738666030 3669 | 411204173866746241 3558
R 0008 0040624404 2468 | 0800.40624404.68 | 1018 0041534414.68 | 0008 0050534504 3569
T 0060 3038 | 1070 4048 | 0161 3137 | 0160.51 3028
U 000528486560 | 000528486560.68 | 0006284866.61 | 0106284864.60.68
V 0038.60 | 012738.5460 | 0028.60.70 | 1048.71
W 0028.42.68.80 | 0006284642.46688680 | 0017.34.57.60 | 0028.40.68.80
X 0068 6008 | 0022342608 6042344668 | 1058 6007 | 0068 7008 2545
Y 0034.60 3438 | 0034 6008 | 0003245360.664817 | 0034.60 3439 1555 | 0003244350 502b
Z 0060.08.68 1454 | 0061.08.58 0555 | 0151.18.68 0464
a 5434150618385654.5768 | 15345558 5626072857 | 64472806244568 | 55341506183855.54.5868
b 0008 0534563807 | 0009 0544663807 | 1018 1544664818 | 2008 0634565818
c 55341506183857 | 5434160738 | 5524062857
d 55341506183856 5058 | 54241507284856 5058.68 | 64341607384865 7059 | 563415073856 6058
e 065655341506183857 | 07453415072857 | 0666552415071838 | 0746542415072858
f 51402128 0444 | 064240212a3c4a2756 | 6150313a 0454 | 61402228.3c 0555
g 55341506183856 545a3c1b2967 | 5534150618385654.5a3c1b0a29 | 3314365433 261748593b1b0948 5362
g 542415072856 545b2c0a | 543415072856.55.5a3c1c0a
h 0008 0524445658 | 1008.0534465868 | 0742301108.06344658 | 0008.0634465769
i 3539 3030 | 3538.48 3030 | 353949 3040 | 4539 4040
j 444a2c0b 4141 | 444a1b0a 4040 | 445a3c1c 4142 | 544b2c0a2967 5151
k 0008 5406.58 | 0008 0634463606.58 | 0742301108 5406.58 | 0008 4405 1658
l 07423022274867 | 07514020172858 | 08533021274858
m 0408 06243638 36546668 | 0408.06243638.36546668 | 0408.0514.2728.36445768 | 0408 05142638 35445668
n 0408 0624445658 | 0408.05344658 | 0418.06345658.67 | 0514.08.0634465869
p 040c 0534563807 | 050b.0434563807 | 041c 0544663817 | 030c 0635463707
q 55341506183856 545c.7a | 5534150618385654.5c.6a | 54241507284856 545b.7b 4969
r 0408 06244455 | 0408.062454 | 0518.06245464 | 04141708.16345464
t 2028 0343 | 20263847 0343 | 3138 0454 | 30274857 1454
u 0407284754.58 | 0406284854.5868 | 04082847.54.57 | 1407284864.68
v 0428.54 | 042846.5464 | 0417.28.4454 | 14284654.74
w 0418.35.58.74 | 04072846.45486774 | 0428.45.58.6474 | 140728474547687784
x 0458 5408 | 0424362808 5435363858 | 1448 5408 | 04142838.48 5408
y 0438 641c | 0407284754.5a3c0b | 0407284754.5a3c1b2967 | 0427.54 542c0c | 0436.64 362b
y 04063655.5a.0b | 041638544a1c | 0407284754.5a3c1b3877 | 0406375554.4b1c08
z 0454.08.58 1646 | 0513.35.50.08.68 | 0454.1858 0646 | 0614.26.53.08.4858
? 021040523436 3838 | 01203041.2426 2828 | 12205062443537 3939 | 01103050532436 2828
& 6812204106284865 | 6821304207384866 | 5120234407285866
% 1001122110 6008 5647586756 | 1102132211 7008 5546576655 | 1111 6008 5757
@ 533325465353657461300306386877 | 4434254644 4455645341201405284868
# 2018 5048 0363 0565 | 2028 4048 0262 0666
$ 61300234663807 3038 | 52311234563706 3039
+ 3238 0565 | 3038 0464 | 3337 0555
= 0363 0666 | 0464 0767
* 3137 1355 5315 | 3038 0464 1256 5216 | 3137 0464 5216
< 5205.58 | 6104.68
> 0255.08 | 0165.09 | 0056.0b | 0063.07
~ 0614355664 | 0513365563
{ 40212304.252748 | 50312414.352858
} 00212344.252708 | 00213554.262808 | 00302344.253808 | 0020.23.44.25.28.08
^ 0430.64 | 0540.75 | 0730.67 | 083068
[ 4000.08.48 | 3010.19.39
] 0040.48.08 | 1030.39.19
✓ 0528.70 | 0638.80 | 052748.80
→ 0464 4264.46 | 0575 5375.57
← 0464 2204.26
↑ 3038 0230.62
√ 0526.48.50.90 | 0415.38.50.80
÷ 0464 3131 3737 | 0565 3232 3838
± 3036 0363 0868 | 3137 0464 0969
€ 613011173867 0343 0545 | 7140210516386878 0454 0666
£ 51402127.0868 0545 | 62413133370868 1454
∞ 452305274563856745 | 442206284462866844
★ 1830.58.03.63.18 | 0850.98.14.83.08
△ 0830.68.08 | 0740.87.07
□ 0060.68.08.00 | 1170.78.08.11
♥ 38031021.3342506138 | 48041020.4462708448
π 0464 1418 5458 | 05142464 2428 5467.78
Σ 6000.34.08.68 | 7110.45.09.79
φ 3204366432 3038 | 4314365443 503b
ψ 0004286460 3038 | 0104384860 414c
λ 0020.68 3408 | 1020.58 2408
μ 040c 0407284754.58 | 140c 1407284864.68
Ω 08380513205366.5898 | 1838.0513305265.5888
ж 0068 6008 3038 | 0058 5008 2028 0454
ш 0008.68.60 3038 | 0408.5854 2428 5868
и 0008.60.68 | 0407.2854.58
ю 0008 0434 7052567876927070 | 0408 0626 44264867 5444
я 6068 6020024464 3408 | 5458 5424164656 2608
л 082730.68 | 08183021.5868
ц 0008.68 5058.7a | 0408.6854 686a
ы 0008 0434563808 7078 | 0408 0626373808 6468
"""


@dataclass(frozen=True, slots=True)
class Hand:
    """How one hand draws; lengths in units of the grid, of which a capital is 8 tall."""

    jitter: float
    """Standard deviation of each point."""
    drift: float
    """Standard deviation of each stroke as a whole: what leaves gaps and overshoots."""
    shape: Points
    """(2, 2): stretches, slants and turns."""
    reach: tuple[float, float]
    """Factors for what rises above row 4 and for what falls below row 8."""
    bend: Points
    """(2, 3): amplitude, wave number and phase of a slow bend of columns along rows, and of rows along columns."""
    pen: float
    """Width of the pen."""


@cache
def skeletons() -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return for each letter and sign its ways to be written, each a tuple of strokes."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for line in _TABLE.strip().splitlines():
        name, ways = line.split(maxsplit=1)
        found.setdefault(name, []).extend(tuple(way.split()) for way in ways.split("|"))
    return {name: tuple(ways) for name, ways in found.items()}


def choose_names(rng: np.random.Generator, n: int) -> str:
    """Return `n` random letters and signs, `LATIN_SHARE` of them Latin letters; the `HARD` come oftener."""
    names = [*skeletons(), *HARD, *HARD]
    latin = [name for name in names if name.isascii() and name.isalpha()]
    others = [name for name in names if name not in latin]
    pools = (latin if rng.random() < LATIN_SHARE else others for _ in range(n))
    return "".join(pool[rng.integers(len(pool))] for pool in pools)


def choose_hand(rng: np.random.Generator) -> Hand:
    """Return a random hand."""
    slant, turn = rng.normal(0, 0.22), rng.normal(0, 0.12)
    stretch = np.diag([np.exp(rng.normal(0, 0.22)), 1.0])
    leaning = np.array([[1.0, -slant], [0.0, 1.0]])
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    above, below = np.exp(rng.normal(0, 0.25, 2))
    bend = np.column_stack([rng.normal(0, 0.35, 2), rng.uniform(0.2, 0.7, 2), rng.uniform(0, 6.3, 2)])
    return Hand(
        jitter=rng.uniform(0.05, 0.45),
        drift=rng.uniform(0.0, 0.4),
        shape=turned @ leaning @ stretch,
        reach=(float(above), float(below)),
        bend=bend,
        pen=float(np.exp(rng.uniform(np.log(0.65), np.log(1.8)))),
    )


def draw_letters(rng: np.random.Generator, names: str, height_px: int = 56) -> Field:
    """Draw letters side by side with one random hand.

    Args:
        rng: of all choices.
        names: keys of `skeletons`.
        height_px: of a drawing as tall as a capital and a descender; others are drawn to the same scale.

    Returns:
        (H, W) uint8, ink bright, with a margin for the pen.
    """
    hand, lines, left = choose_hand(rng), list[Points](), 0.0
    for name in names:
        ways = skeletons()[name]
        way = ways[rng.integers(len(ways))]
        strokes = [_trace(rng, hand, stroke, _size(way)) for stroke in way]
        shift = left - min(line[:, 0].min() for line in strokes)
        lines += [line + np.array([shift, 0.0]) for line in strokes]
        left = max(line[:, 0].max() for line in lines) + rng.uniform(-0.3, 1.5)
    return _draw(rng, [line @ hand.shape.T for line in lines], hand.pen, height_px / 12)


def _trace(rng: np.random.Generator, hand: Hand, stroke: str, size: float) -> Points:
    """Return the path of the pen through a stroke's points, before slant and turn."""
    points, corners = _parse(stroke)
    points = points + size * (rng.normal(0, hand.jitter, points.shape) + rng.normal(0, hand.drift, 2))
    points[:, 1] = _stretch(points[:, 1], *hand.reach)
    points[[0, -1]] += (points[[0, -1]] - points[[1, -2]]) * rng.normal(0, 0.12, (2, 1))
    ends = [0, *corners, len(points) - 1]
    path = np.concatenate([_smooth(points[a : b + 1]) for a, b in pairwise(ends) if b > a])
    amplitude, number, phase = hand.bend.T
    return np.asarray(path + size * amplitude * np.sin(path[:, ::-1] * number + phase))


@cache
def _size(way: tuple[str, ...]) -> float:
    """Return how tall a letter is, at most 1 for a capital: the hand trembles less on a small one."""
    rows = np.concatenate([_parse(stroke)[0][:, 1] for stroke in way])
    return float(np.clip(np.ptp(rows) / 8, 0.5, 1))


@cache
def _parse(stroke: str) -> tuple[Points, tuple[int, ...]]:
    """Return the points of a stroke, at least two, and which of them are corners."""
    plain = stroke.replace(".", "")
    points = np.array([[int(plain[at], 16), int(plain[at + 1], 16)] for at in range(0, len(plain), 2)], dtype=float)
    dots = np.flatnonzero(np.array(list(stroke)) == ".")
    corners = tuple((int(dot) - n) // 2 - 1 for n, dot in enumerate(dots))
    return points, corners


def _stretch(rows: Points, above: float, below: float) -> Points:
    """Make what rises above row 4 and falls below row 8 longer or shorter."""
    return np.clip(rows, 4, 8) + np.minimum(rows - 4, 0) * above + np.maximum(rows - 8, 0) * below


def _smooth(points: Points) -> Points:
    """Return a path through the points, eight steps from one to the next."""
    padded = np.concatenate([points[:1], points, points[-1:]])
    p0, p1, p2, p3 = (padded[i : len(points) - 1 + i, None] for i in range(4))
    t = np.linspace(0, 1, 9)[None, :, None]
    curve = (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3) / 2
    return np.asarray(curve.reshape(-1, 2))


def _draw(rng: np.random.Generator, lines: list[Points], pen: float, scale: float) -> Field:
    """Draw paths with a pen whose pressure varies along them."""
    tall = np.clip(np.ptp(np.concatenate(lines)[:, 1]), 4, 10)
    thick = pen * scale * tall / 8
    margin = thick + 2
    points = np.concatenate(lines) * scale
    low = points.min(0) - margin
    width, height = np.ceil(points.max(0) + margin - low).astype(int).tolist()
    field = np.zeros((height * _FINE, width * _FINE), dtype=np.uint8)
    wave, phase = rng.uniform(0, 0.25), rng.uniform(0, 6.3)
    for line in lines:
        at = np.round((line * scale - low) * _FINE).astype(np.int32)
        for start in range(0, len(at) - 1, _STEPS):
            press = thick * (1 + wave * np.sin(start / 12 + phase))
            cv2.polylines(field, [at[start : start + _STEPS + 1]], False, 255, max(1, round(press * _FINE)))
    return np.asarray(cv2.resize(field, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
