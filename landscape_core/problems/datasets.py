"""The data sets and the ways to scale their inputs.

Everything comes from installed packages; nothing is downloaded. To add a data set or a scaling, add one entry to
`DATASETS` or `SCALINGS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from landscape_core.problems.registry import Entry, register

IRISES = ("setosa", "versicolor", "virginica")

Inputs = Float[ndarray, "N I"]
Targets = Float[ndarray, "N O"]


@dataclass(frozen=True)
class Dataset(Entry):
    """A data set, of a classification or a regression.

    Attributes:
        samples: N.
        features: I.
        classes: O, the columns of the targets: one for each class, which are one-hot; 1 for a regression.
        load: () → inputs (N, I) in the data set's own units, targets (N, O).
        class_names: What the classes are called; empty for a regression.
        feature_names: () → what the columns of the inputs are called.
    """

    samples: int
    features: int
    classes: int
    load: Callable[[], tuple[Inputs, Targets]]
    class_names: tuple[str, ...]
    feature_names: Callable[[], tuple[str, ...]]

    @property
    def is_regression(self) -> bool:
        """Whether the targets are numbers, not classes."""
        return not self.class_names


@dataclass(frozen=True)
class Scaling(Entry):
    """A map of the inputs, column by column.

    Attributes:
        apply: inputs (N, I) → inputs (N, I). A constant column becomes 0, or 0.5 in the authors' scaling.
    """

    apply: Callable[[Inputs], Inputs]


def _read(name: str) -> Any:  # noqa: ANN401  scikit-learn's Bunch
    """A data set of scikit-learn by its name."""
    from sklearn import datasets  # scikit-learn takes a second to import: only when data are read

    return getattr(datasets, f"load_{name}")()


def _name_features(name: str) -> tuple[str, ...]:
    return tuple(map(str, _read(name).feature_names))


def _load_classes(name: str) -> tuple[Inputs, Targets]:
    bunch = _read(name)
    return np.array(bunch.data, dtype=np.float64), np.eye(len(bunch.target_names))[bunch.target]


def _load_iris() -> tuple[Inputs, Targets]:
    """Iris as UCI distributes it.

    scikit-learn ships Fisher's corrected rows; UCI's file differs in rows 34 and 37 (from 0), which both read
    4.9, 3.1, 1.5, 0.1 there. The authors' data are UCI's.
    """
    inputs, targets = _load_classes("iris")
    inputs[[34, 37]] = [4.9, 3.1, 1.5, 0.1]
    return inputs, targets


def _load_diabetes() -> tuple[Inputs, Targets]:
    """Diabetes as scikit-learn ships it: centred columns of length 1; the target standardised, as it reaches to 346."""
    bunch = _read("diabetes")
    target = np.array(bunch.target, dtype=np.float64)[:, None]
    return np.array(bunch.data, dtype=np.float64), _standardise(target)


def _load_moons() -> tuple[Inputs, Targets]:
    from sklearn.datasets import make_moons

    inputs, labels = make_moons(MOONS, noise=0.15, random_state=0)
    return inputs, np.eye(2)[labels]


def find_constant(inputs: Inputs) -> list[int]:
    """Numbers of the columns in which all values are the same."""
    return np.flatnonzero(inputs.min(0) == inputs.max(0)).tolist()


def _divide(centred: Inputs, reach: Float[ndarray, "I"], inputs: Inputs) -> Inputs:
    """Columns divided by their reach; constant ones, whose reach is 0 or what rounding leaves, become 0."""
    constant = inputs.min(0) == inputs.max(0)
    return np.where(constant, 0.0, centred / np.where(constant, 1.0, reach))


def _scale_as_authors(inputs: Inputs) -> Inputs:
    """x′ = 0.5 + 0.475 (x − mean) / max|x − mean|: column means 0.5, all values within 0.025 … 0.975."""
    centred = inputs - inputs.mean(0)
    return 0.5 + _divide(0.475 * centred, np.abs(centred).max(0), inputs)


def _scale_to_unit(inputs: Inputs) -> Inputs:
    """x′ = (x − min) / (max − min): every column spans 0 … 1."""
    low = inputs.min(0)
    return _divide(inputs - low, inputs.max(0) - low, inputs)


def _standardise(inputs: Inputs) -> Inputs:
    """x′ = (x − mean) / SD, with the population SD (divisor N)."""
    return _divide(inputs - inputs.mean(0), inputs.std(0), inputs)


MOONS = 200
"""Samples of the two moons."""

DATASETS: dict[str, Dataset] = register(
    Dataset("iris", "Iris (150 flowers, 3 species)", 150, 4, 3, _load_iris, IRISES, partial(_name_features, "iris")),
    Dataset(
        "iris-fisher",
        "Iris with Fisher's rows (150 flowers, 3 species)",
        150,
        4,
        3,
        partial(_load_classes, "iris"),
        IRISES,
        partial(_name_features, "iris"),
    ),
    Dataset(
        "wine",
        "Wine (178 wines, 3 cultivars)",
        178,
        13,
        3,
        partial(_load_classes, "wine"),
        ("cultivar 0", "cultivar 1", "cultivar 2"),
        partial(_name_features, "wine"),
    ),
    Dataset(
        "breast-cancer",
        "Breast cancer (569 tumours, 2 kinds)",
        569,
        30,
        2,
        partial(_load_classes, "breast_cancer"),
        ("malignant", "benign"),
        partial(_name_features, "breast_cancer"),
    ),
    Dataset(
        "digits",
        "Digits (1,797 images of 8 × 8, 10 digits)",
        1797,
        64,
        10,
        partial(_load_classes, "digits"),
        tuple("0123456789"),
        partial(_name_features, "digits"),
    ),
    Dataset(
        "diabetes",
        "Diabetes (442 patients, its progress as a number)",
        442,
        10,
        1,
        _load_diabetes,
        (),
        partial(_name_features, "diabetes"),
    ),
    Dataset("two-moons", "Two moons (200 points)", MOONS, 2, 2, _load_moons, ("upper", "lower"), lambda: ("x", "y")),
)

SCALINGS: dict[str, Scaling] = register(
    Scaling("authors", "Authors' scaling: mean 0.5, range 0.025–0.975", _scale_as_authors),
    Scaling("min-max", "Min-max: each feature spans 0 … 1", _scale_to_unit),
    Scaling("standardised", "Standardised: mean 0, SD 1", _standardise),
    Scaling("raw", "Raw: as measured", lambda inputs: inputs),
)


def hash_arrays(*arrays: ndarray) -> str:
    """SHA-256 of arrays, one after another, each as little-endian float64 in C order."""
    found = sha256()
    for array in arrays:
        found.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return found.hexdigest()
