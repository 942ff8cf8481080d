"""Panels: what each picture shows of a study, for the page, for print and for the paper's figures alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from app.panels import concepts, lines, shifts, surfaces
from app.plotting.model import PanelContent
from landscape_core import StudyResult
from landscape_core.paper.dead_units import UnitsOff, find_dead_units
from landscape_core.paper.likely_places import Shifts, survey_shifts
from landscape_core.paper.published import WITHOUT_STUDY, Panel

OF_A_STUDY: dict[str, Callable[[StudyResult], PanelContent]] = {
    "loss": surfaces.loss,
    "slope": surfaces.slope,
    "full-loss": partial(surfaces.loss, full=True),
    "full-slope": partial(surfaces.slope, full=True),
    "mean-loss": surfaces.mean_loss,
    "mean-slope": surfaces.mean_slope,
    "below-loss": partial(surfaces.mean_loss, below=True),
    "below-slope": partial(surfaces.mean_slope, below=True),
    "sd-loss": surfaces.sd_loss,
    "sd-slope": surfaces.sd_slope,
    "true-minima": partial(lines.minima, full=True),
    "true-nngpps": partial(lines.nngpps, full=True),
    "minima": lines.minima,
    "nngpps": lines.nngpps,
    "likely-places": shifts.likely_places,
}

OF_ITSELF: dict[str, Callable[[], PanelContent]] = {
    "quadratics": concepts.quadratics,
    "quadratic-slopes": partial(concepts.quadratics, slopes=True),
    "oracle-minima": concepts.oracle,
    "oracle-nngpps": partial(concepts.oracle, slopes=True),
    "directions": concepts.directions,
    "saturation": partial(concepts.activations, "saturation"),
    "saturation-slopes": partial(concepts.activations, "saturation", slopes=True),
    "sparsity": partial(concepts.activations, "sparsity"),
    "sparsity-slopes": partial(concepts.activations, "sparsity", slopes=True),
}


UNITS_OFF, SHIFT_SURVEY = "units-off", "shift-survey"
"""What takes more than the result of a study."""

More = UnitsOff | Mapping[int, Shifts]


def draw(panel: Panel, result: StudyResult | None, more: More | None = None) -> PanelContent:
    """A panel of a figure of the paper, from the result of its study if it has one.

    Args:
        panel: Which.
        result: Of `Figure.spec`.
        more: The units that are off there, or the shifts at many start points, for a panel that shows them; computed on
            the CPU if it is not given.
    """
    if panel.shows in WITHOUT_STUDY:
        return OF_ITSELF[panel.shows]()
    assert result is not None  # noqa: S101  the caller has computed `Figure.spec`
    if panel.shows == UNITS_OFF:
        off = more or find_dead_units(result.spec, result.theta0, result.directions, result.axis, scale=result.scale)
        assert isinstance(off, UnitsOff)  # noqa: S101
        return surfaces.outputs_off(result, off)
    if panel.shows == SHIFT_SURVEY:
        found = more or survey_shifts(result.spec, shifts.START_POINTS, device="cpu")
        assert isinstance(found, Mapping)  # noqa: S101
        return shifts.survey(result.spec, found)
    return OF_A_STUDY[panel.shows](result)
