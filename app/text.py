"""Words the reader sees, and sentences that describe a picture by its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landscape_core import optima
from landscape_core.activations import ACTIVATIONS
from landscape_core.geometry import LINES
from landscape_core.statistics import expected_nngpps, noise_ceiling

if TYPE_CHECKING:
    from landscape_core import StudyResult, StudySpec

TITLE = "Batchscape"
HEADLINE = "Same network, same noise. Where would you say the minimum is?"
TAGLINE = "Loss landscapes as mini-batches see them"

SELECTED_SEED_NOTE = (
    "12735 was selected: its full-batch counts are those of the paper's Tables 1 and 2. "
    "The authors did not publish theirs."
)

GLOSSARY = {
    "activation": "The function after each layer, the output layer included, as in the paper.",
    "domain": "Global: two random directions, ±20. Local: steepest descent at the start point and a random direction, ±2.",
    "range": "The plane reaches this far from the start point each way, in units of parameter space.",
    "batch_size": "Samples in a mini-batch, drawn without replacement, a fresh one at every point. 150 is the full batch.",
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
    "race": "Which of the races is shown step by step, counted from 0.",
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
        "As published: each search goes along minus the gradient of a mini-batch and has a fresh mini-batch at every "
        "evaluation; steps move at most by a length of 1."
    ),
    "moments": "Mean and SD over draws, as in the paper, or exactly, over all possible mini-batches.",
    "seeds": "Start points, each with directions and mini-batches of its own, that the paper's numbers are compared with.",
    "draws": "Draws behind the sampled mean and SD; the paper takes 50.",
    "scaling": "How the four features of Iris are scaled.",
    "output_activation": "The paper puts the same activation on the output layer.",
    "chances-minima": (
        "At each point the probability that a mini-batch loss is lower than one grid step before and after it, in the "
        "direction of the slope. It is about 1/3 wherever the noise exceeds the change over a step, lower where the loss "
        "is steep, and 0 where it is exactly flat. So minima tell little about where the optimum is."
    ),
    "chances-nngpps": (
        "At each point the probability that the slope of fresh mini-batches is negative one grid step before and positive "
        "here. It is high where the sign is open: along the change of sign, and where the loss is flat."
    ),
    "chances-lines": (
        "Expected optima per unit of length; thick bars: where 5 % < P(slope > 0) < 95 % around each true NN-GPP."
    ),
    "chances-thinned": (
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
        "Ours: one draw at the seed of the controls. Then the mean, the central 95 % and the percentile at which the "
        "paper's number lies: first over 1,000 draws of mini-batches at that start point, then over many start points."
    ),
    "tables-typical": (
        "0 %: all of ours are above the paper's number; 100 %: all are below; ties count half. Between the dashed lines "
        "lie the central 95 % of ours; a number equal to one of their ends counts as inside. Near 0 % or 100 %, the "
        "paper's start point or draw was an unusual one."
    ),
    "tables-claims": (
        "What the paper observes in its tables, each put as a test that a start point passes or fails. The thresholds are "
        "ours. The share is that of the start points that pass."
    ),
    "compare-minima": (
        "An apparent minimum is a point of the line whose mini-batch loss is lower than both neighbours'. Pure noise "
        "gives (n − 2)/3 of them on n points, wherever the true minimum is."
    ),
    "compare-nngpps": (
        "NN-GPP, non-negative associated gradient projection point: along the line, the slope of the mini-batches is "
        "negative at the point before and positive at this one."
    ),
}


def label(spec: StudySpec) -> str:
    """The activation function's name as a reader knows it."""
    return ACTIVATIONS[spec.activation].label


def setting(spec: StudySpec) -> str:
    """Which landscape a picture is of."""
    return f"{label(spec)}, {spec.domain} ±{spec.range:g}, seed {spec.seed}"


def batch_phrase(spec: StudySpec) -> str:
    """The batch size in words."""
    if spec.batch_size == spec.samples:
        return f"all {spec.samples} samples"
    return f"a fresh mini-batch of {spec.batch_size} at every point"


def size_phrase(spec: StudySpec) -> str:
    """The batch size as the paper writes it."""
    return "full batch" if spec.batch_size == spec.samples else f"|B| = {spec.batch_size}"


def angle_phrase(angle: float) -> str:
    """The slope's direction in words."""
    named = {0.0: "d1", 90.0: "d2", 45.0: "d1 + d2", 135.0: "d2 − d1", 180.0: "−d1", 270.0: "−d2", 225.0: "−d1 − d2"}
    name = named.get(angle % 360.0) or ("d1 − d2" if angle % 360.0 == 315.0 else None)
    return f"{name} ({angle:g}°)" if name else f"{angle:g}° from d1"


def surface_sentence(name: str, quantity: str, values: np.ndarray, spec: StudySpec, how: str) -> str:
    """One sentence that stands for a picture of a surface."""
    if not np.isfinite(values).any():
        return f"{name}, {label(spec)}, {how}: no point of the plane has a finite value."
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    sentence = f"{name}, {label(spec)}, {how}: from {low:.3g} to {high:.3g}"
    if quantity == "slope":
        sentence += f"; negative on {np.mean(values < 0):.0%} of the plane, exactly zero on {np.mean(values == 0):.0%}"
    return sentence + "."


def minima_sentence(result: StudyResult, full: bool) -> str:
    """What was found of minima, beside what pure noise gives."""
    true = int(result.true_minima.sum())
    if full:
        return f"Full batch: {true} true minima on the four lines"
    ceiling = len(LINES) * noise_ceiling(len(result.positions))
    mean, deviation = _over_draws(result.line_minima_counts)
    return (
        f"{int(result.minima.sum())} minima found · {mean:.0f} ± {deviation:.0f} over "
        f"{len(result.line_minima_counts):,} draws · pure noise gives {ceiling:.0f} · true {true}"
    )


def nngpps_sentence(result: StudyResult, full: bool) -> str:
    """What was found of NN-GPPs, beside their expected number."""
    true = int(result.true_nngpps.sum())
    if full:
        return f"Full batch: {true} true NN-GPPs on the four lines"
    expected = sum(expected_nngpps(*pair) for pair in zip(result.line_negative, result.line_positive, strict=True))
    mean, deviation = _over_draws(result.line_nngpp_counts)
    return (
        f"{int(result.nngpps.sum())} NN-GPPs found · {mean:.0f} ± {deviation:.0f} over "
        f"{len(result.line_nngpp_counts):,} draws · expected {expected:.1f} · true {true}"
    )


def optima_of(quantity: str, values: np.ndarray) -> np.ndarray:
    """Where a curve has the optima of its kind: minima of a loss, NN-GPPs of a slope."""
    return optima.minima(values) if quantity == "loss" else optima.nngpps(values)


def ratio_sentence(sampled: np.ndarray | None, exact: np.ndarray) -> str:
    """How the SD of the draws compares with the closed form."""
    if sampled is None or not (np.isfinite(sampled) & (exact > 0)).any():
        return "exact, by the closed form √(σ²/B · (N−B)/(N−1))"
    with np.errstate(invalid="ignore"):
        ratio = np.nanmean(np.where(exact > 0, sampled / exact, np.nan))
    return f"{ratio:.3f} times the exact SD √(σ²/B · (N−B)/(N−1)) on average"


def _over_draws(counts: np.ndarray) -> tuple[float, float]:
    totals = counts.sum(1)
    return float(totals.mean()), float(totals.std(ddof=1))
