"""Problems on the command line: which one a command is about, and the commands that list and check them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.terminal import ERR, OUT, Refused, loading

if TYPE_CHECKING:
    from landscape_core import Problem

PAPER = "iris-paper"

CHECK_SECONDS = 120.0
"""That of `landscape_core.load_problem`, whose import takes seconds."""

ProblemName = Annotated[
    str,
    typer.Option(
        help="A problem that `batchscape problems` lists, or a function in a Python file, which is run: FILE.py:make."
    ),
]
Hidden = Annotated[str | None, typer.Option(help="Units of each hidden layer, 32,32.", show_default="10")]
LossName = Annotated[
    str | None,
    typer.Option(help="Loss of a sample.", show_default="mse, or cross_entropy where a table has classes"),
]
Start = Annotated[str, typer.Option(help="Start point: auto, paper, pytorch, zero or trained.")]
TrainSteps = Annotated[
    int | None, typer.Option(help="Steps of Adam to the start point; --start is trained then.", show_default="300")
]
OF_TABLE = "A CSV or Parquet file as the data of a network, with inputs standardised and linear outputs."
TableOption = Annotated[Path | None, typer.Option("--table", help=OF_TABLE)]
TableOrCsv = Annotated[Path | None, typer.Option("--table", "--csv", help=OF_TABLE)]
Target = Annotated[str | None, typer.Option(help="Its column to predict.", show_default="the last")]
Features = Annotated[
    str | None, typer.Option(help="Its columns to predict from, with commas between.", show_default="all others")
]
Missing = Annotated[str, typer.Option(help="Its missing values: refuse, drop (their rows) or mean (of their column).")]
CheckSeconds = Annotated[
    float, typer.Option(min=0.1, help="How long it may take to make and check the problem of a Python file.")
]
MaxSamples = Annotated[int, typer.Option(help="A random subset of so many samples; 0 for all.")]

OwnFile = Annotated[
    str | None, typer.Argument(metavar="FILE.py:make", help="A function that makes a problem of your own; it is run.")
]


def serve_problem(where: str | None, seconds: float) -> None:
    """Let a server and its workers compute the problems of installed packages, and one of your own."""
    with loading():
        from app.state.problems import serve_file
        from landscape_core import add_installed_problems

        add_installed_problems()
        name = where and serve_file(where, seconds)
    if name:
        OUT.print(
            f"{where} is computed as {name}: on the page under Problem, in links ?problem={name}", highlight=False
        )


def choose_problem(
    fields: dict[str, Any],
    name: str,
    table: TableFile,
    *,
    hidden: str | None,
    loss: str | None,
    start: str,
    train_steps: int | None,
    max_samples: int,
    check_seconds: float,
) -> tuple[Problem | None, dict[str, Any]]:
    """The problem of a command where it is made here, else None; and the fields of its description.

    Args:
        fields: Those that are known already.
        name: Of a problem, or a file that makes one.
        table: A table that the problem is made from, if its file is not None.
        hidden: As on the command line; likewise the others.
        loss: See there.
        start: See there.
        train_steps: See there.
        max_samples: See there.
        check_seconds: See there.

    Raises:
        ProblemError: A file makes no problem.
        Refused: Values that are not numbers, or do not go together.
    """
    fields = {**fields, "max_samples": max_samples, "start_point": start}
    if train_steps is not None:
        fields |= {"start_point": "trained", "train_steps": train_steps}
    recipe = ({} if hidden is None else {"hidden": read_units(hidden)}) | ({} if loss is None else {"loss": loss})
    if table.file is not None:
        if name != PAPER:
            raise Refused(f"problem: got {name} with --table; allowed: one of the two")
        own = {field: fields.pop(field) for field in ("activation", "scaling", "output_activation")}
        return table.make_problem({**own, **recipe}, fields.get("dtype", "float64")), fields
    if not is_file(name):
        from landscape_core import add_installed_problems

        add_installed_problems()
        return None, {**fields, "problem": name, **recipe}
    if recipe:
        raise Refused(
            f"{next(iter(recipe))}: got one with --problem {name}; allowed: nothing, the file makes the network"
        )
    return load_entry(name, check_seconds, fields.get("dtype", "float64")), fields


@dataclass(frozen=True)
class TableFile:
    """A table of one's own, as the command line names it.

    Attributes:
        file: A CSV or Parquet file.
        target: Its column to predict; None for the last.
        features: Its columns to predict from, with commas between; None for all others.
        missing: What happens to missing values.
    """

    file: Path | None
    target: str | None
    features: str | None
    missing: str

    def make_problem(self, recipe: dict[str, Any], dtype: str) -> Problem:
        """A fully connected network for it; what was found in the table is printed.

        Raises:
            ProblemError: The table cannot be used.
            Refused: A column is not there.
        """
        import torch

        from landscape_core import read_table

        if recipe.pop("output_activation") != "same":
            raise Refused("output_activation: got one with --table; allowed: nothing, its outputs are linear")
        if self.missing not in ("refuse", "drop", "mean"):
            raise Refused(f"missing: got {self.missing!r}; allowed: refuse, drop or mean")
        assert self.file is not None  # noqa: S101  its caller asks for it
        table = read_table(self.file, self.target, missing=self.missing)  # type: ignore[arg-type]  # checked above
        for note in table.notes:
            ERR.print(f"{self.file}: {note}", highlight=False)
        if self.features is not None:
            table = table.keep(self.features.split(","))
        if recipe["scaling"] == "authors":  # the paper's, for Iris
            recipe["scaling"] = "standardised"
        return table.make_problem(**recipe, dtype=getattr(torch, dtype))


def is_file(name: str) -> bool:
    """Whether the name of a problem is that of a Python file, or of a function in one."""
    return name.endswith(".py") or ".py:" in name


def load_entry(where: str, seconds: float, dtype: str = "float64") -> Problem:
    """The problem that a function in a Python file makes, if that takes no longer than so many seconds."""
    import torch

    from landscape_core import load_problem

    return load_problem(where, seconds=seconds).make(getattr(torch, dtype), torch.device("cpu"))


def read_units(text: str) -> tuple[int, ...]:
    """Units of hidden layers, as 32,32.

    >>> read_units("32,16")
    (32, 16)
    """
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise Refused(f"hidden: got {text!r}; allowed: whole numbers with commas between, as 32,32") from None


def describe_problem(fields: dict[str, Any], samples: int) -> str:
    """What is studied, where it is not the paper's problem; empty for that."""
    name = fields.get("problem", PAPER)
    if name == PAPER and not fields.get("max_samples"):
        return ""
    return f"{name}, {samples:,} samples"


def problems(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """List the problems that come with Batchscape or with installed packages."""
    import json

    from rich.table import Table

    with loading():
        from landscape_core import PROBLEMS, add_installed_problems

        add_installed_problems()
    if as_json:
        rows = [{"name": name, "samples": one.samples, "about": one.description} for name, one in PROBLEMS.items()]
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table()
    for name in ("name", "samples", "about"):
        table.add_column(name, justify="right" if name == "samples" else "left")
    for name, entry in PROBLEMS.items():
        table.add_row(name, f"{entry.samples:,}", entry.description)
    OUT.print(table)


def check(
    where: Annotated[str, typer.Argument(metavar="FILE.py:make", help="A function that makes a problem; it is run.")],
    check_seconds: CheckSeconds = CHECK_SECONDS,
) -> None:
    """Check a problem of your own: whether its samples have losses of their own, always the same, with true slopes."""
    from rich.table import Table

    with loading():
        problem = load_entry(where, check_seconds)
    described = {"parameters": f"{problem.parameters:,}", "samples": f"{problem.samples:,}"}
    described |= {"precision": str(problem.dtype).removeprefix("torch."), "fingerprint": problem.fingerprint()[:16]}
    table = Table(title=Path(where.partition(":")[0]).name, show_header=False)
    for name, value in {**described, **problem.describe()}.items():
        table.add_row(str(name), str(value))
    OUT.print(table)
    findings = problem.check()
    for finding in findings:
        OUT.print(f"- {finding}", highlight=False)
    if findings:
        raise typer.Exit(2)
    OUT.print("Nothing was found: it can be studied.", highlight=False)
