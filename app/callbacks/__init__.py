"""The callbacks: thin, each in the file of its part; bodies are plain functions that tests call."""

from __future__ import annotations

from dash import Dash

from app.background import ThreadManager
from app.callbacks import choose, client, compute, draw
from app.service import Service


def register(app: Dash, service: Service, manager: ThreadManager) -> None:
    """Wire everything."""
    choose.register(app, service)
    draw.register(app, service)
    compute.register(app, service, manager)
    client.register(app)
