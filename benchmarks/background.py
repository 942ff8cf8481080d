"""Compare managers of Dash background callbacks under load, side by side in one run on one machine.

Usage: python benchmarks/background.py [--only NAME] [--rounds N] [--out FILE.json]

Each manager gets a real server process of its own, loaded through HTTP with Dash's submit-and-poll protocol:

    stock               dash.DiskcacheManager, which forks a process for each job; gunicorn
    forkserver          a DiskcacheManager that takes processes from a fork server with torch loaded,
                        two at a time, and shares equal requests; gunicorn
    celery              dash.CeleryManager, two prefork workers, Redis; gunicorn
    threads-gunicorn    app.jobs.thread_manager.ThreadManager with two threads; gunicorn
    threads-waitress    the same; waitress

The managers take turns, one server at a time, the order shifted from round to round, so that a slow minute of the
machine does not fall on one of them only, and each turn waits a little for a quiet machine. The load comes from the
same machine: compare the numbers with each other, not with another machine's.
"""

from __future__ import annotations

import argparse
import functools
import json
import shutil
import signal
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from background_load import Page, Server, ask_together, summarise
from background_server import INTERVAL, WEB_THREADS, WORKERS, compute
from measurements import describe_machine, is_installed

PACKAGES = ("dash", "torch", "diskcache", "celery", "redis", "gunicorn", "waitress", "flask")
NAMES = ("stock", "forkserver", "celery", "threads-gunicorn", "threads-waitress")
USERS, JOB_SECONDS, CHUNKS = 30, 0.2, 10
STRESS_USERS, STRESS_JOBS, STRESS_LIMIT, STOCK_STRESS_SECONDS = 12, 3000, 20.0, 60.0
SOLO_REQUESTS = 6
QUIET, PATIENCE = 0.2, 3.0

say = functools.partial(print, flush=True)


# The cases.


def wait_for_quiet() -> float:
    """Wait a little for a quiet machine; return the share of its CPU time that others took last."""

    def ticks() -> tuple[int, int]:
        times = [int(word) for word in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
        return sum(times), times[3] + times[4]

    end = time.perf_counter() + PATIENCE
    while True:
        total, idle = ticks()
        time.sleep(1)
        total, idle = (after - before for after, before in zip(ticks(), (total, idle), strict=True))
        others = round(1 - idle / total, 2)
        if others <= QUIET or time.perf_counter() > end:
            return others


def measure_load(name: str, repeats: int) -> dict[str, Any]:
    """Run the three cases with users once."""
    others = wait_for_quiet()
    with Server(name, repeats) as server:
        different = ask_together(server, [("work", {"number": k, "chunks": CHUNKS}) for k in range(USERS)])
        before = server.count()
        equal = ask_together(server, [("work", {"number": 1000, "chunks": CHUNKS})] * USERS)
        runs = server.count() - before
        page = Page(server)
        alone = [page.finish("work", {"number": 2000 + k, "chunks": CHUNKS}) for k in range(SOLO_REQUESTS)]
    return {
        "different": summarise(different),
        "equal": {**summarise(equal), "runs": runs},
        "alone": summarise(alone),
        "start_s": round(server.start_seconds, 2),
        "others": others,
    }


def stress(name: str, repeats: int) -> dict[str, Any]:
    """Let 12 users ask for 3,000 trivial jobs; the stock manager is stopped after a minute."""
    numbers, lock, results = iter(range(STRESS_JOBS)), threading.Lock(), []
    end = time.perf_counter() + (STOCK_STRESS_SECONDS if name == "stock" else 1e9)

    def claimed() -> Iterator[int]:
        while time.perf_counter() < end:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            yield number

    with Server(name, repeats) as server:
        begin = time.perf_counter()

        def user() -> None:
            page = Page(server)
            mine = [page.finish("trivial", {"number": number}, STRESS_LIMIT) for number in claimed()]
            results.extend(mine)

        threads = [threading.Thread(target=user) for _ in range(STRESS_USERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - begin
    outcomes = [outcome for _, outcome in results]
    counts = {"tried": len(results), "lost": outcomes.count("lost"), "wrong": outcomes.count("wrong")}
    return {**counts, "p50": summarise(results)["p50"], "seconds": round(seconds, 1)}


def kill(name: str, repeats: int) -> dict[str, Any]:
    """SIGKILL the server while jobs of some seconds run, and start it again on the same port at once."""
    with Server(name, repeats) as server:
        pages, before = [Page(server) for _ in range(4)], server.count()
        for number, page in enumerate(pages):
            page.start("work", {"number": number, "chunks": 40 * CHUNKS})
        deadline = time.perf_counter() + 10
        while server.count() < before + WORKERS and time.perf_counter() < deadline:
            time.sleep(0.02)
        running = server.count() - before
        server.kill_web()
        seconds = server.start_web()
        first = Page(server).finish("trivial", {"number": 1}) if seconds is not None else None
        in_use = "in use" in server.log()
    return {
        "jobs_running": running,
        "restarted": seconds is not None,
        "restart_s": seconds and round(seconds, 2),
        "first_start_s": round(server.start_seconds, 2),
        "first_answer_s": round(first[0], 2) if first and first[1] == "ok" else None,
        "address_in_use": in_use,
    }


def full_queue(name: str, repeats: int) -> dict[str, Any]:
    """Send 12 requests to a server whose queue holds 4, then one more."""
    with Server(name, repeats, queue=4) as server:
        results = ask_together(server, [("work", {"number": k, "chunks": CHUNKS}) for k in range(12)])
        refused = [seconds for seconds, outcome in results if outcome == "busy"]
        after = Page(server).finish("work", {"number": 99, "chunks": CHUNKS})[1]
    outcomes = [outcome for _, outcome in results]
    return {
        "asked": len(results),
        "answered": outcomes.count("ok"),
        "busy": len(refused),
        "busy_p50_s": round(statistics.median(refused), 3) if refused else None,
        "afterwards": after,
    }


# The run.


@contextmanager
def use_one_thread() -> Iterator[None]:
    """Let torch use one thread, as the servers do."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def calibrate() -> tuple[int, float]:
    """Return the repeats that make a chunk of JOB_SECONDS / CHUNKS of one thread's CPU, and what a job then takes."""

    def seconds(repeats: int, chunks: int) -> float:
        begin = time.thread_time()
        for _ in range(chunks):
            compute(repeats)
        return time.thread_time() - begin

    with use_one_thread():
        seconds(50, 10)
        each = statistics.median(seconds(100, 1) for _ in range(21)) / 100
        repeats = max(1, round(JOB_SECONDS / CHUNKS / each))
        return repeats, statistics.median(seconds(repeats, CHUNKS) for _ in range(7))


def take_medians(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the median over the rounds of each number (None counts as infinitely slow)."""
    if isinstance(rounds[0], dict):
        return {key: take_medians([one[key] for one in rounds]) for key in rounds[0]}
    middle = statistics.median_low(sorted(float("inf") if one is None else one for one in rounds))
    return None if middle == float("inf") else middle


def check_bars(report: dict[str, Any]) -> dict[str, Any]:
    """Compare ThreadManager with what is asked of it."""
    verdicts = {}
    for name in [name for name in report["managers"] if name.startswith("threads")]:
        mine, celery = report["managers"][name], report["managers"].get("celery")
        verdict = {
            "none lost": mine["stress"]["lost"] == mine["stress"]["wrong"] == 0
            and mine["stress"]["tried"] == STRESS_JOBS
            and not any(
                one[case][kind]
                for one in mine["rounds"]
                for case in ("different", "equal", "alone")
                for kind in ("lost", "wrong")
            ),
            "equal requests run once": all(one["equal"]["runs"] == 1 for one in mine["rounds"]),
            "restarts on its port": mine["kill"]["first_answer_s"] is not None,
            "full queue says busy": mine["full_queue"]["busy"] > 0 and mine["full_queue"]["afterwards"] == "ok",
        }
        if celery:
            for part in ("p50", "p90"):
                ratio = mine["median"]["different"][part] / celery["median"]["different"][part]
                verdict[f"different {part} / celery's"] = round(ratio, 2)
                verdict[f"different {part} at most 1.2 of celery's"] = ratio <= 1.2
        verdicts[name] = verdict
    return verdicts


def format_table(report: dict[str, Any]) -> str:
    """Return the medians as a Markdown table."""
    lines = [
        "| manager | 30 different p50 / p90, s | 30 equal p50 / p90, s (runs) | alone p50, s "
        "| stress: lost + wrong of tried | restart after kill -9 |",
        "|---|---|---|---|---|---|",
    ]
    for name, one in report["managers"].items():
        middle, tested, restart = one["median"], one["stress"], one["kill"]
        again = f"{restart['restart_s']} s" if restart["restarted"] else "no"
        lines.append(
            f"| {name} | {middle['different']['p50']} / {middle['different']['p90']} "
            f"| {middle['equal']['p50']} / {middle['equal']['p90']} ({middle['equal']['runs']}) "
            f"| {middle['alone']['p50']} | {tested['lost']} + {tested['wrong']} of {tested['tried']} | {again} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Run everything and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=NAMES, help="measure this manager only")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of the cases with 30 users and with one")
    parser.add_argument("--out", type=Path, help="write the report to this file, as JSON")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are ended
    names = [options.only] if options.only else list(NAMES)
    if "celery" in names and not (is_installed("celery") and is_installed("redis") and shutil.which("redis-server")):
        say("Celery is left out: it needs the packages celery and redis, and the program redis-server.")
        names.remove("celery")
    repeats, job_seconds = calibrate()
    settings = {
        "workers": WORKERS,
        "web_threads": WEB_THREADS,
        "interval_s": INTERVAL,
        "users": USERS,
        "job_cpu_s": round(job_seconds, 3),
        "job": f"{CHUNKS} chunks of {repeats} x (400x150 @ 150x150, x / (1 + |x|)), float32, one thread",
        "rounds": options.rounds,
    }
    report: dict[str, Any] = {"environment": describe_machine(*PACKAGES), "settings": settings, "managers": {}}
    say(json.dumps(report, indent=1))
    rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for number in range(options.rounds):
        shift = number % max(len(names), 1)
        for name in names[shift:] + names[:shift]:
            rounds[name].append(measure_load(name, repeats))
            say(f"round {number + 1} {name}: {json.dumps(rounds[name][-1])}")
    for name in names:
        one = {"median": take_medians(rounds[name]), "rounds": rounds[name]}
        for case in (stress, kill, *([full_queue] if name.startswith("threads") else [])):
            one[case.__name__] = case(name, repeats)
            say(f"{case.__name__} {name}: {json.dumps(one[case.__name__])}")
        report["managers"][name] = one
    report["bars"] = check_bars(report)
    report["environment"]["finished"] = datetime.now(UTC).isoformat(timespec="seconds")
    say(format_table(report))
    say(json.dumps(report["bars"], indent=1))
    if options.out:
        options.out.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
