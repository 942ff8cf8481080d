"""The data sets and the ways to scale their inputs.

Everything comes from installed packages; nothing is downloaded. To add a data set or a scaling, add one entry to
`DATASETS` or `SCALINGS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

Inputs = Float[ndarray, "N I"]
Targets = Float[ndarray, "N O"]


@dataclass(frozen=True)
class Dataset:
    """A classification data set.

    Attributes:
        name: Key in the registry.
        label: What a reader sees.
        samples: N.
        features: I.
        classes: O; the targets are one-hot.
        load: () → inputs (N, I) in the data set's own units, targets (N, O).
    """

    name: str
    label: str
    samples: int
    features: int
    classes: int
    load: Callable[[], tuple[Inputs, Targets]]


@dataclass(frozen=True)
class Scaling:
    """A map of the inputs, column by column.

    Attributes:
        name: Key in the registry.
        label: What a reader sees.
        apply: inputs (N, I) → inputs (N, I).
    """

    name: str
    label: str
    apply: Callable[[Inputs], Inputs]


def _iris() -> tuple[Inputs, Targets]:
    """Iris as UCI distributes it.

    scikit-learn ships Fisher's corrected rows; UCI's file differs in rows 34 and 37 (from 0), which both read
    4.9, 3.1, 1.5, 0.1 there. The authors' data are UCI's.
    """
    from sklearn.datasets import load_iris  # scikit-learn takes a second to import: only when data are read

    bunch = load_iris()
    inputs = np.array(bunch.data, dtype=np.float64)
    inputs[[34, 37]] = [4.9, 3.1, 1.5, 0.1]
    return inputs, np.eye(3)[bunch.target]


def _authors(inputs: Inputs) -> Inputs:
    """x′ = 0.5 + 0.475 (x − mean) / max|x − mean|: column means 0.5, all values within 0.025 … 0.975."""
    centred = inputs - inputs.mean(0)
    return 0.5 + 0.475 * centred / np.abs(centred).max(0)


def _min_max(inputs: Inputs) -> Inputs:
    """x′ = (x − min) / (max − min): every column spans 0 … 1."""
    low = inputs.min(0)
    return (inputs - low) / (inputs.max(0) - low)


def _standardised(inputs: Inputs) -> Inputs:
    """x′ = (x − mean) / SD, with the population SD (divisor N)."""
    return (inputs - inputs.mean(0)) / inputs.std(0)


DATASETS: dict[str, Dataset] = {
    entry.name: entry for entry in (Dataset("iris", "Iris (150 flowers, 3 species)", 150, 4, 3, _iris),)
}

SCALINGS: dict[str, Scaling] = {
    entry.name: entry
    for entry in (
        Scaling("authors", "As the authors: mean at 0.5, within 0.025 … 0.975", _authors),
        Scaling("min-max", "Min-max: each feature spans 0 … 1", _min_max),
        Scaling("standardised", "Standardised: mean 0, SD 1", _standardised),
        Scaling("raw", "Raw: centimetres", lambda inputs: inputs),
    )
}
