"""One Redis for all tests, and one cluster."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cluster import Cluster, Redis, Visitor

from landscape_core import NumericalError, StudySpec
from landscape_core.study import run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.redis)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    if shutil.which("redis-server") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("the tests of the workers need redis-server")
        pytest.skip("no redis-server: install Redis")
    store = Redis(tmp_path_factory.mktemp("redis"))
    yield store
    store.client.close()
    store.kill()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, redis_server: Redis) -> Iterator[Cluster]:
    started = Cluster(tmp_path_factory.mktemp("cluster"), redis_server)
    yield started
    started.close()


@pytest.fixture
def visitor(cluster: Cluster) -> Callable[[], Visitor]:
    """Opens pages on the server."""
    return lambda: Visitor(cluster.address)


@pytest.fixture(scope="session")
def dead_relu() -> StudySpec:
    """A study whose start point has no gradient."""
    dead = StudySpec(activation="relu", domain="local", resolution=2, line_points=3, draws=0)
    for seed in range(200):
        try:
            run.tabulate_landscape(dead.replace(seed=seed))
        except NumericalError:
            return dead.replace(seed=seed)
    pytest.fail("no such seed below 200")
