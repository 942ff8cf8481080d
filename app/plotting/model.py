"""Pictures as plain data, without colours or sizes; `plotly` draws them on screen, `mpl` on paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from numpy import ndarray

from app.plotting.minus_signs import typeset

Colours = Literal["loss", "slope", "sd", "chance", "sign"]
"""Which scale of colours: for a quantity that is not signed, one that is, a deviation, a probability, the sign of a slope
as a class: 0 negative, 1 uncertain, 2 positive, 3 exactly 0 over a whole patch."""

Mark = Literal["triangle", "diamond", "star", "dot", "square", "up", "left", "right", "cross", "x"]
"""Triangle: minimum; diamond: NN-GPP; star: true optimum; dot: anything else. The others distinguish several series."""

REFERENCE = -1
"""Style of what other series are compared with, often the full batch: the colour of text, dashed."""


SIGNS = ("negative", "uncertain", "positive", "zero")
"""The classes of a slope in files of numbers."""

WHITE = -2
"""Style of a curve on an underside."""

BLACK = -3
"""Style of a curve where the full batch changes its sign: bold."""


@dataclass(frozen=True, eq=False)
class Surface:
    """An opaque coloured surface over the plane; of a slope, with the line where its sign changes and its flat patches."""

    name: str
    values: ndarray  # (S, T)
    colours: Colours  # which scale
    high: float | None = None  # upper end of the colours, or None to fit
    noisy: bool = False  # whether its line of zeros is thin, as one of many


@dataclass(frozen=True, eq=False)
class Mesh:
    """A surface as lines, which hide nothing."""

    name: str
    values: ndarray  # (S, T)
    heavy: bool = False
    # whether it is the lower, 0, or the upper side, 1, of a band around a surface: translucent, with lines one way only
    side: int | None = None


@dataclass(frozen=True, eq=False)
class Sheet:
    """A level plane."""

    name: str
    height: float
    clear: bool = False  # whether one sees through it


@dataclass(frozen=True, eq=False)
class Underside:
    """The lowest of some stacked surfaces, seen from below and coloured by class: 0 blue, 1 grey, 2 orange, 3 violet."""

    name: str
    lowest: ndarray  # (S, T)
    classes: ndarray  # (S, T)
    # the classes in words, for a legend; those without words are not in it
    meanings: tuple[str, ...] = ("",) * 4
    keys: tuple[str, ...] = SIGNS  # the classes in files of numbers


@dataclass(frozen=True, eq=False)
class Curve:
    """A line in space, or a single point of it as a mark."""

    name: str
    x: ndarray  # along d1, (A,); a NaN interrupts it
    y: ndarray  # along d2, (A,)
    z: ndarray  # upright, (A,)
    style: int = 0  # place in the palette's colours of lines, from the first again after the last; or `WHITE`


Layer = Surface | Mesh | Sheet | Underside | Curve
"""Part of a scene."""


@dataclass(frozen=True, eq=False)
class Scene:
    """Layers in three dimensions over the plane."""

    x: ndarray  # coordinates along d1, (T,)
    y: ndarray  # coordinates along d2, (S,)
    layers: tuple[Layer, ...]
    quantity: str  # title of the upright axis
    below: bool = False  # whether it is looked at from below
    heights: tuple[float, float] | None = None  # ends of the upright axis, or None to fit
    # what guides the eye on the page, and is neither printed nor in files of numbers: curves that lie on the first surface,
    # and the height of a level plane that one sees through
    trails: tuple[Curve, ...] = ()
    level: float | None = None
    unit: str = ""  # what d1 and d2 count, if not lengths in parameter space

    @property
    def named(self) -> tuple[Layer, ...]:
        """What a legend tells apart: surfaces, meshes and sheets, each name once, if there are several."""
        firsts = {layer.name: layer for layer in reversed(self.layers) if isinstance(layer, Surface | Mesh | Sheet)}
        return tuple(layer for layer in self.layers if firsts.get(layer.name) is layer) if len(firsts) > 1 else ()


def title_plane(unit: str) -> tuple[str, str]:
    """The titles of a plane's axes.

    >>> title_plane(""), title_plane("weight norms")
    (('d1', 'd2'), ('d1 (weight norms)', 'd2 (weight norms)'))
    """
    first, second = (f"{name} ({unit})" if unit else name for name in ("d1", "d2"))
    return first, second


@dataclass(frozen=True)
class Reveal:
    """Steps at which each point of a series is visible."""

    since: tuple[int, ...]  # the first step at which it is
    until: tuple[int, ...]  # the first step at which it no longer is
    sizes: tuple[float, ...] = ()  # how large its mark is, 1 being usual


@dataclass(frozen=True, eq=False)
class Series:
    """A line or marks in a chart."""

    name: str  # in the legend, and on hover where it has no label
    x: ndarray  # positions, (A,); a NaN interrupts a line
    y: ndarray  # values, (A,)
    style: int = 0  # place in the palette's colours and dashes, likewise; or `REFERENCE`
    mark: Mark | None = None  # marks instead of a line
    text: tuple[str, ...] = ()  # labels at the points, or empty
    group: str = ""  # what a click on the legend hides together with it
    legend: bool = True  # whether it has an entry of its own
    weight: Literal["thin", "normal", "heavy"] = "normal"  # thin for one of very many, heavy for intervals
    arrow: bool = False  # whether the line ends in an arrowhead
    joined: bool = False  # whether marks are joined by a thin line
    reveal: Reveal | None = None  # when its points are seen, or None: always
    # what it is in files of numbers, whatever is drawn; or "": as its name says; or None: only drawn
    kind: str | None = ""
    label: str = ""  # its name on hover, if that is another one


@dataclass(frozen=True, eq=False)
class Bars:
    """Bars of a histogram, stacked on those before; without hue a pattern tells them apart."""

    name: str
    x: ndarray  # (bins,), centres
    y: ndarray  # (bins,)
    width: float
    style: int = 0
    group: str = ""
    kind: str = ""  # likewise


@dataclass(frozen=True)
class Level:
    """A horizontal line across a chart, with a label."""

    height: float
    text: str = ""
    dashed: bool = False


@dataclass(frozen=True, eq=False)
class Axes:
    """One field of a chart, with its own vertical axis."""

    title: str
    items: tuple[Series | Bars, ...]
    levels: tuple[Level, ...] = ()
    share: float = 1.0  # share of the chart's height
    log: bool = False  # whether the upright axis is logarithmic
    ticks: tuple[tuple[float, str], ...] | None = None  # labels of the upright axis by position, or None for numbers
    low: float | None = None  # lower end of the upright axis, or None to fit
    top: float = 0.0  # a height that an axis with a lower end holds, too


@dataclass(frozen=True)
class Steps:
    """Steps of a chart that is revealed step by step."""

    name: str  # what is shown; with another name it begins anew
    last: int  # the last step; at step 0 nothing is revealed
    words: tuple[tuple[str, ...], ...] = ()  # what is said at each step, (rows of a table beside it, last + 1)


@dataclass(frozen=True)
class Along:
    """A line of the plane."""

    group: str  # of the series along it; "" where there is no other line
    through: tuple[float, float]  # where its position is 0
    unit: tuple[float, float]  # from there to position 1


@dataclass(frozen=True, eq=False)
class Chart:
    """Fields above each other that share the horizontal axis."""

    x_title: str
    fields: tuple[Axes, ...]  # from the top down
    x_range: tuple[float, float] | None = None  # ends of the horizontal axis, or None to fit
    square: bool = False  # whether a unit is equally long both ways
    steps: Steps | None = None  # how it is shown step by step, or None: all at once
    groups: Literal["line", "method"] = "line"  # what the groups of its series are
    # whether the page writes its legend as one row above it, whose entries make their group stand out
    legend_row: bool = False
    # the lines of the plane that its positions lie on: one that is pointed at is marked in other pictures, too
    along: tuple[Along, ...] = ()


@dataclass(frozen=True, eq=False)
class Arrows:
    """Directions over a map, as arrows of the same length; a dot where there is none."""

    name: str
    quantity: str  # what they stand for
    x: ndarray  # tails along d1, (K,)
    y: ndarray  # tails along d2, (K,)
    u: ndarray  # components along d1, (K,)
    v: ndarray  # components along d2, (K,)
    least: ndarray  # how long (u, v) must be at least to have a direction, (K,)
    length: float  # of every arrow, in units of the plane
    style: int = 0  # place in the palette's colours of lines; or `REFERENCE`, which is drawn bold


@dataclass(frozen=True, eq=False)
class Map:
    """A heat map over the plane."""

    x: ndarray  # coordinates along d1, (T,)
    y: ndarray  # coordinates along d2, (S,)
    values: ndarray  # (S, T)
    colours: Colours  # which scale
    quantity: str  # what the colours stand for
    # upper end of the colours, or None to fit; the lower end is −high for a signed quantity, 0 for a chance
    high: float | None = None
    contours: tuple[tuple[str, ndarray, float], ...] = ()  # (name, values (S, T), level) of lines drawn over it
    curves: tuple[Series, ...] = ()  # lines and marks drawn over it
    arrows: tuple[Arrows, ...] = ()  # drawn over all that
    # ends (x, y) of a line that can be taken hold of and moved, where there is someone to do it
    handle: tuple[tuple[float, float], tuple[float, float]] | None = None
    unit: str = ""  # as in `Scene`


@dataclass(frozen=True)
class Table:
    """Rows of text under headings."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]  # cells, as many a row as there are columns
    numeric: frozenset[int] = frozenset()  # which columns are numbers, set to the right
    grouped: bool = False  # whether rows with the same first cell belong together, so that it need be shown but once


Picture = Scene | Chart | Map
"""Pictures that both `plotly` and `mpl` draw."""


@dataclass(frozen=True, eq=False)
class PanelContent:
    """One panel, ready to be drawn."""

    title: str
    note: str  # the line under the heading: numbers first
    picture: Picture | Table
    sentence: str  # what stands for it where it cannot be seen
    hint: str = ""  # what can be done with it on the page, which paper does not say
    setting: str = ""  # of which landscape it is, where the line under the heading has to say so by itself

    def __post_init__(self) -> None:
        for name in ("title", "note", "sentence", "setting"):
            object.__setattr__(self, name, typeset(getattr(self, name)))

    @property
    def caption(self) -> str:
        """Setting and note: the line under a heading that stands alone."""
        return f"{self.setting}. {self.note}" if self.setting and self.note else self.setting or self.note


@dataclass(frozen=True)
class Thumbnail:
    """A small picture with a link."""

    link: str  # where a click leads
    title: str
    note: str
    image: bytes  # the picture; empty if it is still to come


@dataclass(frozen=True)
class Gallery:
    """A panel of thumbnails."""

    title: str
    note: str
    thumbnails: tuple[Thumbnail, ...]
    sentence: str
