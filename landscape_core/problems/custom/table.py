"""A table as the data of a problem: inputs encoded as numbers, and a target that is a class or a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray

from landscape_core.errors import ProblemError
from landscape_core.problems.custom.table_file import Column, Columns, drop_rows, read_columns
from landscape_core.problems.datasets import SCALINGS
from landscape_core.problems.mlp import MLPProblem
from landscape_core.problems.registry import look_up

Missing = Literal["refuse", "drop", "mean"]

MOST_LEVELS = 20
"""A column with more different texts than these tells rows apart, and is left out."""

MOST_CLASSES = 100
"""Different texts of a target, at most."""

MOST_WHOLE_CLASSES = 20
"""A target of whole numbers with more different ones is a number to predict, not a class."""

FEWEST_COUNTED = 20
"""Rows from which on a column that counts them is taken for their numbers."""


@dataclass(frozen=True, eq=False)
class Table:
    """Inputs and a target out of a table.

    Attributes:
        inputs: Not scaled, (N, I).
        targets: One-hot (N, K), or numbers (N, 1) as they are in the file.
        features: Names of the inputs.
        target: The target's name.
        classes: What its classes are called; empty for a regression.
        notes: What was found out, changed or left out, in words.
        missing: What happened to missing values.
    """

    inputs: Float[ndarray, "N I"]
    targets: Float[ndarray, "N O"]
    features: tuple[str, ...]
    target: str
    classes: tuple[str, ...]
    notes: tuple[str, ...]
    missing: Missing = "refuse"

    @property
    def columns(self) -> tuple[str, ...]:
        """The file's columns that inputs are made from: a text with several values gives several inputs."""
        return tuple(dict.fromkeys(map(_name_column, self.features)))

    def keep(self, columns: Sequence[str]) -> Table:
        """The same with the inputs of some columns alone, in the table's order.

        Raises:
            ProblemError: There is no such column, or none is named.
        """
        for name in columns:
            if name not in self.columns:
                raise ProblemError(f"features: got {name!r}; allowed: {', '.join(self.columns)}")
        if not columns:
            raise ProblemError(f"features: got none; allowed: at least one of {', '.join(self.columns)}")
        kept = [place for place, name in enumerate(self.features) if _name_column(name) in columns]
        return replace(self, inputs=self.inputs[:, kept], features=tuple(self.features[place] for place in kept))

    def make_problem(
        self,
        *,
        hidden: Sequence[int] = (10,),
        activation: str = "tanh",
        loss: str | None = None,
        scaling: str = "standardised",
        dtype: torch.dtype = torch.float64,
        device: torch.device | str = "cpu",
    ) -> MLPProblem:
        """A fully connected network for it.

        Args:
            hidden: Units of each hidden layer.
            activation: One of `ACTIVATIONS`.
            loss: One of `LOSSES`; without it the cross-entropy of classes, or half the squared error.
            scaling: One of `SCALINGS`. The target of a regression is standardised.
            dtype: Precision of the arithmetic.
            device: Where the arithmetic runs.

        Raises:
            ProblemError: A name is unknown, or the loss does not suit the target.
        """
        remarks = [*self.notes]
        targets = self.targets
        chosen = loss or ("cross_entropy" if self.classes else "mse")
        if not self.classes and chosen != "poisson":
            targets = SCALINGS["standardised"].apply(targets)
            remarks.append(f"the target {self.target!r} is standardised")
        notes: dict[str, Any] = {
            "scaling": scaling,
            "target": self.target,
            "classes": list(self.classes),
            "features": list(self.features),
            "missing": self.missing,
            "remarks": remarks,
        }
        return MLPProblem.from_data(
            look_up(SCALINGS, scaling, "scaling").apply(self.inputs),
            targets,
            hidden=hidden,
            activation=activation,
            loss=chosen,
            dtype=dtype,
            device=device,
            notes=notes,
        )


def read_table(
    file: Path | str | bytes, target: str | None = None, *, missing: Missing = "refuse", header: bool | None = None
) -> Table:
    """A CSV or Parquet file as inputs and a target.

    Texts with two values become one input, others one for each value, and classes of any form 0 … K − 1. Columns that are
    constant or tell rows apart are left out. All this is said in the table's notes.

    Args:
        file: A path, or the content.
        target: The column to predict; without it the last one.
        missing: What happens to missing values: they are refused, their rows are dropped, or they become the mean of their
            column (or its most frequent text); rows without a target are dropped then, too.
        header: Whether a CSV file's first line names the columns; None to find out.

    Raises:
        ProblemError: The file, a line of it or a column cannot be used; says which.
        BudgetError: The file is too large.
    """
    return use_columns(read_columns(file, header=header), target, missing=missing)


def use_columns(columns: Columns, target: str | None = None, *, missing: Missing = "refuse") -> Table:
    """As `read_table`, of columns that were read already."""
    names = [column.name for column in columns.columns]
    if len(names) < 2:
        raise ProblemError(
            f"a table needs a column to predict and one to predict it from; there is {', '.join(names) or 'none'}"
        )
    wanted = names[-1] if target is None else target
    if wanted not in names:
        raise ProblemError(f"no column {wanted!r}; there are: {', '.join(names)}")
    columns = _treat_missing(columns, wanted, missing)
    notes = list(columns.notes)
    goal = next(column for column in columns.columns if column.name == wanted)
    targets, classes = _encode_target(goal, notes)
    inputs, features = [], []
    for column in columns.columns:
        if column is not goal:
            for name, values in _encode_input(column, notes):
                features.append(name)
                inputs.append(values)
    if not inputs:
        raise ProblemError("no inputs are left: " + "; ".join(notes))
    return Table(np.stack(inputs, axis=1), targets, tuple(features), wanted, classes, tuple(notes), missing)


def _name_column(feature: str) -> str:
    return feature.partition(" = ")[0]


def _is_missing(column: Column) -> ndarray:
    if column.numbers is not None:
        return np.isnan(column.numbers)
    return np.array([text is None for text in column.texts], dtype=bool)


def _treat_missing(columns: Columns, target: str, how: Missing) -> Columns:
    gaps = {column.name: _is_missing(column) for column in columns.columns}
    rows = np.any(list(gaps.values()), axis=0)
    if not rows.any():
        return columns
    count, total = int(rows.sum()), len(rows)
    places = np.flatnonzero(rows)
    listed = ", ".join(str(columns.lines[place]) for place in places[:5]) + (", …" if count > 5 else "")
    if how == "refuse":
        raise ProblemError(
            f"{count} of {total} rows have missing values (lines {listed}): choose missing='drop' or missing='mean'"
        )
    dropped = rows if how == "drop" else gaps[target]
    notes = [*columns.notes]
    if dropped.any():
        why = "missing values" if how == "drop" else f"no {target!r}"
        notes.append(f"{int(dropped.sum())} of {total} rows left out: {why}")
    if dropped.all():
        raise ProblemError("no rows are left: " + "; ".join(notes))
    found = drop_rows(columns, ~dropped)
    filled = []
    for column in found.columns:
        gap = _is_missing(column)
        if gap.all():
            notes.append(f"column {column.name!r} is left out: it has no values")
            continue
        if gap.any():
            notes.append(f"{int(gap.sum())} missing values of column {column.name!r} are filled")
            column = _fill(column, gap)  # noqa: PLW2901
        filled.append(column)
    return replace(found, columns=tuple(filled), notes=tuple(notes))


def _fill(column: Column, gap: ndarray) -> Column:
    """With the mean, or with the text that is there most often, and of those the first in order."""
    if column.numbers is not None:
        return replace(column, numbers=np.where(gap, column.numbers[~gap].mean(), column.numbers))
    present = [text for text in column.texts if text is not None]
    most = max(sorted(set(present)), key=present.count)
    return replace(column, texts=tuple(most if text is None else text for text in column.texts))


def _encode_target(column: Column, notes: list[str]) -> tuple[Float[ndarray, "N O"], tuple[str, ...]]:
    """One-hot classes and their names; or numbers."""
    if column.numbers is not None:
        levels, places = np.unique(column.numbers, return_inverse=True)
        whole = bool((levels == np.round(levels)).all())
        if len(levels) > 1 and (not whole or len(levels) > MOST_WHOLE_CLASSES):
            kind = f"{len(levels)} different whole numbers" if whole else "numbers with fractions"
            notes.append(f"column {column.name!r} holds {kind}: they are predicted as numbers")
            return column.numbers[:, None], ()
        names = tuple(f"{level:.15g}" for level in levels)
    else:
        texts, places = np.unique(np.array(column.texts, dtype=object).astype(str), return_inverse=True)
        names = tuple(map(str, texts))
    if len(names) < 2:
        raise ProblemError(f"column {column.name!r} has one class only: {', '.join(names)}")
    if len(names) > MOST_CLASSES:
        raise ProblemError(
            f"column {column.name!r} has {len(names)} different texts, more than the {MOST_CLASSES} classes allowed"
        )
    notes.append("classes: " + ", ".join(f"{number} = {name}" for number, name in enumerate(names)))
    return np.eye(len(names))[places], names


def _encode_input(column: Column, notes: list[str]) -> list[tuple[str, ndarray]]:
    """A column as one or several inputs, or none."""
    if column.numbers is not None:
        values = column.numbers
        if (values == values[0]).all():
            notes.append(f"column {column.name!r} is left out: it is {values[0]:g} in all rows")
            return []
        if len(values) >= FEWEST_COUNTED and (np.diff(values) == 1).all():
            notes.append(f"column {column.name!r} is left out: it counts the rows")
            return []
        return [(column.name, values)]
    texts = np.array(column.texts, dtype=object).astype(str)
    levels = np.unique(texts)
    if len(levels) == 1:
        notes.append(f"column {column.name!r} is left out: it is {levels[0]!s} in all rows")
        return []
    if len(levels) > MOST_LEVELS:
        notes.append(f"column {column.name!r} is left out: it has {len(levels)} different texts")
        return []
    shown = levels[1:] if len(levels) == 2 else levels
    return [(f"{column.name} = {level}", (texts == level).astype(np.float64)) for level in shown]
