"""The registry of tasks: one entry, and a new task is computed, checked, kept and named."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from jaxtyping import Float
from numpy import ndarray

from app.jobs import cost, tasks
from app.jobs.service import Service
from app.settings import Settings
from landscape_core import BudgetError, SpecError, StudySpec, storage
from landscape_core.study.result import collect_versions


def quiet(_share: float, _what: str) -> None:
    pass


@dataclass(frozen=True)
class ToySpec:
    """The numbers 0 to count − 1."""

    count: int = 3
    base: StudySpec = field(default_factory=StudySpec)

    def key(self) -> str:
        return f"toy-{self.count}"

    def to_json(self) -> str:
        return json.dumps({"count": self.count})


@dataclass(frozen=True, eq=False)
class ToyResult(storage.Result):
    numbers: Float[ndarray, "C"]


def count_up(spec: ToySpec, host: tasks.Host) -> ToyResult:
    host.progress(1.0, "Counting")
    return ToyResult(spec, host.device, collect_versions(), np.arange(float(spec.count)))


def check_count(spec: ToySpec, limit: int) -> None:
    if 8 * spec.count > limit:
        raise BudgetError(8 * spec.count, limit, "bytes", "Lower the count.")


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = tasks.Kind(
        "toy",
        ToySpec,
        ToyResult,
        run=count_up,
        check=check_count,
        cost=lambda spec: (spec.count / 1000, "the count"),
        study=lambda spec: spec.base,
        fields=lambda spec: {"count": spec.count},
        file=lambda spec: f"toy-{spec.count}",
        function="count_up",
    )
    monkeypatch.setitem(tasks.KINDS, ToySpec, kind)
    stored = storage.Kind(ToyResult, "a toy", lambda text: ToySpec(**json.loads(text)), lambda _spec, _arrays: None)
    monkeypatch.setitem(storage.KINDS, ToyResult, stored)


@pytest.mark.usefixtures("toy")
def test_a_new_task_needs_one_entry(service: Service, settings: Settings) -> None:
    assert service.cached(ToySpec()) is None
    result: Any = service.compute(ToySpec(), quiet)
    assert result.numbers.tolist() == [0.0, 1.0, 2.0]
    with closing(Service(settings)) as another:  # from the disk
        found: Any = another.cached(ToySpec())
    assert found.numbers.tolist() == [0.0, 1.0, 2.0]
    assert tasks.task_from(tasks.task_to_dict(ToySpec(5))) == ToySpec(5)
    assert tasks.stem(ToySpec()) == "batchscape-toy-3-seed12735"


@pytest.mark.usefixtures("toy")
def test_a_new_task_is_refused_where_it_is_too_large_or_too_much(service: Service, settings: Settings) -> None:
    with pytest.raises(BudgetError, match=r"bytes.*Lower the count"):
        service.check(ToySpec(settings.study_bytes))
    with pytest.raises(BudgetError, match=rf"301 seconds of one core.*{cost.MOST_SECONDS}.*Lower the count"):
        service.compute(ToySpec(300_001), quiet)


@pytest.mark.parametrize("kind", tasks.KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_of_task_goes_to_the_page_and_back(kind: tasks.Kind) -> None:
    task = kind.spec()
    assert tasks.task_from(json.loads(json.dumps(tasks.task_to_dict(task)))) == task
    assert kind.result in storage.KINDS
    assert tasks.stem(task).startswith("batchscape-")


@pytest.mark.parametrize("kind", ["nothing", ["study"]])
def test_a_kind_that_is_not_known_is_refused(kind: object) -> None:
    with pytest.raises(SpecError, match="allowed: one of study, typical, race, race-starts, training, tile"):
        tasks.task_from({"kind": kind, "fields": {}})
