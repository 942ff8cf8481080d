"""What the server can be told, by environment variables that start with BATCHSCAPE_ or by the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from limits import parse_many
from platformdirs import user_cache_path
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 2**20

SHORTEST_SECRET = 16
"""Characters."""


class Settings(BaseSettings):
    """Settings of one server. Every field can be given as BATCHSCAPE_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="BATCHSCAPE_", frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="address to listen on; 0.0.0.0 lets other machines in")
    port: int = Field(8050, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    device: str = Field("auto", description="where to compute: auto, cpu, cuda, cuda:1 … or mps")
    workers: int = Field(2, ge=1, le=64, description="studies computed at the same time, each on one thread")
    queue: int = Field(
        60, ge=0, le=1_000, description="studies that may wait, 1,000 at most; more are told that the server is busy"
    )
    cache_dir: Path = Field(
        default_factory=lambda: user_cache_path("batchscape"), description="directory of the result cache, made private"
    )
    cache_bytes: int = Field(1024 * MIB, ge=MIB, description="most bytes of results kept on disk")
    memory_bytes: int = Field(1024 * MIB, ge=MIB, description="most bytes of sample tables kept in memory")
    study_bytes: int = Field(640 * MIB, ge=MIB, description="largest sample table that one visitor may ask for")
    warm: bool = Field(True, description="compute the presets ahead, while no visitor waits")
    redis_url: SecretStr | None = Field(
        None, description="Redis through which workers compute: redis://:password@host:6379/0; none: computed here"
    )
    page_rate: str = Field(
        "1500/minute", description="most requests of one opened page; polls of its own jobs are free"
    )
    address_rate: str = Field(
        "900/minute", description="most pages opened and results taken away from one address; a class often shares one"
    )
    proxies: int = Field(0, ge=0, description="reverse proxies in front that are trusted to tell a visitor's address")
    secret: SecretStr | None = Field(
        None, description="signs what pages hold of their jobs; without it one is made in the cache directory"
    )
    metrics_token: SecretStr | None = Field(
        None, description="what Prometheus sends to read /metrics; without it there is no /metrics"
    )
    log: Literal["text", "json"] = Field("text", description="log lines for people, or one JSON object each")

    @field_validator("page_rate", "address_rate")
    @classmethod
    def _rate(cls, value: str) -> str:
        try:
            parse_many(value)
        except ValueError:
            raise ValueError(
                "allowed: a number and a time, as 1500/minute, or several: 50/second;1500/minute"
            ) from None
        return value

    @field_validator("secret", "metrics_token")
    @classmethod
    def _long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(f"allowed: at least {SHORTEST_SECRET} characters that nobody can guess")
        return value
