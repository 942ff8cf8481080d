"""Redis, shared by web servers and workers: the connection, the result cache and the leases. Bytes and JSON only."""

from __future__ import annotations

import errno
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import cast

import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from app.settings import Settings

logger = logging.getLogger(__name__)

result_key = "batchscape:result:{}".format
"""Key of the result of a task."""

lease_key = "batchscape:lease:{}".format
"""Key that exists while a live worker computes a task."""

queued_key = "batchscape:queued:{}".format
"""Key that exists while a task is in the queue, so that it is sent once."""

progress_channel = "batchscape:heard:{}".format
"""Channel of a task's progress; its subscribers want the result."""

worker_channel = "batchscape:workers:{}".format
"""Channel to which every connected worker of a kind of results is subscribed, and no other process."""

seen_key = "batchscape:seen:{}".format
"""Key that connected workers of a kind renew; its time to live tells when the last one left."""

queue_key = "batchscape:queue:{}".format
"""Key of the queue for a kind of results."""

KEEP_SECONDS = 30 * 86_400
"""Time to live of a result, from its last use; Redis evicts results earlier when its memory is full."""

LEASE_SECONDS = 6.0
"""Time to live of a lease: how soon after a worker's death another may take its task."""

CONNECT_SECONDS, ANSWER_SECONDS = 2.0, 15.0
"""Timeouts of a connection, and of an answer."""

MOST_CONNECTIONS = 10_000
"""Connections of one process; each waiting visitor holds one."""


def connect(settings: Settings, patience: int = 0) -> redis.Redis:
    """Open a connection pool to the Redis of the settings, and ping it.

    Args:
        settings: With a `redis_url`.
        patience: Seconds for which each later command is retried while Redis is away.

    Raises:
        OSError: Redis does not answer or refuses the password; the message has the address without the password.
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


@contextmanager
def log_failure(what: str) -> Iterator[None]:
    """Log a failure of Redis in the `with` block instead of raising it."""
    try:
        yield
    except redis.RedisError as error:
        logger.warning("%s: %s", what, error)


class RedisCache:
    """A cache of bytes for all web servers and workers. Failures count as misses and are logged."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    @property
    def nbytes(self) -> int:
        """Memory that Redis uses, in bytes."""
        return int(self._redis.info("memory")["used_memory"])

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()

    def get(self, key: str) -> bytes | None:
        """Return the bytes of a key, or None."""
        with log_failure("result cache cannot be read"):
            return cast("bytes | None", self._redis.getex(result_key(key), ex=KEEP_SECONDS))
        return None

    def holds(self, key: str) -> bool:
        """Return whether a key is cached, without reading it."""
        with log_failure("result cache cannot be read"):
            return bool(self._redis.exists(result_key(key)))
        return False

    def put(self, key: str, content: bytes) -> None:
        """Store bytes under a key."""
        with log_failure("result cache cannot be written"):
            self._redis.set(result_key(key), content, ex=KEEP_SECONDS)

    def drop(self, key: str) -> None:
        """Delete a key."""
        with log_failure("result cache cannot be written"):
            self._redis.delete(result_key(key))


@contextmanager
def hold_lease(client: redis.Redis, key: str) -> Iterator[bool]:
    """Hold the lease of a result inside the `with` block; yields whether it was free.

    A thread renews it, so that it expires soon after its process dies, however it dies.
    """
    lock = client.lock(
        lease_key(key), timeout=LEASE_SECONDS, blocking=False, thread_local=False, raise_on_release_error=False
    )
    if not lock.acquire():
        yield False
        return
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(LEASE_SECONDS / 4):
            with log_failure("a lease cannot be renewed"):
                try:
                    lock.reacquire()
                except redis.exceptions.LockError:  # Redis was restarted and has lost it
                    lock.acquire()

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield True
    finally:
        ended.set()
        thread.join()
        with suppress(redis.exceptions.LockError):  # a full Redis has evicted it
            lock.release()
