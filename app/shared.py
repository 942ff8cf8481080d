"""What web servers and workers share through Redis: the queue, results, and who computes what. Bytes and JSON only."""

from __future__ import annotations

import errno
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis
from celery import Celery
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from app import budget
from app.settings import Settings

logger = logging.getLogger(__name__)

PREFIX = "batchscape:"
TASK = "batchscape.compute"

KEEP_SECONDS = 30 * 86_400
"""A result that nobody has asked for in that time is let go; Redis lets go of others before, when its memory is full."""

LEASE_SECONDS = 6.0
"""So long after a worker's death another may do its task."""

TIME_LIMIT = 10 * budget.MOST_SECONDS
"""Seconds after which a task is given up: its worker is ten times slower than it should be, or something hangs."""

END_SECONDS = 60
"""After that time more, Celery ends its process."""

CONNECT_SECONDS, ANSWER_SECONDS = 2.0, 15.0
MOST_CONNECTIONS = 10_000
"""Each visitor who waits holds one."""


def connect(settings: Settings, patience: int = 0) -> redis.Redis:
    """A connection pool to the Redis of the settings, once it has answered.

    Args:
        settings: With a `redis_url`.
        patience: Seconds that each later command may wait for a Redis that is away.

    Raises:
        OSError: There is no such Redis, or it does not let us in; says where, but not with which password.
    """
    url = settings.redis_url.get_secret_value() if settings.redis_url else ""
    try:
        client = redis.Redis.from_url(
            url,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=ANSWER_SECONDS,
            max_connections=MOST_CONNECTIONS,
            retry=Retry(ConstantBackoff(0), 0),
        )
    except ValueError:
        raise OSError(
            errno.EINVAL,
            "BATCHSCAPE_REDIS_URL is not an address of Redis; allowed: redis://:password@host:6379/0, "
            "rediss://… with TLS, or unix://…",
        ) from None
    options = client.connection_pool.connection_kwargs
    where = options.get("path") or f"{options.get('host', 'localhost')}:{options.get('port', 6379)}"
    try:
        client.ping()
    except (redis.AuthenticationError, redis.ResponseError) as problem:
        raise OSError(
            errno.EACCES, f"Redis at {where} does not let us in ({problem}); correct BATCHSCAPE_REDIS_URL"
        ) from None
    except redis.RedisError as problem:
        raise OSError(
            errno.ECONNREFUSED, f"no Redis at {where} ({problem}); start it, or correct BATCHSCAPE_REDIS_URL"
        ) from None
    client.set_retry(Retry(ConstantBackoff(1), patience))
    return client


def celery_app(settings: Settings) -> Celery:
    """The queue, as both sides know it.

    It has no result backend: results lie under their own keys, so that equal tasks find each other's.
    """
    url = settings.redis_url.get_secret_value() if settings.redis_url else ""
    app = Celery("batchscape", broker=url, set_as_current=False)
    app.conf.update(
        task_default_queue="batchscape",
        task_serializer="json",
        result_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        # a task is done when it is finished: one whose process dies goes back into the queue
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=500,
        worker_cancel_long_running_tasks_on_connection_loss=False,  # its result is wanted all the same
        task_soft_time_limit=TIME_LIMIT,  # raised in the task, which tells who waits; an ended one would be sent again
        task_time_limit=TIME_LIMIT + END_SECONDS,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": 2 * TIME_LIMIT,  # else a task that still runs would be delivered again
            "socket_connect_timeout": CONNECT_SECONDS,
            "socket_timeout": ANSWER_SECONDS,
            "socket_keepalive": True,
            "max_retries": 0,  # a web server asks again itself, and tells its visitor
        },
    )
    return app


class RedisCache:
    """Bytes by key, for all web servers and workers. It may fail: then it merely forgets."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    @property
    def nbytes(self) -> int:
        """What Redis holds in memory, in bytes."""
        return int(self._redis.info("memory")["used_memory"])

    def close(self) -> None:
        """Let go of the connections."""
        self._redis.close()

    def get(self, key: str) -> bytes | None:
        """The bytes kept under a key, or None."""
        try:
            found = self._redis.getex(result(key), ex=KEEP_SECONDS)
        except redis.RedisError as problem:
            logger.warning("result cache cannot be read: %s", problem)
            return None
        return found if isinstance(found, bytes) else None

    def holds(self, key: str) -> bool:
        """Whether there is anything under a key; it is not read."""
        try:
            return bool(self._redis.exists(result(key)))
        except redis.RedisError as problem:
            logger.warning("result cache cannot be read: %s", problem)
            return False

    def put(self, key: str, content: bytes) -> None:
        """Keep bytes under a key."""
        try:
            self._redis.set(result(key), content, ex=KEEP_SECONDS)
        except redis.RedisError as problem:
            logger.warning("result cache cannot be written: %s", problem)

    def drop(self, key: str) -> None:
        """Let go of what is kept under a key."""
        try:
            self._redis.delete(result(key))
        except redis.RedisError as problem:
            logger.warning("result cache cannot be written: %s", problem)


def result(key: str) -> str:
    """Where a result lies."""
    return f"{PREFIX}result:{key}"


def lease(key: str) -> str:
    """What is there as long as a worker that lives computes it."""
    return f"{PREFIX}lease:{key}"


def queued(key: str) -> str:
    """What is there as long as its task is in the queue, so that nobody sends another."""
    return f"{PREFIX}queued:{key}"


def channel(key: str) -> str:
    """Where its worker is heard; who listens wants the result."""
    return f"{PREFIX}heard:{key}"


@contextmanager
def leased(client: redis.Redis, key: str) -> Iterator[bool]:
    """Hold the lease of a result while inside; gives whether it could be had.

    It is renewed on a thread, so that it ends soon after its process does, however that dies.
    """
    lock = client.lock(
        lease(key), timeout=LEASE_SECONDS, blocking=False, thread_local=False, raise_on_release_error=False
    )
    if not lock.acquire():
        yield False
        return
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(LEASE_SECONDS / 4):
            try:
                lock.reacquire()
            except redis.exceptions.LockError:  # Redis was started anew and knows nothing of it
                _try(lock)
            except redis.RedisError as problem:
                logger.warning("a lease cannot be renewed: %s", problem)

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield True
    finally:
        ended.set()
        thread.join()
        lock.release()


def _try(lock: Any) -> None:  # noqa: ANN401  redis-py's Lock
    try:
        lock.acquire()
    except redis.RedisError as problem:
        logger.warning("a lease cannot be renewed: %s", problem)
