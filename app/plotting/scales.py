"""Ends of the upright axis and of the colours, of one scene or common to several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from app.plotting.model import Curve, Layer, PanelContent, Scene, Sheet, Surface, Underside
from app.plotting.plotly.style import colour_limits


def height_limits(scene: Scene) -> tuple[float, float]:
    """Return the lower and upper end of the upright axis, which differ."""
    if scene.heights is not None:
        return scene.heights
    arrays = [
        np.array([layer.height])
        if isinstance(layer, Sheet)
        else layer.z
        if isinstance(layer, Curve)
        else (layer.lowest if isinstance(layer, Underside) else layer.values)
        for layer in scene.layers
    ]
    finite = [array[np.isfinite(array)] for array in arrays]
    low = min((float(array.min()) for array in finite if array.size), default=0.0)
    high = max((float(array.max()) for array in finite if array.size), default=1.0)
    return (low, high) if high > low else (low - (abs(low) or 1.0) / 2, high + (abs(high) or 1.0) / 2)


def share_scales(drawn: Sequence[PanelContent]) -> list[PanelContent]:
    """Give scenes of the same quantity the same ends of the upright axis and of the colours: those that hold for all.

    Other pictures, and scenes alone with their quantity, stay as they are.
    """
    scenes = [panel.picture for panel in drawn if isinstance(panel.picture, Scene)]
    return [
        _rescale(panel, panel.picture, alike)
        if isinstance(panel.picture, Scene)
        and len(alike := [one for one in scenes if one.quantity == panel.picture.quantity]) > 1
        else panel
        for panel in drawn
    ]


def _rescale(panel: PanelContent, scene: Scene, alike: Sequence[Scene]) -> PanelContent:
    ends = [height_limits(one) for one in alike]
    tops: dict[str, float] = {}
    for one in alike:
        for layer in one.layers:
            if isinstance(layer, Surface):
                top = colour_limits(layer.colours, layer.values, layer.high)[1]
                tops[layer.colours] = max(top, tops.get(layer.colours, top))

    def recoloured(layer: Layer) -> Layer:
        return replace(layer, high=tops[layer.colours]) if isinstance(layer, Surface) else layer

    heights = min(low for low, _ in ends), max(high for _, high in ends)
    picture = replace(scene, heights=heights, layers=tuple(recoloured(layer) for layer in scene.layers))
    note = f"{panel.note.removesuffix('.')}. Scales: those of all panels with this quantity."
    return replace(panel, picture=picture, note=note)
