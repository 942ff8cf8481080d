"""The exercises: each a link and a task that the page checks, with what the engine computed for the picture shown.

To add an exercise, add one entry to `EXERCISES`. A test holds each against the engine: it is not solved as it opens, and it
can be solved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from landscape_core import LineProbe, PointProbe, RaceResult, StudyResult, StudySpec
from landscape_core.statistics import intervals, optima
from landscape_core.statistics.intervals import Share

if TYPE_CHECKING:
    from app.state.view_state import ViewState

FREE = ("batch_seed", "draws", "dtype")
"""Fields of a study that may be changed in every exercise: another draw decides none."""

ROUNDING = 1e-9
"""A full-batch slope below this share of the samples' slopes has no sign."""

FLAT, MOST_SIZE, OFTEN, RARELY, HALF = 0.1, 100, 0.9, 0.01, 0.5
"""What the tasks ask for."""


@dataclass(frozen=True)
class Measured:
    """What an exercise asks for, as it is now."""

    words: str
    reached: bool


NOT_MEASURED = Measured("Not measured: see the message beside the controls.", reached=False)
NOT_HERE = Measured("Not measured in this view. Reset all leads back to the exercise.", reached=False)


@dataclass(frozen=True)
class Exercise:
    """One exercise."""

    title: str
    view: dict[str, Any]  # fields of its state that are not the default
    study: dict[str, Any]  # fields of its study that are not the default
    task: str
    hint: str
    learnt: str  # once it is reached
    source: type[Any]  # the class of the result that is measured: the first of those behind the view
    measure: Callable[[Any], Measured]
    changes: tuple[str, ...] = ()  # fields of the study that may be changed, beside `FREE`
    keeps: tuple[str, ...] = ()  # fields of the view that may not

    def check(self, request: ViewState, results: Iterable[object]) -> Measured | None:
        """Measure what is shown, from the results behind it; None if the one that is measured is not among them."""
        free = {name: getattr(request.spec, name) for name in (*FREE, *self.changes)}
        spec = StudySpec(**{**self.study, **free})
        changed = [name for name in StudySpec.model_fields if getattr(spec, name) != getattr(request.spec, name)]
        looks = {name: self.view.get(name, type(request).model_fields[name].default) for name in self.keeps}
        changed += [name for name, value in looks.items() if getattr(request, name) != value]
        if changed:
            names = ", ".join(name.replace("_", " ") for name in changed)
            return Measured(f"This exercise is about another setting. Put back: {names}.", reached=False)
        found = next((result for result in results if isinstance(result, self.source)), None)
        return None if found is None else self.measure(found)


def measure_flat_share(result: StudyResult) -> Measured:
    """How much of the plane has a full-batch slope of exactly 0."""
    share = float(np.mean(result.full_slope == 0))
    return Measured(f"The full-batch slope is exactly 0 on {share:.1%} of the plane.", share > FLAT)


def measure_single_nngpps(result: StudyResult) -> Measured:
    """How often a line has exactly one NN-GPP, and how many minima it has meanwhile."""
    drawn = result.line_nngpp_counts[:, 1]
    found = intervals.share((drawn == 1).astype(int))
    assert found is not None  # noqa: S101  there are draws
    size, minima = result.spec.batch_size, float(result.line_minima_counts[:, 1].mean())
    words = f"{size} samples: exactly one NN-GPP on d2 in {_write_share(found, 'draws')}; {minima:.0f} minima there."
    if size > MOST_SIZE:
        words += f" That is more than {MOST_SIZE} samples."
    elif found.low < OFTEN <= found.high:
        words += " Too close to tell."
    return Measured(words, found.low >= OFTEN and size <= MOST_SIZE)


def measure_true_minima(line: LineProbe) -> Measured:
    """How many minima the full batch has on the line, and the mini-batches."""
    true = int(optima.minima(line.full_loss).sum())
    minima, nngpps = float(line.minima_chance.sum()), float(line.nngpp_chance.sum())
    return Measured(
        f"Minima of the full batch on the line: {true}. Mini-batches show {minima:.0f}, and {nngpps:.1f} NN-GPPs (means).",
        true == 0,
    )


def measure_agreement(point: PointProbe) -> Measured:
    """How few mini-batches have the sign of the slope that the others do not have."""
    negative = point.batch_slope < 0
    found = intervals.share((negative if negative.mean() <= HALF else ~negative).astype(int))
    assert found is not None  # noqa: S101  there are mini-batches
    words = f"The sign that is rarer comes in {_write_share(found, 'mini-batches')}."
    return Measured(words + _tell_open(found, RARELY), found.high < RARELY)


def measure_wrong_signs(point: PointProbe) -> Measured:
    """How many mini-batches have another sign of the slope than the full batch."""
    mean = float(point.sample_slope.mean())
    if not abs(mean) > ROUNDING * float(np.abs(point.sample_slope).max()):
        return Measured("The full-batch slope is 0 here.", reached=False)
    found = intervals.share((point.batch_slope * np.sign(mean) < 0).astype(int))
    assert found is not None  # noqa: S101  there are mini-batches
    written = f"{mean:.2g}".replace("-", "−")
    words = f"The sign is wrong in {_write_share(found, 'mini-batches')}; the full-batch slope is {written}."
    return Measured(words + _tell_open(found, HALF), found.low > HALF)


def measure_races(races: RaceResult) -> Measured:
    """How often Armijo's rule leaves less loss than GOLS-I."""
    found = races.win_rate("armijo", "gols_i", "left_over")
    if found is None:
        return Measured("No race on this line differs.", reached=False)
    words = f"Armijo's rule leaves less loss than GOLS-I in {_write_share(found, 'races that differ')}."
    return Measured(words + _tell_open(found, HALF), found.low > HALF)


def _write_share(found: Share, of: str) -> str:
    """A share with its interval."""
    return f"{found.share:.1%} of {found.count:,} {of} (95% interval {found.low * 100:.1f} to {found.high * 100:.1f}%)"


def _tell_open(found: Share, threshold: float) -> str:
    """Say so where chance leaves it open on which side of a threshold the probability is."""
    return " Too close to tell." if found.low <= threshold <= found.high else ""


EXERCISES = (
    Exercise(
        "Nowhere to go",
        {"source": "full"},
        {"domain": "local"},
        "Choose an activation with which the full-batch slope is exactly 0 on more than a tenth of the plane.",
        "A unit that is off passes nothing on. Which of the functions can be off? Flat patches are violet.",
        "With ReLU all output units can be off. No sample has a slope there, so that no mini-batch can lead away: "
        "leaky ReLU is never quite off.",
        StudyResult,
        measure_flat_share,
        changes=("activation",),
    ),
    Exercise(
        "One change of sign",
        {},
        {},
        f"Choose a mini-batch size, at most {MOST_SIZE}, with which line d2 has exactly one NN-GPP in nine of ten draws.",
        "The more samples, the narrower the stretch in which the sign is open. Try 50, then go on in halves.",
        "Some ninety of the 150 samples settle the sign of the slope at nearly all points of d2. The loss still has minima "
        "all over the line.",
        StudyResult,
        measure_single_nngpps,
        changes=("batch_size", "slope_angle", "resolution"),
    ),
    Exercise(
        "Minima of nothing",
        {"view": "explore"},
        {"domain": "local"},
        "Move the line so that the full batch has no minimum on it at all.",
        "Through d1 = 0 every line crosses the valley. Begin at d1 = −1 and turn the line across d1: at 60°, for example.",
        "The minima on a line that has none come from drawing mini-batches alone. The slope hardly changes its sign there.",
        LineProbe,
        measure_true_minima,
        changes=("resolution",),
    ),
    Exercise(
        "A direction to trust",
        {"view": "explore"},
        {},
        "Turn the slope's direction until fewer than 1 in 100 mini-batches disagree about the sign at the start point.",
        "Watch the histogram of the slope at the point: it is to lie on one side of 0. The keys [ and ] turn by 5°.",
        "At one point the sign is a toss-up along one direction and certain along another: what counts is the full-batch "
        "slope beside its SD.",
        PointProbe,
        measure_agreement,
        changes=("slope_angle", "resolution"),
        keeps=("at_d1", "at_d2"),
    ),
    Exercise(
        "Most of them are wrong",
        {"view": "explore"},
        {},
        "Find a point at which more than half of the mini-batches have the wrong sign of the slope. "
        "Make the mini-batches smaller, if you like.",
        "Choose 1 or 2 samples and the map of P(−). Look beside the black line for patches of the other side's colour.",
        "The sign of a mean is not the sign of most: a few samples with steep slopes outweigh the others. The larger the "
        "mini-batch, the fewer such points.",
        PointProbe,
        measure_wrong_signs,
        changes=("batch_size", "resolution"),
    ),
    Exercise(
        "Where the loss wins",
        {"view": "race", "stage": "many"},
        {},
        "Choose a line on which Armijo's rule, which looks at the loss, leaves less loss than GOLS-I in most races.",
        "There are only four lines. Look at the loss that each leaves over, or let another activation try.",
        "Where the loss rises steeply behind the optimum, Armijo's rule steps back and ends lower. None wins everywhere.",
        RaceResult,
        measure_races,
        changes=("activation", "domain", "resolution"),
        keeps=("budget",),
    ),
)
