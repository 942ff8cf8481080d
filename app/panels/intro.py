"""Words above the pictures of Compare: what is seen, and by how far apparent optima miss the true ones."""

from __future__ import annotations

import math
from typing import Final

from jaxtyping import Float
from numpy import ndarray

from app.panels import text
from app.state.view_state import ViewState
from landscape_core import StudyResult, StudySpec
from landscape_core.sampling.minibatches import SHUFFLE, WITH
from landscape_core.statistics.intervals import central_range
from landscape_core.statistics.optima import distance_to_nearest, median_distance

LEAD: Final = "Training sees the loss through mini-batches."
NNGPPS: Final = "Sign changes are NN-GPPs: non-negative associated gradient projection points."
NOT_YET: Final = "…"
NONE: Final = "–"
"""In place of a distance where there is nothing to measure."""

MANY: Final = 99.5
"""From here on two digits are not all that stand before the point."""

KINDS: Final = ("minima", "nngpps")
"""What is counted."""

OF_KINDS: Final = tuple(f"{kind}{what}" for kind in KINDS for what in ("", "-true", "-distance"))

PLACES: Final = ("setting", "size", "rest", *OF_KINDS, "explanation")
"""Names of the words that change. frontend/src/live/intro.ts writes some of them while a control moves."""


def introduce(request: ViewState, result: StudyResult | None) -> dict[str, str]:
    """The words of each place; those with numbers of the study only if that is at hand."""
    return {**_setting(request), **({} if result is None else _figures(request, result))}


def _setting(request: ViewState) -> dict[str, str]:
    """What is seen, in two parts with the size of the mini-batches between them."""
    spec = request.spec
    reach = text.number(spec.range, "g")
    place = f"on a plane of its weights, ±{reach} along two directions, d1 and d2, from its start point"
    seen = f"{text.network_phrase(spec)}, {place}: loss and slope, at every point from "
    if request.source == "full":
        return {"setting": f"{seen}all ", "size": str(spec.samples), "rest": " samples: the full batch."}
    first = "the next " if spec.sampling == SHUFFLE else "a fresh mini-batch of "
    return {"setting": seen + first, "size": str(spec.batch_size), "rest": _rest(spec)}


def _rest(spec: StudySpec) -> str:
    if spec.full_batch:
        return f" of {spec.samples} samples: the full batch."
    drawn = {SHUFFLE: f" of {spec.samples} shuffled samples.", WITH: f" of {spec.samples} samples, with replacement."}
    return drawn.get(spec.sampling, f" of {spec.samples} samples.")


def _figures(request: ViewState, result: StudyResult) -> dict[str, str]:
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
        f"Of {len(minima):,} draws with {text.size_phrase(result.spec)} the central 95 % have {_range(minima)} for minima "
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
