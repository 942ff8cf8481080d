"""Compare managers of Dash background callbacks under load, side by side in one run on one machine.

Usage: python benchmarks/background.py [--only NAME] [--rounds N] [--out FILE.json]

Each manager gets a real server process of its own, loaded through HTTP with Dash's submit-and-poll protocol:

    stock               dash.DiskcacheManager, which forks a process for each job; gunicorn
    forkserver          a DiskcacheManager that takes processes from a fork server with torch loaded,
                        two at a time, and shares equal requests (below); gunicorn
    celery              dash.CeleryManager, two prefork workers, Redis; gunicorn
    threads-gunicorn    app.background.ThreadManager with two threads; gunicorn
    threads-waitress    the same; waitress

The managers take turns, one server at a time, the order shifted from round to round, so that a slow minute of the
machine does not fall on one of them only, and each turn waits a little for a quiet machine. The load comes from the
same machine: compare the numbers with each other, not with another machine's.
"""

from __future__ import annotations

import argparse
import datetime
import fcntl
import functools
import http.client
import importlib.metadata
import json
import multiprocessing
import os
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import dash
import diskcache
import torch
from dash import DiskcacheManager, Input, Output, html
from dash.background_callback.managers import BaseBackgroundCallbackManager
from dash.background_callback.managers.diskcache_manager import _make_job_fn

ROOT = Path(__file__).resolve().parents[1]
ROLE = "BATCHSCAPE_BENCHMARK"
"""The environment variable that makes this module a server: a JSON object with the settings below."""

NAMES = ("stock", "forkserver", "celery", "threads-gunicorn", "threads-waitress")
WORKERS, WEB_THREADS, QUEUE = 2, 16, 64
INTERVAL = 0.25
USERS, JOB_SECONDS, CHUNKS = 30, 0.2, 10
STRESS_USERS, STRESS_JOBS, STRESS_LIMIT, STOCK_STRESS_SECONDS = 12, 3000, 20.0, 60.0
CASE_LIMIT = 60.0
SOLO_REQUESTS = 6
QUIET, PATIENCE = 0.2, 3.0

Body = Callable[..., object]

say = functools.partial(print, flush=True)


# The jobs.


def compute(repeats: int) -> float:
    """Multiply and squash a batch of activations, as the network of a loss landscape would."""
    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(150, 150, generator=generator) / 12
    batch = torch.randn(400, 150, generator=generator)
    for _ in range(repeats):
        batch = batch @ weights
        batch = batch / (1 + batch.abs())
    return float(batch.sum())


def work(set_progress: Callable[[object], None], value: dict[str, int]) -> str:
    """Compute `chunks` chunks, report after each, and say which request this answers."""
    settings = json.loads(os.environ[ROLE])
    with open(settings["runs"], "ab", buffering=0) as runs:  # noqa: PTH123 - one byte a run, whatever the process
        runs.write(b".")
    for chunk in range(value["chunks"]):
        compute(settings["repeats"])
        set_progress(f"{chunk + 1} of {value['chunks']}")
    return f"work {value['number']}"


def trivial(value: dict[str, int]) -> str:
    """Answer at once."""
    return f"trivial {value['number']}"


# The fork server's manager.


@functools.cache
def child_cache(directory: str) -> diskcache.Cache:
    """Return the job process's cache; made by the fork server in advance, reopened by diskcache after the fork."""
    return diskcache.Cache(directory)


def run_forked(body: Body, progress: bool, directory: str, key: str, args: object, context: object) -> None:
    """Wait for one of the slots and run a job; the kernel frees the slot however the process ends."""
    os.nice(10)
    slots = [(Path(directory) / f"slot{number}").open("w") for number in range(WORKERS)]
    while True:
        for slot in slots:
            try:
                fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            _make_job_fn(body, child_cache(directory), progress)(key, f"{key}-progress", args, context)
            return
        time.sleep(0.005)


class ForkserverManager(DiskcacheManager):
    """DiskcacheManager without its fork, its second run of equal requests and its unbounded parallelism."""

    def __init__(self, directory: str) -> None:
        """Use a cache in `directory`; the fork server starts with the first job."""
        self.directory, self.lock, self.live = directory, threading.Lock(), {}
        self.processes = multiprocessing.get_context("forkserver")
        self.processes.set_forkserver_preload(["background"])
        super().__init__(diskcache.Cache(directory), cache_by=[lambda: "shared"])

    def make_job_fn(self, fn: Body, progress: bool, key: str | None = None) -> tuple[Body, bool]:
        """Remember what to run."""
        return fn, bool(progress)

    def call_job_fn(self, key: str, job_fn: tuple[Body, bool], args: object, context: dict[str, Any]) -> int:
        """Start a process unless the answer is there or on its way."""
        with self.lock:
            for done in [name for name, process in self.live.items() if not process.is_alive()]:
                self.live.pop(done).join()
            if self.handle.get(key) is not None:
                return 0
            if key not in self.live:
                arguments = (*job_fn, self.directory, key, args, dict(context))
                self.live[key] = self.processes.Process(target=run_forked, args=arguments, daemon=True)
                self.live[key].start()
            return self.live[key].pid

    def get_result(self, key: str, job: str) -> object:
        """Read the answer and leave it for the others."""
        return self.handle.get(key, self.UNDEFINED)

    def terminate_job(self, job: str) -> None:
        """Let the job finish: others may wait for it."""


# The servers: this module with ROLE set.


def make_manager(settings: dict[str, Any]) -> BaseBackgroundCallbackManager:
    """Make the manager under test."""
    name = settings["name"]
    if name.startswith("threads"):
        from app.background import ThreadManager

        return ThreadManager(WORKERS, settings["queue"], busy=lambda: "busy", in_line=lambda place: [place])
    if name == "stock":
        return DiskcacheManager(diskcache.Cache(settings["directory"]), cache_by=[lambda: "shared"])
    if name == "forkserver":
        return ForkserverManager(settings["directory"])
    from celery import Celery

    celery = Celery("background", broker=settings["redis"], backend=settings["redis"])
    celery.conf.update(worker_prefetch_multiplier=1, task_acks_late=True, task_track_started=True, result_expires=600)
    return dash.CeleryManager(celery, cache_by=[lambda: "shared"])


def make_app(settings: dict[str, Any]) -> dash.Dash:
    """Make the app: one background callback a job."""
    manager = make_manager(settings)
    app = dash.Dash(__name__, background_callback_manager=manager, use_async=False)
    app.server.secret_key = settings["secret"]
    app.layout = html.Div([html.Div(id=name) for name in ("in", "work", "trivial", "bar")])
    options = {"background": True, "interval": int(1000 * INTERVAL)}
    app.callback(Output("trivial", "children"), Input("in", "value"), **options)(trivial)
    progress = [Output("bar", "children")]
    app.callback(Output("work", "children"), Input("in", "value"), progress=progress, **options)(work)
    return app


if ROLE in os.environ:
    torch.set_num_threads(1)
    the_settings = json.loads(os.environ[ROLE])
    the_app = make_app(the_settings)
    server = the_app.server
    celery_app = getattr(the_app._background_manager, "handle", None)  # noqa: SLF001
    if the_settings["name"] == "forkserver":
        child_cache(the_settings["directory"])


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One manager's web server, with Redis and the workers if it is Celery's."""

    def __init__(self, name: str, repeats: int, queue: int = QUEUE) -> None:
        """Prepare a private directory and a port; nothing runs yet."""
        self.name, self.port = name, free_port()
        self.directory = Path(tempfile.mkdtemp(prefix="background-"))
        self.runs = self.directory / "runs"
        self.runs.touch()
        self.started: list[subprocess.Popen[bytes]] = []
        self.redis_port = free_port()
        settings = {
            "name": name,
            "repeats": repeats,
            "queue": queue,
            "directory": str(self.directory / "cache"),
            "runs": str(self.runs),
            "redis": f"redis://127.0.0.1:{self.redis_port}/0",
            "secret": os.urandom(16).hex(),
        }
        path = os.pathsep.join([str(ROOT), str(ROOT / "benchmarks")])
        self.environment = {**os.environ, ROLE: json.dumps(settings), "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}

    def __enter__(self) -> Server:
        """Start everything and wait until it answers."""
        try:
            if self.name == "celery":
                self._start("redis-server", "--port", self.redis_port, "--bind", "127.0.0.1", "--save", "")
                worker = ("worker", "-P", "prefork", "-c", WORKERS, "--loglevel", "warning")
                self._start(sys.executable, "-m", "celery", "-A", "background:celery_app", *worker)
            self.start_seconds = self.start_web()
            assert self.start_seconds is not None, f"{self.name} did not start; see {self.log()}"
            warm = together(self, [("work", {"number": -k, "chunks": 1}) for k in range(1, 5)])
            if {outcome for _, outcome in warm} != {"ok"}:
                raise RuntimeError(f"{self.name} does not answer: {warm}; {self.log()}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End all process groups that were started here."""
        for process in reversed(self.started):
            for number in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(process.pid, number)
                    process.wait(3)
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    pass
        shutil.rmtree(self.directory, ignore_errors=True)

    def _start(self, *command: object) -> subprocess.Popen[bytes]:
        with (self.directory / "log").open("ab") as log:
            self.started.append(
                subprocess.Popen(
                    [str(word) for word in command],
                    env=self.environment,
                    cwd=self.directory,
                    stdout=log,
                    stderr=log,
                    process_group=0,  # a session each would get Celery more of a busy machine (sched_autogroup)
                )
            )
        return self.started[-1]

    def start_web(self) -> float | None:
        """Start the web server; return the seconds until it answers, or None if it has not after 20."""
        begin = time.perf_counter()
        if self.name == "threads-waitress":
            self.web = self._start(sys.executable, __file__, "--serve", self.port)
        else:
            gunicorn = ("gunicorn", "background:server", "-k", "gthread", "-w", 1, "--threads", WEB_THREADS)
            quiet = ("--bind", f"127.0.0.1:{self.port}", "--log-level", "warning", "--no-control-socket")
            self.web = self._start(sys.executable, "-m", *gunicorn, *quiet)
        while time.perf_counter() - begin < 20 and self.web.poll() is None:
            try:
                Page(self)
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)
            else:
                return time.perf_counter() - begin
        return None

    def kill_web(self) -> None:
        """SIGKILL the web server's own processes (gunicorn: master and worker), but none of its jobs."""
        import psutil

        own = [psutil.Process(self.web.pid)]
        own += own[0].children() if self.name != "threads-waitress" else []
        for process in own:
            process.kill()
        self.web.wait()
        psutil.wait_procs(own, timeout=5)

    def count(self) -> int:
        """Return how often the body of `work` has started."""
        return self.runs.stat().st_size

    def log(self) -> str:
        """Return the end of the log."""
        return (self.directory / "log").read_text(errors="replace")[-2000:]


# The load.


class Page:
    """One page load, as a browser would make it: its identity and its connection."""

    def __init__(self, server: Server) -> None:
        """Load the page."""
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=CASE_LIMIT)
        self.connection.request("GET", "/")
        page = self.connection.getresponse().read().decode()
        config = re.search(r'id="_dash-config"[^>]*>(.*?)</script>', page)
        if config is None:
            raise http.client.HTTPException("no page")
        self.identity = json.loads(config[1])["end_id"]

    def post(self, job: str, value: object, /, **query: str) -> tuple[int, dict[str, Any]]:
        """Send one request of Dash's protocol."""
        body = {
            "output": f"{job}.children",
            "outputs": {"id": job, "property": "children"},
            "inputs": [{"id": "in", "property": "value", "value": value}],
            "changedPropIds": ["in.value"],
        }
        path = "/_dash-update-component?" + urlencode({"endId": self.identity, **query})
        headers = {"Content-Type": "application/json"}
        for attempt in (1, 2):
            try:
                self.connection.request("POST", path, json.dumps(body), headers)
                response = self.connection.getresponse()
                text = response.read()
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.connection.close()  # the server had closed an idle connection; a browser sends again as well
                if attempt == 2:
                    raise
        return response.status, json.loads(text) if response.status == 200 and text else {}

    def submit(self, job: str, value: object) -> dict[str, str]:
        """Ask for a job; return its handles."""
        _, reply = self.post(job, value)
        return {name: reply[name] for name in ("cacheKey", "job")}

    def ask(self, job: str, value: dict[str, int], limit: float = CASE_LIMIT) -> tuple[float, str]:
        """Ask for a job and poll; return the seconds, and 'ok', 'busy', 'lost' (too late), 'wrong' (all else)."""
        begin = time.perf_counter()
        try:
            handles = self.submit(job, value)
            while time.perf_counter() - begin < limit:
                time.sleep(INTERVAL)
                status, reply = self.post(job, None, **handles)
                if "response" in reply:
                    answer = reply["response"][job]["children"]
                    outcome = {f"{job} {value['number']}": "ok", "busy": "busy"}.get(answer, "wrong")
                    return time.perf_counter() - begin, outcome
                if status != 200:
                    return time.perf_counter() - begin, "wrong"
        except (KeyError, OSError, http.client.HTTPException):
            self.connection.close()
            return time.perf_counter() - begin, "wrong"
        return time.perf_counter() - begin, "lost"


def settle() -> float:
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


def together(server: Server, requests: list[tuple[str, dict[str, int]]]) -> list[tuple[float, str]]:
    """Send all requests at once, each from a page of its own that is already loaded."""
    pages = [Page(server) for _ in requests]
    barrier = threading.Barrier(len(requests))
    results: list[tuple[float, str]] = [(CASE_LIMIT, "lost")] * len(requests)

    def user(place: int) -> None:
        barrier.wait()
        results[place] = pages[place].ask(*requests[place])

    threads = [threading.Thread(target=user, args=(place,)) for place in range(len(requests))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def summary(results: list[tuple[float, str]]) -> dict[str, Any]:
    """Return p50 and p90 in seconds over what was answered, and how many were lost or answered wrongly."""
    times = sorted(seconds for seconds, outcome in results if outcome == "ok")
    failed = {kind: sum(outcome == kind for _, outcome in results) for kind in ("lost", "wrong")}
    if len(times) < 2:
        return {"p50": None, "p90": None, **failed}
    deciles = statistics.quantiles(times, n=10, method="inclusive")
    return {"p50": round(deciles[4], 3), "p90": round(deciles[8], 3), **failed}


def load(name: str, repeats: int) -> dict[str, Any]:
    """Run the three cases with users once."""
    others = settle()
    with Server(name, repeats) as server:
        different = together(server, [("work", {"number": k, "chunks": CHUNKS}) for k in range(USERS)])
        before = server.count()
        equal = together(server, [("work", {"number": 1000, "chunks": CHUNKS})] * USERS)
        runs = server.count() - before
        page = Page(server)
        alone = [page.ask("work", {"number": 2000 + k, "chunks": CHUNKS}) for k in range(SOLO_REQUESTS)]
    return {
        "different": summary(different),
        "equal": {**summary(equal), "runs": runs},
        "alone": summary(alone),
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
            mine = [page.ask("trivial", {"number": number}, STRESS_LIMIT) for number in claimed()]
            results.extend(mine)

        threads = [threading.Thread(target=user) for _ in range(STRESS_USERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - begin
    outcomes = [outcome for _, outcome in results]
    counts = {"tried": len(results), "lost": outcomes.count("lost"), "wrong": outcomes.count("wrong")}
    return {**counts, "p50": summary(results)["p50"], "seconds": round(seconds, 1)}


def kill(name: str, repeats: int) -> dict[str, Any]:
    """SIGKILL the server while jobs of some seconds run, and start it again on the same port at once."""
    with Server(name, repeats) as server:
        pages, before = [Page(server) for _ in range(4)], server.count()
        for number, page in enumerate(pages):
            page.submit("work", {"number": number, "chunks": 40 * CHUNKS})
        deadline = time.perf_counter() + 10
        while server.count() < before + WORKERS and time.perf_counter() < deadline:
            time.sleep(0.02)
        running = server.count() - before
        server.kill_web()
        seconds = server.start_web()
        first = Page(server).ask("trivial", {"number": 1}) if seconds is not None else None
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
        results = together(server, [("work", {"number": k, "chunks": CHUNKS}) for k in range(12)])
        refused = [seconds for seconds, outcome in results if outcome == "busy"]
        after = Page(server).ask("work", {"number": 99, "chunks": CHUNKS})[1]
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
def one_thread() -> Iterator[None]:
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

    with one_thread():
        seconds(50, 10)
        each = statistics.median(seconds(100, 1) for _ in range(21)) / 100
        repeats = max(1, round(JOB_SECONDS / CHUNKS / each))
        return repeats, statistics.median(seconds(repeats, CHUNKS) for _ in range(7))


def environment() -> dict[str, Any]:
    """Describe the machine and the software."""
    packages = ("dash", "torch", "diskcache", "celery", "redis", "gunicorn", "waitress", "flask")
    versions = {name: importlib.metadata.version(name) for name in packages if installed(name)}
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "cpus": len(os.sched_getaffinity(0)),
        "cpu": model[1] if model else platform.processor(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_average": os.getloadavg(),
        "versions": versions,
    }


def installed(package: str) -> bool:
    """Tell whether a distribution is there."""
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def medians(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the median over the rounds of each number (None counts as infinitely slow)."""
    if isinstance(rounds[0], dict):
        return {key: medians([one[key] for one in rounds]) for key in rounds[0]}
    middle = statistics.median_low(sorted(float("inf") if one is None else one for one in rounds))
    return None if middle == float("inf") else middle


def bars(report: dict[str, Any]) -> dict[str, Any]:
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


def table(report: dict[str, Any]) -> str:
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
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        import waitress

        waitress.serve(server, host="127.0.0.1", port=options.serve, threads=WEB_THREADS)
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are ended
    names = [options.only] if options.only else list(NAMES)
    if "celery" in names and not (installed("celery") and installed("redis") and shutil.which("redis-server")):
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
    report: dict[str, Any] = {"environment": environment(), "settings": settings, "managers": {}}
    say(json.dumps(report, indent=1))
    rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for number in range(options.rounds):
        shift = number % max(len(names), 1)
        for name in names[shift:] + names[:shift]:
            rounds[name].append(load(name, repeats))
            say(f"round {number + 1} {name}: {json.dumps(rounds[name][-1])}")
    for name in names:
        one = {"median": medians(rounds[name]), "rounds": rounds[name]}
        for case in (stress, kill, *([full_queue] if name.startswith("threads") else [])):
            one[case.__name__] = case(name, repeats)
            say(f"{case.__name__} {name}: {json.dumps(one[case.__name__])}")
        report["managers"][name] = one
    report["bars"] = bars(report)
    report["environment"]["finished"] = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    say(table(report))
    say(json.dumps(report["bars"], indent=1))
    if options.out:
        options.out.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
