"""What an attendee of a workshop does, for locust: opens the page, moves the slider, looks into another view, comes back.

Run by benchmarks/workshop.py. Each step is timed from the first request to the last answer, as the page makes them: the
choice, the picture, and if the study is new, its job with all polls and the picture again. A step fails if what is shown at
last is not what was chosen last.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from typing import Any

from locust import HttpUser, between, events, task
from locust.clients import HttpSession

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

import smoke

ACTIVATIONS = ("sigmoid", "tanh", "softsign", "relu", "leaky_relu", "elu")
SIZES = (1, 10, 149, 150)
SEEDS = (12735, 0)
"""Start points that the class is told to try; attendees who follow the lecturer share their tables."""


class Page(smoke.Page):
    """A page whose requests locust makes and counts."""

    patience = 60.0

    def __init__(self, client: HttpSession) -> None:
        """Open it."""
        self.client = client
        super().__init__("")

    def _read(self, path: str, body: object = None) -> bytes:
        """An answer, read as a whole: in pieces, urllib3 2.8.0 loses the end of some that brotli 1.2.1 decodes.

        A long run of equal characters at the end is still in the decoder when the last byte has gone in, and brotli
        says then that it has nothing left.
        """
        name = path.split("?", maxsplit=1)[0] + (" (poll)" if "cacheKey=" in path else "")
        method, more = ("GET", {}) if body is None else ("POST", {"json": body})
        answer = self.client.request(method, path, name=name, stream=True, **more)
        answer.raise_for_status()
        return bytes(answer.raw.read(decode_content=True))


class Attendee(HttpUser):
    """One browser."""

    wait_time = between(1, 4)

    def on_start(self) -> None:
        """Open the page and see its first picture."""
        self.sight = {"activation": random.choice(ACTIVATIONS), "batch_size": 10, "seed": 12735, "view": "compare"}
        self.reload()

    @task(2)
    def reload(self) -> None:
        """Come back later."""
        self.page = Page(self.client)
        self.see()

    @task(60)
    def slide(self) -> None:
        """Move the batch-size slider by one."""
        self.sight["batch_size"] = max(1, min(150, self.sight["batch_size"] + random.choice((-1, 1))))
        self.see()

    @task(12)
    def press(self) -> None:
        """Press one of the buttons under it."""
        self.sight["batch_size"] = random.choice(SIZES)
        self.see()

    @task(12)
    def choose(self) -> None:
        """Another activation."""
        self.sight["activation"] = random.choice(ACTIVATIONS)
        self.see()

    @task(8)
    def turn(self) -> None:
        """Another view."""
        self.sight["view"] = "compare" if self.sight["view"] != "compare" else random.choice(("explore", "static"))
        self.see()

    @task(6)
    def move(self) -> None:
        """Another start point."""
        self.sight["seed"] = random.choice(SEEDS)
        self.see()

    def see(self) -> None:
        """Ask for what is chosen, and check that it is shown."""
        begin = time.perf_counter()
        error: Exception | None = None
        self.known = False
        try:
            self._show()
        except Exception as problem:  # locust counts it
            error = problem
        events.request.fire(
            request_type="step",
            name="from the cache" if self.known else "computed",
            response_time=1000 * (time.perf_counter() - begin),
            response_length=0,
            exception=error,
            context={},
        )

    def _show(self) -> None:
        """Ask until all is shown; `known` tells whether it was at hand.

        Raises:
            smoke.Failed: A study ends with an error.
            ValueError: Something else is shown, or nothing.
        """
        link = "?" + "&".join(f"{name}={value}" for name, value in self.sight.items()) + "&v=1"
        self.known = self.page.show(link) == 0
        request, panels = self.page.request, self.page.panels
        spec: dict[str, Any] = request["spec"]
        wanted = {name: self.sight[name] for name in ("activation", "batch_size", "seed")}
        if {name: spec[name] for name in wanted} != wanted or request["view"] != self.sight["view"]:
            raise ValueError(f"asked for {self.sight}, got {spec}")
        if not panels:
            raise ValueError("no panel is drawn")
        size = "full batch" if spec["batch_size"] == 150 else f"|B| = {spec['batch_size']}"
        titles = [value for name, value in panels.items() if name.endswith("-title.children")]
        if self.sight["view"] == "compare" and not all(size in title for title in titles):
            raise ValueError(f"{size} was chosen, and is not shown everywhere: {titles}")
