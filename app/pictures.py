"""What a picture shows, as numbers and names: drawn live by `figures`, and by `prints` on paper. No colours, no sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from numpy import ndarray

Colours = Literal["loss", "slope", "sd", "chance", "sign"]
"""Which scale of colours: for a quantity that is not signed, one that is, a deviation, a probability, the sign of a slope
as a class: 0 negative, 1 uncertain, 2 positive."""

Mark = Literal["triangle", "diamond", "star", "dot", "square", "up", "left", "right", "cross", "x"]
"""Minimum, NN-GPP, true optimum, anything else; the others tell many things of one kind apart."""

REFERENCE = -1
"""The style of what the other lines are compared with: ink, dashed."""


WHITE = -2
"""The style of a curve on an underside, whose classes have colours of their own."""


@dataclass(frozen=True, eq=False)
class Surface:
    """An opaque coloured surface over the plane. Of a signed quantity the zero level is drawn.

    Attributes:
        name: What it is.
        values: (S, T).
        colours: Which scale.
        high: Upper end of the colours, or None to fit.
    """

    name: str
    values: ndarray
    colours: Colours
    high: float | None = None


@dataclass(frozen=True, eq=False)
class Mesh:
    """A surface as lines only, so that what lies behind stays visible."""

    name: str
    values: ndarray  # (S, T)
    heavy: bool = False


@dataclass(frozen=True, eq=False)
class Sheet:
    """A level plane."""

    name: str
    height: float


@dataclass(frozen=True, eq=False)
class Underside:
    """What is seen from below: the lowest of some stacked surfaces, coloured by class: 0 blue, 1 grey, 2 orange.

    Attributes:
        meanings: The classes in words, for a legend; those without words are not in it.
    """

    name: str
    lowest: ndarray  # (S, T)
    classes: ndarray  # (S, T)
    meanings: tuple[str, str, str] = ("", "", "")


@dataclass(frozen=True, eq=False)
class Curve:
    """A line in space, or a single point of it as a mark.

    Attributes:
        name: What it is.
        x: Along d1, (A,); a NaN interrupts it.
        y: Along d2, (A,).
        z: Upright, (A,).
        style: Which of the six colours, or `WHITE`.
    """

    name: str
    x: ndarray
    y: ndarray
    z: ndarray
    style: int = 0


Layer = Surface | Mesh | Sheet | Underside | Curve
"""What can be drawn in three dimensions."""


@dataclass(frozen=True, eq=False)
class Scene:
    """Layers in three dimensions over the plane.

    Attributes:
        x: Coordinates along d1, (T,).
        y: Coordinates along d2, (S,).
        layers: What is drawn.
        quantity: Title of the upright axis.
        below: Whether it is looked at from below.
    """

    x: ndarray
    y: ndarray
    layers: tuple[Layer, ...]
    quantity: str
    below: bool = False


@dataclass(frozen=True)
class Reveal:
    """When each point of a series is seen, where a picture is shown step by step.

    Attributes:
        since: The first step at which it is.
        until: The first step at which it no longer is.
        sizes: How large its mark is, 1 being usual.
    """

    since: tuple[int, ...]
    until: tuple[int, ...]
    sizes: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Series:
    """A line or marks in a chart.

    Attributes:
        name: In the legend and on hover.
        x: Positions, (A,); a NaN interrupts a line.
        y: Values, (A,).
        style: Which of the six styles of colour and dash, or `REFERENCE`.
        mark: Marks instead of a line.
        text: Labels at the points, or empty.
        group: What a click on the legend hides together with it.
        legend: Whether it has an entry of its own.
        weight: Thin for one of very many, heavy for intervals.
        arrow: Whether the line ends in an arrowhead.
        joined: Whether marks are joined by a thin line.
        reveal: When its points are seen, or None: always.
    """

    name: str
    x: ndarray
    y: ndarray
    style: int = 0
    mark: Mark | None = None
    text: tuple[str, ...] = ()
    group: str = ""
    legend: bool = True
    weight: Literal["thin", "normal", "heavy"] = "normal"
    arrow: bool = False
    joined: bool = False
    reveal: Reveal | None = None


@dataclass(frozen=True, eq=False)
class Bars:
    """Bars of a histogram, stacked on those before; patterned as well as coloured."""

    name: str
    x: ndarray  # (bins,), centres
    y: ndarray  # (bins,)
    width: float
    style: int = 0
    group: str = ""


@dataclass(frozen=True)
class Level:
    """A horizontal line across a chart, with a word on it."""

    height: float
    text: str = ""
    dashed: bool = False


@dataclass(frozen=True, eq=False)
class Axes:
    """One field of a chart, with an upright axis of its own.

    Attributes:
        title: Of the upright axis.
        items: What is drawn.
        levels: Horizontal lines.
        share: Share of the chart's height.
        log: Whether the upright axis is logarithmic.
        ticks: Labels of the upright axis by position, or None for numbers.
        low: Lower end of the upright axis, or None to fit.
    """

    title: str
    items: tuple[Series | Bars, ...]
    levels: tuple[Level, ...] = ()
    share: float = 1.0
    log: bool = False
    ticks: tuple[tuple[float, str], ...] | None = None
    low: float | None = None


@dataclass(frozen=True)
class Steps:
    """How a chart is shown step by step.

    Attributes:
        name: What is shown; with another name it begins anew.
        last: The last step; at step 0 nothing is revealed.
        words: What is said at each step, (rows of a table beside it, last + 1).
    """

    name: str
    last: int
    words: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, eq=False)
class Chart:
    """Fields above each other that share the horizontal axis.

    Attributes:
        x_title: Of the horizontal axis.
        fields: From the top down.
        x_range: Ends of the horizontal axis, or None to fit.
        square: Whether a unit is equally long both ways.
        steps: How it is shown step by step, or None: all at once.
    """

    x_title: str
    fields: tuple[Axes, ...]
    x_range: tuple[float, float] | None = None
    square: bool = False
    steps: Steps | None = None


@dataclass(frozen=True, eq=False)
class Map:
    """Values over the plane in colours, seen from straight above.

    Attributes:
        x: Coordinates along d1, (T,).
        y: Coordinates along d2, (S,).
        values: (S, T).
        colours: Which scale.
        quantity: What the colours stand for.
        high: Upper end of the colours, or None to fit; the lower end is −high for a signed quantity, 0 for a chance.
        contours: (name, values (S, T), level) of lines drawn over it.
        curves: Lines and marks drawn over it.
        handle: Ends (x, y) of a line that can be taken hold of and moved, where there is someone to do it.
    """

    x: ndarray
    y: ndarray
    values: ndarray
    colours: Colours
    quantity: str
    high: float | None = None
    contours: tuple[tuple[str, ndarray, float], ...] = ()
    curves: tuple[Series, ...] = ()
    handle: tuple[tuple[float, float], tuple[float, float]] | None = None


@dataclass(frozen=True)
class Table:
    """Rows of text under headings.

    Attributes:
        columns: Headings.
        rows: Cells, as many a row as there are columns.
        numeric: Which columns are numbers, set to the right.
        grouped: Whether rows with the same first cell belong together, so that it need be shown but once.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    grouped: bool = False


Picture = Scene | Chart | Map
"""What both `figures` and `prints` can draw."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """One panel, ready to be drawn.

    Attributes:
        title: Its heading.
        note: The line under the heading: numbers first.
        picture: What it shows.
        sentence: What stands for it where it cannot be seen.
    """

    title: str
    note: str
    picture: Picture | Table
    sentence: str


@dataclass(frozen=True)
class Thumbnail:
    """A small picture that leads somewhere.

    Attributes:
        link: Where a click leads.
        title: What it shows.
        note: Its numbers.
        image: The picture; empty if it is still to come.
    """

    link: str
    title: str
    note: str
    image: bytes


@dataclass(frozen=True)
class Gallery:
    """One panel of small pictures; as `Drawn`, with the pictures instead of one."""

    title: str
    note: str
    thumbnails: tuple[Thumbnail, ...]
    sentence: str
