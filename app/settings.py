"""Settings of the server, from BATCHSCAPE_ environment variables or the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from limits import parse_many
from platformdirs import user_cache_path
from pydantic import Field, HttpUrl, SecretStr, TypeAdapter, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 2**20

SHORTEST_SECRET = 16
"""Fewest characters of a secret."""


class Settings(BaseSettings):
    """Settings of one server; each field can be set as BATCHSCAPE_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="BATCHSCAPE_", frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="address to listen on; 0.0.0.0 accepts other machines")
    port: int = Field(8050, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    device: str = Field("auto", description="where to compute: auto, cpu, cuda, cuda:1 … or mps")
    workers: int = Field(2, ge=1, le=64, description="studies computed at the same time, each on one thread")
    queue: int = Field(
        60,
        ge=0,
        le=1_000,
        description="most studies in the queue, up to 1,000; when it is full, the server says that it is busy",
    )
    cache_dir: Path = Field(
        default_factory=lambda: user_cache_path("batchscape"),
        description="private directory of the result cache",
    )
    cache_bytes: int = Field(1024 * MIB, ge=MIB, description="most bytes of results on disk")
    memory_bytes: int = Field(1024 * MIB, ge=MIB, description="most bytes of sample tables in memory")
    scratch_bytes: int = Field(
        4096 * MIB,
        ge=0,
        description="most bytes of sample tables in files of the cache directory: slow networks' that exceed the memory",
    )
    study_bytes: int = Field(640 * MIB, ge=MIB, description="most bytes of the sample table of one study")
    public_url: str | None = Field(
        None, description="address of the page for everyone, https://…, in captions, citations and copied links"
    )
    warm: bool = Field(True, description="compute the presets in advance, while the server is idle")
    redis_url: SecretStr | None = Field(
        None, description="Redis of the workers, redis://:password@host:6379/0; without one this process computes"
    )
    page_rate: str = Field(
        "1500/minute", description="rate limit of callbacks per opened page; polls of its jobs are free"
    )
    address_rate: str = Field(
        "900/minute",
        description="rate limit of page loads and of downloads, each, per address; a class often shares one",
    )
    proxies: int = Field(0, ge=0, description="trusted reverse proxies in front of the server")
    secret: SecretStr | None = Field(
        None, description="key that signs job handles; without one a file in the cache directory has it"
    )
    metrics_token: SecretStr | None = Field(
        None, description="bearer token of /metrics; without one there is no /metrics"
    )
    log: Literal["text", "json"] = Field("text", description="log format: text, or one JSON object a line")

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

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if not value:
            return None
        try:
            read = TypeAdapter(HttpUrl).validate_python(value)
        except ValidationError:
            read = None
        if read is None or read.query is not None or read.fragment is not None or read.username or read.password:
            raise ValueError("allowed: http:// or https://, a host and a path, as https://landscape.example.org/lab/")
        return str(read).rstrip("/") + "/"

    @field_validator("secret", "metrics_token")
    @classmethod
    def _long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(f"allowed: at least {SHORTEST_SECRET} characters that nobody can guess")
        return value
