"""The problems that come with the engine, by name.

To add one, add one entry to `PROBLEMS`. A package of its own offers problems as entry points of the group
`batchscape.problems`: each is a `ProblemEntry`; `add_installed_problems` finds them.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from functools import partial
from importlib.metadata import entry_points

import numpy as np
import torch
from torch import nn

from landscape_core.problems.custom.build import from_module
from landscape_core.problems.datasets import DATASETS, SCALINGS, find_constant
from landscape_core.problems.mlp import MLPProblem
from landscape_core.problems.penalty import Penalised
from landscape_core.problems.problem import Problem
from landscape_core.problems.registry import ProblemEntry, register

logger = logging.getLogger(__name__)

CNN_SAMPLES = 500
"""Of the digits, for the convolutional network: a point takes it a hundred times as long as the fully connected one."""


def _make_network(
    dtype: torch.dtype,
    device: torch.device,
    *,
    dataset: str,
    scaling: str = "standardised",
    hidden: Sequence[int] = (),
    activation: str = "tanh",
    output_activation: str = "linear",
    loss: str = "cross_entropy",
    penalty: float = 0.0,
) -> Problem:
    """A fully connected network on one of `DATASETS`."""
    data = DATASETS[dataset]
    raw, targets = data.load()
    names = data.feature_names()
    notes = {
        "data": data.label,
        "scaling": scaling,
        "classes": list(data.class_names),
        "features": list(names),
        "constant_features": [names[column] for column in find_constant(raw)],
    }
    problem = MLPProblem.from_data(
        SCALINGS[scaling].apply(raw),
        targets,
        hidden=hidden,
        activation=activation,
        output_activation=output_activation,
        loss=loss,
        dtype=dtype,
        device=device,
        notes=notes,
    )
    return Penalised(problem, penalty) if penalty else problem


def _make_digits_cnn(dtype: torch.dtype, device: torch.device) -> Problem:
    """A convolutional network on some of the digits, with torch's usual start: uniform in ±1/√fan-in, from a fixed seed."""
    with torch.random.fork_rng(devices=[]):  # layers draw numbers when they are made
        model = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(64, 10),
        )
    generator = np.random.default_rng(0)
    fan_in = 1
    for tensor in model.parameters():  # the weights of a layer, then its biases
        fan_in = math.prod(tensor.shape[1:]) if tensor.dim() > 1 else fan_in
        tensor.data = torch.from_numpy(generator.uniform(-(fan_in**-0.5), fan_in**-0.5, tuple(tensor.shape)))
    data = DATASETS["digits"]
    inputs, targets = data.load()
    rows = np.sort(generator.choice(len(inputs), CNN_SAMPLES, replace=False))
    images = torch.from_numpy(inputs[rows] / 16.0).reshape(-1, 1, 8, 8)
    labels = torch.from_numpy(targets[rows].argmax(1))
    notes = {"data": f"{CNN_SAMPLES} images of {data.label}", "scaling": "0 … 1", "classes": list(data.class_names)}
    return from_module(
        model,
        nn.CrossEntropyLoss(),
        images,
        labels,
        dtype=dtype,
        device=device,
        name="Conv 8, Conv 16, Linear",
        notes=notes,
        check=False,  # a test does
    )


PROBLEMS: dict[str, ProblemEntry] = register(
    ProblemEntry(
        "iris-paper",
        "Iris, the paper's network",
        "The paper's 4-10-3 Sigmoid network on Iris with squared errors; a study chooses its activation, scaling and loss.",
        DATASETS["iris"].samples,
        partial(
            _make_network,
            dataset="iris",
            scaling="authors",
            hidden=(10,),
            activation="sigmoid",
            output_activation="sigmoid",
            loss="mse",
        ),
    ),
    ProblemEntry(
        "wine",
        "Wine",
        "A 13-16-3 Tanh network that tells three cultivars of wine apart, with cross-entropy.",
        DATASETS["wine"].samples,
        partial(_make_network, dataset="wine", hidden=(16,)),
    ),
    ProblemEntry(
        "breast-cancer",
        "Breast cancer",
        "A 30-16-2 Tanh network that tells malignant tumours from benign ones, with cross-entropy.",
        DATASETS["breast-cancer"].samples,
        partial(_make_network, dataset="breast-cancer", hidden=(16,)),
    ),
    ProblemEntry(
        "digits-mlp",
        "Digits, fully connected",
        "A 64-32-10 ReLU network that reads handwritten digits, with cross-entropy.",
        DATASETS["digits"].samples,
        partial(_make_network, dataset="digits", hidden=(32,), activation="relu"),
    ),
    ProblemEntry(
        "digits-cnn",
        "Digits, convolutional",
        f"A network of two convolutions that reads {CNN_SAMPLES} of the handwritten digits, with cross-entropy.",
        CNN_SAMPLES,
        _make_digits_cnn,
    ),
    ProblemEntry(
        "diabetes",
        "Diabetes, a regression",
        "A 10-16-1 Tanh network that predicts how a disease proceeds, with squared errors.",
        DATASETS["diabetes"].samples,
        partial(_make_network, dataset="diabetes", hidden=(16,), loss="mse"),
    ),
    ProblemEntry(
        "two-moons",
        "Two moons",
        "A 2-8-8-2 Tanh network that parts two interlaced half moons, with cross-entropy.",
        DATASETS["two-moons"].samples,
        partial(_make_network, dataset="two-moons", hidden=(8, 8)),
    ),
    ProblemEntry(
        "logistic",
        "Logistic regression",
        "A softmax regression on Iris with a penalty on its parameters: its loss is convex and has one minimum only.",
        DATASETS["iris-fisher"].samples,
        partial(_make_network, dataset="iris-fisher", penalty=0.01),
    ),
)


GROUP = "batchscape.problems"
"""Entry points of packages that offer problems."""


def add_installed_problems() -> list[str]:
    """Add the problems of installed packages to `PROBLEMS`; those that are there already stay as they are.

    Runs the packages' code; what fails is logged and left out.

    Returns:
        The names that were added.
    """
    added = []
    for point in entry_points(group=GROUP):
        try:
            entry = point.load()
        except Exception as error:  # a package's code may raise anything
            logger.warning("the problem %s of %s cannot be loaded: %s", point.name, point.value, error)
            continue
        if not isinstance(entry, ProblemEntry):
            logger.warning("the problem %s of %s is no ProblemEntry", point.name, point.value)
        elif entry.name not in PROBLEMS:
            PROBLEMS[entry.name] = entry
            added.append(entry.name)
    return added
