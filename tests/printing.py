"""Pictures of every kind for the tests of printing, and what is seen in them."""

from __future__ import annotations

from io import BytesIO
from typing import get_args
from xml.etree import ElementTree

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imread
from PIL import Image

from app.plotting import mpl
from app.plotting.model import (
    REFERENCE,
    Axes,
    Bars,
    Chart,
    Layer,
    Level,
    Map,
    Mesh,
    PanelContent,
    Picture,
    Scene,
    Series,
    Sheet,
    Surface,
    Table,
    Underside,
)

AXIS = np.linspace(-1.0, 1.0, 9)
ACROSS, ALONG = np.meshgrid(AXIS, AXIS)
BOWL = ACROSS**2 + ALONG**2
TILTED = ACROSS + 0.5 * ALONG
CLASSES = np.where(ACROSS < -0.3, 0.0, np.where(ACROSS > 0.3, 2.0, 1.0))
STEPS = np.arange(1.0, 6.0)
FORMATS = get_args(mpl.Format)


def scene(*layers: Layer, below: bool = False) -> Scene:
    return Scene(AXIS, AXIS, layers, "height", below)


def chart(*items: Series | Bars, **more: object) -> Chart:
    return Chart("across", (Axes("upright", items, **more),))


STACKED = tuple(Bars(f"bars {style}", STEPS, np.full(5, style + 1.0), 1.0, style) for style in range(6))

PICTURES: dict[str, Picture | Table] = {
    "loss": scene(Surface("loss", BOWL, "loss")),
    "slope": scene(Surface("slope", TILTED, "slope"), Sheet("zero", 0.0)),
    "sd": scene(Surface("sd", BOWL, "sd"), Mesh("one", BOWL + 1), Mesh("two", BOWL + 2, heavy=True)),
    "chance surface": scene(Surface("chance", BOWL / 2, "chance")),
    "below": scene(Surface("mean", BOWL, "loss"), Underside("class", BOWL, CLASSES), below=True),
    "nothing": scene(),
    "level": scene(Surface("flat", np.zeros_like(BOWL), "slope")),
    "lines": chart(
        *(Series(f"style {style}", STEPS, STEPS * style, style) for style in range(6)),
        Series("reference", STEPS, STEPS, REFERENCE),
        Series("broken", STEPS, np.array([1, np.nan, 2, np.nan, 3]), weight="heavy"),
        *(Series("many", STEPS, STEPS**0.5 + offset, 1, weight="thin", legend=False) for offset in range(50)),
        levels=(Level(1.0, "level"), Level(2.0, dashed=True)),
    ),
    "marks": chart(
        *(Series(mark, STEPS, STEPS, 0, mark=mark) for mark in ("triangle", "diamond", "star")),
        Series("dot", STEPS, STEPS, 1, mark="dot", joined=True, text=("one", "", "$x_1$")),
    ),
    "bars": Chart("x", (Axes("y", (Series("line", STEPS, STEPS),), share=2.0), Axes("count", STACKED, low=0.0))),
    "arrows": Chart(
        "d1",
        (Axes("d2", tuple(Series("a", np.array([0, x]), np.array([0, y]), text=("", "tip"), arrow=True)
                          for x, y in ((1, 0), (0, 1), (0.7, -0.7), (-1, 0)))),),
        (-1.5, 1.5),
        square=True,
    ),
    "log": chart(Series("falling", STEPS, np.array([1, 1e-2, 1e-4, 0, np.nan])), log=True),
    "named ticks": chart(Series("i", STEPS, STEPS, weight="heavy"), ticks=((1.0, "first of all"), (5.0, "$fifth"))),
    "empty chart": chart(Series("none", np.array([]), np.array([]))),
    "no fields": Chart("x", ()),
    "map": Map(AXIS, AXIS, BOWL, "sd", "SD", None, (("half", BOWL, 0.5), ("tilt", TILTED, 0.0), ("never", BOWL, 99.0))),
    "signed map": Map(AXIS, AXIS, TILTED, "slope", "slope", 0.5),
    "chance map": Map(AXIS, AXIS, BOWL / 2, "chance", "P", 1.0),
    "empty map": Map(AXIS, AXIS, BOWL * np.nan, "chance", "P", None, (("none", BOWL * np.nan, 0.0),)),
    "table": Table(("name", "number"), (("sigmoid", "128"), ("tanh " * 30, "126")), frozenset({1})),
}  # fmt: skip


def panel(name: str, title: str = "Panel") -> PanelContent:
    return PanelContent(
        title, "A note of some length, so that it needs a second line of text", PICTURES[name], "sentence"
    )


def written(figure: Figure, kind: mpl.Format) -> bytes:
    buffer = BytesIO()
    mpl.write(figure, buffer, kind)
    return buffer.getvalue()


def dots(picture: Picture, width: int = 300, height: int = 220) -> np.ndarray:
    return imread(BytesIO(mpl.picture_image(picture, width=width, height=height, kind="png")))[..., :3]


def like(image: np.ndarray, colour: str | tuple[float, float, float]) -> np.ndarray:
    """Where an image has a colour, more or less brightly lit."""
    wanted = np.array(to_rgb(colour))
    shade = (image @ wanted) / (wanted @ wanted)
    return (np.abs(image - shade[..., None] * wanted).max(axis=-1) < 0.06) & (shade > 0.55) & (shade < 1.15)


def pixels(webp: bytes) -> np.ndarray:
    """Red, green, blue and how opaque, each from 0 to 1; a picture without holes says nothing of the last."""
    return np.asarray(Image.open(BytesIO(webp)).convert("RGBA")) / 255


def words(picture: Picture) -> list[str | None]:
    drawing = ElementTree.fromstring(mpl.picture_svg(picture, width=480, height=330))
    return [node.text for node in drawing.iter("{http://www.w3.org/2000/svg}text")]
