"""Data sets: what is read is right or refused, parts never overlap, and what is printed can be checked."""

import gzip
import hashlib
import json
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.datasets import (
    Dataset,
    Partition,
    describe,
    load_dataset,
    load_parts,
    split_by_writer,
    split_stratified,
    split_validation,
    to_submission,
)
from inkdigits.datasets.content import PIECE_BYTES, content_digest
from inkdigits.datasets.readers import read_csv, read_idx_images, read_idx_labels, read_npz, to_ink_bright
from inkdigits.errors import DataError, DataFormatError, DataNotFoundError, UsageError

Array = npt.NDArray[Any]

GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.integers(0, 256, (6, 28, 28), dtype=np.uint8)
LABELS = np.array([3, 1, 4, 1, 5, 9], dtype=np.uint8)
HEADER = ",".join(f"pixel{i}" for i in range(784))


def to_idx(array: Array) -> bytes:
    """Pack an array as IDX."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def to_csv(images: Array, labels: Array | None) -> bytes:
    """Write images as Kaggle does."""
    rows = images.reshape(len(images), -1).tolist()
    if labels is not None:
        rows = [[label, *row] for label, row in zip(labels.tolist(), rows, strict=True)]
    header = HEADER if labels is None else f"label,{HEADER}"
    return "\n".join([header, *(",".join(map(str, row)) for row in rows), ""]).encode()


def make_mnist(root: Path, writers: Array | None = None, packed: bool = True) -> Path:
    """Lay out a tiny MNIST: six images to train on, the same six reversed to test on."""
    folder = root / "mnist"
    folder.mkdir(parents=True)
    for stem, order in (("train", slice(None)), ("t10k", slice(None, None, -1))):
        for kind, array in (("images-idx3", IMAGES[order]), ("labels-idx1", LABELS[order])):
            name = f"{stem}-{kind}-ubyte"
            if packed:
                (folder / f"{name}.gz").write_bytes(gzip.compress(to_idx(array)))
            else:
                (folder / name).write_bytes(to_idx(array))
    if writers is not None:
        table = np.zeros((6, 8), dtype=np.int32)
        table[:, 2] = writers
        np.savez_compressed(folder / "qmnist_provenance.npz", train=table, test=table + 1000)
    return folder


def make_folder(root: Path, classes: dict[str, list[Array]]) -> Path:
    """Write pictures into folders by class."""
    for name, pictures in classes.items():
        (root / name).mkdir(parents=True)
        for index, grey in enumerate(pictures):
            PIL.Image.fromarray(grey).save(root / name / f"{index}.png")
    return root


class TestFinding:
    """A name or a path finds the set, and a miss says where it looked."""

    def test_a_name_finds_mnist_and_its_parts(self, tmp_path: Path) -> None:
        """Train and test are read from their own files; "all" is one behind the other."""
        make_mnist(tmp_path)
        train, test, both = (load_dataset("mnist", split, tmp_path) for split in ("train", "test", "all"))
        assert (train.split, test.split, both.split) == ("train", "test", "all")
        np.testing.assert_array_equal(train.images, IMAGES)
        np.testing.assert_array_equal(test.images, IMAGES[::-1])
        np.testing.assert_array_equal(both.images, np.concatenate([IMAGES, IMAGES[::-1]]))
        np.testing.assert_array_equal(both.known_labels(), np.concatenate([LABELS, LABELS[::-1]]))
        assert both.normalised
        assert [path.name for path in train.files] == ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"]

    def test_unpacked_files_and_their_folder_as_a_path_do_as_well(self, tmp_path: Path) -> None:
        """Plain IDX is found by the folder's path, without a data root."""
        dataset = load_dataset(make_mnist(tmp_path, packed=False), "train")
        np.testing.assert_array_equal(dataset.images, IMAGES)
        assert dataset.name == "mnist"

    def test_one_idx_file_brings_the_labels_beside_it(self, tmp_path: Path) -> None:
        """A path to the images is enough."""
        dataset = load_dataset(make_mnist(tmp_path) / "t10k-images-idx3-ubyte.gz")
        np.testing.assert_array_equal(dataset.known_labels(), LABELS[::-1])

    @pytest.mark.parametrize("place", ["ours.npz", "train/ours.npz", "dev/ours.npz"])
    def test_a_bare_name_finds_an_npz_in_the_root_or_in_train_or_dev(self, tmp_path: Path, place: str) -> None:
        """A set in one part is whole, whichever part is asked for, and says so."""
        (tmp_path / place).parent.mkdir(exist_ok=True)
        np.savez(tmp_path / place, x=IMAGES, y=LABELS)
        for root in (tmp_path, str(tmp_path)):
            dataset = load_dataset("ours", "test", root)
            assert (dataset.name, dataset.split, dataset.normalised) == ("ours", "all", False)
            np.testing.assert_array_equal(dataset.images, IMAGES)

    def test_kaggle_files_in_a_folder_are_two_parts(self, tmp_path: Path) -> None:
        """train.csv has labels and test.csv has none, so "all" of them is refused."""
        (tmp_path / "train.csv").write_bytes(to_csv(IMAGES, LABELS))
        (tmp_path / "test.csv").write_bytes(to_csv(IMAGES, None))
        np.testing.assert_array_equal(load_dataset(tmp_path, "train").known_labels(), LABELS)
        assert load_dataset(tmp_path, "test").labels is None
        with pytest.raises(DataError, match="labels in one part only; choose train or test"):
            load_dataset(tmp_path)

    def test_a_missing_set_is_told_with_every_place_and_the_remedy(self, tmp_path: Path) -> None:
        """The message can be acted on."""
        with pytest.raises(DataNotFoundError) as caught:
            load_dataset("mnist", root=tmp_path)
        for words in (str(tmp_path / "mnist"), str(tmp_path / "train" / "mnist.npz"), "inkdigits data fetch mnist"):
            assert words in str(caught.value)

    def test_a_missing_part_is_told(self, tmp_path: Path) -> None:
        """Half a download is not taken for the whole."""
        folder = make_mnist(tmp_path)
        for path in folder.glob("t10k*"):
            path.unlink()
        with pytest.raises(DataNotFoundError, match=r"no test part, only train\..*data fetch mnist"):
            load_dataset("mnist", "test", tmp_path)

    def test_images_without_their_labels_are_told(self, tmp_path: Path) -> None:
        """Both names that were looked for are in the message."""
        folder = make_mnist(tmp_path)
        (folder / "train-labels-idx1-ubyte.gz").unlink()
        with pytest.raises(
            DataNotFoundError, match=r"looked for train-labels-idx1-ubyte and train-labels-idx1-ubyte\.gz"
        ):
            load_dataset("mnist", "train", tmp_path)

    def test_a_folder_of_something_else_is_no_data_set(self, tmp_path: Path) -> None:
        """So is a file of another kind."""
        with pytest.raises(DataNotFoundError, match="holds no data set"):
            load_dataset(tmp_path)
        (tmp_path / "notes.txt").write_text("nothing")
        with pytest.raises(DataFormatError, match=r"notes\.txt: byte 0: not a data set by its name"):
            load_dataset(tmp_path / "notes.txt")


class TestIdx:
    """IDX is checked to the byte."""

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "byte 0: magic number , expected 00000803"),
            (b"\x00\x00\x08\x01" + to_idx(IMAGES)[4:], "byte 0: magic number 00000801, expected 00000803"),
            (b"\x00\x00\x0d\x03" + to_idx(IMAGES)[4:], "byte 0: magic number 00000d03"),
            (to_idx(IMAGES)[:10], "byte 10: the file ends inside its header of 16 bytes"),
            (to_idx(IMAGES)[:-7], "byte 4713: the file ends here, 7 bytes short"),
            (to_idx(IMAGES) + b"\x00", "byte 4720: the file goes on"),
            (to_idx(IMAGES[:0]), "byte 4: the header promises (0, 28, 28), which is nothing"),
            (struct.pack(">BBBB3I", 0, 0, 8, 3, *[2**32 - 1] * 3), "byte 16: the file ends here"),
        ],
    )
    @pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gz"])
    def test_a_wrong_file_is_refused_with_its_byte(
        self, tmp_path: Path, content: bytes, words: str, pack: Callable[[bytes], bytes]
    ) -> None:
        """Magic, dimensions and length, also where the header claims more memory than there is."""
        path = tmp_path / "train-images-idx3-ubyte"
        path.write_bytes(pack(content))
        with pytest.raises(DataFormatError) as caught:
            read_idx_images(path)
        assert f"{path}: {words}" in str(caught.value)

    def test_a_label_over_nine_is_refused_with_its_byte(self, tmp_path: Path) -> None:
        """The offset is that of the label in the file."""
        path = tmp_path / "labels"
        path.write_bytes(to_idx(np.array([1, 2, 10, 11], dtype=np.uint8)))
        with pytest.raises(DataFormatError, match="byte 10: label 10; labels go from 0 to 9"):
            read_idx_labels(path)

    def test_counts_that_differ_are_refused(self, tmp_path: Path) -> None:
        """Five labels for six images name both files."""
        folder = make_mnist(tmp_path)
        (folder / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(to_idx(LABELS[:5])))
        with pytest.raises(DataFormatError, match=r"byte 4: 5 labels for the 6 images of train-images-idx3-ubyte\.gz"):
            load_dataset("mnist", "train", tmp_path)

    def test_a_cut_gzip_stream_names_the_byte_reached(self, tmp_path: Path) -> None:
        """More than one piece came before the cut; none of it is returned."""
        images = GENERATOR.integers(0, 256, (3000, 28, 28), dtype=np.uint8)
        path = tmp_path / "images.gz"
        path.write_bytes(gzip.compress(to_idx(images), 1)[: PIECE_BYTES * 3 // 2])
        with pytest.raises(DataFormatError, match=r"byte 15\d{5} of its unpacked content: the gzip stream is damaged"):
            read_idx_images(path)

    @pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gz"])
    def test_no_cut_anywhere_gives_an_array(self, tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
        """Every prefix of the file is refused."""
        whole = pack(to_idx(IMAGES[:1, :4, :4]))
        path = tmp_path / "images"
        for length in range(len(whole)):
            path.write_bytes(whole[:length])
            with pytest.raises(DataFormatError):
                read_idx_images(path)

    def test_no_wrong_byte_in_a_gzip_file_gives_a_wrong_array(self, tmp_path: Path) -> None:
        """Each byte in turn is inverted: the array is right or the file is refused."""
        image = IMAGES[:1, :4, :4]
        _check_flips(tmp_path / "images", gzip.compress(to_idx(image)), read_idx_images, image)


class TestNpz:
    """NPZ members are checked for name, dtype, shape and value."""

    @pytest.mark.parametrize(
        ("members", "words"),
        [
            ({"y": LABELS}, "no member 'x'; the archive holds y"),
            ({"x": IMAGES}, "no member 'y'; the archive holds x"),
            ({"x": IMAGES.astype(np.float32), "y": LABELS}, "member x: float32 (6, 28, 28), expected uint8 (N, H, W)"),
            ({"x": IMAGES.reshape(6, 784), "y": LABELS}, "member x: uint8 (6, 784)"),
            ({"x": IMAGES[:0], "y": LABELS[:0]}, "member x: uint8 (0, 28, 28)"),
            ({"x": IMAGES, "y": LABELS.astype(np.int64)}, "member y: int64 (6,), expected uint8 (6,)"),
            ({"x": IMAGES, "y": LABELS[:5]}, "member y: uint8 (5,), expected uint8 (6,)"),
            ({"x": IMAGES, "y": LABELS + np.uint8(4)}, "member y, index 5: label 13; labels go from 0 to 9"),
            ({"x": np.array([None] * 6), "y": LABELS}, "Object arrays cannot be loaded when allow_pickle=False"),
        ],
    )
    def test_a_wrong_member_is_refused(self, tmp_path: Path, members: dict[str, Array], words: str) -> None:
        """The message names the file, the member and what was expected."""
        np.savez(tmp_path / "set.npz", **members)  # type: ignore[arg-type]
        with pytest.raises(DataFormatError) as caught:
            read_npz(tmp_path / "set.npz")
        assert str(tmp_path / "set.npz") in str(caught.value)
        assert words in str(caught.value)

    def test_pictures_that_are_no_digits_have_kinds_and_no_labels(self, tmp_path: Path) -> None:
        """`kind` in place of `y` marks a set of negatives."""
        np.savez(tmp_path / "negatives.npz", x=IMAGES, kind=np.array(list("yzyzyz")))
        assert load_dataset(tmp_path / "negatives.npz").labels is None

    def test_a_file_that_is_no_archive_is_refused(self, tmp_path: Path) -> None:
        """Its length is named, since a cut archive looks the same."""
        (tmp_path / "set.npz").write_bytes(b"x" * 100)
        with pytest.raises(DataFormatError, match=r"set\.npz: byte 100: .*cut short or no zip archive"):
            read_npz(tmp_path / "set.npz")

    def test_bytes_left_over_in_a_member_are_refused(self, tmp_path: Path) -> None:
        """A shape smaller than the data is a fault of the file."""
        np.save(tmp_path / "x.npy", IMAGES)
        with zipfile.ZipFile(tmp_path / "set.npz", "w") as archive:
            archive.writestr("x.npy", (tmp_path / "x.npy").read_bytes() + b"\x00")
        with pytest.raises(DataFormatError, match="member x, from byte 0: bytes left over"):
            read_npz(tmp_path / "set.npz")

    def test_no_cut_and_no_wrong_byte_gives_a_wrong_array(self, tmp_path: Path) -> None:
        """Every prefix is refused; with each byte inverted in turn, the arrays are right or the file is refused."""
        path = tmp_path / "set.npz"
        image, label = IMAGES[:1, :4, :4], LABELS[:1]
        np.savez_compressed(path, x=image, y=label)
        whole = path.read_bytes()
        for length in range(len(whole)):
            path.write_bytes(whole[:length])
            with pytest.raises(DataFormatError):
                read_npz(path)
        _check_flips(path, whole, lambda path: np.append(*map(np.asarray, read_npz(path))), np.append(image, label))


class TestCsv:
    """Kaggle's files are read fast, and a wrong line is named."""

    def test_both_forms_are_read(self, tmp_path: Path) -> None:
        """With labels and without; with the line ends and the mark that Windows puts in."""
        path = tmp_path / "digits.csv"
        for content in (to_csv(IMAGES, LABELS), b"\xef\xbb\xbf" + to_csv(IMAGES, LABELS).replace(b"\n", b"\r\n")):
            path.write_bytes(content)
            images, labels = read_csv(path)
            np.testing.assert_array_equal(images, IMAGES)
            assert labels is not None
            np.testing.assert_array_equal(labels, LABELS)
        path.write_bytes(to_csv(IMAGES, None))
        assert read_csv(path)[1] is None
        assert load_dataset(path).normalised

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            (b"label,", b"digit,", "line 1: the header begins 'digit,pixel0,pixel1'"),
            (b"\n4,", b"\n10,", "line 4: label 10; labels go from 0 to 9"),
            (b"\n4,", b"\n4,5,", "line 4: 786 values, expected 785"),
            (b"\n4,", b"\n\n4,", "line 4: 1 values, expected 785"),
            (b"\n4,", b"\n4.0,", "line 4, column 1: '4.0', expected 0-255"),
            (b"\n4,", b"\n-4,", "line 4, column 1: '-4', expected 0-255"),
            (b"\n4,", b"\n,", "line 4, column 1: '', expected 0-255"),
            (b"\n4,", b"\n\xff,", "line 4, column 1: '\xff', expected 0-255"),
            (b"\n4,", b"\r\r\n4,", "lines 2-7: not values 0-255"),
            (b"\n4,", b"\n256,", "line 4, column 1: '256', expected 0-255"),
        ],
    )
    def test_a_wrong_line_is_named(self, tmp_path: Path, old: bytes, new: bytes, words: str) -> None:
        """Lines are counted from 1, the header's."""
        path = tmp_path / "train.csv"
        path.write_bytes(to_csv(IMAGES, LABELS).replace(old, new, 1))
        with pytest.raises(DataFormatError) as caught:
            read_csv(path)
        assert f"{path}: {words}" in str(caught.value)

    def test_lines_are_counted_across_blocks(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A small block must not reset the count."""
        monkeypatch.setattr("inkdigits.datasets.readers.CSV_BLOCK_BYTES", 8000)
        path = tmp_path / "train.csv"
        path.write_bytes(to_csv(IMAGES, LABELS)[:-1] + b"x\n")
        with pytest.raises(DataFormatError, match="line 7, column 785"):
            read_csv(path)

    def test_no_cut_inside_a_line_gives_a_wrong_array(self, tmp_path: Path) -> None:
        """A value cut from 128 to 12 is refused; a file that only lacks its last line end is read."""
        path = tmp_path / "train.csv"
        images = IMAGES[:1].copy()
        images[0, -1, -1] = 128
        whole = to_csv(images, LABELS[:1])
        for length in (*range(0, len(whole) - 1, 97), *range(len(whole) - 20, len(whole) - 1)):
            path.write_bytes(whole[:length])
            with pytest.raises(DataFormatError):
                read_csv(path)
        path.write_bytes(whole[:-1])
        np.testing.assert_array_equal(read_csv(path)[0], images)

    def test_a_header_alone_is_refused(self, tmp_path: Path) -> None:
        """There must be one image."""
        (tmp_path / "test.csv").write_text(f"{HEADER}\n")
        with pytest.raises(DataFormatError, match="line 2: the file ends after its header"):
            read_csv(tmp_path / "test.csv")

    def test_four_thousand_rows_take_less_than_a_second_of_the_processor(self, tmp_path: Path) -> None:
        """Kaggle's 42,000 then take less than ten on any machine; measured: one."""
        path = tmp_path / "test.csv"
        images = np.tile(IMAGES, (700, 1, 1))
        path.write_bytes(to_csv(images, None))
        start = time.process_time()
        found, _ = read_csv(path)
        assert time.process_time() - start < 1
        np.testing.assert_array_equal(found, images)


class TestFolders:
    """Pictures in folders 0 to 9 are a data set."""

    def test_pictures_of_different_sizes_keep_them(self, tmp_path: Path) -> None:
        """Folders are labels; masks and splits work as on any other set."""
        pictures = [np.zeros(shape, dtype=np.uint8) for shape in ((30, 20), (40, 50), (9, 9))]
        for grey in pictures:
            grey[3:6, 3:6] = 255
        folder = make_folder(tmp_path / "mine", {"0": pictures[:1], "7": pictures[1:]})
        (folder / "7" / ".DS_Store").write_bytes(b"left by a desktop")
        dataset = load_dataset(folder)
        assert (dataset.name, dataset.size, dataset.normalised, len(dataset)) == ("mine", None, False, 3)
        np.testing.assert_array_equal(dataset.known_labels(), [0, 7, 7])
        for found, expected in zip(dataset.images, pictures, strict=True):
            np.testing.assert_array_equal(found, expected)
        kept = dataset.select(dataset.known_labels() == 7)
        assert [image.shape for image in kept.images] == [(40, 50), (9, 9)]

    def test_dark_ink_on_light_paper_is_turned_round(self, tmp_path: Path) -> None:
        """Both polarities give ink brighter than paper."""
        bright = np.zeros((28, 28), dtype=np.uint8)
        bright[8:20, 13:15] = 220
        dataset = load_dataset(make_folder(tmp_path / "mine", {"1": [bright, 255 - bright]}))
        assert dataset.size == (28, 28)
        np.testing.assert_array_equal(dataset.images[0], dataset.images[1])
        np.testing.assert_array_equal(dataset.images[0], bright)

    def test_polarity_of_a_single_pixel_is_left_alone(self) -> None:
        """A picture that is all border has nothing to compare with."""
        np.testing.assert_array_equal(to_ink_bright(np.array([[200]], dtype=np.uint8)), [[200]])

    def test_train_and_test_folders_are_two_parts(self, tmp_path: Path) -> None:
        """Each with its own folders 0 to 9."""
        for split, n_pictures in (("train", 3), ("test", 2)):
            make_folder(tmp_path / split, {"4": list(IMAGES[:n_pictures])})
        assert [(part.split, len(part)) for part in load_parts(tmp_path)] == [("train", 3), ("test", 2)]

    def test_a_folder_that_is_no_label_is_refused(self, tmp_path: Path) -> None:
        """Ten is not a digit."""
        make_folder(tmp_path, {"1": [IMAGES[0]], "10": [IMAGES[1]]})
        with pytest.raises(DataFormatError, match="folder 10: not a label"):
            load_dataset(tmp_path)

    def test_a_damaged_picture_is_refused_by_name(self, tmp_path: Path) -> None:
        """One bad file is told, not left out."""
        make_folder(tmp_path, {"1": [IMAGES[0]]})
        (tmp_path / "1" / "broken.png").write_bytes((tmp_path / "1" / "0.png").read_bytes()[:200])
        with pytest.raises(DataFormatError, match=r"broken\.png"):
            load_dataset(tmp_path)

    def test_folders_without_pictures_are_refused(self, tmp_path: Path) -> None:
        """An empty set is no set."""
        make_folder(tmp_path, {"1": []})
        with pytest.raises(DataFormatError, match="no picture in any of them"):
            load_dataset(tmp_path)


class TestWriters:
    """MNIST's writers come from QMNIST's table, where it lies beside the files."""

    def test_writers_are_read_for_each_part(self, tmp_path: Path) -> None:
        """Column 2 of the member of that part."""
        make_mnist(tmp_path, writers=np.arange(6))
        train, both = load_dataset("mnist", "train", tmp_path), load_dataset("mnist", "all", tmp_path)
        assert train.writers is not None
        assert both.writers is not None
        assert train.writers.tolist() == [0, 1, 2, 3, 4, 5]
        assert both.writers.tolist() == [0, 1, 2, 3, 4, 5, 1000, 1001, 1002, 1003, 1004, 1005]

    def test_a_table_of_another_length_is_refused(self, tmp_path: Path) -> None:
        """A row for each image, or none of them is trusted."""
        folder = make_mnist(tmp_path)
        np.savez(folder / "qmnist_provenance.npz", train=np.zeros((5, 8), dtype=np.int32))
        with pytest.raises(DataFormatError, match=r"member train: int32 \(5, 8\), expected integers \(6, 8\)"):
            load_dataset("mnist", "train", tmp_path)


class TestSplits:
    """Train and validation share no image and no writer, and together are everything."""

    @given(
        labels=st.lists(st.integers(0, 9), min_size=20, max_size=300),
        fraction=st.floats(0.05, 0.95),
        seed=st.integers(0, 2**32),
    )
    def test_a_stratified_split_keeps_the_share_of_each_label(
        self, labels: list[int], fraction: float, seed: int
    ) -> None:
        """Within one image a label."""
        array = np.array(labels, dtype=np.uint8)
        partition = split_stratified(array, fraction, seed)
        np.testing.assert_array_equal(partition.train, ~partition.validation)
        for label in set(labels):
            n_images, n_validation = (array == label).sum(), (array[partition.validation] == label).sum()
            assert abs(n_validation - fraction * n_images) <= 1

    @given(
        writers=st.lists(st.integers(0, 30), min_size=50, max_size=300),
        fraction=st.floats(0.1, 0.9),
        seed=st.integers(0, 2**32),
    )
    def test_a_split_by_writer_keeps_each_writer_in_one_part(
        self, writers: list[int], fraction: float, seed: int
    ) -> None:
        """The share is met as closely as whole writers allow."""
        array = np.array(writers)
        if len(set(writers)) < 2:
            return
        partition = split_by_writer(array, fraction, seed)
        assert not set(array[partition.train]) & set(array[partition.validation])
        largest = np.bincount(array).max()
        assert abs(np.count_nonzero(partition.validation) - fraction * len(array)) <= largest

    def test_validation_is_drawn_from_the_whole_set(self) -> None:
        """The fault that must not come back: `x[~index]` trained on the last fifth of the images only."""
        labels = np.tile(np.arange(10, dtype=np.uint8), 6000)
        partition = split_stratified(labels, 0.2, seed=0)
        assert np.count_nonzero(partition.train) == 48_000
        assert str(partition) == "train 48,000, validation 12,000"
        for mask, share in ((partition.train, 0.8), (partition.validation, 0.2)):
            for fifth in np.split(mask, 5):
                assert fifth.mean() == pytest.approx(share, abs=0.02)

    def test_a_partition_that_overlaps_leaves_out_or_is_made_of_indices_is_refused(self) -> None:
        """The record checks its own promise."""
        order = np.random.default_rng(0).permutation(10)
        for train, validation in (
            (~order[:2], order[:2]),  # the fault itself
            (np.array([1, 1, 0], dtype=bool), np.array([0, 1, 1], dtype=bool)),
            (np.array([1, 0, 0], dtype=bool), np.array([0, 1, 0], dtype=bool)),
            (np.array([1, 1, 1], dtype=bool), np.array([0, 0, 0], dtype=bool)),
        ):
            with pytest.raises(DataError):
                Partition(train, validation)  # type: ignore[arg-type]

    def test_one_writer_at_least_stays_in_train(self) -> None:
        """However large a share validation asks for."""
        partition = split_by_writer(np.array([1, 1, 2, 2]), 0.99, seed=0)
        assert np.count_nonzero(partition.train) == 2

    def test_a_writer_in_both_parts_is_refused(self) -> None:
        """Even where the images are disjoint."""
        train = np.array([True, True, False])
        with pytest.raises(DataError, match="a writer must not be in both parts"):
            Partition(train, ~train, np.array([1, 2, 2]))

    def test_the_seed_decides(self) -> None:
        """The same seed gives the same split, another seed another."""
        labels, writers = np.tile(np.arange(10, dtype=np.uint8), 20), np.arange(200) // 4
        for first, again, other in (
            tuple(split_stratified(labels, 0.2, seed).validation for seed in (1, 1, 2)),
            tuple(split_by_writer(writers, 0.2, seed).validation for seed in (1, 1, 2)),
        ):
            np.testing.assert_array_equal(first, again)
            assert (first != other).any()

    def test_a_data_set_is_split_by_writer_where_writers_are_known(self, tmp_path: Path) -> None:
        """And by label where they are not; the counts can be printed."""
        make_mnist(tmp_path / "known", writers=np.array([7, 7, 8, 8, 9, 9]))
        partition = split_validation(load_dataset("mnist", "train", tmp_path / "known"), 0.3, seed=0)
        assert str(partition) == "train 4 by 2 writers, validation 2 by 1 writers"
        make_mnist(tmp_path / "unknown")
        partition = split_validation(load_dataset("mnist", "train", tmp_path / "unknown"), 0.3, seed=0)
        assert str(partition) == "train 5, validation 1"

    @pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1, 1.5, float("nan")])
    def test_a_share_that_leaves_one_part_empty_is_wrong_use(self, fraction: float) -> None:
        """Zero, one and beyond."""
        with pytest.raises(UsageError, match="between 0 and 1"):
            split_stratified(LABELS, fraction, seed=0)

    def test_too_few_for_two_parts_is_told(self) -> None:
        """One writer, or one image a label, cannot be split."""
        with pytest.raises(DataError, match="two writers or more"):
            split_by_writer(np.zeros(10, dtype=np.int64), 0.5, seed=0)
        with pytest.raises(DataError, match="one part has no images"):
            split_stratified(np.arange(10, dtype=np.uint8), 0.5, seed=0)


class TestDescription:
    """`describe` counts classes and names content."""

    def test_counts_sizes_writers_and_digests_are_told(self, tmp_path: Path) -> None:
        """As text for people and as JSON for programs."""
        make_mnist(tmp_path, writers=np.array([1, 1, 2, 2, 3, 3]))
        description = describe(load_parts("mnist", tmp_path))
        fields = json.loads(json.dumps(description.to_dict()))
        assert [part["split"] for part in fields["parts"]] == ["train", "test"]
        assert fields["parts"][0]["class_counts"] == [0, 2, 0, 1, 1, 1, 0, 0, 0, 1]
        assert fields["parts"][0]["n_writers"] == 3
        digest = hashlib.sha256(to_idx(IMAGES)).hexdigest()
        assert fields["parts"][0]["digests"]["train-images-idx3-ubyte.gz"] == digest
        lines = description.to_text().splitlines()
        assert lines[:3] == [
            "mnist",
            "       0  1  2  3  4  5  6  7  8  9  all   size  writers",
            "train  0  2  0  1  1  1  0  0  0  1    6  28x28        3",
        ]
        assert f"train-images-idx3-ubyte.gz  {digest}" in lines

    def test_what_is_not_known_is_a_dash(self, tmp_path: Path) -> None:
        """No labels, no writers."""
        np.savez(tmp_path / "negatives.npz", x=IMAGES, kind=np.array(list("yzyzyz")))
        row = describe(load_parts("negatives", tmp_path)).to_text().splitlines()[2]
        assert row.split() == ["all", *["-"] * 10, "6", "28x28", "-"]
        with pytest.raises(DataError, match="has no labels"):
            load_dataset("negatives", root=tmp_path).counts()

    def test_a_digest_names_the_content_not_its_packing(self, tmp_path: Path) -> None:
        """Plain, packed fast and packed well are the same IDX; a stored and a deflated NPZ are the same arrays."""
        content = to_idx(IMAGES)
        for name, packed in (("a", content), ("b", gzip.compress(content, 1)), ("c", gzip.compress(content, 9))):
            (tmp_path / name).write_bytes(packed)
        assert {content_digest(tmp_path / name) for name in "abc"} == {hashlib.sha256(content).hexdigest()}
        np.savez(tmp_path / "stored.npz", x=IMAGES)
        np.savez_compressed(tmp_path / "deflated.npz", x=IMAGES)
        assert content_digest(tmp_path / "stored.npz") == content_digest(tmp_path / "deflated.npz")

    def test_a_digest_of_a_folder_follows_every_file(self, tmp_path: Path) -> None:
        """Content and label count; what desktops leave behind does not."""
        folder = make_folder(tmp_path / "mine", {"1": [IMAGES[0]], "2": [IMAGES[1]]})
        dataset = load_dataset(folder)
        before = dataset.digests()
        assert set(before) == {"mine"}
        (folder / ".DS_Store").write_bytes(b"x")
        assert dataset.digests() == before
        (folder / "1").rename(folder / "0")
        assert dataset.digests() != before

    def test_a_file_that_has_gone_is_told(self, tmp_path: Path) -> None:
        """Digests read the files anew."""
        np.savez(tmp_path / "ours.npz", x=IMAGES, y=LABELS)
        dataset = load_dataset("ours", root=tmp_path)
        (tmp_path / "ours.npz").unlink()
        with pytest.raises(DataNotFoundError, match="No such file"):
            dataset.digests()


def test_a_submission_is_what_kaggle_takes() -> None:
    """Its header, and images counted from 1, in their order."""
    assert to_submission(np.array([7, 0, 7])) == "ImageId,Label\n1,7\n2,0\n3,7\n"


class TestMnist:
    """The real files."""

    def test_mnist_is_the_published_one(self, data_dir: Path) -> None:
        """Counts and writers as its makers give them; the digests are those that fetch checks."""
        from inkdigits.datasets.download import REMOTE_SETS

        train, test = load_parts("mnist", data_dir)
        assert (train.images.shape, test.images.shape) == ((60_000, 28, 28), (10_000, 28, 28))
        assert train.counts().tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
        assert test.counts().tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
        digests = train.digests() | test.digests()
        assert digests == {file.name: file.content_sha256 for file in REMOTE_SETS["mnist"]}

    def test_mnist_is_split_by_its_writers(self, data_dir: Path) -> None:
        """A tenth of the images, whole writers only."""
        train = load_dataset("mnist", "train", data_dir)
        assert train.writers is not None
        assert len(set(train.writers.tolist())) == 539
        partition = split_validation(train, 0.1, seed=0)
        assert np.count_nonzero(partition.validation) == pytest.approx(6000, abs=150)


def test_data_sets_need_nothing_of_the_training_extra() -> None:
    """A machine without torch reads, describes, fetches and evaluates."""
    code = (
        "import sys, inkdigits.datasets, inkdigits.evaluate; "
        "print(sorted({'torch', 'sklearn', 'pandas', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def _check_flips(path: Path, whole: bytes, read: Callable[[Path], Array], expected: Array) -> None:
    for index in range(len(whole)):
        damaged = bytearray(whole)
        damaged[index] ^= 0xFF
        path.write_bytes(damaged)
        try:
            found = read(path)
        except DataFormatError:
            continue
        np.testing.assert_array_equal(found, expected)


def test_a_data_set_is_frozen(tmp_path: Path) -> None:
    """A record cannot be changed under those who share it."""
    np.savez(tmp_path / "ours.npz", x=IMAGES, y=LABELS)
    dataset = load_dataset("ours", root=tmp_path)
    assert isinstance(dataset, Dataset)
    with pytest.raises(AttributeError):
        dataset.name = "other"  # type: ignore[misc]
