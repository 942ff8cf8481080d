"""Small tasks: on the service's device, within its limits, kept in its memory; and every view where workers compute."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.callbacks.explore import read
from app.callbacks.oracle import made, whole_line
from app.callbacks.render import draw
from app.jobs import service as service_module
from app.jobs import small_tasks
from app.jobs.cache import DiskCache
from app.jobs.service import Service
from app.jobs.small_tasks import SMALL_KINDS, LineProbeTask, PointProbeTask, SmallKind
from app.jobs.tasks import Host, Task, kind_of
from app.settings import MIB, Settings
from app.state.view_state import CHOICES, ViewState
from landscape_core import BudgetError, SpecError, StudySpec, devices, storage
from landscape_core.study import limits
from landscape_core.study.run import tabulate_landscape

SPEC = StudySpec(resolution=8, line_points=12, draws=0)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The devices that points are probed on."""
    found: list[str] = []
    kind = SMALL_KINDS[PointProbeTask]

    def probe(task: PointProbeTask, device: str) -> Any:
        found.append(device)
        return kind.run(task, device)

    monkeypatch.setitem(SMALL_KINDS, PointProbeTask, SmallKind(probe, kind.cost))
    return found


def test_they_are_computed_once_on_the_device_of_the_settings(settings: Settings, asked: list[str]) -> None:
    service = Service(settings.model_copy(update={"device": "cpu"}))
    task = PointProbeTask(SPEC, (1.0, 2.0))
    assert read(service, ViewState(SPEC, "explore"), (1.0, 2.0)) == read(
        service, ViewState(SPEC, "explore"), (1.0, 2.0)
    )
    first, second = (service.find([task])[task] for _ in range(2))
    assert first is second
    assert asked == ["cpu"]
    service.close()


def test_a_device_that_is_not_there_is_refused_where_nobody_else_computes(settings: Settings) -> None:
    service = Service(settings.model_copy(update={"device": "cuda:99"}))
    with pytest.raises(SpecError, match="device"):
        service.find([PointProbeTask(SPEC, (0.0, 0.0))])
    service.close()


def test_too_much_work_is_refused(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = SMALL_KINDS[LineProbeTask]
    monkeypatch.setitem(SMALL_KINDS, LineProbeTask, SmallKind(kind.run, lambda _: (31.0, "the points on a line")))
    with pytest.raises(BudgetError, match="Lower the points on a line"):
        service.find([LineProbeTask(SPEC, (0.0, 0.0), 45.0)])


def test_what_is_held_is_counted(service: Service) -> None:
    task = LineProbeTask(SPEC, (0.0, 0.0), 45.0)
    held = small_tasks.hold(service.find([task])[task])
    assert held.nbytes == 8 * (7 * 12 + 2 * 12)  # seven curves and the coordinates of 12 points


class Away:
    """Workers on a machine with the card: here, a CPU that says so."""

    def compute(self, tasks: dict[str, Task], progress: Any) -> dict[str, bytes]:
        def no_tables(spec: StudySpec) -> Any:
            return tabulate_landscape(spec, device="cpu")

        host = Host("cpu", 512 * MIB, progress, no_tables)
        return {key: storage.to_bytes(kind_of(task).run(task, host)) for key, task in tasks.items()}

    def close(self) -> None:
        pass


REQUESTS = [
    *(ViewState(SPEC, view) for view in CHOICES["view"] if view not in ("gallery", "tables")),  # type: ignore[arg-type]
    ViewState(SPEC, "explore", field="negative"),
    ViewState(SPEC, "oracle", step=5),
    ViewState(SPEC, "oracle", oracle="quadratics", step=5),
    *(ViewState(SPEC, "race", budget=3, stage=stage) for stage in ("many", "starts", "train")),  # type: ignore[arg-type]
    *(ViewState(SPEC, "figures", figure=figure) for figure in (1, 3, 6, 17)),
    ViewState(SPEC, "tables", seeds=2),
    ViewState(SPEC, "gallery"),
]


@pytest.mark.usefixtures("few_races")
@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: one.view)
def test_a_web_server_without_the_card_of_its_workers_draws_every_view(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request_: ViewState
) -> None:
    monkeypatch.setattr(devices.torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(service_module, "_by_redis", lambda _: (DiskCache(tmp_path / "redis", 64 * MIB), Away()))
    monkeypatch.setattr(limits, "LINE_DRAWS", 20)
    service = Service(Settings(device="cuda", redis_url="redis://nowhere", cache_dir=tmp_path, warm=False))
    shown = draw(service, request_)
    while shown.pending is not None:
        service.compute(shown.pending, lambda *_: None)
        shown = draw(service, request_)
    assert shown.panels
    assert shown.notice == ""
    if request_.view == "oracle":
        assert whole_line(service, request_, "light", None) is not None
        assert made(service, {"point": 2, "step": 5}, request_.to_dict()) is not None
    if request_.view == "explore":
        assert "P(slope < 0)" in read(service, request_, (1.0, 2.0))
    service.close()
