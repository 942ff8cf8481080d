"""Cancellation of a computation."""

from __future__ import annotations

import ctypes
import threading


class JobCancelled(Exception):  # noqa: N818  a wish, not an error
    """Raised in a computation by the function that it reports to, when its result is wanted no more.

    An ordinary Exception, so that a body's own clean-up treats it like any other reason to stop. A body that swallows
    it meets it again at its next report, and what it returns is thrown away.
    """


def interrupt(thread: threading.Thread) -> None:
    """Raise `JobCancelled` in a thread, wherever it runs Python code next: what it has called, as into torch, ends first.

    Only for a thread whose work is given up: it may be at any line, even between two that belong together.
    """
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(JobCancelled))
