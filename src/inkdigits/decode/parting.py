"""A lattice, with what a network says of its candidates -> the number that the line shows.

A way through the lattice takes candidates side by side until all ink is used; a candidate is read as one of ten labels
or rejected, and ink that is no candidate may be left out. If every candidate is a digit or not, by itself, with the
odds that its digit score gives, then the probability of a way goes with the product of the odds of the candidates that
it takes. So one weight a step, added up as logarithms, finds the best way, the best texts with their probabilities, and
how sure each digit is, by dynamic programming (forward and backward, Rabiner 1989).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, inf, log

import numpy as np
import numpy.typing as npt

from inkdigits.records import REJECTED, Alternative, Candidate, Lattice

Floats = npt.NDArray[np.float32]

MAX_ODDS = 6.0
"""Logarithm of the odds that a digit score is believed to the most, for and against: 400 to 1."""

PRIOR = 1.5
"""Of the odds that a candidate is a digit, before the network has seen it: a line shows digits."""

CUT, INK_CUT = 0.5, 4.0
"""What parting connected ink costs, and what each line height of ink that is cut adds."""

JOIN = 2.0
"""What it costs to take two pieces with paper between them for one digit; pieces above each other cost nothing."""

BESIDE = -0.05
"""Two pieces lie beside each other where their gap, as a share of the line's height, is above this."""

CUT_OFF, SLIVER = 2.0, 0.35
"""What it costs that a candidate was cut off, where it is narrower than this share of its height: a side of a 0 is
commoner than a 1."""

SMALL, LOW = 8.0, 0.7
"""What each line height costs that a candidate is lower than that share of the line: a comma, more often than a 1."""

MARKED = 0.25
"""Points, commas and dashes cost only this share when they are left out."""

LEAVE_OUT, WHOLE_INK = 4.0, 0.1
"""What it costs to leave out a piece with so much ink, as a share of the line's height squared; less ink costs less."""

REJECT = 3.0
"""What it costs to take a candidate for a sign that is no digit."""

N_TEXTS, N_TEXTS_EXPECTED = 8, 40
"""Texts that are followed from piece to piece; more where those of another length are dropped in the end."""

PLAUSIBLE = 0.05
"""Texts of the expected length that have less than this share of the probability are doubtful all the same."""

MOSTLY = 0.6
"""Of a number's parts, counted by how sure they are, at least this share are digits."""

N_ALTERNATIVES = 5
"""How many ways to read a line are offered."""

LEAST = 1e-3
"""Labels of a lower probability are not followed."""


@dataclass(frozen=True, slots=True)
class Part:
    """One digit of a line."""

    candidate: int
    """Its place among the lattice's candidates."""
    label: int | None
    """0-9, or None for a sign that is no digit."""
    confidence: float
    """Probability that the candidate is a digit of the line and has this label; of a sign, that it stands there."""
    before: str
    """Points and commas between the part before it and this one."""

    @property
    def text(self) -> str:
        """The label as a character, "?" for a sign."""
        return REJECTED if self.label is None else str(self.label)


@dataclass(frozen=True, slots=True)
class Parting:
    """How a line is read."""

    parts: tuple[Part, ...]
    """From left to right; none where the line shows no digits."""
    confidence: float
    """Probability that the text is right."""
    alternatives: tuple[Alternative, ...]
    """Up to five texts, most probable first; the first is this one's own."""

    @property
    def is_number(self) -> bool:
        """Whether most of it is digits, and surely so: what stands on a page may be a word."""
        sure = sum(part.confidence for part in self.parts if part.label is not None)
        return bool(self.parts) and sure >= MOSTLY * len(self.parts)


@dataclass(frozen=True, slots=True)
class _Step:
    """From piece `start` to before piece `stop`, by a candidate or by leaving the piece out."""

    start: int
    stop: int
    weight: float
    """Logarithm of its odds."""
    candidate: int | None = None
    is_sign: bool = False


@dataclass(frozen=True, slots=True)
class _Way:
    """How some text was reached."""

    total: float
    """Logarithm of the summed weights of all ways with this text."""
    best: float
    """That of the best of them."""
    last: "tuple[_Step, int | None] | None" = None
    """Its last step with its label."""
    before: "_Way | None" = None
    """The way that led to it."""

    def steps(self) -> "list[tuple[_Step, int | None]]":
        """Return all steps with their labels, from the first on."""
        found, way = [], self
        while way.last is not None and way.before is not None:
            found.append(way.last)
            way = way.before
        return found[::-1]


def part_line(lattice: Lattice, probabilities: Floats, scores: Floats, n_digits: int | None = None) -> Parting:
    """Find the digits of a line.

    Args:
        lattice: the ways to part it.
        probabilities: (N, 10) float32, calibrated, a row a candidate.
        scores: (N,) float32, how much each candidate is a digit, in [0, 1].
        n_digits: how many there must be. Where no way has so many, the likeliest one comes with a confidence of 0.
    """
    steps = [*_steps(lattice, scores)]
    n_pieces = len(lattice.weights)
    ahead, behind = _sums(steps, n_pieces), _sums([_mirrored(step, n_pieces) for step in steps], n_pieces)
    texts = _follow(steps, n_pieces, probabilities, N_TEXTS if n_digits is None else N_TEXTS_EXPECTED)
    fitting = {text: way for text, way in texts.items() if n_digits is None or len(text) == n_digits}
    whole = ahead[-1]
    if n_digits is not None and fitting:  # the others are out; but where these had hardly a chance, something is wrong
        theirs = float(np.logaddexp.reduce([way.total for way in fitting.values()]))
        whole = max(theirs, whole + log(PLAUSIBLE))
    elif n_digits is not None:
        whole = inf
    ranked = sorted((fitting or texts).items(), key=lambda item: -item[1].total)[:N_ALTERNATIVES]
    others = tuple(Alternative(text, min(1.0, exp(way.total - whole))) for text, way in ranked)
    parts: list[Part] = []
    before = ""
    for step, label in ranked[0][1].steps():
        if step.candidate is None:
            before += lattice.marks[step.start].strip("-") if parts else ""
        else:
            sure = _share(step, ahead, behind) * _probability(step, label, probabilities)
            parts.append(Part(step.candidate, label, min(1.0, sure), before))
            before = ""
    return Parting(tuple(parts), others[0].probability, others)


def _steps(lattice: Lattice, scores: Floats) -> Iterator[_Step]:
    """Yield every step that may be taken."""
    for piece, (weight, mark) in enumerate(zip(lattice.weights, lattice.marks, strict=True)):
        yield _Step(piece, piece + 1, -LEAVE_OUT * min(1.0, weight / WHOLE_INK) * (MARKED if mark else 1.0))
    clipped = np.clip(scores.astype(np.float64), 1e-9, 1 - 1e-9)
    odds = np.clip(np.log(clipped / (1 - clipped)), -MAX_ODDS, MAX_ODDS)
    for number, candidate in enumerate(lattice.candidates):
        shape = _shape_cost(lattice, candidate)
        yield _Step(candidate.start, candidate.stop, PRIOR + float(odds[number]) - shape, number)
        yield _Step(candidate.start, candidate.stop, -REJECT - shape, number, is_sign=True)


def _shape_cost(lattice: Lattice, candidate: Candidate) -> float:
    """Return what the form of a candidate costs: ink cut before it, paper inside it, a form that few digits have."""
    cuts = [0.0, *lattice.cuts, 0.0]  # before each piece, and behind the last
    before, behind = cuts[candidate.start], cuts[candidate.stop]
    inner = range(candidate.start, candidate.stop - 1)
    n_apart = sum(lattice.cuts[at] == 0 and lattice.gaps[at] > BESIDE for at in inner)
    box = candidate.glyph.box
    is_sliver = box.width < SLIVER * box.height and (before > 0 or behind > 0)
    lowness = max(0.0, LOW - box.height / lattice.height_px)
    cut = CUT + INK_CUT * before if before else 0.0
    return cut + JOIN * n_apart + CUT_OFF * is_sliver + SMALL * lowness


def _sums(steps: Sequence[_Step], n_pieces: int) -> list[float]:
    """Return for each number of pieces the logarithm of the summed weights of all ways that use just the first ones."""
    sums = [0.0] + [-inf] * n_pieces
    for step in sorted(steps, key=lambda step: step.stop):
        sums[step.stop] = float(np.logaddexp(sums[step.stop], sums[step.start] + step.weight))
    return sums


def _mirrored(step: _Step, n_pieces: int) -> _Step:
    return _Step(n_pieces - step.stop, n_pieces - step.start, step.weight)


def _share(step: _Step, ahead: Sequence[float], behind: Sequence[float]) -> float:
    """Return the probability that a step is part of the way."""
    return exp(ahead[step.start] + step.weight + behind[len(ahead) - 1 - step.stop] - ahead[-1])


def _probability(step: _Step, label: int | None, probabilities: Floats) -> float:
    return 1.0 if label is None else float(probabilities[step.candidate, label])


def _follow(steps: Sequence[_Step], n_pieces: int, probabilities: Floats, n_texts: int) -> dict[str, _Way]:
    """Return the likeliest texts of the whole line, at most so many, each with all its ways added up."""
    beams: list[dict[str, _Way]] = [{"": _Way(0.0, 0.0)}, *({} for _ in range(n_pieces))]
    ending: list[list[_Step]] = [[] for _ in range(n_pieces + 1)]
    for step in steps:
        ending[step.stop].append(step)
    for stop in range(1, n_pieces + 1):
        found = beams[stop]
        for step in ending[stop]:
            for addition, label, weight in _readings(step, probabilities):
                for text, way in beams[step.start].items():
                    _add(found, text + addition, way, (step, label), weight)
        beams[stop] = dict(sorted(found.items(), key=lambda item: -item[1].total)[:n_texts])
    return beams[-1]


def _readings(step: _Step, probabilities: Floats) -> Iterator[tuple[str, int | None, float]]:
    """Yield what a step may add to the text, its label, and the step's weight with it."""
    if step.candidate is None:
        yield "", None, step.weight
    elif step.is_sign:
        yield REJECTED, None, step.weight
    else:
        row = probabilities[step.candidate]
        for label in np.flatnonzero(row >= LEAST).tolist():
            yield str(label), label, step.weight + log(row[label])


def _add(found: dict[str, _Way], text: str, way: _Way, step: tuple[_Step, int | None], weight: float) -> None:
    """Add one more way to a text."""
    total, best = way.total + weight, way.best + weight
    known = found.get(text)
    if known is None:
        found[text] = _Way(total, best, step, way)
    else:
        last, before = (known.last, known.before) if known.best >= best else (step, way)
        found[text] = _Way(float(np.logaddexp(known.total, total)), max(known.best, best), last, before)
