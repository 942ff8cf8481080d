"""Landscapes for which a claim of the paper's text holds, and for which it does not, by the claim's name."""

from functools import partial

import numpy as np
import torch
from reference_landscapes import (
    HALF_WIDTH,
    POINTS,
    POSITIONS,
    bowl,
    build_features,
    four_wells,
    split_evenly,
    wells,
)

from landscape_core.paper import published
from landscape_core.statistics.sample_table import SampleTable


def six(**changes):
    return {**{name: bowl() for name in published.PAPER_ACTIVATIONS}, **changes}


def spots(*found):
    """Shares of NN-GPPs: (line, from, to, total) each, spread evenly, and 1 in the middle of every line."""
    shares = np.zeros((4, POINTS))
    shares[:, POINTS // 2] = 1.0
    for line, low, high, total in found:
        inside = (low <= POSITIONS) & (high >= POSITIONS)
        shares[line, inside] += total / inside.sum()
    return shares


EVERYWHERE = spots(*((line, -2.0, 2.0, 30.0) for line in range(4)))
"""NN-GPPs all over."""

OUTSIDE = spots((0, 1.5, 2.0, 1.5), (1, -2.0, -1.5, 1.5))
"""Three spurious NN-GPPs at the edges."""

ON_D1, ON_D2 = (spots((line, -2.0, 2.0, 5.0)) for line in (0, 1))
MANY = {"nngpps": EVERYWHERE}


def noisy(loss, slope):
    """A bowl with the same SDs at all points of the lines."""
    return bowl(loss_sd=np.full((4, POINTS), loss), sd=np.full((4, POINTS), slope))


QUIETER, LOUDER = noisy(0.5, 0.1), noisy(0.1, 0.5)


def flattening(shares):
    """Less curvature along d2 than along any other line."""
    return bowl(4.0, 0.1, nngpps=shares)


def quiet(where, measure, noise, deviation):
    """One hundred points of a plane with a measure of 0.01 and an SD of their own at the first ten, else 1 and 1."""
    first = np.arange(100) < 10
    changes = {measure: np.where(first, 0.01, 1.0)[:, None].repeat(3, 1), noise: np.where(first, deviation**2, 1.0)}
    return six(**{where: bowl(split=partial(split_evenly, **changes))})


def quiet_at(place, size=0.1, noise=0.1):
    """A slope of 1 ± 1, but for another size and SD near a place on d1."""

    def tabulate(coordinates):
        near = np.abs(coordinates[:, :1] - place) < 0.3
        slope = np.where(near, size, 1.0) + np.where(near, noise, 1.0) * np.array([-1.0, 1.0])
        return SampleTable(torch.from_numpy(slope), (torch.from_numpy(slope), torch.zeros(slope.shape)))

    return six(sigmoid=bowl(tabulate=tabulate, shared=torch.eye(2, dtype=torch.float64)))


def tabulate_strips(coordinates, *, minima, nngpps):
    """Nine samples, and as mini-batches each of them: whether optima are likely is decided by d1 as a share of the plane.

    The samples of points before and after have a loss of 1; at the point itself it is 0, where a minimum is likely. The
    signs of the slopes are open where an NN-GPP is likely, else all positive.
    """
    place = (coordinates[:, 0] / HALF_WIDTH + 1) / 2
    loss = np.ones((len(place), 9))
    loss[:, 3:6] = np.where(place < minima, 0.0, 2.0)[:, None]
    slope = np.where(place[:, None] < nngpps, np.array([1.0, -1.0] * 4 + [1.0]), 1.0)
    slope = torch.from_numpy(slope)
    return SampleTable(torch.from_numpy(loss), (slope, slope))


def strips(minima, nngpps):
    return six(
        sigmoid=bowl(
            tabulate=partial(tabulate_strips, minima=minima, nngpps=nngpps), shared=torch.eye(9, dtype=torch.float64)
        )
    )


def open_by(before, after):
    """A slope of a along d1, with an SD of its own on either side of 0."""

    def tabulate(coordinates):
        a = coordinates[:, :1]
        slope = a + np.where(a < 0, before, after) * np.array([-1.0, 1.0])
        return SampleTable(torch.from_numpy(slope), (torch.from_numpy(slope), torch.zeros(slope.shape)))

    return six(sigmoid=bowl(tabulate=tabulate, shared=torch.eye(2, dtype=torch.float64)))


def noisier_outside(edges, nngpps):
    outer = np.abs(POSITIONS) > 0.6 * HALF_WIDTH
    return six(tanh=bowl(sd=np.where(outer, edges, 1.0) * np.ones((4, 1)), nngpps=nngpps))


def saturated(**changes):
    """Noise as large as the slope, and spurious NN-GPPs near its zeros."""
    near = spots(*((line, -0.7, 0.9, 3.0) for line in range(4)))
    return bowl(**{"sd": np.abs(bowl().slope), "nngpps": near, **changes})


def quietest_on(line, **changes):
    return six(tanh=bowl(loss_sd=np.where(np.arange(4) == line, 0.5, 1.0)[:, None] * np.ones(POINTS), **changes))


def counting(sign):
    """More units on, or fewer, farther out, where a loss of fourth degree is curved most."""
    fourth = build_features(lambda a, b: (a**4 + b**4, 4 * a**3, 4 * b**3))
    reach = torch.linspace(0.0, 2 * HALF_WIDTH, 200)

    def look_at_units(coordinates):
        """One unit with a reach of its own for each sample: it is off before that, or beyond it."""
        far = torch.from_numpy(np.linalg.norm(coordinates, axis=-1))
        return ((far[:, None, None] - reach) * sign < 0,) * 2

    return six(relu=bowl(slope=fourth.slope, look_at_units=look_at_units))


def sharp_at(place):
    """A shallow basin at a = −1 and a sharp one at another place."""
    return six(
        relu=build_features(
            lambda a, _: (
                np.where(a > 0, 5 * (a - place) ** 2, (a + 1) ** 2 / 20 + 4.95),
                np.where(a > 0, 10 * (a - place), (a + 1) / 10),
                0.0,
            )
        )
    )


def nearly_flat(bend):
    """A slope of 0.001 below 0, with a curvature of its own there."""
    return six(leaky_relu=build_features(lambda a, _: (a, np.where(a > 0, 1 + a, 1e-3 * (1 + bend * a)), 0.0)))


CENTRED = np.where(np.abs(POSITIONS) < 0.5, 0.9, 0.0) * np.ones((4, 1))
WIDE_ERRORS, NARROW_ERRORS = (
    six(sigmoid=bowl(split=partial(split_evenly, error_sd=np.full((100, 3), sd)))) for sd in (1.1, 0.9)
)

BOTH = {
    "all-quieter-saturation": (
        six(sigmoid=QUIETER, tanh=QUIETER, softsign=LOUDER),
        six(sigmoid=QUIETER, tanh=LOUDER, softsign=LOUDER),
    ),
    "all-quieter-sparsity": (
        six(relu=QUIETER, elu=QUIETER, leaky_relu=LOUDER),
        six(relu=QUIETER, elu=LOUDER, leaky_relu=LOUDER),
    ),
    "sigmoid-quiet-loss": (
        quiet("sigmoid", "error_mean", "loss_variance", 0.4),
        quiet("sigmoid", "error_mean", "loss_variance", 0.6),
    ),
    "sigmoid-quiet-slope": (
        quiet("sigmoid", "model_mean", "slope_variance", 0.4),
        quiet("sigmoid", "model_mean", "slope_variance", 0.6),
    ),
    "sigmoid-nngpp-area": (strips(0.6, 0.2), strips(0.6, 0.4)),
    "softsign-best": (six(sigmoid=bowl(**MANY), tanh=bowl(**MANY)), six(tanh=bowl(**MANY))),
    "elu-best": (six(relu=bowl(**MANY), leaky_relu=bowl(**MANY)), six(relu=bowl(**MANY))),
}

OBSERVED = {
    **{f"{domain}-{name}": both for domain in ("global", "local") for name, both in BOTH.items()},
    "global-all-saturated": (
        six(**dict.fromkeys(("sigmoid", "tanh", "softsign"), saturated())),
        six(sigmoid=saturated(), tanh=saturated(nngpps=OUTSIDE), softsign=saturated()),
    ),
    "global-all-mountainous": (six(sigmoid=four_wells(), tanh=four_wells()), six(sigmoid=four_wells())),
    "global-sigmoid-quieter": (six(sigmoid=QUIETER), six(sigmoid=LOUDER)),
    "global-sigmoid-errors": (WIDE_ERRORS, NARROW_ERRORS),
    "global-sigmoid-quiet-ends": (quiet_at(2.0), quiet_at(0.2)),
    "global-sigmoid-minima-area": (strips(0.95, 0.5), strips(0.85, 0.5)),
    "global-sigmoid-sides": (open_by(1.0, 1.0), open_by(1.0, 0.5)),
    "global-tanh-steeper": (six(tanh=bowl(2.0)), six()),
    "global-tanh-quiet-edges": (noisier_outside(0.9, OUTSIDE * 2), noisier_outside(1.1, OUTSIDE * 2)),
    "global-leaky_relu-optima": (six(leaky_relu=wells()), six(leaky_relu=wells(), sigmoid=wells())),
    "global-leaky_relu-middle": (six(), six(leaky_relu=bowl(**MANY))),
    "global-elu-convex": (six(), six(elu=bowl(-1.0))),
    "local-tanh-quiet-direction": (quietest_on(1), quietest_on(0)),
    "local-relu-active": (counting(1), counting(-1)),
    "local-relu-halves": (sharp_at(0.5), sharp_at(1.5)),
    "local-leaky_relu-constant": (nearly_flat(0.02), nearly_flat(0.2)),
    "local-leaky_relu-no-fewer": (six(), six(relu=wells())),
    "local-leaky_relu-curved": (nearly_flat(0.2), nearly_flat(0.0)),
    "local-elu-negative": (six(elu=bowl(2.0)), six(elu=bowl(2.0), leaky_relu=bowl(3.0))),
    "local-elu-curved-lines": (
        six(relu=flattening(ON_D1), leaky_relu=flattening(ON_D1), elu=flattening(ON_D2)),
        six(relu=flattening(ON_D2), leaky_relu=flattening(ON_D1), elu=flattening(ON_D1)),
    ),
}

ALSO_FAIL = {
    "global-all-saturated": six(
        **dict.fromkeys(("sigmoid", "softsign"), saturated()), tanh=saturated(sd=np.ones((4, POINTS)))
    ),
    "global-tanh-quiet-edges": noisier_outside(0.9, spots((0, -1.0, 1.0, 9.0))),
    "global-sigmoid-quiet-ends (not flat)": quiet_at(2.0, size=0.7),
    "global-sigmoid-quiet-ends (not quiet)": quiet_at(2.0, noise=0.7),
    "global-leaky_relu-middle": six(leaky_relu=bowl(slope=np.where(bowl().slope < 0, -1.0, 1.0))),
    "global-sigmoid-sides": open_by(0.01, 0.01),
    "local-tanh-quiet-direction": quietest_on(1, minima=CENTRED),
    "local-relu-active": six(),
    "local-relu-halves": six(relu=bowl(slope=np.ones((4, POINTS)))),
    "local-leaky_relu-constant": six(),
    "local-leaky_relu-no-fewer": six(relu=bowl(**MANY)),
    "local-leaky_relu-curved": six(),
}
"""Landscapes for which the other half of a claim's test does not hold, or in which there is nothing to look at."""
