"""A support vector machine, nearest neighbours and naive Bayes, on the principal components of patches."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.decomposition import PCA
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from inkdigits.records import N_LABELS
from inkdigits.train.classical.fitted import DOUBT, Fitted, Labels, Rows, Weights
from inkdigits.train.classical.recipes import BayesRecipe, KnnRecipe, SvmRecipe

PAIR_SLOPE = 5.0
"""How steeply a pair's margin becomes a probability. Of 1 to 12 the one with the lowest loss on MNIST's 5,941
validation digits: 88 are misread, with a calibration error of 0.5 %. A plain count of won pairs misreads 90, with one
of 0.8 %."""

NEAREST = 1e-6
"""Distance below which a digit counts as being one of those that were learned: its vote must stay finite."""

ONE, LAST = np.array([1]), np.array([-1])
"""Axes, as operators take them."""

CACHE_MB = 500
"""Of kernel values, for libsvm."""

FIRST, SECOND = np.triu_indices(N_LABELS, 1)
"""The two labels of each of the 45 pairs, in libsvm's order."""

IS_FIRST, IS_SECOND = np.eye(N_LABELS)[FIRST], np.eye(N_LABELS)[SECOND]
"""(45, 10): which label of each pair it is."""

COMPONENTS = """
    centred = Sub (ink, pca_mean)
    features = MatMul (centred, pca_axes)
"""

DISTANCES = """
    norms = ReduceSumSquare <keepdims = 1> (features, last)
    partial = Gemm <transB = 1, alpha = -2.0> (features, kept, kept_norms)
    apart = Add (partial, norms)
    squared = Max (apart, zero)
"""
"""Squares of the distances to all digits that were kept, by |a|^2 - 2 ab + |b|^2: one matrix product."""

SVM = """
    scaled = Mul (squared, minus_gamma)
    likeness = Exp (scaled)
    sums = MatMul (likeness, duals)
    margins = Add (sums, intercepts)
    steep = Mul (margins, slope)
    flat = Neg (steep)
    cost_of_first = Softplus (flat)
    cost_of_second = Softplus (steep)
    costs_as_first = MatMul (cost_of_first, is_first)
    costs_as_second = MatMul (cost_of_second, is_second)
    costs = Add (costs_as_first, costs_as_second)
    scores = Neg (costs)
"""

KNN = """
    reach, nearest = TopK <axis = 1, largest = 0> (squared, n_nearest)
    found = Gather (kept, nearest)
    middle = Unsqueeze (features, one)
    gaps = Sub (found, middle)
    apart_squared = ReduceSumSquare <keepdims = 0> (gaps, last)
    distances = Sqrt (apart_squared)
    finite = Max (distances, tiny)
    weights = Reciprocal (finite)
    weights_row = Unsqueeze (weights, one)
    labels = Gather (kept_labels, nearest)
    ballots = Gather (label_rows, labels)
    votes_row = MatMul (weights_row, ballots)
    votes = Squeeze (votes_row, one)
    total = ReduceSum <keepdims = 1> (votes, last)
    shares = Div (votes, total)
    doubted = Add (shares, doubt)
    scores = Log (doubted)
"""
"""The distances to the nearest are taken anew, digit by digit: those of the matrix product are too coarse to weigh."""

BAYES = """
    middle = Unsqueeze (features, one)
    gaps = Sub (middle, means)
    squares = Mul (gaps, gaps)
    weighed = Mul (squares, halved_precisions)
    costs = ReduceSum <keepdims = 0> (weighed, last)
    scores = Sub (constants, costs)
"""


def fit_svm(recipe: SvmRecipe, ink: Rows, labels: Labels) -> Fitted:
    """Fit a machine to each pair of labels; see `fit_classical`."""
    pca = _fit_pca(recipe.components, ink)
    svm = SVC(C=recipe.c, gamma=recipe.gamma, decision_function_shape="ovo", cache_size=CACHE_MB)
    svm.fit(pca.transform(ink), labels)

    def score(rows: Rows) -> npt.NDArray[Any]:
        steep = svm.decision_function(pca.transform(rows)) * PAIR_SLOPE
        return np.asarray(-np.logaddexp(0, -steep) @ IS_FIRST - np.logaddexp(0, steep) @ IS_SECOND)

    duals = _pair_duals(svm)
    weights: Weights = {"duals": duals, "intercepts": svm.intercept_, "is_first": IS_FIRST, "is_second": IS_SECOND}
    weights |= {"minus_gamma": np.array(-recipe.gamma), "slope": np.array(PAIR_SLOPE)}
    weights |= _pca_weights(pca) | _kept_weights(svm.support_vectors_)
    n_macs = pca.components_.size + svm.support_vectors_.size + duals.size
    return Fitted(score, COMPONENTS + DISTANCES + SVM, weights, n_macs)


def fit_knn(recipe: KnnRecipe, ink: Rows, labels: Labels) -> Fitted:
    """Keep all digits, to find the nearest among them; see `fit_classical`."""
    pca = _fit_pca(recipe.components, ink)
    kept = pca.transform(ink)
    knn = KNeighborsClassifier(recipe.neighbours, weights="distance", algorithm="brute").fit(kept, labels)

    def score(rows: Rows) -> npt.NDArray[Any]:
        return np.asarray(np.log(knn.predict_proba(pca.transform(rows)) + DOUBT))

    weights: Weights = {
        "kept_labels": labels,
        "label_rows": np.eye(N_LABELS),
        "n_nearest": np.array([recipe.neighbours]),
    }
    weights |= {"tiny": np.array(NEAREST), "doubt": np.array(DOUBT), "one": ONE}
    weights |= _pca_weights(pca) | _kept_weights(kept)
    n_macs = pca.components_.size + kept.size + recipe.neighbours * recipe.components
    return Fitted(score, COMPONENTS + DISTANCES + KNN, weights, n_macs)


def fit_bayes(recipe: BayesRecipe, ink: Rows, labels: Labels) -> Fitted:
    """Fit a normal distribution to each component of each label; see `fit_classical`."""
    pca = _fit_pca(recipe.components, ink)
    bayes = GaussianNB().fit(pca.transform(ink), labels)

    def score(rows: Rows) -> npt.NDArray[Any]:
        return np.asarray(bayes.predict_joint_log_proba(pca.transform(rows)))

    constants = np.log(bayes.class_prior_) - 0.5 * np.log(2 * np.pi * bayes.var_).sum(1)
    weights: Weights = {"means": bayes.theta_, "halved_precisions": 0.5 / bayes.var_, "constants": constants}
    weights |= _pca_weights(pca) | {"one": ONE, "last": LAST}
    return Fitted(score, COMPONENTS + BAYES, weights, pca.components_.size + 2 * bayes.theta_.size)


def _fit_pca(n_components: int, ink: Rows) -> PCA:
    """Fit the principal components, by a solver that draws nothing and is done in a second."""
    return PCA(n_components, svd_solver="covariance_eigh").fit(ink)


def _pca_weights(pca: PCA) -> Weights:
    return {"pca_mean": pca.mean_, "pca_axes": pca.components_.T}


def _kept_weights(kept: npt.NDArray[Any]) -> Weights:
    return {"last": LAST, "kept": kept, "kept_norms": (kept.astype(np.float64) ** 2).sum(1), "zero": np.array(0.0)}


def _pair_duals(svm: SVC) -> npt.NDArray[np.float64]:
    """Spread libsvm's table (9, N) of coefficients over the pairs: (N, 45).

    Row r of the table holds what a vector of label k weighs in its pair with label r, or r + 1 from k on.
    """
    ends = np.cumsum(svm.n_support_)
    duals = np.zeros((ends[-1], len(FIRST)))
    for pair, (i, j) in enumerate(zip(FIRST, SECOND, strict=True)):
        for label, row in ((i, j - 1), (j, i)):
            own = slice(ends[label] - svm.n_support_[label], ends[label])
            duals[own, pair] = svm.dual_coef_[row, own]
    return duals
