"""Gallery: the twelve figures of the paper's appendix as small pictures; a click opens one."""

from __future__ import annotations

from functools import lru_cache

from app import links, panels, prints
from app.pictures import Gallery, Scene, Thumbnail
from app.state import Request
from app.views.view import Results, View
from landscape_core import StudyResult, StudySpec, paper

APPENDIX = tuple(range(7, 19))
WIDTH, HEIGHT = 300, 130
KEPT = 24
"""Small pictures kept, with the results they were made from: two start points' worth."""


def study(number: int, request: Request) -> StudySpec:
    """The study behind a figure's small picture: the controls', but for what the figure decides itself."""
    own = paper.figure(number).base
    return request.spec.replace(activation=own.activation, domain=own.domain, range=own.range, draws=0)


def link(number: int, request: Request) -> str:
    """Where a small picture leads: its figure, of the same start point and mini-batches."""
    spec = study(number, request).replace(draws=request.spec.draws)
    return links.write(Request(spec, "figures", figure=number))


def needs(request: Request) -> list[StudySpec]:
    """One study a figure; Fig. 17 shares that of Fig. 15."""
    return list(dict.fromkeys(study(number, request) for number in APPENDIX))


def draw(request: Request, results: Results) -> dict[str, Gallery]:
    """Loss and slope of each figure, and how many optima the mini-batches show; of those that are computed."""
    shown = tuple(_thumbnail(number, results.get(study(number, request)), link(number, request)) for number in APPENDIX)
    spec = request.spec
    note = f"Loss and slope, seed {spec.seed}, batch seed {spec.batch_seed}, |B| = {spec.batch_size}."
    return {"all": Gallery("The figures of the appendix", note, shown, f"Twelve small pictures. {note}")}


@lru_cache(maxsize=KEPT)
def _thumbnail(number: int, result: StudyResult | None, to: str) -> Thumbnail:
    figure = paper.figure(number)
    title = f"{figure.name} {figure.title}"
    if result is None:
        return Thumbnail(to, title, "being computed", b"")
    whole = len(figure.panels) == 8
    wanted = [figure.panel(letter) for letter in ("cd" if whole else "a")]
    pictures = [panels.draw(panel, result).picture for panel in wanted]
    image = prints.thumbnail([one for one in pictures if isinstance(one, Scene)], width=WIDTH, height=HEIGHT)
    note = f"{int(result.minima.sum())} minima · {int(result.nngpps.sum())} NN-GPPs" if whole else "where units are off"
    return Thumbnail(to, title, note, image)


VIEW = View("gallery", "Gallery", {"all": "words"}, sampled=False, draw=draw, needs=needs, gradual=True)
