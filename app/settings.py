"""What the server can be told, by environment variables that start with BATCHSCAPE_ or by the command line."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_cache_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 2**20


class Settings(BaseSettings):
    """Settings of one server. Every field can be given as BATCHSCAPE_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="BATCHSCAPE_", frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="address to listen on; 0.0.0.0 lets other machines in")
    port: int = Field(8050, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    device: str = Field("auto", description="where to compute: auto, cpu, cuda, cuda:1 … or mps")
    workers: int = Field(2, ge=1, le=64, description="studies computed at the same time, each on one thread")
    queue: int = Field(60, ge=0, description="studies that may wait; more are told that the server is busy")
    cache_dir: Path = Field(
        default_factory=lambda: user_cache_path("batchscape"), description="directory of the result cache, made private"
    )
    cache_bytes: int = Field(1024 * MIB, ge=MIB, description="most bytes of results kept on disk")
    memory_bytes: int = Field(1024 * MIB, ge=MIB, description="most bytes of sample tables kept in memory")
    study_bytes: int = Field(640 * MIB, ge=MIB, description="largest sample table that one visitor may ask for")
