"""How each network is trained: one frozen recipe a network, with its source's hyper-parameters."""

import dataclasses
from dataclasses import dataclass
from math import inf
from typing import Any, Literal, TypeAlias, TypeVar

from inkdigits.errors import TrainingError, UsageError
from inkdigits.records import N_LABELS
from inkdigits.train.augment import AFFINE_C, ELASTIC, GENTLE, HANDWRITING, NONE, Augmentation
from inkdigits.train.changes import parse_changes
from inkdigits.train.classical.recipes import CLASSICAL, ClassicalRecipe, range_rules
from inkdigits.train.fields import from_fields
from inkdigits.train.lines.recipe import LINES, LineRecipe
from inkdigits.train.networks import find_network, n_outputs

NOT_DIGITS = ("negatives_yz:y", "thai:2345789", "gujarati:489")
"""Handwritten signs that are no Western digits, each with the classes that look like none."""

MNIST_MEAN, MNIST_STD = 0.1307, 0.3081
"""Mean and standard deviation of the pixels of MNIST's training images, as every source quotes them."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides a training besides the data and the machine."""

    network: str
    """A name in `networks.NETWORKS`."""
    data: tuple[str, ...] = ("mnist",)
    """Data sets whose training digits are used; "name*4" shows each of them four times an epoch."""
    negatives: bool = False
    """Train the "is this a digit at all?" logit too; needs a network with eleven."""
    negatives_from: tuple[str, ...] = ()
    """Data sets that hold no digits: shown beside the negatives that are made here, where there are any."""
    photographed: float = 0.0
    """Of so large a share of the digits and the negatives, photos are shown too: written on paper by our generator,
    and found in the photo by the steps of reading."""
    composed: float = 0.0
    """So many numbers, as a share of the digits, are composed of them and taken apart as reading does: the digits and
    the pieces, pairs and parts of two that this gives are shown too."""
    teachers: tuple[str, ...] = ()
    """Run folders of trained networks whose answers to each augmented digit are learned beside its label."""
    validation_share: float = 0.1
    """Share of the writers (of the images where writers are unknown) kept for validation."""
    epochs: int = 20
    batch: int = 128
    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    rate: float = 1e-3
    """Learning rate: constant, or the highest of a schedule."""
    schedule: Literal["constant", "one-cycle"] = "constant"
    momentum: float = 0.0
    """Of SGD."""
    weight_decay: float = 0.0
    loss: Literal["cross-entropy", "mse"] = "cross-entropy"
    label_smoothing: float = 0.0
    precision: Literal["float32", "bfloat16", "auto"] = "float32"
    """What layers compute with while training; weights, their updates and all measuring stay float32. A step of a large
    network takes half the time in bfloat16 on a processor that knows it, and ten times as long on another: "auto" is
    bfloat16 where it is fast."""
    average: float = 0.0
    """Decay per step of an exponential moving average of the weights, which then is what is kept; 0: none."""
    keep: Literal["best", "last"] = "best"
    """Which epoch's weights are kept: those with the lowest validation loss, or the last."""
    patience: int = 0
    """Stop after this many epochs without a lower validation loss; 0: never."""
    mean: float = 0.0
    """Subtracted from the ink by the network's first layer."""
    std: float = 1.0
    """The ink is divided by this after that."""
    augmentation: Augmentation = NONE
    start: str = ""
    """A run folder whose weights it begins with; "": with fresh ones."""
    seed: int = 0


AnyRecipe: TypeAlias = Recipe | ClassicalRecipe | LineRecipe
_Kind = TypeVar("_Kind", bound=AnyRecipe)

_CUT_DOWN: dict[str, Any] = {
    "epochs": 8,
    "batch": 128,
    "optimizer": "adamw",
    "rate": 1e-3,
    "schedule": "one-cycle",
    "precision": "auto",
    "mean": MNIST_MEAN,
    "std": MNIST_STD,
    "augmentation": ELASTIC,
}
"""How the two networks that were made for ImageNet are trained here; their own recipes say nothing about MNIST."""

RECIPES: dict[str, Recipe] = {
    "a-ffnn": Recipe("a-ffnn", epochs=80, batch=10, validation_share=0.2),
    "a-cnn": Recipe("a-cnn", epochs=15, batch=10, validation_share=0.2),
    "b-cnn": Recipe("b-cnn", epochs=10, batch=100, optimizer="sgd", rate=0.01, mean=MNIST_MEAN, std=MNIST_STD),
    "c-mlp": Recipe(  # at the constant rate of its source, the weights of the lowest loss read 97.6 %
        "c-mlp", epochs=20, batch=128, schedule="one-cycle", keep="last", mean=MNIST_MEAN, std=MNIST_STD
    ),
    # Its source keeps the rate at 1e-3 and changes every digit by all of this strong augmentation, which reads 96.4 %.
    "c-cnn": Recipe(
        "c-cnn",
        epochs=30,
        batch=128,
        rate=2e-3,
        schedule="one-cycle",
        average=0.998,
        keep="last",
        mean=MNIST_MEAN,
        std=MNIST_STD,
        augmentation=dataclasses.replace(AFFINE_C, varied=True),
    ),
    "d-cnn": Recipe("d-cnn", epochs=5, batch=100, optimizer="sgd", rate=0.1, schedule="one-cycle", momentum=0.9),
    "d-keras": Recipe("d-keras", epochs=5, batch=32),
    "e-lenet": Recipe("e-lenet", epochs=5, batch=300),
    "alexnet-28": Recipe("alexnet-28", **_CUT_DOWN),
    "zfnet-28": Recipe("zfnet-28", **_CUT_DOWN),
    "house": Recipe(
        "house",
        validation_share=0.05,
        epochs=20,
        batch=128,
        optimizer="adamw",
        rate=3e-3,
        schedule="one-cycle",
        weight_decay=0.05,
        label_smoothing=0.05,
        precision="auto",
        average=0.999,
        keep="last",
        augmentation=GENTLE,
        mean=MNIST_MEAN,
        std=MNIST_STD,
    ),
    "default": Recipe(
        "default",
        data=("mnist", "bhmsds", "optdigits32*4", "nsysu*4"),
        negatives=True,
        negatives_from=NOT_DIGITS,
        photographed=0.15,
        composed=0.04,
        epochs=26,
        batch=256,
        optimizer="adamw",
        rate=4e-3,
        schedule="one-cycle",
        weight_decay=0.02,
        label_smoothing=0.05,
        precision="auto",
        average=0.998,
        keep="last",
        augmentation=HANDWRITING,
        mean=MNIST_MEAN,
        std=MNIST_STD,
    ),
    "tiny": Recipe(
        "tiny",
        negatives=True,
        negatives_from=NOT_DIGITS,
        epochs=40,
        batch=128,
        optimizer="adamw",
        rate=4e-3,
        schedule="one-cycle",
        weight_decay=0.01,
        precision="auto",
        average=0.998,
        keep="last",
        augmentation=GENTLE,
        mean=MNIST_MEAN,
        std=MNIST_STD,
    ),
    "quick": Recipe(
        "quick",
        validation_share=0.0,
        epochs=4,
        batch=128,
        optimizer="adamw",
        rate=6e-3,
        schedule="one-cycle",
        weight_decay=0.01,
        precision="auto",
        keep="last",
        augmentation=GENTLE,
        mean=MNIST_MEAN,
        std=MNIST_STD,
    ),
    "fast": Recipe(
        "fast",
        validation_share=0.0,
        epochs=1,
        batch=128,
        rate=0.01,
        schedule="one-cycle",
        keep="last",
        mean=MNIST_MEAN,
        std=MNIST_STD,
    ),
}


def find_recipe(name: str) -> AnyRecipe:
    """Return the recipe called `name`, of a network or of a classical method.

    Raises:
        UsageError: there is none; the message lists them.
    """
    recipes: dict[str, AnyRecipe] = {**RECIPES, **CLASSICAL, LINES: LineRecipe()}
    if name not in recipes:
        raise UsageError(f"There is no recipe {name!r}. There are: {', '.join(recipes)}.")
    return recipes[name]


def change_recipe(recipe: _Kind, changes: list[str]) -> _Kind:
    """Return the recipe with "key=value" changes, each checked against the key's type.

    Raises:
        UsageError: an unknown key, or a value that does not fit.
    """
    changed = dataclasses.replace(recipe, **parse_changes(type(recipe), changes, fixed=("augmentation",)))
    check_recipe(changed)
    return changed


def parse_entry(entry: str) -> tuple[str, int]:
    """Split "name*4" into the name of a data set and how often an epoch shows its digits; "name" means once.

    Raises:
        UsageError: what follows the star is no number from 1 up.
    """
    name, star, times = entry.partition("*")
    if star and not (times.isdecimal() and int(times) > 0):
        raise UsageError(f"A data set is NAME or NAME*TIMES, such as nsysu*4; not {entry!r}.")
    return name, int(times) if star else 1


def check_recipe(recipe: AnyRecipe) -> None:
    """Refuse what cannot be trained.

    Raises:
        UsageError: a value out of its range, or a network that does not fit.
    """
    names = [parse_entry(entry)[0] for entry in recipe.data]
    rules = {
        "data must name at least one data set, and each once": 0 < len(names) == len(set(names)),
        "validation_share must lie in [0, 0.5]": 0 <= recipe.validation_share <= 0.5,
        "seed must lie in [0, 2**32)": 0 <= recipe.seed < 2**32,
    }
    rules |= _network_rules(recipe) if isinstance(recipe, Recipe) else range_rules(recipe)
    if isinstance(recipe, LineRecipe):
        rules["lines must be at least as many as a batch"] = recipe.lines >= recipe.batch
        rules["anchor needs start"] = bool(recipe.start) or not recipe.anchor
    for rule, holds in rules.items():
        if not holds:
            raise UsageError(f"This recipe cannot be trained: {rule}.")


def _network_rules(recipe: Recipe) -> dict[str, bool]:
    """What must hold of the keys that only networks have, in words, and whether it does."""
    has_digit_score = n_outputs(find_network(recipe.network)) > N_LABELS
    judged = recipe.validation_share > 0
    return {
        "negatives=true needs a network with an eleventh logit": has_digit_score or not recipe.negatives,
        "a network with an eleventh logit needs negatives=true": recipe.negatives or not has_digit_score,
        "negatives_from needs negatives=true": recipe.negatives or not recipe.negatives_from,
        "photographed must lie in [0, 1]": 0 <= recipe.photographed <= 1,
        "composed must lie in [0, 1]": 0 <= recipe.composed <= 1,
        "photographed and composed need negatives=true": recipe.negatives
        or not (recipe.photographed or recipe.composed),
        "validation_share may be 0 only with keep=last": judged or recipe.keep == "last",
        "validation_share may be 0 only with patience=0": judged or recipe.patience == 0,
        "epochs must be 1 or more": recipe.epochs >= 1,
        "batch must be 2 or more": recipe.batch >= 2,
        # Fewer, and a batch without a single digit, of which there is no mean loss, would come one day.
        "batch must be 16 or more with negatives=true": recipe.batch >= 16 or not recipe.negatives,
        "rate must be above 0": 0 < recipe.rate < inf,
        "momentum must lie in [0, 1)": 0 <= recipe.momentum < 1,
        "momentum needs optimizer=sgd": recipe.optimizer == "sgd" or not recipe.momentum,
        "weight_decay must be 0 or more": 0 <= recipe.weight_decay < inf,
        "label_smoothing must lie in [0, 1)": 0 <= recipe.label_smoothing < 1,
        "average must lie in [0, 1)": 0 <= recipe.average < 1,
        "patience must be 0 or more": recipe.patience >= 0,
        "mean must be a number": -inf < recipe.mean < inf,
        "std must be above 0": 0 < recipe.std < inf,
    }


def recipe_of(fields: dict[str, Any]) -> Recipe:
    """Make the recipe of a digit network of its record: the reverse of `dataclasses.asdict`, by way of JSON.

    Raises:
        TrainingError: it is of no such network or of another version, cannot be trained, or is damaged.
    """
    return _recipe_of(Recipe, fields)


def line_recipe_of(fields: dict[str, Any]) -> LineRecipe:
    """Make the recipe of a network for lines of its record; see `recipe_of`."""
    return _recipe_of(LineRecipe, fields)


def _recipe_of(kind: type[_Kind], fields: dict[str, Any]) -> _Kind:
    try:
        recipe = from_fields(kind, fields)
        check_recipe(recipe)
    except (TypeError, UsageError) as error:
        reason = str(error).rstrip(".")
        raise TrainingError(f"The run's recipe is no network's, or does not fit this inkdigits: {reason}.") from error
    return recipe
