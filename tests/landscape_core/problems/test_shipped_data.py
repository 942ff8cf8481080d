from importlib.machinery import ModuleSpec

import numpy as np
import pytest
from sklearn import datasets

from landscape_core.problems import shipped_data
from landscape_core.problems.datasets import DATASETS
from landscape_core.problems.shipped_data import FEATURES, FILES, load_by_scikit_learn, read_classes

EVERY = pytest.mark.parametrize("name", FILES)


@EVERY
def test_files_hold_what_scikit_learn_loads(name):
    bunch = getattr(datasets, f"load_{name}")()
    for found, theirs in zip(read_classes(name), (bunch.data, bunch.target), strict=True):
        np.testing.assert_array_equal(found, theirs, strict=True)
    assert FEATURES[name] == tuple(bunch.feature_names)
    assert read_classes(name).labels.max() + 1 == len(bunch.target_names)


def test_names_of_the_regression():
    assert DATASETS["diabetes"].feature_names() == tuple(datasets.load_diabetes().feature_names)


@EVERY
@pytest.mark.parametrize("found", [None, "nowhere", "elsewhere"])
def test_without_the_files_scikit_learn_loads_them(monkeypatch, tmp_path, name, found):
    """Its installation is not found, is none of files, or keeps them in another place."""
    places = {"nowhere": None, "elsewhere": str(tmp_path / "__init__.py")}
    spec = found and ModuleSpec("sklearn", None, origin=places[found])
    monkeypatch.setattr(shipped_data, "find_spec", lambda _: spec)
    for ours, theirs in zip(read_classes(name), load_by_scikit_learn(name), strict=True):
        np.testing.assert_array_equal(ours, theirs, strict=True)
