"""Landscapes that can be worked out by hand: as the features of their lines, and as a problem."""

import hashlib
from dataclasses import fields, replace
from types import MappingProxyType

import numpy as np
import torch

from landscape_core import Problem
from landscape_core.geometry import grid
from landscape_core.geometry.grid import LINES
from landscape_core.paper.claims.line_features import LineFeatures
from landscape_core.paper.variance_decomposition import VarianceParts
from landscape_core.statistics.sample_table import SampleTable

HALF_WIDTH, POINTS = 2.0, 100
POSITIONS = np.linspace(-HALF_WIDTH, HALF_WIDTH, POINTS)


def split_evenly(coordinates, **changes):
    """Parts of a variance that is 1 everywhere, of three outputs, unless changed."""
    ones = np.ones(len(coordinates))
    each = {"error_mean": 3, "error_sd": 3, "model_mean": 3, "model_sd": 3, "loss_terms": 2, "slope_terms": 3}
    whole = {
        field.name: np.tile(ones[:, None], (1, each[field.name])) if field.name in each else ones
        for field in fields(VarianceParts)
    }
    return VarianceParts(**{**whole, **changes})


def build_features(function, **changes):
    """The landscape of a function (a, b) → loss and its slopes along d1 and d2, with one sample.

    Unless changed, mini-batches find the true NN-GPPs and no other, and minima as white noise does.
    """

    def tabulate(coordinates):
        values = (np.broadcast_to(value, len(coordinates)) for value in function(*coordinates.T))
        loss, *slopes = (torch.tensor(value.astype(float).copy())[:, None] for value in values)
        return SampleTable(loss, tuple(slopes))

    table = tabulate(grid.lines(POSITIONS))
    slope = table.slope(np.repeat([line.unit for line in LINES], POINTS, axis=0))
    minima = np.zeros((4, POINTS))
    minima[:, 1:-1] = 1 / 3
    nothing = np.zeros((4, POINTS))
    one = LineFeatures(
        half_width=HALF_WIDTH,
        positions=POSITIONS,
        loss=table.loss.numpy().reshape(4, POINTS),
        slope=slope.numpy().reshape(4, POINTS),
        loss_sd=nothing,
        sd=nothing,
        minima=minima,
        nngpps=nothing,
        tabulate=tabulate,
        split=split_evenly,
        at_minima=1.0,
        static_sd=np.zeros(4),
        look_at_units=lambda coordinates: (torch.zeros(len(coordinates), 1, 1, dtype=torch.bool),) * 2,
        shared=torch.ones(1, 1, dtype=torch.float64),
    )
    return replace(one, **{"nngpps": one.true_nngpps.astype(float), **changes})


def bowl(first=1.0, second=None, **changes):
    second = first if second is None else second
    return build_features(
        lambda a, b: (
            (first * (a - 0.1) ** 2 + second * (b - 0.2) ** 2) / 2,
            first * (a - 0.1),
            second * (b - 0.2),
        ),
        **changes,
    )


def wells(**changes):
    """Minima at a = −1 and a = 1, with a smooth ridge between them."""
    return build_features(
        lambda a, b: ((a * a - 1) ** 2 / 4 + (b - 0.2) ** 2 / 8, a * (a * a - 1), (b - 0.2) / 4), **changes
    )


def four_wells():
    """Minima at a = ±1, b = ±1, with smooth ridges between them along every line."""
    return build_features(lambda a, b: (((a * a - 1) ** 2 + (b * b - 1) ** 2) / 4, a * (a * a - 1), b * (b * b - 1)))


def kinked(**changes):
    """Likewise, stitched together of planes."""
    return build_features(lambda a, _: (np.abs(np.abs(a) - 1), np.sign(np.abs(a) - 1) * np.sign(a), 0.0), **changes)


def uneven():
    """A shallow basin at a = −1 and a sharp one at a = 1."""
    return build_features(
        lambda a, _: (
            np.where(a > 0, 5 * (a - 1) ** 2, (a + 1) ** 2 / 20 + 4.95),
            np.where(a > 0, 10 * (a - 1), (a + 1) / 10),
            0.0,
        )
    )


class Logistic(Problem):
    """Logistic regression with two inputs: ln(1 + exp(−t (w·x + b))), t = ±1. Its slopes follow automatically."""

    shapes = MappingProxyType({"weight": (2,), "bias": ()})
    dtype, device = torch.float64, torch.device("cpu")

    def __init__(self, inputs, targets, start=None):
        self.inputs, self.targets, self._start = inputs, targets, start

    @property
    def samples(self):
        return len(self.inputs)

    @property
    def start(self):
        return self._start

    def __call__(self, theta):
        margin = self.targets * (theta[:, :2] @ self.inputs.T + theta[:, 2:])
        return torch.nn.functional.softplus(-margin)

    def select(self, rows):
        places = torch.from_numpy(rows.astype(np.int64))
        return Logistic(self.inputs[places], self.targets[places], self._start)

    def hash_data(self):
        return hashlib.sha256(self.inputs.numpy().tobytes() + self.targets.numpy().tobytes()).hexdigest()

    def describe(self):
        return {"model": "logistic regression"}


def make_logistic(samples=23, seed=0, start=None):
    """So many samples of two overlapping clouds."""
    generator = np.random.default_rng(seed)
    targets = np.where(np.arange(samples) % 2, 1.0, -1.0)
    inputs = generator.standard_normal((samples, 2)) + 0.5 * targets[:, None]
    return Logistic(torch.from_numpy(inputs), torch.from_numpy(targets), start)


def logistic_by_hand(problem, theta, direction):
    """Loss and slope of every sample at one point, written out."""
    inputs, targets = problem.inputs.numpy(), problem.targets.numpy()
    margin = targets * (inputs @ theta[:2] + theta[2])
    moved = targets * (inputs @ direction[:2] + direction[2])
    return np.log1p(np.exp(-margin)), -moved / (1 + np.exp(margin))
