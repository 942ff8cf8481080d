"""Run the image as a host would, and see that it does what README.md, "Host a workshop", promises.

    make smoke                                            # build the image first
    python tools/smoke.py --network host                  # for an engine that publishes no ports
    python tools/smoke.py --talk http://127.0.0.1:8050    # only ask a server that runs already

It needs the standard library and an engine (--engine podman, say). It talks to the container as a browser does: the page,
then Dash's own requests. All that it makes, but for the image, is gone afterwards.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
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


class Failed(Exception):  # noqa: N818  what the smoke test found
    """The image does not do what it should."""


def expect(holds: object, what: str, found: object = None) -> None:
    """Say that something holds, or end."""
    if not holds:
        raise Failed(f"{what}: no" + ("" if found is None else f", but {found!r}"[:2000]))
    print(f"  {what}", flush=True)


# The conversation.


class Page:
    """A page as a browser opens it: its signed identity, its callbacks, and what its components hold."""

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
        self.callbacks = json.loads(self._read("/_dash-dependencies"))
        self.held: dict[str, Any] = {"theme.data": "light"}

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

    def request(self, link: str) -> dict[str, Any]:
        """What is shown for a link's query."""
        self.ask("request.data", "address.data", {"address.data": {"query": link, "count": 1}})
        return dict(self.held["request.data"])

    def draw(self, request: dict[str, Any], computed: object = None) -> tuple[dict[str, Any], Any]:
        """The panels of a request by component and property, and the task that has to be computed first, or None."""
        values = {"request.data": request, "arrived.data": computed}
        answer = self.ask("notice.children", "request.data" if computed is None else "arrived.data", values)
        task = answer.get("sideUpdate", {}).get("pending", {}).get("data")
        return {name: value for name, value in self.held.items() if name.startswith(f"{request['view']}-")}, task

    def submit(self, task: object) -> dict[str, str]:
        """Ask for a task; return the handles of its job."""
        answer = self.ask("computed.data", "pending.data", {"pending.data": task})
        return {name: answer[name] for name in ("cacheKey", "job")}

    def poll(self, handles: dict[str, str]) -> dict[str, Any]:
        """What there is to be told of a job: progress, or the response."""
        return self.ask("computed.data", "pending.data", {}, **handles)

    def start_long(self) -> None:
        """Have it compute something that takes minutes; return once that runs."""
        request = self.request(f"?view=tables&seeds=600&seed={random.randrange(10**6, 10**9)}&v=1")
        handles = self.submit(self.draw(request)[1])
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
        polls, told = 0, ""
        while time.monotonic() < end:
            polls += 1
            answer = self.poll(handles)
            if "response" in answer:
                return answer["response"]["computed"]["data"], polls
            told = answer.get("progress", {}).get("busy-text.children", told)
            line = re.match(r"Waiting: (\d+) in line", told)
            time.sleep(0.15 + (min(2.0, 0.3 * int(line[1])) if line else 0.0))  # as assets/pace.js
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


def heights(figure: dict[str, Any]) -> tuple[float, ...]:
    """What a surface shows, point by point, as assets/plotly/wire.js unpacks it."""
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


def talk(address: str, presets: bool = True) -> None:
    """Hold the conversation.

    Args:
        address: Of the server.
        presets: Whether they must be at hand.

    Raises:
        Failed: An answer is not as it should be.
    """
    page = Page(address)
    expect('<html lang="en">' in page.html, "the page opens")
    if presets:
        panels, task = page.draw(page.request(""))
        expect(task is None, "the page's first view is at hand", task)
        note = panels["compare-minima-note.children"]
        expect(note.startswith(PRESET_MINIMA), f"it shows {PRESET_MINIMA}", note)
        panels, task = page.draw(page.request("?view=gallery&v=1"))
        expect(task is None, "the gallery is at hand", task)
        expect("data:image/png;base64," in json.dumps(panels), "its pictures are drawn")
    seed = random.randrange(10**6, 10**9)
    request = page.request(f"?seed={seed}&v=1")
    panels, task = page.draw(request)
    expect(task is not None, f"seed {seed} is new to it")
    begin = time.monotonic()
    computed, polls = page.compute(task)
    took = time.monotonic() - begin
    expect(computed.get("error") == "", f"it is computed, after {polls} polls and {took:.1f} s", computed)
    panels, task = page.draw(request, computed)
    expect(task is None and panels, "it is drawn")
    shown = heights(panels["compare-loss.figure"])
    low, high = (f"{end(shown):.3g}" for end in (min, max))
    said = panels["compare-loss-sentence.children"]
    size = request["spec"]["resolution"] ** 2
    expect(len(shown) == size and f"from {low} to {high}" in said, f"{size:,} losses from {low} to {high}", said)


# The container.


class Engine:
    """Docker's command line, or one that is like it."""

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
    def running(self, image: str, volume: str, *options: str) -> Iterator[str]:
        """A container that may write nothing but its volume and /tmp, until the end; yields its name."""
        name = f"batchscape-smoke-{secrets.token_hex(4)}"
        guarded = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
        health = ["--health-interval", "2s"]
        try:
            self("run", "-d", "--name", name, *guarded, *health, "-v", f"{volume}:{VOLUME}", *options, image)
            yield name
        finally:
            self("rm", "-f", "-v", name, check=False)

    def python(self, name: str, program: str, *words: str) -> str:
        """Run a program inside a container."""
        return self("exec", "-i", name, "python", "-", *words, given=program)

    def wait(self, name: str) -> float:
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


def smoke(engine: Engine, image: str, port: int) -> None:
    """Run the image twice on the same fresh volume, offline and then as a host would."""
    volume = f"batchscape-smoke-{secrets.token_hex(4)}"
    (about,) = json.loads(engine("image", "inspect", image))
    commit = about["Config"]["Labels"]["org.opencontainers.image.revision"]
    print(f"{image}: {about['Size'] / 1e6:,.0f} MB")
    try:
        print("Without any network:")
        with engine.running(image, volume, "--network", "none") as name:
            print(f"  healthy after {engine.wait(name):.1f} s")
            print(engine.python(name, Path(__file__).read_text("utf-8"), "--talk", f"http://127.0.0.1:{PORT}"))
            written(engine, name)
            cited = engine.python(name, "from app.take import commit; print(commit() or '')")
            expect(cited == commit, f"the page cites commit {commit or '(none: built without COMMIT)'}", cited)
        print("As a host runs it:")
        where = f"http://127.0.0.1:{port}"
        published = ["-p", f"127.0.0.1:{port}:{PORT}"]
        shared = ["--network", str(engine.network), "-e", f"BATCHSCAPE_PORT={port}"]
        with engine.running(image, volume, *(published if engine.network is None else shared)) as name:
            print(f"  healthy after {engine.wait(name):.1f} s, at {where}")
            talk(where)
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


WRITTEN = f"""
import os, pathlib
print(os.getuid(), *(str(path) for folder in ("/tmp", "/dev/shm") for path in pathlib.Path(folder).iterdir()))
for line in open("/proc/mounts"):
    device, folder, kind, options, *_ = line.split()
    if folder in ("/", "{VOLUME}"):
        print(folder, options.split(",")[0])
print(*sorted(os.listdir("{VOLUME}")))
"""


def written(engine: Engine, name: str) -> None:
    """See who runs in a container, and that he wrote to the volume alone."""
    first, *mounts, folder = engine.python(name, WRITTEN).splitlines()
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
    parser.add_argument("--no-presets", action="store_true", help="with --talk: it need not have any at hand")
    options = parser.parse_args()
    try:
        if options.talk:
            talk(options.talk.rstrip("/"), presets=not options.no_presets)
            return 0
        smoke(Engine(options.engine, options.network), options.image, options.port)
    except (Failed, OSError) as problem:
        print(f"smoke: {problem}", file=sys.stderr)
        return 1
    print("All is well.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
