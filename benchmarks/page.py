"""Measure the page in a real browser: what is seen when, how fast it answers, and how many bytes that takes.

Usage: python benchmarks/page.py [--loads N] [--steps N] [--out FILE.json]

A server of its own on a fresh cache, with the presets of Compare and the gallery computed first as a server has them a
minute after its start; Chromium with WebGL in software, in a window of 1366 × 768. Each load is a visitor's first: nothing
is in the browser's cache. Bytes are those on the wire, headers included. Medians and 75th percentiles over the repetitions
are reported, never the best. Other work on the machine makes every number worse; its load is recorded.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
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
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
WINDOW = {"width": 1366, "height": 768}
PATIENCE = 120_000

GOALS = {
    "first meaningful picture (LCP), ms": 2000,
    "live 3-D, ms": 7000,
    "slider to new surface pair, p75, ms": 500,
    "oracle step, p75, ms": 200,
    "500 races, ms": 4000,
    "first load, bytes": 1_100_000,
    "reload, bytes": 120_000,
    "change of view, most, bytes": 90_000,
    "layout shift (CLS)": 0.1,
    "WebGL contexts, most": 2,
    "requests off the host": 0,
}

WATCH = """(() => {
    const made = [], real = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
        const context = real.call(this, kind, ...more);
        if (context && /webgl/.test(kind) && !made.includes(context)) made.push(context);
        return context;
    };
    const seen = window.seen = {lcp: 0, what: '', cls: 0, live: 0};
    window.contexts = () => made.filter(context => !context.isContextLost()).length;
    new PerformanceObserver(list => list.getEntries().forEach(entry => {
        seen.lcp = entry.startTime; seen.what = entry.element ? entry.element.tagName : '';
        seen.at = [...(seen.at || []), [entry.startTime, entry.element && entry.element.tagName, entry.size]];
    })).observe({type: 'largest-contentful-paint', buffered: true});
    new PerformanceObserver(list => list.getEntries().forEach(entry => {
        if (!entry.hadRecentInput) seen.cls += entry.value;
    })).observe({type: 'layout-shift', buffered: true});
    const look = () => {
        const drawn = ['loss', 'slope'].every(name => {
            const plot = document.querySelector(`#compare-${name} .js-plotly-plot`);
            const scene = plot && plot.data && plot.data.length && plot._fullLayout && plot._fullLayout.scene;
            return scene && scene._scene && scene._scene.glplot && Object.keys(scene._scene.traces).length;
        });
        if (drawn) requestAnimationFrame(() => requestAnimationFrame(() => { seen.live = performance.now(); }));
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})()"""

STEP = """([key]) => new Promise(done => {
    const plots = ['loss', 'slope'].map(name => document.querySelector(`#compare-${name} .js-plotly-plot`));
    const old = plots.map(plot => plot.data[0].z);
    const start = performance.now();
    const look = () => {
        const fresh = plots.every((plot, index) => plot.data.length && plot.data[0].z !== old[index]
            && plot._fullLayout.scene._scene.fullSceneLayout && plot._fullData[0]._input === plot.data[0]);
        if (fresh) requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    const thumb = document.querySelector('#batch_size [role=slider]');
    thumb.focus();
    thumb.dispatchEvent(new KeyboardEvent('keydown', {key: key, bubbles: true}));
    thumb.dispatchEvent(new KeyboardEvent('keyup', {key: key, bubbles: true}));
})"""


ORACLE = """() => new Promise(done => {
    const start = performance.now();
    document.getElementById('oracle-step').click();
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
})"""

RACES = """() => new Promise(done => {
    const start = performance.now();
    document.querySelector('#stage input[value=many]').click();
    const seen = {};
    const look = () => {
        const cells = [...document.querySelectorAll('#race-rates td')].map(one => one.textContent);
        if (!seen.first && cells.some(words => /\\(\\d/.test(words))) seen.first = performance.now() - start;
        if (seen.first && !cells.includes('…')) {
            requestAnimationFrame(() => requestAnimationFrame(() => done([seen.first, performance.now() - start])));
        } else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})"""


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
def served(folder: Path) -> Iterator[str]:
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


def warmed(folder: Path) -> None:
    """Compute what the measured steps ask for, and compress the files, as a server does by itself in its first minutes."""
    import torch

    from app import create_app
    from app.controls import DEFAULTS
    from app.delivery import Delivery
    from app.settings import Settings
    from app.state import Request
    from app.views import VIEWS
    from app.warm import own_service, presets
    from landscape_core import StudySpec

    torch.set_num_threads(1)
    settings = Settings(cache_dir=folder, warm=False)
    service = own_service(settings)
    wanted = [task for task in presets() if isinstance(task, StudySpec) and task.activation == "sigmoid"]
    small = VIEWS["gallery"].needs(Request(DEFAULTS, "gallery"))
    for task in [*(task for task in wanted if task.domain == "global"), *small]:
        service.compute(task, lambda share, what: None)
    Delivery(service.cache).prepare(create_app(settings).server)
    service.close()


def idle(page: Page) -> None:
    """Wait until nothing is computed or asked for, nor about to be."""
    page.wait_for_timeout(500)
    page.wait_for_function(
        "() => document.getElementById('busy').className === 'idle' && !document.querySelector('[data-dash-is-loading]')"
    )
    page.wait_for_timeout(500)


def load(browser: Browser, address: str) -> tuple[BrowserContext, Page, Wire]:
    """A visitor's first load, until both surfaces are live."""
    context = browser.new_context(viewport=WINDOW, color_scheme="light", reduced_motion="reduce")
    context.add_init_script(WATCH)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    wire = Wire(context, page, address)
    page.goto(address)
    page.wait_for_function("() => window.seen.live > 0")
    idle(page)
    return context, page, wire


def loads(browser: Browser, address: str, count: int) -> dict[str, Any]:
    """First loads and reloads."""
    seen: list[dict[str, Any]] = []
    for _ in range(count):
        context, page, wire = load(browser, address)
        one = page.evaluate("() => window.seen")
        # what was painted before the live page counts as first picture; the live page may add larger elements later
        one["fcp"] = page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0].startTime")
        one["picture"] = next((at for at, tag, _ in one.get("at", []) if tag == "IMG"), None)
        one["bytes"] = wire.bytes()
        one["strangers"] = len(wire.strangers)
        session = context.new_cdp_session(page)
        session.send("HeapProfiler.collectGarbage")
        one["heap"] = session.send("Runtime.getHeapUsage")["usedSize"]
        one["contexts"] = page.evaluate("() => window.contexts()")
        page.reload()
        page.wait_for_function("() => window.seen.live > 0")
        idle(page)
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
        "layout shift (CLS)": round(middle("cls"), 3),
        "first load, bytes": round(middle("bytes")),
        "reload, bytes": round(middle("reload")),
        "JS heap, bytes": round(middle("heap")),
        "WebGL contexts, Compare": round(middle("contexts")),
        "requests off the host": sum(one["strangers"] for one in seen),
        "loads": count,
    }


def steps(page: Page, wire: Wire, count: int) -> dict[str, Any]:
    """The batch-size slider: from the key to the frame that shows both new surfaces. Computed on tables in memory."""
    page.evaluate(STEP, ["ArrowRight"])  # the first one makes the tables
    idle(page)
    wire.bytes()
    times, sizes = [], []
    for index in range(count):
        times.append(page.evaluate(STEP, ["ArrowRight" if index < count // 2 else "ArrowLeft"]))
        idle(page)
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


def searches(page: Page, address: str, count: int) -> dict[str, Any]:
    """A step of the oracle, and 500 races on each of four lines in turn, at seeds that are new."""
    page.goto(f"{address}/?view=oracle")
    page.wait_for_function("() => document.getElementById('oracle-step')?.disabled === false")
    idle(page)
    taken = []
    for _ in range(count):
        taken.append(page.evaluate(ORACLE))
        page.wait_for_timeout(100)
    races = []
    for seed in range(1, 4):
        page.goto(f"{address}/?view=race&seed={seed}")
        page.wait_for_function("() => document.querySelector('#race-line .js-plotly-plot')?.data?.length")
        idle(page)
        races.append(page.evaluate(RACES))
    return {
        "oracle step, p75, ms": round(statistics.quantiles(taken, n=4)[2]),
        "oracle steps": count,
        "500 races, ms": round(statistics.median(first for first, _ in races)),
        "500 races on each of four lines, ms": round(statistics.median(last for _, last in races)),
        "seeds of races": len(races),
    }


def views(page: Page, wire: Wire) -> dict[str, Any]:
    """Every view once: bytes of the change, and WebGL contexts after it."""
    from app.views import VIEWS

    found: dict[str, Any] = {}
    skipped = {"tables"}  # minutes of computing, and no surfaces
    for name in [*(name for name in VIEWS if name not in {"compare", *skipped}), "compare"]:
        wire.bytes()
        page.locator("#view").get_by_text(VIEWS[name].label, exact=True).click()
        page.wait_for_function("name => !document.getElementById('view-' + name).hidden", arg=name)
        page.wait_for_timeout(1000)
        # the gallery's pictures
        page.wait_for_function("() => !document.querySelector('.view:not([hidden]) .to-come')")
        idle(page)
        page.wait_for_timeout(1500)
        found[name] = {"bytes": wire.bytes(), "contexts": page.evaluate("() => window.contexts()")}
    return found


def environment() -> dict[str, Any]:
    """Where this was measured."""
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "processor": platform.processor() or platform.machine(),
        "processors": os.cpu_count(),
        "load before": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in ("dash", "plotly", "dash-mantine-components", "torch")},
    }


def main() -> None:
    """Measure everything and write it down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loads", type=int, default=5)
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "page.json")
    given = parser.parse_args()
    record: dict[str, Any] = {"environment": environment(), "goals": GOALS}
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    chosen = os.environ.get("BATCHSCAPE_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        begin = time.perf_counter()
        warmed(folder)
        print(f"presets and files in {time.perf_counter() - begin:.0f} s", flush=True)
        with served(folder) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chosen, args=FLAGS)
            record["environment"]["chromium"] = browser.version
            context, *_ = load(browser, address)  # files into the server's memory
            context.close()
            record["loads"] = loads(browser, address, given.loads)
            keep(record, given.out)
            context, page, wire = load(browser, address)
            record["steps"] = steps(page, wire, given.steps)
            keep(record, given.out)
            page.goto(address)  # what is shown first, and not where the slider was left
            page.wait_for_function("() => window.seen.live > 0")
            idle(page)
            record["views"] = views(page, wire)
            record["searches"] = searches(page, address, given.steps)
            record["loads"]["requests off the host"] += len(wire.strangers)
            context.close()
            browser.close()
    keep(record, given.out)


def keep(record: dict[str, Any], out: Path) -> None:
    """Write what there is so far, and print the table."""
    record["environment"]["load after"] = round(os.getloadavg()[0], 1)
    measured = {**record["loads"], **record.get("steps", {}), **record.get("searches", {})}
    if "views" in record:
        measured["change of view, most, bytes"] = max(entry["bytes"] for entry in record["views"].values())
        measured["WebGL contexts, most"] = max(entry["contexts"] for entry in record["views"].values())
    record["table"] = [
        {"what": name, "measured": measured[name], "goal": goal, "met": measured[name] <= goal}
        for name, goal in GOALS.items()
        if name in measured
    ]
    for row in record["table"]:
        print(f"| {row['what']} | {row['measured']:,} | {row['goal']:,} | {'yes' if row['met'] else '**no**'} |")
    print(flush=True)
    out.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
