"""Training digits -> a fitted method."""

from inkdigits.errors import TrainingError
from inkdigits.records import N_LABELS
from inkdigits.train.classical.components import fit_bayes, fit_knn, fit_svm
from inkdigits.train.classical.fitted import Fitted, Rows, to_rows
from inkdigits.train.classical.recipes import (
    BayesRecipe,
    ClassicalRecipe,
    ForestRecipe,
    KnnRecipe,
    SvmRecipe,
    TreeRecipe,
)
from inkdigits.train.classical.trees import fit_forest, fit_tree
from inkdigits.train.prepare import TrainingData


def fit_classical(recipe: ClassicalRecipe, data: TrainingData, n_jobs: int = 1) -> Fitted:
    """Fit a method to the training digits.

    Args:
        recipe: which method, with its keys.
        data: the digits; those of validation are not looked at.
        n_jobs: processor cores; only a forest can use more than one.

    Raises:
        TrainingError: too few digits for the recipe, or stopped by Ctrl-C.
    """
    _check_amount(recipe, data)
    try:
        return _fit(recipe, to_rows(data.patches), data, n_jobs)
    except KeyboardInterrupt:
        raise TrainingError("Stopped before its end: there is nothing to keep. Start it again.") from None


def _fit(recipe: ClassicalRecipe, ink: Rows, data: TrainingData, n_jobs: int) -> Fitted:
    match recipe:
        case SvmRecipe():
            return fit_svm(recipe, ink, data.labels)
        case KnnRecipe():
            return fit_knn(recipe, ink, data.labels)
        case BayesRecipe():
            return fit_bayes(recipe, ink, data.labels)
        case TreeRecipe():
            return fit_tree(recipe, ink, data.labels)
        case ForestRecipe():
            return fit_forest(recipe, ink, data.labels, n_jobs)
        case _:
            raise AssertionError(f"{recipe.network} is in the table, and nobody says how to fit it")


def _check_amount(recipe: ClassicalRecipe, data: TrainingData) -> None:
    """Refuse fewer digits than the method can be fitted to."""
    missing = set(range(N_LABELS)) - set(data.labels.tolist())
    if missing:
        raise TrainingError(f"There are no training digits of the labels {sorted(missing)}. Add a data set with them.")
    for key in ("components", "neighbours"):
        wanted = getattr(recipe, key, 0)
        if wanted > len(data.labels):
            raise TrainingError(
                f"{key}={wanted} needs as many training digits, and there are {len(data.labels)}. Lower it with --set."
            )
