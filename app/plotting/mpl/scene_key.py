"""Key of a printed scene: a sample of each layer, and the classes of an underside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from app.plotting.model import Layer, Mesh, Scene, Sheet, Surface, Underside
from app.plotting.mpl.legend import ENTRY, place_entries
from app.plotting.mpl.style import SMALL, PrintStyle, colour_map, write_text
from app.plotting.plotly.style import BAND_OPACITY, FLAT, SHEET_OPACITY
from app.plotting.zeros import flat_points

CHIP = 0.1
"""Side of a colour patch, in inches."""

MESHES = {"band": 0.8, "heavy": 1.1, "thin": 0.5}
"""Widths of the lines of meshes, in points."""

ZERO_WIDTH = 0.9
DASH, PERIOD = 5.0, 7.5
"""Dashes of the lower side of a band and where they repeat, in points."""

ZERO = "slope 0"


@dataclass(frozen=True)
class Sample:
    """An entry: patches of colour, one on the other's right, with a line over them."""

    words: str
    fills: tuple[str, ...] = ()
    opacity: float = 1.0
    line: str = ""
    width: float = 0.0  # of the line, in points
    dashed: bool = False
    hatched: bool = False
    crossed: bool = False  # whether lines go both ways


def mesh_line(layer: Mesh, look: PrintStyle) -> tuple[str, float, bool]:
    """Return colour, width and dashes of the lines of a mesh."""
    if layer.side is not None:
        return look.palette.band[layer.side], MESHES["band"], layer.side == 0
    if layer.heavy:
        return look.palette.ink, MESHES["heavy"], False
    return look.palette.wire, MESHES["thin"], False


def list_samples(scene: Scene, seen: Sequence[Layer], look: PrintStyle) -> list[Sample]:
    """List the entries of a scene's key: what is seen of several layers, of a slope's zeros and of classes."""
    found = [_sample(layer, look) for layer in scene.named if layer in seen]
    for layer in seen:
        if isinstance(layer, Surface) and layer.colours == "slope":
            finite = layer.values[np.isfinite(layer.values)]
            if (finite < 0).any() and (finite > 0).any():
                found.append(Sample(ZERO, line="#000000", width=ZERO_WIDTH))
            if flat_points(layer.values).any():
                found.append(Sample(FLAT, fills=(look.classes[3],), hatched=True))
        if isinstance(layer, Underside):
            found += [
                Sample(words, fills=(colour,), hatched=index == 3)
                for index, (words, colour) in enumerate(zip(layer.meanings, look.classes, strict=False))
                if words and (layer.classes == index).any()
            ]
    return list(dict.fromkeys(found))


def _sample(layer: Layer, look: PrintStyle) -> Sample:
    if isinstance(layer, Surface):
        colours = colour_map(layer.colours, layer.values, look, layer.high)[0]
        return Sample(layer.name, tuple(to_hex(colours(share)) for share in (0.1, 0.3, 0.5, 0.7, 0.9)))
    if isinstance(layer, Mesh):
        colour, width, dashed = mesh_line(layer, look)
        fills = () if layer.side is None else (colour,)
        return Sample(layer.name, fills, BAND_OPACITY, colour, width, dashed, crossed=layer.side is None)
    if isinstance(layer, Sheet) and layer.clear:
        return Sample(layer.name, (look.palette.wire,), SHEET_OPACITY)
    return Sample(layer.name, (look.palette.sheet,))


def draw_key(over: Axes, place: tuple[float, float, float], samples: Sequence[Sample], look: PrintStyle) -> float:
    """Draw samples and their names above a picture.

    Args:
        over: Drawn on this, in inches.
        place: Where the picture begins, and how wide and high all is.
        samples: What is named.
        look: Of the print.

    Returns:
        The height that they take.
    """
    if not samples:
        return 0.0
    height, places = place_entries([sample.words for sample in samples], [_length(one) for one in samples], place)
    if len(samples) == 1:  # it stands in the corner, beside the box
        height = 0.0
    for sample, (x, y) in zip(samples, places, strict=True):
        length = _length(sample)
        for index, colour in enumerate(sample.fills):
            part = length / len(sample.fills)
            patch = Rectangle(
                (x + index * part, y - CHIP / 2), part, CHIP, facecolor=colour, alpha=sample.opacity, linewidth=0
            )
            over.add_patch(patch)
        if sample.hatched:
            for shift in (0.25, 0.75):
                ends = [x + shift * length - CHIP / 4, x + shift * length + CHIP / 4]
                over.add_line(Line2D(ends, [y - CHIP / 2, y + CHIP / 2], color="#000000", linewidth=0.5))
        if sample.fills:  # a rim: some are as light as the paper
            rim = Rectangle((x, y - CHIP / 2), length, CHIP, fill=False, edgecolor=look.palette.muted, linewidth=0.3)
            over.add_patch(rim)
        if sample.line:
            stroke: Any = (0, (DASH / sample.width, (PERIOD - DASH) / sample.width)) if sample.dashed else "solid"
            over.add_line(Line2D([x, x + length], [y, y], color=sample.line, linewidth=sample.width, linestyle=stroke))
        for shift in (0.3, 0.7) if sample.crossed else ():
            ends = [y - CHIP / 2, y + CHIP / 2]
            over.add_line(Line2D([x + shift * length] * 2, ends, color=sample.line, linewidth=sample.width))
        write_text(over, x + length + 0.05, y, sample.words, SMALL, look.palette.ink, ha="left", va="center_baseline")
    return height


def _length(sample: Sample) -> float:
    return ENTRY if sample.line or len(sample.fills) > 1 else CHIP
