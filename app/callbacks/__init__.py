"""The callbacks: thin, each in the file of its part; bodies are plain functions that tests call."""

from __future__ import annotations

from dash import Dash

from app.background import ThreadManager
from app.callbacks import choose, client, compute, draw, explore, oracle, take
from app.service import Service


def register(app: Dash, service: Service, manager: ThreadManager) -> None:
    """Wire everything."""
    choose.register(app, service)
    draw.register(app, service)
    explore.register(app)
    compute.register(app, service, manager)
    client.register(app)
    oracle.register(app, service)
    take.register(app, service)
