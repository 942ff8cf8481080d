"""Panels of likely places: where mini-batches put an NN-GPP more often than not, beside where the full batch has it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from app.panels import text
from app.plotting.model import REFERENCE, Axes, Chart, Level, Mark, PanelContent, Series
from landscape_core import StudyResult, StudySpec
from landscape_core.geometry.grid import LINE_NAMES, LINES
from landscape_core.paper.likely_places import FAR, Shifts, find_shifts
from landscape_core.statistics import intervals

START_POINTS = 60
"""Start points that are compared while a reader waits: a fifteenth of a second each."""


def likely_places(result: StudyResult) -> PanelContent:
    """The slope along the lines, the probability that a mini-batch's is positive, and where either changes sign."""
    positions, reach = result.positions, float(result.positions[-1])
    found = find_shifts(positions, result.line_full_slope, result.line_positive)

    def draw(values: np.ndarray, what: str, legend: bool) -> tuple[Series, ...]:
        return tuple(
            Series(
                text.line_label(line.name), positions, values[index], index, group=line.name, legend=legend, kind=what
            )
            for index, line in enumerate(LINES)
        )

    def rows(what: str, *places: np.ndarray, mark: Mark | None = None) -> tuple[Series, ...]:
        return tuple(
            Series(
                f"{text.line_label(name)}, {what}",
                np.array(at),
                np.full(len(at), float(index)),
                index,
                mark,
                group=name,
                legend=False,
                kind=what,
            )
            for index, *at in zip(found.line.tolist(), *places, strict=True)
            for name in [LINE_NAMES[index]]
        )

    marks = (
        *rows("from true to likely", found.true, found.likely),
        *rows("true NN-GPP", found.true, mark="star"),
        *rows("likely place", found.likely, mark="diamond"),
    )
    none = np.array([np.nan])  # Plotly names nothing that is empty
    legend = (Series("true", none, none, REFERENCE, "star"), Series("likely", none, none, REFERENCE, "diamond"))
    note = _describe(found)
    return PanelContent(
        f"True and likely NN-GPPs, {text.size_phrase(result.spec)}",
        note,
        Chart(
            "position along the line",
            (
                Axes("slope", draw(result.line_full_slope, "slope", True), (Level(0.0),)),
                Axes("P(> 0)", draw(result.line_positive, "P(slope > 0)", False), (Level(0.5),)),
                Axes("", (*marks, *legend), share=1.2, ticks=tuple(enumerate(map(text.line_label, LINE_NAMES)))),
            ),
            (-reach, reach),
        ),
        note,
    )


def _describe(found: Shifts) -> str:
    """The farthest likely place, in numbers."""
    if not len(found.size):
        return "No true NN-GPPs on the four lines."
    farthest = int(found.size.argmax())
    line, true = text.line_label(LINE_NAMES[found.line[farthest]]), _place(found.true[farthest])
    others = np.delete(found.size, farthest)
    rest = f" Of the {len(others)} others none is by more than {others.max():.2g}." if len(others) else ""
    if np.isnan(found.likely[farthest]):
        return f"{line}: the slope passes 0 at {true}, P(slope > 0) passes ½ nowhere."
    return (
        f"{line}: the slope passes 0 at {true}, P(slope > 0) passes ½ nearest to that at {_place(found.likely[farthest])}: "
        f"shifted by {found.size[farthest]:.2g}.{rest}"
    )


def _place(value: float) -> str:
    return text.number(value, "z.2f")


def survey(spec: StudySpec, found: Mapping[int, Shifts]) -> PanelContent:
    """How far likely places lie from the true ones at many start points, over the curvature there."""
    size, line, curvature = (
        np.concatenate([getattr(one, name) for one in found.values()]) if found else np.empty(0)
        for name in ("size", "line", "curvature")
    )
    top = 2 * spec.range
    shown = tuple(
        Series(
            text.line_label(one.name),
            curvature[line == index],
            size[line == index].clip(max=top),
            index,
            "dot",
            group=one.name,
            kind="shift",
        )
        for index, one in enumerate(LINES)
    )
    far = size > FAR
    starts = intervals.share(np.array([int((one.size > FAR).any()) for one in found.values()], dtype=np.int8))
    by_line = ", ".join(
        f"{count} on {text.line_label(name)}"
        for index, name in enumerate(LINE_NAMES)
        if (count := int((far & (line == index)).sum()))
    )
    note = "No start point has directions."
    if starts is not None and len(size):
        half, most = np.quantile(size, (0.5, 0.95), method="higher")
        note = (
            f"{len(size)} true NN-GPPs at {starts.count} start points: half are shifted by at most {half:.2g}, 95% by at "
            f"most {most:.2g}; {int(far.sum())} by more than {FAR}{by_line and f' ({by_line})'}, at {starts.held} start "
            f"points ({starts.low:.0%} to {starts.high:.0%}). Curvature: change of the slope per unit length."
        )
    return PanelContent(
        "How often, over start points",
        note,
        Chart("curvature at the true NN-GPP", (Axes("shift", shown, (Level(FAR, "far", dashed=True),), log=True),)),
        note,
    )
