"""Run the image as a host would, and see that it does what README.md promises under "For a class".

    make smoke                                            # build the image first
    python tools/smoke.py --network host                  # for an engine that publishes no ports
    python tools/smoke.py --talk http://127.0.0.1:8050    # only ask a server that runs already

It needs the standard library and an engine (--engine podman, say). It talks to the container as a browser does: the page,
then Dash's own requests. `Page` is the one client of that protocol: tests and benchmarks use it too. All that this makes,
but for the image, is gone afterwards.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import math
import random
import re
import secrets
import shutil
import struct
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

PATIENCE = 300.0
"""Seconds after which a container counts as ill, or a study as lost."""
STOP_SECONDS = 2.0
PORT = 8050
"""Inside the container."""
USER, VOLUME = 10001, "/var/lib/batchscape"
PRESET_MINIMA = "128 minima found"
"""Of the page as it opens: the paper's Table 1."""
GALLERY = 12
"""Pictures in the gallery: six activations, two planes."""


class Failed(Exception):  # noqa: N818  what the smoke test found
    """The image does not do what it should."""


def expect(holds: object, what: str, found: object = None) -> None:
    """Print a check that holds; raise Failed for one that does not."""
    if not holds:
        raise Failed(f"{what}: no" + ("" if found is None else f", but {found!r}"[:2000]))
    print(f"  {what}", flush=True)


# The conversation.


class Page:
    """A page as a browser opens it: its signed identity, its callbacks, and what its components hold.

    A subclass with another way to the server replaces `_read`.
    """

    patience = PATIENCE

    def __init__(self, address: str) -> None:
        """Open it."""
        self.address = address
        # a proxy of the environment is for other addresses
        self.open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
        self.html = self._read("/").decode()
        config = re.search(r'id="_dash-config"[^>]*>(.*?)</script>', self.html)
        if config is None:
            raise Failed(f"{address} gives no page of Dash")
        self.identity = json.loads(config[1])["end_id"]
        self.held: dict[str, Any] = {"theme.data": "light"}

    @cached_property
    def callbacks(self) -> list[dict[str, Any]]:
        """The callbacks of the page."""
        return list(json.loads(self._read("/_dash-dependencies")))

    def ask(self, output: str, changed: str, values: dict[str, Any], **query: str) -> dict[str, Any]:
        """Call back, as the browser does when `changed` has changed, and hold the answer; names are component.property."""
        self.held.update(values)
        (callback,) = (
            one for one in self.callbacks if not one["clientside_function"] and output in _outputs(one["output"])
        )
        outputs = [_component(name) for name in _outputs(callback["output"])]

        def filled(kind: str) -> list[dict[str, Any]]:
            return [_component(f"{one['id']}.{one['property']}", self.held) for one in callback[kind]]

        body = {
            "output": callback["output"],
            "outputs": outputs if callback["output"].startswith("..") else outputs[0],
            "inputs": filled("inputs"),
            "state": filled("state"),
            "changedPropIds": [changed],
        }
        asked = urllib.parse.urlencode({"endId": self.identity, **query})
        read = self._read(f"/_dash-update-component?{asked}", body)
        answer = dict(json.loads(read)) if read else {}
        for part in ("sideUpdate", "response"):
            for name, properties in answer.get(part, {}).items():
                self.held.update({f"{name}.{key}": value for key, value in properties.items()})
        return answer

    @property
    def request(self) -> dict[str, Any]:
        """What is looked at."""
        return dict(self.held["request.data"])

    @property
    def panels(self) -> dict[str, Any]:
        """What the view holds, by component and property."""
        return {name: value for name, value in self.held.items() if name.startswith(f"{self.request['view']}-")}

    def follow(self, link: str) -> object:
        """Follow a link's query; return the task that has to be computed, or None."""
        return self._task(self.ask("request.data", "address.data", {"address.data": {"query": link, "count": 1}}))

    def arrive(self, computed: dict[str, Any]) -> object:
        """Show what was computed; return the task that has to be computed next, or None."""
        return self._task(self.ask("notice.children", "arrived.data", {"arrived.data": computed}))

    def _task(self, answer: dict[str, Any]) -> object:
        return answer.get("sideUpdate", {}).get("pending", {}).get("data")

    def show(self, link: str) -> int:
        """Follow a link, and compute what its view needs; return the number of tasks that were computed.

        Raises:
            Failed: A task ends with an error.
        """
        task = self.follow(link)
        count = 0
        while task is not None:
            count += 1
            computed, _ = self.compute(task)
            if computed["error"]:
                raise Failed(computed["error"])
            task = self.arrive(computed)
        return count

    def submit(self, task: object) -> dict[str, str]:
        """Ask for a task; return the handles of its job."""
        answer = self.ask("computed.data", "pending.data", {"pending.data": task})
        return {name: answer[name] for name in ("cacheKey", "job")}

    def poll(self, handles: dict[str, str]) -> dict[str, Any]:
        """Poll a job; return its progress, or the response."""
        return self.ask("computed.data", "pending.data", {}, **handles)

    def cancel(self, handles: dict[str, str]) -> None:
        """End a job."""
        clicks = self.held.get("cancel.n_clicks", 0) + 1
        self.ask("cancel.id", "cancel.n_clicks", {"cancel.n_clicks": clicks}, cancelJob=handles["job"])

    def start_long(self) -> None:
        """Start a task that takes minutes, and wait until it runs."""
        task = self.follow(f"?view=tables&seeds=500&seed={random.randrange(10**6, 10**9)}&v=1")
        expect(task is not None, "a task that takes minutes is new to it", self.panels.get("notice.children"))
        handles = self.submit(task)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if "progress" in self.poll(handles):
                return
            time.sleep(0.15)
        raise Failed(f"a study did not start within {PATIENCE:.0f} s")

    def compute(self, task: object) -> tuple[dict[str, Any], int]:
        """Submit a task and poll until it is done; return the answer, and how many polls that took."""
        handles = self.submit(task)
        end = time.monotonic() + self.patience
        polls, place = 0, 0
        while time.monotonic() < end:
            polls += 1
            answer = self.poll(handles)
            if "response" in answer:
                return answer["response"]["computed"]["data"], polls
            place = answer.get("progress", {}).get("busy-text.data-place", place)
            time.sleep(0.15 + min(2.0, 0.3 * place))  # as frontend/src/requests/fetch.ts
        raise Failed(f"a study took more than {self.patience:.0f} s")

    def _read(self, path: str, body: object = None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        call = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"})
        with self.open(call, timeout=60) as answer:
            return bytes(answer.read())


def _outputs(names: str) -> list[str]:
    return names.strip(".").split("...")


def _component(name: str, values: dict[str, Any] | None = None) -> dict[str, Any]:
    component, part = name.rsplit(".", 1)
    return {"id": component, "property": part, **({} if values is None else {"value": values.get(name)})}


def unpack_heights(figure: dict[str, Any]) -> tuple[float, ...]:
    """Unpack the values of a surface as frontend/src/wire/grids.ts does."""
    (surface,) = (trace for trace in figure["data"] if trace["type"] == "surface")
    grid = surface["z"]
    content = base64.b64decode(grid["packed"])
    count, columns = len(content) // 4, grid["shape"][1]
    whole: list[int] = []
    for index in range(count):
        zigzag = int.from_bytes(content[index::count], "little")
        near = [whole[index - 1]] if index % columns else []
        near += [whole[index - columns]] if index >= columns else []
        whole.append((sum(near) // max(1, len(near))) + ((zigzag >> 1) ^ -(zigzag & 1)))
    bits = ((one << grid["spare"]) % 2**32 for one in whole)
    return struct.unpack(f"<{count}f", struct.pack(f"<{count}I", *bits))


def hold_conversation(address: str, presets: bool = True) -> None:
    """Hold the conversation.

    Args:
        address: Of the server.
        presets: Whether they must be cached; if not, they are computed.

    Raises:
        Failed: An answer is not as it should be.
    """
    page = Page(address)
    expect('<html lang="en">' in page.html, "the page opens")
    count = page.show("")
    expect(not (presets and count), "the page's first view is at hand", f"{count} computed")
    note = page.panels["compare-minima-note.children"]
    expect(note.startswith(PRESET_MINIMA), f"it shows {PRESET_MINIMA}", note)
    count = page.show("?view=gallery&v=1")
    expect(not (presets and count), "the gallery is at hand", f"{count} computed")
    pictures = re.findall(r"data:image/webp;base64,([\w+/=]+)", json.dumps(page.panels))
    whole = [picture for picture in pictures if base64.b64decode(picture)[8:12] == b"WEBP"]
    expect(len(whole) == GALLERY, f"its {GALLERY} pictures are drawn", f"{len(whole)} of {len(pictures)}")
    seed = random.randrange(10**6, 10**9)
    task = page.follow(f"?seed={seed}&v=1")
    expect(task is not None, f"seed {seed} is new to it")
    begin = time.monotonic()
    computed, polls = page.compute(task)
    took = time.monotonic() - begin
    expect(computed.get("error") == "", f"it is computed, after {polls} polls and {took:.1f} s", computed)
    expect(page.arrive(computed) is None, "it is drawn")
    panels = page.panels
    shown = unpack_heights(panels["compare-loss.figure"])
    low, high = min(shown), max(shown)
    said = panels["compare-loss-sentence.children"]
    size = page.request["spec"]["resolution"] ** 2
    ends = re.search(r"from ([\d.e+-]+) to ([\d.e+-]+)\.", said)
    # said with three digits of what is sent with more
    told = [float(end) for end in ends.groups()] if ends else []
    same = all(math.isclose(*two, rel_tol=0.01) for two in zip(told, (low, high), strict=True))
    expect(len(shown) == size and same, f"{size:,} losses from {low:.3g} to {high:.3g}", said)


# The container.


class Engine:
    """Docker's command line, or a compatible one."""

    def __init__(self, command: str, network: str | None) -> None:
        """Take an engine.

        Raises:
            Failed: It is not there.
        """
        if shutil.which(command) is None:
            raise Failed(f"there is no {command}: install it, or name another with --engine")
        self.command, self.network = command, network

    def __call__(self, *words: str, given: str | None = None, check: bool = True) -> str:
        """Run a command, and return what it prints."""
        done = subprocess.run(
            [self.command, *words], input=given, capture_output=True, encoding="utf-8", errors="replace", check=False
        )
        if check and done.returncode:
            raise Failed(f"{self.command} {words[0]}: {(done.stderr.strip() or done.stdout.strip())[-2000:]}")
        return done.stdout.strip()

    @contextlib.contextmanager
    def run_container(self, image: str, volume: str, *options: str) -> Iterator[str]:
        """A container that may write nothing but its volume and /tmp, until the end; yields its name."""
        name = f"batchscape-smoke-{secrets.token_hex(4)}"
        guarded = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
        health = ["--health-interval", "2s"]
        try:
            self("run", "-d", "--name", name, *guarded, *health, "-v", f"{volume}:{VOLUME}", *options, image)
            yield name
        finally:
            self("rm", "-f", "-v", name, check=False)

    def run_python(self, name: str, program: str, *words: str) -> str:
        """Run a program inside a container."""
        return self("exec", "-i", name, "python", "-", *words, given=program)

    def wait_until_healthy(self, name: str) -> float:
        """Wait until a container is healthy; return the seconds."""
        begin = time.monotonic()
        while time.monotonic() < begin + PATIENCE:
            state = json.loads(self("inspect", "--format", "{{json .State}}", name))
            if not state["Running"]:
                raise Failed(f"the container ended with code {state['ExitCode']}: {self('logs', name)[-2000:]}")
            if not state.get("Health"):
                raise Failed("the image has no HEALTHCHECK; podman keeps it with build --format docker")
            if state["Health"]["Status"] == "healthy":
                return time.monotonic() - begin
            time.sleep(0.2)
        raise Failed(f"not healthy after {PATIENCE:.0f} s: {self('logs', name)[-2000:]}")


def check_image(engine: Engine, image: str, port: int) -> None:
    """Run the image twice on the same fresh volume, offline and then as a host would."""
    volume = f"batchscape-smoke-{secrets.token_hex(4)}"
    (about,) = json.loads(engine("image", "inspect", image))
    commit = about["Config"]["Labels"]["org.opencontainers.image.revision"]
    print(f"{image}: {about['Size'] / 1e6:,.0f} MB")
    try:
        print("Without any network:")
        with engine.run_container(image, volume, "--network", "none") as name:
            print(f"  healthy after {engine.wait_until_healthy(name):.1f} s")
            print(engine.run_python(name, Path(__file__).read_text("utf-8"), "--talk", f"http://127.0.0.1:{PORT}"))
            check_writes(engine, name)
            cited = engine.run_python(name, COMMIT)
            expect(cited == commit, f"the page cites commit {commit or '(none: built without COMMIT)'}", cited)
        print("As a host runs it:")
        where = f"http://127.0.0.1:{port}"
        published = ["-p", f"127.0.0.1:{port}:{PORT}"]
        shared = ["--network", str(engine.network), "-e", f"BATCHSCAPE_PORT={port}"]
        with engine.run_container(image, volume, *(published if engine.network is None else shared)) as name:
            print(f"  healthy after {engine.wait_until_healthy(name):.1f} s, at {where}")
            hold_conversation(where)
            Page(where).start_long()
            begin = time.monotonic()
            engine("kill", "--signal", "TERM", name)
            code = int(engine("wait", name))
            took = time.monotonic() - begin
            expect(took < STOP_SECONDS, f"SIGTERM while a study runs: stopped after {took:.2f} s", took)
            expect(code == 0, "exit code 0", code)
    finally:
        engine("volume", "rm", "-f", volume, check=False)
    left = engine("ps", "-aq", "--filter", "name=batchscape-smoke") + engine(
        "volume", "ls", "-q", "--filter", "name=batchscape-smoke"
    )
    expect(not left, "nothing is left over", left)


COMMIT = "from app.export.citation import find_commit; print(find_commit() or '')"
"""A program that prints the commit that the page cites."""

WRITTEN = f"""
import os, pathlib
print(os.getuid(), *(str(path) for folder in ("/tmp", "/dev/shm") for path in pathlib.Path(folder).iterdir()))
for line in open("/proc/mounts"):
    device, folder, kind, options, *_ = line.split()
    if folder in ("/", "{VOLUME}"):
        print(folder, options.split(",")[0])
print(*sorted(os.listdir("{VOLUME}")))
"""


def check_writes(engine: Engine, name: str) -> None:
    """Check the user of a container, and that it has written to the volume alone."""
    first, *mounts, folder = engine.run_python(name, WRITTEN).splitlines()
    user, *files = first.split()
    expect(user == str(USER), f"user {USER}", user)
    expect(sorted(mounts) == ["/ ro", f"{VOLUME} rw"], "all but the volume is read-only", mounts)
    expect(not files, "nothing was written to /tmp", files)
    print(f"  in the volume: {folder}")


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--engine", default="docker", help="command of the engine")
    parser.add_argument("--image", default="batchscape", help="name of the image")
    parser.add_argument("--network", help="of the second run; without it the port is published")
    parser.add_argument("--port", type=int, default=PORT, help="on this machine")
    parser.add_argument("--talk", metavar="ADDRESS", help="only hold the conversation with a server that runs")
    parser.add_argument("--no-presets", action="store_true", help="with --talk: compute those that are not at hand")
    options = parser.parse_args()
    try:
        if options.talk:
            hold_conversation(options.talk.rstrip("/"), presets=not options.no_presets)
            return 0
        check_image(Engine(options.engine, options.network), options.image, options.port)
    except (Failed, OSError) as problem:
        print(f"smoke: {problem}", file=sys.stderr)
        return 1
    print("All is well.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
