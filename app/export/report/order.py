"""The options of a report."""

from __future__ import annotations

from dataclasses import dataclass

from landscape_core import StudySpec
from landscape_core.paper import published
from landscape_core.paper.published import Figure
from landscape_core.paper.replication_spec import ReplicationSpec


@dataclass(frozen=True)
class Order:
    """Options of a report."""

    seeds: int = 200  # start points that are compared
    seed: int = published.SELECTED_SEED  # the start point that is shown
    batch_seed: int = 0  # of its mini-batches
    device: str = "auto"

    def tables(self) -> list[ReplicationSpec]:
        """Return the specs of Tables 1 and 2.

        Raises:
            SpecError: A field holds a value that is not allowed.
        """
        return [
            ReplicationSpec(domain=domain, seeds=self.seeds, seed=self.seed, batch_seed=self.batch_seed)
            for domain in published.DOMAIN_TABLE
        ]

    def base(self, figure: Figure) -> StudySpec:
        """Return the study of a figure."""
        return figure.base.replace(seed=self.seed, batch_seed=self.batch_seed)

    @property
    def command(self) -> str:
        """The command that makes the same report."""
        return (
            f"batchscape report --start-points {self.seeds} --seed {self.seed} "
            f"--batch-seed {self.batch_seed} --device {self.device}"
        )
