"""What a report is made of."""

from __future__ import annotations

from dataclasses import dataclass

from landscape_core import StudySpec, paper
from landscape_core.paper import Figure
from landscape_core.typical_spec import TypicalSpec


@dataclass(frozen=True)
class Order:
    """What a report is made of.

    Attributes:
        seeds: Start points that are compared.
        seed: The start point that is shown.
        batch_seed: Of its mini-batches.
        device: Where to compute.
    """

    seeds: int = 200
    seed: int = paper.SELECTED_SEED
    batch_seed: int = 0
    device: str = "auto"

    def tables(self) -> list[TypicalSpec]:
        """The descriptions behind Tables 1 and 2.

        Raises:
            SpecError: A field holds a value that is not allowed.
        """
        return [
            TypicalSpec(domain=domain, seeds=self.seeds, seed=self.seed, batch_seed=self.batch_seed)
            for domain in paper.DOMAIN_TABLE
        ]

    def base(self, figure: Figure) -> StudySpec:
        """The study of a figure."""
        return figure.base.replace(seed=self.seed, batch_seed=self.batch_seed)

    @property
    def command(self) -> str:
        """What makes the same report again."""
        given = ("seeds", self.seeds), ("seed", self.seed), ("batch-seed", self.batch_seed), ("device", self.device)
        return "batchscape report " + " ".join(f"--{name} {value}" for name, value in given)
