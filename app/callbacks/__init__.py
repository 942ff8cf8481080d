"""The callbacks: thin, each in the file of its part; bodies are plain functions that tests call."""

from __future__ import annotations

from dash import Dash

from app.callbacks import clientside, controls, downloads, explore, jobs, live, oracle, render, uploads
from app.jobs.service import Service
from app.jobs.thread_manager import ThreadManager


def register(app: Dash, service: Service, manager: ThreadManager, place: str) -> None:
    """Wire everything; `place` stands before cited links."""
    controls.register(app, service)
    render.register(app, service)
    explore.register(app, service)
    jobs.register(app, service, manager)
    clientside.register(app)
    oracle.register(app, service)
    live.register(app, service)
    downloads.register(app, service, place)
    uploads.register(app, service)
