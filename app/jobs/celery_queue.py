"""The queue of tasks in Redis, and which workers serve it.

A queue is for one kind of results: those of one format and one device setting, as in the keys of the results. A worker of
another version, or with another device, has another queue, and never sees a task that it cannot serve.
"""

from __future__ import annotations

import hashlib
from functools import cache

from celery import Celery

from app.jobs import cost
from app.jobs.redis_store import ANSWER_SECONDS, CONNECT_SECONDS, queue_key
from app.settings import Settings
from app.state.problems import describe_served
from landscape_core import StudySpec
from landscape_core.paper.replication_spec import ReplicationSpec
from landscape_core.study.spec import FORMAT

TASK = "batchscape.compute"

TIME_LIMIT = 10 * cost.MOST_SECONDS
"""Seconds after which a task is given up: its worker is ten times slower than expected, or something hangs."""

END_SECONDS = 60
"""Seconds after the limit when Celery kills the process."""


@cache
def result_format() -> str:
    """The format of results: `FORMAT`, and a digest that changes with the key of any task."""
    keys = f"{StudySpec().key()}:{ReplicationSpec().key()}"
    return f"{FORMAT}.{hashlib.sha256(keys.encode()).hexdigest()[:8]}"


def serving(settings: Settings) -> str:
    """The kind of results that a server wants, or a worker computes: `<format>:<device>`, and what problem is served."""
    return f"{result_format()}:{settings.device}{describe_served()}"


def create_queue(settings: Settings) -> Celery:
    """Create the Celery application of both sides.

    It has no result backend: results are cached under the keys of their tasks, so that equal tasks share one.
    """
    url = settings.redis_url.get_secret_value() if settings.redis_url else ""
    app = Celery("batchscape", broker=url, set_as_current=False)
    app.conf.update(
        task_default_queue=queue_key(serving(settings)),
        task_serializer="json",
        result_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        # acknowledged at the end: the task of a process that dies goes back into the queue
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=500,
        worker_cancel_long_running_tasks_on_connection_loss=False,  # visitors still wait for the result
        task_soft_time_limit=TIME_LIMIT,  # raised in the task, which tells its visitors; a killed one would be sent again
        task_time_limit=TIME_LIMIT + END_SECONDS,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_channel_error_retry=True,  # else a Redis whose memory is full ends the worker
        broker_transport_options={
            "visibility_timeout": 2 * TIME_LIMIT,  # else a running task would be delivered again
            "socket_connect_timeout": CONNECT_SECONDS,
            "socket_timeout": ANSWER_SECONDS,
            "socket_keepalive": True,
            "max_retries": 0,  # a web server retries by itself, and tells its visitor
        },
    )
    return app
