"""Tables that visitors bring: looked at, made problems, and kept in the result cache under what they are.

A table is found by the name of its problem, a digest, which only who brought it and whom they gave the link know; nothing
lists them. The cache bounds them all in bytes, evicts those that have been unused for long, and hands them to workers, too.
"""

from __future__ import annotations

import csv
import json
import logging
import threading
from io import StringIO
from itertools import islice
from typing import Annotated, Any, Literal

from cachetools import LRUCache
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.jobs.cache import Cache
from landscape_core import LandscapeError, Problem, ProblemError, SpecError, StudySpec, read_table
from landscape_core.errors import check_budget
from landscape_core.problems.activations import ACTIVATIONS
from landscape_core.problems.custom.table import Table, use_columns
from landscape_core.problems.custom.table_file import PARQUET, read_columns
from landscape_core.problems.losses import LOSSES
from landscape_core.study import own_problems

logger = logging.getLogger(__name__)

MOST_BYTES = 1_000_000
"""Most bytes of a file: some 10,000 rows of ten numbers."""

MOST_ROWS, MOST_VALUES = 20_000, 1_000_000
"""Most lines of a file, and values of the inputs that it gives: a text becomes up to 20 of them."""

MOST_HELD = 16
"""Problems that are held in memory; the cache has the others."""

PREVIEWED = 5
"""Rows that are shown."""

LONGEST_CELL = 40
"""Most characters of a value that is shown."""

KEY = "table "

Name = Annotated[str, Field(max_length=200)]


class Choices(BaseModel):
    """What is chosen for a table, and for the network that is made for it.

    Raises:
        SpecError: A field is unknown, or holds what is not allowed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    target: Name = ""  # column to predict; empty for the last
    features: tuple[Name, ...] = Field((), max_length=2000)  # columns to predict from; empty for all others
    missing: Literal["refuse", "drop", "mean"] = "drop"
    hidden: tuple[int, ...] = Field((16,), max_length=8)
    activation: str = "tanh"
    loss: str = ""  # empty for the one that suits the target

    def __init__(self, /, **fields: Any) -> None:  # noqa: ANN401  whatever came is validated here
        try:
            super().__init__(**fields)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise SpecError(str(first["loc"][0]), first["input"], ALLOWED.get(str(first["loc"][0]), NO_FIELD)) from None
        for name, known in (("activation", ACTIVATIONS), ("loss", LOSSES)):
            if getattr(self, name) not in {"", *known}:
                raise SpecError(name, getattr(self, name), "one of " + ", ".join(known))
        StudySpec(hidden=self.hidden or (1,))  # no layer is allowed here: a linear model


ALLOWED = {
    "target": "the name of a column, of at most 200 characters",
    "features": "names of columns, each of at most 200 characters",
    "missing": "refuse, drop or mean",
    "hidden": "up to 8 whole numbers from 1 to 4,096",
    "activation": "one of " + ", ".join(ACTIVATIONS),
    "loss": "one of " + ", ".join(LOSSES),
}
NO_FIELD = "nothing: there are target, features, missing, hidden, activation and loss"


def look_at(content: bytes, choices: Choices) -> dict[str, Any]:
    """What a table holds, for who has to choose.

    Returns:
        rows, the first as texts, and names of the columns; and, if it can be used with what is chosen, target, classes,
        columns, from which inputs come, how many samples and inputs there are, and notes; else error.

    Raises:
        ProblemError: It is no table at all.
        BudgetError: It is too large.
    """
    _check(content)
    found: dict[str, Any] = {"rows": _preview(content), "names": []}
    try:
        columns = read_columns(content)
        found["names"] = [column.name for column in columns.columns]
        table = use_columns(columns, choices.target or None, missing=choices.missing)
        inputs = _keep(table, choices).features
    except ProblemError as problem:
        return {**found, "error": str(problem)}
    return {
        **found,
        "target": table.target,
        "classes": list(table.classes),
        "columns": list(table.columns),
        "samples": len(table.targets),
        "inputs": len(inputs),
        "notes": list(table.notes),
    }


def _keep(table: Table, choices: Choices) -> Table:
    """The chosen inputs of a table."""
    kept = table.keep(choices.features) if choices.features else table
    check_budget(kept.inputs.size, MOST_VALUES, "values of inputs", "Give fewer rows or columns.")
    return kept


def _check(content: bytes) -> None:
    if not content:
        raise ProblemError("the file is empty")
    check_budget(len(content), MOST_BYTES, "bytes of file", "Give fewer rows or columns.")
    check_budget(content.count(b"\n") + content.count(b"\r"), 2 * MOST_ROWS, "lines", "Give fewer rows.")
    if content.startswith(PARQUET):
        raise ProblemError("the page takes CSV files; batchscape study --table takes Parquet, too")


def _preview(content: bytes) -> list[list[str]]:
    """The first lines, as a person sees them; fewer where the file is odd, which reading it says."""
    text = content[:100_000].decode("utf-8", "replace").removeprefix("\ufeff")
    separator = max(",;\t|", key=text.partition("\n")[0].count)
    try:
        rows = list(islice(csv.reader(StringIO(text, newline=""), delimiter=separator), PREVIEWED + 1))
    except csv.Error:
        return []
    return [[cell[:LONGEST_CELL] for cell in row[:50]] for row in rows]


def make_problem(content: bytes, choices: Choices) -> Problem:
    """The network for a table.

    Raises:
        ProblemError: The table cannot be used so.
        BudgetError: It is too large.
    """
    _check(content)
    table = _keep(read_table(content, choices.target or None, missing=choices.missing), choices)
    return table.make_problem(hidden=choices.hidden, activation=choices.activation, loss=choices.loss or None)


class Uploads:
    """The tables of one server or worker."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._held: LRUCache[str, Problem] = LRUCache(MOST_HELD)
        self._lock = threading.Lock()
        own_problems.finders.append(self.find)

    def close(self) -> None:
        """Find nothing any more."""
        own_problems.finders.remove(self.find)

    def keep(self, content: bytes, choices: Choices) -> tuple[str, Problem]:
        """Keep a table and what was chosen for it; return the problem and the name that studies have for it.

        Raises:
            ProblemError: It cannot be used.
            BudgetError: It is too large.
        """
        problem = make_problem(content, choices)
        name = own_problems.register(problem)
        self._cache.put(KEY + name, json.dumps(choices.model_dump()).encode() + b"\n" + content)
        self._hold(name, problem)
        return name, problem

    def find(self, name: str) -> Problem | None:
        """The problem of a table that was kept, here or by another process with the same cache."""
        with self._lock:
            held = self._held.get(name)
        if held is not None:
            return held
        kept = self._cache.get(KEY + name)
        if kept is None:
            return None
        head, _, content = kept.partition(b"\n")
        try:
            chosen = json.loads(head)
            chosen |= {field: tuple(chosen[field]) for field in ("features", "hidden")}
            problem = make_problem(content, Choices(**chosen))
        except (LandscapeError, ValueError, KeyError, TypeError) as error:  # of another version, or not ours
            logger.warning("a table in the cache cannot be used: %s", error)
            return None
        if own_problems.register(problem) != name:
            logger.warning("a table in the cache makes another problem than %s", name)
            return None
        self._hold(name, problem)
        return problem

    def _hold(self, name: str, problem: Problem) -> None:
        with self._lock:
            self._held[name] = problem
