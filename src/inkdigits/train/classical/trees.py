"""A decision tree and a forest of them, on pixels."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from inkdigits.train.classical.fitted import DOUBT, Fitted, Labels, Rows, Weights
from inkdigits.train.classical.recipes import ForestRecipe, TreeRecipe

NODES = """
    n = Shape <start = 0, end = 1> (ink)
    n_by_trees = Concat <axis = 0> (n, n_trees)
    start = Expand (roots, n_by_trees)
    end = Loop <body = descend (int64 step, bool more, int32[n, t] at) => (bool goes_on, int32[n, t] below) {
        goes_on = Identity (more)
        pixel = Gather (pixels, at)
        pixel_int64 = Cast <to = 7> (pixel)
        pixel_column = Unsqueeze (pixel_int64, last)
        value = GatherND <batch_dims = 1> (ink, pixel_column)
        threshold = Gather (thresholds, at)
        is_left = LessOrEqual (value, threshold)
        left = Gather (lefts, at)
        right = Gather (rights, at)
        below = Where (is_left, left, right)
    }> (depth, yes, start)
    leaf = Gather (rights, end)
    votes = Gather (leaf_shares, leaf)
    shares = ReduceMean <keepdims = 0> (votes, over_trees)
    doubted = Add (shares, doubt)
    scores = Log (doubted)
"""
"""All trees at once, a level a step. A leaf leads back to itself, by a threshold that no pixel exceeds; where a right
branch would be, it names its row of `leaf_shares`. Equal leaves share a row: nearly all have one label."""


def fit_tree(recipe: TreeRecipe, ink: Rows, labels: Labels) -> Fitted:
    """Grow one tree; see `fit_classical`."""
    tree = DecisionTreeClassifier(max_depth=recipe.depth, min_samples_leaf=recipe.leaf, random_state=recipe.seed)
    return _to_fitted(tree.fit(ink, labels), [tree])


def fit_forest(recipe: ForestRecipe, ink: Rows, labels: Labels, n_jobs: int) -> Fitted:
    """Grow a forest, whatever the number of jobs the same; see `fit_classical`."""
    forest = RandomForestClassifier(
        recipe.trees,
        max_depth=recipe.depth,
        min_samples_leaf=recipe.leaf,
        random_state=recipe.seed,
        n_jobs=n_jobs,
    )
    return _to_fitted(forest.fit(ink, labels), forest.estimators_)


def _to_fitted(model: DecisionTreeClassifier | RandomForestClassifier, trees: list[DecisionTreeClassifier]) -> Fitted:
    def score(rows: Rows) -> npt.NDArray[Any]:
        return np.asarray(np.log(model.predict_proba(rows) + DOUBT))

    constants: Weights = {"over_trees": np.array([1]), "last": np.array([-1]), "yes": np.array(True)}
    constants["doubt"] = np.array(DOUBT)
    return Fitted(score, NODES, _node_tables(trees) | constants, n_macs=0)


def _node_tables(trees: list[DecisionTreeClassifier]) -> Weights:
    """Put the nodes of all trees behind each other, and count branches from the first of all."""
    n_nodes = [each.tree_.node_count for each in trees]
    roots = np.cumsum([0, *n_nodes[:-1]])
    lefts, rights, pixels, thresholds, shares = (
        np.concatenate([getattr(each.tree_, name) for each in trees])
        for name in ("children_left", "children_right", "feature", "threshold", "value")
    )
    is_leaf = lefts < 0
    leaf_shares, rows = np.unique(shares[is_leaf, 0], axis=0, return_inverse=True)
    firsts = np.repeat(roots, n_nodes)
    lefts, rights = np.where(is_leaf, np.arange(len(lefts)), lefts + firsts), rights + firsts
    rights[is_leaf] = rows.reshape(-1)
    return {
        "roots": roots.astype(np.int32),
        "n_trees": np.array([len(trees)]),
        "depth": np.array(max(each.tree_.max_depth for each in trees)),
        "pixels": np.where(is_leaf, 0, pixels).astype(np.int32),
        "thresholds": np.where(is_leaf, np.inf, _round_down(thresholds)),
        "lefts": lefts.astype(np.int32),
        "rights": rights.astype(np.int32),
        "leaf_shares": leaf_shares,
    }


def _round_down(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Return the largest float32 that is no larger: a float32 pixel compares with it as with the float64."""
    near = values.astype(np.float32)
    return np.where(near > values, np.nextafter(near, np.float32(-np.inf)), near)
