"""What every data set and every scaling keeps to."""

import numpy as np
import pytest
import reference
import tolerances

from landscape_core.problems.datasets import DATASETS, SCALINGS, find_constant

EVERY = pytest.mark.parametrize("entry", DATASETS.values(), ids=DATASETS)
EVERY_SCALING = pytest.mark.parametrize("scaling", SCALINGS.values(), ids=SCALINGS)
STATED = {
    "authors": {"mean": 0.5, "reach": 0.475},
    "min-max": {"min": 0.0, "max": 1.0},
    "standardised": {"mean": 0.0, "std": 1.0},
    "raw": {},
}


@pytest.mark.parametrize("registry", [DATASETS, SCALINGS])
def test_names_and_labels_are_unique(registry):
    for attribute in ("name", "label"):
        assert len({getattr(entry, attribute) for entry in registry.values()}) == len(registry)
    assert all(name == entry.name for name, entry in registry.items())


@EVERY
def test_shapes_are_those_declared(entry):
    inputs, targets = entry.load()
    assert inputs.shape == (entry.samples, entry.features)
    assert targets.shape == (entry.samples, entry.classes)
    assert inputs.dtype == targets.dtype == np.float64
    assert np.isfinite(inputs).all()
    assert np.isfinite(targets).all()
    assert len(entry.feature_names()) == len(set(entry.feature_names())) == entry.features
    assert len(entry.class_names) == len(set(entry.class_names)) == (0 if entry.is_regression else entry.classes)


@EVERY
def test_targets_are_one_hot_and_every_class_occurs(entry):
    _, targets = entry.load()
    if entry.is_regression:
        np.testing.assert_allclose([targets.mean(), targets.std()], [0, 1], rtol=0, atol=tolerances.SCALED_STATISTICS)
        return
    assert set(np.unique(targets)) == {0.0, 1.0}
    assert (targets.sum(1) == 1).all()
    assert (targets.sum(0) > 0).all()


@EVERY
def test_every_load_is_the_same_and_its_own(entry):
    one, other = entry.load(), entry.load()
    for first, second in zip(one, other, strict=True):
        np.testing.assert_array_equal(first, second)
        first[:] = -1.0
    assert (other[0] != -1.0).all()


def test_iris_is_ucis():
    inputs, targets = DATASETS["iris"].load()
    own_inputs, own_targets = reference.iris()
    np.testing.assert_array_equal(inputs, own_inputs)
    np.testing.assert_array_equal(targets, own_targets)
    np.testing.assert_array_equal(inputs[[34, 37]], [[4.9, 3.1, 1.5, 0.1]] * 2)
    assert targets.sum(0).tolist() == [50, 50, 50]


def test_the_other_iris_has_fishers_rows():
    (ours, targets), (fishers, same) = DATASETS["iris"].load(), DATASETS["iris-fisher"].load()
    assert np.flatnonzero((ours != fishers).any(1)).tolist() == [34, 37]
    np.testing.assert_array_equal(fishers[[34, 37]], [[4.9, 3.1, 1.5, 0.2], [4.9, 3.6, 1.4, 0.1]])
    np.testing.assert_array_equal(targets, same)


def test_constant_columns_are_found_and_others_are_scaled_in_full_precision():
    assert find_constant(DATASETS["digits"].load()[0]) == [0, 32, 39]
    inputs = np.array([[1e9, 0.1], [1e9 + 1, 0.1], [1e9 + 2, 0.1]])
    assert find_constant(inputs) == [1]
    third = np.sqrt(1.5)
    np.testing.assert_allclose(SCALINGS["standardised"].apply(inputs), [[-third, 0], [0, 0], [third, 0]], rtol=1e-15)


def test_the_authors_column_minima():
    """Their data file has these minima, maxima of 0.975 and means of 0.5 (to the four digits known)."""
    inputs = SCALINGS["authors"].apply(DATASETS["iris"].load()[0])
    np.testing.assert_allclose(inputs.min(0), [0.1436, 0.1280, 0.0829, 0.0990], rtol=0, atol=5e-5)
    np.testing.assert_allclose(inputs.max(0), 0.975, rtol=0, atol=tolerances.SCALED_STATISTICS)
    np.testing.assert_allclose(inputs.mean(0), 0.5, rtol=0, atol=tolerances.SCALED_STATISTICS)


@EVERY
@EVERY_SCALING
def test_columns_have_the_stated_statistics(entry, scaling):
    inputs, _ = entry.load()
    columns = scaling.apply(inputs)
    found = {
        "mean": columns.mean(0),
        "std": columns.std(0),
        "min": columns.min(0),
        "max": columns.max(0),
        "reach": np.abs(columns - 0.5).max(0),
    }
    assert set(STATED) == set(SCALINGS)
    varies = inputs.min(0) != inputs.max(0)
    for statistic, expected in STATED[scaling.name].items():
        np.testing.assert_allclose(found[statistic][varies], expected, rtol=0, atol=tolerances.SCALED_STATISTICS)
    if scaling.name != "raw":
        assert (columns[:, ~varies] == (0.5 if scaling.name == "authors" else 0.0)).all()
    if scaling.name == "raw":
        np.testing.assert_array_equal(columns, inputs)


@EVERY
@EVERY_SCALING
def test_scalings_are_increasing_and_affine_in_each_column(entry, scaling):
    inputs, _ = entry.load()
    before = inputs.copy()
    columns = scaling.apply(inputs)
    np.testing.assert_array_equal(inputs, before)
    assert columns.shape == inputs.shape
    for column, scaled in zip(inputs.T, columns.T, strict=True):
        if column.min() == column.max():
            continue
        factor = (scaled.max() - scaled.min()) / (column.max() - column.min())
        assert factor > 0
        np.testing.assert_allclose(scaled - scaled[0], factor * (column - column[0]), rtol=0, atol=1e-13)


@EVERY_SCALING
def test_scalings_agree_with_the_reference(scaling):
    inputs, _ = reference.iris()
    np.testing.assert_allclose(
        scaling.apply(np.array(inputs)), reference.scaled(inputs, scaling.name), **tolerances.MOMENTS
    )
