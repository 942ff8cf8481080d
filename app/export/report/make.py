"""Computes and writes a report: figures and tables in parallel, then all files at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any, TypeVar

from app.export import paper_figures
from app.export.report import page
from app.export.report.order import Order
from landscape_core import StudyResult, StudySpec, devices, storage
from landscape_core.paper import published
from landscape_core.paper.replication import ReplicationResult, run_replication
from landscape_core.study.limits import Progress

PAGE = "report.html"

T = TypeVar("T")
U = TypeVar("U")


class _Stopped(Exception):  # noqa: N818  not an error
    """The other half of the work has failed."""


def write(order: Order, folder: Path, *, progress: Progress | None = None, today: date | None = None) -> list[Path]:
    """Write the report and its data into a folder: every file whole, the page last, or none.

    Args:
        order: Its options.
        folder: Made if it is not there.
        progress: Called now and then, by two threads, with "Figures" and "Tables".
        today: The date in it; without it that of today.

    Returns:
        The files: the page, then its data.

    Raises:
        LandscapeError: As `landscape_core.study.run.run` and `landscape_core.paper.replication.run_replication`.
        OSError: The folder cannot be written to.
    """
    base = order.tables()[0].base
    order = replace(order, device=str(devices.resolve(order.device, base.dtype)))
    existed = folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryDirectory(prefix=".draft-", dir=folder) as name:
            draft = Path(name)
            written = _write(order, draft, progress, today or date.today())
            for file in reversed(written):
                (draft / file).replace(folder / file)
    finally:
        if not existed and not any(folder.iterdir()):
            folder.rmdir()
    return [folder / file for file in written]


def _write(order: Order, draft: Path, progress: Progress | None, today: date) -> list[str]:
    """Write everything into an empty folder; return the names of the files."""
    stop = Event()

    def check(*_: object) -> None:
        if stop.is_set():
            raise _Stopped

    def report(share: float, what: str) -> None:
        check()
        if progress is not None:
            progress(share, what)

    studies = paper_figures.Studies(order.device, check)
    figures, tables = _side_by_side(lambda: _figures(order, studies, report), lambda: _tables(order, report), stop=stop)
    names = _names(order, studies.results)
    results: dict[str, StudyResult | ReplicationResult] = {name: studies.results[spec] for spec, name in names.items()}
    results |= {f"table-{published.DOMAIN_TABLE[result.spec.domain]}.npz": result for result in tables}
    for name, result in results.items():
        storage.save(result, draft / name)
    sizes = {name: (draft / name).stat().st_size for name in results}
    (draft / PAGE).write_text(page.fill_page(order, figures, tables, names, sizes, today), encoding="utf-8")
    return [PAGE, *results]


def _side_by_side(first: Callable[[], T], second: Callable[[], U], *, stop: Event) -> tuple[T, U]:
    """Run both on threads. If one fails, or on Ctrl-C, the other stops at its next report of progress."""
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.submit(first), pool.submit(second)
        try:
            both: list[Future[Any]] = [one, other]
            ended, _ = wait(both, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
        for future in ended:
            future.result()  # raises what it failed with
        return one.result(), other.result()


def _figures(order: Order, studies: paper_figures.Studies, progress: Progress) -> dict[int, list[page.ReportPanel]]:
    """Draw the panels of every figure."""
    total = sum(len(figure.panels) for figure in published.FIGURES.values())
    made: dict[int, list[page.ReportPanel]] = {}
    done = 0
    for figure in published.FIGURES.values():
        made[figure.number] = []
        for letter, panel in paper_figures.draw_panels(figure, figure.panels, order.base(figure), studies):
            made[figure.number].append(page.draw_panel(figure, letter, panel))
            done += 1
            progress(done / total, "Figures")
    return made


def _tables(order: Order, progress: Progress) -> list[ReplicationResult]:
    specs = order.tables()

    def part(index: int) -> Progress:
        return lambda share, _: progress((index + share) / len(specs), "Tables")

    return [run_replication(spec, device=order.device, progress=part(index)) for index, spec in enumerate(specs)]


def _names(order: Order, results: Mapping[StudySpec, StudyResult]) -> dict[StudySpec, str]:
    """Name the file of each study after the first figure that shows it and the fields that a panel changes."""
    names: dict[StudySpec, str] = {}
    for figure in published.FIGURES.values():
        for panel in figure.panels:
            spec = figure.spec(panel, order.base(figure))
            if spec is not None and spec in results:
                changes = "".join(f"-{field.replace('_', '-')}-{value}" for field, value in panel.changes.items())
                names.setdefault(spec, f"figure-{figure.number:02}{changes}.npz")
    return names
