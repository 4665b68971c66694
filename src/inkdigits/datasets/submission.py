"""Answers to a data set without labels, in the form that Kaggle's digit-recognizer takes them."""

from typing import Any

import numpy as np
import numpy.typing as npt

SUBMISSION_HEADER = "ImageId,Label"
"""First line of Kaggle's sample_submission.csv; images are counted from 1."""


def to_submission(labels: npt.NDArray[np.integer[Any]]) -> str:
    """Return the text of a submission file: a header, then a line for each image.

    Args:
        labels: (N,) integers 0-9, in the order of the data set.
    """
    lines = [f"{number},{label}" for number, label in enumerate(labels.tolist(), start=1)]
    return "\n".join([SUBMISSION_HEADER, *lines]) + "\n"
