"""Statements of the paper on line searches, checked by races over start points.

Its Section 1 cites a line search that looks for NN-GPPs as competitive with a probabilistic one; its Section 6 concludes
that spurious minima hinder line searches, and that training can gain from looking for NN-GPPs. It races no line searches,
so that what is tested is ours: a share of races won, over start points and then over races.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from landscape_core.comparison.race import Score
from landscape_core.comparison.race_replication import RaceReplicationResult
from landscape_core.statistics.intervals import GroupedShare

Verdict = Literal["holds", "does not", "open"]


@dataclass(frozen=True)
class RaceClaim:
    """One statement: a gradient-only search wins more than half of its races against a rival.

    Attributes:
        source: Section of the paper.
        statement: What the paper says there.
        test: What is computed.
        method: Name of the gradient-only search.
        rival: Name of the search that minimises.
        score: By what a race is won.
    """

    source: str
    statement: str
    test: str
    method: str
    rival: str
    score: Score


@dataclass(frozen=True)
class JudgedRaces:
    """A statement and how it came out.

    Attributes:
        claim: The statement.
        share: Share of the races won, with its hierarchical 95% interval; None if no race differs.
        verdict: holds or does not; open where the interval spans one half, or there is none.
    """

    claim: RaceClaim
    share: GroupedShare | None
    verdict: Verdict

    def record(self) -> dict[str, Any]:
        """Everything about it, fit for JSON."""
        share = asdict(self.share) if self.share else {"share": None}
        return {**asdict(self.claim), **share, "verdict": self.verdict}


_HINDERED = "Minima that mini-batches make up are spread over the whole domain and hinder line searches that minimise."
_LOCATED = "NN-GPPs lie around the true optimum, so that searches for them find it more reliably."

RACE_CLAIMS = (
    RaceClaim(
        "Section 6",
        _LOCATED,
        "exact searches: GOLS-B stops nearer to a true optimum than golden section",
        "gols_b",
        "golden_section",
        "distance",
    ),
    RaceClaim(
        "Section 6",
        _HINDERED,
        "exact searches: GOLS-B leaves less loss than golden section",
        "gols_b",
        "golden_section",
        "left_over",
    ),
    RaceClaim(
        "Section 6",
        _LOCATED,
        "inexact searches: GOLS-I stops nearer to a true optimum than Armijo's rule",
        "gols_i",
        "armijo",
        "distance",
    ),
    RaceClaim(
        "Section 6",
        _HINDERED,
        "inexact searches: GOLS-I leaves less loss than Armijo's rule",
        "gols_i",
        "armijo",
        "left_over",
    ),
    RaceClaim(
        "Section 1",
        "A basic line search for NN-GPPs is competitive with a probabilistic one.",
        "inexact searches: GOLS-I leaves less loss than the probabilistic search",
        "gols_i",
        "probabilistic",
        "left_over",
    ),
)
"""In the order in which they are shown."""


def judge_races(result: RaceReplicationResult, claims: Sequence[RaceClaim] = RACE_CLAIMS) -> list[JudgedRaces]:
    """Check the statements whose line searches both race, on all lines together."""
    found = []
    for claim in claims:
        if {claim.method, claim.rival} <= set(result.spec.methods):
            share = result.win_rate(claim.method, claim.rival, claim.score)
            found.append(JudgedRaces(claim, share, _judge(share)))
    return found


def _judge(share: GroupedShare | None) -> Verdict:
    if share is None or share.low <= 0.5 <= share.high:
        return "open"
    return "holds" if share.low > 0.5 else "does not"
