"""What a study is made from, written out again: its fields, what they accept, and any valid study."""

from functools import partial

import pytest
from hypothesis import strategies as st

from landscape_core import SpecError, StudySpec
from landscape_core.geometry.directions import DOMAINS
from landscape_core.problems.activations import ACTIVATIONS
from landscape_core.problems.datasets import DATASETS, SCALINGS
from landscape_core.problems.losses import LOSSES
from landscape_core.study.spec import SMALLEST_RANGE

LARGEST = 9007199254740991

ALLOWED = {
    "dataset": "one of iris, iris-fisher, wine, breast-cancer, digits, diabetes, two-moons",
    "scaling": "one of authors, min-max, standardised, raw",
    "loss": "one of mse, cross_entropy, smoothed_cross_entropy, binary_cross_entropy, huber, l1, poisson",
    "activation": "one of sigmoid, tanh, softsign, relu, leaky_relu, elu, gelu, silu, softplus, relu6",
    "output_activation": "same or linear",
    "domain": "one of global, local, filter, pca",
    "range": "a number from 1e-12 to 1,000,000",
    "resolution": "a whole number from 2 to 10,000",
    "line_points": "a whole number from 3 to 1,000,000",
    "batch_size": "a whole number from 1 to the number of samples",
    "draws": "a whole number from 0 to 10,000,000",
    "sampling": "without-replacement, with-replacement or epoch-shuffle",
    "slope_angle": "a number of degrees from −360 to 360",
    "seed": f"a whole number from 0 to {LARGEST:,}",
    "batch_seed": f"a whole number from 0 to {LARGEST:,}",
    "dtype": "float64 or float32",
    "problem": "one of iris-paper, wine, breast-cancer, digits-mlp, digits-cnn, diabetes, two-moons, logistic; or custom: "
    "and 16 hexadecimal digits, as in a study of a problem of your own",
    "hidden": "1 to 8 whole numbers from 1 to 4,096",
    "population": f"a whole number from 0 to {LARGEST:,}",
    "max_samples": f"a whole number from 0 to {LARGEST:,}",
    "start_point": "auto, paper, pytorch, zero or trained",
    "train_steps": "a whole number from 1 to 100,000",
    "train_optimiser": "adam, momentum or sgd",
    "train_rate": "a number above 0, at most 1,000",
    "table_dtype": "same or float32",
}

WHOLE = {
    "resolution": (2, 10_000),
    "line_points": (3, 1_000_000),
    "batch_size": (1, 150),
    "draws": (0, 10_000_000),
    "seed": (0, LARGEST),
    "batch_seed": (0, LARGEST),
    "train_steps": (1, 100_000),
}

builds = partial(
    st.builds,
    StudySpec,
    dataset=st.sampled_from(list(DATASETS)),
    scaling=st.sampled_from(list(SCALINGS)),
    loss=st.sampled_from(list(LOSSES)),
    activation=st.sampled_from(list(ACTIVATIONS)),
    output_activation=st.sampled_from(["same", "linear"]),
    range=st.floats(SMALLEST_RANGE, 1e6) | st.integers(1, 10**6) | st.none(),
    resolution=st.integers(*WHOLE["resolution"]),
    line_points=st.integers(*WHOLE["line_points"]),
    batch_size=st.integers(1, 150),
    draws=st.integers(*WHOLE["draws"]),
    sampling=st.sampled_from(["without-replacement", "with-replacement", "epoch-shuffle"]),
    slope_angle=st.floats(-360, 360) | st.integers(-360, 360),
    seed=st.integers(0, LARGEST),
    batch_seed=st.integers(0, LARGEST),
    dtype=st.sampled_from(["float64", "float32"]),
    hidden=st.sampled_from([(10,), (1,), (4096, 3)]),
    max_samples=st.just(0) | st.integers(150, LARGEST),
    table_dtype=st.sampled_from(["same", "float32"]),
)

specs = builds(
    start_point=st.sampled_from(["auto", "paper", "pytorch", "zero"]),
    domain=st.sampled_from([name for name, entry in DOMAINS.items() if not entry.of_path]),
) | builds(
    start_point=st.just("trained"),
    domain=st.sampled_from(list(DOMAINS)),
    train_steps=st.integers(*WHOLE["train_steps"]),
    train_optimiser=st.sampled_from(["adam", "momentum", "sgd"]),
    train_rate=st.floats(0, 1000, exclude_min=True),
)

TRAINED = StudySpec(start_point="trained")

CHANGED = {
    "scaling": "raw",
    "activation": "elu",
    "output_activation": "linear",
    "domain": "local",
    "range": 19.0,
    "resolution": 99,
    "line_points": 99,
    "batch_size": 11,
    "draws": 49,
    "sampling": "with-replacement",
    "slope_angle": 44.0,
    "seed": 12734,
    "batch_seed": 1,
    "dtype": "float32",
    "hidden": (10, 10),
    "max_samples": 140,
    "start_point": "trained",
    "train_steps": 299,
    "train_optimiser": "sgd",
    "train_rate": 0.02,
    "table_dtype": "float32",
}

FIELDS = (
    "nothing: a study has the fields dataset, scaling, loss, activation, output_activation, domain, range, resolution, "
    "line_points, batch_size, draws, sampling, slope_angle, seed, batch_seed, dtype, "
    "problem, hidden, population, max_samples, start_point, train_steps, train_optimiser, train_rate, "
    "table_dtype"
)


def assert_spec_error(kind, fields, message):
    """A specification refuses its first field, in these words."""
    with pytest.raises(SpecError) as caught:
        kind(**fields)
    assert str(caught.value) == message
    assert caught.value.field == next(iter(fields))
