"""Headings of panels before they are drawn."""

from __future__ import annotations

import re

from app.page import ids
from app.page.headings import HEADINGS
from app.page.layout import page
from app.views import VIEWS


def test_every_panel_has_a_heading_and_no_name_of_a_part_of_the_program() -> None:
    assert set(HEADINGS) == {ids.panel(view.name, panel) for view in VIEWS.values() for panel in view.panels}
    assert not [heading for heading in HEADINGS.values() if re.search("nngpp|[a-z]-[a-z]|^[a-z]", heading)]


def test_the_page_is_served_with_them() -> None:
    served = str(page("").to_plotly_json())
    assert "Nngpps" not in served
    assert "NN-GPPs along four lines" in served
