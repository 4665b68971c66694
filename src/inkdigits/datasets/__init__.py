"""Digits to learn from and to be measured on: find, read, describe, split and fetch them.

    dataset.py       Dataset, the record that everything else hands around
    content.py       files unpacked, with errors that name the byte; digests
    readers.py       IDX, NPZ, Kaggle CSV and folders by class, each checked to the byte
    catalogue.py     a name or a path -> Dataset
    splits.py        train and validation, by writer where writers are known
    description.py   class counts, sizes and digests, as text and as JSON
    download.py      MNIST from its public mirrors
    submission.py    answers to a set without labels, as Kaggle takes them

Numpy and the standard library are enough, but for pictures, which `inkdigits.images` decodes. No torch.
"""

from inkdigits.datasets.catalogue import find_dataset, load_dataset, load_parts
from inkdigits.datasets.dataset import Dataset, Split
from inkdigits.datasets.description import Description, describe
from inkdigits.datasets.download import MIRRORS, fetch
from inkdigits.datasets.splits import Partition, split_by_writer, split_stratified, split_validation
from inkdigits.datasets.submission import to_submission

__all__ = [
    "MIRRORS",
    "Dataset",
    "Description",
    "Partition",
    "Split",
    "describe",
    "fetch",
    "find_dataset",
    "load_dataset",
    "load_parts",
    "split_by_writer",
    "split_stratified",
    "split_validation",
    "to_submission",
]
