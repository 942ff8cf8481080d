"""What a view is: named panels, and a function that draws them from a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from app.figures.style import Figure, Theme
    from app.state import Request, ViewName
    from landscape_core import StudyResult


@dataclass(frozen=True, eq=False)
class Drawn:
    """One drawn panel.

    Attributes:
        title: Its heading.
        note: The line under the heading: numbers first.
        figure: The picture.
        sentence: What stands for the picture where it cannot be seen.
    """

    title: str
    note: str
    figure: Figure
    sentence: str


@dataclass(frozen=True)
class View:
    """One way of looking at a study.

    Attributes:
        name: Its key in links and in ids.
        label: What a reader sees.
        panels: Names of its panels and what they are: "surface" (rotatable, cameras linked) or "chart".
        sampled: Whether it needs the sampled moments, so that studies for it carry draws.
        draw: (result, request, theme) → each panel, drawn.
    """

    name: ViewName
    label: str
    panels: Mapping[str, Literal["surface", "chart"]]
    sampled: bool
    draw: Callable[[StudyResult, Request, Theme], dict[str, Drawn]]
