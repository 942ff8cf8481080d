"""The tour: twelve scenes, each a link, and four more of other problems than the paper's.

Predict, reveal, try: what gives the answer away is hidden until it is revealed.

To add a scene, add one entry to `SCENES` or to `OTHERS`, and count it in `view_state.SCENES`. What a reveal says of numbers
is held against the engine by a test.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import Any, Literal

from app.state.view_state import ViewState
from landscape_core import StudySpec

WORDS_A_MINUTE = 238
"""How fast adults read English silently, on average (Brysbaert, 2019)."""

LOOKING = 20
"""Seconds that a scene takes beside its words, by estimate: to look at its pictures and to choose an answer."""


@dataclass(frozen=True)
class Scene:
    """One scene."""

    title: str
    view: dict[str, Any]  # fields of its state that are not the default
    study: dict[str, Any]  # fields of its study that are not the default
    caption: str  # what is seen
    question: str  # what the audience is to predict
    options: tuple[str, ...]  # answers to choose from
    right: int  # which of them is right
    answer: str  # why
    try_next: str  # what to try next
    hides: tuple[Literal["marks", "bars"], ...] = ()  # what gives the answer away, beside notes and legends
    revealed: dict[str, Any] = field(default_factory=dict)  # fields of its state once the answer is revealed
    answered_by: Literal["first", "second"] = "first"  # which pair of pictures a projector shows once it is revealed
    takeaways: tuple[str, ...] = ()  # what to keep in mind of the whole tour

    @property
    def state(self) -> ViewState:
        """The state of the page."""
        return ViewState(StudySpec(**self.study), **self.view)

    @property
    def words(self) -> int:
        """How many words there are to read."""
        texts = (self.title, self.caption, self.question, *self.options, self.answer, self.try_next, *self.takeaways)
        return len(" ".join(texts).split())


SCENES = (
    Scene(
        "Four mini-batches, four curves",
        {"view": "figures", "figure": 1, "panel": "a"},
        {},
        "Each parabola is the loss on one mini-batch. Their mean, without colour, is the full batch.",
        "You always draw the same mini-batch. Where do you end up?",
        ("at the full batch's minimum", "at that batch's own minimum"),
        1,
        "One mini-batch is a smooth curve with a minimum of its own: biased, but without surprises.",
        "Look at the slopes on the right: each crosses zero once, at its own minimum.",
    ),
    Scene(
        "An oracle picks a mini-batch at every point",
        {"view": "oracle", "oracle": "quadratics", "step": 2},
        {},
        "Now a fresh mini-batch is drawn at every evaluation, as in stochastic training.",
        "Will the curve that you see be smooth?",
        ("yes", "no"),
        1,
        "Neighbouring points come from different parabolas: the curve jumps wherever another mini-batch is drawn.",
        "Step on, and watch which of the four is drawn.",
        revealed={"step": 12},
    ),
    Scene(
        "Connect the dots",
        {"view": "figures", "figure": 1, "panel": "c"},
        {},
        "A hundred evaluations, joined. A point lower than both neighbours is an apparent minimum.",
        "How many are there?",
        ("about 4", "about 27", "about 60"),
        1,
        "27 here. Noise without any trend would give 33 on a hundred points: one point in three.",
        "Find one far from the true minimum: they lie all over the line.",
        hides=("marks",),
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
        "Find the minimum from the slopes alone, then from the values alone.",
        hides=("marks",),
    ),
    Scene(
        "A real network, all samples",
        {"source": "full"},
        {"batch_size": 150},
        "Iris, 83 weights. Left: the loss over a plane. Right: its slope. Both from all 150 samples.",
        "Do four lines across this plane have as many minima as sign changes?",
        ("yes", "no"),
        0,
        "Four and four, within one point of each other. Without noise both say the same.",
        "Turn the surfaces, and look from below (on a projector X brings them back).",
        answered_by="second",
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
        "Press N for new mini-batches, and watch which number changes.",
        answered_by="second",
    ),
    Scene(
        "Ten samples",
        {},
        {},
        "A usual mini-batch: ten of 150.",
        "How many minima and how many NN-GPPs on the four lines?",
        ("about 130 and 130", "about 130 and 17", "about 17 and 17"),
        1,
        "128 and 17. White noise would give 131 minima on average: their number says nothing of the network.",
        "Press − until one sample is left at every point. The NN-GPPs spread; the minima do not become more.",
        answered_by="second",
    ),
    Scene(
        "Seen from below",
        {"view": "figures", "figure": 3, "panel": "d"},
        {"draws": 50},
        "The slope, from below: negative (blue) or positive (orange) by more than one SD of a mini-batch, or within one SD "
        "of zero (grey).",
        "Over what share of the plane is the slope's sign uncertain by one standard deviation?",
        ("about a tenth", "about a third", "nearly everywhere"),
        1,
        "A third. Beyond the grey band the sign of a single mini-batch is wrong one time in five at worst, mostly less.",
        "Press + for a larger mini-batch: the band narrows around the line where the slope is zero.",
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
        "Press N for new mini-batches: the places change, the contrast stays.",
        hides=("bars",),
    ),
    Scene(
        "Twice as many points",
        {"view": "counts"},
        {"line_points": 200, "draws": 50},
        "The same lines with 200 points instead of 100. Nothing else is changed.",
        "What happens to the two counts?",
        ("neither changes", "only the minima double", "both double"),
        2,
        "Both double: 262 minima and 33 NN-GPPs on average. How many depends on how you sample; where, on the function.",
        "Compare spreads and densities instead of counts.",
        answered_by="second",
        hides=("bars",),
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
        {"view": "race", "line": "d2", "race_step": 15},
        {},
        "Line searches with the same mini-batches and budget: some look at the loss, some at the sign of the slope.",
        "One race has been run. Who is better?",
        ("whoever wins it", "one race cannot tell"),
        1,
        "One race is luck. Five hundred, on several lines, show who ends nearer to an optimum, and on which lines not.",
        "Your turn: change the line, the activation, the mini-batch size (\\ shows the controls).",
        revealed={"stage": "many"},
        takeaways=(
            "With a fresh mini-batch at every point, minima of the loss are everywhere.",
            "The slope of the same mini-batches changes its sign from negative to positive near a true optimum.",
            "How many there are depends on how you sample; where they lie, on the function.",
        ),
    ),
)

OTHERS = (
    Scene(
        "A convex loss",
        {},
        {"problem": "logistic"},
        "A softmax regression on Iris: one minimum on every line, and nowhere else.",
        "Ten samples at every point: how many minima on the four lines, where there are four?",
        ("4", "about 25", "about 130"),
        2,
        "125. They come from drawing mini-batches, not from the network. Of the slope's sign changes there are seven.",
        "Make the mini-batch larger, up to 149, and watch where the minima vanish first.",
        answered_by="second",
    ),
    Scene(
        "Deeper and wider",
        {},
        {"activation": "tanh", "hidden": (64, 32)},
        "The paper's network has one hidden layer of ten units. This one has two, of 64 and of 32.",
        "It has 2,499 parameters instead of 83. Are there more apparent minima?",
        ("yes, far more", "no, about as many"),
        1,
        "About as many: 124, where white noise would give 131. And ten sign changes, for four true optima.",
        "Add a layer, or go back to ten units, and compare the two counts.",
        answered_by="second",
    ),
    Scene(
        "After training",
        {},
        {
            "domain": "local",
            "start_point": "trained",
            "train_steps": 1000,
            "train_optimiser": "adam",
            "train_rate": 0.01,
        },
        "The plane now starts where 1,000 steps of Adam have led, and follows steepest descent from there.",
        "Near the end of a training, is the sign of a mini-batch's slope a better guide or a worse one?",
        ("a better one", "a worse one"),
        1,
        "Worse: 60 sign changes; around the paper's start point there are 34. The slope is small here, its noise is not.",
        "Make the mini-batch larger: with 140 of the 150 samples nine sign changes are left.",
        answered_by="second",
    ),
    Scene(
        "Your data",
        {},
        {"problem": "wine"},
        "178 wines, thirteen measurements, three cultivars: a table as you may have one, and a network made for it.",
        "What do you expect of a table that is not the paper's?",
        ("minima all over, sign changes in few places", "it depends on the data"),
        0,
        "129 minima and 34 sign changes on the four lines, for eight true optima.",
        "Choose Problem › Your data …, and bring a CSV file: the page makes a network for it.",
        answered_by="second",
        takeaways=(
            "Minima all over come from fresh mini-batches, whatever the model: even a convex loss has them.",
            "Where the full batch's slope is small against the noise, sign changes spread as well.",
        ),
    ),
)
"""Scenes of other problems than the paper's, which go on counting from the tour's last."""

ALL = SCENES + OTHERS


def find_part(number: int) -> tuple[tuple[Scene, ...], int]:
    """The part that a scene belongs to, the tour or the one of other problems, and the scene's number there, from 1."""
    return (SCENES, number) if number <= len(SCENES) else (OTHERS, number - len(SCENES))


MINUTES = ceil(sum(scene.words / WORDS_A_MINUTE + LOOKING / 60 for scene in SCENES))
"""How long the tour takes, without what one tries on the way."""
