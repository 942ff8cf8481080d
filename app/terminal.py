"""Settings and output of the command line: results as tables, progress, and refusals in one line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import typer
from rich.console import Console

if TYPE_CHECKING:
    from app.settings import Settings

OUT, ERR = Console(), Console(stderr=True)


class Refused(Exception):  # noqa: N818  not an error of the program
    """A value that the command line refuses, in one line."""


@contextmanager
def loading() -> Iterator[None]:
    """Say so while modules are imported that take seconds; torch gets one thread."""
    with ERR.status("Loading"):
        import torch

        torch.set_num_threads(1)
        yield


def check_folder(out: Path | None) -> None:
    """Refuse a file whose folder does not exist, before anything is computed."""
    if out is not None and not (folder := out.resolve().parent).is_dir():
        raise Refused(f"out: {folder} is not a directory; make it first")


@contextmanager
def refuse_failures(of: str = "") -> Iterator[None]:
    """Turn an OSError into a refusal that begins with `of`."""
    try:
        yield
    except OSError as error:
        raise Refused(f"{of}{error.strerror or error}") from None


def writing(out: Path) -> AbstractContextManager[None]:
    """Refuse a file that cannot be written."""
    return refuse_failures(f"out: {out} cannot be written: ")


def save_result(result: Any, out: Path | None) -> None:  # noqa: ANN401  any that `landscape_core.save` takes
    """Save a result, if a file was given."""
    from landscape_core import save

    if out is not None:
        with writing(out):
            written = save(result, out)
        ERR.print(f"Saved {written}", highlight=False)


@contextmanager
def progress_bars() -> Iterator[Callable[[float, str], None]]:
    """Progress on a terminal: a function that takes a share from 0 to 1 and what it is the share of."""
    from rich.progress import Progress

    with Progress(console=ERR, transient=True, disable=not ERR.is_terminal) as progress:
        bars: dict[str, Any] = {}

        def report(share: float, what: str) -> None:
            if what not in bars:
                bars[what] = progress.add_task(what, total=1.0)
            progress.update(bars[what], completed=share)

        yield report


def print_summary(summary: dict[str, Any], problem: str = "") -> None:
    """Print what a study found on its lines, beside the paper's counts.

    Args:
        summary: Of the study.
        problem: What it is of, unless it is the paper's.
    """
    from rich.table import Table

    from landscape_core.paper.published import find_row
    from landscape_core.study.limits import LINE_DRAWS

    unit = f" {summary['unit']}" if "unit" in summary else ""
    table = Table(
        title=f"{problem or summary['activation']}, {summary['domain']}, ±{summary['range']:g}{unit}, "
        f"|B| = {summary['batch_size']}, {summary['sampling'].replace('-', ' ')}"
    )
    table.add_column("line")
    for name in ("true minima", "true NN-GPPs", "minima", "NN-GPPs"):
        table.add_column(name, justify="right")
    keys = ("true_minima", "true_nngpps", "minima", "nngpps")
    for line in summary["lines"]:
        table.add_row(line["name"], *(str(len(line[key])) for key in keys))
    table.add_section()
    table.add_row("all four", *(str(summary[key]) for key in keys))
    published = None if problem else find_row(summary["domain"], summary["activation"])
    if published is not None:
        true = str(published.true_optima)
        table.add_row("paper (|B| = 10)", true, true, str(published.minima), str(published.nngpps))
    OUT.print(table)
    OUT.print(
        f"Over {LINE_DRAWS:,} draws: {summary['minima_mean']:.1f} ± {summary['minima_sd']:.1f} minima "
        f"(white noise would give {summary['noise_ceiling']:.1f}), "
        f"{summary['nngpps_mean']:.1f} ± {summary['nngpps_sd']:.1f} NN-GPPs.",
        highlight=False,
    )


def print_tables(shown: list[Any], record: object, *, as_json: bool, as_csv: bool) -> None:
    """Print panels that are tables; as JSON their record instead."""
    from rich.table import Table

    from app.export.tables import panels_to_csv

    if as_json:
        typer.echo(json.dumps(record, indent=2))
        return
    if as_csv:
        typer.echo(panels_to_csv(shown), nl=False)
        return
    for panel in shown:
        table = Table(title=panel.title, caption=panel.caption)
        for index, name in enumerate(panel.picture.columns):
            table.add_column(name, justify="right" if index in panel.picture.numeric else "left")
        for row in panel.picture.rows:
            table.add_row(*row)
        OUT.print(table)


def read_settings(**given: object) -> Settings:
    """Read the settings; options of the command line come first."""
    from pydantic import SecretStr, ValidationError

    from app.settings import Settings

    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        field = Settings.model_fields.get(name)
        hidden = field is not None and SecretStr in get_args(field.annotation)
        got = "a value that is not shown here" if hidden else repr(first["input"])
        raise Refused(f"{name}: got {got}; {first['msg']}") from None
