"""The views. To add one, write a file with a `VIEW`: it is found by its name."""

from importlib import import_module

from app.state.view_state import VIEW_NAMES
from app.views.view import View

_FOUND: list[View] = [import_module(f"app.views.{name}").VIEW for name in VIEW_NAMES]

VIEWS: dict[str, View] = {view.name: view for view in sorted(_FOUND, key=lambda view: view.place)}
"""In the order of their tabs."""

FIRST: frozenset[str] = frozenset({view.group: view.name for view in reversed(VIEWS.values())}.values())
"""The first view of each group."""

__all__ = ["FIRST", "VIEWS", "View"]
