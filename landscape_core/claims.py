"""What the paper observes in Tables 1 and 2, each observation as a statement that numbers can hold against.

A claim is decided for one start point. To add a claim, add one entry to `CLAIMS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Integer
from numpy import ndarray

from landscape_core import paper, questions
from landscape_core.measured import Measured

Landscapes = Mapping[str, Measured]
"""What was measured at one start point, by activation."""

ALL = tuple(dict.fromkeys(row.activation for row in paper.TABLES))
"""The six of the tables, in their order."""

SATURATION = ("sigmoid", "tanh", "softsign")


@dataclass(frozen=True)
class Claim:
    """One observation of the paper.

    Attributes:
        name: Key in the registry.
        domain: "global" (Table 1 and Section 4.1) or "local" (Table 2 and Section 5).
        activation: Which row of the table it is from; None if it is about all of them.
        statement: What the paper observes.
        test: What exactly is computed.
        needs: The activations it looks at.
        check: Whether it holds at a start point.
    """

    name: str
    domain: Literal["global", "local"]
    activation: str | None
    statement: str
    test: str
    needs: tuple[str, ...]
    check: Callable[[Landscapes], bool]


def judge(claims: Sequence[Claim], landscapes: Landscapes) -> Integer[ndarray, "C"]:
    """1 for each claim that holds, 0 for one that does not, −1 if a landscape that it needs is missing or has holes."""
    whole = {name for name, one in landscapes.items() if one.whole}
    verdicts = [int(bool(claim.check(landscapes))) if whole.issuperset(claim.needs) else -1 for claim in claims]
    return np.array(verdicts, dtype=np.int8)


def of(domain: str) -> tuple[Claim, ...]:
    """The claims about a domain, in their order."""
    return tuple(claim for claim in CLAIMS.values() if claim.domain == domain)


def _order_of_magnitude(landscapes: Landscapes) -> bool:
    ratios = [questions.minima_for_an_nngpp(landscapes[name]) for name in ALL]
    if not all(0 < ratio < np.inf for ratio in ratios):
        return False
    return bool(10**0.5 <= np.exp(np.mean(np.log(ratios))) <= 10**1.5)


def _smooth(domain: Literal["global", "local"], activation: str) -> Claim:
    return Claim(
        f"{domain}-{activation}-smooth",
        domain,
        activation,
        "The loss is smooth: its slope is continuous.",
        "Of the three sharpest bends of the full-batch slope on each line the last of four zooms of 8× leaves less than "
        "half.",
        (activation,),
        lambda all_: not questions.jumps(all_[activation]),
    )


def _curved(domain: Literal["global", "local"], activation: str, than: tuple[str, ...], statement: str) -> Claim:
    return Claim(
        f"{domain}-{activation}-curvature",
        domain,
        activation,
        statement,
        "The mean curvature at the true NN-GPPs, in change of the slope per unit length, is higher.",
        (activation, *than),
        lambda all_: all_[activation].curvature > max(all_[name].curvature for name in than),
    )


def _fewest(domain: Literal["global", "local"], activation: str, than: tuple[str, ...], statement: str) -> Claim:
    return Claim(
        f"{domain}-{activation}-fewest",
        domain,
        activation,
        statement,
        "The mean number of NN-GPPs over the draws is lower.",
        (activation, *than),
        lambda all_: questions.found(all_[activation]) < min(questions.found(all_[name]) for name in than),
    )


def _located(domain: Literal["global", "local"], activation: str, than: tuple[str, ...], statement: str) -> Claim:
    return Claim(
        f"{domain}-{activation}-located",
        domain,
        activation,
        statement,
        "The mean distance of the NN-GPPs of mini-batches from the nearest true one on their line is smaller.",
        (activation, *than),
        lambda all_: questions.scatter(all_[activation]) < min(questions.scatter(all_[name]) for name in than),
    )


def _fewer_optima(domain: Literal["global", "local"]) -> Claim:
    return Claim(
        f"{domain}-elu-optima",
        domain,
        "elu",
        "ELU has fewer true optima than ReLU and leaky ReLU.",
        "The true minima on the four lines are fewer than those of either.",
        ("elu", "relu", "leaky_relu"),
        lambda all_: (
            questions.optima(all_["elu"]) < min(questions.optima(all_["relu"]), questions.optima(all_["leaky_relu"]))
        ),
    )


def _surer(domain: Literal["global", "local"]) -> Claim:
    return Claim(
        f"{domain}-tanh-located",
        domain,
        "tanh",
        "Around the true optima, the NN-GPPs of Tanh are closer together than those of Sigmoid.",
        "The stretch around a true NN-GPP in which a mini-batch's slope has either sign with more than 5 %, by a normal "
        "law with its exact SD, is shorter on average.",
        ("tanh", "sigmoid"),
        lambda all_: all_["tanh"].undecided < all_["sigmoid"].undecided,
    )


def _of_flattest(domain: Literal["global", "local"]) -> Claim:
    return Claim(
        f"{domain}-sigmoid-spurious",
        domain,
        "sigmoid",
        "Spurious NN-GPPs lie in the directions of low curvature.",
        "The two lines whose slope changes least along their length carry more than half of the spurious NN-GPPs.",
        ("sigmoid",),
        lambda all_: questions.mostly_on_flattest(all_["sigmoid"]),
    )


def _of_all(domain: Literal["global", "local"]) -> tuple[Claim, ...]:
    """What the argument of the paper rests on, for all six activation functions."""
    return (
        Claim(
            f"{domain}-all-same-optima",
            domain,
            None,
            "For the full batch, minima and NN-GPPs are the same.",
            "For each activation, every line has as many true NN-GPPs as true minima, each at its minimum or one point on.",
            ALL,
            lambda all_: all(questions.same_true_optima(all_[name]) for name in ALL),
        ),
        Claim(
            f"{domain}-all-ceiling",
            domain,
            None,
            "Mini-batches have a large number of spurious minima.",
            "For each activation, the mean number of minima is more than half of what white noise gives.",
            ALL,
            lambda all_: all(questions.many_minima(all_[name]) for name in ALL),
        ),
        Claim(
            f"{domain}-all-uniform",
            domain,
            None,
            "The minima of mini-batches are spread evenly over the lines.",
            "For each activation and line, the variance of their places is within a quarter of that of even ones.",
            ALL,
            lambda all_: all(questions.evenly_spread(all_[name]) for name in ALL),
        ),
        Claim(
            f"{domain}-all-magnitude",
            domain,
            None,
            "Mini-batches have about ten times as many minima as NN-GPPs.",
            "Minima over NN-GPPs, as the geometric mean over the six activations, is nearer to 10 than to 1 or 100.",
            ALL,
            _order_of_magnitude,
        ),
        Claim(
            f"{domain}-all-located",
            domain,
            None,
            "NN-GPPs gather around the true ones, minima do not.",
            "Summed over the six activations, the mean distance from the nearest true NN-GPP is less than half that of "
            "the minima.",
            ALL,
            lambda all_: (
                sum(questions.scatter(all_[name]) for name in ALL)
                < 0.5 * sum(all_[name].scatter(all_[name].minima) for name in ALL)
            ),
        ),
        Claim(
            f"{domain}-all-curvature",
            domain,
            None,
            "Directions of high curvature have few spurious NN-GPPs, those of low curvature many.",
            "For each activation, the two lines whose slope changes least along their length carry more than half of the "
            "spurious NN-GPPs.",
            ALL,
            lambda all_: all(questions.mostly_on_flattest(all_[name]) for name in ALL),
        ),
    )


CLAIMS: dict[str, Claim] = {
    claim.name: claim
    for claim in (
        *_of_all("global"),
        _smooth("global", "sigmoid"),
        _of_flattest("global"),
        Claim(
            "global-sigmoid-one-each",
            "global",
            "sigmoid",
            "Each line has a single true optimum.",
            "Every line has exactly one true minimum and one true NN-GPP.",
            ("sigmoid",),
            lambda all_: questions.one_on_each_line(all_["sigmoid"]),
        ),
        Claim(
            "global-sigmoid-variance",
            "global",
            "sigmoid",
            "Even where they scatter most, NN-GPPs have half the variance of the minima.",
            "The variance of the NN-GPPs' places on the line where it is largest is at most half that of the minima on the "
            "line where theirs is smallest.",
            ("sigmoid",),
            lambda all_: questions.half_the_variance(all_["sigmoid"]),
        ),
        _curved("global", "tanh", ("sigmoid",), "Tanh has a higher curvature than Sigmoid."),
        _surer("global"),
        Claim(
            "global-tanh-edges",
            "global",
            "tanh",
            "Saturation gives false NN-GPPs at the edges.",
            "In the outer fifths of the four lines together, at least one spurious NN-GPP is to be expected.",
            ("tanh",),
            lambda all_: all_["tanh"].spurious_at_edges >= 1,
        ),
        Claim(
            "global-softsign-curvature",
            "global",
            "softsign",
            "Softsign has more curvature than Sigmoid and less than Tanh.",
            "The mean curvature at the true NN-GPPs, in change of the slope per unit length, lies between theirs.",
            SATURATION,
            lambda all_: all_["sigmoid"].curvature < all_["softsign"].curvature < all_["tanh"].curvature,
        ),
        _located("global", "softsign", ("sigmoid", "tanh"), "The NN-GPPs of Softsign are closest to the true ones."),
        Claim(
            "global-softsign-edges",
            "global",
            "softsign",
            "Softsign saturates less at the ends and so has fewer spurious NN-GPPs there.",
            "In the outer fifths of the lines, fewer spurious NN-GPPs are to be expected than for Sigmoid and for Tanh.",
            SATURATION,
            lambda all_: (
                all_["softsign"].spurious_at_edges
                < min(all_["sigmoid"].spurious_at_edges, all_["tanh"].spurious_at_edges)
            ),
        ),
        _fewest("global", "softsign", ("sigmoid", "tanh"), "Softsign has the fewest NN-GPPs of its class."),
        Claim(
            "global-relu-exponential",
            "global",
            "relu",
            "Towards the edges the loss grows exponentially.",
            "Taken literally: far out, from 1,024 to 2,048 half-widths, the loss grows faster than a polynomial of fourth "
            "degree on some end of a line. It cannot: with two layers and a squared error it is of that degree at most, "
            "piece by piece.",
            ("relu",),
            lambda all_: questions.faster_than_quartic(all_["relu"]),
        ),
        Claim(
            "global-relu-convex",
            "global",
            "relu",
            "From afar the loss looks convex.",
            "On every line the full-batch loss at five equally spaced points is convex.",
            ("relu",),
            lambda all_: questions.convex_from_afar(all_["relu"]),
        ),
        Claim(
            "global-relu-intricate",
            "global",
            "relu",
            "From near, the loss is intricate.",
            "On every line the full-batch slope falls somewhere, so that the loss is not convex.",
            ("relu",),
            lambda all_: questions.concave_on_every_line(all_["relu"]),
        ),
        Claim(
            "global-relu-optima",
            "global",
            "relu",
            "ReLU has more true optima than the functions that saturate.",
            "The true minima on the four lines are more than those of Sigmoid, Tanh and Softsign each.",
            ("relu", *SATURATION),
            lambda all_: questions.optima(all_["relu"]) > max(questions.optima(all_[name]) for name in SATURATION),
        ),
        Claim(
            "global-relu-edges",
            "global",
            "relu",
            "Without saturation there are no spurious NN-GPPs at the edges.",
            "In the outer fifths of the four lines together, less than one spurious NN-GPP is to be expected.",
            ("relu",),
            lambda all_: all_["relu"].spurious_at_edges < 1,
        ),
        Claim(
            "global-leaky_relu-alike",
            "global",
            "leaky_relu",
            "At this scale leaky ReLU looks like ReLU.",
            "On the lines the two full-batch losses differ by at most 5 % of the range of ReLU's.",
            ("relu", "leaky_relu"),
            lambda all_: questions.alike(all_["relu"], all_["leaky_relu"]),
        ),
        Claim(
            "global-leaky_relu-spurious",
            "global",
            "leaky_relu",
            "In directions of low curvature leaky ReLU has more spurious NN-GPPs than ReLU.",
            "On the two lines whose slope changes least along their length, more spurious NN-GPPs are to be expected.",
            ("relu", "leaky_relu"),
            lambda all_: (
                questions.spurious_on_flattest(all_["leaky_relu"]) > questions.spurious_on_flattest(all_["relu"])
            ),
        ),
        _fewer_optima("global"),
        _smooth("global", "elu"),
        _curved("global", "elu", ("relu", "leaky_relu"), "ELU has a higher curvature than ReLU and leaky ReLU."),
        _located("global", "elu", ("relu", "leaky_relu"), "The NN-GPPs of ELU are closer to the true ones."),
        _fewest("global", "elu", ("relu", "leaky_relu"), "ELU has the fewest NN-GPPs of its class."),
        *_of_all("local"),
        _smooth("local", "sigmoid"),
        _of_flattest("local"),
        Claim(
            "local-sigmoid-contour",
            "local",
            "sigmoid",
            "It is mainly the contour direction d2 that carries the spurious NN-GPPs.",
            "The line d2 carries more than half of the spurious NN-GPPs of all four.",
            ("sigmoid",),
            lambda all_: questions.mostly_on_d2(all_["sigmoid"]),
        ),
        _curved("local", "tanh", ("sigmoid",), "Tanh has a higher curvature than Sigmoid."),
        _fewest("local", "tanh", ("sigmoid",), "Tanh has fewer NN-GPPs than Sigmoid."),
        _surer("local"),
        Claim(
            "local-tanh-contour",
            "local",
            "tanh",
            "The contour direction d2 gives spurious NN-GPPs over its whole length.",
            "In each fifth of the line d2, at least half an NN-GPP is to be expected.",
            ("tanh",),
            lambda all_: questions.all_along_d2(all_["tanh"]),
        ),
        _curved("local", "softsign", ("tanh",), "Softsign has more local curvature than Tanh."),
        _located("local", "softsign", ("sigmoid", "tanh"), "The NN-GPPs of Softsign are highly localised."),
        _fewest("local", "softsign", ("sigmoid", "tanh"), "Softsign has the fewest NN-GPPs of its class."),
        Claim(
            "local-relu-jumps",
            "local",
            "relu",
            "The loss is stitched together of pieces: its slope jumps.",
            "Of one or more of the three sharpest bends of the full-batch slope on each line the last of four zooms of 8× "
            "leaves more than half.",
            ("relu",),
            lambda all_: questions.jumps(all_["relu"]),
        ),
        Claim(
            "local-relu-several",
            "local",
            "relu",
            "There can be more than one optimum in a direction.",
            "Some line has at least two true minima.",
            ("relu",),
            lambda all_: questions.several_on_a_line(all_["relu"]),
        ),
        Claim(
            "local-relu-shallow",
            "local",
            "relu",
            "Some optima lie in shallow basins, others in basins of higher curvature.",
            "The curvatures at the true NN-GPPs differ by more than a factor of ten.",
            ("relu",),
            lambda all_: questions.shallow_and_sharp(all_["relu"]),
        ),
        Claim(
            "local-relu-flat",
            "local",
            "relu",
            "Where all units are off there are flat planes, which no mini-batch changes.",
            "At one point or more of a coarse plane of 10 × 10, no sample has any slope along d1 or d2. It takes all "
            "output units to be off, not the hidden ones.",
            ("relu",),
            lambda all_: questions.flat_somewhere(all_["relu"]),
        ),
        Claim(
            "local-relu-quadratic",
            "local",
            "relu",
            "Towards its highest end the loss is quadratic.",
            "In the outer fifth before the highest end of a line both halves have the same curvature, not 0, to within a "
            "fifth. The paper says it of where all units are on; not all are there, and the loss is a polynomial of up to "
            "fourth degree, piece by piece.",
            ("relu",),
            lambda all_: questions.quadratic_at_the_highest_end(all_["relu"]),
        ),
        Claim(
            "local-leaky_relu-alike",
            "local",
            "leaky_relu",
            "Leaky ReLU shares the features of ReLU.",
            "The full-batch slope of each jumps, and each has some line with at least two true minima.",
            ("relu", "leaky_relu"),
            lambda all_: all(
                questions.jumps(all_[name]) and questions.several_on_a_line(all_[name])
                for name in ("relu", "leaky_relu")
            ),
        ),
        Claim(
            "local-leaky_relu-flat",
            "local",
            "leaky_relu",
            "Its flat planes are not quite flat.",
            "At every point of a coarse plane of 10 × 10 some sample has a slope along d1 or d2, and at some point all of "
            "them are below 1 % of the largest on the plane.",
            ("leaky_relu",),
            lambda all_: questions.next_to_flat(all_["leaky_relu"]),
        ),
        _smooth("local", "elu"),
        Claim(
            "local-elu-diagonals",
            "local",
            "elu",
            "On the diagonals there is one optimum each.",
            "The lines d1+d2 and d1−d2 have exactly one true minimum each.",
            ("elu",),
            lambda all_: questions.one_on_each_diagonal(all_["elu"]),
        ),
        _fewer_optima("local"),
        _curved("local", "elu", ("relu", "leaky_relu"), "ELU has a higher curvature than ReLU and leaky ReLU."),
        _located("local", "elu", ("relu", "leaky_relu"), "The NN-GPPs of ELU are closer to the true ones."),
        _fewest("local", "elu", ("relu", "leaky_relu"), "ELU has the fewest NN-GPPs of its class."),
    )
}
