"""Appendix figures: the twelve figures of the paper's appendix as small pictures; a click opens one."""

from __future__ import annotations

from functools import lru_cache

from app import panels
from app.jobs.small_tasks import DeadUnitsTask
from app.plotting import mpl
from app.plotting.model import Gallery, Scene, Thumbnail
from app.state import permalink
from app.state.view_state import ViewState
from app.views.view import Need, Part, Results, View
from landscape_core import StudyResult, StudySpec
from landscape_core.paper import published
from landscape_core.paper.dead_units import UnitsOff

APPENDIX = tuple(range(7, 19))
UNITS_OFF = 17
"""The figure of the patches where all output units are off."""

WIDTH, HEIGHT = 300, 130
KEPT = 24
"""Small pictures kept, with the results they were made from: two start points' worth."""


def study(number: int, request: ViewState) -> StudySpec:
    """The study behind a figure's small picture: the controls', but for what the figure decides itself."""
    own = published.find_figure(number).base
    return request.spec.replace(activation=own.activation, domain=own.domain, range=own.range, draws=0)


def link(number: int, request: ViewState) -> str:
    """Where a small picture leads: its figure, of the same start point and mini-batches."""
    spec = study(number, request).replace(draws=request.spec.draws)
    return permalink.write(ViewState(spec, "figures", figure=number))


def wants(request: ViewState) -> list[Need]:
    """One study a figure; Fig. 17 shares that of Fig. 15, and shows the units that are off there."""
    return [*dict.fromkeys(study(number, request) for number in APPENDIX), DeadUnitsTask(study(UNITS_OFF, request))]


def draw(request: ViewState, results: Results) -> dict[str, Gallery]:
    """Loss and slope of each figure, and how many optima the mini-batches show; of those that are computed."""
    off = results.get(DeadUnitsTask(study(UNITS_OFF, request)))
    shown = tuple(
        _thumbnail(
            number, results.get(study(number, request)), off if number == UNITS_OFF else None, link(number, request)
        )
        for number in APPENDIX
    )
    spec = request.spec
    note = f"Loss and slope, seed {spec.seed}, batch seed {spec.batch_seed}, |B| = {spec.batch_size}."
    return {"all": Gallery("The figures of the appendix", note, shown, f"Twelve small pictures. {note}")}


@lru_cache(maxsize=KEPT)
def _thumbnail(number: int, result: StudyResult | None, off: UnitsOff | None, to: str) -> Thumbnail:
    figure = published.find_figure(number)
    title = f"{figure.name} {figure.title}"
    if result is None or (number == UNITS_OFF and off is None):
        return Thumbnail(to, title, "being computed", b"")
    whole = len(figure.panels) == 8
    wanted = [figure.panel(letter) for letter in ("cd" if whole else "a")]
    pictures = [panels.draw(panel, result, off).picture for panel in wanted]
    image = mpl.thumbnail([one for one in pictures if isinstance(one, Scene)], width=WIDTH, height=HEIGHT)
    note = f"{int(result.minima.sum())} minima · {int(result.nngpps.sum())} NN-GPPs" if whole else "where units are off"
    return Thumbnail(to, title, note, image)


VIEW = View(
    "gallery",
    "Appendix figures",
    "Apply and verify",
    11,
    {"all": "words"},
    (Part(draw, needs=lambda _request: [], wants=wants),),
    controls=("slope",),
)
