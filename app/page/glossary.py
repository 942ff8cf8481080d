"""Glossary: every term of the page in one or two sentences, some with a formula."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """One entry."""

    name: str
    words: str
    formula: str = ""  # LaTeX as in docs/theory.md, or ""
    forms: tuple[str, ...] = ()  # other words for it, as the page's texts have them
    where: str = ""  # what the letters of the formula are, or ""


TERMS: tuple[Term, ...] = (
    Term(
        "Loss",
        "How wrong the network is: half the squared distance between target and output, summed over the outputs and "
        "averaged over samples. It has no unit of its own.",
        r"\ell_k(x) = \tfrac12 \lVert t_k - y_k(x)\rVert^2",
        ("loss",),
        "ℓₖ: loss of sample k; tₖ: its target; yₖ(x): the network's output at parameters x.",
    ),
    Term(
        "Full batch",
        "All samples of the data set, 150 for Iris. Its loss is what training wants to lower; it is the same every "
        "time, and smooth where the activation is.",
        forms=("full batch", "full-batch"),
    ),
    Term(
        "Mini-batch",
        "A few samples drawn at random; their mean loss and mean gradient stand in for those of the full batch.",
        r"L_{\mathcal B}(x) = \frac1B \sum_{k \in \mathcal B} \ell_k(x)",
        ("mini-batch", "mini-batches", "batch", "batches"),
        "ℬ: the mini-batch; B: its size.",
    ),
    Term(
        "Dynamic mini-batches",
        "A fresh mini-batch at every evaluation, so that the loss jumps from point to point. This is what the paper is "
        "about.",
        forms=("dynamic", "fresh mini-batch", "fresh mini-batches"),
    ),
    Term(
        "Static mini-batch",
        "One mini-batch drawn once and kept. Its loss is as smooth as that of the full batch, but its minimum is its own.",
        forms=("static",),
    ),
    Term(
        "Oracle",
        "Whatever answers the question “what are loss and gradient here?”. A stochastic oracle answers with a mini-batch "
        "of its own choice, so that asking twice gives two answers.",
        forms=("oracle",),
    ),
    Term(
        "Draw",
        "One mini-batch at every point of the plane or line. Draw 0 is what surfaces and curves show; statistics are over "
        "many draws.",
        forms=("draw", "draws"),
    ),
    Term(
        "Gradient",
        "The vector of the loss's derivatives with respect to all 83 parameters. It points where the loss rises fastest.",
        forms=("gradient",),
    ),
    Term(
        "Slope",
        "The directional derivative: how fast the loss changes per unit length along a direction, the gradient projected "
        "on it. Negative: the loss falls that way.",
        r"s_{\mathcal B}(x) = d \cdot \frac1B \sum_{k \in \mathcal B} g_k(x)",
        ("slope", "slopes", "directional derivative", "derivative"),
        "d: a direction of length 1; gₖ: gradient of sample k.",
    ),
    Term(
        "Descent direction",
        "A direction along which the slope is negative, so that a short enough step lowers the loss. Steepest descent is "
        "the negative gradient.",
        forms=("steepest descent", "descent"),
    ),
    Term(
        "Curvature",
        "How fast the slope changes along a direction: the second derivative of the loss. Positive at a minimum.",
        forms=("curvature",),
    ),
    Term(
        "Critical point",
        "A point where the gradient is zero: a minimum, a maximum or a saddle. Along a line: where the slope is zero.",
        forms=("critical point",),
    ),
    Term(
        "Local minimum",
        "A point whose loss is lower than that of its neighbours; on a line of points, lower than both. True: of the full "
        "batch. Apparent: of mini-batches, where noise alone makes one at every third point.",
        r"L_{i-1} > L_i < L_{i+1}",
        ("minimum", "minima", "apparent minimum", "true minimum", "optimum", "optima"),
        "Lᵢ: loss at point i of the line.",
    ),
    Term(
        "NN-GPP",
        "Non-negative associated gradient projection point: a point from which the loss does not fall in any direction, "
        "judged by slopes alone. Along a line: the slope turns from negative to positive here.",
        r"s_{i-1} < 0 \text{ and } s_i > 0",
        ("nn-gpp", "nn-gpps", "non-negative associated gradient projection point"),
        "sᵢ: slope at point i of the line, which is where the NN-GPP stands.",
    ),
    Term(
        "SNN-GPP",
        "Stochastic NN-GPP: a point that fresh mini-batches make an NN-GPP with a probability above 0. Along a line: that "
        "of a negative slope before it, times that of a positive one here.",
        r"P(s_{i-1} < 0)\; P(s_i > 0)",
        ("snn-gpp", "snn-gpps", "stochastic nn-gpp"),
        "sᵢ: slope of a mini-batch at point i of the line.",
    ),
    Term(
        "Ball B_ε",
        "The neighbourhood of a true optimum x* that holds its SNN-GPPs. Here, along a line, it is the smallest one that "
        "holds the stretch in which both signs of the slope have more than 5%. By a normal law its radius grows with the "
        "slope's SD and shrinks with the curvature.",
        r"\varepsilon = 1.645\,\mathrm{SD}/\kappa",
        ("ball", "balls"),
        "SD: of a mini-batch's slope at x*; κ: curvature of the full batch along the line, at x*.",
    ),
    Term(
        "Line search",
        "Choosing how far to go along a direction. One that minimises the function compares losses; a gradient-only one "
        "looks for the change of the slope's sign.",
        forms=("line search", "line searches"),
    ),
    Term(
        "Gradient-only line search",
        "A line search that looks at slopes alone and stops where their sign changes from negative to positive, at an "
        "NN-GPP. The GOLS family of Kafka and Wilke.",
        forms=("gradient-only", "gols", "gols-i", "gols-b", "gols-max", "gols-back"),
    ),
    Term(
        "Bisection",
        "Halving a bracket again and again, here towards the half in which the slope turns from negative to positive.",
        forms=("bisection",),
    ),
    Term(
        "Golden section",
        "Narrowing a bracket by comparing the loss at two points inside it; it needs no slope.",
        forms=("golden section",),
    ),
    Term(
        "Armijo condition",
        "A step is long enough and not too long if the loss has fallen by a set share of what the slope at the start "
        "promises.",
        forms=("armijo",),
    ),
    Term(
        "Urn",
        "The samples of the data set from which a mini-batch is drawn without putting any back.",
        forms=("urn",),
    ),
    Term(
        "Start point",
        "The untrained parameters x₀ in the middle of the plane, each uniform in ±0.3; the seed decides it.",
        forms=("start point", "start points"),
    ),
    Term(
        "Slice",
        "A plane or line through the space of parameters, on which loss and slope are looked at; the other 81 or 82 "
        "dimensions are not seen.",
        forms=("slice", "plane", "line", "lines", "domain"),
    ),
    Term(
        "Principal directions",
        "Of the points that a training passed: the direction in which they vary most, and the one at right angles to it in "
        "which they vary most of what is left, found by principal component analysis.",
        forms=("pca",),
    ),
    Term(
        "Filter",
        "The incoming weights of one unit; in a convolution those of one output channel. A direction is filter-normalised "
        "if each of its filters is as long as that of the start point.",
        forms=("filters", "filter-normalised"),
    ),
    Term(
        "Resolution",
        "How many points a plane's side or a line has. Counts of minima and NN-GPPs grow with it; where the optima lie "
        "does not.",
        forms=("resolution", "points"),
    ),
    Term(
        "White-noise expectation",
        "How many minima white noise has on n points: of three independent values each is the smallest with probability "
        "1/3. A count near it says nothing about the function.",
        r"(n - 2)/3",
        ("white noise",),
        "n: points on the line.",
    ),
    Term(
        "Variance",
        "Mean squared distance from the mean. The variance of a mini-batch's loss or slope tells how far the next answer "
        "may lie from the full batch.",
        forms=("variance", "variances"),
    ),
    Term(
        "SD",
        "Standard deviation, the square root of the variance, in the units of the quantity itself. Over all possible "
        "mini-batches it has a closed form.",
        r"\mathrm{SD} = \sqrt{\frac{\sigma^2}{B}\,\frac{N - B}{N - 1}}",
        ("sd", "standard deviation"),
        "σ²: variance over the samples; N: number of samples; B: size of the mini-batch.",
    ),
    Term(
        "Finite-population correction",
        "The factor by which drawing without replacement lowers the variance. It is 1 for a mini-batch of one sample and 0 "
        "for the full batch, which is never in doubt.",
        r"\frac{N - B}{N - 1}",
        ("finite-population correction", "without replacement"),
    ),
    Term(
        "Sampling",
        "How a mini-batch is drawn. Without replacement: no sample comes twice. With replacement: each is any of all "
        "samples, whatever came before, so that even as many as there are samples do not make the full batch.",
        r"\mathrm{SD} = \sigma / \sqrt B",
        ("sampling", "with replacement"),
        "SD with replacement; σ: SD over the samples; B: size of the mini-batch.",
    ),
    Term(
        "Epoch",
        "One pass through the data: the samples are shuffled and dealt out to mini-batches until they are used up. No two "
        "of these have a sample in common; where one lies above the full batch, the others tend to lie below.",
        r"\rho = -\frac{B}{N - B}",
        ("epoch", "epochs", "epoch's shuffle"),
        "ρ: correlation of the means of two mini-batches of one epoch.",
    ),
    Term(
        "Saturation",
        "An activation function that flattens far from zero (Sigmoid, Tanh, Softsign): there its derivative, and with it "
        "the slope and its noise, nearly vanishes.",
        forms=("saturation", "saturate", "saturates"),
    ),
    Term(
        "Sparsity",
        "An activation function that is zero or nearly so on one side (ReLU, leaky ReLU, ELU): units switch off, and where "
        "all are off the slope is exactly or nearly zero.",
        forms=("sparsity", "units off"),
    ),
    Term(
        "Percentile",
        "The share of values that lie below a given one, ties counting half: 50% is the middle, near 0% or 100% is "
        "unusual.",
        forms=("percentile", "central 95%"),
    ),
)


def entry(name: str) -> Term:
    """Find a term by its name or one of its forms.

    Raises:
        KeyError: The glossary does not have it.
    """
    wanted = name.lower()
    for term in TERMS:
        if wanted == term.name.lower() or wanted in term.forms:
            return term
    raise KeyError(name)
