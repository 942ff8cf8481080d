"""The choice of how mini-batches are drawn, and the views that have it."""

from __future__ import annotations

from typing import Any

import pytest

from app.callbacks.choice import choose
from app.export import citation
from app.jobs.service import Service
from app.page import ids
from app.page.rail.boxes import list_hidden_fields
from app.page.rail.parts import DEFAULTS, FIELDS, VIEW_DEFAULTS
from app.state import permalink
from app.views import VIEWS

START: dict[str, Any] = {name: getattr(DEFAULTS, name) for name in FIELDS}
DRAWN_BY_CHOICE = {"compare", "explore", "moments", "counts", "variance", "static"}


@pytest.mark.parametrize("view", VIEWS)
def test_sampling_is_chosen_where_the_study_is_drawn(service: Service, view: str) -> None:
    """Elsewhere there is no such control, and mini-batches are drawn without replacement; the link keeps the choice."""
    answer = choose(service, ids.SAMPLING, {**START, "sampling": "epoch-shuffle"}, {**VIEW_DEFAULTS, "view": view})
    seen = "epoch-shuffle" if view in DRAWN_BY_CHOICE else "without-replacement"
    assert answer["request"].spec.sampling == seen
    assert (ids.SAMPLING in list_hidden_fields(view)) == (view not in DRAWN_BY_CHOICE)
    assert "sampling=epoch-shuffle" in answer["link"]
    assert permalink.parse(answer["link"]).spec.sampling == "epoch-shuffle"
    assert citation.read_link(answer["link"], "float64").spec.sampling == seen
    assert VIEWS[view].waits(answer["request"].spec.replace(sampling="epoch-shuffle"))
    usual = choose(service, ids.SAMPLING, dict(START), {**VIEW_DEFAULTS, "view": view})
    assert "sampling" not in usual["link"]
