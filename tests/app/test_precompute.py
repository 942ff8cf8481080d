"""Presets that are computed ahead."""

from __future__ import annotations

import re
import threading
from contextlib import closing
from pathlib import Path

import pytest

from app import precompute
from app.callbacks.choice import choose
from app.http import signing_key
from app.jobs.service import Service
from app.page.rail.parts import DEFAULTS, FIELDS, VIEW_DEFAULTS
from app.presets import list_presets
from app.settings import Settings
from app.state.permalink import figure_link
from app.views import VIEWS
from landscape_core import NumericalError, StudySpec
from landscape_core.paper import published
from landscape_core.study.limits import Progress


@pytest.fixture
def few_presets(monkeypatch: pytest.MonkeyPatch) -> list[StudySpec]:
    specs = [StudySpec(resolution=4, line_points=8, draws=0, seed=seed) for seed in (1, 2)]
    monkeypatch.setattr(precompute, "list_presets", lambda dtype: specs)
    return specs


def quiet(_share: float, _what: str) -> None:
    pass


@pytest.mark.parametrize("view", VIEWS)
def test_no_view_waits_as_it_opens(service: Service, view: str) -> None:
    fields = {name: getattr(DEFAULTS, name) for name in FIELDS}
    request = choose(service, "view", fields, {**VIEW_DEFAULTS, "view": view})["request"]
    assert set(VIEWS[view].tasks(request)) <= set(list_presets())


def test_no_figure_waits(service: Service) -> None:
    known = set(list_presets())
    fields = {name: getattr(DEFAULTS, name) for name in FIELDS}
    for number, figure in published.FIGURES.items():
        for panel in figure.panels:
            answer = choose(service, "address", fields, VIEW_DEFAULTS, figure_link(number, panel.letter))
            assert answer["message"] == ""
            assert set(VIEWS["figures"].tasks(answer["request"])) <= known, (number, panel.letter)


def test_no_button_of_activation_domain_or_batch_size_waits() -> None:
    known = set(list_presets())
    for activation in ("sigmoid", "relu"):
        for domain, reach in (("global", 20.0), ("local", 2.0)):
            for size in (150, 149, 10, 1):
                spec = StudySpec(activation=activation, domain=domain, range=reach, batch_size=size, draws=0)
                assert spec in known


def test_presets_are_of_the_servers_precision_and_studies_come_first() -> None:
    tasks = list_presets("float32")
    kinds = [isinstance(task, StudySpec) for task in tasks]
    assert kinds == sorted(kinds, reverse=True)
    assert kinds.count(False) >= len(published.DOMAIN_TABLE)
    assert {task.dtype for task in tasks if isinstance(task, StudySpec)} == {"float32"}
    assert len(set(tasks)) == len(tasks)


def test_warming_computes_what_is_missing(service: Service, few_presets: list[StudySpec]) -> None:
    service.compute(few_presets[0], quiet)
    shares: list[float] = []
    assert precompute.compute_presets(service, lambda share, _: shares.append(share)) == (2, 1)
    assert all(service.holds(spec) for spec in few_presets)
    assert all(0 <= share <= 1 for share in shares)
    assert shares[-1] == 1
    assert precompute.compute_presets(service, quiet) == (2, 0)


def test_a_preset_that_cannot_be_computed_is_passed_over(
    service: Service, few_presets: list[StudySpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Service.compute

    def compute(self: Service, task: StudySpec, progress: Progress) -> object:
        if task == few_presets[0]:
            raise NumericalError("no gradient")
        return real(self, task, progress)

    monkeypatch.setattr(Service, "compute", compute)
    assert precompute.compute_presets(service, quiet) == (2, 1)


def test_visitors_go_first(settings: Settings, few_presets: list[StudySpec]) -> None:
    visitors, asked = threading.Event(), threading.Semaphore(0)
    visitors.set()

    def idle() -> bool:
        asked.release()
        return not visitors.is_set()

    done = threading.Event()
    thread = precompute.Precomputer(settings, idle, then=done.set)
    with closing(Service(settings)) as service:
        thread.start()
        for _ in range(3):
            assert asked.acquire(timeout=20)
        assert not any(service.holds(spec) for spec in few_presets)
        visitors.clear()
        assert done.wait(60)
        thread.join()
        assert all(service.holds(spec) for spec in few_presets)


def test_it_stops_with_the_server(settings: Settings, few_presets: list[StudySpec]) -> None:
    done = threading.Event()
    thread = precompute.Precomputer(settings, idle=lambda: False, then=done.set)
    thread.start()
    thread.stop()
    thread.join()
    assert not done.is_set()


def test_tables_of_presets_take_little_memory(tmp_path: Path) -> None:
    with closing(precompute.create_service(Settings(cache_dir=tmp_path))) as service:
        assert service._landscapes._kept.maxsize == precompute.MEMORY_BYTES


def test_batchscape_warm(
    tmp_path: Path, few_presets: list[StudySpec], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from app import cli

    monkeypatch.setenv("BATCHSCAPE_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("app.http.compression.compress_fully", lambda content: content[:1])
    for made in (2, 0):
        cli.warm(device=None)
        words = " ".join(capsys.readouterr().out.split())
        assert re.fullmatch(rf"2 presets are at hand, {made} of them computed now; the cache holds \d+ MiB\.", words)
    assert not (tmp_path / signing_key.FILE_NAME).exists()  # an image holds none
