"""The claims that the paper makes about more than one activation function or domain."""

from __future__ import annotations

import numpy as np

from landscape_core.paper.claims import criteria
from landscape_core.paper.claims.claim import Claim, Landscapes, claim_less, claim_more, claim_of_all, claim_of_one
from landscape_core.paper.published import PAPER_ACTIVATIONS

SMOOTH = ("sigmoid", "tanh", "softsign", "elu")
"""The activation functions whose derivative is continuous."""

TREND = {"global": "Section 4.1", "local": "Section 5"}
"""Where the paper says what holds for all activation functions on a domain."""


def claim_smooth(domain: str, activation: str) -> Claim:
    """The loss is smooth."""
    return claim_of_one(
        f"{domain}-{activation}-smooth",
        "The loss is smooth: its slope is continuous.",
        "Of the three sharpest bends of the full-batch slope on each line the last of four zooms of 8× leaves less than "
        "half.",
        lambda features: not criteria.jumps(features),
    )


def claim_curved(domain: str, activation: str, others: tuple[str, ...], statement: str) -> Claim:
    """The loss has a higher curvature than those of others."""
    test = "The mean curvature at the true NN-GPPs, in change of the slope per unit length, is higher."
    return claim_more(f"{domain}-{activation}-curvature", others, statement, test, lambda features: features.curvature)


def claim_fewest(domain: str, activation: str, others: tuple[str, ...], statement: str) -> Claim:
    """There are fewer NN-GPPs than with others."""
    test = "The mean number of NN-GPPs over the draws is lower."
    return claim_less(f"{domain}-{activation}-fewest", others, statement, test, criteria.expected_nngpps)


def claim_located(domain: str, activation: str, others: tuple[str, ...], statement: str) -> Claim:
    """NN-GPPs lie nearer to the true ones than with others."""
    test = "The mean distance of the NN-GPPs of mini-batches from the nearest true one on their line is smaller."
    return claim_less(f"{domain}-{activation}-located", others, statement, test, criteria.scatter)


def claim_fewer_optima(domain: str) -> Claim:
    """ELU has fewer true optima than its class."""
    return claim_less(
        f"{domain}-elu-optima",
        ("relu", "leaky_relu"),
        "ELU has fewer true optima than ReLU and leaky ReLU.",
        "The true minima on the four lines are fewer than those of either.",
        criteria.optima,
    )


def claim_tanh_decided(domain: str) -> Claim:
    """Tanh has shorter stretches in which the sign is open than Sigmoid."""
    return claim_less(
        f"{domain}-tanh-located",
        ("sigmoid",),
        "Around the true optima, the NN-GPPs of Tanh are closer together than those of Sigmoid.",
        "The stretch around a true NN-GPP in which a mini-batch's slope has either sign with more than 5%, by a normal "
        "law with its exact SD, is shorter on average.",
        lambda features: features.undecided,
    )


def claim_spurious_on_flattest(domain: str) -> Claim:
    """Spurious NN-GPPs of Sigmoid lie on the flattest lines."""
    return claim_of_one(
        f"{domain}-sigmoid-spurious",
        "Spurious NN-GPPs lie in the directions of low curvature.",
        "The two lines whose slope changes least along their length carry more than half of the spurious NN-GPPs.",
        criteria.mostly_on_flattest,
    )


def claim_tanh_located(domain: str) -> Claim:
    """NN-GPPs of Tanh lie nearer to the true ones than those of Sigmoid: the sentence by the yardstick of the others."""
    return claim_less(
        f"{domain}-tanh-scatter",
        ("sigmoid",),
        "The NN-GPPs of Tanh are closer together than those of Sigmoid, those that saturation gives included.",
        "The mean distance of the NN-GPPs of mini-batches from the nearest true one on their line is smaller. This is the "
        "test of the other functions; around the true optima alone, see above.",
        criteria.scatter,
    )


def claims_of_all(domain: str) -> tuple[Claim, ...]:
    """What the argument of the paper rests on, for all six activation functions."""
    section = TREND[domain]
    return (
        Claim(
            f"{domain}-all-same-optima",
            "For the full batch, minima and NN-GPPs are the same.",
            "For Sigmoid, Tanh, Softsign and ELU, whose loss is smooth, every line has as many true NN-GPPs as true "
            "minima, each at its minimum or one point on. With ReLU and leaky ReLU, which are left out, kinks, flat "
            "stretches and basins narrower than two steps of the line can have the one without the other.",
            SMOOTH,
            lambda landscapes: all(criteria.same_true_optima(landscapes[name]) for name in SMOOTH),
            "Section 3.2",
        ),
        claim_of_all(
            f"{domain}-all-ceiling",
            "Mini-batches have a large number of spurious minima.",
            "For each activation, the mean number of minima is more than half of what white noise gives.",
            criteria.many_minima,
            "Section 6",
        ),
        claim_of_all(
            f"{domain}-all-uniform",
            "The minima of mini-batches are spread evenly over the lines.",
            "For each activation and line, the variance of their places is within a quarter of that of even ones, and no "
            "stretch from the start of the line holds more or less of them than its share by more than a tenth.",
            criteria.evenly_spread,
            "Section 6",
        ),
        Claim(
            f"{domain}-all-magnitude",
            "Mini-batches have about ten times as many minima as NN-GPPs.",
            "Minima over NN-GPPs, as the geometric mean over the six activations, is nearer to 10 than to 1 or 100.",
            PAPER_ACTIVATIONS,
            _has_ten_times_as_many_minima,
            section,
        ),
        Claim(
            f"{domain}-all-located",
            "NN-GPPs gather around the true ones, minima do not.",
            "Summed over the six activations, the mean distance from the nearest true NN-GPP is less than half that of "
            "the minima.",
            PAPER_ACTIVATIONS,
            _nngpps_gather,
            "Section 6",
        ),
        claim_of_all(
            f"{domain}-all-curvature",
            "Directions of high curvature have few spurious NN-GPPs, those of low curvature many.",
            "For each activation, the two lines whose slope changes least along their length carry more than half of the "
            "spurious NN-GPPs.",
            criteria.mostly_on_flattest,
            section,
        ),
        Claim(
            f"{domain}-all-spread",
            "The spatial variance of the NN-GPPs depends on the curvature along the line.",
            "Spearman's correlation of a line's curvature, the mean change of its slope per unit length, with the variance "
            "of the NN-GPPs' places, over the four lines of each activation, is negative on the mean of the six.",
            PAPER_ACTIVATIONS,
            lambda landscapes: (
                float(np.mean([criteria.spread_by_curvature(landscapes[name]) for name in PAPER_ACTIVATIONS])) < 0
            ),
            "Section 6",
        ),
    )


def _has_ten_times_as_many_minima(landscapes: Landscapes) -> bool:
    ratios = [criteria.minima_for_an_nngpp(landscapes[name]) for name in PAPER_ACTIVATIONS]
    if not all(0 < ratio < np.inf for ratio in ratios):
        return False
    return bool(10**0.5 <= np.exp(np.mean(np.log(ratios))) <= 10**1.5)


def _nngpps_gather(landscapes: Landscapes) -> bool:
    every = [landscapes[name] for name in PAPER_ACTIVATIONS]
    minima = sum(features.scatter(features.minima) for features in every)
    return sum(map(criteria.scatter, every)) < 0.5 * minima
