"""A workshop of fifty: attendees who open the page and move its controls for five minutes, on one server.

Usage: python benchmarks/workshop.py [--mode embedded|workers] [--attendees N] [--minutes M] [--out FILE.json]

`embedded` is the server as it comes; `workers` adds Redis and two worker processes. The load is made by locust, in an
environment of its own (its dependencies do not go with ours), on the same machine: so the numbers are pessimistic. The
presets are computed first, as in the container's image. Errors, lost updates, medians, 95th percentiles and the memory of
all processes of the server are recorded.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
from measurements import describe_machine

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LOCUST = ROOT / ".venv-locust"
WORKERS = 2
SAMPLE_SECONDS = 5.0
GOALS = {"errors": 0, "from the cache, p95, ms": 1500, "memory grows, share": 0.1}


def install_locust() -> Path:
    """Its command; its environment is made if there is none."""
    command = LOCUST / "bin" / "locust"
    if not command.exists():
        venv.create(LOCUST, with_pip=True)
        requirements = HERE / "workshop.txt"
        subprocess.run([LOCUST / "bin" / "pip", "install", "-q", "-r", requirements], check=True)
    return command


@contextmanager
def run_process(command: list[str], environment: dict[str, str], ready: str) -> Iterator[tuple[psutil.Process, str]]:
    """A process, once it has said that it is ready; and what it said."""
    log = tempfile.NamedTemporaryFile("w+", suffix=".log")  # noqa: SIM115  closed below
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT)
    try:
        end = time.monotonic() + 300
        while not (found := re.search(ready, Path(log.name).read_text(encoding="utf-8"))):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{command} did not start: {Path(log.name).read_text(encoding='utf-8')}")
            time.sleep(0.2)
        yield psutil.Process(process.pid), found[0]
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


def measure_memory(processes: list[psutil.Process]) -> float:
    """Of the processes and their children, in MiB; pages that they share count once for each."""
    total = 0
    for process in processes:
        for one in [process, *process.children(recursive=True)]:
            try:
                total += one.memory_info().rss
            except psutil.NoSuchProcess:
                continue
    return total / 2**20


@contextmanager
def run_server(mode: str, folder: Path) -> Iterator[tuple[str, dict[str, list[psutil.Process]]]]:
    """A server, with or without workers: its address, and its processes by kind."""
    environment = {**os.environ, "BATCHSCAPE_CACHE_DIR": str(folder), "PYTHONPATH": str(ROOT)}
    environment |= {"OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}  # as in the image
    processes: dict[str, list[psutil.Process]] = {}
    with ExitStack() as stack:
        if mode == "workers":
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            password = secrets.token_hex(16)
            server = shutil.which("redis-server")
            assert server, "the workers need redis-server"
            redis = [server, "--port", str(port), "--requirepass", password, "--save", "", "--dir", str(folder)]
            processes["redis"] = [stack.enter_context(run_process(redis, environment, "Ready to accept"))[0]]
            environment["BATCHSCAPE_REDIS_URL"] = f"redis://:{password}@127.0.0.1:{port}/0"
            worker = [sys.executable, "-m", "app", "worker", "--concurrency", "1"]
            processes["workers"] = [
                stack.enter_context(run_process(worker, environment, "ready"))[0] for _ in range(WORKERS)
            ]
        subprocess.run(
            [sys.executable, "-m", "app", "warm"], env=environment, cwd=ROOT, check=True, capture_output=True
        )
        serve = [sys.executable, "-u", "-m", "app", "serve", "--port", "0"]
        web, said = stack.enter_context(run_process(serve, environment, r"http://\S+"))
        processes["web"] = [web]
        yield said, processes


def run_load(
    address: str, processes: dict[str, list[psutil.Process]], attendees: int, minutes: float, folder: Path
) -> Any:  # noqa: ANN401
    """Let the attendees come; what locust counted, and the memory over time."""
    seconds = round(60 * minutes)
    command = [
        *(str(install_locust()), "--headless", "--only-summary", "-f", str(HERE / "attendee.py"), "-H", address),
        *("-u", str(attendees), "-r", "5", "-t", f"{seconds}s", "--stop-timeout", "60"),
        *("--csv", str(folder / "load"), "--exit-code-on-error", "0"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    begin, held = time.monotonic(), []
    while process.poll() is None:
        held.append((time.monotonic() - begin, {kind: measure_memory(one) for kind, one in processes.items()}))
        time.sleep(SAMPLE_SECONDS)
    assert process.returncode == 0, "locust failed"
    with (folder / "load_stats.csv").open(encoding="utf-8") as stats:
        rows = list(csv.DictReader(stats))
    with (folder / "load_failures.csv").open(encoding="utf-8") as failures:
        errors = [
            f"{row['Method']} {row['Name']}: {row['Error']} ({row['Occurrences']})" for row in csv.DictReader(failures)
        ]
    return rows, errors, held


def summarise(
    rows: list[dict[str, str]], errors: list[str], held: list[tuple[float, dict[str, float]]]
) -> dict[str, Any]:
    """The figures that matter."""

    def figures(row: dict[str, str]) -> dict[str, float]:
        return {
            "count": int(row["Request Count"]),
            "failures": int(row["Failure Count"]),
            "p50, ms": float(row["50%"]),
            "p95, ms": float(row["95%"]),
            "most, ms": round(float(row["Max Response Time"])),
        }

    named = {row["Name"]: figures(row) for row in rows if row["Name"] != "Aggregated"}
    # once all have come and the caches are filled, and at the end
    end = held[-1][0]

    def middle(kind: str, low: float, high: float) -> float:
        return statistics.median(sample[kind] for at, sample in held if low * end <= at <= high * end)

    over_time = {
        kind: {
            "after two fifths, MiB": round(middle(kind, 0.35, 0.45)),
            "at the end, MiB": round(middle(kind, 0.9, 1.0)),
            "most, MiB": round(max(sample[kind] for _, sample in held)),
        }
        for kind in held[0][1]
    }
    return {"steps and requests": named, "errors": errors, "memory": over_time}


def main() -> None:
    """Measure and write it down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mode", choices=("embedded", "workers"), action="append")
    parser.add_argument("--attendees", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "workshop.json")
    given = parser.parse_args()
    record: dict[str, Any] = {
        "environment": describe_machine("dash", "torch", "waitress", "celery", "redis"),
        "attendees": given.attendees,
        "minutes": given.minutes,
        "goals": GOALS,
    }
    if given.out.exists():
        record = {**json.loads(given.out.read_text(encoding="utf-8")), **record}
    for mode in given.mode or ("embedded", "workers"):
        with tempfile.TemporaryDirectory() as scratch, run_server(mode, Path(scratch)) as (address, processes):
            before = round(os.getloadavg()[0], 1)
            found = summarise(*run_load(address, processes, given.attendees, given.minutes, Path(scratch)))
        steps = found["steps and requests"]
        web = found["memory"]["web"]
        growth = web["at the end, MiB"] / web["after two fifths, MiB"] - 1
        failures = sum(figures["failures"] for figures in steps.values())
        measured = {
            "errors": failures,
            "from the cache, p95, ms": steps["from the cache"]["p95, ms"],
            "memory grows, share": round(growth, 3),
        }
        record[mode] = {
            "load before": before,
            "table": [
                {"what": what, "measured": measured[what], "goal": goal, "met": measured[what] <= goal}
                for what, goal in GOALS.items()
            ],
            **found,
        }
        print(f"{mode}: {json.dumps(record[mode]['table'])}", flush=True)
        given.out.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
