"""The tour: twelve scenes, each a link. Predict, reveal, try.

To add a scene, add one entry to `SCENES`. What a reveal says of numbers is held against the engine by a test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.state import Request
from landscape_core import StudySpec


@dataclass(frozen=True)
class Scene:
    """One scene.

    Attributes:
        title: A few words.
        look: Fields of its request that are not the default.
        study: Fields of its study that are not the default.
        told: What is seen.
        question: What the audience is to predict.
        options: Answers to choose from.
        right: Which of them is right.
        revealed: Why.
        trial: What to try next.
    """

    title: str
    look: dict[str, Any]
    study: dict[str, Any]
    told: str
    question: str
    options: tuple[str, ...]
    right: int
    revealed: str
    trial: str

    @property
    def request(self) -> Request:
        """What the page shows."""
        return Request(StudySpec(**self.study), **self.look)


SCENES = (
    Scene(
        "Four mini-batches, four curves",
        {"view": "figures", "figure": 1, "panel": "a"},
        {},
        "Each parabola is the loss on one mini-batch. Their mean, dashed, is the full batch.",
        "You always draw the same mini-batch. Where do you end up?",
        ("at the full batch's minimum", "at that batch's own minimum"),
        1,
        "One mini-batch is a smooth curve with a minimum of its own: biased, but without surprises.",
        "Look at the slopes on the right: each crosses zero once, at its own minimum.",
    ),
    Scene(
        "An oracle picks a mini-batch at every point",
        {"view": "oracle", "oracle": "quadratics", "step": 12},
        {},
        "Now a fresh mini-batch is drawn at every evaluation, as in stochastic training.",
        "Will the curve that you see be smooth?",
        ("yes", "no"),
        1,
        "Neighbouring points come from different parabolas: the curve jumps wherever the oracle changes its mind.",
        "Step on, and watch which of the four is drawn.",
    ),
    Scene(
        "Connect the dots",
        {"view": "figures", "figure": 1, "panel": "c"},
        {},
        "A hundred evaluations, joined. A point lower than both neighbours is an apparent minimum.",
        "How many are there?",
        ("about 4", "about 27", "about 60"),
        1,
        "27 here. Noise without any trend would give 33 on a hundred points: a third of them.",
        "They lie all over the line, however far from the true minimum.",
    ),
    Scene(
        "The same dots, their slopes",
        {"view": "figures", "figure": 1, "panel": "d"},
        {},
        "The slope of the very same mini-batches. An NN-GPP is a change from negative to positive.",
        "How many sign changes of that kind?",
        ("about 4", "about 27", "about 60"),
        0,
        "Four, all between the outermost of the four minimisers: beyond them every slope has the same sign.",
        "The slope tells where the minimum is; the value does not.",
    ),
    Scene(
        "A real network, all samples",
        {"source": "full"},
        {"batch_size": 150},
        "Iris, 83 weights. Left the loss over a plane, right its slope, from all 150 samples.",
        "On the four lines below: as many minima as sign changes?",
        ("yes", "no"),
        0,
        "Four and four, within one point of each other. Without noise both tell the same.",
        "Turn the surfaces; look from below.",
    ),
    Scene(
        "One sample is missing",
        {},
        {"batch_size": 149},
        "Each point now leaves out one of the 150 samples, another one at every point.",
        "How many minima on the four lines, where there were four?",
        ("4", "about 25", "about 130"),
        1,
        "25 here, 20 on average. The NN-GPPs are still four.",
        "Draw new mini-batches, and watch which number changes.",
    ),
    Scene(
        "Ten samples",
        {},
        {},
        "A usual mini-batch: ten of 150.",
        "How many minima and how many NN-GPPs on the four lines?",
        ("about 130 and 130", "about 130 and 17", "about 17 and 17"),
        1,
        "128 and 17. Pure noise would give 131 minima: the counts of minima sit at that ceiling.",
        "Set the mini-batch size to 1: a single sample at every point. The NN-GPPs spread; the minima become no more.",
    ),
    Scene(
        "Seen from below",
        {"view": "moments", "moments": "exact"},
        {"draws": 50},
        "Mean and SD over all mini-batches. From below: the slope is negative (blue) or positive (orange) by more than one "
        "SD, or within one SD of zero (grey).",
        "Over what share of the plane is the slope's sign uncertain by one standard deviation?",
        ("about a tenth", "about a third", "nearly everywhere"),
        1,
        "A third. Beyond the grey band the sign of a single mini-batch is wrong one time in five at worst, mostly less.",
        "Press Below. Then make the mini-batch larger: the band narrows around the line where the slope is zero.",
    ),
    Scene(
        "Where they lie",
        {"view": "figures", "figure": 5, "panel": "c"},
        {},
        "Histograms of where minima and NN-GPPs lie along the four lines.",
        "Which of the two tells you where the true optimum is?",
        ("the minima", "the NN-GPPs", "both"),
        1,
        "Minima are spread evenly over the lines. NN-GPPs gather around the stars, the true optima.",
        "Choose another seed: the places change, the contrast stays.",
    ),
    Scene(
        "Twice as many points",
        {"view": "chances"},
        {"line_points": 200, "draws": 50},
        "The same lines with 200 points instead of 100. Nothing else is changed.",
        "What happens to the two counts?",
        ("neither changes", "only the minima double", "both double"),
        2,
        "Both double: 262 minima and 33 NN-GPPs on average. Counts belong to the sampling, places to the function.",
        "So compare spreads and densities, not counts alone.",
    ),
    Scene(
        "Where it fails",
        {},
        {"activation": "relu", "domain": "local"},
        "ReLU near the start point. On a part of the plane all output units are off.",
        "What does the slope of a mini-batch tell you there?",
        ("the way to the optimum", "nothing: it is exactly zero"),
        1,
        "Exactly zero for every sample, so that no mini-batch can help. Saturated Tanh has spurious sign changes instead.",
        "Open Figures 15 and 17, then Tanh in the global domain.",
    ),
    Scene(
        "A race",
        {"view": "race", "line": "d2"},
        {},
        "Line searches with the same mini-batches and budget: some look at the loss, some at the sign of the slope.",
        "One race is run. Who is better?",
        ("whoever wins it", "one race cannot tell"),
        1,
        "One race is luck. Five hundred, on several lines, show who ends nearer to a true optimum, and on which lines not.",
        "Change the line, the activation, the mini-batch size. It is your turn.",
    ),
)
