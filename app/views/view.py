"""What a view is: named panels, the studies it needs, and a function that draws them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from app.pictures import Drawn, Gallery
from app.state import Request, ViewName
from landscape_core import StudyResult, StudySpec

Results = Mapping[StudySpec, StudyResult]
"""What a view needs, computed."""


def the_study(request: Request) -> list[StudySpec]:
    """What most views need: the study of the controls."""
    return [request.spec]


@dataclass(frozen=True)
class View:
    """One way of looking at a study.

    Attributes:
        name: Its key in links and in ids.
        label: What a reader sees.
        panels: Names of its panels and what they hold: a Plotly figure, or anything else.
        sampled: Whether it needs the sampled statistics, so that studies for it carry draws.
        draw: (request, results) → each panel, drawn; one that is left out is empty.
        needs: The studies without which it cannot be drawn.
    """

    name: ViewName
    label: str
    panels: Mapping[str, Literal["figure", "words"]]
    sampled: bool
    draw: Callable[[Request, Results], Mapping[str, Drawn | Gallery]]
    needs: Callable[[Request], list[StudySpec]] = the_study
