"""Networks measured one after the other and put in order."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inkdigits.classifier import Classifier, load_classifier
from inkdigits.leaderboard.board import Contestant, Entry, Figures, Leaderboard, Row, Section, recipe_text
from inkdigits.leaderboard.sections import MNIST
from inkdigits.records import Watch


def rank(
    paths: Sequence[Path],
    sections: Sequence[Section],
    watch: Watch = lambda *_: None,
    earlier: Sequence[Entry] = (),
) -> Leaderboard:
    """Measure networks, on one thread, and sort them by accuracy on MNIST, then by name.

    Runs of one recipe with different seeds become one row.

    Args:
        paths: .onnx files, each with its card beside it; a network that is given twice takes part once.
        sections: what is measured, see `load_sections`.
        earlier: networks of an earlier leaderboard, see `load_earlier`; one with the name and the seed of a network
            that is measured now makes way.
        watch: called with each network's name, and how many of its sections are done, of how many.

    Raises:
        ModelError: a network is missing, damaged or made for another version.
    """
    opened = [Contestant(path, load_classifier(path)) for path in paths]
    contestants = list({each.classifier.digest: each for each in opened}.values())
    entries: list[Entry] = []
    for contestant in contestants:
        figures: dict[str, float | None] = {}
        watch(contestant.label, 0, len(sections))
        for n_done, section in enumerate(sections, start=1):
            figures.update(section.measure(contestant))
            watch(contestant.label, n_done, len(sections))
        entries.append(_to_entry(contestant.classifier, figures))
    measured = {(entry.name, entry.seed) for entry in entries}
    entries += [entry for entry in earlier if (entry.name, entry.seed) not in measured]
    rows = sorted(_to_rows(entries), key=lambda row: (-(row.mean(MNIST) or 0), row.name))
    return Leaderboard(tuple(sections), tuple(rows))


def _to_entry(classifier: Classifier, figures: Figures) -> Entry:
    """Put figures together with what the card says of the network; one of unknown origin is like no other."""
    card, digest = classifier.card, classifier.digest
    network, seed = (card.facts.get(key) for key in ("network", "seed"))
    return Entry(
        card.name,
        network if isinstance(network, str) else card.name,
        _recipe(card.facts) or digest,
        seed if isinstance(seed, int) else None,
        digest,
        figures,
    )


def _recipe(facts: Mapping[str, Any]) -> str | None:
    """Return all that decided a training but its seed, as one text; None where the card does not tell.

    Counts of digits are no part of it: the seed decides the split, and so they differ a little.
    """
    recipe, data = facts.get("recipe"), facts.get("data")
    if not (isinstance(recipe, dict) and isinstance(data, dict)):
        return None
    digests = {name: known.get("digests") for name, known in data.items() if isinstance(known, dict)}
    return recipe_text(recipe, digests)


def _to_rows(entries: Sequence[Entry]) -> list[Row]:
    """Put the seeds of each recipe together; where one seed comes again, something else differs: another row."""
    groups: dict[tuple[str, int], list[Entry]] = defaultdict(list)
    n_alike: Counter[tuple[str, int | None]] = Counter()
    for entry in entries:
        groups[entry.recipe, n_alike[entry.recipe, entry.seed]].append(entry)
        n_alike[entry.recipe, entry.seed] += 1
    names = Counter(_name(group) for group in groups.values())
    return [Row(_name(group, names), tuple(group)) for group in groups.values()]


def _name(group: Sequence[Entry], names: Mapping[str, int] | None = None) -> str:
    """What a row is called; where others are called so too, with the beginning of its digest."""
    first = group[0]
    name = first.name if len(group) == 1 else f"{first.network}, {len(group)} seeds"
    return f"{name} ({first.digest[:6]})" if names and names[name] > 1 else name
