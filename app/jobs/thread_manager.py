"""A manager of Dash's background callbacks that runs them on a few threads of the web process.

torch releases the interpreter's lock while it computes, and the tables that make an answer cheap lie in this process's
memory. So a job needs no process of its own: nothing is forked, pickled or written to disk, and a job starts at once.

Equal requests that are waiting or running share one job, and a good answer is kept for a short time for new
requests. Two rules follow for a callback's body: its answer depends on its inputs alone (the callback context that it
sees is that of the first request), and an answer must not be changed once it is returned (all read the same object).
"""

from __future__ import annotations

import atexit
import inspect
import logging
import math
import os
import secrets
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from time import monotonic

from dash.background_callback.managers import BaseBackgroundCallbackManager

from app.jobs.background_job import UNDEFINED, Arguments, Body, Job, Props, Waiter, call_body, find_answer
from app.jobs.cancelled import JobCancelled, interrupt

logger = logging.getLogger(__name__)

NICENESS = 5
"""Added to the niceness of the threads: answers, and a browser on the same machine, come first."""

MOST_KEPT = 64
"""Good answers kept for new requests at a time; an answer takes up to about a megabyte."""

MOST_ENDED = 1024
"""Requests that are remembered after they were answered or cancelled, for the last polls of their pages."""


class ThreadManager(BaseBackgroundCallbackManager):
    """A background callback manager for one process: a bounded queue before a few daemon threads.

    A request's key and its handle are the same random string, so that a page reaches nothing but its own request. A
    running job stops at its next report. One that has been silent for too long, as code that never ends is, is given up:
    its thread is interrupted, and another takes its place, whether or not it ends.
    """

    def __init__(
        self,
        workers: int,
        queue_limit: int,
        busy: Callable[[], object],
        in_line: Callable[[int], Sequence[object]],
        keep: float = 60.0,
        abandoned: float = 30.0,
        owner: Callable[[], object] = object,
        most_open: int = 1,
        enough: Callable[[], object] = lambda: None,
        silence: float = math.inf,
        hangs: Callable[[], object] = lambda: None,
    ) -> None:
        """Make the manager; its threads start with the first job.

        Args:
            workers: Jobs that run at once.
            queue_limit: Jobs that may wait; the next one is refused.
            busy: Returns the answer to a request that finds the queue full.
            in_line: Place in the queue, 1 for the next and 0 for a job that starts → its progress.
            keep: Seconds for which a good answer serves new requests.
            abandoned: Seconds without a poll after which a page counts as closed.
            owner: Returns the owner of the request that is being opened; by default each request has its own.
            most_open: Requests of one owner that may be open; the next one is refused.
            enough: Returns the answer to an owner's request above `most_open`.
            silence: Seconds without a report after which a running job is given up.
            hangs: Returns the answer to the requests of a job that is given up.
        """
        self._owner, self._most_open, self._enough = owner, most_open, enough
        self._workers, self._limit, self._busy, self._in_line = workers, workers + queue_limit, busy, in_line
        self._keep, self._abandoned = keep, abandoned
        self._silence, self._hangs = silence, hangs
        self._lock = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._queue: dict[Job, Callable[[], object]] = {}  # first come, first served
        self._running: dict[Job, threading.Thread] = {}
        self._jobs: dict[tuple[Body, str], Job] = {}  # those that a new request may join
        self._kept: deque[tuple[float, Job]] = deque()
        self._waiters: OrderedDict[str, Waiter] = OrderedDict()  # the one that polled longest ago first
        self._ended: deque[str] = deque(maxlen=MOST_ENDED)
        self._secret: bytes | None = None
        self._closed = False
        # Any constant will do: it tells Dash that equal inputs are to have equal keys.
        super().__init__(cache_by=[lambda: "shared"])

    @property
    def load(self) -> tuple[int, int]:
        """How many jobs run, and how many wait."""
        with self._lock:
            return len(self._running), len(self._queue)

    @property
    def alive(self) -> bool:
        """Whether every thread that was started still works."""
        return not self._closed and all(thread.is_alive() for thread in self._threads)

    def knows(self, key: str) -> bool:
        """Whether a request is open, or was answered or cancelled a short time ago.

        One of an earlier process, or of a page that was silent for too long, is not known: its page has to ask again.
        """
        with self._lock:
            return key in self._waiters or key in self._ended

    # Dash calls these when a callback is registered, and when a page asks for a job.

    def make_job_fn(self, fn: Callable[..., object], progress: bool, key: str | None = None) -> Body:
        """Remember how to call a callback's body.

        Raises:
            TypeError: The body is a coroutine function: a thread has no event loop to run it.
        """
        if inspect.iscoroutinefunction(fn):
            raise TypeError(
                f"The background callback {fn.__qualname__} is an async function. "
                "ThreadManager runs plain functions only: write `def` instead of `async def`."
            )
        return Body(fn, bool(progress))

    def build_cache_key(self, fn: Callable[..., object], *args: object, **kwargs: object) -> str:
        """Open a request and return its random key.

        The function is kept here because Dash registers every callback with every manager under a hash of its source
        text: with two apps in a process, `func_registry` would let one app run the other's closure.
        """
        inputs = super().build_cache_key(fn, *args, **kwargs)
        key = secrets.token_hex(16)
        with self._lock:
            self._waiters[key] = Waiter(fn, inputs, monotonic(), self._owner())
        return key

    def call_job_fn(self, key: str, job_fn: Body, args: Arguments, context: Mapping[str, object]) -> str:
        """Join the equal job if there is one, queue a new one if there is room, else refuse it."""
        with self._lock:
            self._sweep()
            self._give_up()
            waiter = self._waiters[key]
            identity = (job_fn._replace(function=waiter.function), waiter.inputs)
            job = self._jobs.get(identity)
            if self._count_open(waiter.owner) >= self._most_open:
                waiter.job = Job(identity, answer=self._enough())
                return key
            if job is None and len(self._running) + len(self._queue) >= self._limit:
                waiter.job = Job(identity, answer=self._busy())
                return key
            if job is None:
                job = self._jobs[identity] = Job(identity)
                reports = partial(self._set_progress, job), partial(self._set_props, job)
                # The copied context carries the app that `dash.get_app()` returns inside the job.
                self._queue[job] = partial(copy_context().run, call_body, job.body, args, context, *reports)
                if not self._threads:
                    self._start()
                self._lock.notify()
            waiter.job, waiter.props = job, dict(job.props)
            job.waiters.add(waiter)
        return key

    def _count_open(self, owner: object) -> int:
        """Count an owner's requests that wait for an answer; the lock is held."""
        return sum(
            waiter.owner == owner and waiter.job is not None and waiter.job.answer is UNDEFINED
            for waiter in self._waiters.values()
        )

    # Dash calls these four at each poll, in this order.

    def get_progress(self, key: str) -> list[object] | None:
        """Return what the job last reported, or its place in the queue."""
        with self._lock:
            self._give_up()
            waiter = self._waiters.get(key)
            if waiter is None or waiter.job is None:
                return None
            if waiter.job in self._queue:
                return list(self._in_line(1 + list(self._queue).index(waiter.job)))
            return waiter.job.progress

    def get_result(self, key: str, job: str | None) -> object:
        """Return the answer, or UNDEFINED. Key and handle must both be the request's own."""
        with self._lock:
            waiter = self._waiters.get(key) if key == job else None
            if waiter is None or waiter.job is None:
                return UNDEFINED
            waiter.polled = monotonic()
            self._waiters.move_to_end(key)
            waiter.answered = waiter.job.answer is not UNDEFINED
            return waiter.job.answer

    def job_running(self, job: str) -> bool:
        """Tell whether this request has still to be answered.

        It has when the job ends just after `get_result`: if nothing ran, Dash would end the poll without an answer.
        """
        with self._lock:
            waiter = self._waiters.get(job)
            return waiter is not None and not waiter.answered

    def get_updated_props(self, key: str) -> Props:
        """Return what the job has set since this request's last poll; close the request if it is answered."""
        with self._lock:
            waiter = self._waiters.get(key)
            if waiter is None:
                return {}
            if waiter.answered:
                self._end(key)
            props, waiter.props = waiter.props, {}
            return props

    # Dash calls these for a page that cancels or asks again, and once to sign keys and handles.

    def terminate_job(self, job: str) -> None:
        """Close one request; its job is cancelled if nobody else waits for it."""
        with self._lock:
            self._end(job)

    def get_or_create_signing_secret(self, generate: Callable[[], bytes]) -> bytes:
        """Return a random secret that lives as long as the process."""
        with self._lock:
            self._secret = self._secret or generate()
            return self._secret

    def close(self) -> None:
        """Cancel all jobs and wait for the threads, a second at most; done at exit if not before.

        The threads are daemons, and Python ends those it finds inside torch by aborting the process (before 3.14).
        """
        atexit.unregister(self.close)
        with self._lock:
            self._closed = True
            for key in list(self._waiters):
                self._forget(key)
            self._lock.notify_all()
        end = monotonic() + 1.0
        for thread in self._threads:
            thread.join(max(0.0, end - monotonic()))
        if self in self.managers:
            self.managers.remove(self)

    # The lock is held in these.

    def _start(self) -> None:
        """Start the threads; not in the constructor, as a server may fork after it has created the app."""
        self._threads = [self._start_thread(f"background-{number}") for number in range(self._workers)]
        atexit.register(self.close)

    def _start_thread(self, name: str) -> threading.Thread:
        thread = threading.Thread(target=self._work, name=name, daemon=True)
        thread.start()
        return thread

    def _give_up(self) -> None:
        """Give up jobs that have been silent for too long."""
        now = monotonic()
        for job, thread in list(self._running.items()):
            if now - job.heard <= self._silence:
                continue
            logger.error("A background job has not reported for %.0f s and is given up", now - job.heard)
            del self._running[job]
            if not job.cancelled:
                del self._jobs[job.identity]  # the next request tries again
                job.answer = self._hangs()
            job.cancelled = True
            self._threads[self._threads.index(thread)] = self._start_thread(thread.name)
            interrupt(thread)

    def _sweep(self) -> None:
        """Close the requests of pages that are gone, and forget old answers."""
        now = monotonic()
        while self._waiters and now - next(iter(self._waiters.values())).polled > self._abandoned:
            self._forget(next(iter(self._waiters)))
        while self._kept and (now - self._kept[0][0] > self._keep or len(self._kept) > MOST_KEPT):
            del self._jobs[self._kept.popleft()[1].identity]

    def _end(self, key: str) -> None:
        """Close a request that is answered or cancelled; its page may poll once more."""
        if key in self._waiters:
            self._ended.append(key)
            self._forget(key)

    def _forget(self, key: str) -> None:
        """Close a request if it is open, and cancel its job if nobody else waits for it."""
        waiter = self._waiters.pop(key, None)
        if waiter is None or waiter.job is None:
            return
        job = waiter.job
        job.waiters.discard(waiter)
        if not job.waiters and job.answer is UNDEFINED:
            job.cancelled = True
            self._queue.pop(job, None)
            del self._jobs[job.identity]  # a new request starts afresh: this job is about to stop

    # The worker threads run these.

    def _work(self) -> None:
        """Take jobs until the manager is closed."""
        if sys.platform == "linux":  # elsewhere this would be the whole process's
            os.nice(NICENESS)
        with suppress(JobCancelled):  # an interrupt may come after the job that it is meant for
            while self._take_one():  # a call each, so that an idle thread holds on to nothing
                pass

    def _take_one(self) -> bool:
        """Wait for a job and run it; return False when there will be none."""
        with self._lock:
            self._lock.wait_for(lambda: self._queue or self._closed)
            if self._closed:
                return False
            self._sweep()
            if not self._queue:
                return True
            job = next(iter(self._queue))
            run = self._queue.pop(job)
            job.progress = list(self._in_line(0))
            job.heard = monotonic()
            self._running[job] = threading.current_thread()
        answer, good = find_answer(job, run)
        with self._lock:
            if self._running.pop(job, None) is None:
                return False  # it was given up, and another thread has this one's place
            if job.cancelled:
                return True
            job.answer = answer
            if good:
                self._kept.append((monotonic(), job))
            else:
                del self._jobs[job.identity]  # the waiters get the error; the next request tries again
        return True

    # What a job reports; the lock is held in the last.

    def _set_progress(self, job: Job, value: object) -> None:
        with self._lock:
            self._check_wanted(job)
            job.heard = monotonic()
            job.progress = list(value) if isinstance(value, (list, tuple)) else [value]

    def _set_props(self, job: Job, component: str, props: dict[str, object]) -> None:
        with self._lock:
            self._check_wanted(job)
            for pending in (job.props, *(waiter.props for waiter in job.waiters)):
                pending[component] = {**pending.get(component, {}), **props}

    def _check_wanted(self, job: Job) -> None:
        self._sweep()
        if job.cancelled:
            raise JobCancelled
