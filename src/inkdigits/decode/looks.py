"""Several looks at one line -> how it is read: what one of them misses, or takes for ink, the others know better."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from inkdigits.decode.spelling import N_ALTERNATIVES, NEVER, Spelling
from inkdigits.records import Alternative

FIRST = 1.5
"""The first look counts so many times as much as each other one: it is the one that is right most often."""


def weigh_looks(spellings: Sequence[Spelling]) -> tuple[int, Spelling]:
    """Weigh what several looks at one line say: a text is as probable as it is by all of them, on average.

    Args:
        spellings: one a look, that of the first look first; two or more.

    Returns:
        Which look reads the likeliest of their texts, and its spelling with the probabilities by all of them. The first
        look as it is, where a text that none of them reads is likelier still.
    """
    weights = np.array([FIRST] + [1.0] * (len(spellings) - 1)) / (FIRST + len(spellings) - 1)
    others = [{each.text: each.probability for each in spelling.alternatives} for spelling in spellings]
    shares = {text: float(weights @ [each.get(text, 0.0) for each in others]) for each in others for text in each}
    ranked = sorted(shares, key=shares.__getitem__, reverse=True)[:N_ALTERNATIVES]
    own = [each | {spelling.text: spelling.confidence} for each, spelling in zip(others, spellings, strict=True)]
    sure = [float(weights @ [each.get(spelling.text, 0.0) for each in own]) for spelling in spellings]
    chosen = int(np.argmax(sure))
    best = spellings[chosen]
    if best.text == best.alternatives[0].text != ranked[0]:
        return 0, spellings[0]
    alternatives = tuple(
        Alternative(text, shares[text]) for text in ranked if shares[text] > NEVER or text == ranked[0]
    )
    return chosen, replace(best, confidence=sure[chosen], alternatives=alternatives)
