"""Measure the page in a real browser: what is seen when, how fast it answers, and how many bytes that takes.

Usage: python benchmarks/page.py [--loads N] [--steps N] [--out FILE.json]

A server of its own on a fresh cache, with the presets of Compare and the gallery computed first as a server has them a
minute after its start; Chromium with WebGL in software, in a window of 1366 × 768. Each load is a visitor's first: nothing
is in the browser's cache. Bytes are those on the wire, headers included. Medians and 75th percentiles over the repetitions
are reported, never the best. Other work on the machine makes every number worse; its load is recorded.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from measurements import describe_machine
from page_moves import measure_drags, measure_presses, wait_until_idle
from page_scripts import CONTEXTS, ORACLE, RACES, STEP, WATCH
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-unsafe-swiftshader",  # without a graphics card, where the page is painted in software, WebGL is, too
]
WINDOW = {"width": 1366, "height": 768}
PATIENCE = 120_000

GOALS = {
    "first meaningful picture (LCP), ms": 1000,
    "complete first view, ms": 4000,
    "preset to complete view, p75, ms": 600,
    "new study to complete view, p75, ms": 1200,
    "slider dragged: lines, frames a second": 20,
    "slider dragged: surfaces, frames a second": 8,
    "key held: lines, frames a second": 20,
    "key held: surfaces, frames a second": 8,
    "compass dragged: surface of the slope, frames a second": 8,
    "slider to new surface pair, p75, ms": 500,
    "oracle step, p75, ms": 200,
    "500 races, ms": 4000,
    "first load, bytes": 1_100_000,
    "reload, bytes": 120_000,
    "change of view, most, bytes": 90_000,
    "layout shift (CLS)": 0.05,
    "WebGL contexts, most": 2,
    "requests off the host": 0,
}


class Wire:
    """Counts the bytes of a page's answers, and requests that leave the host."""

    def __init__(self, context: BrowserContext, page: Page, address: str) -> None:
        self.urls: dict[str, str] = {}
        self.taken: list[tuple[str, float]] = []
        self.strangers: list[str] = []
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", lambda event: self._sent(event, address))
        session.on(
            "Network.loadingFinished",
            lambda event: self.taken.append((self.urls.get(event["requestId"], ""), event["encodedDataLength"])),
        )

    def _sent(self, event: dict[str, Any], address: str) -> None:
        url = event["request"]["url"]
        self.urls[event["requestId"]] = url
        if not url.startswith((address, "data:", "blob:")):
            self.strangers.append(url)

    def bytes(self) -> int:
        """Bytes since the last call."""
        total = sum(length for _, length in self.taken)
        self.taken.clear()
        return round(total)


@contextmanager
def run_server(folder: Path) -> Iterator[str]:
    """A server of its own."""
    environment = {**os.environ, "BATCHSCAPE_CACHE_DIR": str(folder), "BATCHSCAPE_WARM": "0", "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(
        [sys.executable, "-u", "-m", "app", "serve", "--port", "0"], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    try:
        found = re.search(r"http://\S+", server.stdout.readline())
        assert found, "the server did not start"
        yield found.group()
    finally:
        server.kill()
        server.wait()


def compute_presets(folder: Path) -> None:
    """Compute what the measured steps ask for, and compress the files, as a server does by itself in its first minutes."""
    import torch

    from app import create_app
    from app.http.compression import Compression
    from app.page.rail.parts import DEFAULTS
    from app.precompute import create_service
    from app.presets import list_presets
    from app.settings import Settings
    from app.state.view_state import ViewState
    from app.views import VIEWS
    from landscape_core import StudySpec

    torch.set_num_threads(1)
    settings = Settings(cache_dir=folder, warm=False)
    service = create_service(settings)
    wanted = [task for task in list_presets() if isinstance(task, StudySpec) and task.activation == "sigmoid"]
    small = VIEWS["gallery"].tasks(ViewState(DEFAULTS, "gallery"))
    for task in [*(task for task in wanted if task.domain == "global"), *small]:
        service.compute(task, lambda share, what: None)
    Compression(service.cache).compress_files(create_app(settings).server)
    service.close()


def load_page(browser: Browser, address: str) -> tuple[BrowserContext, Page, Wire]:
    """A visitor's first load, until both surfaces are live."""
    context = browser.new_context(viewport=WINDOW, color_scheme="light", reduced_motion="reduce")
    context.add_init_script(CONTEXTS)
    context.add_init_script(WATCH)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    wire = Wire(context, page, address)
    page.goto(address)
    page.wait_for_function("() => window.seen.live > 0 && window.seen.complete > 0")
    wait_until_idle(page)
    return context, page, wire


def measure_loads(browser: Browser, address: str, count: int) -> dict[str, Any]:
    """First loads and reloads."""
    seen: list[dict[str, Any]] = []
    for _ in range(count):
        context, page, wire = load_page(browser, address)
        one = page.evaluate("() => window.seen")
        # what was painted before the live page counts as first picture; the live page may add larger elements later
        one["fcp"] = page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0].startTime")
        one["picture"] = next((at for at, tag, _ in one.get("at", []) if tag == "IMG"), None)
        one["bytes"] = wire.bytes()
        one["strangers"] = len(wire.strangers)
        session = context.new_cdp_session(page)
        session.send("HeapProfiler.collectGarbage")
        one["heap"] = session.send("Runtime.getHeapUsage")["usedSize"]
        one["contexts"] = page.evaluate("() => window.liveContexts()")
        page.reload()
        page.wait_for_function("() => window.seen.live > 0")
        wait_until_idle(page)
        one["reload"] = wire.bytes()
        seen.append(one)
        context.close()

    def middle(name: str) -> float:
        return statistics.median(one[name] for one in seen)

    return {
        "first contentful paint, ms": round(middle("fcp")),
        "first meaningful picture (LCP), ms": round(middle("lcp")),
        "what that is": seen[0]["what"],
        "the poster is painted, ms": round(middle("picture")) if all(one["picture"] for one in seen) else None,
        "live 3-D, ms": round(middle("live")),
        "complete first view, ms": round(middle("complete")),
        "layout shift (CLS)": round(middle("cls"), 3),
        "first load, bytes": round(middle("bytes")),
        "reload, bytes": round(middle("reload")),
        "JS heap, bytes": round(middle("heap")),
        "WebGL contexts, Compare": round(middle("contexts")),
        "requests off the host": sum(one["strangers"] for one in seen),
        "loads": count,
    }


def measure_steps(page: Page, wire: Wire, count: int) -> dict[str, Any]:
    """The batch-size slider: from the key to the frame that shows both new surfaces. Computed on tables in memory."""
    page.evaluate(STEP, ["ArrowRight"])  # the first one makes the tables
    wait_until_idle(page)
    wire.bytes()
    times, sizes = [], []
    for index in range(count):
        times.append(page.evaluate(STEP, ["ArrowRight" if index < count // 2 else "ArrowLeft"]))
        wait_until_idle(page)
        sizes.append(wire.bytes())
    half = count // 2

    def p75(values: list[float]) -> int:
        return round(statistics.quantiles(values, n=4)[2])

    return {
        "slider to new surface pair, p75, ms": p75(times),
        "slider to new surface pair, median, ms": round(statistics.median(times)),
        "of these computed, p75, ms": p75(times[:half]),
        "of these from the cache, p75, ms": p75(times[half:]),
        "slider step, bytes": round(statistics.median(sizes)),
        "steps": count,
    }


def measure_searches(page: Page, address: str, count: int) -> dict[str, Any]:
    """A step of the oracle, and 500 races on each of four lines in turn, at seeds that are new."""
    page.goto(f"{address}/?view=oracle")
    page.wait_for_function("() => document.getElementById('oracle-step')?.disabled === false")
    wait_until_idle(page)
    taken = []
    for _ in range(count):
        taken.append(page.evaluate(ORACLE))
        page.wait_for_timeout(100)
    races = []
    for seed in range(1, 4):
        page.goto(f"{address}/?view=race&seed={seed}")
        page.wait_for_function("() => document.querySelector('#race-line .js-plotly-plot')?.data?.length")
        wait_until_idle(page)
        races.append(page.evaluate(RACES))
    return {
        "oracle step, p75, ms": round(statistics.quantiles(taken, n=4)[2]),
        "oracle steps": count,
        "500 races, ms": round(statistics.median(first for first, _ in races)),
        "500 races on each of four lines, ms": round(statistics.median(last for _, last in races)),
        "seeds of races": len(races),
    }


def measure_views(page: Page, wire: Wire) -> dict[str, Any]:
    """Every view once: bytes of the change, and WebGL contexts after it."""
    from app.views import VIEWS

    found: dict[str, Any] = {}
    skipped = {"tables"}  # minutes of computing, and no surfaces
    for name in [*(name for name in VIEWS if name not in {"compare", *skipped}), "compare"]:
        wire.bytes()
        page.locator("#view").get_by_text(VIEWS[name].title, exact=True).click()
        page.wait_for_function("name => !document.getElementById('view-' + name).hidden", arg=name)
        page.wait_for_timeout(1000)
        # the gallery's pictures
        page.wait_for_function("() => !document.querySelector('.view:not([hidden]) .to-come')")
        wait_until_idle(page)
        page.wait_for_timeout(1500)
        found[name] = {"bytes": wire.bytes(), "contexts": page.evaluate("() => window.liveContexts()")}
    return found


def main() -> None:
    """Measure everything and write it down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loads", type=int, default=5)
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "page.json")
    given = parser.parse_args()
    record: dict[str, Any] = {
        "environment": describe_machine("dash", "plotly", "dash-mantine-components", "torch"),
        "goals": GOALS,
    }
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    chosen = os.environ.get("BATCHSCAPE_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        begin = time.perf_counter()
        compute_presets(folder)
        print(f"presets and files in {time.perf_counter() - begin:.0f} s", flush=True)
        with run_server(folder) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chosen, args=FLAGS)
            record["environment"]["chromium"] = browser.version
            context, *_ = load_page(browser, address)  # files into the server's memory
            context.close()
            record["loads"] = measure_loads(browser, address, given.loads)
            write_record(record, given.out)
            context, page, wire = load_page(browser, address)
            record["steps"] = measure_steps(page, wire, given.steps)
            write_record(record, given.out)
            record["presses"] = measure_presses(page, given.steps)
            record["drags"] = measure_drags(page)
            write_record(record, given.out)
            page.goto(address)  # what is shown first, and not where the slider was left
            page.wait_for_function("() => window.seen.live > 0")
            wait_until_idle(page)
            record["views"] = measure_views(page, wire)
            record["searches"] = measure_searches(page, address, given.steps)
            record["loads"]["requests off the host"] += len(wire.strangers)
            context.close()
            browser.close()
    write_record(record, given.out)


def is_met(name: str, measured: float, goal: float) -> bool:
    """Whether a goal is met: of frames a second, more are better."""
    return measured >= goal if name.endswith("frames a second") else measured <= goal


def write_record(record: dict[str, Any], out: Path) -> None:
    """Write what there is so far, and print the table."""
    record["environment"]["load_after"] = round(os.getloadavg()[0], 1)
    sections = ("loads", "steps", "presses", "drags", "searches")
    measured = {what: value for name in sections for what, value in record.get(name, {}).items()}
    if "views" in record:
        measured["change of view, most, bytes"] = max(entry["bytes"] for entry in record["views"].values())
        measured["WebGL contexts, most"] = max(entry["contexts"] for entry in record["views"].values())
    record["table"] = [
        {"what": name, "measured": measured[name], "goal": goal, "met": is_met(name, measured[name], goal)}
        for name, goal in GOALS.items()
        if name in measured
    ]
    for row in record["table"]:
        print(f"| {row['what']} | {row['measured']:,} | {row['goal']:,} | {'yes' if row['met'] else '**no**'} |")
    print(flush=True)
    out.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
