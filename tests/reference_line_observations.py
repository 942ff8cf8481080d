"""Landscapes for which observations of NN-GPPs along lines hold, and for which they do not."""

import dataclasses

import numpy as np
import torch
from reference_landscapes import POINTS, POSITIONS, bowl, kinked, wells

from landscape_core.paper.published import PAPER_ACTIVATIONS
from landscape_core.statistics.sample_table import SampleTable


def each(function=bowl, **changes):
    return {name: function(**changes) for name in PAPER_ACTIVATIONS}


def around_the_optimum(variance):
    """Shares of NN-GPPs with that variance of their places around the middle of a step."""
    weights = np.exp(-((POSITIONS - POSITIONS.mean()) ** 2) / (2 * variance))
    return np.tile(weights / weights.sum(), (4, 1))


OPEN = {"sd": np.full((4, POINTS), 0.3)}
"""An SD of the slope of 0.3, and of a bowl of curvature 1: open for ±0.3 around its optimum, by the law 5/6 · 0.09."""

WIDTHS = np.array([0.4, 0.1, 0.2, 0.3])
BY_WIDTH = np.concatenate([around_the_optimum(width**2)[:1] for width in WIDTHS])


def median_elsewhere(steep, flat):
    """Three samples, each a mini-batch; the minima of two lie before that of the mean.

    Args:
        steep: By how much on the line d1, of curvature 1.
        flat: The same along d2, of curvature 0.01.
    """
    away = np.array([-1.0, -1.0, 2.0])

    def tabulate(coordinates):
        first = coordinates[:, :1] - 0.1 - steep * away * (coordinates[:, 1:] == 0)
        second = 0.01 * (coordinates[:, 1:] - 0.2 - flat * away)
        return SampleTable(torch.zeros(first.shape), (torch.tensor(first), torch.tensor(second)))

    shared = torch.eye(3, dtype=torch.float64)
    return dataclasses.replace(bowl(), tabulate=tabulate, shared=shared)


def switching(*places):
    """Units that go on at places along d1."""

    def look(coordinates):
        hidden = torch.tensor(coordinates[:, :1] < np.array(places))[..., None]
        return hidden, torch.zeros(len(coordinates), 1, 1, dtype=torch.bool)

    return look


SHARED = {
    "all-minimisers": (each(at_minima=0.9), {**each(at_minima=1.0), "relu": bowl(at_minima=0.89)}),
    "all-beside-minima": (each(at_minima=0.67), each(at_minima=0.66)),
    "all-ignored": (
        each(minima=np.full((4, POINTS), 0.021)),
        {**each(), "elu": bowl(minima=np.full((4, POINTS), 0.019))},
    ),
    "all-uncertainty": (each(nngpps=BY_WIDTH, static_sd=WIDTHS), each(nngpps=BY_WIDTH, static_sd=0.5 - WIDTHS)),
    "all-static": (each(static_sd=np.full(4, 0.59), **OPEN), each(static_sd=np.full(4, 0.61), **OPEN)),
    "all-law": (
        each(nngpps=around_the_optimum(1.9 * 5 / 6 * 0.09), **OPEN),
        each(nngpps=around_the_optimum(2.1 * 5 / 6 * 0.09), **OPEN),
    ),
}

KINKS = {"look_at_units": switching(-1.0, 0.0, 1.0)}

LINE_OBSERVED = {
    **{f"{domain}-{name}": both for domain in ("global", "local") for name, both in SHARED.items()},
    "local-softsign-shift": ({"softsign": median_elsewhere(0.0, 0.6)}, {"softsign": median_elsewhere(0.0, 0.4)}),
    "local-relu-units": (
        {"relu": kinked(**KINKS)},
        {"relu": kinked(look_at_units=switching(-1.0, 0.01, 1.0))},
    ),
    "local-leaky_relu-units": ({"leaky_relu": kinked(**KINKS)}, {"leaky_relu": wells(**KINKS)}),
}
"""Claim → landscapes for which it holds and for which it does not."""

ALSO_FAIL_ON_LINES = {
    "global-all-uncertainty where minima tell it too": each(nngpps=BY_WIDTH, minima=BY_WIDTH, static_sd=WIDTHS),
    "global-all-static too narrow": each(static_sd=np.full(4, 0.14), **OPEN),
    "global-all-law too narrow": each(nngpps=around_the_optimum(0.45 * 5 / 6 * 0.09), **OPEN),
    "local-softsign-shift on the steepest line": {"softsign": median_elsewhere(0.6, 0.0)},
    "local-relu-units nothing switches": {"relu": kinked()},
}
