"""Options of the command line: those of several commands, and those of print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

# a test holds names against the registries, which take seconds to import
Activation = Annotated[
    str, typer.Option(help="sigmoid, tanh, softsign, relu, leaky_relu, elu, gelu, silu, softplus or relu6.")
]
Domain = Annotated[
    str,
    typer.Option(
        "--domain",
        "--plane",
        help="global: two random directions; local: steepest descent and a random one; filter: two random ones with the "
        "filter norms of the weights; pca: principal directions of the training, with --start trained.",
    ),
]
Range = Annotated[
    float | None,
    typer.Option("--range", help="Half-width of the plane.", show_default="20 global, 2 local, 1 filter, 1.2 pca"),
]
BatchSize = Annotated[int, typer.Option(help="Samples in a mini-batch, from 1 to all of them.")]
Sampling = Annotated[str, typer.Option(help="without-replacement, with-replacement or epoch-shuffle.")]
Seed = Annotated[int, typer.Option(help="Seed of start point and directions.")]
StartPoints = Annotated[int, typer.Option(min=1, max=10_000, help="Start points that are compared.")]
Seeds = Annotated[int | None, typer.Option(hidden=True, help="Former name of --start-points.")]
OwnDevice = Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:1 … or mps.")]
BatchSeed = Annotated[int, typer.Option(help="Seed of the mini-batches.")]
Scaling = Annotated[str, typer.Option(help="authors, min-max, standardised or raw.")]
OutputActivation = Annotated[str, typer.Option(help="same or linear.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 … or mps.")]
Saved = Annotated[Path | None, typer.Option(help="Write every number to this .npz file.")]
CommonScales = Annotated[
    bool, typer.Option("--common-scales", help="Surfaces of the same quantity on the same scales, to be compared.")
]
Width = Annotated[
    str | None,
    typer.Option(
        help="Width of the sheet, 85mm or 3.4in; text keeps its 8 points.", show_default="180mm for two columns"
    ),
]
NoTitle = Annotated[bool, typer.Option("--no-title", help="Without titles; letters of panels stay.")]
NoNotes = Annotated[bool, typer.Option("--no-notes", help="Without the text under titles and below the figure.")]
Style = Annotated[str, typer.Option(help="colour, or grey: told apart without hue.")]
