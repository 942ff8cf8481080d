"""Panels of Explore: a line and a point of the plane, on both surfaces, on a map and in charts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy import ndarray

from app.panels import surfaces, text
from app.panels.explore_gradients import over_map
from app.panels.plane_axes import name_unit, title_positions
from app.plotting.model import (
    REFERENCE,
    Along,
    Arrows,
    Axes,
    Bars,
    Chart,
    Colours,
    Curve,
    Level,
    Map,
    Mark,
    PanelContent,
    Scene,
    Series,
)
from app.plotting.plotly.style import SMALLEST_SHOWN
from app.plotting.zeros import flat_points
from landscape_core import GradientField, StudyResult, StudySpec
from landscape_core.geometry import grid
from landscape_core.statistics.optima import HISTOGRAM_BINS
from landscape_core.study.probe import LineProbe, PointProbe

LINE, POINT = 0, 3
"""Styles of the line and of the point, in all panels."""

BINS = 24

ALIKE = 1e-12
"""Mini-batches that differ by less than this share of their size are shown as equal: they differ by rounding."""


def on_surface(drawn: PanelContent, line: LineProbe, values: ndarray, at: tuple[float, float]) -> PanelContent:
    """A surface with the line draped over it and the point on it; as much of the line as lies over the plane."""
    scene = drawn.picture
    assert isinstance(scene, Scene)  # noqa: S101  for the type checker
    reach = float(scene.x[-1])
    inside = (np.abs(line.coordinates) <= reach).all(1)
    height = np.where(inside, values, np.nan)
    surface = scene.layers[0]
    on_it = _nearest(scene, surface.values, at)  # type: ignore[union-attr]  # the first layer is a surface
    layers = (
        *scene.layers,
        Curve("line", line.coordinates[:, 0], line.coordinates[:, 1], height, LINE),
        Curve("point", np.array(at[:1]), np.array(at[1:]), np.array([on_it]), POINT),
    )
    return replace(drawn, picture=replace(scene, layers=layers))


def plane_map(
    result: StudyResult,
    field: str,
    full: bool,
    ends: tuple[tuple[float, float], tuple[float, float]],
    at: tuple[float, float],
    gradients: GradientField | None = None,
) -> PanelContent:
    """The plane from straight above, with the line, which can be moved, the point, and gradients as arrows."""
    spec = result.spec
    values, colours, quantity, title = _field(result, field, full)
    marks = (
        Series("start point", np.zeros(1), np.zeros(1), REFERENCE, "dot"),
        Series("point", np.array(at[:1]), np.array(at[1:]), POINT, "diamond"),
    )
    note = "Black: full-batch slope 0."
    if (colours == "slope" and flat_points(values).any()) or (colours == "sign" and (values == 3).any()):
        note += " Violet: slope exactly 0."
    arrows: tuple[Arrows, ...] = ()
    if gradients is not None:
        arrows, words = over_map(gradients, spec, full)
        note += f" {words}."
    picture = Map(
        result.axis,
        result.axis,
        values,
        colours,
        quantity,
        contours=(("full-batch slope 0", result.full_slope, 0.0),),
        curves=marks,
        arrows=arrows,
        handle=ends,
        unit=name_unit(spec),
    )
    return PanelContent(
        title,
        note,
        picture,
        f"{title}, {text.setting(spec)}. The line goes from {text.place(ends[0])} to {text.place(ends[1])}.",
        "Click to select a point. Drag the line or its ends.",
        text.setting(spec),
    )


def along(line: LineProbe, quantity: str, full: bool, where: str, spec: StudySpec) -> PanelContent:
    """Loss or slope along the line, and where minima or NN-GPPs are to be expected."""
    loss = quantity == "loss"
    values = (line.full_loss if full else line.batch_loss) if loss else (line.full_slope if full else line.batch_slope)
    reference = line.full_loss if loss else line.full_slope
    chance = line.minima_chance if loss else line.nngpp_chance
    name: str = "minima" if loss else "NN-GPPs"
    mark: Mark = "triangle" if loss else "diamond"
    found, true = text.optima_of(quantity, values), text.optima_of(quantity, reference)
    reach = float(line.positions[-1])
    unit = (line.coordinates[-1] - line.coordinates[0]) / (2 * reach)
    middle = line.coordinates[[0, -1]].mean(0)
    edges = np.linspace(-reach, reach, HISTOGRAM_BINS + 1)
    expected, _ = np.histogram(line.positions, edges, weights=chance)
    note = f"{int(found.sum())} {name} found, {chance.sum():.1f} expected, {int(true.sum())} true; along {where}."
    shown = [
        Series("full batch" if full else "mini-batches", line.positions, values, LINE),
        Series(name, line.positions[found], values[found], LINE, mark),
    ]
    if not full:
        shown.append(Series("full batch", line.positions, reference, REFERENCE))
    shown.append(Series(f"true {name}", line.positions[true], reference[true], LINE, "star", legend=False))
    return PanelContent(
        f"{quantity.capitalize()} along the line",
        note,
        Chart(
            title_positions(spec),
            (
                Axes(quantity, tuple(shown), () if loss else (Level(0.0),)),
                Axes(
                    "expected",
                    (
                        Bars(
                            f"expected {name}", (edges[:-1] + edges[1:]) / 2, expected, 2 * reach / HISTOGRAM_BINS, LINE
                        ),
                    ),
                    share=0.4,
                    low=0.0,
                ),
            ),
            (-reach, reach),
            along=(Along("", tuple(middle.tolist()), tuple(unit.tolist())),),
        ),
        note,
    )


def at_point(point: PointProbe, quantity: str, at: tuple[float, float], spec: StudySpec) -> PanelContent:
    """Loss or slope of mini-batches at the point, and of the single samples."""
    loss = quantity == "loss"
    batches = point.batch_loss if loss else point.batch_slope
    samples = point.sample_loss if loss else point.sample_slope
    spread = point.sd_loss if loss else point.sd_slope
    if not np.isfinite(samples).all():
        words = f"The network has no finite {quantity} here."
        return PanelContent(
            f"{quantity.capitalize()} at {text.place(at)}", words, Chart(quantity, (Axes("batches", ()),)), words
        )
    counts, edges = _histogram(batches)
    mean = float(samples.mean())
    note = (
        f"Full batch {text.number(mean)}; mini-batch SD {spread:.2g}{text.DRAWN[spec.sampling]}; dots: single samples"
    )
    if not loss:
        note += f"; {text.format_share(float(np.mean(batches < 0)))} negative"
        note += (
            ". The gradient is zero."
            if np.isnan(point.leaves)
            else (f". {text.format_share(float(point.leaves))} of the full-batch gradient points out of this plane.")
        )
    height = float(counts.max())
    shown = (
        Bars("mini-batches", (edges[:-1] + edges[1:]) / 2, counts.astype(float), float(edges[1] - edges[0]), POINT),
        Series("full batch", np.array([mean, mean]), np.array([0.0, height]), REFERENCE, legend=False),
    )
    rug = Series("samples", samples, np.linspace(0.2, 0.8, len(samples)), POINT, "dot", legend=False)
    return PanelContent(
        f"{quantity.capitalize()} at {text.place(at)}",
        note,
        Chart(
            quantity,
            (
                Axes("batches", shown, low=0.0),
                Axes("", (rug,), share=0.4, ticks=(), low=0.0),
            ),
        ),
        f"{quantity.capitalize()} at {text.place(at)}: {note}",
    )


def _histogram(values: ndarray) -> tuple[ndarray, ndarray]:
    """Counts in equal bins and the edges of those; a single bin where values differ by less than their rounding."""
    low, high = float(values.min()), float(values.max())
    size = max(abs(low), abs(high))
    if high - low > ALIKE * size and high - low >= SMALLEST_SHOWN:
        return np.histogram(values, BINS)
    width = size / BINS if size >= SMALLEST_SHOWN else 1.0
    return np.array([len(values)]), (low + high) / 2 + width * np.array([-0.5, 0.5])


def _field(result: StudyResult, field: str, full: bool) -> tuple[ndarray, Colours, str, str]:
    if field == "loss":
        return (result.full_loss if full else result.batch_loss), "loss", "loss", "Map of the loss"
    if field == "slope":
        return (result.full_slope if full else result.batch_slope), "slope", "slope", "Map of the slope"
    if field == "negative" and result.plane_negative is not None:
        return result.plane_negative, "chance", "P(slope < 0)", "Probability that the slope is negative"
    return surfaces.signs(result.mean_slope, result.sd_slope), "sign", "sign", "Sign of the slope, beyond one SD"


def _nearest(scene: Scene, values: ndarray, at: tuple[float, float]) -> float:
    column, row = (int(np.abs(axis - place).argmin()) for axis, place in zip((scene.x, scene.y), at, strict=True))
    return float(values[row, column])


def segment(
    through: tuple[float, float], angle: float, reach: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """The part of a line that lies over the plane, which it goes through, and no further than `reach` from that point.

    >>> segment((0.0, 1.0), 0.0, 2.0)
    ((-2.0, 1.0), (2.0, 1.0))
    """
    unit = grid.unit(angle)
    low, high = -reach, reach
    for place, part in zip(through, unit.tolist(), strict=True):
        if part:
            first, second = sorted(((-reach - place) / part, (reach - place) / part))
            low, high = max(low, first), min(high, second)
    first_end, last_end = (np.array(through) + at * unit for at in (low, high))
    return (float(first_end[0]), float(first_end[1])), (float(last_end[0]), float(last_end[1]))
