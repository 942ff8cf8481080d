"""Timings, ratios and limits of a benchmark, and the machine that it ran on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

AGREEMENT = 1e-12
"""Largest difference between two computations of one table, relative to the largest value in it (at least 1)."""


@dataclass
class Clock:
    """Repeated timings of one thing: wall and CPU seconds."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def run(self, work: Callable[[], Any]) -> Any:  # noqa: ANN401  whatever the work returns
        """Time one call."""
        wall, cpu = time.perf_counter(), time.process_time()
        found = work()
        self.cpu.append(time.process_time() - cpu)
        self.wall.append(time.perf_counter() - wall)
        return found

    def summarise(self) -> dict[str, float | int]:
        """Medians, the fastest and the slowest."""
        return {
            "wall_s": round_digits(median(self.wall)),
            "cpu_s": round_digits(median(self.cpu)),
            "wall_min_s": round_digits(min(self.wall)),
            "wall_max_s": round_digits(max(self.wall)),
            "repeats": len(self.wall),
        }


@dataclass
class Report:
    """What was measured."""

    console: Console
    quick: bool
    timings: dict[str, dict[str, Any]] = field(default_factory=dict)
    bars: list[dict[str, Any]] = field(default_factory=list)
    ratios: list[dict[str, Any]] = field(default_factory=list)
    checks: dict[str, float] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)

    def print_progress(self, text: str) -> None:
        """Progress, to the reader at the terminal."""
        self.console.print(f"[dim]{text}[/dim]")

    def add_ratio(self, name: str, ours: str, other: str, limit: float | None) -> None:
        """Our seconds over another's; with a limit, a bar. The wall decides; CPU seconds stand beside."""
        wall, cpu = (self.timings[ours][clock] / self.timings[other][clock] for clock in ("wall_s", "cpu_s"))
        self.ratios.append({"name": name, "wall": round_digits(wall), "cpu": round_digits(cpu), "limit": limit})
        if limit is not None:
            self.add_bar(name, wall, limit)

    def add_agreement(self, name: str, difference: float, limit: float) -> None:
        """Two computations of one thing: their difference as a bar."""
        self.add_bar(f"agreement: {name}", difference, limit)

    def add_bar(self, name: str, measured: float, limit: float) -> None:
        """A bar is met if what was measured is at most the limit."""
        self.bars.append(
            {"name": name, "measured": round_digits(measured), "limit": limit, "met": bool(measured <= limit)}
        )

    def print_tables(self) -> None:
        """The tables."""
        seconds = Table(title="Seconds (medians)" + (", the plain loop extrapolated" if self.quick else ""))
        for title in ("", "wall", "CPU", "fastest", "slowest", "runs"):
            seconds.add_column(title, justify="right" if title else "left")
        for name, row in self.timings.items():
            spread = (f"{row[key]:.3f}" if key in row else "" for key in ("wall_min_s", "wall_max_s"))
            seconds.add_row(name, f"{row['wall_s']:.3f}", f"{row['cpu_s']:.3f}", *spread, str(row["repeats"]))
        bars = Table(title="Bars (met: measured ≤ limit)")
        for title in ("", "measured", "limit", "met"):
            bars.add_column(title, justify="right" if title else "left")
        for row in self.bars:
            bars.add_row(
                row["name"], format_ratio(row["measured"]), format_ratio(row["limit"]), "yes" if row["met"] else "NO"
            )
        self.console.print(seconds)
        self.console.print(bars)


def round_digits(value: float) -> float:
    """Four significant digits."""
    return float(f"{value:.4g}")


def format_ratio(value: float) -> str:
    """A ratio as a reader likes it."""
    if value < 1e-6:
        return f"{value:.1e}"
    return f"1/{1 / value:.0f}" if value < 0.1 else f"{value:.3g}"


def describe_machine(*packages: str) -> dict[str, Any]:
    """Describe the machine, its load, and the versions of packages, those left out that are not installed."""
    cpuinfo = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*: (.*)", cpuinfo.read_text()) if cpuinfo.exists() else None
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": model[1] if model else platform.processor() or platform.machine(),
        "cpus": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in packages if is_installed(name)},
    }


def is_installed(package: str) -> bool:
    """Return whether a distribution is installed."""
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
