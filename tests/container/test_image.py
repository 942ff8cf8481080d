"""The Dockerfile, held against the code. tools/smoke.py builds and runs the image; that takes an engine."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import smoke

from app.settings import Settings

ROOT = Path(__file__).parents[2]
TEXT = re.sub(r"\\\n\s*|^#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.M)
LINES = [line.split(" ", 1) for line in TEXT.splitlines() if line]
LAST = max(index for index, (word, _) in enumerate(LINES) if word == "FROM")
BUILT, RUN = LINES[:LAST], LINES[LAST:]


def read_instruction(word: str) -> str:
    """Return the argument of an instruction that the running image has once."""
    (found,) = (rest for instruction, rest in RUN if instruction == word)
    return found


def read_environment(stage: list[list[str]]) -> dict[str, str]:
    return dict(re.findall(r"(\w+)=(\S+)", " ".join(rest for word, rest in stage if word == "ENV")))


def test_variables_are_settings_and_the_server_is_reached_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {name: value for name, value in read_environment(RUN).items() if name.startswith("BATCHSCAPE_")}
    assert {name.removeprefix("BATCHSCAPE_").lower() for name in variables} <= set(Settings.model_fields)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.host == "0.0.0.0"
    assert str(settings.port) == read_instruction("EXPOSE") == str(smoke.PORT)


def test_all_that_is_written_lies_in_the_volume() -> None:
    volume = read_instruction("VOLUME")
    variables = read_environment(RUN)
    assert (
        volume == smoke.VOLUME == read_instruction("WORKDIR") == variables["HOME"] == variables["BATCHSCAPE_CACHE_DIR"]
    )
    assert Path(variables["MPLCONFIGDIR"]).parent == Path(volume)
    assert variables["PYTHONDONTWRITEBYTECODE"] == "1"


def test_what_was_computed_in_the_build_is_found_where_the_server_looks() -> None:
    built, variables = read_environment(BUILT), read_environment(RUN)
    for name in ("BATCHSCAPE_CACHE_DIR", "MPLCONFIGDIR"):
        assert built[name] == variables[name]
    volume = read_instruction("VOLUME")
    copied = [rest for word, rest in RUN if word == "COPY" and volume in rest]
    user = read_instruction("USER").split(":")[0]
    # by name: the secret that a server makes in its cache directory stays in the build
    assert copied == [
        f"--from=build --chown={user}:{user} {volume}/{folder} {volume}/{folder}"
        for folder in ("results", "matplotlib")
    ]


def test_it_runs_as_a_user_of_its_own_known_by_number() -> None:
    user, group = read_instruction("USER").split(":")
    assert user == group == str(smoke.USER)
    assert f"--uid {user} " in read_instruction("RUN")


def test_process_1_is_the_server_itself() -> None:
    assert json.loads(read_instruction("CMD")) == ["batchscape", "serve"]
    assert not [word for word, _ in RUN if word in {"ENTRYPOINT", "STOPSIGNAL"}]


def test_it_needs_no_buildkit() -> None:
    assert not [
        rest for _, rest in LINES if re.search(r"^--(mount|link|chmod|network|security|exclude|parents)|<<", rest)
    ]


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (None, 1)])
def test_the_health_check_reads_healthz(status: int | None, code: int) -> None:
    options, command = read_instruction("HEALTHCHECK").split(" CMD ")
    assert "--start-period=" in options
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status or 0)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        port = server.server_port
        if status is None:
            server.server_close()
        else:
            threading.Thread(target=server.handle_request, daemon=True).start()
        program = json.loads(command)
        assert program.pop(0) == "python"
        proxied = {"BATCHSCAPE_PORT": str(port), "http_proxy": "http://127.0.0.1:9"}
        done = subprocess.run([sys.executable, *program], env=proxied, capture_output=True, timeout=60, check=False)
    assert done.returncode == code
    assert asked == ([] if status is None else ["/healthz"])


def test_the_record_of_the_commit_is_what_the_page_reads() -> None:
    (record,) = re.findall(r"printf '(\{.*?\})'", " ".join(rest for word, rest in BUILT if word == "RUN"))
    assert json.loads(record % "0123abc")["vcs_info"] == {"vcs": "git", "commit_id": "0123abc"}


def test_the_smoke_test_reads_the_commit(capsys: pytest.CaptureFixture[str]) -> None:
    exec(smoke.COMMIT, {})
    assert re.fullmatch(r"([0-9a-f]{7,40}(-dirty)?)?\n", capsys.readouterr().out)


def test_what_builds_it_has_a_tested_version_too() -> None:
    pinned = {line.split("==")[0] for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()}
    (builder,) = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    name = re.split("[<>=]", builder)[0]
    assert name in pinned
    commands = [rest for word, rest in BUILT if word == "RUN"]
    assert f"pip install -c constraints.txt {name}" in commands
    assert [command for command in commands if "pip wheel --no-deps --no-build-isolation" in command]


def test_only_the_sources_are_sent_to_the_engine() -> None:
    refused, *rest = [
        line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if not line.startswith("#")
    ]
    allowed = {line.removeprefix("!") for line in rest if line.startswith("!")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert refused == "*"
    assert allowed == {
        *wheel["packages"],
        *wheel["force-include"],
        project["project"]["readme"],
        "pyproject.toml",
        "constraints.txt",
    }
    assert [line for line in rest if not line.startswith("!")] == ["**/__pycache__"]


def test_the_documented_command_runs_what_the_makefile_builds() -> None:
    serving, makefile = ((ROOT / name).read_text("utf-8") for name in ("docs/serving.md", "Makefile"))
    (command,) = re.findall(r"^docker run ((?:.*\\\n)*.*)", serving, re.M)
    words = command.replace("\\\n", " ").split()
    port, volume = read_instruction("EXPOSE"), read_instruction("VOLUME")
    assert f"{port}:{port}" in words
    assert f"batchscape:{volume}" in words
    assert {"--read-only", "--tmpfs"} <= set(words)
    assert [word.split("=")[0] for word in words if word.startswith("max-")] == ["max-size", "max-file"]
    assert words[-1] == "batchscape"
    assert re.search(r"^image:.*\n\t.* build .*-t batchscape \.$", makefile, re.M)
    assert f"user {read_instruction('USER').split(':')[0]};" in serving
