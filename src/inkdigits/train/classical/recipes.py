"""How each classical method is fitted: one frozen recipe a method, with the few keys that it has.

They are the baselines that a network has to beat. Each is scikit-learn's, and none of them is ours.
"""

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar


def _within(default: float, low: float, high: float) -> Any:
    """A field with a range, which holds both its ends."""
    return field(default=default, metadata={"range": (low, high)})


@dataclass(frozen=True, slots=True)
class ClassicalRecipe:
    """What decides every fit, besides the keys of the method itself."""

    network: str = field(init=False)
    """The name of the method; where a network's recipe names its network."""
    data: tuple[str, ...] = ("mnist",)
    """Data sets whose training digits are used; "name*4" counts each of them four times."""
    validation_share: float = 0.1
    """Share of the writers (of the images where writers are unknown) kept for calibration."""
    seed: int = 0
    """Of the split, and of what the method draws."""
    negatives: ClassVar[bool] = False
    """None of them learns what is no digit."""
    negatives_from: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True)
class SvmRecipe(ClassicalRecipe):
    """A support vector machine for each pair of labels, with a Gaussian kernel, on principal components."""

    network: str = field(init=False, default="svm")
    components: int = _within(50, 1, 300)
    """Principal components that each patch is reduced to."""
    c: float = _within(5.0, 1e-3, 1e6)
    """What a digit on the wrong side costs."""
    gamma: float = _within(0.025, 1e-6, 1e3)
    """One over twice the square of the kernel's width."""


@dataclass(frozen=True, slots=True)
class KnnRecipe(ClassicalRecipe):
    """The nearest digits vote, the nearer the heavier, on principal components."""

    network: str = field(init=False, default="knn")
    components: int = _within(40, 1, 300)
    """Principal components that each patch is reduced to."""
    neighbours: int = _within(4, 1, 100)
    """How many digits vote."""


@dataclass(frozen=True, slots=True)
class TreeRecipe(ClassicalRecipe):
    """One decision tree on the pixels."""

    network: str = field(init=False, default="tree")
    depth: int = _within(40, 1, 100)
    """Questions asked at most."""
    leaf: int = _within(5, 1, 10_000)
    """Digits that must be left at the end of each path."""


@dataclass(frozen=True, slots=True)
class ForestRecipe(ClassicalRecipe):
    """Many decision trees on the pixels, each grown on digits drawn anew."""

    network: str = field(init=False, default="forest")
    trees: int = _within(200, 1, 1000)
    depth: int = _within(40, 1, 100)
    """Questions asked at most, in each tree."""
    leaf: int = _within(1, 1, 10_000)
    """Digits that must be left at the end of each path."""


@dataclass(frozen=True, slots=True)
class BayesRecipe(ClassicalRecipe):
    """Gaussian naive Bayes on principal components.

    On the pixels, which depend on each other and are often constant, it reads 56 % of MNIST's validation digits.
    """

    network: str = field(init=False, default="bayes")
    components: int = _within(50, 1, 300)
    """Principal components that each patch is reduced to; they are uncorrelated, as the method takes them to be."""


CLASSICAL: dict[str, ClassicalRecipe] = {
    recipe.network: recipe for recipe in (SvmRecipe(), KnnRecipe(), ForestRecipe(), TreeRecipe(), BayesRecipe())
}


def range_rules(recipe: Any) -> dict[str, bool]:
    """Return what must hold of the keys that carry a range, in words, and whether it does."""
    rules = {}
    for each in fields(recipe):
        if "range" in each.metadata:
            low, high = each.metadata["range"]
            rules[f"{each.name} must lie in [{low:g}, {high:g}]"] = low <= getattr(recipe, each.name) <= high
    return rules
