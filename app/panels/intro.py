"""Words above the pictures of a view: what is seen; in Compare, by how far apparent optima miss the true ones, too."""

from __future__ import annotations

import math
from typing import Final

from jaxtyping import Float
from numpy import ndarray

from app.panels import text
from app.panels.plane_axes import name_unit
from app.state.view_state import ViewState
from landscape_core import StudyResult, StudySpec
from landscape_core.sampling.minibatches import SHUFFLE, WITH
from landscape_core.statistics.intervals import central_range
from landscape_core.statistics.optima import distance_to_nearest, median_distance

NNGPPS: Final = "Sign changes from − to + are NN-GPPs, non-negative associated gradient projection points."
SIZE: Final = "{size}"
"""In a sentence, where the size of the mini-batches stands, which follows the slider."""

NOT_YET: Final = "…"
NONE: Final = "–"
"""In place of a distance where there is nothing to measure."""

MANY: Final = 99.5
"""From here on two digits are not all that stand before the point."""

KINDS: Final = ("minima", "nngpps")
"""What is counted."""

OF_KINDS: Final = tuple(f"{kind}{what}" for kind in KINDS for what in ("", "-true", "-distance"))

SENTENCE: Final = ("setting", "size", "rest")
"""Names of the parts of the sentence of every view."""

PLACES: Final = (*SENTENCE, *OF_KINDS, "explanation")
"""Names of the words of Compare. frontend/src/live/intro.ts writes some of them while a control moves."""


def say(sentence: str, size: int) -> dict[str, str]:
    """A view's sentence in its parts: what comes before the size of the mini-batches, that size, and the rest.

    A sentence without a size is all before it.

    >>> say("Loss of {size} of 150 samples.", 10)
    {'setting': 'Loss of ', 'size': '10', 'rest': ' of 150 samples.'}
    """
    before, there, after = sentence.partition(SIZE)
    return {"setting": before, "size": str(size) if there else "", "rest": after}


def plane(spec: StudySpec) -> str:
    """Which network is looked at, and where its plane lies."""
    start = "its start point"
    if spec.start_point == "trained":
        start = f"where {spec.train_steps:,} steps of {text.OPTIMISERS[spec.train_optimiser]} have led"
    reach = f"{text.number(spec.range, 'g')} {name_unit(spec)}".rstrip()
    place = f"±{reach} along d1 and d2 from {start} (seed {spec.seed})"
    return f"{text.network_phrase(spec)}, on a plane of its weights, {place}"


def fresh(spec: StudySpec) -> str:
    """The mini-batch that is drawn at a point."""
    if spec.sampling == SHUFFLE and not spec.full_batch:
        return f"the next {SIZE} of {spec.samples:,} shuffled samples"
    return f"a fresh mini-batch of {sampled(spec)}"


def sampled(spec: StudySpec) -> str:
    """Of how many samples a mini-batch is, and how they are drawn."""
    more = ": the full batch" if spec.full_batch else ", with replacement" if spec.sampling == WITH else ""
    return f"{SIZE} of {spec.samples:,} samples{more}"


def points(request: ViewState) -> str:
    """What loss and slope are seen at every point of the plane."""
    seen = f"all {request.spec.samples:,} samples: the full batch" if request.source == "full" else fresh(request.spec)
    return f"{plane(request.spec)}: loss and slope, at every point from {seen}"


def count(request: ViewState, result: StudyResult) -> dict[str, str]:
    """The figures of Compare: what is found on the four lines, and how far from the true optima."""
    full = request.source == "full"
    true = {"minima": result.true_minima, "nngpps": result.true_nngpps}
    found = true if full else {"minima": result.minima, "nngpps": result.nngpps}
    away = {kind: median_distance(found[kind], distance_to_nearest(result.positions, true[kind])) for kind in KINDS}
    return {
        **{kind: f"{found[kind].sum()}" for kind in KINDS},
        **{f"{kind}-true": f"(true: {true[kind].sum()})" for kind in KINDS},
        **{f"{kind}-distance": format_distance(float(away[kind])) for kind in KINDS},
        "explanation": f"{text.GLOSSARY['compare-intro']} {_over_draws(result)}".strip(),
    }


def _over_draws(result: StudyResult) -> str:
    """Where the distances of nearly all draws lie; files of earlier versions do not tell."""
    minima, nngpps = result.line_minima_distances, result.line_nngpp_distances
    if result.spec.full_batch or minima is None or nngpps is None:
        return ""
    return (
        f"Of {len(minima):,} draws with {text.size_phrase(result.spec)} the central 95% have {_range(minima)} for minima "
        f"and {_range(nngpps)} for sign changes."
    )


def _range(distances: Float[ndarray, "D"]) -> str:
    found = central_range(distances)
    return "none" if found is None else f"{format_distance(found.low)} to {format_distance(found.high)}"


def format_distance(value: float) -> str:
    """A distance with two digits, as frontend/src/live/intro.ts writes it.

    >>> [format_distance(value) for value in (9.2929, 3.04, 0.0404, 10.5, 123.4, 0.0, float("nan"))]
    ['9.3', '3.0', '0.040', '11', '120', '0', '–']
    """
    if math.isnan(value):
        return NONE
    return f"{value:#.2g}".rstrip(".") if 0 < value < MANY else f"{float(f'{value:.2g}'):.0f}"
