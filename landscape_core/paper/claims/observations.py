"""What the paper observes in its text and in the captions of its figures, seen on planes and on whole lines."""

from __future__ import annotations

import numpy as np

from landscape_core.paper.claims import criteria, text_criteria
from landscape_core.paper.claims.claim import Claim, claim_less, claim_more, claim_of_one
from landscape_core.paper.claims.repeated_claims import TREND
from landscape_core.paper.claims.table_claims import SATURATION

SPARSITY = ("relu", "leaky_relu", "elu")

CLASSES = {"saturation": (SATURATION, "functions that saturate"), "sparsity": (SPARSITY, "ReLU class")}
"""The paper's two classes of activation functions, and what they are called in a sentence."""


def _claim_quieter(domain: str, name: str) -> Claim:
    members, words = CLASSES[name]
    return Claim(
        f"{domain}-all-quieter-{name}",
        f"The slope is affected less by mini-batches than the loss: as Sigmoid, so the {words}.",
        "On more than half of the class's twelve lines the mean SD of the slope over the range of the full-batch slope is "
        "less than the same of the loss.",
        members,
        lambda landscapes: (
            float(np.mean([text_criteria.quieter_lines(landscapes[member]) for member in members])) > 0.5
        ),
        TREND[domain],
    )


def _claim_best(domain: str, name: str, others: tuple[str, ...]) -> Claim:
    return Claim(
        f"{domain}-{name}-best",
        f"{'Softsign' if name == 'softsign' else 'ELU'} gives the best results for finding NN-GPPs in its class.",
        "It has the lowest mean rank in its class by four measures, of which less is better: expected NN-GPPs; their "
        "mean distance from the nearest true one; the stretch around a true one in which the sign is open; the variance of "
        "their places on the line where it is largest.",
        (name, *others),
        lambda landscapes: text_criteria.is_best([landscapes[one] for one in (name, *others)]),
        "Section 6",
    )


def _claims_of_variance(domain: str) -> tuple[Claim, ...]:
    """Where loss and slope are quiet, and where NN-GPPs can be, on the plane of Sigmoid."""
    return (
        claim_of_one(
            f"{domain}-sigmoid-quiet-loss",
            "Where the errors are small on average, |Ā| ≪ 1, the loss varies less.",
            "At the tenth of a coarse plane of 10 × 10 where the mean errors of the outputs are smallest (root of the sum "
            "of squares), the loss has less than half of its mean SD on the plane.",
            text_criteria.quiet_loss_at_small_errors,
            "Section 3",
        ),
        claim_of_one(
            f"{domain}-sigmoid-quiet-slope",
            "Where units are saturated, C̄ ≈ 0, the slope varies less.",
            "At the tenth of a coarse plane of 10 × 10 where the mean derivatives of the outputs along d1+d2 are smallest "
            "(root of the sum of squares), the slope has less than half of its mean SD on the plane.",
            text_criteria.quiet_slope_at_small_models,
            "Section 3",
        ),
        claim_of_one(
            f"{domain}-sigmoid-nngpp-area",
            "NN-GPPs are likely in places, minima almost everywhere.",
            "The area where an NN-GPP along d1+d2 has more than half of the chance that white noise gives it is less than "
            "half of the area where a minimum has, on 16 × 16 cells of the plane.",
            text_criteria.nngpps_on_less,
            "Fig. 3(c), (d)" if domain == "global" else "Section 5",
        ),
    )


OBSERVATIONS: tuple[Claim, ...] = (
    *(_claim_quieter("global", name) for name in CLASSES),
    Claim(
        "global-all-saturated",
        "Where saturation makes the slope small its noise is low, and yet there are more spurious NN-GPPs.",
        "For Sigmoid, Tanh and Softsign each, the half of the points of the four lines with the smaller full-batch slope "
        "has the lower mean SD of the slope and more of the spurious NN-GPPs.",
        SATURATION,
        lambda landscapes: all(text_criteria.quiet_but_spurious_where_flat(landscapes[name]) for name in SATURATION),
        "Section 4.1",
    ),
    Claim(
        "global-all-mountainous",
        "Functions that saturate have mountainous features: regions of high and of low curvature alternate.",
        "On more than half of the twelve lines of Sigmoid, Tanh and Softsign a stretch with less than a tenth of the "
        "line's largest curvature lies between two with more than half of it.",
        SATURATION,
        lambda landscapes: (
            float(np.mean([text_criteria.alternating_lines(landscapes[name]) for name in SATURATION])) > 0.5
        ),
        "Section 4.1",
    ),
    claim_of_one(
        "global-sigmoid-quieter",
        "The slope is affected less by mini-batches than the loss.",
        "On more than half of the lines the mean SD of the slope over the range of the full-batch slope is less than "
        "that of the loss.",
        lambda features: float(text_criteria.quieter_lines(features).mean()) > 0.5,
        "Fig. 2",
    ),
    claim_of_one(
        "global-sigmoid-errors",
        "The errors scatter widely, σ(A) ≫ 1, and so the loss varies more than the slope.",
        "At some point of a coarse plane of 10 × 10 the errors of an output have an SD over the samples of more than 1. "
        "With Sigmoid none can: targets and outputs lie within 0 and 1.",
        text_criteria.scatters_beyond_one,
        "Section 3",
    ),
    *_claims_of_variance("global"),
    claim_of_one(
        "global-sigmoid-quiet-ends",
        "There are flat areas of low variance at the extremes, where units are saturated.",
        "The tenth of a coarse plane of 10 × 10 where the slope along d1+d2 has the lowest SD has less than half of the "
        "plane's mean SD and of its mean full-batch slope, without sign, and at least nine tenths of it lie in the outer "
        "fifths.",
        text_criteria.flat_and_quiet_outside,
        "Section 3",
    ),
    claim_of_one(
        "global-sigmoid-minima-area",
        "Minima are likely almost everywhere.",
        "On more than nine tenths of 16 × 16 cells of the plane a minimum along d1+d2 has more than half of the chance "
        "that white noise gives it.",
        text_criteria.minima_everywhere,
        "Fig. 3(c)",
    ),
    claim_of_one(
        "global-sigmoid-sides",
        "The area where the sign is open is double the one that is seen from below: equally large on both sides.",
        "The area where the full-batch slope along d1+d2 is less than one SD below 0 and that where it is less than "
        "one SD above differ by at most a fifth of the larger, on 16 × 16 cells of the plane.",
        text_criteria.open_on_both_sides,
        "Section 3.1",
    ),
    claim_more(
        "global-tanh-steeper",
        ("sigmoid",),
        "The steeper derivative of Tanh makes the slope steeper than that of Sigmoid.",
        "The largest full-batch slope on the four lines, without sign, is larger.",
        text_criteria.largest_slope,
        "Caption of Fig. 7",
    ),
    claim_of_one(
        "global-tanh-quiet-edges",
        "At saturation the slope varies less, and yet gives more spurious NN-GPPs than elsewhere.",
        "The outer fifths of the four lines have the lower mean SD of the slope, and more spurious NN-GPPs per length.",
        text_criteria.quiet_but_spurious_at_edges,
        "Section 4.1",
    ),
    _claim_best("global", "softsign", ("sigmoid", "tanh")),
    claim_more(
        "global-leaky_relu-optima",
        SATURATION,
        "Leaky ReLU, too, has more true optima than the functions that saturate.",
        "The true minima on the four lines are more than those of Sigmoid, Tanh and Softsign each.",
        criteria.optima,
        place="Section 4.1",
    ),
    claim_of_one(
        "global-leaky_relu-middle",
        "NN-GPPs are concentrated around the centre, where the slope is small.",
        "The middle fifths of the four lines hold more than half of the NN-GPPs, and the full-batch slope there, without "
        "sign, has less than half of its mean on the lines.",
        text_criteria.nngpps_in_the_middle,
        "Caption of Fig. 10",
    ),
    claim_of_one(
        "global-elu-convex",
        "From afar the loss is convex, as those of the other ReLUs.",
        "On every line the full-batch loss at five equally spaced points is convex.",
        criteria.convex_from_afar,
        "Caption of Fig. 11",
    ),
    _claim_best("global", "elu", ("relu", "leaky_relu")),
    *(_claim_quieter("local", name) for name in CLASSES),
    *_claims_of_variance("local"),
    claim_of_one(
        "local-tanh-quiet-direction",
        "Along d2 the loss varies least, and its spurious minima are spread evenly all the same.",
        "Of the four lines d2 has the lowest mean SD of the loss, and its minima are spread as evenly as is asked of all "
        "functions.",
        text_criteria.quiet_and_even_along_d2,
        "Caption of Fig. 13",
    ),
    _claim_best("local", "softsign", ("sigmoid", "tanh")),
    claim_of_one(
        "local-relu-active",
        "The fewer units are on, the less curvature has the loss.",
        "The half of the steps of the four lines on which the fewest units are on, hidden and output ones over all "
        "samples, has less than half the mean curvature of the other half.",
        text_criteria.less_curved_with_fewer_on,
        "Section 5",
    ),
    claim_of_one(
        "local-relu-halves",
        "Shallow optima lie in the negative half, sharp ones around one half.",
        "Of two or more true NN-GPPs on the four lines the one of lowest curvature lies below 0, and that of highest "
        "between 0 and 1.",
        text_criteria.shallow_before_sharp,
        "Section 5",
    ),
    claim_of_one(
        "local-leaky_relu-constant",
        "On its flat planes the slope is constant, and not 0.",
        "At the points of a coarse plane of 10 × 10 where all samples have slopes below 1% of the largest on the plane, "
        "the full-batch slopes along d1+d2 have one sign and differ by at most a tenth.",
        text_criteria.constant_where_nearly_flat,
        "Caption of Fig. 16",
    ),
    Claim(
        "local-leaky_relu-no-fewer",
        "Its flat planes neither bring NN-GPPs closer to the true ones nor reduce the true optima.",
        "Leaky ReLU has at least as many true minima as ReLU, and the mean distance of its NN-GPPs from the nearest true "
        "one is at least three quarters of ReLU's.",
        ("relu", "leaky_relu"),
        lambda landscapes: (
            criteria.optima(landscapes["leaky_relu"]) >= criteria.optima(landscapes["relu"])
            and criteria.scatter(landscapes["leaky_relu"]) >= 0.75 * criteria.scatter(landscapes["relu"])
        ),
        "Caption of Fig. 16",
    ),
    claim_of_one(
        "local-leaky_relu-curved",
        "Its flat planes have slight curvature.",
        "At more than half of the points of a coarse plane of 10 × 10 where all samples have slopes below 1% of the "
        "largest on it, the full-batch slope changes along d1 or d2, by less than a tenth of the lines' mean curvature.",
        text_criteria.slightly_curved_where_nearly_flat,
        "Table 2",
    ),
    claim_more(
        "local-elu-negative",
        ("relu", "leaky_relu"),
        "The negative slopes of ELU are larger than those of its class.",
        "The mean of the negative full-batch slopes on the four lines, without sign, is larger than those of ReLU and "
        "leaky ReLU.",
        text_criteria.negative_slope,
        "Caption of Fig. 18",
    ),
    claim_less(
        "local-elu-curved-lines",
        ("relu", "leaky_relu"),
        "In its directions of higher curvature the changes of sign are closer to the true ones than in those of its class.",
        "On the two lines whose slope changes most along their length the mean distance of the NN-GPPs from the nearest "
        "true one is smaller.",
        text_criteria.scatter_on_curved,
        "Caption of Fig. 18",
    ),
    _claim_best("local", "elu", ("relu", "leaky_relu")),
)
