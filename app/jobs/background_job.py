"""A background job: the body of a callback, the requests that wait for its answer, and how it is run."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dash import no_update
from dash._callback_context import context_value
from dash._utils import AttributeDict
from dash.background_callback.managers import BaseBackgroundCallbackManager
from dash.exceptions import PreventUpdate

from app.jobs.cancelled import JobCancelled

logger = logging.getLogger(__name__)

UNDEFINED = BaseBackgroundCallbackManager.UNDEFINED
"""Dash's word for "no answer yet": None is an answer like any other."""

Arguments = Sequence[object] | Mapping[str, object]
Props = dict[str, dict[str, object]]
"""Properties that a job sets, by component."""


class Body(NamedTuple):
    """A callback's function, and whether its first argument is `set_progress`."""

    function: Callable[..., object]
    progress: bool


@dataclass(eq=False)
class Job:
    """One computation, shared by all requests with the same body and the same inputs.

    `heard` is when it was last heard of: when it began, or last reported.
    """

    identity: tuple[Body, str]
    answer: object = UNDEFINED
    progress: list[object] | None = None
    props: Props = field(default_factory=dict)
    waiters: set[Waiter] = field(default_factory=set)
    cancelled: bool = False
    heard: float = 0.0

    @property
    def body(self) -> Body:
        """The body to run."""
        return self.identity[0]


@dataclass(eq=False)
class Waiter:
    """One request of one page: what it asks for, when it last polled, and the properties that it has yet to get."""

    function: Callable[..., object]
    inputs: str
    polled: float
    owner: object
    job: Job | None = None
    props: Props = field(default_factory=dict)
    answered: bool = False


class Updates(Props):
    """Where Dash's `set_props` puts what a job sets: each update is passed on and none is remembered.

    Dash adds to what it finds here, so that remembered props would be sent again and undo what a reader did meanwhile.
    """

    def __init__(self, pass_on: Callable[[str, dict[str, object]], None]) -> None:
        self.pass_on = pass_on

    def __setitem__(self, component: str, props: dict[str, object]) -> None:
        self.pass_on(component, props)


def call_body(
    body: Body,
    args: Arguments,
    context: Mapping[str, object],
    set_progress: Callable[[object], None],
    set_props: Callable[[str, dict[str, object]], None],
) -> object:
    """Call a body as Dash's own managers do: with the callback context, and `set_progress` if it wants it."""
    values = AttributeDict(**context)
    values.ignore_register_page = False
    values.updated_props = Updates(set_props)
    context_value.set(values)
    first = [set_progress] if body.progress else []
    if isinstance(args, Mapping):
        return body.function(*first, **args)
    return body.function(*first, *args)


def find_answer(job: Job, run: Callable[[], object]) -> tuple[object, bool]:
    """Run a job to its end; return its answer, and whether the answer may serve new requests."""
    try:
        return run(), True
    except PreventUpdate:
        return no_update, True
    except BaseException as error:  # SystemExit too: the pool must not lose a thread
        if job.cancelled and isinstance(error, JobCancelled):
            return UNDEFINED, False
        # The page gets a reference to the log, not the details.
        reference = secrets.token_hex(4)
        logger.exception("Background job failed (reference %s)", reference)
        message = f"The server could not finish this computation (reference {reference} in its log)."
        return {"background_callback_error": {"msg": message, "tb": ""}}, False
