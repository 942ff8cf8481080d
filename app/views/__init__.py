"""The views. To add one, write a file with a `VIEW` and name it here and in `app.state.ViewName`."""

from app.views import compare, moments
from app.views.view import Drawn, View

VIEWS: dict[str, View] = {view.name: view for view in (compare.VIEW, moments.VIEW)}

__all__ = ["VIEWS", "Drawn", "View"]
