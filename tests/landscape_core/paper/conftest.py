"""A replication of both domains, computed once for each file."""

import pytest

from landscape_core.paper.replication import run_replication
from landscape_core.paper.replication_spec import ReplicationSpec
from landscape_core.study import limits


@pytest.fixture(scope="module")
def few_line_draws_here():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "LINE_DRAWS", 20)
        yield


@pytest.fixture(scope="module", params=["global", "local"])
def replicated(request, few_line_draws_here):
    spec = ReplicationSpec(domain=request.param, seeds=5, line_points=12, seed=7, batch_seed=40)
    return run_replication(spec, device="cpu")
