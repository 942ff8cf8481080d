"""Texts of the page, and sentences that describe a picture by its numbers."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from app.plotting.plotly.style import SMALLEST_SHOWN
from app.state import problems
from landscape_core.geometry.grid import LINES
from landscape_core.paper.published import ARXIV
from landscape_core.problems.activations import ACTIVATIONS
from landscape_core.problems.datasets import DATASETS
from landscape_core.sampling.minibatches import SHUFFLE, WITH, WITHOUT
from landscape_core.statistics import optima

if TYPE_CHECKING:
    from landscape_core import StudyResult, StudySpec

TITLE = "Batchscape"
HEADLINE = "Why mini-batches hide the minimum of the loss, and why the sign of the slope still shows it"
TAGLINE = "Loss landscapes as mini-batches see them"

PAPER = f"Kafka & Wilke 2019, arXiv:{ARXIV}"
ARXIV_LINK = f"https://arxiv.org/abs/{ARXIV}"

PLAY = (
    "New mini-batches five times a second: the noise moves, the change of sign stands still. "
    "P plays and pauses, Space draws once, B goes back."
)
"""What playing shows."""

NOT_LIVE = "Here the pictures follow once the slider is released."
"""Under the slider of the size, where the browser cannot draw mini-batches itself."""

SELECTED_SEED_NOTE = (
    "Seed 12735 was chosen because its full-batch counts match Tables 1 and 2 of Kafka & Wilke (36 of 24,000 seeds do); "
    "the authors published no seed."
)

DRAWN = {WITHOUT: "", WITH: ", with replacement", SHUFFLE: ", shuffled epochs"}
"""How mini-batches are drawn, where it has to be said."""

STARTS = {
    "auto": "As the problem starts",
    "paper": "Uniform in ±0.3",
    "pytorch": "As PyTorch starts",
    "zero": "All weights 0",
    "trained": "Trained",
}
"""Start points, and their labels."""

OPTIMISERS = {"adam": "Adam", "momentum": "SGD with momentum", "sgd": "SGD"}
"""Optimisers of a training, and their labels."""

NO_SLOPE = "no slope anywhere"

GLOSSARY = {
    "activation": "The function after each layer, the output layer included.",
    "domain": (
        "Global: two random directions, ±20. Local: steepest descent at the start point and a random direction, ±2. "
        "Filter: two random directions in which the weights of each unit are as long as at the start point; 1 is the norm "
        "of all weights. PCA: principal directions of the training of a trained start point; 1 is as far as it went."
    ),
    "range": "The plane reaches this far from the start point each way, in units of its axes.",
    "batch_size": "Samples in a mini-batch. All of them, drawn without replacement, are the full batch.",
    "sampling": (
        "How mini-batches are drawn. Without replacement: a fresh one at every point, no sample twice. With: a sample may "
        "come again, so that even a batch as large as the data is noisy. Epoch: all samples are shuffled and dealt out "
        "point after point, then shuffled anew."
    ),
    "slope_angle": "The slope is the derivative along this direction of the plane. 45° is the paper's diagonal.",
    "resolution": "Points along each side of the plane.",
    "line_points": "Points along each line. Both counts grow with it; where the optima lie does not.",
    "seed": f"Seed of the start point and the directions. {SELECTED_SEED_NOTE}",
    "batch_seed": "Seed of the mini-batches; each new draw takes the next.",
    "line": "One of the four lines through the start point.",
    "at_d1": "The point that is explained: its coordinate along d1.",
    "at_d2": "The point that is explained: its coordinate along d2.",
    "field": (
        "What the map shows: the loss, the slope, the probability that a mini-batch slope is negative, or which sign the "
        "slope has by more than one SD."
    ),
    "arrows": (
        "−gradient within the plane, its steepest descent: of the full batch, black, and of the mini-batch "
        "drawn at that place, thin. All are equally long: they show directions alone. A dot where there is no gradient. "
        "Far from an optimum the two agree, near it the mini-batch points anywhere."
    ),
    "explore-at-gradient": (
        "−gradient within the plane, its steepest descent: of mini-batches, and bold of the full batch. Beyond "
        "90° a short step leads uphill on the full batch. The ellipse holds 95% of a normal law with the exact "
        "covariance. What of the gradients points out of the plane is left out."
    ),
    "angle": "A line of your own: drag it on the map, turn it, or type a direction and a point that it goes through.",
    "through_d1": "A point that the line goes through: its coordinate along d1.",
    "through_d2": "A point that the line goes through: its coordinate along d2.",
    "step": "Points along the line at which the oracle has drawn a mini-batch.",
    "oracle-urn": (
        "At every point of the line the oracle draws a fresh mini-batch out of the urn and tells its mean loss and slope. "
        "A minimum is known only when the next point has been drawn, an NN-GPP as soon as its own point has."
    ),
    "oracle-made": (
        "Click a point, or move to it with ← → in a chart and press Enter. Dragging zooms, a double click ends it."
    ),
    "budget": "Evaluations that each line search may use: one mini-batch each.",
    "scales": (
        "Own: heights and colours of each surface end where it does. Common: all surfaces of the figure that show the same "
        "quantity have the same ends, so that they can be compared."
    ),
    "race": "Which of the races is shown step by step.",
    "race_step": "How many evaluations of the race are shown: the step to begin with, or the one that you came to.",
    "racers": (
        "Which are shown, in pictures and tables. Gradient-only: GOLS-I, GOLS-B, GOLS-Max and GOLS-Back look at the slope "
        "alone. Golden section looks at the loss alone; Armijo and Probabilistic at both."
    ),
    "race-line": (
        "Every method asks for one mini-batch at each step, the same one for all, wherever it asks. In the rows below, "
        "marks show where; the two curves show what it is told. Space takes a step, B takes one back, P plays."
    ),
    "race-rates": (
        "GOLS-I, GOLS-Max and GOLS-Back stop at the first step that is good enough, as training wants it; only GOLS-B and "
        "golden section close in. Where the loss saturates the slope is nearly zero and its sign is noise; a bisection "
        "that goes wrong there once does not come back, and where a line has several optima it may end at a worse one. So "
        "GOLS-B can lose nearly every race: try Tanh, global, seed 3, line d1 or d2. Ties are left out."
    ),
    "race-left-over": "Full-batch loss where the search stopped, above the lowest on this line.",
    "race-distance": "Distance along the line from where the search stopped to the nearest sign change of the full batch.",
    "race-training": (
        "Each search goes along minus the gradient of a mini-batch and has a fresh mini-batch at every evaluation; steps "
        "move at most by a length of 1, but for GOLS-I and GOLS-Max, which may double a step above half of that once."
    ),
    "moments": "Mean and SD over draws, as in the paper, or exactly, over all possible mini-batches.",
    "seeds": "Start points, each with directions and mini-batches of its own, that the paper's numbers are compared with.",
    "draws": "Draws behind the sampled mean and SD; the paper takes 50.",
    "problem": (
        "Data, model and loss. Of the paper's network you choose data, layers, activation and loss below; the others are "
        "made already. Your own: start the server with batchscape serve and your file."
    ),
    "dataset": "The data of the paper's network; its layers fit their number of features and classes.",
    "hidden": "Units of each hidden layer, first to last: 10, or 32, 16.",
    "loss": "The loss of one sample. Mini-batches and the full batch average it.",
    "start_point": (
        "Where the plane goes through. As the problem starts: its own weights, or else uniform in ±0.3, as in the paper. "
        "Trained: where a training from there ends."
    ),
    "train_steps": "Steps of the training, each on a mini-batch of at most 64.",
    "train_optimiser": "How the training goes from step to step.",
    "train_rate": "Learning rate of the training.",
    "scaling": "How the features are scaled.",
    "output_activation": (
        "The paper does not say what its output layer has. ReLU's exact zeros (its Section 5) are possible only with the "
        "same activation there."
    ),
    "counts-minima": (
        "At each point the probability that a mini-batch loss is lower than one grid step before and after it, in the "
        "direction of the slope. It is about 1/3 wherever the noise exceeds the change over a step, lower where the loss "
        "is steep, and 0 where it is exactly flat. So minima tell little about where the optimum is."
    ),
    "counts-nngpps": (
        "At each point the probability that the slope of fresh mini-batches is negative one grid step before and positive "
        "here. It is high where the sign is uncertain: along the change of sign, and where the loss is flat."
    ),
    "counts-lines": (
        "Expected optima per unit of length; for NN-GPPs that is P(SNN-GPP) over a step. Thick bars: the stretch around a "
        "true NN-GPP in which both signs of the slope have more than 5%. Thin bars: where both signs occur at all."
    ),
    "counts-balls": (
        "A ball around a true NN-GPP x* holds the stretch in which both signs of a mini-batch's slope have more than 5%. "
        "By a normal law its radius is 1.645 SD / curvature: small mini-batches and flat lines have large balls. At kinks, "
        "on flat patches, and where a ball holds several optima the law fails. Last: its share of all NN-GPPs to be "
        "expected on the line."
    ),
    "counts-thinned": (
        "Only every second, third … point of the same lines is kept. Both counts shrink with the number of points; neither "
        "is a property of the function."
    ),
    "variance-at": (
        "A: error t − y of a sample. C: derivative of its outputs along the slope's direction. A bar is a mean over the "
        "samples, a and c are the deviations from it."
    ),
    "static-static-loss": (
        "A static mini-batch is drawn once and kept: the curve is as smooth as the full batch, but its minimum is not the "
        "full batch's."
    ),
    "tables-counts": (
        "Ours: one draw at the seed of the controls. Then the mean, the central 95% and the percentile at which the "
        "paper's number lies: first over 1,000 draws of mini-batches at that start point, then over many start points."
    ),
    "tables-typical": (
        "0%: all of ours are above the paper's number; 100%: all are below; ties count half. Between the dashed lines "
        "lie the central 95% of ours; a number equal to one of their ends counts as inside. Near 0% or 100%, the "
        "paper's start point or draw was an unusual one."
    ),
    "tables-claims": (
        "What the paper observes in its tables, its text and its captions, each put as a test that a start point passes "
        "or fails. The thresholds are ours. The share is that of the start points that pass."
    ),
    "compare-intro": (
        "How far apparent optima lie from the nearest true one, that of the full batch on the same line: minima from "
        "minima, sign changes from sign changes. The median over the four lines; lines on which the full batch has none "
        "are left out."
    ),
    "compare-slope": "Black line: where the slope is 0. Blue: negative. Orange: positive.",
    "compare-minima": (
        "An apparent minimum is a point of the line whose mini-batch loss is lower than both neighbours'. White noise "
        "gives (n − 2)/3 of them on n points, wherever the true minimum is."
    ),
    "compare-nngpps": (
        "NN-GPP, non-negative associated gradient projection point: along the line, the slope of the mini-batches is "
        "negative at the point before and positive at this one."
    ),
}


def label(spec: StudySpec) -> str:
    """What is looked at as a reader knows it: the activation function of the paper's network, or another problem."""
    return problems.name_problem(spec)


def setting(spec: StudySpec) -> str:
    """Which landscape a picture is of."""
    return f"{label(spec)}, {_start_phrase(spec)}{spec.domain} ±{number(spec.range, 'g')}, seed {spec.seed}"


def setting_and_size(spec: StudySpec) -> str:
    """Which landscape a picture is of, and how large the mini-batches are through which it is seen."""
    return f"{setting(spec)}, {size_phrase(spec)}"


def _start_phrase(spec: StudySpec) -> str:
    """Where the plane lies, if not where the problem starts by itself."""
    if spec.start_point == "trained":
        return f"after {spec.train_steps:,} steps of {OPTIMISERS[spec.train_optimiser]}, "
    return "" if spec.start_point == "auto" else f"{STARTS[spec.start_point].lower()}, "


def network_size(spec: StudySpec) -> tuple[str, int]:
    """The units of each layer of the paper's network, and the number of weights, biases among them.

    >>> from landscape_core import StudySpec
    >>> network_size(StudySpec()), network_size(StudySpec(dataset="wine", hidden=(16, 8)))
    (('4-10-3', 83), ('13-16-8-3', 387))
    """
    data = DATASETS[spec.dataset]
    units = (data.features, *spec.hidden, data.classes)
    return "-".join(map(str, units)), sum((inputs + 1) * outputs for inputs, outputs in pairwise(units))


def network_phrase(spec: StudySpec) -> str:
    """The network and its data."""
    if problems.is_papers(spec):
        units, weights = network_size(spec)
        network = ACTIVATIONS[spec.activation].label
        return f"A {units} {network} network on {problems.name_data(spec)} ({weights:,} weights)"
    described = problems.describe(spec)
    kind = f"a {'-'.join(map(str, described['units']))} network" if "units" in described else "a model"
    return f"{label(spec)}: {kind} of {described['parameters']:,} weights"


def batch_phrase(spec: StudySpec) -> str:
    """The mini-batches in words."""
    if spec.full_batch:
        return f"all {spec.samples:,} samples"
    if spec.sampling == SHUFFLE:
        return f"mini-batches of {spec.batch_size} out of shuffled epochs"
    return f"a fresh mini-batch of {spec.batch_size} at every point{DRAWN[spec.sampling]}"


def size_phrase(spec: StudySpec, size: str = "|B| =") -> str:
    """The mini-batches in short, as the paper writes their size."""
    return "full batch" if spec.full_batch else f"{size} {spec.batch_size}{DRAWN[spec.sampling]}"


def line_label(name: str) -> str:
    """The name of a line as it is typeset, with a minus.

    >>> line_label("d1-d2")
    'd1−d2'
    """
    return name.replace("-", "−")


def capitalise(sentence: str) -> str:
    """A sentence with a capital.

    >>> capitalise("full batch of Iris")
    'Full batch of Iris'
    """
    return sentence[:1].upper() + sentence[1:]


def number(value: float, form: str = "z.3g") -> str:
    """A number as it is typeset, with a minus.

    >>> number(-18.79), number(0.5, "+.1f")
    ('−18.8', '+0.5')
    """
    return f"{value:{form}}".replace("-", "−")


def place(at: tuple[float, float]) -> str:
    """A point of the plane."""
    return f"({number(at[0])}, {number(at[1])})"


def angle_phrase(angle: float) -> str:
    """The slope's direction in words."""
    named = {0.0: "d1", 90.0: "d2", 45.0: "d1 + d2", 135.0: "d2 − d1", 180.0: "−d1", 270.0: "−d2", 225.0: "−d1 − d2"}
    name = named.get(angle % 360.0) or ("d1 − d2" if angle % 360.0 == 315.0 else None)
    written = number(angle, "g")
    return f"{name} ({written}°)" if name else f"{written}° from d1"


def surface_sentence(name: str, quantity: str, values: np.ndarray, spec: StudySpec, how: str) -> str:
    """One sentence that stands for a picture of a surface."""
    if not np.isfinite(values).any():
        return f"{name}, {label(spec)}, {how}: no point of the plane has a finite value."
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    sentence = f"{name}, {label(spec)}, {how}: from {low:z.3g} to {high:z.3g}"
    if quantity == "slope" and is_nothing(values):
        sentence += f"; {NO_SLOPE}"
    elif quantity == "slope":
        negative, zero = (format_share(float(np.mean(where))) for where in (values < 0, values == 0))
        sentence += f"; negative on {negative} of the plane, exactly zero on {zero}"
    return sentence + "."


def is_nothing(values: np.ndarray) -> bool:
    """Whether values are so small everywhere that no picture can show them: a slope that has vanished."""
    return bool((np.abs(values[np.isfinite(values)]) < SMALLEST_SHOWN).all())


def minima_sentence(result: StudyResult, full: bool) -> str:
    """What was found of minima, beside what white noise would give."""
    true = int(result.true_minima.sum())
    if full:
        return f"Full batch: {true} true minima on the four lines"
    ceiling = len(LINES) * result.noise_ceiling
    mean, deviation = _over_draws(result.line_minima_counts)
    return (
        f"{int(result.minima.sum())} minima found · {mean:.0f} ± {deviation:.0f} over "
        f"{len(result.line_minima_counts):,} draws · white noise would give {ceiling:.0f} · true {true}"
    )


def nngpps_sentence(result: StudyResult, full: bool) -> str:
    """What was found of NN-GPPs, beside their expected number."""
    true = int(result.true_nngpps.sum())
    if full:
        return f"Full batch: {true} true NN-GPPs on the four lines"
    mean, deviation = _over_draws(result.line_nngpp_counts)
    return (
        f"{int(result.nngpps.sum())} NN-GPPs found · {mean:.0f} ± {deviation:.0f} over "
        f"{len(result.line_nngpp_counts):,} draws · expected {result.line_nngpp_chance.sum():.1f} · true {true}"
    )


def format_share(share: float) -> str:
    """A share in per cent, so that neither a few count as none nor nearly all as all.

    >>> [format_share(share) for share in (0.0, 0.0001, 0.003, 0.25, 0.997, 0.9999, 1.0)]
    ['0%', '<0.1%', '0.3%', '25%', '99.7%', '>99.9%', '100%']
    """
    if 0 < share < 0.0005:
        return "<0.1%"
    if 0.9995 < share < 1:
        return ">99.9%"
    return f"{share:.1%}" if 0 < share < 0.01 or 0.99 < share < 1 else f"{share:.0%}"


def optima_of(quantity: str, values: np.ndarray) -> np.ndarray:
    """Where a curve has the optima of its kind: minima of a loss, NN-GPPs of a slope."""
    return optima.minima(values) if quantity == "loss" else optima.nngpps(values)


def ratio_sentence(sampled: np.ndarray | None, exact: np.ndarray, spec: StudySpec) -> str:
    """How the SD of the draws compares with the closed form."""
    form = "σ/√B" if spec.sampling == WITH else "√(σ²/B · (N−B)/(N−1))"
    if sampled is None or not (spread := np.isfinite(sampled) & (exact > SMALLEST_SHOWN)).any():
        return f"exact, by the closed form {form}"
    ratio = float(np.mean(sampled[spread] / exact[spread]))
    bias = "; 50 normal draws give 0.5% too little" if spec.draws == 50 else ""
    return f"{ratio:.3f} times the exact SD {form} on average{bias}"


def _over_draws(counts: np.ndarray) -> tuple[float, float]:
    totals = counts.sum(1)
    return float(totals.mean()), float(totals.std(ddof=1))
