"""A deadline for code of one's own, which may never end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn


class DeadlinePassed(BaseException):
    """Raised in code that has not ended in time; no Exception, so that code which goes on after any error ends, too."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise `DeadlinePassed` in a block that takes longer.

    A signal interrupts Python code and waiting; a single call into torch ends first. Signals are for the main thread alone,
    and Windows has none of this kind: elsewhere the block may take as long as it likes.

    Args:
        seconds: How long the block may take.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> NoReturn:
        raise DeadlinePassed

    handler = signal.signal(signal.SIGALRM, stop)
    timer = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, *timer)
