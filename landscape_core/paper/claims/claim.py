"""A claim: one observation of the paper, as a statement that is checked against numbers.

A claim is decided for one start point.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Integer
from numpy import ndarray

from landscape_core.paper.claims.line_features import LineFeatures
from landscape_core.paper.published import DOMAIN_TABLE, PAPER_ACTIVATIONS

Landscapes = Mapping[str, LineFeatures]
"""The features of the lines at one start point, by activation."""

Criterion = Callable[[LineFeatures], bool]
Quantity = Callable[[LineFeatures], float]


@dataclass(frozen=True)
class Claim:
    """One observation of the paper.

    Attributes:
        name: Key in the registry: its domain, its activation or "all", and what it is about.
        statement: What the paper observes.
        test: What exactly is computed.
        needs: The activations it looks at.
        check: Whether it holds at a start point.
        place: Where the paper says so; "" for the table of its domain.
    """

    name: str
    statement: str
    test: str
    needs: tuple[str, ...]
    check: Callable[[Landscapes], bool]
    place: str = ""

    @property
    def domain(self) -> str:
        """Its domain: "global" (Table 1 and Section 4.1) or "local" (Table 2 and Section 5)."""
        return self.name.split("-")[0]

    @property
    def source(self) -> str:
        """Where the paper says so: a table, a section, a figure or its caption."""
        return self.place or f"Table {DOMAIN_TABLE[self.domain]}"

    @property
    def activation(self) -> str | None:
        """Which row of the table it is from; None if it is about all of them."""
        activation = self.name.split("-")[1]
        return None if activation == "all" else activation


def judge(claims: Sequence[Claim], landscapes: Landscapes) -> Integer[ndarray, "C"]:
    """1 for each claim that holds, 0 for one that does not, −1 if a landscape that it needs is missing or has holes."""
    whole = {name for name, features in landscapes.items() if features.whole}
    verdicts = [int(bool(claim.check(landscapes))) if whole.issuperset(claim.needs) else -1 for claim in claims]
    return np.array(verdicts, dtype=np.int8)


def claim_of_one(name: str, statement: str, test: str, criterion: Criterion, place: str = "") -> Claim:
    """A claim that one activation function meets a criterion."""
    activation = name.split("-")[1]
    return Claim(name, statement, test, (activation,), lambda landscapes: criterion(landscapes[activation]), place)


def claim_of_all(name: str, statement: str, test: str, criterion: Criterion, place: str = "") -> Claim:
    """A claim that each of the paper's activation functions meets a criterion."""
    every = PAPER_ACTIVATIONS
    return Claim(
        name, statement, test, every, lambda landscapes: all(criterion(landscapes[one]) for one in every), place
    )


def claim_less(
    name: str, others: Sequence[str], statement: str, test: str, quantity: Quantity, place: str = ""
) -> Claim:
    """A claim that a quantity is less for one activation function than for each of some others."""
    activation = name.split("-")[1]
    return Claim(
        name,
        statement,
        test,
        (activation, *others),
        lambda landscapes: quantity(landscapes[activation]) < min(quantity(landscapes[one]) for one in others),
        place,
    )


def claim_more(
    name: str, others: Sequence[str], statement: str, test: str, quantity: Quantity, place: str = ""
) -> Claim:
    """A claim that a quantity is more for one activation function than for each of some others."""
    return claim_less(name, others, statement, test, lambda features: -quantity(features), place)
