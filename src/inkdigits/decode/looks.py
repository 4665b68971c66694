"""Several looks at one line -> how it is read: what one of them misses, or takes for ink, the others know better."""

from collections.abc import Sequence
from dataclasses import replace

from inkdigits.decode.spelling import N_ALTERNATIVES, NEVER, Spelling
from inkdigits.records import Alternative

FIRST = 1.5
"""The first look counts so many times as much as each other one: it is the one that is right most often."""


def weigh_looks(spellings: Sequence[Spelling]) -> tuple[int, Spelling]:
    """Weigh what several looks at one line say: a text is as probable as it is by all of them, on average.

    Args:
        spellings: one a look, that of the first look first; each with at least one alternative.

    Returns:
        Which look reads the likeliest text, and its spelling with the probabilities by all of them. The first look as
        it is, if the likeliest text is none that a look would read.
    """
    weights = [FIRST] + [1.0] * (len(spellings) - 1)
    shares: dict[str, float] = {}
    for spelling, weight in zip(spellings, weights, strict=True):
        for text, probability in ((each.text, each.probability) for each in spelling.alternatives):
            shares[text] = shares.get(text, 0.0) + weight / sum(weights) * probability
    ranked = sorted(shares, key=shares.__getitem__, reverse=True)[:N_ALTERNATIVES]
    chosen = next((at for at, each in enumerate(spellings) if each.alternatives[0].text == ranked[0]), None)
    if chosen is None:
        return 0, spellings[0]
    others = tuple(Alternative(text, shares[text]) for text in ranked if shares[text] > NEVER)
    return chosen, replace(spellings[chosen], confidence=shares[ranked[0]], alternatives=others)
