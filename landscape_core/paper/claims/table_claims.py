"""The paper's observations in the comments of Tables 1 and 2, and what Sections 3 to 6 say of all functions."""

from __future__ import annotations

from landscape_core.paper.claims import criteria
from landscape_core.paper.claims.claim import Claim, claim_less, claim_more, claim_of_one
from landscape_core.paper.claims.repeated_claims import (
    claim_curved,
    claim_fewer_optima,
    claim_fewest,
    claim_located,
    claim_smooth,
    claim_spurious_on_flattest,
    claim_tanh_decided,
    claim_tanh_located,
    claims_of_all,
)

SATURATION = ("sigmoid", "tanh", "softsign")

TABLE_CLAIMS: tuple[Claim, ...] = (
    *claims_of_all("global"),
    claim_smooth("global", "sigmoid"),
    claim_spurious_on_flattest("global"),
    claim_of_one(
        "global-sigmoid-one-each",
        "Each line has a single true optimum.",
        "Every line has exactly one true minimum and one true NN-GPP.",
        criteria.one_on_each_line,
        "Section 3.2",
    ),
    claim_of_one(
        "global-sigmoid-variance",
        "Even where they scatter most, NN-GPPs have half the variance of the minima.",
        "The variance of the NN-GPPs' places on the line where it is largest is at most half that of the minima on the "
        "line where theirs is smallest.",
        criteria.half_the_variance,
        "Section 3.2",
    ),
    claim_curved("global", "tanh", ("sigmoid",), "Tanh has a higher curvature than Sigmoid."),
    claim_tanh_decided("global"),
    claim_tanh_located("global"),
    claim_of_one(
        "global-tanh-edges",
        "Saturation gives false NN-GPPs at the edges.",
        "In the outer fifths of the four lines together, at least one spurious NN-GPP is to be expected.",
        lambda features: features.spurious_at_edges >= 1,
    ),
    Claim(
        "global-softsign-curvature",
        "Softsign has more curvature than Sigmoid and less than Tanh.",
        "The mean curvature at the true NN-GPPs, in change of the slope per unit length, lies between theirs.",
        SATURATION,
        lambda found: found["sigmoid"].curvature < found["softsign"].curvature < found["tanh"].curvature,
    ),
    claim_located("global", "softsign", ("sigmoid", "tanh"), "The NN-GPPs of Softsign are closest to the true ones."),
    claim_less(
        "global-softsign-edges",
        ("sigmoid", "tanh"),
        "Softsign saturates less at the ends and so has fewer spurious NN-GPPs there.",
        "In the outer fifths of the lines, fewer spurious NN-GPPs are to be expected than for Sigmoid and for Tanh.",
        lambda features: features.spurious_at_edges,
    ),
    claim_fewest("global", "softsign", ("sigmoid", "tanh"), "Softsign has the fewest NN-GPPs of its class."),
    claim_of_one(
        "global-relu-exponential",
        "Towards the edges the loss grows exponentially.",
        "Read as an aggressive increase: far out, from 1,024 to 2,048 half-widths, the loss grows faster than a "
        "parabola on some end of a line. Exponential growth is impossible: with two layers and a squared error the "
        "loss is, piece by piece, a polynomial of fourth degree at most.",
        criteria.faster_than_quadratic,
    ),
    claim_of_one(
        "global-relu-convex",
        "From afar the loss looks convex.",
        "On every line the full-batch loss at five equally spaced points is convex.",
        criteria.convex_from_afar,
    ),
    claim_of_one(
        "global-relu-intricate",
        "From near, the loss is intricate.",
        "On every line the full-batch slope falls somewhere, so that the loss is not convex.",
        criteria.concave_on_every_line,
    ),
    claim_more(
        "global-relu-optima",
        SATURATION,
        "ReLU has more true optima than the functions that saturate.",
        "The true minima on the four lines are more than those of Sigmoid, Tanh and Softsign each.",
        criteria.optima,
    ),
    claim_of_one(
        "global-relu-edges",
        "Without saturation there are no spurious NN-GPPs at the edges.",
        "In the outer fifths of the four lines together, less than one spurious NN-GPP is to be expected.",
        lambda features: features.spurious_at_edges < 1,
    ),
    Claim(
        "global-leaky_relu-alike",
        "At this scale leaky ReLU looks like ReLU.",
        "On the lines the two full-batch losses differ by at most 5% of the range of ReLU's.",
        ("relu", "leaky_relu"),
        lambda found: criteria.are_alike(found["relu"], found["leaky_relu"]),
    ),
    claim_more(
        "global-leaky_relu-spurious",
        ("relu",),
        "In directions of low curvature leaky ReLU has more spurious NN-GPPs than ReLU.",
        "On the two lines whose slope changes least along their length, more spurious NN-GPPs are to be expected.",
        criteria.spurious_on_flattest,
    ),
    claim_fewer_optima("global"),
    claim_smooth("global", "elu"),
    claim_curved("global", "elu", ("relu", "leaky_relu"), "ELU has a higher curvature than ReLU and leaky ReLU."),
    claim_located("global", "elu", ("relu", "leaky_relu"), "The NN-GPPs of ELU are closer to the true ones."),
    claim_fewest("global", "elu", ("relu", "leaky_relu"), "ELU has the fewest NN-GPPs of its class."),
    *claims_of_all("local"),
    claim_smooth("local", "sigmoid"),
    claim_spurious_on_flattest("local"),
    claim_of_one(
        "local-sigmoid-contour",
        "It is mainly the contour direction d2 that carries the spurious NN-GPPs.",
        "The line d2 carries more than half of the spurious NN-GPPs of all four.",
        criteria.mostly_on_d2,
    ),
    claim_curved("local", "tanh", ("sigmoid",), "Tanh has a higher curvature than Sigmoid."),
    claim_fewest("local", "tanh", ("sigmoid",), "Tanh has fewer NN-GPPs than Sigmoid."),
    claim_tanh_decided("local"),
    claim_tanh_located("local"),
    claim_of_one(
        "local-tanh-contour",
        "The contour direction d2 gives spurious NN-GPPs over its whole length.",
        "In each fifth of the line d2, at least half an NN-GPP is to be expected.",
        criteria.all_along_d2,
    ),
    claim_curved("local", "softsign", ("tanh",), "Softsign has more local curvature than Tanh."),
    claim_of_one(
        "local-softsign-located",
        "The NN-GPPs of Softsign are highly localised.",
        "The mean distance of the NN-GPPs of mini-batches from the nearest true one on their line is at most a tenth "
        "of the half-width.",
        lambda features: criteria.scatter(features) <= 0.1,
    ),
    claim_fewest("local", "softsign", ("sigmoid", "tanh"), "Softsign has the fewest NN-GPPs of its class."),
    claim_of_one(
        "local-relu-jumps",
        "The loss is stitched together of pieces: its slope jumps.",
        "Of one or more of the three sharpest bends of the full-batch slope on each line the last of four zooms of 8× "
        "leaves more than half.",
        criteria.jumps,
    ),
    claim_of_one(
        "local-relu-several",
        "There can be more than one optimum in a direction.",
        "Some line has at least two true minima.",
        criteria.several_on_a_line,
        "Section 5",
    ),
    claim_of_one(
        "local-relu-shallow",
        "Some optima lie in shallow basins, others in basins of higher curvature.",
        "The curvatures at the true NN-GPPs differ by more than a factor of ten.",
        criteria.shallow_and_sharp,
        "Section 5",
    ),
    claim_of_one(
        "local-relu-flat",
        "Where all units are off there are flat planes, which no mini-batch changes.",
        "At one point or more of a coarse plane of 10 × 10, no sample has any slope along d1 or d2. It takes all "
        "output units to be off, not the hidden ones.",
        criteria.flat_somewhere,
    ),
    claim_of_one(
        "local-relu-quadratic",
        "Towards its highest end the loss is quadratic.",
        "In the outer fifth before the highest end of a line both halves have the same curvature, not 0, to within a "
        "fifth. The paper says it of where all units are on; not all are there, and the loss is a polynomial of up to "
        "fourth degree, piece by piece.",
        criteria.quadratic_at_the_highest_end,
    ),
    Claim(
        "local-leaky_relu-alike",
        "Leaky ReLU shares the features of ReLU.",
        "The full-batch slope of each jumps, and each has some line with at least two true minima.",
        ("relu", "leaky_relu"),
        lambda found: all(
            criteria.jumps(found[name]) and criteria.several_on_a_line(found[name]) for name in ("relu", "leaky_relu")
        ),
    ),
    claim_of_one(
        "local-leaky_relu-flat",
        "Its flat planes are not quite flat.",
        "At every point of a coarse plane of 10 × 10 some sample has a slope along d1 or d2, and at some point all of "
        "them are below 1% of the largest on the plane.",
        criteria.next_to_flat,
    ),
    claim_smooth("local", "elu"),
    claim_of_one(
        "local-elu-diagonals",
        "On the diagonals there is one optimum each.",
        "The lines d1+d2 and d1−d2 have exactly one true minimum each.",
        criteria.one_on_each_diagonal,
    ),
    claim_fewer_optima("local"),
    claim_curved("local", "elu", ("relu", "leaky_relu"), "ELU has a higher curvature than ReLU and leaky ReLU."),
    claim_located("local", "elu", ("relu", "leaky_relu"), "The NN-GPPs of ELU are closer to the true ones."),
    claim_fewest("local", "elu", ("relu", "leaky_relu"), "ELU has the fewest NN-GPPs of its class."),
)
