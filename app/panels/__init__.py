"""Panels: what each picture shows of a study, for the page, for print and for the paper's figures alike."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app.panels import concepts, lines, surfaces
from app.pictures import Drawn
from landscape_core import StudyResult
from landscape_core.paper import WITHOUT_STUDY, Panel

OF_A_STUDY: dict[str, Callable[[StudyResult], Drawn]] = {
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
    "units-off": surfaces.outputs_off,
    "true-minima": partial(lines.minima, full=True),
    "true-nngpps": partial(lines.nngpps, full=True),
    "minima": lines.minima,
    "nngpps": lines.nngpps,
}

OF_ITSELF: dict[str, Callable[[], Drawn]] = {
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


def draw(panel: Panel, result: StudyResult | None) -> Drawn:
    """A panel of a figure of the paper, from the result of its study if it has one."""
    if panel.shows in WITHOUT_STUDY:
        return OF_ITSELF[panel.shows]()
    assert result is not None  # noqa: S101  the caller has computed `Figure.spec`
    return OF_A_STUDY[panel.shows](result)
