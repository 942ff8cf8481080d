"""compose.yaml, held against the code and against a real Redis."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from cluster import Redis

from app import cli
from app.settings import Settings

COMPOSE: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]


def test_only_the_web_server_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["web"]
    assert [name for name, service in SERVICES.items() if "outside" in service["networks"]] == ["web"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_checked_and_can_write_nowhere_else(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}
    assert ("healthcheck" in service) == (name != "web")  # the image's own is that of the web server


@pytest.mark.parametrize("name", ["web", "worker"])
def test_what_it_sets_are_settings_and_what_it_runs_is_a_command(name: str) -> None:
    service = SERVICES[name]
    assert {variable.lower() for variable in service["environment"]} <= {
        f"batchscape_{field}" for field in Settings.model_fields
    }
    program, command = service.get("command", ["batchscape", "serve"])
    assert program == "batchscape"
    assert command in typer.main.get_command(cli.app).commands


def test_no_password_stands_in_the_file() -> None:
    urls = [service["environment"]["BATCHSCAPE_REDIS_URL"] for service in (SERVICES["web"], SERVICES["worker"])]
    assert {re.sub(r"\$\{REDIS_PASSWORD[^}]*\}", "…", url) for url in urls} == {"redis://:…@redis:6379/0"}
    assert SERVICES["redis"]["command"][2] == "${REDIS_PASSWORD}"


def test_results_give_way_before_the_queue_does(redis_server: Redis) -> None:
    command = SERVICES["redis"]["command"]
    settings = dict(zip(command[1::2], command[2::2], strict=True))
    assert settings.keys() == {"--requirepass", "--maxmemory", "--maxmemory-policy", "--appendonly", "--save"}
    client = redis_server.client
    before = client.config_get("maxmemory*")
    try:
        client.config_set("maxmemory-policy", settings["--maxmemory-policy"])
        room = client.info("memory")["used_memory"] + 2**20
        client.config_set("maxmemory", room)
        gone = client.info("stats")["evicted_keys"]
        client.rpush("a queue", "first")
        size = 2**16  # together more than there is room for, whatever else goes
        results = [f"a result:{number}" for number in range(room // size + 1)]
        for name in results:
            client.set(name, b"." * size, ex=3600)
        assert client.lrange("a queue", 0, -1) == [b"first"]
        assert client.exists(results[-1])
        # which of the older ones go, and of what other tests have left, Redis leaves to chance
        assert 0 < len(results) - client.exists(*results) <= client.info("stats")["evicted_keys"] - gone
    finally:
        client.config_set("maxmemory", before["maxmemory"])
        client.delete("a queue")
