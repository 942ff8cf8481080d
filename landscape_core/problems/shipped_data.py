"""The tables that scikit-learn ships, read from its files: to import it takes a second, to read a file 20 ms."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Integer
from numpy import ndarray

CELLS = (
    *("radius", "texture", "perimeter", "area", "smoothness"),
    *("compactness", "concavity", "concave points", "symmetry", "fractal dimension"),
)

FEATURES: dict[str, tuple[str, ...]] = {
    "iris": tuple(f"{part} {side} (cm)" for part in ("sepal", "petal") for side in ("length", "width")),
    "wine": (
        *("alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols", "flavanoids"),
        *(
            "nonflavanoid_phenols",
            "proanthocyanins",
            "color_intensity",
            "hue",
            "od280/od315_of_diluted_wines",
            "proline",
        ),
    ),
    "breast_cancer": tuple(form.format(cell) for form in ("mean {}", "{} error", "worst {}") for cell in CELLS),
    "digits": tuple(f"pixel_{row}_{column}" for row in range(8) for column in range(8)),
}
"""What the columns are called, as in scikit-learn."""

FILES = {"iris": "iris.csv", "wine": "wine_data.csv", "breast_cancer": "breast_cancer.csv", "digits": "digits.csv.gz"}
"""Their files. A last column holds the class; all but the digits begin with a line of counts and class names."""


class Table(NamedTuple):
    """A data set whose samples belong to classes.

    Attributes:
        inputs: (N, I), in the data set's own units.
        labels: The class of each sample, from 0.
    """

    inputs: Float[ndarray, "N I"]
    labels: Integer[ndarray, "N"]


def read_classes(name: str) -> Table:
    """One of `FILES`; where this version of scikit-learn keeps it elsewhere, what scikit-learn itself loads."""
    installed = find_spec("sklearn")  # does not import it
    if installed is not None and installed.origin is not None:
        path = Path(installed.origin).parent / "datasets" / "data" / FILES[name]
        if path.is_file():
            values = np.loadtxt(path, delimiter=",", skiprows=0 if name == "digits" else 1)
            return Table(values[:, :-1], values[:, -1].astype(int))
    return load_by_scikit_learn(name)


def load_by_scikit_learn(name: str) -> Table:
    """The same from scikit-learn's own loader."""
    from sklearn import datasets

    return Table(*getattr(datasets, f"load_{name}")(return_X_y=True))
