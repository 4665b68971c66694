"""Recipes can all be trained, are changed only within their types, and come back from their record."""

import dataclasses
import json
from typing import Any

import pytest

from inkdigits.errors import TrainingError, UsageError
from inkdigits.train.augment import AFFINE_C
from inkdigits.train.classical.recipes import CLASSICAL
from inkdigits.train.networks import NETWORKS
from inkdigits.train.recipes import RECIPES, Recipe, change_recipe, check_recipe, find_recipe, parse_entry, recipe_of

LENET = RECIPES["e-lenet"]


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_can_be_trained(name: str) -> None:
    """It passes its own check, and trains the network of its name."""
    check_recipe(find_recipe(name))
    assert find_recipe(name).network == name


def test_every_network_has_a_recipe() -> None:
    """None stands in the table that nobody can train."""
    assert set(RECIPES) == set(NETWORKS)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_comes_back_from_its_record(name: str) -> None:
    """By way of JSON, which knows no tuples."""
    assert recipe_of(json.loads(json.dumps(dataclasses.asdict(RECIPES[name])))) == RECIPES[name]


def test_recipes_are_those_of_their_sources() -> None:
    """A sample of what the sources print."""
    assert (RECIPES["a-ffnn"].batch, RECIPES["a-ffnn"].epochs, RECIPES["a-ffnn"].validation_share) == (10, 80, 0.2)
    assert (RECIPES["b-cnn"].optimizer, RECIPES["b-cnn"].rate, RECIPES["b-cnn"].mean) == ("sgd", 0.01, 0.1307)
    assert dataclasses.replace(RECIPES["c-cnn"].augmentation, varied=False) == AFFINE_C
    assert (AFFINE_C.rotate_deg, AFFINE_C.scale, AFFINE_C.shear_axes) == (30, (0.25, 1.0), (True, True))


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("epochs=3", 3),
        ("rate=5e-4", 5e-4),
        ("optimizer=sgd", "sgd"),
        ("loss=mse", "mse"),
        ("keep=last", "last"),
        ("network=c-mlp", "c-mlp"),
        ("data=mnist,bhmsds", ("mnist", "bhmsds")),
        ("negatives=false", False),
        ("seed=0", 0),
    ],
)
def test_a_change_takes_the_type_of_its_key(change: str, value: Any) -> None:
    """Text becomes what the field holds."""
    found = getattr(change_recipe(LENET, [change]), change.partition("=")[0])
    assert found == value
    assert type(found) is type(value)


def test_changes_leave_the_recipe_alone() -> None:
    """Several at once; the last of a key wins; the one in the table stays."""
    changed = change_recipe(LENET, ["epochs=3", "batch=64", "epochs=4"])
    assert changed == dataclasses.replace(LENET, epochs=4, batch=64)
    assert RECIPES["e-lenet"] is LENET
    assert change_recipe(LENET, []) == LENET


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("epoch=3", "with one of these keys: network, data,"),
        ("epochs", "key=value"),
        ("augmentation=none", "key=value"),
        ("epochs=three", "epochs is of type int"),
        ("epochs=3.5", "epochs is of type int"),
        ("rate=fast", "rate is of type float"),
        ("optimizer=adagrad", "optimizer is one of adam, adamw, sgd"),
        ("negatives=yes", "negatives is true or false"),
        ("network=lenet", "There is no network 'lenet'"),
        ("epochs=0", "epochs must be 1 or more"),
        ("batch=1", "batch must be 2 or more"),
        ("rate=0", "rate must be above 0"),
        ("rate=nan", "rate must be above 0"),
        ("rate=inf", "rate must be above 0"),
        ("momentum=1", "momentum must lie in"),
        ("momentum=0.9", "momentum needs optimizer=sgd"),
        ("negatives_from=thai:2", "negatives_from needs negatives=true"),
        ("photographed=0.1", "photographed and composed need negatives=true"),
        ("composed=0.1", "photographed and composed need negatives=true"),
        ("composed=-0.1", "composed must lie in"),
        ("photographed=1.5", "photographed must lie in"),
        ("weight_decay=-1", "weight_decay must be 0 or more"),
        ("label_smoothing=1", "label_smoothing must lie in"),
        ("average=1", "average must lie in"),
        ("patience=-1", "patience must be 0 or more"),
        ("mean=inf", "mean must be a number"),
        ("std=0", "std must be above 0"),
        ("std=nan", "std must be above 0"),
        ("seed=-1", "seed must lie in"),
        ("validation_share=0.6", "validation_share must lie in"),
        ("validation_share=0", "only with keep=last"),
        ("data=", "at least one data set"),
        ("data=mnist,mnist*2", "each once"),
        ("data=mnist*0", "NAME or NAME"),
        ("data=mnist*", "NAME or NAME"),
        ("data=mnist*two", "NAME or NAME"),
        ("negatives=true", "needs a network with an eleventh logit"),
        ("network=default", "needs negatives=true"),
    ],
)
def test_a_change_that_does_not_fit_is_refused(change: str, message: str) -> None:
    """With what would fit."""
    with pytest.raises(UsageError, match=message):
        change_recipe(LENET, [change])


def test_a_data_set_may_be_shown_several_times() -> None:
    """A star says how often; without one it is once."""
    assert parse_entry("nsysu*4") == ("nsysu", 4)
    assert parse_entry("nsysu") == ("nsysu", 1)


def test_early_stopping_needs_something_to_be_judged_by() -> None:
    """As does keeping the best."""
    with pytest.raises(UsageError, match="only with patience=0"):
        change_recipe(LENET, ["validation_share=0", "keep=last", "patience=3"])


def test_negatives_and_the_eleventh_logit_go_together() -> None:
    """Either alone would train nothing, or leave a digit score that means nothing."""
    with pytest.raises(UsageError, match="a network with an eleventh logit needs negatives=true"):
        change_recipe(RECIPES["default"], ["negatives=false"])
    with pytest.raises(UsageError, match="negatives=true needs a network"):
        change_recipe(RECIPES["default"], ["network=e-lenet"])
    check_recipe(
        change_recipe(
            RECIPES["default"],
            ["network=e-lenet", "negatives=false", "negatives_from=", "photographed=0", "composed=0"],
        )
    )


def test_a_batch_with_negatives_is_large_enough_to_hold_a_digit() -> None:
    """Of none there would be no mean loss."""
    with pytest.raises(UsageError, match="batch must be 16 or more"):
        change_recipe(RECIPES["default"], ["batch=8"])


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"network": "e-lenet", "augmentation": {"spin": 1}},
        {"network": "e-lenet", "augmentation": []},
        {"network": "e-lenet", "augmentation": {"rotate_deg": "far"}},
        {"network": "e-lenet", "augmentation": {"scale": [1.0]}},
        {"network": "e-lenet", "optimizer": "adagrad"},
        {"network": "e-lenet", "epochs": "3"},
        {"network": 5},
        dataclasses.asdict(CLASSICAL["svm"]),
        {"augmentation": {}},
        {"network": "e-lenet", "augmentation": {}, "colour": "red"},
    ],
)
def test_a_record_of_other_recipes_is_refused(fields: dict[str, Any]) -> None:
    """It was written by another version, or damaged."""
    with pytest.raises(TrainingError, match="does not fit this inkdigits"):
        recipe_of(fields)


def test_a_record_that_cannot_be_trained_is_refused() -> None:
    """Somebody changed it."""
    with pytest.raises(TrainingError, match="epochs must be 1 or more"):
        recipe_of({"network": "e-lenet", "augmentation": {}, "epochs": 0})


def test_an_unknown_recipe_is_refused_with_the_names_there_are() -> None:
    """So that a typing error takes one look to mend."""
    with pytest.raises(UsageError, match=r"'lenet'.*e-lenet.*default"):
        find_recipe("lenet")


@pytest.mark.parametrize("name", CLASSICAL)
def test_classical_recipes_are_found_like_those_of_networks(name: str) -> None:
    """By their name, which no network has; each passes its own check."""
    recipe = find_recipe(name)
    assert (recipe.network, recipe) == (name, CLASSICAL[name])
    assert name not in RECIPES
    check_recipe(recipe)
    assert change_recipe(recipe, ["data=a,b*2", "seed=3"]) == dataclasses.replace(recipe, data=("a", "b*2"), seed=3)


@pytest.mark.parametrize(
    ("name", "change", "value"),
    [
        ("svm", "c=10", 10.0),
        ("svm", "gamma=0.5", 0.5),
        ("knn", "neighbours=7", 7),
        ("knn", "components=1", 1),
        ("forest", "trees=1000", 1000),
        ("tree", "depth=3", 3),
        ("tree", "leaf=1", 1),
        ("bayes", "components=300", 300),
    ],
)
def test_each_method_has_keys_of_its_own(name: str, change: str, value: Any) -> None:
    """Typed as those of networks; both ends of a range belong to it."""
    found = getattr(change_recipe(find_recipe(name), [change]), change.partition("=")[0])
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("svm", "trees=3", "with one of these keys: data, validation_share, seed, components, c, gamma. It was given"),
        ("bayes", "c=1", "with one of these keys: data, validation_share, seed, components. It was given"),
        ("svm", "network=knn", "with one of these keys: data,"),
        ("knn", "neighbours=few", "neighbours is of type int"),
        ("knn", "neighbours=0", r"neighbours must lie in \[1, 100\]"),
        ("forest", "trees=1001", r"trees must lie in \[1, 1000\]"),
        ("svm", "c=0", r"c must lie in \[0.001, 1e\+06\]"),
        ("svm", "gamma=nan", "gamma must lie in"),
        ("tree", "validation_share=0.6", "validation_share must lie in"),
        ("tree", "seed=-1", "seed must lie in"),
        ("tree", "data=", "at least one data set"),
    ],
)
def test_a_change_that_does_not_fit_a_method_is_refused(name: str, change: str, message: str) -> None:
    """With what would fit."""
    with pytest.raises(UsageError, match=message):
        change_recipe(find_recipe(name), [change])


def test_recipes_are_frozen() -> None:
    """Nothing changes one behind a run's back."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Recipe("e-lenet").epochs = 1  # type: ignore[misc]
