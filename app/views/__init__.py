"""The views. To add one, write a file with a `VIEW` and name it here and in `app.state.ViewName`."""

from app.views import chances, compare, explore, figures, gallery, moments, oracle, race, static, tables, variance
from app.views.view import View

VIEWS: dict[str, View] = {
    view.name: view
    for view in (
        compare.VIEW,
        explore.VIEW,
        moments.VIEW,
        chances.VIEW,
        variance.VIEW,
        static.VIEW,
        oracle.VIEW,
        race.VIEW,
        figures.VIEW,
        tables.VIEW,
        gallery.VIEW,
    )
}

__all__ = ["VIEWS", "View"]
