"""Claims: what the paper observes, as statements that are checked. To add one, add it to the module of its kind."""

from __future__ import annotations

from landscape_core.paper.claims.claim import Claim
from landscape_core.paper.claims.line_observations import LINE_OBSERVATIONS
from landscape_core.paper.claims.observations import OBSERVATIONS
from landscape_core.paper.claims.table_claims import TABLE_CLAIMS
from landscape_core.paper.published import DOMAIN_TABLE, PAPER_ACTIVATIONS

CLAIMS: dict[str, Claim] = {
    claim.name: claim
    for domain in DOMAIN_TABLE
    for activation in (None, *PAPER_ACTIVATIONS)
    for claim in (*TABLE_CLAIMS, *OBSERVATIONS, *LINE_OBSERVATIONS)
    if (claim.domain, claim.activation) == (domain, activation)
}
"""All claims, in the order of the tables: those of a row together, first what its comment says, then what the text says."""


def claims_about(domain: str) -> tuple[Claim, ...]:
    """The claims about a domain, in their order."""
    return tuple(claim for claim in CLAIMS.values() if claim.domain == domain)
